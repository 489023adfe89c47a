"""Jobs: long work asked for in the transaction of an act.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from zerofactory_web.store.migrations.columns import ID, TEXT, TIME, changed, column, indexes, one_of, table
from zerofactory_web.store.migrations.guards import refuse

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, then its guards."""
    t = "job"
    table(t, column("kind", sa.String(60)), column("key", sa.String(200)), column("payload", TEXT),
          column("state", sa.String(20)), column("attempts", sa.Integer), column("run_after", TIME),
          column("worker", ID, empty=True), column("lease_until", TIME, empty=True),
          column("beat_at", TIME, empty=True), column("progress", sa.Integer),
          column("step", sa.String(80)), column("problems", TEXT), column("result", TEXT),
          column("for_person", ID, empty=True),
          column("for_thing", sa.String(120)), column("ended_at", TIME, empty=True),
          one_of(t, "state", "queued", "running", "done", "given_up"),
          sa.CheckConstraint("progress BETWEEN 0 AND 1000", name=op.f("ck_job_progress")))
    indexes((t, "for_person"), (t, "for_thing"))
    op.create_index("ix_job_due", t, ["state", "run_after"])
    is_open = sa.text("state IN ('queued', 'running')")
    op.create_index("uq_job_key_open", t, ["key"], unique=True, sqlite_where=is_open, postgresql_where=is_open)
    refuse("job_whose", t, "UPDATE", changed("id", "kind", "key", "payload", "created_at"), "jobs.final")
    refuse("job_ended", t, "UPDATE", "OLD.state IN ('done', 'given_up')", "jobs.final")
    refuse("job_kept", t, "DELETE", "", "jobs.final")
