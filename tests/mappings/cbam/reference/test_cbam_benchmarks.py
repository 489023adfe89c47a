"""Which benchmark counts: routes, grades, years, blank and zero cells."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from tests.mappings.cbam.reference.workbooks import read_rows

from zerofactory_engine.problems import ProblemsError
from zerofactory_mappings.cbam.benchmarks import benchmarks, indicator, route_letters, shipped
from zerofactory_mappings.cbam.table_reader import Cited, Unknown


def value(cn: str, column: str, routes: str | None, year: int = 2026) -> Decimal | None:
    found = benchmarks(cn, column, routes, year).value
    return found.value if isinstance(found, Cited) else None


@pytest.mark.parametrize(("text", "letters", "period"), [
    ("(F)(1)", ("F",), "1"), ("(C)", ("C",), ""), ("(C)/(F)", ("C", "F"), ""), ("(2)", (), "2"), ("", (), ""), ("\u00a0", (), ""),
    ("N/A", (), ""), ("n/a", (), ""), ("(E) / (H)", ("E", "H"), ""),
])
def test_indicators(text: str, letters: tuple[str, ...], period: str) -> None:
    assert indicator(text) == (letters, period)


def test_letters_from_text_and_lists() -> None:
    assert route_letters("C") == route_letters(["C"]) == route_letters("(c)") == ("C",)
    assert route_letters(None) == route_letters("") == route_letters("N/A") == route_letters([]) == ()
    assert route_letters(("C", "F")) == route_letters("C/F") == ("C", "F")
    assert route_letters("I M Z 1") == ()              # no such routes


def test_trap_period_indicator_one_is_2026_27_and_two_is_2028_30() -> None:
    assert [value("73181535", "B", None, y) for y in (2026, 2027, 2028, 2029, 2030)] == [
        Decimal("1.154"), Decimal("1.154"), Decimal("1.116"), Decimal("1.116"), Decimal("1.116")]


def test_trap_stainless_code_without_the_route_letter_takes_the_period_row_never_a_carbon_benchmark() -> None:
    """China's default for 7318 15 has route (C); stainless 7318 15 35 has only rows by year."""
    found = benchmarks("73181535", "B", "(C)", 2026)
    assert found.rule == "period"
    assert isinstance(found.value, Cited)
    assert found.value.value == Decimal("1.154")
    carbon = {v.value.value for v in benchmarks("73181542", "B", "(C)", 2026).candidates}
    assert found.value.value not in carbon


def test_trap_letter_and_period_together() -> None:
    """(F)(1) and (F)(2) of 7225 30 10."""
    by_year = {y: benchmarks("72253010", "B", "(F)", y) for y in (2026, 2028)}
    assert {y: (c.rule, c.chosen.routes, c.chosen.period) for y, c in by_year.items() if c.chosen} == {
        2026: ("route", ("F",), "1"), 2028: ("route", ("F",), "2")}


def test_trap_combined_route_letters_take_the_one_that_the_code_lists() -> None:
    assert benchmarks("72083900", "B", "(C)/(F)", 2026).chosen == benchmarks("72083900", "B", "(C)", 2026).chosen
    assert benchmarks("72253010", "B", "(C)/(F)", 2026).chosen == benchmarks("72253010", "B", "(F)", 2026).chosen


def test_trap_letter_of_another_grade_takes_the_same_process_and_says_so() -> None:
    """(C) on a code of other alloy steel: blast furnace route of low-alloy steel, marked unconfirmed."""
    found = benchmarks("72253010", "B", "(C)", 2026)
    assert found.rule == "same-process"
    assert found.chosen is not None
    assert found.chosen.routes == ("F",)
    assert found.chosen.value.source.confidence == "unconfirmed"
    assert "cbam-table.benchmark-same-process" in found.reasons


def test_trap_several_grades_possible_the_highest_of_the_year_marked_second_hand() -> None:
    found = benchmarks("72253010", "B", None, 2026)
    assert found.rule == "highest-grade"
    assert found.chosen is not None
    assert found.chosen.value.value == max(c.value.value for c in found.candidates if c.period == "1")
    assert found.chosen.value.source.confidence == "secondary"
    assert found.provisional


def test_trap_a_route_that_is_needed_and_not_known_gives_no_value_but_all_candidates() -> None:
    found = benchmarks("72083900", "B", None, 2026)
    assert isinstance(found.value, Unknown)
    assert found.value.reason == "cbam-table.benchmark-route-needed"
    assert [c.value.value for c in found.candidates] == [Decimal("1.37"), Decimal("0.481"), Decimal("0.072")]
    for cn, routes in (("76011010", None), ("76011010", "(C)"), ("72083900", "(K)"), ("25231000", "(C)")):
        assert benchmarks(cn, "B", routes, 2026).rule == "route-needed", cn


def test_trap_blank_column_a_inherits_and_zero_is_a_value() -> None:
    rows = {r.routes_b: a.value for r, a in shipped().inherited("72083900")}
    assert rows == {("C",): Decimal("0.044"), ("D",): Decimal("0.044"), ("E",): Decimal("0.044")}
    assert value("72083900", "A", "E") == Decimal("0.044")
    assert value("25232900", "A", None) == 0
    assert value("25239000", "A", "(B)") == 0
    by_route = {(r.routes_b[0], r.period_b): a.value for r, a in shipped().inherited("72241010")}
    assert by_route["G", "2"] == by_route["G", "1"] == Decimal("0.33")       # its own route, not that of the first row
    assert by_route["F", "2"] == by_route["F", "1"] != by_route["G", "1"]


def test_trap_clinker_letters_and_clay_without() -> None:
    assert [value("25231000", "B", r) for r in ("(A)", "(B)")] == [Decimal("0.666"), Decimal("0.859")]
    found = benchmarks("25070080", "B", "(A)", 2026)
    assert (found.rule, value("25070080", "B", "(A)")) == ("single", Decimal("0.666"))


def test_a_code_without_benchmark_has_none_and_says_so() -> None:
    for cn in ("27160000", "99999999"):
        found = benchmarks(cn, "B", "C", 2026)
        assert found.rule == "none"
        assert isinstance(found.value, Unknown)
        assert found.provisional


def test_after_the_last_period_its_value_is_carried_on_and_that_is_said() -> None:
    assert "cbam-table.benchmark-after-last" in benchmarks("73181535", "B", "C", 2031).reasons
    assert "cbam-table.benchmark-after-last" not in benchmarks("73181535", "B", "C", 2030).reasons
    assert benchmarks("72083900", "B", "C", 2033).provisional
    assert value("73181535", "B", "C", 2034) == value("73181535", "B", "C", 2030) == Decimal("1.116")


def test_a_revision_is_expected_from_2027() -> None:
    assert benchmarks("72083900", "B", "C", 2026).reasons == ()
    assert benchmarks("72083900", "B", "C", 2027).reasons == ("cbam-table.benchmark-revision",)
    assert benchmarks("72083900", "B", "C", 2027).provisional


def test_wrong_questions_are_problems() -> None:
    for column, year, code in (("C", 2026, "column"), ("A", 2025, "year")):
        with pytest.raises(ProblemsError) as caught:
            benchmarks("72083900", column, "C", year)
        assert caught.value.problems[0].code == f"cbam-table.benchmark-{code}"


def test_every_row_of_the_workbook_is_reachable(shared_data: Path) -> None:
    """1 804 rows, 570 codes: each column B value comes back for its letter and a year of its period."""
    rows = read_rows(shared_data / "cbam/definitive/benchmarks_2025-2620.csv")
    assert (len(rows), len({r["cn_code"] for r in rows})) == (1804, 570)
    years = {"": 2026, "1": 2026, "2": 2028}
    for row in rows:
        letters, period = indicator(row["colB_route"])
        found = benchmarks(row["cn_code"], "B", letters, years[period])
        assert found.chosen is not None, row
        assert found.chosen.value.value == Decimal(row["colB_BMg"]), row


def test_every_printed_column_a_is_reachable(shared_data: Path) -> None:
    rows = [r for r in read_rows(shared_data / "cbam/definitive/benchmarks_2025-2620.csv") if r["colA_BMg"]]
    assert len(rows) == 661
    for row in rows:
        letters, period = indicator(row["colA_route"])
        found = benchmarks(row["cn_code"], "A", letters, 2028 if period == "2" else 2026)
        assert found.chosen is not None, row
        assert found.chosen.value.value == Decimal(row["colA_BMg"]), row


def test_the_choice_as_json_states_rule_edition_and_candidates() -> None:
    shown = benchmarks("72083900", "B", "C", 2026).as_json()
    assert (shown["rule"], shown["version"], len(shown["candidates"])) == ("route", "2025-2620-v1", 3)
    assert shown["value"]["source"]["act"] == "IR (EU) 2025/2620"
