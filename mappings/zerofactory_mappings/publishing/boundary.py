"""The boundary as the dossier states it: facts, then one table per list (units, tenants, exclusions …)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zerofactory_mappings.publishing.case import Case
from zerofactory_mappings.publishing.words import Words


def boundary(case: Case, words: Words) -> dict[str, Any]:
    """``facts`` as name and value, ``tables`` as title, head and rows."""
    facility = case.assessment["subject"]["facility"]
    facts = [(words.label("key", k), _text(v, words)) for k, v in facility.items()
             if not isinstance(v, list) and k not in {"id"} and v not in ("", None) and not _nested(v)]
    tables = []
    for key, value in case.assessment["boundary"].items():
        if isinstance(value, list) and value and all(isinstance(v, Mapping) for v in value):
            tables.append(_table(key, value, words))
        elif value not in ("", None, []):
            facts.append((words.label("key", key), _text(value, words)))
    return {"facts": facts, "tables": tables}


def _nested(value: object) -> bool:
    """Whether a value is a mapping that is no text in two languages."""
    return isinstance(value, Mapping) and not set(value) <= {"zh", "en"}


def _text(value: Any, words: Words) -> str:
    if isinstance(value, str) and words.has("value", value):
        return words.label("value", value)
    return words.number(value)


def _table(key: str, rows: list[Mapping[str, Any]], words: Words) -> dict[str, Any]:
    columns = list(dict.fromkeys(k for row in rows for k in row))
    return {"title": words.label("key", key), "head": [words.label("key", c) for c in columns],
            "rows": [[_text(row.get(c), words) for c in columns] for row in rows]}
