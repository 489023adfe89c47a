"""Serials that certificates rest on and cases claim: of one application only, whatever ranges they are written in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Text, func, select, type_coerce, update
from sqlalchemy.orm import Session, aliased

from zerofactory_engine.dossier.serials import SerialRange, serial_range
from zerofactory_engine.problems import Place, Problem
from zerofactory_web.cases.model import Case, DossierVersion
from zerofactory_web.register.model import SERIAL_DIGITS, Certificate, SerialUse
from zerofactory_web.store.unit import Change

_BETWEEN = " … "
#: Characters of a series that are kept.
_SERIES = 160


@dataclass(frozen=True, slots=True)
class Written:
    """Serials as a series and two numbers of equal length, so that the database compares them as text."""

    system: str
    serial: str
    series: str
    low: str
    high: str


def written(given: Mapping[str, str]) -> tuple[Written, ...]:
    """``{registry, serial}`` in that form; *serial* is one, or ``first … last``.

    Serials of another number of digits are another series (``0150`` is not ``150``); a range whose serials grow longer
    (``99 … 101``) is one part for each length. What has no number is a series of one.
    """
    text = given["serial"].strip()
    found = _range(text)
    if found is None or found.low > found.high or not any(c.isdigit() for c in text):
        return (Written(given["registry"], text[:200], text[:_SERIES], _padded(0), _padded(0)),)
    widths = range(len(str(found.low)), len(str(found.high)) + 1) if not found.width else (found.width,)
    return tuple(Written(given["registry"], text[:200], f"{found.head}#{width}#{found.tail}"[:_SERIES],
                         _padded(max(found.low, 0 if found.width or width == 1 else 10 ** (width - 1))),
                         _padded(min(found.high, 10 ** width - 1))) for width in widths)


def _padded(number: int) -> str:
    return f"{number:0{SERIAL_DIGITS}d}"


@dataclass(frozen=True, slots=True)
class Use:
    """One of the serials that were asked about (its *index*) is another application's: *shared* is what both have,
    *case* the other's number, *certificate* that of a certificate in force that rests on it, if one does."""

    index: int
    shared: str
    case: str
    certificate: str | None = None


def elsewhere(session: Session, case_id: str, serials: Sequence[Mapping[str, str]], *,
              issued_only: bool = False) -> list[Use]:
    """Where else *serials* (``{registry, serial}``) of a case are used: certificates in force rest on them or, unless
    *issued_only*, the newest dossier of a case that was not refused claims them. This is the one place that looks.

    Cases of the same application (an appeal, a changed scope) are one claim, and so is what is in both places.
    """
    found = list(_issued(session, case_id, serials))
    known = {(use.index, use.case) for use in found}
    claimed = () if issued_only or not serials else _claimed(session, case_id, serials)
    return sorted([*found, *(use for use in claimed if (use.index, use.case) not in known)],
                  key=lambda use: (use.index, use.certificate or "", use.case))


def _issued(session: Session, case_id: str, serials: Sequence[Mapping[str, str]]) -> Iterator[Use]:
    theirs, ours = aliased(Case), aliased(Case)
    seen: set[tuple[int, str, str]] = set()
    for index, given in enumerate(serials):
        for mine in written(given):
            rows = session.execute(
                select(SerialUse.serial, Certificate.number, theirs.number)
                .join(Certificate, Certificate.id == SerialUse.certificate_id)
                .join(theirs, theirs.id == SerialUse.case_id).join(ours, ours.id == case_id)
                .where(SerialUse.system == mine.system, SerialUse.series == mine.series,
                       SerialUse.released_at.is_(None), SerialUse.low <= mine.high, SerialUse.high >= mine.low,
                       theirs.application_id != ours.application_id).order_by(Certificate.number))
            for serial, certificate, case in rows:
                if (index, serial, certificate) not in seen:
                    seen.add((index, serial, certificate))
                    yield Use(index, _shared(mine.serial, serial), case, certificate)


def _claimed(session: Session, case_id: str, serials: Sequence[Mapping[str, str]]) -> Iterator[Use]:
    """Compared as the database compares what was issued: part by part, in each series."""
    mine: dict[tuple[str, str], list[tuple[str, str, int]]] = {}
    for index, given in enumerate(serials):
        for part in written(given):
            mine.setdefault((part.system, part.series), []).append((part.low, part.high, index))
    for parts in mine.values():
        parts.sort()
    for case, summary in _dossiers(session, case_id):
        seen: set[tuple[int, str]] = set()
        for given in claims_in(summary):
            for part in written(given):
                for low, high, index in mine.get((part.system, part.series), ()):
                    if low > part.high:
                        break
                    if high >= part.low and (index, given["serial"]) not in seen:
                        seen.add((index, given["serial"]))
                        yield Use(index, _shared(serials[index]["serial"], given["serial"]), case)


def _dossiers(session: Session, case_id: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Number of every case of another application that was not refused, with the summary of its newest dossier; those
    without serials are left in the database."""
    version, ours = aliased(DossierVersion), aliased(Case)
    newest = select(func.max(version.number)).where(
        version.application_id == Case.application_id).correlate(Case).scalar_subquery()
    rows = session.execute(
        select(Case.number, DossierVersion.summary).select_from(Case).join(ours, ours.id == case_id)
        .join(DossierVersion, DossierVersion.application_id == Case.application_id)
        .where(Case.application_id != ours.application_id, Case.state != "refused", DossierVersion.number == newest,
               type_coerce(DossierVersion.summary, Text).not_like('%"serials":[]%')).order_by(Case.number))
    yield from ((row[0], row[1]) for row in rows)


def claims_in(summary: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """``{row, registry, serial}`` for each range of serials in the summary of a dossier. The registry is the table, as
    on what is issued; what is not numbered from a first to a last serial claims none (the dossier is told so)."""
    for each in summary.get("serials", ()):
        found = serial_range(each["first"], each["last"])
        if found is not None and found.low <= found.high:
            yield {"row": each["row"], "registry": each["row"].partition("/")[0],
                   "serial": _text(each["first"], each["last"])}


def _text(first: str, last: str) -> str:
    return first if first == last else f"{first}{_BETWEEN}{last}"


def _range(serial: str) -> SerialRange | None:
    first, between, last = serial.strip().partition(_BETWEEN)
    return serial_range(first, last if between else first)


def _shared(mine: str, theirs: str) -> str:
    """The serials in both, as they are written; all of theirs where that cannot be said."""
    ours, others = _range(mine), _range(theirs)
    found = ours.overlap(others) if ours is not None and others is not None else None
    return theirs if found is None or found == others else str(found)


def conflicts(session: Session, case_id: str, serials: Sequence[Mapping[str, str]]) -> list[Problem]:
    """``register.lint-serial`` for each of *serials* that is in force for the case of another application."""
    return [Problem("register.lint-serial", Place(path=f"serials.{use.index}"), found=use.shared,
                    args={"number": use.certificate or ""})
            for use in elsewhere(session, case_id, serials, issued_only=True)]


def take(change: Change, certificate: Certificate, serials: Sequence[Mapping[str, str]]) -> None:
    """Note that *certificate* rests on *serials*; the database refuses those of another application."""
    for each in dict.fromkeys(part for given in serials for part in written(given)):
        change.session.add(SerialUse(
            system=each.system, serial=each.serial, series=each.series, low=each.low, high=each.high,
            case_id=certificate.case_id, certificate_id=certificate.id, created_at=change.now))
    change.session.flush()


def release(session: Session, certificate_id: str, now: datetime) -> None:
    """Let others rest on the serials of a certificate that no longer claims them."""
    session.execute(update(SerialUse).where(SerialUse.certificate_id == certificate_id, SerialUse.released_at.is_(None))
                    .values(released_at=now, version=SerialUse.version + 1))
