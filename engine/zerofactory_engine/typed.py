"""Type the untyped tree of a YAML, JSON or workbook file by a JSON Schema: exact decimals, dates, yes/no, units.

The schemas are those that are published for editors (``standards/schemas``): JSON Schema 2020-12, of which this module
carries out a subset and refuses the rest, so that no keyword is silently ignored. Ours beside it:

============  ======================================================================================================
``x-type``    ``decimal`` → Decimal, ``integer`` → int, ``date`` → date, ``boolean`` → bool, ``text`` → str,
              ``amount`` → :class:`Amount` (figure in the column's unit or with a unit of the same dimension),
              ``quantity`` → :class:`Amount` (figure with a unit of its own, of any dimension),
              ``tri`` → bool or ``not known``, ``references`` → list of str (one may stand without brackets)
``x-unit``    unit of a figure, also of one that stands without a unit of its own
other ``x-``  notes for people and programs (``x-codelist``, ``x-closed``, ``x-zh`` …), not carried out here
============  ======================================================================================================

``anyOf``/``oneOf`` are settled by the shape of what is written, then by which alternative reads it without a problem.
All problems of a file come together, each with its place and what is accepted.

    >>> from zerofactory_engine.yaml_text import read_yaml
    >>> schema = Schema({"type": "object", "properties": {"MWh": {"x-type": "amount", "x-unit": "MWh"}}})
    >>> schema.read(read_yaml(b"MWh: 10 GWh")).value
    {'MWh': Amount(value=Decimal('10000'), stated='10', unit='GWh')}
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path as FilePath
from typing import Any

from zerofactory_engine.locate import STANDARDS_ROOT
from zerofactory_engine.problems import NOWHERE, Place, Problem, ProblemsError, Severity
from zerofactory_engine.typed_readers import (
    Amount,
    AmountReader,
    AnyReader,
    BooleanReader,
    ConstReader,
    Context,
    DateReader,
    EitherReader,
    LateReader,
    ListReader,
    MapReader,
    NullReader,
    NumberReader,
    Reader,
    ReferencesReader,
    TextReader,
    TriReader,
)
from zerofactory_engine.units import unit
from zerofactory_engine.yaml_text import ListNode, MapNode, Node

__all__ = ["Amount", "Schema", "SchemaError", "Typed", "read_typed", "shipped_schema"]

#: Keywords that say nothing about what is accepted.
_NOTES = frozenset({"$schema", "$id", "$comment", "$defs", "title", "description", "default", "deprecated", "examples",
                    "format", "readOnly"})
_CARRIED = frozenset({"$ref", "type", "properties", "required", "additionalProperties", "patternProperties",
                      "propertyNames", "items", "enum", "const", "pattern", "minLength", "maxLength", "minimum",
                      "maximum", "exclusiveMinimum", "exclusiveMaximum", "minItems", "maxItems", "uniqueItems",
                      "minProperties", "maxProperties", "anyOf", "oneOf", "unevaluatedProperties"})


class SchemaError(ValueError):
    """A schema asks for something that is not carried out here: a mistake of the program, never of an input."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What was read: plain values (dict, list, str, bool, int, Decimal, date, Amount, None), and what is wrong."""

    value: Any
    problems: tuple[Problem, ...]
    tree: Node

    def unwrap(self) -> Any:
        """The value; raises :class:`ProblemsError` if there is any error."""
        if any(p.severity is Severity.ERROR for p in self.problems):
            raise ProblemsError(self.problems)
        return self.value

    def place(self, *path: str | int) -> Place:
        """The place of the value at *path* (keys, and positions counted from 0)."""
        return place_in(self.tree, *path)


def place_in(tree: Node, *path: str | int) -> Place:
    """The place of the node at *path*, or of the last one on the way that exists."""
    node: Node = tree
    for step in path:
        below: Node | None = None
        if isinstance(node, MapNode) and isinstance(step, str):
            below = node.get(step)
        elif isinstance(node, ListNode) and isinstance(step, int) and step < len(node.items):
            below = node.items[step]
        if below is None:
            break
        node = below
    at = node.place
    return at if at == NOWHERE else Place(at.file, at.line, at.column, at.path or "/".join(map(str, path)) or None,
                                          at.sheet, at.cell)


def read_typed(tree: Node, schema: Schema | Mapping[str, Any], digits: int | None = None) -> Typed:
    """*tree* typed by *schema*; *digits* is the most significant digits that a figure may have."""
    return (schema if isinstance(schema, Schema) else Schema(schema)).read(tree, digits)


@cache
def shipped_schema(kind: str) -> Schema:
    """The schema ``standards/schemas/<kind>.schema.json``."""
    return Schema(_load(STANDARDS_ROOT / "schemas" / f"{kind}.schema.json"))


@cache
def _load(path: FilePath) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    return loaded


class Schema:
    """A compiled schema; made once, read with often, shared by threads."""

    def __init__(self, source: Mapping[str, Any], start: Mapping[str, Any] | None = None) -> None:
        self.source = source
        self._made: dict[str, Reader] = {}
        self._making: set[str] = set()
        self.root = self._reader(source if start is None else start, "")

    def part(self, pointer: str) -> Schema:
        """The schema of the part at *pointer*, for reading that part alone."""
        return Schema(self.source, self.definition(pointer))

    def read(self, tree: Node, digits: int | None = None) -> Typed:
        """*tree* typed; *digits* is the most significant digits that a figure may have."""
        context = Context(digits)
        value = self.root.read(tree, None, context)
        return Typed(None if context.problems and not isinstance(value, (dict, list)) else value,
                     tuple(context.problems), tree)

    def definition(self, pointer: str) -> Mapping[str, Any]:
        """The part of the schema at *pointer* (``#/$defs/row``, or an ``$id`` of ours with a pointer behind it)."""
        base, _, inner = pointer.partition("#")
        found: Any = self.source
        if base and base != self.source.get("$id"):
            kind = re.search(r"/([a-z_]+)/\d+$", base)
            if kind is None:
                raise SchemaError(f"no schema {base}")
            found = _load(STANDARDS_ROOT / "schemas" / f"{kind[1]}.schema.json")
        for step in filter(None, inner.split("/")):
            found = found[step.replace("~1", "/").replace("~0", "~")]
        return found  # type: ignore[no-any-return]

    def resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """*schema* with what its ``$ref`` says filled in; its own keywords prevail."""
        while "$ref" in schema:
            own = {k: v for k, v in schema.items() if k != "$ref"}
            base = self.definition(schema["$ref"])
            merged = {**base, **own}
            if "properties" in base and "properties" in own:
                merged["properties"] = {**base["properties"], **own["properties"]}
            if "required" in base and "required" in own:
                merged["required"] = [*base["required"], *own["required"]]
            schema = merged
        return schema

    def _reader(self, schema: Any, where: str) -> Reader:
        if schema is True or schema == {}:
            return AnyReader(nullable=True)
        if set(schema) == {"$ref"}:
            return self._shared(schema["$ref"])
        schema = self.resolved(schema)
        for keyword in schema:
            if keyword not in _NOTES and keyword not in _CARRIED and not keyword.startswith("x-"):
                raise SchemaError(f"{where or '#'}: keyword {keyword} is not carried out")
        reader = self._by_keywords(schema, where)
        if examples := schema.get("examples"):
            reader.example = str(examples[0])
        return reader

    def _shared(self, pointer: str) -> Reader:
        if pointer in self._made:
            return self._made[pointer]
        if pointer in self._making:
            return LateReader(find=lambda: self._made[pointer])
        self._making.add(pointer)
        made = self._reader(self.definition(pointer), pointer)
        self._making.discard(pointer)
        self._made[pointer] = made
        return made

    def _by_keywords(self, schema: Mapping[str, Any], where: str) -> Reader:
        options = schema.get("anyOf") or schema.get("oneOf")
        if "x-type" in schema:
            return self._of_type(schema["x-type"], schema, where, _nullable(schema))
        if options is not None:
            readers = tuple(self._reader(o, f"{where}/{i}") for i, o in enumerate(options))
            real = tuple(r for r in readers if not isinstance(r, NullReader))
            return EitherReader(options=real, nullable=len(real) < len(readers))
        kinds = schema.get("type")
        if isinstance(kinds, list):
            readers = tuple(self._of_type(k, schema, where, False) for k in kinds if k != "null")
            if len(readers) == 1:
                readers[0].nullable = "null" in kinds
                return readers[0]
            return EitherReader(options=readers, nullable="null" in kinds)
        if kinds is None:
            kinds = _implied(schema)
        return self._of_type(kinds, schema, where, False)

    def _of_type(self, kind: str, schema: Mapping[str, Any], where: str, nullable: bool) -> Reader:
        makers: Mapping[str, Callable[[Mapping[str, Any], str], Reader]] = {
            "object": self._map, "array": self._list, "string": self._text, "text": self._text, "const": _const,
            "number": _number, "decimal": _number, "integer": _integer, "amount": _amount,
            "boolean": lambda s, w: BooleanReader(), "date": _date,
            "null": lambda s, w: NullReader(nullable=True), "any": lambda s, w: AnyReader(nullable=True),
            "quantity": lambda s, w: AmountReader(**_bounds(s), needs_unit=True),
            "tri": lambda s, w: TriReader(), "references": self._references,
        }
        if kind not in makers:
            raise SchemaError(f"{where}: type {kind} is not carried out")
        reader = makers[kind](schema, where)
        reader.nullable = reader.nullable or nullable
        return reader

    def _map(self, schema: Mapping[str, Any], where: str) -> Reader:
        others = schema.get("unevaluatedProperties", schema.get("additionalProperties", True))
        names = schema.get("propertyNames", {})
        if set(names) - {"pattern", "type"}:
            raise SchemaError(f"{where}/propertyNames: only a pattern is carried out")
        return MapReader(
            properties={k: self._reader(v, f"{where}/{k}") for k, v in schema.get("properties", {}).items()},
            required=tuple(schema.get("required", ())),
            patterns=tuple((re.compile(p), self._reader(v, f"{where}/{p}"))
                           for p, v in schema.get("patternProperties", {}).items()),
            others=None if others is False else self._reader(others, f"{where}/*"),
            key_pattern=re.compile(names["pattern"]) if "pattern" in names else None,
            fewest=schema.get("minProperties", 0), most=schema.get("maxProperties", 1_000_000),
        )

    def _list(self, schema: Mapping[str, Any], where: str) -> Reader:
        return ListReader(item=self._reader(schema.get("items", True), f"{where}/items"),
                          fewest=schema.get("minItems", 0), most=schema.get("maxItems", 1_000_000),
                          unique=schema.get("uniqueItems", False))

    def _references(self, schema: Mapping[str, Any], where: str) -> Reader:
        readers = [self._reader(o, where) for o in schema["anyOf"] if o != {"type": "null"}]
        many = next(r for r in readers if isinstance(r, ListReader))
        return ReferencesReader(one=next(r for r in readers if r is not many), many=many)

    def _text(self, schema: Mapping[str, Any], where: str) -> Reader:
        if schema.get("format") == "date":
            return _date(schema, where)
        choices = schema.get("enum") or ([schema["const"]] if "const" in schema else None)
        return TextReader(
            pattern=re.compile(schema["pattern"]) if "pattern" in schema else None,
            choices=tuple(c for c in choices if c is not None) if choices is not None else None,
            shortest=schema.get("minLength", 0), longest=schema.get("maxLength", 20_000),
        )


def _nullable(schema: Mapping[str, Any]) -> bool:
    """Whether ``type`` or an alternative of a schema that says ``x-type`` allows null."""
    kinds = schema.get("type", ())
    options = schema.get("anyOf") or schema.get("oneOf") or ()
    if None in schema.get("enum", ()):
        return True
    return (isinstance(kinds, list) and "null" in kinds) or any(o.get("type") == "null" for o in options)


def _implied(schema: Mapping[str, Any]) -> str:
    """The type that a schema without ``type`` means."""
    if "const" in schema or "enum" in schema:
        return "const"
    if "properties" in schema or "additionalProperties" in schema or "patternProperties" in schema:
        return "object"
    return "array" if "items" in schema else "string" if "pattern" in schema else "any"


def _const(schema: Mapping[str, Any], where: str) -> Reader:
    values = tuple(schema["enum"]) if "enum" in schema else (schema["const"],)
    nullable = None in values
    real = tuple(v for v in values if v is not None)
    if all(isinstance(v, str) for v in real):
        return TextReader(choices=real, nullable=nullable)
    return ConstReader(values=real, nullable=nullable)


def _date(schema: Mapping[str, Any], where: str) -> Reader:
    return DateReader(pattern=re.compile(schema["pattern"])) if "pattern" in schema else DateReader()


def _bounds(schema: Mapping[str, Any]) -> dict[str, Any]:
    names = {"minimum": "low", "maximum": "high", "exclusiveMinimum": "above", "exclusiveMaximum": "below"}
    return {ours: Decimal(str(schema[theirs])) for theirs, ours in names.items() if theirs in schema}


def _number(schema: Mapping[str, Any], where: str) -> Reader:
    return NumberReader(**_bounds(schema))


def _integer(schema: Mapping[str, Any], where: str) -> Reader:
    return NumberReader(**_bounds(schema), whole=True)


def _amount(schema: Mapping[str, Any], where: str) -> Reader:
    return AmountReader(**_bounds(schema), unit=unit(schema["x-unit"]) if "x-unit" in schema else None)
