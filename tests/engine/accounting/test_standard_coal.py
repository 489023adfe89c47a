"""Standard coal: coefficient or measured heating value, each energy once, pairs that do not fit."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from zerofactory_engine.accounting import Inventory
from zerofactory_engine.reasons import Unknown

D = Decimal
Account = Callable[..., Inventory]


def tce(found: Inventory, row: str = "G1", table: str = "energy") -> Any:
    return found.derived[table, row, "tce"]


def energy(carrier: str, **cells: Any) -> dict[str, Any]:
    return {"id": "G1", "carrier": carrier, "use": "fuel", **cells}


def reasons(value: Any) -> list[tuple[str, str]]:
    assert isinstance(value, Unknown), value
    return [(r.subject, r.code) for r in value.reasons]


@pytest.mark.parametrize(("carrier", "cells", "expected"), [
    ("gasoline", {"t": "10"}, "14.714"), ("diesel", {"t": "10"}, "14.571"), ("methanol", {"t": "10"}, "6.794"),
    ("raw_coal", {"t": "10"}, "7.143"), ("anthracite", {"t": "10"}, "7.143"), ("coke", {"t": "10"}, "9.714"),
    ("crude_oil", {"t": "10"}, "14.286"), ("fuel_oil", {"t": "10"}, "14.286"), ("kerosene", {"t": "10"}, "14.714"),
    ("jet_kerosene", {"t": "10"}, "14.714"), ("coal_tar", {"t": "10"}, "11.429"), ("lpg", {"t": "10"}, "17.143"),
    ("refinery_gas", {"t": "10"}, "15.714"), ("lng", {"t": "10"}, "17.572"), ("cleaned_coal", {"t": "10"}, "9"),
    ("natural_gas", {"Nm3": "10000"}, "13.3"), ("blast_furnace_gas", {"Nm3": "10000"}, "1.286"),
    ("hydrogen", {"Nm3": "10000"}, "3.329"), ("new_water", {"t": "10000"}, "2.571"),
])
def test_coefficients_of_the_2020_edition(account: Account, carrier: str, cells: dict[str, str], expected: str) -> None:
    assert tce(account(energy=[energy(carrier, **cells)])) == D(expected)


def test_water_of_the_2008_edition(account: Account) -> None:
    found = account(sets={"standard_coal": "gbt2589-2008"}, energy=[energy("new_water", t="10000")])
    assert tce(found) == D("0.857")


@pytest.mark.parametrize("cells", [{"t": "10", "ncv_GJ_per_t": "29.3076"}, {"GJ": "293.076"}])
def test_a_measured_heating_value_is_divided_by_that_of_standard_coal(account: Account, cells: dict[str, str]) -> None:
    assert tce(account(energy=[energy("diesel", **cells)])) == 10


def test_the_measured_heating_value_can_be_ignored(account: Account) -> None:
    found = account(options={"measured_ncv_tce": "ignore"}, energy=[energy("diesel", t="10", ncv_GJ_per_t="29.3076")])
    assert tce(found) == D("14.571")
    assert [p.code for p in found.problems] == ["accounting.sets-do-not-match"]     # 42.7 against 29.3 MJ/kg


def test_coke_oven_gas_needs_a_measured_heating_value(account: Account) -> None:
    assert reasons(tce(account(energy=[energy("coke_oven_gas", Nm3="10000")]))) == \
        [("energy/G1.Nm3", "accounting.coefficient-unknown")]
    found = account(energy=[energy("coke_oven_gas", Nm3="10000", ncv_GJ_per_10kNm3="293.076")])
    assert tce(found) == 10


@pytest.mark.parametrize(("carrier", "cells", "expected"), [
    ("crude_benzol", {"t": "1"}, [("factor:standard_coal/crude_benzol", "accounting.factor-missing")]),
    ("diesel", {"Nm3": "1"}, [("energy/G1.Nm3", "accounting.unit-does-not-fit")]),
    ("diesel", {}, [("energy/G1.t", "accounting.cell-missing")]),
])
def test_what_cannot_be_converted_is_unknown(account: Account, carrier: str, cells: dict[str, str],
                                             expected: list[tuple[str, str]]) -> None:
    assert reasons(tce(account(energy=[energy(carrier, **cells)]))) == expected


@pytest.mark.parametrize(("option", "ncv", "expected"), [
    ("matching", None, "13.3"), ("matching", "355.88", None), ("oil_field", None, "13.3"), ("gas_field", None, "refused")])
def test_the_coefficient_of_natural_gas(account: Account, option: str, ncv: str | None, expected: str | None) -> None:
    cells = {"Nm3": "10000"} | ({"ncv_GJ_per_10kNm3": ncv} if ncv else {})
    found = account(options={"natural_gas_tce": option, "measured_ncv_tce": "ignore"}, energy=[energy("natural_gas", **cells)])
    if expected == "refused":
        assert reasons(tce(found)) == [("energy/G1.Nm3", "accounting.sets-refused")]
        assert [(p.code, p.args) for p in found.problems] == [("accounting.sets-refused", {
            "carrier": "natural_gas", "coefficient": "1.2143 kgce/Nm3", "ncv": "0.038931 GJ/Nm3"})]
    else:
        assert tce(found) == D(expected or "12.143")                       # 35.588 MJ/Nm3 belongs to the gas field
        assert found.problems == ()


def test_a_gas_field_coefficient_stands_beside_its_own_heating_value(account: Account) -> None:
    found = account(options={"natural_gas_tce": "gas_field", "measured_ncv_tce": "ignore"},
                    energy=[energy("natural_gas", Nm3="10000", ncv_GJ_per_10kNm3="355.88")])
    assert tce(found) == D("12.143")


def test_a_pair_that_does_not_fit_is_reported(account: Account) -> None:
    """LNG: 41.868 MJ/kg is 1.429 kgce/kg, the coefficient says 1.7572."""
    found = account(energy=[energy("lng", t="10")])
    assert tce(found) == D("17.572")
    assert [(p.code, str(p.severity), p.place.path) for p in found.problems] == \
        [("accounting.sets-do-not-match", "note", "energy/G1")]


def test_without_a_known_heating_value_the_two_coefficients_cannot_be_told_apart(account: Account) -> None:
    found = account(sets={"fuel": "cn-fuel-defaults/cn-other-industry-guide"}, energy=[energy("natural_gas", Nm3="1")])
    assert reasons(tce(found)) == [("factor:standard_coal/natural_gas", "accounting.factor-missing")]


@pytest.mark.parametrize(("cells", "option", "expected"), [
    ({"origin": "purchased"}, "report", "14.571"), ({"origin": "own source"}, "report", "14.571"),
    ({"origin": "made on site"}, "report", "0"), ({"origin": "recovered"}, "report", "0"),
    ({"direction": "produced"}, "report", "0"), ({"direction": "exported"}, "report", "0"),
    ({"direction": "exported", "origin": "made on site"}, "report", "0"),
    ({"direction": "exported", "origin": "made on site"}, "subtract", "-14.571"),
    ({"direction": "exported", "origin": "purchased"}, "subtract", "0"),
])
def test_energy_is_counted_once(account: Account, cells: dict[str, str], option: str, expected: str) -> None:
    found = account(options={"exported_power": option}, energy=[energy("diesel", t="10", **cells)])
    assert tce(found) == D(expected)


def test_feedstock_has_its_standard_coal_for_those_who_want_it(account: Account) -> None:
    assert tce(account(energy=[{"id": "G1", "carrier": "diesel", "use": "feedstock", "t": "10"}])) == D("14.571")


def test_biomass_from_its_measured_heating_value(account: Account) -> None:
    found = account(energy=[energy("wood", t="10", ncv_GJ_per_t="15")],
                    biomass=[{"id": "B1", "energy_row": "G1", "t": "10", "ncv_GJ_per_t": "14.6538"},
                             {"id": "B2", "t": "10", "ncv_GJ_per_t": "29.3076", "share_percent": "50"}, {"id": "B3"}])
    assert (tce(found, "B1", "biomass"), tce(found, "B2", "biomass")) == (5, 5)
    assert reasons(tce(found, "B3", "biomass")) == [("biomass/B3.t", "accounting.cell-missing"),
                                                    ("biomass/B3.ncv_GJ_per_t", "accounting.cell-missing")]
    assert [p.place.path for p in found.problems if p.code == "accounting.biomass-without-energy-row"] == \
        ["biomass/B2/energy_row", "biomass/B3/energy_row"]


def test_combined_heat_and_power_is_split_and_adds_nothing(account: Account) -> None:
    unit = {"id": "K1", "carrier": "natural_gas", "fuel_GJ": "1000", "heat_GJ": "400", "power_MWh": "100"}
    found = account(chp=[{**unit, "split_method": "energy content"}])
    co2 = 1000 * D("0.0153") * D("0.99") * 44 / 12
    share = found.derived["chp", "K1", "heat_share"]
    assert isinstance(share, Decimal)
    assert abs(share - D(400) / 760) < D("1e-25")
    heat, power = found.derived["chp", "K1", "tCO2_heat"], found.derived["chp", "K1", "tCO2_power"]
    assert isinstance(heat, Decimal)
    assert isinstance(power, Decimal)
    assert abs(heat - co2 * 400 / 760) < D("1e-24")
    assert abs(heat + power - co2) < D("1e-24")
    assert found.lines == ()


def test_the_efficiency_method_weighs_by_efficiency(account: Account) -> None:
    found = account(chp=[{"id": "K1", "carrier": "natural_gas", "fuel_GJ": "1000", "heat_GJ": "400", "power_MWh": "100",
                          "split_method": "efficiency", "heat_efficiency_percent": "80", "power_efficiency_percent": "36"}])
    share = found.derived["chp", "K1", "heat_share"]
    assert isinstance(share, Decimal)
    assert abs(share - D(500) / 1500) < D("1e-25")                          # 400/0.8 over 400/0.8 + 360/0.36


@pytest.mark.parametrize(("cells", "expected"), [
    ({"split_method": "exergy"}, [("chp/K1.heat_share_percent", "accounting.cell-missing")]),
    ({"split_method": "energy content", "heat_GJ": "0", "power_MWh": "0"}, [("chp/K1.heat_GJ", "accounting.nothing-to-split")]),
    ({"split_method": "energy content", "power_MWh": "1"}, [("chp/K1.heat_GJ", "accounting.cell-missing")]),
    ({"split_method": "energy content", "heat_GJ": "1"}, [("chp/K1.power_MWh", "accounting.cell-missing")]),
    ({"split_method": "energy content"}, [("chp/K1.heat_GJ", "accounting.cell-missing"),
                                          ("chp/K1.power_MWh", "accounting.cell-missing")]),
    ({"split_method": "efficiency", "heat_GJ": "1", "power_MWh": "1"},
     [("chp/K1.heat_efficiency_percent", "accounting.cell-missing"),
      ("chp/K1.power_efficiency_percent", "accounting.cell-missing")]),
    ({"split_method": "efficiency", "heat_efficiency_percent": "80", "power_efficiency_percent": "30"},
     [("chp/K1.heat_GJ", "accounting.cell-missing"), ("chp/K1.power_MWh", "accounting.cell-missing")]),
    ({"split_method": "efficiency", "heat_GJ": "1", "power_MWh": "1", "heat_efficiency_percent": "0",
      "power_efficiency_percent": "30"}, [("chp/K1.heat_GJ", "accounting.nothing-to-split")]),
])
def test_a_split_that_cannot_be_made_is_unknown(account: Account, cells: dict[str, str], expected: list[tuple[str, str]]
                                                ) -> None:
    found = account(chp=[{"id": "K1", "carrier": "natural_gas", "fuel_GJ": "10", **cells}])
    assert reasons(found.derived["chp", "K1", "heat_share"]) == expected
    assert isinstance(found.derived["chp", "K1", "tCO2_power"], Unknown)


def test_a_stated_share_prevails(account: Account) -> None:
    found = account(chp=[{"id": "K1", "carrier": "natural_gas", "fuel_GJ": "10", "heat_share_percent": "30"}])
    assert found.derived["chp", "K1", "heat_share"] == D("0.3")
