"""The boundary as the dossier states it: facts, then one table per list (units, tenants, exclusions …)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from zerofactory_mappings.publishing import codes
from zerofactory_mappings.publishing.case import Case
from zerofactory_mappings.publishing.subjects import stated, value_of
from zerofactory_mappings.publishing.tables import table
from zerofactory_mappings.publishing.words import Words

#: Room of a column against the others; 10 where nothing is said.
WEIGHTS = {"id": 7, "name": 20, "inside": 7, "reason": 24, "relationship": 11, "entity": 7, "meter": 8, "documents": 9,
           "what": 26, "scope": 8, "on": 11, "effect_tCO2e": 12}
#: Rows of one list that are printed.
ROWS = 60


def boundary(case: Case, words: Words) -> dict[str, Any]:
    """``facts`` as caption with names and values, ``tables`` with head and rows."""
    a = case.assessment
    parts = (("organisation", a["subject"].get("organisation") or {}, ("contacts", "documents")),
             ("facility", a["subject"]["facility"], ("id", "site_plan", "documents")),
             ("boundary", a["boundary"], ("documents",)))
    facts = [(words.pick(codes.table_title(name) or name), rows) for name, entry, skip in parts
             if (rows := stated(name, entry, words, skip))]
    order = [*codes.section("boundary"), *a["boundary"]]
    tables = [_table(key, value, words) for key, value in sorted(a["boundary"].items(), key=lambda i: order.index(i[0]))
              if isinstance(value, list) and value and all(isinstance(v, Mapping) for v in value)]
    return {"facts": facts, "tables": tables}


def _table(key: str, rows: Sequence[Mapping[str, Any]], words: Words) -> dict[str, Any]:
    """One list of the boundary, with the columns that any row fills."""
    columns = codes.section(f"boundary.{key}")
    used = [c for c in columns if any(row.get(c) not in (None, "", []) for row in rows)]
    used += [k for row in rows for k in row if k not in columns and k not in used]
    title = codes.table_title(f"boundary.{key}")
    cells = [[value_of(columns.get(c), row[c], words) if row.get(c) not in (None, "", []) else "—" for c in used]
             for row in rows[:ROWS]]
    more = len(rows) - ROWS
    weights = [WEIGHTS.get(c, 10) for c in used]
    head = [words.pick(columns[c].title) if c in columns else words.label("key", c) for c in used]
    return table(words.pick(title) if title else words.label("key", key), head, cells,
                 widths=[100 * w // sum(weights) for w in weights],
                 note=words.t("report.and-more-rows", count=more) if more > 0 else "")
