"""Scope 3: activity × factor of the row's own factor, by method, each table to its category.

The factor carries a unit, and the activity is the filled column of the dimension that the factor is per (tonnes and
kilometres give tonne-kilometres, persons and kilometres passenger-kilometres). A tonnage without factor is refused.
"""

from __future__ import annotations

from collections.abc import Mapping

from zerofactory_engine.accounting.context import EMIT_OPTIONS, EMIT_ROLES, Calculator, Cells, Context
from zerofactory_engine.accounting.gwp import EQUIVALENT
from zerofactory_engine.accounting.lines import TableResult
from zerofactory_engine.accounting.quantities import StatedFactor, stated_factor
from zerofactory_engine.accounting.terms import Slice, Term
from zerofactory_engine.problems import Severity
from zerofactory_engine.units import Dimension, unit

#: Source type of a table whose rows do not say it themselves.
SOURCES: Mapping[str, str | None] = {
    "transport": None, "purchased": None, "travel": None, "other_indirect": None,
    "waste": "waste", "use_phase": "use_phase", "end_of_life": "end_of_life"}
TABLES = tuple(SOURCES)
#: Source type of rows that leave their category empty.
_USUAL = {"transport": "upstream_transport", "purchased": "purchased_goods", "travel": "business_travel",
          "other_indirect": "other_indirect"}
#: Columns that may hold an activity, with their base unit.
_COLUMNS = {"t": "t", "m3": "m3", "Nm3": "Nm3", "MWh": "MWh", "GJ": "GJ", "km": "km", "tkm": "tkm", "pkm": "pkm",
            "m2": "m2", "pieces": "item", "nights": "night", "hours": "h", "persons": "person", "CNY": "CNY",
            "EUR": "EUR", "USD": "USD"}
#: Pairs of columns whose product is an activity of its own dimension.
_PAIRS = {"tkm": ("t", "km"), "pkm": ("persons", "km")}


def activity(cells: Cells, per: Dimension) -> Slice | None:
    """The filled columns whose product has the dimension *per*; None when there are none."""
    values = cells.row.values
    for column, base in _COLUMNS.items():
        if values.get(column) is not None and unit(base).dimension == per:
            return (cells.term(column, base),)
    for product, (first, second) in _PAIRS.items():
        if unit(product).dimension == per and values.get(first) is not None and values.get(second) is not None:
            return (cells.term(first, _COLUMNS[first]), cells.term(second, _COLUMNS[second]))
    return None


def _scope3(context: Context) -> TableResult:
    table = context.calculator.tables[0]
    for _row, cells in context.rows(table):
        source = SOURCES[table] or cells.text("category") or _USUAL[table]
        stated = stated_factor(cells, "factor")
        if stated is not None:
            _emit(cells, context, source, stated)
        elif any(cells.row.values.get(c) is not None for c in _COLUMNS):
            _line(cells, context, source, EQUIVALENT, (Term("factor", cells.missing("factor"), "1"),))
        elif cells.row.values.get("claimed_tCO2e") is not None:
            context.report("accounting.tonnage-without-factor", cells, "claimed_tCO2e", severity=Severity.WARNING)
        else:
            _line(cells, context, source, EQUIVALENT, (Term("activity", cells.missing(*_COLUMNS), "1"),))
    return context.result()


def _emit(cells: Cells, context: Context, source: str, stated: StatedFactor) -> None:
    found = activity(cells, stated.per)
    if found is None:
        wrong = cells.unknown("accounting.no-activity-for-factor", "factor", unit=stated.term.unit)
        found = (Term("activity", wrong, "1"),)
    terms: Slice = (*found, stated.term)
    if cells.number("share_percent") is not None:
        terms = (*terms, cells.term("share_percent", "1"))
    if cells.number("lifetime_years") is not None:
        terms = (*terms, cells.term("lifetime_years", "1"))
    _line(cells, context, source, stated.gas, terms)


def _line(cells: Cells, context: Context, source: str, gas: str, terms: Slice) -> None:
    method = (cells.text("method") or "average").replace("-", "_")
    context.emit(cells, source, gas, terms, method=method, carrier=cells.text("what"))


CALCULATORS = tuple(
    Calculator(table, _scope3, (table,), EMIT_ROLES, (*EMIT_OPTIONS, "franchises")) for table in TABLES)
