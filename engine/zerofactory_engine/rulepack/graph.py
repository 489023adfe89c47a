"""What needs what in a pack: order of computation, cycles, readings that a verdict reaches, what nobody uses.

Everything that has a value stands under a key: a shared parameter or quantity (``electricity_consumed``), a local one
(``ZCF-1.2/entry_share``), and of each criterion whether it applies (``ZCF-1.2?``), its levels' conditions
(``ZCF-1.2#entry``), their own applicability (``ZCF-1.2?entry``) and due dates (``ZCF-1.2!entry``).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

from zerofactory_engine import feel
from zerofactory_engine.feel.tree import Call, Name, Path, String
from zerofactory_engine.problems import NOWHERE, Place
from zerofactory_engine.rulepack.model import ByReading, Choice, Criterion, Expression, Pack, Parameter, Quantity, Text

#: Functions whose result depends on the inventory's GWP set.
_BY_INVENTORY = frozenset({"convert"})
_EMISSIONS = frozenset({"grid_area", "grid_year", "exported_power", "biogenic_co2", "captured_co2", "gases",
                        "methane_gwp", "franchises"})
#: Options of the accounting that change columns, by the end of their name; the options that stand nowhere change all.
_OPTIONS = {
    "tce": frozenset({"natural_gas_tce", "measured_ncv_tce", "exported_power"}),
    "_location": _EMISSIONS,
    "_market": _EMISSIONS | {"green_power", "market_remainder"},
}


def leaves(choice: Any, settled: Mapping[str, str] | None = None) -> Iterator[tuple[Mapping[str, str], Any]]:
    """Every alternative of *choice* with the readings that lead to it; ways that contradict themselves are left out."""
    settled = settled or {}
    if not isinstance(choice, ByReading):
        yield settled, choice
        return
    for name, below in choice.alternatives.items():
        if settled.get(choice.reading, name) == name:
            yield from leaves(below, {**settled, choice.reading: name})


def readings_in(choice: Any) -> Iterator[str]:
    """Readings that *choice* depends on itself."""
    if isinstance(choice, ByReading):
        yield choice.reading
        for below in choice.alternatives.values():
            yield from readings_in(below)


@dataclass(frozen=True, slots=True)
class Entry:
    """One key: what stands there, its expressions by reading, the names they take, the criterion it belongs to."""

    key: str
    title: Text
    place: Place
    owner: Criterion | None
    definition: Parameter | Quantity | Criterion
    choice: Choice[Any]
    unit: Choice[str] | None

    @property
    def expressions(self) -> Iterator[tuple[Mapping[str, str], Expression]]:
        """Expressions with the readings that lead to each; none for a parameter."""
        for settled, leaf in leaves(self.choice):
            if isinstance(leaf, Expression):
                yield settled, leaf


class Graph:
    """The keys of a pack and what each needs."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.entries: dict[str, Entry] = {e.key: e for e in _entries(pack)}
        self.needs: dict[str, tuple[str, ...]] = {
            key: tuple(dict.fromkeys(k for _, x in entry.expressions for k in self.keys_of(x, entry.owner)))
            for key, entry in self.entries.items()}

    def resolve(self, name: str, owner: Criterion | None) -> str | None:
        """The key of *name* in an expression of *owner*; None for a root of the dossier."""
        if owner is not None and (name in owner.parameters or name in owner.quantities):
            return f"{owner.id}/{name}"
        return name if name in self.pack.parameters or name in self.pack.quantities else None

    def keys_of(self, expression: Expression, owner: Criterion | None) -> Iterator[str]:
        """Keys that an expression takes, in alphabetical order of their names."""
        for name in sorted(feel.free_names(expression.node)):
            if (key := self.resolve(name, owner)) is not None:
                yield key

    @cached_property
    def cycles(self) -> tuple[tuple[str, ...], ...]:
        """Chains that lead back to their start (``a, b, a``), one for each group that hangs together."""
        found: list[tuple[str, ...]] = []
        state: dict[str, int] = {}
        for start in self.entries:
            path: list[str] = []
            stack: list[tuple[str, Iterator[str]]] = []
            if start in state:
                continue
            stack.append((start, iter(self.needs[start])))
            state[start] = 1
            path.append(start)
            while stack:
                below = next(stack[-1][1], None)
                if below is None:
                    state[path.pop()] = 2
                    stack.pop()
                elif state.get(below) == 1:
                    found.append((*path[path.index(below):], below))
                elif below not in state:
                    state[below] = 1
                    path.append(below)
                    stack.append((below, iter(self.needs[below])))
        return tuple(found)

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Every key behind those it needs; the pack has no cycle."""
        done: dict[str, None] = {}
        for start in self.entries:
            stack = [(start, False)]
            while stack:
                key, finished = stack.pop()
                if finished:
                    done.setdefault(key)
                elif key not in done:
                    stack.append((key, True))
                    stack.extend((k, False) for k in reversed(self.needs[key]) if k not in done)
        return tuple(done)

    @cached_property
    def _own(self) -> Mapping[str, frozenset[str]]:
        own: dict[str, frozenset[str]] = {}
        for key, entry in self.entries.items():
            found = {*readings_in(entry.choice), *readings_in(entry.unit)}
            for _, expression in entry.expressions:
                found |= self.accounting_readings(expression)
            own[key] = frozenset(found)
        return own

    def accounting_readings(self, expression: Expression) -> frozenset[str]:
        """Readings that choose an option or factor set which changes a column of the inventory that is used here."""
        used = inventory_columns(expression)
        if not used:
            return frozenset()
        accounting = self.pack.accounting
        everywhere = frozenset(accounting.options).difference(*_OPTIONS.values())
        named = accounting.options if "*" in used else everywhere.union(*(_OPTIONS[end] for end in used))
        choices = (*accounting.factor_sets.values(), *(c for name, c in accounting.options.items() if name in named))
        return frozenset(r for choice in choices for r in readings_in(choice))

    @cached_property
    def reached(self) -> Mapping[str, frozenset[str]]:
        """Key → readings on which its value may depend, accounting readings wherever it uses the inventory."""
        found: dict[str, frozenset[str]] = {}
        for key in self.order:
            found[key] = self._own[key].union(*(found[k] for k in self.needs[key]))
        return found

    def readings_of(self, criterion: str) -> tuple[str, ...]:
        """Readings that the verdicts of *criterion* may depend on, in the pack's order; the period's are apart."""
        marks = tuple(f"{criterion}{mark}" for mark in "?#!")
        mine = frozenset().union(*(r for k, r in self.reached.items() if k.startswith(marks)))
        return tuple(r for r in self.pack.readings if r in mine)

    @property
    def period_readings(self) -> tuple[str, ...]:
        """Readings on which it depends whether a dossier's period is accepted at all."""
        mine = set(readings_in(self.pack.period_months))
        return tuple(r for r in self.pack.readings if r in mine)

    def combinations_of(self, criterion: str) -> int:
        """Number of combinations of :meth:`readings_of` that are not declared inconsistent."""
        names = [r for r in self.readings_of(criterion) if self.pack.readings[r].settled is None]
        refused = [c for c in self.pack.inconsistent if set(c) <= set(names)]
        sizes = [len(self.pack.readings[r].alternatives) for r in names]
        if not refused:
            return math.prod(sizes)
        bound = sorted({r for c in refused for r in c})
        others = math.prod(len(self.pack.readings[r].alternatives) for r in names if r not in bound)
        kept = sum(not any(all(dict(zip(bound, combo, strict=True))[r] == a for r, a in c.items()) for c in refused)
                   for combo in product(*(self.pack.readings[r].alternatives for r in bound)))
        return others * kept

    def used(self) -> tuple[frozenset[str], frozenset[str]]:
        """Keys and readings that some verdict, lever or rule for documents makes use of."""
        roots = [k for k in self.entries if any(m in k for m in "?#!")]
        extra: list[str] = []
        readings = set(self.period_readings)
        for expression, owner in other_expressions(self.pack):
            extra.extend(self.keys_of(expression, owner))
        keys: set[str] = set()
        stack = [*roots, *extra]
        while stack:
            key = stack.pop()
            if key not in keys:
                keys.add(key)
                stack.extend(self.needs[key])
        for key in keys:
            readings.update(readings_in(self.entries[key].choice), readings_in(self.entries[key].unit))
        for choice in (*self.pack.accounting.factor_sets.values(), *self.pack.accounting.options.values()):
            readings.update(readings_in(choice))
        return frozenset(keys), frozenset(readings)


def inventory_columns(expression: Expression) -> frozenset[str]:
    """Which kinds of inventory column an expression reads (``tce``, ``_location``, ``_market``); ``*`` for all."""
    from zerofactory_engine.accounting.vocabulary import derived_types

    node = expression.node
    calls = (n.function for n in node.walk() if isinstance(n, Call))
    if any(isinstance(f, Name) and f.name in _BY_INVENTORY for f in calls):
        return frozenset({"*"})
    names = feel.free_names(node)
    paths = {n.name for n in node.walk() if isinstance(n, Path)}
    found = {"tce"} if any(t in names and c in paths for t, cs in derived_types().items() for c in cs) else set()
    if "lines" in names:
        ends = {end for end in ("_location", "_market") for p in paths if p.endswith(end)}
        found |= ends or {"*"}
    return frozenset(found)


def other_expressions(pack: Pack) -> Iterator[tuple[Expression, Criterion | None]]:
    """Expressions of rules for documents and of levers, with the criterion that they belong to."""
    for rules in pack.row_evidence.values():
        for rule in rules:
            if rule.where is not None:
                yield rule.where, None
    for criterion in pack.criteria.values():
        for rule in criterion.evidence:
            if rule.each is not None:
                yield rule.each, criterion
    for lever in pack.levers.values():
        for bound in (lever.minimum, lever.maximum):
            if isinstance(bound, Expression):
                yield bound, None
        for row in lever.rows:
            for cell in row.cells.values():
                if isinstance(cell, Expression):
                    yield cell, None


def all_expressions(pack: Pack, graph: Graph) -> Iterator[Expression]:
    """Every expression of a pack."""
    for entry in graph.entries.values():
        for _, expression in entry.expressions:
            yield expression
    for expression, _ in other_expressions(pack):
        yield expression


def named_sets(expression: Expression) -> Iterator[str]:
    """Question sets that an expression names in ``answers("…")`` and ``items("…")``."""
    for node in expression.node.walk():
        if isinstance(node, Call) and isinstance(node.function, Name) and node.function.name in ("answers", "items") \
                and node.arguments and isinstance(node.arguments[0], String):
            yield node.arguments[0].value


def owners(pack: Pack) -> tuple[Pack | Criterion, ...]:
    """What holds parameters and quantities: the pack and each criterion."""
    return (pack, *pack.criteria.values())


def _entries(pack: Pack) -> Iterator[Entry]:
    def valued(things: Mapping[str, Any], owner: Criterion | None) -> Iterator[Entry]:
        for name, thing in things.items():
            key = f"{owner.id}/{name}" if owner else name
            choice = thing.values if isinstance(thing, Parameter) else thing.value
            yield Entry(key, thing.title, thing.place, owner, thing, choice, thing.unit)

    yield from valued(pack.parameters, None)
    yield from valued(pack.quantities, None)
    for criterion in pack.criteria.values():
        yield from valued(criterion.parameters, criterion)
        yield from valued(criterion.quantities, criterion)
        parts: list[tuple[str, Any]] = [(f"{criterion.id}?", criterion.applies_when)]
        for level, rule in criterion.levels.items():
            parts += [(f"{criterion.id}#{level}", rule.condition), (f"{criterion.id}?{level}", rule.applies_when),
                      (f"{criterion.id}!{level}", rule.due)]
        for key, choice in parts:
            if choice is not None:
                yield Entry(key, criterion.title, criterion.place or NOWHERE, criterion, criterion, choice, None)
