"""How figures of the documents are rounded, and what is said about it (2025/2547 Annex II A.1 points 6 to 8).

Emissions of the period stand in full tonnes, specific embedded emissions with at most the decimals of the law, both
half away from zero; a parameter stands as it was entered. Everything is computed at full precision and rounded only
where it is written: specific emissions come from unrounded emissions of the period, never from full tonnes.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal

from zerofactory_mappings.cbam import tables
from zerofactory_mappings.publishing.numbers import percent, shown

#: Enough digits for every figure of a calculation, ties away from zero.
_AWAY = Context(prec=60, rounding=ROUND_HALF_UP)
_MINUS = "\N{MINUS SIGN}"
#: Significant digits of computed parameters that are not exact in fewer.
DERIVED_DIGITS = 6


def decimals(kind: str) -> int | None:
    """Decimals of a kind of figure; None where it is not rounded to decimals."""
    if kind == "tonnes":
        return int(tables.constant("emissions_decimals").value)
    if kind == "see":
        return int(tables.constant("see_decimals").value)
    return None


def rounded(value: Decimal, kind: str) -> Decimal:
    """*value* as the law has its kind; other kinds stay as they are."""
    places = decimals(kind)
    if places is None:
        return value
    result = value.quantize(Decimal(1).scaleb(-places), context=_AWAY)
    return result if result else abs(result)              # never a negative zero


def text(value: Decimal, kind: str) -> str:
    """*value* as the documents show it, with commas between thousands and a true minus sign."""
    if kind == "share":
        return percent(value, 4)
    if kind == "derived":
        return shown(value, DERIVED_DIGITS)
    places = decimals(kind)
    if places is None:
        return grouped(_plain(value))
    return grouped(rounded(value, kind))


def grouped(value: Decimal) -> str:
    """*value* with every digit that it has."""
    return f"{value:,f}".replace("-", _MINUS)


def _plain(value: Decimal) -> Decimal:
    """*value* without zeros at its end."""
    exponent = value.normalize(_AWAY).as_tuple().exponent
    whole = isinstance(exponent, int) and exponent >= 0
    return value.quantize(Decimal(1), context=_AWAY) if whole else value.normalize(_AWAY)
