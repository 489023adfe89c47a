"""Built-in functions of numbers, DMN 1.5 §10.3.4.5."""

from __future__ import annotations

import re
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
    getcontext,
)

from zerofactory_engine.feel.functions.registry import builtin
from zerofactory_engine.feel.operators import NOT_COMPUTABLE, Failure

_SCALES = range(-6111, 6177)
_ZERO = Decimal(0)
_LITERAL = re.compile(r"-?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d{1,4})?", re.ASCII)


def rounded(value: Decimal, scale: Decimal, rounding: str) -> Decimal:
    """*value* with *scale* digits (a fraction of it is dropped) behind the point; before it, when negative.

    A value that has not more digits than that is given back as it is; so is one that has no room for more in 34.
    """
    digits = int(scale)
    if digits not in _SCALES:
        raise Failure(NOT_COMPUTABLE)
    if not value or value.adjusted() + digits >= getcontext().prec:
        return value
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and exponent >= -digits:
        return value
    return value.quantize(Decimal(1).scaleb(-digits), rounding=rounding) + _ZERO


@builtin("decimal", "n: number, scale: number", gives="same")
def decimal(n: Decimal, scale: Decimal) -> Decimal:
    """Round half even."""
    return rounded(n, scale, ROUND_HALF_EVEN)


@builtin("floor", "n: number, scale: number?", gives="same")
def floor(n: Decimal, scale: Decimal = _ZERO) -> Decimal:
    """Greatest number of that scale that is not above *n*."""
    return rounded(n, scale, ROUND_FLOOR)


@builtin("ceiling", "n: number, scale: number?", gives="same")
def ceiling(n: Decimal, scale: Decimal = _ZERO) -> Decimal:
    """Smallest number of that scale that is not below *n*."""
    return rounded(n, scale, ROUND_CEILING)


@builtin("round up", "n: number, scale: number", gives="same")
def round_up(n: Decimal, scale: Decimal) -> Decimal:
    """Away from zero."""
    return rounded(n, scale, ROUND_UP)


@builtin("round down", "n: number, scale: number", gives="same")
def round_down(n: Decimal, scale: Decimal) -> Decimal:
    """Towards zero."""
    return rounded(n, scale, ROUND_DOWN)


@builtin("round half up", "n: number, scale: number", gives="same")
def round_half_up(n: Decimal, scale: Decimal) -> Decimal:
    """To the nearest; halves away from zero."""
    return rounded(n, scale, ROUND_HALF_UP)


@builtin("round half down", "n: number, scale: number", gives="same")
def round_half_down(n: Decimal, scale: Decimal) -> Decimal:
    """To the nearest; halves towards zero."""
    return rounded(n, scale, ROUND_HALF_DOWN)


@builtin("modulo", "dividend: number, divisor: number", gives="same")
def modulo(dividend: Decimal, divisor: Decimal) -> Decimal:
    """``dividend - divisor * floor(dividend / divisor)``: the sign is that of the divisor."""
    rest = dividend % divisor
    return rest + divisor if rest and (rest < 0) != (divisor < 0) else rest


@builtin("sqrt", "number: number", gives="number")
def sqrt(number: Decimal) -> Decimal:
    """Square root."""
    return number.sqrt()


@builtin("log", "number: number", gives="number")
def log(number: Decimal) -> Decimal | None:
    """Natural logarithm of a positive number."""
    return number.ln() if number > 0 else None


@builtin("exp", "number: number", gives="number")
def exp(number: Decimal) -> Decimal:
    """e to the power of *number*."""
    return number.exp()


@builtin("odd", "number: number", gives="boolean")
def odd(number: Decimal) -> bool | None:
    """Whether a whole number is odd."""
    return number % 2 != 0 if number == number.to_integral_value() else None


@builtin("even", "number: number", gives="boolean")
def even(number: Decimal) -> bool | None:
    """Whether a whole number is even."""
    return number % 2 == 0 if number == number.to_integral_value() else None


@builtin("number", "from: string, grouping separator: any, decimal separator: any", "from: string|number",
         gives="number")
def number(source: str | Decimal, grouping: object = None, point: object = None) -> Decimal | None:
    """The number that a text states, with the separators that are given."""
    if isinstance(source, Decimal):
        return source
    if grouping not in (" ", ",", ".", None) or point not in (".", ",", None):
        return None
    if grouping is not None and grouping == point:
        return None
    text = source if grouping is None else source.replace(str(grouping), "")
    if point == ",":
        if "." in text:
            return None
        text = text.replace(",", ".")
    return Decimal(text) if len(text) <= 64 and _LITERAL.fullmatch(text) else None
