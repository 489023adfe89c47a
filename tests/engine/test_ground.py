"""Decimals, canonical JSON, problems, reasons, the proof graph: what everything else stands on."""

from __future__ import annotations

import datetime
from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerofactory_engine import canonical, decimals
from zerofactory_engine.messages import catalogue, render, render_problem, render_reason
from zerofactory_engine.problems import Collector, Place, Problem, ProblemsError, Severity
from zerofactory_engine.proof import Graph, Step
from zerofactory_engine.reasons import Cause, Reason, Settler, Unknown


@pytest.mark.parametrize(("text", "value"), [
    ("1200", "1200"), (" 0.30 ", "0.30"), ("-5", "-5"), ("+5", "5"), (".5", "0.5"), ("1e3", "1E+3"), ("1.2E-3", "0.0012"),
    ("0", "0"), ("1e30", "1E+30"),
])
def test_numbers_that_are_read(text: str, value: str) -> None:
    assert decimals.parse_decimal(text) == Decimal(value)


@pytest.mark.parametrize("text", ["", "NaN", "Infinity", "-inf", "1e400", "1e31", "1,200", "1 200", "0x10", "１２", "1e", "--1", "1" * 65])
def test_texts_that_are_not_numbers(text: str) -> None:
    assert decimals.parse_decimal(text) is None


@pytest.mark.parametrize(("text", "digits"), [("1200", 2), ("0.0500", 1), ("0", 1), ("123456789012345", 15), ("1001", 4), ("0.10203", 5)])
def test_significant_digits(text: str, digits: int) -> None:
    assert decimals.significant_digits(Decimal(text)) == digits


@pytest.mark.parametrize(("value", "text"), [("1E+3", "1000"), ("0.30", "0.3"), ("-0", "0"), ("1.2E-7", "0.00000012"), ("100", "100")])
def test_plain_notation(value: str, text: str) -> None:
    assert decimals.plain(Decimal(value)) == text


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-10**12, max_value=10**12, places=6))
def test_plain_notation_gives_the_number_back(value: Decimal) -> None:
    assert Decimal(decimals.plain(value)) == value


def test_canonical_json_does_not_depend_on_order_or_on_how_a_number_is_written() -> None:
    one = {"b": Decimal("1.50"), "a": [datetime.date(2025, 1, 1), True, None, Cause.VALUE]}
    other = {"a": (datetime.date(2025, 1, 1), True, None, "value"), "b": Decimal("1.5")}
    assert canonical.canonical_bytes(one) == b'{"a":["2025-01-01",true,null,"value"],"b":"1.5"}'
    assert canonical.content_hash(one) == canonical.content_hash(other)


def test_canonical_json_refuses_floats() -> None:
    with pytest.raises(TypeError, match="float"):
        canonical.canonical_bytes({"a": 0.1})


def test_canonical_json_ignores_the_ambient_decimal_context() -> None:
    with localcontext() as context:
        context.prec = 3
        assert canonical.jsonable(Decimal("1234567.8910")) == "1234567.891"


def test_problem_is_rendered_with_everything_in_both_languages() -> None:
    problem = Problem("problem.found", Place(file="a.yaml", line=3, column=7, path="electricity/E1"), found="x",
                      accepted="MWh", example="10", args={"value": "v"})
    assert render_problem(problem, "en") == "a.yaml:3:7 electricity/E1 — found: v — found: x — accepted: MWh — example: 10"
    assert render_problem(problem, "zh") == "a.yaml:3:7 electricity/E1 — 实际为：v — 实际为：x — 可接受：MWh — 示例：10"
    assert problem.as_json() == {
        "code": "problem.found", "severity": "error", "found": "x", "accepted": "MWh", "example": "10", "args": {"value": "v"},
        "place": {"file": "a.yaml", "line": 3, "column": 7, "path": "electricity/E1"}}


@pytest.mark.parametrize(("place", "text"), [
    (Place(file="b.xlsx", sheet="energy", cell="F14"), "b.xlsx[energy!F14]"), (Place(file="d.pdf", page=3), "d.pdf#page=3"),
    (Place(xpath="/a/b"), "/a/b"), (Place(), ""), (Place(file="x", line=2), "x:2"), (Place(sheet="s"), "[s]"),
])
def test_places_in_words(place: Place, text: str) -> None:
    assert str(place) == text


def test_all_problems_travel_together() -> None:
    gathered = Collector()
    gathered.add(Problem("a.one", severity=Severity.WARNING))
    gathered.raise_errors()
    gathered.extend([Problem("a.two"), Problem("a.three", severity=Severity.NOTE)])
    assert len(gathered) == 3
    with pytest.raises(ProblemsError) as caught:
        gathered.raise_errors()
    assert [p.code for p in caught.value.problems] == ["a.one", "a.two", "a.three"]


def test_unknown_keeps_its_reasons_once_and_in_order() -> None:
    first = Reason(Cause.VALUE, "electricity/E1.MWh", "reason.cell-missing")
    second = Reason(Cause.LIMIT, "parameter:x", "reason.limit-unknown", (("title", "x"),))
    merged = Unknown(first, first).merge(Unknown(second), Decimal(1), Unknown(first))
    assert merged.reasons == (first, second)
    assert merged == Unknown(first, second)
    assert merged != Unknown(second, first)
    assert merged != Decimal(0)
    assert first.settled_by is Settler.APPLICANT
    assert second.settled_by is Settler.ISSUER
    assert second.as_json() == {"cause": "limit", "subject": "parameter:x", "code": "reason.limit-unknown",
                                "settled_by": "issuer", "args": {"title": "x"}}
    assert hash(merged) == hash(Unknown(first, second))
    assert repr(merged) == "Unknown(value:electricity/E1.MWh, limit:parameter:x)"


def test_unknown_is_neither_true_nor_false() -> None:
    with pytest.raises(TypeError, match="neither true nor false"):
        bool(Unknown())


def test_merge_without_unknowns_is_the_same_object() -> None:
    unknown = Unknown(Reason(Cause.TABLE, "energy", "reason.x"))
    assert unknown.merge(Decimal(1), None) is unknown


def test_unknown_code_prints_as_itself() -> None:
    assert render("nobody.knows", "en") == "nobody.knows"
    assert render("nobody.knows", "zh", {"a": 1}) == "nobody.knows {'a': 1}"
    assert render_reason(Reason(Cause.VALUE, "s", "cause.value"), "zh") == catalogue("zh")["cause.value"]


def test_graph_shares_steps_and_lists_operands_first() -> None:
    graph = Graph()
    leaf = graph.add(Step("leaf", "cell", Decimal(2), "MWh"))
    left = graph.add(Step("left", "sum", Decimal(2), "MWh", (leaf,)))
    right = graph.add(Step("right", "sum", Decimal(2), "MWh", (leaf,)))
    top = graph.add(Step("top", "ratio", Decimal(1), "1", (left, right), {"expression": "left / right"}))
    graph.add(Step("leaf", "cell", Decimal(99)))
    assert [s.id for s in graph.below(top)] == ["leaf", "left", "right", "top"]
    assert len(graph) == 4
    assert graph["leaf"].value == 2
    assert "leaf" in graph
    assert graph.as_json()["top"] == {"kind": "ratio", "value": Decimal(1), "unit": "1", "operands": ["left", "right"],
                                      "detail": {"expression": "left / right"}}
