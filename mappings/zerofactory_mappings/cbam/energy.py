"""Factors of heat and electricity: boilers, combined heat and power, supplied heat, power plants (2025/2547 C, D,
Annex III).

The factors of a unit are computed once and used by every process that takes heat or electricity of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from zerofactory_engine.problems import ProblemsError, Severity
from zerofactory_mappings.cbam import tables
from zerofactory_mappings.cbam.book import Book, Figure
from zerofactory_mappings.cbam.equations import TJ_PER_MWH
from zerofactory_mappings.cbam.model import EnergyUnit, FuelUse, Given, HeatFlow, HeatKind

ZERO, ONE = Decimal(0), Decimal(1)


@dataclass(frozen=True, slots=True)
class UnitFactors:
    """What a unit gives: *heat* tCO2/TJ and *electricity* tCO2/MWh; *mixed* and *efficiency* of a boiler for Eq 44."""

    heat: Figure | None = None
    electricity: Figure | None = None
    mixed: Figure | None = None
    efficiency: Figure | None = None
    figures: Mapping[str, Figure] | None = None


class Energy:
    """Computes energy units into a book; factors by unit id."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.factors: dict[str, UnitFactors] = {}

    def unit(self, unit: EnergyUnit) -> None:
        """One unit, by its kind."""
        base = f"unit:{unit.id}"
        if unit.kind is HeatKind.CHP:
            made = self._chp(unit, base)
        elif unit.kind is HeatKind.BOILER:
            made = self._boiler(unit, base)
        elif unit.kind is HeatKind.IMPORTED:
            made = UnitFactors(heat=self._given(f"{base}/ef", unit.ef, "tCO2/TJ"))
            if not unit.documents:
                self.book.report("cbam.heat-without-evidence", unit.place, Severity.WARNING, found=unit.name,
                                 unit=unit.id)
        elif unit.kind is HeatKind.IMPORTED_UNKNOWN:
            made = UnitFactors(heat=self._unknown_heat(unit, base))
        elif unit.kind is HeatKind.CHEMICAL:
            made = UnitFactors(heat=self.book.constant(f"{base}/ef", ZERO, "tCO2/TJ", "cbam.rule.chemical-heat"))
        else:
            made = self._power_plant(unit, base)
        if unit.maximum_energy is not None:
            self.book.apply("E34", f"{base}/load-factor", "1", self._input(unit, base)[1],
                            self.book.given(f"{base}/maximum", unit.maximum_energy))
        self.factors[unit.id] = made

    def _input(self, unit: EnergyUnit, base: str) -> tuple[Figure, Figure]:
        """Emissions (tCO2) and energy (TJ) of the fuels; a waste gas counts with natural gas at most."""
        emissions, energies = [], []
        for number, fuel in enumerate(unit.fuels, 1):
            energy, factor = self._fuel(fuel, f"{base}/fuel{number}")
            if fuel.waste_gas:
                cap = self.book.law("ef_natural_gas")
                factor = self.book.apply("at-most", f"{base}/fuel{number}/capped", "tCO2/TJ", factor, cap)
            energies.append(energy)
            emissions.append(self.book.apply("product", f"{base}/fuel{number}/emissions", "tCO2", energy, factor))
        return (self.book.apply("sum", f"{base}/fuel-emissions", "tCO2", *emissions),
                self.book.apply("E33", f"{base}/input", "TJ", *energies))

    def _fuel(self, fuel: FuelUse, base: str) -> tuple[Figure, Figure]:
        standard = None
        if fuel.factor is not None:
            try:
                standard = tables.fuel(fuel.factor)
            except ProblemsError:
                self.book.report("cbam.factor-unknown", found=fuel.factor, stream=fuel.name)
        if fuel.ef is not None:
            factor = self.book.given(f"{base}/ef", fuel.ef)
        elif standard is not None:
            factor = self.book.cited(standard.ef)
        else:
            factor = self.book.unknown(f"{base}/ef", "tCO2/TJ", "cbam.missing-ef")
        if fuel.energy is not None:
            return self.book.given(f"{base}/energy", fuel.energy), factor
        if fuel.amount is not None and standard is not None and isinstance(standard.ncv, tables.Cited):
            amount = self.book.given(f"{base}/amount", fuel.amount)
            return self.book.apply("E6", f"{base}/energy", "TJ", amount, self.book.cited(standard.ncv)), factor
        return self.book.unknown(f"{base}/energy", "TJ", "cbam.missing"), factor

    def _cleaning(self, unit: EnergyUnit, base: str) -> Figure:
        if unit.flue_gas_cleaning is None:
            return self.book.constant(f"{base}/cleaning", ZERO, "tCO2", "cbam.rule.no-flue-gas-cleaning")
        return self.book.given(f"{base}/cleaning", unit.flue_gas_cleaning)

    def _heat(self, unit: EnergyUnit, base: str) -> Figure | None:
        """Net measurable heat: metered, or by the enthalpy method; None when neither is known."""
        if unit.heat is not None:
            return self.book.given(f"{base}/heat", unit.heat)
        if unit.flows:
            flows = [self._flow(flow, f"{base}/flow{n}") for n, flow in enumerate(unit.flows, 1)]
            return self.book.apply("sum", f"{base}/heat", "TJ", *flows)
        return None

    def _flow(self, flow: HeatFlow, base: str) -> Figure:
        if flow.mass is None and flow.volume is not None and flow.specific_volume is not None:
            mass = self.book.apply("E30", f"{base}/mass", "t", self.book.given(f"{base}/volume", flow.volume),
                                   self.book.given(f"{base}/specific-volume", flow.specific_volume))
        else:
            mass = self._given(f"{base}/mass", flow.mass, "t")
        back = (self.book.given(f"{base}/return", flow.return_enthalpy) if flow.return_enthalpy is not None
                else self.book.law("return_enthalpy"))
        return self.book.apply("E31", f"{base}/heat", "TJ", mass, self.book.given(f"{base}/enthalpy", flow.enthalpy),
                               back)

    def _boiler(self, unit: EnergyUnit, base: str) -> UnitFactors:
        emissions, energy = self._input(unit, base)
        mixed = self.book.apply("E45", f"{base}/mixed", "tCO2/TJ", emissions, self._cleaning(unit, base), energy)
        heat = self._heat(unit, base)
        if unit.efficiency is not None:
            efficiency = self.book.given(f"{base}/efficiency", unit.efficiency)
        elif heat is not None:
            efficiency = self.book.apply("E47", f"{base}/efficiency", "1", heat, energy)
        else:
            efficiency = self.book.law("heat_method_3_efficiency")
        if heat is None:
            heat = self.book.apply("E32", f"{base}/heat", "TJ", efficiency, energy)
        factor = self.book.apply("ratio", f"{base}/ef-heat", "tCO2/TJ", mixed, efficiency)
        return UnitFactors(heat=factor, mixed=mixed, efficiency=efficiency, figures={"net_heat": heat})

    def _unknown_heat(self, unit: EnergyUnit, base: str) -> Figure:
        """Heat without monitored data: the commonest fuel of sector and country, boiler efficiency of the law."""
        if unit.fuels:
            factor = self._fuel(unit.fuels[0], f"{base}/fuel1")[1]
        else:
            factor = self.book.unknown(f"{base}/fuel1/ef", "tCO2/TJ", "cbam.missing-ef")
        return self.book.apply("HEAT_IMP-unknown", f"{base}/ef", "tCO2/TJ", factor,
                               self.book.law("imported_heat_boiler_efficiency"))

    def _chp(self, unit: EnergyUnit, base: str) -> UnitFactors:
        fuel_emissions, energy = self._input(unit, base)
        emissions = self.book.apply("E46", f"{base}/emissions", "tCO2", fuel_emissions, self._cleaning(unit, base))
        heat = self._heat(unit, base) or self._given(f"{base}/heat", None, "TJ")
        electricity = self._given(f"{base}/electricity", unit.electricity, "MWh")
        as_energy = self.book.apply("product", f"{base}/electricity-energy", "TJ", electricity, self.book.constant(
            "rule:TJ-per-MWh", TJ_PER_MWH, "TJ/MWh", "cbam.rule.energy-identity"))
        eta_heat = self._efficiency(unit.heat_efficiency, f"{base}/eta-heat", heat, energy, "chp_heat_efficiency")
        eta_power = self._efficiency(unit.electricity_efficiency, f"{base}/eta-electricity", as_energy, energy,
                                     "chp_electricity_efficiency")
        share = self.book.apply("E49", f"{base}/share-heat", "1", eta_heat, self._reference(unit, base, "heat"),
                                eta_power, self._reference(unit, base, "electricity"))
        rest = self.book.apply("E50", f"{base}/share-electricity", "1", share)
        ef_heat = self.book.apply("E51", f"{base}/ef-heat", "tCO2/TJ", emissions, share, heat)
        ef_power = self.book.apply("E52", f"{base}/ef-electricity", "tCO2/MWh", emissions, rest, electricity)
        return UnitFactors(heat=ef_heat, electricity=ef_power, figures={
            "eta_heat": eta_heat, "eta_electricity": eta_power, "share_heat": share, "share_electricity": rest,
            "emissions": emissions})

    def _efficiency(self, design: Given | None, step_id: str, output: Figure, energy: Figure, default: str) -> Figure:
        """As measured; else the design value; else the value of the law (Annex III A.2.2)."""
        if output.known and energy.known:
            return self.book.apply("E47", step_id, "1", output, energy)
        if design is not None:
            return self.book.given(step_id, design)
        return self.book.law(default)

    def _reference(self, unit: EnergyUnit, base: str, output: str) -> Figure:
        stated = unit.reference_heat if output == "heat" else unit.reference_electricity
        if stated is not None:
            return self.book.given(f"{base}/reference-{output}", stated)
        if unit.reference_fuel is not None:
            try:
                found = tables.reference_efficiency(output, unit.reference_fuel, unit.built, unit.medium)
            except ProblemsError as error:
                self.book.problems.extend(error.problems)
            else:
                if isinstance(found, tables.Cited):
                    return self.book.cited(found)
        self.book.report("cbam.reference-efficiency", unit.place, found=unit.name, unit=unit.id)
        return self.book.unknown(f"{base}/reference-{output}", "1", "cbam.missing-reference-efficiency")

    def _power_plant(self, unit: EnergyUnit, base: str) -> UnitFactors:
        """Eq 38: a plant that makes electricity only; without fuels (wind, sun, water) it emits nothing but what
        cleaning does."""
        emissions, _ = self._input(unit, base)
        made = self.book.apply("E38", f"{base}/ef-electricity", "tCO2/MWh", emissions, self._cleaning(unit, base),
                               self._given(f"{base}/electricity", unit.electricity, "MWh"))
        return UnitFactors(electricity=made)

    def _given(self, step_id: str, given: Given | None, unit: str) -> Figure:
        return self.book.given(step_id, given) if given is not None else self.book.unknown(step_id, unit,
                                                                                           "cbam.missing")
