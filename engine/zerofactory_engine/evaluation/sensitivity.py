"""Whether verdicts hold under every consistent combination of the readings they depend on; which reading flips them.

The product of the alternatives is taken up to :data:`LIMIT` combinations; beyond it readings are varied one at a time,
and the result says so.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from zerofactory_engine.evaluation.levels import combine
from zerofactory_engine.evaluation.model import Flip, Sensitivity, Verdict
from zerofactory_engine.rulepack.model import Pack, Reading

#: Combinations up to which all of them are tried.
LIMIT = 10_000

Readings = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Space:
    """The readings that are varied, their alternatives, and how many combinations there are."""

    names: tuple[str, ...]
    alternatives: tuple[tuple[str, ...], ...]
    chosen: tuple[str, ...]
    refused: tuple[tuple[tuple[int, str], ...], ...]

    @classmethod
    def of(cls, pack: Pack, names: Iterable[str], chosen: Readings) -> Space:
        """The space of those of *names* that an overlay has not settled, around the *chosen* alternatives."""
        open_names = tuple(sorted(n for n in set(names) if pack.readings[n].settled is None))
        position = {n: i for i, n in enumerate(open_names)}
        refused = tuple(
            tuple((position[n], a) for n, a in combination.items() if n in position)
            for combination in pack.inconsistent
            if all(n in position or _settled(pack.readings[n], a) for n, a in combination.items()))
        return cls(open_names, tuple(tuple(pack.readings[n].alternatives) for n in open_names),
                   tuple(chosen[n] for n in open_names), tuple(r for r in refused if r))

    @property
    def size(self) -> int:
        """Number of combinations, inconsistent ones among them."""
        return math.prod(len(a) for a in self.alternatives)

    def consistent(self, combination: Sequence[str]) -> bool:
        """Whether the pack admits *combination*."""
        return not any(all(combination[i] == a for i, a in refused) for refused in self.refused)

    def single_changes(self) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Every combination in which exactly one reading differs from the chosen ones, with its position."""
        for position, alternatives in enumerate(self.alternatives):
            for alternative in alternatives:
                if alternative != self.chosen[position]:
                    yield position, (*self.chosen[:position], alternative, *self.chosen[position + 1:])

    def combinations(self) -> tuple[bool, Iterator[tuple[str, ...]]]:
        """Whether all combinations are tried, and those that are (also inconsistent ones)."""
        if self.size <= LIMIT:
            return True, itertools.product(*self.alternatives)
        return False, itertools.chain((self.chosen,), (c for _, c in self.single_changes()))


def _settled(reading: Reading, alternative: str) -> bool:
    return reading.settled == alternative


def vary(space: Space, levels: Sequence[str], verdict: Callable[[str, tuple[str, ...]], Verdict]) -> Sensitivity:
    """Count the verdicts at *levels* over *space*; *verdict* gives that of a level under a combination."""
    exhaustive, combinations = space.combinations()
    counts: dict[str, Counter[Verdict]] = {level: Counter() for level in levels}
    tried = refused = 0
    for combination in combinations:
        if not space.consistent(combination):
            refused += 1
            continue
        tried += 1
        for level in levels:
            counts[level][verdict(level, combination)] += 1
    flips = tuple(
        Flip(space.names[position], combination[position], level, found)
        for level in levels for position, combination in space.single_changes()
        if space.consistent(combination) and (found := verdict(level, combination)) is not verdict(level, space.chosen))
    return Sensitivity(
        readings=space.names, combinations=tried, exhaustive=exhaustive, refused=refused,
        outcomes={level: {str(v): counts[level][v] for v in Verdict if counts[level][v]} for level in levels},
        single_flips=flips,
        stable={level: len(counts[level]) == 1 for level in levels},
    )


def vary_level(space: Space, level: str, criteria: Mapping[str, tuple[str, ...]],
               verdict: Callable[[str, Readings], Verdict], readings: Readings) -> Sensitivity:
    """How a level holds over *space*. *criteria*: those it needs, with the readings that each depends on.

    The verdict of a criterion is looked up under its own readings, so that thousands of combinations cost lookups.
    """
    positions = {c: tuple(space.names.index(n) for n in names if n in space.names) for c, names in criteria.items()}
    memo: dict[tuple[str, tuple[str, ...]], Verdict] = {}

    def of_criterion(criterion: str, combination: tuple[str, ...]) -> Verdict:
        key = (criterion, tuple(combination[p] for p in positions[criterion]))
        found = memo.get(key)
        if found is None:
            full = {**readings, **{space.names[p]: combination[p] for p in positions[criterion]}}
            found = memo[key] = verdict(criterion, full)
        return found

    return vary(space, [level], lambda _, combination: combine(of_criterion(c, combination) for c in positions))


def inconsistent(pack: Pack, readings: Readings) -> int | None:
    """Number of the inconsistent combination of *pack* that *readings* (all of them) contain, or None."""
    for number, combination in enumerate(pack.inconsistent):
        if all(readings[n] == a for n, a in combination.items()):
            return number
    return None
