"""The command line as users meet it: help is quick, mistakes are sentences, exit codes are as promised."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from zerofactory_engine import cli, console
from zerofactory_engine.console import ExitCode, default_language, exit_code_of
from zerofactory_engine.problems import NOWHERE, Problem, ProblemsError, Severity


def test_help_lists_every_command() -> None:
    found = CliRunner().invoke(cli.group, ["--help"])
    assert found.exit_code == 0
    for name in ("dossier", "inventory", "evaluate", "verify", "pack", "report", "import"):
        assert f"\n  {name} " in found.output


def test_help_loads_nothing_heavy() -> None:
    script = ("import sys; from zerofactory_engine import cli; from click.testing import CliRunner; "
              "CliRunner().invoke(cli.group, ['--help']); "
              "print(sorted(set(sys.modules) & {'yaml', 'openpyxl', 'lxml', 'jsonschema', 'pandas', 'weasyprint', 'rich', 'jinja2'}))")
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_unknown_command_is_a_usage_error() -> None:
    found = CliRunner().invoke(cli.group, ["certify"])
    assert found.exit_code == ExitCode.USAGE
    assert "No such command 'certify'" in found.output


def test_a_mistake_of_the_program_is_one_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("disk of cheese")

    monkeypatch.setattr(cli.group, "main", broken)
    with pytest.raises(SystemExit) as caught:
        cli.main()
    assert caught.value.code == ExitCode.INTERNAL
    error = capsys.readouterr().err
    assert error.startswith("error: internal error; please report it")
    assert "RuntimeError: disk of cheese" in error
    assert "Traceback" not in error


def test_a_mistake_of_the_program_is_one_object_where_json_is_asked_for(
        monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("disk of cheese")

    monkeypatch.setattr(cli.group, "main", broken)
    monkeypatch.setattr(sys, "argv", ["zerofactory", "verify", "--json", "--lang=zh", "x"])
    with pytest.raises(SystemExit) as caught:
        cli.main()
    told = json.loads(capsys.readouterr().out)
    assert (caught.value.code, told["exit_code"], told["problems"][0]["code"]) == (10, 10, "internal.error")


WRONG_LINES = [
    # command line                                                  code                      a part of the sentence in zh
    (["certify"], "usage.no-such-command", "没有命令 certify"),
    (["evaluate"], "usage.missing-argument", "缺少参数 DOSSIER"),
    (["evaluate", __file__], "usage.missing-option", "缺少选项 --pack"),
    (["evaluate", __file__, "--pak", "x"], "usage.no-such-option", "没有选项 --pak"),
    (["evaluate", __file__, "b", "--pack", "x"], "usage.extra-argument", "多余的参数 — 实际为：b"),
    (["evaluate", __file__, "--pack", "x", "--valid-on", "2025"], "usage.bad-value", "实际为：2025 — 可接受：YYYY-MM-DD"),
    (["evaluate", "no.yaml", "--pack", "x"], "usage.not-there", "实际为：no.yaml"),
    (["evaluate", ".", "--pack", "x"], "usage.is-folder", "这是文件夹"),
    (["import", "other", __file__, "--out", "x"], "usage.bad-value", "实际为：other — 可接受：cn_energy_tables, credit_registry"),
    (["import", "verifi", __file__, "--out", "x", "--year", "3"], "usage.bad-value", "可接受：1950–2100"),
    (["inventory", __file__, "--factors", "no"], "usage.not-there", "--factors"),
]


@pytest.mark.parametrize(("line", "code", "said"), WRONG_LINES)
def test_a_wrong_command_line_is_said_in_chinese_and_as_json(line: list[str], code: str, said: str) -> None:
    found = CliRunner().invoke(cli.group, [*line, "--lang", "zh"] if line != ["certify"] else line, env={"ZEROFACTORY_LANG": "zh"})
    assert (found.exit_code, found.stdout) == (ExitCode.USAGE, "")
    assert said in found.stderr
    assert "Error" not in found.stderr
    told = CliRunner().invoke(cli.group, [*line, "--json"])
    assert [p["code"] for p in json.loads(told.stdout)["problems"]] == [code]
    assert told.exit_code == ExitCode.USAGE


def test_an_interruption_is_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli.group, "invoke", interrupted)
    assert CliRunner().invoke(cli.group, ["pack", "list"]).exit_code == cli.INTERRUPTED


@pytest.mark.parametrize(("error", "code"), [
    (FileNotFoundError(2, "No such file"), "file.not-there"), (IsADirectoryError(21, "Is a directory"), "file.is-folder"),
    (PermissionError(13, "Permission denied"), "file.not-allowed"), (OSError(28, "No space left"), "file.no-space"),
    (OSError("cheese"), "file.unusable"),
])
def test_a_file_that_cannot_be_written_is_a_problem_and_no_mistake_of_the_program(
        error: OSError, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command()
    @console.common_options
    def command(as_json: bool, lang: str) -> None:
        with console.reporting(lang, as_json):
            console.write_aside(tmp_path / "out.json", b"x")

    def refuse(*_: object) -> None:
        raise error

    monkeypatch.setattr(os, "replace", refuse)
    found = CliRunner().invoke(command, ["--json"])
    assert found.exit_code == ExitCode.DOSSIER
    assert [(p["code"], p["place"]["file"]) for p in json.loads(found.stdout)["problems"]] == [(code, str(tmp_path / "out.json"))]


@pytest.mark.parametrize(("codes", "expected"), [
    (["dossier.a"], ExitCode.DOSSIER), (["dossier.a", "pack.b"], ExitCode.PACK), (["feel.x"], ExitCode.PACK),
    (["overlay.x"], ExitCode.PACK), (["factors.x"], ExitCode.PACK), (["bundle.x"], ExitCode.DOSSIER), ([], ExitCode.DOSSIER),
    (["evaluation.reading-unknown", "evaluation.level-unknown"], ExitCode.USAGE), (["evaluation.reading-unknown", "dossier.a"], ExitCode.DOSSIER),
])
def test_pack_problems_go_before_dossier_problems(codes: list[str], expected: ExitCode) -> None:
    assert exit_code_of([Problem(c) for c in codes]) is expected


@pytest.mark.parametrize(("settings", "language"), [
    ({"ZEROFACTORY_LANG": "zh", "LANG": "en_GB.UTF-8"}, "zh"), ({"LANG": "zh_CN.UTF-8"}, "zh"), ({"LC_ALL": "C", "LANG": "zh_CN"}, "en"),
    ({}, "en"), ({"ZEROFACTORY_LANG": "EN"}, "en"),
])
def test_language_of_messages(monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], language: str) -> None:
    for name in ("ZEROFACTORY_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert default_language() == language


@pytest.mark.parametrize("as_json", [False, True])
def test_problems_are_printed_together_with_the_exit_code(as_json: bool) -> None:
    @click.command()
    @console.common_options
    def command(as_json: bool, lang: str) -> None:
        with console.reporting(lang, as_json):
            raise ProblemsError([Problem("a.note", NOWHERE, Severity.NOTE), Problem("a.bad", found="x")])

    found = CliRunner().invoke(command, ["--json", "--lang", "en"] if as_json else ["--lang", "en"])
    assert found.exit_code == ExitCode.DOSSIER
    if as_json:
        assert '"exit_code": 3' in found.stdout
        assert '"found": "x"' in found.stdout
    else:
        assert found.stderr.splitlines()[0].startswith("error: ")
        assert found.stderr.splitlines()[1] == "note: a.note  [a.note]"


def test_nothing_half_written_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "out.json"
    console.write_aside(target, b"first")
    assert target.read_bytes() == b"first"

    def full(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="disk full"):
        console.write_aside(target, b"second")
    assert target.read_bytes() == b"first"
    assert [p.name for p in tmp_path.iterdir()] == ["out.json"]


def test_progress_is_silent_where_nobody_watches(capsys: pytest.CaptureFixture[str]) -> None:
    with console.progress("reading", 2) as advance:
        advance(1)
    assert capsys.readouterr().err == ""
