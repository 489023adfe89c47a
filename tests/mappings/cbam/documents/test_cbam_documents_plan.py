"""The monitoring plan: read with every problem at once, checked against the input, begun from one, compared with another."""

from __future__ import annotations

from datetime import date

import pytest
from tests.mappings.cbam.documents.cases import (
    GONE,
    HERE,
    PLAN_EXAMPLE,
    as_bytes,
    changed,
    everything,
    fasteners,
    plan,
    plan_of,
    result_of,
    tree,
)

from zerofactory_engine.problems import ProblemsError
from zerofactory_mappings.cbam.documents.build_plan import plan_report
from zerofactory_mappings.cbam.documents.model import State
from zerofactory_mappings.cbam.documents.plan import parse_plan
from zerofactory_mappings.cbam.documents.plan_check import check_plan
from zerofactory_mappings.cbam.documents.plan_compare import Significant, compare, significant_kinds
from zerofactory_mappings.cbam.documents.plan_new import plan_tree, plan_yaml

INPUT, PLAN = HERE / "everything.yaml", HERE / "everything-plan.yaml"


# --- reading ---------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("where", "value", "code"), [
    ("meters/1/id", "W1", "cbam-documents.plan-id-twice"),
    ("versions/1/version", "1.0", "cbam-documents.plan-id-twice"),
    ("versions/1/date", "2026-01-01", "cbam-documents.plan-version-order"),
    ("streams/0/meters", ["W9"], "cbam-documents.plan-reference"),
    ("streams/0/sampling", ["SA9"], "cbam-documents.plan-reference"),
    ("processes/0/sources", ["COKE", "GAS"], "cbam-documents.plan-reference"),
    ("zero_rated/0/stream", "OIL", "cbam-documents.plan-reference"),
    ("heat/0/process", "X9", "cbam-documents.plan-reference"),
    ("statements/0/gaps/0/stream", "X9", "cbam-documents.plan-reference"),
    ("statements/0/electricity/0/process", "X9", "cbam-documents.plan-reference"),
    ("statements/0/period_end", "2026-03-31", "cbam-documents.plan-period"),
    ("meters/0/next_calibration", "2026-01-10", "cbam-documents.plan-calibration"),
    ("format", "zerofactory/cbam-monitoring-plan/2", "typed.not-in-list-near"),
    ("meters/0/uncertainty", "1.5", "typed.out-of-bounds"),
    ("meters/0/calibrated_on", "10.01.2026", "typed.not-a-date"),
    ("streams/0/method", "guess", "typed.not-in-list"),
    ("diagram/no_gaps", "perhaps", "typed.not-yes-or-no"),
    ("statements/0/gaps/0/emissions", "12,4", "typed.not-a-number"),
])
def test_a_plan_that_cannot_stand_is_refused_with_its_place(where: str, value: object, code: str) -> None:
    with pytest.raises(ProblemsError) as caught:
        plan_of(changed(PLAN, (where, value)))
    found = [p for p in caught.value.problems if p.code == code]
    assert found, [p.code for p in caught.value.problems]
    assert found[0].place.file == "plan.json"


def test_all_problems_of_a_plan_come_together() -> None:
    with pytest.raises(ProblemsError) as caught:
        plan_of(changed(PLAN, ("streams/0/meters", ["W9"]), ("meters/1/id", "W1"), ("zero_rated/0/stream", "OIL")))
    assert {p.code for p in caught.value.problems} == {"cbam-documents.plan-reference", "cbam-documents.plan-id-twice"}
    assert len(caught.value.problems) >= 3


@pytest.mark.parametrize("text", [b"", b"\xff\xfe", b"format: zerofactory/cbam-monitoring-plan/1\n", b"[]", b"a: &a [*a]\n",
                                  b"{\"format\": 1", b"versions: !!python/object:os.system x\n"])
def test_bytes_that_are_no_plan_are_refused(text: bytes) -> None:
    with pytest.raises(ProblemsError):
        parse_plan(text)


def test_a_version_without_a_reason_is_said_but_not_refused() -> None:
    found = plan_of(changed(PLAN, ("versions/1/reason", GONE)))
    assert [p.code for p in found.notes] == ["cbam-documents.plan-version-reason"]


def test_the_statement_is_that_of_exactly_the_period() -> None:
    found = plan(everything())
    assert found.statement(date(2026, 4, 1), date(2026, 12, 31)) is not None
    assert found.statement(date(2026, 1, 1), date(2026, 12, 31)) is None


def test_the_version_in_force_is_the_last_that_has_begun() -> None:
    found = plan_of(changed(PLAN, ("versions/1/valid_from", "2026-09-01")))
    assert [found.version_on(d) and found.version_on(d).text("version")  # type: ignore[union-attr]  # asked for just before
            for d in (date(2026, 3, 31), date(2026, 8, 31), date(2026, 9, 1))] == [None, "1.0", "1.1"]


# --- against the input -----------------------------------------------------------------------------------------------

def test_a_plan_that_fits_says_nothing() -> None:
    case = fasteners()
    assert check_plan(plan(case), case.installation, case.result) == ()


@pytest.mark.parametrize(("which", "where", "value", "code", "found"), [
    ("plan", "processes/4", GONE, "plan-lacks", "POWER Power station"),
    ("plan", "streams/2/id", "LIME2", "plan-lacks", "LIME Limestone"),
    ("plan", "streams/2/id", "LIME2", "plan-more", "LIME2 Limestone"),
    ("plan", "processes/0/category", "pig_iron", "plan-differs", "pig_iron"),
    ("plan", "processes/1/included", [], "plan-differs", "–"),
    ("plan", "processes/1/routes", ["smelting_reduction"], "plan-differs", "smelting_reduction"),
    ("plan", "processes/1/goods/0/cn", "72011019", "plan-differs", "72011019"),
    ("plan", "streams/0/method", "process", "plan-differs", "process"),
    ("plan", "measured/0/gas", "CO2", "plan-differs", "CO2"),
    ("plan", "pfc/0/method", "overvoltage", "plan-differs", "overvoltage"),
    ("plan", "processes/3/precursors/0/country", "IN", "plan-differs", "IN"),
    ("plan", "processes/3/precursors/0/id", "NH9", "plan-lacks", "NH3 Ammonia of works A"),
    ("plan", "processes/3/precursors/0/id", "NH9", "plan-more", "NH9 Ammonia of works A"),
    ("plan", "zero_rated", [], "plan-zero-rated", "BIO Wood pellets"),
    ("plan", "zero_rated/0/stream", "COKE", "plan-zero-rated-unused", "COKE Coke breeze"),
    ("plan", "own_electricity", [], "plan-lacks", "CHP Heat and power"),
    ("plan", "indirect_factors", [], "plan-lacks", "SIN: ppa"),
    ("plan", "waste_gases", [], "plan-says-none", "Blast furnace with alloys"),
    ("plan", "meters/3/id", "M-OTHER", "plan-lacks", "M-GEN"),
    ("plan", "meters/0/next_calibration", "2026-06-30", "plan-calibration-lapsed", "W1: 2026-06-30"),
    ("plan", "versions/0/valid_from", "2026-06-01", "plan-not-in-force", "2026-04-01"),
    ("plan", "versions/1/valid_from", "2026-06-01", "plan-changed-in-period", "1.0 → 1.1"),
    ("plan", "meters/1/uncertainty", "0.08", "plan-meter-accuracy", "W2: 0.08"),
    ("input", "processes/1/included", [], "plan-differs", "ferro_alloys"),
    ("input", "energy_units/0/electricity", GONE, "", ""),
])
def test_what_one_names_and_the_other_does_not(which: str, where: str, value: object, code: str, found: str) -> None:
    made = [(where, value)]
    if where == "processes/4" and value is GONE:
        made.append(("statements/0/electricity/4", GONE))
    if where == "streams/2/id":
        made += [("processes/0/sources", ["COKE", "BIO"]), ("processes/1/sources", ["COAL", "SLAG"])]
    if where == "versions/0/valid_from":
        made.append(("versions/1/valid_from", "2026-06-01"))
    found_plan = plan_of(changed(PLAN, *made)) if which == "plan" else plan(everything())
    result = result_of(changed(INPUT, *made)) if which == "input" else everything().result
    problems = check_plan(found_plan, result.given, result)
    if not code:
        return
    assert (f"cbam-documents.{code}", found) in {(p.code, p.found) for p in problems}


def test_meters_are_held_to_the_orientation_of_the_law_by_the_size_of_the_stream() -> None:
    """1.5 % above 500 000 t, 7.5 % otherwise; below 10 000 t only a note (2025/2547 Annex II B.4.4)."""
    def severity(amount: str, uncertainty: str) -> str | None:
        data = changed(INPUT, ("source_streams/0/amount", f"{amount} t"))
        plan_data = changed(PLAN, ("meters/0/uncertainty", uncertainty))
        result = result_of(data)
        found = [p for p in check_plan(plan_of(plan_data), result.given, result)
                 if p.code == "cbam-documents.plan-meter-accuracy" and p.args["stream"] == "COKE"]
        return str(found[0].severity) if found else None

    # 3.0174 tCO2 per t of coke breeze
    assert severity("170000", "0.015") is None
    assert severity("170000", "0.016") == "warning"       # 512 958 t
    assert severity("160000", "0.016") is None            # 482 784 t
    assert severity("160000", "0.076") == "warning"
    assert severity("3000", "0.076") == "note"            # 9 052 t


# --- begun from an input ---------------------------------------------------------------------------------------------

@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_plan_begun_from_an_input_is_a_plan_and_says_what_is_missing(language: str) -> None:
    case = everything()
    made = plan_yaml(case.result, language)
    read = parse_plan(made, "new.yaml")
    report = plan_report(case.result, read)
    missing = [i.item.number for i in report.items if i.state is State.MISSING]
    head = [line for line in made.decode().splitlines() if line.startswith("#")]
    assert len(head) == 3 + len(missing)
    assert all(f" {number}  " in line for number, line in zip(missing, head[3:], strict=True))
    assert [p.code for p in check_plan(read, case.installation)] == []
    assert made == plan_yaml(case.result, language)


def test_nothing_is_assumed_of_what_the_input_cannot_say() -> None:
    made = plan_tree(fasteners().installation)
    assert {"other_goods", "other_processes", "co2", "gap_method", "controls", "data_flow", "diagram", "heat",
            "waste_gases"} & set(made) == set()
    assert (made["measured"], made["pfc"], made["zero_rated"]) == ([], [], [])


def test_names_of_strangers_stay_text_in_a_new_plan() -> None:
    name = "Works: \"A\" #1 {x}\n- no: yes"
    result = result_of(changed(INPUT, ("processes/0/name", name), ("installation/name", "@evil\t'x'")))
    read = parse_plan(plan_yaml(result, "en"))
    assert read.root.each("processes")[0].text("name") == name
    site = read.root.part("installation")
    assert site is not None
    assert site.text("name") == result.given.name


# --- compared --------------------------------------------------------------------------------------------------------

def test_the_same_plan_has_no_changes() -> None:
    assert compare(plan(everything()), plan_of(tree(PLAN))) == ()


def test_the_order_of_rows_is_no_change() -> None:
    data = tree(PLAN)
    for section in ("processes", "streams", "meters"):
        data[section].reverse()
    assert compare(plan(everything()), plan_of(data)) == ()


@pytest.mark.parametrize(("where", "value", "path", "kind", "significant"), [
    ("processes/1/routes", ["smelting_reduction"], "processes/PIG/routes", "process", "yes"),
    ("processes/1/included", [], "processes/PIG/included", "joint_process", "yes"),
    ("processes/1/name", "Blast furnace 1", "processes/PIG/name", "record", "no"),
    ("processes/1/formulas", "Eq 5", "processes/PIG/formulas", "methodology", "yes"),
    ("processes/3/precursors/0/supplier", "Works C", "processes/ACID/precursors/NH3/supplier", "precursors", "yes"),
    ("processes/3/precursors/1", GONE, "processes/ACID/precursors/NH3B", "precursors", "yes"),
    ("streams/0/method", "process", "streams/COKE/method", "methodology", "yes"),
    ("streams/0/meters", ["W2"], "streams/COKE/meters", "methodology", "judge"),
    ("streams/0/factors/0/method", "type_2", "streams/COKE/factors/ncv/method", "methodology", "yes"),
    ("meters/0/location", "Gate 3", "meters/W1/location", "methodology", "judge"),
    ("meters/0/calibrated_on", "2026-02-10", "meters/W1/calibrated_on", "record", "no"),
    ("sampling/0/laboratory", "Other laboratory", "sampling/SA1/laboratory", "methodology", "judge"),
    ("sampling/0/frequency", "Monthly", "sampling/SA1/frequency", "methodology", "yes"),
    ("gap_method/text", "Mean", "gap_method/text", "methodology", "yes"),
    ("heat/0/partner", "Greenhouse", "heat/H1/partner", "energy_supply", "yes"),
    ("own_electricity/0/fuel", "renewable", "own_electricity/CHP/fuel", "energy_supply", "yes"),
    ("indirect_factors/0/source", "own_generation", "indirect_factors/SIN/source", "technical_link", "yes"),
    ("co2/0/receiver", "Storage site South", "co2/CO1/receiver", "technical_link", "yes"),
    ("controls/b/text", "New register", "controls/b/text", "new_risk", "judge"),
    ("controls/a/text", "Half-yearly calibration", "controls/a/text", "record", "no"),
    ("installation/description", "Larger", "installation/description", "record", "no"),
    ("operator/contact", "Mr Chen", "operator/contact", "record", "no"),
    ("zero_rated", [], "zero_rated/Wood pellets", "energy_supply", "yes"),
    ("waste_gases", [], "waste_gases/G1", "energy_supply", "yes"),
])
def test_a_change_is_told_with_its_weight(where: str, value: object, path: str, kind: str, significant: str) -> None:
    changes = compare(plan(everything()), plan_of(changed(PLAN, (where, value))))
    assert [(c.path, c.kind, str(c.significant)) for c in changes] == [(path, kind, significant)]
    assert changes[0].before != changes[0].after


def test_a_process_that_comes_is_significant_and_one_that_goes_too() -> None:
    data = tree(PLAN)
    data["processes"].append({**data["processes"][0], "id": "SIN2", "name": "Second sinter plant"})
    changes = compare(plan(everything()), plan_of(data))
    assert [(c.path, c.before, c.significant) for c in changes] == [("processes/SIN2", None, Significant.YES)]
    back = compare(plan_of(data), plan(everything()))
    assert [(c.path, c.after, c.significant) for c in back] == [("processes/SIN2", None, Significant.YES)]
    assert significant_kinds(changes) == ("process",)


def test_versions_and_statements_are_not_the_plan() -> None:
    data = changed(PLAN, ("versions/1/reason", "Other"), ("statements/0/data_quality", "Other"))
    assert compare(plan(everything()), plan_of(data)) == ()


def test_the_example_of_the_schema_is_a_whole_plan() -> None:
    case = fasteners()
    report = plan_report(case.result, parse_plan(PLAN_EXAMPLE.read_bytes()))
    assert report.complete
    assert as_bytes(tree(PLAN_EXAMPLE))
