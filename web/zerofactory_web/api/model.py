"""Table of the API: what was answered to writes that came with a key of their own."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from zerofactory_web.store.model import Identified


class IdempotencyKey(Identified):
    """A person's write under a *key*: the hash of what was asked, and the answer once it was given (*status* and
    *answer* are empty until then)."""

    __tablename__ = "idempotency_key"
    __table_args__ = (UniqueConstraint("person_id", "key"),)

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    key: Mapped[str] = mapped_column(String(80))
    request_hash: Mapped[str] = mapped_column(String(71))
    status: Mapped[int | None] = mapped_column(Integer)
    answer: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(index=True)
