"""Emissions of the installation: source streams, perfluorocarbons, continuous measurement (2025/2547 Annex II B).

Under the transitional basis a stream counts as the Commission's workbook counts it: incomplete or with units that do
not go together it is in no total, and biomass is zero-rated as typed. Under the definitive basis what is missing is
not known, and biomass of fuels is zero-rated only with evidence of the sustainability criteria (B.3.3).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TypeVar

from zerofactory_engine.problems import ProblemsError, Severity
from zerofactory_mappings.cbam import tables
from zerofactory_mappings.cbam.book import Book, Figure
from zerofactory_mappings.cbam.model import (
    Basis,
    Given,
    MeasuredSource,
    Method,
    PfcMethod,
    PfcSource,
    SourceStream,
)
from zerofactory_mappings.cbam.result import StreamResult

T = TypeVar("T")
ONE, ZERO = Decimal(1), Decimal(0)
PER_ENERGY = "tCO2/TJ"
#: Units of activity data and of emission factors that go together.
PAIRS = {"t": "tCO2/t", "1000Nm3": "tCO2/1000Nm3"}


class Streams:
    """Computes the streams of one installation into a book; figures by id for attribution and totals.

    *workbook*: the entries are those of the Commission's workbook, which counts a row by its own columns alone: no
    carbon content in place of an emission factor, nothing of a row without a method.
    """

    def __init__(self, book: Book, basis: Basis, *, workbook: bool = False) -> None:
        self.book, self.basis = book, basis
        self.workbook = workbook and basis is Basis.TRANSITIONAL
        self.fossil: dict[str, Figure] = {}
        self.results: list[StreamResult] = []

    # --- source streams ---------------------------------------------------------------------------------------------

    def stream(self, stream: SourceStream) -> None:
        """One source stream."""
        incomplete = self._incomplete(stream)
        if incomplete and self.basis is Basis.TRANSITIONAL:
            self.book.report("cbam.stream-not-counted", stream.place, Severity.WARNING, found=stream.name,
                             accepted=", ".join(incomplete), stream=stream.id)
            self.results.append(StreamResult(stream.id, stream.name, "CO2", None, None, counted=False))
            return
        if incomplete:
            self.book.report("cbam.stream-incomplete", stream.place, found=stream.name,
                             accepted=", ".join(incomplete), stream=stream.id)
        base = f"stream:{stream.id}"
        preliminary, energy = self._preliminary(stream, base)
        share = self._biomass(stream, base)
        fossil = self.book.apply("E10" if stream.method is not Method.MASS_BALANCE else "E15", f"{base}/fossil",
                                 "tCO2", preliminary, share)
        biomass = self.book.apply("E10-biomass", f"{base}/biomass", "tCO2", preliminary, share)
        self.fossil[stream.id] = fossil
        energy_fossil = energy_biomass = None
        if energy is not None:
            energy_fossil = self.book.apply("E10", f"{base}/energy-fossil", "TJ", energy, share).value
            energy_biomass = self.book.apply("E10-biomass", f"{base}/energy-biomass", "TJ", energy, share).value
        self.results.append(StreamResult(stream.id, stream.name, "CO2", fossil.value, biomass.value, energy_fossil,
                                         energy_biomass))

    def _incomplete(self, stream: SourceStream) -> list[str]:
        """Fields that the stream lacks, or units that do not go together; empty: it can be computed."""
        lacking = [] if stream.name else ["name"]
        if stream.method is None:
            return [*lacking, "method"]
        if not stream.clinker_output and (stream.amount is None or not stream.amount.unit):
            lacking.append("amount")
        if self.workbook:
            return [*lacking, *_factors_of_row(stream)]
        standard = stream.factor is not None or stream.dust is not None
        if stream.method is Method.MASS_BALANCE:
            if stream.carbon_content is None and stream.ef is None and not standard:
                lacking.append("carbon_content")
            return lacking
        if stream.ef is None and stream.carbon_content is None and not standard:
            lacking.append("ef")
        if stream.ef is not None:
            if stream.ef.unit == PER_ENERGY:
                if stream.ncv is None and not standard:
                    lacking.append("ncv")
            elif misfit := _misfit(stream, stream.ef):
                lacking.append(misfit)
        return lacking

    def _preliminary(self, stream: SourceStream, base: str) -> tuple[Figure, Figure | None]:
        """Emissions before biomass is taken out (tCO2), and the fuel energy (TJ) where a calorific value is known."""
        amount = self._amount(stream, base)
        ncv = self._ncv(stream, base)
        energy = None if ncv is None else self.book.apply("E6", f"{base}/energy", "TJ", amount, ncv)
        if stream.method is Method.MASS_BALANCE:
            f = self.book.law("carbon_to_co2")
            return self.book.apply("E12", f"{base}/emissions", "tCO2", f, amount, self._carbon(stream, base,
                                                                                               ncv)), energy
        factor, per_energy = self._factor(stream, base, ncv)
        activity = amount
        if per_energy:
            activity = energy if energy is not None else self.book.unknown(f"{base}/energy", "TJ", "cbam.missing-ncv")
        if stream.method is Method.PROCESS:
            conversion = self._share(f"{base}/conversion", stream.conversion, "cbam.rule.conversion-one")
            return self.book.apply("E11", f"{base}/emissions", "tCO2", activity, factor, conversion), energy
        if stream.oxidation is None and stream.ash_carbon is not None:
            oxidation = self.book.apply("E7", f"{base}/oxidation", "1", self._figure(f"{base}/ash", stream.ash_carbon,
                                                                                     "1"))
        else:
            oxidation = self._share(f"{base}/oxidation", stream.oxidation, "cbam.rule.oxidation-one")
        return self.book.apply("E5", f"{base}/emissions", "tCO2", activity, factor, oxidation), energy

    def _amount(self, stream: SourceStream, base: str) -> Figure:
        """Activity data; of method B for clinker by Eq 27."""
        if not stream.clinker_output:
            return self._figure(f"{base}/amount", stream.amount, "t")
        names = ("cement", "cement-stock", "clinker-ratio", "clinker-supplied", "clinker-dispatched", "clinker-stock")
        operands = [self.book.given(f"{base}/{n}", g) for n, g in zip(names, stream.clinker_output, strict=True)]
        return self.book.apply("E27", f"{base}/amount", "t", *operands)

    def _ncv(self, stream: SourceStream, base: str) -> Figure | None:
        if stream.ncv is not None:
            return self._figure(f"{base}/ncv", stream.ncv, "GJ")
        if stream.factor is None or stream.amount is None or stream.amount.unit != "t":
            return None
        fuel = _known(tables.fuel, stream.factor)
        return self.book.cited(fuel.ncv) if fuel is not None and isinstance(fuel.ncv, tables.Cited) else None

    def _factor(self, stream: SourceStream, base: str, ncv: Figure | None) -> tuple[Figure, bool]:
        """The emission factor and whether it is per TJ."""
        if stream.ef is not None:
            factor = self._figure(f"{base}/ef", stream.ef, stream.ef.unit)
            return self._clinker_floor(stream, base, factor), stream.ef.unit == PER_ENERGY
        if stream.dust is not None:
            clinker, degree = stream.dust
            factor = self.book.apply("E28", f"{base}/ef", "tCO2/t", self.book.given(f"{base}/clinker-ef", clinker),
                                     self.book.given(f"{base}/calcination", degree))
            return self._floor(base, factor, "dust_minimum_ef"), False
        if stream.carbon_content is not None:
            carbon = self._figure(f"{base}/carbon", stream.carbon_content, "tC")
            f = self.book.law("carbon_to_co2")
            if ncv is None or stream.method is Method.PROCESS:
                return self.book.apply("E9", f"{base}/ef", "tCO2/t", carbon, f), False
            return self.book.apply("E8", f"{base}/ef", PER_ENERGY, carbon, f, ncv), True
        if stream.factor is not None:
            if stream.method is Method.PROCESS and (material := _material(stream)) is not None:
                return self.book.cited(material), False
            if (fuel := _known(tables.fuel, stream.factor)) is not None:
                return self.book.cited(fuel.ef), True
            self.book.report("cbam.factor-unknown", stream.place, found=stream.factor, stream=stream.id)
        return self.book.unknown(f"{base}/ef", "tCO2/t", "cbam.missing-ef"), False

    def _clinker_floor(self, stream: SourceStream, base: str, factor: Figure) -> Figure:
        """The factor of clinker by method B is at least the minimum of B.9.2.2."""
        return self._floor(base, factor, "clinker_minimum_ef") if stream.clinker_output else factor

    def _floor(self, base: str, factor: Figure, minimum: str) -> Figure:
        return self.book.apply("at-least", f"{base}/ef-floor", "tCO2/t", factor,
                               self.book.law(minimum))

    def _carbon(self, stream: SourceStream, base: str, ncv: Figure | None) -> Figure:
        """The carbon content of a mass balance stream (Eq 13, 14 where only a factor is known)."""
        if stream.carbon_content is not None:
            return self._figure(f"{base}/carbon", stream.carbon_content, "tC")
        f = self.book.law("carbon_to_co2")
        if stream.ef is not None:
            ef = self._figure(f"{base}/ef", stream.ef, stream.ef.unit)
            if stream.ef.unit != PER_ENERGY:
                return self.book.apply("E14", f"{base}/carbon", "tC/t", ef, f)
            energy = ncv if ncv is not None else self.book.unknown(f"{base}/ncv", "GJ", "cbam.missing-ncv")
            return self.book.apply("E13", f"{base}/carbon", "tC/t", ef, energy, f)
        material = _known(tables.process_factor, stream.factor, "iron_steel")
        if material is not None and material.carbon is not None:
            return self.book.cited(material.carbon)
        fuel = _known(tables.fuel, stream.factor)
        if fuel is not None and ncv is not None:
            return self.book.apply("E13", f"{base}/carbon", "tC/t", self.book.cited(fuel.ef), ncv, f)
        return self.book.unknown(f"{base}/carbon", "tC/t", "cbam.missing-carbon-content")

    def _biomass(self, stream: SourceStream, base: str) -> Figure:
        """The biomass share that is zero-rated."""
        if stream.biomass is None:
            return self.book.constant(f"{base}/biomass-share", ZERO, "1", "cbam.rule.biomass-unknown-zero")
        is_fuel = stream.method is not Method.PROCESS
        if self.basis is Basis.DEFINITIVE and is_fuel and not stream.evidence and stream.biomass.value:
            self.book.report("cbam.biomass-without-evidence", stream.place, Severity.WARNING,
                             found=stream.name, accepted="evidence", stream=stream.id)
            return self.book.constant(f"{base}/biomass-share", ZERO, "1", "cbam.rule.biomass-without-evidence")
        return self._figure(f"{base}/biomass-share", stream.biomass, "1")

    # --- perfluorocarbons -------------------------------------------------------------------------------------------

    def perfluorocarbons(self, source: PfcSource) -> None:
        """Electrolysis cells of one technology: slope or overvoltage method (B.7)."""
        if self.workbook and source.method is None:
            self.book.report("cbam.pfc-method", source.place, Severity.WARNING, found=source.name,
                             accepted="slope, overvoltage")
            self.results.append(StreamResult(source.id, source.name, "PFC", None, None, counted=False))
            return
        base = f"pfc:{source.id}"
        blank = self.workbook
        aluminium = self._figure(f"{base}/aluminium", source.aluminium, "t", blank=blank)
        if source.method is None:
            self.book.report("cbam.pfc-method", source.place, found=source.name, accepted="slope, overvoltage")
            cf4 = self.book.unknown(f"{base}/cf4", "tCF4", "cbam.pfc-method")
        elif source.method is PfcMethod.SLOPE:
            minutes = self.book.apply(
                "E21", f"{base}/minutes", "min", self._figure(f"{base}/frequency", source.frequency, "1", blank=blank),
                self._figure(f"{base}/duration", source.duration, "min", blank=blank))
            slope = self._technology(source, base, "slope", source.slope_factor, "slope-factor")
            cf4 = self.book.apply("E22", f"{base}/cf4", "tCF4", minutes, slope, aluminium)
        elif self.workbook and (source.current_efficiency is None or not source.current_efficiency.value):
            # B_EmInst!BH catches the division by zero with a text, of which AR and AO make nothing.
            cf4 = self.book.constant(f"{base}/cf4", ZERO, "tCF4", "cbam.rule.blank-is-zero")
        else:
            coefficient = self._technology(source, base, "overvoltage", source.overvoltage_coefficient, "coefficient")
            cf4 = self.book.apply(
                "E24", f"{base}/cf4", "tCF4", coefficient,
                self._figure(f"{base}/overvoltage", source.overvoltage_per_cell, "mV", blank=blank),
                self._figure(f"{base}/current-efficiency", source.current_efficiency, "%"), aluminium)
        share = self._c2f6(source, base)
        c2f6 = self.book.apply("E23" if source.method is not PfcMethod.OVERVOLTAGE else "E25", f"{base}/c2f6", "tC2F6",
                               cf4, share)
        duct = self.book.apply("E26", f"{base}/duct", "tCO2e", cf4, self.book.law("gwp_cf4"), c2f6,
                               self.book.law("gwp_c2f6"))
        collected = self._share(f"{base}/collection", source.collection_efficiency, "cbam.rule.collection-one")
        self.fossil[source.id] = self.book.apply("E20", f"{base}/emissions", "tCO2e", duct, collected)
        self.results.append(StreamResult(source.id, source.name, "PFC", self.fossil[source.id].value, ZERO))

    def _technology(self, source: PfcSource, base: str, method: str, stated: Given | None, name: str) -> Figure:
        """The factor as stated, else that of the law for the technology."""
        if stated is not None or self.workbook:
            return self._figure(f"{base}/{name}", stated, "kgCF4/t", blank=True)
        found = _known(tables.pfc_factor, method, source.technology or source.name)
        return self._figure(f"{base}/{name}", None, "kgCF4/t") if found is None else self.book.cited(found.cf4)

    def _c2f6(self, source: PfcSource, base: str) -> Figure:
        if source.c2f6_share is not None or self.workbook:
            return self._figure(f"{base}/c2f6-share", source.c2f6_share, "1", blank=True)
        method = "overvoltage" if source.method is PfcMethod.OVERVOLTAGE else "slope"
        found = _known(tables.pfc_factor, method, source.technology or source.name)
        return self._figure(f"{base}/c2f6-share", None, "1") if found is None else self.book.cited(found.c2f6)

    # --- continuous measurement -------------------------------------------------------------------------------------

    def continuous(self, source: MeasuredSource) -> None:
        """A source measured continuously: CO2 or N2O (B.6)."""
        base = f"measured:{source.id}"
        if source.gas not in {"CO2", "N2O"}:
            severity = Severity.WARNING if self.basis is Basis.TRANSITIONAL else Severity.ERROR
            self.book.report("cbam.measured-gas", source.place, severity, found=source.gas or "", accepted="CO2, N2O")
            self.results.append(StreamResult(source.id, source.name, source.gas or "", None, None, counted=False))
            return
        mass = self._measured_mass(source, base)
        share = self._measured_biomass(source, base)
        fossil = self.book.apply("E10", f"{base}/fossil-mass", f"t{source.gas}", mass, share)
        biomass = self.book.apply("E10-biomass", f"{base}/biomass-mass", f"t{source.gas}", mass, share)
        if source.gas == "N2O":
            potential = self.book.law("gwp_n2o")
            fossil = self.book.apply("carbon-dioxide-equivalent", f"{base}/emissions", "tCO2e", fossil, potential)
            biomass = self.book.apply("carbon-dioxide-equivalent", f"{base}/biomass", "tCO2e", biomass, potential)
        self.fossil[source.id] = fossil
        self.results.append(StreamResult(source.id, source.name, source.gas, fossil.value, biomass.value))

    def _measured_biomass(self, source: MeasuredSource, base: str) -> Figure:
        if source.biomass is None:
            return self.book.constant(f"{base}/biomass-share", ZERO, "1", "cbam.rule.biomass-unknown-zero")
        if self.basis is Basis.DEFINITIVE and not source.evidence and source.biomass.value:
            self.book.report("cbam.biomass-without-evidence", source.place, Severity.WARNING, found=source.name,
                             accepted="evidence", stream=source.id)
            return self.book.constant(f"{base}/biomass-share", ZERO, "1", "cbam.rule.biomass-without-evidence")
        return self._figure(f"{base}/biomass-share", source.biomass, "1")

    def _measured_mass(self, source: MeasuredSource, base: str) -> Figure:
        if source.hourly:
            return self._hourly(source, base)
        blank = self.workbook
        flow = self._figure(f"{base}/flow", source.flow, "1000Nm3/h", blank=blank and source.air is None)
        if source.flow is None and source.air is not None:
            flow = self.book.apply("E29", f"{base}/flow-from-air", "1000Nm3/h", self.book.given(f"{base}/air",
                                                                                                source.air),
                                   self.book.law("oxygen_in_air"),
                                   self._figure(f"{base}/oxygen", source.oxygen, "1"))
        return self.book.apply(
            "E16-mean", f"{base}/mass", f"t{source.gas}",
            self._figure(f"{base}/concentration", source.concentration, "g/Nm3", blank=blank),
            self._figure(f"{base}/hours", source.hours, "h", blank=blank), flow)

    def _hourly(self, source: MeasuredSource, base: str) -> Figure:
        """Eq 16 over the hours; an hour that is not valid takes mean plus two standard deviations (Eq 19)."""
        needed = self.book.law("valid_hour_share").value or ONE
        valid = [c is not None and v is not None and share >= needed for c, v, share in source.hourly]
        operands: list[Figure] = []
        for column, name, unit in ((0, "concentration", "g/Nm3"), (1, "volume", "Nm3")):
            good = [row[column] for row, ok in zip(source.hourly, valid, strict=True) if ok]
            operands.append(self._gap(base, name, unit, [g for g in good if g is not None], not all(valid)))
        series: list[Figure] = []
        for number, (row, ok) in enumerate(zip(source.hourly, valid, strict=True), 1):
            for column, name, unit in ((0, "concentration", "g/Nm3"), (1, "volume", "Nm3")):
                value = row[column]
                series.append(self.book.given(f"{base}/h{number}/{name}", Given(value, unit, source.place))
                              if ok and value is not None else operands[column])
        gaps = valid.count(False)
        if gaps:
            self.book.report("cbam.measured-gaps", source.place, Severity.NOTE, found=f"{gaps} / {len(valid)}",
                             stream=source.id)
        return self.book.apply("E16", f"{base}/mass", f"t{source.gas}", *series)

    def _gap(self, base: str, name: str, unit: str, good: Sequence[Decimal], needed: bool) -> Figure:
        """The value for hours that are not valid; not known with fewer than two valid ones."""
        if not needed:
            return self.book.constant(f"{base}/{name}/gap", ZERO, unit, "cbam.rule.no-gap")
        if len(good) < 2:
            return self.book.unknown(f"{base}/{name}/gap", unit, "cbam.missing-valid-hours")
        values = [self.book.given(f"{base}/{name}/valid{n}", Given(v, unit)) for n, v in enumerate(good, 1)]
        return self.book.apply("E19", f"{base}/{name}/gap", unit,
                               self.book.apply("mean", f"{base}/{name}/mean", unit, *values),
                               self.book.apply("deviation", f"{base}/{name}/deviation", unit, *values),
                               self.book.law("gap_sigma_multiplier"))

    # --- helpers ----------------------------------------------------------------------------------------------------

    def _figure(self, step_id: str, given: Given | None, unit: str, *, blank: bool = False) -> Figure:
        """A figure that was entered; *blank*: the transitional workbook reads an empty cell as zero."""
        if given is not None:
            return self.book.given(step_id, given)
        if blank:
            return self.book.constant(step_id, ZERO, unit, "cbam.rule.blank-is-zero")
        return self.book.unknown(step_id, unit, "cbam.missing")

    def _share(self, step_id: str, given: Given | None, why: str) -> Figure:
        """A factor that may be left out: then it is 1."""
        return self.book.given(step_id, given) if given is not None else self.book.constant(step_id, ONE, "1", why)


def _factors_of_row(stream: SourceStream) -> list[str]:
    """What a row of the Commission's workbook lacks to be counted (B_EmInst, columns BR to BU)."""
    if stream.method is Method.MASS_BALANCE:
        return [] if stream.carbon_content is not None else ["carbon_content"]
    if stream.ef is None:
        return ["ef"]
    if stream.ef.unit == PER_ENERGY:
        return [] if stream.ncv is not None else ["ncv"]
    misfit = _misfit(stream, stream.ef)
    return [misfit] if misfit else []


def _misfit(stream: SourceStream, ef: Given) -> str | None:
    """Units of amount and emission factor that do not go together."""
    if stream.amount is None or PAIRS.get(stream.amount.unit) == ef.unit:
        return None
    return f"ef [{ef.unit or '?'}] ≠ [{stream.amount.unit}]"


def _known(find: Callable[..., T], name: str | None, *more: str) -> T | None:
    """What a table holds under *name*; None when it holds nothing (said by the caller)."""
    if name is None:
        return None
    try:
        return find(name, *more)
    except ProblemsError:
        return None


def _material(stream: SourceStream) -> tables.Cited | None:
    found = _known(tables.process_factor, stream.factor, "oxide_b" if stream.output_based else "carbonate_a")
    return None if found is None else found.ef
