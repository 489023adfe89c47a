"""Question sets: laid out, cited, the numbers of items that the sources state."""

from __future__ import annotations

import pytest

from zerofactory_engine.problems import ProblemsError
from zerofactory_engine.rulepack.questions import question_set, read_question_set, shipped

GOOD = """format: zerofactory/question-set/1
id: a-set
title: {zh: 问题集, en: A set}
clause: c
source: example
confidence: secondary
last_confirmed: 2026-11-01
items:
  one: {zh: 一, en: One}
"""


@pytest.mark.parametrize(("set_id", "items"), [
    ("miit-supply-chain", 6), ("miit-energy-carbon-functions", 13), ("gbt36132-functions", 12), ("miit-disclosure", 3)])
def test_numbers_of_items(set_id: str, items: int) -> None:
    assert len(question_set(set_id).items) == items


def test_the_twelve_are_the_thirteen_without_the_last() -> None:
    assert list(question_set("gbt36132-functions").items) == list(question_set("miit-energy-carbon-functions").items)[:12]


@pytest.mark.parametrize("set_id", sorted(shipped()))
def test_every_shipped_set_is_right(set_id: str) -> None:
    found = question_set(set_id)
    assert found.id == set_id
    assert found.source.last_confirmed is not None
    assert all(i.text["zh"] and i.text["en"] for i in found.items.values())


def test_an_unknown_set_says_what_there_is() -> None:
    with pytest.raises(ProblemsError) as raised:
        question_set("miit-supply-chian")
    assert raised.value.problems[0].accepted is not None
    assert "miit-supply-chain" in raised.value.problems[0].accepted


def test_a_comment_is_no_content_and_a_word_is() -> None:
    one, problems = read_question_set(GOOD.encode(), "a-set.yaml")
    two, _ = read_question_set(("# remark\n" + GOOD).encode(), "a-set.yaml")
    three, _ = read_question_set(GOOD.replace("en: One", "en: Uno").encode(), "a-set.yaml")
    assert problems == []
    assert one is not None
    assert two is not None
    assert three is not None
    assert one.sha256 == two.sha256 != three.sha256


@pytest.mark.parametrize(("old", "new", "code"), [
    ("  one: {zh: 一, en: One}", "  one: {zh: 一}", "typed.missing-key"),
    ("source: example\n", "", "typed.missing-key"),
    ("id: a-set", "id: b-set", "pack.folder-name"),
    ("items:\n  one: {zh: 一, en: One}", "items: {}", "typed.list-length"),
    ("clause: c", "claus: c", "typed.unknown-key-near"),
])
def test_what_is_wrong_is_said(old: str, new: str, code: str) -> None:
    assert old in GOOD
    _, problems = read_question_set(GOOD.replace(old, new).encode(), "a-set.yaml")
    assert code in {p.code for p in problems}
