"""The door of every page: whose session a request comes with, and who is sent to sign in first.

A person comes with the cookie of a session, a program with ``Authorization: Bearer``; where a program's token stands,
the cookie counts for nothing. A page says what it needs:

    @BLUEPRINT.get("/…")
    @required                      # a person who is signed in, or a program with a token (services look at its scopes)

    @BLUEPRINT.post("/…")
    @keyboard                      # a person only; a program is refused
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import NoReturn, ParamSpec, TypeVar, cast
from urllib.parse import quote, urlencode, urlsplit

from flask import Flask, Response, abort, g, make_response, redirect, request, session, url_for
from sqlalchemy.exc import DBAPIError
from werkzeug.wrappers import Response as BaseResponse

from zerofactory_engine.problems import Problem, ProblemsError
from zerofactory_web.accounts import sessions, tokens
from zerofactory_web.accounts.sessions import Login, Opened, Stage
from zerofactory_web.site.context import actor, actor_from, forget_actor, portal, remember, request_id
from zerofactory_web.site.errors import problem_json
from zerofactory_web.site.render import json_text, wants_json
from zerofactory_web.site.security import bearer
from zerofactory_web.store.unit import PUBLIC, Actor, refusal

COOKIE, SAFE_COOKIE = "zf_session", "__Host-zf_session"
#: What of the form's cookie lives on when somebody signs in or out: the invitation that he came with.
KEPT = ("invitation",)
NEXT = "next"
_LONGEST_PATH = 1_000
#: A path of this site: no host, no backslash, no space or control character (browsers drop those), no ``//``, no dots.
_OWN = re.compile(r"(?!.*//)(?!.*/\.)/[!-\[\]-~]*")
#: What a browser throws away when somebody signs out: pages that "back" would show, and all that scripts may have kept.
_CLEARED = '"cache", "storage"'
_REALM = 'Bearer realm="zerofactory"'
P = ParamSpec("P")
R = TypeVar("R")


def install(app: Flask) -> None:
    """Say who acts in the requests of *app*, and refuse tokens that are not good."""
    actor_from(app, _who)

    @app.before_request
    def known_token() -> BaseResponse | None:
        return _program_refused(401, Problem("accounts.not-signed-in"), 'error="invalid_token"') if (
            bearer() is not None and not actor().known) else None


def cookie_name() -> str:
    """The name of the cookie: one that only this host may set, where the site is under https."""
    return SAFE_COOKIE if portal().settings.production else COOKIE


def _who() -> Actor:
    token = bearer()
    try:
        if token is not None:
            return tokens.actor_of_token(portal().store, token) or PUBLIC
        found = present_session()
    except (DBAPIError, ProblemsError) as error:    # the page that says so is drawn for the public: nobody is known
        remember("actor", PUBLIC)
        remember("opened_session", None)
        if isinstance(error, ProblemsError):
            raise
        raise ProblemsError([refusal(error)]) from error
    return found.actor or PUBLIC if found is not None else PUBLIC


def present_session() -> Opened | None:
    """The session that the request came with, half ones too; None for a program."""
    if "opened_session" not in g:
        secret = given_secret()
        g.opened_session = sessions.opened(portal().store, secret) if secret else None
    return cast("Opened | None", g.opened_session)


def given_secret() -> str:
    """The secret in the cookie; empty without one, and for a program."""
    return "" if bearer() is not None else request.cookies.get(cookie_name(), "")[:200]


def session_id() -> str:
    """The id of the session of the person at the keyboard, behind :func:`keyboard`."""
    found = present_session()
    return found.session_id if found is not None else ""


def address() -> str:
    """The network address that the throttle counts; that of the trusted proxy's client where there is one."""
    return request.remote_addr or ""


def agent() -> str:
    """What the browser says of itself."""
    return request.headers.get("User-Agent", "")


def begin(answer: BaseResponse, login: Login) -> BaseResponse:
    """Give the browser the session that was begun; the one of before ends, and so do the forms of before."""
    earlier = given_secret()
    if earlier and earlier != login.secret:
        sessions.logout(portal().store, earlier, request=request_id())
    _fresh_forms()
    answer.set_cookie(cookie_name(), login.secret, path="/", secure=portal().settings.production, httponly=True,
                      samesite="Lax")
    return answer


def leave(answer: BaseResponse) -> BaseResponse:
    """End the session of the request and take its cookie back."""
    if secret := given_secret():
        sessions.logout(portal().store, secret, request=request_id())
    _fresh_forms()
    answer.delete_cookie(cookie_name(), path="/", secure=portal().settings.production, httponly=True, samesite="Lax")
    if portal().settings.production:                   # browsers obey it under https only
        answer.headers["Clear-Site-Data"] = _CLEARED
    return answer


def _fresh_forms() -> None:
    """Another key of forms: nobody who put the old one into this browser can post with it."""
    kept = {name: session[name] for name in KEPT if name in session}
    session.clear()
    session.update(kept)
    g.pop("csrf_token", None)
    g.pop("opened_session", None)
    forget_actor()


def own_path(given: str | None) -> str | None:
    """*given* when it is a path of this site, else None: nobody is sent elsewhere after signing in."""
    if not given or len(given) > _LONGEST_PATH:
        return None
    path, mark, query = given.partition("?")
    fits = _OWN.fullmatch(path) and (not mark or re.fullmatch(r"[!-\[\]-~]*", query))
    return given if fits and not urlsplit(given).netloc else None


def onward(fallback: str) -> str:
    """Where the request says that it wants to go, when that is a path of this site; else *fallback*."""
    return own_path(request.values.get(NEXT)) or fallback


def here() -> str | None:
    """The path to come back to: of this page, or, when something was sent, of the page that it was sent from."""
    if request.method in ("GET", "HEAD"):
        query = request.query_string.decode("ascii", "replace")
        return own_path(quote(request.path, safe="/@:+,;=!$&'()*~") + (f"?{query}" if query else ""))
    came = urlsplit(request.referrer or "")
    return own_path(f"{came.path}?{came.query}" if came.query else came.path) if came.netloc == request.host else None


def way(endpoint: str, to: str | None) -> str:
    """The address of a page of the door that leads on *to* a path."""
    return f"{url_for(endpoint)}?{urlencode({NEXT: to})}" if to else url_for(endpoint)


def require_signed_in(*, program: bool = True, enrolling: bool = False) -> Actor:
    """Who acts; else the request ends here.

    People who are not signed in are sent to sign in and come back, those who owe a code to give it, those whose role at
    the body asks for a second factor to set one up (not where *enrolling*). Programs without a token get 401 with
    ``WWW-Authenticate``; with one, 403 ``accounts.not-by-token`` unless *program*.
    """
    who = actor()
    if who.scopes is not None:
        if not program:
            abort(_program_refused(403, Problem("accounts.not-by-token")))
        return who
    found = present_session()
    if not who.known or found is None or (found.stage is Stage.ENROL and not enrolling):
        _send_away(found)
    return who


def _send_away(found: Opened | None) -> NoReturn:
    """End the request: where somebody with the session *found* has to go first."""
    if wants_json():
        enrol = found is not None and found.stage is Stage.ENROL
        abort(_program_refused(401, Problem("account.second-factor-first" if enrol else "accounts.not-signed-in")))
    stages = {Stage.CODE: "door.code", Stage.ENROL: "me.second_factor"}
    endpoint = "door.sign_in" if found is None else stages.get(found.stage, "door.sign_in")
    abort(cast(Response, redirect(way(endpoint, here()), 303)))


def _program_refused(status: int, problem: Problem, more: str = "") -> Response:
    """A problem as JSON, whatever the request accepts, with what a program has to send."""
    answer = make_response(json_text(problem_json(status, [problem])), status)
    answer.content_type = "application/problem+json"
    if status == 401:
        answer.headers["WWW-Authenticate"] = f"{_REALM}, {more}" if more else _REALM
    return answer


def required(view: Callable[P, R]) -> Callable[P, R]:
    """Somebody who is known: a person who is signed in, or a program with a token."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        require_signed_in()
        return view(*args, **kwargs)

    return guarded


def keyboard(view: Callable[P, R]) -> Callable[P, R]:
    """A person who is signed in; a program is refused."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        require_signed_in(program=False)
        return view(*args, **kwargs)

    return guarded


def enrolling(view: Callable[P, R]) -> Callable[P, R]:
    """As :func:`keyboard`, also for somebody who has to set up a second factor first."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        require_signed_in(program=False, enrolling=True)
        return view(*args, **kwargs)

    return guarded
