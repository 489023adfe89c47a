"""What went wrong, as a page for people and as an RFC 9457 problem for programs; never a trace of the program."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, g, make_response, render_template
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, MethodNotAllowed, TooManyRequests

from zerofactory_engine.messages import catalogue, render, render_problem
from zerofactory_engine.problems import Problem, ProblemsError
from zerofactory_web.site.context import portal, request_id
from zerofactory_web.site.forms import FormErrors
from zerofactory_web.site.language import TAGS, language
from zerofactory_web.site.logs import log, note_refusal
from zerofactory_web.site.render import json_text, wants_json

#: The status of a problem by its code; what is not listed is 422, an input that is not right.
_STATUS = {"cases.not-yours": 403, "cases.step": 409, "cases.final": 409, "cases.frozen": 409,
           "cases.changed-meanwhile": 409,
           "store.stale": 409, "store.taken": 409, "store.busy": 503, "store.unavailable": 503,
           "store.disk-full": 507, "store.not-current": 503, "store.document-lost": 404,
           "store.document-too-large": 413, "site.file-too-large": 413, "accounts.not-signed-in": 401,
           "accounts.signed-out": 401, "accounts.not-by-token": 403, "accounts.scope": 403,
           "accounts.not-allowed": 403, "accounts.wait": 429, "accounts.final": 409, "accounts.invitation-void": 410}
_STARTS = {"duty.": 409}
_ENDINGS = {".not-found": 404, ".busy": 503}
#: Statuses with a page text of their own; others speak as the first of their hundred.
_TOLD = (400, 401, 403, 404, 405, 409, 410, 413, 415, 422, 429, 500, 503, 507)
#: Seconds after which trying again makes sense.
_AGAIN = {503: "5", 429: "60"}


def status_of(problems: Iterable[Problem]) -> int:
    """The status of an answer that says these problems: the gravest. The line of the request tells their codes."""
    codes = [p.code for p in problems]
    note_refusal(codes)
    return max((_status(code) for code in codes), default=422)


def _status(code: str) -> int:
    if code in _STATUS:
        return _STATUS[code]
    starts = [s for start, s in _STARTS.items() if code.startswith(start)]
    ends = [s for end, s in _ENDINGS.items() if code.endswith(end)]
    return next(iter((*starts, *ends)), 422)


def problem_json(status: int, problems: Sequence[Problem] = (), title: str | None = None) -> dict[str, Any]:
    """An RFC 9457 problem: type, title, status, detail, instance, and every problem of the input."""
    code = problems[0].code if problems else ""
    told: dict[str, Any] = {
        "type": f"{portal().settings.public_url.rstrip('/')}/problems/{code}" if code else "about:blank",
        "title": title or HTTPStatus(status).phrase, "status": status,
        "detail": render_problem(problems[0], language()) if problems else text_of(status),
        "instance": f"urn:zerofactory:request:{request_id()}"}
    if problems:
        note_refusal(p.code for p in problems)
        told["code"] = code
        told["problems"] = [{**p.as_json(), "text": render_problem(p, language())} for p in problems]
    return told


def text_of(status: int) -> str:
    """What a page of *status* says under its title."""
    return render(f"site.error-{_told(status)}", language())


def _told(status: int) -> int:
    return status if status in _TOLD else 500 if status >= 500 else 400


def problem_answer(status: int, problems: Sequence[Problem] = (), *, code: str | None = None) -> Response:
    """The answer for *status*: a problem for programs, a page for people. *code*: a text instead of the status's."""
    told = _told(status)
    if wants_json():
        answer = make_response(json_text(problem_json(status, problems)), status)
        answer.content_type = "application/problem+json"
    else:
        text = render(code, language()) if code else text_of(status)
        answer = make_response(render_template(
            "site/error.html", title=render(f"site.error-title-{told}", language()), text=text, status=status,
            errors=FormErrors(), problems=[render_problem(p, language()) for p in problems]), status)
    answer.vary.add("Accept")
    return answer


def install(app: Flask) -> None:
    """Handlers for problems, for HTTP errors, for a form that is not ours, and for everything else."""

    @app.errorhandler(ProblemsError)
    def problems(error: ProblemsError) -> Response:
        return problem_answer(status_of(error.problems), error.problems)

    @app.errorhandler(CSRFError)
    def stale_form(error: CSRFError) -> Response:
        note_refusal(("site.form-expired",))
        return problem_answer(400, [Problem("site.form-expired")], code="site.form-expired")

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        if error.code is None or error.code < 400:
            return make_response(error.get_response())
        answer = problem_answer(error.code)
        if isinstance(error, MethodNotAllowed) and error.valid_methods:
            answer.headers["Allow"] = ", ".join(sorted(error.valid_methods))
        if isinstance(error, TooManyRequests) and error.retry_after is not None:
            answer.headers["Retry-After"] = str(error.retry_after)
        return answer

    @app.errorhandler(Exception)
    def last_resort(error: Exception) -> Response:
        portal().metrics.count("zerofactory_errors_total")
        log("failed", 40, error=error)
        try:
            return problem_answer(500)
        except Exception as second:  # the page itself cannot be drawn: plain words then
            log("failed-again", 40, error=second)
            return plain_answer()

    @app.after_request
    def again(answer: Response) -> Response:
        if answer.status_code in _AGAIN:
            answer.headers.setdefault("Retry-After", _AGAIN[answer.status_code])
        return answer

    app.add_url_rule("/problems/<code>", "problem_type", _explained)


def plain_answer() -> Response:
    """The last resort of the last resort: one sentence in both languages and the request's number."""
    lines = [f"{render('site.error-500', lang)}" for lang in TAGS]
    return Response("\n".join((*lines, g.get("request_id", ""))) + "\n", 500, content_type="text/plain; charset=utf-8")


def _explained(code: str) -> Response:
    """``/problems/<code>``: the sentence of a problem's type, as its ``type`` address promises."""
    sentence = catalogue(language()).get(code)
    if sentence is None:
        return problem_answer(404)
    if wants_json():
        answer = make_response(json_text({"code": code, "title": sentence}))
        answer.content_type = "application/json"
        return answer
    return make_response(render_template("site/error.html", title=code, text=sentence, status=200, problems=[],
                                         errors=FormErrors()))
