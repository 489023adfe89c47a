"""What people type on applications and cases: texts, days, shares; all that is wrong at once."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation

from zerofactory_engine.problems import Place, Problem
from zerofactory_web.accounts.words import Words as AccountWords

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,15})?", re.ASCII)


class Words(AccountWords):
    """Collects problems while it reads."""

    def optional(self, path: str, given: str, most: int, *, lines: bool = True) -> str:
        """A text that may be empty."""
        return self.text(path, given, most, lines=lines) if given.strip() else ""

    def day(self, path: str, given: str, *, first: date | None = None, last: date | None = None,
            empty: bool = False) -> date | None:
        """A civil date, from *first* to *last* where they are given."""
        text = given.strip()
        if not text and empty:
            return None
        try:
            found = date.fromisoformat(text) if _DAY.fullmatch(text) else None
        except ValueError:
            found = None
        if found is None:
            self.problems.append(Problem("cases.not-a-day", Place(path=path), found=text[:40], example="2026-11-27"))
        elif (first is not None and found < first) or (last is not None and found > last):
            self.problems.append(Problem("cases.day-out", Place(path=path), found=text,
                                         accepted=f"{first or '…'} … {last or '…'}"))
        return found

    def number(self, path: str, given: str, *, low: Decimal, high: Decimal, empty: bool = False) -> Decimal | None:
        """An exact number from *low* to *high*."""
        text = given.strip()
        if not text and empty:
            return None
        try:
            found = Decimal(text) if _NUMBER.fullmatch(text) else None
        except InvalidOperation:
            found = None
        if found is None or not low <= found <= high:
            self.problems.append(Problem("cases.not-a-number", Place(path=path), found=text[:40],
                                         accepted=f"{low} … {high}"))
        return found
