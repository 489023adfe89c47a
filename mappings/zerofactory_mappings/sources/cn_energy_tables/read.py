"""Read statistical energy forms and ledgers into lines: one carrier, one period, the figures that stand there.

Three shapes are read: the form (a row per carrier, cumulative from January), the ledger by months (a row per month, of
one carrier or with a column of carriers) and the wide ledger (a row per carrier, a column per month).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from zerofactory_engine.decimals import parse_decimal
from zerofactory_mappings.sources.cn_energy_tables import vocabulary
from zerofactory_mappings.sources.cn_energy_tables.vocabulary import MONTHS, Form
from zerofactory_mappings.sources.sheets.grid import Grid, GridCell
from zerofactory_mappings.sources.sheets.headers import RowKind, Table, TableRow, find_table
from zerofactory_mappings.sources.sheets.text import Amount, Span, Trouble, amount_of, month_span, normal, period_of

Shape = Literal["form", "months", "wide"]

#: Rows in which the title of a form is looked for when no table was found.
_TITLE_ROWS = 12
_YEARS = range(1950, 2101)
_QUANTITIES = ("opening", "month_opening", "purchase", "purchase_outside", "consumption", "consumption_to_date",
               "industrial", "industrial_to_date", "feedstock", "conversion", "non_industrial",
               "non_industrial_to_date", "transport", "transfers_out", "stocktake", "closing")
_OTHER_NUMBERS = ("purchase_value", "coefficient", "coefficient_to_date", "reference_coefficient", "coal")
_FORM = ("name", "unit", "code", "opening", "purchase", "purchase_outside", "purchase_value", "consumption",
         "industrial", "feedstock", "conversion", "non_industrial", "transport", "transfers_out", "stocktake",
         "closing", "coefficient", "reference_coefficient", "coal")
_LEDGER = ("name", "unit", "code", "year", "month", "opening", "month_opening", "purchase", "purchase_outside",
           "purchase_value", "consumption", "consumption_to_date", "industrial", "industrial_to_date", "feedstock",
           "non_industrial", "non_industrial_to_date", "transport", "transfers_out", "stocktake", "closing",
           "coefficient", "coefficient_to_date", "coal")
_WIDE = ("name", "unit", "code", "item", "year", *MONTHS, "total", "coefficient")

_SPAN = re.compile(r"((?:19|20)\d\d)年(\d{1,2})月?(?:-|~|至|到)(\d{1,2})月")
_QUARTERS = re.compile(r"((?:19|20)\d\d)年(?:第?([1-4一二三四])季度|([1-4])-([1-4])季度)")
_MONTH = re.compile(r"((?:19|20)\d\d)(?:年|-|/)(\d{1,2})(?:月|$)")
_YEAR = re.compile(r"((?:19|20)\d\d)(?:年|$)")


@dataclass(frozen=True, slots=True)
class Line:
    """Figures of one carrier. *carrier* is None when the name is not known; *unit* is ours, None when unknown;
    *normal_m3*: a bare cubic metre of gas was read as a standard one. *period*: the days that the figures cover, None
    when not stated. *figures* by column, *cells* where they stand, *troubles* what could not be read. *total*: a row of
    totals. *own_units*: units that stand behind a number.
    """

    grid: Grid
    row: int
    shape: Shape
    name: str
    carrier: str | None
    unit_text: str
    unit: str | None
    normal_m3: bool
    period: Span | None
    figures: Mapping[str, Decimal]
    cells: Mapping[str, GridCell]
    troubles: tuple[tuple[GridCell, Trouble], ...] = ()
    total: bool = False
    own_units: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: which *form* it is, its table and lines; *period* as stated above the table (*assumed*: the
    year that was asked for stands in for it), *others*: rows of an item that is no consumption."""

    grid: Grid
    form: Form
    shape: Shape | None
    table: Table | None
    lines: tuple[Line, ...]
    period: Span | None
    organisation: str | None
    credit_code: str | None
    others: tuple[int, ...] = ()
    assumed: bool = False


def recognise(grid: Grid) -> tuple[Form, Shape | None, Table | None] | None:
    """Which form of the family a sheet is, and the table in it when we read that form; None when it is none of them."""
    shape, table = _find(grid)
    above = table.header_rows[0] - 1 if table is not None else min(_TITLE_ROWS, len(grid.rows))
    named = _named(grid, above)
    if named is not None and not named.read:
        return named, None, None
    if table is None:
        return (named, None, None) if named is not None else None
    form = named or next(f for f in vocabulary.forms() if f.id == ("205-1" if shape == "form" else "ledger"))
    return form, shape, table


def _named(grid: Grid, rows: int) -> Form | None:
    """The form whose number or title stands above the table, else in the name of the sheet."""
    texts = [normal(c.text) for cells in grid.rows[:rows] for c in cells if not c.merged and len(c.text) <= 80]
    texts.append(normal(grid.sheet or ""))
    for text in texts:
        hits = [(len(t), f) for f in vocabulary.forms() for t in f.titles if t in text]
        if hits:
            return max(hits, key=lambda hit: hit[0])[1]
    for text in texts:
        for form in vocabulary.forms():
            if form.number and re.search(rf"(?<![\d-]){re.escape(normal(form.number))}(?![\d-])", text):
                return form
    return None


def _find(grid: Grid) -> tuple[Shape | None, Table | None]:
    """The first shape that fits. The wide ledger needs its months, the ledger by months a column of months."""
    wide = find_table(grid, vocabulary.fields(*_WIDE), at_least=5)
    if wide is not None and sum(m in wide.columns for m in MONTHS) >= 3 and "name" in wide.columns:
        return "wide", wide
    months = find_table(grid, vocabulary.fields(*_LEDGER), at_least=2)
    if months is not None and "month" in months.columns and {"consumption", "industrial"} & set(months.columns):
        return "months", months
    form = find_table(grid, vocabulary.fields(*_FORM), at_least=3)
    stocks = {"purchase", "opening", "closing"}
    if form is not None and "name" in form.columns and stocks & set(form.columns) and (
            {"consumption", "industrial"} & set(form.columns)):
        return "form", form
    return None, None


def read_sheet(grid: Grid, year: int | None = None) -> Sheet | None:
    """The lines of a sheet; None when it is no form of the family. *year* is taken where the sheet states no period."""
    found = recognise(grid)
    if found is None:
        return None
    form, shape, table = found
    top = table.header_rows[0] - 1 if table is not None else _TITLE_ROWS
    above = [c for cells in grid.rows[:top] for c in cells if not c.merged]
    facts = _facts(above)
    if table is None or shape is None:
        return Sheet(grid, form, shape, table, (), None, facts.get("organisation"), facts.get("credit_code"))
    period = _period_above(above, cumulative=shape == "form") or _period_above(
        [GridCell(1, 1, grid.sheet or "", state="value")], cumulative=shape == "form")
    assumed = period is None and year is not None
    if period is None and year is not None:
        period = date(year, 1, 1), date(year, 12, 31)
    reader = _Reader(grid, shape, table, period, facts)
    read = (RowKind.DATA, RowKind.SUBTOTAL)
    lines = tuple(line for row in table.rows if row.kind in read for line in reader.lines(row))
    return Sheet(grid, form, shape, table, lines, period, facts.get("organisation"), facts.get("credit_code"),
                 tuple(reader.others), assumed)


# --- what stands above the table ----------------------------------------------------------------------------------


def _facts(cells: Sequence[GridCell]) -> Mapping[str, str]:
    """Labelled facts: ``能源名称：原煤  计量单位：吨`` in one cell, or the label in one and the value in the next."""
    by_label = {label: name for name in vocabulary.data()["labels"] for label in vocabulary.labels(name)}
    pattern = re.compile("(?:" + "|".join(r"\s*".join(map(re.escape, label)) for label in sorted(
        by_label, key=len, reverse=True)) + r")\s*[:：]", re.IGNORECASE)
    facts: dict[str, str] = {}
    for index, cell in enumerate(cells):
        hits = list(pattern.finditer(cell.text))
        for number, hit in enumerate(hits):
            end = hits[number + 1].start() if number + 1 < len(hits) else len(cell.text)
            value = re.split(r"\s{2,}|\u3000", cell.text[hit.end():end].strip())[0]
            after = cells[index + 1] if index + 1 < len(cells) else None
            if not value and after is not None and after.row == cell.row and not re.search("[:：]", after.text):
                value = after.text
            name = by_label.get(normal(hit[0]).rstrip(":"))
            if value and name is not None:
                facts.setdefault(name, value.strip()[:200])
    return facts


def _period_above(cells: Sequence[GridCell], *, cumulative: bool) -> Span | None:
    """The period that stands above a table; of a cumulative form one month means all months up to it."""
    for cell in cells:
        text = normal(cell.text)
        if any(word in text for word in vocabulary.words("not_period")):
            continue
        found = _period_in(text, cumulative)
        if found is not None:
            return found
    return None


def _period_in(text: str, cumulative: bool) -> Span | None:
    span = _SPAN.search(text)
    if span is not None:
        year, first, last = (int(g) for g in span.groups())
        if year in _YEARS and 1 <= first <= last <= 12:
            return month_span(year, first)[0], month_span(year, last)[1]
        return None
    quarters = _QUARTERS.search(text)
    if quarters is not None:
        year = int(quarters[1])
        last_q = period_of(f"{quarters[4] or quarters[2]}季度", year)
        first_q = period_of(f"{quarters[3] or quarters[2]}季度", year)
        if first_q is not None and last_q is not None:
            return date(year, 1, 1) if cumulative else first_q[0], last_q[1]
    month = _MONTH.search(text)
    if month is not None and 1 <= int(month[2]) <= 12:
        start, end = month_span(int(month[1]), int(month[2]))
        return (date(start.year, 1, 1) if cumulative else start), end
    year_only = _YEAR.search(text)
    if year_only is not None:
        return date(int(year_only[1]), 1, 1), date(int(year_only[1]), 12, 31)
    return None


# --- rows ---------------------------------------------------------------------------------------------------------


class _Reader:
    """Makes lines of rows. *others*: rows of an item that is no consumption."""

    def __init__(self, grid: Grid, shape: Shape, table: Table, period: Span | None, facts: Mapping[str, str]) -> None:
        self.grid, self.shape, self.table, self.period, self.facts = grid, shape, table, period, facts
        self.others: list[int] = []
        self.last_name = ""

    def lines(self, row: TableRow) -> Iterator[Line]:
        if self.shape == "wide":
            yield from self._wide(row)
            return
        figures, cells, troubles, units = _figures(row, self.table, (*_QUANTITIES, *_OTHER_NUMBERS))
        if self.shape == "form":
            yield self._line(row, row.text("name"), self.period, figures, cells, troubles, units,
                             total=row.kind is RowKind.SUBTOTAL)
            return
        name = row.text("name") or self.facts.get("name") or self._name_of_sheet()
        period = self._month(row)
        total = period is None and (row.kind is RowKind.SUBTOTAL or normal(row.text("month")) in {
            normal(t) for t in vocabulary.data()["columns"]["total"]})
        if period is None and not total and row.cells.get("month") is not None:
            troubles = (*troubles, (row.cells["month"], Trouble("cn-energy.no-month", row.text("month")[:40])))
        yield self._line(row, name, period, figures, cells, troubles, units, total=total)

    def _wide(self, row: TableRow) -> Iterator[Line]:
        """A line per month and one for the total."""
        item = normal(row.text("item"))
        if item and not any(word in item for word in vocabulary.words("consumption_items")):
            self.others.append(row.number)
            return
        year = self._year(row)
        figures, cells, troubles, units = _figures(row, self.table, (*MONTHS, "total", "coefficient"))
        for number, column in enumerate(MONTHS, 1):
            broken = tuple(t for t in troubles if t[0] == row.cells.get(column))
            if column not in figures and not broken:
                continue
            of = {"consumption": figures[column]} if column in figures else {}
            at = {"consumption": cells[column]} if column in cells else {}
            if "coefficient" in figures:
                of["coefficient"], at["coefficient"] = figures["coefficient"], cells["coefficient"]
            yield self._line(row, row.text("name"), month_span(year, number) if year else None, of, at, broken,
                             {"consumption": units[column]} if column in units else {},
                             total=vocabulary.carrier_of(row.text("name")) == vocabulary.TOTAL)
        if "total" in figures:
            yield self._line(row, row.text("name"), (date(year, 1, 1), date(year, 12, 31)) if year else None,
                             {"consumption": figures["total"]}, {"consumption": cells["total"]}, (), {}, total=True)

    def _line(self, row: TableRow, name: str, period: Span | None, figures: Mapping[str, Decimal],
              cells: Mapping[str, GridCell], troubles: tuple[tuple[GridCell, Trouble], ...], units: Mapping[str, str],
              *, total: bool) -> Line:
        carrier = vocabulary.carrier_of(name) if name else None
        unit_text = (row.text("unit") or next((u for c, u in units.items() if c in _QUANTITIES), "")
                     or self._heading_unit() or self.facts.get("unit", ""))
        known = vocabulary.unit_of(unit_text, carrier or "") if unit_text else None
        if not unit_text and "(" in normal(name):      # 热力(百万千焦)
            inside = normal(name).rsplit("(", 1)[1].rstrip(")")
            known = vocabulary.unit_of(inside, carrier or "")
            unit_text = inside if known is not None else ""
        return Line(self.grid, row.number, self.shape, name, carrier, unit_text, known[0] if known else None,
                    known[1] if known else False, period, figures, cells, troubles, total, units)

    def _heading_unit(self) -> str:
        names = ("consumption", "industrial", *MONTHS) if self.shape != "form" else ("consumption", "industrial")
        return next((u for n in names if (u := self.table.unit_of(n))), "")

    def _name_of_sheet(self) -> str:
        """A ledger keeps one carrier on a sheet of its name."""
        name = self.grid.sheet or ""
        return name if vocabulary.carrier_of(name) is not None else ""

    def _year(self, row: TableRow) -> int | None:
        found = re.match(r"(\d{4})年?$", normal(row.text("year")))
        if found is not None and int(found[1]) in _YEARS:
            return int(found[1])
        return self.period[0].year if self.period is not None else None

    def _month(self, row: TableRow) -> Span | None:
        cell = row.cells.get("month")
        if cell is None or not cell.text:
            return None
        year = self._year(row)
        if cell.day is not None:
            return month_span(cell.day.year, cell.day.month)
        number = parse_decimal(cell.text)
        if number is not None and number in range(1, 13):
            return month_span(year, int(number)) if year is not None else None
        found = period_of(cell.text, year)
        if found is not None and (found[0].year, found[0].month) == (found[1].year, found[1].month):
            return month_span(found[0].year, found[0].month)
        return None


def _figures(row: TableRow, table: Table, names: Sequence[str]) -> tuple[
        dict[str, Decimal], dict[str, GridCell], tuple[tuple[GridCell, Trouble], ...], dict[str, str]]:
    """Numbers by column, where they stand, what could not be read, and units that stand behind a number."""
    figures: dict[str, Decimal] = {}
    cells: dict[str, GridCell] = {}
    troubles: list[tuple[GridCell, Trouble]] = []
    units: dict[str, str] = {}
    for name in names:
        cell = row.cells.get(name)
        if cell is None or name not in table.columns:
            continue
        found = amount_of(cell)
        if isinstance(found, Trouble):
            troubles.append((cell, found))
        elif isinstance(found, Amount):
            figures[name], cells[name] = found.number, cell
            if found.unit:
                units[name] = found.unit
    return figures, cells, tuple(troubles), units
