"""The second factor of one's own account: set up, renewed recovery codes, removed."""

from __future__ import annotations

import segno
from flask import Response, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from zerofactory_engine.problems import ProblemsError
from zerofactory_web.accounts import gate, identities, profile, second_factor
from zerofactory_web.accounts.forms import again, attempt, done, sentence, shown, typed
from zerofactory_web.accounts.pages_account import BLUEPRINT, above
from zerofactory_web.accounts.sessions import Stage
from zerofactory_web.site.context import actor, portal, request_id
from zerofactory_web.site.forms import FormErrors

_QR_SCALE = 5
_GROUP = 4


def qr(text: str) -> Markup:
    """*text* as a QR code (ISO/IEC 18004, level M) in SVG: black on white in every theme, with its quiet zone."""
    drawn = segno.make(text, error="m", micro=False).svg_inline(
        scale=_QR_SCALE, dark="#000", light="#fff", border=_GROUP)
    return Markup(drawn)  # noqa: S704 - paths that segno drew; the text itself is not in them


@BLUEPRINT.get("/second-factor", endpoint="second_factor")
@gate.enrolling
def second_factor_page() -> Response:
    """How it stands, and the next step."""
    return _page()


@BLUEPRINT.post("/second-factor/begin")
@gate.enrolling
def begin() -> BaseResponse:
    """Make a seed that waits for its first code."""
    to = gate.way("me.second_factor", gate.own_path(request.form.get(gate.NEXT)))
    return attempt(lambda: second_factor.begin(portal().store, actor(), request=request_id()), to, _page)


@BLUEPRINT.post("/second-factor")
@gate.enrolling
def finish() -> BaseResponse:
    """Set it up with its first code; the recovery codes stand in this one answer and nowhere else.

    The password is asked for once more, but of somebody who has signed in just now and can do nothing else first.
    """
    try:
        if (found := gate.present_session()) is not None and found.stage is Stage.OPEN:
            identities.prove(portal().store, actor(), typed("password", 1_000), "", address=gate.address(),
                             request=request_id())
        codes = second_factor.finish(portal().store, actor(), gate.session_id(), typed("code", 100),
                                     address=gate.address(), request=request_id())
    except ProblemsError as error:
        return again(error.problems, _page, ("password", "code"))
    return _codes(codes)


def _page(errors: FormErrors | None = None, status: int = 200) -> Response:
    store, who, found = portal().store, actor(), gate.present_session()
    row = profile.own(store, who)
    is_set = row.person.totp_secret is not None
    waits = None if is_set else second_factor.waiting(store, who)
    data = {"set": is_set, "recovery_left": row.recovery_left, "secret": None if waits is None else waits.secret,
            "address": None if waits is None else waits.address, "asked": portal().settings.body_totp,
            "first": found is not None and found.stage is Stage.ENROL,
            "next": gate.own_path(request.values.get(gate.NEXT))}
    return shown("second_factor", data, sentence("account.second-factor"), above(), errors=errors, status=status,
                 code_drawn=None if waits is None else qr(waits.address),
                 grouped="" if waits is None else in_groups(waits.secret))


def in_groups(secret: str) -> str:
    """A seed as people type it: four at a time."""
    return " ".join(secret[i:i + _GROUP] for i in range(0, len(secret), _GROUP))


def _codes(codes: tuple[str, ...]) -> Response:
    return shown("codes", {"codes": list(codes), "next": gate.own_path(request.form.get(gate.NEXT))},
                 sentence("account.codes-title"), above())


@BLUEPRINT.get("/second-factor/recovery")
@gate.keyboard
def recovery() -> Response:
    """The form for new recovery codes."""
    return _ask_code("recovery")


@BLUEPRINT.post("/second-factor/recovery")
@gate.keyboard
def new_recovery() -> BaseResponse:
    """New recovery codes in place of those that are left."""
    try:
        codes = second_factor.new_recovery_codes(portal().store, actor(), typed("code", 100), address=gate.address(),
                                                 request=request_id())
    except ProblemsError as error:
        return again(error.problems, lambda errors, status: _ask_code("recovery", errors, status), ("code",))
    return _codes(codes)


@BLUEPRINT.get("/second-factor/remove")
@gate.keyboard
def remove() -> Response:
    """The form for doing without it, or for another app."""
    return _ask_code("remove")


@BLUEPRINT.post("/second-factor/remove")
@gate.keyboard
def removed() -> BaseResponse:
    """Take it off the account."""
    try:
        second_factor.remove(portal().store, actor(), typed("code", 100), address=gate.address(),
                             session_id=gate.session_id(), request=request_id())
    except ProblemsError as error:
        return again(error.problems, lambda errors, status: _ask_code("remove", errors, status), ("code",))
    return done(url_for("me.second_factor"), "account.said-second-factor-removed")


def _ask_code(what: str, errors: FormErrors | None = None, status: int = 200) -> Response:
    crumbs = [*above(), (sentence("account.second-factor"), url_for("me.second_factor"))]
    title = sentence(f"account.second-factor-{what}")
    return shown("with_code", {"fields": ["code"]}, title, crumbs, errors=errors, status=status, what=what,
                 text=sentence(f"account.second-factor-{what}-text"), danger=what == "remove")
