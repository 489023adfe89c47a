"""What changed from one version of an input to the next: entry by entry, by the names that the file itself uses.

Rows of a table are the same row when they have the same ``id``; where rows have none, when they stand at the same
place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zerofactory_engine.decimals import parse_decimal


@dataclass(frozen=True, slots=True)
class Change:
    """An entry under its *path* (``source_streams/S1/amount``); None: it is not there. *kind*: added, removed,
    changed."""

    path: str
    before: str | None
    after: str | None

    @property
    def kind(self) -> str:
        """Whether it is new, gone, or another."""
        return "added" if self.before is None else "removed" if self.after is None else "changed"


def compare(before: Any, after: Any) -> tuple[Change, ...]:
    """Every entry that differs, in the order of the newer file, what is gone behind it; 1.50 is the number 1.5.

    >>> compare({"a": [{"id": "S1", "x": "1 t"}]}, {"a": [{"id": "S1", "x": "2 t"}]})
    (Change(path='a/S1/x', before='1 t', after='2 t'),)
    """
    old, new = dict(_entries(before, ())), dict(_entries(after, ()))
    paths = [*new, *(p for p in old if p not in new)]
    return tuple(Change("/".join(p), old.get(p), new.get(p)) for p in paths if not _same(old.get(p), new.get(p)))


def _same(before: str | None, after: str | None) -> bool:
    """Whether two entries say the same: the same text, or numbers of the same value that both have a decimal point (a
    code such as 0012 is no number)."""
    if before == after:
        return True
    if before is None or after is None or "." not in before or "." not in after:
        return False
    first = parse_decimal(before)
    return first is not None and first == parse_decimal(after)


def _entries(node: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(node, Mapping):
        for key, below in node.items():
            yield from _entries(below, (*path, str(key)))
    elif isinstance(node, Sequence) and not isinstance(node, str):
        ids = [item.get("id") if isinstance(item, Mapping) else None for item in node]
        named = all(isinstance(i, str) for i in ids) and len(set(ids)) == len(ids)
        for number, (item, ident) in enumerate(zip(node, ids, strict=True), 1):
            yield from _entries(item, (*path, str(ident) if named else str(number)))
    elif node is not None:
        yield path, {True: "yes", False: "no"}[node] if isinstance(node, bool) else str(node)
