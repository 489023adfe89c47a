"""Signing in and out."""

from __future__ import annotations

from flask import Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from zerofactory_engine.problems import ProblemsError
from zerofactory_web.accounts import gate, oidc_button, sessions
from zerofactory_web.accounts.forms import again, done, sentence, shown, typed
from zerofactory_web.accounts.sessions import Login, Stage
from zerofactory_web.site.context import actor, portal, request_id
from zerofactory_web.site.forms import FormErrors
from zerofactory_web.site.language import pages

BLUEPRINT = pages("door", __name__)
#: Where people land who did not come from a page.
LANDING = "me.account"


@BLUEPRINT.get("/sign-in")
def sign_in() -> BaseResponse:
    """The form of address and password; whoever is signed in goes on."""
    found = gate.present_session()
    if found is not None and found.stage is Stage.OPEN:
        return redirect(gate.onward(url_for(LANDING)), 303)
    return form()


@BLUEPRINT.post("/sign-in")
def enter() -> BaseResponse:
    """Begin a session."""
    try:
        login = sessions.login(portal().store, typed("email", 400), typed("password", 1_000), address=gate.address(),
                               agent=gate.agent(), request=request_id())
    except ProblemsError as error:
        return again(error.problems, form, ("email", "password"))
    return gate.begin(redirect(after(login, _onward()), 303), login)


def form(errors: FormErrors | None = None, status: int = 200) -> Response:
    """The page where one signs in."""
    to = _onward()
    ended = bool(gate.given_secret()) and gate.present_session() is None
    data = {"fields": ["email", "password"], "next": to, "ended": ended and errors is None}
    other = oidc_button.offered()
    return shown("sign_in", data | ({"provider": other} if other else {}),
                 sentence("account.sign-in"), errors=errors, status=status, email=typed("email", 400))


def _onward() -> str | None:
    """The path of this site that the request says it wants to go on to."""
    return gate.own_path(request.values.get(gate.NEXT))


def after(login: Login, to: str | None) -> str:
    """Where a session that was begun goes: to the code, to a second factor, or *to* where the person wanted to go."""
    if login.stage is Stage.CODE:
        return gate.way("door.code", to)
    if login.stage is Stage.ENROL:
        return gate.way("me.second_factor", to)
    if to is None and (found := sessions.opened(portal().store, login.secret)) is not None:
        return url_for(LANDING, lang=found.language)      # the language that the person chose for himself
    return to or url_for(LANDING)


@BLUEPRINT.get("/sign-in/code")
def code() -> BaseResponse:
    """The form of the second factor."""
    found = gate.present_session()
    if found is None or found.stage is not Stage.CODE:
        return redirect(gate.way("door.sign_in", gate.own_path(request.args.get(gate.NEXT))), 303)
    return _code()


@BLUEPRINT.post("/sign-in/code")
def give_code() -> BaseResponse:
    """Give the second factor: the half session becomes a whole one with another secret."""
    try:
        login = sessions.give_code(portal().store, gate.given_secret(), typed("code", 100), address=gate.address(),
                                   agent=gate.agent(), request=request_id())
    except ProblemsError as error:
        if any(p.code == "accounts.signed-out" for p in error.problems):
            return done(gate.way("door.sign_in", gate.own_path(request.form.get(gate.NEXT))))
        return again(error.problems, _code, ("code",))
    return gate.begin(redirect(after(login, _onward()), 303), login)


def _code(errors: FormErrors | None = None, status: int = 200) -> Response:
    return shown("code", {"fields": ["code"], "next": gate.own_path(request.values.get(gate.NEXT))},
                 sentence("account.code-title"), errors=errors, status=status)


@BLUEPRINT.get("/sign-out")
def sign_out() -> BaseResponse:
    """The button that signs out; a link alone signs nobody out."""
    if gate.present_session() is None:
        return redirect(url_for("door.sign_in"), 303)
    return shown("sign_out", {"name": actor().name}, sentence("account.sign-out"))


@BLUEPRINT.post("/sign-out")
def leave() -> BaseResponse:
    """End the session."""
    gone = gate.leave(redirect(url_for("door.sign_in"), 303))
    flash("account.said-signed-out")
    return gone
