"""The commands evaluate and verify: what they print in both languages, exit codes, JSON, files, problems."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from zerofactory_engine.console import ExitCode
from zerofactory_engine.evaluation import Assessment, Verdict
from zerofactory_engine.evaluation.commands import evaluate, exit_code, verify

PACK = "cn-miit-zcf-2026@0.1.0"


@pytest.fixture
def site(root: Path) -> str:
    return str(root / "tests/engine/dossier/examples/worked-site.yaml")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(evaluate, list(arguments), catch_exceptions=False)


def test_the_first_page_in_english(site: str) -> None:
    found = run(site, "--pack", PACK, "--valid-on", "2026-08-15", "--lang", "en")
    assert found.exit_code == ExitCode.INDETERMINATE
    for line in ("Readiness report, not a certificate", "Worked site, dossier worked-site-2025, 2025-01-01 to 2025-12-31",
                 "law as of 2026-08-15", "The pack is provisional", "Requests (", "What the pack does not know:",
                 "the weakest thing it rests on is not confirmed"):
        assert line in found.output
    assert "Traceback" not in found.output


@pytest.mark.parametrize(("lang", "columns"), [("zh", 80), ("en", 80), ("zh", 44), ("en", 44)])
def test_the_criteria_read_well_in_a_narrow_terminal(site: str, lang: str, columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from rich.cells import cell_len
    from rich.console import Console

    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("LINES", "25")          # rich believes a width only together with a height
    monkeypatch.setattr(Console, "is_terminal", True)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "dumb")
    told = run(site, "--pack", PACK, "--valid-on", "2026-08-15", "--lang", lang).stdout.splitlines()
    start = next(i for i, line in enumerate(told) if line.startswith(("Criteria for: ", "各条款判定：")))
    block = told[start + 1:told.index("", start)]
    verdicts = ("met", "not met", "indeterminate", "not applicable", "符合", "不符合", "无法判定", "不适用")
    assert len([line for line in block if line.startswith(tuple(f"  {v}  " for v in verdicts))]) == 11
    assert max(map(cell_len, block)) <= columns
    assert all(line == line.rstrip() for line in told)


def test_the_first_page_in_chinese(site: str) -> None:
    found = run(site, "--pack", PACK, "--valid-on", "2026-08-15", "--level", "target", "--lang", "zh")
    assert found.exit_code == ExitCode.NOT_MET
    for line in ("准备情况报告，不是证书", "示例工厂，申报材料 worked-site-2025", "不符合项（", "规则包尚不掌握的内容："):
        assert line in found.output
    assert "[严重]" in found.output


def test_json_is_the_assessment(site: str) -> None:
    found = run(site, "--pack", PACK, "--valid-on", "2026-08-15", "--known-on", "2026-10-01", "--json",
                "--reading", "grid_factor_area=national", "--reading", "tce_of_electricity=equivalent_tbea")
    told = json.loads(found.output)
    assert told["format"] == "zerofactory/assessment/1"
    assert (told["valid_on"], told["known_on"], told["asked"]) == ("2026-08-15", "2026-10-01", ["entry"])
    assert {r["id"]: r["chosen"] for r in told["readings"]}["tce_of_electricity"] == "equivalent_tbea"


def test_without_a_law_date_today_is_recorded(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import date

    from zerofactory_engine.evaluation import commands

    monkeypatch.setattr(commands, "_today", lambda: date(2027, 2, 3))
    assert json.loads(run(site, "--pack", PACK, "--json").output)["valid_on"] == "2027-02-03"
    monkeypatch.undo()
    assert commands._today() >= date(2026, 1, 1)


def test_bundle_and_proof_are_written_and_verify(site: str, tmp_path: Path) -> None:
    bundle, proof = tmp_path / "b.json", tmp_path / "p.json"
    found = run(site, "--pack", PACK, "--valid-on", "2026-08-15", "--bundle", str(bundle), "--proof", str(proof), "--lang", "en")
    assert f"bundle: {bundle}" in found.output.replace("\n", "")
    assert json.loads(proof.read_text(encoding="utf-8"))["assessment"] == json.loads(bundle.read_text(encoding="utf-8"))["assessment"]["id"]
    good = CliRunner().invoke(verify, [str(bundle), "--lang", "en"])
    assert (good.exit_code, good.output.splitlines()[0]) == (0, "Recomputed from the bundle alone: equal")
    forged = json.loads(bundle.read_text(encoding="utf-8"))
    forged["assessment"]["outcome_kind"] = "certification"
    bundle.write_text(json.dumps(forged), encoding="utf-8")
    bad = CliRunner().invoke(verify, [str(bundle), "--lang", "zh"])
    assert (bad.exit_code, bad.output.splitlines()[0]) == (6, "不一致：3 处")
    assert "assessment/outcome_kind: certification ≠ readiness" in bad.output
    told = json.loads(CliRunner().invoke(verify, [str(bundle), "--json"]).output)
    assert (told["outcome"], told["total"], len(told["differences"])) == ("different", 3, 3)


def test_verify_says_why_nothing_was_computed(tmp_path: Path, site: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(run(site, "--pack", PACK, "--valid-on", "2026-08-15", "--json").output, encoding="utf-8")
    found = CliRunner().invoke(verify, [str(path), "--lang", "en"])
    assert found.exit_code == 0
    assert "an assessment alone holds nothing to compute from" in found.output


@pytest.mark.parametrize(("arguments", "code", "text"), [
    (["--pack", "nowhere"], ExitCode.PACK, "nowhere"),
    (["--pack", PACK, "--level", "gold"], ExitCode.USAGE, "gold"),
    (["--pack", PACK, "--reading", "oops"], ExitCode.USAGE, "oops"),
    (["--pack", PACK, "--reading", "=x"], ExitCode.USAGE, "=x"),
    (["--pack", PACK, "--reading", "grid_factor_area=moon"], ExitCode.USAGE, "moon"),
    ([], ExitCode.USAGE, "--pack"),
    (["--pack", PACK, "--valid-on", "15.8.2026"], ExitCode.USAGE, "--valid-on"),
])
def test_what_is_wrong_is_said_in_one_sentence(site: str, arguments: list[str], code: ExitCode, text: str) -> None:
    found = run(site, *arguments)
    assert found.exit_code == code
    assert text in found.output
    assert "Traceback" not in found.output


def test_a_dossier_that_cannot_be_read_leaves_nothing_behind(tmp_path: Path) -> None:
    path, bundle = tmp_path / "d.yaml", tmp_path / "b.json"
    path.write_text("format: zerofactory/dossier/1\nid: [", encoding="utf-8")
    found = run(str(path), "--pack", PACK, "--bundle", str(bundle), "--json")
    assert found.exit_code == ExitCode.DOSSIER
    assert json.loads(found.output)["problems"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["d.yaml"]


def test_overlay_judgements_and_factors_by_file(site: str, root: Path, tmp_path: Path) -> None:
    judgements = tmp_path / "j.yaml"
    judgements.write_text("format: zerofactory/judgements/1\ndossier: worked-site-2025\npack: cn-miit-zcf-2026@0.1.0\njudgements: []\n",
                          encoding="utf-8")
    found = run(site, "--pack", PACK, "--valid-on", "2026-08-15", "--overlay", str(root / "docs/examples/overlay"), "--judgements",
                str(judgements), "--factors", str(tmp_path), "--json")
    told = json.loads(found.output)
    assert told["pins"]["overlay"]["id"]
    assert told["pins"]["judgements"]["sha256"].startswith("sha256:")


@pytest.mark.parametrize(("verdicts", "code"), [
    ("met met", 0), ("met indeterminate", 5), ("indeterminate not_met", 1), ("not_met error", 4), ("not_applicable", 1), ("error", 4),
])
def test_exit_codes_over_the_asked_levels(assess: Callable[..., Assessment], verdicts: str, code: int) -> None:
    found = assess()
    levels = tuple(replace(found.levels[0], verdict=Verdict(v), asked=True) for v in verdicts.split())
    other = replace(found.levels[1], verdict=Verdict.ERROR, asked=False)
    assert exit_code(replace(found, levels=(*levels, other))) == code


def test_the_summary_names_flips_limits_levers_and_uncertainty(assess: Callable[..., Assessment], pack_of: Callable[..., Any],
                                                               dossier_of: Callable[..., Any], share: str,
                                                               capsys: pytest.CaptureFixture[str]) -> None:
    from zerofactory_engine.evaluation.summary import print_summary

    levers = """
replace: {title: {zh: 替代, en: Replace}, unit: MWh, step: 1, minimum: 0, works_for: next_period, rows: [
  {table: electricity, amount: MWh, add: {flow: consumed, source: on-site}},
  {table: electricity, amount: MWh, sign: "-", add: {flow: consumed, source: grid}}]}
"""
    alternative = "{title: {zh: 读, en: read b}, confidence: unconfirmed, source: s}"
    readings = (f"readings:\n  base: {{ref: new, question: {{zh: 问, en: Which base}}, clause: c, default: a, because: {{zh: 因, en: why}}, "
                f"alternatives: {{a: {alternative}, b: {alternative}}}}}")
    text = share.replace("value: clean / consumed", "value: {by_reading: base, a: clean / consumed, b: clean / grid}").replace(
        "value: 30", "value: 24.9")
    rows = [{"id": "E1", "flow": "consumed", "source": "grid", "MWh": "800", "from": "2025-01-01", "to": "2025-12-31",
             "uncertainty": {"half_width_percent": "40"}},
            {"id": "E2", "flow": "consumed", "source": "on-site", "MWh": "200", "from": "2025-01-01", "to": "2025-12-31"}]
    print_summary(assess(pack_of(text, levers=levers, readings=readings), dossier_of(electricity=rows)), "en")
    told = capsys.readouterr().out
    for line in ("under all 2 combinations of the readings that matter: met 1, not met 1", 'Which base? Read as "read b": met',
                 "T-1/entry_share (not confirmed) would turn it at 20 %: met", "a deciding value lies within its stated uncertainty",
                 "Nonconformities (1)", "What would help (1)", "smallest change that meets it: Replace, 49 MWh", "margin -4.9 pp"):
        assert line in " ".join(told.split()), line
