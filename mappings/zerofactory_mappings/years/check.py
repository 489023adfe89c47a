"""What a comparison has to hold: its sums, its two ways to the same base year, and what nobody can answer yet.

Each check is met, not met or indeterminate; one that rests on a figure that is not known is indeterminate with the
reasons of that figure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from zerofactory_engine.accounting.terms import Amount
from zerofactory_engine.accounting.totals import BASES
from zerofactory_engine.decimals import plain
from zerofactory_engine.reasons import Reason, Unknown
from zerofactory_mappings.years.amounts import merged, minus, plus
from zerofactory_mappings.years.decompose import Decomposition
from zerofactory_mappings.years.model import LIKE, VIEWS, Comparison

MET, NOT_MET, INDETERMINATE = "met", "not_met", "indeterminate"
#: What a difference may be of the larger figure: rounding of 34 digits over many sources.
ROUNDING = Decimal("1E-27")


@dataclass(frozen=True, slots=True)
class Check:
    """One check: *code* of its sentence, *verdict*, arguments, and the reasons why it is indeterminate."""

    code: str
    verdict: str
    args: Mapping[str, str] = field(default_factory=dict)
    reasons: tuple[Reason, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Stable JSON shape."""
        out: dict[str, Any] = {"code": self.code, "verdict": self.verdict}
        if self.args:
            out["args"] = dict(self.args)
        if self.reasons:
            out["reasons"] = [r.as_json() for r in self.reasons]
        return out


def check(comparison: Comparison) -> tuple[Check, ...]:
    """Every check of *comparison*, in a fixed order."""
    return (*_sums(comparison), *_effects(comparison), *_base_year(comparison), _threshold(comparison),
            *_periods(comparison), _measure(comparison))


def _equal(code: str, pairs: Iterable[tuple[str, Amount, Amount]]) -> Check:
    """Whether both figures of every pair are the same; the first pair that differs is named."""
    reasons: dict[Reason, None] = {}
    for place, one, other in pairs:
        if isinstance(one, Decimal) and isinstance(other, Decimal):
            difference = minus(one, other)
            assert isinstance(difference, Decimal)
            if difference.copy_abs() > ROUNDING * max(one.copy_abs(), other.copy_abs(), Decimal(1)):
                return Check(code, NOT_MET, {"place": place, "one": plain(one), "other": plain(other)})
            continue
        found = merged(one, other)
        assert found is not None
        reasons.update(dict.fromkeys(found.reasons))
    return Check(code, INDETERMINATE if reasons else MET, reasons=tuple(reasons))


def _sums(comparison: Comparison) -> Iterator[Check]:
    for code, kind in (("years.check-scopes", "scope"), ("years.check-categories", "iso_category")):
        yield _equal(code, list(_parts_and_whole(comparison, kind)))


def _parts_and_whole(comparison: Comparison, kind: str) -> Iterator[tuple[str, Amount, Amount]]:
    for view in VIEWS:
        for basis in BASES:
            parts = [s for s in comparison.series if s.view == view and s.basis == basis
                     and s.group.partition("/")[0] == kind]
            whole = comparison.of(view, "all", basis)
            for number, year in enumerate(comparison.years):
                yield (f"{year.label} {view} {basis}", plus(*(p.values[number] for p in parts)), whole.values[number])


def _effects(comparison: Comparison) -> Iterator[Check]:
    """The effects of every decomposition add up to the change, and to the effects of its sources."""
    yield _equal("years.check-effects", [
        (f"{d.first} – {d.second} {d.group} {d.basis}", plus(*d.effects.values()), d.change)
        for d in comparison.decompositions])
    yield _equal("years.check-trend", [pair for d in comparison.decompositions for pair in _ends(comparison, d)])


def _ends(comparison: Comparison, found: Decomposition) -> Iterator[tuple[str, Amount, Amount]]:
    """What is decomposed begins and ends where the trend does."""
    labels = [y.label for y in comparison.years]
    series = comparison.of(LIKE, found.group, found.basis)
    for label, amount in ((found.first, found.before), (found.second, found.after)):
        year = comparison.years[labels.index(label)]
        yield f"{label} {found.group} {found.basis}", amount, year.scaled(series.values[labels.index(label)])


def _base_year(comparison: Comparison) -> Iterator[Check]:
    """The base year recalculated step by step is the first year like for like."""
    yield _equal("years.check-base-year", [
        (f"{group} {basis}", after, comparison.years[0].like_for_like.total(group, basis))
        for group, basis, _, after in comparison.recalculation.compared()])


def _threshold(comparison: Comparison) -> Check:
    """Whether it can be said that the base year has to be recalculated; not which answer it is."""
    answer = comparison.recalculation.triggered
    if isinstance(answer, Unknown):
        return Check("years.check-threshold", INDETERMINATE, reasons=answer.reasons)
    return Check("years.check-threshold", MET)


def _periods(comparison: Comparison) -> Iterator[Check]:
    short = [y.label for y in comparison.years if not y.comparable]
    yield Check("years.check-periods", NOT_MET if short else MET, {"labels": ", ".join(short)} if short else {})


def _measure(comparison: Comparison) -> Check:
    """Whether there is one measure of activity that every year states."""
    if comparison.measure is None:
        return Check("years.check-measure", INDETERMINATE)
    reasons = [r for a in comparison.measure.amounts if isinstance(a, Unknown) for r in a.reasons]
    return Check("years.check-measure", INDETERMINATE if reasons else MET, reasons=tuple(reasons))
