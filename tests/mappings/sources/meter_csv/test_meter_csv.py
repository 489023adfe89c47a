"""Meter data with a mapping: what becomes of each row, the identities, gaps and overlaps, hourly series, dossiers."""

from __future__ import annotations

import csv
import io
import subprocess
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from zerofactory_engine.dossier.model import Dossier
from zerofactory_engine.dossier.read import read_dossier
from zerofactory_engine.messages import catalogue, render_problem
from zerofactory_engine.problems import ProblemsError
from zerofactory_mappings.sources import Imported, commands, meter_csv
from zerofactory_mappings.sources.meter_csv.mapping import read_mapping
from zerofactory_mappings.sources.meter_csv.read import stamp_of
from zerofactory_mappings.sources.report import State

MONTHLY = """format: zerofactory/meter-mapping/1
table: electricity
columns: {meter: 表号, flow: 方向, month: 月份, reading_from: 上月示数, reading_to: 本月示数, multiplier: 倍率, quantity: 电量}
flows: {正向有功: consumed, 反向有功: exported}
digits: 6
"""
STATEMENT = """某供电公司2025年抄表清单
表号,方向,月份,上月示数,本月示数,倍率,电量(kWh)
00012345,正向有功,2025年1月,"1,000.50","1,100.50",40,"4,000"
00012345,正向有功,2025年2月,1100.50,1200,40,3980
00012345,正向有功,2025年3月,1200,1301,40,4000
00012345,正向有功,2025年5月,1400,1500,40,4000
00012345,正向有功,2025年5月,1400,1500,40,4000
00012345,反向有功,2025年1月,999990,10,40,800
00012345,反向有功,2月,11,20,40,360
00012345,反向有功,2025年3月,20,30,40,-400
,正向有功,2025年6月,20,30,40,400
00012345,无功,2025年6月,20,30,40,400
00012345,正向有功,春节,20,30,40,400
00012345,正向有功,2025年7月,20,30,40,约400
00012345,正向有功,2025年8月,20,30,40,100
00012345,正向有功,2025年8月,20,30,40,200
外星数据,,,,,,
合计,,,,,,9999
注：倍率=CT×PT
"""
#: Row of the file → what becomes of it.
FATES = {
    1: ("kept", "sheets.row-title"), 2: ("kept", "sheets.row-header"),
    3: ("used", ""), 4: ("used", ""), 5: ("used", ""), 6: ("used", ""),
    7: ("refused", "meter.same-period"),
    8: ("used", ""), 9: ("used", ""),
    10: ("refused", "meter.negative"), 11: ("refused", "meter.no-meter"), 12: ("refused", "meter.flow-unknown"),
    13: ("refused", "meter.no-period"), 14: ("refused", "sheets.no-number"),
    15: ("refused", "meter.period-conflict"), 16: ("refused", "meter.period-conflict"),
    17: ("kept", "sheets.row-not-understood"), 18: ("kept", "meter.total-row"), 19: ("kept", "sheets.row-note"),
}


def run(data: bytes | str, mapping: str | None = MONTHLY, name: str = "抄表.csv", year: int | None = None) -> Imported:
    options: dict[str, Any] = {"year": year, "facility": None}
    if mapping is not None:
        options |= {"mapping": mapping.encode(), "mapping_file": "map.yaml"}
    return meter_csv.import_bytes(data.encode() if isinstance(data, str) else data, name, options)


def fates(imported: Imported) -> dict[int, tuple[str, str]]:
    """Row → state and reason."""
    return {int(e.path.rpartition("/")[2]): (e.state.value, e.reason) for e in imported.report.entries
            if e.collection.startswith("rows")}


def codes(imported: Imported) -> Counter[str]:
    return Counter(p.code for p in imported.report.problems)


def told(imported: Imported, code: str) -> list[tuple[str | None, str | None]]:
    return [(p.found, p.accepted) for p in imported.report.problems if p.code == code]


def dossier_of(imported: Imported, folder: Path) -> Dossier:
    for name, data in imported.dossiers.items():
        (folder / name).write_bytes(data)
    return read_dossier(folder / "meters.yaml").dossier


def amounts(imported: Imported, folder: Path, table: str = "electricity", column: str = "MWh") -> list[tuple[str, Decimal]]:
    return [(str(r.start), Decimal(r.values[column])) for r in dossier_of(imported, folder).rows[table]]


def table(header: str, *rows: str) -> str:
    return "\n".join((header, *rows)) + "\n"


def workbook(rows: Sequence[Sequence[object]], sheet: str = "抄表", merge: Sequence[str] = ()) -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    for row in rows:
        page.append([None if c == "" else c for c in row])
    for each in merge:
        page.merge_cells(each)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


# --- monthly --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_every_row_has_its_fate(codec: str) -> None:
    assert fates(run(STATEMENT.encode(codec))) == FATES


def test_the_same_rows_as_a_workbook() -> None:
    rows = list(csv.reader(io.StringIO(STATEMENT)))
    assert fates(run(workbook(rows), name="抄表.xlsx")) == FATES


def test_what_the_statement_gets_wrong_is_told() -> None:
    imported = run(STATEMENT)
    assert told(imported, "meter.readings") == [
        ("4000 kWh", "4040 kWh"), ("100 kWh", "400 kWh"), ("200 kWh", "400 kWh")]
    assert told(imported, "meter.readings-jump") == [("11", "10")]
    assert told(imported, "meter.rolled") == [("800", None)]
    assert ("2025-04-01 … 2025-04-30", None) in told(imported, "meter.gap")
    assert told(imported, "meter.total")[0][0] == "9999 kWh"
    for problem in imported.report.problems:
        for language in ("zh", "en"):
            assert problem.code in catalogue(language)
            assert "{" not in render_problem(problem, language)


def test_rows_meters_and_gaps_stand_in_the_dossier(tmp_path: Path) -> None:
    dossier = dossier_of(run(STATEMENT), tmp_path)
    rows = dossier.rows["electricity"]
    assert [(str(r.start), r.values["flow"], r.values["MWh"]) for r in rows] == [
        ("2025-01-01", "consumed", Decimal("4.000")), ("2025-02-01", "consumed", Decimal("3.980")),
        ("2025-03-01", "consumed", Decimal("4.000")), ("2025-05-01", "consumed", Decimal("4.000")),
        ("2025-01-01", "exported", Decimal("0.800")), ("2025-02-01", "exported", Decimal("0.360"))]
    assert {r.meter for r in rows} == {"00012345"}
    (meter,) = dossier.rows["meters"]
    assert (meter.values["serial_number"], meter.values["ratio"]) == ("00012345", Decimal(40))
    assert [(str(g.start), str(g.end)) for g in dossier.rows["gaps"]] == [("2025-04-01", "2025-04-30")]
    assert dossier.complete == {}


def test_rows_point_at_their_cell_and_the_reader_of_dossiers_finds_it_there(tmp_path: Path) -> None:
    imported = run(workbook(list(csv.reader(io.StringIO(STATEMENT)))), name="抄表.xlsx")
    dossier_of(imported, tmp_path)
    text = (tmp_path / "meters.yaml").read_text(encoding="utf-8")
    assert "D1#sheet=抄表&cell=G4" in text
    assert {p.code for p in read_dossier(tmp_path / "meters.yaml").problems} == {
        "dossier.series-gap", "dossier.series-gap-explained"}


def test_the_same_input_gives_the_same_bytes() -> None:
    assert run(STATEMENT).dossiers == run(STATEMENT).dossiers


PLAIN = "format: zerofactory/meter-mapping/1\ntable: electricity\nmeter: M1\nunit: kWh\n"
BY_MONTH = PLAIN + "columns: {month: 月份, quantity: 电量}\n"
BY_DAYS = PLAIN + "columns: {start: 起, end: 止, quantity: 电量}\n"


def test_months_come_to_their_year_or_it_is_told() -> None:
    months = [f"2025年{m}月,{m}00" for m in range(1, 13)]
    good = run(table("月份,电量", *months, "2025年,7800"), BY_MONTH)
    assert fates(good)[14] == ("kept", "meter.year-row")
    assert "meter.months-year" not in codes(good)
    wrong = run(table("月份,电量", *months, "2025年,7801"), BY_MONTH)
    assert told(wrong, "meter.months-year") == [("7801 kWh", "7800 kWh")]
    part = run(table("月份,电量", *months[:6], "2025年,7800"), BY_MONTH)
    assert fates(part)[8] == ("kept", "meter.year-row-part")


def test_a_year_alone_is_taken(tmp_path: Path) -> None:
    assert amounts(run(table("月份,电量", "2025年,7800"), BY_MONTH), tmp_path) == [("2025-01-01", Decimal("7.8"))]


def test_overlap_is_refused_and_a_reading_day_is_not_counted_twice() -> None:
    rows = ("2025-01-01,2025-02-01,100", "2025-02-01,2025-03-01,100")
    assert fates(run(table("起,止,电量", *rows), BY_DAYS)) == {
        1: ("kept", "sheets.row-header"), 2: ("used", ""), 3: ("refused", "meter.overlap")}
    assert codes(run(table("起,止,电量", *rows), BY_DAYS + "end_is: excluded\n")) == Counter()


def test_a_bill_across_the_year_is_apportioned_by_days(tmp_path: Path) -> None:
    data = table("起,止,电量", "2024-12-22,2025-01-20,3000", "2025-01-21,2025-02-20,3100", "2024-11-01,2024-12-21,9")
    imported = run(data, BY_DAYS, year=2025)
    assert amounts(imported, tmp_path) == [("2025-01-01", Decimal("2")), ("2025-01-21", Decimal("3.1"))]
    assert fates(imported)[2] == ("used", "import.apportioned")
    assert fates(imported)[4] == ("kept", "import.outside-period")


@pytest.mark.parametrize(("signs", "text", "kwh"), [
    ("", '"1,234.5"', "1234.5"), ("", "１２３４.5", "1234.5"), ("", "1234.5 kWh", "1234.5"), ("", "1.2345 MWh", "1234.5"),
    ('decimal_sign: ","\nthousands_sign: "."\n', '"1.234,5"', "1234.5"),
    ('decimal_sign: ","\nthousands_sign: "."\n', '"1.234.567"', "1234567"),
    ('decimal_sign: ","\n', '"1234,5"', "1234.5"),
    ('decimal_sign: ","\nthousands_sign: "\'"\n', "\"1'234,5\"", "1234.5"),
])
def test_figures_as_people_write_them(signs: str, text: str, kwh: str, tmp_path: Path) -> None:
    imported = run(table("月份,电量", f"2025年1月,{text}"), BY_MONTH + signs)
    assert amounts(imported, tmp_path) == [("2025-01-01", Decimal(kwh) / 1000)]


@pytest.mark.parametrize(("signs", "text"), [
    ("", '"1.234,5"'), ("", '"1,5"'), ('decimal_sign: ","\nthousands_sign: "."\n', '"1.23,5"'),
    ('decimal_sign: ","\n', '"1.234,5"'), ("", "12-15"), ("", "#REF!"), ("", "12.5%")])
def test_figures_that_can_be_read_in_two_ways_are_never_guessed(signs: str, text: str) -> None:
    data = table("月份,电量", f"2025年1月,{text}", "2025年2月,1")
    assert fates(run(data, BY_MONTH + signs))[2][0] == "refused"


def test_a_multiplier_comes_from_ct_and_pt(tmp_path: Path) -> None:
    mapping = PLAIN + "columns: {month: 月份, reading_from: 起码, reading_to: 止码, ct: CT, pt: PT}\n"
    imported = run(table("月份,起码,止码,CT,PT", "2025年1月,10,12.5,200/5,10000/100"), mapping)
    assert amounts(imported, tmp_path) == [("2025-01-01", Decimal("10"))]
    assert fates(imported)[2] == ("used", "meter.by-readings")
    (row,) = dossier_of(imported, tmp_path).rows["electricity"]
    assert (row.values["ct_ratio"], row.values["pt_ratio"]) == (Decimal(40), Decimal(100))


def test_readings_that_run_backwards(tmp_path: Path) -> None:
    mapping = PLAIN + "columns: {month: 月份, reading_from: 起码, reading_to: 止码, quantity: 电量}\n"
    rows = ("2025年1月,990,12,", "2025年2月,990,12,22", "2025年3月,12,13,1")
    without = run(table("月份,起码,止码,电量", *rows), mapping)
    assert fates(without)[2] == ("refused", "meter.backwards")
    assert fates(without)[3] == ("used", "")
    with_digits = run(table("月份,起码,止码,电量", *rows), mapping + "digits: 3\n")
    assert amounts(with_digits, tmp_path)[0] == ("2025-01-01", Decimal("0.022"))


def test_credits_are_taken_when_the_mapping_says_so(tmp_path: Path) -> None:
    data = table("月份,电量", "2025年1月,100", "2025年2月,-20")
    assert fates(run(data, BY_MONTH))[3] == ("refused", "meter.negative")
    assert amounts(run(data, BY_MONTH + "corrections: yes\n"), tmp_path)[1] == ("2025-02-01", Decimal("-0.02"))


def test_gas_needs_its_conditions_and_heat_its_medium(tmp_path: Path) -> None:
    head = "format: zerofactory/meter-mapping/1\nmeter: G1\ncolumns: {month: 月份, quantity: 用量}\n"
    gas = table("月份,用量（m³）", "2025年1月,1200", "2025年2月,1 200 Nm3")
    mapping = head + "table: energy\ncarrier: natural_gas\n"
    assert fates(run(gas, mapping))[2] == ("refused", "meter.gas-volume")
    assert amounts(run(gas, mapping + "units: {m3: Nm3}\n"), tmp_path, "energy", "Nm3") == [
        ("2025-01-01", Decimal(1200)), ("2025-02-01", Decimal(1200))]
    heat = run(table("月份,用量(GJ)", "2025年1月,55.5"), head + "table: heat\nmedium: steam\n")
    assert amounts(heat, tmp_path, "heat", "GJ") == [("2025-01-01", Decimal("55.5"))]


def test_merged_meter_numbers_and_two_row_headings(tmp_path: Path) -> None:
    data = workbook([["抄表", "", "", ""], ["表号", "期间", "示数", ""], ["", "月份", "起码", "止码"],
                     ["A1", "2025-01", 1, 2], ["", "2025-02", 2, 4], ["B2", "2025-01", 5, 6]],
                    merge=["A1:D1", "A2:A3", "C2:D2", "A4:A5"])
    mapping = ("format: zerofactory/meter-mapping/1\ntable: electricity\nunit: MWh\n"
               "columns: {meter: 表号, month: 月份, reading_from: 起码, reading_to: 止码}\n")
    rows = dossier_of(run(data, mapping, "a.xlsx"), tmp_path).rows["electricity"]
    assert [(r.meter, r.values["MWh"]) for r in rows] == [("A1", 1), ("A1", 2), ("B2", 1)]


def test_a_meter_number_that_lost_digits_is_refused() -> None:
    mapping = BY_MONTH.replace("meter: M1\n", "").replace("{month", "{meter: 表号, month")
    imported = run(table("表号,月份,电量", "1.23457E+15,2025年1月,5", "A,2025年1月,5"), mapping)
    assert fates(imported)[2] == ("refused", "meter.number-rounded")


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=12), st.integers(1, 400))
@settings(max_examples=40, deadline=None)
def test_readings_times_multiplier_come_to_the_sum(steps: list[int], multiplier: int) -> None:
    rows, at = [], 0
    for month, step in enumerate(steps, 1):
        rows.append(f"2025年{month}月,{at},{at + step},{multiplier},{step * multiplier}")
        at += step
    mapping = PLAIN + "columns: {month: 月份, reading_from: 起, reading_to: 止, multiplier: 倍率, quantity: 电量}\n"
    imported = run(table("月份,起,止,倍率,电量", *rows), mapping)
    assert codes(imported) == Counter()
    (total,) = imported.report.sums
    assert total.used == total.total == at * multiplier


# --- hourly ---------------------------------------------------------------------------------------------------------

HOURLY = ("format: zerofactory/meter-mapping/1\ntable: electricity\ncolumns: {time: Timestamp, quantity: Energy}\n"
          "meter: M1\nunit: kWh\n")


def hours(count: int, first: datetime = datetime(2025, 1, 1), skip: Sequence[int] = ()) -> str:  # noqa: DTZ001 - civil
    return table("Timestamp,Energy", *(f"{first + timedelta(hours=i):%Y-%m-%d %H:%M},{i % 24}.5" for i in range(count)
                                       if i not in skip))


def test_a_year_of_hours_becomes_twelve_months(tmp_path: Path) -> None:
    imported = run(hours(8760), HOURLY)
    assert Counter(fates(imported).values()) == {("used", "meter.summed"): 8760, ("kept", "sheets.row-header"): 1}
    found = amounts(imported, tmp_path)
    assert len(found) == 12
    assert found[1] == ("2025-02-01", Decimal("8.064"))                       # 28 × (276 + 24 × 0.5)
    assert sum(a for _, a in found) == Decimal("105.12")
    assert codes(imported) == Counter()


def test_missing_hours_are_told_and_stand_as_gaps(tmp_path: Path) -> None:
    imported = run(hours(24 * 40, skip=(100, 101, 130, 131, 132)), HOURLY)
    assert told(imported, "meter.times-missing") == [("5", None)]
    gaps = dossier_of(imported, tmp_path).rows["gaps"]
    assert [(str(g.start), str(g.end)) for g in gaps] == [("2025-01-05", "2025-01-06")]


def test_double_times_are_counted_once_or_not_at_all() -> None:
    text = hours(24) + "2025-01-01 03:00,3.5\n2025-01-01 04:00,99\n2025-01-01 05:20,1\n2025-01-01 25:00,1\n"
    found = fates(run(text, HOURLY + "interval_minutes: 60\n"))
    assert found[26] == ("refused", "meter.same-time")
    assert found[27] == found[6] == ("refused", "meter.time-conflict")
    assert found[28] == ("refused", "meter.off-grid")
    assert found[29] == ("refused", "meter.no-time")


def test_a_stamp_at_the_end_belongs_to_the_hour_before(tmp_path: Path) -> None:
    text = hours(24, datetime(2025, 1, 31, 1))  # noqa: DTZ001 - civil
    assert [d for d, _ in amounts(run(text, HOURLY + "stamp: end\n"), tmp_path)] == ["2025-01-31"]
    assert [d for d, _ in amounts(run(text, HOURLY), tmp_path)] == ["2025-01-31", "2025-02-01"]


def test_days_on_which_clocks_change_have_23_and_25_hours() -> None:
    zone = HOURLY + "time_zone: Europe/Berlin\n"
    spring = [i for i in range(72) if i != 26]                                  # 02:00 on 30 March does not exist
    first = datetime(2025, 3, 29)  # noqa: DTZ001 - civil
    whole = table("Timestamp,Energy", *(f"{first + timedelta(hours=i):%Y-%m-%d %H:%M},1" for i in spring))
    assert codes(run(whole, zone)) == Counter()
    assert codes(run(whole + "2025-03-30 02:00,1\n", zone)) == Counter({"meter.no-such-time": 1})
    autumn = datetime(2025, 10, 25)  # noqa: DTZ001 - civil
    lines = [f"{autumn + timedelta(hours=i):%Y-%m-%d %H:%M},1" for i in range(72)]
    lines.insert(27, lines[26])                                                 # 02:00 on 26 October comes twice
    twice = run(table("Timestamp,Energy", *lines), zone)
    assert codes(twice) == Counter()
    assert twice.report.sums[0].used == 73


def test_hours_of_a_workbook_and_quarters_of_an_hour(tmp_path: Path) -> None:
    start = datetime(2025, 1, 1)  # noqa: DTZ001 - civil
    rows: list[list[object]] = [["Timestamp", "Energy"]]
    rows += [[start + timedelta(minutes=15 * i), 0.25] for i in range(96)]
    assert amounts(run(workbook(rows), HOURLY, "h.xlsx"), tmp_path) == [("2025-01-01", Decimal("0.024"))]


@pytest.mark.parametrize(("text", "want"), [
    ("2025-01-01 00:00", "2025-01-01T00:00:00"), ("2025/1/1 9:15", "2025-01-01T09:15:00"),
    ("2025年1月1日 9时", "2025-01-01T09:00:00"), ("2025-01-01T01:00:00+08:00", "2025-01-01T01:00:00+08:00"),
    ("2025-01-01T01:00Z", "2025-01-01T01:00:00+00:00"), ("2025-01-01 24:00", "2025-01-02T00:00:00"),
    ("２０２５-01-01 00:59:59.999996", "2025-01-01T01:00:00"), ("2025-01-01", "2025-01-01T00:00:00"),
    ("01.02.2025 00:00", None), ("2025-13-01 00:00", None), ("2025-01-01 24:01", None)])
def test_times(text: str, want: str | None) -> None:
    found = stamp_of(text)
    assert (found.isoformat() if found is not None else None) == want


# --- mapping --------------------------------------------------------------------------------------------------------


def test_without_a_mapping_one_is_proposed_that_works_when_checked(tmp_path: Path) -> None:
    imported = run(STATEMENT, None)
    assert list(imported.dossiers) == ["mapping.yaml"]
    assert codes(imported)["meter.mapping-proposed"] == 1
    assert {s for s, _ in fates(imported).values()} == {"kept"}
    text = imported.dossiers["mapping.yaml"].decode()
    assert "无功" in text
    assert "flows: {正向有功: consumed, 反向有功: exported}" in text
    again = run(STATEMENT, text + "digits: 6\n")
    assert fates(again) == FATES


@pytest.mark.parametrize(("header", "row"), [
    ("电表编号,起始日期,截止日期,用电量(kWh)", "1,2025-01-01,2025-01-31,5"),
    ("Meter number,Start date,End date,Consumption (kWh)", "1,2025-01-01,2025-01-31,5"),
    ("数据时间,电量（kWh）", "2025-01-01 00:00,5\n2025-01-01 01:00,5"),
    ("年月,用气量(Nm3)", "2025-01,5"), ("月份,热量(GJ)", "2025-01,5")])
def test_proposals_read_what_they_were_made_from(header: str, row: str) -> None:
    data = table(header, row)
    assert meter_csv.detect(data.encode())
    proposal = run(data, None).dossiers["mapping.yaml"].decode()
    read_mapping(proposal.encode(), "mapping.yaml")
    assert {s for s, r in fates(run(data, proposal)).values() if r != "sheets.row-header"} == {"used"}


def test_nothing_to_propose_from_says_what_a_mapping_is() -> None:
    with pytest.raises(ProblemsError) as caught:
        run("a,b\n1,2\n", None)
    (problem,) = caught.value.problems
    assert problem.code == "meter.no-mapping"
    assert "zerofactory/meter-mapping/1" in (problem.example or "")
    assert not meter_csv.detect(b"a,b\n1,2\n")
    assert not meter_csv.detect(b"%PDF-1.7")


@pytest.mark.parametrize(("mapping", "want"), [
    (PLAIN + "columns: {month: 月份}\n", {"meter.mapping-quantity"}),
    (PLAIN + "columns: {month: 月份, time: 时间, quantity: 电量}\n", {"meter.mapping-period"}),
    (PLAIN + "columns: {start: 起, quantity: 电量}\n", {"meter.mapping-period"}),
    (BY_MONTH.replace("meter: M1\n", ""), {"meter.mapping-meter"}),
    (BY_MONTH.replace("kWh", "kW"), {"meter.mapping-unit"}),
    (BY_MONTH + "flow: produced\n", {"meter.mapping-flow"}),
    (BY_MONTH + "source: sun\n", {"meter.mapping-source"}),
    (BY_MONTH + 'thousands_sign: "."\n', {"meter.mapping-signs"}),
    (BY_MONTH + "time_zone: Mars/Olympus\n", {"meter.mapping-zone"}),
    (BY_MONTH + "interval_minutes: 7\n", {"meter.mapping-interval"}),
    (BY_MONTH.replace("electricity", "energy").replace("kWh", "t"), {"meter.mapping-carrier"}),
    (PLAIN + "columns: {month: 月份, quantity: 电量, flow: 方向}\n", {"meter.mapping-flows"}),
    (BY_MONTH.replace("电量", "没有"), {"meter.no-column"}),
    (BY_MONTH + "sheet: 没有\n", {"meter.no-sheet"}),
])
def test_what_a_bad_mapping_gets(mapping: str, want: set[str]) -> None:
    with pytest.raises(ProblemsError) as caught:
        run(table("月份,电量,方向", "2025年1月,5,x"), mapping)
    assert {p.code for p in caught.value.problems} == want
    assert all(render_problem(p, "zh") != render_problem(p, "en") for p in caught.value.problems)


@pytest.mark.parametrize("mapping", ["", "{", "format: zerofactory/meter-mapping/1\n", "a: 1\n", "columns: [1]\n"])
def test_a_mapping_that_is_none_is_refused_without_a_traceback(mapping: str) -> None:
    with pytest.raises(ProblemsError):
        run(STATEMENT, mapping)


@pytest.mark.parametrize(("data", "want"), [
    (b"", "sheets.empty"), (b"%PDF-1.4", "sheets.not-a-table"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "sheets.old-workbook"),
    ("月份,电量\n2025年1月,x\n".encode(), "import.nothing"), (b"PK\x03\x04broken", None)])
def test_what_a_bad_file_gets(data: bytes, want: str | None) -> None:
    with pytest.raises(ProblemsError) as caught:
        run(data, BY_MONTH)
    assert want is None or want in {p.code for p in caught.value.problems}


# --- command ---------------------------------------------------------------------------------------------------------


@pytest.mark.skipif("meter_csv" not in commands.source_names(), reason="the entry point is not installed")
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_command_takes_a_mapping(language: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(STATEMENT, encoding="gb18030")
    out = tmp_path / "out"
    first = CliRunner().invoke(commands.import_, ["meter_csv", str(tmp_path / "a.csv"), "--out", str(out), "--lang", language])
    assert first.exit_code == 0, first.output
    assert (out / "mapping.yaml").is_file()
    second = CliRunner().invoke(commands.import_, [
        "meter_csv", str(tmp_path / "a.csv"), "--mapping", str(out / "mapping.yaml"), "--out", str(out), "--lang", language])
    assert second.exit_code == 0, second.output
    assert read_dossier(out / "meters.yaml").dossier.rows["electricity"]


@pytest.mark.full
def test_a_workbook_saved_by_an_office_program_still_reads(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(workbook(list(csv.reader(io.StringIO(STATEMENT)))))
    subprocess.run(["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "xlsx",
                    "--outdir", str(tmp_path / "saved"), str(tmp_path / "a.xlsx")], check=True, capture_output=True)
    assert fates(run((tmp_path / "saved/a.xlsx").read_bytes(), name="a.xlsx")) == FATES


def test_a_ledger_of_many_meters_makes_several_dossiers_within_their_limits() -> None:
    rows = [f"M{i},2025年{m}月,{i}" for i in range(900) for m in range(1, 13)]
    mapping = BY_MONTH.replace("meter: M1\n", "").replace("{month", "{meter: 表号, month")
    imported = run(table("表号,月份,电量", *rows), mapping)
    assert [n for n in imported.dossiers if n.endswith(".yaml")] == ["meters-1.yaml", "meters-2.yaml"]
    used = sum(e.state is State.USED for e in imported.report.entries if e.collection == "rows")
    assert used == len(rows)


def test_days_as_dates_of_a_workbook(tmp_path: Path) -> None:
    data = workbook([["起", "止", "电量"], [date(2025, 1, 1), date(2025, 1, 31), 12.5]])
    assert amounts(run(data, BY_DAYS, "d.xlsx"), tmp_path) == [("2025-01-01", Decimal("0.0125"))]
