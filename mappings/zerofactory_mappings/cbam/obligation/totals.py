"""All goods together over the years, if the same quantities were imported every year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from zerofactory_engine.decimals import CONTEXT
from zerofactory_mappings.cbam.obligation.result import GoodResult, ObligationResult, Outcome, OutlookYear, total


@dataclass(frozen=True, slots=True)
class TotalYear:
    """Certificates and cost (EUR) of a year by default data, and by actual data where a good has them (default
    elsewhere)."""

    year: int
    default: Decimal | None
    actual: Decimal | None
    default_cost: Decimal | None
    actual_cost: Decimal | None


def total_outlook(result: ObligationResult) -> tuple[TotalYear, ...]:
    """One entry per year of the outlook; empty without an outlook."""
    goods = [g for g in result.goods if g.outlook]
    if not goods:
        return ()
    return tuple(_year(goods, i) for i in range(len(goods[0].outlook)))


def _year(goods: Sequence[GoodResult], index: int) -> TotalYear:
    years = [(g, g.outlook[index]) for g in goods]
    return TotalYear(
        years[0][1].year, total([_times(g, y, y.default.net) for g, y in years]),
        total([_times(g, y, _of_actual(y).net) for g, y in years]),
        total([_times(g, y, y.default.cost_per_unit) for g, y in years]),
        total([_times(g, y, _of_actual(y).cost_per_unit) for g, y in years]))


def _of_actual(year: OutlookYear) -> Outcome:
    return year.default if year.actual is None else year.actual


def _times(good: GoodResult, year: OutlookYear, value: Decimal | None) -> Decimal | None:
    return None if value is None else CONTEXT.multiply(value, good.mass_in(year.year))
