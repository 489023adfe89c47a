"""Materiality at, below and above the limit, singly and together; what keeps a conclusion open; what stands against it."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from tests.mappings.cbam.documents.cases import (
    GONE,
    VERIFICATION_EXAMPLE,
    changed,
    fasteners,
    tree,
    verification_of,
    without_parameters,
)

from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.problems import ProblemsError
from zerofactory_mappings.cbam.compute import compute
from zerofactory_mappings.cbam.documents.build import case_of
from zerofactory_mappings.cbam.documents.build_verification import verification_report, verify
from zerofactory_mappings.cbam.documents.effects import (
    Good,
    differences,
    effect,
    goods_of,
    is_material,
    limits,
    recomputing,
)
from zerofactory_mappings.cbam.documents.figures import corrected, figures
from zerofactory_mappings.cbam.documents.model import Case
from zerofactory_mappings.cbam.documents.verification import Evaluation, evaluate
from zerofactory_mappings.cbam.model import (
    Attribution,
    Basis,
    Given,
    Installation,
    Method,
    Origin,
    Process,
    Product,
    RouteAmount,
    SourceStream,
)
from zerofactory_mappings.cbam.read import read_installation
from zerofactory_mappings.publishing.numbers import shown

FIVE = Decimal("0.05")


def quantity(value: str, unit: str) -> Given:
    return Given(Decimal(value), unit)


@cache
def works() -> Case:
    """1000 t of pig iron with 2000 tCO2 of limestone and coke: each figure easy to follow, SEE 2 t/t."""
    streams = tuple(SourceStream(ident, ident, Method.PROCESS, amount=quantity(amount, "t"), ef=quantity("1", "tCO2/t"),
                                 attributed=Attribution(shares={"P": quantity("1", "1")}))
                    for ident, amount in (("A", "1500"), ("B", "500")))
    from datetime import date

    installation = Installation(
        Origin.OWN, "Works", "CN", date(2026, 1, 1), date(2026, 12, 31), streams=streams,
        processes=(Process("P", "Furnace", "pig_iron", production=(RouteAmount("blast_furnace", quantity("1000", "t")),),
                           to_market=quantity("1000", "t")),),
        products=(Product("P", "72011011", "Pig iron"),))
    return case_of(compute(installation, proof=True))


def log(*rows: tuple[str, str, str], **more: Any) -> Any:
    """Data of a verification with open misstatements: id, path, corrected value."""
    return {"format": "zerofactory/cbam-verification/1",
            "misstatements": [{"id": i, "path": p, "corrected": c, "state": "open"} for i, p, c in rows], **more}


def found(*rows: tuple[str, str, str]) -> Evaluation:
    return evaluate(works(), verification_of(log(*rows)))


# --- materiality -----------------------------------------------------------------------------------------------------

def test_limits_are_those_of_the_law() -> None:
    assert limits() == {"see": FIVE, "sefa": FIVE}


@pytest.mark.parametrize(("misstatement", "reported", "material"), [
    ("0.1", "2", False),                # exactly 5 %
    ("0.1000000001", "2", True),
    ("0.0999999999", "2", False),
    ("-0.1", "2", False),               # exactly 5 %, the other way
    ("-0.1000000001", "2", True),
    ("0", "2", False),
    ("0", "0", False),
    ("0.0000001", "0", True),           # anything is more than 5 % of nothing
    ("0.11", "-2", True),               # a negative value counts by its size
    ("0.1", "-2", False),
])
def test_a_misstatement_is_material_above_five_per_cent(misstatement: str, reported: str, material: bool) -> None:
    assert is_material(Decimal(misstatement), Decimal(reported), FIVE) is material


@given(st.decimals(min_value="-1e9", max_value="1e9", places=6), st.decimals(min_value="-1e9", max_value="1e9", places=6),
       st.decimals(min_value="0.001", max_value="1000", places=3))
def test_materiality_does_not_depend_on_unit_or_sign(misstatement: Decimal, reported: Decimal, factor: Decimal) -> None:
    one = is_material(misstatement, reported, FIVE)
    assert is_material(-misstatement, reported, FIVE) is one
    assert is_material(CONTEXT.multiply(misstatement, factor), CONTEXT.multiply(reported, factor), FIVE) is one


@pytest.mark.parametrize(("corrected_value", "share", "material"), [
    ("1400", "0.05", False),            # 1900 instead of 2000 t: exactly 5 %
    ("1399.99", "0.050005", True),
    ("1600", "0.05", False),
    ("1600.01", "0.050005", True),
    ("1500", "0", False),
])
def test_the_effect_is_computed_anew(corrected_value: str, share: str, material: bool) -> None:
    made = found(("M1", "streams/A/amount", corrected_value))
    see = made.misstatements[0].effects[0]
    assert (see.reported, see.share, see.material) == (Decimal(2), Decimal(share), material)
    assert see.corrected == (Decimal(corrected_value) + 500) / 1000


def test_free_allocation_has_a_limit_of_its_own() -> None:
    """Allocation does not move with emissions of the installation itself, it does with what precursors bring."""
    case = fasteners()
    moved = effect(case.result, {"precursors/B1/sefa": Decimal("1.5")}, recomputing(case.result))
    assert [(d.value, bool(d.misstatement)) for d in moved if d.good.name.startswith("hexagon bolts")] == [
        ("see", False), ("sefa", True)]
    assert {d.material for d in moved if d.value == "sefa"} == {True}
    assert {d.material for d in moved if d.value == "see"} == {False}


# --- together --------------------------------------------------------------------------------------------------------

def test_immaterial_misstatements_can_be_material_together() -> None:
    made = found(("M1", "streams/A/amount", "1430"), ("M2", "streams/B/amount", "460"))
    assert [m.material for m in made.misstatements] == [False, False]        # 3.5 % and 2 %
    assert made.together[0].share == Decimal("0.055")
    assert made.together[0].material is True
    assert made.complies is False
    assert "cbam-documents.conclusion.material-together" in {r.code for r in made.conclusion.reasons}
    assert made.conclusion.kind == "not_satisfactory"


def test_together_is_computed_not_added() -> None:
    """Two figures of one product do not add up: 2000 × 1.1 becomes 2200 × 1.21 of a part, not 20 %."""
    made = found(("M1", "streams/A/amount", "1650"), ("M2", "streams/A/ef", "1.1"))
    alone = [m.effects[0].share for m in made.misstatements]
    assert alone == [Decimal("0.075"), Decimal("0.075")]
    assert made.together[0].share == Decimal("0.1575")       # 1650 × 1.1 = 1815 instead of 1500


def test_misstatements_that_cancel_out_are_said() -> None:
    made = found(("M1", "streams/A/amount", "1430"), ("M2", "streams/B/amount", "570"))
    assert made.together[0].misstatement == 0
    assert [m.material for m in made.misstatements] == [False, False]
    assert [p.code for p in made.problems] == ["cbam-documents.offsetting"]


@pytest.mark.parametrize("state", ["corrected", "open"])
def test_what_the_operator_corrected_counts_no_more(state: str) -> None:
    data = log(("M1", "streams/A/amount", "1000"))
    data["misstatements"][0]["state"] = state
    made = evaluate(works(), verification_of(data))
    assert made.together[0].material is (state == "open")


def test_a_verified_figure_that_differs_is_a_misstatement_without_a_log() -> None:
    data = log(items=[{"path": "streams/A/amount", "verified": "1400"}, {"path": "streams/B/amount", "verified": "500.0"}])
    made = evaluate(works(), verification_of(data))
    assert [(m.path, m.corrected, m.open) for m in made.misstatements] == [("streams/A/amount", Decimal(1400), True)]


def test_the_log_prevails_over_the_sheet_of_figures() -> None:
    data = log(("M1", "streams/A/amount", "1400"), items=[{"path": "streams/A/amount", "verified": "1300"}])
    made = evaluate(works(), verification_of(data))
    assert [(m.id, m.corrected) for m in made.misstatements] == [("M1", Decimal(1400))]


@hypothesis_settings(max_examples=40, deadline=None)
@given(st.integers(1, 4000), st.integers(1, 4000))
def test_effects_follow_the_arithmetic_of_the_works(a: int, b: int) -> None:
    made = found(("M1", "streams/A/amount", str(a)), ("M2", "streams/B/amount", str(b)))
    assert made.misstatements[0].effects[0].corrected == Decimal(a + 500) / 1000
    assert made.misstatements[1].effects[0].corrected == Decimal(1500 + b) / 1000
    assert made.together[0].corrected == Decimal(a + b) / 1000
    assert made.together[0].material is (abs(a + b - 2000) > 100)


def test_a_correction_leaves_the_input_alone() -> None:
    given_before = figures(works().installation)
    changed_one = corrected(works().installation, {"streams/A/amount": Decimal(1)})
    assert figures(works().installation) == given_before
    assert {p for p, g in figures(changed_one).items() if g != given_before[p]} == {"streams/A/amount"}
    assert changed_one.streams[1] is works().installation.streams[1]


def test_a_good_whose_value_is_not_known_cannot_be_judged() -> None:
    whole, unknown = Good("1", "a", "t", Decimal(1), Decimal(1)), Good("1", "a", "t", None, Decimal(1))
    assert [d.material for d in differences([whole], [unknown])] == [None, False]
    made = found(("M1", "processes/P/production/blast_furnace/amount", "0"))
    assert made.misstatements[0].material is None
    assert made.conclusion.kind == "open"


def test_the_transitional_rules_have_no_free_allocation() -> None:
    result = compute(works().installation, Basis.TRANSITIONAL, proof=True)
    moved = effect(result, {"streams/A/amount": Decimal(1)}, recomputing(result))
    assert [d.value for d in moved] == ["see"]
    assert goods_of(result)[0].sefa is None


# --- bad input -------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("data", "code"), [
    (log(("M1", "streams/C/amount", "1")), "cbam-documents.figure-unknown"),
    (log(("M1", "streams/A/amount", "1"), ("M2", "streams/A/amount", "2")), "cbam-documents.corrected-twice"),
    (log(("M1", "streams/A/amount", "1"), ("M1", "streams/B/amount", "2")), "cbam-documents.entry-twice"),
    (log(items=[{"path": "streams/A/amount", "verified": "about 7"}]), "cbam-documents.verified-no-number"),
    (log(items=[{"path": "streams/Z/amount", "verified": "7"}]), "cbam-documents.figure-unknown"),
    (log(items=[{"path": "streams/A/amount"}, {"path": "streams/A/amount"}]), "cbam-documents.entry-twice"),
    (log(report={"installation": "Other works"}), "cbam-documents.other-installation"),
    (log(report={"period_start": "2025-01-01"}), "cbam-documents.other-installation"),
    (log(("M1", "streams/A/amount", "1,5")), "typed.not-a-number"),
    (log(site_visit={"significant_changes": ["earthquake"]}), "typed.not-in-list"),
    (log(statement={"kind": "fine"}), "typed.not-in-list"),
])
def test_what_cannot_be_evaluated_is_refused(data: Any, code: str) -> None:
    with pytest.raises(ProblemsError) as caught:
        evaluate(works(), verification_of(data))
    assert code in {p.code for p in caught.value.problems}


def test_a_wrong_path_is_told_with_the_nearest() -> None:
    with pytest.raises(ProblemsError) as caught:
        found(("M1", "streams/A/amuont", "1"))
    assert caught.value.problems[0].accepted == "streams/A/amount"


def test_every_wrong_path_is_told_at_once() -> None:
    with pytest.raises(ProblemsError) as caught:
        found(("M1", "streams/X/amount", "1"), ("M2", "streams/Y/amount", "1"))
    assert [p.found for p in caught.value.problems] == ["streams/X/amount", "streams/Y/amount"]


# --- conclusion ------------------------------------------------------------------------------------------------------

def concluded(*changes: tuple[str, object]) -> Evaluation:
    case = fasteners()
    return evaluate(case, verification_of(changed(VERIFICATION_EXAMPLE, *changes)))


def test_the_example_is_satisfactory_with_comments() -> None:
    made = concluded()
    assert (made.conclusion.kind, made.conclusion.reasons) == ("satisfactory_with_comments", ())
    assert made.complies is True


def test_without_anything_left_it_is_satisfactory() -> None:
    assert concluded(("misstatements", []), ("nonconformities", []), ("statement/kind", "satisfactory")).conclusion.kind == (
        "satisfactory")


@pytest.mark.parametrize(("changes", "kind", "reason"), [
    ([("misstatements/0/corrected", "6000")], "not_satisfactory", "material"),
    ([("nonconformities/0/material", "yes")], "not_satisfactory", "nonconformity"),
    ([("nonconformities/0/material", GONE)], "open", "nonconformity-unjudged"),
    ([("misstatements/0/corrected", GONE)], "open", "no-corrected-figure"),
    ([("site_visit/visit", GONE)], "open", "no-visit"),
    ([("site_visit/visit", "virtual")], "open", "visit-not-allowed"),
    ([("site_visit/visit", "none")], "open", "no-visit"),
    ([("review", GONE)], "open", "no-review"),
    ([("review/reviewer", "b. auditor ")], "open", "reviewer-in-team"),
    ([("review/date", "2027-03-29")], "open", "review-late"),
    ([("review/resolved", "no")], "open", "review-unresolved"),
    ([("verifier/accreditation_scope", GONE)], "open", "verifier-incomplete"),
    ([("verifier/accreditation_expires", "2027-03-27")], "open", "accreditation-expired"),
    ([("items/1", GONE)], "open", "sample-open"),
])
def test_what_stands_against_a_statement_or_keeps_it_open(changes: list[tuple[str, object]], kind: str, reason: str) -> None:
    made = concluded(*changes)
    assert made.conclusion.kind == kind
    assert f"cbam-documents.conclusion.{reason}" in {r.code for r in made.conclusion.reasons}


def test_an_incomplete_report_keeps_the_conclusion_open(tmp_path: Path) -> None:
    case = fasteners()
    lacking = compute(read_installation(without_parameters(tmp_path)), proof=True)
    made = verify(lacking, verification_of(tree(VERIFICATION_EXAMPLE)), case.plan)
    assert made.conclusion.kind == "open"
    assert [r.found for r in made.conclusion.reasons] == ["Operator's emissions report"]


@pytest.mark.parametrize(("kind", "changes", "severity"), [
    ("satisfactory", [("misstatements/0/corrected", "6000")], "error"),
    ("satisfactory", [], "warning"),                             # with comments would follow
    ("not_satisfactory", [], "warning"),                         # the verifier may know more
    ("satisfactory_with_comments", [("review", GONE)], "error"),
    ("satisfactory_with_comments", [], None)])
def test_a_statement_that_does_not_follow_is_said(kind: str, changes: list[tuple[str, object]], severity: str | None) -> None:
    made = concluded(("statement/kind", kind), *changes)
    told = [str(p.severity) for p in made.problems if p.code == "cbam-documents.statement-differs"]
    assert told == ([severity] if severity else [])


def test_the_working_paper_says_what_it_is() -> None:
    case = fasteners()
    report = verification_report(verify(case.result, verification_of(tree(VERIFICATION_EXAMPLE)), case.plan))
    assert report.document.names.en == "Working paper for the verification report"
    assert shown(Decimal(5))
