"""How figures and units are shown. The record keeps every digit; a page shows as many as a reader can use.

The rule, printed in every report: a figure that is exact in at most :data:`EXACT_DIGITS` digits stands as it is; any
other is rounded half-even to :data:`DIGITS` significant digits, but never inside the integer part. A value beside its
limit gets more digits until the two compare on paper as they do in the record.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext

from zerofactory_engine.decimals import significant_digits

DIGITS = 4
EXACT_DIGITS = 6
#: Enough for every digit that a record holds.
_WIDE = Context(prec=60, rounding=ROUND_HALF_EVEN)
_MINUS = "\N{MINUS SIGN}"
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?", re.ASCII)

#: Units whose shown form differs by language; the rest is the unit itself with powers raised.
_WORDS: Mapping[str, Mapping[str, str]] = {
    "zh": {"pp": "个百分点", "a": "年", "10kCNY": "万元", "100MCNY": "亿元", "CNY": "元", "item": "项", "10kt": "万t",
           "10ktce": "万tce", "10kNm3": "万Nm³", "10kkWh": "万kWh", "h": "h", "night": "间夜", "person": "人",
           "credit": "个", "degC": "℃", "d": "天", "month": "个月"},
    "en": {"a": "year", "10kCNY": "10⁴ CNY", "100MCNY": "10⁸ CNY", "item": "items",
           "10kt": "10⁴ t", "10ktce": "10⁴ tce", "10kNm3": "10⁴ Nm³", "10kkWh": "10⁴ kWh", "degC": "℃",
           "credit": "credits", "d": "days", "month": "months"},
}
_POWERS = {"m3": "m³", "Nm3": "Nm³", "m2": "m²", "ft3": "ft³"}


def decimal_of(value: object) -> Decimal | None:
    """The number that a JSON value of a record states, or None when it is none."""
    if isinstance(value, Decimal):
        return value
    return Decimal(value) if isinstance(value, str) and _NUMBER.fullmatch(value) and len(value) < 200 else None


def rounded(value: Decimal, digits: int) -> Decimal:
    """*value* to *digits* significant digits, half-even, never inside the integer part."""
    with localcontext(_WIDE):
        places = max(digits - 1 - value.adjusted(), 0)
        result = value.quantize(Decimal(1).scaleb(-places))
        if result.adjusted() > value.adjusted() and places:  # 9.9996 became 10.000
            result = result.quantize(Decimal(1).scaleb(1 - places))
        return result


def _grouped(value: Decimal) -> str:
    """Plain notation with commas between thousands and a true minus sign."""
    text = f"{value:,f}"
    return text.replace("-", _MINUS) if value else text.lstrip("-")


def shown(value: Decimal, digits: int = DIGITS) -> str:
    """*value* by the display rule."""
    if not value:
        return "0"
    if significant_digits(value) <= max(EXACT_DIGITS, digits) and value.adjusted() < 15:
        return _grouped(_trimmed(value))
    return _grouped(rounded(value, digits))


def _trimmed(value: Decimal) -> Decimal:
    """*value* without trailing zeros behind the point."""
    with localcontext(_WIDE):
        exponent = value.normalize().as_tuple().exponent
        return value.quantize(Decimal(1)) if isinstance(exponent, int) and exponent >= 0 else value.normalize()


def shown_beside(value: Decimal, limit: Decimal) -> tuple[str, str]:
    """*value* and *limit* with so many digits that they compare as they do exactly (29.996 never shows as 30)."""
    for digits in range(DIGITS, 35):
        one, other = _reread(shown(value, digits)), _reread(shown(limit, max(digits, EXACT_DIGITS)))
        if (one > other, one < other) == (value > limit, value < limit):
            return shown(value, digits), shown(limit, max(digits, EXACT_DIGITS))
    return _grouped(value), _grouped(limit)


def _reread(text: str) -> Decimal:
    return Decimal(text.replace(",", "").replace(_MINUS, "-"))


def signed(value: Decimal, digits: int = DIGITS) -> str:
    """*value* with its sign, also when it is positive."""
    return ("+" if value > 0 else "") + shown(value, digits)


def percent(share: Decimal, digits: int = 3) -> str:
    """A share as a percentage (``0.2917`` → ``29.2 %``)."""
    with localcontext(_WIDE):
        value = share * 100
        if not value:
            return "0 %"
        near = rounded(value, digits)
        return _grouped(_trimmed(near) if near == value else near) + " %"


def unit_text(unit: str | None, language: str) -> str:
    """*unit* as people write it (``tCO2/tce`` keeps its letters, ``10kCNY`` becomes 万元, ``m3`` m³)."""
    if not unit or unit == "1":
        return ""
    words = _WORDS[language]
    names = re.split(r"([*/])", unit)
    return "".join({"*": "·", "/": "/"}.get(n) or words.get(n) or _POWERS.get(n, n) for n in names if n)


def quantity_text(value: Decimal, unit: str | None, language: str) -> str:
    """*value* and its unit, a thin distance apart."""
    text = unit_text(unit, language)
    return f"{shown(value)} {text}" if text else shown(value)
