"""Verdicts on the values and nothing else, fast: for one choice of readings and dates, over many dossiers.

What :func:`.verdicts.on_values` decides for a run, a plan decides in one pass over values by key. A test holds the two
together. Parameters stand fixed in the plan; quantities may be given ready made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from zerofactory_engine.evaluation.functions import CASE, Case
from zerofactory_engine.evaluation.model import Verdict
from zerofactory_engine.evaluation.parameters import settle_parameter
from zerofactory_engine.evaluation.program import Cell, CellKind, Program, Step
from zerofactory_engine.evaluation.run import Readings, Run, plausible
from zerofactory_engine.evaluation.verdicts import decided_over
from zerofactory_engine.reasons import Cause, Reason, Unknown
from zerofactory_engine.rulepack.model import Parameter, Quantity, Special, settle

Values = dict[str, Any]
_MET, _NOT_MET = Verdict.MET, Verdict.NOT_MET


class Plan:
    """The order in which a program is computed under *readings* on its dates."""

    def __init__(self, program: Program, readings: Readings, valid_on: date, known_on: date | None = None) -> None:
        self.program = program
        self.readings = readings
        self.constants: Values = {}
        self._quantities: list[tuple[str, Callable[[Mapping[str, Any]], Any], Cell]] = []
        self._levels: list[tuple[tuple[str, str], Callable[[Mapping[str, Any]], Any], tuple[str, ...]]] = []
        for key, cell in program.cells.items():
            if cell.kind is CellKind.PARAMETER:
                assert isinstance(cell.definition, Parameter)
                self.constants[key] = settle_parameter(cell.definition, settle(cell.choice, readings), valid_on,
                                                       known_on).value
        for key, cell in program.cells.items():
            if cell.kind is CellKind.QUANTITY:
                self._quantities.append((key, self._reader(program.step(key, readings), False), cell))
        for criterion in program.pack.criteria.values():
            for level in criterion.levels:
                applies = tuple(k for k in (f"{criterion.id}?", f"{criterion.id}?{level}") if k in program.cells)
                step = program.step(f"{criterion.id}#{level}", readings)
                self._levels.append(((criterion.id, level), self._reader(step, True), applies))
        self._applies = {k: self._reader(program.step(k, readings), False) for _, _, keys in self._levels for k in keys}

    def _reader(self, step: Step, condition: bool) -> Callable[[Mapping[str, Any]], Any]:
        """*step* as a function of values by key. Names that are their own keys need no scope of their own."""
        none = [n for n, k in step.names if self.constants.get(k) is Special.NONE]
        if none and condition:
            return lambda values: _decided(values[CASE].run, step, _scope(step, values))
        call = step.call
        if none:
            missing = {n: Unknown(Reason(Cause.LIMIT, f"parameter:{k}", "reason.parameter-none"))
                       for n, k in step.names if n in none}
            return lambda values: call({**_scope(step, values), **missing})
        if step.of_case:
            owner = step.owner.id if step.owner else None
            return lambda values: call({**_scope(step, values), CASE: values[CASE]._replace(owner=owner)})
        if all(n == k for n, k in step.names):
            return call
        fixed = {n: self.constants[k] for n, k in step.names if k in self.constants}
        moving = [(n, k) for n, k in step.names if k not in self.constants]
        return lambda values: call({**fixed, **{n: values[k] for n, k in moving if k in values}})

    def values(self, roots: Mapping[str, Any], run: Run | None = None,
               given: Mapping[str, Any] | None = None) -> Values:
        """Every quantity by key, over the *roots* of a dossier; *given* ones are not computed."""
        values: Values = {**roots, **self.constants}
        if run is not None:
            values[CASE] = Case(run, self.readings, None)
        if given:
            values.update(given)
        for key, read, cell in self._quantities:
            if given is None or key not in given:
                assert isinstance(cell.definition, Quantity)
                values[key] = plausible(cell.definition, read(values), self.readings)
        return values

    def verdicts(self, values: Values) -> dict[tuple[str, str], Verdict]:
        """The verdict of every criterion and level on *values*."""
        found: dict[tuple[str, str], Verdict] = {}
        for at, read, applies in self._levels:
            if applies and (other := self._applicability(applies, values)) is not None:
                if other is Verdict.INDETERMINATE and read(values) is None:
                    other = Verdict.NOT_APPLICABLE
                found[at] = other
                continue
            value = read(values)
            if value is True:
                found[at] = _MET
            elif value is False:
                found[at] = _NOT_MET
            else:
                found[at] = (Verdict.NOT_APPLICABLE if value is None else
                             Verdict.INDETERMINATE if isinstance(value, Unknown) else Verdict.ERROR)
        return found

    def _applicability(self, keys: tuple[str, ...], values: Values) -> Verdict | None:
        """What applicability alone decides; None when the criterion applies."""
        unknown = False
        for key in keys:
            value = self._applies[key](values)
            if value is False:
                return Verdict.NOT_APPLICABLE
            if isinstance(value, Unknown):
                unknown = True
            elif value is not True:
                return Verdict.ERROR
        return Verdict.INDETERMINATE if unknown else None


def _scope(step: Step, values: Mapping[str, Any]) -> dict[str, Any]:
    return {n: values[k] for n, k in step.names if k in values}


def _decided(run: Run, step: Step, scope: Mapping[str, Any]) -> Any:
    return decided_over(run, step, scope)
