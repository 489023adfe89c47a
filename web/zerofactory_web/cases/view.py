"""Applications and cases as what pages say: plain values with words of both languages where data has them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from zerofactory_engine.problems import Problem
from zerofactory_web.accounts.model import Organisation
from zerofactory_web.cases import (
    access,
    applications,
    decisions,
    dossiers,
    evaluating,
    findings,
    opinions,
    planning,
    reviewing,
)
from zerofactory_web.cases.model import (
    Application,
    Case,
    CaseRole,
    Clarification,
    Decision,
    DossierVersion,
    Evaluation,
    EvidenceBasis,
    FieldNote,
    Finding,
    JudgementRow,
    Review,
    Surveillance,
)
from zerofactory_web.cases.states import APPLICANT, CASE
from zerofactory_web.readiness.guard import problem_of
from zerofactory_web.register import service as register
from zerofactory_web.register.model import Certificate
from zerofactory_web.store.audit import AuditRow
from zerofactory_web.store.model import time_text
from zerofactory_web.store.unit import Actor, Store

#: Acts of one case that its history page lists, at most.
MOST_ACTS = 500
_BATCH = 400


def moment(value: datetime | None) -> str | None:
    """A moment as text."""
    return None if value is None else time_text(value)


def day(value: date | None) -> str | None:
    """A day as text."""
    return None if value is None else value.isoformat()


def application(session: Session, row: Application) -> dict[str, Any]:
    """An application with its tasks and the versions of its dossier."""
    place = session.get_one(Organisation, row.organisation_id)
    cases = session.scalars(select(Case).where(Case.application_id == row.id).order_by(Case.created_at)).all()
    return {
        "number": row.number, "version": row.version, "state": row.state,
        "organisation": {"zh": place.name_zh, "en": place.name_en},
        "facility": {"zh": row.facility_zh, "en": row.facility_en}, "sector": row.sector, "pack": row.pack,
        "level": row.level, "scope": {"zh": row.scope_zh, "en": row.scope_en},
        "not_covered": {"zh": row.not_covered_zh, "en": row.not_covered_en}, "answer": row.answer,
        "checks": row.checks, "submitted_at": moment(row.submitted_at),
        "tasks": [{"code": t.code, "done": t.done} for t in applications.tasks(session, row)],
        "versions": [version(session, v) for v in dossiers.versions(session, row.id)],
        "cases": [{"number": c.number, "state": c.state} for c in cases]}


def version(session: Session, row: DossierVersion) -> dict[str, Any]:
    """One submission of a dossier."""
    return {"id": row.id, "number": row.number, "file": row.file_name, "sha256": row.document,
            "submitted_at": moment(row.created_at), "by": access.name_of(session, row.submitted_by),
            "found_by": row.found_by, "reason": row.reason, "rows": row.summary.get("rows", {}),
            "period": row.summary.get("period"), "problems": row.problems, "changes": row.difference}


def problems(row: DossierVersion | None) -> list[Problem]:
    """The problems that were noted when a submission was read."""
    return [] if row is None else [problem_of(p) for p in row.problems]


def case(session: Session, actor: Actor, row: Case) -> dict[str, Any]:
    """The head of a case: what every one of its pages shows."""
    application_row = session.get_one(Application, row.application_id)
    place = session.get_one(Organisation, row.organisation_id)
    applicant = access.is_applicant(session, actor, row.organisation_id)
    mine = sorted(access.roles_on(session, row, actor.id) | ({APPLICANT} if applicant else set()))
    held = [h for h in planning.people(session, row) if h.person_id == actor.id and h.ended_at is None]
    return {
        "number": row.number, "version": row.version, "state": row.state, "application": application_row.number,
        "organisation": {"zh": place.name_zh, "en": place.name_en},
        "facility": {"zh": application_row.facility_zh, "en": application_row.facility_en}, "pack": row.pack,
        "outcome_kind": row.outcome_kind, "pack_sha256": row.pack_sha256, "levels": row.levels,
        "readings": row.readings, "valid_on": day(row.valid_on), "mine": mine, "applicant": applicant,
        "staff": bool(access.staff_roles(session, actor) & access.LOOKING),
        "planner": bool(access.staff_roles(session, actor) & access.PLANNING),
        "statement_open": any(h.statement_at is None for h in held),
        "events": [e for e in CASE.events(row.state) if (s := CASE.step(row.state, e)) and set(s.roles) & set(mine)],
        "frozen_bundle": row.frozen_bundle, "frozen_assessment": row.frozen_assessment,
        "certificates": [{"id": c.id, "number": c.number, "status": c.status, "kind": c.kind,
                          "opinion": register.opinion_of(c), "valid_until": day(c.valid_until)}
                         for c in register.of_case(session, row.id)]}


def people(session: Session, row: Case) -> list[dict[str, Any]]:
    """Everybody with a role."""
    return [{"id": h.id, "person": h.person_id, "name": h.name, "role": h.role, "statement_at": moment(h.statement_at),
             "ended_at": moment(h.ended_at)} for h in planning.people(session, row)]


def evidence(session: Session, row: Case) -> dict[str, Any]:
    """Rows and documents of the newest dossier with how each was seen."""
    last = dossiers.newest(session, row.application_id)
    if last is None:
        return {"tables": [], "documents": [], "version": None}
    seen = evaluating.bases(session, row)
    tables = [{"name": name, "rows": len(ids), "whole": seen.get(f"{name}/*", ("claimed", ""))[0],
               "each": [{"id": f"{name}/{i}", "basis": seen[f"{name}/{i}"][0]} for i in ids if f"{name}/{i}" in seen]}
              for name, ids in last.summary.get("row_ids", {}).items()]
    documents = [{**d, "basis": seen.get(d["id"], ("claimed", ""))[0], "note": seen.get(d["id"], ("", ""))[1]}
                 for d in last.summary.get("documents", ())]
    return {"tables": tables, "documents": documents, "version": last.number}


def questions(store: Store, session: Session, row: Case) -> list[dict[str, Any]]:
    """What a qualified person is asked, with the answers that hold now; for questions of each row, one a row."""
    from zerofactory_web.cases.schemes import frozen

    given = evaluating.judgements(session, row)
    last = dossiers.newest(session, row.application_id)
    ids = last.summary.get("row_ids", {}) if last is not None else {}
    found = []
    for asked in evaluating.questions(frozen(store.settings, row.pack, row.pack_sha256)):
        question, item = asked["key"]
        for subject in (ids.get(asked["per"], ()) if asked["per"] and not item else ("",)):
            answer = given.get((question, item, subject))
            found.append({
                "question": question, "item": item, "subject": subject, "criterion": asked["criterion"],
                "title": asked["title"], "text": asked["text"], "answer": answer.answer if answer else None,
                "grounds": answer.grounds if answer else "", "evidence": answer.evidence if answer else [],
                "by": access.name_of(session, answer.by_person) if answer else "",
                "at": moment(answer.created_at) if answer else None})
    return found


def runs(session: Session, row: Case) -> list[dict[str, Any]]:
    """Every evaluation with what it changed against the one before."""
    rows = list(evaluating.evaluations(session, row))
    return [{"id": e.id, "number": e.number, "at": moment(e.created_at), "by": access.name_of(session, e.by_person),
             "levels": e.summary["levels"], "assessment": e.assessment, "bundle": e.bundle,
             "changed": evaluating.changed_verdicts(before.summary, e.summary) if before else []}
            for e, before in zip(rows, [*rows, None][1:], strict=True)]


def fieldwork(session: Session, row: Case) -> list[dict[str, Any]]:
    """What the team wrote down."""
    return [{"id": n.id, "kind": n.kind, "day": day(n.day), "text": n.text, "content": n.content,
             "document": n.document, "document_name": n.document_name,
             "by": access.name_of(session, n.by_person)} for n in evaluating.notes(session, row)]


def clarifications(session: Session, row: Case) -> list[dict[str, Any]]:
    """Questions to the applicant."""
    return [{"id": q.id, "subject": q.subject, "text": q.text, "due": day(q.due), "asked_at": moment(q.created_at),
             "by": access.name_of(session, q.asked_by), "answer": q.answer, "answered_at": moment(q.answered_at),
             "answered_by": access.name_of(session, q.answered_by), "document": q.document,
             "document_name": q.document_name} for q in findings.questions(session, row)]


def nonconformities(session: Session, row: Case) -> list[dict[str, Any]]:
    """Findings with what may happen to each."""
    from zerofactory_web.cases.states import FINDING

    return [{"id": f.id, "kind": f.kind, "state": f.state, "clause": f.clause, "text": f.text,
             "raised_at": moment(f.created_at), "by": access.name_of(session, f.raised_by), "cause": f.cause,
             "correction": f.correction, "due": day(f.due), "document": f.evidence, "document_name": f.evidence_name,
             "answer": f.answer, "closed_by": access.name_of(session, f.closed_by),
             "events": {e: list(s.roles) for e in FINDING.events(f.state) if (s := FINDING.step(f.state, e))}}
            for f in findings.listed(session, row)]


def outcomes(session: Session, row: Case) -> dict[str, Any]:
    """Reviews and decisions."""
    return {"reviews": [{"id": r.id, "outcome": r.outcome, "text": r.text, "at": moment(r.created_at),
                         "by": access.name_of(session, r.by_person), "bundle": r.bundle}
                        for r in reviewing.reviews(session, row)],
            "decisions": [{"id": d.id, "kind": d.kind, "reason": d.reason, "at": moment(d.created_at),
                           "by": access.name_of(session, d.by_person), "effective_on": day(d.effective_on),
                           **opinions.shown(d)}
                          for d in decisions.listed(session, row)]}


#: Kinds of objects in the audit log that belong to a case, with their tables.
_PARTS: dict[str, Any] = {
    "case_role": CaseRole, "evidence_basis": EvidenceBasis, "judgement": JudgementRow, "evaluation": Evaluation,
    "finding": Finding, "field_note": FieldNote, "clarification": Clarification, "review": Review,
    "decision": Decision, "surveillance": Surveillance, "certificate": Certificate}


def history(session: Session, row: Case) -> list[dict[str, Any]]:
    """Acts of the audit log on this case and all that belongs to it, the newest first."""
    objects = [f"case:{row.id}", f"application:{row.application_id}"]
    for kind, table in _PARTS.items():
        objects += [f"{kind}:{i}" for i in session.scalars(select(table.id).where(table.case_id == row.id))]
    objects += [f"dossier_version:{i}" for i in session.scalars(
        select(DossierVersion.id).where(DossierVersion.application_id == row.application_id))]
    found: list[AuditRow] = []
    for start in range(0, len(objects), _BATCH):
        found += session.scalars(select(AuditRow).where(AuditRow.object.in_(objects[start:start + _BATCH])))
    rows = sorted(found, key=lambda a: -a.seq)[:MOST_ACTS]
    return [{"seq": a.seq, "at": time_text(a.at), "by": a.actor_name, "action": a.action, "reason": a.reason,
             "hash": a.hash} for a in rows]
