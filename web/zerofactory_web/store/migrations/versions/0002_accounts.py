"""Accounts: organisations, persons, roles at the body, sessions, tokens, invitations; who may not grant what to whom.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from zerofactory_web.store.migrations.guards import LIVE, refuse

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TIME, _DAY, _HASH, _ID = sa.String(27), sa.String(10), sa.String(71), sa.String(26)


def _table(name: str, *parts: Any) -> None:
    """A table with the columns that every row has."""
    op.create_table(name, *parts, sa.Column("id", _ID, nullable=False),
                    sa.Column("version", sa.Integer, nullable=False),
                    sa.Column("created_at", _TIME, nullable=False),
                    sa.PrimaryKeyConstraint("id", name=f"pk_{name}"))


def _column(name: str, kind: Any, *, empty: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=empty)


def _points(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=f"fk_{table}_{column}")


def _unique(table: str, column: str, *more: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(column, *more, name=f"uq_{table}_{column}")


def _one_of(table: str, column: str, *values: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(f"{column} IN ({', '.join(repr(v) for v in values)})", name=op.f(f"ck_{table}_{column}"))


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def upgrade() -> None:
    """Make the tables, then their guards."""
    _people()
    _roles()
    _keys()
    for table, column in (("membership", "person_id"), ("membership", "organisation_id"), ("body_role", "person_id"),
                          ("competence", "person_id"), ("link", "person_id"), ("link", "organisation_id"),
                          ("session", "person_id"), ("api_token", "person_id"), ("invitation", "person_id"),
                          ("invitation", "organisation_id"), ("attempt", "account"), ("attempt", "address")):
        op.create_index(f"ix_{table}_{column}", table, [column])
    op.create_index("uq_body_role_open", "body_role", ["person_id", "role"], unique=True,
                    sqlite_where=sa.text("ended_at IS NULL"), postgresql_where=sa.text("ended_at IS NULL"))
    _guard_roles()
    _guard_history()


def _people() -> None:
    _table("organisation", _column("kind", sa.String(20)), _column("name_zh", sa.String(200)),
           _column("name_en", sa.String(200)), _column("credit_code", sa.String(18), empty=True),
           _column("lei", sa.String(20), empty=True), _column("address", sa.Text, empty=True),
           _one_of("organisation", "kind", "applicant", "body", "accreditor"), _unique("organisation", "credit_code"),
           _unique("organisation", "lei"))
    _table("person", _column("email", sa.String(254)), _column("name", sa.String(200)),
           _column("password", sa.String(200), empty=True), _column("password_at", _TIME, empty=True),
           _column("totp_secret", sa.String(200), empty=True), _column("totp_pending", sa.String(200), empty=True),
           _column("totp_step", sa.Integer, empty=True), _column("recovery", sa.Text, empty=True),
           _column("language", sa.String(2)), _column("active", sa.Boolean), _one_of("person", "language", "zh", "en"),
           _check("person", "email", "email = lower(email)"), _unique("person", "email"))
    _table("membership", _column("person_id", _ID), _column("organisation_id", _ID), _column("role", sa.String(20)),
           _column("since", _TIME), _column("ended_at", _TIME, empty=True),
           _one_of("membership", "role", "manager", "member"), _points("membership", "person_id", "person"),
           _points("membership", "organisation_id", "organisation"),
           _unique("membership", "person_id", "organisation_id", "since"))


def _roles() -> None:
    _table("body_role", _column("person_id", _ID), _column("role", sa.String(20)), _column("granted_by", _ID),
           _column("confirmed_by", _ID, empty=True), _column("confirmed_at", _TIME, empty=True),
           _column("ended_at", _TIME, empty=True),
           _one_of("body_role", "role", "evaluator", "technical_expert", "reviewer", "decider", "rule_editor",
                   "rule_approver", "complaints_handler", "administrator", "observer"),
           _check("body_role", "granted", "granted_by <> person_id"),
           _check("body_role", "confirmed",
                  "confirmed_by IS NULL OR (confirmed_by <> person_id AND confirmed_by <> granted_by)"),
           _check("body_role", "confirmed_at", "(confirmed_by IS NULL) = (confirmed_at IS NULL)"),
           _points("body_role", "person_id", "person"))
    _table("competence", _column("person_id", _ID), _column("sector", sa.String(10)), _column("since", _DAY),
           _column("until", _DAY), _column("evidence", sa.Text), _column("recorded_by", _ID),
           _column("ended_at", _TIME, empty=True), _check("competence", "recorded", "recorded_by <> person_id"),
           _check("competence", "dates", "since <= until"), _points("competence", "person_id", "person"),
           _points("competence", "recorded_by", "person"))
    _table("link", _column("person_id", _ID), _column("organisation_id", _ID), _column("kind", sa.String(20)),
           _column("since", _DAY), _column("until", _DAY, empty=True), _column("text", sa.Text),
           _column("recorded_by", _ID), _one_of("link", "kind", "employed", "consulted", "owner", "family", "other"),
           _check("link", "dates", "until IS NULL OR since <= until"), _points("link", "person_id", "person"),
           _points("link", "organisation_id", "organisation"), _points("link", "recorded_by", "person"))


def _keys() -> None:
    _table("session", _column("secret", _HASH), _column("person_id", _ID), _column("seen_at", _TIME),
           _column("expires_at", _TIME), _column("second_factor", sa.Boolean), _column("revoked_at", _TIME, empty=True),
           _column("agent", sa.String(200)), _unique("session", "secret"), _points("session", "person_id", "person"))
    _table("api_token", _column("secret", _HASH), _column("person_id", _ID), _column("name", sa.String(80)),
           _column("scopes", sa.Text), _column("expires_at", _TIME), _column("revoked_at", _TIME, empty=True),
           _column("used_at", _TIME, empty=True), _unique("api_token", "secret"),
           _points("api_token", "person_id", "person"))
    _table("invitation", _column("secret", _HASH), _column("purpose", sa.String(20)), _column("email", sa.String(254)),
           _column("person_id", _ID, empty=True), _column("organisation_id", _ID, empty=True),
           _column("member_role", sa.String(20)), _column("invited_by", _ID), _column("expires_at", _TIME),
           _column("taken_at", _TIME, empty=True), _column("revoked_at", _TIME, empty=True),
           _one_of("invitation", "purpose", "join", "administrator", "reset"),
           _one_of("invitation", "member_role", "manager", "member"), _unique("invitation", "secret"),
           _points("invitation", "person_id", "person"), _points("invitation", "organisation_id", "organisation"))
    _table("attempt", _column("account", _HASH), _column("address", _HASH), _column("at", _TIME),
           _column("succeeded", sa.Boolean))


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
           f"OLD.ended_at IS NOT NULL OR {_changed('id', 'person_id', 'role', 'granted_by', 'created_at')} "
           f"OR {_unset('confirmed_by', 'confirmed_at')}", "duty.role-final")
    refuse("body_role_kept", "body_role", "DELETE", "", "duty.role-final")
    refuse("competence_own", "competence", "INSERT", "NEW.recorded_by = NEW.person_id", "duty.competence-self")
    refuse("competence_recorder", "competence", "INSERT", f"{LIVE} AND NOT {_administers('NEW.recorded_by')}",
           "duty.role-not-administrator")


def _guard_history() -> None:
    """What was true once stays readable: rows end, they are not rewritten or deleted."""
    for table, fixed, once in (
            ("membership", ("id", "person_id", "organisation_id", "since"), "ended_at"),
            ("competence", ("id", "person_id", "sector", "since", "until", "evidence", "recorded_by"), "ended_at"),
            ("link", ("id", "person_id", "organisation_id", "kind", "since", "text", "recorded_by"), "until"),
            ("invitation", ("id", "secret", "purpose", "email", "member_role", "invited_by", "expires_at"),
             "taken_at")):
        refuse(f"{table}_final", table, "UPDATE", f"OLD.{once} IS NOT NULL OR {_changed(*fixed)}", "accounts.final")
    refuse("invitation_revoked", "invitation", "UPDATE", "OLD.revoked_at IS NOT NULL", "accounts.final")
    for table in ("session", "api_token"):
        refuse(f"{table}_final", table, "UPDATE",
               f"{_changed('id', 'secret', 'person_id', 'expires_at')} OR {_unset('revoked_at')}", "accounts.final")
    refuse("api_token_scopes", "api_token", "UPDATE", _changed("scopes"), "accounts.final")
    refuse("session_factor", "session", "UPDATE", "OLD.second_factor AND NOT NEW.second_factor", "accounts.final")
    for table in ("organisation", "person", "membership", "competence", "link", "api_token", "invitation"):
        refuse(f"{table}_kept", table, "DELETE", "", "accounts.final")


def _changed(*columns: str) -> str:
    """SQL: one of *columns*, none of which is ever empty, has another value."""
    return " OR ".join(f"NEW.{c} <> OLD.{c}" for c in columns)


def _unset(*columns: str) -> str:
    """SQL: one of *columns* had a value and has another one, or none."""
    return " OR ".join(f"(OLD.{c} IS NOT NULL AND (NEW.{c} IS NULL OR NEW.{c} <> OLD.{c}))" for c in columns)
