"""Figures and units as a page shows them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zerofactory_mappings.publishing.numbers import percent, rounded, shown, shown_beside, signed, unit_text

decimals = st.decimals(min_value=Decimal("-1e12"), max_value=Decimal("1e12"), allow_nan=False, allow_infinity=False,
                       places=9)


@pytest.mark.parametrize(("value", "text"), [
    ("0", "0"), ("0.00", "0"), ("30", "30"), ("1200", "1,200"), ("7300000", "7,300,000"), ("0.1229", "0.1229"),
    ("29.18209049729677073693439189518289", "29.18"),      # four significant digits
    ("0.0782133333333333333333333333333333", "0.07821"),
    ("1642.48", "1,642.48"),                               # exact in six digits: stands as it is
    ("16424.8333", "16,425"),                              # never rounded inside the integer part
    ("2.5", "2.5"), ("-0.8179095", "−0.8179"), ("9.99996999", "10.00"), ("0.99999999", "1.000"),
    ("12345.65000001", "12,346"), ("123456", "123,456"), ("1234567.1", "1,234,567"),
])
def test_a_figure_is_shown_by_the_display_rule(value: str, text: str) -> None:
    assert shown(Decimal(value)) == text


@pytest.mark.parametrize(("value", "limit", "shown_value", "shown_limit"), [
    ("29.99996", "30", "29.99996", "30"),                      # never "30" beside a limit of 30 that it misses
    ("29.99999999999996", "30", "29.99999999999996", "30"),
    ("30.00000000000000000001", "30", "30.00000000000000000001", "30"),
    ("30", "30", "30", "30"), ("29.18209049", "30", "29.18", "30"),
])
def test_value_and_limit_compare_on_paper_as_they_do_exactly(value: str, limit: str, shown_value: str, shown_limit: str) -> None:
    assert shown_beside(Decimal(value), Decimal(limit)) == (shown_value, shown_limit)


@settings(deadline=None, max_examples=300)
@given(decimals, decimals)
def test_no_pair_changes_its_order_by_being_shown(value: Decimal, limit: Decimal) -> None:
    one, other = (Decimal(t.replace(",", "").replace("−", "-")) for t in shown_beside(value, limit))
    assert (one > other, one < other) == (value > limit, value < limit)


@settings(deadline=None, max_examples=300)
@given(decimals.filter(bool))
def test_rounding_moves_a_figure_by_less_than_its_last_shown_digit(value: Decimal) -> None:
    digits = Decimal(shown(value).replace(",", "").replace("−", "-"))
    assert abs(digits - value) <= abs(value) * Decimal("0.00051")


def test_rounding_is_half_even() -> None:
    assert [rounded(Decimal(v), 4) for v in ("1.00045", "1.00055", "100.05", "100.15")] == [
        Decimal("1.000"), Decimal("1.001"), Decimal("100.0"), Decimal("100.2")]


def test_signs_and_shares() -> None:
    assert signed(Decimal("1.5")) == "+1.5"
    assert signed(Decimal("-1.5")) == "−1.5"
    assert percent(Decimal("-0.027263650090107642102186936827237")) == "−2.73 %"
    assert percent(Decimal("0.3")) == "30 %"


@pytest.mark.parametrize(("unit", "zh", "en"), [
    ("tCO2/tce", "tCO2/tce", "tCO2/tce"), ("tce/10kCNY", "tce/万元", "tce/10⁴ CNY"), ("MWh/a", "MWh/年", "MWh/year"),
    ("m3", "m³", "m³"), ("pp", "个百分点", "pp"), ("%", "%", "%"), ("1", "", ""), (None, "", ""),
    ("GJ/10kNm3", "GJ/万Nm³", "GJ/10⁴ Nm³"),
])
def test_units_are_shown_as_people_write_them(unit: str | None, zh: str, en: str) -> None:
    assert (unit_text(unit, "zh"), unit_text(unit, "en")) == (zh, en)
