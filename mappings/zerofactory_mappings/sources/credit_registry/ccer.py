"""Lists of Chinese voluntary emission reductions (CCER), as holders keep them, found by their headings.

What the registry calls 注销 (for offsetting or neutrality) is a retirement. Day, quantity and purpose may stand in one
cell. A row whose credits are not retired is held: it is kept, and proves nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from zerofactory_engine.decimals import plain
from zerofactory_mappings.sources.certificate_tables.findings import clean
from zerofactory_mappings.sources.credit_registry.records import Record, parse_serials
from zerofactory_mappings.sources.report import NOT_UNDERSTOOD

if TYPE_CHECKING:
    from zerofactory_mappings.sources.sheets.grid import Grid, GridCell
    from zerofactory_mappings.sources.sheets.headers import Table, TableRow

REGISTRY = "CCER"
_DAY = re.compile(r"(?<!\d)(\d{4})\s*[-年/.]\s*(\d\d?)\s*[-月/.]\s*(\d\d?)(?!\d)日?", re.ASCII)
_QUANTITY = re.compile(r"(?<![\d.,])(\d[\d,]*)(?![\d.,])\s*(?:tco2e?|吨二氧化碳当量|吨|t(?![a-z]))?",
                       re.ASCII | re.IGNORECASE)
_LAYOUT = {"header": "sheets.row-header", "note": "sheets.row-note"}


@cache
def columns() -> Mapping[str, tuple[str, ...]]:
    """Columns by their titles (``ccer.yaml``)."""
    from zerofactory_engine.accounting.classification import plain_tree
    from zerofactory_engine.yaml_text import read_yaml

    path = Path(__file__).with_name("ccer.yaml")
    data = plain_tree(read_yaml(path.read_bytes(), path.name))
    return {name: tuple(titles) for name, titles in data["columns"].items()}


def find_ccer(grids: Sequence[Grid]) -> list[tuple[Grid, Table]]:
    """The table of each sheet that has serials and a quantity or a cancellation."""
    from zerofactory_mappings.sources.sheets.headers import Field, find_table

    fields = tuple(Field(name, titles, required=name == "serials") for name, titles in columns().items())
    found = ((grid, find_table(grid, fields, at_least=3)) for grid in grids)
    return [(grid, table) for grid, table in found
            if table is not None and {"quantity", "certified", "cancellation"} & set(table.columns)]


def ccer_records(grids: Sequence[Grid], found: Sequence[tuple[Grid, Table]]) -> Iterator[Record]:
    """A record for every row of every sheet that is not blank."""
    tables = {grid.index: table for grid, table in found}
    for grid in grids:
        table = tables.get(grid.index)
        rows = {} if table is None else {row.number: row for row in table.rows}
        for number, cells in enumerate(grid.rows, 1):
            if not cells:
                continue
            if table is not None and number <= table.header_rows[1]:
                reason = "sheets.row-title" if number < table.header_rows[0] else "sheets.row-header"
                made = Record(number, REGISTRY, "layout", reason=reason)
            elif number not in rows:
                made = Record(number, REGISTRY, "unknown", reason=NOT_UNDERSTOOD)
            else:
                made = _row(rows[number])
            yield replace(made, sheet=grid.sheet)


def _row(row: TableRow) -> Record:
    if row.kind in _LAYOUT:
        return Record(row.number, REGISTRY, "layout", reason=_LAYOUT[row.kind])
    if row.kind == "subtotal":
        return Record(row.number, REGISTRY, "layout", reason="certificate-tables.sums")
    text = {name: clean(unicodedata.normalize("NFKC", cell.text)) for name, cell in row.cells.items()}
    if not any(text.get(n) for n in ("serials", "certified", "quantity", "cancellation")):
        return Record(row.number, REGISTRY, "unknown", text=text, reason=NOT_UNDERSTOOD)
    return _record(row, text)


def _record(row: TableRow, text: dict[str, str]) -> Record:
    """One row; the first thing that is wrong with it refuses it."""
    def refused(reason: str, **args: str) -> Record:
        return Record(row.number, REGISTRY, "refused", text=text, reason=reason, args=args)

    serials = parse_serials(text.get("serials", ""))
    if serials is None:
        return refused("credits.no-serials", found=text.get("serials", "")[:80])
    day, quantity, purpose = _told(text.get("cancellation", ""))
    stated = {n: _whole(row.cells[n]) for n in ("certified", "quantity") if text.get(n)}
    bad = next((n for n, v in stated.items() if v is None), None)
    if bad is not None:
        return refused("credits.no-quantity", found=text[bad][:40])
    amounts = [v for v in (*stated.values(), quantity) if v is not None]
    count = Decimal(serials.high - serials.low + 1)
    other = next((v for v in amounts if v != count), None)
    if other is not None or not amounts:                # of a part nobody knows which serials it is
        return refused("credits.quantity", found="—" if other is None else plain(other), accepted=plain(count))
    if text.get("retired_on"):
        day = _day(row.cells["retired_on"])
    if day is None and (text.get("retired_on") or text.get("cancellation") or stated.get("quantity") is not None):
        return refused("credits.no-date", found=(text.get("retired_on") or text.get("cancellation", ""))[:40])
    text["purpose"] = text.get("purpose") or purpose
    year = int(v) if re.fullmatch(r"(19|20)\d\d", v := text.get("vintage", "").removesuffix("年"), re.ASCII) else None
    start, end = _span(text.get("monitored", ""))
    return Record(row.number, REGISTRY, "issued" if day is None else "retired", serials, count, day, year, start, end,
                  text, "credits.is-held" if day is None else "")


def _whole(cell: GridCell) -> Decimal | None:
    """A whole number of credits above zero; None when the cell states none."""
    from zerofactory_mappings.sources.sheets.text import number_of

    found = number_of(cell)
    return found if isinstance(found, Decimal) and found > 0 and found == found.to_integral_value() else None


def _day(cell: GridCell) -> date | None:
    from zerofactory_mappings.sources.sheets.text import period_of

    if cell.day is not None:
        return cell.day
    span = period_of(cell.text)
    return span[0] if span is not None and span[0] == span[1] else None


def _span(text: str) -> tuple[date | None, date | None]:
    from zerofactory_mappings.sources.sheets.text import period_of

    return period_of(text) or (None, None) if text else (None, None)


def _told(text: str) -> tuple[date | None, Decimal | None, str]:
    """Day, quantity and purpose that stand in one cell; what is ambiguous is left out."""
    days = list(_DAY.finditer(text))
    rest = _DAY.sub(" ; ", text)
    amounts = list(_QUANTITY.finditer(rest))
    rest = re.sub(r"[\s;,、/|]+", " ", _QUANTITY.sub(" ; ", rest)).strip(" :()")
    try:
        day = date(*map(int, days[0].groups())) if len(days) == 1 else None
    except ValueError:
        day = None
    return day, Decimal(amounts[0][1].replace(",", "")) if len(amounts) == 1 else None, rest
