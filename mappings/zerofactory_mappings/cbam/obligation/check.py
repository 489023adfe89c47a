"""Rules that what was entered has to keep, beyond its form: years, quantities, data, carbon prices, prices,
importer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache

from zerofactory_engine.decimals import plain
from zerofactory_engine.problems import Place, Problem, Severity
from zerofactory_mappings.cbam import scope, tables
from zerofactory_mappings.cbam.obligation.model import (
    Actual,
    CarbonPrice,
    Computed,
    Consignment,
    Data,
    Importer,
    Imports,
    Per,
    PriceEntry,
    Surrendered,
    UsedPrecursor,
)

#: Currency of certificates.
EURO = "EUR"


@cache
def first_year() -> int:
    """The first year of import with obligations: that in which the rules on default values begin to apply."""
    row = tables.act("IR (EU) 2025/2621")
    start = row.source.valid_from if row is not None else None
    assert start is not None                            # the table of acts says since when it applies
    return start.year


def problems_of(imports: Imports) -> Iterator[Problem]:
    """Everything that is wrong, or that a reader has to know, of what could be read."""
    yield from _twice(((c.id, c.place) for c in imports.consignments), "consignment-twice")
    yield from _twice(((p.period, p.place) for p in imports.prices), "price-twice")
    for consignment in imports.consignments:
        yield from _consignment(consignment)
    for price in imports.prices:
        yield from _price(price)
    for surrendered in imports.surrendered:
        yield from _surrendered(surrendered)
    if imports.importer is not None:
        yield from _importer(imports.importer)
    there = {c.when.year for c in imports.consignments}
    for year in imports.years:
        if year not in there:
            yield Problem("cbam-obligation.year-empty", Place(path="years"), found=str(year),
                          accepted=", ".join(map(str, sorted(there))))


def _twice(named: Iterable[tuple[str, Place]], what: str) -> Iterator[Problem]:
    seen: set[str] = set()
    for name, place in named:
        if name in seen:
            yield Problem(f"cbam-obligation.{what}", place, found=name)
        seen.add(name)


# ------------------------------------------------------------------------------------------------------- consignments

def _consignment(c: Consignment) -> Iterator[Problem]:
    yield from _years(c)
    electric = c.good.sector == "electricity"
    if electric != (c.mass.unit == "MWh"):
        yield Problem("cbam-obligation.quantity-kind", c.place, found=f"{c.code}: {c.mass.unit}",
                      accepted="energy (MWh)" if electric else "net_mass (t)")
    if c.data is Data.ACTUAL and c.actual is None:
        yield Problem("cbam-obligation.actual-missing", c.place, found=c.id, accepted="actual: {see_direct: …}")
    if c.actual is not None:
        yield from _actual(c, c.actual)
    for price in c.carbon_prices:
        yield from _carbon_price(c, price)


def _years(c: Consignment) -> Iterator[Problem]:
    first = first_year()
    if c.when.year < first:
        yield Problem("cbam-obligation.before-start", c.place, found=c.when.label, accepted=f"≥ {first}")
    made = c.production_year
    if made is None:
        return
    if made > c.when.year:
        yield Problem("cbam-obligation.made-after-import", c.place, found=str(made), accepted=f"≤ {c.when.year}")
    elif made < first:
        yield Problem("cbam-obligation.made-before-start", c.place, found=str(made), accepted=f"≥ {first}")


def _actual(c: Consignment, actual: Actual) -> Iterator[Problem]:
    totals = actual.see_direct is not None
    own = actual.own_direct is not None
    forms = [name for name, there in (("see_direct", totals), ("own_direct", own),
                                      ("result", actual.computed is not None)) if there]
    if len(forms) != 1:
        yield Problem("cbam-obligation.actual-form", actual.place, found=", ".join(forms) or "–",
                      accepted="see_direct | own_direct + precursors | result")
    if totals and actual.precursors:
        yield Problem("cbam-obligation.totals-with-precursors", actual.place, found="see_direct, precursors",
                      accepted="own_direct, precursors")
    counted = c.good.indirect_definitive
    given = actual.see_indirect if totals else actual.own_indirect if own else None
    if counted and (totals or own) and given is None:
        yield Problem("cbam-obligation.indirect-missing", actual.place, found=c.code,
                      accepted="see_indirect" if totals else "own_indirect", args={"category": c.good.category.id})
    if not counted and given is not None and given.value:
        yield Problem("cbam-obligation.indirect-not-counted", given.place, Severity.WARNING, found=plain(given.value),
                      accepted="see_indirect_of_precursors", args={"category": c.good.category.id})
    if actual.sefa_year is not None and not first_year() <= actual.sefa_year <= c.when.year:
        yield Problem("cbam-obligation.sefa-year", actual.place, found=str(actual.sefa_year),
                      accepted=f"{first_year()} … {c.when.year}")
    if actual.computed is not None:
        yield from _computed(c, actual.computed)
    if actual.verification_report is None:
        severity = Severity.WARNING if c.data is Data.ACTUAL else Severity.NOTE
        yield Problem("cbam-obligation.not-verified", actual.place, severity, found=c.id)
    for precursor in actual.precursors:
        yield from _precursor(precursor)


def _computed(c: Consignment, computed: Computed) -> Iterator[Problem]:
    """The product has to be the same good, of a period of the definitive rules."""
    code = next((p.cn for p in computed.installation.products if computed.product in (p.name, p.cn)), None)
    if code is not None and scope.digits(code) not in {c.code, c.good.cn}:
        yield Problem("cbam-obligation.product-other-code", computed.place, Severity.WARNING, found=code,
                      accepted=c.code)
    end = computed.installation.period_end
    if end is None or end.year < first_year():
        yield Problem("cbam-obligation.period-before-start", computed.place, Severity.WARNING,
                      found="–" if end is None else end.isoformat(), accepted=f"≥ {first_year()}")
    elif end.year > c.when.year:
        yield Problem("cbam-obligation.made-after-import", computed.place, found=str(end.year),
                      accepted=f"≤ {c.when.year}")


def _precursor(p: UsedPrecursor) -> Iterator[Problem]:
    """Any good in scope may be a precursor (2025/2547 Article 1(7)); what its value needs has to be there."""
    free = p.country is not None and p.country.outside
    if p.data is Data.ACTUAL and not free:
        if p.see_direct is None:
            yield Problem("cbam-obligation.precursor-actual-missing", p.place, found=p.name, accepted="see_direct")
        elif p.good.indirect_definitive and p.see_indirect is None:
            yield Problem("cbam-obligation.indirect-missing", p.place, found=p.code, accepted="see_indirect",
                          args={"category": p.good.category.id})
    if p.data is Data.DEFAULT and p.see_direct is not None:
        yield Problem("cbam-obligation.value-beside-default", p.place, Severity.WARNING,
                      found=plain(p.see_direct.value),
                      accepted="data: actual")


def _carbon_price(c: Consignment, p: CarbonPrice) -> Iterator[Problem]:
    if p.currency != EURO and p.exchange_rate is None:
        yield Problem("cbam-obligation.exchange-rate-missing", p.place, found=p.currency, accepted="exchange_rate",
                      example=f"exchange_rate: 7.8   # {p.currency} / EUR")
    if p.currency == EURO and p.exchange_rate is not None and p.exchange_rate.value != 1:
        yield Problem("cbam-obligation.exchange-rate-of-euro", p.place, found=plain(p.exchange_rate.value),
                      accepted="1")
    if p.exchange_rate is not None and p.exchange_year is None and p.currency != EURO:
        yield Problem("cbam-obligation.exchange-year-missing", p.place, Severity.WARNING, found=p.currency,
                      accepted="exchange_year")
    if p.per is Per.EMISSIONS:
        for name, given in (("covered_share", p.covered_share), ("free_share", p.free_share)):
            if given is None:
                yield Problem("cbam-obligation.share-missing", p.place, accepted=name)
    if p.rebate.value > p.amount.value:
        yield Problem("cbam-obligation.rebate-over-price", p.place, found=plain(p.rebate.value),
                      accepted=f"≤ {plain(p.amount.value)}")
    country = p.country or c.produced_in
    if country.outside:
        yield Problem("cbam-obligation.carbon-price-country", p.place, found=country.en, accepted="third country")


# --------------------------------------------------------------------------------------------------------- the others

def _price(entry: PriceEntry) -> Iterator[Problem]:
    year, _, part = entry.period.partition("-W")
    if part:
        try:
            date.fromisocalendar(int(year), int(part), 1)
        except ValueError:
            yield Problem("cbam-obligation.no-such-week", entry.place, found=entry.period,
                          accepted=f"{year}-W01 … {year}-W52")


def _surrendered(s: Surrendered) -> Iterator[Problem]:
    if s.year < first_year():
        yield Problem("cbam-obligation.before-start", s.place, found=str(s.year), accepted=f"≥ {first_year()}")


def _importer(importer: Importer) -> Iterator[Problem]:
    state = importer.member_state
    if state is not None and not state.eu:
        yield Problem("cbam-obligation.not-a-member-state", Place(path="importer/member_state"), found=state.en,
                      accepted="EU member state")
    if importer.eori is not None and state is not None and state.iso2 is not None \
            and importer.eori[:2] not in {state.iso2, _EORI.get(state.iso2)}:
        yield Problem("cbam-obligation.eori-country", Place(path="importer/eori"), Severity.WARNING,
                      found=importer.eori,
                      accepted=f"{state.iso2}…")


#: Member states whose EORI numbers begin otherwise than their ISO code.
_EORI = {"GR": "EL"}
