"""The life of a job on each kind of database: asked for, leased, beaten, failed, tried again, done or given up."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import text
from tests.web.accounts.accounts_world import refusing
from tests.web.jobs.jobs_world import acts, ask, claimed, job, jobs, pass_by

from zerofactory_engine.problems import Problem, ProblemsError
from zerofactory_web.jobs import service
from zerofactory_web.jobs.model import Job
from zerofactory_web.store.audit import faults
from zerofactory_web.store.unit import PUBLIC, SYSTEM, Actor, Store

LEASE = 120
WRONG = [Problem("jobs.failed")]


# --- asking ----------------------------------------------------------------------------------------------------------


def test_a_job_is_asked_for_with_an_audit_row_in_the_same_transaction(store: Store) -> None:
    ident = ask(store, payload={"a": "1"}, actor=Actor("anna", "Anna"), for_thing="case:7")
    row = job(store, ident)
    assert (row.kind, row.state, row.payload, row.for_person, row.for_thing, row.attempts, row.progress) == (
        "test/one", "queued", {"a": "1"}, "anna", "case:7", 0, 0)
    assert acts(store) == ["job.asked"]
    with store.read() as session:
        assert list(faults(session)) == []
        assert [r.id for r in service.about(session, "case:7")] == [ident]
        assert list(service.about(session, "case:8")) == []


def test_what_is_rolled_back_leaves_no_job_and_wakes_nobody(store: Store) -> None:
    heard = service.BELL.rung

    def half() -> None:
        with store.change(SYSTEM) as change:
            service.enqueue(change, "test/one", {})
            raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        half()
    assert jobs(store) == []
    assert acts(store) == []
    assert service.BELL.rung == heard


def test_the_bell_rings_after_the_commit_not_before(store: Store) -> None:
    heard = service.BELL.rung
    with store.change(SYSTEM) as change:
        service.enqueue(change, "test/one", {})
        assert service.BELL.rung == heard
    assert service.BELL.rung == heard + 1


def test_of_a_key_there_is_one_open_job_and_a_new_one_once_it_has_ended(store: Store) -> None:
    first = ask(store, key="k")
    assert ask(store, key="k") == first
    leased = claimed(store)
    assert ask(store, key="k") == first
    service.finish(store, leased, {})
    second = ask(store, key="k")
    assert second != first
    assert acts(store) == ["job.asked", "job.done", "job.asked"]


def test_the_database_keeps_keys_apart_by_itself(store: Store) -> None:
    ask(store, key="k")
    with refusing("store.taken"), store.change(SYSTEM) as change:
        now = change.now
        change.session.add(Job(kind="test/one", key="k", run_after=now, created_at=now))


def test_two_who_ask_for_one_key_at_once_get_one_job_and_both_commit(store: Store) -> None:
    found: list[str] = []
    together = threading.Barrier(4)

    def one() -> None:
        together.wait()
        found.append(ask(store, key="same"))

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(found)) == 1
    assert len(jobs(store)) == 1


def test_a_job_of_somebody_else_and_of_nobody(store: Store) -> None:
    assert job(store, ask(store, actor=Actor("anna"), for_person="bo")).for_person == "bo"
    assert job(store, ask(store)).for_person is None


# --- taking ----------------------------------------------------------------------------------------------------------


def test_the_one_that_waited_longest_comes_first_and_none_before_its_time(store: Store) -> None:
    later = ask(store, run_after=store.clock() + timedelta(hours=1))
    first, second = ask(store), ask(store)
    assert [claimed(store).id, claimed(store).id] == [first, second]
    assert service.claim(store, "w1") is None
    pass_by(store, 3_600)
    assert {claimed(store).id for _ in range(3)} == {later, first, second}       # two leases are over by then, too


def test_a_leased_job_is_its_workers_until_the_lease_is_over(store: Store) -> None:
    ident = ask(store)
    mine = claimed(store, "w1")
    assert (mine.id, mine.attempt) == (ident, 1)
    assert service.claim(store, "w2") is None
    pass_by(store, LEASE + 1)
    again = claimed(store, "w2")
    assert (again.id, again.attempt, job(store, ident).worker) == (ident, 2, "w2")


def test_beats_prolong_the_lease_and_tell_how_far_it_is(store: Store) -> None:
    ident = ask(store)
    mine = claimed(store)
    for progress in (100, 500):
        pass_by(store, LEASE - 10)
        service.beat(store, mine, progress, "jobs.progress")
        assert service.claim(store, "w2") is None
    row = job(store, ident)
    assert (row.progress, row.step) == (500, "jobs.progress")
    service.beat(store, mine, 5_000)
    assert (job(store, ident).progress, job(store, ident).step) == (1_000, "")
    service.beat(store, mine, -3)
    assert job(store, ident).progress == 0


def test_who_has_lost_a_job_can_neither_beat_nor_end_it(store: Store) -> None:
    ident = ask(store)
    lost = claimed(store, "w1")
    pass_by(store, LEASE + 1)
    mine = claimed(store, "w2")
    with refusing("jobs.lost"):
        service.beat(store, lost, 10)
    with refusing("jobs.lost"):
        service.finish(store, lost, {"by": "w1"})
    with refusing("jobs.lost"):
        service.fail(store, lost, WRONG)
    with refusing("jobs.lost"):
        service.release(store, lost)
    service.finish(store, mine, {"by": "w2"})
    assert (job(store, ident).state, job(store, ident).result) == ("done", {"by": "w2"})
    with refusing("jobs.lost"):
        service.beat(store, mine, 10)


def test_a_lease_that_the_same_worker_took_again_is_another_one(store: Store) -> None:
    ask(store)
    lost = claimed(store, "w1")
    pass_by(store, LEASE + 1)
    claimed(store, "w1")
    with refusing("jobs.lost"):
        service.finish(store, lost, {})
    with refusing("jobs.lost"):
        service.beat(store, lost)


def test_released_it_is_anybodys_at_once_and_no_try_is_counted(store: Store) -> None:
    ident = ask(store)
    service.release(store, claimed(store, "w1"))
    assert (job(store, ident).state, job(store, ident).attempts) == ("queued", 0)
    assert claimed(store, "w2").attempt == 1


# --- failing ---------------------------------------------------------------------------------------------------------


def test_it_is_tried_again_after_growing_waits_then_given_up(store: Store) -> None:
    ident = ask(store)
    for attempt, wait in enumerate(service.WAITS, start=1):
        service.fail(store, claimed(store), WRONG)
        row = job(store, ident)
        assert (row.state, row.attempts, [p["code"] for p in row.problems]) == ("queued", attempt, ["jobs.failed"])
        before = store.clock()
        assert wait - 2 <= (row.run_after - before).total_seconds() <= wait
        pass_by(store, (row.run_after - before).total_seconds() - 5)
        assert service.claim(store, "w1") is None
        pass_by(store, 10)
    service.fail(store, claimed(store), WRONG)
    row = job(store, ident)
    assert (row.state, row.attempts, row.ended_at is not None, row.worker) == ("given_up", service.ATTEMPTS, True, None)
    assert service.WAITS == (5, 30, 120, 600, 3_600)
    assert acts(store) == ["job.asked", *["job.failed"] * 5, "job.given-up"]
    pass_by(store, 10**6)
    assert service.claim(store, "w1") is None


def test_what_no_try_can_help_is_given_up_at_once(store: Store) -> None:
    ident = ask(store)
    service.fail(store, claimed(store), WRONG, final=True)
    assert (job(store, ident).state, job(store, ident).attempts) == ("given_up", 1)


def test_a_job_that_ends_its_worker_each_time_is_given_up_and_the_next_one_is_done(store: Store) -> None:
    bad, good = ask(store, "test/bad"), ask(store, "test/good")
    service.finish(store, _until(store, good), {})
    for _ in range(service.ATTEMPTS):
        pass_by(store, LEASE + 1)
        service.claim(store, "w1")
    last = ask(store)
    pass_by(store, LEASE + 1)
    assert claimed(store).id == last                # the one given up on the way keeps nobody from the next
    row = job(store, bad)
    assert (row.state, row.attempts, [p["code"] for p in row.problems]) == (
        "given_up", service.ATTEMPTS, ["jobs.died"])


def _until(store: Store, ident: str) -> service.Leased:
    while (leased := claimed(store)).id != ident:
        pass
    return leased


def test_success_forgets_the_problems_of_before(store: Store) -> None:
    ident = ask(store)
    service.fail(store, claimed(store), WRONG)
    pass_by(store, 10)
    service.finish(store, claimed(store), {"made": "1"})
    row = job(store, ident)
    assert (row.state, row.problems, row.result, row.progress, row.worker, row.lease_until) == (
        "done", [], {"made": "1"}, 1_000, None, None)


# --- the database alone ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("statement", [
    "UPDATE job SET kind = 'other'", "UPDATE job SET payload = '{}x'", "UPDATE job SET key = 'other'",
    "UPDATE job SET created_at = '2020'", "DELETE FROM job"])
def test_the_database_keeps_what_was_asked_for(store: Store, statement: str) -> None:
    ask(store)
    with refusing("jobs.final"), store.change(SYSTEM) as change:
        change.session.execute(text(statement))


def test_the_database_keeps_how_a_job_ended(store: Store) -> None:
    ask(store)
    service.finish(store, claimed(store), {})
    with refusing("jobs.final"), store.change(SYSTEM) as change:
        change.session.execute(text("UPDATE job SET state = 'queued'"))


@pytest.mark.parametrize("change_to", ["state = 'lost'", "progress = 1001", "progress = -1"])
def test_the_database_knows_states_and_progress(store: Store, change_to: str) -> None:
    ask(store)
    with pytest.raises(ProblemsError), store.change(SYSTEM) as change:
        change.session.execute(text(f"UPDATE job SET {change_to}"))


# --- looking ---------------------------------------------------------------------------------------------------------


def test_who_may_look_at_a_job(store: Store) -> None:
    anna, bo = Actor("anna", organisations=frozenset({"works"})), Actor("bo", organisations=frozenset({"works"}))
    ident, nobodys = ask(store, actor=anna), ask(store)
    staff = Actor("eve", roles=frozenset({"evaluator"}))
    for who, what in ((anna, ident), (staff, ident), (staff, nobodys), (Actor("anna", scopes=frozenset({"read"})), ident)):
        assert service.look(store, who, what).id == what
    for who, what in ((bo, ident), (anna, nobodys), (PUBLIC, ident), (PUBLIC, nobodys), (SYSTEM, ident),
                      (Actor("anna", scopes=frozenset({"apply"})), ident)):
        with refusing("jobs.not-found"):
            service.look(store, who, what)
    for odd in ("", "none", "\x00", "a" * 5_000, "' OR 1=1 --", "任务"):
        with refusing("jobs.not-found"):
            service.look(store, staff, odd)


def test_how_late_jobs_are_and_how_many_there_are(store: Store) -> None:
    def told() -> tuple[float, dict[str, int]]:
        with store.read() as session:
            return service.lag(session, store.clock()), service.counts(session)

    assert told() == (0.0, {"queued": 0, "running": 0, "done": 0, "given_up": 0})
    ask(store, run_after=store.clock() + timedelta(hours=1))
    assert told()[0] == 0.0
    ask(store)
    pass_by(store, 500)
    assert 500 <= told()[0] <= 510
    claimed(store)
    assert told() == (0.0, {"queued": 1, "running": 1, "done": 0, "given_up": 0})
    pass_by(store, LEASE + 400)
    assert 395 <= told()[0] <= 405                 # its worker fell silent, and nobody took it
