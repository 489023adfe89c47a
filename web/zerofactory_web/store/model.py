"""What all tables share: names, identifiers, columns that are the same text in SQLite and PostgreSQL.

Times are UTC text with microseconds (``2026-11-27T14:30:00.000000Z``): they sort, hash and travel alike everywhere.
Structured values are canonical JSON text.
"""

from __future__ import annotations

import json
import secrets
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Dialect, Integer, MetaData, String, Text, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from zerofactory_engine.canonical import canonical_bytes

ID_LENGTH = 26
_NAMES = {"ix": "ix_%(column_0_label)s", "uq": "uq_%(table_name)s_%(column_0_name)s",
          "ck": "ck_%(table_name)s_%(constraint_name)s", "pk": "pk_%(table_name)s",
          "fk": "fk_%(table_name)s_%(column_0_name)s"}
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def new_id() -> str:
    """An identifier that nobody guesses: 130 random bits in 26 letters and digits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(ID_LENGTH))


class UtcTime(TypeDecorator[datetime]):
    """A moment as text in UTC."""

    impl = String(27)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """Text of a moment; a moment without zone is a mistake of the program."""
        return None if value is None else time_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        """The moment of a text."""
        return None if value is None else datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


class Day(TypeDecorator[date]):
    """A civil date as text."""

    impl = String(10)
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: Dialect) -> str | None:
        """Text of a date."""
        return None if value is None else value.isoformat()

    def process_result_value(self, value: str | None, dialect: Dialect) -> date | None:
        """The date of a text."""
        return None if value is None else date.fromisoformat(value)


class Json(TypeDecorator[Any]):
    """A structured value as canonical JSON; decimals are strings in it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Canonical text of a value."""
        return None if value is None else canonical_bytes(value).decode("utf-8")

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """The value of a text."""
        return None if value is None else json.loads(value)


def time_text(moment: datetime) -> str:
    """*moment* in UTC with microseconds."""
    if moment.tzinfo is None:
        raise ValueError("a moment without time zone")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Base(DeclarativeBase):
    """Every table of the portal."""

    metadata = MetaData(naming_convention=_NAMES)
    type_annotation_map = {datetime: UtcTime, date: Day, dict[str, Any]: Json, list[Any]: Json}  # noqa: RUF012 - SQLAlchemy's own


class Identified(Base):
    """A row with an identifier of its own, when it was made, and a version that rises with every change.

    Two who change the same version: the second is refused (``store.stale``).
    """

    __abstract__ = True

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    version: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime]

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own
