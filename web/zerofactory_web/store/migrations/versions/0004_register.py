"""The register: certificates, their status over time, their files, serials, the text of the search, counts for numbers.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

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

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_STEPS = (("active", "suspended"), ("suspended", "active"), ("active", "superseded"), ("active", "withdrawn"),
          ("suspended", "withdrawn"), ("active", "terminated"), ("suspended", "terminated"), ("active", "expired"),
          ("suspended", "expired"))


def upgrade() -> None:
    """Make the tables, then their guards."""
    _tables()
    indexes(("certificate", "status"), ("certificate", "case_id"), ("certificate", "organisation_id"),
            ("certificate", "valid_until"), ("certificate_status", "certificate_id"),
            ("certificate_file", "certificate_id"), ("certificate_file", "document"), ("certificate_file", "seal"),
            ("serial_use", "case_id"), ("serial_use", "certificate_id"))
    op.create_index("ix_certificate_list", "certificate", ["issued_on", "number"])
    replacing = sa.text("supersedes IS NOT NULL")
    op.create_index("ix_certificate_supersedes", "certificate", ["supersedes"], sqlite_where=replacing,
                    postgresql_where=replacing)
    op.create_index("ix_certificate_text_list", "certificate_text", ["issued_on", "number"])
    op.create_index("ix_serial_use_range", "serial_use", ["system", "series", "low"])
    _guards()


def _tables() -> None:
    t = "certificate"
    table(t, column("number", sa.String(30)), column("kind", sa.String(20)), column("certificate_class", sa.String(20)),
          column("status", sa.String(20)), column("case_id", ID), column("decision_id", ID),
          column("organisation_id", ID), column("issued_on", DAY), column("valid_from", DAY),
          column("valid_until", DAY), column("surveillance_due", DAY, empty=True), column("content", TEXT),
          column("sha256", HASH), column("bundle", HASH), column("supersedes", ID, empty=True),
          one_of(t, "kind", "certificate", "statement"),
          sa.CheckConstraint("certificate_class IN ('product', 'service', 'management-system')",
                             name=op.f("ck_certificate_class")),
          one_of(t, "status", "active", "suspended", "superseded", "withdrawn", "terminated", "expired"),
          sa.CheckConstraint("valid_from < valid_until", name=op.f("ck_certificate_valid")),
          unique(t, "number"), unique(t, "decision_id"), points(t, "case_id", "case_file"),
          points(t, "decision_id", "decision"), points(t, "organisation_id", "organisation"),
          points(t, "supersedes", "certificate"))
    t = "certificate_status"
    table(t, column("certificate_id", ID), column("status", sa.String(20)), column("since", TIME),
          column("decision_id", ID, empty=True), column("reason", TEXT), column("told", TEXT),
          points(t, "certificate_id", "certificate"),
          points(t, "decision_id", "decision"))
    t = "certificate_file"
    table(t, column("certificate_id", ID), column("kind", sa.String(20)), column("language", sa.String(2)),
          column("document", HASH), column("size", sa.Integer), column("attached", HASH),
          column("signer", sa.String(200)), column("seal", HASH),
          one_of(t, "language", "zh", "en"), one_of(t, "kind", "certificate", "report"),
          unique(t, "certificate_id", "kind", "language"),
          points(t, "certificate_id", "certificate"))
    _more_tables()


def _more_tables() -> None:
    op.create_table("certificate_text", column("certificate_id", ID), column("issued_on", DAY),
                    column("number", sa.String(30)), column("text", TEXT),
                    sa.PrimaryKeyConstraint("certificate_id", name="pk_certificate_text"),
                    points("certificate_text", "certificate_id", "certificate"))
    t = "serial_use"
    table(t, column("system", sa.String(80)), column("serial", sa.String(200)), column("series", sa.String(160)),
          column("low", sa.String(60)), column("high", sa.String(60)), column("case_id", ID),
          column("certificate_id", ID), column("released_at", TIME, empty=True),
          sa.CheckConstraint("low <= high", name=op.f("ck_serial_use_range")), points(t, "case_id", "case_file"),
          points(t, "certificate_id", "certificate"))
    op.create_table("number_sequence", column("name", sa.String(30)), column("last", sa.Integer),
                    sa.PrimaryKeyConstraint("name", name="pk_number_sequence"))


def _guards() -> None:
    granted = ("EXISTS (SELECT 1 FROM decision d JOIN case_file c ON c.id = d.case_id WHERE d.id = NEW.decision_id "
               "AND d.case_id = NEW.case_id AND d.kind = 'grant' AND c.state = 'granted' "
               "AND c.frozen_bundle = NEW.bundle AND c.organisation_id = NEW.organisation_id)")
    refuse("certificate_granted", "certificate", "INSERT", f"{LIVE} AND NOT {granted}", "register.not-granted")
    allowed = " OR ".join(f"(OLD.status = '{a}' AND NEW.status = '{b}')" for a, b in _STEPS)
    refuse("certificate_steps", "certificate", "UPDATE", f"NEW.status <> OLD.status AND NOT ({allowed})",
           "register.step")
    decided = ("EXISTS (SELECT 1 FROM certificate_status s WHERE s.certificate_id = NEW.id AND s.status = NEW.status "
               "AND (s.decision_id IS NOT NULL OR s.status = 'expired') AND NOT EXISTS (SELECT 1 FROM "
               "certificate_status x WHERE x.certificate_id = s.certificate_id AND x.since > s.since))")
    refuse("certificate_decided", "certificate", "UPDATE", f"NEW.status <> OLD.status AND NOT {decided}",
           "register.not-decided")
    refuse("certificate_final", "certificate", "UPDATE",
           changed("id", "number", "kind", "certificate_class", "case_id", "decision_id", "organisation_id",
                   "issued_on", "valid_from", "valid_until", "content", "sha256", "bundle")
           + f" OR {reset('supersedes', 'surveillance_due')}", "register.final")
    refuse("certificate_kept", "certificate", "DELETE", "", "register.final")
    for name in ("certificate_status", "certificate_text"):
        refuse_changes(name, "register.final")
    refuse_changes("certificate_file", "register.final")
    _guard_serials()
    refuse("number_sequence_up", "number_sequence", "UPDATE", "NEW.last <> OLD.last + 1 OR NEW.name <> OLD.name",
           "register.final")
    refuse("number_sequence_kept", "number_sequence", "DELETE", "", "register.final")


def _guard_serials() -> None:
    """A serial in force for one application is not used for another; cases of one application are one claim."""
    taken = ("EXISTS (SELECT 1 FROM serial_use u JOIN case_file a ON a.id = u.case_id JOIN case_file b ON "
             "b.id = NEW.case_id WHERE u.system = NEW.system AND u.series = NEW.series AND u.released_at IS NULL "
             "AND u.low <= NEW.high AND u.high >= NEW.low AND a.application_id <> b.application_id)")
    refuse("serial_use_twice", "serial_use", "INSERT", f"{LIVE} AND NEW.released_at IS NULL AND {taken}",
           "register.serial-twice")
    refuse("serial_use_final", "serial_use", "UPDATE",
           f"{changed('id', 'system', 'serial', 'series', 'low', 'high', 'case_id', 'certificate_id')} "
           f"OR {reset('released_at')}", "register.final")
    refuse("serial_use_kept", "serial_use", "DELETE", "", "register.final")
