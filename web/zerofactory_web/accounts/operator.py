"""What the operator does at the server: name the first administrators, let somebody in again, list, close, sign out.

Roles take two administrators (rule 7), so the first ones are named together: the operator grants, and each of them
confirms the others by taking his link (:func:`~zerofactory_web.accounts.roles.founders_to_confirm`). Once an
administrator can act, one that the operator names waits for his confirmation like any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from zerofactory_web.accounts import invitations, people, roles, sessions
from zerofactory_web.accounts.access import ADMINISTRATOR, refused, roles_in_force
from zerofactory_web.accounts.invitations import Given
from zerofactory_web.accounts.model import BodyRole, Membership, Organisation, Person, SessionRow
from zerofactory_web.accounts.people import made_organisation
from zerofactory_web.accounts.words import Words
from zerofactory_web.store.unit import SYSTEM, Change, Store


@dataclass(frozen=True, slots=True)
class Listed:
    """One account as the operator sees it."""

    email: str
    name: str
    active: bool
    password: bool
    second_factor: bool
    organisations: tuple[str, ...]
    roles: tuple[str, ...]
    seen_at: datetime | None


def add_administrators(store: Store, emails: Sequence[str], body_zh: str = "", body_en: str = "",
                       language: str = "zh") -> dict[str, Given]:
    """Name administrators; the link of each. Registers the body under its two names when there is none.

    Raises:
        ProblemsError: addresses of no use; ``accounts.two-administrators`` when nobody can act and fewer than two are
            named in all; ``accounts.body-names`` when the body is not registered and its names are missing.
    """
    words = Words()
    wanted = list(dict.fromkeys(words.email(e) for e in emails))
    words.done()
    with store.change(SYSTEM) as change:
        body = _body(change, body_zh, body_en)
        found = {email: _named(change, email, body, language) for email in wanted}
        if not roles.able(change.session) and (change.session.scalar(select(func.count()).select_from(BodyRole).where(
                BodyRole.role == ADMINISTRATOR, BodyRole.ended_at.is_(None))) or 0) < 2:
            raise refused("accounts.two-administrators")
        return found


def _body(change: Change, name_zh: str, name_en: str) -> Organisation:
    body = change.session.scalar(select(Organisation).where(Organisation.kind == "body")
                                 .order_by(Organisation.created_at, Organisation.id).limit(1))
    if body is not None:
        return body
    if not name_zh.strip() or not name_en.strip():
        raise refused("accounts.body-names")
    return made_organisation(change, "body", name_zh, name_en)


def _named(change: Change, email: str, body: Organisation, language: str) -> Given:
    """The account, its membership and the grant; a link also for somebody who has them: an old one may be lost."""
    session = change.session
    person = people.find(session, email) or invitations.new_person(change, email, email.partition("@")[0], language)
    if not person.active:
        raise refused("accounts.closed", found=email)
    people.join(change, person, body.id, "manager")
    if session.scalar(select(BodyRole.id).where(BodyRole.person_id == person.id, BodyRole.role == ADMINISTRATOR,
                                                BodyRole.ended_at.is_(None))) is None:
        roles.granted(change, person, ADMINISTRATOR)
    return invitations.made(change, "administrator", email, person_id=person.id, organisation_id=body.id,
                            member_role="manager")


def invite(store: Store, email: str, organisation_id: str, member_role: str) -> Given:
    """A link into an organisation, made at the server.

    Raises:
        ProblemsError: values of no use, ``accounts.not-found`` for the organisation.
    """
    words = Words()
    to = words.email(email)
    words.done()
    with store.change(SYSTEM) as change:
        if change.session.get(Organisation, organisation_id) is None:
            raise refused("accounts.not-found", found=organisation_id)
        return invitations.made(change, "join", to, organisation_id=organisation_id, member_role=member_role)


def reset(store: Store, email: str) -> Given:
    """A link to a new password for somebody who lost it or the second factor. Only here: an administrator who could do
    it alone could act as another one.

    Raises:
        ProblemsError: ``accounts.nobody``, ``accounts.closed``.
    """
    with store.change(SYSTEM) as change:
        person = _somebody(change, email)
        if not person.active:
            raise refused("accounts.closed", found=person.email)
        return invitations.made(change, "reset", person.email, person_id=person.id)


def set_active(store: Store, email: str, active: bool, reason: str = "") -> None:
    """Close an account or open it again.

    Raises:
        ProblemsError: ``accounts.nobody``.
    """
    with store.change(SYSTEM) as change:
        ident = _somebody(change, email).id
    people.set_active(store, SYSTEM, ident, active, reason)


def revoke_sessions(store: Store, email: str | None = None) -> int:
    """End every session of a person, or of everybody; how many.

    Raises:
        ProblemsError: ``accounts.nobody``.
    """
    with store.change(SYSTEM) as change:
        whose = [_somebody(change, email).id] if email is not None else change.session.scalars(
            select(SessionRow.person_id).where(SessionRow.revoked_at.is_(None)).distinct()).all()
        return sum(sessions.revoke_all(change, ident) for ident in whose)


def _somebody(change: Change, email: str) -> Person:
    person = people.find(change.session, email)
    if person is None:
        raise refused("accounts.nobody", found=email[:80])
    return person


def listed(store: Store) -> Sequence[Listed]:
    """Every account, by address."""
    rows = people.people(store, SYSTEM)
    with store.read() as session:
        seen = {found[0]: found[1] for found in session.execute(
            select(SessionRow.person_id, func.max(SessionRow.seen_at)).group_by(SessionRow.person_id))}
        places: dict[str, list[str]] = {}
        for person_id, name in session.execute(select(Membership.person_id, Organisation.name_en).join(
                Organisation, Organisation.id == Membership.organisation_id).where(Membership.ended_at.is_(None))
                .order_by(Organisation.name_en)):
            places.setdefault(person_id, []).append(name)
        return [Listed(p.email, p.name, p.active, p.password is not None, p.totp_secret is not None,
                       tuple(places.get(p.id, ())), tuple(sorted(roles_in_force(session, p.id))), seen.get(p.id))
                for p in rows]
