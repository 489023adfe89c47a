"""Published figures of CBAM law, typed by hand from the acts and the Commission's files; never skipped.

2547: Implementing Regulation (EU) 2025/2547; 2621: default values; 2620: benchmarks.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from zerofactory_mappings.cbam import tables
from zerofactory_mappings.cbam.benchmarks import benchmarks, shipped
from zerofactory_mappings.cbam.defaults.lookup import lookup
from zerofactory_mappings.cbam.defaults.store import shipped_set
from zerofactory_mappings.cbam.table_reader import Cited, Unknown

D = Decimal


def known(found: Cited | Unknown) -> Decimal:
    assert isinstance(found, Cited), found
    return found.value


@pytest.mark.parametrize(("ident", "value", "unit"), [
    ("carbon_to_co2", "3.664", "tCO2/tC"),                  # 2547 Annex II B.3.1.1
    ("gwp_n2o", "265", "tCO2e/t"), ("gwp_cf4", "6630", "tCO2e/t"), ("gwp_c2f6", "11100", "tCO2e/t"),      # Annex II G Table 6
    ("ef_natural_gas", "56.1", "tCO2/TJ"), ("waste_gas_export_factor", "0.667", "1"),                     # Annex III A.2.3
    ("clinker_minimum_ef", "0.525", "tCO2/t"), ("dust_minimum_ef", "0.525", "tCO2/t"),                    # B.9.2.2-3
    ("gypsum_ef", "0.2558", "tCO2/t"), ("denox_urea_ef", "0.7328", "tCO2/t"), ("flare_ef", "0.00393", "tCO2/Nm3"),   # B.9.1
    ("oxygen_in_air", "0.2095", "1"),                       # Eq 29
    ("valid_hour_share", "0.80", "1"), ("gap_sigma_multiplier", "2", "1"),                                # Eq 19
    ("uncertainty_cems", "0.075", "1"), ("uncertainty_cems_minor", "0.10", "1"), ("uncertainty_cems_recommended", "0.025", "1"),
    ("uncertainty_activity_large", "0.015", "1"), ("activity_large_above", "500000", "tCO2e"),            # B.4.4
    ("uncertainty_activity_small", "0.075", "1"), ("activity_small_below", "10000", "tCO2e"),
    ("unreasonable_cost_price", "80", "EUR/tCO2e"), ("unreasonable_cost_floor", "4000", "EUR"), ("unreasonable_cost_improvement", "0.01", "1"),
    ("return_temperature", "90", "degC"), ("heat_method_3_efficiency", "0.70", "1"),                      # C.1.2
    ("imported_heat_boiler_efficiency", "0.90", "1"), ("chp_heat_efficiency", "0.55", "1"), ("chp_electricity_efficiency", "0.25", "1"),
    ("composition_range", "0.10", "1"), ("see_decimals", "5", "1"), ("electricity_import_ef_cap", "550", "gCO2/kWh"),
    ("materiality_see", "0.05", "1"), ("materiality_sefa", "0.05", "1"),                                  # 2025/2546 Article 5
    ("mass_threshold", "50", "t"), ("mass_threshold_watch_share", "0.90", "1"), ("mass_threshold_review_deviation", "15", "t"),
    ("mass_threshold_review_rounding", "10", "t"), ("quarter_holding_share", "0.50", "1"),                # 2023/956
    ("retention_verification_years", "4", "a"), ("retention_data_years", "6", "a"), ("retention_declarant_years", "4", "a"),
    ("coordinate_decimals", "6", "1"),
])
def test_constants(ident: str, value: str, unit: str) -> None:
    found = tables.constant(ident)
    assert (found.value, found.unit) == (D(value), unit)


@pytest.mark.parametrize(("name", "ef", "ncv"), [           # 2547 Annex II G Tables 1 and 2
    ("Natural gas", "56.1", "48.0"), ("Coke oven coke and lignite coke", "107", "28.2"), ("Other bituminous coal", "94.6", "25.8"),
    ("Anthracite", "98.3", "26.7"), ("Gas/Diesel oil", "74.1", "43.0"), ("Residual fuel oil", "77.4", "40.4"), ("Lignite", "101", "11.9"),
    ("Blast furnace gas", "260", "2.47"), ("Coke oven gas", "44.4", "38.7"), ("Oxygen steel furnace gas", "182", "7.06"),
    ("Liquefied petroleum gases", "63.1", "47.3"), ("Petroleum coke", "97.5", "32.5"), ("Carbon monoxide", "155.2", "10.1"),
    ("Methane", "54.9", "50.0"), ("Charcoal", "112", "29.5"), ("Biodiesels", "70.8", "37.0"), ("Peat", "106", "9.76"),
])
def test_fuels(name: str, ef: str, ncv: str) -> None:
    found = tables.fuel(name)
    assert (found.ef.value, known(found.ncv)) == (D(ef), D(ncv))
    assert (found.ef.unit, found.ef.source.act) == ("tCO2/TJ", "IR (EU) 2025/2547")


@pytest.mark.parametrize(("material", "group", "ef", "carbon"), [       # Tables 3 to 5
    ("CaCO3", "carbonate_a", "0.440", None), ("MgCO3", "carbonate_a", "0.522", None), ("FeCO3", "carbonate_a", "0.380", None),
    ("CaO", "oxide_b", "0.785", None), ("MgO", "oxide_b", "1.092", None), ("BaO", "oxide_b", "0.287", None),
    ("eaf_electrodes", "iron_steel", "3.00", "0.8188"), ("Pig iron", "iron_steel", "0.15", "0.0409"), ("Steel/steel scrap", "iron_steel", "0.04", "0.0109"),
    ("Petroleum coke", "iron_steel", "3.19", "0.8706"), ("Oxygen steel furnace gas", "iron_steel", "1.28", "0.3493"),
])
def test_process_factors(material: str, group: str, ef: str, carbon: str | None) -> None:
    found = tables.process_factor(material, group)
    assert found.ef.value == D(ef)
    assert (None if found.carbon is None else found.carbon.value) == (None if carbon is None else D(carbon))


@pytest.mark.parametrize(("method", "technology", "cf4", "c2f6"), [     # Annex II B.7 Tables 2 and 3
    ("slope", "PFPB_L", "0.122", "0.097"), ("slope", "PFPB_M", "0.104", "0.057"), ("slope", "CWPB", "0.143", "0.121"),
    ("slope", "SWPB", "0.233", "0.280"), ("slope", "VSS", "0.058", "0.086"), ("slope", "HSS", "0.165", "0.077"),
    ("overvoltage", "CWPB", "1.16", "0.121"), ("overvoltage", "SWPB", "3.65", "0.252"),
])
def test_pfc(method: str, technology: str, cf4: str, c2f6: str) -> None:
    found = tables.pfc_factor(method, technology)
    assert (found.cf4.value, found.c2f6.value) == (D(cf4), D(c2f6))


@pytest.mark.parametrize(("fuel", "before_2012", "to_2015", "from_2016"), [      # Annex III C, electricity, %
    ("hard_coal", "44.2", "44.2", "44.2"), ("lignite", "41.8", "41.8", "41.8"), ("peat", "39.0", "39.0", "39.0"),
    ("dry_biomass", "33", "33", "37"), ("other_solid_biomass", "25", "25", "30"), ("solid_waste", "25", "25", "25"),
    ("oil", "44.2", "44.2", "44.2"), ("bio_liquids", "44.2", "44.2", "44.2"), ("waste_liquids", "25", "25", "29"),
    ("natural_gas", "52.5", "52.5", "53.0"), ("refinery_gas", "44.2", "44.2", "44.2"), ("biogas", "42.0", "42.0", "42.0"),
    ("coke_oven_gas", "35.0", "35.0", "35.0"), ("waste_heat", "30.0", "30.0", "30.0"),
])
def test_reference_efficiencies_of_electricity(fuel: str, before_2012: str, to_2015: str, from_2016: str) -> None:
    found = [known(tables.reference_efficiency("electricity", fuel, y)) * 100 for y in (2011, 2013, 2016)]
    assert found == [D(before_2012), D(to_2015), D(from_2016)]


@pytest.mark.parametrize(("fuel", "old", "new"), [                       # Annex III C, heat: hot water, steam, exhaust, %
    ("hard_coal", (88, 83, 80), (88, 83, 80)), ("lignite", (86, 81, 78), (86, 81, 78)), ("peat", (86, 81, 78), (86, 81, 78)),
    ("dry_biomass", (86, 81, 78), (86, 81, 78)), ("other_solid_biomass", (80, 75, 72), (80, 75, 72)), ("solid_waste", (80, 75, 72), (80, 75, 72)),
    ("coke_oven_gas", (80, 75, 72), (80, 75, 72)), ("oil", (89, 84, 81), (85, 80, 77)), ("bio_liquids", (89, 84, 81), (85, 80, 77)),
    ("waste_liquids", (80, 75, 72), (75, 70, 67)), ("natural_gas", (90, 85, 82), (92, 87, 84)), ("refinery_gas", (89, 84, 81), (90, 85, 82)),
    ("biogas", (70, 65, 62), (80, 75, 72)),
])
def test_reference_efficiencies_of_heat(fuel: str, old: tuple[int, ...], new: tuple[int, ...]) -> None:
    for built, wanted in ((2015, old), (2016, new)):
        assert tuple(known(tables.reference_efficiency("heat", fuel, built, m)) * 100 for m in ("hot_water", "steam", "exhaust")) == wanted


def test_reference_efficiency_of_waste_heat() -> None:
    assert [known(tables.reference_efficiency("heat", "waste_heat", 2020, m)) * 100 for m in ("hot_water", "steam")] == [92, 87]


@pytest.mark.parametrize(("sector", "by_year"), [                        # 2621 Annex I; Q&A 4.25
    ("cement", ("0.10", "0.20", "0.30")), ("iron_steel", ("0.10", "0.20", "0.30")), ("aluminium", ("0.10", "0.20", "0.30")),
    ("hydrogen", ("0.10", "0.20", "0.30")), ("fertilisers", ("0.01", "0.01", "0.01")),
])
def test_mark_ups(sector: str, by_year: tuple[str, ...]) -> None:
    assert [tables.markup(sector, y).value for y in (2026, 2027, 2028)] == [D(x) for x in by_year]
    assert tables.markup(sector, 2034).value == D(by_year[-1])


def test_phase_in() -> None:
    """Directive 2003/87/EC Article 10a(1a), in per cent of the benchmark."""
    wanted = {2026: "97.5", 2027: "95", 2028: "90", 2029: "77.5", 2030: "51.5", 2031: "39", 2032: "26.5", 2033: "14", 2034: "0"}
    assert {y: known(tables.phase_in(y).factor) * 100 for y in wanted} == {y: D(v) for y, v in wanted.items()}
    assert {known(tables.phase_in(y).cscf) for y in range(2026, 2031)} == {D(1)}


def test_prices_of_2026() -> None:
    assert [known(tables.price(quarter=f"2026-Q{q}").value) for q in (1, 2, 3)] == [D("75.36"), D("75.28"), D("82.32")]
    assert [str(tables.price(quarter=f"2026-Q{q}").published) for q in (1, 2, 3, 4)] == ["2026-04-07", "2026-07-06", "2026-10-05", "2027-01-04"]


@pytest.mark.parametrize(("cn", "variant", "total", "routes"), [         # China, 2621 Annex I, before mark-up, tCO2e/t
    ("25070080", None, "0.32", ("A",)), ("25231000", "grey", "1.39", ("A",)), ("25231000", "white", "1.30", ("B",)), ("25232900", None, "1.42", ()),
    ("28141000", None, "4.36", ()), ("31021019", None, "2.85", ()), ("28080000", None, "3.08", ()), ("76011010", None, "3.00", ("K",)),
    ("76042910", None, "4.8808", ("K",)), ("28041000", None, "26.64", ()), ("26011200", None, "0.26", ()), ("72011011", None, "1.66", ()),
    ("72061000", None, "1.74", ("C",)), ("72071114", None, "3.168785", ("C",)), ("72083900", None, "3.186893", ("C",)), ("72139110", None, "3.168785", ("C",)),
    ("72051000", None, "2.802", ("C",)), ("72181000", None, "5.65", ()), ("73181100", None, "2.738", ("C",)), ("73181290", None, "2.738", ("C",)),
    ("73181300", None, "2.738", ("C",)), ("73181491", None, "2.738", ("C",)), ("73181210", None, "7.005", ("C",)), ("73181410", None, "7.005", ("C",)),
    ("73181542", None, "6.375", ("C",)), ("73181691", None, "5.045", ("C",)), ("73182200", None, "4.555", ("C",)),
])
def test_default_values_of_china(cn: str, variant: str | None, total: str, routes: tuple[str, ...]) -> None:
    found = lookup(cn, "China", year=2026, variant=variant, sets=[shipped_set()])
    assert (found.total.value, found.routes) == (D(total), routes)
    assert not found.fallback


def test_direct_reduced_iron_of_china_has_a_dash() -> None:
    found = lookup("72031000", "China", year=2026, sets=[shipped_set()])
    assert (found.fallback, found.total.value) == (True, D("1.325"))


@pytest.mark.parametrize(("cn", "route", "a", "b"), [                    # 2620 Annex point 5.3, tCO2e/t
    ("25231000", "A", "0.666", "0.666"), ("25231000", "B", "0.859", "0.859"), ("28041000", None, "5.089", "5.089"), ("28141000", None, "1.522", "1.522"),
    ("31021019", None, "0.053", "0.902"), ("26011200", None, "0.086", "0.086"), ("72011011", None, "1.089", "1.210"), ("72031000", None, "0.295", "0.397"),
    ("72071114", "C", "0.188", "1.364"), ("72071114", "D", "0.065", "0.475"), ("72071114", "E", "0.065", "0.066"),
    ("72083900", "C", "0.044", "1.370"), ("72083900", "D", "0.044", "0.481"), ("72083900", "E", "0.044", "0.072"),
    ("73181542", "C", "0.038", "1.364"), ("73181542", "D", "0.038", "0.475"), ("73181542", "E", "0.038", "0.066"),
    ("76011010", "K", "1.423", "1.423"), ("76011010", "L", "0.091", "0.091"), ("76042910", "K", "0.056", "1.485"), ("76042910", "L", "0.056", "0.148"),
])
def test_benchmarks(cn: str, route: str | None, a: str, b: str) -> None:
    found = [known(benchmarks(cn, column, route, 2026, of=shipped()).value) for column in ("A", "B")]
    assert found == [D(a), D(b)]


def test_benchmark_of_stainless_bolts_by_year_of_production() -> None:
    assert [known(benchmarks("73181535", "B", "C", y, of=shipped()).value) for y in (2026, 2028)] == [D("1.154"), D("1.116")]


def test_check_value_hot_rolled_coil_of_china_by_default_2026() -> None:
    """3.186893 x 1.10 = 3.5055823; 0.975 x 1 x 1.370 = 1.33575; net 2.1698323 t/t; at EUR 75.36 = EUR 163.52 per t."""
    see = lookup("72083900", "China", year=2026, sets=[shipped_set()])
    phase = tables.phase_in(2026)
    sefa = known(phase.factor) * known(phase.cscf) * known(benchmarks("72083900", "B", see.routes, 2026, of=shipped()).value)
    net = see.value - sefa
    assert (see.value, sefa, net) == (D("3.5055823"), D("1.33575"), D("2.1698323"))
    assert round(net * known(tables.price(quarter="2026-Q1").value), 2) == D("163.52")


def test_check_value_bolt_of_china_by_default_2026() -> None:
    """Prefix row 7318 15: 6.375 x 1.10 = 7.0125; 0.975 x 1.364 = 1.3299; net 5.6826 t/t."""
    see = lookup("73181542", "China", year=2026, sets=[shipped_set()])
    sefa = known(tables.phase_in(2026).factor) * known(benchmarks("73181542", "B", see.routes, 2026, of=shipped()).value)
    assert (see.matched, see.value, sefa, see.value - sefa) == ("731815", D("7.0125"), D("1.3299"), D("5.6826"))


def test_annex_iv_examples() -> None:
    """Precursors of unknown origin, before mark-up."""
    wanted = {("25070080", None): "0.320", ("25231000", "grey"): "1.440", ("25231000", "white"): "1.410", ("25232900", None): "1.490",
              ("76011010", None): "3.198", ("28041000", None): "26.640", ("72026000", None): "6.150"}
    assert {k: lookup(k[0], None, year=2026, variant=k[1], sets=[]).total.value for k in wanted} == {k: D(v) for k, v in wanted.items()}
