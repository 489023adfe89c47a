"""The CBAM examples: both methods give what stands in the golden files, and a second derivation by hand gives the same.

The derivations use fractions and nothing of the program: figures are those of the input files and of the law, typed here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Context, Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from zerofactory_engine.problems import Severity
from zerofactory_mappings.cbam.compute import compute
from zerofactory_mappings.cbam.exact_json import exact_json
from zerofactory_mappings.cbam.model import Basis
from zerofactory_mappings.cbam.prove import differences
from zerofactory_mappings.cbam.read import read_installation
from zerofactory_mappings.cbam.result import CbamResult

EXAMPLES = Path(__file__).parents[2] / "examples" / "cbam"
GOLDEN = Path(__file__).parent / "cbam_golden"
NAMES = ("aluminium", "cement", "fertilisers", "hydrogen", "steel-fasteners", "steelworks")
BOTH = [(n, b) for n in NAMES for b in Basis]
F = Fraction


@cache
def result(name: str, basis: Basis) -> CbamResult:
    return compute(read_installation(EXAMPLES / name / "input.yaml"), basis, proof=True)


def see(name: str, basis: Basis, process: str) -> tuple[Decimal, Decimal]:
    found = result(name, basis).process(process)
    assert found is not None
    assert found.see_direct is not None
    assert found.see_indirect is not None
    return found.see_direct, found.see_indirect


def same(found: Decimal | None, expected: Fraction | str) -> None:
    """Equal to the last of some thirty digits: only the rounding of decimals to 34 digits lies between."""
    assert found is not None
    wanted = Fraction(expected)
    assert abs(Fraction(found) - wanted) <= max(abs(wanted), Fraction(1)) * Fraction(1, 10**28), (found, float(wanted))


def test_every_folder_is_an_example_that_is_tested() -> None:
    assert sorted(p.name for p in EXAMPLES.iterdir() if p.is_dir()) == sorted(NAMES)


@pytest.mark.parametrize(("name", "basis"), BOTH)
def test_nothing_is_wrong_and_every_figure_is_known(name: str, basis: Basis) -> None:
    found = result(name, basis)
    assert [p for p in found.problems if p.severity is Severity.ERROR] == []
    assert None not in found.installation.as_json().values()
    for process in found.processes:
        assert None not in (process.activity_level, process.se_direct, process.see_direct, process.see_indirect,
                            process.embedded_electricity), process
    assert None not in [v for p in found.products for v in (p.see_direct, p.see_indirect)]


@pytest.mark.parametrize(("name", "basis"), BOTH)
def test_every_step_of_the_proof_follows(name: str, basis: Basis) -> None:
    graph = result(name, basis).proof
    assert graph is not None
    assert differences(graph) == []


@pytest.mark.parametrize(("name", "basis"), BOTH)
def test_golden_file(name: str, basis: Basis) -> None:
    """Differences are for an expert to read; ``python tests/examples/test_cbam_examples.py`` writes the files anew."""
    path = GOLDEN / f"{name}.{basis}.json"
    assert json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal) == json.loads(golden(name, basis), parse_float=Decimal)


def golden(name: str, basis: Basis) -> str:
    """Figures without problems; amounts of precursors by id."""
    found = result(name, basis)
    processes = [{k: v for k, v in p.as_json().items() if k not in {"name", "category"}} for p in found.processes]
    products: list[dict[str, Any]] = []
    for product in found.products:
        shown = {k: v for k, v in product.as_json().items() if k not in {"process", "precursors"}}
        products.append({"process": product.process_id, **shown, "precursors": {s.id: s.amount for s in product.precursors}})
    return exact_json(rounded({
        "basis": basis, "installation": found.installation.as_json(), "processes": processes, "products": products,
        "precursors": {p.id: {"direct": p.direct, "indirect": p.indirect, "source": p.source} for p in found.precursors},
        "loops": [list(x.processes) for x in found.loops], "notes": sorted({p.code for p in found.problems})})) + "\n"


def rounded(value: Any) -> Any:
    """Twelve digits: enough to see what changed, few enough to read."""
    if isinstance(value, Decimal):
        return Context(prec=12).plus(value)
    if isinstance(value, Mapping):
        return {k: rounded(v) for k, v in value.items()}
    return [rounded(v) for v in value] if isinstance(value, list) else value


# --- steel fasteners ------------------------------------------------------------------------------------------------

def test_fasteners_definitive() -> None:
    name, basis = "steel-fasteners", Basis.DEFINITIVE
    # annealing: 150 kNm3 x 35.9 GJ/kNm3 = 5.385 TJ; x 56.1 = 302.0985 t
    annealing = F(150) * F("35.9") / 1000 * F("56.1")
    # furnaces: 900 x 35.9 / 1000 x 56.1 x 0.995 = 1803.528045 t, of which 75 % bolts, 25 % nuts
    furnaces = F(900) * F("35.9") / 1000 * F("56.1") * F("0.995")
    # LPG: 120 t x 47.3 GJ/t x 63.1 tCO2/TJ (2547 Annex II G Table 1) = 358.1556 t
    lpg = F(120) * F("47.3") / 1000 * F("63.1")
    assert (annealing, furnaces, lpg) == (F("302.0985"), F("1803.528045"), F("358.1556"))
    same(result(name, basis).installation.direct_emissions, annealing + furnaces + lpg)
    # wire rod: 12 000 t at 1.9 with report; 8 000 t at the default of China 7213, 3.168785 x 1.10 = 3.4856635
    rod = 12000 * F("1.9") + 8000 * F("3.168785") * F("1.1")
    wire = (annealing + rod) / 19600
    bolts = (F("0.75") * furnaces + lpg) / 13600 + F(14000, 13600) * wire
    nuts = F("0.25") * furnaces / 4700 + F(5000, 4700) * wire
    for process, expected in (("P1", wire), ("P2", bolts), ("P3", nuts)):
        same(see(name, basis, process)[0], expected)
        same(see(name, basis, process)[1], F(0))           # steel: indirect emissions do not count
    # default share of wire: 8 000 x 3.4856635 of all
    found = result(name, basis).process("P1")
    assert found is not None
    same(found.default_share, 8000 * F("3.4856635") / (annealing + rod))
    # the agreement gave 14.7 MWh on each of 31 days
    assert F("14.7") * 31 == F("455.7")
    # embedded electricity of bolts: own 6455.7 MWh, of wire 3000 MWh and 12 000 x 0.35 + 8 000 x 0.3 MWh
    power = (F(3000) + 12000 * F("0.35") + 8000 * F("0.3")) / 19600
    bolts_found = result(name, basis).process("P2")
    assert bolts_found is not None
    same(bolts_found.embedded_electricity, F("6455.7") / 13600 + F(14000, 13600) * power)


def test_fasteners_transitional() -> None:
    name, basis = "steel-fasteners", Basis.TRANSITIONAL
    annealing = F("302.0985")
    wire = (annealing + 12000 * F("1.9") + 8000 * F("2.1")) / 19600        # the value of mill B as typed, without mark-up
    indirect = (3000 * F("0.6") + 12000 * F("0.35") * F("0.6") + 8000 * F("0.3") * F("0.6")) / 19600
    same(see(name, basis, "P1")[0], wire)
    same(see(name, basis, "P1")[1], indirect)
    # bolts: 6000 MWh of the grid; electricity of the agreement at 0
    same(see(name, basis, "P2")[1], 6000 * F("0.6") / 13600 + F(14000, 13600) * indirect)


def test_fasteners_name_what_is_default_and_what_is_measured() -> None:
    found = {p.id: p.source for p in result("steel-fasteners", Basis.DEFINITIVE).precursors}
    assert found == {"B1": "measured", "B2": "default"}
    codes = {p.code for p in result("steel-fasteners", Basis.DEFINITIVE).problems}
    assert not {c for c in codes if "match" in c or "refused" in c}, "the agreement and the report fit"


def test_fasteners_free_allocation() -> None:
    """2620: CBAM factor 0.975 x CSCF 1 x benchmark A of the good (0.038), and of precursors what they bring."""
    a = F("0.975") * F("0.038")
    # mill A states 1.25; of mill B the benchmark of the whole chain by route (C): 0.975 x 1.364
    wire = a + F(12000, 19600) * F("1.25") + F(8000, 19600) * F("0.975") * F("1.364")
    found = {p.process_id: p.sefa for p in result("steel-fasteners", Basis.DEFINITIVE).products}
    same(found["P1"], wire)
    same(found["P2"], a + F(14000, 13600) * wire)
    same(found["P3"], a + F(5000, 4700) * wire)


# --- aluminium ------------------------------------------------------------------------------------------------------

def chp_factors() -> tuple[Fraction, Fraction]:
    """tCO2/TJ of heat, tCO2/MWh of electricity: 2000 TJ of gas give 700 TJ and 180 000 MWh (648 TJ)."""
    emissions = F(2000) * F("56.1")                                         # 112 200 t
    heat, power = F(700, 2000) / F("0.87"), F(648, 2000) / F("0.53")        # references: steam, natural gas, from 2016
    share = heat / (heat + power)                                           # 0.39690… of the emissions is heat
    return emissions * share / 700, emissions * (1 - share) / 180000


@pytest.mark.parametrize("basis", list(Basis))
def test_aluminium(basis: Basis) -> None:
    heat, power = chp_factors()
    # CF4 = 0.6 x 0.5 x 0.143/1000 x 110 000 = 4.719 t; C2F6 = 0.121 x CF4; GWP 6630 and 11 100; collected 98 %
    cf4 = F("0.6") * F("0.5") * F("0.143") / 1000 * 110000
    pfc = (cf4 * 6630 + cf4 * F("0.121") * 11100) / F("0.98")
    assert cf4 == F("4.719")
    same(result("aluminium", basis).installation.pfc, pfc)
    anodes = (45100 - 6000) * F("0.98") * F("3.664")                        # butts come back
    gas = 3200 * F("48.0") / 1000 * F("56.1")                               # standard factors: 48.0 GJ/t, 56.1
    primary = (anodes + pfc + F("0.4") * gas + 300 * heat) / 110000
    profiles = (F("0.6") * gas + 150 * heat) / 38500 + F(40000, 38500) * primary
    same(see("aluminium", basis, "P1")[0], primary)
    same(see("aluminium", basis, "P2")[0], profiles)
    indirect = (1500000 * F("0.6") + 150000 * power) / 110000
    counted = basis is Basis.TRANSITIONAL                                   # aluminium: direct only from 2026
    same(see("aluminium", basis, "P1")[1], indirect if counted else F(0))
    same(see("aluminium", basis, "P2")[1], (25000 * power / 38500 + F(40000, 38500) * indirect) if counted else F(0))


# --- cement ---------------------------------------------------------------------------------------------------------

def kiln() -> Fraction:
    # clinker = (990 000 + 10 000) x 0.762 - 20 000 + 48 000 - 0 = 790 000 t
    clinker = (990000 - -10000) * F("0.762") - 20000 + 48000 - 0
    assert clinker == 790000
    calcination = clinker * F("0.531")                                      # above the minimum of 0.525
    # dust: 0.531/1.531 x 0.8 / (1 - …) = 0.38402, so the minimum of 0.525 counts
    part = F("0.531") / F("1.531") * F("0.8")
    assert part / (1 - part) < F("0.525")
    dust = 5000 * F("0.525")
    coal = 95000 * F("25.8") / 1000 * F("94.6")                             # 231 864.6 t
    derived = 20000 * F("15") / 1000 * 83 * F("0.6")                        # 40 % biomass with evidence: 14 940 t
    return calcination + dust + coal + derived


@pytest.mark.parametrize("basis", list(Basis))
def test_clinker(basis: Basis) -> None:
    assert kiln() == F("668919.6")
    same(see("cement", basis, "P1")[0], kiln() / 790000)
    same(see("cement", basis, "P1")[1], 52000 * F("0.6") / 790000)          # cement goods: indirect emissions count
    same(result("cement", basis).installation.biomass_co2, 20000 * F("15") / 1000 * 83 * F("0.4"))


def test_cement_per_tonne_of_clinker() -> None:
    own, clinker = 500 * F("48.0") / 1000 * F("56.1"), kiln() / 790000
    # bought clinker: default of China, grey, 1.39 with mark-up 1.10; its indirect part 0.04 x 1.10 apart
    total, indirect = F("1.39") * F("1.1"), F("0.04") * F("1.1")
    level = 400000 * F("0.93") + 600000 * F("0.65")                         # 762 000 t clinker contained
    direct = (own + 742000 * clinker + 20000 * (total - indirect)) / level
    other = (38000 * F("0.6") + 742000 * 52000 * F("0.6") / 790000 + 20000 * indirect) / level
    same(see("cement", Basis.DEFINITIVE, "P2")[0], direct)
    same(see("cement", Basis.DEFINITIVE, "P2")[1], other)
    by_name = {p.name: p for p in result("cement", Basis.DEFINITIVE).products}
    same(by_name["CEM I"].see_direct, direct * F("0.93"))
    same(by_name["CEM II"].see_direct, direct * F("0.65"))
    # free allocation: benchmark A of cement is 0, of clinker 0.666 (bought clinker: B, 0.666), 762 000 t in 762 000 t
    same(by_name["CEM I"].sefa, F("0.975") * F("0.666") * F("0.93"))
    # transitional: one figure per tonne of cement, bought clinker as typed
    same(see("cement", Basis.TRANSITIONAL, "P2")[0], (own + 742000 * clinker + 20000 * F("0.9")) / 1000000)


# --- fertilisers ----------------------------------------------------------------------------------------------------

def n2o() -> Fraction:
    """t N2O: 700 valid hours, half at 1.0 and half at 1.4 g/Nm3, 80 000 Nm3 each; 20 hours by Eq 19.

    The sample deviation is sqrt(700 x 0.04 / 699): its square root is taken to 60 digits.
    """
    from decimal import localcontext

    with localcontext() as context:
        context.prec = 60
        deviation = Fraction((Decimal(28) / Decimal(699)).sqrt())
    return (350 * F("1.0") + 350 * F("1.4")) * 80000 / 10**6 + 20 * (F("1.2") + 2 * deviation) * 80000 / 10**6


@pytest.mark.parametrize("basis", list(Basis))
def test_fertilisers_per_tonne(basis: Basis) -> None:
    """Per tonne of product the functional unit makes no difference: kg N multiply and divide."""
    by_name = {p.name: p for p in result("fertilisers", basis).products}
    ammonia = 300000 * F(36) / 1000 * F("56.1") / 300000                    # 2.0196
    acid = n2o() * 265 / 10000 + F(2900, 10000) * ammonia
    steam = 1000 * F(36) / 1000 * F("56.1")                                 # 2019.6 t, by amount of substance
    nitrate, calcium = 8000 / F("80.043"), 4000 / F("164.086")
    ammonium = steam * nitrate / (nitrate + calcium) / 8000 + F(1700, 8000) * ammonia + F(6500, 8000) * acid
    calcium_nitrate = steam * calcium / (nitrate + calcium) / 4000 + F(3200, 4000) * acid
    urea = 9000 * F(36) / 1000 * F("56.1") / 200000 + F(114600, 200000) * ammonia     # nothing off for CO2 bound in urea
    for name, expected in (("anhydrous ammonia", ammonia), ("nitric acid", acid), ("ammonium nitrate", ammonium),
                           ("calcium nitrate", calcium_nitrate), ("urea", urea)):
        same(by_name[name].see_direct, expected)
    power = 90000 * F("0.6") / 300000
    same(by_name["urea"].see_indirect, 30000 * F("0.6") / 200000 + F(114600, 200000) * power)
    assert result("fertilisers", basis).processes[0].functional_unit == ("kgN" if basis is Basis.DEFINITIVE else "t")


# --- hydrogen -------------------------------------------------------------------------------------------------------

def test_hydrogen_routes_apart_and_averaged() -> None:
    reformer = (62000 * F("0.74") - 3000 * F("0.4")) * F("3.664")           # 163 707.52 t
    same(see("hydrogen", Basis.TRANSITIONAL, "P1")[0], reformer / 18000)
    same(see("hydrogen", Basis.TRANSITIONAL, "P2")[0], F(0))
    same(see("hydrogen", Basis.TRANSITIONAL, "P2")[1], 110000 * F("0.6") / 2000)
    for process in ("P1", "P2"):                                            # one process of 20 000 t; direct only
        same(see("hydrogen", Basis.DEFINITIVE, process)[0], reformer / 20000)
        same(see("hydrogen", Basis.DEFINITIVE, process)[1], F(0))


# --- steelworks -----------------------------------------------------------------------------------------------------

SINTER = (70000 * F("28.2") / 1000 * 107 + 60000 * F("0.44")) / 1600000
# blast furnace: (420 000 x 0.88 + 150 000 x 0.75 - 1 000 000 x 0.045) tC x 3.664, less 2400 TJ of gas x 56.1 x 0.667
FURNACE = (420000 * F("0.88") + 150000 * F("0.75") - 45000) * F("3.664") - 2400 * F("56.1") * F("0.667")
IRON = FURNACE / 1000000 + F(1600, 1000) * SINTER
CONVERTER = (45000 - 1080000 * F("0.002")) * F("3.664")
# arc furnace with the factors of 2547 Annex II G Table 5: electrodes 0.8188, charge carbon 0.8297, scrap 0.0109 tC/t
ARC = (700 * F("0.8188") + 6000 * F("0.8297") + 380000 * F("0.0109") - 400000 * F("0.002")) * F("3.664")
MILL = 52000 * F(36) / 1000 * F("56.1")


@pytest.mark.parametrize("basis", list(Basis))
def test_iron(basis: Basis) -> None:
    same(see("steelworks", basis, "P1")[0], SINTER)
    same(see("steelworks", basis, "P2")[0], IRON)
    # indirect: of sinter always; of pig iron itself only under the transitional method
    sinter = 60000 * F("0.6") / 1600000
    own = 90000 * F("0.6") / 1000000 if basis is Basis.TRANSITIONAL else F(0)
    same(see("steelworks", basis, "P1")[1], sinter)
    same(see("steelworks", basis, "P2")[1], own + F("1.6") * sinter)
    # power plant: 1100 TJ of blast furnace gas x 56.1 over 110 000 MWh
    same(see("steelworks", basis, "P6")[0], 1100 * F("56.1") / 110000)


def test_steel_transitional_loop() -> None:
    """arc = a + p x coil, coil = c + q x arc with p = 2/400, q = 400/1420: arc = (a + p c) / (1 - p q)."""
    converter = CONVERTER / 1080000 + F(1000, 1080) * IRON
    a = ARC / 400000 + F(4000, 400000) * F("1.5")                           # ferro-manganese as typed
    c = MILL / 1420000 + F(1080, 1420) * converter
    p, q = F(2, 400), F(400, 1420)
    arc = (a + p * c) / (1 - p * q)
    coil = c + q * arc
    basis = Basis.TRANSITIONAL
    same(see("steelworks", basis, "P3")[0], converter)
    same(see("steelworks", basis, "P4")[0], arc)
    same(see("steelworks", basis, "P5")[0], coil)
    assert [x.processes for x in result("steelworks", basis).loops] == [("P4", "P5")]


def test_steel_definitive_average_and_loop() -> None:
    """One process of both routes: steel = (all attributed + iron + alloy + 2000 x coil) / 1 480 000."""
    alloy = 4000 * F("1.69") * F("1.1")                                     # default of China 7202 11 with mark-up
    inside = (CONVERTER + ARC + 1000000 * IRON + alloy) / 1480000
    p, q, c = F(2, 1480), F(1480, 1420), MILL / 1420000
    steel = (inside + p * c) / (1 - p * q)
    basis = Basis.DEFINITIVE
    for process in ("P3", "P4"):
        same(see("steelworks", basis, process)[0], steel)
    same(see("steelworks", basis, "P5")[0], c + q * steel)


if __name__ == "__main__":
    for example, method in BOTH:
        (GOLDEN / f"{example}.{method}.json").write_text(golden(example, method), encoding="utf-8")
