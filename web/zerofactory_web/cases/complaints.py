"""Complaints and appeals (ISO/IEC 17065, 7.13): anybody may send one; whoever handles it had no part in the case."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_web.accounts.access import content_of, require_person, require_scope
from zerofactory_web.accounts.model import Person
from zerofactory_web.cases import access
from zerofactory_web.cases.model import Case, CaseRole, Complaint, Decision
from zerofactory_web.cases.model_after import ComplaintStep
from zerofactory_web.cases.moves import move, step_of
from zerofactory_web.cases.numbers import next_number
from zerofactory_web.cases.states import COMPLAINT
from zerofactory_web.cases.words import Words
from zerofactory_web.register import service as register
from zerofactory_web.store.unit import Actor, Store

HANDLER = "complaints_handler"


def receive(store: Store, actor: Actor, text: str, received_from: str, *, certificate: str = "",
            request: str = "") -> str:
    """Take a complaint in, from anybody; its number. *certificate*: the number of the certificate that it is about.

    Raises:
        ProblemsError: texts that are missing, ``cases.not-found`` for a certificate that there is not.
    """
    with store.change(actor, request) as change:
        words = Words()
        told, whom = words.text("text", text, 8_000, lines=True), words.text("received_from", received_from, 200)
        about = register.by_number(change.session, certificate.strip()) if certificate.strip() else None
        if certificate.strip() and about is None:
            words.problems.append(Problem("cases.not-found", Place(path="certificate"), found=certificate[:40]))
        words.done()
        made = Complaint(number=next_number(change.session, Complaint, "B", change.now.year), text=told,
                         case_id=about.case_id if about else None, received_from=whom, created_at=change.now)
        change.session.add(made)
        change.session.flush()
        change.record("complaint.received", "complaint", made, content=content_of(made))
        return made.number


def appeal(store: Store, actor: Actor, number: str, decision_id: str, text: str, *, request: str = "") -> str:
    """An applicant appeals against a decision on its case; the number of the appeal."""
    with store.change(actor, request) as change:
        require_person(actor)
        case = access.case(change.session, actor, number, scope="apply")
        access.require_on(change.session, actor, case, ("applicant",))
        decision = change.session.get(Decision, decision_id)
        if decision is None or decision.case_id != case.id:
            raise access.refused("cases.not-found", found=decision_id[:40])
        words = Words()
        told = words.text("text", text, 8_000, lines=True)
        words.done()
        made = Complaint(number=next_number(change.session, Complaint, "B", change.now.year), case_id=case.id,
                         appeal=decision.id, text=told, received_from=actor.name, created_at=change.now)
        change.session.add(made)
        change.session.flush()
        change.record("complaint.received", "complaint", made, content=content_of(made),
                      details={"case": case.number, "appeal": decision.id})
        return made.number


def listed(store: Store, actor: Actor) -> Sequence[Complaint]:
    """All complaints, for those who handle them.

    Raises:
        ProblemsError: ``cases.not-found`` for everybody else, ``accounts.scope``.
    """
    with store.read() as session:
        _require_handler(session, actor)
        return session.scalars(select(Complaint).order_by(Complaint.created_at.desc(), Complaint.id)).all()


def one(store: Store, actor: Actor, number: str) -> tuple[Complaint, Case | None, Sequence[tuple[ComplaintStep, str]],
                                                          bool]:
    """A complaint with its case, the steps that were taken with the name of whoever took each, and whether the actor
    has a part in the matter."""
    with store.read() as session:
        _require_handler(session, actor)
        row = _row(session, number)
        case = session.get(Case, row.case_id) if row.case_id else None
        return row, case, steps(session, row), has_part(session, row, actor.id)


def _row(session: Session, number: str) -> Complaint:
    row = session.scalar(select(Complaint).where(Complaint.number == number))
    if row is None:
        raise access.refused("cases.not-found", found=number[:40])
    return row


def _require_handler(session: Session, actor: Actor) -> None:
    require_scope(actor, "read")
    if not access.staff_roles(session, actor) & {HANDLER, "observer"}:
        raise access.refused("cases.not-found")


def act(store: Store, actor: Actor, number: str, event: str, text: str = "", *, request: str = "") -> None:
    """``acknowledge``, ``investigate``, ``decide`` (with the outcome), ``close``, or ``uphold`` an appeal.

    Raises:
        ProblemsError: ``cases.not-found`` for whoever does not handle complaints, ``cases.step``,
            ``cases.not-an-appeal``, ``duty.complaint-part`` when the person had a role on the case (rule 5), whichever
            step it is, an outcome that is missing.
    """
    with store.change(actor, request) as change:
        require_person(actor)
        if HANDLER not in access.staff_roles(change.session, actor):
            raise access.refused("cases.not-found")
        row = _row(change.session, number)
        step = step_of(COMPLAINT, row, event)
        _require_appeal(row, event)
        words = Words()
        told = words.text("text", text, 8_000, lines=True) if "reason" in step.guards else ""
        words.done()
        _require_no_role(change.session, row, actor.id)
        change.session.add(ComplaintStep(complaint_id=row.id, state=step.to, by_person=actor.id,
                                         created_at=change.now))
        change.session.flush()                       # the database lets nobody take a step that is not on record
        row.outcome = "\n\n".join(filter(None, (row.outcome, told)))
        if step.to == "decided":
            row.decided_by = actor.id
        move(change, COMPLAINT, row, event, reason=text[:500])


def _require_appeal(row: Complaint, event: str) -> None:
    """Only an appeal is upheld: it is against a decision."""
    if event == "uphold" and row.appeal is None:
        raise ProblemsError([Problem("cases.not-an-appeal", Place(path=row.number))])


def has_part(session: Session, row: Complaint, person_id: str) -> bool:
    """Whether the person has or had a role on the case that *row* is about, and so does not handle it (rule 5)."""
    return row.case_id is not None and session.scalar(select(CaseRole.id).where(
        CaseRole.case_id == row.case_id, CaseRole.person_id == person_id).limit(1)) is not None


def _require_no_role(session: Session, row: Complaint, person_id: str) -> None:
    if has_part(session, row, person_id):
        raise ProblemsError([Problem("duty.complaint-part", Place(path=person_id))])


def steps(session: Session, row: Complaint) -> Sequence[tuple[ComplaintStep, str]]:
    """Who took which step when, by name, in their order."""
    return [(step, name) for step, name in session.execute(
        select(ComplaintStep, Person.name).join(Person, Person.id == ComplaintStep.by_person)
        .where(ComplaintStep.complaint_id == row.id).order_by(ComplaintStep.created_at, ComplaintStep.id))]


def handling(session: Session, case: Case, person_id: str) -> bool:
    """Whether the person took a step of a complaint about *case* that is not over."""
    return session.scalar(select(ComplaintStep.id).join(Complaint, Complaint.id == ComplaintStep.complaint_id).where(
        Complaint.case_id == case.id, Complaint.state.not_in(("closed", "upheld")),
        ComplaintStep.by_person == person_id).limit(1)) is not None
