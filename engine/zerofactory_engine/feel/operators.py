"""What the operators do with known values, the same in both modes.

Nothing here knows null or unknown: a value that an operator cannot take raises :class:`Failure` with a reason code,
which the standard mode turns into null and the strict mode into an unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal, DecimalException, DivisionByZero, Overflow
from typing import Any

from zerofactory_engine.feel import temporal
from zerofactory_engine.feel.values import DateTime, Kind, Months, Range, Seconds, Time

WRONG_KIND = "reason.wrong-kind"
DIVISION_BY_ZERO = "reason.division-by-zero"
OVERFLOW = "reason.overflow"
NOT_COMPUTABLE = "reason.not-computable"


class Failure(Exception):  # noqa: N818 - an outcome of an operation, never shown
    """An operation that has no result; *code* says why."""

    def __init__(self, code: str = WRONG_KIND) -> None:
        super().__init__(code)
        self.code = code


_KINDS: dict[type, Kind] = {
    Decimal: Kind.NUMBER, str: Kind.STRING, bool: Kind.BOOLEAN, date: Kind.DATE, Time: Kind.TIME,
    DateTime: Kind.DATE_TIME, Months: Kind.MONTHS, Seconds: Kind.SECONDS, Range: Kind.RANGE, type(None): Kind.NULL,
    list: Kind.LIST, tuple: Kind.LIST,
}


def kind_of(value: Any) -> Kind:
    """The kind of a known value; ANY for what is none of the language's values."""
    known = _KINDS.get(value.__class__)
    if known is not None:
        return known
    if isinstance(value, Mapping):
        return Kind.CONTEXT
    if isinstance(value, Sequence) or hasattr(value, "row_ids"):
        return Kind.LIST
    return Kind.FUNCTION if callable(value) else Kind.ANY


def _key(value: Any) -> Any:
    """What values of one kind are compared by."""
    if isinstance(value, Time):
        return temporal.time_seconds(value)
    return temporal.instant(value) if isinstance(value, DateTime) else value


def _comparable(left: Any, right: Any) -> None:
    """Fail unless both are of one kind and, for times, both or neither are related to UTC."""
    if left.__class__ is not right.__class__:
        raise Failure
    if isinstance(left, Time) and temporal.has_offset(left) != temporal.has_offset(right):
        raise Failure
    if isinstance(left, DateTime) and temporal.has_offset(left.time) != temporal.has_offset(right.time):
        raise Failure


_SCALARS = (Decimal, str, bool, date, Time, DateTime, Months, Seconds)
_ORDERED = (Decimal, str, date, Time, DateTime, Months, Seconds)


def equal(left: Any, right: Any) -> bool:
    """Whether two scalars or ranges of one kind are the same."""
    if isinstance(left, Range) and isinstance(right, Range):
        return left == right
    if not isinstance(left, _SCALARS):
        raise Failure
    _comparable(left, right)
    return bool(_key(left) == _key(right))


def compare(op: str, left: Any, right: Any) -> bool:
    """``left op right`` of an order (``<``, ``<=``, ``>``, ``>=``); booleans have none."""
    if not isinstance(left, _ORDERED):
        raise Failure
    _comparable(left, right)
    a, b = _key(left), _key(right)
    if op == "<":
        return bool(a < b)
    if op == "<=":
        return bool(a <= b)
    return bool(a > b) if op == ">" else bool(a >= b)


def guarded(operation: Callable[[], Any]) -> Any:
    """The result of a computation, with the errors of decimals and calendars turned into :class:`Failure`."""
    try:
        return operation()
    except DivisionByZero:
        raise Failure(DIVISION_BY_ZERO) from None
    except (Overflow, OverflowError):
        raise Failure(OVERFLOW) from None
    except (DecimalException, ValueError, ZeroDivisionError):
        raise Failure(NOT_COMPUTABLE) from None


def arithmetic(op: str, left: Any, right: Any) -> Any:
    """``left op right``: numbers, text joined by ``+``, dates and durations."""
    if left.__class__ is Decimal and right.__class__ is Decimal:
        return guarded(lambda: _number(op, left, right))
    return guarded(lambda: _OPERATIONS[op](left, right))


def _number(op: str, a: Decimal, b: Decimal) -> Decimal:
    if op == "+":
        return a + b
    if op == "-":
        return a - b
    if op == "*":
        return a * b
    if op == "**":
        return a**b
    if not b:
        raise Failure(DIVISION_BY_ZERO)
    return a / b


def _add(a: Any, b: Any) -> Any:
    if isinstance(a, str) and isinstance(b, str):
        return a + b
    if isinstance(a, Months) and isinstance(b, Months):
        return Months(a.months + b.months)
    if isinstance(a, Seconds) and isinstance(b, Seconds):
        return Seconds(a.seconds + b.seconds)
    if isinstance(a, (Months, Seconds)):
        a, b = b, a
    return _later(a, b, 1)


def _later(moment: Any, by: Any, sign: int) -> Any:
    if isinstance(by, Months):
        if isinstance(moment, date):
            return temporal.add_months(moment, sign * by.months)
        if isinstance(moment, DateTime):
            return DateTime(temporal.add_months(moment.day, sign * by.months), moment.time)
    elif isinstance(by, Seconds) and isinstance(moment, (date, Time, DateTime)):
        return temporal.add_seconds(moment, sign * by.seconds)
    raise Failure


def _subtract(a: Any, b: Any) -> Any:
    if isinstance(a, Months) and isinstance(b, Months):
        return Months(a.months - b.months)
    if isinstance(a, Seconds) and isinstance(b, Seconds):
        return Seconds(a.seconds - b.seconds)
    if isinstance(a, Time) and isinstance(b, Time):
        _comparable(a, b)
        return Seconds(temporal.time_seconds(a) - temporal.time_seconds(b))
    if isinstance(a, (date, DateTime)) and isinstance(b, (date, DateTime)):
        if a.__class__ is not b.__class__:
            a, b = (temporal.midnight(v) if isinstance(v, date) else v for v in (a, b))
        if isinstance(a, DateTime):
            _comparable(a, b)
            return Seconds(temporal.instant(a) - temporal.instant(b))
        return Seconds(Decimal((a - b).days) * 86_400)
    return _later(a, b, -1)


def _multiply(a: Any, b: Any) -> Any:
    if isinstance(a, Decimal):
        a, b = b, a
    if not isinstance(b, Decimal):
        raise Failure
    if isinstance(a, Months):
        return Months(int(a.months * b))
    if isinstance(a, Seconds):
        return Seconds(a.seconds * b)
    raise Failure


def _divide(a: Any, b: Any) -> Any:
    if isinstance(a, Months) and isinstance(b, Months):
        return _number("/", Decimal(a.months), Decimal(b.months))
    if isinstance(a, Seconds) and isinstance(b, Seconds):
        return _number("/", a.seconds, b.seconds)
    if isinstance(b, Decimal) and isinstance(a, (Months, Seconds)):
        if not b:
            raise Failure(DIVISION_BY_ZERO)
        return Months(int(a.months / b)) if isinstance(a, Months) else Seconds(a.seconds / b)
    raise Failure


def _power(a: Any, b: Any) -> Any:
    raise Failure


_OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "+": _add, "-": _subtract, "*": _multiply, "/": _divide, "**": _power}


def negate(value: Any) -> Any:
    """``-value`` of a number or a duration."""
    if isinstance(value, Decimal):
        return -value
    if isinstance(value, Months):
        return Months(-value.months)
    if isinstance(value, Seconds):
        return Seconds(-value.seconds)
    raise Failure


def in_range(value: Any, span: Range) -> bool:
    """Whether *value* lies in *span*; an end that is None is open to infinity."""
    inside = True
    if span.low is not None:
        inside = compare(">=" if span.low_closed else ">", value, span.low)
    if span.high is not None:
        above = compare("<=" if span.high_closed else "<", value, span.high)
        inside = inside and above
    return inside


def context_value(source: Any, name: str) -> Any:
    """``source.name`` of a context, range, date, time or duration; None when there is nothing under the name.

    Raises:
        Failure: values of this kind have no parts.
    """
    if isinstance(source, Mapping):
        return source.get(name)
    if isinstance(source, Range):
        return {"start": source.low, "end": source.high, "start included": source.low_closed,
                "end included": source.high_closed}.get(name)
    if isinstance(source, (date, Time, DateTime, Months, Seconds)):
        return temporal.property_of(source, name)
    raise Failure
