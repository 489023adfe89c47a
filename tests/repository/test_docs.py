"""What is documented is there, and what is there is documented: commands, settings, exit codes, targets, rule packs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from zerofactory_engine import console
from zerofactory_engine.cli import group


def commands(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    yield name, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for sub in command.list_commands(context):
            found = command.get_command(context, sub)
            assert found is not None
            yield from commands(found, f"{name} {sub}")


ALL = dict(commands(group, "zerofactory"))


@pytest.mark.parametrize("name", sorted(ALL))
def test_every_command_is_documented(root: Path, name: str) -> None:
    text = (root / "docs/commands.md").read_text(encoding="utf-8")
    assert f"`{name}" in text, f"docs/commands.md does not mention `{name}`"
    assert ALL[name].help, f"{name} has no help text"


@pytest.mark.parametrize("name", sorted(n for n, c in ALL.items() if not isinstance(c, click.Group)))
def test_every_option_is_documented_and_explained(root: Path, name: str) -> None:
    text = (root / "docs/commands.md").read_text(encoding="utf-8")
    section = re.split(r"\n(?=## )", text)
    mine = "\n".join(s for s in section if f"`{name}" in s)
    for parameter in ALL[name].params:
        if not isinstance(parameter, click.Option) or parameter.name == "help":
            continue
        assert parameter.help, f"{name} {parameter.opts[0]} has no help text"
        if parameter.name not in {"as_json", "lang"}:
            assert f"`{parameter.opts[0]}" in mine, f"docs/commands.md: {name} lacks {parameter.opts[0]}"


def test_the_page_of_commands_is_current(root: Path) -> None:
    run = subprocess.run([sys.executable, "tools/commands_doc.py", "--check"], cwd=root, check=False,
                         env={**os.environ, "COLUMNS": "80", "LANG": "C"})
    assert run.returncode == 0, "docs/commands.md is not current: run .venv/bin/python tools/commands_doc.py"


def test_every_machine_readable_command_offers_json() -> None:
    without = [n for n, c in ALL.items() if not isinstance(c, click.Group) and "as_json" not in {p.name for p in c.params}]
    assert without == []


def test_documented_commands_exist(root: Path) -> None:
    text = "\n".join(p.read_text(encoding="utf-8") for p in [root / "README.md", *(root / "docs").glob("*.md")])
    mentioned = {m.strip() for m in re.findall(r"zerofactory((?: [a-z][a-z-]*)+)", text)}
    known = {n.removeprefix("zerofactory ") for n in ALL if n != "zerofactory"}
    groups = {n for n in known if isinstance(ALL[f"zerofactory {n}"], click.Group)}
    for words in mentioned:
        first, *rest = words.split()
        assert first in known, f"the documentation mentions `zerofactory {first}`"
        if first in groups and rest and f"{first} {rest[0]}" not in known:
            assert first == "import", f"the documentation mentions `zerofactory {first} {rest[0]}`"


def test_exit_codes_are_documented(root: Path) -> None:
    text = (root / "docs/commands.md").read_text(encoding="utf-8")
    for code in console.ExitCode:
        assert re.search(rf"\| {int(code)} \|", text), f"exit code {code}"


def test_settings_are_documented(root: Path) -> None:
    text = (root / "docs/commands.md").read_text(encoding="utf-8")
    settings = {m for folder in ("engine", "mappings", "web") for path in (root / folder).rglob("*.py")
                for m in re.findall(r"ZEROFACTORY_[A-Z_]+", path.read_text(encoding="utf-8"))}
    assert settings
    assert {s for s in settings if f"`{s}`" not in text} == set()


def test_make_targets_are_documented(root: Path) -> None:
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):.*##", makefile, flags=re.M))
    assert {"demo", "test", "test-full", "bench", "lint", "fuzz"} <= targets
    readme = (root / "README.md").read_text(encoding="utf-8") + (root / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert {t for t in targets if f"make {t}" not in readme and t != "help"} == set()


def test_every_rule_pack_is_documented(root: Path) -> None:
    text = (root / "docs/rule-packs.md").read_text(encoding="utf-8")
    packs = {p.parent.parent.name for p in (root / "rules").glob("*/*/pack.yaml")}
    assert len(packs) >= 5
    assert {p for p in packs if f"`{p}`" not in text} == set()


def test_links_between_documents_lead_somewhere(root: Path) -> None:
    broken = []
    for page in [root / "README.md", root / "CONTRIBUTING.md", root / "rules/README.md", *(root / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if "://" not in target and not (page.parent / target).exists():
                broken.append(f"{page.relative_to(root)}: {target}")
    assert broken == []
