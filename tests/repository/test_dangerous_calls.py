"""What code of the portal's process may not do: run text, start shells, unpack objects, guess; and what scripts may not."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

FOLDERS = ("engine", "mappings", "web")
#: Calls that may stand nowhere, with the places where one of them does and why.
NOWHERE = {"eval", "exec", "os.system", "os.popen", "pickle.loads", "pickle.load", "marshal.loads", "hashlib.md5", "hashlib.sha1",
           "render_template_string", "env.from_string", "environment.from_string", "ast.unparse"}
EXCUSED = {("engine/zerofactory_engine/feel/kernel.py", "exec"),      # code made from a checked tree; see test_imports.py
           ("web/zerofactory_web/accounts/breached.py", "hashlib.sha1")}      # the lists of breaches name passwords by it
#: Modules that the portal has no use for; ``subprocess`` asks fontconfig, with a list of arguments.
UNWANTED = {"pickle", "marshal", "shelve", "dill", "random", "telnetlib", "ftplib", "smtplib", "ldap", "ctypes", "tarfile"}


#: Words without which a file has nothing of what is looked for: most need not be parsed (which takes its time).
_WORTH = re.compile(r"\b(eval|exec|system|popen|pickle|marshal|md5|sha1|from_string|render_template_string|unparse|subprocess|shell|yaml|shelve"
                    r"|dill|random|telnetlib|ftplib|smtplib|ldap|ctypes|tarfile)\b")
_PATTERNS = re.compile(r"\bre\.(compile|match|search|fullmatch|sub|split|findall)\(")


@cache
def _modules(root: Path) -> list[tuple[str, list[ast.AST]]]:
    """Name → every call and import of each module that may be of interest."""
    texts = ((path.relative_to(root).as_posix(), path.read_text(encoding="utf-8"))
             for folder in FOLDERS for path in sorted((root / folder).rglob("*.py")))
    return [(name, [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Call | ast.Import | ast.ImportFrom)])
            for name, text in texts if _WORTH.search(text) or (name.startswith("web/") and _PATTERNS.search(text))]


def _portal(root: Path) -> list[tuple[str, list[ast.AST]]]:
    return [m for m in _modules(root) if m[0].startswith("web/")]


def _name(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f"{node.value.id}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def _calls(found: list[ast.AST]) -> Iterator[ast.Call]:
    return (n for n in found if isinstance(n, ast.Call))


def test_no_text_is_run_and_no_object_unpacked(root: Path) -> None:
    found = {(name, _name(call.func)) for name, tree in _modules(root) for call in _calls(tree)}
    assert {f for f in found if f[1] in NOWHERE} == EXCUSED


def test_commands_have_no_shell(root: Path) -> None:
    for name, tree in _modules(root):
        for call in _calls(tree):
            assert not any(k.arg == "shell" for k in call.keywords), name
            if _name(call.func).startswith("subprocess."):
                assert isinstance(call.args[0], ast.List), f"{name}:{call.lineno}: not a list of arguments"


def test_yaml_is_read_as_text_only(root: Path) -> None:
    for name, tree in _modules(root):
        for call in _calls(tree):
            if _name(call.func) in ("yaml.load", "yaml.load_all"):
                assert [k.arg for k in call.keywords] == ["Loader"], name
        text = (root / name).read_text(encoding="utf-8")
        assert not re.search(r"yaml\.(C?(Unsafe|Full)?Loader|unsafe_load|full_load)\b", text), name


def test_the_portal_imports_nothing_that_it_should_not(root: Path) -> None:
    for name, tree in _portal(root):
        for node in tree:
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else [
                node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not {n.partition(".")[0] for n in names} & (UNWANTED | {"subprocess"}), name


def test_patterns_of_the_portal_are_its_own(root: Path) -> None:
    """No regular expression is made of what somebody sends: constants, and the patterns of the API's own schemas."""
    found = {name for name, tree in _portal(root) for call in _calls(tree)
             if _name(call.func) in {f"re.{n}" for n in ("compile", "match", "search", "fullmatch", "sub", "split", "findall")}
             and not isinstance(call.args[0], ast.Constant | ast.JoinedStr)}
    assert found == {"web/zerofactory_web/api/checks.py", "web/zerofactory_web/readiness/work.py"}


def _scripts(root: Path) -> list[Path]:
    return sorted((root / "web" / "zerofactory_web").rglob("*.js"))


@pytest.mark.parametrize("word", ["localStorage", "sessionStorage", "indexedDB", "caches", "serviceWorker", "document.cookie"])
def test_scripts_keep_nothing(root: Path, word: str) -> None:
    assert len(_scripts(root)) >= 2
    assert [p.name for p in _scripts(root) if word in p.read_text(encoding="utf-8")] == []


@pytest.mark.parametrize("word", ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(", "postMessage",
                                  "XMLHttpRequest", "fetch(", "import(", "__proto__", "Object.assign"])
def test_scripts_write_no_markup_and_run_no_text(root: Path, word: str) -> None:
    assert [p.name for p in _scripts(root) if word in p.read_text(encoding="utf-8")] == []
