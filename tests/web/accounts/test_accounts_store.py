"""The tables of accounts: as the models say, in backups, guarded; and an audit log that holds every act and no secret."""

from __future__ import annotations

import base64
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from tests.web.accounts.accounts_world import ADDRESS, PASSWORD, World, actor, founded
from tests.web.accounts.test_accounts_roles import written
from tests.web.conftest import Clock

from zerofactory_engine.canonical import canonical_bytes
from zerofactory_engine.problems import ProblemsError
from zerofactory_web import tables
from zerofactory_web.accounts import (
    account,
    competence,
    invitations,
    links,
    operator,
    people,
    roles,
    second_factor,
    sessions,
    tokens,
    totp,
)
from zerofactory_web.settings import Settings
from zerofactory_web.store import audit
from zerofactory_web.store.backup import backup, manifest_of, restore
from zerofactory_web.store.backup import tables as backed_up
from zerofactory_web.store.checkpoints import checkpoint
from zerofactory_web.store.keys import audit_signer
from zerofactory_web.store.unit import SYSTEM, Store


def test_migrations_make_the_tables_of_the_models(store: Store) -> None:
    with store.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), tables.metadata) == []
        checks = {t: {c["name"] for c in sa.inspect(connection).get_check_constraints(t)} for t in tables.metadata.tables}
    for name, table in tables.metadata.tables.items():
        assert checks[name] == {c.name for c in table.constraints if isinstance(c, sa.CheckConstraint)}, name


def lived(world: World, clock: Clock) -> list[str]:
    """Every act of the package once; the secrets that were handed out or typed."""
    store, secrets = world.store, [PASSWORD]
    works = world.applicant()
    people.change_organisation(store, world.admin, works, 1, name_zh="新名", name_en="New name", credit_code="91350100M000100Y43",
                               lei=None, address={"zh": "福州"})
    given = invitations.invite(store, world.admin, works, "cai@works.example", member_role="manager")
    cai = invitations.take(store, given.secret, name="蔡", password=PASSWORD, language="zh")
    void = invitations.invite(store, actor(store, cai), works, "dai@works.example")
    invitations.revoke(store, actor(store, cai), void.invitation_id)
    login = sessions.login(store, "cai@works.example", PASSWORD, address=ADDRESS)
    other = sessions.login(store, "cai@works.example", PASSWORD, address=ADDRESS)
    sessions.revoke(store, actor(store, cai), other.session_id)
    for email in ("cai@works.example", "a password in the wrong field"):
        with pytest.raises(ProblemsError):
            sessions.login(store, email, "not the password", address=ADDRESS)
    seed = second_factor.begin(store, actor(store, cai)).secret

    def code() -> str:
        clock.now += timedelta(seconds=60)
        return totp.code_of(base64.b32decode(seed), totp.step_of(clock.now))

    recovery = second_factor.finish(store, actor(store, cai), login.session_id, code(), address=ADDRESS)
    half = sessions.login(store, "cai@works.example", PASSWORD, address=ADDRESS)
    with pytest.raises(ProblemsError):
        sessions.give_code(store, half.secret, "000000", address=ADDRESS)
    whole = sessions.give_code(store, half.secret, recovery[0], address=ADDRESS)
    renewed = second_factor.new_recovery_codes(store, actor(store, cai), code(), address=ADDRESS)
    token_id, token = tokens.create(store, actor(store, cai), "upload", ["read"], 30)
    tokens.actor_of_token(store, token)
    tokens.revoke(store, actor(store, cai), token_id)
    second_factor.remove(store, actor(store, cai), code(), address=ADDRESS)
    with pytest.raises(ProblemsError):
        account.change_password(store, actor(store, cai), whole.session_id, "not the old one", "sextant gravel 19 pylon", address=ADDRESS)
    account.change_password(store, actor(store, cai), whole.session_id, PASSWORD, "sextant gravel 19 pylon", address=ADDRESS)
    people.change_self(store, actor(store, cai), name="蔡明", language="en")
    sessions.logout(store, whole.secret)
    chen = world.member("chen@body.example", world.body)
    role = world.role(chen, "evaluator")
    ident = competence.record(store, world.admin, chen, sector="C38", since=date(2026, 1, 1), until=date(2027, 1, 1), evidence="x")
    competence.end(store, world.admin, ident, "void")
    link = links.declare(store, actor(store, chen), works, kind="family", since=date(2020, 1, 1), until=None, text="sister")
    links.end(store, actor(store, chen), link, date(2026, 1, 1), "moved")
    roles.end(store, world.admin, role, "left")
    [(manager, _)] = people.members(store, world.admin, works)
    people.end_membership(store, actor(store, cai), manager.id, "left")
    hand = world.member("hand@works.example", works)
    [(row, _)] = people.members(store, world.admin, works)
    people.set_member_role(store, world.admin, row.id, "manager")
    people.set_active(store, world.admin, hand, False, "left")
    people.set_active(store, world.admin, hand, True, "back")
    reset = operator.reset(store, "hand@works.example")
    secrets += [given.secret, void.secret, login.secret, other.secret, half.secret, whole.secret, token, seed, reset.secret,
                "not the password", "sextant gravel 19 pylon", "a password in the wrong field", *recovery, *renewed]
    return secrets


ACTIONS = {"competence.ended", "competence.recorded", "invitation.made", "invitation.revoked", "invitation.taken", "link.declared",
           "link.ended", "login.code-refused", "login.refused", "membership.begun", "membership.ended", "membership.role",
           "organisation.added", "organisation.changed", "password.changed", "password.refused", "person.added", "person.changed",
           "person.closed", "person.opened", "role.confirmed", "role.ended", "role.granted", "second-factor.begun",
           "second-factor.recovery-renewed", "second-factor.recovery-used", "second-factor.removed", "second-factor.set",
           "session.begun", "session.ended", "session.half-begun", "session.revoked", "token.created", "token.revoked"}


def test_every_act_is_in_the_log_and_no_secret_anywhere(world: World, clock: Clock, tmp_path: Path) -> None:
    secrets = lived(world, clock)
    with world.store.read() as session:
        rows = [r.content() for r in audit.rows(session)]
        assert list(audit.faults(session)) == []
    assert {r["action"] for r in rows} == ACTIONS
    log = canonical_bytes(rows).decode("utf-8")
    assert [s for s in secrets if s in log] == []
    assert "@" not in log                                    # addresses of people are not in what nobody can delete
    assert ADDRESS not in log
    backup(world.store, tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        whole = b"".join(archive.read(n) for n in archive.namelist()).decode("utf-8")
    assert [s for s in secrets if s in whole] == []


@pytest.fixture(params=["sqlite", "postgresql"])
def other(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """Another store without tables."""
    address = f"sqlite:///{tmp_path / 'other.sqlite'}"
    if request.param == "postgresql":
        make: Callable[[], str] = request.getfixturevalue("postgres")
        address = make()
    return Store(Settings(data=tmp_path / "other", database=address))


def test_a_restored_store_is_equal_and_as_guarded(world: World, other: Store, clock: Clock, tmp_path: Path) -> None:
    lived(world, clock)
    with world.store.change(SYSTEM) as change:
        assert checkpoint(change.session, audit_signer(world.store.settings), change.now) is not None
    made = backup(world.store, tmp_path / "b.zip")
    names = [t.name for t in backed_up()]
    assert set(names) == set(made["tables"]) == set(tables.metadata.tables)
    assert names[-1] == "audit_head"
    assert names.index("person") < names.index("body_role")
    assert made["tables"]["body_role"]["rows"] == 3
    assert restore(other, tmp_path / "b.zip") == made == manifest_of(other)
    assert written(other, "UPDATE body_role SET confirmed_by = granted_by", {}) is not None
    assert written(other, "DELETE FROM person", {}) in ("accounts.final", "store.taken")
    assert actor(other, world.anna).roles == {"administrator"}
    roles.grant(other, world.admin, world.bo, "reviewer")
    other.close()


GUARDS = [
    ("UPDATE membership SET since = '2020-01-01T00:00:00.000000Z'", "accounts.final"), ("DELETE FROM membership", "accounts.final"),
    ("UPDATE link SET since = '2010-01-01'", "accounts.final"), ("UPDATE link SET until = '2026-02-02'", "accounts.final"),
    ("DELETE FROM link", "accounts.final"), ("UPDATE competence SET until = '2090-01-01'", "accounts.final"),
    ("DELETE FROM competence", "accounts.final"), ("UPDATE invitation SET taken_at = NULL WHERE revoked_at IS NULL", "accounts.final"),
    ("UPDATE invitation SET email = 'x@x.example' WHERE revoked_at IS NULL", "accounts.final"),
    ("UPDATE invitation SET revoked_at = NULL WHERE revoked_at IS NOT NULL", "accounts.final"),
    ("UPDATE session SET second_factor = false WHERE second_factor", "accounts.final"), ("DELETE FROM invitation", "accounts.final"),
    ("UPDATE session SET expires_at = '2090-01-01T00:00:00.000000Z'", "accounts.final"),
    ("UPDATE session SET revoked_at = NULL WHERE revoked_at IS NOT NULL", "accounts.final"),
    ("UPDATE api_token SET scopes = '[\"evaluate\"]'", "accounts.final"),
    ("UPDATE api_token SET revoked_at = NULL WHERE revoked_at IS NOT NULL", "accounts.final"),
    ("DELETE FROM api_token", "accounts.final"), ("DELETE FROM organisation", "accounts.final"), ("DELETE FROM person", "accounts.final"),
    ("UPDATE person SET email = 'ANNA@BODY.EXAMPLE' WHERE email = 'anna@body.example'", "store.taken"),
    ("UPDATE organisation SET kind = 'bank'", "store.taken")]


def test_what_was_true_stays(world: World, clock: Clock) -> None:
    lived(world, clock)
    before = manifest_of(world.store)
    for statement, code in GUARDS:
        assert written(world.store, statement, {}) == code, statement
    assert manifest_of(world.store) == before


#: Particulars and what is said about them.
ORGANISATIONS: list[tuple[dict[str, str], list[str]]] = [
    ({"credit_code": "91350100M000100Y43"}, []), ({"credit_code": " 91350100m000100y43 "}, ["store.taken"]), ({"credit_code": "", "lei": ""}, []),
    ({"credit_code": "91350100M000100Y44"}, ["accounts.value"]), ({"credit_code": "123"}, ["accounts.value"]),
    ({"lei": "5493001KJTIIGC8Y1R12"}, []), ({"lei": "5493001KJTIIGC8Y1R13"}, ["accounts.value"]),
    ({"name_zh": ""}, ["accounts.value-missing"]), ({"name_en": "x" * 201}, ["accounts.value-long"]),
    ({"kind": "bank", "name_zh": "\x00", "lei": "1"}, ["accounts.value", "accounts.value", "accounts.value"])]


def test_what_an_organisation_is_made_of(world: World) -> None:
    for values, codes in ORGANISATIONS:
        given = {"kind": "applicant", "name_zh": "电池厂", "name_en": "Works", **values}
        told, made = [], ""
        try:
            made = people.add_organisation(world.store, world.admin, **given)  # type: ignore[arg-type] # a table of cases
        except ProblemsError as error:
            told = [p.code for p in error.problems]
        assert told == codes, values
        if made:
            assert people.organisation(world.store, world.admin, made).id == made
            assert made in {o.id for o in people.organisations(world.store, world.admin)}


def test_two_who_change_an_organisation(world: World) -> None:
    works = world.applicant()
    cai = actor(world.store, world.member("cai@works.example", works, "manager"))
    fine = {"name_zh": "电", "name_en": "E", "credit_code": None, "lei": None, "address": None}
    people.change_organisation(world.store, cai, works, 1, **fine)  # type: ignore[arg-type] # a table of values
    with pytest.raises(ProblemsError) as caught:
        people.change_organisation(world.store, world.admin, works, 1, **fine)  # type: ignore[arg-type] # a table of values
    assert caught.value.problems[0].code == "store.stale"
    with pytest.raises(ProblemsError) as caught:
        people.change_organisation(world.store, cai, world.body, 1, **fine)  # type: ignore[arg-type] # a table of values
    assert caught.value.problems[0].code == "accounts.not-found"
    assert [o.id for o in people.organisations(world.store, cai)] == [works]
    with pytest.raises(ProblemsError) as caught:
        people.organisation(world.store, cai, world.body)
    assert caught.value.problems[0].code == "accounts.not-found"


def test_a_founded_body_needs_nothing_but_its_database(store: Store) -> None:
    world = founded(store)
    assert {p.email for p in people.people(store, world.admin)} == {"anna@body.example", "bo@body.example"}
    with pytest.raises(ProblemsError) as caught:
        people.people(store, actor(store, world.member("cai@works.example", world.applicant())))
    assert caught.value.problems[0].code == "accounts.not-allowed"
