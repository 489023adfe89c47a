"""Tables of the register: certificates and statements, their status over time, their files, the serials that they rest
on, what the search looks through, and counts for numbers."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from zerofactory_web.store.model import Base, Identified

HASH = 71
KINDS = ("certificate", "statement")
CLASSES = ("product", "service", "management-system")
STATUSES = ("active", "suspended", "superseded", "withdrawn", "terminated", "expired")
LANGUAGES = ("zh", "en")
FILE_KINDS = ("certificate", "report")
SERIAL_DIGITS = 60


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(v) for v in values)})"


class Certificate(Identified):
    """A certificate or a statement. *content*: everything that stands on it, in both languages, never changed;
    *sha256*: its hash; *bundle*: document with the full bundle, which is not public; *status*: what holds now (its
    history is in ``certificate_status``)."""

    __tablename__ = "certificate"
    __table_args__ = (CheckConstraint(_one_of("kind", KINDS), name="kind"),
                      CheckConstraint(_one_of("certificate_class", CLASSES), name="class"),
                      CheckConstraint(_one_of("status", STATUSES), name="status"),
                      CheckConstraint("valid_from < valid_until", name="valid"),
                      Index("ix_certificate_list", "issued_on", "number"),
                      # of those only that replace another: with all the empty ones in it, SQLite would rather scan
                      Index("ix_certificate_supersedes", "supersedes", sqlite_where=text("supersedes IS NOT NULL"),
                            postgresql_where=text("supersedes IS NOT NULL")))

    number: Mapped[str] = mapped_column(String(30), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    certificate_class: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(20), default="active", index=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    decision_id: Mapped[str] = mapped_column(ForeignKey("decision.id"), unique=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    issued_on: Mapped[date]
    valid_from: Mapped[date]
    valid_until: Mapped[date] = mapped_column(index=True)
    surveillance_due: Mapped[date | None]
    content: Mapped[dict[str, Any]]
    sha256: Mapped[str] = mapped_column(String(HASH))
    bundle: Mapped[str] = mapped_column(String(HASH), info={"document": True})
    supersedes: Mapped[str | None] = mapped_column(ForeignKey("certificate.id"))


class CertificateText(Base):
    """Names, scope and numbers of a certificate, folded: a narrow table, so that a search reads little."""

    __tablename__ = "certificate_text"
    __table_args__ = (Index("ix_certificate_text_list", "issued_on", "number"),)

    certificate_id: Mapped[str] = mapped_column(ForeignKey("certificate.id"), primary_key=True)
    issued_on: Mapped[date]
    number: Mapped[str] = mapped_column(String(30))
    text: Mapped[str] = mapped_column(Text)


class CertificateStatus(Identified):
    """What a certificate became when, by which decision (none: by date), and why. *reason* is the body's own;
    *told*: the reason as the public register tells it (zh, en), empty when it tells none."""

    __tablename__ = "certificate_status"

    certificate_id: Mapped[str] = mapped_column(ForeignKey("certificate.id"), index=True)
    status: Mapped[str] = mapped_column(String(20))
    since: Mapped[datetime]
    decision_id: Mapped[str | None] = mapped_column(ForeignKey("decision.id"))
    reason: Mapped[str] = mapped_column(Text, default="")
    told: Mapped[dict[str, Any]] = mapped_column(default=dict)


class CertificateFile(Identified):
    """A signed file of a certificate in one language: the certificate itself, or the public report that goes with it.

    *document*: its hash and its place in the store; *attached*: hash of the public extract inside; *signer*: whom the
    seal's certificate names; *seal*: hash of that certificate, by which a file is known as ours whatever key the
    installation has today.
    """

    __tablename__ = "certificate_file"
    __table_args__ = (CheckConstraint(_one_of("language", LANGUAGES), name="language"),
                      CheckConstraint(_one_of("kind", FILE_KINDS), name="kind"),
                      UniqueConstraint("certificate_id", "kind", "language"))

    certificate_id: Mapped[str] = mapped_column(ForeignKey("certificate.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20), default="certificate")
    language: Mapped[str] = mapped_column(String(2))
    document: Mapped[str] = mapped_column(String(HASH), info={"document": True}, index=True)
    size: Mapped[int] = mapped_column(Integer)
    attached: Mapped[str] = mapped_column(String(HASH))
    signer: Mapped[str] = mapped_column(String(200))
    seal: Mapped[str] = mapped_column(String(HASH), index=True)


class SerialUse(Identified):
    """Serials of certificates or credits that an issued certificate rests on.

    *system*: the registry; *serial*: as it is written; *series*: what all serials of the range share; *low*, *high*:
    the first and last number in :data:`SERIAL_DIGITS` digits; *released_at*: since when another case may rest on them.
    """

    __tablename__ = "serial_use"
    __table_args__ = (CheckConstraint("low <= high", name="range"),
                      Index("ix_serial_use_range", "system", "series", "low"))

    system: Mapped[str] = mapped_column(String(80))
    serial: Mapped[str] = mapped_column(String(200))
    series: Mapped[str] = mapped_column(String(160))
    low: Mapped[str] = mapped_column(String(SERIAL_DIGITS))
    high: Mapped[str] = mapped_column(String(SERIAL_DIGITS))
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    certificate_id: Mapped[str] = mapped_column(ForeignKey("certificate.id"), index=True)
    released_at: Mapped[datetime | None]


class Sequence(Base):
    """The last number given of a kind and year: numbers have no gaps, because a count is taken in the transaction of
    the certificate that bears it."""

    __tablename__ = "number_sequence"

    name: Mapped[str] = mapped_column(String(30), primary_key=True)
    last: Mapped[int] = mapped_column(Integer)
