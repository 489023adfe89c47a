"""A page for people and the same data for programs: one view gives both."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from flask import Flask, Response, make_response, render_template, request
from jinja2 import StrictUndefined

from zerofactory_engine.canonical import jsonable
from zerofactory_engine.messages import render as sentence
from zerofactory_mappings.publishing.formulas import marked_up
from zerofactory_mappings.publishing.words import Words
from zerofactory_web.site import language as languages
from zerofactory_web.site.context import actor, portal, request_id
from zerofactory_web.site.forms import FormErrors
from zerofactory_web.site.security import nonce
from zerofactory_web.site.uploads import shown_name

__all__ = ["page", "shown_name", "wants_json", "words"]


def wants_json() -> bool:
    """Whether the client asks for data: ``?format=json``, or an ``Accept`` that prefers JSON to a page."""
    asked = request.args.get("format")
    if asked is not None:
        return asked == "json"
    best = request.accept_mimetypes.best_match(("text/html", "application/json", "application/problem+json"))
    return best is not None and best != "text/html"


def words() -> Words:
    """Sentences and figures in the language of the present page."""
    return Words(languages.language())


def page(template: str, data: Mapping[str, Any], *, status: int = 200, errors: FormErrors | None = None,
         **shown: Any) -> Response:
    """The page of *template*, or *data* as JSON when the client asks for it.

    *data* is what the page says, in plain values (decimals become strings); *shown* is only for its look.
    """
    if wants_json():
        answer = make_response(json_text(data), status)
        answer.content_type = "application/json"
    else:
        answer = make_response(render_template(template, data=data, errors=errors or FormErrors(), **shown), status)
    answer.vary.add("Accept")
    return answer


def json_text(data: Any) -> str:
    """*data* as JSON text; decimals as strings in plain notation."""
    import json

    return json.dumps(jsonable(data), ensure_ascii=False, indent=1) + "\n"


def day(value: date | datetime | None) -> str:
    """A date for people, the same in both languages."""
    return "—" if value is None else value.strftime("%Y-%m-%d")


def minute(value: datetime | None) -> str:
    """A moment for people, in UTC and said so."""
    return "—" if value is None else value.strftime("%Y-%m-%d %H:%M UTC")


def install(app: Flask) -> None:
    """What every template may say."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(chem=marked_up, day=day, minute=minute)

    @app.context_processor
    def common() -> dict[str, Any]:
        w = words()
        here = portal()
        who = actor()
        return {
            "t": lambda code, **args: sentence(code, w.language, args), "w": w, "lang": w.language,
            "lang_tag": languages.TAGS[w.language], "nonce": nonce, "alternates": languages.alternates,
            "actor": who, "request_id": request_id(), "production": here.settings.production,
            "ways": [x for x in here.ways if x.seen_by(who)],
            "account_ways": [x for x in here.account_ways if x.seen_by(who)],
        }
