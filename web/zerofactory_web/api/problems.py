"""Statuses of the API's own problems, how a problem is answered to a program, and what a problem's code means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Response, make_response

from zerofactory_engine.messages import catalogue
from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_web.api.operation import Call, Operation, Parameter, Result
from zerofactory_web.site.errors import problem_json, status_of
from zerofactory_web.site.render import json_text

PROBLEM = "application/problem+json"
_STATUS = {"api.not-json": 400, "api.not-text": 400, "api.not-form": 400, "api.not-found": 404, "api.method": 405,
           "api.key-running": 409, "api.changed": 412, "api.wrong-content": 415, "api.no-tag": 428,
           "api.too-many": 429}
#: Seconds after which the same request makes sense again.
RETRY = {"api.key-running": "5"}


def status_for(problems: Sequence[Problem]) -> int:
    """The status of an answer that says *problems*: that of the first when it is the API's own, else the gravest."""
    gravest = status_of(problems)
    return (_STATUS.get(problems[0].code) if problems else None) or gravest


def refused(code: str, path: str | None = None, *, found: str | None = None, accepted: str | None = None,
            example: str | None = None) -> ProblemsError:
    """One problem as an error."""
    return ProblemsError([Problem(code, Place(path=path), found=found, accepted=accepted, example=example)])


def refusal(problems: Sequence[Problem], headers: Mapping[str, str] | None = None) -> Response:
    """The answer that says *problems*, in JSON whatever the request accepts."""
    status = status_for(problems)
    answer = make_response(json_text(problem_json(status, problems)), status)
    answer.content_type = PROBLEM
    for name, value in (headers or {}).items():
        answer.headers[name] = value
    for problem in problems:
        if problem.code in RETRY:
            answer.headers["Retry-After"] = RETRY[problem.code]
    if status == 401:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="zerofactory"'
    return answer


def _explain(call: Call) -> Result:
    code = call.path["code"]
    sentences = {lang: catalogue(lang).get(code) for lang in ("zh", "en")}
    if sentences["en"] is None:
        raise refused("api.not-found", "path.code")
    return Result({"code": code, "status": status_for([Problem(code)]), "title": sentences})


OPERATIONS = (
    Operation("explain-problem", "GET", "/problems/{code}", "problems", None, _explain, {200: "ProblemType"},
              (Parameter("code", "path", {"type": "string", "maxLength": 120,
                                          "pattern": r"^[a-z][a-z0-9-]*\.[a-z0-9][a-z0-9._-]*$"},
                         "api.parameter-code", required=True),)),)
