"""Read YAML and JSON that strangers wrote: every scalar stays the text that was written, with its place; all bounded.

``1.10``, ``no``, ``0.30`` and ``2025-01-01`` stay what they are until a schema types them
(:mod:`zerofactory_engine.typed`). Refused, each with its line: tags, more than one document, duplicate keys, keys that
are no text, control characters, bytes that are not UTF-8, nesting deeper than :data:`DEPTH_LIMIT`, and whatever grows
beyond a limit: bytes of the file, nodes, and nodes that aliases repeat (an alias bomb).

    >>> read_yaml(b"share: 0.30").get("share").text
    '0.30'
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import yaml

from zerofactory_engine.problems import NOWHERE, Place, Problem, ProblemsError, Severity

#: Largest file of a rule pack, factor set or judgement, in bytes.
PACK_BYTES = 1_000_000
#: Largest dossier, in bytes (some 20 000 rows).
DOSSIER_BYTES = 8_000_000
#: Deepest nesting of mappings and lists.
DEPTH_LIMIT = 20
#: Most scalars, mappings and lists of one file.
NODE_LIMIT = 1_500_000
#: Most aliases of one file, and most nodes that they may repeat.
ALIAS_LIMIT = 100
ALIAS_NODES = 20_000
#: Longest single scalar, in characters.
SCALAR_LIMIT = 200_000
#: Problems of one kind after which a reader stops listing them.
_LISTED = 200

#: C0, C1 and other characters that have no place in a text, and those that reverse its direction on the screen.
CONTROL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff\ud800-\udfff]")
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(frozen=True, slots=True)
class Scalar:
    """One scalar as written. *quoted*: it stood in quotes or in a block, so it is text and never empty or null."""

    text: str
    place: Place = NOWHERE
    quoted: bool = False

    @property
    def is_null(self) -> bool:
        """Whether nothing was written (``key:``, ``~``, ``null``)."""
        return not self.quoted and self.text in _NULLS


@dataclass(frozen=True, slots=True)
class MapNode:
    """A mapping in the order of the file; each key once."""

    entries: tuple[tuple[Scalar, Node], ...]
    place: Place = NOWHERE

    def get(self, key: str) -> Any:
        """The node of *key*, or None."""
        for name, node in self.entries:
            if name.text == key:
                return node
        return None

    def keys(self) -> tuple[str, ...]:
        """All keys."""
        return tuple(name.text for name, _ in self.entries)

    def items(self) -> Iterator[tuple[str, Node]]:
        """Keys with their nodes."""
        return ((name.text, node) for name, node in self.entries)


@dataclass(frozen=True, slots=True)
class ListNode:
    """A list."""

    items: tuple[Node, ...]
    place: Place = NOWHERE


Node: TypeAlias = "Scalar | MapNode | ListNode"


@dataclass(frozen=True, slots=True)
class Scanned:
    """A file as a tree and what is wrong with it. *tree* is None when nothing could be made of it."""

    tree: Node | None
    problems: tuple[Problem, ...]

    def unwrap(self) -> Node:
        """The tree; raises :class:`ProblemsError` if there is any error."""
        if self.tree is None or any(p.severity is Severity.ERROR for p in self.problems):
            raise ProblemsError(self.problems)
        return self.tree


def read_yaml(data: bytes, file: str | None = None, limit: int = PACK_BYTES) -> Node:
    """The tree of one YAML document; :class:`ProblemsError` with every problem when there is any."""
    return scan_yaml(data, file, limit).unwrap()


def scan_yaml(data: bytes, file: str | None = None, limit: int = PACK_BYTES) -> Scanned:
    """The tree of one YAML document together with its problems, so that a reader can report them with its own."""
    text, problems = decode(data, file, limit)
    if text is None:
        return Scanned(None, tuple(problems))
    composer = _Composer(file)
    tree: Node | None = None
    try:
        tree = composer.compose(text)
    except _StopError:
        pass
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(file=file, line=mark.line + 1, column=mark.column + 1) if mark else Place(file=file)
        composer.report("yaml.syntax", place, found=_one_line(error.problem or error.context or ""))
    except yaml.YAMLError as error:
        composer.report("yaml.syntax", Place(file=file), found=_one_line(str(error)))
    return Scanned(tree, (*problems, *composer.problems))


def decode(data: bytes, file: str | None, limit: int) -> tuple[str | None, list[Problem]]:
    """The text of *data*, or None when it is too large, not UTF-8 or holds control characters; with the problems."""
    place = Place(file=file)
    if len(data) > limit:
        return None, [Problem("text.too-large", place, found=f"{len(data):,} bytes", accepted=f"{limit:,} bytes")]
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return None, [Problem("text.not-utf8", Place(file=file, line=line), found=f"0x{data[error.start]:02x}",
                              accepted="UTF-8")]
    problems: list[Problem] = []
    for match in CONTROL.finditer(text):
        start = text.rfind("\n", 0, match.start())
        where = Place(file=file, line=text.count("\n", 0, match.start()) + 1, column=match.start() - start)
        problems.append(Problem("text.control-character", where, found=f"U+{ord(match.group()):04X}"))
        if len(problems) >= 20:
            break
    return (None if problems else text), problems


def _one_line(text: str) -> str:
    return " ".join(text.split())[:200]


class _StopError(Exception):
    """A limit is passed: nothing more is read."""


class _Composer:
    """Makes a tree from the events of PyYAML's parser, the one in C where it is there."""

    def __init__(self, file: str | None) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self._anchors: dict[str, tuple[Node, int]] = {}
        self._open: set[str] = set()
        self._nodes = self._aliases = self._repeated = 0

    def report(self, code: str, place: Place, found: str | None = None, accepted: str | None = None,
               **args: str) -> None:
        """Record a problem; the list is bounded."""
        if len(self.problems) < _LISTED:
            self.problems.append(Problem(code, place, found=found, accepted=accepted, args=args))

    def _stop(self, code: str, place: Place, found: str | None = None, accepted: str | None = None) -> _StopError:
        self.report(code, place, found, accepted)
        return _StopError()

    def _place(self, event: Any) -> Place:
        mark = event.start_mark
        return Place(self.file, mark.line + 1, mark.column + 1)

    def compose(self, text: str) -> Node | None:
        """The one document of *text*."""
        loader = (yaml.CBaseLoader if yaml.__with_libyaml__ else yaml.BaseLoader)(text)
        try:
            events = iter(loader.get_event, None)
            tree: Node | None = None
            for event in events:
                if isinstance(event, yaml.DocumentStartEvent):
                    if tree is not None:
                        raise self._stop("yaml.many-documents", self._place(event), accepted="1")
                    tree = self._node(loader.get_event(), loader, 0)[0]
                elif isinstance(event, yaml.StreamEndEvent):
                    break
            if tree is None:
                self.report("yaml.empty", Place(file=self.file))
            return tree
        finally:
            loader.dispose()

    def _node(self, event: Any, loader: Any, depth: int) -> tuple[Node, int]:
        """The node that *event* opens and its size in nodes."""
        self._nodes += 1
        if self._nodes > NODE_LIMIT:
            raise self._stop("text.too-many-nodes", self._place(event), accepted=f"{NODE_LIMIT:,}")
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        place = self._place(event)
        if event.tag is not None:
            self.report("yaml.tag", place, found=str(event.tag)[:80])
        anchor = event.anchor
        if isinstance(event, yaml.ScalarEvent):
            made: tuple[Node, int] = (self._scalar(event, place), 1)
        else:
            if depth >= DEPTH_LIMIT:
                raise self._stop("text.too-deep", place, found=str(depth + 1), accepted=str(DEPTH_LIMIT))
            if anchor is not None:
                self._open.add(anchor)
            is_map = isinstance(event, yaml.MappingStartEvent)
            made = self._mapping(loader, place, depth) if is_map else self._list(loader, place, depth)
            self._open.discard(anchor or "")
        if anchor is not None:
            self._anchors[anchor] = made
        return made

    def _scalar(self, event: Any, place: Place) -> Scalar:
        text: str = event.value
        if len(text) > SCALAR_LIMIT:
            raise self._stop("text.too-long", place, found=f"{len(text):,}", accepted=f"{SCALAR_LIMIT:,}")
        quoted = event.style not in (None, "")
        if quoted and (match := CONTROL.search(text)) is not None:     # written as an escape, so not seen in the bytes
            self.report("text.control-character", place, found=f"U+{ord(match.group()):04X}")
        return Scalar(text, place, quoted)

    def _alias(self, event: Any) -> tuple[Node, int]:
        place, name = self._place(event), event.anchor
        self._aliases += 1
        if name in self._open:
            raise self._stop("yaml.alias-loop", place, found=f"*{name}")
        if name not in self._anchors:
            self.report("yaml.alias-unknown", place, found=f"*{name}")
            return Scalar("", place), 1
        node, size = self._anchors[name]
        self._repeated += size
        if self._aliases > ALIAS_LIMIT or self._repeated > ALIAS_NODES:
            raise self._stop("yaml.alias-bomb", place, accepted=f"{ALIAS_LIMIT} / {ALIAS_NODES:,}")
        return node, size

    def _list(self, loader: Any, place: Place, depth: int) -> tuple[Node, int]:
        items: list[Node] = []
        total = 1
        while not isinstance(event := loader.get_event(), yaml.SequenceEndEvent):
            node, size = self._node(event, loader, depth + 1)
            items.append(node)
            total += size
        return ListNode(tuple(items), place), total

    def _mapping(self, loader: Any, place: Place, depth: int) -> tuple[Node, int]:
        entries: list[tuple[Scalar, Node]] = []
        seen: dict[str, Place] = {}
        total = 1
        while not isinstance(event := loader.get_event(), yaml.MappingEndEvent):
            key, _ = self._node(event, loader, depth + 1)
            node, size = self._node(loader.get_event(), loader, depth + 1)
            total += size + 1
            if not isinstance(key, Scalar):
                self.report("yaml.key-not-text", key.place)
            elif key.text in seen:
                self.report("text.duplicate-key", key.place, found=key.text, first=str(seen[key.text].line or ""))
            else:
                seen[key.text] = key.place
                entries.append((key, node))
        return MapNode(tuple(entries), place), total
