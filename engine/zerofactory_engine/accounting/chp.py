"""Combined heat and power: how the CO2 of a unit is split between heat and power.

The fuel of the unit stands in the table ``energy`` and is counted there; the split adds nothing to the inventory. It is
derived for the heat and power that leave the site and for product footprints.
"""

from __future__ import annotations

from zerofactory_engine.accounting.combustion import Fuel, constant
from zerofactory_engine.accounting.context import Calculator, Cells, Context
from zerofactory_engine.accounting.lines import TableResult
from zerofactory_engine.accounting.terms import ONE, Amount, Term, figure, product
from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.reasons import Unknown


def heat_share(cells: Cells, electricity_as_heat: Term) -> Term:
    """Share of a unit's emissions that heat takes.

    A stated share prevails. ``efficiency``: (H/ηh) / (H/ηh + P/ηp), as in the GHG Protocol's allocation of combined
    heat and power; ``energy content``: H / (H + P). Other methods need the stated share.
    """
    if cells.number("heat_share_percent") is not None:
        return cells.term("heat_share_percent", "1")
    method = cells.text("split_method")
    if method not in ("efficiency", "energy content"):
        return Term("heat_share", cells.missing("heat_share_percent"), "1")
    heat = cells.amount("heat_GJ")
    power = product((cells.term("power_MWh", "MWh"), electricity_as_heat))
    if method == "efficiency":
        heat = _over(heat, cells.amount("heat_efficiency_percent"), cells)
        power = _over(power, cells.amount("power_efficiency_percent"), cells)
    if isinstance(heat, Unknown) or isinstance(power, Unknown):
        unknown = heat if isinstance(heat, Unknown) else power
        assert isinstance(unknown, Unknown)
        return Term("heat_share", unknown.merge(power), "1")
    whole = CONTEXT.add(heat, power)
    subject = cells.subject("heat_GJ")
    share = _over(heat, whole, cells)
    return Term("heat_share", share, "1", operation="ratio", cells=((subject, heat), (f"{subject}+power", whole)))


def _over(above: Amount, below: Amount, cells: Cells) -> Amount:
    if isinstance(above, Unknown):
        return above.merge(below)
    if isinstance(below, Unknown):
        return below
    return CONTEXT.divide(above, below) if below else cells.unknown("accounting.nothing-to-split", "heat_GJ")


def _chp(context: Context) -> TableResult:
    for row, cells in context.rows("chp"):
        carrier = cells.text("carrier") or ""
        factors = context.set("fuel")
        fuel = Fuel(cells, (cells.term("fuel_GJ", "GJ"),), "GJ", factors.find(carrier, on=row.end), carrier, factors.id)
        terms = fuel.co2(constant(context, "carbon", "co2"), constant(context, "combustion", "oxidation"))
        share = heat_share(cells, constant(context, "electricity_as_heat", "heat"))
        rest: Amount = share.value if isinstance(share.value, Unknown) else CONTEXT.subtract(ONE, share.value)
        power = Term("power_share", rest, "1", operation="complement",
                     cells=((f"{row.table}/{row.id}.heat_share", share.value),))
        context.derive(cells, "heat_share", "1", figure((share,)))
        context.derive(cells, "tCO2_heat", "tCO2", figure((*terms, share)))
        context.derive(cells, "tCO2_power", "tCO2", figure((*terms, power)))
    return context.result()


CHP = Calculator("chp", _chp, ("chp",), ("fuel", "constants"))

