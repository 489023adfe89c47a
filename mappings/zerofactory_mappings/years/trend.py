"""Trend: totals on both bases and in both views, and intensities, over the years."""

from __future__ import annotations

from collections.abc import Sequence

from zerofactory_engine.accounting.terms import Amount
from zerofactory_engine.accounting.totals import BASES
from zerofactory_mappings.years.amounts import over, unknown
from zerofactory_mappings.years.model import LIKE, VIEWS, Measure, Series, Year

#: Groups whose intensity is stated.
DIVIDED = ("scopes_1_2", "all")
#: Breakdowns of the trend, beside all scopes and scopes 1 and 2.
BROKEN_DOWN = ("scope", "iso_category", "ghgp_category", "source")


def totals(years: Sequence[Year]) -> tuple[Series, ...]:
    """A series for each group, basis and view. A group that a year does not have is an empty sum there, zero."""
    groups = ["all", "scopes_1_2"]
    for kind in BROKEN_DOWN:
        keys = {key for year in years for view in VIEWS for key in year.view(view).groups(kind)}
        groups += [f"{kind}/{key}" for key in sorted(keys, key=lambda k: (len(k) if k.isdigit() else 0, k))]
    out = []
    for view in VIEWS:
        for group in groups:
            for basis in BASES:
                values = tuple(year.view(view).total(group, basis) for year in years)
                out.append(Series(view, group, basis, "tCO2e", values,
                                  tuple(_compared(y, v) for y, v in zip(years, values, strict=True))))
    return tuple(out)


def _compared(year: Year, value: Amount) -> Amount:
    """A figure for twelve months; a part of a year is no year."""
    if not year.comparable:
        return unknown("years.part-year", year.dossier.id, label=year.label)
    return year.scaled(value)


def intensities(years: Sequence[Year], measures: Sequence[Measure]) -> tuple[Series, ...]:
    """tCO2e for each unit of each measure, like for like; refused for a part of a year unless annualised.

    Emissions and the measure of one year are of the same time, so annualising changes neither quotient.
    """
    out = []
    for measure in measures:
        for group in DIVIDED:
            for basis in BASES:
                values = tuple(
                    over(_compared(year, year.like_for_like.total(group, basis)), year.scaled(amount),
                         f"{year.dossier.id}:{measure.id}")
                    for year, amount in zip(years, measure.amounts, strict=True))
                out.append(Series(LIKE, group, basis, f"tCO2e/{measure.unit}", values, values, measure.id))
    return tuple(out)
