"""Default values: one sheet for each country, with titles, headings of sectors, and headers in several spellings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from zerofactory_engine.decimals import plain
from zerofactory_engine.problems import Place, Problem, Severity
from zerofactory_mappings.cbam.benchmarks import indicator
from zerofactory_mappings.cbam.defaults import figures
from zerofactory_mappings.cbam.defaults.figures import Figure, Mark
from zerofactory_mappings.cbam.defaults.grid import BLANK, Cell, File, Line, Sheet, letters
from zerofactory_mappings.cbam.defaults.reading import (
    LENGTHS,
    Entry,
    Fate,
    Reading,
    State,
    holds_code,
    limit_of,
    one_text,
    place_of,
)
from zerofactory_mappings.cbam.tables import simplified


def _field(text: str) -> str | None:
    """The column of default values that a header names."""
    words = simplified(text).split()
    year = re.search(r"20[0-9]{2}", text)
    if "description" in words:
        return "description"
    if "country" in words and "code" not in words:
        return "country"
    if "sector" in words:
        return "sector"
    if year and ({"default", "mark", "markup", "total"} & set(words) or len(words) <= 3):
        return f"printed {year[0]}"
    if "route" in words or "indicator" in words:
        return "route"
    for name in ("indirect", "direct", "total"):
        if name in words:
            return name
    if {"cn", "taric"} & set(words) or words[-1:] == ["code"]:
        return "code"
    return "value" if {"value", "values"} & set(words) else None


def _columns(line: Line, below: Line | None = None) -> dict[str, int] | None:
    """Columns of a header of default values, of one row or of two that belong together; None when it is none."""
    found: dict[str, int] = {}
    width = max(len(line.cells), len(below.cells) if below is not None else 0)
    for column in range(width):
        text = line.cell(column).text
        if below is not None:
            text += " " + below.cell(column).text
        if (name := _field(text)) is not None:
            found.setdefault(name, column)
    if "total" not in found and "value" in found:
        found["total"] = found["value"]
    return found if {"code", "total"} <= set(found) else None


def read_defaults(file: File) -> Reading:
    """Default values of every sheet of *file*."""
    reading = Reading("default-values", problems=list(file.problems))
    for sheet in file.sheets:
        headers = {i: found for i in range(len(sheet.lines)) if (found := header_at(sheet, i)) is not None}
        if headers:
            _defaults_sheet(sheet, headers, file.name, reading)
        else:
            reading.fates += [Fate(sheet.name, line.number, False, "cbam-defaults.skip-no-table")
                              for line in sheet.lines]
    reading.entries = _told_apart(reading, file.name)
    reading.rows = [_table_row(e) for e in reading.entries]
    return reading


def header_at(sheet: Sheet, index: int) -> tuple[dict[str, int], int] | None:
    """The columns of a header that begins at a line, and how many lines it takes."""
    line = sheet.lines[index]
    if len(line.filled) < 2 or holds_code(line):
        return None
    if (one := _columns(line)) is not None:
        return one, 1
    below = sheet.lines[index + 1] if index + 1 < len(sheet.lines) else None
    joined = below is not None and len(below.filled) > 1 and not holds_code(below)
    two = _columns(line, below) if joined else None
    return (two, 2) if two is not None else None


def _defaults_sheet(sheet: Sheet, headers: Mapping[int, tuple[dict[str, int], int]], file: str,
                    reading: Reading) -> None:
    state = State(figures.country(sheet.name) if sheet.name else None)
    index = 0
    while index < len(sheet.lines):
        line = sheet.lines[index]
        if index in headers:
            state.columns, taken = headers[index]
            reading.fates += [Fate(sheet.name, line.number + i, False, "cbam-defaults.skip-header")
                              for i in range(taken)]
            index += taken
            continue
        reading.fates.append(_defaults_row(sheet, line, state, file, reading))
        index += 1


def _defaults_row(sheet: Sheet, line: Line, state: State, file: str, reading: Reading) -> Fate:
    """One row that is no header: its fate, and its entry if it is read."""
    def skipped(why: str, column: int | None = None, cell: Cell = BLANK) -> Fate:
        return Fate(sheet.name, line.number, False, f"cbam-defaults.skip-{why}",
                    "" if column is None else f"{letters(column)}{line.number}", cell.text)

    if not line.filled:
        return skipped("blank")
    text = one_text(line)
    if state.columns is None:
        if text is not None and not state.title:
            state.title = text
        return skipped("title")
    if text is not None and (found := figures.sector(text)) is not None:
        state.sector, state.code = found, None
        return skipped("sector")
    columns = state.columns
    at = columns["code"]
    own, refusal = _row_code(line, state, at)
    if own is None:
        if text is None or refusal == "code":
            reading.problems.append(Problem(f"cbam-defaults.row-{refusal}", place_of(file, sheet.name, at, line.number),
                                            Severity.WARNING, found=line.cell(at).text[:80]))
            return skipped(refusal, at, line.cell(at))
        return skipped("title")
    country, sector = _row_country(sheet, line, state, file, reading), _row_sector(line, state, own)
    if country is None:
        return skipped("country")
    if sector is None:
        reading.problems.append(Problem("cbam-defaults.row-sector", place_of(file, sheet.name, at, line.number),
                                        Severity.WARNING, found=own))
        return skipped("sector-unknown", at, line.cell(at))
    entry = _entry(line, columns, country, sector, own, sheet.name)
    reading.entries.append(_judged(entry, file, reading, columns))
    return Fate(sheet.name, line.number, True, f"cbam-defaults.read-{reading.entries[-1].kind}")


def _row_code(line: Line, state: State, at: int) -> tuple[str | None, str]:
    """The code of a row, or that of the row above when the cell is blank and figures follow; else why there is none."""
    assert state.columns is not None
    cell, total = line.cell(at), line.cell(state.columns["total"])
    digits = figures.code(cell)
    if digits is not None and len(digits) in LENGTHS:
        state.code = digits
        return digits, ""
    has_figure = bool(total.text) and figures.figure(total).mark is not Mark.UNREADABLE
    if not cell.text and has_figure and state.code is not None:
        return state.code, ""
    if cell.text:
        state.code = None               # a code that cannot be read is not that of the rows above
    return None, "code" if cell.text and has_figure else "no-code"


def _row_country(sheet: Sheet, line: Line, state: State, file: str, reading: Reading) -> str | None:
    """The country of a row, by its column or its sheet; each name that says nothing is told once."""
    column = (state.columns or {}).get("country")
    if column is not None:
        name = line.cell(column).text
        found = figures.country(name) if name else None
        if found is None and name not in state.told:
            state.told.add(name)
            reading.problems.append(Problem("cbam-defaults.row-country",
                                            place_of(file, sheet.name, column, line.number),
                                            Severity.WARNING, found=name[:80]))
        return found
    titled = figures.country(state.title) if state.title else None
    if state.country is None:
        state.country = titled
    if (state.country is None or titled not in (None, state.country)) and sheet.name not in state.told:
        state.told.add(sheet.name)
        what = "sheet-country" if state.country is None else "sheet-title"
        reading.problems.append(Problem(f"cbam-defaults.{what}", Place(file, sheet=sheet.name or None),
                                        Severity.WARNING,
                                        found=state.title or sheet.name))
    return state.country


def _row_sector(line: Line, state: State, code: str) -> str | None:
    column = (state.columns or {}).get("sector")
    if column is not None:
        return figures.sector(line.cell(column).text)
    return state.sector or figures.sector_of_code(code)


def _entry(line: Line, columns: Mapping[str, int], country: str, sector: str, code: str, sheet: str) -> Entry:
    def cell(name: str) -> Cell:
        return line.cell(columns[name]) if name in columns else BLANK

    printed = {int(name.split()[1]): figures.figure(cell(name)) for name in columns if name.startswith("printed ")}
    letters_, _ = indicator(cell("route").text)
    total = figures.figure(cell("total"))
    kind = {Mark.NUMBER: "value", Mark.HEADING: "heading", Mark.UNREADABLE: "refused"}.get(total.mark, "missing")
    return Entry(country, sector, code, " ".join(cell("description").text.split())[:400].strip(), kind,
                 figures.figure(cell("direct")),
                 figures.figure(cell("indirect")), total, printed, letters_, sheet, line.number)


def _judged(entry: Entry, file: str, reading: Reading, columns: Mapping[str, int]) -> Entry:
    """The entry with what is wrong with it: implausible, unreadable, an error in the source, or a shifted row."""
    place = place_of(file, entry.sheet, columns['total'], entry.row)
    args = {"country": entry.country, "code": entry.code, "row": str(entry.row)}
    found, limit = entry.total, limit_of(entry.sector)
    if found.value is not None and found.value > limit:
        reading.problems.append(Problem("cbam-defaults.row-implausible", place, Severity.WARNING, found=found.text,
                                        accepted=f"≤ {plain(limit)} tCO2e/t", args=args))
        return replace(entry, kind="refused", note="cbam-defaults.row-implausible")
    if found.mark is Mark.UNREADABLE:
        reading.problems.append(Problem("cbam-defaults.row-unreadable", place, Severity.WARNING, found=found.text[:80],
                                        example="0.870", args=args))
        return replace(entry, note="cbam-defaults.row-unreadable")
    if found.mark is Mark.ERROR:
        reading.problems.append(Problem("cbam-defaults.row-error", place, Severity.WARNING, found=found.text[:80],
                                        args=args))
        return replace(entry, note="cbam-defaults.row-error")
    if entry.kind == "missing" and any(f.mark is Mark.NUMBER for f in entry.printed.values()):
        reading.problems.append(Problem("cbam-defaults.row-shifted", place, Severity.WARNING,
                                        found=", ".join(f.text for f in entry.printed.values()), args=args))
        return replace(entry, note="cbam-defaults.row-shifted")
    return entry


def _told_apart(reading: Reading, file: str) -> list[Entry]:
    """The entries with a variant where one code has several rows; a row that repeats another is skipped, and rows that
    contradict each other are refused."""
    groups: dict[tuple[str, str], list[Entry]] = {}
    for entry in reading.entries:
        groups.setdefault((entry.country, entry.code), []).append(entry)
    kept: list[Entry] = []
    for group in groups.values():
        seen: dict[str, int] = {}
        for entry in group:
            variant = _variant(entry, len(group))
            if variant not in seen:
                seen[variant] = len(kept)
                kept.append(replace(entry, variant=variant))
                continue
            first = kept[seen[variant]]
            same = (first.total.value, first.kind, first.routes) == (entry.total.value, entry.kind, entry.routes)
            _refate(reading, entry, "duplicate" if same else "conflict")
            if not same:
                kept[seen[variant]] = replace(first, kind="refused", note="cbam-defaults.row-conflict")
                reading.problems.append(Problem(
                    "cbam-defaults.row-conflict", place_of(file, entry.sheet, 0, entry.row), Severity.WARNING,
                    found=f"{first.total.text} / {entry.total.text}",
                    args={"country": entry.country, "code": entry.code, "row": str(first.row)}))
    order = {(f.sheet, f.row): i for i, f in enumerate(reading.fates)}
    return sorted(kept, key=lambda e: order[e.sheet, e.row])


def _refate(reading: Reading, entry: Entry, why: str) -> None:
    index = next(i for i, f in enumerate(reading.fates) if (f.sheet, f.row) == (entry.sheet, entry.row))
    reading.fates[index] = Fate(entry.sheet, entry.row, False, f"cbam-defaults.skip-{why}", "", entry.total.text)


def _variant(entry: Entry, rows: int) -> str:
    """``grey`` or ``white`` of cement goods; else the description as a word where a code has several rows."""
    words = simplified(entry.description).split()
    if entry.sector == "cement":
        for colour in ("grey", "white"):
            if colour in words[:2]:
                return colour
    return "_".join(words)[:60] if rows > 1 else ""


def _table_row(entry: Entry) -> dict[str, str]:
    def written(found: Figure) -> str:
        if found.value is not None:
            return plain(found.value)
        return "n/a" if found.mark is Mark.NOT_APPLICABLE else "missing"

    parts = {"direct": entry.direct, "indirect": entry.indirect, "total": entry.total}
    shown = {name: "" if entry.kind == "heading" else written(f) for name, f in parts.items()}
    return {"country": entry.country, "sector": entry.sector, "code": entry.code, "variant": entry.variant,
            "description": entry.description, "kind": entry.kind, **shown, "routes": ";".join(entry.routes),
            "sheet": entry.sheet, "row": str(entry.row), "note": entry.note}
