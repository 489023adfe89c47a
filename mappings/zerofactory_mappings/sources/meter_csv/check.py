"""What a table of meter data comes to: rows of a dossier, gaps; what is only kept or refused, and what does not fit.

Identities: (end − start) × multiplier = quantity, with a register that ran over; the reading at the end of a period is
that at the start of the next; months come to their year, rows to their total. Periods of one meter and direction may
neither overlap nor come twice; holes between them are told and stand in the table of gaps. Rows with a time are summed
to calendar months in their time zone.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate

from zerofactory_engine.decimals import CONTEXT, plain
from zerofactory_engine.problems import Place, Problem, ProblemsError, Severity
from zerofactory_engine.units import unit
from zerofactory_mappings.sources.meter_csv.read import MeterTable, Record
from zerofactory_mappings.sources.report import Entry, State
from zerofactory_mappings.sources.sheets.account import AMOUNTS, Fate

#: Most problems of one code that are told one by one; the report has the fate of every row.
TOLD = 20


@dataclass(frozen=True, slots=True)
class OutRow:
    """A row for the dossier: the *records* that it comes from and what it states. *share*: days inside the year that
    was asked for and days of the bill, when it is apportioned. *summed*: it is a sum of rows with a time."""

    id: str
    records: tuple[Record, ...]
    span: tuple[date, date]
    amount: Decimal
    unit: str
    share: tuple[int, int] | None = None
    summed: bool = False

    @property
    def first(self) -> Record:
        """The first record."""
        return self.records[0]


@dataclass(frozen=True, slots=True)
class Gap:
    """Days of which a meter has no data, or not all; *reason* is text for the dossier."""

    meter: str
    span: tuple[date, date]
    reason: str


@dataclass(frozen=True, slots=True)
class Decision:
    """Rows and gaps of the dossier and what the user should know."""

    table: MeterTable
    rows: tuple[OutRow, ...]
    gaps: tuple[Gap, ...]
    problems: tuple[Problem, ...]


def decide(table: MeterTable, year: int | None = None) -> Decision:
    """Decide on every record of *table*.

    Raises:
        ProblemsError: nothing of it can be stated in a dossier.
    """
    decider = Decider(table, year)
    if table.mapping.hourly:
        from zerofactory_mappings.sources.meter_csv.hourly import months

        months(decider)
    else:
        decider.periods()
    decider.totals()
    if not decider.rows:
        raise ProblemsError([*decider.told(), Problem("import.nothing", Place(file=table.file))])
    return Decision(table, tuple(decider.rows), tuple(decider.gaps), tuple(decider.told()))


@dataclass(slots=True)
class Decider:
    """Collects rows, gaps, problems and the fates of records."""

    table: MeterTable
    year: int | None
    rows: list[OutRow] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def told(self) -> list[Problem]:
        """All problems; of one code at most :data:`TOLD` one by one, then their number."""
        out: list[Problem] = []
        seen: dict[str, int] = {}
        for problem in (*self.table.problems, *self.problems):
            seen[problem.code] = seen.get(problem.code, 0) + 1
            if seen[problem.code] <= TOLD:
                out.append(problem)
        more = {code: count - TOLD for code, count in seen.items() if count > TOLD}
        return out + [Problem("meter.more", Place(file=self.table.file), Severity.WARNING,
                              args={"code": code, "count": str(count)}) for code, count in more.items()]

    def tell(self, code: str, record: Record, args: Mapping[str, str] | None = None, found: str | None = None,
             accepted: str | None = None) -> None:
        """A warning at the quantity of *record*."""
        place = self.table.grid.place(self.table.file, record.cell)
        self.problems.append(Problem(code, place, Severity.WARNING, found=found, accepted=accepted, args=args or {}))

    def fate(self, record: Record, state: State, reason: str = "", args: Mapping[str, str] | None = None,
             target: str | None = None, amount: str | None = None) -> None:
        """Settle the row of *record* and account for its amount."""
        fate = {State.USED: Fate.USED, State.KEPT: Fate.KEPT, State.REFUSED: Fate.REFUSED}[state]
        grid = self.table.grid
        self.table.ledger.row(grid, record.row, fate, reason, args, target)
        path = f"{grid.sheet}/{record.cell.ref}" if grid.sheet is not None else record.cell.ref
        self.table.ledger.amount(Entry(AMOUNTS, path, record.meter, state, reason, args or {},
                                       f"{record.meter} {record.flow}", plain(record.amount), record.unit, amount,
                                       target))

    # --- periods -----------------------------------------------------------------------------------------------------

    def periods(self) -> None:
        """Rows with a first and a last day."""
        for records in by_series(self.table.records).values():
            self._series(sorted(records, key=lambda r: (_span(r), r.row)))

    def _series(self, records: Sequence[Record]) -> None:
        for record in records:
            self._readings(record)
        parts = self._without_sums(records)
        used: list[Record] = []
        for same in _same_spans(parts):
            if len({_base(r) for r in same}) > 1:
                for record in same:
                    self.fate(record, State.REFUSED, "meter.period-conflict")
                self.tell("meter.period-conflict", same[0], found=", ".join(plain(r.amount) for r in same),
                          args={"period": _days(_span(same[0]))})
                continue
            first, *again = same
            for record in again:
                self.fate(record, State.REFUSED, "meter.same-period")
                self.tell("meter.same-period", record, {"period": _days(_span(record))})
            if used and _span(first)[0] <= _span(used[-1])[1]:
                self.fate(first, State.REFUSED, "meter.overlap", {"other": _days(_span(used[-1]))})
                self.tell("meter.overlap", first, found=_days(_span(first)), accepted=_days(_span(used[-1])))
                continue
            if used:
                self._between(used[-1], first)
            used.append(first)
        for record in used:
            self._row(record)

    def _readings(self, record: Record) -> None:
        """(end − start) × multiplier = quantity, to the last digit that the quantity shows."""
        if record.rolled:
            self.tell("meter.rolled", record, found=plain(record.read) if record.read is not None else None)
        if record.quantity is None or record.read is None:
            return
        exponent = record.quantity.as_tuple().exponent
        slack = Decimal(5).scaleb(min(exponent if isinstance(exponent, int) else 0, 0) - 1)
        if abs(CONTEXT.subtract(record.quantity, record.read)) > slack:
            self.tell("meter.readings", record, found=f"{plain(record.quantity)} {record.unit}",
                      accepted=f"{plain(record.read)} {record.unit}")

    def _without_sums(self, records: Sequence[Record]) -> list[Record]:
        """The records without those that sum others up (a row of the year under its months), which are compared."""
        out = []
        starts = [_span(r)[0] for r in records]          # the records come in this order
        for record in records:
            start, end = _span(record)
            near = records[bisect_left(starts, start):bisect_right(starts, end)]
            inside = [r for r in near if _span(r)[1] <= end and _span(r) != (start, end)]
            if len(inside) < 2:
                out.append(record)
                continue
            whole = _tiled(inside, start, end)
            self.fate(record, State.KEPT, "meter.year-row" if whole else "meter.year-row-part")
            total = _sum(_base(r) for r in inside)
            if whole and total != _base(record):
                self.tell("meter.months-year", record, {"period": _days((start, end))},
                          found=f"{plain(record.amount)} {record.unit}", accepted=_in(total, record.unit))
        return out

    def _between(self, before: Record, after: Record) -> None:
        """A hole between two periods; without one, the register goes on where it stood."""
        hole = (_span(before)[1] + timedelta(days=1), _span(after)[0] - timedelta(days=1))
        if hole[0] <= hole[1]:
            if self.year is None or hole[0].year <= self.year <= hole[1].year:
                self.gaps.append(Gap(before.meter, self._inside(hole), "no row in the imported table"))
            self.tell("meter.gap", after, {"meter": after.meter}, found=_days(hole))
        elif before.reading_to is not None and after.reading_from is not None and (
                before.reading_to != after.reading_from):
            self.tell("meter.readings-jump", after, {"meter": after.meter}, found=plain(after.reading_from),
                      accepted=plain(before.reading_to))

    def _inside(self, span: tuple[date, date]) -> tuple[date, date]:
        """The part of *span* in the year that was asked for."""
        if self.year is None:
            return span
        return max(span[0], date(self.year, 1, 1)), min(span[1], date(self.year, 12, 31))

    def _row(self, record: Record) -> None:
        span, amount, share = _span(record), record.amount, None
        inside = self._inside(span)
        if inside[0] > inside[1]:
            self.fate(record, State.KEPT, "import.outside-period", {"start": str(span[0]), "end": str(span[1])})
            return
        if inside != span:
            share = ((inside[1] - inside[0]).days + 1, (span[1] - span[0]).days + 1)
            amount = CONTEXT.divide(CONTEXT.multiply(amount, Decimal(share[0])), Decimal(share[1]))
        self.add(OutRow(f"R{record.row}", (record,), inside, amount, record.unit, share))

    def add(self, row: OutRow) -> None:
        """Take a row; its records are settled when the dossiers are written."""
        self.rows.append(row)

    # --- totals ------------------------------------------------------------------------------------------------------

    def totals(self) -> None:
        """Rows of sums in the table: of the rows since the last one, or of all above."""
        rows = [r.row for r in self.table.records]
        sums = list(accumulate((_base(r) for r in self.table.records), CONTEXT.add, initial=Decimal(0)))
        since = 0
        for total in self.table.totals:
            here = bisect_left(rows, total.row)
            part = CONTEXT.subtract(sums[here], sums[since])
            if unit(total.unit).to_base(total.amount) not in (part, sums[here]):
                place = self.table.grid.place(self.table.file, total.cell)
                self.problems.append(Problem(
                    "meter.total", place, Severity.WARNING, found=f"{plain(total.amount)} {total.unit}",
                    accepted=_in(part if here > since else sums[here], total.unit)))
            since = here


def by_series(records: Iterable[Record]) -> dict[tuple[str, str], list[Record]]:
    """Records by meter and direction, in the order in which they come."""
    out: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        out.setdefault(record.series, []).append(record)
    return out


def _span(record: Record) -> tuple[date, date]:
    assert record.span is not None                     # no time column
    return record.span


def _same_spans(records: Sequence[Record]) -> list[list[Record]]:
    out: dict[tuple[date, date], list[Record]] = {}
    for record in records:
        out.setdefault(_span(record), []).append(record)
    return list(out.values())


def _tiled(records: Sequence[Record], start: date, end: date) -> bool:
    """Whether the periods of *records* follow each other without hole or overlap from *start* to *end*."""
    at = start
    for first, last in sorted(_span(r) for r in records):
        if first != at:
            return False
        at = last + timedelta(days=1)
    return at == end + timedelta(days=1)


def _base(record: Record) -> Decimal:
    return unit(record.unit).to_base(record.amount)


def _sum(values: Iterable[Decimal]) -> Decimal:
    total = Decimal(0)
    for value in values:
        total = CONTEXT.add(total, value)
    return total


def _in(base: Decimal, unit_text: str) -> str:
    return f"{plain(unit(unit_text).from_base(base))} {unit_text}"


def _days(span: tuple[date, date]) -> str:
    return f"{span[0]} … {span[1]}"
