"""Duties that only the service kept so far: who handles a complaint, why a case follows another, which decision changes
a certificate, whose team stands still.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from zerofactory_web.store.migrations.columns import ID, column, indexes, one_of, points, table, unique
from zerofactory_web.store.migrations.guards import LIVE, lift, refuse, refuse_changes

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_TEAM = "('lead_evaluator', 'evaluator', 'technical_expert')"
_FROZEN = "('evaluation_complete', 'in_review', 'review_passed', 'granted', 'refused')"
#: Kind of outcome of a case, and the kind of document in which it ends; a readiness report is neither.
_ENDS_IN = (("certification", "certificate"), ("verification", "statement"))
#: Status of a certificate, and the kind of decision on its own case that brings it there.
_DECIDED_BY = (("suspended", "suspend"), ("active", "reinstate"), ("withdrawn", "withdraw"),
               ("terminated", "terminate"))


def upgrade() -> None:
    """Make the tables, then their guards; two guards of the register and one of complaints look closer than before."""
    t = "complaint_step"
    table(t, column("complaint_id", ID), column("state", sa.String(20)), column("by_person", ID),
          one_of(t, "state", "acknowledged", "investigating", "decided", "closed", "upheld"),
          unique(t, "complaint_id", "state"), points(t, "complaint_id", "complaint"),
          points(t, "by_person", "person"))
    t = "reopening"
    table(t, column("case_id", ID), column("follows", ID), column("why", sa.String(20)),
          column("complaint_id", ID, empty=True), column("by_person", ID),
          one_of(t, "why", "extend", "reduce", "reissue", "appeal"),
          sa.CheckConstraint("(why = 'appeal') = (complaint_id IS NOT NULL)", name=op.f("ck_reopening_appeal")),
          unique(t, "case_id"), unique(t, "complaint_id"), points(t, "follows", "case_file"),
          points(t, "complaint_id", "complaint"), points(t, "by_person", "person"))
    indexes(("complaint_step", "complaint_id"), ("reopening", "follows"))
    _guard_complaints()
    _guard_reopening()
    _guard_team()
    _guard_certificates()


def _guard_complaints() -> None:
    """Rule 5: no step of a complaint is taken by somebody with a part in the matter, whoever takes the others."""
    handler = ("EXISTS (SELECT 1 FROM body_role b JOIN person p ON p.id = b.person_id WHERE b.person_id = "
               "NEW.by_person AND b.role = 'complaints_handler' AND b.confirmed_by IS NOT NULL AND b.ended_at IS NULL "
               "AND p.active)")
    refuse("complaint_step_handler", "complaint_step", "INSERT", f"{LIVE} AND NOT {handler}", "duty.not-handler")
    refuse("complaint_step_part", "complaint_step", "INSERT",
           f"{LIVE} AND EXISTS (SELECT 1 FROM complaint k JOIN case_role r ON r.case_id = k.case_id WHERE "
           "k.id = NEW.complaint_id AND r.person_id = NEW.by_person)", "duty.complaint-part")
    refuse_changes("complaint_step", "cases.final")
    lift("complaint_part", "complaint")             # it knew who decided, not who took the other steps
    step = "SELECT 1 FROM complaint_step s WHERE s.complaint_id = NEW.id"
    refuse("complaint_handled", "complaint", "UPDATE",
           f"NEW.state <> OLD.state AND NOT EXISTS ({step} AND s.state = NEW.state)", "cases.not-handled")
    refuse("complaint_decided", "complaint", "UPDATE",
           "(coalesce(NEW.decided_by, '') <> coalesce(OLD.decided_by, '') OR (NEW.state = 'decided' AND "
           f"OLD.state <> 'decided')) AND NOT EXISTS ({step} AND s.state = 'decided' "
           "AND s.by_person = NEW.decided_by)", "cases.not-handled")
    refuse("complaint_upheld", "complaint", "UPDATE",
           "NEW.state = 'upheld' AND OLD.state <> 'upheld' AND NEW.appeal IS NULL", "cases.not-an-appeal")
    refuse("case_role_complaint", "case_role", "INSERT",
           f"{LIVE} AND EXISTS (SELECT 1 FROM complaint k JOIN complaint_step s ON s.complaint_id = k.id WHERE "
           "k.case_id = NEW.case_id AND s.by_person = NEW.person_id AND k.state NOT IN ('closed', 'upheld'))",
           "duty.handles-complaint")


def _guard_reopening() -> None:
    """A case follows a decided one of its application for a reason on record; after an appeal, an upheld one."""
    refuse("reopening_upheld", "reopening", "INSERT",
           f"{LIVE} AND NEW.why = 'appeal' AND NOT EXISTS (SELECT 1 FROM complaint k WHERE k.id = NEW.complaint_id "
           "AND k.state = 'upheld' AND k.appeal IS NOT NULL AND k.case_id = NEW.follows)", "cases.appeal-not-upheld")
    refuse("reopening_over", "reopening", "INSERT",
           f"{LIVE} AND NOT EXISTS (SELECT 1 FROM case_file c WHERE c.id = NEW.follows "
           "AND c.state IN ('granted', 'refused'))", "cases.case-open")
    refuse_changes("reopening", "cases.final")
    refuse("case_file_follows", "case_file", "INSERT",
           f"{LIVE} AND (NEW.follows IS NOT NULL OR EXISTS (SELECT 1 FROM case_file c WHERE "
           "c.application_id = NEW.application_id)) AND NOT EXISTS (SELECT 1 FROM reopening o JOIN case_file f ON "
           "f.id = o.follows WHERE o.case_id = NEW.id AND o.follows = NEW.follows "
           "AND f.application_id = NEW.application_id)", "cases.not-reopened")
    refuse("case_file_followed", "case_file", "UPDATE", "coalesce(NEW.follows, '') <> coalesce(OLD.follows, '')",
           "cases.final")


def _guard_team() -> None:
    """Rule 9: from a complete evaluation on, nobody comes to the team that made it and nobody leaves it."""
    frozen = f"EXISTS (SELECT 1 FROM case_file c WHERE c.id = NEW.case_id AND c.state IN {_FROZEN})"
    refuse("case_role_frozen", "case_role", "INSERT", f"{LIVE} AND NEW.role IN {_TEAM} AND {frozen}",
           "cases.team-frozen")
    refuse("case_role_ended", "case_role", "UPDATE",
           f"NEW.role IN {_TEAM} AND OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL AND {frozen}",
           "cases.team-frozen")


def _guard_certificates() -> None:
    """A certificate is of the kind that its case ends in, and only a decision that fits brings it to another status."""
    lift("certificate_granted", "certificate")
    ends = " OR ".join(f"(c.outcome_kind = '{outcome}' AND NEW.kind = '{kind}')" for outcome, kind in _ENDS_IN)
    granted = ("EXISTS (SELECT 1 FROM decision d JOIN case_file c ON c.id = d.case_id WHERE d.id = NEW.decision_id "
               "AND d.case_id = NEW.case_id AND d.kind = 'grant' AND c.state = 'granted' AND d.bundle = NEW.bundle "
               f"AND c.frozen_bundle = NEW.bundle AND c.organisation_id = NEW.organisation_id AND ({ends}))")
    replaced = ("EXISTS (SELECT 1 FROM certificate o JOIN certificate_status s ON s.certificate_id = o.id WHERE "
                "o.id = NEW.supersedes AND o.kind = NEW.kind AND o.organisation_id = NEW.organisation_id "
                "AND o.status = 'superseded' AND s.status = 'superseded' AND s.decision_id = NEW.decision_id)")
    refuse("certificate_granted", "certificate", "INSERT", f"{LIVE} AND NOT {granted}", "register.not-granted")
    refuse("certificate_replaces", "certificate", "INSERT", f"{LIVE} AND NEW.supersedes IS NOT NULL AND NOT {replaced}",
           "register.not-replaced")
    lift("certificate_decided", "certificate")
    fits = " OR ".join(f"(s.status = '{status}' AND d.kind = '{kind}')" for status, kind in _DECIDED_BY)
    by = (f"EXISTS (SELECT 1 FROM decision d JOIN case_file c ON c.id = d.case_id WHERE d.id = s.decision_id AND "
          f"((d.case_id = NEW.case_id AND ({fits})) OR (s.status = 'superseded' AND d.kind = 'grant' "
          "AND d.case_id <> NEW.case_id AND c.state = 'granted' AND c.organisation_id = NEW.organisation_id)))")
    decided = ("EXISTS (SELECT 1 FROM certificate_status s WHERE s.certificate_id = NEW.id AND s.status = NEW.status "
               f"AND ((s.status = 'expired' AND s.decision_id IS NULL) OR {by}) AND NOT EXISTS (SELECT 1 FROM "
               "certificate_status x WHERE x.certificate_id = s.certificate_id AND x.since > s.since))")
    refuse("certificate_decided", "certificate", "UPDATE", f"NEW.status <> OLD.status AND NOT {decided}",
           "register.not-decided")
