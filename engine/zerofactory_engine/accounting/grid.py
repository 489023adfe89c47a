"""Which grid factor applies: area and year as the options ask, said aloud when the year is not that of the data."""

from __future__ import annotations

from datetime import date

from zerofactory_engine.accounting.context import Context
from zerofactory_engine.accounting.factors import Area
from zerofactory_engine.accounting.terms import Term, from_entry, missing_factor
from zerofactory_engine.problems import Severity
from zerofactory_engine.reasons import Cause, Reason, Unknown

AVERAGE = "average"
RESIDUAL = "excl_market_traded_nonfossil"
OPTIONS = ("grid_area", "grid_year")


def average(context: Context, day: date | None) -> Term:
    """The average factor of the facility's area for data of *day*, tCO2/MWh."""
    area = _area(context)
    if isinstance(area, Unknown):
        return Term("co2", area, "tCO2/MWh")
    return _factor(context, area, AVERAGE, day)


def residual(context: Context, day: date | None) -> Term:
    """The factor without market-traded non-fossil power; it is published for the whole country only."""
    area = _national(context)
    if area is None:
        return _none(context, RESIDUAL)
    return Term("co2", area, "tCO2/MWh") if isinstance(area, Unknown) else _factor(context, area, RESIDUAL, day)


def _none(context: Context, key: str) -> Term:
    return missing_factor("grid", key, context.set("grid").id)


def _national(context: Context) -> Area | Unknown | None:
    """The area of the facility's country; a country that the set does not know has no factor in it."""
    areas = [a for a in context.set("grid").areas.values() if a.level == "national"]
    country = context.facts.country
    if country is None or not areas:
        return areas[0] if areas else None
    own = (a for a in areas if a.code == country)
    return next(own, _lacking("facility.country", "accounting.area-unknown", country))


def _area(context: Context) -> Area | Unknown:
    grid, wanted, facts = context.set("grid"), context.option("grid_area"), context.facts
    if wanted == "national":
        found = _national(context)
        return found if found is not None else _lacking("facility.province", "accounting.area-unknown", "national")
    if wanted == "regional" and facts.grid_region is not None:
        return grid.area(facts.grid_region) or _lacking("facility.grid_region", "accounting.area-unknown",
                                                        facts.grid_region)
    if facts.province is None:
        return _lacking("facility.province", "accounting.area-missing", wanted)
    province = grid.area(facts.province)
    if province is None:
        return _lacking("facility.province", "accounting.area-unknown", facts.province)
    if province.level == "national":
        context.report("accounting.grid-area-coarser", subject="facility/province", severity=Severity.NOTE,
                       found=facts.province, accepted=wanted)
        return province
    if wanted == "provincial":
        return province
    if len(province.within) != 1:
        return _lacking("facility.grid_region", "accounting.area-ambiguous", ", ".join(province.within))
    return grid.areas[province.within[0]]


def _lacking(subject: str, code: str, found: str) -> Unknown:
    return Unknown(Reason(Cause.VALUE, subject, code, (("found", found),)))


def _factor(context: Context, area: Area, variant: str, day: date | None) -> Term:
    grid, wanted = context.set("grid"), context.option("grid_year")
    data_year = (day or context.facts.end).year
    years = grid.years(area.code, variant)
    if not years:
        return _none(context, area.code)
    if wanted == "latest":
        year = years[-1]
    elif wanted == "data_year":
        year = max((y for y in years if y <= data_year), default=years[0])
    else:
        year = int(wanted)
    entry = grid.find(area.code, variant, year)
    if entry is None:
        return _none(context, f"{area.code}/{year}")
    if year != data_year:
        asked = wanted == "data_year"
        context.report("accounting.grid-year-not-published" if asked else "accounting.grid-year-differs",
                       subject=grid.id, severity=Severity.WARNING if asked else Severity.NOTE,
                       data_year=str(data_year), factor_year=str(year), set=grid.id)
    return from_entry(entry, "co2")
