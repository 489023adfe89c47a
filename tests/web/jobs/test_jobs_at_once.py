"""Two workers never have the same job: by threads on each kind of database, and by every order of acts (hypothesis)."""

from __future__ import annotations

import atexit
import functools
import itertools
import shutil
import tempfile
import threading
from collections import Counter
from datetime import datetime
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from tests.web.accounts.accounts_world import refusing
from tests.web.conftest import Clock
from tests.web.jobs.jobs_world import acts, ask, jobs, pass_by

from zerofactory_engine.problems import Problem
from zerofactory_web.jobs import service
from zerofactory_web.settings import Settings
from zerofactory_web.store import schema
from zerofactory_web.store.audit import faults
from zerofactory_web.store.unit import Store

WORKERS, JOBS = 4, 24


class FastClock(Clock):
    """Safe to ask from several threads; it moves by a microsecond, so that no lease runs out."""

    def __init__(self) -> None:
        super().__init__()
        self._begin, self._looks = self.now, itertools.count(1)

    def __call__(self) -> datetime:
        return self._begin.replace(microsecond=next(self._looks) % 1_000_000)


def test_many_workers_do_every_job_once_and_none_together(store: Store) -> None:
    store.clock = FastClock()
    for number in range(JOBS):
        ask(store, payload={"number": str(number)})
    held: set[str] = set()
    done: Counter[str] = Counter()
    wrong: list[str] = []
    lock, together = threading.Lock(), threading.Barrier(WORKERS)

    def work(name: str) -> None:
        together.wait()
        while (leased := service.claim(store, name)) is not None:
            with lock:
                if leased.id in held:
                    wrong.append(leased.id)
                held.add(leased.id)
            service.beat(store, leased, 500)
            with lock:
                held.discard(leased.id)
                done[leased.id] += 1
            service.finish(store, leased, {})

    threads = [threading.Thread(target=work, args=(f"w{n}",)) for n in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(done) == JOBS
    assert set(done.values()) == {1}
    assert {(j.state, j.attempts) for j in jobs(store)} == {("done", 1)}
    with store.read() as session:
        assert list(faults(session)) == []
    assert Counter(acts(store)) == {"job.asked": JOBS, "job.done": JOBS}


@functools.cache
def _empty() -> Path:
    """A database with its tables, made once."""
    folder = Path(tempfile.mkdtemp(prefix="zf-jobs-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    store = Store(Settings(data=folder))
    schema.upgrade(store.engine)
    store.close()
    return folder / "zerofactory.sqlite"


class Orders(RuleBasedStateMachine):
    """Any order of asking, claiming, beating, ending, failing, releasing and passing of time, against a plain model.

    The model: who holds which lease now. A lease that is not held any more is refused everything.
    """

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        folder = Path(self._folder.name)
        shutil.copy(_empty(), folder / "zerofactory.sqlite")
        self.store = Store(Settings(data=folder, job_lease=60), clock=Clock())
        self.leases: list[service.Leased] = []
        self.holder: dict[str, service.Leased] = {}
        self.ended: dict[str, str] = {}
        self.asked = 0

    def teardown(self) -> None:
        self.store.close()
        self._folder.cleanup()

    @rule(key=st.sampled_from([None, "k"]))
    def ask(self, key: str | None) -> None:
        before = {j.id for j in jobs(self.store)}
        self.asked += ask(self.store, key=key) not in before

    @rule(worker=st.sampled_from(["w1", "w2"]))
    def claim(self, worker: str) -> None:
        until = {j.id: j.lease_until for j in jobs(self.store)}
        leased = service.claim(self.store, worker)
        if leased is None:
            return
        if leased.id in self.holder:
            ends = until[leased.id]
            assert ends is not None
            assert ends < self.store.clock(), "the lease of another one still runs"
        assert leased.id not in self.ended
        self.holder[leased.id] = leased
        self.leases.append(leased)

    @precondition(lambda self: self.leases)
    @rule(data=st.data(), act=st.sampled_from(["beat", "finish", "fail", "final", "release"]))
    def use(self, data: st.DataObject, act: str) -> None:
        leased = data.draw(st.sampled_from(self.leases))
        mine = self.holder.get(leased.id) is leased
        if not mine:
            with refusing("jobs.lost"):
                self._do(act, leased)
            return
        self._do(act, leased)
        if act != "beat":
            del self.holder[leased.id]
        if act in ("finish", "final") or (act == "fail" and leased.attempt >= service.ATTEMPTS):
            self.ended[leased.id] = "done" if act == "finish" else "given_up"

    def _do(self, act: str, leased: service.Leased) -> None:
        if act == "beat":
            service.beat(self.store, leased, 10)
        elif act == "finish":
            service.finish(self.store, leased, {})
        elif act == "release":
            service.release(self.store, leased)
        else:
            service.fail(self.store, leased, [Problem("jobs.failed")], final=act == "final")

    @rule(seconds=st.sampled_from([1, 30, 61, 4_000]))
    def wait(self, seconds: int) -> None:
        pass_by(self.store, seconds)

    @invariant()
    def agrees(self) -> None:
        rows = {j.id: j for j in jobs(self.store)}
        assert len(rows) == self.asked                       # none is lost, none is made twice
        for ident, row in rows.items():
            if row.state == "given_up" and ident not in self.ended:
                assert row.attempts == service.ATTEMPTS       # its workers fell silent each time
                self.ended[ident] = "given_up"
                self.holder.pop(ident, None)
            assert (row.state in ("done", "given_up")) == (ident in self.ended)
            assert self.ended.get(ident, row.state) == row.state
            assert (row.state == "running") == (ident in self.holder)
            if ident in self.holder:
                assert row.worker == self.holder[ident].worker
            assert row.attempts <= service.ATTEMPTS
        assert len([r for r in rows.values() if r.key == "k" and r.state in ("queued", "running")]) <= 1


TestOrders = Orders.TestCase
TestOrders.settings = settings(max_examples=12, stateful_step_count=25, deadline=None,
                               suppress_health_check=list(HealthCheck))
