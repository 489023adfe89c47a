"""The dossier as frozen values: rows of evidence by table, the declarations around them, and what follows from both.

Amounts stand in the base unit of their column's dimension; what was written stays beside them. A dossier never changes:
the methods that change something give another one. Two dossiers are equal when their canonical forms are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from zerofactory_engine.canonical import content_hash
from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.dossier import structure
from zerofactory_engine.dossier.tables import Columns
from zerofactory_engine.feel.values import Table
from zerofactory_engine.problems import NOWHERE, Place, Problem
from zerofactory_engine.reasons import Reason, Unknown

FORMAT = "zerofactory/dossier/1"


@dataclass(frozen=True, slots=True)
class Stated:
    """A figure as the applicant wrote it; *unit* is None when it was written in the unit of its column."""

    text: str
    unit: str | None = None


@dataclass(frozen=True, slots=True, order=True)
class Evidence:
    """A document, with the page or the sheet and cell that shows the value. *more* are further marks (``row=…``)."""

    document: str
    page: int | None = None
    sheet: str | None = None
    cell: str | None = None
    more: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        marks = [("page", self.page), ("sheet", self.sheet), ("cell", self.cell), *self.more]
        text = "&".join(f"{name}={value}" for name, value in marks if value is not None)
        return f"{self.document}#{text}" if text else self.document


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """Relative half-width (a share), its coverage factor and what it rests on."""

    half_width: Decimal | None = None
    coverage_factor: Decimal | None = None
    basis: str | None = None


@dataclass(frozen=True, slots=True)
class Basis:
    """How far a value is confirmed: claimed, sighted, cross_checked, verified_on_site; by whom and when."""

    level: str = "claimed"
    by: str | None = None
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """A time from *start* to *end*, both included, in civil dates of the facility."""

    start: date
    end: date
    zone: str = "Asia/Shanghai"

    @property
    def days(self) -> int:
        """Number of days."""
        return (self.end - self.start).days + 1

    @property
    def months(self) -> Decimal | None:
        """Number of whole calendar months, None when start and end do not fit."""
        after = self.end + timedelta(days=1)
        if after.day != self.start.day:
            return None
        return Decimal((after.year - self.start.year) * 12 + after.month - self.start.month)

    @property
    def years(self) -> Decimal:
        """Length in years: whole months over 12, otherwise each day as a part of its calendar year."""
        if (months := self.months) is not None:
            return CONTEXT.divide(months, Decimal(12))
        total = Decimal(0)
        for year in range(self.start.year, self.end.year + 1):
            first, last = max(self.start, date(year, 1, 1)), min(self.end, date(year, 12, 31))
            length = (date(year, 12, 31) - date(year, 1, 1)).days + 1
            total = CONTEXT.add(total, CONTEXT.divide(Decimal((last - first).days + 1), Decimal(length)))
        return total

    def context(self) -> dict[str, Any]:
        """As expressions see it."""
        return {"start": self.start, "end": self.end, "years": self.years, "months": self.months,
                "days": Decimal(self.days), "time_zone": self.zone}


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One row of a table.

    *values*: by column, only what was stated; amounts in base units. *stated*: figures as written. *given*: the row as
    plain JSON, from which it can be read again. *start* and *end* are the row's own dates.
    """

    id: str
    table: str
    values: Mapping[str, Any]
    stated: Mapping[str, Stated]
    given: Mapping[str, Any]
    documents: tuple[Evidence, ...] = ()
    obtained: str | None = None
    estimate: Mapping[str, Any] | None = None
    uncertainty: Uncertainty | None = None
    basis: Basis = field(default_factory=Basis)
    start: date | None = None
    end: date | None = None
    meter: str | None = None
    part: str | None = None
    correction: bool = False
    place: Place = NOWHERE

    def get(self, column: str) -> Any:
        """The value of *column*, None where nothing was stated."""
        return self.values.get(column)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Row) and (self.table, self.id, self.given) == (other.table, other.id, other.given)

    def __hash__(self) -> int:
        return hash((self.table, self.id))


@dataclass(frozen=True, slots=True)
class Document:
    """A document: what the applicant says of it, and its hash when the file is there.

    *sha256* is the hash of the file when it was read, otherwise the one that was stated; *present* says which.
    """

    id: str
    kind: str | None = None
    title: str | None = None
    file: str | None = None
    sha256: str | None = None
    stated_sha256: str | None = None
    present: bool = False
    size: int | None = None
    issued_on: date | None = None
    covers_from: date | None = None
    covers_to: date | None = None
    valid_to: date | None = None
    issuer: str | None = None
    language: str | None = None
    place: Place = field(default=NOWHERE, compare=False)

    def covers(self, start: date, end: date) -> bool | None:
        """Whether its dates span *start* to *end*; None when it does not say what it covers."""
        if self.covers_from is None or self.covers_to is None:
            return None
        return self.covers_from <= start and end <= self.covers_to


@dataclass(frozen=True, slots=True)
class FileRead:
    """What was found of a document's file."""

    document: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class DossierTable:
    """The rows of one table. *complete*: declared so; *gaps*: why sums over it are not known (empty: they are)."""

    name: str
    rows: tuple[Row, ...]
    complete: bool
    gaps: tuple[Reason, ...]
    feel: Table

    def __len__(self) -> int:
        return len(self.rows)

    def row(self, row_id: str) -> Row | None:
        """The row with that id."""
        return next((r for r in self.rows if r.id == row_id), None)


@dataclass(frozen=True, eq=False)
class Dossier:
    """All that one applicant submits for one facility and one period. Made by :mod:`zerofactory_engine.dossier.build`.

    *sections* hold facility, organisation, boundary, base_year, plan and claim as typed values with every field of the
    schema (None where nothing was stated); *given* the same as they were written. *lenient*: references to documents
    and meters that are not there are allowed (cases of a pack).
    """

    id: str
    period: Period
    sections: Mapping[str, Mapping[str, Any]]
    given: Mapping[str, Any]
    complete: Mapping[str, tuple[Evidence, ...]]
    rows: Mapping[str, tuple[Row, ...]]
    files: Mapping[str, FileRead] = field(default_factory=dict)
    reading: tuple[Problem, ...] = ()
    lenient: bool = False

    @property
    def facility(self) -> Mapping[str, Any]:
        """The facility."""
        return self.sections["facility"]

    @property
    def organisation(self) -> Mapping[str, Any]:
        """The applicant's legal entity."""
        return self.sections["organisation"]

    @property
    def boundary(self) -> Mapping[str, Any]:
        """Organisational and reporting boundary."""
        return self.sections["boundary"]

    @property
    def base_year(self) -> Mapping[str, Any]:
        """Base year."""
        return self.sections["base_year"]

    @property
    def plan(self) -> Mapping[str, Any]:
        """Targets, projects, planned credits."""
        return self.sections["plan"]

    @property
    def claim(self) -> Mapping[str, Any]:
        """The claim that the applicant means to make."""
        return self.sections["claim"]

    @cached_property
    def _left_out(self) -> tuple[frozenset[str], frozenset[str]]:
        """Parts that the boundary leaves out, and their meters."""
        parts = [p for p in self.boundary.get("parts") or () if p.get("inside") is False]
        return frozenset(p["id"] for p in parts), frozenset(p["meter"] for p in parts if p.get("meter"))

    def is_outside(self, row: Row) -> bool:
        """Whether the boundary leaves *row* out: it belongs to a part outside, or to the meter of one.

        Such rows are evidence (of what a tenant took), but neither the inventory nor an expression counts them.
        """
        parts, meters = self._left_out
        return row.part in parts or row.meter in meters

    def leaves_out_meter(self, meter: str) -> bool:
        """Whether a part that the boundary leaves out names *meter* as its own."""
        return meter in self._left_out[1]

    @cached_property
    def tables(self) -> Mapping[str, DossierTable]:
        """Every table of the schema, also those without rows. Expressions see the rows inside the boundary."""
        return _Tables(self)

    def _table(self, name: str) -> DossierTable:
        from zerofactory_engine.dossier.series import table_gaps

        rows = self.rows.get(name, ())
        gaps = table_gaps(self, name)
        inside = [r for r in rows if not self.is_outside(r)]
        names = [c for c, column in structure.tables()[name].columns.items() if column.kind != "references"]
        feel = Table(name, [r.id for r in inside], Columns(names, inside), gaps)
        return DossierTable(name, rows, name in self.complete, gaps, feel)

    @cached_property
    def documents(self) -> Mapping[str, Document]:
        """Documents by id."""
        names = ("kind", "title", "file", "issued_on", "covers_from", "covers_to", "valid_to", "issuer", "language")
        made = {}
        for row in self.rows.get("documents", ()):
            stated = row.values.get("sha256")
            found = self.files.get(row.id)
            made[row.id] = Document(
                id=row.id, **{n: row.values.get(n) for n in names}, stated_sha256=stated,
                sha256=found.sha256 if found is not None else stated, present=found is not None,
                size=found.size if found is not None else None, place=row.place)
        return made

    @cached_property
    def checks(self) -> tuple[Problem, ...]:
        """What is wrong in substance: it loads, and becomes a finding. In the order of the tables."""
        from zerofactory_engine.dossier.checks import run_checks

        return (*self.reading, *run_checks(self))

    def row(self, table: str, row_id: str) -> Row | None:
        """The row *row_id* of *table*; of rows that share an id the first."""
        found = self._rows_by_id.get(table)
        if found is None:
            found = self._rows_by_id[table] = {r.id: r for r in reversed(self.rows.get(table, ()))}
        return found.get(row_id)

    @cached_property
    def _rows_by_id(self) -> dict[str, dict[str, Row]]:
        """Rows by id of the tables that were asked for."""
        return {}

    def scope(self, tables: Iterable[str] | None = None) -> dict[str, Any]:
        """What expressions see: tables (all, or those named) as FEEL tables, and the contexts."""
        wanted = structure.tables() if tables is None else tables
        out: dict[str, Any] = {name: self.tables[name].feel for name in wanted}
        out.update(self.sections)
        out["period"] = self.period.context()
        return out

    def figure(self, name: str, of: str = "period") -> Decimal | Unknown:
        """The single figure *name* in base units, of the ``period``, the ``base`` year or a year such as ``2023``."""
        from zerofactory_engine.dossier.figures import figure

        return figure(self, name, of)

    def canonical(self) -> dict[str, Any]:
        """The whole dossier as plain JSON values; reading it gives an equal dossier, and its hash is the pin."""
        out: dict[str, Any] = {"format": FORMAT, **self.given}
        if self.complete:
            out["complete"] = [
                {"table": n, "documents": [str(e) for e in d]} if d else n for n, d in sorted(self.complete.items())]
        out.update({name: [dict(row.given) for row in rows] for name, rows in self.rows.items() if rows})
        reading: dict[str, Any] = {}
        if self.files:
            reading["files"] = [{"document": f.document, "sha256": f.sha256, "bytes": str(f.size)}
                                for f in sorted(self.files.values(), key=lambda f: f.document)]
        if self.reading:
            reading["findings"] = [p.as_json() for p in self.reading]
        if reading:
            out["reading"] = reading
        return out

    @cached_property
    def sha256(self) -> str:
        """Hash of the canonical form."""
        return content_hash(self.canonical())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Dossier) and self.canonical() == other.canonical()

    def __hash__(self) -> int:
        return hash(self.sha256)

    # -- pure changes -------------------------------------------------------------------------------------------

    def with_rows(self, table: str, rows: Iterable[Mapping[str, Any]]) -> Dossier:
        """This dossier with further *rows*: cells as text, as the applicant would write them, or as values.

        A Decimal is in the base unit of its column. A row without ``id`` gets one that is free. Raises
        :class:`ProblemsError` for cells that cannot be read.
        """
        from zerofactory_engine.dossier.build import new_rows

        made = new_rows(self, table, rows)
        return replace(self, rows={**self.rows, table: (*self.rows.get(table, ()), *made)})

    def without_rows(self, table: str, ids: Iterable[str]) -> Dossier:
        """This dossier without some rows."""
        gone = frozenset(ids)
        return replace(self, rows={**self.rows, table: tuple(r for r in self.rows.get(table, ()) if r.id not in gone)})

    def without_table(self, table: str) -> Dossier:
        """This dossier without the rows of *table* and without its declaration as complete."""
        return replace(self, rows={n: r for n, r in self.rows.items() if n != table},
                       complete={n: d for n, d in self.complete.items() if n != table})

    def without_documents(self, ids: Iterable[str]) -> Dossier:
        """This dossier without some documents and without the references to them."""
        from zerofactory_engine.dossier.build import drop_documents

        return drop_documents(self, frozenset(ids))

    def replace_cell(self, table: str, row_id: str, column: str, value: Any) -> Dossier:
        """This dossier with one cell replaced; None empties it. Text is read as the applicant would write it."""
        from zerofactory_engine.dossier.build import changed_row

        rows = tuple(changed_row(self, r, column, value) if r.id == row_id else r for r in self.rows.get(table, ()))
        return replace(self, rows={**self.rows, table: rows})

    def declared_complete(self, table: str, complete: bool = True) -> Dossier:
        """This dossier with *table* declared complete, or not."""
        rest = {n: d for n, d in self.complete.items() if n != table}
        return replace(self, complete={**rest, table: self.complete.get(table, ())} if complete else rest)


class _Tables(Mapping[str, DossierTable]):
    """The tables of a dossier, each made when first asked for: a changed dossier pays only for what is looked at."""

    def __init__(self, dossier: Dossier) -> None:
        self._dossier = dossier
        self._made: dict[str, DossierTable] = {}

    def __getitem__(self, name: str) -> DossierTable:
        found = self._made.get(name)
        if found is None:
            if name not in structure.tables():
                raise KeyError(name)
            found = self._made.setdefault(name, self._dossier._table(name))
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(structure.tables())

    def __len__(self) -> int:
        return len(structure.tables())
