"""Cells with their places: workbooks and CSV files in every dress, and what is refused."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from decimal import Decimal

import pytest
from openpyxl import Workbook

from zerofactory_engine.problems import ProblemsError
from zerofactory_mappings.sources.sheets.grid import FILE_BYTES, Grid, read_grids


def codes(data: bytes, file: str = "a.xlsx") -> set[str]:
    with pytest.raises(ProblemsError) as error:
        read_grids(data, file)
    return {p.code for p in error.value.problems}


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def texts(grid: Grid) -> list[list[str]]:
    return [[c.text for c in row] for row in grid.rows]


def with_member(data: bytes, name: str, content: bytes, replace: bool = False) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            if not (replace and info.filename == name):
                new.writestr(info, old.read(info))
        new.writestr(name, content)
    return out.getvalue()


@pytest.fixture
def book() -> bytes:
    made = Workbook()
    sheet = made.worksheets[0]
    sheet.title = "表1"
    sheet.append(["题目", None, None])
    sheet.append([])
    sheet.append([0.1, 5, date(2025, 3, 1)])
    sheet.append(["=A3+B3", "007", 0.3])
    sheet["C4"].number_format = "0%"
    sheet.merge_cells("A1:C1")
    made.create_sheet("空")
    return saved(made)


def test_a_workbook(book: bytes) -> None:
    (grid,) = read_grids(book, "a.xlsx")
    assert (grid.sheet, len(grid.rows), grid.width) == ("表1", 4, 3)
    assert [(c.text, c.merged) for c in grid.rows[0]] == [("题目", False), ("题目", True), ("题目", True)]
    assert grid.rows[1] == ()
    assert grid.cell(3, 1).number == Decimal("0.1")   # the shortest decimal, not the binary expansion
    assert grid.cell(3, 3).day == date(2025, 3, 1)
    assert grid.cell(4, 1).state == "unevaluated"
    assert (grid.cell(4, 2).text, grid.cell(4, 2).number) == ("007", None)
    assert grid.cell(4, 3).percent
    assert grid.cell(9, 9).state == "empty"
    assert str(grid.place("a.xlsx", grid.cell(4, 2))) == "a.xlsx[表1!B4]"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_in_every_encoding_and_separator(encoding: str, delimiter: str) -> None:
    text = delimiter.join(["能源名称", "消费量"]) + "\r\n" + delimiter.join(["原煤", '"1,234"']) + "\r\n"
    (grid,) = read_grids(text.encode(encoding), "a.csv")
    assert texts(grid) == [["能源名称", "消费量"], ["原煤", "1,234"]]
    assert grid.delimiter == delimiter
    assert grid.usual == (delimiter == "," and encoding != "utf-16")


def test_csv_records_with_line_breaks_and_blank_lines_keep_their_lines() -> None:
    (grid,) = read_grids(b'a,"b\nc"\n\nd,e\n', "a.csv")
    assert (grid.lines, len(grid.rows)) == ((1, 3, 4), 3)
    assert str(grid.place("a.csv", grid.cell(3, 2))) == "a.csv:4:2"


@pytest.mark.parametrize(("data", "code"), [
    (b"", "sheets.empty"), (b" \n", "sheets.empty"), (b",,,\n,,\n", "sheets.empty"), (b"%PDF-1.7 ...", "sheets.not-a-table"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "sheets.old-workbook"), (b"<html><table>", "sheets.not-a-table"),
    (b"a,b\x00\n", "sheets.not-a-table"), (b"\xff\xff\xff,\xff", "sheets.encoding"), (b"PK\x03\x04junk", "zip.damaged"),
    (bytes([97]) * (FILE_BYTES + 1), "text.too-large"),
], ids=["nothing", "blank", "only-commas", "pdf", "xls", "html", "nul", "encoding", "zip", "large"])
def test_what_is_no_table(data: bytes, code: str) -> None:
    assert codes(data) == {code}


def test_a_bomb(book: bytes) -> None:
    assert "zip.bomb" in codes(with_member(book, "xl/media/a.xml", bytes(30_000_000)))


def test_macros_document_types_and_other_zips(book: bytes) -> None:
    assert codes(with_member(book, "xl/vbaProject.bin", b"x")) == {"sheets.macros"}
    bad = b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "b">]><workbook/>'
    assert codes(with_member(book, "xl/workbook.xml", bad, replace=True)) == {"workbook.doctype"}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("a.txt", "x")
    assert codes(out.getvalue()) == {"sheets.not-a-table"}


def test_rows_beyond_the_bound_are_said_not_dropped() -> None:
    made = Workbook()
    made.worksheets[0]["A100001"] = 1
    assert codes(saved(made)) == {"sheets.too-many-rows"}
    wide = Workbook()
    wide.worksheets[0].cell(1, 251, "x")
    assert codes(saved(wide)) == {"sheets.too-many-columns"}
    styled = Workbook()
    styled.worksheets[0]["A1"] = 1
    styled.worksheets[0].cell(100_001, 300).number_format = "0.00"     # empty, only formatted
    assert len(read_grids(saved(styled), "a.xlsx")[0].rows) == 1
    assert codes(b"a,b\n" * 100_001, "a.csv") == {"sheets.too-many-rows"}
    assert codes(("," * 300 + "x\n").encode(), "a.csv") == {"sheets.too-many-columns"}


def test_an_empty_workbook() -> None:
    assert codes(saved(Workbook())) == {"sheets.empty"}
