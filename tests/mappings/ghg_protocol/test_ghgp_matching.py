"""Hourly matching: by hand, and what holds for any two series."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerofactory_mappings.ghg_protocol.matching import Hourly, match

START = datetime(2025, 1, 1, tzinfo=UTC)


def series(amounts: Sequence[str | Decimal], market: str | None = "CN") -> Hourly:
    return Hourly(market, {START + timedelta(hours=n): Decimal(a) for n, a in enumerate(amounts)})


def test_by_hand() -> None:
    """Load 4, 4, 4; sun 0, 6, 3: matched 0 + 4 + 3 = 7 of 12 by the hour, 9 of 12 over the whole time."""
    found = match(series(["4", "4", "4"]), [series(["0", "6", "3"])])
    assert [found.load, found.instruments, found.matched_hourly, found.matched_annual] == [12, 9, 7, 9]
    assert found.hourly is not None
    assert found.annual == Decimal("0.75")
    assert round(found.hourly, 6) == Decimal("0.583333")


def test_two_instruments_add_up_within_an_hour() -> None:
    found = match(series(["4", "4"]), [series(["1", "1"]), series(["2", "9"])])
    assert [found.matched_hourly, found.matched_annual] == [7, 8]


@pytest.mark.parametrize(("load", "instrument"), [("CN", "EU"), ("CN", None), (None, "CN"), (None, None)])
def test_another_market_or_none_delivers_nothing(load: str | None, instrument: str | None) -> None:
    found = match(series(["4"], load), [series(["4"], instrument)])
    assert [found.matched_hourly, found.matched_annual, found.not_deliverable] == [0, 0, 4]


def test_markets_are_compared_without_case() -> None:
    assert match(series(["4"], "CN"), [series(["4"], "cn")]).hourly == 1


def test_no_load_has_no_score() -> None:
    found = match(series([]), [series(["4"])])
    assert (found.hourly, found.annual) == (None, None)


def test_power_outside_the_hours_of_the_load_matches_no_hour() -> None:
    found = match(series(["4"]), [series(["0", "8"])])
    assert [found.matched_hourly, found.matched_annual] == [0, 4]


def test_a_negative_amount_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        match(series(["4"]), [series(["-1"])])
    with pytest.raises(ValueError, match="negative"):
        match(series(["-4"]), [])


AMOUNTS = st.lists(st.decimals(0, 10_000, places=3), max_size=48)


@given(AMOUNTS, st.lists(AMOUNTS, max_size=3))
def test_scores_lie_between_none_and_all_and_the_hour_never_beats_the_year(
        load: list[Decimal], offered: list[list[Decimal]]) -> None:
    found = match(series(load), [series(o) for o in offered])
    assert 0 <= found.matched_hourly <= found.matched_annual <= found.load
    assert found.matched_annual <= found.instruments
    if found.load:
        assert found.hourly is not None
        assert found.annual is not None
        assert 0 <= found.hourly <= found.annual <= 1


@given(AMOUNTS, AMOUNTS, st.integers(0, 47), st.decimals(0, 10_000, places=3))
def test_more_power_in_an_hour_never_lowers_a_score(load: list[Decimal], offered: list[Decimal], hour: int,
                                                   more: Decimal) -> None:
    instruments = series(offered)
    raised = dict(instruments.values)
    at = START + timedelta(hours=hour)
    raised[at] = raised.get(at, Decimal(0)) + more
    before, after = match(series(load), [instruments]), match(series(load), [Hourly("CN", raised)])
    assert after.matched_hourly >= before.matched_hourly
    assert after.matched_annual >= before.matched_annual


@given(AMOUNTS)
def test_a_load_that_is_its_own_instrument_is_matched_whole(load: list[Decimal]) -> None:
    found = match(series(load), [series(load)])
    assert found.matched_hourly == found.load == found.matched_annual
