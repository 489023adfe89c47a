"""How uncertain a computed value is, from what the evidence states of its rows: first order, by source.

Each source (a row, a line of the inventory) moves every value that it enters by a signed amount. Through a sum the
amounts add, through a product ``a·b`` they are ``b·da + a·db``, through a quotient ``(da - (a/b)·db)/b``; a source
that stands above and below counts with its difference. Different sources are independent: the half-width of a value is
the root of the sum of their squares (JCGM 100:2008, 5.1.2; IPCC 2006 Guidelines volume 1, 3.2.3).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from zerofactory_engine import feel
from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.dossier.model import Uncertainty
from zerofactory_engine.evaluation.functions import functions
from zerofactory_engine.evaluation.margins import Leaf
from zerofactory_engine.evaluation.program import LINES, CellKind, Step
from zerofactory_engine.evaluation.run import Readings, Run
from zerofactory_engine.feel import Trace, tree
from zerofactory_engine.feel.values import Selection

Spread = Mapping[str, Decimal]
"""Source → signed half-width that it contributes, in base units."""

_NOTHING: Spread = {}


def half_width(spread: Spread) -> Decimal | None:
    """The half-width of a value; None when no source states an uncertainty."""
    if not spread:
        return None
    total = Decimal(0)
    for part in spread.values():
        total = CONTEXT.add(total, CONTEXT.multiply(part, part))
    return CONTEXT.sqrt(total)


class Uncertainties:
    """Spreads of the cells of one run, each computed once."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._memo: dict[tuple[str, ...], Spread] = {}
        self._relative: Mapping[str, Decimal] | None = None

    def of_cell(self, key: str, readings: Readings) -> Spread:
        """The spread of a quantity."""
        if self.run.program.cells[key].kind is CellKind.PARAMETER or key in self.run.given:
            return _NOTHING
        memo = (key, *(readings[r] for r in self.run.readings_of(key)))
        if memo not in self._memo:
            self._memo[memo] = self._of_step(self.run.program.step(key, readings), readings)
        return self._memo[memo]

    def of_leaf(self, leaf: Leaf, step: Step, readings: Readings) -> Decimal | None:
        """The half-width of a leaf's distance; None when nothing is stated or the leaf is of a row."""
        if not isinstance(leaf.node, tree.Compare) or leaf.row is not None or leaf.distance is None:
            return None
        sides = [self._of_step(self.run.program.part(side, step.owner), readings)
                 for side in (leaf.node.left, leaf.node.right)]
        return half_width(_add(sides[0], _scaled(sides[1], Decimal(-1))))

    def _of_step(self, step: Step, readings: Readings) -> Spread:
        if not self._relevant(readings):
            return _NOTHING
        trace = feel.explain(step.node, self.run.scope(step, readings), functions())
        return self._of(trace, dict(step.names), readings)

    def _stated(self, readings: Readings) -> Mapping[str, Decimal]:
        """Relative half-widths that rows state, brought to the coverage factor of 95 % as the inventory has it."""
        if self._relative is None:
            entry = self.run.inventory(readings).sets["constants"].find("coverage_95")
            usual = entry.values["k"].above if entry is not None else None
            self._relative = {f"{table}/{row.id}": _expanded(row.uncertainty, usual)
                              for table, rows in self.run.dossier.rows.items() for row in rows
                              if row.uncertainty is not None and row.uncertainty.half_width is not None}
        return self._relative

    def _relevant(self, readings: Readings) -> bool:
        """Whether anything states an uncertainty at all."""
        return bool(self._stated(readings)) or any(w is not None for w in self._lines(readings).values())

    def _lines(self, readings: Readings) -> Mapping[str, Decimal | None]:
        return {line.id: line.uncertainty for line in self.run.inventory(readings).lines}

    def _of(self, trace: Trace, names: Mapping[str, str], readings: Readings) -> Spread:
        node, value = trace.node, trace.value
        if not isinstance(value, Decimal):
            return _NOTHING
        below = trace.children
        match node:
            case tree.Name(name):
                key = names.get(name, name)
                return self.of_cell(key, readings) if key in self.run.program.cells else _NOTHING
            case tree.Negate():
                return _scaled(self._of(below[0], names, readings), Decimal(-1))
            case tree.Arithmetic(op=op) if len(below) == 2:
                left, right = (self._of(t, names, readings) for t in below)
                return _combined(op, below[0].value, below[1].value, left, right)
            case tree.If():
                return self._of(below[-1], names, readings)
            case tree.Call(tree.Name(name)) if name in ("total", "sum") and len(below) == 1:
                return self._of_sum(below[0].value, readings)
            case tree.Call(tree.Name("figure"), (tree.String(name),)):
                return self._of_figure(name, readings)
            case tree.Call(tree.Name("convert")) if isinstance(below[0].value, Decimal) and below[0].value:
                return _scaled(self._of(below[0], names, readings), CONTEXT.divide(value, below[0].value))
        return _NOTHING

    def _of_sum(self, values: Any, readings: Readings) -> Spread:
        """The spread of a sum over a column: each row with what is stated of it."""
        if isinstance(values, Selection) and values.table is not None and values.column is not None:
            table, column, rows = values.table, values.column, values.rows
        else:
            return _NOTHING
        lines = self._lines(readings) if table.name == LINES else {}
        cells, stated = table.cells(column) or (), self._stated(readings)
        spread: dict[str, Decimal] = {}
        for index in rows:
            cell, source = cells[index], f"{table.name}/{table.row_ids[index]}"
            relative = lines.get(table.row_ids[index]) if table.name == LINES else stated.get(source)
            if relative is not None and isinstance(cell, Decimal):
                spread[source] = CONTEXT.add(spread.get(source, Decimal(0)), CONTEXT.multiply(cell, relative))
        return spread

    def _of_figure(self, name: str, readings: Readings) -> Spread:
        """A figure that one row states takes that row's uncertainty; a sum of several that of each."""
        spread = {}
        for row in self.run.dossier.rows.get("economics", ()):
            relative, amount = self._stated(readings).get(f"economics/{row.id}"), row.values.get("amount")
            if row.values.get("figure") == name and relative is not None and isinstance(amount, Decimal):
                spread[f"economics/{row.id}"] = CONTEXT.multiply(amount, relative)
        return spread


def _expanded(stated: Uncertainty, usual: Decimal | None) -> Decimal:
    """The half-width at the *usual* coverage factor."""
    width, own = stated.half_width, stated.coverage_factor
    assert width is not None
    return width if not own or usual is None or own == usual else CONTEXT.divide(CONTEXT.multiply(width, usual), own)


def _combined(op: str, a: Decimal, b: Decimal, left: Spread, right: Spread) -> Spread:
    match op:
        case "+":
            return _add(left, right)
        case "-":
            return _add(left, _scaled(right, Decimal(-1)))
        case "*":
            return _add(_scaled(left, b), _scaled(right, a))
        case "/":
            inverse = CONTEXT.divide(Decimal(1), b)
            quotient = CONTEXT.multiply(CONTEXT.divide(a, b), inverse)
            return _add(_scaled(left, inverse), _scaled(right, -quotient))
    return _NOTHING


def _scaled(spread: Spread, by: Decimal) -> Spread:
    return {source: CONTEXT.multiply(part, by) for source, part in spread.items()}


def _add(left: Spread, right: Spread) -> Spread:
    if not left or not right:
        return left or right
    return {s: CONTEXT.add(left.get(s, Decimal(0)), right.get(s, Decimal(0))) for s in {**left, **right}}



