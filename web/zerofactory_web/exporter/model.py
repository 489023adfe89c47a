"""Tables of the exporter's desk. What was computed, made and sent is never changed: another version stands beside it.

    cbam_input ──▶ cbam_input_version ──▶ cbam_result ──▶ cbam_file
                                              ▲               ▲
    data_request ──▶ sent_communication ──────┴── sent_file ──┘

A request is open until it is answered (there is a communication) or declined (there is a reason). A correction is a
further communication that names the one it corrects.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from zerofactory_web.store.model import Identified

#: Whose law a result follows, as :class:`zerofactory_mappings.cbam.model.Basis` names it.
METHODS = ("transitional", "definitive")
#: States of a request.
STATES = ("open", "answered", "declined")
#: Files that are made of a result.
KINDS = ("result", "proof", "goods", "summary", "workbook", "xml")
_DOCUMENT = {"document": True}


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(v) for v in values)})"


class CbamInput(Identified):
    """What an organisation knows of one installation and period, under a *name* of its own; its content stands in
    versions."""

    __tablename__ = "cbam_input"
    __table_args__ = (UniqueConstraint("organisation_id", "name"),)

    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    made_by: Mapped[str] = mapped_column(ForeignKey("person.id"))


class CbamInputVersion(Identified):
    """The *number*-th content of an input: the file as it came (*document* under *file_name*, text to show), and
    *tree*, what was read from it, as a document in canonical JSON. *problems*: what is wrong in substance, none keeps
    the file from being read. *source*: ``upload``, ``browser`` or the name of an example. *note*: why there is another
    version."""

    __tablename__ = "cbam_input_version"
    __table_args__ = (UniqueConstraint("input_id", "number"), CheckConstraint("number >= 1", name="number"),
                      CheckConstraint("size > 0", name="size"))

    input_id: Mapped[str] = mapped_column(ForeignKey("cbam_input.id"), index=True)
    number: Mapped[int] = mapped_column(Integer)
    file_name: Mapped[str] = mapped_column(String(200))
    document: Mapped[str] = mapped_column(String(71), index=True, info=_DOCUMENT)
    size: Mapped[int] = mapped_column(Integer)
    tree: Mapped[str] = mapped_column(String(71), info=_DOCUMENT)
    source: Mapped[str] = mapped_column(String(80))
    note: Mapped[str] = mapped_column(Text)
    problems: Mapped[list[Any]]
    made_by: Mapped[str] = mapped_column(ForeignKey("person.id"))


class CbamInputFile(Identified):
    """A table of figures beside a version's file, under the name by which the file calls it."""

    __tablename__ = "cbam_input_file"
    __table_args__ = (UniqueConstraint("version_id", "name"),)

    version_id: Mapped[str] = mapped_column(ForeignKey("cbam_input_version.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    document: Mapped[str] = mapped_column(String(71), index=True, info=_DOCUMENT)
    size: Mapped[int] = mapped_column(Integer)


class CbamResult(Identified):
    """A calculation of a version: *method* (whose law), *import_year* (None: as the period says), *readings* that were
    chosen, *engine* that computed it; *document* is the result as a program reads it, *proof* its steps. *summary*:
    what pages show, decimals as text, null where a figure is not known."""

    __tablename__ = "cbam_result"
    __table_args__ = (CheckConstraint(_one_of("method", METHODS), name="method"),)

    version_id: Mapped[str] = mapped_column(ForeignKey("cbam_input_version.id"), index=True)
    method: Mapped[str] = mapped_column(String(20))
    import_year: Mapped[int | None] = mapped_column(Integer)
    readings: Mapped[dict[str, Any]]
    engine: Mapped[str] = mapped_column(String(40))
    document: Mapped[str] = mapped_column(String(71), index=True, info=_DOCUMENT)
    proof: Mapped[str] = mapped_column(String(71), info=_DOCUMENT)
    summary: Mapped[dict[str, Any]]
    made_by: Mapped[str] = mapped_column(ForeignKey("person.id"))


class CbamFile(Identified):
    """A file made of a result, kept as it was given out. *problems*: what was told when it was made."""

    __tablename__ = "cbam_file"
    __table_args__ = (CheckConstraint(_one_of("kind", KINDS), name="kind"),
                      CheckConstraint(_one_of("language", ("zh", "en")), name="language"),
                      CheckConstraint("size > 0", name="size"))

    result_id: Mapped[str] = mapped_column(ForeignKey("cbam_result.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(2))
    name: Mapped[str] = mapped_column(String(200))
    document: Mapped[str] = mapped_column(String(71), index=True, info=_DOCUMENT)
    size: Mapped[int] = mapped_column(Integer)
    problems: Mapped[list[Any]]
    made_by: Mapped[str] = mapped_column(ForeignKey("person.id"))


class DataRequest(Identified):
    """A customer in the EU asks for the emissions of goods: *company* and its *eori*, the person to answer, *goods*
    (``[{cn, tonnes, note}]``, *tonnes* null where not said), the *year* and *quarter* of import (None: the whole year).
    """

    __tablename__ = "data_request"
    __table_args__ = (CheckConstraint(_one_of("state", STATES), name="state"),
                      CheckConstraint("quarter IS NULL OR quarter BETWEEN 1 AND 4", name="quarter"),
                      CheckConstraint("(state = 'open') = (closed_at IS NULL)", name="closed_at"),
                      CheckConstraint("(closed_by IS NULL) = (closed_at IS NULL)", name="closed_by"),
                      CheckConstraint("(state = 'declined') = (reason <> '')", name="reason"))

    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    company: Mapped[str] = mapped_column(String(200))
    eori: Mapped[str] = mapped_column(String(17))
    contact: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254))
    goods: Mapped[list[Any]]
    year: Mapped[int] = mapped_column(Integer)
    quarter: Mapped[int | None] = mapped_column(Integer)
    received: Mapped[date]
    due: Mapped[date | None]
    note: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(20), default="open")
    reason: Mapped[str] = mapped_column(Text, default="")
    made_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    closed_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    closed_at: Mapped[datetime | None]


class SentCommunication(Identified):
    """What a customer was given: the result it rests on, to whom (as the request said it then), by whom and when; its
    files stand in :class:`SentFile`. *corrects*: an earlier one that it takes the place of."""

    __tablename__ = "sent_communication"

    request_id: Mapped[str] = mapped_column(ForeignKey("data_request.id"), index=True)
    result_id: Mapped[str] = mapped_column(ForeignKey("cbam_result.id"), index=True)
    company: Mapped[str] = mapped_column(String(200))
    contact: Mapped[str] = mapped_column(String(200))
    note: Mapped[str] = mapped_column(Text)
    corrects: Mapped[str | None] = mapped_column(ForeignKey("sent_communication.id"), index=True)
    sent_by: Mapped[str] = mapped_column(ForeignKey("person.id"))


class SentFile(Identified):
    """One file of a communication: which it was, and the hash of exactly what was sent."""

    __tablename__ = "sent_file"
    __table_args__ = (UniqueConstraint("communication_id", "file_id"),)

    communication_id: Mapped[str] = mapped_column(ForeignKey("sent_communication.id"), index=True)
    file_id: Mapped[str] = mapped_column(ForeignKey("cbam_file.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(200))
    document: Mapped[str] = mapped_column(String(71), index=True, info=_DOCUMENT)
    size: Mapped[int] = mapped_column(Integer)
