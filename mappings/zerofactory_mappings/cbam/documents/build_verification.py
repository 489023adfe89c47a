"""The working paper for the verification report as a document: what report and verifier say for each of its items."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, localcontext

from zerofactory_engine.decimals import CONTEXT
from zerofactory_mappings.cbam.documents import build_electricity, build_goods, build_parties, build_precursors
from zerofactory_mappings.cbam.documents.build import case_of, date_of, emissions_report, summary_report
from zerofactory_mappings.cbam.documents.building import country, figure, once, period, say, spaced, word
from zerofactory_mappings.cbam.documents.check import judge
from zerofactory_mappings.cbam.documents.conditions import Answer, exempt
from zerofactory_mappings.cbam.documents.effects import limits
from zerofactory_mappings.cbam.documents.items import Item, document
from zerofactory_mappings.cbam.documents.model import Case, Content, Line, Quantity, Report
from zerofactory_mappings.cbam.documents.plan import Plan, Row
from zerofactory_mappings.cbam.documents.verification import FORMAT, Evaluation, evaluate
from zerofactory_mappings.cbam.model import Precursor, ValueSource
from zerofactory_mappings.cbam.result import CbamResult, PrecursorUse

VERIFICATION = "verification_report"
NOTHING = Row({"format": FORMAT})


def verify(result: CbamResult, root: Row | None = None, plan: Plan | None = None) -> Evaluation:
    """What follows from what a verifier found (nothing yet: None) on the report of *result*."""
    case = case_of(result, plan)
    return evaluate(case, root or NOTHING, (emissions_report(result, plan), summary_report(result, plan)))


def verification_report(made: Evaluation, issued: date | None = None) -> Report:
    """The working paper in the order of the verification report (2025/2546 Annex)."""
    visit = (made.root.part("site_visit") or Row({})).text("visit")
    further: dict[str, Answer] = {
        "visited": None if visit in (None, "none") else visit != "waived",
        "not_physical": None if visit in (None, "none") else visit != "physical",
        "misstatements": bool(made.misstatements),
        "nonconformities": bool(made.root.each("nonconformities")),
    }

    def content_of(item: Item) -> Content:
        return BUILDERS[item.id](made)

    wanted = document(VERIFICATION)
    stated = (made.root.part("statement") or Row({})).day("date")
    return Report(wanted, made.case, judge(wanted, content_of, made.case, further), issued or stated
                  or date_of(made.case),
                  once([*made.problems, *made.conclusion.reasons]))


def _part(made: Evaluation, name: str) -> Row:
    return made.root.part(name) or Row({})


def parties(made: Evaluation) -> Content:
    """Operator and installation, as reported."""
    return build_parties.parties(made.case)


def report(made: Evaluation) -> Content:
    """Which report on which period."""
    part, given = _part(made, "report"), made.case.installation
    return Content({"report_id": part.text("report_id"), "period_start": part.day("period_start") or given.period_start,
                    "period_end": part.day("period_end") or given.period_end})


def verifier(made: Evaluation) -> Content:
    """Who verifies, with which accreditation; names that the input states stand until the verifier writes others."""
    part, details = _part(made, "verifier"), made.case.installation.details
    address = [details.get(f"verifier_{n}") for n in ("street", "postcode", "city")]
    return Content({
        "name": part.text("name") or details.get("verifier_company"),
        "address": part.text("address") or ", ".join(a for a in address if a) or None,
        "outsourced": part.text("outsourced"),
        "accreditation_number": part.text("accreditation_number") or details.get("accreditation_number"),
        "accreditation_body": part.text("accreditation_body") or details.get("accreditation_body"),
        "accreditation_country": part.text("accreditation_country") or details.get("accreditation_state"),
        "accreditation_expires": part.day("accreditation_expires"),
        "accreditation_scope": ", ".join(part.texts("accreditation_scope")) or None})


def team(made: Evaluation) -> Content:
    """Members with their roles."""
    rows = made.root.rows("team")
    return Content(lists={"team": None if rows is None else tuple(
        {"name": r.text("name"), "role": r.text("role")} for r in rows)})


def site_visits(made: Evaluation) -> Content:
    """The visit, and the least that the rules allow."""
    part = _part(made, "site_visit")
    visit = part.text("visit")
    physical = [d for r in part.each("history") if r.text("visit") == "physical" and (d := r.day("date")) is not None]
    return Content({
        "visit": word("visit", visit if visit != "none" else None), "least": word("visit", made.visit.least),
        "dates": part.text("dates"), "days": figure(part.number("days"), "d"),
        "last_physical": max(physical) if physical else None, "reasons": part.text("reasons")})


def basis(made: Evaluation) -> Content:
    """Objectives, scope, criteria, plan and materiality."""
    part, plan = _part(made, "report"), made.case.plan
    current = plan.current if plan is not None else None
    shares = limits()
    return Content({
        "objectives": part.text("objectives"), "scope": part.text("scope"), "criteria": part.text("criteria"),
        "plan_version": part.text("plan_version") or (current.text("version") if current is not None else None),
        "plan_date": part.day("plan_date") or (current.day("date") if current is not None else None),
        "materiality_see": Quantity(shares["see"], "1"), "materiality_sefa": Quantity(shares["sefa"], "1")})


def data(made: Evaluation) -> Content:
    """Totals and goods, as reported."""
    case, said = made.case, made.case.statement
    kinds = dict.fromkeys(word("electricity", u.source) or "" for p in case.installation.processes
                          for u in p.electricity
                          if (r := case.result.process(p.id)) is not None and r.indirect_in_scope)
    units = {str(row["cn"]): row["amount"] for row in build_goods.units_rows(case) if row["cn"]}
    goods = tuple({**row, "amount": units.get(str(row["cn"]))} for row in build_goods.product_rows(case))
    return Content({
        "direct": figure(case.result.installation.direct_emissions, "tCO2e"),
        "indirect": figure(_indirect(case), "tCO2e"), "indirect_method": "; ".join(kinds) or None,
        "indirect_confirmed": None if said is None else said.flag("indirect_confirmed"),
        "benchmarks_confirmed": None if said is None else said.flag("benchmarks_confirmed")}, {"goods": goods})


def _indirect(case: Case) -> Decimal | None:
    """Indirect emissions of the processes whose goods count them."""
    parts = [p.attributed_indirect for p in case.result.processes if p.indirect_in_scope]
    if any(p is None for p in parts):
        return None
    with localcontext(CONTEXT):
        return sum((p for p in parts if p is not None), Decimal(0))


def precursors(made: Evaluation) -> Content:
    """Precursors with default and with actual values, the latter with their own verification."""
    case = made.case
    actual = tuple(_actual(p, use) for p, use in zip(case.installation.precursors, case.result.precursors, strict=True)
                   if use.source == ValueSource.MEASURED and not exempt(p.country))
    return Content(lists={"default": build_precursors.default_precursors(case).lists["precursors"], "actual": actual,
                          "averages": build_precursors.averages(case).lists["averages"]})


def _actual(p: Precursor, use: PrecursorUse) -> Line:
    report = p.report
    assured = None if report is None or report.reasonable_assurance is None else (
        say("assurance.yes") if report.reasonable_assurance else say("assurance.no"))
    return {"cn": spaced(p.cn) or None, "name": p.name, "country": country(p.country),
            "period": period(p.period_start, p.period_end), "installation": p.installation,
            "see_direct": figure(use.direct, p.direct.unit if p.direct is not None else "tCO2e/t"),
            "verifier": None if report is None else report.verifier,
            "accreditation": None if report is None else report.accreditation_number, "conclusion": assured,
            "issued": None if report is None else report.issued}


def statement(made: Evaluation) -> Content:
    """The statement with the misstatements and nonconformities that it rests on."""
    part, review, report = _part(made, "statement"), _part(made, "review"), _part(made, "report")
    kind = part.text("kind")
    return Content(
        {"statement": word("statement", kind), "complies": made.complies,
         "recommendations": report.text("recommendations"), "reviewer": review.text("reviewer"),
         "date": part.day("date"), "signatory": part.text("signatory")},
        {"misstatements": tuple(
            {"id": m.id, "description": m.description or m.path,
             "state": word("state", "open" if m.open else "corrected"),
             "material": _yes(m.material) if m.open else say("answer.no")} for m in made.misstatements),
         "nonconformities": tuple(
             {"id": r.id, "clause": r.text("clause"), "description": r.text("description"),
              "state": word("state", r.text("state") or "open"), "material": _yes(r.flag("material"))}
             for r in made.root.each("nonconformities"))})


def _yes(answer: bool | None) -> str | None:
    return None if answer is None else say("answer.yes" if answer else "answer.no")


def summary(made: Evaluation) -> Content:
    """Whether the summary that is annexed is complete."""
    return Content({"complete": summary_report(made.case.result, made.case.plan).complete})


def addendum(made: Evaluation) -> Content:
    """Declarants of imported electricity."""
    return build_electricity.declarants(made.case)


BUILDERS: Mapping[str, Callable[[Evaluation], Content]] = {
    "parties": parties, "report": report, "verifier": verifier, "team": team, "site_visits": site_visits,
    "basis": basis,
    "data": data, "precursors": precursors, "statement": statement, "summary": summary, "addendum": addendum,
}
