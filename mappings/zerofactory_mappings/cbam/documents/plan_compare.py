"""What changed between two monitoring plans, and whether a change counts as significant (2025/2546 Article 3).

Rows of a list are held together by their id (else by what names them), so that moving a row is no change. What a change
means stands in ``standards/eu-cbam/items/plan-changes.yaml``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from zerofactory_engine.canonical import jsonable
from zerofactory_mappings.cbam.documents.items import plan_change_rules
from zerofactory_mappings.cbam.documents.plan import Plan

#: What a row goes by where it has no id.
_NAMES = ("id", "unit", "cn", "factor", "eori", "criterion", "partner", "fuel", "process", "kind", "name")
#: Parts that are not the plan itself.
_LEFT_OUT = frozenset({"format", "versions", "statements"})


class Significant(StrEnum):
    """Whether a change is significant."""

    YES = "yes"
    NO = "no"
    JUDGE = "judge"       # the verifier has to say


@dataclass(frozen=True, slots=True)
class Change:
    """One change: *path* (``processes/P1/routes``), what stood there and what stands there now (None: nothing)."""

    path: str
    before: str | None
    after: str | None
    kind: str
    significant: Significant

    def as_json(self) -> dict[str, Any]:
        """All fields."""
        return {"path": self.path, "before": self.before, "after": self.after, "kind": self.kind,
                "significant": str(self.significant)}


def compare(old: Plan, new: Plan) -> tuple[Change, ...]:
    """Every change from *old* to *new*, in the order of the new plan, what is gone last."""
    return tuple(_changes((), _part(old), _part(new)))


def significant_kinds(changes: Sequence[Change]) -> tuple[str, ...]:
    """The kinds of change among *changes* that are significant, in the order in which they occur."""
    return tuple(dict.fromkeys(c.kind for c in changes if c.significant is Significant.YES))


def _part(plan: Plan) -> Mapping[str, Any]:
    return {k: v for k, v in plan.root.values.items() if k not in _LEFT_OUT}


def _changes(path: tuple[str, ...], before: Any, after: Any) -> Iterator[Change]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys([*after, *before]):
            yield from _changes((*path, str(key)), before.get(key), after.get(key))
    elif isinstance(before, list) and isinstance(after, list) and _has_rows(before, after):
        yield from _changes(path, _by_name(before), _by_name(after))
    elif before != after:
        yield from _change(path, before, after)


def _change(path: tuple[str, ...], before: Any, after: Any) -> Iterator[Change]:
    """A value that changed; a section that came or went is told row by row, so that each is judged."""
    one, other = _rows_of(before), _rows_of(after)
    if (one is not None or other is not None) and len(path) == 1 and (one or other):
        yield from _changes(path, one or {}, other or {})
        return
    kind, significant = _meaning(path)
    yield Change("/".join(path), _shown(before), _shown(after), kind, significant)


def _rows_of(value: Any) -> Mapping[str, Any] | None:
    """A list of rows by name; None when *value* is no such list."""
    return _by_name(value) if isinstance(value, list) and value and _has_rows(value) else None


def _has_rows(*lists: list[Any]) -> bool:
    return all(isinstance(v, Mapping) for values in lists for v in values) and any(lists)


def _by_name(rows: list[Any]) -> Mapping[str, Any]:
    """Rows by what they go by; a name that comes again is numbered."""
    found: dict[str, Any] = {}
    for row in rows:
        name = next((str(row[n]) for n in _NAMES if row.get(n) is not None), "?")
        number, unique = 1, name
        while unique in found:
            number += 1
            unique = f"{name}#{number}"
        found[unique] = row
    return found


def _shown(value: Any) -> str | None:
    """A value in a few words."""
    if value is None:
        return None
    plain = jsonable(value)
    if isinstance(plain, Mapping):
        plain = {k: v for k, v in plain.items() if v not in (None, [], {})}
        return "; ".join(f"{k}: {_shown(v)}" for k, v in plain.items()) or "–"
    if isinstance(plain, list):
        return ", ".join(_shown(v) or "–" for v in plain) or "–"
    return {True: "yes", False: "no"}.get(plain, str(plain)) if isinstance(plain, bool) else str(plain)


def _meaning(path: Sequence[str]) -> tuple[str, Significant]:
    """Kind and weight of a change: the first rule whose pattern fits; what no rule names has to be judged."""
    for rule in plan_change_rules():
        if _fits(rule["path"].split("/"), path):
            return rule["kind"], Significant(rule["significant"])
    return "record", Significant.JUDGE


def _fits(pattern: Sequence[str], path: Sequence[str]) -> bool:
    if pattern and pattern[-1] == "**":
        head = pattern[:-1]
        return len(path) >= len(head) and _fits(head, path[:len(head)])
    return len(pattern) == len(path) and all(p in ("*", step) for p, step in zip(pattern, path, strict=True))
