"""What the forms of a case do: for each section its acts, each one call of a service with the fields of the form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import request

from zerofactory_web.accounts.forms import number, typed
from zerofactory_web.cases import complaints, deciding, evaluating, findings, planning, reviewing, room, surveying
from zerofactory_web.cases.deciding import Wording
from zerofactory_web.cases.evaluating import Answer
from zerofactory_web.cases.model import OPINIONS
from zerofactory_web.site.context import actor, portal, request_id

#: Fields of a plan and of a decision.
PLAN = ("objectives", "assurance", "materiality_percent", "audit_days", "remote_percent", "visit_on",
        "no_visit_reason", "sampling")
WORDING = ("certificate_class", "scheme_filing", "valid_from", "valid_until", "surveillance_due", "role_zh", "role_en",
           "addressee_zh", "addressee_en")
#: Texts of several lines that give the basis of an opinion.
BASIS = ("basis_zh", "basis_en")
NOTE = ("place", "persons", "population", "stated", "found", "unit")


@dataclass(frozen=True, slots=True)
class Act:
    """*do* takes the number of the case; *fields* are those that problems may be about; *said* once it is done."""

    do: Callable[[str], object]
    fields: tuple[str, ...] = ()
    said: str = "casework.said-done"


def _assign(ref: str) -> None:
    planning.assign(portal().store, actor(), ref, typed("person", 40), typed("role", 40), request=request_id())


def _release(ref: str) -> None:
    planning.release(portal().store, actor(), ref, typed("id", 40), typed("reason"), request=request_id())


def _sign(ref: str) -> None:
    planning.sign_statement(portal().store, actor(), ref, request=request_id())


def _plan(ref: str) -> None:
    planning.save_plan(portal().store, actor(), ref, {n: typed(n) for n in PLAN}, number("version"),
                       request=request_id())


def _start(ref: str) -> None:
    planning.start(portal().store, actor(), ref, request=request_id())


def _basis(ref: str) -> None:
    evaluating.set_basis(portal().store, actor(), ref, _subjects(), typed("basis", 40), typed("note"),
                         request=request_id())


def _subjects() -> list[str]:
    """Things that were ticked, and rows that were typed, one in a line or behind a comma."""
    lines = typed("rows").replace(",", "\n").replace("，", "\n").splitlines()
    return [*request.form.getlist("subject")[:2_000], *(x.strip()[:200] for x in lines if x.strip())]


def _accept_document(ref: str) -> None:
    evaluating.accept_document(portal().store, actor(), ref, typed("subject", 200), request=request_id())


def _judge(ref: str) -> None:
    seen = typed("evidence").replace("，", ",").split(",")
    evaluating.judge(portal().store, actor(), ref, [Answer(
        typed("question", 200), typed("answer", 40), typed("grounds"), [e.strip() for e in seen], typed("item", 120),
        typed("subject", 120))], request=request_id())


def _evaluate(ref: str) -> None:
    evaluating.evaluate(portal().store, actor(), ref, request=request_id())


def _complete(ref: str) -> None:
    reviewing.complete(portal().store, actor(), ref, request=request_id())


def _note(ref: str) -> None:
    evaluating.note(portal().store, actor(), ref, typed("kind", 40), typed("day", 40), typed("text"),
                    content={n: typed(n, 400) for n in NOTE}, document=room.sent_file(), request=request_id())


def _ask(ref: str) -> None:
    findings.ask(portal().store, actor(), ref, typed("subject", 400), typed("text"), typed("due", 40),
                 request=request_id())


def _reply(ref: str) -> None:
    findings.reply(portal().store, actor(), ref, typed("id", 40), typed("text"), room.sent_file(),
                   request=request_id())


def _raise(ref: str) -> None:
    findings.raise_finding(portal().store, actor(), ref, typed("kind", 40), typed("clause", 400), typed("text"),
                           request=request_id())


def _finding(ref: str) -> None:
    findings.act(portal().store, actor(), ref, typed("id", 40), typed("event", 40), text=typed("text"),
                 cause=typed("cause"), correction=typed("correction"), due=typed("due", 40), file=room.sent_file(),
                 request=request_id())


def _hand_over(ref: str) -> None:
    findings.hand_over(portal().store, actor(), ref, typed("event", 40), typed("reason"), request=request_id())


def _take_up(ref: str) -> None:
    reviewing.take_up(portal().store, actor(), ref, request=request_id())


def _resume(ref: str) -> None:
    reviewing.resume(portal().store, actor(), ref, request=request_id())


def _review(ref: str) -> None:
    reviewing.review(portal().store, actor(), ref, typed("outcome", 40), typed("text", 8_000), request=request_id())


def _decide(ref: str) -> None:
    """An opinion is chosen where others choose to grant: to issue it is to grant a verification."""
    chosen = typed("decision", 40)
    opinion = chosen if chosen in OPINIONS else ""
    deciding.decide(portal().store, actor(), ref, "grant" if opinion else chosen, typed("reason"), Wording(
        **{n: typed(n, 200) for n in WORDING}, **{n: typed(n) for n in BASIS}, opinion=opinion), request=request_id())


def _return(ref: str) -> None:
    deciding.return_to_review(portal().store, actor(), ref, typed("reason"), request=request_id())


def _schedule(ref: str) -> None:
    surveying.schedule(portal().store, actor(), ref, typed("certificate", 40), typed("due", 40), request=request_id())


def _survey(ref: str) -> None:
    surveying.report(portal().store, actor(), ref, typed("id", 40), typed("report", 8_000), typed("deviation"),
                     room.sent_file(), request=request_id())


def _conclude(ref: str) -> None:
    surveying.conclude(portal().store, actor(), ref, typed("id", 40), typed("event", 40), typed("reason"),
                       request=request_id())


def _change(ref: str) -> None:
    surveying.change_certificate(portal().store, actor(), ref, typed("certificate", 40), typed("event", 40),
                                 typed("reason"), request=request_id())


def _reopen(ref: str) -> None:
    surveying.reopen(portal().store, actor(), ref, typed("why", 40), typed("reason"), request=request_id())


def _appeal(ref: str) -> None:
    complaints.appeal(portal().store, actor(), ref, typed("decision", 40), typed("text", 8_000), request=request_id())


#: Section of a case → name of an act → the act.
ACTS: Mapping[str, Mapping[str, Act]] = {
    "team": {"assign": Act(_assign, ("person", "role")), "release": Act(_release, ("reason",)), "sign": Act(_sign)},
    "plan": {"save": Act(_plan, PLAN, "casework.said-saved"), "start": Act(_start)},
    "evidence": {"basis": Act(_basis, ("subject", "rows", "basis", "note")), "accept": Act(_accept_document)},
    "judgements": {"judge": Act(_judge, ("answer", "grounds", "evidence"))},
    "verdicts": {"evaluate": Act(_evaluate, (), "casework.said-evaluated"),
                 "complete": Act(_complete, (), "casework.said-complete")},
    "fieldwork": {"note": Act(_note, ("kind", "day", "text", *NOTE))},
    "questions": {"ask": Act(_ask, ("subject", "text", "due")), "reply": Act(_reply, ("text",))},
    "findings": {"raise": Act(_raise, ("kind", "clause", "text")), "move": Act(_finding, (
        "text", "cause", "correction", "due", "file")), "hand-over": Act(_hand_over, ("reason",))},
    "review": {"take-up": Act(_take_up), "resume": Act(_resume), "write": Act(_review, ("outcome", "text"))},
    "decision": {"decide": Act(_decide, ("decision", "reason", *BASIS, *WORDING)), "return": Act(_return, ("reason",)),
                 "appeal": Act(_appeal, ("text",))},
    "after": {"schedule": Act(_schedule, ("due",)), "report": Act(_survey, ("report", "deviation")),
              "conclude": Act(_conclude, ("reason",)), "change": Act(_change, ("event", "reason")),
              "reopen": Act(_reopen, ("why", "reason"))},
}
