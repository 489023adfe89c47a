"""The report as files in both languages: what stands in them, that they are the same twice, and that they stay small."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from referencing import Registry
from tests.mappings.iso14064_1.iso_cases import DEMO, DEMO_STATEMENT, ROOT, keys, plant, report, statement, write
from tests.mappings.iso14064_1.test_iso14064_base_year import base

from zerofactory_engine.accounting.factors import Entry
from zerofactory_engine.accounting.lines import Line
from zerofactory_engine.decimals import plain
from zerofactory_engine.reasons import Unknown
from zerofactory_mappings.disclosures.commands import map_, written
from zerofactory_mappings.disclosures.page import Grid, html_of
from zerofactory_mappings.iso14064_1 import DISCLOSURE, pages
from zerofactory_mappings.iso14064_1.check import check
from zerofactory_mappings.iso14064_1.model import IsoModel
from zerofactory_mappings.iso14064_1.present import as_json
from zerofactory_mappings.iso14064_1.sections import SECTIONS
from zerofactory_mappings.iso14064_1.sheets import LINE_COLUMNS
from zerofactory_mappings.publishing.workbook import Formula, write_workbook
from zerofactory_mappings.sources.commands import import_

SCHEMA = ROOT / "standards/schemas/iso14064-1.schema.json"
LANGUAGES = ("zh", "en")
SHEETS = {"zh": ["摘要", "类别", "气体", "行项目", "电力与合同工具", "不确定性", "重要性与排除", "基准年", "因子", "完整性"],
          "en": ["Summary", "Categories", "Gases", "Line items", "Electricity & instruments", "Uncertainty",
                 "Significance & exclusions", "Base year", "Factors", "Completeness"]}
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> IsoModel:
    return report(tmp_path_factory.mktemp("demo"), DEMO, DEMO_STATEMENT)


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> IsoModel:
    """The small plant with its base year computed again after an error was found."""
    said = statement()
    said["base_year"]["corrections"] = [{"row": "energy/G1", "column": "amount", "value": "900000", "reason": "a slip"}]
    return report(tmp_path_factory.mktemp("changed"), said=said, bases=[base()])


@pytest.fixture(scope="module")
def open_ended(tmp_path_factory: pytest.TempPathFactory) -> IsoModel:
    """The small plant without a statement, with a table that is not declared complete."""
    tables = [t for t in plant()["complete"] if t != "fugitive"]
    return report(tmp_path_factory.mktemp("open"), plant(complete=tables))


@pytest.fixture(params=["demo", "changed", "open_ended"])
def model(request: pytest.FixtureRequest) -> IsoModel:
    found: IsoModel = request.getfixturevalue(request.param)
    return found


def file_of(model: IsoModel, kind: str, language: str) -> bytes:
    return written(DISCLOSURE, model, check(model), kind, language, model.subject)


def problems_of(value: Any) -> list[str]:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return [f"{e.json_path}: {e.message}" for e in Draft202012Validator(schema, registry=Registry()).iter_errors(value)]


# -- JSON -------------------------------------------------------------------------------------------------------------

def test_json_follows_its_schema_and_keeps_every_digit(model: IsoModel) -> None:
    data = json.loads(file_of(model, ".json", "zh"))
    assert problems_of(data) == []
    assert data["format"] == "zerofactory/iso14064-1/1"
    assert len(data["lines"]) == len(model.lines)
    for given, category in zip(data["categories"], model.categories, strict=True):
        value = category.total.value
        assert given["total"].get("tCO2e") == (None if isinstance(value, Unknown) else plain(value))
    value = model.total.value
    if isinstance(value, Unknown):
        assert data["totals"]["location"]["known_part"] == plain(model.total.known)
        assert data["totals"]["location"]["reasons"]
    counted = [line for line in data["lines"] if "outside" not in line and isinstance(line["tCO2e"], str)]
    assert abs(sum(Decimal(line["tCO2e"]) for line in counted) - model.total.known) < Decimal("1E-20")


def test_json_is_the_same_in_both_languages(demo: IsoModel) -> None:
    assert file_of(demo, ".json", "zh") == file_of(demo, ".json", "en")


def test_the_recalculation_stands_in_the_json(changed: IsoModel) -> None:
    found = json.loads(file_of(changed, ".json", "en"))["base_year"]["recalculation"]
    assert found["triggered"] is True
    assert [s["kind"] for s in found["steps"]] == ["error"]


# -- workbook ---------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("language", LANGUAGES)
def test_the_workbook_has_its_sheets_and_every_line_item(model: IsoModel, language: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(file_of(model, ".xlsx", language)))
    assert book.sheetnames == SHEETS[language]
    lines = book[SHEETS[language][3]]
    first = next(r for r in range(1, 10) if lines.cell(r, 1).value == model.lines[0].id)
    ids = [lines.cell(r, 1).value for r in range(first, lines.max_row + 1)]
    assert ids == [line.id for line in model.lines]
    exact, number = LINE_COLUMNS.index("exact") + 1, LINE_COLUMNS.index("tCO2e-15") + 1
    for row, line in enumerate(model.lines, first):
        if isinstance(line.tco2e_location, Decimal):
            shown = lines.cell(row, exact).value or lines.cell(row, number).value
            assert Decimal(str(shown)) == line.tco2e_location, line.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_sheets_are_in_their_language(changed: IsoModel, language: str) -> None:
    for sheet in DISCLOSURE.sheets(changed, check(changed), language):
        for text in (sheet.name, sheet.title, *sheet.head, *sheet.notes):
            assert language == "zh" or not _CHINESE.search(text), text
            assert not text.startswith("iso14064."), text
        cells = [c for row in sheet.rows for c in row if isinstance(c, str)]
        assert not [c for c in cells if "iso14064." in c or "years." in c or "accounting." in c]
        assert language == "zh" or not [c for c in cells if _CHINESE.search(c)
                                        and not any(c in (e.source.title, "; ".join(x.source.title for x in changed.factors))
                                                    or e.source.title in c for e in changed.factors)]


def test_formulas_carry_the_exact_total_of_a_category_as_their_value(demo: IsoModel) -> None:
    sheet = DISCLOSURE.sheets(demo, check(demo), "en")[1]
    found = {str(row[0]): cell.value for row in sheet.rows for cell in row if isinstance(cell, Formula) and row[0]}
    for category in demo.categories:
        assert found.get(category.code) == (category.total.value if category.quantified else None)
    assert len(found) == sum(1 for c in demo.categories if c.quantified) + sum(1 for s in demo.subcategories if s.total.lines)


@pytest.mark.full
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not here")
def test_formulas_recalculate_to_the_totals(demo: IsoModel, tmp_path: Path) -> None:
    (tmp_path / "in.xlsx").write_bytes(write_workbook(DISCLOSURE.sheets(demo, check(demo), "en"), issued=demo.issued, title="t"))
    subprocess.run(["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "ods", "--outdir",
                    str(tmp_path), str(tmp_path / "in.xlsx")], check=True, capture_output=True)
    subprocess.run(["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML",
                    "--outdir", str(tmp_path / "out"), str(tmp_path / "in.ods")], check=True, capture_output=True)
    sheet = openpyxl.load_workbook(tmp_path / "out/in.xlsx", data_only=True)["Categories"]
    sums = {sheet.cell(r, 1).value: sheet.cell(r, 9).value for r in range(1, sheet.max_row + 1)}
    for category in demo.categories:
        if category.quantified:
            assert isinstance(category.total.value, Decimal)
            assert float(str(sums[category.code])) == pytest.approx(float(category.total.value), rel=1e-12)


# -- pages ------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_has_every_section_and_no_code_without_a_sentence(model: IsoModel, language: str) -> None:
    page = html_of(DISCLOSURE.document(model, check(model), language, model.issued)).decode("utf-8")
    for name in SECTIONS:
        assert f'id="{name}"' in page
    assert not re.search(r"iso14064\.[a-z]|years\.[a-z]|disclosure\.[a-z]", page)
    assert ("<svg" in page) is True


def test_the_first_page_shows_the_key_figures(demo: IsoModel) -> None:
    page = DISCLOSURE.document(demo, check(demo), "en", demo.issued)
    grid = next(b.grid if hasattr(b, "grid") else b for b in page.first)
    assert isinstance(grid, Grid)
    assert [list(row) for row in grid.rows] == [
        ["Category 1: direct emissions and removals", "3,503"], ["Category 2: imported energy (location-based)", "11,621"],
        ["Categories 3 to 6: other indirect emissions", "63,597"], ["Total (location-based)", "78,720"],
        ["For information: category 2, market-based", "25,639"]]


def test_what_is_not_known_is_shown_with_its_known_part_and_its_reason(open_ended: IsoModel) -> None:
    page = html_of(DISCLOSURE.document(open_ended, check(open_ended), "en", open_ended.issued)).decode("utf-8")
    assert "not known (known part" in page
    assert "the table fugitive is not declared complete" in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_pdf_is_written_with_its_data(demo: IsoModel, language: str) -> None:
    pikepdf = pytest.importorskip("pikepdf")
    with pikepdf.open(io.BytesIO(file_of(demo, ".pdf", language))) as pdf:
        assert json.loads(pdf.attachments["iso14064-1.json"].get_file().read_bytes())["completeness"]["complete"] is True
        assert 10 < len(pdf.pages) < 25


@pytest.mark.parametrize("kind", [".html", ".xlsx", ".json"])
def test_the_same_input_gives_the_same_bytes(changed: IsoModel, kind: str) -> None:
    assert file_of(changed, kind, "en") == file_of(changed, kind, "en")


# -- the command ------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("language", "text"), [
    ("en", "9.3.1 b  missing  Person or unit responsible"), ("zh", "9.3.1 b  缺失  报告负责人或负责部门")])
def test_the_command_writes_the_file_and_says_what_is_missing(tmp_path: Path, language: str, text: str) -> None:
    done = CliRunner().invoke(map_, ["run", str(write(tmp_path, "d.yaml", plant())), "--to", "iso14064_1", "--out",
                                     str(tmp_path / "out.json"), "--lang", language])
    assert done.exit_code == 0, done.output
    assert text in done.output
    assert problems_of(json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))) == []


def test_what_is_wrong_with_a_statement_leaves_no_file(tmp_path: Path) -> None:
    said = write(tmp_path, "s.yaml", statement(verification={"verified": "perhaps"}, nobody="x"))
    done = CliRunner().invoke(map_, ["run", str(write(tmp_path, "d.yaml", plant())), "--to", "iso14064_1", "--statement", str(said),
                                     "--out", str(tmp_path / "out.pdf"), "--lang", "en"])
    assert done.exit_code == 3
    assert done.output.count("error:") == 2
    assert not (tmp_path / "out.pdf").exists()


# -- size -------------------------------------------------------------------------------------------------------------

def many(rows: int) -> dict[str, Any]:
    energy = plant()["energy"][0]
    return plant(energy=[{**energy, "id": f"G{n}"} for n in range(rows)])


def test_pages_do_not_grow_with_line_items_and_say_where_they_stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "ATTACHED_LINES", 100)
    sizes = {}
    for rows in (50, 500):
        model = report(tmp_path, many(rows), statement())
        page = DISCLOSURE.document(model, check(model), "en", model.issued)
        data = json.loads(page.json)
        sizes[rows] = len(html_of(page))
        assert data["lines_left_out"] == str(len(model.lines))
        assert "lines" not in data
        assert problems_of(data) == []
        assert f"The {len(model.lines):,} line items of this report" in html_of(page).decode("utf-8")
    assert sizes[500] < sizes[50] * Decimal("1.02")


def test_each_line_item_is_looked_at_as_often_in_a_large_inventory_as_in_a_small_one(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def entries(line: Line) -> tuple[Entry, ...]:
        seen.append(line.id)
        terms = [t for figure in (line.location, line.market) for s in figure.slices for t in s]
        return tuple(dict.fromkeys(t.entry for t in (*terms, line.gwp) if t.entry is not None))

    monkeypatch.setattr(Line, "entries", property(entries))
    counts: dict[int, float] = {}
    for rows in (40, 400):
        model = report(tmp_path, many(rows), statement())
        seen.clear()
        found = check(model)
        assert as_json(model, found)["lines"]
        assert [list(s.rows) for s in DISCLOSURE.sheets(model, found, "en")]
        counts[rows] = len(seen) / len(model.lines)
    assert counts[400] <= counts[40] > 0


# -- the imported plant -----------------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def imported(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> IsoModel:
    folder = tmp_path_factory.mktemp("verifi")
    done = CliRunner().invoke(import_, ["verifi", str(shared_data / "inventory/VERIFI_ExampleAccount.json"), "--out", str(folder),
                                        "--year", "2023"])
    assert done.exit_code in (0, 1), done.output
    return report(folder, folder / "roasting-advanced.yaml")


def test_the_imported_plant_is_reported_as_far_as_it_is_known(imported: IsoModel) -> None:
    found = check(imported)
    stated = keys(found)
    assert not found.complete
    assert stated["c"] == "present"
    assert stated["f"] == "missing"
    assert isinstance(imported.total.value, Unknown)
    assert imported.total.known == imported.inventory.total("all").known > 10_000
    for language in LANGUAGES:
        page = html_of(DISCLOSURE.document(imported, found, language, imported.issued)).decode("utf-8")
        assert "10,344" in page
    assert problems_of(json.loads(file_of(imported, ".json", "en"))) == []
    assert file_of(imported, ".xlsx", "zh")
