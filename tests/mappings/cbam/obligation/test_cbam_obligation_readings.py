"""Open questions of law: every answer changes what it should, and the result says by how much and what it flips."""

from __future__ import annotations

import pytest
from tests.mappings.cbam.obligation.lists import COIL, D, actual, consignment, default, run

from zerofactory_engine.decimals import CONTEXT
from zerofactory_mappings.cbam.obligation import effects as effects_module
from zerofactory_mappings.cbam.obligation.readings import readings
from zerofactory_mappings.cbam.obligation.result import Cheaper, Effect, ObligationResult

LATER = "{date: 2027-05-10, cn: '72083900', origin: CN, net_mass: 10, production_year: 2026}"
SCREWS = ("{date: 2027-05-10, cn: '73181542', origin: CN, net_mass: 10, production_year: 2026, actual: {own_direct: 0.19,"
          " verification_report: V, precursors: [{cn: '72139110', country: CN, amount: 1.02}]}}")
JOINT = "{date: 2026-05-10, cn: '73181542', origin: CN, net_mass: 10, route: C, actual: {see_direct: 2, joint_process: yes, verification_report: V}}"
STATED = "{date: 2026-05-10, cn: '73181542', origin: CN, net_mass: 10, route: E}"
DISTANT = "{date: 2031-05-10, cn: '72083900', origin: CN, net_mass: 10}"
CEMENT = "{date: 2026-05-10, cn: '25239000', origin: CN, net_mass: 10, variant: grey, clinker_share: 0.7}"


def priced(extra: str) -> str:
    return ("{date: 2026-05-10, cn: '73181542', origin: CN, net_mass: 10, actual: {see_direct: 2, sefa: 1, verification_report: V},"
            f" carbon_price: [{{amount: 50, per: tCO2e, currency: EUR, rebate: 0, covered_share: 1, free_share: 0.9, certified_by: X{extra}}}]}}")


#: Reading, answer, consignment, and by hand: method, figure, value (None: unknown).
ANSWERS = [
    ("markup_year", "production", SCREWS, "actual", "see", "3.74537677"),       # 0.19 + 1.02 × 3.168785 × 1.10
    ("markup_year", "import", SCREWS, "actual", "see", "4.06859284"),           # 0.19 + 1.02 × 3.168785 × 1.20
    ("factor_year", "import", LATER, "default", "sefa", "1.3015"),              # 0.95 × 1.370
    ("factor_year", "production", LATER, "default", "sefa", "1.33575"),         # 0.975 × 1.370
    ("factor_year", "import", SCREWS, "actual", "sefa", "1.357816"),            # 0.95 × (0.038 + 1.02 × 1.364)
    ("factor_year", "production", SCREWS, "actual", "sefa", "1.393548"),        # 0.975 × (0.038 + 1.02 × 1.364)
    ("precursor_carbon_price", "not_counted", priced(", on: precursor"), "actual", "deduction", "0"),
    ("precursor_carbon_price", "counted", priced(", on: precursor"), "actual", "deduction", "10.0"),    # 50 × 0.1 × 2
    ("free_allowances", "rebate", priced(""), "actual", "deduction", "10.0"),
    ("free_allowances", "ignored", priced(""), "actual", "deduction", "100"),                           # 50 × 2
    ("joint_process_benchmark", "column_b", JOINT, "actual", "sefa", "1.3299"),  # 0.975 × 1.364 (C)
    ("joint_process_benchmark", "unknown", JOINT, "actual", "sefa", None),
    ("alloy_grade", "highest", STATED, "default", "sefa", "1.3299"),            # the default row says (C)
    ("alloy_grade", "as_stated", STATED, "default", "sefa", "0.06435"),         # 0.975 × 0.066 (E)
    ("cscf_after_2030", "preliminary", DISTANT, "default", "sefa", "0.5343"),   # 0.39 × 1 × 1.370
    ("cscf_after_2030", "unknown", DISTANT, "default", "sefa", None),
    ("benchmarks_after_2030", "carried", DISTANT, "default", "sefa", "0.5343"),
    ("benchmarks_after_2030", "unknown", DISTANT, "default", "sefa", None),
    ("cement_tonne", "good", CEMENT, "default", "see", "1.496"),                # 1.36 × 1.10
    ("cement_tonne", "clinker", CEMENT, "default", "see", "1.0472"),            # 0.7 × 1.496
    ("cement_tonne", "good", CEMENT, "default", "sefa", "0.64935"),             # 0.975 × 0.666 (A)
    ("cement_tonne", "clinker", CEMENT, "default", "sefa", "0.454545"),         # 0.7 × 0.64935
]


@pytest.mark.parametrize(("reading", "answer", "row", "method", "figure", "value"), ANSWERS)
def test_an_answer_gives_the_figure_that_the_hand_gives(reading: str, answer: str, row: str, method: str, figure: str,
                                                        value: str | None) -> None:
    found = run(row, more=f"readings: {{{reading}: {answer}}}")
    outcome = {"default": default, "actual": actual}[method](found)
    assert getattr(outcome, figure) == (None if value is None else D(value))
    if value is None:
        assert outcome.net is None
        assert outcome.reasons


def test_every_answer_of_every_question_is_tried() -> None:
    assert {(a[0], a[1]) for a in ANSWERS} == {(r.id, a) for r in readings().values() for a in r.alternatives}


def test_every_question_has_clause_reason_and_a_source_for_each_answer() -> None:
    for reading in readings().values():
        assert reading.default in reading.alternatives
        assert reading.clause
        assert set(reading.because) == set(reading.question) == {"zh", "en"}
        assert all(a.source and a.confidence in {"confirmed", "secondary", "unconfirmed"} for a in reading.alternatives.values())


def effect(result: ObligationResult, reading: str) -> Effect:
    return next(r for r in result.readings if r.reading.id == reading).effects[0]


def test_the_result_says_by_how_much_another_answer_changes_certificates_and_cost() -> None:
    """10 t: allocation 1.33575 instead of 1.3015 a tonne, at 80 EUR."""
    found = effect(run(LATER, more="prices: [{period: 2027, price: 80}]", outlook=True), "factor_year")
    assert (found.alternative, found.certificates, found.cost) == ("production", D("-0.3425"), D("-27.4"))
    assert (found.outlook_years, found.outlook_largest, found.flips) == ((2027,), D("-0.03425").copy_abs(), ())


def test_it_says_which_answer_flips_what_is_cheaper() -> None:
    """At 7.522 actual data win by import: 7.522 − 1.2 × 0.95 / 0.975 = 6.35277 < 6.3542, and lose by production: 6.322 > 6.3201."""
    row = ("{date: 2027-05-10, cn: '73181542', origin: CN, net_mass: 10, production_year: 2026, actual: {see_direct: 7.522, sefa: 1.2,"
           " verification_report: V}}")
    found = run(row, outlook=True)
    flips = effect(found, "factor_year").flips
    assert [(f.good, f.year, f.before, f.after) for f in flips] == [("G1", 2027, Cheaper.ACTUAL, Cheaper.DEFAULT)]
    turned = run(row, more="readings: {factor_year: production}", outlook=True)
    assert consignment(turned).cheaper is Cheaper.DEFAULT
    assert [(f.before, f.after) for f in effect(turned, "factor_year").flips] == [(Cheaper.DEFAULT, Cheaper.ACTUAL)]


def test_an_answer_that_leaves_certificates_unknown_is_counted_and_one_that_settles_them_too() -> None:
    assert (effect(run(JOINT), "joint_process_benchmark").unknown, effect(run(JOINT), "joint_process_benchmark").settled) == (1, 0)
    other = run(JOINT, more="readings: {joint_process_benchmark: unknown}")
    assert (effect(other, "joint_process_benchmark").unknown, effect(other, "joint_process_benchmark").settled) == (0, 1)


def test_a_change_is_the_difference_of_two_results() -> None:
    rows = (LATER, SCREWS.replace("{date", "{id: S, date"), priced(", on: precursor").replace("{date", "{id: P, date"))
    base = run(*rows, more="prices: [{period: 2027, price: 80}]")
    for r in base.readings:
        for e in r.effects:
            other = run(*rows, more=f"prices: [{{period: 2027, price: 80}}]\nreadings: {{{r.reading.id}: {e.alternative}}}")
            before, after = (sum((y.certificates or D(0) for y in x.years), D(0)) for x in (base, other))
            assert abs(e.certificates - (after - before)) < D("1e-20"), r.reading.id


def test_questions_that_cannot_matter_are_passed_over_without_changing_any_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """The short cut that looks at the input only must say the same as computing everything."""
    for row in (COIL, LATER, SCREWS, JOINT, STATED, CEMENT, DISTANT, priced("")):
        quick = run(row, outlook=True)
        with monkeypatch.context() as patched:
            patched.setattr(effects_module, "may_matter", lambda reading, imports: True)
            whole = run(row, outlook=True)
        assert [[e.as_json() for e in r.effects if e.any] for r in quick.readings] == [
            [e.as_json() for e in r.effects if e.any] for r in whole.readings]


def test_a_cement_by_tonnes_of_clinker_needs_its_clinker() -> None:
    found = default(run(CEMENT.replace(", clinker_share: 0.7", ""), more="readings: {cement_tonne: clinker}"))
    assert found.net is None
    assert "cbam-obligation.clinker-share-missing" in {p.code for p in found.reasons}


def test_nothing_is_allocated_in_2034_whatever_is_not_decided() -> None:
    row = "{date: 2034-05-10, cn: '72083900', origin: CN, net_mass: 10}"
    found = default(run(row, more="readings: {cscf_after_2030: unknown, benchmarks_after_2030: unknown}"))
    assert (found.sefa, found.net) == (D(0), CONTEXT.multiply(D("3.186893"), D("1.3")))
