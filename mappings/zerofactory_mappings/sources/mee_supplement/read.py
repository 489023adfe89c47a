"""Read a supplementary data sheet: a form (a row for each item) or a list (a row for each unit)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_mappings.sources.mee_supplement.layout import (
    Fuel,
    Item,
    figures_in,
    fuel_of,
    items,
    unit_in,
)
from zerofactory_mappings.sources.mee_supplement.model import Block, Form, FuelUse, Head, Stated
from zerofactory_mappings.sources.mee_supplement.vertical import Vertical
from zerofactory_mappings.sources.sheets.account import Fate, Ledger
from zerofactory_mappings.sources.sheets.grid import Grid, GridCell, read_grids
from zerofactory_mappings.sources.sheets.headers import Field, RowKind, Table, TableRow, find_table
from zerofactory_mappings.sources.sheets.text import Trouble, amount_of, normal, stated_none

#: Known columns, and columns with figures among them, that make a sheet a list of units; labels that make it a form.
_COLUMNS, _FIGURES, _LABELS = 5, 3, 3
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?:年|$|\.0$)")
_NAMED = re.compile(r"(?:填报单位|填报企业|单位名称|企业名称|单位详细名称|报告主体(?:名称)?|enterprise|company):(.+)")


def year_in(text: str) -> int | None:
    """The year that a text states (``2025``, ``2025年``, a title with it); None when it states none or several."""
    found = {int(year) for year in _YEAR.findall(normal(text))}
    return found.pop() if len(found) == 1 else None


def stated(item: Item, grid: Grid, cell: GridCell, unit_text: str, fuel: Fuel | None = None, name: str = ""
           ) -> Stated | None:
    """What *cell* states of *item*; None when it is blank or says that there is nothing."""
    if cell.state == "empty" or stated_none(cell):
        return None
    if item.text:
        return Stated(item, grid, cell, fuel=name)
    amount = amount_of(cell)
    if amount is None:
        return None
    if isinstance(amount, Trouble):
        return Stated(item, grid, cell, problem=amount.code, found=amount.found, fuel=name)
    unit = amount.unit or unit_text
    number = amount.number
    percent = cell.percent or normal(cell.text).endswith("%")
    if percent:                                        # the number is a share then, and per cent when asked for
        unit = "%" if "%" in item.units else unit
        number = CONTEXT.multiply(number, Decimal(100)) if unit == "%" else number
    measure = item.measure(unit, fuel is not None and fuel.gas)
    if measure is None:
        code = "mee.unit-unknown" if unit else "mee.unit-missing"
        return Stated(item, grid, cell, problem=code, found=unit, fuel=name)
    return Stated(item, grid, cell, number, measure, unit, fuel=name)


def read_form(data: bytes, file: str, year: int | None = None) -> Form:
    """All blocks of the file in *data*; *year* is that of a form that states none.

    Raises:
        ProblemsError: no sheet bears the items of the form.
    """
    ledger = Ledger()
    blocks: list[Block] = []
    again: list[Stated] = []
    unknown: list[tuple[Grid, GridCell]] = []
    for grid in read_grids(data, file):
        ledger.open(grid)
        table = _list(grid)
        if table is not None:
            ledger.layout(grid, table)
            blocks += _rows(grid, table, ledger)
            unknown += [(grid, cell) for cell in table.unknown]
        elif len(figures_in(grid)) >= _LABELS:
            form = Vertical(grid, ledger, stated, year_in)
            blocks += form.read()
            again += form.again
    if not blocks:
        raise ProblemsError([Problem("mee.no-form", Place(file=file))])
    _complete(blocks, year)
    return Form(file, tuple(blocks), tuple(again), ledger, tuple(unknown))


def _complete(blocks: Sequence[Block], year: int | None) -> None:
    """A name or year that stands once in a workbook holds for its other sheets too; the option comes last."""
    names = {b.head.text("enterprise"): b.head.texts["enterprise"] for b in blocks if "enterprise" in b.head.texts}
    years = {b.year for b in blocks if b.year is not None}
    for block in blocks:
        if "enterprise" not in block.head.texts and len(names) == 1:
            block.head.texts["enterprise"] = next(iter(names.values()))
        if block.year is None:
            block.year = next(iter(years)) if len(years) == 1 else year if not years else None


# --- lists: a row for each unit -----------------------------------------------------------------------------------


def _list(grid: Grid) -> Table | None:
    """The list of units in *grid*; None when it holds none."""
    table = find_table(grid, [Field(i.name, i.labels, dict.fromkeys(i.units, "")) for i in items().values()],
                       at_least=_COLUMNS)
    if table is None or sum(not items()[name].text for name in table.columns) < _FIGURES:
        return None
    return table if any(r.kind is RowKind.DATA for r in table.rows) else None


def _rows(grid: Grid, table: Table, ledger: Ledger) -> list[Block]:
    """A block for each row of data; rows without a figure are left to be not understood."""
    above = _above(grid, table)
    title = " ".join(table.titles)
    fallback = year_in(title) or year_in(grid.sheet or "")
    blocks = []
    for row in table.rows:
        if row.kind is RowKind.SUBTOTAL:
            ledger.row(grid, row.number, Fate.KEPT, "mee.subtotal")
        if row.kind is RowKind.DATA and (block := _row(grid, table, row, above, fallback)) is not None:
            blocks.append(block)
    return blocks


def _above(grid: Grid, table: Table) -> Head:
    """The enterprise named in the lines above the table."""
    head = Head()
    for number in range(1, table.header_rows[0]):
        for cell in grid.rows[number - 1]:
            match = _NAMED.fullmatch(normal(cell.text))
            if match is not None and "enterprise" not in head.texts:
                text = re.split("[:：]", cell.text, maxsplit=1)[1].strip()
                named = GridCell(cell.row, cell.column, text, state="value")
                head.texts["enterprise"] = Stated(items()["enterprise"], grid, named)
    return head


def _row(grid: Grid, table: Table, row: TableRow, above: Head, fallback: int | None) -> Block | None:
    fuel_text = row.text("fuel")
    fuel = fuel_of(fuel_text) if fuel_text else None
    found: dict[str, Stated] = {}
    for name, cell in row.cells.items():
        item = items()[name]
        column = table.columns[name]
        unit = column.unit_text or unit_in(column.cell.text, item)
        told = stated(item, grid, cell, unit, fuel if item.of_fuel else None, fuel_text if item.of_fuel else "")
        if told is not None:
            found[name] = told
    figures = {n: f for n, f in found.items() if not f.item.text}
    if not any(f.number is not None for f in figures.values()):
        return None
    head = Head({**above.texts, **{n: f for n, f in found.items() if f.item.head and f.item.text}},
                {n: f for n, f in figures.items() if f.item.head})
    year = year_in(head.text("year")) if head.text("year") else fallback
    block = Block(row.text("unit"), year, head,
                  {n: f for n, f in found.items() if f.item.text and not f.item.head},
                  {n: f for n, f in figures.items() if not f.item.head and not f.item.of_fuel})
    of_fuel = {n: f for n, f in figures.items() if f.item.of_fuel}
    if of_fuel:
        block.fuels[fuel_text] = FuelUse(fuel_text, fuel, of_fuel)
    wrong = next((f for f in figures.values() if f.problem and f.item.use not in ("check", "keep")), None)
    if "unit" in table.columns and not block.name:
        block.refused = "mee.no-unit"
    elif wrong is not None:
        block.refused, block.args = wrong.problem, {"found": wrong.found}
    return block
