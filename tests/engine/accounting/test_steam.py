"""Steam by IAPWS-IF97: the verification values of the release, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from zerofactory_engine.accounting import Inventory
from zerofactory_engine.accounting.steam import enthalpy, in_region_2, region_2_enthalpy, saturation_temperature
from zerofactory_engine.reasons import Unknown

D = Decimal


@pytest.mark.parametrize(("kelvin", "megapascal", "printed"), [
    ("300", "0.0035", "2549.91145"), ("700", "0.0035", "3335.68375"), ("700", "30", "2631.49474")])
def test_table_15_enthalpy_of_region_2(kelvin: str, megapascal: str, printed: str) -> None:
    """IAPWS R7-97(2012), table 15: h in kJ/kg."""
    assert str((region_2_enthalpy(D(kelvin), D(megapascal)) * 1000).quantize(D("0.00001"))) == printed


@pytest.mark.parametrize(("megapascal", "printed"), [
    ("0.1", "372.755919"), ("1", "453.035632"), ("10", "584.149488")])
def test_table_36_saturation_temperature(megapascal: str, printed: str) -> None:
    """IAPWS R7-97(2012), table 36: T in K."""
    found = saturation_temperature(D(megapascal))
    assert found is not None
    assert str(found.quantize(D("0.000001"))) == printed


@pytest.mark.parametrize("megapascal", ["0.0006", "16.6"])
def test_the_saturation_line_ends(megapascal: str) -> None:
    assert saturation_temperature(D(megapascal)) is None


@pytest.mark.parametrize(("kelvin", "megapascal", "inside"), [
    ("273.15", "0.0005", True), ("273.1", "0.0005", False), ("1073.15", "0.1", True), ("1073.2", "0.1", False),
    ("453.0357", "1", True), ("453.0356", "1", False), ("600", "17", False), ("700", "30", True), ("700", "33", False),
    ("623.15", "16.52", True), ("623.16", "16.53", True), ("1000", "100", True), ("1000", "100.1", False), ("500", "0", False)])
def test_region_2_is_where_steam_is(kelvin: str, megapascal: str, inside: bool) -> None:
    assert in_region_2(D(kelvin), D(megapascal)) is inside


@pytest.mark.parametrize(("pressure", "kind", "celsius", "state", "printed"), [
    ("1", "absolute", None, "saturated", "2777.1"),          # dry saturated steam at 1 MPa in every steam table
    ("0.898675", "gauge", None, "saturated", "2777.1"),      # the same, read from a gauge
    ("1", "absolute", "200", "superheated", "2828.3"), ("1", "absolute", "200", None, "2828.3"),
    ("1", "absolute", "300", "superheated", "3051.7"), ("10", "absolute", "500", "superheated", "3375.1"),
    ("0.1", "absolute", None, "saturated", "2674.9"),
])
def test_values_of_steam_tables(pressure: str, kind: str, celsius: str | None, state: str | None, printed: str) -> None:
    found = enthalpy(D(pressure), kind, D(celsius) if celsius else None, state)
    assert found is not None
    assert str((found * 1000).quantize(D("0.1"))) == printed


@pytest.mark.parametrize(("pressure", "kind", "celsius", "state"), [
    (None, "absolute", "200", "superheated"), ("1", None, "200", "superheated"), ("1", "absolute", None, "superheated"),
    ("1", "absolute", None, None), ("1", "absolute", "150", None), ("1", "absolute", "150", "superheated"),
    ("20", "absolute", None, "saturated"), ("1", "absolute", "900", "superheated")])
def test_a_state_that_settles_nothing_gives_no_enthalpy(pressure: str | None, kind: str | None, celsius: str | None,
                                                        state: str | None) -> None:
    assert enthalpy(D(pressure) if pressure else None, kind, D(celsius) if celsius else None, state) is None


def test_tonnes_of_steam_with_pressure_become_heat(account: Callable[..., Inventory]) -> None:
    row = {"id": "H1", "flow": "consumed", "source": "purchased", "medium": "steam", "t": "1000", "pressure_MPa": "1",
           "pressure_kind": "absolute", "state": "saturated"}
    tonnes = account(heat=[row]).lines[0].location.value
    assert isinstance(tonnes, Decimal)
    assert str(tonnes.quantize(D("0.01"))) == "296.27"                     # 1000 × (2.7771 − 0.0837) × 0.11
    without = account(heat=[{**row, "pressure_kind": None}]).lines[0].location.value
    assert isinstance(without, Unknown)
    assert [r.code for r in without.reasons] == ["accounting.steam-without-state"]
