"""Embedded emissions of the goods of one installation: the whole calculation, under one basis.

    streams ──▶ installation totals
       │
       └──▶ attribution to processes ──▶ specific emissions ──▶ precursors (network) ──▶ products
                 ▲ heat, waste gas, electricity                     ▲ bought: actual or default

``compute(installation, basis)`` is pure: the same input gives the same figures; tables and default sets are pinned by
version in the result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Context, Decimal
from typing import TYPE_CHECKING

from zerofactory_engine.decimals import DOSSIER_DIGITS, plain
from zerofactory_engine.problems import Problem, Severity
from zerofactory_mappings.cbam.attribution import Attributed, Attributions
from zerofactory_mappings.cbam.book import Book, Figure
from zerofactory_mappings.cbam.embedded import Embedded
from zerofactory_mappings.cbam.energy import Energy
from zerofactory_mappings.cbam.goods import products
from zerofactory_mappings.cbam.model import Basis, Given, Installation, Origin
from zerofactory_mappings.cbam.precursors import Precursors
from zerofactory_mappings.cbam.result import CbamResult, InstallationResult, PrecursorUse, ProcessResult
from zerofactory_mappings.cbam.streams import Streams

if TYPE_CHECKING:
    from zerofactory_mappings.cbam.defaults.model import DefaultSet

ZERO = Decimal(0)


def compute(installation: Installation, basis: Basis | None = None, *, proof: bool = False,
            import_year: int | None = None, readings: Mapping[str, str] | None = None,
            sets: Sequence[DefaultSet] | None = None) -> CbamResult:
    """All figures of *installation* under *basis* (None: transitional for a Commission workbook, else definitive).

    *proof*: keep every step. *import_year*: year in which the goods enter the EU (for the readings that depend on it).
    *readings*: choices on open questions of law (``standards/eu-cbam/readings.yaml``), beside those of the input.
    *sets*: default values to use in place of those shipped and imported.

    Nothing is raised for what is missing or wrong in substance: such figures are None and ``problems`` says why.
    """
    basis = basis or (Basis.TRANSITIONAL if installation.origin is Origin.COMMISSION else Basis.DEFINITIVE)
    book = Book(basis=basis, period_end=installation.period_end, proof=proof)
    chosen = {**installation.readings, **(readings or {})}
    streams = Streams(book, basis, workbook=installation.origin is Origin.COMMISSION)
    for stream in installation.streams:
        streams.stream(stream)
    for source in installation.pfc:
        streams.perfluorocarbons(source)
    for measured in installation.measured:
        streams.continuous(measured)
    energy = Energy(book)
    for unit in installation.units:
        energy.unit(unit)
    totals = _Totals(book, basis, installation, streams)
    attributions = Attributions(book, basis, installation, streams, energy)
    correction = totals.reconciliation(attributions)
    attributed = [attributions.attribute(p, correction) for p in installation.processes]
    year = _year(installation, chosen, import_year)
    precursors = Precursors(book, basis, installation.origin, year, None if sets is None else tuple(sets))
    values = [precursors.value(p) for p in installation.precursors]
    embedded = Embedded(book, basis, installation, attributed, values)
    goods = products(book, basis, installation, embedded, _factor_year(installation, chosen, import_year), chosen)
    return CbamResult(
        basis=basis, given=installation, installation=totals.result(attributed, correction),
        streams=tuple(streams.results), processes=tuple(_process(embedded, goods.allocations, a) for a in attributed),
        precursors=tuple(PrecursorUse(
            v.precursor.id, v.precursor.name, v.precursor.country, v.precursor.cn, v.direct.value, v.indirect.value,
            v.electricity.value, str(v.source), v.reason, goods.precursor_allocation(v)) for v in values),
        products=goods.results, loops=tuple(book.loops),
        problems=_all_problems(installation.problems, book.problems),
        provisional=tuple(book.provisional), sources=tuple(book.sources),
        units={k: {n: (f.value if f is not None else None) for n, f in (
            ("ef_heat", u.heat), ("ef_electricity", u.electricity), *(u.figures or {}).items())}
            for k, u in energy.factors.items()},
        proof=book.graph)


def _all_problems(read: Sequence[Problem], found: Sequence[Problem]) -> tuple[Problem, ...]:
    """What the reader said and what the calculation found beside it; the reader knows the better place."""
    said = {(p.code, p.found, p.accepted) for p in read}
    return (*read, *(p for p in found if (p.code, p.found, p.accepted) not in said))


def _year(installation: Installation, readings: Mapping[str, str], import_year: int | None) -> int | None:
    """The year whose mark-up a default precursor bears: of production, or of import by the reading ``markup_year``."""
    if readings.get("markup_year") == "import" and import_year is not None:
        return import_year
    return installation.period_end.year if installation.period_end else import_year


def _factor_year(installation: Installation, readings: Mapping[str, str], import_year: int | None) -> int | None:
    """The year whose CBAM factor stands in the free allocation: of import, or of production by ``factor_year``."""
    produced = installation.period_end.year if installation.period_end else None
    if readings.get("factor_year") == "production":
        return produced or import_year
    return import_year or produced


class _Totals:
    """Totals of the installation, and how far the processes add up to them."""

    def __init__(self, book: Book, basis: Basis, installation: Installation, streams: Streams) -> None:
        self.book, self.basis, self.installation = book, basis, installation
        stated = installation.stated if basis is Basis.TRANSITIONAL else None
        fossil: dict[str, list[Figure]] = {"CO2": [], "PFC": [], "N2O": []}
        biomass: list[Decimal | None] = []
        for result in streams.results:
            if result.counted:
                fossil[result.gas].append(streams.fossil[result.id])
                if result.gas == "CO2":
                    biomass.append(result.biomass)
        self.gases = {gas: self._gas(gas, figures, None if stated is None else getattr(stated, gas.lower()))
                      for gas, figures in fossil.items()}
        self.direct = book.apply("E4", "installation/direct", "tCO2e", *self.gases.values())
        zero_rated = [book.constant(f"installation/biomass{n}", b, "tCO2", "cbam.rule.carried")
                      for n, b in enumerate(biomass) if b is not None]
        self.biomass = book.apply("sum", "installation/biomass", "tCO2", *zero_rated)
        if None in biomass:
            self.biomass = book.unknown("installation/biomass-unknown", "tCO2", "cbam.missing")
        if stated is not None and stated.biomass_co2 is not None:
            self.biomass = book.given("installation/biomass-stated", stated.biomass_co2)
        self.energy = [r.energy_fossil + r.energy_biomass for r in streams.results
                       if r.energy_fossil is not None and r.energy_biomass is not None]

    def _gas(self, gas: str, figures: list[Figure], stated: Given | None) -> Figure:
        summed = self.book.apply("sum", f"installation/{gas}", "tCO2e", *figures)
        if stated is None:
            return summed
        if summed.value is not None and shown(stated.value) != shown(summed.value):
            self.book.report("cbam.stated-total", stated.place, Severity.NOTE, found=shown(stated.value),
                             accepted=shown(summed.value), gas=gas)
        return self.book.given(f"installation/{gas}-stated", stated)

    def reconciliation(self, attributions: Attributions) -> Figure | None:
        """Eq 41: the factor that makes the processes add up to the installation, where the input asks for it."""
        if not self.installation.reconcile or self.basis is Basis.TRANSITIONAL:
            return None
        parts = [attributions.own(p) for p in self.installation.processes]
        summed = self.book.apply("sum", "installation/processes", "tCO2e", *parts)
        return self.book.apply("E41", "installation/reconciliation", "1", self.direct, summed)

    def result(self, attributed: Sequence[Attributed], correction: Figure | None) -> InstallationResult:
        """The totals, with a warning where processes and installation differ."""
        indirect = self.book.apply("sum", "installation/indirect", "tCO2e", *[a.indirect for a in attributed])
        stated = self.installation.stated.indirect
        if self.basis is Basis.TRANSITIONAL and stated is not None and indirect.value is not None \
                and shown(stated.value) != shown(indirect.value):
            self.book.report("cbam.indirect-total-differs", stated.place, Severity.WARNING, found=shown(stated.value),
                             accepted=shown(indirect.value))
        self._compare(attributed)
        return InstallationResult(
            self.direct.value, self.gases["CO2"].value, self.gases["PFC"].value, self.gases["N2O"].value,
            self.biomass.value, None if stated is None else stated.value, indirect.value,
            sum(self.energy, ZERO), None if correction is None else correction.value)

    def _compare(self, attributed: Sequence[Attributed]) -> None:
        """Direct emissions attributed against the installation's: more than there is would count twice."""
        own = [a.own.value for a in attributed]
        if self.direct.value is None or None in own or not own or not self._has_sources():
            return
        total = sum((v for v in own if v is not None), ZERO)
        # The report states period emissions in full tonnes (Annex II A.1): a smaller difference is rounding.
        if abs(total - self.direct.value) >= 1:
            severity = Severity.WARNING if total > self.direct.value else Severity.NOTE
            self.book.report("cbam.attribution-differs", self.installation.place, severity, found=shown(total),
                             accepted=shown(self.direct.value))

    def _has_sources(self) -> bool:
        return bool(self.installation.streams or self.installation.pfc or self.installation.measured)


def _process(embedded: Embedded, allocations: Mapping[str, Figure], a: Attributed) -> ProcessResult:
    p = embedded.figures[a.process.id]
    exported = a.exported.value
    return ProcessResult(
        a.process.id, a.process.name, a.category.id if a.category else a.process.category, a.functional_unit,
        a.level.value, a.own.value, a.heat.value, a.waste_gas.value, exported, a.direct.value, a.indirect.value,
        a.electricity.value, p.se_direct.value, p.see_direct.value, p.se_indirect.value, p.see_indirect.value,
        p.embedded_electricity.value, p.default_share, a.in_scope,
        next((u.code for u in a.process.electricity if u.code), None), embedded.weakest(a.process.id),
        allocations[a.process.id].value if a.process.id in allocations else None)


def shown(value: Decimal) -> str:
    """A figure in a message: as many digits as a workbook holds."""
    return plain(Context(prec=DOSSIER_DIGITS).plus(value))
