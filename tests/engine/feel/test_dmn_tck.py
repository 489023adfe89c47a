"""The standard mode against the DMN test kit: literal expressions of decisions, as other engines are measured."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from zerofactory_engine import feel
from zerofactory_engine.feel import temporal
from zerofactory_engine.feel.standard_equal import same
from zerofactory_engine.feel.values import Range

HERE = Path(__file__).parent
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@dataclass(frozen=True)
class Case:
    folder: str
    id: str
    decision: str
    expected: Any
    scope: dict[str, Any]
    model: Model

    @property
    def name(self) -> str:
        return f"{self.folder} {self.id} {self.decision}"

    def passes(self) -> bool:
        try:
            found = self.model.value(self.decision, dict(self.scope))
        except feel.FeelSyntaxError:
            found = None
        return alike(found, self.expected)


class Model:
    """A model file: the text of each decision, by name, and which decisions it needs."""

    def __init__(self, path: Path) -> None:
        self.texts: dict[str, str] = {}
        self.needs: dict[str, list[str]] = {}
        root = ElementTree.parse(path).getroot()
        space = root.tag.partition("}")[0] + "}"
        decisions = {d.get("id"): d.get("name", "") for d in root.iter(f"{space}decision")}
        self.inputs = [i.get("name", "") for i in root.iter(f"{space}inputData")]
        for decision in root.iter(f"{space}decision"):
            text = decision.find(f"{space}literalExpression/{space}text")
            if text is not None:
                name = decision.get("name", "")
                self.texts[name] = text.text or ""
                required = decision.findall(f"{space}informationRequirement/{space}requiredDecision")
                self.needs[name] = [decisions[(r.get("href") or "#")[1:]] for r in required]

    def value(self, decision: str, scope: dict[str, Any]) -> Any:
        for needed in self.needs[decision]:
            if needed not in scope:
                scope[needed] = self.value(needed, scope)
        names = (*scope, *self.inputs)
        return feel.evaluate(feel.parse(self.texts[decision], names), scope, now=NOW)


def alike(found: Any, expected: Any) -> bool:
    """Equal, numbers to 8 significant digits behind the point as the kit does, functions aside."""
    if isinstance(found, Decimal) and isinstance(expected, Decimal):
        return found == expected or abs(found - expected) < Decimal("1e-8") * max(Decimal(1), abs(expected))
    if isinstance(found, list) and isinstance(expected, list):
        return len(found) == len(expected) and all(alike(a, b) for a, b in zip(found, expected, strict=True))
    if isinstance(found, dict) and isinstance(expected, dict):
        return found.keys() == expected.keys() and all(alike(found[k], expected[k]) for k in found)
    if found is None or expected is None:
        return found is expected
    if isinstance(found, Range) and isinstance(expected, str):
        return False
    return found.__class__ is expected.__class__ and (same(found, expected) is True)


def children(node: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return [c for c in node if c.tag.endswith("}" + name) or c.tag == name]


def read_value(node: ElementTree.Element) -> Any:
    """The value below an inputNode, expected, item or component."""
    for holder in children(node, "list"):
        return None if holder.get(f"{XSI}nil") == "true" else [read_value(i) for i in children(holder, "item")]
    if parts := children(node, "component"):
        return {c.get("name", ""): read_value(c) for c in parts}
    for value in children(node, "value"):
        if value.get(f"{XSI}nil") == "true":
            return None
        return typed(value.text or "", (value.get(f"{XSI}type") or "").partition(":")[2])
    return None


def typed(text: str, kind: str) -> Any:
    if kind in ("decimal", "double", "int", "integer", "float"):
        return Decimal(text)
    if kind == "boolean":
        return text.strip() == "true"
    readers: dict[str, Any] = {"date": temporal.parse_date, "time": temporal.parse_time,
                               "dateTime": temporal.parse_date_time, "duration": temporal.parse_duration}
    return readers[kind](text.strip()) if kind in readers else text


def cases(folder: Path) -> Iterator[Case]:
    for file in sorted(folder.glob("*-test-*.xml")):
        root = ElementTree.parse(file).getroot()
        model = Model(folder / (root.findtext("{*}modelName") or ""))
        for case in root.iter():
            if not case.tag.endswith("}testCase"):
                continue
            scope = {n.get("name", ""): read_value(n) for n in children(case, "inputNode")}
            for result in children(case, "resultNode"):
                expected = [read_value(e) for e in children(result, "expected")]
                yield Case(folder.name, case.get("id") or "?", result.get("name", ""), expected[0] if expected else None,
                           scope, model)


def listed(name: str) -> list[str]:
    lines = (line.strip() for line in (HERE / name).read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def known_failures() -> dict[str, str]:
    """Case → why it fails."""
    out = {}
    for line in listed("tck_failures.txt"):
        name, _, reason = line.partition(" — ")
        out[name] = reason
    return out


@pytest.fixture(scope="module")
def kit(shared_data: Path) -> Path:
    folder = shared_data / "dmn-tck"
    if not folder.is_dir():
        pytest.skip("the DMN test kit is not in the reference data")
    return folder


def test_the_list_names_at_least_fifty_folders() -> None:
    folders = listed("tck_folders.txt")
    assert len(set(folders)) == len(folders) >= 50


def test_at_least_95_percent_of_the_kit_passes(kit: Path, capsys: pytest.CaptureFixture[str]) -> None:
    every, failed = 0, []
    for name in listed("tck_folders.txt"):
        found = [c for level in ("compliance-level-2", "compliance-level-3") if (kit / level / name).is_dir()
                 for c in cases(kit / level / name)]
        assert found, f"no cases in {name}"
        every += len(found)
        failed += [c.name for c in found if not c.passes()]
    with capsys.disabled():
        print(f"\nDMN test kit: {every - len(failed)} of {every} pass ({(every - len(failed)) / every:.1%})")
    assert len(failed) <= every * 0.05
    assert sorted(failed) == sorted(known_failures())


def test_every_known_failure_has_a_reason() -> None:
    assert [n for n, reason in known_failures().items() if not reason] == []

