"""Functions of the house: how they are given, called and inferred."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from zerofactory_engine import feel
from zerofactory_engine.feel.operators import Failure, compare, guarded, in_range, kind_of
from zerofactory_engine.feel.unknowns import AnyOf, and3, merged, not3, or3, settled
from zerofactory_engine.feel.values import Kind, Missing, Range, Selection, Table, list_of, number
from zerofactory_engine.reasons import Cause, Reason, Unknown

A, B = (Unknown(Reason(Cause.VALUE, s, "reason.x")) for s in "ab")
EMPTY = Missing(Reason(Cause.VALUE, "e", "reason.x"))


def test_total_is_the_sum_that_is_0_of_nothing() -> None:
    total = feel.TOTAL.call
    assert total({}, []) == 0
    assert total({}, [Decimal(1), Decimal("0.5")]) == Decimal("1.5")
    assert total({}, [Decimal(1), B, A]) == Unknown(*B.reasons, *A.reasons)
    assert total({}, A) is A
    assert total({}, EMPTY) == Unknown(*EMPTY.reasons)
    assert total({}, EMPTY).__class__ is Unknown
    t = Table("t", ["1", "2"], {"n": [Decimal(1), Decimal(2)], "s": ["a", "b"], "mixed": [Decimal(1), "b"]})
    assert total({}, Selection(None, {}, (), t, [1], "n")) == 2
    assert total({}, Selection(None, {0: A}, B.reasons, t, [1], "n")) == Unknown(*A.reasons, *B.reasons)
    for wrong in (Decimal(1), ["a"], Selection(None, {}, (), t, [0], "s"), Selection(None, {}, (), t, [0, 1], "mixed")):
        with pytest.raises(Failure):
            total({}, wrong)
    assert total({}, Selection(None, {}, (), t, [], "s")) == 0
    assert total({}, Selection(None, {}, (), t, [0], "mixed")) == 1
    assert feel.TOTAL.required == 1
    assert (feel.TOTAL.name, feel.TOTAL.parameters, feel.TOTAL.takes_unknown) == ("total", ("list",), True)


def test_a_house_function_gets_the_scope_and_prevails_over_a_built_in() -> None:
    seen: list[Any] = []

    def call(scope: Any, *arguments: Any) -> Any:
        seen.append((scope["x"], arguments))
        return None if arguments else Decimal(9)

    function = feel.HouseFunction("abs", ("a?", "b?"), lambda t, n: number(None), call)
    assert function.required == 0
    with feel.decimal_context():
        assert feel.compile_strict(feel.parse("abs() + 1"), {"abs": function})({"x": 1}) == 10
        assert feel.compile_strict(feel.parse('abs([1, null], "b") = null'), {"abs": function})({"x": 2}) is True
        assert feel.compile_strict(feel.parse("abs(a: y)"), {"abs": function})({"x": 3, "y": A}) == A
    assert seen[0] == (1, ())
    assert seen[1][1][1] == "b"
    assert len(seen) == 2


def test_refusals_become_problems_at_the_argument() -> None:
    def refuse(types: Any, nodes: Any) -> Any:
        raise feel.Refusal("pack.x", found="f", accepted="a", example="e", argument=len(nodes) - 1 if nodes else 3)

    functions = {"f": feel.HouseFunction("f", ("a?", "b?"), refuse, lambda scope: None)}
    (problem,) = feel.infer(feel.parse("1 + f(2, 3)"), {}, functions)[1]
    assert (problem.code, problem.found, problem.accepted, problem.example, problem.place.column) == ("pack.x", "f", "a", "e", 10)
    (problem,) = feel.infer(feel.parse("1 + f()"), {}, functions)[1]
    assert problem.place.column == 5
    assert str(feel.Refusal("pack.x")) == "pack.x"


def test_infer_gets_types_and_trees_in_the_order_of_the_parameters() -> None:
    seen: list[Any] = []

    def infer(types: Any, nodes: Any) -> Any:
        seen.append([str(t) for t in types] + [feel.to_text(n) for n in nodes])
        return list_of(types[0])

    functions = {"f": feel.HouseFunction("f", ("a", "b?"), infer, lambda scope, *a: None)}
    assert str(feel.infer(feel.parse('f(b: "x", a: true)'), {}, functions)[0]) == "list of boolean"
    assert seen == [["boolean", "string", "true", '"x"']]


def test_three_valued_logic() -> None:
    values = (True, False, A)
    assert [and3(x, y) for x in values for y in values] == [True, False, A, False, False, False, A, False, A]
    assert [or3(x, y) for x in values for y in values] == [True, True, True, True, False, A, True, A, A]
    assert [not3(x) for x in values] == [False, True, A]
    assert and3(A, B) == Unknown(*A.reasons, *B.reasons)
    assert or3(B, A) == Unknown(*B.reasons, *A.reasons)
    for joined in (and3(True, EMPTY), and3(EMPTY, True), or3(False, EMPTY), or3(EMPTY, False), not3(EMPTY), settled(EMPTY), merged([EMPTY])):
        assert joined.__class__ is Unknown
        assert joined.reasons == EMPTY.reasons
    assert merged([A, True, None]) is A
    assert merged([A, B, A]).reasons == (*A.reasons, *B.reasons)


def test_any_of_keeps_unknowns_until_one_is_true() -> None:
    outcome = AnyOf()
    assert outcome.result() is False
    assert outcome.result(B.reasons) == B
    assert outcome.add(False) is False
    assert outcome.add(A) is False
    assert outcome.result() == A
    assert outcome.result(B.reasons) == Unknown(*A.reasons, *B.reasons)
    assert outcome.add(True) is True
    assert outcome.result(B.reasons) is True


def test_kinds_of_values() -> None:
    assert [kind_of(v) for v in (None, {}, Table("t", [], {}), Selection([], {}), len, object())] == [
        Kind.NULL, Kind.CONTEXT, Kind.LIST, Kind.LIST, Kind.FUNCTION, Kind.ANY]


def test_a_range_may_be_open_to_infinity() -> None:
    one, two = Decimal(1), Decimal(2)
    assert [in_range(v, Range(None, one)) for v in (one, two)] == [True, False]
    assert [in_range(v, Range(two, None)) for v in (one, two)] == [False, True]
    assert in_range(one, Range(None, None))


def test_failures_carry_their_code() -> None:
    def raises(operation: Any) -> str:
        with pytest.raises(Failure) as caught:
            guarded(operation)
        return caught.value.code

    with feel.decimal_context():
        assert raises(lambda: Decimal(1) / 0) == "reason.division-by-zero"
        assert raises(lambda: Decimal("1e6000") * Decimal("1e6000")) == "reason.overflow"
        assert raises(lambda: Decimal(-1).sqrt()) == "reason.not-computable"
        assert raises(lambda: int("x")) == "reason.not-computable"
        assert raises(lambda: compare("<", True, False)) == "reason.wrong-kind"


def test_scope_values_are_not_changed() -> None:
    values = [Decimal(1), None]
    feel.compile_strict(feel.parse("count(x[item > 0])"))({"x": values})
    assert values == [Decimal(1), None]
