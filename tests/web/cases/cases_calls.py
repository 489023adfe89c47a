"""Every service of certification as one call each, with arguments that are right at the stage where it belongs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from tests.web.cases.cases_world import KEPT, World, dossier, terms

from zerofactory_web.cases import (
    applications,
    complaints,
    deciding,
    dossiers,
    draft_files,
    drafts,
    evaluating,
    findings,
    planning,
    reviewing,
    surveying,
)
from zerofactory_web.cases.deciding import Wording
from zerofactory_web.cases.evaluating import Answer
from zerofactory_web.store.unit import Actor, Store

Run = Callable[[World, Store, Actor, str], object]


@dataclass(frozen=True)
class Call:
    """*run* takes the world, a store, who acts and the number of the case or application; *stage*: where it belongs; *who*:
    somebody who may; *at*: ``case``, ``application``, or nothing when it is about neither."""

    name: str
    stage: str
    who: str
    run: Run
    at: str = "case"


def _reading(w: World) -> dossiers.Reading:
    return dossiers.read(w.store, "dossier.yaml", BytesIO(dossier(88, ("MWh: 200,", "MWh: 201,"))))


def wording(w: World, **changes: Any) -> Wording:
    """What stands on a certificate."""
    given = {"certificate_class": "service", "valid_from": w.today(), "valid_until": w.today(700), "role_zh": "决定人", "role_en": "Decision maker"}
    return Wording(**{**given, **changes})


def _kept(w: World, s: Store, a: Actor, n: str) -> None:
    row, cells = drafts.cells_of(s, a, n)
    with drafts.keeping(s, a, row, cells, ""):
        pass


PLAN = {"objectives": "o", "assurance": "limited", "materiality_percent": "5", "audit_days": "1", "remote_percent": "0", "visit_on": "",
        "no_visit_reason": "near", "sampling": "all"}


def _finding(w: World, stage: str) -> str:
    return w.names[f"finding_{stage}"]


CALLS: tuple[Call, ...] = (
    Call("applications.start", "draft", "qingyan", lambda w, s, a, n: applications.start(s, a, w.names["org"]), ""),
    Call("applications.save", "draft", "qingyan", lambda w, s, a, n: applications.save(s, a, n, {"facility_en": "Works"}, _version(w, n)), "application"),
    Call("applications.submit", "draft", "qingyan", lambda w, s, a, n: applications.submit(s, a, n), "application"),
    Call("applications.withdraw", "submitted", "qingyan", lambda w, s, a, n: applications.withdraw(s, a, n), "application"),
    Call("applications.answer", "submitted", "he", lambda w, s, a, n: applications.answer(s, a, n, "decline", "no"), "application"),
    Call("applications.accept", "submitted", "he", lambda w, s, a, n: applications.accept(s, a, n, terms(w.cast)), "application"),
    Call("applications.listed", "draft", "qingyan", lambda w, s, a, n: _some(applications.listed(s, a)), ""),
    Call("dossiers.add", "draft", "qingyan", lambda w, s, a, n: dossiers.add(s, a, n, _reading(w), reason="late"), "application"),
    Call("drafts.cells_of", "draft", "qingyan", lambda w, s, a, n: drafts.cells_of(s, a, n), "application"),
    Call("drafts.save_main", "draft", "qingyan", lambda w, s, a, n: drafts.save_main(s, a, n, {}), "application"),
    Call("drafts.save_table", "draft", "qingyan", lambda w, s, a, n: drafts.save_table(s, a, n, "credits", ""), "application"),
    Call("drafts.discard", "draft", "qingyan", lambda w, s, a, n: drafts.discard(s, a, n), "application"),
    Call("drafts.keeping", "draft", "qingyan", _kept, "application"),
    Call("draft_files.listed", "draft", "qingyan", lambda w, s, a, n: draft_files.listed(s, a, n), "application"),
    Call("draft_files.add", "draft", "qingyan", lambda w, s, a, n: draft_files.add(s, a, n, "D1", "a.pdf", BytesIO(b"a")), "application"),
    Call("draft_files.leave_out", "draft", "qingyan", lambda w, s, a, n: draft_files.leave_out(s, a, n, f"documents/{KEPT}"), "application"),
    Call("draft_files.read", "draft", "qingyan", lambda w, s, a, n: draft_files.read(s, a, n, "en"), "application"),
    Call("planning.candidates", "planned", "he", lambda w, s, a, n: planning.candidates(s, a, n, "evaluator")),
    Call("planning.assign", "planned", "he", lambda w, s, a, n: planning.assign(s, a, n, w.names["fang"], "technical_expert")),
    Call("planning.release", "planned", "he", lambda w, s, a, n: planning.release(s, a, n, _role(w, n, "wu"), "left")),
    Call("planning.sign_statement", "planned", "lin", lambda w, s, a, n: planning.sign_statement(s, a, n)),
    Call("planning.save_plan", "started", "lin", lambda w, s, a, n: planning.save_plan(s, a, n, PLAN, w.case(n).version)),
    Call("planning.start", "ready", "lin", lambda w, s, a, n: planning.start(s, a, n)),
    Call("evaluating.set_basis", "evaluated", "lin", lambda w, s, a, n: evaluating.set_basis(s, a, n, ["electricity/E1"], "sighted")),
    Call("evaluating.accept_document", "rejected", "lin", lambda w, s, a, n: evaluating.accept_document(s, a, n, "D4")),
    Call("evaluating.judge", "evaluated", "lin", lambda w, s, a, n: evaluating.judge(s, a, n, [Answer("CECA-BASIC/conforms", "conforms", "g")])),
    Call("evaluating.evaluate", "rejected", "lin", lambda w, s, a, n: evaluating.evaluate(s, a, n)),
    Call("evaluating.note", "evaluated", "lin", lambda w, s, a, n: evaluating.note(s, a, n, "visit", w.today(), "seen")),
    Call("findings.raise_finding", "evaluated", "lin", lambda w, s, a, n: findings.raise_finding(s, a, n, "major", "7", "late")),
    Call("findings.act", "findings_open", "qingyan", lambda w, s, a, n: findings.act(
        s, a, n, _finding(w, "findings_open"), "answer", cause="c", correction="k")),
    Call("findings.act/accept_plan", "corrective_action", "lin", lambda w, s, a, n: findings.act(
        s, a, n, _finding(w, "corrective_action"), "accept_plan", due=w.today(9))),
    Call("findings.act/verify", "corrective_action", "lin", lambda w, s, a, n: findings.act(
        s, a, n, _finding(w, "corrective_action"), "verify", text="seen")),
    Call("findings.hand_over", "corrective_action", "lin", lambda w, s, a, n: findings.hand_over(s, a, n, "resume", "enough")),
    Call("findings.hand_over/open", "rejected", "lin", lambda w, s, a, n: findings.hand_over(s, a, n, "open_findings")),
    Call("findings.ask", "evaluated", "lin", lambda w, s, a, n: findings.ask(s, a, n, "D1", "where?", w.today(3))),
    Call("findings.reply", "findings_open", "qingyan", lambda w, s, a, n: findings.reply(s, a, n, w.names["question"], "there")),
    Call("reviewing.complete", "evaluated", "lin", lambda w, s, a, n: reviewing.complete(s, a, n)),
    Call("reviewing.take_up", "evaluation_complete", "he", lambda w, s, a, n: reviewing.take_up(s, a, n)),
    Call("reviewing.resume", "sent_back", "lin", lambda w, s, a, n: reviewing.resume(s, a, n)),
    Call("reviewing.review", "in_review", "he", lambda w, s, a, n: reviewing.review(s, a, n, "pass", "sound")),
    Call("deciding.decide", "review_passed", "zhao", lambda w, s, a, n: deciding.decide(s, a, n, "grant", "yes", wording(w))),
    Call("deciding.return_to_review", "review_passed", "zhao", lambda w, s, a, n: deciding.return_to_review(s, a, n, "look again")),
    Call("surveying.schedule", "granted", "he", lambda w, s, a, n: surveying.schedule(s, a, n, w.names["certificate"], w.today(9))),
    Call("surveying.report", "granted", "lin", lambda w, s, a, n: surveying.report(s, a, n, w.names["surveillance"], "seen")),
    Call("surveying.conclude", "granted", "zhao", lambda w, s, a, n: surveying.conclude(s, a, n, w.names["surveillance_done"], "continue", "fine")),
    Call("surveying.change_certificate", "granted", "zhao", lambda w, s, a, n: surveying.change_certificate(
        s, a, n, w.names["certificate"], "suspend", "late")),
    Call("surveying.reopen", "refused", "he", lambda w, s, a, n: surveying.reopen(s, a, n, "extend", "another line")),
    Call("complaints.receive", "granted", "public", lambda w, s, a, n: complaints.receive(s, a, "loud", "me"), ""),
    Call("complaints.appeal", "refused", "qingyan", lambda w, s, a, n: complaints.appeal(s, a, n, w.names["decision_refused"], "it does hold")),
    Call("complaints.listed", "granted", "qian", lambda w, s, a, n: complaints.listed(s, a), ""),
    Call("complaints.one", "granted", "qian", lambda w, s, a, n: complaints.one(s, a, w.names["complaint_number"]), ""),
    Call("complaints.act", "granted", "qian", lambda w, s, a, n: complaints.act(s, a, w.names["complaint_number"], "acknowledge"), ""),
)


def _version(w: World, number: str) -> int:
    import sqlalchemy as sa

    from zerofactory_web.cases.model import Application
    with w.store.read() as session:
        return session.scalars(sa.select(Application.version).where(Application.number == number)).one()


def _role(w: World, number: str, who: str) -> str:
    with w.store.read() as session:
        found = [h.id for h in planning.people(session, w.case(number)) if h.person_id == w.names[who]]
    return found[0] if found else "nobody"


class NothingSeenError(Exception):
    """A list that is empty for whoever asked."""


def _some(rows: list[Any]) -> None:
    if not rows:
        raise NothingSeenError


def prepare(w: World) -> None:
    """Two stages more: ``ready`` to begin, and ``rejected`` (a document is no evidence, a finding is open)."""
    from tests.web.cases.cases_world import advance, applied

    from zerofactory_web.demo import life
    cast, store = w.cast, w.store
    for n, stage in ((41, "ready"), (42, "rejected")):
        w.applications[stage] = applied(cast, n)
        w.cases[stage] = life.accept(cast, w.applications[stage])
    for name in ("lin", "wu", "he", "zhao"):
        planning.sign_statement(store, cast.actor(name), w.cases["ready"])
    planning.save_plan(store, cast.actor("lin"), w.cases["ready"], PLAN, w.case("ready").version)
    advance(cast, w.cases["rejected"], "evaluated")
    evaluating.set_basis(store, cast.actor("lin"), w.cases["rejected"], ["D4"], "rejected", "another year")
    findings.raise_finding(store, cast.actor("lin"), w.cases["rejected"], "minor", "7", "late")
