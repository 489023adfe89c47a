"""A filled workbook back into a package: sheets and columns by name, every problem with its sheet and cell.

What an office program did to the file (moved columns, dates as dates or texts, thousands separators, percent formats)
makes no difference; a sheet or column that is not known is told, not dropped unsaid.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from zerofactory_engine.decimals import CONTEXT, plain
from zerofactory_engine.messages import LANGUAGES, render
from zerofactory_engine.problems import Place, Problem, Severity
from zerofactory_engine.yaml_text import CONTROL, ListNode, MapNode, Node, Scalar
from zerofactory_mappings.sources.sheets.grid import Grid, GridCell, read_grids
from zerofactory_mappings.sources.sheets.text import Trouble, amount_of, normal, period_of, stated_none
from zerofactory_mappings.verification import layout
from zerofactory_mappings.verification.layout import Column, Facts, Table
from zerofactory_mappings.verification.model import FORMAT
from zerofactory_mappings.verification.package import Package, typed_package

#: Rows in which the head of a table is looked for.
_HEAD_WITHIN = 25
_SPLIT = re.compile(r"[;；\n]+")
_ENTRY = Column("entry", layout.TEXT)
_FACT_COLUMNS = (Column("key", layout.TEXT, key=True), Column("fact"), _ENTRY, Column("accepted"))
#: What may stand behind a number in a cell: it is the column's own unit.
_UNITS = frozenset({"", "tco2e"})
#: Settings of the inventory: word in the sheet → part of the subject.
_SETTINGS = ("options", "factor_sets")


def parse_workbook(data: bytes, file: str) -> Package:
    """The package in a filled workbook.

    Raises:
        ProblemsError: everything that is wrong with it, each with sheet and cell.
    """
    reader = _Reader(file)
    for grid in read_grids(data, file):
        reader.sheet(grid)
    if not reader.found:
        reader.report("verification.no-sheet", Place(file=file), accepted=", ".join(
            layout.sheet_name(s.id, "en") for s in layout.SHEETS if isinstance(s, Facts) or s.section))
    return typed_package(reader.tree(), reader.problems)


@dataclass
class _Reader:
    file: str
    problems: list[Problem] = field(default_factory=list)
    parts: dict[str, dict[str, Node]] = field(default_factory=dict)
    rows: dict[str, list[Node]] = field(default_factory=dict)
    found: set[str] = field(default_factory=set)

    def report(self, code: str, place: Place, severity: Severity = Severity.ERROR, found: str | None = None,
               accepted: str | None = None) -> None:
        """Record a problem."""
        self.problems.append(Problem(code, place, severity, found, accepted))

    def sheet(self, grid: Grid) -> None:
        """Read one sheet; a guide is none of ours to read."""
        place = Place(file=self.file, sheet=grid.sheet)
        name = normal(grid.sheet or "")
        shape = layout.sheets_by_name().get(name)
        if shape is None:
            if name not in {normal(layout.sheet_name("guide", language)) for language in LANGUAGES}:
                self.report("verification.sheet-not-read", place, Severity.NOTE)
        elif shape.id in self.found:
            self.report("verification.sheet-twice", place)
        else:
            self.found.add(shape.id)
            if isinstance(shape, Facts):
                self._facts(shape, grid)
            elif shape is layout.SETTINGS:
                self._settings(grid)
            elif shape.section:
                self._table(shape, grid)

    def tree(self) -> MapNode:
        """Everything read, under the keys of a package."""
        here = Place(file=self.file)
        top: list[tuple[Scalar, Node]] = [(Scalar("format"), Scalar(FORMAT, here, True))]
        top += [(Scalar(name), MapNode(tuple((Scalar(k), n) for k, n in entries.items()), here))
                for name, entries in self.parts.items()]
        top += [(Scalar(name), ListNode(tuple(rows), rows[0].place)) for name, rows in self.rows.items()]
        return MapNode(tuple(top), here)

    # --- shapes ------------------------------------------------------------------------------------------------------

    def _table(self, table: Table, grid: Grid) -> None:
        for columns, cells in self._below_head(grid, table.columns):
            entries: dict[str, Node] = {}
            written = False
            for cell in cells:
                column = columns.get(cell.column)
                if column is None or column.kind is None or (node := self._node(grid, cell, column.kind)) is None:
                    continue
                entries[layout.NAMES.get((table.id, column.id), column.id)] = node
                written = written or not column.key
            if written:
                place = grid.place(self.file, cells[0])
                self.rows.setdefault(table.section, []).append(
                    MapNode(tuple((Scalar(k, n.place), n) for k, n in entries.items()), place))

    def _facts(self, facts: Facts, grid: Grid) -> None:
        for columns, cells in self._below_head(grid, _FACT_COLUMNS):
            by_id = {columns[c.column].id: c for c in cells if c.column in columns}
            key, entry = by_id.get("key"), by_id.get("entry")
            if key is None or entry is None:
                continue
            path = key.text.strip()
            if path not in facts.paths:
                self.report("verification.fact-unknown", grid.place(self.file, key), found=path[:80],
                            accepted=", ".join(facts.paths))
                continue
            if (node := self._node(grid, entry, facts.paths[path])) is not None:
                section, _, name = path.partition("/")
                self.parts.setdefault(section, {})[name] = node

    def _settings(self, grid: Grid) -> None:
        """Options and factor sets of the inventory, so that a check computes it in the same way."""
        made: dict[str, list[tuple[Scalar, Node]]] = {}
        for columns, cells in self._below_head(grid, layout.SETTINGS.columns):
            by_id = {columns[c.column].id: c for c in cells if c.column in columns}
            if {"setting", "name", "value"} <= by_id.keys() and by_id["setting"].text in _SETTINGS:
                name, value = (self._node(grid, by_id[n], layout.TEXT) for n in ("name", "value"))
                if isinstance(name, Scalar) and value is not None:
                    made.setdefault(by_id["setting"].text, []).append((name, value))
        for setting, entries in made.items():
            self.parts.setdefault("subject", {})[setting] = MapNode(tuple(entries), Place(
                file=self.file, sheet=grid.sheet))

    def _below_head(self, grid: Grid, columns: tuple[Column, ...]
                    ) -> Iterator[tuple[dict[int, Column], tuple[GridCell, ...]]]:
        """The filled rows below the head, each with the columns by number."""
        head: dict[int, Column] = {}
        for number, cells in enumerate(grid.rows):
            if head:
                if cells:
                    yield head, cells
                continue
            named = {c.column: layout.column_of(c.text, columns) for c in cells if not c.merged}
            if sum(column is not None for column in named.values()) >= min(2, len(columns)):
                head = {at: column for at, column in named.items() if column is not None}
                self._unread(grid, cells, named, columns)
            elif number >= _HEAD_WITHIN:
                break
        if not head:
            self.report("workbook.no-header", Place(file=self.file, sheet=grid.sheet),
                        accepted=", ".join(c.id for c in columns))

    def _unread(self, grid: Grid, cells: tuple[GridCell, ...], named: dict[int, Column | None],
                columns: tuple[Column, ...]) -> None:
        seen: set[str] = set()
        for cell in cells:
            column = named.get(cell.column)
            if column is None:
                self.report("verification.column-not-read", grid.place(self.file, cell), Severity.NOTE,
                            found=cell.text[:80], accepted=", ".join(c.id for c in columns if c.kind))
            elif column.id in seen:
                self.report("verification.column-twice", grid.place(self.file, cell), found=cell.text[:80])
            else:
                seen.add(column.id)

    # --- cells -------------------------------------------------------------------------------------------------------

    def _node(self, grid: Grid, cell: GridCell, kind: str) -> Node | None:
        """The value of a cell as a node; None when it is empty or cannot be read, which is told."""
        place, text = grid.place(self.file, cell), cell.text.strip()
        if cell.state == "unevaluated":
            self.report("workbook.formula-without-value", place)
        elif cell.state == "error":
            self.report("workbook.error-value", place, found=text[:80])
        elif CONTROL.search(text) is not None:
            self.report("text.control-character", place)
        elif text:
            return self._value(cell, text, kind, place)
        return None

    def _value(self, cell: GridCell, text: str, kind: str, place: Place) -> Node | None:
        if kind in (layout.NUMBER, layout.PERCENT, layout.SHARE):
            return self._number(cell, kind, place)
        if kind == layout.DATE:
            span = period_of(text)
            return Scalar(span[0].isoformat() if span is not None and span[0] == span[1] else text, place, True)
        if kind == layout.LIST or kind.startswith("codes:"):
            area = kind.partition(":")[2]
            parts = [] if normal(text) in layout.NONE_WORDS else [p.strip() for p in _SPLIT.split(text) if p.strip()]
            return ListNode(tuple(Scalar(layout.code_of(area, p) if area else p, place, True) for p in parts), place)
        if kind.startswith("code:"):
            return Scalar(layout.code_of(kind.partition(":")[2], text), place, True)
        if kind == layout.YESNO:
            return Scalar(_answers().get(normal(text), text), place, True)
        if cell.percent and cell.number is not None:
            text = f"{plain(CONTEXT.multiply(cell.number, Decimal(100)))}%"
        return Scalar(text, place, True)

    def _number(self, cell: GridCell, kind: str, place: Place) -> Node | None:
        """A number; in a column of percentages ``5``, ``5 %`` and a cell shown as 5 % are all five."""
        if stated_none(cell):
            return None
        amount = amount_of(cell)
        if amount is None:
            return None
        if isinstance(amount, Trouble):
            self.report(amount.code, place, found=amount.found)
            return None
        if normal(amount.unit) not in _UNITS:
            self.report("verification.number-with-unit", place, found=cell.text[:80])
            return None
        found = amount.number
        if kind == layout.PERCENT and (cell.percent or cell.text.rstrip().endswith(("%", "％"))):
            found = CONTEXT.multiply(found, Decimal(100))
        return Scalar(plain(found), place, True)


def _answers() -> dict[str, str]:
    return {normal(render(f"verification.answer.{answer}", language)): answer
            for answer in ("yes", "no") for language in LANGUAGES}
