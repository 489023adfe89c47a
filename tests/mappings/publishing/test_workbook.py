"""Workbooks: no formula from data, exact figures, same bytes."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zerofactory_engine.problems import ProblemsError
from zerofactory_mappings.publishing.workbook import Cell, Sheet, write_workbook

ISSUED = date(2026, 8, 15)


def made(*rows: list[Cell]) -> bytes:
    return write_workbook([Sheet("清单", ["名称", "数值"], rows, title="排放清单", widths=[20, 12], notes=["注"])],
                          issued=ISSUED, title="t")


def cells(data: bytes) -> list[list[tuple[object, str]]]:
    book = openpyxl.load_workbook(io.BytesIO(data))
    return [[(c.value, c.data_type) for c in row] for row in book["清单"].iter_rows(min_row=4)]


@pytest.mark.parametrize("text", ["=1+1", "=cmd|' /C calc'!A0", "+49 30", "-2+3", "@SUM(A1)", "\tx", "=HYPERLINK(\"http://x\")",
                                  "http://example.org", "1e5", "007", "{=1}", "%0A"])
def test_a_text_of_the_data_is_never_a_formula_a_link_or_a_number(text: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(made([text, None])))
    cell = book["清单"].cell(row=4, column=1)
    assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)
    if text[0] in "=+-@\t%":
        assert cell.quotePrefix


def test_figures_are_numbers_only_when_the_double_gives_them_back() -> None:
    long = Decimal("29.18209049729677073693439189518289")
    assert cells(made(["a", Decimal("0.1229")], ["b", long], ["c", Decimal(0)], ["d", None], ["e", True])) == [
        [("a", "s"), (0.1229, "n")], [("b", "s"), (str(long), "s")], [("c", "s"), (0, "n")], [("d", "s"), (None, "n")],
        [("e", "s"), (True, "b")]]


@settings(deadline=None, max_examples=40)
@given(st.decimals(min_value=-10**12, max_value=10**12, places=4))
def test_every_figure_comes_back_exactly(value: Decimal) -> None:
    ((_, (read, kind)),) = cells(made(["x", value]))
    assert Decimal(str(read)) == value
    assert kind in "ns"


def test_the_same_input_gives_the_same_bytes() -> None:
    assert made(["x", Decimal(1)]) == made(["x", Decimal(1)])
    assert b"2026-08-15T00:00:00Z" in openpyxl_core(made(["x", Decimal(1)]))


def openpyxl_core(data: bytes) -> bytes:
    import zipfile

    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return file.read("docProps/core.xml")


def test_dates_are_dates() -> None:
    book = openpyxl.load_workbook(io.BytesIO(made(["x", ISSUED])))
    assert book["清单"]["B4"].value.date() == ISSUED


@pytest.mark.parametrize(("sheet", "code"), [
    (Sheet("a/b", ["x"], []), "report.sheet-name"), (Sheet("x" * 32, ["x"], []), "report.sheet-name"),
    (Sheet("x", ["x"], [["\x07"]]), "report.cell-too-long"), (Sheet("x", ["x"], [["y" * 40_000]]), "report.cell-too-long"),
    (Sheet("x", ["x"], [["y"]] * 1_000_001), "report.sheet-too-large"),
])
def test_what_a_workbook_cannot_hold_is_refused(sheet: Sheet, code: str) -> None:
    with pytest.raises(ProblemsError) as caught:
        write_workbook([sheet], issued=ISSUED, title="t")
    assert [p.code for p in caught.value.problems] == [code]
