"""Forms with a row for each item: label, unit, one or more columns of values, a block for each unit (机组)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from zerofactory_mappings.sources.mee_supplement.layout import Item, Label, column_words, fuel_of, items, label_of
from zerofactory_mappings.sources.mee_supplement.model import Block, FuelUse, Head, Stated
from zerofactory_mappings.sources.sheets.account import Fate, Ledger
from zerofactory_mappings.sources.sheets.grid import Grid, GridCell
from zerofactory_mappings.sources.sheets.text import normal

_UNIT_NAME = re.compile(
    r"机组(?:编号)?:?[#\da-z一二三四五六七八九十-]{1,8}|[#\d一二三四五六七八九十-]{1,4}(?:号|#)?机组"
    r"|(?:unit|no\.)?#?\d{1,3}#?|unit\w{1,4}")
_YEAR_NAME = re.compile(r"((?:19|20)\d\d)年?(?:度)?(?:数值|数据)?")
_NOTE = re.compile(r"(?:注|备注|说明|附注|填表|填报|note|remark)\d*")
_PAIR = re.compile(r"([^:]{2,20}):(.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Slot:
    """A column of values: the unit and the year that its heading names."""

    column: int
    unit: str = ""
    year: int | None = None


@dataclass(frozen=True, slots=True)
class _Columns:
    slots: tuple[Slot, ...]
    unit: int | None
    ignored: frozenset[int]
    row: int


class Vertical:
    """Reads one sheet. *again*: figures of an item that had been stated before, which are not taken twice."""

    def __init__(self, grid: Grid, ledger: Ledger, stated: Callable[..., Stated | None],
                 year_in: Callable[[str], int | None]) -> None:
        self.grid, self.ledger, self.stated, self.year_in = grid, ledger, stated, year_in
        self.heads: dict[int | None, Head] = {}
        self.shared = Head()
        self.blocks: dict[tuple[str, int | None], Block] = {}
        self.again: list[Stated] = []
        self.columns: _Columns | None = None
        self.stack = ""                              # the unit whose block runs on downwards
        self.names: dict[int, str] = {}              # the unit that a row 机组编号 names, by column
        self.item: Item | None = None
        self.unit_text = ""
        self.year: int | None = None

    def read(self) -> list[Block]:
        """The blocks of the sheet, in the order in which they begin."""
        for number, cells in enumerate(self.grid.rows, 1):
            own = [c for c in cells if not c.merged or (c.origin is not None and c.origin[1] == c.column)]
            if own and not self._headings(number, own):
                self._row(number, own)
        title = self.year if self.year is not None else self.year_in(self.grid.sheet or "")
        used = [b for b in self.blocks.values() if any(b.all()) or b.texts]
        if not used:                                 # only totals of the enterprise
            used = [Block("", year, head) for year, head in self.heads.items() if head.figures]
        if not used and (self.shared.figures):
            used = [Block("", None, self.shared)]
        for block in used:
            head = self.heads.get(block.year, Head())
            block.head = Head({**self.shared.texts, **head.texts}, {**self.shared.figures, **head.figures})
            block.year = title if block.year is None else block.year
        return used

    # --- headings ----------------------------------------------------------------------------------------------------

    def _headings(self, number: int, cells: Sequence[GridCell]) -> bool:
        """Whether the row heads the columns; a later one replaces it."""
        texts = {c.column: normal(c.text) for c in cells}
        slots, unit, ignored, labels = [], None, set(), 0
        for cell in cells:
            text = texts[cell.column]
            if text in column_words("value"):
                slots.append(Slot(cell.column))
            elif (year := _YEAR_NAME.fullmatch(text)) is not None:
                slots.append(Slot(cell.column, year=int(year[1])))
            elif text in column_words("unit"):
                unit = cell.column
            elif text in column_words("ignored"):
                ignored.add(cell.column)
            elif text in column_words("label"):
                labels += 1
            elif _UNIT_NAME.fullmatch(text) is not None and not text.isdigit():
                slots.append(Slot(cell.column, cell.text))
            elif label_of(cell.text) is not None:
                return False                         # 机组编号 | 1号机组 | 2号机组 is an item
        if not slots or len(slots) + labels + len(ignored) + (unit is not None) < 2:
            return False
        if not (labels or ignored or unit) and len(slots) < len(cells):
            return False
        if self.columns is None or labels or ignored or unit is not None:
            self.columns = _Columns(tuple(slots), unit, frozenset(ignored), number)
        self.ledger.row(self.grid, number, Fate.LAYOUT, "sheets.row-header")
        return True

    # --- rows ------------------------------------------------------------------------------------------------------

    def _row(self, number: int, cells: Sequence[GridCell]) -> None:
        first = self.columns.slots[0].column if self.columns is not None else None
        left = [c for c in cells if first is None or c.column < first]
        labels = [(c, label) for c in left if (label := label_of(c.text)) is not None]
        if first is None and self._pairs(number, cells, labels):
            return
        if labels and labels[-1][1].item.head and labels[-1][1].item.text and self._pairs(number, cells, labels):
            return
        unit_name = next((c.text for c in left if not c.merged and not c.text.isdigit()     # once where it is merged
                          and _UNIT_NAME.fullmatch(normal(c.text))), "")
        if unit_name:
            self.stack = unit_name
        fuel_cell = next((c for c in reversed(left) if fuel_of(c.text) is not None), None)
        label = labels[-1][1] if labels else None
        if label is None and fuel_cell is not None and self.item is not None and self.item.of_fuel:
            label = Label(self.item, self.unit_text)             # a further fuel of the same item
        if label is None:
            self._title(number, cells)
            return
        unit_text = self._unit(cells, label)
        if label.item.of_fuel:
            self.item, self.unit_text = label.item, unit_text
        named = [c for c, _ in labels] + ([fuel_cell] if fuel_cell is not None else [])
        fuel_name = label.fuel or (fuel_cell.text if fuel_cell is not None else "")
        values = list(self._values(cells, named))
        for slot, cell in values:
            self._take(label.item, slot, cell, unit_text, fuel_name)
        if not values:
            self.ledger.row(self.grid, number, Fate.LAYOUT, "mee.empty-item")

    def _title(self, number: int, cells: Sequence[GridCell]) -> None:
        """A title, a pair ``名称：…`` or a note; anything else is left to be not understood."""
        figures = any(c.number is not None for c in cells)
        if _NOTE.match(normal(cells[0].text)) and not figures:
            self.ledger.row(self.grid, number, Fate.LAYOUT, "sheets.row-note")
        if self.blocks or self.heads:
            return
        known = False
        for cell in cells:
            match = _PAIR.fullmatch(cell.text.replace("：", ":"))
            label = label_of(match[1]) if match is not None else None
            if match is not None and label is not None and label.item.head and label.item.text:
                self._head(label.item, None, GridCell(cell.row, cell.column, match[2].strip(), state="value"), "")
                known = True
            elif (year := self.year_in(cell.text)) is not None:
                self.year = self.year if self.year is not None else year
        if not known and not figures:
            self.ledger.row(self.grid, number, Fate.LAYOUT, "sheets.row-title")

    def _pairs(self, number: int, cells: Sequence[GridCell], labels: Sequence[tuple[GridCell, Label]]) -> bool:
        """Whether the row is one of pairs: 企业名称 | … | 年份 | …; each label takes the next filled cell."""
        heads = [(c, label) for c, label in ((c, label_of(c.text)) for c in cells) if label is not None]
        if not heads or not all(label.item.head and label.item.text for _, label in heads):
            return False
        taken = False
        for cell, label in heads:
            after = next((c for c in cells if c.column > cell.column and c.origin != (cell.row, cell.column)
                          and normal(c.text) not in column_words("unit")), None)
            if after is not None and label_of(after.text) is None:
                self._head(label.item, None, after, "")
                taken = True
        return taken or bool(labels)

    def _unit(self, cells: Sequence[GridCell], label: Label) -> str:
        if label.unit_text:
            return label.unit_text
        if self.columns is not None and self.columns.unit is not None:
            return next((c.text for c in cells if c.column == self.columns.unit), "")
        return next((c.text for c in cells if normal(c.text).strip("()") in label.item.units), "")

    def _values(self, cells: Sequence[GridCell], named: Sequence[GridCell]) -> Iterator[tuple[Slot, GridCell]]:
        """Cells of values of a row: in the columns of values, or the first behind the label."""
        if self.columns is not None:
            by_column = {c.column: c for c in cells}
            yield from ((s, by_column[s.column]) for s in self.columns.slots if s.column in by_column)
            return
        behind = max((c.column for c in named), default=0)
        units = {u for i in items().values() for u in i.units}
        after = next((c for c in cells if c.column > behind and normal(c.text).strip("()") not in units), None)
        if after is not None:
            yield Slot(after.column), after

    def _take(self, item: Item, slot: Slot, cell: GridCell, unit_text: str, fuel_name: str) -> None:
        if item.head:
            self._head(item, slot.year, cell, unit_text)
            return
        if item.name == "unit":
            self.names[slot.column] = cell.text
            self.stack = "" if len(self.columns.slots if self.columns else ()) > 1 else cell.text
        name = slot.unit or self.names.get(slot.column, "") or self.stack
        if self.stack and slot.unit == "":
            name = self.stack
        block = self.blocks.setdefault((name, slot.year), Block(name, slot.year, Head()))
        if not fuel_name and item.of_fuel:
            fuel_name = block.texts["fuel"].cell.text if "fuel" in block.texts else ""
        told = self.stated(item, self.grid, cell, unit_text, fuel_of(fuel_name) if fuel_name else None, fuel_name)
        if told is None:
            return
        if item.of_fuel:
            use = block.fuels.setdefault(fuel_name, FuelUse(fuel_name, fuel_of(fuel_name)))
            self._keep(use.figures, told)
        else:
            self._keep(block.texts if item.text else block.figures, told)

    def _head(self, item: Item, year: int | None, cell: GridCell, unit_text: str) -> None:
        told = self.stated(item, self.grid, cell, unit_text)
        if told is None:
            return
        if item.name == "year":
            self.year = self.year_in(cell.text) if self.year is None else self.year
        head = self.shared if year is None else self.heads.setdefault(year, Head())
        self._keep(head.texts if item.text else head.figures, told)

    def _keep(self, into: dict[str, Stated], told: Stated) -> None:
        if told.item.name in into:
            self.again.append(replace(told, problem=told.problem or "mee.twice"))
        else:
            into[told.item.name] = told
