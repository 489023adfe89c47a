"""Lines through points, roots, grids and bisection."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.evaluation.solve import Grid, Line, bisect, fit_line, to_decimal

ONE = Decimal(1)


def test_worked_site_certificates_to_thirty_percent() -> None:
    """479.31 + 0.1229 x over 1642.48 reaches 0.30 at 13.434/0.1229 = 109.308… MWh."""
    line = fit_line(lambda x: Fraction("479.31") + Fraction("0.1229") * Fraction(x) - Fraction("0.30") * Fraction("1642.48"), ONE)
    assert line is not None
    assert line.root is not None
    assert str(to_decimal(line.root)) == "109.3083807973962571196094385679414"
    assert Grid(ONE, Decimal(0), None).at_or_above(line.root) == 110


@given(st.fractions(-50, 50), st.fractions(-50, 50), st.integers(1, 9))
@settings(deadline=None, max_examples=100)
def test_any_line_is_found_exactly(offset: Fraction, slope: Fraction, scale: int) -> None:
    line = fit_line(lambda x: offset + slope * Fraction(x), Decimal(scale))
    assert line == (Line(-offset / slope, slope) if slope else Line(None, Fraction(0)))


def test_a_curve_is_no_line() -> None:
    assert fit_line(lambda x: Fraction(x) ** 2, ONE) is None
    assert fit_line(lambda x: Fraction(max(x, Decimal(3))), ONE) is None
    assert fit_line(lambda x: Fraction(1) / (1 + Fraction(x)), ONE) is None


def test_what_is_not_known_is_no_line() -> None:
    assert fit_line(lambda x: None if x else Fraction(1), ONE) is None


def test_rounding_at_the_last_digit_is_no_curvature() -> None:
    third = CONTEXT.divide(Decimal(1), Decimal(3))
    line = fit_line(lambda x: Fraction(CONTEXT.multiply(third, x)) - 1, Decimal(7))
    assert line is not None
    assert line.root is not None
    assert abs(line.root - 3) < Fraction(1, 10**25)


def test_a_flat_line_has_no_root() -> None:
    assert fit_line(lambda x: Fraction(5), ONE) == Line(None, Fraction(0))


@pytest.mark.parametrize(("step", "low", "high", "first", "last"), [
    ("1", "0", None, 0, None), ("0.5", "0.7", "2.2", 2, 4), ("10", "5", "100", 1, 10), ("3", "3", "3", 1, 1),
])
def test_points_of_a_grid(step: str, low: str, high: str | None, first: int, last: int | None) -> None:
    grid = Grid(Decimal(step), Decimal(low), Decimal(high) if high else None)
    assert (grid.first, grid.last) == (first, last)
    assert grid.point(3) == Decimal(step) * 3


def test_rounded_up_to_the_grid_but_never_below_its_first_point() -> None:
    grid = Grid(Decimal("0.5"), Decimal(2), None)
    assert grid.at_or_above(Fraction("3.1")) == 7
    assert grid.at_or_above(Fraction(3)) == 6
    assert grid.at_or_above(Fraction(-4)) == 4


@pytest.mark.parametrize("high", [None, "1000"])
@pytest.mark.parametrize("target", [0, 1, 2, 3, 63, 64, 65, 999, 1000])
def test_bisection_finds_the_first_point_that_holds(target: int, high: str | None) -> None:
    grid = Grid(ONE, Decimal(0), Decimal(high) if high else None)
    assert bisect(grid, lambda n: n >= target) == target


def test_bisection_without_a_point_that_holds() -> None:
    assert bisect(Grid(ONE, Decimal(0), Decimal(10)), lambda n: n > 10) is None
    assert bisect(Grid(ONE, Decimal(0), Decimal(0)), lambda n: False) is None
    asked: list[int] = []

    def never(number: int) -> bool:
        asked.append(number)
        return False

    assert bisect(Grid(ONE, Decimal(0), None), never) is None
    assert len(asked) == 65


def test_bisection_starts_at_the_lower_bound() -> None:
    assert bisect(Grid(ONE, Decimal(7), None), lambda n: n >= 3) == 7
