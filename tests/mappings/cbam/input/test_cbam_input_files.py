"""Series of hours in CSV files beside an input: read in its folder only, every bad line named, hours left out are gaps."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from zerofactory_engine.problems import Problem, ProblemsError
from zerofactory_mappings.cbam.input.files import FILE_BYTES
from zerofactory_mappings.cbam.model import Installation
from zerofactory_mappings.cbam.read import read_installation

MEASURED = """\
format: zerofactory/cbam-input/1
installation: {name: x, country: CN}
period: {start: 2026-01-01, end: 2026-12-31}
measured:
  - {id: M1, gas: N2O, hourly_file: "%s", attributed: P1}
processes:
  - {id: P1, category: nitric_acid, production: 1 t}
"""
POWER = """\
format: zerofactory/cbam-input/1
installation: {name: x, country: CN}
period: {start: 2026-01-01, end: 2026-12-31}
processes:
  - {id: P1, category: nitric_acid, production: 1 t, direct: 0 tCO2e, electricity: [{consumed: 3 MWh, source: ppa, ef: 0 tCO2/MWh, match: {file: "%s", minutes: 60}}]}
"""
GOOD = """\
time,g/Nm3,Nm3,valid
2026-01-01T00:00+08:00,1.2,80000,1
2026-01-01T01:00+08:00,1.3,80000,95 %
2026-01-01T02:00+08:00,,,0
"""


def read(folder: Path, text: str, files: dict[str, str | bytes], named: str = "h.csv") -> Installation:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    path = folder / "input.yaml"
    path.write_text(text % named, encoding="utf-8")
    return read_installation(path)


def refused(folder: Path, text: str, files: dict[str, str | bytes], named: str = "h.csv") -> list[Problem]:
    with pytest.raises(ProblemsError) as caught:
        read(folder, text, files, named)
    return list(caught.value.problems)


def test_hours(tmp_path: Path) -> None:
    found = read(tmp_path, MEASURED, {"h.csv": GOOD})
    assert found.measured[0].hourly == ((Decimal("1.2"), Decimal(80000), Decimal(1)), (Decimal("1.3"), Decimal(80000), Decimal("0.95")),
                                        (None, None, Decimal(0)))
    assert found.problems == ()


@pytest.mark.parametrize("text", [
    GOOD.replace(",", ";"), GOOD.replace(",", "\t"), "\ufeff" + GOOD, GOOD.replace("\n", "\r\n"),
    GOOD.replace("time,g/Nm3,Nm3,valid", " Time , g_per_Nm3 ,NM3,valid_share"), GOOD.replace("time,g/Nm3,Nm3,valid", "时间,浓度,烟气量,有效份额"),
    GOOD + "\n\n"], ids=["semicolon", "tab", "byte order mark", "carriage return", "other names", "Chinese names", "empty lines"])
def test_other_ways_to_write_the_same_hours(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, MEASURED, {"h.csv": text}).measured[0].hourly == read(tmp_path, MEASURED, {"h.csv": GOOD}).measured[0].hourly


def test_chinese_office_encoding(tmp_path: Path) -> None:
    text = GOOD.replace("time,g/Nm3,Nm3,valid", "时间,浓度,烟气量,有效份额").encode("gb18030")
    assert len(read(tmp_path, MEASURED, {"h.csv": text}).measured[0].hourly) == 3


def test_an_hour_that_is_left_out_is_a_gap(tmp_path: Path) -> None:
    text = GOOD.replace("2026-01-01T02", "2026-01-01T05")
    found = read(tmp_path, MEASURED, {"h.csv": text})
    assert [h[0] for h in found.measured[0].hourly] == [Decimal("1.2"), Decimal("1.3"), None, None, None, None]
    assert [(p.code, p.found) for p in found.problems] == [("cbam-input.hours-left-out", "3")]


LINES = [
    ("2026-01-01T01:00+08:00,1.3", "2026-01-01T00:00+08:00,1.3", "cbam-input.hour-order", 3),
    ("2026-01-01T01:00+08:00,1.3", "2026-01-01T00:30+08:00,1.3", "cbam-input.hour-order", 3),
    ("2026-01-01T01:00+08:00,1.3", "2025-12-31T23:00+08:00,1.3", "cbam-input.hour-order", 3),
    ("2026-01-01T01:00+08:00,1.3", "2026-01-01T01:00,1.3", "cbam-input.moment", 3),
    ("2026-01-01T01:00+08:00,1.3", "1.1.2026 1:00,1.3", "cbam-input.moment", 3),
    (",1.3,", ",1.3g,", "cbam-input.csv-number", 3),
    (",1.3,", ',"1,3",', "cbam-input.csv-number", 3),
    (",95 %", ",95", "cbam-input.csv-number", 3),
    (",95 %", ",much", "cbam-input.csv-number", 3),
    ("g/Nm3", "mg", "cbam-input.csv-columns", 1),
    ("time,", "day,", "cbam-input.csv-columns", 1),
]


@pytest.mark.parametrize(("old", "new", "code", "line"), LINES)
def test_a_bad_line_is_named(tmp_path: Path, old: str, new: str, code: str, line: int) -> None:
    problems = refused(tmp_path, MEASURED, {"h.csv": GOOD.replace(old, new)})
    assert [(p.code, p.place.file, p.place.line) for p in problems] == [(code, "h.csv", line)]


def test_bad_lines_come_together_and_are_bounded(tmp_path: Path) -> None:
    text = "time,g/Nm3,Nm3\n" + "".join(f"2026-01-01T{h:02}:00+08:00,x,1\n" for h in range(24))
    assert 2 < len(refused(tmp_path, MEASURED, {"h.csv": text})) <= 24


@pytest.mark.parametrize("named", ["../h.csv", "/etc/hosts", "a/../../h.csv", "C:/h.csv", "", "missing.csv", "folder"])
def test_nothing_outside_the_folder_is_read(tmp_path: Path, named: str) -> None:
    folder = tmp_path / "in"
    (folder / "folder").mkdir(parents=True)
    (tmp_path / "h.csv").write_text(GOOD, encoding="utf-8")
    assert [p.code for p in refused(folder, MEASURED, {}, named)] == ["cbam-input.file-not-found"]


def test_a_link_that_leads_out_is_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (tmp_path / "h.csv").write_text(GOOD, encoding="utf-8")
    (folder / "h.csv").symlink_to(tmp_path / "h.csv")
    assert [p.code for p in refused(folder, MEASURED, {})] == ["cbam-input.file-not-found"]


def test_a_file_below_the_folder_is_read(tmp_path: Path) -> None:
    assert len(read(tmp_path, MEASURED, {"series/h.csv": GOOD}, "series/h.csv").measured[0].hourly) == 3


def test_a_large_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with (tmp_path / "h.csv").open("wb") as stream:
        stream.truncate(FILE_BYTES + 1)
    assert [p.code for p in refused(tmp_path, MEASURED, {})] == ["cbam-input.file-too-large"]


def test_a_gap_of_centuries_does_not_fill_the_memory(tmp_path: Path) -> None:
    text = GOOD.replace("2026-01-01T02", "9000-01-01T02")
    assert [p.code for p in refused(tmp_path, MEASURED, {"h.csv": text})] == ["cbam-input.file-too-large"]


def test_periods_of_metering(tmp_path: Path) -> None:
    text = "start,generated_MWh,consumed_MWh\n2026-06-01T10:00+08:00,2.5,2\n2026-06-01T11:00+08:00,1,1\n"
    found = read(tmp_path, POWER, {"h.csv": text})
    match = found.processes[0].electricity[0].match
    assert match is not None
    assert match.rows == (("2026-06-01T10:00+08:00", Decimal("2.5"), Decimal(2)), ("2026-06-01T11:00+08:00", Decimal(1), Decimal(1)))
    assert match.place.file == "h.csv"


def test_series_in_two_ways(tmp_path: Path) -> None:
    text = MEASURED.replace('hourly_file: "%s"', 'hourly_file: "%s", hourly: [{g_per_Nm3: 1, Nm3: 2}]')
    assert [p.code for p in refused(tmp_path, text, {"h.csv": GOOD})] == ["cbam-input.twice"]


DOCUMENT = """\
format: zerofactory/cbam-input/1
installation: {name: x, country: CN}
period: {start: 2026-01-01, end: 2026-12-31}
documents:
  - {id: D1, file: "%s", sha256: "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"}
processes:
  - {id: P1, category: hydrogen, production: {electrolysis: 1 t}}
"""


@pytest.mark.parametrize(("content", "codes"), [(b"hello", []), (b"hallo", ["cbam-input.document-differs"]),
                                                (None, ["cbam-input.document-not-there"])])
def test_the_file_of_a_document_is_the_one_that_was_hashed(tmp_path: Path, content: bytes | None, codes: list[str]) -> None:
    found = read(tmp_path, DOCUMENT, {} if content is None else {"bill.txt": content}, "bill.txt")
    assert [p.code for p in found.problems] == codes
