"""Recalculation of the base year (ISO 14064-1:2018, 6.4.2; GHG Protocol Corporate Standard, chapter 5).

A base-year inventory is computed again when what it rests on changes: a factor set, a method (an option of the
accounting), the boundary (a part sold, a facility bought), or an error that was found. Each change is measured alone
(against the original) and in order with those before it. Nothing here decides what a significant change is: the
organisation sets its own threshold, and where the dossier states none, the answer is unknown.

The rule for *triggered*: yes as soon as the effect of one change alone, or the cumulative effect after any of them,
exceeds the threshold in either direction and on either basis of scope 2. So two large changes that happen to cancel
each other still trigger.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from zerofactory_engine.accounting import FactorLibrary, Inventory, Options, compute_inventory
from zerofactory_engine.accounting.lines import Line
from zerofactory_engine.accounting.terms import Amount
from zerofactory_engine.accounting.totals import BASES, BREAKDOWNS, equivalent, grouped, inside
from zerofactory_engine.dossier import Dossier
from zerofactory_engine.problems import Problem, ProblemsError
from zerofactory_engine.reasons import Unknown
from zerofactory_mappings.disclosures.completeness import Said
from zerofactory_mappings.years.amounts import minus, over, plus, size, unknown
from zerofactory_mappings.years.changes import (
    KINDS,
    Acquired,
    Change,
    Correction,
    OptionChange,
    Sold,
    State,
    alignments,
    changes_between,
)
from zerofactory_mappings.years.limits import limits_of

__all__ = ["KINDS", "Acquired", "Change", "Computed", "Correction", "OptionChange", "Recalculation", "Sold", "State",
           "Step", "alignments", "all_changes", "changes_between", "check_changes", "recalculate"]

#: Breakdowns of the totals that are shown before and after.
SHOWN = ("scope", "iso_category")


@dataclass(frozen=True, eq=False)
class Computed:
    """The lines of a state, and totals over them."""

    inventories: tuple[Inventory, ...]
    unclear: tuple[Unknown, ...] = ()

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """Lines inside the scopes."""
        return tuple(inside(line for inventory in self.inventories for line in inventory.lines))

    @cached_property
    def _by(self) -> dict[str, dict[str, list[Line]]]:
        """Breakdowns that were asked for, each made once."""
        return {"": {"all": list(self.lines), "scopes_1_2": [line for line in self.lines if line.scope in (1, 2)]}}

    @cached_property
    def _totals(self) -> dict[tuple[str, str], Amount]:
        """Totals that were asked for, each added up once."""
        return {}

    def _broken_down(self, kind: str) -> dict[str, list[Line]]:
        found = self._by.get(kind)
        return found if found is not None else self._by.setdefault(kind, grouped(self.lines, BREAKDOWNS[kind]))

    def total(self, group: str, basis: str) -> Amount:
        """tCO2e of ``all``, ``scopes_1_2``, ``scope/1``, ``iso_category/2`` …; zero for a group without lines."""
        found = self._totals.get((group, basis))
        if found is None:
            kind, _, key = group.partition("/")
            wanted = self._broken_down(kind).get(key, []) if key else self._by[""][group]
            found = plus(*(equivalent(line, basis) for line in wanted), *self.unclear)
            self._totals[group, basis] = found
        return found

    def groups(self, kind: str) -> tuple[str, ...]:
        """Keys of a breakdown that have lines."""
        return tuple(self._broken_down(kind))


@dataclass(frozen=True)
class Step:
    """A change with its effects on the total, in tCO2e, by basis: alone, and cumulative with those before it."""

    change: Change
    alone: Mapping[str, Amount]
    cumulative: Mapping[str, Amount]


@dataclass(frozen=True)
class Recalculation:
    """The base year as it was and as it is now.

    *threshold*: a share (0.05) of the organisation's policy, unknown where nobody states one; *threshold_from*: the
    dossier or file that states it, None when it was asked for. *of*: the total that it is held against. *limits*:
    what limits the comparability.
    """

    base: Dossier
    of: str
    threshold: Amount
    threshold_from: str | None
    policy: str | Mapping[str, str] | None
    original: Computed
    recalculated: Computed
    steps: tuple[Step, ...]
    limits: tuple[Said, ...]

    def total(self, basis: str) -> Amount:
        """The original total that effects are held against."""
        return self.original.total(self.of, basis)

    def effect(self, basis: str) -> Amount:
        """Effect of all changes together, in tCO2e."""
        return minus(self.recalculated.total(self.of, basis), self.total(basis))

    def share(self, effect: Amount, basis: str) -> Amount:
        """An effect as a share of the original total, without its sign."""
        return size(over(effect, self.total(basis), f"{self.base.id}.{self.of}"))

    @property
    def triggered(self) -> bool | Unknown:
        """Whether the base year has to be recalculated under the organisation's own policy."""
        if not self.steps:
            return False
        answers = [self._exceeds(effect[basis], basis) for step in self.steps for basis in BASES
                   for effect in (step.alone, step.cumulative)]
        if any(a is True for a in answers):
            return True
        found = [a for a in answers if isinstance(a, Unknown)]
        return found[0].merge(*found[1:]) if found else False

    def _exceeds(self, effect: Amount, basis: str) -> bool | Unknown:
        if effect == Decimal(0) and isinstance(self.threshold, Decimal):
            return False                                    # no effect exceeds nothing, whatever the total
        share = self.share(effect, basis)
        if isinstance(self.threshold, Unknown):
            return self.threshold.merge(share)
        return share if isinstance(share, Unknown) else share > self.threshold

    def compared(self) -> list[tuple[str, str, Amount, Amount]]:
        """(group, basis, original, recalculated) of all scopes, scopes 1 and 2, each scope and each ISO category."""
        groups = ["all", "scopes_1_2"]
        for kind in SHOWN:
            keys = dict.fromkeys((*self.original.groups(kind), *self.recalculated.groups(kind)))
            groups += [f"{kind}/{key}" for key in sorted(keys)]
        return [(g, b, self.original.total(g, b), self.recalculated.total(g, b)) for g in groups for b in BASES]

    def as_json(self) -> dict[str, Any]:
        """Stable JSON shape."""
        from zerofactory_mappings.years.present import recalculation_json

        return recalculation_json(self)


def all_changes(dossier: Dossier, asked: Sequence[Change] = (), latest: Dossier | None = None) -> tuple[Change, ...]:
    """What was *asked* and then every difference of the boundary of *latest* that none of it deals with."""
    if latest is None or latest is dossier:
        return tuple(asked)
    sold = [change.part for change in asked if isinstance(change, Sold)]
    return (*asked, *alignments(dossier, latest, sold))


def recalculate(base: Dossier, then: Options | None = None, now: Options | None = None,
                changes: Sequence[Change] = (), *, latest: Dossier | None = None, threshold: Decimal | None = None,
                threshold_from: str | None = None, policy: str | Mapping[str, str] | None = None, of: str = "all",
                library: FactorLibrary | None = None) -> Recalculation:
    """Recalculate the base year: computed under *then* (None: as *now*), with *changes* in order, and
    under *now*.

    *latest*: dossier of the latest year; where its boundary differs from that of the base year, that is a change too.
    *threshold* (a share, stated by *threshold_from*) and *policy* prevail over those that *latest*, then *base*, states
    under ``base_year``. *of*: ``all`` or ``scopes_1_2``.

    Raises:
        ProblemsError: options or factor sets that are not accepted; ``years.no-such-row``, ``years.no-such-part``,
            ``years.wrong-kind`` and cells that cannot be read, all of them together.
    """
    is_now = now or Options()
    was = then or is_now
    ordered = (*changes_between(was, is_now), *all_changes(base, changes, latest))
    start = State(base, was)
    check_changes(ordered, start)
    original = computed(start, library)
    steps, state = [], start
    for change in ordered:
        state = change.applied(state)
        alone, all_before = computed(change.applied(start), library), computed(state, library)
        steps.append(Step(change, *({b: minus(found.total(of, b), original.total(of, b)) for b in BASES}
                                    for found in (alone, all_before))))
    limit, origin = (threshold, threshold_from) if threshold is not None else _threshold(latest, base)
    stated = policy or next((p for d in (latest, base) if d is not None and (p := d.base_year.get("policy"))), None)
    return Recalculation(base, of, limit, origin, stated, original, computed(state, library), tuple(steps),
                         limits_of(base, original, state))


def _threshold(*dossiers: Dossier | None) -> tuple[Amount, str | None]:
    """The threshold of the first dossier that states one, and its id."""
    for dossier in dossiers:
        stated = None if dossier is None else dossier.base_year.get("threshold_percent")
        if dossier is not None and isinstance(stated, Decimal):
            return stated, dossier.id
    return unknown("years.no-threshold", "base_year.threshold_percent"), None


def check_changes(changes: Sequence[Change], start: State) -> None:
    """Every change that cannot be applied, together."""
    problems: list[Problem] = []
    for change in changes:
        if change.kind not in KINDS:
            problems.append(Problem("years.wrong-kind", found=change.kind, accepted=", ".join(KINDS)))
            continue
        try:
            change.applied(start)
        except ProblemsError as error:
            problems.extend(error.problems)
    if problems:
        raise ProblemsError(problems)


def computed(state: State, library: FactorLibrary | None) -> Computed:
    """The inventories of a state."""
    return Computed(tuple(compute_inventory(d, state.options, library) for d in (state.dossier, *state.joined)),
                    state.unclear)
