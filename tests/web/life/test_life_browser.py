"""The whole life of a certificate through the pages, by five accounts: in Chinese with scripts, in English without any."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.web.life.conftest import PASSWORD, Running
from tests.web.portal import browser

from zerofactory_web.demo import life
from zerofactory_web.demo.people import DOMAIN
from zerofactory_web.register import service as register
from zerofactory_web.store import audit

DOSSIER = life.FILES / "demo-body" / "dossiers" / "qingyan.yaml"


class Person:
    """Somebody at a browser of his own accord: signs in, opens pages, fills forms, presses buttons."""

    def __init__(self, page: Any, base: str, lang: str, name: str) -> None:
        self.page, self.base, self.lang = page, base, lang
        page.context.clear_cookies()
        self.open("account/")
        page.fill("#email", f"{name}@{DOMAIN}")
        page.fill("#password", PASSWORD)
        self.press("main form button")
        assert page.url.endswith("/account/"), page.url

    def open(self, path: str) -> None:
        answer = self.page.goto(f"{self.base}/{self.lang}/{path}")
        assert answer.status == 200, f"{path}: {answer.status}"

    def press(self, selector: str) -> None:
        self.page.locator(selector).first.click()
        self.page.wait_for_load_state()

    def fill(self, **fields: str) -> None:
        for name, value in fields.items():
            self.page.fill(f"#{name}", value)

    def act(self, name: str, before: Callable[[Any], None] = lambda form: None, *, last: bool = False) -> None:
        """Fill the form of an act and send it; no summary of errors may come back."""
        forms = self.page.locator(f'form:has(input[name="act"][value="{name}"])')
        form = forms.last if last else forms.first
        before(form)
        form.locator("button").last.click()
        self.page.wait_for_load_state()
        self.fine()

    def fine(self) -> None:
        errors = self.page.locator(".summary-of-errors")
        assert errors.count() == 0, errors.first.inner_text()


@pytest.mark.parametrize(("lang", "script"), [pytest.param("zh", True, marks=pytest.mark.full), ("en", False)])
def test_from_application_to_verified_certificate(portal: Running, lang: str, script: bool, tmp_path: Path) -> None:
    base, today = portal.base, portal.store.clock().date()
    with browser(lang, script=script) as page:
        number = _apply(Person(page, base, lang, "qingyan"))
        case = _accept(Person(page, base, lang, "he"), number)
        _plan(page, base, lang, case, (today + timedelta(days=7)).isoformat())
        _evaluate(page, base, lang, case)
        _findings(page, base, lang, case, (today + timedelta(days=20)).isoformat())
        _complete(Person(page, base, lang, "lin"), case)
        _review(Person(page, base, lang, "he"), case)
        _decide(Person(page, base, lang, "zhao"), case, (today + timedelta(days=700)).isoformat())
        with portal.store.read() as session:
            certificate = register.search(session, today=today).rows[0].number
        pdf = _public(page, base, lang, certificate, tmp_path)
        _verify(page, base, lang, pdf)
        _suspend(Person(page, base, lang, "zhao"), case)
        page.goto(f"{base}/{lang}/register/{certificate}")
        assert ("暂停" if lang == "zh" else "uspended") in page.inner_text("main")
    with portal.store.read() as session:
        assert list(audit.faults(session)) == []


def _apply(applicant: Person) -> str:
    applicant.open("applications/")
    applicant.press("main form button")
    number = str(applicant.page.url.rstrip("/").rsplit("/", 1)[1])
    applicant.open(f"applications/{number}/facility")
    applicant.fill(facility_zh="青岩一厂", facility_en="Qingyan plant 1", sector="C3841")
    applicant.press("main form button")
    applicant.open(f"applications/{number}/standard")
    applicant.page.check(f'input[name="pack"][value="{life.SCHEME}"]')
    applicant.press("main form button")
    applicant.open(f"applications/{number}/standard")
    applicant.page.check('input[name="level"][value="three_star"]')
    applicant.press("main form button")
    applicant.open(f"applications/{number}/scope")
    applicant.fill(**life.TEXTS)
    applicant.press("main form button")
    applicant.open(f"applications/{number}/dossier")
    applicant.page.set_input_files("#dossier", str(DOSSIER))
    applicant.press("main form button")
    applicant.fine()
    applicant.open(f"applications/{number}")
    applicant.press('form[action$="/submit"] button')
    applicant.fine()
    return number


def _accept(planner: Person, number: str) -> str:
    planner.open(f"applications/{number}/accept")
    planner.fill(competence="C38", impartiality="无 / none", capable="是 / yes", open_minors="5.3")
    planner.press("main form button >> nth=1")
    planner.fine()
    case = str(planner.page.url.rsplit("/", 1)[1])
    for name, role in (("林予", "lead_evaluator"), ("吴桐", "evaluator"), ("何川", "reviewer"), ("赵岚", "decider")):
        planner.open(f"cases/{case}/team?role={role}")
        planner.page.locator(".box", has_text=name).locator("button").click()
        planner.page.wait_for_load_state()
        planner.fine()
    planner.open(f"cases/{case}/team")
    planner.act("sign")
    return case


def _plan(page: Any, base: str, lang: str, case: str, visit: str) -> None:
    for name in ("wu", "zhao"):
        person = Person(page, base, lang, name)
        person.open(f"cases/{case}/team")
        person.act("sign")
    lead = Person(page, base, lang, "lin")
    lead.open(f"cases/{case}/team")
    lead.act("sign")
    lead.open(f"cases/{case}/plan")
    lead.fill(objectives="核实 / verify", materiality_percent="5", audit_days="2.5", remote_percent="20", visit_on=visit,
              sampling="全数 / all")
    lead.act("save")
    lead.act("start")


def _evaluate(page: Any, base: str, lang: str, case: str) -> None:
    evaluator = Person(page, base, lang, "wu")
    evaluator.open(f"cases/{case}/evidence")
    for table in ("electricity/*", "economics/*", "documents/*", "credits/*"):
        evaluator.page.check(f'input[name="subject"][value="{table}"]')
    evaluator.act("basis")
    evaluator.open(f"cases/{case}/fieldwork")
    evaluator.fill(day=_today(), text="走访 / visited")
    evaluator.act("note")
    lead = Person(page, base, lang, "lin")
    for question in ("CECA-ADMIN/authorised", "CECA-ADMIN/filed", "CECA-BASIC/conforms"):
        lead.open(f"cases/{case}/judgements?question={question}")
        lead.page.check('input[name="answer"][value="conforms"]')
        lead.fill(grounds="查阅 / seen", evidence="D4")
        lead.act("judge")


def _today() -> str:
    return time.strftime("%Y-%m-%d", time.gmtime())


def _findings(page: Any, base: str, lang: str, case: str, due: str) -> None:
    """A minor nonconformity is raised, answered, planned, and stays open as a condition."""
    lead = Person(page, base, lang, "lin")
    lead.open(f"cases/{case}/findings")
    lead.page.check('input[name="kind"][value="minor"]')
    lead.fill(clause="5.1", text="校准记录不全 / calibration record incomplete")
    lead.act("raise")
    lead.act("hand-over")
    applicant = Person(page, base, lang, "qingyan")
    applicant.open(f"cases/{case}/findings")

    def answer(form: Any) -> None:
        if not form.locator("textarea").first.is_visible():
            applicant.page.locator("details summary").first.click()
        form.locator('textarea[name="cause"]').fill("遗漏 / omitted")
        form.locator('textarea[name="correction"]').fill("补齐 / completed")

    applicant.act("move", answer)
    applicant.act("hand-over")
    lead = Person(page, base, lang, "lin")
    lead.open(f"cases/{case}/findings")

    def accept(form: Any) -> None:
        lead.page.locator("details summary").first.click()
        form.locator('input[name="due"]').fill(due)

    lead.act("move", accept)
    lead.act("hand-over", last=True)


def _complete(lead: Person, case: str) -> None:
    lead.open(f"cases/{case}/verdicts")
    lead.act("evaluate")
    assert lead.page.locator(".verdict.met").count() > 0
    lead.act("complete")


def _review(reviewer: Person, case: str) -> None:
    reviewer.open(f"cases/{case}/review")
    reviewer.act("take-up")
    reviewer.fill(text="证据充分 / sufficient")
    reviewer.act("write")


def _decide(decider: Person, case: str, until: str) -> None:
    decider.open(f"cases/{case}/decision")
    decider.page.check('input[name="decision"][value="grant"]')
    decider.fill(reason="同意 / granted", valid_until=until, scheme_filing="备案 1")
    decider.act("decide")


def _public(page: Any, base: str, lang: str, certificate: str, folder: Path) -> Path:
    """The certificate in the public register, without an account, once its files are made."""
    page.context.clear_cookies()
    for _ in range(120):
        page.goto(f"{base}/{lang}/register/{certificate}")
        links = page.locator(f'a[href*="{certificate}"][href*="{lang}"]', has_text="PDF")
        if links.count():
            break
        page.wait_for_timeout(500)
    with page.expect_download() as download:
        links.first.click()
    target = folder / f"{certificate}-{lang}.pdf"
    download.value.save_as(target)
    assert target.read_bytes()[:5] == b"%PDF-"
    return target


def _verify(page: Any, base: str, lang: str, pdf: Path) -> None:
    """The file is known and sealed; with one byte changed it is not."""
    page.goto(f"{base}/{lang}/verify/")
    page.set_input_files('input[type="file"]', str(pdf))
    page.locator("main form button").first.click()
    page.wait_for_load_state()
    good = page.inner_text("main")
    changed = bytearray(pdf.read_bytes())
    at = len(changed) // 2
    changed[at] ^= 1
    pdf.write_bytes(bytes(changed))
    page.goto(f"{base}/{lang}/verify/")
    page.set_input_files('input[type="file"]', str(pdf))
    page.locator("main form button").first.click()
    page.wait_for_load_state()
    assert page.inner_text("main") != good
    assert page.locator(".bad").count() > 0


def _suspend(decider: Person, case: str) -> None:
    decider.open(f"cases/{case}/after")
    decider.page.check('input[name="event"][value="suspend"]')
    decider.fill(reason="整改后可恢复 / reinstated once corrected")
    decider.act("change")
