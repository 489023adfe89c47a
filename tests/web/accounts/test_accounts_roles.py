"""Rule 7: nobody grants or confirms a role to himself; two administrators or nothing. Service and database, each alone.

The property tests run arbitrary acts of four people (two founders and two members) over the real store; after each act
the rows themselves are looked at. Roles that an example leaves open are ended before the next one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.web.accounts.accounts_world import World, actor, refusing

from zerofactory_engine.problems import ProblemsError
from zerofactory_web.accounts import people, roles
from zerofactory_web.accounts.access import roles_in_force
from zerofactory_web.accounts.model import BodyRole, Competence
from zerofactory_web.store.audit import AuditRow
from zerofactory_web.store.database import is_sqlite
from zerofactory_web.store.model import new_id, time_text
from zerofactory_web.store.unit import PUBLIC, SYSTEM, Actor, Store, refusal


@pytest.fixture
def chen(world: World) -> str:
    return world.member("chen@body.example", world.body)


def test_a_role_is_in_force_between_confirmation_and_end(world: World, chen: str) -> None:
    made = roles.grant(world.store, world.admin, chen, "reviewer", reason="hired")
    assert actor(world.store, chen).roles == frozenset()
    assert [(r.id, p.id) for r, p in roles.waiting(world.store, world.second)] == [(made, chen)]
    roles.confirm(world.store, world.second, made)
    assert actor(world.store, chen).roles == {"reviewer"}
    assert roles.waiting(world.store, world.second) == []
    assert chen in {p.id for _, p in roles.held(world.store, world.admin)}
    people.set_active(world.store, world.admin, chen, False, "leave")
    assert actor(world.store, chen).roles == frozenset()
    people.set_active(world.store, world.admin, chen, True, "back")
    roles.end(world.store, world.admin, made, "left")
    assert actor(world.store, chen).roles == frozenset()
    with refusing("duty.role-final"):
        roles.end(world.store, world.admin, made, "left")
    with refusing("duty.role-final"):
        roles.confirm(world.store, world.second, made)
    roles.grant(world.store, world.admin, chen, "reviewer")


@pytest.mark.parametrize("role", ["administrator", "evaluator", "decider"])
def test_who_does_not_grant_or_confirm(world: World, chen: str, role: str) -> None:
    cai = world.member("cai@works.example", world.applicant())
    world.role(chen, "evaluator")
    with refusing("duty.role-self"):
        roles.grant(world.store, world.admin, world.anna, role)
    for who in (actor(world.store, chen), actor(world.store, cai), PUBLIC, SYSTEM,
                Actor(chen, "", frozenset(), frozenset({"administrator"}))):         # a role that he does not have
        with refusing("accounts.not-allowed"):
            roles.grant(world.store, who, chen, role)
    with refusing("duty.role-outside"):
        roles.grant(world.store, world.admin, cai, role)
    with refusing("accounts.not-found"):
        roles.grant(world.store, world.admin, "nobody", role)
    if role == "evaluator":
        with refusing("duty.role-held"):
            roles.grant(world.store, world.admin, chen, role)
        return
    made = roles.grant(world.store, world.admin, chen, role)
    with refusing("duty.role-held"):
        roles.grant(world.store, world.second, chen, role)
    with refusing("duty.role-one-hand"):
        roles.confirm(world.store, world.admin, made)
    with refusing("duty.role-not-administrator"):
        roles.confirm(world.store, actor(world.store, cai), made)
    for own in (actor(world.store, chen), Actor(chen, "", frozenset(), frozenset({"administrator"}))):
        with refusing("duty.role-not-administrator"):
            roles.confirm(world.store, own, made)
    roles.confirm(world.store, world.second, made)


def test_an_observer_may_be_of_an_accreditation_body(world: World) -> None:
    place = people.add_organisation(world.store, world.admin, kind="accreditor", name_zh="认可委", name_en="Accreditor")
    olga = world.member("olga@accreditor.example", place)
    world.role(olga, "observer")
    with refusing("duty.role-outside"):
        roles.grant(world.store, world.admin, olga, "evaluator")
    with refusing("accounts.value"):
        roles.grant(world.store, world.admin, olga, "king")
    [(row, _)] = people.members(world.store, world.admin, place)
    people.end_membership(world.store, world.admin, row.id, "left")
    assert actor(world.store, olga).roles == frozenset()


def test_a_role_that_ended_a_moment_ago_is_not_in_force(world: World, chen: str) -> None:
    made = world.role(chen, "administrator")
    as_came_in = actor(world.store, chen)
    roles.end(world.store, world.admin, made, "left")
    with refusing("accounts.not-allowed"):
        roles.grant(world.store, as_came_in, world.anna, "reviewer")


def test_the_last_administrator_stays(world: World) -> None:
    own = {r.person_id: r.id for r in world.role_rows()}
    roles.end(world.store, world.second, own[world.bo], "left")
    with refusing("accounts.last-administrator"):
        roles.end(world.store, world.admin, own[world.anna], "left")
    with refusing("accounts.last-administrator"):
        people.set_active(world.store, world.admin, world.anna, False, "left")


def test_two_confirmations_at_once_are_one(world: World, chen: str) -> None:
    dai = world.member("dai@body.example", world.body)
    world.role(dai, "administrator")
    made = roles.grant(world.store, world.admin, chen, "reviewer")
    with refusing("store.stale"), world.store.change(world.second) as change:
        row = change.session.get(BodyRole, made)
        assert row is not None
        if is_sqlite(world.store.engine):           # one writer at a time: what the other one saw is what changed
            row.version = 1
            change.session.connection().execute(sa.text("UPDATE body_role SET version = 2 WHERE id = :i"), {"i": made})
        else:
            roles.confirm(world.store, actor(world.store, dai), made)
        roles.confirmed(change, row)


# -- the database alone -------------------------------------------------------------------------------------------------


def written(store: Store, statement: str, values: dict[str, object]) -> str | None:
    """Run SQL past the service; the code of the refusal."""
    try:
        with store.engine.connect().execution_options(zerofactory_write=True) as connection, connection.begin():
            connection.execute(sa.text(statement), values)
    except sa.exc.DBAPIError as error:
        return refusal(error).code
    return None


INSERT = ("INSERT INTO body_role (id, version, created_at, person_id, role, granted_by, confirmed_by, confirmed_at) "
          "VALUES (:id, 1, :at, :person, :role, :granted, :confirmed, :confirmed_at)")


def inserted(store: Store, person: str, role: str, granted: str, confirmed: str | None = None) -> tuple[str, str | None]:
    ident, at = new_id(), time_text(store.clock())
    return ident, written(store, INSERT, {"id": ident, "at": at, "person": person, "role": role, "granted": granted,
                                          "confirmed": confirmed, "confirmed_at": at if confirmed else None})


def confirmed_in_table(store: Store, ident: str, by: str) -> str | None:
    return written(store, "UPDATE body_role SET confirmed_by = :by, confirmed_at = :at, version = version + 1 WHERE id = :id",
                   {"by": by, "at": time_text(store.clock()), "id": ident})


def test_what_the_tables_refuse(world: World, chen: str) -> None:
    store, anna, bo = world.store, world.anna, world.bo
    dai = world.member("dai@body.example", world.body)
    world.role(chen, "administrator")
    assert inserted(store, anna, "reviewer", anna)[1] == "duty.role-self"
    for confirmed in (chen, anna, bo):
        assert inserted(store, chen, "reviewer", anna, confirmed)[1] == "duty.role-confirmed-at-once"
    assert inserted(store, anna, "reviewer", dai)[1] == "duty.role-not-administrator"
    assert inserted(store, chen, "reviewer", "system")[1] == "duty.role-not-administrator"
    assert inserted(store, chen, "king", anna)[1] == "store.taken"
    made, code = inserted(store, chen, "reviewer", anna)
    assert code is None
    assert inserted(store, chen, "reviewer", bo)[1] == "store.taken"
    assert confirmed_in_table(store, made, chen) == "duty.role-self"
    assert confirmed_in_table(store, made, anna) == "duty.role-one-hand"
    assert confirmed_in_table(store, made, dai) == "duty.role-not-administrator"
    assert confirmed_in_table(store, made, "system") == "duty.role-not-administrator"
    assert confirmed_in_table(store, made, bo) is None
    for column, value in (("confirmed_by", "x"), ("confirmed_by", None), ("granted_by", bo), ("person_id", anna),
                          ("role", "decider"), ("confirmed_at", "2030-01-01T00:00:00.000000Z")):
        assert written(store, f"UPDATE body_role SET {column} = :v WHERE id = :id", {"v": value, "id": made}) in (
            "duty.role-final", "duty.role-one-hand", "duty.role-self"), column
    assert written(store, "DELETE FROM body_role WHERE id = :id", {"id": made}) == "duty.role-final"
    ended: dict[str, object] = {"at": time_text(store.clock()), "id": made}
    assert written(store, "UPDATE body_role SET ended_at = :at WHERE id = :id", ended) is None
    assert written(store, "UPDATE body_role SET ended_at = NULL WHERE id = :id", {"id": made}) == "duty.role-final"
    pending, _ = inserted(store, chen, "decider", anna)
    assert written(store, "UPDATE body_role SET ended_at = :at WHERE id = :id", {**ended, "id": pending}) is None
    assert confirmed_in_table(store, pending, bo) == "duty.role-final"


def test_an_operators_grant_waits_for_an_administrator_once_there_is_one(world: World, chen: str) -> None:
    dai = world.member("dai@body.example", world.body)
    first, _ = inserted(world.store, chen, "administrator", "system")
    second, _ = inserted(world.store, dai, "administrator", "system")
    assert confirmed_in_table(world.store, first, dai) == "duty.role-not-administrator"
    assert confirmed_in_table(world.store, second, chen) == "duty.role-not-administrator"
    assert confirmed_in_table(world.store, first, world.anna) is None


def test_competence_is_recorded_by_an_administrator_for_others(world: World, chen: str) -> None:
    for person, by, code in ((world.anna, world.anna, "duty.competence-self"), (world.anna, chen, "duty.role-not-administrator"),
                             (chen, world.anna, None)):
        assert written(world.store, "INSERT INTO competence (id, version, created_at, person_id, sector, since, until, evidence, "
                       "recorded_by) VALUES (:id, 1, :at, :p, '*', '2026-01-01', '2027-01-01', 'x', :by)",
                       {"id": new_id(), "at": time_text(world.store.clock()), "p": person, "by": by}) == code
    with world.store.read() as session:
        assert len(session.scalars(sa.select(Competence)).all()) == 1


# -- properties -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Act:
    """*kind* by person *by* for person *to*, about *role* (or the *pick*-th open grant)."""

    kind: str
    by: int
    to: int
    role: str
    pick: int


ACTS = st.lists(st.builds(Act, st.sampled_from(["grant", "grant", "confirm", "confirm", "end"]), st.integers(0, 3), st.integers(0, 3),
                          st.sampled_from(["administrator", "reviewer"]), st.integers(0, 5)), min_size=1, max_size=14)
COMMON = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture,
                                                                         HealthCheck.too_slow])


def open_rows(store: Store, founders: set[str]) -> list[BodyRole]:
    """Everything that has not ended but the administration of the founders."""
    with store.read() as session:
        return [r for r in session.scalars(sa.select(BodyRole).where(BodyRole.ended_at.is_(None)).order_by(BodyRole.created_at, BodyRole.id))
                if not (r.person_id in founders and r.role == "administrator")]


def ended_all(store: Store, founders: set[str]) -> None:
    for row in open_rows(store, founders):
        assert written(store, "UPDATE body_role SET ended_at = :at WHERE id = :id", {"at": time_text(store.clock()), "id": row.id}) is None


def held_rule(store: Store) -> None:
    """No row of the table was granted or confirmed by its own person, or by one person alone."""
    with store.read() as session:
        for row in session.scalars(sa.select(BodyRole)):
            assert row.person_id not in (row.granted_by, row.confirmed_by)
            assert row.confirmed_by is None or row.confirmed_by != row.granted_by


def administrators(store: Store, ids: list[str]) -> set[str]:
    with store.read() as session:
        return {i for i in ids if "administrator" in roles_in_force(session, i)}


def run(store: Store, ids: list[str], acts: list[Act], do: Callable[[Act, list[BodyRole]], bool]) -> int:
    """Do the acts; after each, the rule holds, and whoever granted or confirmed was an administrator. How many did something."""
    founders, count = set(ids[:2]), 0
    ended_all(store, founders)
    for act in acts:
        before = administrators(store, ids)
        if do(act, open_rows(store, founders)):
            count += 1
            assert act.kind == "end" or ids[act.by] in before
            held_rule(store)
    return count


def by_service(world: World, ids: list[str]) -> Callable[[Act, list[BodyRole]], bool]:
    def do(act: Act, rows: list[BodyRole]) -> bool:
        # the worst that a page could do: believe everybody to be an administrator
        who = Actor(ids[act.by], "", frozenset(), frozenset({"administrator"}))
        try:
            if act.kind == "grant":
                roles.grant(world.store, who, ids[act.to], act.role)
            elif not rows:
                return False
            elif act.kind == "confirm":
                roles.confirm(world.store, who, rows[act.pick % len(rows)].id)
            else:
                roles.end(world.store, who, rows[act.pick % len(rows)].id, "x")
        except ProblemsError:
            return False
        return True
    return do


def four(world: World) -> list[str]:
    return [world.anna, world.bo, world.member("chen@body.example", world.body), world.member("dai@body.example", world.body)]


def test_no_acts_of_the_service_give_anybody_a_role_of_his_own(world: World) -> None:
    ids, done = four(world), [0]

    @COMMON
    @given(ACTS)
    def check(acts: list[Act]) -> None:
        with world.store.read() as session:
            seq = session.scalar(sa.select(sa.func.max(AuditRow.seq)))
        count = run(world.store, ids, acts, by_service(world, ids))
        with world.store.read() as session:
            assert session.scalar(sa.select(sa.func.max(AuditRow.seq))) == (seq or 0) + count      # one row for each act
        done[0] += count

    check()
    assert done[0] > 0


def without_guards(store: Store) -> None:
    """Take away every trigger and constraint on roles."""
    with store.engine.connect().execution_options(zerofactory_write=True) as connection, connection.begin():
        if is_sqlite(store.engine):
            names = connection.execute(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'body_role'"))
            for (name,) in names.all():
                connection.execute(sa.text(f"DROP TRIGGER {name}"))
        else:
            for (name,) in connection.execute(sa.text("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgrelid = 'body_role'::regclass")).all():
                connection.execute(sa.text(f"DROP TRIGGER {name} ON body_role"))
            for (name,) in connection.execute(sa.text("SELECT conname FROM pg_constraint WHERE contype = 'c' AND conrelid = 'body_role'::regclass")).all():
                connection.execute(sa.text(f"ALTER TABLE body_role DROP CONSTRAINT {name}"))
    if is_sqlite(store.engine):
        @sa.event.listens_for(store.engine, "connect")
        def _lax(connection: object, _record: object) -> None:
            connection.execute("PRAGMA ignore_check_constraints = ON")  # type: ignore[attr-defined] # a driver's connection
        store.engine.dispose()


def test_the_service_refuses_without_the_database(world: World) -> None:
    ids, done = four(world), [0]
    without_guards(world.store)
    probe, code = inserted(world.store, ids[2], "reviewer", ids[2], ids[2])           # nothing is in the way any more
    assert code is None
    assert written(world.store, "DELETE FROM body_role WHERE id = :id", {"id": probe}) is None

    @COMMON
    @given(ACTS)
    def check(acts: list[Act]) -> None:
        done[0] += run(world.store, ids, acts, by_service(world, ids))

    check()
    assert done[0] > 0


def test_the_database_refuses_without_the_service(world: World) -> None:
    ids, done = four(world), [0]

    def do(act: Act, rows: list[BodyRole]) -> bool:
        if act.kind == "grant":
            confirmed = ids[act.pick % 4] if act.pick > 3 else None
            return inserted(world.store, ids[act.to], act.role, ids[act.by], confirmed)[1] is None
        if not rows:
            return False
        row = rows[act.pick % len(rows)]
        if act.kind == "confirm":
            return confirmed_in_table(world.store, row.id, ids[act.by]) is None
        return written(world.store, "UPDATE body_role SET person_id = :p WHERE id = :id", {"p": ids[act.to], "id": row.id}) is None and (
            ids[act.to] == row.person_id)

    @COMMON
    @given(ACTS)
    def check(acts: list[Act]) -> None:
        done[0] += run(world.store, ids, acts, do)

    check()
    assert done[0] > 0
