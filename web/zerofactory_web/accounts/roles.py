"""Roles at the certification body (rule 7): an administrator grants, a second one confirms, never for himself.

A role is in force from its confirmation until it ends. The database refuses the same things (migration 0002), so that
neither this module nor the tables alone has to be trusted.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from zerofactory_web.accounts.access import (
    ADMINISTRATOR,
    content_of,
    is_administrator,
    one,
    refused,
    require_administrator,
    require_person,
)
from zerofactory_web.accounts.model import BODY_ROLES, BodyRole, Person
from zerofactory_web.accounts.people import belongs_to
from zerofactory_web.accounts.words import Words
from zerofactory_web.store.unit import SYSTEM, Actor, Change, Store


def grant(store: Store, actor: Actor, person_id: str, role: str, *, reason: str = "", request: str = "") -> str:
    """Grant a role; the id of the grant, which waits for a second administrator.

    Raises:
        ProblemsError: ``accounts.not-allowed``, ``accounts.not-found``, ``duty.role-self``, ``duty.role-outside`` when
            the person is no member of the body, ``duty.role-held`` when the role is granted already.
    """
    with store.change(actor, request) as change:
        require_administrator(change.session, actor)
        return granted(change, one(change.session, Person, person_id), role, reason).id


def granted(change: Change, person: Person, role: str, reason: str = "") -> BodyRole:
    """The grant of a role in a running change, by its actor."""
    words, session = Words(), change.session
    words.among("role", role, BODY_ROLES)
    words.done()
    if person.id == change.actor.id:
        raise refused("duty.role-self")
    kinds = ("body", "accreditor") if role == "observer" else ("body",)
    if not person.active or not belongs_to(session, person.id, kinds):
        raise refused("duty.role-outside")
    if session.scalar(select(BodyRole.id).where(BodyRole.person_id == person.id, BodyRole.role == role,
                                                BodyRole.ended_at.is_(None))) is not None:
        raise refused("duty.role-held")
    made = BodyRole(person_id=person.id, role=role, granted_by=change.actor.id, created_at=change.now)
    session.add(made)
    session.flush()
    change.record("role.granted", "role", made, content=content_of(made), reason=reason[:500],
                  details={"role": role, "person": person.id})
    return made


def confirm(store: Store, actor: Actor, role_id: str, *, reason: str = "", request: str = "") -> None:
    """Put a granted role in force.

    Raises:
        ProblemsError: ``accounts.not-found``, ``duty.role-not-administrator``, ``duty.role-self``,
            ``duty.role-one-hand`` for whoever granted it, ``duty.role-final`` when it is confirmed or ended already.
    """
    require_person(actor)
    with store.change(actor, request) as change:
        if not is_administrator(change.session, actor):
            raise refused("duty.role-not-administrator")
        confirmed(change, one(change.session, BodyRole, role_id), reason)


def confirmed(change: Change, row: BodyRole, reason: str = "") -> None:
    """The confirmation of a role in a running change, by its actor; who may is checked before."""
    if row.ended_at is not None or row.confirmed_by is not None:
        raise refused("duty.role-final")
    if row.person_id == change.actor.id:
        raise refused("duty.role-self")
    if row.granted_by == change.actor.id:
        raise refused("duty.role-one-hand")
    row.confirmed_by, row.confirmed_at = change.actor.id, change.now
    change.record("role.confirmed", "role", row, content=content_of(row), reason=reason[:500],
                  details={"role": row.role, "person": row.person_id})


def end(store: Store, actor: Actor, role_id: str, reason: str, *, request: str = "") -> None:
    """End a role, or a grant that waits: by one administrator, also for himself; less power needs no second hand.

    Raises:
        ProblemsError: ``accounts.not-allowed``, ``accounts.not-found``, ``duty.role-final`` when it ended already,
            ``accounts.last-administrator``.
    """
    with store.change(actor, request) as change:
        require_administrator(change.session, actor, operator=True)
        row = one(change.session, BodyRole, role_id)
        if row.ended_at is not None:
            raise refused("duty.role-final")
        if row.role == ADMINISTRATOR and row.confirmed_by is not None and actor.known and (
                able(change.session) <= {row.person_id}):
            raise refused("accounts.last-administrator")
        row.ended_at = change.now
        change.record("role.ended", "role", row, content=content_of(row), reason=reason[:500],
                      details={"role": row.role, "person": row.person_id})


def able(session: Session) -> frozenset[str]:
    """Persons who can act as administrators now: role in force, account open, password set."""
    return frozenset(session.scalars(select(BodyRole.person_id).join(Person, Person.id == BodyRole.person_id).where(
        BodyRole.role == ADMINISTRATOR, BodyRole.confirmed_by.is_not(None), BodyRole.ended_at.is_(None), Person.active,
        Person.password.is_not(None))))


def waiting(store: Store, actor: Actor) -> Sequence[tuple[BodyRole, Person]]:
    """Grants that wait for a confirmation, oldest first.

    Raises:
        ProblemsError: ``accounts.not-allowed``.
    """
    return _listed(store, actor, waits=True)


def held(store: Store, actor: Actor) -> Sequence[tuple[BodyRole, Person]]:
    """Roles that are in force, oldest first; for administrators and the operator.

    Raises:
        ProblemsError: ``accounts.not-allowed``.
    """
    return _listed(store, actor, waits=False)


def _listed(store: Store, actor: Actor, *, waits: bool) -> Sequence[tuple[BodyRole, Person]]:
    state = BodyRole.confirmed_by.is_(None) if waits else BodyRole.confirmed_by.is_not(None)
    with store.read() as session:
        require_administrator(session, actor, operator=True)
        found = session.execute(select(BodyRole, Person).join(Person, Person.id == BodyRole.person_id).where(
            BodyRole.ended_at.is_(None), state).order_by(BodyRole.created_at, BodyRole.id)).all()
        return [(r, p) for r, p in found]


def founders_to_confirm(session: Session, person: Person) -> Sequence[BodyRole]:
    """Administrators named by the operator whom *person*, named likewise, confirms by taking his own invitation.

    Somebody has to be the first: as long as no administrator can act, those whom the operator named confirm each other.
    Nobody confirms himself, so it takes two. Whoever was confirmed confirms the rest as any administrator does.
    """
    own = session.scalar(select(BodyRole).where(BodyRole.person_id == person.id, BodyRole.role == ADMINISTRATOR,
                                                BodyRole.granted_by == SYSTEM.id, BodyRole.ended_at.is_(None)))
    if own is None or not person.active:
        return ()
    found = session.scalars(select(BodyRole).where(
        BodyRole.role == ADMINISTRATOR, BodyRole.granted_by == SYSTEM.id, BodyRole.ended_at.is_(None),
        BodyRole.confirmed_by.is_(None), BodyRole.person_id != person.id)
        .order_by(BodyRole.created_at, BodyRole.id)).all()
    if own.confirmed_by is not None:
        return found
    return found if not able(session) else ()
