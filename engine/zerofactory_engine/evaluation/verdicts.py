"""The verdict of one criterion at one level under given readings: values first, then evidence, then what is due.

Met = met on the values and evidence complete; not met stands without documents; unknown never passes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from zerofactory_engine.decimals import CONTEXT, plain
from zerofactory_engine.evaluation.model import EvidenceState, RowEvidence, Verdict
from zerofactory_engine.evaluation.program import Step
from zerofactory_engine.evaluation.run import Readings, Run
from zerofactory_engine.reasons import Cause, Reason, Unknown
from zerofactory_engine.rulepack.graph import leaves, readings_in
from zerofactory_engine.rulepack.model import Criterion, settle


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict with what it comes from. *applies*: yes, no, unknown, error."""

    verdict: Verdict
    on_values: Verdict
    applies: str
    evidence: EvidenceState
    reasons: tuple[Reason, ...] = ()
    due: date | None = None

    @property
    def causes(self) -> tuple[Cause, ...]:
        """Causes of being indeterminate, each once, in the order met."""
        return tuple(dict.fromkeys(r.cause for r in self.reasons)) if self.verdict is Verdict.INDETERMINATE else ()


def applicability(run: Run, criterion: Criterion, level: str, readings: Readings) -> tuple[str, tuple[Reason, ...]]:
    """Whether *criterion* applies at *level*: ``yes``, ``no``, ``unknown`` or ``error``, and why."""
    reasons: list[Reason] = []
    for key in (f"{criterion.id}?", f"{criterion.id}?{level}"):
        if key not in run.program.cells:
            continue
        value = run.value(key, readings)
        if value is False:
            return "no", ()
        if isinstance(value, Unknown):
            reasons.extend(value.reasons)
        elif value is not True:
            return "error", (Reason(Cause.ARITHMETIC, key, "reason.not-boolean"),)
    return ("unknown" if reasons else "yes"), tuple(dict.fromkeys(reasons))


def on_values(run: Run, criterion: Criterion, level: str, readings: Readings) -> Judged:
    """The verdict on the values alone: no documents, no basis, no due date."""
    applies, reasons = applicability(run, criterion, level, readings)
    if applies == "no":
        return _judged(Verdict.NOT_APPLICABLE, applies)
    if applies == "error":
        return _judged(Verdict.ERROR, applies, reasons)
    value = condition(run, criterion, level, readings)
    if value is None:
        nothing = Reason(Cause.LIMIT, f"{criterion.id}#{level}", "reason.nothing-required")
        return _judged(Verdict.NOT_APPLICABLE, applies, (nothing,))
    if applies == "unknown":
        return _judged(Verdict.INDETERMINATE, applies, reasons)
    if isinstance(value, Unknown):
        return _judged(Verdict.INDETERMINATE, applies, value.reasons)
    if not isinstance(value, bool):
        wrong = Reason(Cause.ARITHMETIC, f"{criterion.id}#{level}", "reason.not-boolean")
        return _judged(Verdict.ERROR, applies, (wrong,))
    return _judged(Verdict.MET if value else Verdict.NOT_MET, applies)


def _judged(verdict: Verdict, applies: str, reasons: Sequence[Reason] = ()) -> Judged:
    return Judged(verdict, verdict, applies, EvidenceState.NOT_NEEDED, tuple(reasons))


def condition(run: Run, criterion: Criterion, level: str, readings: Readings) -> Any:
    """The condition's value; None where the standard asks nothing."""
    key = f"{criterion.id}#{level}"
    step = run.program.step(key, readings)
    return decided(run, step, readings) if run.program.may_be_none(key) else run.value(key, readings)


def decided(run: Run, step: Step, readings: Readings) -> Any:
    """The value of a condition in which limits may be `none`; None where nothing is asked."""
    return decided_over(run, step, run.scope(step, readings))


def decided_over(run: Run, step: Step, scope: Mapping[str, Any]) -> Any:
    """:func:`decided` over given values."""
    leaf = run.decide_over(step, scope)
    return None if leaf.vacuous else leaf.truth


def period_reasons(run: Run, accepted: tuple[int, int]) -> tuple[Reason, ...]:
    """Why the dossier's period does not fit the *accepted* shortest and longest; empty when it does."""
    low, high = accepted
    period = run.dossier.period
    months = period.months
    if months is not None and low <= months <= high:
        return ()
    length = plain(CONTEXT.multiply(period.years, Decimal(12)).quantize(Decimal("0.01")) if months is None else months)
    args = (("high", str(high)), ("low", str(low)), ("months", length))
    return (Reason(Cause.VALUE, "period", "reason.period-length", args),)


class Judge:
    """Verdicts of one run, each computed once for the readings that it depends on.

    *evidence* gives what a criterion needs as proof under readings; without it all documents are assumed to be there.
    """

    def __init__(self, run: Run, evidence: Callable[[Criterion, str, Readings], Sequence[RowEvidence]] | None) -> None:
        self.run = run
        self.evidence = evidence
        self._memo: dict[tuple[str, ...], Judged] = {}
        self._quick: dict[tuple[str, ...], Judged] = {}
        self._depends: dict[tuple[str, str], tuple[str, ...]] = {}

    def depends_on(self, criterion: Criterion, level: str) -> tuple[str, ...]:
        """Readings on which the verdict of *criterion* at *level* depends in this dossier, sorted."""
        found = self._depends.get((criterion.id, level))
        if found is None:
            keys = (f"{criterion.id}?", f"{criterion.id}?{level}", f"{criterion.id}#{level}", f"{criterion.id}!{level}")
            reached = {r for k in keys if k in self.run.program.cells for r in self.run.readings_of(k)}
            reached.update(self._of_period())
            found = self._depends[criterion.id, level] = tuple(sorted(reached))
        return found

    def _of_period(self) -> frozenset[str]:
        """Readings on which it depends whether the dossier's period is accepted; none when all agree."""
        wanted = self.run.program.pack.period_months
        found = {period_reasons(self.run, months) for _, months in leaves(wanted)}
        return frozenset(readings_in(wanted)) if len(found) > 1 else frozenset()

    def judge(self, criterion: Criterion, level: str, readings: Readings) -> Judged:
        """The verdict of *criterion* at *level* under *readings*."""
        memo = (criterion.id, level, *(readings[r] for r in self.depends_on(criterion, level)))
        found = self._memo.get(memo)
        if found is None:
            found = self._memo[memo] = self._judge(criterion, level, readings)
        return found

    def verdict(self, criterion: Criterion, level: str, readings: Readings) -> Verdict:
        """The verdict alone: under thousands of readings, documents are looked at only where they can change it."""
        memo = (criterion.id, level, *(readings[r] for r in self.depends_on(criterion, level)))
        found = self._memo.get(memo) or self._quick.get(memo)
        if found is None:
            found = self._quick[memo] = self._judge(criterion, level, readings, decisive=True)
        return found.verdict

    def _judge(self, criterion: Criterion, level: str, readings: Readings, decisive: bool = False) -> Judged:
        """*decisive*: leave evidence aside that cannot change the verdict, since only a met one needs it."""
        run = self.run
        values = on_values(run, criterion, level, readings)
        verdict, reasons = values.verdict, values.reasons
        state, due = EvidenceState.ASSUMED if self.evidence is None else EvidenceState.NOT_NEEDED, None
        skipped = decisive and verdict is not Verdict.MET
        if self.evidence is not None and verdict is not Verdict.NOT_APPLICABLE and not skipped:
            found = self.evidence(criterion, level, readings)
            state = overall(found)
            if verdict is Verdict.MET and state is EvidenceState.MISSING:
                verdict, reasons = Verdict.INDETERMINATE, tuple(dict.fromkeys(r for e in found for r in e.reasons))
        if verdict is Verdict.NOT_MET:
            verdict, reasons, due = _when_due(run, criterion, level, readings)
        if verdict in (Verdict.MET, Verdict.NOT_MET):
            why = period_reasons(run, settle(run.program.pack.period_months, readings))
            verdict, reasons = (Verdict.INDETERMINATE, why) if why else (verdict, reasons)
        return Judged(verdict, values.on_values, values.applies, state, reasons, due)


def overall(found: Sequence[RowEvidence]) -> EvidenceState:
    """The state of a criterion's evidence from that of its parts."""
    states = {e.state for e in found}
    return next((s for s in (EvidenceState.MISSING, EvidenceState.COMPLETE) if s in states), EvidenceState.NOT_NEEDED)


def _when_due(run: Run, criterion: Criterion, level: str,
              readings: Readings) -> tuple[Verdict, tuple[Reason, ...], date | None]:
    """Not met, or indeterminate while the time for it is still running or nobody knows until when."""
    key = f"{criterion.id}!{level}"
    if key not in run.program.cells:
        return Verdict.NOT_MET, (), None
    due = run.value(key, readings)
    if isinstance(due, Unknown):
        return Verdict.INDETERMINATE, due.reasons, None
    if not isinstance(due, date):
        return Verdict.ERROR, (Reason(Cause.ARITHMETIC, key, "reason.not-boolean"),), None
    if run.valid_on > due:
        return Verdict.NOT_MET, (), due
    reason = Reason(Cause.NOT_YET_DUE, f"{criterion.id}#{level}", "reason.due-later", (("date", due.isoformat()),))
    return Verdict.INDETERMINATE, (reason,), due

