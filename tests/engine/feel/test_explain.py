"""Traces, generated code and tables: what a proof shows, which conditions run as code, what is kept per table."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date
from decimal import Decimal, getcontext
from typing import Any

import pytest

from zerofactory_engine import feel
from zerofactory_engine.feel import kernel, tree
from zerofactory_engine.feel.columns import MIXED, NOTHING, column, holes_among, parts
from zerofactory_engine.feel.strict import Strict
from zerofactory_engine.feel.values import (
    BOOLEAN,
    Missing,
    Months,
    Range,
    Row,
    Selection,
    Table,
    list_of,
    number,
    table_of,
)
from zerofactory_engine.reasons import Cause, Reason, Unknown
from zerofactory_engine.units import unit

ODD = Unknown(Reason(Cause.IMPLAUSIBLE, "odd", "reason.odd"))


def table() -> Table:
    return Table("t", ["R0", "R1", "R2", "R3"], {
        "s": ["a", "b", None, "a"], "n": [Decimal(1), Decimal(2), Decimal(3), ODD], "m": [Decimal(0), Decimal(1), Decimal(1), Decimal(2)],
        "f": [True, False, True, None], "d": [date(2025, 1, 31), date(2025, 2, 1), None, date(2025, 3, 1)],
        "mixed": ["a", Decimal(1), True, None], "empty": [None] * 4})


def scope() -> dict[str, Any]:
    return {"t": table(), "q": Decimal(2), "w": "a", "words": ["a", "b"], "life": Months(1), "span": Range(Decimal(1), Decimal(2)), "none": None}


def trace_of(text: str, **more: Any) -> feel.Trace:
    return feel.explain(feel.parse(text), {**scope(), **more}, {"total": feel.TOTAL})


def outline(trace: feel.Trace) -> list[str]:
    """Text and value of each part, indented."""
    value = "…" if isinstance(trace.value, (Table, Selection, list)) else trace.value
    own = f"{feel.to_text(trace.node)} -> {value}" + (f" rows {list(trace.rows)}" if trace.rows is not None else "")
    return [own, *("  " + line for child in trace.children for line in outline(child))]


def test_a_trace_shows_every_part_with_its_value() -> None:
    assert outline(trace_of('total(t[s = "b" and m >= q - 1].n) / q <= 5')) == [
        'total(t[s = "b" and m >= q - 1].n) / q <= 5 -> Unknown(value:t/R2.s)',
        '  total(t[s = "b" and m >= q - 1].n) / q -> Unknown(value:t/R2.s)',
        '    total(t[s = "b" and m >= q - 1].n) -> Unknown(value:t/R2.s)',
        '      t[s = "b" and m >= q - 1].n -> …',
        '        t[s = "b" and m >= q - 1] -> … rows [1, 2]',
        "          t -> …",
        "          q -> 2",
        "    q -> 2",
        "  5 -> 5"]


def test_rows_of_a_filter_are_those_of_the_table_and_its_value_tells_the_doubtful() -> None:
    trace = trace_of('t[s = "a"][m > 0]')
    assert trace.rows == (2, 3)
    assert trace.children[0].rows == (0, 2, 3)
    assert isinstance(trace.value, Selection)
    assert [r.id for r in trace.value] == ["R2", "R3"]
    assert {p: u.reasons[0].subject for p, u in trace.value.doubts.items()} == {0: "t/R2.s"}
    assert trace_of("t[1]").rows is None
    assert trace_of("words[item != w]").rows is None


def test_both_sides_of_and_and_or_are_shown() -> None:
    assert outline(trace_of('w = "b" and q > 1 or none > 1')) == [
        'w = "b" and q > 1 or none > 1 -> Unknown(value:none)',
        '  w = "b" and q > 1 -> False', '    w = "b" -> False', "      w -> a", '      "b" -> b', "    q > 1 -> True", "      q -> 2", "      1 -> 1",
        "  none > 1 -> Unknown(value:none)", "    none -> Unknown(value:none)", "    1 -> 1"]


def test_loops_show_their_domain_and_what_they_take_from_outside() -> None:
    assert outline(trace_of("every e in t[m > 0] satisfies e.m >= q or e.s in words")) == [
        "every e in t[m > 0] satisfies e.m >= q or (e.s in words) -> Unknown(value:t/R2.s)",
        "  t[m > 0] -> … rows [1, 2, 3]", "    t -> …", "  q -> 2", "  words -> …"]
    assert outline(trace_of("for i in 1..q return i * q")) == [
        "for i in 1..q return i * q -> …", "  1 -> 1", "  q -> 2", "  q -> 2"]
    nested = outline(trace_of("some i in 1..2 satisfies (some e in t satisfies e.m = i and (if true then w = e.s else false))"))
    assert nested[1:] == ["  1 -> 1", "  2 -> 2", "  t -> …", "  w -> a"]
    assert [c.split(" -> ")[0].strip() for c in outline(trace_of("[3, 4][item > q][1]"))[1:4]] == ["[3, 4][item > q]", "[3, 4]", "3"]


def test_a_trace_that_is_stopped_for_its_size_has_no_parts() -> None:
    trace = trace_of("some i in 1..3000000 satisfies false")
    assert trace.children == ()
    assert trace.node == feel.parse("some i in 1..3000000 satisfies false")
    assert isinstance(trace.value, Unknown)
    assert trace.value.reasons[0].code == "reason.too-many-steps"


def test_a_trace_computes_with_34_digits_whatever_its_caller_set() -> None:
    assert trace_of("1 / 3").value == Decimal("0.3333333333333333333333333333333333")
    assert feel.evaluate(feel.parse("1 / 3")) == Decimal("0.3333333333333333333333333333333333")
    assert getcontext().prec == 28
    with feel.decimal_context():
        assert getcontext().prec == 34
        assert feel.compile_strict(feel.parse("1 / 3"))({}) == Decimal("0.3333333333333333333333333333333333")


# -- conditions as generated code --------------------------------------------------------------------------------------


def planned(text: str, **more: Any) -> tuple[bool, bool]:
    """Whether a filter's condition is planned as code, and whether there is code for the values at hand."""
    node = feel.parse(text)
    assert isinstance(node, (tree.Filter, tree.Quantified))
    with feel.decimal_context():
        Strict({**scope(), **more}, {}).run(node)
    plan = node.memo["plan"]
    return plan.possible, any(k is not None for k in plan.kernels.values())


@pytest.mark.parametrize("text", [
    's = "a"', 's != w and n > q', 's in ("a", "b")', "s in words", "n in span", "n in [1..q]", "n in (1..q)", "n in (< q, 3)", "n in (m, 3)",
    "n in [m..q)", "n between m and q", "n + m * 2 > q / 3 - 1", "-n < 0", "d + life > d", "d - life < d", "not(f)", "f = true", "f", "s = null", "null != n",
    "if f then n > 1 else m > 1", "empty = 1", 'empty = "a" or f', "item.n > 1", "f = (q > 1)", "n > (if f then 1 else q)", "s in []", "d < @\"2025-02-02\"",
])
def test_these_conditions_run_as_code(text: str) -> None:
    assert planned(f"t[{text}]") == (True, True)


@pytest.mark.parametrize(("text", "possible"), [
    ("n ** 2 > 1", True), ("n = s", True), ("f < true", True), ("mixed = 1", True), ("mixed = null", True), ("n", True), ("f and s", True), ("-s = w", True),
    ("not(n)", True), ("n in words", True), ("n > none", True), ("n in none", True), ("d + 1 > d", True), ("n + s > 1", True), ("s in span", True), ("f in [true..false]", True),
    ("n in [none..1]", True), ('n in ["a"..w]', True), ("n in [1..w]", True), ("n > null", True), ("n in (null, 1)", True), ("if s then f else f", True),
    ("(if f then 1 else w) = n", True), ("(n > 1) = null", True), ('s in ["a", 1]', True), ("s in [[w]]", True),
    ("contains(s, w)", False), ("d.year > 1", False), ("some x in words satisfies x = s", False), ("hat.n = n", True), ("s in t[m > 1].s", False),
    ("s = [m..q]", True), ("not(f, f)", False), ("n in t[n > 1].n", False), ("[s] = words", False), ("(n > 1) in [m..q]", True),
])
def test_these_are_interpreted(text: str, possible: bool) -> None:
    assert planned(f"t[{text}]") == (possible, False)


def test_code_is_generated_once_per_kinds_and_serves_all_tables_alike() -> None:
    node = feel.parse("t[n > q]")
    assert isinstance(node, tree.Filter)
    run = feel.compile_strict(node)
    for _ in range(3):
        run(scope())
    plan = node.memo["plan"]
    assert len(plan.kernels) == 1
    other = replace(table(), columns={**table().columns, "q": [Decimal(9)] * 4})
    assert [r.id for r in run({**scope(), "t": other})] == ["R3"]
    assert node.memo["plan"] is not plan


def test_a_row_that_cannot_be_computed_is_named_by_the_interpreter() -> None:
    trace = trace_of("t[1 / m > 0].n")
    assert isinstance(trace.value, Selection)
    assert {p: u.reasons[0].subject for p, u in trace.value.doubts.items()} == {0: "1 / m"}


def test_no_text_of_the_author_reaches_generated_code(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    original = kernel.load

    def spy(text: str, bound: dict[str, Any]) -> dict[str, Any]:
        seen.append(text)
        return original(text, bound)

    monkeypatch.setattr(kernel, "load", spy)
    monkeypatch.setattr("zerofactory_engine.feel.compiler.load", spy)
    evil = "__import__('os')"
    hostile = Table("t", ["R"], {evil: ["x"], "a": ["x"]})
    node = tree.Filter(tree.Name("t"), tree.Compare("=", tree.Name(evil), tree.String(evil)))
    assert list(feel.compile_strict(node)({"t": hostile})) == []
    assert feel.compile_strict(tree.Compare("=", tree.Path(tree.Name(evil), evil), tree.Number(Decimal(3))))({evil: {evil: Decimal(3)}}) is True
    assert len(seen) == 3
    assert not any("import" in text or "'" in text for text in seen)


def test_one_function_is_shared_by_threads() -> None:
    run = feel.compile_strict(feel.parse("count(t[n > q and s = w]) = c"))
    wrong: list[Any] = []

    def work(number: int) -> None:
        for _ in range(50):
            value = run({**scope(), "q": Decimal(number), "c": Decimal(0), "t": Table("t", ["R"], {"n": [Decimal(2)], "s": ["a"]})})
            if value is not (number >= 2):
                wrong.append((number, value))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


# -- tables and selections -----------------------------------------------------------------------------------------------


def test_what_is_known_about_columns() -> None:
    t = table()
    assert [column(t, c).kind for c in ("s", "n", "f", "mixed", "empty")] == [str, Decimal, bool, MIXED, NOTHING]  # type: ignore[union-attr]
    assert column(t, "hat") is None
    known = column(t, "n")
    assert known is not None
    assert known.holes == {3: ODD}
    assert column(t, "n") is known
    assert [u.reasons[0].subject for u in column(t, "s").holes.values()] == ["t/R2.s"]  # type: ignore[union-attr]
    assert column(t, "id").cells == ["R0", "R1", "R2", "R3"]  # type: ignore[union-attr]
    split = parts(t, ("s", "n"))
    assert (list(split.rows), list(split.others)) == ([0, 1], [2, 3])
    assert [list(c) for c in split.cells] == [["a", "b"], [Decimal(1), Decimal(2)]]
    whole = parts(t, ("m",))
    assert (list(whole.rows), list(whole.others)) == ([0, 1, 2, 3], [])
    assert {p: u.reasons[0].subject for p, u in holes_among(t, "s", [3, 2]).items()} == {1: "t/R2.s"}
    assert holes_among(t, "m", [0]) == {}
    assert holes_among(t, "hat", [0]) == {}
    once = Missing(Reason(Cause.VALUE, "m", "reason.x"))
    assert column(Table("u", ["a"], {"c": [once]}), "c").holes[0].__class__ is Unknown  # type: ignore[union-attr]


def test_rows_and_selections_behave_as_contexts_and_lists() -> None:
    t = table()
    row = Row(t, 1)
    assert (row.id, row["s"], row["id"], len(row), list(row)[:2], repr(row)) == ("R1", "b", "R1", 7, ["s", "n"], "Row(t/R1)")
    with pytest.raises(KeyError):
        row["hat"]
    assert row == Row(t, 1)
    assert row != Row(t, 2)
    assert row != Row(table(), 1)
    assert len({row, Row(t, 1), Row(t, 2)}) == 2
    assert len(t) == 4
    assert t.row(0)["s"] == "a"
    cells = Selection(None, {}, (), t, [1, 2], "s")
    assert (len(cells), cells[0], cells[-1]) == (2, "b", t.missing(2, "s"))
    assert list(cells) == ["b", t.missing(2, "s")]
    assert cells[0:1] == ["b"]
    assert cells == Selection(["b", t.missing(2, "s")], {})
    assert cells != Selection(["b", t.missing(2, "s")], {0: ODD})
    assert cells != Selection(["b", t.missing(2, "s")], {}, ODD.reasons)
    assert cells != ["b"]
    assert repr(Selection(["b"], {})) == "Selection(['b'], doubts={}, gaps=())"
    rows = Selection(None, {}, (), t, [1])
    assert rows[0] == row
    assert len(rows) == 1
    with pytest.raises(TypeError):
        hash(rows)


def test_types_print_as_people_say_them() -> None:
    assert [str(t) for t in (number(unit("MWh").dimension), number(unit("%").dimension), number(None), list_of(BOOLEAN), table_of({}))] == [
        "number in MWh", "number", "number", "list of boolean", "list of context"]


def test_a_changed_copy_of_a_table_remembers_nothing() -> None:
    t = table()
    column(t, "s")
    assert replace(t, name="u").memo == {}
