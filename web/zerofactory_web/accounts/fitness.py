"""Whether a person may take a role on a case of an organisation: rules 3, 6 and 11, with every reason why not."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from zerofactory_engine.problems import Place, Problem
from zerofactory_web.accounts.access import roles_in_force
from zerofactory_web.accounts.competence import is_competent
from zerofactory_web.accounts.impartiality import look_back
from zerofactory_web.accounts.links import MEMBER, conflicts
from zerofactory_web.accounts.model import BodyRole, Membership, Person
from zerofactory_web.store.unit import Store


def is_member(session: Session, person_id: str, organisation_id: str) -> bool:
    """Whether the person belongs to the organisation now."""
    return session.scalar(select(Membership.id).where(
        Membership.person_id == person_id, Membership.organisation_id == organisation_id,
        Membership.ended_at.is_(None)).limit(1)) is not None


def obstacles(session: Session, person_id: str, *, role: str, organisation_id: str, sector: str,
              on: date) -> tuple[Problem, ...]:
    """What keeps a person from *role* on a case of an organisation of *sector* (GB/T 4754) on a day; empty: nothing.

    ``duty.role-missing`` the role is not in force; ``duty.member`` (rule 6) a member of the applicant; ``duty.linked``
    (rule 3) linked within the period of ``standards/iso-iec-17065-2012/impartiality.yaml``; ``duty.not-competent``
    (rule 11).
    """
    at, found = Place(path=person_id), []
    if role not in roles_in_force(session, person_id):
        found.append(Problem("duty.role-missing", at, args={"role": role}))
    if is_member(session, person_id, organisation_id):
        found.append(Problem("duty.member", at))
    for each in conflicts(session, person_id, organisation_id, on):
        if each.kind == MEMBER and each.until is None:
            continue                                   # said above
        found.append(Problem("duty.linked", at, args={"months": str(look_back().months)}, found=each.kind
                             if each.until is None else f"{each.kind} … {each.until} (→ {each.counts_until})"))
    if not is_competent(session, person_id, sector, on):
        found.append(Problem("duty.not-competent", at, found=sector))
    return tuple(found)


def candidates(store: Store, *, role: str, organisation_id: str,
               sector: str) -> tuple[tuple[Person, tuple[Problem, ...]], ...]:
    """Everybody whose *role* is in force, by name, each with what keeps him from a case: for whoever forms a team."""
    on = store.clock().date()
    with store.read() as session:
        people = session.scalars(select(Person).join(BodyRole, BodyRole.person_id == Person.id).where(
            BodyRole.role == role, BodyRole.confirmed_by.is_not(None), BodyRole.ended_at.is_(None), Person.active)
            .order_by(Person.name, Person.id)).all()
        return tuple((p, obstacles(session, p.id, role=role, organisation_id=organisation_id, sector=sector, on=on))
                     for p in people)
