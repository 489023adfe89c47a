"""The exporter's desk: inputs in versions, results, files made of them, requests of customers and what was sent.

Revision ID: 0006
Revises: 0005
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
    table,
    unique,
)
from zerofactory_web.store.migrations.guards import LIVE, refuse, refuse_changes

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_FINAL = "exporter.final"


def upgrade() -> None:
    """Make the tables, then their guards."""
    _inputs()
    _results()
    _requests()
    indexes(("cbam_input", "organisation_id"), ("cbam_input_version", "input_id"), ("cbam_input_version", "document"),
            ("cbam_input_file", "version_id"), ("cbam_input_file", "document"), ("cbam_result", "version_id"),
            ("cbam_result", "document"), ("cbam_file", "result_id"), ("cbam_file", "document"),
            ("data_request", "organisation_id"), ("sent_communication", "request_id"),
            ("sent_communication", "result_id"), ("sent_communication", "corrects"), ("sent_file", "communication_id"),
            ("sent_file", "file_id"), ("sent_file", "document"))
    for name in ("cbam_input", "cbam_input_version", "cbam_input_file", "cbam_result", "cbam_file",
                 "sent_communication", "sent_file"):
        refuse_changes(name, _FINAL)
    _guard_requests()
    _guard_sent()


def _check(of: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{of}_{name}"))


def _inputs() -> None:
    t = "cbam_input"
    table(t, column("organisation_id", ID), column("name", sa.String(200)), column("made_by", ID),
          points(t, "organisation_id", "organisation"), points(t, "made_by", "person"),
          unique(t, "organisation_id", "name"))
    t = "cbam_input_version"
    table(t, column("input_id", ID), column("number", sa.Integer), column("file_name", sa.String(200)),
          column("document", HASH), column("size", sa.Integer), column("tree", HASH), column("source", sa.String(80)),
          column("note", TEXT), column("problems", TEXT), column("made_by", ID), points(t, "input_id", "cbam_input"),
          points(t, "made_by", "person"), unique(t, "input_id", "number"), _check(t, "number", "number >= 1"),
          _check(t, "size", "size > 0"))
    t = "cbam_input_file"
    table(t, column("version_id", ID), column("name", sa.String(200)), column("document", HASH),
          column("size", sa.Integer), points(t, "version_id", "cbam_input_version"), unique(t, "version_id", "name"))


def _results() -> None:
    t = "cbam_result"
    table(t, column("version_id", ID), column("method", sa.String(20)), column("import_year", sa.Integer, empty=True),
          column("readings", TEXT), column("engine", sa.String(40)), column("document", HASH), column("proof", HASH),
          column("summary", TEXT), column("made_by", ID), points(t, "version_id", "cbam_input_version"),
          points(t, "made_by", "person"), one_of(t, "method", "transitional", "definitive"))
    t = "cbam_file"
    table(t, column("result_id", ID), column("kind", sa.String(20)), column("language", sa.String(2)),
          column("name", sa.String(200)), column("document", HASH), column("size", sa.Integer),
          column("problems", TEXT), column("made_by", ID), points(t, "result_id", "cbam_result"),
          points(t, "made_by", "person"), one_of(t, "language", "zh", "en"),
          one_of(t, "kind", "result", "proof", "goods", "summary", "workbook", "xml"), _check(t, "size", "size > 0"))


def _requests() -> None:
    t = "data_request"
    table(t, column("organisation_id", ID), column("company", sa.String(200)), column("eori", sa.String(17)),
          column("contact", sa.String(200)), column("email", sa.String(254)), column("goods", TEXT),
          column("year", sa.Integer), column("quarter", sa.Integer, empty=True), column("received", DAY),
          column("due", DAY, empty=True), column("note", TEXT), column("state", sa.String(20)), column("reason", TEXT),
          column("made_by", ID), column("closed_by", ID, empty=True), column("closed_at", TIME, empty=True),
          points(t, "organisation_id", "organisation"), points(t, "made_by", "person"),
          points(t, "closed_by", "person"), one_of(t, "state", "open", "answered", "declined"),
          _check(t, "quarter", "quarter IS NULL OR quarter BETWEEN 1 AND 4"),
          _check(t, "closed_at", "(state = 'open') = (closed_at IS NULL)"),
          _check(t, "closed_by", "(closed_by IS NULL) = (closed_at IS NULL)"),
          _check(t, "reason", "(state = 'declined') = (reason <> '')"))
    t = "sent_communication"
    table(t, column("request_id", ID), column("result_id", ID), column("company", sa.String(200)),
          column("contact", sa.String(200)), column("note", TEXT), column("corrects", ID, empty=True),
          column("sent_by", ID), points(t, "request_id", "data_request"), points(t, "result_id", "cbam_result"),
          points(t, "corrects", "sent_communication"), points(t, "sent_by", "person"))
    t = "sent_file"
    table(t, column("communication_id", ID), column("file_id", ID), column("kind", sa.String(20)),
          column("name", sa.String(200)), column("document", HASH), column("size", sa.Integer),
          points(t, "communication_id", "sent_communication"), points(t, "file_id", "cbam_file"),
          unique(t, "communication_id", "file_id"))


def _guard_requests() -> None:
    """A request is closed once, an answered one has been answered, and what it asks for stays as it came."""
    refuse("data_request_open", "data_request", "INSERT", f"{LIVE} AND NEW.state <> 'open'", "exporter.closed")
    refuse("data_request_steps", "data_request", "UPDATE", "OLD.state <> 'open'", _FINAL)
    refuse("data_request_answered", "data_request", "UPDATE",
           "NEW.state = 'answered' AND NOT EXISTS (SELECT 1 FROM sent_communication s WHERE s.request_id = NEW.id)",
           "exporter.nothing-sent")
    fixed = changed("id", "organisation_id", "company", "eori", "contact", "email", "goods", "year", "received",
                    "note", "made_by", "created_at")
    empties = " OR ".join(f"COALESCE({old}, {none}) <> COALESCE({new}, {none})" for old, new, none in (
        ("OLD.quarter", "NEW.quarter", "0"), ("OLD.due", "NEW.due", "''")))
    refuse("data_request_final", "data_request", "UPDATE", f"{fixed} OR {empties}", _FINAL)
    refuse("data_request_kept", "data_request", "DELETE", "", _FINAL)


def _guard_sent() -> None:
    """A customer is given results of the organisation that he asked, and files of that very result."""
    own = ("EXISTS (SELECT 1 FROM data_request q JOIN cbam_result r ON r.id = NEW.result_id "
           "JOIN cbam_input_version v ON v.id = r.version_id JOIN cbam_input i ON i.id = v.input_id "
           "WHERE q.id = NEW.request_id AND q.organisation_id = i.organisation_id)")
    refuse("sent_communication_own", "sent_communication", "INSERT", f"{LIVE} AND NOT {own}", "exporter.not-own")
    declined = "EXISTS (SELECT 1 FROM data_request q WHERE q.id = NEW.request_id AND q.state = 'declined')"
    refuse("sent_communication_declined", "sent_communication", "INSERT", f"{LIVE} AND {declined}", "exporter.closed")
    earlier = ("(EXISTS (SELECT 1 FROM data_request q WHERE q.id = NEW.request_id AND q.state = 'answered') AND "
               "NOT EXISTS (SELECT 1 FROM sent_communication e WHERE e.id = NEW.corrects "
               "AND e.request_id = NEW.request_id))")
    refuse("sent_communication_corrects", "sent_communication", "INSERT", f"{LIVE} AND {earlier}",
           "exporter.corrects-nothing")
    same = ("EXISTS (SELECT 1 FROM sent_communication s JOIN cbam_file f ON f.result_id = s.result_id "
            "WHERE s.id = NEW.communication_id AND f.id = NEW.file_id AND f.document = NEW.document "
            "AND f.size = NEW.size AND f.kind = NEW.kind AND f.name = NEW.name)")
    refuse("sent_file_same", "sent_file", "INSERT", f"{LIVE} AND NOT {same}", "exporter.not-own")
