"""Chinese cases with published numbers: electricity in standard coal, identities of official sheets, certificates."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from zerofactory_engine.accounting import FactorLibrary, Inventory
from zerofactory_engine.dossier.serials import serial_range

D = Decimal
Make = Callable[..., Inventory]
Total = Callable[..., Decimal]
COAL = FactorLibrary.shipped().set("gbt2589-2020")


def coefficient(variant: str, year: int | None = None) -> Decimal:
    entry = COAL.find("electricity", variant, year)
    assert entry is not None
    value = entry.values["tce"].above
    assert value is not None
    return value


def test_cn_ce_one_kilowatt_hour_is_0_1229_kilograms_of_standard_coal() -> None:
    """National Bureau of Statistics, yearbook note: calorific value, independent of the year."""
    entry = COAL.find("electricity", "calorific")
    assert entry is not None
    assert (entry.values["tce"].stated, entry.confidence) == ("0.1229 kgce/kWh", "confirmed")
    assert coefficient("calorific") == D("0.1229")                         # tce/MWh


@pytest.mark.parametrize(("year", "terawatt_hours", "coal", "printed"), [
    (2014, "667.81", "2061.13", "0.30864"), (2015, "651.96", "1999.20", "0.30665")])
def test_cn_jilin_equivalent_value_implied_by_the_electricity_balance(year: int, terawatt_hours: str, coal: str,
                                                                     printed: str) -> None:
    """Jilin Statistical Yearbook 2016, table 7-13: 10^4 tce over 10^8 kWh, in kgce/kWh."""
    implied = D(coal) * 10**4 * 1000 / (D(terawatt_hours) * 10**8)
    assert abs(implied - D(printed)) < D("0.00001")
    assert coefficient("equivalent_jilin", year) == D(printed)


def test_the_equivalent_value_moves_with_the_year_and_the_calorific_does_not() -> None:
    assert len({coefficient("equivalent_jilin", y) for y in (2014, 2015)}) == 2
    assert coefficient("equivalent_supply", 2024) == D("0.3024")
    assert coefficient("equivalent_tbea") == D("0.2856")


def test_cn_ets_power_sheet_unit_emissions_are_fossil_and_purchased(inventory: Make, total: Total) -> None:
    """Supplementary data sheet, row 6 = 6.1 + 6.2; 6.1 = consumption × NCV × carbon × oxidation × 44/12; 6.2 = MWh × factor."""
    found = inventory(options={"gases": "co2"},
                      energy=[{"id": "C1", "carrier": "bituminous_coal", "use": "fuel", "t": "1000",
                               "ncv_GJ_per_t": "21.2", "carbon_tC_per_TJ": "26.59", "oxidation_percent": "99"}],
                      electricity=[{"id": "E1", "flow": "consumed", "source": "grid", "MWh": "500"}])
    fossil = D(1000) * D("21.2") * D("26.59") / 1000 * D("0.99") * 44 / 12
    assert abs(total(found, "source/stationary_combustion") - fossil) < D("1e-20")
    assert total(found, "source/purchased_electricity") == 500 * D("0.5306")
    assert total(found, "scopes_1_2") == \
        total(found, "source/stationary_combustion") + total(found, "source/purchased_electricity")


def test_cn_ets_copper_sheet_total_and_intensity(inventory: Make, total: Total) -> None:
    """Row 1 = 1.1 fossil + 1.2 purchased power + 1.3 purchased heat; row 3 = 1 / 2."""
    found = inventory(options={"gases": "co2"},
                      energy=[{"id": "G1", "carrier": "natural_gas", "use": "fuel", "Nm3": "10000"}],
                      electricity=[{"id": "E1", "flow": "consumed", "source": "grid", "MWh": "100"}],
                      heat=[{"id": "H1", "flow": "consumed", "source": "purchased", "medium": "steam", "GJ": "200"}])
    parts = [total(found, f"source/{s}") for s in ("stationary_combustion", "purchased_electricity", "purchased_heat")]
    assert parts == [D("21.62188809"), D("53.06"), D("22")]
    assert total(found, "scopes_1_2") == sum(parts)
    assert total(found, "scopes_1_2") / 50 == D("1.9336377618")            # per tonne of crude copper


def test_cn_gec_code_has_32_digits_and_one_certificate_is_one_megawatt_hour() -> None:
    """17 digits of the project and 15 of the quantity; whole certificates only, the rest carries to the next month."""
    serials = serial_range("11010123456789012202503000000001", "11010123456789012202503000002700")
    assert serials is not None
    assert (len(serials.first), len(serials)) == (32, 2700)
    generated = D("2700.6")
    assert (int(generated), generated - int(generated)) == (2700, D("0.6"))


def test_cn_green_factory_sample_is_implausibly_clean() -> None:
    """GB/T 36132-2025 form sample: 24.58 kgCO2 per 21.52 kgce is 1.14, far below coal, so units and boundary need a look."""
    ratio = D("24.58") / D("21.52")
    assert round(ratio, 2) == D("1.14")
    fuel = FactorLibrary.shipped().set("cn-fuel-defaults/cn-general-industry-a").find("bituminous_coal")
    coal = COAL.find("raw_coal")
    assert fuel is not None
    assert coal is not None
    clean = [D(str(fuel.values[n].above)) for n in ("ncv", "carbon", "oxidation")]
    tce = coal.values["tce"].above
    assert tce is not None
    assert ratio < clean[0] * clean[1] * clean[2] * 44 / 12 / tce / 2      # less than half of coal


def test_cn_green_factory_weights_add_to_92_although_a_whole_is_100() -> None:
    """The form prints level-1 weights 30, 22, 16, 16 and 8."""
    assert sum((30, 22, 16, 16, 8)) == 92
