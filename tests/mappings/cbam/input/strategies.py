"""Arbitrary installations as an input may hold them, for properties of reading and writing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from zerofactory_mappings.cbam import model as m

#: Texts with everything that YAML, spreadsheets and people trip over.
TEXTS = st.one_of(
    st.sampled_from(["=1+1", "yes", "null", "~", "0x1F", "2026-01-01", "1e3", "- a", "a: b", "#x", "'", '"', "@x", "一厂", "a, b; c",
                     "1.10", "007", "on", "é", "🙂", "[x]", "{x}", "%", "&a", "*a", "!x", "|", ">", "a\nb", "tail "]),
    st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=20)).filter(
        lambda t: t.strip() == t and t != "")
IDS = ("P1", "P2", "P3")
DOCUMENTS = st.lists(st.sampled_from(["D1", "D2", "D3#page=2"]), max_size=2, unique=True).map(tuple)


def decimals(low: str = "0", high: str = "1e9", digits: int = 34) -> st.SearchStrategy[Decimal]:
    """Decimals of up to *digits* significant digits."""
    return st.decimals(Decimal(low), Decimal(high), allow_nan=False, allow_infinity=False).map(
        lambda d: Decimal(f"{d:.{digits - 12}f}").normalize()).filter(lambda d: len(d.as_tuple().digits) <= digits and abs(d.adjusted()) < 25)


def given(units: list[str], low: str = "0", high: str = "1e9") -> st.SearchStrategy[m.Given]:
    return st.builds(lambda v, u, d: m.Given(v, u, documents=d), decimals(low, high), st.sampled_from(units), DOCUMENTS)


SHARE = given(["1"], "0", "1")
PRICE_UNITS = "CNY/tCO2e"
DATES = st.dates(date(2020, 1, 1), date(2040, 12, 31))
T, GOODS, TJ, MWH = given(["t"]), given(["t", "MWh"]), given(["TJ"]), given(["MWh"])
EF_EL = given(["tCO2/MWh", "tCO2e/MWh"], "0", "2")


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), strategy)


ATTRIBUTION = st.one_of(
    st.just(m.Attribution()),
    st.builds(lambda s: m.Attribution(m.AttributionRule.SHARES, shares=s), st.dictionaries(st.sampled_from(IDS), SHARE, min_size=1)),
    st.builds(lambda x: m.Attribution(m.AttributionRule.MOLAR, molar=x),
              st.dictionaries(st.sampled_from(IDS), st.tuples(T, TEXTS), min_size=1)),
    st.builds(lambda p: m.Attribution(m.AttributionRule.FUNCTIONAL_UNITS, processes=tuple(p)),
              st.lists(st.sampled_from(IDS), min_size=1, max_size=3, unique=True)))
PRICE = st.builds(
    m.CarbonPrice, covered=maybe(SHARE), price=maybe(given([PRICE_UNITS])), rebate=maybe(given([PRICE_UNITS])), currency=st.just("CNY"),
    instrument=maybe(TEXTS), legal_act=maybe(TEXTS), certified_by=maybe(TEXTS))




@st.composite
def streams(draw: st.DrawFn, ident: str) -> m.SourceStream:
    clinker = st.tuples(T, given(["t"], "-1000"), SHARE, T, T, T)
    per = draw(st.sampled_from(["t", "1000Nm3"]))
    return m.SourceStream(
        id=ident, name=draw(TEXTS), method=draw(maybe(st.sampled_from(list(m.Method)))), amount=draw(maybe(given([per], "-1e6"))),
        ncv=draw(maybe(given([f"GJ/{per}"]))), ef=draw(maybe(given(["tCO2/TJ", "tCO2/t", "tCO2/1000Nm3"]))),
        carbon_content=draw(maybe(given([f"tC/{per}"]))), oxidation=draw(maybe(SHARE)), conversion=draw(maybe(SHARE)),
        biomass=draw(maybe(SHARE)), ash_carbon=draw(maybe(SHARE)), factor=draw(maybe(st.sampled_from(["natural_gas", "caco3"]))),
        output_based=draw(st.booleans()), clinker_output=draw(st.one_of(st.just(()), clinker)),
        dust=draw(maybe(st.tuples(given(["tCO2/t"]), SHARE))), evidence=draw(DOCUMENTS), attributed=draw(ATTRIBUTION))


HOURS = st.lists(st.tuples(maybe(decimals(high="10")), maybe(decimals(high="1e6")), st.sampled_from([Decimal(0), Decimal("0.5"), Decimal(1)])),
                 max_size=3).map(tuple)
PERIODS = st.lists(st.tuples(st.sampled_from(["2026-01-01T00:00+08:00", "2026-01-01T01:00+08:00"]), decimals(), decimals()),
                   max_size=3).map(tuple)


@st.composite
def sources(draw: st.DrawFn) -> dict[str, Any]:
    pfc = m.PfcSource(
        id="C1", name=draw(TEXTS), method=draw(maybe(st.sampled_from(list(m.PfcMethod)))), technology=draw(maybe(st.just("CWPB"))),
        aluminium=draw(maybe(T)), frequency=draw(maybe(given(["1/(cell·d)"]))), duration=draw(maybe(given(["min"]))),
        slope_factor=draw(maybe(given(["(kg CF4/t Al)/(min/(cell·d))"]))), overvoltage_per_cell=draw(maybe(given(["mV"]))),
        current_efficiency=draw(maybe(given(["%"], "0", "100"))), overvoltage_coefficient=draw(maybe(given(["kg CF4/(t Al·mV)"]))),
        c2f6_share=draw(maybe(given(["t C2F6/t CF4"], "0", "2"))), collection_efficiency=draw(maybe(SHARE)), attributed=draw(ATTRIBUTION))
    stack = m.MeasuredSource(
        id="M1", name=draw(TEXTS), gas=draw(st.sampled_from(["N2O", "CO2", None])), concentration=draw(maybe(given(["g/Nm3"]))),
        hours=draw(maybe(given(["h"]))), flow=draw(maybe(given(["1000Nm3/h"]))), air=draw(maybe(given(["1000Nm3/h"]))),
        oxygen=draw(maybe(SHARE)), biomass=draw(maybe(SHARE)), hourly=draw(HOURS), evidence=draw(DOCUMENTS), attributed=draw(ATTRIBUTION))
    return {"streams": tuple(draw(streams(f"S{n}")) for n in range(draw(st.integers(0, 2)))), "pfc": (pfc,) * draw(st.integers(0, 1)),
            "measured": (stack,) * draw(st.integers(0, 1))}


@st.composite
def units(draw: st.DrawFn) -> m.EnergyUnit:
    fuel = st.builds(m.FuelUse, name=TEXTS, energy=maybe(TJ), ef=maybe(given(["tCO2/TJ"])), factor=maybe(st.just("natural_gas")),
                     amount=maybe(T), waste_gas=st.booleans())
    flow = st.builds(m.HeatFlow, enthalpy=given(["GJ/t"]), mass=maybe(T), volume=maybe(given(["m3"])), specific_volume=maybe(given(["m3/t"])),
                     return_enthalpy=maybe(given(["GJ/t"])))
    return m.EnergyUnit(
        id="U1", name=draw(TEXTS), kind=draw(maybe(st.sampled_from(list(m.HeatKind)))), fuels=tuple(draw(st.lists(fuel, max_size=2))),
        heat=draw(maybe(TJ)), electricity=draw(maybe(MWH)), flue_gas_cleaning=draw(maybe(given(["tCO2", "tCO2e"]))),
        efficiency=draw(maybe(SHARE)), heat_efficiency=draw(maybe(SHARE)), electricity_efficiency=draw(maybe(SHARE)),
        reference_heat=draw(maybe(SHARE)), reference_electricity=draw(maybe(SHARE)), reference_fuel=draw(maybe(st.just("natural_gas"))),
        built=draw(maybe(st.integers(1950, 2030))), medium=draw(maybe(st.sampled_from(["steam", "hot_water"]))),
        ef=draw(maybe(given(["tCO2/TJ"]))), flows=tuple(draw(st.lists(flow, max_size=2))), maximum_energy=draw(maybe(TJ)),
        documents=draw(DOCUMENTS))


@st.composite
def processes(draw: st.DrawFn, ident: str) -> m.Process:
    match = st.builds(m.HourlyMatch, rows=PERIODS, minutes=maybe(st.integers(1, 60)), generator_meter=TEXTS, consumer_meter=maybe(TEXTS),
                      contract=maybe(TEXTS), line_diagram=maybe(TEXTS), grid_connection=maybe(TEXTS))
    use = st.builds(m.ElectricityUse, consumed=MWH, source=st.sampled_from(list(m.ElectricitySource)), ef=maybe(EF_EL),
                    unit=maybe(st.just("U1")), code=maybe(st.sampled_from(["D.4(a)", "D.4.1", "Mix"])), match=maybe(match), documents=DOCUMENTS)
    good = st.builds(m.GoodProduced, cn=st.sampled_from(["73181542", "25232900"]), amount=GOODS, content=maybe(given(["tClinker/t", "kgN/t"])))
    heat = st.builds(m.Heat, imported=TJ, exported=maybe(TJ), imported_ef=maybe(given(["tCO2/TJ"])), exported_ef=maybe(given(["tCO2/TJ"])),
                     imported_from=maybe(st.just("U1")), exported_from=maybe(st.just("U1")))
    routes = ["basic_oxygen", "electric_arc", "other"]
    amounts = st.one_of(
        st.dictionaries(st.sampled_from(routes), GOODS).map(lambda d: ("crude_steel", d)),
        st.dictionaries(st.just("all"), GOODS).map(lambda d: ("iron_or_steel_products", d)))
    category, production = draw(amounts)
    return m.Process(
        id=ident, name=draw(TEXTS), category=category, production=tuple(m.RouteAmount(r, g) for r, g in production.items()),
        included=tuple(draw(st.lists(st.sampled_from(["pig_iron", "sintered_ore"]), max_size=2, unique=True))),
        goods=tuple(draw(st.lists(good, max_size=2))), content=draw(maybe(given(["tClinker/t", "kgN/t"]))), to_market=draw(maybe(GOODS)),
        to_processes=draw(st.dictionaries(st.sampled_from(IDS), GOODS, max_size=2)), to_other=draw(maybe(GOODS)),
        direct=draw(maybe(given(["tCO2e", "tCO2"], "-1e6"))), heat=draw(maybe(heat)),
        waste_gas=draw(maybe(st.builds(m.WasteGas, imported=TJ, exported=maybe(TJ), evidence=DOCUMENTS))),
        electricity=tuple(draw(st.lists(use, max_size=2))), exported_electricity=draw(maybe(MWH)),
        exported_electricity_ef=draw(maybe(EF_EL)), exported_electricity_from=draw(maybe(st.just("U1"))),
        heat_applies=draw(maybe(st.booleans())), waste_gas_applies=draw(maybe(st.booleans())), carbon_price=draw(maybe(PRICE)))


@st.composite
def precursors(draw: st.DrawFn) -> m.Precursor:
    report = st.builds(
        m.VerificationReport, id=TEXTS, verifier=TEXTS, accreditation_number=maybe(TEXTS),
        accreditation_scope=st.lists(st.sampled_from(["crude_steel", "7207"]), max_size=2, unique=True).map(tuple),
        accreditation_valid_to=maybe(DATES), installation=maybe(TEXTS), cn_codes=st.lists(st.just("72071210"), max_size=1).map(tuple),
        period_start=maybe(DATES), period_end=maybe(DATES), reasonable_assurance=maybe(st.booleans()), issued=maybe(DATES), document=maybe(st.just("D1")))
    good, per = draw(st.sampled_from([(["tCO2e/t"], ["MWh/t"]), (["tCO2e/kgN"], ["MWh/kgN"]), (["tCO2e/tClinker"], ["MWh/tClinker"])]))
    return m.Precursor(
        id="B1", name=draw(TEXTS), category="crude_steel", cn=draw(maybe(st.just("72071210"))), country=draw(maybe(st.sampled_from(["CN", "IN"]))),
        installation=draw(maybe(TEXTS)),
        bought=tuple(m.RouteAmount(r, g) for r, g in draw(st.dictionaries(st.sampled_from(["electric_arc", "other"]), GOODS)).items()),
        used_in=draw(st.dictionaries(st.sampled_from(IDS), GOODS, max_size=2)), other_use=draw(maybe(GOODS)), direct=draw(maybe(given(good))),
        indirect=draw(maybe(given(good))), electricity=draw(maybe(given(per))), electricity_ef=draw(maybe(EF_EL)),
        direct_source=draw(maybe(st.sampled_from(list(m.ValueSource)))), electricity_source=draw(maybe(st.sampled_from(list(m.ValueSource)))),
        electricity_code=draw(maybe(st.just("D.4(b)"))), content=draw(maybe(given(["kgN/t", "tClinker/t"]))), grade=draw(maybe(TEXTS)),
        route_letters=draw(maybe(st.just("C"))), sefa=draw(maybe(given(good))), period_start=draw(maybe(DATES)), period_end=draw(maybe(DATES)),
        report=draw(maybe(report)), justification=draw(maybe(TEXTS)), carbon_price=draw(maybe(PRICE)))


PRODUCT = st.builds(
    m.Product, process=st.sampled_from(IDS), cn=maybe(st.just("73181542")), name=TEXTS, content=maybe(given(["tClinker/t", "kgN/t"])),
    parameters=st.dictionaries(st.sampled_from(["manganese", "scrap_per_t_steel"]), st.sampled_from(["0.5", "1 %", "0"])),
    route_letters=maybe(st.just("C")), carbon_price=maybe(PRICE))
DETAILS = st.dictionaries(
    st.sampled_from(["name_local", "street", "city", "latitude", "email", "verifier_company", "verifier_city", "accreditation_number",
                     "operator_name", "operator_registration_number", "data_quality", "further_information", "document.D1.title",
                     "document.D1.file", "document.D.2.title", "something else"]), TEXTS).map(
        lambda d: d | ({"document.D1.title": "D1"} if "document.D1.file" in d and "document.D1.title" not in d else {}))
STATED = st.builds(m.Stated, co2=maybe(given(["tCO2e"])), biomass_co2=maybe(given(["tCO2e"])), n2o=maybe(given(["tCO2e"])),
                   pfc=maybe(given(["tCO2e"])), indirect=maybe(given(["tCO2e"])))


@st.composite
def installations(draw: st.DrawFn) -> m.Installation:
    origin = draw(st.sampled_from(list(m.Origin)))
    return m.Installation(
        origin=origin, name=draw(TEXTS), country=draw(maybe(st.sampled_from(["CN", "IN", "VN"]))), period_start=draw(maybe(DATES)),
        period_end=draw(maybe(DATES)), details=draw(DETAILS), registry_id=draw(maybe(TEXTS)),
        template_version="2.1.1" if origin is m.Origin.COMMISSION else None, **draw(sources()),
        units=(draw(units()),) * draw(st.integers(0, 1)),
        processes=tuple(draw(processes(i)) for i in IDS[:draw(st.integers(0, 2))]),
        precursors=(draw(precursors()),) * draw(st.integers(0, 1)), products=tuple(draw(st.lists(PRODUCT, max_size=2))),
        stated=draw(st.one_of(st.just(m.Stated()), STATED)), reconcile=draw(st.booleans()),
        readings=draw(st.dictionaries(st.just("markup_year"), st.sampled_from(["import", "production"]))))
