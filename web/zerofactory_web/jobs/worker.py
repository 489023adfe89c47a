"""Workers: threads that take jobs one by one and do them by the handler of their kind.

A handler is ``handler(store, payload, beat) -> result``; it may run twice (its worker died, its lease ran out), so it
does nothing twice that counts. It calls ``beat(thousandths)`` at least once a lease.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from zerofactory_engine.problems import Problem, ProblemsError
from zerofactory_web.jobs import service
from zerofactory_web.jobs.upkeep import schedule
from zerofactory_web.site.logs import log
from zerofactory_web.store.model import new_id
from zerofactory_web.store.unit import Store

Beat = Callable[[int], None]
Handler = Callable[[Store, Mapping[str, Any], Beat], Mapping[str, Any]]

#: Subjects whose ``jobs`` module may hold ``HANDLERS``.
SUBJECTS = ("zerofactory_web.register", "zerofactory_web.cases", "zerofactory_web.exporter", "zerofactory_web.jobs")
#: Seconds between looks when nobody wakes a worker.
ROUND = 5.0


def handlers() -> dict[str, Handler]:
    """Every handler by its kind."""
    found: dict[str, Handler] = {}
    for subject in SUBJECTS:
        name = f"{subject}.{'upkeep' if subject.endswith('.jobs') else 'jobs'}"
        if find_spec(name) is not None:
            found.update(import_module(name).HANDLERS)
    return found


def do_one(store: Store, known: Mapping[str, Handler], worker: str) -> bool:
    """Take the next job and do it; whether there was one."""
    leased = service.claim(store, worker)
    if leased is None:
        return False
    try:
        handler = known.get(leased.kind)
        if handler is None:
            service.fail(store, leased, [Problem("jobs.kind-unknown", found=leased.kind)], final=True)
            return True
        result = handler(store, leased.payload, lambda progress: service.beat(store, leased, progress))
        service.finish(store, leased, result)
    except ProblemsError as error:
        log("job-failed", 30, kind=leased.kind, problem=error.problems[0].code)
        with suppress(ProblemsError):       # another worker has it by now: it tells how it ends
            service.fail(store, leased, error.problems)
    except Exception as error:  # a mistake of the program ends the attempt, not the worker
        log("job-failed", 40, error=error, kind=leased.kind)
        with suppress(ProblemsError):
            service.fail(store, leased, [Problem("jobs.failed")])
    return True


class Workers:
    """Threads that do jobs until they are stopped."""

    def __init__(self, store: Store, threads: int = 1, known: Mapping[str, Handler] | None = None) -> None:
        self._store = store
        self._known = handlers() if known is None else known
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(new_id(),), name=f"job-{n}", daemon=True)
                         for n in range(threads)]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self, seconds: float = 10.0) -> None:
        """Take no further job and wait for those under way; what takes longer another does after its lease."""
        self._stop.set()
        service.WAKE.set()
        for thread in self._threads:
            thread.join(seconds)

    def _run(self, worker: str) -> None:
        while not self._stop.is_set():
            try:
                schedule(self._store)
                busy = do_one(self._store, self._known, worker)
            except Exception as error:  # the database is away for a while: look again later
                log("worker-waits", 30, error=error)
                busy = False
            if not busy:
                service.WAKE.wait(ROUND)
                service.WAKE.clear()
