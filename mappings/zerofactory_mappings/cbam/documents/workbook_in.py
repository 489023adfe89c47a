"""Read a filled verification workbook into the same tree as YAML: places are sheet and cell, all problems together.

Only cells that a verifier fills in are read; what the program wrote beside them is made anew. Sheets and columns may be
moved or left out; a sheet or column that is not known is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from zerofactory_engine.dossier.sheets import CellText, Workbook
from zerofactory_engine.messages import LANGUAGES, render
from zerofactory_engine.problems import Place, Problem, Severity
from zerofactory_engine.yaml_text import CONTROL, ListNode, MapNode, Node, Scalar
from zerofactory_mappings.cbam.documents import workbook_layout as layout
from zerofactory_mappings.cbam.documents.plan import Row
from zerofactory_mappings.cbam.documents.verification import FORMAT, typed_verification

_SPLIT = re.compile(r"[;；、\n]")
#: How far down a header row is looked for.
_HEADER_WITHIN = 12
_ENTRY = "entry"


def parse_workbook(data: bytes, name: str = "verification.xlsx") -> Row:
    """What a verifier wrote into the workbook.

    Raises:
        ProblemsError: everything that is wrong, each with sheet and cell.
    """
    reading = _Reading(Workbook(data, name), name)
    tree = reading.run()
    return typed_verification(tree, reading.problems)


@dataclass(slots=True)
class _Reading:
    book: Workbook
    name: str
    problems: list[Problem] = field(default_factory=list)
    parts: dict[str, dict[str, Node]] = field(default_factory=dict)
    rows: dict[str, list[Node]] = field(default_factory=dict)

    def run(self) -> MapNode:
        found: set[str] = set()
        known = layout.sheets_by_name()
        guides = {layout.sheet_name("guide", language).casefold() for language in LANGUAGES}
        for sheet in self.book.names:
            shape = known.get(sheet.strip().casefold())
            if shape is None:
                if sheet.strip().casefold() not in guides:
                    self._report("cbam-documents.sheet-not-read", Place(file=self.name, sheet=sheet), Severity.NOTE)
                continue
            if shape.id in found:
                self._report("cbam-documents.sheet-twice", Place(file=self.name, sheet=sheet))
                continue
            found.add(shape.id)
            if isinstance(shape, layout.Facts):
                self._facts(shape, sheet)
            elif shape.section:
                self._table(shape, sheet)
        if not found:
            self._report("cbam-documents.no-verification-sheet", Place(file=self.name),
                         found=", ".join(self.book.names)[:200])
        return self._tree()

    def _tree(self) -> MapNode:
        """Everything read, under the keys of the file."""
        for section, rows in self.rows.items():
            owner, _, name = section.rpartition("/")
            self.parts.setdefault(owner, {})[name] = ListNode(tuple(rows), rows[0].place)
        top: list[tuple[Scalar, Node]] = [(Scalar("format"), Scalar(FORMAT, Place(file=self.name)))]
        for owner, entries in self.parts.items():
            made = [(Scalar(k), node) for k, node in entries.items()]
            if owner:
                top.append((Scalar(owner), MapNode(tuple(made), Place(file=self.name))))
            else:
                top += made
        return MapNode(tuple(top), Place(file=self.name))

    def _report(self, code: str, place: Place, severity: Severity = Severity.ERROR, found: str | None = None,
                accepted: str | None = None) -> None:
        self.problems.append(Problem(code, place, severity, found, accepted))

    # --- tables -------------------------------------------------------------------------------------------------------

    def _table(self, table: layout.Table, sheet: str) -> None:
        columns = {c.id: c for c in table.columns}
        for headers, row in self._below_header(sheet, tuple(columns)):
            entries: dict[str, Node] = {}
            written = False
            for cell in row:
                column = columns.get(headers.get(_letters(cell.ref), ""))
                if column is None or column.kind is None:
                    continue
                node = self._node(cell, column.kind)
                if node is not None:
                    entries[column.id] = node
                    written = written or not column.key
            if written:
                place = Place(file=self.name, sheet=sheet, cell=row[0].ref)
                self.rows.setdefault(table.section, []).append(
                    MapNode(tuple((Scalar(k, n.place), n) for k, n in entries.items()), place))

    def _facts(self, facts: layout.Facts, sheet: str) -> None:
        for headers, row in self._below_header(sheet, ("key", "title", _ENTRY, "accepted")):
            by_key = {headers[_letters(c.ref)]: c for c in row if _letters(c.ref) in headers}
            key, entry = by_key.get("key"), by_key.get(_ENTRY)
            if key is None or entry is None:
                continue
            path = key.text.strip()
            if path not in facts.paths:
                self._report("cbam-documents.fact-unknown", self._place(key), found=path[:80],
                             accepted=", ".join(facts.paths))
                continue
            node = self._node(entry, facts.paths[path])
            if node is not None:
                section, _, name = path.partition("/")
                self.parts.setdefault(section, {})[name] = node

    def _below_header(self, sheet: str, accepted: tuple[str, ...]) -> Iterator[
        tuple[Mapping[str, str], list[CellText]]]:
        """The rows below the header, each with the keys by column letter."""
        headers: dict[str, str] = {}
        for number, row in enumerate(self.book.rows(sheet)):
            if headers:
                yield headers, row
                continue
            keys = {_letters(c.ref): layout.column_of(c.text, accepted) for c in row}
            if sum(k is not None for k in keys.values()) >= min(2, len(accepted)):
                headers = {letter: k for letter, k in keys.items() if k is not None}
                for cell in row:
                    if keys[_letters(cell.ref)] is None:
                        self._report("cbam-documents.column-not-read", self._place(cell), Severity.NOTE,
                                     found=cell.text[:80])
            elif number >= _HEADER_WITHIN:
                break
        if not headers:
            self._report("workbook.no-header", Place(file=self.name, sheet=sheet), accepted=", ".join(accepted))

    # --- cells --------------------------------------------------------------------------------------------------------

    def _place(self, cell: CellText) -> Place:
        return Place(file=self.name, sheet=cell.sheet, cell=cell.ref)

    def _node(self, cell: CellText, kind: str) -> Node | None:
        """The value of a cell as a node; None when it is empty."""
        place, text = self._place(cell), cell.text.strip()
        if cell.formula:
            self._report("workbook.formula-without-value", place)
            return None
        if cell.error:
            self._report("workbook.error-value", place, found=text)
            return None
        if CONTROL.search(text) is not None:
            self._report("text.control-character", place)
            return None
        if not text:
            return None
        if kind == layout.LIST:
            parts = [] if text.casefold() in _none_words() else [p.strip() for p in _SPLIT.split(text)]
            return ListNode(tuple(Scalar(p, place, True) for p in parts if p), place)
        if kind.startswith("code:"):
            return Scalar(_code(kind.removeprefix("code:"), text), place, True)
        if kind == layout.YESNO:
            return Scalar(_answers().get(text.casefold(), text), place, True)
        return Scalar(text, place, True)


def _letters(ref: str) -> str:
    return ref.rstrip("0123456789")


def _none_words() -> frozenset[str]:
    return frozenset(render("cbam-documents.answer.none", language).casefold() for language in LANGUAGES)


def _answers() -> dict[str, str]:
    return {render(f"cbam-documents.answer.{answer}", language).casefold(): answer
            for answer in ("yes", "no") for language in LANGUAGES}


def _code(area: str, text: str) -> str:
    """The code of a word in either language; what is neither stands as it is, for the schema to refuse."""
    words = {render(f"cbam-documents.{area}.{code}", language).casefold(): code
             for code in layout.CODES[area] for language in LANGUAGES}
    return words.get(text.casefold(), text)
