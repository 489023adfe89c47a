"""Taking a link that somebody was given: a new account, a place in an organisation, a new password.

The address with the secret only leads on: the secret goes into the signed cookie of forms, so that it stands in no
address that is shown, kept in a history, or sent on as the page that somebody came from.
"""

from __future__ import annotations

from flask import Response, flash, redirect, request, session, url_for
from werkzeug.wrappers import Response as BaseResponse

from zerofactory_engine.problems import ProblemsError
from zerofactory_web.accounts import gate, invitations
from zerofactory_web.accounts.access import refused
from zerofactory_web.accounts.forms import again, attempt, options, sentence, shown, typed
from zerofactory_web.accounts.invitations import Offer
from zerofactory_web.accounts.pages_session import BLUEPRINT
from zerofactory_web.accounts.people import LANGUAGES
from zerofactory_web.site.context import actor, portal, request_id
from zerofactory_web.site.errors import problem_answer, status_of
from zerofactory_web.site.forms import FormErrors
from zerofactory_web.site.language import language
from zerofactory_web.store.model import time_text

_KEPT = "invitation"


@BLUEPRINT.get("/invitation/<secret>")
def invited(secret: str) -> BaseResponse:
    """The address that was handed over."""
    try:
        invitations.look(portal().store, secret)
    except ProblemsError as error:
        answer: BaseResponse = problem_answer(status_of(error.problems), error.problems)
    else:
        session[_KEPT] = secret
        answer = redirect(url_for("door.invitation"), 303)
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


@BLUEPRINT.get("/invitation")
def invitation() -> Response:
    """What the link opens, and the form or the button that takes it."""
    return _invitation()


@BLUEPRINT.post("/invitation")
def take() -> BaseResponse:
    """Take the link with a name and a password; signing in comes afterwards."""
    secret = _secret()
    was = invitations.look(portal().store, secret)
    try:
        invitations.take(portal().store, secret, name=typed("name"), password=typed("password", 2_000),
                         language=typed("language", 10), request=request_id())
    except ProblemsError as error:
        return again(error.problems, _invitation, ("name", "password", "language"))
    session.pop(_KEPT, None)
    answer = gate.leave(redirect(url_for("door.sign_in"), 303))     # whoever else was signed in here no longer is
    flash("account.said-password-set" if was.purpose == "reset" else "account.said-account-made")
    return answer


@BLUEPRINT.post("/invitation/accept")
@gate.enrolling
def accept() -> BaseResponse:
    """Take the link as the person who is signed in."""
    secret = _secret()

    def act() -> None:
        invitations.accept(portal().store, actor(), secret, request=request_id())
        session.pop(_KEPT, None)

    return attempt(act, url_for("me.account"), _invitation, said="account.said-accepted")


def _secret() -> str:
    """The secret of the link that the browser came with.

    Raises:
        ProblemsError: ``accounts.invitation-void``.
    """
    found = session.get(_KEPT)
    if not isinstance(found, str):
        raise refused("accounts.invitation-void")
    return found


def _invitation(errors: FormErrors | None = None, status: int = 200) -> Response:
    offer = invitations.look(portal().store, _secret())
    found = gate.present_session()
    signed_in = found.email if found is not None and found.actor is not None else None
    way = ("accept" if signed_in == offer.email else "other" if signed_in else "sign-in") if offer.known else "new"
    place = offer.organisation_zh if language() == "zh" else offer.organisation_en
    data = {"purpose": offer.purpose, "email": offer.email, "organisation": place, "member_role": offer.member_role,
            "expires_at": time_text(offer.expires_at), "way": way, "confirms": list(offer.confirms)}
    chosen = request.form.get("language", language())
    return shown("invitation", data, _title(offer), errors=errors, status=status, offer=offer, signed_in=signed_in,
                 name=typed("name"), to_sign_in=gate.way("door.sign_in", url_for("door.invitation")),
                 languages=options(LANGUAGES, "language", (chosen,)))


def _title(offer: Offer) -> str:
    return sentence("account.invitation-reset" if offer.purpose == "reset" else "account.invitation-title")
