"""What every shipped pack keeps (locked, valid under the published schemas, no number in an expression), and the national one.

That each lints clean and that its cases come out is in tests/rules.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from zerofactory_engine.locate import RULES_ROOT, STANDARDS_ROOT
from zerofactory_engine.rulepack import load_folder, pack_folders
from zerofactory_engine.rulepack.cases import DOSSIER_END, read_cases
from zerofactory_engine.rulepack.files import LOCK_FILE
from zerofactory_engine.rulepack.graph import Graph, leaves
from zerofactory_engine.rulepack.model import Confidence, Special

PACKS = [folder for _, _, folder in pack_folders([RULES_ROOT])]
MIIT = RULES_ROOT / "cn-miit-zcf-2026/0.1.0"


@pytest.mark.parametrize("folder", PACKS, ids=lambda f: f"{f.parent.name}@{f.name}")
def test_a_published_version_is_what_was_locked(folder: Path) -> None:
    pack = load_folder(folder)
    if pack.status == "published":
        assert pack.pin.sha256 in (folder / LOCK_FILE).read_text(encoding="utf-8")


def schema_of(name: str) -> str:
    if name.startswith("criteria/"):
        return "pack-criterion"
    if name.startswith("cases/"):
        return "pack-case"
    return "pack" if name == "pack.yaml" else f"pack-{name.removesuffix('.yaml')}"


@pytest.mark.parametrize("folder", PACKS, ids=lambda f: f"{f.parent.name}@{f.name}")
def test_every_file_is_valid_for_editors_too(folder: Path) -> None:
    schemas = {p.name.removesuffix(".schema.json"): json.loads(p.read_text(encoding="utf-8"))
               for p in (STANDARDS_ROOT / "schemas").glob("*.schema.json")}
    registry = Registry().with_resources([(s["$id"], Resource.from_contents(s)) for s in schemas.values()])
    wrong = []
    for path in folder.rglob("*.yaml"):
        name = path.relative_to(folder).as_posix()
        if name.endswith(DOSSIER_END):
            continue
        validator = Draft202012Validator(schemas[schema_of(name)], registry=registry)
        loaded = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
        wrong += [f"{name} {e.json_path}: {e.message[:120]}" for e in validator.iter_errors(loaded)]
    assert wrong == []


def test_the_national_pack_has_its_eleven_indicators() -> None:
    pack = load_folder(MIIT)
    assert list(pack.criteria) == [f"ZCF-{n}" for n in ("1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "3.1", "3.2", "4.1", "4.2", "5.1")]
    assert list(pack.levels) == ["entry", "target"]
    assert all(set(c.levels) == {"entry", "target"} for c in pack.criteria.values()), "an unknown limit never passes by omission"
    assert {level.needs for level in pack.levels.values()} == {"all"}
    assert pack.provisional
    assert pack.outcome_kind == "readiness"


def test_the_national_pack_encodes_every_reading_that_touches_it() -> None:
    pack = load_folder(MIIT)
    refs = {r.ref for r in pack.readings.values()}
    assert refs == {f"R{n}" for n in (*range(1, 17), 19, 20, 21, 30, 31, 34)}
    assert {frozenset(c.items()) for c in pack.inconsistent} == {
        frozenset({("self_generation_in_E", "excluded"), ("self_generation_in_R", "included")})}


def test_nothing_of_the_national_pack_claims_a_clause_that_was_not_read() -> None:
    pack = load_folder(MIIT)
    assert not any(c.source.clause_read for c in pack.criteria.values())
    limits = [v for c in pack.criteria.values() for p in c.parameters.values() for _, vs in leaves(p.values) for v in vs]
    assert not any(v.source.clause_read for v in limits)
    assert all(v.source.confidence is Confidence.UNCONFIRMED for v in limits if isinstance(v.value, Special))


def test_the_numbers_of_the_notice_stand_in_the_pack() -> None:
    """1.8 and 0.2 tCO2/tce; 30 and 95 %; 35 % from 5 GWh a year (two secondary sources for 1.8 and 30 %, one for the rest)."""
    stated = {}
    for criterion in load_folder(MIIT).criteria.values():
        for parameter in criterion.parameters.values():
            for readings, values in leaves(parameter.values):
                if not isinstance(values[0].value, Special) and set(readings.values()) <= {"at_acceptance"}:
                    stated[parameter.id] = values[0].stated
    assert {k: v for k, v in stated.items() if k.startswith("ZCF-1.")} == {
        "ZCF-1.1/entry_limit": "1.8", "ZCF-1.1/target_limit": "0.2", "ZCF-1.2/entry_share": "30",
        "ZCF-1.2/target_share": "95", "ZCF-1.3/target_share": "35", "ZCF-1.3/size_limit": "5000"}


@pytest.mark.parametrize("folder", PACKS, ids=lambda f: f"{f.parent.name}@{f.name}")
def test_no_expression_states_a_number_of_the_standard(folder: Path) -> None:
    """Numbers other than 0 and 1 stand in parameters, with unit and source; positions and months may be counted."""
    found = []
    for entry in Graph(load_folder(folder)).entries.values():
        for _, expression in entry.expressions:
            text = re.sub(r'"[^"]*"|in \[[^\]]*\]', "", expression.text)
            numbers = set(re.findall(r"(?<![\w.])\d+(?:\.\d+)?(?![\w])", text)) - {"0", "1"}
            scopes = set(re.findall(r"(?:scope|iso_category|ghgp_category) (?:in \([^)]*\)|= \d+)", text))
            numbers -= {n for s in scopes for n in re.findall(r"\d+", s)}
            if numbers - {n for r in re.findall(r"in (\d+)\.\.(\d+)", text) for n in r}:
                found.append(f"{entry.key}: {expression.text}")
    assert found == []


def test_cases_of_the_national_pack_show_every_cause() -> None:
    cases, problems = read_cases(MIIT / "cases")
    assert problems == []
    causes = {e.cause for c in cases for wanted in c.expect_criteria.values() for e in wanted.values() if e.cause}
    assert causes == {"value", "document", "table", "limit", "arithmetic", "judgement", "implausible"}, "nothing here falls due later"
    verdicts = {e.verdict for c in cases for wanted in c.expect_criteria.values() for e in wanted.values()}
    assert verdicts == {"met", "not_met", "indeterminate", "not_applicable"}
