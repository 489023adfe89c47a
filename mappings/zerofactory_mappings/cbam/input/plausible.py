"""Figures of a process per unit of its production that nobody has: production in kt, electricity in kWh, heat in GJ.

A unit that was mixed up in production shows in no figure by itself, because a plant may have any size; it shows in what
enters the process for each tonne. The bounds stand in the schema of the input (``x-plausible-per-production``); they
are of this project, wide and unconfirmed: beyond them is a warning, never a refusal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Context, Decimal, localcontext

from zerofactory_engine.decimals import CONTEXT, plain
from zerofactory_engine.problems import Place, Problem, Severity
from zerofactory_mappings.cbam.input.figures import schema
from zerofactory_mappings.cbam.model import Given, Installation, Process

#: A quotient as a message shows it, to six digits.
_SHOWN = Context(prec=6)


def unlikely(installation: Installation) -> Iterator[Problem]:
    """A warning for each figure of a process that is beyond the bounds per unit of its production."""
    for process in installation.processes:
        units = {r.amount.unit for r in process.production}
        with localcontext(CONTEXT):
            made = sum((r.amount.value for r in process.production), Decimal(0))
        if len(units) == 1 and made > 0:
            yield from _process(installation, process, made, units.pop())


def _process(installation: Installation, process: Process, made: Decimal, unit: str) -> Iterator[Problem]:
    declared = schema().definition("#/properties/processes/items").get("x-plausible-per-production", {})
    for name, per in declared.get(unit, {}).items():
        figures = [g for g in _figures(installation, process, name) if g.unit == per["unit"]]
        with localcontext(CONTEXT):
            ratio = sum((g.value for g in figures), Decimal(0)) / made
        if ratio > Decimal(per["at_most"]):
            yield Problem("cbam-input.implausible-per-unit", _production(process), Severity.WARNING,
                          f"{plain(_SHOWN.plus(ratio))} {per['unit']}/{unit}",
                          f"≤ {per['at_most']} {per['unit']}/{unit}", None,
                          {"field": name, "process": process.name or process.id})


def _figures(installation: Installation, process: Process, name: str) -> Iterable[Given]:
    """What enters the process, or what it emits, of one kind."""
    if name == "electricity":
        return [u.consumed for u in process.electricity if u.consumed is not None]
    if name == "heat":
        return [] if process.heat is None or process.heat.imported is None else [process.heat.imported]
    if name == "direct":
        return [] if process.direct is None else [process.direct]
    return [*(p.used_in[process.id] for p in installation.precursors if process.id in p.used_in),
            *(p.to_processes[process.id] for p in installation.processes if process.id in p.to_processes)]


def _production(process: Process) -> Place:
    """Where the production of the process stands."""
    place = process.production[0].amount.place
    return process.place if place == Place() else place
