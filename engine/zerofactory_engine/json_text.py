"""Read JSON that strangers wrote into the tree of :mod:`zerofactory_engine.yaml_text`: numbers as the text they were.

Refused: NaN and Infinity, duplicate keys, control characters, bytes that are not UTF-8, nesting and sizes beyond the
limits of :mod:`zerofactory_engine.yaml_text`. Places are JSON paths (``electricity/3/MWh``), rows counted from 1.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NoReturn

from zerofactory_engine.decimals import plain
from zerofactory_engine.problems import Place, Problem, ProblemsError, Severity
from zerofactory_engine.yaml_text import (
    CONTROL,
    DEPTH_LIMIT,
    NODE_LIMIT,
    PACK_BYTES,
    SCALAR_LIMIT,
    ListNode,
    MapNode,
    Node,
    Scalar,
    Scanned,
    decode,
)


@dataclass(frozen=True, slots=True)
class _Number:
    text: str


class _Pairs(list[tuple[str, Any]]):
    """The members of one object, duplicates included."""


def read_json(data: bytes, file: str | None = None, limit: int = PACK_BYTES) -> Node:
    """The tree of a JSON text; :class:`ProblemsError` with every problem when there is any."""
    return scan_json(data, file, limit).unwrap()


def scan_json(data: bytes, file: str | None = None, limit: int = PACK_BYTES) -> Scanned:
    """The tree of a JSON text together with its problems."""
    text, problems = decode(data, file, limit)
    if text is None:
        return Scanned(None, tuple(problems))
    if (deep := _too_deep(text)) is not None:
        line = text.count("\n", 0, deep) + 1
        return Scanned(None, (Problem("text.too-deep", Place(file=file, line=line), accepted=str(DEPTH_LIMIT)),))
    try:
        loaded = json.loads(text, object_pairs_hook=_Pairs, parse_float=_Number, parse_int=_Number,
                            parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        place = Place(file=file, line=error.lineno, column=error.colno)
        return Scanned(None, (Problem("json.syntax", place, found=error.msg),))
    except ProblemsError as error:
        return Scanned(None, tuple(Problem(p.code, Place(file=file), found=p.found) for p in error.problems))
    maker = _Maker(file)
    try:
        tree: Node | None = maker.node(loaded, "")
    except ProblemsError as error:
        maker.problems.extend(error.problems)
        tree = None
    return Scanned(tree, tuple(maker.problems))


def tree_of(value: Any, file: str | None = None) -> Node:
    """The tree of a plain Python value (texts, booleans, numbers, mappings, lists), as if it had been read from JSON.

    Numbers are written as text first, so a binary float is refused.
    """
    maker = _Maker(file)
    tree = maker.node(value, "")
    if any(p.severity is Severity.ERROR for p in maker.problems):
        raise ProblemsError(maker.problems)
    return tree


def _refuse_constant(name: str) -> NoReturn:
    raise ProblemsError([Problem("json.not-a-number", found=name)])


_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[{\]}]', re.DOTALL)


def _too_deep(text: str) -> int | None:
    """Where brackets nest deeper than allowed (before the recursive parser sees them), or None."""
    depth = 0
    for match in _BRACKETS.finditer(text):
        char = match.group()
        if char in "[{":
            depth += 1
            if depth > DEPTH_LIMIT:
                return match.start()
        elif char in "]}":
            depth -= 1
    return None


class _Maker:
    def __init__(self, file: str | None) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self._nodes = 0

    def node(self, value: Any, path: str) -> Node:
        self._nodes += 1
        place = Place(file=self.file, path=path or None)
        if self._nodes > NODE_LIMIT:
            raise ProblemsError([Problem("text.too-many-nodes", place, accepted=f"{NODE_LIMIT:,}")])
        if isinstance(value, _Pairs):
            return self._mapping(value, path, place)
        if isinstance(value, dict):
            return self._mapping(((str(k), v) for k, v in value.items()), path, place)
        if isinstance(value, (list, tuple)):
            return ListNode(tuple(self.node(v, f"{path}/{i}".lstrip("/")) for i, v in enumerate(value, 1)), place)
        return self._scalar(value, place)

    def _mapping(self, pairs: Iterable[tuple[str, Any]], path: str, place: Place) -> MapNode:
        entries: dict[str, tuple[Scalar, Node]] = {}
        for key, value in pairs:
            below = f"{path}/{key}".lstrip("/")
            if key in entries:
                self.problems.append(Problem("text.duplicate-key", Place(file=self.file, path=below), found=key,
                                             args={"first": ""}))
                continue
            entries[key] = (self._scalar(key, Place(file=self.file, path=below)), self.node(value, below))
        return MapNode(tuple(entries.values()), place)

    def _scalar(self, value: Any, place: Place) -> Scalar:
        if value is None:
            return Scalar("", place)
        if isinstance(value, bool):
            return Scalar("true" if value else "false", place)
        if isinstance(value, _Number):
            return Scalar(value.text, place)
        if isinstance(value, Decimal):
            return Scalar(plain(value), place)
        if isinstance(value, float):
            raise TypeError("a binary float is no exact figure")
        text = str(value)
        if len(text) > SCALAR_LIMIT:
            self.problems.append(Problem("text.too-long", place, found=f"{len(text):,}", accepted=f"{SCALAR_LIMIT:,}"))
            return Scalar("", place)
        if (match := CONTROL.search(text)) is not None:
            self.problems.append(Problem("text.control-character", place, found=f"U+{ord(match.group()):04X}"))
        return Scalar(text, place, quoted=isinstance(value, str))
