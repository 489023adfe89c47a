"""The life of the demonstration's cases, act by act, each by the person whose act it is."""

from __future__ import annotations

import shutil
from datetime import timedelta
from io import BytesIO
from pathlib import Path

from zerofactory_engine.locate import RULES_ROOT
from zerofactory_web.cases import applications, deciding, dossiers, evaluating, findings, planning, reviewing
from zerofactory_web.cases.applications import Terms
from zerofactory_web.cases.deciding import Wording
from zerofactory_web.cases.evaluating import Answer
from zerofactory_web.demo.people import Cast

#: The demonstration's files, beside the rules in a checkout.
FILES = RULES_ROOT.parent / "examples"
SCHEME = "cn-ceca-0171-2022@0.1.0+demo-body-ceca@0.1.0"
READINESS = "cn-miit-zcf-2026@0.1.0"
TEXTS = {"scope_zh": "精密部件的生产，含厂区内全部能源使用",
         "scope_en": "Manufacture of precision parts with all energy used on site",
         "not_covered_zh": "外购材料的上游排放", "not_covered_en": "Upstream emissions of purchased materials"}


def install_overlay(cast: Cast) -> None:
    """Put the demonstration body's overlay (invented values) where the portal looks for overlays."""
    shutil.copytree(FILES / "demo-body" / "overlays", cast.store.settings.data / "overlays", dirs_exist_ok=True)


def apply(cast: Cast, who: str, facility: tuple[str, str], scheme: str, level: str, dossier: Path,
          sector: str = "C3841") -> str:
    """An application, filled in and submitted; its number."""
    store, actor = cast.store, cast.actor(who)
    number = applications.start(store, actor, cast.organisations[who])
    values = {"facility_zh": facility[0], "facility_en": facility[1], "sector": sector, "pack": scheme, "level": level}
    applications.save(store, actor, number, {**values, **TEXTS}, 1)
    submit_dossier(cast, who, number, dossier)
    applications.submit(store, actor, number)
    return number


def submit_dossier(cast: Cast, who: str, number: str, dossier: Path, reason: str = "") -> None:
    """A version of the dossier from a file."""
    reading = dossiers.read(cast.store, dossier.name, BytesIO(dossier.read_bytes()))
    dossiers.add(cast.store, cast.actor(who), number, reading, reason=reason)


def accept(cast: Cast, number: str, scheme: str = SCHEME, level: str = "three_star") -> str:
    """Take an application on and give out the roles; the number of the case."""
    store = cast.store
    terms = Terms(scheme, (level,), {}, (store.clock().date()).isoformat(), TEXTS["scope_zh"], TEXTS["scope_en"],
                  "评价组具备 C38 行业能力 / competent for C38", "无关联 / no links",
                  "可按期完成 / able to do it in time",
                  open_minors="示例规则 5.3 / demonstration rule 5.3")
    case = applications.accept(store, cast.actor("he"), number, terms)
    for name, role in (("lin", "lead_evaluator"), ("wu", "evaluator"), ("he", "reviewer"), ("zhao", "decider")):
        planning.assign(store, cast.actor("he"), case, cast.persons[name], role)
    return case


def plan(cast: Cast, case: str, version: int) -> None:
    """Statements, the audit plan, and the start. *version*: that of the case."""
    store = cast.store
    for name in ("lin", "wu", "he", "zhao"):
        planning.sign_statement(store, cast.actor(name), case)
    visit = store.clock().date() + timedelta(days=7)
    planning.save_plan(store, cast.actor("lin"), case, {
        "objectives": "核实零碳声明所依据的数据 / verify the data behind the claim", "assurance": "reasonable",
        "materiality_percent": "5", "audit_days": "2.5", "remote_percent": "20", "visit_on": visit.isoformat(),
        "sampling": "电表月度读数全数，发票抽取 / all monthly readings, invoices sampled"}, version)
    planning.start(store, cast.actor("lin"), case)


def look_at_evidence(cast: Cast, case: str) -> None:
    """How the evidence was seen, what was judged, what was done on site."""
    store, today = cast.store, cast.store.clock().date().isoformat()
    evaluating.set_basis(store, cast.actor("wu"), case, ["electricity/*", "economics/*", "documents/*"], "sighted")
    evaluating.set_basis(store, cast.actor("lin"), case, ["credits/*"], "cross_checked")
    grounds = "查阅授权文件与备案 / authorisation and filing seen"
    evaluating.judge(store, cast.actor("lin"), case, [
        Answer("CECA-ADMIN/authorised", "conforms", grounds, ["D4"]),
        Answer("CECA-ADMIN/filed", "conforms", grounds, ["D4"]),
        Answer("CECA-BASIC/conforms", "conforms", "逐项核对 / item by item", ["D4"])])
    evaluating.note(store, cast.actor("wu"), case, "visit", today, "走查厂区与光伏 / walked the site",
                    content={"place": "主厂房 / main hall"})
    evaluating.note(store, cast.actor("wu"), case, "sample", today, "电费发票 / electricity invoices",
                    content={"population": "1000", "stated": "400", "found": "398", "unit": "MWh"})


def complete(cast: Cast, case: str) -> None:
    """Compute the verdicts and sign them."""
    evaluating.evaluate(cast.store, cast.actor("lin"), case)
    reviewing.complete(cast.store, cast.actor("lin"), case)


def review(cast: Cast, case: str) -> None:
    """The technical review, passed."""
    reviewing.take_up(cast.store, cast.actor("he"), case)
    reviewing.review(cast.store, cast.actor("he"), case, "pass", "证据充分，结论成立 / sound on sufficient evidence")


def grant(cast: Cast, case: str) -> str | None:
    """The decision; the id of the certificate, if one is issued."""
    today = cast.store.clock().date()
    wording = Wording(certificate_class="service", scheme_filing="示例备案 / demo filing", valid_from=today.isoformat(),
                      valid_until=(today + timedelta(days=1094)).isoformat(),
                      surveillance_due=(today + timedelta(days=330)).isoformat(), role_zh="认证决定人",
                      role_en="Certification decision maker")
    return deciding.decide(cast.store, cast.actor("zhao"), case, "grant", "同意 / granted", wording)


def nonconformity(cast: Cast, case: str) -> str:
    """A major finding that waits for the applicant; its id."""
    made = findings.raise_finding(cast.store, cast.actor("lin"), case, "major", "CECA-DEF",
                                  "仍有剩余排放未抵销 / something remains that is not offset")
    findings.hand_over(cast.store, cast.actor("lin"), case, "open_findings")
    return made
