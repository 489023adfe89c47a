"""Schemes, their rules, and where a line stands in each: whole, in one class or outside with clause and reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zerofactory_engine.accounting.lines import Line

INSIDE = "none"
STRENGTHS = ("equal", "subset", "superset", "intersects")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a scheme; None for what it does not ask. *biogenic*: of gases of biomass only (or of all others);
    *derived*: the class follows from the source type (``iso`` or ``ghgp``); *excluded*: why the scheme leaves the line
    out, in zh and en."""

    id: str
    sources: frozenset[str] | None
    gases: frozenset[str] | None
    outside: frozenset[str] | None
    biogenic: bool | None
    class_id: str | None
    derived: str | None
    excluded: Mapping[str, str] | None
    clause: str
    strength: str | None
    confidence: str
    note: Mapping[str, str] | None

    def fits(self, source: str, gas: str, outside: str | None, biogenic: bool = False) -> bool:
        """Whether the rule speaks of lines of that source type, family of gases, place and origin."""
        return ((self.sources is None or source in self.sources) and (self.gases is None or gas in self.gases)
                and (self.outside is None or (outside or INSIDE) in self.outside)
                and self.biogenic in (None, biogenic))


@dataclass(frozen=True, slots=True)
class Scheme:
    """A scheme with its classes in order and its rules, the first that fits holding."""

    id: str
    title: Mapping[str, str]
    edition: str
    source: str
    confidence: str
    classes: Mapping[str, Mapping[str, str]]
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a line stands in a scheme: *class_id* with *share* 1, or None with the reason in the rule's *excluded*."""

    scheme: str
    class_id: str | None
    title: Mapping[str, str] | None
    rule: Rule

    @property
    def share(self) -> Decimal:
        """Part of the line that stands in the class: all of it, or nothing."""
        return Decimal(0 if self.class_id is None else 1)


@dataclass(frozen=True, slots=True)
class Placed:
    """A line with its places by scheme."""

    dossier: str
    line: Line
    places: Mapping[str, Place]

    def as_json(self) -> dict[str, Any]:
        """Stable JSON shape."""
        return {"dossier": self.dossier, "line": self.line.id, "source": self.line.source.code, "gas": self.line.gas,
                "places": {name: place_json(p) for name, p in self.places.items()}}


def place_json(place: Place) -> dict[str, Any]:
    """A place as JSON: class and share, or why it is left out."""
    rule = place.rule
    out: dict[str, Any] = {"rule": rule.id, "clause": rule.clause, "confidence": rule.confidence}
    if place.class_id is None:
        return out | {"excluded": dict(rule.excluded or {})}
    out |= {"class": place.class_id, "title": dict(place.title or {}), "share": "1", "strength": rule.strength}
    return out | ({"note": dict(rule.note)} if rule.note else {})
