"""Each equation in a calculation: the value worked by hand, and that equation in the proof."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tests.mappings.cbam.core.plant import (
    BOTH,
    codes,
    g,
    grid,
    kinds,
    plant,
    precursor,
    process,
    product,
    proof,
    run,
    shares,
)

from zerofactory_mappings.cbam.model import (
    Attribution,
    AttributionRule,
    Basis,
    ElectricitySource,
    ElectricityUse,
    EnergyUnit,
    FuelUse,
    GoodProduced,
    Heat,
    HeatFlow,
    HeatKind,
    MeasuredSource,
    Method,
    Origin,
    PfcMethod,
    PfcSource,
    Process,
    SourceStream,
    Stated,
    ValueSource,
    WasteGas,
)
from zerofactory_mappings.cbam.prove import differences

D = Decimal
C, P, M = Method.COMBUSTION, Method.PROCESS, Method.MASS_BALANCE
TRANSITIONAL, DEFINITIVE = Basis.TRANSITIONAL, Basis.DEFINITIVE


def stream(method: Method, **fields: object) -> SourceStream:
    return SourceStream("s", "Stream", method, attributed=shares(P1="1"), **fields)  # type: ignore[arg-type]


#: name → (stream, emissions in tCO2 by hand, equations that the proof must show)
STREAMS: dict[str, tuple[SourceStream, str, set[str]]] = {
    # 1837.5 t × 48 GJ/t = 88.2 TJ × 56.1
    "E5-E6 gas by energy": (stream(C, amount=g("1837.5 t"), ncv=g("48 GJ/t"), ef=g("56.1 tCO2/TJ")), "4948.02", {"E5", "E6"}),
    # 1000 × 2.1 × 0.99
    "E5 coal by mass with oxidation": (stream(C, amount=g("1000 t"), ef=g("2.1 tCO2/t"), oxidation=g("0.99")), "2079", {"E5"}),
    # 1 - 0.02 of the carbon in the ash: 1000 × 2 × 0.98
    "E7 oxidation from ash": (stream(C, amount=g("1000 t"), ef=g("2 tCO2/t"), ash_carbon=g("0.02")), "1960", {"E7"}),
    # 0.72 × 3.664 / 24 × 1000 = 109.92 t/TJ; 1000 t × 24 GJ/t = 24 TJ → 2638.08
    "E8 factor from carbon": (stream(C, amount=g("1000 t"), ncv=g("24 GJ/t"), carbon_content=g("0.72 tC/t")), "2638.08", {"E8"}),
    # 100 × 0.8188 × 3.664
    "E9 electrodes by carbon": (stream(P, amount=g("100 t"), carbon_content=g("0.8188 tC/t")), "300.00832", {"E9", "E11"}),
    # 1000 × 0.44 × 0.95
    "E11 limestone with conversion": (stream(P, amount=g("1000 t"), ef=g("0.44 tCO2/t"), conversion=g("0.95")), "418", {"E11"}),
    "E11 limestone by standard factor": (stream(P, amount=g("1000 t"), factor="CaCO3"), "440", {"E11"}),
    # output-based (method B): CaO 0.785
    "E11 lime by output": (stream(P, amount=g("1000 t"), factor="CaO", output_based=True), "785", {"E11"}),
    # 3.664 × 50000 × 0.88
    "E12 coke fines": (stream(M, amount=g("50000 t"), carbon_content=g("0.88 tC/t")), "161216", {"E12"}),
    "E12 steel leaves": (stream(M, amount=g("-4800000 t"), carbon_content=g("0.0018 tC/t")), "-31656.96", {"E12"}),
    # CC = 100 × 18.32 / 1000 / 3.664 = 0.5; 3.664 × 10 × 0.5
    "E13 carbon from factor per energy": (stream(M, amount=g("10 t"), ncv=g("18.32 GJ/t"), ef=g("100 tCO2/TJ")), "18.32", {"E13"}),
    # CC = 3.664/3.664 = 1 → 10 × 3.664
    "E14 carbon from factor": (stream(M, amount=g("10 t"), ef=g("3.664 tCO2/t")), "36.64", {"E14"}),
    # iron and steel materials, Table 5: pig iron 0.0409 tC/t
    "E12 pig iron by standard content": (stream(M, amount=g("1000 t"), factor="Pig iron"), "149.8576", {"E12"}),
    # standard natural gas: 48 GJ/t, 56.1
    "E5 standard gas": (stream(C, amount=g("1000 t"), factor="Natural gas"), "2692.8", {"E5", "E6"}),
    # 1000 Nm3: 500 × 36 GJ = 18 TJ × 56.1
    "E5 gas by volume": (stream(C, amount=g("500 1000Nm3"), ncv=g("36 GJ/1000Nm3"), ef=g("56.1 tCO2/TJ")), "1009.8", {"E5"}),
    # clinker = (1000-50)×0.8-100+30-20 = 670 t; factor 0.51 is below the minimum 0.525 → 351.75
    "E27 clinker by output, minimum factor": (stream(P, clinker_output=(g("1000 t"), g("50 t"), g("0.8"), g("100 t"), g("30 t"), g("20 t")), ef=g("0.51 tCO2/t")), "351.75", {"E27", "at-least"}),
    # EF 1 and d 0.8: a = 0.5 × 0.8 = 0.4 → 0.4/0.6 = 2/3 above 0.525; 300 t
    "E28 dust": (stream(P, amount=g("300 t"), dust=(g("1 tCO2/t"), g("0.8"))), "200.0000000000000000000000000000000", {"E28", "at-least"}),
    # EF 0.525, d 0.5 → 0.2079… below the minimum 0.525
    "E28 dust, minimum factor": (stream(P, amount=g("300 t"), dust=(g("0.525 tCO2/t"), g("0.5"))), "157.5", {"E28", "at-least"}),
}


@pytest.mark.parametrize("name", STREAMS)
@pytest.mark.parametrize("basis", BOTH)
def test_source_stream(name: str, basis: Basis) -> None:
    given, expected, wanted = STREAMS[name]
    result = run(plant(process(direct=None), streams=(given,)), basis)
    assert result.installation.co2 == D(expected)
    assert result.processes[0].attributed_direct == (max(D(expected), D(0)) if basis is DEFINITIVE else D(expected))
    assert wanted <= kinds(result)


def test_e10_biomass_of_fuel_is_zero_rated_only_with_evidence() -> None:
    """100 t × 10 GJ/t × 100 t/TJ = 100 t, 40 % biomass."""
    wood = {"amount": g("100 t"), "ncv": g("10 GJ/t"), "ef": g("100 tCO2/TJ"), "biomass": g("0.4")}
    with_proof = run(plant(process(direct=None), streams=(stream(C, **wood, evidence=("redcert.pdf",)),)))
    assert (with_proof.installation.co2, with_proof.installation.biomass_co2) == (D(60), D(40))
    without = run(plant(process(direct=None), streams=(stream(C, **wood),)))
    assert (without.installation.co2, without.installation.biomass_co2) == (D(100), D(0))
    assert "cbam.biomass-without-evidence" in codes(without)
    transitional = run(plant(process(direct=None), streams=(stream(C, **wood),)), TRANSITIONAL)
    assert (transitional.installation.co2, transitional.installation.biomass_co2) == (D(60), D(40))


def test_e10_biomass_as_process_input_needs_no_criteria() -> None:
    charcoal = stream(P, amount=g("10 t"), ef=g("3 tCO2/t"), biomass=g("1"))
    assert run(plant(process(direct=None), streams=(charcoal,))).installation.co2 == 0


def test_e15_biomass_of_a_mass_balance() -> None:
    """The official blast furnace example: 70000 × 0.68357153 × 3.664, 16 % biomass."""
    plastics = stream(M, amount=g("70000 t"), carbon_content=g("0.68357153 tC/t"), biomass=g("0.16"), evidence=("x",))
    result = run(plant(process(direct=None), streams=(plastics,)))
    assert result.installation.co2 == D("70000") * D("0.68357153") * D("3.664") * D("0.84")
    assert "E15" in kinds(result)


PFC: dict[str, Any] = {"aluminium": g("200000 t"), "attributed": shares(P1="1")}


@pytest.mark.parametrize(("source", "expected", "wanted"), [
    # 0.6 × 0.25 = 0.15 min; × 0.143/1000 × 200000 = 4.29 t CF4; × 0.121 = 0.51909 t C2F6
    # 4.29 × 6630 + 0.51909 × 11100 = 28442.7 + 5761.899 = 34204.599; / 0.95
    (PfcSource("f", "CWPB", PfcMethod.SLOPE, frequency=g("0.6"), duration=g("0.25"), slope_factor=g("0.143"),
               c2f6_share=g("0.121"), collection_efficiency=g("0.95"), **PFC), "36004.84105263157894736842105263158",
     {"E20", "E21", "E22", "E23", "E26"}),
    # OVC 1.16, AEO 4 mV, CE 95 %: 1.16 × 4/95 × 200 = 9.768421052631579 t; C2F6 × 0.1
    # 9.768421… × (6630 + 1110) = 75607.578947…
    (PfcSource("f", "CWPB", PfcMethod.OVERVOLTAGE, overvoltage_per_cell=g("4"), current_efficiency=g("95"),
               overvoltage_coefficient=g("1.16"), c2f6_share=g("0.1"), **PFC), "75607.57894736842105263157894736842",
     {"E20", "E24", "E25", "E26"}),
], ids=["E20-E23 slope", "E24-E25 overvoltage"])
@pytest.mark.parametrize("basis", BOTH)
def test_pfc(source: PfcSource, expected: str, wanted: set[str], basis: Basis) -> None:
    result = run(plant(process(category="unwrought_aluminium", direct=None), pfc=(source,)), basis)
    assert result.installation.pfc is not None
    assert abs(result.installation.pfc - D(expected)) < D("1E-27")
    assert wanted <= kinds(result)


def test_pfc_factors_of_the_technology_stand_in_under_the_definitive_basis() -> None:
    """CWPB: 0.143 and 0.121 of the law (Table 2)."""
    cells = PfcSource("f", "Line 1", PfcMethod.SLOPE, technology="CWPB", frequency=g("0.6"), duration=g("0.25"), **PFC)
    result = run(plant(process(category="unwrought_aluminium", direct=None), pfc=(cells,)))
    assert result.installation.pfc == D("34204.599")


def test_e16_measured_n2o_by_averages() -> None:
    """64.2925 g/Nm3 × 4 h × 265 000 Nm3/h = 68.15005 t N2O × 265 (the template's own sample row)."""
    n2o = MeasuredSource("m", "Stack", "N2O", g("64.2925 g/Nm3"), g("4 h"), g("265 1000Nm3/h"), attributed=shares(P1="1"))
    for basis in BOTH:
        result = run(plant(process(category="nitric_acid", direct=None, content=g("220 kgN/t")), measured=(n2o,)), basis)
        assert result.installation.n2o == D("18059.76325")
        assert {"E16-mean", "carbon-dioxide-equivalent"} <= kinds(result)


def test_e16_e19_hours_without_valid_readings() -> None:
    """Concentrations 1, 2, 6 (mean 3, s = √7): the gap counts 3 + 2√7 g/Nm3 at 1 Nm3 (mean 1, s 0)."""
    rows = ((D(1), D(1), D(1)), (D(2), D(1), D("0.8")), (D(9), D(1), D("0.79")), (D(6), D(1), D(1)))
    source = MeasuredSource("m", "Stack", "CO2", hourly=rows, attributed=shares(P1="1"))
    result = run(plant(process(direct=None), measured=(source,)))
    assert result.installation.co2 is not None
    grams = result.installation.co2 * 1000000
    assert abs(grams - (D(1 + 2 + 6 + 3) + 2 * D(7).sqrt())) < D("1E-20")
    assert {"E16", "E19", "mean", "deviation"} <= kinds(result)
    assert "cbam.measured-gaps" in codes(result)


def test_e29_flow_from_air() -> None:
    """100 × (1 - 0.2095) / (1 - 0.05) = 83.2105… thousand Nm3/h; 2 g/Nm3 × 8000 h / 1000."""
    source = MeasuredSource("m", "Stack", "CO2", g("2 g/Nm3"), g("8000 h"), air=g("100 1000Nm3/h"), oxygen=g("0.05"),
                            attributed=shares(P1="1"))
    result = run(plant(process(direct=None), measured=(source,)))
    assert result.installation.co2 is not None
    assert abs(result.installation.co2 * D("0.95") - D("79.05") * 16) < D("1E-25")
    assert "E29" in kinds(result)


# --- heat, electricity, waste gas ------------------------------------------------------------------------------------

GAS = FuelUse("gas", energy=g("100 TJ"), ef=g("56.1 tCO2/TJ"))


def unit(kind: HeatKind | None, **fields: object) -> EnergyUnit:
    return EnergyUnit("U", "Unit", kind, **{"fuels": (GAS,), **fields})  # type: ignore[arg-type]


#: name → (unit, emissions of 9 TJ heat taken from it, equations)
HEAT: dict[str, tuple[EnergyUnit, str, set[str]]] = {
    # EF_mix = (5610 + 90) / 100 = 57; 57 × 9 / 0.9
    "E44-E45 boiler": (unit(HeatKind.BOILER, efficiency=g("0.9"), flue_gas_cleaning=g("90 tCO2")), "570", {"E44", "E45", "E33"}),
    # η = 80/100: 56.1 × 9 / 0.8
    "E47 boiler with metered heat": (unit(HeatKind.BOILER, heat=g("80 TJ")), "631.125", {"E44", "E47"}),
    # method 3: η = 0.70: 56.1 × 9 / 0.7 = 721.285714…
    "E32 boiler, method 3": (unit(HeatKind.BOILER), "721.2857142857142857142857142857143", {"E32", "E44"}),
    # flows: 50 000 t × (2.8 - 0.4) = 120 TJ > input? 40 000 t × 2 GJ/t = 80 TJ → η 0.8
    "E31 enthalpy": (unit(HeatKind.BOILER, flows=(HeatFlow(g("2.4 GJ/t"), mass=g("40000 t"), return_enthalpy=g("0.4 GJ/t")),)), "631.125", {"E31", "E44"}),
    # 48 000 m3 ÷ 1.2 m3/t = 40 000 t
    "E30 volume": (unit(HeatKind.BOILER, flows=(HeatFlow(g("2.4 GJ/t"), volume=g("48000 m3"), specific_volume=g("1.2 m3/t"), return_enthalpy=g("0.4 GJ/t")),)), "631.125", {"E30", "E31"}),
    "HEAT_IMP supplier": (unit(HeatKind.IMPORTED, fuels=(), ef=g("62.3 tCO2/TJ"), documents=("x",)), "560.7", {"HEAT_IMP"}),
    # 94.5 / 0.9 × 9
    "HEAT_IMP unknown supplier": (unit(HeatKind.IMPORTED_UNKNOWN, fuels=(FuelUse("coal", ef=g("94.5 tCO2/TJ")),)), "945", {"HEAT_IMP-unknown"}),
    "chemical heat": (unit(HeatKind.CHEMICAL, fuels=()), "0", {"HEAT_IMP"}),
    # CHP: 5610 t; η_heat 45/100, η_el = 6944.44…MWh × 0.0036 = 25/100; refs 0.9, 0.5 → F = 0.5/(0.5+0.5) = 0.5; 2805/45 × 9
    "E46-E51 CHP": (unit(HeatKind.CHP, heat=g("45 TJ"), electricity=g("6250 MWh"), reference_heat=g("0.9"), reference_electricity=g("0.45")), "561", {"E46", "E47", "E49", "E50", "E51", "E52"}),
}


@pytest.mark.parametrize("name", HEAT)
@pytest.mark.parametrize("basis", BOTH)
def test_heat(name: str, basis: Basis) -> None:
    made, expected, wanted = HEAT[name]
    result = run(plant(process(heat=Heat(imported=g("9 TJ"), imported_from="U")), units=(made,)), basis)
    assert result.processes[0].attributed_direct == D(expected)
    assert wanted <= kinds(result)


def test_e34_load_factor_is_shown() -> None:
    made = unit(HeatKind.BOILER, efficiency=g("0.9"), maximum_energy=g("125 TJ"))
    assert proof(run(plant(process(), units=(made,))))["unit:U/load-factor"].value == D("0.8")


def test_e52_electricity_of_a_chp() -> None:
    """6250 MWh = 22.5 TJ: η_el 0.225 / 0.45 = 0.5; η_heat 0.45/0.9 = 0.5 → half of 5610 t on 6250 MWh."""
    made = HEAT["E46-E51 CHP"][0]
    use = ElectricityUse(g("1000 MWh"), ElectricitySource.OWN, unit="U")
    result = run(plant(process(category="cement_clinker", electricity=(use,)), units=(made,)))
    assert result.processes[0].attributed_indirect == D(1000) * D(2805) / D(6250)
    assert result.units["U"]["ef_electricity"] == D("0.4488")


def test_e47_default_efficiencies_where_the_input_is_unknown() -> None:
    """Without fuel energy the design values, then 0.55 and 0.25 of the law, split the emissions."""
    fuel = FuelUse("gas", ef=g("56.1 tCO2/TJ"))
    made = unit(HeatKind.CHP, fuels=(fuel,), heat=g("45 TJ"), electricity=g("6250 MWh"), reference_heat=g("0.9"),
                reference_electricity=g("0.45"))
    result = run(plant(process(), units=(made,)))
    assert result.units["U"]["eta_heat"] == D("0.55")
    assert result.units["U"]["eta_electricity"] == D("0.25")
    assert result.units["U"]["ef_heat"] is None


def test_e49_reference_efficiency_by_fuel_and_year() -> None:
    """Natural gas, built 2018, hot water: 53.0 % and 92 % (Annex III C)."""
    made = unit(HeatKind.CHP, heat=g("46 TJ"), electricity=g("7361.111111111111 MWh"), reference_fuel="natural_gas", built=2018,
                medium="hot_water")
    values = {s.id: s.value for s in proof(run(plant(process(), units=(made,))))}
    assert D("0.92") in values.values()
    assert D("0.53") in values.values()


def test_e38_power_plant_with_capped_waste_gas() -> None:
    """50 TJ blast furnace gas at 260 counts 56.1, 50 TJ gas 56.1, cleaning 90 t: (5610 + 90) / 9500 MWh = 0.6."""
    fuels = (FuelUse("bfg", g("50 TJ"), g("260 tCO2/TJ"), waste_gas=True), FuelUse("gas", g("50 TJ"), g("56.1 tCO2/TJ")))
    made = unit(None, fuels=fuels, electricity=g("9500 MWh"), flue_gas_cleaning=g("90 tCO2"))
    use = ElectricityUse(g("100 MWh"), ElectricitySource.OWN, unit="U")
    result = run(plant(process(category="cement_clinker", electricity=(use,)), units=(made,)))
    assert result.processes[0].attributed_indirect == D(60)
    assert {"E38", "at-most", "E35", "E56"} <= kinds(result)


def test_e53_e54_e55_border_of_a_process() -> None:
    """1000 + 9×60 - 4×60 + 10×56.1 - 5×56.1×0.667 - 100×0.6 = 1613.89…"""
    p = process(direct=g("1000 tCO2e"), heat=Heat(g("9 TJ"), g("4 TJ"), g("60 tCO2/TJ"), g("60 tCO2/TJ")),
                waste_gas=WasteGas(g("10 TJ"), g("5 TJ"), ("x",)), exported_electricity=g("100 MWh"),
                exported_electricity_ef=g("0.6 tCO2e/MWh"))
    expected = D(1000) + 540 - 240 + 561 - D("187.0935") - 60
    for basis in BOTH:
        result = run(plant(p), basis)
        row = result.processes[0]
        assert row.attributed_direct == expected == D("1613.9065")
        assert (row.heat, row.waste_gas, row.exported_electricity) == (D(300), D("373.9065"), D(60))
        assert row.se_direct == D("1.6139065")
        assert {"HEAT_IMP", "E53", "E54", "E57"} <= kinds(result)


def test_e55_floor_only_under_the_definitive_basis() -> None:
    p = process(direct=g("10 tCO2e"), heat=Heat(exported=g("1 TJ"), exported_ef=g("60 tCO2/TJ")))
    assert run(plant(p)).processes[0].attributed_direct == 0
    assert run(plant(p), TRANSITIONAL).processes[0].attributed_direct == -50


def test_e41_e42_reconciliation_only_when_asked() -> None:
    """Installation 990 t, processes 600 + 400: factor 0.99."""
    gas = SourceStream("s", "Gas", C, g("990 t"), ef=g("1 tCO2/t"))
    works = plant(process("P1", direct=g("600 tCO2e")), process("P2", direct=g("400 tCO2e")), streams=(gas,), reconcile=True)
    result = run(works)
    assert [p.attributed_direct for p in result.processes] == [D(594), D(396)]
    assert result.installation.reconciliation_factor == D("0.99")
    assert {"E41", "E42"} <= kinds(result)
    assert [p.attributed_direct for p in run(works, TRANSITIONAL).processes] == [D(600), D(400)]


def test_e43_molar_attribution() -> None:
    """34.062 t NH3 (17.031) and 46.005 t … : 2 kmol-tonnes against n of nitric acid: shares 2 : 1 → 600 and 300 t."""
    split = Attribution(AttributionRule.MOLAR, molar={"P1": (g("34.062 t"), "ammonia"), "P2": (g("63.012 t"), "nitric_acid")})
    gas = SourceStream("s", "Gas", C, g("900 t"), ef=g("1 tCO2/t"), attributed=split)
    result = run(plant(process("P1", "ammonia", direct=None, content=g("822 kgN/t")),
                       process("P2", "nitric_acid", direct=None, content=g("222 kgN/t")), streams=(gas,)))
    assert [p.attributed_direct for p in result.processes] == [D(600), D(300)]
    assert "E43" in kinds(result)


def test_attribution_by_functional_units() -> None:
    split = Attribution(AttributionRule.FUNCTIONAL_UNITS, processes=("P1", "P2"))
    gas = SourceStream("s", "Gas", C, g("900 t"), ef=g("1 tCO2/t"), attributed=split)
    result = run(plant(process("P1", made="1000 t", direct=None), process("P2", made="2000 t", direct=None), streams=(gas,)))
    assert [p.attributed_direct for p in result.processes] == [D(300), D(600)]


# --- functional units, precursors, products ---------------------------------------------------------------------------

def test_e64_cement_is_counted_by_its_clinker() -> None:
    """800 t at 75 % and 200 t at 50 % clinker = 700 t clinker; 7 t → 0.01 per t clinker; 0.0075 and 0.005 per t cement."""
    goods = (GoodProduced("25232900", g("800 t"), g("0.75")), GoodProduced("25239000", g("200 t"), g("0.5")))
    mill = Process("P1", "Mill", "cement", goods=goods, direct=g("7 tCO2e"), electricity=(grid("0 MWh"),))
    result = run(plant(mill, products=(product(cn="25232900", content=g("0.75")), product(cn="25239000", content=g("0.5")))))
    assert (result.processes[0].functional_unit, result.processes[0].activity_level) == ("t_clinker", D(700))
    assert result.processes[0].se_direct == D("0.01")
    assert [p.see_direct for p in result.products] == [D("0.0075"), D("0.005")]
    assert [p.unit for p in result.products] == ["tCO2e/t", "tCO2e/t"]
    assert "E64" in kinds(result)


def test_cement_stays_in_tonnes_under_the_transitional_basis() -> None:
    mill = process(category="cement", made="1000 t", direct=g("7 tCO2e"))
    row = run(plant(mill, products=(product(cn="25232900", content=g("0.75")),)), TRANSITIONAL)
    assert (row.processes[0].functional_unit, row.processes[0].se_direct) == ("t", D("0.007"))
    assert row.products[0].see_direct == D("0.007")


def test_e65_fertiliser_is_counted_by_its_nitrogen() -> None:
    """1000 t urea × 460 kg N/t = 460 000 kg N; 920 t → 0.002 per kg N → 0.92 per t."""
    result = run(plant(process(category="urea", direct=g("920 tCO2e")), products=(product(cn="31021019", content=g("460 kgN/t")),)))
    assert (result.processes[0].functional_unit, result.processes[0].se_direct) == ("kgN", D("0.002"))
    assert result.products[0].see_direct == D("0.92")


def test_e61_e63_chain_of_processes_and_precursor() -> None:
    """P2 takes 1200 t of P1 (0.5 t/t) for 1000 t and 100 t bought at 2: 0.1 + 1.2×0.5 + 0.1×2 = 0.9."""
    works = plant(process("P1", "crude_steel", "1200 t", direct=g("600 tCO2e"), to_processes={"P2": g("1200 t")}),
                  process("P2", direct=g("100 tCO2e")), precursors=(precursor({"P2": "100 t"}),), products=(product("P2"),))
    for basis in BOTH:
        result = run(works, basis)
        assert result.processes[1].see_direct == D("0.9")
        assert {"E61", "E63"} <= kinds(result)
        shares_of = {s.id: s.amount for s in result.products[0].precursors}
        assert shares_of == {"P1": D("1.2"), "PP1": D("0.1")}


def loop(back: str = "100 t") -> tuple[Process, Process]:
    """P1 makes 1000 t and gives 500 t to P2; P2 makes 500 t and gives *back* to P1."""
    return (process("P1", "crude_steel", "1000 t", direct=g("700 tCO2e"), to_processes={"P2": g("500 t")}),
            process("P2", "iron_or_steel_products", "500 t", direct=g("50 tCO2e"), to_processes={"P1": g(back)}))


def test_processes_that_feed_each_other_are_solved_together() -> None:
    """x = 0.7 + 0.1 y; y = 0.1 + x → x = 0.71/0.9, y = x + 0.1."""
    for basis in BOTH:
        result = run(plant(*loop()), basis)
        x = D("0.71") / D("0.9")
        found = [p.see_direct for p in result.processes]
        assert found[0] is not None
        assert found[1] is not None
        assert abs(found[0] - x) < D("1E-26")
        assert abs(found[1] - x - D("0.1")) < D("1E-26")
        assert len(result.loops) == 1
        assert result.loops[0].processes == ("P1", "P2")
        assert result.loops[0].residual < D("1E-32")
        assert "E63-simultaneous" in kinds(result)


def test_a_loop_that_hands_everything_back_has_no_result() -> None:
    _, p2 = loop("500 t")
    everything = (process("P1", "crude_steel", "500 t", direct=g("1 tCO2e"), to_processes={"P2": g("500 t")}), p2)
    result = run(plant(*everything))
    assert {"cbam.loop-without-solution"} <= codes(result)
    assert [p.see_direct for p in result.processes] == [None, None]


def test_a_bubble_must_not_be_handed_what_it_makes_inside() -> None:
    steel = process("P1", "crude_steel", "1000 t", direct=g("700 tCO2e"), to_processes={"P2": g("1000 t")})
    bubble = process("P2", "iron_or_steel_products", "900 t", direct=g("900 tCO2e"), included=("pig_iron", "crude_steel"))
    assert "cbam.bubble-counts-twice" in codes(run(plant(steel, bubble)))


def test_default_share_in_a_loop_follows_the_workbook() -> None:
    """P2 takes 100 t at 2, a default: P1 holds 0.1/0.9 of P2's 0.2 per t. The workbook counts own emissions once:
    share = default part / (SEE - (multiple - 1) × SE)."""
    bought = precursor({"P2": "50 t"}, direct_source=ValueSource.DEFAULT)
    result = run(plant(*loop(), precursors=(bought,)), TRANSITIONAL)
    first = result.processes[0]
    multiple = 1 / D("0.9")
    part = D("0.1") * multiple * D("0.2")
    assert first.see_direct is not None
    assert first.default_share is not None
    assert abs(first.default_share - part / (first.see_direct - (multiple - 1) * D("0.7"))) < D("1E-26")


# --- indirect emissions: whose count ----------------------------------------------------------------------------------

@pytest.mark.parametrize(("inner", "outer", "expected"), [
    ("sintered_ore", "iron_or_steel_products", "0.5"),      # precursor counts, good does not: the precursor's are added
    ("crude_steel", "iron_or_steel_products", "0"),         # neither counts
    ("hydrogen", "ammonia", "0.25"),                        # the good counts, its precursor does not: only its own
    ("ammonia", "nitric_acid", "0.75"),                     # both count
])
def test_indirect_emissions_of_precursors(inner: str, outer: str, expected: str) -> None:
    """1 t of the inner good (0.5 t indirect) goes into each t of the outer (0.25 t indirect of its own)."""
    fertiliser: dict[str, Any] = {"content": g("1 kgN/t")}
    works = plant(process("P1", inner, electricity=(grid("1000 MWh"),), to_processes={"P2": g("1000 t")}, **fertiliser),
                  process("P2", outer, electricity=(grid("500 MWh"),), **fertiliser))
    row = run(works).processes[1]
    assert row.see_indirect == D(expected)
    assert row.attributed_indirect == D(250)
    assert run(works, TRANSITIONAL).processes[1].see_indirect == D("0.75")


# --- what is missing, what is wrong -----------------------------------------------------------------------------------

def test_missing_is_not_zero() -> None:
    result = run(plant(process(direct=None)))
    assert result.processes[0].see_direct is None
    assert "cbam.direct-missing" in codes(result)


def test_the_transitional_workbook_reads_blanks_as_zero() -> None:
    row = run(plant(process(direct=None, electricity=()), origin=Origin.COMMISSION), TRANSITIONAL).processes[0]
    assert (row.see_direct, row.see_indirect) == (D(0), D(0))


def test_an_unknown_figure_spreads_only_to_what_needs_it() -> None:
    works = plant(process("P1", direct=None), process("P2", direct=g("5 tCO2e")),
                  process("P3", direct=g("5 tCO2e")))
    works = plant(process("P1", direct=None, to_processes={"P2": g("10 t")}), *works.processes[1:])
    assert [p.see_direct for p in run(works).processes] == [None, None, D("0.005")]


def test_production_of_zero_is_an_error_not_a_zero() -> None:
    result = run(plant(process(made="0 t", direct=g("10 tCO2e"))))
    assert result.processes[0].see_direct is None
    assert "cbam.production-zero" in codes(result)


def test_a_stream_with_units_that_do_not_go_together_is_not_counted_by_the_workbook() -> None:
    wrong = stream(C, amount=g("100 1000Nm3"), ef=g("2 tCO2/t"))
    transitional = run(plant(process(), streams=(wrong,)), TRANSITIONAL)
    assert transitional.installation.co2 == 0
    assert "cbam.stream-not-counted" in codes(transitional)
    definitive = run(plant(process(), streams=(stream(C, amount=g("100 t")),)))
    assert definitive.installation.co2 is None
    assert "cbam.stream-incomplete" in codes(definitive)


def test_totals_typed_by_hand_prevail_in_the_workbook_only() -> None:
    works = plant(process(direct=None), streams=(STREAMS["E5-E6 gas by energy"][0],), stated=Stated(co2=g("5000 tCO2e")))
    assert run(works, TRANSITIONAL).installation.direct_emissions == 5000
    assert run(works).installation.direct_emissions == D("4948.02")


def test_more_used_than_bought_and_made() -> None:
    works = plant(process("P1", made="100 t", to_market=g("80 t"), to_processes={"P2": g("50 t")}), process("P2"),
                  precursors=(precursor({"P2": "100 t"}, other_use=g("1 t")),))
    assert {"cbam.more-used-than-made", "cbam.more-used-than-bought"} <= codes(run(works))


def test_goods_of_the_union_embed_nothing() -> None:
    result = run(plant(process(), precursors=(precursor({"P1": "500 t"}, country="DE", report=None),)))
    assert result.processes[0].see_direct == 0
    assert result.precursors[0].direct == 0
    assert run(plant(process(), precursors=(precursor({"P1": "500 t"}, country="DE"),)), TRANSITIONAL).processes[0].see_direct == 1


def test_same_input_same_result() -> None:
    works = plant(*loop(), precursors=(precursor({"P2": "50 t"}),))
    first, second = run(works), run(works)
    assert first.as_json() == second.as_json()
    assert proof(first).as_json() == proof(second).as_json()


def test_a_changed_proof_is_noticed() -> None:
    from dataclasses import replace

    from zerofactory_engine.proof import Graph

    graph = proof(run(plant(*loop())))
    for target in [s.id for s in graph if s.kind not in {"given", "law", "rule"} and s.value is not None]:
        changed = Graph()
        for step in graph:
            changed.add(replace(step, value=step.value + 1) if step.id == target else step)
        assert target in differences(changed), target


def test_what_the_law_says_is_named() -> None:
    result = run(plant(process(direct=None), streams=(STREAMS["E12 coke fines"][0],)))
    assert "IR (EU) 2025/2547" in result.sources
    steps = [s for s in proof(result) if s.kind == "law"]
    assert steps
    assert all(s.detail["act"] and s.detail["confidence"] for s in steps)
    transitional = run(plant(process(direct=None), streams=(STREAMS["E12 coke fines"][0],), year=2024), TRANSITIONAL)
    assert transitional.sources == ("IR (EU) 2023/1773",)


# --- one process per functional unit ----------------------------------------------------------------------------------

def routes() -> tuple[Process, ...]:
    """Crude steel by two routes, 600 t at 2 and 400 t at 0.5; 100 t of the first go into 100 t of products."""
    return (process("P1", "crude_steel", "600 t", direct=g("1200 tCO2e"), to_processes={"P3": g("100 t")}),
            process("P2", "crude_steel", "400 t", direct=g("200 tCO2e")), process("P3", made="100 t"))


def test_routes_of_one_good_are_averaged_under_the_definitive_basis_only() -> None:
    """(1200 + 200) / 1000 = 1.4 for whoever takes of either."""
    works = plant(*routes(), products=(product("P1", "72071114"), product("P2", "72071114")))
    definitive = run(works)
    assert [p.see_direct for p in definitive.processes] == [D("1.4"), D("1.4"), D("1.4")]
    assert [p.se_direct for p in definitive.processes] == [D("1.4"), D("1.4"), D(0)]
    assert [p.see_direct for p in definitive.products] == [D("1.4"), D("1.4")]
    assert "cbam.routes-averaged" in codes(definitive)
    assert [p.see_direct for p in run(works, TRANSITIONAL).processes] == [D(2), D("0.5"), D(2)]


def test_processes_of_different_goods_stay_apart() -> None:
    works = plant(*routes(), products=(product("P1", "72071114"), product("P2", "72181000")))
    assert [p.see_direct for p in run(works).processes] == [D(2), D("0.5"), D(2)]


def test_routes_that_feed_each_other_average_to_the_whole() -> None:
    """P1 makes 600 t, hands 100 t to P2, which makes 400 t: 900 t leave with 1400 t and 90 t bought at 2."""
    works = plant(process("P1", "crude_steel", "600 t", direct=g("1200 tCO2e"), to_processes={"P2": g("100 t")}),
                  process("P2", "crude_steel", "400 t", direct=g("200 tCO2e")),
                  precursors=(precursor({"P2": "90 t"}),),
                  products=(product("P1", "72071114"), product("P2", "72071114")))
    found = run(works).products[0].see_direct
    assert found is not None
    assert abs(found * 900 - (1400 + 180)) < D("1E-26")
