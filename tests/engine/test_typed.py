"""A tree is typed by its schema: exactly, completely, and every mistake is named with what would be accepted."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from zerofactory_engine.json_text import read_json
from zerofactory_engine.problems import ProblemsError
from zerofactory_engine.typed import Amount, Schema, SchemaError, read_typed, shipped_schema
from zerofactory_engine.yaml_text import read_yaml

SCHEMA = Schema({
    "$id": "https://zerofactory.example/schemas/sample/1",
    "$defs": {
        "tree": {"type": "object", "additionalProperties": False,
                 "properties": {"name": {"type": "string"}, "below": {"type": "array", "items": {"$ref": "#/$defs/tree"}}}},
        "day": {"type": "string", "format": "date"},
    },
    "type": "object",
    "additionalProperties": False,
    "required": ["id"],
    "properties": {
        "id": {"type": "string", "pattern": "^[A-Z][0-9]+$", "examples": ["E1"]},
        "MWh": {"x-type": "amount", "x-unit": "MWh"},
        "share": {"type": "number", "minimum": 0, "maximum": 1},
        "count": {"type": "integer", "exclusiveMinimum": 0},
        "flag": {"type": "boolean"},
        "on": {"$ref": "#/$defs/day"},
        "maybe": {"type": ["string", "null"]},
        "source": {"enum": ["grid", "on-site", "direct line"]},
        "major": {"const": 1},
        "limit": {"oneOf": [{"type": "number"}, {"enum": ["unknown", "none"]}]},
        "choice": {"anyOf": [{"type": "string"},
                             {"type": "object", "required": ["by_reading"], "properties": {"by_reading": {"type": "string"}}}]},
        "kinds": {"anyOf": [
            {"type": "object", "required": ["kind"], "additionalProperties": False, "properties": {"kind": {"const": "a"}, "x": {"type": "number"}}},
            {"type": "object", "required": ["kind"], "additionalProperties": False, "properties": {"kind": {"const": "b"}, "y": {"type": "boolean"}}}]},
        "tree": {"$ref": "#/$defs/tree"},
        "rows": {"type": "array", "maxItems": 2, "uniqueItems": True, "items": {"type": "string"}},
        "texts": {"type": "object", "propertyNames": {"pattern": "^(zh|en)$"}, "additionalProperties": {"type": "string"}},
        "named": {"type": "object", "additionalProperties": False, "patternProperties": {"^P": {"type": "integer"}}},
        "free": True,
    },
})


def read(text: str, digits: int | None = None) -> Any:
    return SCHEMA.read(read_yaml(text.encode(), "f.yaml"), digits)


GOOD = [
    ("MWh: 1200", {"MWh": Amount(Decimal(1200), "1200")}),
    ("MWh: 10 GWh", {"MWh": Amount(Decimal(10000), "10", "GWh")}),
    ("MWh: 1200000千瓦时", {"MWh": Amount(Decimal(1200), "1200000", "千瓦时")}),
    ("MWh: -3.50", {"MWh": Amount(Decimal("-3.50"), "-3.50")}),
    ("share: 0.30", {"share": Decimal("0.30")}),
    ("share: '0.30'", {"share": Decimal("0.30")}),
    ("count: 3", {"count": 3}),
    ("flag: no", {"flag": False}),
    ("flag: 是", {"flag": True}),
    ("flag: TRUE", {"flag": True}),
    ("on: 2025-02-28", {"on": date(2025, 2, 28)}),
    ("maybe:", {"maybe": None}),
    ("maybe: ''", {"maybe": ""}),
    ("source: on-site", {"source": "on-site"}),
    ("major: 1", {"major": 1}),
    ("limit: 1.8", {"limit": Decimal("1.8")}),
    ("limit: unknown", {"limit": "unknown"}),
    ("choice: a + b", {"choice": "a + b"}),
    ("choice: {by_reading: r, x: y}", {"choice": {"by_reading": "r", "x": "y"}}),
    ("kinds: {kind: b, y: yes}", {"kinds": {"kind": "b", "y": True}}),
    ("tree: {name: a, below: [{name: b}]}", {"tree": {"name": "a", "below": [{"name": "b"}]}}),
    ("texts: {zh: 甲, en: a}", {"texts": {"zh": "甲", "en": "a"}}),
    ("named: {P1: 7}", {"named": {"P1": 7}}),
    ("free: {a: [1.10, no]}", {"free": {"a": ["1.10", "no"]}}),
]


@pytest.mark.parametrize(("text", "expected"), GOOD, ids=[g[0] for g in GOOD])
def test_typed(text: str, expected: dict[str, object]) -> None:
    typed = read("id: E1\n" + text)
    assert typed.problems == ()
    assert typed.unwrap() == {"id": "E1", **expected}


BAD = [
    ("MWh: NaN", "typed.not-a-number", "MWh", "number [MWh]"),
    ("MWh: 1e400", "typed.not-a-number", "MWh", "number [MWh]"),
    ("MWh: 1,200", "typed.not-a-number", "MWh", "number [MWh]"),
    ("MWh: 12..5", "typed.not-a-number", "MWh", "number [MWh]"),
    ("MWh: 10 wh", "typed.unknown-unit", "MWh", "kWh, MWh, GWh, TWh, 10kkWh"),
    ("MWh: 10 GJ", "typed.wrong-dimension", "MWh", "MWh (electricity)"),
    ("MWh: [1]", "typed.wrong-shape", "MWh", "number [MWh]"),
    ("MWh:", "typed.empty", "MWh", "number [MWh]"),
    ("MWh: 1234567890.123456", "typed.too-many-digits", "MWh", "15"),
    ("share: 1.2", "typed.out-of-bounds", "share", "number ≥ 0 ≤ 1"),
    ("count: 0", "typed.out-of-bounds", "count", "integer > 0"),
    ("count: 1.5", "typed.not-a-number", "count", "integer > 0"),
    ("flag: maybe", "typed.not-yes-or-no", "flag", "yes, no, true, false, 是, 否"),
    ("on: 2025-02-30", "typed.not-a-date", "on", "YYYY-MM-DD"),
    ("on: 30/04/2025", "typed.not-a-date", "on", "YYYY-MM-DD"),
    ("source: on site", "typed.not-in-list-near", "source", "grid, on-site, direct line"),
    ("source: xyz", "typed.not-in-list", "source", "grid, on-site, direct line"),
    ("major: 2", "typed.not-in-list", "major", "1"),
    ("limit: maybe", "typed.no-alternative", "limit", "number | unknown, none"),
    ("choice: [1]", "typed.wrong-shape", "choice", "text | {…}"),
    ("kinds: {kind: b, x: 1}", "typed.unknown-key", "kinds", "kind, y"),
    ("mhw: 1", "typed.unknown-key-near", None, None),
    ("zzzzz: 1", "typed.unknown-key", None, None),
    ("tree: {below: [{below: [{nome: x}]}]}", "typed.unknown-key-near", "tree/below/1/below/1", "name, below"),
    ("rows: [a, b, c]", "typed.list-length", "rows", "0 … 2"),
    ("rows: [a, a]", "typed.repeated", "rows/2", None),
    ("texts: {fr: a}", "typed.pattern", "texts", "^(zh|en)$"),
    ("named: {Q1: 7}", "typed.unknown-key", "named", ""),
]


@pytest.mark.parametrize(("text", "code", "path", "accepted"), BAD, ids=[b[0] for b in BAD])
def test_refused_with_place_and_what_is_accepted(text: str, code: str, path: str | None, accepted: str | None) -> None:
    typed = read("id: E1\n" + text, digits=15)
    assert [p.code for p in typed.problems] == [code]
    problem = typed.problems[0]
    assert (problem.place.file, problem.place.line, problem.place.path) == ("f.yaml", 2, path)
    if accepted is not None:
        assert (problem.accepted or "") == accepted
    with pytest.raises(ProblemsError):
        typed.unwrap()


def test_all_problems_come_together() -> None:
    typed = read("MWh: x\nflag: x\nnew: 1\n")
    assert [p.code for p in typed.problems] == ["typed.not-a-number", "typed.not-yes-or-no", "typed.unknown-key",
                                                "typed.missing-key"]
    assert typed.problems[-1].accepted == "id"


def test_a_row_goes_by_its_id() -> None:
    schema = {"type": "object", "properties": {"rows": {"type": "array", "items": {"type": "object", "properties": {"n": {"type": "number"}}}}}}
    typed = read_typed(read_yaml(b"rows:\n - {id: E7, n: x}\n - {n: y}\n"), schema)
    assert [p.place.path for p in typed.problems] == ["rows/E7/n", "rows/2/n"]


def test_the_nearest_key_is_named() -> None:
    assert read("id: E1\nmhw: 1").problems[0].args == {"nearest": "MWh"}


def test_places_are_kept() -> None:
    typed = read("id: E1\nrows: [a,\n  b]\n")
    assert typed.place("rows", 1).line == 3
    assert typed.place("rows", 9).line == 2


def test_json_is_typed_alike() -> None:
    typed = SCHEMA.read(read_json(b'{"id": "E1", "MWh": 1.50, "flag": true, "maybe": null, "count": 3}'))
    assert typed.unwrap() == {"id": "E1", "MWh": Amount(Decimal("1.50"), "1.50"), "flag": True, "maybe": None, "count": 3}


@pytest.mark.parametrize("schema", [{"if": {}}, {"type": "object", "dependentRequired": {}}, {"type": "file"},
                                    {"type": "object", "propertyNames": {"maxLength": 3}}, {"allOf": []}])
def test_a_keyword_that_is_not_carried_out_is_refused(schema: dict[str, object]) -> None:
    with pytest.raises(SchemaError):
        Schema(schema)


def test_definitions_of_other_schemas_are_found() -> None:
    schema = Schema({"$ref": "https://zerofactory.example/schemas/problem/1#/properties/severity"})
    assert read_typed(read_yaml(b"error"), schema).unwrap() == "error"
    assert [p.code for p in schema.read(read_yaml(b"eror")).problems] == ["typed.not-in-list-near"]


def test_a_shipped_schema_is_compiled_once() -> None:
    assert shipped_schema("problem") is shipped_schema("problem")
