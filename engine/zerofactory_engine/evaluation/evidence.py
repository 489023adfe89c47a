"""Whether the documents that prove a thing are there: rules of ``evidence.yaml`` and of criteria against documents.

Pure: rules, rows and documents in, :class:`RowEvidence` out. Which rows a criterion uses is found elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from zerofactory_engine.evaluation.model import EvidenceState, RowEvidence
from zerofactory_engine.reasons import Cause, Reason, Unknown
from zerofactory_engine.rulepack.model import DocumentRule

#: Bases that are better than what the applicant merely claims.
SEEN = frozenset({"sighted", "cross_checked", "verified_on_site"})


@dataclass(frozen=True, slots=True)
class Paper:
    """A document as evidence: its kind, the days it covers and whether it counts (*rejected*: why it does not)."""

    id: str
    kind: str
    sha256: str | None = None
    covers_from: date | None = None
    covers_to: date | None = None
    rejected: Reason | None = None


@dataclass(frozen=True, slots=True)
class Thing:
    """What has to be proved: a row, a figure or the criterion itself, with the documents it points to.

    *references*: ``(document id, page or cell)``. *start* and *end* are the days that a document with ``covers: row``
    has to span. *filled* are the columns that hold a value. *basis* is how it was seen, if that matters.
    """

    subject: str
    references: tuple[tuple[str, str | None], ...]
    start: date | None = None
    end: date | None = None
    filled: Collection[str] = ()
    basis: str | None = None


def needs_text(rule: DocumentRule) -> str:
    """What *rule* asks, in the words of the format: ``any_of a, b; covers row; needs meter``."""
    parts = [f"{'all_of' if rule.every else 'any_of'} {', '.join(rule.kinds)}"]
    if rule.covers != "any":
        parts.append(f"covers {rule.covers}")
    if rule.needs:
        parts.append(f"needs {', '.join(rule.needs)}")
    return "; ".join(parts)


def spans(intervals: Iterable[tuple[date | None, date | None]], start: date, end: date) -> bool:
    """Whether the union of *intervals* (inclusive days) covers every day from *start* to *end*.

    An interval without either end says nothing about days and covers none.
    """
    reached = start
    for low, high in sorted((a, b) for a, b in intervals if a is not None and b is not None):
        if low > reached:
            break
        if high >= reached:
            reached = high + timedelta(days=1)
    return reached > end


def prove_thing(thing: Thing, rules: Sequence[DocumentRule], papers: Mapping[str, Paper],
                period: tuple[date, date], sighted: bool) -> RowEvidence:
    """What *thing* has and lacks under *rules*, all of which have to hold.

    *sighted*: the basis has to be better than claimed. A document that is rejected (its hash differs, the body does not
    accept it) does not count, and the reason says so.
    """
    missing: list[str] = []
    reasons: list[Reason] = []
    used: dict[str, str | None] = {}
    for rule in rules:
        found, lacking, why = _apply(rule, thing, papers, period)
        missing.extend(lacking)
        reasons.extend(why)
        used.update(found)
    if sighted and rules and not reasons and thing.basis not in SEEN:
        reasons.append(Reason(Cause.JUDGEMENT, thing.subject, "reason.basis-claimed"))
    return RowEvidence(
        subject=thing.subject,
        needs=" & ".join(needs_text(rule) for rule in rules),
        state=EvidenceState.MISSING if reasons else EvidenceState.COMPLETE if rules else EvidenceState.NOT_NEEDED,
        documents=tuple(_document(papers[i], at) for i, at in used.items()),
        missing=tuple(dict.fromkeys(missing)),
        reasons=tuple(dict.fromkeys(reasons)),
    )


def _document(paper: Paper, at: str | None) -> Mapping[str, str]:
    parts = {"id": paper.id, "at": at, "sha256": paper.sha256}
    return {k: v for k, v in parts.items() if v is not None}


def _apply(rule: DocumentRule, thing: Thing, papers: Mapping[str, Paper],
           period: tuple[date, date]) -> tuple[dict[str, str | None], list[str], list[Reason]]:
    """Documents of *thing* that serve *rule*, kinds and columns that lack, and why."""
    held = [(papers[i], at) for i, at in thing.references if i in papers and papers[i].kind in rule.kinds]
    good = [(p, at) for p, at in held if p.rejected is None]
    reasons = [p.rejected for p, _ in held if p.rejected is not None]
    wanted = _days(rule, thing, period)

    def lacks(kinds: Collection[str]) -> str | None:
        """The code of what lacks when documents of *kinds* have to be there and to cover the days."""
        of_kind = [p for p, _ in good if p.kind in kinds]
        if not of_kind:
            return "reason.document-missing"
        if wanted is not None and not spans(((p.covers_from, p.covers_to) for p in of_kind), *wanted):
            return "reason.document-covers-not"
        return None

    groups: list[tuple[str, ...]] = [(kind,) for kind in rule.kinds] if rule.every else [rule.kinds]
    missing: list[str] = []
    for kinds in groups:
        if code := lacks(kinds):
            missing.append(" | ".join(kinds))
            args = {"kinds": ", ".join(kinds)}
            if wanted is not None:
                args |= {"from": wanted[0].isoformat(), "to": wanted[1].isoformat()}
            reasons.append(Reason(Cause.DOCUMENT, thing.subject, code, tuple(sorted(args.items()))))
    if not missing:
        reasons = []  # what is rejected does not matter when the rest suffices
    for column in rule.needs:
        if column not in thing.filled:
            missing.append(column)
            reasons.append(Reason(Cause.DOCUMENT, thing.subject, "reason.column-needed", (("column", column),)))
    return {p.id: at for p, at in good}, missing, reasons


def _days(rule: DocumentRule, thing: Thing, period: tuple[date, date]) -> tuple[date, date] | None:
    """The days that documents have to cover under *rule*; None when any will do."""
    if rule.covers == "period":
        return period
    if rule.covers == "row" and thing.start is not None and thing.end is not None:
        return thing.start, thing.end
    return None


def rules_for(rules: Sequence[DocumentRule], holds: Callable[[Any], Any]) -> tuple[list[DocumentRule], list[Reason]]:
    """The rules of a table whose condition holds for one row; *holds* evaluates a condition.

    A rule whose condition is not known applies all the same, with the reasons why it is not known.
    """
    chosen: list[DocumentRule] = []
    reasons: list[Reason] = []
    for rule in rules:
        answer = True if rule.where is None else holds(rule.where)
        if isinstance(answer, Unknown):
            reasons.extend(answer.reasons)
            chosen.append(rule)
        elif answer is True:
            chosen.append(rule)
    return chosen, reasons
