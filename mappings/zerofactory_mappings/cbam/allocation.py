"""Free allocation embedded in goods: the benchmark of each process and what its precursors bring (2025/2620 Annex).

The exact wording of the act is known second-hand, so every figure here is provisional.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal

from zerofactory_engine.problems import Place, ProblemsError, Severity
from zerofactory_mappings.cbam import scope, tables
from zerofactory_mappings.cbam.attribution import Attributed
from zerofactory_mappings.cbam.book import Book, Figure
from zerofactory_mappings.cbam.embedded import Embedded
from zerofactory_mappings.cbam.model import Installation, Product, ValueSource
from zerofactory_mappings.cbam.precursors import PrecursorValue

ZERO = Decimal(0)
#: Sector without free allocation (Commission Q&A 3.8).
ELECTRICITY = "electricity"
#: What a benchmark says when no period has been set for the year.
AFTER_LAST_PERIOD = "cbam-table.benchmark-after-last"


class Allocation:
    """Specific embedded free allocation along the chain (2025/2620 Annex points 3 and 4; provisional).

    *year*: whose CBAM factor counts; *readings*: choices on open questions (``standards/eu-cbam/readings.yaml``).
    """

    def __init__(self, book: Book, installation: Installation, embedded: Embedded, year: int | None,
                 readings: Mapping[str, str]) -> None:
        self.book, self.installation, self.embedded, self.year = book, installation, embedded, year
        self.readings = readings
        self.produced = installation.period_end.year if installation.period_end else year
        self.own: dict[str, Figure] = {}
        self.precursors = {j: self._precursor(v) for j, v in embedded.values.items()}
        self.found: dict[str, Figure] = {}

    def of_processes(self) -> Mapping[str, Figure]:
        """Per functional unit of every process."""
        self.own = {p: self._own(a) for p, a in self.embedded.attributed.items()}
        self.found = self.embedded.spread("sefa", "tCO2e", self.own, lambda j: self.precursors[j], "FA4")
        self.own = self.embedded.averages.average(self.book, "sefa-own", self.own)
        return self.found

    def of_product(self, product: Product, number: int) -> Figure:
        """Per functional unit of one product: the benchmark of its own code in place of that of its process."""
        chain_value, own = self.found[product.process], self.own[product.process]
        if product.cn is None or own.value is None or chain_value.value is None:
            return chain_value
        mine = self._benchmark(f"product:{number}", self.embedded.attributed[product.process], product.cn,
                               product.route_letters, product.place)
        brought = self.book.apply("difference", f"product:{number}/sefa-precursors", "tCO2e", chain_value, own)
        return self.book.apply("sum", f"product:{number}/sefa-unit", "tCO2e", mine, brought)

    def _own(self, a: Attributed) -> Figure:
        """Column A benchmark of a process; its codes are those of its goods and products, and must agree."""
        codes = dict.fromkeys([*(g.cn for g in a.process.goods), *(p.cn for p in self.installation.products
                                                                 if p.process == a.process.id and p.cn)])
        step = f"process:{a.process.id}"
        if a.category is not None and a.category.sector == ELECTRICITY:
            return self.book.constant(f"{step}/sefa-own", ZERO, "tCO2e", "cbam.rule.electricity-no-allocation")
        if not codes:
            self.book.report("cbam.sefa-without-cn", a.process.place, Severity.WARNING, found=a.process.name)
            return self.book.unknown(f"{step}/sefa-own", "tCO2e", "cbam.missing-benchmark")
        letters = {p.cn: p.route_letters for p in self.installation.products if p.process == a.process.id}
        made = [self._benchmark(f"{step}/{cn}", a, cn, letters.get(cn), a.process.place) for cn in codes]
        if len({m.value for m in made}) > 1 and any(a.process.id in t for t in self.embedded.chain.inside.values()):
            self.book.report("cbam.sefa-codes-differ", a.process.place, Severity.WARNING, found=", ".join(codes))
            return self.book.unknown(f"{step}/sefa-own", "tCO2e", "cbam.missing-benchmark")
        return made[0]

    def _benchmark(self, step: str, a: Attributed, cn: str, letters: str | None, place: Place) -> Figure:
        """CBAM factor × cross-sectoral factor × benchmark, per functional unit."""
        column = "B" if a.process.included else "A"
        if a.category is not None and a.category.sector == ELECTRICITY:
            return self.book.constant(f"{step}/sefa-own", ZERO, "tCO2e", "cbam.rule.electricity-no-allocation")
        if a.process.included and self.readings.get("joint_process_benchmark") == "unknown":
            return self.book.unknown(f"{step}/sefa-own", "tCO2e", "cbam.missing-benchmark")
        if a.process.included:
            self.book.report("cbam.sefa-joint-process", place, Severity.NOTE, found=a.process.name)
        return self._of_code(step, cn, letters, column, a.functional_unit, a.content, place)

    def _of_code(self, step: str, cn: str, letters: str | None, column: str, unit: str | None, content: Figure | None,
                 place: Place) -> Figure:
        reading = scope.read_cn(cn, place=place)
        if reading.good is None or self.year is None or self.produced is None:
            return self.book.unknown(f"{step}/sefa-own", "tCO2e", "cbam.missing-benchmark")
        try:
            choice = tables.benchmarks(reading.good.cn, column, letters, self.produced)
            phase = tables.phase_in(self.year)
        except ProblemsError as error:          # no benchmark or factor for that year
            self.book.extend(replace(p, severity=Severity.WARNING, place=place) for p in error.problems)
            return self.book.unknown(f"{step}/sefa-own", "tCO2e", "cbam.missing-benchmark")
        chosen = choice.value
        if self._set_aside(phase.preliminary, choice.reasons):
            return self.book.unknown(f"{step}/sefa-own", "tCO2e", "cbam.missing-benchmark")
        if not isinstance(chosen, tables.Cited) or not isinstance(phase.factor, tables.Cited) \
                or not isinstance(phase.cscf, tables.Cited):
            self.book.report("cbam.sefa-unknown", place, Severity.WARNING, found=f"{cn} {self.year}",
                             accepted=", ".join("/".join(c.routes) for c in choice.candidates))
            return self.book.unknown(f"{step}/sefa-own", "tCO2e", "cbam.missing-benchmark")
        made = self.book.apply("FA2" if column == "A" else "FA6", f"{step}/sefa-own", "tCO2e",
                               self.book.cited(phase.factor),
                               self.book.cited(phase.cscf), self.book.cited(chosen), column=column)
        # Benchmarks of nitrogen goods are per tonne, their functional unit is a kilogram of nitrogen.
        if unit == "kgN" and content is not None and content.value:
            return self.book.apply("ratio", f"{step}/sefa-unit-own", "tCO2e", made, content)
        return made

    def _set_aside(self, preliminary: bool, reasons: Iterable[str]) -> bool:
        """Whether the readings leave figures that are not yet set unknown, rather than carry the present ones on."""
        return (preliminary and self.readings.get("cscf_after_2030") == "unknown") or (
            AFTER_LAST_PERIOD in reasons and self.readings.get("benchmarks_after_2030") == "unknown")

    def _precursor(self, value: PrecursorValue) -> Figure:
        """Of a bought precursor: none from the EU, as its producer states for an actual value, else column B."""
        base, precursor = f"precursor:{value.precursor.id}", value.precursor
        if value.free:
            return self.book.constant(f"{base}/sefa", ZERO, "tCO2e", "cbam.rule.exempt-origin")
        if value.source is ValueSource.MEASURED:
            if precursor.sefa is not None:
                return self.book.given(f"{base}/sefa", precursor.sefa)
            self.book.report("cbam.sefa-not-stated", precursor.place, Severity.WARNING, found=precursor.name)
            return self.book.unknown(f"{base}/sefa", "tCO2e", "cbam.missing-benchmark")
        if precursor.cn is None:
            return self.book.unknown(f"{base}/sefa", "tCO2e", "cbam.missing-benchmark")
        letters = precursor.route_letters or (" ".join(value.default.routes) if value.default is not None else None)
        return self._of_code(base, precursor.cn, letters, "B", None, None, precursor.place)
