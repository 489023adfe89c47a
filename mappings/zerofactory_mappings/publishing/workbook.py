"""Workbooks that people can trust: no text is ever a formula, exact figures stay exact, same input same bytes.

A text that begins with ``=``, ``+``, ``-``, ``@`` or a control character is a text here and stays one when the cell is
edited or exported to CSV: it is written as a string cell with the quote prefix. A figure is written as a number only if
the sheet's double gives the very same decimal back; otherwise as text, so that nothing is rounded silently.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from itertools import chain
from typing import Any, TypeAlias

from zerofactory_engine.decimals import DOSSIER_DIGITS, plain, significant_digits
from zerofactory_engine.problems import Place, Problem, ProblemsError


@dataclass(frozen=True, slots=True)
class Formula:
    """A live formula (``=SUM(B3:B9)``) and the *value* that it gives by our own exact computation, shown until a
    program recalculates. Formulas are written by this project alone; no text of an input ever becomes one."""

    expression: str
    value: Decimal | str | None = None


Cell: TypeAlias = str | Decimal | int | bool | date | Formula | None

#: Limits of a worksheet, and ours below them.
MAX_ROWS = 1_000_000
MAX_TEXT = 32_000
#: Rows from which on a workbook is written row by row instead of being held as a whole.
LARGE = 20_000
_NAME = re.compile(r"[\[\]:*?/\\]")
_ACTIVE = re.compile(r"[=+\-@\t\r\n|%]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: *name* (at most 31 characters), *title* above it, *head*, *rows*, column *widths* in characters.

    *plain*: without a filter over the head, for sheets that are read from top to bottom. *totals*: numbers of rows
    that are set bold.
    """

    name: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    title: str = ""
    widths: Sequence[int] = ()
    notes: Sequence[str] = ()
    plain: bool = False
    totals: Sequence[int] = ()

    @property
    def first_row(self) -> int:
        """The sheet's row (counted from 1) of the first of *rows*, for formulas that point there."""
        return (1 if self.title else 0) + len(self.notes) + 2


def write_workbook(sheets: Sequence[Sheet], *, issued: date, title: str, author: str = "zerofactory") -> bytes:
    """An XLSX file of *sheets*; *issued* fixes every date in it.

    Raises:
        ProblemsError: ``report.sheet-name``, ``report.sheet-too-large``, ``report.cell-too-long``, all of them.
    """
    import xlsxwriter

    _check(sheets)
    out = io.BytesIO()
    large = sum(len(s.rows) for s in sheets) > LARGE
    book = xlsxwriter.Workbook(out, {
        "in_memory": not large, "constant_memory": large, "strings_to_formulas": False, "strings_to_urls": False,
        "strings_to_numbers": False, "nan_inf_to_errors": False, "default_date_format": "yyyy-mm-dd"})
    book.set_properties({"title": title, "author": author, "created": datetime.combine(issued, time(), UTC)})
    looks = _looks(book)
    for sheet in sheets:
        _write(book.add_worksheet(sheet.name), sheet, looks)
    book.close()
    return _fixed_dates(out.getvalue(), issued)


def _looks(book: Any) -> dict[str, Any]:
    text = {"text_wrap": True, "valign": "top"}
    return {
        "title": book.add_format({"bold": True, "font_size": 14, "font_color": "#1f3a5f"}),
        "head": book.add_format({"bold": True, "bottom": 1, "bg_color": "#eef1f4", **text}),
        "note": book.add_format({"font_color": "#55626d"}),
        "body": _cell_looks(book, {}), "total": _cell_looks(book, {"bold": True, "top": 1}),
    }


def _cell_looks(book: Any, more: dict[str, Any]) -> dict[str, Any]:
    text = {"text_wrap": True, "valign": "top", **more}
    return {"text": book.add_format(text), "quoted": book.add_format({**text, "quote_prefix": True}),
            "number": book.add_format({"valign": "top", "num_format": "#,##0.##########", **more}),
            "date": book.add_format({"valign": "top", "num_format": "yyyy-mm-dd", **more})}


def _write(page: Any, sheet: Sheet, looks: dict[str, Any]) -> None:
    row = 0
    if sheet.title:
        page.write_string(row, 0, sheet.title, looks["title"])
        row += 1
    for note in sheet.notes:
        page.write_string(row, 0, note, looks["note"])
        row += 1
    for column, text in enumerate(sheet.head):
        page.write_string(row, column, text, looks["head"])
    page.freeze_panes(row + 1, 1)
    if sheet.rows and not sheet.plain:
        page.autofilter(row, 0, row + len(sheet.rows), len(sheet.head) - 1)
    for column, width in enumerate(sheet.widths):
        page.set_column(column, column, width)
    totals = frozenset(sheet.totals)
    for number, cells in enumerate(sheet.rows):
        row += 1
        look = looks["total"] if number in totals else looks["body"]
        for column, value in enumerate(cells):
            _write_cell(page, row, column, value, look)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)


def _write_cell(page: Any, row: int, column: int, value: Cell, looks: dict[str, Any]) -> None:
    if value is None:
        page.write_blank(row, column, None, looks["text"])
    elif isinstance(value, Formula):
        stated = value.value
        page.write_formula(row, column, value.expression, looks["number"],
                           "" if stated is None else float(stated) if isinstance(stated, Decimal) else stated)
    elif isinstance(value, bool):
        page.write_boolean(row, column, value, looks["text"])
    elif isinstance(value, date):
        page.write_datetime(row, column, datetime.combine(value, time()), looks["date"])
    elif isinstance(value, (Decimal, int)):
        number = Decimal(value)
        if fits_a_double(number):
            page.write_number(row, column, float(number), looks["number"])
        else:
            page.write_string(row, column, plain(number), looks["text"])
    else:
        active = bool(value) and _ACTIVE.match(value) is not None
        page.write_string(row, column, value, looks["quoted" if active else "text"])


def fits_a_double(value: Decimal) -> bool:
    """Whether a sheet's double gives *value* back as its shortest decimal."""
    bounded = significant_digits(value) <= DOSSIER_DIGITS and abs(value.adjusted()) < 100
    return bounded and Decimal(repr(float(value))) == value


def _check(sheets: Sequence[Sheet]) -> None:
    problems = []
    seen: set[str] = set()
    for sheet in sheets:
        place = Place(sheet=sheet.name)
        if not 0 < len(sheet.name) <= 31 or _NAME.search(sheet.name) or sheet.name.casefold() in seen:
            problems.append(Problem("report.sheet-name", place, found=sheet.name, accepted="1–31, no []:*?/\\"))
        seen.add(sheet.name.casefold())
        if len(sheet.rows) > MAX_ROWS:
            problems.append(Problem("report.sheet-too-large", place, found=str(len(sheet.rows)),
                                    accepted=f"≤ {MAX_ROWS}"))
        problems += [Problem("report.cell-too-long", place, found=f"{text[:40]!r}", accepted=f"≤ {MAX_TEXT}")
                     for cells in chain(([sheet.title], sheet.notes, sheet.head), sheet.rows) for text in cells
                     if isinstance(text, str) and (len(text) > MAX_TEXT or _CONTROL.search(text))]
    if not sheets:
        problems.append(Problem("report.sheet-name", found="0"))
    if problems:
        raise ProblemsError(problems)


def _fixed_dates(data: bytes, issued: date) -> bytes:
    """The same file with every date inside the archive fixed."""
    out = io.BytesIO()
    stamp = (max(issued.year, 1980), issued.month, issued.day, 0, 0, 0)
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for info in source.infolist():
            entry = zipfile.ZipInfo(info.filename, stamp)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            target.writestr(entry, source.read(info))
    return out.getvalue()
