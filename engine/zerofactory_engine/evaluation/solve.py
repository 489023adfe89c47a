"""Where a line crosses zero, exactly, and the smallest point of a grid at which a condition holds. Pure arithmetic.

A comparison ``N1/D1 op N2/D2`` whose numerators and denominators are linear in the amount of a change crosses where
``N1·D2 - N2·D1`` is zero. Whether that is a line is checked on its points, in fractions, not assumed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from zerofactory_engine.decimals import CONTEXT

#: Two figures of 34 digits that agree to this share are the same line; more is curvature, not rounding.
_ROUNDING = Fraction(1, 10**30)

#: Bisection stops looking for an upper end after this many doublings of the step.
_DOUBLINGS = 64


@dataclass(frozen=True, slots=True)
class Line:
    """What the samples of a function showed. *slope* is zero when nothing moves; *root* is where it crosses zero."""

    root: Fraction | None
    slope: Fraction


def fit_line(sample: Callable[[Decimal], Fraction | None], scale: Decimal) -> Line | None:
    """The line through *sample* at 0, 1, 2 and 5 times *scale*; None if it is no line there or not known."""
    points = [CONTEXT.multiply(scale, Decimal(n)) for n in (0, 1, 2, 5)]
    values: list[Fraction] = []
    for point in points:
        value = sample(point)
        if value is None:
            return None
        values.append(value)
    at = [Fraction(p) for p in points]
    slope = (values[1] - values[0]) / at[1]
    allowed = _ROUNDING * max(abs(v) for v in values)
    if any(abs(values[0] + slope * x - v) > allowed for x, v in zip(at[2:], values[2:], strict=True)):
        return None
    if abs(slope * at[3]) <= allowed:
        return Line(None, Fraction(0))
    return Line(-values[0] / slope, slope)


def to_decimal(value: Fraction) -> Decimal:
    """The fraction at 34 digits."""
    return CONTEXT.divide(Decimal(value.numerator), Decimal(value.denominator))


@dataclass(frozen=True, slots=True)
class Grid:
    """Amounts that a lever may take: multiples of *step* from *low* to *high* (None: no upper bound)."""

    step: Decimal
    low: Decimal
    high: Decimal | None

    @property
    def first(self) -> int:
        """Number of the first point: the smallest multiple of the step that is not below *low*."""
        return math.ceil(Fraction(self.low) / Fraction(self.step))

    @property
    def last(self) -> int | None:
        """Number of the last point."""
        return None if self.high is None else math.floor(Fraction(self.high) / Fraction(self.step))

    def point(self, number: int) -> Decimal:
        """The amount of point *number*."""
        return CONTEXT.multiply(self.step, Decimal(number))

    def at_or_above(self, amount: Fraction) -> int:
        """Number of the first point that is not below *amount*, nor below the first."""
        return max(math.ceil(amount / Fraction(self.step)), self.first)


def bisect(grid: Grid, holds: Callable[[int], bool]) -> int | None:
    """The smallest point at which *holds*, if it fails before some point and holds behind it; else None.

    Where it changes more than once, the point found is one at which it holds and fails one step before.
    """
    low = grid.first
    if holds(low):
        return low
    if grid.last is not None:
        high = grid.last
        if high <= low or not holds(high):
            return None
    else:
        for doubling in range(_DOUBLINGS):
            high = low + 2**doubling
            if holds(high):
                break
        else:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle
    return high
