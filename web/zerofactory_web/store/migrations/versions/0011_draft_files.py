"""Documents that were put into the draft of a dossier.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa

from zerofactory_web.store.migrations.columns import HASH, ID, column, points, table, unique

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; its rows change and go with the draft, so that nothing guards them."""
    t = "draft_file"
    table(t, column("application_id", ID), column("path", sa.String(300)), column("document", HASH, empty=True),
          column("size", sa.Integer), points(t, "application_id", "application"), unique(t, "application_id", "path"))
