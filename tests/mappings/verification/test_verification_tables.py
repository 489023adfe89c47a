"""The tables of the standard: every entry has its words, clause and confidence; every sheet can be read by its heads."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.mappings.verification.foundry import ROOT

from zerofactory_engine.messages import LANGUAGES, render
from zerofactory_mappings.disclosures.tables import table_of
from zerofactory_mappings.sources.sheets.text import normal
from zerofactory_mappings.verification import layout, tables

FILES = ("assurance-levels", "opinion-types", "evidence-activities", "materiality", "sampling")


@pytest.mark.parametrize("name", FILES)
def test_every_table_says_where_it_comes_from_and_how_sure_that_is(name: str) -> None:
    found = table_of(tables.STANDARD, name)
    assert found["standard"] == "iso-14064-3-2019"
    assert found["format"].startswith("zerofactory/verification-")
    assert found["source"]
    assert found["confidence"] in ("confirmed", "secondary", "unconfirmed")
    assert found["last_confirmed"]


def test_all_files_of_the_folder_are_known() -> None:
    assert sorted(p.stem for p in (ROOT / "standards/iso-14064-3-2019").glob("*.yaml")) == sorted((*FILES, "card"))


@pytest.mark.parametrize("area", ["assurance", "engagement_kind", "opinion", "activity", "rule"])
def test_codes_have_both_languages_clause_and_confidence(area: str) -> None:
    for code, entry in tables.words(area).items():
        assert entry["zh"], code
        assert entry["en"], code
        assert entry["clause"], code
        assert entry["confidence"] in ("confirmed", "secondary", "unconfirmed"), code


def test_the_codes_of_the_tables_are_those_of_the_schema() -> None:
    import json

    schema = json.loads((ROOT / "standards/schemas/verification-package.schema.json").read_text(encoding="utf-8"))
    engagement, opinion = (schema["properties"][n]["properties"] for n in ("engagement", "opinion"))
    assert engagement["kind"]["enum"] == list(tables.words("engagement_kind"))
    assert sorted(engagement["assurance"]["enum"]) == sorted(tables.words("assurance"))
    assert opinion["type"]["enum"] == list(tables.words("opinion"))


def test_opinions_stand_from_the_mildest_to_the_gravest() -> None:
    assert list(tables.words("opinion")) == ["unmodified", "modified", "adverse", "disclaimed"]


def test_what_an_opinion_has_to_name_stands_somewhere_in_the_package() -> None:
    facts = {path for sheet in layout.FACTS for path in sheet.paths}
    assert [f for e in tables.elements() for f in e.fields if f not in facts] == []
    assert len(tables.elements()) == 14


@pytest.mark.parametrize(("rule", "annual", "percent"), [
    ("market_custom", None, "5"), ("market_custom", "90000000", "5"),
    ("eu_ets", "499999.99", "5"), ("eu_ets", "500000", "5"), ("eu_ets", "500000.01", "2"), ("eu_ets", None, None)])
def test_rules_of_materiality(rule: str, annual: str | None, percent: str | None) -> None:
    found = tables.rule_percent(rule, None if annual is None else Decimal(annual))
    assert (None if found is None else found.value) == (None if percent is None else Decimal(percent))
    assert found is None or found.confidence == "secondary"


@pytest.mark.parametrize("language", LANGUAGES)
def test_heads_of_a_sheet_differ_and_sheets_differ(language: str) -> None:
    names = [normal(layout.sheet_name(s.id, language)) for s in layout.SHEETS]
    assert len(set(names)) == len(names)
    assert all(len(layout.sheet_name(s.id, language)) <= 31 for s in layout.SHEETS)
    for sheet in layout.SHEETS:
        if isinstance(sheet, layout.Table):
            heads = [normal(render(f"verification.column.{c.id}", language)) for c in sheet.columns]
            assert len(set(heads)) == len(heads), sheet.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_head_finds_its_own_column(language: str) -> None:
    for sheet in layout.SHEETS:
        if isinstance(sheet, layout.Table):
            for column in sheet.columns:
                assert layout.column_of(layout.header(column, language), sheet.columns) is column


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_of_codes_lead_back_to_their_codes(language: str) -> None:
    for area in ("assurance", "engagement_kind", "opinion", "activity", "misstatement_kind", "rule", "state", "basis",
                 "offsetting"):
        for code in layout.codes_of(area):
            assert layout.code_of(area, layout.word(area, code, language)) == code
