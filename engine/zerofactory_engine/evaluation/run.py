"""Values of one dossier under one program: computed when asked for, under any readings, each only once.

A value depends on the readings that its cell reaches and on no others, so it is kept under those alone. Readings that
choose accounting options reach a cell only if they change a column that it uses; that is found by comparing the
columns, not assumed.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from zerofactory_engine.accounting import FactorLibrary, Inventory, Options, compute_inventory
from zerofactory_engine.accounting.gwp import Potentials
from zerofactory_engine.accounting.vocabulary import derived_types
from zerofactory_engine.dossier import Dossier, structure
from zerofactory_engine.evaluation.conditions import Decider
from zerofactory_engine.evaluation.functions import CASE, CHECKLISTS, Case, gas_of, warmed
from zerofactory_engine.evaluation.judgements import Judgements
from zerofactory_engine.evaluation.margins import Leaf
from zerofactory_engine.evaluation.parameters import Settled, settle_parameter
from zerofactory_engine.evaluation.program import LINES, Cell, CellKind, Program, Step, touches
from zerofactory_engine.feel.values import Table
from zerofactory_engine.reasons import Cause, Reason, Unknown
from zerofactory_engine.rulepack.model import Parameter, Quantity, Special, settle
from zerofactory_engine.units import Dimension, Unit, unit

Readings = Mapping[str, str]
#: Accounting combinations up to which it is found out which reading changes which column; beyond, all of them count.
_COMPARED = 256


class Run:
    """One dossier, one program, a law date and a knowledge date."""

    def __init__(self, program: Program, dossier: Dossier, library: FactorLibrary, valid_on: date,
                 known_on: date | None = None, judgements: Judgements | None = None,
                 given: Mapping[str, Any] | None = None, parent: Run | None = None, vary: bool = True) -> None:
        self.program = program
        self.dossier = dossier
        self.library = library
        self.valid_on = valid_on
        self.known_on = known_on
        self.judgements = judgements
        self.given = dict(given or {})
        self.vary = vary
        self._parent = parent
        self._touched = self._reached_by(self.given)
        self._memo: dict[tuple[Any, ...], Any] = {}
        self._taken: dict[tuple[Any, ...], dict[str, Any]] = {}
        self._reach: dict[str, tuple[str, ...]] = {}
        self._inventories: dict[tuple[str, ...], Inventory] = {} if parent is None else parent._inventories
        self._roots: dict[tuple[str, ...], dict[str, Any]] = {} if parent is None else parent._roots
        self._line_tables: dict[tuple[int, ...], Table] = {}
        self._columns: dict[tuple[tuple[int, ...], str], Any] = {}
        self._effects: dict[tuple[str, str], frozenset[str]] = {} if parent is None else parent._effects

    def with_given(self, given: Mapping[str, Any]) -> Run:
        """The same with *given* values in place of computed ones; what they do not touch is not computed again."""
        return Run(self.program, self.dossier, self.library, self.valid_on, self.known_on, self.judgements,
                   {**self.given, **given}, parent=self, vary=self.vary)

    def _reached_by(self, given: Mapping[str, Any]) -> frozenset[str]:
        """Keys of cells that rest on *given* values."""
        keys = set(given)
        return frozenset(c.key for c in self.program.cells.values()
                         if c.key in keys or keys & (c.parameters | c.quantities)) if keys else frozenset()

    # --- readings ----------------------------------------------------------------------------------------------

    def readings_of(self, key: str) -> tuple[str, ...]:
        """Readings on which the value of *key* depends in this dossier, sorted."""
        found = self._reach.get(key)
        if found is None:
            cell = self.program.cells[key]
            found = self._reach[key] = tuple(sorted(cell.readings | self._accounting_readings(cell)))
        return found

    def _accounting_readings(self, cell: Cell) -> frozenset[str]:
        readings = self.program.accounting_readings
        if not readings:
            return frozenset()
        if "convert" in cell.calls or (not self.vary and any(touches(c) for c in cell.columns)):
            return frozenset(readings)
        if not self.vary:
            return frozenset()
        return frozenset().union(*(self._effect(c) for c in cell.columns)) if cell.columns else frozenset()

    def _effect(self, column: tuple[str, str]) -> frozenset[str]:
        """Accounting readings that change *column* (table, name) under some combination of the others."""
        found = self._effects.get(column)
        if found is None:
            found = self._effects[column] = self._compare(column)
        return found

    def _compare(self, column: tuple[str, str]) -> frozenset[str]:
        table, name = column
        readings = self.program.accounting_readings
        if not touches(column):
            return frozenset()
        choices = [tuple(self.program.pack.readings[r].alternatives) for r in readings]
        combinations = list(itertools.product(*choices))
        if len(combinations) > _COMPARED:
            return frozenset(readings)
        content = {c: self._content(table, name, dict(zip(readings, c, strict=True))) for c in combinations}
        return frozenset(
            reading for position, reading in enumerate(readings)
            if any(content[c] != content[(*c[:position], other, *c[position + 1:])]
                   for c in combinations for other in choices[position]))

    def _content(self, table: str, name: str, readings: Readings) -> Any:
        """What a column holds under *readings*: equal when nothing that an expression sees differs.

        The accounting gives the same line again where nothing changed, so most inventories need not be looked into.
        """
        inventory = self.inventory(readings)
        if table != LINES:
            return tuple(inventory.derived.get((table, row.id, name)) for row in self.dossier.rows.get(table, ()))
        same = tuple(map(id, inventory.lines))
        if (same, name) not in self._columns:
            if same not in self._line_tables:
                self._line_tables[same] = inventory.table()
            found = self._line_tables[same]
            self._columns[same, name] = tuple(found.row_ids), tuple(found.cells(name) or ())
        return self._columns[same, name]

    # --- roots ---------------------------------------------------------------------------------------------------

    def _accounting_key(self, readings: Readings) -> tuple[str, ...]:
        return tuple(readings[r] for r in self.program.accounting_readings)

    def options(self, readings: Readings) -> Options:
        """Factor sets and options of the inventory that the pack wants under *readings*."""
        accounting = self.program.pack.accounting
        return Options(
            factor_sets={role: settle(c, readings) for role, c in accounting.factor_sets.items()},
            options={name: settle(c, readings) for name, c in accounting.options.items()},
            known_on=self.known_on,
        )

    def inventory(self, readings: Readings) -> Inventory:
        """The inventory under *readings*."""
        key = self._accounting_key(readings)
        found = self._inventories.get(key)
        if found is None:
            found = self._inventories[key] = compute_inventory(self.dossier, self.options(readings), self.library)
        return found

    def table(self, name: str, readings: Readings) -> Table:
        """A table of the dossier, with the columns that the accounting adds to it."""
        found = self.roots(readings).get(name) if name in derived_types() else None
        return found if isinstance(found, Table) else self.dossier.tables[name].feel

    def roots(self, readings: Readings) -> Mapping[str, Any]:
        """What expressions see under *readings* beside plain tables: contexts, tables with derived columns, lines."""
        key = self._accounting_key(readings)
        found = self._roots.get(key)
        if found is None:
            found = self._roots[key] = self._build_roots(self.inventory(readings))
        return found

    @cached_property
    def _plain(self) -> Mapping[str, Any]:
        """What expressions see of the dossier beside its tables."""
        return self.dossier.scope(()) if self._parent is None else self._parent._plain

    def _build_roots(self, inventory: Inventory) -> dict[str, Any]:
        roots = dict(self._plain)
        derived = inventory.derived
        for name, columns in derived_types().items():
            table = self.dossier.tables[name].feel
            cells = {c: [derived.get((name, row, c)) for row in table.row_ids] for c in columns}
            roots[name] = Table(table.name, table.row_ids, {**table.columns, **cells}, table.gaps)
        roots[LINES] = self._line_tables.get(tuple(map(id, inventory.lines))) or inventory.table()
        return roots

    # --- values --------------------------------------------------------------------------------------------------

    def value(self, key: str, readings: Readings) -> Any:
        """What expressions see as *key*: a base-unit value, or an :class:`Unknown` with its reasons."""
        return self._entry(key, readings)[0]

    def raw(self, key: str, readings: Readings) -> Any:
        """The value of *key* as computed, also when it is implausible."""
        return self._entry(key, readings)[1]

    def _entry(self, key: str, readings: Readings) -> tuple[Any, Any]:
        if self._parent is not None and key not in self._touched:
            return self._parent._entry(key, readings)
        memo = (key, *(readings[r] for r in self.readings_of(key)))
        found = self._memo.get(memo)
        if found is None:
            found = self._memo[memo] = self._compute(self.program.cells[key], readings, memo)
        return found

    def _compute(self, cell: Cell, readings: Readings, memo: tuple[Any, ...]) -> tuple[Any, Any]:
        if cell.key in self.given:
            value = self.given[cell.key]
        elif cell.kind is CellKind.PARAMETER:
            value = self.parameter(cell.key, readings).value
        else:
            step = self.program.step(cell.key, readings)
            scope = self._asked_scope(step, readings)
            if step.parts:
                taken = self._taken[memo] = self._take(step, scope)
                scope.update(taken)
            value = step.outer(scope)
        if cell.kind is CellKind.QUANTITY:
            assert isinstance(cell.definition, Quantity)
            return plausible(cell.definition, value, readings), value
        return value, value

    def parameter(self, key: str, readings: Readings) -> Settled:
        """The parameter *key* on the run's dates."""
        cell = self.program.cells[key]
        assert isinstance(cell.definition, Parameter)
        settled = settle_parameter(cell.definition, settle(cell.choice, readings), self.valid_on, self.known_on)
        if key in self.given:
            return Settled("value", self.given[key], settled.dated)
        return settled

    def scope(self, step: Step, readings: Readings) -> dict[str, Any]:
        """The names of an expression with their values; a limit that is `none` stands as itself."""
        roots = None
        scope: dict[str, Any] = {}
        for name, key in step.names:
            if key in self.program.cells:
                scope[name] = self.value(key, readings)
            else:
                if roots is None:
                    roots = self.roots(readings) if step.accounts else self._plain
                if key in roots:
                    scope[name] = roots[key]
                elif key in structure.tables():
                    scope[name] = self.dossier.tables[key].feel
        if step.of_case:
            scope[CASE] = Case(self, readings, step.owner.id if step.owner else None)
        return scope

    def _asked_scope(self, step: Step, readings: Readings) -> dict[str, Any]:
        """:meth:`scope` with limits that are `none` as unknowns: no formula can use them."""
        scope = self.scope(step, readings)
        for name, key in step.names:
            if scope.get(name) is Special.NONE:
                scope[name] = Unknown(Reason(Cause.LIMIT, f"parameter:{key}", "reason.parameter-none"))
        return scope

    def evaluate(self, step: Step, readings: Readings) -> Any:
        """The value of an expression; where it uses a limit that is `none`, unknown."""
        return step.call(self._asked_scope(step, readings))

    @staticmethod
    def _take(step: Step, scope: Mapping[str, Any]) -> dict[str, Any]:
        """The values of the parts of *step* that may be rows, by their texts."""
        return {p.text: scope.get(p.name) if p.name is not None else p.call(scope) for p in step.parts}

    def taken(self, key: str, readings: Readings) -> Mapping[str, Any]:
        """What the expression of a cell took in: values of its parts by their texts, rows of tables among them."""
        if self._parent is not None and key not in self._touched:
            return self._parent.taken(key, readings)
        memo = (key, *(readings[r] for r in self.readings_of(key)))
        found = self._taken.get(memo)
        if found is None:
            step = self.program.step(key, readings)
            found = self._taken[memo] = self._take(step, self.scope(step, readings))
        return found

    def decide(self, step: Step, readings: Readings) -> Leaf:
        """The comparison that decides a condition."""
        return self.decide_over(step, self.scope(step, readings))

    def decide_over(self, step: Step, scope: Mapping[str, Any]) -> Leaf:
        """The comparison that decides a condition over the values of *scope*; a limit that is `none` asks nothing."""
        cells = self.program.cells
        limits = frozenset(n for n, key in step.names if key in cells and cells[key].kind is CellKind.PARAMETER)
        unasked = frozenset(n for n in limits if scope.get(n) is Special.NONE)
        return Decider(lambda node, values: self.program.part(node, step.owner).call(values), limits, unasked).decide(
            step.node, scope)

    # --- what functions of the house ask ---------------------------------------------------------------------------

    def figure(self, name: str, period: str | None) -> Any:
        """A single figure of the period, or of the base year, in base units; unknown when it is not stated."""
        return self.dossier.figure(name, period or "period")

    def checklist(self, question_set: str, subject: str | None) -> Mapping[str, tuple[str, Any]]:
        """The applicant's answers to a question set: item → (row id, yes or no or None)."""
        rows = self.dossier.rows.get(CHECKLISTS, ())
        return {row.values["item"]: (row.id, row.values.get("met")) for row in rows
                if row.values.get("checklist") == question_set and row.values.get("subject") == subject}

    def as_co2e(self, value: Decimal, given: Dimension, readings: Readings) -> Any:
        """A mass of a gas as CO2e by the warming potential of the inventory."""
        gas = gas_of(given)
        if gas == "CO2":
            return value
        inventory = self.inventory(readings)
        by_origin = inventory.options["methane_gwp"] == "by_origin"
        return warmed(value, Potentials(inventory.sets["gwp"], by_origin=by_origin).term(gas).value)

    # --- variations --------------------------------------------------------------------------------------------------

    def with_dossier(self, dossier: Dossier) -> Run:
        """The same program, dates, judgements and given values for another dossier, meant for one choice of readings.

        Which accounting readings matter there is not found out; all of them count.
        """
        return Run(self.program, dossier, self.library, self.valid_on, self.known_on, self.judgements, self.given,
                   vary=False)


def display_unit(definition: Any, readings: Readings) -> Unit | None:
    """The unit in which a quantity or parameter is shown; None when it has none."""
    text = settle(definition.unit, readings)
    return None if text is None else unit(text)


def plausible(quantity: Quantity, value: Any, readings: Readings) -> Any:
    """*value*, or unknown because it lies outside what is possible."""
    if quantity.plausible is None or not isinstance(value, Decimal):
        return value
    low, high = quantity.plausible
    shown_in = display_unit(quantity, readings)
    shown = value if shown_in is None else shown_in.from_base(value)
    if low <= shown <= high:
        return value
    args = {"value": f"{shown:f}", "low": f"{low:f}", "high": f"{high:f}", "unit": shown_in.text if shown_in else ""}
    return Unknown(Reason(Cause.IMPLAUSIBLE, f"quantity:{quantity.id}", "reason.quantity-implausible",
                          tuple(sorted(args.items()))))
