"""Who may do what, when, and what is said of what is missing; resubmissions, serials, minors, appeals, schemes that change.

``golden/rights.csv`` and ``golden/stages.csv`` say for every service what each kind of person is told, and what is said at each stage;
``yes`` is done. A line that changes is a change of rights and wants a reason.
"""

from __future__ import annotations

import csv
import inspect
import io
import os
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from tests.web.cases.cases_calls import CALLS, PLAN, Call, NothingSeenError, prepare, wording
from tests.web.cases.cases_world import Rehearsal, World, add_dossier, advance, applied, dossier, dump, refusing, terms

from zerofactory_engine.problems import ProblemsError
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
from zerofactory_web.cases.evaluating import Answer
from zerofactory_web.cases.model import Case, DossierVersion
from zerofactory_web.demo import life
from zerofactory_web.register import service as register
from zerofactory_web.register.model import Certificate
from zerofactory_web.store.unit import PUBLIC, Actor, Store

HERE = Path(__file__).parent
SERVICES = (applications, dossiers, draft_files, drafts, planning, evaluating, findings, reviewing, deciding, surveying, complaints)
#: Heading of a column → who it is, and the scopes of the token when it is a program.
KINDS: Mapping[str, tuple[str, tuple[str, ...] | None]] = {
    "public": ("public", None), "other applicant": ("haiyu", None), "applicant": ("qingyan", None), "administrator": ("anna", None),
    "lead": ("lin", None), "evaluator": ("wu", None), "reviewer": ("he", None), "decider": ("zhao", None), "handler": ("qian", None),
    "observer": ("ou", None), "other evaluator": ("zheng", None), "other of all roles": ("fang", None),
    **{f"{kind} token {'+'.join(scopes)}": (who, scopes) for kind, who in (
        ("applicant", "qingyan"), ("lead", "lin"), ("reviewer", "he"), ("decider", "zhao"), ("handler", "qian"))
       for scopes in (("read",), ("apply",), ("evaluate",), ("read", "apply", "evaluate"))}}
#: What programs may do, and the scope that it takes (and send a complaint, as anybody may).
PROGRAMS = {"applications.listed": "read", "complaints.listed": "read", "complaints.one": "read", "applications.save": "apply", "dossiers.add": "apply",
            "drafts.cells_of": "apply", "drafts.save_main": "apply", "drafts.save_table": "apply", "drafts.discard": "apply",
            "drafts.keeping": "apply", "draft_files.listed": "apply", "draft_files.add": "apply", "draft_files.leave_out": "apply",
            "draft_files.read": "apply", "applications.start": "apply", "applications.submit": "apply"}
STAGES = ("draft", "submitted", "returned", "bare", "planned", "ready", "started", "evaluated", "rejected", "findings_open", "corrective_action",
          "evaluation_complete", "in_review", "sent_back", "review_passed", "granted", "refused")


#: What only the services say is tried on PostgreSQL in the long run.
on_sqlite = pytest.mark.parametrize("still", ["sqlite", pytest.param("postgresql", marks=pytest.mark.full)], indirect=True)


@pytest.fixture(scope="module")
def ready(still: World) -> World:
    """The shared world with two stages more."""
    with pytest.MonkeyPatch.context() as patch:
        from tests.web.cases.conftest import HERE as WORKS
        from tests.web.cases.conftest import SCHEMES

        from zerofactory_web.cases import schemes
        patch.setattr(dossiers, "GUARD", WORKS)
        patch.setattr(schemes, "schemes", SCHEMES)
        prepare(still)
    return still


def actor(world: World, who: str, scopes: tuple[str, ...] | None = None) -> Actor:
    return PUBLIC if who == "public" else world.actor(who, scopes)


def said(world: World, store: Store, call: Call, who: Actor, stage: str) -> str:
    """``yes``, or the codes of the refusal."""
    number = {"case": world.cases.get(stage, "C-2026-99999"), "application": world.applications[stage], "": ""}[call.at]
    try:
        call.run(world, store, who, number)
    except ProblemsError as error:
        return " ".join(sorted({p.code for p in error.problems}))
    except NothingSeenError:
        return "nothing"
    return "yes"


def compare(file: str, rows: list[list[str]]) -> None:
    """With the table beside this file; ``UPDATE_GOLDEN=1`` writes it."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    if os.environ.get("UPDATE_GOLDEN"):
        (HERE / "golden" / file).write_text(out.getvalue(), encoding="utf-8")
    assert out.getvalue().splitlines() == (HERE / "golden" / file).read_text(encoding="utf-8").splitlines()


def test_every_service_is_called() -> None:
    there = {f"{m.__name__.rpartition('.')[2]}.{name}" for m in SERVICES for name, f in vars(m).items()
             if inspect.isfunction(f) and f.__module__ == m.__name__ and not name.startswith("_") and "actor" in inspect.signature(f).parameters}
    assert there == {c.name.partition("/")[0] for c in CALLS}


@on_sqlite
def test_who_may_do_what(ready: World) -> None:
    before, store = dump(ready.store), Rehearsal(ready.store)
    people = {kind: actor(ready, *given) for kind, given in KINDS.items()}
    rows = [["service", *KINDS]]
    for call in CALLS:
        rows.append([call.name, *(said(ready, store, call, who, call.stage) for who in people.values())])
    assert dump(ready.store) == before
    compare("rights.csv", rows)


def test_nobody_is_told_of_what_is_not_his() -> None:
    """Whatever somebody of another organisation or nobody asks for by number is not found; programs decide nothing."""
    with (HERE / "golden" / "rights.csv").open(encoding="utf-8") as file:
        table = {row["service"]: row for row in csv.DictReader(file)}
    for call in CALLS:
        row = table[call.name]
        assert row["public"] in ("cases.not-found", "accounts.not-signed-in", "nothing") or call.name == "complaints.receive"
        if call.at or call.name == "applications.start":
            assert {row["other applicant"], row["administrator"]} == {"cases.not-found"}, call.name
        needed = PROGRAMS.get(call.name)
        for kind, told in row.items():
            if "token" in kind and told == "yes" and call.name != "complaints.receive":
                assert needed is not None, (call.name, kind)
                assert needed in kind.rpartition(" ")[2].split("+"), (call.name, kind)


@on_sqlite
def test_when_it_may_be_done(ready: World) -> None:
    before, store = dump(ready.store), Rehearsal(ready.store)
    people = {name: actor(ready, name) for name in {c.who for c in CALLS}}
    rows = [["service", *STAGES]]
    for call in CALLS:
        if call.at:
            rows.append([call.name, *(said(ready, store, call, people[call.who], stage) if call.at == "application" or stage in ready.cases else ""
                                      for stage in STAGES)])
    assert dump(ready.store) == before
    compare("stages.csv", rows)
    for row in rows[1:]:
        call = next(c for c in CALLS if c.name == row[0])
        assert row[1 + STAGES.index(call.stage)] == "yes", call.name


def missing(act: Callable[[], object]) -> list[tuple[str, str]]:
    """(path, code) of every problem."""
    with pytest.raises(ProblemsError) as caught:
        act()
    return [(p.place.path or "", p.code) for p in caught.value.problems]


def signed_and_started(store: Store, who: Actor, number: str) -> None:
    """The lead signs, and begins before anything else is ready."""
    planning.sign_statement(store, who, number)
    planning.start(store, who, number)


M, D, N, V = "accounts.value-missing", "cases.not-a-day", "cases.not-a-number", "accounts.value"


@pytest.mark.parametrize(("who", "stage", "act", "expected"), [
    ("he", "submitted", lambda w, s, a, n: applications.answer(s, a, n, "keep", " "), [("event", V), ("reason", M)]),
    ("he", "submitted", lambda w, s, a, n: applications.accept(s, a, n, terms(
        w.cast, levels=(), valid_on="2026-13-01", scope_zh="", scope_en=" ", competence="", impartiality="", capable="", open_minors="")),
     [("scope_zh", M), ("scope_en", M), ("competence", M), ("impartiality", M), ("capable", M), ("valid_on", D), ("level", "cases.level-missing")]),
    ("lin", "started", lambda w, s, a, n: planning.save_plan(s, a, n, {}, w.case(n).version),
     [("objectives", M), ("assurance", V), ("materiality_percent", N), ("audit_days", N), ("remote_percent", N), ("visit_on", "cases.visit-or-reason"),
      ("sampling", M)]),
    ("lin", "started", lambda w, s, a, n: planning.save_plan(s, a, n, {**PLAN, "remote_percent": "101", "audit_days": "1e3", "visit_on": "tomorrow"},
                                                             w.case(n).version),
     [("audit_days", N), ("remote_percent", N), ("visit_on", D)]),
    ("lin", "evaluated", lambda w, s, a, n: evaluating.set_basis(s, a, n, [], "guessed"), [("basis", V), ("subject", "cases.nothing-chosen")]),
    ("lin", "evaluated", lambda w, s, a, n: evaluating.set_basis(s, a, n, ["electricity/E1", "D77", "electricity/E9"], "rejected"),
     [("note", M), *[("subject", "cases.subject-unknown")] * 3]),
    ("lin", "evaluated", lambda w, s, a, n: evaluating.judge(s, a, n, [Answer("CECA/none", "maybe", ""), Answer("CECA-BASIC/conforms", "conforms", "")]),
     [("question", "cases.question-unknown"), ("answer", V), ("grounds", M), ("grounds-1", M)]),
    ("lin", "evaluated", lambda w, s, a, n: evaluating.judge(s, a, n, []), [("question", "cases.nothing-chosen")]),
    ("lin", "evaluated", lambda w, s, a, n: evaluating.note(s, a, n, "sample", w.today(1), "", content={"population": "10", "stated": "x"}),
     [("day", "cases.day-out"), ("text", M), ("stated", N), ("found", N)]),
    ("lin", "evaluated", lambda w, s, a, n: evaluating.note(s, a, n, "sample", w.today(), "x", content={"population": "10", "stated": "11", "found": "9"}),
     [("stated", "cases.sample-size")]),
    ("lin", "evaluated", lambda w, s, a, n: findings.raise_finding(s, a, n, "huge", "", ""), [("kind", V), ("clause", M), ("text", M)]),
    ("qingyan", "findings_open", lambda w, s, a, n: findings.act(s, a, n, w.names["finding_findings_open"], "answer"), [("cause", M), ("correction", M)]),
    ("lin", "corrective_action", lambda w, s, a, n: findings.act(s, a, n, w.names["finding_corrective_action"], "accept_plan", due=w.today(-1)),
     [("due", "cases.day-out")]),
    ("lin", "corrective_action", lambda w, s, a, n: findings.act(s, a, n, w.names["finding_corrective_action"], "verify"), [("text", M)]),
    ("lin", "evaluated", lambda w, s, a, n: findings.hand_over(s, a, n, "open_findings"), [("", "cases.no-findings")]),
    ("qingyan", "findings_open", lambda w, s, a, n: findings.hand_over(s, a, n, "correct"), [("CECA-DEF", "cases.answers-open")]),
    ("lin", "corrective_action", lambda w, s, a, n: findings.hand_over(s, a, n, "reopen"), [("reason", M)]),
    ("lin", "evaluated", lambda w, s, a, n: findings.ask(s, a, n, "", "", ""), [("due", D), ("text", M), ("subject", M)]),
    ("qingyan", "findings_open", lambda w, s, a, n: findings.reply(s, a, n, w.names["question"], ""), [("text", M)]),
    ("lin", "planned", lambda w, s, a, n: signed_and_started(s, a, n),
     [("evaluator", "cases.statement-open"), ("", "cases.plan-missing")]),
    ("lin", "started", lambda w, s, a, n: reviewing.complete(s, a, n), [("", "cases.evaluation-outdated")]),
    ("he", "in_review", lambda w, s, a, n: reviewing.review(s, a, n, "grant", ""), [("outcome", V), ("text", M)]),
    ("zhao", "review_passed", lambda w, s, a, n: deciding.decide(s, a, n, "suspend", ""), [("decision", V), ("reason", M)]),
    ("zhao", "review_passed", lambda w, s, a, n: deciding.decide(s, a, n, "grant", "yes", wording(
        w, certificate_class="x", valid_from="", valid_until="soon", surveillance_due="never", role_zh="", role_en="")),
     [("certificate_class", V), ("valid_from", D), ("valid_until", D), ("surveillance_due", D), ("role_zh", M), ("role_en", M)]),
    ("zhao", "review_passed", lambda w, s, a, n: deciding.return_to_review(s, a, n, " "), [("reason", M)]),
    ("he", "granted", lambda w, s, a, n: surveying.schedule(s, a, n, w.names["certificate"], "x"), [("due", D)]),
    ("lin", "granted", lambda w, s, a, n: surveying.report(s, a, n, w.names["surveillance"], ""), [("report", M)]),
    ("zhao", "granted", lambda w, s, a, n: surveying.change_certificate(s, a, n, w.names["certificate"], "expire", "x"), [("event", V)]),
    ("zhao", "granted", lambda w, s, a, n: surveying.change_certificate(s, a, n, w.names["certificate"], "suspend", ""), [("reason", M)]),
    ("zhao", "granted", lambda w, s, a, n: surveying.conclude(s, a, n, w.names["surveillance_done"], "done", "x"), [("done", "cases.step")]),
    ("he", "in_review", lambda w, s, a, n: surveying.reopen(s, a, n, "whim", ""), [("why", V), ("reason", M), ("state", "cases.case-open")]),
    ("public", "granted", lambda w, s, a, n: complaints.receive(s, a, "", "", certificate="ZC-9"),
     [("text", M), ("received_from", M), ("certificate", "cases.not-found")]),
    ("qingyan", "refused", lambda w, s, a, n: complaints.appeal(s, a, n, w.names["decision_refused"], ""), [("text", M)]),
])
def test_everything_that_is_missing_is_said_at_once(world: World, who: str, stage: str, act: Any, expected: list[tuple[str, str]]) -> None:
    given = world.applications if stage == "submitted" else world.cases
    before = dump(world.store) if stage != "planned" else None
    assert missing(lambda: act(world, world.store, actor(world, who), given[stage])) == expected
    assert before is None or dump(world.store) == before


def test_a_program_cannot_take_a_guarded_step_by_handing_over(world: World) -> None:
    for stage, who, event in (("planned", "lin", "start"), ("evaluated", "lin", "complete"), ("review_passed", "zhao", "grant"),
                              ("in_review", "he", "pass"), ("sent_back", "lin", "resume")):
        with refusing("cases.step"):
            findings.hand_over(world.store, world.actor(who), world.cases[stage], event, "because")
    for stage in ("findings_open", "corrective_action"):
        with refusing("cases.step"):
            reviewing.resume(world.store, world.actor("lin"), world.cases[stage])


def test_whoever_looked_at_an_older_version_saves_nothing(world: World) -> None:
    number, who = world.applications["draft"], world.actor("qingyan")
    shown = drafts.cells_of(world.store, who, number)[0].version
    applications.save(world.store, who, number, {"facility_en": "New"}, shown)
    with refusing("store.stale"):
        applications.save(world.store, who, number, {"facility_en": "Newer"}, shown)
    version = world.version("started")
    planning.save_plan(world.store, world.actor("lin"), world.cases["started"], PLAN, version)
    with refusing("store.stale"):
        planning.save_plan(world.store, world.actor("lin"), world.cases["started"], PLAN, version)


# --- resubmission ----------------------------------------------------------------------------------------------------


def test_a_resubmission_says_what_changed_and_who_found_it(world: World) -> None:
    application = world.applications["evaluated"]
    data = dossier(14, ("MWh: 200,", "MWh: 210,"), ("D6", "D7"))
    with refusing("accounts.value-missing"):
        add_dossier(world.cast, application, data)
    ident = add_dossier(world.cast, application, data, "the meter was read again", found_by="evaluator")
    with world.store.read() as session:
        made = session.get_one(DossierVersion, ident)
        assert (made.number, made.found_by, made.reason) == (2, "evaluator", "the meter was read again")
        at = {each["at"]: each for each in made.difference}
    [row] = [each for key, each in at.items() if "electricity/E2" in key]
    assert Decimal(str(row["after"])) - Decimal(str(row["before"])) == 10
    assert any("D7" in key and "before" not in each for key, each in at.items())
    assert any("D6" in key and "after" not in each for key, each in at.items())
    with refusing("cases.evaluation-outdated"):
        reviewing.complete(world.store, world.actor("lin"), world.cases["evaluated"])


def test_what_is_no_resubmission(world: World) -> None:
    application = world.applications["evaluated"]
    with refusing("cases.dossier-same"):
        add_dossier(world.cast, application, dossier(14), "again")
    with refusing("cases.dossier-other"):
        add_dossier(world.cast, application, dossier(14, ("2025-12-31, time_zone", "2025-11-30, time_zone")), "shorter")
    with refusing("cases.dossier-other"):
        add_dossier(world.cast, application, dossier(14, ("id: demo-qingyan-2025", "id: demo-other-2025")), "another")
    with refusing("accounts.value"):
        add_dossier(world.cast, application, dossier(14, ("MWh: 200,", "MWh: 210,")), "x", found_by="somebody")


@pytest.mark.parametrize("stage", ["evaluation_complete", "in_review", "review_passed", "granted", "refused"])
def test_nothing_comes_in_while_it_is_frozen(world: World, stage: str) -> None:
    with refusing("cases.frozen"):
        add_dossier(world.cast, world.applications[stage], dossier(77), "late")


# --- serials ---------------------------------------------------------------------------------------------------------


def test_serials_of_two_cases_are_found_and_block(world: World) -> None:
    """One range reaches into another; found at completion, and again at the decision when it came later."""
    cast, store = world.cast, world.store
    application = applied(cast, 51)
    add = dossier(51, ("CCER-5101-000400", "CCER-5101-000450"), ("quantity: 400,", "quantity: 450,"))
    first = life.accept(cast, application)
    second_application = applied(cast, 52)
    second = life.accept(cast, second_application)
    advance(cast, second, "started")
    claims = dossier(52, ("CCER-5201-000001", "CCER-5101-000430"), ("CCER-5201-000400", "CCER-5101-000829"))
    add_dossier(cast, second_application, claims, "other credits")
    life.look_at_evidence(cast, second)
    evaluating.evaluate(store, cast.actor("lin"), second)
    reviewing.complete(store, cast.actor("lin"), second)              # 1 to 400 and 430 to 829: nothing is shared
    advance(cast, first, "started")
    add_dossier(cast, application, add, "more credits")
    life.look_at_evidence(cast, first)
    evaluating.evaluate(store, cast.actor("lin"), first)
    with pytest.raises(ProblemsError) as caught:
        reviewing.complete(store, cast.actor("lin"), first)
    [problem] = caught.value.problems
    assert (problem.code, problem.place.path, problem.args) == ("cases.serial-twice", "credits/K1", {"case": second})
    assert "430" in str(problem.found)
    assert "450" in str(problem.found)
    life.review(cast, second)
    with refusing("cases.serial-twice"):
        life.grant(cast, second)
    deciding.decide(store, cast.actor("zhao"), second, "refuse", "the credits are another's")
    reviewing.complete(store, cast.actor("lin"), first)               # what was refused claims nothing


# --- what is issued --------------------------------------------------------------------------------------------------


def test_a_readiness_case_ends_without_a_certificate(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    number, who = world.cases["readiness"], world.actor("zhao")
    with monkeypatch.context() as patch:
        patch.setattr(deciding, "ISSUES", {**deciding.ISSUES, "readiness": "certificate"})
        with pytest.raises(ProblemsError) as caught:
            deciding.decide(world.store, who, number, "grant", "as it is", wording(world))
        assert "cases.criteria-open" in {p.code for p in caught.value.problems}
        patch.setattr(deciding, "_obstacles", lambda *_: [])
        with pytest.raises(ProblemsError) as caught:
            deciding.decide(world.store, who, number, "grant", "as it is", wording(world))
        assert "register.lint-kind" in {p.code for p in caught.value.problems}
    assert deciding.decide(world.store, who, number, "grant", "as it is", wording(world)) is None
    assert world.case(number).state == "granted"
    with world.store.read() as session:
        assert register.of_case(session, world.names["readiness"]) == []


def test_a_level_that_is_not_met_is_not_granted(world: World) -> None:
    cast = world.cast
    number = life.accept(cast, applied(cast, 53))
    advance(cast, number, "started")
    evaluating.evaluate(world.store, cast.actor("lin"), number)
    reviewing.complete(world.store, cast.actor("lin"), number)
    life.review(cast, number)
    with refusing("cases.criteria-open"):
        life.grant(cast, number)


@pytest.mark.parametrize("allowed", [True, False], ids=["allowed", "not allowed"])
def test_open_minors(world: World, allowed: bool) -> None:
    cast, store, lin, client = world.cast, world.store, world.actor("lin"), world.actor("qingyan")
    application = applied(cast, 54)
    number = applications.accept(store, cast.actor("he"), application, terms(cast, open_minors="5.3" if allowed else ""))
    for name, role in (("lin", "lead_evaluator"), ("wu", "evaluator"), ("he", "reviewer"), ("zhao", "decider")):
        planning.assign(store, cast.actor("he"), number, cast.persons[name], role)
    advance(cast, number, "evaluated")
    minor = findings.raise_finding(store, lin, number, "minor", "7.2", "labels are missing")
    bare = findings.raise_finding(store, lin, number, "minor", "7.3", "log is late")
    findings.raise_finding(store, lin, number, "observation", "7.4", "tidy up")
    for each in (minor, bare):
        findings.act(store, client, number, each, "answer", cause="hurry", correction="new labels")
    findings.act(store, lin, number, minor, "accept_plan", due=world.today(60))
    life.complete(cast, number)
    life.review(cast, number)
    with refusing(*["cases.minor-open"] * (1 if allowed else 2)):
        life.grant(cast, number)
    deciding.return_to_review(store, cast.actor("zhao"), number, "the log")
    reviewing.review(store, cast.actor("he"), number, "send_back", "close 7.3")
    reviewing.resume(store, lin, number)
    findings.act(store, lin, number, bare, "verify", text="seen")
    life.complete(cast, number)
    life.review(cast, number)
    if not allowed:
        with refusing("cases.minor-open"):
            life.grant(cast, number)
        return
    issued = life.grant(cast, number)
    with store.read() as session:
        certificate = session.get_one(Certificate, issued)
        assert certificate.content["conditions"] == [{"clause": "7.2", "text": "new labels", "due": world.today(60)}]
    findings.act(store, client, number, minor, "show", text="photograph")          # an open minor is closed afterwards
    findings.act(store, lin, number, minor, "verify", text="seen")


def test_a_scheme_that_changed_on_disk_is_not_the_one_that_was_frozen(world: World) -> None:
    [file] = (world.store.settings.data / "overlays").glob("*/*/overlay.yaml")
    text = file.read_text(encoding="utf-8")
    assert "value: 20," in text
    file.write_text(text.replace("value: 20,", "value: 21,", 1), encoding="utf-8")
    lin, store = world.actor("lin"), world.store
    later: list[Callable[[], object]] = [
        lambda: evaluating.evaluate(store, lin, world.cases["started"]),
        lambda: evaluating.judge(store, lin, world.cases["started"], [Answer("CECA-BASIC/conforms", "conforms", "g")]),
        lambda: reviewing.complete(store, lin, world.cases["evaluated"])]
    for act in later:
        with refusing("cases.scheme-changed"):
            act()
    file.unlink()
    with refusing("cases.scheme-unknown"):
        evaluating.evaluate(store, lin, world.cases["started"])
    file.write_text(text, encoding="utf-8")
    evaluating.evaluate(store, lin, world.cases["started"])


# --- appeals ---------------------------------------------------------------------------------------------------------


def follow(world: World, number: str) -> None:
    """The roles of a case that follows another."""
    for name, role in (("lin", "lead_evaluator"), ("wu", "evaluator"), ("he", "reviewer"), ("zhao", "decider")):
        planning.assign(world.store, world.actor("he"), number, world.names[name], role)


def test_an_appeal_that_is_upheld_leads_to_a_certificate(world: World) -> None:
    store, handler, number = world.store, world.actor("qian"), world.names["appeal_number"]
    for event in ("acknowledge", "investigate", "decide", "uphold"):
        complaints.act(store, handler, number, event, "the refusal does not stand")
    with refusing("cases.step"):
        complaints.act(store, handler, number, "close")
    again = surveying.reopen(store, world.actor("he"), world.cases["refused"], "appeal", "appeal upheld")
    with refusing("cases.case-open-other"):
        surveying.reopen(store, world.actor("he"), world.cases["refused"], "appeal", "once more")
    assert world.case(again).follows == world.names["refused"]
    follow(world, again)
    add_dossier(world.cast, world.applications["refused"], dossier(22, ("MWh: 200,", "MWh: 199,")), "as the appeal found", found_by="evaluator")
    advance(world.cast, again, "granted")
    with store.read() as session:
        [made] = register.of_case(session, session.scalars(sa.select(Case.id).where(Case.number == again)).one())
        assert (made.status, made.supersedes) == ("active", None)
    assert world.case("refused").state == "refused"


def test_a_case_that_follows_a_grant_replaces_its_certificate(world: World) -> None:
    store = world.store
    again = surveying.reopen(store, world.actor("he"), world.cases["granted"], "extend", "another line")
    follow(world, again)
    add_dossier(world.cast, world.applications["granted"], dossier(21, ("MWh: 200,", "MWh: 199,")), "another line")
    advance(world.cast, again, "review_passed")
    surveying.change_certificate(store, world.actor("zhao"), world.cases["granted"], world.names["certificate"], "suspend", "meanwhile")
    with refusing("register.lint-supersedes"):
        life.grant(world.cast, again)
    surveying.change_certificate(store, world.actor("zhao"), world.cases["granted"], world.names["certificate"], "reinstate", "clear")
    issued = life.grant(world.cast, again)
    with store.read() as session:
        old, new = session.get_one(Certificate, world.names["certificate"]), session.get_one(Certificate, issued)
        assert (old.status, new.status, new.supersedes) == ("superseded", "active", old.id)
    third = surveying.reopen(store, world.actor("he"), world.cases["granted"], "reduce", "a line closed")    # follows the first one again
    follow(world, third)
    advance(world.cast, third, "granted")
    with store.read() as session:
        states = session.scalars(sa.select(Certificate.status).join(Case, Case.id == Certificate.case_id).where(
            Case.application_id == world.names["app_granted"]).order_by(Certificate.number)).all()
    assert states == ["superseded", "superseded", "active"]
