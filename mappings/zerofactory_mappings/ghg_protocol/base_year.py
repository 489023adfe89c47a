"""The base year: what is stated of it, and earlier periods computed from their dossiers under today's boundary.

Dossiers of earlier periods are taken in as the facilities are now (GHG Protocol Corporate Standard, chapter 5: a base
year is compared like for like), so their figures stand beside those of the reporting period. Whether the base year has
to be recalculated for changes of method, factors or errors is what ``zerofactory years`` answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from zerofactory_engine.accounting.totals import Total
from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.reasons import Unknown
from zerofactory_mappings.ghg_protocol.consolidation import Consolidated, Held, consolidate

if TYPE_CHECKING:
    from zerofactory_mappings.disclosures.subject import Member, Subject

#: Figures that are told and compared: name → group of the inventory and basis.
FIGURES: Mapping[str, tuple[str, str]] = {
    "scope_1": ("scope/1", "location"), "scope_2_location": ("scope/2", "location"),
    "scope_2_market": ("scope/2", "market"), "scope_3": ("scope/3", "location"),
    "scopes_1_2_location": ("scopes_1_2", "location"), "scopes_1_2_market": ("scopes_1_2", "market"),
}
#: Other names under which statements and dossiers give them.
_NAMES = {
    "scope/1": "scope_1", "scope/2": "scope_2_location", "scope/3": "scope_3", "scopes_1_2": "scopes_1_2_location",
    "scope_1_emissions": "scope_1", "scope_2_location_emissions": "scope_2_location",
    "scope_2_market_emissions": "scope_2_market", "scope_3_emissions": "scope_3"}
UNIT = "tCO2e"
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Stated:
    """A figure of an earlier *year* as it was reported; *change* of this period against it, as a share of it, where
    both are known and mean the same."""

    year: int
    figure: str
    value: Decimal
    unit: str
    change: Decimal | None = None


@dataclass(frozen=True, eq=False)
class Earlier:
    """Dossiers of one earlier *year* under today's shares: *totals* by figure. *missing*: facilities that are taken in
    now and have no dossier of that year; *left_out*: dossiers of facilities that are no member now."""

    year: int
    totals: Mapping[str, Total]
    dossiers: tuple[str, ...]
    missing: tuple[str, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class BaseYear:
    """Everything about the base year; *threshold* in per cent. *conflict*: statement and dossier name different years.

    *recalculations*: entries as stated, None when nobody says anything of them.
    """

    year: int | None
    reason: Any
    policy: Any
    threshold: Decimal | None
    comparability: Any
    stated: tuple[Stated, ...]
    earlier: tuple[Earlier, ...]
    recalculations: tuple[Mapping[str, Any], ...] | None
    conflict: bool

    @property
    def has_figures(self) -> bool:
        """Whether there is a figure of the base year, reported or computed."""
        return any(self.year in (None, s.year) for s in self.stated) or any(
            self.year in (None, e.year) for e in self.earlier)


def base_year(subject: Subject, found: Consolidated) -> BaseYear:
    """What is known of the base year of *subject*, whose reporting period is consolidated as *found*."""
    said = subject.statement.get("base_year") or {}
    own: Mapping[str, Any] = subject.members[0].dossier.base_year if len(subject.members) == 1 else {}
    year = _year(said) or _year(own)
    stated = {(s.year, s.figure): s for s in reversed([*_reported(subject, year), *_of_dossier(own, _year(own))])}
    runs = said.get("recalculations"), own.get("recalculations")
    return BaseYear(
        year, said.get("reason") or own.get("reason"), said.get("policy") or own.get("policy"), _threshold(said, own),
        said.get("comparability"), tuple(_against(s, found) for s in sorted(
            stated.values(), key=lambda s: (s.year, list(FIGURES).index(s.figure) if s.figure in FIGURES else 99,
                                            s.figure))),
        tuple(_earlier(subject, found)),
        None if all(r is None for r in runs) else tuple(e for r in runs for e in r or ()),
        bool(_year(said) and _year(own) and _year(said) != _year(own)))


def _year(values: Mapping[str, Any]) -> int | None:
    return int(values["year"]) if values.get("year") else None


def _threshold(said: Mapping[str, Any], own: Mapping[str, Any]) -> Decimal | None:
    """Per cent, as a statement writes it; a dossier keeps a share."""
    if isinstance(said.get("threshold_percent"), Decimal):
        stated: Decimal = said["threshold_percent"]
        return stated
    share = own.get("threshold_percent")
    return CONTEXT.multiply(share, _HUNDRED) if isinstance(share, Decimal) else None


def _reported(subject: Subject, year: int | None) -> Iterator[Stated]:
    """Figures that the statement gives of the base year and of earlier years."""
    for entry in subject.statement.rows("base_year/figures"):
        if year is not None:
            yield Stated(year, _name(entry), entry["value"], str(entry["unit"]))
    for entry in subject.statement.rows("previous"):
        yield Stated(int(entry["year"]), _name(entry), entry["value"], str(entry["unit"]))


def _of_dossier(own: Mapping[str, Any], year: int | None) -> Iterator[Stated]:
    for entry in own.get("figures") or ():
        if year is not None and isinstance(entry.get("amount"), Decimal) and entry.get("figure"):
            yield Stated(year, _name(entry), entry["amount"], str(entry.get("unit") or ""))


def _name(entry: Mapping[str, Any]) -> str:
    return _NAMES.get(str(entry["figure"]), str(entry["figure"]))


def change(now: Total, then: Decimal) -> Decimal | None:
    """How much *now* differs from *then*, as a share of *then*; None when one is not known or then is nothing."""
    if isinstance(now.value, Unknown) or not now.lines or not then:
        return None
    return CONTEXT.divide(CONTEXT.subtract(now.value, then), then.copy_abs())


def _against(stated: Stated, found: Consolidated) -> Stated:
    if stated.figure not in FIGURES or stated.unit != UNIT:
        return stated
    return replace(stated, change=change(found.total(*FIGURES[stated.figure]), stated.value))


# -- dossiers of earlier periods --------------------------------------------------------------------------------------

def _earlier(subject: Subject, found: Consolidated) -> Iterator[Earlier]:
    """One entry for each year, oldest first."""
    years: dict[int, list[Member]] = {}
    for member in subject.bases:
        years.setdefault(member.dossier.period.start.year, []).append(member)
    now = {_facility(held.member): held for held in found.held}
    for year in sorted(years):
        yield _of_year(year, years[year], now, found.approach)


def _of_year(year: int, members: Sequence[Member], now: Mapping[str, Held], approach: str | None) -> Earlier:
    known = [m for m in members if _facility(m) in now]
    then = consolidate([replace(m, holding=now[_facility(m)].member.holding) for m in known], approach)
    there = {_facility(m) for m in known}
    return Earlier(year, {name: then.total(*key) for name, key in FIGURES.items()},
                   tuple(m.dossier.id for m in known),
                   tuple(held.dossier_id for name, held in now.items() if held.share != 0 and name not in there),
                   tuple(m.dossier.id for m in members if _facility(m) not in now))


def _facility(member: Member) -> str:
    """What tells a facility apart over the years; a dossier without an id of it stands for itself."""
    return str(member.dossier.facility.get("id") or member.dossier.id)
