"""Jobs: asked for within a transaction, leased by one worker at a time, tried again with growing waits, never lost.

The audit log has a row when a job is asked for, when an attempt fails and when the job ends.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session

from zerofactory_engine.problems import Problem, ProblemsError
from zerofactory_web.accounts.access import require_administrator
from zerofactory_web.jobs.model import OPEN, STATES, Job
from zerofactory_web.store.audit import AuditHead
from zerofactory_web.store.model import new_id
from zerofactory_web.store.unit import SYSTEM, Actor, Change, Store

#: How often a job is tried before it is given up, and the seconds waited after each failure.
ATTEMPTS = 6
WAITS = (5, 30, 120, 600, 3_600)
#: Letters of a code of a step that are kept.
_STEP = 80
#: Rows that are looked at in one claim, when other workers take what was just seen.
_TRIES = 8


class Bell:
    """Wakes the workers of this process; those of other processes look for work at every round."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._rung = 0

    @property
    def rung(self) -> int:
        """How often it was rung; to be taken before one looks for work."""
        return self._rung

    def ring(self) -> None:
        """Wake everybody who waits."""
        with self._condition:
            self._rung += 1
            self._condition.notify_all()

    def wait(self, heard: int, seconds: float) -> None:
        """Wait until it is rung more often than *heard*, at most *seconds*."""
        with self._condition:
            self._condition.wait_for(lambda: self._rung != heard, seconds)


#: Rung once a job is committed.
BELL = Bell()


def enqueue(change: Change, kind: str, payload: Mapping[str, Any], *, key: str | None = None,
            for_person: str | None = None, for_thing: str = "", run_after: datetime | None = None) -> Job:
    """Ask for *kind* to be done with *payload* once this transaction is committed.

    With a *key* that an open job has, that job is given back and none is made. *for_person*: whom it concerns, the
    acting person by default; he may look at it. *for_thing*: what it is about (``kind:id``).
    """
    if key is not None:
        change.session.get(AuditHead, 1, with_for_update=True)       # two with one key come one after the other
        there = change.session.scalar(select(Job).where(Job.key == key, Job.state.in_(OPEN)).limit(1))
        if there is not None:
            return there
    concerned = for_person or (change.actor.id if change.actor.known else None)
    made = Job(kind=kind, key=key or f"{kind}/{new_id()}", payload=dict(payload), run_after=run_after or change.now,
               for_person=concerned, for_thing=for_thing, created_at=change.now)
    change.session.add(made)
    change.session.flush()
    change.record("job.asked", "job", made, content={"kind": kind, "payload": dict(payload)}, details={"kind": kind})
    change.after_commit.append(BELL.ring)
    return made


@dataclass(frozen=True, slots=True)
class Leased:
    """A job that a worker has to itself until its lease runs out."""

    id: str
    kind: str
    payload: Mapping[str, Any]
    worker: str
    attempt: int


def _due(now: datetime) -> ColumnElement[bool]:
    """Jobs that a worker may take: their time has come, or the worker that had them fell silent."""
    return or_((Job.state == "queued") & (Job.run_after <= now),
               (Job.state == "running") & (Job.lease_until < now))


def claim(store: Store, worker: str) -> Leased | None:
    """The job that has waited longest among those that are due, or whose worker has fallen silent; None: nothing is.

    On PostgreSQL rows that another worker is just taking are stepped over; SQLite has one writer anyway.
    """
    for _ in range(_TRIES):
        with store.read() as session:      # a look does not keep anybody from writing
            if session.scalar(select(Job.id).where(_due(store.clock())).limit(1)) is None:
                return None
        if (found := _claim(store, worker)) is not None:
            return found
    return None


def _claim(store: Store, worker: str) -> Leased | None:
    with store.change(SYSTEM) as change:
        now = change.now
        row = change.session.scalar(select(Job).where(_due(now)).order_by(Job.run_after, Job.id).limit(1)
                                    .with_for_update(skip_locked=True))
        if row is None:
            return None
        if row.attempts >= ATTEMPTS:      # its worker died each time
            _give_up(change, row, [Problem("jobs.died").as_json()])
            return None
        row.state, row.worker, row.attempts = "running", worker, row.attempts + 1
        row.progress, row.step = 0, ""
        row.beat_at, row.lease_until = now, now + timedelta(seconds=store.settings.job_lease)
        return Leased(row.id, row.kind, row.payload, worker, row.attempts)


def beat(store: Store, leased: Leased, progress: int = 0, step: str = "") -> None:
    """Say that the worker lives, how far it is (thousandths) and what it does (a message code); prolongs the lease.

    Raises:
        ProblemsError: ``jobs.lost``: another worker has it by now; whoever hears this stops.
    """
    with store.change(SYSTEM) as change:
        done = change.session.execute(update(Job).where(
            Job.id == leased.id, Job.worker == leased.worker, Job.state == "running",
            Job.attempts == leased.attempt).values(
                beat_at=change.now, lease_until=change.now + timedelta(seconds=store.settings.job_lease),
                progress=max(0, min(progress, 1000)), step=step[:_STEP], version=Job.version + 1))
        if done.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE says how many rows it met
            raise ProblemsError([Problem("jobs.lost", found=leased.id)])


def finish(store: Store, leased: Leased, result: Mapping[str, Any]) -> None:
    """Mark the job as done.

    Raises:
        ProblemsError: ``jobs.lost``: another worker has it by now.
    """
    with store.change(SYSTEM) as change:
        row = _mine(change.session, leased)
        row.state, row.progress, row.result, row.ended_at = "done", 1000, dict(result), change.now
        row.worker, row.lease_until, row.problems = None, None, []
        change.record("job.done", "job", row, details={"kind": row.kind, "attempts": row.attempts})


def fail(store: Store, leased: Leased, problems: Sequence[Problem], *, final: bool = False) -> None:
    """Note what went wrong and try again later; after the last attempt, or when it is *final*, give it up.

    Raises:
        ProblemsError: ``jobs.lost``: another worker has it by now.
    """
    with store.change(SYSTEM) as change:
        row = _mine(change.session, leased)
        said = [p.as_json() for p in problems]
        if final or row.attempts >= ATTEMPTS:
            _give_up(change, row, said)
            return
        row.state, row.problems, row.worker, row.lease_until = "queued", said, None, None
        row.run_after = change.now + timedelta(seconds=WAITS[min(row.attempts, len(WAITS)) - 1])
        change.record("job.failed", "job", row, details={
            "kind": row.kind, "attempts": row.attempts, "problems": [p.code for p in problems]})


def _give_up(change: Change, row: Job, problems: list[dict[str, Any]]) -> None:
    row.state, row.problems, row.ended_at = "given_up", problems, change.now
    row.worker = row.lease_until = None
    change.record("job.given-up", "job", row, details={
        "kind": row.kind, "attempts": row.attempts, "problems": [p["code"] for p in problems]})


def release(store: Store, leased: Leased) -> None:
    """Put a job back as if it had not been taken: its worker is told to stop, others may have it at once.

    Raises:
        ProblemsError: ``jobs.lost``: another worker has it by now.
    """
    with store.change(SYSTEM) as change:
        row = _mine(change.session, leased)
        row.state, row.attempts, row.run_after, row.progress, row.step = "queued", row.attempts - 1, change.now, 0, ""
        row.worker = row.lease_until = None


def _mine(session: Session, leased: Leased) -> Job:
    row = session.scalar(select(Job).where(Job.id == leased.id).with_for_update())
    if row is None or row.state != "running" or (row.worker, row.attempts) != (leased.worker, leased.attempt):
        raise ProblemsError([Problem("jobs.lost", found=leased.id)])
    return row


def look(store: Store, actor: Actor, job_id: str) -> Job:
    """The job, for whom it concerns and for the people of the body; a program needs the scope ``read``.

    Raises:
        ProblemsError: ``jobs.not-found``, also for what belongs to others.
    """
    row = None
    if actor.known and (actor.scopes is None or "read" in actor.scopes) and job_id.isalnum() and job_id.isascii():
        with store.read() as session:
            row = session.get(Job, job_id)
    if row is None or not (row.for_person == actor.id or actor.roles):
        raise ProblemsError([Problem("jobs.not-found")])
    return row


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of the list: its jobs, of how many, and how many there are in each state."""

    rows: Sequence[Job]
    found: int
    counts: Mapping[str, int]


def listed(store: Store, actor: Actor, state: str | None = None, *, start: int = 0, most: int = 50) -> Listed:
    """Jobs for an administrator, the newest first; of one *state* where it is given.

    Raises:
        ProblemsError: ``accounts.not-allowed``.
    """
    with store.read() as session:
        require_administrator(session, actor)
        of = counts(session)
        wanted = select(Job).order_by(Job.created_at.desc(), Job.id).offset(start).limit(most)
        rows = session.scalars(wanted.where(Job.state == state) if state else wanted).all()
        return Listed(rows, of[state] if state else sum(of.values()), of)


def revive(store: Store, actor: Actor, job_id: str, *, request: str = "") -> str:
    """Put the work of a job that was given up back into the queue; the id of the job that does it.

    What was given up stays written down as it ended (the database keeps it so): the work is asked for once more, with
    all its tries, under the same key.

    Raises:
        ProblemsError: ``accounts.not-allowed`` (only administrators at the keyboard), ``jobs.not-found``,
            ``jobs.not-given-up``, ``jobs.asked-again`` (somebody has asked for the same work since).
    """
    with store.change(actor, request) as change:
        require_administrator(change.session, actor)
        change.session.get(AuditHead, 1, with_for_update=True)           # of two who press at once the second is told
        row = change.session.get(Job, job_id) if job_id.isalnum() and job_id.isascii() else None
        if row is None:
            raise ProblemsError([Problem("jobs.not-found")])
        if row.state != "given_up":
            raise ProblemsError([Problem("jobs.not-given-up")])
        if since(change.session, row) is not None:
            raise ProblemsError([Problem("jobs.asked-again")])
        made = enqueue(change, row.kind, row.payload, key=row.key, for_person=row.for_person, for_thing=row.for_thing)
        change.record("job.revived", "job", row, details={"kind": row.kind, "attempts": row.attempts,
                                                          "again": made.id})
        return made.id


def since(session: Session, row: Job) -> str | None:
    """The id of the newest job that was asked for after *row* for the same work."""
    return session.scalar(select(Job.id).where(Job.key == row.key, Job.created_at > row.created_at)
                          .order_by(Job.created_at.desc(), Job.id).limit(1))


def about(session: Session, thing: str, limit: int = 20) -> Sequence[Job]:
    """The newest jobs about *thing* (``kind:id``); who may see the thing is its own subject's to say."""
    return session.scalars(select(Job).where(Job.for_thing == thing).order_by(Job.created_at.desc(), Job.id)
                           .limit(limit)).all()


def lag(session: Session, now: datetime) -> float:
    """Seconds by which the oldest due job is late, or a lease is over without anybody taking it; 0 when none waits."""
    queued = session.scalar(select(func.min(Job.run_after)).where(Job.state == "queued"))
    silent = session.scalar(select(func.min(Job.lease_until)).where(Job.state == "running"))
    return max([0.0, *((now - moment).total_seconds() for moment in (queued, silent) if moment is not None)])


def counts(session: Session) -> dict[str, int]:
    """How many jobs are in each state."""
    found = {row[0]: row[1] for row in session.execute(select(Job.state, func.count()).group_by(Job.state))}
    return {state: found.get(state, 0) for state in STATES}
