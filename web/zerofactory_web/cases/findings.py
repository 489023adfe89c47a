"""Nonconformities and observations with their corrections, and questions to the applicant with days to answer by."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from zerofactory_engine.problems import Place, Problem
from zerofactory_web.accounts.access import content_of, require_person
from zerofactory_web.cases import access
from zerofactory_web.cases.evaluating import WORKING
from zerofactory_web.cases.model import FINDING_KINDS, Case, Clarification, Finding
from zerofactory_web.cases.moves import move, step_of
from zerofactory_web.cases.states import APPLICANT, CASE, FINDING, TEAM
from zerofactory_web.cases.words import Words
from zerofactory_web.store.unit import Actor, Store

#: A file of the store: its hash and the name that it was sent under.
File = tuple[str, str]
#: Events by which a case passes between team and applicant; every other one has an act of its own, with its guards.
HANDED = ("open_findings", "correct", "reopen", "resume")


def listed(session: Session, case: Case) -> Sequence[Finding]:
    """All findings in the order in which they were raised."""
    return session.scalars(select(Finding).where(Finding.case_id == case.id)
                           .order_by(Finding.created_at, Finding.id)).all()


def raise_finding(store: Store, actor: Actor, number: str, kind: str, clause: str, text: str, *,
                  request: str = "") -> str:
    """Raise a finding; the id.

    Raises:
        ProblemsError: ``cases.not-working``, ``cases.not-yours``, texts that are missing.
    """
    with store.change(actor, request) as change:
        case = access.case(change.session, actor, number, scope="evaluate")
        access.require_on(change.session, actor, case, TEAM[:2])
        if case.state not in WORKING:
            raise access.refused("cases.not-working", found=case.state, accepted=", ".join(WORKING))
        words = Words()
        words.among("kind", kind, FINDING_KINDS)
        made = Finding(case_id=case.id, kind=kind, clause=words.text("clause", clause, 120),
                       text=words.text("text", text, 4_000, lines=True), raised_by=actor.id, created_at=change.now)
        words.done()
        change.session.add(made)
        change.session.flush()
        change.record("nonconformity.raised", "finding", made, content=content_of(made),
                      details={"case": case.number, "kind": kind})
        return made.id


def act(store: Store, actor: Actor, number: str, finding_id: str, event: str, *, text: str = "", cause: str = "",
        correction: str = "", due: str = "", file: File | None = None, request: str = "") -> None:
    """Take a finding a step further.

    ``answer`` (applicant: *cause* and *correction*), ``accept_plan`` (team: *due*), ``show`` (applicant: *text* or
    *file* that shows the correction), ``verify`` and ``reject`` (team: *text* with the reason).

    Raises:
        ProblemsError: ``cases.step``, ``cases.not-yours``, ``cases.not-working``, what is missing.
    """
    with store.change(actor, request) as change:
        case = access.case(change.session, actor, number, scope="apply" if actor.organisations else "evaluate")
        row = change.session.get(Finding, finding_id)
        if row is None or row.case_id != case.id:
            raise access.refused("cases.not-found", found=finding_id[:40])
        access.require_on(change.session, actor, case, step_of(FINDING, row, event).roles)
        if case.state not in (*WORKING, "granted"):       # an open minor is closed after the certificate was granted
            raise access.refused("cases.not-working", found=case.state, accepted=", ".join(WORKING))
        words = Words()
        if event == "answer":
            row.cause = words.text("cause", cause, 4_000, lines=True)
            row.correction = words.text("correction", correction, 4_000, lines=True)
        elif event == "accept_plan":
            row.due = words.day("due", due, first=change.now.date())
        elif event == "show":
            row.answer = words.optional("text", text, 4_000)
            if file is not None:
                row.evidence, row.evidence_name = file
            if file is None and not row.answer:
                words.problems.append(Problem("cases.evidence-missing", Place(path="file")))
        elif event == "verify":
            row.closed_by = actor.id
            row.answer = "\n".join(filter(None, (row.answer, words.text("text", text, 4_000, lines=True))))
        else:
            row.answer = "\n".join(filter(None, (row.answer, words.text("text", text, 4_000, lines=True))))
        move(change, FINDING, row, event, reason=text[:500], missing=words.problems)


def hand_over(store: Store, actor: Actor, number: str, event: str, reason: str = "", *, request: str = "") -> None:
    """Pass a case between team and applicant: ``open_findings``, ``correct``, ``reopen``, ``resume``.

    Raises:
        ProblemsError: ``cases.step``, ``cases.not-yours``, ``cases.no-findings``, ``cases.answers-open``.
    """
    with store.change(actor, request) as change:
        require_person(actor)
        case = access.case(change.session, actor, number)
        if event not in HANDED or case.state not in WORKING:
            raise access.refused("cases.step", case.state, found=event[:40], accepted=", ".join(HANDED))
        step = step_of(CASE, case, event)
        access.require_on(change.session, actor, case, step.roles)
        words = Words()
        if event == "open_findings" and not any(f.state == "open" for f in listed(change.session, case)):
            words.problems.append(Problem("cases.no-findings"))
        if event == "correct":
            words.problems += [Problem("cases.answers-open", Place(path=f.clause), found=f.text[:80])
                               for f in listed(change.session, case) if f.state == "open" and f.kind != "observation"]
        if "reason" in step.guards:
            words.text("reason", reason, 2_000, lines=True)
        move(change, CASE, case, event, reason=reason[:2_000], missing=words.problems)


# --- questions to the applicant --------------------------------------------------------------------------------------


def questions(session: Session, case: Case) -> Sequence[Clarification]:
    """All questions, the newest first."""
    return session.scalars(select(Clarification).where(Clarification.case_id == case.id)
                           .order_by(Clarification.created_at.desc(), Clarification.id)).all()


def ask(store: Store, actor: Actor, number: str, subject: str, text: str, due: str, *, request: str = "") -> str:
    """Ask the applicant for evidence or a clarification, to be answered by *due*; the id."""
    with store.change(actor, request) as change:
        case = access.case(change.session, actor, number, scope="evaluate")
        access.require_on(change.session, actor, case, (*TEAM, "reviewer"))
        if case.state not in (*WORKING, "in_review"):
            raise access.refused("cases.not-working", found=case.state, accepted=", ".join(WORKING))
        words = Words()
        on = words.day("due", due, first=change.now.date())
        told, about = words.text("text", text, 4_000, lines=True), words.text("subject", subject, 200)
        words.done()
        assert on is not None
        made = Clarification(case_id=case.id, subject=about, text=told, due=on, asked_by=actor.id,
                             created_at=change.now)
        change.session.add(made)
        change.session.flush()
        change.record("clarification.asked", "clarification", made, content=content_of(made),
                      details={"case": case.number, "due": on.isoformat()})
        return made.id


def reply(store: Store, actor: Actor, number: str, question_id: str, text: str, file: File | None = None, *,
          request: str = "") -> None:
    """Answer a question of the body, once, with a file if there is one.

    Raises:
        ProblemsError: ``cases.not-yours``, ``cases.final`` when it was answered.
    """
    with store.change(actor, request) as change:
        case = access.case(change.session, actor, number, scope="apply")
        access.require_on(change.session, actor, case, (APPLICANT,))
        row = change.session.get(Clarification, question_id)
        if row is None or row.case_id != case.id:
            raise access.refused("cases.not-found", found=question_id[:40])
        if row.answered_at is not None:
            raise access.refused("cases.final")
        words = Words()
        row.answer = words.text("text", text, 4_000, lines=True)
        words.done()
        row.answered_by, row.answered_at = actor.id, change.now
        if file is not None:
            row.document, row.document_name = file
        change.record("clarification.answered", "clarification", row, content=content_of(row),
                      details={"case": case.number, "late": str(change.now.date() > row.due).lower()})
