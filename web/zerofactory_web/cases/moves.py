"""Moving a thing of a machine from state to state: the step exists, its roles act, nothing that it needs is missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_web.accounts.access import content_of
from zerofactory_web.cases.states import Machine, Step
from zerofactory_web.store.model import Identified
from zerofactory_web.store.unit import Change


class Stateful(Protocol):
    """A row with a state."""

    id: str
    state: str


def step_of(machine: Machine, thing: Stateful, event: str) -> Step:
    """The step that *event* takes from where *thing* is.

    Raises:
        ProblemsError: ``cases.step`` with the events that may happen now.
    """
    found = machine.step(thing.state, event)
    if found is None:
        raise ProblemsError([Problem("cases.step", Place(path=thing.state), found=event,
                                     accepted=", ".join(machine.events(thing.state)) or "—")])
    return found


def move(change: Change, machine: Machine, thing: Identified, event: str, *, reason: str = "",
         missing: Sequence[Problem] = ()) -> None:
    """Take *thing* along *event*; *missing* is what its guards found lacking.

    Raises:
        ProblemsError: ``cases.step``; everything that is missing, at once.
    """
    found = step_of(machine, thing, event)  # type: ignore[arg-type]  # the tables with machines have a state
    if missing:
        raise ProblemsError(missing)
    before = thing.state  # type: ignore[attr-defined]
    thing.state = found.to  # type: ignore[attr-defined]
    change.record(f"{machine.name}.{event.replace('_', '-')}", machine.name, thing, content=content_of(thing),
                  reason=reason, details={"from": before, "to": found.to})
