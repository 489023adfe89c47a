"""Consolidation of a group of facilities: equity share and both control approaches, from the same whole inventories.

GHG Protocol Corporate Standard, chapter 3, table 1. A facility's lines are multiplied by the share that the approach
takes in; a share of nothing takes its lines out, so that what is not known of a facility that is not consolidated does
not make the group's total unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from zerofactory_engine.accounting.classification import consolidation_share
from zerofactory_engine.accounting.lines import Line
from zerofactory_engine.accounting.terms import ONE, Figure, Term, figure
from zerofactory_engine.accounting.totals import BREAKDOWNS, Total, grouped, inside, total

if TYPE_CHECKING:
    from zerofactory_mappings.disclosures.subject import Member

APPROACHES = ("equity_share", "financial_control", "operational_control")


@dataclass(frozen=True, eq=False)
class Held:
    """What one facility brings in: the *share* of it (None: as its dossier states) and its lines times the share."""

    member: Member
    share: Decimal | None
    lines: tuple[Line, ...]

    @property
    def dossier_id(self) -> str:
        """Id of the facility's dossier."""
        return self.member.dossier.id


@dataclass(frozen=True, eq=False)
class Consolidated:
    """The facilities under one *approach* (None: one dossier as it states itself)."""

    approach: str | None
    held: tuple[Held, ...]

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """All lines, facilities in their order."""
        return tuple(line for held in self.held for line in held.lines)

    @cached_property
    def inside(self) -> tuple[Line, ...]:
        """Lines inside the scopes."""
        return tuple(inside(self.lines))

    def total(self, group: str, basis: str = "location") -> Total:
        """As :meth:`Inventory.total`, of all facilities: ``all``, ``scopes_1_2``, ``scope/2``, ``outside/exported``."""
        if group == "all":
            return total(self.inside, basis)
        if group == "scopes_1_2":
            return total([line for line in self.inside if line.scope in (1, 2)], basis)
        kind, _, key = group.partition("/")
        if kind == "outside":
            return total(grouped(self.lines, lambda line: line.outside).get(key, ()), basis)
        return total(grouped(self.inside, BREAKDOWNS[kind]).get(key, ()), basis)


def scaled(line: Line, share: Decimal) -> Line:
    """*line* times *share*; the share stays visible as a term of every slice."""
    if share == ONE:
        return line
    term = Term("consolidation_share", share, "1", operation="share")

    def times(value: Figure) -> Figure:
        return figure(*((*terms, term) for terms in value.slices))

    location = times(line.location)
    return replace(line, location=location,
                   market=location if line.market is line.location else times(line.market))


def share_of(member: Member, approach: str) -> Decimal:
    """The share of *member* that *approach* takes in; a facility without a holding is the reporter's own."""
    holding = member.holding
    if holding is None:
        return ONE
    return consolidation_share(holding.relationship, approach, operated=holding.operated,
                               controlled=holding.controlled, interest=holding.interest)


def consolidate(members: Sequence[Member], approach: str | None) -> Consolidated:
    """*members* under *approach*; None takes their lines as they are."""
    if approach is None:
        return Consolidated(None, tuple(Held(m, None, m.inventory.lines) for m in members))
    held = []
    for member in members:
        share = share_of(member, approach)
        lines = () if share == 0 else tuple(scaled(line, share) for line in member.inventory.lines)
        held.append(Held(member, share, lines))
    return Consolidated(approach, tuple(held))
