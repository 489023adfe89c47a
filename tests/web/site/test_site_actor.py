"""Who acts comes from a source that accounts set; without one everybody is the public."""

from __future__ import annotations

from flask import Flask

from zerofactory_web.site.context import Way, actor, actor_from, forget_actor, portal_of
from zerofactory_web.store.unit import PUBLIC, Actor


def test_without_accounts_everybody_is_the_public(app: Flask) -> None:
    with app.test_request_context("/en/"):
        assert actor() == PUBLIC


def test_the_source_is_asked_once_per_request_and_again_when_told(app: Flask) -> None:
    people = iter([Actor("a"), Actor("b"), Actor("c")])
    actor_from(app, lambda: next(people))
    with app.test_request_context("/en/"):
        assert (actor().id, actor().id) == ("a", "a")
        forget_actor()
        assert actor().id == "b"
    with app.test_request_context("/en/"):
        assert actor().id == "c"


def test_a_way_is_shown_to_those_who_may_see_it(app: Flask) -> None:
    portal_of(app).ways.append(Way("readiness.start", "site.name", seen_by=lambda who: who.known))
    client = app.test_client()
    assert client.get("/en/").text.count('href="/en/readiness/"') == 2      # the navigation and the card
    actor_from(app, lambda: Actor("person"))
    assert client.get("/en/").text.count('href="/en/readiness/"') == 4
