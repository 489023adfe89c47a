"""Look-up of default values: the rules of 2025/2621 and every trap of the data, one test each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest

from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_mappings.cbam import tables
from zerofactory_mappings.cbam.defaults.lookup import lookup
from zerofactory_mappings.cbam.defaults.model import DefaultRow, DefaultSet, RowKind
from zerofactory_mappings.cbam.defaults.store import default_set, default_sets
from zerofactory_mappings.cbam.table_reader import Source

SOURCE = Source("IR (EU) 2025/2621", "Annex I", "confirmed", "commission", "t", "r")


@pytest.fixture(autouse=True)
def only_shipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ZEROFACTORY_CBAM_DATA", raising=False)


def row(country: str, code: str, total: str | None, *, sector: str = "iron_steel", variant: str = "", routes: Sequence[str] = (),
        kind: RowKind | None = None, description: str = "", direct: str = "missing", indirect: str = "n/a", note: str = "") -> DefaultRow:
    known = kind or (RowKind.VALUE if total is not None else RowKind.MISSING)
    return DefaultRow(country, sector, code, variant, description, known, direct, indirect, None if total is None else Decimal(total),
                      tuple(routes), "", 1, note, SOURCE)


def edition(*rows: DefaultRow, version: str = "test-1", published: date = date(2026, 3, 1), reasons: Sequence[str] = ()) -> DefaultSet:
    return DefaultSet(version, "IR (EU) 2025/2621", published, "f", "h", rows, reasons)


def problem(*args: object, **kwargs: object) -> Problem:
    with pytest.raises(ProblemsError) as caught:
        lookup(*args, **kwargs)  # type: ignore[arg-type]  # the test passes wrong things on purpose
    return caught.value.problems[0]


# ------------------------------------------------------------------------------------------------ selection rules 4.2

def test_rule_1_the_table_of_the_country_counts() -> None:
    found = lookup("7208 39 00", "China", year=2026)
    assert (found.table, found.matched, found.total.value, found.value) == ("CN", "7208", Decimal("3.186893"), Decimal("3.5055823"))
    assert found.routes == ("C",)
    assert not found.fallback
    assert found.value == lookup("72083900", "中国", year=2026).value


def test_rule_1_a_country_that_the_act_does_not_list_takes_the_other_countries() -> None:
    found = lookup("72083900", "Bhutan", year=2026)
    assert (found.table, found.country, found.fallback) == ("other", "BT", True)
    assert [p.code for p in found.reasons][:1] == ["cbam-defaults.not-listed"]
    assert found.confidence == "confirmed"              # the act says so
    assert lookup("72083900", "other", year=2026).total == found.total
    assert lookup("72083900", "Other Countries and Territories", year=2026).fallback is False


@pytest.mark.parametrize("name", ["Taiwan", "Thailand", "United States", "India", "Viet Nam"])
def test_rule_1_trap_a_listed_country_that_is_not_loaded_has_no_data_and_never_the_fallback(name: str) -> None:
    found = problem("72083900", name, year=2026)
    assert found.code == "cbam-defaults.no-data"
    assert "2025-2621-v1" in found.args["versions"]


def test_rule_2_exact_code_then_six_then_four_digits() -> None:
    of = edition(row("CN", "73181542", "1"), row("CN", "731815", "2"), row("CN", "7318", "3"), row("other", "7318", "9"))
    got = [lookup(cn, "CN", year=2026, sets=[of]) for cn in ("73181542", "73181548", "73182900")]
    assert [(g.total.value, g.matched) for g in got] == [
        (Decimal(1), "73181542"), (Decimal(2), "731815"), (Decimal(3), "7318")]


def test_rule_2_trap_a_heading_matches_nothing() -> None:
    of = edition(row("CN", "7318", None, kind=RowKind.HEADING), row("CN", "731815", "2"), row("other", "7318", None, kind=RowKind.HEADING),
                 row("other", "731829", "5"))
    found = lookup("73182900", "CN", year=2026, sets=[of])
    assert (found.table, found.total.value) == ("other", Decimal(5))
    assert problem("73181100", "CN", year=2026, sets=[of]).code == "cbam-defaults.no-row"


def test_rule_3_trap_two_rows_for_one_code_ask_which_and_never_take_the_first() -> None:
    found = problem("25231000", "China", year=2026, place=Place(file="x", line=2))
    assert (found.code, found.accepted, found.args["count"]) == ("cbam-defaults.choose", "white, grey", "2")
    assert found.place.line == 2
    assert lookup("25231000", "China", year=2026, variant="grey").value == Decimal("1.529")
    assert lookup("25231000", "China", year=2026, variant="White").value == Decimal("1.43")
    assert problem("25231000", "China", year=2026, variant="blue").code == "cbam-defaults.variant-unknown"


def test_rule_3_a_variant_that_contradicts_the_only_row_is_a_problem() -> None:
    """2523 21 00 is white cement."""
    assert lookup("25232100", "China", year=2026).variant == "white"
    assert problem("25232100", "China", year=2026, variant="grey").code == "cbam-defaults.variant-unknown"
    assert lookup("72083900", "China", year=2026, variant="grey").total.value == Decimal("3.186893")   # no variants here


def test_rule_3_words_of_the_description_may_say_which() -> None:
    of = edition(row("CN", "73181542", "1", variant="a", description="Screws of stainless steel"),
                 row("CN", "73181542", "2", variant="b", description="Screws, other"))
    assert lookup("73181542", "CN", year=2026, variant="stainless", sets=[of]).total.value == 1
    assert problem("73181542", "CN", year=2026, variant="screws", sets=[of]).code == "cbam-defaults.variant-unknown"


def test_rule_4_a_dash_takes_the_whole_row_of_the_other_countries_with_its_route_letters() -> None:
    of = edition(row("CN", "7203", None, routes=("C",)), row("other", "7203", "1.325", routes=("D",)))
    found = lookup("72031000", "CN", year=2026, sets=[of])
    assert (found.total.value, found.routes, found.table, found.fallback) == (Decimal("1.325"), ("D",), "other", True)
    assert found.confidence == "secondary"              # row by row is known second-hand
    assert [p.code for p in found.reasons] == ["cbam-defaults.no-value-here"]


def test_rule_4_direct_reduced_iron_of_china_takes_the_other_countries() -> None:
    """1.325 x 1.10 = 1.4575."""
    found = lookup("7203 10 00", "China", year=2026)
    assert (found.value, found.fallback, found.table) == (Decimal("1.4575"), True, "other")


def test_rule_4_a_table_without_any_row_for_the_good_does_the_same() -> None:
    of = edition(row("CN", "7201", "1"), row("other", "7203", "1.325"))
    assert [p.code for p in lookup("72031000", "CN", year=2026, sets=[of]).reasons] == ["cbam-defaults.no-row-here"]


def test_rule_4_the_variant_carries_over_to_the_other_countries() -> None:
    of = edition(row("AL", "25231000", None, sector="cement", variant="white"), row("AL", "25231000", "0.87", sector="cement", variant="grey"),
                 row("other", "25231000", "1.37", sector="cement", variant="white", routes=("B",)),
                 row("other", "25231000", "1.41", sector="cement", variant="grey", routes=("A",)))
    found = lookup("25231000", "Albania", year=2026, variant="white", sets=[of])
    assert (found.total.value, found.routes) == (Decimal("1.37"), ("B",))
    assert lookup("25231000", "Albania", year=2026, variant="grey", sets=[of]).total.value == Decimal("0.87")
    only_white = edition(of.rows[0], *of.rows[2:])      # the country's own row says which, so nobody has to
    assert lookup("25231000", "Albania", year=2026, sets=[only_white]).total.value == Decimal("1.37")


def test_rule_4_no_value_anywhere_is_a_problem_and_never_zero() -> None:
    of = edition(row("CN", "7203", None), row("other", "7203", None))
    assert problem("72031000", "CN", year=2026, sets=[of]).code == "cbam-defaults.no-value"


@pytest.mark.parametrize(("cn", "variant", "total", "routes"), [
    ("25070080", None, "0.320", ()), ("25231000", "grey", "1.440", ("A",)), ("25231000", "white", "1.410", ("B",)),
    ("25232900", None, "1.490", ()), ("76011010", None, "3.198", ("K",)), ("28041000", None, "26.640", ()), ("72026000", None, "6.150", ())])
def test_rule_5_unknown_origin_takes_annex_iv(cn: str, variant: str | None, total: str, routes: tuple[str, ...]) -> None:
    found = lookup(cn, None, year=2026, variant=variant)
    assert (found.total.value, found.routes, found.country, found.table) == (Decimal(total), routes, None, "unknown")
    assert found.total.source.annex == "Annex IV"


def test_rule_5_what_annex_iv_is_not_known_for_is_a_problem() -> None:
    assert problem("72083900", None, year=2026).code == "cbam-defaults.unknown-origin-not-loaded"
    assert problem("25231000", None, year=2026).code == "cbam-defaults.choose"


def test_rule_5_a_loaded_annex_iv_goes_before_the_typed_values() -> None:
    of = edition(row("unknown", "7601", "3.2", sector="aluminium", routes=("K",)), row("unknown", "7203", "4.2"))
    assert lookup("76011010", None, year=2026, sets=[of]).total.value == Decimal("3.2")
    assert lookup("72031000", None, year=2026, sets=[of]).version == "test-1"
    assert lookup("28041000", None, year=2026, sets=[of]).total.value == Decimal("26.640")


@pytest.mark.parametrize(("cn", "year", "markup"), [
    ("72083900", 2026, "1.10"), ("72083900", 2027, "1.20"), ("72083900", 2028, "1.30"), ("72083900", 2034, "1.30"),
    ("31021019", 2026, "1.01"), ("31021019", 2027, "1.01"), ("31021019", 2030, "1.01"), ("28041000", 2027, "1.20"),
    ("76011010", 2026, "1.10")])
def test_rule_6_the_mark_up_is_computed_from_sector_and_year(cn: str, year: int, markup: str) -> None:
    found = lookup(cn, "China", year=year)
    assert found.value == found.total.value * Decimal(markup)


def test_rule_6_the_mark_up_of_a_year_before_2026_is_a_problem() -> None:
    assert problem("72083900", "China", year=2025).code == "cbam-table.no-markup"


def test_rule_7_the_result_says_where_it_comes_from() -> None:
    shown = lookup("72031000", "China", year=2026).as_json()
    assert shown["table"] == "other"
    assert shown["fallback"] is True
    assert shown["provisional"] is True
    assert (shown["act"], shown["version"]) == ("IR (EU) 2025/2621", "2025-2621-v1")
    assert shown["markup"]["source"]["annex"] == "Annex I"
    assert shown["total"]["source"]["row"] == "other/7203"
    assert {p["code"] for p in shown["reasons"]} == {"cbam-defaults.no-value-here", "cbam-defaults.provisional-corrected"}


# ------------------------------------------------------------------------------------------------------------- traps 9

def test_trap_9_2_the_published_total_counts_where_the_parts_do_not_add_up() -> None:
    """China, ammonia 4.17 + 0.19 = 4.36; urea 2.70 + 0.14 = 2.84, published 2.85."""
    urea = lookup("31021019", "China", year=2026)
    assert (urea.direct, urea.indirect, urea.total.value) == (Decimal("2.7"), Decimal("0.14"), Decimal("2.85"))


def test_trap_9_1_not_applicable_is_neither_zero_nor_missing() -> None:
    assert lookup("72083900", "China", year=2026).indirect is None
    of = edition(row("CN", "7208", "3", indirect="0"))
    assert lookup("72083900", "CN", year=2026, sets=[of]).indirect == 0


def test_trap_9_3_the_shifted_row_of_albania_is_flagged_and_its_printed_figure_never_used() -> None:
    of = edition(row("AL", "25232100", None, sector="cement", variant="white", note="cbam-defaults.row-shifted"),
                 row("other", "25232100", "1.52", sector="cement", variant="white"))
    found = lookup("25232100", "Albania", year=2026, sets=[of])
    assert (found.total.value, found.table, found.fallback) == (Decimal("1.52"), "other", True)
    assert [p.code for p in found.reasons] == ["cbam-defaults.row-shifted"]
    assert found.provisional


def _splits() -> DefaultSet:
    return edition(row("CN", "2523100010", "1.30", sector="cement", variant="white", routes=("B",)),
                   row("CN", "2523100090", "1.39", sector="cement", variant="grey", routes=("A",)),
                   row("CN", "2507008080", "0.32", sector="cement"))


def test_trap_9_4_ten_digit_splits_match_the_eight_digit_code() -> None:
    splits = _splits()
    assert lookup("2523100010", "CN", year=2026, sets=[splits]).total.value == Decimal("1.30")
    assert lookup("2523 10 00 90", "CN", year=2026, sets=[splits]).routes == ("A",)
    assert lookup("25070080", "CN", year=2026, sets=[splits]).matched == "2507008080"
    assert problem("25231000", "CN", year=2026, sets=[splits]).accepted == "white, grey"
    assert lookup("25231000", "CN", year=2026, variant="2523100090", sets=[splits]).total.value == Decimal("1.39")
    assert lookup("25231000", "CN", year=2026, variant="white", sets=[splits]).total.value == Decimal("1.30")


def test_trap_9_4_another_split_is_another_good() -> None:
    of = edition(*_splits().rows, row("other", "2523100055", "1.50", sector="cement"))
    assert lookup("2523100055", "CN", year=2026, sets=[of]).total.value == Decimal("1.50")     # none of China's splits


def test_trap_9_4_ten_digits_where_the_table_has_eight() -> None:
    assert lookup("7208390010", "China", year=2026).total.value == Decimal("3.186893")
    assert lookup("2523100010", "China", year=2026, variant="grey").total.value == Decimal("1.39")


@pytest.mark.parametrize(("cn", "code"), [("7208", "cn-short"), ("720839", "cn-short"), ("x", "cn-malformed"), ("720839001", "cn-malformed")])
def test_trap_9_5_a_code_of_other_length_is_refused(cn: str, code: str) -> None:
    assert problem(cn, "China", year=2026).code == f"cbam-scope.{code}"


def test_trap_9_5_names_of_countries_differ_between_sheets_and_acts() -> None:
    of = edition(row("MM", "7208", "1"), row("CD", "7208", "2"))
    assert lookup("72083900", "Myanmar_Burma", year=2026, sets=[of]).total.value == 1
    assert lookup("72083900", "Democratic Republic of the Cong", year=2026, sets=[of]).total.value == 2


def test_trap_9_5_a_refused_value_is_not_replaced_by_the_fallback() -> None:
    of = edition(row("CN", "7208", "870", kind=RowKind.REFUSED, note="cbam-defaults.row-implausible"), row("other", "7208", "4"))
    assert problem("72083900", "CN", year=2026, sets=[of]).code == "cbam-defaults.refused-value"


def test_trap_exempt_origin_has_no_default_value() -> None:
    for name in ("Norway", "Germany", "Livigno"):
        assert problem("72083900", name, year=2026).code == "cbam-defaults.exempt-origin"


def test_trap_a_code_without_row_lists_its_neighbours() -> None:
    found = problem("31021010", "China", year=2026)     # CN 2025; the table has the codes of 2026
    assert found.code == "cbam-defaults.no-row"
    assert found.accepted is not None
    assert found.accepted.startswith("31021012, 31021015, 31021019")
    assert problem("27160000", "China", year=2026).code == "cbam-defaults.no-row"


def test_trap_addition_a_default_precursor_may_cost_more_than_the_default_of_the_good() -> None:
    """Wire rod 3.168785 exceeds screws of 7318 14 91 at 2.738, while 7318 15 stands at 6.375."""
    rod, screw, bolt = (lookup(cn, "China", year=2026).total.value for cn in ("72139110", "73181491", "73181542"))
    assert (rod, screw, bolt) == (Decimal("3.168785"), Decimal("2.738"), Decimal("6.375"))
    assert screw < rod < bolt


def test_trap_addition_stainless_bolt_of_china_gets_a_benchmark_although_its_route_letter_is_absent() -> None:
    found = lookup("73181535", "China", year=2026)
    assert found.routes == ("C",)
    choice = tables.benchmarks("73181535", "B", found.routes, 2026)
    assert choice.chosen is not None
    assert choice.chosen.value.value == Decimal("1.154")


# -------------------------------------------------------------------------------------------------- editions and speed

def test_the_newest_edition_that_has_the_country_counts_and_is_named() -> None:
    old = edition(row("CN", "7208", "1"), row("other", "7208", "8"), version="old", published=date(2026, 2, 4))
    new = edition(row("IN", "7208", "2"), version="new", published=date(2026, 8, 6))
    assert lookup("72083900", "CN", year=2026, sets=[new, old]).version == "old"
    assert lookup("72083900", "IN", year=2026, sets=[new, old]).version == "new"
    assert lookup("72083900", "BT", year=2026, sets=[new, old]).version == "old"


def test_the_fallback_stays_in_the_edition_when_it_has_that_table() -> None:
    old = edition(row("other", "7203", "8"), version="old", published=date(2026, 2, 4))
    new = edition(row("CN", "7203", None), row("other", "7203", "5"), version="new", published=date(2026, 8, 6))
    assert lookup("72031000", "CN", year=2026, sets=[new, old]).total.value == 5
    alone = edition(row("CN", "7203", None), version="new", published=date(2026, 8, 6))
    assert lookup("72031000", "CN", year=2026, sets=[alone, old]).version == "old"
    assert problem("72031000", "CN", year=2026, sets=[alone]).code == "cbam-defaults.no-data"


def test_what_ships_is_china_and_the_other_countries() -> None:
    (shipped,) = default_sets()
    assert shipped.countries == ("CN", "other")
    assert len(shipped.rows) == 566
    assert shipped.provisional
    assert default_set().version == default_set(country="China").version == default_set("2025-2621-v1").version == "2025-2621-v1"
    for call in ({"version": "v9"}, {"country": "India"}):
        with pytest.raises(ProblemsError) as caught:
            default_set(**call)
        assert caught.value.problems[0].code == "cbam-defaults.no-set"
