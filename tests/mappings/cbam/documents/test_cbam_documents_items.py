"""The lists of items: as many as the law has, nothing unknown in them, a word for everything in both languages."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from tests.mappings.cbam.documents.cases import ROOT

from zerofactory_engine.messages import LANGUAGES, catalogue
from zerofactory_engine.problems import ProblemsError
from zerofactory_mappings.cbam import scope, tables
from zerofactory_mappings.cbam.documents import build, build_plan, build_verification, items, site_visit
from zerofactory_mappings.cbam.documents import workbook_layout as layout
from zerofactory_mappings.cbam.documents.conditions import CONDITIONS
from zerofactory_mappings.cbam.documents.plan_compare import Significant
from zerofactory_mappings.cbam.equations import EQUATIONS

#: Conditions that only the verification knows.
OF_VERIFICATION = {"visited", "not_physical", "misstatements", "nonconformities"}
PACKAGE = ROOT / "mappings/zerofactory_mappings/cbam/documents"


@pytest.mark.parametrize(("ident", "count", "act"), [
    ("emissions_report", 35, "IR (EU) 2025/2547"), ("summary_report", 16, "IR (EU) 2025/2547"),
    ("monitoring_plan", 22, "IR (EU) 2025/2547"), ("verification_report", 11, "IR (EU) 2025/2546")])
def test_the_law_has_so_many_items(ident: str, count: int, act: str) -> None:
    found = items.document(ident)
    assert (len([i for i in found.items if not i.addendum]), found.act) == (count, act)
    assert tables.act(found.act) is not None
    numbers = [i.number for i in found.items if not i.addendum]
    assert len(set(numbers)) == len(numbers)
    if ident != "verification_report":
        assert numbers == [str(n) for n in range(1, count + 1)]


def test_control_activities_a_to_h_are_asked_for() -> None:
    fields = {f.id for f in items.document("monitoring_plan").item("22").fields}
    assert set("abcdefgh") <= fields


@pytest.mark.parametrize("ident", items.documents())
def test_every_item_has_a_builder_a_clause_and_known_conditions(ident: str) -> None:
    builders = {"monitoring_plan": build_plan.BUILDERS, "verification_report": build_verification.BUILDERS}.get(
        ident, build.BUILDERS)
    for item in items.document(ident).items:
        assert item.id in builders
        assert item.clause
        assert item.fields or item.lists
        assert set(item.conditions()) <= set(CONDITIONS) | OF_VERIFICATION
        if item.applies != items.ALWAYS:
            assert f"cbam-documents.not-applicable.{item.applies}" in catalogue("en")


def test_the_summary_asks_for_no_quantity() -> None:
    kinds = {f.kind for i in items.document("summary_report").items for f in (*i.fields, *(f for x in i.lists for f in x.fields))}
    assert kinds <= {"text", "yesno", "confirm", "see", "share", "tonnes"}
    tonnes = [f"{i.number} {f.id}" for i in items.document("summary_report").items
              for f in (*i.fields, *(f for x in i.lists for f in x.fields)) if f.kind == "tonnes"]
    assert tonnes == ["6 direct", "6 direct", "7 indirect"]       # the totals that the law does put there


def test_names_are_in_both_languages() -> None:
    chinese = re.compile(r"[\u4e00-\u9fff]")
    for ident in items.documents():
        for item in items.document(ident).items:
            for names in (item.names, item.origin, *(f.names for f in item.fields), *(x.names for x in item.lists),
                          *(f.names for x in item.lists for f in x.fields)):
                assert names.zh
                assert names.en
                assert not chinese.search(names.en), names.en
                assert chinese.search(names.zh) or not re.search(r"[A-Za-z]{4,}", names.zh), names.zh


def test_sector_parameters_are_those_of_the_tables() -> None:
    asked = items.sector_parameters()
    assert set(asked) == {c.id for c in scope.categories()}
    for category in scope.categories():
        assert set(asked[category.id]) == {p.id for p in category.parameters if p.definitive}, category.id
    for rules in asked.values():
        for rule in rules.values():
            kind, _, argument = rule.partition(" ")
            assert kind in {"always", "cn", "above"}
            if kind == "above":
                assert tables.constant(argument).unit == "1"


def test_every_equation_of_a_proof_has_formula_and_point() -> None:
    assert set(items.steps()) == set(EQUATIONS) | {"E63-simultaneous"}
    for name, entry in items.steps().items():
        assert entry["formula"], name
        number = re.match(r"E(\d+)", name)
        if number is not None:
            assert f"Eq {number[1]}" in entry["point"], name


def test_rules_of_site_visits_name_known_conditions_and_constants() -> None:
    tree = items.site_visit_rules()
    for rule in tree["rules"]:
        assert rule["when"] in site_visit.CONDITIONS
        assert {*rule.get("allow", ()), *rule.get("forbid", ())} <= set(site_visit.VISITS)
        if "periods" in rule:
            assert tables.constant(rule["periods"]).unit == "a"
    reading = tree["readings"][site_visit.FORCE_MAJEURE_READING]
    assert reading["default"] in reading["alternatives"]
    assert set(reading["alternatives"]) == set(layout.CODES["reading"])


def test_rules_of_plan_changes_name_known_kinds() -> None:
    kinds = {*items.site_visit_rules()["significant_changes"], "record"}
    for rule in items.plan_change_rules():
        assert rule["kind"] in kinds, rule
        Significant(rule["significant"])


def test_kinds_of_change_are_those_of_the_schema() -> None:
    schema = json.loads((ROOT / "standards/schemas/cbam-verification.schema.json").read_text(encoding="utf-8"))
    listed = schema["properties"]["site_visit"]["properties"]["significant_changes"]["items"]["enum"]
    assert listed == list(items.site_visit_rules()["significant_changes"])


def test_every_code_that_is_spoken_has_a_sentence() -> None:
    """Codes of this area hold a hyphen, which the project's own test of codes does not look for."""
    missing = set()
    for path in sorted(PACKAGE.glob("*.py")):
        text = path.read_text(encoding="utf-8")
        codes = re.findall(r"""["'](cbam-documents\.[a-z0-9_.-]*[a-z0-9_])["']""", text)
        codes += [f"cbam-documents.{c}" for c in re.findall(r"""say\(\s*["']([a-z0-9_.-]*[a-z0-9_])["']""", text)]
        codes += [f"cbam-documents.{c}" for c in re.findall(r"""_warn\("([a-z-]+)\"""", text)]
        codes += [f"cbam-documents.conclusion.{c}" for c in re.findall(r"""_reason\("([a-z-]+)\"""", text)]
        missing |= {f"{path.name}: {c}" for c in codes if c not in catalogue("en")}
    template = (PACKAGE / "templates/document.html.j2").read_text(encoding="utf-8")
    missing |= {c for c in re.findall(r"t\('([a-z_.-]+)'", template) if f"cbam-documents.{c}" not in catalogue("en")}
    assert missing == set()


def test_every_word_of_the_workbook_has_a_sentence() -> None:
    wanted = [f"sheet.{s.id}" for s in (*layout.TABLES, *layout.FACTS)]
    wanted += [f"column.{c.id}" for t in layout.TABLES for c in t.columns]
    wanted += [layout.fact_code(p) for f in layout.FACTS for p in f.paths]
    wanted += [f"{area}.{code}" for area, codes in layout.CODES.items() for code in codes]
    wanted += [f"paper.note.{s.id}" for s in (*layout.TABLES, *layout.FACTS)]
    assert [w for w in wanted if f"cbam-documents.{w}" not in catalogue("en")] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_of_sheets_and_columns_tell_them_apart(language: str) -> None:
    names = [layout.sheet_name(s.id, language) for s in (*layout.TABLES, *layout.FACTS)]
    assert len(set(names)) == len(names)
    for table in layout.TABLES:
        heads = [layout.header(c.id, language) for c in table.columns]
        assert len(set(heads)) == len(heads), table.id


@pytest.mark.parametrize(("text", "what"), [
    ("format: zerofactory/other/1\n", "zerofactory/cbam-items/1"),
    ("[]\n", "zerofactory/cbam-items/1")])
def test_a_table_of_another_format_is_refused(tmp_path: Path, text: str, what: str) -> None:
    (tmp_path / "items.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ProblemsError) as caught:
        items.load("items.yaml", what, tmp_path)
    assert [(p.code, p.accepted) for p in caught.value.problems] == [("cbam-documents.table", what)]


@pytest.mark.parametrize("kind", ["cbam-monitoring-plan", "cbam-verification", "cbam-report"])
def test_schemas_are_sound(kind: str) -> None:
    schema = json.loads((ROOT / f"standards/schemas/{kind}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    assert schema["$id"].endswith(f"/{kind}/1")
