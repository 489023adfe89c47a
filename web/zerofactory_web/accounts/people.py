"""Organisations, persons and who belongs to whom. Nothing is deleted: memberships end, accounts are closed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from zerofactory_engine.canonical import content_hash
from zerofactory_web.accounts import sessions, tokens
from zerofactory_web.accounts.access import (
    content_of,
    manages,
    one,
    refused,
    require_administrator,
    require_person,
    roles_in_force,
)
from zerofactory_web.accounts.model import (
    MEMBER_ROLES,
    ORGANISATION_KINDS,
    BodyRole,
    Invitation,
    Membership,
    Organisation,
    Person,
)
from zerofactory_web.accounts.words import Words, email_form
from zerofactory_web.store.unit import Actor, Change, Store

NAME_LENGTH = 200
LANGUAGES = ("zh", "en")


def find(session: Session, email: str) -> Person | None:
    """The person with that address."""
    return session.scalar(select(Person).where(Person.email == email_form(email)))


def add_organisation(store: Store, actor: Actor, *, kind: str, name_zh: str, name_en: str,
                     credit_code: str | None = None, lei: str | None = None,
                     address: Mapping[str, Any] | None = None, request: str = "") -> str:
    """Register an organisation; its id. By an administrator.

    Raises:
        ProblemsError: ``accounts.not-allowed``, every value that is of no use, ``store.taken`` for a credit code or LEI
            that another one has.
    """
    with store.change(actor, request) as change:
        require_administrator(change.session, actor)
        return made_organisation(change, kind, name_zh, name_en, credit_code, lei, address).id


def made_organisation(change: Change, kind: str, name_zh: str, name_en: str, credit_code: str | None = None,
                      lei: str | None = None, address: Mapping[str, Any] | None = None) -> Organisation:
    """The row of an organisation in a running change."""
    words = Words()
    made = Organisation(
        kind=words.among("kind", kind, ORGANISATION_KINDS), name_zh=words.text("name_zh", name_zh, NAME_LENGTH),
        name_en=words.text("name_en", name_en, NAME_LENGTH), credit_code=words.credit_code(credit_code),
        lei=words.lei(lei), address=None if address is None else dict(address), created_at=change.now)
    words.done()
    change.session.add(made)
    change.record("organisation.added", "organisation", _flushed(change, made), content=content_of(made))
    return made


def _flushed(change: Change, row: Any) -> Any:
    """The row with the id that the database keeps it under."""
    change.session.flush()
    return row


def change_organisation(store: Store, actor: Actor, organisation_id: str, version: int, *, name_zh: str, name_en: str,
                        credit_code: str | None, lei: str | None, address: Mapping[str, Any] | None,
                        request: str = "") -> None:
    """Write new particulars over those of *version*; by its managers or an administrator. Its kind stays.

    Raises:
        ProblemsError: ``accounts.not-found``, ``store.stale`` when *version* is no longer the newest, values of no use.
    """
    with store.change(actor, request) as change:
        row = one(change.session, Organisation, organisation_id)
        if not manages(change.session, actor, row):
            raise refused("accounts.not-found")
        if row.version != version:
            raise refused("store.stale")
        before, words = content_hash(content_of(row)), Words()
        row.name_zh = words.text("name_zh", name_zh, NAME_LENGTH)
        row.name_en = words.text("name_en", name_en, NAME_LENGTH)
        row.credit_code, row.lei = words.credit_code(credit_code), words.lei(lei)
        row.address = None if address is None else dict(address)
        words.done()
        change.record("organisation.changed", "organisation", row, before=before, content=content_of(row))


def organisations(store: Store, actor: Actor) -> Sequence[Organisation]:
    """Those that *actor* may see, by name: his own; for whoever has a role at the body, all."""
    query = select(Organisation).order_by(Organisation.name_en, Organisation.id)
    if not actor.roles:
        query = query.where(Organisation.id.in_(actor.organisations))
    with store.read() as session:
        return session.scalars(query).all()


def organisation(store: Store, actor: Actor, organisation_id: str) -> Organisation:
    """One of those that *actor* may see.

    Raises:
        ProblemsError: ``accounts.not-found``.
    """
    if not actor.roles and organisation_id not in actor.organisations:
        raise refused("accounts.not-found")
    with store.read() as session:
        return one(session, Organisation, organisation_id)


def members(store: Store, actor: Actor, organisation_id: str) -> Sequence[tuple[Membership, Person]]:
    """Who belongs to an organisation now, by name.

    Raises:
        ProblemsError: ``accounts.not-found``.
    """
    row = organisation(store, actor, organisation_id)
    with store.read() as session:
        found = session.execute(select(Membership, Person).join(Person, Person.id == Membership.person_id).where(
            Membership.organisation_id == row.id, Membership.ended_at.is_(None)).order_by(Person.name, Person.id)).all()
        return [(m, p) for m, p in found]


def join(change: Change, person: Person, organisation_id: str, role: str) -> Membership | None:
    """Make a person a member in a running change; None when he is one already."""
    open_one = select(Membership.id).where(Membership.person_id == person.id, Membership.ended_at.is_(None),
                                           Membership.organisation_id == organisation_id)
    if change.session.scalar(open_one) is not None:
        return None
    made = Membership(person_id=person.id, organisation_id=organisation_id, role=role, since=change.now,
                      created_at=change.now)
    change.session.add(made)
    change.record("membership.begun", "membership", _flushed(change, made), content=content_of(made))
    return made


def set_member_role(store: Store, actor: Actor, membership_id: str, role: str, *, request: str = "") -> None:
    """Make a member a manager or the other way round; by a manager or an administrator, never to oneself.

    Raises:
        ProblemsError: ``accounts.not-found``, ``duty.role-self``, ``accounts.final`` when the membership ended.
    """
    with store.change(actor, request) as change:
        row = one(change.session, Membership, membership_id)
        if not manages(change.session, actor, one(change.session, Organisation, row.organisation_id)):
            raise refused("accounts.not-found")
        if row.person_id == actor.id:
            raise refused("duty.role-self")
        if row.ended_at is not None:
            raise refused("accounts.final")
        words = Words()
        before, row.role = content_hash(content_of(row)), words.among("role", role, MEMBER_ROLES)
        words.done()
        change.record("membership.role", "membership", row, before=before, content=content_of(row))


def end_membership(store: Store, actor: Actor, membership_id: str, reason: str, *, request: str = "") -> None:
    """End a membership: by the person, a manager or an administrator. Roles at the body end with its last one there.

    Raises:
        ProblemsError: ``accounts.not-found``, ``accounts.final`` when it ended already.
    """
    require_person(actor)
    with store.change(actor, request) as change:
        row = one(change.session, Membership, membership_id)
        place = one(change.session, Organisation, row.organisation_id)
        if row.person_id != actor.id and not manages(change.session, actor, place):
            raise refused("accounts.not-found")
        if row.ended_at is not None:
            raise refused("accounts.final")
        row.ended_at = change.now
        change.record("membership.ended", "membership", row, content=content_of(row), reason=reason[:500])
        if not belongs_to(change.session, row.person_id, ("body", "accreditor")):
            for role in change.session.scalars(select(BodyRole).where(BodyRole.person_id == row.person_id,
                                                                      BodyRole.ended_at.is_(None))):
                role.ended_at = change.now
                change.record("role.ended", "role", role, content=content_of(role), reason=reason[:500])


def belongs_to(session: Session, person_id: str, kinds: tuple[str, ...]) -> bool:
    """Whether the person is a member of an organisation of one of *kinds* now."""
    query = select(Membership.id).join(Organisation, Organisation.id == Membership.organisation_id).where(
        Membership.person_id == person_id, Membership.ended_at.is_(None), Organisation.kind.in_(kinds))
    return session.scalar(query.limit(1)) is not None


def people(store: Store, actor: Actor) -> Sequence[Person]:
    """Everybody with an account, by address; for an administrator or the operator.

    Raises:
        ProblemsError: ``accounts.not-allowed``.
    """
    with store.read() as session:
        require_administrator(session, actor, operator=True)
        return session.scalars(select(Person).order_by(Person.email)).all()


def set_active(store: Store, actor: Actor, person_id: str, active: bool, reason: str, *, request: str = "") -> None:
    """Close an account, or open it again; closing ends its sessions and revokes its tokens and open invitations.

    Raises:
        ProblemsError: ``accounts.not-allowed``, ``accounts.not-found``, ``accounts.last-administrator``.
    """
    with store.change(actor, request) as change:
        require_administrator(change.session, actor, operator=True)
        person = one(change.session, Person, person_id)
        if person.active == active:
            return
        if not active:
            _keep_one_administrator(change, person, actor)
        person.active = active
        if not active:
            sessions.revoke_all(change, person_id)
            tokens.revoke_all(change, person_id)
            for each in change.session.scalars(select(Invitation).where(
                    Invitation.email == person.email, Invitation.taken_at.is_(None), Invitation.revoked_at.is_(None))):
                each.revoked_at = change.now
        change.record("person.opened" if active else "person.closed", "person", person, reason=reason[:500])


def _keep_one_administrator(change: Change, person: Person, actor: Actor) -> None:
    """The last administrator does not close his own account by mistake; the operator at the server may."""
    if not actor.known or "administrator" not in roles_in_force(change.session, person.id):
        return
    others = change.session.scalar(select(func.count()).select_from(BodyRole).join(
        Person, Person.id == BodyRole.person_id).where(
        BodyRole.role == "administrator", BodyRole.confirmed_by.is_not(None), BodyRole.ended_at.is_(None),
        Person.active, BodyRole.person_id != person.id))
    if not others:
        raise refused("accounts.last-administrator")


def change_self(store: Store, actor: Actor, *, name: str, language: str, request: str = "") -> None:
    """Change one's own name and language.

    Raises:
        ProblemsError: ``accounts.not-signed-in``, values of no use.
    """
    require_person(actor)
    with store.change(actor, request) as change:
        person, words = one(change.session, Person, actor.id), Words()
        person.name = words.text("name", name, NAME_LENGTH)
        person.language = words.among("language", language, LANGUAGES)
        words.done()
        change.record("person.changed", "person", person)
