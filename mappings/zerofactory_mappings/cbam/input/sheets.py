"""How an input lies in a workbook: sheets, columns, keys. Follows the schema; shared by reader and writer.

One sheet holds the sections (installation, operator, verifier, period …), a line per field. Every table has a sheet
of its own, and so has every list or mapping inside a row; there the column ``of`` names the row that an entry belongs
to (by its id, or ``P1/2`` for the second row that belongs to P1). Fields of an object have dotted keys
(``heat.imported``). The last line of a heading is its key; what stands above is for people.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from typing import Any

from zerofactory_mappings.cbam.input.figures import FIGURE, NUMBER, RATIO, SHARE, kind_of, schema

#: Sheet of the sections: its key, and its names.
MAIN = "input"
MAIN_NAMES = {"zh": "CBAM 输入", "en": "CBAM input"}
#: Columns of the main sheet.
FIELD, VALUE = "field", "value"
#: Column that names the row of the parent sheet.
OF = "of"
#: Names of sheets that explain or list and hold no data.
NOT_DATA = {"zh": ("说明", "代码"), "en": ("Read me", "Codes")}
#: Sections on the main sheet, and single fields there.
SECTIONS = ("installation", "operator", "verifier", "period", "stated", "remarks")
SINGLE = ("format", "origin", "template_version", "reconcile")
#: Mappings of free keys to texts: the key of the sheet, its two columns.
TEXTS = {"readings": ("reading", "alternative"), "other": ("key", "text")}


class Form(StrEnum):
    """What the rows of a sheet are in the tree."""

    ROWS = "rows"                  # a list of mappings
    MAP = "map"                    # a mapping from ids to figures
    ROUTES = "routes"              # one figure, or a mapping from routes to figures
    ATTRIBUTION = "attribution"
    TEXTS = "texts"                # a mapping from keys to texts


@dataclass(frozen=True, slots=True)
class Column:
    """A column (or line of the main sheet).

    *kind*: text, code, date, boolean, integer, decimal, figure, share, list. *units* of a figure, the first being that
    of a bare number unless *unit_column* says that it stands in the column ``<key>_unit``, or *per* that it is per unit
    of that amount. *choices* a drop-down list with its *meanings*; *words* the list of a table of the law; *refers* the
    table whose ids it holds.
    """

    key: str
    kind: str
    title: Mapping[str, str]
    help: Mapping[str, str]
    units: tuple[str, ...] = ()
    unit_column: bool = False
    per: str | None = None
    choices: tuple[str, ...] = ()
    meanings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    words: str | None = None
    refers: str | None = None
    required: bool = False
    example: str | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet; *parents* are the sheets whose rows its entries belong to, *path* is where they hang in the row."""

    key: str
    names: Mapping[str, str]
    help: Mapping[str, str]
    columns: Mapping[str, Column]
    path: tuple[str, ...]
    form: Form = Form.ROWS
    parents: tuple[str, ...] = ()

    def all_columns(self) -> dict[str, Column]:
        """The columns with that of the parent first and those of units behind their figures."""
        out: dict[str, Column] = {}
        if self.parents:
            out[OF] = Column(OF, "text", {"zh": "属于", "en": "Belongs to"},
                             {"zh": "所属行的编号。", "en": "Id of the row that this belongs to."}, required=True,
                             refers=self.parents[0] if len(self.parents) == 1 else None)
        for key, column in self.columns.items():
            out[key] = column
            if column.unit_column:
                unit = f"{key}_unit"
                out[unit] = Column(unit, "code", {"zh": "单位", "en": "Unit"},
                                   {"zh": "该数值的单位。", "en": "Unit of that figure."}, choices=column.units)
        return out


def both(text: str, separator: str = " / ") -> Mapping[str, str]:
    """A text of the schema in both languages."""
    zh, found, en = text.partition(separator)
    return {"zh": zh, "en": en if found else zh}


@cache
def main_columns() -> Mapping[str, Column]:
    """The lines of the main sheet by dotted key."""
    properties = schema().source["properties"]
    out = {name: _column(name, properties[name], name == "format") for name in SINGLE}
    for section in SECTIONS:
        required = properties[section].get("required", ())
        out |= dict(_flat(properties[section]["properties"], required, f"{section}."))
    return out


@cache
def sheets() -> Mapping[str, Sheet]:
    """All sheets but the main one, parents before what belongs to them."""
    properties = schema().source["properties"]
    out: dict[str, Sheet] = {}
    for name, declared in properties.items():
        if name in TEXTS:
            out[name] = _texts(name, declared)
        elif "items" in declared:
            item = declared["items"]
            columns = dict(_flat(item["properties"], item.get("required", ())))
            out[name] = Sheet(name, both(declared["title"]), both(declared["description"], "\n"), columns, (name,))
            _inside(out, name, item["properties"], ())
    return out


def _inside(out: dict[str, Sheet], parent: str, declared: Mapping[str, Any], path: tuple[str, ...]) -> None:
    """Sheets of the lists and mappings inside the rows of *parent*."""
    for name, field_ in declared.items():
        full = schema().resolved(field_)
        if "x-sheet" not in full:
            if "properties" in full:
                _inside(out, parent, full["properties"], (*path, name))
            continue
        form = _form(full)
        key = "attribution" if form is Form.ATTRIBUTION else f"{parent}.{'.'.join((*path, name))}"
        if key in out:                                  # sources of every kind share the sheet of attributions
            out[key] = replace(out[key], parents=(*out[key].parents, parent))
            continue
        out[key] = Sheet(key, both(full["x-sheet"]), both(full["description"], "\n"), _columns_of(form, full),
                         (*path, name), form, (parent,))
        if form is Form.ROWS:
            _inside(out, key, full["items"]["properties"], ())


def _form(full: Mapping[str, Any]) -> Form:
    if "items" in full:
        return Form.ROWS
    if full.get("x-map") == "route":
        return Form.ROUTES
    return Form.MAP if "x-map" in full else Form.ATTRIBUTION


def _columns_of(form: Form, full: Mapping[str, Any]) -> dict[str, Column]:
    if form is Form.ROWS:
        return dict(_flat(full["items"]["properties"], full["items"].get("required", ())))
    process = Column("process", "text", {"zh": "生产过程", "en": "Process"},
                     {"zh": "生产过程编号。", "en": "Id of a process."}, refers="processes", required=True)
    if form is Form.ATTRIBUTION:
        share = {"$ref": "#/$defs/share", "title": "份额 / Share", "description": "按份额。\nBy shares."}
        mass = {"$ref": "#/$defs/figure", "x-units": ["t"], "title": "质量 / Mass",
                "description": "按摩尔质量分摊时的质量。\nMass, for a split by molar masses."}
        substance = {"type": "string", "title": "物质 / Substance",
                     "description": "按摩尔质量分摊时的物质；份额与质量均不填即按功能单位。\n"
                                    "Substance, for a split by molar masses; neither share nor mass: by functional "
                                    "units."}
        return {"process": process} | {n: _column(n, d, False) for n, d in (
            ("share", share), ("mass", mass), ("substance", substance))}
    amount = full["additionalProperties"] if form is Form.MAP else full["anyOf"][0]
    named = {"title": "数量 / Amount", "description": "数量。\nAmount."}
    if form is Form.MAP:
        return {"process": process, "amount": _column("amount", {**amount, **named}, True)}
    route = {"type": "string", "x-list": "routes", "title": "生产路线 / Route",
             "description": "只有一条路线的类别可不填。\nMay be left out where the category has one route only."}
    return {"route": _column("route", route, False), "amount": _column("amount", {**amount, **named}, True)}


def _texts(name: str, declared: Mapping[str, Any]) -> Sheet:
    plain = [{"$ref": "#/$defs/text", "title": title, "description": help_}
             for title, help_ in (("键 / Key", "键。\nKey."), ("文字 / Text", "文字。\nText."))]
    columns = {key: _column(key, shape, True) for key, shape in zip(TEXTS[name], plain, strict=True)}
    return Sheet(name, both(declared["title"]), both(declared["description"], "\n"), columns, (name,),
                 Form.TEXTS)


def _flat(declared: Mapping[str, Any], required: object, before: str = "") -> Iterator[tuple[str, Column]]:
    """Columns by dotted key; what has a sheet of its own is left out."""
    assert isinstance(required, (list, tuple))
    for name, field_ in declared.items():
        full = schema().resolved(field_)
        if "x-sheet" in full:
            continue
        if "properties" in full:
            yield from _flat(full["properties"], full.get("required", ()), f"{before}{name}.")
        else:
            key = f"{before}{name}"
            yield key, _column(key, field_, name in required)


def _column(key: str, declared: Mapping[str, Any], required: bool) -> Column:
    full = schema().resolved(declared)
    title = declared.get("title", key)
    return Column(
        key=key, kind=_kind(declared, full), title=both(title), help=both(declared.get("description", ""), "\n"),
        units=tuple(declared.get("x-units", ())) or ((declared["x-unit-shown"],) if "x-unit-shown" in declared else ()),
        unit_column=bool(declared.get("x-unit-column")), per=declared.get("x-per"),
        choices=tuple(c for c in full.get("enum", ()) if isinstance(c, str)) if full.get("x-code") else (),
        meanings={code: both(title) for code, title in full.get("x-titles", {}).items()},
        words=full.get("x-list"), refers=full.get("x-ref"), required=required,
        example=str(full["examples"][0]) if full.get("examples") else None)


def _kind(declared: Mapping[str, Any], full: Mapping[str, Any]) -> str:
    kinds = {FIGURE: "figure", NUMBER: "decimal", "decimal": "decimal", SHARE: "share", RATIO: "share",
             "share_text": "share",
             "date": "date", "yes_no": "boolean", "integer": "integer", "documents": "list"}
    if (known := kinds.get(kind_of(declared))) is not None:
        return known
    if "items" in full:
        return "list"
    return "code" if full.get("x-code") else "text"


def child_sheets(parent: str) -> Iterator[Sheet]:
    """The sheets whose entries belong to rows of *parent*."""
    return (s for s in sheets().values() if parent in s.parents)


@cache
def by_name() -> Mapping[str, str]:
    """Key of a sheet by every name that it may have, in lower case."""
    names = {name.lower(): MAIN for name in (MAIN, *MAIN_NAMES.values())}
    for key, sheet in sheets().items():
        for name in (key, *sheet.names.values()):
            names.setdefault(name.lower(), key)
    return names
