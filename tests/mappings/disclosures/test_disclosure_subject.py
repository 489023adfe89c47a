"""Whom a disclosure is about: a dossier, a group; and what is wrong with either, all of it at once."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from zerofactory_engine.accounting.library import FactorLibrary
from zerofactory_engine.accounting.options import Options
from zerofactory_engine.problems import ProblemsError
from zerofactory_mappings.disclosures.statement import read_statement
from zerofactory_mappings.disclosures.subject import Subject, load_subject

ROOT = Path(__file__).parents[3]
DEMO = ROOT / "examples/demo-battery-factory/dossier.yaml"

PLANT = """format: zerofactory/dossier/1
id: {id}
version: 1
organisation: {{name: {{zh: 示例, en: Example}}}}
facility: {{id: A, name: {{zh: 甲厂, en: Plant A}}, kind: factory, country: CN, province: CN-JS, market_boundary: CN}}
period: {{from: 2025-01-01, to: {to}, time_zone: Asia/Shanghai}}
boundary: {{approach: operational control}}
complete: [energy, electricity]
energy:
  - {{id: F1, carrier: diesel, use: fuel, direction: consumed, t: 10, from: 2025-01-01, to: {to}}}
"""
GROUP = """format: zerofactory/group/1
id: g
name: {{zh: 集团, en: Group}}
period: {{from: 2025-01-01, to: 2025-12-31}}
approach: equity_share
members:
  - {{dossier: a.yaml, relationship: subsidiary, interest: 1, operated: yes, controlled: yes}}
  - {{dossier: {second}, relationship: joint_venture, interest: 0.4, operated: no, controlled: no}}
"""


def load(path: Path, **more: Path) -> Subject:
    return load_subject(path, options=Options(), library=FactorLibrary.shipped(), **more)  # type: ignore[arg-type]


def write(folder: Path, *, second: str = "b.yaml", second_id: str = "b", to: str = "2025-12-31") -> Path:
    (folder / "a.yaml").write_text(PLANT.format(id="a", to="2025-12-31"), encoding="utf-8")
    (folder / "b.yaml").write_text(PLANT.format(id=second_id, to=to), encoding="utf-8")
    (folder / "group.yaml").write_text(GROUP.format(second=second), encoding="utf-8")
    return folder / "group.yaml"


def codes(caught: pytest.ExceptionInfo[ProblemsError]) -> list[str]:
    return [p.code for p in caught.value.problems]


def test_a_dossier_alone_is_a_subject_dated_by_its_period() -> None:
    subject = load(DEMO)
    assert subject.alone.dossier.id
    assert subject.approach is None
    assert subject.issued == subject.end == date(2025, 12, 31)
    assert subject.name["zh"]
    assert subject.name["en"]


def test_a_group_holds_each_facility_whole_with_its_holding(tmp_path: Path) -> None:
    subject = load(write(tmp_path))
    assert [m.dossier.id for m in subject.members] == ["a", "b"]
    assert subject.members[1].holding is not None
    assert subject.members[1].holding.interest == Decimal("0.4")
    assert {m.inventory.options["consolidation"] for m in subject.members} == {"facility"}
    with pytest.raises(ProblemsError) as caught:
        _ = subject.alone
    assert codes(caught) == ["disclosure.group-not-taken"]


@pytest.mark.parametrize(("change", "code"), [
    ({"to": "2025-06-30"}, "disclosure.group-period"),
    ({"second_id": "a"}, "disclosure.group-twice"),
    ({"second": "../b.yaml"}, "disclosure.outside-folder"),
    ({"second": "none.yaml"}, "file.not-there"),
])
def test_what_is_wrong_with_a_group(tmp_path: Path, change: dict[str, str], code: str) -> None:
    with pytest.raises(ProblemsError) as caught:
        load(write(tmp_path, **change))
    assert codes(caught) == [code]


def test_problems_of_every_file_come_together(tmp_path: Path) -> None:
    path = write(tmp_path)
    (tmp_path / "b.yaml").write_text("format: zerofactory/dossier/1\nid: b\nperiod: {from: never}\n", encoding="utf-8")
    wrong = tmp_path / "statement.yaml"
    wrong.write_text("format: zerofactory/report-statement/1\nreport: {date: soon}\nnonsense: 1\n", encoding="utf-8")
    with pytest.raises(ProblemsError) as caught:
        load(path, statement=wrong)
    files = {p.place.file for p in caught.value.problems}
    assert files == {"b.yaml", "statement.yaml"}
    assert sum(p.place.file == "statement.yaml" for p in caught.value.problems) == 2


def test_a_statement_tells_an_empty_list_from_none() -> None:
    said = read_statement(b"format: zerofactory/report-statement/1\nchanges: []\n", "s.yaml")
    assert said.get("changes") == []
    assert said.get("initiatives") is None
    assert said.get("report.date") is None


def test_the_statement_dates_the_report(tmp_path: Path) -> None:
    statement = tmp_path / "s.yaml"
    statement.write_text("format: zerofactory/report-statement/1\nreport: {date: 2026-03-31}\n", encoding="utf-8")
    assert load(DEMO, statement=statement).issued == date(2026, 3, 31)
