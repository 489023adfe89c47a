"""The API: keys under which writes were asked for, with their answers.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa

from zerofactory_web.store.migrations.columns import HASH, ID, TEXT, changed, column, indexes, points, table, unique
from zerofactory_web.store.migrations.guards import refuse

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, then its guards; rows go when a day is over."""
    t = "idempotency_key"
    table(t, column("person_id", ID), column("key", sa.String(80)), column("request_hash", HASH),
          column("status", sa.Integer, empty=True), column("answer", TEXT, empty=True),
          points(t, "person_id", "person"), unique(t, "person_id", "key"))
    indexes((t, "created_at"))
    refuse("idempotency_key_whose", t, "UPDATE",
           changed("id", "person_id", "key", "request_hash", "created_at"), "api.key-final")
    refuse("idempotency_key_answered", t, "UPDATE", "OLD.status IS NOT NULL", "api.key-final")
