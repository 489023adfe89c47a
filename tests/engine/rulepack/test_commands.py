"""``zerofactory pack``: what people and programs get, and with which exit code."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from tests.engine.rulepack.packs import EXAMPLES, change

from zerofactory_engine.console import ExitCode
from zerofactory_engine.locate import RULES_ROOT, RULES_SETTING
from zerofactory_engine.rulepack.commands import pack

SITE = RULES_ROOT / "cn-miit-zcf-2026/0.1.0/cases/worked-site.dossier.yaml"
MIIT = "cn-miit-zcf-2026@0.1.0"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(pack, [str(a) for a in arguments], catch_exceptions=False)


def told(*arguments: str | Path, code: ExitCode = ExitCode.MET) -> Any:
    result = run(*arguments, "--json")
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


@pytest.fixture
def mine(good: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The good pack in a folder of the user's own."""
    monkeypatch.setenv(RULES_SETTING, str(good.parents[1]))
    return good


def test_list_names_every_pack_with_its_hash(mine: Path) -> None:
    rows = {r["id"]: r for r in told("list")["packs"]}
    assert {"cn-miit-zcf-2026", "example-standard"} <= set(rows)
    assert rows["cn-miit-zcf-2026"]["criteria"] == "11"
    assert rows["example-standard"]["sha256"].startswith("sha256:")
    assert "国家级零碳工厂" in run("list", "--lang", "zh").stdout


def test_list_goes_on_behind_a_broken_pack(mine: Path) -> None:
    change(mine / "levels.yaml", "needs: all", "needs: some")
    rows = {r["id"]: r["usable"] for r in told("list", code=ExitCode.PACK)["packs"]}
    assert rows["example-standard"] is False
    assert rows["cn-miit-zcf-2026"] is True


@pytest.mark.parametrize(("lang", "words"), [
    ("zh", ["非化石能源消费占比", "入选限值（ZCF-1.2/entry_share）= 30 %", "未见原文", "二手来源", "ithome.com", "non_fossil_energy_share >= entry_share"]),
    ("en", ["Non-fossil share of energy consumption", "Entry limit (ZCF-1.2/entry_share) = 30 %", "text not read by us", "secondary",
            "if self_generation_in_R=excluded", "576 combinations"]),
])
def test_show_prints_sentences_with_parameters_and_sources(lang: str, words: list[str]) -> None:
    text = run("show", MIIT, "--criterion", "ZCF-1.2", "--lang", lang).stdout
    assert [w for w in words if w not in text] == []
    assert "indicator 1.2" not in text.split("\n")[1], "a clause that was not read prints as our code"


def test_show_whole_and_as_json() -> None:
    text = run("show", MIIT, "--lang", "en").stdout
    assert "Known gaps" in text
    assert "tce_of_electricity (R1)" in text
    shown = told("show", MIIT)
    assert [c["id"] for c in shown["criteria"]][:2] == ["ZCF-1.1", "ZCF-1.2"]
    assert shown["criteria"][0]["combinations"] == "13824"
    assert told("show", MIIT, "--criterion", "ZCF-5.1")["id"] == "ZCF-5.1"


def test_show_what_is_not_there() -> None:
    assert run("show", "cn-miit", "--lang", "en").exit_code == ExitCode.PACK
    result = run("show", MIIT, "--criterion", "ZCF-9", "--lang", "en")
    assert result.exit_code == ExitCode.PACK
    assert "there is no criterion ZCF-9" in result.stderr


def test_lint_clean_and_not(mine: Path) -> None:
    assert "no problems" in run("lint", mine, "--lang", "en").stdout
    assert "no problems" in run("lint", "example-standard", "--lang", "en").stdout
    change(mine / "criteria/EX-1.yaml", "value: renewable_used / electricity_used", "value: renewable_usd / electricity_used")
    result = run("lint", mine, "--lang", "en")
    assert result.exit_code == ExitCode.PACK
    assert "criteria/EX-1.yaml:22:12" in result.stderr
    assert "renewable_used" in result.stderr
    problems = told("lint", mine, code=ExitCode.PACK)["problems"]
    assert problems[0]["code"] == "feel.unknown-name"


def test_lint_reports_rules_of_findings_that_go_round(mine: Path) -> None:
    path = mine / "findings.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "- {id: round, when: [{kind: own}], then: [{kind: own}]}\n", encoding="utf-8")
    assert "findings.cycle" in {p["code"] for p in told("lint", mine, code=ExitCode.PACK)["problems"]}


def test_lint_writes_a_lock_once(mine: Path) -> None:
    change(mine / "pack.yaml", "status: draft", "status: published")
    assert run("lint", mine).exit_code == ExitCode.PACK
    assert told("lint", mine, "--write-lock")["lock"] == str(mine / "pack.lock")
    before = (mine / "pack.lock").read_bytes()
    assert run("lint", mine).exit_code == ExitCode.MET
    again = run("lint", mine, "--write-lock", "--lang", "en")
    assert "never locked anew" in again.stderr
    assert (mine / "pack.lock").read_bytes() == before


def test_no_lock_for_a_pack_with_problems(mine: Path) -> None:
    change(mine / "levels.yaml", "needs: all", "needs: some")
    assert run("lint", mine, "--write-lock").exit_code == ExitCode.PACK
    assert not (mine / "pack.lock").exists()


def test_test_runs_cases_and_says_what_differs(mine: Path) -> None:
    assert "2 of 2 cases pass" in run("test", "example-standard", "--lang", "en").stdout
    change(mine / "cases/cases.yaml", "pass: {EX-1: met}", "pass: {EX-1: not_met}")
    result = run("test", "example-standard", "--lang", "en")
    assert result.exit_code == ExitCode.PACK
    assert "differs: above-the-limit" in result.stdout
    assert "expected not_met" in result.stdout
    assert told("test", "example-standard", "--case", "below-the-limit-provincial")["failed"] == []


def test_an_overlay_lists_the_cases_that_change(mine: Path, tmp_path: Path) -> None:
    sha256 = told("show", "example-standard")["sha256"]
    folder = tmp_path / "overlay"
    folder.mkdir()
    text = (EXAMPLES / "overlay.yaml").read_text(encoding="utf-8").replace("sha256:" + "0" * 64, sha256)
    (folder / "overlay.yaml").write_text(text.replace("value: 35,", "value: 45,"), encoding="utf-8")
    result = told("test", "example-standard", "--overlay", folder)
    assert result["changed"] == ["above-the-limit"], "40 % no longer suffices; the other case stays"
    assert result["failed"] == []
    shutil.copytree(mine / "cases", folder / "cases")
    assert told("test", "example-standard", "--overlay", folder, code=ExitCode.PACK)["failed"] == ["above-the-limit"]


def test_names_are_what_expressions_may_use() -> None:
    names = told("names", MIIT)
    assert names["roots"]["electricity"]["columns"]["MWh"] == {"type": "number", "unit": "MWh"}
    assert "amount" not in names["roots"]["energy"]["columns"], "a column whose unit differs by row is closed"
    assert names["roots"]["energy"]["columns"]["tce"]["unit"] == "tce"
    assert names["roots"]["period"]["columns"]["years"]["unit"] == "a"
    assert names["parameters"]["ZCF-1.1/entry_limit"]["unit"] == "tCO2/tce | tCO2e/tce"
    assert names["quantities"]["ZCF-1.2/non_fossil_energy_share"]["base_unit"] == "1"
    assert set(names["functions"]) == {"total", "figure", "convert", "answers", "items", "judged"}
    assert len(names["question_sets"]["miit-energy-carbon-functions"]) == 13
    assert "solar" in names["roots"]["electricity"]["columns"]["technology"]["codes"]
    assert "total(list)" in run("names", MIIT, "--lang", "en").stdout
    assert "合计" in run("names", MIIT, "--lang", "zh").stdout


def test_try_gives_value_unit_and_trace() -> None:
    result = told("try", MIIT, "non_fossil_energy / energy_without_feedstock", "--criterion", "ZCF-1.2", "--dossier", SITE,
                  "--reading", "tce_of_electricity=equivalent_tbea")
    assert result["value"].startswith("0.32148")               # 1,113.84 / 3,464.72
    assert [p["value"] for p in result["trace"]["parts"]] == ["1113.84", "3464.72"]
    text = run("try", MIIT, 'total(electricity[source = "grid"].MWh)', "--dossier", SITE, "--lang", "en").stdout
    assert '→  [1] E1' in text
    assert text.rstrip().endswith("= 10000 MWh")


def test_try_says_why_it_is_not_known() -> None:
    result = told("try", MIIT, "energy_per_value_added <= entry_limit", "--criterion", "ZCF-2.1", "--dossier", SITE)
    assert result["value"] == "unknown"
    assert [r["cause"] for r in result["reasons"]] == ["limit"]
    assert all(r["zh"] and r["en"] for r in result["reasons"])


@pytest.mark.parametrize(("expression", "words"), [
    ('total(electricity[source = "grid"].MWh', "missing"),
    ("electricity_consumed + comprehensive_energy", "units"),
    ("entry_share", "only"),
    ('count(answers("miit-disclosures"))', "miit-disclosure"),
])
def test_try_refuses_like_a_pack(expression: str, words: str) -> None:
    result = run("try", MIIT, expression, "--dossier", SITE, "--lang", "en")
    assert result.exit_code == ExitCode.PACK
    assert words in result.stderr


def test_try_with_readings_that_do_not_go_together() -> None:
    result = run("try", MIIT, "1", "--dossier", SITE, "--reading", "self_generation_in_E=excluded", "--lang", "en")
    assert result.exit_code != ExitCode.MET


def test_try_needs_a_dossier(tmp_path: Path) -> None:
    assert run("try", MIIT, "1").exit_code == ExitCode.USAGE
    assert run("try", MIIT, "1", "--dossier", tmp_path / "nothing.yaml").exit_code == ExitCode.DOSSIER
