"""The 26 fuels of the Chinese default set: the factor that the table prints, recomputed from its parts.

EF = heating value × carbon content × oxidation × 44/12, in tCO2 per tonne, or per 10^4 Nm3 for the gases (marked *).
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from zerofactory_engine.accounting import FactorLibrary, Inventory

D = Decimal
PRINTED = """
anthracite                24.515  27.49  94  2.3228
bituminous_coal           23.204  26.18  93  2.0715
lignite                   14.449  28.00  96  1.4241
cleaned_coal              26.344  25.40  93  2.2818
other_washed_coal         15.373  25.40  90  1.2886
briquettes                17.46   33.60  90  1.9360
coke                      28.446  29.40  93  2.8518
crude_oil                 42.62   20.10  98  3.0783
fuel_oil                  40.19   21.10  98  3.0472
gasoline                  44.80   18.90  98  3.0425
diesel                    43.33   20.20  98  3.1451
kerosene                  44.75   19.60  98  3.1517
naphtha                   41.031  20.00  98  2.9488
petroleum_coke            31.00   27.50  98  3.0633
other_petroleum_products  40.19   20.00  98  2.8883
coal_tar                  33.453  22.00  98  2.6446
crude_benzol              41.816  22.70  98  3.4109
refinery_gas              46.05   18.20  99  3.0423
lpg                       47.31   17.20  99  2.9538
lng                       41.868  15.30  99  2.3253
natural_gas            * 389.31   15.30  99  21.6219
coke_oven_gas          * 173.854  13.60  99  8.5828
blast_furnace_gas      * 37.69    70.80  99  9.6865
converter_gas          * 79.54    49.60  99  14.3210
carbide_furnace_gas    * 111.19   39.51  99  15.9470
other_gas              * 52.34    12.20  99  2.3179
"""
FUELS = PRINTED.split("\n")[1:-1]


def test_the_set_has_these_fuels_and_no_others() -> None:
    keys = {e.key for e in FactorLibrary.shipped().set("cn-fuel-defaults/cn-general-industry-a").entries}
    assert keys == {line.split()[0] for line in FUELS}
    assert len(FUELS) == 26


@pytest.mark.parametrize("line", FUELS, ids=lambda line: line.split()[0])
def test_the_factor_of_a_fuel_follows_from_its_parts(line: str, inventory: Callable[..., Inventory]) -> None:
    gas = "*" in line
    key, ncv, carbon, oxidation, printed = line.replace("*", " ").split()
    entry = FactorLibrary.shipped().set("cn-fuel-defaults/cn-general-industry-a").find(key)
    assert entry is not None
    stated = {name: value.stated for name, value in entry.values.items()}
    assert stated == {"ncv": f"{ncv} GJ/{'10kNm3' if gas else 't'}", "carbon": f"{carbon} tC/TJ",
                      "oxidation": f"{oxidation} %"}
    found = inventory(energy=[{"id": "G1", "carrier": key, "use": "fuel", ("Nm3" if gas else "t"): "10000" if gas else "1"}])
    mass = next(ln.location.value for ln in found.lines if ln.gas == "CO2")
    assert isinstance(mass, Decimal)
    assert str(mass.quantize(D("0.0001"))) == printed
    exact = D(ncv) * D(carbon) * D(oxidation) * 44 / D(12 * 1000 * 100)
    assert abs(mass - exact) < D("1e-24")


def test_the_other_guide_gives_heating_values_only(inventory: Callable[..., Inventory]) -> None:
    """Its carbon contents are not known to us: emissions under it stay unknown, never zero."""
    printed = {"anthracite": "20.304", "bituminous_coal": "19.570", "lignite": "14.080", "gasoline": "43.070",
               "diesel": "42.652"}
    entries = FactorLibrary.shipped().set("cn-fuel-defaults/cn-other-industry-guide").entries
    assert {e.key: e.values["ncv"].stated for e in entries} == {k: f"{v} GJ/t" for k, v in printed.items()}
    assert {e.confidence for e in entries} == {"unconfirmed"}
    found = inventory(sets={"fuel": "cn-fuel-defaults/cn-other-industry-guide"},
                      energy=[{"id": "G1", "carrier": "diesel", "use": "fuel", "t": "1"}])
    unknown = next(ln.location.value for ln in found.lines if ln.gas == "CO2")
    assert not isinstance(unknown, Decimal)
    assert [r.code for r in unknown.reasons] == ["accounting.factor-value-unknown"] * 2
