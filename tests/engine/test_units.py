"""Dimensions and units: exact factors, dimensions that nothing crosses, and an independent library as oracle."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pint
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from zerofactory_engine import units
from zerofactory_engine.units import NUMBER, UnitError, dimension, unit


@pytest.mark.parametrize(("text", "dimension_text", "factor", "base"), [
    ("kWh", "electricity", "0.001", "MWh"),
    ("kgce/kWh", "standard_coal/electricity", "1", "tce/MWh"),
    ("tCO2/tce", "CO2/standard_coal", "1", "tCO2/tce"),
    ("tCO2e/tce", "CO2e/standard_coal", "1", "tCO2e/tce"),
    ("tce/10kCNY", "standard_coal/CNY", "0.0001", "tce/CNY"),
    ("GJ/10^4Nm3", "energy/normal_volume", "0.0001", "GJ/Nm3"),
    ("tC/TJ", "carbon/energy", "0.001", "tC/GJ"),
    ("%", "1", "0.01", "1"),
    ("万元", "CNY", "10000", "CNY"),
    ("MWh/a", "electricity/year", "1", "MWh/a"),
    ("kgSF6", "SF6", "0.001", "tSF6"),
    ("t*km", "distance·mass", "1", "km*t"),
    ("item/item", "1", "1", "1"),
    ("tCO2e/t/km", "CO2e/distance·mass", "1", "tCO2e/km/t"),
])
def test_units_in_use(text: str, dimension_text: str, factor: str, base: str) -> None:
    found = unit(text)
    assert (str(found.dimension), found.factor, found.dimension.base_unit) == (dimension_text, Decimal(factor), base)


@pytest.mark.parametrize(("one", "other"), [("tCO2", "tCO2e"), ("t", "tCO2"), ("MWh", "GJ"), ("tce", "GJ"),
                                            ("CNY", "EUR"), ("item", "1"), ("Nm3", "m3"), ("tCH4", "tN2O")])
def test_dimensions_that_nothing_but_a_cited_factor_crosses(one: str, other: str) -> None:
    assert unit(one).dimension != unit(other).dimension


@pytest.mark.parametrize(("text", "named"), [("kilowatt", "kilowatt"), ("kWh/foo", "foo"), ("", "empty unit"), ("kWh//t", "kWh//t")])
def test_unknown_unit_is_named(text: str, named: str) -> None:
    with pytest.raises(UnitError, match=f"^{named}$"):
        unit(text)
    assert not units.is_unit(text)


def test_conversion_is_exact_both_ways() -> None:
    kilowatt_hours = unit("kWh")
    assert kilowatt_hours.to_base(Decimal("1200000")) == Decimal(1200)
    assert kilowatt_hours.from_base(Decimal("0.0001229")) == Decimal("0.1229")
    assert unit("MWh").to_base(Decimal("1.10")).as_tuple() == Decimal("1.10").as_tuple()


def test_percent_is_display() -> None:
    assert unit("%").to_base(Decimal(30)) == Decimal("0.3")
    assert unit("%").dimension == NUMBER


@pytest.mark.parametrize(("text", "other"), [
    ("kWh", "kilowatt_hour"), ("GWh", "gigawatt_hour"), ("MJ", "megajoule"), ("kWhth", "kilowatt_hour"), ("TJ", "terajoule"),
    ("kg", "kilogram"), ("lb", "pound"), ("L", "liter"), ("gal", "gallon"), ("ft3", "foot**3"), ("MW", "megawatt"),
    ("km", "kilometer"), ("ha", "hectare"), ("kPa", "kilopascal"), ("bar", "bar"), ("h", "hour"),
])
def test_factors_agree_with_an_independent_library(text: str, other: str) -> None:
    registry: pint.UnitRegistry[Decimal] = pint.UnitRegistry(non_int_type=Decimal)
    bases = {"MWh": "megawatt_hour", "GJ": "gigajoule", "t": "metric_ton", "m3": "meter**3", "kW": "kilowatt",
             "km": "kilometer", "m2": "meter**2", "MPa": "megapascal", "h": "hour"}
    ours = unit(text)
    theirs = registry.Quantity(Decimal(1), other).to(bases[ours.dimension.base_unit]).magnitude
    assert abs(theirs - ours.factor) <= ours.factor * Decimal("1e-20")


def test_every_factor_is_a_finite_decimal_and_every_dimension_has_its_base() -> None:
    for name in units.known_units():
        assert unit(name).factor > 0
        assert unit(unit(name).dimension.base_unit).factor == 1


def test_aliases_lead_to_units(root: Path) -> None:
    data = yaml.load((root / "standards/units.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    for alias, name in data["aliases"].items():
        assert unit(alias).factor == unit(name).factor, alias


def test_unit_file_follows_its_schema(root: Path) -> None:
    import json

    schema = json.loads((root / "standards/schemas/unit.schema.json").read_text(encoding="utf-8"))
    data = yaml.load((root / "standards/units.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    assert [e.message for e in Draft202012Validator(schema).iter_errors(data)] == []


def test_titles_in_both_languages() -> None:
    assert units.dimension_title("electricity", "zh") == "电量"
    assert units.dimension_title("SF6", "en") == "SF6"
    assert dimension("ratio") == NUMBER
    with pytest.raises(UnitError, match="nonsense"):
        dimension("nonsense")


simple = st.sampled_from(["MWh", "GJ", "tCO2", "tce", "CNY", "t", "item"]).map(lambda t: unit(t).dimension)


@given(simple, simple, simple)
def test_dimensions_form_a_group(a: units.Dimension, b: units.Dimension, c: units.Dimension) -> None:
    assert a * b == b * a
    assert (a * b) * c == a * (b * c)
    assert a / a == NUMBER
    assert (a / b) * b == a
    assert a**2 / a == a
    assert a**0 == NUMBER
