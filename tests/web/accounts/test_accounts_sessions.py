"""Signing in and out, the second factor, the two ends of a session, and revocation, with a clock that the test sets."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from tests.web.accounts.accounts_world import ADDRESS, PASSWORD, World, actor, refusing
from tests.web.conftest import Clock

from zerofactory_engine.problems import ProblemsError
from zerofactory_web.accounts import account, people, second_factor, secret_text, sessions, totp
from zerofactory_web.accounts.access import roles_in_force
from zerofactory_web.accounts.model import Person, SessionRow
from zerofactory_web.accounts.sessions import Login, Stage
from zerofactory_web.store.audit import AuditRow
from zerofactory_web.store.unit import Actor


def enter(world: World, email: str = "cai@works.example", password: str = PASSWORD) -> Login:
    return sessions.login(world.store, email, password, address=ADDRESS, agent="Firefox\r\n\x00" + "x" * 500)


def actions(world: World) -> list[str]:
    with world.store.read() as session:
        return list(session.scalars(sa.select(AuditRow.action).order_by(AuditRow.seq)))


def code(world: World, seed: str) -> str:
    """The code that an app shows now."""
    return totp.code_of(base64.b32decode(seed), totp.step_of(world.store.clock()))


def enrol(world: World, login: Login) -> tuple[str, tuple[str, ...]]:
    """Set a second factor up; its seed and the recovery codes."""
    who = actor(world.store, login.person_id)
    seed = second_factor.begin(world.store, who).secret
    assert second_factor.waiting(world.store, who) == second_factor.Enrolment(seed, totp.address(seed, _email(world, login)))
    return seed, second_factor.finish(world.store, who, login.session_id, code(world, seed), address=ADDRESS)


def _email(world: World, login: Login) -> str:
    found = sessions.opened(world.store, login.secret)
    assert found is not None
    return found.email


@pytest.fixture
def cai(world: World) -> str:
    """A member of an applicant."""
    return world.member("cai@works.example", world.applicant())


def test_a_session_says_who_acts(world: World, cai: str) -> None:
    login = enter(world, "  CAI@Works.Example ")
    found = sessions.opened(world.store, login.secret)
    assert found is not None
    assert (found.stage, found.person_id, found.language) == (Stage.OPEN, cai, "zh")
    assert found.actor == Actor(cai, "cai", actor(world.store, cai).organisations, frozenset())
    [row] = sessions.listed(world.store, found.actor)
    assert row.secret == secret_text.hashed(login.secret)
    assert row.agent.startswith("Firefox   xxx")
    assert len(row.agent) == sessions.AGENT_LENGTH
    sessions.logout(world.store, login.secret)
    sessions.logout(world.store, login.secret)
    assert sessions.opened(world.store, login.secret) is None
    assert actions(world)[-2:] == ["session.begun", "session.ended"]
    assert sessions.opened(world.store, "no such secret") is None


@pytest.mark.parametrize("case", ["wrong password", "nobody", "closed", "invited", "empty"])
def test_every_refusal_is_the_same(world: World, cai: str, case: str) -> None:
    email, password = "cai@works.example", PASSWORD
    if case == "closed":
        people.set_active(world.store, world.admin, cai, False, "left")
    elif case == "invited":
        with world.store.change(world.admin) as change:
            change.session.add(Person(email="new@works.example", name="n", created_at=change.now))
        email = "new@works.example"
    elif case == "nobody":
        email = "nobody@works.example"
    else:
        password = "" if case == "empty" else PASSWORD + "x"
    with pytest.raises(ProblemsError) as caught:
        enter(world, email, password)
    [problem] = caught.value.problems
    assert problem.as_json() == {"code": "accounts.login-refused", "severity": "error", "place": {}}
    with world.store.read() as session:
        row = session.scalars(sa.select(AuditRow).order_by(AuditRow.seq.desc()).limit(1)).one()
    assert (row.action, row.actor) == ("login.refused", "public")
    assert email not in str(row.content())
    told: list[str] = []
    while "accounts.wait" not in told and len(told) < 20:
        with pytest.raises(ProblemsError) as caught:
            enter(world, email, "wrong wrong wrong")
        told += [p.code for p in caught.value.problems]
    assert set(told[:4]) == {"accounts.login-refused"}
    with refusing("accounts.wait"):                       # the right one waits too
        enter(world, email, password)


def test_a_session_ends_when_nobody_looks(world: World, cai: str, clock: Clock) -> None:
    login, idle = enter(world), timedelta(seconds=world.store.settings.session_idle)
    for _ in range(4):
        clock.now += idle - timedelta(seconds=5)
        assert sessions.opened(world.store, login.secret) is not None
    clock.now += idle
    assert sessions.opened(world.store, login.secret) is None
    assert sessions.listed(world.store, actor(world.store, cai)) == []


def test_a_session_ends_however_often_somebody_looks(world: World, cai: str, clock: Clock) -> None:
    login = enter(world)
    assert login.expires_at == clock.now + timedelta(seconds=world.store.settings.session_limit)
    while clock.now + timedelta(minutes=50) < login.expires_at:
        clock.now += timedelta(minutes=50)
        assert sessions.opened(world.store, login.secret) is not None
    clock.now = login.expires_at - timedelta(seconds=1)
    assert sessions.opened(world.store, login.secret) is None


def test_a_look_is_no_act_and_no_new_version(world: World, cai: str, clock: Clock) -> None:
    login, before = enter(world), actions(world)
    for _ in range(3):
        clock.now += timedelta(minutes=2)
        sessions.opened(world.store, login.secret)
    with world.store.read() as session:
        row = session.scalars(sa.select(SessionRow).where(SessionRow.id == login.session_id)).one()
    assert row.version == 1
    assert row.seen_at > row.created_at + timedelta(minutes=5)
    assert actions(world) == before


def test_sessions_of_others_are_not_found(world: World, cai: str) -> None:
    mine, other = enter(world), enter(world)
    dai = world.member("dai@works.example", next(iter(actor(world.store, cai).organisations)))
    with refusing("accounts.not-found"):
        sessions.revoke(world.store, actor(world.store, dai), mine.session_id)
    with refusing("accounts.not-found"):
        sessions.revoke(world.store, actor(world.store, cai), "nothing")
    assert sessions.revoke_others(world.store, actor(world.store, cai), mine.session_id) == 1
    assert sessions.opened(world.store, other.secret) is None
    sessions.revoke(world.store, actor(world.store, cai), mine.session_id)
    assert sessions.opened(world.store, mine.secret) is None


def test_closing_an_account_ends_its_sessions_at_once(world: World, cai: str) -> None:
    login = enter(world)
    people.set_active(world.store, world.admin, cai, False, "left")
    assert sessions.opened(world.store, login.secret) is None
    people.set_active(world.store, world.admin, cai, True, "back")
    assert sessions.opened(world.store, login.secret) is None
    assert sessions.opened(world.store, enter(world).secret) is not None


def test_the_second_factor_is_asked_for_and_counts_once(world: World, cai: str, clock: Clock) -> None:
    first, elder = enter(world), enter(world)
    seed, recovery = enrol(world, first)
    assert sessions.opened(world.store, elder.secret) is None          # opened without it
    assert sessions.opened(world.store, first.secret) is not None
    half = enter(world)
    assert half.stage is Stage.CODE
    found = sessions.opened(world.store, half.secret)
    assert found is not None
    assert (found.stage, found.actor) == (Stage.CODE, None)
    with refusing("accounts.code-refused"):                           # the code with which it was set up
        sessions.give_code(world.store, half.secret, code(world, seed), address=ADDRESS)
    clock.now += timedelta(seconds=30)
    shown = code(world, seed)
    whole = sessions.give_code(world.store, half.secret, shown, address=ADDRESS)
    assert whole.secret != half.secret
    assert whole.stage is Stage.OPEN
    assert sessions.opened(world.store, half.secret) is None
    with refusing("accounts.signed-out"):
        sessions.give_code(world.store, half.secret, shown, address=ADDRESS)
    with refusing("accounts.code-refused"):                           # seen over the shoulder
        sessions.give_code(world.store, enter(world).secret, shown, address=ADDRESS)
    lost = sessions.give_code(world.store, enter(world).secret, recovery[3].upper(), address=ADDRESS)
    assert lost.stage is Stage.OPEN
    with refusing("accounts.code-refused"):
        sessions.give_code(world.store, enter(world).secret, recovery[3], address=ADDRESS)
    with world.store.read() as session:
        person = session.get(Person, cai)
        assert person is not None
        assert len(person.recovery or ()) == totp.RECOVERY_CODES - 1
        assert seed not in (person.totp_secret or "")
    assert actions(world).count("login.code-refused") == 3


def test_a_half_session_waits_ten_minutes(world: World, cai: str, clock: Clock) -> None:
    seed, _ = enrol(world, enter(world))
    half = enter(world)
    clock.now += sessions.HALF_LIFE
    with refusing("accounts.signed-out"):
        sessions.give_code(world.store, half.secret, code(world, seed), address=ADDRESS)


def test_codes_are_throttled_by_themselves(world: World, cai: str, clock: Clock) -> None:
    enrol(world, enter(world))
    clock.now += timedelta(minutes=1)
    for _ in range(12):                                   # the right password resets nothing for the code
        half = enter(world)
        try:
            sessions.give_code(world.store, half.secret, "000000", address="198.51.100.1")
        except ProblemsError as error:
            told = error.problems[0].code
    assert told == "accounts.wait"


def test_whoever_has_a_role_needs_a_second_factor(world: World, clock: Clock) -> None:
    login = enter(world, "anna@body.example")
    found = sessions.opened(world.store, login.secret)
    assert found is not None
    assert found.actor is not None
    assert (found.stage, found.actor.roles, found.actor.organisations) == (Stage.ENROL, frozenset(), frozenset({world.body}))
    with refusing("accounts.not-allowed"):
        people.add_organisation(world.store, found.actor, kind="applicant", name_zh="甲", name_en="A")
    seed, _ = enrol(world, login)
    found = sessions.opened(world.store, login.secret)
    assert found is not None
    assert found.actor is not None
    assert (found.stage, found.actor.roles) == (Stage.OPEN, frozenset({"administrator"}))
    people.add_organisation(world.store, found.actor, kind="applicant", name_zh="甲", name_en="A")
    with world.store.read() as session:
        assert roles_in_force(session, world.anna) == {"administrator"}
    clock.now += timedelta(seconds=60)
    second_factor.remove(world.store, found.actor, code(world, seed), address=ADDRESS)
    found = sessions.opened(world.store, login.secret)
    assert found is not None
    assert found.stage is Stage.ENROL


def test_setting_up_again_and_new_recovery_codes(world: World, cai: str, clock: Clock) -> None:
    who, login = actor(world.store, cai), enter(world)
    assert second_factor.waiting(world.store, who) is None
    second_factor.begin(world.store, who)
    with refusing("accounts.code-refused"):
        second_factor.finish(world.store, who, login.session_id, "000000", address=ADDRESS)
    seed, old = enrol(world, login)
    with refusing("accounts.second-factor-set"):
        second_factor.begin(world.store, who)
    with refusing("accounts.not-found"):
        second_factor.finish(world.store, who, login.session_id, code(world, seed), address=ADDRESS)
    clock.now += timedelta(seconds=60)
    new = second_factor.new_recovery_codes(world.store, who, code(world, seed), address=ADDRESS)
    assert not set(new) & set(old)
    with refusing("accounts.code-refused"):
        second_factor.remove(world.store, who, old[0], address=ADDRESS)
    second_factor.remove(world.store, who, new[0], address=ADDRESS)
    assert enter(world).stage is Stage.OPEN


def test_a_lost_key_is_told_and_lets_nobody_in(world: World, cai: str) -> None:
    seed, _ = enrol(world, enter(world))
    half = enter(world)
    (world.store.settings.data / "keys" / "web-secret").write_bytes(b"another secret of more than 32 bytes ....")
    with refusing("accounts.key-unusable"):
        sessions.give_code(world.store, half.secret, code(world, seed), address=ADDRESS)
    (world.store.settings.data / "keys" / "web-secret").write_bytes(b"")
    with refusing("accounts.key-unusable"):
        enter(world)


def test_a_password_is_changed_against_the_old_one(world: World, cai: str) -> None:
    here, there, who = enter(world), enter(world), actor(world.store, cai)
    change = {"address": ADDRESS}
    with refusing("accounts.password-wrong"):
        account.change_password(world.store, who, here.session_id, "not it, not it", "sextant gravel 19 pylon", **change)
    with refusing("accounts.password-easy"):
        account.change_password(world.store, who, here.session_id, PASSWORD, "cai@works.example", **change)
    with refusing("accounts.password-same"):
        account.change_password(world.store, who, here.session_id, PASSWORD, PASSWORD, **change)
    account.change_password(world.store, who, here.session_id, PASSWORD, "sextant gravel 19 pylon", **change)
    assert sessions.opened(world.store, here.secret) is not None
    assert sessions.opened(world.store, there.secret) is None
    with refusing("accounts.login-refused"):
        enter(world)
    assert enter(world, password="sextant gravel 19 pylon").stage is Stage.OPEN
    assert "password.refused" in actions(world)
    assert "password.changed" in actions(world)


def test_a_hash_of_a_lower_cost_is_made_again_at_the_next_login(world: World, cai: str) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(PASSWORD)
    with world.store.change(world.admin) as change:
        person = change.session.get(Person, cai)
        assert person is not None
        person.password = weak
    enter(world)
    with world.store.read() as session:
        person = session.get(Person, cai)
        assert person is not None
        assert person.password is not None
        assert "m=19456,t=2,p=1" in person.password
        row = session.scalars(sa.select(AuditRow).order_by(AuditRow.seq.desc()).limit(1)).one()
    assert (row.action, row.details["cost"]) == ("session.begun", "raised")
    assert enter(world).stage is Stage.OPEN
