"""One malformed dossier for each way of being wrong: the code and the words of its message; the published schema agrees."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from zerofactory_engine.dossier import read_dossier
from zerofactory_engine.messages import render_problem
from zerofactory_engine.problems import ProblemsError

HERE = Path(__file__).parent
BROKEN = sorted((HERE / "broken").glob("*.yaml"))
EXPECTED = re.compile(r"# (?P<code>\S+) \| (?P<words>.*?) \| schema: (?P<schema>refuses|beyond)\n")


@cache
def validator() -> Draft202012Validator:
    folder = HERE.parents[2] / "standards/schemas"
    loaded = {p.name: json.loads(p.read_text(encoding="utf-8")) for p in folder.glob("*.schema.json")}
    registry = Registry().with_resources([(s["$id"], Resource.from_contents(s)) for s in loaded.values()])
    return Draft202012Validator(loaded["dossier.schema.json"], registry=registry)


def as_editor(text: str) -> Any:
    """What an editor's YAML 1.2 core schema makes of the text: numbers, true and false are typed, dates and yes are not."""

    class Core(yaml.SafeLoader):
        pass

    Core.yaml_implicit_resolvers = {}
    Core.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
    Core.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?[0-9]+$"), list("-+0123456789"))
    Core.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$"), list("-+0123456789."))
    Core.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|)$"), ["~", "n", ""])
    return yaml.load(text, Loader=Core)


@pytest.mark.parametrize("path", BROKEN, ids=lambda p: p.stem)
def test_refused_with_the_words(path: Path) -> None:
    expected = EXPECTED.match(path.read_text(encoding="utf-8"))
    assert expected is not None
    with pytest.raises(ProblemsError) as caught:
        read_dossier(path)
    assert len(caught.value.problems) == 1, caught.value.problems
    problem = caught.value.problems[0]
    assert problem.code.startswith(expected["code"])
    assert problem.place.line is not None
    assert problem.place.file == path.name
    for language in ("zh", "en"):
        assert not re.search(r"\{[a-z]+\}", render_problem(problem, language))
    assert expected["words"] in render_problem(problem, "en")


@pytest.mark.parametrize("path", BROKEN, ids=lambda p: p.stem)
def test_the_published_schema_agrees(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    expected = EXPECTED.match(text)
    assert expected is not None
    refused = not validator().is_valid(yaml.load(text, Loader=yaml.BaseLoader))
    assert refused is (expected["schema"] == "refuses")


@pytest.mark.parametrize("path", sorted((HERE / "examples").glob("*.yaml")), ids=lambda p: p.stem)
def test_the_published_schema_accepts_what_reads(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for loaded in (yaml.load(text, Loader=yaml.BaseLoader), as_editor(text)):
        assert [f"{e.json_path}: {e.message}" for e in validator().iter_errors(loaded)] == []
    canonical = read_dossier(path).dossier.canonical()
    assert [f"{e.json_path}: {e.message}" for e in validator().iter_errors(canonical)] == []


def test_every_file_is_another_mistake() -> None:
    texts = {p.read_text(encoding="utf-8").partition("\n")[2] for p in BROKEN}
    assert len(texts) == len(BROKEN) > 40


def test_all_mistakes_of_a_file_come_together(tmp_path: Path) -> None:
    path = tmp_path / "many.yaml"
    path.write_text("""
format: zerofactory/dossier/1
id: many
facility: {id: F1, name: {en: Site}, kind: factroy}
period: {from: 2025-01-01, to: 2025-12-31}
electricity:
  - {id: E1, MWh: x, meter: M9, documents: [D9]}
  - {id: E1, amount: 10, unit: kg, from: 2025-02-01, to: 2025-01-01}
""", encoding="utf-8")
    with pytest.raises(ProblemsError) as caught:
        read_dossier(path)
    assert sorted(p.code for p in caught.value.problems) == [
        "dossier.dates-backwards", "dossier.duplicate-id", "dossier.unknown-document", "dossier.unknown-reference",
        "typed.not-a-number", "typed.not-in-list-near", "typed.wrong-dimension"]
    assert {p.place.line for p in caught.value.problems} == {4, 7, 8}
