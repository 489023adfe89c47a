"""Which rows, figures and factors a verdict makes use of: only what its expressions actually take in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zerofactory_engine.evaluation.program import LINES, CellKind, Step
from zerofactory_engine.evaluation.run import Readings, Run
from zerofactory_engine.feel import tree
from zerofactory_engine.feel.values import Selection, Table


@dataclass(frozen=True, slots=True)
class Used:
    """Rows by (table, row id), line ids and figures, each in the order in which the dossier has them."""

    rows: frozenset[tuple[str, str]]
    lines: frozenset[str]
    figures: frozenset[str]


class Usage:
    """What the cells of a run use, each found once for the readings it depends on."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._memo: dict[tuple[str, ...], Used] = {}
        self._whole: dict[tuple[str, ...], Used] = {}

    def of(self, key: str, readings: Readings) -> Used:
        """What the value of *key* rests on, through everything below it."""
        memo = (key, *(readings[r] for r in self.run.readings_of(key)))
        found = self._whole.get(memo)
        if found is None:
            found = self._whole[memo] = self._of(key, readings)
        return found

    def _of(self, key: str, readings: Readings) -> Used:
        rows: set[tuple[str, str]] = set()
        lines: set[str] = set()
        figures: set[str] = set()
        for below in self.run.program.reached(key, readings):
            if self.run.program.cells[below].kind is CellKind.PARAMETER or below in self.run.given:
                continue
            used = self.own(below, readings)
            rows |= used.rows
            lines |= used.lines
            figures |= used.figures
        return Used(frozenset(rows), frozenset(lines), frozenset(figures))

    def own(self, key: str, readings: Readings) -> Used:
        """What the expression of *key* takes in itself."""
        memo = (key, *(readings[r] for r in self.run.readings_of(key)))
        found = self._memo.get(memo)
        if found is None:
            step = self.run.program.step(key, readings)
            found = self._memo[memo] = self._used(step, self.run.taken(key, readings))
        return found

    @staticmethod
    def _used(step: Step, taken: Mapping[str, Any]) -> Used:
        """What one expression takes in itself."""
        rows: set[tuple[str, str]] = set()
        lines: set[str] = set()
        for value in taken.values():
            found = rows_of(value)
            if found is None:
                continue
            table, indices = found
            for index in indices:
                if table.name == LINES:
                    lines.add(table.row_ids[index])
                    rows.add((table.columns["table"][index], table.columns["row"][index]))
                else:
                    rows.add((table.name, table.row_ids[index]))
        return Used(frozenset(rows), frozenset(lines), frozenset(_figures(step.node)))


def rows_of(value: Any) -> tuple[Table, Sequence[int]] | None:
    """The table of which *value* is (some of) the rows, and their indices; None when it is no rows."""
    if isinstance(value, Table):
        return value, range(len(value))
    if isinstance(value, Selection) and value.table is not None:
        return value.table, value.rows
    return None


def _figures(node: tree.Node) -> Iterator[str]:
    for part in node.walk():
        match part:
            case tree.Call(tree.Name("figure"), (tree.String(name),)):
                yield name
