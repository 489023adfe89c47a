"""Processes, fugitive releases, abatement, wastewater and captured CO2."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from zerofactory_engine.accounting import Inventory
from zerofactory_engine.reasons import Unknown

D = Decimal
Account = Callable[..., Inventory]


def masses(found: Inventory) -> dict[str, Any]:
    return {ln.id.split("/", 2)[2]: ln.location.value for ln in found.lines}


def reasons(value: Any) -> list[tuple[str, str]]:
    assert isinstance(value, Unknown), value
    return [(r.subject, r.code) for r in value.reasons]


def process(**cells: Any) -> dict[str, Any]:
    return {"id": "P1", **cells}


@pytest.mark.parametrize(("cells", "expected"), [
    ({"activity": "carbonate use", "material": "limestone", "t": "100"}, {"CO2": D(44)}),
    ({"activity": "calcination", "material": "dolomite", "t": "100"}, {"CO2": D("47.1")}),
    ({"activity": "electrode", "material": "electrode", "t": "10"}, {"CO2": D("36.63")}),
    ({"activity": "metal input", "material": "pig_iron", "t": "10"}, {"CO2": D("1.72")}),
    ({"activity": "carbon in product", "material": "steel_carbon", "t": "100"}, {"CO2": D("-1.54")}),
    ({"activity": "calcination", "material": "limestone", "t": "100", "purity_percent": "95",
      "conversion_percent": "98"}, {"CO2": D(44) * D("0.931")}),
    ({"activity": "other", "material": "soda", "t": "10", "factor": "0.415 tCO2/t"}, {"CO2": D("4.15")}),
    ({"activity": "other", "material": "soda", "t": "10", "factor": "2 kgN2O/t"}, {"N2O": D("0.02")}),
    ({"activity": "reduction", "material": "x", "t": "12", "carbon_tC_per_t": "0.5"}, {"CO2": D(22)}),
    ({"activity": "reduction", "material": "x", "t": "12", "carbon_tC_per_t": "0.5", "role": "output"}, {"CO2": D(-22)}),
    ({"activity": "other", "material": "limestone", "t": "100", "factor": "1 tCO2/GJ"}, {"CO2": D(44)}),
    ({"activity": "other", "material": "limestone", "t": "100", "biogenic_percent": "25"},
     {"CO2": D(33), "CO2/biogenic": D(11)}),
    ({"activity": "acid production", "material": "nitric", "t": "1000", "factor": "7 kgN2O/t", "destruction_percent": "90",
      "uptime_percent": "95"}, {"N2O": 7 * (1 - D("0.855"))}),
])
def test_material_times_factor(account: Account, cells: dict[str, str], expected: dict[str, Decimal]) -> None:
    found = account(processes=[process(**cells)])
    assert masses(found) == expected
    assert {ln.source.code for ln in found.lines} == {"process"}
    assert {ln.scope for ln in found.lines if not ln.biogenic} == {1}


@pytest.mark.parametrize(("cells", "expected"), [
    ({"activity": "other", "material": "unobtainium", "t": "1"}, "factor:process/unobtainium"),
    ({"activity": "other", "t": "1"}, "factor:process/processes/P1.material"),
    ({"activity": "carbonate use", "material": "limestone"}, "processes/P1.t"),
    ({"activity": "carbonate use", "material": "limestone", "t": "1", "gas": "CH4"}, "factor:process/limestone"),
    ({"activity": "gas use", "kg": "1"}, "processes/P1.gas"), ({"activity": "gas use", "kg": "1", "gas": "XX9"}, "processes/P1.gas"),
])
def test_a_process_without_factor_is_unknown_and_inside(account: Account, cells: dict[str, str], expected: str) -> None:
    found = account(processes=[process(**cells)])
    assert reasons(found.lines[0].location.value)[0][0] == expected
    assert found.lines[0].scope == 1


def test_a_process_gas_is_used_up_abated_and_forms_another(account: Account) -> None:
    """100 kg NF3: 80 % used, the unit destroys 90 % of what 95 % of the time reaches it; 2 % becomes CF4."""
    found = account(processes=[process(
        activity="gas use", gas="NF3", kg="100", utilisation_percent="80", destruction_percent="90", uptime_percent="95",
        by_product_gas="CF4", by_product_percent="2")])
    through = 1 - D("0.9") * D("0.95")
    assert masses(found) == {"NF3": D("0.02") * through, "CF4/by-product": D("0.002") * through}
    assert found.lines[0].tco2e_location == D("0.02") * through * 17400


def test_a_process_gas_with_purity_and_nothing_else(account: Account) -> None:
    found = account(processes=[process(activity="gas use", gas="SF-6", kg="100", purity_percent="99")])
    assert masses(found) == {"SF6": D("0.099")}
    assert masses(account(processes=[process(activity="gas use", gas="CO2", t="3")])) == {"CO2": D(3)}


def test_an_abatement_unit_that_burns_nmp_emits_its_carbon(account: Account) -> None:
    """99 t NMP hold 60 t carbon, which make 220 t CO2; the unit destroys 98 % of the 90 % that reach it."""
    found = account(processes=[process(activity="voc oxidation", material="nmp", t="99", destruction_percent="98",
                                       captured_percent="90")])
    assert masses(found) == {"CO2": D(220) * D("0.98") * D("0.9")}
    assert (found.lines[0].source.code, found.lines[0].iso_subcategory) == ("abatement", "1.3")


def test_another_solvent_needs_its_carbon_content(account: Account) -> None:
    found = account(processes=[process(activity="voc oxidation", material="toluene", t="3", destruction_percent="100",
                                       carbon_tC_per_t="0.9125")])
    co2 = found.lines[0].location.value
    assert isinstance(co2, Decimal)
    assert abs(co2 - 3 * D("0.9125") * 44 / 12) < D("1e-25")
    found = account(processes=[process(activity="voc oxidation", material="toluene", t="3", destruction_percent="100")])
    assert reasons(found.lines[0].location.value) == [("factor:constants/toluene", "accounting.factor-missing")]
    found = account(processes=[process(activity="voc oxidation", material="nmp", t="3")])
    assert reasons(found.lines[0].location.value) == [("processes/P1.destruction_percent", "accounting.cell-missing")]


def test_anode_effect_by_slope_overvoltage_and_default(account: Account) -> None:
    cell = {"activity": "anode effect", "t": "1000", "cell_technology": "prebaked centre worked"}
    found = masses(account(processes=[process(**cell, anode_effect_minutes="0.2")]))
    assert found == {"CF4": D("0.0286"), "C2F6": D("0.0286") * D("0.121")}           # 1000 × 0.143 × 0.2 kg
    found = masses(account(processes=[process(**cell, overvoltage_mV="2", current_efficiency_percent="80")]))
    assert found == {"CF4": D("2.9"), "C2F6": D("2.9") * D("0.121")}                 # 1000 × 1.16 × 2 / 0.8 kg
    found = masses(account(processes=[process(activity="anode effect", t="1000")]))
    assert found == {"CF4": D("0.034"), "C2F6": D("0.0034")}


@pytest.mark.parametrize("cells", [
    {"anode_effect_minutes": "0.2"}, {"overvoltage_mV": "2", "cell_technology": "prebaked side worked"},
    {"overvoltage_mV": "2", "cell_technology": "prebaked side worked", "current_efficiency_percent": "0"},
    {"overvoltage_mV": "2", "cell_technology": "horizontal stud soderberg", "current_efficiency_percent": "90"}])
def test_anode_effect_without_what_its_method_needs_is_unknown(account: Account, cells: dict[str, str]) -> None:
    found = account(processes=[process(activity="anode effect", t="1", **cells)])
    assert [isinstance(ln.location.value, Unknown) for ln in found.lines] == [True, True]


# -- fugitive -----------------------------------------------------------------------------------------------------------


def fugitive(**cells: Any) -> dict[str, Any]:
    return {"id": "F1", **cells}


@pytest.mark.parametrize(("cells", "expected", "method"), [
    ({"method": "mass balance", "gas": "SF6", "opening_stock_kg": "100", "purchased_kg": "50", "closing_stock_kg": "110"},
     {"SF6": D("0.04")}, "mass_balance"),
    ({"gas": "SF6", "opening_stock_kg": "100", "purchased_kg": "50", "closing_stock_kg": "90", "installed_kg": "20",
      "retired_charge_kg": "15", "recovered_kg": "5"}, {"SF6": D("0.05")}, "mass_balance"),
    ({"gas": "R-410A", "top_up_kg": "40"}, {"HFC32": D("0.02"), "HFC125": D("0.02")}, "top_up"),
    ({"gas": "R134a", "top_up_kg": "40", "recovered_kg": "10"}, {"HFC134a": D("0.03")}, "top_up"),
    ({"gas": "R407C", "charge_kg": "1000", "leak_rate_percent": "2"},
     {"HFC32": D("0.0046"), "HFC125": D("0.005"), "HFC134a": D("0.0104")}, "leak_rate"),
    ({"gas": "CO2", "category": "welding gas", "top_up_kg": "700"}, {"CO2": D("0.7")}, "top_up"),
    ({"gas": "R744", "top_up_kg": "700"}, {"CO2": D("0.7")}, "top_up"),
    ({"gas": "HFC-227ea", "category": "fire extinguisher", "top_up_kg": "12"}, {"HFC227ea": D("0.012")}, "top_up"),
    ({"gas": "SF6", "top_up_kg": "10", "destruction_percent": "75"}, {"SF6": D("0.0025")}, "top_up"),
])
def test_what_is_released(account: Account, cells: dict[str, str], expected: dict[str, Decimal], method: str) -> None:
    found = account(fugitive=[fugitive(**cells)])
    assert masses(found) == expected
    assert {(ln.source.code, ln.iso_subcategory, ln.scope, ln.method) for ln in found.lines} == \
        {("fugitive", "1.4", 1, method)}


def test_gases_outside_the_seven_stand_apart(account: Account) -> None:
    found = account(fugitive=[fugitive(gas="R22", top_up_kg="10")])
    line = found.lines[0]
    assert (line.gas, line.scope, line.outside, line.tco2e_location) == ("HCFC22", 0, "other_gas", D("19.6"))
    assert found.total("scopes_1_2").value == 0
    assert found.total("outside/other_gas").value == D("19.6")


def test_a_leak_rate_is_a_year_and_the_period_may_be_shorter(account: Account) -> None:
    row = fugitive(gas="SF6", charge_kg="1000", leak_rate_percent="1")
    half = masses(account(period=("2025-01-01", "2025-06-30"), fugitive=[row]))["SF6"]
    assert abs(half - D("0.01") * 181 / 365) < D("1e-25")
    assert masses(account(period=("2024-02-29", "2025-02-28"), fugitive=[row]))["SF6"] == D("0.01")


@pytest.mark.parametrize(("cells", "subject"), [
    ({"gas": "SF6"}, "fugitive/F1.top_up_kg"), ({"top_up_kg": "1"}, "fugitive/F1.gas"),
    ({"gas": "R999", "top_up_kg": "1"}, "factor:blends/R999"),
    ({"gas": "SF6", "opening_stock_kg": "1", "purchased_kg": "1"}, "fugitive/F1.closing_stock_kg"),
    ({"gas": "SF6", "leak_rate_percent": "1"}, "fugitive/F1.charge_kg"),
    ({"category": "wastewater", "cod_removed_t": "1"}, "fugitive/F1.treatment"),
    ({"category": "wastewater", "treatment": "anaerobic"}, "fugitive/F1.wastewater_m3"),
    ({"category": "wastewater", "treatment": "anaerobic", "wastewater_m3": "1", "cod_in_kg_per_m3": "1"},
     "fugitive/F1.cod_out_kg_per_m3"),
])
def test_a_release_that_cannot_be_told_is_unknown(account: Account, cells: dict[str, str], subject: str) -> None:
    found = account(fugitive=[fugitive(**cells)])
    assert reasons(found.lines[0].location.value)[0][0] == subject
    assert found.lines[0].scope == 1


def test_several_missing_cells_of_a_balance_are_all_named(account: Account) -> None:
    found = account(fugitive=[fugitive(method="mass balance", gas="SF6", purchased_kg="1")])
    assert [s for s, _ in reasons(found.lines[0].location.value)] == \
        ["fugitive/F1.opening_stock_kg", "fugitive/F1.closing_stock_kg"]


def test_a_gas_without_potential_in_the_set_is_unknown_in_co2e_only(account: Account) -> None:
    found = account(sets={"gwp": "ipcc-ar4"}, fugitive=[fugitive(gas="HFC41", top_up_kg="1")])
    line = found.lines[0]
    assert line.location.value == D("0.001")
    assert reasons(line.tco2e_location) == [("factor:gwp/HFC41", "accounting.factor-missing")]


@pytest.mark.parametrize(("cells", "expected"), [
    ({"cod_removed_t": "100"}, 100 * D("0.25") * D("0.8")),
    ({"wastewater_m3": "50000", "cod_in_kg_per_m3": "2.5", "cod_out_kg_per_m3": "0.5"}, 100 * D("0.25") * D("0.8")),
    ({"cod_removed_t": "100", "sludge_cod_t": "20"}, 80 * D("0.25") * D("0.8")),
    ({"cod_removed_t": "100", "methane_recovered_t": "15"}, D(5)),
])
def test_methane_of_wastewater(account: Account, cells: dict[str, str], expected: Decimal) -> None:
    found = account(fugitive=[fugitive(category="wastewater", method="wastewater", treatment="anaerobic", **cells)])
    line = found.lines[0]
    assert (line.gas, line.location.value, line.source.code) == ("CH4", expected, "wastewater")
    assert line.tco2e_location == expected * 27                            # not fossil


def test_wastewater_treated_elsewhere_or_aerobically(account: Account) -> None:
    assert account(fugitive=[fugitive(category="wastewater", treatment="municipal", cod_removed_t="5")]).lines == ()
    line = account(fugitive=[fugitive(method="wastewater", treatment="aerobic", cod_removed_t="5")]).lines[0]
    assert line.location.value == 0                                        # a computed zero is a value
    assert account(fugitive=[fugitive(cod_removed_t="5", treatment="anaerobic")]).lines[0].gas == "CH4"
    assert account(fugitive=[fugitive(cod_in_kg_per_m3="5", treatment="anaerobic")]).lines[0].gas == "CH4"


# -- captured CO2 -------------------------------------------------------------------------------------------------------


def test_only_what_is_stored_for_good_is_deducted(account: Account) -> None:
    rows = [{"id": "C1", "captured_tCO2": "100", "stored_tCO2": "60", "transferred_tCO2": "40", "fate": "geological storage"},
            {"id": "C2", "captured_tCO2": "50", "transferred_tCO2": "50", "fate": "short-lived use"},
            {"id": "C3", "stored_tCO2": "10", "fate": "mineralisation"}, {"id": "C4", "stored_tCO2": "10"}]
    found = account(carbon_capture=rows)
    assert {ln.row: ln.location.value for ln in found.lines} == {"C1": D(-60), "C3": D(-10)}
    assert [(p.place.path, p.args["fate"]) for p in found.problems] == \
        [("carbon_capture/C1", "geological storage"), ("carbon_capture/C2", "short-lived use"), ("carbon_capture/C4", "not known")]
    assert found.total("scopes_1_2").value == -70


def test_captured_co2_may_be_reported_only(account: Account) -> None:
    row = {"id": "C1", "stored_tCO2": "60", "fate": "geological storage"}
    assert account(options={"captured_co2": "report"}, carbon_capture=[row]).lines == ()


def test_biogenic_co2_that_is_stored_stands_apart(account: Account) -> None:
    found = account(carbon_capture=[{"id": "C1", "stored_tCO2": "100", "fate": "mineralisation", "biogenic_percent": "30"}])
    assert [(ln.part, ln.scope, ln.outside, ln.location.value) for ln in found.lines] == \
        [("", 1, None, D(-70)), ("biogenic", 0, "biogenic_co2", D(-30))]
