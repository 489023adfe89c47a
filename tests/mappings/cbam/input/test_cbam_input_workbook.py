"""The workbook: units in headings, drop-downs, help; cells read exactly, mistakes named by sheet and cell."""

from __future__ import annotations

import io
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from typing import Any

import openpyxl
import pytest
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from zerofactory_engine.messages import LANGUAGES
from zerofactory_engine.problems import Problem, ProblemsError
from zerofactory_mappings.cbam.input import sheets
from zerofactory_mappings.cbam.input.template import starter_workbook
from zerofactory_mappings.cbam.input.workbook_in import is_ours
from zerofactory_mappings.cbam.input.workbook_out import empty_workbook
from zerofactory_mappings.cbam.model import Installation
from zerofactory_mappings.cbam.read import parse_installation

Edit = Callable[[openpyxl.Workbook], None]


def column(sheet: Worksheet, key: str) -> int:
    """The column of a key in the header row."""
    for cell in sheet[2]:
        if str(cell.value or "").split("\n")[-1] == key:
            return int(cell.column or 0)
    raise KeyError(key)


def put(book: openpyxl.Workbook, sheet: str, row: int, **cells: Any) -> None:
    """Fill cells of a sheet by key; *row* counts data rows from 1. A dotted key is written with two underscores."""
    page = book[sheet]
    for key, value in cells.items():
        page.cell(row + 2, column(page, key.replace("__", "."))).value = value


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@cache
def starter() -> bytes:
    return starter_workbook("steel", "en")


def steel(edit: Edit) -> bytes:
    """The starter of steel as a workbook, changed as a person would."""
    book = openpyxl.load_workbook(io.BytesIO(starter()))
    edit(book)
    return saved(book)


def read(edit: Edit) -> Installation:
    return parse_installation(steel(edit), "w.xlsx")


def refused(edit: Edit) -> list[Problem]:
    with pytest.raises(ProblemsError) as caught:
        read(edit)
    return list(caught.value.problems)


# --- what it looks like ---------------------------------------------------------------------------------------------

@pytest.mark.parametrize("language", LANGUAGES)
def test_every_column_has_a_title_its_help_and_its_unit(language: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(empty_workbook(language)))
    for key, shape in sheets.sheets().items():
        page = book[shape.names[language]]
        for column_key in shape.all_columns():
            heading = str(page.cell(2, column(page, column_key)).value)
            assert heading.split("\n")[-1] == column_key
            assert heading.split("\n")[0], (key, column_key)
            assert page.cell(1, column(page, column_key)).value, "help stands above"
    page = book[sheets.sheets()["energy_units"].names[language]]
    assert "[TJ]" in str(page.cell(2, column(page, "heat")).value)
    assert "[MWh]" in str(page.cell(2, column(page, "electricity")).value)


@pytest.mark.parametrize("language", LANGUAGES)
def test_sheets_and_fields_are_named_in_the_language(language: str) -> None:
    chinese = [bool(any("\u4e00" <= c <= "\u9fff" for c in n)) for n in openpyxl.load_workbook(io.BytesIO(empty_workbook(language))).sheetnames]
    assert all(chinese) if language == "zh" else not any(chinese)
    assert all(len(s.names[language]) <= 31 for s in sheets.sheets().values())


def test_drop_downs_of_codes_and_of_other_rows() -> None:
    book = openpyxl.load_workbook(io.BytesIO(empty_workbook("en")))
    page = book["Source streams"]
    found = {str(v.sqref).split(":")[0]: str(v.formula1) for v in page.data_validations.dataValidation}
    letter = get_column_letter(column(page, "method"))
    assert "Codes" in found[f"{letter}3"]
    start, end = found[f"{letter}3"].split("!")[1].replace("$", "").split(":")
    assert [c[0].value for c in book["Codes"][f"{start}:{end}"]] == ["combustion", "process", "mass_balance"]
    used = {str(v.sqref).split(":")[0]: str(v.formula1) for v in book["Used in"].data_validations.dataValidation}
    assert any("Production processes" in f for f in used.values())
    assert any("Bought precursors" in f for f in used.values())


def test_same_bytes_every_time() -> None:
    assert empty_workbook("zh") == empty_workbook("zh")
    assert starter_workbook("cement", "en") == starter_workbook("cement", "en")


# --- what is read ---------------------------------------------------------------------------------------------------

def test_a_bare_number_has_the_unit_of_its_heading_and_a_text_its_own() -> None:
    def edit(book: openpyxl.Workbook) -> None:
        put(book, "Energy units", 1, id="U1", kind="boiler", heat=12.5, efficiency=0.9)
        put(book, "Energy units", 2, id="U2", kind="power_plant", heat="3600 GJ", electricity="1.5 GWh", built=2018)

    units = {u.id: u for u in read(edit).units}
    assert units["U1"].heat is not None
    assert units["U2"].heat is not None
    assert units["U2"].electricity is not None
    assert (units["U1"].heat.value, units["U1"].heat.unit) == (Decimal("12.5"), "TJ")
    assert (units["U2"].heat.value, units["U2"].electricity.value, units["U2"].built) == (Decimal("3.6"), Decimal(1500), 2018)
    assert units["U2"].kind is None


def test_the_unit_of_an_amount_stands_beside_it_and_calorific_values_follow() -> None:
    def edit(book: openpyxl.Workbook) -> None:
        put(book, "Source streams", 2, id="S2", method="combustion", amount=7, amount_unit="1000Nm3", ncv=35.9, ef=1.9, ef_unit="tCO2/1000Nm3")
        put(book, "Source streams", 3, id="S3", method="combustion", amount="7 kt", ncv="25 MJ/kg", ef="94.6 tCO2/TJ")
        put(book, "Attribution", 2, of="S2", process="P1", share=1)
        put(book, "Attribution", 3, of="S3", process="P1", share="100 %")

    streams = {s.id: s for s in read(edit).streams}
    shown = {i: [None if g is None else f"{g.value} {g.unit}" for g in (s.amount, s.ncv, s.ef)] for i, s in streams.items()}
    assert shown["S2"] == ["7 1000Nm3", "35.9 GJ/1000Nm3", "1.9 tCO2/1000Nm3"]
    assert shown["S3"] == ["7000 t", "25 GJ/t", "94.6 tCO2/TJ"]


def test_places_are_sheet_and_cell() -> None:
    found = read(lambda book: put(book, "Source streams", 1, amount=1234.5))
    amount = found.streams[0].amount
    assert amount is not None
    assert amount.value == Decimal("1234.5")
    assert (amount.place.sheet, amount.place.cell) == ("Source streams", "D3")


def test_decimals_are_those_that_were_typed() -> None:
    numbers = (0.1, 2.675, 1e-7, 123456789.123, 1 / 3)

    def edit(book: openpyxl.Workbook) -> None:
        for n, number in enumerate(numbers, 1):
            put(book, "Source streams", n, id=f"S{n}", method="combustion", amount=number, amount_unit="t", factor="natural_gas")

    amounts = [s.amount.value for s in read(edit).streams if s.amount is not None]
    assert amounts == [Decimal(repr(n)) for n in numbers]


def test_attribution_in_its_three_ways() -> None:
    def edit(book: openpyxl.Workbook) -> None:
        for n, ident in enumerate(("S2", "S3"), 2):
            put(book, "Source streams", n, id=ident, method="process", amount="1 t", factor="caco3")
        put(book, "Attribution", 2, of="S2", process="P1", mass=10, substance="ammonia")
        put(book, "Attribution", 3, of="S3", process="P1")

    found = {s.id: s.attributed for s in read(edit).streams}
    assert found["S2"].molar["P1"][0].value == Decimal(10)
    assert found["S3"].processes == ("P1",)
    assert found["S1"].shares["P1"].value == Decimal(1)


def test_a_percentage_cell_is_a_share() -> None:
    def edit(book: openpyxl.Workbook) -> None:
        put(book, "Source streams", 1, oxidation=0.995)
        cell = book["Source streams"].cell(3, column(book["Source streams"], "oxidation"))
        cell.number_format = "0.0%"

    oxidation = read(edit).streams[0].oxidation
    assert oxidation is not None
    assert oxidation.value == Decimal("0.995")


def test_electricity_rows_and_their_hours_go_together() -> None:
    def edit(book: openpyxl.Workbook) -> None:
        put(book, "Electricity", 2, of="P1", consumed=2, source="ppa", ef=0, match__minutes=60, match__contract="D1")
        put(book, "Hourly matching", 1, of="P1/2", start="2026-06-01T10:00+08:00", generated_MWh=2.5, consumed_MWh=2)

    uses = read(edit).processes[0].electricity
    assert len(uses) == 2
    assert uses[1].match is not None
    assert uses[1].match.rows == (("2026-06-01T10:00+08:00", Decimal("2.5"), Decimal(2)),)


# --- what is refused ------------------------------------------------------------------------------------------------

BAD: list[tuple[str, dict[str, Any], str, str]] = [
    ("Source streams", {"amount": "about 100"}, "typed.needs-unit", "amount"),
    ("Source streams", {"amount": "1.234,5"}, "cbam-input.locale-number", "amount"),
    ("Source streams", {"amount": "1,234.5"}, "cbam-input.locale-number", "amount"),
    ("Source streams", {"amount": 5, "amount_unit": "MWh"}, "cbam-input.wrong-unit", "amount"),
    ("Source streams", {"amount": 5, "amount_unit": None}, "typed.needs-unit", "amount"),
    ("Source streams", {"ncv": "48,0"}, "cbam-input.locale-number", "ncv"),
    ("Source streams", {"oxidation": 99.5}, "cbam-input.share-over-one", "oxidation"),
    ("Source streams", {"oxidation": "full"}, "cbam-input.share", "oxidation"),
    ("Source streams", {"method": "burning"}, "typed.not-in-list", "method"),
    ("Source streams", {"amount": "=1+1"}, "workbook.formula-without-value", "amount"),
    ("Production processes", {"to_market": "10000 MW"}, "cbam-input.wrong-unit", "to_market"),
    ("Production", {"amount": "viel"}, "typed.needs-unit", "amount"),
    ("Attribution", {"of": "S9"}, "cbam-input.row-unknown", "of"),
    ("Attribution", {"mass": 5}, "cbam-input.attribution-mixed", ""),
    ("Used in", {"of": "B9"}, "cbam-input.row-unknown", "of"),
    ("Used in", {"process": None}, "typed.missing-key", ""),
    ("Electricity", {"consumed": "5000 GJ"}, "cbam-input.wrong-unit", "consumed"),
    ("Electricity", {"source": "wind"}, "typed.not-in-list", "source"),
]


@pytest.mark.parametrize(("sheet", "cells", "code", "key"), BAD, ids=[f"{s} {c}" for s, c, _, _ in BAD])
def test_a_mistake_is_named_by_sheet_and_cell(sheet: str, cells: dict[str, Any], code: str, key: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(starter()))
    letter = get_column_letter(column(book[sheet], key)) if key else "A"
    problems = refused(lambda b: put(b, sheet, 1, **cells))
    mine = [p for p in problems if p.code == code]
    assert mine, problems
    assert (mine[0].place.file, mine[0].place.sheet, mine[0].place.cell) == ("w.xlsx", sheet, f"{letter}3")


def test_an_unknown_heading_a_sheet_too_many_and_a_cell_without_heading() -> None:
    def edit(book: openpyxl.Workbook) -> None:
        page = book["Source streams"]
        page.cell(2, column(page, "ncv")).value = "NCV\nncvv"
        page.cell(3, 60).value = "stray"
        book.create_sheet("My notes").append(["hello", "world"])

    problems = refused(edit)
    assert {"typed.unknown-key-near", "workbook.cell-without-header", "workbook.sheet-not-read"} <= {p.code for p in problems}


def test_an_error_value_is_named() -> None:
    def edit(book: openpyxl.Workbook) -> None:
        cell = book["Source streams"].cell(3, column(book["Source streams"], "amount"))
        cell.value, cell.data_type = "#REF!", "e"

    assert "workbook.error-value" in {p.code for p in refused(edit)}


def test_a_workbook_without_our_sheet_is_not_ours() -> None:
    book = openpyxl.Workbook()
    assert not is_ours(saved(book), "x.xlsx")
    with pytest.raises(ProblemsError) as caught:
        parse_installation(saved(book), "x.xlsx")
    assert [p.code for p in caught.value.problems] == ["cbam-template.not-the-template"]
    assert is_ours(empty_workbook("zh"), "x.xlsx")
    assert not is_ours(b"PK\x03\x04 damaged", "x.xlsx")


def test_a_renamed_sheet_key_is_read_in_either_language() -> None:
    def edit(book: openpyxl.Workbook) -> None:
        book["Source streams"].title = "源流"
        book["Production"].title = "processes.production"

    found = read(edit)
    assert found.streams
    assert found.processes[0].production
