"""Text and tree: what is read how, what is refused where, and that printing and reading again changes nothing."""

from __future__ import annotations

from dataclasses import fields
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zerofactory_engine import feel
from zerofactory_engine.feel import tree
from zerofactory_engine.feel.scanner import KEYWORDS
from zerofactory_engine.feel.temporal import parse_temporal
from zerofactory_engine.feel.text import quoted
from zerofactory_engine.feel.tree import MAX_DEPTH, MAX_NESTING, MAX_NODES, MAX_TEXT, Span
from zerofactory_engine.messages import LANGUAGES, catalogue
from zerofactory_engine.problems import Place

PRINTED = r"""
1+2*3 ==> 1 + 2 * 3
(1+2)*3 ==> (1 + 2) * 3
1-(2-3) ==> 1 - (2 - 3)
1-2-3 ==> 1 - 2 - 3
a/(b*c) ==> a / (b * c)
2**3**2 ==> 2 ** 3 ** 2
2**(3**2) ==> 2 ** (3 ** 2)
-3**2 ==> -3 ** 2
-(3**2) ==> -(3 ** 2)
--a ==> --a
-a.b ==> -a.b
(-a).b ==> (-a).b
a or b and c ==> a or b and c
(a or b) and c ==> (a or b) and c
a and (b and c) ==> a and (b and c)
(a = b) = c ==> a = b = c
a = (b = c) ==> a = (b = c)
a in b and c ==> (a in b) and c
c or a in b ==> c or (a in b)
a in (b, c) and d ==> a in (b, c) and d
a in [1..2] and d ==> a in [1..2] and d
a in (b) ==> a in b
a in ((b).c) ==> a in b.c
a in ((b + c).d) ==> a in ((b + c).d)
a in (1..2) ==> a in (1..2)
a in ]1..2[ ==> a in (1..2)
a in ]1..2[ and b ==> a in (1..2) and b
[]1..2[, 3] ==> [(1..2), 3]
a in [1..b[2]] ==> a in [1..b[2]]
a in ]1..b[ or c ==> a in (1..b) or c
]1..2] ==> (1..2]
[1..2[ ==> [1..2)
[1..(if a then 1 else 2)] ==> [1..(if a then 1 else 2)]
(a = b..c) ==> ((a = b)..c)
a in (< 5, >= b + 1) ==> a in (< 5, >= b + 1)
a in <5 ==> a in < 5
a between b and c and d ==> a between b and c and d
a between (b and c) and d ==> a between (b and c) and d
if a then b else c ==> if a then b else c
1 + if a then b else c ==> 1 + (if a then b else c)
(if a then b else c).d ==> (if a then b else c).d
some x in a, y in b satisfies x = y and z ==> some x in a, y in b satisfies x = y and z
(some x in a satisfies x) or y ==> (some x in a satisfies x) or y
for i in 1..n return for j in 1..i return j ==> for i in 1..n return for j in 1..i return j
for full name in people return full name.x ==> for full name in people return full name.x
a instance of list<context<b: number, c: date and time>> ==> a instance of list<context<b: number, c: date and time>>
f instance of function<number, string> -> days and time duration ==> f instance of function<number, string> -> days and time duration
a instance of years and months duration and b ==> a instance of years and months duration and b
date and time("x") ==> date and time("x")
date ==> date
years and months duration(from: a, to: b) ==> years and months duration(from: a, to: b)
f(start position: 2) ==> f(start position: 2)
f()(1) ==> f()(1)
x[a > 1][2].b ==> x[a > 1][2].b
(function(a: number, b c) a + b c)(1, 2) ==> (function(a: number, b c) a + b c)(1, 2)
{a: 1, "b c": 2, "": 3} ==> {a: 1, "b c": 2, "": 3}
{ kWh/t : 1 } ==> {"kWh/t": 1}
[1,[2]] ==> [1, [2]]
@"P1D".days ==> @"P1D".days
a.start included ==> a.start included
"\"\\\n\r\té\u0001\U01F40E" ==> "\"\\\n\r\té\u0001🐎"
"\U0F0000" ==> "\U0f0000"
0.10 ==> 0.10
1e-3 ==> 0.001
用电量 + 电量2 ==> 用电量 + 电量2
a // comment ==> a
a /* b */ + c ==> a + c
"'\'" ==> "''"
not(a) ==> not(a)
?a ==> ?a
"""

REFUSED = r"""
 ==> value-expected@1
1 + ==> value-expected@4
1 2 ==> unexpected@3 2
a b ==> unexpected@3 b
(1 ==> expected@3 )
[1 ==> expected@3 ]
[1, ==> value-expected@4
]1] ==> expected@3 ] ..
[1..2 ==> expected@6 ] ) [
a[1 ==> expected@4 ]
a. ==> name-expected@3
a.+ ==> name-expected@3 +
if a then b ==> expected@12 else
if a b ==> expected@6 b then
some x in a ==> expected@12 satisfies
some in a satisfies b ==> name-expected@6 in
some and in a satisfies b ==> keyword@6 and
some x a ==> expected@9 in
for x in a b ==> expected@12 b return
a between 1 or 2 ==> expected@13 or and
a instance b ==> expected@12 b of
a instance of 1 ==> name-expected@15 1 number string boolean date list<…>
a instance of context<1> ==> name-expected@23 1
a instance of context<a> ==> expected@24 > :
a instance of range<number ==> expected@27 ,
and ==> keyword@1 and
a + then ==> keyword@5 then
@x ==> expected@2 x "…"
"abc ==> string-open@1 "
"\U110000" ==> escape@2 \U110000
/* abc ==> comment-open@1 /*
a + /* abc ==> comment-open@5 /*
f(a: 1, 2) ==> mixed-arguments@9 2
f(1, b: 2) ==> mixed-arguments@9 2
f(1 2) ==> expected@5 2 ,
{a 1} ==> name-expected@2 a
{1: 2} ==> name-expected@2 1
{a: 1 b: 2} ==> expected@7 b ,
{: 2} ==> name-expected@2 :
function(1) 2 ==> name-expected@10 1
function(a b) ==> value-expected@14
function(a, b ==> expected@14 ,
function(a) external {} ==> external-function@13 external
a in ( ==> value-expected@7
a in (b c) ==> expected@9 c )
1..2 ==> unexpected@2 .
< 5 ==> value-expected@1 <
a ! b ==> unexpected@3 !
(1..2) = (1..2 ==> expected@15 ] ) [
"""


def rows(table: str) -> list[tuple[str, str]]:
    return [(left, right.strip()) for left, _, right in (line.partition(" ==> ") for line in table.strip("\n").splitlines())]


@pytest.mark.parametrize(("text", "wanted"), rows(PRINTED))
def test_printed(text: str, wanted: str) -> None:
    names = ("full name", "b c")
    node = feel.parse(text, names)
    assert feel.to_text(node) == wanted
    assert feel.parse(wanted, names) == node


@pytest.mark.parametrize(("text", "wanted"), rows(REFUSED))
def test_refused(text: str, wanted: str) -> None:
    with pytest.raises(feel.FeelSyntaxError) as caught:
        feel.parse(text)
    (problem,) = caught.value.problems
    found = f"{problem.code.removeprefix('feel.')}@{problem.place.column} {problem.found} {problem.accepted or ''}"
    assert " ".join(found.split()) == wanted
    for language in LANGUAGES:
        assert problem.code in catalogue(language)


@pytest.mark.parametrize(("text", "code", "found", "accepted"), [
    ("1" * (MAX_TEXT + 1), "feel.too-long", str(MAX_TEXT + 1), str(MAX_TEXT)),
    ("1" * 65, "feel.number-too-long", "65", "64"),
    ("[" + "1," * MAX_NODES + "1]", "feel.too-many-nodes", str(MAX_NODES + 1), str(MAX_NODES)),
    ("1" + "+1" * MAX_DEPTH, "feel.too-deep", str(MAX_DEPTH + 1), str(MAX_DEPTH)),
    ("(" * 200 + "1" + ")" * 200, "feel.too-deep", str(MAX_NESTING + 1), str(MAX_NESTING)),
    ("[" * 200 + "]" * 200, "feel.too-deep", str(MAX_NESTING + 1), str(MAX_NESTING)),
    ("-" * 200 + "1", "feel.too-deep", str(MAX_DEPTH + 1), str(MAX_DEPTH)),
    ("a" + ".b" * 200, "feel.too-deep", str(MAX_DEPTH + 1), str(MAX_DEPTH)),
    ("some x in a satisfies " * 200 + "x", "feel.too-deep", str(MAX_NESTING + 1), str(MAX_NESTING)),
    ("if a then " * 200 + "x", "feel.too-deep", str(MAX_NESTING + 1), str(MAX_NESTING)),
    ("{a:" * 200, "feel.too-deep", str(MAX_NESTING + 1), str(MAX_NESTING)),
    ("f(" * 200, "feel.too-deep", str(MAX_NESTING + 1), str(MAX_NESTING)),
    ("function(a) " * 200, "feel.too-deep", str(MAX_NESTING + 1), str(MAX_NESTING)),
    ("a instance of " + "list<" * 200, "feel.too-deep", str(MAX_NESTING + 1), str(MAX_NESTING)),
    ("a instance of " + "f -> " * 200, "feel.too-deep", str(MAX_NESTING + 1), str(MAX_NESTING)),
])
def test_nothing_bigger_than_its_bound_is_read(text: str, code: str, found: str, accepted: str) -> None:
    with pytest.raises(feel.FeelSyntaxError) as caught:
        feel.parse(text)
    (problem,) = caught.value.problems
    assert (problem.code, problem.found, problem.accepted) == (code, found, accepted)


def test_the_largest_tree_is_still_evaluated() -> None:
    node = feel.parse("1" + "+1" * (MAX_DEPTH - 1))
    assert feel.evaluate(node) == MAX_DEPTH
    with feel.decimal_context():
        assert feel.compile_strict(node)({}) == MAX_DEPTH
    assert feel.explain(node, {}).value == MAX_DEPTH
    assert feel.parse(feel.to_text(node)) == node
    wide = feel.parse("[" + "1," * (MAX_NODES - 2) + "1]")
    assert len(feel.evaluate(wide)) == MAX_NODES - 1


def test_names_of_several_words_are_the_longest_that_is_known() -> None:
    names = ("energy use", "energy use of site", "a-b", "if only", "x")
    assert feel.parse("energy  use\n of site", names) == tree.Name("energy use of site")
    assert feel.parse("energy use + 1", names) == tree.Arithmetic("+", tree.Name("energy use"), tree.Number(Decimal(1)))
    assert feel.parse("a-b", names) == tree.Name("a-b")
    assert feel.parse("a - b", names) == tree.Name("a-b")
    assert feel.parse("a-bc", names) == tree.Arithmetic("-", tree.Name("a"), tree.Name("bc"))
    assert feel.parse("if only", names) == tree.Name("if only")
    assert feel.parse("x.energy use", names) == tree.Path(tree.Name("x"), "energy use")
    assert feel.parse("string length(x)") == tree.Call(tree.Name("string length"), (tree.Name("x"),))
    with pytest.raises(feel.FeelSyntaxError):
        feel.parse("string length")
    with pytest.raises(feel.FeelSyntaxError):
        feel.parse("energy used", names)


def test_spans_say_where_each_part_stands() -> None:
    text = "total(t[a > 1].b)\n  >= limit"
    node = feel.parse(text)
    assert isinstance(node, tree.Compare)
    assert node.span == Span(0, len(text), 1, 1)
    assert node.right.span == Span(text.index("limit"), len(text), 2, 6)
    assert isinstance(node.left, tree.Call)
    path = node.left.arguments[0]
    assert isinstance(path, tree.Path)
    assert text[path.span.start:path.span.end] == "t[a > 1].b"
    assert path.at == Span(15, 16, 1, 16)
    assert [type(n).__name__ for n in node.walk()] == [
        "Compare", "Call", "Name", "Path", "Filter", "Name", "Compare", "Name", "Number", "Name"]


def test_a_syntax_error_stands_at_its_line_and_column_of_the_file() -> None:
    with pytest.raises(feel.FeelSyntaxError) as caught:
        feel.parse("a +\n  )", place=Place("pack.yaml", line=4, column=10, path="x"))
    assert str(caught.value.problems[0].place) == "pack.yaml:5:3 x"
    with pytest.raises(feel.FeelSyntaxError) as caught:
        feel.parse("a + )", place=Place("pack.yaml", line=4, column=10, path="x"))
    assert str(caught.value.problems[0].place) == "pack.yaml:4:14 x"


def test_spans_and_memory_take_no_part_in_equality() -> None:
    one, other = feel.parse("t[a >1]"), feel.parse("t[ a > 1 ]")
    assert one == other
    assert hash(one) == hash(other)
    assert isinstance(one, tree.Filter)
    one.memo["x"] = 1
    assert one == other
    assert one != feel.parse("t[a > 2]")


# -- any tree that can be written ------------------------------------------------------------------------------------------

WORDS = st.sampled_from(["a", "b", "flow", "用电量", "x_1", "full name", "tCO2e"])
LEAVES = st.one_of(
    st.decimals(0, 10**6, allow_nan=False, allow_infinity=False, places=3).map(tree.Number),
    st.text(max_size=6).filter(lambda s: not any(0xD800 <= ord(c) < 0xE000 for c in s)).map(tree.String),
    st.booleans().map(tree.Boolean), st.just(tree.Null()), WORDS.map(tree.Name),
    st.sampled_from(["2025-01-31", "P1M", "P1D", "10:00:00", "no date"]).map(lambda t: tree.Temporal(t, parse_temporal(t))))
COMPARE = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])


def grown(inner: st.SearchStrategy[tree.Node]) -> st.SearchStrategy[tree.Node]:
    tests = st.lists(st.one_of(inner, st.builds(tree.UnaryTest, COMPARE, inner)), min_size=1, max_size=3).map(tuple)
    iterators = st.lists(st.builds(tree.Iterator, WORDS, inner, st.one_of(st.none(), inner)), min_size=1, max_size=2).map(tuple)
    return st.one_of(
        st.builds(tree.Path, inner, WORDS), st.builds(tree.Filter, inner, inner), st.builds(tree.Negate, inner),
        st.builds(tree.Arithmetic, st.sampled_from(["+", "-", "*", "/", "**"]), inner, inner),
        st.builds(tree.Compare, COMPARE, inner, inner), st.builds(tree.Between, inner, inner, inner),
        st.builds(tree.In, inner, tests), st.builds(tree.Logic, st.sampled_from(["and", "or"]), inner, inner),
        st.builds(tree.If, inner, inner, inner), st.builds(tree.For, iterators, inner),
        st.builds(tree.Quantified, st.sampled_from(["some", "every"]), iterators, inner),
        st.builds(tree.InstanceOf, inner, st.sampled_from(["number", "list<string>", "date and time"])),
        st.lists(inner, max_size=3).map(lambda i: tree.ListOf(tuple(i))),
        st.builds(tree.Interval, inner, inner, st.booleans(), st.booleans()),
        st.builds(tree.Call, inner, st.lists(inner, max_size=2).map(tuple)),
        st.builds(lambda f, a: tree.Call(f, (a,), ("from",)), inner, inner),
        st.lists(st.tuples(st.text("abc +.é", max_size=4), inner), max_size=2).map(lambda e: tree.ContextOf(tuple(e))),
        st.builds(lambda p, b: tree.Function(tuple(p), b),
                  st.lists(st.tuples(WORDS, st.one_of(st.none(), st.just("number"))), max_size=2), inner))


@settings(deadline=None, max_examples=400)
@given(st.recursive(LEAVES, grown, max_leaves=12))
def test_parse_print_parse_is_the_identity(node: tree.Node) -> None:
    text = feel.to_text(node)
    assert feel.parse(text, ("full name",)) == node
    assert feel.to_text(feel.parse(text, ("full name",))) == text


@settings(deadline=None, max_examples=300)
@given(st.text(st.sampled_from('abi nor.[]{}()<>=+-*/,:;"\\@1 \n' + "é量🐎"), max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        node = feel.parse(text)
    except feel.FeelSyntaxError:
        return
    assert feel.parse(feel.to_text(node)) == node


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=12).filter(lambda s: not any(0xD800 <= ord(c) < 0xE000 for c in s)))
def test_every_text_can_be_quoted(text: str) -> None:
    assert feel.parse(quoted(text)) == tree.String(text)


def test_every_node_prints_and_an_unknown_one_is_a_mistake() -> None:
    with pytest.raises(TypeError, match="no text for Node"):
        feel.to_text(tree.Node())
    assert tree.Node().children() == ()
    assert {f.name for f in fields(tree.Filter)} == {"span", "source", "condition", "memo"}
    assert "satisfies" in KEYWORDS


# -- names and columns that an expression takes ------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "names"), [
    ("a + b.c", {"a", "b"}), ("f(x: a)", {"a"}), ("t[c = d]", {"t", "c", "d"}), ("t[item.c > 1]", {"t"}),
    ("some x in a, y in x.b satisfies y = z", {"a", "z"}), ("for i in 1..n return partial + i", {"n"}), ("partial", {"partial"}),
    ("{a: b, c: a}", {"b"}), ("function(a) a + b", {"b"}), ("(function(a) a)(c)", {"c"}), ("item", {"item"}),
    ("every x in x satisfies x", {"x"}), ("1 in (a, < b, [c..d])", {"a", "b", "c", "d"}),
])
def test_free_names(text: str, names: set[str]) -> None:
    node = feel.parse(text)
    assert feel.free_names(node) == names


@pytest.mark.parametrize(("text", "columns"), [
    ("total(t[a = 1].b)", {("t", "a"), ("t", "b")}), ("t.b", {("t", "b")}), ("t[item.a > 1][c = 2].b", {("t", "a"), ("t", "b"), ("t", "c")}),
    ("some e in t satisfies e.a = 1", {("t", "a")}), ("every e in t[a = 1], n in u satisfies e.b = n.c and q", {("t", "a"), ("t", "b"), ("u", "c")}),
    ("for e in t return e.a", {("t", "a")}), ("t[some e in u satisfies e.x = y]", {("u", "x"), ("t", "y"), ("t", "u")}),
    ("count(t) + 1", set()), ("for i in 1..2 return i", set()), ("some e in [1] satisfies e.x = 1", set()),
    ("some t in u satisfies (some t in [1] satisfies t.x = 1)", set()), ("t[1].b", {("t", "b")}),
])
def test_columns_used(text: str, columns: set[tuple[str, str]]) -> None:
    assert feel.columns_used(feel.parse(text)) == columns
