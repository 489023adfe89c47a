"""Signed checkpoints of the audit log: how many rows, the hash of the last, when; Ed25519, kept and given to others.

Whoever keeps a checkpoint can show later that the log which he is shown does not continue it.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import Integer, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from zerofactory_web.store.audit import GENESIS, AuditHead, AuditRow, Fault
from zerofactory_web.store.model import Base, time_text

ORIGIN = "zerofactory/audit/1"


class Checkpoint(Base):
    """The state of the log at one moment: *seq* rows, *hash* of the last, signed by the key whose public part is
    *key* (base64)."""

    __tablename__ = "checkpoint"

    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    hash: Mapped[str] = mapped_column(String(71))
    at: Mapped[datetime]
    key: Mapped[str] = mapped_column(String(64))
    signature: Mapped[str] = mapped_column(String(120))

    def text(self) -> bytes:
        """What is signed: origin, number, hash and time, one a line."""
        return signed_text(self.seq, self.hash, time_text(self.at))


def signed_text(seq: int, digest: str, at: str) -> bytes:
    """The lines that a checkpoint's signature covers."""
    return f"{ORIGIN}\n{seq}\n{digest}\n{at}\n".encode()


class Signer:
    """The key that signs checkpoints: made when there is none, readable by its owner only."""

    def __init__(self, file: Path) -> None:
        if not file.exists():
            _make_key(file)
        key = serialization.load_pem_private_key(file.read_bytes(), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise ValueError(f"{file.name}: not an Ed25519 key")
        self._key = key

    @property
    def public(self) -> str:
        """The public part in base64."""
        raw = self._key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        return base64.b64encode(raw).decode("ascii")

    def sign(self, data: bytes) -> str:
        """The signature in base64."""
        return base64.b64encode(self._key.sign(data)).decode("ascii")


def _make_key(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:            # another process was first
        return
    with os.fdopen(handle, "wb") as out:
        out.write(pem)


def checkpoint(session: Session, signer: Signer, now: datetime) -> Checkpoint | None:
    """Sign the state of the log; None when nothing was added since the last checkpoint."""
    head = session.get(AuditHead, 1)
    if head is None or session.get(Checkpoint, head.seq) is not None:
        return None
    at = max(now, _last_time(session) or now)
    made = Checkpoint(seq=head.seq, hash=head.hash, at=at, key=signer.public, signature="")
    made.signature = signer.sign(made.text())
    session.add(made)
    return made


def _last_time(session: Session) -> datetime | None:
    return session.scalar(select(Checkpoint.at).order_by(Checkpoint.seq.desc()).limit(1))


def checkpoints(session: Session) -> Sequence[Checkpoint]:
    """All of them, oldest first."""
    return session.scalars(select(Checkpoint).order_by(Checkpoint.seq)).all()


def checkpoint_faults(session: Session) -> Iterator[Fault]:
    """Checkpoints whose signature does not hold or that the log does not continue."""
    for each in checkpoints(session):
        if not holds(each.key, each.text(), each.signature):
            yield Fault(each.seq, "audit.signature")
        row = session.get(AuditRow, each.seq)
        if (row.hash if row is not None else GENESIS) != each.hash:
            yield Fault(each.seq, "audit.not-continued")


def holds(public: str, data: bytes, signature: str) -> bool:
    """Whether *signature* is that of the *public* key over *data* (both base64)."""
    try:
        Ed25519PublicKey.from_public_bytes(base64.b64decode(public, validate=True)).verify(
            base64.b64decode(signature, validate=True), data)
    except (InvalidSignature, ValueError):
        return False
    return True
