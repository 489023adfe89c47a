"""The decomposition: exact sums, symmetry, limits at zero, and figures that were worked out by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.mappings.years.years_sites import codes

from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.reasons import Unknown
from zerofactory_mappings.years.amounts import unknown
from zerofactory_mappings.years.decompose import Key, Source, combined, decompose, logarithmic_mean, three_effects

D = Decimal
POWER: Key = ("electricity", "purchased_electricity", "electricity")
GAS: Key = ("energy", "stationary_combustion", "natural_gas")

POSITIVE = st.decimals(min_value=D("0.000001"), max_value=D("1000000000"), places=6, allow_nan=False)
OR_ZERO = st.one_of(st.just(D(0)), POSITIVE)


def source(key: Key, emissions: str, activity: str | None, unit: str | None = "MWh") -> Source:
    return Source(key, D(emissions), None if activity is None else D(activity), unit)


@given(st.tuples(POSITIVE, POSITIVE), st.tuples(POSITIVE, POSITIVE), st.tuples(POSITIVE, POSITIVE))
def test_effects_sum_to_the_change(c: tuple[D, D], a: tuple[D, D], q: tuple[D, D]) -> None:
    effects = three_effects(c, a, q)
    total = D(0)
    for effect in effects:
        total = CONTEXT.add(total, effect)
    # exact but for the last of 34 digits of the largest effect
    assert abs(total - (c[1] - c[0])) <= max(map(abs, effects), default=D(0)) * D("2E-33")


@given(st.tuples(POSITIVE, POSITIVE), st.tuples(POSITIVE, POSITIVE), st.tuples(POSITIVE, POSITIVE))
def test_turning_the_years_round_turns_the_signs(c: tuple[D, D], a: tuple[D, D], q: tuple[D, D]) -> None:
    back = three_effects(c[::-1], a[::-1], q[::-1])
    assert tuple(e.copy_negate() if e else e for e in back) == three_effects(c, a, q)


@given(st.lists(st.tuples(OR_ZERO, OR_ZERO), min_size=1, max_size=6), st.tuples(POSITIVE, POSITIVE))
def test_sources_add_up_whatever_appears_or_ends(rows: list[tuple[D, D]], q: tuple[D, D]) -> None:
    keys = [("t", f"s{i}", "") for i in range(len(rows))]
    before = {k: Source(k, c0, c0, "t") for k, (c0, _) in zip(keys, rows, strict=True)}
    after = {k: Source(k, c1, c1, "t") for k, (_, c1) in zip(keys, rows, strict=True)}
    found = decompose(before, after, q)
    assert isinstance(found.remainder, D)
    size = max(sum((abs(e) for s in found.sources for e in s.effects.values() if isinstance(e, D)), D(0)), D(1))
    assert abs(found.remainder) <= size * D("1E-32")
    assert found.effects["factor"] == 0                 # emissions are their own activity here


def test_by_hand_twice_the_production_and_nothing_else() -> None:
    assert three_effects((D(1), D(2)), (D(10), D(20)), (D(5), D(10))) == (D(1), D(0), D(0))


def test_by_hand_half_the_factor() -> None:
    assert three_effects((D(80), D(40)), (D(10), D(10)), (D(5), D(5))) == (D(0), D(0), D(-40))


def test_by_hand_all_three() -> None:
    """C 1 → 8, A 1 → 4, Q 1 → 2: ln 2 each, so a third of 7 each."""
    for effect in three_effects((D(1), D(8)), (D(1), D(4)), (D(1), D(2))):
        assert abs(effect - CONTEXT.divide(D(7), D(3))) <= D("1E-32")


def test_logarithmic_mean_of_one_and_two() -> None:
    assert str(logarithmic_mean(D(2), D(1))).startswith("1.442695040888963407359924681001")     # 1 / ln 2
    assert logarithmic_mean(D(3), D(3)) == 3


@pytest.mark.parametrize(("c", "a", "expected"), [
    ((D(0), D(9)), (D(0), D(3)), (D(0), D(9), D(0))),         # appeared: intensity
    ((D(9), D(0)), (D(3), D(0)), (D(0), D(-9), D(0))),        # ended: intensity
    ((D(9), D(0)), (D(3), D(4)), (D(0), D(0), D(-9))),        # goes on without emissions: factor
    ((D(0), D(0)), (D(3), D(4)), (D(0), D(0), D(0))),
])
def test_zero_by_its_limit(c: tuple[D, D], a: tuple[D, D], expected: tuple[D, D, D]) -> None:
    assert three_effects(c, a, (D(2), D(7))) == expected


def test_what_rounding_leaves_of_nothing_is_nothing() -> None:
    """8136.12 t at 58,100 MWh and 9080.4 t at 64,843.2… MWh have one factor: its effect is zero, not 1E-31."""
    factor = D("0.1403700000000000000000000000001")
    c = (CONTEXT.multiply(D(58100), factor), CONTEXT.multiply(D("64843.21"), factor))
    assert three_effects(c, (D(58100), D("64843.21")), (D(3), D(4)))[2] == 0


@pytest.mark.parametrize(("before", "after", "made", "code"), [
    (source(POWER, "5", "1"), source(POWER, "5", "1", "t"), ("1", "1"), "years.unit-changed"),
    (source(POWER, "5", "1"), source(POWER, "-5", "1"), ("1", "1"), "years.sign-changes"),
    (source(POWER, "5", "0"), source(POWER, "5", "1"), ("1", "1"), "years.emissions-without-activity"),
    (source(POWER, "5", "1"), source(POWER, "6", "1"), ("0", "1"), "years.no-activity"),
])
def test_no_logarithm_is_unknown(before: Source, after: Source, made: tuple[str, str], code: str) -> None:
    found = decompose({POWER: before}, {POWER: after}, (D(made[0]), D(made[1])))
    for effect in found.effects.values():
        assert codes(effect) == [code]


def test_an_unknown_source_keeps_the_others() -> None:
    why = unknown("years.no-measure", "x")
    found = decompose({POWER: Source(POWER, why, D(1), "MWh"), GAS: source(GAS, "5", "5", "Nm3")},
                      {POWER: source(POWER, "5", "1"), GAS: source(GAS, "10", "10", "Nm3")}, (D(1), D(2)))
    gas = next(s for s in found.sources if s.key == GAS)
    assert gas.effects == {"activity": D(5), "intensity": D(0), "factor": D(0)}
    assert isinstance(found.effects["activity"], Unknown)


def test_an_unclear_year_makes_every_effect_unknown() -> None:
    why = unknown("years.part-not-told-apart", "boundary.parts/P9", part="P9")
    found = decompose({GAS: source(GAS, "5", "5")}, {GAS: source(GAS, "9", "9")}, (D(1), D(1)), unclear=((why,), ()))
    for effect in found.effects.values():
        assert codes(effect) == ["years.part-not-told-apart"]
    assert codes(found.before) == ["years.part-not-told-apart"]
    assert codes(found.change) == ["years.part-not-told-apart"]
    assert found.after == 9


def test_dossiers_of_one_year_add_up_though_rows_share_ids() -> None:
    one = {POWER: source(POWER, "7", "50")}
    other = {POWER: source(POWER, "2", "10"), GAS: source(GAS, "3", "8", "Nm3")}
    found = combined([one, other])
    assert (found[POWER].emissions, found[POWER].activity, found[POWER].unit) == (D(9), D(60), "MWh")
    assert found[GAS].activity == 8
    assert combined([one, {POWER: source(POWER, "2", None, None)}])[POWER].activity is None
    assert codes(combined([one, {POWER: source(POWER, "2", "1", "GJ")}])[POWER].activity) == ["years.units-mixed"]
