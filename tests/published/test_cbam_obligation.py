"""Certificates and cost of goods under CBAM: published check values, and cases worked by hand in the comments.

Default values and benchmarks as in the Commission's workbooks of February 2026, CBAM factor 97.5 % (2026), 95 % (2027),
90 % (2028), cross-sectoral factor 100 %; mark-up 10, 20, 30 % (fertilisers 1 %); prices of quarters as published.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from zerofactory_mappings.cbam.obligation.build import obligation
from zerofactory_mappings.cbam.obligation.read import read_bytes
from zerofactory_mappings.cbam.obligation.result import ObligationResult, Outcome

D = Decimal


def imported(*consignments: str, more: str = "", **readings: str) -> ObligationResult:
    """The obligation of consignments written as YAML flow mappings."""
    rows = "\n".join(f"  - {c}" for c in consignments)
    chosen = f"readings: {{{', '.join(f'{k}: {v}' for k, v in readings.items())}}}\n" if readings else ""
    text = f"format: zerofactory/cbam-obligation/1\nconsignments:\n{rows}\n{more}\n{chosen}"
    return obligation(read_bytes(text.encode(), "imports.yaml"), outlook=False)


def default(result: ObligationResult) -> Outcome:
    found = result.consignments[0].default
    assert found is not None
    return found


def actual(result: ObligationResult) -> Outcome:
    found = result.consignments[0].actual
    assert found is not None
    return found


def test_hot_rolled_coil_of_china_costs_163_5_euro_a_tonne_in_the_first_quarter_of_2026() -> None:
    """3.186893 × 1.10 = 3.5055823; 0.975 × 1 × 1.370 = 1.33575; 3.5055823 − 1.33575 = 2.1698323; × 75.36 = 163.52."""
    found = default(imported("{date: 2026-02-10, cn: '72083900', origin: CN, net_mass: 1}"))
    assert (found.see, found.sefa, found.net) == (D("3.5055823"), D("1.33575"), D("2.1698323"))
    assert found.cost_per_unit is not None
    assert found.cost_per_unit.quantize(D("0.01")) == D("163.52")
    assert found.cost_per_unit.quantize(D("0.1")) == D("163.5")          # as printed


def test_bolts_of_china_take_5_6826_certificates_a_tonne_by_default_in_2026() -> None:
    """7318 15 42 has no row of its own; that of 7318 15 counts: 6.375 × 1.10 = 7.0125; 0.975 × 1.364 = 1.3299."""
    found = default(imported("{date: 2026-02-10, cn: '73181542', origin: CN, net_mass: 1}"))
    assert (found.matched, found.routes) == ("731815", ("C",))
    assert (found.see, found.sefa, found.net) == (D("7.0125"), D("1.3299"), D("5.6826"))


def test_97_5_per_cent_of_the_benchmark_are_deducted_and_not_of_the_emissions() -> None:
    """The trap: 2.5 % of 3.5055823 would be 0.0876, a twenty-fifth of what has to be surrendered."""
    found = default(imported("{date: 2026-02-10, cn: '72083900', origin: CN, net_mass: 1}"))
    assert found.see is not None
    assert found.net is not None
    assert found.net > 24 * found.see * D("0.025")


# ----------------------------------------------------------------------------------------------------- worked by hand

def test_aluminium_profiles_of_2027_at_an_assumed_price() -> None:
    """7604 29 10, China, by default in 2027, 8 t at 85 EUR.

    Emissions   4.8808 × 1.20            = 5.85696
    Allocation  0.95 × 1 × 1.485 (K)     = 1.41075
    Per tonne   5.85696 − 1.41075        = 4.44621
    8 t         8 × 4.44621              = 35.56968 certificates
    Cost        35.56968 × 85            = 3 023.4228 EUR
    """
    found = default(imported("{date: 2027-05-10, cn: '76042910', origin: CN, net_mass: 8}",
                             more="prices: [{period: 2027, price: 85}]"))
    assert (found.see, found.sefa, found.net) == (D("5.85696"), D("1.41075"), D("4.44621"))
    assert (found.certificates, found.cost) == (D("35.56968"), D("3023.4228"))


def test_urea_of_2028_by_actual_data_with_ammonia_as_precursor() -> None:
    """3102 10 19, China, 500 t in 2028. Direct and indirect emissions count for fertilisers.

    Actual      own 0.20 direct + 0.04 indirect; 0.57 t ammonia per tonne at 1.90 + 0.06
                0.24 + 0.57 × 1.96                       = 1.3572
    Allocation  own 0.90 × 1 × 0.053 = 0.0477; ammonia states 1.2
                0.0477 + 0.57 × 1.2                      = 0.7317
    Certificates 500 × (1.3572 − 0.7317)                 = 312.75
    Default     2.85 × 1.01 = 2.8785; 0.90 × 0.902 = 0.8118; 500 × 2.0667 = 1 033.35
    """
    found = imported(
        "{date: 2028-03-01, cn: '31021019', origin: CN, net_mass: 500, actual: {own_direct: 0.20, own_indirect: 0.04,"
        " verification_report: V1, precursors: [{cn: '28141000', country: CN, amount: 0.57, data: actual, see_direct: 1.90,"
        " see_indirect: 0.06, sefa: 1.2, verification_report: V2}]}}")
    assert (actual(found).see, actual(found).sefa, actual(found).certificates) == (D("1.3572"), D("0.7317"), D("312.75"))
    assert (default(found).see, default(found).sefa, default(found).certificates) == (D("2.8785"), D("0.8118"), D("1033.35"))
    assert found.consignments[0].cheaper == "actual"


def test_grey_clinker_of_the_second_quarter_of_2026() -> None:
    """2523 10 00 grey, China, 1 000 t at 75.28 EUR.

    1.39 × 1.10 = 1.529; 0.975 × 0.666 (A) = 0.64935; 1 000 × 0.87965 = 879.65; × 75.28 = 66 220.052 EUR
    """
    found = default(imported("{quarter: 2026-Q2, cn: '25231000', origin: CN, net_mass: 1000, variant: grey}"))
    assert (found.see, found.sefa, found.certificates, found.cost) == (
        D("1.529"), D("0.64935"), D("879.65"), D("66220.052"))


SCREWS = ("{date: 2027-03-03, cn: '73181542', origin: CN, net_mass: 20, production_year: 2026, actual: {own_direct: 0.19,"
          " verification_report: V1, precursors: [{cn: '72139110', country: CN, amount: 1.02}]}, carbon_price: [{amount: 60,"
          " per: tCO2e, currency: CNY, exchange_rate: 8, exchange_year: 2027, rebate: 0, covered_share: 0.8, free_share: 0.95,"
          " certified_by: Example}]}")
PRICE = "prices: [{period: 2027-W09, price: 80, source: Example}]"


@pytest.mark.parametrize(("reading", "see", "net"), [
    ("production", "3.74537677", "2.3735156071125"), ("import", "4.06859284", "2.69551961685")])
def test_screws_made_in_2026_from_wire_rod_by_default_with_a_carbon_price(reading: str, see: str, net: str) -> None:
    """7318 15 42, China, made in 2026 and imported in the ninth week of 2027 at a certificate price of 80 EUR.

    Wire rod    3.168785 × 1.10 = 3.4856635 (mark-up of the year of production); × 1.02 = 3.55537677
    Emissions   0.19 + 3.55537677                             = 3.74537677
    Allocation  0.95 × 0.038 + 1.02 × 0.95 × 1.364 (C)
                0.0361 + 1.321716                             = 1.357816
    Price paid  60 × 0.8 × (1 − 0.95) = 2.4 CNY; × 3.74537677 / 8 = 1.123613031 EUR/t; / 80 = 0.0140451628875
    Per tonne   3.74537677 − 1.357816 − 0.0140451628875       = 2.3735156071125

    With the mark-up of the year of import: 3.168785 × 1.20 × 1.02 = 3.87859284; emissions 4.06859284;
                price paid 2.4 × 4.06859284 / 8 / 80 = 0.01525722315; 4.06859284 − 1.357816 − 0.01525722315 = 2.69551961685
    """
    found = actual(imported(SCREWS, more=PRICE, markup_year=reading))
    assert (found.see, found.sefa, found.net) == (D(see), D("1.357816"), D(net))
    assert found.certificates == 20 * D(net)


def test_hydrogen_is_due_below_the_threshold_and_steel_is_not() -> None:
    """49.9 t of coil and 10 t of hydrogen in 2026: hydrogen neither counts for the 50 t nor is freed by them.

    Hydrogen, China: 26.64 × 1.10 = 29.304; 0.975 × 5.089 = 4.961775; 10 × 24.342225 = 243.42225 certificates
    """
    found = imported("{id: S, date: 2026-01-05, cn: '72083900', origin: CN, net_mass: 49.9}",
                     "{id: H, date: 2026-01-06, cn: '28041000', origin: CN, net_mass: 10}",
                     more="importer: {name: Example, all_imports: yes}")
    year = found.year(2026)
    assert (year.threshold.listed, year.threshold.crossed, year.threshold.watch) == (D("49.9"), False, True)
    assert year.due == D("243.42225")
    assert [c.due for c in found.consignments] == [D(0), D("243.42225")]
