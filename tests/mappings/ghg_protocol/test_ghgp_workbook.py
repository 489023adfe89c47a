"""The workbook: LibreOffice recalculates it to our figures, also when the number of the approach is changed in it."""

from __future__ import annotations

import io
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from tests.mappings.ghg_protocol.test_ghgp_inventory import DEMO, GROUP, book_of, made

from zerofactory_engine.accounting.library import FactorLibrary
from zerofactory_engine.accounting.options import Options
from zerofactory_engine.accounting.terms import Term
from zerofactory_mappings.disclosures.commands import written
from zerofactory_mappings.disclosures.subject import load_subject
from zerofactory_mappings.ghg_protocol import DISCLOSURE
from zerofactory_mappings.ghg_protocol.calculation import Product, letter
from zerofactory_mappings.ghg_protocol.consolidation import APPROACHES
from zerofactory_mappings.publishing.workbook import fits_a_double
from zerofactory_mappings.sources import verifi


def figures(book: openpyxl.Workbook, sheet: str, first: int, keys: int, columns: int
            ) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """Rows of a sheet below its head: the first *keys* cells → the *columns* behind them."""
    return {row[:keys]: row[keys:keys + columns] for row in book[sheet].iter_rows(min_row=first, values_only=True)}


def recalculated(data: bytes, folder: Path, **cells: Any) -> openpyxl.Workbook:
    """*data* without any stored result and with *cells* (``Shares!J4``) changed, recalculated by LibreOffice."""
    live = openpyxl.load_workbook(io.BytesIO(data))
    for sheet in live:
        for row in sheet.iter_rows():
            for cell in row:
                cell.value = cell.value                    # forgets what was stored of a formula
    for where, value in cells.items():
        name, _, at = where.partition("!")
        live[name][at] = value
    live.save(folder / "blank.xlsx")
    subprocess.run(["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to",
                    "xlsx:Calc MS Excel 2007 XML", "--outdir", str(folder / "out"), str(folder / "blank.xlsx")],
                   check=True, capture_output=True, timeout=300)
    return openpyxl.load_workbook(folder / "out/blank.xlsx", data_only=True)


def agrees(data: bytes, theirs: openpyxl.Workbook) -> int:
    """How many formulas give what we wrote; fails at the first that does not."""
    live, ours = openpyxl.load_workbook(io.BytesIO(data)), openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    compared = 0
    for sheet in live:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    mine, other = (b[sheet.title][cell.coordinate].value for b in (ours, theirs))
                    where = f"{sheet.title}!{cell.coordinate}"
                    if isinstance(mine, str):
                        assert other == mine, where
                    else:
                        assert other == pytest.approx(mine, rel=1e-12, abs=1e-15), where
                    compared += 1
    return compared


# --- what is written -------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("path", [DEMO, GROUP], ids=["demo", "group"])
def test_the_summary_shows_our_figures(path: Path) -> None:
    _, _, found = made(path)
    told = figures(openpyxl.load_workbook(io.BytesIO(book_of(path)), data_only=True), "Summary", 5, 1, 4)
    assert told[("Scope 1",)] == pytest.approx((*[float(found["scope_1"]["tCO2e"])] * 2, 0, 0), rel=1e-15)
    assert told[("Scopes 1 and 2",)] == pytest.approx(
        (*(float(found["scopes_1_2"][b]["tCO2e"]) for b in ("location", "market")), 0, 0), rel=1e-15)
    assert told[("Scope 3",)][0] == pytest.approx(float(found["scope_3"]["tCO2e"]), rel=1e-15)


def test_each_figure_of_the_totals_is_a_live_formula() -> None:
    live = openpyxl.load_workbook(io.BytesIO(book_of(GROUP)))
    for sheet, first, columns in (("Summary", 5, "BCDE"), ("By approach", 5, "EFGHIJKL"), ("Gases", 4, "BCDEF")):
        for row in range(first, live[sheet].max_row + 1):
            for column in columns:
                assert live[sheet][f"{column}{row}"].data_type == "f", f"{sheet}!{column}{row}"


def test_categories_without_lines_have_a_word_and_no_figure() -> None:
    told = figures(openpyxl.load_workbook(io.BytesIO(book_of(GROUP)), data_only=True), "Scope 3 categories", 4, 1, 10)
    assert told[(8,)][:3] == ("Upstream leased assets", "not occurring", None)
    assert told[(1,)][1] == "figure given"


def test_no_text_of_an_input_becomes_a_formula(tmp_path: Path) -> None:
    """A credit whose programme looks like a formula stays a text, and no formula holds any of it."""
    evil = '=1+1","*'
    text = (GROUP.parent / "plant-a.yaml").read_text(encoding="utf-8")
    (tmp_path / "plant.yaml").write_text(text.replace("programme: CCER", f"programme: '{evil}'"), encoding="utf-8")
    subject = load_subject(tmp_path / "plant.yaml", options=Options(), library=FactorLibrary.shipped())
    model = DISCLOSURE.build(subject)
    book = openpyxl.load_workbook(io.BytesIO(written(
        DISCLOSURE, model, DISCLOSURE.check(model), ".xlsx", "en", subject)))
    cells = [c for sheet in book for row in sheet.iter_rows() for c in row]
    assert [c.data_type for c in cells if c.value == evil] == ["s"]
    assert not any(evil[1:4] in str(c.value) for c in cells if c.data_type == "f")


def test_letters_of_columns() -> None:
    assert [letter(n) for n in (0, 25, 26, 51, 52, 701, 702)] == ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]


def test_a_product_divides_once() -> None:
    """44/12 stays a fraction: 12 t of carbon are exactly 44 t of CO2, and a third does not fit a double."""
    _, model, _ = made(DEMO)
    line = next(ln for ln in model.consolidated.lines if ln.gas == "CO2")
    terms = (Term("carbon", Decimal(12), "t"), Term("ratio", Decimal(44), "1", below=Decimal(12)))
    assert Product(0, line, "L+M", terms).tonnes(of_gas=True) == 44
    assert not fits_a_double(Decimal(1) / Decimal(3))


# --- what LibreOffice makes of it -------------------------------------------------------------------------------------

@pytest.mark.full
@pytest.mark.parametrize("path", [DEMO, GROUP], ids=["demo", "group"])
def test_libreoffice_recalculates_to_our_figures(path: Path, tmp_path: Path) -> None:
    """Every formula of every sheet, recalculated from the typed numbers alone, gives the value that we wrote."""
    data = book_of(path)
    assert agrees(data, recalculated(data, tmp_path)) > 200


@pytest.mark.full
def test_libreoffice_recalculates_an_imported_plant_in_chinese(shared_data: Path, tmp_path: Path) -> None:
    file = shared_data / "inventory/VERIFI_ExampleAccount.json"
    for name, content in verifi.import_bytes(file.read_bytes(), file.name, {"year": 2023}).dossiers.items():
        (tmp_path / name).write_bytes(content)
    data = book_of(tmp_path / "roasting-advanced.yaml", "zh")
    assert agrees(data, recalculated(data, tmp_path)) > 50


@pytest.mark.full
@pytest.mark.parametrize("approach", APPROACHES)
def test_the_number_of_the_approach_moves_every_total(approach: str, tmp_path: Path) -> None:
    """A reader who changes one cell gets the inventory that this project writes for a group under that approach."""
    number = APPROACHES.index(approach) + 1
    theirs = recalculated(book_of(GROUP), tmp_path, **{"Shares!J4": number})
    for name in GROUP.parent.iterdir():
        if name.is_file():
            text = name.read_text(encoding="utf-8").replace("approach: operational_control", f"approach: {approach}")
            (tmp_path / name.name).write_text(text, encoding="utf-8")
    (tmp_path / "hourly").symlink_to(GROUP.parent / "hourly")
    subject = load_subject(tmp_path / "group.yaml", options=Options(), library=FactorLibrary.shipped())
    model = DISCLOSURE.build(subject)
    ours = openpyxl.load_workbook(io.BytesIO(written(
        DISCLOSURE, model, DISCLOSURE.check(model), ".xlsx", "en", subject)), data_only=True)
    for sheet, first, keys, columns in (("Summary", 5, 1, 4), ("Gases", 4, 1, 5), ("By approach", 5, 2, 10)):
        mine, other = (figures(book, sheet, first, keys, columns) for book in (ours, theirs))
        assert mine.keys() == other.keys()
        for key, values in mine.items():
            for one, two in zip(values, other[key], strict=True):
                assert two == (one if one is None else pytest.approx(one, rel=1e-12, abs=1e-15)), (sheet, key)
