"""Read a workbook into the same tree as YAML, so that everything behind is one reader; places are sheet and cell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from zerofactory_engine.decimals import plain
from zerofactory_engine.dossier import layout
from zerofactory_engine.dossier.sheets import CellText, Workbook
from zerofactory_engine.dossier.structure import Column
from zerofactory_engine.problems import Place, Problem, ProblemsError, Severity
from zerofactory_engine.typed_readers import listed, nearest
from zerofactory_engine.yaml_text import CONTROL, ListNode, MapNode, Node, Scalar, Scanned

_COMPLETE = re.compile(r"(?P<table>[^\[\]]+?)\s*(?:\[(?P<documents>[^\]]*)\])?")
_SPLIT = re.compile(f"[{layout.SEPARATORS}]")
#: How far down a header row is looked for.
_HEADER_WITHIN = 12
#: Sheets that explain or list and hold no data.
_NOT_DATA = frozenset({"说明", "read me", "readme", "代码", "codes"})


def scan_workbook(data: bytes, name: str) -> Scanned:
    """The tree of the dossier in a workbook, with problems that name sheet and cell."""
    try:
        book = Workbook(data, name)
        return _Scan(book, name).run()
    except ProblemsError as error:
        return Scanned(None, error.problems)


@dataclass(slots=True)
class _Tree:
    """A mapping that grows while cells are read."""

    entries: dict[str, _Tree | Node] = field(default_factory=dict)
    place: Place = field(default_factory=Place)

    def put(self, path: Iterable[str], node: _Tree | Node) -> None:
        first, *rest = path
        if not rest:
            self.entries[first] = node
            return
        below = self.entries.get(first)
        if not isinstance(below, _Tree):
            below = self.entries[first] = _Tree(place=_place_of(node))
        below.put(rest, node)

    def node(self) -> MapNode:
        made = [(Scalar(k, _place_of(n)), n.node() if isinstance(n, _Tree) else n) for k, n in self.entries.items()]
        return MapNode(tuple(made), self.place)


def _place_of(node: _Tree | Node) -> Place:
    return node.place


class _Scan:
    def __init__(self, book: Workbook, name: str) -> None:
        self.book = book
        self.name = name
        self.problems: list[Problem] = []
        self.root = _Tree(place=Place(file=name))
        self.rows: dict[str, list[_Tree]] = {}

    def run(self) -> Scanned:
        found: dict[str, str] = {}
        for sheet in self.book.names:
            key = layout.by_name().get(sheet.strip().lower())
            if key is None:
                if sheet.strip().lower() not in _NOT_DATA:
                    self._report("workbook.sheet-not-read", Place(file=self.name, sheet=sheet), Severity.NOTE,
                                 accepted=listed(sorted(layout.sheets())))
            elif key in found:
                self._report("workbook.sheet-twice", Place(file=self.name, sheet=sheet), found=found[key])
            else:
                found[key] = sheet
        if layout.MAIN in found:
            self._main(found.pop(layout.MAIN))
        else:
            self._report("workbook.no-main-sheet", Place(file=self.name), found=listed(self.book.names),
                         accepted="dossier, 卷宗")
        nested = sorted(found, key=lambda k: layout.sheets()[k].parent is not None)     # rows before what is in them
        for key in nested:
            self._table(layout.sheets()[key], found[key])
        for key, rows in self.rows.items():
            self.root.put(layout.sheets()[key].path, ListNode(tuple(r.node() for r in rows), self.root.place))
        return Scanned(self.root.node(), tuple(self.problems))

    def _report(self, code: str, place: Place, severity: Severity = Severity.ERROR, found: str | None = None,
                accepted: str | None = None, **args: str) -> None:
        self.problems.append(Problem(code, place, severity, found=found, accepted=accepted, args=args))

    def _place(self, cell: CellText) -> Place:
        return Place(file=self.name, sheet=cell.sheet, cell=cell.ref)

    # -- the main sheet -----------------------------------------------------------------------------------------

    def _main(self, sheet: str) -> None:
        columns: dict[str, str] = {}
        fields = layout.main_fields()
        for number, row in enumerate(self.book.rows(sheet)):
            by_letter = {_letters(c.ref): c for c in row}
            if not columns:
                keys = {_key(c.text): letter for letter, c in by_letter.items()}
                if layout.FIELD in keys and layout.VALUE in keys:
                    columns = {layout.FIELD: keys[layout.FIELD], layout.VALUE: keys[layout.VALUE]}
                elif number >= _HEADER_WITHIN:
                    break
                continue
            name, value = by_letter.get(columns[layout.FIELD]), by_letter.get(columns[layout.VALUE])
            if name is None or value is None:
                continue
            key = _key(name.text)
            if key == "complete":
                self.root.put((key,), self._complete(value))
            elif key in layout.HEADER_FIELDS:
                self.root.put((key,), self._scalar(value, None))
            elif key in layout.main_lists():
                self._none(key, value)
            elif key in fields:
                self.root.put(key.split("."), self._node(value, fields[key]))
            else:
                self._unknown(key, name, (*layout.HEADER_FIELDS, *fields, *layout.main_lists()))
        if not columns:
            self._report("workbook.no-header", Place(file=self.name, sheet=sheet), accepted="field, value")

    def _none(self, key: str, cell: CellText) -> None:
        """The word that a list is empty; its entries have a sheet of their own."""
        if cell.text.strip().lower() in layout.NONE_WORDS:
            self.root.put(key.split("."), ListNode((), self._place(cell)))
        else:
            self._report("workbook.list-elsewhere", self._place(cell), found=cell.text[:80],
                         accepted=", ".join(layout.NONE_WORDS), sheet=key)

    def _complete(self, cell: CellText) -> Node:
        place = self._place(cell)
        items: list[Node] = []
        for text in _pieces(cell.text):
            match = _COMPLETE.fullmatch(text)
            table = match["table"].strip() if match is not None else text
            table = layout.by_name().get(table.lower(), table)
            if match is not None and match["documents"]:
                names = [d.strip() for d in match["documents"].split(",")]
                documents = ListNode(tuple(Scalar(d, place, True) for d in names), place)
                items.append(MapNode(((Scalar("table", place), Scalar(table, place, True)),
                                      (Scalar("documents", place), documents)), place))
            else:
                items.append(Scalar(table, place, True))
        return ListNode(tuple(items), place)

    # -- tables -------------------------------------------------------------------------------------------------

    def _table(self, shape: layout.Sheet, sheet: str) -> None:
        headers: dict[str, str] = {}
        accepted = (layout.PARENT, *shape.columns) if shape.parent is not None else tuple(shape.columns)
        rows: list[_Tree] = []
        for number, row in enumerate(self.book.rows(sheet)):
            if not headers:
                headers = self._headers(row, accepted)
                if not headers and number >= _HEADER_WITHIN:
                    break
                continue
            made = self._row(row, headers, shape.columns)
            if made is None:
                continue
            if shape.parent is not None:
                self._hang(made, shape, row)
            else:
                rows.append(made)
        if not headers and any(True for _ in self.book.rows(sheet)):
            self._report("workbook.no-header", Place(file=self.name, sheet=sheet), accepted=listed(accepted))
        if shape.parent is None and rows:
            self.rows[shape.key] = rows

    def _headers(self, row: list[CellText], accepted: tuple[str, ...]) -> dict[str, str]:
        """Key by column letter if this row is the header: at least two known keys, or one that stands alone."""
        known = {_letters(c.ref): _key(c.text) for c in row}
        hits = sum(k in accepted for k in known.values())
        if hits == 0 or (hits < 2 and len(row) > 1):
            return {}
        used: dict[str, str] = {}
        for cell in row:
            key = _key(cell.text)
            if key not in accepted:
                self._unknown(key, cell, accepted)
            elif key in used.values():
                self._report("text.duplicate-key", self._place(cell), found=key, first="")
            else:
                used[_letters(cell.ref)] = key
        return used

    def _unknown(self, key: str, cell: CellText, accepted: Iterable[str]) -> None:
        names = tuple(accepted)
        near = nearest(key, names)
        args = {"nearest": near} if near is not None else {}
        self.problems.append(Problem("typed.unknown-key-near" if near else "typed.unknown-key", self._place(cell),
                                     found=key[:80], accepted=listed(names), args=args))

    def _row(self, row: list[CellText], headers: Mapping[str, str], columns: Mapping[str, Column]) -> _Tree | None:
        made = _Tree(place=Place(file=self.name, sheet=row[0].sheet, cell=row[0].ref))
        for cell in row:
            key = headers.get(_letters(cell.ref))
            if key is None:
                self._report("workbook.cell-without-header", self._place(cell), found=cell.text[:80])
            elif key == layout.PARENT:
                made.entries[key] = self._scalar(cell, None)
            else:
                made.put(key.split("."), self._node(cell, columns[key]))
        return made if made.entries else None

    def _hang(self, entry: _Tree, shape: layout.Sheet, row: list[CellText]) -> None:
        """Put an entry below the row of its parent table."""
        parent = entry.entries.pop(layout.PARENT, None)
        wanted = parent.text if isinstance(parent, Scalar) else ""
        for candidate in self.rows.get(str(shape.parent), ()):
            own = candidate.entries.get("id")
            if isinstance(own, Scalar) and own.text == wanted:
                there = candidate.entries.get(shape.path[1])
                items = there.items if isinstance(there, ListNode) else ()
                candidate.entries[shape.path[1]] = ListNode((*items, entry.node()), entry.place)
                return
        self._report("dossier.unknown-reference", self._place(row[0]), found=wanted or None, table=str(shape.parent))

    # -- cells --------------------------------------------------------------------------------------------------

    def _node(self, cell: CellText, column: Column) -> Node:
        if column.kind == "references" or (column.kind == "list" and not column.fields):
            place = self._place(cell)
            return ListNode(tuple(Scalar(p, place, True) for p in _pieces(cell.text)), place)
        return self._scalar(cell, column)

    def _scalar(self, cell: CellText, column: Column | None) -> Scalar:
        place = self._place(cell)
        if cell.formula:
            self._report("workbook.formula-without-value", place)
        elif cell.error:
            self._report("workbook.error-value", place, found=cell.text)
        elif CONTROL.search(cell.text) is not None:
            self._report("text.control-character", place)
        text = cell.text
        if cell.number is not None and cell.percent and column is not None and column.unit is not None and (
                column.unit.text == "%"):
            text = f"{plain(cell.number.scaleb(2))} %"          # shown as 30 %, stored as 0.3
        return Scalar(text, place, quoted=bool(text) and column is not None and column.kind == "text")


def _letters(ref: str) -> str:
    return ref.rstrip("0123456789")


def _key(text: str) -> str:
    """The key of a header cell: its last line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""


def _pieces(text: str) -> list[str]:
    return [p.strip() for p in _SPLIT.split(text) if p.strip()]
