"""Certificates to hold at the end of each quarter from 2027 (Regulation 2023/956 Article 22(2) and (2a)).

A share of the year to date, after free allocation: by default values without mark-up, or by what was surrendered in the
year before for the same code and origin. Who crosses the threshold complies by the end of the following quarter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.problems import Problem, Severity
from zerofactory_mappings.cbam import tables
from zerofactory_mappings.cbam.obligation.evaluation import Evaluation
from zerofactory_mappings.cbam.obligation.model import THRESHOLD_FREE, Consignment, quarter_end
from zerofactory_mappings.cbam.obligation.result import Holding, total
from zerofactory_mappings.cbam.obligation.threshold import Threshold
from zerofactory_mappings.cbam.table_reader import Cited

#: Certificates per unit surrendered for a code and origin.
PerUnit = Mapping[tuple[str, str], Decimal]


def holdings(evaluation: Evaluation, year: int, consignments: Sequence[Consignment], threshold: Threshold,
             last_year: PerUnit) -> tuple[Holding, ...]:
    """The four quarter ends of *year*; empty before the duty begins."""
    share = tables.constant("quarter_holding_share")
    start = share.source.valid_from
    if start is not None and year < start.year:
        return ()
    liable = [c for c in consignments
              if not c.outside and (c.good.sector in THRESHOLD_FREE or threshold.crossed is not False)]
    days = {d.id: d.date for d in tables.deadlines(year)}
    ends = {q: days.get(f"holding_q{q}", quarter_end(year, q)) for q in range(1, 5)}
    return tuple(_holding(evaluation, q, end, liable, threshold, share, last_year) for q, end in ends.items())


def _holding(evaluation: Evaluation, quarter: int, due: date, liable: Sequence[Consignment], threshold: Threshold,
             share: Cited, last_year: PerUnit) -> Holding:
    crossing = threshold.crossing_quarter
    if crossing == quarter:                             # complied with by the end of the following quarter
        due = quarter_end(due.year, quarter + 1) if quarter < 4 else quarter_end(due.year + 1, 1)
    waits = crossing is not None and quarter < crossing
    counted = [c for c in liable if not waits or c.good.sector in THRESHOLD_FREE]
    undated = [c.id for c in counted if c.when.quarter is None]
    reasons: list[Problem] = []
    if undated:
        reasons.append(Problem("cbam-obligation.holding-undated", severity=Severity.WARNING,
                               found=", ".join(undated[:5]), accepted="date | quarter"))
        return Holding(quarter, due, bool(counted), share.value, None, None, tuple(reasons))
    to_date = [c for c in counted if (c.when.quarter or 4) <= quarter]
    base = f"holding:{threshold.year}-Q{quarter}"
    default = total([_by_default(evaluation, c, f"{base}/{c.id}") for c in to_date])
    previous = [_by_last_year(c, last_year) for c in to_date]
    lacking = sorted({f"{c.good.cn} {c.origin.id}" for c, v in zip(to_date, previous, strict=True) if v is None})
    if lacking and last_year:
        reasons.append(Problem("cbam-obligation.holding-no-last-year", severity=Severity.NOTE,
                               found=", ".join(lacking[:5])))
    by_last = total(previous) if last_year else None
    return Holding(quarter, due, bool(counted), share.value, _shared(default, share), _shared(by_last, share),
                   tuple(reasons))


def _shared(value: Decimal | None, share: Cited) -> Decimal | None:
    return None if value is None else CONTEXT.multiply(value, share.value)


def _by_default(evaluation: Evaluation, c: Consignment, step: str) -> Decimal | None:
    """Certificates for one consignment by the default value without mark-up, after free allocation."""
    default, _ = evaluation.pair(evaluation.good_of[c.id], c.when.year)
    if default.before_markup is None:
        return None
    book = evaluation.book
    nothing = book.constant("holding/carbon-price", Decimal(0), "EUR/t", "cbam-obligation.rule.no-carbon-price")
    mass = book.given(f"consignment:{c.id}/mass", c.mass)
    return book.apply("OBL", step, "tCO2e", default.before_markup, default.sefa, nothing,
                      evaluation.no_reference(), mass).value


def _by_last_year(c: Consignment, last_year: PerUnit) -> Decimal | None:
    per_unit = last_year.get((c.good.cn, c.origin.id))
    return None if per_unit is None else CONTEXT.multiply(per_unit, c.mass.value)
