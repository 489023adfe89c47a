"""Two chapters of the report: where the change comes from, and the base year recalculated."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from zerofactory_engine.accounting.totals import BASES
from zerofactory_engine.reasons import Unknown
from zerofactory_mappings.disclosures.page import Block, Facts, Grid, Note, Paragraph, Section
from zerofactory_mappings.years.amounts import minus, plus
from zerofactory_mappings.years.decompose import EFFECTS, Decomposition, SourceEffects
from zerofactory_mappings.years.model import Comparison
from zerofactory_mappings.years.names import group_title, key_title
from zerofactory_mappings.years.pictures import waterfall_picture
from zerofactory_mappings.years.trend import DIVIDED
from zerofactory_mappings.years.words import Words

#: Sources that are listed one by one; what is left stands in one row.
LISTED = 12


def decomposition(comparison: Comparison, words: Words, fonts: str) -> Section:
    """The change by activity, intensity and factor, and by source."""
    measure = comparison.measure
    intro = (words.t("effects-intro", measure=words.measure(measure)) if measure is not None
             else words.t("effects-no-measure"))
    blocks: list[Block] = [Paragraph(intro), *doubts(words)]
    blocks += [waterfall_picture(comparison, words, group, basis, fonts) for group in DIVIDED for basis in BASES
               if _drawn(comparison, group, basis)]
    rows = [[words.t("from-to", first=d.first, last=d.second), words.pick(group_title(d.group)),
             words.t(f"basis-{d.basis}"), words.amount(d.before),
             *(words.change(d.effects[e]) for e in EFFECTS), words.amount(d.after), words.change(d.change)]
            for d in comparison.decompositions]
    head = [words.t("head-years"), words.t("head-emissions"), words.t("head-basis"), words.t("head-before"),
            *(words.t(f"effect-{e}") for e in EFFECTS), words.t("head-after"), words.t("head-change")]
    blocks.append(Grid(words.t("title-effects"), head, rows, tuple(range(3, len(head)))))
    blocks += doubts(words)
    for found in comparison.decompositions:
        if (found.group, found.basis) == ("all", "location"):
            blocks.append(_by_source(found, words))
    return Section("decomposition", words.t("section-decomposition"), [*blocks, *doubts(words)])


def _drawn(comparison: Comparison, group: str, basis: str) -> bool:
    """The market-based picture only where it differs."""
    found = {b: [(d.before, d.after) for d in comparison.decompositions if (d.group, d.basis) == (group, b)]
             for b in BASES}
    return basis == "location" or found["market"] != found["location"]


def answer_note(comparison: Comparison, words: Words) -> Note:
    """Whether the base year has to be recalculated; only a plain no is no warning."""
    answer = comparison.recalculation.triggered
    kind = "warning" if isinstance(answer, Unknown) or answer else "info"
    return Note(kind, words.answer(answer))


def doubts(words: Words) -> list[Block]:
    """Why figures above are not known."""
    found = words.why()
    return [Note("warning", words.t("not-known", reasons=words.t("comma").join(found)))] if found else []


def _by_source(found: Decomposition, words: Words) -> Grid:
    ordered = sorted(found.sources, key=lambda s: (isinstance(s.change, Decimal), -_size(s), s.key))
    shown, rest = ordered[:LISTED], ordered[LISTED:]
    rows = [[_source(s, words), *(words.change(s.effects[e]) for e in EFFECTS), words.change(s.change)] for s in shown]
    if rest:
        rows.append([words.t("other-sources", count=len(rest)),
                     *(words.change(plus(*(s.effects[e] for s in rest))) for e in EFFECTS),
                     words.change(plus(*(s.change for s in rest)))])
    rows.append([words.t("all-sources"), *(words.change(found.effects[e]) for e in EFFECTS),
                 words.change(found.change)])
    head = [words.t("head-source"), *(words.t(f"effect-{e}") for e in EFFECTS), words.t("head-change")]
    title = words.t("title-by-source-change", first=found.first, last=found.second)
    return Grid(title, head, rows, (1, 2, 3, 4), (len(rows) - 1,))


def _size(source: SourceEffects) -> Decimal:
    return source.change.copy_abs() if isinstance(source.change, Decimal) else Decimal(0)


def _source(source: SourceEffects, words: Words) -> str:
    marks = [words.t(f"fate-{source.fate}")] if source.fate != "both" else []
    marks += [words.t("no-own-activity")] if not source.own_activity else []
    return words.pick(key_title(source.key)) + (f" ({words.t('comma').join(marks)})" if marks else "")


# -- base year --------------------------------------------------------------------------------------------------------

def base_year(comparison: Comparison, words: Words) -> Section:
    """The policy, every change alone and together, whether it triggers, and the base year before and after."""
    found = comparison.recalculation
    threshold = words.t("no-threshold-stated") if isinstance(found.threshold, Unknown) else words.t(
        "threshold-of", share=words.share(found.threshold, sign=False),
        origin=words.t("threshold-given") if found.threshold_from is None
        else words.t("threshold-from", dossier=found.threshold_from))
    blocks: list[Block] = [
        Facts(words.t("title-policy"), [(words.t("fact-base-year"), f"{comparison.years[0].label} ({found.base.id})"),
                                        (words.t("fact-policy"), words.pick(found.policy) or words.t("no-policy")),
                                        (words.t("fact-threshold"), threshold),
                                        (words.t("fact-against"), words.pick(group_title(found.of)))]),
        answer_note(comparison, words)]
    if not found.steps:
        return Section("base-year", words.t("section-base-year"), [*blocks, Paragraph(words.t("no-steps")),
                                                                   *doubts(words)])
    rows = []
    for step in found.steps:
        reason = f" — {words.pick(step.change.reasons) or step.change.reason}" if step.change.reason else ""
        for basis in BASES:
            alone, together = step.alone[basis], step.cumulative[basis]
            if basis == "market" and (alone, together) == (step.alone["location"], step.cumulative["location"]):
                continue
            effects = [text for amount in (alone, together) for text in (
                words.change(amount), words.share(found.share(amount, basis), sign=False))]
            rows.append([words.t(f"kind-{step.change.kind}"), words.said(step.change.what) + reason,
                         words.t(f"basis-{basis}"), *effects])
    head = [words.t(f"head-{n}") for n in ("kind", "change", "basis", "alone", "share", "together", "share")]
    title = words.t("title-steps", group=words.pick(group_title(found.of)))
    blocks.append(Grid(title, head, rows, (3, 4, 5, 6), note=words.t("note-steps"),
                       widths=(10, 34, 12, 12, 10, 12, 10)))
    blocks.append(_compared(comparison, words))
    return Section("base-year", words.t("section-base-year"), [*blocks, *doubts(words)])


def _compared(comparison: Comparison, words: Words) -> Grid:
    rows: list[Sequence[str]] = []
    for group, basis, before, after in comparison.recalculation.compared():
        same = comparison.recalculation
        if basis == "market" and (before, after) == (same.original.total(group, "location"),
                                                     same.recalculated.total(group, "location")):
            continue
        name = words.t("group-on-basis", group=words.pick(group_title(group)), basis=words.t(f"basis-{basis}"))
        rows.append([name, words.amount(before), words.amount(after), words.change(minus(after, before))])
    head = [words.t(f"head-{n}") for n in ("emissions", "original", "recalculated", "change")]
    return Grid(words.t("title-compared"), head, rows, (1, 2, 3))
