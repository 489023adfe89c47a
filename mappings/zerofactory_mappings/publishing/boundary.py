"""The boundary as the dossier states it: facts, then one table per list (units, tenants, exclusions …)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from zerofactory_mappings.publishing import codes
from zerofactory_mappings.publishing.case import Case
from zerofactory_mappings.publishing.subjects import stated, value_of
from zerofactory_mappings.publishing.tables import table
from zerofactory_mappings.publishing.words import Words

#: Columns that stand for themselves, with their share of the width; what else a row states stands in one last column.
WIDTHS = {"id": 8, "name": 22, "what": 24, "kind": 13, "inside": 8, "on": 12, "scope": 8, "estimate_tCO2e": 13,
          "effect_tCO2e": 13, "reason": 26}
_DETAILS = 24
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
    part = f"boundary.{key}"
    columns = codes.section(part)
    used = [c for c in columns if c in WIDTHS and any(row.get(c) not in (None, "", []) for row in rows)]
    title = codes.table_title(part)
    colon, separator = words.t("report.colon"), words.t("report.list-semicolon")
    cells, details = [], False
    for row in rows[:ROWS]:
        rest = [f"{name}{colon}{value}" for name, value in stated(part, row, words, skip=tuple(used))]
        details = details or bool(rest)
        cells.append([*(value_of(columns[c], row.get(c), words) for c in used), separator.join(rest)])
    head = [words.pick(columns[c].title) for c in used]
    widths = [WIDTHS[c] for c in used]
    if details:
        head, widths = [*head, words.t("report.details")], [*widths, _DETAILS]
    else:
        cells = [row[:-1] for row in cells]
    more = len(rows) - ROWS
    return table(words.pick(title) if title else words.label("key", key), head, cells,
                 widths=[100 * w // sum(widths) for w in widths],
                 note=words.t("report.and-more-rows", count=more) if more > 0 else "")
