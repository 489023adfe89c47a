"""The worked site: 10 GWh from the grid, 1.2 GWh of its own solar power, 200 000 m3 of natural gas, 2 700 certificates.

Every figure that the description of the national scheme prints for it, recomputed from rows.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from zerofactory_engine.accounting import Inventory
from zerofactory_engine.reasons import Unknown

D = Decimal
GRID, SOLAR, CERTIFICATES = D(10000), D(1200), D(2700)
CALORIFIC, TBEA, SUPPLY = D("0.1229"), D("0.2856"), D("0.3024")        # tce/MWh
ROWS: dict[str, list[dict[str, Any]]] = {
    "electricity": [{"id": "E1", "flow": "consumed", "source": "grid", "amount": "10", "unit": "GWh"},
                    {"id": "E2", "flow": "consumed", "source": "on-site", "technology": "solar", "amount": "1200000",
                     "unit": "kWh", "asset_owner": "applicant"}],
    "energy": [{"id": "G1", "carrier": "natural_gas", "use": "fuel", "direction": "consumed", "origin": "purchased",
                "Nm3": "200000"}],
    "certificates": [{"id": "C1", "system": "GEC", "MWh": "2700", "technology": "wind", "bundled": "no",
                      "generated_from": "2025-03-01", "generated_to": "2025-03-31", "retired_on": "2026-01-15",
                      "cancellation_reason": "consumption claim", "beneficiary": "F1", "claimed_elsewhere": "no"}],
}
Make = Callable[..., Inventory]
Total = Callable[..., Decimal]


def places(value: Decimal, digits: int) -> str:
    """*value* as a publication prints it."""
    return str(value.quantize(D(1).scaleb(-digits)))


def co2(found: Inventory, basis: str = "location") -> Decimal:
    value = found.total("gas/CO2", basis).value
    assert isinstance(value, Decimal)
    return value


def coal(found: Inventory) -> Decimal:
    """Standard coal of everything but electricity."""
    value = found.derived["energy", "G1", "tce"]
    assert isinstance(value, Decimal)
    return value


@pytest.fixture
def worked(inventory: Make) -> Make:
    def run(**kwargs: Any) -> Inventory:
        return inventory(**{"options": {"grid_area": "national"}, **kwargs}, **ROWS)
    return run


def test_total_emissions(worked: Make) -> None:
    assert co2(worked()) == D("5738.4377618")                            # 10 000 × 0.5306 + 20 × 21.62188809
    assert places(co2(worked()), 1) == "5738.4"


def test_certificates_do_not_lower_the_location_based_total(worked: Make) -> None:
    lines = {line.id: (line.location.value, line.market.value) for line in worked().lines if line.gas == "CO2"}
    assert lines == {"energy/G1/CO2": (D("432.4377618"), D("432.4377618")), "electricity/E2/CO2": (D(0), D(0)),
                     "electricity/E1/CO2": (D("5306.0"), D("4450.08"))}


@pytest.mark.parametrize(("electricity", "energy", "with_solar", "without_solar", "share"), [
    (CALORIFIC, "1642.5", "3.494", "3.838", "29.2"),
    (TBEA, "3464.7", "1.656", "1.838", "32.1"),
    (SUPPLY, "3652.9", "1.571", "1.744", "32.3"),
])
def test_the_table_of_conventions(worked: Make, electricity: Decimal, energy: str, with_solar: str, without_solar: str,
                                  share: str) -> None:
    found = worked()
    whole = coal(found) + (GRID + SOLAR) * electricity
    assert places(whole, 1) == energy
    assert places(co2(found) / whole, 3) == with_solar
    assert places(co2(found) / (coal(found) + GRID * electricity), 3) == without_solar
    assert places((SOLAR + CERTIFICATES) * electricity / whole * 100, 1) == share


def test_comprehensive_energy_with_calorific_electricity(worked: Make) -> None:
    assert coal(worked()) + (GRID + SOLAR) * CALORIFIC == D("1642.48")   # 11 200 × 0.1229 + 200 × 1.33


def test_physical_share_whatever_the_convention() -> None:
    assert places(SOLAR / (GRID + SOLAR) * 100, 1) == "10.7"


def test_the_hebei_factor_turns_the_second_row_around(inventory: Make) -> None:
    found = inventory(province="CN-HE", options={"grid_area": "provincial"}, **ROWS)
    assert places(co2(found) / (coal(found) + (GRID + SOLAR) * TBEA), 3) == "2.005"


def test_the_sichuan_factor_turns_the_first_row_around(inventory: Make) -> None:
    found = inventory(province="CN-SC", options={"grid_area": "provincial"}, **ROWS)
    assert places(co2(found) / (coal(found) + (GRID + SOLAR) * CALORIFIC), 3) == "1.216"


def test_green_power_at_zero_and_the_residual_factor_for_the_rest(worked: Make) -> None:
    found = worked(options={"grid_area": "national", "green_power": "zero", "market_remainder": "residual"})
    assert co2(found, "market") == D("4882.5177618")                     # 7 300 × 0.6096 + 432.4377618
    assert places(co2(found, "market"), 1) == "4882.5"


def test_unbundled_certificates_have_no_effect_when_only_traded_power_counts(worked: Make) -> None:
    found = worked(options={"grid_area": "national", "green_power": "traded_zero", "market_remainder": "average"})
    assert co2(found, "market") == co2(found)


def test_gas_field_coefficient_gives_3_544_only_by_a_pair_that_is_refused(worked: Make) -> None:
    """The description prints 3.494 against 3.544 for the two coefficients of natural gas, and refuses the second pair.

    3.544 mixes the coefficient of gas-field gas, 1.2143, with emissions at 38.931 MJ/m3, which belongs to 1.33.
    """
    found = worked(options={"grid_area": "national", "natural_gas_tce": "gas_field"})
    mixed = 200 * D("1.2143") + (GRID + SOLAR) * CALORIFIC
    assert places(co2(found) / mixed, 3) == "3.544"
    refused = found.derived["energy", "G1", "tce"]
    assert isinstance(refused, Unknown)
    assert [r.code for r in refused.reasons] == ["accounting.sets-refused"]
    assert "accounting.sets-refused" in {p.code for p in found.problems}


def test_oil_field_coefficient_is_the_one_that_matches(worked: Make) -> None:
    assert coal(worked()) == coal(worked(options={"natural_gas_tce": "oil_field"})) == D(266)


# -- only grid power -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("electricity", "intensity", "share_18", "share_02"), [
    (CALORIFIC, "4.317", "58.3", "95.4"), (TBEA, "1.858", "3.1", "89.2"), (SUPPLY, "1.755", "0", "88.6")])
def test_grid_power_alone(inventory: Make, electricity: Decimal, intensity: str, share_18: str, share_02: str) -> None:
    """Intensity of grid power, and the clean share that reaches 1.8 and 0.2 (clean power stays in E)."""
    found = inventory(options={"grid_area": "national"}, electricity=[
        {"id": "E1", "flow": "consumed", "source": "grid", "MWh": "1"}])
    each = co2(found) / electricity
    assert places(each, 3) == intensity
    for limit, printed in ((D("1.8"), share_18), (D("0.2"), share_02)):
        share = max(D(0), 1 - limit / each) * 100
        assert places(share, 1) == (printed if printed != "0" else "0.0")


@pytest.mark.parametrize(("carrier", "amount", "printed"), [
    ("natural_gas", {"Nm3": "1000"}, "1.63"), ("diesel", {"t": "1"}, "2.16"), ("gasoline", {"t": "1"}, "2.07"),
    ("bituminous_coal", {"t": "1"}, "2.90"), ("coke", {"t": "1"}, "2.94")])
def test_other_carriers_for_scale(inventory: Make, carrier: str, amount: dict[str, str], printed: str) -> None:
    found = inventory(energy=[{"id": "G1", "carrier": carrier, "use": "fuel", **amount}])
    assert places(co2(found) / coal(found), 2) == printed


def test_purchased_heat_for_scale(inventory: Make) -> None:
    found = inventory(heat=[{"id": "H1", "flow": "consumed", "source": "purchased", "medium": "steam", "GJ": "1000"}])
    tce = found.derived["heat", "H1", "tce"]
    assert isinstance(tce, Decimal)
    assert (co2(found), tce) == (D(110), D("34.12"))
    assert places(co2(found) / tce, 2) == "3.22"
