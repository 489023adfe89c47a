"""The sample: largest first, unknown always, points at equal intervals; the same whatever the order of the lines."""

from __future__ import annotations

from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.mappings.verification.foundry import battery

from zerofactory_engine.decimals import CONTEXT
from zerofactory_mappings.verification.sampling import Contribution, SamplingPlan, draw, projected


def line(ident: str, emissions: str | None) -> Contribution:
    return Contribution(ident, ident, "1", "stationary_combustion", None, "CO2", None if emissions is None else Decimal(emissions))


#: coverage, lines, selected in order
CASES = [
    ("0.80", {"A": "60", "B": "25", "C": "15"}, ["A", "B"]),
    ("0.85", {"A": "60", "B": "25", "C": "15"}, ["A", "B"]),          # reached exactly
    ("0.8500001", {"A": "60", "B": "25", "C": "15"}, ["A", "B", "C"]),
    ("0", {"A": "60", "B": "25"}, []),
    ("1", {"A": "60", "B": "40", "C": "0"}, ["A", "B"]),              # nothing is no contribution
    ("0.5", {"A": "10", "B": "-60", "C": "30"}, ["B"]),               # by size whatever the sign
    ("0.5", {"B": "50", "A": "50"}, ["A"]),                           # same size: by id
    ("0.5", {"A": "90", "B": None, "C": "10"}, ["B", "A"]),           # not known: always looked at
    ("0.5", {"A": "0", "B": "0"}, ["A", "B"]),                        # nothing to weigh by
]


@pytest.mark.parametrize(("coverage", "lines", "selected"), CASES)
def test_by_contribution(coverage: str, lines: dict[str, str | None], selected: list[str]) -> None:
    plan = draw([line(k, v) for k, v in lines.items()], Decimal(coverage))
    assert [r.of.id for r in plan.selected] == selected


def test_points_at_equal_intervals_hit_every_line_that_is_larger_than_the_interval() -> None:
    plan = draw([line(f"L{n:02}", str(n)) for n in range(1, 21)], Decimal(0), 14, "seed")       # 210 t, one point every 15 t
    assert plan.interval == 15
    assert sum(r.hits for r in plan.rows) == 14
    assert {r.of.id for r in plan.rows if r.of.emissions is not None and r.of.emissions >= 15} <= {r.of.id for r in plan.selected}
    assert {r.reason for r in plan.selected} == {"monetary_unit"}


amounts = st.lists(st.one_of(st.none(), st.decimals(-10**6, 10**6, places=3)), min_size=1, max_size=40)
shares = st.decimals(0, 1, places=4)


@given(amounts, shares, st.integers(0, 30), st.randoms(use_true_random=False))
def test_order_of_the_lines_makes_no_difference(values: list[Decimal | None], coverage: Decimal, units: int, random: object) -> None:
    lines = [Contribution(f"L{n}", f"L{n}", "1", "waste", None, "CO2", v) for n, v in enumerate(values)]
    shuffled = list(lines)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert draw(lines, coverage, units, "s") == draw(shuffled, coverage, units, "s")


@given(amounts, shares, st.integers(0, 30))
def test_what_a_sample_promises(values: list[Decimal | None], coverage: Decimal, units: int) -> None:
    plan = draw([Contribution(f"L{n}", f"L{n}", "1", "waste", None, "CO2", v) for n, v in enumerate(values)], coverage, units, "s")
    assert sorted(r.of.id for r in plan.rows) == sorted(f"L{n}" for n in range(len(values)))
    assert all(r.selected for r in plan.rows if r.of.emissions is None)
    if plan.reached is None:
        assert not any(values)
        return
    with localcontext(CONTEXT):
        assert plan.reached >= coverage - Decimal("1e-30")
    assert sum(r.hits for r in plan.rows) == plan.units
    by_size = [r.selected for r in plan.rows if r.of.emissions is not None and r.reason in ("contribution", "below")]
    assert by_size == sorted(by_size, reverse=True)                  # never a smaller one instead of a larger one


@given(amounts, shares)
def test_without_the_last_line_the_coverage_is_not_reached(values: list[Decimal | None], coverage: Decimal) -> None:
    plan = draw([Contribution(f"L{n}", f"L{n}", "1", "waste", None, "CO2", v) for n, v in enumerate(values)], coverage)
    chosen = [r for r in plan.selected if r.reason == "contribution"]
    if chosen:
        last = chosen[-1]
        assert last.cumulative is not None
        assert last.share is not None
        assert last.cumulative - last.share <= coverage


def _effects(plan: SamplingPlan, share: str) -> dict[str, Decimal]:
    return {r.of.id: (r.of.emissions or Decimal(0)) * Decimal(share) for r in plan.selected}


def test_a_misstatement_of_the_same_share_everywhere_projects_to_that_share() -> None:
    lines = [line(f"L{n:03}", "1") for n in range(100)]
    plan = draw(lines, Decimal(0), 20, "seed")
    assert projected(plan, _effects(plan, "0.1")) == 10              # 20 points × 5 t × 10 %


def test_projection_by_hand() -> None:
    plan = draw([line("A", "80"), line("B", "12"), line("C", "8")], Decimal("0.8"), 1, "seed")  # A by size, one point in 20 t
    drawn = next(r for r in plan.selected if r.reason == "monetary_unit")
    size = drawn.of.emissions
    assert size is not None
    assert projected(plan, {"A": Decimal(-3), drawn.of.id: size / 2}) == -3 + 10                # half of it × 20 t
    assert projected(draw([line("A", "80")], Decimal(1)), {"A": Decimal(5)}) is None


def test_the_battery_factory_is_sampled_to_the_same_lines_every_time() -> None:
    plan = draw(battery().lines, Decimal("0.95"), 0, battery().lines_sha256)
    assert (len(plan.rows), len(plan.selected)) == (178, 53)
    assert plan.selected[0].of.id == "purchased/S3-06/CO2e"
    with localcontext(CONTEXT):
        assert abs(plan.gross - sum((abs(c.emissions or Decimal(0)) for c in battery().lines), Decimal(0))) < Decimal("1e-25")
