"""Signing in at a provider (OpenID Connect), and linking one's identity there with one's account.

Only an installation that names a provider has these pages, and only then are they imported. A button of ours sends the
person on; the provider sends him back to one address for both languages, which looks at what he brings.
"""

from __future__ import annotations

from flask import Blueprint, Flask, Response, flash, g, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from zerofactory_engine.problems import ProblemsError
from zerofactory_web.accounts import gate, identities, oidc, oidc_button, pages_session, profile
from zerofactory_web.accounts.forms import again, attempt, sentence, shown, typed
from zerofactory_web.accounts.model import PersonIdentity
from zerofactory_web.accounts.oidc import Way
from zerofactory_web.accounts.oidc_provider import Provider
from zerofactory_web.accounts.oidc_token import Identity
from zerofactory_web.accounts.pages_account import above
from zerofactory_web.site.context import actor, portal, portal_of, request_id
from zerofactory_web.site.forms import FormErrors
from zerofactory_web.site.language import language, pages
from zerofactory_web.store.model import time_text

BLUEPRINT = pages("provider", __name__)
CALLBACK = Blueprint("provider_back", __name__)
#: The cookie that keeps a way; under https one that only this host may set.
COOKIE, SAFE_COOKIE = "zf_way", "__Host-zf_way"
_FIELDS = ("password", "code")
_SENT_BACK = ("state", "code", "error", "iss")


def register(app: Flask) -> None:
    """Add the pages, and the provider that they send people to."""
    here = portal_of(app)
    app.extensions[oidc_button.KEPT] = Provider(here.settings, here.store.clock)
    app.register_blueprint(BLUEPRINT)
    app.register_blueprint(CALLBACK)


def _provider() -> Provider:
    found = oidc_button.provider()
    assert found is not None, "these pages stand only where there is one"
    return found


@BLUEPRINT.post("/sign-in/provider")
def go() -> BaseResponse:
    """The button of the page where one signs in."""
    to = gate.own_path(request.form.get(gate.NEXT))
    try:
        return _sent(to)
    except ProblemsError as error:
        return again(error.problems, pages_session.form)


def _sent(to: str | None, session: str = "") -> BaseResponse:
    """On to the provider, with the cookie that keeps the way."""
    address, kept = oidc.begin(_provider(), portal().store.clock(), language(), to, session)
    answer = redirect(address, 303)
    safe = portal().settings.production
    answer.set_cookie(_cookie_name(), kept, max_age=int(oidc.LIFE.total_seconds()), path="/", secure=safe,
                      httponly=True, samesite="Lax")
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def _cookie_name() -> str:
    return SAFE_COOKIE if portal().settings.production else COOKIE


@CALLBACK.get("/sign-in/provider/callback")
def back() -> BaseResponse:
    """Where the provider sends people back to: in with them, or what is wrong."""
    store = portal().store
    way = oidc.way_of(portal().settings, request.cookies.get(_cookie_name(), "")[:8_000], store.clock())
    if way is not None:
        g.lang = way.language
    who: Identity | None = None
    try:
        given = {name: request.args[name][:8_000] for name in _SENT_BACK if name in request.args}
        who, counted = oidc.come_back(_provider(), store, way, given, address=gate.address(), session=gate.session_id(),
                                      request=request_id())
        answer = _linked(who, counted) if way is not None and way.links else _signed_in(who, counted, way)
    except ProblemsError as error:
        oidc.note_refusal(store, error, way, actor(), who=who, request=request_id())
        draw = _identity if way is not None and way.links and _signed_in_here() else pages_session.form
        answer = again(error.problems, draw)
    answer.delete_cookie(_cookie_name(), path="/", secure=portal().settings.production, httponly=True, samesite="Lax")
    answer.headers["Referrer-Policy"] = "no-referrer"         # the address holds what the provider sent
    return answer


def _signed_in_here() -> bool:
    return actor().known and actor().scopes is None


def _signed_in(who: Identity, counted: str, way: Way | None) -> BaseResponse:
    login = oidc.sign_in(portal().store, who, counted, agent=gate.agent(), request=request_id())
    to = gate.own_path(way.to) if way is not None else None
    return gate.begin(redirect(pages_session.after(login, to), 303), login)


def _linked(who: Identity, counted: str) -> BaseResponse:
    identities.link(portal().store, actor(), who.issuer, who.subject, attempt=counted, request=request_id())
    flash("account.said-identity-linked")
    return redirect(url_for("provider.identity"), 303)


@BLUEPRINT.get("/account/identity")
@gate.keyboard
def identity() -> Response:
    """Whether an identity is linked, and the form that links or unlinks it."""
    return _identity()


@BLUEPRINT.post("/account/identity/link")
@gate.keyboard
def link() -> BaseResponse:
    """Prove once more who sits there, then on to the provider."""
    store = portal().store
    try:
        if _own() is None:
            identities.prove(store, actor(), typed("password", 1_000), typed("code", 100), address=gate.address(),
                             request=request_id())
            return _sent(None, gate.session_id())
    except ProblemsError as error:
        return again(error.problems, _identity, _FIELDS)
    return redirect(url_for("provider.identity"), 303)


@BLUEPRINT.post("/account/identity/<ident>/unlink")
@gate.keyboard
def unlink(ident: str) -> BaseResponse:
    """Take it off the account."""
    return attempt(lambda: identities.unlink(
        portal().store, actor(), ident, typed("password", 1_000), typed("code", 100), address=gate.address(),
        request=request_id()), url_for("provider.identity"), _identity, _FIELDS, "account.said-identity-unlinked")


def _own() -> PersonIdentity | None:
    """The identity at the provider of now that is linked with the account of the person at the keyboard."""
    return next((r for r in identities.listed(portal().store, actor()) if r.issuer == _provider().issuer), None)


def _identity(errors: FormErrors | None = None, status: int = 200) -> Response:
    found, person = _own(), profile.own(portal().store, actor()).person
    if found is None:
        oidc_button.offered()                              # this page's form may lead on to the provider
    fields = ["password", "code"] if person.totp_secret is not None else ["password"]
    data = {"issuer": _provider().issuer, "linked": None if found is None else {
        "id": found.id, "since": time_text(found.created_at)}, "fields": fields}
    return shown("identity", data, sentence("account.identity"), above(), errors=errors, status=status,
                 email=person.email)
