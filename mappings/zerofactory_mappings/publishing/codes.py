"""What codes and columns are called: the project's code lists, source types and dossier schema, in both languages."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from zerofactory_engine.locate import STANDARDS_ROOT
from zerofactory_engine.yaml_text import ListNode, MapNode, Node, Scalar, read_yaml

Names = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Column:
    """A property of the dossier: its title, the unit of its values and the code list of its words."""

    title: Mapping[str, str]
    unit: str | None = None
    codes: str | None = None


def _plain(node: Node) -> Any:
    """A file of the project as plain texts, dicts and lists."""
    if isinstance(node, MapNode):
        return {key: _plain(child) for key, child in node.items()}
    if isinstance(node, ListNode):
        return [_plain(child) for child in node.items]
    assert isinstance(node, Scalar)
    return node.text


def _texts(tree: Any) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Every key of a mapping whose value has a zh and an en."""
    for key, value in tree.items():
        if isinstance(value, dict) and isinstance(value.get("zh"), str) and isinstance(value.get("en"), str):
            yield key, {"zh": value["zh"], "en": value["en"]}


@cache
def code_lists() -> Mapping[str, Names]:
    """Every list of ``standards/codes`` by its name, the short lists of ``terms`` among them."""
    lists: dict[str, Names] = {}
    for path in sorted((STANDARDS_ROOT / "codes").glob("*.yaml")):
        tree = _plain(read_yaml(path.read_bytes(), path.name))
        if "codes" in tree:
            lists[tree["id"]] = dict(_texts(tree["codes"]))
        for name, codes in tree.get("lists", {}).items():
            lists[name] = dict(_texts(codes))
    return lists


@cache
def source_types() -> Names:
    """Names of emission sources and of what stands beside the scopes."""
    path = STANDARDS_ROOT / "classification/sources.yaml"
    tree = _plain(read_yaml(path.read_bytes(), path.name))
    return {**dict(_texts(tree["sources"])), **dict(_texts(tree["outside"]))}


def name_of(code: str, language: str, *lists: str) -> str | None:
    """What *code* is called in one of *lists*; None when none of them has it."""
    for name in lists:
        if (text := code_lists().get(name, {}).get(code)) is not None:
            return text[language]
    return None


@cache
def _schema() -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = json.loads((STANDARDS_ROOT / "schemas/dossier.schema.json").read_text(encoding="utf-8"))
    return loaded


def _resolved(entry: Mapping[str, Any]) -> dict[str, Any]:
    """*entry* with what it refers to below it."""
    name = entry.get("$ref", "").removeprefix("#/$defs/")
    return {**_schema()["$defs"].get(name, {}), **entry} if name else dict(entry)


def _both(title: str) -> Mapping[str, str]:
    """``电力 / Electricity`` in its two languages."""
    zh, _, en = title.partition(" / ")
    return {"zh": zh, "en": en or zh}


@cache
def section(name: str) -> Mapping[str, Column]:
    """The columns of one part of a dossier: a table, ``facility``, or a list inside one (``boundary.parts``)."""
    node: Mapping[str, Any] = _schema()
    for part in name.split("."):
        node = _resolved(node.get("properties", {}).get(part, {}))
        node = _resolved(node["items"]) if "items" in node else node
    own = node.get("properties", {})
    shared = _schema()["$defs"]["row"].get("properties", {}) if "." not in name else {}
    first = {k: shared[k] for k in ("id", "name", "from", "to") if k in shared}
    return {key: _column(entry) for key, entry in {**first, **own, **shared, **own}.items() if isinstance(entry, dict)}


def _column(entry: Mapping[str, Any]) -> Column:
    full = _resolved(entry)
    unit = full.get("x-unit")
    return Column(_both(str(full.get("title", ""))), None if unit in (None, "1") else str(unit), full.get("x-codelist"))


@cache
def table_title(name: str) -> Mapping[str, str] | None:
    """What a part of the dossier is called."""
    node: Mapping[str, Any] = _schema()
    for part in name.split("."):
        node = _resolved(node.get("properties", {}).get(part, {}))
        if part != name.split(".")[-1]:
            node = _resolved(node["items"]) if "items" in node else node
    return _both(str(node["title"])) if node.get("title") else None
