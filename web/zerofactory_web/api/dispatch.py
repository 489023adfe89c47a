"""One way through every operation: who asks, what is asked, whether it was asked before, and the answer."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, current_app, g, make_response, request
from werkzeug.wrappers import Response as BaseResponse

from zerofactory_engine.problems import ProblemsError
from zerofactory_web.accounts.access import require_scope
from zerofactory_web.accounts.gate import address
from zerofactory_web.api import idempotency
from zerofactory_web.api.checks import Sent, body_of, header_of, path_of, query_of
from zerofactory_web.api.idempotency import Answered
from zerofactory_web.api.limits import Limiter
from zerofactory_web.api.operation import JSON, Call, Operation, Parameter, Result
from zerofactory_web.api.problems import refusal, refused, status_for
from zerofactory_web.site.context import actor, portal, request_id
from zerofactory_web.site.language import language
from zerofactory_web.site.logs import log
from zerofactory_web.site.render import json_text
from zerofactory_web.store.unit import Actor

LIMITER = "zerofactory.api-limiter"
KEY = Parameter("Idempotency-Key", "header", {"type": "string", "pattern": "^[!-~]{1,80}$"}, "api.parameter-key")
TAG = Parameter("If-Match", "header", {"type": "string", "maxLength": 400}, "api.parameter-if-match", required=True)
#: Headers of an answer that are given again with it.
_KEPT = ("Content-Type", "ETag", "Location", "Retry-After")
_REPLAYED = "Idempotency-Replayed"


def serve(ways: Mapping[str, Operation]) -> Callable[..., BaseResponse]:
    """The view of a path whose operations are *ways*, by method."""
    allow = ", ".join(sorted({*ways, "OPTIONS", *(["HEAD"] if "GET" in ways else [])}))

    def view(**values: Any) -> BaseResponse:
        if request.method == "OPTIONS":
            return _finished(Response(status=204, headers={"Allow": allow}))
        operation = ways.get("GET" if request.method == "HEAD" else request.method)
        if operation is None:
            error = refused("api.method", found=request.method[:20], accepted=allow)
            return _finished(refusal(error.problems, {"Allow": allow}))
        try:
            return _finished(_answered(operation, values))
        except ProblemsError as error:
            return _finished(refusal(error.problems))

    return view


def nothing(rest: str = "") -> BaseResponse:
    """No operation stands here."""
    return _finished(refusal(refused("api.not-found", found=rest[:80]).problems))


def _finished(answer: BaseResponse) -> BaseResponse:
    answer.vary.add("Accept-Language")
    return answer


def _answered(operation: Operation, values: Mapping[str, Any]) -> BaseResponse:
    who = _caller(operation)
    path = path_of(operation, values)
    query = query_of(operation)
    key = header_of(KEY) if operation.writes else None
    tag = _tag() if operation.guarded else None
    sent = body_of(operation)
    call = Call(portal().store, who, request_id(), language(), path, query, sent.fields, sent.files, sent.data, tag)
    if key is not None:
        return _once(operation, call, sent, key)
    return _shown(operation, operation.do(call))


def _caller(operation: Operation) -> Actor:
    """Who asks; the cookie of a session counts for nothing here (:func:`.pages.prepare`).

    Raises:
        ProblemsError: ``api.too-many``, ``accounts.not-signed-in``, ``accounts.scope``.
    """
    who = actor()
    limiter: Limiter = current_app.extensions[LIMITER]
    if seconds := limiter.wait(who.id if who.known else address()):
        g.api_wait = seconds
        raise refused("api.too-many", accepted=f"{seconds} s")
    if operation.scope is not None:
        if not who.known:
            raise refused("accounts.not-signed-in")
        require_scope(who, operation.scope)
    return who


def _tag() -> str:
    found = header_of(TAG)
    if found is None:
        raise refused("api.no-tag", f"header.{TAG.name}")
    return found


def _once(operation: Operation, call: Call, sent: Sent, key: str) -> BaseResponse:
    """Do a write that came with *key*, unless it was done before."""
    store, who = call.store, call.actor
    asked = idempotency.hash_of(request.method, request.path, sent, call.if_match)
    before = idempotency.reserve(store, who, key, asked)
    if before is not None:
        answer = make_response(before.body, before.status, dict(before.headers))
        answer.headers[_REPLAYED] = "true"
        return answer
    try:
        answer = _shown(operation, operation.do(call))
    except ProblemsError as error:
        answer = refusal(error.problems)
        if status_for(error.problems) >= 500:      # nothing was kept; trying again is what the answer says
            idempotency.release(store, who, key)
            return answer
    headers = {name: answer.headers[name] for name in _KEPT if name in answer.headers}
    try:
        idempotency.keep(store, who, key, Answered(answer.status_code, headers, answer.get_data(as_text=True)))
    except ProblemsError as error:                 # done and said so; only its key stays taken for the day
        log("key-not-kept", 40, error=error)
    return answer


def _shown(operation: Operation, result: Result) -> Response:
    content = json_text(result.data).encode("utf-8") if result.content is None else result.content
    answer = make_response(content, result.status)
    answer.content_type = result.media
    for name, value in result.headers.items():
        answer.headers[name] = value
    if result.media == JSON and "ETag" not in answer.headers:
        answer.headers["ETag"] = tag_of(result.data)
    if operation.method == "GET":
        if operation.scope is None:
            answer.headers["Cache-Control"] = "no-cache"      # may be kept, and is asked for again every time
        answer.make_conditional(request)
    return answer


def tag_of(data: Any) -> str:
    """The strong tag of a representation."""
    return f'"{hashlib.sha256(json_text(data).encode("utf-8")).hexdigest()[:32]}"'
