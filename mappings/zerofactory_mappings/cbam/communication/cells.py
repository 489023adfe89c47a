"""Entries of the template by kind: what was typed, in the units of the model, with every problem at its cell.

A number is what is stored. Where a user typed a formula, its stored result counts; if none is stored the formula is
evaluated exactly (:mod:`.formulas`), through chains of cells and into the template's own results as far as this project
works them out itself (:mod:`.derived`). A stored result of a locked formula cell is never used.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal

from zerofactory_engine.decimals import CONTEXT, parse_decimal, plain
from zerofactory_engine.problems import Place, Problem, Severity
from zerofactory_engine.yaml_text import CONTROL
from zerofactory_mappings.cbam.communication.addresses import cell_name, split_cell
from zerofactory_mappings.cbam.communication.formulas import FormulaError, Ref, evaluate, parse
from zerofactory_mappings.cbam.communication.layout import Block, Field, Layout
from zerofactory_mappings.cbam.communication.package import Cell, CellError, Formula, Package, Stored
from zerofactory_mappings.cbam.communication.styles import unlocked_styles
from zerofactory_mappings.cbam.model import Given

#: A stored result and ours are the same when they differ by no more than this share: doubles against exact decimals.
STALE = Decimal("1e-9")
#: Longest chain of cells that a formula may lead through, and most formulas evaluated in one workbook.
CHAIN, STEPS = 100, 20_000

_SEPARATED = re.compile(r"[+-]?\d[\d\s.,'’\u00a0\u202f]*\d(?:[eE][+-]?\d+)?\s*%?")
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ]00:00(?::00(?:\.0+)?)?)?", re.ASCII)
_EARLIEST, _LATEST = date(1990, 1, 1), date(2100, 12, 31)

#: Gives the value of a locked cell that this project works out itself; raises :class:`FormulaError`.
Locked = Callable[[str, str], Stored]


class Cells:
    """The input cells of one workbook."""

    def __init__(self, package: Package, layout: Layout) -> None:
        self.package, self.layout = package, layout
        self.problems: list[Problem] = []
        self.locked: Locked | None = None
        self._open = unlocked_styles(package)
        self._own = frozenset(b.sheet for b in layout.blocks.values()) | {layout.version_sheet, layout.constants_sheet,
                                                                        layout.communication.sheet}
        self._known: dict[tuple[str, str], Stored] = {}
        self._failed: dict[tuple[str, str], FormulaError] = {}
        self._active: list[tuple[str, str]] = []
        self._quiet = 0
        self._steps = 0
        self._english: dict[str, str] | None = None

    # --- problems ---------------------------------------------------------------------------------------------------

    def place(self, sheet: str, cell: str) -> Place:
        """Where a cell is."""
        return Place(file=self.package.file, sheet=sheet, cell=cell)

    def report(self, code: str, sheet: str, cell: str, severity: Severity = Severity.ERROR, *,
               found: str | None = None, accepted: str | None = None, example: str | None = None, **args: str) -> None:
        """Record a problem at a cell, once. While a result is worked out for a formula, an entry that cannot be read
        is no reason to leave it out: then the formula cannot be evaluated."""
        if self._quiet:
            if severity is Severity.ERROR:
                raise FormulaError("error-operand", f"{sheet}!{cell}")
            return
        problem = Problem(f"cbam-template.{code}", self.place(sheet, cell), severity, found, accepted, example, args)
        if problem not in self.problems:
            self.problems.append(problem)

    @contextmanager
    def strictly(self) -> Iterator[None]:
        """Read entries for a result that a formula refers to: nothing is reported, what cannot be read raises."""
        self._quiet += 1
        try:
            yield
        finally:
            self._quiet -= 1

    # --- what a cell holds ------------------------------------------------------------------------------------------

    def closed(self, sheet: str, cells: Iterable[str]) -> list[str]:
        """Those of *cells* that may not be changed while the sheet is protected, or do not exist."""
        stored = self.package.sheet(sheet, every=True)
        return [c for c in cells if c not in stored or stored[c].style not in self._open]

    def stored(self, sheet: str, name: str) -> Stored:
        """The value of an input cell; problems of its formula are reported."""
        cell = self.package.cell(sheet, name)
        if cell.formula is None:
            return self._plain(sheet, name, cell.value)
        if _has_result(cell):
            if not self._quiet:
                self._compare(sheet, name, cell)
            return self._plain(sheet, name, cell.value)
        if self._quiet:
            return self._value(sheet, name)
        try:
            return self._value(sheet, name)
        except FormulaError as error:
            self._formula_problem(sheet, name, cell.formula, error)
            return None

    def _plain(self, sheet: str, name: str, value: Stored) -> Stored:
        if isinstance(value, CellError):
            self.report("cell-error", sheet, name, found=value.code)
            return None
        if isinstance(value, str):
            text = CONTROL.sub(" ", value).strip()
            return None if not text or text == self.layout.placeholder else text
        return value

    def _formula_problem(self, sheet: str, name: str, formula: Formula, error: FormulaError) -> None:
        self.report(f"formula-{error.reason}", sheet, name, found="=" + formula.text[:120], detail=error.detail)

    def _compare(self, sheet: str, name: str, cell: Cell) -> None:
        """Report when the stored result of a typed formula is not what the formula gives."""
        assert cell.formula is not None
        try:
            own = self._evaluate(sheet, name, cell.formula)
        except FormulaError as error:
            if error.reason == "cycle":
                self._formula_problem(sheet, name, cell.formula, error)
            else:
                self.report("formula-not-checked", sheet, name, Severity.NOTE, found="=" + cell.formula.text[:120],
                            detail=error.detail)
            return
        stored = cell.value
        if isinstance(own, Decimal) and isinstance(stored, Decimal):
            same = abs(CONTEXT.subtract(own, stored)) <= CONTEXT.multiply(STALE, max(abs(own), abs(stored)))
        else:
            same = own == stored or (own in (None, "") and stored in (None, ""))
        if not same:
            self.report("stale-formula", sheet, name, Severity.WARNING, found=_shown(stored),
                        formula="=" + cell.formula.text[:120], gives=_shown(own))

    # --- formulas ---------------------------------------------------------------------------------------------------

    def _value(self, sheet: str, name: str) -> Stored:
        """The value that a reference to the cell has; raises :class:`FormulaError`."""
        key = (sheet, name)
        if key in self._known:
            return self._known[key]
        if key in self._failed:
            raise self._failed[key]
        try:
            value = self._fresh(sheet, name)
        except FormulaError as error:
            if error.reason != "cycle" or not self._active:
                self._failed[key] = error
            raise
        self._known[key] = value
        return value

    def reference(self, sheet: str, name: str) -> Stored:
        """The value that a formula sees at a cell; raises :class:`FormulaError`."""
        return self._value(sheet, name)

    def _fresh(self, sheet: str, name: str) -> Stored:
        known = self.layout.derived.get((sheet, name))
        if known is not None or (sheet == self.layout.constants_sheet and name in self.layout.constants.values()):
            if self.locked is None:
                raise FormulaError("locked", f"{sheet}!{name}")
            with self._step(sheet, name):
                return self.locked(sheet, name)
        cell = self.package.cell(sheet, name)
        if cell.formula is None:
            return cell.value
        if sheet in self._own and cell.style not in self._open:
            raise FormulaError("locked", f"{sheet}!{name}")
        if _has_result(cell):
            return cell.value
        return self._evaluate(sheet, name, cell.formula)

    def _evaluate(self, sheet: str, name: str, formula: Formula) -> Stored:
        if formula.kind not in ("normal", "shared", "array") or not formula.text:
            raise FormulaError("array", formula.kind)
        at = split_cell(name)
        assert at is not None

        def lookup(other: str | None, column: int, row: int) -> Stored:
            wanted = sheet if other is None else self._sheet(other)
            return self._value(wanted, cell_name(column, row))

        with self._step(sheet, name):
            tree = parse(formula.text)
            return evaluate(tree, lookup, (at[0] - formula.column, at[1] - formula.row), self._named)

    @contextmanager
    def _step(self, sheet: str, name: str) -> Iterator[None]:
        key = (sheet, name)
        if key in self._active:
            chain = [*self._active[self._active.index(key):], key]
            raise FormulaError("cycle", " → ".join(f"{s}!{c}" for s, c in chain[:8]))
        self._steps += 1
        if len(self._active) >= CHAIN or self._steps > STEPS:
            raise FormulaError("too-long", f"{sheet}!{name}")
        self._active.append(key)
        try:
            yield
        finally:
            self._active.pop()

    def _sheet(self, name: str) -> str:
        found = next((s for s in self.package.sheet_parts if s.casefold() == name.casefold()), None)
        if found is None:
            raise FormulaError("error-operand", f"{name}!")
        return found

    def _named(self, name: str) -> Ref | None:
        """The cell that a defined name stands for."""
        text = self.package.names.get(name.upper())
        if text is None:
            return None
        try:
            node = parse(text)
        except FormulaError:
            return None
        return node.refs[0] if node.kind == "ref" else None

    # --- entries by kind --------------------------------------------------------------------------------------------

    def filled(self, block: Block, name: str, index: int = 0) -> bool:
        """Whether anything stands in a field."""
        for cell in block.cells(name, index):
            at = self.package.cell(block.sheet, cell)
            value = at.value
            if at.formula is not None and not _has_result(at):
                return True
            if value is not None and not (isinstance(value, str) and value.strip() in ("", self.layout.placeholder)):
                return True
        return False

    def any_filled(self, block: Block, index: int, *but: str) -> bool:
        """Whether anything stands in a block, apart from some fields."""
        return any(self.filled(block, name, index) for name in block.fields if name not in but)

    def text(self, sheet: str, cell: str) -> str | None:
        """A text; a number typed there reads as its digits."""
        value = self.stored(sheet, cell)
        if value is None:
            return None
        if isinstance(value, Decimal):
            return plain(value)
        if isinstance(value, bool):
            return "TRUE" if value else "FALSE"
        return " ".join(str(value).split("\r\n")).strip()[:2_000]

    def number(self, sheet: str, cell: str) -> Decimal | None:
        """A number; None when nothing is there or it is none (reported)."""
        value = self.stored(sheet, cell)
        if value is None or isinstance(value, Decimal):
            return value
        if isinstance(value, (bool, CellError)):
            self.report("not-a-number", sheet, cell, found=_shown(value), example="1234.5")
            return None
        return self._number_of(value, sheet, cell)

    def _number_of(self, text: str, sheet: str, cell: str) -> Decimal | None:
        exact = parse_decimal(text)
        if exact is not None:
            self.report("number-as-text", sheet, cell, Severity.NOTE, found=text[:60])
            return exact
        if _SEPARATED.fullmatch(text):
            self.report("ambiguous-number", sheet, cell, found=text[:60], example="1234.5")
        else:
            self.report("not-a-number", sheet, cell, found=text[:60], example="1234.5")
        return None

    def given(self, block: Block, name: str, index: int = 0, unit: str | None = None) -> Given | None:
        """The figure in a field with one cell."""
        return self.given_at(block, block.fields[name], block.cell(name, index), unit)

    def given_at(self, block: Block, field: Field, cell: str, unit: str | None = None) -> Given | None:
        """The figure in a cell of a field; per cents become shares."""
        value = self.number(block.sheet, cell)
        if value is None:
            return None
        at = self.place(block.sheet, cell)
        if field.kind == "percent":
            self._bounded(block.sheet, cell, value, 100)
            return Given(CONTEXT.divide(value, Decimal(100)), "1", at)
        if field.kind == "share":
            self._bounded(block.sheet, cell, value, 1)
            return Given(value, "1", at)
        return Given(value, field.unit if unit is None else unit, at)

    def _bounded(self, sheet: str, cell: str, value: Decimal, most: int) -> None:
        if not self._quiet and not 0 <= value <= most:
            self.report("share-out-of-range", sheet, cell, found=plain(value), accepted=f"0 … {most}")

    def code(self, block: Block, name: str, index: int = 0) -> str | None:
        """Our code of what was chosen in a list."""
        cell = block.cell(name, index)
        value = self.stored(block.sheet, cell)
        if value is None:
            return None
        text = "TRUE" if value is True else "FALSE" if value is False else (
            plain(value) if isinstance(value, Decimal) else str(value))
        codes = block.fields[name].codes
        found = self.layout.code_of(codes, text) or self.layout.code_of(codes, self.english(text))
        if found is None:
            self.report("not-in-list", block.sheet, cell, found=text[:80],
                        accepted=" · ".join(self.layout.lists[codes].values()))
        typed = self.package.cell(block.sheet, cell).value
        if found is not None and isinstance(typed, str) and typed != typed.strip():
            self.report("list-text-spaces", block.sheet, cell, Severity.WARNING, found=repr(typed)[:80],
                        accepted=self.layout.text_of(codes, found))
        return found

    def flag(self, block: Block, name: str, index: int = 0) -> bool | None:
        """A truth value."""
        cell = block.cell(name, index)
        value = self.stored(block.sheet, cell)
        if value is None or isinstance(value, bool):
            return value
        word = plain(value) if isinstance(value, Decimal) else str(value).casefold()
        if word in ("1", "true", "0", "false"):
            return word in ("1", "true")
        self.report("not-in-list", block.sheet, cell, found=word[:80], accepted="TRUE · FALSE")
        return None

    def day(self, block: Block, name: str, index: int = 0) -> date | None:
        """A date: a serial number of the workbook's calendar, or a text in ISO form."""
        cell = block.cell(name, index)
        value = self.stored(block.sheet, cell)
        if value is None:
            return None
        day: date | None = None
        if isinstance(value, Decimal) and 0 < value < 100_000:
            start = date(1904, 1, 1) if self.package.date1904 else date(1899, 12, 30)
            day = start + timedelta(days=int(value))
        elif isinstance(value, str) and (match := _DATE.fullmatch(value)):
            try:
                day = date(int(match[1]), int(match[2]), int(match[3]))
            except ValueError:
                day = None
        if day is None or not _EARLIEST <= day <= _LATEST:
            self.report("not-a-date", block.sheet, cell, found=_shown(value), example="2025-01-01")
            return None
        return day

    def english(self, text: str) -> str:
        """The English of a text that the workbook's own table of translations gives in another language."""
        if self._english is None:
            self._english = {}
            rows: dict[int, str] = {}
            sheet = self.package.sheet("Translations")
            for name, cell in sheet.items():
                if name.startswith("C") and name[1:].isdigit() and isinstance(cell.value, str):
                    rows[int(name[1:])] = cell.value
            for name, cell in sheet.items():
                at = split_cell(name)
                if at and 3 < at[0] < 14 and isinstance(cell.value, str) and at[1] in rows:
                    self._english.setdefault(" ".join(cell.value.split()).casefold(), rows[at[1]])
        return self._english.get(" ".join(text.split()).casefold(), text)


def _has_result(cell: Cell) -> bool:
    """Whether a formula cell stores a result; an empty text of a formula is one only when it is said to be a text."""
    return cell.value is not None


def _shown(value: Stored) -> str:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, CellError):
        return value.code
    return "" if value is None else str(value)[:80]
