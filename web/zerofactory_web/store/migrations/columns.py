"""Words in which migrations write tables: columns that every row has, keys and checks by the names of the metadata."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

TIME, DAY, HASH, ID, TEXT = sa.String(27), sa.String(10), sa.String(71), sa.String(26), sa.Text


def table(name: str, *parts: Any) -> None:
    """A table with identifier, version and time of making."""
    op.create_table(name, *parts, sa.Column("id", ID, nullable=False), sa.Column("version", sa.Integer, nullable=False),
                    sa.Column("created_at", TIME, nullable=False), sa.PrimaryKeyConstraint("id", name=f"pk_{name}"))


def column(name: str, kind: Any, *, empty: bool = False) -> sa.Column[Any]:
    """A column; *empty*: it may be."""
    return sa.Column(name, kind, nullable=empty)


def points(of: str, name: str, to: str) -> sa.ForeignKeyConstraint:
    """Column *name* of table *of* names a row of table *to*."""
    return sa.ForeignKeyConstraint([name], [f"{to}.id"], name=f"fk_{of}_{name}")


def unique(of: str, first: str, *more: str) -> sa.UniqueConstraint:
    """No two rows of table *of* have the same values there."""
    return sa.UniqueConstraint(first, *more, name=f"uq_{of}_{first}")


def one_of(of: str, name: str, *values: str) -> sa.CheckConstraint:
    """Column *name* of table *of* has one of these values."""
    return sa.CheckConstraint(f"{name} IN ({', '.join(repr(v) for v in values)})", name=op.f(f"ck_{of}_{name}"))


def indexes(*pairs: tuple[str, str]) -> None:
    """An index for each (table, column)."""
    for of, name in pairs:
        op.create_index(f"ix_{of}_{name}", of, [name])


def changed(*columns: str) -> str:
    """SQL: one of *columns*, none of which is ever empty, has another value."""
    return "(" + " OR ".join(f"NEW.{c} <> OLD.{c}" for c in columns) + ")"


def reset(*columns: str) -> str:
    """SQL: one of *columns* had a value and has another one, or none."""
    return "(" + " OR ".join(f"(OLD.{c} IS NOT NULL AND (NEW.{c} IS NULL OR NEW.{c} <> OLD.{c}))"
                             for c in columns) + ")"
