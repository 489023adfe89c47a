"""Heat: GJ from what is stated, purchased and own, exported, and its standard coal."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from zerofactory_engine.accounting import Inventory, Line
from zerofactory_engine.reasons import Unknown

D = Decimal
Account = Callable[..., Inventory]


def row(**cells: Any) -> dict[str, Any]:
    whole = {"id": "H1", "flow": "consumed", "source": "purchased", "medium": "steam", **cells}
    return {name: value for name, value in whole.items() if value is not None}


def only(found: Inventory) -> Line:
    assert len(found.lines) == 1, [ln.id for ln in found.lines]
    return found.lines[0]


def reasons(value: Any) -> list[tuple[str, str]]:
    assert isinstance(value, Unknown), value
    return [(r.subject, r.code) for r in value.reasons]


@pytest.mark.parametrize(("cells", "gigajoules"), [
    ({"GJ": "100"}, D(100)),
    ({"t": "100", "enthalpy_GJ_per_t": "2.8"}, 100 * (D("2.8") - 20 * D("0.0041868"))),
    ({"t": "100", "enthalpy_GJ_per_t": "2.8", "feed_water_temperature_degC": "60"}, 100 * (D("2.8") - 60 * D("0.0041868"))),
    ({"medium": "hot_water", "t": "100", "temperature_degC": "95"}, 100 * 75 * D("0.0041868")),
    ({"medium": "hot_water", "t": "100", "temperature_degC": "95", "feed_water_temperature_degC": "60"},
     100 * 35 * D("0.0041868")),
])
def test_heat_of_a_row(account: Account, cells: dict[str, str], gigajoules: Decimal) -> None:
    found = account(heat=[row(**cells)])
    assert only(found).location.value == gigajoules * D("0.11")
    assert (only(found).scope, only(found).iso_subcategory, only(found).carrier) == (2, "2.2", "heat")
    assert found.derived["heat", "H1", "tce"] == gigajoules * D("0.03412")


def test_condensate_is_deducted_with_its_heat(account: Account) -> None:
    found = account(heat=[row(t="100", enthalpy_GJ_per_t="2.8", condensate_t="80", condensate_temperature_degC="90")])
    main, back = found.lines
    assert main.location.value == 100 * (D("2.8") - 20 * D("0.0041868")) * D("0.11")
    assert back.location.value == -80 * 70 * D("0.0041868") * D("0.11")
    assert (main.id, back.id) == ("heat/H1/CO2", "heat/H1/CO2/condensate")
    assert found.derived["heat", "H1", "tce"] == \
        (100 * (D("2.8") - 20 * D("0.0041868")) - 80 * 70 * D("0.0041868")) * D("0.03412")


@pytest.mark.parametrize(("cells", "expected"), [
    ({"t": "100"}, [("heat/H1.pressure_MPa", "accounting.steam-without-state")]),
    ({}, [("heat/H1.GJ", "accounting.cell-missing")]),
    ({"medium": "hot_water", "t": "1"}, [("heat/H1.temperature_degC", "accounting.cell-missing")]),
    ({"medium": "cooling", "t": "1"}, [("heat/H1.GJ", "accounting.cell-missing")]),
])
def test_tonnes_without_state_stay_unknown(account: Account, cells: dict[str, str], expected: list[tuple[str, str]]
                                           ) -> None:
    found = account(heat=[row(**cells)])
    assert reasons(only(found).location.value) == expected
    assert reasons(found.derived["heat", "H1", "tce"]) == expected


def test_condensate_without_temperature_is_unknown(account: Account) -> None:
    found = account(heat=[row(t="100", enthalpy_GJ_per_t="2.8", condensate_t="80")])
    assert reasons(found.lines[1].location.value) == [("heat/H1.condensate_temperature_degC", "accounting.cell-missing")]


def test_the_factor_of_the_supplier_prevails(account: Account) -> None:
    assert only(account(heat=[row(GJ="100", supplier_factor="0.09 tCO2/GJ")])).location.value == 9
    line = only(account(heat=[row(GJ="100", supplier_factor="90 kgCO2e/GJ")]))
    assert (line.gas, line.location.value) == ("CO2e", D(9))
    assert only(account(heat=[row(GJ="100", supplier_factor="0.3 tCO2/t")])).location.value == 11


@pytest.mark.parametrize("medium", ["steam", "hot_water", "cooling", "hot_oil", None])
def test_the_default_holds_for_every_medium(account: Account, medium: str | None) -> None:
    assert only(account(heat=[row(GJ="100", medium=medium)])).location.value == 11


@pytest.mark.parametrize("source", ["own boiler", "own chp", "waste heat", "heat pump"])
def test_own_heat_is_counted_with_its_fuel(account: Account, source: str) -> None:
    found = account(heat=[row(GJ="100", source=source)])
    assert found.lines == ()
    assert found.derived["heat", "H1", "tce"] == 0


@pytest.mark.parametrize("source", ["solar heat", "geothermal"])
def test_heat_of_the_sun_and_the_earth_is_energy_without_emission(account: Account, source: str) -> None:
    found = account(heat=[row(GJ="100", source=source)])
    assert found.lines == ()
    assert found.derived["heat", "H1", "tce"] == D("3.412")


def test_heat_without_source_is_unknown(account: Account) -> None:
    found = account(heat=[{"id": "H1", "GJ": "100"}])
    assert reasons(only(found).location.value) == [("heat/H1.source", "accounting.cell-missing")]


@pytest.mark.parametrize(("source", "option", "scope", "mass", "tce"), [
    ("own boiler", "report", 0, "11", "0"), ("own boiler", "subtract", 2, "-11", "-3.412"),
    ("own chp", "subtract", 2, "-11", "-3.412"), ("waste heat", "subtract", 0, "11", "0"),
    ("purchased", "subtract", 0, "11", "0")])
def test_exported_heat(account: Account, source: str, option: str, scope: int, mass: str, tce: str) -> None:
    found = account(options={"exported_power": option}, heat=[row(GJ="100", flow="exported", source=source)])
    line = only(found)
    assert (line.scope, line.location.value, line.source.code) == (scope, D(mass), "exported_heat")
    assert line.outside == (None if scope else "exported")
    assert found.derived["heat", "H1", "tce"] == D(tce)


def test_generated_heat_is_neither_emission_nor_energy_again(account: Account) -> None:
    found = account(heat=[row(GJ="100", flow="generated", source="own boiler")])
    assert found.lines == ()
    assert found.derived["heat", "H1", "tce"] == 0


def test_both_unknowns_of_an_enthalpy_difference_are_named(account: Account) -> None:
    found = account(sets={"heat": "cn-heat-default"}, heat=[row(medium="hot_water", t="1")])
    assert reasons(only(found).location.value) == [("heat/H1.temperature_degC", "accounting.cell-missing")]
    term = only(account(heat=[row(medium="hot_water", t="1", temperature_degC="95")])).location.slices[0][1]
    assert (term.operation, term.signs, [s for s, _ in term.cells]) == \
        ("sum", (1, -1), ["heat/H1.temperature_degC", "factor:cn-heat-default/water.reference"])
