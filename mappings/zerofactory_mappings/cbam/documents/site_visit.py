"""Whether the verifier has to come in person, may look in from afar, or may stay away (2025/2546 Articles 2 to 4).

The rules are data (``standards/eu-cbam/items/site-visits.yaml``); the conditions that they name are here. What nobody
says counts against the easier visit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from zerofactory_mappings.cbam import tables
from zerofactory_mappings.cbam.documents.items import Names, site_visit_rules

PHYSICAL, VIRTUAL, WAIVED = "physical", "virtual", "waived"
#: From the most to the least.
VISITS = (PHYSICAL, VIRTUAL, WAIVED)
FORCE_MAJEURE_READING = "force_majeure_scope"


@dataclass(frozen=True, slots=True)
class VisitFacts:
    """What a decision rests on. *history*: visit of each earlier period (year → physical, virtual, waived, none);
    *changes*: kinds of significant change, None when nobody says; *reading*: of the article on force majeure."""

    period: int
    first_period: bool | None = None
    history: Mapping[int, str] | None = None
    changes: tuple[str, ...] | None = None
    force_majeure: bool | None = None
    zero_emission_plant: bool | None = None
    reading: str | None = None

    def visited(self, back: int) -> bool:
        """Whether the visit of the period so many periods back was physical."""
        return (self.history or {}).get(self.period - back) == PHYSICAL


@dataclass(frozen=True, slots=True)
class AppliedRule:
    """A rule that holds, with what it gives or takes."""

    id: str
    clause: str
    confidence: str
    names: Names
    allow: tuple[str, ...]
    forbid: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """All fields; the sentence in English."""
        return {"id": self.id, "clause": self.clause, "confidence": self.confidence, "rule": self.names.en,
                "allow": list(self.allow), "forbid": list(self.forbid)}


@dataclass(frozen=True, slots=True)
class Decision:
    """What kinds of visit are allowed, the least of them, and the rules that say so. *by_reading*: the outcome would be
    another under the other reading of the article on force majeure."""

    allowed: tuple[str, ...]
    rules: tuple[AppliedRule, ...]
    reading: str
    by_reading: bool = False

    @property
    def least(self) -> str:
        """The least visit that is allowed."""
        return self.allowed[-1]

    def as_json(self) -> dict[str, Any]:
        """All fields."""
        return {"allowed": list(self.allowed), "least": self.least, "rules": list(self.rules), "reading": self.reading,
                "depends_on_reading": self.by_reading}


def _periods(constant: str) -> int:
    return int(tables.constant(constant).value)


def _plant_visited(facts: VisitFacts) -> bool:
    backs = range(1, _periods("electricity_site_visit_periods") + 1)
    return facts.zero_emission_plant is True and any(facts.visited(b) for b in backs)


CONDITIONS: Mapping[str, Callable[[VisitFacts], bool]] = {
    "first_period": lambda f: f.first_period is True,
    "history_unknown": lambda f: f.first_period is not True and f.period - 1 not in (f.history or {})
    and not _plant_visited(f),
    "significant_change": lambda f: bool(f.changes),
    "change_unknown": lambda f: f.changes is None,
    "physical_in_preceding": lambda f: f.visited(1),
    "physical_in_required_periods": lambda f: all(f.visited(b) for b in range(1, _periods("site_visit_periods") + 1)),
    "zero_emission_plant_visited": _plant_visited,
    "force_majeure": lambda f: f.force_majeure is True,
}


def decide(facts: VisitFacts) -> Decision:
    """The kinds of visit that the law allows on these facts."""
    reading = facts.reading or site_visit_rules()["readings"][FORCE_MAJEURE_READING]["default"]
    rules = tuple(_applied(r) for r in site_visit_rules()["rules"] if CONDITIONS[r["when"]](facts))
    allowed = _allowed(rules, reading)
    others = [r for r in site_visit_rules()["readings"][FORCE_MAJEURE_READING]["alternatives"] if r != reading]
    return Decision(allowed, rules, reading, any(_allowed(rules, r) != allowed for r in others))


def _applied(rule: Mapping[str, Any]) -> AppliedRule:
    return AppliedRule(rule["id"], rule["clause"], rule["confidence"], Names(rule["zh"], rule["en"]),
                       tuple(rule.get("allow", ())), tuple(rule.get("forbid", ())))


def _allowed(rules: tuple[AppliedRule, ...], reading: str) -> tuple[str, ...]:
    """A physical visit always; others where a rule allows them and none forbids them."""
    given = {v for r in rules for v in r.allow}
    taken = {v for r in rules for v in r.forbid}
    if reading == "over_prohibitions" and any(r.id == "force_majeure" for r in rules):
        taken -= {VIRTUAL}
    return tuple(v for v in VISITS if v == PHYSICAL or (v in given and v not in taken))
