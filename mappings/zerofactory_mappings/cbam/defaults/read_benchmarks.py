"""Benchmarks: one sheet; rows without a code go on with the code above, letters stand beside or behind the figure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from zerofactory_engine.decimals import plain
from zerofactory_engine.problems import Problem, Severity
from zerofactory_mappings.cbam.benchmarks import indicator
from zerofactory_mappings.cbam.defaults import figures
from zerofactory_mappings.cbam.defaults.grid import Cell, File, Line, Sheet, letters
from zerofactory_mappings.cbam.defaults.reading import (
    LENGTHS,
    Fate,
    Reading,
    State,
    holds_code,
    limit_of,
    one_text,
    place_of,
)
from zerofactory_mappings.cbam.tables import simplified

_VALUE = re.compile(r"([0-9]+(?:[.,][0-9]+)?)\s*((?:\([A-Z0-9]\)\s*/?\s*)*)")


def columns_at(sheet: Sheet, index: int) -> tuple[dict[str, int], int] | None:
    """Columns of a benchmark header that begins at a line: code, a, route_a, b, route_b; of up to three rows."""
    for taken in (1, 2, 3):
        lines = sheet.lines[index:index + taken]
        if len(lines) < taken or any(holds_code(line) for line in lines):
            return None
        texts = [simplified(" ".join(line.cell(c).text for line in lines))
                 for c in range(max(len(x.cells) for x in lines))]
        found = _benchmark_fields(texts)
        if {"code", "a", "b"} <= set(found):
            return found, taken
    return None


def _benchmark_fields(texts: Sequence[str]) -> dict[str, int]:
    """Column by field; a route column without a letter of its own belongs to the value column before it."""
    found: dict[str, int] = {}
    last = ""
    for column, text in enumerate(texts):
        words = text.split()
        side = re.search(r"\bcol(?:umn)? ?([ab])\b|\bcol([ab])\b", text)
        if side is not None:
            last = side[1] or side[2]
        if "description" in words:
            found.setdefault("description", column)
        elif "sector" in words:
            found.setdefault("sector", column)
        elif last and ("route" in words or "indicator" in words):
            found.setdefault(f"route_{last}", column)
        elif side is not None:
            found.setdefault(last if last not in found else f"route_{last}", column)
        elif {"cn", "code"} & set(words):
            found.setdefault("code", column)
    return found


def read_benchmarks(file: File) -> Reading:
    """Benchmarks of every sheet of *file*; continuation rows without a code belong to the code above."""
    reading = Reading("benchmarks", problems=list(file.problems))
    for sheet in file.sheets:
        columns: dict[str, int] | None = None
        state = State(None)
        index = 0
        while index < len(sheet.lines):
            header = columns_at(sheet, index)
            if header is not None:
                columns, taken = header
                reading.fates += [Fate(sheet.name, sheet.lines[index + i].number, False, "cbam-defaults.skip-header")
                                  for i in range(taken)]
                index += taken
                continue
            reading.fates.append(_benchmark_line(sheet, sheet.lines[index], columns, state, file.name, reading))
            index += 1
    return reading


def _benchmark_line(sheet: Sheet, line: Line, columns: Mapping[str, int] | None, state: State, file: str,
                    reading: Reading) -> Fate:
    def skipped(why: str, column: int | None = None) -> Fate:
        cell = "" if column is None else f"{letters(column)}{line.number}"
        return Fate(sheet.name, line.number, False, f"cbam-defaults.skip-{why}", cell,
                    "" if column is None else line.cell(column).text[:80])

    if not line.filled:
        return skipped("blank")
    text = one_text(line)
    if text is not None and (found := figures.sector(text)) is not None:
        state.sector, state.code = found, None
        return skipped("sector")
    if columns is None:
        return skipped("title")
    at = columns["code"]
    digits = figures.code(line.cell(at))
    if digits is not None and len(digits) in LENGTHS:
        state.code = digits
    elif line.cell(at).text.strip("\u00a0 ") or state.code is None:
        return skipped("title" if text is not None else "code", at)
    a, b = (_benchmark_value(line, columns, side) for side in "ab")
    place = place_of(file, sheet.name, columns['b'], line.number)
    assert state.code is not None
    if a is None or b is None or not b[0]:
        reading.problems.append(Problem("cbam-defaults.row-benchmark", place, Severity.WARNING,
                                        found=f"{line.cell(columns['a']).text} / {line.cell(columns['b']).text}"[:80],
                                        args={"code": state.code}))
        return skipped("benchmark", columns["b"])
    sector = figures.sector(line.cell(columns["sector"]).text) if "sector" in columns else state.sector
    reading.rows.append({
        "number": str(len(reading.rows) + 1), "sector": sector or figures.sector_of_code(state.code) or "unknown",
        "cn": state.code, "column_a": a[0], "routes_a": a[1], "period_a": a[2], "column_b": b[0], "routes_b": b[1],
        "period_b": b[2]})
    return Fate(sheet.name, line.number, True, "cbam-defaults.read-benchmark")


def _benchmark_value(line: Line, columns: Mapping[str, int], side: str) -> tuple[str, str, str] | None:
    """Figure, letters and period of one side; an empty figure for a blank cell; None when it cannot be read.

    The letters may stand in a column of their own or behind the figure.
    """
    text = line.cell(columns[side]).text.strip("\u00a0 ")
    beside = line.cell(columns[f"route_{side}"]).text if f"route_{side}" in columns else ""
    match = _VALUE.fullmatch(text)
    if text and match is None:
        return None
    found, period = indicator((match[2] if match else "") + beside)
    number = figures.figure(Cell(match[1])).value if match else None
    if number is not None and number > limit_of("benchmark"):
        return None
    return "" if number is None else plain(number), ";".join(found), period
