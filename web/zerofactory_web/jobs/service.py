"""Jobs: asked for within a transaction, leased by one worker at a time, tried again with growing waits, never lost."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from zerofactory_engine.problems import Problem, ProblemsError
from zerofactory_web.jobs.model import OPEN, Job
from zerofactory_web.store.model import new_id
from zerofactory_web.store.unit import SYSTEM, Actor, Change, Store

#: How often a job is tried before it is given up, and the seconds waited after each failure.
ATTEMPTS = 6
WAITS = (5, 30, 120, 600, 3_600)
#: Set when a job was committed: workers of this process look at once instead of at their next round.
WAKE = threading.Event()


def enqueue(change: Change, kind: str, payload: Mapping[str, Any], *, key: str | None = None,
            run_after: datetime | None = None) -> Job:
    """Ask for *kind* to be done with *payload* once this transaction is committed.

    With a *key* that an open job has, that job is given back and none is made.
    """
    if key is not None and (there := _open_with(change.session, key)) is not None:
        return there
    made = Job(kind=kind, key=key or f"{kind}/{new_id()}", payload=dict(payload), run_after=run_after or change.now,
               for_person=change.actor.id if change.actor.known else None, created_at=change.now)
    change.session.add(made)
    change.session.flush()
    change.record("job.asked", "job", made, content={"kind": kind, "payload": dict(payload)}, details={"kind": kind})
    change.after_commit.append(WAKE.set)
    return made


def _open_with(session: Session, key: str) -> Job | None:
    return session.scalar(select(Job).where(Job.key == key, Job.state.in_(OPEN)).limit(1))


@dataclass(frozen=True, slots=True)
class Leased:
    """A job that a worker has to itself until its lease runs out."""

    id: str
    kind: str
    payload: Mapping[str, Any]
    worker: str
    attempt: int


def claim(store: Store, worker: str) -> Leased | None:
    """The job that has waited longest among those that are due, or whose worker has fallen silent; None: nothing is.

    On PostgreSQL rows that another worker is just taking are stepped over; SQLite has one writer anyway.
    """
    with store.change(SYSTEM) as change:
        now = change.now
        due = select(Job).where(or_(
            (Job.state == "queued") & (Job.run_after <= now),
            (Job.state == "running") & (Job.lease_until < now))).order_by(Job.run_after, Job.id).limit(1)
        row = change.session.scalar(due.with_for_update(skip_locked=True))
        if row is None:
            return None
        if row.attempts >= ATTEMPTS:      # its worker died each time
            row.state, row.worker, row.lease_until, row.ended_at = "given_up", None, None, now
            change.record("job.given-up", "job", row, details={"kind": row.kind})
            return None
        row.state, row.worker, row.attempts, row.progress = "running", worker, row.attempts + 1, 0
        row.beat_at, row.lease_until = now, now + timedelta(seconds=store.settings.job_lease)
        return Leased(row.id, row.kind, row.payload, worker, row.attempts)


def beat(store: Store, leased: Leased, progress: int = 0) -> None:
    """Say that the worker lives and how far it is (thousandths); the lease is prolonged.

    Raises:
        ProblemsError: ``jobs.lost``: another worker has it by now; whoever hears this stops.
    """
    with store.change(SYSTEM) as change:
        done = change.session.execute(update(Job).where(
            Job.id == leased.id, Job.worker == leased.worker, Job.state == "running").values(
                beat_at=change.now, lease_until=change.now + timedelta(seconds=store.settings.job_lease),
                progress=max(0, min(progress, 1000)), version=Job.version + 1))
        if done.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE says how many rows it met
            raise ProblemsError([Problem("jobs.lost", found=leased.id)])


def finish(store: Store, leased: Leased, result: Mapping[str, Any]) -> None:
    """Mark the job as done, unless another worker has it by now."""
    with store.change(SYSTEM) as change:
        row = _mine(change.session, leased)
        row.state, row.progress, row.result, row.ended_at = "done", 1000, dict(result), change.now
        row.worker = row.lease_until = None
        change.record("job.done", "job", row, details={"kind": row.kind, "attempts": row.attempts})


def fail(store: Store, leased: Leased, problems: Sequence[Problem], *, final: bool = False) -> None:
    """Note what went wrong and try again later; after the last attempt, or when it is *final*, give it up."""
    with store.change(SYSTEM) as change:
        row = _mine(change.session, leased)
        row.problems = [p.as_json() for p in problems]
        row.worker = row.lease_until = None
        if final or row.attempts >= ATTEMPTS:
            row.state, row.ended_at = "given_up", change.now
            change.record("job.given-up", "job", row, details={"kind": row.kind})
        else:
            row.state = "queued"
            row.run_after = change.now + timedelta(seconds=WAITS[min(row.attempts, len(WAITS)) - 1])


def _mine(session: Session, leased: Leased) -> Job:
    row = session.scalar(select(Job).where(Job.id == leased.id).with_for_update())
    if row is None or row.worker != leased.worker or row.state != "running":
        raise ProblemsError([Problem("jobs.lost", found=leased.id)])
    return row


def look(store: Store, actor: Actor, job_id: str) -> Job:
    """The job, for whoever asked for it and for the people of the body.

    Raises:
        ProblemsError: ``jobs.not-found``.
    """
    with store.read() as session:
        row = session.get(Job, job_id[:40])
    if row is None or not (actor.known and (row.for_person == actor.id or actor.roles)):
        raise ProblemsError([Problem("jobs.not-found")])
    return row


def lag(session: Session, now: datetime) -> float:
    """Seconds by which the oldest due job is late; 0 when none waits."""
    oldest = session.scalar(select(func.min(Job.run_after)).where(Job.state == "queued"))
    return max((now - oldest).total_seconds(), 0.0) if oldest is not None else 0.0


def counts(session: Session) -> dict[str, int]:
    """How many jobs are in each state."""
    return {row[0]: row[1] for row in session.execute(select(Job.state, func.count()).group_by(Job.state))}
