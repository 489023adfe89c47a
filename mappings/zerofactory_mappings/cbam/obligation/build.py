"""Certificates and cost of imports: the whole calculation of an obligation.

    consignments ──▶ goods ──▶ emissions, free allocation (default, actual) ──▶ certificates ──▶ cost
         │                                                                       │
         └──▶ threshold of the year ──▶ what is due, when, held at quarter ends ◀┘   outlook, effects of readings

``obligation(imports)`` is pure: the same input gives the same figures; tables and default sets are pinned by version in
the result.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.problems import Problem, Severity
from zerofactory_mappings.cbam import tables
from zerofactory_mappings.cbam.obligation.computed import Computations
from zerofactory_mappings.cbam.obligation.effects import Summary, effects, summary
from zerofactory_mappings.cbam.obligation.evaluation import PRELIMINARY, Evaluation
from zerofactory_mappings.cbam.obligation.goods import Good
from zerofactory_mappings.cbam.obligation.holding import holdings
from zerofactory_mappings.cbam.obligation.model import THRESHOLD_FREE, Consignment, Data, Imports
from zerofactory_mappings.cbam.obligation.prices import PriceSource, PriceUse
from zerofactory_mappings.cbam.obligation.readings import settled
from zerofactory_mappings.cbam.obligation.result import (
    ConsignmentResult,
    Exposure,
    GoodResult,
    ObligationResult,
    Outcome,
    QuarterResult,
    YearResult,
    cheaper_of,
    known,
    total,
)
from zerofactory_mappings.cbam.obligation.threshold import Threshold, threshold

if TYPE_CHECKING:
    from zerofactory_mappings.cbam.defaults.model import DefaultSet

ZERO = Decimal(0)


def obligation(imports: Imports, *, readings: Mapping[str, str] | None = None, sets: Sequence[DefaultSet] | None = None,
               proof: bool = False, outlook: bool = True) -> ObligationResult:
    """Certificates, cost, threshold, holding and outlook of *imports*.

    *readings*: choices beside those of the input; *sets*: default values in place of those at hand; *proof*: keep every
    step; *outlook*: also the years to the end of free allocation.

    Nothing is raised for what is not known: such figures are None and the reasons say why.
    """
    chosen = settled({**imports.readings, **(readings or {})})
    computations = Computations()
    evaluation = Evaluation(imports, chosen, computations, sets, proof=proof)
    by_year = {y: [c for c in imports.consignments if c.when.year == y] for y in imports.years}
    limits = {y: threshold(y, cs, imports.importer) for y, cs in by_year.items()}
    results = [_consignment(evaluation, c, limits[y]) for y, cs in by_year.items() for c in cs]
    base = summary(evaluation, outlook=outlook)
    years = _years(evaluation, imports, by_year, limits, results)
    goods = tuple(_good(evaluation, g, results, base) for g in evaluation.goods)
    return ObligationResult(
        imports, tuple(results), goods, years, effects(imports, chosen, base, computations, sets, outlook=outlook),
        _provisional(evaluation, results, goods), tuple(sorted(evaluation.book.sources)),
        tuple(evaluation.methods.versions), _problems(imports, evaluation, results), proof=evaluation.book.graph)


# ------------------------------------------------------------------------------------------------ consignments, goods

def _consignment(evaluation: Evaluation, c: Consignment, limit: Threshold) -> ConsignmentResult:
    if c.outside:
        return ConsignmentResult(c, "", None, None, None, None, False, True, ZERO)
    good, price = evaluation.good_of[c.id], evaluation.price(c)
    default, actual = (evaluation.outcome(good, c.when.year, data, price, c.mass, f"consignment:{c.id}")
                       for data in (Data.DEFAULT, Data.ACTUAL))
    assert default is not None                          # a default outcome is always made, known or not
    liable = True if c.good.sector in THRESHOLD_FREE else limit.crossed
    declared = actual if c.data is Data.ACTUAL else default
    due = None if declared is None or liable is None else declared.certificates if liable else ZERO
    return ConsignmentResult(c, good.id, price, default, actual, cheaper_of(default, actual), liable, False, due)


def _good(evaluation: Evaluation, good: Good, results: Sequence[ConsignmentResult], base: Summary) -> GoodResult:
    mine = [r for r in results if r.good == good.id]
    outlook = tuple(base.outlooks.get(good.id, ()))
    cheaper = {y.year: y.cheaper for y in outlook} or {r.consignment.when.year: r.cheaper for r in mine}
    declared = [r.declared for r in mine]
    return GoodResult(
        good.id, good.example, tuple(c.id for c in good.consignments), _masses(good),
        total([_certificates(o) for o in declared]), total([_cost(o) for o in declared]),
        total([_certificates(r.default) for r in mine]), total([_certificates(r.actual) for r in mine]),
        cheaper, outlook)


def _masses(good: Good) -> dict[int, Decimal]:
    years = sorted({c.when.year for c in good.consignments})
    return {y: known([c.mass.value for c in good.consignments if c.when.year == y]) for y in years}


def _certificates(outcome: Outcome | None) -> Decimal | None:
    return None if outcome is None else outcome.certificates


def _cost(outcome: Outcome | None) -> Decimal | None:
    return None if outcome is None else outcome.cost


def _least(result: ConsignmentResult) -> Decimal | None:
    """The fewer certificates of what is known of both methods."""
    found = [v for v in (_certificates(result.default), _certificates(result.actual)) if v is not None]
    return min(found) if found else None


# -------------------------------------------------------------------------------------------------------------- years

def _years(evaluation: Evaluation, imports: Imports, by_year: Mapping[int, Sequence[Consignment]],
           limits: Mapping[int, Threshold], results: Sequence[ConsignmentResult]) -> tuple[YearResult, ...]:
    made: list[YearResult] = []
    for year in sorted(by_year):
        mine = [r for r in results if r.consignment.when.year == year and not r.outside]
        last = _last_year(imports, results, year - 1)
        held = holdings(evaluation, year, by_year[year], limits[year], last)
        declared = [r.declared for r in mine]
        due = total([r.due for r in mine])
        cost = total([ZERO if r.liable is False else None if r.liable is None else _cost(r.declared) for r in mine])
        days = tables.deadlines(year)
        made.append(YearResult(
            year, limits[year], total([_certificates(o) for o in declared]), total([_cost(o) for o in declared]),
            due, cost, known([_certificates(o) for o in declared]), known([_cost(o) for o in declared]),
            total([_certificates(r.default) for r in mine]), total([_certificates(r.actual) for r in mine]),
            total([_least(r) for r in mine]), _quarters(year, mine), held,
            next((d.date for d in days if d.id == "surrender"), None), days, tables.penalties(),
            _exposure(due, imports, limits[year])))
    return tuple(made)


def _quarters(year: int, results: Sequence[ConsignmentResult]) -> tuple[QuarterResult, ...]:
    found = []
    for quarter in range(5):
        mine = [r for r in results if (r.consignment.when.quarter or 0) == quarter]
        if mine:
            prices = {r.price.period: r.price for r in mine if r.price is not None}
            found.append(QuarterResult(
                year, quarter, known([r.consignment.mass.value for r in mine if r.consignment.mass.unit == "t"]),
                total([_certificates(r.declared) for r in mine]), total([_cost(r.declared) for r in mine]),
                tuple(prices.values())))
    return tuple(found)


def _last_year(imports: Imports, results: Sequence[ConsignmentResult], year: int) -> dict[tuple[str, str], Decimal]:
    """Certificates per unit of *year* by code and origin: as stated, else by the consignments of that year."""
    sums: dict[tuple[str, str], tuple[Decimal, Decimal]] = {}
    lost: set[tuple[str, str]] = set()
    for r in results:
        key = (r.consignment.good.cn, r.consignment.origin.id)
        if r.consignment.when.year != year or r.outside:
            continue
        if r.due is None:
            lost.add(key)
            continue
        mass, due = sums.get(key, (ZERO, ZERO))
        sums[key] = CONTEXT.add(mass, r.consignment.mass.value), CONTEXT.add(due, r.due)
    for s in imports.surrendered:
        if s.year == year:
            sums[s.good.cn, s.origin.id] = s.mass.value, s.certificates.value
            lost.discard((s.good.cn, s.origin.id))
    return {key: CONTEXT.divide(due, mass) for key, (mass, due) in sums.items() if key not in lost}


def _exposure(due: Decimal | None, imports: Imports, limit: Threshold) -> tuple[Exposure, ...]:
    """Penalties if nothing were surrendered; the multiples for importers that are said to have no status."""
    rows = {p.id: p for p in tables.penalties()}
    single = rows.get("missing_certificate")
    if single is None or single.low is None or single.high is None:
        return ()
    low, high = (None if due is None else CONTEXT.multiply(due, v.value) for v in (single.low, single.high))
    found = [Exposure(single.id, low, high)]
    if imports.importer is not None and imports.importer.authorised is False:
        row = rows["threshold_crossed" if limit.crossed else "without_status"]
        if row.low is not None and row.high is not None:
            found.append(Exposure(row.id, None if low is None else CONTEXT.multiply(low, row.low.value),
                                  None if high is None else CONTEXT.multiply(high, row.high.value)))
    return tuple(found)


# ----------------------------------------------------------------------------------------------- provisional, problems

def _provisional(evaluation: Evaluation, results: Iterable[ConsignmentResult],
                 goods: Sequence[GoodResult]) -> tuple[Problem, ...]:
    """Why figures are not final: sources not confirmed, notes of editions, assumptions, years that are not decided."""
    found: dict[tuple[str, str], list[str]] = {}
    for source in evaluation.methods.used.values():
        if source.provisional:
            found.setdefault((source.act, source.confidence), []).append(f"{source.table}/{source.row}")
    notes = [Problem("cbam-obligation.provisional-source", severity=Severity.NOTE, found=act, args={
        "confidence": confidence, "rows": _few(sorted(rows))}) for (act, confidence), rows in sorted(found.items())]
    act = tables.act("IR (EU) 2025/2620")
    if act is not None and act.source.provisional and evaluation.goods:
        notes.append(Problem("cbam-obligation.provisional-equations", severity=Severity.NOTE, found=act.text("number")))
    told = PRELIMINARY if any(g.outlook for g in goods) else {}     # an outlook says these by year
    notes += [p for code, p in evaluation.methods.notes.items() if code not in told]
    notes += [Problem("cbam-obligation.provisional-computed", severity=Severity.NOTE, found=_few(sorted(names)), args={
        "file": file}) for file, names in evaluation.methods.computed.items() if names]
    uses: list[PriceUse] = [r.price for r in results if r.price is not None]
    uses += [y.price for g in goods for y in g.outlook if y.price is not None]
    assumed = sorted({u.period for u in uses if u.source is PriceSource.ASSUMPTION})
    if assumed:
        notes.append(Problem("cbam-obligation.provisional-assumption", severity=Severity.NOTE,
                             found=", ".join(assumed)))
    years: dict[str, list[int]] = {}
    for code, year in ((code, y.year) for g in goods for y in g.outlook for code in y.preliminary):
        years.setdefault(code, []).append(year)
    notes += [Problem(code, severity=Severity.NOTE, args={"from": str(min(ys)), "to": str(max(ys))}) for code,
              ys in years.items()]
    return tuple(notes)


def _few(rows: Sequence[str]) -> str:
    return ", ".join(rows[:4]) + (f" … ({len(rows)})" if len(rows) > 4 else "")


def _problems(imports: Imports, evaluation: Evaluation, results: Iterable[ConsignmentResult]) -> tuple[Problem, ...]:
    """Problems of reading, reasons of the declared method, notes of the other, prices; each once."""
    found = list(imports.problems)
    found += evaluation.prices.ignored.values()
    for r in results:
        if r.outside:
            found.append(Problem("cbam-obligation.outside", r.consignment.place, Severity.NOTE, found=r.consignment.id,
                                 args={"country": r.consignment.origin.id}))
            continue
        if r.price is not None and r.price.reason is not None:
            found.append(r.price.reason)
        for outcome in (r.default, r.actual):
            if outcome is not None:
                found += _reasons(outcome, declared=outcome is r.declared)
    found += evaluation.book.problems
    once: list[Problem] = []
    seen: set[tuple[object, ...]] = set()
    for p in found:
        key = (p.code, p.place, p.found, p.accepted, tuple(sorted(p.args.items())))
        if key not in seen:
            seen.add(key)
            once.append(p)
    return tuple(once)


def _reasons(outcome: Outcome, *, declared: bool) -> list[Problem]:
    """The reasons of the declared method; of the other, as notes, those why it is not known."""
    if declared:
        return list(outcome.reasons)
    return [_as_note(p) for p in outcome.reasons] if outcome.net is None else []


def _as_note(p: Problem) -> Problem:
    return Problem(p.code, p.place, Severity.NOTE, p.found, p.accepted, p.example, p.args)
