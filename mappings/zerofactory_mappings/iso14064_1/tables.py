"""What the standard fixes, read from ``standards/iso-14064-1-2018``: categories, gases, and what its annexes ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from zerofactory_engine.accounting.classification import classification
from zerofactory_mappings.disclosures.tables import table_of

STANDARD = "iso-14064-1-2018"
#: The category of direct emissions, and that of imported energy.
DIRECT, IMPORTED_ENERGY = "1", "2"
#: A GHG Protocol category as a statement names it.
_GHGP = "S3-"


@dataclass(frozen=True, slots=True)
class Rule:
    """An annex's requirement that an option of the accounting meets at *value*; *items* of the report rest on it."""

    option: str
    value: str
    clause: str
    items: tuple[str, ...]
    title: Mapping[str, str]


@cache
def category_titles() -> Mapping[str, Mapping[str, str]]:
    """Category (``1`` … ``6``) → its name."""
    found: Mapping[str, Mapping[str, str]] = table_of(STANDARD, "categories")["categories"]
    return found


@cache
def subcategory_titles() -> Mapping[str, Mapping[str, str]]:
    """Subcategory (``4.1``) → its name."""
    found: Mapping[str, Mapping[str, str]] = table_of(STANDARD, "categories")["subcategories"]
    return found


@cache
def title_confidence() -> tuple[str, str]:
    """How well the names of categories and of subcategories are known."""
    found = table_of(STANDARD, "categories")["confidence"]
    return found["categories"], found["subcategories"]


@cache
def gases() -> tuple[str, ...]:
    """The gases, or groups of them, by which direct emissions are split."""
    return tuple(table_of(STANDARD, "rules")["gases"])


@cache
def removal_sources() -> frozenset[str]:
    """Source types whose lines take CO2 back."""
    return frozenset(table_of(STANDARD, "rules")["removal_sources"])


@cache
def sold_kinds() -> frozenset[str]:
    """Kinds of change of the boundary that take a part out of the base year as well."""
    return frozenset(table_of(STANDARD, "rules")["sold_kinds"])


@cache
def latest_gwp() -> str:
    """The latest set of warming potentials."""
    return str(table_of(STANDARD, "rules")["gwp_latest"]["set"])


@cache
def rules() -> tuple[Rule, ...]:
    """What the annexes ask of the options of the accounting."""
    return tuple(Rule(name, r["value"], r["clause"], tuple(r["items"]), {"zh": r["zh"], "en": r["en"]})
                 for name, r in table_of(STANDARD, "rules")["options"].items())


@cache
def named(category: str) -> frozenset[str]:
    """The categories and subcategories that a statement means by *category*: ``4``, ``4.3``, or ``S3-5`` of the GHG
    Protocol; empty when it means none of ours."""
    text = category.strip().removeprefix("iso ").removeprefix("ISO ").strip()
    if text in category_titles():
        return frozenset({text, *(s for s in subcategory_titles() if s.split(".")[0] == text)})
    if text in subcategory_titles():
        return frozenset({text})
    number = text[len(_GHGP):] if text.upper().startswith(_GHGP) else ""
    return frozenset(choice for source in classification().sources.values()
                     if number and str(source.ghgp_category) == number for choice in source.iso_choices)
