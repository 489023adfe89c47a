"""Pages of requests from customers: write one down, answer it with files of a result, decline it; what was sent."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Response, abort, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from zerofactory_engine.problems import ProblemsError
from zerofactory_web.accounts import gate
from zerofactory_web.accounts.access import require_scope
from zerofactory_web.accounts.forms import done, number, typed
from zerofactory_web.exporter import access, forms, requests, results, room
from zerofactory_web.exporter.model import CbamResult, DataRequest
from zerofactory_web.site.context import actor, portal, request_id
from zerofactory_web.site.forms import FormErrors, Option
from zerofactory_web.site.language import pages

BLUEPRINT = pages("deskrequest", __name__, "/exporter")
_NOTHING = room.Listed()


@BLUEPRINT.get("/requests")
@gate.required
def start() -> Response:
    """Every request to one's organisations."""
    require_scope(actor(), access.READ)
    with portal().store.read() as session:
        data = {"organisations": [{"id": o.id, "name": room.name(o),
                                   "requests": [room.asked(r) for r in requests.listed(session, o.id)]}
                                  for o in access.exporters(session, actor())]}
    return room.shown("requests", data, room.say("requests"), today=portal().store.clock().date().isoformat())


@BLUEPRINT.route("/requests/new", methods=["GET", "POST"])
@gate.required
def new() -> BaseResponse:
    """Write a request down."""
    require_scope(actor(), access.WRITE)
    if request.method == "GET":
        return _new(FormErrors(), 200, _NOTHING)
    try:
        made = requests.add(portal().store, actor(), typed("organisation", 40), forms.asked(), request=request_id())
    except ProblemsError as error:
        return room.refused(error.problems, _new, ("organisation", *forms.REQUEST_FIELDS))
    return done(url_for("deskrequest.one", ident=made), "exporter.said-request")


def _new(errors: FormErrors, status: int, inside: room.Listed) -> Response:
    with portal().store.read() as session:
        organisations = access.exporters(session, actor())
    if not organisations:
        abort(404)
    given = {name: typed(name, 20_000) for name in forms.REQUEST_FIELDS}
    if request.method == "GET":
        given["received"] = portal().store.clock().date().isoformat()
    quarters = [Option("", room.say("whole-year"), checked=not given["quarter"])] + [
        Option(q, f"Q{q}", checked=q == given["quarter"]) for q in "1234"]
    data = {"organisations": [{"id": o.id, "name": room.name(o)} for o in organisations],
            "fields": list(forms.REQUEST_FIELDS)}
    return room.shown("request-new", data, room.say("new-request"), [_list()], errors=errors, status=status,
                      inside=inside, given=given, quarters=quarters,
                      places=room.places(organisations, typed("organisation", 40)))


def _list() -> room.Crumb:
    return room.say("requests"), url_for("deskrequest.start")


@BLUEPRINT.get("/requests/<ident>")
@gate.required
def one(ident: str) -> Response:
    """A request: what is asked for, results that have the goods, what was sent."""
    return _one(ident, FormErrors(), 200, _NOTHING)


def _one(ident: str, errors: FormErrors, status: int, inside: room.Listed) -> Response:
    with portal().store.read() as session:
        row = access.request_of(session, actor(), ident)
        data = {**room.asked(row), "by": access.name_of(session, row.made_by),
                "closed_by": access.name_of(session, row.closed_by) or None, "results": _candidates(session, row),
                "sent": _sent(session, row)}
    return room.shown("request", data, row.company, [_list()], errors=errors, status=status, inside=inside,
                      today=portal().store.clock().date().isoformat(),
                      given={"reason": typed("reason"), "note": typed("note")})


def _candidates(session: Session, row: DataRequest) -> list[dict[str, Any]]:
    """Results that have at least one of the goods asked for; with the goods that each lacks."""
    wanted = [g["cn"] for g in row.goods]
    found = []
    for result, number_, name, _ in results.of_organisation(session, row.organisation_id):
        has = requests.cn_codes(result.summary)
        if has & set(wanted):
            found.append({**room.result(result), "input": name, "version": number_,
                          "period": result.summary["period"], "lacking": [c for c in wanted if c not in has]})
    return found


def _sent(session: Session, row: DataRequest) -> list[dict[str, Any]]:
    return [{"id": c.id, "at": room.moment(c.created_at), "by": access.name_of(session, c.sent_by),
             "company": c.company, "contact": c.contact, "note": c.note or None, "result": c.result_id,
             "corrects": c.corrects, "files": [{"id": f.id, "kind": f.kind, "name": f.name, "sha256": f.document,
                                                "size": f.size} for f in files]}
            for c, files in requests.communications(session, row.id)]


@BLUEPRINT.route("/requests/<ident>/answer/<result>", methods=["GET", "POST"])
@gate.keyboard
def answer(ident: str, result: str) -> BaseResponse:
    """Choose what the customer is given, and record that it was sent."""
    draw = partial(_answer, ident, result)
    if request.method == "GET":
        return draw(FormErrors(), 200, _NOTHING)
    try:
        requests.answer(portal().store, actor(), ident, result,
                        [f[:40] for f in request.form.getlist("files")], typed("note"),
                        version=number("version") or None, request=request_id())
    except ProblemsError as error:
        return room.refused(error.problems, draw, ("files", "note", "result"))
    return done(url_for("deskrequest.one", ident=ident), "exporter.said-sent")


def _answer(ident: str, result: str, errors: FormErrors, status: int, inside: room.Listed) -> Response:
    with portal().store.read() as session:
        row = access.request_of(session, actor(), ident)
        found, version, owner = access.result_of(session, actor(), result)
        if owner.organisation_id != row.organisation_id:
            raise access.not_found()
        files = [room.file(f) for f in results.files(session, found.id)]
        data: dict[str, Any] = {
            "request": room.asked(row), "result": room.result(found), "files": files, "period": found.summary["period"],
            "input": owner.name, "version": version.number, "goods": _coverage(row, found)}
    taken = request.form.getlist("files")
    options = [Option(f["id"], f["name"], f"{room.say('kind-' + f['kind'])} · {f['size']:,} B · {f['sha256']}",
                      f["id"] in taken) for f in files]
    return room.shown("answer", data, room.say("answer-title"),
                      [_list(), (row.company, url_for("deskrequest.one", ident=ident))], errors=errors, status=status,
                      inside=inside, options=options, given={"note": typed("note")})


def _coverage(row: DataRequest, found: CbamResult) -> list[dict[str, Any]]:
    """Each of the goods asked for with the products of the result that have its code; none where there is none."""
    products = found.summary["products"]
    return [{**g, "products": [{k: p[k] for k in ("name", "unit", "see_direct", "see_indirect", "indirect_counts")}
                               for p in products if p["cn"] == g["cn"]]} for g in row.goods]


@BLUEPRINT.post("/requests/<ident>/decline")
@gate.keyboard
def decline(ident: str) -> BaseResponse:
    """Close a request without an answer."""
    try:
        requests.decline(portal().store, actor(), ident, typed("reason"), version=number("version") or None,
                         request=request_id())
    except ProblemsError as error:
        return room.refused(error.problems, partial(_one, ident), ("reason",))
    return done(url_for("deskrequest.one", ident=ident), "exporter.said-declined")


@BLUEPRINT.get("/sent/<ident>")
@gate.required
def sent(ident: str) -> Response:
    """A file exactly as it was sent, checked against its hash."""
    with portal().store.read() as session:
        row = access.sent_file_of(session, actor(), ident)
    return room.download(portal().store.documents.read(row.document), row.name)
