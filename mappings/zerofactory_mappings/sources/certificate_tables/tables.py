"""Find the table of each sheet and read each row below its header: a record, refused, a row of sums, or no record.

Every sheet of the file is opened in the account (:class:`~zerofactory_mappings.sources.sheets.account.Ledger`), so that
rows of which nobody says anything are listed as not understood.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from zerofactory_engine.problems import Place, Problem, ProblemsError, Severity
from zerofactory_mappings.sources.certificate_tables.findings import Refused, clean

if TYPE_CHECKING:
    from zerofactory_mappings.sources.sheets.grid import Grid, GridCell
    from zerofactory_mappings.sources.sheets.headers import Table, TableRow

R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)

#: The document that rows refer to.
DOCUMENT = "D1"

Cells = Mapping[str, "GridCell"]
Units = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a row stands: its *id* in the dossier, its *place*, and the cell of its main figure (else its first)."""

    id: str
    place: Place
    grid: Grid = field(repr=False, compare=False)
    cell: GridCell

    @property
    def path(self) -> str:
        """The cell as a report names it: ``2025/F7``; of a CSV file ``F7``."""
        return self.cell.ref if self.grid.sheet is None else f"{self.grid.sheet}/{self.cell.ref}"

    def references(self, amount: Decimal) -> list[str]:
        """The cell as a dossier refers to it; where *amount* is not what stands there, as what it was derived from."""
        from zerofactory_mappings.sources.sheets.text import number_of
        from zerofactory_mappings.sources.sheets.write import derived, evidence

        if number_of(self.cell) == amount:
            return evidence(DOCUMENT, self.grid, self.cell)
        return derived(DOCUMENT, self.grid, self.cell)


class Reader(Protocol[R_co]):
    """Makes a record of a row: where it stands, cells by column and units by column; raises Refused."""

    def __call__(self, source: Source, cells: Cells, units: Units) -> R_co:
        """The record of one row."""


@dataclass(frozen=True, slots=True)
class Line(Generic[R]):
    """One row below a header: its *record*, or the *reason* why it is refused. *sums*: it adds up other rows, *total*
    is the main figure that it states."""

    number: int
    source: Source
    record: R | None = None
    reason: str = ""
    args: Mapping[str, str] = field(default_factory=dict)
    sums: bool = False
    total: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A table that was found."""

    grid: Grid
    table: Table


@dataclass(frozen=True, slots=True)
class Sheets(Generic[R]):
    """All sheets of a file, the tables that were found there, their rows that say something, and what is known of the
    columns that are not read."""

    file: str
    grids: tuple[Grid, ...]
    found: tuple[Found, ...]
    lines: tuple[Line[R], ...]
    notes: tuple[Problem, ...] = ()


def tables_of(grids: Sequence[Grid], columns: Mapping[str, tuple[str, ...]], units: frozenset[str] = frozenset()
              ) -> list[Found]:
    """The table of each sheet that has the most *columns* (name → titles); sheets without any are left out.

    *units*: texts beside units of measure that a row of units may hold.
    """
    from zerofactory_mappings.sources.sheets.headers import Field, find_table

    fields = tuple(Field(name, titles, dict.fromkeys(units, "")) for name, titles in columns.items())
    found = ((grid, find_table(grid, fields, at_least=3)) for grid in grids)
    return [Found(grid, table) for grid, table in found if table is not None]


def read_sheets(grids: Sequence[Grid], found: Sequence[Found], file: str, missing: str, reader: Reader[R],
                main: Sequence[str], total: Callable[[Cells, Units], Decimal | None]) -> Sheets[R]:
    """All rows of the tables *found*, each through *reader*; *main*: columns of the figure that *total* takes of rows
    of sums.

    Raises:
        ProblemsError: there is no table (code *missing*).
    """
    if not found:
        raise ProblemsError([Problem(missing, Place(file=file))])
    lines: list[Line[R]] = []
    notes: list[Problem] = []
    for each in found:
        units = {name: column.unit_text for name, column in each.table.columns.items()}
        prefix = f"S{each.grid.index}" if len(found) > 1 else ""
        for row in each.table.rows:
            if row.kind in ("data", "subtotal") and not _remark(row, main):
                lines.append(_line(row, each.grid, prefix, file, reader, units, main, total))
        for code, cells in (("sheets.unknown-column", each.table.unknown), ("sheets.column-twice", each.table.twice)):
            notes += [Problem(code, each.grid.place(file, cell), Severity.NOTE, found=clean(cell.text) or None)
                      for cell in cells]
    return Sheets(file, tuple(grids), tuple(found), tuple(lines), tuple(notes))


def _line(row: TableRow, grid: Grid, prefix: str, file: str, reader: Reader[R], units: Units, main: Sequence[str],
          total: Callable[[Cells, Units], Decimal | None]) -> Line[R]:
    at = next((row.cells[n] for n in main if n in row.cells), None) or next(iter((*row.cells.values(), *row.others)))
    source = Source(f"{prefix}R{row.number}", grid.place(file, at), grid, at)
    if row.kind == "subtotal":
        try:
            return Line(row.number, source, sums=True, total=total(row.cells, units))
        except Refused:
            return Line(row.number, source, sums=True)
    try:
        return Line(row.number, source, reader(source, row.cells, units))
    except Refused as refused:
        return Line(row.number, source, reason=refused.reason, args=refused.told)


def _remark(row: TableRow, main: Sequence[str]) -> bool:
    """Whether a row says one or two things and no figure, which no record does: a remark that no word marks as one."""
    said = {c.origin or (c.row, c.column) for c in (*row.cells.values(), *row.others)}
    return row.kind == "data" and (len(said) < 2 or (len(said) < 3 and not any(n in row.cells for n in main)))
