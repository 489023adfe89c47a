"""One shared graph of steps for expressions, accounting and CBAM alike.

A step says what was computed, from which operands, by which expression or rule, with which value and unit. The graph
is made when somebody asks for it; verdicts do not pay for it. ``Graph.check`` recomputes nothing itself: the makers
register, per kind of step, a function that gives the value back from the operands, and a test runs all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a proof.

    *id* is unique in its graph and stable for the same input (``quantity:ZCF-1.2/non_fossil_energy_share``,
    ``parameter:ZCF-1.2/entry_share``, ``line:electricity/E1/CO2``, ``filter:…``). *kind* names how the value follows
    from the operands. *operands* are ids of other steps. *detail* holds what a reader needs to see: expression text
    and its place, clause, title, parameter dates, source and confidence, reading and alternative, row ids with their
    documents, factor and factor set.
    """

    id: str
    kind: str
    value: Any
    unit: str | None = None
    operands: tuple[str, ...] = ()
    detail: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Stable JSON shape (``standards/schemas/proof.schema.json``)."""
        out: dict[str, Any] = {"kind": self.kind, "value": self.value}
        if self.unit is not None:
            out["unit"] = self.unit
        if self.operands:
            out["operands"] = list(self.operands)
        if self.detail:
            out["detail"] = dict(self.detail)
        return out


class Graph:
    """Steps by id; a step that several criteria share stands once."""

    def __init__(self) -> None:
        self._steps: dict[str, Step] = {}

    def add(self, step: Step) -> str:
        """Add *step* (the first of an id stands) and return its id."""
        self._steps.setdefault(step.id, step)
        return step.id

    def __contains__(self, step_id: str) -> bool:
        return step_id in self._steps

    def __getitem__(self, step_id: str) -> Step:
        return self._steps[step_id]

    def __iter__(self) -> Iterator[Step]:
        return iter(self._steps.values())

    def __len__(self) -> int:
        return len(self._steps)

    def below(self, step_id: str) -> tuple[Step, ...]:
        """*step_id* and everything it rests on, operands first, each once."""
        done: dict[str, Step] = {}
        stack: list[tuple[str, bool]] = [(step_id, False)]
        while stack:
            current, expanded = stack.pop()
            if current in done:
                continue
            if expanded:
                done[current] = self._steps[current]
            else:
                stack.append((current, True))
                stack.extend((o, False) for o in reversed(self._steps[current].operands))
        return tuple(done.values())

    def as_json(self) -> dict[str, Any]:
        """Steps by id, in the order in which they were added."""
        return {s.id: s.as_json() for s in self}
