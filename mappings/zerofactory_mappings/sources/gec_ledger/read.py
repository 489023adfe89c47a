"""Find the certificates in a workbook or CSV file and read each row below their header."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias

from zerofactory_mappings.sources.certificate_tables.tables import (
    Cells,
    Found,
    Sheets,
    Units,
    read_sheets,
    tables_of,
)
from zerofactory_mappings.sources.gec_ledger.amounts import certificates_in
from zerofactory_mappings.sources.gec_ledger.layout import layout
from zerofactory_mappings.sources.gec_ledger.record import Certificate, read_record

if TYPE_CHECKING:
    from zerofactory_mappings.sources.sheets.grid import Grid

#: A file of certificates.
Ledger: TypeAlias = Sheets[Certificate]
#: Columns of the figure that rows of sums add up.
_MAIN = ("quantity", "energy")


def read_ledger(data: bytes, file: str) -> Ledger:
    """Every row below the header of every certificate table of the file.

    Raises:
        ProblemsError: it cannot be read, or has no such table.
    """
    from zerofactory_mappings.sources.sheets.grid import read_grids

    grids = read_grids(data, file)
    return read_sheets(grids, find_tables(grids), file, "gec.no-table", read_record, _MAIN, total)


def find_tables(grids: Sequence[Grid]) -> list[Found]:
    """The tables of certificates: a quantity or codes, and a project or codes."""
    found = tables_of(grids, layout().columns, layout().pieces)
    return [f for f in found if {"quantity", "energy", "codes", "first"} & set(f.table.columns)
            and {"project", "codes", "first"} & set(f.table.columns)]


def total(cells: Cells, units: Units) -> Decimal | None:
    """Certificates that a row of sums states; None when it states none.

    Raises:
        Refused: its figure cannot be read.
    """
    found = (certificates_in(cells[n], units.get(n, ""), n) for n in _MAIN if n in cells)
    return next((value for value in found if value is not None), None)
