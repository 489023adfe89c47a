"""Read a registry download (CSV in UTF-8 or GB 18030, or a workbook) into records. Bounded.

What cannot be read is refused, not guessed; every row of the file has a record that says what it is.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from zerofactory_engine.decimals import parse_decimal, plain
from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_mappings.sources.credit_registry.detect import NEEDED, Layout, layout_of
from zerofactory_mappings.sources.credit_registry.records import Record, parse_date, parse_serials
from zerofactory_mappings.sources.report import NOT_UNDERSTOOD
from zerofactory_mappings.sources.sheets.grid import is_workbook

if TYPE_CHECKING:
    from zerofactory_mappings.sources.sheets.grid import GridCell

#: Most rows of one download, and most characters of one cell.
ROWS, CELL = 200_000, 20_000
#: Rows in which the header is looked for, and what may stand between the cells of a text file.
WITHIN, SEPARATORS = 50, ",;\t"
#: Largest download that is read, in bytes.
FILE_BYTES = 50_000_000


def read_records(data: bytes, file: str) -> tuple[Record, ...]:
    """Every row of the download that is not blank, those of other sheets included.

    Raises:
        ProblemsError: it is no download of a registry that we know, or too large.
    """
    if len(data) > FILE_BYTES:
        raise ProblemsError([Problem("credits.too-many", Place(file=file), accepted=f"{FILE_BYTES:,} bytes")])
    sheets = _workbook_sheets(data, file) if is_workbook(data) else [(None, _csv_rows(data, file))]
    at, top, layout = next(((s, *found) for s in sheets if (found := header_of(s[1])) is not None),
                           (sheets[0], 0, None))
    name, rows = at
    if layout is None and (listed := _ccer(data, file)):
        return listed
    if layout is None:
        texts = next((row for row in rows if any(row)), [])
        raise ProblemsError([Problem("credits.no-registry", Place(file=file, line=1),
                                     found=", ".join(map(_one_line, texts))[:200] or None)])
    header = [_one_line(cell) for cell in rows[top]]
    issued = (layout.registry == "Gold Standard" and layout.columns["retired_on"] not in header) or (
        "serials" not in layout.columns)
    missing = [] if issued else [layout.columns[n] for n in NEEDED if layout.columns[n] not in header]
    if missing:
        raise ProblemsError([Problem("credits.columns", Place(file=file, line=top + 1), accepted=", ".join(missing))])
    out: list[Record] = []
    for sheet, cells in sheets:
        for number, row in enumerate(cells, 1):
            if not any(cell.strip() for cell in row):
                continue
            if sheet != name:
                made = Record(number, layout.registry, "unknown", reason=NOT_UNDERSTOOD)
            elif number <= top + 1:
                made = Record(number, layout.registry, "layout",
                              reason="sheets.row-header" if number == top + 1 else "sheets.row-title")
            else:
                ragged = any(cell.strip() for cell in row[len(header):])
                made = _record(number, dict(zip(header, row, strict=False)), layout, issued, ragged)
            out.append(replace(made, sheet=sheet))
    return tuple(out)


def _ccer(data: bytes, file: str) -> tuple[Record, ...]:
    """The records of a list of CCER; none when the file is no such table."""
    from zerofactory_mappings.sources.credit_registry.ccer import ccer_records, find_ccer
    from zerofactory_mappings.sources.sheets.grid import read_grids

    try:
        grids = read_grids(data, file)
    except ProblemsError:
        if is_workbook(data):
            raise
        return ()
    found = find_ccer(grids)
    return tuple(ccer_records(grids, found)) if found else ()


def header_of(rows: Sequence[Sequence[str]]) -> tuple[int, Layout] | None:
    """Index of the row that has the columns of a registry and its layout; None when none of the first rows has."""
    return next(((index, layout) for index, row in enumerate(rows[:WITHIN])
                 if (layout := layout_of(map(_one_line, row))) is not None), None)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _csv_rows(data: bytes, file: str) -> list[list[str]]:
    """The cells of every row, cut by the first separator with which a registry's header stands at the top."""
    text = _decoded(data, file)
    try:
        found = (s for s in SEPARATORS if header_of(list(islice(csv.reader(io.StringIO(text, newline=""), delimiter=s),
                                                                WITHIN))) is not None)
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=next(found, ","))
        rows = list(islice(reader, ROWS + 1))
    except csv.Error as error:
        raise ProblemsError([Problem("credits.no-table", Place(file=file), found=str(error))]) from None
    if len(rows) > ROWS:
        raise ProblemsError([Problem("credits.too-many", Place(file=file), accepted=f"{ROWS:,}")])
    return rows


def _workbook_sheets(data: bytes, file: str) -> list[tuple[str | None, list[list[str]]]]:
    """Name and rows of every sheet."""
    from zerofactory_mappings.sources.sheets.grid import read_grids

    return [(grid.sheet, [_texts(cells) for cells in grid.rows]) for grid in read_grids(data, file)]


def _texts(cells: Sequence[GridCell]) -> list[str]:
    """The texts of a row up to its last filled cell."""
    texts = [""] * (cells[-1].column if cells else 0)
    for cell in cells:
        texts[cell.column - 1] = _text(cell)
    return texts


def _text(cell: GridCell) -> str:
    """What a cell of a workbook says, a day in ISO form, a number in plain digits."""
    if cell.day is not None:
        return cell.day.isoformat()
    return plain(cell.number) if cell.number is not None else cell.text


def _decoded(data: bytes, file: str) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ProblemsError([Problem("credits.no-table", Place(file=file))])


def _record(number: int, cells: Mapping[str, str], layout: Layout, issued: bool, ragged: bool) -> Record:
    """One row; the first thing that is wrong with it refuses it."""
    text = {ours: " ".join(cells.get(theirs, "").split())[:4000] for ours, theirs in layout.columns.items()}

    nothing = not text.get("project") if issued else not text["serials"] and not text["quantity"]
    if nothing:                                        # a note, a signature, a footer
        return Record(number, layout.registry, "unknown", text=text, reason=NOT_UNDERSTOOD)

    def refused(reason: str, **args: str) -> Record:
        return Record(number, layout.registry, "refused", text=text, reason=reason, args=args)

    if ragged or any(len(cell) > CELL for cell in cells.values()):
        return refused("credits.ragged")
    if issued:
        if text.get("status", "issued").lower() != "issued":       # a retirement without its day is not an issuance
            return refused("credits.no-status", found=text["status"][:40])
        return Record(number, layout.registry, "issued", text=text)
    serials, quantity = parse_serials(text["serials"]), parse_decimal(text["quantity"].replace(",", ""))
    if serials is None:
        return refused("credits.no-serials", found=text["serials"][:80])
    if quantity is None or quantity <= 0 or quantity != int(quantity):
        return refused("credits.no-quantity", found=text["quantity"][:40])
    if quantity != serials.high - serials.low + 1:
        return refused("credits.quantity", found=text["quantity"], accepted=str(serials.high - serials.low + 1))
    fate = _fate(text, layout.columns.get("cancelled") in cells)
    if not fate:
        return refused("credits.no-status", found=text["status"][:40])
    day = parse_date(text["retired_on"])
    if day is None and (text["retired_on"] or fate == "retired"):
        return refused("credits.no-date", found=text["retired_on"][:40])
    year = int(v) if re.fullmatch(r"(19|20)\d\d", v := text["vintage"], re.ASCII) else None
    start, end = parse_date(text.get("from", "")), parse_date(text.get("to", ""))
    return Record(number, layout.registry, fate, serials, quantity, day, year, start, end, text)


def _fate(text: Mapping[str, str], cancellations: bool) -> str:
    """Retired or cancelled: by the status where there is one, otherwise by the kind of download."""
    if "status" in text:
        known = {"retired": "retired", "canceled": "cancelled", "cancelled": "cancelled"}
        return known.get(text["status"].lower(), "")
    return "cancelled" if cancellations else "retired"
