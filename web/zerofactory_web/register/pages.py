"""The public register, a certificate's page, its files, and the check of a dropped file. Nobody needs an account."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, current_app, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from zerofactory_engine.messages import render
from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_web.readiness.guard import Guard
from zerofactory_web.register import directory, examine, judge, service
from zerofactory_web.register.model import FILE_KINDS, LANGUAGES, Certificate, CertificateFile
from zerofactory_web.register.paper import conclusion
from zerofactory_web.site.context import Way, portal, portal_of
from zerofactory_web.site.errors import problem_answer, status_of
from zerofactory_web.site.forms import FormErrors, Option, errors_of
from zerofactory_web.site.language import language, pages, preferred
from zerofactory_web.site.render import page, wants_json
from zerofactory_web.site.security import open_to_programs
from zerofactory_web.site.uploads import chosen, content, shown_name, takes_files

#: Largest file that is checked, in bytes.
FILE_BYTES = 20_000_000
LOOKS = {"active": "good", "suspended": "open", "not-yet-valid": "note"}
#: How a status in force looks on a statement: one that confirms nothing, or only with an exception, is no success.
OPINION_LOOKS = {"unmodified": "good", "modified": "open", "adverse": "bad", "disclaimed": "bad"}
REGISTER = pages("directory", __name__, "/register")
VERIFY = pages("checking", __name__, "/verify")
_GUARD = "zerofactory.register-guard"


def register(app: Flask, guard: Guard | None = None) -> None:
    """Add the pages of this subject."""
    app.extensions[_GUARD] = guard or Guard(examine.work)
    app.register_blueprint(REGISTER)
    app.register_blueprint(VERIFY)
    app.add_url_rule("/verify", "verify_short", _to_form)
    app.add_url_rule("/verify/<number>", "verify_number", _to_number)
    portal_of(app).ways += [Way("directory.start", "register.way"), Way("checking.form", "register.verify-way")]


# --- short addresses, as certificates print them ---------------------------------------------------------------------


def _to_form() -> BaseResponse:
    return _onward(url_for("checking.form", lang=preferred()))


def _to_number(number: str) -> BaseResponse:
    """On to the page in the language of the browser; the code behind # goes along by itself."""
    return _onward(url_for("directory.certificate", lang=preferred(), number=number))


def _onward(address: str) -> BaseResponse:
    answer = redirect(address, 302)
    answer.vary.update(("Accept-Language", "Cookie"))
    return answer


# --- the register ----------------------------------------------------------------------------------------------------


@REGISTER.get("/")
def start() -> Response:
    """Search the register."""
    asked = {name: request.args.get(name, "").strip()[:200] for name in ("q", "status", "kind", "after")}
    now = portal().store.clock()
    errors, status = FormErrors(), 200
    try:
        with portal().store.read() as session:
            found = service.search(session, asked["q"], asked["status"], asked["kind"], asked["after"],
                                   today=now.date())
    except ProblemsError as error:
        if wants_json():
            raise
        found, status = service.Found((), None), status_of(error.problems)
        errors = errors_of(error.problems, language(), {"status": "status", "kind": "kind"})
    data = {"checked_at": now, "certificates": [_brief(row, now) for row in found.rows],
            "next": _address(asked, found.after) if found.after else None}
    return page("register/start.html", data, status=status, errors=errors, asked=asked,
                looks_of=OPINION_LOOKS, statuses=_options("status", service.ASKED, asked["status"]),
                kinds=_options("kind", tuple(service.PREFIX), asked["kind"]), looks=LOOKS,
                first=_address(asked, "") if asked["after"] else None)


def _brief(row: Certificate, now: datetime) -> dict[str, Any]:
    c = row.content
    return {"number": row.number, "kind": row.kind, "status": service.status_on(row, now.date()),
            "opinion": service.opinion_of(row), "opinion_title": (c.get("opinion") or {}).get("title"),
            "client": c["client"]["name"], "sites": [s["name"] for s in c["sites"]], "scope": c["scope"],
            "standard": c["standard"]["title"], "levels": [level["title"] for level in c["levels"]],
            "issued_on": row.issued_on, "valid_until": row.valid_until,
            "page": url_for("directory.certificate", number=row.number)}


def _address(asked: Mapping[str, str], after: str) -> str:
    query = {k: v for k, v in {**asked, "after": after}.items() if v}
    address = url_for("directory.start")
    return f"{address}?{urlencode(query)}" if query else address


def _options(name: str, values: tuple[str, ...], taken: str) -> list[Option]:
    lang = language()
    return [Option("", render("register.any", lang), checked=not taken),
            *(Option(v, render(f"register.{name}-{v}", lang), checked=v == taken) for v in values)]


@REGISTER.get("/<number>")
def certificate(number: str) -> Response:
    """One certificate: what it is worth now, everything that stands on it, its history and files.

    Raises:
        ProblemsError: ``register.not-found``.
    """
    now = portal().store.clock()
    with portal().store.read() as session:
        row = _found(service.by_number(session, number), number)
        history, files = service.history(session, row.id), service.files(session, row.id)
        later = service.successor(session, row.id)
    status, opinion = service.status_on(row, now.date()), service.opinion_of(row)
    look = look_of(status, opinion)
    data = {"number": row.number, "status": status, "opinion": opinion, "checked_at": now, "certificate": row.content,
            "sha256": row.sha256, "code": row.sha256.removeprefix("sha256:")[:16],
            "superseded_by": later.number if later is not None else None,
            "history": [{"status": h.status, "since": h.since, "told": h.told} for h in history],
            "files": [_file(row, f) for f in files]}
    return page("register/certificate.html", data, c=row.content, o=row.content.get("opinion"), look=look,
                opinion_look=OPINION_LOOKS.get(opinion or "", ""), concludes=conclusion(row.content),
                banner={"good": "good", "bad": "bad"}.get(look, ""))


def look_of(status: str, opinion: str | None) -> str:
    """How a status is shown; in force looks good only where the document confirms something."""
    look = LOOKS.get(status, "bad")
    return OPINION_LOOKS[opinion] if look == "good" and opinion else look


def _found(row: Certificate | None, number: str) -> Certificate:
    if row is None:
        raise ProblemsError([Problem("register.not-found", found=number[:30])])
    return row


def _file(row: Certificate, file: CertificateFile) -> dict[str, Any]:
    return {"kind": file.kind, "language": file.language, "sha256": file.document, "size": file.size,
            "signer": file.signer,
            "address": url_for("directory.download", number=row.number, kind=file.kind, edition=file.language)}


def _called(row: Certificate, kind: str) -> str:
    """What a file of that kind is called: a statement is no certificate."""
    return row.kind if kind == "certificate" else kind


@REGISTER.get(f"/<number>/<any({', '.join(FILE_KINDS)}):kind>-<any({', '.join(LANGUAGES)}):edition>.pdf")
def download(number: str, kind: str, edition: str) -> Response:
    """A signed file."""
    store = portal().store
    with store.read() as session:
        row = _found(service.by_number(session, number), number)
        found = [f for f in service.files(session, row.id) if (f.kind, f.language) == (kind, edition)]
    if not found:
        raise ProblemsError([Problem("register.not-found", found=f"{number[:30]} {kind} {edition}")])
    answer = make_response(store.documents.read(found[0].document))
    answer.content_type = "application/pdf"
    answer.headers["Content-Disposition"] = f'attachment; filename="{row.number}-{_called(row, kind)}-{edition}.pdf"'
    answer.headers["ETag"] = f'"{found[0].document.removeprefix("sha256:")}"'
    return answer


@REGISTER.get("/export.<any(csv, json):form>")
def export(form: str) -> Response:
    """The whole directory."""
    store = portal().store
    today = store.clock().date()
    made = directory.as_csv(store, today) if form == "csv" else directory.as_json(store, today)
    answer = Response(made, content_type="text/csv; charset=utf-8" if form == "csv" else "application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="register-{today}.{form}"'
    return answer


# --- checking a file -------------------------------------------------------------------------------------------------


@VERIFY.get("/")
def form() -> Response:
    """Choose a file."""
    return _form()


@VERIFY.post("/")
@open_to_programs
@takes_files(FILE_BYTES)
def check() -> Response:
    """Look at a file and say what it is; nothing of it is kept."""
    store, guard = portal().store, current_app.extensions[_GUARD]
    try:
        file = chosen("pdf")
        if file is None:
            raise ProblemsError([Problem("register.no-file", Place(path="pdf"))])
        data = content(file, min(FILE_BYTES, portal().settings.max_upload))
        told = guard.run({"data": data, "file": shown_name(file)}).told
    except ProblemsError as error:
        return problem_answer(status_of(error.problems), error.problems) if wants_json() else _form(error)
    now = store.clock()
    with store.read() as session:
        judged = judge.judge(session, told, now.date(), language())
    portal().metrics.count("zerofactory_verified_files_total", outcome=judged.verdict)
    stated = judged.certificate.content.get("opinion") if judged.certificate is not None else None
    return page("register/verified.html", judged.as_json(told) | {
        "checked_at": now, "name": shown_name(file), "opinion": stated["type"] if stated else None},
        judged=judged, look=judge.LOOKS[judged.verdict], o=stated,
        confirms=stated is None or stated["type"] in ("unmodified", "modified"))


def _form(error: ProblemsError | None = None) -> Response:
    problems = error.problems if error is not None else ()
    codes = {p.code: "pdf" for p in problems}
    return page("register/verify.html", {"limit": FILE_BYTES, "accept": "application/pdf"},
                status=status_of(problems) if problems else 200, errors=errors_of(problems, language(), codes))
