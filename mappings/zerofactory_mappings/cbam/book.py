"""The ledger of one calculation: every figure is a :class:`Figure`, and with a graph every figure is a proved step.

A figure whose operands are not all known is not known: it carries the ids of what is missing, never a zero. Without a
graph nothing but the values is kept, so a calculation that nobody asks to prove pays nothing for proofs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, DivisionByZero, InvalidOperation
from typing import Any

from zerofactory_engine.decimals import plain
from zerofactory_engine.problems import NOWHERE, Place, Problem, ProblemsError, Severity
from zerofactory_engine.proof import Graph, Step
from zerofactory_mappings.cbam import tables
from zerofactory_mappings.cbam.equations import EQUATIONS
from zerofactory_mappings.cbam.model import Basis, Given
from zerofactory_mappings.cbam.result import Loop
from zerofactory_mappings.cbam.tables import Cited


@dataclass(frozen=True, slots=True)
class Figure:
    """A value (None: not known) with its unit, the id of its step, and what is missing when it is not known."""

    value: Decimal | None
    unit: str
    id: str
    missing: tuple[str, ...] = ()

    @property
    def known(self) -> bool:
        """Whether there is a value."""
        return self.value is not None


class Book:
    """Figures, problems and, when asked for, the graph of steps of one calculation."""

    def __init__(self, *, basis: Basis = Basis.DEFINITIVE, period_end: date | None = None, proof: bool = False) -> None:
        self.graph = Graph() if proof else None
        self.on = law_date(basis, period_end)
        self.problems: list[Problem] = []
        self.provisional: dict[str, None] = {}
        self.sources: dict[str, None] = {}
        self.loops: list[Loop] = []

    @classmethod
    def silent(cls) -> Book:
        """A book for figures that are no step of the proof."""
        return cls()

    def law(self, constant_id: str) -> Figure:
        """A constant of the law that stands on the date of the calculation; one that only the other act has, as it
        stands."""
        try:
            return self.cited(tables.constant(constant_id, self.on))
        except ProblemsError:
            return self.cited(tables.constant(constant_id))

    def report(self, code: str, place: Place = NOWHERE, severity: Severity = Severity.ERROR, *,
               found: str | None = None, accepted: str | None = None, example: str | None = None, **args: str) -> None:
        """Record a problem; one that stands already is not repeated."""
        self.extend([Problem(code, place, severity, found, accepted, example, args)])

    def extend(self, problems: Iterable[Problem]) -> None:
        """Record problems; one that stands already is not repeated."""
        for problem in problems:
            if problem not in self.problems:
                self.problems.append(problem)

    def _step(self, step: Step) -> None:
        """Add a step; two different steps must never share an id, or a proof would show the wrong one."""
        assert self.graph is not None
        if step.id in self.graph:
            assert self.graph[step.id] == step, step.id
        self.graph.add(step)

    def given(self, step_id: str, given: Given, **detail: Any) -> Figure:
        """A figure that was entered."""
        if self.graph is not None:
            about: dict[str, Any] = {"place": given.place.as_json(), **detail}
            if given.documents:
                about["documents"] = list(given.documents)
            self._step(Step(step_id, "given", given.value, given.unit, (), about))
        return Figure(given.value, given.unit, step_id)

    def cited(self, cited: Cited) -> Figure:
        """A number of the law or of a published table."""
        source = cited.source
        # A row may hold several figures in one unit (benchmark columns A and B), so the value belongs to the id.
        step_id = f"law:{source.table}/{source.row}@{source.act}/{plain(cited.value)} {cited.unit}"
        self.sources.setdefault(source.act)
        if source.provisional:
            self.provisional.setdefault(f"{source.table}/{source.row}")
        if self.graph is not None:
            self._step(Step(step_id, "law", cited.value, cited.unit, (), source.as_json()))
        return Figure(cited.value, cited.unit, step_id)

    def constant(self, step_id: str, value: Decimal, unit: str, why: str) -> Figure:
        """A value that a rule sets (1 where a factor may be left out, 0 where the transitional workbook reads a blank
        as zero); *why* is a message code."""
        if self.graph is not None:
            self._step(Step(step_id, "rule", value, unit, (), {"why": why}))
        return Figure(value, unit, step_id)

    def unknown(self, step_id: str, unit: str, missing: str) -> Figure:
        """A figure that is not known because *missing* (a message code) is."""
        if self.graph is not None:
            self._step(Step(step_id, "unknown", None, unit, (), {"missing": missing}))
        return Figure(None, unit, step_id, (step_id,))

    def apply(self, equation: str, step_id: str, unit: str, *operands: Figure, **detail: Any) -> Figure:
        """The figure that *equation* gives of *operands*; not known when one of them is not, or it cannot be computed
        (a division by zero is a problem ``cbam.division-by-zero``)."""
        missing = _missing(operands)
        value: Decimal | None = None
        if not missing:
            try:
                value = EQUATIONS[equation](*[o.value for o in operands])
            except (DivisionByZero, InvalidOperation):
                self.report("cbam.division-by-zero", Place(path=step_id),
                            found=", ".join(plain(o.value) for o in operands if o.value is not None))
                missing = (step_id,)
        if self.graph is not None:
            self._step(Step(step_id, equation, value, unit, tuple(o.id for o in operands), detail))
        return Figure(value, unit, step_id, missing)

    def solved(self, step_id: str, unit: str, value: Decimal | None, operands: Iterable[Figure],
               **detail: Any) -> Figure:
        """A figure of a simultaneous solution; its operands are the equation that it satisfies."""
        used = tuple(operands)
        missing = _missing(used) if value is None else ()
        if self.graph is not None:
            self._step(Step(step_id, "E63-simultaneous", value, unit, tuple(o.id for o in used), detail))
        return Figure(value, unit, step_id, missing)


def _missing(operands: Iterable[Figure]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(m for o in operands for m in (o.missing or ((o.id,) if o.value is None else ()))))


#: The act whose rules a basis follows.
ACTS = {Basis.TRANSITIONAL: "IR (EU) 2023/1773", Basis.DEFINITIVE: "IR (EU) 2025/2547"}


def law_date(basis: Basis, period_end: date | None) -> date | None:
    """The day whose law applies: the end of the period, moved into the time in which the basis's act applies."""
    act = tables.act(ACTS[basis])
    assert act is not None                     # a test keeps both acts in the table
    start, end = act.source.valid_from, act.source.valid_to
    day = period_end or end or start
    if day is not None and start is not None and day < start:
        return start
    return end if day is not None and end is not None and day > end else day
