"""What every answer tells the browser not to do, and that a form comes from our own page."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, request
from flask_wtf.csrf import CSRFProtect, generate_csrf

from zerofactory_web.settings import Settings
from zerofactory_web.site.context import portal
from zerofactory_web.store.keys import web_secret

View = TypeVar("View", bound=Callable[..., Any])

_HSTS = "max-age=63072000; includeSubDomains"
_OFF = ("accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "fullscreen", "geolocation",
        "gyroscope", "magnetometer", "microphone", "midi", "payment", "publickey-credentials-get", "usb")
_PERMISSIONS = ", ".join(f"{name}=()" for name in _OFF)
_FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",             # the check of forms under https reads it
    "Permissions-Policy": _PERMISSIONS,
}
_OPEN_TO_PROGRAMS = "zerofactory_open_to_programs"
CSRF = CSRFProtect()


def nonce() -> str:
    """The word that lets the scripts and styles of this one answer run."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    found: str = g.nonce
    return found


def policy() -> str:
    """The Content-Security-Policy of a page: nothing but our own, no inline code without this answer's nonce."""
    mine = f"'nonce-{nonce()}'"
    forms = " ".join(("'self'", *g.get("form_origins", ())))
    return "; ".join((
        "default-src 'none'", "object-src 'none'", f"script-src {mine}", f"style-src 'self' {mine}",
        "img-src 'self' data:", "font-src 'self'", "connect-src 'self'", "manifest-src 'self'",
        f"form-action {forms}", "base-uri 'none'", "frame-ancestors 'none'"))


def forms_lead_to(origin: str) -> None:
    """Let the forms of this one page end at *origin* (``https://host``): Chromium also checks where our own answer to a
    form sends on."""
    g.form_origins = (origin,)


def open_to_programs(view: View) -> View:
    """Let programs that send no cookie post to *view*: it changes nothing and knows nobody, so nothing can be forged.

    A request with any cookie still needs the form's token.
    """
    setattr(view, _OPEN_TO_PROGRAMS, True)
    return view


def bearer() -> str | None:
    """The token that a program sent in ``Authorization: Bearer``; its cookies count for nothing then.

    No page of somebody else can make a browser send it, so such a request needs no token of a form.
    """
    found = request.authorization
    return (found.token or "") if found is not None and found.type == "bearer" else None


def install(app: Flask, settings: Settings) -> None:
    """Keys, cookies, the check of forms, headers."""
    safe = settings.production
    app.config.update(
        SECRET_KEY=web_secret(settings), SESSION_COOKIE_NAME="__Host-zf_form" if safe else "zf_form",
        SESSION_COOKIE_SAMESITE="Lax", SESSION_COOKIE_HTTPONLY=True, SESSION_COOKIE_SECURE=safe,
        WTF_CSRF_CHECK_DEFAULT=False, WTF_CSRF_TIME_LIMIT=settings.session_limit, WTF_CSRF_SSL_STRICT=safe)
    CSRF.init_app(app)
    app.before_request(_look_only)
    app.before_request(_check_form)
    app.after_request(_headers)


def form_token() -> str:
    """The token that a form carries."""
    token: str = generate_csrf()
    return token


def _look_only() -> None:
    """To whoever asks for the head of a page it is shown, as with GET (the server leaves the body of the answer away).

    A view that tells showing from doing by the method would take it for something that was sent, and no token of a form
    is asked of HEAD.
    """
    if request.method == "HEAD":
        request.method = "GET"


def _check_form() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    if bearer() is not None or (getattr(view, _OPEN_TO_PROGRAMS, False) and not request.cookies):
        return
    CSRF.protect(apply_exemptions=True)


def _headers(answer: Response) -> Response:
    for name, value in _FIXED.items():
        answer.headers.setdefault(name, value)
    answer.headers.setdefault("Content-Security-Policy", policy())
    if portal().settings.production:
        answer.headers.setdefault("Strict-Transport-Security", _HSTS)
    answer.headers.setdefault("Cache-Control", "no-store")      # pages may hold what only this person may see
    return answer
