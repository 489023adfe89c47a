"""Energy rows of the dossier → source streams (2025/2547 Annex II B.3), waste gas across borders, precursors.

Amounts are those of the rows: t or 1000 Nm3; energy alone is no activity data. Measured heating values, carbon
contents, oxidation and biomass shares go along; rows with different ones are different streams.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.dossier.codes import code_list
from zerofactory_engine.dossier.model import Row
from zerofactory_engine.units import dimension, unit
from zerofactory_mappings.cbam import tables
from zerofactory_mappings.cbam.exchange.attribute import attributed, shown
from zerofactory_mappings.cbam.exchange.bounds import inside
from zerofactory_mappings.cbam.exchange.goods import Goods
from zerofactory_mappings.cbam.exchange.model import Fate, Kind, Piece, Series
from zerofactory_mappings.cbam.exchange.rules import Carrier
from zerofactory_mappings.cbam.exchange.work import Taken, Work
from zerofactory_mappings.cbam.model import Attribution, Given, Method, SourceStream, WasteGas

#: A thousand, as in 1000 Nm3.
THOUSAND = Decimal(1000)
#: Column of an amount → its unit here, and what turns a value per unit of the column into one per that unit.
_UNITS = {"t": ("t", Decimal(1)), "Nm3": ("1000Nm3", THOUSAND)}
#: Columns whose values make streams of one series different, by the column of the amount.
_NCV = {"t": "ncv_GJ_per_t", "Nm3": "ncv_GJ_per_10kNm3"}
_CARBON = {"t": "carbon_tC_per_t", "Nm3": "carbon_tC_per_10kNm3"}
_SHARES = ("oxidation_percent", "biogenic_percent")
#: What a stated factor may be per.
_PER_ENERGY = dimension("energy")


@dataclass
class Fuels:
    """What the energy rows give."""

    streams: list[SourceStream] = field(default_factory=list)
    waste_gas: dict[str, WasteGas] = field(default_factory=dict)


def fuels(work: Work, made: Goods, energy: Sequence[Series],
          precursor: Callable[[Work, Goods, Series, tuple[Piece, ...], tuple[str, ...], str | None], None]) -> Fuels:
    """Every energy series; *precursor* takes carriers that are goods of Annex I."""
    found = Fuels()
    in_chp = {str(r.values.get("carrier")) for r in work.dossier.rows.get("chp", ())}
    for series in energy:
        carrier = work.rules.carriers[series.key["carrier"]]
        direction, use = series.key["direction"], series.key["use"]
        if carrier.kind == "medium" or use == "energy medium":
            work.decide(series.pieces, Fate.OUTSIDE, "row-not-counted", "no-source-stream", series)
            continue
        pieces, answered = work.in_time(series)
        if carrier.kind == "heat":
            work.decide(pieces, Fate.UNUSABLE, "row-heat-as-energy", series=series)
        elif carrier.kind == "precursor":
            precursor(work, made, series, pieces, answered, carrier.cn)
        elif carrier.kind == "waste_gas":
            _waste_gas(work, made, series, pieces, answered, found)
        elif direction != "consumed" or series.key.get("origin") == "made on site":
            work.decide(pieces, Fate.UNUSABLE, "row-fuel-made-or-sold", "attribution", series)
        else:
            more = work.rule("heat-of-own-units") if carrier.id in in_chp and use == "fuel" else ()
            taken = inside(work, series, made, pieces, answered, more)
            if taken is not None:
                _streams(work, made, taken, carrier, use, found)
    return found


# --- streams ---------------------------------------------------------------------------------------------------------

def amount_column(row: Row) -> str | None:
    """The column that holds the activity data of a row: t, else Nm3, else m3 with a density."""
    values = row.values
    for column in ("t", "Nm3"):
        if values.get(column) is not None:
            return column
    return "m3" if values.get("m3") is not None and values.get("density_t_per_m3") is not None else None


def _streams(work: Work, made: Goods, taken: Taken, carrier: Carrier, use: str, found: Fuels) -> None:
    """The streams of a series that stays inside: one for each set of measured values."""
    method = _method(made, use)
    if method is None:
        work.decide(taken.pieces, Fate.UNUSABLE, "row-feedstock", "process-emissions", taken.series, taken.questions)
        return
    groups: dict[tuple[object, ...], list[Piece]] = {}
    for piece in taken.pieces:
        column = amount_column(piece.row)
        if column is None:
            work.decide([piece], Fate.UNUSABLE, "row-energy-only", series=taken.series, questions=taken.questions)
            work.lack("quantity", taken.series.id, clause="IR (EU) 2025/2547, Annex II B.3.1",
                      rows=[f"{piece.row.table}/{piece.row.id}"])
            continue
        groups.setdefault((column, *_measured(piece.row, column)), []).append(piece)
    if not groups:
        return
    attribution = attributed(work, taken, made) or Attribution()
    for number, pieces in enumerate(groups.values(), 1):
        name = taken.series.id if len(groups) == 1 else f"{taken.series.id}.{number}"
        found.streams.append(_stream(work, taken.narrowed(pieces), carrier, method, name,
                                     shown(work, attribution, pieces)))
        work.use(taken, pieces=pieces)


def _method(made: Goods, use: str) -> Method | None:
    """How the stream is monitored: what burns by combustion; what goes into a process, by what the sector does."""
    if use in ("fuel", "off-site vehicle"):
        return Method.COMBUSTION
    if made.sectors & {"fertilisers", "hydrogen"}:
        return Method.COMBUSTION           # every fuel counts there, energetic or not (Annex I point 3)
    return Method.MASS_BALANCE if made.sectors & {"iron_steel", "aluminium"} else None


def _measured(row: Row, column: str) -> tuple[object, ...]:
    names = (_NCV.get(column, "ncv_GJ_per_t"), _CARBON.get(column, "carbon_tC_per_t"), "carbon_tC_per_TJ",
             "density_t_per_m3", *_SHARES)
    factor = row.stated.get("factor")
    return (*(row.values.get(n) for n in names), row.values.get("factor"), None if factor is None else factor.unit)


def _stream(work: Work, taken: Taken, carrier: Carrier, method: Method, name: str,
            attribution: Attribution) -> SourceStream:
    pieces, first = taken.pieces, taken.pieces[0].row
    column = amount_column(first) or "t"
    unit_here, per = _UNITS.get(column, ("t", Decimal(1)))
    total = CONTEXT.divide(work.total(taken, column), per)
    if column == "m3":
        total = CONTEXT.multiply(total, first.values["density_t_per_m3"])

    def measured(name: str, unit_text: str, factor: Decimal = Decimal(1)) -> Given | None:
        value = first.values.get(name)
        return None if value is None else work.given(CONTEXT.multiply(value, factor), unit_text, pieces)

    ncv = measured(_NCV.get(column, "ncv_GJ_per_t"), f"GJ/{unit_here}", per)
    carbon = measured(_CARBON.get(column, "carbon_tC_per_t"), f"tC/{unit_here}", per)
    ef = _factor(work, first, pieces, unit_here, per)
    biomass, evidence = _biomass(work, taken, carrier)
    fuel = carrier.fuel
    if ef is None and carbon is None and fuel is None:
        work.lack("factor", name, clause="IR (EU) 2025/2547, Annex II B.5", carrier=carrier.id)
    needs_ncv = carbon is None and (ef is None or ef.unit == "tCO2/TJ")
    if needs_ncv and ncv is None and (unit_here != "t" or not _standard_ncv(fuel)):
        work.lack("ncv", name, clause="IR (EU) 2025/2547, Annex II B.5", carrier=carrier.id, unit=unit_here)
    return SourceStream(
        name, _title(work, taken.series, carrier), method, work.given(total, unit_here, pieces), ncv, ef, carbon,
        measured("oxidation_percent", "1"), biomass=biomass, factor=fuel, evidence=evidence, attributed=attribution)


def _standard_ncv(fuel: str | None) -> bool:
    return fuel is not None and isinstance(tables.fuel(fuel).ncv, tables.Cited)


def _factor(work: Work, row: Row, pieces: Sequence[Piece], unit_here: str, per: Decimal) -> Given | None:
    """The emission factor that a row states: carbon per TJ, or CO2 per TJ or per unit of the amount."""
    carbon = row.values.get("carbon_tC_per_TJ")
    if carbon is not None and row.values.get(_CARBON["t"]) is None and row.values.get(_CARBON["Nm3"]) is None:
        per_tj = unit("tC/TJ").from_base(carbon)
        return work.given(CONTEXT.multiply(per_tj, tables.constant("carbon_to_co2").value), "tCO2/TJ", pieces)
    stated, value = row.stated.get("factor"), row.values.get("factor")
    if stated is None or stated.unit is None or not isinstance(value, Decimal):
        return None
    below = dimension("CO2") / unit(stated.unit).dimension
    if below == _PER_ENERGY:
        return work.given(unit("tCO2/TJ").from_base(value), "tCO2/TJ", pieces)
    if below == dimension("mass" if unit_here == "t" else "normal_volume"):
        return work.given(CONTEXT.multiply(value, per), f"tCO2/{unit_here}", pieces)
    work.lack("factor-unit", f"{row.table}/{row.id}", clause="IR (EU) 2025/2547, Annex II B.5", unit=stated.unit)
    return None


def _biomass(work: Work, taken: Taken, carrier: Carrier) -> tuple[Given | None, tuple[str, ...]]:
    """The biomass share, and the documents that show the sustainability criteria (B.3.3)."""
    first = taken.pieces[0].row
    share = first.values.get("biogenic_percent")
    if share is None and carrier.fuel is not None and tables.fuel(carrier.fuel).biomass:
        share = Decimal(1)
    if share is None:
        return None, ()
    ids = {p.row.id for p in taken.pieces}
    proofs = [r for r in work.dossier.rows.get("biomass", ()) if r.values.get("energy_row") in ids]
    proven = {r.values["energy_row"] for r in proofs if r.values.get("sustainable") is True and r.documents}
    evidence = tuple(dict.fromkeys(work.document_ids[e.document] for r in proofs for e in r.documents
                                   if e.document in work.document_ids))
    if share and proven != ids:
        evidence = ()                      # one row without proof, and the stream as a whole has none
        work.lack("biomass", taken.series.id, "biomass-evidence", [f"energy/{i}" for i in sorted(ids - proven)])
    work.cited.update(e.document for r in proofs for e in r.documents)
    return work.given(share, "1", taken.pieces), evidence


def _title(work: Work, series: Series, carrier: Carrier) -> str:
    """The carrier in the language, its use where it is none of the usual, and its meter or part of the site."""
    parts = [code_list("carriers").title(carrier.id, work.language)]
    use = series.key["use"]
    if use != "fuel":
        parts.append(code_list("energy_use").title(use, work.language))
    meter = work.dossier.row("meters", series.meter) if series.meter else None
    part = next((p for p in work.dossier.boundary.get("parts") or () if p["id"] == series.part), None)
    if meter is not None:
        parts.append(f"{meter.id} {meter.values.get('name') or ''}".strip())
    elif part is not None:
        parts.append(str(part.get("name") or part["id"]))
    return ", ".join(parts)


# --- waste gas -------------------------------------------------------------------------------------------------------

def _waste_gas(work: Work, made: Goods, series: Series, pieces: tuple[Piece, ...], answered: tuple[str, ...],
               found: Fuels) -> None:
    """Waste gas: imported or exported in TJ at a process, or burnt where it arises and then in the carbon balance."""
    if not pieces:
        return
    answer = work.asking.ask(Kind.WASTE_GAS, series.id, [f"{p.row.table}/{p.row.id}" for p in pieces],
                             work.rule("waste-gas"), "left-out", {"series": series.id})
    questions = (*answered, f"waste_gas:{series.id}")
    if answer is None:
        work.decide(pieces, Fate.ASKED, "row-asked", "waste-gas", series, questions)
        return
    if answer.answer in ("internal", "outside"):
        reason = "row-waste-gas-internal" if answer.answer == "internal" else "row-outside-by-answer"
        work.decide(pieces, Fate.OUTSIDE, reason, "waste-gas", series, questions)
        return
    shares = answer.processes or dict.fromkeys(made.processes, Decimal(1))
    energy = [(p, _energy(p.row)) for p in pieces]
    without = [p for p, value in energy if value is None]
    work.decide(without, Fate.UNUSABLE, "row-without-heating-value", "waste-gas", series, questions)
    usable = [p for p, value in energy if value is not None]
    if not usable or not shares:
        if usable:
            work.decide(usable, Fate.UNUSABLE, "row-no-process", "waste-gas", series, questions)
        return
    taken = Taken(series, tuple(usable), rule="waste-gas", questions=questions)
    work.use(taken)
    total = Decimal(0)
    for piece in usable:
        inside_days, of = piece.days
        part = CONTEXT.divide(CONTEXT.multiply(_energy(piece.row) or Decimal(0), Decimal(inside_days)), Decimal(of))
        total = CONTEXT.add(total, part)
    for process, share in shares.items():
        here = found.waste_gas.get(process, WasteGas())
        amount = CONTEXT.multiply(unit("TJ").from_base(total), share)
        before = here.imported if answer.answer == "imported" else here.exported
        value = work.given(amount if before is None else CONTEXT.add(before.value, amount), "TJ", usable)
        if before is not None:
            documents = tuple(dict.fromkeys([*before.documents, *value.documents]))
            value = Given(value.value, value.unit, value.place, documents)
        evidence = tuple(dict.fromkeys([*here.evidence, *(work.document_ids[d.partition("#")[0]]
                                                         for d in answer.documents)]))
        found.waste_gas[process] = (WasteGas(value, here.exported, evidence) if answer.answer == "imported"
                                    else WasteGas(here.imported, value, evidence))


def _energy(row: Row) -> Decimal | None:
    """GJ of a row: stated, or its amount times its measured heating value."""
    stated = row.values.get("GJ")
    if stated is not None:
        return Decimal(stated)
    column = amount_column(row)
    ncv = None if column not in _NCV else row.values.get(_NCV[column])
    return None if column is None or ncv is None else CONTEXT.multiply(row.values[column], ncv)
