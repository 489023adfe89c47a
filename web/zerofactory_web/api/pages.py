"""``/api/v1`` and its reference page. Under ``/api/`` every answer is JSON, and no cookie counts for anything."""

from __future__ import annotations

import re

from flask import Blueprint, Flask, Response, g, make_response, redirect, request, url_for
from werkzeug.routing import Rule
from werkzeug.wrappers import Response as BaseResponse

from zerofactory_web.api import reference
from zerofactory_web.api.dispatch import LIMITER, nothing, serve
from zerofactory_web.api.limits import Limiter
from zerofactory_web.api.openapi import BASE, by_path, document
from zerofactory_web.site.context import Way, portal, portal_of, remember
from zerofactory_web.site.language import LANGUAGES, pages, preferred
from zerofactory_web.site.render import json_text, page
from zerofactory_web.site.security import CSRF, bearer
from zerofactory_web.site.uploads import takes_files
from zerofactory_web.store.unit import PUBLIC

#: Begins the names of the API's endpoints.
_NAME = "api"
_REFERENCE = pages("reference", __name__, "/api")
_UNDER = BASE.rsplit("/", 1)[0] + "/"


def register(app: Flask, limiter: Limiter | None = None) -> None:
    """Add the operations, the document and the reference page."""
    app.extensions[LIMITER] = limiter or Limiter()
    app.url_value_preprocessor(prepare)
    app.after_request(_again)
    programs = Blueprint(_NAME, __name__)
    app.register_blueprint(programs)
    CSRF.exempt(programs)          # nobody is known here by a cookie, so nothing can be forged with one
    for path, ways in by_path().items():
        limit = max(o.body.limit if o.body is not None else 0 for o in ways.values())
        _any_method(app, BASE + re.sub(r"\{(\w+)\}", r"<\1>", path), path, takes_files(limit)(serve(ways)))
    _any_method(app, f"{_UNDER}<path:rest>", "nothing", nothing)
    app.add_url_rule(f"{BASE}/openapi.json", f"{_NAME}.document", _document)
    app.add_url_rule(_UNDER, "api_short", _to_reference)
    app.register_blueprint(_REFERENCE)
    portal_of(app).ways.append(Way("reference.start", "api.way"))


def _any_method(app: Flask, rule: str, name: str, view: object) -> None:
    """Route every method to *view*, which says itself what is allowed."""
    endpoint = f"{_NAME}.{re.sub('[^a-z]+', '-', name).strip('-')}"
    app.url_map.add(Rule(rule, endpoint=endpoint))
    app.view_functions[endpoint] = view  # type: ignore[assignment]  # Flask knows views by what they give back


def prepare(endpoint: str | None, values: object) -> None:
    """Before anything else looks at a request under ``/api/``: its answer is JSON in the language that it accepts, and
    only a token says who asks."""
    if not request.path.startswith(_UNDER) or request.path == _UNDER:
        return
    request.environ["HTTP_ACCEPT"] = "application/problem+json"
    g.lang = next((start for tag, _ in request.accept_languages if (start := tag.lower().split("-")[0]) in LANGUAGES),
                  LANGUAGES[0])
    if bearer() is None:
        remember("actor", PUBLIC)
        remember("opened_session", None)


def _again(answer: Response) -> Response:
    if (seconds := g.get("api_wait")) is not None:
        answer.headers["Retry-After"] = str(seconds)
    return answer


def _document() -> BaseResponse:
    """The OpenAPI document."""
    answer = make_response(json_text(document(portal().settings.public_url)))
    answer.content_type = "application/json"
    answer.headers["Cache-Control"] = "no-cache"
    answer.add_etag()
    return answer.make_conditional(request)


def _to_reference() -> BaseResponse:
    answer = redirect(url_for("reference.start", lang=preferred()), 302)
    answer.vary.update(("Accept-Language", "Cookie"))
    return answer


@_REFERENCE.get("/")
def start() -> Response:
    """The reference page, made of the document."""
    told = reference.told(document(portal().settings.public_url))
    return page("api/reference.html", told)
