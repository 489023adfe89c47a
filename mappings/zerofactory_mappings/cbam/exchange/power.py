"""Electricity rows of the dossier → uses of electricity at processes, with the kind of source (2025/2547 Annex II D).

Power of the grid has the default factor. Traded green power, a line of one's own and a plant on site may have an actual
factor, if the evidence of D.4.3 is there: that is asked; without an answer the default applies, and the question stays
open. Certificates of origin do not qualify.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.dossier.codes import code_list
from zerofactory_mappings.cbam.exchange.attribute import split
from zerofactory_mappings.cbam.exchange.bounds import inside
from zerofactory_mappings.cbam.exchange.goods import Goods
from zerofactory_mappings.cbam.exchange.model import Fate, Kind, Piece, Series
from zerofactory_mappings.cbam.exchange.work import Taken, Work
from zerofactory_mappings.cbam.model import ElectricitySource, ElectricityUse, EnergyUnit, Given, HourlyMatch

#: Source of a row → answers to the question of its factor; a source that is not here has the default of the grid.
_SUPPLY = {"green trade": ("grid", "ppa"), "dedicated supply": ("grid", "ppa", "direct_link"),
           "direct line": ("grid", "direct_link"), "on-site": ("grid", "own_generation", "direct_link")}
_SOURCES = {"grid": ElectricitySource.GRID_DEFAULT, "ppa": ElectricitySource.PPA,
            "direct_link": ElectricitySource.DIRECT_LINK, "own_generation": ElectricitySource.OWN}
#: Technologies whose plants burn a fuel, so that their factor needs fuel data.
_BURNING = frozenset({"biomass", "biogas", "waste_to_energy", "coal", "natural_gas", "oil", "by_product_gas", "mixed",
                      "other", "fuel_cell"})


@dataclass
class Power:
    """What the electricity rows give, by process; *units* are plants on site."""

    uses: dict[str, list[ElectricityUse]] = field(default_factory=dict)
    exported: dict[str, Given] = field(default_factory=dict)
    units: list[EnergyUnit] = field(default_factory=list)


def power(work: Work, made: Goods, electricity: Sequence[Series]) -> Power:
    """Every series of electricity."""
    found = Power()
    for series in electricity:
        pieces, answered = work.in_time(series)
        without = [p for p in pieces if p.row.values.get("MWh") is None]
        work.decide(without, Fate.UNUSABLE, "row-without-amount", series=series)
        pieces = tuple(p for p in pieces if p not in without)
        flow, source = series.key["flow"], series.key["source"]
        if flow == "generated":
            work.decide(pieces, Fate.UNUSABLE, "row-generation", "own-generation", series)
        elif source == "storage":
            work.decide(pieces, Fate.UNUSABLE, "row-discharge", "double-counting", series)
        elif flow == "exported":
            _export(work, made, series, pieces, answered, found)
        else:
            taken = inside(work, series, made, pieces, answered)
            if taken is not None:
                _use(work, made, taken, source, found)
    return found


def _use(work: Work, made: Goods, taken: Taken, source: str, found: Power) -> None:
    """Consumption at the processes that it belongs to."""
    shares = split(work, taken, made)
    if not shares:
        fate, reason = (Fate.ASKED, "row-asked") if shares is None else (Fate.UNUSABLE, "row-no-process")
        asked = (*taken.questions, f"attribution:{taken.series.id}") if shares is None else taken.questions
        work.decide(taken.pieces, fate, reason, "attribution", taken.series, asked)
        return
    kind, questions = _supply(work, taken, source)
    taken = Taken(taken.series, taken.pieces, taken.share, taken.rule, (*taken.questions, *questions))
    unit = _plant(work, taken, found) if kind is ElectricitySource.OWN else None
    match = _evidence(work, taken) if kind in (ElectricitySource.PPA, ElectricitySource.DIRECT_LINK) else None
    total = work.total(taken, "MWh")
    for process, share in shares.items():
        amount = work.given(CONTEXT.multiply(total, share), "MWh", taken.pieces)
        found.uses.setdefault(process, []).append(ElectricityUse(amount, kind, unit=unit, match=match,
                                                                 place=amount.place))
    work.use(taken)


def _supply(work: Work, taken: Taken, source: str) -> tuple[ElectricitySource, tuple[str, ...]]:
    """The kind of source: as answered; the default of the grid while nobody has said."""
    accepted = _SUPPLY.get(source)
    if accepted is None:
        return ElectricitySource.GRID_DEFAULT, ()
    papers = _documents(work, taken.pieces)
    rules = work.rule("own-generation", "actual-electricity-factor", "certificates-of-origin") if source == "on-site" \
        else work.rule("actual-electricity-factor", "certificates-of-origin")
    answer = work.asking.ask(
        Kind.SUPPLY, taken.series.id, taken.series.rows, rules, "grid-default",
        {"series": taken.series.id, "source": code_list("electricity_source").title(source, work.language),
         "contract": papers.get("contract", "–"), "metering": papers.get("metering", "–")}, accepted=accepted)
    return _SOURCES["grid" if answer is None else answer.answer], (f"supply:{taken.series.id}",)


def _documents(work: Work, pieces: Sequence[Piece]) -> dict[str, str]:
    """Documents of the rows that may serve as the evidence of D.4.3, by what they show."""
    names = dict.fromkeys(e.document for p in pieces for e in p.row.documents)
    found: dict[str, str] = {}
    for shows, kinds in work.rules.electricity_evidence.items():
        fitting = [n for n in names if n in work.dossier.documents and work.dossier.documents[n].kind in kinds]
        if fitting:
            found[shows] = ", ".join(fitting)
    return found


def _evidence(work: Work, taken: Taken) -> HourlyMatch:
    """What the dossier holds of the evidence of D.4.3; the rest is listed as missing."""
    papers = _documents(work, taken.pieces)
    hourly = [str(p.row.values["hourly_file"]) for p in taken.pieces if p.row.values.get("hourly_file")]
    lacking = [name for name in ("contract", "metering") if name not in papers]
    work.lack("electricity-evidence", taken.series.id, "actual-electricity-factor", taken.series.rows,
              lacking=", ".join([*lacking, "hourly series", "generator and consumer meter",
                                 "grid connection or line diagram", "factor of the generator"]),
              hourly=", ".join(dict.fromkeys(hourly)) or "–")
    contract = papers.get("contract", "").partition(", ")[0]
    work.cited.update(papers.get("contract", "").split(", "))
    return HourlyMatch(consumer_meter=taken.series.meter, contract=work.document_ids.get(contract))


def _plant(work: Work, taken: Taken, found: Power) -> str:
    """A plant on site that the applicant's rows describe: it emits what its fuels do, and without fuels nothing."""
    technology = taken.series.key.get("technology", "other")
    pieces = taken.pieces
    gross = all(p.row.values.get("gross_MWh") is not None for p in pieces)
    made = work.total(Taken(taken.series, pieces), "gross_MWh" if gross else "MWh")
    if technology in _BURNING:
        work.lack("plant-fuel", taken.series.id, "own-generation", technology=technology)
    name = code_list("technologies").title(technology, work.language)
    given = work.given(made, "MWh", pieces)
    found.units.append(EnergyUnit(taken.series.id, name, None, electricity=given, documents=given.documents[:1]))
    return taken.series.id


def _export(work: Work, made: Goods, series: Series, pieces: tuple[Piece, ...], answered: tuple[str, ...],
            found: Power) -> None:
    """Electricity given away: deducted only where a process makes it (Eq 55)."""
    if not pieces:
        return
    rows = [f"{p.row.table}/{p.row.id}" for p in pieces]
    answer = work.asking.ask(Kind.EXPORT, series.id, rows, work.rule("exported-electricity"), "left-out",
                             {"series": series.id})
    questions = (*answered, f"export:{series.id}")
    if answer is None:
        work.decide(pieces, Fate.ASKED, "row-asked", "exported-electricity", series, questions)
        return
    if answer.answer == "outside":
        work.decide(pieces, Fate.OUTSIDE, "row-outside-by-answer", "exported-electricity", series, questions)
        return
    shares = answer.processes or dict.fromkeys(made.processes, Decimal(1))
    if not shares:
        work.decide(pieces, Fate.UNUSABLE, "row-no-process", "exported-electricity", series, questions)
        return
    taken = Taken(series, pieces, rule="exported-electricity", questions=questions)
    work.use(taken)
    work.lack("exported-factor", series.id, "exported-electricity", rows)
    total = work.total(taken, "MWh")
    for process, share in shares.items():
        amount = work.given(CONTEXT.multiply(total, share), "MWh", pieces)
        before = found.exported.get(process)
        found.exported[process] = amount if before is None else Given(
            CONTEXT.add(before.value, amount.value), "MWh", before.place,
            tuple(dict.fromkeys([*before.documents, *amount.documents])))
