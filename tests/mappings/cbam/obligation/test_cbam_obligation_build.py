"""Certificates and cost: methods side by side, floor, carbon price, prices, and what is unknown with its reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.mappings.cbam.obligation.lists import COIL, D, actual, codes, consignment, default, run, said

from zerofactory_engine.decimals import CONTEXT
from zerofactory_mappings.cbam.obligation.model import Data
from zerofactory_mappings.cbam.obligation.prices import PriceSource
from zerofactory_mappings.cbam.obligation.result import Cheaper, ObligationResult

ALL = "importer: {name: Example, all_imports: yes}"


def screws(actual_data: str = "{see_direct: 2.1, sefa: 1.2, verification_report: V}", more: str = "") -> str:
    return f"{{id: S, date: 2026-05-10, cn: '73181542', origin: CN, net_mass: 10, actual: {actual_data}{more}}}"


# --------------------------------------------------------------------------------------------------------- methods

def test_both_methods_stand_side_by_side_whichever_is_declared() -> None:
    found = run(screws())
    assert (default(found).net, actual(found).net) == (D("5.6826"), D("0.9"))
    assert (consignment(found).declared.data, consignment(found).cheaper) == (Data.ACTUAL, Cheaper.ACTUAL)
    other = run(screws(more=", data: default"))
    assert (consignment(other).declared.data, consignment(other).cheaper) == (Data.DEFAULT, Cheaper.ACTUAL)
    assert (other.years[0].certificates, other.years[0].cheapest) == (D("56.826"), D("9.0"))


@pytest.mark.parametrize(("see", "cheaper"), [("6.88", Cheaper.ACTUAL), ("6.8826", Cheaper.EQUAL), ("6.89", Cheaper.DEFAULT)])
def test_which_is_cheaper_is_told_by_certificates_and_actual_data_may_cost_more(see: str, cheaper: Cheaper) -> None:
    assert consignment(run(screws(f"{{see_direct: {see}, sefa: 1.2, verification_report: V}}"))).cheaper is cheaper


def test_actual_data_with_a_default_precursor_can_cost_more_than_the_default_of_the_good() -> None:
    """Screws 7318 14 91: default 2.738; wire rod by default 3.168785 alone is more."""
    found = run("{date: 2026-05-10, cn: '73181491', origin: CN, net_mass: 10, actual: {own_direct: 0.1,"
                " verification_report: V, precursors: [{cn: '72139110', country: CN, amount: 1.02}]}}")
    assert (default(found).before_markup, consignment(found).cheaper) == (D("2.738"), Cheaper.DEFAULT)


def test_no_good_goes_below_zero_and_none_pays_for_another() -> None:
    low = screws("{see_direct: 0.5, sefa: 1.2, verification_report: V}")
    found = run(low, COIL, more=ALL)
    assert actual(found, "S").certificates == 0
    assert found.years[0].certificates == D("216.98323")
    assert found.years[0].due == D("216.98323")


def test_consignments_of_the_same_code_origin_installation_and_data_are_one_good() -> None:
    rows = [f"{{id: {i}, date: {day}, cn: '72083900', origin: {origin}, net_mass: 10, installation: {plant}, route: {route}}}" for
            i, day, origin, plant, route in (("A", "2026-01-10", "CN", "M1", "C"), ("B", "2026-05-10", "CN", "M1", "C"),
                                             ("C", "2026-01-10", "CN", "M2", "C"), ("D", "2026-01-10", "CN", "M1", "E"),
                                             ("E", "2026-01-10", "BR", "M1", "C"))]
    assert [g.consignments for g in run(*rows).goods] == [("A", "B"), ("C",), ("D",), ("E",)]


def test_indirect_emissions_count_for_cement_and_fertilisers_and_not_for_steel() -> None:
    steel = run(screws("{see_direct: 2, see_indirect: 5, sefa: 1, verification_report: V}"))
    assert actual(steel).see == 2
    sinter = run(screws("{see_direct: 2, see_indirect_of_precursors: 0.05, sefa: 1, verification_report: V}"))
    assert actual(sinter).see == D("2.05")                # of a precursor that counts them
    urea = run("{date: 2026-05-10, cn: '31021019', origin: CN, net_mass: 10, actual: {see_direct: 1.1, see_indirect: 0.2, sefa: 0.5,"
               " verification_report: V}}")
    assert actual(urea).see == D("1.3")


def test_a_good_without_precursors_takes_its_own_benchmark_and_one_with_precursors_needs_them_or_the_operators_figure() -> None:
    clinker = "{date: 2026-05-10, cn: '25231000', origin: CN, net_mass: 10, variant: grey, route: A, actual: {see_direct: 0.9, see_indirect: 0.05, verification_report: V}}"
    assert actual(run(clinker)).sefa == D("0.975") * D("0.666")
    nothing = run(screws("{see_direct: 2.1, verification_report: V}"))
    assert (actual(nothing).sefa, actual(nothing).net) == (None, None)
    assert "cbam-obligation.sefa-not-stated" in said(nothing)
    own = run(screws("{own_direct: 2.1, verification_report: V}"))
    assert actual(own).sefa == D("0.975") * D("0.038")    # said to have none


def test_precursors_of_exempt_origins_bring_nothing_and_of_unknown_ones_the_highest_value() -> None:
    def made(precursor: str) -> ObligationResult:
        return run("{date: 2026-05-10, cn: '76042910', origin: CN, net_mass: 10, actual: {own_direct: 0.2, verification_report: V,"
                   f" precursors: [{{cn: '76011010', amount: 1{precursor}}}]}}}}")

    exempt, unknown = made(", country: NO"), made("")
    assert (actual(exempt).see, actual(exempt).sefa) == (D("0.2"), D("0.975") * D("0.056"))
    assert actual(unknown).see == D("0.2") + D("3.198") * D("1.1")        # 2025/2621 Annex IV
    assert actual(unknown).sefa == D("0.975") * (D("0.056") + D("1.423"))  # route (K), column B


def test_a_stated_allocation_is_moved_from_its_year_to_that_of_import() -> None:
    """1.2 with the factor of 2026 is 1.2 × 0.95 / 0.975 with that of 2027."""
    row = "{date: 2027-05-10, cn: '73181542', origin: CN, net_mass: 10, production_year: 2026, actual: {see_direct: 2.1, sefa: 1.17, verification_report: V}}"
    assert actual(run(row)).sefa == D("1.14")
    assert actual(run(row, more="readings: {factor_year: production}")).sefa == D("1.17")


def test_the_mark_up_follows_the_year_of_import_and_is_one_per_cent_for_fertilisers() -> None:
    rows = [f"{{id: Y{y}, date: {y}-05-10, cn: '{cn}', origin: CN, net_mass: 10}}" for y, cn in (
        (2026, "72083900"), (2027, "72083900"), (2028, "72083900"), (2029, "72083900"), (2030, "31021019"))]
    found = run(*rows)
    assert [default(found, f"Y{y}").markup for y in range(2026, 2031)] == [D(m) for m in ("0.1", "0.2", "0.3", "0.3", "0.01")]


def test_a_stainless_bolt_takes_the_row_of_its_years_and_never_carbon_steel() -> None:
    """7318 15 35 lists periods only: 1.154 for 2026-27, 1.116 for 2028-30; the default row says (C)."""
    rows = [f"{{id: Y{y}, date: {y}-05-10, cn: '73181535', origin: CN, net_mass: 10}}" for y in (2026, 2027, 2028)]
    found = run(*rows)
    assert [default(found, f"Y{y}").benchmark for y in (2026, 2027, 2028)] == [D("1.154"), D("1.154"), D("1.116")]


# ----------------------------------------------------------------------------------------------------------- electricity

def test_electricity_has_no_allocation_no_mark_up_and_needs_its_factor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    power = "{id: E, date: 2026-02-01, cn: '27160000', origin: MA, energy: 1000}"
    without = run(power)
    assert (default(without).see, default(without).sefa) == (None, D(0))
    assert "cbam-defaults.grid-not-loaded" in said(without)
    folder = tmp_path / "grid-factors" / "test"
    folder.mkdir(parents=True)
    (folder / "set.yaml").write_text(
        "format: zerofactory/cbam-set/1\nkind: grid-factors\nversion: test\npublished: '2026-01-01'\nact: IR (EU) 2025/2621\n"
        "source: {file: x.csv, sha256: 'sha256:0'}\nlicence: test\nconfidence: secondary\nrows: rows.csv\n")
    (folder / "rows.csv").write_text(
        "purpose,country,ef,sheet,row,act,annex,confidence,source,valid_from,valid_to\n"
        "import,MA,0.7,,1,IR (EU) 2025/2621,Annex III,secondary,secondary,,\n")
    monkeypatch.setenv("ZEROFACTORY_CBAM_DATA", str(tmp_path))
    assert (default(run(power)).see, default(run(power)).certificates) == (D("0.7"), D("700.0"))


# ---------------------------------------------------------------------------------------------------------- carbon price

def paid(**fields: str) -> str:
    whole = {"amount": "50", "per": "tCO2e", "currency": "EUR", "rebate": "0", "covered_share": "1", "free_share": "0",
             "certified_by": "Example"} | fields
    return ", carbon_price: [{" + ", ".join(f"{k}: {v}" for k, v in whole.items() if v) + "}]"


@pytest.mark.parametrize(("fields", "per_tonne"), [
    ({}, "105"),                                                                        # 50 × 2.1
    ({"covered_share": "0.8"}, "84"),
    ({"covered_share": "0.8", "free_share": "0.9"}, "8.4"),
    ({"rebate": "10"}, "84"),                                                           # (50 − 10) × 2.1
    ({"covered_share": "0.1", "rebate": "10"}, "0"),                                    # 5 − 10: never below zero
    ({"currency": "CNY", "exchange_rate": "8", "exchange_year": "2026"}, "13.125"),     # 105 / 8
    ({"per": "t", "covered_share": "", "free_share": ""}, "50"),
    ({"per": "t", "covered_share": "", "free_share": "", "rebate": "20"}, "30"),
])
def test_a_carbon_price_is_what_was_effectively_paid_in_euro_per_tonne(fields: dict[str, str], per_tonne: str) -> None:
    found = actual(run(screws(more=paid(**fields))))
    assert found.deduction == D(per_tonne)
    expected = max(D(0), D("2.1") - D("1.2") - D(per_tonne) / D("75.28"))
    assert found.net is not None
    assert abs(found.net - expected) < D("1e-25")


@pytest.mark.parametrize(("row", "code"), [
    (screws(more=paid(certified_by="")), "cbam-obligation.carbon-price-not-certified"),
    (screws(more=paid(kind="default")), "cbam-obligation.default-price-with-actual"),
    (screws(more=paid(on="precursor")), "cbam-obligation.precursor-price-not-counted"),
    (screws(more=", data: default" + paid()), "cbam-obligation.paid-price-with-default"),
    (screws(more=", data: default" + paid(kind="default")), "cbam-obligation.default-price-unpublished"),
])
def test_what_cannot_be_claimed_is_refused_with_its_reason(row: str, code: str) -> None:
    found = run(row)
    assert consignment(found).declared.deduction == 0
    assert code in said(found)


def test_two_carbon_prices_add_up() -> None:
    both = paid() + "\n"
    row = screws(more=both.strip().replace("}]", "}, {amount: 7, per: t, currency: EUR, rebate: 2, certified_by: X}]"))
    assert actual(run(row)).deduction == D("110")


def test_a_carbon_price_without_a_certificate_price_leaves_the_certificates_unknown() -> None:
    row = screws(more=paid()).replace("2026-05-10", "2027-05-10")
    unknown = run(row)
    assert (actual(unknown).net, actual(unknown).cost) == (None, None)
    assert "cbam-table.price-unknown" in said(unknown)
    assert actual(run(row, more="prices: [{period: 2027, price: 100}]")).net is not None
    assert actual(run(screws().replace("2026-05-10", "2027-05-10"))).net is not None         # nothing to divide


# ---------------------------------------------------------------------------------------------------------------- prices

def test_each_quarter_of_2026_has_its_price_and_the_fourth_is_not_published() -> None:
    rows = [f"{{id: Q{q}, quarter: 2026-Q{q}, cn: '72083900', origin: CN, net_mass: 10}}" for q in range(1, 5)]
    found = run(*rows, more=ALL)
    assert [consignment(found, f"Q{q}").price.figure.value for q in range(1, 5)] == [D("75.36"), D("75.28"), D("82.32"), None]
    year = found.years[0]
    assert (year.cost, year.known_cost) == (None, D("21.698323") * (D("75.36") + D("75.28") + D("82.32")))
    assert [q.cost is None for q in year.quarters] == [False, False, False, True]
    assert "cbam-table.price-unpublished" in said(found)


def test_a_day_takes_the_price_of_its_quarter_or_week_and_a_year_alone_has_none() -> None:
    prices = "prices: [{period: 2027-W01, price: 70}, {period: 2027-Q1, price: 80}, {period: 2027, price: 90}]"
    rows = ["{id: L, date: 2026-03-31, cn: '72083900', origin: CN, net_mass: 10}",
            "{id: W, date: 2027-01-04, cn: '72083900', origin: CN, net_mass: 10}",          # Monday of the first week
            "{id: Q, date: 2027-01-12, cn: '72083900', origin: CN, net_mass: 10}",
            "{id: Y, date: 2027-04-12, cn: '72083900', origin: CN, net_mass: 10}"]
    found = run(*rows, more=prices)
    assert [consignment(found, i).price.figure.value for i in "LWQY"] == [D("75.36"), D(70), D(80), D(90)]
    alone = run("{year: 2026, cn: '72083900', origin: CN, net_mass: 10}")
    assert (default(alone).cost, default(alone).net) == (None, D("2.1698323"))
    assert "cbam-obligation.price-needs-quarter" in said(alone)


def test_an_assumption_gives_way_to_a_published_price_and_one_with_a_source_does_not() -> None:
    assumed = run(COIL, more="prices: [{period: 2026-Q1, price: 99}]")
    assert consignment(assumed).price.source is PriceSource.PUBLISHED
    assert "cbam-obligation.assumption-needless" in said(assumed)
    stated = run(COIL, more="prices: [{period: 2026-Q1, price: 99, source: registry}]")
    assert (consignment(stated).price.source, consignment(stated).price.figure.value) == (PriceSource.STATED, D(99))


def test_assumptions_are_marked_in_the_result() -> None:
    found = run("{date: 2027-05-10, cn: '72083900', origin: CN, net_mass: 10}", more="prices: [{period: 2027, price: 90}]")
    assert consignment(found).price.source is PriceSource.ASSUMPTION
    assert "cbam-obligation.provisional-assumption" in codes(found.provisional)


# --------------------------------------------------------------------------------------------------------------- unknown

UNKNOWN = [
    ("a country whose table is not loaded", "{date: 2026-02-10, cn: '72083900', origin: IN, net_mass: 10}", "cbam-defaults.no-data"),
    ("several default values", "{date: 2026-02-10, cn: '25231000', origin: CN, net_mass: 10}", "cbam-defaults.choose"),
    ("a variant that there is not", "{date: 2026-02-10, cn: '25231000', origin: CN, net_mass: 10, variant: pink}", "cbam-defaults.variant-unknown"),
    ("a benchmark by route where the default row has no letter", "{date: 2026-02-10, cn: '73063018', origin: CN, net_mass: 10}", "cbam-table.benchmark-route-needed"),
    ("a precursor without a default", "{date: 2026-02-10, cn: '73181542', origin: CN, net_mass: 10, actual: {own_direct: 0.1, verification_report: V, precursors: [{cn: '72139110', country: IN, amount: 1}]}}", "cbam-defaults.no-data"),
    ("a precursor without allocation", "{date: 2026-02-10, cn: '73181542', origin: CN, net_mass: 10, actual: {own_direct: 0.1, verification_report: V, precursors: [{cn: '72139110', country: IN, amount: 1, see_direct: 2, verification_report: W}]}}", "cbam-obligation.sefa-not-stated"),
]


@pytest.mark.parametrize(("row", "code"), [u[1:] for u in UNKNOWN], ids=[u[0] for u in UNKNOWN])
def test_what_is_not_known_stays_unknown_with_its_reason_and_is_never_zero(row: str, code: str) -> None:
    found = run(row, COIL, more=ALL)
    assert consignment(found, "1").declared.net is None
    assert code in said(found)
    year = found.years[0]
    assert (year.certificates, year.due, year.cost) == (None, None, None)
    assert year.known_certificates == D("216.98323")


def test_a_stated_route_settles_a_benchmark_that_the_default_row_leaves_open() -> None:
    found = default(run("{date: 2026-02-10, cn: '73063018', origin: CN, net_mass: 10, route: C}"))
    assert (found.sefa, found.routes) == (D("0.975") * D("1.37"), ("C",))


def test_an_unknown_default_does_not_stop_declared_actual_data() -> None:
    found = run("{date: 2026-02-10, cn: '73181542', origin: IN, net_mass: 10, actual: {see_direct: 2, sefa: 1, verification_report: V}}")
    assert (actual(found).certificates, default(found).net, consignment(found).cheaper) == (D(10), None, None)
    assert found.years[0].certificates == 10


# ------------------------------------------------------------------------------------------------------ outlook, notes

def test_the_outlook_runs_to_the_first_year_without_free_allocation() -> None:
    found = run(screws(), outlook=True).goods[0].outlook
    assert [y.year for y in found] == list(range(2026, 2035))
    factors = ("0.975", "0.95", "0.9", "0.775", "0.515", "0.39", "0.265", "0.14", "0")
    assert [y.default.sefa for y in found] == [D(f) * D("1.364") for f in factors]
    assert found[-1].default.net == found[-1].default.see == D("6.375") * D("1.3")
    marked = [y.default.markup for y in found]
    assert marked == [D("0.1"), D("0.2"), *[D("0.3")] * 7]


def test_years_that_are_not_decided_say_so() -> None:
    found = run(screws(), outlook=True).goods[0].outlook
    undecided = [y.year for y in found if "cbam-obligation.preliminary.cscf" in y.preliminary]
    assert undecided == [2031, 2032, 2033]                 # 2034: nothing is allocated any more
    assert [y.year for y in found if not y.preliminary] == [2026, 2034]


def test_the_outlook_says_what_actual_data_save_and_where_they_stop_to() -> None:
    found = run(screws(), more="prices: [{period: 2030, price: 100}]", outlook=True).goods[0].outlook
    y = next(y for y in found if y.year == 2030)
    assert y.actual is not None
    assert y.actual.net is not None
    assert y.default.net is not None
    assert y.actual.sefa is not None
    assert y.saving == CONTEXT.subtract(y.default.net, y.actual.net)
    assert y.saving_cost == CONTEXT.multiply(D(100), y.saving)
    assert y.break_even == CONTEXT.add(y.default.net, y.actual.sefa)
    assert next(y for y in found if y.year == 2031).saving_cost is None      # no price: no cost


def test_published_prices_give_a_cost_each_even_where_only_the_year_is_known() -> None:
    found = run("{year: 2026, cn: '72083900', origin: CN, net_mass: 10}", outlook=True).goods[0].outlook[0]
    assert [(q.period, q.default_cost) for q in found.quotes] == [
        (f"2026-Q{i}", D("2.1698323") * D(p)) for i, p in ((1, "75.36"), (2, "75.28"), (3, "82.32"))]


def test_a_year_with_imports_at_several_prices_takes_their_average_by_mass() -> None:
    found = run("{id: A, quarter: 2026-Q1, cn: '72083900', origin: CN, net_mass: 30}",
                "{id: B, quarter: 2026-Q3, cn: '72083900', origin: CN, net_mass: 10}", outlook=True).goods[0]
    price = found.outlook[0].price
    assert price is not None
    assert price.figure.value == (30 * D("75.36") + 10 * D("82.32")) / 40


def test_every_result_says_its_basis_acts_editions_and_what_is_provisional() -> None:
    found = run(COIL)
    assert found.as_json()["basis"] == "definitive"
    assert {"IR (EU) 2025/2621", "IR (EU) 2025/2620", "Dir 2003/87/EC"} <= set(found.sources)
    assert found.versions == ("IR (EU) 2025/2621, 2025-2621-v1", "IR (EU) 2025/2620, 2025-2620-v1")
    assert {"cbam-obligation.provisional-source", "cbam-obligation.provisional-equations", "cbam-defaults.provisional-corrected"} <= codes(found.provisional)


def test_the_same_input_gives_the_same_result() -> None:
    assert run(COIL, screws(), outlook=True).as_json() == run(COIL, screws(), outlook=True).as_json()
