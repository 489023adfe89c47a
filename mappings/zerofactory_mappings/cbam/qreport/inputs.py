"""Read what people write: YAML or JSON with the head of the report, and goods in it or in a table beside it.

``format: zerofactory/cbam-qreport/1`` (``standards/schemas/cbam-qreport.schema.json``). Goods come one after the other,
so that a table of 99,999 rows is never in memory; the faults of all of them are told together at the end.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, TextIO

from zerofactory_engine.json_text import scan_json
from zerofactory_engine.problems import NOWHERE, Place, Problem, ProblemsError, Severity
from zerofactory_engine.typed import Schema, Typed, place_in, shipped_schema
from zerofactory_engine.yaml_text import CONTROL, DOSSIER_BYTES, ListNode, MapNode, Node, Scanned, scan_yaml
from zerofactory_mappings.cbam.qreport.build import good_of, merged, report_of
from zerofactory_mappings.cbam.qreport.columns import Columns
from zerofactory_mappings.cbam.qreport.elements import table
from zerofactory_mappings.cbam.qreport.findings import LISTED
from zerofactory_mappings.cbam.qreport.model import ImportedGood, QReport
from zerofactory_mappings.cbam.qreport.rules import GOOD
from zerofactory_mappings.cbam.qreport.schema import GOODS_ENDINGS, INPUT_FORMAT

#: Largest table of goods, and longest line of one, in bytes and characters.
GOODS_BYTES = 1_000_000_000
LINE = 1_000_000

_SEPARATORS = (",", ";", "\t")


@dataclass(frozen=True, slots=True)
class Input:
    """An input that was read: the head of the report and its goods, still to be read."""

    head: QReport
    goods: Goods


def read_input(path: Path) -> Input:
    """The input in *path* (.yaml, .yml or .json).

    Raises:
        ProblemsError: every fault of the file except those of goods, which come when the goods are read.
        OSError: it cannot be read.
    """
    name = str(path)
    size = path.stat().st_size
    if size > DOSSIER_BYTES:
        raise ProblemsError([Problem("text.too-large", Place(file=name), found=f"{size:,} bytes",
                                     accepted=f"{DOSSIER_BYTES:,} bytes, goods_file")])
    data = path.read_bytes()
    scanned: Scanned = (scan_json if path.suffix.lower() == ".json" else scan_yaml)(data, name, DOSSIER_BYTES)
    tree = scanned.unwrap()
    if not isinstance(tree, MapNode) or getattr(tree.get("format"), "text", "") != INPUT_FORMAT:
        raise ProblemsError([Problem("qreport.not-an-input", Place(file=name), accepted=f"format: {INPUT_FORMAT}")])
    inline = tree.get("goods")
    head_tree = MapNode(tuple(e for e in tree.entries if e[0].text != "goods"), tree.place)
    typed = shipped_schema("cbam-qreport").read(head_tree)
    problems = [*scanned.problems, *typed.problems]
    values: Mapping[str, Any] = typed.value if isinstance(typed.value, dict) else {}
    head = None
    if not _errors(problems):
        head = report_of(values["report"], lambda *steps: typed.place("report", *steps), problems)
    items = inline.items if isinstance(inline, ListNode) else ()
    if inline is not None and not isinstance(inline, ListNode):
        problems.append(Problem("typed.wrong-shape", inline.place, accepted="[…]"))
    beside = path.parent / values["goods_file"] if values.get("goods_file") else None
    if not items and beside is None:
        problems.append(Problem("qreport.no-goods", Place(file=name), accepted="goods, goods_file"))
    if beside is not None and not beside.is_file():
        problems.append(Problem("file.not-there", Place(file=str(beside))))
    goods = Goods(items, beside if beside is not None and beside.is_file() else None,
                  values.get("goods_defaults") or {})
    if head is None or _errors(problems):
        raise ProblemsError([*problems, *goods.faults()])
    return Input(head, goods)


def _errors(problems: list[Problem]) -> bool:
    return any(p.severity is Severity.ERROR for p in problems)


class Goods:
    """The goods of an input, read when they are iterated; :attr:`place` is where the last one stands.

    Iterating raises :class:`ProblemsError` at the end, with the faults of all goods, when there are any.
    """

    def __init__(self, inline: tuple[Node, ...], file: Path | None, defaults: Mapping[str, Any]) -> None:
        self._inline, self._file, self._defaults = inline, file, defaults
        self.place = NOWHERE
        self._problems: list[Problem] = []
        self._count = 0

    def place_of(self, number: int) -> Place:
        """Where the good that was read last stands, whatever its *number*."""
        return self.place

    def faults(self) -> tuple[Problem, ...]:
        """What is wrong with the goods, when the rest of the input cannot be used anyway."""
        try:
            for _ in self:
                pass
        except ProblemsError as error:
            return error.problems
        return ()

    def __iter__(self) -> Iterator[ImportedGood]:
        self._problems, self._count = [], 0
        schema = _good_schema()
        most = _most()
        for number, tree in enumerate(self._trees(), 1):
            if number > most:
                self._add([Problem("qreport.too-many", tree.place, found=f"> {most:,}", accepted=f"{most:,}",
                                   args={"name": GOOD})])
                break
            typed = self._typed(schema, tree)
            if typed is None:
                continue
            found: list[Problem] = []
            good = good_of(merged(self._defaults, typed.value), number, _placer(tree), found)
            self._add(found)
            if good is not None and not found:
                self.place = tree.place
                yield good
        if self._count:
            more = self._count - len(self._problems)
            note = [Problem("qreport.more", args={"count": f"{more:,}"})] if more else []
            raise ProblemsError([*self._problems, *note])

    def _typed(self, schema: Schema, tree: Node) -> Typed | None:
        """The values of a good, or None after recording what is wrong with them."""
        typed = schema.read(tree)
        if not typed.problems:
            return typed
        line = tree.place.line
        self._add([p if p.place.line is not None else replace(p, place=replace(p.place, line=line))
                   for p in typed.problems])
        return None

    def _add(self, problems: list[Problem]) -> None:
        self._count += len(problems)
        self._problems.extend(problems[:max(0, LISTED - len(self._problems))])

    def _trees(self) -> Iterator[Node]:
        yield from self._inline
        if self._file is None:
            return
        size = self._file.stat().st_size
        if size > GOODS_BYTES:
            self._add([Problem("text.too-large", Place(file=str(self._file)), found=f"{size:,} bytes",
                               accepted=f"{GOODS_BYTES:,} bytes")])
            return
        kind = self._file.suffix.lower().lstrip(".")
        assert kind in GOODS_ENDINGS
        try:
            with self._file.open(encoding="utf-8-sig", newline="") as stream:
                yield from self._rows(stream) if kind == "csv" else self._lines(stream)
        except UnicodeDecodeError as error:
            self._add([Problem("text.not-utf8", Place(file=str(self._file)), found=f"0x{error.object[error.start]:02x}",
                               accepted="UTF-8")])

    def _bounded(self, stream: TextIO) -> Iterator[str]:
        """The lines of a table; a longer one than any good needs ends the reading."""
        number = 0
        while line := stream.readline(LINE):
            number += 1
            if len(line) == LINE and not line.endswith("\n"):
                self._add([Problem("text.too-long", Place(str(self._file), number), accepted=f"{LINE:,}")])
                return
            yield line

    def _lines(self, stream: TextIO) -> Iterator[Node]:
        """JSON lines: a good on each."""
        for number, line in enumerate(self._bounded(stream), 1):
            if not line.strip():
                continue
            scanned = scan_json(line.encode(), str(self._file), LINE * 4)
            place = Place(str(self._file), number)
            self._add([replace(p, place=replace(p.place, line=number, column=None)) for p in scanned.problems])
            if isinstance(scanned.tree, MapNode) and not scanned.problems:
                yield MapNode(scanned.tree.entries, place)
            elif not scanned.problems:
                self._add([Problem("typed.wrong-shape", place, accepted="{…}")])

    def _rows(self, stream: TextIO) -> Iterator[Node]:
        """A CSV table: the first line names the columns, every other one is a good."""
        first = stream.readline(LINE)
        separator = max(_SEPARATORS, key=first.count)
        stream.seek(0)
        reader = csv.reader(self._bounded(stream), delimiter=separator, strict=True)
        file = str(self._file)
        try:
            columns = Columns(next(reader, []), file)
            self._add(list(columns.problems))
            if columns.problems:
                return
            for cells in reader:
                if not any(cell.strip() for cell in cells):
                    continue
                place = Place(file, reader.line_num)
                if (problem := _row_problem(cells, len(columns), place)) is not None:
                    self._add([problem])
                    continue
                yield columns.tree(cells, place)
        except csv.Error as error:
            self._add([Problem("qreport.csv", Place(file, reader.line_num), found=str(error)[:200])])


def _row_problem(cells: list[str], columns: int, place: Place) -> Problem | None:
    """What is wrong with a row before its cells are looked at one by one."""
    if len(cells) > columns and any(cell.strip() for cell in cells[columns:]):
        return Problem("qreport.csv-cells", place, found=str(len(cells)), accepted=str(columns))
    for cell in cells:
        if (match := CONTROL.search(cell)) is not None:
            return Problem("text.control-character", place, found=f"U+{ord(match.group()):04X}")
    return None


def _placer(tree: Node) -> Any:
    """Gives the place of what stands under a path of a good; its line is that of the good where it has none."""
    def place(*steps: str | int) -> Place:
        found = place_in(tree, *steps)
        path = "/".join(str(s + 1) if isinstance(s, int) else s for s in steps)
        return replace(found, line=found.line if found.line is not None else tree.place.line,
                       path=path or found.path, file=found.file or tree.place.file)
    return place


@cache
def _good_schema() -> Schema:
    return shipped_schema("cbam-qreport").part(f"#/$defs/{GOOD}")


def _most() -> int:
    root = table().root.complex
    assert root is not None
    return next(p.high for p in root.particles if p.name == GOOD)
