"""Arithmetic on figures that may be unknown: a result is unknown with every reason as soon as one operand is."""

from __future__ import annotations

from decimal import Decimal

from zerofactory_engine.accounting.terms import Amount, add
from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.reasons import Cause, Reason, Unknown


def unknown(code: str, subject: str, *, cause: Cause = Cause.VALUE, **args: str) -> Unknown:
    """An unknown with one reason."""
    return Unknown(Reason(cause, subject, code, tuple(sorted(args.items()))))


def merged(*amounts: Amount) -> Unknown | None:
    """The reasons of every unknown among *amounts*; None when all are known."""
    found = [a for a in amounts if isinstance(a, Unknown)]
    return found[0].merge(*found[1:]) if found else None


def minus(one: Amount, other: Amount) -> Amount:
    """*one* − *other*."""
    if isinstance(one, Decimal) and isinstance(other, Decimal):
        return CONTEXT.subtract(one, other)
    found = merged(one, other)
    assert found is not None
    return found


def plus(*amounts: Amount) -> Amount:
    """The sum."""
    return add(amounts)


def over(one: Amount, other: Amount, subject: str) -> Amount:
    """*one* / *other*; unknown where *other* is zero."""
    if isinstance(one, Decimal) and isinstance(other, Decimal):
        if not other:
            return unknown("years.divided-by-zero", subject, cause=Cause.ARITHMETIC)
        return CONTEXT.divide(one, other)
    found = merged(one, other)
    assert found is not None
    return found


def size(amount: Amount) -> Amount:
    """The absolute value."""
    return amount.copy_abs() if isinstance(amount, Decimal) else amount
