"""Shares of figures that may be unknown."""

from __future__ import annotations

from decimal import Decimal

from zerofactory_engine.accounting.terms import Amount
from zerofactory_engine.decimals import CONTEXT


def share_of(part: Amount, whole: Amount) -> Decimal | None:
    """*part* as a share of *whole*; None where one is unknown or *whole* is zero."""
    if not isinstance(part, Decimal) or not isinstance(whole, Decimal) or not whole:
        return None
    return CONTEXT.divide(part, whole)
