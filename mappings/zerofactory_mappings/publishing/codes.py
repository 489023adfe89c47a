"""What codes are called: the project's code lists, source types and dossier columns, in both languages."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from zerofactory_engine.locate import STANDARDS_ROOT
from zerofactory_engine.yaml_text import ListNode, MapNode, Node, Scalar, read_yaml

Names = Mapping[str, Mapping[str, str]]


def _plain(node: Node) -> Any:
    """A file of the project as plain texts, dicts and lists."""
    if isinstance(node, MapNode):
        return {key: _plain(child) for key, child in node.items()}
    if isinstance(node, ListNode):
        return [_plain(child) for child in node.items]
    assert isinstance(node, Scalar)
    return node.text


def _named(entry: Any) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get("zh"), str) and isinstance(entry.get("en"), str)


def _texts(tree: Any) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Every key of *tree* whose value has a zh and an en."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            if _named(value):
                yield key, {"zh": value["zh"], "en": value["en"]}
            else:
                yield from _texts(value)


@cache
def code_list(name: str) -> Names:
    """The names of one list of ``standards/codes``; empty when there is no such list."""
    path = STANDARDS_ROOT / "codes" / f"{name}.yaml"
    if not path.is_file():
        return {}
    tree = _plain(read_yaml(path.read_bytes(), path.name))
    return dict(_texts(tree.get("codes") or tree.get("lists")))


@cache
def source_types() -> Names:
    """Names of emission sources and of what stands beside the scopes."""
    path = STANDARDS_ROOT / "classification/sources.yaml"
    tree = _plain(read_yaml(path.read_bytes(), path.name))
    return {**dict(_texts(tree["sources"])), **dict(_texts(tree["outside"]))}


@cache
def dossier_names() -> Names:
    """Titles of the dossier's tables and columns, as its schema gives them."""
    path = STANDARDS_ROOT / "schemas/dossier.schema.json"
    if not path.is_file():
        return {}
    found: dict[str, Mapping[str, str]] = {}

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            for name, entry in node.get("properties", {}).items() if isinstance(node.get("properties"), dict) else ():
                title = _title(entry)
                if title:
                    found.setdefault(name, title)
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(json.loads(path.read_text(encoding="utf-8")))
    return found


def _title(entry: Any) -> Mapping[str, str] | None:
    """The title in two languages that a property of the schema carries."""
    if not isinstance(entry, dict):
        return None
    for key in ("x-title", "title", "titles"):
        value = entry.get(key)
        if isinstance(value, dict) and "zh" in value:
            return {"zh": str(value["zh"]), "en": str(value.get("en", value["zh"]))}
    return None


#: Lists in which a word of a record is looked up, in this order.
LISTS = ("terms", "document_kinds", "carriers", "technologies", "figures", "certificate_systems", "equipment_types",
         "provinces", "gases")


def name_of(code: str, language: str, *lists: str) -> str | None:
    """What *code* is called, in the given lists or in all of them; None when no list has it."""
    for name in lists or LISTS:
        if (text := code_list(name).get(code)) is not None:
            return text[language]
    return None
