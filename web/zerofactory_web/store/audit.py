"""The audit log: who did what to which object, each row sealed into a chain with the hash of the row before it.

A row's hash is the SHA-256 of its canonical JSON (RFC 8785) with the previous row's hash in it. The database refuses to
change or delete a row (triggers in the migration); the chain shows it when somebody got around that. What a log alone
cannot do: stop an operator from showing different logs to different people. Checkpoints (:mod:`.checkpoints`) that
others keep do that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from zerofactory_engine.canonical import canonical_bytes, sha256
from zerofactory_web.store.model import Base, time_text

#: The hash before the first row.
GENESIS = "sha256:" + "0" * 64
FIELDS = ("seq", "at", "actor", "actor_name", "roles", "action", "object", "object_version", "before", "after",
          "reason", "request", "details", "previous")


class AuditRow(Base):
    """One act. *actor*: id of a person, or ``system``, ``public``; *object*: ``kind:id``; *before* and *after*: hashes
    of the object's content; *details*: what a reader needs beside them, canonical JSON."""

    __tablename__ = "audit"

    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(64), index=True)
    actor_name: Mapped[str] = mapped_column(String(200))
    roles: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(String(80), index=True)
    object: Mapped[str] = mapped_column(String(120), index=True)
    object_version: Mapped[int | None]
    before: Mapped[str | None] = mapped_column(String(71))
    after: Mapped[str | None] = mapped_column(String(71))
    reason: Mapped[str] = mapped_column(Text)
    request: Mapped[str] = mapped_column(String(64))
    details: Mapped[dict[str, Any]]
    previous: Mapped[str] = mapped_column(String(71))
    hash: Mapped[str] = mapped_column(String(71), unique=True)

    def content(self) -> dict[str, Any]:
        """What the hash covers, in the form of the exported log."""
        return {name: time_text(self.at) if name == "at" else getattr(self, name) for name in FIELDS}


class AuditHead(Base):
    """The one row that every writer locks: number and hash of the newest audit row."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    seq: Mapped[int]
    hash: Mapped[str] = mapped_column(String(71))


@dataclass(frozen=True, slots=True)
class Fault:
    """Where a log does not hold: *seq* of the row and a message code."""

    seq: int
    code: str


def hash_of(content: Mapping[str, Any]) -> str:
    """The hash of a row's content (everything but the hash itself)."""
    return sha256(canonical_bytes({name: content[name] for name in FIELDS}))


def append(session: Session, **values: Any) -> AuditRow:
    """Add a row to the end of the chain, holding the head until the transaction ends.

    The time of a row is never before the previous row's: a clock that was set back is shown as standing still.
    """
    head = session.get(AuditHead, 1, with_for_update=True, populate_existing=True)
    assert head is not None                       # the migration makes it
    last = session.get(AuditRow, head.seq) if head.seq else None
    if last is not None and values["at"] < last.at:
        values["details"] = {**values["details"], "clock": time_text(values["at"])}
        values["at"] = last.at
    row = AuditRow(seq=head.seq + 1, previous=head.hash, **values)
    row.hash = hash_of(row.content())
    head.seq, head.hash = row.seq, row.hash
    session.add(row)
    session.flush()
    return row


def rows(session: Session, *, start: int = 1, size: int = 1_000) -> Iterator[AuditRow]:
    """All rows from *start*, in their order."""
    at = start
    while batch := list(session.scalars(select(AuditRow).where(AuditRow.seq >= at).order_by(AuditRow.seq)
                                        .limit(size))):
        yield from batch
        at = batch[-1].seq + 1


def faults(session: Session) -> Iterator[Fault]:
    """Every place where the chain does not hold: a gap, a changed row, a broken link, a head that is not the last."""
    number, previous = 0, GENESIS
    for row in rows(session):
        if row.seq != number + 1:
            yield Fault(row.seq, "audit.gap")
        if row.previous != previous:
            yield Fault(row.seq, "audit.link")
        if row.hash != hash_of(row.content()):
            yield Fault(row.seq, "audit.changed")
        number, previous = row.seq, row.hash
    head = session.get(AuditHead, 1)
    if (head.seq if head else 0, head.hash if head else GENESIS) != (number, previous):
        yield Fault(number, "audit.head")
