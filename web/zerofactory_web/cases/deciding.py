"""Decisions on a case, by somebody who did not evaluate it; a grant issues what the pack's kind of outcome allows.

A certification ends in a certificate, a verification in a statement of one of four opinions, a readiness pack in a
readiness report with a number of its own and never in a certificate (design, outcome kinds).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from zerofactory_engine.problems import Problem, ProblemsError
from zerofactory_mappings.verification.model import UNMODIFIED
from zerofactory_web.accounts.model import Organisation
from zerofactory_web.cases import access, decisions, findings, opinions, planning, serials, surveying
from zerofactory_web.cases.model import Application, Case, Decision, Review
from zerofactory_web.cases.moves import move, step_of
from zerofactory_web.cases.opinions import Stated
from zerofactory_web.cases.reviewing import require_no_part
from zerofactory_web.cases.states import CASE, TEAM
from zerofactory_web.cases.words import Words
from zerofactory_web.register import service as register
from zerofactory_web.register.order import IssueOrder
from zerofactory_web.store.unit import Actor, Change, Store

#: Kind of outcome → kind of document that a grant issues; a readiness pack issues none.
ISSUES = {"certification": "certificate", "verification": "statement"}
#: Kind of outcome that ends in a numbered report.
READINESS = "readiness"
CLASSES = ("product", "service", "management-system")
#: Declared values that stand on a certificate, at most; how many rows were counted is no declared value.
_VALUES = 12
_COUNT = "item"


@dataclass(frozen=True, slots=True)
class Wording:
    """What a decision maker states on a certificate: its class, the number under which the scheme is filed, days of
    validity and of the next surveillance, and the words under which he signs; on a statement the opinion, its basis
    and whom it is for (the client where nobody is named), and no surveillance."""

    certificate_class: str = "service"
    scheme_filing: str = ""
    valid_from: str = ""
    valid_until: str = ""
    surveillance_due: str = ""
    role_zh: str = ""
    role_en: str = ""
    opinion: str = ""
    basis_zh: str = ""
    basis_en: str = ""
    addressee_zh: str = ""
    addressee_en: str = ""


def decide(store: Store, actor: Actor, number: str, kind: str, reason: str, wording: Wording | None = None, *,
           request: str = "") -> str | None:
    """``grant`` or ``refuse`` a case whose review passed; the id of the certificate or statement, if one is issued.
    With it its first surveillance is planned, when a day for it is given. Granting a verification issues its opinion,
    whichever of the four it is; refusing it ends the engagement without any.

    Raises:
        ProblemsError: ``cases.not-yours``, ``duty.…``, ``cases.criteria-open`` for every level that is not met,
            ``cases.major-open``, ``cases.minor-open``, ``cases.serial-twice``, those of :mod:`.opinions`, all of the
            lint of the register.
    """
    given = wording or Wording()
    with store.change(actor, request) as change:
        case = access.case(change.session, actor, number, scope="evaluate")
        words = Words()
        words.among("decision", kind, ("grant", "refuse"))
        told = words.text("reason", reason, 4_000, lines=True)
        stated = opinions.stated(words, case, kind, given.opinion, {"zh": given.basis_zh, "en": given.basis_en},
                                 {"zh": given.addressee_zh, "en": given.addressee_en})
        words.done()
        access.require_on(change.session, actor, case, step_of(CASE, case, kind).roles)
        require_no_part(change.session, case, actor.id)
        bundle = json.loads(store.documents.read(case.frozen_bundle or ""))
        if missing := _obstacles(change.session, case, bundle, stated) if kind == "grant" else []:
            raise ProblemsError(missing)
        number_given = register.next_report(change) if kind == "grant" and case.outcome_kind == READINESS else None
        made = decisions.record(change, actor, case, kind, told, opinion=stated.opinion if stated else None,
                                basis=stated.basis if stated else None, report_number=number_given)
        move(change, CASE, case, kind, reason=told[:500])
        if kind == "refuse" or case.outcome_kind not in ISSUES:
            return None
        order = _order(change, case, made, bundle, given, stated)
        issued = register.issue(change, order)
        if order.surveillance_due is not None:
            surveying.plan(change, case, issued.id, order.surveillance_due)
        return issued.id


def return_to_review(store: Store, actor: Actor, number: str, reason: str, *, request: str = "") -> None:
    """The decision maker asks for another look before he decides."""
    with store.change(actor, request) as change:
        case = access.case(change.session, actor, number, scope="evaluate")
        words = Words()
        told = words.text("reason", reason, 4_000, lines=True)
        words.done()
        access.require_on(change.session, actor, case, ("decider",))
        move(change, CASE, case, "return_to_review", reason=told)


def _obstacles(session: Session, case: Case, bundle: Mapping[str, Any], stated: Stated | None) -> Sequence[Problem]:
    """What keeps *case* from being granted; a readiness report says what is met and what is not, whatever it is."""
    if stated is not None:
        return opinions.obstacles(session, case, bundle, stated.opinion)
    found = [*opinions.unmet(bundle), *opinions.standing(session, case)] if case.outcome_kind in ISSUES else []
    return [*found, *serials.conflicts(session, case)]


# --- what is issued --------------------------------------------------------------------------------------------------


def _order(change: Change, case: Case, decision: Decision, bundle: Mapping[str, Any], given: Wording,
           stated: Stated | None) -> IssueOrder:
    """Everything that stands on the certificate or statement. One that does not say that the claim holds names no
    level and no declared value, and rests on no serial.

    Raises:
        ProblemsError: days that are none, a class that is none.
    """
    session, words = change.session, Words()
    application = session.get_one(Application, case.application_id)
    words.among("certificate_class", given.certificate_class, CLASSES)
    start = words.day("valid_from", given.valid_from)
    end = words.day("valid_until", given.valid_until, first=start)
    due = words.day("surveillance_due", given.surveillance_due, first=start, last=end, empty=True)
    role = {"zh": words.text("role_zh", given.role_zh, 80), "en": words.text("role_en", given.role_en, 80)}
    words.done()
    assert start is not None
    assert end is not None
    assessment = bundle["assessment"]
    holds = stated is None or stated.opinion in opinions.POSITIVE
    pack = {"id": case.pack.partition("@")[0], "version": case.pack.partition("@")[2], "sha256": case.pack_sha256,
            "edition": assessment["pack"]["edition"], "title": assessment["pack"]["title"],
            "provisional": assessment["pack"]["provisional"]}
    return IssueOrder(
        case_id=case.id, case_number=case.number, organisation_id=case.organisation_id, decision_id=decision.id,
        decided_on=decision.effective_on, kind=ISSUES[case.outcome_kind], certificate_class=given.certificate_class,
        scheme_filing=given.scheme_filing.strip()[:80],
        client=_client(session.get_one(Organisation, case.organisation_id)),
        sites=[_site(application, assessment)],
        scope={"zh": application.scope_zh, "en": application.scope_en},
        not_covered={"zh": application.not_covered_zh, "en": application.not_covered_en}, pack=pack,
        levels=[{"id": v["id"], "title": v["title"]} for v in assessment["levels"] if v["asked"] and holds],
        period={"start": assessment["subject"]["period"]["start"], "end": assessment["subject"]["period"]["end"]},
        values=_values(assessment) if holds else [],
        conditions=_conditions(session, case) if stated is None or stated.opinion == UNMODIFIED else [],
        people=_people(session, case, decision),
        signatory={"name": access.name_of(session, decision.by_person), "role": role}, bundle=case.frozen_bundle or "",
        serials=[{"registry": c.kind, "serial": str(c.serials)} for c in serials.claims(session, case) if holds],
        valid_from=start, valid_until=end, surveillance_due=due, supersedes=_superseded(session, case),
        opinion=opinions.content(session, case, stated, bundle) if stated is not None else None)


def _superseded(session: Session, case: Case) -> str | None:
    """The certificate that the case takes the place of: the one of an earlier case of its application which is not over
    yet (the lint refuses while it is suspended: otherwise two could come to be in force)."""
    if case.follows is None:
        return None
    for other in session.scalars(select(Case.id).where(Case.application_id == case.application_id, Case.id != case.id)):
        for found in register.of_case(session, other):
            if found.status in ("active", "suspended"):
                return found.id
    return None


def _client(place: Organisation) -> dict[str, Any]:
    return {"name": {"zh": place.name_zh, "en": place.name_en}, "address": place.address or {"zh": "", "en": ""},
            "credit_code": place.credit_code or "", "lei": place.lei or ""}


def _site(application: Application, assessment: Mapping[str, Any]) -> dict[str, Any]:
    facility = assessment["subject"]["facility"]
    address = facility.get("address") or {}
    if isinstance(address, str):
        address = {"zh": address, "en": address}
    return {"name": {"zh": application.facility_zh, "en": application.facility_en},
            "address": {"zh": address.get("zh", ""), "en": address.get("en", "")}}


def _values(assessment: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Computed quantities with a unit that the levels asked for use: what the claim rests on."""
    asked = set(assessment["asked"])
    used = {c["id"] for c in assessment["criteria"] if asked & set(c["levels"])}
    return [{"title": q["title"], "value": q["value"], "unit": q["unit"]} for q in assessment["quantities"]
            if q.get("unit") not in (None, "", _COUNT) and q.get("value") is not None
            and used & set(q["used_by"])][:_VALUES]


def _conditions(session: Session, case: Case) -> list[dict[str, str]]:
    return [{"clause": f.clause, "text": f.correction or f.text, "due": f.due.isoformat() if f.due else ""}
            for f in findings.listed(session, case) if f.kind == "minor" and f.state != "closed"]


def _people(session: Session, case: Case, decision: Decision) -> dict[str, Any]:
    reviewer = session.scalar(select(Review.by_person).where(
        Review.case_id == case.id, Review.outcome == "pass", Review.bundle == case.frozen_bundle)
        .order_by(Review.created_at.desc()).limit(1))
    team = [h.person_id for h in planning.people(session, case) if h.role in TEAM]
    return {"evaluators": list(dict.fromkeys(team)), "reviewer": reviewer or "", "decider": decision.by_person}
