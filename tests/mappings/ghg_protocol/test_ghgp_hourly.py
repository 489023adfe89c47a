"""Hourly series of documents: what is read, what a bad file gets, and what the view says of it."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml

from zerofactory_engine.accounting.library import FactorLibrary
from zerofactory_engine.accounting.options import Options
from zerofactory_engine.problems import Problem
from zerofactory_mappings.disclosures.subject import load_subject
from zerofactory_mappings.ghg_protocol import DISCLOSURE
from zerofactory_mappings.ghg_protocol.hourly import HourlyView, read_hourly
from zerofactory_mappings.ghg_protocol.model import GhgModel

ZONE = ZoneInfo("Asia/Shanghai")
LIBRARY = FactorLibrary.shipped()
HEAD = "start,MWh\n"

#: What is wrong with a file, and the codes that it gets.
BAD: dict[str, tuple[bytes, list[str]]] = {
    "another head": (b"time,kWh\n2025-01-01T00:00+08:00,1\n", ["ghgp.hourly-head"]),
    "nothing in it": (b"", ["ghgp.hourly-head"]),
    "not UTF-8": ("start,MWh\n电\n".encode("gb18030"), ["ghgp.hourly-unreadable"]),
    "a quote that never ends": (b'start,MWh\n"2025', ["ghgp.hourly-unreadable"]),
    "no offset": (b"start,MWh\n2025-01-01T00:00,1\n", ["ghgp.hourly-row"]),
    "half an hour": (b"start,MWh\n2025-01-01T00:30+08:00,1\n", ["ghgp.hourly-row"]),
    "no day": (b"start,MWh\n2025-02-30T00:00+08:00,1\n", ["ghgp.hourly-row"]),
    "negative": (b"start,MWh\n2025-01-01T00:00+08:00,-1\n", ["ghgp.hourly-row"]),
    "not a number": (b"start,MWh\n2025-01-01T00:00+08:00,NaN\n", ["ghgp.hourly-row"]),
    "too large a number": (b"start,MWh\n2025-01-01T00:00+08:00,1000000000\n", ["ghgp.hourly-row"]),
    "finer than a watt-hour": (b"start,MWh\n2025-01-01T00:00+08:00,0.0000001\n", ["ghgp.hourly-row"]),
    "a column too many": (b"start,MWh\n2025-01-01T00:00+08:00,1,2\n", ["ghgp.hourly-row"]),
    "the same hour twice, once in UTC": (
        b"start,MWh\n2025-01-01T08:00+08:00,1\n2025-01-01T00:00+00:00,2\n", ["ghgp.hourly-twice"]),
    "more hours than two years": (b"start,MWh\n" + b"x,1\n" * 17_569, ["ghgp.hourly-head"]),
    "too many bytes": (b"start,MWh\n" + b" " * 4_000_000, ["ghgp.hourly-too-large"]),
    "two bad rows at once": (b"start,MWh\nx,1\n2025-01-01T00:00+08:00,y\n", ["ghgp.hourly-row"] * 2),
}


@pytest.mark.parametrize("what", BAD)
def test_what_a_bad_file_gets(what: str) -> None:
    data, codes = BAD[what]
    problems: list[Problem] = []
    values = read_hourly(data, "load.csv", problems)
    assert [p.code for p in problems] == codes
    assert all(p.place.file == "load.csv" for p in problems)
    assert len(values) == (1 if "twice" in what else 0)


def test_good_rows_beside_bad_ones_are_read_with_their_line() -> None:
    problems: list[Problem] = []
    values = read_hourly(b"\xef\xbb\xbfstart,MWh\n2025-01-01T00:00+08:00,1.5\n2025-01-01T01:00+08:00,?\n", "a.csv", problems)
    assert list(values.values()) == [Decimal("1.5")]
    assert [(p.code, p.place.line) for p in problems] == [("ghgp.hourly-row", 3)]


# --- the view of a plant ---------------------------------------------------------------------------------------------

START, END = date(2025, 1, 1), date(2025, 1, 2)


def series(amounts: list[str], start: date = START) -> str:
    """A file with one row for each hour."""
    first = datetime(start.year, start.month, start.day, tzinfo=ZONE)
    return HEAD + "".join(f"{(first + timedelta(hours=n)).isoformat()},{a}\n" for n, a in enumerate(amounts))


def plant(folder: Path, load: str, sun: str, *, market: str = "CN", claimed: str = "no", changed: bool = False
          ) -> GhgModel:
    """A plant of two days with grid load and traded solar power by the hour."""
    documents = []
    for name, kind, text in (("D1", "energy_ledger", load), ("D2", "energy_ledger", sun)):
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
        digest = hashlib.sha256((text + ("x" if changed else "")).encode()).hexdigest()
        documents.append({"id": name, "kind": kind, "title": name, "file": f"{name}.csv", "sha256": digest})
    tree = {
        "format": "zerofactory/dossier/1", "id": "p", "version": 1,
        "facility": {"id": "A", "name": {"zh": "厂", "en": "plant"}, "country": "CN", "province": "CN-SC",
                     "market_boundary": "CN"},
        "period": {"from": START.isoformat(), "to": END.isoformat(), "time_zone": "Asia/Shanghai"},
        "complete": ["electricity", "certificates", "documents"],
        "electricity": [
            {"id": "E1", "from": "2025-01-01", "to": "2025-01-02", "flow": "consumed", "source": "grid", "MWh": "60",
             "hourly_file": ["D1"]},
            {"id": "G1", "from": "2025-01-01", "to": "2025-01-02", "flow": "consumed", "source": "green trade",
             "technology": "solar", "MWh": "30", "contract": "C", "market_boundary": market,
             "attribute_owner": "applicant", "attributes_claimed_elsewhere": claimed, "hourly_file": ["D2"]}],
        "documents": documents}
    path = folder / "dossier.yaml"
    path.write_text(yaml.safe_dump(tree, allow_unicode=True), encoding="utf-8")
    return DISCLOSURE.build(load_subject(path, options=Options(), library=LIBRARY))  # type: ignore[no-any-return]


def view(model: GhgModel) -> HourlyView:
    (found,) = model.hourly
    return found


NIGHT_AND_DAY = ["0"] * 6 + ["3"] * 12 + ["0"] * 6
FLAT = ["2"] * 24


def test_sun_matches_only_the_hours_of_day(tmp_path: Path) -> None:
    """Load 2 MWh in each of 48 hours; sun 3 MWh in 24 of them: 48 of 96 by the hour, 72 of 96 over both days."""
    found = view(plant(tmp_path, series(FLAT * 2), series(NIGHT_AND_DAY * 2)))
    assert (found.hours, found.expected, found.score) == (48, 48, Decimal("0.5"))
    assert found.match.annual == Decimal("0.75")
    assert (found.instruments, found.left_out) == (("electricity/G1",), ())


def test_missing_hours_leave_the_score_of_the_period_unknown(tmp_path: Path) -> None:
    model = plant(tmp_path, series(FLAT), series(NIGHT_AND_DAY * 2))
    assert (view(model).hours, view(model).score, view(model).complete) == (24, None, False)
    (missing,) = DISCLOSURE.check(model).result("S2-hourly").missing
    assert missing.args["hours"] == "24"


@pytest.mark.parametrize("market", ["EU", "CN-export"])
def test_power_of_another_market_does_not_count(tmp_path: Path, market: str) -> None:
    found = view(plant(tmp_path, series(FLAT * 2), series(NIGHT_AND_DAY * 2), market=market))
    assert found.match.matched_hourly == 0
    assert found.left_out == ("electricity/G1",) or found.match.not_deliverable == 72


def test_power_that_another_claims_takes_no_part(tmp_path: Path) -> None:
    found = view(plant(tmp_path, series(FLAT * 2), series(NIGHT_AND_DAY * 2), claimed="yes"))
    assert (found.instruments, found.left_out) == ((), ("electricity/G1",))
    assert found.score == 0


def test_hours_outside_the_period_are_left_out_and_told(tmp_path: Path) -> None:
    model = plant(tmp_path, series(FLAT * 3), series(NIGHT_AND_DAY * 3))
    assert view(model).match.load == 96
    assert [p.code for p in model.problems] == ["ghgp.hourly-outside"]


def test_a_changed_file_is_refused(tmp_path: Path) -> None:
    model = plant(tmp_path, series(FLAT * 2), series(NIGHT_AND_DAY * 2), changed=True)
    assert model.hourly == ()
    assert {p.code for p in model.problems} == {"ghgp.hourly-changed"}


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    plant(tmp_path, series(FLAT * 2), series(NIGHT_AND_DAY * 2))
    (tmp_path / "D1.csv").unlink()
    model = DISCLOSURE.build(load_subject(tmp_path / "dossier.yaml", options=Options(), library=LIBRARY))
    assert model.hourly == ()
    assert {p.code for p in model.problems} == {"ghgp.hourly-not-there"}
