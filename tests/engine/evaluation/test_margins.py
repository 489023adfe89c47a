"""Distances and the deciding leaf: of a conjunction the worst, of a disjunction the best, by relative distance."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zerofactory_engine.evaluation.margins import Leaf, all_of, any_of, negate
from zerofactory_engine.reasons import Cause, Reason, Unknown

OPERATORS = {"<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
             "=": lambda a, b: a == b, "!=": lambda a, b: a != b}


def compare(left: str, operator: str, right: str, text: str = "") -> Leaf:
    a, b = Decimal(left), Decimal(right)
    return Leaf(text or f"{left}{operator}{right}", OPERATORS[operator](a, b), a, operator, b)


@pytest.mark.parametrize(("left", "operator", "right", "distance", "relative"), [
    ("29.2", ">=", "30", "-0.8", "-0.02666666666666666666666666666666667"),
    ("32.1", ">=", "30", "2.1", "0.07"),
    ("3.494", "<=", "1.8", "-1.694", "-0.9411111111111111111111111111111111"),
    ("1.656", "<=", "1.8", "0.144", "0.08"),
    ("30", ">=", "30", "0", "0"),
    ("30", ">", "30", "0", "0"),
    ("30", "<", "30", "0", "0"),
    ("29", "<", "30", "1", "0.03333333333333333333333333333333333"),
    ("5", ">", "3", "2", "0.6666666666666666666666666666666667"),
    ("3", "=", "4", "-1", "-0.25"),
    ("4", "=", "4", "0", "0"),
    ("3", "!=", "4", "1", "0.25"),
    ("-3", ">=", "-4", "1", "0.25"),
])
def test_distance(left: str, operator: str, right: str, distance: str, relative: str) -> None:
    leaf = compare(left, operator, right)
    assert str(leaf.distance) == distance
    assert str(leaf.relative) == relative
    assert leaf.rank == leaf.relative


def test_a_threshold_of_zero_has_no_relative_distance_but_a_side() -> None:
    leaf = compare("5", ">", "0")
    assert (leaf.distance, leaf.relative, leaf.rank) == (Decimal(5), None, Decimal("Infinity"))
    assert compare("-5", ">", "0").rank == Decimal("-Infinity")
    assert compare("0", ">", "0").rank == 0


def test_what_is_no_comparison_of_numbers_has_no_distance() -> None:
    assert Leaf("flag", True).distance is None
    assert Leaf("flag", True).rank is None
    assert Leaf("a = b", True, "x", "=", "x").distance is None
    unknown = Unknown(Reason(Cause.LIMIT, "p", "reason.limit-unknown"))
    assert Leaf("a >= p", unknown, Decimal(1), ">=", unknown).distance is None


def test_worst_of_a_conjunction_by_relative_distance_across_units() -> None:
    near = compare("101", ">=", "100")      # +1 %
    far = compare("0.3", ">=", "0.2")       # +50 %
    assert all_of([far, near], "") is near
    assert all_of([compare("99", ">=", "100"), far, compare("50", ">=", "100")], "").left == 50


def test_best_of_a_disjunction() -> None:
    near, far = compare("99", ">=", "100"), compare("50", ">=", "100")
    assert any_of([far, near], "") is near
    assert any_of([compare("101", ">=", "100"), compare("150", ">=", "100"), near], "").left == 150


def test_a_false_condition_without_number_decides_a_conjunction() -> None:
    flag = Leaf("flag", False)
    assert all_of([compare("1", ">=", "2"), flag], "") is flag
    assert any_of([flag, compare("1", ">=", "2")], "").left == 1
    assert any_of([flag], "") is flag
    assert all_of([Leaf("flag", True), compare("3", ">=", "2")], "").left == 3
    assert all_of([Leaf("flag", True)], "").text == "flag"


def test_unknown_decides_only_when_nothing_absorbs_it() -> None:
    one = Leaf("u", Unknown(Reason(Cause.VALUE, "a", "x")))
    two = Leaf("w", Unknown(Reason(Cause.VALUE, "b", "x")))
    met, unmet = compare("3", ">=", "2"), compare("1", ">=", "2")
    assert all_of([one, unmet], "") is unmet
    assert any_of([one, met], "") is met
    both = all_of([met, one, two], "")
    assert both.text == "u"
    assert [r.subject for r in both.truth.reasons] == ["a", "b"]
    assert [r.subject for r in any_of([unmet, two, one], "").truth.reasons] == ["b", "a"]


def test_nothing_at_all() -> None:
    assert all_of([], "every x") == Leaf("every x", True)
    assert any_of([], "some x") == Leaf("some x", False)


def test_negation_turns_the_comparison_round() -> None:
    leaf = negate(compare("3", ">=", "2"))
    assert (leaf.truth, leaf.operator, leaf.distance) == (False, "<", Decimal(-1))
    assert negate(Leaf("flag", True)).truth is False
    unknown = Unknown(Reason(Cause.VALUE, "a", "x"))
    assert negate(Leaf("u", unknown)).truth is unknown
    assert negate(leaf).operator == ">="
    assert negate(compare("1", "=", "1")).operator == "!="
    assert negate(compare("1", "!=", "1")).operator == "="
    assert negate(compare("1", ">", "2")).operator == "<="
    assert negate(compare("1", "<=", "2")).operator == ">"


numbers = st.integers(-30, 30).map(lambda n: Decimal(n) / 2)
leaves = st.builds(lambda a, o, b: Leaf("", OPERATORS[o](a, b), a, o, b), numbers, st.sampled_from(sorted(OPERATORS)), numbers)
unknowns = st.sampled_from([Leaf("u", Unknown(Reason(Cause.VALUE, s, "x"))) for s in "abc"])


def kleene(values: list[Any], absorbing: bool) -> object:
    if absorbing in values:
        return absorbing
    return "unknown" if any(isinstance(v, Unknown) for v in values) else not absorbing


@settings(deadline=None, max_examples=200)
@given(st.lists(leaves | unknowns | st.sampled_from([Leaf("t", True), Leaf("f", False)]), max_size=6))
def test_the_deciding_leaf_has_the_truth_of_the_whole(items: list[Leaf]) -> None:
    for combine, absorbing in ((all_of, False), (any_of, True)):
        truth = combine(items, "").truth
        expected = kleene([i.truth for i in items], absorbing)
        assert ("unknown" if isinstance(truth, Unknown) else truth) == expected


@settings(deadline=None, max_examples=200)
@given(st.lists(leaves, min_size=1, max_size=5))
def test_negated_conjunction_is_the_disjunction_of_negations(items: list[Leaf]) -> None:
    left = negate(all_of(items, ""))
    right = any_of([negate(i) for i in items], "")
    assert left.truth == right.truth
    assert left.rank == right.rank
