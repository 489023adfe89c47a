"""The plain forward chainer: an agenda of facts, rules by kind, every conclusion back on the agenda once.

It is the reference; :mod:`zerofactory_engine.findings.durable` derives the same from the same declaration.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence

from zerofactory_engine.findings.facts import Derived, Fact, conclude, kind_of, match
from zerofactory_engine.rulepack.model import FindingRule, Pattern


def derive(rules: Sequence[FindingRule], facts: Iterable[Fact]) -> tuple[Derived, ...]:
    """Everything that follows from *facts* by *rules*, sorted by id; the order of facts and rules does not matter.

    Each conclusion names every rule and every given or derived fact that supports it directly.
    """
    triggers: dict[str, list[tuple[FindingRule, int]]] = {}
    for rule in rules:
        for position, pattern in enumerate(rule.when):
            triggers.setdefault(kind_of(pattern), []).append((rule, position))

    known: dict[str, list[Fact]] = {}
    derived: dict[str, tuple[Fact, set[str], set[str]]] = {}
    agenda = deque(sorted(facts, key=lambda f: f.id))
    while agenda:
        fact = agenda.popleft()
        known.setdefault(fact.kind, []).append(fact)
        for rule, position in triggers.get(fact.kind, ()):
            bindings = match(rule.when[position], fact, {})
            if bindings is None:
                continue
            others = [p for i, p in enumerate(rule.when) if i != position]
            for bound, used in _join(others, known, bindings, (fact.id,)):
                for index in range(len(rule.then)):
                    new = conclude(rule, index, bound)
                    if new.id not in derived:
                        derived[new.id] = (new, set(), set())
                        agenda.append(new)
                    derived[new.id][1].add(rule.id)
                    derived[new.id][2].update(used)
    return tuple(Derived(fact, tuple(sorted(names)), tuple(sorted(sources)))
                 for _, (fact, names, sources) in sorted(derived.items()))


def _join(patterns: Sequence[Pattern], known: dict[str, list[Fact]], bindings: dict[str, str],
          used: tuple[str, ...]) -> Iterator[tuple[dict[str, str], tuple[str, ...]]]:
    """All ways to match *patterns*, each with a fact of its own, under *bindings*; with the ids of the facts used."""
    if not patterns:
        yield bindings, used
        return
    for fact in known.get(kind_of(patterns[0]), ()):
        bound = match(patterns[0], fact, bindings) if fact.id not in used else None
        if bound is not None:
            yield from _join(patterns[1:], known, bound, (*used, fact.id))
