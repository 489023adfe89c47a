"""How a case ends by its kind: the four opinions of a verification, what they may be issued on, what nobody gets around;
and the readiness report."""

from __future__ import annotations

import dataclasses
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import DBAPIError
from tests.mappings.publishing.test_conformance import CONFORMS, verapdf
from tests.web.accounts.accounts_browser import signed_in
from tests.web.cases.cases_opinions import PACK, SITUATIONS, Written, ident, ready, reviewed, wording
from tests.web.cases.cases_world import PASSWORD, Rehearsal, Schemes, drop_trigger, refusing, triggers
from tests.web.conftest import Clock
from tests.web.portal import send

from zerofactory_engine.bundle import parse_document, verify_document
from zerofactory_engine.problems import ProblemsError
from zerofactory_mappings.publishing.pdf import attached_files
from zerofactory_mappings.publishing.words import Words
from zerofactory_mappings.verification import tables
from zerofactory_web.app import create_app
from zerofactory_web.cases import deciding, dossiers, findings, opinions, report, schemes, surveying
from zerofactory_web.cases.model import OPINIONS, Case, Decision
from zerofactory_web.cases.work import work
from zerofactory_web.demo import life
from zerofactory_web.demo.people import DOMAIN, Cast, gather
from zerofactory_web.register import paper, service
from zerofactory_web.register.model import Certificate, SerialUse
from zerofactory_web.settings import Settings
from zerofactory_web.store import schema
from zerofactory_web.store.backup import backup, restore
from zerofactory_web.store.model import time_text
from zerofactory_web.store.unit import Store, refusal


@dataclass
class World:
    """A store with cases of verification and of readiness whose review passed; *cases*: numbers."""

    cast: Cast
    clock: Clock
    guard: Written
    cases: dict[str, str] = field(default_factory=dict)

    def case(self, situation: str) -> str:
        """The number of the case in that situation, made when it is first asked for."""
        if situation not in self.cases:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(dossiers, "GUARD", self.guard)
                self.cases[situation] = reviewed(self.cast, self.guard, situation, 40 + len(self.cases))
        return self.cases[situation]

    @property
    def store(self) -> Store:
        return self.cast.store

    def decide(self, situation: str, kind: str, opinion: str = "", store: Store | None = None, **changes: Any) -> str | None:
        """The decision of the decision maker; the id of what is issued."""
        return deciding.decide(store or self.store, self.cast.actor("zhao"), self.case(situation), kind, "为此 / for this reason",
                               wording(self.cast, opinion, **changes))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Made once; a test that decides for good does so on a case of its own."""
    with pytest.MonkeyPatch.context() as patch:
        guard, clock = Written(), Clock()
        patch.setattr(dossiers, "GUARD", guard)
        patch.setattr(schemes, "schemes", Schemes())
        store = Store(Settings(data=tmp_path_factory.mktemp("opinions"), public_url="https://zc.example", body_totp=False), clock=clock)
        schema.upgrade(store.engine)
        made = World(gather(store, PASSWORD), clock, guard)
        life.install_overlay(made.cast)
        for situation in ("met", "not met", "major open"):
            made.case(situation)
        for n, (name, situation) in enumerate((("adverse", "not met"), ("modified", "minor open"), ("refused", "met"), ("page", "met")), 21):
            made.cases[name] = reviewed(made.cast, guard, situation, n)
        made.cases["readiness"] = ready(made.cast, 31)
        made.cases["readiness refused"] = ready(made.cast, 32)
        yield made
        store.close()


# --- what may be issued ----------------------------------------------------------------------------------------------

#: situation → the codes with which each opinion is refused (empty: it is issued)
TABLE: dict[str, dict[str, str]] = {
    #                        unmodified                                     modified                 adverse
    "met":                  {"unmodified": "",                              "modified": "",          "adverse": "nothing-against"},
    "minor planned":        {"unmodified": "",                              "modified": "",          "adverse": "nothing-against"},
    "minor open":           {"unmodified": "minor-open",                    "modified": "",          "adverse": "nothing-against"},
    "observation":          {"unmodified": "",                              "modified": "",          "adverse": "nothing-against"},
    "major open":           {"unmodified": "major-open",                    "modified": "",          "adverse": ""},
    "unknown":              {"unmodified": "criteria-open",                 "modified": "criteria-open", "adverse": "nothing-against"},
    "unknown, major open":  {"unmodified": "criteria-open major-open",      "modified": "criteria-open", "adverse": ""},
    "not met":              {"unmodified": "criteria-open",                 "modified": "criteria-open", "adverse": ""},
    "not met, major open":  {"unmodified": "criteria-open major-open",      "modified": "criteria-open", "adverse": ""},
    "serial twice":         {"unmodified": "serial-twice",                  "modified": "serial-twice",  "adverse": "nothing-against"},
}


def test_the_table_is_whole() -> None:
    assert TABLE.keys() == SITUATIONS.keys()
    assert tuple(tables.words("opinion")) == OPINIONS        # the words of the standard's table are those of the database


#: Rows that only the full run tries.
LONG = {"minor planned", "observation", "unknown, major open", "not met, major open"}


@pytest.mark.parametrize("opinion", OPINIONS)
@pytest.mark.parametrize("situation", [pytest.param(s, marks=[pytest.mark.full] if s in LONG else []) for s in TABLE])
def test_which_opinion_may_be_issued(world: World, situation: str, opinion: str) -> None:
    codes = [f"cases.{c}" for c in TABLE[situation].get(opinion, "").split()]          # a disclaimer may always be
    world.case(situation)
    rehearsal = Rehearsal(world.store)
    if codes:
        with pytest.raises(ProblemsError) as caught:
            world.decide(situation, "grant", opinion, rehearsal)
        assert list(dict.fromkeys(p.code for p in caught.value.problems)) == codes
        return
    issued: list[dict[str, Any]] = []
    with world.store.read() as session:
        before = session.scalar(sa.select(sa.func.count()).select_from(Certificate))
    content_of(world, rehearsal, situation, opinion, issued)
    [content] = issued
    holds = opinion in ("unmodified", "modified")
    assert (content["kind"], content["opinion"]["type"]) == ("statement", opinion)
    assert (bool(content["levels"]), bool(content["values"])) == (holds, holds)
    assert [v["verdict"] for v in content["opinion"]["verdicts"]] == [SITUATIONS[situation][0]]     # nobody overrides it
    with world.store.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Certificate)) == before


def content_of(world: World, store: Store, situation: str, opinion: str, into: list[dict[str, Any]]) -> None:
    """Decide, and keep what was issued although it is undone."""
    real = service.record

    def keep(*args: Any, **named: Any) -> dict[str, Any]:
        made = real(*args, **named)
        into.append(made)
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(service, "record", keep)
        world.decide(situation, "grant", opinion, store)


@pytest.mark.parametrize(("situation", "kind", "opinion", "changes", "codes"), [
    ("met", "grant", "", {}, ["cases.opinion-missing"]),
    ("met", "grant", "clean", {"basis": True}, ["accounts.value"]),
    ("met", "refuse", "adverse", {}, ["cases.opinion-kind"]),
    ("readiness", "grant", "unmodified", {}, ["cases.opinion-kind"]),
    ("not met", "grant", "adverse", {"basis": False}, ["cases.opinion-basis", "cases.opinion-basis"]),
    ("not met", "grant", "disclaimed", {"basis_zh": " "}, ["cases.opinion-basis"]),
    ("met", "grant", "modified", {"basis_en": ""}, ["cases.opinion-basis"]),
    ("met", "grant", "modified", {"basis_en": "x" * 2001}, ["accounts.value-long"]),
    ("met", "grant", "unmodified", {"surveillance_due": "2027-06-01"}, ["register.lint-opinion"]),
    ("met", "grant", "unmodified", {"addressee_zh": "监管机构\n二处"}, ["accounts.value"]),
])
def test_an_opinion_is_stated_whole_or_not_at_all(world: World, situation: str, kind: str, opinion: str, changes: dict[str, Any],
                                                  codes: list[str]) -> None:
    with refusing(*codes):
        world.decide(situation, kind, opinion, Rehearsal(world.store), **changes)


@pytest.mark.parametrize("who", ["lin", "wu", "he", "qian", "anna", "qingyan"])
@pytest.mark.parametrize("opinion", OPINIONS)
def test_nobody_but_the_decision_maker_issues_one(world: World, who: str, opinion: str) -> None:
    with pytest.raises(ProblemsError) as caught:
        deciding.decide(Rehearsal(world.store), world.cast.actor(who), world.cases["met"], "grant", "r", wording(world.cast, opinion))
    assert {p.code for p in caught.value.problems} <= {"cases.not-yours", "duty.evaluated-it", "accounts.scope-missing", "cases.not-found"}


def test_refusing_issues_nothing(world: World) -> None:
    assert world.decide("refused", "refuse") is None
    with world.store.read() as session:
        case = session.scalars(sa.select(Case).where(Case.number == world.cases["refused"])).one()
        assert case.state == "refused"
        assert service.of_case(session, case.id) == []
        assert session.scalars(sa.select(Decision.opinion).where(Decision.case_id == case.id)).all() == [None]


# --- the statement ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def adverse(world: World) -> Certificate:
    """An adverse statement that was issued."""
    made = world.decide("adverse", "grant", "adverse", addressee_zh="生态环境局", addressee_en="Environment bureau")
    assert made is not None
    with world.store.read() as session:
        return session.get_one(Certificate, made)


def test_the_record_names_what_an_opinion_has_to_name(world: World, adverse: Certificate) -> None:
    told = adverse.content["opinion"]
    assert adverse.number.startswith("ZS-2026-")
    assert told["basis"]["en"] == "Calibration certificates of two meters are missing."
    assert told["assurance"] == {"id": "reasonable", "title": {"zh": "合理保证", "en": "Reasonable assurance"}}
    assert (told["materiality_percent"], told["method"]) == ("5", "ISO 14064-3:2019")
    assert told["addressee"] == {"zh": "生态环境局", "en": "Environment bureau"}
    assert told["claim"]["sha256"].startswith("sha256:")
    assert told["claim"]["submitted_on"] == "2026-11-02"
    assert all(told["responsibilities"][who][lang] for who in ("client", "body") for lang in ("zh", "en"))
    assert adverse.content["surveillance_due"] is None
    with world.store.read() as session:
        assert session.scalars(sa.select(SerialUse).where(SerialUse.certificate_id == adverse.id)).all() == []


def test_without_an_addressee_it_is_for_the_client(world: World) -> None:
    issued: list[dict[str, Any]] = []
    content_of(world, Rehearsal(world.store), "met", "unmodified", issued)
    assert issued[0]["opinion"]["addressee"] == issued[0]["client"]["name"]


def test_a_statement_is_not_watched_over(world: World, adverse: Certificate) -> None:
    with pytest.raises(ProblemsError) as caught:
        surveying.schedule(world.store, world.cast.actor("he"), world.cases["adverse"], adverse.id, "2027-06-01")
    assert [p.code for p in caught.value.problems] == ["cases.no-surveillance"]


def text_of(data: bytes, tmp_path: Path) -> str:
    if shutil.which("pdftotext") is None:
        pytest.skip("poppler-utils is not installed")
    (tmp_path / "x.pdf").write_bytes(data)
    out = subprocess.run(["pdftotext", "-layout", str(tmp_path / "x.pdf"), "-"], capture_output=True, check=True).stdout.decode()
    return "".join(out.split())


PAPER = {
    "en": {"adverse": ("VerificationstatementAdverseopinion", "theclaimisnotinaccordancewith", "Calibrationcertificatesoftwometers"),
           "modified": ("VerificationstatementModified(qualified)opinion", "exceptforwhatthebasisnames", "Calibrationcertificates"),
           "disclaimed": ("VerificationstatementDisclaimerofopinion", "weexpressnoopinion", "Calibrationcertificates"),
           "unmodified": ("VerificationstatementUnmodifiedopinion", "theclaimis,inallmaterialrespects,inaccordance", "Theopinionisunmodified")},
    "zh": {"adverse": ("核查声明否定意见", "该声明不符合", "两块电表的校准证书缺失"),
           "modified": ("核查声明保留意见", "所述事项外，该声明在所有重大方面符合", "两块电表"),
           "disclaimed": ("核查声明无法表示意见", "不就该声明是否符合下列准则发表意见", "两块电表"),
           "unmodified": ("核查声明无保留意见", "该声明在所有重大方面符合", "意见为无保留意见")}}
SITUATION_OF = {"unmodified": "met", "modified": "minor open", "adverse": "not met", "disclaimed": "unknown"}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("opinion", ["adverse", pytest.param("unmodified", marks=pytest.mark.full),
                                     pytest.param("modified", marks=pytest.mark.full),
                                     pytest.param("disclaimed", marks=pytest.mark.full)])
def test_on_paper_the_opinion_stands_in_the_heading(world: World, opinion: str, language: str, tmp_path: Path) -> None:
    issued: list[dict[str, Any]] = []
    content_of(world, Rehearsal(world.store), SITUATION_OF[opinion], opinion, issued)
    sheet = paper.Sheet(issued[0], "sha256:" + "e" * 64, b"{}", "seal", True, "https://zc.example")
    text = text_of(paper.render(sheet, language), tmp_path)
    for part in PAPER[language][opinion]:
        assert part in text
    fulfils = ("foundtofulfil", "其申报符合", "经评价", "Thisistocertify", "兹证明", "获证单位")
    assert not [f for f in fulfils if f in text]
    assert "".join(Words(language).label("verdict", SITUATIONS[SITUATION_OF[opinion]][0]).split()) in text


@pytest.mark.full
def test_statements_and_readiness_reports_conform(world: World, adverse: Certificate, report_number: str, tmp_path: Path) -> None:
    """As veraPDF sees it (PDF/A-3a and PDF/UA-1); sealed ones are in the tests of the register."""
    sheet = paper.Sheet(adverse.content, adverse.sha256, b"{}", "seal", True, "https://zc.example")
    with world.store.read() as session:
        case = session.scalars(sa.select(Case).where(Case.number == world.cases["readiness"])).one()
        style = report.readiness_style(session, world.cast.actor("he"), case, ("某机构", "A body"), report_number)
        bundle = world.store.documents.read(case.frozen_bundle or "")
    paths = []
    for language in ("zh", "en"):
        for name, data in (("statement", paper.render(sheet, language)),
                           ("readiness", work({"do": "report", "bundle": bundle, "style": style, "language": language}).data)):
            paths.append(tmp_path / f"{name}-{language}.pdf")
            paths[-1].write_bytes(data)
    assert verapdf(*paths) == {p.name: CONFORMS for p in paths}


@pytest.mark.parametrize(("kind", "code"), [("unmodified", "register.concludes-unmodified-limited"), ("adverse", "register.concludes-adverse"),
                                            ("modified", "register.concludes-modified-limited")])
def test_at_limited_assurance_it_concludes_negatively(kind: str, code: str) -> None:
    assert paper.conclusion({"kind": "statement", "opinion": {"type": kind, "assurance": {"id": "limited"}}}) == code


# --- pages -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def app(world: World) -> Flask:
    return create_app(world.store.settings, world.store)


def client_of(app: Flask, name: str) -> FlaskClient:
    made = app.test_client()
    signed_in(made, f"{name}@{DOMAIN}", PASSWORD)
    return made


def test_an_adverse_statement_never_looks_like_a_success(app: Flask, adverse: Certificate) -> None:
    public = app.test_client()
    page = public.get(f"/en/register/{adverse.number}").text
    assert "Adverse opinion · the statement is: In force" in page
    assert "This statement confirms nothing" in page
    assert 'class="banner bad"' in page
    assert 'class="banner good"' not in page
    assert '"tag good"' not in page
    data = json.loads(public.get(f"/en/register/{adverse.number}", headers={"Accept": "application/json"}).data)
    assert (data["opinion"], data["certificate"]["opinion"]["type"]) == ("adverse", "adverse")
    listed = public.get("/zh/register/").text
    assert "否定意见" in listed
    assert '"tag good"' not in listed
    data = json.loads(public.get("/zh/register/", headers={"Accept": "application/json"}).data)
    assert [c["opinion"] for c in data["certificates"] if c["number"] == adverse.number] == ["adverse"]
    rows = json.loads(public.get("/en/register/export.json").data)["certificates"]
    assert [r["opinion"] for r in rows if r["certificate_number"] == adverse.number] == ["adverse"]


def test_the_case_shows_the_opinion_to_its_client(app: Flask, world: World, adverse: Certificate) -> None:
    page = client_of(app, "qingyan").get(f"/zh/cases/{world.cases['adverse']}/decision").text
    for words in ("否定意见", "两块电表的校准证书缺失", "已出具意见", adverse.number):
        assert words in page
    assert "已批准" not in page


def test_the_form_offers_the_four_and_says_what_bars_them(app: Flask, world: World) -> None:
    client = client_of(app, "zhao")
    address = f"/en/cases/{world.cases['page']}/decision"
    form = client.get(address).text
    for opinion in OPINIONS:
        assert f'value="{opinion}"' in form
    assert "Cannot be issued now: Nothing is known to be wrong" in form
    assert 'name="surveillance_due"' not in form
    given = {k: str(v) for k, v in dataclasses.asdict(wording(world.cast, "modified", basis=False)).items() if k != "opinion"}
    answer = send(client, address, {**given, "act": "decide", "decision": "modified", "reason": "typed reason"})
    assert answer.status_code == 422
    assert "State in both languages why the opinion is not an unmodified one" in answer.text
    assert "typed reason" in answer.text
    answer = send(client, address, {**given, "act": "decide", "decision": "modified", "reason": "r", "basis_zh": "例外。", "basis_en": "An exception."})
    assert answer.status_code == 303
    assert "Modified (qualified) opinion" in client.get(address).text


# --- readiness -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def report_number(world: World) -> str:
    """The number of a readiness report that was issued."""
    assert world.decide("readiness", "grant") is None
    with world.store.read() as session:
        case = session.scalars(sa.select(Case).where(Case.number == world.cases["readiness"])).one()
        return session.scalars(sa.select(Decision.report_number).where(Decision.case_id == case.id)).one() or ""


def test_a_readiness_case_ends_in_a_numbered_report_and_no_certificate(world: World, report_number: str, app: Flask) -> None:
    assert report_number == "ZR-2026-00001"
    with world.store.read() as session:
        assert service.of_case(session, ident(world.cast, world.cases["readiness"])) == []
    assert app.test_client().get(f"/en/register/{report_number}").status_code == 404
    assert report_number not in app.test_client().get("/en/register/").text


def test_the_report_says_what_it_is_and_nothing_of_the_body(world: World, report_number: str) -> None:
    with world.store.read() as session:
        case = session.scalars(sa.select(Case).where(Case.number == world.cases["readiness"])).one()
        style = report.readiness_style(session, world.cast.actor("qingyan"), case, ("某机构", "A body"), report_number)
    texts = [text for blocks in style.narrative.values() for b in blocks for text in b.text.values()]
    assert style.report_number == report_number
    assert style.title == {"zh": "准备情况报告（不是证书）", "en": "Readiness report (not a certificate)"}
    assert any("不在公开登记簿中" in t for t in texts)
    assert any(f"Readiness report {report_number}" in t for t in texts)
    inside = ("证据充分", "无关联", "可按期完成", "林", "吴")        # the review, the checks of the application, the team
    assert not [x for x in inside for t in texts if x in t]


@pytest.mark.full
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_report_is_for_applicant_and_body(app: Flask, world: World, report_number: str, language: str, tmp_path: Path) -> None:
    address = f"/{language}/cases/{world.cases['readiness']}"
    answer = client_of(app, "qingyan" if language == "zh" else "he").get(f"{address}/readiness-report")
    assert (answer.status_code, answer.content_type) == (200, "application/pdf")
    text = text_of(answer.data, tmp_path)
    title = {"zh": "准备情况报告（不是证书）", "en": "Readinessreport(notacertificate)"}[language]
    for part in (report_number, title, {"zh": "不在公开登记簿中", "en": "isnotinthepublicregister"}[language]):
        assert part in text
    assert "证据充分" not in text                         # the reviewer's words stay with the body
    [bundle] = [data for name, data in attached_files(answer.data).items() if name.endswith(".json")]
    assert verify_document(parse_document(bundle)).outcome == "recomputed_equal"
    assert f"{address}/readiness-report" in client_of(app, "qingyan").get(f"{address}/decision").text


@pytest.mark.parametrize(("who", "case", "status"), [("haiyu", "readiness", 404), ("", "readiness", 303), ("qingyan", "readiness refused", 404),
                                                     ("qingyan", "met", 404)])
def test_the_report_is_for_nobody_else_and_of_no_other_case(app: Flask, world: World, report_number: str, who: str, case: str,
                                                            status: int) -> None:
    client = client_of(app, who) if who else app.test_client()
    assert client.get(f"/en/cases/{world.cases[case]}/readiness-report").status_code == status


# --- around the services ---------------------------------------------------------------------------------------------

_COLUMNS = "id, version, created_at, case_id, kind, by_person, reason, bundle, effective_on, opinion, basis_zh, basis_en, report_number"


def decision(case: str, kind: str = "grant", opinion: str = "", basis: str = "why", number: str = "", by: str = "zhao",
             ident: str = "1") -> str:
    """SQL: a decision on the case of that situation."""
    return (f"INSERT INTO decision ({_COLUMNS}) SELECT '{ident * 26}', 1, :now, c.id, '{kind}', (SELECT id FROM person WHERE "
            f"email = '{by}@{DOMAIN}'), 'r', c.frozen_bundle, :day, {(opinion and repr(opinion)) or 'NULL'}, '{basis}', 'why', "
            f"{(number and repr(number)) or 'NULL'} FROM case_file c WHERE c.number = '{{{case}}}'")


def granted(case: str) -> str:
    return f"UPDATE case_file SET state = 'granted' WHERE number = '{{{case}}}'"


def issued(case: str, kind: str, of: str = "1") -> str:
    return ("INSERT INTO certificate (id, version, created_at, number, kind, certificate_class, status, case_id, decision_id, organisation_id, "
            f"issued_on, valid_from, valid_until, content, sha256, bundle) SELECT '{'7' * 26}', 1, :now, 'ZS-2026-90000', '{kind}', 'service', "
            f"'active', c.id, '{of * 26}', c.organisation_id, :day, :day, '2029-01-01', '{{{{}}}}', 'sha256:0', c.frozen_bundle FROM case_file c "
            f"WHERE c.number = '{{{case}}}'")


ADVERSE, CLEAN = decision("not met", opinion="adverse"), decision("met", opinion="unmodified")
#: guard, code, what is allowed before, what is refused, other guards that are lifted for it
ATTACKS: list[tuple[str, str, tuple[str, ...], str, tuple[str, ...]]] = [
    ("decision_opinion_kind", "cases.opinion-kind", (), decision("readiness refused", opinion="unmodified"), ()),
    ("decision_opinion_kind", "cases.opinion-kind", (), decision("met", "refuse", opinion="adverse"), ()),
    ("decision_opinion_missing", "cases.opinion-missing", (), decision("met"), ()),
    *(("decision_opinion_basis", "cases.opinion-basis", (), decision("met", opinion=o, basis=b), ())
      for o in ("modified", "adverse", "disclaimed") for b in ("", "  ", "\n")),
    ("decision_opinion_once", "cases.opinion-once", (ADVERSE,), decision("not met", opinion="unmodified", ident="2"), ()),
    ("decision_evaluated", "duty.evaluated-it", (), decision("met", opinion="unmodified", by="lin"), ("decision_decider",)),
    ("decision_decider", "duty.not-decider", (), decision("met", opinion="unmodified", by="he"), ()),
    ("decision_final_update", "cases.final", (ADVERSE,), f"UPDATE decision SET opinion = 'unmodified' WHERE id = '{'1' * 26}'", ()),
    ("decision_final_update", "cases.final", (ADVERSE,), f"UPDATE decision SET basis_en = '' WHERE id = '{'1' * 26}'", ()),
    ("decision_report_number", "cases.report-kind", (), decision("met", opinion="unmodified", number="ZR-2026-00007"), ()),
    ("decision_report_number", "cases.report-kind", (), decision("readiness refused", "refuse", number="ZR-2026-00007"), ()),
    ("case_file_majors", "cases.major-open", (decision("major open", opinion="unmodified"),), granted("major open"), ()),
    ("certificate_opinion", "register.no-opinion", (decision("readiness refused"), granted("readiness refused")),
     issued("readiness refused", "statement"), ("certificate_granted",)),
    ("certificate_opinion", "register.no-opinion", (CLEAN, granted("met")), issued("met", "certificate"),
     ("certificate_granted",)),
    ("surveillance_statement", "cases.no-surveillance", (),
     f"INSERT INTO surveillance (id, version, created_at, case_id, certificate_id, state, due, report, deviation, document_name) SELECT "
     f"'{'5' * 26}', 1, :now, k.case_id, k.id, 'scheduled', :day, '', '', '' FROM certificate k WHERE k.kind = 'statement' "
     "AND k.case_id = (SELECT id FROM case_file WHERE number = '{adverse}')", ())]


def run(connection: sa.Connection, world: World, sql: str) -> int:
    text = sql.replace("{{}}", "\x00")
    for name, number in world.cases.items():
        text = text.replace(f"{{{name}}}", number)
    known = {"now": time_text(world.clock.now), "day": world.clock.now.date().isoformat()}
    text = text.replace("\x00", "{}").replace("sha256:0", "sha256\\:0")
    return connection.execute(sa.text(text), {k: v for k, v in known.items() if f":{k}" in text}).rowcount


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.full)])
def guarded(request: pytest.FixtureRequest, world: World, adverse: Certificate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The world's store, and one on a server that was restored from its backup."""
    if request.param == "sqlite":
        yield world.store
        return
    folder = tmp_path_factory.mktemp("server")
    backup(world.store, folder / "backup.zip")
    empty: Callable[[], str] = request.getfixturevalue("postgres")
    store = Store(Settings(data=folder / "data", database=empty()), clock=world.clock)
    restore(store, folder / "backup.zip")
    yield store
    store.close()


@pytest.mark.parametrize(("guard", "code", "before", "sql", "lifted"), ATTACKS, ids=[f"{a[0]}-{n}" for n, a in enumerate(ATTACKS)])
def test_the_database_refuses_by_itself(world: World, guarded: Store, guard: str, code: str, before: tuple[str, ...], sql: str,
                                        lifted: tuple[str, ...]) -> None:
    for without in (False, True):
        with guarded.engine.connect().execution_options(zerofactory_write=True) as connection:
            change = connection.begin()
            there = triggers(connection)
            for name in (*lifted, *((guard,) if without else ())):
                if name in there:
                    drop_trigger(connection, name, there[name])
            for each in before:
                assert run(connection, world, each) > 0, each
            if without:
                assert run(connection, world, sql) > 0
            else:
                with pytest.raises(DBAPIError) as caught:
                    run(connection, world, sql)
                assert refusal(caught.value).code == code
            change.rollback()


@pytest.mark.parametrize("opinion", ["modified", "adverse", "disclaimed"])
def test_an_open_major_does_not_bar_an_opinion_that_says_so(world: World, guarded: Store, opinion: str) -> None:
    with guarded.engine.connect().execution_options(zerofactory_write=True) as connection:
        change = connection.begin()
        run(connection, world, decision("major open", opinion=opinion))
        assert run(connection, world, granted("major open")) == 1
        change.rollback()


def test_an_opinion_that_there_is_not(world: World, guarded: Store) -> None:
    with guarded.engine.connect().execution_options(zerofactory_write=True) as connection:
        change = connection.begin()
        with pytest.raises(DBAPIError):
            run(connection, world, decision("met", opinion="clean"))
        change.rollback()


def test_the_pack_ends_in_an_opinion(world: World) -> None:
    with world.store.read() as session:
        case = session.scalars(sa.select(Case).where(Case.number == world.cases["met"])).one()
        assert (case.pack, case.outcome_kind) == (PACK, opinions.VERIFICATION)
        assert [f.kind for f in findings.listed(session, case)] == []
