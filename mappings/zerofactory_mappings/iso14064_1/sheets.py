"""The report as a workbook: totals as numbers and exactly, and every line item with its factors.

Sums that a reader can follow stand beside the totals of categories: live formulas over the sheet of line items.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from zerofactory_engine.accounting.lines import Line
from zerofactory_engine.accounting.terms import Amount
from zerofactory_engine.accounting.totals import Total
from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.reasons import Unknown
from zerofactory_mappings.iso14064_1.cells import exact, number, of_total
from zerofactory_mappings.iso14064_1.model import QUANTIFIED, Category, Subcategory
from zerofactory_mappings.iso14064_1.shares import share_of
from zerofactory_mappings.iso14064_1.sheets_more import (
    base_year,
    completeness,
    electricity,
    factors,
    significance,
    uncertainty,
)
from zerofactory_mappings.iso14064_1.words import UNIT, Words
from zerofactory_mappings.publishing.numbers import rounded
from zerofactory_mappings.publishing.workbook import Cell, Formula, Sheet

if TYPE_CHECKING:
    from zerofactory_mappings.disclosures.completeness import Completeness
    from zerofactory_mappings.iso14064_1.model import IsoModel

#: Columns of the line items; the letters that formulas point at follow from their order.
LINE_COLUMNS = ("line", "category-code", "subcategory", "source", "gas", "tonnes", "gwp", "tCO2e-15", "exact",
                "counted", "tCO2e-market", "method", "obtained", "width-percent", "factors", "factor-sources", "why")
_LINE_WIDTHS = (30, 9, 11, 24, 10, 18, 9, 20, 38, 9, 20, 22, 16, 11, 60, 60, 50)
_EXACT = 38


def sheets(model: IsoModel, found: Completeness, language: str) -> Sequence[Sheet]:
    """All sheets in one language."""
    words = Words(language)
    return [_summary(model, found, words), _categories(model, words), _gases(model, words), _lines(model, words),
            electricity(model, words), uncertainty(model, words), significance(model, words), base_year(model, words),
            factors(model, words), completeness(found, words)]


# -- summary ----------------------------------------------------------------------------------------------------------

def _summary(model: IsoModel, found: Completeness, words: Words) -> Sheet:
    facts = _facts(model, found, words)
    rows: list[Sequence[Cell]] = [[name, None, value, None, None, None] for name, value in facts]
    two = model.category("2")
    figures = (("key.direct", model.direct.total), ("key.energy", two.total), ("key.other", model.other_indirect),
               ("key.indirect", model.indirect), ("key.total", model.total), ("key.energy-market", two.market),
               ("key.total-market", model.market_total), ("key.exported", model.exported_total))
    rows += [[words.t(code), *_value(value, words)] for code, value in figures]
    head = words.head("what", "tCO2e-15", "exact-or-text", "unit", "known", "why")
    notes = [words.t("notice.self"), *([] if found.complete else [words.t("notice.incomplete")]),
             *(words.t("departs", clause=r.clause, what=r.title[words.language]) for r in model.departures)]
    return Sheet(words.t("sheet.summary"), head, rows, words.t("title", name=words.text(model.subject.name)),
                 (46, 20, 80, 10, 20, 60), notes, plain=True, totals=(len(facts) + 4,))


def _value(found: Total, words: Words) -> Sequence[Cell]:
    value, digits, known, why = of_total(found, words)
    return value, digits, UNIT, known, why


def _facts(model: IsoModel, found: Completeness, words: Words) -> list[tuple[str, str]]:
    year = model.base_year.year
    return [
        (words.t("fact.organisation"), words.text(model.dossier.organisation.get("name"))),
        (words.t("fact.facility"), words.text(model.subject.name)),
        (words.t("fact.period"), words.t("period", start=model.subject.start, end=model.subject.end)),
        (words.t("fact.dossier"), f"{model.dossier.id} {model.member.sha256}".strip()),
        (words.t("fact.responsible"), words.text(model.statement.get("responsible.name"))),
        (words.t("fact.approach"), words.named(model.dossier.boundary.get("approach"), "approach")),
        (words.t("fact.base-year"), words.text(None if year is None else str(year))),
        (words.t("fact.verified"), words.t("not-stated") if model.verified is None else words.text(model.verified)),
        (words.t("fact.complete"), words.t("yes" if found.complete else "no"))]


# -- categories -------------------------------------------------------------------------------------------------------

def _categories(model: IsoModel, words: Words) -> Sheet:
    rows: list[Sequence[Cell]] = []
    bold = []
    for category in model.categories:
        bold.append(len(rows))
        rows.append(_row(category, model, words))
        rows += [_row(each, model, words) for each in category.subcategories]
    for name, found, market in (("indirect", model.indirect, None), ("total", model.total, model.market_total)):
        bold.append(len(rows))
        rows.append([None, words.t(f"key.{name}"), *of_total(found, words),
                     None if market is None else number(market.value, words), _share(found.value, model),
                     None if market is None else _sum("counted", 1, found, words), None, None])
    head = words.head("code", "category", "tCO2e-15", "exact", "known", "why", "tCO2e-market", "share-number",
                      "live-sum", "state", "remark")
    return Sheet(words.t("sheet.categories"), head, rows, words.t("grid.categories"),
                 (8, 56, 20, _EXACT, 18, 34, 20, 14, 22, 20, 70), (words.t("live-note"), words.t("no-credits-inside")),
                 totals=bold)


def _row(found: Category | Subcategory, model: IsoModel, words: Words) -> Sequence[Cell]:
    """A category or subcategory; one without lines has no figure, not even in a formula."""
    quantified = found.total.lines > 0
    state, told = None, None
    if isinstance(found, Subcategory):
        state = words.t(f"state.{found.state}")
        told = None if found.state == QUANTIFIED else words.list(found.reason, found.where)
    column = "subcategory" if isinstance(found, Subcategory) else "category-code"
    figures = of_total(found.total, words) if quantified or isinstance(found, Category) else (None,) * 4
    return [found.code, words.category(found.code), *figures,
            number(found.market.value, words) if quantified else None,
            _share(found.total.value, model) if quantified else None,
            _sum(column, found.code, found.total, words) if quantified else None, state, told]


def _share(part: Amount, model: IsoModel) -> Cell:
    found = share_of(part, model.total.value)
    return None if found is None else rounded(found, 6)


def _sum(column: str, key: str | int, found: Total, words: Words) -> Formula:
    """The sum of the line items under a condition; its value is the known part."""
    sheet = words.t("sheet.lines")

    def span(name: str) -> str:
        letter = chr(ord("A") + LINE_COLUMNS.index(name))
        return f"'{sheet}'!${letter}:${letter}"

    criterion = f'"{key}"' if isinstance(key, str) else str(key)
    both = "" if column == "counted" else f",{span('counted')},1"
    return Formula(f"=SUMIFS({span('tCO2e-15')},{span(column)},{criterion}{both})", found.known)


# -- gases ------------------------------------------------------------------------------------------------------------

def _gases(model: IsoModel, words: Words) -> Sheet:
    rows: list[Sequence[Cell]] = []
    for gas in model.gases:
        name = words.label("gas", gas.gas)
        rows.append([name, None, *_both(gas.tonnes, words), *_both(gas.equivalent, words), gas.lines])
        rows += [[name, species, *_both(value, words), None, None, None] for species, value in gas.species.items()]
    rows += [[words.t("stored-deducted"), words.category(a.category), *_both(a.total.value, words),
              *_both(a.total.value, words), a.total.lines] for a in model.removals]
    bold = len(rows)
    direct = model.direct.total
    rows.append([words.t("key.direct"), None, None, None, *_both(direct.value, words), direct.lines])
    rows += [[words.t(f"biogenic.{a.kind}"), words.category(a.category), *_both(a.total.value, words), None, None,
              a.total.lines] for a in model.biogenic]
    rows += [[words.t("other-gas", gas=gas), gas, *_both(value, words), None, None, None]
             for gas, value in model.other_gases.items()]
    head = words.head("gas", "species", "tonnes", "tonnes-exact", "tCO2e-15", "exact", "lines")
    return Sheet(words.t("sheet.gases"), head, rows, words.t("grid.gases"), (48, 34, 20, _EXACT, 20, _EXACT, 9),
                 (words.t("gases-note"), words.t("apart-note")), plain=True, totals=(bold,))


def _both(value: Amount, words: Words) -> tuple[Cell, Cell]:
    return number(value, words), exact(value)


# -- line items -------------------------------------------------------------------------------------------------------

def _lines(model: IsoModel, words: Words) -> Sheet:
    head = words.head(*LINE_COLUMNS)
    return Sheet(words.t("sheet.lines"), head, list(_line_rows(model, words)), words.t("grid.lines"), _LINE_WIDTHS,
                 (words.t("lines-note"),))


def _line_rows(model: IsoModel, words: Words) -> Iterator[Sequence[Cell]]:
    """One row for each line item. Texts are looked up once for each kind, not once for each line."""
    kinds: dict[tuple[str, str, str | None], tuple[str, str, str]] = {}
    factors: dict[tuple[str, ...], tuple[str, str]] = {}
    for line in model.lines:
        entries = line.entries
        ids = tuple(e.id for e in entries)
        if ids not in factors:
            factors[ids] = "; ".join(ids), "; ".join(dict.fromkeys(e.source.title for e in entries))
        kind = line.source.code, line.method, line.obtained
        if kind not in kinds:
            kinds[kind] = (words.source(line.source.code), words.label("method", line.method),
                           words.obtained(line.obtained))
        yield _line_row(line, words, kinds[kind], factors[ids])


def _line_row(line: Line, words: Words, kind: tuple[str, str, str], factors: tuple[str, str]) -> Sequence[Cell]:
    source, method, obtained = kind
    value = line.tco2e_location
    why = words.reasons(value) if isinstance(value, Unknown) else None
    if line.outside is not None:
        why = words.t(f"outside.{line.outside}")
    market = None if line.market is line.location else number(line.tco2e_market, words)
    width = None if line.uncertainty is None else rounded(CONTEXT.multiply(line.uncertainty, 100), 6)
    return [line.id, str(line.iso_category), line.iso_subcategory, source, line.gas, number(line.location.value, words),
            number(line.gwp.value, words), number(value, words), exact(value), 0 if line.outside is not None else 1,
            market, method, obtained, width, *factors, why]
