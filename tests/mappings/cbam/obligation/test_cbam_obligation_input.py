"""Bad lists of consignments: every mistake is told with its place, all at once, and nothing is computed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.mappings.cbam.obligation.lists import COIL, D, codes, problems_of, read, text

from zerofactory_engine.messages import render_problem
from zerofactory_engine.problems import Severity
from zerofactory_mappings.cbam.obligation.model import Data
from zerofactory_mappings.cbam.obligation.read import read_bytes, read_obligation


def made(**fields: str) -> str:
    """A coil with some fields changed; an empty value leaves the field out."""
    whole = {"date": "2026-02-10", "cn": "'72083900'", "origin": "CN", "net_mass": "100"} | fields
    return "{" + ", ".join(f"{k}: {v}" for k, v in whole.items() if v) + "}"


ACTUAL = "{see_direct: 2, verification_report: V}"
PAID = "amount: 60, per: tCO2e, currency: CNY, rebate: 0, exchange_rate: 8, exchange_year: 2026, covered_share: 1, free_share: 0"

#: What is wrong, a file that shows it, the code, and what the message has to name.
BAD = [
    ("no format", "consignments: [" + COIL + "]", "cbam-obligation.no-format", "cbam-obligation/1"),
    ("another format", text(COIL).replace("obligation/1", "input/1"), "cbam-obligation.other-format", "zerofactory/cbam-obligation/1"),
    ("no consignments", "format: zerofactory/cbam-obligation/1", "typed.missing-key", "consignments"),
    ("an empty list", "format: zerofactory/cbam-obligation/1\nconsignments: []", "typed.list-length", "0"),
    ("an unknown field", text(made(nett_mass="100")), "typed.unknown-key-near", "nett_mass"),
    ("no code", text(made(cn="")), "typed.missing-key", "cn"),
    ("a code of six digits", text(made(cn="'720839'")), "cbam-scope.cn-short", "72083900"),
    ("a code that is none", text(made(cn="coil")), "cbam-scope.cn-malformed", "coil"),
    ("a code out of scope", text(made(cn="'84713000'")), "cbam-scope.cn-out-of-scope", "84713000"),
    ("a code that ended", text(made(cn="'31021010'", origin="EG")), "cbam-scope.cn-ended", "31021012"),
    ("an unknown country", text(made(origin="Atlantis")), "cbam-scope.country-unknown", "Atlantis"),
    ("an unknown country of production", text(made(produced_in="Atlantis")), "cbam-scope.country-unknown", "Atlantis"),
    ("no time", text(made(date="")), "cbam-obligation.one-time", "date"),
    ("two times", text(made(quarter="2026-Q1")), "cbam-obligation.one-time", "date, quarter"),
    ("a day that is none", text(made(date="2026-02-30")), "typed.not-a-date", "2026-02-30"),
    ("a quarter that is none", text(made(date="", quarter="2026-Q5")), "typed.pattern", "2026-Q5"),
    ("an import before the definitive period", text(made(date="2025-12-31")), "cbam-obligation.before-start", "2025-12-31"),
    ("no quantity", text(made(net_mass="")), "cbam-obligation.one-quantity", "net_mass"),
    ("two quantities", text(made(energy="5")), "cbam-obligation.one-quantity", "net_mass, energy"),
    ("a quantity of nothing", text(made(net_mass="0")), "typed.out-of-bounds", "> 0"),
    ("a negative quantity", text(made(net_mass="-5")), "typed.out-of-bounds", "-5"),
    ("a quantity in another unit", text(made(net_mass="100 MWh")), "typed.wrong-dimension", "MWh"),
    ("a decimal comma", text(made(net_mass="'1,5'")), "typed.not-a-number", "1,5"),
    ("steel by energy", text(made(net_mass="", energy="5")), "cbam-obligation.quantity-kind", "MWh"),
    ("electricity by mass", text(made(cn="'27160000'")), "cbam-obligation.quantity-kind", "energy"),
    ("made after it was imported", text(made(production_year="2027")), "cbam-obligation.made-after-import", "2027"),
    ("made before the definitive period", text(made(date="2027-02-01", production_year="2025")), "cbam-obligation.made-before-start", "2025"),
    ("actual values declared, none given", text(made(data="actual")), "cbam-obligation.actual-missing", "actual"),
    ("a kind of data that is none", text(made(data="estimated")), "typed.not-in-list", "default, actual"),
    ("actual values without any", text(made(actual="{sefa: 1}")), "cbam-obligation.actual-form", "see_direct"),
    ("actual values in two forms", text(made(actual="{see_direct: 1, own_direct: 1}")), "cbam-obligation.actual-form", "see_direct, own_direct"),
    ("totals beside precursors", text(made(actual="{see_direct: 1, precursors: [{cn: '72139110', amount: 1}]}")), "cbam-obligation.totals-with-precursors", "own_direct"),
    ("negative emissions", text(made(actual="{see_direct: -1}")), "typed.out-of-bounds", "-1"),
    ("emissions per MWh for steel", text(made(actual="{see_direct: 1 tCO2e/MWh}")), "typed.wrong-dimension", "tCO2e/MWh"),
    ("no indirect emissions of a fertiliser", text(made(cn="'31021019'", actual=ACTUAL)), "cbam-obligation.indirect-missing", "see_indirect"),
    ("allocation of a year to come", text(made(actual="{see_direct: 1, sefa: 1, sefa_year: 2027}")), "cbam-obligation.sefa-year", "2027"),
    ("an actual precursor without a value", text(made(actual="{own_direct: 1, precursors: [{cn: '72139110', amount: 1, data: actual, verification_report: V}]}")), "cbam-obligation.precursor-actual-missing", "see_direct"),
    ("an actual precursor without a report", text(made(actual="{own_direct: 1, precursors: [{cn: '72139110', amount: 1, see_direct: 2}]}")), "cbam-obligation.precursor-not-verified", "72139110"),
    ("a precursor without an amount", text(made(actual="{own_direct: 1, precursors: [{cn: '72139110'}]}")), "typed.missing-key", "amount"),
    ("a precursor of an unknown country", text(made(actual="{own_direct: 1, precursors: [{cn: '72139110', amount: 1, country: Mordor}]}")), "cbam-scope.country-unknown", "Mordor"),
    ("a carbon price without its rebate", text(made(carbon_price="[{amount: 60, per: t, currency: EUR}]")), "typed.missing-key", "rebate"),
    ("a carbon price in yuan without a rate", text(made(carbon_price="[{amount: 60, per: t, currency: CNY, rebate: 0}]")), "cbam-obligation.exchange-rate-missing", "CNY"),
    ("a rate of the euro", text(made(carbon_price="[{amount: 60, per: t, currency: EUR, rebate: 0, exchange_rate: 7.8}]")), "cbam-obligation.exchange-rate-of-euro", "7.8"),
    ("a carbon price by emissions without its share", text(made(carbon_price="[{amount: 60, per: tCO2e, currency: EUR, rebate: 0, free_share: 0}]")), "cbam-obligation.share-missing", "covered_share"),
    ("a share over one", text(made(carbon_price=f"[{{{PAID.replace('covered_share: 1', 'covered_share: 80')}}}]")), "typed.out-of-bounds", "80"),
    ("a rebate over the price", text(made(carbon_price=f"[{{{PAID.replace('rebate: 0', 'rebate: 61')}}}]")), "cbam-obligation.rebate-over-price", "61"),
    ("a carbon price paid in the EU", text(made(carbon_price=f"[{{{PAID}, country: DE}}]")), "cbam-obligation.carbon-price-country", "Germany"),
    ("a price of a period that is none", text(COIL, more="prices: [{period: 2026-13, price: 80}]"), "typed.pattern", "2026-13"),
    ("a week that is none", text(COIL, more="prices: [{period: 2027-W53, price: 80}]"), "cbam-obligation.no-such-week", "2027-W53"),
    ("a price twice", text(COIL, more="prices: [{period: 2027, price: 80}, {period: 2027, price: 81}]"), "cbam-obligation.price-twice", "2027"),
    ("a price below nothing", text(COIL, more="prices: [{period: 2027, price: -80}]"), "typed.out-of-bounds", "-80"),
    ("an open question that there is not", text(COIL, more="readings: {mark_up: import}"), "cbam-obligation.reading-unknown", "markup_year"),
    ("an answer that there is not", text(COIL, more="readings: {markup_year: 2026}"), "cbam-obligation.alternative-unknown", "production, import"),
    ("an importer outside the EU", text(COIL, more="importer: {name: X, member_state: China}"), "cbam-obligation.not-a-member-state", "China"),
    ("an EORI number that is none", text(COIL, more="importer: {name: X, eori: '12345'}"), "typed.pattern", "12345"),
    ("an id twice", text(COIL, COIL), "cbam-obligation.consignment-twice", "A"),
    ("a year without imports", text(COIL, more="years: [2026, 2028]"), "cbam-obligation.year-empty", "2028"),
    ("surrendered before there was anything", text(COIL, more="surrendered: [{year: 2025, cn: '72083900', origin: CN, net_mass: 1, certificates: 1}]"), "cbam-obligation.before-start", "2025"),
    ("a file elsewhere", text(made(actual="{result: {file: ../plant.yaml, product: X}}")), "cbam-obligation.file-elsewhere", "../plant.yaml"),
    ("not YAML", "format: [", "yaml.syntax", ""),
]


@pytest.mark.parametrize(("source", "code", "named"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_a_mistake_is_told_with_what_was_found_or_is_accepted(source: str, code: str, named: str, tmp_path: Path) -> None:
    found = [p for p in problems_of(source, folder=tmp_path) if p.code == code]
    assert found, codes(problems_of(source, folder=tmp_path))
    assert any(named in render_problem(p, "en") for p in found)
    assert all(p.place.file == "imports.yaml" or p.place.path for p in found)
    assert all(code not in render_problem(p, lang) for p in found for lang in ("zh", "en"))     # there is a sentence


def test_all_mistakes_of_a_file_come_at_once_each_with_its_line() -> None:
    found = problems_of(text(made(cn="'7208'"), made(origin="Atlantis", net_mass="-1"), made(date="2025-01-01"),
                             more="readings: {x: y}\nprices: [{period: 2027-W53, price: 80}]"))
    assert codes(found) >= {"cbam-scope.cn-short", "cbam-scope.country-unknown", "typed.out-of-bounds", "cbam-obligation.before-start",
                            "cbam-obligation.reading-unknown", "cbam-obligation.no-such-week"}
    lines = {p.code: p.place.line for p in found}
    assert (lines["cbam-scope.cn-short"], lines["cbam-scope.country-unknown"], lines["cbam-obligation.before-start"]) == (3, 4, 5)


WARNED = [
    ("actual values that nobody verified", made(actual="{see_direct: 2}"), "cbam-obligation.not-verified", Severity.WARNING),
    ("the same for comparison only", made(data="default", actual="{see_direct: 2}"), "cbam-obligation.not-verified", Severity.NOTE),
    ("indirect emissions of steel", made(actual="{see_direct: 2, see_indirect: 1, verification_report: V}"), "cbam-obligation.indirect-not-counted", Severity.WARNING),
    ("a rate of an unknown year", made(carbon_price="[{amount: 60, per: t, currency: CNY, rebate: 0, exchange_rate: 8}]"), "cbam-obligation.exchange-year-missing", Severity.WARNING),
    ("a value beside a default", made(actual="{own_direct: 1, precursors: [{cn: '72139110', amount: 1, data: default, see_direct: 2}]}"), "cbam-obligation.value-beside-default", Severity.WARNING),
    ("a code of ten digits", made(cn="'7208390000'"), "cbam-scope.cn-taric", Severity.NOTE),
    ("a code that is covered in part", made(cn="'25070080'"), "cbam-scope.cn-part", Severity.NOTE),
]


@pytest.mark.parametrize(("row", "code", "severity"), [w[1:] for w in WARNED], ids=[w[0] for w in WARNED])
def test_what_can_be_used_but_has_to_be_known_is_told_beside_the_result(row: str, code: str, severity: Severity) -> None:
    found = [p for p in read(row).problems if p.code == code]
    assert [p.severity for p in found] == [severity]


def test_an_eori_number_of_another_country_is_told_and_greece_has_its_own_letters() -> None:
    assert "cbam-obligation.eori-country" in codes(read(COIL, more="importer: {name: X, eori: FR1, member_state: DE}").problems)
    assert read(COIL, more="importer: {name: X, eori: EL1, member_state: GR}").problems == ()


def test_the_same_list_as_yaml_and_as_json_reads_equal() -> None:
    rows = {"format": "zerofactory/cbam-obligation/1", "consignments": [
        {"id": "A", "date": "2026-02-10", "cn": "72083900", "origin": "CN", "net_mass": "100 t"}]}
    by_json = read_bytes(json.dumps(rows).encode(), "x.json").consignments[0]
    by_yaml = read(COIL).consignments[0]
    assert (by_json.mass.value, by_json.when, by_json.good, by_json.data) == (by_yaml.mass.value, by_yaml.when, by_yaml.good, Data.DEFAULT)


def test_units_are_converted_once_and_exactly() -> None:
    found = read(made(net_mass="20500 kg", actual="{see_direct: 1900 kgCO2e/t, verification_report: V}")).consignments[0]
    assert found.mass.value == D("20.5")
    assert found.actual is not None
    assert found.actual.see_direct is not None
    assert found.actual.see_direct.value == D("1.9")


def test_a_code_may_be_a_number_or_spaced_and_a_country_a_name_in_either_language() -> None:
    for cn, origin in (("72083900", "China"), ("'7208 39 00'", "中国"), ("'7208.39.00'", "cn")):
        found = read(made(cn=cn, origin=origin)).consignments[0]
        assert (found.good.cn, found.origin.id) == ("72083900", "CN")


def test_actual_data_are_declared_where_they_are_given_and_nothing_else_is_said() -> None:
    assert read(made(actual=ACTUAL)).consignments[0].data is Data.ACTUAL
    assert read(made(data="default", actual=ACTUAL)).consignments[0].data is Data.DEFAULT


def test_the_example_reads(root: Path) -> None:
    imports = read_obligation(root / "standards/schemas/examples/cbam-obligation.yaml")
    assert [c.id for c in imports.consignments] == ["C1", "C2", "C3", "C4", "C5", "C6"]
    assert imports.years == (2026, 2027)
