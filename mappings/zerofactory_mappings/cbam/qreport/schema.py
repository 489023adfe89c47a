"""The JSON Schema of the input (``zerofactory/cbam-qreport/1``), made from the table of elements.

Keys are the registry's own element names. Only form is judged by it: what is needed is judged after the defaults of all
goods have been laid under each good, so goods have no required keys here.
"""

from __future__ import annotations

import re
from typing import Any

from zerofactory_mappings.cbam.qreport.codes import codes
from zerofactory_mappings.cbam.qreport.elements import ComplexType, Particle, table
from zerofactory_mappings.cbam.qreport.rules import GOOD
from zerofactory_mappings.cbam.qreport.values import SimpleType

INPUT_FORMAT = "zerofactory/cbam-qreport/1"
#: Elements that are filled in when they are left out: numbers by position, the HS code from the CN code.
FILLED = frozenset({"ItemNumber", "SequenceNumber", "HsCode", "CommodityDetails"})
#: Endings of files that hold goods.
GOODS_ENDINGS = ("csv", "jsonl")

_DIGITS = re.compile(r"\\d\{\d+,(\d+)\}")


def input_schema() -> dict[str, Any]:
    """The schema as a tree, in a fixed order."""
    of = table()
    root = of.root.complex
    assert root is not None
    head = _head_only(root)
    definitions = {_name(kind): _object(kind, required=kind in head)
                   for kind in of.complex.values() if kind is not root}
    report = _object(root, required=True)
    del report["properties"][GOOD]
    report["required"].remove(GOOD)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://zerofactory.dev/schemas/cbam-qreport/1",
        "title": "QReport 的输入 / Input of a QReport",
        "description": "欧盟 CBAM 过渡期登记系统季报（QReport XML 第 23.00 版）的内容；键即登记系统的元素名。\n"
                       "Content of a quarterly report of the EU CBAM transitional registry (QReport XML v23.00); keys "
                       "are the registry's element names. Figures are rounded to the decimals of their element when "
                       "the XML is written. ItemNumber, SequenceNumber, HsCode and CommodityDetails may be left out.",
        "$comment": "made by tools/cbam_qreport_table.py from standards/eu-cbam/qreport/23.00.yaml",
        "type": "object", "additionalProperties": False, "required": ["format", "report"],
        "properties": {
            "format": {"const": INPUT_FORMAT},
            "report": {**report, "title": "报告的抬头 / Head of the report"},
            "goods": {"type": "array", "maxItems": _good().high, "items": {"$ref": f"#/$defs/{GOOD}"},
                      "title": "货物 / Goods"},
            "goods_file": {
                "type": "string", "pattern": r"^[^/\\]+\.(" + "|".join(GOODS_ENDINGS) + ")$", "maxLength": 200,
                "examples": ["goods.csv"], "title": "货物文件 / File of goods",
                "description": "与本文件同一文件夹中的货物表：.csv（列名为元素路径，"
                               "如 GoodsEmissions[2]/ProductionCountry）或 .jsonl（每行一项货物）。\n"
                               "Goods in a file beside this one: .csv (columns are paths of elements below "
                               "ImportedGood, such as GoodsEmissions[2]/ProductionCountry) or .jsonl (a good on each "
                               "line)."},
            "goods_defaults": {"$ref": f"#/$defs/{GOOD}", "title": "全部货物的默认内容 / What all goods have in common",
                               "description": "逐项补入每项货物未填之处。\nLaid under every good, element by element."},
        },
        "$defs": definitions,
    }


def _good() -> Particle:
    root = table().root.complex
    assert root is not None
    return next(p for p in root.particles if p.name == GOOD)


def _head_only(root: ComplexType) -> set[ComplexType]:
    """Types that only the head of a report uses: theirs is known to be needed at once."""
    def below(kind: ComplexType) -> set[ComplexType]:
        return {kind}.union(*(below(p.complex) for p in kind.particles if p.complex is not None))

    of_head: set[ComplexType] = set()
    of_goods: set[ComplexType] = set()
    for particle in root.particles:
        if particle.complex is not None:
            (of_goods if particle.name == GOOD else of_head).update(below(particle.complex))
    return of_head - of_goods


def _name(kind: ComplexType) -> str:
    return kind.name.removesuffix("Type")


def _object(kind: ComplexType, required: bool) -> dict[str, Any]:
    out: dict[str, Any] = {"type": "object", "additionalProperties": False}
    if required:
        out["required"] = [p.name for p in kind.particles if not p.optional and p.name not in FILLED]
    out["properties"] = {p.name: _element(kind, p) for p in kind.particles}
    return out


def _element(kind: ComplexType, particle: Particle) -> dict[str, Any]:
    if particle.complex is not None:
        one = {"$ref": f"#/$defs/{_name(particle.complex)}"}
        return {"type": "array", "maxItems": particle.high, "items": one} if particle.repeated else one
    assert particle.simple is not None
    out = _value(particle.simple)
    known = codes().at.get(f"{kind.name}/{particle.name}")
    if known is not None:
        out["title"] = f"{known.title['zh']} / {known.title['en']}"
        out["examples"] = [known.example] if known.example else list(known.codes)
    if particle.optional or particle.name in FILLED:
        kinds = out["type"]
        out["type"] = [*(kinds if isinstance(kinds, list) else [kinds]), "null"]
        if "enum" in out:
            out["enum"] = [*out["enum"], None]
    return out


def _value(simple: SimpleType) -> dict[str, Any]:
    """How a value of a simple type is written in the input."""
    if simple.form == "string":
        out: dict[str, Any] = {"type": "string"}
        if simple.max_length is not None:
            out |= {"minLength": simple.min_length, "maxLength": simple.max_length}
        return out
    if simple.form == "decimal":
        return {"type": ["string", "number"], "x-type": "decimal"}
    if simple.form == "integer":
        return {"type": ["string", "integer"], "x-type": "integer", **_bounds(simple)}
    if simple.form == "boolean":
        return {"type": ["string", "boolean"], "x-type": "boolean", "enum": ["true", "false", True, False]}
    if simple.form == "date":
        return {"type": "string", "x-type": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
    if simple.form == "dateTime":
        return {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$",
                "examples": ["2026-01-31T12:00:00Z"]}
    return {"type": "string", "maxLength": 200_000, "x-encoding": "base64"}


def _bounds(simple: SimpleType) -> dict[str, int]:
    """Smallest and largest whole number of a type."""
    if simple.pattern is not None:
        match = _DIGITS.fullmatch(simple.pattern.pattern)
        assert match is not None, simple.pattern.pattern
        return {"minimum": 0, "maximum": 10 ** int(match[1]) - 1}
    assert simple.total_digits is not None
    most = 10 ** simple.total_digits - 1
    return {"minimum": -most, "maximum": most}
