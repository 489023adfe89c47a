"""An input written in the browser: fields and tables as text, as they come from and go into a spreadsheet.

The tables are those of our workbook (:mod:`zerofactory_mappings.cbam.input.sheets`); what was written becomes such a
workbook, which is read as if it had been uploaded. Lines with tabs, the names of the columns first.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from zerofactory_engine.decimals import plain
from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_engine.typed_readers import nearest
from zerofactory_engine.yaml_text import CONTROL
from zerofactory_mappings.cbam.input import sheets as layout
from zerofactory_mappings.cbam.input.figures import schema
from zerofactory_mappings.cbam.input.sheets import Column, Sheet

#: The name of the workbook that is made of what was written, and what such a version says of where it is from.
FILE, SOURCE = "browser.xlsx", "browser"
#: What a table may hold: rows, letters of a cell; and letters of the whole form.
MOST_ROWS, MOST_CELL, MOST_TEXT = 5_000, 2_000, 2_000_000
#: The field that nobody writes: it is always the same.
_FORMAT = "format"
#: Lines of our workbook in which the names of the columns stand: on the main sheet, on the others.
_MAIN_HEADER, _HEADER = 1, 2
#: Columns that an empty table begins with.
_FIRST = 10
_MADE_ON = datetime(2026, 1, 1)  # noqa: DTZ001 - a workbook's property has no zone
Rows = list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class Written:
    """Fields of the main sheet by key, and the rows of tables by key; *lines*: where each row stood in its text."""

    main: dict[str, str]
    rows: dict[str, Rows]
    lines: dict[str, list[int]] = field(default_factory=dict)


def fields() -> dict[str, Column]:
    """Fields of the main sheet that are written."""
    return {k: c for k, c in layout.main_columns().items() if k != _FORMAT}


def texts_of(tree: Mapping[str, Any], language: str) -> dict[str, Any]:
    """What a tree looks like in the form: ``main`` (fields by key) and ``tables`` (texts by key)."""
    from zerofactory_engine.dossier.sheets import Workbook
    from zerofactory_mappings.cbam.input.workbook_out import workbook_of_tree

    book = Workbook(workbook_of_tree(tree, language), FILE)
    main = {r[layout.FIELD]: r[layout.VALUE] for r in _rows(book, layout.MAIN_NAMES[language], layout.main_columns(),
                                                           _MAIN_HEADER)
            if layout.VALUE in r}
    tables = {}
    for key, sheet in layout.sheets().items():
        if rows := _rows(book, sheet.names[language], sheet.all_columns(), _HEADER):
            tables[key] = shown(sheet, rows)
    return {"main": {k: v for k, v in main.items() if k in fields()}, "tables": tables}


def _rows(book: Any, name: str, columns: Mapping[str, Column], header: int) -> Rows:
    """The filled rows below line *header* of a sheet, by key."""
    heads: dict[str, str] = {}
    found: Rows = []
    for row in book.rows(name):
        line = int(row[0].ref.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
        by_letter = {cell.ref.rstrip("0123456789"): cell for cell in row}
        if line == header:
            heads = {letter: cell.text.splitlines()[-1] for letter, cell in by_letter.items() if cell.text}
        elif line > header:
            subject = columns.get(by_letter["A"].text) if "A" in by_letter else None      # of the main sheet
            found.append({key: _text(by_letter[a], subject if header == _MAIN_HEADER else columns.get(key))
                          for a, key in heads.items() if a in by_letter})
    return found


def _text(cell: Any, column: Column | None) -> str:
    if cell.number is None:
        return str(cell.text)
    if column is not None and column.kind == "share":
        return f"{plain(cell.number.scaleb(2))} %"
    return plain(cell.number)


def shown(sheet: Sheet, rows: Sequence[Mapping[str, str]]) -> str:
    """*rows* as text with tabs under the columns that hold anything."""
    columns = list(sheet.all_columns())
    used = [c for c in columns if any(c in r for r in rows)]
    return "\n".join(["\t".join(used), *("\t".join(_quoted(r.get(c, "")) for c in used) for r in rows)])


def heading(sheet: Sheet) -> str:
    """The line that an empty table begins with."""
    return "\t".join(list(sheet.all_columns())[:_FIRST])


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(c in text for c in '\t\n"') else text


# --- what was written ------------------------------------------------------------------------------------------------

def read(main: Mapping[str, str], tables: Mapping[str, str]) -> Written:
    """The cells of a form.

    Raises:
        ProblemsError: everything that is no table, each with the table and the line; ``exporter.nothing-written``.
    """
    problems: list[Problem] = []
    values = {key: text.strip() for key in fields() if (text := main.get(key, "")).strip()}
    problems += [Problem("exporter.cell-unusable", Place(path=key), found=text[:40], args={"line": "–", "column": key})
                 for key, text in values.items() if _unusable(text)]
    made = Written(values, {})
    for key, sheet in layout.sheets().items():
        if text := tables.get(key, "").strip("\n"):
            rows, lines = _table(key, sheet, text, problems)
            if rows:
                made.rows[key], made.lines[key] = rows, lines
    if not values and not made.rows and not problems:
        problems.append(Problem("exporter.nothing-written"))
    if problems:
        raise ProblemsError(problems[:200])
    return made


def _table(key: str, sheet: Sheet, text: str, problems: list[Problem]) -> tuple[Rows, list[int]]:
    lines = list(csv.reader(io.StringIO(text.replace("\r\n", "\n"), newline=""), dialect="excel-tab"))
    if len(lines) - 1 > MOST_ROWS:
        problems.append(Problem("exporter.rows-many", Place(path=key), found=str(len(lines) - 1),
                                accepted=f"≤ {MOST_ROWS:,}"))
        return [], []
    names = [_column(key, sheet, cell, problems) for cell in lines[0]]
    for name in {n for n in names if n and names.count(n) > 1}:
        problems.append(Problem("exporter.column-twice", Place(path=key), found=name))
    rows: Rows = []
    numbers: list[int] = []
    for number, line in enumerate(lines[1:], 2):
        if any(cell.strip() for cell in line[len(names):]):
            problems.append(Problem("exporter.row-long", Place(path=key), found=str(len(line)),
                                    accepted=str(len(names)), args={"line": str(number)}))
        made = {name: cell.strip() for name, cell in zip(names, line, strict=False) if name and cell.strip()}
        problems += [Problem("exporter.cell-unusable", Place(path=key), found=cell[:40],
                             args={"line": str(number), "column": name})
                     for name, cell in made.items() if _unusable(cell)]
        if made:
            rows.append(made)
            numbers.append(number)
    return rows, numbers


def _unusable(text: str) -> bool:
    return CONTROL.search(text) is not None or len(text) > MOST_CELL


def _column(key: str, sheet: Sheet, cell: str, problems: list[Problem]) -> str:
    """The column that a heading names: by its key, alone or behind a title, or by a title that only one column has."""
    words = " ".join(cell.split())
    columns = sheet.all_columns()
    if not words:
        return ""
    last = words.rsplit(" ", 1)[-1]
    if words in columns or last in columns:
        return words if words in columns else last
    titled = [k for k, c in columns.items() if words in c.title.values()]
    if len(titled) == 1:
        return titled[0]
    problems.append(Problem("exporter.column-unknown", Place(path=key), found=words[:80],
                            example=nearest(words.lower(), tuple(columns))))
    return ""


def workbook(written: Written, language: str) -> bytes:
    """Our workbook with what was written: every cell a text, every column in its place; the same each time."""
    import xlsxwriter

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False,
                                        "strings_to_urls": False})
    book.set_properties({"title": "zerofactory CBAM input", "created": _MADE_ON})
    page = book.add_worksheet(layout.MAIN_NAMES[language])
    main = {_FORMAT: schema().source["properties"][_FORMAT]["const"], **written.main}
    for line, (key, text) in enumerate([(layout.FIELD, layout.VALUE), *main.items()]):
        page.write_string(line, 0, key)
        page.write_string(line, 1, text)
    for key, sheet in layout.sheets().items():
        if rows := written.rows.get(key):
            page = book.add_worksheet(sheet.names[language])
            columns = list(sheet.all_columns())
            for index, name in enumerate(columns):
                page.write_string(0, index, name)
            for line, row in enumerate(rows, 1):
                for name, text in row.items():
                    page.write_string(line, columns.index(name), text)
    book.close()
    return buffer.getvalue()


def placed(problem: Problem, written: Written) -> Problem:
    """A problem of the workbook as one of the form: its path names the field or table, its line and its sheet's cell
    where in the table it is; a problem of the workbook as a whole has no place then."""
    place = problem.place
    if place.file != FILE:
        return problem
    key = layout.by_name().get((place.sheet or "").lower())
    if key is None or place.cell is None:
        return replace(problem, place=Place(path=key))
    column, row = place.cell.rstrip("0123456789"), int(place.cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    if key == layout.MAIN:
        names = [_FORMAT, *written.main]
        return replace(problem, place=Place(path=names[row - 2])) if 0 <= row - 2 < len(names) else problem
    columns, lines = list(layout.sheets()[key].all_columns()), written.lines.get(key, [])
    index = _number(column)
    name = columns[index] if index < len(columns) else column
    line = lines[row - 2] if 0 <= row - 2 < len(lines) else row
    return replace(problem, place=Place(path=key, line=line, cell=name))


def _number(letters: str) -> int:
    """0 for ``A``, 26 for ``AA``."""
    found = 0
    for letter in letters:
        found = found * 26 + ord(letter) - 64
    return found - 1
