"""Whether the sums over a table are known: is it declared complete, and do the rows of each meter tile the period."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from zerofactory_engine.dossier.structure import METERED_TABLES, SERIES_TABLES
from zerofactory_engine.reasons import Cause, Reason

if TYPE_CHECKING:
    from zerofactory_engine.dossier.model import Dossier, Row

_DAY = timedelta(days=1)
#: Columns that tell apart the series that one meter may give (a meter of both directions gives two).
_SERIES_KEYS = ("flow", "direction", "carrier", "medium")
#: Columns that make two rows of one meter and time different things (a bill splits one reading by source).
_WHAT_COUNTS = ("flow", "direction", "source", "carrier", "medium", "use", "technology", "part")


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Days from *start* to *end*, both included."""

    start: date
    end: date

    def __str__(self) -> str:
        """``2025-07`` for a whole month, otherwise both days."""
        whole = self.start.day == 1 and (self.end + _DAY).day == 1
        if whole and (self.start.year, self.start.month) == (self.end.year, self.end.month):
            return self.start.isoformat()[:7]
        if whole:
            return f"{self.start.isoformat()[:7]} … {self.end.isoformat()[:7]}"
        return self.start.isoformat() if self.start == self.end else f"{self.start} … {self.end}"


def holes(whole: Span, covered: Iterable[Span]) -> tuple[Span, ...]:
    """The days of *whole* that no span covers."""
    found: list[Span] = []
    expected = whole.start
    for span in sorted(covered):
        if span.start > whole.end:
            break
        if span.start > expected:
            found.append(Span(expected, span.start - _DAY))
        expected = max(expected, span.end + _DAY)
    if expected <= whole.end:
        found.append(Span(expected, whole.end))
    return tuple(found)


def overlap(one: Span, other: Span) -> Span | None:
    """The days that two spans share."""
    start, end = max(one.start, other.start), min(one.end, other.end)
    return Span(start, end) if start <= end else None


@dataclass(frozen=True, slots=True)
class Series:
    """The rows of one meter in one table that have to follow each other: *key* tells its directions apart."""

    table: str
    meter: str
    key: tuple[str, ...]
    rows: tuple[Row, ...]


def series_of(dossier: Dossier, table: str) -> tuple[Series, ...]:
    """The series of *table*: of every meter with rows there, and of meters that measure it and have none."""
    groups: dict[tuple[str, tuple[str, ...]], list[Row]] = {}
    for row in dossier.rows.get(table, ()):
        if row.meter is not None:
            key = tuple(str(row.values[k]) for k in _SERIES_KEYS if row.values.get(k) is not None)
            groups.setdefault((row.meter, key), []).append(row)
    seen = {meter for meter, _ in groups}
    for meter in dossier.rows.get("meters", ()):
        if meter.values.get("measures") == table and meter.id not in seen:
            groups[(meter.id, ())] = []
    return tuple(Series(table, meter, key, tuple(rows)) for (meter, key), rows in groups.items())


def in_service(dossier: Dossier, meter_id: str) -> Span | None:
    """The part of the period in which a meter is in service; None when it is not."""
    whole = Span(dossier.period.start, dossier.period.end)
    meter = dossier.row("meters", meter_id)
    if meter is None:
        return whole
    start = meter.values.get("in_service_from") or whole.start
    end = meter.values.get("in_service_to") or whole.end
    return overlap(whole, Span(start, end)) if start <= end else None


def table_gaps(dossier: Dossier, table: str) -> tuple[Reason, ...]:
    """Why sums over *table* are not known; empty when they are.

    Sums do not count what the boundary leaves out, so nothing hangs on holes and doubles in the series of a tenant.
    """
    if table not in dossier.complete:
        return (Reason(Cause.TABLE, table, "dossier.reason-not-complete", (("table", table),)),)
    found = [Reason(Cause.TABLE, table, "dossier.reason-rows-overlap",
                    (("one", o.one.id), ("other", o.other.id), ("span", str(o.span)), ("table", table)))
             for o in overlaps(dossier, table) if not dossier.is_outside(o.one)]   # both are of one meter and part
    found += [Reason(Cause.TABLE, table, "dossier.reason-row-outside", (("row", r.id), ("table", table)))
              for r in outside(dossier, table) if not dossier.is_outside(r)]
    for series in series_of(dossier, table) if table in METERED_TABLES else ():
        if not _left_out(dossier, series):
            found.extend(_series_gaps(dossier, series))
    return tuple(dict.fromkeys(found))


def _left_out(dossier: Dossier, series: Series) -> bool:
    """Whether the meter belongs to a part that the boundary leaves out, and none of its rows is counted all the same.

    It belongs there because the part names it or it names the part. Rows of another meter that are assigned to such a
    part do not move that meter: what it does not say may be the applicant's own.
    """
    meter = dossier.row("meters", series.meter)
    belongs = dossier.leaves_out_meter(series.meter) or (meter is not None and dossier.is_outside(meter))
    return belongs and all(dossier.is_outside(row) for row in series.rows)


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two rows of one meter that state the same thing for the same days."""

    one: Row
    other: Row
    span: Span


def overlaps(dossier: Dossier, table: str) -> tuple[Overlap, ...]:
    """Rows of *table* that count the same days twice; corrections lie over other rows by their nature."""
    if table not in SERIES_TABLES:
        return ()
    groups: dict[tuple[object, ...], list[tuple[Span, Row]]] = {}
    for row in dossier.rows.get(table, ()):
        if row.meter is None or row.correction or row.start is None or row.end is None:
            continue
        key = (row.meter, *(row.values.get(c) for c in _WHAT_COUNTS))
        groups.setdefault(key, []).append((Span(row.start, row.end), row))
    found: list[Overlap] = []
    for group in groups.values():
        ordered = sorted(group, key=lambda pair: (pair[0], pair[1].id))
        widest = ordered[0]
        for span, row in ordered[1:]:
            if (shared := overlap(widest[0], span)) is not None:
                found.append(Overlap(widest[1], row, shared))
            if span.end > widest[0].end:
                widest = (span, row)
    return tuple(found)


def outside(dossier: Dossier, table: str) -> tuple[Row, ...]:
    """Rows of a series that lie wholly outside the period, so that a sum over them would be of another time."""
    if table not in SERIES_TABLES:
        return ()
    start, end = dossier.period.start, dossier.period.end
    return tuple(r for r in dossier.rows.get(table, ())
                 if (r.start is not None and r.start > end) or (r.end is not None and r.end < start))


def _series_gaps(dossier: Dossier, series: Series) -> list[Reason]:
    service = in_service(dossier, series.meter)
    if service is None:
        return []
    undated = [r for r in series.rows if (r.start is None or r.end is None) and not r.correction]
    if undated:
        return [_reason(series, "dossier.reason-row-undated", row=r.id) for r in undated]
    covered = spans(series.rows)
    missing = holes(service, covered)
    return [_reason(series, "dossier.reason-series-gap", span=str(rest))
            for hole in missing for rest in _unfilled(dossier, series, hole)]


def _unfilled(dossier: Dossier, series: Series, hole: Span) -> tuple[Span, ...]:
    """What is left of a hole after the gap entries whose substitute is a row of the dossier."""
    filled = []
    for gap in dossier.rows.get("gaps", ()):
        if gap.meter != series.meter or gap.start is None or gap.end is None:
            continue
        substitute = gap.values.get("row")
        if gap.values.get("substitution") not in (None, "none") and substitute is not None and (
                dossier.row(series.table, substitute) is not None):
            filled.append(Span(gap.start, gap.end))
    return holes(hole, filled)


def spans(rows: Sequence[Row]) -> list[Span]:
    """The days of the rows that have both dates; corrections do not stand for a time."""
    return [Span(r.start, r.end) for r in rows if r.start is not None and r.end is not None and not r.correction]


def _reason(series: Series, code: str, **args: str) -> Reason:
    return Reason(Cause.TABLE, series.table, code,
                  (("meter", series.meter), *((k, v) for k, v in args.items()), ("table", series.table)))
