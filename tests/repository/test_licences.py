"""What users install with the base and its extras is permissively licensed; the lock file names no address."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement


def needed(root: Path, *extras: str) -> set[str]:
    """Distributions that the base and *extras* pull in, as far as they are installed here."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    todo = list(project["dependencies"]) + [r for e in extras for r in project["optional-dependencies"][e]]
    names: set[str] = set()
    while todo:
        requirement = Requirement(todo.pop())
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        name = requirement.name.lower()
        if name in names:
            continue
        names.add(name)
        todo += metadata.requires(name) or []
    return names


def licence(name: str) -> str:
    meta = metadata.metadata(name)
    classifiers = [c for c in meta.get_all("Classifier") or [] if c.startswith("License")]
    stated = [text[:100] for field in ("License-Expression", "License") for text in meta.get_all(field) or []]
    return " | ".join([*stated, *classifiers])


def test_what_ships_is_permissive(root: Path) -> None:
    copyleft = {n: licence(n) for n in needed(root, "report", "tables", "web") if re.search(r"\bA?GPL|GNU (Affero )?General Public", licence(n))
                and not re.search(r"LGPL|Lesser", licence(n))}
    assert copyleft == {}


def test_every_dependency_states_a_licence(root: Path) -> None:
    assert {n for n in needed(root, "report", "tables", "web") if not licence(n)} == set()


def test_the_lock_file_pins_every_dependency_and_names_no_address(root: Path) -> None:
    lines = [line for line in (root / "constraints.txt").read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+==[A-Za-z0-9_.!+-]+", line) for line in lines)
    locked = {re.sub(r"[-_.]+", "-", line.split("==")[0]).lower() for line in lines}
    assert {n for n in needed(root, "report", "tables", "web") if re.sub(r"[-_.]+", "-", n) not in locked} == set()
