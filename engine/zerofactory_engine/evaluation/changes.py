"""A dossier changed by a lever: the rows it adds, with the amount in its column."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from zerofactory_engine.dossier import Dossier
from zerofactory_engine.rulepack.model import Expression, Lever, RowChange
from zerofactory_engine.units import unit

if TYPE_CHECKING:
    from zerofactory_engine.evaluation.run import Readings, Run


def changed_dossier(run: Run, lever: Lever, amount: Decimal, readings: Readings) -> Dossier:
    """The run's dossier with the rows of *lever* for *amount* (in the lever's unit).

    A row without dates of its own is dated like the period; a negative row is a correction.
    """
    dossier = run.dossier
    base = unit(lever.unit).to_base(amount)
    for number, change in enumerate(lever.rows):
        dossier = dossier.with_rows(change.table, [_row(run, lever, number, change, base, readings)])
    return dossier


def _row(run: Run, lever: Lever, number: int, change: RowChange, base: Decimal, readings: Readings) -> dict[str, Any]:
    cells = {name: run.evaluate(run.program.part(cell.node, None), readings) if isinstance(cell, Expression) else cell
             for name, cell in change.cells.items()}
    period = run.dossier.period
    row: dict[str, Any] = {"id": f"{lever.id}-{number + 1}", "from": period.start, "to": period.end, **cells,
                           change.column: base if change.sign > 0 else -base}
    if change.sign < 0:
        row["correction"] = True
    return row
