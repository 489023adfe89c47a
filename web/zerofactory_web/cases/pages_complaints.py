"""Complaints and appeals: anybody may send a complaint; those who handle them see and decide them."""

from __future__ import annotations

from functools import partial

from flask import Response, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from zerofactory_engine.problems import ProblemsError
from zerofactory_web.accounts import gate
from zerofactory_web.accounts.forms import again, attempt, sentence, typed
from zerofactory_web.cases import complaints, room, view
from zerofactory_web.cases.states import COMPLAINT
from zerofactory_web.site.context import actor, portal, request_id
from zerofactory_web.site.forms import FormErrors
from zerofactory_web.site.language import pages

BLUEPRINT = pages("complaining", __name__, "/complaints")
FIELDS = ("received_from", "certificate", "text")


@BLUEPRINT.route("/new", methods=["GET", "POST"])
def new() -> BaseResponse:
    """The form of a complaint, without an account; what was taken in gets a number."""
    if request.method == "GET":
        return _new()
    try:
        number = complaints.receive(portal().store, actor(), typed("text", 8_000), typed("received_from", 400),
                                    certificate=typed("certificate", 60), request=request_id())
    except ProblemsError as error:
        return again(error.problems, _new, FIELDS)
    return room.outside("complaint-taken", {"number": number}, sentence("casework.complaint-taken"))


def _new(errors: FormErrors | None = None, status: int = 200) -> Response:
    values = {n: room.field(n, request.args.get(n, "")) for n in FIELDS}
    return room.outside("complaint-new", {"fields": list(FIELDS)}, sentence("casework.complaint-new"), errors=errors,
                        status=status, values=values)


@BLUEPRINT.get("/")
@gate.keyboard
def everything() -> Response:
    """All complaints and appeals, for those who handle them."""
    rows = [{"number": c.number, "state": c.state, "received_at": view.moment(c.created_at),
             "from": c.received_from, "appeal": c.appeal is not None} for c in complaints.listed(
                 portal().store, actor())]
    return room.shown("complaints", {"complaints": rows}, sentence("casework.complaints"))


@BLUEPRINT.route("/<ref>", methods=["GET", "POST"])
@gate.keyboard
def one(ref: str) -> BaseResponse:
    """A complaint and what may be done with it."""
    draw = partial(_one, ref)
    if request.method == "GET":
        return draw()
    return attempt(lambda: complaints.act(portal().store, actor(), ref, typed("event", 40), typed("text", 8_000),
                                          request=request_id()),
                   url_for("complaining.one", ref=ref), draw, ("text",), "casework.said-done")


def _one(ref: str, errors: FormErrors | None = None, status: int = 200) -> Response:
    row, case, taken, part = complaints.one(portal().store, actor(), ref)
    data = {"number": row.number, "state": row.state, "text": row.text, "from": row.received_from,
            "received_at": view.moment(row.created_at), "outcome": row.outcome, "appeal": row.appeal is not None,
            "case": case.number if case else None, "part": part,
            "steps": [{"state": step.state, "by": name, "at": view.moment(step.created_at)} for step, name in taken]}
    return room.shown("complaint", data, ref, [(sentence("casework.complaints"), url_for("complaining.everything"))],
                      errors=errors, status=status, text=room.field("text"),
                      events=room.options([e for e in COMPLAINT.events(row.state) if not part
                                           and (e != "uphold" or row.appeal is not None)], "event"))
