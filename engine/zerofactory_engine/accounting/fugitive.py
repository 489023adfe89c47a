"""Fugitive releases: refrigerants, SF6, extinguishers, welding gas, and CH4 of wastewater.

====================  ==================================================================================================
method                tonnes released
====================  ==================================================================================================
``mass balance``      opening stock + bought + charge of retired equipment − closing stock − put into new equipment −
                      recovered
``top-up``            refilled − recovered
``leak rate``         charge × rate a year × length of the period
``wastewater``        (COD removed − COD in sludge) × maximum yield × correction factor − recovered methane
====================  ==================================================================================================

Without a stated method the one whose cells are filled is used. A blend gives a line for each of its gases.
"""

from __future__ import annotations

from decimal import Decimal

from zerofactory_engine.accounting.context import EMIT_OPTIONS, EMIT_ROLES, Calculator, Cells, Context
from zerofactory_engine.accounting.gwp import FOSSIL, NON_FOSSIL
from zerofactory_engine.accounting.lines import TableResult
from zerofactory_engine.accounting.terms import Slice, Term, figure, from_entry, missing_factor, negative
from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.units import gases

_BALANCE = (("opening_stock_kg", 1), ("purchased_kg", 1), ("retired_charge_kg", 1), ("closing_stock_kg", -1),
            ("installed_kg", -1), ("recovered_kg", -1))
_BALANCE_OPTIONAL = frozenset({"retired_charge_kg", "installed_kg", "recovered_kg"})


def _fugitive(context: Context) -> TableResult:
    for row, cells in context.rows("fugitive"):
        method = cells.text("method") or _method(row.values)
        if method == "wastewater" or cells.text("category") in ("wastewater", "septic tank"):
            _wastewater(cells, context)
            continue
        if method == "mass balance":
            released: Slice = (cells.signed("released", "t", _BALANCE, _BALANCE_OPTIONAL),)
        elif method == "top-up":
            released = (cells.signed("released", "t", (("top_up_kg", 1), ("recovered_kg", -1)),
                                     frozenset({"recovered_kg"})),)
        elif method == "leak rate":
            released = (cells.term("charge_kg", "t"), cells.term("leak_rate_percent", "1"), _years(context))
        else:
            released = (Term("released", cells.missing("top_up_kg", "purchased_kg", "leak_rate_percent"), "t"),)
        if row.values.get("destruction_percent") is not None:
            released = (*released, cells.complement("destruction_percent"))
        _emit_gases(cells, context, released, method)
    return context.result()


def _method(values: object) -> str | None:
    """The method whose cells are filled."""
    assert hasattr(values, "get")
    for column, method in (("opening_stock_kg", "mass balance"), ("closing_stock_kg", "mass balance"),
                           ("top_up_kg", "top-up"), ("leak_rate_percent", "leak rate"),
                           ("cod_removed_t", "wastewater"), ("cod_in_kg_per_m3", "wastewater")):
        if values.get(column) is not None:
            return method
    return None


def _years(context: Context) -> Term:
    """Length of the period in years: a whole year is exactly one."""
    start, end = context.facts.start, context.facts.end
    days = (end - start).days + 1
    try:
        year = (start.replace(year=start.year + 1) - start).days
    except ValueError:                                                    # 29 February
        year = 366
    return Term("years", CONTEXT.divide(Decimal(days), Decimal(year)), "a", operation="given",
                cells=(("period", Decimal(days)),))


def plain_name(gas: str) -> str:
    """A gas as our tables write it: without hyphens and blanks (``R-410A``, ``HFC-134a``)."""
    return gas.replace("-", "").replace(" ", "")


def _emit_gases(cells: Cells, context: Context, released: Slice, method: str | None) -> None:
    """One line per gas of what was released; CO2 and the like as themselves, a designation by its composition."""
    stated = cells.text("gas")
    name = plain_name(stated or "")
    kind = (method or "direct").replace(" ", "_").replace("-", "_")
    if name in gases():
        context.emit(cells, "fugitive", name, released, method=kind, origin=FOSSIL)
        return
    entry = context.set("blends").find(name)
    if entry is None:
        wrong = missing_factor("blends", name, context.set("blends").id) if stated \
            else Term("gas", cells.missing("gas"), "1")
        context.emit(cells, "fugitive", "CO2e", (*released, wrong), method=kind)
        return
    for part in entry.values:
        context.emit(cells, "fugitive", part, (*released, from_entry(entry, part)), method=kind, carrier=entry.key)


def _wastewater(cells: Cells, context: Context) -> None:
    factors = context.set("wastewater")
    treatment = cells.text("treatment")
    if treatment == "municipal":                                          # treated elsewhere
        return
    cod, way = factors.find("cod"), factors.find(treatment or "")
    if cod is None or way is None:
        missing = Term("treatment", cells.missing("treatment"), "1") if treatment is None \
            else missing_factor("wastewater", treatment, factors.id)
        context.emit(cells, "wastewater", "CH4", (missing,), origin=NON_FOSSIL)
        return
    tail: Slice = (from_entry(cod, "yield"), from_entry(way, "mcf"))
    slices: list[Slice] = []
    if cells.row.values.get("cod_removed_t") is not None:
        slices.append((cells.term("cod_removed_t", "t"), *tail))
    else:
        concentration = cells.signed("cod", "t/m3", (("cod_in_kg_per_m3", 1), ("cod_out_kg_per_m3", -1)))
        slices.append((cells.term("wastewater_m3", "m3"), concentration, *tail))
    if cells.row.values.get("sludge_cod_t") is not None:
        slices.append((negative(cells.term("sludge_cod_t", "t")), *tail))
    if cells.row.values.get("methane_recovered_t") is not None:
        slices.append((negative(cells.term("methane_recovered_t", "tCH4")),))
    context.emit_figure(cells, "wastewater", "CH4", figure(*slices), method="wastewater", origin=NON_FOSSIL)


FUGITIVE = Calculator("fugitive", _fugitive, ("fugitive",), ("blends", "wastewater", *EMIT_ROLES), EMIT_OPTIONS)
