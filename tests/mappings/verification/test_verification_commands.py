"""The commands as a person uses them: on files, in both languages, with wrong input."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.mappings.verification.foundry import DOSSIER, PACKAGE

from zerofactory_mappings.verification.commands import verification

PLAN = ["plan", str(DOSSIER), "--assurance", "reasonable", "--materiality", "5%"]


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(verification, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    return result


@pytest.mark.parametrize("ending", [".xlsx", ".yaml", ".json", ".html"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_plan_is_written_and_checked_and_stays_open(ending: str, lang: str, tmp_path: Path) -> None:
    out = tmp_path / f"plan{ending}"
    result = run(*PLAN, "--out", str(out), "--lang", lang)
    assert result.exit_code == 0, result.output
    assert out.stat().st_size > 1000
    if ending != ".html":
        checked = run("check", str(out), "--dossier", str(DOSSIER), "--lang", lang)
        assert checked.exit_code == 5
        assert {"zh": "尚不能得出意见", "en": "no opinion follows yet"}[lang] in checked.output


@pytest.mark.parametrize(("lang", "words"), [("zh", "得出的意见：无保留意见"), ("en", "Opinion that follows: unmodified opinion")])
def test_the_example_gets_an_unmodified_opinion(lang: str, words: str, tmp_path: Path) -> None:
    out = tmp_path / "findings.xlsx"
    result = run("check", str(PACKAGE), "--dossier", str(DOSSIER), "--out", str(out), "--lang", lang)
    assert (result.exit_code, words in result.output) == (0, True)
    again = run("check", str(out), "--dossier", str(DOSSIER), "--lang", lang)
    assert again.exit_code == 0
    assert again.output == "\n".join(result.output.split("\n")[1:])          # without the line of the file


def test_json_output_has_the_opinion(tmp_path: Path) -> None:
    result = run("check", str(PACKAGE), "--dossier", str(DOSSIER), "--json")
    found = json.loads(result.output)
    assert (found["opinion"]["follows"], found["exit_code"]) == ("unmodified", 0)
    told = json.loads(run(*PLAN, "--out", str(tmp_path / "p.json"), "--json").output)
    assert told["thresholds"][0]["percent"] == "5"


def test_a_material_misstatement_gives_exit_code_one(tmp_path: Path) -> None:
    file = tmp_path / "package.yaml"
    file.write_bytes(PACKAGE.read_bytes().replace(b"corrected: 3298.6, state", b"corrected: 4500, state"))
    result = run("check", str(file), "--dossier", str(DOSSIER), "--lang", "en")
    assert result.exit_code == 1
    assert "modified (qualified) opinion" in result.output


def test_a_changed_dossier_is_told(tmp_path: Path) -> None:
    changed = tmp_path / "dossier.yaml"
    changed.write_text(DOSSIER.read_text(encoding="utf-8").replace("MWh: 3516.2", "MWh: 3500"), encoding="utf-8")
    result = run("check", str(PACKAGE), "--dossier", str(changed), "--lang", "en")
    assert result.exit_code == 5
    assert "The dossier changed since the plan" in result.output
    assert "electricity/E3/CO2 is not as it was when planned" in result.output


@pytest.mark.parametrize(("arguments", "code", "words"), [
    (["--materiality", "5"], 2, "Materiality is a percentage, tonnes or the name of a rule"),
    (["--coverage", "95"], 2, "is no number from 0 to 1"),
    (["--tolerance", "much"], 2, "is no number of 0 or more"),
    (["--option", "grid_area"], 2, "NAME=VALUE"),
    (["--option", "grid_area=moon"], 3, "grid_area=moon"),
    (["--out", "plan.docx"], 2, ".xlsx"),
])
def test_wrong_options(arguments: list[str], code: int, words: str, tmp_path: Path) -> None:
    result = run(*PLAN, "--out", str(tmp_path / "plan.yaml"), *arguments, "--lang", "en")
    assert (result.exit_code, words in result.output) == (code, True), result.output
    assert list(tmp_path.iterdir()) == []


def test_an_input_is_never_replaced(tmp_path: Path) -> None:
    file = tmp_path / "p.xlsx"
    assert run(*PLAN, "--out", str(file)).exit_code == 0
    before = file.read_bytes()
    for arguments in ([*PLAN, "--read", str(file), "--out", str(file)], ["check", str(file), "--dossier", str(DOSSIER), "--out", str(file)]):
        assert run(*arguments, "--lang", "zh").exit_code == 2
        assert file.read_bytes() == before


@pytest.mark.parametrize("data", [b"", b"hello", b"{}", b"[1]", b"PK\x03\x04xx", b"format: zerofactory/dossier/1\n", b"\xff\xfe\x00", b"subject: {dossier: x, sha256: 1}\n"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_files_that_are_no_package(data: bytes, lang: str, tmp_path: Path) -> None:
    file = tmp_path / "package.xlsx"
    file.write_bytes(data)
    result = run("check", str(file), "--dossier", str(DOSSIER), "--lang", lang)
    assert result.exit_code == 3, result.output


def test_a_package_about_another_dossier_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "dossier.yaml"
    other.write_text(DOSSIER.read_text(encoding="utf-8").replace("id: demo-foundry-2025", "id: another"), encoding="utf-8")
    result = run("check", str(PACKAGE), "--dossier", str(other), "--lang", "en")
    assert (result.exit_code, "another dossier or period" in result.output) == (3, True)


def test_every_option_has_a_help_text() -> None:
    for command in verification.commands.values():
        assert [p.name for p in command.params if p.param_type_name == "option" and not getattr(p, "help", "")] == []
