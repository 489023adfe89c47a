"""Factor sets of one's own that lack something: what rests on it is unknown and says why."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from zerofactory_engine.accounting import Inventory, Options, compute_inventory, shipped_library
from zerofactory_engine.accounting.compute import CALCULATORS
from zerofactory_engine.accounting.context import Context, Facts
from zerofactory_engine.accounting.factor_reader import read_factor_set
from zerofactory_engine.accounting.library import FactorLibrary
from zerofactory_engine.dossier import Dossier
from zerofactory_engine.reasons import Unknown

D = Decimal
HEAD = """
format: zerofactory/factor-set/1
id: own
version: 1.0.0
role: {role}
title: {{zh: 自有, en: own}}
publisher: {{zh: 自有, en: own}}
licence: none
last_confirmed: 2026-01-01
sources: {{s: {{title: S}}}}
entries:
"""


def own(role: str, *entries: str) -> FactorLibrary:
    text = HEAD.format(role=role) + "".join(f"  - {{{e}, source: s, confidence: confirmed}}\n" for e in entries)
    return FactorLibrary.shipped(sets=[read_factor_set(text.encode())])


def reasons(value: Any) -> list[tuple[str, str]]:
    assert isinstance(value, Unknown), value
    return [(r.subject, r.code) for r in value.reasons]


@pytest.fixture
def under(site: Callable[..., Dossier]) -> Callable[..., Inventory]:
    def run(library: FactorLibrary, role: str, options: dict[str, str] | None = None, **tables: Any) -> Inventory:
        return compute_inventory(site(**tables), Options({role: "own"}, options or {}), library)
    return run


STEAM = {"id": "H1", "source": "purchased", "medium": "steam", "t": "10", "enthalpy_GJ_per_t": "2.8"}


def test_a_heat_set_without_water_cannot_turn_tonnes_into_heat(under: Callable[..., Inventory]) -> None:
    found = under(own("heat", "key: heat, values: {co2: 0.1 tCO2/GJ}"), "heat", heat=[STEAM])
    assert reasons(found.lines[0].location.value) == [("factor:heat/water", "accounting.factor-missing")]
    found = under(own("heat", "key: heat, values: {co2: 0.1 tCO2/GJ}"), "heat", heat=[{**STEAM, "GJ": "30"}])
    assert found.lines[0].location.value == 3


def test_a_heat_set_without_heat_has_no_factor(under: Callable[..., Inventory]) -> None:
    found = under(own("heat", "key: water, values: {capacity: 4.2 kJ/kg/degC, reference: 0 degC}"), "heat", heat=[STEAM])
    assert reasons(found.lines[0].location.value) == [("factor:heat/steam", "accounting.factor-missing")]


def test_a_set_whose_entry_lacks_the_value_is_named_in_the_proof(under: Callable[..., Inventory]) -> None:
    found = under(own("heat", "key: heat, values: {other: 1}"), "heat", heat=[{**STEAM, "GJ": "1"}])
    assert reasons(found.lines[0].location.value) == [("factor:own/heat.co2", "accounting.factor-value-unknown")]
    step = found.prove()["factor:own/heat.co2"]
    assert isinstance(step.value, Unknown)
    assert "value" not in step.detail


def test_a_factor_for_one_medium_comes_before_that_for_heat(under: Callable[..., Inventory]) -> None:
    library = own("heat", "key: heat, values: {co2: 0.1 tCO2/GJ}", "key: steam, values: {co2: 0.2 tCO2/GJ}")
    found = under(library, "heat", heat=[{**STEAM, "GJ": "10"}])
    assert found.lines[0].location.value == 2


DIESEL = {"id": "G1", "carrier": "diesel", "use": "fuel", "t": "10"}


@pytest.mark.parametrize(("entries", "row", "subject"), [
    (["key: diesel, values: {tce: 1.5 kgce/kg}"], {**DIESEL, "ncv_GJ_per_t": "40"}, "factor:standard_coal/standard_coal"),
    (["key: standard_coal, values: {energy: unknown GJ/tce}"], {**DIESEL, "ncv_GJ_per_t": "40"},
     "factor:own/standard_coal.energy"),
    (["key: other, values: {tce: 1 kgce/kg}"], DIESEL, "factor:standard_coal/diesel"),
])
def test_coefficients_without_what_they_need(under: Callable[..., Inventory], entries: list[str], row: dict[str, str],
                                             subject: str) -> None:
    found = under(own("standard_coal", *entries), "standard_coal", energy=[row])
    assert reasons(found.derived["energy", "G1", "tce"])[0][0] == subject


@pytest.mark.parametrize("entries", [
    ["key: diesel, values: {tce: 1.5 kgce/kg}"],
    ["key: diesel, values: {tce: 1.5 kgce/kg}", "key: standard_coal, values: {energy: 29.3 GJ/tce}"],
    ["key: diesel, values: {tce: 1.5 kgce/kg}", "key: standard_coal, values: {energy: unknown GJ/tce, ncv_tolerance: 1 %}"],
])
def test_a_set_that_cannot_be_compared_is_not_reported(under: Callable[..., Inventory], entries: list[str]) -> None:
    found = under(own("standard_coal", *entries), "standard_coal", energy=[DIESEL])
    assert found.derived["energy", "G1", "tce"] == 15
    assert found.problems == ()


def test_the_tolerance_of_the_set_decides_what_is_reported(under: Callable[..., Inventory]) -> None:
    """43.33 GJ/t against 1.5 × 29.3 = 43.95: 1.43 % apart."""
    codes = []
    for tolerance in ("1.4", "1.5"):
        library = own("standard_coal", "key: diesel, values: {tce: 1.5 kgce/kg}",
                      f"key: standard_coal, values: {{energy: 29.3 GJ/tce, ncv_tolerance: {tolerance} %}}")
        codes.append([p.code for p in under(library, "standard_coal", energy=[DIESEL]).problems])
    assert codes == [["accounting.sets-do-not-match"], []]


def test_heat_without_coefficient_has_no_standard_coal(under: Callable[..., Inventory]) -> None:
    found = under(own("standard_coal", "key: x, values: {tce: 1 kgce/kg}"), "standard_coal", heat=[{**STEAM, "GJ": "1"}])
    assert reasons(found.derived["heat", "H1", "tce"]) == [("factor:standard_coal/heat", "accounting.factor-missing")]


def test_two_coefficients_that_differ_by_date_follow_the_row(under: Callable[..., Inventory]) -> None:
    library = own("standard_coal", "key: diesel, valid_to: 2024-12-31, values: {tce: 1 kgce/kg}",
                  "key: diesel, valid_from: 2025-01-01, values: {tce: 2 kgce/kg}")
    found = under(library, "standard_coal", energy=[{**DIESEL, "from": "2025-01-01", "to": "2025-12-31"}])
    assert found.derived["energy", "G1", "tce"] == 20


def test_an_own_fuel_set_with_dates_follows_the_row(under: Callable[..., Inventory]) -> None:
    library = own("fuel", "key: diesel, valid_to: 2024-12-31, values: {ncv: 40 GJ/t, co2: 70 kgCO2/GJ}",
                  "key: diesel, valid_from: 2025-01-01, values: {ncv: 40 GJ/t, co2: 80 kgCO2/GJ}")
    found = under(library, "fuel", {"gases": "co2"}, energy=[{**DIESEL, "from": "2025-01-01", "to": "2025-12-31"}])
    assert found.lines[0].location.value == 32


def test_a_set_without_constants_leaves_the_ratio_unknown(under: Callable[..., Inventory]) -> None:
    found = under(own("constants", "key: x, values: {y: 1}"), "constants", {"gases": "co2"}, energy=[
        {**DIESEL, "uncertainty": {"half_width_percent": "5", "coverage_factor": "1"}}])
    assert [s for s, _ in reasons(found.lines[0].location.value)] == ["factor:constants/carbon"]
    assert found.lines[0].uncertainty == D("0.05")                          # no usual coverage factor to bring it to


def test_a_grid_set_with_provinces_only(under: Callable[..., Inventory]) -> None:
    text = HEAD.format(role="grid").replace("entries:", "areas: {CN-JS: {zh: 江苏, en: Jiangsu, level: provincial}}\nentries:") \
        + "  - {key: CN-JS, year: 2025, variant: average, values: {co2: 0.5 tCO2/MWh}, source: s, confidence: confirmed}\n"
    library = FactorLibrary.shipped(sets=[read_factor_set(text.encode())])
    rows = [{"id": "E1", "flow": "consumed", "source": "grid", "MWh": "10"}]
    found = under(library, "grid", {"grid_area": "provincial"}, province="CN-JS", electricity=rows,
                  certificates=[{"id": "C1", "MWh": "1"}])
    assert found.lines[0].location.value == 5
    assert reasons(found.lines[0].market.value)[0] == ("factor:grid/excl_market_traded_nonfossil", "accounting.factor-missing")
    assert found.notes["instruments"][0]["criteria"]["8"] == "no"           # no residual factor, disclosed
    found = under(library, "grid", {"grid_area": "national"}, province="CN-JS", electricity=rows)
    assert reasons(found.lines[0].location.value) == [("facility.province", "accounting.area-unknown")]
    found = under(library, "grid", {"grid_area": "regional"}, province="CN-JS", electricity=rows)
    assert reasons(found.lines[0].location.value) == [("facility.grid_region", "accounting.area-ambiguous")]


def test_a_wastewater_set_without_yield(under: Callable[..., Inventory]) -> None:
    row = {"id": "F1", "method": "wastewater", "treatment": "anaerobic", "cod_removed_t": "1"}
    found = under(own("wastewater", "key: anaerobic, values: {mcf: 0.8}"), "wastewater", fugitive=[row])
    assert reasons(found.lines[0].location.value) == [("factor:wastewater/anaerobic", "accounting.factor-missing")]


def test_a_generation_set_without_rates(under: Callable[..., Inventory]) -> None:
    rows = [{"id": "E1", "flow": "consumed", "source": "green trade", "MWh": "10", "technology": "wind", "contract": "x"}]
    library = own("generation", "key: wind, values: {co2: unknown tCO2/MWh}")
    found = under(library, "generation", electricity=rows)
    assert reasons(found.lines[0].market.value) == [("factor:own/wind.co2", "accounting.factor-value-unknown")]


def test_an_aluminium_works_without_default(under: Callable[..., Inventory]) -> None:
    found = under(own("process", "key: x, values: {co2: 1 tCO2/t}"), "process",
                  processes=[{"id": "P1", "activity": "anode effect", "t": "1"}])
    assert reasons(found.lines[0].location.value)[0][1] == "accounting.factor-missing"


def test_the_shipped_library_is_one_for_the_process(site: Callable[..., Dossier]) -> None:
    assert shipped_library() is shipped_library()
    assert compute_inventory(site()).lines == ()


def test_what_was_used_is_pinned(under: Callable[..., Inventory]) -> None:
    library = own("fuel", "key: diesel, values: {ncv: 40 GJ/t, co2: 70 kgCO2/GJ}")
    found = under(library, "fuel", {"gases": "co2"}, energy=[DIESEL])
    pin = library.set("own").pin
    assert found.factors["sets"]["fuel"] == found.pins["fuel"] == pin
    assert [e.id for e in found.factors["entries"]] == ["own/diesel", "ipcc-ar6/CO2", "gbt2589-2020/diesel"]
    assert pin.as_json()["sha256"].startswith("sha256:")


def test_a_calculator_sees_only_what_it_declares(library: FactorLibrary) -> None:
    calculator = next(c for c in CALCULATORS if c.name == "combustion")
    from datetime import date

    context = Context(calculator, {}, {}, {"grid_area": "national"}, Facts(date(2025, 1, 1), date(2025, 12, 31)))
    with pytest.raises(KeyError, match="grid_area"):
        context.option("grid_area")
    with pytest.raises(KeyError, match="grid"):
        context.set("grid")
    with pytest.raises(KeyError, match="electricity"):
        list(context.rows("electricity"))
