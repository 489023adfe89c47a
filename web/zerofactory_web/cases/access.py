"""Who may see and do what on applications and cases. What is somebody else's is "not found"."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_web.accounts.access import organisations_of, require_person, require_scope, roles_in_force
from zerofactory_web.accounts.impartiality import look_back
from zerofactory_web.accounts.links import MEMBER, conflicts
from zerofactory_web.accounts.model import Link, Person
from zerofactory_web.cases.model import CASE_ROLES, Application, Case, CaseRole
from zerofactory_web.cases.states import APPLICANT
from zerofactory_web.store.unit import Actor

#: Roles at the body whose holders look at applications and cases.
LOOKING = frozenset({"evaluator", "technical_expert", "reviewer", "decider", "complaints_handler", "observer"})
#: Roles at the body whose holders take applications in and plan cases.
PLANNING = frozenset({"evaluator", "reviewer"})


def refused(code: str, path: str | None = None, **more: str) -> ProblemsError:
    """One problem as an error; *more*: ``found``, ``accepted``, arguments of its sentence."""
    found, accepted = more.pop("found", None), more.pop("accepted", None)
    return ProblemsError([Problem(code, Place(path=path), found=found, accepted=accepted, args=more)])


def staff_roles(session: Session, actor: Actor) -> frozenset[str]:
    """Roles at the body that the actor came in with and that are in force still."""
    return roles_in_force(session, actor.id) & actor.roles if actor.known else frozenset()


def is_applicant(session: Session, actor: Actor, organisation_id: str) -> bool:
    """Whether the actor belongs to the organisation, as he came in and still."""
    return organisation_id in actor.organisations and organisation_id in organisations_of(session, actor.id)


def may_see(session: Session, actor: Actor, application: Application) -> bool:
    """Members of its organisation always; the body from its submission on."""
    if not actor.known:
        return False
    if is_applicant(session, actor, application.organisation_id):
        return True
    return application.submitted_at is not None and bool(staff_roles(session, actor) & LOOKING)


def application(session: Session, actor: Actor, number: str, *, scope: str = "read") -> Application:
    """The application of that number.

    Raises:
        ProblemsError: ``cases.not-found`` when there is none or the actor does not see it, ``accounts.scope``.
    """
    require_scope(actor, scope)
    row = session.scalar(select(Application).where(Application.number == number))
    if row is None or not may_see(session, actor, row):
        raise refused("cases.not-found", found=number[:40])
    return row


def case(session: Session, actor: Actor, number: str, *, scope: str = "read") -> Case:
    """The case of that number; raises as :func:`application`."""
    require_scope(actor, scope)
    row = session.scalar(select(Case).where(Case.number == number))
    if row is None or not may_see(session, actor, session.get_one(Application, row.application_id)):
        raise refused("cases.not-found", found=number[:40])
    return row


def roles_on(session: Session, case: Case, person_id: str) -> frozenset[str]:
    """Roles on *case* that the person holds now, for which he signed the statement on conflicts of interest, and whose
    role at the body is in force still."""
    held = session.scalars(select(CaseRole.role).where(
        CaseRole.case_id == case.id, CaseRole.person_id == person_id, CaseRole.ended_at.is_(None),
        CaseRole.statement_at.is_not(None)))
    in_force = roles_in_force(session, person_id)
    return frozenset(role for role in held if CASE_ROLES[role] in in_force)


def require_on(session: Session, actor: Actor, case: Case, roles: Iterable[str]) -> None:
    """One of *roles* on *case*; ``applicant`` is a member of its organisation.

    Raises:
        ProblemsError: ``accounts.not-by-token`` (programs decide nothing), ``cases.not-yours`` with the roles,
            ``duty.member`` and ``duty.linked`` (rules 3 and 6) for what came to be since the role was given.
    """
    wanted = tuple(roles)
    require_person(actor)
    if APPLICANT in wanted and is_applicant(session, actor, case.organisation_id):
        return
    held = roles_on(session, case, actor.id)
    if not held & set(wanted):
        raise refused("cases.not-yours", accepted=", ".join(wanted), found=", ".join(sorted(held)) or "—")
    require_unlinked(session, case, actor.id)


def require_unlinked(session: Session, case: Case, person_id: str) -> None:
    """Nobody who belongs to the applicant or is linked to it acts for the body (rules 3 and 6).

    Raises:
        ProblemsError: ``duty.member``, ``duty.linked``.
    """
    at = Place(path=person_id)
    since = select(CaseRole.links_since).where(CaseRole.case_id == case.id, CaseRole.person_id == person_id)
    links = session.scalars(select(Link).where(Link.person_id == person_id,
                                               Link.organisation_id == case.organisation_id)).all()
    first = min(session.scalars(since), default=None)
    found = [Problem("duty.member", at)] if case.organisation_id in organisations_of(session, person_id) else []
    found += [Problem("duty.linked", at, found=each.kind, args={"months": str(look_back().months)}) for each in links
              if first is None or each.until is None or each.until >= first]
    if found:
        raise ProblemsError(found)


def require_planner(session: Session, actor: Actor, organisation_id: str = "", on: date | None = None) -> None:
    """Somebody of the body who takes applications in; with *organisation_id* and a day, he acts on one of its cases and
    is not linked to it (rules 3 and 6).

    Raises:
        ProblemsError: ``accounts.not-by-token``, ``cases.not-yours``, ``duty.member``, ``duty.linked``.
    """
    require_person(actor)
    if not staff_roles(session, actor) & PLANNING:
        raise refused("cases.not-yours", accepted=", ".join(sorted(PLANNING)))
    found = conflicts(session, actor.id, organisation_id, on) if on is not None else ()
    if any(each.kind == MEMBER and each.until is None for each in found):
        raise refused("duty.member", actor.id)
    if found:
        raise refused("duty.linked", actor.id, found=found[0].kind, months=str(look_back().months))


def name_of(session: Session, person_id: str | None) -> str:
    """A person's name; empty for nobody."""
    found = session.get(Person, person_id) if person_id else None
    return found.name if found is not None else ""
