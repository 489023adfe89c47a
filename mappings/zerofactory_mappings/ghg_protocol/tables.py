"""The tables of the standard: scope 3 categories, quality criteria, order of factors (``standards/ghg-protocol``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from zerofactory_engine.accounting.classification import classification, plain_tree
from zerofactory_engine.locate import STANDARDS_ROOT
from zerofactory_engine.yaml_text import read_yaml

STANDARD = "ghg-protocol"


@dataclass(frozen=True, slots=True)
class Category:
    """One of the fifteen: *number*, *side* (upstream, downstream), titles, least boundary, and the
    *sources* that belong to it."""

    number: int
    side: str
    title: Mapping[str, str]
    least: Mapping[str, str]
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Criterion:
    """A quality criterion of instruments; *decides*: a "no" keeps the instrument out."""

    number: int
    decides: bool
    title: Mapping[str, str]
    confidence: str


def _load(name: str) -> dict[str, Any]:
    path = STANDARDS_ROOT / STANDARD / name
    loaded: dict[str, Any] = plain_tree(read_yaml(path.read_bytes(), str(path)))
    return loaded


def _titles(entry: Mapping[str, Any]) -> Mapping[str, str]:
    return {"zh": entry["zh"], "en": entry["en"]}


@cache
def categories() -> tuple[Category, ...]:
    """The fifteen categories in their order."""
    sources: dict[int, list[str]] = {}
    for code, source in classification().sources.items():
        if source.scope == 3 and source.ghgp_category is not None:
            sources.setdefault(source.ghgp_category, []).append(code)
    return tuple(Category(int(e["number"]), e["side"], _titles(e), e["least"], tuple(sources.get(int(e["number"]), ())))
                 for e in _load("scope3_categories.yaml")["categories"])


@cache
def criteria() -> tuple[Criterion, ...]:
    """The eight criteria in their order."""
    return tuple(Criterion(int(e["number"]), e["decides"] == "yes", _titles(e), e["confidence"])
                 for e in _load("scope2_quality_criteria.yaml")["criteria"])


@cache
def steps() -> Mapping[str, Mapping[str, str]]:
    """Titles of the steps of the market-based order, then of what stands beside it."""
    data = _load("hierarchy.yaml")
    return {e["id"]: _titles(e) for e in (*data["steps"], *data["beside"])}


@cache
def beside() -> frozenset[str]:
    """Ids of what is no step: undetermined power and own generation."""
    return frozenset(e["id"] for e in _load("hierarchy.yaml")["beside"])


@cache
def legacy_signed_before() -> date | None:
    """Contracts signed before this day would be legacy contracts; None while the revision has not decided it."""
    stated = _load("hierarchy.yaml")["revision"]["legacy_signed_before"]
    return date.fromisoformat(stated) if stated not in (None, "", "null") else None
