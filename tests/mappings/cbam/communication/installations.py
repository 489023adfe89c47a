"""Installations of every kind that the template can hold: for filling, reading back and recalculating."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from zerofactory_engine.decimals import plain
from zerofactory_mappings.cbam import scope
from zerofactory_mappings.cbam.model import (
    CarbonPrice,
    ElectricitySource,
    ElectricityUse,
    EnergyUnit,
    FuelUse,
    Given,
    Heat,
    HeatKind,
    Installation,
    MeasuredSource,
    Method,
    Origin,
    PfcMethod,
    PfcSource,
    Precursor,
    Process,
    Product,
    RouteAmount,
    SourceStream,
    Stated,
    ValueSource,
    WasteGas,
)

CODES = ("D.4(a)", "D.4(b)", "D.4.1", "D.4.2", "D.4.3.1", "D.4.3.2", "Mix")
_LETTERS = "abcXYZ 019 -&<>'\"().,/äé零碳工厂°%;:#=+"
#: Figures that a double keeps: at most twelve digits.
NUMBERS = st.one_of(st.just(Decimal(0)), st.decimals(min_value=0, max_value=9_999_999, places=4),
                    st.integers(1, 10**9).map(Decimal))
HUNDREDTHS = st.integers(0, 10_000).map(lambda n: Decimal(n).scaleb(-4))


def names(least: int = 1) -> st.SearchStrategy[str]:
    return st.text(_LETTERS, min_size=least, max_size=30).map(str.strip).filter(lambda t: len(t) >= least)


def figures(unit: str, numbers: st.SearchStrategy[Decimal] = NUMBERS) -> st.SearchStrategy[Given | None]:
    return st.one_of(st.none(), numbers.map(lambda n: Given(n, unit)))


def shares() -> st.SearchStrategy[Given | None]:
    return figures("1", HUNDREDTHS)


def some(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), values)


@st.composite
def streams(draw: st.DrawFn, number: int) -> SourceStream:
    unit = draw(st.sampled_from(["t", "1000Nm3"]))
    return SourceStream(
        id=f"stream-{number}", name=draw(names()), method=draw(some(st.sampled_from(list(Method)))),
        amount=draw(figures(unit)), ncv=draw(figures(f"GJ/{unit}")),
        ef=draw(figures(draw(st.sampled_from(["tCO2/TJ", "tCO2/t", "tCO2/1000Nm3"])))),
        carbon_content=draw(figures(f"tC/{unit}")), oxidation=draw(shares()), conversion=draw(shares()), biomass=draw(shares()))


@st.composite
def electrolysis(draw: st.DrawFn, number: int) -> PfcSource:
    name = draw(names())
    return PfcSource(
        id=f"pfc-{number}", name=name, technology=name, method=draw(some(st.sampled_from(list(PfcMethod)))),
        aluminium=draw(figures("t")), frequency=draw(figures("1/(cell·d)")), duration=draw(figures("min")),
        slope_factor=draw(figures("(kg CF4/t Al)/(min/(cell·d))")), overvoltage_per_cell=draw(figures("mV")),
        current_efficiency=draw(figures("%")), overvoltage_coefficient=draw(figures("kg CF4/(t Al·mV)")),
        c2f6_share=draw(figures("t C2F6/t CF4")), collection_efficiency=draw(shares()))


@st.composite
def meters(draw: st.DrawFn, number: int) -> MeasuredSource:
    return MeasuredSource(
        id=f"measured-{number}", name=draw(names()), gas=draw(some(st.sampled_from(["CO2", "N2O"]))),
        concentration=draw(figures("g/Nm3")), hours=draw(figures("h")), flow=draw(figures("1000Nm3/h")), biomass=draw(shares()))


def _by_route(draw: st.DrawFn, category: scope.Category) -> tuple[RouteAmount, ...]:
    found = [RouteAmount(r.id, g) for r in category.routes if (g := draw(figures(category.unit_transitional))) is not None]
    return tuple(found)


def _price(draw: st.DrawFn, currency: str | None) -> CarbonPrice | None:
    unit = f"{currency or ''}/tCO2e"
    price = CarbonPrice(draw(shares()), draw(figures(unit)), draw(figures(unit)), currency)
    return None if (price.covered, price.price, price.rebate) == (None, None, None) else price


@st.composite
def processes(draw: st.DrawFn, number: int, name: str, count: int, currency: str | None) -> Process:
    category = draw(st.sampled_from(scope.categories()))
    unit = category.unit_transitional
    heat = Heat(draw(figures("TJ")), draw(figures("TJ")), draw(figures("tCO2/TJ")), draw(figures("tCO2/TJ")))
    gas = WasteGas(draw(figures("TJ")), draw(figures("TJ")))
    use = ElectricityUse(draw(figures("MWh")), ElectricitySource.STATED, draw(figures("tCO2/MWh")), code=draw(some(st.sampled_from(CODES))))
    others = [n for n in range(1, count + 1) if n != number]
    return Process(
        id=f"P{number}", name=name, category=category.id, production=_by_route(draw, category),
        included=tuple(draw(st.lists(st.sampled_from(category.chain), unique=True, max_size=3))) if category.chain else (),
        to_market=draw(figures(unit)), to_other=draw(figures(unit)),
        to_processes={f"P{n}": g for n in others if (g := draw(figures(unit))) is not None},
        direct=draw(figures("tCO2e")), heat=None if heat == Heat() else heat, waste_gas=None if gas == WasteGas() else gas,
        electricity=() if (use.consumed, use.ef, use.code) == (None, None, None) else (use,),
        exported_electricity=draw(figures("MWh")), exported_electricity_ef=draw(figures("tCO2/MWh")),
        heat_applies=draw(some(st.booleans())), waste_gas_applies=draw(some(st.booleans())), carbon_price=_price(draw, currency))


@st.composite
def precursors(draw: st.DrawFn, number: int, name: str, count: int, currency: str | None) -> Precursor:
    category = draw(st.sampled_from(scope.categories()))
    unit = category.unit_transitional
    return Precursor(
        id=f"PP{number}", name=name, category=category.id, country=draw(some(st.sampled_from(["CN", "US", "IN", "TR", "ZA"]))),
        bought=_by_route(draw, category), used_in={f"P{n}": g for n in range(1, count + 1) if (g := draw(figures(unit))) is not None},
        other_use=draw(figures(unit)), direct=draw(figures(f"tCO2e/{unit}")), electricity=draw(figures(f"MWh/{unit}")),
        electricity_ef=draw(figures("tCO2e/MWh")), direct_source=draw(some(st.sampled_from(list(ValueSource)))),
        electricity_source=draw(some(st.sampled_from(list(ValueSource)))), electricity_code=draw(some(st.sampled_from(CODES))),
        justification=draw(some(names())), carbon_price=_price(draw, currency))


@st.composite
def products(draw: st.DrawFn, process: str) -> Product:
    currency = draw(some(st.sampled_from(["CNY", "EUR"])))
    unit = f"{currency or ''}/t"
    price = CarbonPrice(draw(shares()), draw(figures(unit)), draw(figures(unit)), currency,
                        draw(some(st.sampled_from(["tax", "levy", "national_ets", "other"]))))
    texts: dict[str, st.SearchStrategy[str | None]] = {
        "reducing_agent": some(st.sampled_from(["coal_or_coke", "hydrogen"])), "steel_mill": some(st.integers(1, 999_999).map(str)),
        "manganese": some(HUNDREDTHS.map(plain)), "scrap_per_t_steel": some(NUMBERS.map(plain)),
        "calcined": some(st.sampled_from(["yes", "no"])), "rebate_type": some(st.sampled_from(["none", "free_allocation"])),
        "rebate_covered": some(HUNDREDTHS.map(plain))}
    return Product(process=process, cn=draw(some(st.sampled_from(["73181542", "76051900", "25232900", "31021090"]))),
                   name=draw(names()), parameters={k: v for k, s in texts.items() if (v := draw(s)) is not None},
                   carbon_price=None if price == CarbonPrice() else price)


@st.composite
def installations(draw: st.DrawFn) -> Installation:
    """What a filled template can say, whether it makes sense or not."""
    count, bought = draw(st.integers(1, 4)), draw(st.integers(0, 3))
    called = draw(st.lists(names(), min_size=count + bought, max_size=count + bought, unique_by=lambda n: " ".join(n.split()).casefold()))
    currency = draw(some(st.sampled_from(["CNY", "EUR"])))
    details = {k: draw(names()) for k in draw(st.sets(st.sampled_from(["street", "city", "unlocode", "email", "verifier_company",
                                                                      "further_information"])))}
    details |= {"data_quality": "measured"} if draw(st.booleans()) else {}
    details |= {"country_name": "China"}
    details |= {"carbon_price_currency": currency} if currency else {}
    rows = draw(st.lists(st.integers(1, 75), max_size=4, unique=True))
    made = tuple(draw(processes(n, called[n - 1], count, currency)) for n in range(1, count + 1))
    return Installation(
        origin=Origin.COMMISSION, name=draw(names()), country="CN", details=details,
        period_start=draw(some(st.dates(date(2020, 1, 1), date(2030, 1, 1)))), period_end=draw(some(st.dates(date(2020, 1, 1), date(2030, 1, 1)))),
        streams=tuple(draw(streams(n)) for n in sorted(rows)),
        pfc=tuple(draw(electrolysis(n)) for n in range(1, draw(st.integers(0, 2)) + 1)),
        measured=tuple(draw(meters(n)) for n in range(1, draw(st.integers(0, 2)) + 1)),
        units=draw(st.sampled_from([(), (_unit(),)])), processes=made,
        precursors=tuple(draw(precursors(n, called[count + n - 1], count, currency)) for n in range(1, bought + 1)),
        products=tuple(draw(products(f"P{draw(st.integers(1, count))}")) for _ in range(draw(st.integers(0, 3)))),
        stated=Stated(*(draw(figures("tCO2e")) for _ in range(5))))


def _unit() -> EnergyUnit:
    return EnergyUnit(id="chp-1", name="CHP 1", kind=HeatKind.CHP, fuels=(FuelUse("", tj(100), Given(Decimal("56.1"), "tCO2/TJ")),),
                      heat=tj(40), electricity=Given(Decimal(5000), "MWh"), flue_gas_cleaning=Given(Decimal(12), "tCO2"),
                      reference_heat=Given(Decimal("0.9"), "1"), reference_electricity=Given(Decimal("0.5"), "1"))


def tj(value: int) -> Given:
    return Given(Decimal(value), "TJ")


def g(value: str | int, unit: str) -> Given:
    """A figure, short."""
    return Given(Decimal(value), unit)


def everything() -> Installation:
    """One installation that uses every part of the template and makes sense: for the oracle."""
    make: Callable[..., Process] = Process
    return Installation(
        origin=Origin.COMMISSION, name="Everything Works", country="CN", period_start=date(2025, 1, 1), period_end=date(2025, 12, 31),
        details={"country_name": "China", "city": "宁波 <& Co>", "carbon_price_currency": "CNY", "data_quality": "national_factors"},
        streams=(
            SourceStream("stream-1", "Natural gas", Method.COMBUSTION, g(1200, "1000Nm3"), g("36.1", "GJ/1000Nm3"), g("56.1", "tCO2/TJ"),
                         oxidation=g("0.995", "1")),
            SourceStream("stream-2", "Biomass mix", Method.COMBUSTION, g(500, "t"), g(15, "GJ/t"), g(100, "tCO2/TJ"), biomass=g("0.8", "1")),
            SourceStream("stream-5", "Limestone", Method.PROCESS, g(800, "t"), ef=g("0.44", "tCO2/t"), conversion=g("0.97", "1")),
            SourceStream("stream-6", "Scrap", Method.MASS_BALANCE, g(9000, "t"), carbon_content=g("0.002", "tC/t")),
            SourceStream("stream-7", "Steel", Method.MASS_BALANCE, g(-8000, "t"), carbon_content=g("0.0018", "tC/t")),
            SourceStream("stream-9", "Incomplete", Method.COMBUSTION, g(5, "t"), g(40, "GJ/t"))),
        pfc=(PfcSource("pfc-1", "CWPB", PfcMethod.SLOPE, "CWPB", g(1000, "t"), g("0.6", "1/(cell·d)"), g("0.25", "min"),
                       g("0.102", "(kg CF4/t Al)/(min/(cell·d))"), c2f6_share=g("0.12", "t C2F6/t CF4"), collection_efficiency=g("0.97", "1")),
             PfcSource("pfc-2", "Søderberg", PfcMethod.OVERVOLTAGE, "Søderberg", g(500, "t"), overvoltage_per_cell=g("2.5", "mV"),
                       current_efficiency=g(93, "%"), overvoltage_coefficient=g("1.16", "kg CF4/(t Al·mV)"), c2f6_share=g("0.05", "t C2F6/t CF4"))),
        measured=(MeasuredSource("measured-1", "Stack 1", "N2O", g("1.2", "g/Nm3"), g(8000, "h"), g("8.5", "1000Nm3/h")),
                  MeasuredSource("measured-2", "Stack 2", "CO2", g(180, "g/Nm3"), g(8000, "h"), g(5, "1000Nm3/h"), biomass=g("0.1", "1"))),
        units=(_unit(),),
        processes=(
            make("P1", "Steel melt shop", "crude_steel", (RouteAmount("electric_arc", g(8000, "t")), RouteAmount("other", g(40, "t"))),
                 to_market=g(40, "t"), to_processes={"P2": g(7900, "t"), "P4": g(100, "t")}, direct=g("3000.5", "tCO2e"),
                 heat=Heat(g(5, "TJ"), g(2, "TJ"), g(60, "tCO2/TJ"), g(56, "tCO2/TJ")), waste_gas=WasteGas(g(1, "TJ"), g(3, "TJ")),
                 electricity=(ElectricityUse(g(4200, "MWh"), ElectricitySource.STATED, g("0.58", "tCO2/MWh"), code="D.4(b)"),),
                 exported_electricity=g(100, "MWh"), exported_electricity_ef=g("0.4", "tCO2/MWh"), heat_applies=True, waste_gas_applies=True,
                 carbon_price=CarbonPrice(g("0.5", "1"), g(60, "CNY/tCO2e"), g(20, "CNY/tCO2e"), "CNY")),
            make("P2", "Bolts & nuts", "iron_or_steel_products", (RouteAmount("all", g(7500, "t")),), to_market=g(7400, "t"),
                 to_processes={"P1": g(50, "t")}, to_other=g(50, "t"), direct=g("812.25", "tCO2e"),
                 electricity=(ElectricityUse(g(900, "MWh"), ElectricitySource.STATED, g("0.58", "tCO2/MWh"), code="Mix"),)),
            make("P4", "Cement", "cement", (RouteAmount("all", g(2000, "t")),), to_market=g(2000, "t"), direct=g(100, "tCO2e"),
                 electricity=(ElectricityUse(g(200, "MWh"), ElectricitySource.STATED, g("0.6", "tCO2/MWh"), code="D.4(a)"),))),
        precursors=(
            Precursor("PP1", "Alloys <FeCr>", "ferro_alloys", country="ZA", bought=(RouteAmount("all", g(300, "t")),),
                      used_in={"P1": g(280, "t")}, other_use=g(20, "t"), direct=g("4.2", "tCO2e/t"), electricity=g("3.9", "MWh/t"),
                      electricity_ef=g("0.9", "tCO2e/MWh"), direct_source=ValueSource.MEASURED, electricity_source=ValueSource.DEFAULT,
                      electricity_code="D.4(a)"),
            Precursor("PP3", "Pig iron", "pig_iron", country="CN",
                      bought=(RouteAmount("blast_furnace", g(500, "t")), RouteAmount("unknown", g(100, "t"))),
                      used_in={"P1": g(550, "t"), "P4": g(50, "t")}, direct=g("1.9", "tCO2e/t"), electricity=g("0.2", "MWh/t"),
                      electricity_ef=g("0.6", "tCO2e/MWh"), direct_source=ValueSource.DEFAULT, electricity_source=ValueSource.UNKNOWN,
                      electricity_code="Mix", justification="Data gaps")),
        products=(Product("P2", "73181542", "Bolts", parameters={"reducing_agent": "coal_or_coke", "manganese": "0.006"}),
                  Product("P4", "25232900", "Cement CEM II", g("0.65", "tClinker/t"), {"clinker_factor": "0.65"})),
        stated=Stated(indirect=g("3000", "tCO2e")))
