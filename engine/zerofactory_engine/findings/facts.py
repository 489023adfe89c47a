"""Facts and rules over symbols: texts compared for equality, nothing computed.

A fact is a flat mapping from attribute to text. A rule has patterns, each of which has to match a fact of its own;
``$name`` in a pattern binds what it meets and has to meet the same again; its conclusions are facts in their turn.
Numbers, absence and negation have no place here: what they would say is computed before and stated as a fact.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from zerofactory_engine.problems import Problem
from zerofactory_engine.rulepack.model import FindingRule, Pattern

#: Kinds of conclusion that are findings; all other kinds are symbols for further rules.
FINDING_KINDS = frozenset({"nonconformity", "observation", "request", "action"})

#: Kinds that evaluation states; no rule may conclude them.
GIVEN_KINDS = frozenset({"verdict", "cause", "missing", "flip", "rest", "level", "judgement", "problem", "lever"})

#: What a conclusion carries along that is not a symbol: sentences and lists of levers.
PAYLOAD_KEYS = frozenset({"text", "levers"})

#: The attribute that tells the kind of a pattern that does not say it.
_TELLING = (("flips_by", "flip"), ("cause", "cause"), ("lever", "lever"), ("confidence", "rest"), ("code", "problem"),
            ("answer", "judgement"), ("criterion", "verdict"), ("level", "level"))


@dataclass(frozen=True, slots=True)
class Fact:
    """A statement. *id* is stable; *payload* is carried along and never compared."""

    id: str
    attributes: Mapping[str, str]
    payload: Mapping[str, Any] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """What it is about."""
        return self.attributes["kind"]


@dataclass(frozen=True, slots=True)
class Derived:
    """A concluded fact: the rules that concluded it and every fact they drew on, both sorted."""

    fact: Fact
    rules: tuple[str, ...]
    sources: tuple[str, ...]


def kind_of(pattern: Pattern) -> str:
    """The kind of fact that *pattern* matches: the one it says, else the one that its attributes tell."""
    if "kind" in pattern.match:
        return pattern.match["kind"]
    return next((kind for attribute, kind in _TELLING if attribute in pattern.match), "verdict")


def match(pattern: Pattern, fact: Fact, bindings: Mapping[str, str]) -> dict[str, str] | None:
    """*bindings* with those that *pattern* adds when it matches *fact*, else None."""
    found = dict(bindings)
    for attribute, wanted in pattern.match.items():
        value = fact.attributes.get(attribute)
        if value is None:
            return None
        if wanted.startswith("$"):
            if found.setdefault(wanted, value) != value:
                return None
        elif wanted != value:
            return None
    return found if fact.kind == kind_of(pattern) else None


def conclude(rule: FindingRule, index: int, bindings: Mapping[str, str]) -> Fact:
    """Conclusion number *index* of *rule*; its id follows from the rule and its content, so it is concluded once."""
    template = rule.then[index]
    attributes = {k: bindings[v] if v in bindings else str(v) for k, v in template.items() if k not in PAYLOAD_KEYS}
    payload = {k: v for k, v in template.items() if k in PAYLOAD_KEYS}
    digest = hashlib.sha256(json.dumps([rule.id, attributes], sort_keys=True).encode()).hexdigest()
    return Fact(f"{attributes['kind']}:{digest[:16]}", attributes, payload)


def check_rules(rules: Iterable[FindingRule]) -> list[Problem]:
    """What is wrong with *rules* as a set: conclusions without kind or of given kinds, free names, cycles of kinds.

    Kinds that rules conclude have to form layers: a kind never follows, over any number of rules, from itself.
    """
    problems: list[Problem] = []
    follows: dict[str, set[str]] = {}
    for rule in rules:
        bound = {v for p in rule.when for v in p.match.values() if v.startswith("$")}
        if not rule.when or not rule.then:
            problems.append(Problem("findings.rule-empty", rule.place, found=rule.id))
        for template in rule.then:
            kind = str(template.get("kind", ""))
            if not kind or kind in GIVEN_KINDS or kind.startswith("$"):
                problems.append(Problem("findings.kind-not-concludable", rule.place, found=kind or rule.id,
                                        accepted=", ".join(sorted(FINDING_KINDS))))
                continue
            follows.setdefault(kind, set()).update(kind_of(p) for p in rule.when)
            problems.extend(
                Problem("findings.name-free", rule.place, found=str(v), accepted=", ".join(sorted(bound)))
                for k, v in template.items()
                if k not in PAYLOAD_KEYS and isinstance(v, str) and v.startswith("$") and v not in bound)
    cycle = _cycle(follows)
    if cycle:
        problems.append(Problem("findings.cycle", found=" → ".join(cycle)))
    return problems


def _cycle(follows: Mapping[str, set[str]]) -> list[str]:
    """A chain of kinds that leads back to its start, or nothing."""
    done: set[str] = set()

    def visit(kind: str, path: list[str]) -> list[str]:
        if kind in path:
            return [*path[path.index(kind):], kind]
        if kind in done or kind not in follows:
            return []
        for below in sorted(follows[kind]):
            if found := visit(below, [*path, kind]):
                return found
        done.add(kind)
        return []

    for kind in sorted(follows):
        if found := visit(kind, []):
            return found
    return []
