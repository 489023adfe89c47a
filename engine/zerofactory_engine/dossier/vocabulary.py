"""What expressions may name of a dossier, and of which kind and dimension it is. Derived from the published schema."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from zerofactory_engine.dossier.codes import code_list
from zerofactory_engine.dossier.structure import Column, TableShape, sections, tables
from zerofactory_engine.feel.values import BOOLEAN, DATE, STRING, FeelType, Kind, list_of, number, table_of
from zerofactory_engine.units import NUMBER, dimension, unit

#: Roots that expressions name; no column is called like one of them.
CONTEXTS = ("facility", "period", "boundary", "organisation", "claim", "plan", "base_year")


@cache
def types() -> Mapping[str, FeelType]:
    """Root name → type: every table, and the contexts."""
    roots: dict[str, FeelType] = {name: table_of(_fields(shape)) for name, shape in tables().items()}
    for name, shape in sections().items():
        roots[name] = FeelType(Kind.CONTEXT, fields=_fields(shape))
    roots["period"] = FeelType(Kind.CONTEXT, fields={
        "start": DATE, "end": DATE, "years": number(dimension("year")), "months": number(NUMBER),
        "days": number(NUMBER), "time_zone": STRING})
    return roots


@cache
def figures() -> Mapping[str, FeelType]:
    """Figure name → type of ``figure("name")``."""
    return {name: number(unit(entry["unit"]).dimension) for name, entry in code_list("figures").codes.items()}


def _fields(shape: TableShape) -> dict[str, FeelType]:
    return {name: _type(column) for name, column in shape.columns.items() if column.kind != "references"}


def _type(column: Column) -> FeelType:
    made = _open_type(column)
    if not column.closed:
        return made
    return FeelType(made.kind, made.dimension, made.element, made.fields, closed=True)


def _open_type(column: Column) -> FeelType:
    if column.kind in ("number", "integer", "amount"):
        return number(column.unit.dimension if column.unit is not None else None)
    if column.kind == "quantity":
        return number(None)
    if column.kind in ("boolean", "tri"):
        return BOOLEAN
    if column.kind == "date":
        return DATE
    below = {n: _type(c) for n, c in column.fields.items() if c.kind != "references"}
    if column.kind == "texts":
        return FeelType(Kind.CONTEXT, fields={"zh": STRING, "en": STRING})
    if column.kind == "object":
        return FeelType(Kind.CONTEXT, fields=below)
    if column.kind == "list":
        return table_of(below) if below else list_of(STRING)
    return STRING
