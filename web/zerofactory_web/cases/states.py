"""What may happen to an application, a case, a certificate, a complaint: tables of (state, event) → (state, roles).

A refused event changes nothing. ``roles`` are roles on the case (or at the body where there is no case yet); the word
``applicant`` is a member of the applicant's organisation. Guards are named here and checked in the service; what may
never happen, the database refuses too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

APPLICANT = "applicant"
TEAM = ("lead_evaluator", "evaluator", "technical_expert")


@dataclass(frozen=True, slots=True)
class Step:
    """Where an event leads, who may cause it, and the guards that have to hold."""

    to: str
    roles: tuple[str, ...]
    guards: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Machine:
    """States of one kind of thing. *steps*: (state, event) → step; *initial*: the state in which it is made."""

    name: str
    initial: str
    steps: Mapping[tuple[str, str], Step]

    @property
    def states(self) -> tuple[str, ...]:
        """All states, the initial one first."""
        return tuple(dict.fromkeys((self.initial, *(s for s, _ in self.steps), *(s.to for s in self.steps.values()))))

    def step(self, state: str, event: str) -> Step | None:
        """Where *event* leads from *state*; None when it may not happen there."""
        return self.steps.get((state, event))

    def events(self, state: str) -> tuple[str, ...]:
        """Events that may happen in *state*."""
        return tuple(event for (of, event) in self.steps if of == state)


APPLICATION = Machine("application", "draft", {
    ("draft", "submit"): Step("submitted", (APPLICANT,), ("has_dossier",)),
    ("returned", "submit"): Step("submitted", (APPLICANT,), ("has_dossier",)),
    ("submitted", "return"): Step("returned", ("evaluator", "reviewer"), ("reason",)),
    ("submitted", "accept"): Step("accepted", ("evaluator", "reviewer"), ("competence", "impartiality", "scope")),
    ("submitted", "decline"): Step("declined", ("evaluator", "reviewer"), ("reason",)),
    ("draft", "withdraw"): Step("withdrawn", (APPLICANT,)),
    ("submitted", "withdraw"): Step("withdrawn", (APPLICANT,)),
    ("returned", "withdraw"): Step("withdrawn", (APPLICANT,)),
})

CASE = Machine("case", "planned", {
    ("planned", "start"): Step("in_evaluation", ("lead_evaluator",), ("team", "plan", "pack_frozen", "statements")),
    ("in_evaluation", "open_findings"): Step("findings_open", ("lead_evaluator",), ("has_findings",)),
    ("findings_open", "correct"): Step("corrective_action", (APPLICANT,), ("answers",)),
    ("corrective_action", "reopen"): Step("findings_open", ("lead_evaluator", "evaluator"), ("reason",)),
    ("corrective_action", "resume"): Step("in_evaluation", ("lead_evaluator",)),
    ("findings_open", "resume"): Step("in_evaluation", ("lead_evaluator",), ("reason",)),
    ("in_evaluation", "complete"): Step("evaluation_complete", ("lead_evaluator",), ("evaluated", "frozen")),
    ("evaluation_complete", "take_up"): Step("in_review", ("reviewer",)),
    ("in_review", "pass"): Step("review_passed", ("reviewer",), ("review_written",)),
    ("in_review", "send_back"): Step("sent_back", ("reviewer",), ("review_written",)),
    ("sent_back", "resume"): Step("in_evaluation", ("lead_evaluator",)),
    ("review_passed", "grant"): Step("granted", ("decider",), ("criteria_met", "majors_closed", "minors_planned")),
    ("review_passed", "refuse"): Step("refused", ("decider",), ("reason",)),
    ("review_passed", "return_to_review"): Step("in_review", ("decider",), ("reason",)),
})

CERTIFICATE = Machine("certificate", "active", {
    ("active", "suspend"): Step("suspended", ("decider",), ("reason",)),
    ("suspended", "reinstate"): Step("active", ("decider",), ("reason",)),
    ("active", "reduce"): Step("superseded", ("decider",), ("reason",)),
    ("active", "extend"): Step("superseded", ("decider",), ("reason",)),
    ("active", "reissue"): Step("superseded", ("decider",), ("reason",)),
    ("active", "withdraw"): Step("withdrawn", ("decider",), ("reason",)),
    ("suspended", "withdraw"): Step("withdrawn", ("decider",), ("reason",)),
    ("active", "terminate"): Step("terminated", ("decider",), ("request",)),
    ("suspended", "terminate"): Step("terminated", ("decider",), ("request",)),
    ("active", "expire"): Step("expired", ("system",)),
    ("suspended", "expire"): Step("expired", ("system",)),
})

SURVEILLANCE = Machine("surveillance", "scheduled", {
    ("scheduled", "done"): Step("done", ("lead_evaluator", "evaluator"), ("report",)),
    ("done", "continue"): Step("continued", ("decider",)),
    ("done", "suspend"): Step("suspended", ("decider",), ("reason",)),
    ("done", "withdraw"): Step("withdrawn", ("decider",), ("reason",)),
})

COMPLAINT = Machine("complaint", "received", {
    ("received", "acknowledge"): Step("acknowledged", ("complaints_handler",)),
    ("acknowledged", "investigate"): Step("investigating", ("complaints_handler",)),
    ("investigating", "decide"): Step("decided", ("complaints_handler",), ("reason", "no_part_in_it")),
    ("decided", "close"): Step("closed", ("complaints_handler",)),
    ("decided", "uphold"): Step("upheld", ("complaints_handler",), ("reason", "no_part_in_it")),
})

FINDING = Machine("finding", "open", {
    ("open", "answer"): Step("answered", (APPLICANT,), ("cause", "correction")),
    ("answered", "accept_plan"): Step("planned", TEAM[:2], ("due",)),
    ("answered", "reject"): Step("open", TEAM[:2], ("reason",)),
    ("planned", "show"): Step("shown", (APPLICANT,), ("evidence",)),
    ("answered", "verify"): Step("closed", TEAM[:2], ("evidence",)),
    ("shown", "verify"): Step("closed", TEAM[:2]),
    ("shown", "reject"): Step("planned", TEAM[:2], ("reason",)),
})

MACHINES = {m.name: m for m in (APPLICATION, CASE, CERTIFICATE, SURVEILLANCE, COMPLAINT, FINDING)}
#: States of a case from which on its evidence, judgements and pack stand still (rule 9).
FROZEN = ("evaluation_complete", "in_review", "review_passed", "granted", "refused")
