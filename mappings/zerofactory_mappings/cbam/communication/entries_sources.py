"""Entries of sheets B and F: source streams, electrolysis cells, continuous measurement, cogeneration."""

from __future__ import annotations

from decimal import Decimal

from zerofactory_engine.decimals import CONTEXT, plain
from zerofactory_engine.problems import ProblemsError, Severity
from zerofactory_mappings.cbam import tables
from zerofactory_mappings.cbam.book import Book
from zerofactory_mappings.cbam.communication.entries import Entries, positions
from zerofactory_mappings.cbam.communication.layout import Block
from zerofactory_mappings.cbam.equations import EQUATIONS
from zerofactory_mappings.cbam.model import (
    Basis,
    EnergyUnit,
    Given,
    HeatKind,
    Installation,
    MeasuredSource,
    Method,
    Origin,
    PfcSource,
    SourceStream,
)
from zerofactory_mappings.cbam.result import CbamResult, StreamResult

THOUSAND = Decimal(1000)
ONE = Decimal(1)


def put_sources(installation: Installation, result: CbamResult, entries: Entries) -> None:
    """Everything of sheets B and F."""
    _Sources(installation, result, entries).put()


class _Sources:
    def __init__(self, installation: Installation, result: CbamResult, entries: Entries) -> None:
        self.given, self.entries = installation, entries
        self.blocks = entries.layout.blocks
        self.results = {r.id: r for r in result.streams}
        self.units = result.units
        self.book = Book(basis=Basis.TRANSITIONAL, period_end=installation.period_end)

    def put(self) -> None:
        """All sources and units."""
        streams, pfc, measured = self.given.streams, self.given.pfc, self.given.measured
        at = positions([s.id for s in streams], "stream-", self.blocks["streams"].count)
        for stream in streams:
            self._stream(stream, at[stream.id])
        at = positions([s.id for s in pfc], "pfc-", self.blocks["pfc"].count)
        for cells in pfc:
            self._pfc(cells, at[cells.id])
        at = positions([s.id for s in measured], "measured-", self.blocks["measured"].count)
        for meter in measured:
            self._measured(meter, at[meter.id])
        self._cogeneration()

    # --- source streams ---------------------------------------------------------------------------------------------

    def _stream(self, stream: SourceStream, index: int) -> None:
        block = self.blocks["streams"]
        own = self.given.origin is Origin.OWN
        self.entries.put(block, "name", index, stream.name or (stream.id if own else ""))
        if own and self._as_total(stream):
            self._total(block, index, stream)
            return
        self.entries.code(block, "method", index, None if stream.method is None else str(stream.method), stream.id)
        self.entries.put(block, "amount", index, stream.amount)
        self.entries.code(block, "amount_unit", index, _unit_of_amount(stream), stream.id)
        for name in ("ncv", "conversion", "biomass"):
            self.entries.put(block, name, index, getattr(stream, name))
        self._oxidation(block, index, stream)
        if stream.carbon_content is not None:
            self.entries.put(block, "carbon_content", index, stream.carbon_content)
        if stream.ef is not None:
            self.entries.put(block, "ef", index, stream.ef)
            self.entries.code(block, "ef_unit", index, stream.ef.unit, stream.id)
        elif stream.factor is not None:
            self._standard_factor(block, index, stream)

    @staticmethod
    def _as_total(stream: SourceStream) -> bool:
        """Whether the stream is determined in a way that the template has no columns for."""
        mass_balance = stream.method is Method.MASS_BALANCE
        if stream.output_based or stream.clinker_output or stream.dust is not None:
            return True
        if mass_balance:
            return stream.carbon_content is None and (stream.ef is not None or stream.factor is not None)
        return stream.ef is None and stream.carbon_content is not None

    def _total(self, block: Block, index: int, stream: SourceStream) -> None:
        """The stream as process emissions with the factor that gives its own result."""
        found = self.results.get(stream.id)
        if found is None or found.fossil is None:
            self.entries.say("stream-not-written", stream.id, Severity.WARNING, found=stream.name)
            return
        biomass = found.biomass or Decimal(0)
        total = CONTEXT.add(found.fossil, biomass)
        amount = stream.amount.value if stream.amount is not None and stream.amount.value else ONE
        unit = stream.amount.unit if stream.amount is not None and stream.amount.value else "t"
        if total < 0 and stream.method is Method.MASS_BALANCE:
            # The template takes no negative factor: what leaves is a negative amount, as in its own mass balance.
            amount = -abs(amount)
        factor = CONTEXT.divide(total, amount)
        self.entries.code(block, "method", index, str(Method.PROCESS), stream.id)
        self.entries.put(block, "amount", index, amount)
        self.entries.code(block, "amount_unit", index, unit, stream.id)
        self.entries.put(block, "ef", index, factor)
        self.entries.code(block, "ef_unit", index, f"tCO2/{unit}", stream.id)
        if biomass and total:
            self.entries.put(block, "biomass", index, Given(CONTEXT.divide(biomass, total), "1"))
        self.entries.say("stream-as-total", stream.id, found=plain(total), factor=plain(factor))

    def _oxidation(self, block: Block, index: int, stream: SourceStream) -> None:
        if stream.oxidation is not None or stream.ash_carbon is None:
            self.entries.put(block, "oxidation", index, stream.oxidation)
            return
        share = EQUATIONS["E7"](stream.ash_carbon.value)
        self.entries.put(block, "oxidation", index, Given(share, "1"))
        self.entries.say("oxidation-written", stream.id, found=plain(share))

    def _standard_factor(self, block: Block, index: int, stream: SourceStream) -> None:
        """The figures of a standard factor that the stream names."""
        if stream.method is Method.PROCESS:
            material = next((m for group in ("carbonate_a", "iron_steel", "oxide_b")
                             if (m := _material(stream.factor or "", group)) is not None), None)
            if material is not None:
                self.entries.put(block, "ef", index, material.ef.value)
                self.entries.code(block, "ef_unit", index, material.ef.unit, stream.id)
                self.entries.say("factor-written", stream.id, found=plain(material.ef.value),
                                 factor=stream.factor or "")
                return
        try:
            fuel = tables.fuel(stream.factor or "")
        except ProblemsError:
            self.entries.say("stream-not-written", stream.id, Severity.WARNING, found=stream.factor)
            return
        self.entries.put(block, "ef", index, fuel.ef.value)
        self.entries.code(block, "ef_unit", index, "tCO2/TJ", stream.id)
        if stream.ncv is None and isinstance(fuel.ncv, tables.Cited):
            self.entries.put(block, "ncv", index, fuel.ncv.value)
        self.entries.say("factor-written", stream.id, found=plain(fuel.ef.value), factor=stream.factor or "")

    # --- electrolysis, measurement ------------------------------------------------------------------------------------

    def _pfc(self, source: PfcSource, index: int) -> None:
        block = self.blocks["pfc"]
        self.entries.code(block, "method", index, None if source.method is None else str(source.method), source.id)
        self.entries.put(block, "name", index, source.technology or source.name)
        for name in ("aluminium", "frequency", "duration", "slope_factor", "overvoltage_per_cell", "current_efficiency",
                     "overvoltage_coefficient", "c2f6_share", "collection_efficiency"):
            self.entries.put(block, name, index, getattr(source, name))

    def _measured(self, source: MeasuredSource, index: int) -> None:
        block = self.blocks["measured"]
        self.entries.put(block, "name", index, source.name)
        self.entries.code(block, "gas", index, source.gas, source.id)
        self.entries.put(block, "biomass", index, source.biomass)
        for name in ("energy_fossil", "energy_biomass"):
            if (text := self.given.details.get(f"{source.id}.{name}_TJ")) is not None:
                self.entries.put(block, name, index, Decimal(text))
        if source.hourly:
            self._hourly(block, index, source)
            return
        self.entries.put(block, "concentration", index, source.concentration)
        self.entries.put(block, "hours", index, source.hours)
        if source.flow is None and source.air is not None and source.oxygen is not None:
            oxygen = self.book.law("oxygen_in_air").value
            assert oxygen is not None
            flow = EQUATIONS["E29"](source.air.value, oxygen, source.oxygen.value)
            self.entries.put(block, "flow", index, flow)
            self.entries.say("flow-written", source.id, found=plain(flow))
        else:
            self.entries.put(block, "flow", index, source.flow)

    def _hourly(self, block: Block, index: int, source: MeasuredSource) -> None:
        """Hours as yearly averages: the mean flow, and the concentration that gives the same mass."""
        mass = self._mass(source, self.results.get(source.id))
        volumes = [v for _, v, _ in source.hourly if v is not None]
        hours = Decimal(len(source.hourly))
        if mass is None or not volumes or not sum(volumes):
            self.entries.say("stream-not-written", source.id, Severity.WARNING, found=source.name)
            return
        flow = EQUATIONS["ratio"](EQUATIONS["mean"](*volumes), THOUSAND)
        concentration = CONTEXT.divide(CONTEXT.multiply(mass, THOUSAND), CONTEXT.multiply(hours, flow))
        for name, value in (("concentration", concentration), ("hours", hours), ("flow", flow)):
            self.entries.put(block, name, index, value)
        self.entries.say("hourly-as-average", source.id, found=str(len(source.hourly)), mass=plain(mass))

    def _mass(self, source: MeasuredSource, found: StreamResult | None) -> Decimal | None:
        """Tonnes of the gas, from the result in tCO2e."""
        if found is None or found.fossil is None:
            return None
        total = CONTEXT.add(found.fossil, found.biomass or Decimal(0))
        if source.gas != "N2O":
            return total
        potential = self.book.law("gwp_n2o").value
        return None if potential is None else CONTEXT.divide(total, potential)

    # --- cogeneration -------------------------------------------------------------------------------------------------

    def _cogeneration(self) -> None:
        tools = ("chp", "chp_second")
        fit = [u for u in self.given.units if u.kind is HeatKind.CHP]
        at = positions([u.id for u in fit], "chp-", len(tools))
        for unit in self.given.units:
            number = at.get(unit.id)
            if number is None or number >= len(tools):
                self.entries.say("unit-not-in-template", unit.id, found=unit.name)
            else:
                self._chp(self.blocks[tools[number]], unit)

    def _chp(self, block: Block, unit: EnergyUnit) -> None:
        energies = [f.energy.value for f in unit.fuels if f.energy is not None]
        emissions = [CONTEXT.multiply(f.energy.value, f.ef.value) for f in unit.fuels
                     if f.energy is not None and f.ef is not None]
        if energies:
            self.entries.put(block, "fuel_energy", 0, EQUATIONS["sum"](*energies))
        kept = self.given.details.get(f"{unit.id}.fuel_emissions_tCO2")
        if emissions:
            self.entries.put(block, "fuel_emissions", 0, EQUATIONS["sum"](*emissions))
        elif kept is not None:
            self.entries.put(block, "fuel_emissions", 0, Decimal(kept))
        for name in ("heat", "electricity", "flue_gas_cleaning", "reference_heat", "reference_electricity"):
            self.entries.put(block, name, 0, getattr(unit, name))
        if len(energies) < len(unit.fuels) or len(emissions) < len(energies):
            self.entries.say("fuel-not-written", unit.id, Severity.WARNING, found=unit.name)


def _unit_of_amount(stream: SourceStream) -> str:
    """The unit of the activity data; where only figures per unit are stated, that unit."""
    if stream.amount is not None:
        return stream.amount.unit
    return next((g.unit.partition("/")[2] for g in (stream.ncv, stream.carbon_content) if g is not None), "")


def _material(name: str, group: str) -> tables.ProcessFactor | None:
    try:
        return tables.process_factor(name, group)
    except ProblemsError:
        return None
