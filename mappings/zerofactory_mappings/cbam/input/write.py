"""Write an installation in our own format: a tree of mappings, lists and texts, as YAML that people read.

Reading it back gives an equal installation, up to places and problems. What the format cannot hold (a figure without
a unit, which the Commission's workbook allows and does not count) stands as a comment: seen and not counted.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal, localcontext
from enum import Enum
from typing import Any, TypeAlias

from zerofactory_engine.decimals import CONTEXT, plain
from zerofactory_engine.units import is_unit
from zerofactory_mappings.cbam import scope
from zerofactory_mappings.cbam.input.build import (
    CLINKER_OUTPUT,
    OWN_FIELDS,
    POWER_PLANT,
    PREFIXES,
    detail_key,
    document_ids,
    document_key,
)
from zerofactory_mappings.cbam.input.emit import COMMENT, yaml_text
from zerofactory_mappings.cbam.input.figures import FIGURE, NUMBER, RATIO, SHARE, convert, kind_of, schema
from zerofactory_mappings.cbam.model import (
    Attribution,
    AttributionRule,
    ElectricityUse,
    EnergyUnit,
    Given,
    HourlyMatch,
    Installation,
    MeasuredSource,
    Origin,
    Precursor,
    Process,
    RouteAmount,
    SourceStream,
)

Tree: TypeAlias = dict[str, Any]
ONE = Decimal(1)


def installation_yaml(installation: Installation) -> bytes:
    """*installation* as YAML of ``zerofactory/cbam-input/1``."""
    return yaml_text(installation_tree(installation)).encode()


def installation_tree(installation: Installation) -> Tree:
    """*installation* as mappings, lists and texts; names that begin with ``#`` are comments."""
    properties = schema().source["properties"]
    out: Tree = {"format": properties["format"]["const"]}
    if installation.origin is not Origin.OWN:
        out["origin"] = str(installation.origin)
    if installation.template_version is not None:
        out["template_version"] = installation.template_version
    out |= _sections(installation)
    tables: Sequence[tuple[str, Sequence[Any]]] = (
        ("source_streams", installation.streams), ("pfc", installation.pfc), ("measured", installation.measured),
        ("energy_units", installation.units), ("processes", installation.processes),
        ("precursors", installation.precursors), ("products", installation.products))
    for name, rows in tables:
        if rows:
            out[name] = [_row(row, properties[name]["items"]) for row in rows]
    stated = _Fields(()).of(installation.stated, properties["stated"]["properties"])
    if stated:
        out["stated"] = stated
    if installation.reconcile:
        out["reconcile"] = "yes"
    if installation.readings:
        out["readings"] = dict(installation.readings)
    return _in_order(out, list(properties))


def _in_order(tree: Tree, names: Sequence[str]) -> Tree:
    return {name: tree[name] for name in names if name in tree}


def _sections(installation: Installation) -> Tree:
    """Names, addresses and persons, the period, documents, and what has no field of its own."""
    properties, details = schema().source["properties"], dict(installation.details)
    out: Tree = {}
    for section in PREFIXES:
        if section == "other":
            continue
        own: Tree = {}
        for field in properties[section]["properties"]:
            if section == "installation" and field in OWN_FIELDS:
                value = getattr(installation, field)
                if value is not None:
                    own[field] = value
            elif (text := details.pop(detail_key(section, field), None)) is not None:
                own[field] = text
        if own:
            out[section] = own
    period = {n: d.isoformat() for n, d in (("start", installation.period_start), ("end", installation.period_end))
              if d is not None}
    if period:
        out["period"] = period
    documents = [{"id": d} | {f: text for f in ("title", "file", "sha256")
                              if (text := details.pop(document_key(d, f), None)) is not None}
                 for d in document_ids(details)]
    if documents:
        out["documents"] = documents
    if details:
        out["other"] = details
    return out


def _row(row: Any, declared: Mapping[str, Any]) -> Tree:
    """One row of a table; its documents are those that all of its figures share, or those that the model has."""
    properties = declared["properties"]
    if isinstance(row, EnergyUnit):
        shared = row.documents
    elif "documents" in properties:
        found = {g.documents for g in _givens(row)}
        shared = next(iter(found)) if len(found) == 1 else ()
    else:
        shared = ()
    return _Fields(shared).of(row, properties)


def _givens(value: Any) -> Iterator[Given]:
    """The figures of a row, without those of rows inside that have documents of their own."""
    if isinstance(value, Given):
        yield value
    elif isinstance(value, ElectricityUse):
        return
    elif isinstance(value, Mapping):
        for below in value.values():
            yield from _givens(below)
    elif isinstance(value, tuple):
        for below in value:
            yield from _givens(below)
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from _givens(getattr(value, field.name))


class _Fields:
    """Writes the fields of a row whose figures have the documents *documents* unless they say otherwise."""

    def __init__(self, documents: tuple[str, ...]) -> None:
        self.documents = documents

    def of(self, row: Any, declared: Mapping[str, Any]) -> Tree:
        """All fields of *row* that the schema declares and that hold something."""
        out: Tree = {}
        for name, field in declared.items():
            value = self._special(row, name, field) if self._is_special(row, name) else self._value(row, name, field)
            if isinstance(value, _Unwritable):
                out[COMMENT + name] = value.text
            elif value is not None:
                out[name] = value
        return out

    def _value(self, row: Any, name: str, declared: Mapping[str, Any]) -> Any:
        value = getattr(row, name, None)
        if isinstance(value, Given):
            return self.figure(value, declared, row)
        if isinstance(value, Mapping):
            return self._mapping(value, declared, row) or None
        if isinstance(value, tuple):
            return self._list(value, declared) or None
        if value is not None and dataclasses.is_dataclass(value):
            return self.of(value, schema().resolved(declared)["properties"])
        if value is False and name in {"output_based", "waste_gas"}:
            return None
        return _text(value)

    def _mapping(self, value: Mapping[str, Any], declared: Mapping[str, Any], row: Any) -> Tree:
        out: Tree = {}
        for key, below in value.items():
            made = self.figure(below, declared["additionalProperties"], row) if isinstance(below, Given) else str(below)
            out |= {COMMENT + key: made.text} if isinstance(made, _Unwritable) else {key: made}
        return out

    def _list(self, value: tuple[Any, ...], declared: Mapping[str, Any]) -> list[Any]:
        if value and dataclasses.is_dataclass(value[0]):
            return [self.of(v, declared["items"]["properties"]) for v in value]
        return [str(v) for v in value]

    # --- fields that the file has in another form -------------------------------------------------------------------

    def _is_special(self, row: Any, name: str) -> bool:
        return name in {"attributed", "documents", "production", "bought", "electricity", "match", "rows", "hourly",
                        "hourly_file", "file", "kind", "name", "clinker_output", "dust"}

    def _special(self, row: Any, name: str, declared: Mapping[str, Any]) -> Any:
        if name == "documents":
            return list(self.documents) or None
        if name == "attributed":
            return self._attribution(row.attributed)
        if name in {"production", "bought"}:
            return self._by_route(getattr(row, name), _category_of(row), declared)
        if name == "name":
            return None if getattr(row, "id", None) == row.name else row.name
        if isinstance(row, EnergyUnit) and name == "kind":
            return POWER_PLANT if row.kind is None else str(row.kind)
        if isinstance(row, SourceStream) and name in {"clinker_output", "dust"}:
            return self._parts(row, name, declared)
        if isinstance(row, MeasuredSource) and name == "hourly":
            return [_hour(*hour) for hour in row.hourly] or None
        if isinstance(row, ElectricityUse) and name == "match":
            return None if row.match is None else self.of(row.match, declared["properties"])
        if isinstance(row, HourlyMatch) and name == "rows":
            return [{"start": start, "generated_MWh": plain(made), "consumed_MWh": plain(used)}
                    for start, made, used in row.rows] or None
        if isinstance(row, Process) and name == "electricity":
            return [self._electricity(use, declared["items"]["properties"]) for use in row.electricity] or None
        if name in {"file", "hourly_file"}:            # the rows themselves are written
            return None
        return self._value(row, name, declared)

    def _electricity(self, use: ElectricityUse, declared: Mapping[str, Any]) -> Tree:
        made = _Fields(use.documents or self.documents).of(use, declared)
        made.pop("documents", None)
        return made | ({"documents": list(use.documents)} if use.documents else {})

    def _parts(self, row: SourceStream, name: str, declared: Mapping[str, Any]) -> Tree | None:
        given = row.clinker_output if name == "clinker_output" else row.dust
        if not given:
            return None
        names = CLINKER_OUTPUT if name == "clinker_output" else ("clinker_ef", "calcination")
        made = {n: self.figure(g, declared["properties"][n], row) for n, g in zip(names, given, strict=True)}
        return {n: m for n, m in made.items() if not isinstance(m, _Unwritable)}

    def _attribution(self, attributed: Attribution) -> Any:
        if not attributed.ids:
            return None
        if attributed.rule is AttributionRule.FUNCTIONAL_UNITS:
            return {"by": "functional_units", "processes": list(attributed.processes)}
        if attributed.rule is AttributionRule.MOLAR:
            declared = {"$ref": "#/$defs/figure", "x-units": ["t"]}
            masses = {p: {"mass": self.figure(mass, declared, None), "substance": substance}
                      for p, (mass, substance) in attributed.molar.items()}
            return {"by": "molar", "masses": masses}
        shares = {p: self.figure(g, {"$ref": "#/$defs/share"}, None) for p, g in attributed.shares.items()}
        alone = next(iter(shares)) if len(shares) == 1 else None
        return alone if alone is not None and shares[alone] == "1" else shares

    def _by_route(self, amounts: Sequence[RouteAmount], category: scope.Category | None,
                  declared: Mapping[str, Any]) -> Any:
        """One amount for the only route of a category, else by route; a route that stands twice is added up."""
        one = declared["anyOf"][0]
        total: dict[str, Given] = {}
        for entry in amounts:
            before = total.get(entry.route)
            with localcontext(CONTEXT):
                total[entry.route] = entry.amount if before is None else dataclasses.replace(
                    before, value=before.value + entry.amount.value)
        made = {route: self.figure(given, one, None) for route, given in total.items()}
        made = {(COMMENT + r if isinstance(m, _Unwritable) else r): (m.text if isinstance(m, _Unwritable) else m)
                for r, m in made.items()}
        only = category.routes[0].id if category is not None and len(category.routes) == 1 else None
        return made[only] if only is not None and list(made) == [only] else made or None

    # --- figures ----------------------------------------------------------------------------------------------------

    def figure(self, given: Given, declared: Mapping[str, Any], row: Any) -> Any:
        """A figure as the file states it: with its unit, and with its documents where they are not those of the row."""
        text = _figure_text(given, declared, row)
        if isinstance(text, _Unwritable) or given.documents == self.documents:
            return text
        return {"value": text, "documents": list(given.documents)}


@dataclasses.dataclass(frozen=True, slots=True)
class _Unwritable:
    """A figure whose unit is not known, as it stands."""

    text: str


def _figure_text(given: Given, declared: Mapping[str, Any], row: Any) -> str | _Unwritable:
    kind = kind_of(declared)
    if kind == NUMBER:
        return plain(given.value)
    if kind in {SHARE, RATIO}:
        if given.unit == "%":
            return f"{plain(given.value)} %"
        return plain(given.value) if kind == RATIO or 0 <= given.value <= ONE else f"{plain(given.value.scaleb(2))} %"
    assert kind == FIGURE, kind
    wanted: Sequence[str] = declared["x-units"]
    for text in (given.unit, f"{given.unit}/{getattr(getattr(row, 'amount', None), 'unit', '')}"):
        if text in wanted or (is_unit(text) and convert(ONE, text, wanted) is not None):
            return f"{plain(given.value)} {text.replace('1000Nm3', 'kNm3')}"
    return _Unwritable(f"{plain(given.value)} {given.unit}".strip())


def _category_of(row: Process | Precursor) -> scope.Category | None:
    found = scope.find_category(row.category or "")
    if found is None and isinstance(row, Precursor) and row.cn:
        good = scope.read_cn(row.cn).good
        return None if good is None else good.category
    return found


def _hour(concentration: Decimal | None, volume: Decimal | None, valid: Decimal) -> Tree:
    made = {"g_per_Nm3": concentration, "Nm3": volume, "valid": valid if valid != ONE else None}
    return {n: plain(v) for n, v in made.items() if v is not None}


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value if not isinstance(value, Enum) else str(value.value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.isoformat() if isinstance(value, date) else str(value)
