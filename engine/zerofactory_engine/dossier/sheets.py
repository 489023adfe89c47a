"""Cells of a workbook or a CSV file, read as text and exact numbers: formulas by their last computed value.

A number is the shortest decimal that gives back the stored double, which is what the person saw and typed.
"""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Any, Protocol

from zerofactory_engine.decimals import parse_decimal, plain
from zerofactory_engine.dossier.zips import DAMAGED, WORKBOOK, member_bytes, open_zip
from zerofactory_engine.problems import Place, Problem, ProblemsError

#: Most rows and columns of a sheet, and characters of a cell, that are read.
ROWS = 100_000
COLUMNS = 250
_CELLS = 400_000


@dataclass(frozen=True, slots=True)
class CellText:
    """One cell: its text, its number if it is one, and where it stands.

    *formula*: it holds a formula that was never computed. *error*: it shows an error such as ``#REF!``. *percent*: it
    is shown as a percentage, so its number is a share.
    """

    text: str
    sheet: str
    ref: str
    number: Decimal | None = None
    formula: bool = False
    error: bool = False
    percent: bool = False


class Sheets(Protocol):
    """A file with cells."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the sheets."""

    def cell(self, sheet: str | None, ref: str) -> CellText | None:
        """The cell *ref* of *sheet* (the only or first one without a name); None when there is none."""


def column_letter(index: int) -> str:
    """``A`` for 0, ``AA`` for 26."""
    text = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(65 + rest) + text
    return text


def sheets_of(data: bytes, name: str) -> Sheets | None:
    """The cells of a workbook or CSV file; None for a file of another kind."""
    suffix = PurePosixPath(name).suffix.lower()
    if suffix == ".xlsx":
        return Workbook(data, name)
    if suffix == ".csv":
        return _Csv(data)
    return None


class Workbook:
    """An .xlsx file of a stranger, row by row."""

    def __init__(self, data: bytes, name: str) -> None:
        self.name = name
        _refuse_doctypes(data, name)
        self._values = _load(data, name, values=True)
        self._formulas = _load(data, name, values=False)
        self._read: dict[str, dict[str, CellText]] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the worksheets."""
        return tuple(s.title for s in self._values.worksheets)

    def cell(self, sheet: str | None, ref: str) -> CellText | None:
        """The cell; an empty one is text without number."""
        wanted = sheet if sheet is not None else (self.names[0] if self.names else "")
        if wanted not in self.names:
            return None
        if wanted not in self._read:
            self._read[wanted] = {c.ref: c for row in self.rows(wanted) for c in row}
        return self._read[wanted].get(ref, CellText("", wanted, ref))

    def rows(self, sheet: str) -> Iterator[list[CellText]]:
        """The rows of *sheet* with their filled cells; empty rows are left out."""
        values, formulas = self._values[sheet], self._formulas[sheet]
        for each in (values, formulas):
            each.reset_dimensions()
        total = 0
        try:
            for shown, written in zip(values.iter_rows(max_row=ROWS, max_col=COLUMNS),
                                      formulas.iter_rows(max_row=ROWS, max_col=COLUMNS), strict=False):
                row = [c for s, w in zip(shown, written, strict=False) if (c := _cell(s, w, sheet)) is not None]
                total += len(row)
                if total > _CELLS:
                    raise ProblemsError([Problem("workbook.too-large", Place(file=self.name, sheet=sheet),
                                                 accepted=f"{_CELLS:,}")])
                if row:
                    yield row
        except ProblemsError:
            raise
        except (*DAMAGED, KeyError, TypeError, AttributeError, IndexError, SyntaxError) as error:
            raise ProblemsError([Problem("workbook.damaged", Place(file=self.name, sheet=sheet),
                                         found=type(error).__name__)]) from None


def _load(data: bytes, name: str, values: bool) -> Any:
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")            # extensions that openpyxl does not keep are of no use here
            return load_workbook(io.BytesIO(data), read_only=True, data_only=values, keep_links=False)
    except Exception as error:  # whatever a damaged workbook makes of the library
        raise ProblemsError([Problem("workbook.damaged", Place(file=name), found=type(error).__name__)]) from None


def _refuse_doctypes(data: bytes, name: str) -> None:
    """Office files hold no document types; one that does wants to expand entities or reach outside."""
    with open_zip(data, name, WORKBOOK) as opened:
        for info in opened.infolist():
            if info.filename.lower().endswith((".xml", ".rels", ".vml")):
                head = member_bytes(opened, info, name)
                if b"<!DOCTYPE" in head or b"<!ENTITY" in head or head[:2] in (b"\xff\xfe", b"\xfe\xff"):
                    raise ProblemsError([Problem("workbook.doctype", Place(file=name, path=info.filename))])


def _cell(shown: Any, written: Any, sheet: str) -> CellText | None:
    raw = shown.value
    formula = written.data_type == "f"
    if raw is None:
        if not formula:
            return None
        return CellText("", sheet, written.coordinate, formula=True)
    ref = shown.coordinate
    if shown.data_type == "e":
        return CellText(str(raw), sheet, ref, error=True)
    if isinstance(raw, bool):
        return CellText("true" if raw else "false", sheet, ref)
    if isinstance(raw, (int, float)):
        number = Decimal(raw) if isinstance(raw, int) else Decimal(repr(raw))
        if not number.is_finite():
            return CellText(str(raw), sheet, ref, error=True)
        percent = "%" in (shown.number_format or "")
        return CellText(plain(number), sheet, ref, number=number, percent=percent)
    if isinstance(raw, datetime):
        whole = raw.time() == time(0)
        return CellText(raw.date().isoformat() if whole else raw.isoformat(sep=" "), sheet, ref)
    if isinstance(raw, date):
        return CellText(raw.isoformat(), sheet, ref)
    text = str(raw).strip()
    return CellText(text, sheet, ref, number=parse_decimal(text)) if text else None


class _Csv:
    """A CSV file as one sheet; UTF-8, else GB 18030, which Chinese offices export."""

    names = ("",)

    def __init__(self, data: bytes) -> None:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("gb18030", errors="replace")
        self._rows: list[list[str]] = []
        try:
            for row in csv.reader(io.StringIO(text)):
                self._rows.append(row[:COLUMNS])
                if len(self._rows) >= ROWS:
                    break
        except csv.Error:
            pass                                       # what was read up to here stays

    def cell(self, sheet: str | None, ref: str) -> CellText | None:
        """The cell; None outside the file."""
        letters = ref.rstrip("0123456789")
        column = 0
        for letter in letters:
            column = column * 26 + ord(letter) - 64
        row = int(ref[len(letters):]) - 1
        if row >= len(self._rows) or column > len(self._rows[row]):
            return None
        text = self._rows[row][column - 1].strip()
        return CellText(text, "", ref, number=parse_decimal(text.replace(",", "")))
