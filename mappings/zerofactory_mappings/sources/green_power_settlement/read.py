"""Find the settlements in a workbook or CSV file and read each row below their header."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from zerofactory_engine.accounting.classification import plain_tree
from zerofactory_engine.yaml_text import read_yaml
from zerofactory_mappings.sources.gec_ledger.read import Found, Sheets, read_sheets, tables_of
from zerofactory_mappings.sources.green_power_settlement.record import Settlement, read_record


@cache
def columns() -> Mapping[str, tuple[str, ...]]:
    """Columns by their titles (``columns.yaml``)."""
    path = Path(__file__).with_name("columns.yaml")
    data = plain_tree(read_yaml(path.read_bytes(), path.name))
    return {name: tuple(titles) for name, titles in data["columns"].items()}


def find_tables(data: bytes, file: str) -> list[Found]:
    """The tables of the file that have a contract and a settled electricity.

    Raises:
        ProblemsError: the file is neither a workbook nor a table of text.
    """
    return [f for f in tables_of(data, file, columns()) if {"contract", "settled"} <= set(f.table.columns)]


def read_settlement(data: bytes, file: str) -> Sheets[Settlement]:
    """Every row below the header of every settlement of the file.

    Raises:
        ProblemsError: it cannot be read, or has no such table.
    """
    return read_sheets(find_tables(data, file), file, "green-power.no-table", read_record, ("settled",))
