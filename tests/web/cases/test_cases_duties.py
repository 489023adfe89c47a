"""The duties are kept by the service and by the database, each without the other (facts, rules 1, 2, 3, 5, 6, 8, 9, 11; strict mode).

Each breach is tried four times: as it is; with the service's check away, when the database refuses; with every guard of
the database away, when the service refuses; with both away, when it goes through – so that what is tried is a breach.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from tests.web.cases.cases_calls import PLAN
from tests.web.cases.cases_world import World, drop_all_triggers, dump, refusing, terms, unguarded

from zerofactory_engine.problems import ProblemsError
from zerofactory_web.accounts import fitness, links, people, roles
from zerofactory_web.accounts.model import BodyRole, Competence, Person
from zerofactory_web.cases import (
    access,
    applications,
    complaints,
    deciding,
    evaluating,
    findings,
    planning,
    reviewing,
    surveying,
)
from zerofactory_web.cases.evaluating import Answer
from zerofactory_web.cases.model import Case, CaseRole, Complaint
from zerofactory_web.demo import life

Act = Callable[[World], object]


def nothing(*_: Any, **__: Any) -> Any:
    return []


def unchecked(patch: pytest.MonkeyPatch, checks: Sequence[str]) -> None:
    """Let the service's *checks* do nothing."""
    for name in checks:
        if name == "obstacles":
            patch.setattr(planning, "obstacles", nothing)
        elif name == "require_on":
            patch.setattr(access, "require_on", nothing)
        elif name == "require_unlinked":
            patch.setattr(access, "require_unlinked", nothing)
        elif name == "require_no_part":
            for module in (reviewing, deciding, surveying):
                patch.setattr(module, "require_no_part", nothing)
        elif name == "_stands":
            patch.setattr(planning, "_stands", nothing)
        elif name == "_upheld":
            patch.setattr(surveying, "_upheld", any_appeal)
        else:
            assert name in ("_require_no_role", "_require_appeal")
            patch.setattr(complaints, name, nothing)


def any_appeal(session: Session, case: Case) -> str:
    """An appeal on the case, whatever became of it."""
    return session.scalars(sa.select(Complaint.id).where(Complaint.case_id == case.id, Complaint.appeal.is_not(None))).one()


@dataclass(frozen=True)
class Breach:
    """*before* brings the store to where *act* breaks a duty: *code* is what the service says, *kept* what the database
    says (the same, if it is empty); *checks* are those of the service."""

    rule: str
    code: str
    checks: tuple[str, ...]
    act: Act
    before: Act = lambda world: None
    kept: str = ""


def assign(who: str, role: str, stage: str = "planned") -> Act:
    """He gives *who* that role."""
    return lambda w: planning.assign(w.store, w.actor("he"), w.cases[stage], w.names[who], role)


def around(world: World, who: str, role: str, stage: str, *, ended: bool = False) -> None:
    """*who* comes to a role, signed, as if somebody had got around service and guards; *ended*: he had it once."""
    made = CaseRole(case_id=world.names[stage], person_id=world.names[who], role=role, assigned_by=world.names["he"],
                    links_since=date(2024, 1, 1), statement_at=world.clock.now, created_at=world.clock.now,
                    ended_at=world.clock.now if ended else None)
    with world.store.engine.connect().execution_options(zerofactory_write=True) as connection, connection.begin(), \
            unguarded(connection, "case_role"), Session(connection) as session:
        session.add(made)
        session.flush()


def both(who: str, role: str, stage: str) -> Act:
    """*who* was in the team and has a deciding role."""
    def act(world: World) -> None:
        around(world, who, "evaluator", stage)
        around(world, who, role, stage)
    return act


def link(who: str, until: int | None = None) -> Act:
    """*who* declares a link to the applicant that lasts, or ended so many days ago."""
    def act(world: World) -> None:
        today = world.clock.now.date()
        links.declare(world.store, world.actor(who), world.names["org"], kind="consulted", since=today - timedelta(days=3_000),
                      until=None if until is None else today - timedelta(days=until), text="advice")
    return act


def join(who: str) -> Act:
    """*who* becomes a member of the applicant."""
    def act(world: World) -> None:
        with world.store.change(world.actor("anna")) as change:
            people.join(change, change.session.get_one(Person, world.names[who]), world.names["org"], "member")
    return act


def end_competence(who: str) -> Act:
    """Nothing that *who* can is in force any more."""
    def act(world: World) -> None:
        with world.store.change(world.actor("anna")) as change:
            change.session.execute(sa.update(Competence).where(Competence.person_id == world.names[who]).values(ended_at=change.now))
    return act


def release(who: str, stage: str) -> Act:
    """He ends a role of *who* on the case."""
    return lambda w: planning.release(w.store, w.actor("he"), w.cases[stage], next(
        h.id for h in _people(w, stage) if h.person_id == w.names[who]), "left")


def reopen(stage: str = "refused", why: str = "appeal") -> Act:
    """He opens another case."""
    return lambda w: surveying.reopen(w.store, w.actor("he"), w.cases[stage], why, "because")


def in_turn(*acts: Act) -> Act:
    """One after the other."""
    def act(world: World) -> None:
        for each in acts:
            each(world)
    return act


def strict(world: World) -> None:
    """A body that has review and decision done by two persons; the case is not begun, 方 reviews it."""
    with world.store.engine.connect().execution_options(zerofactory_write=True) as connection, connection.begin():
        connection.exec_driver_sql(f"UPDATE case_file SET two_persons = TRUE WHERE id = '{world.names['planned']}'")


def review(who: str) -> Act:
    return lambda w: reviewing.review(w.store, w.actor(who), w.cases["in_review"], "pass", "sound")


def decide(who: str, kind: str = "refuse", stage: str = "review_passed") -> Act:
    return lambda w: deciding.decide(w.store, w.actor(who), w.cases[stage], kind, "because")


def change(who: str, event: str) -> Act:
    return lambda w: surveying.change_certificate(w.store, w.actor(who), w.cases["granted"], w.names["certificate"], event, "because")


def conclude(who: str, event: str) -> Act:
    return lambda w: surveying.conclude(w.store, w.actor(who), w.cases["granted"], w.names["surveillance_done"], event, "because")


def basis(who: str) -> Act:
    return lambda w: evaluating.set_basis(w.store, w.actor(who), w.cases["evaluated"], ["electricity/E1"], "sighted")


def judge(who: str) -> Act:
    return lambda w: evaluating.judge(w.store, w.actor(who), w.cases["evaluated"], [Answer("CECA-BASIC/conforms", "conforms", "seen")])


def note(who: str) -> Act:
    return lambda w: evaluating.note(w.store, w.actor(who), w.cases["evaluated"], "visit", w.today(), "walked the site")


def find(who: str) -> Act:
    return lambda w: findings.raise_finding(w.store, w.actor(who), w.cases["evaluated"], "minor", "7", "late")


def handle(who: str, event: str = "decide", which: str = "complaint") -> Act:
    return lambda w: complaints.act(w.store, w.actor(who), w.names[f"{which}_number"], event, "it is so")


def investigated(which: str, *more: str) -> Act:
    """钱 has looked into it, and taken it further by *more*."""
    return in_turn(*(handle("qian", event, which) for event in ("acknowledge", "investigate", *more)))


_TEAM = ("evaluator", "technical_expert", "lead_evaluator")
BREACHES: tuple[Breach, ...] = (
    *(Breach(f"1 {had} takes the review", "duty.evaluated-it", ("obstacles",), assign("fang", "reviewer"), assign("fang", had)) for had in _TEAM),
    *(Breach(f"2 {had} takes the decision", "duty.evaluated-it", ("obstacles",), assign("fang", "decider"), assign("fang", had)) for had in _TEAM),
    *(Breach(f"1 2 {had} joins the team", "duty.reviews-it", ("obstacles",), assign("fang", "evaluator"), assign("fang", had))
      for had in ("reviewer", "decider")),
    Breach("1 reviews what he evaluated", "duty.evaluated-it", ("require_no_part",), review("fang"), both("fang", "reviewer", "in_review")),
    Breach("2 decides what he evaluated", "duty.evaluated-it", ("require_no_part",), decide("fang"),
           both("fang", "decider", "review_passed")),
    Breach("1 an evaluator reviews", "cases.not-yours", ("require_on", "require_no_part"), review("wu"), kept="duty.evaluated-it|duty.not-reviewer"),
    Breach("1 somebody reviews", "cases.not-yours", ("require_on",), review("zhao"), kept="duty.not-reviewer"),
    Breach("2 the reviewer decides", "cases.not-yours", ("require_on",), decide("he"), kept="duty.not-decider"),
    Breach("2 the lead decides", "cases.not-yours", ("require_on", "require_no_part"), decide("lin"), kept="duty.evaluated-it|duty.not-decider"),
    Breach("strict the reviewer takes the decision", "duty.strict", ("obstacles",), assign("fang", "decider"),
           in_turn(strict, assign("fang", "reviewer"))),
    Breach("strict the decider takes the review", "duty.strict", ("obstacles",), assign("fang", "reviewer"), in_turn(strict, assign("fang", "decider"))),
    *(Breach(f"3 {role} with a link", "duty.linked", ("obstacles",), assign("fang", role), link("fang", 30))
      for role in ("evaluator", "reviewer", "decider", "observer")),
    *(Breach(f"3 linked since he signed, {name}", "duty.linked", ("require_unlinked",), act, link(who), kept=kept) for name, act, who, kept in (
        ("basis", basis("wu"), "wu", "duty.not-in-team"), ("judgement", judge("lin"), "lin", "duty.not-in-team"),
        ("finding", find("lin"), "lin", "duty.not-in-team"), ("note", note("wu"), "wu", "duty.not-in-team"),
        ("review", review("he"), "he", "duty.not-reviewer"), ("decision", decide("zhao"), "zhao", "duty.not-decider"),
        ("suspension", change("zhao", "suspend"), "zhao", "duty.not-decider"))),
    *(Breach(f"6 {role} is a member", "duty.member", ("obstacles",), assign("fang", role), join("fang")) for role in ("lead_evaluator", "decider", "observer")),
    Breach("8 the reviewer suspends", "cases.not-yours", ("require_on",), change("he", "suspend"), kept="duty.not-decider"),
    Breach("8 an evaluator withdraws", "cases.not-yours", ("require_on", "require_no_part"), change("wu", "withdraw"),
           kept="duty.evaluated-it|duty.not-decider"),
    Breach("8 the reviewer reinstates", "cases.not-yours", ("require_on",), change("he", "reinstate"), change("zhao", "suspend"), kept="duty.not-decider"),
    Breach("8 the lead continues after a surveillance", "cases.not-yours", ("require_on", "require_no_part"), conclude("lin", "continue"),
           kept="duty.evaluated-it|duty.not-decider"),
    Breach("8 decides on what he evaluated", "duty.evaluated-it", ("require_no_part",), conclude("fang", "suspend"),
           both("fang", "decider", "granted")),
    Breach("11 an evaluator of another sector", "duty.not-competent", ("obstacles",), assign("xu", "evaluator", "bare")),
    *(Breach(f"11 {role} whose competence ended", "duty.not-competent", ("obstacles",), assign("fang", role), end_competence("fang"))
      for role in ("lead_evaluator", "technical_expert", "reviewer", "decider")),
    Breach("11 without the role at the body", "duty.role-missing", ("obstacles",), assign("zheng", "reviewer")),
    Breach("5 the reviewer decides a complaint", "duty.complaint-part", ("_require_no_role",), handle("fang"),
           in_turn(assign("fang", "reviewer", "granted"), investigated("complaint"))),
    Breach("5 a former evaluator decides an appeal", "duty.complaint-part", ("_require_no_role",), handle("fang", which="appeal"),
           in_turn(lambda w: around(w, "fang", "evaluator", "refused", ended=True), investigated("appeal"))),
    *(Breach(f"5 the reviewer takes an appeal to {event}", "duty.complaint-part", ("_require_no_role",), handle("fang", event, "appeal"),
             in_turn(assign("fang", "reviewer", "refused"), *(handle("qian", e, "appeal") for e in before)))
      for event, *before in (("acknowledge",), ("investigate", "acknowledge"), ("uphold", "acknowledge", "investigate", "decide"),
                             ("close", "acknowledge", "investigate", "decide"))),
    *(Breach(f"5 whoever {event}s a complaint takes a role", "duty.handles-complaint", ("obstacles",), assign("fang", role, "granted"),
             in_turn(*before, handle("fang", event)))
      for event, role, *before in (("acknowledge", "reviewer"), ("investigate", "decider", handle("qian", "acknowledge")),
                                   ("decide", "observer", investigated("complaint")))),
    Breach("5 a complaint is upheld as if it were an appeal", "cases.not-an-appeal", ("_require_appeal",), handle("qian", "uphold"),
           investigated("complaint", "decide")),
    *(Breach(f"another case for an appeal that was {state}", "cases.appeal-not-upheld", ("_upheld",), reopen(), before)
      for state, before in (("received", in_turn()), ("investigated", investigated("appeal")), ("decided", investigated("appeal", "decide")),
                            ("not upheld", investigated("appeal", "decide", "close")))),
    *(Breach(f"9 {role} joins a team whose work is complete, {stage}", "cases.team-frozen", ("obstacles",), assign("fang", role, stage))
      for role, stage in (("evaluator", "evaluation_complete"), ("technical_expert", "in_review"), ("lead_evaluator", "review_passed"),
                          ("evaluator", "granted"), ("technical_expert", "refused"))),
    *(Breach(f"9 {who} leaves a team whose work is complete, {stage}", "cases.team-frozen", ("_stands",), release(who, stage))
      for who, stage in (("wu", "evaluation_complete"), ("lin", "in_review"), ("wu", "review_passed"), ("lin", "granted"), ("wu", "refused"))),
    *(Breach(f"team {name}", "cases.not-yours", ("require_on",), act, kept="duty.not-in-team") for name, act in (
        ("the reviewer sets a basis", basis("he")), ("the decider judges", judge("zhao")), ("a stranger notes", note("zheng")),
        ("the reviewer raises a finding", find("he")))),
)


def named(breach: Breach) -> str:
    return breach.rule


on_sqlite = pytest.mark.parametrize("world", ["sqlite", pytest.param("postgresql", marks=pytest.mark.full)], indirect=True)


@on_sqlite
@pytest.mark.parametrize("breach", BREACHES, ids=named)
def test_the_service_refuses(world: World, breach: Breach) -> None:
    breach.before(world)
    before = dump(world.store)
    with refusing(breach.code):
        breach.act(world)
    assert dump(world.store) == before


def around_the_service() -> Iterator[Any]:
    """Every breach on SQLite; on PostgreSQL the first that a guard refuses, and the others in the long run."""
    seen: set[str] = set()
    for breach in BREACHES:
        said = breach.kept or breach.code
        yield pytest.param("sqlite", breach, id=f"sqlite-{breach.rule}")
        yield pytest.param("postgresql", breach, id=f"postgresql-{breach.rule}", marks=[pytest.mark.full] if said in seen else [])
        seen.add(said)


@pytest.mark.parametrize(("world", "breach"), list(around_the_service()), indirect=["world"])
def test_the_database_refuses_without_the_service(world: World, breach: Breach, monkeypatch: pytest.MonkeyPatch) -> None:
    breach.before(world)
    before = dump(world.store)
    unchecked(monkeypatch, breach.checks)
    with pytest.raises(ProblemsError) as caught:
        breach.act(world)
    [problem] = caught.value.problems
    assert problem.code in (breach.kept or breach.code).split("|")
    assert dump(world.store) == before


@on_sqlite
@pytest.mark.parametrize("breach", BREACHES, ids=named)
def test_the_service_refuses_without_the_database(world: World, breach: Breach, monkeypatch: pytest.MonkeyPatch) -> None:
    breach.before(world)
    drop_all_triggers(world.store)
    with refusing(breach.code):
        breach.act(world)
    unchecked(monkeypatch, breach.checks)
    breach.act(world)                         # with neither it goes through: it was a breach that was refused


@on_sqlite
def test_an_appeal_leads_to_one_case(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Upheld, it opens one case; the database keeps that too."""
    investigated("appeal", "decide", "uphold")(world)
    again = reopen()(world)
    with world.store.engine.connect().execution_options(zerofactory_write=True) as connection, connection.begin(), \
            unguarded(connection, "case_file"):                       # it comes to an end as well
        connection.exec_driver_sql(f"UPDATE case_file SET state = 'refused' WHERE number = '{again}'")
    with refusing("cases.appeal-not-upheld"):
        reopen()(world)
    monkeypatch.setattr(surveying, "_upheld", any_appeal)
    with refusing("store.taken"):
        reopen()(world)


@on_sqlite
@pytest.mark.parametrize(("stage", "who"), [("in_review", "he"), ("review_passed", "zhao"), ("granted", "zhao")])
def test_reviewers_and_decision_makers_come_and_go(world: World, stage: str, who: str) -> None:
    release(who, stage)(world)
    assign("fang", "reviewer" if who == "he" else "decider", stage)(world)


@on_sqlite
def test_a_case_that_is_sent_back_may_have_another_team(world: World) -> None:
    release("wu", "sent_back")(world)
    assign("fang", "evaluator", "sent_back")(world)


@on_sqlite
def test_each_step_of_a_complaint_names_who_took_it(world: World) -> None:
    """Two handlers share the work; the decision is that of whoever made it."""
    for who, event in (("qian", "acknowledge"), ("fang", "investigate"), ("fang", "decide"), ("qian", "uphold")):
        handle(who, event, "appeal")(world)
    row, _, steps, part = complaints.one(world.store, world.actor("qian"), world.names["appeal_number"])
    assert [(step.state, step.by_person) for step, _ in steps] == [
        (state, world.names[who]) for state, who in (("acknowledged", "qian"), ("investigating", "fang"), ("decided", "fang"), ("upheld", "qian"))]
    assert (row.decided_by, part) == (world.names["fang"], False)
    assert complaints.one(world.store, world.actor("ou"), world.names["appeal_number"])[3] is False
    around(world, "fang", "observer", "refused")
    assert complaints.one(world.store, world.actor("fang"), world.names["appeal_number"])[3] is True


def test_a_statement_is_not_signed_over_a_link(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rule 3: what came to be between the role and the statement."""
    who = world.actor("lin")
    link("lin")(world)
    with refusing("duty.linked"):
        planning.sign_statement(world.store, who, world.cases["planned"])
    monkeypatch.setattr(fitness, "obstacles", nothing)
    planning.sign_statement(world.store, who, world.cases["planned"])
    with refusing("duty.linked"):                                    # signed all the same, it is no role
        planning.save_plan(world.store, who, world.cases["planned"], PLAN, world.version("planned"))


def test_a_link_counts_by_the_look_back_of_the_role(world: World) -> None:
    link("fang", 740)(world)
    assign("fang", "reviewer")(world)
    link("zheng", 720)(world)
    with refusing("duty.linked"):
        assign("zheng", "evaluator")(world)
    link("zhao", 740)(world)
    decide("zhao")(world)
    link("he", 720)(world)
    with refusing("duty.linked"):
        review("he")(world)


@pytest.mark.parametrize("who", ["lin", "he"])
def test_nobody_on_a_case_becomes_a_member_of_its_applicant(world: World, who: str) -> None:
    """Rule 6, the other way round: the database keeps it whoever lets him in; let in around it, he acts no more."""
    with refusing("duty.member"):
        join(who)(world)
    drop_all_triggers(world.store)
    join(who)(world)
    with refusing("duty.member"):
        (basis("lin") if who == "lin" else review("he"))(world)


@pytest.mark.parametrize(("tie", "code"), [(link("fang"), "duty.linked"), (join("fang"), "duty.member")], ids=["linked", "member"])
def test_whoever_is_tied_to_the_applicant_plans_nothing_of_its(world: World, tie: Act, code: str) -> None:
    """Rules 3 and 6: taking on, declining, giving roles, taking them, planning a surveillance, following up."""
    tie(world)
    who, store, cases, names = world.actor("fang"), world.store, world.cases, world.names
    held = [h.id for h in _people(world, "planned") if h.person_id == names["wu"]]
    for act in (lambda: applications.accept(store, who, world.applications["submitted"], terms(world.cast)),
                lambda: applications.answer(store, who, world.applications["submitted"], "decline", "no"),
                lambda: planning.assign(store, who, cases["planned"], names["zheng"], "evaluator"),
                lambda: planning.release(store, who, cases["planned"], held[0], "left"),
                lambda: surveying.schedule(store, who, cases["granted"], names["certificate"], world.today(9)),
                lambda: surveying.reopen(store, who, cases["refused"], "appeal", "because")):
        with refusing(code):
            act()


def _people(world: World, stage: str) -> list[planning.Held]:
    with world.store.read() as session:
        return planning.people(session, world.case(stage))


def test_a_role_that_ended_at_the_body_is_none_on_its_cases(world: World) -> None:
    """He still looks at cases as an observer, and decides nothing."""
    given = roles.grant(world.store, world.actor("anna"), world.names["zhao"], "observer")
    roles.confirm(world.store, world.actor("bo"), given)
    with world.store.change(world.actor("anna")) as change_:
        change_.session.execute(sa.update(BodyRole).where(BodyRole.person_id == world.names["zhao"], BodyRole.role == "decider")
                                .values(ended_at=change_.now))
    with refusing("cases.not-yours"):
        decide("zhao")(world)


def test_a_closed_account_finds_nothing(world: World) -> None:
    who = world.actor("zhao")
    people.set_active(world.store, world.actor("anna"), world.names["zhao"], False, "left")
    with refusing("cases.not-found"):
        deciding.decide(world.store, who, world.cases["review_passed"], "refuse", "because")


def test_strict_bodies_plan_strict_cases(world: World) -> None:
    world.restrict(strict_duties=True)
    number = life.accept(world.cast, world.applications["submitted"])
    assert world.case(number).two_persons
    with refusing("duty.role-missing", "duty.strict"):
        planning.assign(world.store, world.actor("he"), number, world.names["he"], "decider")
