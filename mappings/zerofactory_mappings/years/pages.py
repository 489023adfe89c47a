"""The comparison as a report: trend, intensities, decomposition, base year, uncertainty, checks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from zerofactory_engine.accounting import Options
from zerofactory_engine.decimals import plain
from zerofactory_engine.messages import render_reason
from zerofactory_mappings.disclosures.page import Block, Document, Facts, Grid, Note, Paragraph, Section
from zerofactory_mappings.years.check import Check
from zerofactory_mappings.years.model import LIKE, VIEWS, Comparison, Series
from zerofactory_mappings.years.names import group_title, option_title, role_title, value_title
from zerofactory_mappings.years.pages_change import answer_note, base_year, decomposition, doubts
from zerofactory_mappings.years.pictures import intensity_picture, trend_picture
from zerofactory_mappings.years.words import DASH, Words

#: Groups of the short trend; every other one stands behind it.
MAIN = ("scope/1", "scope/2", "scopes_1_2", "scope/3", "all")


def document(comparison: Comparison, checks: Sequence[Check], language: str, issued: date, fonts: str,
             data: bytes = b"") -> Document:
    """The report in *language*; *fonts* is the value of ``font-family`` of its charts, *data* the JSON it carries."""
    words = Words(language)
    sections = (trend(comparison, words, fonts), intensity(comparison, words, fonts),
                decomposition(comparison, words, fonts), base_year(comparison, words),
                uncertainty(comparison, words), conditions(comparison, checks, words), method(comparison, words))
    first, last = comparison.years[0], comparison.years[-1]
    name = words.facility(comparison)
    return Document(
        words.t("report-kind"), name, words.t("report-subtitle", first=first.label, last=last.label),
        _facts(comparison, words), _notices(comparison, checks, words), sections, language, issued, data,
        "years.json", words.t("report-running", name=name), _first(comparison, words))


def _facts(comparison: Comparison, words: Words) -> list[tuple[str, str]]:
    measure = comparison.measure
    return [
        (words.t("fact-facility"), words.facility(comparison)),
        (words.t("fact-years"), "; ".join(f"{y.label} ({y.dossier.id})" for y in comparison.years)),
        (words.t("fact-base-year"), comparison.years[0].label),
        (words.t("fact-measure"), words.measure(measure) if measure is not None else words.t("no-measure-chosen")),
        (words.t("fact-like"), words.t("fact-like-text", latest=comparison.years[-1].label))]


def _notices(comparison: Comparison, checks: Sequence[Check], words: Words) -> list[str]:
    failed = sum(c.verdict == "not_met" and c.code != "years.check-periods" for c in checks)
    out = [words.t("notice-checks", failed=failed)] if failed else []
    if any(not y.comparable for y in comparison.years):
        out.append(words.t("notice-part-year"))
    return out


def _first(comparison: Comparison, words: Words) -> list[Block]:
    """Key figures: totals of the last year, changes since the base year, the answer about the base year."""
    rows = [[words.pick(group_title(s.group)), words.t(f"basis-{s.basis}"), words.amount(s.values[0]),
             words.amount(s.values[-1]), words.share(s.relative(len(s.values) - 1, 0))]
            for group in ("scopes_1_2", "all") for s in (comparison.of(LIKE, group, b) for b in ("location", "market"))]
    head = [words.t("head-emissions"), words.t("head-basis"), comparison.years[0].label, comparison.years[-1].label,
            words.t("head-since-first")]
    out: list[Block] = [Grid(words.t("title-key"), head, rows, (2, 3, 4), note=words.t("note-like-tonnes"))]
    return [*out, answer_note(comparison, words), *doubts(words)]


# -- trend ------------------------------------------------------------------------------------------------------------

def trend(comparison: Comparison, words: Words, fonts: str) -> Section:
    """Totals by year, as reported and like for like, on both bases."""
    blocks: list[Block] = [Paragraph(words.t("trend-intro" if comparison.differs else "trend-intro-same"))]
    blocks += [trend_picture(comparison, words, groups, fonts) for groups in ("direct", "all")]
    views = VIEWS if comparison.differs else (LIKE,)
    for view in reversed(views):
        blocks.append(_totals(comparison, words, view, MAIN, words.t(f"title-{view}")))
    kinds = {s.group.partition("/")[0] for s in comparison.series}
    for kind in ("iso_category", "source"):
        if kind in kinds:
            groups = [g for g in comparison.groups() if g.partition("/")[0] == kind]
            blocks.append(_totals(comparison, words, LIKE, groups, words.t(f"title-by-{kind}"), ("location",)))
    return Section("trend", words.t("section-trend"), [*blocks, *doubts(words)])


def _totals(comparison: Comparison, words: Words, view: str, groups: Sequence[str], title: str,
            bases: Sequence[str] = ("location", "market")) -> Grid:
    """One row for each group and basis; a basis that changes nothing is not repeated."""
    rows: list[list[str]] = []
    bold: list[int] = []
    for group in groups:
        for basis in bases:
            found = [s for s in comparison.series if (s.view, s.group, s.basis) == (view, group, basis)]
            if not found or (basis == "market" and found[0].values == comparison.of(view, group, "location").values):
                continue
            if group in ("all", "scopes_1_2"):
                bold.append(len(rows))
            rows.append(_total(found[0], words, twice=len(bases) > 1))
    labels = [y.label for y in comparison.years]
    head = [words.t("head-emissions"), *labels, *_change_heads(comparison, words)]
    return Grid(f"{title} (tCO2e)", head, rows, tuple(range(1, len(head))), bold,
                note=words.t("note-since", previous=labels[-2], last=labels[-1], first=labels[0]))


def _change_heads(comparison: Comparison, words: Words) -> list[str]:
    since = [words.t("head-since-previous")] if len(comparison.years) > 2 else []
    return [*since, words.t("head-since-first")]


def _total(series: Series, words: Words, *, twice: bool) -> list[str]:
    name = words.pick(group_title(series.group))
    if twice and series.group != "scope/1" and series.group != "scope/3":
        name = words.t("group-on-basis", group=name, basis=words.t(f"basis-{series.basis}"))
    last = len(series.values) - 1
    since = [words.share(series.relative(last, last - 1))] if last > 1 else []
    return [name, *(words.amount(v) for v in series.values), *since, words.share(series.relative(last, 0))]


# -- intensity --------------------------------------------------------------------------------------------------------

def intensity(comparison: Comparison, words: Words, fonts: str) -> Section:
    """Emissions for each unit of production, value added and energy."""
    if not comparison.measures:
        return Section("intensity", words.t("section-intensity"), [Note("warning", words.t("no-measures"))])
    labels = [y.label for y in comparison.years]
    measured = Grid(words.t("title-measures"), [words.t("head-measure"), *labels],
                    [[words.measure(m), *(words.amount(a) for a in m.amounts)] for m in comparison.measures],
                    tuple(range(1, len(labels) + 1)))
    rows = [[words.t("intensity-of", group=words.pick(group_title(s.group)), measure=_measure(comparison, s, words),
                     basis=words.t(f"basis-{s.basis}")),
             words.unit(s.unit), *(words.amount(v) for v in s.values), words.share(s.relative(len(s.values) - 1, 0))]
            for s in comparison.intensities]
    head = [words.t("head-intensity"), words.t("head-unit"), *labels, words.t("head-since-first")]
    notes: list[Block] = [Paragraph(words.said(m.note)) for m in comparison.measures if m.note is not None]
    picture = intensity_picture(comparison, words, fonts)
    return Section("intensity", words.t("section-intensity"), [
        measured, *([picture] if picture is not None else []),
        Grid(words.t("title-intensities"), head, rows, tuple(range(2, len(head)))), *notes, *doubts(words)])


def _measure(comparison: Comparison, series: Series, words: Words) -> str:
    return next(words.pick(m.title) for m in comparison.measures if m.id == series.measure)


# -- uncertainty ------------------------------------------------------------------------------------------------------

def uncertainty(comparison: Comparison, words: Words) -> Section:
    """Uncertainty of the last year by category: propagated, and simulated with a fixed seed."""
    rows = []
    for name, found in comparison.uncertainty.items():
        if name.partition("/")[0] not in ("all", "scopes_1_2", "scope", "iso_category"):
            continue
        drawn = comparison.simulation.groups[name]
        nothing = words.t("nothing-stated")
        rows.append([
            words.pick(group_title(name)), words.amount(found.value),
            nothing if found.correlated is None else f"± {words.amount(found.correlated)}",
            DASH if (relative := found.relative(found.correlated)) is None else words.share(relative, sign=False),
            DASH if drawn.p2_5 is None or drawn.p97_5 is None else f"{plain(drawn.p2_5)} – {plain(drawn.p97_5)}",
            DASH if found.not_stated is None else words.share(found.not_stated, sign=False)])
    head = [words.t(f"head-{name}") for name in ("emissions", "total", "half-width", "relative", "simulated",
                                                 "not-stated")]
    settings = comparison.simulation.settings
    note = words.t("note-uncertainty", seed=settings.seed, draws=f"{settings.draws:,}")
    return Section("uncertainty", words.t("section-uncertainty", label=comparison.years[-1].label), [
        Grid(words.t("title-uncertainty"), head, rows, tuple(range(1, len(head))), note=note), *doubts(words)])


# -- conditions -------------------------------------------------------------------------------------------------------

def conditions(comparison: Comparison, checks: Sequence[Check], words: Words) -> Section:
    """What changed by the applicant's word, what limits the comparison, and the checks."""
    blocks: list[Block] = []
    if comparison.stated_changes:
        rows = [[c.label, c.on or DASH, words.pick(c.what), words.pick(c.reason) or DASH,
                 DASH if c.effect is None else words.change(c.effect)] for c in comparison.stated_changes]
        blocks.append(Grid(words.t("title-stated"), [words.t(f"head-{n}") for n in (
            "year", "on", "change", "reason", "effect")], rows, (4,)))
    limits = list(dict.fromkeys(words.said(s) for s in (*comparison.recalculation.limits, *comparison.limits)))
    blocks.append(Grid(words.t("title-limits"), [words.t("head-limit")], [[text] for text in limits]) if limits
                  else Paragraph(words.t("no-limits")))
    blocks.append(Grid(words.t("title-checks"), [words.t("head-check"), words.t("head-result")],
                       [[words.t(c.code.removeprefix("years.")), verdict_text(c, words)] for c in checks],
                       widths=(45, 55)))
    return Section("conditions", words.t("section-conditions"), blocks)


def verdict_text(check: Check, words: Words) -> str:
    """The verdict with its mark, where it differs, and why it is not known."""
    text = words.t(f"verdict-{check.verdict}")
    told = [words.t(f"{check.code.removeprefix('years.')}-differs", **check.args)] if check.args else []
    told += list(dict.fromkeys(render_reason(r, words.language) for r in check.reasons))[:4]
    return text + (words.t("colon") + words.t("comma").join(told) if told else "")


# -- method -----------------------------------------------------------------------------------------------------------

def method(comparison: Comparison, words: Words) -> Section:
    """How everything was computed: options of both views, the decomposition, the trigger."""
    blocks: list[Block] = [Paragraph(words.t(f"method-{n}"))
                           for n in ("views", "effects", "zero", "trigger", "figures")]
    blocks.append(Facts(words.t("title-options"), _options(comparison.then, comparison.now, words)))
    blocks.append(Facts(words.t("title-dossiers"), [(f"{y.label} · {y.dossier.id}", y.dossier.sha256)
                                                    for y in comparison.years]))
    return Section("method", words.t("section-method"), blocks)


def _options(then: Options, now: Options, words: Words) -> list[tuple[str, str]]:
    (old_sets, old), (sets, new) = then.settled(), now.settled()
    rows = [(words.pick(role_title(role)), _both(old_sets[role], name, words)) for role, name in sets.items()]
    rows += [(words.pick(option_title(name)), _both(words.pick(value_title(name, old[name])),
                                                    words.pick(value_title(name, value)), words))
             for name, value in new.items()]
    return [*rows, (words.t("known-on"), _both(str(then.known_on or DASH), str(now.known_on or DASH), words))]


def _both(before: str, after: str, words: Words) -> str:
    return after if before == after else words.t("then-now", before=before, after=after)
