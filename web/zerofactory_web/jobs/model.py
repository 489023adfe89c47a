"""Table of jobs: long work that was asked for in the transaction of an act, done once it is committed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from zerofactory_web.store.model import ID_LENGTH, Identified

STATES = ("queued", "running", "done", "given_up")
#: States in which a job is still to be done; of a key there is one such job at a time.
OPEN = ("queued", "running")


class Job(Identified):
    """One piece of work. *kind* names its handler; *key*: of those not yet ended there is one with it.

    *run_after*: not before; *lease_until*: until then the *worker* has it to itself, and says by *beat_at* that it
    lives; *progress*: thousandths; *step*: code of the sentence that says what is being done; *problems*: what went
    wrong the last time; *for_person*: whom it concerns; *for_thing*: what it is about, ``kind:id``. A job that failed
    and waits for its next try is queued again, with *attempts* and *problems*.
    """

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint(f"state IN ({', '.join(repr(s) for s in STATES)})", name="state"),
        CheckConstraint("progress BETWEEN 0 AND 1000", name="progress"),
        Index("ix_job_due", "state", "run_after"),
        Index("uq_job_key_open", "key", unique=True, sqlite_where=text("state IN ('queued', 'running')"),
              postgresql_where=text("state IN ('queued', 'running')")))

    kind: Mapped[str] = mapped_column(String(60))
    key: Mapped[str] = mapped_column(String(200))
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(String(20), default="queued")
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    run_after: Mapped[datetime]
    worker: Mapped[str | None] = mapped_column(String(ID_LENGTH))
    lease_until: Mapped[datetime | None]
    beat_at: Mapped[datetime | None]
    progress: Mapped[int] = mapped_column(Integer, default=0)
    step: Mapped[str] = mapped_column(String(80), default="")
    problems: Mapped[list[Any]] = mapped_column(default=list)
    result: Mapped[dict[str, Any]] = mapped_column(default=dict)
    for_person: Mapped[str | None] = mapped_column(String(ID_LENGTH), index=True)
    for_thing: Mapped[str] = mapped_column(String(120), default="", index=True)
    ended_at: Mapped[datetime | None]
