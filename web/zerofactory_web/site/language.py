"""Two languages by address: every page stands under ``/zh/`` and ``/en/``; a cookie only sets the default."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Flask, Response, g, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from zerofactory_web.site.context import portal

LANGUAGES = ("zh", "en")
#: Language tags of pages, and what each language calls itself.
TAGS = {"zh": "zh-Hans", "en": "en"}
NAMES = {"zh": "中文", "en": "English"}
COOKIE, SAFE_COOKIE = "zf_language", "__Host-zf_language"
_YEAR = 31_536_000


def pages(name: str, import_name: str, path: str = "") -> Blueprint:
    """A blueprint whose pages stand under both languages; views do not see the language (:func:`language`)."""
    return Blueprint(name, import_name, url_prefix=f"/<any(zh, en):lang>{path}", template_folder="templates")


def language() -> str:
    """``zh`` or ``en``: that of the address, else of the cookie, else what the browser prefers."""
    if g.get("lang") is None:
        first = request.path.split("/", 2)[1] if request.path.startswith("/") else ""
        g.lang = first if first in LANGUAGES else preferred()
    found: str = g.lang
    return found


def cookie_name() -> str:
    """The name of the cookie: one that only this host may set, where the site is under https."""
    return SAFE_COOKIE if portal().settings.production else COOKIE


def preferred() -> str:
    """The language for somebody whose address names none."""
    chosen = request.cookies.get(cookie_name())
    if chosen in LANGUAGES:
        return chosen
    for tag, _ in request.accept_languages:
        if (start := tag.lower().split("-")[0]) in LANGUAGES:
            return start
    return LANGUAGES[0]


def switched(lang: str) -> str:
    """The address of the present page in *lang*, with its query."""
    if request.endpoint is None or request.url_rule is None or "lang" not in request.url_rule.arguments:
        return url_for("portal.home", lang=lang)
    address = url_for(request.endpoint, **{**(request.view_args or {}), "lang": lang})
    query = urlencode(list(request.args.items(multi=True)))     # never as arguments of url_for, which obeys some names
    return f"{address}?{query}" if query else address


def alternates() -> list[dict[str, str]]:
    """The same page in each language: tag, name, path and full address."""
    base = portal().settings.public_url.rstrip("/")
    return [{"tag": TAGS[lang], "lang": lang, "name": NAMES[lang], "path": switched(lang),
             "href": base + switched(lang)} for lang in LANGUAGES]


def front_door() -> BaseResponse:
    """``/``: on to the language of the cookie or the browser."""
    answer = redirect(url_for("portal.home", lang=preferred()), 302)
    answer.vary.update(("Accept-Language", "Cookie"))
    return answer


def install(app: Flask) -> None:
    """Take the language from addresses and put it into those that are made."""

    @app.url_value_preprocessor
    def take(endpoint: str | None, values: dict[str, Any] | None) -> None:
        if values is not None and "lang" in values:
            g.lang = values.pop("lang")

    @app.url_defaults
    def put(endpoint: str, values: dict[str, Any]) -> None:
        if "lang" not in values and app.url_map.is_endpoint_expecting(endpoint, "lang"):
            values["lang"] = language()

    @app.after_request
    def remembered(answer: Response) -> Response:
        shown = request.url_rule is not None and "lang" in request.url_rule.arguments
        if shown and request.method == "GET" and answer.mimetype == "text/html" and (
                request.cookies.get(cookie_name()) != language()):
            answer.set_cookie(cookie_name(), language(), max_age=_YEAR, samesite="Lax", httponly=True,
                              secure=portal().settings.production)
        if answer.mimetype in ("text/html", "application/problem+json"):
            answer.headers.setdefault("Content-Language", TAGS[language()])
        return answer

    app.add_url_rule("/", "front_door", front_door)
