"""Pages of a case: one for each section, which shows what is recorded and the forms of what may be done now."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from flask import Response, abort, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from zerofactory_engine.messages import render
from zerofactory_mappings.publishing.reading import case_shown
from zerofactory_mappings.publishing.words import Words
from zerofactory_web.accounts import gate
from zerofactory_web.accounts.forms import attempt, sentence
from zerofactory_web.cases import (
    access,
    acts,
    deciding,
    dossiers,
    evaluating,
    opinions,
    planning,
    report,
    room,
    surveying,
    view,
)
from zerofactory_web.cases.deciding import CLASSES
from zerofactory_web.cases.model import (
    ANSWERS,
    BASES,
    CASE_ROLES,
    FINDING_KINDS,
    NOTE_KINDS,
    Case,
    Clarification,
    Evaluation,
    FieldNote,
    Finding,
    Surveillance,
)
from zerofactory_web.readiness.view import result_view
from zerofactory_web.site.context import actor, portal
from zerofactory_web.site.errors import problem_answer
from zerofactory_web.site.forms import FormErrors, Option
from zerofactory_web.site.language import language, pages
from zerofactory_web.site.uploads import takes_files
from zerofactory_web.store.unit import Store

BLUEPRINT = pages("casefile", __name__, "/cases")
#: Sections in the order of the work; the applicant sees those of APPLICANT only.
SECTIONS = ("team", "plan", "evidence", "judgements", "verdicts", "fieldwork", "questions", "findings", "review",
            "decision", "after", "history")
APPLICANT = frozenset({"verdicts", "questions", "findings", "decision"})
Section = Callable[[Store, Session, Case, dict[str, Any]], tuple[dict[str, Any], dict[str, Any]]]


@BLUEPRINT.get("/<ref>")
@gate.required
def one(ref: str) -> Response:
    """The overview: what it is about, where it stands, who is to act."""
    store, who = portal().store, actor()
    with store.read() as session:
        row = access.case(session, who, ref)
        head = view.case(session, who, row)
        head["team"] = view.people(session, row) if head["staff"] else []
        latest = view.runs(session, row)[:1]
    return room.shown("case", {**head, "runs": latest}, sentence("casework.case", number=ref), head=head,
                      sections=_sections(head))


@BLUEPRINT.route("/<ref>/<section>", methods=["GET", "POST"])
@gate.required
@takes_files(room.FILE_BYTES)
def section(ref: str, section: str) -> BaseResponse:
    """A section of a case and its forms."""
    if section not in SECTIONS:
        abort(404)
    draw = partial(_draw, ref, section)
    if request.method == "GET":
        return draw()
    act = acts.ACTS.get(section, {}).get(request.form.get("act", "")) or abort(404)
    gate.require_signed_in(program=False)
    return attempt(lambda: act.do(ref), url_for("casefile.section", ref=ref, section=section), draw, act.fields,
                   act.said)


def _sections(head: Mapping[str, Any]) -> list[str]:
    return [s for s in SECTIONS if head["staff"] or s in APPLICANT]


def _draw(ref: str, name: str, errors: FormErrors | None = None, status: int = 200) -> Response:
    store, who = portal().store, actor()
    with store.read() as session:
        row = access.case(session, who, ref)
        head = view.case(session, who, row)
        if name not in _sections(head):
            return problem_answer(404)
        data, more = _CONTENT[name](store, session, row, head)
    return room.shown(f"case-{name}", {"case": head, **data}, sentence(f"casework.section-{name}"),
                      [(ref, url_for("casefile.one", ref=ref))], errors=errors, status=status, head=head,
                      sections=_sections(head), here=name, **more)


# --- what each section shows -----------------------------------------------------------------------------------------


def _team(store: Store, session: Session, row: Case, head: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    role = request.args.get("role", "lead_evaluator")
    role = role if role in CASE_ROLES else "lead_evaluator"
    candidates = []
    if head["planner"]:
        found = planning.candidates(store, actor(), row.number, role)
        candidates = [{"id": p.id, "name": p.name, "against": [room.problem(x) for x in against]}
                      for p, against in found]
    return ({"people": view.people(session, row), "candidates": candidates, "role": role},
            {"roles": room.options(CASE_ROLES, "role", [role])})


def _plan(store: Store, session: Session, row: Case, head: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    stored = {n: row.plan.get(n) or "" for n in acts.PLAN}
    values = {n: room.field(n, stored[n]) for n in acts.PLAN}
    return {"plan": row.plan}, {"values": values, "assurances": room.options(
        planning.ASSURANCE, "assurance", [values["assurance"] or "reasonable"]),
        "may_plan": "lead_evaluator" in head["mine"] and row.state in ("planned", "in_evaluation", "sent_back")}


def _evidence(store: Store, session: Session, row: Case, head: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    return view.evidence(session, row), {"bases": room.options(BASES, "basis", [room.field("basis", "sighted")]),
                                         "working": _works(row, head), "rows": room.field("rows"),
                                         "note": room.field("note")}


def _judgements(store: Store, session: Session, row: Case,
                head: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    asked = view.questions(store, session, row)
    at = request.values.get("question", ""), request.values.get("item", ""), request.values.get("subject", "")
    chosen = next((q for q in asked if (q["question"], q["item"], q["subject"]) == at), None)
    return {"questions": asked}, {
        "chosen": chosen, "working": _works(row, head), "grounds": room.field("grounds", (chosen or {}).get("grounds")),
        "evidence": room.field("evidence", ", ".join((chosen or {}).get("evidence", ()))),
        "answers": room.options(ANSWERS, "answer", [room.field("answer", (chosen or {}).get("answer"))])}


def _verdicts(store: Store, session: Session, row: Case, head: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    runs = view.runs(session, row)
    last = evaluating.newest(session, row)
    result = None
    if last is not None:
        found = case_shown(json.loads(store.documents.read(row.frozen_bundle or last.bundle)))
        result = result_view(found, Words(language()))
    shown = None if result is None else {k: v for k, v in result.items() if k != "charts"}
    return {"runs": runs, "result": shown}, {
        "result": result, "working": _works(row, head), "charts": room.pictures(result),
        "may_complete": "complete" in head["events"] and last is not None}


def _fieldwork(store: Store, session: Session, row: Case,
               head: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    names = ("text", "day", *acts.NOTE)
    return {"notes": view.fieldwork(session, row)}, {
        "working": _works(row, head), "values": {n: room.field(n) for n in names},
        "kinds": room.options(NOTE_KINDS, "note", [room.field("kind", NOTE_KINDS[0])])}


def _questions(store: Store, session: Session, row: Case,
               head: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    return {"questions": view.clarifications(session, row)}, {
        "may_ask": bool(set(head["mine"]) & {"lead_evaluator", "evaluator", "technical_expert", "reviewer"})
        and row.state in (*evaluating.WORKING, "in_review"),
        "values": {n: room.field(n) for n in ("subject", "text", "due")}}


def _findings(store: Store, session: Session, row: Case, head: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    return {"findings": view.nonconformities(session, row)}, {
        "working": _works(row, head), "kinds": room.options(FINDING_KINDS, "finding", [room.field("kind", "minor")]),
        "values": {n: room.field(n) for n in ("clause", "text", "cause", "correction", "due", "reason")},
        "open_id": request.values.get("id", ""), "open_event": request.values.get("event", "")}


def _review(store: Store, session: Session, row: Case, head: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    return view.outcomes(session, row), {
        "outcomes": room.options(("pass", "send_back"), "review", [room.field("outcome", "pass")]),
        "text": room.field("text")}


def _decision(store: Store, session: Session, row: Case, head: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    today = store.clock().date()
    signs = "casework.signs-verification" if row.outcome_kind == opinions.VERIFICATION else "casework.signs"
    first = {"valid_from": today.isoformat(), "certificate_class": "service", "role_zh": render(signs, "zh"),
             "role_en": render(signs, "en")}
    values = {n: room.field(n, first.get(n, "")) for n in acts.WORDING}
    may_decide = "decider" in head["mine"] and row.state == "review_passed"
    return {**view.outcomes(session, row), "certificates": head["certificates"]}, {
        "may_decide": may_decide, "values": values, "kinds": _outcomes(store, session, row) if may_decide else [],
        "basis": {n: room.field(n) for n in acts.BASIS},
        "classes": room.options(CLASSES, "class", [values["certificate_class"]]), "reason": room.field("reason")}


def _outcomes(store: Store, session: Session, row: Case) -> list[Option]:
    """What may be decided, by the kind of outcome: each opinion with what keeps it from being issued now."""
    taken = room.field("decision", "")
    if row.outcome_kind == deciding.READINESS:
        return [Option(name, sentence(f"casework.{code}"), checked=name == taken)
                for name, code in (("grant", "issue-report"), ("refuse", "refuse-report"))]
    if row.outcome_kind != opinions.VERIFICATION:
        return room.options(("grant", "refuse"), "decision", [taken])
    found, lang = [], language()
    bundle = json.loads(store.documents.read(row.frozen_bundle or ""))
    for name, when, against in opinions.choices(session, row, bundle):
        barred = sentence("casework.opinion-barred", reasons=" ".join(map(room.problem, against))) if against else ""
        found.append(Option(name, opinions.title(name)[lang], f"{when[lang]}{render('report.stop', lang)}{barred}",
                            name == taken))
    return [*found, Option("refuse", sentence("casework.opinion-refuse"), sentence("casework.opinion-refuse-about"),
                           taken == "refuse")]


def _after(store: Store, session: Session, row: Case, head: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    rows = [{"id": s.id, "due": view.day(s.due), "state": s.state, "report": s.report, "deviation": s.deviation,
             "document": s.document, "document_name": s.document_name, "by": access.name_of(session, s.done_by)}
            for s in surveying.listed(session, row)]
    last = dossiers.newest(session, row.application_id)
    ends = sorted(((d["valid_to"], d["id"], d["kind"]) for d in (last.summary.get("documents", ()) if last else ())
                   if d["valid_to"]), key=lambda d: d[0])
    until = max((c["valid_until"] for c in head["certificates"]), default=None)
    expiring = [{"id": i, "kind": kind, "valid_to": day, "over": day < store.clock().date().isoformat()}
                for day, i, kind in ends if until is None or day <= until]
    watched = [Option(c["id"], c["number"]) for c in head["certificates"]
               if c["status"] in ("active", "suspended") and c["kind"] != "statement"]
    running = [Option(c["id"], c["number"]) for c in head["certificates"] if c["status"] in ("active", "suspended")]
    return {"surveillances": rows, "certificates": head["certificates"], "expiring": expiring}, {
        "running": running, "watched": watched, "changes": room.options(surveying.CHANGES, "event"),
        "whys": room.options(("extend", "reduce", "reissue", "appeal"), "why"),
        "ends": room.options(("continue", "suspend", "withdraw"), "event"),
        "decider": "decider" in head["mine"], "team": bool(set(head["mine"]) & {"lead_evaluator", "evaluator"}),
        "values": {n: room.field(n) for n in ("due", "report", "deviation", "reason")}}


def _history(store: Store, session: Session, row: Case, head: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    return {"acts": view.history(session, row)}, {}


_CONTENT: Mapping[str, Section] = {
    "team": _team, "plan": _plan, "evidence": _evidence, "judgements": _judgements, "verdicts": _verdicts,
    "fieldwork": _fieldwork, "questions": _questions, "findings": _findings, "review": _review, "decision": _decision,
    "after": _after, "history": _history}


def _works(row: Case, head: Mapping[str, Any]) -> bool:
    """Whether the person is of the team and the case is being evaluated."""
    return row.state in evaluating.WORKING and bool(
        set(head["mine"]) & {"lead_evaluator", "evaluator", "technical_expert"})


# --- files -----------------------------------------------------------------------------------------------------------

_FILES = {"note": (FieldNote, "document"), "question": (Clarification, "document"), "finding": (Finding, "evidence"),
          "surveillance": (Surveillance, "document")}


@BLUEPRINT.get("/<ref>/files/<any(note, question, finding, surveillance):kind>/<ident>")
@gate.required
def file(ref: str, kind: str, ident: str) -> Response:
    """A file that belongs to a note, an answer, a correction or a surveillance of the case."""
    table, column = _FILES[kind]
    with portal().store.read() as session:
        row = access.case(session, actor(), ref)
        if kind in ("note", "surveillance") and not access.staff_roles(session, actor()) & access.LOOKING:
            abort(404)
        found = session.get(table, ident)
        if found is None or found.case_id != row.id or getattr(found, column) is None:  # type: ignore[attr-defined]
            abort(404)
        document, name = getattr(found, column), getattr(found, f"{column}_name")
    return room.download(portal().store.documents.read(document), name)


@BLUEPRINT.get("/<ref>/evaluations/<int:count>/bundle")
@gate.required
def bundle(ref: str, count: int) -> Response:
    """The bundle of an evaluation: everything to compute it again with ``zerofactory verify``."""
    with portal().store.read() as session:
        row = access.case(session, actor(), ref)
        found = next((e for e in evaluating.evaluations(session, row) if e.number == count), None) or abort(404)
        assert isinstance(found, Evaluation)
    return room.download(portal().store.documents.read(found.bundle), f"{ref}-evaluation-{count}.json")


@BLUEPRINT.get("/<ref>/evaluations/<int:count>/report")
@gate.required
def report_file(ref: str, count: int) -> Response:
    """The certification report of an evaluation in the language of the page, for people of the body."""
    store, who = portal().store, actor()
    with store.read() as session:
        row = access.case(session, who, ref)
        if not access.staff_roles(session, who) & access.LOOKING:
            abort(404)
        found = next((e for e in evaluating.evaluations(session, row) if e.number == count), None) or abort(404)
        style = report.style_of(session, who, row, report.body_of(session))
        document = found.bundle
    done = dossiers.GUARD.run({"do": "report", "bundle": store.documents.read(document), "style": style,
                               "language": language()})
    answer = room.download(done.data, f"{ref}-report-{count}-{language()}.pdf")
    answer.content_type = "application/pdf"
    return answer


@BLUEPRINT.get("/<ref>/readiness-report")
@gate.required
def readiness_report(ref: str) -> Response:
    """The readiness report in which the case ended, in the language of the page, for the applicant and the body."""
    store, who = portal().store, actor()
    with store.read() as session:
        row = access.case(session, who, ref)
        number = report.readiness_number(session, row) or abort(404)
        style = report.readiness_style(session, who, row, report.body_of(session), number)
        document = row.frozen_bundle or ""
    done = dossiers.GUARD.run({"do": "report", "bundle": store.documents.read(document), "style": style,
                               "language": language()})
    answer = room.download(done.data, f"{number}-{language()}.pdf")
    answer.content_type = "application/pdf"
    return answer
