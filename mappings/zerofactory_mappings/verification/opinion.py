"""Which opinion follows: nothing that is not known passes, and what is a judgement stays the verifier's.

Unmodified follows only when every threshold, sample, sheet and review is settled and nothing is material. Something
material excludes it; whether the opinion is then modified, adverse or disclaimed rests on the verifier's answer whether
the matter is pervasive (ISO 14064-3 clause 9).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from zerofactory_engine.decimals import plain
from zerofactory_engine.problems import NOWHERE, Place, Problem, Severity
from zerofactory_mappings.publishing.numbers import percent, shown, shown_beside
from zerofactory_mappings.verification import tables
from zerofactory_mappings.verification.evidence import Evidence
from zerofactory_mappings.verification.materiality import TOTAL, Threshold, holding, is_material
from zerofactory_mappings.verification.model import (
    ADVERSE,
    DISCLAIMED,
    MODIFIED,
    OPEN,
    UNMODIFIED,
    Aggregate,
    Misstatement,
    Opinion,
)
from zerofactory_mappings.verification.part import Part
from zerofactory_mappings.verification.sampling import SamplingPlan
from zerofactory_mappings.verification.statement import Statement


@dataclass(frozen=True, slots=True)
class Findings:
    """All that an opinion rests on."""

    root: Part
    statement: Statement
    thresholds: tuple[Threshold, ...]
    sampling: SamplingPlan
    evidence: Evidence
    misstatements: tuple[Misstatement, ...]
    aggregates: tuple[Aggregate, ...]
    projected: Decimal | None
    changes: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class _Against:
    """Something material: *gravest*: the opinion when it is pervasive; *pervasive*: the verifier's answer."""

    problem: Problem
    gravest: str
    pervasive: bool | None


def conclude(found: Findings) -> Opinion:
    """The opinion that follows from *found*."""
    against = [*_material(found), *_nonconformities(found.root), *_limitations(found)]
    missing = [*_planning(found), *found.changes, *_sample(found), *_open_misstatements(found), *_projection(found),
               *_unjudged(found.root), *_sheets(found), *_people(found.root), *_afterwards(found.root)]
    problems = tuple(a.problem for a in against)
    remarks = tuple(_remarks(found))
    if not against:
        if missing:
            return Opinion(OPEN, OPEN, tuple(tables.words("opinion")), (), tuple(missing), remarks)
        return Opinion(UNMODIFIED, "derived", (UNMODIFIED,), (), (), remarks)
    candidates = _candidates(against)
    settled = not missing and len(candidates) == 1
    return Opinion(candidates[0] if settled else OPEN, "proposed" if settled else OPEN, candidates, problems,
                   tuple(missing), remarks)


def _candidates(against: Sequence[_Against]) -> tuple[str, ...]:
    """What it can be: adverse before disclaimed, as what is known to be wrong is worse than what is not known."""
    pervasive = {a.gravest for a in against if a.pervasive is True}
    if ADVERSE in pervasive:
        return (ADVERSE,)
    unanswered = {a.gravest for a in against if a.pervasive is None}
    if DISCLAIMED in pervasive:
        return (DISCLAIMED, ADVERSE) if ADVERSE in unanswered else (DISCLAIMED,)
    return (MODIFIED, *(t for t in (ADVERSE, DISCLAIMED) if t in unanswered))


def _reason(code: str, found: str | None = None, accepted: str | None = None, place: Place = NOWHERE,
            **args: str) -> Problem:
    return Problem(f"verification.reason.{code}", place, Severity.NOTE, found, accepted, args=args)


def _t(value: Decimal) -> str:
    return f"{shown(value)} tCO2e"


def _beyond(effect: Decimal, threshold: Threshold | None) -> tuple[str, str]:
    """Effect and threshold with digits enough that they compare on paper."""
    if threshold is None or threshold.value is None:
        return _t(effect), ""
    one, other = shown_beside(abs(effect), threshold.value)
    return f"{one} tCO2e", f"≤ {other} tCO2e"


# --- material --------------------------------------------------------------------------------------------------------

def _material(found: Findings) -> Iterator[_Against]:
    open_ones = [m for m in found.misstatements if m.open]
    for m in open_ones:
        for e in m.effects:
            if e.material and e.effect is not None:
                one, other = _beyond(e.effect, holding(found.thresholds, e.of))
                yield _Against(_reason("material", one, other, m.place, id=m.id, of=e.of), ADVERSE, m.pervasive)
    alone = _material_alone(found)
    pervasive = _together(m.pervasive for m in open_ones)
    for a in found.aggregates:
        if a.material and a.net is not None and a.of not in alone:
            one, other = _beyond(a.net, a.threshold)
            yield _Against(_reason("material-together", one, other, of=a.of), ADVERSE, pervasive)
    if found.root.part("opinion").text("offsetting") == "material":
        for a in found.aggregates:
            if a.gross_material and a.material is False and a.of not in alone:
                one, other = _beyond(a.gross, a.threshold)
                yield _Against(_reason("offsetting-material", one, other, of=a.of), ADVERSE, pervasive)
    for m in open_ones:
        if m.intentional and not m.material and m.pervasive is not None:
            yield _Against(_reason("intentional", m.id, place=m.place), ADVERSE, m.pervasive)


def _material_alone(found: Findings) -> frozenset[str]:
    """Groups to which an open misstatement is material by itself."""
    return frozenset(e.of for m in found.misstatements if m.open for e in m.effects if e.material)


def _together(answers: Iterable[bool | None]) -> bool | None:
    """Pervasive when one is; not pervasive only when every one is answered so."""
    given = list(answers)
    return True if True in given else None if None in given else False


def _nonconformities(root: Part) -> Iterator[_Against]:
    for part in root.each("nonconformities"):
        if part.text("state") != "corrected" and part.flag("material") is True:
            yield _Against(_reason("nonconformity", part.text("description"), place=part.place,
                                   id=part.text("id") or ""), ADVERSE, part.flag("pervasive"))


def _limitations(found: Findings) -> Iterator[_Against]:
    for part in found.root.each("limitations"):
        yield _Against(_reason("limitation", part.text("description"), place=part.place, id=part.text("id") or ""),
                       DISCLAIMED, part.flag("pervasive"))
    named = [part.text("line") for part in found.root.each("limitations")]
    for part in found.root.each("items"):
        line = part.text("line") or ""
        if part.flag("limitation") and line not in named:
            share = next((r.share for r in found.sampling.rows if r.of.id == line), None)
            yield _Against(_reason("limitation-line", None if share is None else percent(share), place=part.place,
                                   line=line), DISCLAIMED, None)


# --- missing ---------------------------------------------------------------------------------------------------------

def _planning(found: Findings) -> Iterator[Problem]:
    engagement = found.root.part("engagement")
    kind = engagement.text("kind")
    if kind is None:
        yield _reason("no-kind")
    elif not tables.gives_opinion(kind):
        yield _reason("kind-without-opinion", kind, place=engagement.place_of("kind"))
    if not engagement.has("assurance"):
        yield _reason("no-assurance")
    unknown = [of for of, total in found.statement.totals.items() if total is None and of != TOTAL]
    if found.statement.totals[TOTAL] is None:
        yield _reason("total-unknown", ", ".join(unknown))
    if not found.statement.lines:
        yield _reason("no-lines")
    wanted = dict.fromkeys([TOTAL, *(t.of for t in found.thresholds)])
    for of in wanted:
        if holding(found.thresholds, of) is None:
            yield _reason("no-threshold", place=found.root.place_of("materiality"), of=of)


def _sample(found: Findings) -> Iterator[Problem]:
    """Lines of the sample that the verifier has not settled with evidence."""
    items = {part.text("line"): part for part in found.root.each("items")}
    logged = {m.target for m in found.misstatements if m.logged}
    rows = {m.target.rpartition(".")[0] for m in found.misstatements if m.way == "cell"}
    for row in found.sampling.selected:
        part = items.get(row.of.id)
        name = row.of.id
        if part is None:
            yield _reason("sample-open", name)
            continue
        if part.flag("limitation"):
            continue
        verified = part.number("verified_tCO2e") is not None
        if part.flag("confirmed") is False and not verified and name not in logged and row.of.row not in rows:
            yield _reason("not-confirmed", name, place=part.place)
        elif not verified and part.flag("confirmed") is not True and name not in logged and row.of.row not in rows:
            yield _reason("sample-open", name, place=part.place)
        elif not part.texts("evidence") and not part.texts("activities"):
            yield _reason("no-evidence", name, place=part.place)
        elif row.of.emissions is None:
            yield _reason("line-unknown", name, place=part.place)
        yield from (_reason("activity-unknown", a, ", ".join(tables.words("activity")), part.place_of("activities"))
                    for a in part.texts("activities") if a not in tables.words("activity"))


def _open_misstatements(found: Findings) -> Iterator[Problem]:
    for m in found.misstatements:
        if not m.open:
            continue
        if not m.effects:
            yield _reason("no-corrected-figure", m.id, place=m.place)
        elif m.effect is None:
            yield _reason("effect-unknown", m.id, place=m.place)
        if m.intentional and m.pervasive is None:
            yield _reason("intentional-unjudged", m.id, place=m.place)
    judged = found.root.part("opinion").has("offsetting")
    alone = _material_alone(found)
    for a in found.aggregates:
        if a.gross_material and a.material is False and not judged and a.of not in alone:
            one, other = _beyond(a.gross, a.threshold)
            yield _reason("offsetting", one, other, of=a.of)
        if a.net is None and not a.unknown:
            yield _reason("together-unknown", of=a.of)


def _projection(found: Findings) -> Iterator[Problem]:
    threshold = holding(found.thresholds, TOTAL)
    if found.projected is None or found.aggregates[0].material:
        return
    if is_material(found.projected, threshold):
        one, other = _beyond(found.projected, threshold)
        yield _reason("projected", one, other)


def _unjudged(root: Part) -> Iterator[Problem]:
    for part in root.each("nonconformities"):
        if part.text("state") != "corrected" and part.flag("material") is None:
            yield _reason("nonconformity-unjudged", part.text("description"), place=part.place,
                          id=part.text("id") or "")


def _sheets(found: Findings) -> Iterator[Problem]:
    """Heat, meters, gaps and cross-checks that the verifier has not settled."""
    named = _named(found)
    for heat in found.evidence.heat:
        if heat.sampled and heat.verified is None and heat.confirmed is None:
            yield _reason("heat-open", heat.row.id)
        elif (heat.difference or heat.confirmed is False) and f"heat/{heat.row.id}" not in named:
            yield _reason("heat-differs", heat.row.id)
    for meter in found.evidence.meters:
        if meter.sampled and (meter.seen is None or meter.calibrated is None):
            yield _reason("meter-open", meter.row.id, stated=_answer(meter.valid))
    for gap in found.evidence.gaps:
        if gap.accepted is None:
            yield _reason("gap-open", gap.id, about=gap.about)
        elif gap.accepted is False and gap.about not in named:
            yield _reason("gap-refused", gap.id, about=gap.about)
    for check in found.evidence.checks:
        if check.within is False and check.explanation is None and check.key not in named:
            assert check.difference is not None
            yield _reason("check-beyond", percent(check.difference, 4),
                          None if check.tolerance is None else f"≤ {percent(check.tolerance)}", row=check.key)
        elif check.within is None and check.values and check.explanation is None and check.key not in named:
            yield _reason("check-no-tolerance", None if check.difference is None else percent(check.difference, 4),
                          row=check.key)


def _answer(stated: bool | None) -> str:
    return "?" if stated is None else "√" if stated else "×"


def _named(found: Findings) -> frozenset[str]:
    """Rows that a misstatement or a limitation names."""
    cells = {m.target.rpartition(".")[0] for m in found.misstatements if m.way == "cell"}
    lines = [m.target for m in found.misstatements if m.way == "line"]
    lines += [part.text("line") or "" for part in found.root.each("limitations")]
    lines += [part.text("line") or "" for part in found.root.each("items") if part.flag("limitation")]
    return frozenset(cells | {"/".join(line.split("/")[:2]) for line in lines})


def _people(root: Part) -> Iterator[Problem]:
    """Independent review (clause 8): by somebody outside the team, before the opinion, with its findings resolved."""
    part, opinion, verifier = root.part("review"), root.part("opinion"), root.part("verifier")
    if not verifier.has("name"):
        yield _reason("no-verifier")
    expires, issued = verifier.day("accreditation_expires"), opinion.day("date")
    if expires is not None and issued is not None and expires < issued:
        yield _reason("accreditation-expired", str(expires), f"≥ {issued}", verifier.place_of("accreditation_expires"))
    team = {(row.text("name") or "").strip().casefold() for row in root.each("team")}
    if not team:
        yield _reason("no-team")
    reviewer, done = part.text("reviewer"), part.day("date")
    if reviewer is None or done is None:
        yield _reason("no-review")
        return
    if reviewer.strip().casefold() in team:
        yield _reason("reviewer-in-team", reviewer, place=part.place_of("reviewer"))
    if issued is not None and done > issued:
        yield _reason("review-late", str(done), f"≤ {issued}", part.place_of("date"))
    if part.flag("resolved") is not True:
        yield _reason("review-unresolved", place=part.place)


def _afterwards(root: Part) -> Iterator[Problem]:
    """Facts discovered after the opinion (clause 10) on which nothing was done."""
    for part in root.each("facts_after"):
        if not part.has("action"):
            yield _reason("fact-after", part.text("what"), place=part.place)


# --- remarks ---------------------------------------------------------------------------------------------------------

def _remarks(found: Findings) -> Iterator[Problem]:
    for m in found.misstatements:
        if m.open and m.material is False and m.effect:
            yield _reason("immaterial", _t(m.effect), place=m.place, id=m.id)
        elif not m.open:
            yield _reason("was-corrected", None if m.effect is None else _t(m.effect), place=m.place, id=m.id)
    for meter in found.evidence.meters:
        if meter.valid is False or meter.calibrated is False or meter.seen is False:
            yield _reason("meter", meter.row.id, stated=_answer(meter.valid))
    unknown = sum(1 for r in found.sampling.rows if r.reason == "unknown")
    if unknown:
        yield _reason("unknown-lines", str(unknown))
    if found.statement.apart:
        yield _reason("apart", str(found.statement.apart))
    below = [t for t in found.thresholds if t.confidence not in (None, "confirmed") and t.holds]
    yield from (_reason("threshold-source", f"{plain(t.percent)} %" if t.percent is not None else t.rule,
                        source=t.source or "") for t in below)


def answers_needed(opinion: Opinion) -> Mapping[str, int]:
    """How many open points there are by code, for a summary."""
    out: dict[str, int] = {}
    for problem in opinion.missing:
        out[problem.code] = out.get(problem.code, 0) + 1
    return out
