"""What a statement says about a category or source: the entry that is nearest to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from zerofactory_engine.accounting.classification import classification
from zerofactory_mappings.iso14064_1.tables import named


def best_for(code: str, entries: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The entry about the subcategory *code*: the one that names it, else entries about every source type in it, else
    the one that names its category.

    An entry about a single row of the dossier, or about one of several source types, says nothing about the whole
    subcategory. Of several source types that are spoken of, one that is not estimated speaks for all.
    """
    named_here = [e for e in entries if not e.get("source") and e.get("category") and code in named(str(e["category"]))]
    exact = next((e for e in named_here if len(named(str(e["category"]))) == 1), None)
    return exact or _of_sources(code, entries) or next(iter(named_here), None)


def _of_sources(code: str, entries: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    wanted = {s.code for s in classification().sources.values() if s.iso_choices[0] == code and s.iso_option is None}
    found = {str(e["source"]): e for e in entries if e.get("source") in wanted}
    if not wanted or set(found) != wanted:
        return None
    return next((e for e in found.values() if e.get("key") == "NE" or e.get("significant") is True),
                next(iter(found.values())))
