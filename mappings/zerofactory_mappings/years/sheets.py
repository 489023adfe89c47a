"""The comparison as a workbook. Figures stand as numbers with 12 significant digits; every digit is in the JSON."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from zerofactory_engine.accounting.terms import Amount
from zerofactory_engine.accounting.totals import BASES
from zerofactory_engine.decimals import plain
from zerofactory_engine.reasons import Unknown
from zerofactory_mappings.publishing.numbers import rounded
from zerofactory_mappings.publishing.workbook import Cell, Formula, Sheet
from zerofactory_mappings.years.check import Check
from zerofactory_mappings.years.decompose import EFFECTS
from zerofactory_mappings.years.model import Comparison, Series
from zerofactory_mappings.years.names import group_title, key_title, source_title
from zerofactory_mappings.years.pages import verdict_text
from zerofactory_mappings.years.words import DASH, Words

#: Significant digits of figures in the workbook: a sheet's number keeps them all.
DIGITS = 12


def sheets(comparison: Comparison, checks: Sequence[Check], language: str) -> list[Sheet]:
    """The sheets in *language*; what is not known is a question mark, its reasons stand below the sheet's title."""
    words = Words(language)
    return [_totals(comparison, words), _intensities(comparison, words), _effects(comparison, words),
            _sources(comparison, words), _base_year(comparison, words), _uncertainty(comparison, words),
            _conditions(comparison, checks, words)]


def _cell(amount: Amount, words: Words) -> Cell:
    """A number; a question mark, with its reasons kept, where it is not known."""
    if isinstance(amount, Unknown):
        return words.amount(amount)
    return Decimal(plain(rounded(amount, DIGITS)))


def _share(amount: Amount, words: Words) -> Cell:
    return words.share(amount)


def _sheet(words: Words, name: str, head: Sequence[str], rows: Sequence[Sequence[Cell]], widths: Sequence[int],
           totals: Sequence[int] = (), notes: Sequence[str] = ()) -> Sheet:
    why = words.why()
    told = [*notes, *([words.t("not-known", reasons=words.t("comma").join(why))] if why else [])]
    return Sheet(words.t(f"sheet-{name}"), head, rows, title=words.t(f"sheet-title-{name}"), widths=widths, notes=told,
                 totals=totals)


def _totals(comparison: Comparison, words: Words) -> Sheet:
    labels = [y.label for y in comparison.years]
    rows: list[list[Cell]] = []
    for s in comparison.series:
        rows.append([words.t(f"view-{s.view}"), words.pick(group_title(s.group)), words.t(f"basis-{s.basis}"),
                     *(_cell(v, words) for v in s.values), *_changes(s, words)])
    last = len(labels) - 1
    head = [words.t("head-view"), words.t("head-emissions"), words.t("head-basis"), *(f"{x} (tCO2e)" for x in labels),
            words.t("head-change-first", first=labels[0], last=labels[last]), words.t("head-since-first")]
    widths = (18, 40, 18, *(16 for _ in labels), 18, 16)
    return _sheet(words, "totals", head, rows, widths, notes=[words.t("note-digits")])


def _changes(series: Series, words: Words) -> list[Cell]:
    last = len(series.values) - 1
    return [_cell(series.change(last, 0), words), _share(series.relative(last, 0), words)]


def _intensities(comparison: Comparison, words: Words) -> Sheet:
    labels = [y.label for y in comparison.years]
    titles = {m.id: m for m in comparison.measures}
    rows: list[list[Cell]] = [[words.measure(m), "", words.unit(m.unit), *(_cell(a, words) for a in m.amounts), ""]
                              for m in comparison.measures]
    rows += [[words.t("intensity-of", group=words.pick(group_title(s.group)),
                      measure=words.pick(titles[str(s.measure)].title), basis=words.t(f"basis-{s.basis}")),
              words.t(f"basis-{s.basis}"), words.unit(s.unit), *(_cell(v, words) for v in s.values),
              _share(s.relative(len(s.values) - 1, 0), words)] for s in comparison.intensities]
    head = [*(words.t(f"head-{n}") for n in ("intensity", "basis", "unit")), *labels, words.t("head-since-first")]
    return _sheet(words, "intensity", head, rows, (52, 18, 18, *(16 for _ in labels), 16))


def _effects(comparison: Comparison, words: Words) -> Sheet:
    """One row for each decomposition; the change is a live sum of its effects."""
    head = [*(words.t(f"head-{n}") for n in ("years", "emissions", "basis", "before")),
            *(words.t(f"effect-{e}") for e in EFFECTS), words.t("head-change"), words.t("head-after")]
    first = Sheet("x", head, (), title="x", notes=[words.t("note-digits")]).first_row
    rows: list[list[Cell]] = []
    for number, d in enumerate(comparison.decompositions):
        row = first + number
        known = not any(isinstance(a, Unknown) for a in (*d.effects.values(), d.change))
        change = _cell(d.change, words)
        cell = Formula(f"=E{row}+F{row}+G{row}", change) if known and isinstance(change, Decimal) else change
        rows.append([words.t("from-to", first=d.first, last=d.second), words.pick(group_title(d.group)),
                     words.t(f"basis-{d.basis}"), _cell(d.before, words),
                     *(_cell(d.effects[e], words) for e in EFFECTS), cell, _cell(d.after, words)])
    why = words.why()
    notes = [words.t("note-digits")]
    tail: list[list[Cell]] = [[text, *("" for _ in head[1:])] for text in why]
    return Sheet(words.t("sheet-effects"), head, [*rows, *tail], title=words.t("sheet-title-effects"), notes=notes,
                 widths=(22, 26, 18, 18, 18, 18, 18, 18, 18))


def _sources(comparison: Comparison, words: Words) -> Sheet:
    rows: list[list[Cell]] = []
    for d in (d for d in comparison.decompositions if d.group == "all"):
        for s in d.sources:
            marks = words.t(f"fate-{s.fate}") if s.fate != "both" else ""
            rows.append([words.t("from-to", first=d.first, last=d.second), words.t(f"basis-{d.basis}"),
                         words.pick(source_title(s.key[1])), words.pick(key_title(s.key)), s.unit or DASH,
                         _cell(s.before, words), *(_cell(s.effects[e], words) for e in EFFECTS),
                         _cell(s.change, words), _cell(s.after, words), marks])
    head = [words.t(f"head-{n}") for n in ("years", "basis", "kind-of-source", "source", "activity-unit", "before")]
    head += [*(words.t(f"effect-{e}") for e in EFFECTS),
             *(words.t(f"head-{n}") for n in ("change", "after", "remark"))]
    return _sheet(words, "sources", head, rows, (22, 18, 26, 36, 12, 16, 16, 16, 16, 16, 16, 14))


def _base_year(comparison: Comparison, words: Words) -> Sheet:
    found = comparison.recalculation
    rows: list[list[Cell]] = []
    for step in found.steps:
        for basis in BASES:
            rows.append([words.t(f"kind-{step.change.kind}"), words.said(step.change.what),
                         words.pick(step.change.reasons) or step.change.reason, words.t(f"basis-{basis}"),
                         _cell(step.alone[basis], words),
                         _share(found.share(step.alone[basis], basis), words), _cell(step.cumulative[basis], words),
                         _share(found.share(step.cumulative[basis], basis), words)])
    for group, basis, before, after in found.compared():
        rows.append([words.t("row-total"), words.pick(group_title(group)), "", words.t(f"basis-{basis}"),
                     _cell(before, words), words.t("head-original"), _cell(after, words),
                     words.t("head-recalculated")])
    head = [words.t(f"head-{n}") for n in ("kind", "change", "reason", "basis", "alone", "share", "together", "share")]
    answer = words.answer(found.triggered)
    return _sheet(words, "base-year", head, rows, (16, 60, 40, 18, 18, 14, 18, 14), notes=[answer])


def _uncertainty(comparison: Comparison, words: Words) -> Sheet:
    rows: list[list[Cell]] = []
    for name, found in comparison.uncertainty.items():
        drawn = comparison.simulation.groups[name]
        widths = [DASH if w is None else _cell(w, words) for w in (found.independent, found.correlated)]
        drawn_cells: list[Cell] = [DASH if x is None else x
                                   for x in (drawn.mean, drawn.deviation, drawn.p2_5, drawn.p50, drawn.p97_5)]
        stated = DASH if found.not_stated is None else words.share(found.not_stated, sign=False)
        rows.append([words.pick(group_title(name)), _cell(found.value, words), *widths, *drawn_cells, stated])
    head = [words.t(f"head-{n}") for n in ("emissions", "total", "independent", "half-width", "mean", "deviation",
                                           "p2_5", "p50", "p97_5", "not-stated")]
    settings = comparison.simulation.settings
    note = words.t("note-uncertainty", seed=settings.seed, draws=f"{settings.draws:,}")
    return _sheet(words, "uncertainty", head, rows, (40, *(16 for _ in head[1:])), notes=[note])


def _conditions(comparison: Comparison, checks: Sequence[Check], words: Words) -> Sheet:
    rows: list[list[Cell]] = [[words.t("head-check"), words.t(c.code.removeprefix("years.")), verdict_text(c, words)]
                              for c in checks]
    limits = dict.fromkeys(words.said(s) for s in (*comparison.recalculation.limits, *comparison.limits))
    rows += [[words.t("head-limit"), text, ""] for text in limits]
    rows += [[words.t("row-stated"), words.pick(c.what), " · ".join(t for t in (
        c.label, c.on, words.pick(c.reason)) if t)] for c in comparison.stated_changes]
    rows += [[words.t("row-dossier"), f"{y.label} · {y.dossier.id}", y.dossier.sha256] for y in comparison.years]
    head = [words.t("head-kind"), words.t("head-what"), words.t("head-result")]
    return _sheet(words, "conditions", head, rows, (18, 60, 80))
