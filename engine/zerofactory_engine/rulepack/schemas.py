"""The published schemas of a pack's files, compiled once: what :mod:`zerofactory_engine.typed` reads them by."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from zerofactory_engine.locate import STANDARDS_ROOT
from zerofactory_engine.typed import Schema

_PACK = "https://zerofactory.example/schemas/pack/1"

#: Files of a pack beside ``pack.yaml`` and the part of the schema that types each.
PARTS = {
    "accounting.yaml": "accounting",
    "parameters.yaml": "parameters",
    "quantities.yaml": "quantities",
    "readings.yaml": "readings",
    "evidence.yaml": "evidence",
    "levels.yaml": "levels",
    "levers.yaml": "levers",
    "findings.yaml": "findings",
}


@cache
def _source(kind: str) -> dict[str, Any]:
    path = STANDARDS_ROOT / "schemas" / f"{kind}.schema.json"
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


@cache
def pack_schema() -> Schema:
    """``pack.yaml``."""
    return Schema(_source("pack"))


@cache
def part_schema(part: str) -> Schema:
    """One of the other files: ``accounting``, ``parameters``, ``criterion``, ``cases`` …"""
    return Schema({"$id": _PACK, "$defs": _source("pack")["$defs"], "$ref": f"#/$defs/{part}"})


@cache
def other_schema(kind: str) -> Schema:
    """A schema of its own that leans on the pack's definitions: ``overlay``, ``question-set``."""
    text = json.dumps(_source(kind)).replace(f"{_PACK}#/", "#/")
    source = json.loads(text)
    source["$defs"] = {**_source("pack")["$defs"], **source.get("$defs", {})}
    return Schema(source)
