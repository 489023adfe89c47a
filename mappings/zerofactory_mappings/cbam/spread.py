"""Values that spread along a chain of processes and precursors (2025/2547 Annex III B, Eq 61 to 63).

A :class:`Chain` knows how much one functional unit of every process takes of others; :meth:`Chain.spread` adds up any
value per unit (emissions, electricity, default values, free allocation) over everything that a process is made of.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, localcontext
from typing import TypeAlias

from zerofactory_engine.decimals import CONTEXT
from zerofactory_mappings.cbam.book import Book, Figure
from zerofactory_mappings.cbam.network import SingularError, groups, residual, solve
from zerofactory_mappings.cbam.result import Loop

ZERO, ONE = Decimal(0), Decimal(1)
#: What a product contains: whether it was bought, and its id.
Key: TypeAlias = "tuple[bool, str]"
OfPrecursor: TypeAlias = "Callable[[str], Figure]"


class Chain:
    """Who takes how much of what: *inside* process ← process, *bought* process ← precursor, units per functional
    unit."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names
        self.inside: dict[str, dict[str, Figure]] = {p: {} for p in names}
        self.bought: dict[str, dict[str, Figure]] = {p: {} for p in names}
        self.order: list[tuple[str, ...]] = []
        self._singular: set[str] = set()
        self._multiples: dict[str, Decimal | None] = {}

    def close(self) -> None:
        """All amounts are in: find the order of computation and the loops."""
        self.order = groups(list(self.names), {p: list(taken) for p, taken in self.inside.items()})

    def is_loop(self, group: Sequence[str]) -> bool:
        """Whether the processes of *group* feed each other (or one feeds itself)."""
        return len(group) > 1 or group[0] in self.inside[group[0]]

    # --- spreading --------------------------------------------------------------------------------------------------

    def spread(self, book: Book, name: str, unit: str, own: Mapping[str, Figure], of_precursor: OfPrecursor,
               rule: str = "E63") -> dict[str, Figure]:
        """Own value of each process plus what its precursors bring (*rule*: Eq 62, 63 or FA4), loops solved
        together."""
        done: dict[str, Figure] = {}
        for group in self.order:
            if self.is_loop(group):
                done.update(self._together(book, name, unit, group, own, done, of_precursor, rule))
            else:
                p = group[0]
                done[p] = self._follow(book, f"process:{p}/{name}", unit, p, own[p], done, of_precursor, rule)
        return done

    def _follow(self, book: Book, step: str, unit: str, p: str, own: Figure, done: Mapping[str, Figure],
                of_precursor: OfPrecursor, rule: str) -> Figure:
        """Own value plus what has been computed already and what was bought."""
        operands = [own]
        for k, amount in self.inside[p].items():
            if k in done:
                operands += [amount, done[k]]
        for j, amount in self.bought[p].items():
            operands += [amount, of_precursor(j)]
        return book.apply(rule, step, unit, *operands)

    def _together(self, book: Book, name: str, unit: str, group: Sequence[str], own: Mapping[str, Figure],
                  done: Mapping[str, Figure], of_precursor: OfPrecursor, rule: str) -> dict[str, Figure]:
        """The processes of a loop: own values and what comes from outside the loop, then elimination.

        The proof of each value names the value from outside and, as ``terms``, the steps that it satisfies with it:
        ``x = outside + Σ amount × x of the others``.
        """
        outside = {p: self._follow(book, f"process:{p}/{name}/outside-loop", unit, p, own[p], done, of_precursor, rule)
                   for p in group}
        taken = {p: {k: f for k in group if (f := self.inside[p].get(k)) is not None} for p in group}
        used = [*outside.values(), *(f for amounts in taken.values() for f in amounts.values())]
        solution = self._solution(book, name, group, outside, taken) if all(f.known for f in used) else None
        return {p: book.solved(
            f"process:{p}/{name}", unit, None if solution is None else solution[i],
            [outside[p], *taken[p].values()] if solution is not None else used,
            terms={f"process:{k}/{name}": f.id for k, f in taken[p].items()})
            for i, p in enumerate(group)}

    def _solution(self, book: Book, name: str, group: Sequence[str], outside: Mapping[str, Figure],
                  taken: Mapping[str, Mapping[str, Figure]]) -> list[Decimal] | None:
        if self._singular.intersection(group):
            return None
        matrix = self._matrix(group, taken)
        side = [outside[p].value or ZERO for p in group]
        try:
            solution = solve(matrix, [side])[0]
        except SingularError:
            self._singular.update(group)
            book.report("cbam.loop-without-solution", found=", ".join(self.names[p] for p in group))
            return None
        if name == "see-direct":
            book.loops.append(Loop(tuple(group), residual(matrix, side, solution)))
        return solution

    @staticmethod
    def _matrix(group: Sequence[str], taken: Mapping[str, Mapping[str, Figure]]) -> list[list[Decimal]]:
        return [[ZERO if (f := taken[p].get(k)) is None or f.value is None else f.value for k in group] for p in group]

    # --- what a unit contains ---------------------------------------------------------------------------------------

    def multiple(self, p: str) -> Decimal | None:
        """How often one unit of *p* contains itself: 1, more in a loop; None where the loop has no solution."""
        if p not in self._multiples:
            group = next(g for g in self.order if p in g)
            found = self._multiples_of(group)
            for i, member in enumerate(group):
                self._multiples[member] = None if found is None else found[i][i]
        return self._multiples[p]

    def _multiples_of(self, group: Sequence[str]) -> list[list[Decimal]] | None:
        """Units of each process of a loop in one unit of each: rows by process; None without a solution."""
        if not self.is_loop(group):
            return [[ONE]]
        if any(f.value is None for p in group for k, f in self.inside[p].items() if k in group):
            return None
        size = range(len(group))
        try:
            columns = solve(self._matrix(group, self.inside), [[ONE if i == k else ZERO for i in size] for k in size])
        except SingularError:
            return None
        return [[columns[k][i] for k in size] for i in size]

    def contents(self) -> dict[str, dict[Key, Decimal]]:
        """For every process: units of each process and precursor in one functional unit, chains included."""
        done: dict[str, dict[Key, Decimal]] = {}
        with localcontext(CONTEXT):
            for group in self.order:
                outside = {p: self._outside(p, done) for p in group}
                multiples = self._multiples_of(group)
                if multiples is None:
                    done.update({p: {} for p in group})
                    continue
                for i, p in enumerate(group):
                    held: dict[Key, Decimal] = {}
                    for k, q in enumerate(group):
                        if q != p and multiples[i][k]:
                            _add(held, (False, q), multiples[i][k])
                        for key, amount in outside[q].items():
                            _add(held, key, multiples[i][k] * amount)
                    done[p] = held
        return done

    def _outside(self, p: str, done: Mapping[str, Mapping[Key, Decimal]]) -> dict[Key, Decimal]:
        """What *p* takes from outside its loop, with what that contains."""
        held: dict[Key, Decimal] = {}
        for j, taken in self.bought[p].items():
            if taken.value is not None:
                _add(held, (True, j), taken.value)
        for k, taken in self.inside[p].items():
            if k not in done or taken.value is None:
                continue
            _add(held, (False, k), taken.value)
            for key, amount in done[k].items():
                _add(held, key, taken.value * amount)
        return held

    def bought_along(self, p: str) -> set[str]:
        """Every bought precursor that *p* contains, directly or through other processes."""
        seen: set[str] = set()
        found: set[str] = set()
        open_ids = [p]
        while open_ids:
            current = open_ids.pop()
            if current not in seen:
                seen.add(current)
                open_ids += self.inside[current]
                found |= set(self.bought[current])
        return found


def _add(held: dict[Key, Decimal], key: Key, amount: Decimal) -> None:
    held[key] = held.get(key, ZERO) + amount
