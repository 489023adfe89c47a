"""What people write into cells: numbers and periods, each read in one way or not at all."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerofactory_mappings.sources.sheets.grid import GridCell
from zerofactory_mappings.sources.sheets.text import (
    Amount,
    Trouble,
    amount_of,
    normal,
    number_of,
    parse_amount,
    period_of,
    stated_none,
)


def cell(text: str) -> GridCell:
    return GridCell(1, 1, text, state="value" if text else "empty")


@pytest.mark.parametrize(("text", "number", "unit"), [
    ("1234.5", "1234.5", ""), ("1,234.5", "1234.5", ""), ("１，２３４．５", "1234.5", ""), ("1 234", "1234", ""),
    ("12,345,678", "12345678", ""), ("-3", "-3", ""), ("−3", "-3", ""), ("(1,234)", "-1234", ""), ("（12.5）", "-12.5", ""),
    ("¥1,200.00", "1200.00", ""), ("￥88", "88", ""), ("12.5 t", "12.5", "t"), ("12.5吨", "12.5", "吨"),
    ("12（吨）", "12", "吨"), ("1234.5万千瓦时", "1234.5", "万千瓦时"), ("1.5E3", "1500", ""), ("1e3吨", "1000", "吨"),
    ("12.5%", "0.125", ""), ("12.5 ％", "0.125", ""), ("'007", "7", ""), ("+5", "5", ""), (".5", "0.5", ""),
])
def test_numbers(text: str, number: str, unit: str) -> None:
    assert parse_amount(text) == Amount(Decimal(number), unit)


@pytest.mark.parametrize("text", ["1.234,5", "1,5", "12,34,567", "1 2", "1,2345", "1.2.3", "1.234.567,8", "(-5)"])
def test_what_can_be_read_in_two_ways_is_trouble(text: str) -> None:
    assert amount_of(cell(text)) == Trouble("sheets.ambiguous-number", text)


@pytest.mark.parametrize("text", ["约5", "3-5", "95%以上", "5左右", "<0.1", "见附件", "1e3e3", "abc", "5±1"])
def test_what_is_no_number(text: str) -> None:
    assert isinstance(number_of(cell(text)), Trouble)


@pytest.mark.parametrize("text", ["—", "-", "－", "/", "无", "N/A", "n/a", "不适用", "——"])
def test_stated_as_none_is_neither_zero_nor_trouble(text: str) -> None:
    assert stated_none(cell(text))
    assert number_of(cell(text)) is None
    assert not stated_none(cell(""))
    assert number_of(cell("0")) == 0


def test_states_of_a_cell() -> None:
    assert number_of(GridCell(1, 1, "#REF!", state="error")) == Trouble("workbook.error-value", "#REF!")
    assert number_of(GridCell(1, 1, state="unevaluated")) == Trouble("workbook.formula-without-value", "")
    assert number_of(GridCell(1, 1)) is None


@pytest.mark.parametrize(("text", "first", "last"), [
    ("2025年3月", "2025-03-01", "2025-03-31"), ("2025-03", "2025-03-01", "2025-03-31"), ("202502", "2025-02-01", "2025-02-28"),
    ("3月", "2024-03-01", "2024-03-31"), ("十二月", "2024-12-01", "2024-12-31"), ("Mar 2025", "2025-03-01", "2025-03-31"),
    ("September", "2024-09-01", "2024-09-30"), ("2025/3/1", "2025-03-01", "2025-03-01"), ("20250301", "2025-03-01", "2025-03-01"),
    ("2025年1—12月", "2025-01-01", "2025-12-31"), ("1-6月", "2024-01-01", "2024-06-30"), ("2025年", "2025-01-01", "2025-12-31"),
    ("2025年一季度", "2025-01-01", "2025-03-31"), ("2025Q2", "2025-04-01", "2025-06-30"), ("上半年", "2024-01-01", "2024-06-30"),
    ("2025-01-15 ~ 2025-02-14", "2025-01-15", "2025-02-14"), ("2025年1月至2025年3月", "2025-01-01", "2025-03-31"),
    ("2025年2月29日", "", ""), ("2025年13月", "", ""), ("03/04/2025", "", ""), ("2025.1", "", ""), ("2月30日", "", ""),
    ("6-1月", "", ""), ("", "", ""), ("原煤", "", ""),
])
def test_periods(text: str, first: str, last: str) -> None:
    expected = (date.fromisoformat(first), date.fromisoformat(last)) if first else None
    assert period_of(text, 2024) == expected


def test_a_month_without_a_year_is_not_guessed() -> None:
    assert period_of("3月") is None
    assert period_of("一季度") is None


def test_headings_compare_without_width_blanks_case_and_brackets() -> None:
    assert normal("能源 名称\n（吨）") == normal("能源名称(吨)") == normal("能源名称【吨】")
    assert normal("Carrier ") == "carrier"


@given(st.integers(-10**12, 10**12), st.integers(0, 4))
def test_grouping_never_changes_a_number(digits: int, places: int) -> None:
    number = Decimal(digits).scaleb(-places)
    assert parse_amount(f"{number:,f}") == Amount(number)
    assert parse_amount(f"{number:f}") == Amount(number)


@given(st.text(max_size=30))
def test_any_text_is_a_number_or_trouble_or_nothing(text: str) -> None:
    found = amount_of(cell(text.strip()))
    assert found is None or isinstance(found, Amount | Trouble)
    period_of(text, 2025)
