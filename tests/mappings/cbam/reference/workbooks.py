"""Workbooks like those of the Commission, made from plain rows with the dirt that such workbooks have.

Independent of the reader: it only knows how the sheets look. The dirt is chosen by counters, so it is the same each time.
"""

from __future__ import annotations

import csv
import io
import itertools
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

Row = Mapping[str, str]
NBSP = "\u00a0"
HEADERS: Sequence[Sequence[str]] = (
    ("Product CN Code", "Description", "Default Value (direct emissions)", "Default Value (indirect emissions)",
     "Default Value (total emissions)", "2026 Default Value (Including mark-up)", "2027 Default Value (Including mark-up)",
     "2028 and onwards Default Value (Including mark-up)", "Underlying production route determining CBAM BM"),
    ("CN code", "Description", "Default value\n(Direct emissions)", "Default Value (Indirect emissions)",
     "Default Value (Total emissions) ", "2026 Default Value (including mark-up)", "2027 Default Value (including mark-up)",
     "2028 Default Value (including mark-up)", "Production route"),
    ("CN-Code", "Description of goods", "direct", "INDIRECT", "Total", "2026", "2027", "2028+", "Route"),
)
COLUMNS = ("cn_code", "description", "direct_tco2e_per_t", "indirect", "total", "total_2026_with_markup",
           "total_2027_with_markup", "total_2028plus_with_markup", "benchmark_route")
FIGURES = range(2, 8)


def read_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


class Dirt:
    """Ways to write a figure, a code and a country, taken in turn."""

    def __init__(self) -> None:
        self._figures = itertools.cycle(range(5))
        self._codes = itertools.cycle(range(4))

    def figure(self, text: str) -> Any:
        """A figure as a number, as text with a comma or a point, or with a hard space behind it."""
        if not text[:1].isdigit():
            return text
        kind = next(self._figures)
        if kind in (0, 1):
            return float(text)
        if kind == 2 and "." in text:
            return text.replace(".", ",")
        return text + NBSP if kind == 3 else text

    def code(self, text: str) -> Any:
        """A code as a number, as text, or with spaces as the tariff prints it."""
        kind = next(self._codes)
        if kind == 0:
            return int(text)
        if kind == 1:
            return text
        parts = [text[:4], *(text[i:i + 2] for i in range(4, len(text), 2))]
        return (NBSP if kind == 2 else " ").join(parts)


def default_workbook(rows: Iterable[Row], title_rows: int = 1, merge_codes: bool = True) -> bytes:
    """One sheet for each country, with sheets that hold no table before and behind."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    _notes(book, "Overview", ("This file is made available for information", "Version 4 February 2026"))
    dirt = Dirt()
    for number, (country, of) in enumerate(itertools.groupby(rows, key=lambda r: r["country"])):
        _country_sheet(book, country, list(of), HEADERS[number % len(HEADERS)], dirt, title_rows, merge_codes)
    _notes(book, "Version History", ("v1", "2026-02-04", "first version"))
    book.close()
    return out.getvalue()


def _notes(book: Any, name: str, texts: Sequence[str]) -> None:
    sheet = book.add_worksheet(name)
    for row, text in enumerate(texts):
        sheet.write(row * 2, 0, text)


def _country_sheet(book: Any, country: str, rows: Sequence[Row], header: Sequence[str], dirt: Dirt, title_rows: int,
                   merge_codes: bool) -> None:
    sheet = book.add_worksheet(country.replace("/", "_")[:31])
    at = 0
    for _ in range(title_rows):
        sheet.merge_range(at, 0, at, 8, country)
        at += 1
    for column, text in enumerate(header):
        sheet.write_string(at, column, text)
    at += 1
    for sector, of in itertools.groupby(rows, key=lambda r: r["sector"]):
        sheet.merge_range(at, 0, at, 8, sector) if at % 2 else sheet.write_string(at, 0, sector)
        at += 1
        for code, same in itertools.groupby(of, key=lambda r: r["cn_code"]):
            group = list(same)
            written = dirt.code(code)
            if merge_codes and len(group) > 1:
                sheet.merge_range(at, 0, at + len(group) - 1, 0, written)
            for offset, row in enumerate(group):
                if not (merge_codes and len(group) > 1) and (offset == 0 or not merge_codes):
                    sheet.write(at, 0, written)
                _cells(sheet, at, row, dirt)
                at += 1
        at += 1                                        # a blank row behind each sector


def _cells(sheet: Any, at: int, row: Row, dirt: Dirt) -> None:
    for column, name in enumerate(COLUMNS):
        if column == 0:
            continue
        text = row[name]
        if text == "#VALUE!":
            sheet.write_formula(at, column, "=1+\"a\"", None, "#VALUE!")
        elif column in FIGURES:
            sheet.write(at, column, dirt.figure(text))
        elif text:
            sheet.write_string(at, column, text)
        elif column == 8:
            sheet.write_string(at, column, NBSP)        # the workbook has hard spaces where there is no route


def benchmark_workbook(rows: Iterable[Row]) -> bytes:
    """One sheet with a header of two rows; continuation rows have no code and no description."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    _notes(book, "Read me", ("Benchmarks for information",))
    sheet = book.add_worksheet("Benchmarks")
    for column, text in enumerate(("CN code", "CN Description", "Column A", "", "Column B", "")):
        sheet.write(0, column, text)
    sheet.merge_range(0, 2, 0, 3, "Column A")
    sheet.merge_range(0, 4, 0, 5, "Column B")
    for column, text in enumerate(("", "", "BMg* [tCO2e/t]", "Indicator for production route", "BMg [tCO2e/t]", "Route")):
        sheet.write(1, column, text)
    at = 2
    dirt = Dirt()
    for sector, of in itertools.groupby(rows, key=lambda r: r["sector"]):
        sheet.write(at, 0, sector)
        at += 1
        for code, same in itertools.groupby(of, key=lambda r: r["cn_code"]):
            for number, row in enumerate(same):
                if number == 0:
                    sheet.write(at, 0, dirt.code(code))
                    sheet.write(at, 1, row["description"])
                for column, name in ((2, "colA_BMg"), (4, "colB_BMg")):
                    if row[name]:
                        sheet.write(at, column, dirt.figure(row[name]))
                for column, name in ((3, "colA_route"), (5, "colB_route")):
                    sheet.write(at, column, row[name] or NBSP)
                at += 1
    book.close()
    return out.getvalue()


def sheet_workbook(sheets: Mapping[str, Sequence[Sequence[Any]]], with_format: Callable[[Any], None] | None = None) -> bytes:
    """Cells as given, sheet by sheet; None leaves a cell out."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for at, row in enumerate(rows):
            for column, value in enumerate(row):
                if value is not None:
                    sheet.write(at, column, value)
        if with_format is not None:
            with_format(sheet)
    book.close()
    return out.getvalue()


def country_rows(*rows: Sequence[Any], title: str = "China", sector: str | None = "Iron and steel") -> list[Sequence[Any]]:
    """A sheet with title, header and sector, and the given rows: code, description, direct, indirect, total, three printed
    totals, route."""
    return [[title], list(HEADERS[0]), *([[sector]] if sector else []), *rows]


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    """The workbook with one part more, or in the place of another."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            if info.filename != name:
                new.writestr(info, old.read(info))
        new.writestr(name, content)
    return out.getvalue()


def parts(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Names and contents of the parts of a workbook."""
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        for info in opened.infolist():
            yield info.filename, opened.read(info)
