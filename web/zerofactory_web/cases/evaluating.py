"""Evaluating a case: how evidence was seen, judgements with grounds, what was done on site, and the verdicts computed.

Nobody overrides a computed verdict: one says how evidence was seen, rejects a document, judges what is qualitative, or
asks for another submission, and computes again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from zerofactory_engine.canonical import canonical_bytes, content_hash
from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.problems import Place, Problem
from zerofactory_web.accounts.access import content_of, require_scope
from zerofactory_web.cases import access, dossiers
from zerofactory_web.cases.model import (
    ANSWERS,
    BASES,
    NOTE_KINDS,
    Case,
    DossierVersion,
    Evaluation,
    EvidenceBasis,
    FieldNote,
    JudgementRow,
)
from zerofactory_web.cases.schemes import Scheme, frozen
from zerofactory_web.cases.states import TEAM
from zerofactory_web.cases.words import Words
from zerofactory_web.store.unit import Actor, Change, Store

#: States of a case in which the team works on it.
WORKING = ("in_evaluation", "findings_open", "corrective_action")


def _working(change: Change, actor: Actor, number: str, roles: Sequence[str] = TEAM) -> Case:
    case = access.case(change.session, actor, number, scope="evaluate")
    access.require_on(change.session, actor, case, roles)
    if case.state not in WORKING:
        raise access.refused("cases.not-working", found=case.state, accepted=", ".join(WORKING))
    return case


def set_basis(store: Store, actor: Actor, number: str, subjects: Sequence[str], basis: str, note: str = "", *,
              request: str = "") -> None:
    """Say how things were seen: rows (``electricity/E1``, ``electricity/*``) or documents (``D3``), of which
    ``rejected`` (with a reason) says that it is no evidence.

    Raises:
        ProblemsError: ``cases.not-working``, ``cases.subject-unknown`` for each that the dossier does not have.
    """
    with store.change(actor, request) as change:
        case = _working(change, actor, number)
        words = Words()
        words.among("basis", basis, BASES)
        told = words.text("note", note, 1_000, lines=True) if basis == "rejected" else words.optional(
            "note", note, 1_000)
        if not subjects:
            words.problems.append(Problem("cases.nothing-chosen", Place(path="subject")))
        known = _subjects(dossiers.newest(change.session, case.application_id))
        for subject in subjects:
            fits = subject in known and ("/" in subject) == (basis != "rejected")
            if not fits:
                words.problems.append(Problem("cases.subject-unknown", Place(path="subject"), found=subject[:80]))
        words.done()
        for subject in dict.fromkeys(subjects):
            made = EvidenceBasis(case_id=case.id, subject=subject, basis=basis, by_person=actor.id, note=told,
                                 created_at=change.now)
            change.session.add(made)
            change.session.flush()
            change.record("evidence.basis", "evidence_basis", made, content=content_of(made),
                          details={"case": case.number, "subject": subject, "basis": basis})


def accept_document(store: Store, actor: Actor, number: str, document: str, *, request: str = "") -> None:
    """Take the rejection of a document back."""
    with store.change(actor, request) as change:
        case = _working(change, actor, number)
        if bases(change.session, case).get(document, ("", ""))[0] != "rejected":
            raise access.refused("cases.subject-unknown", "subject", found=document[:80])
        made = EvidenceBasis(case_id=case.id, subject=document, basis="claimed", by_person=actor.id,
                             created_at=change.now)
        change.session.add(made)
        change.session.flush()
        change.record("evidence.basis", "evidence_basis", made, content=content_of(made),
                      details={"case": case.number, "subject": document, "basis": "claimed"})


def _subjects(version: DossierVersion | None) -> set[str]:
    if version is None:
        return set()
    rows = version.summary.get("row_ids", {})
    found = {f"{table}/{row}" for table, ids in rows.items() for row in (*ids, "*")}
    return found | {d["id"] for d in version.summary.get("documents", ())}


def bases(session: Session, case: Case) -> dict[str, tuple[str, str]]:
    """Subject → (basis, note) as they hold now."""
    rows = session.scalars(select(EvidenceBasis).where(EvidenceBasis.case_id == case.id)
                           .order_by(EvidenceBasis.created_at, EvidenceBasis.id))
    return {r.subject: (r.basis, r.note) for r in rows}


@dataclass(frozen=True, slots=True)
class Answer:
    """A judgement to be kept: *question* (``CECA-BASIC/conforms``, or a question set with its *item*), *subject* (row),
    *answer*, *grounds*, and the *evidence* that was seen (ids of documents, with page or cell)."""

    question: str
    answer: str
    grounds: str
    evidence: Sequence[str] = ()
    item: str = ""
    subject: str = ""


def judge(store: Store, actor: Actor, number: str, answers: Sequence[Answer], *, request: str = "") -> None:
    """Answer questions that the pack asks of a qualified person.

    Raises:
        ProblemsError: questions that the pack does not ask, answers without grounds; all at once.
    """
    with store.change(actor, request) as change:
        case = _working(change, actor, number, TEAM[:2])
        scheme = frozen(store.settings, case.pack, case.pack_sha256)
        known = {q["key"] for q in questions(scheme)}
        words = Words()
        if not answers:
            words.problems.append(Problem("cases.nothing-chosen", Place(path="question")))
        for n, given in enumerate(answers):
            if (given.question, given.item) not in known:
                words.problems.append(Problem("cases.question-unknown", Place(path="question"),
                                              found="/".join(filter(None, (given.question, given.item)))[:120]))
            words.among("answer", given.answer, ANSWERS)
            words.text(f"grounds-{n}" if n else "grounds", given.grounds, 4_000, lines=True)
        words.done()
        for given in answers:
            made = JudgementRow(case_id=case.id, question=given.question, item=given.item, subject=given.subject,
                                answer=given.answer, grounds=given.grounds.strip(), by_person=actor.id,
                                evidence=[e.strip()[:200] for e in given.evidence if e.strip()], created_at=change.now)
            change.session.add(made)
            change.session.flush()
            change.record("judgement.given", "judgement", made, content=content_of(made),
                          details={"case": case.number, "question": given.question, "answer": given.answer})


def questions(scheme: Scheme) -> list[dict[str, Any]]:
    """What a qualified person is asked under *scheme*: ``key`` (question, item), criterion, text in both languages, and
    *per*: the table whose rows it is asked of, if any."""
    pack = scheme.pack
    found: list[dict[str, Any]] = [
        {"key": (f"{c.id}/{q.id}", ""), "criterion": c.id, "title": dict(c.title), "text": dict(q.text),
         "per": q.per}
        for c in pack.criteria.values() for q in c.questions.values()]
    for name, checklist in pack.checklists.items():
        found += [{"key": (name, item.id), "criterion": name, "title": dict(checklist.title), "text": dict(item.text),
                   "per": checklist.per} for item in checklist.items.values()]
    return found


def judgements(session: Session, case: Case) -> dict[tuple[str, str, str], JudgementRow]:
    """(question, item, subject) → the judgement that holds now."""
    rows = session.scalars(select(JudgementRow).where(JudgementRow.case_id == case.id)
                           .order_by(JudgementRow.created_at, JudgementRow.id))
    return {(r.question, r.item, r.subject): r for r in rows}


def judgements_tree(session: Session, case: Case, scheme: Scheme, dossier: str) -> dict[str, Any] | None:
    """All that the body found, as the evaluation takes it (``zerofactory/judgements/1``); None when there is nothing.

    A person stands in it by name and the first letters of the id, so that two of a name are told apart.
    """
    given, seen = judgements(session, case), bases(session, case)
    if not given and not seen:
        return None
    who = {b.subject: b for b in session.scalars(select(EvidenceBasis).where(EvidenceBasis.case_id == case.id)
                                                 .order_by(EvidenceBasis.created_at, EvidenceBasis.id))}
    rows: list[dict[str, Any]] = []
    for (question, item, subject), row in sorted(given.items()):
        key = {"checklist": question, "item": item} if item else {"question": question}
        at = {("subject" if item else "row"): subject} if subject else {}
        rows.append({**key, **at, "answer": row.answer, "because": row.grounds, "by": _person(session, row.by_person),
                     "on": _day(row.created_at), **({"evidence": row.evidence} if row.evidence else {})})
    marks = [{"row": s, "basis": b, "by": _person(session, who[s].by_person), "on": _day(who[s].created_at)}
             for s, (b, _) in sorted(seen.items()) if "/" in s and b not in ("claimed", "rejected")]
    rejected = [{"document": s, "because": note, "by": _person(session, who[s].by_person),
                 "on": _day(who[s].created_at)}
                for s, (b, note) in sorted(seen.items()) if b == "rejected"]
    return {"format": "zerofactory/judgements/1", "dossier": dossier, "pack": str(scheme.pack.base or scheme.pack.pin),
            "judgements": rows, "basis": marks, "rejected_documents": rejected}


def _person(session: Session, person_id: str) -> str:
    return f"{access.name_of(session, person_id)} ({person_id[:6]})"


def _day(moment: datetime) -> str:
    return moment.date().isoformat()


# --- verdicts --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Inputs:
    """All that an evaluation is computed from."""

    version: DossierVersion
    scheme: Scheme
    judgements: bytes
    sha256: str


def inputs(store: Store, session: Session, case: Case) -> _Inputs:
    """What the case would be evaluated from now.

    Raises:
        ProblemsError: ``cases.dossier-missing``, ``cases.scheme-changed``.
    """
    version = dossiers.newest(session, case.application_id)
    if version is None:
        raise access.refused("cases.dossier-missing")
    scheme = frozen(store.settings, case.pack, case.pack_sha256)
    tree = judgements_tree(session, case, scheme, version.summary["id"])
    told = b"" if tree is None else canonical_bytes(tree)
    return _Inputs(version, scheme, told, content_hash({
        "dossier": version.document, "scheme": case.pack_sha256, "levels": case.levels, "readings": case.readings,
        "valid_on": case.valid_on.isoformat(), "judgements": tree}))


def evaluate(store: Store, actor: Actor, number: str, *, request: str = "") -> str:
    """Compute the verdicts from what is known now; the id of the evaluation. The same inputs are not computed twice.

    Raises:
        ProblemsError: ``cases.not-working``, everything that is wrong with the dossier or the judgements,
            ``cases.changed-meanwhile`` when evidence changed while it was computed.
    """
    require_scope(actor, "evaluate")
    with store.read() as session:
        case = access.case(session, actor, number, scope="evaluate")
        access.require_on(session, actor, case, TEAM)
        if case.state not in WORKING:
            raise access.refused("cases.not-working", found=case.state, accepted=", ".join(WORKING))
        given, last = inputs(store, session, case), newest(session, case)
    if last is not None and last.inputs == given.sha256:
        return last.id
    done = dossiers.GUARD.run({
        "do": "evaluate", "name": given.version.file_name, "data": store.documents.read(given.version.document),
        "folder": str(given.scheme.folder), "overlay": str(given.scheme.overlay or ""), "levels": list(case.levels),
        "readings": dict(case.readings), "valid_on": case.valid_on.isoformat(), "judgements": given.judgements})
    bundle = store.documents.put(BytesIO(done.data), len(done.data)).sha256
    with store.change(actor, request) as change:
        case = _working(change, actor, number)
        if inputs(store, change.session, case).sha256 != given.sha256:
            raise access.refused("cases.changed-meanwhile")
        count = change.session.scalar(select(func.count()).where(Evaluation.case_id == case.id)) or 0
        made = Evaluation(case_id=case.id, number=count + 1, dossier_version_id=given.version.id, inputs=given.sha256,
                          bundle=bundle, assessment=done.told["id"], summary=done.told, by_person=actor.id,
                          created_at=change.now)
        change.session.add(made)
        change.session.flush()
        change.record("case.evaluated", "evaluation", made, content=content_of(made), details={"case": case.number})
        return made.id


def newest(session: Session, case: Case) -> Evaluation | None:
    """The evaluation that counts."""
    return session.scalar(select(Evaluation).where(Evaluation.case_id == case.id)
                          .order_by(Evaluation.number.desc()).limit(1))


def evaluations(session: Session, case: Case) -> Sequence[Evaluation]:
    """All runs, the newest first."""
    return session.scalars(select(Evaluation).where(Evaluation.case_id == case.id)
                           .order_by(Evaluation.number.desc())).all()


def changed_verdicts(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, str]]:
    """What another run changed: criterion, level, verdicts before and after."""
    return [{"criterion": c, "level": level, "before": old, "after": new}
            for c, levels in after["criteria"].items() for level, new in levels.items()
            if (old := before["criteria"].get(c, {}).get(level, "—")) != new]


# --- on site ---------------------------------------------------------------------------------------------------------


def note(store: Store, actor: Actor, number: str, kind: str, day: str, text: str, *,
         content: Mapping[str, str] | None = None, document: tuple[str, str] | None = None, request: str = "") -> str:
    """Write down a visit, a sample, an interview, a photograph; *document*: (hash, name) of a file in the store.

    A sample has ``population`` (total stated), ``stated`` and ``found`` (sums of what was drawn), from which its error
    is extrapolated.

    Raises:
        ProblemsError: everything that is missing or wrong.
    """
    with store.change(actor, request) as change:
        case = _working(change, actor, number)
        words = Words()
        words.among("kind", kind, NOTE_KINDS)
        on = words.day("day", day, last=change.now.date())
        told = words.text("text", text, 4_000, lines=True)
        fields = {k: words.optional(k, v, 400) for k, v in (content or {}).items() if v.strip()}
        if kind == "sample":
            fields |= _sample(words, fields)
        words.done()
        assert on is not None
        made = FieldNote(case_id=case.id, kind=kind, day=on, text=told, content=fields, by_person=actor.id,
                         document=document[0] if document else None, document_name=document[1] if document else "",
                         created_at=change.now)
        change.session.add(made)
        change.session.flush()
        change.record(f"field.{kind.replace('_', '-')}", "field_note", made, content=content_of(made),
                      details={"case": case.number})
        return made.id


def _sample(words: Words, fields: Mapping[str, str]) -> dict[str, str]:
    """The error of a sample, extrapolated to its population by the ratio of sums (ISO 14064-3: projected error).

    ``error = (found − stated) / stated × population``, in the unit of the sample; exact decimals, rounded for the
    record to six significant digits.
    """
    low, high = Decimal(0), Decimal(10) ** 15
    numbers = {n: words.number(n, fields.get(n, ""), low=low, high=high) for n in ("population", "stated", "found")}
    population, stated, found = numbers["population"], numbers["stated"], numbers["found"]
    if population is None or stated is None or found is None:
        return {}
    if stated == 0 or stated > population:
        words.problems.append(Problem("cases.sample-size", Place(path="stated"), found=str(stated),
                                      accepted=f"0 < … ≤ {population}"))
        return {}
    share = CONTEXT.divide(found - stated, stated)
    return {"extrapolated_error": f"{CONTEXT.multiply(share, population):.6g}", "error_percent": f"{share * 100:.4g}"}


def notes(session: Session, case: Case) -> Sequence[FieldNote]:
    """What the team wrote down, in the order of days."""
    return session.scalars(select(FieldNote).where(FieldNote.case_id == case.id)
                           .order_by(FieldNote.day, FieldNote.created_at)).all()


