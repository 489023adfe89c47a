"""Tables, sections and columns of a dossier, as ``standards/schemas/dossier.schema.json`` declares them.

Everything else about a dossier (reading, vocabulary, templates, checks of references) follows from this, so that a
column is added in one place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from zerofactory_engine.typed import Schema, shipped_schema
from zerofactory_engine.units import Unit, unit

#: Single objects of a dossier; what is left of its keys are tables.
SECTIONS = ("organisation", "facility", "period", "boundary", "base_year", "plan", "claim")
#: Tables whose rows are amounts of a time; sums over them run over the period.
SERIES_TABLES = ("energy", "electricity", "storage", "heat", "chp", "processes", "fugitive", "carbon_capture",
                 "transport", "purchased", "waste", "travel", "use_phase", "end_of_life", "other_indirect")
#: Tables whose rows of a meter have to cover the time that the meter is in service.
METERED_TABLES = ("energy", "electricity", "storage", "heat", "carbon_capture")
#: Columns of every row that expressions may not use, beside those that the schema closes.
_CLOSED_ROW_COLUMNS = frozenset({"documents", "note", "estimate", "uncertainty", "basis"})
_HEADER = frozenset({"format", "id", "version", "supersedes", "submitted_on", "complete", "reading"})


@dataclass(frozen=True, slots=True)
class Column:
    """One column (or field of a section).

    *kind*: text, code, number, integer, amount, quantity, date, boolean, tri, texts, references, object, list. *unit*
    is that of its figures; *target*: ``amount`` and ``unit`` of a row go here by dimension; *closed*: not for
    expressions; *refers*: the table whose ids it holds; *fields*: of an object or of the items of a list.
    """

    name: str
    kind: str
    title: Mapping[str, str]
    help: Mapping[str, str]
    unit: Unit | None = None
    codes: tuple[str, ...] = ()
    code_list: str | None = None
    target: bool = False
    closed: bool = False
    required: bool = False
    refers: str | None = None
    common: bool = False
    example: str | None = None
    fields: Mapping[str, Column] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TableShape:
    """A table (or section): its title, help and columns; the columns of every row last."""

    name: str
    title: Mapping[str, str]
    help: Mapping[str, str]
    columns: Mapping[str, Column]
    metered: bool = False

    @property
    def targets(self) -> tuple[Column, ...]:
        """Columns that ``amount`` and ``unit`` may go to."""
        return tuple(c for c in self.columns.values() if c.target)


def schema() -> Schema:
    """The published schema, compiled once."""
    return shipped_schema("dossier")


def bilingual(text: str, separator: str) -> Mapping[str, str]:
    """A text of the schema in both languages: Chinese before *separator*, English behind."""
    zh, found, en = text.partition(separator)
    return {"zh": zh, "en": en if found else zh}


@cache
def tables() -> Mapping[str, TableShape]:
    """All tables by name, in the order of the schema."""
    properties = schema().source["properties"]
    return {n: _table(n, p) for n, p in properties.items() if n not in _HEADER and n not in SECTIONS}


@cache
def sections() -> Mapping[str, TableShape]:
    """All sections by name."""
    properties = schema().source["properties"]
    return {n: _shape(n, properties[n], _fields(properties[n])) for n in SECTIONS}


@cache
def row_schema(table: str) -> Schema:
    """The schema of one row of *table*."""
    return schema().part(f"#/properties/{table}/items")


def list_columns(shape: TableShape) -> Iterator[Column]:
    """Columns that hold lists of objects."""
    return (c for c in shape.columns.values() if c.kind == "list" and c.fields)


def _table(name: str, declared: Mapping[str, Any]) -> TableShape:
    row = schema().definition("#/$defs/row")
    own = _fields({**declared["items"], "$ref": None})
    common = {n: _column(n, d, False, common=True) for n, d in row["properties"].items() if n not in own}
    return _shape(name, declared, {**_first_id(own, common), **common})


def _first_id(own: dict[str, Column], common: dict[str, Column]) -> dict[str, Column]:
    """The id stands first in every table."""
    head = {"id": own.pop("id")} if "id" in own else {"id": common.pop("id")}
    return {**head, **own}


def _shape(name: str, declared: Mapping[str, Any], columns: Mapping[str, Column]) -> TableShape:
    return TableShape(name, bilingual(declared["title"], " / "), bilingual(declared.get("description", ""), "\n"),
                      columns, name in METERED_TABLES)


def _fields(declared: Mapping[str, Any]) -> dict[str, Column]:
    required = declared.get("required", ())
    return {n: _column(n, d, n in required) for n, d in declared["properties"].items()}


def _column(name: str, declared: Mapping[str, Any], required: bool, common: bool = False) -> Column:
    full = schema().resolved(declared)
    kind, below = _kind(full)
    listed = full.get("x-codelist")
    return Column(
        name=name, kind=kind, title=bilingual(declared["title"], " / "),
        help=bilingual(declared.get("description", ""), "\n"),
        unit=unit(full["x-unit"]) if "x-unit" in full else None,
        codes=tuple(c for c in full.get("enum", ()) if isinstance(c, str)) if kind == "code" else (),
        code_list=listed, target=bool(full.get("x-amount")),
        closed=bool(full.get("x-closed")) or (common and name in _CLOSED_ROW_COLUMNS) or kind == "references",
        required=required, refers=full.get("x-ref"), common=common,
        example=str(full["examples"][0]) if full.get("examples") else None, fields=below,
    )


def _kind(full: Mapping[str, Any]) -> tuple[str, Mapping[str, Column]]:
    names = {"decimal": "number", "integer": "integer", "amount": "amount", "quantity": "quantity", "date": "date",
             "boolean": "boolean", "tri": "tri", "text": "text", "references": "references"}
    if "x-type" in full:
        return names[full["x-type"]], {}
    if "enum" in full:
        return "code", {}
    if "anyOf" in full:
        real = [schema().resolved(o) for o in full["anyOf"] if o != {"type": "null"}]
        if real[0].get("type") == "object":
            if "zh" in real[0]["properties"]:
                return "texts", {}
            return "object", _fields(real[0])
        return ("references" if "D1" in str(real[0].get("examples")) else "text"), {}
    types = full["type"] if isinstance(full["type"], list) else [full["type"]]
    if "array" in types:
        items = schema().resolved(full["items"])
        return "list", _fields(items) if "properties" in items else {}
    return ("object", _fields(full)) if "object" in types else ("text", {})
