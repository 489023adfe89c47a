"""Planning a case: who works on it, what each declared, and what is done when; then it starts and its pack stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_web.accounts import fitness
from zerofactory_web.accounts.access import content_of, require_person
from zerofactory_web.accounts.impartiality import look_back, months_after
from zerofactory_web.accounts.model import Person
from zerofactory_web.cases import access, complaints
from zerofactory_web.cases.model import CASE_ROLES, Case, CaseRole
from zerofactory_web.cases.moves import move
from zerofactory_web.cases.schemes import frozen
from zerofactory_web.cases.states import CASE, FROZEN, TEAM
from zerofactory_web.cases.words import Words
from zerofactory_web.store.unit import Actor, Store

DECIDING = ("reviewer", "decider")
ASSURANCE = ("reasonable", "limited")


@dataclass(frozen=True, slots=True)
class Held:
    """A role on a case as pages show it."""

    id: str
    person_id: str
    name: str
    role: str
    statement_at: Any
    ended_at: Any


def people(session: Session, case: Case) -> list[Held]:
    """Everybody who has or had a role on *case*."""
    rows = session.execute(select(CaseRole, Person.name).join(Person, Person.id == CaseRole.person_id).where(
        CaseRole.case_id == case.id).order_by(CaseRole.created_at, CaseRole.id))
    return [Held(r.id, r.person_id, name, r.role, r.statement_at, r.ended_at) for r, name in rows]


def links_since(on: date) -> date:
    """The day from which links to an applicant count on a day (rule 3)."""
    return months_after(on, -look_back().months)


def obstacles(session: Session, case: Case, person_id: str, role: str, on: date) -> list[Problem]:
    """Everything that keeps a person from *role* on *case*: rules 1, 2, 3, 5, 6, 9, 11 and the strict mode."""
    at = Place(path=person_id)
    found = list(fitness.obstacles(session, person_id, role=CASE_ROLES[role], organisation_id=case.organisation_id,
                                   sector=case.sector, on=on))
    if role == "observer":
        found = [p for p in found if p.code != "duty.not-competent"]
    had = set(session.scalars(select(CaseRole.role).where(CaseRole.case_id == case.id,
                                                          CaseRole.person_id == person_id)))
    if role in DECIDING and had & set(TEAM):
        found.append(Problem("duty.evaluated-it", at))
    if role in TEAM and had & set(DECIDING):
        found.append(Problem("duty.reviews-it", at))
    if case.two_persons and role in DECIDING and had & (set(DECIDING) - {role}):
        found.append(Problem("duty.strict", at))
    if role in had:
        found.append(Problem("cases.role-held", at))
    if complaints.handling(session, case, person_id):
        found.append(Problem("duty.handles-complaint", at))
    if _stands(case, role):
        found.append(Problem("cases.team-frozen", at))
    return found


def candidates(store: Store, actor: Actor, number: str, role: str) -> list[tuple[Person, list[Problem]]]:
    """Everybody with the role at the body, with what keeps each from the case; for those who plan cases.

    Raises:
        ProblemsError: ``cases.not-found``, ``cases.not-yours``, ``accounts.value`` for a role that there is not.
    """
    on = store.clock().date()
    with store.read() as session:
        case = access.case(session, actor, number, scope="evaluate")
        access.require_planner(session, actor)
        if role not in CASE_ROLES:
            raise access.refused("accounts.value", "role", found=role[:40], accepted=", ".join(CASE_ROLES))
        everybody = fitness.candidates(store, role=CASE_ROLES[role], organisation_id="", sector="")
        return [(person, obstacles(session, case, person.id, role, on)) for person, _ in everybody]


def assign(store: Store, actor: Actor, number: str, person_id: str, role: str, *, request: str = "") -> str:
    """Give a person a role on the case; the id of the role.

    Raises:
        ProblemsError: ``cases.not-yours``, every ``duty.…`` that stands against it, ``cases.team-frozen``.
    """
    with store.change(actor, request) as change:
        case = access.case(change.session, actor, number, scope="evaluate")
        access.require_planner(change.session, actor, case.organisation_id, change.now.date())
        if role not in CASE_ROLES:
            raise access.refused("accounts.value", "role", found=role[:40], accepted=", ".join(CASE_ROLES))
        if change.session.get(Person, person_id) is None:
            raise access.refused("cases.not-found", "person", found=person_id[:40])
        if (against := obstacles(change.session, case, person_id, role, change.now.date())):
            raise ProblemsError(against)
        made = CaseRole(case_id=case.id, person_id=person_id, role=role, assigned_by=actor.id,
                        links_since=links_since(change.now.date()), created_at=change.now)
        change.session.add(made)
        change.session.flush()
        change.record("role.assigned", "case_role", made, content=content_of(made),
                      details={"case": case.number, "person": person_id, "role": role})
        return made.id


def release(store: Store, actor: Actor, number: str, role_id: str, reason: str, *, request: str = "") -> None:
    """End a person's role on the case; what he did under it stays.

    Raises:
        ProblemsError: ``cases.not-yours``, ``cases.not-found``, ``cases.final`` when it has ended,
            ``cases.team-frozen``.
    """
    with store.change(actor, request) as change:
        case = access.case(change.session, actor, number, scope="evaluate")
        access.require_planner(change.session, actor, case.organisation_id, change.now.date())
        row = change.session.get(CaseRole, role_id)
        if row is None or row.case_id != case.id:
            raise access.refused("cases.not-found", found=role_id[:40])
        if row.ended_at is not None:
            raise access.refused("cases.final")
        if _stands(case, row.role):
            raise access.refused("cases.team-frozen", row.role)
        words = Words()
        told = words.text("reason", reason, 500)
        words.done()
        row.ended_at = change.now
        change.record("role.released", "case_role", row, content=content_of(row), reason=told)


def _stands(case: Case, role: str) -> bool:
    """Whether nobody takes or leaves *role*: from a complete evaluation on its team stands (rule 9). A review that
    sends the case back opens it again, and a case that follows has a team of its own; reviewer, decision maker and
    observer come and go."""
    return role in TEAM and case.state in FROZEN


def sign_statement(store: Store, actor: Actor, number: str, *, request: str = "") -> None:
    """Declare for this case that one has no conflict of interest; for every role that one holds on it.

    Raises:
        ProblemsError: ``cases.not-yours`` without a role, ``cases.final`` when it was signed, every ``duty.…`` that
            has come to stand against it since.
    """
    with store.change(actor, request) as change:
        require_person(actor)
        case = access.case(change.session, actor, number, scope="evaluate")
        rows = change.session.scalars(select(CaseRole).where(
            CaseRole.case_id == case.id, CaseRole.person_id == actor.id, CaseRole.ended_at.is_(None))).all()
        if not rows:
            raise access.refused("cases.not-yours", accepted=", ".join(CASE_ROLES))
        unsigned = [r for r in rows if r.statement_at is None]
        if not unsigned:
            raise access.refused("cases.final")
        on = change.now.date()
        against = [p for p in fitness.obstacles(change.session, actor.id, role=CASE_ROLES[unsigned[0].role],
                                                organisation_id=case.organisation_id, sector=case.sector, on=on)
                   if p.code in ("duty.member", "duty.linked")]
        if against:
            raise ProblemsError(against)
        for row in unsigned:
            row.statement_at = change.now
            change.record("role.statement", "case_role", row, content=content_of(row), details={"case": case.number})


def save_plan(store: Store, actor: Actor, number: str, given: Mapping[str, str], version: int, *,
              request: str = "") -> None:
    """Write the audit plan: objectives, assurance, materiality (%), days, visits or the reason for none, remote share
    (%), sampling. By the lead evaluator, until the evaluation is complete.

    Raises:
        ProblemsError: everything that is missing or wrong; ``store.stale``.
    """
    with store.change(actor, request) as change:
        case = access.case(change.session, actor, number, scope="evaluate")
        access.require_on(change.session, actor, case, ("lead_evaluator",))
        if case.state not in ("planned", "in_evaluation", "sent_back"):
            raise access.refused("cases.frozen")
        if case.version != version:
            raise ProblemsError([Problem("store.stale")])
        words = Words()
        plan: dict[str, Any] = {"objectives": words.text("objectives", given.get("objectives", ""), 2_000, lines=True)}
        plan["assurance"] = words.among("assurance", given.get("assurance", ""), ASSURANCE)
        for name, high in (("materiality_percent", 100), ("audit_days", 1_000), ("remote_percent", 100)):
            value = words.number(name, given.get(name, ""), low=Decimal(0), high=Decimal(high))
            plan[name] = None if value is None else str(value)
        visit = words.day("visit_on", given.get("visit_on", ""), empty=True)
        plan["visit_on"] = visit.isoformat() if visit else None
        plan["no_visit_reason"] = words.optional("no_visit_reason", given.get("no_visit_reason", ""), 1_000)
        if visit is None and not plan["no_visit_reason"] and given.get("visit_on", "").strip() == "":
            words.problems.append(Problem("cases.visit-or-reason", Place(path="visit_on")))
        plan["sampling"] = words.text("sampling", given.get("sampling", ""), 4_000, lines=True)
        words.done()
        case.plan = plan
        change.record("case.plan", "case", case, content=content_of(case))


def start(store: Store, actor: Actor, number: str, *, request: str = "") -> None:
    """Begin the evaluation: the team is named and has signed, the plan is written, the pack is as it was settled.

    Raises:
        ProblemsError: everything that is missing.
    """
    with store.change(actor, request) as change:
        case = access.case(change.session, actor, number, scope="evaluate")
        access.require_on(change.session, actor, case, ("lead_evaluator",))
        move(change, CASE, case, "start", missing=_not_ready(store, change.session, case))


def _not_ready(store: Store, session: Session, case: Case) -> Sequence[Problem]:
    found: list[Problem] = []
    there = [h for h in people(session, case) if h.ended_at is None]
    found += [Problem("cases.role-open", Place(path=role)) for role in ("lead_evaluator", *DECIDING)
              if not any(h.role == role for h in there)]
    found += [Problem("cases.statement-open", Place(path=h.role), found=h.name) for h in there
              if h.role in TEAM and h.statement_at is None]
    if not case.plan:
        found.append(Problem("cases.plan-missing"))
    try:
        frozen(store.settings, case.pack, case.pack_sha256)
    except ProblemsError as error:
        found += error.problems
    return found
