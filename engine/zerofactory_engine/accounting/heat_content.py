"""How much heat a row of ``heat`` is, in GJ: stated, or from tonnes of steam or hot water with their state.

Steam: t × (enthalpy − enthalpy of feed water) − condensate returned; hot water: t × heat capacity × (T − reference).
Tonnes of steam without enthalpy, pressure or temperature stay unknown.
"""

from __future__ import annotations

from decimal import Decimal

from zerofactory_engine.accounting.context import Cells, Context
from zerofactory_engine.accounting.factors import Entry
from zerofactory_engine.accounting.steam import enthalpy
from zerofactory_engine.accounting.terms import Amount, Slice, Term, figure, from_entry, missing_factor, negative
from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.reasons import Unknown


def heat_of(cells: Cells, context: Context) -> tuple[Slice, ...]:
    """Slices whose sum is the heat of a row in GJ."""
    if cells.row.values.get("GJ") is not None:
        return ((cells.term("GJ", "GJ"),),)
    if cells.row.values.get("t") is None:
        return ((Term("GJ", cells.missing("GJ", "t"), "GJ"),),)
    mass = cells.term("t", "t")
    water = context.set("heat").find("water")
    if water is None:
        return ((mass, missing_factor("heat", "water", context.set("heat").id)),)
    if cells.text("medium") == "hot_water":
        return ((mass, _warmed("temperature_degC", cells, water), from_entry(water, "capacity")),)
    if cells.text("medium") != "steam":
        return ((mass, Term("heat", cells.missing("GJ"), "GJ/t")),)
    main: Slice = (mass, _drop(cells, water))
    if cells.row.values.get("condensate_t") is None:
        return (main,)
    back = _warmed("condensate_temperature_degC", cells, water)
    return (main, (negative(cells.term("condensate_t", "t")), back, from_entry(water, "capacity")))


def _reference(cells: Cells, water: Entry) -> tuple[str, Amount]:
    """Temperature from which heat is counted: the feed water's, else the set's."""
    if cells.number("feed_water_temperature_degC") is not None:
        return cells.subject("feed_water_temperature_degC"), cells.amount("feed_water_temperature_degC")
    return f"factor:{water.id}.reference", from_entry(water, "reference").value


def _warmed(column: str, cells: Cells, water: Entry) -> Term:
    """Degrees over the reference."""
    return _difference(column, "degC", (cells.subject(column), cells.amount(column)), _reference(cells, water))


def _drop(cells: Cells, water: Entry) -> Term:
    """Enthalpy of the steam over that of the feed water, GJ/t."""
    subject, temperature = _reference(cells, water)
    feed = figure((Term("temperature", temperature, "degC"), from_entry(water, "capacity"))).value
    return _difference("enthalpy_GJ_per_t", "GJ/t", _steam(cells), (f"{subject}*capacity", feed))


def _steam(cells: Cells) -> tuple[str, Amount]:
    """Enthalpy of the steam: stated, else from its pressure, temperature and state."""
    if cells.number("enthalpy_GJ_per_t") is not None:
        return cells.subject("enthalpy_GJ_per_t"), cells.amount("enthalpy_GJ_per_t")
    found = enthalpy(cells.number("pressure_MPa"), cells.text("pressure_kind"), cells.number("temperature_degC"),
                     cells.text("state"))
    if found is None:
        return cells.subject("pressure_MPa"), cells.unknown("accounting.steam-without-state", "pressure_MPa")
    return f"{cells.subject('pressure_MPa')}:iapws-if97", found


def _difference(name: str, unit: str, above: tuple[str, Amount], below: tuple[str, Amount]) -> Term:
    cells = (above, below)
    unknown = [v for _, v in cells if isinstance(v, Unknown)]
    value: Amount = unknown[0].merge(*unknown[1:]) if unknown else _minus(above[1], below[1])
    return Term(name, value, unit, operation="sum", cells=cells, signs=(1, -1))


def _minus(above: Amount, below: Amount) -> Amount:
    assert isinstance(above, Decimal)
    assert isinstance(below, Decimal)
    return CONTEXT.subtract(above, below)
