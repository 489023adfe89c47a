"""Find the settlements in a workbook or CSV file and read each row below their header."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from zerofactory_engine.accounting.classification import plain_tree
from zerofactory_engine.yaml_text import read_yaml
from zerofactory_mappings.sources.certificate_tables.tables import Found, Sheets, read_sheets, tables_of
from zerofactory_mappings.sources.green_power_settlement.record import Settlement, energy, read_record

if TYPE_CHECKING:
    from zerofactory_mappings.sources.sheets.grid import Grid


@cache
def columns() -> Mapping[str, tuple[str, ...]]:
    """Columns by their titles (``columns.yaml``)."""
    path = Path(__file__).with_name("columns.yaml")
    data = plain_tree(read_yaml(path.read_bytes(), path.name))
    return {name: tuple(titles) for name, titles in data["columns"].items()}


def find_tables(grids: Sequence[Grid]) -> list[Found]:
    """The tables that have a contract and a settled electricity."""
    return [f for f in tables_of(grids, columns()) if {"contract", "settled"} <= set(f.table.columns)]


def read_settlement(data: bytes, file: str) -> Sheets[Settlement]:
    """Every row below the header of every settlement of the file.

    Raises:
        ProblemsError: it cannot be read, or has no such table.
    """
    from zerofactory_mappings.sources.sheets.grid import read_grids

    grids = read_grids(data, file)
    return read_sheets(grids, find_tables(grids), file, "green-power.no-table", read_record, ("settled",),
                       lambda cells, units: energy(cells, units, "settled"))
