"""The official examples with other figures: every number that somebody typed, changed by a few per cent."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import openpyxl
from openpyxl.workbook import Workbook

#: Sheets with figures of the calculation, and groups of them that are changed alone.
SHEETS = ("B_EmInst", "C_Emissions&Energy", "D_Processes", "E_PurchPrec", "F_Tools")
GROUPS: dict[str, tuple[str, ...]] = {"all": SHEETS, "sources": ("B_EmInst", "C_Emissions&Energy"),
                                      "processes": ("D_Processes",), "precursors": ("E_PurchPrec", "F_Tools")}


def example(data: Path, name: str) -> Path:
    """The file of an official example."""
    return data / f"cbam/examples/ec_example_{name}.xlsx"


def opened(path: Path) -> Workbook:
    """A workbook with its formulas."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return openpyxl.load_workbook(path)


def saved(book: Workbook) -> bytes:
    """A workbook as bytes; openpyxl keeps no result of a formula."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def typed(book: Workbook, sheets: tuple[str, ...]) -> Iterator[tuple[str, str, float]]:
    """Every number in an unlocked cell."""
    for sheet in sheets:
        for row in book[sheet].iter_rows():
            for cell in row:
                if cell.data_type == "n" and isinstance(cell.value, (int, float)) and not cell.protection.locked:
                    yield sheet, cell.coordinate, float(cell.value)


def perturbed(path: Path, group: str, round_: int = 0) -> tuple[bytes, int]:
    """The example with the numbers of a group changed by -4 to +4 per cent, and how many were changed."""
    book = opened(path)
    count = 0
    for number, (sheet, cell, value) in enumerate(list(typed(book, GROUPS[group]))):
        share = Decimal((number * 37 + round_ * 11) % 81 - 40) / 1000
        book[sheet][cell] = float(Decimal(repr(value)) * (1 + share))
        count += bool(value and share)
    return saved(book), count
