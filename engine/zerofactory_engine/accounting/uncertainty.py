"""Uncertainty of a total: IPCC 2006 Guidelines, volume 1, chapter 3, approach 1 (error propagation).

A product combines relative half-widths by the root of the sum of squares (equation 3.1), a sum combines absolute ones
(equation 3.2). Lines are taken as independent. Lines that state nothing are left out of the interval and their share of
the total is reported beside it, so that a narrow interval never hides a gap.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from zerofactory_engine.accounting.terms import ZERO, Amount
from zerofactory_engine.decimals import CONTEXT, plain

METHOD = "ipcc-2006-approach-1"


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """The half-width at 95 % of a total, in tonnes, relative to it, and the share of it that states no uncertainty."""

    half_width: Decimal
    relative: Decimal | None
    not_stated: Decimal | None

    def as_json(self) -> dict[str, str]:
        """Stable JSON shape."""
        out = {"method": METHOD, "half_width": plain(self.half_width)}
        for name in ("relative", "not_stated"):
            value = getattr(self, name)
            if value is not None:
                out[name] = plain(value)
        return out


def combine(parts: Iterable[tuple[Amount, Decimal | None]]) -> Uncertainty | None:
    """Combine (amount, relative half-width) pairs of a sum; None when no part states an uncertainty.

    Parts whose amount is not known are left out: the total is unknown then anyway.
    """
    squares, total, silent, stated = ZERO, ZERO, ZERO, False
    for amount, relative in parts:
        if not isinstance(amount, Decimal):
            continue
        total = CONTEXT.add(total, amount)
        if relative is None:
            silent = CONTEXT.add(silent, amount.copy_abs())
            continue
        stated = True
        width = CONTEXT.multiply(amount, relative)
        squares = CONTEXT.add(squares, CONTEXT.multiply(width, width))
    if not stated:
        return None
    width = CONTEXT.sqrt(squares)
    size = total.copy_abs()
    return Uncertainty(width, CONTEXT.divide(width, size) if size else None,
                       CONTEXT.divide(silent, size) if size else None)
