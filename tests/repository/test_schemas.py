"""Each published schema is a valid JSON Schema 2020-12 with a stable id, and its hand-written examples are valid."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

ROOT = Path(__file__).parents[2]
SCHEMAS = sorted((ROOT / "standards/schemas").glob("*.schema.json"))
KINDS = ["assessment", "bundle", "dossier", "inventory", "pack", "problem", "proof", "unit"]


def load(path: Path) -> object:
    text = path.read_text(encoding="utf-8")
    return json.loads(text) if path.suffix == ".json" else yaml.load(text, Loader=yaml.BaseLoader)


def registry() -> Registry:
    resources = [(s["$id"], Resource.from_contents(s)) for p in SCHEMAS if isinstance(s := load(p), dict)]
    return Registry().with_resources(resources)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_document_has_a_schema_and_an_example(kind: str) -> None:
    assert (ROOT / f"standards/schemas/{kind}.schema.json").is_file()
    assert list((ROOT / "standards/schemas/examples").glob(f"{kind}*")), kind


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda p: p.name)
def test_schema_is_sound_and_its_examples_are_valid(path: Path) -> None:
    schema = load(path)
    assert isinstance(schema, dict)
    Draft202012Validator.check_schema(schema)
    kind = path.name.removesuffix(".schema.json")
    assert schema["$id"].endswith(f"/{kind}/1"), schema["$id"]
    assert schema.get("title")
    examples = sorted(e for e in (ROOT / "standards/schemas/examples").iterdir()
                      if e.name.split(".")[0] == kind)
    assert examples, f"no example of {kind}"
    validator = Draft202012Validator(schema, registry=registry())
    for example in examples:
        errors = [f"{e.json_path}: {e.message}" for e in validator.iter_errors(load(example))]
        assert errors == [], example.name
