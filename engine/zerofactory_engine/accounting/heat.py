"""Scope 2 heat: purchased steam, hot water and cooling at the supplier's factor, else at the default of the set.

Heat from an own boiler, an own CHP unit, waste heat or a heat pump has no line: its fuel or electricity has.
"""

from __future__ import annotations

from zerofactory_engine.accounting.context import EMIT_OPTIONS, EMIT_ROLES, Calculator, Cells, Context
from zerofactory_engine.accounting.heat_content import heat_of
from zerofactory_engine.accounting.lines import TableResult
from zerofactory_engine.accounting.quantities import stated_factor
from zerofactory_engine.accounting.standard_coal import HEAT_FROM_FUEL
from zerofactory_engine.accounting.terms import ONE, Term, from_entry, missing_factor
from zerofactory_engine.units import dimension

PURCHASED, EXPORTED = "purchased_heat", "exported_heat"


def _heat(context: Context) -> TableResult:
    for _row, cells in context.rows("heat"):
        flow, source = cells.text("flow") or "consumed", cells.text("source")
        if flow == "consumed" and source is None:
            context.emit(cells, PURCHASED, "CO2", (Term("source", cells.missing("source"), "1"),), flow=flow)
        elif flow == "consumed" and source == "purchased":
            gas, factor = _factor(cells, context)
            _emit(cells, context, PURCHASED, gas, factor, flow)
        elif flow == "exported":
            gas, factor = _factor(cells, context)
            subtract = source in HEAT_FROM_FUEL and context.option("exported_power") == "subtract"
            _emit(cells, context, EXPORTED, gas, factor, flow, subtract=subtract)
    return context.result()


def _factor(cells: Cells, context: Context) -> tuple[str, Term]:
    """Gas and factor per GJ: the supplier's where it is stated so, else the set's for the medium."""
    stated = stated_factor(cells, "supplier_factor")
    if stated is not None and stated.per == dimension("energy"):
        return stated.gas, stated.term
    factors, medium = context.set("heat"), cells.text("medium") or "heat"
    entry = factors.find(medium) or factors.find("heat")
    return "CO2", from_entry(entry, "co2") if entry is not None else missing_factor("heat", medium, factors.id)


def _emit(cells: Cells, context: Context, source: str, gas: str, factor: Term, flow: str, *,
          subtract: bool | None = None) -> None:
    """One line per slice of heat (condensate returned is a slice of its own, with its sign)."""
    leaving = (Term("leaving", -ONE, "1", operation="given"),) if subtract else ()
    for number, slice_ in enumerate(heat_of(cells, context)):
        context.emit(cells, source, gas, (*slice_, factor, *leaving), flow=flow, carrier="heat",
                     part="condensate" if number else "", outside="exported" if subtract is False else None)


HEAT = Calculator("heat", _heat, ("heat",), ("heat", *EMIT_ROLES), ("exported_power", *EMIT_OPTIONS))
