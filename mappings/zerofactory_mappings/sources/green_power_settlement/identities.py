"""The arithmetic that a settlement keeps: prices to the total, whole certificates with the remainder carried on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import combinations

from zerofactory_engine.decimals import CONTEXT

_ZERO = Decimal(0)
#: Largest deviation that rounding to a fen explains, in yuan, in the total and in each part that is added.
FEN = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Carry:
    """Remainders of MWh below one certificate over the months of one contract, given as parts of a certificate.

    *low* to *high*: what may have been carried into the first month (*high* itself is excluded); *carried*: what is
    left after the last one when nothing came in, None when that does not fit. *wrong*: index of the month whose count
    fits no remainder, None when all fit; *expected*: the numbers that would have fitted there.
    """

    low: Decimal
    high: Decimal
    carried: Decimal | None
    wrong: int | None = None
    expected: tuple[int, ...] = ()


def whole_certificates(amounts: Sequence[Decimal], counts: Sequence[int]) -> Carry:
    """Whether *counts* are the whole certificates of *amounts* (in certificates), the remainder always carried on.

    国能综通新能〔2024〕67号: one certificate for each 1000 kWh, what is below one carried to the next month. With a
    remainder r (0 ≤ r < 1) from before, the first n months have floor(r + sum of n amounts) certificates.
    """
    low, high = _ZERO, Decimal(1)
    amount, count = _ZERO, 0
    for index, (settled, issued) in enumerate(zip(amounts, counts, strict=True)):
        amount, before, count = CONTEXT.add(amount, settled), count, count + issued
        least = CONTEXT.subtract(Decimal(count), amount)
        new_low, new_high = max(low, least), min(high, CONTEXT.add(least, Decimal(1)))
        if new_low >= new_high:
            first = int(CONTEXT.add(low, amount).to_integral_value(ROUND_FLOOR))
            last = int(CONTEXT.add(high, amount).to_integral_value(ROUND_CEILING)) - 1
            return Carry(low, high, None, index, tuple(n - before for n in range(first, last + 1)))
        low, high = new_low, new_high
    left = CONTEXT.subtract(amount, Decimal(count))
    return Carry(low, high, left if low == 0 else None)


def total_fits(total: Decimal, needed: Sequence[Decimal], optional: Sequence[Decimal]) -> bool:
    """Whether *total* is the sum of *needed* parts and of some of the *optional* ones, up to rounding to a fen.

    Whether transmission, funds and deviations stand in the total differs from form to form; energy and environmental
    value always do.
    """
    base = _sum(needed)
    for size in range(len(optional) + 1):
        for chosen in combinations(optional, size):
            room = CONTEXT.multiply(FEN, Decimal(1 + len(needed) + size))
            if abs(CONTEXT.subtract(total, CONTEXT.add(base, _sum(chosen)))) <= room:
                return True
    return False


def _sum(parts: Sequence[Decimal]) -> Decimal:
    out = _ZERO
    for part in parts:
        out = CONTEXT.add(out, part)
    return out
