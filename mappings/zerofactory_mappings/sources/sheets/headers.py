"""Find a table in a sheet: its headings wherever they stand and however they are cut, and what each row below is.

Headings may have title lines above them, span up to three rows with group headings (joined ``消费量/生产用``), carry
their unit (``消费量(吨)``) or have a row of units below, then a row that numbers the columns (甲 乙 1 2 3).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from zerofactory_engine.units import is_unit
from zerofactory_mappings.sources.sheets.grid import Grid, GridCell
from zerofactory_mappings.sources.sheets.text import Amount, normal, parse_amount

#: Most rows of a sheet in which headings are looked for, and most rows that they may span.
WITHIN = 200
DEPTH = 3

_UNIT_TAIL = re.compile(r"(?P<title>.+?)\((?P<unit>[^()]*)\)$")
_UNIT_PREFIX = re.compile(r"(?:计量)?单位:?|units?:?")
_MARKS = re.compile(r"^(?:(?:其中|合计中|of which):?|\(?[\d一二三四五六七八九十]{1,2}[./)]+)+")
_TOTAL = re.compile(
    r"(?:(?:本页|本月|本年|全年|全厂|年度|能源|能耗|工业)?(?:合计|总计|小计|累计|总和)"
    r"|(?:sub|grand)?-?totals?|sum)(?:[:(/].*)?|.{1,12}(?:合计|小计|总计)(?:\(.*\))?|total(?:energy|consumption|amount|quantity"
    r"|electricity|purchases?|emissions?)")
_FOOTNOTE = re.compile(
    r"(?:注|备注|说明|附注|填表说明|note|notes|remarks?|补充资料|审核|制表|填表人|填报人|统计负责人|单位负责人|联系电话"
    r"|报出日期|填报日期|资料来源|source)\d*(?:[:.)].*|$)|注\d.*", re.DOTALL)
#: Where nothing else stands in the row.
_REMARK = re.compile(r"\*.{3,}|(?:\(?\d{1,2}[).]).{6,}", re.DOTALL)
_NUMBERING = re.compile(r"[甲乙丙丁戊己庚辛]|[a-h]|\(?\d{1,3}\)?(?:=.{1,40})?")


class RowKind(StrEnum):
    """What a row of a table is."""

    DATA = "data"
    SUBTOTAL = "subtotal"
    HEADER = "header"              # headings, units, numbered columns, headings repeated after a page break
    BLANK = "blank"
    NOTE = "note"                  # notes, signatures and dates under the table


@dataclass(frozen=True, slots=True)
class Field:
    """A column that a reader knows: its *titles* in every language as people write them, ``group/heading`` where the
    heading alone would be ambiguous; *units*: texts of units that may stand in the heading → factor name."""

    name: str
    titles: tuple[str, ...]
    units: Mapping[str, str] = field(default_factory=dict)
    required: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """Where a field stands: *index* counts from 1; *unit_text* from the heading or the row of units, else empty."""

    index: int
    unit_text: str
    cell: GridCell


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row below the headings; *cells* has the filled cells of known fields, *others* the filled rest."""

    number: int
    kind: RowKind
    cells: Mapping[str, GridCell]
    others: tuple[GridCell, ...] = ()

    def text(self, name: str) -> str:
        """The text of a field, empty when it is blank."""
        cell = self.cells.get(name)
        return "" if cell is None else cell.text


@dataclass(frozen=True, slots=True)
class Table:
    """A table that was found. *unknown*: headings that no field has; *twice*: headings of a field that another column
    already has. *header_rows*: first and last row of the headings; *titles*: texts above; *footer*: notes."""

    columns: Mapping[str, Column]
    unknown: tuple[GridCell, ...]
    twice: tuple[GridCell, ...]
    rows: tuple[TableRow, ...]
    footer: tuple[TableRow, ...]
    header_rows: tuple[int, int]
    titles: tuple[str, ...]

    @property
    def data(self) -> tuple[TableRow, ...]:
        """Rows that hold data, without subtotals."""
        return tuple(r for r in self.rows if r.kind is RowKind.DATA)

    def unit_of(self, name: str) -> str:
        """The unit text of a column, empty when it states none."""
        return self.columns[name].unit_text if name in self.columns else ""


@dataclass(frozen=True, slots=True)
class _Found:
    columns: Mapping[str, Column]
    unknown: tuple[GridCell, ...]
    twice: tuple[GridCell, ...]
    top: int
    bottom: int


def find_table(grid: Grid, fields: Sequence[Field], *, at_least: int, start: int = 1) -> Table | None:
    """The first best table with all required and *at_least* so many fields at or below row *start*; None otherwise."""
    known = _titles(fields)
    required = {f.name for f in fields if f.required}
    best: _Found | None = None
    for top in range(start, min(len(grid.rows), start + WITHIN - 1) + 1):
        if not grid.rows[top - 1]:
            continue
        for depth in range(1, DEPTH + 1):
            found = _headings(grid, top, depth, known)
            if (found is not None and len(found.columns) >= at_least and required <= set(found.columns)
                    and (best is None or _better(found, best))):
                best = found
    if best is None:
        return None
    columns, bottom = _units_below(grid, best, fields)
    return _table(grid, best, columns, bottom, known, start)


def _better(found: _Found, best: _Found) -> bool:
    """More fields; then fewer headings that nobody knows, then fewer rows. Only headings that overlap or come before
    compete: a table further down is another table."""
    if found.top > best.bottom + 1 and len(found.columns) <= len(best.columns):
        return False
    return (len(found.columns), -len(found.unknown), best.bottom - best.top) > (
        len(best.columns), -len(best.unknown), found.bottom - found.top)


def _titles(fields: Sequence[Field]) -> Mapping[str, str]:
    """Normal title → field; the first field that claims a title keeps it."""
    known: dict[str, str] = {}
    for each in fields:
        for title in each.titles:
            known.setdefault(normal(title), each.name)
    return known


# --- headings -----------------------------------------------------------------------------------------------------


def _headings(grid: Grid, top: int, depth: int, known: Mapping[str, str]) -> _Found | None:
    bottom = top + depth - 1
    if bottom > len(grid.rows) or any(not grid.rows[r - 1] for r in range(top, bottom + 1)):
        return None
    columns: dict[str, Column] = {}
    unknown: list[GridCell] = []
    twice: list[GridCell] = []
    indices = sorted({c.column for r in range(top, bottom + 1) for c in grid.rows[r - 1]})
    for index in indices:
        cell = _lowest(grid, top, bottom, index)
        name, unit = next((hit for path in _paths(grid, top, bottom, index) if (hit := _match(path, known))), ("", ""))
        if not name:
            unknown.append(cell)
        elif name in columns:
            twice.append(cell)
        else:
            columns[name] = Column(index, unit, cell)
    return _Found(columns, tuple(unknown), tuple(twice), top, bottom) if columns else None


def _lowest(grid: Grid, top: int, bottom: int, index: int) -> GridCell:
    return next((c for r in range(bottom, top - 1, -1) if (c := grid.cell(r, index)).text), grid.cell(top, index))


def _paths(grid: Grid, top: int, bottom: int, index: int) -> Iterator[tuple[str, ...]]:
    """Headings of a column from the top down: as they stand, then with group headings taken from the left."""
    own = [grid.cell(r, index) for r in range(top, bottom + 1)]
    filled = [c if c.text else _from_left(grid, r, index, bottom) for r, c in zip(range(top, bottom + 1), own,
                                                                                 strict=True)]
    for cells in (filled, own):
        path: list[str] = []
        for cell in cells:
            text = normal(cell.text)
            if text and (not path or path[-1] != text):
                path.append(text)
        if path:
            yield tuple(path)


def _from_left(grid: Grid, row: int, index: int, bottom: int) -> GridCell:
    """The group heading that stands over *index* without being merged: the next filled cell to the left, as long as
    something stands below in this column."""
    if row == bottom or not any(grid.cell(r, index).text for r in range(row + 1, bottom + 1)):
        return grid.cell(row, index)
    for left in range(index - 1, 0, -1):
        cell = grid.cell(row, left)
        if cell.text:                                  # a heading that has nothing below it groups nobody
            own = cell.origin or (cell.row, cell.column)
            below = any(grid.cell(r, left).text and grid.cell(r, left).origin != own
                        for r in range(row + 1, bottom + 1))
            return cell if below else grid.cell(row, index)
    return grid.cell(row, index)


def _match(path: tuple[str, ...], known: Mapping[str, str]) -> tuple[str, str]:
    """Field and unit text of a path of headings: the whole of it, then its lower parts, with and without the unit."""
    joins = [path[i:] for i in range(len(path))]
    if len(path) == 3:
        joins.insert(1, (path[0], path[2]))
    for parts in joins:
        for text, unit in _readings("/".join(parts)):
            if text in known:
                return known[text], unit
        bare = [_readings(p) for p in parts]
        text = "/".join(r[-1][0] for r in bare)        # a unit may stand in the group heading
        if text in known:
            return known[text], next((r[-1][1] for r in reversed(bare) if r[-1][1]), "")
    return "", ""


def _readings(text: str) -> list[tuple[str, str]]:
    """``消费量(吨)`` as it stands and as title with unit; also ``消费量,吨``, and without ``其中:`` or ``1.``."""
    out: list[tuple[str, str]] = []
    for form in dict.fromkeys((text, _MARKS.sub("", text))):
        out.append((form, ""))
        match = _UNIT_TAIL.fullmatch(form)
        if match is not None:
            out.append((match["title"], _UNIT_PREFIX.sub("", match["unit"])))
        comma = re.fullmatch(r"(.+),([^,]{1,12})", form)
        if comma is not None and is_unit(comma[2]):
            out.append((comma[1], comma[2]))
    return out


# --- rows under the headings ------------------------------------------------------------------------------------------


def _units_below(grid: Grid, found: _Found, fields: Sequence[Field]) -> tuple[Mapping[str, Column], int]:
    """Take the units from a row of their own below the headings, and go past a row that numbers the columns."""
    columns, bottom = dict(found.columns), found.bottom
    texts = {normal(u) for f in fields for u in f.units}
    for _ in range(2):
        row = grid.rows[bottom] if bottom < len(grid.rows) else ()
        if row and all(_NUMBERING.fullmatch(normal(c.text)) for c in row) and _numbers_columns(row):
            bottom += 1
        elif row and all(_is_unit_text(c, texts) for c in row):
            by_index = {c.column: _UNIT_PREFIX.sub("", normal(c.text)).strip("()") for c in row}
            columns = {n: Column(c.index, by_index.get(c.index) or c.unit_text, c.cell) for n, c in columns.items()}
            bottom += 1
        elif row and all(re.fullmatch(r"\([^()]*[^\d().,%-][^()]*\)", normal(c.text)) for c in row):     # explanations
            by_index = {c.column: normal(c.text).strip("()") for c in row if _is_unit_text(c, texts)}
            columns = {n: Column(c.index, by_index.get(c.index) or c.unit_text, c.cell) for n, c in columns.items()}
            bottom += 1
    return columns, bottom


def _numbers_columns(row: Sequence[GridCell]) -> bool:
    """Whether the row counts its columns (甲 乙 丙 1 2 3): at least three, in order, so that no row of data is lost."""
    counted = [int(m[0]) for c in row if (m := re.search(r"\d+", normal(c.text)))]
    return len(row) >= 3 and len(counted) >= 2 and counted == list(range(counted[0], counted[0] + len(counted)))


def _is_unit_text(cell: GridCell, texts: set[str]) -> bool:
    text = normal(cell.text)
    bare = _UNIT_PREFIX.sub("", text).strip("()")
    return text in ("计量单位", "单位", "unit", "units", "-", "/") or bare in texts or (
        bool(bare) and not bare[0].isdigit() and (is_unit(cell.text.strip("()（） ")) or is_unit(bare)))


def _table(grid: Grid, found: _Found, columns: Mapping[str, Column], bottom: int, known: Mapping[str, str],
           start: int) -> Table:
    heading_texts = {normal(c.text) for r in range(found.top, bottom + 1) for c in grid.rows[r - 1]}
    by_index = {column.index: name for name, column in columns.items()}
    rows: list[TableRow] = []
    for number in range(bottom + 1, len(grid.rows) + 1):
        row = grid.rows[number - 1]
        cells = {by_index[c.column]: c for c in row if c.column in by_index}
        others = tuple(c for c in row if c.column not in by_index)
        rows.append(TableRow(number, _kind(row, heading_texts, known), cells, others))
    while rows and rows[-1].kind is RowKind.BLANK:
        rows.pop()
    titles = tuple(dict.fromkeys(c.text for r in range(start, found.top) for c in grid.rows[r - 1]))
    return Table(columns, found.unknown, found.twice, tuple(rows), tuple(r for r in rows if r.kind is RowKind.NOTE),
                 (found.top, bottom), titles)


def _kind(row: Sequence[GridCell], headings: set[str], known: Mapping[str, str]) -> RowKind:
    if not row:
        return RowKind.BLANK
    texts = [normal(c.text) for c in row if not c.merged]
    again = sum(t in headings or t in known for t in texts if t)
    if again >= 2 and 2 * again > len(texts):
        return RowKind.HEADER
    numbered = all(_NUMBERING.fullmatch(t) for t in texts) and _numbers_columns(row)
    if numbered and any(t in "甲乙丙丁" for t in texts if t):
        return RowKind.HEADER
    figures = sum(c.number is not None or _states_number(c.text) for c in row)
    first = texts[0] if texts else normal(row[0].text)
    alone = len({c.origin or (c.row, c.column) for c in row}) == 1
    if (figures == 0 and _FOOTNOTE.fullmatch(first)) or (alone and _REMARK.fullmatch(first)):
        return RowKind.NOTE
    if any(_TOTAL.fullmatch(t) for t in _labels(row)):
        return RowKind.SUBTOTAL
    return RowKind.DATA


def _labels(row: Iterable[GridCell]) -> Iterator[str]:
    """Texts at the beginning of a row, before its first figure."""
    for cell in row:
        if cell.number is not None or _states_number(cell.text):
            if cell.column > 1:
                return
            continue
        yield normal(cell.text)


def _states_number(text: str) -> bool:
    return bool(text) and isinstance(parse_amount(text), Amount)
