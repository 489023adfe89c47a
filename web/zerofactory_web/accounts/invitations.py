"""Links that open a place for somebody. No mail is sent: whoever invites is given the link and hands it over.

A link is good once and for a week. It brings a person into an organisation and nothing else; roles at the body are
granted and confirmed afterwards (:mod:`.roles`), so that whoever got hold of a link got no power with it. Whoever has
an account already signs in and accepts; a link never sets the password of an account that has one, but one for a reset,
which only the operator at the server makes (:mod:`.operator`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from zerofactory_web.accounts import identities, passwords, roles, second_factor, secret_text, sessions, tokens
from zerofactory_web.accounts.access import manages, one, refused, require_person
from zerofactory_web.accounts.account import put_password
from zerofactory_web.accounts.model import MEMBER_ROLES, Invitation, Organisation, Person
from zerofactory_web.accounts.people import LANGUAGES, NAME_LENGTH, find, join
from zerofactory_web.accounts.words import Words
from zerofactory_web.settings import Settings
from zerofactory_web.store.model import new_id
from zerofactory_web.store.unit import Actor, Change, Store

LIFE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Given:
    """A link that was made: the id of its row and its secret, shown this once."""

    invitation_id: str
    secret: str
    expires_at: datetime

    def link(self, settings: Settings, language: str) -> str:
        """The address that is handed over."""
        return f"{settings.public_url.rstrip('/')}/{language}/invitation/{self.secret}"


@dataclass(frozen=True, slots=True)
class Offer:
    """What a link opens, for whoever holds it. *known*: there is an account with a password: sign in, then accept.

    *confirms*: names of those whom taking it confirms as administrators (only while an installation is being founded).
    """

    purpose: str
    email: str
    organisation_zh: str
    organisation_en: str
    member_role: str
    expires_at: datetime
    known: bool
    confirms: tuple[str, ...] = ()


def invite(store: Store, actor: Actor, organisation_id: str, email: str, *, member_role: str = "member",
           request: str = "") -> Given:
    """Offer a place in an organisation; by its managers or an administrator.

    Raises:
        ProblemsError: ``accounts.not-found`` for an organisation that is not the actor's to invite to; wrong values.
    """
    words = Words()
    to, as_what = words.email(email), words.among("member_role", member_role, MEMBER_ROLES)
    words.done()
    with store.change(actor, request) as change:
        row = one(change.session, Organisation, organisation_id)
        if not manages(change.session, actor, row):
            raise refused("accounts.not-found")
        return made(change, "join", to, organisation_id=row.id, member_role=as_what)


def made(change: Change, purpose: str, email: str, *, person_id: str | None = None, organisation_id: str | None = None,
         member_role: str = "member") -> Given:
    """A link in a running change. The address stands in the table, not in the audit log, which nobody can delete."""
    secret = secret_text.new_secret()
    row = Invitation(secret=secret_text.hashed(secret), purpose=purpose, email=email, person_id=person_id,
                     organisation_id=organisation_id, member_role=member_role, invited_by=change.actor.id,
                     expires_at=change.now + LIFE, created_at=change.now)
    change.session.add(row)
    change.session.flush()
    change.record("invitation.made", "invitation", row,
                  details={"purpose": purpose, "organisation": organisation_id or "", "as": member_role})
    return Given(row.id, secret, row.expires_at)


def _open_row(session: Session, secret: str, now: datetime) -> Invitation:
    """The row of a link that is still good.

    Raises:
        ProblemsError: ``accounts.invitation-void``, whatever the reason.
    """
    row = session.scalar(select(Invitation).where(Invitation.secret == secret_text.hashed(secret)))
    if row is None or row.taken_at is not None or row.revoked_at is not None or now >= row.expires_at:
        raise refused("accounts.invitation-void")
    return row


def look(store: Store, secret: str) -> Offer:
    """What a link opens.

    Raises:
        ProblemsError: ``accounts.invitation-void``.
    """
    with store.read() as session:
        row = _open_row(session, secret, store.clock())
        place = None if row.organisation_id is None else session.get(Organisation, row.organisation_id)
        person = find(session, row.email)
        waiting = roles.founders_to_confirm(session, person) if person and row.purpose == "administrator" else ()
        names = [found.name for r in waiting if (found := session.get(Person, r.person_id)) is not None]
        known = person is not None and person.password is not None and row.purpose != "reset"
        return Offer(row.purpose, row.email, place.name_zh if place else "", place.name_en if place else "",
                     row.member_role, row.expires_at, known, tuple(names))


def take(store: Store, secret: str, *, name: str, password: str, language: str, request: str = "") -> str:
    """Take a link without being signed in: a new account, or a new password after a reset; the person's id.

    Signing in comes afterwards. After a reset no session, token, linked identity or second factor of before is left.

    Raises:
        ProblemsError: ``accounts.invitation-void``; ``accounts.sign-in-first`` when the account has a password; every
            value and everything about the password that is of no use.
    """
    offer = look(store, secret)
    if offer.known:
        raise refused("accounts.sign-in-first")
    words = Words()
    called = words.text("name", name, NAME_LENGTH)
    speaks = words.among("language", language, LANGUAGES)
    words.problems += passwords.faults(password, about=(offer.email, name),
                                       breached=store.settings.breached_passwords)
    words.done()
    hashed = passwords.make_hash(password)
    with store.read() as session:
        ident = there.id if (there := find(session, offer.email)) is not None else new_id()
    with store.change(Actor(ident, called), request) as change:
        row = _open_row(change.session, secret, change.now)
        person = change.session.get(Person, ident) or new_person(change, row.email, called, speaks, ident)
        if person.email != row.email or not person.active:
            raise refused("accounts.invitation-void")
        if person.password is not None and row.purpose != "reset":
            raise refused("accounts.sign-in-first")
        person.name, person.language = called, speaks
        put_password(change, person, hashed)
        if row.purpose == "reset":
            sessions.revoke_all(change, person.id)
            tokens.revoke_all(change, person.id)
            identities.remove_all(change, person.id)
            second_factor.cleared(person)
        _used(change, row, person)
    return ident


def new_person(change: Change, email: str, name: str, language: str, ident: str | None = None) -> Person:
    """The row of an account without a password in a running change: nobody signs in with it before a link is taken."""
    person = Person(id=ident or new_id(), email=email, name=name, language=language, active=True, created_at=change.now)
    change.session.add(person)
    change.session.flush()
    change.record("person.added", "person", person)
    return person


def accept(store: Store, actor: Actor, secret: str, *, request: str = "") -> None:
    """Take a link as the signed-in person that it is for.

    Raises:
        ProblemsError: ``accounts.not-signed-in``; ``accounts.invitation-void``, also when it is for another address.
    """
    require_person(actor)
    with store.change(actor, request) as change:
        row, person = _open_row(change.session, secret, change.now), one(change.session, Person, actor.id)
        if person.email != row.email or row.purpose == "reset":
            raise refused("accounts.invitation-void")
        _used(change, row, person)


def _used(change: Change, row: Invitation, person: Person) -> None:
    """The link is spent: the place is taken, and founders confirm each other."""
    row.taken_at, row.person_id = change.now, person.id
    change.record("invitation.taken", "invitation", row, details={"purpose": row.purpose, "person": person.id})
    if row.organisation_id is not None:
        join(change, person, row.organisation_id, row.member_role)
    while row.purpose == "administrator" and (left := roles.founders_to_confirm(change.session, person)):
        roles.confirmed(change, left[0])


def pending(store: Store, actor: Actor, organisation_id: str) -> Sequence[Invitation]:
    """Links of an organisation that are still good, the newest first; for those who may invite.

    Raises:
        ProblemsError: ``accounts.not-found``.
    """
    with store.read() as session:
        if not manages(session, actor, one(session, Organisation, organisation_id)):
            raise refused("accounts.not-found")
        return session.scalars(select(Invitation).where(
            Invitation.organisation_id == organisation_id, Invitation.taken_at.is_(None),
            Invitation.revoked_at.is_(None), Invitation.expires_at > store.clock())
            .order_by(Invitation.created_at.desc(), Invitation.id)).all()


def revoke(store: Store, actor: Actor, invitation_id: str, *, request: str = "") -> None:
    """Make a link void; by those who may invite.

    Raises:
        ProblemsError: ``accounts.not-found``, ``accounts.final`` when it was taken or is void already.
    """
    with store.change(actor, request) as change:
        row = one(change.session, Invitation, invitation_id)
        place = None if row.organisation_id is None else change.session.get(Organisation, row.organisation_id)
        if place is None or not manages(change.session, actor, place):
            raise refused("accounts.not-found")
        if row.taken_at is not None or row.revoked_at is not None:
            raise refused("accounts.final")
        row.revoked_at = change.now
        change.record("invitation.revoked", "invitation", row)
