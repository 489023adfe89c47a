"""Serials that certificates rest on: in force for one application only, whatever ranges they are written in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session, aliased

from zerofactory_engine.dossier.serials import serial_range
from zerofactory_engine.problems import Place, Problem
from zerofactory_web.cases.model import Case
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
    first, between, last = text.partition(_BETWEEN)
    found = serial_range(first, last if between else first)
    if found is None or found.low > found.high or not any(c.isdigit() for c in text):
        return (Written(given["registry"], text[:200], text[:_SERIES], _padded(0), _padded(0)),)
    widths = range(len(str(found.low)), len(str(found.high)) + 1) if not found.width else (found.width,)
    return tuple(Written(given["registry"], text[:200], f"{found.head}#{width}#{found.tail}"[:_SERIES],
                         _padded(max(found.low, 0 if found.width or width == 1 else 10 ** (width - 1))),
                         _padded(min(found.high, 10 ** width - 1))) for width in widths)


def _padded(number: int) -> str:
    return f"{number:0{SERIAL_DIGITS}d}"


def conflicts(session: Session, case_id: str, serials: Sequence[Mapping[str, str]]) -> list[Problem]:
    """``register.lint-serial`` for each of *serials* that is in force for the case of another application."""
    found = [Problem("register.lint-serial", Place(path=f"serials.{n}"), found=use.serial, args={"number": number})
             for n, given in enumerate(serials) for mine in written(given)
             for use, number in _taken(session, case_id, mine)]
    return list({(p.place, p.found, p.args["number"]): p for p in found}.values())


def _taken(session: Session, case_id: str, mine: Written) -> Iterator[tuple[SerialUse, str]]:
    their_case, my_case = aliased(Case), aliased(Case)
    rows = session.execute(
        select(SerialUse, Certificate.number).join(Certificate, Certificate.id == SerialUse.certificate_id)
        .join(their_case, their_case.id == SerialUse.case_id).join(my_case, my_case.id == case_id)
        .where(SerialUse.system == mine.system, SerialUse.series == mine.series, SerialUse.released_at.is_(None),
               SerialUse.low <= mine.high, SerialUse.high >= mine.low,
               their_case.application_id != my_case.application_id).order_by(Certificate.number))
    yield from ((row[0], row[1]) for row in rows)


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
