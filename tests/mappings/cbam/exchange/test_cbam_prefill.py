"""CBAM input from a dossier: what is used, asked, outside, unusable; the calendar year; figures worked out by hand."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tests.mappings.cbam.exchange.dossiers import (
    BOLTS,
    CLINKER,
    DATA,
    DEMO,
    GOLDEN,
    Rows,
    ask,
    demo,
    fasteners,
    fates,
    rows_in,
    say,
    small,
    works_manager,
)
from tests.mappings.cbam.exchange.golden import MADE

from zerofactory_engine.decimals import CONTEXT
from zerofactory_mappings.cbam.compute import compute
from zerofactory_mappings.cbam.exchange.check import CODES, open_problems, openness
from zerofactory_mappings.cbam.exchange.commands import prefill as command
from zerofactory_mappings.cbam.exchange.prefill import prefill
from zerofactory_mappings.cbam.exchange.write import input_yaml
from zerofactory_mappings.cbam.model import Basis, ElectricitySource, HeatKind, Method, PfcMethod
from zerofactory_mappings.cbam.read import parse_installation

BILL = {"flow": "consumed", "source": "grid", "MWh": "31"}
GAS = {"carrier": "natural_gas", "Nm3": "1000", "ncv_GJ_per_10kNm3": "389.31"}


# --- golden files ----------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("name", MADE)
def test_golden(name: str) -> None:
    assert MADE[name]().decode() == (GOLDEN / name).read_text(encoding="utf-8")


def test_the_demo_factory_makes_batteries_so_everything_is_asked_and_nothing_is_in() -> None:
    found = prefill(demo())
    assert found.totals() == {"used": 0, "asked": 127, "outside": 16, "unusable": 0, "beside": 129}
    assert rows_in(found.installation) == set()
    assert {q.id for q in found.questions if q.id.startswith("good:")} == {f"good:products.P{n}" for n in (1, 2, 3)}
    # refrigerants and SF6 are no gas of CBAM; 4 certificates of origin; transport, waste, travel; machines and energy upstream
    assert fates(found, "fugitive") == dict.fromkeys(("R1", "R2", "R3", "S1"), ("outside", "no-cbam-gas"))
    assert set(fates(found, "certificates").values()) == {("outside", "certificates-of-origin")}
    assert fates(found, "purchased")["S3-08"] == ("outside", "equipment-purchase")
    assert fates(found, "purchased")["S3-09"] == ("outside", "upstream-energy")
    assert fates(found, "electricity")["T1-01"] == ("asked", "other-installation")
    assert [p.code for p in found.problems] == ["cbam-exchange.before-definitive", "cbam-exchange.no-process"]


# --- figures worked out by hand --------------------------------------------------------------------------------------

def test_fasteners_answered_figures() -> None:
    """Gas: 11 months of 41 000 + 100 × month without May: 451 000 + 7 300 = 458 300 Nm3; 389.31 GJ/10 000 Nm3.

    Electricity: 4 458 MWh in E02 … E12; E01 410 × 20/31, E13 404 × 11/31; 96.5 % of all of it.
    Emissions: (458.3 + 182.5) × 38.931 × 56.1 / 1000 = 1 399.52584728 t; goods 9 600 + 3 400 + 210 t.
    """
    found = prefill(fasteners(), answers=works_manager())
    streams = {s.id: s for s in found.installation.streams}
    assert set(streams) == {"energy.natural_gas.M-G1", "energy.natural_gas.B-Z"}
    gas = streams["energy.natural_gas.M-G1"]
    assert gas.amount is not None
    assert gas.ncv is not None
    assert (gas.amount.value, gas.amount.unit) == (Decimal("458.3"), "1000Nm3")
    assert (gas.ncv.value, gas.ncv.unit) == (Decimal("38.931"), "GJ/1000Nm3")
    assert gas.amount.documents[:2] == ("dossier#table=energy&row=G01", "dossier#table=energy&row=G02")
    assert "D-G1#row=13" in gas.amount.documents
    (process,) = found.installation.processes
    own, traded = process.electricity
    assert own.consumed is not None
    exact = (4458 + Fraction(410 * 20, 31) + Fraction(404 * 11, 31)) * Fraction("0.965")
    assert abs(Fraction(own.consumed.value) - exact) < Fraction(1, 10**29)
    assert (own.source, traded.source) == (ElectricitySource.GRID_DEFAULT, ElectricitySource.GRID_DEFAULT)
    result = compute(parse_installation(input_yaml(found, "en"), "in.yaml"), Basis.DEFINITIVE)
    assert result.processes[0].attributed_direct == Decimal("1399.52584728")
    assert result.processes[0].activity_level == Decimal(13210)


def test_a_share_and_days_are_told_for_every_row() -> None:
    found = prefill(fasteners(), answers=works_manager())
    rows = {r.row: r for r in found.rows if r.table == "electricity"}
    assert rows["E02"].share == Decimal("0.965")
    assert rows["E01"].days == (20, 31)
    assert rows["E01"].share == CONTEXT.multiply(Decimal("0.965"), CONTEXT.divide(Decimal(20), Decimal(31)))
    assert rows["E02"].days is None
    assert rows["GP1"].share is None


def test_what_leaves_by_answer_is_told_with_its_rule() -> None:
    found = prefill(fasteners(), answers=works_manager())
    assert fates(found, "energy")["D1"] == ("outside", "mobile-machinery")
    assert fates(found, "energy")["K1"] == ("outside", "not-linked")
    assert fates(found, "electricity")["P1"] == ("outside", "plating")
    assert fates(found, "fugitive") == {"R1": ("outside", "no-cbam-gas"), "W1": ("outside", "welding")}
    assert fates(found, "products")["P3"] == ("outside", "not-in-annex-i")
    assert fates(found, "purchased") == {"W1": ("used", "precursor"), "W2": ("outside", "not-in-annex-i"), "W3": ("outside", "equipment-purchase")}
    assert rows_in(found.installation) == {f"{r.table}/{r.row}" for r in found.rows if r.fate == "used"}


# --- the boundary is asked, never assumed ----------------------------------------------------------------------------

@pytest.mark.parametrize(("products", "row", "parts", "rules"), [
    (CLINKER, {"carrier": "natural_gas"}, (), None),                              # nothing leaves a clinker kiln unasked
    (CLINKER, {"carrier": "diesel"}, (), ["mobile-machinery"]),                   # it may be a loader's
    (CLINKER, {"carrier": "diesel", "mobile": "no"}, (), None),                   # the dossier says that it is not
    (CLINKER, {"carrier": "lpg", "mobile": "yes"}, (), ["mobile-machinery"]),
    (CLINKER, {"carrier": "natural_gas", "use": "off-site vehicle"}, (), ["mobile-machinery"]),
    (CLINKER, {"carrier": "natural_gas", "note": "Canteen kitchen"}, (), ["not-linked"]),
    (CLINKER, {"carrier": "natural_gas", "part": "A"}, ({"id": "A", "kind": "tenant", "inside": "no"},), ["other-installation"]),
    (CLINKER, {"carrier": "natural_gas", "part": "A"}, ({"id": "A", "kind": "production unit", "inside": "no"},), ["other-installation"]),
    (CLINKER, {"carrier": "natural_gas", "part": "A"}, ({"id": "A", "kind": "outsourced step", "inside": "yes"},), None),
    (CLINKER, {"carrier": "natural_gas", "note": "电镀"}, (), None),                # plating is a rule of steel products only
    (BOLTS, {"carrier": "natural_gas"}, (), ["plating", "cutting", "welding", "finishing"]),
    (BOLTS, {"carrier": "natural_gas", "note": "电镀车间锅炉"}, (), ["plating", "cutting", "welding", "finishing"]),
    (BOLTS, {"carrier": "natural_gas", "note": "galvanising line"}, (), None),    # stays
    (BOLTS, {"carrier": "natural_gas", "part": "A"}, ({"id": "A", "name": "热镀锌线", "inside": "yes"},), None),
    (BOLTS, {"carrier": "natural_gas", "note": "镀锌和电镀"}, (), ["plating", "cutting", "welding", "finishing", "galvanising"]),
    (BOLTS, {"carrier": "natural_gas", "note": "退火炉"}, (), None),
    ([*CLINKER, {"id": "P2", "name": "sand", "cn_code": "25051000", "output_t": "5"}], {"carrier": "natural_gas"}, (), ["other-goods"]),
    ([*BOLTS, {"id": "P2", "name": "caps", "cn_code": "39269097", "output_t": "5"}], {"carrier": "natural_gas", "note": "镀锌"}, (), ["other-goods", "galvanising"]),
    ([{"id": "P1", "name": "profiles", "cn_code": "76042990", "output_t": "5"}], {"carrier": "natural_gas"}, (), ["cutting", "welding", "finishing"]),
    ([], {"carrier": "natural_gas"}, (), ["other-goods"]),
])
def test_who_is_asked_about(products: Rows, row: dict[str, str], parts: Rows, rules: list[str] | None) -> None:
    found = ask(small(products=products, energy=[{**row, "id": "G", "t": "10"}], parts=parts))
    asked = [q for q in found.questions if q.id.startswith("boundary:")]
    if rules is None:
        assert asked == []
        assert fates(found, "energy")["G"][0] == "used"
        assert len(found.installation.streams) == 1
        return
    (question,) = asked
    assert [r.id for r in question.rules] == rules
    assert all(r.clause and r.en and r.zh for r in question.rules)
    assert fates(found, "energy") == {"G": ("asked", rules[0])}
    assert found.installation.streams == ()                   # silently neither in nor out
    assert any(p.args["subject"] == question.id.partition(":")[2] for p in open_problems(found.installation.details))


@pytest.mark.parametrize(("answer", "fate", "amount"), [
    (say("boundary:energy.diesel", "inside"), "used", "10"),
    (say("boundary:energy.diesel", "outside"), "outside", None),
    (say("boundary:energy.diesel", "share", share="0.3"), "used", "3.0"),
])
def test_an_answer_decides(answer: Any, fate: str, amount: str | None) -> None:
    found = ask(small(products=CLINKER, energy=[{"id": "D", "carrier": "diesel", "t": "10"}]), answer)
    assert fates(found, "energy") == {"D": (fate, "mobile-machinery" if answer.answer != "inside" else None)}
    amounts = [str(s.amount.value) for s in found.installation.streams if s.amount is not None]
    assert amounts == ([] if amount is None else [amount])
    assert not found.open


def test_a_forklift_that_is_asked_about_does_not_hold_up_the_rest() -> None:
    rows = [{"id": "D", "carrier": "diesel", "mobile": "yes", "t": "3"}, {"id": "K", "carrier": "anthracite", "t": "900"}]
    found = ask(small(products=CLINKER, energy=rows))
    assert [s.factor for s in found.installation.streams] == ["anthracite"]
    assert [q.id for q in found.open] == ["boundary:energy.diesel.mobile"]


# --- gases, processes, PFC -------------------------------------------------------------------------------------------

ALUMINIUM: Rows = [{"id": "P1", "name": "ingots", "cn_code": "76011010", "output_t": "1000"}]
NITRIC: Rows = [{"id": "P1", "name": "nitric acid", "cn_code": "28080000", "output_t": "1000"}]


@pytest.mark.parametrize(("products", "table", "row", "expected"), [
    (BOLTS, "fugitive", {"category": "refrigeration", "gas": "R410A", "top_up_kg": "3"}, ("outside", "no-cbam-gas")),
    (BOLTS, "fugitive", {"category": "switchgear", "gas": "SF6", "top_up_kg": "3"}, ("outside", "no-cbam-gas")),
    (BOLTS, "fugitive", {"category": "wastewater", "cod_removed_t": "3"}, ("outside", "no-cbam-gas")),
    (BOLTS, "fugitive", {"category": "other", "gas": "N2O", "top_up_kg": "3"}, ("outside", "no-cbam-gas")),
    (BOLTS, "fugitive", {"category": "welding gas", "gas": "CO2", "purchased_kg": "3"}, ("asked", "welding")),
    (BOLTS, "fugitive", {"category": "fire extinguisher", "gas": "R744", "top_up_kg": "3"}, ("asked", "not-linked")),
    (BOLTS, "processes", {"activity": "gas use", "gas": "NF3", "t": "3"}, ("outside", "no-cbam-gas")),
    (BOLTS, "processes", {"activity": "anode effect", "t": "3"}, ("outside", "no-cbam-gas")),
    (ALUMINIUM, "processes", {"activity": "anode effect", "t": "3", "anode_effect_minutes": "0.4", "cell_technology": "prebaked centre worked"}, ("used", None)),
    (BOLTS, "processes", {"activity": "acid production", "t": "3"}, ("outside", "no-cbam-gas")),
    (NITRIC, "processes", {"activity": "acid production", "t": "3"}, ("unusable", "nitrous-oxide")),
    (CLINKER, "processes", {"activity": "calcination", "material": "limestone", "t": "3"}, ("used", None)),
    (CLINKER, "processes", {"activity": "voc oxidation", "material": "nmp", "t": "3"}, ("asked", "process-emissions")),
    (CLINKER, "processes", {"activity": "calcination", "material": "limestone"}, ("unusable", None)),
])
def test_gases_and_process_rows(products: Rows, table: str, row: dict[str, str], expected: tuple[str, str | None]) -> None:
    found = ask(small({table: [{**row, "id": "X"}]}, products=products))
    assert fates(found, table) == {"X": expected}


def test_process_rows_become_streams_and_balances() -> None:
    steel: Rows = [{"id": "P1", "name": "billets", "cn_code": "72071114", "output_t": "1000"}]
    rows = [{"id": "L", "activity": "calcination", "material": "limestone", "t": "100"},
            {"id": "E", "activity": "electrode", "t": "5"},
            {"id": "S", "activity": "metal input", "material": "scrap", "kg": "1100000"},
            {"id": "C", "activity": "carbon in product", "carbon_tC_per_t": "0.002", "t": "1000"}]
    found = ask(small(products=steel, processes=rows), say("route:products.P1", "route", route="electric_arc"))
    streams = {s.id.rpartition(".")[2]: s for s in found.installation.streams}
    made = {k: (s.method, s.factor, s.amount.value if s.amount else None) for k, s in streams.items()}
    assert made == {
        "limestone": (Method.PROCESS, "caco3", Decimal(100)),
        "electrode": (Method.MASS_BALANCE, "eaf_electrodes", Decimal(5)),
        "scrap": (Method.MASS_BALANCE, "steel_scrap", Decimal(1100)),
        "carbon_in_product": (Method.MASS_BALANCE, None, Decimal(-1000))}
    assert all(tuple(s.attributed.shares) == ("crude_steel",) for s in streams.values())
    (process,) = found.installation.processes
    assert [(r.route, r.amount.value) for r in process.production] == [("electric_arc", Decimal(1000))]


def test_pfc_minutes_stand_as_one_effect_and_overvoltage_as_percent() -> None:
    rows = [{"id": "A", "activity": "anode effect", "t": "1000", "anode_effect_minutes": "0.4", "cell_technology": "prebaked centre worked"},
            {"id": "B", "activity": "anode effect", "t": "500", "overvoltage_mV": "1.5", "current_efficiency_percent": "93", "cell_technology": "prebaked side worked"}]
    found = ask(small(products=ALUMINIUM, processes=rows), say("route:products.P1", "route", route="primary"))
    slope, volts = found.installation.pfc
    assert (slope.method, slope.technology, slope.frequency and slope.frequency.value, slope.duration and slope.duration.value) == (
        PfcMethod.SLOPE, "CWPB", Decimal(1), Decimal("0.4"))
    assert (volts.method, volts.technology, volts.current_efficiency and (volts.current_efficiency.value, volts.current_efficiency.unit)) == (
        PfcMethod.OVERVOLTAGE, "SWPB", (Decimal(93), "%"))


# --- fuels -----------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("row", "amount", "ncv", "ef", "missing"), [
    ({"carrier": "anthracite", "t": "10"}, ("10", "t"), None, None, set()),
    ({"carrier": "anthracite", "t": "10", "ncv_GJ_per_t": "25.1"}, ("10", "t"), ("25.1", "GJ/t"), None, set()),
    ({"carrier": "natural_gas", "Nm3": "1500"}, ("1.5", "1000Nm3"), None, None, {"ncv"}),
    ({"carrier": "natural_gas", "Nm3": "1500", "ncv_GJ_per_10kNm3": "389.31"}, ("1.5", "1000Nm3"), ("38.931", "GJ/1000Nm3"), None, set()),
    ({"carrier": "raw_coal", "t": "10"}, ("10", "t"), None, None, {"factor", "ncv"}),
    ({"carrier": "raw_coal", "t": "10", "ncv_GJ_per_t": "21", "carbon_tC_per_TJ": "26.37"}, ("10", "t"), ("21", "GJ/t"), ("96.61968", "tCO2/TJ"), set()),
    ({"carrier": "fuel_oil", "m3": "10", "density_t_per_m3": "0.95", "mobile": "no"}, ("9.5", "t"), None, None, set()),
    ({"carrier": "anthracite", "t": "10", "factor": "2.6 tCO2/t"}, ("10", "t"), None, ("2.6", "tCO2/t"), set()),
    ({"carrier": "anthracite", "t": "10", "factor": "95 tCO2/TJ"}, ("10", "t"), None, ("95", "tCO2/TJ"), set()),
    ({"carrier": "anthracite", "t": "10", "factor": "2.6 tCO2e/t"}, ("10", "t"), None, None, {"factor-unit"}),   # LCA factors do not count
])
def test_fuel_rows(row: dict[str, str], amount: tuple[str, str], ncv: tuple[str, str] | None, ef: tuple[str, str] | None,
                   missing: set[str]) -> None:
    found = ask(small(products=CLINKER, energy=[{**row, "id": "F"}]))
    (stream,) = found.installation.streams
    for given, expected in ((stream.amount, amount), (stream.ncv, ncv), (stream.ef, ef)):
        assert (None if given is None else (given.value, given.unit)) == (None if expected is None else (Decimal(expected[0]), expected[1]))
    assert {m.kind for m in found.missing if m.subject.startswith("energy")} == missing


@pytest.mark.parametrize(("row", "expected"), [
    ({"carrier": "natural_gas", "GJ": "120"}, ("unusable", None)),                # energy alone is no activity data
    ({"carrier": "natural_gas"}, ("unusable", None)),
    ({"carrier": "compressed_air", "Nm3": "5"}, ("outside", "no-source-stream")),
    ({"carrier": "waste_heat", "GJ": "5"}, ("unusable", None)),
    ({"carrier": "naphtha", "use": "feedstock", "t": "5"}, ("unusable", "process-emissions")),
    ({"carrier": "coke", "direction": "exported", "t": "5"}, ("unusable", "attribution")),
    ({"carrier": "blast_furnace_gas", "Nm3": "5"}, ("asked", "waste-gas")),
    ({"carrier": "hydrogen", "use": "feedstock", "t": "5"}, ("asked", "precursor")),
])
def test_rows_that_are_no_stream(row: dict[str, str], expected: tuple[str, str | None]) -> None:
    found = ask(small(products=CLINKER, energy=[{**row, "id": "F"}]))
    assert fates(found, "energy") == {"F": expected}
    assert found.installation.streams == ()


def test_rows_with_different_analyses_are_different_streams_of_one_question() -> None:
    rows = [{"id": f"K{n}", "carrier": "anthracite", "t": "10", "ncv_GJ_per_t": ncv} for n, ncv in enumerate(("25", "25", "26"), 1)]
    found = ask(small(products=BOLTS, energy=rows), say("boundary:energy.anthracite", "inside"))
    assert [(s.id, s.amount and s.amount.value, s.ncv and s.ncv.value) for s in found.installation.streams] == [
        ("energy.anthracite.1", Decimal(20), Decimal(25)), ("energy.anthracite.2", Decimal(10), Decimal(26))]


@pytest.mark.parametrize(("proof", "evidence", "lacks"), [
    ([], (), True),
    ([{"id": "B", "energy_row": "W", "sustainable": "yes", "documents": ["D1"]}], ("D1",), False),
    ([{"id": "B", "energy_row": "W", "sustainable": "no", "documents": ["D1"]}], (), True),
    ([{"id": "B", "energy_row": "W", "sustainable": "yes"}], (), True),
])
def test_biomass_needs_its_proof(proof: Rows, evidence: tuple[str, ...], lacks: bool) -> None:
    found = ask(small(products=CLINKER, energy=[{"id": "W", "carrier": "wood", "t": "10"}], biomass=proof, documents=[{"id": "D1"}]))
    (stream,) = found.installation.streams
    assert stream.biomass is not None
    assert stream.biomass.value == 1
    assert stream.evidence == evidence
    assert ("biomass" in {m.kind for m in found.missing}) is lacks


def test_waste_gas_goes_to_a_process_in_terajoules() -> None:
    iron: Rows = [{"id": "P1", "name": "pig iron", "cn_code": "72011011", "output_t": "1000"}]
    rows = [{"id": "W", "carrier": "blast_furnace_gas", "GJ": "12000"}]
    route = say("route:products.P1", "route", route="blast_furnace")
    found = ask(small(products=iron, energy=rows), route, say("waste_gas:energy.blast_furnace_gas", "exported"))
    (process,) = found.installation.processes
    assert process.waste_gas is not None
    assert process.waste_gas.exported is not None
    assert (process.waste_gas.exported.value, process.waste_gas.exported.unit) == (Decimal(12), "TJ")
    inside = ask(small(products=iron, energy=rows), route, say("waste_gas:energy.blast_furnace_gas", "internal"))
    assert fates(inside, "energy") == {"W": ("outside", "waste-gas")}


# --- electricity and heat --------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("row", "answer", "source"), [
    ({"source": "grid"}, None, ElectricitySource.GRID_DEFAULT),
    ({"source": "green trade", "contract": "C1"}, None, ElectricitySource.GRID_DEFAULT),
    ({"source": "green trade", "contract": "C1"}, "ppa", ElectricitySource.PPA),
    ({"source": "green trade", "contract": "C1"}, "grid", ElectricitySource.GRID_DEFAULT),
    ({"source": "direct line"}, "direct_link", ElectricitySource.DIRECT_LINK),
    ({"source": "on-site", "technology": "solar"}, "own_generation", ElectricitySource.OWN),
    ({"source": "on-site", "technology": "solar"}, None, ElectricitySource.GRID_DEFAULT),
])
def test_kind_of_electricity(row: dict[str, str], answer: str | None, source: ElectricitySource) -> None:
    dossier = small(products=CLINKER, electricity=[{**row, "id": "E", "MWh": "10"}])
    subject = next((q.id for q in ask(dossier).questions if q.id.startswith("supply:")), None)
    found = ask(dossier, *([say(subject, answer)] if answer is not None and subject is not None else []))
    (use,) = found.installation.processes[0].electricity
    assert use.source is source
    assert (subject is None) is (row["source"] == "grid")
    assert bool(found.open) is (subject is not None and answer is None)       # the default is used, and the question stays
    if source in (ElectricitySource.PPA, ElectricitySource.DIRECT_LINK):
        assert "electricity-evidence" in {m.kind for m in found.missing}
        assert use.match is not None
    if source is ElectricitySource.OWN:
        assert [u.id for u in found.installation.units] == [use.unit]


def test_certificates_never_make_power_green() -> None:
    rows = [{"id": "C", "system": "GEC", "MWh": "10"}]
    found = ask(small(products=CLINKER, electricity=[{**BILL, "id": "E"}], certificates=rows))
    assert fates(found, "certificates") == {"C": ("outside", "certificates-of-origin")}
    assert found.installation.processes[0].electricity[0].source is ElectricitySource.GRID_DEFAULT


@pytest.mark.parametrize(("row", "expected"), [
    ({"flow": "generated", "source": "on-site"}, ("unusable", "own-generation")),
    ({"flow": "consumed", "source": "storage"}, ("unusable", "double-counting")),
    ({"flow": "exported", "source": "on-site"}, ("asked", "exported-electricity")),
])
def test_electricity_that_is_no_use(row: dict[str, str], expected: tuple[str, str]) -> None:
    found = ask(small(products=CLINKER, electricity=[{**row, "id": "E", "MWh": "10"}]))
    assert fates(found, "electricity") == {"E": expected}


def test_exported_electricity_needs_its_factor() -> None:
    found = ask(small(products=CLINKER, electricity=[{"id": "E", "flow": "exported", "source": "on-site", "MWh": "10"}]),
                say("export:electricity.on-site.exported", "inside"))
    exported = found.installation.processes[0].exported_electricity
    assert exported is not None
    assert exported.value == 10
    assert "exported-factor" in {m.kind for m in found.missing}


@pytest.mark.parametrize(("row", "terajoules", "kind"), [
    ({"GJ": "5000"}, "5", HeatKind.IMPORTED_UNKNOWN),
    ({"GJ": "5000", "supplier_factor": "0.09 tCO2/GJ"}, "5", HeatKind.IMPORTED),
    # 1000 t × (2.786 − 0.37704) GJ/t = 2 408.96 GJ
    ({"t": "1000", "medium": "steam", "enthalpy_GJ_per_t": "2.786"}, "2.40896", HeatKind.IMPORTED_UNKNOWN),
])
def test_purchased_heat(row: dict[str, str], terajoules: str, kind: HeatKind) -> None:
    found = ask(small(products=CLINKER, heat=[{"medium": "steam", "source": "purchased", **row, "id": "H"}]))
    heat = found.installation.processes[0].heat
    assert heat is not None
    assert heat.imported is not None
    assert (heat.imported.value, heat.imported.unit) == (Decimal(terajoules), "TJ")
    (unit,) = found.installation.units
    assert (unit.id, unit.kind) == (heat.imported_from, kind)
    if kind is HeatKind.IMPORTED:
        assert unit.ef is not None
        assert unit.ef.value == 90


@pytest.mark.parametrize(("row", "expected"), [
    ({"medium": "steam", "t": "10", "source": "purchased"}, ("unusable", None)),          # no state, no heat
    ({"medium": "cooling", "GJ": "10", "source": "purchased"}, ("unusable", None)),
    ({"medium": "steam", "GJ": "10"}, ("unusable", "heat-of-own-units")),                 # whose heat is it?
    ({"medium": "steam", "GJ": "10", "source": "own boiler"}, ("unusable", "heat-of-own-units")),
    ({"medium": "steam", "GJ": "10", "flow": "generated"}, ("unusable", "heat-of-own-units")),
])
def test_heat_that_cannot_be_used(row: dict[str, str], expected: tuple[str, str | None]) -> None:
    assert fates(ask(small(products=CLINKER, heat=[{**row, "id": "H"}])), "heat") == {"H": expected}


def test_cogeneration_is_a_unit_and_its_fuel_is_asked_about() -> None:
    found = ask(small(products=CLINKER, chp=[{"id": "C", "name": "CHP", "carrier": "natural_gas", "fuel_GJ": "9000", "heat_GJ": "4000", "power_MWh": "500"}],
                      energy=[{**GAS, "id": "G"}]))
    (unit,) = found.installation.units
    assert (unit.kind, unit.fuels[0].energy and unit.fuels[0].energy.value, unit.heat and unit.heat.value,
            unit.electricity and unit.electricity.value) == (HeatKind.CHP, Decimal(9), Decimal(4), Decimal(500))
    (question,) = found.open
    assert [r.id for r in question.rules] == ["heat-of-own-units"]             # burnt there, or counted twice


# --- goods and processes ---------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("product", "fate", "asked"), [
    ({"cn_code": "7318 15 42", "output_t": "1"}, "used", False),
    ({"cn_code": "7318154200", "output_t": "1"}, "used", False),               # ten digits are read as their first eight
    ({"cn_code": "731815", "output_t": "1"}, "asked", True),                   # six are not a good
    ({"cn_code": "screws", "output_t": "1"}, "asked", True),
    ({"hs_code": "731815", "output_t": "1"}, "asked", True),
    ({"output_t": "1"}, "asked", True),
    ({"cn_code": "39269097", "output_t": "1"}, "outside", False),
    ({"cn_code": "73181542", "output_items": "1"}, "unusable", False),         # pieces are no tonnes
    ({"cn_code": "27160000", "output_MWh": "1"}, "used", False),               # electricity is counted in MWh
    ({"cn_code": "27160000", "output_t": "1"}, "unusable", False),
    ({"cn_code": "72071114", "output_t": "1"}, "asked", True),                 # crude steel: by which route?
])
def test_products(product: dict[str, str], fate: str, asked: bool) -> None:
    found = ask(small(products=[{**product, "id": "P", "name": "x"}]))
    assert fates(found, "products")["P"][0] == fate
    assert bool(found.open) is asked


def test_candidates_of_a_short_code_are_shown() -> None:
    (question,) = ask(small(products=[{"id": "P", "name": "washers", "hs_code": "731822", "output_t": "1"}])).open
    assert question.candidates == ("73182200",)


TWO: Rows = [{"id": "P1", "name": "bolts", "cn_code": "73181542", "output_t": "600"},
             {"id": "P2", "name": "nuts", "cn_code": "73181692", "output_t": "400"}]


def test_goods_that_share_a_process_and_goods_that_do_not() -> None:
    one = ask(small(products=TWO), say("processes:iron_or_steel_products", "one")).installation
    assert [(p.id, p.production[0].amount.value, [g.cn for g in p.goods]) for p in one.processes] == [
        ("iron_or_steel_products", Decimal(1000), ["73181542", "73181692"])]
    apart = ask(small(products=TWO)).installation
    assert [(p.id, p.production[0].amount.value) for p in apart.processes] == [("P73181542", Decimal(600)), ("P73181692", Decimal(400))]


def test_what_several_processes_share_is_asked() -> None:
    rows = {"energy": [{"id": "G", "carrier": "natural_gas", "t": "10", "note": "退火"}], "electricity": [{**BILL, "id": "E", "note": "轧制"}]}
    apart = say("processes:iron_or_steel_products", "per_code")
    found = ask(small(rows, products=TWO), apart)
    assert {q.id for q in found.open} == {"attribution:energy.natural_gas", "attribution:electricity.grid"}
    assert found.installation.streams[0].attributed.ids == ()                  # in the installation's total, in no process
    assert all(p.electricity == () for p in found.installation.processes)      # left out: it can stand only at a process
    shares = {"P73181542": "0.6", "P73181692": "0.4"}
    answered = ask(small(rows, products=TWO), apart, say("attribution:energy.natural_gas", "shares", processes=shares),
                   say("attribution:electricity.grid", "shares", processes=shares))
    assert {k: v.value for k, v in answered.installation.streams[0].attributed.shares.items()} == {k: Decimal(v) for k, v in shares.items()}
    assert [p.electricity[0].consumed and p.electricity[0].consumed.value for p in answered.installation.processes] == [Decimal("18.6"), Decimal("12.4")]
    by_level = ask(small(rows, products=TWO), apart, say("attribution:energy.natural_gas", "functional_units"),
                   say("attribution:electricity.grid", "shares", processes=shares))
    assert by_level.installation.streams[0].attributed.processes == ("P73181542", "P73181692")


# --- precursors ------------------------------------------------------------------------------------------------------

def test_a_precursor_and_what_its_report_still_lacks() -> None:
    rows = [{"id": "W", "category": "purchased_goods", "what": "wire rod", "supplier": "S", "t": "120"}]
    found = ask(small(products=BOLTS, purchased=rows), say("precursor:purchased.W", "precursor", cn="72139149", country="China"))
    (precursor,) = found.installation.precursors
    assert (precursor.cn, precursor.country, precursor.category) == ("72139149", "CN", "iron_or_steel_products")
    assert [(r.route, r.amount.value) for r in precursor.bought] == [("all", Decimal(120))]
    assert {m.kind for m in found.missing if m.kind.startswith("precursor")} == {"precursor-use", "precursor-report"}
    free = ask(small(products=BOLTS, purchased=rows), say("precursor:purchased.W", "precursor", cn="72139149", country="DE",
                                                           processes={"iron_or_steel_products": "1"}))
    assert {m.kind for m in free.missing if m.kind.startswith("precursor")} == set()       # made in the EU: nothing to verify
    assert free.installation.precursors[0].used_in["iron_or_steel_products"].value == 120


def test_a_precursor_of_several_routes_without_one() -> None:
    rows = [{"id": "W", "category": "purchased_goods", "what": "billets", "t": "120"}]
    found = ask(small(products=BOLTS, purchased=rows), say("precursor:purchased.W", "precursor", cn="72071114"))
    assert [(r.route, r.amount.value) for r in found.installation.precursors[0].bought] == [("unknown", Decimal(120))]
    assert {"precursor-route", "precursor-country"} <= {m.kind for m in found.missing}


# --- the calendar year -----------------------------------------------------------------------------------------------

def bills(*spans: tuple[str, str], meter: str | None = "M1") -> Rows:
    return [{**BILL, "id": f"E{n}", "from": a, "to": b, **({"meter": meter} if meter else {})} for n, (a, b) in enumerate(spans, 1)]


def test_bills_across_the_ends_are_asked_about_or_apportioned_by_days() -> None:
    rows = bills(("2025-12-16", "2026-01-15"), ("2026-01-16", "2026-12-15"), ("2026-12-16", "2027-01-15"), ("2027-01-16", "2027-02-15"))
    dossier = small(products=CLINKER, electricity=rows)
    found = ask(dossier)
    assert fates(found, "electricity") == {"E1": ("asked", "reporting-period"), "E2": ("used", None), "E3": ("asked", "reporting-period"), "E4": ("outside", "outside-period")}
    (question,) = found.open
    assert question.id == "period:electricity.grid.M1"
    assert question.args["days"] == "E1: 15/31; E3: 16/31"
    apportioned = ask(dossier, straddling_by_days=True)
    assert not apportioned.open
    (use,) = apportioned.installation.processes[0].electricity
    assert use.consumed is not None
    assert use.consumed.value == Decimal(15) + Decimal(31) + Decimal(16)      # 31 MWh in 31 days
    assert {r.row: r.days for r in apportioned.rows if r.table == "electricity"} == {"E1": (15, 31), "E2": None, "E3": (16, 31), "E4": None}
    assert ask(dossier, say(question.id, "days")).installation == apportioned.installation
    left = ask(dossier, say(question.id, "outside"))
    assert fates(left, "electricity")["E1"] == ("outside", "reporting-period")


def test_gaps_are_listed_unless_a_row_fills_them() -> None:
    rows = bills(("2026-01-01", "2026-03-31"), ("2026-05-01", "2026-12-31"))
    meters = [{"id": "M1", "measures": "electricity"}]
    found = ask(small(products=CLINKER, electricity=rows, meters=meters))
    assert [m.as_json()["gaps"] for m in found.meters] == [["2026-04-01 … 2026-04-30"]]
    assert [m.args["days"] for m in found.missing if m.kind == "gap"] == ["2026-04-01/2026-04-30"]
    filled = ask(small(products=CLINKER, electricity=[*rows, {**BILL, "id": "S"}], meters=meters, gaps=[
        {"id": "g", "meter": "M1", "from": "2026-04-01", "to": "2026-04-30", "substitution": "average of neighbours", "row": "S"}]))
    assert "gap" not in {m.kind for m in filled.missing}
    retired = ask(small(products=CLINKER, electricity=bills(("2026-01-01", "2026-03-31")), meters=[{**meters[0], "in_service_to": "2026-03-31"}]))
    assert "gap" not in {m.kind for m in retired.missing}


def test_rows_that_cover_the_same_days_stop_the_series_until_somebody_says() -> None:
    dossier = small(products=CLINKER, electricity=bills(("2026-01-01", "2026-06-30"), ("2026-06-01", "2026-12-31")), meters=[{"id": "M1"}])
    found = ask(dossier)
    assert set(fates(found, "electricity").values()) == {("asked", "double-counting")}
    (question,) = found.open
    assert ask(dossier, say(question.id, "both")).totals()["used"] == 3
    first = ask(dossier, say(question.id, "first"))
    assert fates(first, "electricity") == {"E1": ("used", None), "E2": ("outside", "double-counting")}


def test_a_year_that_the_dossier_does_not_cover_is_told() -> None:
    found = ask(small(products=CLINKER, period=("2026-04-01", "2027-03-31"), electricity=[{**BILL, "id": "E"}]), year=2026)
    assert "period" in {m.kind for m in found.missing}
    assert {q.id for q in found.open} == {"period:electricity.grid", "period:products.P1"}


def test_tables_that_are_not_declared_complete_are_told() -> None:
    found = ask(small(products=CLINKER))
    assert "table" not in {m.kind for m in found.missing}
    assert {m.subject for m in prefill(fasteners()).missing if m.kind == "table"} == {"heat", "processes"}


# --- the file --------------------------------------------------------------------------------------------------------

def test_the_input_says_that_it_is_incomplete_and_counts_what_is_open() -> None:
    found = prefill(fasteners())
    read = parse_installation(input_yaml(found, "en"), "in.yaml")
    state = openness(read)
    assert (state.questions, state.missing, state.complete) == (len(found.open), len(found.missing), False)
    assert {p.severity.value for p in state.problems} == {"error"}
    answered = parse_installation(input_yaml(prefill(fasteners(), answers=works_manager()), "en"), "in.yaml")
    assert openness(answered).questions == 0
    assert openness(parse_installation(b"format: zerofactory/cbam-input/1\ninstallation: {name: x}\n", "in.yaml")).complete


def test_reading_the_input_gives_the_same_figures() -> None:
    found = prefill(fasteners(), answers=works_manager())
    read = parse_installation(input_yaml(found, "en"), "in.yaml")
    assert rows_in(read) == rows_in(found.installation)
    assert read.details == found.installation.details
    assert input_yaml(found, "en") == input_yaml(prefill(fasteners(), answers=works_manager()), "en")


def test_documents_stand_with_their_hashes() -> None:
    details = prefill(fasteners(), answers=works_manager()).installation.details
    assert details["document.dossier.sha256"] == fasteners().sha256
    assert details["document.D-G1.sha256"] == fasteners().documents["D-G1"].sha256
    assert "document.D-F1.sha256" not in details                              # diesel is outside, so its book proves nothing here


def test_more_rows_than_a_figure_can_name_are_named_by_their_series() -> None:
    rows = [{"id": f"K{n}", "carrier": "anthracite", "t": "1"} for n in range(300)]
    found = ask(small(products=CLINKER, energy=rows))
    (stream,) = found.installation.streams
    assert stream.amount is not None
    assert stream.amount.documents == ("dossier#table=energy&series=energy.anthracite",)
    parse_installation(input_yaml(found, "en"), "in.yaml")


def test_an_input_in_memory_is_incomplete_too() -> None:
    found = prefill(fasteners())
    result = compute(found.installation, Basis.DEFINITIVE)
    assert sum(p.code in CODES for p in result.problems) == len(found.open) + len(found.missing)


def test_hundreds_of_gaps_still_make_a_file_that_can_be_read() -> None:
    rows = bills(*((f"2026-{m:02d}-{d:02d}", f"2026-{m:02d}-{d:02d}") for m in range(1, 13) for d in range(1, 29, 2)))
    found = ask(small(products=CLINKER, electricity=rows, meters=[{"id": "M1", "measures": "electricity"}]))
    assert len([m for m in found.missing if m.kind == "gap"]) == 168
    read = parse_installation(input_yaml(found, "en"), "in.yaml")
    assert openness(read).missing == len({(m.kind, m.subject) for m in found.missing})


# --- the command -----------------------------------------------------------------------------------------------------

def run(*args: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(command, [str(a) for a in args])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def test_command_writes_input_and_questions_and_tells_that_it_is_incomplete(tmp_path: Path) -> None:
    out, questions = tmp_path / "in.yaml", tmp_path / "q.yaml"
    code, shown, _ = run(DATA / "fasteners.yaml", "--out", out, "--questions", questions, "--lang", "en")
    assert code == 5
    assert out.read_bytes() == (GOLDEN / "fasteners-open.yaml").read_bytes()
    assert "14 open questions" in shown
    code, shown, _ = run(DATA / "fasteners.yaml", "--out", out, "--answers", questions, "--lang", "zh")
    assert code == 5                                                          # unanswered entries are no answers
    code, shown, _ = run(DATA / "fasteners.yaml", "--out", out, "--answers", DATA / "answers.yaml", "--json", "--lang", "en")
    told = json.loads(shown)
    assert told["format"] == "zerofactory/cbam-prefill/1"
    assert told["totals"] == {"used": 30, "asked": 0, "outside": 16, "unusable": 0, "beside": 12}
    assert sum(told["totals"].values()) == len(told["rows"]) == 58


def test_command_by_days_and_for_another_year(tmp_path: Path) -> None:
    code, shown, _ = run(DATA / "fasteners.yaml", "--out", tmp_path / "in.yaml", "--straddling", "days", "--json")
    assert code == 5
    assert "period:electricity.grid.M-E1" not in [q["id"] for q in json.loads(shown)["questions"] if q["open"]]
    code, shown, _ = run(DEMO, "--out", tmp_path / "in.yaml", "--year", 2024, "--json")
    assert json.loads(shown)["totals"]["used"] == 0


@pytest.mark.parametrize(("answers", "exit_code"), [("format: nonsense\n", 3), ("missing", 3)])
def test_command_writes_nothing_when_it_cannot(answers: str, exit_code: int, tmp_path: Path) -> None:
    path, out = tmp_path / "answers.yaml", tmp_path / "in.yaml"
    if answers != "missing":
        path.write_text(answers, encoding="utf-8")
    code, _, told = run(DATA / "fasteners.yaml", "--out", out, "--answers", path)
    assert code == exit_code
    assert told
    assert list(tmp_path.glob("in.yaml*")) == []


def test_command_on_a_file_that_is_no_dossier(tmp_path: Path) -> None:
    code, _, told = run(tmp_path / "nothing.yaml", "--out", tmp_path / "in.yaml")
    assert code == 3
    assert told
