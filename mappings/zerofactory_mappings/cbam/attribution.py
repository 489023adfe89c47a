"""Emissions of production processes: what belongs to each, heat, waste gases and electricity across its border (Annex
III A)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from zerofactory_engine.problems import Severity
from zerofactory_mappings.cbam import scope, tables
from zerofactory_mappings.cbam.book import Book, Figure
from zerofactory_mappings.cbam.electricity import Electricity
from zerofactory_mappings.cbam.energy import Energy
from zerofactory_mappings.cbam.model import (
    Attribution,
    AttributionRule,
    Basis,
    Given,
    Installation,
    MeasuredSource,
    Origin,
    PfcSource,
    Process,
    SourceStream,
)
from zerofactory_mappings.cbam.streams import Streams

ZERO, ONE = Decimal(0), Decimal(1)


@dataclass(frozen=True, slots=True)
class Attributed:
    """The figures of one process before precursors. *level* in functional units (None: no production)."""

    process: Process
    category: scope.Category | None
    functional_unit: str | None
    level: Figure
    content: Figure
    own: Figure
    heat: Figure
    waste_gas: Figure
    exported: Figure
    direct: Figure
    indirect: Figure
    electricity: Figure
    in_scope: bool


class Attributions:
    """Attributes the emissions of one installation to its processes."""

    def __init__(self, book: Book, basis: Basis, installation: Installation, streams: Streams, energy: Energy) -> None:
        self.book, self.basis, self.installation = book, basis, installation
        self.streams, self.energy = streams, energy
        self.electricity = Electricity(book, basis, installation.country, energy)
        #: The transitional workbook reads an empty cell as zero; in our own input a missing figure stays missing.
        self.blank = basis is Basis.TRANSITIONAL and installation.origin is Origin.COMMISSION
        self.levels = {p.id: self._level(p) for p in installation.processes}

    # --- activity level ---------------------------------------------------------------------------------------------

    def _level(self, process: Process) -> tuple[Figure, Figure, str | None, scope.Category | None]:
        """Activity level, functional units per unit of production, the functional unit, the category."""
        base = f"process:{process.id}"
        category = scope.find_category(process.category) if process.category else None
        if category is None:
            self.book.report("cbam.process-category", process.place, found=process.category or "", process=process.name)
            return self.book.unknown(f"{base}/level", "t", "cbam.process-category"), self._one(base), None, None
        unit = category.unit_transitional
        amounts = [self.book.given(f"{base}/produced/{r.route}{n}", r.amount)
                   for n, r in enumerate(process.production)]
        functional = unit if self.basis is Basis.TRANSITIONAL else functional_unit(category, process)
        if not amounts and not process.goods:
            produced = self.book.unknown(f"{base}/produced", unit, "cbam.missing-production")
        else:
            produced = self.book.apply("sum", f"{base}/produced", unit, *amounts)
        if functional in {unit, None}:
            level, content = produced, self._one(base)
        else:
            level, content = self._converted(process, base, produced, functional or unit)
        if level.value is not None and level.value <= 0:
            self.book.report("cbam.production-zero", process.place, found=str(level.value), process=process.name)
            level = self.book.unknown(f"{base}/level", functional or unit, "cbam.production-zero")
        elif level.value is None:
            self.book.report("cbam.production-missing", process.place, process=process.name)
        return level, content, functional, category

    def _one(self, base: str) -> Figure:
        return self.book.constant(f"{base}/content", ONE, "1", "cbam.rule.unit-is-functional-unit")

    def _converted(self, process: Process, base: str, produced: Figure, functional: str) -> tuple[Figure, Figure]:
        """Activity level in t clinker or kg N, from the goods' contents or one content of all (Art 4(4), (5))."""
        if process.goods:
            parts, amounts = [], []
            for number, good in enumerate(process.goods, 1):
                amount = self.book.given(f"{base}/good{number}", good.amount)
                content = (self.book.given(f"{base}/good{number}/content", good.content) if good.content is not None
                           else self.book.unknown(f"{base}/good{number}/content", functional, "cbam.missing-content"))
                amounts.append(amount)
                parts.append(self.book.apply("product", f"{base}/good{number}/units", functional, amount, content))
            level = self.book.apply("sum", f"{base}/level", functional, *parts)
            mass = self.book.apply("sum", f"{base}/goods", "t", *amounts)
            return level, self.book.apply("ratio", f"{base}/content", f"{functional}/t", level, mass)
        stated = process.content or self._content_of_products(process)
        if stated is None:
            self.book.report("cbam.content-missing", process.place, accepted=functional, process=process.name)
            content = self.book.unknown(f"{base}/content", f"{functional}/t", "cbam.missing-content")
        else:
            content = self.book.given(f"{base}/content", stated)
        return self.book.apply("product", f"{base}/level", functional, produced, content), content

    def _content_of_products(self, process: Process) -> Given | None:
        """The content that all products of the process share; None where they differ or none is stated."""
        stated = {p.content.value: p.content for p in self.installation.products
                  if p.process == process.id and p.content is not None}
        return next(iter(stated.values())) if len(stated) == 1 else None

    # --- one process ------------------------------------------------------------------------------------------------

    def attribute(self, process: Process, correction: Figure | None = None) -> Attributed:
        """The figures of one process; *correction* is the reconciliation factor of Eq 41."""
        base = f"process:{process.id}"
        level, content, functional, category = self.levels[process.id]
        own = self.own(process)
        if correction is not None:
            own = self.book.apply("E42", f"{base}/own-corrected", "tCO2e", own, correction)
        heat_in, heat_out = self._heat(process, base)
        gas_in, gas_out = self._waste_gas(process, base)
        exported = self._exported(process, base)
        name = "E55-transitional" if self.basis is Basis.TRANSITIONAL else "E55"
        direct = self.book.apply(name, f"{base}/attributed-direct", "tCO2e", own, heat_in, heat_out, gas_in, gas_out,
                                 exported)
        electricity, indirect = self._electricity(process, base)
        in_scope = category is not None and (category.indirect_transitional if self.basis is Basis.TRANSITIONAL
                                             else category.indirect_definitive)
        return Attributed(process, category, functional, level, content, own,
                          self.book.apply("difference", f"{base}/heat", "tCO2e", heat_in, heat_out),
                          self.book.apply("difference", f"{base}/waste-gas", "tCO2e", gas_in, gas_out),
                          exported, direct, indirect, electricity, in_scope)

    def own(self, process: Process) -> Figure:
        """Directly attributable emissions DirEm*: as stated, else the streams attributed to the process."""
        base = f"process:{process.id}"
        if process.direct is not None:
            return self.book.given(f"{base}/own", process.direct)
        sources: list[SourceStream | PfcSource | MeasuredSource] = [
            *self.installation.streams, *self.installation.pfc, *self.installation.measured]
        parts = [self._part(s.id, s.attributed, process) for s in sources if process.id in s.attributed.ids]
        if parts:
            return self.book.apply("sum", f"{base}/own", "tCO2e", *parts)
        if self.blank:
            return self.book.constant(f"{base}/own", ZERO, "tCO2e", "cbam.rule.blank-is-zero")
        self.book.report("cbam.direct-missing", process.place, process=process.name)
        return self.book.unknown(f"{base}/own", "tCO2e", "cbam.missing-direct")

    def _part(self, source: str, attribution: Attribution, process: Process) -> Figure:
        """The part of one source's emissions that belongs to a process."""
        base = f"process:{process.id}/of/{source}"
        emissions = self.streams.fossil.get(source) or self.book.unknown(f"{base}/emissions", "tCO2e", "cbam.missing")
        if attribution.rule is AttributionRule.SHARES:
            share = self.book.given(f"{base}/share", attribution.shares[process.id])
            return self.book.apply("product", base, "tCO2e", emissions, share)
        if attribution.rule is AttributionRule.FUNCTIONAL_UNITS:
            levels = [self.levels[p][0] for p in attribution.processes if p in self.levels]
            share = self.book.apply("ratio", f"{base}/share", "1", self.levels[process.id][0],
                                    self.book.apply("sum", f"levels-of/{source}", "1", *levels))
            return self.book.apply("product", base, "tCO2e", emissions, share)
        return self._molar(base, source, emissions, attribution, process)

    def _molar(self, base: str, source: str, emissions: Figure, attribution: Attribution, process: Process) -> Figure:
        """Eq 43; by mass where the molar mass of one of the co-products is not known."""
        known = {p: tables.molar_mass(substance) for p, (_, substance) in attribution.molar.items()}
        by_mass = any(not isinstance(m, tables.Cited) for m in known.values())
        if by_mass:
            self.book.report("cbam.molar-mass-unknown", process.place, Severity.WARNING, stream=source,
                             found=", ".join(s for p, (_, s) in attribution.molar.items()
                                             if not isinstance(known[p], tables.Cited)))
        operands: list[Figure] = []
        for other in (process.id, *(p for p in attribution.molar if p != process.id)):
            molar = known[other]
            operands.append(self.book.given(f"{source}/mass/{other}", attribution.molar[other][0]))
            operands.append(self.book.cited(molar) if isinstance(molar, tables.Cited) and not by_mass else
                            self.book.constant(f"{source}/by-mass", ONE, "1", "cbam.rule.molar-by-mass"))
        return self.book.apply("E43", base, "tCO2e", emissions, *operands)

    # --- across the border ------------------------------------------------------------------------------------------

    def _none(self, step_id: str, unit: str = "tCO2e") -> Figure:
        return self.book.constant(step_id, ZERO, unit,
                                  "cbam.rule.blank-is-zero" if self.blank else "cbam.rule.not-stated")

    def _heat(self, process: Process, base: str) -> tuple[Figure, Figure]:
        heat = process.heat
        if heat is None:
            return self._none(f"{base}/heat-in"), self._none(f"{base}/heat-out")
        return (self._heat_flow(f"{base}/heat-in", heat.imported, heat.imported_ef, heat.imported_from, process),
                self._heat_flow(f"{base}/heat-out", heat.exported, heat.exported_ef, heat.exported_from, process))

    def _heat_flow(self, step_id: str, amount: Given | None, ef: Given | None, unit: str | None,
                   process: Process) -> Figure:
        """Emissions of heat that crosses the border: TJ × tCO2/TJ, of a boiler by Eq 44."""
        if amount is None:
            return self._none(step_id)
        energy = self.book.given(f"{step_id}/amount", amount)
        if unit is not None:
            made = self.energy.factors.get(unit)
            if made is None or made.heat is None:
                self.book.report("cbam.unit-without-heat", process.place, found=unit, process=process.name)
                return self.book.unknown(step_id, "tCO2e", "cbam.missing")
            if made.mixed is not None and made.efficiency is not None:
                return self.book.apply("E44", step_id, "tCO2e", made.mixed, energy, made.efficiency)
            return self.book.apply("HEAT_IMP", step_id, "tCO2e", energy, made.heat)
        if ef is None:
            if self.blank:
                return self.book.apply("HEAT_IMP", step_id, "tCO2e", energy, self._none(f"{step_id}/ef", "tCO2/TJ"))
            if not amount.value:
                return self._none(step_id)
            self.book.report("cbam.heat-factor-missing", amount.place, process=process.name)
            return self.book.unknown(step_id, "tCO2e", "cbam.missing")
        return self.book.apply("HEAT_IMP", step_id, "tCO2e", energy, self.book.given(f"{step_id}/ef", ef))

    def _waste_gas(self, process: Process, base: str) -> tuple[Figure, Figure]:
        gas = process.waste_gas
        incoming, outgoing = f"{base}/waste-gas-in", f"{base}/waste-gas-out"
        if gas is None:
            return self._none(incoming), self._none(outgoing)
        natural = self.book.law("ef_natural_gas")
        received = self._none(incoming) if gas.imported is None else self.book.apply(
            "E53", incoming, "tCO2e", self.book.given(f"{incoming}/amount", gas.imported), natural)
        if gas.exported is None:
            return received, self._none(outgoing)
        if self.basis is Basis.DEFINITIVE and gas.exported.value and not gas.evidence:
            self.book.report("cbam.waste-gas-without-evidence", gas.exported.place, Severity.WARNING,
                             process=process.name)
        given_away = self.book.apply("E54", outgoing, "tCO2e", self.book.given(f"{outgoing}/amount", gas.exported),
                                     natural, self.book.law("waste_gas_export_factor"))
        return received, given_away

    def _exported(self, process: Process, base: str) -> Figure:
        """Emissions of electricity that the process makes and gives away."""
        step_id = f"{base}/electricity-out"
        if process.exported_electricity is None:
            return self._none(step_id)
        amount = self.book.given(f"{step_id}/amount", process.exported_electricity)
        made = self.energy.factors.get(process.exported_electricity_from or "")
        if made is not None and made.electricity is not None:
            return self.book.apply("E35", step_id, "tCO2e", amount, made.electricity)
        if process.exported_electricity_ef is not None:
            factor = self.book.given(f"{step_id}/ef", process.exported_electricity_ef)
        elif self.blank or not process.exported_electricity.value:
            factor = self._none(f"{step_id}/ef", "tCO2e/MWh")
        else:
            self.book.report("cbam.exported-electricity-factor", process.place, process=process.name)
            factor = self.book.unknown(f"{step_id}/ef", "tCO2e/MWh", "cbam.missing-electricity-factor")
        return self.book.apply("E35", step_id, "tCO2e", amount, factor)

    def _electricity(self, process: Process, base: str) -> tuple[Figure, Figure]:
        """Electricity consumed (MWh) and its emissions (Eq 35, 56)."""
        amounts, emissions = [], []
        for number, use in enumerate(process.electricity, 1):
            step = f"{base}/electricity{number}"
            if use.consumed is None:
                amount = (self._none(f"{step}/amount", "MWh") if self.blank
                          else self.book.unknown(f"{step}/amount", "MWh", "cbam.missing-electricity"))
            else:
                amount = self.book.given(f"{step}/amount", use.consumed)
            amounts.append(amount)
            emissions.append(self.book.apply("E35", f"{step}/emissions", "tCO2e", amount, self.electricity.factor(use,
                                                                                                                  step)))
        if not amounts:
            if self.blank:
                return self._none(f"{base}/electricity", "MWh"), self._none(f"{base}/attributed-indirect")
            self.book.report("cbam.electricity-missing", process.place, Severity.WARNING, process=process.name)
            return (self.book.unknown(f"{base}/electricity", "MWh", "cbam.missing-electricity"),
                    self.book.unknown(f"{base}/attributed-indirect", "tCO2e", "cbam.missing-electricity"))
        return (self.book.apply("sum", f"{base}/electricity", "MWh", *amounts),
                self.book.apply("E56", f"{base}/attributed-indirect", "tCO2e", *emissions))


def functional_unit(category: scope.Category, process: Process) -> str:
    """The functional unit of the goods of a process under the definitive basis (2025/2547 Art 4)."""
    for good in process.goods:
        reading = scope.read_cn(good.cn)
        if reading.good is not None:
            return reading.good.functional_unit_definitive
    return unit_of_category(category.id)


@cache
def unit_of_category(category_id: str) -> str:
    """The functional unit of the goods of a category; all its codes have the same."""
    for code in scope.codes():
        good = scope.read_cn(code).good
        if good is not None and good.category.id == category_id:
            return good.functional_unit_definitive
    return scope.category(category_id).unit_transitional
