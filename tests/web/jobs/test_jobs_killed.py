"""A worker's process is ended by ``kill -9`` in the middle of a job: another one does it, once its lease is over."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from tests.web.jobs.jobs_world import acts, ask, job, pass_by

from zerofactory_web.jobs import service
from zerofactory_web.jobs.worker import Beat, do_one
from zerofactory_web.store.audit import faults
from zerofactory_web.store.unit import Store

_PROGRAM = """
import sys, time
from datetime import datetime
from pathlib import Path
from zerofactory_web.jobs.worker import do_one
from zerofactory_web.settings import Settings
from zerofactory_web.store.unit import Store

data, database, now = sys.argv[1:]
store = Store(Settings(data=Path(data), database=database), clock=lambda: datetime.fromisoformat(now))

def handler(store, payload, beat):
    beat(400, "jobs.progress")
    with store.change(__import__("zerofactory_web.store.unit", fromlist=["SYSTEM"]).SYSTEM) as change:
        change.record("test.half", "job", "half")
        change.session.flush()
        print("in the middle", flush=True)
        time.sleep(600)
        return {}

do_one(store, {"test/one": handler}, "killed")
"""


def test_a_job_whose_worker_was_killed_is_done_by_another(store: Store) -> None:
    ident = ask(store, "test/one")
    process = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, str(store.settings.data), store.settings.database, store.clock().isoformat()],
        stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process:
        try:
            assert process.stdout.readline() == "in the middle\n"
        finally:
            os.kill(process.pid, signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL

    row = job(store, ident)
    assert (row.state, row.worker, row.progress, row.attempts) == ("running", "killed", 400, 1)
    assert service.claim(store, "w2") is None                        # nobody knows yet that it is dead

    def handler(store: Store, payload: Mapping[str, Any], beat: Beat) -> Mapping[str, Any]:
        beat(500)
        return {"by": "another"}

    pass_by(store, store.settings.job_lease + 5)
    assert do_one(store, {"test/one": handler}, "w2") is True
    row = job(store, ident)
    assert (row.state, row.result, row.attempts) == ("done", {"by": "another"}, 2)
    assert acts(store) == ["job.asked", "job.done"]                  # what the dead one was in the middle of never was
    with store.read() as session:
        assert list(faults(session)) == []
