"""The public extract of a bundle: verdicts, declared values and hashes.

Operands, production, prices and suppliers stay in the body's file. Where a private overlay keeps limits to itself,
value, threshold and margin of what uses them are left out but for the side of the threshold.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zerofactory_engine.bundle.documents import EXTRACT, FORMAT, sealed

_KEPT = ("format", "id", "produced_by", "outcome_kind", "pack", "pins", "valid_on", "known_on", "asked",
         "documents_assumed", "readings")
_CRITERION = ("id", "title", "clause", "dimension", "kind", "form", "applies")
_OUTCOME = ("verdict", "on_values", "evidence", "condition", "value", "operator", "threshold", "margin", "due",
            "causes", "settled_by", "confidence")
_LEVEL = ("id", "order", "title", "needs", "asked", "verdict", "known_part", "met", "not_met", "not_applicable",
          "error", "indeterminate", "by_cause", "by_settler", "robust", "stable", "confidence")
_FACILITY = ("id", "name", "kind", "type", "province", "sector")


def public_extract(bundle: Mapping[str, Any]) -> dict[str, Any]:
    """What may be published of a full bundle."""
    a = bundle["assessment"]
    masked = {p["id"] for p in a["parameters"] if p["masked"]}
    told: dict[str, Any] = {k: a[k] for k in _KEPT if k in a}
    facility = a["subject"]["facility"]
    told["subject"] = {"facility": {k: facility[k] for k in _FACILITY if k in facility},
                       "period": a["subject"]["period"]}
    told["levels"] = [{k: level[k] for k in _LEVEL if k in level} for level in a["levels"]]
    told["criteria"] = [
        {**{k: c[k] for k in _CRITERION},
         "levels": {n: _outcome(o, bool(masked & set(c["parameters"]))) for n, o in c["levels"].items()}}
        for c in a["criteria"]]
    told["documents"] = [{k: d[k] for k in ("id", "kind", "sha256") if k in d} for d in a["documents"]]
    return sealed({"format": FORMAT, "kind": EXTRACT, "extract_of": bundle["id"], "assessment": told})


def _outcome(outcome: Mapping[str, Any], masked: bool) -> dict[str, Any]:
    told = {k: outcome[k] for k in _OUTCOME if k in outcome}
    if masked:
        margin = told.pop("margin", None)
        for name in ("value", "threshold"):
            told.pop(name, None)
        if margin is not None:
            told["side"] = "on" if margin["on_threshold"] else "below" if margin["value"].startswith("-") else "above"
    return told
