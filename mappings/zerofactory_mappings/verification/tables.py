"""The tables of ``standards/iso-14064-3-2019``: levels, opinions, activities, thresholds, sampling, each sourced."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from zerofactory_mappings.disclosures.tables import table_of

STANDARD = "iso-14064-3-2019"
#: Area of words → file and section that has them.
_AREAS: Mapping[str, tuple[str, str]] = {
    "assurance": ("assurance-levels", "levels"), "engagement_kind": ("assurance-levels", "kinds"),
    "opinion": ("opinion-types", "types"), "activity": ("evidence-activities", "activities"),
    "misstatement_kind": ("evidence-activities", "misstatement_kinds"), "rule": ("materiality", "rules"),
    "method": ("sampling", "methods"),
}


@dataclass(frozen=True, slots=True)
class Sourced:
    """A number with where it stands: *clause*, *source*, *confidence* (confirmed, secondary, unconfirmed)."""

    value: Decimal
    clause: str
    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Element:
    """Something that an opinion has to name; *fields*: where the package states it (``opinion/date``).

    *only*: needed only where the opinion is ``modified`` (or graver) or the engagement ``mixed``; empty: always.
    """

    id: str
    fields: tuple[str, ...]
    only: str
    title: Mapping[str, str]
    clause: str
    confidence: str


def words(area: str) -> Mapping[str, Mapping[str, Any]]:
    """The codes of an *area* (assurance, opinion, activity …) with their zh, en and what else is known of them."""
    file, section = _AREAS[area]
    found: Mapping[str, Mapping[str, Any]] = table_of(STANDARD, file)[section]
    return found


def has_words(area: str) -> bool:
    """Whether the words of *area* come from a table."""
    return area in _AREAS


def title(area: str, code: str, language: str) -> str:
    """What *code* is called; the code itself when the table does not have it."""
    entry = words(area).get(code)
    return code if entry is None else str(entry[language])


@cache
def elements() -> tuple[Element, ...]:
    """What an opinion has to name (clause 9)."""
    return tuple(Element(e["id"], tuple(e["fields"]), e.get("only", ""), {"zh": e["zh"], "en": e["en"]}, e["clause"],
                         e["confidence"])
                 for e in table_of(STANDARD, "opinion-types")["elements"])


def gives_opinion(kind: str) -> bool:
    """Whether this project derives an opinion for an engagement of that kind."""
    return str(words("engagement_kind").get(kind, {}).get("opinion")) == "yes"


def default_coverage(assurance: str) -> Sourced:
    """The coverage aimed at where the verifier sets none; this project's, the standard has no number."""
    entry = table_of(STANDARD, "sampling")["coverage"][assurance]
    return Sourced(Decimal(entry["value"]), entry["clause"], entry["source"], entry["confidence"])


def rule_percent(rule: str, annual: Decimal | None) -> Sourced | None:
    """The percentage that a *rule* sets for a statement of *annual* tCO2e a year; None when that cannot be said."""
    entry = words("rule")[rule]
    bands = list(_bands(entry))
    if annual is None and len(bands) > 1:
        return None
    for limit, percent in bands:
        if limit is None or annual is None or abs(annual) <= limit:
            return Sourced(percent, entry["clause"], entry["source"], entry["confidence"])
    return None


def _bands(entry: Mapping[str, Any]) -> Iterator[tuple[Decimal | None, Decimal]]:
    for band in entry["bands"]:
        yield Decimal(band["up_to_t"]) if "up_to_t" in band else None, Decimal(band["percent"])
