"""The workbook: what is written reads back the same, whoever saved it; every problem comes with its sheet and cell."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.mappings.verification.foundry import battery, filled, foundry, judged

from zerofactory_engine.canonical import jsonable
from zerofactory_engine.messages import LANGUAGES
from zerofactory_engine.problems import ProblemsError
from zerofactory_mappings.verification import layout
from zerofactory_mappings.verification.build import new_package
from zerofactory_mappings.verification.check import evaluate
from zerofactory_mappings.verification.part import Part
from zerofactory_mappings.verification.read import parse_workbook
from zerofactory_mappings.verification.write import workbook


def clean(values: Any) -> Any:
    """Plain values; rows that say nothing beside their key are no entries."""
    out = jsonable(values)
    for section, keys in (("items", {"line", "planned_tCO2e"}), ("heat", {"row"}), ("metering", {"meter"}), ("gaps", {"gap"}), ("cross_checks", {"row"})):
        if section in out:
            out[section] = [r for r in out[section] if set(r) - keys]
            if not out[section]:
                del out[section]
    return {k: v for k, v in out.items() if v not in ({}, [])}


def by_line(values: Any) -> Any:
    """Items in the order of their lines: the workbook puts the sample first."""
    for section, key in (("items", "line"), ("cross_checks", "row")):
        values.get(section, []).sort(key=lambda r: r[key])
    return values


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_filled_workbook_reads_back_as_it_was(language: str) -> None:
    data = workbook(judged(filled()), language)
    back = parse_workbook(data, "filled.xlsx").root
    assert by_line(clean(back.values)) == by_line(clean(filled()))


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_follows_is_the_same_as_of_the_file(language: str) -> None:
    made = judged(filled())
    again = evaluate(parse_workbook(workbook(made, language), "filled.xlsx").root, foundry())
    assert jsonable(again.aggregates) == jsonable(made.aggregates)
    assert again.opinion.follows == made.opinion.follows


def test_the_same_input_gives_the_same_bytes() -> None:
    assert workbook(judged(filled()), "zh") == workbook(judged(filled()), "zh")


def test_a_plan_of_the_battery_factory_reads_back_with_nothing_answered() -> None:
    root, _ = new_package(battery(), assurance="reasonable", materiality=[{"of": "total", "percent": Decimal(5)}], language="zh")
    back = parse_workbook(workbook(evaluate(root, battery()), "zh"), "plan.xlsx").root
    assert "items" not in back.values
    assert clean(back.values) == clean(root.values)


texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Zl", "Zp", "Zs")), min_size=1, max_size=30)
numbers = st.decimals(-10**6, 10**6, places=6).map(lambda d: Decimal(d).normalize() + 0)


@settings(max_examples=8)
@given(st.lists(st.fixed_dictionaries({"description": texts, "category": st.sampled_from("12"), "effect_tCO2e": numbers}, optional={
    "note": texts, "state": st.sampled_from(["open", "corrected"]), "intentional": st.booleans(), "pervasive": st.booleans(),
    "kind": st.sampled_from(["omission", "factor", "other"])}), min_size=1, max_size=5), st.sampled_from(LANGUAGES))
def test_whatever_a_verifier_logs_comes_back(entries: list[dict[str, Any]], language: str) -> None:
    values = filled()
    values["misstatements"] = [{"id": f"M{n}", **e} for n, e in enumerate(entries)]
    back = parse_workbook(workbook(judged(values), language), "filled.xlsx").root
    assert jsonable(back.values["misstatements"]) == jsonable(values["misstatements"])


# --- what office programs and people do to it -------------------------------------------------------------------------

def changed(change: Callable[[Any], object], language: str = "en") -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(workbook(judged(filled()), language)))
    change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def sheet(book: Any, ident: str, language: str = "en") -> Any:
    return book[layout.sheet_name(ident, language)]


def cell_of(page: Any, column: str, key: str | None, language: str = "en") -> Any:
    """The cell of *column* (its id) in the row whose first cell is *key* (None: the first empty row)."""
    heads: dict[str, int] = {}
    for cells in page.iter_rows():
        if heads:
            if cells[0].value == key:
                return cells[heads[column]]
            continue
        names = {i: layout.column_of(str(c.value), next(s for s in layout.SHEETS if isinstance(s, layout.Table) and layout.sheet_name(s.id, language) == page.title).columns)
                 for i, c in enumerate(cells) if c.value}
        if sum(n is not None for n in names.values()) > 1:
            heads = {n.id: i for i, n in names.items() if n is not None}
    raise AssertionError(f"{page.title}: no row {key}")


def put(ident: str, column: str, key: str | None, value: Any, number_format: str | None = None) -> Callable[[Any], None]:
    def change(book: Any) -> None:
        cell = cell_of(sheet(book, ident), column, key)
        cell.value = value
        if number_format is not None:
            cell.number_format = number_format
    return change


def fact(path: str, value: Any) -> Callable[[Any], None]:
    def change(book: Any) -> None:
        for page in book:
            for cells in page.iter_rows():
                if cells[0].value == path:
                    cells[2].value = value
                    return
        raise AssertionError(path)
    return change


def read(change: Callable[[Any], object]) -> Any:
    return jsonable(parse_workbook(changed(change), "filled.xlsx").root.values)


TOLERATED: list[tuple[Callable[[Any], None], Callable[[Any], Any], Any]] = [
    (put("items", "verified_tCO2e", "heat/H1/CO2", "1,634.2"), lambda v: next(i for i in v["items"] if i["line"] == "heat/H1/CO2")["verified_tCO2e"], "1634.2"),
    (put("items", "verified_tCO2e", "heat/H1/CO2", "６３４.２"), lambda v: next(i for i in v["items"] if i["line"] == "heat/H1/CO2")["verified_tCO2e"], "634.2"),
    (put("items", "verified_tCO2e", "heat/H1/CO2", "634.2 tCO2e"), lambda v: next(i for i in v["items"] if i["line"] == "heat/H1/CO2")["verified_tCO2e"], "634.2"),
    (put("items", "confirmed", "energy/G3/CO2", "是"), lambda v: next(i for i in v["items"] if i["line"] == "energy/G3/CO2")["confirmed"], True),
    (put("items", "confirmed", "energy/G3/CO2", "NO"), lambda v: next(i for i in v["items"] if i["line"] == "energy/G3/CO2")["confirmed"], False),
    (put("items", "activities", "energy/G3/CO2", "观察；recalculation;  Inquiry"), lambda v: next(i for i in v["items"] if i["line"] == "energy/G3/CO2")["activities"], ["observation", "recalculation", "inquiry"]),
    (put("misstatements", "effect_tCO2e", "M2", "(6.6)"), lambda v: v["misstatements"][1]["effect_tCO2e"], "-6.6"),
    (put("materiality", "percent", "total", 0.05, "0%"), lambda v: v["materiality"][0]["percent"], "5"),
    (put("materiality", "percent", "total", "5％"), lambda v: v["materiality"][0]["percent"], "5"),
    (put("cross_checks", "tolerance_percent", "energy/G3", "0.3%"), lambda v: next(c for c in v["cross_checks"] if c["row"] == "energy/G3")["tolerance_percent"], "0.3"),
    (fact("opinion/type", "保留意见"), lambda v: v["opinion"]["type"], "modified"),
    (fact("opinion/date", "2026年3月12日"), lambda v: v["opinion"]["date"], "2026-03-12"),
    (fact("opinion/date", "2026/3/12"), lambda v: v["opinion"]["date"], "2026-03-12"),
    (fact("engagement/criteria", "ISO 14064-1:2018；GB/T 32150-2015"), lambda v: v["engagement"]["criteria"], ["ISO 14064-1:2018", "GB/T 32150-2015"]),
    (fact("sampling/coverage", "90%"), lambda v: v["sampling"]["coverage"], "0.9"),
]


@pytest.mark.parametrize(("change", "look", "value"), TOLERATED)
def test_what_people_write(change: Callable[[Any], None], look: Callable[[Any], Any], value: Any) -> None:
    assert look(read(change)) == value


def test_a_column_may_be_moved_and_a_row_added() -> None:
    def change(book: Any) -> None:
        page = sheet(book, "items")
        page.insert_cols(2)
        page.insert_rows(1, 3)
    assert by_line(clean(parse_workbook(changed(change), "x.xlsx").root.values)) == by_line(clean(filled()))


def test_a_line_beside_the_sample_may_be_added() -> None:
    def change(book: Any) -> None:
        page = sheet(book, "items")
        cell_of(page, "verified_tCO2e", None).value = 97.5
        cell_of(page, "evidence", None).value = "D3"
        cell_of(page, "line", None).value = "energy/D1/CO2"
    made = evaluate(parse_workbook(changed(change), "x.xlsx").root, foundry())
    assert "energy/D1/CO2" in [m.id for m in made.misstatements]


def test_other_sheets_are_told_not_dropped_unsaid() -> None:
    book = changed(lambda b: (b.create_sheet("My notes"), b["My notes"].append(["a", "b"])))
    notes = parse_workbook(book, "x.xlsx").notes
    assert [(p.code, p.place.sheet) for p in notes] == [("verification.sheet-not-read", "My notes")]


def test_everything_that_is_wrong_comes_at_once_with_sheet_and_cell() -> None:
    changes = [put("items", "verified_tCO2e", "heat/H1/CO2", "about 600"), put("items", "confirmed", "energy/G3/CO2", "perhaps"),
               put("misstatements", "effect_tCO2e", "M2", "1.234,5"), put("misstatements", "state", "M1", "half done"),
               put("heat", "verified_GJ", "H1", "5765.5 MWh"), put("items", "planned_tCO2e", "energy/G2/CO2", "=1/0"),
               fact("opinion/date", "next week"), fact("opinion/type", "splendid")]

    def all_of(book: Any) -> None:
        for change in changes:
            change(book)
    with pytest.raises(ProblemsError) as caught:
        parse_workbook(changed(all_of), "filled.xlsx")
    found = {(p.place.sheet, p.code) for p in caught.value.problems if str(p.severity) == "error"}
    assert found == {
        ("Sampled lines", "sheets.no-number"), ("Sampled lines", "typed.not-yes-or-no"), ("Misstatements", "sheets.ambiguous-number"),
        ("Misstatements", "typed.not-in-list"), ("Heat", "verification.number-with-unit"), ("Sampled lines", "workbook.formula-without-value"),
        ("Review and opinion", "typed.not-a-date"), ("Review and opinion", "typed.not-in-list")}
    assert all(p.place.cell and p.place.file == "filled.xlsx" for p in caught.value.problems if str(p.severity) == "error")


@pytest.mark.parametrize(("change", "code"), [
    (lambda b: b.copy_worksheet(sheet(b, "items")).__setattr__("title", "抽样行"), "verification.sheet-twice"),
    (lambda b: sheet(b, "heat").delete_rows(1, 4), "workbook.no-header"),
    (lambda b: [b.remove(p) for p in list(b) if p.title != "Guide"], "verification.no-sheet"),
    (lambda b: b.remove(sheet(b, "subject")), "typed.missing-key"),
    (put("team", "name", "A. Auditor", None), "typed.missing-key"),
    (put("misstatements", "id", "M2", "M1"), "verification.entry-twice"),
    (fact("review/resolved", "=2+3"), "workbook.formula-without-value"),
    (lambda b: sheet(b, "items").__setitem__("B5", "Verified (tCO2e)"), "verification.column-twice"),
])
def test_what_cannot_be_read(change: Callable[[Any], object], code: str) -> None:
    with pytest.raises(ProblemsError) as caught:
        parse_workbook(changed(change), "filled.xlsx")
    assert code in [p.code for p in caught.value.problems]


@pytest.mark.parametrize("data", [b"", b"PK", b"PK\x03\x04nonsense", b"%PDF-1.7", "名称,值\n1,2\n".encode("gb18030")])
def test_what_is_no_workbook(data: bytes) -> None:
    with pytest.raises(ProblemsError):
        parse_workbook(data, "filled.xlsx")


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
@pytest.mark.parametrize("language", LANGUAGES)
def test_saved_by_libreoffice_it_still_reads(language: str, tmp_path: Path) -> None:
    (tmp_path / "filled.xlsx").write_bytes(workbook(judged(filled()), language))
    subprocess.run(["soffice", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML",
                    "--outdir", str(tmp_path / "saved"), str(tmp_path / "filled.xlsx")], check=True, capture_output=True)
    back = parse_workbook((tmp_path / "saved/filled.xlsx").read_bytes(), "filled.xlsx").root
    assert by_line(clean(back.values)) == by_line(clean(filled()))


def test_no_text_of_a_dossier_or_verifier_becomes_a_formula() -> None:
    values = filled()
    values["misstatements"][0]["description"] = "=HYPERLINK(\"http://x\")"
    data = workbook(judged(values), "en")
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert [c.coordinate for page in book for cells in page.iter_rows() for c in cells if c.data_type == "f"] == []
    assert Part(parse_workbook(data, "x.xlsx").root.values).each("misstatements")[0].text("description") == "=HYPERLINK(\"http://x\")"
