"""Forward chaining over symbols: joins, bindings, layers, provenance, independence of order, and what is refused."""

from __future__ import annotations

import random
from typing import Any

import pytest

from zerofactory_engine.findings import chainer, durable
from zerofactory_engine.findings.facts import Fact, check_rules, conclude, kind_of, match
from zerofactory_engine.findings.general import general_rules
from zerofactory_engine.rulepack.model import FindingRule, Pattern


def fact(name: str, **attributes: str) -> Fact:
    return Fact(name, attributes)


def rule(name: str, when: list[dict[str, str]], *then: dict[str, Any]) -> FindingRule:
    return FindingRule(name, tuple(Pattern(p) for p in when), then)


NOT_MET = fact("v1", kind="verdict", criterion="C-1", level="entry", verdict="not_met", **{"class": "mandatory"})
DEPENDS = fact("d1", kind="flip", criterion="C-1", flips_by="R1")


def test_a_single_pattern_concludes_with_what_it_bound() -> None:
    rules = [rule("nc", [{"kind": "verdict", "verdict": "not_met", "criterion": "$c"}],
                  {"kind": "nonconformity", "severity": "major", "criterion": "$c"})]
    (found,) = chainer.derive(rules, [NOT_MET])
    assert found.fact.attributes == {"kind": "nonconformity", "severity": "major", "criterion": "C-1"}
    assert found.fact.kind == "nonconformity"
    assert (found.rules, found.sources) == (("nc",), ("v1",))


def test_patterns_join_on_a_shared_name_and_not_otherwise() -> None:
    rules = [rule("r", [{"kind": "verdict", "criterion": "$c"}, {"kind": "flip", "criterion": "$c", "flips_by": "$r"}],
                  {"kind": "observation", "criterion": "$c", "subject": "$r"})]
    other = fact("d2", kind="flip", criterion="C-2", flips_by="R2")
    (found,) = chainer.derive(rules, [NOT_MET, DEPENDS, other])
    assert found.fact.attributes["subject"] == "R1"
    assert found.sources == ("d1", "v1")


def test_two_patterns_need_two_facts() -> None:
    rules = [rule("r", [{"kind": "verdict"}, {"kind": "verdict"}], {"kind": "observation"})]
    assert chainer.derive(rules, [NOT_MET]) == ()
    twin = fact("v2", kind="verdict", criterion="C-2")
    assert chainer.derive(rules, [NOT_MET, twin])[0].sources == ("v1", "v2")


def test_a_conclusion_feeds_further_rules_and_names_what_it_rests_on() -> None:
    rules = [rule("first", [{"kind": "verdict", "criterion": "$c"}], {"kind": "weak", "criterion": "$c"}),
             rule("second", [{"kind": "weak", "criterion": "$c"}], {"kind": "action", "criterion": "$c"})]
    by_kind = {d.fact.kind: d for d in chainer.derive(rules, [NOT_MET])}
    assert by_kind["action"].sources == (by_kind["weak"].fact.id,)


def test_one_conclusion_from_two_sources_stands_once_with_both() -> None:
    rules = [rule("r", [{"kind": "missing", "subject": "$s"}], {"kind": "request", "subject": "$s"})]
    found = chainer.derive(rules, [fact("m2", kind="missing", subject="E2"), fact("m1", kind="missing", subject="E2")])
    assert [d.sources for d in found] == [("m1", "m2")]


def test_rules_of_other_content_never_share_an_id() -> None:
    one = conclude(rule("a", [], {"kind": "action", "x": "1"}), 0, {})
    assert one.id.startswith("action:")
    assert len(one.id) == len("action:") + 16
    assert one.id != conclude(rule("b", [], {"kind": "action", "x": "1"}), 0, {}).id
    assert one.id != conclude(rule("a", [], {"kind": "action", "x": "2"}), 0, {}).id


def test_sentences_and_levers_travel_along_and_are_not_compared() -> None:
    rules = [rule("r", [{"kind": "verdict"}], {"kind": "action", "text": {"zh": "行动", "en": "act"}, "levers": ["a"]})]
    (found,) = chainer.derive(rules, [NOT_MET])
    assert found.fact.payload == {"text": {"zh": "行动", "en": "act"}, "levers": ["a"]}
    assert found.fact.attributes == {"kind": "action"}


def test_the_order_of_facts_and_rules_does_not_matter() -> None:
    rules = list(general_rules())
    facts = [fact(f"v{n}", kind="verdict", verdict="not_met", criterion=f"C-{n % 7}", level="entry", asked="yes",
                  computed="yes", robust="no", **{"class": "mandatory"}) for n in range(20)]
    expected = chainer.derive(rules, facts)
    assert len(expected) == 14  # a nonconformity and "not robust" for each of seven criteria
    rng = random.Random(3)
    for _ in range(5):
        rng.shuffle(rules)
        rng.shuffle(facts)
        assert chainer.derive(rules, facts) == expected


@pytest.mark.parametrize(("attributes", "expected"), [
    ({"kind": "lever", "criterion": "C"}, "lever"),
    ({"criterion": "C", "flips_by": "R"}, "flip"),
    ({"criterion": "C", "cause": "limit"}, "cause"),
    ({"criterion": "C", "lever": "x"}, "lever"),
    ({"criterion": "C", "confidence": "unconfirmed"}, "rest"),
    ({"code": "x"}, "problem"),
    ({"criterion": "C", "answer": "minor"}, "judgement"),
    ({"criterion": "C", "verdict": "met"}, "verdict"),
    ({"level": "entry", "verdict": "met"}, "level"),
    ({"verdict": "met"}, "verdict"),
])
def test_a_pattern_without_kind_is_told_by_its_attributes(attributes: dict[str, str], expected: str) -> None:
    assert kind_of(Pattern(attributes)) == expected


def test_a_name_used_twice_in_one_pattern_has_to_meet_the_same() -> None:
    pattern = Pattern({"kind": "flip", "a": "$x", "b": "$x"})
    assert match(pattern, fact("f", kind="flip", a="1", b="1"), {}) == {"$x": "1"}
    assert match(pattern, fact("f", kind="flip", a="1", b="2"), {}) is None
    assert match(pattern, fact("f", kind="flip", a="1"), {}) is None
    assert match(pattern, fact("f", kind="flip", a="1", b="1"), {"$x": "2"}) is None


@pytest.mark.parametrize(("bad", "code", "found"), [
    (rule("e", [], {"kind": "action"}), "findings.rule-empty", "e"),
    (rule("e", [{"kind": "verdict"}]), "findings.rule-empty", "e"),
    (rule("k", [{"kind": "verdict"}], {"kind": "verdict"}), "findings.kind-not-concludable", "verdict"),
    (rule("k", [{"kind": "verdict"}], {"kind": "$v"}), "findings.kind-not-concludable", "$v"),
    (rule("k", [{"kind": "verdict"}], {"criterion": "C"}), "findings.kind-not-concludable", "k"),
    (rule("n", [{"kind": "verdict", "criterion": "$c"}], {"kind": "action", "criterion": "$d"}), "findings.name-free", "$d"),
    (rule("c", [{"kind": "low"}], {"kind": "low"}), "findings.cycle", "low → low"),
])
def test_rules_that_cannot_hold_are_refused(bad: FindingRule, code: str, found: str) -> None:
    assert [(p.code, p.found) for p in check_rules([bad])] == [(code, found)]


def test_a_cycle_over_several_rules_is_shown_as_a_chain() -> None:
    rules = [rule("1", [{"kind": "verdict"}, {"kind": "b"}], {"kind": "a"}), rule("2", [{"kind": "c"}], {"kind": "b"}),
             rule("3", [{"kind": "a"}], {"kind": "c"}), rule("4", [{"kind": "a"}], {"kind": "z"})]
    assert [p.found for p in check_rules(rules)] == ["a → b → c → a"]


def test_the_general_rules_are_sound_and_their_codes_have_sentences() -> None:
    from zerofactory_engine.messages import catalogue

    assert check_rules(general_rules()) == []
    codes = {t["code"] for r in general_rules() for t in r.then if "code" in t and not t["code"].startswith("$")}
    assert codes - set(catalogue("zh")) == set()
    assert all(r.id.startswith("engine:") for r in general_rules())


def test_only_asked_levels_lead_to_nonconformities_and_requests() -> None:
    facts = [fact("v", kind="verdict", verdict="not_met", criterion="C", level="target", asked="no", computed="yes",
                  **{"class": "mandatory"}),
             fact("m", kind="missing", cause="value", asked="no", settled_by="applicant", subject="E1", code="x")]
    assert chainer.derive(general_rules(), facts) == ()


def test_a_limit_nobody_knows_is_no_request_to_the_applicant() -> None:
    facts = [fact("m", kind="missing", cause="limit", asked="yes", settled_by="issuer", subject="parameter:P", code="x",
                  criterion="C", level="entry")]
    (found,) = chainer.derive(general_rules(), facts)
    assert (found.fact.kind, found.fact.attributes["settled_by"]) == ("observation", "issuer")


@pytest.mark.skipif(durable.unavailable() is not None, reason=str(durable.unavailable()))
def test_durable_rules_in_a_process_of_its_own() -> None:
    facts = [NOT_MET, DEPENDS]
    rules = [rule("r", [{"kind": "verdict", "criterion": "$c"}, {"kind": "flip", "criterion": "$c"}], {"kind": "action", "criterion": "$c"})]
    assert durable.derive_apart(rules, facts) == chainer.derive(rules, facts)
    assert durable.derive(rules, []) == ()


@pytest.mark.skipif(durable.unavailable() is not None, reason=str(durable.unavailable()))
def test_durable_rules_agree_on_the_general_rules_and_leave_no_threads() -> None:
    import threading

    facts = [fact(f"v{n}", kind="verdict", verdict="not_met", criterion=f"C-{n}", level="entry", asked="yes",
                  computed="yes", robust="no", **{"class": "mandatory"}) for n in range(20)]
    before = threading.active_count()
    assert durable.derive(general_rules(), facts) == chainer.derive(general_rules(), facts)
    assert threading.active_count() == before
