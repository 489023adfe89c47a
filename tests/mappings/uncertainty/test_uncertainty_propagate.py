"""Propagation: figures worked out by hand, and another formula for the same thing."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.mappings.years.years_sites import TABLES

from zerofactory_engine.accounting import Inventory, compute_inventory
from zerofactory_engine.dossier import dossier_from_tree
from zerofactory_engine.dossier.read import read_dossier
from zerofactory_engine.reasons import Unknown
from zerofactory_mappings.uncertainty import propagate
from zerofactory_mappings.uncertainty.components import part_of

D = Decimal
DEMO = Path(__file__).parents[3] / "examples/demo-battery-factory/dossier.yaml"


def inventory(*rows: tuple[str, str | None], **changed: Any) -> Inventory:
    """Power of several rows: (MWh, half-width in percent or None)."""
    electricity = [{"id": f"E{i}", "flow": "consumed", "source": "grid", "MWh": mwh,
                    **({"uncertainty": {"half_width_percent": width, "coverage_factor": 2}} if width else {})}
                   for i, (mwh, width) in enumerate(rows)]
    tree = {"format": "zerofactory/dossier/1", "id": "u", "facility": {"id": "F", "name": {"en": "F"}, "province": "CN-SC", "country": "CN"},
            "period": {"from": "2024-01-01", "to": "2024-12-31"}, "complete": TABLES, "electricity": electricity}
    return compute_inventory(dossier_from_tree({**tree, **changed}, lenient=True))


@pytest.fixture(scope="module")
def demo() -> Inventory:
    return compute_inventory(read_dossier(DEMO).dossier)


def test_by_hand_equation_3_2() -> None:
    """300 MWh ± 4 % and 100 MWh ± 16 %: widths of 12 and 16 MWh, together 20 MWh, 5 % of 400 MWh."""
    found = propagate(inventory(("300", "4"), ("100", "16")))["all"]
    total = found.value
    assert isinstance(total, D)
    assert found.independent == pytest.approx(total * D("0.05"), abs=D("1E-20"))
    assert found.correlated == pytest.approx(found.independent, abs=D("1E-20"))
    assert found.relative(found.correlated) == pytest.approx(D("0.05"), abs=D("1E-20"))
    assert found.not_stated == 0


def test_a_row_that_states_nothing_is_a_share_not_a_zero() -> None:
    found = propagate(inventory(("300", "4"), ("100", None)))["all"]
    assert found.not_stated == D("0.25")
    assert found.correlated == pytest.approx(found.known * D("0.03"), abs=D("1E-20"))


def test_what_is_taken_off_under_the_same_figure_takes_its_width_off() -> None:
    """+300 and −100 of one row ± 10 %: 10 % of 200, not of 400."""
    line = inventory(("300", "10")).lines[0]
    assert isinstance(line.location.value, D)
    back = replace(line, location=replace(line.location, value=-line.location.value / 3))
    found = propagate([line, back])["all"]
    assert found.correlated == pytest.approx(found.known * D("0.1"), rel=D("1E-12"))


def test_nothing_stated_has_no_width() -> None:
    found = propagate(inventory(("300", None)))["all"]
    assert found.independent is None
    assert found.correlated is None
    assert found.not_stated == 1
    assert "half_width_correlated" not in found.as_json()


def test_market_basis_uses_the_same_relative_width() -> None:
    rows = inventory(("300", "4"), ("100", "16"))
    found = propagate(rows, "market")["all"]
    assert found.value == rows.total("all", "market").value
    assert found.relative(found.correlated) == pytest.approx(D("0.05"), abs=D("1E-20"))


def test_gases_of_one_row_move_together(demo: Inventory) -> None:
    """One row of gas ± 10 % gives CO2, CH4 and N2O: its width is 10 % of their sum, not the root of three squares."""
    rows = inventory(energy=[{"id": "G", "carrier": "diesel", "t": "100", "use": "fuel", "mobile": True,
                              "uncertainty": {"half_width_percent": "10", "coverage_factor": 2}}])
    found = propagate(rows)["all"]
    assert found.lines > 1
    assert found.correlated is not None
    assert found.independent is not None
    assert found.correlated >= found.known * D("0.1") * D("0.9999999")
    assert found.correlated > found.independent


@pytest.mark.parametrize("group", ["all", "scopes_1_2", "scope/1", "iso_category/1", "source/stationary_combustion"])
def test_the_sum_over_pairs_gives_the_same(demo: Inventory, group: str) -> None:
    """Variance as Σ over pairs of lines of amount × amount × Σ of the squared widths that both share."""
    kind, _, key = group.partition("/")
    attribute = {"scope": "scope", "iso_category": "iso_category"}.get(kind)
    lines = [x for x in demo.lines if x.scope != 0 and (
        group == "all" or (group == "scopes_1_2" and x.scope in (1, 2))
        or (attribute is not None and str(getattr(x, attribute)) == key) or (kind == "source" and x.source.code == key))]
    parts = [p for p in (part_of(x, "location") for x in lines) if isinstance(p.amount, D) and p.states]
    components = [{("f", *c) for c in p.factors} | ({("r", *p.row)} if p.row else set()) for p in parts]
    amounts = [float(p.amount) for p in parts if isinstance(p.amount, D)]
    total = sum(amounts[i] * amounts[j] * sum(float(w) ** 2 for _, _, w in components[i] & components[j])
                for i, j in product(range(len(parts)), repeat=2))
    found = propagate(demo)[group]
    assert found.correlated is not None
    assert float(found.correlated) == pytest.approx(total ** 0.5, rel=1e-9)


def test_groups_have_the_totals_of_the_inventory(demo: Inventory) -> None:
    for name, found in propagate(demo).items():
        assert found.value == demo.total(name).value
        assert found.known == demo.total(name).known
        usual = demo.total(name).uncertainty
        assert found.independent == (None if usual is None else usual.half_width)
        assert (found.correlated is None) is (found.independent is None)


def test_an_unknown_total_stays_unknown() -> None:
    rows = inventory(("300", "4"), complete=[t for t in TABLES if t != "fugitive"])
    found = propagate(rows)["all"]
    assert isinstance(found.value, Unknown)
    assert found.as_json()["tCO2e"] != "0"


WIDTHS = st.decimals(min_value=D("0.1"), max_value=D("90"), places=1)
AMOUNTS = st.decimals(min_value=D("1"), max_value=D("100000"), places=1)


@given(st.lists(st.tuples(AMOUNTS, WIDTHS), min_size=1, max_size=4))
def test_never_above_the_sum_nor_below_the_largest(rows: list[tuple[D, D]]) -> None:
    found = propagate(inventory(*((str(a), str(w)) for a, w in rows)))["all"]
    assert found.correlated is not None
    assert isinstance(found.value, D)
    factor = found.value / sum((a for a, _ in rows), D(0))
    widths = [a * w / 100 * factor for a, w in rows]
    slack = D("1.0000000001")
    assert max(widths) <= found.correlated * slack
    assert found.correlated <= sum(widths, D(0)) * slack
