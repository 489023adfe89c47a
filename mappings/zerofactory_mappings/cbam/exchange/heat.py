"""Heat and cogeneration rows of the dossier → measurable heat at processes and the units it comes from (Annex II C,
Annex III A.2.2).

Purchased heat is imported; heat of an own boiler is not, its fuel counts. Steam in tonnes becomes heat by its enthalpy
over that of the return, at the temperature of the law where no return is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from zerofactory_engine.accounting.steam import enthalpy
from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.dossier.model import Row
from zerofactory_engine.units import dimension, unit
from zerofactory_mappings.cbam import tables
from zerofactory_mappings.cbam.exchange.attribute import split
from zerofactory_mappings.cbam.exchange.bounds import inside
from zerofactory_mappings.cbam.exchange.goods import Goods
from zerofactory_mappings.cbam.exchange.model import Fate, Piece, Series
from zerofactory_mappings.cbam.exchange.series import apportioned
from zerofactory_mappings.cbam.exchange.work import Taken, Work
from zerofactory_mappings.cbam.model import EnergyUnit, FuelUse, Given, Heat, HeatKind


@dataclass
class Warmth:
    """What the rows of heat and cogeneration give, by process."""

    heat: dict[str, Heat] = field(default_factory=dict)
    units: list[EnergyUnit] = field(default_factory=list)


def warmth(work: Work, made: Goods, heat: Sequence[Series], chp: Sequence[Series]) -> Warmth:
    """Every series of heat and every cogeneration unit."""
    found = Warmth()
    for series in heat:
        pieces, answered = work.in_time(series)
        flow, source = series.key["flow"], series.key.get("source")
        if series.key.get("medium") == "cooling":
            work.decide(pieces, Fate.UNUSABLE, "row-cooling", series=series)
        elif flow == "consumed" and source is None:
            work.decide(pieces, Fate.UNUSABLE, "row-heat-without-source", "heat-of-own-units", series)
        elif flow == "generated" or (flow == "consumed" and source != "purchased"):
            work.decide(pieces, Fate.UNUSABLE, "row-own-heat", "heat-of-own-units", series)
            if pieces and len(made.processes) > 1:
                work.lack("heat-split", series.id, "heat-of-own-units", series.rows)
        else:
            _heat(work, made, series, pieces, answered, found)
    for series in chp:
        pieces, answered = work.in_time(series)
        without = [p for p in pieces if p.row.values.get("fuel_GJ") is None]
        work.decide(without, Fate.UNUSABLE, "row-without-amount", series=series)
        taken = inside(work, series, made, [p for p in pieces if p not in without], answered)
        if taken is not None:
            found.units.append(_chp(work, taken))
            work.use(taken)
            work.lack("chp-shares", series.id, "heat-of-own-units", series.rows)
    return found


def _heat(work: Work, made: Goods, series: Series, pieces: tuple[Piece, ...], answered: tuple[str, ...],
          found: Warmth) -> None:
    """Heat across the border of the installation, at the processes that take or give it."""
    taken = inside(work, series, made, pieces, answered)
    if taken is None:
        return
    without = [p for p in taken.pieces if energy(p.row) is None]
    work.decide(without, Fate.UNUSABLE, "row-steam-without-state", series=series, questions=taken.questions)
    taken = taken.narrowed([p for p in taken.pieces if p not in without])
    if not taken.pieces:
        return
    shares = split(work, taken, made)
    if not shares:
        fate, reason = (Fate.ASKED, "row-asked") if shares is None else (Fate.UNUSABLE, "row-no-process")
        asked = (*taken.questions, f"attribution:{series.id}") if shares is None else taken.questions
        work.decide(taken.pieces, fate, reason, "attribution", series, asked)
        return
    total = Decimal(0)
    for piece in taken.pieces:
        total = CONTEXT.add(total, apportioned(energy(piece.row) or Decimal(0), piece))
    total = unit("TJ").from_base(CONTEXT.multiply(total, taken.share))
    exported = series.key["flow"] == "exported"
    supplier = None if exported else _supplier(work, taken, found)
    for process, share in shares.items():
        amount = work.given(CONTEXT.multiply(total, share), "TJ", taken.pieces)
        found.heat[process] = _added(work, process, found.heat.get(process, Heat()), amount, supplier)
    if exported:
        work.lack("heat-exported-factor", series.id, "heat-of-own-units", series.rows)
    work.use(taken)


def _added(work: Work, process: str, heat: Heat, amount: Given, supplier: str | None) -> Heat:
    """Heat of a process with a further amount. A process has one factor: of several suppliers it is left open."""
    before = heat.exported if supplier is None else heat.imported
    total = amount if before is None else Given(
        CONTEXT.add(before.value, amount.value), "TJ", before.place,
        tuple(dict.fromkeys([*before.documents, *amount.documents])))
    if supplier is None:
        return replace(heat, exported=total)
    if before is not None and heat.imported_from != supplier:
        work.lack("heat-several", process, "heat-of-own-units")
        return replace(heat, imported=total, imported_from=None)
    return replace(heat, imported=total, imported_from=supplier)


def energy(row: Row) -> Decimal | None:
    """GJ of a row of heat: stated, or tonnes × (enthalpy − enthalpy of the return of the law); None: not known.

    2025/2547 Annex II C.1.2, Eq 31.
    """
    if row.values.get("GJ") is not None:
        return Decimal(row.values["GJ"])
    mass = row.values.get("t")
    if mass is None or row.values.get("medium") != "steam":
        return None
    flow = row.values.get("enthalpy_GJ_per_t")
    if flow is None:
        flow = enthalpy(row.values.get("pressure_MPa"), row.values.get("pressure_kind"),
                        row.values.get("temperature_degC"), row.values.get("state"))
    if flow is None:
        return None
    return CONTEXT.multiply(mass, CONTEXT.subtract(flow, tables.constant("return_enthalpy").value))


def _supplier(work: Work, taken: Taken, found: Warmth) -> str:
    """The unit that imported heat comes from, with the supplier's factor where one is stated."""
    series, first = taken.series, taken.pieces[0].row
    name = series.key.get("supplier") or series.id
    factors = {(p.row.values.get("supplier_factor"), _unit_of(p.row)) for p in taken.pieces}
    value, text = next(iter(factors)) if len(factors) == 1 else (None, None)
    if isinstance(value, Decimal) and text and dimension("CO2") / unit(text).dimension == dimension("energy"):
        given = work.given(unit("tCO2/TJ").from_base(value), "tCO2/TJ", taken.pieces)
        documents = tuple(dict.fromkeys(work.document_ids[e.document] for p in taken.pieces for e in p.row.documents
                                        if e.document in work.document_ids))
        found.units.append(EnergyUnit(series.id, name, HeatKind.IMPORTED, ef=given, documents=documents))
        work.lack("heat-verified", series.id, "heat-of-own-units", series.rows, supplier=name)
    else:
        found.units.append(EnergyUnit(series.id, name, HeatKind.IMPORTED_UNKNOWN))
        mix = first.values.get("supplier_fuel_mix")
        work.lack("heat-factor", series.id, "heat-of-own-units", series.rows, supplier=name, mix=str(mix or "–"))
    return series.id


def _unit_of(row: Row) -> str | None:
    stated = row.stated.get("supplier_factor")
    return None if stated is None else stated.unit


def _chp(work: Work, taken: Taken) -> EnergyUnit:
    """A cogeneration unit with its fuel, heat and power (Eq 46 to 52)."""
    series, pieces, first = taken.series, taken.pieces, taken.pieces[0].row
    carrier = work.rules.carriers.get(series.key.get("carrier", ""))
    fuel = None if carrier is None else carrier.fuel

    def total(column: str, unit_text: str) -> Given | None:
        if any(p.row.values.get(column) is None for p in pieces):
            return None
        value = work.total(taken, column)
        return work.given(unit("TJ").from_base(value) if unit_text == "TJ" else value, unit_text, pieces)

    def share(column: str) -> Given | None:
        value = first.values.get(column)
        return None if value is None else work.given(value, "1", pieces)

    return EnergyUnit(
        series.id, series.key.get("name", series.id), HeatKind.CHP,
        (FuelUse(series.key.get("carrier", ""), total("fuel_GJ", "TJ"), factor=fuel),), total("heat_GJ", "TJ"),
        total("power_MWh", "MWh"), heat_efficiency=share("heat_efficiency_percent"),
        electricity_efficiency=share("power_efficiency_percent"), reference_fuel=fuel)

