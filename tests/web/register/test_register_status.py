"""Status over time, and the search of the register."""

from __future__ import annotations

from datetime import date
from importlib import import_module
from typing import Any

import pytest
import sqlalchemy as sa
from tests.web.conftest import Clock
from tests.web.register.register_world import World, prepared, refusing

from zerofactory_web.cases.states import CERTIFICATE
from zerofactory_web.register import jobs, service
from zerofactory_web.register.model import Certificate
from zerofactory_web.store.unit import SYSTEM, Store


def walk(world: World, *events: str) -> str:
    row = world.issue()
    for event in events:
        world.act(row, event)
    return world.now(row)


@pytest.mark.parametrize(("events", "status"), [
    ((), "active"), (("suspend",), "suspended"), (("suspend", "reinstate"), "active"),
    (("suspend", "reinstate", "suspend"), "suspended"), (("withdraw",), "withdrawn"),
    (("suspend", "withdraw"), "withdrawn"), (("terminate",), "terminated"), (("expire",), "expired"),
    (("suspend", "expire"), "expired")])
def test_a_certificate_goes_along_its_machine(world: World, events: tuple[str, ...], status: str) -> None:
    assert walk(world, *events) == status


@pytest.mark.parametrize(("events", "wrong"), [
    ((), "reinstate"), (("suspend",), "suspend"), (("withdraw",), "reinstate"), (("expire",), "suspend"),
    (("terminate",), "withdraw"), ((), "explode")])
def test_and_along_nothing_else(world: World, events: tuple[str, ...], wrong: str) -> None:
    row = world.issue()
    for event in events:
        world.act(row, event)
    before = world.now(row)
    with refusing("register.step"):
        world.act(row, wrong)
    assert world.now(row) == before


def test_without_a_decision_nothing_but_time_changes_it(world: World) -> None:
    row = world.issue()
    for event in ("suspend", "withdraw", "terminate"):
        with refusing("register.not-decided"), world.store.change(SYSTEM) as change:
            service.change_status(change, row.id, event, None, "x")
    with refusing("register.not-found"), world.store.change(SYSTEM) as change:
        service.change_status(change, "nobody", "suspend", "d", "x")


def test_an_old_decision_is_none_for_a_new_suspension(world: World) -> None:
    row = world.issue()
    world.act(row, "suspend")
    world.act(row, "reinstate")
    with refusing("register.not-decided"), world.store.change(SYSTEM) as change:
        change.session.execute(sa.update(Certificate).values(status="suspended"))


def test_history_keeps_reasons_and_tells_what_is_meant_for_all(world: World) -> None:
    row = world.issue()
    world.act(row, "suspend", told={"zh": "监督逾期", "en": "Surveillance overdue"})
    with world.store.read() as session:
        told = [(h.status, h.reason, h.told) for h in service.history(session, row.id)]
    assert told == [("active", "", {}), ("suspended", "内部理由", {"zh": "监督逾期", "en": "Surveillance overdue"})]


@pytest.mark.parametrize(("day", "found", "suspended"), [
    (date(2026, 11, 1), "not-yet-valid", "suspended"), (date(2026, 11, 2), "active", "suspended"),
    (date(2029, 11, 1), "active", "suspended"), (date(2029, 11, 2), "expired", "expired")])
def test_what_it_is_worth_on_a_day(world: World, day: date, found: str, suspended: str) -> None:
    row = world.issue()
    assert service.status_on(row, day) == found
    world.act(row, "suspend")
    with world.store.read() as session:
        assert service.status_on(session.get_one(Certificate, row.id), day) == suspended
        asked = {s: [r.number for r in service.search(session, status=s, today=day).rows] for s in service.ASKED}
    assert asked == {s: ([row.number] if s == suspended else []) for s in service.ASKED}


def test_the_upkeep_ends_what_is_over_once(world: World, clock: Clock) -> None:
    rows = [world.issue(), world.issue(valid_until=date(2027, 5, 1), surveillance_due=None)]
    world.act(rows[1], "suspend")
    clock.now = clock.now.replace(year=2028)
    assert jobs.HANDLERS["certificate/expire"](world.store, {}, lambda n: None) == {"expired": ["ZC-2026-00002"]}
    assert service.expire_due(world.store) == []
    assert [world.now(r) for r in rows] == ["active", "expired"]


def test_the_machine_and_the_database_agree() -> None:
    steps = import_module("zerofactory_web.store.migrations.versions.0004_register")._STEPS
    assert set(steps) == {(state, step.to) for (state, _), step in CERTIFICATE.steps.items()}


# --- search ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def listed(store: Store) -> World:
    world = prepared(store, 5)
    names = [("常州电池厂", "Changzhou Cells"), ("ＮＩＮＧＢＯ 泵业", "Ningbo Pumps"), ("100%_绿厂", "Green_100%"),
             ("苏州\\玻璃", "Suzhou Glass"), ("太仓 电池", "Taicang Cells")]
    for zh, en in names:
        world.issue(sites=[{"name": {"zh": zh, "en": en}}])
    return world


@pytest.mark.parametrize(("text", "numbers"), [
    ("", [5, 4, 3, 2, 1]), ("电池厂", [1]), ("taicang", [5]), ("CELLS 太仓", [5]), ("ningbo", [2]), ("泵业 pumps", [2]),
    ("100%", [3]), ("%", [3]), ("_", [3]), ("\\", [4]), ("ZC-2026-00004", [4]), ("zc-2026", [5, 4, 3, 2, 1]),
    ("91350100M000100Y43", [5, 4, 3, 2, 1]), ("' OR 1=1 --", []), ("nothing", []), ("cn-miit", [5, 4, 3, 2, 1])])
def test_a_search_finds_every_word_wherever_it_stands(listed: World, text: str, numbers: list[int]) -> None:
    with listed.store.read() as session:
        found = service.search(session, text, today=date(2026, 11, 2))
    assert [int(r.number[-5:]) for r in found.rows] == numbers
    assert found.after is None


@pytest.mark.parametrize("text", ["", "zc"])
@pytest.mark.parametrize("size", [1, 2, 4, 5, 9])
def test_pages_together_are_everything_once(listed: World, size: int, text: str) -> None:
    numbers, after, pages = [], "", 0
    with listed.store.read() as session:
        while True:
            found = service.search(session, text, after=after, size=size, today=date(2026, 11, 2))
            numbers += [int(r.number[-5:]) for r in found.rows]
            pages += 1
            if found.after is None:
                break
            after = found.after
    assert (numbers, pages) == ([5, 4, 3, 2, 1], -(-5 // size))


@pytest.mark.parametrize("wrong", [{"after": "x"}, {"after": "2026-13-01~Z"}, {"status": "fine"}, {"kind": "x"}])
def test_a_filter_that_is_none_is_refused(world: World, wrong: dict[str, Any]) -> None:
    with world.store.read() as session, refusing("register.bad-page" if "after" in wrong else "register.bad-filter"):
        service.search(session, today=date(2026, 11, 2), **wrong)
