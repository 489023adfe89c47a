"""An organisation as its members and the body see it: particulars, members, invitations that wait."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, abort, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_web.accounts import gate, invitations, people, profile, views
from zerofactory_web.accounts.forms import (
    Crumb,
    again,
    attempt,
    done,
    number,
    options,
    reason,
    sentence,
    shown,
    typed,
)
from zerofactory_web.accounts.model import MEMBER_ROLES, Organisation
from zerofactory_web.accounts.pages_account import above
from zerofactory_web.accounts.people import LANGUAGES
from zerofactory_web.accounts.sure import Question
from zerofactory_web.accounts.words import Words
from zerofactory_web.site.context import actor, portal, request_id
from zerofactory_web.site.forms import FormErrors
from zerofactory_web.site.language import language, pages
from zerofactory_web.store.model import time_text

BLUEPRINT = pages("members", __name__, "/organisations")
PARTICULARS = ("name_zh", "name_en", "credit_code", "lei", "address_zh", "address_en")


@BLUEPRINT.get("/<ident>")
@gate.keyboard
def organisation(ident: str) -> Response:
    """One organisation."""
    return _organisation(ident)


def _organisation(ident: str, errors: FormErrors | None = None, status: int = 200) -> Response:
    store, who = portal().store, actor()
    place = people.organisation(store, who, ident)
    manages = profile.may_manage(store, who, place)
    waiting = invitations.pending(store, who, ident) if manages else ()
    members = [{"membership": m.id, "name": p.name, "email": p.email, "role": m.role, "since": time_text(m.since),
                "self": p.id == who.id} for m, p in people.members(store, who, ident)]
    data = {"organisation": views.organisation(place), "manages": manages, "members": members,
            "invitations": [views.invitation(row) for row in waiting]}
    return shown("organisation", data, views.name_of(place), above(), errors=errors, status=status,
                 email=typed("email", 400), roles=options(MEMBER_ROLES, "member", (request.form.get(
                     "member_role", "member"),), hints=True))


@BLUEPRINT.post("/<ident>/invitations")
@gate.keyboard
def invite(ident: str) -> BaseResponse:
    """Make a link; it stands in this one answer and nowhere else."""
    try:
        given = invitations.invite(portal().store, actor(), ident, typed("email", 400),
                                   member_role=typed("member_role", 20), request=request_id())
    except ProblemsError as error:
        return again(error.problems, lambda errors, status: _organisation(ident, errors, status),
                     ("email", "member_role"))
    place = people.organisation(portal().store, actor(), ident)
    links = {lang: given.link(portal().settings, lang) for lang in sorted(LANGUAGES, key=lambda x: x != language())}
    data = {"id": given.invitation_id, "email": typed("email", 400).strip(), "links": links,
            "expires_at": time_text(given.expires_at), "organisation": ident}
    return shown("invited", data, sentence("account.invited-title"), _above(place), place=views.name_of(place))


@BLUEPRINT.post("/<ident>/invitations/<invitation>/revoke")
@gate.keyboard
def revoke_invitation(ident: str, invitation: str) -> BaseResponse:
    """Make a link void."""
    if invitation not in {row.id for row in invitations.pending(portal().store, actor(), ident)}:
        abort(404)
    invitations.revoke(portal().store, actor(), invitation, request=request_id())
    return done(url_for("members.organisation", ident=ident), "account.said-invitation")


@BLUEPRINT.post("/<ident>/members/<membership>/role")
@gate.keyboard
def member_role(ident: str, membership: str) -> BaseResponse:
    """Make a member a manager, or the other way round."""
    _member(ident, membership)
    return attempt(lambda: people.set_member_role(portal().store, actor(), membership, typed("role", 20),
                                                  request=request_id()),
                   url_for("members.organisation", ident=ident),
                   lambda errors, status: _organisation(ident, errors, status), said="account.said-member")


@BLUEPRINT.route("/<ident>/members/<membership>/end", methods=["GET", "POST"])
@gate.keyboard
def end_member(ident: str, membership: str) -> BaseResponse:
    """Part a member from the organisation, or leave it."""
    place, name, mine = _member(ident, membership)
    if not mine and not profile.may_manage(portal().store, actor(), place):
        abort(404)
    back = url_for("me.account") if mine else url_for("members.organisation", ident=ident)
    question = Question("account.member-leave" if mine else "account.member-end",
                        (("account.organisation", views.name_of(place)), ("account.name", name)), back,
                        "account.said-member-ended", _above(place))
    return question.settle(lambda: people.end_membership(portal().store, actor(), membership, reason(),
                                                         request=request_id()))


def _member(ident: str, membership: str) -> tuple[Organisation, str, bool]:
    """The organisation, the name of the member, and whether it is who asks; 404 when he is none of its members."""
    place = people.organisation(portal().store, actor(), ident)
    found = next((p for m, p in people.members(portal().store, actor(), ident) if m.id == membership), None)
    if found is None:
        abort(404)
    return place, found.name, found.id == actor().id


def _above(place: Organisation) -> list[Crumb]:
    return [*above(), (views.name_of(place), url_for("members.organisation", ident=place.id))]


@BLUEPRINT.get("/<ident>/particulars")
@gate.keyboard
def particulars(ident: str) -> Response:
    """The form of names, codes and address."""
    return _particulars(ident)


@BLUEPRINT.post("/<ident>/particulars")
@gate.keyboard
def change_particulars(ident: str) -> BaseResponse:
    """Write them over those of the version that the form was opened with."""
    return attempt(
        lambda: particulars_kept(lambda given: people.change_organisation(
            portal().store, actor(), ident, number("version"), **given, request=request_id())),
        url_for("members.organisation", ident=ident), lambda errors, status: _particulars(ident, errors, status),
        PARTICULARS, "account.said-changed")


def particulars_kept(act: Callable[[dict[str, Any]], object]) -> None:
    """Hand what the form says of an organisation to *act*.

    Raises:
        ProblemsError: ``account.code-taken`` when another organisation has the credit code or the LEI; as *act*.
    """
    address = {lang: _line(f"address_{lang}") for lang in LANGUAGES}
    given: dict[str, Any] = {name: typed(name) for name in PARTICULARS if not name.startswith("address")}
    try:
        act({**given, "address": address if any(address.values()) else None})
    except ProblemsError as error:
        if any(p.code == "store.taken" for p in error.problems):
            raise ProblemsError([Problem("account.code-taken", Place(path="credit_code"))]) from error
        raise


def _line(name: str) -> str:
    """An address in one line; empty when there is none.

    Raises:
        ProblemsError: control characters, or too long.
    """
    if not typed(name).strip():
        return ""
    words = Words()
    text = words.text(name, typed(name), people.NAME_LENGTH)
    words.done()
    return text


def _particulars(ident: str, errors: FormErrors | None = None, status: int = 200) -> Response:
    place = people.organisation(portal().store, actor(), ident)
    if not profile.may_manage(portal().store, actor(), place):
        abort(404)
    return shown("particulars", views.organisation(place), sentence("account.particulars"), _above(place),
                 errors=errors, status=status, given=particulars_given(place),
                 version=number("version") or place.version)


def particulars_given(place: Organisation | None) -> dict[str, str]:
    """What the fields hold: what was sent, else what is kept."""
    kept = {} if place is None else {
        "name_zh": place.name_zh, "name_en": place.name_en, "credit_code": place.credit_code or "",
        "lei": place.lei or "", **{f"address_{lang}": str((place.address or {}).get(lang) or "") for lang in LANGUAGES}}
    return {name: request.form.get(name, kept.get(name, "")) for name in PARTICULARS}
