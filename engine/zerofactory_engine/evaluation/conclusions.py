"""From verdicts to facts for the chainer, and from what it derives to findings."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence

from zerofactory_engine.evaluation.model import (
    CriterionOutcome,
    Finding,
    LevelOutcome,
    LevelResult,
    Verdict,
)
from zerofactory_engine.findings import Derived, Fact, derive
from zerofactory_engine.findings.facts import FINDING_KINDS
from zerofactory_engine.findings.general import general_rules
from zerofactory_engine.problems import Problem
from zerofactory_engine.reasons import Cause, Reason, Settler
from zerofactory_engine.rulepack.model import FindingRule

_ORDER = {"nonconformity": 0, "request": 1, "action": 2, "observation": 3}
_SEVERITY = {"major": 0, "minor": 1}


def conclude(criteria: Sequence[CriterionOutcome], levels: Sequence[LevelResult], asked: Sequence[str],
             problems: Iterable[Problem], rules: Sequence[FindingRule]) -> tuple[Finding, ...]:
    """All findings: by the engine's general rules and the pack's *rules*."""
    facts = list(_facts(criteria, levels, frozenset(asked), problems))
    by_id = {f.id: f for f in facts}
    derived = derive((*general_rules(), *rules), facts)
    levers = {(c.id, name): tuple(r.lever for r in o.levers if r.state == "works")
              for c in criteria for name, o in c.levels.items()}
    amounts = {(c.id, name, r.lever): {"amount": f"{r.smallest:f}", "unit": r.unit}
               for c in criteria for name, o in c.levels.items() for r in o.levers if r.smallest is not None}
    findings = [_finding(d, by_id, levers, amounts) for d in derived if d.fact.kind in FINDING_KINDS]
    return tuple(sorted(findings, key=lambda f: (_ORDER[f.kind], _SEVERITY.get(f.severity or "", 2), f.criterion or "~",
                                                 f.level or "", f.subject or "", f.id)))


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _facts(criteria: Sequence[CriterionOutcome], levels: Sequence[LevelResult], asked: frozenset[str],
           problems: Iterable[Problem]) -> Iterator[Fact]:
    for criterion in criteria:
        for level, outcome in criterion.levels.items():
            yield from _level_facts(criterion, level, outcome, _yes(level in asked))
        for judged in criterion.judgements:
            subject = judged.question + (f"@{judged.row}" if judged.row else "")
            yield Fact(f"judgement:{criterion.id}/{subject}",
                       {"kind": "judgement", "criterion": criterion.id, "question": judged.question, "subject": subject,
                        "answer": judged.answer}, {"args": {"grounds": judged.grounds, "person": judged.person}})
    for result in levels:
        yield Fact(f"level:{result.id}", {
            "kind": "level", "level": result.id, "verdict": str(result.verdict), "asked": _yes(result.asked),
            "known_part": str(result.known_part) if result.known_part else "nothing", "stable": _yes(result.stable)})
    for problem in problems:
        subject = problem.place.path or str(problem.place)
        # file and line are not part of it: the same dossier in a bundle has neither
        told = (problem.code, subject, problem.found, sorted(problem.args.items()))
        digest = hashlib.sha256(repr(told).encode()).hexdigest()
        given = {"found": problem.found, "accepted": problem.accepted, "example": problem.example}
        yield Fact(f"problem:{problem.code}:{digest[:12]}",
                   {"kind": "problem", "code": problem.code, "subject": subject, "severity": str(problem.severity)},
                   {"args": {**{k: v for k, v in given.items() if v}, **problem.args}})


def _level_facts(criterion: CriterionOutcome, level: str, outcome: LevelOutcome, asked: str) -> Iterator[Fact]:
    at = f"{criterion.id}/{level}"
    base = {"criterion": criterion.id, "level": level, "asked": asked, "class": criterion.kind}
    margin = outcome.margin
    yield Fact(f"verdict:{at}", {
        **base, "kind": "verdict", "verdict": str(outcome.verdict), "on_values": str(outcome.on_values),
        "form": criterion.form, "dimension": criterion.dimension, "evidence": str(outcome.evidence),
        "computed": _yes(criterion.form != "judged"), "robust": _yes(margin is None or margin.robust),
        "on_threshold": _yes(margin is not None and margin.on_threshold)})
    if outcome.verdict is Verdict.INDETERMINATE:
        for cause in outcome.causes:
            settler = next(r.settled_by for r in outcome.reasons if r.cause is cause)
            told = {"kind": "cause", "cause": str(cause), "settled_by": str(settler)}
            yield Fact(f"cause:{at}/{cause}", {**base, **told})
        for reason in outcome.reasons:
            yield _missing(reason, base, at)
    for flip in criterion.sensitivity.single_flips:
        if flip.level == level:
            yield Fact(f"flip:{at}/{flip.reading}={flip.alternative}", {
                **base, "kind": "flip", "flips_by": flip.reading, "alternative": flip.alternative,
                "verdict": str(flip.verdict)})
    for rest in outcome.rests_on:
        yield Fact(f"rest:{at}/{rest.kind}:{rest.id}", {
            **base, "kind": "rest", "of": rest.kind, "name": rest.id, "confidence": str(rest.confidence),
            "could_flip": "unknown" if rest.could_flip is None else _yes(rest.could_flip)})
    for lever in outcome.levers:
        yield Fact(f"lever:{at}/{lever.lever}", {
            **base, "kind": "lever", "lever": lever.lever, "state": lever.state, "works_for": lever.works_for})


def _missing(reason: Reason, base: Mapping[str, str], at: str) -> Fact:
    digest = hashlib.sha256(repr(reason.args).encode()).hexdigest()[:8] if reason.args else "-"
    return Fact(f"missing:{at}/{reason.subject}/{reason.code}/{digest}", {
        **base, "kind": "missing", "cause": str(reason.cause), "settled_by": str(reason.settled_by),
        "subject": reason.subject, "code": reason.code}, {"args": dict(reason.args)})


def _finding(derived: Derived, facts: Mapping[str, Fact], levers: Mapping[tuple[str, str], tuple[str, ...]],
             amounts: Mapping[tuple[str, str, str], Mapping[str, str]]) -> Finding:
    attributes, payload = derived.fact.attributes, derived.fact.payload
    sources = [facts[s] for s in derived.sources if s in facts]
    criterion = attributes.get("criterion") or _shared(sources, "criterion")
    level = attributes.get("level") or _shared(sources, "level")
    args = {k: v for s in sources for k, v in s.payload.get("args", {}).items()}
    args |= {k: attributes[k] for k in ("criterion", "level", "subject") if k in attributes}
    args |= amounts.get((criterion or "", level or "", attributes.get("subject", "")), {})
    named = tuple(payload.get("levers", ()))
    works = levers.get((criterion or "", level or ""), ()) if derived.fact.kind == "nonconformity" else ()
    return Finding(
        id=derived.fact.id, kind=derived.fact.kind, rule=derived.rules[0], facts=derived.sources,
        severity=attributes.get("severity"), criterion=criterion, level=level, subject=attributes.get("subject"),
        cause=Cause(attributes["cause"]) if "cause" in attributes else None,
        settled_by=Settler(attributes["settled_by"]) if "settled_by" in attributes else None,
        code=attributes.get("code"), args=args, text=payload.get("text"), levers=named or works)


def _shared(sources: Sequence[Fact], attribute: str) -> str | None:
    """The value of *attribute* if all *sources* have the same one."""
    values = {s.attributes.get(attribute) for s in sources}
    return values.pop() if len(values) == 1 else None
