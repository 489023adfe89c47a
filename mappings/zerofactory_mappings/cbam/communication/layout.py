"""Where entries and results stand in the Commission's template: ``standards/eu-cbam/communication-template/2.1.yaml``.

The file says it all; nothing about a cell is in code. A :class:`Block` repeats downwards; a field of block number
*index* (from 0) stands ``index * step`` rows below the cell that the file names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from zerofactory_engine.locate import STANDARDS_ROOT
from zerofactory_mappings.cbam.communication.addresses import run, shifted

FORMAT = "zerofactory/cbam-template-layout/1"
FOLDER = STANDARDS_ROOT / "eu-cbam" / "communication-template"
#: Fields that hold one value each may be of these kinds.
KINDS = frozenset({"text", "date", "number", "percent", "share", "flag", "code", "category", "route", "process", "cn",
                   "country_name", "country_code"})


@dataclass(frozen=True, slots=True)
class Field:
    """One entry, or a run of entries: cells in the first block, kind, unit and code list."""

    name: str
    cells: tuple[str, ...]
    kind: str
    unit: str = ""
    codes: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """Entries that belong together, on one sheet, *count* times at a distance of *step* rows."""

    name: str
    sheet: str
    count: int
    step: int
    fields: Mapping[str, Field]
    derived: Mapping[str, str]
    printed: Mapping[str, str]
    preset: Mapping[str, Decimal]
    constants: Mapping[str, str]

    def cells(self, name: str, index: int = 0) -> tuple[str, ...]:
        """The cells of a field in block *index*."""
        return tuple(shifted(c, index * self.step) for c in self.fields[name].cells)

    def cell(self, name: str, index: int = 0) -> str:
        """The cell of a field that has one."""
        return shifted(self.fields[name].cells[0], index * self.step)

    def derived_cell(self, name: str, index: int = 0) -> str:
        """The cell of a result that is worked out here when a formula refers to it."""
        return shifted(self.derived[name], index * self.step)

    def printed_cell(self, name: str, index: int = 0) -> str:
        """The cell where the template prints a result."""
        return shifted(self.printed[name], index * self.step)


@dataclass(frozen=True, slots=True)
class Label:
    """A text that a version must have in common to be read although it is not known."""

    sheet: str
    cell: str
    text: str


@dataclass(frozen=True, slots=True)
class Range:
    """Bounds beyond which a unit was probably mixed up; *when*: only with this unit."""

    id: str
    block: str
    field: str
    low: Decimal | None
    high: Decimal | None
    unit: str
    confidence: str
    when: str = ""


@dataclass(frozen=True, slots=True)
class Communication:
    """The sheet for the declarant, whose columns moved between versions: found by header texts."""

    sheet: str
    header_row: int
    first_row: int
    headers: Mapping[str, str]
    totals: Mapping[str, str]
    total_rows: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Layout:
    """Everything that the file says."""

    id: str
    act: str
    line: str
    known: tuple[str, ...]
    version_sheet: str
    version_cells: tuple[str, ...]
    labels: tuple[Label, ...]
    sheets: tuple[str, ...]
    placeholder: str
    only_direct: str
    all_routes: str
    category_texts: Mapping[str, str]
    name_limit: int
    not_available: str
    name_wildcards: str
    lists: Mapping[str, Mapping[str, str]]
    electricity_codes: Mapping[str, str]
    blocks: Mapping[str, Block]
    constants: Mapping[str, str]
    constants_sheet: str
    communication: Communication
    plausibility: tuple[Range, ...]
    intensity: tuple[Range, ...]
    derived: Mapping[tuple[str, str], tuple[str, str, int]] = field(default_factory=dict)

    def category_text(self, name: str) -> str:
        """The name of a category to the letter, spaces included, as the template's look-ups want it."""
        return self.category_texts.get(name, name)

    def text_of(self, codes: str, code: str) -> str | None:
        """The template's text of one of our codes."""
        return self.lists[codes].get(code)

    def code_of(self, codes: str, text: str) -> str | None:
        """Our code of a text of the template; spaces around it and its case do not matter."""
        wanted = " ".join(text.split()).casefold()
        return next((c for c, t in self.lists[codes].items() if " ".join(t.split()).casefold() == wanted), None)


@cache
def layout(folder: Path = FOLDER) -> Layout:
    """The layout of template version 2.1.x."""
    from zerofactory_engine.yaml_text import read_yaml

    path = folder / "2.1.yaml"
    tree = _plain(read_yaml(path.read_bytes(), path.name))
    if tree["format"] != FORMAT:
        raise ValueError(f"{path}: format {tree['format']}")
    blocks = {name: _block(name, entry) for name, entry in tree["blocks"].items()}
    version, communication = tree["version"], tree["communication"]
    first, _, last = communication["total_rows"].partition(":")
    constants = tree["constants"]
    return Layout(
        id=tree["id"], act=tree["act"], line=version["line"], known=tuple(version["known"]),
        version_sheet=version["sheet"], version_cells=run(version["cells"]),
        labels=tuple(Label(e["sheet"], e["cell"], e["text"]) for e in version["labels"]),
        sheets=tuple(tree["sheets"]), placeholder=tree["placeholder"], only_direct=tree["only_direct"],
        all_routes=tree["all_routes"], category_texts=tree["category_texts"], name_limit=int(tree["name_limit"]),
        name_wildcards=tree["name_wildcards"], not_available=tree["not_available"],
        lists=tree["lists"], electricity_codes=tree["electricity_codes"], blocks=blocks, constants=constants["cells"],
        constants_sheet=constants["sheet"],
        communication=Communication(communication["sheet"], int(communication["header_row"]),
                                    int(communication["first_row"]), communication["headers"], communication["totals"],
                                    (int(first), int(last))),
        plausibility=tuple(_range(e) for e in tree["plausibility"]),
        intensity=tuple(_range(e | {"block": "process"}) for e in tree["intensity"]),
        derived={(b.sheet, b.derived_cell(name, i)): (b.name, name, i)
                 for b in blocks.values() for name in b.derived for i in range(b.count)})


def _plain(node: Any) -> Any:
    from zerofactory_engine.yaml_text import ListNode, MapNode

    if isinstance(node, MapNode):
        return {k: _plain(v) for k, v in node.items()}
    return [_plain(n) for n in node.items] if isinstance(node, ListNode) else node.text


def _block(name: str, entry: Mapping[str, Any]) -> Block:
    fields = {n: _field(n, e) for n, e in entry.get("fields", {}).items()}
    return Block(name, entry["sheet"], int(entry.get("count", "1")), int(entry.get("step", "0")), fields,
                 entry.get("derived", {}), entry.get("printed", {}),
                 {k: Decimal(v) for k, v in entry.get("preset", {}).items()}, entry.get("constants", {}))


def _field(name: str, entry: Mapping[str, str]) -> Field:
    if entry["kind"] not in KINDS:
        raise ValueError(f"{name}: kind {entry['kind']}")
    return Field(name, run(entry.get("cells") or entry["cell"]), entry["kind"], entry.get("unit", ""),
                 entry.get("list", ""))


def _range(entry: Mapping[str, str]) -> Range:
    low, high = entry.get("low"), entry.get("high")
    return Range(entry["id"], entry["block"], entry["field"], Decimal(low) if low else None,
                 Decimal(high) if high else None, entry["unit"], entry["confidence"], entry.get("when", ""))
