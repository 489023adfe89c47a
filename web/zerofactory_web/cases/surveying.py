"""After the certificate: surveillance, and decisions that change it (ISO/IEC 17065, 7.9 to 7.11)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from zerofactory_engine.problems import Place, Problem
from zerofactory_web.accounts.access import content_of
from zerofactory_web.cases import access, decisions
from zerofactory_web.cases.findings import File
from zerofactory_web.cases.model import Application, Case, Complaint, Decision, Surveillance
from zerofactory_web.cases.model_after import WHYS, Reopening
from zerofactory_web.cases.moves import move, step_of
from zerofactory_web.cases.numbers import next_number
from zerofactory_web.cases.reviewing import require_no_part
from zerofactory_web.cases.states import SURVEILLANCE, TEAM
from zerofactory_web.cases.words import Words
from zerofactory_web.register import service as register
from zerofactory_web.store.model import new_id
from zerofactory_web.store.unit import Actor, Change, Store

#: Events that a surveillance's decision causes on the certificate.
_FOLLOWS = {"continue": None, "suspend": "suspend", "withdraw": "withdraw"}
#: Events of a certificate that a decision maker causes by himself; a changed scope is a case of its own.
CHANGES = ("suspend", "reinstate", "withdraw", "terminate")


def schedule(store: Store, actor: Actor, number: str, certificate_id: str, due: str, *, request: str = "") -> str:
    """Plan a surveillance of a certificate of the case; the id."""
    with store.change(actor, request) as change:
        case = access.case(change.session, actor, number, scope="evaluate")
        access.require_planner(change.session, actor, case.organisation_id, change.now.date())
        _require_its(change.session, case, certificate_id)
        words = Words()
        on = words.day("due", due, first=change.now.date())
        words.done()
        assert on is not None
        return plan(change, case, certificate_id, on).id


def plan(change: Change, case: Case, certificate_id: str, due: date) -> Surveillance:
    """A surveillance within a running transaction."""
    made = Surveillance(case_id=case.id, certificate_id=certificate_id, due=due, created_at=change.now)
    change.session.add(made)
    change.session.flush()
    change.record("surveillance.scheduled", "surveillance", made, content=content_of(made),
                  details={"case": case.number, "due": due.isoformat()})
    return made


def _require_its(session: Session, case: Case, certificate_id: str) -> None:
    found = register.by_id(session, certificate_id)
    if found is None or found.case_id != case.id:
        raise access.refused("cases.not-found", found=certificate_id[:40])


def listed(session: Session, case: Case) -> Sequence[Surveillance]:
    """Surveillances of the case by their days."""
    return session.scalars(select(Surveillance).where(Surveillance.case_id == case.id)
                           .order_by(Surveillance.due, Surveillance.id)).all()


def _one(session: Session, case: Case, ident: str) -> Surveillance:
    row = session.get(Surveillance, ident)
    if row is None or row.case_id != case.id:
        raise access.refused("cases.not-found", found=ident[:40])
    return row


def report(store: Store, actor: Actor, number: str, surveillance_id: str, text: str, deviation: str = "",
           file: File | None = None, *, request: str = "") -> None:
    """Write what a surveillance found: evidence that ran out, the year's data, deviations; by the team of the case."""
    with store.change(actor, request) as change:
        case = access.case(change.session, actor, number, scope="evaluate")
        access.require_on(change.session, actor, case, TEAM[:2])
        row = _one(change.session, case, surveillance_id)
        words = Words()
        row.report = words.text("report", text, 8_000, lines=True)
        row.deviation = words.optional("deviation", deviation, 4_000)
        words.done()
        row.done_by = actor.id
        if file is not None:
            row.document, row.document_name = file
        move(change, SURVEILLANCE, row, "done")


def conclude(store: Store, actor: Actor, number: str, surveillance_id: str, event: str, reason: str, *,
             request: str = "") -> None:
    """Decide on a surveillance: ``continue``, ``suspend`` or ``withdraw``; by the decision maker (rules 2 and 8)."""
    with store.change(actor, request) as change:
        case = access.case(change.session, actor, number, scope="evaluate")
        row = _one(change.session, case, surveillance_id)
        if event not in _FOLLOWS:
            raise access.refused("cases.step", row.state, found=event[:40], accepted=", ".join(_FOLLOWS))
        step_of(SURVEILLANCE, row, event)
        made = _decided(change, actor, case, event, reason)
        row.decision_id = made.id
        if (follows := _FOLLOWS[event]) is not None:
            register.change_status(change, row.certificate_id, follows, made.id, reason)
        move(change, SURVEILLANCE, row, event, reason=reason[:500])


def change_certificate(store: Store, actor: Actor, number: str, certificate_id: str, event: str, reason: str, *,
                       request: str = "") -> None:
    """Suspend, reinstate, withdraw or (asked by the client) terminate a certificate; by the decision maker."""
    with store.change(actor, request) as change:
        case = access.case(change.session, actor, number, scope="evaluate")
        _require_its(change.session, case, certificate_id)
        words = Words()
        words.among("event", event, CHANGES)
        words.done()
        made = _decided(change, actor, case, event, reason)
        register.change_status(change, certificate_id, event, made.id, reason)


def _decided(change: Change, actor: Actor, case: Case, kind: str, reason: str) -> Decision:
    words = Words()
    told = words.text("reason", reason, 4_000, lines=True)
    words.done()
    access.require_on(change.session, actor, case, ("decider",))
    require_no_part(change.session, case, actor.id)
    return decisions.record(change, actor, case, kind, told)


def reopen(store: Store, actor: Actor, number: str, why: str, reason: str, *, request: str = "") -> str:
    """A new case on the same application that follows a granted or refused one: for a changed scope, another pack
    version or an appeal. Its number. The old case stands as it is; a new certificate will supersede the old one.

    Raises:
        ProblemsError: ``cases.not-yours``, ``cases.case-open`` while the old one runs, ``cases.case-open-other`` while
            another one of the application does, ``cases.appeal-not-upheld`` when no appeal on it was upheld, or each
            led to a case already.
    """
    with store.change(actor, request) as change:
        old = access.case(change.session, actor, number, scope="evaluate")
        access.require_planner(change.session, actor, old.organisation_id, change.now.date())
        words = Words()
        words.among("why", why, WHYS)
        told = words.text("reason", reason, 2_000, lines=True)
        if old.state not in ("granted", "refused"):
            words.problems.append(Problem("cases.case-open", Place(path="state"), found=old.state))
        words.done()
        other = change.session.scalar(select(Case.number).where(
            Case.application_id == old.application_id, Case.state.not_in(("granted", "refused"))).limit(1))
        if other is not None:
            raise access.refused("cases.case-open-other", case=other)
        appeal = _upheld(change.session, old) if why == "appeal" else None
        ident = new_id()
        change.session.add(Reopening(case_id=ident, follows=old.id, why=why, complaint_id=appeal, by_person=actor.id,
                                     created_at=change.now))
        change.session.flush()                       # the database asks for it before it lets a case follow another
        application = change.session.get_one(Application, old.application_id)
        made = Case(id=ident, number=next_number(change.session, Case, "C", change.now.year),
                    application_id=application.id, organisation_id=old.organisation_id, sector=old.sector,
                    pack=old.pack, outcome_kind=old.outcome_kind, pack_sha256=old.pack_sha256, readings=old.readings,
                    levels=old.levels, valid_on=old.valid_on, two_persons=old.two_persons, follows=old.id, plan={},
                    created_at=change.now)
        change.session.add(made)
        change.record("case.planned", "case", made, content=content_of(made), reason=told,
                      details={"follows": old.number, "why": why})
        return made.number


def _upheld(session: Session, case: Case) -> str:
    """The first appeal against a decision on *case* that was upheld and led to no case yet.

    Raises:
        ProblemsError: ``cases.appeal-not-upheld``.
    """
    found = session.scalar(select(Complaint.id).where(
        Complaint.case_id == case.id, Complaint.appeal.is_not(None), Complaint.state == "upheld",
        Complaint.id.not_in(select(Reopening.complaint_id).where(Reopening.complaint_id.is_not(None))))
        .order_by(Complaint.created_at, Complaint.id).limit(1))
    if found is None:
        raise access.refused("cases.appeal-not-upheld", "why", found=case.number)
    return found
