"""What an obligation is: per consignment, per good, per year, with an outlook, effects of readings, and what is
provisional.

Every figure is an exact decimal or None where something it needs is unknown; *reasons* and *problems* say what.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.problems import Problem
from zerofactory_engine.proof import Graph
from zerofactory_mappings.cbam.model import Basis
from zerofactory_mappings.cbam.obligation.model import Consignment, Data, Imports
from zerofactory_mappings.cbam.obligation.prices import PriceUse
from zerofactory_mappings.cbam.obligation.readings import Reading
from zerofactory_mappings.cbam.obligation.threshold import Threshold
from zerofactory_mappings.cbam.tables import Deadline, Penalty

FORMAT = "zerofactory/cbam-obligation-result/1"


class Cheaper(StrEnum):
    """Which data need fewer certificates."""

    DEFAULT = "default"
    ACTUAL = "actual"
    EQUAL = "equal"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One method for goods of one good, per t (MWh) unless said otherwise.

    *before_markup* and *markup* of a default value; *see* with its parts where known; *sefa*; *deduction* carbon price
    paid in EUR; *net* certificates; *certificates* and *cost* (EUR) for *mass*. *table*, *matched*, *fallback*: where a
    default value came from; *benchmark_rule*, *routes*: how the benchmark was chosen.
    """

    data: Data
    see: Decimal | None
    sefa: Decimal | None
    net: Decimal | None
    certificates: Decimal | None
    cost: Decimal | None
    cost_per_unit: Decimal | None
    deduction: Decimal | None = None
    see_direct: Decimal | None = None
    see_indirect: Decimal | None = None
    before_markup: Decimal | None = None
    markup: Decimal | None = None
    table: str | None = None
    matched: str | None = None
    fallback: bool = False
    benchmark: Decimal | None = None
    benchmark_rule: str | None = None
    routes: tuple[str, ...] = ()
    reasons: tuple[Problem, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """All fields; units as in the names."""
        return {"data": self.data, "see": self.see, "see_direct": self.see_direct, "see_indirect": self.see_indirect,
                "before_markup": self.before_markup, "markup": self.markup, "sefa": self.sefa,
                "carbon_price_eur_per_unit": self.deduction, "net_per_unit": self.net,
                "certificates": self.certificates, "cost_eur": self.cost, "cost_eur_per_unit": self.cost_per_unit,
                "table": self.table, "matched": self.matched, "fallback": self.fallback, "benchmark": self.benchmark,
                "benchmark_rule": self.benchmark_rule, "routes": list(self.routes), "reasons": list(self.reasons)}


def total(values: Sequence[Decimal | None]) -> Decimal | None:
    """The sum; None where one of the values is not known."""
    out = Decimal(0)
    for value in values:
        if value is None:
            return None
        out = CONTEXT.add(out, value)
    return out


def known(values: Sequence[Decimal | None]) -> Decimal:
    """The sum of what is known."""
    return total([v for v in values if v is not None]) or Decimal(0)


def cheaper_of(default: Outcome, actual: Outcome | None) -> Cheaper | None:
    """The method that needs fewer certificates per unit; None where one of them is not known."""
    if actual is None or actual.net is None or default.net is None:
        return None
    if actual.net == default.net:
        return Cheaper.EQUAL
    return Cheaper.ACTUAL if actual.net < default.net else Cheaper.DEFAULT


@dataclass(frozen=True, slots=True)
class ConsignmentResult:
    """One consignment by both methods. *outside*: the origin keeps it out of CBAM. *liable* None: the threshold of the
    year is not known to be crossed. *due*: certificates that have to be surrendered."""

    consignment: Consignment
    good: str
    price: PriceUse | None
    default: Outcome | None
    actual: Outcome | None
    cheaper: Cheaper | None
    liable: bool | None
    outside: bool
    due: Decimal | None

    @property
    def declared(self) -> Outcome | None:
        """The method that is declared."""
        return self.actual if self.consignment.data is Data.ACTUAL else self.default

    def as_json(self) -> dict[str, Any]:
        """The fields that are set."""
        c = self.consignment
        return {"id": c.id, "good": self.good, "when": c.when.label, "year": c.when.year, "quarter": c.when.quarter,
                "cn": c.code, "name": c.name, "origin": c.origin.id, "produced_in": c.produced_in.id,
                "installation": c.installation, "mass": c.mass.value, "unit": c.mass.unit, "declared": c.data,
                "outside": self.outside, "liable": self.liable, "price": self.price, "default": self.default,
                "actual": self.actual, "cheaper": self.cheaper, "due": self.due}


@dataclass(frozen=True, slots=True)
class Quote:
    """Cost per unit by both methods at one price: of a published quarter, or of a year of the outlook."""

    period: str
    price: Decimal
    default_cost: Decimal | None
    actual_cost: Decimal | None

    def as_json(self) -> dict[str, Any]:
        """All fields."""
        return {"period": self.period, "eur_per_tco2e": self.price, "default_cost_eur_per_unit": self.default_cost,
                "actual_cost_eur_per_unit": self.actual_cost}


@dataclass(frozen=True, slots=True)
class OutlookYear:
    """One good in one year, per unit: both methods, the price where it is known or assumed, what actual data save.

    *preliminary*: message codes of what is not decided for the year. *break_even*: embedded emissions at which actual
    data cost as much as default data, given their free allocation.
    """

    year: int
    default: Outcome
    actual: Outcome | None
    price: PriceUse | None
    cheaper: Cheaper | None
    saving: Decimal | None
    saving_cost: Decimal | None
    break_even: Decimal | None
    quotes: tuple[Quote, ...]
    preliminary: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """All fields."""
        return {"year": self.year, "default": self.default, "actual": self.actual, "price": self.price,
                "cheaper": self.cheaper, "saving_certificates_per_unit": self.saving,
                "saving_eur_per_unit": self.saving_cost, "break_even_see": self.break_even,
                "published": list(self.quotes), "preliminary": list(self.preliminary)}


@dataclass(frozen=True, slots=True)
class GoodResult:
    """Consignments of the same code, origin, installation, route and data together; totals over its consignments.

    *masses*: quantity by year of import.
    """

    id: str
    example: Consignment
    consignments: tuple[str, ...]
    masses: Mapping[int, Decimal]
    declared: Decimal | None
    declared_cost: Decimal | None
    default: Decimal | None
    actual: Decimal | None
    cheaper: Mapping[int, Cheaper | None]
    outlook: tuple[OutlookYear, ...] = ()

    @property
    def mass(self) -> Decimal:
        """Quantity of all years."""
        return total(list(self.masses.values())) or Decimal(0)

    def mass_in(self, year: int) -> Decimal:
        """Quantity of *year*; of the last year of import where nothing is imported in it."""
        return self.masses.get(year, self.masses[max(self.masses)])

    def as_json(self) -> dict[str, Any]:
        """All fields."""
        c = self.example
        return {"id": self.id, "cn": c.code, "name": c.name, "category": c.good.category.id, "sector": c.good.sector,
                "origin": c.origin.id, "produced_in": c.produced_in.id, "installation": c.installation,
                "route": c.route, "variant": c.variant, "declared_by": c.data, "unit": c.mass.unit, "mass": self.mass,
                "mass_by_year": {str(y): m for y, m in self.masses.items()},
                "consignments": list(self.consignments), "certificates": self.declared, "cost_eur": self.declared_cost,
                "certificates_default": self.default, "certificates_actual": self.actual,
                "cheaper": {str(y): v for y, v in self.cheaper.items()}, "outlook": list(self.outlook)}


@dataclass(frozen=True, slots=True)
class QuarterResult:
    """A quarter of imports (0: quarter not known): mass in t, certificates by declared data, cost in EUR."""

    year: int
    quarter: int
    mass: Decimal
    certificates: Decimal | None
    cost: Decimal | None
    prices: tuple[PriceUse, ...]

    def as_json(self) -> dict[str, Any]:
        """All fields."""
        return {"year": self.year, "quarter": self.quarter or None, "mass_t": self.mass,
                "certificates": self.certificates,
                "cost_eur": self.cost, "prices": list(self.prices)}


@dataclass(frozen=True, slots=True)
class Holding:
    """Certificates to hold at the end of a quarter (Article 22(2)).

    *by_default*: share of the year to date by default values without mark-up; *by_last_year*: by what was surrendered
    for the same code and origin. *due* is the day, one quarter later for that in which the threshold is crossed;
    *applies* False before it.
    """

    quarter: int
    due: date
    applies: bool
    share: Decimal
    by_default: Decimal | None
    by_last_year: Decimal | None
    reasons: tuple[Problem, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """All fields."""
        return {"quarter": self.quarter, "due": self.due, "applies": self.applies, "share": self.share,
                "by_default_without_markup": self.by_default, "by_last_year": self.by_last_year,
                "reasons": list(self.reasons)}


@dataclass(frozen=True, slots=True)
class Exposure:
    """What Article 26 puts at stake if none of the certificates due were surrendered, EUR."""

    penalty: str
    low: Decimal | None
    high: Decimal | None

    def as_json(self) -> dict[str, Any]:
        """All fields."""
        return {"penalty": self.penalty, "low_eur": self.low, "high_eur": self.high}


@dataclass(frozen=True, slots=True)
class YearResult:
    """A year of imports of one importer.

    *certificates* and *cost* by declared data as if every import were liable; *due* what has to be surrendered by
    *surrender_by* (0 below the threshold; None where that is not known); *known_due*, *known_cost*: the part that is
    known.
    """

    year: int
    threshold: Threshold
    certificates: Decimal | None
    cost: Decimal | None
    due: Decimal | None
    due_cost: Decimal | None
    known_certificates: Decimal
    known_cost: Decimal
    default: Decimal | None
    actual: Decimal | None
    cheapest: Decimal | None
    quarters: tuple[QuarterResult, ...]
    holding: tuple[Holding, ...]
    surrender_by: date | None
    deadlines: tuple[Deadline, ...]
    penalties: tuple[Penalty, ...]
    exposure: tuple[Exposure, ...]

    def as_json(self) -> dict[str, Any]:
        """All fields."""
        return {"year": self.year, "threshold": self.threshold, "certificates": self.certificates,
                "cost_eur": self.cost,
                "due": self.due, "due_cost_eur": self.due_cost, "known_certificates": self.known_certificates,
                "known_cost_eur": self.known_cost, "all_default": self.default, "all_actual": self.actual,
                "cheapest_choice": self.cheapest, "quarters": list(self.quarters), "holding": list(self.holding),
                "surrender_by": self.surrender_by, "deadlines": list(self.deadlines),
                "penalties": [{"id": p.id, "zh": p.zh, "en": p.en, "low": None if p.low is None else p.low.as_json(),
                               "high": None if p.high is None else p.high.as_json(), "note": p.note,
                               "source": p.source.as_json()} for p in self.penalties],
                "exposure": list(self.exposure)}


@dataclass(frozen=True, slots=True)
class Flip:
    """A good whose cheaper method changes under another reading, in one year."""

    good: str
    year: int
    before: Cheaper | None
    after: Cheaper | None

    def as_json(self) -> dict[str, Any]:
        """All fields."""
        return {"good": self.good, "year": self.year, "from": self.before, "to": self.after}


@dataclass(frozen=True, slots=True)
class Effect:
    """What changes when one reading takes another alternative and all others stay.

    *certificates* and *cost*: change by declared data over the consignments that are known under both. *unknown*,
    *settled*: consignments that become unknown, or known. *flips*: where the cheaper method changes; *outlook_years*:
    years in which certificates per unit of a good change, with the largest change (None: they become unknown).
    """

    alternative: str
    certificates: Decimal
    cost: Decimal
    unknown: int
    settled: int
    flips: tuple[Flip, ...]
    outlook_years: tuple[int, ...]
    outlook_largest: Decimal | None

    @property
    def any(self) -> bool:
        """Whether anything changes."""
        return bool(self.unknown or self.settled or self.certificates or self.cost or self.flips or self.outlook_years)

    def as_json(self) -> dict[str, Any]:
        """All fields."""
        return {"alternative": self.alternative, "certificates_change": self.certificates, "cost_change_eur": self.cost,
                "become_unknown": self.unknown, "become_known": self.settled, "flips": list(self.flips),
                "outlook_years": list(self.outlook_years),
                "outlook_largest_change_per_unit": self.outlook_largest}


@dataclass(frozen=True, slots=True)
class ReadingResult:
    """A reading as it was chosen, and what every other alternative would change."""

    reading: Reading
    chosen: str
    effects: tuple[Effect, ...]

    @property
    def matters(self) -> bool:
        """Whether any alternative changes anything."""
        return any(e.any for e in self.effects)

    def as_json(self) -> dict[str, Any]:
        """The reading, the choice and its effects."""
        return self.reading.as_json() | {"chosen": self.chosen, "matters": self.matters, "effects": list(self.effects)}


@dataclass(frozen=True, slots=True)
class ObligationResult:
    """Everything. *provisional*: why figures are not final; *sources*: acts; *versions*: editions of data used."""

    given: Imports
    consignments: tuple[ConsignmentResult, ...]
    goods: tuple[GoodResult, ...]
    years: tuple[YearResult, ...]
    readings: tuple[ReadingResult, ...]
    provisional: tuple[Problem, ...]
    sources: tuple[str, ...]
    versions: tuple[str, ...]
    problems: tuple[Problem, ...]
    basis: Basis = Basis.DEFINITIVE
    proof: Graph | None = field(default=None, compare=False)

    def good(self, ident: str) -> GoodResult:
        """The good of that id."""
        return next(g for g in self.goods if g.id == ident)

    def year(self, year: int) -> YearResult:
        """The year of import."""
        return next(y for y in self.years if y.year == year)

    def as_json(self) -> dict[str, Any]:
        """Stable shape; decimals become text."""
        importer = self.given.importer
        out: dict[str, Any] = {
            "format": FORMAT, "basis": self.basis, "importer": None if importer is None else {
                "name": importer.name, "eori": importer.eori,
                "member_state": None if importer.member_state is None else importer.member_state.id},
            "years": list(self.years), "goods": list(self.goods), "consignments": list(self.consignments),
            "readings": list(self.readings), "provisional": list(self.provisional), "sources": list(self.sources),
            "versions": list(self.versions), "problems": list(self.problems)}
        if self.proof is not None:
            out["proof"] = self.proof.as_json()
        return out
