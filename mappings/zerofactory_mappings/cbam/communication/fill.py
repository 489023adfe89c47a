"""Fill the Commission's template: write input cells only, leave every other part of the workbook as it is.

The XML of a sheet is changed in place, cell by cell (:mod:`.patch`), so that formats, formulas, protection, lists,
conditional formats and their extensions stay byte for byte. Stored results of formulas are removed, apart from labels
that no entry can change, and the workbook asks to be calculated when it is opened: a spreadsheet calculates a formula
cell without a result, and none would trust results of the blank template. Texts are written into their cells
(``inlineStr``), so that the table of shared texts stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from zerofactory_engine.decimals import plain
from zerofactory_engine.problems import Place, Problem, ProblemsError, Severity
from zerofactory_mappings.cbam.communication.cells import Cells
from zerofactory_mappings.cbam.communication.entries import Entries, Entry, entries_of
from zerofactory_mappings.cbam.communication.package import Package
from zerofactory_mappings.cbam.communication.patch import patched
from zerofactory_mappings.cbam.communication.read import open_template
from zerofactory_mappings.cbam.model import Basis, Installation
from zerofactory_mappings.cbam.result import CbamResult

#: Cells named in one problem.
_LISTED = 10
_TEXT_LIMIT = 32_767


@dataclass(frozen=True, slots=True)
class Filled:
    """A filled workbook, how many cells were written, the transitional calculation it has to give, and what is told."""

    data: bytes
    written: int
    result: CbamResult
    problems: tuple[Problem, ...]


def fill_template(template: bytes, installation: Installation, *, overwrite: bool = False) -> bytes:
    """The official *template* with the entries of *installation*; see :func:`fill`."""
    return fill(template, installation, overwrite=overwrite).data


def fill(template: bytes, installation: Installation, *, overwrite: bool = False,
         file: str = "template.xlsx") -> Filled:
    """Write *installation* into *template* (V2.1.x); *overwrite*: also when it holds entries, which are all replaced.

    Raises:
        ProblemsError: the template cannot be used (damaged, macros, another version, entries in it), or the
            installation does not fit into it; with everything there is to tell.
    """
    from zerofactory_mappings.cbam.compute import compute

    result = compute(installation, Basis.TRANSITIONAL)
    entries = entries_of(installation, result)
    opened = open_template(template, file)
    if opened.package.macros:
        raise ProblemsError([Problem("cbam-template.macros-refused", Place(file=file), accepted=".xlsx")])
    for sheet in dict.fromkeys(b.sheet for b in opened.cells.layout.blocks.values()):
        opened.package.sheet(sheet, every=True)      # once, for what is filled, what is open and what is changed
    old = _filled_cells(opened.cells)
    if old and not overwrite:
        raise ProblemsError([Problem("cbam-template.has-entries", Place(file=file), found=_listed(list(old)),
                                     args={"count": str(len(old))})])
    texts = {key: _cell_content(value, opened.package) for key, value in entries.cells.items()}
    problems = [*opened.problems, *entries.problems, *_lost_digits(entries), *_closed(opened.cells, entries, file),
                *_too_long(entries, file)]
    if any(p.severity is Severity.ERROR for p in problems):
        raise ProblemsError(problems)
    cleared = {key: None for key in old if key not in texts}
    return Filled(patched(opened.package, {**cleared, **texts}), len(texts), result, tuple(problems))


def _filled_cells(cells: Cells) -> dict[tuple[str, str], None]:
    """Input cells that hold anything but what the blank template holds."""
    found: dict[tuple[str, str], None] = {}
    for block in cells.layout.blocks.values():
        for name in block.fields:
            for index in range(block.count):
                for cell in block.cells(name, index):
                    stored = cells.package.cell(block.sheet, cell)
                    preset = block.preset.get(name)
                    empty = stored.value is None or (isinstance(stored.value, str) and stored.value.strip() in (
                        "", cells.layout.placeholder))
                    if stored.formula is not None or not (empty or (preset is not None and stored.value == preset)):
                        found[block.sheet, cell] = None
    return found


def _cell_content(value: Entry, package: Package) -> str | bool | Decimal:
    """What is written for an entry: dates as days of the workbook's calendar."""
    if isinstance(value, bool) or not isinstance(value, date):
        return value
    start = date(1904, 1, 1) if package.date1904 else date(1899, 12, 30)
    return Decimal((value - start).days)


def _listed(cells: list[tuple[str, str]]) -> str:
    shown = ", ".join(f"{sheet}!{cell}" for sheet, cell in cells[:_LISTED])
    return shown + (f" … ({len(cells)})" if len(cells) > _LISTED else "")


def _lost_digits(entries: Entries) -> list[Problem]:
    """Figures of which a workbook cannot keep every digit (it stores doubles)."""
    lost = [key for key, value in entries.cells.items()
            if isinstance(value, Decimal) and Decimal(repr(float(value))) != value]
    if not lost:
        return []
    sheet, cell = lost[0]
    value = entries.cells[lost[0]]
    assert isinstance(value, Decimal)
    return [Problem("cbam-template.digits-lost", Place(sheet=sheet, cell=cell), Severity.NOTE, found=plain(value),
                    accepted=repr(float(value)), args={"cells": _listed(lost), "count": str(len(lost))})]


def _closed(cells: Cells, entries: Entries, file: str) -> list[Problem]:
    sheets = dict.fromkeys(sheet for sheet, _ in entries.cells)
    closed = [(s, c) for s in sheets for c in cells.closed(s, [c for t, c in entries.cells if t == s])]
    return [Problem("cbam-template.cell-locked", Place(file=file, sheet=closed[0][0], cell=closed[0][1]),
                    found=_listed(closed), args={"count": str(len(closed))})] if closed else []


def _too_long(entries: Entries, file: str) -> list[Problem]:
    return [Problem("cbam-template.text-too-long", Place(file=file, sheet=sheet, cell=cell), found=str(len(value)),
                    accepted=f"≤ {_TEXT_LIMIT}")
            for (sheet, cell), value in entries.cells.items() if isinstance(value, str) and len(value) > _TEXT_LIMIT]
