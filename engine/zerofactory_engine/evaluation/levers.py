"""The smallest change by each lever that meets an unmet criterion, proved by evaluating the changed dossier.

Where value and threshold are quotients of lines in the lever's amount, the crossing is solved exactly; otherwise it is
searched on the lever's grid, and labelled so. Either way it counts only if the changed dossier passes there and fails
one step before.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeAlias

from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.evaluation.changes import changed_dossier
from zerofactory_engine.evaluation.margins import Leaf
from zerofactory_engine.evaluation.model import Amount, LeverResult, Verdict
from zerofactory_engine.evaluation.program import CellKind
from zerofactory_engine.evaluation.run import Readings, Run
from zerofactory_engine.evaluation.solve import Grid, bisect, fit_line, to_decimal
from zerofactory_engine.evaluation.verdicts import on_values
from zerofactory_engine.feel import tree
from zerofactory_engine.reasons import Unknown
from zerofactory_engine.rulepack.model import Criterion, Expression, Lever
from zerofactory_engine.units import unit

Quotient: TypeAlias = tuple[Fraction, Fraction]
"""Numerator and denominator."""

#: How many steps away an unbounded lever is tried before it is said to have no effect.
_FAR = 2**20
#: How often a crossing that rounding moved is looked for one step further.
_NUDGES = 2


class Levers:
    """The levers of a pack on one run under chosen readings; a changed dossier is evaluated once for all criteria."""

    def __init__(self, run: Run, readings: Readings) -> None:
        self.run = run
        self.readings = readings
        self._runs: dict[tuple[str, Decimal], Run] = {}
        self._grids: dict[str, Grid | None] = {}

    def smallest(self, criterion: Criterion, level: str, leaf: Leaf) -> tuple[LeverResult, ...]:
        """What each lever of the pack can do for *criterion* at *level*, which *leaf* decides and which is not met."""
        return tuple(self._try(lever, criterion, level, leaf) for lever in self.run.program.pack.levers.values())

    def _try(self, lever: Lever, criterion: Criterion, level: str, leaf: Leaf) -> LeverResult:
        grid = self._grid(lever)
        attempt = _Attempt(self, lever, criterion, level)
        if grid is None:
            return attempt.result("cannot_meet", "none", None)
        if grid.last is not None and grid.last < max(grid.first, 1):
            return attempt.result("out_of_bounds", "none", grid)
        sample = self._sampler(lever, criterion, leaf)
        line = fit_line(sample, lever.step) if sample is not None else None
        if line is None or sample is None:
            return attempt.search(grid)
        if line.root is None:
            return attempt.result("no_effect", "exact", grid) if self._flat(sample, grid) else attempt.search(grid)
        if line.root < 0:
            return attempt.result("cannot_meet", "exact", grid)
        return attempt.confirm(grid, line.root)

    @staticmethod
    def _flat(sample: Callable[[Decimal], Fraction | None], grid: Grid) -> bool:
        """Whether also the far end of the grid changes nothing: a rounded value moves in jumps."""
        far = grid.point(grid.last if grid.last is not None else _FAR)
        return sample(far) == sample(Decimal(0))

    def _grid(self, lever: Lever) -> Grid | None:
        """Amounts that *lever* may take; None when its bounds are not known."""
        if lever.id not in self._grids:
            low, high = self._bound(lever, lever.minimum), self._bound(lever, lever.maximum)
            known = isinstance(low, Decimal) and (high is None or isinstance(high, Decimal))
            self._grids[lever.id] = Grid(lever.step, low, high) if known else None
        return self._grids[lever.id]

    def _bound(self, lever: Lever, bound: Expression | Decimal | None) -> Any:
        if not isinstance(bound, Expression):
            return bound
        value = self.run.evaluate(self.run.program.step_of(bound, None), self.readings)
        return unit(lever.unit).from_base(value) if isinstance(value, Decimal) else Unknown()

    def changed(self, lever: Lever, amount: Decimal) -> Run:
        """The run of the dossier changed by *amount* of *lever*, in the lever's unit."""
        found = self._runs.get((lever.id, amount))
        if found is None:
            dossier = changed_dossier(self.run, lever, amount, self.readings)
            found = self._runs[lever.id, amount] = self.run.with_dossier(dossier)
        return found

    def _sampler(self, lever: Lever, criterion: Criterion,
                 leaf: Leaf) -> Callable[[Decimal], Fraction | None] | None:
        """The difference that crosses zero where *leaf* turns, by amount; None when the leaf is no comparison."""
        node = leaf.node
        if leaf.row is not None or leaf.distance is None or not isinstance(node, tree.Compare):
            return None

        def sample(amount: Decimal) -> Fraction | None:
            run = self.changed(lever, amount) if amount else self.run
            left, right = (quotient(run, side, criterion, self.readings) for side in (node.left, node.right))
            if left is None or right is None:
                return None
            return left[0] * right[1] - right[0] * left[1]

        return sample


def quotient(run: Run, node: tree.Node, owner: Criterion | None, readings: Readings) -> Quotient | None:
    """The value of *node* as numerator and denominator, exact as far as its operands are; None when not known."""
    match node:
        case tree.Arithmetic(op="/"):
            above, below = quotient(run, node.left, owner, readings), quotient(run, node.right, owner, readings)
            if above is None or below is None:
                return None
            return above[0] * below[1], above[1] * below[0]
        case tree.Name():
            key = run.program.resolve(node.name, owner)
            cell = run.program.cells.get(key)
            if cell is not None and cell.kind is CellKind.QUANTITY and key not in run.given:
                if not isinstance(run.value(key, readings), Decimal):
                    return None
                step = run.program.step(key, readings)
                return quotient(run, step.node, step.owner, readings)
    value = run.evaluate(run.program.part(node, owner), readings)
    return (Fraction(value), Fraction(1)) if isinstance(value, Decimal) else None


class _Attempt:
    """One lever for one criterion at one level, counting what it evaluates."""

    def __init__(self, levers: Levers, lever: Lever, criterion: Criterion, level: str) -> None:
        self._levers = levers
        self._lever = lever
        self._criterion = criterion
        self._level = level
        self._verdicts: dict[int, Verdict] = {}

    def _verdict(self, grid: Grid, number: int) -> Verdict:
        if number not in self._verdicts:
            amount = grid.point(number)
            run = self._levers.changed(self._lever, amount) if amount > 0 else self._levers.run
            self._verdicts[number] = on_values(run, self._criterion, self._level, self._levers.readings).verdict
        return self._verdicts[number]

    def confirm(self, grid: Grid, root: Fraction) -> LeverResult:
        """The first point behind *root* if the changed dossier passes there and fails one step before; else search."""
        number = grid.at_or_above(root)
        for candidate in range(number, number + _NUDGES):
            if grid.last is not None and candidate > grid.last:
                return self.result("out_of_bounds", "exact", grid, root, candidate, tried=False)
            if self._turns(grid, candidate):
                return self.result("works", "exact", grid, root, candidate)
        return self.search(grid, root)

    def _turns(self, grid: Grid, number: int) -> bool:
        met = Verdict.MET
        return self._verdict(grid, number) is met and self._before(grid, number) is not met

    def _before(self, grid: Grid, number: int) -> Verdict:
        """The verdict one step before; before the first amount that may be taken there is no change."""
        return self._verdict(grid, number - 1 if number > grid.first else 0)

    def search(self, grid: Grid, root: Fraction | None = None) -> LeverResult:
        """The first point of the grid that passes, by bisection."""
        number = bisect(grid, lambda n: self._verdict(grid, n) is Verdict.MET)
        if number is None:
            return self.result("cannot_meet", "bisection", grid)
        return self.result("works" if self._turns(grid, number) else "cannot_meet", "bisection", grid, None, number)

    def result(self, state: str, method: str, grid: Grid | None, root: Fraction | None = None,
               number: int | None = None, tried: bool = True) -> LeverResult:
        """What came of it."""
        lever = self._lever
        smallest = grid.point(number) if grid is not None and number is not None else None
        shown = grid is not None and number is not None and tried
        return LeverResult(
            lever=lever.id, title=lever.title, state=state, unit=lever.unit, step=lever.step, method=method,
            works_for=lever.works_for, exact=None if root is None else to_decimal(root), smallest=smallest,
            minimum=grid.low if grid else None, maximum=grid.high if grid else None,
            at=self._verdict(grid, number) if shown and grid and number is not None else None,
            before=self._before(grid, number) if shown and grid and number is not None else None,
            cost=_cost(lever, smallest), evaluations=len(self._verdicts))


def _cost(lever: Lever, amount: Decimal | None) -> Amount | None:
    """What *amount* costs, in the currency of the lever's price."""
    if amount is None or lever.cost is None or lever.cost_unit is None:
        return None
    return Amount(CONTEXT.multiply(lever.cost, amount), lever.cost_unit.partition("/")[0])
