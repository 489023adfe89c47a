"""Hourly series of load and instruments from the documents that electricity rows name in ``hourly_file``.

The file is a CSV with the columns ``start`` (a whole hour with its offset, ``2025-01-01T00:00+08:00``) and ``MWh``.
Rows from the grid give the load at the gateway, traded green power what the instrument generated in the hour. On-site
plants and direct lines stand apart: their power does not pass the gateway.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from zerofactory_engine.decimals import CONTEXT, parse_decimal
from zerofactory_engine.problems import Place, Problem, Severity
from zerofactory_mappings.ghg_protocol.matching import Hourly, Match, match

if TYPE_CHECKING:
    from zerofactory_engine.dossier import Document, Dossier, Row

MAX_BYTES = 4_000_000
MAX_HOURS = 17_568                       # two leap years
_MAX_PROBLEMS = 50
_HEAD = ["start", "MWh"]
#: An hour's MWh lies below this, in whole parts of a watt-hour, so that sums are exact.
_TOO_MUCH, _LEAST = Decimal(10) ** 9, Decimal("0.000001")
_EXAMPLE = "2025-01-01T00:00+08:00,3.2"
LOAD, INSTRUMENT = "grid", "green trade"
#: Bytes of a document's file by its document; None when it is not there.
Files = Callable[["Document"], bytes | None]


@dataclass(frozen=True, slots=True)
class HourlyView:
    """Matching of one facility. *hours* of *expected* are given for the load; only when all are the score is that of
    the period. *instruments* are the rows whose series took part, *left_out* those that do not (or may not) count."""

    dossier_id: str
    market: str | None
    match: Match
    hours: int
    expected: int
    instruments: tuple[str, ...]
    left_out: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether the load is given for every hour of the period."""
        return self.hours == self.expected

    @property
    def score(self) -> Decimal | None:
        """Share of the load of the period matched hour by hour; None while hours are missing."""
        return self.match.hourly if self.complete else None


def read_hourly(data: bytes, file: str, problems: list[Problem]) -> dict[datetime, Decimal]:
    """MWh by hour in UTC; what is wrong is added to *problems* (``ghgp.hourly-…``) and left out."""
    if len(data) > MAX_BYTES:
        problems.append(Problem("ghgp.hourly-too-large", Place(file), found=str(len(data)), accepted=f"≤ {MAX_BYTES}"))
        return {}
    try:
        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        problems.append(Problem("ghgp.hourly-unreadable", Place(file), found=type(error).__name__,
                                accepted="UTF-8 CSV"))
        return {}
    if not rows or [cell.strip() for cell in rows[0]] != _HEAD or len(rows) > MAX_HOURS + 1:
        found = ",".join(rows[0])[:60] if rows else ""
        problems.append(Problem("ghgp.hourly-head", Place(file, 1), found=f"{found} ({len(rows)})",
                                accepted=f"{','.join(_HEAD)}, ≤ {MAX_HOURS}", example=_EXAMPLE))
        return {}
    values: dict[datetime, Decimal] = {}
    wrong: list[Problem] = []
    for number, cells in enumerate(rows[1:], 2):
        if cells:
            _row(cells, Place(file, number), values, wrong)
    problems.extend(wrong[:_MAX_PROBLEMS])
    return values


def _row(cells: list[str], place: Place, values: dict[datetime, Decimal], wrong: list[Problem]) -> None:
    hour = _hour(cells[0].strip())
    amount = parse_decimal(cells[1].strip()) if len(cells) == len(_HEAD) else None
    if hour is None or amount is None or not 0 <= amount < _TOO_MUCH or amount != amount.quantize(_LEAST):
        wrong.append(Problem("ghgp.hourly-row", place, found=",".join(cells)[:60],
                             accepted="hour with offset, MWh from 0 to 1E+9",
                             example=_EXAMPLE))
    elif hour in values:
        wrong.append(Problem("ghgp.hourly-twice", place, found=cells[0].strip()[:40]))
    else:
        values[hour] = amount


def _hour(text: str) -> datetime | None:
    """The start of a whole hour, in UTC."""
    try:
        found = datetime.fromisoformat(text)
        offset = found.utcoffset()
        found = found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return found if offset is not None and not (found.minute or found.second or found.microsecond) else None


def hourly_view(dossier: Dossier, counts: Mapping[str, str], files: Files, problems: list[Problem]
                ) -> HourlyView | None:
    """Load and instruments of *dossier* matched hour by hour; None when no row from the grid names a series.

    *counts*: whether an instrument counts (yes, no, unknown), by ``electricity/GP-01``. A document that several rows
    name is one series.
    """
    market = dossier.facility.get("market_boundary") or dossier.facility.get("country")
    load: dict[datetime, Decimal] = {}
    series: list[Hourly] = []
    took_part: list[str] = []
    left_out: list[str] = []
    read: dict[str, str] = {}
    for row in dossier.rows.get("electricity", ()):
        source = row.values.get("source")
        consumed = row.values.get("flow") in (None, "consumed")
        if not consumed or source not in (LOAD, INSTRUMENT) or dossier.is_outside(row):
            continue
        subject = f"electricity/{row.id}"
        documents = _documents(row)
        if source == INSTRUMENT and documents:
            if counts.get(subject) != "yes":
                left_out.append(subject)
                continue
            took_part.append(subject)
        for document in documents:
            if document in read:
                if read[document] != source:
                    problems.append(Problem("ghgp.hourly-both", Place(path=subject), found=document))
                continue
            read[document] = source
            values = _series(dossier, document, files, problems)
            if source == INSTRUMENT:
                series.append(Hourly(row.values.get("market_boundary"), values))
            else:
                for hour, amount in values.items():
                    load[hour] = CONTEXT.add(load.get(hour, Decimal(0)), amount)
    if not load:
        return None
    hours = _hours(dossier)
    within = {h: v for h, v in load.items() if h in hours}
    if len(within) != len(load):
        problems.append(Problem("ghgp.hourly-outside", Place(path="electricity"), Severity.WARNING,
                                found=str(len(load) - len(within)), args={"dossier": dossier.id}))
    inside = [Hourly(s.market, {h: v for h, v in s.values.items() if h in hours}) for s in series]
    return HourlyView(dossier.id, market, match(Hourly(market, within), inside), len(within), len(hours),
                      tuple(took_part), tuple(left_out))


def _documents(row: Row) -> tuple[str, ...]:
    """Ids of the documents that a row names for its series; a page or cell behind them plays no role."""
    found = row.given.get("hourly_file") or ()
    items = [found] if isinstance(found, str) else found
    return tuple(str(item.get("document") if isinstance(item, Mapping) else item).partition("#")[0] for item in items)


def _series(dossier: Dossier, name: str, files: Files, problems: list[Problem]) -> dict[datetime, Decimal]:
    document = dossier.documents.get(name)
    data = files(document) if document is not None else None
    if document is None or data is None:
        problems.append(Problem("ghgp.hourly-not-there", Place(path=f"documents/{name}"), Severity.WARNING, found=name))
        return {}
    stated = {str(s).removeprefix("sha256:") for s in (document.stated_sha256, document.sha256) if s is not None}
    if stated - {hashlib.sha256(data).hexdigest()}:        # not the file that was stated, or changed since
        problems.append(Problem("ghgp.hourly-changed", Place(document.file), found=name))
        return {}
    return read_hourly(data, document.file or name, problems)


def _hours(dossier: Dossier) -> frozenset[datetime]:
    """Every hour of the period, by its start in UTC."""
    try:
        zone = ZoneInfo(dossier.period.zone)
    except (ZoneInfoNotFoundError, ValueError):
        zone = ZoneInfo("UTC")
    start = datetime.combine(dossier.period.start, time(), zone).astimezone(UTC)
    end = datetime.combine(dossier.period.end + timedelta(days=1), time(), zone).astimezone(UTC)
    return frozenset(start + timedelta(hours=n) for n in range(int((end - start) / timedelta(hours=1))))
