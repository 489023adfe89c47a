"""Rows with a time, summed to calendar months of their time zone; missing, double and impossible times are told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from itertools import pairwise

from zerofactory_engine.decimals import CONTEXT, plain
from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_engine.units import unit
from zerofactory_mappings.sources.meter_csv.check import Decider, Gap, OutRow, by_series
from zerofactory_mappings.sources.meter_csv.read import Record
from zerofactory_mappings.sources.report import State


@dataclass(frozen=True, slots=True)
class _Slot:
    """A record and the moment at which what it covers begins."""

    begin: datetime                                  # UTC
    record: Record


def months(decider: Decider) -> None:
    """Sum the records of *decider* to a row for each meter, direction and calendar month.

    Raises:
        ProblemsError: the interval is not stated and the times do not tell it.
    """
    table = decider.table
    for number, records in enumerate(by_series(table.records).values(), 1):
        moments = _moments(decider, records)
        minutes = table.mapping.interval_minutes or _interval([m for m, _ in moments])
        if minutes is None:
            raise ProblemsError([*decider.told(), Problem("meter.no-interval", Place(file=table.file),
                                                          example="interval_minutes: 60")])
        step = timedelta(minutes=minutes)
        back = step if table.mapping.stamp == "end" else timedelta(0)
        slots = _single(decider, [_Slot(moment - back, record) for moment, record in moments])
        _series(decider, _on_grid(decider, slots, step), step, number)


def _moments(decider: Decider, records: Sequence[Record]) -> list[tuple[datetime, Record]]:
    """The moment of each record in UTC. A civil time that comes twice when clocks go back is told by its order; one
    that is skipped when they go forward does not exist."""
    zone = decider.table.mapping.zone
    seen: Counter[datetime] = Counter()
    out = []
    for record in records:
        assert record.stamp is not None              # a time column
        stamp = record.stamp
        if stamp.tzinfo is None:
            first, second = stamp.replace(tzinfo=zone, fold=0), stamp.replace(tzinfo=zone, fold=1)
            twice = first.utcoffset() != second.utcoffset() and _exists(first)
            if not twice and not _exists(first):
                decider.fate(record, State.REFUSED, "meter.no-such-time", {"found": str(stamp)})
                decider.tell("meter.no-such-time", record, {"found": str(stamp)})
                continue
            stamp = second if twice and seen[record.stamp] else first
            seen[record.stamp] += 1
        out.append((stamp.astimezone(UTC), record))
    return out


def _exists(stamp: datetime) -> bool:
    return stamp.astimezone(UTC).astimezone(stamp.tzinfo).replace(tzinfo=None) == stamp.replace(tzinfo=None)


def _interval(moments: Sequence[datetime]) -> int | None:
    """The minutes between most times; None when there are fewer than two or they tell none that divides a day."""
    steps = Counter(later - earlier for earlier, later in pairwise(sorted(set(moments))))
    if not steps:
        return None
    seconds = max(steps.items(), key=lambda item: (item[1], -item[0]))[0].total_seconds()
    minutes = int(seconds // 60)
    return minutes if seconds == minutes * 60 and minutes and 1440 % minutes == 0 else None


def _single(decider: Decider, slots: Sequence[_Slot]) -> list[_Slot]:
    """The slots without times that come twice: an equal amount is taken once, different ones not at all."""
    by_begin: dict[datetime, list[_Slot]] = {}
    for slot in slots:
        by_begin.setdefault(slot.begin, []).append(slot)
    out = []
    for same in by_begin.values():
        amounts = {unit(s.record.unit).to_base(s.record.amount) for s in same}
        if len(amounts) == 1:
            out.append(same[0])
        for slot in same[1:] if len(amounts) == 1 else same:
            code = "meter.same-time" if len(amounts) == 1 else "meter.time-conflict"
            decider.fate(slot.record, State.REFUSED, code)
            decider.tell(code, slot.record, found=str(slot.record.stamp))
    return sorted(out, key=lambda s: s.begin)


def _on_grid(decider: Decider, slots: Sequence[_Slot], step: timedelta) -> list[_Slot]:
    """The slots that begin on the grid that most of them keep; others would overlap their neighbours."""
    if not slots:
        return []
    zero = datetime(2000, 1, 1, tzinfo=UTC)
    phase = Counter((s.begin - zero) % step for s in slots).most_common(1)[0][0]
    out = []
    for slot in slots:
        if (slot.begin - zero) % step == phase or step >= timedelta(days=1):     # days are not all of 24 hours
            out.append(slot)
        else:
            decider.fate(slot.record, State.REFUSED, "meter.off-grid")
            decider.tell("meter.off-grid", slot.record, found=str(slot.record.stamp))
    return out


def _series(decider: Decider, slots: Sequence[_Slot], step: timedelta, number: int) -> None:
    zone = decider.table.mapping.zone
    by_day: dict[date, list[_Slot]] = {}
    for slot in slots:
        day = slot.begin.astimezone(zone).date()
        if decider.year is not None and day.year != decider.year:
            decider.fate(slot.record, State.KEPT, "import.outside-period", {"start": str(day), "end": str(day)})
        else:
            by_day.setdefault(day, []).append(slot)
    if not by_day:
        return
    _holes(decider, by_day, step, zone)
    by_month: dict[tuple[int, int], list[date]] = {}
    for day in sorted(by_day):
        by_month.setdefault((day.year, day.month), []).append(day)
    for (year, month), days in by_month.items():
        records = tuple(s.record for d in days for s in by_day[d])
        unit_text = records[0].unit
        total = Decimal(0)
        for record in records:
            total = CONTEXT.add(total, unit(record.unit).to_base(record.amount))
        decider.add(OutRow(f"M{number}-{year}-{month:02d}", records, (days[0], days[-1]),
                           unit(unit_text).from_base(total), unit_text, summed=True))


def _holes(decider: Decider, by_day: dict[date, list[_Slot]], step: timedelta, zone: tzinfo) -> None:
    """Days between the first and the last one of which intervals are missing, as gaps."""
    first, last = min(by_day), max(by_day)
    day, run = first, []
    missing = 0
    while day <= last:
        lacks = _expected(day, zone, step) - len(by_day.get(day, ()))
        if lacks > 0:
            run.append((day, lacks))
        if run and (lacks <= 0 or day == last):
            _gap(decider, by_day, run, step)
            missing += sum(count for _, count in run)
            run = []
        day += timedelta(days=1)
    if missing:
        record = by_day[last][-1].record
        decider.tell("meter.times-missing", record, {"meter": record.meter, "first": str(first), "last": str(last)},
                     found=plain(Decimal(missing)))


def _gap(decider: Decider, by_day: dict[date, list[_Slot]], run: Sequence[tuple[date, int]], step: timedelta) -> None:
    record = next(iter(by_day.values()))[0].record
    count = sum(n for _, n in run)
    minutes = int(step.total_seconds() // 60)
    decider.gaps.append(Gap(record.meter, (run[0][0], run[-1][0]),
                            f"{count} intervals of {minutes} minutes without data ({record.flow})"))


def _expected(day: date, zone: tzinfo, step: timedelta) -> int:
    """Intervals of a civil day, which has 23 or 25 hours when clocks change."""
    if step >= timedelta(days=1):
        return 1
    begin = datetime.combine(day, time(), zone).astimezone(UTC)
    end = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
    return int((end - begin) / step)
