"""Which line items a verifier looks at: the largest contributions first, then tonnes at equal intervals of the rest.

A line is weighed by the size of its tCO2e whatever the sign. One whose emissions are not known is always looked at.
The order is by size, then by id, and the point at which the intervals begin comes from the hash of the lines: the same
inventory gives the same sample, and nobody can choose it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Any

from zerofactory_engine.decimals import CONTEXT

ZERO = Decimal(0)
ONE = Decimal(1)
#: Hex digits of the hash that set the beginning of the intervals.
_DIGITS = 15


@dataclass(frozen=True, slots=True)
class Contribution:
    """A line item: *category* of ISO 14064-1, *row* of the dossier (``electricity/E1``), tCO2e or None (not known)."""

    id: str
    row: str
    category: str
    source: str
    carrier: str | None
    gas: str
    emissions: Decimal | None


@dataclass(frozen=True, slots=True)
class Sampled:
    """A line with its share of the gross total and the share reached with it.

    *reason*: ``contribution``, ``monetary_unit``, ``unknown``, ``no-weights`` (selected), ``below`` (not selected).
    *hits*: how many points of the equal intervals lie in it.
    """

    of: Contribution
    share: Decimal | None
    cumulative: Decimal | None
    selected: bool
    reason: str
    hits: int = 0

    def as_json(self) -> dict[str, Any]:
        """All fields."""
        out: dict[str, Any] = {
            "line": self.of.id, "category": self.of.category, "tCO2e": self.of.emissions, "share": self.share,
            "cumulative": self.cumulative, "selected": self.selected, "reason": self.reason}
        return {**out, "hits": str(self.hits)} if self.hits else out


@dataclass(frozen=True, slots=True)
class SamplingPlan:
    """Every line in order. *coverage*: aimed at; *reached*: share of the gross total that is looked at.

    *units* points were drawn at *interval* tCO2e from the lines below the coverage, the first at *start*.
    """

    coverage: Decimal
    reached: Decimal | None
    gross: Decimal
    rows: tuple[Sampled, ...]
    units: int = 0
    interval: Decimal | None = None
    start: Decimal | None = None

    @property
    def selected(self) -> tuple[Sampled, ...]:
        """What is looked at."""
        return tuple(r for r in self.rows if r.selected)

    def as_json(self) -> dict[str, Any]:
        """All fields."""
        out: dict[str, Any] = {"coverage": self.coverage, "reached": self.reached, "gross_tCO2e": self.gross,
                               "lines": str(len(self.rows)), "selected": str(len(self.selected)),
                               "rows": list(self.rows)}
        if self.units:
            out |= {"monetary_units": str(self.units), "interval_tCO2e": self.interval, "start_tCO2e": self.start}
        return out


def draw(found: Sequence[Contribution], coverage: Decimal, units: int = 0, seed: str = "") -> SamplingPlan:
    """The sample of *found*: lines by size until *coverage* (0 to 1), then *units* points of the rest by *seed*."""
    ordered = sorted(found, key=lambda c: (c.emissions is not None, -abs(c.emissions or ZERO), c.id))
    rows: list[Sampled] = []
    with localcontext(CONTEXT):
        gross = sum((abs(c.emissions) for c in ordered if c.emissions is not None), ZERO)
        reached = ZERO
        for each in ordered:
            if each.emissions is None or not gross:
                rows.append(Sampled(each, None, None, True, "unknown" if each.emissions is None else "no-weights"))
                continue
            selected = bool(each.emissions) and reached < coverage * gross
            reached += abs(each.emissions)
            rows.append(Sampled(each, abs(each.emissions) / gross, reached / gross, selected,
                                "contribution" if selected else "below"))
        interval, start = None, None
        if units and gross:
            rows, interval, start = _points(rows, units, seed)
        known = sum((abs(r.of.emissions) for r in rows if r.selected and r.of.emissions is not None), ZERO)
        covered = known / gross if gross else None
    return SamplingPlan(coverage, covered, gross, tuple(rows), units if interval else 0, interval, start)


def _points(rows: list[Sampled], units: int, seed: str) -> tuple[list[Sampled], Decimal | None, Decimal | None]:
    """Select the lines in which points at equal intervals lie, among those not selected yet, in the order of size."""
    rest = sum((abs(r.of.emissions) for r in rows if not r.selected and r.of.emissions is not None), ZERO)
    if not rest:
        return rows, None, None
    interval = rest / units
    start = interval * _fraction(f"{seed}|{units}")
    out: list[Sampled] = []
    before = ZERO
    for row in rows:
        size = ZERO if row.selected or row.of.emissions is None else abs(row.of.emissions)
        hits = _below(before + size, start, interval, units) - _below(before, start, interval, units)
        before += size
        out.append(Sampled(row.of, row.share, row.cumulative, True, "monetary_unit", hits) if hits else row)
    return out, interval, start


def _below(reach: Decimal, start: Decimal, interval: Decimal, units: int) -> int:
    """How many points (*start*, *start* + *interval*, …) lie below *reach*."""
    if reach <= start:
        return 0
    steps = (reach - start) / interval
    whole = int(steps)
    return min(units, whole if steps == whole else whole + 1)


def _fraction(seed: str) -> Decimal:
    """A fraction from 0 (inclusive) to 1 (exclusive) that *seed* fixes."""
    digits = hashlib.sha256(seed.encode("utf-8")).hexdigest()[:_DIGITS]
    return Decimal(int(digits, 16)) / Decimal(16 ** _DIGITS)


def projected(plan: SamplingPlan, effects: dict[str, Decimal]) -> Decimal | None:
    """What the misstatements of sampled lines (line → tCO2e, reported less corrected) come to over all lines.

    Monetary-unit sampling: a line below the interval stands for its interval (tainting × interval × points in it); a
    larger one, one selected by its contribution, and what is no line at all, for itself. None: no points were drawn.
    """
    if plan.interval is None:
        return None
    with localcontext(CONTEXT):
        total = ZERO
        for row in plan.rows:
            effect = effects.get(row.of.id, ZERO)
            size = abs(row.of.emissions or ZERO)
            drawn = row.reason == "monetary_unit" and size and size < plan.interval
            total += effect / size * plan.interval * row.hits if drawn else effect
        lines = {row.of.id for row in plan.rows}
        return total + sum((e for name, e in effects.items() if name not in lines), ZERO)
