"""Exact decimals: one context for every verdict and every reported figure."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Clamped, Context, Decimal, DivisionByZero, InvalidOperation, Overflow

#: 34 digits as in DMN FEEL (IEEE 754 decimal128); half even; nothing invalid passes silently.
CONTEXT = Context(
    prec=34, rounding=ROUND_HALF_EVEN, Emin=-6143, Emax=6144, traps=[InvalidOperation, DivisionByZero, Overflow]
)
CONTEXT.traps[Clamped] = False

#: Digits that a double gives back unchanged; a dossier's amounts keep to them so that tools in between do no harm.
DOSSIER_DIGITS = 15

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d{1,4})?", re.ASCII)
#: Largest power of ten of an amount that is read; beyond it a figure is a typing mistake or an attack.
_EXPONENT_LIMIT = 30


def parse_decimal(text: str) -> Decimal | None:
    """The exact number that *text* states, or None if it is not one (NaN, Infinity, separators, too large)."""
    text = text.strip()
    if len(text) > 64 or _NUMBER.fullmatch(text) is None:
        return None
    value = Decimal(text)
    if value and abs(value.adjusted()) > _EXPONENT_LIMIT:
        return None
    return value


def significant_digits(value: Decimal) -> int:
    """Digits that carry information: 1200 has two, 0.0500 one, 0 one."""
    return len("".join(map(str, value.as_tuple().digits)).strip("0")) or 1


def plain(value: Decimal) -> str:
    """Plain notation without exponent and without trailing zeros: ``0.3``, ``1200``, ``0``."""
    if not value:
        return "0"
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text
