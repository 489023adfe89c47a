"""Standard coal of energy, heat and biomass: quantity × coefficient, each energy once.

What is made on site from purchased energy, or recovered from it, is not added a second time. A coefficient and a
heating value that do not belong together are reported, and refused where the factor set names the pair.
"""

from __future__ import annotations

from decimal import Decimal

from zerofactory_engine.accounting.combustion import Fuel, fuel_of
from zerofactory_engine.accounting.context import Calculator, Cells, Context
from zerofactory_engine.accounting.factors import Entry
from zerofactory_engine.accounting.heat_content import heat_of
from zerofactory_engine.accounting.lines import TableResult
from zerofactory_engine.accounting.terms import ONE, ZERO, Slice, Term, figure, from_entry, missing_factor, product
from zerofactory_engine.decimals import CONTEXT, plain
from zerofactory_engine.problems import Severity
from zerofactory_engine.reasons import Cause, Reason, Unknown

COLUMN = "tce"
#: Energy of these origins is already in the total with what it was made of.
COUNTED_BEFORE = frozenset({"made on site", "recovered"})
#: Heat of these sources is already in the total with its fuel or electricity, or is waste heat.
HEAT_COUNTED_BEFORE = frozenset({"own boiler", "own chp", "waste heat", "heat pump"})
#: Of these, what is exported may be subtracted: its fuel is inside the total.
HEAT_FROM_FUEL = frozenset({"own boiler", "own chp"})


def _zero(cells: Cells, why: str) -> Slice:
    """A zero that is a value; *why* names the cell that makes it one."""
    return (Term("counted_once", ZERO, "tce", operation="given", cells=((cells.subject(why), ZERO),)),)


def _leaving(terms: Slice) -> Slice:
    """*terms* with the sign of energy that leaves."""
    return (*terms, Term("leaving", -ONE, "1", operation="given"))


def _left_out(context: Context, table: str) -> None:
    """Rows outside the boundary are no energy of the facility."""
    for cells in context.outside_rows(table):
        context.derive(cells, COLUMN, "tce", figure(_zero(cells, "part")))


def _energy(context: Context) -> TableResult:
    _left_out(context, "energy")
    for row, cells in context.rows("energy"):
        direction, before = cells.text("direction") or "consumed", cells.text("origin") in COUNTED_BEFORE
        if direction == "consumed":
            terms = _zero(cells, "origin") if before else _coal(context, fuel_of(row, cells, context))
        elif direction == "exported" and before and context.option("exported_power") == "subtract":
            terms = _leaving(_coal(context, fuel_of(row, cells, context)))
        else:
            terms = _zero(cells, "direction")
        context.derive(cells, COLUMN, "tce", figure(terms))
    return context.result()


def _coal(context: Context, fuel: Fuel) -> Slice:
    """Terms whose product is the standard coal of a fuel in tce."""
    factors = context.set("standard_coal")
    if fuel.unit == "GJ" or (fuel.measured_ncv and context.option("measured_ncv_tce") == "use"):
        return (*fuel.energy, _per_gigajoule(context))
    if not fuel.unit:
        return fuel.amount
    entry = _coefficient(context, fuel)
    if entry is None:
        return (*fuel.amount, missing_factor("standard_coal", fuel.carrier, factors.id))
    return (*fuel.amount, _checked(context, fuel, entry))


def _per_gigajoule(context: Context) -> Term:
    """One over the heating value of standard coal, tce/GJ."""
    factors = context.set("standard_coal")
    base = factors.find("standard_coal")
    if base is None:
        return missing_factor("standard_coal", "standard_coal", factors.id)
    term = from_entry(base, "energy")
    if isinstance(term.value, Unknown):
        return term
    return Term(term.name, ONE, "tce/GJ", below=term.value, entry=base)


def _coefficient(context: Context, fuel: Fuel) -> Entry | None:
    """The entry of the carrier; natural gas has one per kind of field, and the option says which."""
    day = fuel.cells.row.end
    entries = [e for e in context.set("standard_coal").all(fuel.carrier) if e.holds_on(day)]
    wanted = context.option("natural_gas_tce")
    if len(entries) > 1 and wanted != "matching":
        return next((e for e in entries if e.variant == wanted), None)
    ncv = fuel.heating_value().value
    if len(entries) <= 1 or isinstance(ncv, Unknown):
        return entries[0] if len(entries) == 1 else None
    return min(entries, key=lambda e: _mismatch(context, e, ncv))


def _mismatch(context: Context, entry: Entry, ncv: Decimal) -> Decimal:
    """How far the heating value that a coefficient implies lies from *ncv*, relative to it."""
    base = context.set("standard_coal").find("standard_coal")
    implied = product((from_entry(entry, COLUMN), from_entry(base, "energy"))) if base is not None else ncv
    if isinstance(implied, Unknown) or not ncv:
        return ZERO
    return CONTEXT.divide(CONTEXT.subtract(implied, ncv).copy_abs(), ncv)


def _checked(context: Context, fuel: Fuel, entry: Entry) -> Term:
    """The coefficient of *entry*, unless it does not fit the unit or is refused beside the heating value in use."""
    cells, term = fuel.cells, from_entry(entry, COLUMN)
    if isinstance(term.value, Unknown):
        return Term(COLUMN, cells.unknown("accounting.coefficient-unknown", fuel.unit, carrier=fuel.carrier),
                    term.unit, entry=entry)
    if term.unit != f"tce/{fuel.unit}":
        wrong = cells.unknown("accounting.unit-does-not-fit", fuel.unit, carrier=fuel.carrier, unit=term.unit)
        return Term(COLUMN, wrong, term.unit, entry=entry)
    ncv = fuel.heating_value().value
    if isinstance(ncv, Unknown):
        return term
    pair = {"carrier": fuel.carrier, "coefficient": entry.values[COLUMN].stated, "ncv": f"{plain(ncv)} GJ/{fuel.unit}"}
    refused = entry.not_with.get("ncv")
    if refused is not None and refused.above == ncv:
        context.report("accounting.sets-refused", cells, severity=Severity.WARNING, **pair)
        reason = Reason(Cause.ARITHMETIC, cells.subject(fuel.unit), "accounting.sets-refused",
                        tuple(sorted(pair.items())))
        return Term(COLUMN, Unknown(reason), term.unit, entry=entry)
    base = context.set("standard_coal").find("standard_coal")
    tolerance = base.values["ncv_tolerance"].above if base is not None and "ncv_tolerance" in base.values else None
    if tolerance is not None and _mismatch(context, entry, ncv) > tolerance:
        context.report("accounting.sets-do-not-match", cells, severity=Severity.NOTE, **pair)
    return term


def _heat(context: Context) -> TableResult:
    _left_out(context, "heat")
    factors = context.set("standard_coal")
    for _row, cells in context.rows("heat"):
        flow, source = cells.text("flow") or "consumed", cells.text("source")
        entry = factors.find("heat")
        coefficient = from_entry(entry, COLUMN) if entry is not None else missing_factor("standard_coal", "heat",
                                                                                          factors.id)
        slices = tuple((*s, coefficient) for s in heat_of(cells, context))
        if flow == "consumed":
            value = figure(_zero(cells, "source")) if source in HEAT_COUNTED_BEFORE else figure(*slices)
        elif flow == "exported" and source in HEAT_FROM_FUEL and context.option("exported_power") == "subtract":
            value = figure(*(_leaving(s) for s in slices))
        else:
            value = figure(_zero(cells, "flow"))
        context.derive(cells, COLUMN, "tce", value)
    return context.result()


def _biomass(context: Context) -> TableResult:
    """Standard coal of biomass from its measured heating value; the energy itself is a row of ``energy``."""
    _left_out(context, "biomass")
    for _row, cells in context.rows("biomass"):
        terms: Slice = (cells.term("t", "t"), cells.term("ncv_GJ_per_t", "GJ/t"), _per_gigajoule(context))
        if cells.number("share_percent") is not None:
            terms = (*terms, cells.term("share_percent", "1"))
        context.derive(cells, COLUMN, "tce", figure(terms))
        if cells.text("energy_row") is None:
            context.report("accounting.biomass-without-energy-row", cells, "energy_row")
    return context.result()


ENERGY = Calculator("energy_coal", _energy, ("energy",), ("fuel", "other_gases", "constants", "standard_coal"),
                    ("natural_gas_tce", "measured_ncv_tce", "exported_power"))
HEAT = Calculator("heat_coal", _heat, ("heat",), ("standard_coal", "heat"), ("exported_power",))
BIOMASS = Calculator("biomass_coal", _biomass, ("biomass",), ("standard_coal",))
