"""When sums over a table are known: declared complete, and the rows of each meter tile its time in service."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zerofactory_engine.dossier import Dossier, dossier_from_tree
from zerofactory_engine.dossier.series import Span, holes
from zerofactory_engine.messages import render_reason
from zerofactory_engine.reasons import Cause

MONTHS = [(f"2025-{m:02d}-01", (date(2025 + m // 12, m % 12 + 1, 1) - timedelta(days=1)).isoformat()) for m in range(1, 13)]


def site(rows: list[dict[str, Any]], meters: list[dict[str, Any]] | None = None, complete: list[Any] | None = None,
         **more: Any) -> Dossier:
    return dossier_from_tree({
        "format": "zerofactory/dossier/1", "id": "d", "facility": {"id": "F1", "name": {"en": "Site"}},
        "period": {"from": "2025-01-01", "to": "2025-12-31"}, "complete": ["electricity"] if complete is None else complete,
        "meters": meters or [{"id": "M3", "measures": "electricity", "in_service_from": "2020-01-01"}],
        "electricity": rows, **more})


def month(number: int, **more: Any) -> dict[str, Any]:
    start, end = MONTHS[number - 1]
    return {"id": f"E{number}-{len(more)}", "flow": "consumed", "source": "grid", "MWh": "10", "meter": "M3", "from": start, "to": end, **more}


def said(dossier: Dossier) -> list[str]:
    return [render_reason(r, "en") for r in dossier.tables["electricity"].gaps]


ALL_BUT_JULY = [month(m) for m in range(1, 13) if m != 7]


def test_twelve_months_of_a_meter_make_the_table_complete() -> None:
    assert said(site([month(m) for m in range(1, 13)])) == []


def test_a_forgotten_month_is_named_with_its_meter() -> None:
    gaps = site(ALL_BUT_JULY).tables["electricity"].gaps
    assert said(site(ALL_BUT_JULY)) == ["electricity: 2025-07 missing at meter M3"]
    assert [g.cause for g in gaps] == [Cause.TABLE]
    assert render_reason(gaps[0], "zh") == "electricity：计量器具 M3 缺少 2025-07 的数据"


def test_a_table_that_is_not_declared_gives_one_reason() -> None:
    assert said(site(ALL_BUT_JULY, complete=[])) == ["the table electricity is not declared complete"]


def test_a_meter_counts_only_while_it_is_in_service() -> None:
    meters = [{"id": "M3", "measures": "electricity", "in_service_from": "2025-08-01"}]
    assert said(site([month(m) for m in range(8, 13)], meters)) == []
    assert said(site([month(m) for m in range(9, 13)], meters)) == ["electricity: 2025-08 missing at meter M3"]
    ended = [{"id": "M3", "measures": "electricity", "in_service_from": "2020-01-01", "in_service_to": "2025-06-30"}]
    assert said(site([month(m) for m in range(1, 7)], ended)) == []


def test_a_meter_that_measures_the_table_and_says_nothing_leaves_it_incomplete() -> None:
    meters = [{"id": "M3", "measures": "electricity"}, {"id": "M4", "measures": "electricity"}, {"id": "M5", "carrier": "electricity"}]
    assert said(site([month(m) for m in range(1, 13)], meters)) == ["electricity: 2025-01 … 2025-12 missing at meter M4"]


def test_both_directions_of_a_meter_are_series_of_their_own() -> None:
    rows = [month(m) for m in range(1, 13)] + [month(m, flow="exported") for m in range(1, 12)]
    assert said(site(rows)) == ["electricity: 2025-12 missing at meter M3"]


def test_a_bill_split_by_source_tiles_together() -> None:
    rows = [month(m, source="green trade") if m % 2 else month(m) for m in range(1, 13)] + [month(3)]
    assert said(site(rows)) == []


def test_a_gap_entry_fills_a_hole_only_with_a_row() -> None:
    july = {"meter": "M3", "from": "2025-07-01", "to": "2025-07-31", "reason": "meter failed"}
    guess = {"id": "X", "flow": "consumed", "source": "grid", "MWh": "9"}

    def gaps(**more: str) -> list[str]:
        return said(site([*ALL_BUT_JULY, guess], gaps=[{**july, **more}]))

    assert gaps(substitution="average of neighbours", row="X") == []
    assert gaps(substitution="average of neighbours", row="Y") == ["electricity: 2025-07 missing at meter M3"]
    assert gaps(substitution="average of neighbours") == ["electricity: 2025-07 missing at meter M3"]
    assert gaps(substitution="none", row="X") == ["electricity: 2025-07 missing at meter M3"]


def test_an_estimated_month_of_the_meter_closes_the_series() -> None:
    assert said(site([*ALL_BUT_JULY, month(7, obtained="estimated")])) == []


def test_a_row_without_dates_covers_nothing() -> None:
    assert said(site([{"id": "E", "MWh": "120", "meter": "M3"}])) == ["electricity: row E of meter M3 has no dates"]


def test_days_counted_twice_leave_the_sum_unknown() -> None:
    twice = {"id": "B", "flow": "consumed", "source": "grid", "MWh": "1", "meter": "M3", "from": "2025-03-10", "to": "2025-04-20"}
    assert said(site([month(m) for m in range(1, 13)] + [twice])) == [
        "electricity: rows E3-0 and B state 2025-03-10 … 2025-03-31 twice", "electricity: rows B and E4-0 state 2025-04-01 … 2025-04-20 twice"]
    credit = {**twice, "MWh": "-1", "correction": "yes"}
    assert said(site([month(m) for m in range(1, 13)] + [credit])) == []


def test_rows_of_another_year_leave_the_sum_unknown() -> None:
    old = {"id": "OLD", "flow": "consumed", "source": "grid", "MWh": "1", "meter": "M3", "from": "2024-01-01", "to": "2024-01-31"}
    assert said(site([month(m) for m in range(1, 13)] + [old])) == ["electricity: row OLD lies outside the period"]


def test_tables_without_meters_need_only_the_declaration() -> None:
    dossier = site([], meters=[], complete=["energy", {"table": "credits", "documents": ["D1"]}], documents=[{"id": "D1", "kind": "declaration"}])
    assert dossier.tables["energy"].gaps == dossier.tables["credits"].gaps == ()
    assert dossier.complete["credits"][0].document == "D1"
    assert dossier.tables["heat"].gaps != ()


@pytest.mark.parametrize(("span", "text"), [
    (("2025-07-01", "2025-07-31"), "2025-07"), (("2025-07-01", "2025-08-31"), "2025-07 … 2025-08"),
    (("2025-07-02", "2025-07-31"), "2025-07-02 … 2025-07-31"), (("2025-07-05", "2025-07-05"), "2025-07-05"),
    (("2024-02-01", "2024-02-29"), "2024-02")])
def test_spans_are_written_as_people_write_them(span: tuple[str, str], text: str) -> None:
    assert str(Span(date.fromisoformat(span[0]), date.fromisoformat(span[1]))) == text


days = st.integers(0, 60).map(lambda n: date(2025, 1, 1) + timedelta(days=n))


@settings(deadline=None, max_examples=200)
@given(st.lists(st.tuples(days, days).map(lambda p: Span(min(p), max(p))), max_size=8), st.tuples(days, days))
def test_holes_are_exactly_the_days_that_no_span_has(spans: list[Span], ends: tuple[date, date]) -> None:
    whole = Span(min(ends), max(ends))

    def listed(found: list[Span]) -> set[date]:
        return {s.start + timedelta(days=i) for s in found for i in range((s.end - s.start).days + 1)}

    assert listed(list(holes(whole, spans))) == listed([whole]) - listed(spans)


def test_rows_of_a_part_outside_the_boundary_are_evidence_and_do_not_count() -> None:
    dossier = site([month(1), {**month(2), "part": "T1"}], boundary={"parts": [{"id": "T1", "kind": "tenant", "inside": "no", "reason": "own meter"}]})
    assert [r.id for r in dossier.tables["electricity"].rows] == ["E1-0", "E2-0"]
    assert list(dossier.tables["electricity"].feel.row_ids) == ["E1-0"]


TENANT: dict[str, Any] = {"id": "T1", "kind": "tenant", "inside": "no", "reason": "own meter"}
OWN = {"id": "M3", "measures": "electricity", "in_service_from": "2020-01-01"}
YEAR = [month(m) for m in range(1, 13)]


def sub_metered(months: list[int], **more: Any) -> list[dict[str, Any]]:
    return [*YEAR, *({**month(m), "id": f"T{m}", "meter": "M9", **more} for m in months)]


def test_holes_of_a_meter_outside_the_boundary_leave_the_applicants_table_complete() -> None:
    """The part names the meter, or the meter and its rows name the part; with holes, or without a row at all."""
    named = {"parts": [{**TENANT, "meter": "M9"}]}
    names = {"parts": [TENANT]}
    plain, of_part = [OWN, {"id": "M9", "measures": "electricity"}], [OWN, {"id": "M9", "measures": "electricity", "part": "T1"}]
    for months in ([], [1, 2, 4]):
        assert said(site(sub_metered(months), plain, boundary=named)) == []
        assert said(site(sub_metered(months, part="T1"), of_part, boundary=names)) == []
    assert list(site(sub_metered([1]), plain, boundary=named).tables["electricity"].feel.row_ids) == [r["id"] for r in YEAR]


def test_doubles_and_other_years_of_a_meter_outside_the_boundary_change_nothing() -> None:
    rows = [*sub_metered([1, 2]), {**month(2), "id": "T2b", "meter": "M9"},
            {**month(2), "id": "old", "meter": "M9", "from": "2024-02-01", "to": "2024-02-29"}]
    meters = [OWN, {"id": "M9", "measures": "electricity"}]
    assert said(site(rows, meters, boundary={"parts": [{**TENANT, "meter": "M9"}]})) == []
    assert said(site(rows, meters, boundary={"parts": [{**TENANT, "inside": "yes", "meter": "M9"}]})) == [
        "electricity: rows T2 and T2b state 2025-02 twice", "electricity: row old lies outside the period",
        "electricity: 2025-03 … 2025-12 missing at meter M9"]


def test_a_meter_whose_rows_are_counted_has_to_tile_whatever_part_it_names() -> None:
    """A sub-meter that names the tenant, and rows that do not: they are summed, so a hole leaves the sum unknown."""
    meters = [OWN, {"id": "M9", "measures": "electricity", "part": "T1"}]
    assert said(site(sub_metered([*range(1, 12)]), meters, boundary={"parts": [TENANT]})) == ["electricity: 2025-12 missing at meter M9"]


def test_rows_given_to_a_tenant_do_not_excuse_the_applicants_own_meter() -> None:
    rows = [{**month(m), "part": "T1"} for m in range(1, 7)]
    assert said(site(rows, boundary={"parts": [TENANT]})) == ["electricity: 2025-07 … 2025-12 missing at meter M3"]
