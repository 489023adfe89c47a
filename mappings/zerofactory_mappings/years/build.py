"""Put dossiers of one facility side by side: check that they may be compared, then compute every view."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise, product
from typing import Any

from zerofactory_engine.accounting import FactorLibrary, Options
from zerofactory_engine.accounting.intake import facts_of
from zerofactory_engine.accounting.totals import BASES, inside
from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.dossier import Dossier
from zerofactory_engine.dossier.codes import code_list
from zerofactory_engine.messages import LANGUAGES, render_reason
from zerofactory_engine.problems import Place, Problem, ProblemsError, Severity
from zerofactory_mappings.disclosures.completeness import Said
from zerofactory_mappings.uncertainty import Settings, propagate, simulate
from zerofactory_mappings.years.amounts import plus, unknown
from zerofactory_mappings.years.decompose import Decomposition, Key, Source, combined, decompose, sources_of
from zerofactory_mappings.years.measures import Evidence, chosen_measure, measures_of
from zerofactory_mappings.years.model import Comparison, Measure, StatedChange, Year
from zerofactory_mappings.years.recalculate import Change, State, all_changes, check_changes, computed, recalculate
from zerofactory_mappings.years.trend import DIVIDED, intensities, totals


def build(dossiers: Sequence[Dossier], *, then: Options | None = None, now: Options | None = None,
          changes: Mapping[str, Sequence[Change]] | None = None, library: FactorLibrary | None = None,
          annualise: bool = False, measure: str | None = None, threshold: Decimal | None = None,
          threshold_from: str | None = None, policy: str | Mapping[str, str] | None = None, against: str = "all",
          settings: Settings | None = None,
          stated_changes: Sequence[StatedChange] = ()) -> Comparison:
    """Compare two or more dossiers of one facility; the oldest is the base year, the latest gives the boundary.

    *then*: options under which the earlier years were reported (None: the same as *now*); *now*: those of the latest,
    used for all years in the like-for-like view. *changes*: by dossier id, for the base year also part of the
    recalculation. *measure*: id of the
    measure that the decomposition uses. *against*: the total that effects on the base year are held against, ``all`` or
    ``scopes_1_2``. *stated_changes*: what a statement says in words.

    Raises:
        ProblemsError: fewer than two dossiers, another facility, overlapping or equal periods, a change for a dossier
            that is not compared, a measure that does not exist, options that are not accepted; all of them together.
    """
    ordered = sorted(dossiers, key=lambda d: (d.period.start, d.period.end, d.id))
    is_now, asked = now or Options(), dict(changes or {})
    was = then or is_now
    warnings = _check(ordered, asked)
    _check_changes(ordered, is_now, asked)
    years = _years(ordered, was, is_now, asked, library, annualise)
    recalculation = recalculate(ordered[0], was, is_now, asked.get(ordered[0].id, ()), latest=ordered[-1],
                                threshold=threshold, threshold_from=threshold_from, policy=policy, of=against,
                                library=library)
    measures = measures_of([Evidence(y.dossiers, y.like_for_like.inventories, y.alike.reshaped) for y in years])
    chosen = _chosen(measures, measure)
    latest = years[-1].inventory
    return Comparison(
        years, was, is_now, annualise, totals(years), intensities(years, measures), measures, chosen,
        _decompositions(years, chosen), recalculation, propagate(latest), simulate(latest, "location", settings),
        _limits(years, chosen, is_now.settled()[1]["consolidation"]), (*_declared(years), *stated_changes),
        tuple(warnings))


def _check(ordered: Sequence[Dossier], changes: Mapping[str, Sequence[Change]]) -> list[Problem]:
    """Refuse what cannot be compared; what a reader has to know comes back."""
    problems: list[Problem] = []
    if len(ordered) < 2:
        problems.append(Problem("years.too-few", found=str(len(ordered)), accepted="≥ 2"))
    for one, other in pairwise(ordered):
        problems += _other_facility(one, other)
        if other.period.start <= one.period.end:
            problems.append(Problem("years.overlapping", Place(path=other.id), found=_span(other),
                                    args={"one": one.id, "span": _span(one)}))
        elif other.period.start > one.period.end + timedelta(days=1):
            problems.append(Problem("years.gap", Place(path=other.id), Severity.WARNING,
                                    found=f"{one.period.end} … {other.period.start}"))
    known = [d.id for d in ordered]
    if len(set(known)) < len(known):
        problems.append(Problem("years.same-id", found=", ".join(known)))
    problems += [Problem("years.no-such-dossier", found=name, accepted=", ".join(known))
                 for name in changes if name not in known]
    if any(p.severity is Severity.ERROR for p in problems):
        raise ProblemsError(problems)
    return problems


def _check_changes(ordered: Sequence[Dossier], options: Options, changes: Mapping[str, Sequence[Change]]) -> None:
    """Changes that cannot be applied, of all years together."""
    problems: list[Problem] = []
    for dossier in ordered:
        try:
            check_changes(changes.get(dossier.id, ()), State(dossier, options))
        except ProblemsError as error:
            problems += error.problems
    if problems:
        raise ProblemsError(problems)


def _other_facility(one: Dossier, other: Dossier) -> list[Problem]:
    """Another facility or another legal entity: an error with both names. Only another name: a warning."""
    names = {"one": _name(one), "other": _name(other)}
    for what, mine, theirs in (
            ("facility.id", one.facility.get("id"), other.facility.get("id")),
            ("organisation.unified_social_credit_code", one.organisation.get("unified_social_credit_code"),
             other.organisation.get("unified_social_credit_code"))):
        if mine and theirs and mine != theirs:
            return [Problem("years.other-facility", Place(path=f"{other.id}:{what}"), found=str(theirs),
                            accepted=str(mine), args=names)]
    if _name(one) != _name(other):
        return [Problem("years.renamed", Place(path=f"{other.id}:facility.name"), Severity.WARNING, args=names)]
    return []


def _name(dossier: Dossier) -> str:
    name = dossier.facility.get("name")
    if isinstance(name, Mapping):
        return " / ".join(str(v) for v in name.values() if v)
    return str(name or dossier.facility.get("id") or dossier.id)


def _span(dossier: Dossier) -> str:
    return f"{dossier.period.start} … {dossier.period.end}"


def label_of(dossier: Dossier) -> str:
    """``2024`` for a calendar year, its dates for any other period."""
    period = dossier.period
    whole = (period.start, period.end) == (date(period.start.year, 1, 1), date(period.start.year, 12, 31))
    return str(period.start.year) if whole else _span(dossier)


def _years(ordered: Sequence[Dossier], was: Options, is_now: Options, changes: Mapping[str, Sequence[Change]],
           library: FactorLibrary | None, annualise: bool) -> tuple[Year, ...]:
    latest, out = ordered[-1], []
    for dossier in ordered:
        state = State(dossier, is_now)
        for change in all_changes(dossier, changes.get(dossier.id, ()), latest):
            state = change.applied(state)
        reported = computed(State(dossier, is_now if dossier is latest else was), library)
        full = dossier.period.months == Decimal(12)
        scale = CONTEXT.divide(Decimal(1), dossier.period.years) if annualise and not full else Decimal(1)
        out.append(Year(label_of(dossier), dossier, state, reported, computed(state, library), full, scale))
    return tuple(out)


def _chosen(measures: Sequence[Measure], wanted: str | None) -> Measure | None:
    if wanted is None:
        return chosen_measure(measures)
    for measure in measures:
        if measure.id == wanted:
            return measure
    raise ProblemsError([Problem("years.no-such-measure", found=wanted,
                                 accepted=", ".join(m.id for m in measures) or None)])


def _decompositions(years: Sequence[Year], measure: Measure | None) -> tuple[Decomposition, ...]:
    """Each year against the one before, and with more than two years the last against the first; scopes 1
    and 2 and all scopes, on both bases."""
    pairs = [(i, i + 1) for i in range(len(years) - 1)] + ([(0, len(years) - 1)] if len(years) > 2 else [])
    out = []
    for group, basis in product(DIVIDED, BASES):
        found = [_sources(year, group, basis) for year in years]
        for first, second in pairs:
            made = tuple(_made(years[n], measure, n) for n in (first, second))
            out.append(decompose(found[first], found[second], (made[0], made[1]), first=years[first].label,
                                 second=years[second].label, basis=basis, measure=measure.id if measure else "",
                                 group=group, unclear=(years[first].alike.unclear, years[second].alike.unclear)))
    return tuple(out)


def _made(year: Year, measure: Measure | None, number: int) -> Any:
    if measure is None:
        return unknown("years.no-measure", year.dossier.id)
    if not year.comparable:
        return unknown("years.part-year", year.dossier.id, label=year.label)
    return year.scaled(measure.amounts[number])


def _sources(year: Year, group: str, basis: str) -> dict[Key, Source]:
    """Sources of a year, like for like; unknown with its reason when the effect of a change on the year is unclear."""
    found = combined([sources_of([line for line in inside(i.lines) if group == "all" or line.scope in (1, 2)], basis)
                      for i in year.like_for_like.inventories])
    return {key: replace(s, emissions=year.scaled(plus(s.emissions, *year.alike.unclear)),
                         activity=None if s.activity is None else year.scaled(s.activity))
            for key, s in found.items()}


def _declared(years: Sequence[Year]) -> Iterator[StatedChange]:
    """Changes of the boundary that the dossiers declare."""
    for year in years:
        for entry in year.dossier.boundary.get("changes") or ():
            what = " · ".join(str(v) for v in (entry.get("part"), entry.get("what")) if v)
            kind = code_list("change_kind").codes.get(str(entry.get("kind") or ""), {})
            title = {lang: " · ".join(t for t in (str(kind.get(lang, "")), what) if t) for lang in LANGUAGES}
            yield StatedChange(year.label, str(entry.get("on") or ""), title, {}, entry.get("effect_tCO2e"))


def _told(year: Year) -> Iterator[Said]:
    """What the changes of a year between the first and the last left open; those of the first stand with it."""
    for said in year.alike.limits:
        yield Said("years.limit-of-year", {"label": year.label, "what": {lang: said.text(lang) for lang in LANGUAGES}})
    for reason in (r for u in year.alike.unclear for r in u.reasons):
        yield Said("years.limit-of-year", {
            "label": year.label, "what": {lang: render_reason(reason, lang) for lang in LANGUAGES}})


def _limits(years: Sequence[Year], measure: Measure | None, consolidation: str) -> tuple[Said, ...]:
    """What a reader of the comparison has to know beside the recalculation's own limits."""
    out = [Said("years.limit-year-part", {"label": y.label}) for y in years if not y.full and not y.annualised]
    out += [Said("years.limit-annualised", {"label": y.label}) for y in years if y.annualised]
    out += [said for y in years[1:-1] for said in _told(y)]
    out += [Said("years.limit-share", {"label": y.label}) for y in years
            if facts_of(y.alike.dossier, consolidation).share is not None]
    latest = {p.get("id") for p in years[-1].dossier.boundary.get("parts") or ()}
    for year in years[:-1]:
        mine = {p.get("id") for d in year.dossiers for p in d.boundary.get("parts") or ()}
        for code, parts in (("years.limit-part-gone", mine - latest), ("years.limit-part-new", latest - mine)):
            if parts:
                out.append(Said(code, {"parts": ", ".join(sorted(map(str, parts))), "label": year.label}))
    if measure is not None and measure.note is not None:
        out.append(measure.note)
    return tuple(out)
