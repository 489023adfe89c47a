"""Registry downloads: every row has a fate, a cancellation is never a retirement, overlaps are exact and symmetric."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from zerofactory_engine.dossier.model import Row
from zerofactory_engine.dossier.read import read_bytes
from zerofactory_engine.dossier.serials import SerialRange
from zerofactory_engine.problems import ProblemsError
from zerofactory_mappings.sources import credit_registry
from zerofactory_mappings.sources.credit_registry import read
from zerofactory_mappings.sources.credit_registry.check import overlap_problems, overlaps
from zerofactory_mappings.sources.credit_registry.commands import credits_
from zerofactory_mappings.sources.credit_registry.match import _doubled, match_credits
from zerofactory_mappings.sources.credit_registry.read import read_records
from zerofactory_mappings.sources.credit_registry.records import parse_date, parse_serials, shared

HEADER = "Vintage,Credit Status,Quantity,GSID,Retirement Date,Serial Number,Note,Using Entity\n"
SMALL = HEADER + """2024,Retired,10,1,2025-05-01,GS1-1-KE-GS1-16-2024-7-1-10,"for Ex
ample",Example Ltd
2024,Canceled,10,1,,GS1-1-KE-GS1-16-2024-7-11-20,,
2024,Retired,9,1,2025-05-01,GS1-1-KE-GS1-16-2024-7-21-30,,
2024,Retired,5,1,2025-02-30,GS1-1-KE-GS1-16-2024-7-31-35,,
2024,Retired,3,1,2025-05-01,GS1-1-KE-GS1-16-2024-7-10-12,,Another
2024,Issued,3,1,2025-05-01,GS1-1-KE-GS1-16-2024-7-50-52,,
"""
RANGES = st.builds(lambda low, size, head: SerialRange(head, "", 0, low, low + size), st.integers(0, 60),
                   st.integers(0, 20), st.sampled_from(["A-", "B-"]))


def test_fates_of_a_small_download() -> None:
    imported = credit_registry.import_bytes(SMALL.encode(), "small.csv", {})
    assert [(e.state.value, e.reason) for e in imported.report.entries] == [
        ("kept", "sheets.row-header"), ("used", ""), ("kept", "credits.is-cancelled"), ("refused", "credits.quantity"),
        ("refused", "credits.no-date"), ("used", ""), ("refused", "credits.no-status")]
    assert [(p.place.path, p.args["other"]) for p in imported.report.problems if p.code == "credits.overlap"] == [
        ("row/6", "row/2"), ("row/6", "row/3")]
    assert [(p.code, p.args["rows"]) for p in imported.report.problems if "rows" in p.args] == [
        ("credits.refused", "3")]
    assert [e.target for e in imported.report.entries if e.target] == ["credits.yaml#credits/K2",
                                                                       "credits.yaml#credits/K6"]


NOTED = "Gold Standard Impact Registry\n\n" + SMALL + """Downloaded on 1 May,,,,,,,
,,,,,,second page,
"""


@pytest.mark.parametrize("data", [NOTED.encode(), NOTED.replace(",", ";").encode(), NOTED.replace(",", "\t").encode()],
                         ids=["comma", "semicolon", "tab"])
def test_lines_that_are_no_record_are_kept_and_shown(data: bytes) -> None:
    assert credit_registry.detect(data)
    report = credit_registry.import_bytes(data, "noted.csv", {}).report
    rows = [e.path for e in report.entries]
    assert rows == [f"row/{n}" for n in (1, 3, 4, 5, 6, 7, 8, 9, 10, 11)]        # row 2 is blank
    assert report.entries[0].reason == "sheets.row-title"
    assert report.not_understood() == {"rows": ["row/10", "row/11"]}
    assert report.as_json()["not_understood"] == {"rows": ["row/10", "row/11"]}
    states = Counter(e.state.value for e in report.entries)
    assert (states["used"], states["refused"], states["kept"]) == (2, 3, 5)      # kept: title, header, cancelled, notes
    for language, counts, said in (("en", "10 records, 2 used, 3 kept, 3 refused, 2 not understood", "not understood;"),
                                   ("zh", "共 10 条记录，采用 2 条，保留 3 条，拒收 3 条，未理解 2 条", "未能理解；")):
        text = report.as_text(language)
        assert counts in text
        (line,) = [each for each in text.splitlines() if said in each]
        assert line.endswith(": row/10, row/11")
    assert "certificate-tables.not-understood" in {p.code for p in report.problems}


def workbook(text: str) -> bytes:
    """*text* as a second sheet, numbers as numbers and days as days."""
    book = openpyxl.Workbook()
    book.active.append(["read me"])  # type: ignore[union-attr]
    sheet = book.create_sheet("retirements")
    for cells in csv.reader(io.StringIO(text)):
        sheet.append([date.fromisoformat(c) if re.fullmatch(r"2025-0[1-5]-0\d", c) else
                      int(c) if c.isdigit() else c for c in cells])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_workbook_reads_like_the_csv_file() -> None:
    data = workbook(SMALL)
    assert credit_registry.detect(data)
    imported = credit_registry.import_bytes(data, "small.xlsx", {})
    plain = credit_registry.import_bytes(SMALL.encode(), "small.csv", {})
    first, *rest = imported.report.entries
    assert (first.path, first.reason) == ("Sheet/1", "sheets.row-not-understood")
    assert [(e.state, e.reason, e.stated) for e in rest] == [
        (e.state, e.reason, e.stated) for e in plain.report.entries]
    assert "registry.xlsx" in imported.dossiers
    row = read_bytes(imported.dossiers["credits.yaml"], "credits.yaml").dossier.rows["credits"][0]
    assert [str(e) for e in row.documents] == ["D1#sheet=retirements&row=2"]


def test_a_day_with_its_hour_in_a_workbook() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Credit Serial Numbers", "Quantity of Credits", "Vintage", "Status Effective (GMT)"])
    sheet.append(["ACR-US-1-2025-3-1 to 10", 10, 2025, datetime(2026, 4, 13, 19, 17, 56)])      # noqa: DTZ001 - a cell has no zone
    out = io.BytesIO()
    book.save(out)
    (_, record) = read_records(out.getvalue(), "acr.xlsx")
    assert (record.fate, record.retired_on) == ("retired", date(2026, 4, 13))


def test_more_retirements_than_a_dossier_holds_become_several() -> None:
    rows = "".join(f"2024,Retired,1,1,2025-05-01,GS1-1-KE-GS1-16-2024-7-{n}-{n},,\n" for n in range(1, 20_011))
    imported = credit_registry.import_bytes((HEADER + rows).encode(), "many.csv", {})
    assert set(imported.dossiers) == {"credits-1.yaml", "credits-2.yaml", "registry.csv"}
    assert imported.dossiers["credits-2.yaml"].count(b"  - {id: K") == 10
    assert imported.report.entries[-1].target == "credits-2.yaml#credits/K20011"


@pytest.mark.parametrize(("options", "used", "reasons"), [
    ({"facility": "example ltd"}, 1, ["credits.other-beneficiary"]),
    ({"year": 2024}, 0, ["credits.other-year", "credits.other-year"]),
    ({"year": 2025, "facility": "Another"}, 1, ["credits.other-beneficiary"])])
def test_only_what_was_asked_for(options: dict[str, Any], used: int, reasons: list[str]) -> None:
    report = credit_registry.import_bytes(SMALL.encode(), "small.csv", options).report
    assert sum(e.state.value == "used" for e in report.entries) == used
    assert [e.reason for e in report.entries if e.reason.startswith("credits.other")] == reasons


def test_overlaps_beyond_the_first_thousand_are_counted() -> None:
    rows = "".join(f"2024,Retired,1,1,2025-05-01,GS1-1-KE-GS1-16-2024-7-1-1,,n{n}\n" for n in range(50))
    problems = list(overlap_problems(read_records((HEADER + rows).encode(), "f.csv"), "f.csv"))
    assert len(problems) == 1_001
    assert (problems[-1].code, problems[-1].found) == ("credits.overlap-more", str(50 * 49 // 2 - 1_000))


def test_the_report_tells_what_stands_in_the_first_row_of_each_reason() -> None:
    report = credit_registry.import_bytes(SMALL.encode(), "small.csv", {}).report
    text = report.as_text("en")
    assert "2025-02-30" in text
    assert "(first: row/5)" in text
    assert "（）" not in report.as_text("zh")


@pytest.mark.parametrize(("name", "fates"), [
    ("gold-standard__retirements", {"retired": 94, "cancelled": 6}),
    ("american-carbon-registry__retirements", {"retired": 100}),
    ("american-carbon-registry__cancellations", {"cancelled": 50}),
    ("climate-action-reserve__retirements", {"retired": 100}),
    ("climate-action-reserve__cancellations", {"cancelled": 50}),
    ("gold-standard__issuances", {"issued": 100}),
    ("american-carbon-registry__issuances", {"issued": 100}),
    ("climate-action-reserve__issuances", {"issued": 100})])
def test_samples(name: str, fates: dict[str, int], shared_data: Path) -> None:
    path = shared_data / "inventory" / "credit_registry_samples" / f"{name}.csv"
    data = path.read_bytes()
    assert credit_registry.detect(data)
    assert Counter(r.fate for r in read_records(data, path.name)) == fates | {"layout": 1}
    imported = credit_registry.import_bytes(data, path.name, {})
    if "retired" in fates:
        dossier = read_bytes(imported.dossiers["credits.yaml"], "credits.yaml").dossier
        assert len(dossier.rows["credits"]) == fates["retired"]
        found = match_credits(dossier, {path.name: read_records(data, path.name)})
        assert {m.status for m in found} == {"full"}
        assert not {f for m in found for f in m.findings} - {"credits.match-beneficiary"}


def test_match_of_every_kind() -> None:
    text = """format: zerofactory/dossier/1
id: d
facility: {id: F1, name: {en: Example Ltd}, kind: factory}
period: {from: 2025-01-01, to: 2025-12-31, time_zone: UTC}
credits:
"""
    head = "GS1-1-KE-GS1-16-2024-7-"
    for name, low, high, more in (("full", 1, 9, ""), ("part", 12, 14, ""), ("none", 90, 99, ""), ("gone", 15, 16, ""),
                                  ("year", 1, 2, ", vintage_from: 2020-01-01, vintage_to: 2020-12-31"),
                                  ("time", 3, 4, ", retired_on: 2025-06-01")):
        text += f"  - {{id: {name}, serials: {{first: {head}{low}, last: {head}{high}}}, beneficiary: F1{more}}}\n"
    text += "  - {id: bare, quantity: 3}\n"
    found = {m.row: m for m in match_credits(read_bytes(text.encode(), "d.yaml").dossier,
                                             {"s.csv": read_records(SMALL.encode(), "s.csv")})}
    assert {k: m.status for k, m in found.items()} == {
        "full": "full", "part": "part", "none": "none", "gone": "cancelled", "year": "full", "time": "full",
        "bare": "unknown"}
    assert (found["part"].retired, found["part"].cancelled) == (1, 3)
    assert set(found["part"].findings) == {"credits.match-part", "credits.match-cancelled", "credits.match-beneficiary"}
    assert set(found["year"].findings) == {"credits.match-vintage", "credits.match-overlap"}
    assert set(found["time"].findings) == {"credits.match-time", "credits.match-overlap"}


@given(RANGES, RANGES)
def test_shared_is_symmetric_and_exact(one: SerialRange, two: SerialRange) -> None:
    wanted = set(range(one.low, one.high + 1)) & set(range(two.low, two.high + 1)) if one.head == two.head else set()
    assert shared(one, two) == shared(two, one) == len(wanted)


@given(st.lists(RANGES, max_size=12))
def test_rows_that_claim_serials_twice(ranges: list[SerialRange]) -> None:
    rows = [Row(f"R{i}", "credits", {"serials": {"first": s.first, "last": s.last}}, {}, {})
            for i, s in enumerate(ranges)]
    assert _doubled(rows) == {f"R{i}" for pair in overlaps(ranges) for i in pair}


@given(st.lists(RANGES, max_size=12))
def test_sweep_finds_every_pair_once(ranges: list[SerialRange]) -> None:
    wanted = [(i, j) for j in range(len(ranges)) for i in range(j) if shared(ranges[i], ranges[j])]
    assert sorted(overlaps(ranges)) == sorted(wanted)


@pytest.mark.parametrize(("text", "wanted"), [
    ("ACR-US-1-2025-3-4751 to 23327", 18577), ("CAR-1-US-1-KS-2025-9-1 to 5000", 5000),
    ("GS1-1-KE-GS1-16-2025-3-110-5463", 5354), ("RW-5-1463953-2-2-0-7014 - RW-5-1467609-2-2-0-7014", 3657),
    ("CCER-2024-000001~CCER-2024-000300", 300), ("ACR-US-1-9 to 3", None), ("", None), ("none", None)])
def test_serials(text: str, wanted: int | None) -> None:
    found = parse_serials(text)
    assert (None if found is None else found.high - found.low + 1) == wanted


@pytest.mark.parametrize(("text", "wanted"), [
    ("2026-04-13T12:35:58.842275", date(2026, 4, 13)), ("4/13/2026 7:17:56 PM", date(2026, 4, 13)),
    ("03/25/2026", date(2026, 3, 25)), ("2025年3月7日", date(2025, 3, 7)), ("25/03/2026", None), ("2025-02-30", None)])
def test_dates(text: str, wanted: date | None) -> None:
    assert parse_date(text) == wanted


@pytest.mark.parametrize(("data", "code"), [
    (b"", "credits.no-registry"), (b"a,b\n1,2\n", "credits.no-registry"), (b"\xff\xff\xff", "credits.no-table"),
    (b"Credit Serial Numbers,Vintage\nx,1\n", "credits.columns"), (b"GSID,Project Name\n1,x\n", "credits.no-registry"),
    (b'a,"' + b"x" * 200_000, "credits.no-table")])
def test_bad_files(data: bytes, code: str) -> None:
    with pytest.raises(ProblemsError) as caught:
        read_records(data, "bad.csv")
    assert [p.code for p in caught.value.problems] == [code]


def test_ccer_in_gb18030() -> None:
    data = ("项目编号,批次/序列号区间,注销数量,减排量年份(vintage),注销日期,注销用途,受益方\n"
            "CCER-14-001,CCER-2024-000001~CCER-2024-000300,300,2024,2026年1月20日,碳中和,示例电池有限公司\n").encode("gb18030")
    assert credit_registry.detect(data)
    imported = credit_registry.import_bytes(data, "ccer.csv", {})
    (row,) = read_bytes(imported.dossiers["credits.yaml"], "credits.yaml").dossier.rows["credits"]
    assert row.given["serials"] == {"first": "CCER-2024-000001", "last": "CCER-2024-000300"}
    assert (row.values["retired_on"], row.values["beneficiary"]) == (date(2026, 1, 20), "示例电池有限公司")


def test_too_many_rows_and_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "ROWS", 3)
    with pytest.raises(ProblemsError, match=r"credits\.too-many"):
        read_records(SMALL.encode(), "small.csv")
    monkeypatch.setattr(read, "FILE_BYTES", 100)
    with pytest.raises(ProblemsError, match=r"credits\.too-many"):
        read_records(SMALL.encode(), "small.csv")


def test_command_in_both_languages_and_with_a_wrong_file(tmp_path: Path, root: Path) -> None:
    file, wrong = tmp_path / "small.csv", tmp_path / "wrong.csv"
    file.write_text(SMALL, encoding="utf-8")
    wrong.write_text("a,b\n", encoding="utf-8")
    demo = str(root / "examples" / "demo-battery-factory" / "dossier.yaml")
    for lang, said in (("en", "none of the 300 credits"), ("zh", "300 个信用均未出现")):
        result = CliRunner().invoke(credits_, ["match", demo, str(file), "--lang", lang])
        assert (result.exit_code, said in result.output) == (0, True), result.output
    assert CliRunner().invoke(credits_, ["match", demo, str(wrong), "--json"]).exit_code == 3
