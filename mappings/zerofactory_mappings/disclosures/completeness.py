"""Which items a disclosure has to hold, and how each of them stands: ``standards/<id>/completeness.yaml``.

An item is *present*, *partly* there or *missing*; or the notation keys of inventories say why nothing stands there:
``NO`` not occurring, ``NE`` not estimated, ``IE`` included elsewhere, ``NA`` not applicable. Not estimated is no
answer: only a required item that is present, NO, IE or NA counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from zerofactory_engine.locate import STANDARDS_ROOT
from zerofactory_engine.messages import render
from zerofactory_engine.typed import read_typed, shipped_schema
from zerofactory_engine.yaml_text import read_yaml

FORMAT = "zerofactory/completeness/1"
KEYS = ("present", "partly", "missing", "NO", "NE", "IE", "NA")
KINDS = ("required", "recommended", "conditional")
#: Keys under which a required item does not keep a report from being complete.
ANSWERED = frozenset({"present", "NO", "IE", "NA"})


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence by its message code; it becomes text in the reader's language at the very edge."""

    code: str
    args: Mapping[str, object] = field(default_factory=dict)

    def text(self, language: str) -> str:
        """The sentence; an argument that is a mapping with the language is told in it."""
        args = {k: v.get(language) if isinstance(v, Mapping) else v for k, v in self.args.items()}
        return render(self.code, language, args)

    def as_json(self) -> dict[str, Any]:
        """Code and arguments."""
        return {"code": self.code, **({"args": {k: v if isinstance(v, Mapping) else str(v)
                                                for k, v in self.args.items()}} if self.args else {})}


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that a report holds. *kind*: required, recommended or conditional; *looks_for*: what is looked at."""

    id: str
    clause: str
    kind: str
    title: Mapping[str, str]
    looks_for: Mapping[str, str]
    confidence: str


@dataclass(frozen=True, slots=True)
class ItemList:
    """The items of a standard, when a report may be called complete, and where the list comes from."""

    standard: str
    edition: str
    items: tuple[Item, ...]
    complete_when: Mapping[str, str]
    source: str
    confidence: str

    def __getitem__(self, item_id: str) -> Item:
        """The item of that id; KeyError when there is none."""
        for item in self.items:
            if item.id == item_id:
                return item
        raise KeyError(item_id)


@dataclass(frozen=True, slots=True)
class Result:
    """How an item stands: *key* one of :data:`KEYS`, *where* the report states it, what is *missing*, a *note*."""

    item: Item
    key: str
    where: tuple[str, ...] = ()
    missing: tuple[Said, ...] = ()
    note: Said | None = None

    def as_json(self) -> dict[str, Any]:
        """The fields that are set."""
        out: dict[str, Any] = {"item": self.item.id, "clause": self.item.clause, "kind": self.item.kind,
                               "title": dict(self.item.title), "key": self.key}
        if self.where:
            out["where"] = list(self.where)
        if self.missing:
            out["missing"] = [m.as_json() for m in self.missing]
        return out | ({"note": self.note.as_json()} if self.note is not None else {})


@dataclass(frozen=True, slots=True)
class Completeness:
    """All items of a *standard* as they stand in one report, in the order of the standard."""

    standard: str
    results: tuple[Result, ...]
    complete_when: Mapping[str, str]
    source: str
    confidence: str

    @property
    def complete(self) -> bool:
        """Whether every required item is present or said not to occur, not to apply or to be counted elsewhere."""
        return all(r.key in ANSWERED for r in self.results if r.item.kind == "required")

    @property
    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """Kind of item → key → number."""
        found = {kind: Counter(r.key for r in self.results if r.item.kind == kind) for kind in KINDS}
        return {kind: {key: counter[key] for key in KEYS if counter[key]} for kind, counter in found.items() if counter}

    def result(self, item_id: str) -> Result:
        """The result of that item; KeyError when there is none."""
        for each in self.results:
            if each.item.id == item_id:
                return each
        raise KeyError(item_id)

    def as_json(self) -> dict[str, Any]:
        """Stable JSON shape."""
        return {"standard": self.standard, "complete": self.complete, "complete_when": dict(self.complete_when),
                "counts": {k: dict(v) for k, v in self.counts.items()}, "source": self.source,
                "confidence": self.confidence, "items": [r.as_json() for r in self.results]}


@cache
def items_of(standard_id: str) -> ItemList:
    """The items of ``standards/<standard_id>/completeness.yaml``.

    Raises:
        ProblemsError: the file is not what its schema says.
        OSError: there is no such file.
    """
    name = f"{standard_id}/completeness.yaml"
    tree = read_yaml((STANDARDS_ROOT / name).read_bytes(), name)
    plain: Mapping[str, Any] = read_typed(tree, shipped_schema("completeness")).unwrap()
    items = tuple(Item(i["id"], i["clause"], i["kind"], {"zh": i["zh"], "en": i["en"]}, i["looks_for"],
                       i["confidence"]) for i in plain["items"])
    return ItemList(plain["standard"], plain["edition"], items, plain["complete_when"], plain["source"],
                    plain["confidence"])


def judged(items: ItemList, results: Sequence[Result]) -> Completeness:
    """*results* in the order of *items*.

    Raises:
        ValueError: an item without result or with two: a mistake of the disclosure, never of an input.
    """
    by_id = {r.item.id: r for r in results}
    wanted = [i.id for i in items.items]
    if sorted(by_id) != sorted(wanted) or len(results) != len(by_id):
        raise ValueError(f"{items.standard}: {sorted(set(wanted) ^ set(by_id))}")
    return Completeness(items.standard, tuple(by_id[i] for i in wanted), items.complete_when, items.source,
                        items.confidence)
