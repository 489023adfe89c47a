"""The 50 t per importer and year, what it frees, and what has to be held at quarter ends from 2027."""

from __future__ import annotations

from datetime import date

import pytest
from tests.mappings.cbam.obligation.lists import COIL, D, consignment, run, said

from zerofactory_mappings.cbam.obligation.result import ObligationResult

ALL = "importer: {name: Example, all_imports: yes}"


def coil(ident: str, mass: str, day: str = "2026-02-10", origin: str = "CN", cn: str = "72083900", more: str = "") -> str:
    return f"{{id: {ident}, date: {day}, cn: '{cn}', origin: {origin}, net_mass: {mass}{more}}}"


def due(result: ObligationResult, year: int = 2026) -> str | None:
    found = result.year(year).due
    return None if found is None else format(found.normalize(), "f")


@pytest.mark.parametrize(("mass", "crossed", "watch", "left"), [
    ("45", False, False, "5"),                    # exactly 90 %: not above it
    ("45.000001", False, True, "4.999999"),
    ("50", False, True, "0"),                     # exactly the threshold: not crossed
    ("50.000001", True, True, "0"),
    ("500", True, True, "0")])
def test_the_threshold_is_crossed_above_it_and_watched_above_nine_tenths(mass: str, crossed: bool, watch: bool, left: str) -> None:
    found = run(coil("A", mass), more=ALL).year(2026).threshold
    assert (found.crossed, found.watch, found.left) == (crossed, watch, D(left))


def test_at_the_threshold_nothing_is_due_and_a_gram_above_it_everything() -> None:
    assert due(run(coil("A", "30"), coil("B", "20"), more=ALL)) == "0"
    above = run(coil("A", "30"), coil("B", "20.000001"), more=ALL)
    assert above.year(2026).due == D("2.1698323") * D("50.000001")
    assert [c.liable for c in above.consignments] == [True, True]        # also what came in before


def test_all_codes_count_together_and_all_of_the_year_become_liable_with_the_crossing_consignment_named() -> None:
    found = run(coil("B", "20", "2026-06-01", cn="76042910"), coil("A", "30"), coil("C", "10", "2026-09-01", cn="73181542"), more=ALL)
    limit = found.year(2026).threshold
    assert (limit.mass, limit.crossed, limit.crossing, limit.crossing_quarter) == (D(60), True, "C", 3)
    assert found.year(2026).due == found.year(2026).certificates


def test_each_calendar_year_is_for_itself() -> None:
    found = run(coil("A", "40"), coil("B", "40", "2027-01-02"), more=ALL + "\nprices: [{period: 2027, price: 80}]")
    assert [y.threshold.crossed for y in found.years] == [False, False]
    assert (due(found), due(found, 2027)) == ("0", "0")


def test_electricity_and_hydrogen_neither_count_nor_are_freed() -> None:
    power = "{id: E, date: 2026-02-01, cn: '27160000', origin: TR, energy: 1000, actual: {see_direct: 0.4, verification_report: V}}"
    found = run(coil("A", "50"), coil("H", "20", cn="28041000"), power, more=ALL)
    assert found.year(2026).threshold.listed == D(50)
    assert [c.liable for c in found.consignments] == [False, True, True]
    assert consignment(found, "E").due == D("400.0")                      # no free allocation for electricity


@pytest.mark.parametrize("origin", ["NO", "CH", "IS", "LI", "Büsingen", "Helgoland", "Livigno", "Ceuta", "XL", "DE", "FR"])
def test_goods_of_exempt_origins_and_member_states_are_outside(origin: str) -> None:
    found = run(coil("A", "500", origin=origin), coil("B", "10"), more=ALL)
    assert consignment(found, "A").outside
    assert (consignment(found, "A").due, found.year(2026).threshold.listed, due(found)) == (D(0), D(10), "0")
    assert "cbam-obligation.outside" in said(found)


def test_an_exempt_origin_stays_outside_where_the_goods_were_made_elsewhere_and_the_other_way_round() -> None:
    """Origin decides whether CBAM applies, the country of production which default value counts."""
    found = run(coil("A", "60", origin="NO", more=", produced_in: CN"), coil("B", "60", origin="VN", more=", produced_in: CN"), more=ALL)
    assert (consignment(found, "A").outside, consignment(found, "B").default.table) == (True, "CN")


@pytest.mark.parametrize("importer", ["", "importer: {name: Example}", "importer: {name: Example, all_imports: no}"])
def test_a_list_that_may_not_be_whole_decides_nothing_below_the_threshold(importer: str) -> None:
    found = run(coil("A", "10"), more=importer)
    year = found.year(2026)
    assert (year.threshold.crossed, year.due, year.due_cost) == (None, None, None)
    assert year.certificates == D("21.698323")                            # what it would be
    assert run(coil("A", "51"), more=importer).year(2026).threshold.crossed is True


def test_what_the_importer_brings_in_beside_the_list_counts_and_completes_it() -> None:
    more = "importer: {name: Example, other_mass: {2026: 45 t}}"
    above, at = run(coil("A", "10"), more=more), run(coil("A", "5"), more=more)
    assert (above.year(2026).threshold.crossed, above.year(2026).threshold.mass) == (True, D(55))
    assert above.year(2026).threshold.crossing is None                    # nobody knows when the others came
    assert at.year(2026).threshold.crossed is False


def test_an_excess_of_a_tenth_may_lower_a_penalty() -> None:
    assert [run(coil("A", m), more=ALL).year(2026).threshold.reducible for m in ("50", "55", "55.001")] == [False, True, False]


def test_penalties_are_a_range_by_the_certificates_and_a_multiple_without_status() -> None:
    """100 t: 216.98323 certificates; 100 EUR each; three to five times for importers without status."""
    ordinary = run(COIL, more=ALL).year(2026)
    assert [(e.penalty, e.low, e.high) for e in ordinary.exposure] == [("missing_certificate", D("21698.323"), D("21698.323"))]
    without = run(COIL, more="importer: {name: X, all_imports: yes, authorised: no}").year(2026)
    assert [(e.penalty, e.low, e.high) for e in without.exposure][1] == ("threshold_crossed", D("65094.969"), D("108491.615"))
    assert {p.id for p in without.penalties} >= {"missing_certificate", "without_status", "surrender_remains"}


def test_certificates_are_surrendered_by_the_end_of_september_of_the_next_year() -> None:
    year = run(COIL, more=ALL).year(2026)
    assert year.surrender_by == date(2027, 9, 30)
    dates = {d.id: d.date for d in year.deadlines}
    assert (dates["certificate_sale"], dates["repurchase"], dates["cancellation_2026"]) == (
        date(2027, 2, 1), date(2027, 10, 31), date(2027, 11, 1))


# ------------------------------------------------------------------------------------------------------ holding

PRICES = "prices: [{period: 2027, price: 80}, {period: 2028, price: 80}]"


def test_no_certificates_are_held_before_2027() -> None:
    assert run(COIL, more=ALL).year(2026).holding == ()


def test_half_of_the_year_to_date_is_held_by_default_values_without_mark_up() -> None:
    """60 t of coil a quarter in 2027: 3.186893 − 0.95 × 1.370 = 1.885393 a tonne; half of it for the tonnes so far. The
    threshold is crossed in the first quarter, which has time until the end of the second."""
    rows = [coil(f"Q{q}", "60", f"2027-{3 * q - 1:02}-10") for q in range(1, 5)]
    found = run(*rows, more=f"{ALL}\n{PRICES}").year(2027).holding
    assert [(h.quarter, h.due, h.applies) for h in found] == [
        (1, date(2027, 6, 30), True), (2, date(2027, 6, 30), True), (3, date(2027, 9, 30), True), (4, date(2027, 12, 31), True)]
    assert [h.by_default for h in found] == [D("1.885393") * 60 * q / 2 for q in (1, 2, 3, 4)]
    assert all(h.by_last_year is None for h in found)


def test_or_half_by_the_number_of_last_year_for_the_same_code_and_origin() -> None:
    """2026: 200 t by default, 2.1698323 a tonne. 2027: the same per tonne, half of it."""
    rows = [coil("L", "200", "2026-05-01"), coil("A", "60", "2027-02-10"), coil("B", "60", "2027-05-10")]
    found = run(*rows, more=f"{ALL}\n{PRICES}").year(2027).holding
    assert found[1].by_last_year == D("2.1698323") * 120 / 2
    stated = run(*rows[1:], more=f"{ALL}\n{PRICES}\nsurrendered: [{{year: 2026, cn: '72083900', origin: CN, net_mass: 10, certificates: 15}}]")
    assert stated.year(2027).holding[1].by_last_year == D("1.5") * 120 / 2


def test_goods_without_a_number_of_last_year_make_that_way_unknown() -> None:
    rows = [coil("L", "200", "2026-05-01"), coil("A", "60", "2027-02-10"), coil("B", "60", "2027-05-10", cn="73181542")]
    held = run(*rows, more=f"{ALL}\n{PRICES}").year(2027).holding
    assert held[1].by_last_year is None
    assert [p.code for p in held[1].reasons] == ["cbam-obligation.holding-no-last-year"]


def test_nobody_holds_below_the_threshold_but_for_hydrogen() -> None:
    """Hydrogen of 2027: 26.64 − 0.95 × 5.089 = 21.80545 a tonne."""
    found = run(coil("A", "10", "2027-02-10"), coil("H", "2", "2027-05-10", cn="28041000"), more=f"{ALL}\n{PRICES}").year(2027).holding
    assert [h.by_default for h in found] == [D(0), D("21.80545"), D("21.80545"), D("21.80545")]


def test_imports_without_a_date_make_the_holding_unknown_with_the_reason() -> None:
    found = run("{id: A, year: 2027, cn: '72083900', origin: CN, net_mass: 100}", more=f"{ALL}\n{PRICES}").year(2027).holding
    assert [h.by_default for h in found] == [None] * 4
    assert {p.code for h in found for p in h.reasons} == {"cbam-obligation.holding-undated"}


def test_one_who_crosses_in_the_fourth_quarter_holds_by_the_end_of_the_next() -> None:
    rows = [coil("A", "40", "2027-02-10"), coil("B", "20", "2027-11-10"), coil("C", "5", "2028-01-10")]
    found = run(*rows, more=f"{ALL}\n{PRICES}")
    held = found.year(2027).holding
    assert [h.applies for h in held] == [False, False, False, True]
    assert (held[3].due, held[3].by_default) == (date(2028, 3, 31), D("1.885393") * 60 / 2)
