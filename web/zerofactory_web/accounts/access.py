"""Who asks: checks that every act of this package begins with.

What belongs to others is "not found", never "forbidden". Roles are looked up in the transaction that uses them: one
that ended a moment ago is not in force, whatever the page was opened with.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Update, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_web.accounts.model import BodyRole, Membership, Organisation, Person
from zerofactory_web.store.model import Identified, time_text
from zerofactory_web.store.unit import SYSTEM, Actor, Store

ADMINISTRATOR = "administrator"
R = TypeVar("R", bound=Identified)


def refused(code: str, path: str | None = None, *, found: str | None = None,
            accepted: str | None = None) -> ProblemsError:
    """One problem as an error."""
    return ProblemsError([Problem(code, Place(path=path), found=found, accepted=accepted)])


def content_of(row: Identified) -> dict[str, Any]:
    """What the audit log hashes of a row that holds no secret: every column but the version."""
    values = {column.name: getattr(row, column.name) for column in row.__table__.columns if column.name != "version"}
    return {name: time_text(v) if isinstance(v, datetime) else v for name, v in values.items()}


def roles_in_force(session: Session, person_id: str) -> frozenset[str]:
    """Roles at the body that were confirmed and have not ended, of an account that is open."""
    return frozenset(session.scalars(select(BodyRole.role).join(Person, Person.id == BodyRole.person_id).where(
        BodyRole.person_id == person_id, BodyRole.confirmed_by.is_not(None), BodyRole.ended_at.is_(None),
        Person.active)))


def organisations_of(session: Session, person_id: str) -> frozenset[str]:
    """Ids of the organisations whose member the person is now."""
    return frozenset(session.scalars(select(Membership.organisation_id).where(
        Membership.person_id == person_id, Membership.ended_at.is_(None))))


def require_person(actor: Actor) -> None:
    """A person at the keyboard, not a program with a token.

    Raises:
        ProblemsError: ``accounts.not-signed-in``, ``accounts.not-by-token``.
    """
    if not actor.known:
        raise refused("accounts.not-signed-in")
    if actor.scopes is not None:
        raise refused("accounts.not-by-token")


def require_scope(actor: Actor, scope: str) -> None:
    """A program may only what its token says; a person at the keyboard is not asked.

    Raises:
        ProblemsError: ``accounts.scope``.
    """
    if actor.scopes is not None and scope not in actor.scopes:
        raise refused("accounts.scope", found=" ".join(sorted(actor.scopes)), accepted=scope)


def is_administrator(session: Session, actor: Actor) -> bool:
    """Whether *actor* administers: as he came in, and still."""
    return (actor.known and actor.scopes is None and ADMINISTRATOR in actor.roles
            and ADMINISTRATOR in roles_in_force(session, actor.id))


def require_administrator(session: Session, actor: Actor, *, operator: bool = False) -> None:
    """An administrator whose role is in force; with *operator* also a command at the server.

    Raises:
        ProblemsError: ``accounts.not-allowed``.
    """
    if not (operator and actor == SYSTEM) and not is_administrator(session, actor):
        raise refused("accounts.not-allowed")


def manages(session: Session, actor: Actor, organisation: Organisation) -> bool:
    """Whether *actor* may invite into it and part members from it: its managers; administrators everywhere."""
    if is_administrator(session, actor):
        return True
    return organisation.kind == "applicant" and actor.known and actor.scopes is None and session.scalar(
        select(Membership.id).where(
            Membership.organisation_id == organisation.id, Membership.person_id == actor.id,
            Membership.role == "manager", Membership.ended_at.is_(None)).limit(1)) is not None


def one(session: Session, kind: type[R], ident: str, *, owner: str | None = None) -> R:
    """The row with that id, of the person *owner* where one is given.

    Raises:
        ProblemsError: ``accounts.not-found`` when there is none, or it belongs to somebody else.
    """
    row = session.get(kind, ident) if ident.isprintable() else None      # PostgreSQL takes no NUL, not even to look
    if row is None or (owner is not None and getattr(row, "person_id", None) != owner):
        raise refused("accounts.not-found")
    return row


def touch(store: Store, statement: Update) -> None:
    """Note a use beside audit log and versions; a busy database loses the note, not the request."""
    with suppress(OperationalError), store.engine.connect().execution_options(
            zerofactory_write=True) as connection, connection.begin():
        connection.execute(statement)
