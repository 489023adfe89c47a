"""All figures of an input under one choice of readings: outcomes of goods and consignments, the outlook over the
years."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING

from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.problems import Problem
from zerofactory_mappings.cbam import tables
from zerofactory_mappings.cbam.book import Book, Figure
from zerofactory_mappings.cbam.model import Given
from zerofactory_mappings.cbam.obligation.check import first_year
from zerofactory_mappings.cbam.obligation.computed import Computations
from zerofactory_mappings.cbam.obligation.deduction import price_paid
from zerofactory_mappings.cbam.obligation.goods import Good, goods_of
from zerofactory_mappings.cbam.obligation.methods import Figures, Methods
from zerofactory_mappings.cbam.obligation.model import Consignment, Data, Imports, PriceEntry
from zerofactory_mappings.cbam.obligation.prices import UNIT, Prices, PriceSource, PriceUse, published
from zerofactory_mappings.cbam.obligation.result import Outcome, OutlookYear, Quote, cheaper_of
from zerofactory_mappings.cbam.table_reader import Cited

if TYPE_CHECKING:
    from zerofactory_mappings.cbam.defaults.model import DefaultSet

ZERO, ONE = Decimal(0), Decimal(1)
CERTIFICATES = "tCO2e"


@cache
def horizon() -> tuple[int, ...]:
    """The years of an outlook: from the first with obligations to the first without free allocation."""
    years = [first_year()]
    while not isinstance(factor := tables.phase_in(years[-1]).factor, Cited) or factor.value:
        years.append(years[-1] + 1)
    return tuple(years)


class Evaluation:
    """Figures of *imports* under *readings*; *book* keeps their proof where it is asked for."""

    def __init__(self, imports: Imports, readings: Mapping[str, str], computations: Computations,
                 sets: Sequence[DefaultSet] | None = None, *, proof: bool = False) -> None:
        self.imports, self.readings = imports, readings
        self.book = Book(proof=proof)
        self.methods = Methods(self.book, readings, sets, computations)
        self.prices = Prices(self.book, imports.prices, self.methods.cited)
        self.goods = goods_of(c for c in imports.consignments if c.when.year in imports.years)
        self.good_of = {c.id: g for g in self.goods for c in g.consignments}
        self._pairs: dict[tuple[str, int], tuple[Figures, Figures | None]] = {}
        self._paid: dict[tuple[str, int, Data], tuple[Figure, tuple[Problem, ...]]] = {}
        self._prices: dict[str, PriceUse] = {}

    # --- figures of goods -------------------------------------------------------------------------------------------

    def pair(self, good: Good, year: int) -> tuple[Figures, Figures | None]:
        """Both methods of a good for imports in *year*."""
        key = (good.id, year)
        if key not in self._pairs:
            step, example = f"good:{good.id}/{year}", self._example(good, year)
            self._pairs[key] = (self.methods.default(example, year, f"{step}/default"),
                                self.methods.actual(example, year, f"{step}/actual"))
        return self._pairs[key]

    @staticmethod
    def _example(good: Good, year: int) -> Consignment:
        """A consignment of the good in that year, or its first: only its year of import differs."""
        return next((c for c in good.consignments if c.when.year == year), good.example)

    def figures(self, good: Good, year: int, data: Data) -> Figures | None:
        """One method of a good."""
        default, actual = self.pair(good, year)
        return default if data is Data.DEFAULT else actual

    def paid(self, good: Good, year: int, figures: Figures) -> tuple[Figure, tuple[Problem, ...]]:
        """Carbon price paid per unit of a good, and what is refused."""
        key = (good.id, year, figures.data)
        if key not in self._paid:
            reasons: list[Problem] = []
            figure = price_paid(self.book, self.readings, self._example(good, year), figures.data, figures.see,
                                f"good:{good.id}/{year}/{figures.data}", reasons)
            self._paid[key] = figure, tuple(reasons)
        return self._paid[key]

    def certificates(self, good: Good, year: int, figures: Figures, price: Figure | None, mass: Figure,
                     step: str) -> Figure:
        """Certificates for *mass* of a good: embedded emissions less free allocation and carbon price, floored at
        zero."""
        paid, _ = self.paid(good, year, figures)
        if paid.value == ZERO:                          # without a deduction no price is needed
            reference = self.no_reference()
        elif price is None:
            reference = self.book.unknown(f"{step}/reference-price", UNIT, "cbam-obligation.missing.price")
        else:
            reference = price
        return self.book.apply("OBL", step, CERTIFICATES, figures.see, figures.sefa, paid, reference, mass)

    def no_reference(self) -> Figure:
        """Stands for the reference price where nothing is divided by it but zero."""
        return self.book.constant("reference-price/none", ONE, UNIT, "cbam-obligation.rule.no-reference-price")

    def outcome(self, good: Good, year: int, data: Data, price: PriceUse | None, mass: Given | None,
                step: str) -> Outcome | None:
        """One method of a good at a price, per unit and for *mass* (None: per unit only)."""
        figures = self.figures(good, year, data)
        if figures is None:
            return None
        at = None if price is None else price.figure
        period = "none" if price is None else price.figure.id
        base = f"good:{good.id}/{year}/{data}"
        unit = good.example.mass.unit
        one = self.book.constant(f"one-unit/{unit}", ONE, unit, "cbam-obligation.rule.per-unit")
        net = self.certificates(good, year, figures, at, one, f"{base}/net/{period}")
        per_unit = None if at is None else self.book.apply("product", f"{base}/cost/{period}", "EUR", net, at)
        due = cost = None
        if mass is not None:
            amount = self.book.given(f"{step}/mass", mass)
            due = self.certificates(good, year, figures, at, amount, f"{step}/{data}/certificates")
            cost = None if at is None else self.book.apply("product", f"{step}/{data}/cost", "EUR", due, at)
        paid, refused = self.paid(good, year, figures)
        value, choice = figures.value, figures.benchmark
        chosen = None if choice is None else choice.chosen
        return Outcome(
            data, figures.see.value, figures.sefa.value, net.value, None if due is None else due.value,
            None if cost is None else cost.value, None if per_unit is None else per_unit.value, paid.value,
            None if figures.direct is None else figures.direct.value,
            None if figures.indirect is None else figures.indirect.value,
            None if figures.before_markup is None else figures.before_markup.value,
            None if value is None else value.markup.value, None if value is None else value.table,
            None if value is None else value.matched, value is not None and value.fallback,
            None if chosen is None else chosen.value.value, None if choice is None else choice.rule,
            () if chosen is None else chosen.routes, (*figures.reasons, *refused))

    # --- prices -----------------------------------------------------------------------------------------------------

    def price(self, c: Consignment) -> PriceUse:
        """The certificate price for a consignment."""
        label = c.when.label
        if label not in self._prices:
            self._prices[label] = self.prices.of(c.when)
        return self._prices[label]

    def year_price(self, good: Good, year: int) -> PriceUse | None:
        """One price for a year of the outlook: that of the good's own consignments, by mass, else as stated for the
        year."""
        own = [c for c in good.consignments if c.when.year == year]
        if not own:
            return self.prices.of_year(year)
        uses = {c.when.label: self.price(c) for c in own}
        if any(u.source is PriceSource.UNKNOWN for u in uses.values()):
            return None
        if len({u.period for u in uses.values()}) == 1:
            return next(iter(uses.values()))
        pairs = [f for c in own for f in (self.book.given(f"consignment:{c.id}/mass", c.mass),
                                          uses[c.when.label].figure)]
        figure = self.book.apply("share-of", f"good:{good.id}/{year}/price", UNIT, *pairs)
        worst = max((u.source for u in uses.values()), key=list(PriceSource).index)
        return PriceUse(str(year), worst, figure)

    # --- outlook ----------------------------------------------------------------------------------------------------

    def outlook(self, good: Good) -> tuple[OutlookYear, ...]:
        """Both methods per unit in every year of the horizon; goods are taken to be made in the year of import."""
        return tuple(self._outlook_year(good, year) for year in horizon())

    def _outlook_year(self, good: Good, year: int) -> OutlookYear:
        price = self.year_price(good, year)
        default = self.outcome(good, year, Data.DEFAULT, price, None, "")
        actual = self.outcome(good, year, Data.ACTUAL, price, None, "")
        assert default is not None                      # a default outcome is always made, known or not
        saving = cost = even = None
        if actual is not None and actual.net is not None and default.net is not None:
            saving = CONTEXT.subtract(default.net, actual.net)
        if actual is not None and actual.cost_per_unit is not None and default.cost_per_unit is not None:
            cost = CONTEXT.subtract(default.cost_per_unit, actual.cost_per_unit)
        if actual is not None and actual.sefa is not None and default.net is not None:
            even = CONTEXT.add(default.net, actual.sefa)
        return OutlookYear(year, default, actual, price, cheaper_of(default, actual), saving, cost, even,
                           self._quotes(good, year), self._preliminary(good, year))

    def _quotes(self, good: Good, year: int) -> tuple[Quote, ...]:
        """Cost per unit at every published price of the year."""
        quotes = []
        for period, cited in published(year):
            use = PriceUse(period, PriceSource.PUBLISHED, self.methods.cited(cited))
            costs = [None if o is None else o.cost_per_unit for o in (
                self.outcome(good, year, data, use, None, "") for data in (Data.DEFAULT, Data.ACTUAL))]
            quotes.append(Quote(period, cited.value, costs[0], costs[1]))
        return tuple(quotes)

    def _preliminary(self, good: Good, year: int) -> tuple[str, ...]:
        """What is not decided for the year: message codes."""
        phase = tables.phase_in(year)
        if not isinstance(phase.factor, Cited) or not phase.factor.value:
            return ()                                   # nothing is allocated: factors and benchmarks do not matter
        found = ["cbam-obligation.preliminary.cscf"] if phase.preliminary else []
        for figures in self.pair(good, year):
            if figures is not None and figures.benchmark is not None:
                found += [PRELIMINARY[r] for r in figures.benchmark.reasons if r in PRELIMINARY]
        return tuple(dict.fromkeys(found))

    # --- totals -----------------------------------------------------------------------------------------------------

    def declared(self) -> dict[str, tuple[Decimal | None, Decimal | None]]:
        """Certificates and cost by declared data of every consignment."""
        found: dict[str, tuple[Decimal | None, Decimal | None]] = {}
        for good in self.goods:
            for c in good.consignments:
                o = self.outcome(good, c.when.year, c.data, self.price(c), c.mass, f"consignment:{c.id}")
                found[c.id] = (None, None) if o is None else (o.certificates, o.cost)
        return found


#: Reasons of a choice of benchmark that hold for a whole year, and what is said of the year.
PRELIMINARY = {"cbam-table.benchmark-after-last": "cbam-obligation.preliminary.benchmark-after-last",
                "cbam-table.benchmark-revision": "cbam-obligation.preliminary.benchmark-revision"}


def entries_for(prices: Mapping[int, Decimal]) -> tuple[PriceEntry, ...]:
    """Assumptions by year as entries."""
    return tuple(PriceEntry(str(y), Given(p, UNIT)) for y, p in sorted(prices.items()))
