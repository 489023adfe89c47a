"""Anybody does anything to any case in any order: what is refused changes nothing, what is accepted keeps every duty.

Each run begins with a case at every stage. Whoever is drawn is half the time one whose act it is, so that cases move.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from tests.web.cases.cases_world import Remembering, Template, World, applied, copy_of, dossier, dump, terms

from zerofactory_engine.problems import ProblemsError
from zerofactory_web.accounts import links
from zerofactory_web.cases import (
    applications,
    complaints,
    deciding,
    dossiers,
    evaluating,
    findings,
    planning,
    reviewing,
    surveying,
)
from zerofactory_web.cases.deciding import Wording
from zerofactory_web.cases.evaluating import Answer
from zerofactory_web.cases.model import (
    CASE_ROLES,
    Application,
    Case,
    CaseRole,
    Clarification,
    Complaint,
    Decision,
    Finding,
    Surveillance,
)
from zerofactory_web.cases.model_after import ComplaintStep, Reopening
from zerofactory_web.cases.states import FROZEN, MACHINES, TEAM
from zerofactory_web.register.model import Certificate
from zerofactory_web.store import audit
from zerofactory_web.store.unit import PUBLIC, Actor

EVERYBODY = ("anna", "lin", "wu", "he", "zhao", "qian", "ou", "qingyan", "haiyu", "fang", "xu", "zheng", "public")
#: Codes that say that the database stumbled over something that the service let through.
CLUMSY = {"store.taken", "store.unavailable", "store.busy", "duty.not-in-team", "duty.not-reviewer", "duty.not-decider", "cases.pack-frozen",
          "register.serial-twice", "register.not-granted", "register.not-decided"}
#: Kinds of things with a machine, and how their rows are known.
WITH_STATES: Mapping[str, Any] = {"application": Application, "case": Case, "finding": Finding, "surveillance": Surveillance,
                                  "complaint": Complaint, "certificate": Certificate}
#: Act → whose it is, and the states of a case in which it is done.
RIGHT: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "role": (("he",), ("planned", "in_evaluation", "review_passed")), "sign": (("lin", "wu", "he", "zhao"), ("planned",)),
    "plan": (("lin",), ("planned",)), "start": (("lin",), ("planned",)), "release": (("he",), ("planned", "in_evaluation")),
    "link": (("wu", "fang", "zheng"), ("planned",)),
    **dict.fromkeys(("basis", "accept", "judge", "evaluate", "note"), (("lin", "lin", "wu"), ("in_evaluation",))),
    "complete": (("lin",), ("in_evaluation",)), "raise": (("lin", "wu"), ("in_evaluation", "findings_open")),
    "answers": (("qingyan",), ("findings_open", "corrective_action")), "checks": (("lin", "wu"), ("findings_open", "corrective_action", "granted")),
    "ask": (("lin", "he"), ("in_evaluation",)), "reply": (("qingyan",), ("in_evaluation",)),
    "hand": (("lin", "qingyan"), ("findings_open", "corrective_action", "in_evaluation")), "take": (("he",), ("evaluation_complete",)),
    "resume": (("lin",), ("sent_back",)), "review": (("he",), ("in_review",)), "decide": (("zhao",), ("review_passed",)),
    "schedule": (("he",), ("granted",)), "report": (("lin", "wu"), ("granted",)), "conclude": (("zhao",), ("granted",)),
    "change": (("zhao",), ("granted",)), "reopen": (("he",), ("granted", "refused")), "appeal": (("qingyan",), ("granted", "refused"))}
VARIANTS = (("MWh: 200,", "MWh: 200,"), ("MWh: 200,", "MWh: 210,"), ("MWh: 1000,", "MWh: 1100,"), ("2025-12-31, time_zone", "2025-11-30, time_zone"))


class Alike(Remembering):
    """Evaluates once for each dossier with what was judged, whoever judged it on whatever day."""

    def key(self, order: Mapping[str, Any]) -> str:
        """The order without names, days and grounds."""
        if not order.get("judgements"):
            return super().key(order)
        tree = json.loads(order["judgements"])
        told = [sorted((k, repr(v)) for k, v in each.items() if k not in ("by", "on", "because", "evidence"))
                for part in ("judgements", "basis", "rejected_documents") for each in tree[part]]
        return super().key({**order, "judgements": repr(told)})


class Life(RuleBasedStateMachine):
    """The whole workflow."""

    template: ClassVar[Template]
    folder: ClassVar[Path]

    def __init__(self) -> None:
        super().__init__()
        self.world: World = copy_of(self.template, self.folder)
        self.store = self.world.store
        sa.event.listen(self.store.engine, "connect", lambda c, _: c.execute("PRAGMA synchronous=OFF"))
        self.numbers = list(self.world.cases.values())
        self.asked = list(self.world.applications.values())
        self.rows = dump(self.store)
        self.seen, self.checked = self.states(), 0
        self.chain()

    def teardown(self) -> None:
        with self.store.read() as session:
            assert list(audit.faults(session)) == []
        self.store.close()

    # --- acting and looking ------------------------------------------------------------------------------------------

    def who(self, data: st.DataObject, *right: str) -> Actor:
        name = data.draw(st.sampled_from((*right * (24 // len(right)), *EVERYBODY)), label="who")
        return PUBLIC if name == "public" else self.world.actor(name)

    def drawn(self, data: st.DataObject, *acts: str) -> tuple[str, str, Actor]:
        """An act, a case and a person; mostly such as go together."""
        act = data.draw(st.sampled_from(acts), label="act")
        people, states = RIGHT[act]
        with self.store.read() as session:
            fit = sorted(session.scalars(sa.select(Case.number).where(Case.state.in_(states))))
        number = data.draw(st.sampled_from(fit * 4 + self.numbers), label="case")
        return act, number, self.who(data, *people)

    def of(self, data: st.DataObject, kind: Any, number: str) -> str:
        """A row of the case, or of any case."""
        with self.store.read() as session:
            case = session.scalars(sa.select(Case.id).where(Case.number == number)).one()
            rows = session.execute(sa.select(kind.id, kind.case_id, kind.created_at)).all()
        rows = sorted(rows, key=lambda r: (self.place(r[0]), r[2]))
        mine, every = [r[0] for r in rows if r[1] == case], [r[0] for r in rows]
        found: str = data.draw(st.sampled_from(mine * 3 + every[:3] + ["nothing"]))
        return found

    def place(self, ident: str) -> str:
        """Ids are random; how they are known is not, nor when they were made."""
        return next((k for k, v in self.world.names.items() if v == ident), "")

    def attempt(self, act: Callable[[], object]) -> None:
        """Do it, or be refused."""
        try:
            act()
        except ProblemsError as error:
            codes = {p.code for p in error.problems}
            assert not codes & CLUMSY, codes
            assert dump(self.store) == self.rows, "what was refused changed something"
            return
        rows = dump(self.store)
        assert rows == self.rows or len(rows["audit"]) > len(self.rows["audit"]), "an act without a word in the log"
        self.rows = rows

    def states(self) -> dict[str, dict[str, str]]:
        with self.store.read() as session:
            return {name: {row[0]: row[1] for row in session.execute(
                sa.select(kind.id, kind.status if kind is Certificate else kind.state))} for name, kind in WITH_STATES.items()}

    def chain(self) -> None:
        """The audit log goes on where it was."""
        with self.store.read() as session:
            rows = list(audit.rows(session, start=max(self.checked, 1)))
            for before, after in pairwise(rows):
                assert (after.seq, after.previous) == (before.seq + 1, before.hash)
            assert all(r.hash == audit.hash_of(r.content()) for r in rows)
            self.checked = rows[-1].seq

    # --- what always holds -------------------------------------------------------------------------------------------

    @invariant()
    def states_change_along_their_machines(self) -> None:
        now = self.states()
        for name, rows in now.items():
            steps = {(before, step.to) for (before, _), step in MACHINES[name].steps.items()}
            for ident, state in rows.items():
                before = self.seen[name].get(ident, MACHINES[name].initial)
                # an act may take two steps of a certificate's or an application's life, but none outside of it
                assert state == before or (before, state) in steps, (name, before, state)
            assert set(self.seen[name]) <= set(rows), "something is gone"
        self.seen = now

    @invariant()
    def nobody_evaluates_and_decides(self) -> None:
        with self.store.read() as session:
            held: dict[tuple[str, str], set[str]] = {}
            for case, person, role in session.execute(sa.select(CaseRole.case_id, CaseRole.person_id, CaseRole.role)):
                held.setdefault((case, person), set()).add(role)
            for roles in held.values():
                assert not (roles & set(TEAM) and roles & {"reviewer", "decider"})
            for case, person in session.execute(sa.select(Decision.case_id, Decision.by_person)):
                assert "decider" in held[case, person]

    @invariant()
    def what_is_frozen_stands(self) -> None:
        with self.store.read() as session:
            now = {c.id: (c.state, c.frozen_bundle, c.frozen_assessment, c.pack_sha256, c.levels) for c in session.scalars(sa.select(Case))}
        for ident, (state, *rest) in getattr(self, "frozen", {}).items():
            if state in FROZEN and now[ident][0] in FROZEN:
                assert list(now[ident][1:]) == rest
        self.frozen = now

    @invariant()
    def certificates_come_from_grants(self) -> None:
        with self.store.read() as session:
            in_force: set[str] = set()
            for row, case, decision in session.execute(
                    sa.select(Certificate, Case, Decision).join(Case, Case.id == Certificate.case_id)
                    .join(Decision, Decision.id == Certificate.decision_id)):
                assert (case.state, decision.kind, case.outcome_kind) == ("granted", "grant", "certification")
                assert row.bundle == case.frozen_bundle == decision.bundle
                if row.status in ("active", "suspended"):
                    assert case.application_id not in in_force, "two certificates of one application"
                    in_force.add(case.application_id)
            majors = session.scalars(sa.select(Finding.id).join(Case, Case.id == Finding.case_id).where(
                Case.state == "granted", Finding.kind == "major", Finding.state != "closed")).all()
            assert not majors

    @invariant()
    def complaints_are_handled_by_others(self) -> None:
        with self.store.read() as session:
            held = {(case, person): since for case, person, since in session.execute(
                sa.select(CaseRole.case_id, CaseRole.person_id, sa.func.min(CaseRole.created_at)).group_by(CaseRole.case_id, CaseRole.person_id))}
            taken: dict[str, set[str]] = {}
            for step, complaint in session.execute(sa.select(ComplaintStep, Complaint).join(Complaint, Complaint.id == ComplaintStep.complaint_id)):
                taken.setdefault(complaint.id, set()).add(step.state)
                if complaint.case_id and (complaint.case_id, step.by_person) in held:
                    assert complaint.state in ("closed", "upheld"), "somebody with a part in it handles it"
                    assert step.created_at <= held[complaint.case_id, step.by_person], "somebody with a part in it handled it"
                if step.state == "decided":
                    assert complaint.decided_by == step.by_person
            for complaint in session.scalars(sa.select(Complaint).where(Complaint.state != "received")):
                assert complaint.state in taken[complaint.id]

    @invariant()
    def cases_follow_for_a_reason(self) -> None:
        with self.store.read() as session:
            told = {r.case_id: r for r in session.scalars(sa.select(Reopening))}
            for case in session.scalars(sa.select(Case).where(Case.follows.is_not(None))):
                assert told[case.id].follows == case.follows
            for each in told.values():
                upheld = session.get_one(Complaint, each.complaint_id) if each.why == "appeal" else None
                assert upheld is None or (upheld.state, upheld.case_id) == ("upheld", each.follows)
                assert upheld is None or upheld.appeal is not None

    @invariant()
    def teams_of_complete_evaluations_stand(self) -> None:
        with self.store.read() as session:
            frozen = set(session.scalars(sa.select(Case.id).where(Case.state.in_(FROZEN))))
            now: dict[str, set[str]] = {case: set() for case in frozen}
            for case, ident in session.execute(sa.select(CaseRole.case_id, CaseRole.id).where(
                    CaseRole.role.in_(TEAM), CaseRole.ended_at.is_(None), CaseRole.case_id.in_(frozen))):
                now[case].add(ident)
        for case, team in getattr(self, "teams", {}).items():
            assert now.get(case, team) == team
        self.teams = now

    @invariant()
    def the_log_holds(self) -> None:
        self.chain()

    # --- acts --------------------------------------------------------------------------------------------------------

    @rule(data=st.data())
    def applying(self, data: st.DataObject) -> None:
        number, who = data.draw(st.sampled_from(self.asked)), self.who(data, "qingyan", "he")
        acts: dict[str, Callable[[], object]] = {
            "submit": lambda: applications.submit(self.store, who, number),
            "withdraw": lambda: applications.withdraw(self.store, who, number),
            "save": lambda: applications.save(self.store, who, number, {"facility_en": "Plant 2"}, data.draw(st.integers(1, 4))),
            "return": lambda: applications.answer(self.store, who, number, "return", "incomplete"),
            "decline": lambda: applications.answer(self.store, who, number, "decline", "out of scope"),
            "accept": lambda: self.numbers.append(applications.accept(self.store, who, number, terms(self.world.cast)))}
        self.attempt(acts[data.draw(st.sampled_from(sorted(acts)))])

    @rule(data=st.data())
    def another_application(self, data: st.DataObject) -> None:
        if len(self.asked) < 22:
            self.asked.append(applied(self.world.cast, data.draw(st.sampled_from([60, 61, 14])), submit=data.draw(st.booleans())))
            self.rows = dump(self.store)
            self.seen["application"] |= self.states()["application"]      # begun and submitted at once

    @rule(data=st.data())
    def submitting_a_dossier(self, data: st.DataObject) -> None:
        number, who = data.draw(st.sampled_from(self.asked)), self.who(data, "qingyan")
        given = dossier(data.draw(st.sampled_from([11, 14, 70])), data.draw(st.sampled_from(VARIANTS)))
        reading = dossiers.read(self.store, "dossier.yaml", BytesIO(given))
        self.attempt(lambda: dossiers.add(self.store, who, number, reading, reason=data.draw(st.sampled_from(["", "late invoice"])),
                                          found_by=data.draw(st.sampled_from(["applicant", "evaluator", "nobody"]))))

    @rule(data=st.data())
    def giving_a_role(self, data: st.DataObject) -> None:
        _, number, who = self.drawn(data, "role")
        person = self.world.names[data.draw(st.sampled_from([n for n in EVERYBODY if n != "public"]))]
        role = data.draw(st.sampled_from(sorted(CASE_ROLES)))
        self.attempt(lambda: planning.assign(self.store, who, number, person, role))

    @rule(data=st.data())
    def planning_it(self, data: st.DataObject) -> None:
        act, number, who = self.drawn(data, "sign", "sign", "sign", "plan", "start", "start", "release", "link")
        plan = {"objectives": "o", "assurance": "limited", "materiality_percent": "5", "audit_days": "1", "remote_percent": "0",
                "visit_on": "", "no_visit_reason": "near", "sampling": "all"}
        acts: dict[str, Callable[[], object]] = {
            "sign": lambda: planning.sign_statement(self.store, who, number),
            "plan": lambda: planning.save_plan(self.store, who, number, plan, self.world.case(number).version),
            "start": lambda: planning.start(self.store, who, number),
            "release": lambda: planning.release(self.store, who, number, self.of(data, CaseRole, number), "he left"),
            "link": lambda: links.declare(self.store, who, self.world.names["org"], kind="other", since=self.world.clock.now.date(),
                                          until=None, text="a cousin")}
        self.attempt(acts[act])

    @rule(data=st.data())
    def evaluating_it(self, data: st.DataObject) -> None:
        act, number, who = self.drawn(data, "basis", "accept", "judge", "evaluate", "evaluate", "note", "complete", "complete")
        answers = [Answer(q, data.draw(st.sampled_from(["conforms", "conforms", "conforms", "major"])), "seen")
                   for q in ("CECA-ADMIN/authorised", "CECA-ADMIN/filed", "CECA-BASIC/conforms")]
        basis = data.draw(st.sampled_from(["sighted", "sighted", "rejected"]))
        acts: dict[str, Callable[[], object]] = {
            "basis": lambda: evaluating.set_basis(self.store, who, number, ["D4" if basis == "rejected" else "electricity/*"], basis, "because"),
            "accept": lambda: evaluating.accept_document(self.store, who, number, "D4"),
            "judge": lambda: evaluating.judge(self.store, who, number, answers),
            "evaluate": lambda: evaluating.evaluate(self.store, who, number),
            "note": lambda: evaluating.note(self.store, who, number, "sample", self.world.today(), "invoices", content={
                "population": "10", "stated": "4", "found": "4"}),
            "complete": lambda: reviewing.complete(self.store, who, number)}
        self.attempt(acts[act])

    @rule(data=st.data())
    def finding(self, data: st.DataObject) -> None:
        act, number, who = self.drawn(data, "raise", "answers", "checks", "checks", "ask", "reply", "hand", "hand")
        event = data.draw(st.sampled_from({"answers": ["answer", "show"], "checks": ["accept_plan", "verify", "reject", "verify"]}.get(act, ["invent"])))
        acts: dict[str, Callable[[], object]] = {
            "raise": lambda: findings.raise_finding(self.store, who, number, data.draw(st.sampled_from(["major", "minor", "observation"])), "7", "x"),
            **dict.fromkeys(("answers", "checks"), lambda: findings.act(
                self.store, who, number, self.of(data, Finding, number), event, text="t", cause="c", correction="k", due=self.world.today(30))),
            "ask": lambda: findings.ask(self.store, who, number, "D1", "where?", self.world.today(1)),
            "reply": lambda: findings.reply(self.store, who, number, self.of(data, Clarification, number), "there"),
            "hand": lambda: findings.hand_over(self.store, who, number, data.draw(st.sampled_from(
                ["open_findings", "correct", "correct", "resume", "resume", "reopen", "start", "complete", "grant", "pass"])), "because")}
        self.attempt(acts[act])

    @rule(data=st.data())
    def reviewing_it(self, data: st.DataObject) -> None:
        act, number, who = self.drawn(data, "take", "resume", "review", "review")
        acts: dict[str, Callable[[], object]] = {
            "take": lambda: reviewing.take_up(self.store, who, number), "resume": lambda: reviewing.resume(self.store, who, number),
            "review": lambda: reviewing.review(self.store, who, number, data.draw(st.sampled_from(["pass", "pass", "send_back", "grant"])), "sound")}
        self.attempt(acts[act])

    @rule(data=st.data())
    def deciding_it(self, data: st.DataObject) -> None:
        _, number, who = self.drawn(data, "decide")
        wording = Wording("service", "", self.world.today(), self.world.today(700), "", "决定人", "Decision maker")
        kind = data.draw(st.sampled_from(["grant", "grant", "refuse", "suspend"]))
        back = data.draw(st.integers(0, 4)) == 0
        self.attempt((lambda: deciding.return_to_review(self.store, who, number, "look again")) if back else (
            lambda: deciding.decide(self.store, who, number, kind, "because", wording)))

    @rule(data=st.data())
    def afterwards(self, data: st.DataObject) -> None:
        act, number, who = self.drawn(data, "schedule", "report", "conclude", "change", "change", "reopen", "reopen")
        event = data.draw(st.sampled_from(["suspend", "reinstate", "withdraw", "terminate", "continue", "done", "expire"]))
        acts: dict[str, Callable[[], object]] = {
            "schedule": lambda: surveying.schedule(self.store, who, number, self.of(data, Certificate, number), self.world.today(300)),
            "report": lambda: surveying.report(self.store, who, number, self.of(data, Surveillance, number), "seen"),
            "conclude": lambda: surveying.conclude(self.store, who, number, self.of(data, Surveillance, number), event, "because"),
            "change": lambda: surveying.change_certificate(self.store, who, number, self.of(data, Certificate, number), event, "because"),
            "reopen": lambda: self.numbers.append(surveying.reopen(self.store, who, number, data.draw(st.sampled_from(
                ["appeal", "extend", "reduce", "other"])), "because"))}
        self.attempt(acts[act])

    @rule(data=st.data())
    def complaining(self, data: st.DataObject) -> None:
        _, number, who = self.drawn(data, "appeal")
        who = who if data.draw(st.booleans()) else self.who(data, "qian", "fang")
        which = self.world.names[data.draw(st.sampled_from(["complaint_number", "appeal_number"]))]
        event = data.draw(st.sampled_from(["acknowledge", "investigate", "decide", "close", "uphold", "forget"]))
        acts: dict[str, Callable[[], object]] = {
            "receive": lambda: complaints.receive(self.store, who, "loud", "a neighbour", certificate=data.draw(st.sampled_from(["", "ZC-2026-00001", "ZC-1"]))),
            "appeal": lambda: complaints.appeal(self.store, who, number, self.of(data, Decision, number), "no"),
            "act": lambda: complaints.act(self.store, who, which, event, "so it is")}
        self.attempt(acts[data.draw(st.sampled_from(["receive", "appeal", "act", "act", "act"]))])


def lives(templates: Callable[[str], Template], folder: Path, monkeypatch: pytest.MonkeyPatch, *, examples: int, steps: int,
          derandomize: bool, phases: Sequence[Phase]) -> None:
    monkeypatch.setattr(dossiers, "GUARD", Alike())
    Life.template, Life.folder = templates("sqlite"), folder
    run_state_machine_as_test(Life, settings=settings(
        max_examples=examples, stateful_step_count=steps, deadline=None, database=None, derandomize=derandomize, phases=phases,
        suppress_health_check=list(HealthCheck)))


def test_no_path_breaks_a_duty(templates: Callable[[str], Template], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lives(templates, tmp_path, monkeypatch, examples=8, steps=40, derandomize=True, phases=(Phase.generate,))


@pytest.mark.full
def test_no_long_path_breaks_a_duty(templates: Callable[[str], Template], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lives(templates, tmp_path, monkeypatch, examples=60, steps=80, derandomize=False, phases=(Phase.generate, Phase.shrink))
