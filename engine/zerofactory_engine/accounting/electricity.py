"""Scope 2 electricity, location- and market-based side by side.

Location-based: power from the grid (traded green power too) at the grid average, on-site and direct power without fuel
at its own rate. Market-based: contractual attributes of direct lines, on-site plants and traded green power that meet
the quality criteria, then unbundled certificates, then the supplier's factor, then the residual factor (or the
average). Power generated on site from fuel has no line: the fuel has. Discharge of storage is no generation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from zerofactory_engine.accounting import grid
from zerofactory_engine.accounting.context import EMIT_OPTIONS, EMIT_ROLES, Calculator, Cells, Context
from zerofactory_engine.accounting.instruments import Instrument, generation_rate, of_certificate, of_supply
from zerofactory_engine.accounting.lines import TableResult
from zerofactory_engine.accounting.quantities import stated_factor
from zerofactory_engine.accounting.terms import ONE, ZERO, Figure, Slice, Term, figure
from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.dossier.serials import SerialRange, serial_range
from zerofactory_engine.reasons import Unknown
from zerofactory_engine.units import dimension

PURCHASED, OWN, EXPORTED = "purchased_electricity", "on_site_generation", "exported_electricity"
DIRECT = frozenset({"direct line", "dedicated supply"})


@dataclass
class _Demand:
    """One row of power drawn from the grid; *covered* are the parts that certificates take, in MWh."""

    cells: Cells
    location: Slice
    own: Term | None = None                    # the supplier's factor
    covered: list[tuple[Term, Term]] = field(default_factory=list)
    doubtful: Unknown | None = None

    @property
    def free(self) -> Decimal:
        """MWh that certificates may still cover; nothing of an unknown or negative amount."""
        left = self.cells.number("MWh") or ZERO
        for term, _ in self.covered:
            assert isinstance(term.value, Decimal)
            left = CONTEXT.subtract(left, term.value)
        return max(left, ZERO)


def _electricity(context: Context) -> TableResult:
    demands: list[_Demand] = []
    judged: list[Instrument] = []
    for row, cells in context.rows("electricity"):
        flow, source = cells.text("flow") or "consumed", cells.text("source")
        if flow == "exported":
            _exported(cells, context)
        elif flow != "consumed" or source == "storage":
            continue
        elif source is None:
            context.emit(cells, PURCHASED, "CO2", (Term("source", cells.missing("source"), "1"),), flow=flow)
        elif source in ("grid", "green trade"):
            average = grid.average(context, row.end)
            demand = _Demand(cells, (cells.term("MWh", "MWh"), average), _supplier(cells))
            if source == "grid" or not _takes_attributes(demand, context, judged):
                demands.append(demand)
        else:
            _local(cells, context, judged)
    certificates = _certificates(context)
    _cover(demands, certificates)
    for demand in demands:
        _emit(demand, context)
    context.notes["instruments"] = [i.as_json() for i in (*judged, *certificates)]
    return context.result()


def _supplier(cells: Cells) -> Term | None:
    """The supplier's own factor in tCO2/MWh, where it is stated per MWh."""
    stated = stated_factor(cells, "supplier_factor")
    return stated.term if stated is not None and stated.per == dimension("electricity") else None


def _remainder(context: Context, day: date | None) -> Term:
    """The factor of what no instrument covers."""
    average = context.option("market_remainder") == "average"
    return grid.average(context, day) if average else grid.residual(context, day)


def _has_residual(context: Context) -> bool:
    return not isinstance(grid.residual(context, None).value, Unknown)


def _takes_attributes(demand: _Demand, context: Context, judged: list[Instrument]) -> bool:
    """Emit a row of traded green power whose attributes count or are in doubt; False leaves it among the rest."""
    if context.option("green_power") == "none":
        return False
    cells = demand.cells
    instrument = of_supply(cells, context, has_residual=_has_residual(context))
    judged.append(instrument)
    counts = instrument.counts
    if counts is False or (instrument.rate is None and counts is True):
        return False
    factor = instrument.rate if counts is True else Term("attributes", counts, "tCO2/MWh")
    assert factor is not None
    context.emit(cells, PURCHASED, "CO2", demand.location, market=figure((cells.term("MWh", "MWh"), factor)),
                 flow="consumed", carrier="electricity")
    return True


def _local(cells: Cells, context: Context, judged: list[Instrument]) -> None:
    """Power of an on-site plant or a direct line."""
    technology, day = cells.text("technology"), cells.row.end
    rate = generation_rate(context, technology)
    foreign = cells.text("source") in DIRECT or cells.text("asset_owner") == "third party"
    source = PURCHASED if foreign else OWN
    amount = cells.term("MWh", "MWh")
    if rate is None and technology is not None and not foreign:
        return                                                           # its fuel stands in the table energy
    if rate is None:
        own = _supplier(cells)
        missing = Term("technology", cells.missing("technology" if technology is None else "supplier_factor"), "1")
        context.emit(cells, source, "CO2", (amount, own or missing), flow="consumed", carrier="electricity")
        return
    market: Figure | None = None
    if context.option("green_power") != "none":
        instrument = of_supply(cells, context, has_residual=_has_residual(context))
        judged.append(instrument)
        counts = instrument.counts
        if isinstance(counts, Unknown):
            market = figure((amount, Term("attributes", counts, "tCO2/MWh")))
        elif not counts:
            market, source = figure((amount, _remainder(context, day))), PURCHASED
    context.emit(cells, source, "CO2", (amount, rate), market=market, flow="consumed", carrier="electricity")


def _exported(cells: Cells, context: Context) -> None:
    """Power that leaves: no credit; subtracted by option, and only where its own emissions are inside the total."""
    technology, day = cells.text("technology"), cells.row.end
    rate = generation_rate(context, technology)
    from_fuel = cells.text("source") == "on-site" and rate is None and technology is not None
    amount, factor = cells.term("MWh", "MWh"), rate or grid.average(context, day)
    if from_fuel and context.option("exported_power") == "subtract":
        leaving = Term("leaving", -ONE, "1", operation="given")
        context.emit(cells, EXPORTED, "CO2", (amount, factor, leaving), flow="exported", carrier="electricity")
    else:
        context.emit(cells, EXPORTED, "CO2", (amount, factor), flow="exported", carrier="electricity",
                     outside="exported")


# -- certificates -----------------------------------------------------------------------------------------------------


def _certificates(context: Context) -> list[Instrument]:
    """Unbundled certificates with their answers; what came with traded power is one claim with it."""
    if context.option("green_power") != "zero":
        return []
    out: list[Instrument] = []
    seen: list[tuple[str, SerialRange]] = []
    has_residual = _has_residual(context)
    for row, cells in context.rows("certificates"):
        serials, duplicate = row.values.get("serials"), False
        mine = serial_range(serials["first"], serials["last"]) if serials else None
        if mine is not None:
            system = cells.text("system") or ""
            duplicate = any(s == system and other.overlap(mine) is not None for s, other in seen)
            seen.append((system, mine))
        if cells.yes("bundled"):
            continue
        if duplicate:
            context.report("accounting.serials-overlap", cells, "serials")
        out.append(of_certificate(cells, context, duplicate=duplicate, has_residual=has_residual))
    return out


def _cover(demands: Sequence[_Demand], certificates: Sequence[Instrument]) -> None:
    """Let certificates cover grid power, rows in the order of their dates, never more than the net consumption."""
    ordered = sorted(demands, key=lambda d: (d.cells.row.start or date.min, d.cells.row.id))
    net = ZERO
    for demand in ordered:
        value = demand.cells.amount("MWh")
        net = CONTEXT.add(net, value) if isinstance(value, Decimal) else net
    doubtful: Unknown | None = None
    for instrument in certificates:
        counts, quantity = instrument.counts, instrument.quantity
        unknown = counts if isinstance(counts, Unknown) else quantity if isinstance(quantity, Unknown) else None
        if counts is False:
            continue
        if unknown is not None:
            doubtful = unknown if doubtful is None else doubtful.merge(unknown)
        else:
            assert isinstance(quantity, Decimal)
            left = min(quantity, max(net, ZERO))
            net = CONTEXT.subtract(net, left)
            _spread(left, instrument, ordered)
    free = [d for d in ordered if d.free > 0]
    if doubtful is not None and net > 0 and free:
        free[0].doubtful = doubtful


def _spread(left: Decimal, instrument: Instrument, ordered: Sequence[_Demand]) -> None:
    """Cover *left* MWh of the rows that are still free."""
    assert instrument.rate is not None
    for demand in ordered:
        part = min(demand.free, left)
        if part <= 0:
            continue
        cells = ((demand.cells.subject("MWh"), demand.cells.amount("MWh")),
                 (instrument.cells.subject("MWh"), instrument.quantity))
        demand.covered.append((Term("covered", part, "MWh", operation="matched", cells=cells), instrument.rate))
        left = CONTEXT.subtract(left, part)


def _emit(demand: _Demand, context: Context) -> None:
    """The line of a grid row: the average on one side; certificates, supplier's factor and remainder on the other."""
    cells = demand.cells
    rest_factor = demand.own or _remainder(context, cells.row.end)
    amount = cells.term("MWh", "MWh")
    if demand.doubtful is not None:
        market = figure((amount, Term("attributes", demand.doubtful, "tCO2/MWh")))
    elif demand.covered:
        left = Term("uncovered", demand.free, "MWh", operation="matched", cells=amount.cells)
        market = figure(*((t, r) for t, r in demand.covered), (left, rest_factor))
    else:
        market = figure((amount, rest_factor))
    context.emit(cells, PURCHASED, "CO2", demand.location, market=market, flow="consumed", carrier="electricity")


ELECTRICITY = Calculator(
    "electricity", _electricity, ("electricity", "certificates"), ("grid", "generation", *EMIT_ROLES),
    (*grid.OPTIONS, "exported_power", "green_power", "market_remainder", *EMIT_OPTIONS))
