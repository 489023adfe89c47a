"""Prices of certificates: published for the quarter (2026) or week (from 2027) of import, else as the user states them.

A published price prevails over an assumption, but not over a price that the user states with its source. What is
neither published nor stated is unknown: no cost is guessed (Regulation 2023/956 Article 21; Commission Q&A 3.5).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from zerofactory_engine.decimals import plain
from zerofactory_engine.problems import Problem, Severity
from zerofactory_mappings.cbam import tables
from zerofactory_mappings.cbam.book import Book, Figure
from zerofactory_mappings.cbam.obligation.model import PriceEntry, When
from zerofactory_mappings.cbam.table_reader import Cited, Unknown

UNIT = "EUR/tCO2e"


class PriceSource(StrEnum):
    """Where a price comes from."""

    PUBLISHED = "published"
    STATED = "stated"            # by the user, with its source
    ASSUMPTION = "assumption"    # by the user, without
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PriceUse:
    """The price of one period: *figure* in EUR/tCO2e; *reason* why it is not known."""

    period: str
    source: PriceSource
    figure: Figure
    reason: Problem | None = None

    def as_json(self) -> dict[str, Any]:
        """Period, value and where it comes from."""
        return {"period": self.period, "eur_per_tco2e": self.figure.value, "source": self.source} | (
            {} if self.reason is None else {"reason": self.reason})


class Prices:
    """Looks up prices; *ignored* gathers assumptions that a published price made needless."""

    def __init__(self, book: Book, entries: Sequence[PriceEntry],
                 cited: Callable[[Cited], Figure] | None = None) -> None:
        self.book, self.cited = book, cited or book.cited
        self.entries = {e.period: e for e in entries}
        self.ignored: dict[str, Problem] = {}

    def of(self, when: When) -> PriceUse:
        """The price for goods imported *when*."""
        stated = next((e for p in (when.week, when.period, str(when.year)) if p is not None
                       and (e := self.entries.get(p)) is not None), None)
        published = _published(when)
        if stated is not None and stated.source is not None:
            return self._stated(stated)
        if published is not None and isinstance(published.value, Cited):
            if stated is not None:
                self.ignored.setdefault(published.period, Problem(
                    "cbam-obligation.assumption-needless", stated.place, Severity.NOTE, found=plain(stated.price.value),
                    accepted=plain(published.value.value), args={"period": published.period}))
            return PriceUse(published.period, PriceSource.PUBLISHED, self.cited(published.value))
        if stated is not None:
            return self._stated(stated)
        period = published.period if published is not None else when.label
        unknown = self.book.unknown(f"price:{period}", UNIT, "cbam-obligation.missing.price")
        return PriceUse(period, PriceSource.UNKNOWN, unknown, _why(published, when))

    def of_year(self, year: int) -> PriceUse | None:
        """The price that the user states for a whole *year*; None where there is none."""
        entry = self.entries.get(str(year))
        return None if entry is None else self._stated(entry)

    def _stated(self, entry: PriceEntry) -> PriceUse:
        source = PriceSource.ASSUMPTION if entry.source is None else PriceSource.STATED
        about = {} if entry.source is None else {"source": entry.source}
        figure = self.book.given(f"price:{entry.period}", entry.price, kind=str(source), **about)
        return PriceUse(entry.period, source, figure)


def published(year: int) -> Iterator[tuple[str, Cited]]:
    """Period and price of every quarter of *year* that is published."""
    for quarter in range(1, 5):
        found = tables.price(quarter=f"{year}-Q{quarter}")
        if isinstance(found.value, Cited):
            yield found.period, found.value


def _published(when: When) -> tables.Price | None:
    """What the tables hold for *when*; None where only the year is known."""
    if when.day is not None:
        found = tables.price(on=when.day)
        if found.kind == "week" and when.week is not None:
            return tables.Price(when.week, found.kind, found.value, found.published)
        return found
    return tables.price(quarter=when.period) if when.period is not None else None


def _why(price: tables.Price | None, when: When) -> Problem:
    if price is None:
        return Problem("cbam-obligation.price-needs-quarter", severity=Severity.WARNING, found=when.label,
                       accepted="date | quarter | prices")
    assert isinstance(price.value, Unknown)             # a known price never comes here
    args = {"due": "", **price.value.args, "period": price.period}
    return Problem(price.value.reason, severity=Severity.WARNING, args=args)
