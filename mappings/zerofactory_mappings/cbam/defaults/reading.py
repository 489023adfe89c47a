"""What reading a file of default values, benchmarks or grid factors gives: entries, rows, and the fate of every row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Any

from zerofactory_engine.problems import Place, Problem
from zerofactory_mappings.cbam.defaults import figures
from zerofactory_mappings.cbam.defaults.figures import Figure
from zerofactory_mappings.cbam.defaults.grid import Line, letters
from zerofactory_mappings.cbam.table_reader import table

#: Lengths that a code may have.
LENGTHS = (4, 6, 8, 10)


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one row. *reason* is a message code; *cell* and *found* say where and what, when that helps."""

    sheet: str
    row: int
    read: bool
    reason: str
    cell: str = ""
    found: str = ""

    def as_json(self) -> dict[str, Any]:
        """The fields that are set."""
        out: dict[str, Any] = {"sheet": self.sheet, "row": self.row, "fate": "read" if self.read else "skipped",
                               "reason": self.reason, "cell": self.cell, "found": self.found}
        return {k: v for k, v in out.items() if v != ""}


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of default values as it was read. Figures of printed mark-ups serve checks only."""

    country: str
    sector: str
    code: str
    description: str
    kind: str
    direct: Figure
    indirect: Figure
    total: Figure
    printed: Mapping[int, Figure]
    routes: tuple[str, ...]
    sheet: str
    row: int
    note: str = ""
    variant: str = ""


@dataclass(slots=True)
class Reading:
    """What a file gave: *kind*, rows for its table (columns by name), the fate of every row, and problems."""

    kind: str
    entries: list[Entry] = field(default_factory=list)
    rows: list[dict[str, str]] = field(default_factory=list)
    fates: list[Fate] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def counts(self) -> dict[str, dict[str, int]]:
        """Sheet → rows, read, skipped; they add up."""
        out: dict[str, dict[str, int]] = {}
        for fate in self.fates:
            counts = out.setdefault(fate.sheet, {"rows": 0, "read": 0, "skipped": 0})
            counts["rows"] += 1
            counts["read" if fate.read else "skipped"] += 1
        return out

    def reasons(self) -> dict[str, int]:
        """Reason → number of rows."""
        out: dict[str, int] = {}
        for fate in self.fates:
            out[fate.reason] = out.get(fate.reason, 0) + 1
        return out


def place_of(file: str, sheet: str, column: int, row: int) -> Place:
    """The place of a cell: sheet and cell of a workbook, line and column of a CSV file."""
    return Place(file, sheet=sheet, cell=f"{letters(column)}{row}") if sheet else Place(file, line=row,
                                                                                        column=column + 1)


@dataclass(slots=True)
class State:
    """Where the reading of one sheet stands."""

    country: str | None
    columns: dict[str, int] | None = None
    sector: str | None = None
    code: str | None = None
    title: str = ""
    told: set[str] = field(default_factory=set)


def is_code(line: Line, column: int) -> bool:
    """Whether a cell holds the digits of a code."""
    digits = figures.code(line.cell(column))
    return digits is not None and len(digits) in LENGTHS


def holds_code(line: Line) -> bool:
    """Whether one of the first three filled cells is a code: then the line is no header."""
    return any(is_code(line, column) for column, _ in line.filled[:3])


def one_text(line: Line) -> str | None:
    """The only text of a row (merged cells repeat it); None when there are several."""
    texts = {c.text for _, c in line.filled}
    return next(iter(texts)) if len(texts) == 1 else None


@cache
def limit_of(sector: str) -> Decimal:
    """The greatest plausible figure of a sector or kind (table ``plausibility``)."""
    limit = next(r.decimal("limit") for r in table("plausibility") if r.text("sector") == sector)
    assert limit is not None
    return limit
