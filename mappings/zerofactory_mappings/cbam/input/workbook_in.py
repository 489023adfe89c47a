"""Read our workbook into the same tree as YAML, so that everything behind is one reader; places are sheet and cell.

A number is the shortest decimal that gives back the stored double. A bare number takes the unit of its heading, so that
behind this module every figure has its unit as in YAML.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from zerofactory_engine.decimals import plain
from zerofactory_engine.dossier.sheets import CellText, Workbook
from zerofactory_engine.dossier.zips import WORKBOOK, member_bytes, open_zip
from zerofactory_engine.problems import Place, Problem, ProblemsError, Severity
from zerofactory_engine.typed_readers import listed, nearest
from zerofactory_engine.yaml_text import CONTROL, ListNode, MapNode, Node, Scalar, Scanned
from zerofactory_mappings.cbam.input import sheets
from zerofactory_mappings.cbam.input.sheets import Column, Form, Sheet

#: How far down a header row is looked for.
_HEADER_WITHIN = 12
_SPLIT = re.compile("[;；\n]")
#: A figure with documents of its own: ``3 t [D1; D2]``.
_OWN_DOCUMENTS = re.compile(r"(?P<figure>.*?)\s*\[(?P<documents>[^\[\]]*)\]\s*")
_SHEET_NAME = re.compile(rb'<(?:\w+:)?sheet\b[^>]*?\bname="([^"]*)"')


def is_ours(data: bytes, file: str) -> bool:
    """Whether a zip is a workbook of this format: it has our main sheet. What is damaged is for others to say."""
    try:
        with open_zip(data, file, WORKBOOK) as opened:
            index = next((i for i in opened.infolist() if i.filename == "xl/workbook.xml"), None)
            found = b"" if index is None else member_bytes(opened, index, file)
    except ProblemsError:
        return False
    names = {n.decode("utf-8", "replace") for n in _SHEET_NAME.findall(found)}
    return not names.isdisjoint({sheets.MAIN, *sheets.MAIN_NAMES.values()})


def scan_workbook(data: bytes, file: str) -> Scanned:
    """The tree of the input in a workbook, with problems that name sheet and cell."""
    try:
        return _Scan(Workbook(data, file), file).run()
    except ProblemsError as error:
        return Scanned(None, error.problems)


@dataclass(slots=True)
class _Tree:
    """A mapping or list that grows while cells are read. *label*: what entries of other sheets call the row."""

    place: Place
    entries: dict[str, _Tree | list[_Tree] | Node] = field(default_factory=dict)
    label: str = ""

    def put(self, path: Iterable[str], node: _Tree | Node) -> None:
        """Set the node at *path*."""
        *way, last = path
        self._below(way, _place_of(node)).entries[last] = node

    def append(self, path: Iterable[str], row: _Tree) -> list[_Tree]:
        """Add *row* to the list at *path*, and give the list."""
        *way, last = path
        below = self._below(way, row.place)
        there = below.entries.get(last)
        items = there if isinstance(there, list) else []
        items.append(row)
        below.entries[last] = items
        return items

    def mapping(self, path: Iterable[str], place: Place) -> _Tree:
        """The mapping at *path*, made when it is not there."""
        return self._below(path, place)

    def _below(self, way: Iterable[str], place: Place) -> _Tree:
        here = self
        for step in way:
            below = here.entries.get(step)
            if not isinstance(below, _Tree):
                below = here.entries[step] = _Tree(place)
            here = below
        return here

    def node(self) -> MapNode:
        """The tree as nodes."""
        made = []
        for key, below in self.entries.items():
            node: Node
            if isinstance(below, list):
                node = ListNode(tuple(r.node() for r in below), below[0].place if below else self.place)
            else:
                node = below.node() if isinstance(below, _Tree) else below
            made.append((Scalar(key, node.place, True), node))
        return MapNode(tuple(made), self.place)


def _place_of(node: _Tree | Node) -> Place:
    return node.place


class _Scan:
    def __init__(self, book: Workbook, file: str) -> None:
        self.book, self.file = book, file
        self.problems: list[Problem] = []
        self.root = _Tree(Place(file=file))
        self.rows: dict[str, dict[str, _Tree]] = {}

    def run(self) -> Scanned:
        found: dict[str, str] = {}
        ignored = {n.lower() for names in sheets.NOT_DATA.values() for n in names}
        for name in self.book.names:
            key = sheets.by_name().get(name.strip().lower())
            if key is None:
                if name.strip().lower() not in ignored:
                    self._report("workbook.sheet-not-read", Place(file=self.file, sheet=name), Severity.NOTE,
                                 accepted=listed(sorted(sheets.sheets())))
            elif key in found:
                self._report("workbook.sheet-twice", Place(file=self.file, sheet=name), found=found[key])
            else:
                found[key] = name
        if sheets.MAIN in found:
            self._main(found[sheets.MAIN])
        for key, shape in sheets.sheets().items():
            if key in found and not shape.parents:
                self._table(shape, found[key])
        for key, shape in sheets.sheets().items():       # rows before what is in them
            if key in found and shape.parents:
                self._table(shape, found[key])
        return Scanned(self.root.node(), tuple(self.problems))

    def _report(self, code: str, place: Place, severity: Severity = Severity.ERROR, found: str | None = None,
                accepted: str | None = None, **args: str) -> None:
        self.problems.append(Problem(code, place, severity, found=found, accepted=accepted, args=args))

    def _place(self, cell: CellText) -> Place:
        return Place(file=self.file, sheet=cell.sheet, cell=cell.ref)

    # --- sheets -----------------------------------------------------------------------------------------------------

    def _main(self, sheet: str) -> None:
        columns = sheets.main_columns()
        heads: dict[str, str] = {}
        for row in self._body(sheet, (sheets.FIELD, sheets.VALUE), heads):
            by_key = {heads[_letters(c.ref)]: c for c in row if _letters(c.ref) in heads}
            name, value = by_key.get(sheets.FIELD), by_key.get(sheets.VALUE)
            if name is None or value is None:
                continue
            key = _key(name.text)
            if key in columns:
                self.root.put(key.split("."), self._node(value, columns[key], {}))
            else:
                self._unknown(key, name, columns)

    def _table(self, shape: Sheet, sheet: str) -> None:
        columns = shape.all_columns()
        heads: dict[str, str] = {}
        for row in self._body(sheet, tuple(columns), heads):
            cells: dict[str, CellText] = {}
            for cell in row:
                key = heads.get(_letters(cell.ref))
                if key is None:
                    self._report("workbook.cell-without-header", self._place(cell), found=cell.text[:80])
                else:
                    cells[key] = cell
            if cells:
                self._take(shape, cells, self._place(row[0]))

    def _body(self, sheet: str, accepted: tuple[str, ...], heads: dict[str, str]) -> Iterator[list[CellText]]:
        """The rows below the header of a sheet; *heads* gets the key of each column letter."""
        number = 0
        for number, row in enumerate(self.book.rows(sheet), 1):
            if heads:
                yield row
            elif number <= _HEADER_WITHIN:
                heads.update(self._heads(row, accepted))
        if number and not heads:
            self._report("workbook.no-header", Place(file=self.file, sheet=sheet), accepted=listed(accepted))

    def _heads(self, row: list[CellText], accepted: tuple[str, ...]) -> dict[str, str]:
        """Key by column letter when this row is the header: at least two known keys."""
        if sum(_key(c.text) in accepted for c in row) < 2:
            return {}
        out: dict[str, str] = {}
        for cell in row:
            key = _key(cell.text)
            if key in out.values():
                self._report("text.duplicate-key", self._place(cell), found=key, first="")
            elif key in accepted:
                out[_letters(cell.ref)] = key
            elif not (sheets.FIELD in accepted and sheets.VALUE in accepted):     # the main sheet explains beside
                self._unknown(key, cell, accepted)
        return out

    def _unknown(self, key: str, cell: CellText, accepted: Iterable[str]) -> None:
        names = tuple(accepted)
        near = nearest(key, names)
        self.problems.append(Problem("typed.unknown-key-near" if near else "typed.unknown-key", self._place(cell),
                                     found=key[:80], accepted=listed(names), args={"nearest": near} if near else {}))

    # --- rows -------------------------------------------------------------------------------------------------------

    def _take(self, shape: Sheet, cells: Mapping[str, CellText], place: Place) -> None:
        """Put one row where it belongs."""
        parent = self.root
        if shape.parents:
            of = cells.get(sheets.OF)
            wanted = "" if of is None else of.text
            found = next((rows[wanted] for p in shape.parents if wanted in (rows := self.rows.get(p, {}))), None)
            if found is None:
                self._report("cbam-input.row-unknown", place if of is None else self._place(of), found=wanted or None,
                             accepted=listed([label for p in shape.parents for label in self.rows.get(p, {})]) or None,
                             sheet=shape.key)
                return
            parent = found
        if shape.form is Form.ROWS:
            self._list_row(shape, cells, place, parent)
        elif shape.form is Form.ATTRIBUTION:
            self._attribution(shape, cells, place, parent)
        else:
            self._map_row(shape, cells, place, parent)

    def _list_row(self, shape: Sheet, cells: Mapping[str, CellText], place: Place, parent: _Tree) -> None:
        made = _Tree(place)
        for key, column in shape.columns.items():
            if key in cells:
                made.put(key.split("."), self._node(cells[key], column, cells))
        items = parent.append(shape.path, made)
        own = made.entries.get("id")
        made.label = own.text if isinstance(own, Scalar) else f"{parent.label}/{len(items)}"
        self.rows.setdefault(shape.key, {}).setdefault(made.label, made)

    def _map_row(self, shape: Sheet, cells: Mapping[str, CellText], place: Place, parent: _Tree) -> None:
        """An entry of a mapping; an amount without a route stands for the only one."""
        first, second = shape.columns
        name, value = cells.get(first), cells.get(second)
        if value is None:
            self._report("typed.missing-key", place, accepted=second)
            return
        node = self._node(value, shape.columns[second], cells)
        if name is None:
            if shape.form is Form.ROUTES and not parent.entries.get(shape.path[-1]):
                parent.put(shape.path, node)
            else:
                self._report("typed.missing-key", place, accepted=first)
            return
        if isinstance(parent.entries.get(shape.path[-1]), (Scalar, MapNode)):
            self._report("typed.missing-key", place,
                         accepted=first)      # an amount without a route stands there already
            return
        there = parent.mapping(shape.path, place)
        if name.text in there.entries:
            self._report("text.duplicate-key", self._place(name), found=name.text, first="")
        there.entries[name.text] = node

    def _attribution(self, shape: Sheet, cells: Mapping[str, CellText], place: Place, parent: _Tree) -> None:
        """By shares, by molar masses (mass and substance), or by functional units (neither)."""
        process = cells.get("process")
        if process is None:
            self._report("typed.missing-key", place, accepted="process")
            return
        share = cells.get("share")
        molar = {n: self._node(cells[n], shape.columns[n], cells) for n in ("mass", "substance") if n in cells}
        rule = "shares" if share is not None else "molar" if molar else "functional_units"
        there = parent.mapping(shape.path, place)
        before = there.entries.get("by")
        stated = before.text if isinstance(before, Scalar) else "shares" if there.entries else rule
        if (share is not None and molar) or stated != rule:
            self._report("cbam-input.attribution-mixed", place,
                         found=f"{stated}, {rule}" if stated != rule else "share, mass")
            return
        if rule == "shares":
            assert share is not None
            there.entries[process.text] = self._node(share, shape.columns["share"], cells)
            return
        there.entries["by"] = Scalar(rule, place, True)
        if rule == "molar":
            entry = MapNode(tuple((Scalar(n, v.place, True), v) for n, v in molar.items()), place)
            there.put(("masses", process.text), entry)
            return
        named = there.entries.get("processes")
        items = named.items if isinstance(named, ListNode) else ()
        there.entries["processes"] = ListNode((*items, Scalar(process.text, self._place(process), True)), place)

    # --- cells ------------------------------------------------------------------------------------------------------

    def _node(self, cell: CellText, column: Column, cells: Mapping[str, CellText]) -> Node:
        place = self._place(cell)
        if cell.formula:
            self._report("workbook.formula-without-value", place)
        elif cell.error:
            self._report("workbook.error-value", place, found=cell.text)
        elif CONTROL.search(cell.text) is not None:
            self._report("text.control-character", place)
        if column.kind == "list":
            return ListNode(tuple(Scalar(p, place, True) for p in _pieces(cell.text)), place)
        if column.kind in {"figure", "decimal", "share"}:
            own = _OWN_DOCUMENTS.fullmatch(cell.text)
            if own is not None:
                documents = ListNode(tuple(Scalar(p, place, True) for p in _pieces(own["documents"])), place)
                figure = Scalar(_with_unit(own["figure"], column, cells), place)
                return MapNode(((Scalar("value", place), figure), (Scalar("documents", place), documents)), place)
            text = plain(cell.number) if cell.number is not None else cell.text
            return Scalar(_with_unit(text, column, cells), place)
        return Scalar(cell.text, place, quoted=bool(cell.text) and column.kind == "text")


def _with_unit(text: str, column: Column, cells: Mapping[str, CellText]) -> str:
    """*text* with the unit that its heading, its unit column or the amount beside it gives a bare number."""
    if column.kind != "figure" or re.search(r"[^\d.eE+\-]", text) is not None:
        return text
    unit = column.units[0]
    if column.unit_column:
        beside = cells.get(f"{column.key}_unit")
        unit = "" if beside is None else beside.text
    elif column.per is not None:
        beside = cells.get(f"{column.per}_unit")
        unit = f"{unit.partition('/')[0]}/{beside.text}" if beside is not None else ""
    return f"{text} {unit}".strip()


def _letters(ref: str) -> str:
    return ref.rstrip("0123456789")


def _key(text: str) -> str:
    """The key of a header cell: its last line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""


def _pieces(text: str) -> list[str]:
    return [p.strip() for p in _SPLIT.split(text) if p.strip()]


