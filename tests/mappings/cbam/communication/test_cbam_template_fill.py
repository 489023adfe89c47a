"""Filling the official template: what goes in comes out again, everything else stays, and LibreOffice agrees."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from tests.mappings.cbam import oracle
from tests.mappings.cbam.communication.installations import everything, g, installations
from tests.mappings.cbam.communication.test_cbam_template_read import codes, read
from tests.mappings.cbam.communication.workbooks import differences, parts, sheet_parts, typed, without_results, zipped

from zerofactory_engine.problems import ProblemsError, Severity
from zerofactory_mappings.cbam.communication.fill import Filled, fill, fill_template
from zerofactory_mappings.cbam.compute import compute
from zerofactory_mappings.cbam.model import (
    Attribution,
    Basis,
    ElectricitySource,
    ElectricityUse,
    EnergyUnit,
    FuelUse,
    Heat,
    HeatKind,
    Installation,
    MeasuredSource,
    Method,
    Origin,
    Precursor,
    Process,
    Product,
    RouteAmount,
    SourceStream,
)
from zerofactory_mappings.cbam.read import read_installation
from zerofactory_mappings.cbam.result import CbamResult

_CELL = re.compile(rb"<c [^>]*?(?:/>|>.*?</c>)", re.DOTALL)
_ADDRESS = re.compile(rb'<c r="([A-Z]+[0-9]+)"')


@pytest.fixture(scope="module")
def filled(blank: bytes, screws: bytes) -> Filled:
    return fill(blank, read(screws))


@pytest.fixture(scope="module")
def filled_lean(blank_lean: bytes, screws_lean: bytes) -> Filled:
    return fill(blank_lean, read(screws_lean))


def told(made: Filled) -> dict[str, str]:
    return {p.code.removeprefix("cbam-template."): str(p.found) for p in made.problems}


# --- what goes in comes out again -------------------------------------------------------------------------------------

@pytest.mark.parametrize("name", ["aluminium", "blast_furnace", "screws_nuts"])
def test_examples_go_through_the_blank_template(blank_lean: bytes, examples: dict[str, bytes], name: str) -> None:
    made = read(examples[name])
    again = read(fill_template(blank_lean, made))
    assert differences(made, again) == []
    assert again.template_version == "2.1.1"
    assert codes(again) == codes(made)


def comes_back(template: bytes, examples: int) -> None:
    """Any installation that the template can hold, filled in and read again, is the same."""
    @given(installations())
    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate], database=None,
              derandomize=True)
    def same(made: Installation) -> None:
        assert differences(made, read(fill_template(template, made))) == []

    same()


def test_any_installation_comes_back_as_it_went_in(blank_lean: bytes) -> None:
    comes_back(blank_lean, 7)


@pytest.mark.full
def test_very_many_installations_come_back(blank_lean: bytes) -> None:
    comes_back(blank_lean, 70)


def test_everything_at_once(blank_lean: bytes) -> None:
    made = everything()
    assert differences(made, read(fill_template(blank_lean, made))) == []


def test_same_input_same_bytes(blank_lean: bytes) -> None:
    assert fill_template(blank_lean, everything()) == fill_template(blank_lean, everything())


# --- everything else stays ---------------------------------------------------------------------------------------------

def test_only_sheets_and_the_calculation_flag_change(blank: bytes, filled: Filled) -> None:
    before, after = parts(blank), parts(filled.data)
    assert list(before) == list(after)
    sheets = set(sheet_parts(before).values())
    assert {n for n in before if before[n] != after[n]} - sheets == {"xl/workbook.xml"}
    assert after["xl/workbook.xml"] == before["xl/workbook.xml"].replace(b'<calcPr calcId="162913"/>', b'<calcPr calcId="162913" fullCalcOnLoad="1"/>')


def test_nothing_of_a_sheet_changes_but_contents_of_input_cells_and_stored_results(blank: bytes, filled: Filled) -> None:
    before, after = parts(blank), parts(filled.data)
    names = sheet_parts(before)
    written = 0
    for sheet, part in names.items():
        assert _CELL.sub(b"<c/>", before[part]) == _CELL.sub(b"<c/>", after[part]), sheet
        for old, new in zip(_CELL.findall(before[part]), _CELL.findall(after[part]), strict=True):
            if old == new:
                continue
            assert re.sub(rb' t="\w+"', b"", old.split(b">")[0]).rstrip(b"/") == re.sub(rb' t="\w+"', b"", new.split(b">")[0]).rstrip(b"/")
            if b"<f" in old:
                assert re.search(rb"<f.*(?:</f>|/>)", old, re.DOTALL)[0].split(b"<v")[0] == re.search(  # type: ignore[index]
                    rb"<f.*(?:</f>|/>)", new, re.DOTALL)[0], sheet
                assert b"<v" not in new
            else:
                written += 1
    assert written == filled.written == 90


def test_labels_keep_their_texts_and_results_are_gone(filled_lean: Filled) -> None:
    book = oracle.opened(filled_lean.data)
    assert book["A_InstData"]["D9"].value == "Reporting period"
    assert book["D_Processes"]["T54"].value is None
    assert book["Summary_Processes"]["H102"].value is None


def test_another_library_reads_what_was_written(filled_lean: Filled) -> None:
    book = oracle.opened(filled_lean.data, values=False)
    assert book["A_InstData"]["I9"].value.date() == date(2023, 1, 1)
    assert book["A_InstData"]["L83"].value == "Carbon steel screws and nuts"
    assert book["A_InstData"]["E83"].value == "Iron or steel products"
    assert book["B_EmInst"]["D17"].value == "Combustion"
    assert book["B_EmInst"]["F17"].value == 1837.5
    assert book["D_Processes"]["L54"].value == 3337.9500000000003
    assert book["E_PurchPrec"]["L51"].value == 0.5902905879033833
    assert book["Summary_Products"]["F10"].value == "73181542"
    assert book["Summary_Products"]["S11"].value == 0.18
    assert str(book["D_Processes"]["T58"].value) == '=IF(G11="","",SUM(L57*L58-M57*M58))'
    assert book["D_Processes"].protection.sheet
    assert book["D_Processes"]["L54"].protection.locked is False


def test_per_cents_are_typed_as_per_cents(blank_lean: bytes) -> None:
    book = oracle.opened(fill_template(blank_lean, everything()), values=False)
    assert [book["B_EmInst"][c].value for c in ("N17", "R18", "P21", "AT98", "R114")] == [99.5, 80, 97, 0.97, 10]


def test_texts_are_never_formulas(blank_lean: bytes) -> None:
    made = replace(everything(), name="=HYPERLINK(\"http://x\",\"click\")")
    data = fill_template(blank_lean, made)
    part = parts(data)[sheet_parts(parts(data))["A_InstData"]]
    assert b"<f>HYPERLINK(&quot;http" not in part
    assert read(data).name == made.name


# --- what is refused ---------------------------------------------------------------------------------------------------

def refused(template: bytes, made: Installation, *, overwrite: bool = False) -> dict[str, str]:
    with pytest.raises(ProblemsError) as error:
        fill(template, made, overwrite=overwrite)
    return {p.code.removeprefix("cbam-template."): str(p.found) for p in error.value.problems if p.severity is Severity.ERROR}


def test_a_template_with_entries_is_refused_unless_asked(screws_lean: bytes, examples: dict[str, bytes]) -> None:
    other = read(examples["aluminium"])
    found = refused(screws_lean, other)
    assert list(found) == ["has-entries"]
    assert "A_InstData!I9" in found["has-entries"]
    again = fill_template(screws_lean, other, overwrite=True)
    assert differences(read(again), other) == []


def test_overwriting_a_typed_formula_leaves_no_order_of_calculation(screws: bytes, examples: dict[str, bytes]) -> None:
    data = parts(fill_template(screws, read(examples["aluminium"]), overwrite=True))
    assert "xl/calcChain.xml" not in data
    assert b"calcChain" not in data["[Content_Types].xml"] + data["xl/_rels/workbook.xml.rels"]
    assert "xl/calcChain.xml" in parts(screws)


def test_the_preset_efficiencies_are_no_entries(blank_lean: bytes) -> None:
    assert fill_template(blank_lean, everything())
    assert "has-entries" in refused(typed(blank_lean, {("F_Tools", "J41"): 0.9}), everything())


def test_too_many_of_everything(blank_lean: bytes) -> None:
    made = everything()
    stream, process, product = made.streams[0], made.processes[0], made.products[0]
    made = replace(
        made, streams=tuple(replace(stream, id=f"s{n}") for n in range(76)), processes=tuple(replace(process, id=f"p{n}") for n in range(11)),
        precursors=tuple(replace(made.precursors[0], id=f"q{n}", used_in={}) for n in range(21)), products=(product,) * 101,
        pfc=tuple(replace(made.pfc[0], id=f"c{n}") for n in range(11)), measured=tuple(replace(made.measured[0], id=f"m{n}") for n in range(11)))
    with pytest.raises(ProblemsError) as error:
        fill(blank_lean, made)
    assert {(p.args["list"], p.found) for p in error.value.problems if p.code == "cbam-template.capacity"} == {
        ("streams", "76"), ("process_list", "11"), ("precursor_list", "21"), ("products", "101"), ("pfc", "11"), ("measured", "11")}


@pytest.mark.parametrize(("name", "code"), [("Bolts & nuts", "name-duplicate"), ("BOLTS & NUTS", "name-duplicate"), ("n.a.", "name-not-available")])
def test_names_that_the_template_would_mix_up(blank_lean: bytes, name: str, code: str) -> None:
    made = everything()
    assert list(refused(blank_lean, replace(made, processes=(replace(made.processes[0], name=name), *made.processes[1:])))) == [code]


def test_a_locked_template_cell_is_not_written(blank_lean: bytes) -> None:
    content = parts(blank_lean)
    part = sheet_parts(content)["D_Processes"]
    content[part] = content[part].replace(b'<c r="L54" s="213"/>', b'<c r="L54" s="205"/>')
    assert refused(zipped(content), everything()) == {"cell-locked": "D_Processes!L54"}


# --- our own input, which knows more than the template ----------------------------------------------------------------

def own(**changes: object) -> Installation:
    process = Process("melting", "Melting", "crude_steel", (RouteAmount("electric_arc", g(1000, "t")),), to_market=g(1000, "t"),
                      electricity=(ElectricityUse(g(500, "MWh"), ElectricitySource.GRID_DEFAULT, g("0.5", "tCO2/MWh")),))
    base = Installation(origin=Origin.OWN, name="Own", country="CN", period_start=date(2026, 1, 1), period_end=date(2026, 12, 31),
                        streams=(SourceStream("gas", "Gas", Method.COMBUSTION, g(100, "t"), g(48, "GJ/t"), g("56.1", "tCO2/TJ"),
                                              attributed=Attribution(shares={"melting": g(1, "1")})),),
                        processes=(process,), products=(Product("melting", "72061000", "Ingots"),))
    return replace(base, **changes)  # type: ignore[arg-type]


def test_ids_of_ones_own_get_places_in_order(blank_lean: bytes) -> None:
    made = fill(blank_lean, own())
    again = read(made.data)
    assert [(p.id, p.name) for p in again.processes] == [("P1", "Melting")]
    assert again.processes[0].direct is not None
    assert again.processes[0].direct.value == Decimal("269.28")
    assert told(made)["direct-written"] == "269.28"
    assert again.stated.indirect is not None
    assert again.stated.indirect.value == 250
    assert again.processes[0].electricity[0].code == "D.4(a)"


def test_several_sources_of_electricity_become_their_average(blank_lean: bytes) -> None:
    uses = (ElectricityUse(g(300, "MWh"), ElectricitySource.GRID_DEFAULT, g("0.6", "tCO2/MWh")),
            ElectricityUse(g(100, "MWh"), ElectricitySource.PPA, g(0, "tCO2/MWh")))
    made = fill(blank_lean, own(processes=(replace(own().processes[0], electricity=uses),)))
    use = read(made.data).processes[0].electricity[0]
    assert (str(use.consumed and use.consumed.value), str(use.ef and use.ef.value), use.code) == ("400", "0.45", "Mix")
    assert told(made)["electricity-averaged"] == "0.45"


def test_an_hourly_series_becomes_averages_of_the_same_mass(blank_lean: bytes) -> None:
    hours = tuple((Decimal(100 + n), Decimal(2000 + n), Decimal(1)) for n in range(24))
    meter = MeasuredSource("stack", "Stack", "N2O", hourly=hours, attributed=Attribution(shares={"melting": g(1, "1")}))
    made = fill(blank_lean, own(measured=(meter,), streams=()))
    again = compute(read(made.data), Basis.TRANSITIONAL)
    assert made.result.installation.n2o is not None
    assert float(again.installation.n2o or 0) == pytest.approx(float(made.result.installation.n2o), rel=1e-14)
    assert told(made)["hourly-as-average"] == "24"


def test_standard_factors_and_other_ways_to_state_a_stream(blank_lean: bytes) -> None:
    only = Attribution(shares={"melting": g(1, "1")})
    streams = (SourceStream("s1", "LPG", Method.COMBUSTION, g(12, "t"), factor="lpg", attributed=only),
               SourceStream("s2", "Coal", Method.COMBUSTION, g(10, "t"), g(25, "GJ/t"), carbon_content=g("0.7", "tC/t"), attributed=only),
               SourceStream("s3", "Coke", Method.COMBUSTION, g(10, "t"), g(28, "GJ/t"), g(107, "tCO2/TJ"), ash_carbon=g("0.02", "1"), attributed=only),
               SourceStream("s4", "Electrodes", Method.MASS_BALANCE, g(5, "t"), ef=g("3.6", "tCO2/t"), attributed=only),
               SourceStream("s5", "Slag", Method.MASS_BALANCE, g(-20, "t"), ef=g("0.01", "tCO2/t"), attributed=only),
               SourceStream("s6", "Clinker", Method.PROCESS, g(100, "t"), factor="CaO", output_based=True, attributed=only))
    made = fill(blank_lean, own(streams=streams))
    again = compute(read(made.data), Basis.TRANSITIONAL)
    ours = {r.name: r.fossil for r in made.result.streams}
    assert len(ours) == 6
    for result in again.streams:
        assert float(result.fossil or 0) == pytest.approx(float(ours[result.name] or 0), rel=1e-14), result.name
    assert {p.code.removeprefix("cbam-template.") for p in made.problems} >= {"factor-written", "oxidation-written", "stream-as-total"}
    assert [p.code for p in read(made.data).problems if p.code == "cbam-template.negative"] == []


def test_factors_of_energy_units_are_written_as_numbers(blank_lean: bytes) -> None:
    boiler = EnergyUnit("B1", "Boiler", HeatKind.BOILER, (FuelUse("Gas", g(50, "TJ"), g("56.1", "tCO2/TJ")),), heat=g(45, "TJ"))
    process = replace(own().processes[0], heat=Heat(imported=g(10, "TJ"), imported_from="B1"))
    made = fill(blank_lean, own(units=(boiler,), processes=(process,)))
    again = compute(read(made.data), Basis.TRANSITIONAL)
    assert float(again.processes[0].heat or 0) == pytest.approx(float(made.result.processes[0].heat or 0), rel=1e-14)
    assert float(again.processes[0].heat or 0) == pytest.approx(10 * 56.1 * 50 / 45, rel=1e-14)
    assert {"unit-factor-written", "unit-not-in-template"} <= set(told(made))


def test_what_the_template_cannot_say_is_told(blank_lean: bytes) -> None:
    bought = Precursor("rod", "Rod", None, cn="72139110", country="CN", bought=(RouteAmount("all", g(10, "t")),), used_in={"melting": g(10, "t")},
                       direct=g("1.9", "tCO2e/t"), indirect=g("0.3", "tCO2e/t"), sefa=g("1.2", "tCO2e/t"), installation="Mill A")
    made = fill(blank_lean, own(precursors=(bought,), registry_id="O3CI-1", details={"operator_name": "Group"}))
    notes = [(p.found, p.args.get("kind")) for p in made.problems if p.code == "cbam-template.not-in-template"]
    assert ("registry_id", "Installation") in notes
    assert ("sefa", "Precursor") in notes
    assert ("cn", "Precursor") in notes
    assert ("operator_name", "details") in notes
    assert told(made)["precursor-electricity-stands-in"] == "0.3"
    again = read(made.data).precursors[0]
    assert (again.category, again.country) == ("iron_or_steel_products", "CN")


def test_digits_that_a_workbook_cannot_keep_are_told(blank_lean: bytes) -> None:
    made = fill(blank_lean, own(streams=(replace(own().streams[0], amount=g("100.12345678901234567890", "t")),)))
    (only,) = [p for p in made.problems if p.code == "cbam-template.digits-lost"]
    assert (only.severity, only.args["count"]) == (Severity.NOTE, "2")
    assert "D_Processes!L54" in only.args["cells"]


def test_the_published_example_of_our_input(blank_lean: bytes, root: Path) -> None:
    made = fill(blank_lean, read_installation(root / "standards/schemas/examples/cbam-input.yaml"))
    again = compute(read(made.data), Basis.TRANSITIONAL)
    for ours, theirs in zip(made.result.processes, again.processes, strict=True):
        assert ours.name == theirs.name
        for name in ("attributed_direct", "attributed_indirect", "se_direct", "se_indirect"):
            assert float(getattr(theirs, name)) == pytest.approx(float(getattr(ours, name)), rel=1e-13)


# --- LibreOffice agrees ------------------------------------------------------------------------------------------------

def agree(result: CbamResult, printed: dict[str, dict[str, dict[str, float | None]]]) -> None:
    """What LibreOffice printed against our transitional result, within 1e-9."""
    totals = printed["installation"]
    ours = {"co2": result.installation.co2, "biomass_co2": result.installation.biomass_co2, "n2o": result.installation.n2o,
            "pfc": result.installation.pfc, "direct": result.installation.direct_emissions}
    for name, value in ours.items():
        assert float(value or 0) == pytest.approx(totals[name], rel=1e-9, abs=1e-12), name
    assert len(printed["processes"]) == len(result.processes)
    for process in result.processes:
        shown = printed["processes"][process.name]
        for name in ("direct_own", "heat", "waste_gas", "attributed_indirect", "activity_level", "se_direct", "see_direct", "se_indirect",
                     "see_indirect", "embedded_electricity"):
            assert float(getattr(process, name)) == pytest.approx(shown[name], rel=1e-9, abs=1e-12), f"{process.name} {name}"
    for bought in result.precursors:
        shown = printed["precursors"][bought.name]
        assert float(bought.direct or 0) == pytest.approx(shown["see_direct"], rel=1e-9)
        assert float(bought.indirect or 0) == pytest.approx(shown["see_indirect"], rel=1e-9)


@pytest.mark.full
def test_libreoffice_calculates_our_transitional_figures(blank: bytes, examples: dict[str, bytes]) -> None:
    inputs = [everything(), *(read(e) for e in examples.values()), own()]
    filled = [fill(blank, made) for made in inputs]
    for made, workbook in zip(filled, oracle.recalculate_many([f.data for f in filled]), strict=True):
        agree(made.result, oracle.printed(workbook))
        again = read(workbook)       # LibreOffice's own file is read as well as Excel's
        assert differences(read(made.data), again, tolerance=Decimal("1e-14")) == []
        assert codes(again) == codes(read(made.data))


@pytest.mark.full
def test_libreoffice_calculates_the_examples_of_our_own_input(blank: bytes, root: Path) -> None:
    """Steelworks, fasteners, aluminium, cement, fertilisers, hydrogen: our input in the Commission's workbook."""
    inputs = [read_installation(p) for p in sorted((root / "examples/cbam").glob("*/input.yaml"))]
    assert len(inputs) >= 6
    filled = [fill(blank, made) for made in inputs]
    for made, workbook in zip(filled, oracle.recalculate_many([f.data for f in filled]), strict=True):
        agree(made.result, oracle.printed(workbook))


@pytest.mark.full
def test_libreoffice_calculates_an_overwritten_example(screws: bytes, examples: dict[str, bytes]) -> None:
    made = fill(screws, read(examples["aluminium"]), overwrite=True)
    agree(made.result, oracle.printed(oracle.recalculate(made.data)))


@pytest.mark.full
def test_stored_results_of_the_template_are_not_needed(screws: bytes) -> None:
    agree(compute(read(screws), Basis.TRANSITIONAL), oracle.printed(oracle.recalculate(without_results(screws))))
