"""The linear matcher against Python's on patterns that both read alike, its own rules, and its bounds."""

from __future__ import annotations

import dataclasses
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zerofactory_engine.feel.functions.patterns import matches, replace
from zerofactory_engine.feel.operators import Failure
from zerofactory_engine.feel.regex import MAX_PATTERN, MAX_WORK, RegexError, Step, compile_regex

SPANS = [
    ("b", "abc", (1, 2)), ("", "abc", (0, 0)), ("a|ab", "ab", (0, 1)), ("ab|a", "ab", (0, 2)), ("(a)|(b)", "b", (0, 1, -1, -1, 0, 1)),
    ("a*", "aaab", (0, 3)), ("a*?b", "aaab", (0, 4)), ("a+?", "aaa", (0, 1)), ("a??b", "ab", (0, 2)), ("x?", "ab", (0, 0)),
    ("a{2}", "aaa", (0, 2)), ("a{2,}", "aaaa", (0, 4)), ("a{1,2}", "aaaa", (0, 2)), ("a{1,2}?", "aaaa", (0, 1)), ("a{0}", "a", (0, 0)),
    ("(a(b)?)+", "abaab", (0, 5, 3, 5, 4, 5)), ("(?:ab)+", "ababa", (0, 4)), ("(a|b)*c", "abac", (0, 4, 2, 3)),
    ("^b", "ab", None), ("a$", "ab", None), ("b$", "ab", (1, 2)), (".", "\n", None), ("a.c", "abc", (0, 3)),
    ("[abc]+", "xcbay", (1, 4)), ("[^abc]", "abx", (2, 3)), ("[a-c-]+", "a-c", (0, 3)), ("[a-z-[m-p]]+", "almz", (0, 2)), ("[]a]", "]", "invalid"),
    (r"\d+", "a12b", (1, 3)), (r"\D", "1a", (1, 2)), (r"\s", "a b", (1, 2)), (r"\S+", " ab ", (1, 3)), (r"\w+", "-ab_", (1, 3)),
    (r"\W", "ab-", (2, 3)), (r"\i\c*", "1a-b", (1, 4)), (r"\I", "a1", (1, 2)), (r"\C", "a!", (1, 2)), (r"\p{Lu}", "aB", (1, 2)),
    (r"\P{L}", "a1", (1, 2)), (r"\p{IsBasicLatin}+", "éab", (1, 3)), (r"[\d.]+", "v1.2", (1, 4)), (r"[\]\\]+", "a]\\", (1, 3)),
    (r"\.\*\+\(\)\[\]\{\}\|\^\$\?\\\-", ".*+()[]{}|^$?\\-", (0, 15)), (r"\n\r\t", "\n\r\t", (0, 3)), ("[电网]+", "用电网", (1, 3)),
    ("[--a]", "-", (0, 1)), (r"[a-\d]", "a", "invalid"),
    ("(", "", "invalid"), (")", "", "invalid"), ("a**", "", "invalid"), ("*a", "", "invalid"), ("a{2", "", "invalid"), ("a{,2}", "", "invalid"),
    ("a{3,2}", "", "invalid"), ("a{x}", "", "invalid"), ("[a", "", "invalid"), ("[]", "", "invalid"), ("[b-a]", "", "invalid"), ("[[a]", "", "invalid"),
    ("[a-[b]", "", "invalid"), (r"\q", "", "invalid"), ("\\", "", "invalid"), (r"\p{Xx}", "", "invalid"), (r"\pL", "", "invalid"), (r"\1", "", "invalid"),
    (r"(a)\2", "", "invalid"), (r"(a)[\1]", "", "invalid"), (r"\0", "", "invalid"), ("a}", "", "invalid"), ("a{1}{2}", "", "invalid"), ("{", "", "invalid"),
    (r"(a)\1", "", "unsafe"), ("(?=a)", "", "unsafe"), ("(?<!a)", "", "unsafe"), ("a{1000}{2}", "", "invalid"), ("(a{100}){100}", "", "unsafe"),
    ("a{900}b{900}c{900}", "", "unsafe"), ("a{999999999}", "", "unsafe"), ("a{9999999999}", "", "invalid"), ("(" * 31 + "a" + ")" * 31, "", "unsafe"), ("(" * 30 + "a" + ")" * 30, "ba", 1),
    ("a" * (MAX_PATTERN + 1), "", "unsafe"), ("a" * MAX_PATTERN, "", None),
]


def outcome(pattern: str, text: str, flags: str = "") -> object:
    try:
        return compile_regex(pattern, flags).search(text)
    except RegexError as error:
        return "unsafe" if error.unsafe else "invalid"


@pytest.mark.parametrize(("pattern", "text", "wanted"), SPANS)
def test_search(pattern: str, text: str, wanted: object) -> None:
    found = outcome(pattern, text)
    assert (found[0] if isinstance(wanted, int) and isinstance(found, tuple) else found) == wanted


@pytest.mark.parametrize(("pattern", "flags", "text", "wanted"), [
    ("ABC", "i", "xabc", (1, 4)), ("[A-C]+", "i", "xabc", (1, 4)), ("k", "i", "\u212a", (0, 1)), ("[^q]", "i", "Q", None), ("a.b", "s", "a\nb", (0, 3)),
    ("^b$", "m", "a\nb\nc", (2, 3)), ("^b$", "", "a\nb\nc", None), ("a b\tc", "x", "abc", (0, 3)), ("a[ ]b", "x", "a b", (0, 3)), (r"a\[ b", "x", "a[b", (0, 3)),
    ("a.b*", "q", "xa.b*", (1, 5)), ("a b", "qx", "a b", (0, 3)), ("A.", "qi", "a.", (0, 2)), ("a", "z", "a", "invalid"), ("a", "sm", "ba", (1, 2)),
    ("[a-z-[x]]", "i", "X", None), ("[a-z-[x]]", "i", "Y", (0, 1)),
])
def test_flags(pattern: str, flags: str, text: str, wanted: object) -> None:
    assert outcome(pattern, text, flags) == wanted


def test_a_search_begins_where_it_is_told() -> None:
    regex = compile_regex("a")
    assert regex.search("aba", 1) == (2, 3)
    assert regex.search("ab", 1) is None
    assert compile_regex("^a").search("aa", 1) is None


@pytest.mark.parametrize("pattern", ["(a*)*b", "(a|a)*b", "(a|aa)+$", "(.*)(.*)(.*)(.*)x", "(a?){30}a{30}", "((a+)+)+b"])
def test_patterns_that_explode_elsewhere_take_linear_time(pattern: str) -> None:
    tested = 0

    def counted(step: Step) -> Step:
        def test(char: str) -> bool:
            nonlocal tested
            tested += 1
            assert step.test is not None
            return step.test(char)
        return step if step.test is None else dataclasses.replace(step, test=test)

    regex = compile_regex(pattern)
    regex = dataclasses.replace(regex, program=tuple(counted(step) for step in regex.program))
    work = []
    for size in (200, 400):
        tested = 0
        regex.search("a" * size + "!")
        work.append(tested)
    assert work[0] > 0
    assert work[1] <= 2 * work[0] + len(regex.program)


def test_work_is_bounded() -> None:
    regex = compile_regex("a{500}b")
    size = MAX_WORK // len(regex.program)
    with pytest.raises(RegexError) as caught:
        regex.search("a" * (size + 1))
    assert caught.value.unsafe
    assert compile_regex("b").search("a" * 5000 + "b") == (5000, 5001)


def test_functions_on_texts_that_are_too_long_have_no_result() -> None:
    with pytest.raises(Failure):
        matches("a" * MAX_WORK, "b")
    with pytest.raises(Failure):
        replace("a" * 2000, "a", "b" * 1000)
    assert replace("a" * 2000, "a", "b" * 500) == "b" * 1_000_000


PIECES = st.recursive(
    st.sampled_from(["a", "b", "c", ".", "[ab]", "[^a]", "^", "$"]),
    lambda inner: st.one_of(st.tuples(inner, inner).map("".join), st.tuples(inner, inner).map("|".join).map(lambda s: f"(?:{s})"),
                            inner.map(lambda s: f"({s})"),
                            st.tuples(st.sampled_from(["a", "b", "[ab]", "(?:ab)", "(?:a|b)", "(?:ba|b)"]),
                                      st.sampled_from(["*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{1,}?"])).map("".join)),
    max_leaves=6)


@settings(deadline=None, max_examples=600)
@given(PIECES, st.text("abc\n", max_size=8))
def test_as_pythons_matcher(pattern: str, text: str) -> None:
    found = re.search(pattern.replace("$", r"\Z").replace(".", r"[^\n\r]"), text)
    wanted = None if found is None else tuple(p for g in range(1 + (found.re.groups)) for p in found.span(g))
    assert compile_regex(pattern).search(text) == wanted
