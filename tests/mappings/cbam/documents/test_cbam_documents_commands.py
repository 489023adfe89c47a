"""The commands: every kind and ending, what does not go together, what is missing, nothing half-written."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator
from tests.mappings.cbam.documents.cases import (
    FASTENERS,
    GONE,
    HERE,
    PLAN_EXAMPLE,
    ROOT,
    VERIFICATION_EXAMPLE,
    as_bytes,
    changed,
    tree,
    without_parameters,
)

from zerofactory_mappings.cbam.documents.commands import plan, report

PLAN = ["--plan", str(PLAN_EXAMPLE)]


def run(*arguments: str, source: Path = FASTENERS) -> Result:
    return CliRunner().invoke(report, [str(source), *arguments])


def schema(kind: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads((ROOT / f"standards/schemas/{kind}.schema.json").read_text(encoding="utf-8")))


@pytest.mark.parametrize(("kind", "ending", "start"), [
    ("emissions", ".json", b"{"), ("emissions", ".html", b"\n<!doctype html>"), ("summary", ".json", b"{"),
    ("summary", ".html", b"\n<!doctype html>"), ("summary", ".pdf", b"%PDF-1.7"), ("plan", ".json", b"{"),
    ("plan", ".html", b"\n<!doctype html>"), ("verification", ".json", b"{"), ("verification", ".html", b"\n<!doctype html>"),
    ("verification", ".xlsx", b"PK")])
def test_every_kind_is_written_as_its_ending_says(kind: str, ending: str, start: bytes, tmp_path: Path) -> None:
    out = tmp_path / f"document{ending}"
    found = run("--kind", kind, "--out", str(out), *PLAN, "--lang", "en")
    assert found.exit_code == 0, found.output
    assert out.read_bytes().lstrip(b"\n").startswith(start.lstrip(b"\n"))
    assert list(tmp_path.iterdir()) == [out]
    if ending == ".json":
        name = "cbam-verification" if kind == "verification" else "cbam-report"
        assert [e.message for e in schema(name).iter_errors(json.loads(out.read_bytes()))] == []


@pytest.mark.parametrize(("kind", "ending", "more", "option"), [
    ("emissions", ".xlsx", PLAN, "--out"), ("emissions", ".txt", [], "--out"), ("summary", ".yaml", [], "--out"),
    ("plan", ".html", [], "--plan"), ("plan", ".yaml", PLAN, "--out"), ("plan", ".yaml", ["--previous", str(PLAN_EXAMPLE)], "--previous"),
    ("emissions", ".json", ["--previous", str(PLAN_EXAMPLE)], "--previous"),
    ("emissions", ".json", ["--read", str(VERIFICATION_EXAMPLE)], "--read"), ("emissions", ".json", ["--issued", "1.1.2027"], "--issued")])
def test_what_does_not_go_together_is_refused(kind: str, ending: str, more: list[str], option: str, tmp_path: Path) -> None:
    found = run("--kind", kind, "--out", str(tmp_path / f"x{ending}"), *more)
    assert found.exit_code == 2
    assert option in found.output
    assert list(tmp_path.iterdir()) == []


def told(*arguments: str, source: Path = FASTENERS) -> dict[str, Any]:
    found = run(*arguments, "--json", source=source)
    assert found.exit_code == 0, found.output
    data: dict[str, Any] = json.loads(found.stdout)
    return data


def test_json_says_what_is_missing(tmp_path: Path) -> None:
    out = tmp_path / "e.json"
    whole = told("--kind", "emissions", "--out", str(out), *PLAN)
    assert (whole["document"], whole["basis"], whole["complete"], whole["missing"]) == ("emissions_report", "definitive", True, [])
    assert whole["bytes"] == len(out.read_bytes())
    (tmp_path / "copy").mkdir()
    lacking = told("--kind", "emissions", "--out", str(out), *PLAN, source=without_parameters(tmp_path / "copy"))
    assert (lacking["complete"], [m["item"] for m in lacking["missing"]]) == (False, ["35"])


def test_the_basis_is_chosen(tmp_path: Path) -> None:
    data = told("--kind", "emissions", "--out", str(tmp_path / "e.json"), "--basis", "transitional")
    assert data["basis"] == "transitional"


@pytest.mark.parametrize(("lang", "word"), [("zh", "缺失"), ("en", "missing")])
def test_items_are_told_in_the_language_asked_for_and_the_document_is_english(lang: str, word: str, tmp_path: Path) -> None:
    out = tmp_path / "e.html"
    found = run("--kind", "emissions", "--out", str(out), "--lang", lang)
    assert word in found.output
    assert "Operator's emissions report" in out.read_text(encoding="utf-8").replace("&#39;", "'")


def test_a_filled_workbook_is_read_and_evaluated(tmp_path: Path) -> None:
    filled = tmp_path / "v.xlsx"
    entered = tmp_path / "entered.json"          # no statement: a remark on it names the file that it was read from
    entered.write_bytes(as_bytes(changed(VERIFICATION_EXAMPLE, ("statement/kind", GONE))))
    first = told("--kind", "verification", "--out", str(filled), *PLAN, "--read", str(entered))
    again = tmp_path / "v.json"
    second = told("--kind", "verification", "--out", str(again), *PLAN, "--read", str(filled))
    assert first["conclusion"] == second["conclusion"]
    third = tmp_path / "w.json"
    told("--kind", "verification", "--out", str(third), *PLAN, "--read", str(again))
    assert json.loads(third.read_bytes()) == json.loads(again.read_bytes())


def test_changes_of_the_plan_are_told(tmp_path: Path) -> None:
    older = tmp_path / "older.json"
    older.write_bytes(as_bytes(changed(PLAN_EXAMPLE, ("indirect_factors", []), ("versions/1", {"version": "0.9", "date": "2025-12-01"}))))
    data = told("--kind", "plan", "--out", str(tmp_path / "p.json"), *PLAN, "--previous", str(older))
    assert [(c["path"], c["significant"]) for c in data["changes"]] == [("indirect_factors/P2", "yes")]
    found = CliRunner().invoke(plan, ["compare", str(older), str(PLAN_EXAMPLE), "--json"])
    assert json.loads(found.stdout)["significant"] == ["technical_link"]
    found = CliRunner().invoke(plan, ["compare", str(older), str(PLAN_EXAMPLE), "--lang", "zh"])
    assert "重大" in found.stdout


def test_a_plan_is_begun_and_checked(tmp_path: Path) -> None:
    one, other = tmp_path / "one.yaml", tmp_path / "other.yaml"
    assert run("--kind", "plan", "--out", str(one), "--lang", "en").exit_code == 0
    found = CliRunner().invoke(plan, ["new", str(FASTENERS), "--out", str(other), "--lang", "en"])
    assert found.exit_code == 0, found.output
    assert one.read_bytes() == other.read_bytes()
    checked = CliRunner().invoke(plan, ["check", str(FASTENERS), str(one), "--json"])
    data = json.loads(checked.stdout)
    assert data["complete"] is False
    assert "22" in [m["item"] for m in data["missing"]]
    whole = CliRunner().invoke(plan, ["check", str(FASTENERS), str(PLAN_EXAMPLE), "--lang", "en"])
    assert "missing" not in whole.output


@pytest.mark.parametrize("content", [b"", b"format: other\n", b"\xff"])
def test_files_that_cannot_be_used_are_problems_not_tracebacks(content: bytes, tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_bytes(content)
    out = tmp_path / "e.json"
    for arguments in (["--kind", "emissions", "--out", str(out), "--plan", str(bad)],
                      ["--kind", "verification", "--out", str(out), "--read", str(bad)]):
        found = run(*arguments, "--json")
        assert found.exit_code == 3
        assert json.loads(found.stdout)["problems"]
        assert not out.exists()
    found = CliRunner().invoke(report, [str(bad), "--kind", "emissions", "--out", str(out), "--json"])
    assert found.exit_code == 3


def test_what_is_not_installed_is_told_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *a: None if name == "jinja2" else real(name, *a))
    found = run("--kind", "summary", "--out", str(tmp_path / "s.html"), "--lang", "en")
    assert found.exit_code == 2
    assert "pip install 'zerofactory[report]'" in found.output
    assert run("--kind", "summary", "--out", str(tmp_path / "s.json")).exit_code == 0


def test_a_commission_workbook_or_another_input_is_taken(tmp_path: Path) -> None:
    found = CliRunner().invoke(report, [str(HERE / "everything.yaml"), "--kind", "summary", "--plan",
                                        str(HERE / "everything-plan.yaml"), "--out", str(tmp_path / "s.json"), "--json"])
    assert json.loads(found.stdout)["complete"] is True


def test_the_date_asked_for_stands_on_the_document(tmp_path: Path) -> None:
    out = tmp_path / "s.json"
    told("--kind", "summary", "--out", str(out), *PLAN, "--issued", "2027-04-01")
    assert json.loads(out.read_bytes())["issued"] == "2027-04-01"
    told("--kind", "summary", "--out", str(out), *PLAN)
    assert json.loads(out.read_bytes())["issued"] == tree(PLAN_EXAMPLE)["statements"][0]["issued"]
