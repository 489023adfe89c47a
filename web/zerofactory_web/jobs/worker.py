"""Workers: threads that take jobs one by one and do them by the handler of their kind.

A handler is ``handler(store, payload, beat) -> result``; it may run twice (its worker died, its lease ran out), so it
does nothing twice that counts. It calls ``beat(thousandths, "code.of-step")`` at least once a lease, and lets through
what ``beat`` raises: the job has another worker, or this one is to stop.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Protocol

from zerofactory_engine.problems import Problem, ProblemsError
from zerofactory_web.jobs import service
from zerofactory_web.jobs.upkeep import Upkeep
from zerofactory_web.site.logs import log
from zerofactory_web.store.model import new_id
from zerofactory_web.store.unit import Store

#: Modules of subjects that may hold ``HANDLERS``; one that does not exist is passed over.
MODULES = ("zerofactory_web.register.jobs", "zerofactory_web.cases.jobs", "zerofactory_web.exporter.jobs",
           "zerofactory_web.jobs.upkeep")
#: Seconds between looks when nobody rings.
ROUND = 2.0


class Beat(Protocol):
    """How a handler says that it lives."""

    def __call__(self, progress: int, step: str = "", /) -> None:
        """*progress* in thousandths, *step* the code of a sentence."""


Handler = Callable[[Store, Mapping[str, Any], Beat], Mapping[str, Any]]


class StoppedError(Exception):
    """The worker is to stop; its job goes back."""


def handlers(modules: tuple[str, ...] = MODULES) -> dict[str, Handler]:
    """Every handler by its kind."""
    found: dict[str, Handler] = {}
    for name in modules:
        if find_spec(name) is not None:
            found.update(import_module(name).HANDLERS)
    return found


def do_one(store: Store, known: Mapping[str, Handler], worker: str,
           stopping: Callable[[], bool] = lambda: False) -> bool:
    """Take the next job and do it; whether there was one."""
    leased = service.claim(store, worker)
    if leased is None:
        return False

    def beat(progress: int, step: str = "", /) -> None:
        if stopping():
            raise StoppedError
        service.beat(store, leased, progress, step)

    try:
        handler = known.get(leased.kind)
        if handler is None:
            service.fail(store, leased, [Problem("jobs.kind-unknown", found=leased.kind)], final=True)
        else:
            service.finish(store, leased, handler(store, leased.payload, beat))
            log("job-done", kind=leased.kind, attempt=leased.attempt)
    except StoppedError:
        service.release(store, leased)
    except ProblemsError as error:
        log("job-failed", logging.WARNING, kind=leased.kind, attempt=leased.attempt, problem=error.problems[0].code)
        with suppress(ProblemsError):       # another worker has it by now: it tells how it ends
            service.fail(store, leased, error.problems)
    except Exception as error:  # a mistake of the program ends the attempt, not the worker
        log("job-failed", logging.ERROR, error=error, kind=leased.kind, attempt=leased.attempt)
        with suppress(ProblemsError):
            service.fail(store, leased, [Problem("jobs.failed")])
    return True


def do_all(store: Store, known: Mapping[str, Handler] | None = None) -> int:
    """Ask for the work of the day and do everything that is due now, in this thread; how many jobs were taken."""
    mine = handlers() if known is None else known
    Upkeep(mine).schedule(store)
    worker, count = new_id(), 0
    while do_one(store, mine, worker):
        count += 1
    return count


class Workers:
    """Threads that do jobs until they are stopped."""

    def __init__(self, store: Store, threads: int = 1, known: Mapping[str, Handler] | None = None) -> None:
        self._store = store
        self._known = handlers() if known is None else known
        self._upkeep = Upkeep(self._known)
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(new_id(),), name=f"job-{n}", daemon=True)
                         for n in range(threads)]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self, seconds: float = 10.0) -> bool:
        """Take no further job and have those under way put back at their next beat; whether all ended in *seconds*.

        What takes longer than that another worker does after the lease.
        """
        self._stop.set()
        service.BELL.ring()
        until = time.monotonic() + seconds
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(max(until - time.monotonic(), 0))
        return not any(thread.is_alive() for thread in self._threads)

    def _run(self, worker: str) -> None:
        while not self._stop.is_set():
            heard = service.BELL.rung
            try:
                self._upkeep.schedule(self._store)
                busy = do_one(self._store, self._known, worker, self._stop.is_set)
            except Exception as error:  # the database is away for a while: look again later
                log("worker-waits", logging.WARNING, error=error)
                busy = False
            if not busy and not self._stop.is_set():
                service.BELL.wait(heard, ROUND)
