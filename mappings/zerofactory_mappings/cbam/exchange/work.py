"""What the steps of prefilling share: the dossier, the questions, the fate of rows, what is missing, provenance."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.dossier.model import Dossier, Evidence
from zerofactory_engine.problems import Place
from zerofactory_mappings.cbam.exchange.model import Fate, Kind, MeterCover, Missing, Piece, RowFate, Series
from zerofactory_mappings.cbam.exchange.rules import Boundary, Rule
from zerofactory_mappings.cbam.exchange.series import apportioned, cover, inside_share
from zerofactory_mappings.cbam.model import Given

if TYPE_CHECKING:
    from zerofactory_mappings.cbam.exchange.answers import Asking

ONE = Decimal(1)
#: Most references that a figure of the input format holds.
_REFERENCES = 200


@dataclass(frozen=True, slots=True)
class Taken:
    """What of a series stands in the input: its *pieces* and the *share* of them inside the boundary."""

    series: Series
    pieces: tuple[Piece, ...]
    share: Decimal = ONE
    rule: str | None = None
    questions: tuple[str, ...] = ()

    def narrowed(self, pieces: Sequence[Piece]) -> Taken:
        """The same for some of the pieces."""
        return Taken(self.series, tuple(pieces), self.share, self.rule, self.questions)


@dataclass
class Work:
    """The state of one prefilling. *document_ids*: id of a document in the dossier → in the input."""

    dossier: Dossier
    year: int
    rules: Boundary
    asking: Asking
    straddling_by_days: bool
    language: str
    fates: dict[tuple[str, str], RowFate] = field(default_factory=dict)
    missing: list[Missing] = field(default_factory=list)
    meters: list[MeterCover] = field(default_factory=list)
    series: list[Series] = field(default_factory=list)
    cited: set[str] = field(default_factory=set)

    # --- fates -------------------------------------------------------------------------------------------------------

    def decide(self, pieces: Iterable[Piece], fate: Fate, reason: str, rule: str | None = None,
               series: Series | None = None, questions: tuple[str, ...] = ()) -> None:
        """One fate for rows that are not used."""
        for piece in pieces:
            self.settle(RowFate(piece.row.table, piece.row.id, fate, f"cbam-exchange.{reason}", rule,
                                None if series is None else series.id, questions=questions))

    def use(self, taken: Taken, reason: str = "used", pieces: Iterable[Piece] | None = None) -> None:
        """The rows stand in the input."""
        for piece in taken.pieces if pieces is None else pieces:
            inside, of = piece.days
            share = CONTEXT.multiply(taken.share, inside_share(piece))
            self.settle(RowFate(
                piece.row.table, piece.row.id, Fate.USED, f"cbam-exchange.{reason}", taken.rule, taken.series.id,
                None if share == ONE else share, None if inside == of else (inside, of), taken.questions))

    def settle(self, fate: RowFate) -> None:
        """Record the fate of a row, once."""
        key = (fate.table, fate.row)
        assert key not in self.fates, f"{key} has two fates"
        self.fates[key] = fate

    def lack(self, kind: str, subject: str, rule: str | None = None, rows: Sequence[str] = (), clause: str = "",
             **args: str) -> None:
        """Something a report needs and that is not there; said once."""
        found = Missing(kind, subject, clause or ("" if rule is None else self.rules.rule(rule).clause), args,
                        tuple(rows))
        if found not in self.missing:
            self.missing.append(found)

    def rule(self, *ids: str) -> tuple[Rule, ...]:
        """Rules by id."""
        return tuple(self.rules.rule(i) for i in ids)

    # --- figures -----------------------------------------------------------------------------------------------------

    @cached_property
    def document_ids(self) -> dict[str, str]:
        """Documents of the dossier under ids that the input format allows; the dossier itself is ``dossier``."""
        taken = {"dossier"}
        found: dict[str, str] = {}
        for name in self.dossier.documents:
            made = name.replace(":", ".")
            while made in taken or made == "by":
                made += "."
            taken.add(made)
            found[name] = made
        return found

    def evidence(self, pieces: Iterable[Piece]) -> tuple[str, ...]:
        """Where figures of these rows come from: the rows of the dossier, then their documents.

        ``dossier#table=energy&row=G1-01``; where they are too many for one figure, documents stand without page or
        cell, and then rows as the series that holds them (the result of prefilling lists its rows).
        """
        pieces = tuple(pieces)
        rows = [f"dossier#table={p.row.table}&row={p.row.id}" for p in pieces]
        shown = [e for p in pieces for e in p.row.documents if e.document in self.document_ids]
        for documents in ([self._named(e) for e in shown], [self.document_ids[e.document] for e in shown]):
            found = tuple(dict.fromkeys([*rows, *documents]))
            if len(found) <= _REFERENCES:
                self.cited.update(e.document for e in shown)
                return found
        if len(rows) <= _REFERENCES:
            return tuple(rows)
        names = {(p.row.table, s.id) for p in pieces for s in self.series if p in s.pieces}
        return tuple(f"dossier#table={table}&series={name}" for table, name in sorted(names))

    def _named(self, evidence: Evidence) -> str:
        return str(evidence).replace(evidence.document, self.document_ids[evidence.document], 1)

    def given(self, value: Decimal, unit: str, pieces: Iterable[Piece]) -> Given:
        """A figure of rows of the dossier."""
        pieces = tuple(pieces)
        path = "; ".join(f"{p.row.table}/{p.row.id}" for p in pieces[:3]) + ("; …" if len(pieces) > 3 else "")
        return Given(value, unit, Place(path=path), self.evidence(pieces))

    def total(self, taken: Taken, column: str, pieces: Sequence[Piece] | None = None) -> Decimal:
        """The amounts of a column over the pieces: days inside the period, share inside the boundary."""
        result = Decimal(0)
        for piece in taken.pieces if pieces is None else pieces:
            value = piece.row.values[column]
            result = CONTEXT.add(result, apportioned(value, piece))
        return result if taken.share == ONE else CONTEXT.multiply(result, taken.share)

    # --- time --------------------------------------------------------------------------------------------------------

    def in_time(self, series: Series) -> tuple[tuple[Piece, ...], tuple[str, ...]]:
        """The pieces whose days lie in the year, with the questions that were answered for it; the others are settled.

        A bill across an end of the year is apportioned by days only where that is the answer; rows of one meter that
        cover the same days stop the series until somebody says what they are.
        """
        outside = [p for p in series.pieces if p.inside is None]
        self.decide(outside, Fate.OUTSIDE, "row-outside-period", "outside-period", series)
        pieces = [p for p in series.pieces if p.inside is not None]
        found = cover(self.dossier, series, self.year)
        if found is not None:
            self.meters.append(found)
        for gap in () if found is None else found.gaps:
            self.lack("gap", series.id, "double-counting", meter=series.meter or "", days=f"{gap.start}/{gap.end}")
        answered: list[str] = []
        if found is not None and found.overlaps:
            pieces = self._without_overlaps(series, pieces, found, answered)
        crossing = [p for p in pieces if p.straddles]
        if crossing:
            pieces = self._crossing(series, pieces, crossing, answered)
        return tuple(pieces), tuple(answered)

    def _without_overlaps(self, series: Series, pieces: list[Piece], found: MeterCover,
                          answered: list[str]) -> list[Piece]:
        from zerofactory_mappings.cbam.exchange.model import full

        rows = tuple(dict.fromkeys(r for one, other, _ in found.overlaps for r in (one, other)))
        answer = self.asking.ask(Kind.OVERLAP, series.id, rows, self.rule("double-counting"), "left-out", {
            "series": series.id, "days": "; ".join(f"{a}, {b}: {full(s)}" for a, b, s in found.overlaps[:5])})
        if answer is None:
            self.decide(pieces, Fate.ASKED, "row-asked", "double-counting", series, (f"overlap:{series.id}",))
            return []
        answered.append(f"overlap:{series.id}")
        if answer.answer == "both":
            return pieces
        second = {other for _, other, _ in found.overlaps}
        self.decide([p for p in pieces if f"{p.row.table}/{p.row.id}" in second], Fate.OUTSIDE, "row-counted-in-other",
                    "double-counting", series, tuple(answered))
        return [p for p in pieces if f"{p.row.table}/{p.row.id}" not in second]

    def _crossing(self, series: Series, pieces: list[Piece], crossing: list[Piece], answered: list[str]) -> list[Piece]:
        from zerofactory_mappings.cbam.exchange.answers import standing

        rows = [f"{p.row.table}/{p.row.id}" for p in crossing]
        days = "; ".join(f"{p.row.id}: {p.days[0]}/{p.days[1]}" for p in crossing)
        answer = self.asking.ask(Kind.PERIOD, series.id, rows, self.rule("reporting-period"), "left-out",
                                 {"series": series.id, "days": days, "year": str(self.year)},
                                 standing=standing("days") if self.straddling_by_days else None)
        if answer is None:
            self.decide(crossing, Fate.ASKED, "row-asked", "reporting-period", series, (f"period:{series.id}",))
        elif answer.answer == "outside":
            self.decide(crossing, Fate.OUTSIDE, "row-left-out-by-answer", "reporting-period", series,
                        (f"period:{series.id}",))
        else:
            answered.append(f"period:{series.id}")
            return pieces
        return [p for p in pieces if not p.straddles]
