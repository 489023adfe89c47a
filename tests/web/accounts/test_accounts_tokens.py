"""API tokens: scopes, ends, and what they never carry."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from tests.web.accounts.accounts_world import World, actor, refusing
from tests.web.conftest import Clock

from zerofactory_web.accounts import access, people, roles, sessions, tokens
from zerofactory_web.accounts.model import ApiToken, Person


@pytest.fixture
def cai(world: World) -> str:
    return world.member("cai@works.example", world.applicant())


def test_a_token_acts_for_its_person_within_its_scopes(world: World, cai: str, clock: Clock) -> None:
    who = actor(world.store, cai)
    ident, secret = tokens.create(world.store, who, "meter upload", ["read", "apply", "read"], 30)
    assert secret.startswith("zf_")
    found = tokens.actor_of_token(world.store, secret)
    assert found is not None
    assert (found.id, found.organisations, found.scopes) == (cai, who.organisations, frozenset({"read", "apply"}))
    access.require_scope(found, "apply")
    access.require_scope(who, "evaluate")                 # a person at the keyboard is not asked
    with refusing("accounts.scope"):
        access.require_scope(found, "evaluate")
    [row] = tokens.listed(world.store, who)
    assert (row.id, row.name, row.scopes, row.used_at is not None) == (ident, "meter upload", ["apply", "read"], True)
    clock.now += timedelta(days=30)
    assert tokens.actor_of_token(world.store, secret) is None
    assert tokens.actor_of_token(world.store, "zf_nothing") is None


#: name, scopes, days and what is said.
WRONG = [
    ("", ["read"], 30, ["accounts.value-missing"]), ("x" * 81, ["read"], 30, ["accounts.value-long"]),
    ("a\nb", ["read"], 30, ["accounts.value"]), ("a", [], 30, ["accounts.value-missing"]),
    ("a", ["read", "administer"], 30, ["accounts.value"]), ("a", ["read"], 0, ["accounts.value"]),
    ("a", ["read"], 367, ["accounts.value"]), ("", ["all"], 0, ["accounts.value-missing", "accounts.value", "accounts.value"])]


def test_what_no_token_is_made_of(world: World, cai: str) -> None:
    for name, scopes, days, codes in WRONG:
        with refusing(*codes):
            tokens.create(world.store, actor(world.store, cai), name, scopes, days)


def test_a_token_makes_no_token_and_administers_nothing(world: World) -> None:
    with world.store.change(world.admin) as change:
        person = change.session.get(Person, world.anna)
        assert person is not None
        person.totp_secret = "set up"
    granted = roles.grant(world.store, world.second, world.anna, "observer")
    chen = world.member("chen@body.example", world.body)
    world.role(chen, "administrator")
    roles.confirm(world.store, actor(world.store, chen), granted)
    _, secret = tokens.create(world.store, world.admin, "t", ["read", "apply", "evaluate"], 1)
    found = tokens.actor_of_token(world.store, secret)
    assert found is not None
    assert found.roles == {"observer"}
    for act in (lambda: tokens.create(world.store, found, "t", ["read"], 1), lambda: tokens.listed(world.store, found),
                lambda: sessions.listed(world.store, found)):
        with refusing("accounts.not-by-token"):
            act()
    with refusing("accounts.not-allowed"):
        roles.grant(world.store, found, chen, "reviewer")
    forged = type(found)(found.id, found.name, found.organisations, frozenset({"administrator"}), found.scopes)
    with refusing("accounts.not-allowed"):
        people.set_active(world.store, forged, chen, False, "")


def test_without_a_second_factor_a_token_carries_no_role(world: World) -> None:
    chen = world.member("chen@body.example", world.body)
    world.role(chen, "evaluator")
    _, secret = tokens.create(world.store, actor(world.store, chen), "t", ["evaluate"], 1)
    found = tokens.actor_of_token(world.store, secret)
    assert found is not None
    assert found.roles == frozenset()


def test_revocation(world: World, cai: str) -> None:
    who = actor(world.store, cai)
    ident, secret = tokens.create(world.store, who, "t", ["read"], 1)
    with refusing("accounts.not-found"):
        tokens.revoke(world.store, world.admin, ident)
    tokens.revoke(world.store, who, ident)
    tokens.revoke(world.store, who, ident)
    assert tokens.actor_of_token(world.store, secret) is None
    assert tokens.listed(world.store, who) == []
    _, other = tokens.create(world.store, who, "t", ["read"], 1)
    people.set_active(world.store, world.admin, cai, False, "left")
    assert tokens.actor_of_token(world.store, other) is None
    people.set_active(world.store, world.admin, cai, True, "back")
    assert tokens.actor_of_token(world.store, other) is None
    with world.store.read() as session:
        assert all(secret not in str(vars(r)) for r in session.scalars(sa.select(ApiToken)))
