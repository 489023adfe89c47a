"""Proof of an inventory: one step per total, line, slice, term, factor value and dossier cell, and how each follows.

================  ======================================================================================================
kind              value from its operands
================  ======================================================================================================
``cell``          stated in the dossier; no operands
``factor``        value of a factor entry; no operands; numerator and denominator are in the detail
``activity``      made of cells: ``sum`` (with signs), ``complement``, ``matched``, ``ratio``, ``cell``, ``share``
``slice``         product of the terms, denominators divided last
``line``          sum of the slices: tonnes of the gas
``line_co2e``     tonnes of the gas × warming potential
``total``         sum of lines
``derived``       sum of the slices of a derived cell (standard coal)
================  ======================================================================================================

:data:`RECOMPUTE` gives the value of a step back from its operands; a test runs it over every step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from zerofactory_engine.accounting.factors import value_json
from zerofactory_engine.accounting.lines import Derived, Line
from zerofactory_engine.accounting.terms import Figure, Slice, Term, add
from zerofactory_engine.accounting.totals import equivalent
from zerofactory_engine.decimals import CONTEXT, plain
from zerofactory_engine.proof import Graph, Step
from zerofactory_engine.reasons import Unknown


def prove_line(line: Line, basis: str, graph: Graph) -> str:
    """Add the proof of *line* on *basis* (``location`` or ``market``) to *graph*; the id of its CO2e step."""
    figure = line.location if basis == "location" else line.market
    same = line.market is line.location
    head = line.id if same else f"{line.id}/{basis}"
    mass = _figure_step(graph, f"line:{head}", "line", figure, f"t{line.gas}", {
        "scope": line.scope, "iso": line.iso_subcategory, "source": line.source.code, "method": line.method,
        "table": line.table, "row": line.row, "gas": line.gas, "carrier": line.carrier, "outside": line.outside})
    potential = _term_step(graph, line.gwp, f"line:{head}")
    return graph.add(Step(f"line_co2e:{head}", "line_co2e", equivalent(line, basis), "tCO2e", (mass, potential)))


def prove_total(name: str, lines: Iterable[Line], basis: str, graph: Graph) -> str:
    """Add the proof of a total over *lines*; the id of its step."""
    found = list(lines)
    operands = tuple(prove_line(line, basis, graph) for line in found)
    value = add(equivalent(line, basis) for line in found)
    return graph.add(Step(f"total:{name}/{basis}", "total", value, "tCO2e", operands, {"lines": len(found)}))


def prove_derived(cell: Derived, graph: Graph) -> str:
    """Add the proof of a derived cell; the id of its step."""
    return _figure_step(graph, f"derived:{cell.table}/{cell.row}.{cell.column}", "derived", cell.figure, cell.unit, {})


def _figure_step(graph: Graph, step_id: str, kind: str, figure: Figure, unit: str, detail: Mapping[str, Any]) -> str:
    slices = tuple(_slice_step(graph, step_id, n, terms) for n, terms in enumerate(figure.slices))
    kept = {name: value for name, value in detail.items() if value is not None}
    return graph.add(Step(step_id, kind, figure.value, unit, slices, kept))


def _slice_step(graph: Graph, owner: str, number: int, terms: Slice) -> str:
    from zerofactory_engine.accounting.terms import product

    operands = tuple(_term_step(graph, term, f"{owner}/{number}") for term in terms)
    return graph.add(Step(f"slice:{owner}/{number}", "slice", product(terms), None, operands))


def _term_step(graph: Graph, term: Term, owner: str) -> str:
    """A factor value stands once in a graph; what comes from cells belongs to its line."""
    if term.entry is not None:
        entry = term.entry
        detail: dict[str, Any] = {"entry": entry.as_json(), "name": term.name}
        if term.name in entry.values:
            detail["value"] = value_json(entry.values[term.name])
        detail |= _fraction(term)
        value = _value(term)
        return graph.add(Step(f"factor:{entry.id}.{term.name}", "factor", value, term.unit, (), detail))
    cells = tuple(graph.add(Step(f"cell:{subject}", "cell", value)) for subject, value in term.cells)
    detail = {"name": term.name, "operation": term.operation}
    if term.signs:
        detail["signs"] = list(term.signs)
    if term.operation in ("matched", "given"):
        detail["stated"] = term.value
    detail |= _fraction(term)
    return graph.add(Step(f"activity:{owner}/{term.name}", "activity", _value(term), term.unit, cells, detail))


def _fraction(term: Term) -> dict[str, Any]:
    """Numerator and denominator of a term that is a fraction."""
    return {} if term.below == 1 else {"numerator": term.value, "denominator": term.below}


def _value(term: Term) -> Any:
    """The value of a term, a fraction divided out."""
    if term.below == 1 or isinstance(term.value, Unknown):
        return term.value
    return CONTEXT.divide(term.value, term.below)


# -- recomputing ------------------------------------------------------------------------------------------------------


def _unknown(values: Sequence[Any]) -> Unknown | None:
    """The unknowns among *values* as one, with all reasons; None when everything is known."""
    found = [v for v in values if isinstance(v, Unknown)]
    return found[0].merge(*found[1:]) if found else None


def _activity(step: Step, operands: Sequence[Step]) -> Any:
    detail, values = step.detail, [o.value for o in operands]
    if "numerator" in detail:
        return _stated(step, operands)
    if detail["operation"] in ("matched", "given") or not values:
        return detail.get("stated", step.value)
    if (unknown := _unknown(values)) is not None:
        return unknown
    if detail["operation"] == "complement":
        return CONTEXT.subtract(Decimal(1), values[0])
    if detail["operation"] == "ratio":
        return CONTEXT.divide(values[0], values[1])
    signs = detail.get("signs", [1] * len(values))
    return add(v if s > 0 else -v for v, s in zip(values, signs, strict=True))


def _slice(step: Step, operands: Sequence[Step]) -> Any:
    if (unknown := _unknown([o.value for o in operands])) is not None:
        return unknown
    above, below = Decimal(1), Decimal(1)
    for operand in operands:
        above = CONTEXT.multiply(above, operand.detail.get("numerator", operand.value))
        below = CONTEXT.multiply(below, operand.detail.get("denominator", Decimal(1)))
    return above if below == 1 else CONTEXT.divide(above, below)


def _sum(step: Step, operands: Sequence[Step]) -> Any:
    return add(o.value for o in operands)


def _times(step: Step, operands: Sequence[Step]) -> Any:
    mass, potential = (o.value for o in operands)
    unknown = _unknown((mass, potential))
    return CONTEXT.multiply(mass, potential) if unknown is None else unknown


def _stated(step: Step, operands: Sequence[Step]) -> Any:
    if "numerator" in step.detail:
        return CONTEXT.divide(step.detail["numerator"], step.detail["denominator"])
    return step.value


#: Per kind of step: its value again from the step's detail and its operands.
RECOMPUTE: Mapping[str, Callable[[Step, Sequence[Step]], Any]] = {
    "cell": _stated, "factor": _stated, "activity": _activity, "slice": _slice, "line": _sum, "line_co2e": _times,
    "total": _sum, "derived": _sum,
}


def recompute(step: Step, graph: Graph) -> Any:
    """The value of *step* computed again from the values of its operands."""
    return RECOMPUTE[step.kind](step, [graph[o] for o in step.operands])


def shown(value: Any) -> str:
    """A value of a step as text: plain decimal, or ``unknown`` with its causes."""
    if isinstance(value, Unknown):
        return "unknown: " + ", ".join(r.subject for r in value.reasons)
    return plain(value) if isinstance(value, Decimal) else str(value)
