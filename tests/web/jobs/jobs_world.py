"""Jobs to test with: what stands in the store, and a short way to ask for one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select
from tests.web.conftest import Clock

from zerofactory_web.jobs import service
from zerofactory_web.jobs.model import Job
from zerofactory_web.store.audit import AuditRow
from zerofactory_web.store.unit import SYSTEM, Actor, Store


def ask(store: Store, kind: str = "test/one", *, actor: Actor = SYSTEM, key: str | None = None, **more: Any) -> str:
    """Ask for a job in a transaction of its own; its id."""
    with store.change(actor) as change:
        return service.enqueue(change, kind, more.pop("payload", {}), key=key, **more).id


def job(store: Store, job_id: str) -> Job:
    with store.read() as session:
        return session.get_one(Job, job_id)


def jobs(store: Store) -> list[Job]:
    with store.read() as session:
        return list(session.scalars(select(Job).order_by(Job.created_at, Job.id)))


def acts(store: Store) -> list[str]:
    """The actions in the audit log, oldest first."""
    with store.read() as session:
        return list(session.scalars(select(AuditRow.action).order_by(AuditRow.seq)))


def claimed(store: Store, worker: str = "w1") -> service.Leased:
    """The next job, which there must be."""
    found = service.claim(store, worker)
    assert found is not None
    return found


def pass_by(store: Store, seconds: float) -> None:
    """Move the clock of the test on."""
    assert isinstance(store.clock, Clock)
    store.clock.now += timedelta(seconds=seconds)
