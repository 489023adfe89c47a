"""Filled templates into the model: the official examples from input cells alone, and entries as people leave them."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from tests.mappings.cbam.communication.workbooks import (
    differences,
    each_sheet,
    garbage_results,
    renamed_version,
    sheet_parts,
    typed,
    without_results,
    zipped,
)
from tests.mappings.cbam.communication.workbooks import parts as parts_of

from zerofactory_engine.problems import Problem, ProblemsError, Severity
from zerofactory_mappings.cbam.communication.layout import layout
from zerofactory_mappings.cbam.communication.package import Package
from zerofactory_mappings.cbam.communication.read import open_template, read_template
from zerofactory_mappings.cbam.communication.styles import unlocked_styles
from zerofactory_mappings.cbam.compute import compute
from zerofactory_mappings.cbam.model import Basis, Given, Installation, Method, Origin, PfcMethod, ValueSource

#: What separates a stored double from the exact value of its formula.
DOUBLE = Decimal("1e-15")


def read(data: bytes) -> Installation:
    return read_template(data, "filled.xlsx")


def figure(given: Given | None) -> str | None:
    return None if given is None else f"{given.value} {given.unit}"


def codes(installation: Installation, *, but: tuple[str, ...] = ("parameter-missing",)) -> dict[str, str]:
    """Problems by code (without the prefix) with their cells."""
    found: dict[str, str] = {}
    for problem in installation.problems:
        code = problem.code.removeprefix("cbam-template.")
        if code not in but:
            cell = f"{problem.place.sheet}!{problem.place.cell}"
            found[code] = f"{found[code]} {cell}" if code in found else cell
    return found


def problem(installation: Installation, code: str) -> Problem:
    (found,) = [p for p in installation.problems if p.code == f"cbam-template.{code}"]
    return found


# --- the official examples -------------------------------------------------------------------------------------------

def test_aluminium_maker(examples: dict[str, bytes]) -> None:
    made = read(examples["aluminium"])
    assert (made.origin, made.template_version) == (Origin.COMMISSION, "2.1")
    assert (made.name, made.country) == ("Example Aluminium Producer", "US")
    assert (made.period_start, made.period_end) == (date(2023, 1, 1), date(2023, 12, 31))
    assert [(s.id, s.name, s.method, figure(s.amount), figure(s.ncv), figure(s.ef)) for s in made.streams] == [
        ("stream-1", "Natural gas", Method.COMBUSTION, "14181 t", "48 GJ/t", "56.1 tCO2/TJ"),
        ("stream-2", "Purchased anodes", Method.PROCESS, "47000 t", None, "3.664 tCO2/t"),
        ("stream-3", "Own anodes", Method.PROCESS, "22000 t", None, "3.664 tCO2/t")]
    (cells,) = made.pfc
    assert (cells.method, cells.technology) == (PfcMethod.SLOPE, "Centre Worked Pre-Bake (CWPB)")
    assert [figure(g) for g in (cells.aluminium, cells.c2f6_share, cells.collection_efficiency)] == [
        "200000 t", "0.12 t C2F6/t CF4", "0.97 1"]
    smelting, forming = made.processes
    assert (smelting.id, smelting.name, smelting.category) == ("P1", "Primary smelting", "unwrought_aluminium")
    assert [(r.route, figure(r.amount)) for r in smelting.production][:1] == [("primary", "200000 t")]
    assert {k: figure(v) for k, v in smelting.to_processes.items()} == {"P2": "120000 t"}
    assert (figure(smelting.direct), figure(forming.direct)) == ("311000 tCO2e", "5283 tCO2e")
    assert [(figure(u.consumed), figure(u.ef), u.code) for u in forming.electricity] == [("105000 MWh", "0.41 tCO2/MWh", "D.4(a)")]
    assert figure(made.stated.indirect) == "1273050 tCO2e"
    assert [(p.process, p.cn, p.parameters["non_aluminium"]) for p in made.products] == [
        ("P1", "76011010", "0.00153"), ("P2", "76051900", "0.00175")]
    assert codes(made) == {}


def test_blast_furnace(examples: dict[str, bytes]) -> None:
    made = read(examples["blast_furnace"])
    (bubble,) = made.processes
    assert (bubble.category, bubble.included) == ("iron_or_steel_products", ("sintered_ore", "pig_iron", "crude_steel"))
    assert made.country == "CN"
    plastic = made.streams[3]
    assert (plastic.name, figure(plastic.carbon_content), figure(plastic.biomass)) == ("Plastic wastes", "0.683571530119101 tC/t", "0.16 1")
    assert figure(made.streams[9].amount) == "-4800000 t"
    assert bubble.waste_gas is not None
    assert figure(bubble.waste_gas.exported) == "12800 TJ"
    assert [p.cn for p in made.products] == ["72081000", "72122000", "72139120", "73021028"]
    assert made.products[0].parameters == {"reducing_agent": "coal_or_coke", "steel_mill": "623108"}


def test_screws_and_nuts(screws: bytes) -> None:
    made = read(screws)
    assert [(p.id, p.name, p.country, p.category) for p in made.precursors] == [
        ("PP1", "Carbon steel", "CN", "iron_or_steel_products"), ("PP2", "High alloy steel", "US", "iron_or_steel_products")]
    carbon = made.precursors[0]
    assert {k: figure(v) for k, v in carbon.used_in.items()} == {"P1": "20000 t", "P2": "0 t"}
    assert (figure(carbon.direct), figure(carbon.electricity)) == ("1.539 tCO2e/t", "0.3455925 MWh/t")
    assert (carbon.direct_source, carbon.electricity_source, carbon.electricity_code) == (ValueSource.MEASURED, ValueSource.MEASURED, "Mix")
    assert carbon.indirect is None, "the template has no cell for it"
    assert made.products[1].parameters["chromium"] == "0.18"
    place = made.processes[0].production[0].amount.place
    assert (place.file, place.sheet, place.cell) == ("filled.xlsx", "D_Processes", "L16")


@pytest.mark.parametrize("name", ["aluminium", "blast_furnace", "screws_nuts"])
def test_examples_compute_to_what_the_commission_printed(examples: dict[str, bytes], shared_data: Path, name: str) -> None:
    expected = json.loads((shared_data / "cbam/examples/expected.json").read_text())[f"ec_example_{name}.xlsx"]["expected"]
    result = compute(read(examples[name]), Basis.TRANSITIONAL)
    ours = {p.name: {"SE_dir": p.se_direct, "SEE_dir": p.see_direct, "SE_ind": p.se_indirect, "SEE_ind": p.see_indirect,
                     "embedded_el": p.embedded_electricity} for p in result.processes}
    assert set(ours) == set(expected)
    for process, figures in ours.items():
        for key, value in figures.items():
            assert float(value or 0) == pytest.approx(expected[process][key], rel=1e-9), f"{process} {key}"


@pytest.mark.parametrize("name", ["aluminium", "blast_furnace", "screws_nuts"])
def test_stored_results_make_no_difference(examples: dict[str, bytes], name: str) -> None:
    """Neither missing results (also of formulas that a user typed) nor wrong ones of the template's own cells."""
    data = examples[name]
    made = read(data)
    stripped = read(without_results(data))
    assert differences(made, stripped, tolerance=DOUBLE) == []
    assert codes(stripped) == codes(made) == {}
    package = Package(data, "x")
    styles = unlocked_styles(package)
    opened = frozenset((s, c) for s in layout().sheets for c, cell in package.sheet(s).items() if cell.style in styles)
    spoilt = read(garbage_results(data, opened))
    assert differences(made, spoilt) == []
    assert codes(spoilt) == {}


@pytest.mark.parametrize("name", ["aluminium", "blast_furnace", "screws_nuts"])
def test_results_that_formulas_may_refer_to_are_what_the_workbook_shows(examples: dict[str, bytes], name: str) -> None:
    """Each of the 544 locked cells that are worked out here, against the result that Excel stored in it."""
    opened = open_template(examples[name], "x")
    wrong = []
    for sheet, cell in layout().derived:
        shown, ours = opened.package.cell(sheet, cell).value, opened.cells.reference(sheet, cell)
        agree = not isinstance(shown, Decimal) and not isinstance(ours, Decimal)
        if isinstance(shown, Decimal) and isinstance(ours, Decimal):
            agree = abs(shown - ours) <= Decimal("1e-11") * max(abs(shown), Decimal(1))
        if not agree:
            wrong.append(f"{sheet}!{cell}: {shown} {ours}")
    assert wrong == []


def test_the_blank_template_is_an_empty_installation(blank: bytes) -> None:
    made = read(blank)
    assert made.template_version == "2.1.1"
    assert (made.streams, made.pfc, made.measured, made.units, made.processes, made.precursors, made.products) == ((),) * 7
    assert sorted(codes(made)) == ["country-missing", "name-missing", "period-missing"]


# --- version ---------------------------------------------------------------------------------------------------------

def refused(data: bytes) -> list[Problem]:
    with pytest.raises(ProblemsError) as error:
        read(data)
    return list(error.value.problems)


@pytest.mark.parametrize("version", ["2.0", "2.0.1", "1.1", "3.0", "2.10", "21"])
def test_another_version_is_refused_with_what_was_found(screws_lean: bytes, version: str) -> None:
    (only,) = refused(renamed_version(screws_lean, version))
    assert (only.code, only.found, only.accepted) == ("cbam-template.another-version", version, "2.1, 2.1.1")


def test_an_unknown_version_of_the_line_is_read_with_a_warning(screws_lean: bytes) -> None:
    made = read(renamed_version(screws_lean, "2.1.7"))
    assert made.template_version == "2.1.7"
    assert problem(made, "version-unknown").severity is Severity.WARNING
    assert differences(made, read(screws_lean)) == []


def test_an_unknown_version_with_other_labels_is_refused(screws_lean: bytes) -> None:
    moved = typed(renamed_version(screws_lean, "2.2.0".replace("2.2", "2.1.9")), {("Summary_Products", "F8"): "Tariff code"})
    (only,) = refused(moved)
    assert only.code == "cbam-template.version-labels-differ"
    assert only.found == "2.1.9.0: Summary_Products!F8"


def test_a_sheet_that_is_missing_or_renamed(screws_lean: bytes) -> None:
    content = parts_of(screws_lean)
    content["xl/workbook.xml"] = content["xl/workbook.xml"].replace(b'name="D_Processes"', b'name="Processes"').replace(
        b'name="F_Tools"', b'name="Tools"')
    found = refused(zipped(content))
    assert [(p.code, p.accepted) for p in found] == [("cbam-template.sheet-missing", "D_Processes"), ("cbam-template.sheet-missing", "F_Tools")]


def test_another_workbook_is_refused(screws_lean: bytes) -> None:
    content = parts_of(screws_lean)
    content["xl/workbook.xml"] = content["xl/workbook.xml"].replace(b'name="0_Versions"', b'name="Sheet1"')
    (only,) = refused(zipped(content))
    assert only.code == "cbam-template.not-the-template"
    assert "A_InstData" in str(only.found)


# --- entries as people leave them ------------------------------------------------------------------------------------

D, B = "D_Processes", "B_EmInst"


def test_numbers_typed_as_text(screws_lean: bytes) -> None:
    made = read(typed(screws_lean, {(D, "L16"): " 17000 ", (D, "L66"): "0.833", (B, "H17"): "4.8e1"}))
    assert figure(made.processes[0].production[0].amount) == "17000 t"
    assert figure(made.streams[0].ncv) == "48 GJ/t"
    assert codes(made)["number-as-text"] == f"{B}!H17 {D}!L66 {D}!L16"
    assert problem(read(typed(screws_lean, {(D, "L66"): "0.833"})), "number-as-text").severity is Severity.NOTE


@pytest.mark.parametrize("text", ["1.234,56", "1,234.5", "1 234,5", "1 234", "1'234", "0,833", "1\u00a0234.5", "12 %", "1.234.567"])
def test_separators_of_a_locale_are_refused_as_ambiguous(screws_lean: bytes, text: str) -> None:
    made = read(typed(screws_lean, {(D, "L66"): text}))
    only = problem(made, "ambiguous-number")
    assert (only.severity, only.place.cell, only.example) == (Severity.ERROR, "L66", "1234.5")
    assert made.processes[0].electricity[0].ef is None


def test_every_unreadable_entry_is_told_at_once(screws_lean: bytes) -> None:
    made = read(typed(screws_lean, {
        (D, "L16"): "seventeen thousand", (D, "L66"): "0,833", (D, "L67"): "grid", (B, "D17"): "Burning", (B, "F17"): True,
        ("A_InstData", "I9"): "01/02/2023", ("A_InstData", "E83"): "Steel", ("A_InstData", "I26"): "Atlantis",
        ("Summary_Products", "F11"): "731815", (D, "L130"): ("e", b"<v>#REF!</v>")}))
    found = codes(made)
    assert found["not-a-number"] == f"{B}!F17"
    assert found["ambiguous-number"] == f"{D}!L66" if "ambiguous-number" in found else True
    assert found["category-unknown"] == "A_InstData!E83"
    assert found["cell-error"] == f"{D}!L130"
    assert found["not-a-date"] == "A_InstData!I9"
    assert found["country-unknown"] == "A_InstData!I26"
    assert found["not-in-list"] == f"{B}!D17"
    short = [p for p in made.problems if p.code == "cbam-scope.cn-short"]
    assert short[0].place.cell == "F11"
    assert "73181542" in str(short[0].accepted)


def test_cn_codes_of_other_lengths(screws_lean: bytes) -> None:
    made = read(typed(screws_lean, {("Summary_Products", "F10"): 7318154210, ("Summary_Products", "F11"): "99999999"}))
    assert [p.cn for p in made.products] == ["73181542", "99999999"]
    told = {p.code: p.severity for p in made.problems if p.code.startswith("cbam-scope")}
    assert told == {"cbam-scope.cn-taric": Severity.NOTE, "cbam-scope.cn-out-of-scope": Severity.ERROR}


@pytest.mark.parametrize(("value", "expected"), [
    (44927, date(2023, 1, 1)), ("44927.5", date(2023, 1, 1)), ("text:2023-01-01", date(2023, 1, 1)), ("text:2023-02-30", None),
    ("text:1.1.2023", None), (12, None), (99999999, None)])
def test_dates(screws_lean: bytes, value: object, expected: date | None) -> None:
    given = Decimal(str(value)) if not str(value).startswith("text:") else str(value)[5:]
    made = read(typed(screws_lean, {("A_InstData", "I9"): given}))
    assert made.period_start == expected
    assert ("not-a-date" in codes(made)) is (expected is None)


def test_dates_from_1904(screws_lean: bytes) -> None:
    content = parts_of(screws_lean)
    content["xl/workbook.xml"] = content["xl/workbook.xml"].replace(b"<workbookPr ", b'<workbookPr date1904="1" ', 1)
    made = read(typed(zipped(content), {("A_InstData", "I9"): 43465, ("A_InstData", "L9"): 43829}))
    assert (made.period_start, made.period_end) == (date(2023, 1, 1), date(2023, 12, 31))


def test_blank_is_not_zero(screws_lean: bytes) -> None:
    made = read(typed(screws_lean, {(D, "L54"): None, (D, "L66"): None, ("E_PurchPrec", "L49"): None}))
    assert made.processes[0].direct is None
    assert made.processes[0].electricity[0].ef is None
    assert made.precursors[0].direct is None
    assert {k: v for k, v in codes(made).items() if k != "electricity-missing"} == {
        "direct-missing": f"{D}!L54", "factor-missing": f"{D}!L66", "precursor-value-missing": "E_PurchPrec!L49"}


def test_choices_with_spaces_and_the_placeholder(screws_lean: bytes) -> None:
    made = read(typed(screws_lean, {(D, "L67"): "Please select…", (D, "L132"): " d.4(b)  ", (B, "D17"): "combustion "}))
    assert [p.electricity[0].code for p in made.processes] == [None, "D.4(b)"]
    assert made.streams[0].method is Method.COMBUSTION
    assert codes(made) == {"electricity-source-missing": f"{D}!L67", "list-text-spaces": f"{B}!D17 {D}!L132"}


def test_choices_in_a_language_of_the_workbooks_own_table(screws_lean: bytes) -> None:
    """A user filled a column of sheet Translations and chose it; lists then show its texts."""
    german = typed(screws_lean, {(B, "D17"): "Verbrennung", ("A_InstData", "E83"): "Eisen- oder Stahlerzeugnisse"})
    part = sheet_parts(parts_of(german))["Translations"]
    rows = {b"Combustion": "Verbrennung", b"Iron or steel products": "Eisen- oder Stahlerzeugnisse"}

    def translate(name: str, xml: bytes) -> bytes:
        if name != "Translations":
            return xml
        package = Package(german, "x")
        for english, text in rows.items():
            cell = next(c for c, v in package.sheet("Translations").items() if c.startswith("C") and v.value == english.decode())
            there = f'<c r="D{cell[1:]}"'.encode()
            new = there + f' t="inlineStr"><is><t>{text}</t></is></c>'.encode()
            if there in xml:
                start = xml.index(there)
                end = xml.index(b"/>", start) + 2
                xml = xml[:start] + new + xml[end:]
            else:
                at = xml.index(f'<c r="{cell}"'.encode())
                end = xml.index(b"</c>", at) + 4
                xml = xml[:end] + new + xml[end:]
        return xml

    assert part
    made = read(each_sheet(german, translate))
    assert made.streams[0].method is Method.COMBUSTION
    assert made.processes[0].category == "iron_or_steel_products"
    assert "not-in-list" not in codes(made)


def test_names_of_processes_are_matched_as_people_type_them(screws_lean: bytes) -> None:
    made = read(typed(screws_lean, {("Summary_Products", "D10"): "carbon STEEL screws and nuts  ", ("Summary_Products", "D11"): "Bolts"}))
    assert [p.process for p in made.products] == ["P1", "Bolts"]
    assert codes(made) == {"process-name-spaces": "Summary_Products!D10", "process-unknown": "Summary_Products!D11"}


def test_a_process_without_a_name_is_called_as_the_template_does(screws_lean: bytes) -> None:
    made = read(typed(screws_lean, {("A_InstData", "L84"): None, ("Summary_Products", "D11"): "P2 - Iron or steel products"}))
    assert made.processes[1].name == "P2 - Iron or steel products"
    assert made.products[1].process == "P2"


def test_an_amount_in_a_row_that_is_no_route(screws_lean: bytes) -> None:
    made = read(typed(screws_lean, {(D, "L17"): 5}))
    assert [(r.route, figure(r.amount)) for r in made.processes[0].production] == [("all", "17000 t"), ("unknown", "5 t")]
    assert codes(made)["route-row-absent"] == f"{D}!L17"


def test_cogeneration_and_carbon_prices(screws_lean: bytes) -> None:
    made = read(typed(screws_lean, {
        ("F_Tools", "J21"): 100, ("F_Tools", "K21"): 40, ("F_Tools", "L21"): 5000, ("F_Tools", "J26"): 5610, ("F_Tools", "K26"): 12,
        ("F_Tools", "J97"): "CNY", ("F_Tools", "H101"): 0.5, ("F_Tools", "J101"): 60, ("F_Tools", "K101"): 20,
        ("F_Tools", "J111"): 7, ("Summary_Products", "AL10"): "Carbon Tax", ("Summary_Products", "AP10"): "USD",
        ("Summary_Products", "AR10"): 3}))
    (unit,) = made.units
    assert (unit.id, figure(unit.heat), figure(unit.electricity), figure(unit.reference_heat)) == ("chp-1", "40 TJ", "5000 MWh", "0.88 1")
    assert [(figure(f.energy), figure(f.ef)) for f in unit.fuels] == [("100 TJ", "56.1 tCO2/TJ")]
    price = made.processes[0].carbon_price
    assert price is not None
    assert (figure(price.covered), figure(price.price), figure(price.rebate), price.currency) == ("0.5 1", "60 CNY/tCO2e", "20 CNY/tCO2e", "CNY")
    bought = made.precursors[0].carbon_price
    assert bought is not None
    assert figure(bought.price) == "7 CNY/tCO2e"
    sold = made.products[0].carbon_price
    assert sold is not None
    assert (sold.instrument, sold.currency, figure(sold.price)) == ("tax", "USD", "3 USD/t")
