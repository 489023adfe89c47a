"""The store and its transactions: a change is one transaction with its audit rows and its jobs, or nothing.

    with store.change(actor, request="…") as change:
        change.session.add(thing)
        change.record("case.planned", thing, reason="…")

A reader sees one state of the store from beginning to end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from zerofactory_engine.canonical import content_hash
from zerofactory_engine.problems import Problem, ProblemsError
from zerofactory_web.settings import Settings
from zerofactory_web.store import audit
from zerofactory_web.store.database import is_sqlite, open_engine
from zerofactory_web.store.documents import Documents

Clock = Callable[[], datetime]

#: How a trigger names the duty that it keeps: ``zerofactory:duty.reviewer-evaluated``.
REFUSAL = "zerofactory:"


def utc_now() -> datetime:
    """The clock of the machine."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person by id, or ``system`` (jobs) or ``public`` (no account).

    *organisations*: those whose member the person is; *roles*: roles at the body; *scopes*: None for a person at the
    keyboard, else what the API token may do.
    """

    id: str
    name: str = ""
    organisations: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    scopes: frozenset[str] | None = None

    @property
    def known(self) -> bool:
        """Whether it is a person with an account."""
        return self.id not in ("system", "public")


SYSTEM = Actor("system", "system")
PUBLIC = Actor("public", "public")


@dataclass
class Change:
    """A running transaction. *after_commit*: what runs once it is committed (waking the workers)."""

    session: Session
    actor: Actor
    request: str
    now: datetime
    after_commit: list[Callable[[], None]] = field(default_factory=list)

    def record(self, action: str, kind: str, thing: Any, *, before: str | None = None, content: Any = None,
               reason: str = "", details: Mapping[str, Any] | None = None) -> audit.AuditRow:
        """Add an act to the audit log: *thing* (or its id) of *kind*; *content* is hashed as what it is now. What a
        program did for the person says so: ``token`` among the details, with the scopes."""
        self.session.flush()
        ident = thing if isinstance(thing, str) else thing.id
        told = dict(details or {})
        if self.actor.scopes is not None:           # a program acted for the person
            told["token"] = " ".join(sorted(self.actor.scopes))
        return audit.append(
            self.session, at=self.now, actor=self.actor.id, actor_name=self.actor.name,
            roles=" ".join(sorted(self.actor.roles)), action=action, object=f"{kind}:{ident}",
            object_version=None if isinstance(thing, str) else getattr(thing, "version", None), before=before,
            after=None if content is None else content_hash(content), reason=reason, request=self.request,
            details=told)


class Store:
    """A database with its documents and clock."""

    def __init__(self, settings: Settings, *, clock: Clock = utc_now, engine: Engine | None = None) -> None:
        self.settings = settings
        self.clock = clock
        self.engine = engine or open_engine(settings)
        self.documents = Documents(settings.data / "documents")

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that writes nothing and sees one state.

        Raises:
            ProblemsError: ``store.busy``, ``store.unavailable`` while the database is away.
        """
        options = {} if is_sqlite(self.engine) else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        try:
            with self.engine.connect().execution_options(**options) as connection, Session(
                    connection, autoflush=False, expire_on_commit=False) as session:
                try:
                    yield session
                finally:
                    session.expunge_all()          # what was read stays readable, unconnected
                    session.rollback()
        except DBAPIError as error:
            raise ProblemsError([refusal(error)]) from error

    @contextmanager
    def change(self, actor: Actor, request: str = "") -> Iterator[Change]:
        """One transaction of *actor*; everything that it did is kept, or nothing.

        Raises:
            ProblemsError: ``store.stale`` when somebody else changed the same thing first, ``duty.…`` when the
                database refuses, ``store.taken`` when a value that must be unique is taken, ``store.busy`` and
                ``store.unavailable``.
        """
        change: Change | None = None
        try:
            with self.engine.connect().execution_options(zerofactory_write=True) as connection, Session(
                    connection, expire_on_commit=False) as session, session.begin():
                change = Change(session, actor, request, self.clock())
                yield change
        except StaleDataError:
            raise ProblemsError([Problem("store.stale")]) from None
        except DBAPIError as error:
            raise ProblemsError([refusal(error)]) from error
        for act in change.after_commit if change is not None else ():
            act()

    def close(self) -> None:
        """Let every connection go."""
        self.engine.dispose()


def refusal(error: DBAPIError) -> Problem:
    """What the database refused, as a problem."""
    text = str(error.orig)
    if REFUSAL in text:
        code = text.split(REFUSAL, 1)[1].split()[0].strip(".,:;\"'()")
        return Problem(code)
    if isinstance(error, IntegrityError):
        return Problem("store.taken", found=text.splitlines()[0][:160])
    if isinstance(error, OperationalError) and ("locked" in text or "busy" in text):
        return Problem("store.busy")
    if isinstance(error, OperationalError) and ("full" in text or "disk" in text.lower()):
        return Problem("store.disk-full")
    return Problem("store.unavailable")
