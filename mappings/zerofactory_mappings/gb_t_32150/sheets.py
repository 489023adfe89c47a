"""The report as a workbook; the total is a live formula over the classes."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from zerofactory_engine.accounting.terms import Amount
from zerofactory_mappings.gb_t_32150.build import SCHEME
from zerofactory_mappings.gb_t_32150.model import APART, MINUS, Gbt32150
from zerofactory_mappings.gb_t_32150.words import Words
from zerofactory_mappings.publishing.workbook import Cell, Formula, Sheet

if TYPE_CHECKING:
    from zerofactory_mappings.disclosures.completeness import Completeness


def sheets(model: Gbt32150, found: Completeness, language: str) -> Sequence[Sheet]:
    """Total, activity data, factors, lines, what is left out, completeness."""
    words = Words(language)
    return [_total(model, words), _activity(model, words), _factors(model, words), _lines(model, words),
            _completeness(found, words)]


def _cell(value: Amount, words: Words) -> Cell:
    return value if isinstance(value, Decimal) else words.t("unknown")


def _total(model: Gbt32150, words: Words) -> Sheet:
    title = words.t("sheet-total-title", name=model.subject.name[words.language])
    notes = (words.t("formula"), words.t("sum-note"))
    first = 1 + len(notes) + 2
    rows: list[Sequence[Cell]] = []
    for row in model.classes:
        rows.append([row.title[words.language], words.t(f"sign-{row.sign}"), len(row.lines),
                     _cell(row.total.value, words), row.total.known])
    plus = [f"E{first + n}" for n, row in enumerate(model.classes) if row.sign not in (MINUS, APART)]
    minus = [f"E{first + n}" for n, row in enumerate(model.classes) if row.sign == MINUS]
    known = model.known if isinstance(model.known, Decimal) else None
    rows.append([words.t("total"), "", None, _cell(model.total, words),
                 Formula(f"={'+'.join(plus)}{''.join('-' + m for m in minus)}", known)])
    return Sheet(words.t("sheet-total"), words.heads("class", "sign", "lines", "tco2e", "known"), rows, title,
                 (44, 18, 10, 22, 22), notes, plain=True, totals=(len(rows) - 1,))


def _activity(model: Gbt32150, words: Words) -> Sheet:
    classes = {row.id: row.title[words.language] for row in model.classes}
    rows: list[Sequence[Cell]] = [
        [a.row, a.what[words.language], classes[a.class_id], _cell(a.amount, words), a.unit,
         words.named("obtained", a.obtained)]
        for a in model.activities]
    return Sheet(words.t("sheet-activity"), words.heads("row", "source", "class", "amount", "unit", "obtained"), rows,
                 words.t("sheet-activity"), (26, 26, 34, 18, 12, 20))


def _factors(model: Gbt32150, words: Words) -> Sheet:
    rows: list[Sequence[Cell]] = [[e.id, words.origin(e), words.t(f"confidence-{e.confidence}")] for e in model.factors]
    return Sheet(words.t("sheet-factors"), words.heads("factor", "origin", "confidence"), rows,
                 words.t("sheet-factors"), (60, 70, 16))


def _lines(model: Gbt32150, words: Words) -> Sheet:
    rows: list[Sequence[Cell]] = []
    for p in model.placed:
        place = p.places[SCHEME]
        what = place.title[words.language] if place.title else words.t(
            "left-out-because", reason=(place.rule.excluded or {}).get(words.language, ""))
        rows.append([p.line.id, p.line.source.title[words.language], p.line.gas, what, place.rule.clause,
                     _cell(p.line.tco2e_location, words)])
    return Sheet(words.t("sheet-lines"), words.heads("line", "source", "gas", "class", "clause", "tco2e"), rows,
                 words.t("sheet-lines"), (30, 26, 10, 46, 26, 20))


def _completeness(found: Completeness, words: Words) -> Sheet:
    from zerofactory_engine.messages import render

    rows: list[Sequence[Cell]] = [
        [r.item.clause, render(f"disclosure.kind.{r.item.kind}", words.language), r.item.title[words.language],
         render(f"disclosure.key.{r.key}", words.language), "; ".join(m.text(words.language) for m in r.missing)]
        for r in found.results]
    return Sheet(words.t("sheet-items"), words.heads("clause", "kind", "what", "state", "lacking"), rows,
                 words.t("sheet-items"), (26, 16, 50, 20, 60))
