"""The report as JSON (``standards/schemas/gb-t-32150.schema.json``): decimals as text, unknown with its reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zerofactory_engine.accounting.present import amount_json
from zerofactory_engine.canonical import jsonable
from zerofactory_mappings.crosswalk.model import place_json
from zerofactory_mappings.disclosures.tables import table_of
from zerofactory_mappings.gb_t_32150.build import SCHEME, STANDARD
from zerofactory_mappings.gb_t_32150.model import Gbt32150

if TYPE_CHECKING:
    from zerofactory_mappings.disclosures.completeness import Completeness

FORMAT = "zerofactory/gb-t-32150/1"


def as_json(model: Gbt32150, found: Completeness) -> dict[str, Any]:
    """The whole report with its completeness."""
    dossier, formula = model.subject.alone.dossier, table_of(STANDARD, "total")
    out: dict[str, Any] = {
        "format": FORMAT, "standard": STANDARD, "dossier": dossier.id, "name": dict(model.subject.name),
        "period": {"from": model.subject.start, "to": model.subject.end},
        "total_tCO2e": amount_json(model.total), "known_part_tCO2e": amount_json(model.known),
        "formula": {"clause": formula["clause"], "source": formula["source"], "confidence": formula["confidence"]},
        "classes": [{"class": row.id, "title": dict(row.title), "sign": row.sign, **row.total.as_json(),
                     "gases_tCO2e": {gas: amount_json(value) for gas, value in row.gases.items()}}
                    for row in model.classes],
        "activity_data": [{"row": a.row, "class": a.class_id, "what": dict(a.what), "amount": amount_json(a.amount),
                           "unit": a.unit, **({"obtained": a.obtained} if a.obtained else {})}
                          for a in model.activities],
        "factors": [e.id for e in model.factors],
        "lines": [{"line": p.line.id, "gas": p.line.gas, "tCO2e": amount_json(p.line.tco2e_location),
                   **place_json(p.places[SCHEME])} for p in model.placed],
        "completeness": found.as_json(),
        "problems": [p.as_json() for p in model.subject.alone.inventory.problems],
    }
    made: dict[str, Any] = jsonable(out)
    return made
