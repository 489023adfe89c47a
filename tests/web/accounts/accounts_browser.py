"""Signing in through the pages, for tests of every subject."""

from __future__ import annotations

import base64
from datetime import datetime
from urllib.parse import urlsplit

from flask.testing import FlaskClient
from tests.web.portal import send

from zerofactory_web.accounts import second_factor, secret_text, sessions, totp
from zerofactory_web.accounts.model import Person
from zerofactory_web.site.context import portal_of
from zerofactory_web.store.unit import Actor, Store

ADDRESS = "127.0.0.1"


def code_for(client: FlaskClient, secret: str) -> str:
    """The code that the app shows now for *secret*; a fresh one, though the clock of tests hardly moves: the step after
    the last one that was used, as far as clocks may differ."""
    store = portal_of(client.application).store
    return code_at(store, secret)


def code_at(store: Store, secret: str) -> str:
    """As :func:`code_for`; moves a clock of tests on when every code of now was used."""
    now, used = store.clock(), _used_step(store, secret)
    step = totp.step_of(now) if used is None else max(totp.step_of(now), used + 1)
    if step > totp.step_of(now) + totp.DRIFT:
        _wait_until(store, datetime.fromtimestamp(step * totp.STEP_SECONDS, now.tzinfo))
    return totp.code_of(base64.b32decode(secret), step)


def _wait_until(store: Store, moment: datetime) -> None:
    clock = store.clock
    assert hasattr(clock, "now"), "a second code within thirty seconds needs a clock of tests"
    clock.now = max(clock.now, moment)


def _used_step(store: Store, secret: str) -> int | None:
    with store.read() as session:
        for row in session.query(Person).filter(Person.totp_secret.is_not(None)):
            if row.totp_secret and secret_text.opened(store.settings, row.totp_secret, row.id) == secret:
                return row.totp_step
    return None


def enrolled(store: Store, person_id: str, name: str = "") -> str:
    """Set a second factor up for a person by the service; its seed in base32, for :func:`signed_in`."""
    with store.change(Actor(person_id, name)) as change:
        row = change.session.get_one(Person, person_id)
        begun = sessions.begun(change, row, store.settings, "tests", second=True)
    who = Actor(person_id, name)
    seed = second_factor.begin(store, who).secret
    second_factor.finish(store, who, begun.session_id, code_at(store, seed), address=ADDRESS)
    return seed


def signed_in(client: FlaskClient, email: str, password: str, totp_secret: str | None = None, *,
              lang: str = "en") -> FlaskClient:
    """Sign *client* in through the pages, with the code of *totp_secret* where there is a second factor."""
    answer = send(client, f"/{lang}/sign-in", {"email": email, "password": password})
    assert answer.status_code == 303, answer.text
    if totp_secret is not None:
        assert urlsplit(answer.location).path == f"/{lang}/sign-in/code", answer.location
        answer = send(client, f"/{lang}/sign-in/code", {"code": code_for(client, totp_secret)})
        assert answer.status_code == 303, answer.text
    return client
