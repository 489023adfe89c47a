"""Pages and completeness of every disclosure: what is escaped, what counts as complete, the same bytes twice."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import openpyxl
import pytest

from zerofactory_mappings.disclosures.completeness import KEYS, Completeness, Item, ItemList, Result, Said, judged
from zerofactory_mappings.disclosures.page import (
    Block,
    Document,
    Facts,
    Grid,
    Items,
    Note,
    Paragraph,
    Picture,
    Section,
    html_of,
    pdf_of,
)
from zerofactory_mappings.publishing.workbook import Cell, Formula, Sheet, write_workbook

BOTH = {"zh": "报告期", "en": "Reporting period"}


def items(*kinds: str) -> ItemList:
    return ItemList("s", "1", tuple(Item(f"i{n}", f"9.{n}", kind, BOTH, BOTH, "secondary")
                                    for n, kind in enumerate(kinds)), BOTH, "a source", "secondary")


@pytest.mark.parametrize(("key", "complete"), [
    ("present", True), ("partly", False), ("missing", False), ("NO", True), ("NE", False), ("IE", True), ("NA", True)])
def test_which_keys_leave_a_report_complete(key: str, complete: bool) -> None:
    wanted = items("required", "recommended")
    found = judged(wanted, [Result(wanted["i0"], key), Result(wanted["i1"], "missing")])
    assert found.complete is complete
    assert found.counts == {"required": {key: 1}, "recommended": {"missing": 1}}


def test_no_item_is_left_out_or_judged_twice() -> None:
    wanted = items("required", "required")
    for results in ([Result(wanted["i0"], "present")], [Result(wanted["i0"], "present")] * 2):
        with pytest.raises(ValueError, match="s:"):
            judged(wanted, results)


def completeness() -> Completeness:
    wanted = items(*["required"] * len(KEYS))
    return judged(wanted, [Result(wanted[f"i{n}"], key, ("2.1",), (Said("disclosure.incomplete"),))
                           for n, key in enumerate(KEYS)])


def document(language: str) -> Document:
    evil = "<script>alert(1)</script> & CO2"
    grid = Grid(evil, ["a", evil], [[evil, "1"], ["Σ", "2"]], (1,), (1,), evil)
    blocks: list[Block] = [Paragraph(evil), Note("warning", evil), Facts(evil, [(evil, evil)]), grid,
              Picture(evil, '<svg class="chart" viewBox="0 0 10 10"><title>t</title><desc>d</desc></svg>', grid, evil),
              Items(completeness())]
    return Document(evil, evil, evil, [(evil, evil)], [evil],
                    [Section(f"s{n}", evil, blocks if n == 0 else blocks[:1]) for n in range(3)],
                    language, date(2026, 3, 31), b'{"a": 1}\n', "data.json", first=[grid])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_pages_escape_texts_and_show_every_block(language: str) -> None:
    page = html_of(document(language)).decode()
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    for state in ("√", "×", "NO", "NE", "IE", "NA"):
        assert state in page
    assert f'<html lang="{"zh-Hans" if language == "zh" else "en"}">' in page
    assert "http:" not in page
    assert "https:" not in page


def test_a_pdf_is_the_same_twice_and_carries_its_json() -> None:
    import pikepdf

    one, other = pdf_of(document("zh")), pdf_of(document("zh"))
    assert one == other
    with pikepdf.open(io.BytesIO(one)) as pdf:
        assert pdf.attachments["data.json"].get_file().read_bytes() == b'{"a": 1}\n'


def test_a_workbook_holds_live_formulas_with_our_exact_value_beside() -> None:
    sheet = Sheet("Σ", ["what", "t"], [["a", Decimal("0.1")], ["b", Decimal("0.2")], ["sum", None]], title="T",
                  notes=["n"], plain=True, totals=(2,))
    first = sheet.first_row
    rows: list[Sequence[Cell]] = [*sheet.rows[:2], ["sum", Formula(f"=SUM(B{first}:B{first + 1})", Decimal("0.3"))]]
    data = write_workbook([Sheet("Σ", sheet.head, rows, title="T", notes=["n"], plain=True, totals=(2,))],
                          issued=date(2026, 3, 31), title="t")
    assert first == 4
    live = openpyxl.load_workbook(io.BytesIO(data))["Σ"]
    shown = openpyxl.load_workbook(io.BytesIO(data), data_only=True)["Σ"]
    assert live["B6"].value == "=SUM(B4:B5)"
    assert shown["B6"].value == 0.3
    assert live["A6"].font.b
    assert not live["A5"].font.b
    assert "autoFilter" not in zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml").decode()


def test_a_text_never_becomes_a_formula() -> None:
    data = write_workbook([Sheet("s", ["a"], [["=SUM(A1:A9)"]])], issued=date(2026, 3, 31), title="t")
    assert openpyxl.load_workbook(io.BytesIO(data))["s"]["A2"].data_type == "s"
