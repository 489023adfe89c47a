"""The same derivation by ``durable-rules``, a Rete engine in an extra of its own, kept in bounds.

The engine crashes or misleads outside a narrow path, so only that path is used: equality of texts and equal joins, no
numbers, no absence, no state rules; a sink so that every fact matches something; facts sorted and asserted one by one
with ids of our own; nothing asserted inside an action; actions only record, and what they record is matched again
here; exceptions that the engine swallows are looked up and raised; one rule set per set of rules and process, one
``sid`` per derivation, deleted afterwards; a lock around all of it; no timer threads; definitions copied, because the
engine changes what it is given. Where a crash must not take the service along, :func:`derive_apart` runs it in a
process of its own.
"""

from __future__ import annotations

import copy
import hashlib
import itertools
import json
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from zerofactory_engine.findings.facts import Derived, Fact, conclude, kind_of, match
from zerofactory_engine.rulepack.model import FindingRule

_LOCK = threading.Lock()
_COUNTER = itertools.count(1)
_RECORDED: dict[str, list[tuple[int, tuple[str, ...]]]] = {}
"""By sid: number of the rule and ids of the facts that matched its patterns, in their order."""


class ExtraMissingError(RuntimeError):
    """The extra is not installed or does not load on this Python."""


class DurableError(RuntimeError):
    """The engine reported an exception that it had swallowed."""


def unavailable() -> str | None:
    """Why the engine cannot be used here, or None. Installing proves nothing, only the import does."""
    try:
        import durable.engine  # noqa: F401
    except ImportError as error:
        return f"{error}; install with: pip install 'zerofactory[durable]' (Python below 3.13)"
    return None


@cache
def _host() -> Any:
    """One host a process, without the timer threads that every ordinary host starts."""
    if reason := unavailable():
        raise ExtraMissingError(reason)
    from durable import engine

    class QuietHost(engine.Host):  # type: ignore[misc]  # the package has no types
        def _run(self) -> None:
            """No dispatch and no timers: nothing here is asynchronous."""

    return QuietHost()


def _pattern(rule: FindingRule, position: int) -> dict[str, Any]:
    """Pattern *position* of *rule* in the engine's own JSON: equalities, and joins with earlier patterns."""
    pattern = rule.when[position]
    tests: list[dict[str, Any]] = [{"kind": kind_of(pattern)}]
    for attribute, wanted in pattern.match.items():
        if not wanted.startswith("$"):
            tests.append({attribute: wanted})
            continue
        tests.append({"$ex": {attribute: 1}})
        bound = next(((i, a) for i in range(position) for a, w in rule.when[i].match.items() if w == wanted), None)
        if bound is not None:
            tests.append({attribute: {f"p{bound[0]}": bound[1]}})
    return {f"p{position}": {"$and": tests}}


def _action(number: int, size: int) -> Callable[[Any], None]:
    """An action with exactly one parameter that records what matched and does nothing else."""

    def record(c: Any) -> None:
        ids = tuple(str(getattr(c, f"p{i}")["id"]) for i in range(size))
        _RECORDED[str(c.s.sid)].append((number, ids))

    return record


def _ignore(c: Any) -> None:
    """What the sink does."""


@cache
def _register(name: str, rules: tuple[FindingRule, ...]) -> None:
    definition: dict[str, Any] = {
        f"rule_{n}": {"all": [_pattern(rule, i) for i in range(len(rule.when))], "run": _action(n, len(rule.when))}
        for n, rule in enumerate(rules)
    }
    definition["sink"] = {"all": [{"m": {"$ex": {"kind": 1}}}], "run": _ignore}
    _host().register_rulesets({name: copy.copy(definition)})


class _Rules(tuple[FindingRule, ...]):
    """Rules that may key a cache although their mappings may not: equal when their declaration is."""

    def __hash__(self) -> int:
        return hash(_name(self))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Rules) and _name(self) == _name(other)


def _name(rules: Sequence[FindingRule]) -> str:
    plain = [[r.id, [dict(p.match) for p in r.when], [dict(t) for t in r.then]] for r in rules]
    return "rules_" + hashlib.sha256(json.dumps(plain, sort_keys=True, default=str).encode()).hexdigest()[:24]


def derive(rules: Sequence[FindingRule], facts: Iterable[Fact]) -> tuple[Derived, ...]:
    """What :func:`zerofactory_engine.findings.chainer.derive` gives, computed by durable-rules.

    Raises:
        ExtraMissingError: the extra is not here.
        DurableError: the engine swallowed an exception.
    """
    ordered, agenda = _Rules(rules), sorted(facts, key=lambda f: f.id)
    name = _name(ordered)
    if not agenda:
        return ()  # the engine makes no state without a fact, and cannot delete what it has not made
    with _LOCK:
        _register(name, ordered)
        sid = f"evaluation-{next(_COUNTER)}"
        _RECORDED[sid] = []
        try:
            return _run(name, sid, ordered, agenda)
        finally:
            del _RECORDED[sid]
            _host().delete_state(name, sid)


def _run(name: str, sid: str, rules: Sequence[FindingRule], agenda: list[Fact]) -> tuple[Derived, ...]:
    host = _host()
    known: dict[str, Fact] = {}
    derived: dict[str, tuple[Fact, set[str], set[str]]] = {}
    while agenda:
        fact = agenda.pop(0)
        known[fact.id] = fact
        host.assert_fact(name, {**fact.attributes, "id": fact.id, "sid": sid})
        swallowed = host.get_state(name, sid).get("exception")
        if swallowed:
            raise DurableError(str(swallowed))
        recorded, _RECORDED[sid] = _RECORDED[sid], []
        for number, ids in recorded:
            rule = rules[number]
            bindings = _bind(rule, [known[i] for i in ids])
            if bindings is None:
                continue
            for index in range(len(rule.then)):
                new = conclude(rule, index, bindings)
                if new.id not in derived:
                    derived[new.id] = (new, set(), set())
                    agenda.append(new)
                derived[new.id][1].add(rule.id)
                derived[new.id][2].update(ids)
    return tuple(Derived(fact, tuple(sorted(names)), tuple(sorted(sources)))
                 for _, (fact, names, sources) in sorted(derived.items()))


def _bind(rule: FindingRule, facts: Sequence[Fact]) -> Mapping[str, str] | None:
    """The bindings under which *facts* match the patterns of *rule* one by one, checked here once more."""
    bindings: dict[str, str] | None = {}
    for pattern, fact in zip(rule.when, facts, strict=True):
        bindings = match(pattern, fact, bindings) if bindings is not None else None
    return bindings


def derive_apart(rules: Sequence[FindingRule], facts: Iterable[Fact]) -> tuple[Derived, ...]:
    """:func:`derive` in a process of its own, which may crash without taking this one along."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as pool:
        return pool.submit(derive, tuple(rules), tuple(facts)).result()
