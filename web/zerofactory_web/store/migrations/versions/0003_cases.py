"""Certification: applications, dossiers, cases, findings, reviews, decisions; who may never do what on them.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa

from zerofactory_web.store.migrations.columns import (
    DAY,
    HASH,
    ID,
    TEXT,
    TIME,
    changed,
    column,
    indexes,
    one_of,
    points,
    reset,
    table,
    unique,
)
from zerofactory_web.store.migrations.guards import LIVE, refuse, refuse_changes

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TEAM = "('lead_evaluator', 'evaluator', 'technical_expert')"
_FROZEN = "('evaluation_complete', 'in_review', 'review_passed', 'granted', 'refused')"
_CASE_STATES = ("planned", "in_evaluation", "findings_open", "corrective_action", "evaluation_complete", "in_review",
                "review_passed", "sent_back", "granted", "refused")
#: What a case may become from what it is.
_CASE_STEPS = (
    ("planned", "in_evaluation"), ("in_evaluation", "findings_open"), ("findings_open", "corrective_action"),
    ("corrective_action", "findings_open"), ("corrective_action", "in_evaluation"),
    ("findings_open", "in_evaluation"), ("in_evaluation", "evaluation_complete"),
    ("evaluation_complete", "in_review"), ("in_review", "review_passed"), ("in_review", "sent_back"),
    ("sent_back", "in_evaluation"), ("review_passed", "granted"), ("review_passed", "refused"),
    ("review_passed", "in_review"))
_APPLICATION_STEPS = (
    ("draft", "submitted"), ("returned", "submitted"), ("submitted", "returned"), ("submitted", "accepted"),
    ("submitted", "declined"), ("draft", "withdrawn"), ("submitted", "withdrawn"), ("returned", "withdrawn"))
_FINDING_STEPS = (("open", "answered"), ("answered", "planned"), ("answered", "open"), ("planned", "shown"),
                  ("answered", "closed"), ("shown", "closed"), ("shown", "planned"))
_SURVEILLANCE_STEPS = (("scheduled", "done"), ("done", "continued"), ("done", "suspended"), ("done", "withdrawn"))
_COMPLAINT_STEPS = (("received", "acknowledged"), ("acknowledged", "investigating"), ("investigating", "decided"),
                    ("decided", "closed"), ("decided", "upheld"))


def upgrade() -> None:
    """Make the tables, then their guards."""
    _applications()
    _cases()
    _work()
    _outcomes()
    indexes(("application", "organisation_id"), ("application", "state"), ("dossier_version", "application_id"),
            ("case_file", "application_id"), ("case_file", "organisation_id"), ("case_file", "state"),
            ("case_role", "case_id"), ("case_role", "person_id"), ("evidence_basis", "case_id"),
            ("evidence_basis", "subject"), ("judgement", "case_id"), ("judgement", "question"),
            ("evaluation", "case_id"), ("finding", "case_id"), ("field_note", "case_id"), ("clarification", "case_id"),
            ("review", "case_id"), ("decision", "case_id"), ("surveillance", "case_id"),
            ("surveillance", "certificate_id"), ("complaint", "case_id"))
    _guard_people()
    _guard_states()
    _guard_acts()
    _guard_history()


def _applications() -> None:
    t = "application"
    table(t, column("number", sa.String(30)), column("organisation_id", ID), column("state", sa.String(20)),
          column("facility_zh", sa.String(200)), column("facility_en", sa.String(200)),
          column("sector", sa.String(10)), column("pack", sa.String(120)), column("level", sa.String(40)),
          column("scope_zh", TEXT), column("scope_en", TEXT), column("not_covered_zh", TEXT),
          column("not_covered_en", TEXT), column("draft", HASH, empty=True), column("checks", TEXT),
          column("made_by", ID), column("submitted_at", TIME, empty=True), column("answer", TEXT),
          one_of(t, "state", "draft", "returned", "submitted", "accepted", "declined", "withdrawn"),
          unique(t, "number"), points(t, "organisation_id", "organisation"), points(t, "made_by", "person"))
    t = "dossier_version"
    table(t, column("application_id", ID), column("number", sa.Integer), column("file_name", sa.String(200)),
          column("document", HASH), column("canonical_sha256", HASH), column("submitted_by", ID),
          column("found_by", sa.String(20)), column("reason", TEXT), column("summary", TEXT),
          column("problems", TEXT), column("difference", TEXT), one_of(t, "found_by", "applicant", "evaluator"),
          unique(t, "application_id", "number"), points(t, "application_id", "application"),
          points(t, "submitted_by", "person"))


def _cases() -> None:
    t = "case_file"
    table(t, column("number", sa.String(30)), column("application_id", ID), column("organisation_id", ID),
          column("sector", sa.String(10)), column("state", sa.String(20)), column("pack", sa.String(120)),
          column("outcome_kind", sa.String(20)), column("pack_sha256", HASH), column("readings", TEXT),
          column("levels", TEXT), column("valid_on", DAY), column("two_persons", sa.Boolean),
          column("follows", ID, empty=True), column("plan", TEXT), column("frozen_bundle", HASH, empty=True),
          column("frozen_assessment", sa.String(80), empty=True), column("frozen_at", TIME, empty=True),
          one_of(t, "state", *_CASE_STATES), unique(t, "number"), points(t, "application_id", "application"),
          points(t, "organisation_id", "organisation"), points(t, "follows", "case_file"))
    t = "case_role"
    table(t, column("case_id", ID), column("person_id", ID), column("role", sa.String(20)), column("assigned_by", ID),
          column("links_since", DAY), column("statement_at", TIME, empty=True), column("ended_at", TIME, empty=True),
          one_of(t, "role", "lead_evaluator", "evaluator", "technical_expert", "reviewer", "decider", "observer"),
          unique(t, "case_id", "person_id", "role"), points(t, "case_id", "case_file"),
          points(t, "person_id", "person"), points(t, "assigned_by", "person"))


def _work() -> None:
    t = "evidence_basis"
    table(t, column("case_id", ID), column("subject", sa.String(200)), column("basis", sa.String(20)),
          column("by_person", ID), column("note", TEXT),
          one_of(t, "basis", "claimed", "sighted", "cross_checked", "verified_on_site", "rejected"),
          points(t, "case_id", "case_file"), points(t, "by_person", "person"))
    t = "judgement"
    table(t, column("case_id", ID), column("question", sa.String(200)), column("item", sa.String(120)),
          column("subject", sa.String(120)), column("answer", sa.String(20)), column("grounds", TEXT),
          column("evidence", TEXT), column("by_person", ID),
          one_of(t, "answer", "conforms", "observation", "minor", "major", "not_assessed"),
          points(t, "case_id", "case_file"), points(t, "by_person", "person"))
    t = "evaluation"
    table(t, column("case_id", ID), column("number", sa.Integer), column("dossier_version_id", ID),
          column("inputs", HASH), column("bundle", HASH), column("assessment", sa.String(80)),
          column("summary", TEXT), column("by_person", ID), unique(t, "case_id", "number"),
          points(t, "case_id", "case_file"), points(t, "dossier_version_id", "dossier_version"))
    t = "finding"
    table(t, column("case_id", ID), column("kind", sa.String(20)), column("state", sa.String(20)),
          column("clause", sa.String(120)), column("text", TEXT), column("raised_by", ID), column("cause", TEXT),
          column("correction", TEXT), column("due", DAY, empty=True), column("evidence", HASH, empty=True),
          column("evidence_name", sa.String(200)), column("answer", TEXT), column("closed_by", ID, empty=True),
          one_of(t, "kind", "major", "minor", "observation"),
          one_of(t, "state", "open", "answered", "planned", "shown", "closed"), points(t, "case_id", "case_file"),
          points(t, "raised_by", "person"), points(t, "closed_by", "person"))
    t = "field_note"
    table(t, column("case_id", ID), column("kind", sa.String(20)), column("day", DAY), column("text", TEXT),
          column("content", TEXT), column("document", HASH, empty=True), column("document_name", sa.String(200)),
          column("by_person", ID), one_of(t, "kind", "visit", "sample", "interview", "photograph", "document_review"),
          points(t, "case_id", "case_file"), points(t, "by_person", "person"))
    t = "clarification"
    table(t, column("case_id", ID), column("subject", sa.String(200)), column("text", TEXT), column("due", DAY),
          column("asked_by", ID), column("answer", TEXT), column("answered_by", ID, empty=True),
          column("answered_at", TIME, empty=True), column("document", HASH, empty=True),
          column("document_name", sa.String(200)), points(t, "case_id", "case_file"), points(t, "asked_by", "person"),
          points(t, "answered_by", "person"))


def _outcomes() -> None:
    t = "review"
    table(t, column("case_id", ID), column("by_person", ID), column("outcome", sa.String(20)), column("text", TEXT),
          column("bundle", HASH), one_of(t, "outcome", "pass", "send_back"), points(t, "case_id", "case_file"),
          points(t, "by_person", "person"))
    t = "decision"
    table(t, column("case_id", ID), column("kind", sa.String(20)), column("by_person", ID), column("reason", TEXT),
          column("bundle", HASH), column("effective_on", DAY),
          one_of(t, "kind", "grant", "refuse", "suspend", "reinstate", "withdraw", "reduce", "extend", "reissue",
                 "terminate", "continue"),
          points(t, "case_id", "case_file"), points(t, "by_person", "person"))
    t = "surveillance"
    table(t, column("case_id", ID), column("certificate_id", ID), column("state", sa.String(20)), column("due", DAY),
          column("report", TEXT), column("deviation", TEXT), column("document", HASH, empty=True),
          column("document_name", sa.String(200)), column("done_by", ID, empty=True),
          column("decision_id", ID, empty=True),
          one_of(t, "state", "scheduled", "done", "continued", "suspended", "withdrawn"),
          points(t, "case_id", "case_file"), points(t, "done_by", "person"), points(t, "decision_id", "decision"))
    t = "complaint"
    table(t, column("number", sa.String(30)), column("case_id", ID, empty=True), column("appeal", ID, empty=True),
          column("state", sa.String(20)), column("text", TEXT), column("received_from", sa.String(200)),
          column("decided_by", ID, empty=True), column("outcome", TEXT),
          one_of(t, "state", "received", "acknowledged", "investigating", "decided", "closed", "upheld"),
          unique(t, "number"), points(t, "case_id", "case_file"), points(t, "appeal", "decision"),
          points(t, "decided_by", "person"))


def _holds(who: str, case: str, roles: str, *, ever: bool = False) -> str:
    """SQL: *who* holds one of *roles* on *case*: he signed, has the role at the body still, and no link to the
    applicant (*ever*: or held it once)."""
    at_body = ("EXISTS (SELECT 1 FROM body_role b JOIN person p ON p.id = b.person_id WHERE b.person_id = r.person_id "
               "AND (b.role = r.role OR (b.role = 'evaluator' AND r.role = 'lead_evaluator')) "
               "AND b.confirmed_by IS NOT NULL AND b.ended_at IS NULL AND p.active)")
    linked = ("EXISTS (SELECT 1 FROM link l JOIN case_file f ON f.organisation_id = l.organisation_id "
              "WHERE f.id = r.case_id AND l.person_id = r.person_id AND (l.until IS NULL OR l.until >= r.links_since))")
    now = "" if ever else (f" AND r.ended_at IS NULL AND r.statement_at IS NOT NULL AND {at_body} AND NOT {linked}")
    return (f"EXISTS (SELECT 1 FROM case_role r WHERE r.case_id = {case} AND r.person_id = {who} "
            f"AND r.role IN {roles}{now})")


def _case(condition: str, case: str = "NEW.case_id") -> str:
    """SQL: the case has *condition* (over ``c``)."""
    return f"EXISTS (SELECT 1 FROM case_file c WHERE c.id = {case} AND {condition})"


def _guard_people() -> None:
    """Rules 1, 2, 3, 6 and 11: who may take which role on a case."""
    deciding = "('reviewer', 'decider')"
    for name, ours, theirs, code in (("reviewer", deciding, _TEAM, "duty.evaluated-it"),
                                     ("evaluator", _TEAM, deciding, "duty.reviews-it")):
        refuse(f"case_role_{name}", "case_role", "INSERT",
               f"{LIVE} AND NEW.role IN {ours} AND {_holds('NEW.person_id', 'NEW.case_id', theirs, ever=True)}", code)
    refuse("case_role_strict", "case_role", "INSERT",
           f"{LIVE} AND NEW.role IN {deciding} AND {_case('c.two_persons')} "
           "AND EXISTS (SELECT 1 FROM case_role r WHERE "
           f"r.case_id = NEW.case_id AND r.person_id = NEW.person_id AND r.role IN {deciding} AND r.role <> NEW.role)",
           "duty.strict")
    of_case = "= (SELECT c.organisation_id FROM case_file c WHERE c.id = NEW.case_id)"
    refuse("case_role_member", "case_role", "INSERT",
           f"{LIVE} AND EXISTS (SELECT 1 FROM membership m WHERE m.person_id = NEW.person_id AND m.organisation_id "
           f"{of_case} AND (m.ended_at IS NULL OR m.ended_at >= NEW.links_since))", "duty.member")
    refuse("case_role_linked", "case_role", "INSERT",
           f"{LIVE} AND EXISTS (SELECT 1 FROM link l WHERE l.person_id = NEW.person_id AND l.organisation_id {of_case} "
           "AND (l.until IS NULL OR l.until >= NEW.links_since))", "duty.linked")
    held = ("EXISTS (SELECT 1 FROM body_role b JOIN person p ON p.id = b.person_id WHERE b.person_id = NEW.person_id "
            "AND (b.role = NEW.role OR (b.role = 'evaluator' AND NEW.role = 'lead_evaluator')) "
            "AND b.confirmed_by IS NOT NULL AND b.ended_at IS NULL AND p.active)")
    refuse("case_role_missing", "case_role", "INSERT", f"{LIVE} AND NOT {held}", "duty.role-missing")
    competent = ("EXISTS (SELECT 1 FROM competence k, case_file c WHERE c.id = NEW.case_id "
                 "AND k.person_id = NEW.person_id AND k.ended_at IS NULL "
                 "AND k.since <= substr(NEW.created_at, 1, 10) AND substr(NEW.created_at, 1, 10) <= k.until "
                 "AND (k.sector = '*' OR substr(c.sector, 1, length(k.sector)) = k.sector))")
    refuse("case_role_competence", "case_role", "INSERT",
           f"{LIVE} AND NEW.role <> 'observer' AND NOT {competent}", "duty.not-competent")
    refuse("membership_case", "membership", "INSERT",
           f"{LIVE} AND EXISTS (SELECT 1 FROM case_role r JOIN case_file c ON c.id = r.case_id WHERE "
           "r.person_id = NEW.person_id AND c.organisation_id = NEW.organisation_id AND r.ended_at IS NULL)",
           "duty.member")
    refuse("case_role_final", "case_role", "UPDATE",
           f"{changed('id', 'case_id', 'person_id', 'role', 'assigned_by', 'links_since', 'created_at')} "
           f"OR {reset('statement_at', 'ended_at')}", "cases.final")


def _steps(name: str, steps: tuple[tuple[str, str], ...]) -> None:
    allowed = " OR ".join(f"(OLD.state = '{a}' AND NEW.state = '{b}')" for a, b in steps)
    refuse(f"{name}_steps", name, "UPDATE", f"NEW.state <> OLD.state AND NOT ({allowed})", "cases.step")


def _guard_states() -> None:
    """What may follow what; what stands still from when on."""
    for name, steps in (("case_file", _CASE_STEPS), ("application", _APPLICATION_STEPS), ("finding", _FINDING_STEPS),
                        ("surveillance", _SURVEILLANCE_STEPS), ("complaint", _COMPLAINT_STEPS)):
        _steps(name, steps)
    refuse("case_file_pack", "case_file", "UPDATE",
           "OLD.state <> 'planned' AND "
           + changed("pack", "pack_sha256", "outcome_kind", "readings", "levels", "valid_on", "two_persons", "sector"),
           "cases.pack-frozen")
    refuse("case_file_whose", "case_file", "UPDATE",
           changed("id", "number", "application_id", "organisation_id", "created_at"), "cases.final")
    refuse("case_file_frozen", "case_file", "UPDATE",
           f"OLD.state IN {_FROZEN} AND NEW.state IN {_FROZEN} "
           f"AND {reset('frozen_bundle', 'frozen_assessment', 'frozen_at')}", "cases.frozen")
    refuse("case_file_complete", "case_file", "UPDATE",
           "NEW.state = 'evaluation_complete' AND (NEW.frozen_bundle IS NULL OR NEW.frozen_assessment IS NULL "
           "OR NOT EXISTS (SELECT 1 FROM evaluation e WHERE e.case_id = NEW.id AND e.bundle = NEW.frozen_bundle))",
           "cases.not-evaluated")
    of_bundle = "= NEW.id AND x.bundle = NEW.frozen_bundle"
    refuse("case_file_reviewed", "case_file", "UPDATE",
           "OLD.state = 'in_review' AND NEW.state = 'review_passed' AND NOT EXISTS (SELECT 1 FROM review x WHERE "
           f"x.case_id {of_bundle} AND x.outcome = 'pass')", "cases.not-reviewed")
    for state, kind in (("granted", "grant"), ("refused", "refuse")):
        refuse(f"case_file_{state}", "case_file", "UPDATE",
               f"OLD.state <> '{state}' AND NEW.state = '{state}' AND NOT EXISTS (SELECT 1 FROM decision x WHERE "
               f"x.case_id {of_bundle} AND x.kind = '{kind}')", "cases.not-decided")
    refuse("case_file_majors", "case_file", "UPDATE",
           "NEW.state = 'granted' AND OLD.state <> 'granted' AND EXISTS (SELECT 1 FROM finding f WHERE "
           "f.case_id = NEW.id AND f.kind = 'major' AND f.state <> 'closed')", "cases.major-open")


def _guard_acts() -> None:
    """Who did it held the role, and the case was where such a thing is done."""
    team_acts = (("evidence_basis", "NEW.by_person"), ("judgement", "NEW.by_person"), ("finding", "NEW.raised_by"),
                 ("field_note", "NEW.by_person"))
    for name, who in team_acts:
        refuse(f"{name}_team", name, "INSERT", f"{LIVE} AND NOT {_holds(who, 'NEW.case_id', _TEAM)}",
               "duty.not-in-team")
    for name in ("evidence_basis", "judgement", "evaluation"):
        refuse(f"{name}_frozen", name, "INSERT", f"{LIVE} AND {_case(f'c.state IN {_FROZEN}')}", "cases.frozen")
    of_application = "SELECT 1 FROM case_file c WHERE c.application_id = NEW.application_id"
    refuse("dossier_version_frozen", "dossier_version", "INSERT",
           f"{LIVE} AND EXISTS ({of_application} AND c.state IN {_FROZEN}) "
           f"AND NOT EXISTS ({of_application} AND c.state NOT IN {_FROZEN})", "cases.frozen")
    reviewer, decider = "('reviewer')", "('decider')"
    refuse("review_reviewer", "review", "INSERT",
           f"{LIVE} AND NOT {_holds('NEW.by_person', 'NEW.case_id', reviewer)}",
           "duty.not-reviewer")
    for name in ("review", "decision"):
        refuse(f"{name}_evaluated", name, "INSERT",
               f"{LIVE} AND {_holds('NEW.by_person', 'NEW.case_id', _TEAM, ever=True)}", "duty.evaluated-it")
    at_review = "c.state = 'in_review' AND c.frozen_bundle = NEW.bundle"
    refuse("review_bundle", "review", "INSERT", f"{LIVE} AND NOT {_case(at_review)}", "cases.not-in-review")
    refuse("decision_decider", "decision", "INSERT",
           f"{LIVE} AND NOT {_holds('NEW.by_person', 'NEW.case_id', decider)}", "duty.not-decider")
    at_decision = "c.state = 'review_passed' AND c.frozen_bundle = NEW.bundle"
    refuse("decision_reviewed", "decision", "INSERT",
           f"{LIVE} AND NEW.kind IN ('grant', 'refuse') AND NOT {_case(at_decision)}", "cases.not-reviewed")
    granted = "c.state = 'granted' AND c.frozen_bundle = NEW.bundle"
    refuse("decision_granted", "decision", "INSERT",
           f"{LIVE} AND NEW.kind NOT IN ('grant', 'refuse') AND NOT {_case(granted)}", "cases.not-decided")
    refuse("complaint_part", "complaint", "UPDATE",
           "NEW.decided_by IS NOT NULL AND NEW.case_id IS NOT NULL "
           f"AND {_any_role('NEW.decided_by', 'NEW.case_id')}", "duty.complaint-part")


def _any_role(who: str, case: str) -> str:
    return f"EXISTS (SELECT 1 FROM case_role r WHERE r.case_id = {case} AND r.person_id = {who})"


def _guard_history() -> None:
    """Nothing is deleted; what was written once is not rewritten."""
    for name in ("dossier_version", "evidence_basis", "judgement", "evaluation", "field_note", "review", "decision"):
        refuse_changes(name, "cases.final")
    for name in ("application", "case_file", "case_role", "finding", "clarification", "surveillance", "complaint"):
        refuse(f"{name}_kept", name, "DELETE", "", "cases.final")
    refuse("application_whose", "application", "UPDATE", changed("id", "number", "organisation_id", "made_by"),
           "cases.final")
    refuse("finding_whose", "finding", "UPDATE", changed("id", "case_id", "kind", "clause", "text", "raised_by"),
           "cases.final")
    refuse("clarification_whose", "clarification", "UPDATE",
           f"{changed('id', 'case_id', 'subject', 'text', 'due', 'asked_by')} "
           f"OR {reset('answered_by', 'answered_at', 'document')}", "cases.final")
    refuse("complaint_whose", "complaint", "UPDATE",
           f"{changed('id', 'number', 'text', 'received_from')} OR {reset('case_id', 'appeal', 'decided_by')}",
           "cases.final")
    refuse("surveillance_whose", "surveillance", "UPDATE",
           f"{changed('id', 'case_id', 'certificate_id', 'due')} OR {reset('document', 'done_by', 'decision_id')}",
           "cases.final")
