"""Built-in functions that compare points and ranges, DMN 1.5 §10.3.4.9 (table 78), and ``range``, ``is``, ``not``."""

from __future__ import annotations

from typing import Any

from zerofactory_engine.feel.functions.registry import builtin
from zerofactory_engine.feel.operators import Failure, compare, equal
from zerofactory_engine.feel.values import Range

_POINT = "number|string|date|time|date time|months|seconds"
_BOTH = _POINT + "|range"


def as_range(value: Any) -> Range:
    """A point as the range from it to itself."""
    return value if isinstance(value, Range) else Range(value, value)


def _ends(*ranges: Range) -> None:
    if any(r.low is None or r.high is None for r in ranges):
        raise Failure


@builtin("before", f"a: {_BOTH}, b: {_BOTH}", gives="boolean")
def before(a: Any, b: Any) -> bool:
    """Whether *a* ends before *b* begins."""
    left, right = as_range(a), as_range(b)
    _ends(left, right)
    return compare("<", left.high, right.low) or (
        equal(left.high, right.low) and not (left.high_closed and right.low_closed))


@builtin("after", f"a: {_BOTH}, b: {_BOTH}", gives="boolean")
def after(a: Any, b: Any) -> bool:
    """Whether *a* begins behind the end of *b*."""
    return before(b, a)


@builtin("meets", "range1: range, range2: range", gives="boolean")
def meets(a: Range, b: Range) -> bool:
    """Whether *a* ends exactly where *b* begins."""
    _ends(a, b)
    return a.high_closed and b.low_closed and equal(a.high, b.low)


@builtin("met by", "range1: range, range2: range", gives="boolean")
def met_by(a: Range, b: Range) -> bool:
    """Whether *a* begins exactly where *b* ends."""
    return meets(b, a)


@builtin("overlaps", "range1: range, range2: range", gives="boolean")
def overlaps(a: Range, b: Range) -> bool:
    """Whether the ranges have a point in common."""
    return not before(a, b) and not before(b, a)


def _starts_before(a: Range, b: Range) -> bool:
    return compare("<", a.low, b.low) or (equal(a.low, b.low) and a.low_closed and not b.low_closed)


def _ends_before(a: Range, b: Range) -> bool:
    return compare("<", a.high, b.high) or (equal(a.high, b.high) and not a.high_closed and b.high_closed)


@builtin("overlaps before", "range1: range, range2: range", gives="boolean")
def overlaps_before(a: Range, b: Range) -> bool:
    """Whether *a* begins before *b* and ends inside it."""
    return overlaps(a, b) and _starts_before(a, b) and not _ends_before(b, a)


@builtin("overlaps after", "range1: range, range2: range", gives="boolean")
def overlaps_after(a: Range, b: Range) -> bool:
    """Whether *a* begins inside *b* and ends behind it."""
    return overlaps_before(b, a)


@builtin("finishes", f"range1: {_BOTH}, range2: range", gives="boolean")
def finishes(a: Any, b: Range) -> bool:
    """Whether *a* lies in *b* and ends with it."""
    left = as_range(a)
    _ends(left, b)
    return left.high_closed == b.high_closed and equal(left.high, b.high) and not _starts_before(left, b)


@builtin("finished by", f"range1: range, range2: {_BOTH}", gives="boolean")
def finished_by(a: Range, b: Any) -> bool:
    """Whether *b* finishes *a*."""
    return finishes(b, a)


@builtin("includes", f"range: range, point: {_BOTH}", gives="boolean")
def includes(a: Range, b: Any) -> bool:
    """Whether *b* lies in *a*."""
    inner = as_range(b)
    _ends(a, inner)
    return not _starts_before(inner, a) and not _ends_before(a, inner)


@builtin("during", f"point: {_BOTH}, range: range", gives="boolean")
def during(a: Any, b: Range) -> bool:
    """Whether *a* lies in *b*."""
    return includes(b, a)


@builtin("starts", f"point: {_BOTH}, range: range", gives="boolean")
def starts(a: Any, b: Range) -> bool:
    """Whether *a* lies in *b* and begins with it."""
    left = as_range(a)
    _ends(left, b)
    return left.low_closed == b.low_closed and equal(left.low, b.low) and not _ends_before(b, left)


@builtin("started by", f"range: range, point: {_BOTH}", gives="boolean")
def started_by(a: Range, b: Any) -> bool:
    """Whether *b* starts *a*."""
    return starts(b, a)


@builtin("coincides", f"a: {_BOTH}, b: {_BOTH}", gives="boolean")
def coincides(a: Any, b: Any) -> bool:
    """Whether both are the same."""
    if isinstance(a, Range) != isinstance(b, Range):
        raise Failure
    return equal(a, b)


@builtin("is", "value1: any, value2: any", gives="boolean")
def is_(a: Any, b: Any) -> bool:
    """Whether both are the same value of the same kind, zones and offsets included."""
    return a.__class__ is b.__class__ and bool(a == b)


@builtin("not", "negand: any", gives="boolean")
def not_(value: Any) -> bool | None:
    """The other truth value; null of anything else."""
    return not value if isinstance(value, bool) else None
