"""The audit log with its head and checkpoints; rows that nobody can change or delete.

Revision ID: 0001
Revises:
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from zerofactory_web.store.migrations.guards import refuse_changes

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "audit",
        sa.Column("seq", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("at", sa.String(27), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("actor_name", sa.String(200), nullable=False),
        sa.Column("roles", sa.Text, nullable=False),
        sa.Column("action", sa.String(80), nullable=False),
        sa.Column("object", sa.String(120), nullable=False),
        sa.Column("object_version", sa.Integer),
        sa.Column("before", sa.String(71)),
        sa.Column("after", sa.String(71)),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("request", sa.String(64), nullable=False),
        sa.Column("details", sa.Text, nullable=False),
        sa.Column("previous", sa.String(71), nullable=False),
        sa.Column("hash", sa.String(71), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_audit"),
        sa.UniqueConstraint("hash", name="uq_audit_hash"),
    )
    for column in ("actor", "action", "object"):
        op.create_index(f"ix_audit_{column}", "audit", [column])
    head = op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("hash", sa.String(71), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_head"),
    )
    op.bulk_insert(head, [{"id": 1, "seq": 0, "hash": "sha256:" + "0" * 64}])
    op.create_table(
        "checkpoint",
        sa.Column("seq", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("hash", sa.String(71), nullable=False),
        sa.Column("at", sa.String(27), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("signature", sa.String(120), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_checkpoint"),
    )
    refuse_changes("audit", "store.audit-is-final")
    refuse_changes("checkpoint", "store.audit-is-final")
