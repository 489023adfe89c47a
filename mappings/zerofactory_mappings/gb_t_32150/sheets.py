"""The report as a workbook: the total is a live formula over the classes, these are over the calculation."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from zerofactory_engine.accounting.terms import Amount
from zerofactory_engine.decimals import plain
from zerofactory_engine.messages import render
from zerofactory_engine.reasons import Unknown
from zerofactory_mappings.gb_t_32150.build import SCHEME
from zerofactory_mappings.gb_t_32150.calculation import divisor
from zerofactory_mappings.gb_t_32150.model import APART, MINUS, Calculation, ClassRow, Gbt32150
from zerofactory_mappings.gb_t_32150.words import Words
from zerofactory_mappings.publishing.workbook import Cell, Formula, Sheet, fits_a_double

if TYPE_CHECKING:
    from zerofactory_mappings.disclosures.completeness import Completeness

#: Columns of the calculation in front of the factors: class id, class, source, carrier, gas, rows, factors, unit,
#: activity data.
_FRONT = 9


def sheets(model: Gbt32150, found: Completeness, language: str) -> Sequence[Sheet]:
    """Total, calculation, activity data, factors, reconciliation, lines, completeness."""
    words = Words(language)
    calculation = _Calculation(model, words)
    return [_total(model, calculation, words), calculation.sheet(), _activity(model, words), _factors(model, words),
            _reconciliation(model, words), _lines(model, words), _completeness(found, words)]


def _cell(value: Amount, words: Words) -> Cell:
    """A figure that a sheet computes with, or the word for unknown."""
    if isinstance(value, Unknown):
        return words.t("unknown")
    return value if fits_a_double(value) else Formula(f"={plain(value)}", value)


def _exact(value: Amount, words: Words) -> Cell:
    """A figure with every digit, or the word for unknown."""
    return value if isinstance(value, Decimal) else words.t("unknown")


class _Calculation:
    """The sheet of the calculation and sums over it."""

    def __init__(self, model: Gbt32150, words: Words) -> None:
        self.model, self.words = model, words
        self.width = max((len(c.factors) for c in model.calculations), default=0) or 1
        self.name = words.t("sheet-calculation")
        self.first = 4                                     # title, note, head, then the rows
        self.last = self.first + max(len(model.calculations), 1) - 1
        names = ("divisor", "gwp", "tco2e", "counts", "into")
        self.columns = {name: letter(_FRONT + self.width + n) for n, name in enumerate(names)}

    def sheet(self) -> Sheet:
        """One row for each product."""
        words = self.words
        head = words.heads("class-id", "class", "source", "carrier", "gas", "rows", "factors", "unit", "amount")
        head += [words.t("head-number", n=n + 1) for n in range(self.width)]
        head += words.heads("divisor", "gwp", "tco2e", "counts", "into")
        titles = {row.id: row.title[words.language] for row in self.model.classes}
        rows = [self._row(c, self.first + n, titles) for n, c in enumerate(self.model.calculations)]
        return Sheet(self.name, head, rows, words.t("sheet-calculation-title"),
                     (20, 26, 20, 18, 10, 30, 60, 8, 16, *[14] * self.width, 9, 9, 18, 10, 18),
                     (words.t("calculation-note"),))

    def _row(self, found: Calculation, at: int, titles: dict[str, str]) -> list[Cell]:
        words, col = self.words, self.columns
        front: list[Cell] = [
            found.class_id, titles[found.class_id], found.source[words.language], words.carrier(found.carrier),
            found.gas, words.rows(found.rows), words.factor_names(found.factors), found.unit,
            _cell(found.activity, words)]
        numbers: list[Cell] = [_cell(t.value, words) for t in found.factors]
        numbers += [None] * (self.width - len(numbers))
        potential: Cell = 1 if found.gwp is None else _cell(found.gwp.value, words)
        end: list[Cell]
        if isinstance(found.tco2e, Unknown):
            end = [_cell(divisor(found), words), potential, words.t("unknown"), found.counts,
                   words.t("unknown") if found.counts else 0]
        else:
            first, last = letter(_FRONT - 1), letter(_FRONT + self.width - 1)
            end = [_cell(divisor(found), words), potential,
                   Formula(f"=PRODUCT({first}{at}:{last}{at})*{col['gwp']}{at}/{col['divisor']}{at}", found.tco2e),
                   found.counts, Formula(f"={col['tco2e']}{at}*{col['counts']}{at}", found.tco2e * found.counts)]
        return [*front, *numbers, *end]

    def _span(self, column: str) -> str:
        return f"'{self.name}'!${column}${self.first}:${column}${self.last}"

    def of_class(self, row: ClassRow) -> Formula:
        """What is known of a class: of a subtracted one the amount that is subtracted."""
        what = self._span(self.columns["tco2e" if row.sign == APART else "into"])
        minus = "-" if row.sign == MINUS else ""
        return Formula(f'={minus}SUMIFS({what},{self._span("A")},"{row.id}")', row.total.known)


def _total(model: Gbt32150, calculation: _Calculation, words: Words) -> Sheet:
    title = words.t("sheet-total-title", name=model.subject.name[words.language])
    notes = (words.t("formula"), words.t("sum-note"))
    first = 1 + len(notes) + 2
    rows: list[Sequence[Cell]] = [
        [row.title[words.language], words.t(f"sign-{row.sign}"), row.lines, _exact(row.total.value, words),
         calculation.of_class(row), row.clause] for row in model.classes]
    terms = [f"{'-' if row.sign == MINUS else '+'}E{first + n}" for n, row in enumerate(model.classes)
             if row.sign != APART]
    rows.append([words.t("total"), "", None, _exact(model.total, words),
                 Formula("=" + "".join(terms).removeprefix("+"), model.known), ""])
    return Sheet(words.t("sheet-total"), words.heads("class", "sign", "lines", "tco2e", "known", "clause"), rows, title,
                 (46, 14, 10, 40, 22, 30), notes, plain=True, totals=(len(rows) - 1,))


def _activity(model: Gbt32150, words: Words) -> Sheet:
    classes = {row.id: row.title[words.language] for row in model.classes}
    rows: list[Sequence[Cell]] = [
        [a.row, a.what[words.language], classes[a.class_id], _exact(a.amount, words), a.unit,
         words.named("obtained", a.obtained)] for a in model.activities]
    return Sheet(words.t("sheet-activity"), words.heads("row", "source", "class", "amount", "unit", "obtained"), rows,
                 words.t("sheet-activity"), (26, 26, 34, 18, 12, 20))


def _factors(model: Gbt32150, words: Words) -> Sheet:
    rows: list[Sequence[Cell]] = [[e.id, words.origin(e), words.t(f"confidence-{e.confidence}")] for e in model.factors]
    return Sheet(words.t("sheet-factors"), words.heads("factor", "origin", "confidence"), rows,
                 words.t("sheet-factors"), (60, 70, 16))


def _reconciliation(model: Gbt32150, words: Words) -> Sheet:
    """From scopes 1 and 2 to the total; live where everything is known."""
    found = model.reconciliation
    rows: list[Sequence[Cell]] = [[words.t("scopes-1-2"), "", None, _cell(found.start, words)]]
    rows += [[words.step(s), s.clause, s.lines, _cell(s.amount, words)] for s in found.steps]
    first = 4                                              # title, note, head, then the rows
    total: Cell = _cell(model.total, words)
    if isinstance(model.total, Decimal) and isinstance(found.rest, Decimal):
        total = Formula(f"=SUM(D{first}:D{first + len(rows) - 1})", model.total)
    rows.append([words.t("total"), "", None, total])
    return Sheet(words.t("sheet-reconciliation"), words.heads("what", "clause", "lines", "tco2e"), rows,
                 words.t("section-reconciliation"), (70, 34, 10, 24), (words.t("reconciliation-note"),), plain=True,
                 totals=(len(rows) - 1,))


def _lines(model: Gbt32150, words: Words) -> Sheet:
    rows: list[Sequence[Cell]] = []
    for p in model.placed:
        place = p.places[SCHEME]
        what = place.title[words.language] if place.title else words.t(
            "left-out-because", reason=(place.rule.excluded or {}).get(words.language, ""))
        rows.append([p.line.id, p.line.source.title[words.language], p.line.gas, what, place.rule.clause,
                     _exact(p.line.tco2e_location, words)])
    return Sheet(words.t("sheet-lines"), words.heads("line", "source", "gas", "class", "clause", "tco2e"), rows,
                 words.t("sheet-lines"), (30, 26, 10, 46, 26, 40))


def _completeness(found: Completeness, words: Words) -> Sheet:
    rows: list[Sequence[Cell]] = [
        [r.item.clause, render(f"disclosure.kind.{r.item.kind}", words.language), r.item.title[words.language],
         render(f"disclosure.key.{r.key}", words.language), "; ".join(m.text(words.language) for m in r.missing)]
        for r in found.results]
    return Sheet(words.t("sheet-items"), words.heads("clause", "kind", "what", "state", "lacking"), rows,
                 words.t("sheet-items"), (26, 16, 50, 20, 60))


def letter(index: int) -> str:
    """Letter of the column with *index* from 0."""
    out = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        out = chr(65 + rest) + out
    return out
