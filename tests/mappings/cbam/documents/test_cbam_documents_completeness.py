"""Every item of every document in a case where it is present and in one where it is missing, and why.

The tables read: item, what is taken out of input (i:) or plan (p:), or misdirected (m:), what then lacks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from tests.mappings.cbam.documents.cases import (
    GONE,
    HERE,
    VERIFICATION_EXAMPLE,
    changed,
    everything,
    fasteners,
    plan,
    plan_of,
    result_of,
    tree,
    verification_of,
)

from zerofactory_mappings.cbam.compute import compute
from zerofactory_mappings.cbam.documents.build import emissions_report, summary_report
from zerofactory_mappings.cbam.documents.build_plan import plan_report
from zerofactory_mappings.cbam.documents.build_verification import verification_report, verify
from zerofactory_mappings.cbam.documents.items import document
from zerofactory_mappings.cbam.documents.model import Report, State
from zerofactory_mappings.cbam.model import Given, Installation

INPUT, PLAN = HERE / "everything.yaml", HERE / "everything-plan.yaml"
S = "p:statements/0"
EMISSIONS = [
    ("1", ("i:operator/name", "p:operator/name"), "operator_name"),
    ("2", ("p:other_processes",), "other_processes"),
    ("3", (f"{S}/electricity",), "uses/1/supplier"),
    ("4", ("p:own_electricity",), "units/1/fuel"),
    ("5", ("p:waste_gases",), "flows/1/partner"),
    ("6", (f"{S}/co2",), "transfers/1/amount"),
    ("7", ("i:source_streams/3/amount",), "direct"),
    ("8", (f"{S}/months_monitored",), "months"),
    ("9", ("i:processes/3/electricity/0/consumed",), "amount"),
    ("10", ("i:processes/3/electricity/0/consumed",), "processes/2/amount"),
    ("11", (f"{S}/electricity/1/installation",), "suppliers/2/installation"),
    ("12", ("i:processes/0/electricity/0/ef",), "sources/1/factor"),
    ("13", ("i:products/3/cn",), "goods/4/cn"),
    ("14", (f"{S}/other_goods",), "goods"),
    ("15", (f"{S}/data_quality",), "data_quality"),
    ("16", (f"{S}/gaps",), "gaps"),
    ("17", ("i:processes/0/waste_gas_applies",), "processes/1/gas_in"),
    ("18", ("i:processes/0/production",), "precursors/1/made"),
    ("19", ("m:to_processes",), "uses/1/process"),
    ("20", ("i:precursors/0/cn",), "precursors/1/cn"),
    ("21", ("m:used_in",), "uses/1/process"),
    ("22", ("i:precursors/0/cn",), "precursors/1/cn"),
    ("23", ("i:precursors/1/country",), "precursors/1/country"),
    ("24", (f"{S}/averages",), "averages"),
    ("25", (f"{S}/averages/0/method",), "averages/1/method"),
    ("26", ("i:processes/4/electricity/0/consumed",), "processes/5/amount"),
    ("27", ("m:to_processes",), "uses/1/process"),
    ("28", ("p:processes/3/precursors/0/operator", "p:processes/3/precursors/0/supplier"), "origins/1/operator"),
    ("29", (*(f"i:source_streams/{n}/attributed" for n in range(5)), "i:pfc/0/attributed", "i:measured/0/attributed",
            "i:processes/4/direct"), "rules"),
    ("30", ("i:processes/1/production",), "processes/2/level"),
    ("31", (f"{S}/inside",), "inside"),
    ("32", ("i:energy_units/0/documents",), "factors/2/evidence"),
    ("33", ("i:processes/0/electricity/2/ef",), "factors/1/factor"),
    ("34", ("i:processes/0/production",), "routes/1/amount"),
    ("35", ("i:products/1/parameters/manganese",), "parameters/2/value"),
    ("A", (f"{S}/declarants/0/confirmed",), "declarants/1/confirmed"),
]
SUMMARY = [
    ("1", ("i:operator/name", "p:operator/name"), "operator_name"),
    ("2", ("i:installation/latitude",), "latitude"),
    ("3", ("i:products/0/cn",), "processes/1/cn"),
    ("4", ("i:processes/0/production",), "goods/1/see_direct"),
    ("5", (f"{S}/benchmarks_confirmed",), "benchmarks_confirmed"),
    ("6", ("i:source_streams/3/amount",), "direct"),
    ("7", ("i:processes/3/electricity/0/consumed",), "processes/2/indirect"),
    ("8", ("i:processes/0/heat/imported_from",), "partners/2/partner"),
    ("9", ("p:zero_rated/0/evidence",), "fuels/1/evidence"),
    ("10", ("p:waste_gases",), "flows/1/partner"),
    ("11", ("p:co2/0/method",), "transfers/1/method"),
    ("12", ("p:own_electricity",), "units/1/fuel"),
    ("13", ("i:precursors/0/cn",), "precursors/1/cn"),
    ("14", ("i:precursors/1/country",), "precursors/1/country"),
    ("15", (f"{S}/averages",), "averages"),
    ("16", ("p:processes/3/precursors/0/operator", "p:processes/3/precursors/0/supplier"), "origins/1/operator"),
]
PLAN_ITEMS = [
    ("1", ("p:versions/0/reason",), "versions/1/reason"),
    ("2", ("p:installation/description",), "description"),
    ("3", ("p:processes/0/goods",), "goods/1/cn"),
    ("4", ("p:processes/1/routes",), "processes/2/routes"),
    ("5", ("p:other_goods/0/amount",), "goods/1/amount"),
    ("6", ("p:processes/0/benchmarks",), "benchmarks/1/cn"),
    ("7", ("p:meters/0/location",), "meters/1/location"),
    ("8", ("p:streams/0/factors",), "factors/1/factor"),
    ("9", ("p:processes/0/sources",), "sources/1/source"),
    ("10", ("p:streams/0/activity_data",), "streams/1/activity"),
    ("11", ("p:measured/0/location",), "sources/1/location"),
    ("12", ("p:pfc/0/technology",), "cells/1/technology"),
    ("13", ("p:diagram/no_gaps",), "no_gaps"),
    ("14", ("p:processes/1/precursors/1/supplier",), "precursors/2/supplier"),
    ("15", ("p:zero_rated/0/evidence",), "fuels/1/evidence"),
    ("16", ("p:heat/0/method",), "partners/1/method"),
    ("17", ("p:own_electricity/0/fuel",), "units/1/fuel"),
    ("18", ("p:indirect_factors/0/evidence",), "factors/1/evidence"),
    ("19", ("p:imported_electricity/0/evidence",), "evidence/1/evidence"),
    ("20", ("p:waste_gases/0/method",), "partners/1/method"),
    ("21", ("p:co2/0/receiver",), "transfers/1/receiver"),
    ("22", ("p:controls/d",), "d"),
]


def _made(kind: str, taken: tuple[str, ...], value: object = GONE) -> Report:
    data = changed(INPUT, *((t[2:], value) for t in taken if t.startswith("i:")))
    of_plan = changed(PLAN, *((t[2:], value) for t in taken if t.startswith("p:")))
    result, found = result_of(data), plan_of(of_plan)
    if any(t.startswith("m:") for t in taken):
        result = compute(_misdirected(result.given), proof=True)
    if kind == "monitoring_plan":
        return plan_report(result, found)
    return emissions_report(result, found) if kind == "emissions_report" else summary_report(result, found)


def _misdirected(given: Installation) -> Installation:
    """Goods and precursors handed to a process that does not exist, which no file could say."""
    def astray(amounts: Mapping[str, Given]) -> dict[str, Given]:
        return {f"NO-{name}": amount for name, amount in amounts.items()}

    return replace(given, processes=tuple(replace(p, to_processes=astray(p.to_processes)) for p in given.processes),
                   precursors=tuple(replace(p, used_in=astray(p.used_in)) for p in given.precursors))


def _whole(kind: str) -> Report:
    case = everything()
    if kind == "monitoring_plan":
        return plan_report(case.result, plan(case))
    return (emissions_report if kind == "emissions_report" else summary_report)(case.result, case.plan)


TABLES: Mapping[str, Sequence[tuple[str, tuple[str, ...], str]]] = {"emissions_report": EMISSIONS, "summary_report": SUMMARY, "monitoring_plan": PLAN_ITEMS}
ROWS = [(kind, *row) for kind, rows in TABLES.items() for row in rows]


@pytest.mark.parametrize("kind", TABLES)
def test_every_item_of_the_law_has_its_cases(kind: str) -> None:
    assert [row[0] for row in TABLES[kind]] == [i.number for i in document(kind).items]


@pytest.mark.parametrize("kind", TABLES)
def test_with_everything_every_item_is_present(kind: str) -> None:
    report = _whole(kind)
    assert {i.item.number: (i.state, i.lacking) for i in report.items if i.state is not State.PRESENT} == {}
    assert report.complete


@pytest.mark.parametrize(("kind", "number", "taken", "lacks"), ROWS, ids=lambda v: str(v) if isinstance(v, str) else "")
def test_what_is_taken_out_is_missing(kind: str, number: str, taken: tuple[str, ...], lacks: str) -> None:
    report = _made(kind, taken)
    found = report.item(number)
    assert found.state is State.MISSING
    assert lacks in found.lacking
    assert not report.complete


@pytest.mark.parametrize(("number", "flag"), [("13", "diagram/no_gaps"), ("13", "diagram/no_double_counting")])
def test_a_confirmation_counts_only_when_it_says_yes(number: str, flag: str) -> None:
    report = _made("monitoring_plan", (f"p:{flag}",), "no")
    assert report.item(number).lacking == (flag.split("/")[1],)


@pytest.mark.parametrize(("kind", "section", "numbers"), [
    ("monitoring_plan", "other_goods", "5"), ("monitoring_plan", "streams", "10"), ("monitoring_plan", "measured", "11"),
    ("monitoring_plan", "pfc", "12"), ("monitoring_plan", "zero_rated", "15"), ("monitoring_plan", "heat", "16"),
    ("monitoring_plan", "own_electricity", "17"), ("monitoring_plan", "indirect_factors", "18"),
    ("monitoring_plan", "imported_electricity", "19"), ("monitoring_plan", "waste_gases", "20"),
    ("monitoring_plan", "co2", "21")])
def test_a_section_left_out_is_missing_and_an_empty_one_does_not_apply(kind: str, section: str, numbers: str) -> None:
    """Taking a section out of the plan takes what refers to it out too."""
    data = tree(PLAN)
    referring = {"streams": ("zero_rated", "sampling"), "measured": (), "pfc": ()}.get(section, ())
    for process in data["processes"]:
        process["sources"] = []
    data["statements"] = []
    for name in referring:
        data[name] = []
    result = everything().result
    left_out: dict[str, Any] = {k: v for k, v in data.items() if k != section}
    unsaid = plan_report(result, plan_of(left_out)).item(numbers)
    assert (unsaid.state, unsaid.reason) == (State.MISSING, "cbam-documents.unsaid")
    none = plan_report(result, plan_of({**left_out, section: []})).item(numbers)
    assert (none.state, none.reason) == (State.NOT_APPLICABLE, f"cbam-documents.not-applicable.plan_{section}")


@pytest.mark.parametrize(("number", "reason"), [
    ("4", "own_generation"), ("5", "waste_gases"), ("6", "co2_transfer"), ("8", "new_installation"),
    ("9", "indirect_goods"), ("10", "indirect_goods"), ("11", "indirect_goods"), ("12", "indirect_goods"),
    ("14", "other_goods"), ("24", "averages"), ("25", "averages"), ("32", "direct_electricity"),
    ("33", "agreement_electricity"), ("A", "electricity_good")])
def test_the_maker_of_fasteners_needs_no_such_item(number: str, reason: str) -> None:
    """Steel counts no indirect emissions, and the plan says none of the rest."""
    case = fasteners()
    found = emissions_report(case.result, case.plan).item(number)
    assert (found.state, found.reason) == (State.NOT_APPLICABLE, f"cbam-documents.not-applicable.{reason}")


def test_without_a_plan_nothing_is_assumed() -> None:
    case = fasteners()
    report = emissions_report(case.result)
    unsaid = [i.item.number for i in report.items if i.reason == "cbam-documents.unsaid"]
    assert unsaid == ["4", "5", "6", "14"]
    assert {i.item.number for i in report.items if i.state is State.MISSING} > {"2", "3", "15", "16", "17"}


def test_what_an_item_does_not_ask_for_is_not_shown() -> None:
    """The same builder serves both reports: the summary keeps only what its list names."""
    case = everything()
    full, short = emissions_report(case.result, case.plan), summary_report(case.result, case.plan)
    assert "amount" in (full.item("4").content.lists["units"] or ())[0]
    assert set((short.item("12").content.lists["units"] or ())[0]) == {"unit", "kind", "fuel", "exports"}
    assert set(short.item("6").content.facts) == {"direct"}


# --- verification ----------------------------------------------------------------------------------------------------

VERIFICATION = [
    ("1.1", None, None),                                        # taken from the report; its case is below
    ("1.2", "report/report_id", "report_id"),
    ("1.3", "verifier/accreditation_body", "accreditation_body"),
    ("2.1", "team/0/role", "team/1/role"),
    ("2.2", "site_visit/dates", "dates"),
    ("2.3", "report/scope", "scope"),
    ("2.4", None, None),
    ("2.5", None, None),
    ("2.6", "statement/signatory", "signatory"),
    ("3", None, None),
    ("4", None, None),
]


def test_every_item_of_the_verification_report_has_its_cases() -> None:
    assert [row[0] for row in VERIFICATION] == [i.number for i in document("verification_report").items]


def _verified(*changes: tuple[str, object]) -> Report:
    case = fasteners()
    return verification_report(verify(case.result, verification_of(changed(VERIFICATION_EXAMPLE, *changes)), case.plan))


def test_a_filled_verification_lacks_nothing() -> None:
    report = _verified()
    assert {i.item.number: i.lacking for i in report.items if i.state is State.MISSING} == {}
    assert report.item("4").state is State.NOT_APPLICABLE


@pytest.mark.parametrize(("number", "path", "lacks"), [row for row in VERIFICATION if row[1]])
def test_what_the_verifier_leaves_out_is_missing(number: str, path: str, lacks: str) -> None:
    found = _verified((path, GONE)).item(number)
    assert (found.state, lacks in found.lacking) == (State.MISSING, True)


@pytest.mark.parametrize(("number", "taken", "lacks"), [
    ("1.1", ("i:installation/latitude",), "latitude"), ("2.4", (f"{S}/benchmarks_confirmed",), "benchmarks_confirmed"),
    ("2.5", ("i:precursors/1/country",), "actual/1/country"), ("3", (f"{S}/benchmarks_confirmed",), "complete"),
    ("4", (f"{S}/declarants/0/confirmed",), "declarants/1/confirmed")])
def test_what_the_report_leaves_out_is_missing_in_the_verification_too(number: str, taken: tuple[str, ...], lacks: str) -> None:
    case = everything()
    whole = verification_report(verify(case.result, None, case.plan)).item(number)
    assert whole.state is State.PRESENT
    made = _made("emissions_report", taken).case
    found = verification_report(verify(made.result, None, made.plan)).item(number)
    assert (found.state, lacks in found.lacking) == (State.MISSING, True)
