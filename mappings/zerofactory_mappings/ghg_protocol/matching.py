"""Hourly matching of load and instruments, as a pure function: the annual and the hourly view come from the same data.

GHG Protocol Scope 2, direction of the revision (draft, secondary): power counts as matched only in the hour and the
market boundary of the load. score = Σ min(load_h, instruments_h) / Σ load_h; the annual view compares the two sums.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from zerofactory_engine.decimals import CONTEXT

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Hourly:
    """MWh by hour (start of the hour, in UTC) inside one *market* boundary; None: the market is not stated."""

    market: str | None
    values: Mapping[datetime, Decimal] = field(default_factory=dict)

    @property
    def sum(self) -> Decimal:
        """MWh of all hours."""
        return added(self.values.values())


@dataclass(frozen=True, slots=True)
class Match:
    """MWh of load, of deliverable instruments, and matched in each view; a score is None when there is no load.

    *not_deliverable*: MWh of instruments of another market, or of one that is not stated; they match nothing.
    """

    load: Decimal
    instruments: Decimal
    not_deliverable: Decimal
    matched_hourly: Decimal
    matched_annual: Decimal

    @property
    def hourly(self) -> Decimal | None:
        """Share of the load that is matched hour by hour, from 0 to 1."""
        return CONTEXT.divide(self.matched_hourly, self.load) if self.load else None

    @property
    def annual(self) -> Decimal | None:
        """Share of the load that is matched over the whole time, from 0 to 1; never below the hourly score."""
        return CONTEXT.divide(self.matched_annual, self.load) if self.load else None


def match(load: Hourly, instruments: Iterable[Hourly]) -> Match:
    """Match *instruments* with *load*, both views from the same hours.

    An instrument is deliverable when its market is stated and is that of the load. Instruments outside the hours of the
    load match nothing in the hourly view.

    Raises:
        ValueError: a negative amount.
    """
    deliverable: dict[datetime, Decimal] = {}
    elsewhere = _ZERO
    for series in instruments:
        _no_negative(series)
        if series.market is None or load.market is None or series.market.casefold() != load.market.casefold():
            elsewhere = CONTEXT.add(elsewhere, series.sum)
            continue
        for hour, amount in series.values.items():
            deliverable[hour] = CONTEXT.add(deliverable.get(hour, _ZERO), amount)
    _no_negative(load)
    total, offered = load.sum, added(deliverable.values())
    hourly = added(min(amount, deliverable.get(hour, _ZERO)) for hour, amount in load.values.items())
    return Match(total, offered, elsewhere, hourly, min(total, offered))


def added(amounts: Iterable[Decimal]) -> Decimal:
    """Their sum."""
    total = _ZERO
    for amount in amounts:
        total = CONTEXT.add(total, amount)
    return total


def _no_negative(series: Hourly) -> None:
    if any(amount < 0 for amount in series.values.values()):
        raise ValueError("negative MWh")
