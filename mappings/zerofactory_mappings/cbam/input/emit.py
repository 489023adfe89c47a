"""A tree of mappings, lists and texts as YAML that people read: block style, short mappings on a line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from zerofactory_mappings.cbam.exact_json import exact_json
from zerofactory_mappings.sources.yaml_rows import scalar

#: Longest line that a mapping or list may take; longer ones are opened.
WIDTH = 110
_STEP = "  "
COMMENT = "#"


def yaml_text(tree: Mapping[str, Any]) -> str:
    """*tree* as YAML; names that begin with ``#`` become comments."""
    return "\n".join(_mapping(tree, 0, top=True)) + "\n"


def _mapping(tree: Mapping[str, Any], depth: int, *, top: bool = False) -> Iterator[str]:
    indent = _STEP * depth
    for name, value in tree.items():
        if name.startswith(COMMENT):
            yield f"{indent}# {name.removeprefix(COMMENT)}: {scalar(str(value))}"
            continue
        key = f"{indent}{scalar(name)}:"
        opened = top and isinstance(value, (list, Mapping)) and bool(value)
        line = None if opened else flat(value, WIDTH - len(key))
        if line is not None:
            yield f"{key} {line}"
        elif isinstance(value, Mapping):
            yield key
            yield from _mapping(value, depth + 1)
        else:
            yield key
            yield from _list(value, depth + 1)


def _list(rows: Sequence[Any], depth: int) -> Iterator[str]:
    indent = _STEP * depth
    for row in rows:
        line = flat(row, WIDTH - len(indent))
        if line is not None:
            yield f"{indent}- {line}"
            continue
        lines = list(_mapping(row, depth + 1) if isinstance(row, Mapping) else _list(row, depth + 1))
        # Comments before the first field stay behind it: the dash stands at a field.
        first = next((i for i, line in enumerate(lines) if not line.lstrip().startswith(COMMENT)), 0)
        lines = [*lines[first:first + 1], *lines[:first], *lines[first + 1:]]
        yield f"{indent}- {lines[0].lstrip()}"
        yield from lines[1:]


def flat(value: Any, width: int) -> str | None:
    """*value* on one line of at most *width*; None when it does not fit or holds comments."""
    if isinstance(value, str):
        return scalar(value)
    if isinstance(value, Mapping):
        if any(k.startswith(COMMENT) for k in value):
            return None
        parts = [(scalar(k), flat(v, width)) for k, v in value.items()]
        if any(p is None for _, p in parts):
            return None
        text = "{" + ", ".join(f"{k}: {p}" for k, p in parts) + "}"
    else:
        items = [flat(v, width) for v in value]
        if any(i is None for i in items):
            return None
        text = "[" + ", ".join(str(i) for i in items) + "]"
    return text if len(text) <= width else None


def yaml_of_values(value: Any) -> str:
    """A result as YAML for programs: figures plain with all digits, texts in quotes, null where nothing is known.

    *value* is a mapping, or has ``as_json``.
    """
    return "\n".join(_lines(_opened(value), 0)) + "\n"


def _opened(value: Any) -> Any:
    while hasattr(value, "as_json"):
        value = value.as_json()
    return value


def _lines(value: Any, depth: int) -> Iterator[str]:
    """The lines of a mapping or list that is not empty."""
    indent = _STEP * depth
    pairs = ([(f"{json.dumps(str(k), ensure_ascii=False)}:", v) for k, v in value.items()] if isinstance(value, Mapping)
             else [("-", v) for v in value])
    for head, below in pairs:
        below = _opened(below)
        if isinstance(below, (Mapping, list, tuple)) and below:
            yield f"{indent}{head}"
            yield from _lines(below, depth + 1)
        else:
            yield f"{indent}{head} {exact_json(below)}"
