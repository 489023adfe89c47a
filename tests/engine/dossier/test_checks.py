"""What is wrong in substance loads and becomes a finding: one row of the table a way of being wrong, and one that is right."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerofactory_engine.dossier import Dossier, dossier_from_tree
from zerofactory_engine.dossier.checks.entities import lei_is_sound, uscc_check_character
from zerofactory_engine.dossier.serials import SerialRange, overlapping, serial_range
from zerofactory_engine.messages import render_problem
from zerofactory_engine.problems import Severity

YEAR = {"from": "2025-01-01", "to": "2025-12-31"}
BASE: dict[str, Any] = {"format": "zerofactory/dossier/1", "id": "d",
                        "facility": {"id": "F1", "name": {"en": "Site"}, "gb_t_4754": "C2614"}, "period": YEAR}
GEC = "11010123456789012202503"


def made(**more: Any) -> Dossier:
    return dossier_from_tree({**BASE, **more}, lenient=True)


def codes(dossier: Dossier) -> list[str]:
    return [p.code.removeprefix("dossier.") for p in dossier.checks]


def electricity(**cells: Any) -> dict[str, Any]:
    return {"electricity": [{"id": "E1", "flow": "consumed", "source": "grid", "MWh": "10", **cells}]}


def certificate(**cells: Any) -> dict[str, Any]:
    return {"certificates": [{"id": "C1", "system": "GEC", "MWh": "10", "generated_from": "2025-03-01", "generated_to": "2025-03-31",
                              "retired_on": "2026-01-15", **cells}]}


def serials(first: int, last: int, row: str = "C1", **cells: Any) -> dict[str, Any]:
    return {"id": row, "system": "GEC", "MWh": str(abs(last - first) + 1),
            "serials": {"first": f"{GEC}{first:09d}", "last": f"{GEC}{last:09d}"}, **cells}


def check(**cells: Any) -> dict[str, Any]:
    return {"crosschecks": [{"id": "X1", "unit": "MWh", "value_a": "1000", "value_b": "990", **cells}]}


def steam(**cells: Any) -> dict[str, Any]:
    return {"heat": [{"id": "H1", "medium": "steam", "flow": "consumed", "t": "100", **cells}]}


def document(**cells: Any) -> list[dict[str, Any]]:
    return [{"id": "D1", "kind": "electricity_settlement", **cells}]


def meter(**cells: Any) -> dict[str, Any]:
    return {"meters": [{"id": "M1", "calibrated_until": "2026-06-30", **cells}]}


TWO_ROWS = [{"id": "E1", "flow": "consumed", "source": "grid", "MWh": "1", "meter": "M1", **YEAR},
            {"id": "E2", "flow": "consumed", "source": "grid", "MWh": "1", "meter": "M1", "from": "2025-06-01", "to": "2025-06-30"}]
FUEL = {"id": "G1", "carrier": "natural_gas", "use": "fuel", "Nm3": "10"}

#: what is stated, what is found
CASES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "nothing": ({}, []),
    # series
    "a year of a meter": (meter() | electricity(meter="M1", **YEAR), []),
    "a hole in a series": (meter() | electricity(meter="M1", **{"from": "2025-02-01", "to": "2025-12-31"}), ["series-gap"]),
    "a hole that is explained": (meter() | electricity(meter="M1", **{"from": "2025-02-01", "to": "2025-12-31"}) | {
        "gaps": [{"meter": "M1", "from": "2025-01-01", "to": "2025-01-31", "reason": "failed", "substitution": "none"}]}, ["series-gap-explained"]),
    "two rows of one meter that overlap": (meter() | {"electricity": TWO_ROWS}, ["rows-overlap"]),
    "a bill credit over a row": (meter() | {"electricity": [TWO_ROWS[0], {**TWO_ROWS[1], "MWh": "-1", "correction": "yes"}]}, []),
    "a meter without rows": (meter(measures="electricity"), ["meter-without-rows"]),
    "a meter out of service": (meter(measures="electricity", in_service_to="2024-12-31"), []),
    "a bill over the edge": (electricity(**{"from": "2024-12-20", "to": "2025-01-19"}), ["row-over-edge"]),
    "a bill of last year": (electricity(**{"from": "2024-11-20", "to": "2024-12-19"}), ["row-outside-period"]),
    "a gap without a word": ({"gaps": [{"meter": "M1", "from": "2025-01-01", "to": "2025-01-31"}]}, ["gap-without-reason", "gap-without-substitution"]),
    "a gap without its row": ({"gaps": [{"meter": "M1", "from": "2025-01-01", "to": "2025-01-31", "reason": "x", "substitution": "rated power"}]}, ["gap-not-filled"]),
    "an empty table without declaration": ({"complete": ["credits"]}, ["empty-without-declaration"]),
    "an empty table with declaration": ({"complete": [{"table": "credits", "documents": ["D1"]}], "documents": document()}, []),
    "a calibration that ran out": (meter(calibrated_until="2025-11-30"), ["calibration-overdue"]),
    "a calibration that ran out after the meter": (meter(calibrated_until="2025-11-30", in_service_to="2025-11-30"), []),
    "no calibration where it is required": ({"meters": [{"id": "M1", "required": "yes"}]}, ["calibration-not-stated"]),
    # amounts
    "a negative row": (electricity(MWh="-1"), ["negative"]),
    "a negative correction": (electricity(MWh="-1", correction="yes"), []),
    "a temperature below zero": ({"heat": [{"id": "H", "medium": "cooling", "GJ": "1", "temperature_degC": "-5"}]}, []),
    "more than everything": ({"heat": [{"id": "H", "GJ": "1", "non_fossil_percent": "130"}]}, ["share-above-one"]),
    "everything": ({"heat": [{"id": "H", "GJ": "1", "non_fossil_percent": "100"}]}, []),
    "an estimate without method": (electricity(obtained="estimated"), ["estimate-without-method", "estimated-share"]),
    "an estimate": (electricity(obtained="estimated", estimate={"method": "average"}), ["estimated-share"]),
    "sources that agree within the tolerance": (check(tolerance_percent="1"), []),
    "sources that differ too much": (check(tolerance_percent="0.9"), ["crosscheck-residual"]),
    "sources that are reconciled": (check(tolerance_percent="0", reconciling=[{"what": "billing day", "amount": "10"}]), []),
    "sources that differ without tolerance": (check(), ["crosscheck-no-tolerance"]),
    "a third source that differs": (check(tolerance_percent="1", value_c="500"), ["crosscheck-residual"]),
    "a residual that is not the stated one": (check(tolerance_percent="2", residual_percent="0.5"), ["crosscheck-stated-differs"]),
    "a residual as stated, rounded": (check(value_b="987", tolerance_percent="2", residual_percent="1.3"), []),
    "a chosen source without value": (check(tolerance_percent="1", chosen="c"), ["crosscheck-chosen-missing"]),
    "readings that fit": (electricity(MWh="24", reading_from="100", reading_to="400", ct_ratio="80"), []),
    "readings that do not fit": (electricity(MWh="25", reading_from="100", reading_to="400", ct_ratio="80"), ["readings-differ"]),
    "readings backwards": (electricity(MWh="24", reading_from="400", reading_to="100"), ["readings-backwards"]),
    # energy
    "fuel": ({"energy": [{**FUEL, "carrier": "diesel"}]}, []),
    "feedstock of the sector as fuel": ({"energy": [{**FUEL, "carrier": "naphtha"}]}, ["feedstock-as-fuel"]),
    "what is nowhere a fuel": ({"energy": [{**FUEL, "carrier": "bitumen"}]}, ["feedstock-as-fuel"]),
    "feedstock as feedstock": ({"energy": [{**FUEL, "carrier": "naphtha", "use": "feedstock"}]}, []),
    "fuel with evidence of conversion": ({"energy": [{**FUEL, "carrier": "diesel", "documents": ["D1"]}], "documents": document(kind="material_analysis")}, ["feedstock-as-fuel"]),
    "feedstock with evidence of burning": ({"energy": [{**FUEL, "use": "feedstock", "documents": ["D1"]}], "documents": document(kind="fuel_analysis")}, ["fuel-as-feedstock"]),
    "discharge as generation": (electricity(flow="generated", source="storage"), ["discharge-as-generation"]),
    "more out of a storage than went in": ({"storage": [{"charged_MWh": "10", "discharged_MWh": "12"}]}, ["discharge-above-charge"]),
    "a storage that was full at the start": ({"storage": [{"charged_MWh": "10", "discharged_MWh": "11", "capacity_MWh": "2"}]}, []),
    "steam without state": (steam(), ["steam-without-state"]),
    "steam with pressure only": (steam(pressure_MPa="1", pressure_kind="gauge"), ["steam-without-state"]),
    "steam with state": (steam(pressure_MPa="1", temperature_degC="200", pressure_kind="gauge"), []),
    "saturated steam with pressure": (steam(pressure_MPa="1", state="saturated", pressure_kind="absolute"), []),
    "steam whose pressure is of no kind": (steam(pressure_MPa="1", temperature_degC="200"), ["pressure-kind-missing"]),
    "steam with heat": (steam(GJ="280"), []),
    # certificates and credits
    "certificates": ({"certificates": [serials(1, 100), serials(101, 200, "C2")]}, []),
    "certificates that overlap": ({"certificates": [serials(1, 100), serials(100, 200, "C2")]}, ["serials-overlap"]),
    "certificates backwards": ({"certificates": [serials(100, 1)]}, ["serials-backwards"]),
    "serials of two series": ({"certificates": [{"id": "C1", "serials": {"first": "A-1", "last": "B-2"}}]}, ["serials-no-range"]),
    "more MWh than certificates": ({"certificates": [serials(1, 100, MWh="101")]}, ["serials-quantity"]),
    "more credits than serials": ({"credits": [{"quantity": "5", "serials": {"first": "K-1", "last": "K-4"}}]}, ["serials-quantity"]),
    "credits of two programmes with equal serials": ({"credits": [{"programme": p, "quantity": "4", "serials": {"first": "K-1", "last": "K-4"}} for p in ("CCER", "VCS")]}, []),
    "a certificate in time": (certificate(), []),
    "a certificate past its own day": (certificate(expires_on="2026-01-14"), ["certificate-expired"]),
    "a certificate past the two years of its system": (certificate(generated_from="2024-01-01", generated_to="2024-01-31", retired_on="2026-01-01"), ["certificate-expired"]),
    "a certificate on the last day of the two years": (certificate(generated_from="2024-01-01", generated_to="2024-01-31", retired_on="2025-12-31"), []),
    "a certificate of before 2024": (certificate(generated_from="2022-03-01", generated_to="2022-03-31"), ["certificate-expired"]),
    "a certificate cancelled because it expired": (certificate(cancellation_reason="expired"), ["certificate-expired"]),
    "a certificate with an expired state": (certificate(status_history=[{"status": "issued", "on": "2025-04-20"}, {"status": "expired", "on": "2026-01-02"}]), ["certificate-expired"]),
    "a certificate used before its power was made": (certificate(retired_on="2025-03-30"), ["retired-before-generation"]),
    "a bundled certificate without contract": (certificate(bundled="yes"), ["bundled-without-contract"]),
    # documents
    "a document that covers the row": (electricity(**YEAR, documents=["D1"]) | {"documents": document(covers_from="2025-01-01", covers_to="2025-12-31")}, []),
    "a document that does not": (electricity(**YEAR, documents=["D1"]) | {"documents": document(covers_from="2025-01-01", covers_to="2025-11-30")}, ["document-does-not-cover"]),
    "two documents that cover together": (electricity(**YEAR, documents=["D1", "D2"]) | {"documents": [
        {"id": "D1", "kind": "contract", "covers_from": "2025-01-01", "covers_to": "2025-06-30"},
        {"id": "D2", "kind": "contract", "covers_from": "2025-07-01", "covers_to": "2025-12-31"}]}, []),
    "a document of no kind": ({"documents": [{"id": "D1"}]}, ["document-without-kind"]),
    "a document of an unknown kind": ({"documents": document(kind="electricity_settlment")}, ["document-kind-unknown"]),
    "a document that ran out": ({"documents": document(valid_to="2025-06-30")}, ["document-expired"]),
    "a value confirmed by nobody": (electricity(basis={"level": "sighted"}), ["basis-without-person"]),
    "a value confirmed by somebody": (electricity(basis={"level": "sighted", "by": "assessor-7", "on": "2026-02-01"}), []),
    "one file under two ids": ({"documents": [{"id": i, "kind": "photo", "sha256": "ab" * 32} for i in ("D1", "D2")]}, ["document-twice"]),
    "a document that covers backwards": ({"documents": document(covers_from="2025-12-31", covers_to="2025-01-01")}, ["days-in-disorder"]),
    # entities
    "a credit code": ({"organisation": {"name": {"en": "A"}, "unified_social_credit_code": "91350100M000100Y43"}}, []),
    "a wrong credit code": ({"organisation": {"name": {"en": "A"}, "unified_social_credit_code": "91350100M000100Y44"}}, ["uscc-check"]),
    "a wrong credit code of another entity": ({"organisation": {"name": {"en": "A"}, "entities": [
        {"id": "B", "name": {"en": "B"}, "unified_social_credit_code": "91350100M000100Y44"}]}}, ["uscc-check"]),
    "an LEI": ({"organisation": {"name": {"en": "A"}, "lei": "529900T8BM49AURSDO55"}}, []),
    "a wrong LEI": ({"organisation": {"name": {"en": "A"}, "lei": "529900T8BM49AURSDO56"}}, ["lei-check"]),
    "a province that is none": ({"facility": {"id": "F1", "name": {"en": "S"}, "province": "CN-ZZ"}}, ["province-unknown"]),
    "a province elsewhere": ({"facility": {"id": "F1", "name": {"en": "S"}, "province": "US-TX"}}, []),
    "a title that ended": ({"facility": {"id": "F1", "name": {"en": "S"}, "titles": [{"title": "national_green_factory", "valid_to": "2025-06-30"}]}}, ["title-expired"]),
    "a management system that ended": ({"management_systems": [{"standard": "GB/T 23331", "valid_to": "2025-10-01"}]}, ["management-expired"]),
    "a management system that is suspended": ({"management_systems": [{"valid_to": "2027-10-01", "status": "suspended"}]}, ["management-not-valid"]),
    "a part neither in nor out": ({"boundary": {"parts": [{"id": "T1", "kind": "tenant"}]}}, ["part-not-decided"]),
    "a part left out without reason": ({"boundary": {"parts": [{"id": "T1", "inside": "no"}]}}, ["part-without-reason"]),
    "a part left out with reason": ({"boundary": {"parts": [{"id": "T1", "inside": "no", "reason": "own meter"}]}}, []),
    "an exclusion without reason and estimate": ({"boundary": {"exclusions": [{"what": "septic tank"}]}}, ["exclusion-without-reason", "exclusion-without-estimate"]),
}


@pytest.mark.parametrize(("stated", "found"), CASES.values(), ids=CASES.keys())
def test_found(stated: dict[str, Any], found: list[str]) -> None:
    dossier = made(**stated)
    assert codes(dossier) == found
    for problem in dossier.checks:
        assert problem.severity is not Severity.ERROR
        assert problem.place.path
        for language in ("zh", "en"):
            assert problem.code not in render_problem(problem, language)


def test_every_check_has_a_case_that_it_finds() -> None:
    from zerofactory_engine.messages import catalogue

    found = {c for _, codes in CASES.values() for c in codes}
    other = {"dossier.reason-", "dossier.template-", "dossier.workbook-", "dossier.check-"}
    refused = {"unknown-format", "unknown-major", "duplicate-id", "unknown-document", "unknown-reference", "evidence-mark",
               "dates-backwards", "amount-alone", "amount-twice", "file-exists",       # test_broken, test_commands
               "hash-differs", "file-missing", "file-unlisted", "cell-missing", "cell-differs", "reading-ignored"}        # test_submission
    every = {c.removeprefix("dossier.") for c in catalogue("en") if c.startswith("dossier.") and not c.startswith(tuple(other))}
    assert every - refused - found == set()


def test_estimated_share_is_of_the_total_it_belongs_to() -> None:
    rows: list[dict[str, Any]] = [{"id": f"E{i}", "flow": "consumed", "source": "grid", "MWh": "30", "obtained": "metered"} for i in range(3)]
    rows += [{"id": "G", "flow": "consumed", "source": "grid", "MWh": "10", "obtained": "estimated", "estimate": {"method": "x"}},
             {"id": "X", "flow": "exported", "source": "on-site", "MWh": "900", "obtained": "metered"}]
    found = made(electricity=rows).checks
    assert [(p.found, p.args["rows"]) for p in found] == [("10 %", "G")]


@pytest.mark.parametrize(("code", "check"), [("91350100M000100Y4", "3"), ("91110000600037341", "L"), ("9144030071526726X", "G")])
def test_check_character_of_credit_codes(code: str, check: str) -> None:
    assert uscc_check_character(code + "0") == check


def test_a_letter_that_credit_codes_do_not_use() -> None:
    assert uscc_check_character("9135010OM000100Y43") is None
    assert lei_is_sound("529900T8BM49AURSDO55")


@pytest.mark.parametrize(("first", "last", "count"), [
    ("A-001", "A-010", 10), ("X", "X", 1), ("7", "7", 1), ("A9", "A10", 2), ("A09", "A010", None), ("GS1-110", "GS1-5463", 5354), ("A-1-z", "A-3-z", 3), ("A-1-z", "A-3-y", None), ("", "1", None)])
def test_serial_ranges(first: str, last: str, count: int | None) -> None:
    found = serial_range(first, last)
    assert (None if found is None else len(found)) == count
    if found is not None and found.high:
        assert (found.first, found.last) == (first, last)


def test_serials_of_varying_length_meet_serials_of_one_length() -> None:
    long = serial_range("GS1-110", "GS1-5463")
    one, other = serial_range("GS1-200", "GS1-210"), serial_range("GS1-0200", "GS1-0210")
    assert long is not None
    assert one is not None
    assert other is not None
    assert long.overlap(one) == one.overlap(long) == one
    assert one.overlap(other) is None


def test_credits_whose_serials_vary_in_length_are_a_range_and_overlap_with_those_of_one_length() -> None:
    long = {"id": "K1", "programme": "Gold Standard", "quantity": "5354", "serials": {"first": "GS1-110", "last": "GS1-5463"}}
    short = {"id": "K2", "programme": "Gold Standard", "quantity": "11", "serials": {"first": "GS1-200", "last": "GS1-210"}}
    padded = {"id": "K3", "programme": "Gold Standard", "quantity": "2", "serials": {"first": "GS1-09", "last": "GS1-010"}}
    found = {(p.code, p.place.path): (p.found, p.args.get("other")) for p in made(credits=[long, short, padded]).checks
             if p.code.startswith("dossier.serials")}
    assert found == {("dossier.serials-overlap", "credits/K2/serials"): ("GS1-200 … GS1-210", "K1"),
                     ("dossier.serials-no-range", "credits/K3/serials"): ("GS1-09 … GS1-010", None)}


@given(st.lists(st.builds(lambda head, width, low, size: SerialRange(head, "", width, low, low + size),
                          st.sampled_from(["A-", "B-"]), st.sampled_from([0, 3, 4]), st.integers(100, 160), st.integers(0, 20)),
                max_size=12))
def test_sweep_over_serials_finds_every_pair_once(ranges: list[SerialRange]) -> None:
    wanted = [(i, j, shared) for i in range(len(ranges)) for j in range(i)
              if (shared := ranges[i].overlap(ranges[j])) is not None]
    assert [(i, j, (s.low, s.high)) for i, j, s in overlapping(ranges)] == [(i, j, (s.low, s.high)) for i, j, s in wanted]
