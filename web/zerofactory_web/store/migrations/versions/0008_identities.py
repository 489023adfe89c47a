"""Identities at a provider outside (OpenID Connect), and the ways to it that were used.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa

from zerofactory_web.store.migrations.columns import HASH, ID, TIME, column, indexes, points, table, unique
from zerofactory_web.store.migrations.guards import refuse

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, then their guards: an identity is linked or unlinked, and never moves to somebody else."""
    t = "person_identity"
    table(t, column("person_id", ID), column("issuer", sa.String(255)), column("subject", sa.String(255)),
          unique(t, "issuer", "subject"), unique(t, "person_id", "issuer"), points(t, "person_id", "person"))
    table("spent_state", column("state", HASH), column("expires_at", TIME), unique("spent_state", "state"))
    indexes(("spent_state", "expires_at"))
    refuse("person_identity_final", t, "UPDATE", "", "accounts.final")
    refuse("spent_state_final", "spent_state", "UPDATE", "", "accounts.final")
