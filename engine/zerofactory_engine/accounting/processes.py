"""Process emissions: material × factor, carbon balances, process gases with abatement, PFC of aluminium.

=================  =====================================================================================================
activity           CO2 or gas
=================  =====================================================================================================
``gas use``        gas × (1 − utilisation) × (1 − abated); by-product gas × (1 − abated) apart
``voc oxidation``  carbon of the solvent × 44/12 × destroyed share (an abatement unit that burns NMP emits its carbon)
``anode effect``   CF4 = metal × slope × minutes, or × overvoltage coefficient × mV / current efficiency; C2F6 by weight
others             material × factor (stated, measured carbon × 44/12, or the set's) × purity × conversion
=================  =====================================================================================================

An output of a mass balance and a material that carries carbon away in a product are deducted. Abated = captured ×
destroyed × uptime of the unit; an empty captured share or uptime means all of it and all the time.
"""

from __future__ import annotations

from zerofactory_engine.accounting.combustion import constant
from zerofactory_engine.accounting.context import EMIT_OPTIONS, EMIT_ROLES, Calculator, Cells, Context
from zerofactory_engine.accounting.fugitive import plain_name
from zerofactory_engine.accounting.gwp import FOSSIL, NON_FOSSIL
from zerofactory_engine.accounting.lines import TableResult
from zerofactory_engine.accounting.quantities import stated_factor
from zerofactory_engine.accounting.terms import ONE, Amount, Slice, Term, from_entry, missing_factor, product
from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.reasons import Unknown
from zerofactory_engine.units import dimension

_ABATED = ("destruction_percent", "captured_percent", "uptime_percent")


def _processes(context: Context) -> TableResult:
    for _row, cells in context.rows("processes"):
        activity = cells.text("activity")
        if activity == "gas use":
            _gas_use(cells, context)
        elif activity == "voc oxidation":
            _oxidation(cells, context)
        elif activity == "anode effect":
            _anode_effect(cells, context)
        else:
            _material(cells, context)
    return context.result()


def amount(cells: Cells) -> Term:
    """The quantity in tonnes, from ``t`` or ``kg`` (both are kept in tonnes)."""
    column = "kg" if cells.row.values.get("t") is None and cells.row.values.get("kg") is not None else "t"
    return cells.term(column, "t")


def let_through(cells: Cells) -> Term | None:
    """One minus the abated share; None without an abatement unit."""
    if cells.row.values.get("destruction_percent") is None:
        return None
    stated = tuple(cells.term(c, "1") for c in _ABATED if cells.row.values.get(c) is not None)
    abated = product(stated)
    rest: Amount = abated if isinstance(abated, Unknown) else CONTEXT.subtract(ONE, abated)
    subject = "*".join(cells.subject(c) for c in _ABATED if cells.row.values.get(c) is not None)
    return Term("let_through", rest, "1", operation="complement", cells=((subject, abated),))


def _gas_use(cells: Cells, context: Context) -> None:
    gas = plain_name(cells.text("gas") or "")
    used, through = amount(cells), let_through(cells)
    rest: Slice = (through,) if through is not None else ()
    if cells.row.values.get("purity_percent") is not None:
        used_terms: Slice = (used, cells.term("purity_percent", "1"))
    else:
        used_terms = (used,)
    spent: Slice = (cells.complement("utilisation_percent"),) \
        if cells.row.values.get("utilisation_percent") is not None else ()
    context.emit(cells, "process", gas, (*used_terms, *spent, *rest), method="mass_balance", origin=FOSSIL)
    by_product = cells.text("by_product_gas")
    if by_product is not None:
        formed = cells.term("by_product_percent", "1")
        context.emit(cells, "process", plain_name(by_product), (*used_terms, formed, *rest), method="mass_balance",
                     part="by-product", origin=FOSSIL)


def _oxidation(cells: Cells, context: Context) -> None:
    """CO2 of a solvent that an abatement unit burns."""
    carbon: Term
    material = cells.text("material") or ""
    if cells.number("carbon_tC_per_t") is not None:
        carbon = cells.term("carbon_tC_per_t", "tC/t")
    else:
        carbon = constant(context, material, "carbon")
    shares: Slice = (cells.term("destruction_percent", "1"),
                     *(cells.term(c, "1") for c in _ABATED[1:] if cells.row.values.get(c) is not None))
    context.emit(cells, "abatement", "CO2", (amount(cells), carbon, *shares, constant(context, "carbon", "co2")),
                 method="mass_balance", carrier=material or None)


def _anode_effect(cells: Cells, context: Context) -> None:
    metal, factors = amount(cells), context.set("pfc")
    technology = (cells.text("cell_technology") or "").replace(" ", "_")
    entry = factors.find(technology)
    default = context.set("process").find("aluminium")
    if cells.number("anode_effect_minutes") is not None and entry is not None:
        cf4: Slice = (metal, from_entry(entry, "slope"), cells.term("anode_effect_minutes", "1"))
    elif cells.number("overvoltage_mV") is not None and entry is not None:
        cf4 = (metal, from_entry(entry, "overvoltage"), cells.term("overvoltage_mV", "1"), _efficiency(cells))
    elif default is not None and cells.number("anode_effect_minutes") is None \
            and cells.number("overvoltage_mV") is None:
        context.emit(cells, "process", "CF4", (metal, from_entry(default, "cf4")))
        context.emit(cells, "process", "C2F6", (metal, from_entry(default, "c2f6")))
        return
    else:
        cf4 = (metal, missing_factor("pfc", technology, factors.id))
    context.emit(cells, "process", "CF4", cf4, method="slope")
    ratio = from_entry(entry, "c2f6_over_cf4") if entry is not None else cf4[-1]
    context.emit(cells, "process", "C2F6", (*cf4, ratio), method="slope")


def _efficiency(cells: Cells) -> Term:
    """One over the current efficiency."""
    value = cells.amount("current_efficiency_percent")
    if isinstance(value, Unknown) or not value:
        return Term("current_efficiency", cells.missing("current_efficiency_percent"), "1")
    return Term("current_efficiency", ONE, "1", below=value, operation="given",
                cells=((cells.subject("current_efficiency_percent"), value),))


def _material(cells: Cells, context: Context) -> None:
    """Material × factor; an output of a mass balance and carbon that leaves in a product are deducted."""
    material, gas = cells.text("material") or "", plain_name(cells.text("gas") or "CO2")
    entry = context.set("process").find(material)
    stated = stated_factor(cells, "factor")
    head: Slice = (amount(cells),)
    if stated is not None and stated.per == dimension("mass"):
        gas, factor = stated.gas, (stated.term,)
    elif cells.number("carbon_tC_per_t") is not None:
        factor = (cells.term("carbon_tC_per_t", "tC/t"), constant(context, "carbon", "co2"))  # type: ignore[assignment]
    elif entry is not None and gas.lower() in entry.values:
        factor = (from_entry(entry, gas.lower()),)
    else:
        factor = (missing_factor("process", material or cells.subject("material"), context.set("process").id),)
    shares: Slice = tuple(cells.term(c, "1") for c in ("purity_percent", "conversion_percent")
                          if cells.row.values.get(c) is not None)
    through = let_through(cells)
    terms: Slice = (*head, *factor, *shares, *((through,) if through is not None else ()))
    leaves = cells.text("role") == "output" or (entry is not None and entry.credit)
    if leaves:
        terms = (*terms, Term("leaving", -ONE, "1", operation="given"))
    if cells.number("biogenic_percent") is None:
        context.emit(cells, "process", gas, terms, carrier=material or None, origin=FOSSIL)
        return
    context.emit(cells, "process", gas, (*terms, cells.complement("biogenic_percent")), carrier=material or None,
                 origin=FOSSIL)
    context.emit(cells, "process", gas, (*terms, cells.term("biogenic_percent", "1")), carrier=material or None,
                 part="biogenic", biogenic=True, origin=NON_FOSSIL)


PROCESSES = Calculator("processes", _processes, ("processes",), ("process", "pfc", *EMIT_ROLES), EMIT_OPTIONS)
