"""An account of every row of a file: read, refused, not understood, or part of the layout; nothing is lost unsaid.

A reader opens each sheet, says of each row what became of it, and the amounts that it took from there. Whatever nobody
spoke for is *not understood*, so the counts always add up to the rows of the file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from zerofactory_mappings.sources.report import Entry, State, Sum, sum_up
from zerofactory_mappings.sources.sheets.grid import Grid
from zerofactory_mappings.sources.sheets.headers import RowKind, Table

#: Collection of the entries of single amounts; those of rows are called ``rows`` (CSV) or ``rows of <sheet>``.
AMOUNTS = "amounts"


class Fate(StrEnum):
    """What became of a row."""

    USED = "used"                      # a row of a dossier states it
    KEPT = "kept"                      # read; no dossier states it, with the reason
    REFUSED = "refused"                # cannot be read safely
    NOT_UNDERSTOOD = "not-understood"
    LAYOUT = "layout"                  # title, headings, notes
    BLANK = "blank"


_STATES: Mapping[Fate, State] = {Fate.USED: State.USED, Fate.REFUSED: State.REFUSED}
_LAYOUT: Mapping[RowKind, str] = {RowKind.HEADER: "sheets.row-header", RowKind.NOTE: "sheets.row-note"}


@dataclass(frozen=True, slots=True)
class RowFate:
    """What became of row *number* of a sheet, the reason as a message code, and the rows that state it."""

    number: int
    fate: Fate
    reason: str = ""
    args: Mapping[str, str] = field(default_factory=dict)
    target: str | None = None


@dataclass(slots=True)
class Ledger:
    """Collects the fates of all rows and the entries of all amounts of one file."""

    grids: dict[int, Grid] = field(default_factory=dict)
    fates: dict[tuple[int, int], RowFate] = field(default_factory=dict)
    amounts: list[Entry] = field(default_factory=list)

    def open(self, grid: Grid) -> None:
        """Take a sheet into the account; its blank rows are settled at once."""
        self.grids[grid.index] = grid
        for number, cells in enumerate(grid.rows, 1):
            if not cells:
                self.row(grid, number, Fate.BLANK)

    def row(self, grid: Grid, number: int, fate: Fate, reason: str = "", args: Mapping[str, str] | None = None,
            target: str | None = None) -> None:
        """Say what became of a row; a later word replaces an earlier one."""
        self.fates[grid.index, number] = RowFate(number, fate, reason, dict(args or {}), target)

    def layout(self, grid: Grid, table: Table) -> None:
        """Settle titles, headings and notes of a table."""
        for number in range(1, table.header_rows[1] + 1):
            if grid.rows[number - 1] and (grid.index, number) not in self.fates:
                above = number < table.header_rows[0]
                self.row(grid, number, Fate.LAYOUT, "sheets.row-title" if above else "sheets.row-header")
        for row in table.rows:
            if row.kind in _LAYOUT:
                self.row(grid, row.number, Fate.LAYOUT, _LAYOUT[row.kind])

    def whole(self, grid: Grid, fate: Fate, reason: str, args: Mapping[str, str] | None = None) -> None:
        """Say the same of every row of a sheet that nothing was said of."""
        for number, cells in enumerate(grid.rows, 1):
            if cells and (grid.index, number) not in self.fates:
                self.row(grid, number, fate, reason, args)

    def amount(self, entry: Entry) -> None:
        """Take the entry of one amount: its series, what the file states, and what the dossier holds."""
        self.amounts.append(entry)

    def close(self) -> None:
        """Everything that nobody spoke for is not understood."""
        for grid in self.grids.values():
            self.whole(grid, Fate.NOT_UNDERSTOOD, "sheets.row-not-understood")

    def balance(self) -> Mapping[str, int]:
        """Fate → rows, and ``rows``: how many the file has. The fates add up to it once the ledger is closed."""
        counts = Counter(f.fate.value for f in self.fates.values())
        rows = sum(len(g.rows) for g in self.grids.values())
        return {each.value: counts[each.value] for each in Fate} | {"rows": rows}

    def entries(self) -> tuple[Entry, ...]:
        """Entries of all rows that are not blank, sheet by sheet, then of all amounts."""
        out: list[Entry] = []
        for (index, number), fate in sorted(self.fates.items()):
            if fate.fate is Fate.BLANK:
                continue
            grid = self.grids[index]
            out.append(Entry(collection_of(grid), row_path(grid, number), "", _STATES.get(fate.fate, State.KEPT),
                             fate.reason, fate.args, target=fate.target))
        return (*out, *self.amounts)

    def sums(self, titles: Mapping[str, str]) -> tuple[Sum, ...]:
        """Exact totals of the amounts as stated, by series and unit."""
        return sum_up(self.amounts, titles)


def collection_of(grid: Grid) -> str:
    """Name of the collection of a sheet's rows in a report."""
    return "rows" if grid.sheet is None else f"rows of {grid.sheet}"


def row_path(grid: Grid, number: int) -> str:
    """Place of a row in a report: ``Sheet1/7``; of a CSV file ``7``."""
    return str(number) if grid.sheet is None else f"{grid.sheet}/{number}"
