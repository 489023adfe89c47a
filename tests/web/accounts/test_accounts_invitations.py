"""Links that are handed over: what they open, when they are void, and how the first two administrators come in."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from tests.web.accounts.accounts_world import ADDRESS, PASSWORD, World, actor, founded, refusing
from tests.web.conftest import Clock

from zerofactory_engine.problems import ProblemsError
from zerofactory_web.accounts import invitations, operator, people, roles, second_factor, sessions, tokens, totp
from zerofactory_web.accounts.model import BodyRole, Invitation, Membership, Organisation, Person
from zerofactory_web.store.unit import PUBLIC, Actor, Store


def take(world: World, secret: str, password: str = PASSWORD) -> str:
    return invitations.take(world.store, secret, name="财 Cai", password=password, language="zh")


def test_a_place_is_offered_and_taken(world: World) -> None:
    works = world.applicant()
    given = invitations.invite(world.store, world.admin, works, "Cai@Works.example", member_role="manager")
    assert given.link(world.store.settings, "zh") == f"http://127.0.0.1:8765/zh/invitation/{given.secret}"
    offer = invitations.look(world.store, given.secret)
    assert (offer.purpose, offer.email, offer.organisation_zh, offer.member_role, offer.known, offer.confirms) == (
        "join", "cai@works.example", "电池厂", "manager", False, ())
    [waiting] = invitations.pending(world.store, world.admin, works)
    assert waiting.id == given.invitation_id
    cai = take(world, given.secret)
    assert actor(world.store, cai).organisations == {works}
    assert actor(world.store, cai).roles == frozenset()
    assert sessions.login(world.store, "cai@works.example", PASSWORD, address=ADDRESS).person_id == cai
    assert [(m.role, p.name) for m, p in people.members(world.store, actor(world.store, cai), works)] == [
        ("manager", "财 Cai")]
    with refusing("accounts.invitation-void"):
        take(world, given.secret)
    assert invitations.pending(world.store, world.admin, works) == []


@pytest.mark.parametrize("case", ["expired", "revoked", "unknown", "taken", "another address"])
def test_when_a_link_is_void(world: World, clock: Clock, case: str) -> None:
    works = world.applicant()
    given = invitations.invite(world.store, world.admin, works, "cai@works.example")
    secret, who = given.secret, world.admin
    if case == "expired":
        clock.now += invitations.LIFE
    elif case == "revoked":
        invitations.revoke(world.store, world.admin, given.invitation_id)
        with refusing("accounts.final"):
            invitations.revoke(world.store, world.admin, given.invitation_id)
    elif case == "unknown":
        secret = "x" * 43
    elif case == "taken":
        take(world, secret)
    if case != "another address":
        for act in (lambda: invitations.look(world.store, secret), lambda: take(world, secret)):
            with refusing("accounts.invitation-void"):
                act()
    with refusing("accounts.invitation-void"):
        invitations.accept(world.store, who, secret)


def test_a_link_does_not_set_the_password_of_an_account_that_has_one(world: World) -> None:
    works, other = world.applicant(), world.applicant("Other Works")
    cai = world.member("cai@works.example", works)
    given = invitations.invite(world.store, world.admin, other, "cai@works.example")
    assert invitations.look(world.store, given.secret).known
    with refusing("accounts.sign-in-first"):
        take(world, given.secret, "sextant gravel 19 pylon")
    with refusing("accounts.not-signed-in"):
        invitations.accept(world.store, PUBLIC, given.secret)
    invitations.accept(world.store, actor(world.store, cai), given.secret)
    assert actor(world.store, cai).organisations == {works, other}
    again = invitations.invite(world.store, world.admin, other, "cai@works.example")
    invitations.accept(world.store, actor(world.store, cai), again.secret)       # a member already: nothing doubles
    assert len(people.members(world.store, world.admin, other)) == 1


@pytest.mark.parametrize(("name", "password", "language", "codes"), [
    ("", PASSWORD, "zh", ["accounts.value-missing"]), ("Cai", "short", "zh", ["accounts.password-short"]),
    ("Cai", PASSWORD, "fr", ["accounts.value"]), ("Gao Lantern Oxbow", "lanternoxbow", "en", ["accounts.password-easy"]),
    ("\u202eiaC", "x", "", ["accounts.value", "accounts.value", "accounts.password-short"])])
def test_what_a_new_account_is_not_made_of(world: World, name: str, password: str, language: str, codes: list[str]) -> None:
    given = invitations.invite(world.store, world.admin, world.applicant(), "cai@works.example")
    with refusing(*codes):
        invitations.take(world.store, given.secret, name=name, password=password, language=language)
    with world.store.read() as session:
        assert people.find(session, "cai@works.example") is None


def test_who_invites_where(world: World) -> None:
    works, other = world.applicant(), world.applicant("Other Works")
    boss, hand = world.member("boss@works.example", works, "manager"), world.member("hand@works.example", works)
    rows: list[tuple[Actor, str, bool]] = [
        (actor(world.store, boss), works, True), (actor(world.store, boss), other, False),
        (actor(world.store, boss), world.body, False), (actor(world.store, hand), works, False),
        (world.admin, works, True), (world.admin, world.body, True), (PUBLIC, works, False), (world.admin, "nothing", False),
        (Actor(world.anna, "", frozenset(), frozenset()), works, False)]
    for who, where, allowed in rows:
        if allowed:
            given = invitations.invite(world.store, who, where, "new@works.example")
            assert next(iter(invitations.pending(world.store, who, where))).id == given.invitation_id
            invitations.revoke(world.store, who, given.invitation_id)
        else:
            given = invitations.invite(world.store, world.admin, works, "new@works.example")
            with refusing("accounts.not-found"):
                invitations.invite(world.store, who, where, "new@works.example")
            with refusing("accounts.not-found"):
                invitations.pending(world.store, who, where)
            if where != works or who.id != boss:
                hidden = given if where == works else invitations.invite(world.store, world.admin, world.body, "n@x.example")
                with refusing("accounts.not-found"):
                    invitations.revoke(world.store, who, hidden.invitation_id) if who != world.admin else people.organisation(
                        world.store, who, "nothing")
    for wrong in ("", "anna", "anna@", "@x.example", "a b@x.example", "安娜@x.example", "a@x", "a@x.example\nbcc:b@x.example"):
        with refusing("accounts.value"):
            invitations.invite(world.store, world.admin, works, wrong)


def test_two_who_take_one_link_at_once(world: World) -> None:
    given = invitations.invite(world.store, world.admin, world.applicant(), "cai@works.example")
    outcomes: list[str] = []

    def attempt(password: str) -> None:
        try:
            take(world, given.secret, password)
            outcomes.append("taken")
        except ProblemsError as error:
            outcomes.append(error.problems[0].code)

    threads = [threading.Thread(target=attempt, args=(p,)) for p in (PASSWORD, "sextant gravel 19 pylon")]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert outcomes.count("taken") == 1
    assert {*outcomes} - {"taken"} <= {"accounts.invitation-void", "store.stale", "store.taken", "accounts.sign-in-first"}
    with world.store.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Person)) == 3
        assert session.scalar(sa.select(sa.func.count()).select_from(Membership)) == 3


def test_two_administrators_are_named_together_and_confirm_each_other(store: Store) -> None:
    for emails in ([], ["anna@body.example"], ["anna@body.example", "ANNA@body.example"]):
        with refusing("accounts.two-administrators"):
            operator.add_administrators(store, emails, "认证中心", "The Body")
    with refusing("accounts.body-names"):
        operator.add_administrators(store, ["anna@body.example", "bo@body.example"])
    with store.read() as session:
        assert [session.scalar(sa.select(sa.func.count()).select_from(t)) for t in (Person, BodyRole, Organisation)] == [0, 0, 0]
    world = founded(store)
    assert world.admin.roles == world.second.roles == {"administrator"}
    by = {r.person_id: (r.granted_by, r.confirmed_by) for r in world.role_rows()}
    assert by == {world.anna: ("system", world.bo), world.bo: ("system", world.anna)}


def test_one_founder_alone_is_no_administrator(store: Store) -> None:
    links = operator.add_administrators(store, ["anna@body.example", "bo@body.example"], "认证中心", "The Body")
    assert invitations.look(store, links["anna@body.example"].secret).confirms == ("bo",)
    anna = invitations.take(store, links["anna@body.example"].secret, name="Anna", password=PASSWORD, language="en")
    assert actor(store, anna).roles == frozenset()
    with refusing("duty.role-not-administrator"):
        roles.confirm(store, actor(store, anna), "nothing")
    # Bo's address was wrong: another one is named, and the two found the body
    links = operator.add_administrators(store, ["chen@body.example"])
    assert invitations.look(store, links["chen@body.example"].secret).confirms == ("Anna",)
    chen = invitations.take(store, links["chen@body.example"].secret, name="Chen", password=PASSWORD, language="en")
    assert actor(store, anna).roles == {"administrator"}
    assert actor(store, chen).roles == frozenset()                      # now an administrator confirms him
    [(row, person)] = roles.waiting(store, actor(store, anna))
    assert person.id == chen
    roles.confirm(store, actor(store, anna), row.id)
    assert actor(store, chen).roles == {"administrator"}


def test_a_reset_leaves_nothing_of_before(world: World, clock: Clock) -> None:
    login = sessions.login(world.store, "bo@body.example", PASSWORD, address=ADDRESS)
    seed = second_factor.begin(world.store, world.second).secret
    code = totp.code_of(base64.b32decode(seed), totp.step_of(clock.now))
    second_factor.finish(world.store, world.second, login.session_id, code, address=ADDRESS)
    _, token = tokens.create(world.store, world.second, "t", ["read"], 30)
    given = operator.reset(world.store, "BO@body.example")
    assert sessions.opened(world.store, login.secret) is not None            # until the link is taken
    with refusing("accounts.invitation-void"):
        invitations.accept(world.store, world.second, given.secret)
    assert take(world, given.secret, "sextant gravel 19 pylon") == world.bo
    assert sessions.opened(world.store, login.secret) is None
    assert tokens.actor_of_token(world.store, token) is None
    clock.now += timedelta(minutes=5)
    again = sessions.login(world.store, "bo@body.example", "sextant gravel 19 pylon", address=ADDRESS)
    assert again.stage is sessions.Stage.ENROL
    with refusing("accounts.nobody"):
        operator.reset(world.store, "nobody@body.example")
    people.set_active(world.store, world.admin, world.bo, False, "left")
    with refusing("accounts.closed"):
        operator.reset(world.store, "bo@body.example")


def test_closing_an_account_makes_its_links_void(world: World) -> None:
    given = operator.reset(world.store, "bo@body.example")
    people.set_active(world.store, world.admin, world.bo, False, "left")
    with refusing("accounts.invitation-void"):
        take(world, given.secret)
    with world.store.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Invitation).where(Invitation.revoked_at.is_not(None))) == 1


@pytest.mark.parametrize("act", [
    lambda w, i: people.set_member_role(w.store, w.admin, i, "manager"),
    lambda w, i: people.end_membership(w.store, w.admin, i, "left")])
def test_a_membership_ends_once(world: World, act: Callable[[World, str], None]) -> None:
    works = world.applicant()
    cai = world.member("cai@works.example", works)
    dai = world.member("dai@works.example", works, "manager")
    rows = {p.id: m.id for m, p in people.members(world.store, world.admin, works)}
    with refusing("accounts.not-found"):
        people.end_membership(world.store, actor(world.store, cai), rows[dai], "")
    with refusing("accounts.not-found"):
        people.set_member_role(world.store, actor(world.store, cai), rows[dai], "member")
    with refusing("duty.role-self"):
        people.set_member_role(world.store, actor(world.store, dai), rows[dai], "member")
    people.set_member_role(world.store, actor(world.store, dai), rows[cai], "manager")
    people.end_membership(world.store, actor(world.store, cai), rows[cai], "moved on")
    assert actor(world.store, cai).organisations == frozenset()
    with refusing("accounts.final"):
        act(world, rows[cai])
    with refusing("accounts.not-found"):
        people.members(world.store, actor(world.store, cai), works)
