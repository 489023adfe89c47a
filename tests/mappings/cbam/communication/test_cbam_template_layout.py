"""The table of cells against the official blank template, read with openpyxl: every open cell is an entry, no other is."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
import pytest
from tests.mappings.cbam.oracle import opened

from zerofactory_mappings.cbam import scope
from zerofactory_mappings.cbam.communication.layout import Layout, layout


@pytest.fixture(scope="module")
def at() -> Layout:
    return layout()


@pytest.fixture(scope="module")
def template(blank: bytes) -> openpyxl.Workbook:
    return opened(blank, values=False)


@pytest.fixture(scope="module")
def values(blank: bytes) -> openpyxl.Workbook:
    return opened(blank)


def _entries(at: Layout) -> set[tuple[str, str]]:
    return {(b.sheet, c) for b in at.blocks.values() for n in b.fields for i in range(b.count) for c in b.cells(n, i)}


def test_every_open_cell_of_the_template_is_an_entry_and_no_locked_cell_is(template: openpyxl.Workbook, at: Layout) -> None:
    hidden: set[tuple[str, str]] = set()
    found: set[tuple[str, str]] = set()
    for sheet in template:
        for merged in sheet.merged_cells.ranges:
            hidden |= {(sheet.title, sheet.cell(r, c).coordinate) for r, c in merged.cells} - {(sheet.title, merged.start_cell.coordinate)}
        found |= {(sheet.title, c.coordinate) for row in sheet.iter_rows() for c in row if not c.protection.locked}
    language_choice = {("Translations", "A3")}
    assert found - hidden - language_choice == _entries(at)


def test_no_cell_belongs_to_two_entries(at: Layout) -> None:
    cells = [(b.sheet, c) for b in at.blocks.values() for n in b.fields for i in range(b.count) for c in b.cells(n, i)]
    assert len(cells) == len(set(cells)) == 5542


def test_results_stand_in_locked_cells_with_formulas(template: openpyxl.Workbook, at: Layout) -> None:
    wrong = []
    for block in at.blocks.values():
        for index in range(block.count):
            cells = [block.derived_cell(n, index) for n in block.derived] + [block.printed_cell(n, index) for n in block.printed]
            for name in cells:
                cell = template[block.sheet][name]
                if not cell.protection.locked or not str(cell.value).startswith("="):
                    wrong.append(f"{block.sheet}!{name}")
    assert wrong == []


@pytest.mark.parametrize(("list_name", "row"), [
    ("method", 56), ("pfc_method", 57), ("gas", 55), ("amount_unit", 40), ("ef_unit", 47), ("value_source", 69),
    ("electricity_source", 15), ("reducing_agent", 58), ("data_quality", 42), ("quality_justification", 44),
    ("quality_assurance", 43), ("price_instrument", 45), ("rebate", 46)])
def test_code_lists_are_those_of_the_template(values: openpyxl.Workbook, at: Layout, list_name: str, row: int) -> None:
    cells = [c.value for c in values["Parameters_Constants"][row][1:] if c.value is not None]
    assert list(at.lists[list_name].values()) == cells


def test_routes_stand_in_the_rows_that_the_template_gives_them(values: openpyxl.Workbook) -> None:
    sheet = values["Parameters_Constants"]
    theirs = {str(sheet.cell(r, 1).value).strip(): [v for c in range(7, 17) if (v := sheet.cell(r, c).value) not in (None, "n.a.")]
              for r in range(89, 107)}
    ours = {c.template_name: [r.template_name for r in c.routes] for c in scope.categories()}
    assert ours == theirs


def test_labels_are_those_of_the_template(values: openpyxl.Workbook, at: Layout) -> None:
    assert {(x.sheet, x.cell, values[x.sheet][x.cell].value) for x in at.labels} == {(x.sheet, x.cell, x.text) for x in at.labels}


def test_headers_of_the_sheet_for_the_declarant(values: openpyxl.Workbook, at: Layout) -> None:
    row = {" ".join(str(c.value).split()) for c in values["Summary_Communication"][25] if c.value}
    assert set(at.communication.headers.values()) <= row


def test_names_of_cells_agree_with_the_header_texts(values: openpyxl.Workbook, at: Layout) -> None:
    """Spot check by a person's eye: the header over, or the label beside, some entries."""
    def label(block: str, name: str, up_to: int, column: str) -> str:
        cell = at.blocks[block].cell(name)
        row = int(re.sub(r"\D", "", cell))
        return str(values[at.blocks[block].sheet][f"{column}{row if up_to == 0 else up_to}"].value)

    assert label("installation", "unlocode", 0, "E") == "UNLOCODE:"
    assert label("installation", "accreditation_number", 0, "E") == "Registration number issued by the Accreditation body:"
    assert label("streams", "biomass", 13, "R") == "Biomass content (BioC)"
    assert label("pfc", "overvoltage_coefficient", 96, "AL") == "B: OVC"
    assert label("measured", "flow", 110, "Z") == "Flue gas flow (average)"
    assert label("process", "to_other", 0, "E") == "Consumed for non-CBAM goods within the installation:"
    assert label("process", "exported_electricity", 0, "E") == "Amounts exported"
    assert label("precursor", "electricity_ef", 0, "E") == "Electricity emission factor (for SEE (indirect))"
    assert label("products", "nitrogen_urea", 8, "AJ") == "% N as Urea"
    assert label("products", "rebate", 8, "AX") == "Amount of rebate (per produced t or MWh)"


def test_the_layout_file_says_where_it_comes_from(root: Path) -> None:
    text = (root / "standards/eu-cbam/communication-template/2.1.yaml").read_text(encoding="utf-8")
    for line in ("format: zerofactory/cbam-template-layout/1", "act: ", "source: ", "confidence: "):
        assert re.search(f"^{line}", text, re.MULTILINE)
