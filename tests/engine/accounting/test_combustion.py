"""Fuels: each part of the factor, measured before default, biomass apart, uses that burn nothing."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from zerofactory_engine.accounting import Inventory, Line
from zerofactory_engine.reasons import Unknown

D = Decimal
Account = Callable[..., Inventory]


def lines(found: Inventory) -> dict[str, Line]:
    return {line.id: line for line in found.lines}


def mass(line: Line) -> Decimal:
    assert isinstance(line.location.value, Decimal), line.location.value
    return line.location.value


def reasons(value: Any) -> list[tuple[str, str]]:
    assert isinstance(value, Unknown), value
    return [(r.subject, r.code) for r in value.reasons]


def fuel(carrier: str, **cells: Any) -> dict[str, Any]:
    return {"id": "G1", "carrier": carrier, "use": "fuel", **cells}


def test_gases_of_natural_gas_are_told_apart(account: Account) -> None:
    found = lines(account(energy=[fuel("natural_gas", Nm3="200000")]))
    assert list(found) == ["energy/G1/CO2", "energy/G1/CH4", "energy/G1/N2O"]
    energy = 200000 * D("0.038931")                                        # GJ
    assert mass(found["energy/G1/CH4"]) == energy * D("0.000001")          # IPCC: 1 kg/TJ
    assert mass(found["energy/G1/N2O"]) == energy * D("0.0000001")         # 0.1 kg/TJ
    assert found["energy/G1/CH4"].tco2e_location == energy * D("0.000001") * D("29.8")
    assert found["energy/G1/N2O"].tco2e_location == energy * D("0.0000001") * 273
    assert {(ln.scope, ln.iso_subcategory, ln.ghgp_category, ln.method) for ln in found.values()} == \
        {(1, "1.1", None, "factor")}
    assert found["energy/G1/CO2"].co2(found["energy/G1/CO2"].location) == mass(found["energy/G1/CO2"])
    assert found["energy/G1/CH4"].co2(found["energy/G1/CH4"].location) == 0


@pytest.mark.parametrize(("cells", "expected"), [
    ({"t": "10", "ncv_GJ_per_t": "20"}, D(10) * 20 * D("0.0202") * D("0.98") * 44 / 12),
    ({"t": "10", "carbon_tC_per_TJ": "21"}, D(10) * D("43.33") * D("0.021") * D("0.98") * 44 / 12),
    ({"t": "10", "oxidation_percent": "100"}, D(10) * D("43.33") * D("0.0202") * 44 / 12),
    ({"t": "10", "carbon_tC_per_t": "0.86"}, D(10) * D("0.86") * D("0.98") * 44 / 12),
    ({"t": "10", "factor": "3.2 tCO2/t"}, D(32)),
    ({"GJ": "433.3"}, D("433.3") * D("0.0202") * D("0.98") * 44 / 12),
    ({"GJ": "433.3", "factor": "0.074 tCO2/GJ"}, D("433.3") * D("0.074")),
    ({"t": "10", "factor": "0.07 tCO2/GJ"}, D(10) * D("43.33") * D("0.07")),
    ({"m3": "10", "density_t_per_m3": "0.84"}, D("8.4") * D("43.33") * D("0.0202") * D("0.98") * 44 / 12),
], ids=lambda v: next(iter(v)) + str(len(v)) if isinstance(v, dict) else "")
def test_measured_values_prevail_over_the_set(account: Account, cells: dict[str, str], expected: Decimal) -> None:
    found = lines(account(energy=[fuel("diesel", **cells)]))
    assert abs(mass(found["energy/G1/CO2"]) - expected) < D("1e-25")


def test_measured_values_of_a_gas_are_per_ten_thousand_normal_cubic_metres(account: Account) -> None:
    found = lines(account(energy=[fuel("natural_gas", Nm3="20000", ncv_GJ_per_10kNm3="400")]))
    assert abs(mass(found["energy/G1/CO2"]) - 800 * D("0.0153") * D("0.99") * 44 / 12) < D("1e-25")
    found = lines(account(energy=[fuel("natural_gas", Nm3="20000", carbon_tC_per_10kNm3="5.9")]))
    assert abs(mass(found["energy/G1/CO2"]) - D("11.8") * D("0.99") * 44 / 12) < D("1e-25")


@pytest.mark.parametrize(("row", "expected"), [
    (fuel("diesel"), [("energy/G1.t", "accounting.cell-missing")]),
    (fuel("natural_gas", t="1"), [("energy/G1.t", "accounting.unit-does-not-fit")]),
    (fuel("diesel", Nm3="1"), [("energy/G1.Nm3", "accounting.unit-does-not-fit")]),
    (fuel("diesel", m3="1"), [("energy/G1.density_t_per_m3", "accounting.cell-missing")]),
    (fuel("diesel", t="1", factor="3 tCO2/Nm3"), [("energy/G1.factor", "accounting.unit-does-not-fit")]),
    (fuel("methanol", t="1"), [("factor:fuel/methanol", "accounting.factor-missing")]),
])
def test_what_is_missing_is_named_and_never_zero(account: Account, row: dict[str, Any], expected: list[tuple[str, str]]
                                                 ) -> None:
    found = lines(account(energy=[row]))
    assert reasons(found["energy/G1/CO2"].location.value)[:1] == expected
    assert isinstance(found["energy/G1/CO2"].tco2e_location, Unknown)


def test_a_stated_factor_in_co2e_covers_the_other_gases(account: Account) -> None:
    found = lines(account(energy=[fuel("diesel", t="2", factor="3.2 tCO2e/t")]))
    assert list(found) == ["energy/G1/CO2e"]
    line = found["energy/G1/CO2e"]
    assert (mass(line), line.tco2e_location) == (D("6.4"), D("6.4"))
    assert reasons(line.co2(line.location)) == [("energy/G1", "accounting.gas-split-unknown")]


@pytest.mark.parametrize(("use", "source", "iso"), [
    ("fuel", "stationary_combustion", "1.1"), ("reductant", "process", "1.3"),
    ("off-site vehicle", "mobile_combustion", "1.2")])
def test_a_use_decides_the_source(account: Account, use: str, source: str, iso: str) -> None:
    found = account(energy=[{"id": "G1", "carrier": "diesel", "use": use, "t": "1"}])
    assert {(ln.source.code, ln.iso_subcategory) for ln in found.lines} == {(source, iso)}


@pytest.mark.parametrize("cells", [
    {"use": "feedstock"}, {"use": "energy medium"}, {"use": "fuel", "direction": "exported"},
    {"use": "fuel", "direction": "produced"}])
def test_what_is_not_burned_here_has_no_line(account: Account, cells: dict[str, str]) -> None:
    assert account(energy=[{"id": "G1", "carrier": "diesel", "t": "1", **cells}]).lines == ()


@pytest.mark.parametrize("carrier", ["hydrogen", "green_hydrogen", "compressed_air", "new_water", "solar_heat"])
def test_carriers_that_release_nothing_have_no_line(account: Account, carrier: str) -> None:
    assert account(energy=[fuel(carrier, GJ="5")]).lines == ()


def test_mobile_machinery_on_site_is_mobile_combustion(account: Account) -> None:
    found = account(energy=[fuel("diesel", t="1", mobile="yes")])
    assert {ln.source.code for ln in found.lines} == {"mobile_combustion"}


def test_a_row_without_a_use_is_a_fuel(account: Account) -> None:
    found = account(energy=[{"id": "G1", "carrier": "diesel", "t": "1"}])
    assert {ln.source.code for ln in found.lines} == {"stationary_combustion"}


def test_biomass_co2_stands_apart_and_its_methane_inside(account: Account) -> None:
    found = lines(account(energy=[fuel("wood", t="100")]))
    co2, ch4 = found["energy/G1/CO2"], found["energy/G1/CH4"]
    assert (co2.scope, co2.outside, co2.biogenic, co2.iso_category) == (0, "biogenic_co2", True, 1)
    assert mass(co2) == D(100) * D("15.6") * D("0.112")
    assert (ch4.scope, ch4.outside, ch4.biogenic) == (1, None, True)
    assert ch4.tco2e_location == D(100) * D("15.6") * D("0.00003") * 27    # not fossil


def test_biomass_co2_goes_inside_by_option(account: Account) -> None:
    found = lines(account(options={"biogenic_co2": "inside"}, energy=[fuel("wood", t="100")]))
    line = found["energy/G1/CO2"]
    assert (line.scope, line.outside, line.biogenic) == (1, None, True)


def test_a_mixed_fuel_is_split_by_its_biogenic_share(account: Account) -> None:
    found = account(energy=[fuel("diesel", t="100", biogenic_percent="7", factor="3 tCO2/t")])
    split = [(ln.part, ln.scope, mass(ln)) for ln in found.lines if ln.gas == "CO2"]
    assert split == [("", 1, D(279)), ("biogenic", 0, D(21))]
    assert [ln.id for ln in found.lines][:2] == ["energy/G1/CO2", "energy/G1/CO2/biogenic"]


def test_acetylene_follows_from_its_formula(account: Account) -> None:
    found = lines(account(energy=[fuel("acetylene", t="26")], options={"gases": "co2"}))
    assert mass(found["energy/G1/CO2"]) == 88                              # 26 t C2H2 → 24 t C → 88 t CO2


def test_another_set_than_the_chosen_one_is_used_for_biomass_only(account: Account) -> None:
    """Peat is in the IPCC set but not in the Chinese one: sets are not mixed silently."""
    found = lines(account(energy=[fuel("peat", t="1")]))
    assert reasons(found["energy/G1/CO2"].location.value) == [("factor:fuel/peat", "accounting.factor-missing")]


def test_the_ipcc_set_as_fuel_set_needs_no_carbon_content(account: Account) -> None:
    found = lines(account(sets={"fuel": "ipcc-2006-fuels"}, energy=[fuel("diesel", t="10")]))
    assert mass(found["energy/G1/CO2"]) == D(10) * 43 * D("0.0741")
    assert mass(found["energy/G1/CH4"]) == D(10) * 43 * D("0.000003")


def test_other_gases_can_be_switched_off(account: Account) -> None:
    assert list(lines(account(sets={"other_gases": "none"}, energy=[fuel("diesel", t="1")]))) == ["energy/G1/CO2"]
    assert list(lines(account(options={"gases": "co2"}, energy=[fuel("diesel", t="1")]))) == ["energy/G1/CO2"]


def test_a_fuel_that_the_other_set_lacks_leaves_its_gases_unknown(account: Account) -> None:
    found = lines(account(energy=[fuel("crude_benzol", t="1")]))
    assert isinstance(found["energy/G1/CO2"].location.value, Decimal)
    assert reasons(found["energy/G1/CH4"].location.value) == \
        [("factor:other_gases/crude_benzol", "accounting.factor-missing")]


def test_what_is_made_on_site_is_noted_and_counted_once_as_energy(account: Account) -> None:
    found = account(energy=[fuel("coke_oven_gas", Nm3="10000", origin="made on site")])
    assert [(p.code, str(p.severity), p.args) for p in found.problems] == \
        [("accounting.made-on-site", "note", {"carrier": "coke_oven_gas"})]
    assert found.derived["energy", "G1", "tce"] == 0
    assert mass(lines(found)["energy/G1/CO2"]) > 8


def test_uncertainty_of_row_and_factor_combine(account: Account) -> None:
    """Activity ± 5 % and the IPCC interval of diesel: NCV 43.0 [41.4, 43.3], CO2 74100 [72600, 74800]."""
    row = fuel("diesel", t="10", uncertainty={"half_width_percent": "5", "coverage_factor": "2"})
    found = lines(account(sets={"fuel": "ipcc-2006-fuels"}, energy=[row]))
    ncv, co2 = D("1.6") / 43, D(1500) / 74100
    expected = (D("0.05") ** 2 + ncv ** 2 + co2 ** 2).sqrt()
    found_width = found["energy/G1/CO2"].uncertainty
    assert found_width is not None
    assert abs(found_width - expected) < D("1e-25")


@pytest.mark.parametrize(("stated", "expected"), [
    ({"half_width_percent": "5", "coverage_factor": "1"}, "0.1"), ({"half_width_percent": "5"}, "0.05"),
    ({"half_width_percent": "5", "coverage_factor": "2"}, "0.05"), ({"basis": "no figure"}, None)])
def test_stated_uncertainty_is_brought_to_95_per_cent(account: Account, stated: dict[str, str], expected: str | None
                                                      ) -> None:
    found = lines(account(energy=[fuel("diesel", t="10", uncertainty=stated)]))
    width = found["energy/G1/CO2"].uncertainty
    assert width == (D(expected) if expected is not None else None)
