"""The public register for programs: search, a certificate, its files, and the check of a file."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any

from flask import current_app
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from zerofactory_engine.problems import Problem, ProblemsError
from zerofactory_web.api.lists import CURSOR, LIMIT
from zerofactory_web.api.operation import FORM, PDF, Body, Call, Operation, Parameter, Result
from zerofactory_web.api.schemas import LINE, one_of
from zerofactory_web.cases.schemes import Scheme, schemes
from zerofactory_web.readiness.guard import Guard
from zerofactory_web.register import judge, service
from zerofactory_web.register.model import FILE_KINDS, LANGUAGES, Certificate
from zerofactory_web.register.pages import FILE_BYTES
from zerofactory_web.site.context import portal
from zerofactory_web.site.uploads import content, shown_name
from zerofactory_web.store.model import time_text

#: Where the register keeps its guard (:mod:`zerofactory_web.register.pages`).
GUARD = "zerofactory.register-guard"
NUMBER = Parameter("number", "path", {"type": "string", "pattern": r"^[A-Z]{2}-\d{4}-\d{5,9}$"},
                   "api.parameter-certificate", required=True)
_SEARCH = (
    Parameter("q", "query", LINE | {"maxLength": 200}, "api.parameter-q"),
    Parameter("status", "query", one_of(list(service.ASKED)), "api.parameter-status"),
    Parameter("kind", "query", one_of(list(service.PREFIX)), "api.parameter-kind"), LIMIT, CURSOR)


def _search(call: Call) -> Result:
    today = call.store.clock().date()
    asked = call.query
    with call.store.read() as session:
        found = service.search(session, asked.get("q", ""), asked.get("status", ""), asked.get("kind", ""),
                               asked.get("cursor", ""), asked["limit"], today=today)
    return Result({"certificates": [_brief(row, today) for row in found.rows], "next": found.after})


def _brief(row: Certificate, today: date) -> dict[str, Any]:
    c = row.content
    return {"number": row.number, "kind": row.kind, "class": row.certificate_class,
            "status": service.status_on(row, today), "opinion": service.opinion_of(row), "as_of": today,
            "client": c["client"]["name"], "sites": [s["name"] for s in c["sites"]], "scope": c["scope"],
            "standard": {name: c["standard"][name] for name in ("id", "title", "edition")},
            "levels": [{"id": v["id"], "title": v["title"]} for v in c["levels"]], "issued_on": row.issued_on,
            "valid_from": row.valid_from, "valid_until": row.valid_until, "surveillance_due": row.surveillance_due,
            "page": f"{portal().settings.public_url.rstrip('/')}/verify/{row.number}"}


def _row(session: Session, number: str) -> Certificate:
    found = service.by_number(session, number)
    if found is None:
        raise ProblemsError([Problem("register.not-found", found=number[:30])])
    return found


def _certificate(call: Call) -> Result:
    today = call.store.clock().date()
    with call.store.read() as session:
        row = _row(session, call.path["number"])
        history, files = service.history(session, row.id), service.files(session, row.id)
        later = service.successor(session, row.id)
    return Result({
        **_brief(row, today), "sha256": row.sha256, "superseded_by": later.number if later is not None else None,
        "record": row.content,
        "history": [{"status": h.status, "since": time_text(h.since), "told": h.told} for h in history],
        "files": [{"kind": f.kind, "language": f.language, "sha256": f.document, "size": f.size, "signer": f.signer,
                   "address": f"/api/v1/certificates/{row.number}/files/{f.language}?kind={f.kind}"} for f in files]})


def _file(call: Call) -> Result:
    wanted = call.query["kind"], call.path["language"]
    with call.store.read() as session:
        row = _row(session, call.path["number"])
        found = [f for f in service.files(session, row.id) if (f.kind, f.language) == wanted]
    if not found:
        raise ProblemsError([Problem("register.not-found", found=f"{row.number} {' '.join(wanted)}")])
    called = row.kind if found[0].kind == "certificate" else found[0].kind
    name = f"{row.number}-{called}-{found[0].language}.pdf"
    return Result(content=call.store.documents.read(found[0].document), media=PDF, headers={
        "Content-Disposition": f'attachment; filename="{name}"',
        "ETag": f'"{found[0].document.removeprefix("sha256:")}"'})


def _verify(call: Call) -> Result:
    sent = call.files.get("file") or FileStorage(BytesIO(call.data), "file.pdf")
    data = content(sent, min(FILE_BYTES, call.store.settings.max_upload))
    guard: Guard = current_app.extensions[GUARD]
    told = guard.run({"data": data, "file": shown_name(sent)}).told
    now = call.store.clock()
    with call.store.read() as session:
        judged = judge.judge(session, told, now.date(), call.language)
    portal().metrics.count("zerofactory_verified_files_total", outcome=judged.verdict)
    return Result(judged.as_json(told) | {"checked_at": time_text(now)})


def _schemes(call: Call) -> Result:
    return Result({"schemes": [_scheme(s) for s in schemes(call.store.settings)]})


def _scheme(found: Scheme) -> dict[str, Any]:
    pack = found.pack
    return {
        "reference": found.reference, "sha256": found.sha256, "title": dict(pack.title), "edition": pack.edition,
        "outcome_kind": pack.outcome_kind, "concluded_by": dict(pack.concluded_by), "provisional": pack.provisional,
        "criteria": len(pack.criteria),
        "levels": [{"id": v.id, "title": dict(v.title), "order": v.order}
                   for v in sorted(pack.levels.values(), key=lambda v: v.order)],
        "readings": [{"id": name, "clause": str(r.ref), "question": dict(r.question),
                      "default": r.settled or r.default, "settled": r.settled is not None,
                      "alternatives": list(r.alternatives)} for name, r in pack.readings.items()]}


OPERATIONS = (
    Operation("list-certificates", "GET", "/certificates", "register", None, _search, {200: "CertificatePage"},
              _SEARCH),
    Operation("get-certificate", "GET", "/certificates/{number}", "register", None, _certificate,
              {200: "Certificate"}, (NUMBER,)),
    Operation("get-certificate-file", "GET", "/certificates/{number}/files/{language}", "register", None, _file,
              {200: PDF}, (NUMBER, Parameter("language", "path", one_of(LANGUAGES), "api.parameter-language",
                                             required=True),
                           Parameter("kind", "query", one_of(FILE_KINDS) | {"default": FILE_KINDS[0]},
                                     "api.parameter-file-kind"))),
    Operation("verify-file", "POST", "/verify", "register", None, _verify, {200: "Verified"},
              body=Body({FORM: "VerifyForm", PDF: None}, FILE_BYTES)),
    Operation("list-schemes", "GET", "/schemes", "register", None, _schemes, {200: "SchemeList"}))
