"""Cells of a workbook or CSV file that a user downloaded, as text with its place; bounded, without macros or entities.

Numbers are the shortest decimal that gives back the stored double, and of those with more than 15 digits the 15 that a
workbook shows. Merged cells all hold the value of their first one. Formulas count by the result that is stored.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from pathlib import PurePosixPath
from typing import Any

from zerofactory_engine.decimals import plain
from zerofactory_engine.dossier.zips import Limits, member_bytes, open_zip
from zerofactory_engine.problems import Place, Problem, ProblemsError, Severity

#: Largest file that is read, in bytes.
FILE_BYTES = 100_000_000
#: A workbook of the Commission has some 120 sheets and 2 MB.
WORKBOOK = Limits(members=2_000, one=80_000_000, total=300_000_000, ratio=400)
#: Most sheets, rows of a sheet, columns and filled cells of a file that are read.
SHEETS, ROWS, COLUMNS, CELLS = 400, 100_000, 60, 3_000_000
#: Most merged ranges of a sheet, and cells that they may fill.
_MERGES, _MERGED = 20_000, 200_000
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_OLE = b"\xd0\xcf\x11\xe0"
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
#: Digits that a workbook shows; more stem from binary arithmetic.
_SHOWN = Context(prec=15)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its text as stripped, and whether it was stored as a number or shows an error such as ``#VALUE!``."""

    text: str
    number: bool = False
    error: bool = False


BLANK = Cell("")


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a sheet: its number from 1, and its cells from column A; trailing blanks are left out."""

    number: int
    cells: tuple[Cell, ...]

    def cell(self, column: int) -> Cell:
        """The cell of a column counted from 0; blank beyond the last."""
        return self.cells[column] if column < len(self.cells) else BLANK

    @property
    def filled(self) -> list[tuple[int, Cell]]:
        """Columns with their cells that hold something."""
        return [(i, c) for i, c in enumerate(self.cells) if c.text]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet, or the one of a CSV file (without a name): every row up to the last filled one, blank ones too."""

    name: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class File:
    """All sheets of a file and what was remarked while reading it."""

    name: str
    sheets: tuple[Sheet, ...]
    problems: tuple[Problem, ...] = ()


def letters(column: int) -> str:
    """``A`` for column 0, ``AA`` for 26."""
    text, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def read_file(data: bytes, name: str) -> File:
    """The sheets of an .xlsx or .csv file.

    Raises:
        ProblemsError: ``cbam-defaults.file-…`` with the reason in a sentence, or problems of the zip.
    """
    suffix = PurePosixPath(name).suffix.lower()
    if len(data) > FILE_BYTES:
        raise refused("file-too-large", name, found=f"{len(data):,}", accepted=f"{FILE_BYTES:,}")
    if suffix in (".xlsm", ".xltm", ".xlam", ".xlsb"):
        raise refused("file-macros", name, found=suffix, accepted=".xlsx, .csv")
    if suffix == ".xls" or data.startswith(_OLE):
        raise refused("file-old", name, found=suffix, accepted=".xlsx, .csv")
    if suffix == ".csv":
        return _csv(data, name)
    if suffix != ".xlsx" or not data.startswith(b"PK"):
        raise refused("file-kind", name, found=suffix, accepted=".xlsx, .csv")
    return _workbook(data, name)


def refused(what: str, name: str, **fields: str) -> ProblemsError:
    """A file that is not read, and why."""
    return ProblemsError([Problem(f"cbam-defaults.{what}", Place(file=name), found=fields.get("found"),
                                  accepted=fields.get("accepted"))])


# ---------------------------------------------------------------------------------------------------------------- CSV

def _csv(data: bytes, name: str) -> File:
    problems: list[Problem] = []
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
        problems.append(Problem("cbam-defaults.encoding-guessed", Place(file=name), Severity.WARNING,
                                found="Windows-1252",
                                accepted="UTF-8"))
    if "\x00" in text:
        raise refused("file-damaged", name, found="NUL")
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    lines: list[Line] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for row in reader:
            if len(lines) >= ROWS:
                raise refused("file-too-large", name, found=f"{ROWS:,} +", accepted=f"{ROWS:,}")
            lines.append(Line(len(lines) + 1, _trimmed([Cell(c.strip()) for c in row[:COLUMNS]])))
    except csv.Error as error:
        raise refused("file-damaged", name, found=f"{reader.line_num}: {error}") from None
    return File(name, (Sheet("", tuple(lines)),), tuple(problems))


def _trimmed(cells: list[Cell]) -> tuple[Cell, ...]:
    while cells and not cells[-1].text:
        cells.pop()
    return tuple(cells)


# ----------------------------------------------------------------------------------------------------------- workbook

def _workbook(data: bytes, name: str) -> File:
    from lxml import etree

    with open_zip(data, name, WORKBOOK) as opened:
        names = {i.filename: i for i in opened.infolist()}
        if any(n.lower().endswith("vbaproject.bin") for n in names):
            raise refused("file-macros", name, found="vbaProject.bin", accepted=".xlsx, .csv")
        reader = _Package(opened, names, name)
        try:
            sheets = tuple(reader.sheets())
        except (etree.XMLSyntaxError, KeyError, ValueError, IndexError, TypeError) as error:
            raise refused("file-damaged", name, found=f"{type(error).__name__}: {str(error)[:80]}") from None
    return File(name, sheets)


class _Package:
    """The parts of an .xlsx file that hold values."""

    def __init__(self, opened: zipfile.ZipFile, names: Mapping[str, zipfile.ZipInfo], file: str) -> None:
        self.opened, self.names, self.file = opened, names, file
        self.cells = 0
        self.strings = self._strings()

    def _root(self, part: str) -> Any:
        """The tree of a part, without entities, document type or network."""
        from lxml import etree

        data = member_bytes(self.opened, self.names[part], self.file)
        if b"<!DOCTYPE" in data or b"<!ENTITY" in data or data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise refused("file-entities", self.file, found=part)
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
                                 remove_comments=True, remove_pis=True)
        return etree.fromstring(data, parser)

    def _strings(self) -> list[str]:
        part = "xl/sharedStrings.xml"
        return [_text(item) for item in self._root(part).iterfind(f"{_MAIN}si")] if part in self.names else []

    def sheets(self) -> Iterator[Sheet]:
        """Every worksheet, in the order of the workbook; chart sheets hold no cells."""
        targets = {r.get("Id"): r.get("Target", "") for r in self._root("xl/_rels/workbook.xml.rels")}
        listed = list(self._root("xl/workbook.xml").iterfind(f"{_MAIN}sheets/{_MAIN}sheet"))
        if len(listed) > SHEETS:
            raise refused("file-too-large", self.file, found=f"{len(listed)}", accepted=f"{SHEETS}")
        for sheet in listed:
            target = targets[sheet.get(f"{_RELATION}id")]
            part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            if part in self.names and "/worksheets/" in f"/{part}":
                yield Sheet(sheet.get("name", ""), self._lines(self._root(part)))

    def _lines(self, root: Any) -> tuple[Line, ...]:
        rows: dict[int, dict[int, Cell]] = {}
        number = 0
        for row in root.iterfind(f"{_MAIN}sheetData/{_MAIN}row"):
            number = int(row.get("r", number + 1))
            if number > ROWS:
                raise refused("file-too-large", self.file, found=f"{number:,}", accepted=f"{ROWS:,}")
            cells = rows.setdefault(number, {})
            column = -1
            for cell in row.iterfind(f"{_MAIN}c"):
                column = _column(cell.get("r"), column + 1)
                if column < COLUMNS and (read := self._cell(cell)).text:
                    cells[column] = read
                    self.cells += 1
            if self.cells > CELLS:
                raise refused("file-too-large", self.file, found=f"{self.cells:,}", accepted=f"{CELLS:,}")
        _fill(root, rows)
        last = max((n for n, cells in rows.items() if cells), default=0)
        return tuple(Line(n, _dense(rows.get(n, {}))) for n in range(1, last + 1))

    def _cell(self, cell: Any) -> Cell:
        kind = cell.get("t", "n")
        if kind == "inlineStr":
            inner = cell.find(f"{_MAIN}is")
            return Cell(_text(inner).strip() if inner is not None else "")
        value = cell.findtext(f"{_MAIN}v")
        if value is None:
            return BLANK
        if kind == "s":
            return Cell(self.strings[int(value)].strip())
        if kind == "n":
            return Cell(shortest(value), number=True)
        if kind == "b":
            return Cell("true" if value == "1" else "false")
        return Cell(value.strip(), error=kind == "e")


def shortest(text: str) -> str:
    """A stored double in plain notation: the shortest decimal that gives it back, of at most 15 digits."""
    number = Decimal(repr(float(text)))
    if not number.is_finite():
        raise ValueError(text)
    return plain(_SHOWN.plus(number)) if len(number.as_tuple().digits) > _SHOWN.prec else plain(number)


def _text(item: Any) -> str:
    """The text of a string item, its runs joined; phonetic hints are left out."""
    return "".join(t.text or "" for t in item.iter(f"{_MAIN}t") if t.getparent().tag != f"{_MAIN}rPh")


def _column(reference: str | None, following: int) -> int:
    match = _REFERENCE.fullmatch(reference or "")
    if match is None:
        return following
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return column - 1


def _dense(cells: Mapping[int, Cell]) -> tuple[Cell, ...]:
    return tuple(cells.get(i, BLANK) for i in range(max(cells, default=-1) + 1))


def _fill(root: Any, rows: dict[int, dict[int, Cell]]) -> None:
    """Give every cell of a merged range the value of its first one."""
    filled = 0
    for count, merged in enumerate(root.iterfind(f"{_MAIN}mergeCells/{_MAIN}mergeCell")):
        start, _, end = merged.get("ref", "").partition(":")
        first, last = _REFERENCE.fullmatch(start), _REFERENCE.fullmatch(end)
        if first is None or last is None or count >= _MERGES:
            continue
        top, bottom = int(first[2]), min(int(last[2]), ROWS)
        left, right = _column(start, 0), min(_column(end, 0), COLUMNS - 1)
        value = rows.get(top, {}).get(left)
        if value is None:
            continue
        for number in range(top, bottom + 1):
            for column in range(left, right + 1):
                filled += 1
                if filled > _MERGED:
                    raise ValueError("merged cells")
                rows.setdefault(number, {})[column] = value
