"""Accounts: organisations, persons, roles at the body, sessions, tokens, invitations; who may not grant what to whom.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from zerofactory_web.store.migrations.columns import (
    DAY,
    HASH,
    ID,
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
from zerofactory_web.store.migrations.guards import LIVE, refuse

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def _check(of: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{of}_{name}"))


def upgrade() -> None:
    """Make the tables, then their guards."""
    _people()
    _roles()
    _keys()
    indexes(("membership", "person_id"), ("membership", "organisation_id"), ("body_role", "person_id"),
            ("competence", "person_id"), ("link", "person_id"), ("link", "organisation_id"), ("session", "person_id"),
            ("api_token", "person_id"), ("invitation", "person_id"), ("invitation", "organisation_id"),
            ("attempt", "account"), ("attempt", "address"))
    op.create_index("uq_body_role_open", "body_role", ["person_id", "role"], unique=True,
                    sqlite_where=sa.text("ended_at IS NULL"), postgresql_where=sa.text("ended_at IS NULL"))
    _guard_roles()
    _guard_history()


def _people() -> None:
    table("organisation", column("kind", sa.String(20)), column("name_zh", sa.String(200)),
          column("name_en", sa.String(200)), column("credit_code", sa.String(18), empty=True),
          column("lei", sa.String(20), empty=True), column("address", sa.Text, empty=True),
          one_of("organisation", "kind", "applicant", "body", "accreditor"), unique("organisation", "credit_code"),
          unique("organisation", "lei"))
    table("person", column("email", sa.String(254)), column("name", sa.String(200)),
          column("password", sa.String(200), empty=True), column("password_at", TIME, empty=True),
          column("totp_secret", sa.String(200), empty=True), column("totp_pending", sa.String(200), empty=True),
          column("totp_step", sa.Integer, empty=True), column("recovery", sa.Text, empty=True),
          column("language", sa.String(2)), column("active", sa.Boolean), one_of("person", "language", "zh", "en"),
          _check("person", "email", "email = lower(email)"), unique("person", "email"))
    table("membership", column("person_id", ID), column("organisation_id", ID), column("role", sa.String(20)),
          column("since", TIME), column("ended_at", TIME, empty=True),
          one_of("membership", "role", "manager", "member"), points("membership", "person_id", "person"),
          points("membership", "organisation_id", "organisation"),
          unique("membership", "person_id", "organisation_id", "since"))


def _roles() -> None:
    table("body_role", column("person_id", ID), column("role", sa.String(20)), column("granted_by", ID),
          column("confirmed_by", ID, empty=True), column("confirmed_at", TIME, empty=True),
          column("ended_at", TIME, empty=True),
          one_of("body_role", "role", "evaluator", "technical_expert", "reviewer", "decider", "rule_editor",
                   "rule_approver", "complaints_handler", "administrator", "observer"),
          _check("body_role", "granted", "granted_by <> person_id"),
          _check("body_role", "confirmed",
                  "confirmed_by IS NULL OR (confirmed_by <> person_id AND confirmed_by <> granted_by)"),
          _check("body_role", "confirmed_at", "(confirmed_by IS NULL) = (confirmed_at IS NULL)"),
          points("body_role", "person_id", "person"))
    table("competence", column("person_id", ID), column("sector", sa.String(10)), column("since", DAY),
          column("until", DAY), column("evidence", sa.Text), column("recorded_by", ID),
          column("ended_at", TIME, empty=True), _check("competence", "recorded", "recorded_by <> person_id"),
          _check("competence", "dates", "since <= until"), points("competence", "person_id", "person"),
          points("competence", "recorded_by", "person"))
    table("link", column("person_id", ID), column("organisation_id", ID), column("kind", sa.String(20)),
          column("since", DAY), column("until", DAY, empty=True), column("text", sa.Text),
          column("recorded_by", ID), one_of("link", "kind", "employed", "consulted", "owner", "family", "other"),
          _check("link", "dates", "until IS NULL OR since <= until"), points("link", "person_id", "person"),
          points("link", "organisation_id", "organisation"), points("link", "recorded_by", "person"))


def _keys() -> None:
    table("session", column("secret", HASH), column("person_id", ID), column("seen_at", TIME),
          column("expires_at", TIME), column("second_factor", sa.Boolean), column("revoked_at", TIME, empty=True),
          column("agent", sa.String(200)), unique("session", "secret"), points("session", "person_id", "person"))
    table("api_token", column("secret", HASH), column("person_id", ID), column("name", sa.String(80)),
          column("scopes", sa.Text), column("expires_at", TIME), column("revoked_at", TIME, empty=True),
          column("used_at", TIME, empty=True), unique("api_token", "secret"),
          points("api_token", "person_id", "person"))
    table("invitation", column("secret", HASH), column("purpose", sa.String(20)), column("email", sa.String(254)),
          column("person_id", ID, empty=True), column("organisation_id", ID, empty=True),
          column("member_role", sa.String(20)), column("invited_by", ID), column("expires_at", TIME),
          column("taken_at", TIME, empty=True), column("revoked_at", TIME, empty=True),
          one_of("invitation", "purpose", "join", "administrator", "reset"),
          one_of("invitation", "member_role", "manager", "member"), unique("invitation", "secret"),
          points("invitation", "person_id", "person"), points("invitation", "organisation_id", "organisation"))
    table("attempt", column("account", HASH), column("address", HASH), column("at", TIME),
          column("succeeded", sa.Boolean))


#: Administrators whose grant has not ended, and those among them whose role is in force.
_NAMED = ("SELECT 1 FROM body_role a JOIN person p ON p.id = a.person_id "
          "WHERE a.role = 'administrator' AND a.ended_at IS NULL AND p.active")
_IN_FORCE = f"{_NAMED} AND a.confirmed_by IS NOT NULL"


def _administers(who: str) -> str:
    """SQL: *who* is an administrator whose role is in force."""
    return f"EXISTS ({_IN_FORCE} AND a.person_id = {who})"


def _founds(who: str) -> str:
    """SQL: as long as no administrator can act, those whom the operator named confirm each other."""
    return ("(NEW.granted_by = 'system' AND NEW.role = 'administrator' "
            f"AND EXISTS ({_NAMED} AND a.person_id = {who} AND a.granted_by = 'system' AND p.password IS NOT NULL) "
            f"AND NOT EXISTS ({_IN_FORCE} AND p.password IS NOT NULL))")


def _guard_roles() -> None:
    """Rule 7: nobody grants or confirms a role to himself, and it takes two administrators."""
    refuse("body_role_own_grant", "body_role", "INSERT", "NEW.granted_by = NEW.person_id", "duty.role-self")
    refuse("body_role_own_confirm", "body_role", "UPDATE", "NEW.confirmed_by = NEW.person_id", "duty.role-self")
    refuse("body_role_one_hand", "body_role", "UPDATE", "NEW.confirmed_by = NEW.granted_by", "duty.role-one-hand")
    refuse("body_role_granter", "body_role", "INSERT",
          f"{LIVE} AND NOT {_administers('NEW.granted_by')} "
          "AND NOT (NEW.granted_by = 'system' AND NEW.role = 'administrator')", "duty.role-not-administrator")
    refuse("body_role_born_confirmed", "body_role", "INSERT", f"{LIVE} AND NEW.confirmed_by IS NOT NULL",
          "duty.role-confirmed-at-once")
    refuse("body_role_confirmer", "body_role", "UPDATE",
          "OLD.confirmed_by IS NULL AND NEW.confirmed_by IS NOT NULL "
          f"AND NOT {_administers('NEW.confirmed_by')} AND NOT {_founds('NEW.confirmed_by')}",
          "duty.role-not-administrator")
    refuse("body_role_final", "body_role", "UPDATE",
          f"OLD.ended_at IS NOT NULL OR {changed('id', 'person_id', 'role', 'granted_by', 'created_at')} "
          f"OR {reset('confirmed_by', 'confirmed_at')}", "duty.role-final")
    refuse("body_role_kept", "body_role", "DELETE", "", "duty.role-final")
    refuse("competence_own", "competence", "INSERT", "NEW.recorded_by = NEW.person_id", "duty.competence-self")
    refuse("competence_recorder", "competence", "INSERT", f"{LIVE} AND NOT {_administers('NEW.recorded_by')}",
          "duty.role-not-administrator")


def _guard_history() -> None:
    """What was true once stays readable: rows end, they are not rewritten or deleted."""
    for name, fixed, once in (
            ("membership", ("id", "person_id", "organisation_id", "since"), "ended_at"),
            ("competence", ("id", "person_id", "sector", "since", "until", "evidence", "recorded_by"), "ended_at"),
            ("link", ("id", "person_id", "organisation_id", "kind", "since", "text", "recorded_by"), "until"),
            ("invitation", ("id", "secret", "purpose", "email", "member_role", "invited_by", "expires_at"),
             "taken_at")):
        refuse(f"{name}_final", name, "UPDATE", f"OLD.{once} IS NOT NULL OR {changed(*fixed)}", "accounts.final")
    refuse("invitation_revoked", "invitation", "UPDATE", "OLD.revoked_at IS NOT NULL", "accounts.final")
    for name in ("session", "api_token"):
        refuse(f"{name}_final", name, "UPDATE",
               f"{changed('id', 'secret', 'person_id', 'expires_at')} OR {reset('revoked_at')}", "accounts.final")
    refuse("api_token_scopes", "api_token", "UPDATE", changed("scopes"), "accounts.final")
    refuse("session_factor", "session", "UPDATE", "OLD.second_factor AND NOT NEW.second_factor", "accounts.final")
    for name in ("organisation", "person", "membership", "competence", "link", "api_token", "invitation"):
        refuse(f"{name}_kept", name, "DELETE", "", "accounts.final")
