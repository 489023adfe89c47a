"""Administration: who has an account, which organisations there are."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import Response, abort, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from zerofactory_web.accounts import gate, links, people, profile, roles, views
from zerofactory_web.accounts.access import ADMINISTRATOR
from zerofactory_web.accounts.forms import Crumb, attempt, options, reason, sentence, shown, typed
from zerofactory_web.accounts.model import ORGANISATION_KINDS
from zerofactory_web.accounts.pages_organisation import particulars_given, particulars_kept
from zerofactory_web.accounts.sure import Question
from zerofactory_web.site.context import actor, portal, request_id
from zerofactory_web.site.forms import FormErrors
from zerofactory_web.site.language import pages

BLUEPRINT = pages("office", __name__, "/administration")
#: People on one page of the list.
PAGE = 50
P = ParamSpec("P")
R = TypeVar("R")


def administrators(view: Callable[P, R]) -> Callable[P, R]:
    """For administrators at the keyboard; for everybody else there is no such page."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        if ADMINISTRATOR not in gate.require_signed_in(program=False).roles:
            abort(404)
        return view(*args, **kwargs)

    return guarded


def above() -> list[Crumb]:
    """The way to the pages of administration."""
    return [(sentence("account.administration"), url_for("office.start"))]


@BLUEPRINT.get("/")
@administrators
def start() -> Response:
    """What waits, and the ways to the lists."""
    store, who = portal().store, actor()
    places = people.organisations(store, who)
    data = {"waiting": len(roles.waiting(store, who)), "held": len(roles.held(store, who)),
            "people": len(people.people(store, who)), "organisations": len(places),
            "bodies": [views.organisation(o) for o in places if o.kind != "applicant"]}
    return shown("office", data, sentence("account.administration"))


@BLUEPRINT.get("/people")
@administrators
def people_list() -> Response:
    """Everybody with an account, by name; ``q`` looks in names, addresses and organisations."""
    wanted = request.args.get("q", "")[:100].strip()
    found = [x for x in profile.everybody(portal().store, actor()) if wanted.lower() in " ".join(
        (x.person.name, x.person.email, *(n for o in x.organisations for n in (o.name_zh, o.name_en)))).lower()]
    count = max(1, -(-len(found) // PAGE))
    at = min(max(request.args.get("page", 1, int), 1), count)
    rows = [{**views.person(x.person), "roles": list(x.roles), "organisations": [views.name_of(o) for o in
             x.organisations]} for x in found[(at - 1) * PAGE:at * PAGE]]
    return shown("people", {"people": rows, "found": len(found), "page": at, "pages": count},
                 sentence("account.people"), above(), q=wanted,
                 page_address=lambda n: url_for("office.people_list", q=wanted or None, page=n))


@BLUEPRINT.get("/people/<ident>")
@administrators
def person(ident: str) -> Response:
    """One person: roles, competence, links, organisations."""
    store, who = portal().store, actor()
    found = profile.of_person(store, who, ident)
    data = {**views.profile(found, store.clock().date()), "self": ident == who.id, "staff": found.staff,
            "links": [views.link(row, place) for row, place in links.declared(store, who, ident)]}
    return shown("person", data, found.person.name,
                 [*above(), (sentence("account.people"), url_for("office.people_list"))],
                 by_me=[r.id for r in found.roles if r.granted_by == who.id])


@BLUEPRINT.route("/people/<ident>/close", methods=["GET", "POST"])
@administrators
def close(ident: str) -> BaseResponse:
    """Close an account."""
    return _set_active(ident, False)


@BLUEPRINT.route("/people/<ident>/open", methods=["GET", "POST"])
@administrators
def reopen(ident: str) -> BaseResponse:
    """Open an account again."""
    return _set_active(ident, True)


def _set_active(ident: str, active: bool) -> BaseResponse:
    row = profile.of_person(portal().store, actor(), ident).person
    question = Question("account.reopen" if active else "account.close",
                        (("account.name", row.name), ("account.email", row.email)),
                        url_for("office.person", ident=ident),
                        "account.said-opened" if active else "account.said-closed", crumbs_of(row.name, ident),
                        danger=not active)
    return question.settle(lambda: people.set_active(portal().store, actor(), ident, active, reason(),
                                                     request=request_id()))


def crumbs_of(name: str, ident: str) -> list[Crumb]:
    """The way to a page about something of a person."""
    return [*above(), (sentence("account.people"), url_for("office.people_list")),
            (name, url_for("office.person", ident=ident))]


@BLUEPRINT.get("/organisations")
@administrators
def organisation_list() -> Response:
    """Every organisation, and the form for another."""
    return _organisations()


@BLUEPRINT.post("/organisations")
@administrators
def add_organisation() -> BaseResponse:
    """Register one."""
    return attempt(
        lambda: particulars_kept(lambda given: people.add_organisation(
            portal().store, actor(), kind=typed("kind", 20), **given, request=request_id())),
        url_for("office.organisation_list"), _organisations, ("kind", *particulars_given(None)),
        "account.said-organisation")


def _organisations(errors: FormErrors | None = None, status: int = 200) -> Response:
    found = people.organisations(portal().store, actor())
    rows = sorted((views.organisation(o) for o in found), key=lambda o: (o["kind"] == "applicant", o["name"]["en"]))
    return shown("organisations", {"organisations": rows}, sentence("account.organisations"), above(), errors=errors,
                 status=status, given=particulars_given(None),
                 kinds=options(ORGANISATION_KINDS, "kind", (request.form.get("kind", "applicant"),)))
