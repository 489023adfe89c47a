"""Complaints and appeals (ISO/IEC 17065, 7.13): anybody may send one; whoever decides had no part in the case."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_web.accounts.access import content_of, require_person, require_scope
from zerofactory_web.cases import access
from zerofactory_web.cases.model import Case, CaseRole, Complaint, Decision
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


def one(store: Store, actor: Actor, number: str) -> tuple[Complaint, Case | None]:
    """A complaint with its case."""
    with store.read() as session:
        _require_handler(session, actor)
        row = _row(session, number)
        return row, session.get(Case, row.case_id) if row.case_id else None


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
        ProblemsError: ``cases.not-yours``, ``cases.step``, ``duty.complaint-part`` when the person had a role on the
            case (rule 5), an outcome that is missing.
    """
    with store.change(actor, request) as change:
        require_person(actor)
        if HANDLER not in access.staff_roles(change.session, actor):
            raise access.refused("cases.not-found")
        row = _row(change.session, number)
        step = step_of(COMPLAINT, row, event)
        words = Words()
        if "reason" in step.guards:
            told = words.text("text", text, 8_000, lines=True)
            words.done()
            row.outcome = "\n\n".join(filter(None, (row.outcome, told)))
        if "no_part_in_it" in step.guards:
            _require_no_role(change.session, row, actor.id)
            row.decided_by = row.decided_by or actor.id
        move(change, COMPLAINT, row, event, reason=text[:500])


def _require_no_role(session: Session, row: Complaint, person_id: str) -> None:
    if row.case_id and session.scalar(select(CaseRole.id).where(
            CaseRole.case_id == row.case_id, CaseRole.person_id == person_id).limit(1)):
        raise ProblemsError([Problem("duty.complaint-part", Place(path=person_id))])
