"""Built-in functions that make and read dates, times and durations, DMN 1.5 §10.3.4.1 and §10.3.4.8."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from zerofactory_engine.feel import temporal
from zerofactory_engine.feel.functions.registry import builtin
from zerofactory_engine.feel.functions.texts import whole
from zerofactory_engine.feel.values import DateTime, Months, Seconds, Time

_ONE = Decimal(1)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December")


def _day(value: date | DateTime) -> date:
    return value.day if isinstance(value, DateTime) else value


@builtin("date", "from: string|date|date time", "year: number, month: number, day: number", gives="date")
def date_(source: str | date | DateTime | Decimal, month: Decimal = _ONE, day: Decimal = _ONE) -> date | None:
    """A date from its text, from a date and time, or from year, month and day."""
    if isinstance(source, str):
        return temporal.parse_date(source)
    if isinstance(source, Decimal):
        return date(whole(source), whole(month), whole(day))
    return _day(source)


@builtin("time", "from: string|time|date time|date",
         "hour: number, minute: number, second: number, offset: any?", gives="time")
def time_(source: str | Time | DateTime | date | Decimal, minute: Decimal = _ONE, second: Decimal = _ONE,
          offset: object = None) -> Time | None:
    """A time of day from its text, from a date and time, or from its parts."""
    if isinstance(source, str):
        return temporal.parse_time(source)
    if isinstance(source, DateTime):
        return source.time
    if isinstance(source, Time):
        return source
    if isinstance(source, date):
        return temporal.midnight(source).time
    if not isinstance(offset, (Seconds, type(None))):
        return None
    hours, minutes = whole(source), whole(minute)
    if not (0 <= hours < 24 and 0 <= minutes < 60 and 0 <= second < 60):
        return None
    return Time(hours, minutes, second, None if offset is None else int(offset.seconds))


@builtin("date and time", "from: string|date|date time", "date: date|date time, time: time",
         gives="date time")
def date_and_time(source: str | date | DateTime, clock: Time | None = None) -> DateTime | None:
    """A date and time from its text or from a date and a time."""
    if clock is not None:
        assert not isinstance(source, str), "the signature asks for a date"
        return DateTime(_day(source), clock)
    if isinstance(source, str):
        return temporal.parse_date_time(source)
    return source if isinstance(source, DateTime) else temporal.midnight(source)


@builtin("duration", "from: string|months|seconds", gives="any")
def duration(source: str | Months | Seconds) -> Months | Seconds | None:
    """A duration from its text."""
    return temporal.parse_duration(source) if isinstance(source, str) else source


@builtin("years and months duration", "from: date|date time, to: date|date time", gives="months")
def years_and_months_duration(start: date | DateTime, end: date | DateTime) -> Months:
    """Whole months between two dates."""
    return Months(temporal.months_between(_day(start), _day(end)))


@builtin("abs", "n: number|months|seconds", gives="same")
def abs_(n: Decimal | Months | Seconds) -> Decimal | Months | Seconds:
    """Without its sign."""
    if isinstance(n, Months):
        return Months(abs(n.months))
    return Seconds(abs(n.seconds)) if isinstance(n, Seconds) else abs(n)


@builtin("day of year", "date: date|date time", gives="number")
def day_of_year(day: date | DateTime) -> Decimal:
    """1 to 366."""
    return Decimal(_day(day).timetuple().tm_yday)


@builtin("day of week", "date: date|date time", gives="string")
def day_of_week(day: date | DateTime) -> str:
    """Monday to Sunday."""
    return _DAYS[_day(day).weekday()]


@builtin("month of year", "date: date|date time", gives="string")
def month_of_year(day: date | DateTime) -> str:
    """January to December."""
    return _MONTHS[_day(day).month - 1]


@builtin("week of year", "date: date|date time", gives="number")
def week_of_year(day: date | DateTime) -> Decimal:
    """Week of ISO 8601, 1 to 53."""
    return Decimal(_day(day).isocalendar().week)
