"""The plain chainer and durable-rules derive the same facts with the same provenance from the same declaration."""

from __future__ import annotations

import random

import pytest

from zerofactory_engine.findings import chainer, durable
from zerofactory_engine.findings.facts import Fact
from zerofactory_engine.rulepack.model import FindingRule, Pattern

needs_durable = pytest.mark.skipif(durable.unavailable() is not None, reason=str(durable.unavailable()))

VERDICTS = ["met", "not_met", "indeterminate"]
CRITERIA = ["C-1", "C-2", "条款 3", "C'4\"", "9"]


def random_facts(rng: random.Random) -> list[Fact]:
    facts = []
    for number in range(rng.randint(0, 14)):
        kind = rng.choice(["verdict", "cause", "flip"])
        attributes = {"kind": kind, "criterion": rng.choice(CRITERIA), "level": rng.choice(["entry", "target"])}
        if kind == "verdict":
            attributes["verdict"] = rng.choice(VERDICTS)
        if rng.random() < 0.5:
            attributes["class"] = rng.choice(["mandatory", "guiding"])
        if kind == "flip":
            attributes["flips_by"] = rng.choice(["R1", "R2"])
        facts.append(Fact(f"f{number}", attributes))
    return facts


def random_rules(rng: random.Random) -> list[FindingRule]:
    rules = []
    for number in range(rng.randint(1, 8)):
        layer = rng.choice(["low", "high"])
        kinds = ["verdict", "cause", "flip"] + (["low"] if layer == "high" else [])
        patterns = []
        for _ in range(rng.randint(1, 3)):
            match = {"kind": rng.choice(kinds)}
            if rng.random() < 0.7:
                match["criterion"] = rng.choice(["$c", "$c", "$d", *CRITERIA])
            if match["kind"] == "verdict" and rng.random() < 0.7:
                match["verdict"] = rng.choice([*VERDICTS, "$v"])
            if rng.random() < 0.4:
                match["level"] = rng.choice(["$l", "entry"])
            patterns.append(Pattern(match))
        bound = sorted({v for p in patterns for v in p.match.values() if v.startswith("$")})
        then = {"kind": layer, "criterion": rng.choice([*bound, "C-1"]), "level": "entry", "note": rng.choice(["a", "b"])}
        rules.append(FindingRule(f"r{number}", tuple(patterns), (then,)))
    return rules


@needs_durable
def test_durable_rules_agrees_with_the_plain_chainer_on_random_cases() -> None:
    rng = random.Random(20260722)
    derived = 0
    for case in range(300):
        rules, facts = random_rules(rng), random_facts(rng)
        expected = chainer.derive(rules, facts)
        assert durable.derive(rules, facts) == expected, case
        derived += len(expected)
    assert derived > 300, "the random cases derive too little to prove anything"
