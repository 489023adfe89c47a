"""Directions of import, as in docs/architecture.md: web → mappings → engine, and inside the engine by stage."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ENGINE = "zerofactory_engine"
MAPPINGS = "zerofactory_mappings"
WEB = "zerofactory_web"
FOLDERS = {ENGINE: "engine", MAPPINGS: "mappings", WEB: "web"}

GROUND = {"problems", "reasons", "decimals", "units", "locate", "canonical", "proof", "console", "messages", "yaml_text",
          "json_text", "typed", "typed_readers", "usage", ""}
#: What each stage of the engine may import beside the ground; a stage may always import itself.
ALLOWED = {
    "feel": set(),
    "dossier": {"feel"},
    "accounting": {"feel", "dossier"},
    "rulepack": {"feel", "dossier", "accounting"},
    "findings": {"rulepack"},
    "evaluation": {"feel", "dossier", "accounting", "rulepack", "findings", "bundle"},
    "bundle": {"feel", "dossier", "accounting", "rulepack", "findings", "evaluation"},
    "cli": set(),
}
#: A command may reach one stage further than its package, inside the function that needs it.
COMMANDS = {"accounting.commands": {"rulepack"}, "rulepack.commands": {"evaluation", "findings"}}
HEAVY = {"openpyxl", "jsonschema", "lxml", "pandas", "weasyprint", "xlsxwriter", "pikepdf", "rich", "jinja2", "fontTools",
         "yaml", "rfc8785"}


def modules(package: str, root: Path) -> Iterator[tuple[str, Path]]:
    base = root / FOLDERS[package] / package
    for path in sorted(base.rglob("*.py")):
        parts = path.relative_to(base).with_suffix("").parts
        yield ".".join(p for p in parts if p != "__init__"), path


def imports(path: Path, *, top_only: bool = False) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only = {id(n) for b in ast.walk(tree) if isinstance(b, ast.If) and "TYPE_CHECKING" in ast.unparse(b.test)
                   for n in ast.walk(b)}
    nodes = tree.body if top_only else ast.walk(tree)
    for node in nodes:
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize(("package", "forbidden"), [(ENGINE, {MAPPINGS, WEB}), (MAPPINGS, {WEB})])
def test_lower_layers_do_not_know_higher_ones(root: Path, package: str, forbidden: set[str]) -> None:
    wrong = [f"{name}: {target}" for name, path in modules(package, root) for target in imports(path)
             if target.split(".")[0] in forbidden]
    assert wrong == []


def test_stages_of_the_engine_import_only_earlier_ones(root: Path) -> None:
    wrong = []
    for name, path in modules(ENGINE, root):
        stage = name.split(".")[0]
        allowed = GROUND if stage in GROUND else GROUND | ALLOWED[stage] | {stage} | COMMANDS.get(name, set())
        for target in imports(path):
            parts = target.split(".")
            if parts[0] == ENGINE and len(parts) > 1 and parts[1] in ALLOWED and parts[1] not in allowed:
                wrong.append(f"{name}: {target}")
    assert wrong == []


def test_relative_imports_are_not_used(root: Path) -> None:
    wrong = [str(path) for package in FOLDERS for _, path in modules(package, root)
             for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
             if isinstance(node, ast.ImportFrom) and node.level]
    assert wrong == []


def test_commands_import_nothing_heavy_at_the_top(root: Path) -> None:
    wrong = [f"{name}: {target}" for package in FOLDERS for name, path in modules(package, root)
             if name.endswith("commands") or name in {"cli", "console"}
             for target in imports(path, top_only=True) if target.split(".")[0] in HEAVY]
    assert wrong == []


def test_expressions_of_authors_reach_no_interpreter(root: Path) -> None:
    """``eval``/``exec`` stand nowhere but in the compiler, which runs only code made from the checked tree."""
    places = {name for package in FOLDERS for name, path in modules(package, root)
              for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
              if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"eval", "exec"}}
    assert {p for p in places if not p.startswith("feel.")} == set()
