"""One's own account: what is known of it, name and password, sessions, tokens."""

from __future__ import annotations

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from zerofactory_engine.problems import ProblemsError
from zerofactory_web.accounts import account as passwords_of
from zerofactory_web.accounts import gate, identities, oidc_button, people, profile, sessions, tokens, views
from zerofactory_web.accounts.forms import Crumb, again, attempt, done, number, options, sentence, shown, typed
from zerofactory_web.accounts.model import SCOPES
from zerofactory_web.site.context import actor, portal, request_id
from zerofactory_web.site.forms import FormErrors, Option
from zerofactory_web.site.language import pages

BLUEPRINT = pages("me", __name__, "/account")
#: For how many days a token may be good, and what stands first.
TOKEN_DAYS, USUAL_DAYS = (30, 90, 180, 365), 90


def above() -> list[Crumb]:
    """The way to the pages of one's own account."""
    return [(sentence("account.account"), url_for("me.account"))]


@BLUEPRINT.get("/")
@gate.keyboard
def account() -> Response:
    """Everything about oneself, and the ways to change it."""
    store, who = portal().store, actor()
    found = profile.own(store, who)
    data = {**views.profile(found, store.clock().date()), "staff": found.staff,
            "sessions": len(sessions.listed(store, who)), "tokens": len(tokens.listed(store, who))}
    if (found_provider := oidc_button.provider()) is not None:
        data["identity"] = any(r.issuer == found_provider.issuer for r in identities.listed(store, who))
    return shown("account", data, sentence("account.account"), [])


@BLUEPRINT.get("/name")
@gate.keyboard
def name() -> Response:
    """The form of name and language."""
    return _name()


@BLUEPRINT.post("/name")
@gate.keyboard
def change_name() -> BaseResponse:
    """Change them."""
    return attempt(lambda: people.change_self(portal().store, actor(), name=typed("name"),
                                              language=typed("language", 10), request=request_id()),
                   url_for("me.account"), _name, ("name", "language"), "account.said-changed")


def _name(errors: FormErrors | None = None, status: int = 200) -> Response:
    row = profile.own(portal().store, actor()).person
    sent = request.form
    chosen = sent.get("language", row.language)
    return shown("name", {"name": row.name, "language": row.language}, sentence("account.name-title"), above(),
                 errors=errors, status=status, name=sent.get("name", row.name),
                 languages=options(people.LANGUAGES, "language", (chosen,)))


@BLUEPRINT.get("/password")
@gate.keyboard
def password() -> Response:
    """The form of a new password."""
    return _password()


@BLUEPRINT.post("/password")
@gate.keyboard
def change_password() -> BaseResponse:
    """Take another password; every other session ends."""
    return attempt(lambda: passwords_of.change_password(
        portal().store, actor(), gate.session_id(), typed("old", 1_000), typed("new", 1_000), address=gate.address(),
        request=request_id()), url_for("me.account"), _password, ("old", "new"), "account.said-password")


def _password(errors: FormErrors | None = None, status: int = 200) -> Response:
    found = gate.present_session()
    return shown("password", {"fields": ["old", "new"]}, sentence("account.password-title"), above(), errors=errors,
                 status=status, email=found.email if found is not None else "")


@BLUEPRINT.get("/sessions")
@gate.keyboard
def session_list() -> Response:
    """One's sessions that are alive."""
    rows = [views.session(r, gate.session_id()) for r in sessions.listed(portal().store, actor())]
    return shown("sessions", {"sessions": rows}, sentence("account.sessions"), above())


@BLUEPRINT.post("/sessions/<ident>/revoke")
@gate.keyboard
def revoke_session(ident: str) -> BaseResponse:
    """End one of them; the one that asks is signed out."""
    if ident == gate.session_id():
        return gate.leave(redirect(url_for("door.sign_in"), 303))
    sessions.revoke(portal().store, actor(), ident, request=request_id())
    return done(url_for("me.session_list"), "account.said-session")


@BLUEPRINT.post("/sessions/others")
@gate.keyboard
def revoke_others() -> BaseResponse:
    """End all but the one that asks."""
    sessions.revoke_others(portal().store, actor(), gate.session_id(), request=request_id())
    return done(url_for("me.session_list"), "account.said-sessions")


@BLUEPRINT.get("/tokens")
@gate.keyboard
def token_list() -> Response:
    """One's tokens, and the form for another."""
    return _tokens()


@BLUEPRINT.post("/tokens")
@gate.keyboard
def create_token() -> BaseResponse:
    """Make a token; it stands in this one answer and nowhere else, so there is no page to go on to."""
    try:
        ident, secret = tokens.create(portal().store, actor(), typed("name"), request.form.getlist("scopes")[:20],
                                      number("days"), request=request_id())
    except ProblemsError as error:
        return again(error.problems, _tokens, ("name", "scopes", "days"))
    return shown("token", {"id": ident, "token": secret}, sentence("account.token-made"),
                 [*above(), (sentence("account.tokens"), url_for("me.token_list"))])


def _tokens(errors: FormErrors | None = None, status: int = 200) -> Response:
    now = portal().store.clock()
    rows = [views.token(r, now) for r in tokens.listed(portal().store, actor())]
    taken = number("days") or USUAL_DAYS
    spans = [Option(str(n), sentence("account.days", count=n), checked=n == taken) for n in TOKEN_DAYS]
    return shown("tokens", {"tokens": rows, "scopes": list(SCOPES)}, sentence("account.tokens"), above(),
                 errors=errors, status=status, name=typed("name"), spans=spans,
                 scopes=options(SCOPES, "scope", request.form.getlist("scopes"), hints=True))


@BLUEPRINT.post("/tokens/<ident>/revoke")
@gate.keyboard
def revoke_token(ident: str) -> BaseResponse:
    """Make one of one's tokens void."""
    tokens.revoke(portal().store, actor(), ident, request=request_id())
    return done(url_for("me.token_list"), "account.said-token")
