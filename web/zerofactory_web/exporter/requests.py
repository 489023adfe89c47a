"""Requests of customers in the EU, and what each was given: recorded with the hash of exactly what was sent.

    open ──answer──▶ answered ──correct──▶ answered (a further communication)
      └───decline──▶ declined
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from zerofactory_engine.canonical import content_hash
from zerofactory_engine.decimals import parse_decimal, plain
from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_mappings.cbam.scope import read_cn
from zerofactory_web.accounts.access import require_person
from zerofactory_web.accounts.words import Words
from zerofactory_web.exporter import access
from zerofactory_web.exporter.model import CbamFile, DataRequest, SentCommunication, SentFile
from zerofactory_web.store.unit import Actor, Change, Store

#: First and last year of import that a request may name; CBAM began on 1 October 2023.
YEARS = (2023, 2100)
#: Goods of one request at most.
MOST_GOODS = 100
#: EORI: two letters of the country and up to fifteen characters (Regulation (EU) 2015/2446, Annex 12-01).
_EORI = re.compile(r"[A-Z]{2}[0-9A-Z]{1,15}", re.ASCII)
_TONNES = Decimal(10) ** 12


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody typed of a request; *goods*: ``CN code`` or ``CN code; tonnes``, one a line."""

    company: str
    eori: str
    contact: str
    email: str
    goods: str
    year: str
    quarter: str = ""
    received: date | None = None
    due: date | None = None
    note: str = ""


def add(store: Store, actor: Actor, organisation_id: str, asked: Asked, *, request: str = "") -> str:
    """Write a request down; its id.

    Raises:
        ProblemsError: everything that is wrong with it; ``exporter.not-found``, ``accounts.scope``.
    """
    with store.change(actor, request) as change:
        access.organisation(change.session, actor, organisation_id, access.WRITE)
        row = DataRequest(organisation_id=organisation_id, **_checked(asked, change), state="open", reason="",
                          made_by=actor.id, created_at=change.now)
        change.session.add(row)
        change.record("desk.request-added", "data_request", row, content=_content(row))
        return row.id


def _checked(asked: Asked, change: Change) -> dict[str, Any]:
    words = Words()
    today = change.now.date()
    received = asked.received or today
    made: dict[str, Any] = {
        "company": words.text("company", asked.company, 200), "contact": words.text("contact", asked.contact, 200),
        "email": words.email(asked.email) if asked.email.strip() else "",
        "note": words.text("note", asked.note, 2_000, lines=True) if asked.note.strip() else "",
        "eori": _eori(asked.eori, words), "goods": _goods(asked.goods, words), "year": _year(asked.year, words),
        "quarter": _quarter(asked.quarter, words), "received": received, "due": asked.due}
    if received > today:
        words.problems.append(Problem("exporter.received-later", Place(path="received"), found=received.isoformat(),
                                      accepted=f"≤ {today.isoformat()}"))
    if asked.due is not None and asked.due < received:
        words.problems.append(Problem("exporter.due-earlier", Place(path="due"), found=asked.due.isoformat(),
                                      accepted=f"≥ {received.isoformat()}"))
    words.done()
    return made


def _eori(given: str, words: Words) -> str:
    text = re.sub(r"\s", "", given).upper()
    if not _EORI.fullmatch(text):
        words.problems.append(Problem("exporter.eori", Place(path="eori"), found=given[:40] or None,
                                      example="DE123456789012345"))
    return text


def _year(given: str, words: Words) -> int:
    text = given.strip()
    if re.fullmatch(r"\d{4}", text, re.ASCII) and YEARS[0] <= int(text) <= YEARS[1]:
        return int(text)
    words.problems.append(Problem("exporter.not-year", Place(path="year"), found=text[:20] or None,
                                  accepted=f"{YEARS[0]} … {YEARS[1]}", example="2026"))
    return 0


def _quarter(given: str, words: Words) -> int | None:
    if given in ("", "1", "2", "3", "4"):
        return int(given) if given else None
    words.problems.append(Problem("exporter.not-quarter", Place(path="quarter"), found=given[:20],
                                  accepted="1, 2, 3, 4"))
    return None


def _goods(given: str, words: Words) -> list[dict[str, Any]]:
    """Goods, one a line; a quantity that is not said stays unsaid."""
    made: list[dict[str, Any]] = []
    lines = [(n, line.strip()) for n, line in enumerate(given.replace("；", ";").splitlines(), 1) if line.strip()]
    if not lines:
        words.problems.append(Problem("exporter.no-goods", Place(path="goods"), example="73181542; 120.5"))
    if len(lines) > MOST_GOODS:
        words.problems.append(Problem("exporter.many-goods", Place(path="goods"), found=str(len(lines)),
                                      accepted=f"≤ {MOST_GOODS}"))
        return made
    for number, line in lines:
        code, _, amount = (part.strip() for part in line.partition(";"))
        place = Place(path="goods", line=number)
        reading = read_cn(code, place=place)
        cn = code if reading.good is None else reading.good.cn
        if reading.good is None:
            words.problems += [Problem("exporter.not-cn", place, found=code[:40], example="73181542",
                                       accepted=p.accepted, args={"line": str(number)}) for p in reading.problems[:1]]
        tonnes = parse_decimal(amount) if amount else None
        if amount and (tonnes is None or not 0 < tonnes < _TONNES):
            words.problems.append(Problem("exporter.not-tonnes", place, found=amount[:40], example="120.5",
                                          args={"line": str(number)}))
            tonnes = None
        made.append({"cn": cn, "tonnes": None if tonnes is None else plain(tonnes)})
    twice = sorted({g["cn"] for g in made if sum(x["cn"] == g["cn"] for x in made) > 1})
    if twice:
        words.problems.append(Problem("exporter.cn-twice", Place(path="goods"), found=", ".join(twice)[:200]))
    return made


def _content(row: DataRequest) -> dict[str, Any]:
    return {"company": row.company, "eori": row.eori, "goods": row.goods, "year": row.year, "quarter": row.quarter,
            "received": row.received.isoformat(), "due": row.due.isoformat() if row.due else None, "state": row.state,
            "reason": row.reason}


def answer(store: Store, actor: Actor, request_id: str, result_id: str, file_ids: Sequence[str], note: str = "", *,
           version: int | None = None, request: str = "") -> str:
    """Record what the customer was given: files of one result. The first answers the request, a further one corrects
    the last; the id of the communication.

    Raises:
        ProblemsError: ``exporter.not-found``, ``exporter.closed`` (it was declined), ``exporter.no-files``,
            ``exporter.file-other-result``, ``exporter.covers-nothing`` (the result has none of the goods),
            ``store.stale``, ``accounts.not-by-token``.
    """
    require_person(actor)
    words = Words()
    said = words.text("note", note, 2_000, lines=True) if note.strip() else ""
    words.done()
    with store.change(actor, request) as change:
        row = access.request_of(change.session, actor, request_id, access.WRITE)
        _expect(row, version)
        if row.state == "declined":
            raise access.refused("exporter.closed", found=row.state, accepted="open, answered")
        files = _files(change.session, actor, row, result_id, file_ids)
        for file in files:                                  # what is recorded as sent can be given out again
            store.documents.read(file.document)
        last = _last(change.session, request_id)
        made = SentCommunication(request_id=row.id, result_id=result_id, company=row.company, contact=row.contact,
                                 note=said, corrects=last.id if last is not None else None, sent_by=actor.id,
                                 created_at=change.now)
        change.session.add(made)
        change.session.flush()
        for file in files:
            change.session.add(SentFile(communication_id=made.id, file_id=file.id, kind=file.kind, name=file.name,
                                        document=file.document, size=file.size, created_at=change.now))
        change.record("desk.sent", "sent_communication", made, content={
            "request": row.id, "result": result_id, "company": row.company, "corrects": made.corrects,
            "files": [{"name": f.name, "document": f.document, "size": f.size} for f in files]})
        if row.state == "open":
            _close(change, row, "answered", "")
        return made.id


def _files(session: Session, actor: Actor, row: DataRequest, result_id: str,
           file_ids: Sequence[str]) -> list[CbamFile]:
    """The files chosen, each once, all of the one result, which has one of the goods asked for."""
    result, _, given = access.result_of(session, actor, result_id, access.WRITE)
    if given.organisation_id != row.organisation_id:
        raise access.not_found()
    if not file_ids:
        raise access.refused("exporter.no-files", "files")
    files = [access.file_of(session, actor, ident) for ident in dict.fromkeys(file_ids)]
    if any(f.result_id != result_id for f in files):
        raise access.refused("exporter.file-other-result", "files")
    asked, has = {g["cn"] for g in row.goods}, cn_codes(result.summary)
    if not asked & has:
        raise access.refused("exporter.covers-nothing", "result", found=", ".join(sorted(has)) or None,
                             accepted=", ".join(sorted(asked)))
    return files


def cn_codes(summary: Mapping[str, Any]) -> set[str]:
    """CN codes of the products of a result, without blanks."""
    return {re.sub(r"\s", "", p["cn"]) for p in summary["products"] if p["cn"]}


def decline(store: Store, actor: Actor, request_id: str, reason: str, *, version: int | None = None,
            request: str = "") -> None:
    """Close a request without an answer, for a reason.

    Raises:
        ProblemsError: ``exporter.not-found``, ``exporter.closed``, no reason, ``store.stale``,
            ``accounts.not-by-token``.
    """
    require_person(actor)
    words = Words()
    why = words.text("reason", reason, 2_000, lines=True)
    words.done()
    with store.change(actor, request) as change:
        row = access.request_of(change.session, actor, request_id, access.WRITE)
        _expect(row, version)
        if row.state != "open":
            raise access.refused("exporter.closed", found=row.state, accepted="open")
        _close(change, row, "declined", why)


def _close(change: Change, row: DataRequest, state: str, reason: str) -> None:
    before = content_hash(_content(row))
    row.state, row.reason, row.closed_by, row.closed_at = state, reason, change.actor.id, change.now
    change.record(f"desk.request-{state}", "data_request", row, before=before, content=_content(row), reason=reason)


def _expect(row: DataRequest, version: int | None) -> None:
    if version is not None and row.version != version:
        raise ProblemsError([Problem("store.stale")])


def _last(session: Session, request_id: str) -> SentCommunication | None:
    return session.scalar(select(SentCommunication).where(SentCommunication.request_id == request_id).order_by(
        SentCommunication.created_at.desc(), SentCommunication.id.desc()).limit(1))


def listed(session: Session, organisation_id: str) -> Sequence[DataRequest]:
    """Requests to an organisation: open ones first, what is due soonest on top; then the others, the newest first."""
    rows = session.scalars(select(DataRequest).where(DataRequest.organisation_id == organisation_id)).all()
    still = sorted((r for r in rows if r.state == "open"), key=lambda r: (r.due or date.max, r.received, r.id))
    closed = sorted((r for r in rows if r.state != "open"), key=lambda r: (r.closed_at or r.created_at, r.id),
                    reverse=True)
    return [*still, *closed]


def communications(session: Session, request_id: str) -> list[tuple[SentCommunication, Sequence[SentFile]]]:
    """What was sent on a request with its files, the newest first."""
    rows = session.scalars(select(SentCommunication).where(SentCommunication.request_id == request_id).order_by(
        SentCommunication.created_at.desc(), SentCommunication.id.desc())).all()
    return [(row, session.scalars(select(SentFile).where(SentFile.communication_id == row.id).order_by(
        SentFile.name, SentFile.id)).all()) for row in rows]
