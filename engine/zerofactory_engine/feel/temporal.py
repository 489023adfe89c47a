"""Dates, times and durations: reading their ISO 8601 forms, writing them, and calendar arithmetic.

Adding months keeps the day of the month and clips it to the last day of the month that is reached
(31 January + P1M is 28 or 29 February), as DMN 1.5 §10.3.2.3.8 does.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, datetime, timedelta
from decimal import ROUND_FLOOR, Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from zerofactory_engine.decimals import plain
from zerofactory_engine.feel.values import DateTime, Months, Seconds, Time

_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_TIME = re.compile(r"(\d{2}):(\d{2}):(\d{2}(?:\.\d{1,12})?)"
                   r"(?:(Z)|([+-])(\d{2}):(\d{2})(?::(\d{2}))?|@([A-Za-z0-9_+\-/]+))?", re.ASCII)
_MONTHS = re.compile(r"(-?)P(?=\d)(?:(\d{1,10})Y)?(?:(\d{1,10})M)?", re.ASCII)
_SECONDS = re.compile(r"(-?)P(?=[\dT])(?:(\d{1,12})D)?"
                      r"(?:T(?=\d)(?:(\d{1,12})H)?(?:(\d{1,12})M)?(?:(\d{1,12}(?:\.\d{1,12})?)S)?)?", re.ASCII)
_DAY = 86_400
_EPOCH = date(1970, 1, 1).toordinal()


def parse_date(text: str) -> date | None:
    """``2025-12-31``, or None when the text is no date of the years 1 to 9999."""
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


def parse_time(text: str) -> Time | None:
    """``10:30:00``, with a fraction, an offset, ``Z`` or ``@Zone/Name``."""
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    hour, minute, second = int(found[1]), int(found[2]), Decimal(found[3])
    offset: int | None = 0 if found[4] else None
    if found[5]:
        hours, minutes, seconds = int(found[6]), int(found[7]), int(found[8] or 0)
        if hours > 14 or minutes > 59 or seconds > 59:
            return None
        offset = (hours * 3600 + minutes * 60 + seconds) * (-1 if found[5] == "-" else 1)
    if hour > 23 or minute > 59 or second >= 60 or (found[9] and _zone(found[9]) is None):
        return None
    return Time(hour, minute, second, offset, found[9])


def parse_date_time(text: str) -> DateTime | None:
    """``2025-12-31T10:30:00`` with what :func:`parse_time` takes behind it; a date alone is its midnight."""
    head, mark, tail = text.partition("T")
    day = parse_date(head)
    clock = parse_time(tail) if mark else Time(0, 0, Decimal(0))
    return None if day is None or clock is None else DateTime(day, clock)


def parse_duration(text: str) -> Months | Seconds | None:
    """``P1Y6M`` or ``P2DT3H``; the two kinds do not mix."""
    found = _MONTHS.fullmatch(text)
    if found is not None:
        months = int(found[2] or 0) * 12 + int(found[3] or 0)
        return Months(-months if found[1] else months)
    found = _SECONDS.fullmatch(text)
    if found is None:
        return None
    seconds = Decimal(int(found[2] or 0) * _DAY + int(found[3] or 0) * 3600 + int(found[4] or 0) * 60)
    seconds += Decimal(found[5] or 0)
    return Seconds(-seconds if found[1] else seconds)


def parse_temporal(text: str) -> Any:
    """What ``@"text"`` means: date, time, date and time or duration; None for anything else."""
    for read in (parse_date, parse_time, parse_duration):
        value = read(text)
        if value is not None:
            return value
    return parse_date_time(text) if "T" in text else None


def temporal_text(value: Any) -> str | None:
    """The form that :func:`parse_temporal` reads; None for other values."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Time):
        return _time_text(value)
    if isinstance(value, DateTime):
        return f"{value.day.isoformat()}T{_time_text(value.time)}"
    if isinstance(value, Months):
        return _months_text(value.months)
    if isinstance(value, Seconds):
        return _seconds_text(value.seconds)
    return None


def _time_text(value: Time) -> str:
    whole, fraction = divmod(value.second, 1)
    text = f"{value.hour:02}:{value.minute:02}:{int(whole):02}" + (plain(fraction)[1:] if fraction else "")
    if value.zone is not None:
        return f"{text}@{value.zone}"
    if value.offset is None:
        return text
    if value.offset == 0:
        return text + "Z"
    minutes, seconds = divmod(abs(value.offset), 60)
    return (f"{text}{'-' if value.offset < 0 else '+'}{minutes // 60:02}:{minutes % 60:02}"
            + (f":{seconds:02}" if seconds else ""))


def _months_text(months: int) -> str:
    years, rest = divmod(abs(months), 12)
    body = (f"{years}Y" if years else "") + (f"{rest}M" if rest else "")
    return ("-" if months < 0 else "") + "P" + (body or "0M")


def _seconds_text(seconds: Decimal) -> str:
    days, rest = divmod(abs(seconds), _DAY)
    hours, rest = divmod(rest, 3600)
    minutes, rest = divmod(rest, 60)
    clock = (f"{int(hours)}H" if hours else "") + (f"{int(minutes)}M" if minutes else "")
    clock += f"{plain(rest)}S" if rest else ""
    body = (f"{int(days)}D" if days else "") + (f"T{clock}" if clock else "")
    return ("-" if seconds < 0 else "") + "P" + (body or "T0S")


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def offset_of(clock: Time, day: date | None = None) -> int | None:
    """Seconds east of UTC of a time (on a day, when its zone changes over the year); None for local time."""
    if clock.zone is None:
        return clock.offset
    zone = _zone(clock.zone)
    midnight_there = datetime.combine(day or date(1970, 1, 1), datetime.min.time())
    moment = midnight_there + timedelta(hours=clock.hour, minutes=clock.minute)
    shift = None if zone is None else moment.replace(tzinfo=zone).utcoffset()
    return None if shift is None else int(shift.total_seconds())


def time_seconds(clock: Time, day: date | None = None) -> Decimal:
    """Seconds since midnight UTC (local midnight for a local time); may lie outside one day."""
    return clock.hour * 3600 + clock.minute * 60 + clock.second - (offset_of(clock, day) or 0)


def instant(moment: DateTime) -> Decimal:
    """Seconds since 1970-01-01T00:00:00, of UTC or of local time."""
    return (moment.day.toordinal() - _EPOCH) * _DAY + time_seconds(moment.time, moment.day)


def has_offset(clock: Time) -> bool:
    """Whether a time says how it relates to UTC."""
    return clock.offset is not None or clock.zone is not None


def midnight(day: date) -> DateTime:
    """The beginning of a day, as DMN converts a date to a date and time: at UTC."""
    return DateTime(day, Time(0, 0, Decimal(0), 0))


@lru_cache(maxsize=4096)
def add_months(day: date, months: int) -> date:
    """*day* so many months later, clipped to the end of the month.

    Raises:
        ValueError: the result lies outside the years 1 to 9999.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= year <= date.max.year:
        raise ValueError("outside the years 1 to 9999")
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def add_seconds(value: DateTime | Time | date, seconds: Decimal) -> DateTime | Time | date:
    """*value* so many seconds later; a time wraps at midnight, a date moves by whole days.

    Raises:
        ValueError: the result lies outside the years 1 to 9999.
    """
    if isinstance(value, date):
        return _ordinal(value.toordinal() + int((seconds / _DAY).to_integral_value(ROUND_FLOOR)))
    clock = value if isinstance(value, Time) else value.time
    days, rest = _floor_divide(clock.hour * 3600 + clock.minute * 60 + clock.second + seconds, _DAY)
    moved = _clock(rest, clock.offset, clock.zone)
    return moved if isinstance(value, Time) else DateTime(_ordinal(value.day.toordinal() + int(days)), moved)


def _floor_divide(value: Decimal, by: int) -> tuple[Decimal, Decimal]:
    whole = (value / by).to_integral_value(ROUND_FLOOR)
    return whole, value - whole * by


def _clock(seconds: Decimal, offset: int | None, zone: str | None) -> Time:
    hours, rest = divmod(seconds, 3600)
    minutes, second = divmod(rest, 60)
    return Time(int(hours), int(minutes), second, offset, zone)


def _ordinal(number: int) -> date:
    if not 1 <= number <= date.max.toordinal():
        raise ValueError("outside the years 1 to 9999")
    return date.fromordinal(number)


def months_between(start: date, end: date) -> int:
    """Whole months from *start* to *end*; negative when *end* is earlier."""
    if end < start:
        return -months_between(end, start)
    return (end.year - start.year) * 12 + end.month - start.month - (1 if end.day < start.day else 0)


def property_of(value: date | DateTime | Time | Months | Seconds, name: str) -> Any:
    """What ``value.name`` gives; None when the value has no such property."""
    if isinstance(value, date):
        return _date_property(value, name)
    if isinstance(value, DateTime):
        found = _date_property(value.day, name)
        return found if found is not None else _time_property(value.time, name, value.day)
    if isinstance(value, Time):
        return _time_property(value, name, None)
    if isinstance(value, Months):
        parts = {"years": abs(value.months) // 12, "months": abs(value.months) % 12}
        return Decimal(-parts[name] if value.months < 0 else parts[name]) if name in parts else None
    return _seconds_property(value.seconds, name)


def _date_property(day: date, name: str) -> Decimal | None:
    values = {"year": day.year, "month": day.month, "day": day.day, "weekday": day.isoweekday()}
    return Decimal(values[name]) if name in values else None


def _time_property(clock: Time, name: str, day: date | None) -> Any:
    if name == "second":
        return clock.second
    if name == "time offset":
        offset = offset_of(clock, day)
        return None if offset is None else Seconds(Decimal(offset))
    if name == "timezone":
        return clock.zone
    values = {"hour": clock.hour, "minute": clock.minute}
    return Decimal(values[name]) if name in values else None


def _seconds_property(seconds: Decimal, name: str) -> Decimal | None:
    days, rest = divmod(abs(seconds), _DAY)
    hours, rest = divmod(rest, 3600)
    minutes, second = divmod(rest, 60)
    values = {"days": days, "hours": hours, "minutes": minutes, "seconds": second}
    return (-values[name] if seconds < 0 else values[name]) if name in values else None


PROPERTIES = ("year", "month", "day", "weekday", "hour", "minute", "second", "time offset", "timezone",
              "years", "months", "days", "hours", "minutes", "seconds",
              "start", "end", "start included", "end included")
