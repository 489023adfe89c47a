"""Monte Carlo: the same seed gives the same figures, near propagation where that holds, and not where it does not."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from tests.mappings.uncertainty.test_uncertainty_propagate import inventory

from zerofactory_engine.accounting import Inventory, compute_inventory
from zerofactory_engine.dossier.read import read_dossier
from zerofactory_engine.reasons import Unknown
from zerofactory_mappings.uncertainty import Settings, propagate, simulate
from zerofactory_mappings.uncertainty.monte_carlo import Z, _cholesky

D = Decimal
DEMO = Path(__file__).parents[3] / "examples/demo-battery-factory/dossier.yaml"


@pytest.fixture(scope="module")
def demo() -> Inventory:
    return compute_inventory(read_dossier(DEMO).dossier)


def test_the_same_seed_gives_the_same_figures(demo: Inventory) -> None:
    """Golden: any machine gives these, and another seed gives others."""
    found = simulate(demo).groups["scopes_1_2"]
    assert found.as_json() | {"tCO2e": "", "not_stated": ""} == {
        "group": "scopes_1_2", "tCO2e": "", "simulated": True, "mean": "15124", "deviation": "19", "p2_5": "15088",
        "p50": "15124", "p97_5": "15160", "not_stated": ""}
    assert simulate(demo) == simulate(demo)
    wide = inventory(("300", "40"), ("100", "16"))
    assert simulate(wide, settings=Settings(seed=1)) != simulate(wide, settings=Settings(seed=2))


def test_near_propagation(demo: Inventory) -> None:
    """A deviation of 10,000 draws is certain to 0.7 %; within six per cent covers five of those and the rounding."""
    propagated = propagate(demo)
    compared = 0
    for name, found in simulate(demo).groups.items():
        if found.deviation:
            width = propagated[name].correlated
            assert width is not None
            assert float(found.deviation) * Z == pytest.approx(float(width), rel=0.06)
            compared += 1
    assert compared > 8


def test_wide_rows_are_lognormal_and_keep_their_mean() -> None:
    """300 MWh ± 90 %: the interval leans to the right, no draw is negative, the mean stays."""
    rows = inventory(("300", "90"))
    total = rows.total("all").value
    assert isinstance(total, D)
    found = simulate(rows).groups["all"]
    assert found.mean is not None
    assert found.p2_5 is not None
    assert found.p50 is not None
    assert found.p97_5 is not None
    assert float(found.mean) == pytest.approx(float(total), rel=0.02)
    assert found.p50 < found.mean
    assert found.p97_5 - found.p50 > found.p50 - found.p2_5 > 0
    assert found.p2_5 > 0


def test_normal_when_asked() -> None:
    found = simulate(inventory(("300", "90")), settings=Settings(lognormal_above=D(1))).groups["all"]
    assert found.mean is not None
    assert found.p50 is not None
    assert abs(found.p50 - found.mean) <= found.mean * D("0.02")


def test_lines_that_share_a_row_move_together() -> None:
    """Two lines of one row with 10 % each: 10 % of both, not 7 %."""
    line = inventory(("300", "10")).lines[0]
    together = simulate([line, replace(line, gas="CH4")]).groups["all"]
    apart = simulate([line, replace(line, row="E9")]).groups["all"]
    assert together.deviation is not None
    assert apart.deviation is not None
    assert float(together.deviation / apart.deviation) == pytest.approx(2 ** 0.5, rel=0.08)


def test_nothing_stated_or_not_known_has_no_interval() -> None:
    silent = simulate(inventory(("300", None))).groups["all"]
    assert silent.mean is None
    assert silent.p2_5 is None
    assert silent.not_stated == 1
    unknown = simulate(inventory(("300", "4"), complete=["electricity"])).groups["all"]
    assert isinstance(unknown.value, Unknown)
    assert unknown.deviation is None
    assert "mean" not in unknown.as_json()


def test_simulated_figures_say_so(demo: Inventory) -> None:
    found = simulate(demo, settings=Settings(seed=7, draws=200)).as_json()
    assert found["settings"] == {"method": "ipcc-2006-approach-2", "seed": "7", "draws": "200", "lognormal_above": "0.3"}
    assert all(g["simulated"] is True for g in found["groups"])


def test_triangle_by_hand() -> None:
    """[[4, 2], [2, 5]] = L Lᵀ with L = [[2, 0], [1, 2]]; a direction without variance gets a column of zeros."""
    assert _cholesky([[4.0, 2.0], [2.0, 5.0]]) == [[2.0, 0.0], [1.0, 2.0]]
    assert _cholesky([[4.0, 4.0], [4.0, 4.0]]) == [[2.0, 0.0], [2.0, 0.0]]
