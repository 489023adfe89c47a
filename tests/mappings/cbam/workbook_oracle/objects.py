"""A plan as the model of the calculation, made without a workbook and without the reader that is tested."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from tests.mappings.cbam.workbook_oracle.plan import (
    Chp,
    Figure,
    Formula,
    Meter,
    Pfc,
    Plan,
    Precursor,
    Process,
    Product,
    Stream,
)
from tests.mappings.cbam.workbook_oracle.sheets import precursor_name, process_name, typed_process

from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.problems import Place
from zerofactory_mappings.cbam import model, scope
from zerofactory_mappings.cbam.model import Given


def value(figure: Figure) -> Decimal | None:
    """A figure as an exact number."""
    if isinstance(figure, Formula):
        assert figure.gives is not None
        return Decimal(figure.gives)
    return None if figure is None else Decimal(figure)


def given(figure: Figure, unit: str) -> Given | None:
    found = value(figure)
    return None if found is None else Given(found, unit)


def share(figure: Figure) -> Given | None:
    found = value(figure)
    return None if found is None else Given(CONTEXT.divide(found, Decimal(100)), "1")


def amounts(figures: Mapping[int, Figure], unit: str) -> tuple[model.RouteAmount, ...]:
    """Amounts by route; which route it is changes nothing under the transitional basis."""
    return tuple(model.RouteAmount(f"route-{row}", g) for row, f in figures.items() if (g := given(f, unit)) is not None)


def by_process(figures: Mapping[int, Figure], unit: str) -> dict[str, Given]:
    return {f"P{p}": g for p, f in figures.items() if (g := given(f, unit)) is not None}


def installation(plan: Plan) -> model.Installation:
    """The model of a plan that is :attr:`Plan.exact`."""
    stated = plan.stated
    return model.Installation(
        origin=model.Origin.COMMISSION, name=plan.name, country="CN", period_start=date(2025, 1, 1),
        period_end=date(2025, 12, 31), template_version="2.1.1",
        streams=tuple(_stream(n, s) for n, s in plan.streams.items()), pfc=tuple(_pfc(n, s) for n, s in plan.pfc.items()),
        measured=tuple(_meter(n, s) for n, s in plan.meters.items()),
        units=tuple(_chp(n, tool) for n, tool in enumerate(plan.chp, 1) if tool is not None),
        processes=tuple(_process(plan, p) for p in plan.processes),
        precursors=tuple(_precursor(plan, q) for q in plan.precursors),
        products=tuple(model.Product(_made_by(plan, product), product.cn, product.name or "",
                                     place=Place(cell=f"D{9 + row}")) for row, product in plan.products.items()),
        stated=model.Stated(*(given(f, "tCO2e") for f in (stated.co2, stated.biomass, stated.n2o, stated.pfc,
                                                          stated.indirect))))


def _made_by(plan: Plan, product: Product) -> str:
    """The process of a product; the template compares names without regard to case."""
    wanted = typed_process(plan, product).lower()
    return next((f"P{p}" for p in plan.processes if process_name(plan, p).lower() == wanted), wanted)


def _stream(n: int, s: Stream) -> model.SourceStream:
    unit = s.unit or "t"
    return model.SourceStream(
        f"stream-{n}", s.name or "", None if s.method is None else model.Method(s.method), given(s.amount, s.unit or ""),
        given(s.ncv, f"GJ/{unit}"), given(s.ef, s.ef_unit or ""), given(s.carbon, f"tC/{unit}"), share(s.oxidation),
        share(s.conversion), share(s.biomass))


def _pfc(n: int, s: Pfc) -> model.PfcSource:
    return model.PfcSource(
        f"pfc-{n}", s.name or "", None if s.method is None else model.PfcMethod(s.method), s.name,
        aluminium=given(s.aluminium, "t"), frequency=given(s.frequency, "1/(cell·d)"), duration=given(s.duration, "min"),
        slope_factor=given(s.slope, "1"), overvoltage_per_cell=given(s.overvoltage, "mV"),
        current_efficiency=given(s.efficiency, "%"), overvoltage_coefficient=given(s.coefficient, "1"),
        c2f6_share=given(s.c2f6, "1"), collection_efficiency=given(s.collection, "1"))


def _meter(n: int, s: Meter) -> model.MeasuredSource:
    return model.MeasuredSource(f"measured-{n}", s.name or "", s.gas, given(s.concentration, "g/Nm3"), given(s.hours, "h"),
                                given(s.flow, "1000Nm3/h"), biomass=share(s.biomass))


def _process(plan: Plan, p: int) -> model.Process:
    process: Process = plan.processes[p]
    unit = scope.category(process.category).unit_transitional
    heat = model.Heat(given(process.heat_in, "TJ"), given(process.heat_out, "TJ"), given(process.heat_in_ef, "tCO2/TJ"),
                      given(process.heat_out_ef, "tCO2/TJ"))
    gas = model.WasteGas(given(process.gas_in, "TJ"), given(process.gas_out, "TJ"))
    use = model.ElectricityUse(given(process.power, "MWh"), model.ElectricitySource.STATED,
                               given(process.power_ef, "tCO2/MWh"), code=process.power_code)
    return model.Process(
        f"P{p}", process_name(plan, p), process.category, amounts(process.made, unit), process.included,
        to_market=given(process.to_market, unit), to_processes=by_process(process.to, unit),
        to_other=given(process.to_other, unit), direct=given(process.direct, "tCO2e"),
        heat=None if heat == model.Heat() else heat, waste_gas=None if gas == model.WasteGas() else gas,
        electricity=() if (use.consumed, use.ef, use.code) == (None, None, None) else (use,),
        exported_electricity=given(process.export, "MWh"), exported_electricity_ef=given(process.export_ef, "tCO2/MWh"),
        heat_applies=process.heat_applies, waste_gas_applies=process.gas_applies)


def _precursor(plan: Plan, q: int) -> model.Precursor:
    precursor: Precursor = plan.precursors[q]
    unit = scope.category(precursor.category).unit_transitional
    sources = [None if s is None else model.ValueSource(s) for s in (precursor.source, precursor.power_source)]
    return model.Precursor(
        f"PP{q}", precursor_name(plan, q), precursor.category, country=precursor.country,
        bought=amounts(precursor.bought, unit), used_in=by_process(precursor.used, unit),
        other_use=given(precursor.other, unit), direct=given(precursor.direct, f"tCO2e/{unit}"),
        electricity=given(precursor.power, f"MWh/{unit}"), electricity_ef=given(precursor.power_ef, "tCO2e/MWh"),
        direct_source=sources[0], electricity_source=sources[1], electricity_code=precursor.code,
        justification=precursor.justification)


def _chp(n: int, tool: Chp) -> model.EnergyUnit:
    energy, emissions = value(tool.fuel), value(tool.emissions)
    factor = None if not energy or emissions is None else Given(CONTEXT.divide(emissions, energy), "tCO2/TJ")
    return model.EnergyUnit(
        f"chp-{n}", f"CHP {n}", model.HeatKind.CHP,
        () if energy is None else (model.FuelUse("", Given(energy, "TJ"), factor),), given(tool.heat, "TJ"),
        given(tool.power, "MWh"), given(tool.cleaning, "tCO2"),
        reference_heat=given(tool.reference_heat or "0.88", "1"),
        reference_electricity=given(tool.reference_power or "0.442", "1"))
