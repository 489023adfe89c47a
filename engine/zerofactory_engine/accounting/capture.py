"""Captured CO2: what is stored for good is deducted, everything else only noted.

CO2 that is sold to a short-lived use is not removed. Biogenic CO2 that is stored stands apart, as its emission does.
"""

from __future__ import annotations

from zerofactory_engine.accounting.context import EMIT_OPTIONS, EMIT_ROLES, Calculator, Context
from zerofactory_engine.accounting.lines import TableResult
from zerofactory_engine.accounting.terms import ONE, Slice, Term
from zerofactory_engine.problems import Severity

#: Fates that keep CO2 out of the air for good.
PERMANENT = frozenset({"geological storage", "mineralisation"})
_UNSTORED = ("transferred_tCO2", "own_use_tCO2")


def _capture(context: Context) -> TableResult:
    for row, cells in context.rows("carbon_capture"):
        fate = cells.text("fate")
        if any(row.values.get(c) is not None for c in _UNSTORED) or fate not in PERMANENT:
            context.report("accounting.captured-not-removed", cells, severity=Severity.NOTE, fate=fate or "not known")
        if fate not in PERMANENT or context.option("captured_co2") != "permanent":
            continue
        terms: Slice = (cells.term("stored_tCO2", "tCO2"), Term("removed", -ONE, "1", operation="given"))
        if cells.number("biogenic_percent") is None:
            context.emit(cells, "carbon_capture", "CO2", terms, method="stored")
            continue
        context.emit(cells, "carbon_capture", "CO2", (*terms, cells.complement("biogenic_percent")), method="stored")
        context.emit(cells, "carbon_capture", "CO2", (*terms, cells.term("biogenic_percent", "1")), method="stored",
                     part="biogenic", biogenic=True)
    return context.result()


CAPTURE = Calculator("carbon_capture", _capture, ("carbon_capture",), EMIT_ROLES, ("captured_co2", *EMIT_OPTIONS))
