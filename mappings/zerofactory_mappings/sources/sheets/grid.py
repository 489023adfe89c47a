"""The cells of a workbook or CSV file of a stranger, with their places: bounded, nothing run, nothing dropped unsaid.

Rows count from 1 as they stand in the sheet; a CSV record counts as one row however many lines it has.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from zerofactory_engine.decimals import plain
from zerofactory_engine.dossier.sheets import COLUMNS, ROWS, CellText, Workbook, column_letter
from zerofactory_engine.dossier.zips import WORKBOOK, member_bytes, open_zip
from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_engine.yaml_text import CONTROL

#: Largest file that is read, in bytes; CSV has bounds of its own, as every byte of it is text.
FILE_BYTES = 50_000_000
CSV_BYTES = 20_000_000
#: Most filled cells of a CSV file (a workbook: what the reader of workbooks takes), and characters of one cell.
CELLS = 1_500_000
CELL_CHARACTERS = 32_767
#: Most merged ranges of a sheet, and most cells that they may cover together.
MERGES = 20_000
MERGED_CELLS = 100_000

State = Literal["value", "empty", "error", "unevaluated"]

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK"
#: Beginnings of kinds of file that are often sent in place of a table.
_NO_TABLE = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"{\\rtf", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_SEPARATORS = (",", ";", "\t")
_SNIFFED_ROWS = 60
_SEP_LINE = re.compile(r"sep=([,;\t])\r?\n?", re.IGNORECASE)
_MERGE = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*?\bref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
#: A cell that holds something, not only a style.
_FILLED = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,3})(\d{1,7})"[^>/]*>\s*<(?:\w+:)?(?:v|f|is)[\s>]')
_CELL_REF = re.compile(r"([A-Z]+)(\d+)")


@dataclass(frozen=True, slots=True)
class GridCell:
    """One cell. *row* and *column* count from 1; *text* is stripped of outer blanks.

    *number*: the workbook stored a number (the shortest decimal of the double). *day*: it stored a date. *percent*: the
    number is shown as a percentage, so it is a share. *merged*: the value stands in the top left cell of a merged range
    (*origin*: row and column of that cell). *state*: an ``error`` shows ``#REF!`` or the like, ``unevaluated`` is a
    formula that was never computed.
    """

    row: int
    column: int
    text: str = ""
    number: Decimal | None = None
    day: date | None = None
    merged: bool = False
    state: State = "empty"
    percent: bool = False
    origin: tuple[int, int] | None = None

    @property
    def ref(self) -> str:
        """``B7``."""
        return f"{column_letter(self.column - 1)}{self.row}"


@dataclass(frozen=True, slots=True)
class Grid:
    """A sheet. *rows* holds for every row, blank ones too, its filled cells in order; *sheet* is None for CSV.

    *delimiter* and *lines* (first line of each record) are set for CSV. *usual*: a reader of comma-separated UTF-8 or
    GB 18030 finds the same cells.
    """

    sheet: str | None
    rows: tuple[tuple[GridCell, ...], ...]
    delimiter: str | None = None
    lines: tuple[int, ...] = ()
    index: int = 1
    usual: bool = True
    _at: dict[tuple[int, int], GridCell] = field(default_factory=dict, repr=False, compare=False)

    def cell(self, row: int, column: int) -> GridCell:
        """The cell at *row* and *column* (from 1); an empty one where nothing stands."""
        if not self._at:
            self._at.update({(c.row, c.column): c for cells in self.rows for c in cells})
        return self._at.get((row, column), GridCell(row, column))

    @property
    def width(self) -> int:
        """The last filled column."""
        return max((cells[-1].column for cells in self.rows if cells), default=0)

    def place(self, file: str, cell: GridCell | None = None, row: int | None = None) -> Place:
        """Where *cell* (or *row*, or the sheet) stands: sheet and cell, or line and column of a CSV file."""
        number = cell.row if cell is not None else row
        if self.sheet is not None:
            ref = cell.ref if cell is not None else f"A{row}" if row is not None else None
            return Place(file=file, sheet=self.sheet, cell=ref)
        line = self.lines[number - 1] if number is not None and number <= len(self.lines) else number
        return Place(file=file, line=line, column=cell.column if cell is not None else None)


def is_workbook(data: bytes) -> bool:
    """Whether *data* is a zip file, as every .xlsx is."""
    return data[:2] == _ZIP


def read_grids(data: bytes, file: str) -> tuple[Grid, ...]:
    """Every sheet of a workbook, or the one table of a CSV file; sheets without a filled cell are left out.

    Raises:
        ProblemsError: too large, damaged, a macro workbook, an older or another kind of file, or nothing in it.
    """
    place = Place(file=file)
    if len(data) > FILE_BYTES:
        raise ProblemsError([Problem("text.too-large", place, found=f"{len(data):,} bytes",
                                     accepted=f"{FILE_BYTES:,} bytes")])
    if not data.strip():
        raise ProblemsError([Problem("sheets.empty", place, accepted=".xlsx, .csv")])
    if data.startswith(_OLE):
        raise ProblemsError([Problem("sheets.old-workbook", place, accepted=".xlsx, .csv")])
    if data.startswith(_NO_TABLE):
        raise ProblemsError([Problem("sheets.not-a-table", place, accepted=".xlsx, .csv")])
    grids = tuple(_workbook(data, file)) if is_workbook(data) else (_csv(data, file),)
    filled = tuple(g for g in grids if any(g.rows))
    if not filled:
        raise ProblemsError([Problem("sheets.empty", place, accepted=".xlsx, .csv")])
    return filled


# --- workbooks ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Merge:
    top: int
    left: int
    bottom: int
    right: int


def _workbook(data: bytes, file: str) -> Iterator[Grid]:
    merges = _merges(data, file)                       # first: it also says what the file really is
    book = Workbook(data, file)
    for index, sheet in enumerate(book.names, 1):
        cells = {(c.row, c.column): c for row in book.rows(sheet) for c in map(_cell, row)}
        _spread(cells, merges.get(sheet, ()))
        yield Grid(sheet, _rows(cells.values()), index=index)


def _merges(data: bytes, file: str) -> Mapping[str, tuple[_Merge, ...]]:
    """Merged ranges by sheet, which a reader that streams does not give; refuses what may not be read."""
    out: dict[str, tuple[_Merge, ...]] = {}
    with open_zip(data, file, WORKBOOK) as opened:
        infos = {i.filename: i for i in opened.infolist()}
        if "xl/workbook.xml" not in infos and "[Content_Types].xml" not in infos:
            raise ProblemsError([Problem("sheets.not-a-table", Place(file=file), accepted=".xlsx, .csv")])
        if any(name.lower().endswith("vbaproject.bin") for name in infos):
            raise ProblemsError([Problem("sheets.macros", Place(file=file), accepted=".xlsx")])
        for sheet, part in _parts({n: member_bytes(opened, infos[n], file) for n in (
                "xl/workbook.xml", "xl/_rels/workbook.xml.rels") if n in infos}, file):
            if part not in infos:
                continue
            xml = member_bytes(opened, infos[part], file)
            _bounded(xml, Place(file=file, sheet=sheet))
            found = [_Merge(int(m[2]), _index(m[1].decode()), int(m[4]), _index(m[3].decode()))
                     for m in _MERGE.finditer(xml)]
            if len(found) > MERGES:
                raise ProblemsError([Problem("workbook.too-large", Place(file=file, sheet=sheet),
                                             accepted=f"{MERGES:,}")])
            out[sheet] = tuple(found)
    return out


def _bounded(xml: bytes, place: Place) -> None:
    """Refuse a sheet whose cells reach beyond what is read: a row that is dropped unsaid would be a lost figure."""
    columns: set[bytes] = set()
    last = 0
    for match in _FILLED.finditer(xml):
        columns.add(match[1])
        last = max(last, int(match[2]))
    right = max((_index(c.decode()) for c in columns), default=0)
    if last > ROWS:
        raise ProblemsError([Problem("sheets.too-many-rows", place, found=f"{last:,}", accepted=f"{ROWS:,}")])
    if right > COLUMNS:
        raise ProblemsError([Problem("sheets.too-many-columns", place, found=f"{right:,}", accepted=f"{COLUMNS:,}")])


def _parts(files: Mapping[str, bytes], file: str) -> Iterator[tuple[str, str]]:
    """Sheet name → part of the zip, from the workbook's own list."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    targets: dict[str, str] = {}
    for name in ("xl/_rels/workbook.xml.rels", "xl/workbook.xml"):
        if name not in files:
            continue
        if b"<!DOCTYPE" in files[name] or b"<!ENTITY" in files[name]:
            raise ProblemsError([Problem("workbook.doctype", Place(file=file, path=name))])
        try:
            root = etree.fromstring(files[name], parser)
        except etree.XMLSyntaxError as error:
            raise ProblemsError([Problem("workbook.damaged", Place(file=file, path=name),
                                         found=type(error).__name__)]) from None
        for element in root.iter():
            local = etree.QName(element).localname if isinstance(element.tag, str) else ""
            if local == "Relationship":
                target = str(element.get("Target", "")).removeprefix("/")
                targets[str(element.get("Id", ""))] = target if target.startswith("xl/") else f"xl/{target}"
            elif local == "sheet":
                ids = [str(v) for k, v in element.attrib.items() if etree.QName(k).localname == "id"]
                yield str(element.get("name", "")), targets.get(ids[0] if ids else "", "")


def _index(letters: str) -> int:
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return column


def _cell(cell: CellText) -> GridCell:
    match = _CELL_REF.fullmatch(cell.ref)
    assert match is not None                           # the library's own reference
    row, column = int(match[2]), _index(match[1])
    text = cell.text.strip()
    if cell.formula:
        return GridCell(row, column, state="unevaluated")
    if cell.error:
        return GridCell(row, column, text, state="error")
    if not text:
        return GridCell(row, column)
    stored = cell.number is not None and plain(cell.number) == text
    return GridCell(row, column, text, cell.number if stored else None, None if stored else _day(text),
                    state="value", percent=cell.percent)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10]) if re.fullmatch(r"\d{4}-\d\d-\d\d(?: 00:00:00)?", text) else None
    except ValueError:
        return None


def _spread(cells: dict[tuple[int, int], GridCell], merges: Iterable[_Merge]) -> None:
    """Give every cell of a merged range the value of its top left one, as far as the sheet is filled at all."""
    bottom = max((row for row, _ in cells), default=0)
    right = max((column for _, column in cells), default=0)
    covered = 0
    for merge in merges:
        first = cells.get((merge.top, merge.left))
        if first is None or first.state == "empty":
            continue
        for row in range(merge.top, min(merge.bottom, max(bottom, merge.top)) + 1):
            for column in range(merge.left, min(merge.right, max(right, merge.left)) + 1):
                covered += 1
                if covered > MERGED_CELLS:
                    return
                if (row, column) not in cells or cells[row, column].state == "empty":
                    cells[row, column] = GridCell(row, column, first.text, first.number, first.day, True, first.state,
                                                  first.percent, (first.row, first.column))


def _rows(cells: Iterable[GridCell]) -> tuple[tuple[GridCell, ...], ...]:
    by_row: dict[int, list[GridCell]] = {}
    for cell in cells:
        if cell.state != "empty":
            by_row.setdefault(cell.row, []).append(cell)
    last = max(by_row, default=0)
    return tuple(tuple(sorted(by_row.get(n, ()), key=lambda c: c.column)) for n in range(1, last + 1))


# --- CSV ----------------------------------------------------------------------------------------------------------


def _csv(data: bytes, file: str) -> Grid:
    if len(data) > CSV_BYTES:
        raise ProblemsError([Problem("text.too-large", Place(file=file), found=f"{len(data):,} bytes",
                                     accepted=f"{CSV_BYTES:,} bytes")])
    text = decoded(data, file)
    if CONTROL.search(text.replace("\x0c", "")) is not None or text.lstrip()[:1] in "<{[":
        raise ProblemsError([Problem("sheets.not-a-table", Place(file=file), accepted=".xlsx, .csv")])
    hint = _SEP_LINE.match(text)
    delimiter = hint[1] if hint is not None else _sniff(text)
    cells: list[GridCell] = []
    lines: list[int] = []
    for line, record in _records(text, delimiter, file):
        lines.append(line)
        if len(lines) > ROWS:
            raise ProblemsError([Problem("sheets.too-many-rows", Place(file=file, line=line), accepted=f"{ROWS:,}")])
        if len(record) > COLUMNS and any(value.strip() for value in record[COLUMNS:]):
            raise ProblemsError([Problem("sheets.too-many-columns", Place(file=file, line=line),
                                         found=f"{len(record):,}", accepted=f"{COLUMNS:,}")])
        for column, value in enumerate(record[:COLUMNS], 1):
            written = value.strip().strip("\ufeff")
            if written:
                if len(written) > CELL_CHARACTERS:
                    raise ProblemsError([Problem("text.too-long", Place(file=file, line=line, column=column))])
                state: State = "error" if re.fullmatch(r"#(?:REF|DIV/0|VALUE|NAME|NUM|NULL)[!?]|#N/A", written
                                                       ) else "value"
                cells.append(GridCell(len(lines), column, written, None, _day(written), state=state))
        if len(cells) > CELLS:
            raise ProblemsError([Problem("workbook.too-large", Place(file=file, line=line), accepted=f"{CELLS:,}")])
    rows = list(_rows(cells))
    rows += [()] * (len(lines) - len(rows))
    usual = delimiter == "," and data[:2] not in _UTF16
    return Grid(None, tuple(rows), delimiter, tuple(lines), usual=usual)


def decoded(data: bytes, file: str) -> str:
    """The text of *data*: UTF-8 or UTF-16 by their marks, UTF-8, else GB 18030, which Chinese offices export.

    Raises:
        ProblemsError: it is none of them.
    """
    if data[:2] in _UTF16:
        codecs: tuple[str, ...] = ("utf-16",)
    else:
        codecs = ("utf-8-sig", "gb18030")
    for codec in codecs:
        try:
            return data.decode(codec)
        except UnicodeDecodeError:
            continue
    raise ProblemsError([Problem("sheets.encoding", Place(file=file), accepted="UTF-8, UTF-16, GB 18030")])


def _records(text: str, delimiter: str, file: str) -> Iterator[tuple[int, list[str]]]:
    """First line and fields of every record."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    line = 1
    try:
        for record in reader:
            yield line, record
            line = reader.line_num + 1
    except csv.Error as error:
        raise ProblemsError([Problem("sheets.csv-damaged", Place(file=file, line=line),
                                     found=str(error)[:80])]) from None


def _sniff(text: str) -> str:
    """The separator that cuts the first records most evenly into the most columns; a comma when none does."""
    best, best_score = ",", (0, 0.0)
    for delimiter in _SEPARATORS:
        widths: list[int] = []
        try:
            for record in csv.reader(io.StringIO(text[:200_000], newline=""), delimiter=delimiter):
                if any(v.strip() for v in record):
                    widths.append(len(record))
                if len(widths) >= _SNIFFED_ROWS:
                    break
        except csv.Error:
            pass                                       # what was read up to here decides
        several = [w for w in widths if w > 1]
        if not several:
            continue
        width, count = max(Counter(several).items(), key=lambda item: (item[1], item[0]))
        score = (count, float(width))
        if score > best_score:
            best, best_score = delimiter, score
    return best


