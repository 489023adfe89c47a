"""Completeness: every item can be missing, every item of a full report is there, and where it says so it stands."""

from __future__ import annotations

import re
import tempfile
from functools import cache
from pathlib import Path

import pytest
from tests.mappings.ghg_protocol.test_ghgp_inventory import DEMO, GROUP, made

from zerofactory_engine.accounting.library import FactorLibrary
from zerofactory_engine.accounting.options import Options
from zerofactory_mappings.disclosures.completeness import Completeness, items_of
from zerofactory_mappings.disclosures.page import html_of
from zerofactory_mappings.disclosures.subject import load_subject
from zerofactory_mappings.ghg_protocol import DISCLOSURE
from zerofactory_mappings.ghg_protocol.pages import SECTIONS
from zerofactory_mappings.ghg_protocol.tables import STANDARD

LIBRARY = FactorLibrary.shipped()
NOTHING = """
format: zerofactory/dossier/1
id: nothing
version: 1
facility: {id: A, name: {zh: 厂, en: plant}, country: CN, province: CN-JS}
period: {from: 2025-01-01, to: 2025-12-31}
energy:
  - {id: F1, carrier: wood, use: fuel, direction: consumed, from: 2025-01-01, to: 2025-12-31}
electricity:
  - {id: E1, from: 2025-01-01, to: 2025-12-31, flow: consumed, source: green trade, technology: wind, MWh: 100}
purchased:
  - {id: P1, category: purchased_goods, what: steel, t: 5, from: 2025-01-01, to: 2025-12-31}
"""

#: How every item stands for a dossier that says next to nothing.
BARE = {
    "CS-boundary": "partly", "CS-operations": "partly", "CS-period": "present", "CS-total": "partly",
    "CS-scopes": "partly", "CS-gases": "partly", "CS-biogenic": "partly", "CS-base-year": "missing",
    "CS-changes": "missing", "CS-methods": "partly", "CS-exclusions": "missing", "CS-other-gases": "NO",
    "CS-intensity": "missing", "CS-offsets": "NA", "CS-assurance": "missing", "S2-two-totals": "partly",
    "S2-target-method": "missing", "S2-instruments": "present", "S2-quality": "partly", "S2-hierarchy": "partly",
    "S2-residual": "NA", "S2-consumption": "partly", "S2-hourly": "missing", "S3-total": "partly",
    "S3-excluded": "missing", "S3-biogenic": "missing", "S3-methods": "partly", "S3-supplier-data": "partly",
    "S3-base-year": "missing",
}
#: What each entry of the group's statement answers: taken away, the item is no longer there.
RESTS_ON = {
    "base_year": ["CS-base-year", "S3-base-year"], "changes": ["CS-changes"], "scope_2": ["S2-target-method"],
    "excluded": ["CS-exclusions"], "verification": ["CS-assurance"], "biogenic": ["S3-biogenic"],
    "indicators": ["CS-intensity"], "notation": ["CS-operations", "S3-excluded"],
}


@cache
def bare() -> Completeness:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "dossier.yaml"
        file.write_text(NOTHING, encoding="utf-8")
        return DISCLOSURE.check(DISCLOSURE.build(load_subject(file, options=Options(), library=LIBRARY)))


@pytest.mark.parametrize("item", [i.id for i in items_of(STANDARD).items])
def test_how_an_item_stands_when_next_to_nothing_is_said(item: str) -> None:
    found = bare().result(item)
    assert found.key == BARE[item]
    assert bool(found.missing) == (found.key in ("missing", "partly")), "what is missing is named"


def test_a_report_of_nothing_is_not_complete() -> None:
    assert not bare().complete


@pytest.mark.parametrize("section", RESTS_ON)
def test_an_item_rests_on_what_the_statement_says(section: str, tmp_path: Path) -> None:
    found = DISCLOSURE.check(made(GROUP)[1])
    text = (GROUP.parent / "statement.yaml").read_text(encoding="utf-8")
    shorter = re.sub(rf"^{section}:.*\n(?: .*\n)*", "", text, flags=re.MULTILINE)
    assert len(shorter) < len(text)
    file = tmp_path / "statement.yaml"
    file.write_text(shorter, encoding="utf-8")
    without = DISCLOSURE.check(DISCLOSURE.build(load_subject(GROUP, options=Options(), library=LIBRARY, statement=file)))
    changed = {r.item.id for r, other in zip(found.results, without.results, strict=True) if r.key != other.key}
    assert changed == set(RESTS_ON[section])


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("path", [DEMO, GROUP], ids=["demo", "group"])
def test_where_an_item_stands_is_a_section_of_the_report(path: Path, language: str) -> None:
    subject, model, _ = made(path)
    found = DISCLOSURE.check(model)
    document = DISCLOSURE.document(model, found, language, subject.issued)
    there = {s.id for s in document.sections}
    assert there <= set(SECTIONS)
    assert {w for r in found.results for w in r.where} <= there
    assert html_of(document)


def test_the_group_lacks_only_categories_that_are_not_estimated() -> None:
    found = DISCLOSURE.check(made(GROUP)[1])
    open_items = {r.item.id for r in found.results if r.item.kind == "required" and r.key not in ("present", "NO", "NA")}
    assert open_items == {"S3-total"}
