"""Changes of what a base year rests on: a factor set, a method, the boundary, an error that was found.

Each change makes another state from a state; nothing is computed here. A change whose effect cannot be told from the
evidence leaves the dossier alone and makes the state unclear, so that every total after it is unknown.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from zerofactory_engine.accounting import Options
from zerofactory_engine.accounting.intake import facts_of
from zerofactory_engine.dossier import Dossier, structure
from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_engine.reasons import Unknown
from zerofactory_mappings.disclosures.completeness import Said
from zerofactory_mappings.years.amounts import unknown
from zerofactory_mappings.years.boundary import SHARED, Cell, cells_of, tables_of, with_boundary, with_part
from zerofactory_mappings.years.names import option_title, role_title, value_title

#: Kinds of change, and the words of the standard that each belongs to.
KINDS = ("factors", "method", "boundary", "error")


@dataclass(frozen=True)
class State:
    """What an inventory is computed from: the dossier, further dossiers of bought facilities, options, lost effects.

    *unclear*: why the effect of a change cannot be computed; the total after it is unknown. *reshaped*: parts of the
    boundary that are taken in otherwise than the dossier states. *limits*: what a reader has to know of the changes.
    """

    dossier: Dossier
    options: Options
    joined: tuple[Dossier, ...] = ()
    unclear: tuple[Unknown, ...] = ()
    reshaped: tuple[str, ...] = ()
    limits: tuple[Said, ...] = ()


@dataclass(frozen=True)
class Change:
    """One change of what the base year rests on. *kind* is one of :data:`KINDS`; *what* says it; *reason* is stated;
    *reasons* are the same by language where it is stated in both."""

    kind: str
    what: Said
    reason: str = ""
    reasons: Mapping[str, str] = field(default_factory=dict)

    def applied(self, state: State) -> State:
        """*state* after the change."""
        raise NotImplementedError


@dataclass(frozen=True)
class OptionChange(Change):
    """A factor set of one role, an option of the accounting, or the day on which factors are known."""

    options: Options = field(default_factory=Options)
    role: str | None = None
    option: str | None = None

    def applied(self, state: State) -> State:
        """*state* with that one choice of *options*."""
        was = state.options
        if self.role is not None:
            sets, _ = self.options.settled()
            return replace(state, options=replace(was, factor_sets={**was.factor_sets, self.role: sets[self.role]}))
        if self.option is not None:
            _, chosen = self.options.settled()
            return replace(state, options=replace(was, options={**was.options, self.option: chosen[self.option]}))
        return replace(state, options=replace(was, known_on=self.options.known_on))


@dataclass(frozen=True)
class Correction(Change):
    """An error that was found: a cell with the value it should have had (None empties it)."""

    table: str = ""
    row: str = ""
    column: str = ""
    value: Any = None

    @classmethod
    def of(cls, table: str, row: str, column: str, value: Any, reason: str | Mapping[str, str]) -> Correction:
        """Put *value* into a cell; text is read as an applicant writes it (``1.2 GWh``)."""
        shown = "" if value is None else str(value)
        texts = {lang: str(text) for lang, text in reason.items() if text} if isinstance(reason, Mapping) else {}
        return cls("error", Said("years.change-error", {"cell": f"{table}/{row}.{column}", "value": shown}),
                   next(iter(texts.values()), "") if isinstance(reason, Mapping) else reason, texts,
                   table=table, row=row, column=column, value=value)

    def applied(self, state: State) -> State:
        """*state* with the cell corrected; ``years.no-such-row`` when the dossier has no such row."""
        if state.dossier.row(self.table, self.row) is None:
            raise ProblemsError([Problem("years.no-such-row", Place(path=f"{self.table}/{self.row}"),
                                         found=f"{self.table}/{self.row}")])
        columns = structure.tables()[self.table].columns
        if self.column not in columns:
            raise ProblemsError([Problem("years.no-such-column", Place(path=f"{self.table}/{self.row}"),
                                         found=self.column, accepted=", ".join(columns))])
        return replace(state, dossier=state.dossier.replace_cell(self.table, self.row, self.column, self.value))


@dataclass(frozen=True)
class Sold(Change):
    """A part of the boundary that no longer belongs to the organisation: taken out of the base year as well."""

    part: str = ""

    @classmethod
    def of(cls, part: str, reason: str) -> Sold:
        """Take *part* (its id in ``boundary.parts``) out."""
        return cls("boundary", Said("years.change-sold", {"part": part}), reason, part=part)

    def applied(self, state: State) -> State:
        """*state* with the part outside. Unknown where no row or meter of the part is told apart.

        ``years.no-such-part`` when the boundary has no such part.
        """
        parts = {p["id"]: p for p in state.dossier.boundary.get("parts") or () if p.get("id")}
        if self.part not in parts:
            raise ProblemsError([Problem("years.no-such-part", Place(path="boundary.parts"), found=self.part,
                                         accepted=", ".join(parts) or None)])
        if parts[self.part].get("inside") is False:
            return state
        return _reshaped(state, self.part, {"inside": Cell(False, False)})


@dataclass(frozen=True)
class Alignment(Change):
    """The boundary as the latest year states it: *cells* of the facility, or of one *part*."""

    part: str | None = None
    cells: Mapping[str, Cell] = field(default_factory=dict)

    def applied(self, state: State) -> State:
        """*state* with those cells. Unknown where the part is not told apart."""
        if self.part is not None:
            return _reshaped(state, self.part, self.cells)
        return replace(state, dossier=with_boundary(state.dossier, self.cells))


def _reshaped(state: State, part: str, cells: Mapping[str, Cell]) -> State:
    """*state* with other cells of a part, or unclear where the evidence does not tell the part apart."""
    tables = tables_of(state.dossier, part)
    if not tables:
        why = unknown("years.part-not-told-apart", f"boundary.parts/{part}", part=part)
        return replace(state, unclear=(*state.unclear, why), reshaped=(*state.reshaped, part))
    return replace(state, dossier=with_part(state.dossier, part, cells), reshaped=(*state.reshaped, part),
                   limits=(*state.limits, Said("years.limit-part-tables", {"part": part, "tables": ", ".join(tables)})))


@dataclass(frozen=True)
class Acquired(Change):
    """A facility that was bought: its own dossier of the base year is added, under the same options."""

    dossier: Dossier | None = None

    @classmethod
    def of(cls, dossier: Dossier, reason: str) -> Acquired:
        """Add the base-year inventory of *dossier*."""
        return cls("boundary", Said("years.change-acquired", {"dossier": dossier.id}), reason, dossier=dossier)

    def applied(self, state: State) -> State:
        """*state* with the facility; unknown where its dossier is of another time."""
        assert self.dossier is not None, "made by Acquired.of"
        mine, other = state.dossier.period, self.dossier.period
        if (mine.start, mine.end) != (other.start, other.end):
            why = unknown("years.acquired-other-time", self.dossier.id, dossier=self.dossier.id,
                          found=f"{other.start} … {other.end}", wanted=f"{mine.start} … {mine.end}")
            return replace(state, unclear=(*state.unclear, why))
        return replace(state, joined=(*state.joined, self.dossier))


def changes_between(then: Options, now: Options) -> tuple[Change, ...]:
    """A change for each factor set and option that differs, in the order of roles, then options, then the day."""
    (sets, options), (new_sets, new_options) = then.settled(), now.settled()
    out: list[Change] = []
    for role, name in sets.items():
        if name != new_sets[role]:
            said = Said("years.change-factors", {"role": role_title(role), "before": name, "after": new_sets[role]})
            out.append(OptionChange("factors", said, options=now, role=role))
    for name, value in options.items():
        if value != new_options[name]:
            said = Said("years.change-method", {"option": option_title(name), "before": value_title(name, value),
                                                "after": value_title(name, new_options[name])})
            out.append(OptionChange("method", said, options=now, option=name))
    if then.known_on != now.known_on:
        said = Said("years.change-known-on", {"before": str(then.known_on or "—"), "after": str(now.known_on or "—")})
        out.append(OptionChange("factors", said, options=now))
    return tuple(out)


def alignments(dossier: Dossier, latest: Dossier, besides: Collection[str] = ()) -> tuple[Change, ...]:
    """Changes that give *dossier* the boundary of *latest*: the consolidation, then each part that both name.

    *besides*: parts that another change deals with. A difference that calculators do not see is none.
    """
    out: list[Change] = []
    was, will = cells_of(dossier), cells_of(latest)
    if was != will:
        told = {"before": _consolidation(was), "after": _consolidation(will)}
        change = Alignment("boundary", Said("years.change-consolidation", told), cells=will)
        if facts_of(change.applied(State(dossier, Options())).dossier) != facts_of(dossier):
            out.append(change)
    common = {p.get("id") for p in latest.boundary.get("parts") or ()} - {None, *besides}
    for part in (p["id"] for p in dossier.boundary.get("parts") or () if p.get("id") in common):
        if facts_of(with_part(dossier, part, cells_of(latest, part))) != facts_of(dossier):
            out.append(Alignment("boundary", _moved(dossier, latest, part), part=part, cells=cells_of(latest, part)))
    return tuple(out)


def _consolidation(cells: Mapping[str, Cell]) -> str:
    return " ".join(str(cells[name].written) for name in SHARED if cells[name].written is not None) or "—"


def _moved(dossier: Dossier, latest: Dossier, part: str) -> Said:
    before, after = (cells_of(d, part)["inside"].value is not False for d in (dossier, latest))
    code = "terms" if before == after else "in" if after else "out"
    return Said(f"years.change-part-{code}", {"part": part, "latest": latest.id})
