"""Issuing: the record, numbers without gaps, serials in force once, and what the database refuses by itself."""

from __future__ import annotations

import dataclasses
import json
import threading
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.web.conftest import Clock
from tests.web.register.register_world import World, content, prepared, refusing, statement

from zerofactory_engine.canonical import content_hash
from zerofactory_web.jobs.model import Job
from zerofactory_web.register import serials, service
from zerofactory_web.register.model import Certificate, Sequence, SerialUse
from zerofactory_web.settings import Settings
from zerofactory_web.store import schema
from zerofactory_web.store.unit import SYSTEM, Store

GOLDEN = Path(__file__).parent / "golden" / "certificate.json"
RANGE = {"registry": "credits", "serial": "VCS-100 … VCS-199"}


def test_the_record_is_what_was_published(world: World) -> None:
    row = world.issue()
    assert content(row) == GOLDEN.read_text(encoding="utf-8")
    assert row.sha256 == content_hash(json.loads(GOLDEN.read_text(encoding="utf-8")))
    assert (row.number, row.status, row.issued_on) == ("ZC-2026-00001", "active", date(2026, 11, 2))
    with world.store.read() as session:
        job = session.scalars(sa.select(Job)).one()
        assert (job.kind, job.payload) == ("certificate/files", {"certificate": row.id})
        assert [h.status for h in service.history(session, row.id)] == ["active"]


def test_who_evaluated_is_not_public(world: World) -> None:
    row = world.issue(people={"evaluators": ["secret-1"], "reviewer": "secret-2", "decider": "secret-3"})
    assert "secret" not in content(row)


def test_everything_wrong_is_told_at_once_and_nothing_is_issued(world: World) -> None:
    with refusing("register.lint-missing", "register.lint-missing", "register.lint-dates", "register.lint-duty"):
        world.issue(scope={"zh": "", "en": "x"}, levels=[], valid_until=date(2026, 1, 1), surveillance_due=None,
                    people={"evaluators": ["a"], "reviewer": "a", "decider": "b"})
    with world.store.read() as session:
        assert session.query(Certificate).count() == 0
        assert session.query(Sequence).count() == 0
        assert session.query(Job).count() == 0
    assert world.issue().number == "ZC-2026-00001"      # the refused draft left no gap


def test_a_decision_issues_once(world: World) -> None:
    order = world.order()
    with world.store.change(SYSTEM) as change:
        service.issue(change, order)
    with refusing("store.taken"), world.store.change(SYSTEM) as change:
        service.issue(change, order)


def test_numbers_count_by_kind_and_year(store: Store, clock: Clock) -> None:
    world = prepared(store, 4)
    assert [world.issue().number for _ in range(2)] == ["ZC-2026-00001", "ZC-2026-00002"]
    clock.now = clock.now.replace(year=2027, month=1, day=1)
    assert world.issue(valid_from=date(2027, 1, 1)).number == "ZC-2027-00001"


def test_statements_have_numbers_of_their_own(store: Store) -> None:
    world = prepared(store, outcome="verification")
    assert world.issue(**statement()).number == "ZS-2026-00001"
    with refusing("register.lint-kind", "register.lint-opinion"):
        world.issue(kind="certificate")


@pytest.mark.parametrize("workers", [4])
def test_numbers_of_many_at_once_have_no_gap(store: Store, workers: int) -> None:
    world = prepared(store, 12)
    orders = [world.order() for _ in range(12)]
    numbers: list[str] = []

    def issue(mine: list[int]) -> None:
        for n in mine:
            with world.store.change(SYSTEM) as change:
                made = service.issue(change, orders[n])
            numbers.append(made.number)

    threads = [threading.Thread(target=issue, args=(list(range(n, 12, workers)),)) for n in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers) == [f"ZC-2026-{n:05d}" for n in range(1, 13)]


def fail_before_the_commit(world: World, **changes: Any) -> None:
    with world.store.change(SYSTEM) as change:
        service.issue(change, world.order(**changes))
        raise RuntimeError("power failed")


@given(st.lists(st.sampled_from(["issue", "refuse", "break", "year"]), max_size=9))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_happens_numbers_have_no_gap(tmp_path_factory: pytest.TempPathFactory, acts: list[str]) -> None:
    clock = Clock()
    store = Store(Settings(data=tmp_path_factory.mktemp("numbers")), clock=clock)
    schema.upgrade(store.engine)
    world, seen = prepared(store, 10), dict.fromkeys(range(2026, 2040), 0)
    for act in acts:
        year = clock.now.year
        start = date(year, 12, 1)
        if act == "year":
            clock.now = clock.now.replace(year=year + 1)
        elif act == "issue":
            seen[year] += 1
            row = world.issue(valid_from=start, valid_until=date(year + 3, 1, 1), surveillance_due=None)
            assert row.number == f"ZC-{year}-{seen[year]:05d}"
        elif act == "refuse":
            with refusing("register.lint-missing"):
                world.issue(levels=[], valid_from=start, valid_until=date(year + 3, 1, 1), surveillance_due=None)
        else:
            with pytest.raises(RuntimeError):
                fail_before_the_commit(world, valid_from=start, valid_until=date(year + 3, 1, 1), surveillance_due=None)
    store.close()


# --- serials ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("other", "meets"), [
    ("VCS-100 … VCS-199", True), ("VCS-150", True), ("VCS-199 … VCS-300", True), ("VCS-1 … VCS-99", False),
    ("VCS-200 … VCS-300", False), ("GS-150", False), ("VCS-0150", False)])
def test_a_serial_in_force_blocks_every_range_that_meets_it(world: World, other: str, meets: bool) -> None:
    world.issue(serials=[RANGE])
    mine = [{"registry": "credits", "serial": other}]
    with world.store.read() as session:
        found = serials.conflicts(session, world.cases[1].id, mine)
    assert [(p.code, p.args["number"]) for p in found] == ([("register.lint-serial", "ZC-2026-00001")] if meets else [])
    if meets:
        with refusing("register.lint-serial"):
            world.issue(serials=mine)
    else:
        world.issue(serials=mine)


def test_the_database_refuses_it_too(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serials, "conflicts", lambda *given: [])
    world.issue(serials=[RANGE])
    with refusing("register.serial-twice"):
        world.issue(serials=[{"registry": "credits", "serial": "VCS-150"}])


@pytest.mark.parametrize(("serial", "parts"), [
    ("VCS-100 … VCS-199", [("VCS-#3#", 100, 199)]), ("0007", [("#4#", 7, 7)]),
    ("98 … 1203", [("#2#", 98, 99), ("#3#", 100, 999), ("#4#", 1000, 1203)]), ("ABC", [("ABC", 0, 0)]),
    ("5 … 3", [("5 … 3", 0, 0)])])
def test_how_serials_are_kept(serial: str, parts: list[tuple[str, int, int]]) -> None:
    found = serials.written({"registry": "credits", "serial": serial})
    assert [(w.series, int(w.low), int(w.high)) for w in found] == parts
    assert {len(n) for w in found for n in (w.low, w.high)} == {60}


def test_another_registry_or_words_without_number_are_no_conflict(world: World) -> None:
    world.issue(serials=[RANGE, {"registry": "credits", "serial": "ABC"}])
    world.issue(serials=[{"registry": "certificates", "serial": "VCS-150"}, {"registry": "credits", "serial": "ABD"}])
    with refusing("register.lint-serial"):
        world.issue(serials=[{"registry": "credits", "serial": "ABC"}])


def test_cases_of_one_application_are_one_claim(store: Store) -> None:
    world = prepared(store, 2, applications=1)
    world.issue(serials=[RANGE])
    world.issue(serials=[RANGE])


@pytest.mark.parametrize(("event", "free"), [("withdraw", True), ("suspend", False), ("terminate", False)])
def test_only_a_claim_that_no_longer_stands_frees_its_serials(world: World, event: str, free: bool) -> None:
    row = world.issue(serials=[RANGE])
    world.act(row, event)
    with world.store.read() as session:
        assert bool(serials.conflicts(session, world.cases[1].id, [RANGE])) is not free
        assert [(u.released_at is not None) for u in session.query(SerialUse)] == [free]


def test_a_replaced_certificate_ends_and_frees_its_serials(store: Store) -> None:
    world = prepared(store, 3)
    old = world.issue(serials=[RANGE])
    new = world.issue(supersedes=old.id)
    assert (world.now(old), world.now(new), new.content["supersedes"]) == ("superseded", "active", old.number)
    with world.store.read() as session:
        assert service.successor(session, old.id).number == new.number      # type: ignore[union-attr]  # there is one
    with refusing("register.lint-supersedes"):
        world.issue(supersedes=old.id, serials=[RANGE])


# --- guards of the database ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("sql", "code"), [
    ("UPDATE certificate SET number = 'ZC-2026-00009'", "register.final"),
    ("UPDATE certificate SET content = '{}'", "register.final"),
    ("UPDATE certificate SET valid_until = '2035-01-01'", "register.final"),
    ("UPDATE certificate SET surveillance_due = NULL", "register.final"),
    ("DELETE FROM certificate", "register.final"),
    ("UPDATE certificate SET status = 'withdrawn'", "register.not-decided"),
    ("UPDATE certificate SET status = 'expired'", "register.not-decided"),
    ("UPDATE certificate_status SET status = 'withdrawn'", "register.final"),
    ("DELETE FROM certificate_status", "register.final"),
    ("UPDATE certificate_text SET text = 'x'", "register.final"),
    ("UPDATE number_sequence SET last = 9", "register.final"),
    ("DELETE FROM number_sequence", "register.final"),
    ("UPDATE serial_use SET serial = 'X'", "register.final"),
    ("DELETE FROM serial_use", "register.final")])
def test_the_database_keeps_the_register(world: World, sql: str, code: str) -> None:
    world.issue(serials=[RANGE])
    with refusing(code), world.store.change(SYSTEM) as change:
        change.session.execute(sa.text(sql))


def test_without_a_grant_of_its_own_bundle_nothing_is_issued(world: World) -> None:
    with refusing("register.not-granted"), world.store.change(SYSTEM) as change:
        service.issue(change, dataclasses.replace(world.order(), bundle="sha256:" + "9" * 64))


def test_a_certificate_without_body_is_refused(store: Store) -> None:
    world = prepared(store)
    with store.engine.connect().execution_options(zerofactory_write=True) as connection, connection.begin():
        connection.execute(sa.text("UPDATE organisation SET kind = 'accreditor' WHERE kind = 'body'"))
    with refusing("register.no-body"):
        world.issue()
