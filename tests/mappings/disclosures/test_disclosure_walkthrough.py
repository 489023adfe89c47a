"""docs/adding-a-disclosure.md followed to the letter on a copy of the project."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from zerofactory_engine.typed import read_typed, shipped_schema
from zerofactory_engine.yaml_text import read_yaml

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs/adding-a-disclosure.md"
FILE = re.compile(r"<!-- file: (\S+) -->\n```\w+\n(.*?)\n```\n", re.DOTALL)
LINE = re.compile(r"<!-- under: (\[.*?\]) in (\S+) -->\n```toml\n(.*?)\n```\n", re.DOTALL)
#: What the copy needs to run.
FOLDERS = ("engine", "mappings", "standards", "rules", "examples/demo-battery-factory")


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with the page's files written into it."""
    folder = tmp_path_factory.mktemp("copy")
    for name in FOLDERS:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    text = PAGE.read_text(encoding="utf-8")
    files = FILE.findall(text)
    assert {Path(name).name for name, _ in files} >= {
        "model.py", "build.py", "check.py", "write.py", "commands.py", "card.yaml", "completeness.yaml"}
    for name, content in files:
        target = folder / name
        assert not target.exists(), f"{name}: the page would overwrite a file of the project"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content + "\n", encoding="utf-8")
    for under, name, lines in LINE.findall(text):
        assert name == "pyproject.toml"
        at = project.index(under)
        end = project.index("\n", at)
        project = f"{project[:end]}\n{lines}{project[end:]}"
    (folder / "pyproject.toml").write_text(project, encoding="utf-8")
    _announce(folder, project)
    return folder


def _announce(folder: Path, project: str) -> None:
    """What an installation writes of the entry points, so that this copy is found before the installed project."""
    tables = tomllib.loads(project)["project"]
    info = folder / "zerofactory-0.0.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: zerofactory\nVersion: 0.0.0\n", encoding="utf-8")
    groups = {**tables["entry-points"], "console_scripts": tables["scripts"]}
    (info / "entry_points.txt").write_text("\n".join(
        f"[{group}]\n" + "\n".join(f"{k} = {v}" for k, v in entries.items()) for group, entries in groups.items()),
        encoding="utf-8")


def run(copy: Path, *words: str, module: str = "zerofactory_engine.cli") -> subprocess.CompletedProcess[str]:
    paths = os.pathsep.join(str(copy / p) for p in ("", "engine", "mappings"))
    call = [sys.executable, "-c", f"import runpy, sys; sys.argv = {['zerofactory', *words]!r}; "
            f"from {module} import main; main()"]
    return subprocess.run(call, cwd=copy, check=False, capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": paths, "ZEROFACTORY_LANG": "en"})


def commands() -> list[list[str]]:
    """The lines of the page that call the command."""
    return [line.split()[1:] for line in PAGE.read_text(encoding="utf-8").splitlines()
            if line.startswith("    .venv/bin/zerofactory ")]


def test_every_command_of_the_page_runs_and_gives_the_inventorys_figures(copy: Path) -> None:
    assert len(commands()) == 4
    for words in commands():
        done = run(copy, *words)
        assert done.returncode == 0, done.stderr
        if words[:2] == ["map", "list"]:
            assert "vsme_b3" in done.stdout
    made = json.loads((copy / "b3.json").read_text(encoding="utf-8"))
    done = run(copy, "inventory", "examples/demo-battery-factory/dossier.yaml", "--json")
    totals = json.loads(done.stdout)["totals"]
    assert made["tCO2e"]["TotalGrossLocationBasedScope1AndScope2GHGEmissions"] == _value(
        totals["location"]["scopes_1_2"])
    assert made["tCO2e"]["TotalGrossMarketBasedScope1AndScope2GHGEmissions"] == _value(totals["market"]["scopes_1_2"])
    assert made["completeness"]["complete"] is True
    assert (copy / "b3.pdf").read_bytes().startswith(b"%PDF")


def test_the_card_of_the_page_is_one(copy: Path) -> None:
    name = "efrag-vsme/card.yaml"
    tree = read_yaml((copy / "standards" / name).read_bytes(), name)
    assert read_typed(tree, shipped_schema("card")).unwrap()["id"] == "efrag-vsme"


def _value(total: object) -> object:
    return total["tCO2e"] if isinstance(total, dict) else total


@pytest.mark.full
def test_the_pages_files_pass_the_houses_checks(copy: Path) -> None:
    made = [str(copy / name) for name, _ in FILE.findall(PAGE.read_text(encoding="utf-8")) if name.endswith(".py")]
    for tool in (["ruff", "check", "--config", str(ROOT / "pyproject.toml")], ["mypy", "--strict"]):
        done = subprocess.run([sys.executable, "-m", *tool, *made], cwd=copy, check=False, capture_output=True,
                              text=True, env={**os.environ, "MYPYPATH": os.pathsep.join(
                                  str(copy / p) for p in ("engine", "mappings"))})
        assert done.returncode == 0, done.stdout + done.stderr
