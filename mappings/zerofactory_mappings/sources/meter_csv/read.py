"""Rows of a table of meter data as typed records, by a mapping: amounts, readings, period or time, with their cells."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from functools import lru_cache

from zerofactory_engine.decimals import CONTEXT, parse_decimal
from zerofactory_engine.dossier.codes import code_list
from zerofactory_engine.problems import Place, Problem, ProblemsError, Severity
from zerofactory_engine.units import dimension, unit
from zerofactory_mappings.sources.meter_csv.mapping import MeterMapping, unit_for
from zerofactory_mappings.sources.sheets.account import Fate, Ledger
from zerofactory_mappings.sources.sheets.grid import Grid, GridCell
from zerofactory_mappings.sources.sheets.headers import Field, RowKind, Table, TableRow, find_table
from zerofactory_mappings.sources.sheets.text import Trouble, amount_of, normal, period_of, stated_none

_TAIL = re.compile(r"\(([^()]*)\)$")
_STAMP = re.compile(r"(\d{4})\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})日?"
                    r"(?:[T ]*(\d{1,2})[:时](\d{1,2})?(?:[:分](\d{1,2})?(\.\d+)?秒?)?分?)?\s*(Z|[+-]\d\d:?\d\d)?")
_TOKENS = {"YYYY": r"(?P<Y>\d{4})", "MM": r"(?P<M>\d{1,2})", "DD": r"(?P<D>\d{1,2})", "HH": r"(?P<H>\d{1,2})",
           "mm": r"(?P<m>\d{1,2})", "ss": r"(?P<s>\d{1,2})"}
#: Digits of a number that every workbook keeps.
_DOUBLE = 15
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)年")


@dataclass(frozen=True, slots=True)
class Record:
    """One row. *span*: first and last day; *stamp*: its time, naive unless the file states an offset; one of the two.

    *quantity* is what the file states, *read* what its readings give; *amount* counts: the stated, else the read.
    *unit* is the name of a unit of ours; *cell* holds the quantity (or the later reading).
    """

    row: int
    cell: GridCell
    meter: str
    flow: str
    unit: str
    amount: Decimal
    read: Decimal | None = None
    quantity: Decimal | None = None
    span: tuple[date, date] | None = None
    stamp: datetime | None = None
    reading_from: Decimal | None = None
    reading_to: Decimal | None = None
    multiplier: Decimal | None = None
    ct: Decimal | None = None
    pt: Decimal | None = None
    rolled: bool = False
    note: str = ""

    @property
    def series(self) -> tuple[str, str]:
        """Meter and direction: rows of one series may not overlap."""
        return self.meter, self.flow


@dataclass(frozen=True, slots=True)
class Total:
    """A row of sums in the table: *amount* in *unit*, for the rows since the last one or for all of them."""

    row: int
    cell: GridCell
    amount: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class MeterTable:
    """The records of a table in order, its rows of sums, what was found wrong, and the account of its rows."""

    file: str
    mapping: MeterMapping
    grid: Grid
    records: tuple[Record, ...]
    totals: tuple[Total, ...]
    problems: tuple[Problem, ...]
    ledger: Ledger


class RefusedError(Exception):
    """A row that cannot be read safely: a message code, its cell and arguments."""

    def __init__(self, code: str, cell: GridCell | None = None, **args: str) -> None:
        super().__init__(code)
        self.code, self.cell, self.args_of = code, cell, args


def read_table(grids: Sequence[Grid], mapping: MeterMapping, file: str, year: int | None = None) -> MeterTable:
    """The records of the table that *mapping* describes. *year* completes months that are named without one.

    Raises:
        ProblemsError: no sheet has the columns of the mapping.
    """
    grid, table = _find(grids, mapping, file)
    ledger = Ledger()
    for each in grids:
        ledger.open(each)
        if each is not grid:
            ledger.whole(each, Fate.KEPT, "meter.other-sheet")
    ledger.layout(grid, table)
    years = {int(y) for text in (*table.titles, grid.sheet or "") for y in _YEAR.findall(normal(text))}
    reader = _Reader(grid, table, mapping, file, years.pop() if len(years) == 1 else year)
    records: list[Record] = []
    totals: list[Total] = []
    for row in table.rows:
        try:
            if row.kind is RowKind.SUBTOTAL:
                ledger.row(grid, row.number, Fate.KEPT, "meter.total-row")
                totals += reader.total(row)
            elif row.kind is RowKind.DATA and reader.speaks(row):
                records.append(reader.record(row))
        except RefusedError as refused:
            ledger.row(grid, row.number, Fate.REFUSED, refused.code, refused.args_of)
            reader.tell(refused.code, refused.cell or next(iter(row.cells.values())), refused.args_of)
    notes = [Problem("sheets.unknown-column", grid.place(file, c), Severity.NOTE, args={"found": c.text})
             for c in table.unknown]
    notes += [Problem("sheets.column-twice", grid.place(file, c), Severity.WARNING, args={"found": c.text})
              for c in table.twice]
    return MeterTable(file, mapping, grid, tuple(records), tuple(totals), (*notes, *reader.problems), ledger)


def _find(grids: Sequence[Grid], mapping: MeterMapping, file: str) -> tuple[Grid, Table]:
    """The sheet and table with all columns of the mapping; else say which ones are missing and what there is."""
    chosen = [g for g in grids if mapping.sheet is None or normal(g.sheet or "") == normal(mapping.sheet)]
    if not chosen:
        raise ProblemsError([Problem("meter.no-sheet", Place(file=file), found=mapping.sheet,
                                     accepted=", ".join(g.sheet or "—" for g in grids[:20]))])
    fields = [Field(name, (title, _TAIL.sub("", normal(title)))) for name, title in mapping.columns.items()]
    best: tuple[int, Grid, Table] | None = None
    for grid in chosen:
        table = find_table(grid, fields, at_least=1)
        if table is not None and (best is None or len(table.columns) > best[0]):
            best = len(table.columns), grid, table
    missing = [t for n, t in mapping.columns.items() if best is None or n not in best[2].columns]
    if best is None or missing:
        there = [c.text for c in (best[2].unknown if best is not None else chosen[0].rows[0])]
        raise ProblemsError([Problem("meter.no-column", Place(file=file), found=title, accepted=", ".join(there[:30]))
                             for title in missing])
    return best[1], best[2]


class _Reader:
    def __init__(self, grid: Grid, table: Table, mapping: MeterMapping, file: str, year: int | None) -> None:
        self.grid, self.table, self.mapping, self.file, self.year = grid, table, mapping, file, year
        self.problems: list[Problem] = []
        self.unit_text = self._heading_unit()
        self.gas = code_list("carriers").codes.get(mapping.carrier or "", {}).get("unit") == "Nm3"
        self.flows = {normal(text): flow for text, flow in mapping.flows.items()}

    def tell(self, code: str, cell: GridCell, args: Mapping[str, str] | None = None, found: str | None = None,
             accepted: str | None = None) -> None:
        """A warning at *cell*."""
        self.problems.append(Problem(code, self.grid.place(self.file, cell), Severity.WARNING, found=found,
                                     accepted=accepted, args=args or {}))

    def _heading_unit(self) -> str:
        """The unit in the heading of the quantity, which a mapping may have repeated."""
        if "quantity" not in self.table.columns:
            return ""
        column = self.table.columns["quantity"]
        tail = _TAIL.search(normal(column.cell.text))
        own = tail[1] if tail is not None else ""
        return next((name for u in (column.unit_text, own) if u and (name := self.unit(u))), "")

    def unit(self, text: str) -> str:
        """The name of a unit of ours for *text*; empty when it is none, or none of this table."""
        wanted = normal(text).strip("()")
        told = next((to for of, to in self.mapping.units.items() if normal(of) == wanted), None)
        for name in (told,) if told is not None else (text.strip(), *_spellings(wanted)):
            if unit_for(self.mapping.table, name) is not None:
                return name
        return ""

    def speaks(self, row: TableRow) -> bool:
        """Whether the row states a quantity or readings, readable or not."""
        return any(n in row.cells for n in ("quantity", "reading_from", "reading_to"))

    def number(self, row: TableRow, name: str) -> tuple[Decimal, str] | None:
        """The number of a column with the unit behind it; None when the cell is blank.

        Raises:
            RefusedError: no number stands there.
        """
        cell = row.cells.get(name)
        if cell is None or stated_none(cell):
            return None
        if self.mapping.decimal_sign == "," and cell.number is None and cell.state == "value":
            return self._signed(cell)
        if cell.percent or normal(cell.text).endswith("%"):
            raise RefusedError("meter.percent", cell, found=cell.text)
        amount = amount_of(cell)
        if isinstance(amount, Trouble):
            raise RefusedError(amount.code, cell, found=amount.found)
        return None if amount is None else (amount.number, amount.unit)

    def _signed(self, cell: GridCell) -> tuple[Decimal, str]:
        """A number whose decimal sign is a comma."""
        text = unicodedata.normalize("NFKC", cell.text).strip()
        match = re.fullmatch(r"([+-]?[\d., ']*\d)\s*([^\d.,]*)", text)
        figure = match[1] if match is not None else ""
        sign = self.mapping.thousands_sign
        whole, _, part = figure.partition(",")
        if sign not in (None, "none"):
            mark = re.escape(sign or "")
            if mark and re.search(mark, whole) and re.fullmatch(rf"[+-]?\d{{1,3}}(?:{mark}\d{{3}})+", whole) is None:
                raise RefusedError("sheets.ambiguous-number", cell, found=cell.text[:80])
            whole = whole.replace(sign or "", "")
        value = parse_decimal(f"{whole}.{part}" if part else whole) if part.isdigit() or not part else None
        if match is None or value is None or "." in whole:
            raise RefusedError("sheets.no-number", cell, found=cell.text[:80])
        return value, match[2]

    # --- records -----------------------------------------------------------------------------------------------------

    def record(self, row: TableRow) -> Record:
        """The record of *row*.

        Raises:
            RefusedError: it cannot be read safely.
        """
        meter = self._meter(row)
        flow = self._flow(row)
        span, stamp = self._when(row)
        stated = self.number(row, "quantity")
        first, last = self.number(row, "reading_from"), self.number(row, "reading_to")
        multiplier, ct, pt = self._multiplier(row)
        cell = row.cells.get("quantity") if stated is not None else row.cells.get("reading_to")
        name = self._unit(row, stated[1] if stated is not None else "")
        read, rolled = self._read(row, first, last, multiplier, stated)
        amount = stated[0] if stated is not None else read
        if amount is None or cell is None:
            raise RefusedError("meter.no-quantity", cell or row.cells.get("reading_from"))
        if amount < 0 and not self.mapping.corrections:
            raise RefusedError("meter.negative", cell, found=cell.text)
        return Record(row.number, cell, meter, flow, name, amount, read, None if stated is None else stated[0], span,
                      stamp, first[0] if first else None, last[0] if last else None, multiplier, ct, pt, rolled,
                      row.text("note"))

    def total(self, row: TableRow) -> list[Total]:
        """The sum that a row states; nothing when it states none in a unit of ours."""
        stated = self.number(row, "quantity")
        name = self.unit(row.text("unit")) or self.unit_text or self.mapping.unit or ""
        return [Total(row.number, row.cells["quantity"], stated[0], name)] if stated is not None and name else []

    def _meter(self, row: TableRow) -> str:
        if "meter" not in self.mapping.columns:
            return self.mapping.meter or ""
        text = unicodedata.normalize("NFKC", row.text("meter")).strip().removeprefix("'")
        cell = row.cells.get("meter")
        if cell is None or not text or stated_none(cell):
            if self.mapping.meter is not None:
                return self.mapping.meter
            raise RefusedError("meter.no-meter", cell)
        long = cell.number is not None and len(cell.number.as_tuple().digits) > _DOUBLE
        if long or re.fullmatch(r"[\d.]+[eE]\+\d+", text):
            raise RefusedError("meter.number-rounded", cell, found=text)      # a workbook keeps 15 digits of a number
        return text

    def _flow(self, row: TableRow) -> str:
        if "flow" not in self.mapping.columns or not row.text("flow"):
            return self.mapping.flow
        found = self.flows.get(normal(row.text("flow")))
        if found is None:
            raise RefusedError("meter.flow-unknown", row.cells["flow"], found=row.text("flow"))
        return found

    def _unit(self, row: TableRow, behind: str) -> str:
        found, cell = self._unit_stated(row, behind)
        if self.gas and unit(found).dimension == dimension("volume"):
            raise RefusedError("meter.gas-volume", cell, found=found)
        return found

    def _unit_stated(self, row: TableRow, behind: str) -> tuple[str, GridCell | None]:
        """The unit behind the number, in its column, in the heading or in the mapping, and the cell of the number."""
        for text, cell in ((behind, row.cells.get("quantity")), (row.text("unit"), row.cells.get("unit"))):
            if text:
                found = self.unit(text)
                if not found:
                    raise RefusedError("meter.unit-unknown", cell, found=text)
                return found, cell
        cell = row.cells.get("quantity") or row.cells.get("reading_to")
        found = self.unit_text or self.mapping.unit or ""
        if not found:
            raise RefusedError("meter.unit-missing", cell)
        return found, cell

    def _multiplier(self, row: TableRow) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
        """Multiplier of readings, CT and PT ratio; the first from a column, from CT × PT, or from the mapping."""
        ct, pt = self._ratio(row, "ct"), self._ratio(row, "pt")
        own = self._ratio(row, "multiplier")
        product = CONTEXT.multiply(ct or Decimal(1), pt or Decimal(1)) if ct is not None or pt is not None else None
        if own is not None and product is not None and own != product:
            raise RefusedError("meter.ratio-differs", row.cells["multiplier"], found=f"{own} ≠ {product}")
        return own or product or self.mapping.multiplier, ct, pt

    def _ratio(self, row: TableRow, name: str) -> Decimal | None:
        """A ratio as ``40`` or ``200/5``."""
        cell = row.cells.get(name)
        if cell is None or stated_none(cell):
            return None
        pair = re.fullmatch(r"(\d+(?:\.\d+)?)[/:](\d+(?:\.\d+)?)", normal(cell.text))
        if pair is not None and Decimal(pair[2]):
            value = CONTEXT.divide(Decimal(pair[1]), Decimal(pair[2]))
        else:
            found = self.number(row, name)
            value = found[0] if found is not None else Decimal(0)
        if value <= 0:
            raise RefusedError("meter.ratio", cell, found=cell.text)
        return value

    def _read(self, row: TableRow, first: tuple[Decimal, str] | None, last: tuple[Decimal, str] | None,
              multiplier: Decimal | None, stated: tuple[Decimal, str] | None) -> tuple[Decimal | None, bool]:
        """Amount by the readings, and whether the register ran over; None without readings or without a multiplier."""
        if first is None or last is None or (multiplier is None and stated is not None):
            return None, False
        factor = multiplier or Decimal(1)
        cell = row.cells["reading_to"]
        if last[0] >= first[0]:
            return CONTEXT.multiply(CONTEXT.subtract(last[0], first[0]), factor), False
        digits = self.mapping.digits
        if digits is None or max(first[0], last[0]) >= Decimal(10) ** digits:
            found = f"{row.text('reading_from')} → {row.text('reading_to')}"
            if stated is None:
                raise RefusedError("meter.backwards", cell, found=found)
            self.tell("meter.backwards", cell, {"found": found})         # the stated quantity still counts
            return None, False
        turn = CONTEXT.subtract(CONTEXT.add(Decimal(10) ** digits, last[0]), first[0])
        return CONTEXT.multiply(turn, factor), True

    def _when(self, row: TableRow) -> tuple[tuple[date, date] | None, datetime | None]:
        if self.mapping.hourly:
            return None, self._stamp(row)
        if "month" in self.mapping.columns:
            cell = row.cells.get("month")
            span = self._period(cell) if cell is not None else None
            if span is None:
                raise RefusedError("meter.no-period", cell, found=row.text("month"))
            return span, None
        days = []
        for name in ("start", "end"):
            cell = row.cells.get(name)
            span = self._period(cell) if cell is not None else None
            if span is None or span[0] != span[1]:
                raise RefusedError("meter.no-period", cell, found=row.text(name))
            days.append(span[0])
        if self.mapping.end_is == "excluded":
            days[1] -= timedelta(days=1)
        if days[1] < days[0]:
            raise RefusedError("meter.period-backwards", row.cells["end"], found=f"{days[0]} … {days[1]}")
        return (days[0], days[1]), None

    def _period(self, cell: GridCell) -> tuple[date, date] | None:
        if cell.day is not None:
            if "month" in self.mapping.columns and cell.day.day == 1 and self.mapping.date_format is None:
                return period_of(f"{cell.day.year}-{cell.day.month:02d}")    # a month kept as its first day
            return cell.day, cell.day
        if self.mapping.date_format is not None:
            found = _by_format(cell.text, self.mapping.date_format)
            if found is None:
                return None
            if "DD" not in self.mapping.date_format:
                return period_of(f"{found.year}-{found.month:02d}")
            return found.date(), found.date()
        found_span = period_of(re.sub(r"[ T]\d{1,2}:\d\d(?::\d\d)?$", "", cell.text.strip()), self.year)
        if found_span is not None and "month" in self.mapping.columns and found_span[0] == found_span[1] and (
                found_span[0].day == 1):
            return period_of(f"{found_span[0].year}-{found_span[0].month:02d}")
        return found_span

    def _stamp(self, row: TableRow) -> datetime:
        cell = row.cells.get("time")
        found = None
        if cell is not None and cell.state == "value":
            found = (_by_format(cell.text, self.mapping.date_format) if self.mapping.date_format is not None
                     and cell.day is None and not _ISO.fullmatch(cell.text) else stamp_of(cell.text))
        if found is None:
            raise RefusedError("meter.no-time", cell, found=row.text("time"))
        return found


_ISO = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d+)?")


@lru_cache(maxsize=256)
def _spellings(wanted: str) -> tuple[str, ...]:
    """Our names for usual spellings of *wanted*, which is in lower case."""
    known = {"kwh": "kWh", "mwh": "MWh", "gwh": "GWh", "万kwh": "10kkWh", "万千瓦时": "10kkWh", "nm3": "Nm3",
             "万nm3": "10kNm3", "gj": "GJ", "mj": "MJ", "kj": "kJ", "千瓦时": "kWh", "度": "kWh", "吨": "t"}
    return (wanted, *((known[wanted],) if wanted in known else ()))


def stamp_of(text: str) -> datetime | None:
    """The time that *text* states to the second, 24:00 as the next midnight; naive unless it states an offset."""
    match = _STAMP.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if match is None:
        return None
    day, clock = match.group(1, 2, 3), [int(part or 0) for part in match.group(4, 5, 6)]
    return _made([int(p) for p in day], clock, match[7], match[8])


@lru_cache(maxsize=64)
def _pattern(form: str) -> re.Pattern[str]:
    out, rest = "", form
    while rest:
        token = next((t for t in _TOKENS if rest.startswith(t)), None)
        if token is not None and f"<{_TOKENS[token][3:5]}" not in out:
            out, rest = out + _TOKENS[token], rest[len(token):]
        else:
            out, rest = out + re.escape(rest[0]), rest[1:]
    return re.compile(out)


def _by_format(text: str, form: str) -> datetime | None:
    match = _pattern(form).fullmatch(unicodedata.normalize("NFKC", text).strip())
    if match is None:
        return None
    parts = match.groupdict()
    if not {"Y", "M"} <= set(parts):
        return None
    return _made([int(parts["Y"]), int(parts["M"]), int(parts.get("D") or 1)],
                 [int(parts.get(n) or 0) for n in ("H", "m", "s")], None, None)


def _made(day: list[int], clock: list[int], fraction: str | None, offset: str | None) -> datetime | None:
    try:
        over = clock[0] == 24 and not clock[1] and not clock[2]
        found = datetime(day[0], day[1], day[2], 0 if over else clock[0], clock[1], clock[2])  # noqa: DTZ001 - civil
    except ValueError:
        return None
    found += timedelta(days=int(over), seconds=int(fraction is not None and Decimal(f"0{fraction}") >= Decimal("0.5")))
    if offset is None:
        return found
    if offset == "Z":
        return found.replace(tzinfo=UTC)
    minutes = int(offset[1:3]) * 60 + int(offset[-2:])
    if minutes >= 1440:
        return None
    return found.replace(tzinfo=timezone(timedelta(minutes=minutes if offset[0] == "+" else -minutes)))
