"""Opinions in which verifications end, numbers of readiness reports; no opinion without its basis, none on other cases.

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

from alembic import op

from zerofactory_web.store.migrations.guards import LIVE, lift, refuse

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_OPINIONS = "('unmodified', 'modified', 'adverse', 'disclaimed')"
_QUALIFIED = "('modified', 'adverse', 'disclaimed')"
#: What counts as nothing in a text; TRIM alone takes spaces only.
_BLANK = "' ' || char(9) || char(10) || char(13)"


def upgrade() -> None:
    """Add the columns, then their guards."""
    op.execute(f"ALTER TABLE decision ADD COLUMN opinion VARCHAR(20) CONSTRAINT ck_decision_opinion "
               f"CHECK (opinion IN {_OPINIONS})")
    for name in ("basis_zh", "basis_en"):
        op.execute(f"ALTER TABLE decision ADD COLUMN {name} TEXT DEFAULT '' NOT NULL")
    op.execute("ALTER TABLE decision ADD COLUMN report_number VARCHAR(30)")
    op.create_index("ix_decision_report_number", "decision", ["report_number"], unique=True)
    _guard_opinions()
    _guard_majors()
    _guard_register()


def _case(condition: str) -> str:
    return f"EXISTS (SELECT 1 FROM case_file c WHERE c.id = NEW.case_id AND {condition})"


def _guard_opinions() -> None:
    """A granted verification has one opinion with its basis; nothing else has any."""
    verifies = _case("c.outcome_kind = 'verification'")
    refuse("decision_opinion_kind", "decision", "INSERT",
           f"{LIVE} AND NEW.opinion IS NOT NULL AND (NEW.kind <> 'grant' OR NOT {verifies})", "cases.opinion-kind")
    refuse("decision_opinion_missing", "decision", "INSERT",
           f"{LIVE} AND NEW.kind = 'grant' AND NEW.opinion IS NULL AND {verifies}", "cases.opinion-missing")
    blank = _BLANK if op.get_bind().dialect.name == "sqlite" else _BLANK.replace("char(", "chr(")
    empty = " OR ".join(f"TRIM(NEW.{name}, {blank}) = ''" for name in ("basis_zh", "basis_en"))
    refuse("decision_opinion_basis", "decision", "INSERT",
           f"NEW.opinion IN {_QUALIFIED} AND ({empty})", "cases.opinion-basis")
    refuse("decision_opinion_once", "decision", "INSERT",
           f"{LIVE} AND NEW.opinion IS NOT NULL AND EXISTS (SELECT 1 FROM decision x WHERE x.case_id = NEW.case_id "
           "AND x.opinion IS NOT NULL)", "cases.opinion-once")
    readiness = _case("c.outcome_kind = 'readiness'")
    refuse("decision_report_number", "decision", "INSERT",
           f"{LIVE} AND NEW.report_number IS NOT NULL AND (NEW.kind <> 'grant' OR NOT {readiness})",
           "cases.report-kind")


def _guard_majors() -> None:
    """Something material that stands open excludes an unmodified opinion, not one that says so."""
    lift("case_file_majors", "case_file")
    refuse("case_file_majors", "case_file", "UPDATE",
           "NEW.state = 'granted' AND OLD.state <> 'granted' AND EXISTS (SELECT 1 FROM finding f WHERE "
           "f.case_id = NEW.id AND f.kind = 'major' AND f.state <> 'closed') AND NOT EXISTS (SELECT 1 FROM decision d "
           f"WHERE d.case_id = NEW.id AND d.bundle = NEW.frozen_bundle AND d.opinion IN {_QUALIFIED})",
           "cases.major-open")


def _guard_register() -> None:
    """A statement states an opinion, a certificate none; what covers a past period is not watched over."""
    stated = "EXISTS (SELECT 1 FROM decision d WHERE d.id = NEW.decision_id AND d.opinion IS NOT NULL)"
    refuse("certificate_opinion", "certificate", "INSERT",
           f"{LIVE} AND ((NEW.kind = 'statement' AND NOT {stated}) OR (NEW.kind <> 'statement' AND {stated}))",
           "register.no-opinion")
    refuse("surveillance_statement", "surveillance", "INSERT",
           f"{LIVE} AND EXISTS (SELECT 1 FROM certificate k WHERE k.id = NEW.certificate_id AND k.kind = 'statement')",
           "cases.no-surveillance")
