"""Running sums of a table of certificates or settlements, and whether a row of sums fits them."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from zerofactory_engine.decimals import CONTEXT


@dataclass(slots=True)
class Sums:
    """Amounts since the last sub-total and since the beginning; *refused*: some row could not be read."""

    part: Decimal = field(default_factory=Decimal)
    whole: Decimal = field(default_factory=Decimal)
    refused: bool = False

    def add(self, amount: Decimal) -> None:
        """Take the amount of one record."""
        self.part, self.whole = CONTEXT.add(self.part, amount), CONTEXT.add(self.whole, amount)

    def unlike(self, total: Decimal | None) -> Decimal | None:
        """What the records since the last sub-total come to, when a row of sums states something else; the part
        begins anew. None when it fits, or cannot be compared."""
        part, self.part = self.part, Decimal(0)
        wrong = total is not None and not self.refused and total not in (part, self.whole)
        return part if wrong else None
