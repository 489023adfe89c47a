"""The report as JSON (``standards/schemas/gb-t-32150.schema.json``): decimals as text, unknown with its reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zerofactory_engine.accounting.present import amount_json
from zerofactory_engine.canonical import jsonable
from zerofactory_engine.decimals import plain
from zerofactory_mappings.crosswalk.model import place_json
from zerofactory_mappings.disclosures.tables import table_of
from zerofactory_mappings.gb_t_32150.build import SCHEME, STANDARD
from zerofactory_mappings.gb_t_32150.model import Calculation, ClassRow, Gbt32150, Step

if TYPE_CHECKING:
    from zerofactory_engine.accounting.terms import Term
    from zerofactory_mappings.disclosures.completeness import Completeness

FORMAT = "zerofactory/gb-t-32150/1"


def as_json(model: Gbt32150, found: Completeness, *, lines: bool = True) -> dict[str, Any]:
    """The whole report with its completeness; without *lines* their number stands in place of them."""
    dossier, formula, inventory = model.subject.alone.dossier, table_of(STANDARD, "total"), model.inventory
    out: dict[str, Any] = {
        "format": FORMAT, "standard": STANDARD, "dossier": dossier.id, "name": dict(model.subject.name),
        "period": {"from": model.subject.start, "to": model.subject.end},
        "total_tCO2e": amount_json(model.total), "known_part_tCO2e": plain(model.known),
        "formula": {"clause": formula["clause"], "source": formula["source"], "confidence": formula["confidence"]},
        "newer_edition": {k: formula["newer"][k] for k in ("edition", "issued", "confidence", "zh", "en")},
        "taken_in": "whole" if model.whole else "as_stated",
        "options": dict(inventory.options),
        "factor_sets": {role: pin.as_json() for role, pin in sorted(inventory.pins.items())},
        "classes": [_class(row) for row in model.classes],
        "reconciliation": {
            "scopes_1_2_location_tCO2e": amount_json(model.reconciliation.start),
            "steps": [_step(s) for s in model.reconciliation.steps],
            "rest_tCO2e": amount_json(model.reconciliation.rest)},
        "activity_data": [{"row": a.row, "class": a.class_id, "what": dict(a.what), "amount": amount_json(a.amount),
                           "unit": a.unit, **({"obtained": a.obtained} if a.obtained else {})}
                          for a in model.activities],
        "calculations": [_calculation(c) for c in model.calculations],
        "factors": [{"id": e.id, "source": e.source.title, "confidence": e.confidence} for e in model.factors],
        **({} if lines else {"lines_left_out": str(len(model.placed))}),
        "lines": [{"line": p.line.id, "gas": p.line.gas, "tCO2e": amount_json(p.line.tco2e_location),
                   **place_json(p.places[SCHEME])} for p in (model.placed if lines else ())],
        "completeness": found.as_json(),
        "problems": [p.as_json() for p in inventory.problems],
    }
    made: dict[str, Any] = jsonable(out)
    return made


def _class(row: ClassRow) -> dict[str, Any]:
    return {"class": row.id, "title": dict(row.title), "sign": row.sign, "clause": row.clause, **row.total.as_json(),
            "gases_tCO2e": {gas: amount_json(value) for gas, value in row.gases.items()},
            "sources": [{"source": s.code, "title": dict(s.title), **s.total.as_json()} for s in row.sources]}


def _step(step: Step) -> dict[str, Any]:
    return {"id": step.id, **({"title": dict(step.title)} if step.title else {}),
            **({"clause": step.clause} if step.clause else {}), "lines": str(step.lines),
            "tCO2e": amount_json(step.amount)}


def _calculation(found: Calculation) -> dict[str, Any]:
    return {"class": found.class_id, "source": dict(found.source),
            **({"carrier": found.carrier} if found.carrier else {}), "gas": found.gas,
            "activity": amount_json(found.activity), "unit": found.unit,
            **({"below": plain(found.below)} if found.below != 1 else {}),
            "factors": [_term(t) for t in found.factors],
            **({"gwp": amount_json(found.gwp.value)} if found.gwp else {}),
            "tCO2e": amount_json(found.tco2e), "counts": str(found.counts), "rows": list(found.rows),
            "obtained": list(found.obtained)}


def _term(term: Term) -> dict[str, Any]:
    return {"name": term.name, "value": amount_json(term.value), "unit": term.unit,
            **({"below": plain(term.below)} if term.below != 1 else {}),
            **({"factor": term.entry.id} if term.entry is not None else {})}
