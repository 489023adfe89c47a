"""A stranger's file is worked on in a process of its own: bounded in time, memory and number, and ended when it is not.

The processes are forked from a server that has loaded the program once, so that each starts within milliseconds and
shares nothing with the portal: no key, no database, no other person's file.
"""

from __future__ import annotations

import json
import multiprocessing
import resource
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from zerofactory_engine.problems import Place, Problem, ProblemsError, Severity

#: What one piece of work may use: seconds of waiting and of computing, bytes of memory.
SECONDS = 40
MEMORY = 2_500_000_000
#: Pieces of work at once, and seconds that a further one waits for its turn.
AT_ONCE = 2
PATIENCE = 15

#: Modules of every guard of the process: the one server that forks for them all loads them before the first piece.
_MODULES: set[str] = set()

Work = Callable[[Mapping[str, Any]], "Done"]


@dataclass(frozen=True, slots=True)
class Done:
    """What a piece of work gives back: plain JSON values, and bytes when it made a file."""

    told: dict[str, Any]
    data: bytes = b""


class WorkFailedError(Exception):
    """The work ended in a mistake of the program; the message holds its type and place, nothing that a file said."""


class Guard:
    """Runs *work* on orders, each in a process of its own."""

    def __init__(self, work: Work, *, seconds: int = SECONDS, memory: int = MEMORY, at_once: int = AT_ONCE,
                 patience: float = PATIENCE) -> None:
        self._work, self._seconds, self._memory, self._patience = work, seconds, memory, patience
        self._turns = threading.BoundedSemaphore(at_once)
        self._context = multiprocessing.get_context("forkserver")
        _MODULES.add(work.__module__)
        self._context.set_forkserver_preload(sorted(_MODULES))

    def run(self, order: Mapping[str, Any]) -> Done:
        """The result of *order* (plain values and bytes).

        Raises:
            ProblemsError: those of the work; ``precheck.busy`` when no turn came, ``precheck.too-long`` and
                ``precheck.too-much`` when it was ended.
            WorkFailedError: the program failed on it.
        """
        if not self._turns.acquire(timeout=self._patience):
            raise ProblemsError([Problem("precheck.busy")])
        try:
            return self._run(order)
        finally:
            self._turns.release()

    def _run(self, order: Mapping[str, Any]) -> Done:
        ours, theirs = self._context.Pipe(duplex=False)
        process = self._context.Process(target=_child, args=(theirs, self._work, dict(order), self._seconds,
                                                             self._memory), daemon=True)
        process.start()
        theirs.close()
        try:
            if not ours.poll(self._seconds):
                raise ProblemsError([Problem("precheck.too-long", accepted=f"{self._seconds} s")])
            answer = json.loads(ours.recv_bytes())
            data = ours.recv_bytes() if answer["data"] else b""
        except EOFError:        # it was ended from outside: by the limit of its computing time or of memory
            raise ProblemsError([Problem("precheck.too-much")]) from None
        finally:
            ours.close()
            process.kill()
            process.join()
            process.close()
        if answer.get("problems"):
            raise ProblemsError([problem_of(p) for p in answer["problems"]])
        if answer.get("failed"):
            raise WorkFailedError(answer["failed"])
        return Done(answer["told"], data)


def problem_of(told: Mapping[str, Any]) -> Problem:
    """A problem from its JSON."""
    return Problem(told["code"], Place(**told.get("place", {})), Severity(told["severity"]), told.get("found"),
                   told.get("accepted"), told.get("example"), told.get("args", {}))


def _child(out: Connection, work: Work, order: Mapping[str, Any], seconds: int, memory: int) -> None:
    for limit, most in ((resource.RLIMIT_CPU, seconds), (resource.RLIMIT_AS, memory), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(limit, (most, most))
    data = b""
    try:
        done = work(order)
        answer: dict[str, Any] = {"told": done.told}
        data = done.data
    except ProblemsError as error:
        answer = {"problems": [p.as_json() for p in error.problems]}
    except (MemoryError, RecursionError):
        answer = {"problems": [Problem("precheck.too-much").as_json()]}
    except Exception as error:  # told by type and place, because its words may quote the file
        answer = {"failed": _place_of(error)}
    out.send_bytes(json.dumps({**answer, "data": bool(data)}).encode("utf-8"))
    if data:
        out.send_bytes(data)
    out.close()


def _place_of(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace is not None else "?"
    return f"{type(error).__name__} at {place}"
