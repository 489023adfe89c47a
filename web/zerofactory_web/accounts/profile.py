"""What is known of one person, for the person and for administrators: read in one state of the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from zerofactory_web.accounts import competence
from zerofactory_web.accounts.access import manages, one, require_administrator, require_person
from zerofactory_web.accounts.model import BodyRole, Competence, Membership, Organisation, Person
from zerofactory_web.store.unit import Actor, Store


@dataclass(frozen=True, slots=True)
class Profile:
    """A person, the organisations that he belongs to now, his roles at the body (waiting ones too) and his competence
    records that were not ended."""

    person: Person
    memberships: Sequence[tuple[Membership, Organisation]]
    roles: Sequence[BodyRole]
    competence: Sequence[Competence]

    @property
    def staff(self) -> bool:
        """Whether he belongs to the body or to an accreditation body: who declares links to organisations."""
        return any(place.kind != "applicant" for _, place in self.memberships)

    @property
    def recovery_left(self) -> int:
        """How many recovery codes are left."""
        return len(self.person.recovery or ())


def own(store: Store, actor: Actor) -> Profile:
    """One's own profile.

    Raises:
        ProblemsError: ``accounts.not-signed-in``, ``accounts.not-by-token``.
    """
    require_person(actor)
    with store.read() as session:
        return _of(session, one(session, Person, actor.id))


def of_person(store: Store, actor: Actor, person_id: str) -> Profile:
    """The profile of anybody, for an administrator.

    Raises:
        ProblemsError: ``accounts.not-allowed``, ``accounts.not-found``.
    """
    with store.read() as session:
        require_administrator(session, actor)
        return _of(session, one(session, Person, person_id))


def _of(session: Session, person: Person) -> Profile:
    places = session.execute(select(Membership, Organisation).join(
        Organisation, Organisation.id == Membership.organisation_id).where(
        Membership.person_id == person.id, Membership.ended_at.is_(None))
        .order_by(Organisation.name_en, Membership.id)).all()
    roles = session.scalars(select(BodyRole).where(BodyRole.person_id == person.id, BodyRole.ended_at.is_(None))
                            .order_by(BodyRole.role)).all()
    return Profile(person, [(m, o) for m, o in places], roles, competence.records(session, person.id))


def names(store: Store, actor: Actor, ids: Sequence[str]) -> dict[str, str]:
    """Names of persons by id, for administrators; ``system`` is not among them.

    Raises:
        ProblemsError: ``accounts.not-allowed``.
    """
    with store.read() as session:
        require_administrator(session, actor)
        return {p.id: p.name for p in session.scalars(select(Person).where(Person.id.in_(set(ids))))}


@dataclass(frozen=True, slots=True)
class Listed:
    """One account in the list of administrators."""

    person: Person
    roles: tuple[str, ...]
    organisations: tuple[Organisation, ...]


def everybody(store: Store, actor: Actor) -> Sequence[Listed]:
    """Every account, by name, with its roles in force and its organisations.

    Raises:
        ProblemsError: ``accounts.not-allowed``.
    """
    with store.read() as session:
        require_administrator(session, actor)
        roles: dict[str, list[str]] = {}
        for person_id, role in session.execute(select(BodyRole.person_id, BodyRole.role).where(
                BodyRole.confirmed_by.is_not(None), BodyRole.ended_at.is_(None)).order_by(BodyRole.role)):
            roles.setdefault(person_id, []).append(role)
        places: dict[str, list[Organisation]] = {}
        for person_id, place in session.execute(select(Membership.person_id, Organisation).join(
                Organisation, Organisation.id == Membership.organisation_id).where(Membership.ended_at.is_(None))
                .order_by(Organisation.name_en, Organisation.id)):
            places.setdefault(person_id, []).append(place)
        return [Listed(p, tuple(roles.get(p.id, ())), tuple(places.get(p.id, ())))
                for p in session.scalars(select(Person).order_by(Person.name, Person.id))]


def may_manage(store: Store, actor: Actor, organisation: Organisation) -> bool:
    """Whether *actor* may invite into an organisation and part members from it."""
    with store.read() as session:
        return manages(session, actor, organisation)
