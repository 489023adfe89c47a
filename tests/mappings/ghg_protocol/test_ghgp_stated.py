"""What a statement says of categories, and of the base year: as tables."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.mappings.ghg_protocol.test_ghgp_inventory import DEMO, GROUP

from zerofactory_engine.accounting.library import FactorLibrary
from zerofactory_engine.accounting.options import Options
from zerofactory_mappings.disclosures.commands import written
from zerofactory_mappings.disclosures.statement import Statement, read_statement
from zerofactory_mappings.disclosures.subject import load_subject
from zerofactory_mappings.ghg_protocol import DISCLOSURE
from zerofactory_mappings.ghg_protocol.model import GhgModel
from zerofactory_mappings.ghg_protocol.stated import notations

LIBRARY = FactorLibrary.shipped()


def statement(**sections: Any) -> Statement:
    text = yaml.safe_dump({"format": "zerofactory/report-statement/1", **sections}, allow_unicode=True)
    return read_statement(text.encode(), "statement.yaml")


def modelled(path: Path, folder: Path, bases: tuple[Path, ...] = (), **sections: Any) -> GhgModel:
    return DISCLOSURE.build(load_subject(  # type: ignore[no-any-return]
        path, options=Options(), library=LIBRARY, statement=said(folder, **sections), bases=bases))


#: entries under `notation` → scope 3 category and key of each that they speak of.
SPOKEN: list[tuple[str, list[dict[str, str]], dict[int, str]]] = [
    ("by its number", [{"category": "S3-5", "key": "NE"}], {5: "NE"}),
    ("in small letters", [{"category": "s3-15", "key": "NO"}], {15: "NO"}),
    ("a plain number is the ISO category 5: use, end of life, leased to others, investments",
     [{"category": "5", "key": "NO"}], {10: "NO", 11: "NO", 12: "NO", 13: "NO", 15: "NO"}),
    ("an ISO subcategory", [{"category": "4.3", "key": "NE"}], {5: "NE"}),
    ("only part of a category: services are not all of category 1", [{"category": "4.5", "key": "NO"}], {}),
    ("ISO 4 holds category 1 as a whole", [{"category": "iso 4", "key": "NO"}],
     {1: "NO", 2: "NO", 3: "NO", 5: "NO", 8: "NO"}),
    ("by its only source type", [{"source": "upstream_leased", "key": "NO"}], {8: "NO"}),
    ("one of two source types", [{"source": "purchased_goods", "key": "NO"}], {}),
    ("both source types, and not estimated speaks for all",
     [{"source": "purchased_goods", "key": "NO"}, {"source": "purchased_services", "key": "NE"}], {1: "NE"}),
    ("the number goes before the ISO code", [{"category": "4.3", "key": "NO"}, {"category": "S3-5", "key": "NE"}],
     {5: "NE"}),
    ("the narrower ISO code goes first", [{"category": "4", "key": "NO"}, {"category": "4.3", "key": "NE"}],
     {1: "NO", 2: "NO", 3: "NO", 5: "NE", 8: "NO"}),
    ("the first of two that say the same", [{"category": "S3-5", "key": "NO"}, {"category": "S3-5", "key": "NE"}],
     {5: "NO"}),
]


@pytest.mark.parametrize(("what", "entries", "told"), SPOKEN, ids=[s[0] for s in SPOKEN])
def test_which_categories_a_statement_speaks_of(what: str, entries: list[dict[str, str]], told: dict[int, str]) -> None:
    found = notations(statement(notation=[{"reason": "so", **e} for e in entries]))
    assert {n: e["key"] for n, e in sorted(found.items())} == told


def test_what_is_left_out_is_not_estimated_with_its_reason() -> None:
    found = notations(statement(excluded=[{"category": "S3-7", "reason": "small", "estimate_tCO2e": 3}]))
    assert {n: (e["key"], e["reason"]) for n, e in found.items()} == {7: ("NE", "small")}


def test_an_iso_statement_serves_both_reports(tmp_path: Path) -> None:
    """The demo's statement names source types and ISO categories; every category is accounted for."""
    model = DISCLOSURE.build(load_subject(DEMO, options=Options(), library=LIBRARY,
                                          statement=DEMO.parent / "report-statement.yaml"))
    assert [c.category.number for c in model.categories if c.key == "missing"] == []
    assert {c.key for c in model.categories} == {"value", "NO", "NE"}


def test_contradictions_are_told_and_the_lines_count(tmp_path: Path) -> None:
    model = modelled(DEMO, tmp_path, notation=[
        {"category": "S3-1", "key": "NO", "reason": "none"}, {"category": "S3-16", "key": "NO", "reason": "none"},
        {"category": "S3-6", "key": "IE", "reason": "in part", "where": "S3-7"}])
    assert [(p.code, p.found) for p in model.problems] == [
        ("ghgp.notation-beside-lines", "S3-1"), ("ghgp.no-such-category", "S3-16")]
    assert model.categories[0].key == "value"
    assert all(p.place.line for p in model.problems)


# --- base year -------------------------------------------------------------------------------------------------------

def earlier(folder: Path, name: str, *, year: int, **replace: str) -> Path:
    """A plant of the demo group as it was in *year*."""
    text = (GROUP.parent / f"plant-{name}.yaml").read_text(encoding="utf-8").replace("2025", str(year))
    for old, new in replace.items():
        text = text.replace(old.replace("_", " "), new)
    file = folder / f"{name}-{year}.yaml"
    file.write_text(text.replace(f"id: demo-group-plant-{name}", f"id: demo-group-plant-{name}-{year}"), encoding="utf-8")
    return file


def test_stated_figures_stand_beside_this_period(tmp_path: Path) -> None:
    model = modelled(GROUP, tmp_path, base_year={
        "year": 2023, "reason": "first", "policy": "above", "threshold_percent": 5,
        "figures": [{"figure": "scope_3", "value": 10000, "unit": "tCO2e"},
                    {"figure": "revenue", "value": 7, "unit": "MCNY"}]})
    three = model.scope_3.value
    assert isinstance(three, Decimal)
    told = {s.figure: s.change for s in model.base_year.stated}
    assert told == {"scope_3": (three - 10000) / 10000, "revenue": None}


def test_dossiers_of_the_base_year_are_taken_in_as_the_group_is_now(tmp_path: Path) -> None:
    """Plants A and B of 2023 under operational control: all of both; C is not taken in, so nothing is missing."""
    bases = (earlier(tmp_path, "a", year=2023), earlier(tmp_path, "b", year=2023))
    model = modelled(GROUP, tmp_path, bases, base_year={"year": 2023})
    (year,) = model.base_year.earlier
    assert (year.year, year.missing, year.left_out) == (2023, (), ())
    assert year.totals["scope_1"].value == model.scope_1.value             # same activity, same factors
    assert model.base_year.has_figures


@pytest.mark.parametrize("language", ["zh", "en"])
def test_pages_and_sheets_of_all_that_a_report_may_say(language: str, tmp_path: Path) -> None:
    """Earlier dossiers, recalculations, changes, exclusions, assurance and a series that is not there: every sentence
    has its words in both languages."""
    bases = (earlier(tmp_path, "b", year=2023), earlier(tmp_path, "b", year=2022, **{"id:_B\n": "id: SOLD\n"}))
    for plant in ("a", "b", "c"):
        text = (GROUP.parent / f"plant-{plant}.yaml").read_text(encoding="utf-8")
        (tmp_path / f"plant-{plant}.yaml").write_text(text, encoding="utf-8")      # without its hourly files
    group = GROUP.read_text(encoding="utf-8").replace("statement: statement.yaml\n", "")
    (tmp_path / "group.yaml").write_text(group, encoding="utf-8")
    subject = load_subject(tmp_path / "group.yaml", options=Options(), library=LIBRARY, bases=bases, statement=said(
        tmp_path, changes=[{"what": "roof", "before": "none", "after": "solar", "reason": "built", "on": "2025-05-01"}],
        excluded=[{"source": "visitors", "reason": "few", "estimate_tCO2e": 3}], scope_2={"basis": "market"},
        base_year={"year": 2023, "recalculations": [{"what": "GWP", "reason": "AR6", "effect_tCO2e": -3,
                                                     "on": "2025-01-01"}]},
        verification={"verified": "yes", "assurance": "limited", "body": "B"}, notation=[
            {"category": "S3-99", "key": "NO", "reason": "none"}]))
    model = DISCLOSURE.build(subject)
    found = DISCLOSURE.check(model)
    page = written(DISCLOSURE, model, found, ".html", language, subject).decode()
    assert "ghgp." not in page
    for text in ("demo-group-plant-a", "demo-group-plant-b-2022", "−3", "solar", "S3-99"):
        assert text in page, text
    for sheet in DISCLOSURE.sheets(model, found, language):
        texts = [sheet.name, sheet.title, *sheet.head, *sheet.notes, *(c for row in sheet.rows for c in row)]
        assert not [t for t in texts if isinstance(t, str) and "ghgp." in t]


def said(folder: Path, **sections: Any) -> Path:
    file = folder / "statement.yaml"
    file.write_text(yaml.safe_dump({"format": "zerofactory/report-statement/1", **sections}), encoding="utf-8")
    return file


def test_a_facility_without_dossier_of_the_base_year_is_named(tmp_path: Path) -> None:
    model = modelled(GROUP, tmp_path, (earlier(tmp_path, "b", year=2023),), base_year={"year": 2023})
    assert model.base_year.earlier[0].missing == ("demo-group-plant-a",)


def test_a_facility_that_is_no_member_now_is_left_out_and_named(tmp_path: Path) -> None:
    sold = earlier(tmp_path, "b", year=2023, **{"id:_B\n": "id: SOLD\n"})
    model = modelled(GROUP, tmp_path, (sold,), base_year={"year": 2023})
    (year,) = model.base_year.earlier
    assert (year.dossiers, year.left_out) == ((), ("demo-group-plant-b-2023",))
    assert year.totals["scope_1"].lines == 0


def test_two_base_years_are_a_conflict(tmp_path: Path) -> None:
    model = modelled(DEMO, tmp_path, base_year={"year": 2022, "reason": "r", "policy": "p", "threshold_percent": 5})
    assert model.base_year.conflict
    found = DISCLOSURE.check(model).result("CS-base-year")
    assert (found.key, [m.code for m in found.missing]) == (
        "partly", ["ghgp.miss.base-figures", "ghgp.miss.base-conflict"])
