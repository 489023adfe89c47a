"""Links to organisations that somebody of the body declares for himself, or an administrator for him (rule 3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response, abort, url_for
from werkzeug.wrappers import Response as BaseResponse

from zerofactory_web.accounts import gate, links, people, profile, views
from zerofactory_web.accounts.forms import Crumb, attempt, chosen, days, options, reason, sentence, shown, typed
from zerofactory_web.accounts.impartiality import look_back
from zerofactory_web.accounts.model import LINK_KINDS
from zerofactory_web.accounts.pages_account import BLUEPRINT, above
from zerofactory_web.accounts.sure import Question
from zerofactory_web.accounts.words import Words
from zerofactory_web.site.context import actor, portal, request_id
from zerofactory_web.site.forms import FormErrors, Option
from zerofactory_web.site.language import language

FIELDS = ("organisation", "kind", "since", "until", "text")


@BLUEPRINT.get("/links")
@gate.keyboard
def link_list() -> Response:
    """One's declarations, and the form for another."""
    return _links()


@BLUEPRINT.post("/links")
@gate.keyboard
def declare() -> BaseResponse:
    """Declare a link."""
    return attempt(lambda: declare_for(None), url_for("me.link_list"), _links, FIELDS, "account.said-link")


@BLUEPRINT.route("/links/<ident>/end", methods=["GET", "POST"])
@gate.keyboard
def end_link(ident: str) -> BaseResponse:
    """Say when a link ended."""
    crumbs = [*above(), (sentence("account.links"), url_for("me.link_list"))]
    return end_of(ident, None, url_for("me.link_list"), crumbs)


def declare_for(person_id: str | None) -> None:
    """Declare what the form says, for oneself or for *person_id*.

    Raises:
        ProblemsError: dates and values of no use, and what the service refuses.
    """
    words = Words()
    place, kind = chosen(words, "organisation"), chosen(words, "kind", LINK_KINDS)
    found = days(words, "since", "until", optional=("until",))
    text = words.text("text", typed("text"), links.TEXT_LENGTH, lines=True)
    words.done()
    links.declare(portal().store, actor(), place, kind=kind, since=found["since"], until=found.get("until"), text=text,
                  person_id=person_id, request=request_id())


def end_of(ident: str, person_id: str | None, back: str, crumbs: Sequence[Crumb]) -> BaseResponse:
    """The question when a link ended, and its answer."""
    rows = {row.id: (row, place) for row, place in links.declared(portal().store, actor(), person_id)}
    row, place = rows.get(ident) or abort(404)
    facts = (("account.organisation", views.name_of(place)), ("account.link-kind", views.word("link", row.kind)),
             ("account.since", row.since.isoformat()), ("account.link-text", row.text))
    question = Question("account.link-end", facts, back, "account.said-link-ended", crumbs, until=True, danger=False)

    def act() -> None:
        words = Words()
        until, because = days(words, "until"), typed("reason")
        if words.problems:
            reason(words)          # told together; otherwise the service looks at it, with the date
        words.done()
        links.end(portal().store, actor(), ident, until["until"], because, request=request_id())

    return question.settle(act)


def form_parts() -> dict[str, Any]:
    """What the form of a declaration shows: organisations that the actor sees, kinds, what was sent."""
    taken = typed("organisation", 40)
    places = [Option("", "—"), *(Option(o.id, views.name_of(o), checked=o.id == taken)
                                 for o in people.organisations(portal().store, actor()))]
    return {"places": places, "kinds": options(LINK_KINDS, "link", (typed("kind", 40),)),
            "given": {name: typed(name) for name in FIELDS}, "months": look_back().months}


def _links(errors: FormErrors | None = None, status: int = 200) -> Response:
    if not profile.own(portal().store, actor()).staff:
        abort(404)
    rows = [views.link(row, place) for row, place in links.declared(portal().store, actor())]
    period = look_back()
    data = {"links": rows, "months": period.months, "standard": period.standard, "clause": period.clause,
            "because": period.title[language()], "confidence": period.confidence}
    return shown("links", data, sentence("account.links"), above(), errors=errors, status=status,
                 parts_of_form=form_parts())
