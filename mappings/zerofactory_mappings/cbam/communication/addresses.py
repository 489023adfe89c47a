"""Cell addresses: ``L16`` ↔ column 12, row 16. Columns and rows count from 1, as in the workbook's own limits."""

from __future__ import annotations

import re
from functools import lru_cache

#: Columns and rows that a workbook can have.
LAST_COLUMN, LAST_ROW = 16_384, 1_048_576

_CELL = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})", re.ASCII)


@lru_cache(maxsize=4096)
def column_number(letters: str) -> int:
    """``A`` → 1, ``AA`` → 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


@lru_cache(maxsize=4096)
def column_letters(number: int) -> str:
    """1 → ``A``, 27 → ``AA``."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def cell_name(column: int, row: int) -> str:
    """The address of a cell."""
    return f"{column_letters(column)}{row}"


def split_cell(name: str) -> tuple[int, int] | None:
    """Column and row of an address such as ``L16``; None when it is none or lies outside a workbook."""
    match = _CELL.fullmatch(name)
    if match is None:
        return None
    column, row = column_number(match[1]), int(match[2])
    return (column, row) if column <= LAST_COLUMN and row <= LAST_ROW else None


def shifted(name: str, rows: int) -> str:
    """The address *rows* further down."""
    at = split_cell(name)
    assert at is not None, name
    return cell_name(at[0], at[1] + rows)


def run(cells: str) -> tuple[str, ...]:
    """The cells of a run in one row or one column (``L16:L23``), or of one cell."""
    first, _, last = cells.partition(":")
    start, end = split_cell(first), split_cell(last or first)
    assert start is not None, cells
    assert end is not None, cells
    return tuple(cell_name(c, r) for r in range(start[1], end[1] + 1) for c in range(start[0], end[0] + 1))
