"""Figures of an input: any unit of the same kind is converted once and exactly; shares in both spellings."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerofactory_engine.units import unit
from zerofactory_mappings.cbam.input.figures import convert
from zerofactory_mappings.cbam.model import Given, Installation
from zerofactory_mappings.cbam.read import parse_installation

HEAD = "format: zerofactory/cbam-input/1\ninstallation: {name: x}\n"


def read(rows: str) -> Installation:
    return parse_installation((HEAD + rows).encode(), "u.yaml")


def stream(field: str) -> Given:
    found = read(f"source_streams:\n  - {{id: S1, method: combustion, {field}}}\n").streams[0]
    given = getattr(found, field.split(":")[0])
    assert isinstance(given, Given)
    return given


# what is written, the figure and the unit of the model
STREAMS = [
    ("amount: 1837.5 t", "1837.5", "t"),
    ("amount: 120 kt", "120000", "t"),
    ("amount: 950 kg", "0.95", "t"),
    ("amount: 1.5吨", "1.5", "t"),
    ("amount: 2500 lb", "1.133980925", "t"),
    ("amount: 12 kNm3", "12", "1000Nm3"),
    ("amount: 12 1000Nm3", "12", "1000Nm3"),
    ("amount: 12000 Nm3", "12", "1000Nm3"),
    ("amount: 1.2 万标立方米", "12", "1000Nm3"),
    ("amount: 0.3e3 t", "300", "t"),
    ("ncv: 48.0 GJ/t", "48.0", "GJ/t"),
    ("ncv: 48 MJ/kg", "48", "GJ/t"),
    ("ncv: 0.048 TJ/t", "48", "GJ/t"),
    ("ncv: 35.9 MJ/Nm3", "35.9", "GJ/1000Nm3"),
    ("ncv: 359 GJ/10kNm3", "35.9", "GJ/1000Nm3"),
    ("ef: 56.1 tCO2/TJ", "56.1", "tCO2/TJ"),
    ("ef: 56.1 kgCO2/GJ", "56.1", "tCO2/TJ"),
    ("ef: 0.0561 tCO2/GJ", "56.1", "tCO2/TJ"),
    ("ef: 2.7 kgCO2/kg", "2.7", "tCO2/t"),
    ("ef: 1.9 kgCO2/Nm3", "1.9", "tCO2/1000Nm3"),
    ("carbon_content: 0.75 tC/t", "0.75", "tC/t"),
    ("carbon_content: 750 kgC/t", "0.75", "tC/t"),
    ("oxidation: 99.5 %", "0.995", "1"),
    ("oxidation: 0.995", "0.995", "1"),
    ("oxidation: 1", "1", "1"),
    ("oxidation: 100％", "1", "1"),
    ("biomass: 0", "0", "1"),
]


@pytest.mark.parametrize(("written", "value", "in_unit"), STREAMS)
def test_figures_of_streams(written: str, value: str, in_unit: str) -> None:
    found = stream(written)
    assert (found.value, found.unit) == (Decimal(value), in_unit)


PROCESSES = [
    ("production: 12 kt", lambda p: p.production[0].amount, "12000", "t"),
    ("to_market: 0.5 kt", lambda p: p.to_market, "500", "t"),
    ("content: 463 kgN/t", lambda p: p.content, "463", "kgN/t"),
    ("content: 0.463 tN/t", lambda p: p.content, "463", "kgN/t"),
    ("content: 0.78 t_clinker/t", lambda p: p.content, "0.78", "tClinker/t"),
    ("direct: 5283 tCO2e", lambda p: p.direct, "5283", "tCO2e"),
    ("direct: 5.283e6 kgCO2", lambda p: p.direct, "5283", "tCO2"),
    ("heat: {imported: 300 GJ}", lambda p: p.heat.imported, "0.3", "TJ"),
    ("heat: {imported: 100 MWhth}", lambda p: p.heat.imported, "0.36", "TJ"),
    ("electricity: [{consumed: 1.5 GWh, source: stated}]", lambda p: p.electricity[0].consumed, "1500", "MWh"),
    ("electricity: [{consumed: 3 万千瓦时, source: stated}]", lambda p: p.electricity[0].consumed, "30", "MWh"),
    ("electricity: [{consumed: 1 MWh, source: stated, ef: 581 kgCO2e/MWh}]", lambda p: p.electricity[0].ef, "0.581", "tCO2e/MWh"),
    ("electricity: [{consumed: 1 MWh, source: stated, ef: 0.581 kgCO2/kWh}]", lambda p: p.electricity[0].ef, "0.581", "tCO2/MWh"),
]


@pytest.mark.parametrize(("written", "pick", "value", "in_unit"), PROCESSES, ids=[p[0] for p in PROCESSES])
def test_figures_of_processes(written: str, pick: object, value: str, in_unit: str) -> None:
    assert callable(pick)
    found = pick(read(f"processes:\n  - {{id: P1, category: iron_or_steel_products, {written}}}\n").processes[0])
    assert (found.value, found.unit) == (Decimal(value), in_unit)


def test_figures_of_cells_and_stacks() -> None:
    cells = read("pfc:\n  - {id: C1, method: overvoltage, overvoltage_per_cell: 0.012 V, current_efficiency: 92.5 %, c2f6_share: 12.1 %,"
                 " overvoltage_coefficient: 1.16, collection_efficiency: 97 %}\n").pfc[0]
    assert cells.overvoltage_per_cell is not None
    assert cells.current_efficiency is not None
    assert cells.c2f6_share is not None
    assert (cells.overvoltage_per_cell.value, cells.overvoltage_per_cell.unit) == (Decimal(12), "mV")
    assert (cells.current_efficiency.value, cells.current_efficiency.unit) == (Decimal("92.5"), "%")
    assert cells.c2f6_share.value == Decimal("0.121")
    stack = read("measured:\n  - {id: M1, gas: N2O, concentration: 1200 g/kNm3, hours: 8200 h, flow: 85000 Nm3/h, oxygen: 3 %}\n").measured[0]
    assert stack.concentration is not None
    assert stack.flow is not None
    assert (stack.concentration.value, stack.concentration.unit) == (Decimal("1.2"), "g/Nm3")
    assert (stack.flow.value, stack.flow.unit) == (Decimal(85), "1000Nm3/h")


def test_a_ratio_may_exceed_one_and_a_current_efficiency_is_in_per_cent() -> None:
    cells = read("pfc:\n  - {id: C1, c2f6_share: 1.5, current_efficiency: 0.9}\n").pfc[0]
    assert cells.c2f6_share is not None
    assert cells.current_efficiency is not None
    assert (cells.c2f6_share.value, cells.current_efficiency.value) == (Decimal("1.5"), Decimal(90))


def test_documents_of_a_row_and_of_one_figure() -> None:
    found = read("source_streams:\n  - {id: S1, amount: {value: 3 t, documents: [D2]}, ncv: 48 GJ/t, ef: {value: 56 tCO2/TJ, documents: []},"
                 " documents: [D1]}\n").streams[0]
    assert found.amount is not None
    assert found.ncv is not None
    assert found.ef is not None
    assert (found.amount.documents, found.ncv.documents, found.ef.documents) == (("D2",), ("D1",), ())


numbers = st.decimals(min_value=Decimal("0.000001"), max_value=Decimal("1e12"), allow_nan=False, allow_infinity=False, places=6)
PAIRS = [("kt", "t"), ("kg", "t"), ("Nm3", "1000Nm3"), ("kNm3", "1000Nm3"), ("GJ", "TJ"), ("kWh", "MWh"), ("MJ/kg", "GJ/t"),
         ("kgCO2/GJ", "tCO2/TJ"), ("tN/t", "kgN/t"), ("MWhth", "TJ")]


@given(numbers, st.sampled_from(PAIRS))
def test_conversion_is_exact(number: Decimal, pair: tuple[str, str]) -> None:
    """Value times factor is the same on both sides, to the last digit."""
    given_unit, wanted = pair
    made = convert(number, given_unit, [wanted])
    assert made is not None
    value, text = made
    assert text == wanted
    from fractions import Fraction

    assert Fraction(value) * Fraction(unit(wanted).factor) == Fraction(number) * Fraction(unit(given_unit).factor)


@given(numbers)
def test_a_figure_in_the_unit_of_the_model_is_untouched(number: Decimal) -> None:
    assert convert(number, "t", ["t", "1000Nm3"]) == (number, "t")
