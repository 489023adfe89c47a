"""The pre-check for programs: a dossier under a pack, evaluated and forgotten."""

from __future__ import annotations

from typing import Any

from flask import current_app
from werkzeug.datastructures import MultiDict

from zerofactory_engine.messages import render
from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_web.api.checks import json_bytes
from zerofactory_web.api.operation import FORM, JSON, Body, Call, Operation, Result
from zerofactory_web.readiness import forms, offer, told
from zerofactory_web.readiness.guard import Guard, problem_of
from zerofactory_web.readiness.pages import FILE_BYTES
from zerofactory_web.site.context import portal
from zerofactory_web.site.uploads import content, shown_name

#: Where the pre-check keeps its guard (:mod:`zerofactory_web.readiness.pages`).
GUARD = "zerofactory.guard"


def _check(call: Call) -> Result:
    found = offer.offer(call.fields["pack"])
    if found is None:
        raise ProblemsError([Problem("cases.scheme-unknown", Place(path="$.pack"), found=call.fields["pack"][:120],
                                     accepted=", ".join(o.reference for o in offer.offers()))])
    wish = forms.read_wish(_as_form(call), found.pack)
    guard: Guard = current_app.extensions[GUARD]
    done = guard.run({"file": _file(call), "folder": str(found.folder), "levels": wish.levels,
                      "readings": dict(wish.readings), "valid_on": wish.valid_on, "output": "page",
                      "now": call.store.clock().isoformat(), "language": call.language})
    portal().metrics.count("zerofactory_prechecks_total", outcome="done")
    noted = [problem_of(p) for p in done.told["notes"]]
    return Result({
        "kind": "self-assessment", "notice": {lang: render("precheck.notice", lang) for lang in ("zh", "en")},
        "pack": found.reference, "id": done.told["id"], "outcomes": done.told["outcomes"],
        "problems": told.as_json(noted, call.language), "assessment": done.told["assessment"]})


def _as_form(call: Call) -> MultiDict[str, str]:
    """What the form of the page would hold."""
    fields = call.fields
    readings = [(forms.READING + name, value) for name, value in fields.get("readings", {}).items()]
    return MultiDict([*(("level", v) for v in fields.get("levels", ())), *readings,
                      ("valid_on", fields.get("valid_on", ""))])


def _file(call: Call) -> dict[str, Any]:
    file = call.files.get("dossier")
    if file is None:
        return {"name": "dossier.json", "data": json_bytes(call.fields["dossier"])}
    data = content(file, min(FILE_BYTES, call.store.settings.max_upload))
    return {"name": shown_name(file), "data": data}


OPERATIONS = (
    Operation("precheck", "POST", "/precheck", "readiness", None, _check, {200: "Precheck"},
              body=Body({FORM: "PrecheckForm", JSON: "PrecheckRequest"}, FILE_BYTES)),)
