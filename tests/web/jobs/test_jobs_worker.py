"""Workers: handlers, what becomes of their mistakes, stopping, the work of the day."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from types import ModuleType
from typing import Any

import pytest
from tests.web.jobs.jobs_world import acts, ask, job, jobs, pass_by

from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_web.jobs import service, worker
from zerofactory_web.jobs.upkeep import DAILY, Upkeep
from zerofactory_web.jobs.worker import Beat, Workers, do_all, do_one, handlers
from zerofactory_web.store.checkpoints import checkpoint_faults, checkpoints
from zerofactory_web.store.unit import Store


def good(store: Store, payload: Mapping[str, Any], beat: Beat) -> Mapping[str, Any]:
    beat(300, "jobs.progress")
    return {"was": payload["what"]}


def refused(store: Store, payload: Mapping[str, Any], beat: Beat) -> Mapping[str, Any]:
    raise ProblemsError([Problem("store.busy", Place(path="x"))])


def broken(store: Store, payload: Mapping[str, Any], beat: Beat) -> Mapping[str, Any]:
    raise ZeroDivisionError("of Wang's factory")


KNOWN: dict[str, worker.Handler] = {"test/good": good, "test/refused": refused, "test/broken": broken}


def test_a_job_is_done_by_the_handler_of_its_kind(store: Store) -> None:
    ident = ask(store, "test/good", payload={"what": "it"})
    assert do_one(store, KNOWN, "w1") is True
    assert (job(store, ident).state, job(store, ident).result) == ("done", {"was": "it"})
    assert do_one(store, KNOWN, "w1") is False


@pytest.mark.parametrize(("kind", "code"), [("test/refused", "store.busy"), ("test/broken", "jobs.failed")])
def test_a_failure_is_noted_without_its_words_and_tried_again(store: Store, kind: str, code: str,
                                                             caplog: pytest.LogCaptureFixture) -> None:
    ident = ask(store, kind)
    with caplog.at_level(logging.INFO):
        do_one(store, KNOWN, "w1")
    row = job(store, ident)
    assert (row.state, [p["code"] for p in row.problems]) == ("queued", [code])
    assert "Wang" not in str(row.problems)
    assert [r.levelname for r in caplog.records] == ["ERROR" if kind == "test/broken" else "WARNING"]
    assert acts(store) == ["job.asked", "job.failed"]


def test_a_kind_that_nothing_handles_is_given_up_at_once(store: Store) -> None:
    ident = ask(store, "test/unknown")
    do_one(store, KNOWN, "w1")
    assert (job(store, ident).state, job(store, ident).problems[0]["code"]) == ("given_up", "jobs.kind-unknown")


def test_a_handler_that_lost_its_job_changes_nothing_more(store: Store) -> None:
    def slow(store: Store, payload: Mapping[str, Any], beat: Beat) -> Mapping[str, Any]:
        pass_by(store, store.settings.job_lease + 1)
        other = service.claim(store, "w2")
        assert other is not None
        service.finish(store, other, {"by": "w2"})
        beat(500)
        raise AssertionError("the beat says that the job is lost")

    ident = ask(store, "test/slow")
    assert do_one(store, {"test/slow": slow}, "w1") is True
    assert (job(store, ident).state, job(store, ident).result) == ("done", {"by": "w2"})


def test_a_worker_that_is_to_stop_puts_its_job_back_at_the_next_beat(store: Store) -> None:
    ident = ask(store, "test/good", payload={"what": "it"})
    assert do_one(store, KNOWN, "w1", lambda: True) is True
    assert (job(store, ident).state, job(store, ident).attempts) == ("queued", 0)


def test_workers_do_what_comes_while_they_run_and_end_when_told(store: Store) -> None:
    begun, ended = threading.Event(), threading.Event()

    def signals(store: Store, payload: Mapping[str, Any], beat: Beat) -> Mapping[str, Any]:
        begun.set()
        return {}

    def last(store: Store, payload: Mapping[str, Any], beat: Beat) -> Mapping[str, Any]:
        ended.set()
        return {}

    workers = Workers(store, 2, {"test/signals": signals, "test/last": last})
    workers.start()
    ask(store, "test/signals")                 # the bell wakes them: no round is waited for
    assert begun.wait(20)
    ask(store, "test/last")
    assert ended.wait(20)
    assert workers.stop(20) is True
    unseen = ask(store, "test/signals")
    assert job(store, unseen).state == "queued"


def test_workers_that_never_started_can_be_stopped(store: Store) -> None:
    assert Workers(store, 2, {}).stop(1) is True


def test_workers_live_through_a_database_that_is_away(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    away, done = threading.Event(), threading.Event()
    claim = service.claim

    def claim_later(of: Store, name: str) -> service.Leased | None:
        if not away.is_set():
            away.set()
            raise ProblemsError([Problem("store.unavailable")])
        return claim(of, name)

    def handler(of: Store, payload: Mapping[str, Any], beat: Beat) -> Mapping[str, Any]:
        done.set()
        return {}

    monkeypatch.setattr(service, "claim", claim_later)
    monkeypatch.setattr(worker, "ROUND", 0.05)
    ask(store, "test/one")
    workers = Workers(store, 1, {"test/one": handler})
    workers.start()
    assert done.wait(20)
    assert workers.stop(20)


def test_handlers_come_from_the_subjects_and_what_does_not_exist_is_passed_over(
        monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(DAILY) <= set(handlers())
    assert {"certificate/files", "certificate/expire", "audit/checkpoint"} <= set(handlers())
    assert handlers(("zerofactory_web.register.no_such_module",)) == {}
    module = ModuleType("zerofactory_web.register")
    assert not hasattr(module, "HANDLERS")


# --- the work of the day ---------------------------------------------------------------------------------------------


def test_the_work_of_a_day_is_asked_for_once_a_day_whoever_looks(store: Store) -> None:
    known = handlers()
    for _ in range(3):
        Upkeep(known).schedule(store)
    assert sorted(j.key for j in jobs(store)) == ["audit/checkpoint/2026-11-02", "certificate/expire/2026-11-02"]
    assert do_all(store) == 2
    assert do_all(store) == 0
    Upkeep(known).schedule(store)
    assert {j.state for j in jobs(store)} == {"done"}
    assert len(jobs(store)) == 2
    pass_by(store, 86_400)
    assert do_all(store) == 2
    assert {j.key for j in jobs(store)} >= {"audit/checkpoint/2026-11-03", "certificate/expire/2026-11-03"}


def test_one_who_asked_today_asks_the_store_no_more_until_tomorrow(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    upkeep = Upkeep(handlers())
    upkeep.schedule(store)
    monkeypatch.setattr(store, "read", None)
    upkeep.schedule(store)


def test_what_nothing_handles_is_not_asked_for(store: Store) -> None:
    Upkeep({"audit/checkpoint"}).schedule(store)
    assert [j.kind for j in jobs(store)] == ["audit/checkpoint"]


def test_the_log_is_signed_every_day_and_holds(store: Store) -> None:
    for _ in range(2):
        do_all(store)
        pass_by(store, 86_400)
    with store.read() as session:
        made = checkpoints(session)
        assert len(made) == 2
        assert list(checkpoint_faults(session)) == []
