"""An ``.xlsx`` as the zip of XML parts that it is, read for safety: bounded, without macros, entities or network.

Nothing is computed here. A cell gives what is stored: a number as the shortest decimal that gives back the stored
double, a text, a truth value or an error, and beside it the formula if there is one. Bytes offsets of cells are kept,
so that :mod:`.patch` can change one cell and leave every other byte of a part as it was.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import NamedTuple
from xml.parsers import expat

from zerofactory_engine.decimals import parse_decimal
from zerofactory_engine.dossier.zips import WORKBOOK, member_bytes, open_zip
from zerofactory_engine.problems import Place, Problem, ProblemsError, Severity
from zerofactory_mappings.cbam.communication.addresses import cell_name, split_cell

#: Largest workbook that is read, in bytes; the official template has 1.3 million.
FILE_BYTES = 20_000_000
#: Most cells of one sheet, and longest text of one cell or formula.
CELLS, TEXT = 400_000, 40_000

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MACRO = re.compile(r"macroEnabled", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CellError:
    """A cell that holds an error such as ``#REF!``."""

    code: str


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula as stored. *kind*: ``normal``, ``shared``, ``array`` or ``dataTable``; a shared formula is that of the
    cell at *column*, *row*, moved."""

    text: str
    kind: str
    column: int
    row: int


Stored = Decimal | str | bool | CellError | None


class Cell(NamedTuple):
    """What a cell stores: *value* (of a formula: its last result, None when there is none), *formula*, style index, and
    the bytes ``start:end`` of its element in the part."""

    value: Stored
    formula: Formula | None
    style: int
    start: int
    end: int


EMPTY = Cell(None, None, 0, -1, -1)


def read_file(path: Path) -> bytes:
    """The bytes of a workbook; one that is too large is refused before it is read."""
    size = path.stat().st_size
    if size > FILE_BYTES:
        raise ProblemsError([_too_large(size, path.name)])
    return path.read_bytes()


def _too_large(size: int, file: str) -> Problem:
    return Problem("cbam-template.too-large", Place(file=file), found=f"{size:,}", accepted=f"≤ {FILE_BYTES:,}")


class Package:
    """An opened workbook; parts and sheets are read when they are asked for.

    Raises:
        ProblemsError: it is too large, no workbook, encrypted, damaged, or a part of it is unsafe.
    """

    def __init__(self, data: bytes, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        if len(data) > FILE_BYTES:
            raise ProblemsError([_too_large(len(data), file)])
        if data[:8] == _OLE:
            raise ProblemsError([Problem("cbam-template.encrypted-or-old", Place(file=file), accepted=".xlsx")])
        if data[:4] != b"PK\x03\x04":
            raise ProblemsError([Problem("cbam-template.not-a-workbook", Place(file=file), accepted=".xlsx")])
        self._zip = open_zip(data, file, WORKBOOK)
        self._infos = {i.filename: i for i in self._zip.infolist() if not i.is_dir()}
        self._sheets: dict[tuple[str, bool], _Scanner] = {}
        self._strings: list[str] | None = None
        self.root = self._root()
        relations = self.relations(self.root)
        self.sheet_parts, self.names, self.date1904 = self._workbook(relations)
        self._string_part = next((t for kind, t in relations.values() if kind.endswith("/sharedStrings")), None)
        self.style_part = next((t for kind, t in relations.values() if kind.endswith("/styles")), None)
        types = self.part("[Content_Types].xml").decode("utf-8", "replace")
        self.macros = bool(_MACRO.search(types)) or any("vbaproject" in n.lower() for n in self._infos)

    # --- parts ------------------------------------------------------------------------------------------------------

    def infos(self) -> tuple[zipfile.ZipInfo, ...]:
        """Every entry in the order of the zip."""
        return tuple(self._zip.infolist())

    def has(self, name: str) -> bool:
        """Whether there is a part of that name."""
        return name in self._infos

    def part(self, name: str) -> bytes:
        """The bytes of a part."""
        if name not in self._infos:
            raise ProblemsError([Problem("cbam-template.part-missing", Place(file=self.file, path=name))])
        return member_bytes(self._zip, self._infos[name], self.file)

    def relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Relationships of a part by id: (type, name of the part that is meant)."""
        at = PurePosixPath(part)
        name = relations_of(part)
        if name not in self._infos:
            return {}
        found: dict[str, tuple[str, str]] = {}
        for tag, attributes in elements(self.part(name), Place(file=self.file, path=name)):
            if tag == "Relationship" and attributes.get("TargetMode") != "External":
                target = attributes.get("Target", "")
                found[attributes.get("Id", "")] = (attributes.get("Type", ""), _resolve(at.parent, target))
        return found

    def _root(self) -> str:
        for kind, target in self.relations("").values():
            if kind.endswith("/officeDocument") and target in self._infos:
                return target
        raise ProblemsError([Problem("cbam-template.not-a-workbook", Place(file=self.file), accepted=".xlsx")])

    def _workbook(self, relations: Mapping[str, tuple[str, str]]) -> tuple[dict[str, str], dict[str, str], bool]:
        """Sheets in order with their parts, defined names, and whether dates count from 1904."""
        place = Place(file=self.file, path=self.root)
        sheets: dict[str, str] = {}
        names: dict[str, str] = {}
        date1904 = False
        for tag, attributes, text in texts(self.part(self.root), place):
            if tag == "workbookPr":
                date1904 = date1904 or attributes.get("date1904") in ("1", "true")
            elif tag == "sheet":
                ids = [v for k, v in attributes.items() if k.endswith(":id") or k == "id"]
                target = relations.get(ids[0] if ids else "")
                if target is not None and target[0].endswith("/worksheet"):
                    sheets[attributes.get("name", "")] = target[1]
            elif tag == "definedName" and "localSheetId" not in attributes:
                names[attributes.get("name", "").upper()] = text
        return sheets, names, date1904

    # --- cells ------------------------------------------------------------------------------------------------------

    def sheet(self, name: str, *, every: bool = False) -> Mapping[str, Cell]:
        """The cells of sheet *name* that hold something, by address; *every*: also those that hold only a format. Empty
        for a sheet that there is not."""
        scanned = self._scanned(name, every=every)
        return {} if scanned is None else scanned.cells

    def merged(self, name: str) -> tuple[str, ...]:
        """The runs of cells of a sheet that are shown as one (``I19:N19``)."""
        scanned = self._scanned(name, every=False)
        return () if scanned is None else tuple(scanned.merged)

    def _scanned(self, name: str, *, every: bool) -> _Scanner | None:
        part = self.sheet_parts.get(name)
        if part is None:
            return None
        found = self._sheets.get((name, every)) or self._sheets.get((name, True))
        if found is None:
            found = _Scanner(self.part(part), Place(file=self.file, sheet=name), self.strings(), every=every)
            self._sheets[name, every] = found
        return found

    def cell(self, sheet: str, name: str) -> Cell:
        """One cell; an empty one when nothing is stored."""
        return self.sheet(sheet).get(name, EMPTY)

    def strings(self) -> list[str]:
        """The shared strings."""
        if self._strings is None:
            if self._string_part is None or self._string_part not in self._infos:
                self._strings = []
            else:
                place = Place(file=self.file, path=self._string_part)
                self._strings = _shared_strings(self.part(self._string_part), place)
        return self._strings


def relations_of(part: str) -> str:
    """The name of the part that holds the relationships of a part (of the workbook as a whole for an empty name)."""
    at = PurePosixPath(part)
    return f"{at.parent}/_rels/{at.name}.rels".removeprefix("./") if part else "_rels/.rels"


def _resolve(folder: PurePosixPath, target: str) -> str:
    if target.startswith("/"):
        return target.lstrip("/")
    parts: list[str] = [p for p in folder.parts if p != "."]
    for piece in target.split("/"):
        if piece == "..":
            parts = parts[:-1]
        elif piece not in ("", "."):
            parts.append(piece)
    return "/".join(parts)


# --- XML -------------------------------------------------------------------------------------------------------------

class _UnsafeError(Exception):
    """A part declares a document type."""


def _parser(place: Place) -> expat.XMLParserType:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.buffer_size = 1 << 16

    def refuse(*_: object) -> None:
        raise ProblemsError([Problem("cbam-template.unsafe-xml", place)])

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    return parser


def run_parser(parser: expat.XMLParserType, data: bytes, place: Place) -> None:
    """Parse *data*; damaged XML is a problem."""
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise ProblemsError([Problem("cbam-template.damaged-xml", place, found=str(error)[:200])]) from None


def local(tag: str) -> str:
    """The name without its prefix."""
    return tag.rpartition(":")[2]


def elements(data: bytes, place: Place) -> Iterator[tuple[str, dict[str, str]]]:
    """Every element in order: (name without prefix, attributes)."""
    return iter([(tag, attributes) for tag, attributes, _ in texts(data, place)])


def texts(data: bytes, place: Place) -> list[tuple[str, dict[str, str], str]]:
    """Every element in order of its start: (name without prefix, attributes, text directly in it)."""
    found: list[tuple[str, dict[str, str], list[str]]] = []
    stack: list[list[str]] = []
    parser = _parser(place)

    def start(tag: str, attributes: dict[str, str]) -> None:
        text: list[str] = []
        found.append((local(tag), attributes, text))
        stack.append(text)

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda tag: stack.pop() and None
    parser.CharacterDataHandler = lambda data: stack[-1].append(data) if stack else None
    run_parser(parser, data, place)
    return [(tag, attributes, "".join(text)) for tag, attributes, text in found]


def _shared_strings(data: bytes, place: Place) -> list[str]:
    found: list[str] = []
    state = {"text": False, "phonetic": 0}
    current: list[str] = []
    parser = _parser(place)

    def start(tag: str, attributes: dict[str, str]) -> None:
        name = local(tag)
        if name == "si":
            current.clear()
        elif name == "rPh":
            state["phonetic"] += 1
        elif name == "t":
            state["text"] = not state["phonetic"]

    def end(tag: str) -> None:
        name = local(tag)
        if name == "si":
            found.append("".join(current)[:TEXT])
        elif name == "rPh":
            state["phonetic"] -= 1
        elif name == "t":
            state["text"] = False

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = lambda text: current.append(text) if state["text"] else None
    run_parser(parser, data, place)
    return found


class _Scanner:
    """The cells of one sheet. *every*: also cells that hold nothing, which have a format and a place in the XML."""

    def __init__(self, data: bytes, place: Place, strings: list[str], *, every: bool) -> None:
        self.cells: dict[str, Cell] = {}
        self.merged: list[str] = []
        self._place, self._strings, self._every, self._data = place, strings, every, data
        self._masters: dict[str, Formula] = {}
        self._row = 0
        self._last = ""                                   # address of the cell before, for cells without one
        self._cell: dict[str, str] | None = None
        self._start = 0
        self._value: list[str] | None = None
        self._inline: list[str] | None = None
        self._formula: tuple[dict[str, str], list[str]] | None = None
        self._sink: list[str] | None = None
        self._phonetic = 0
        self._names: dict[str, str] = {}
        self._parser = _parser(place)
        self._parser.StartElementHandler = self._started
        self._parser.EndElementHandler = self._ended
        self._parser.CharacterDataHandler = self._text
        run_parser(self._parser, data, place)

    def _local(self, tag: str) -> str:
        name = self._names.get(tag)
        if name is None:
            name = self._names[tag] = local(tag)
        return name

    def _started(self, tag: str, attributes: dict[str, str]) -> None:
        name = self._local(tag)
        if name == "c":
            self._cell, self._start = attributes, self._parser.CurrentByteIndex
        elif name == "row":
            number = attributes.get("r", "")
            self._row = int(number) if number.isascii() and number.isdigit() and len(number) < 8 else self._row + 1
            self._last = ""
        elif self._cell is None:
            if name == "mergeCell" and len(self.merged) < CELLS:
                self.merged.append(attributes.get("ref", ""))
        elif name == "v":
            self._value = self._sink = []
        elif name == "f":
            self._sink = []
            self._formula = (attributes, self._sink)
        elif name == "rPh":
            self._phonetic += 1
        elif name == "t" and not self._phonetic:
            self._inline = self._sink = self._inline or []

    def _text(self, data: str) -> None:
        if self._sink is not None:
            self._sink.append(data)

    def _ended(self, tag: str) -> None:
        name = self._local(tag)
        if name == "c" and self._cell is not None:
            self._finish(self._cell)
            self._cell = None
        elif name == "rPh":
            self._phonetic -= 1
        elif self._sink is not None and name in ("v", "f", "t"):
            self._sink = None

    def _finish(self, attributes: dict[str, str]) -> None:
        name = attributes.get("r") or self._next()
        self._last = name
        if self._value is None and self._formula is None and self._inline is None and not self._every:
            return
        if len(self.cells) >= CELLS:
            raise ProblemsError([Problem("cbam-template.too-many-cells", self._place, accepted=f"{CELLS:,}")])
        end = self._parser.CurrentByteIndex
        # Of <c … /> the parser gives the start as the place of both ends.
        end = self._data.index(b">", end if self._data[end:end + 2] == b"</" else self._start) + 1
        style = attributes.get("s", "0")
        self.cells[name] = Cell(self._stored(attributes.get("t", "n")), self._formula_of(name),
                                int(style) if style.isascii() and style.isdigit() and len(style) < 7 else 0,
                                self._start, end)
        self._value = self._inline = self._formula = None

    def _next(self) -> str:
        """The address of a cell that states none: right of the one before."""
        before = split_cell(self._last)
        return cell_name(before[0] + 1 if before else 1, max(self._row, 1))

    def _stored(self, kind: str) -> Stored:
        if kind == "inlineStr":
            return "".join(self._inline or ())[:TEXT]
        if not self._value:
            return None
        text = "".join(self._value)[:TEXT]
        if kind == "n":
            return stored_number(text)
        if kind == "s":
            index = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1
            return self._strings[index] if 0 <= index < len(self._strings) else CellError("#REF!")
        if kind == "b":
            return text in ("1", "true")
        if kind == "e":
            return CellError(text[:20])
        return text if kind in ("str", "d") else stored_number(text)

    def _formula_of(self, name: str) -> Formula | None:
        if self._formula is None:
            return None
        attributes, pieces = self._formula
        at = split_cell(name) or (1, 1)
        text, kind = "".join(pieces)[:TEXT], attributes.get("t", "normal")
        if kind == "shared":
            key = attributes.get("si", "")
            if text:
                self._masters[key] = Formula(text, kind, *at)
            return self._masters.get(key, Formula(text, kind, *at))
        return Formula(text, kind, *at)


def stored_number(text: str) -> Decimal | CellError:
    """The shortest decimal that gives back the double that *text* stores."""
    try:
        value = float(text)
    except ValueError:
        return CellError("#VALUE!")
    shortest = repr(value)
    exact = parse_decimal(shortest.removesuffix(".0"))
    if exact is None:
        return CellError("#NUM!")
    return exact if exact else Decimal(0)


def severity_of_macros(package: Package) -> tuple[Problem, ...]:
    """A warning when the workbook carries macros: they are never run, and figures they would write are not seen."""
    if not package.macros:
        return ()
    return (Problem("cbam-template.macros", Place(file=package.file), Severity.WARNING, accepted=".xlsx"),)
