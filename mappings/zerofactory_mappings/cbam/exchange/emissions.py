"""Process and fugitive rows of the dossier → process streams, balances, PFC sources; what is no gas of CBAM is told.

The gases are CO2, for some goods N2O or PFC (Regulation 2023/956 Annex I). N2O is measured, never calculated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.dossier.codes import code_list
from zerofactory_mappings.cbam.exchange.attribute import attributed, shown
from zerofactory_mappings.cbam.exchange.bounds import inside
from zerofactory_mappings.cbam.exchange.goods import Goods
from zerofactory_mappings.cbam.exchange.model import Fate, Series
from zerofactory_mappings.cbam.exchange.rules import Activity
from zerofactory_mappings.cbam.exchange.work import Taken, Work
from zerofactory_mappings.cbam.model import Attribution, Given, Method, PfcMethod, PfcSource, SourceStream

#: Gas of a dossier → gas of CBAM; every other one is none.
_GASES = {"CO2": "CO2", "R744": "CO2", "N2O": "N2O", "CF4": "PFC", "C2F6": "PFC"}
#: Activities whose link with a production process only the operator knows.
_UNCLEAR = frozenset({"voc oxidation", "gas use", "lubricant use", "flaring", "other"})


@dataclass
class Emissions:
    """What the process rows give."""

    streams: list[SourceStream] = field(default_factory=list)
    pfc: list[PfcSource] = field(default_factory=list)


def emissions(work: Work, made: Goods, processes: Sequence[Series], fugitive: Sequence[Series]) -> Emissions:
    """Every series of process emissions and of fugitive emissions."""
    found = Emissions()
    for series in processes:
        _process(work, made, series, found)
    for series in fugitive:
        gas = _GASES.get(series.key.get("gas", ""))
        if gas is None or gas not in made.gases:
            work.decide(series.pieces, Fate.OUTSIDE, "row-no-gas", "no-cbam-gas", series)
            continue
        pieces, answered = work.in_time(series)
        taken = inside(work, series, made, pieces, answered, work.rule("process-emissions"))
        if taken is not None:
            work.decide(taken.pieces, Fate.UNUSABLE, "row-fugitive", "process-emissions", series, taken.questions)
            work.lack("fugitive", series.id, "process-emissions", series.rows, gas=series.key.get("gas", ""))
    return found


def _process(work: Work, made: Goods, series: Series, found: Emissions) -> None:
    name = series.key.get("activity", "other")
    activity = work.rules.activities[name]
    stated = series.key.get("gas")
    gas = {"measured": "N2O", "pfc": "PFC"}.get(activity.method, "CO2") if stated is None else _GASES.get(stated)
    if gas is None or gas not in made.gases:
        work.decide(series.pieces, Fate.OUTSIDE, "row-no-gas", "no-cbam-gas", series)
        return
    pieces, answered = work.in_time(series)
    if gas == "N2O":
        work.decide(pieces, Fate.UNUSABLE, "row-measured-only", "nitrous-oxide", series)
        if pieces:
            work.lack("measured", series.id, "nitrous-oxide", series.rows)
        return
    taken = inside(work, series, made, pieces, answered,
                   work.rule("process-emissions") if name in _UNCLEAR else ())
    if taken is None:
        return
    without = [p for p in taken.pieces if p.row.values.get("t") is None and p.row.values.get("kg") is None]
    work.decide(without, Fate.UNUSABLE, "row-without-amount", series=series, questions=taken.questions)
    taken = taken.narrowed([p for p in taken.pieces if p not in without])
    if not taken.pieces:
        return
    attribution = shown(work, attributed(work, taken, made) or Attribution(), taken.pieces)
    if activity.method == "pfc":
        found.pfc.append(_pfc(work, taken, attribution))
    else:
        found.streams.append(_stream(work, taken, activity, attribution))
    work.use(taken)


def _mass(work: Work, taken: Taken) -> Decimal:
    """Tonnes over the pieces: ``t``, else ``kg`` (both are kept in tonnes)."""
    total = Decimal(0)
    for column in ("t", "kg"):
        pieces = [p for p in taken.pieces
                  if p.row.values.get(column) is not None and (column == "t" or p.row.values.get("t") is None)]
        total = CONTEXT.add(total, work.total(taken, column, pieces))
    return total


def _stream(work: Work, taken: Taken, activity: Activity, attribution: Attribution) -> SourceStream:
    """A material that gives rise to CO2, by its factor or in a carbon balance (outputs negative)."""
    series, pieces, first = taken.series, taken.pieces, taken.pieces[0].row
    method = Method.MASS_BALANCE if activity.method == "mass_balance" else Method.PROCESS
    material = series.key.get("material", "")
    factor = work.rules.materials.get(material, {}).get(activity.method) or activity.factor
    output = (series.key.get("role") or activity.role) == "output"
    mass = _mass(work, taken)
    if output and method is Method.MASS_BALANCE:
        mass = CONTEXT.minus(mass)

    def measured(name: str, unit: str) -> Given | None:
        value = first.values.get(name)
        return None if value is None else work.given(value, unit, pieces)

    carbon, conversion = measured("carbon_tC_per_t", "tC/t"), measured("conversion_percent", "1")
    if first.values.get("purity_percent") is not None:
        mass = CONTEXT.multiply(mass, first.values["purity_percent"])
    if carbon is None and factor is None:
        work.lack("factor", series.id, clause="IR (EU) 2025/2547, Annex II B.5", carrier=material or activity.id)
    if any(len({p.row.values.get(n) for p in pieces}) > 1
           for n in ("carbon_tC_per_t", "conversion_percent", "purity_percent")):
        work.lack("analyses-differ", series.id, clause="IR (EU) 2025/2547, Annex II B.5", rows=series.rows)
    title = ", ".join(p for p in (material, code_list("process_activity").title(activity.id, work.language)) if p)
    return SourceStream(series.id, title, method, work.given(mass, "t", pieces), carbon_content=carbon,
                        conversion=conversion if method is Method.PROCESS else None, factor=factor,
                        output_based=output and method is Method.PROCESS, attributed=attribution)


def _pfc(work: Work, taken: Taken, attribution: Attribution) -> PfcSource:
    """Electrolysis cells: aluminium produced, anode effect minutes or overvoltage (B.7)."""
    series, pieces, first = taken.series, taken.pieces, taken.pieces[0].row
    technology = work.rules.cells.get(series.key.get("cell_technology", ""))
    minutes, volts = first.values.get("anode_effect_minutes"), first.values.get("overvoltage_mV")
    efficiency = first.values.get("current_efficiency_percent")
    aluminium = work.given(_mass(work, taken), "t", pieces)
    work.lack("pfc", series.id, clause="IR (EU) 2025/2547, Annex II B.7", rows=series.rows)
    if volts is not None and minutes is None:
        return PfcSource(
            series.id, series.id, PfcMethod.OVERVOLTAGE, technology, aluminium,
            overvoltage_per_cell=work.given(volts, "mV", pieces),
            current_efficiency=None if efficiency is None else work.given(CONTEXT.multiply(efficiency, Decimal(100)),
                                                                         "%", pieces), attributed=attribution)
    # Minutes per cell and day are frequency × duration; a dossier states their product, which stands as one effect.
    frequency = None if minutes is None else work.given(Decimal(1), "1/(cell·d)", pieces)
    return PfcSource(series.id, series.id, PfcMethod.SLOPE, technology, aluminium, frequency=frequency,
                     duration=None if minutes is None else work.given(minutes, "min", pieces), attributed=attribution)
