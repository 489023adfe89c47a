"""What is computed from a dossier, in a guarded process: reading it, and evaluating it.

Orders are plain values. ``pack``: an archive for a draft (:mod:`.packing`). ``read``: ``name``, ``data``.
``evaluate``: the same, with ``folder`` and ``overlay`` of the scheme, ``levels``, ``readings``, ``valid_on`` and
``judgements`` (canonical bytes, or empty).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from zerofactory_engine.bundle import build_bundle, bundle_bytes
from zerofactory_engine.canonical import canonical_bytes, content_hash, jsonable
from zerofactory_engine.dossier import Dossier
from zerofactory_engine.dossier.read import read_bytes
from zerofactory_engine.evaluation import Request, evaluate
from zerofactory_engine.evaluation.judgements import parse_judgements
from zerofactory_engine.problems import ProblemsError
from zerofactory_engine.rulepack import find_pack
from zerofactory_web.cases.packing import packed
from zerofactory_web.readiness.guard import Done

#: Problems of a file that are given back; of a file with more, the first ones.
MOST_PROBLEMS = 500
_INSTRUMENTS = {"certificates": ("system",), "credits": ("programme",)}


def work(order: Mapping[str, Any]) -> Done:
    """Do *order*; ``report``: *bundle*, *style* (of :mod:`.report`) and *language* make the PDF.

    Raises:
        ProblemsError: every problem of the file, of the judgements or of the request.
    """
    if order["do"] == "report":
        return _reported(order)
    if order["do"] == "pack":
        return Done({}, packed(order["workbook"], order["base"], order["name"], order["left_out"], order["added"],
                               order["most"]))
    try:
        read = read_bytes(order["data"], order["name"])
    except ProblemsError as error:
        raise ProblemsError(error.problems[:MOST_PROBLEMS]) from None
    if order["do"] == "read":
        tree = canonical_bytes(read.dossier.canonical())
        return Done({**about(read.dossier), "problems": [p.as_json() for p in read.problems[:MOST_PROBLEMS]]}, tree)
    return _evaluated(order, read.dossier)


def about(dossier: Dossier) -> dict[str, Any]:
    """What a dossier is about: id, facility, organisation, period, rows a table, instruments with serials, hash."""
    facility, organisation = dossier.facility, dossier.organisation
    return {
        "id": dossier.id,
        "sha256": content_hash(dossier.canonical()),
        "facility": jsonable(facility.get("name") or {}), "sector": facility.get("gb_t_4754") or "",
        "address": jsonable(facility.get("address") or {}),
        "organisation": jsonable(organisation.get("name") or {}),
        "credit_code": organisation.get("unified_social_credit_code") or "",
        "period": {"from": dossier.period.start.isoformat(), "to": dossier.period.end.isoformat()},
        "rows": {name: len(rows) for name, rows in sorted(dossier.rows.items()) if rows},
        "row_ids": {name: [r.id for r in rows] for name, rows in sorted(dossier.rows.items()) if rows},
        "documents": [{"id": d.id, "kind": d.kind, "title": jsonable(d.title), "file": d.file, "sha256": d.sha256,
                       "valid_to": d.valid_to.isoformat() if d.valid_to else None, "present": d.present}
                      for d in dossier.documents.values()],
        "serials": list(_serials(dossier)),
    }


def _serials(dossier: Dossier) -> Iterator[dict[str, str]]:
    """Serial ranges of energy attribute certificates and of credits that the dossier claims."""
    for table, names in _INSTRUMENTS.items():
        for row in dossier.rows.get(table, ()):
            serials = row.values.get("serials") or {}
            if not serials.get("first"):
                continue
            registry = next((str(row.values[n]) for n in names if row.values.get(n)), table)
            yield {"row": f"{table}/{row.id}", "registry": registry, "first": str(serials["first"]),
                   "last": str(serials.get("last") or serials["first"])}


def _evaluated(order: Mapping[str, Any], dossier: Dossier) -> Done:
    pack = find_pack(order["folder"], order["overlay"] or None)
    request = Request(valid_on=date.fromisoformat(order["valid_on"]), levels=tuple(order["levels"]),
                      readings=order["readings"])
    judged = parse_judgements(order["judgements"], "judgements.json") if order["judgements"] else None
    bundle = build_bundle(evaluate(dossier, pack, request, judgements=judged))
    assessment = bundle["assessment"]
    told = {"id": assessment["id"], "levels": {v["id"]: v["verdict"] for v in assessment["levels"]},
            "criteria": {c["id"]: {level: o["verdict"] for level, o in c["levels"].items()}
                         for c in assessment["criteria"]}}
    return Done(told, bundle_bytes(bundle))


def _reported(order: Mapping[str, Any]) -> Done:
    """The certification report as PDF."""
    from zerofactory_mappings.publishing.document import render_pdf
    from zerofactory_mappings.publishing.reading import case_of

    return Done({}, render_pdf(case_of(json.loads(order["bundle"])), order["language"], order["style"]))
