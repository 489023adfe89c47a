"""Further sheets: electricity and instruments, uncertainty, significance, base year, factors, completeness."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from zerofactory_engine.messages import render
from zerofactory_mappings.iso14064_1.base_year import difference
from zerofactory_mappings.iso14064_1.cells import number
from zerofactory_mappings.iso14064_1.model import QUANTIFIED
from zerofactory_mappings.iso14064_1.pages_boundary import decision_text
from zerofactory_mappings.iso14064_1.words import UNIT, Words
from zerofactory_mappings.publishing.numbers import rounded
from zerofactory_mappings.publishing.workbook import Cell, Sheet

if TYPE_CHECKING:
    from zerofactory_mappings.disclosures.completeness import Completeness
    from zerofactory_mappings.iso14064_1.model import BaseYear, IsoModel, Supply
    from zerofactory_mappings.years.recalculate import Recalculation

#: Criteria that an instrument is judged by.
_CRITERIA = range(1, 9)
#: Groups of the uncertainty that other reports show.
_OTHERS = ("source/", "scope")


# -- electricity ------------------------------------------------------------------------------------------------------

def electricity(model: IsoModel, words: Words) -> Sheet:
    """Supplies, exports, instruments one by one, credits: only the first count in the total."""
    rows: list[Sequence[Cell]] = [_supply(words.t("entry.supply"), s, words) for s in model.supplies]
    rows += [_supply(words.t("entry.exported"), s, words) for s in model.exported]
    rows += [[words.t("entry.instrument"), i.row, words.instrument(i.kind), words.named(i.technology, "technologies"),
              i.contract or i.system, number(i.MWh, words), number(i.equivalent, words), None, None,
              words.t(f"claim.{i.counts}"),
              *(words.t(f"answer.{i.answers[n]}") if n in i.answers else None for n in _CRITERIA)]
             for i in model.instruments]
    rows += [[words.t("entry.credit"), o.row, words.named(o.kind, "credit_kind"), None, o.programme, None, None, None,
              number(o.quantity, words), words.t("claim.credit"), *(None for _ in _CRITERIA)]
             for o in model.inventory.offsets]
    head = [*words.head("entry", "row", "kind", "technology", "contract", "MWh", "tCO2e", "tCO2e-market", "credits",
                   "claim"), *(words.t("head.criterion-number", number=str(n)) for n in _CRITERIA)]
    return Sheet(words.t("sheet.electricity"), head, rows, words.t("section.electricity"),
                 (14, 22, 20, 18, 26, 16, 20, 20, 12, 28, *[14] * 8),
                 (words.t("electricity-note"), words.t("instruments-note"), words.t("credits-note")))


def _supply(entry: str, s: Supply, words: Words) -> Sequence[Cell]:
    return [entry, None, words.named(s.source or None, "electricity_source"), words.named(s.technology, "technologies"),
            None, number(s.MWh, words), number(s.location, words), number(s.market, words), None, None,
            *(None for _ in _CRITERIA)]


# -- uncertainty ------------------------------------------------------------------------------------------------------

def uncertainty(model: IsoModel, words: Words) -> Sheet:
    """Propagated and simulated intervals of the total and of every category and subcategory."""
    rows: list[Sequence[Cell]] = []
    for name, found in model.uncertainty.items():
        if name.startswith(_OTHERS):
            continue
        drawn = model.simulation.groups[name]
        rows.append([words.group(name), number(found.value, words), number(found.known, words), found.lines,
                     number(found.correlated, words), _share(found.relative(found.correlated)),
                     number(found.independent, words), _share(found.not_stated), drawn.mean, drawn.deviation,
                     drawn.p2_5, drawn.p50, drawn.p97_5])
    chosen = model.simulation.settings
    head = words.head("category", "tCO2e-15", "known", "lines", "width", "relative-number", "independent",
                 "not-stated-number", "mean", "deviation", "p2_5", "p50", "p97_5")
    simulated = words.t("simulated-note", draws=f"{chosen.draws:,}", seed=str(chosen.seed))
    return Sheet(words.t("sheet.uncertainty"), head, rows, words.t("section.uncertainty"),
                 (56, 20, 20, 8, 20, 20, 20, 20, *[13] * 5), (words.t("propagated-note"), simulated))


def _share(value: Decimal | None) -> Decimal | None:
    return None if value is None else rounded(value, 6)


# -- significance and exclusions --------------------------------------------------------------------------------------

def significance(model: IsoModel, words: Words) -> Sheet:
    """Criteria, decisions, exclusions."""
    rows: list[Sequence[Cell]] = [
        [words.t("entry.criterion"), str(c["id"]), words.text(c["text"]), None,
         None if c.get("threshold_percent") is None else f"{words.text(c['threshold_percent'])} %", None]
        for c in model.statement.rows("significance.criteria")]
    text = model.dossier.boundary.get("significance")
    if text:
        rows.append([words.t("entry.criterion"), "boundary.significance", words.text(text), None, None, None])
    rows += [[words.t("entry.decision"), s.code, words.category(s.code),
              number(s.total.value, words) if s.state == QUANTIFIED else words.t(f"state.{s.state}"),
              decision_text(s, words), words.text(s.decision.reason if s.decision is not None else s.reason)]
             for c in model.categories[1:] for s in c.subcategories]
    rows += [[words.t("entry.exclusion"), e.id, words.text(e.what), e.estimate, words.t(f"origin.{e.origin}"),
              words.text(e.reason)] for e in model.exclusions]
    head = words.head("entry", "id", "what", "tCO2e", "decision", "reason")
    return Sheet(words.t("sheet.significance"), head, rows, words.t("section.boundary"), (14, 22, 56, 22, 20, 90),
                 (words.t("decisions-note"),))


# -- base year --------------------------------------------------------------------------------------------------------

def base_year(model: IsoModel, words: Words) -> Sheet:
    """What is stated, reported against computed, the recalculation run, and earlier periods."""
    base = model.base_year
    year = None if base.year is None else str(base.year)
    stated = (("base-year", words.text(year)), ("base-reason", words.text(base.reason)),
              ("policy", words.text(base.policy)), ("threshold", words.share(base.threshold)),
              ("base-method", words.text(base.method)), ("base-gwp", words.text(base.gwp_set)))
    rows: list[Sequence[Cell]] = [[words.t("entry.stated"), words.t(f"fact.{name}"), None, None, None, None, value]
                                  for name, value in stated]
    rows += [[words.t("entry.reported"), words.group(f.name), f.value, None, None, f.unit,
              words.named(f.verification, "verification")] for f in base.reported]
    rows += _compared(base, words)
    if base.recalculation is not None:
        rows += _recalculation(base.recalculation, words)
    rows += [[words.t("entry.log"), words.text(r.get("what") or r.get("cause")), None, None, r.get("effect_tCO2e"),
              UNIT, words.text(r.get("reason") or r.get("on"))] for r in base.stated_recalculations]
    rows += [[words.t("entry.limit"), None, None, None, None, None, s.text(words.language)] for s in base.limits]
    rows += _earlier(model, words)
    head = words.head("entry", "what", "amount", "recalculated", "effect", "unit", "remark")
    return Sheet(words.t("sheet.base-year"), head, rows, words.t("section.base_year"), (22, 60, 22, 22, 22, 10, 100))


def _compared(base: BaseYear, words: Words) -> list[Sequence[Cell]]:
    out: list[Sequence[Cell]] = []
    for name, stated, computed in base.compared:
        found = difference(stated, computed)
        out.append([words.t("entry.compared"), words.group(name), stated, number(computed, words),
                    None if found is None else number(found[0], words), UNIT,
                    None if found is None else words.share(found[1])])
    return out


def _recalculation(found: Recalculation, words: Words) -> list[Sequence[Cell]]:
    from zerofactory_mappings.iso14064_1.pages_base_year import trigger
    from zerofactory_mappings.years.amounts import minus

    out: list[Sequence[Cell]] = [
        [words.t("entry.trigger"), None, None, None, None, None, trigger(found, words).text]]
    out += [[words.t("entry.step"), s.change.what.text(words.language), None, None, number(s.alone["location"], words),
             UNIT, s.change.reason or None] for s in found.steps]
    out += [[words.t("entry.totals"), words.group(group), number(one, words), number(other, words),
             number(minus(other, one), words), UNIT, words.t(f"basis.{basis}")]
            for group, basis, one, other in found.compared() if not group.startswith("scope/")]
    return out


def _earlier(model: IsoModel, words: Words) -> list[Sequence[Cell]]:
    out: list[Sequence[Cell]] = []
    for earlier in model.earlier:
        totals = [(c.code, earlier.inventory.total(f"iso_category/{c.code}")) for c in model.categories]
        out += [[words.t("entry.earlier"), f"{earlier.label} {words.category(code)}", number(total.value, words), None,
                 None, UNIT, earlier.dossier.id] for code, total in totals if total.lines]
    out += [[words.t("entry.earlier"), f"{p['year']} {words.group(str(p['figure']))}", p["value"], None, None,
             str(p["unit"]), None] for p in model.statement.rows("previous") if int(p["year"]) != model.base_year.year]
    return out


# -- factors and completeness -----------------------------------------------------------------------------------------

def factors(model: IsoModel, words: Words) -> Sheet:
    """Every factor entry used with its source, then factors that rows state, then the sets."""
    versions = {s.id: s.version for s in model.sets}
    rows: list[Sequence[Cell]] = [
        [words.t("entry.factor"), e.id, "; ".join(f"{n} {v.stated}" for n, v in e.values.items()),
         None if e.year is None else str(e.year), e.source.title, versions.get(e.set_id),
         words.t(f"confidence.{e.confidence}"), None] for e in model.factors]
    rows += [[words.t("entry.row-factor"), f.first_row, f"{words.amount(f.value)} {f.unit}", f.year,
              f.source or words.t("not-stated"), None, None, f.lines] for f in model.row_factors]
    rows += [[words.t("entry.set"), f"{words.label('role', s.role)}: {s.id}", words.text(s.title), None,
              words.text(s.publisher), s.version, None, None] for s in model.sets]
    head = words.head("entry", "factor", "values", "year", "origin", "version", "confidence", "lines")
    return Sheet(words.t("sheet.factors"), head, rows, words.t("section.factors"), (18, 56, 80, 8, 70, 10, 14, 8))


def completeness(found: Completeness, words: Words) -> Sheet:
    """Every item with its state, what is missing and where it stands."""
    language = words.language
    rows: list[Sequence[Cell]] = []
    for r in found.results:
        told = [m.text(language) for m in (*r.missing, *([r.note] if r.note is not None else []))]
        rows.append([r.item.clause, render(f"disclosure.kind.{r.item.kind}", language), r.item.title[language],
                     render(f"disclosure.key.{r.key}", language), words.t("semicolon").join(told) or None,
                     words.join(words.section(w) for w in r.where) or None, r.item.looks_for[language]])
    head = words.head("clause", "kind", "content", "state", "missing", "where", "looks-for")
    return Sheet(words.t("sheet.completeness"), head, rows, words.t("section.completeness"),
                 (16, 14, 60, 22, 90, 60, 90), (found.complete_when[language],))
