"""Find the table in a workbook or CSV file and read each row below its header: a record, refused, or no record."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_mappings.sources.gec_ledger.amounts import certificates_in
from zerofactory_mappings.sources.gec_ledger.findings import Refused, clean
from zerofactory_mappings.sources.gec_ledger.layout import layout
from zerofactory_mappings.sources.gec_ledger.record import Certificate, read_record

if TYPE_CHECKING:
    from zerofactory_mappings.sources.sheets.grid import Grid, GridCell
    from zerofactory_mappings.sources.sheets.headers import Table, TableRow

R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)


class Reader(Protocol[R_co]):
    """Makes a record of a row: its id, place, reference, cells by column and units by column; raises Refused."""

    def __call__(self, row: str, place: Place, reference: str, cells: Mapping[str, GridCell], units: Mapping[str, str]
                 ) -> R_co:
        """The record of one row."""


@dataclass(frozen=True, slots=True)
class Line(Generic[R]):
    """One row below a header. *what*: record, refused, total, header, note; *total*: the main figure of a total row."""

    id: str
    path: str
    sheet: str
    place: Place
    what: str
    record: R | None = None
    reason: str = ""
    args: Mapping[str, str] = field(default_factory=dict)
    total: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Sheets(Generic[R]):
    """All rows of the tables of a file, and the columns that nobody knows."""

    file: str
    lines: tuple[Line[R], ...]
    unknown: tuple[tuple[Place, str], ...] = ()


#: A file of certificates.
Ledger = Sheets[Certificate]


@dataclass(frozen=True, slots=True)
class Found:
    """A table that was found: its sheet (None in a CSV file), the number of the sheet, and the kit's table."""

    sheet: str | None
    number: int
    grid: Grid
    table: Table


#: What a row of a kind is called here.
_WHAT = {"data": "record", "subtotal": "total", "header": "header", "note": "note"}


def tables_of(data: bytes, file: str, columns: Mapping[str, tuple[str, ...]], units: frozenset[str] = frozenset()
              ) -> list[Found]:
    """The table of each sheet that has the most *columns* (name → titles); sheets without any are left out.

    *units*: texts beside units of measure that a row of units may hold.

    Raises:
        ProblemsError: the file is neither a workbook nor a table of text.
    """
    from zerofactory_mappings.sources.sheets.grid import read_grids
    from zerofactory_mappings.sources.sheets.headers import Field, find_table

    fields = tuple(Field(name, titles, dict.fromkeys(units, "")) for name, titles in columns.items())
    found = ((grid, find_table(grid, fields, at_least=3)) for grid in read_grids(data, file))
    return [Found(grid.sheet, grid.index, grid, table) for grid, table in found if table is not None]


def read_sheets(found: Sequence[Found], file: str, missing: str, reader: Reader[R], main: Sequence[str]) -> Sheets[R]:
    """All rows of the tables *found*, each through *reader*; *main*: columns of the figure that total rows add up.

    Raises:
        ProblemsError: there is no table (code *missing*).
    """
    if not found:
        raise ProblemsError([Problem(missing, Place(file=file))])
    lines: list[Line[R]] = []
    unknown: list[tuple[Place, str]] = []
    for each in found:
        units = {name: column.unit_text for name, column in each.table.columns.items()}
        prefix = f"S{each.number}" if len(found) > 1 else ""
        lines += [_line(row, each, prefix, file, reader, units, main) for row in each.table.rows if row.kind in _WHAT]
        unknown += [(each.grid.place(file, cell), clean(cell.text))
                    for cell in (*each.table.unknown, *each.table.twice)]
    return Sheets(file, tuple(lines), tuple(unknown))


def _line(row: TableRow, found: Found, prefix: str, file: str, reader: Reader[R], units: Mapping[str, str],
          main: Sequence[str]) -> Line[R]:
    name = f"{prefix}R{row.number}"
    sheet = found.sheet or ""
    path = f"{sheet or 'row'}/{row.number}"
    at = next((row.cells[n] for n in main if n in row.cells), next(iter((*row.cells.values(), *row.others)), None))
    place = found.grid.place(file, at, row.number)
    line: Line[R] = Line(name, path, sheet, place, "note" if _remark(row, main) else _WHAT[row.kind])
    if line.what == "total":
        return replace(line, total=_total(row.cells, units, main))
    if line.what != "record":
        return line
    try:
        return replace(line, record=reader(name, place, reference(place, row.number), row.cells, units))
    except Refused as refused:
        return replace(line, what="refused", reason=refused.reason, args=refused.told)


def _remark(row: TableRow, main: Sequence[str]) -> bool:
    """Whether a row says one or two things and no figure, which no record does: a remark that no word marks as one."""
    said = {c.origin or (c.row, c.column) for c in (*row.cells.values(), *row.others)}
    return row.kind == "data" and (len(said) < 2 or (len(said) < 3 and not any(n in row.cells for n in main)))


def reference(place: Place, row: int) -> str:
    """The place of a row as dossiers refer to it: ``D1#sheet=…&cell=B7`` of a workbook, ``D1#row=7`` of a CSV file."""
    if place.sheet is None:
        return f"D1#row={row}"
    sheet = re.sub(r"[&;#]", "_", place.sheet)[:80]
    return f"D1#sheet={sheet}" + (f"&cell={place.cell}" if place.cell else "")


def _total(cells: Mapping[str, GridCell], units: Mapping[str, str], main: Sequence[str]) -> Decimal | None:
    """The figure of a total row, in certificates or MWh; None when it states none that can be compared."""
    for name in main:
        try:
            value = certificates_in(cells[name], units.get(name, ""), name) if name in cells else None
        except Refused:
            return None
        if value is not None:
            return value
    return None


def read_ledger(data: bytes, file: str) -> Ledger:
    """Every row below the header of every certificate table of the file.

    Raises:
        ProblemsError: it cannot be read, or has no such table.
    """
    return read_sheets(find_tables(data, file), file, "gec.no-table", read_record, ("quantity", "energy"))


def find_tables(data: bytes, file: str) -> list[Found]:
    """The tables of certificates of the file: a quantity or codes, and a project or codes.

    Raises:
        ProblemsError: the file is neither a workbook nor a table of text.
    """
    found = tables_of(data, file, layout().columns, layout().pieces)
    return [f for f in found if {"quantity", "energy", "codes", "first"} & set(f.table.columns)
            and {"project", "codes", "first"} & set(f.table.columns) and len(f.table.columns) >= 3]
