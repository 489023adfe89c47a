"""A package of YAML, JSON or a filled workbook, read with everything that is wrong with it at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from zerofactory_engine.json_text import read_json
from zerofactory_engine.problems import Place, Problem, ProblemsError, Severity, system_problem
from zerofactory_engine.typed import shipped_schema
from zerofactory_engine.yaml_text import Node, read_yaml
from zerofactory_mappings.verification.part import Part

#: Largest file of a package, in bytes.
BYTES = 50_000_000
_KEYS: Mapping[str, str] = {"items": "line", "heat": "row", "metering": "meter", "gaps": "gap", "cross_checks": "row",
                            "misstatements": "id", "nonconformities": "id", "limitations": "id"}


@dataclass(frozen=True, slots=True)
class Package:
    """A package as it was read. *notes*: what does not keep it from being used (a sheet that was not read)."""

    root: Part
    notes: tuple[Problem, ...] = ()


def read_package(path: Path) -> Package:
    """The package at *path*, by its content: a filled workbook, YAML or JSON.

    Raises:
        ProblemsError: everything that is wrong with the file.
    """
    try:
        with path.open("rb") as file:
            data = file.read(BYTES + 1)
    except OSError as error:
        raise ProblemsError([system_problem(error, path.name)]) from None
    if data[:2] == b"PK":
        from zerofactory_mappings.verification.read import parse_workbook

        return parse_workbook(data, path.name)
    return parse_package(data, path.name)


def parse_package(data: bytes, file: str = "package.yaml") -> Package:
    """A package of YAML or JSON; what the program made of it before (``results``) is left aside.

    Raises:
        ProblemsError: everything that is wrong with it.
    """
    tree = read_json(data, file, BYTES) if data.lstrip()[:1] == b"{" else read_yaml(data, file, BYTES)
    return typed_package(tree)


def typed_package(tree: Node, found: Sequence[Problem] = ()) -> Package:
    """A tree typed by the schema and checked for entries twice; *found*: problems of reading it.

    Raises:
        ProblemsError: any error among all of them.
    """
    typed = shipped_schema("verification-package").read(tree)
    problems = [*found, *typed.problems]
    values = typed.value if isinstance(typed.value, dict) else {}
    if not any(p.severity is Severity.ERROR for p in typed.problems):
        problems += _twice(Part(values, tree))
    if any(p.severity is Severity.ERROR for p in problems):
        raise ProblemsError(problems)
    return Package(Part({k: v for k, v in values.items() if k != "results"}, tree), tuple(problems))


def _twice(root: Part) -> Iterator[Problem]:
    """Rows of one list with the same key."""
    for section, key in _KEYS.items():
        seen: dict[str, Place] = {}
        for part in root.each(section):
            name = part.text(key) or ""
            if name in seen:
                yield Problem("verification.entry-twice", part.place, found=name,
                              args={"section": section, "first": str(seen[name])})
            seen.setdefault(name, part.place)
