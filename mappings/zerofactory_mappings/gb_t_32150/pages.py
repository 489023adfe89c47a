"""The report as a document in one language."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from zerofactory_engine.accounting.totals import grouped, total
from zerofactory_engine.canonical import jsonable
from zerofactory_engine.messages import render_reason
from zerofactory_engine.reasons import Unknown
from zerofactory_mappings.disclosures.page import (
    Block,
    Document,
    Facts,
    Grid,
    Items,
    Note,
    Paragraph,
    Picture,
    Section,
)
from zerofactory_mappings.gb_t_32150.build import SCHEME
from zerofactory_mappings.gb_t_32150.model import APART, Gbt32150
from zerofactory_mappings.gb_t_32150.present import as_json
from zerofactory_mappings.gb_t_32150.words import Words
from zerofactory_mappings.publishing import charts
from zerofactory_mappings.publishing.fonts import font_set
from zerofactory_mappings.publishing.numbers import shown

if TYPE_CHECKING:
    from zerofactory_mappings.disclosures.completeness import Completeness

#: Rows of activity data and reasons on the page; all of them stand in the workbook and the attached data.
_ROWS, _REASONS = 60, 8


def document(model: Gbt32150, found: Completeness, language: str, issued: date) -> Document:
    """The report, dated *issued*, with its data attached."""
    words, subject = Words(language), model.subject
    data = (json.dumps(jsonable(as_json(model, found)), ensure_ascii=False, indent=1) + "\n").encode("utf-8")
    notices = [words.t("notice")]
    if not found.complete:
        notices.append(words.t("not-complete"))
    total_text = words.amount(model.total) if isinstance(model.total, Decimal) else words.t(
        "unknown-known", known=words.amount(model.known))
    facts = [(words.t("period"), f"{subject.start} – {subject.end}"), (words.t("total"), f"{total_text} tCO2e")]
    sections = [
        Section("entity", words.t("section-entity"), _entity(model, words)),
        Section("boundary", words.t("section-boundary"), _boundary(model, words)),
        Section("total", words.t("section-total"), _total(model, words)),
        Section("sources", words.t("section-sources"), _sources(model, words)),
        Section("activity", words.t("section-activity"), _activity(model, words)),
        Section("factors", words.t("section-factors"), _factors(model, words)),
        Section("other", words.t("section-other"), _other(model, words)),
        Section("items", words.t("section-items"), [Items(found)]),
    ]
    return Document(words.t("kind"), subject.name[language], words.t("subtitle", start=subject.start, end=subject.end),
                    facts, notices, sections, language, issued, data, "gb-t-32150.json", first=_first(model, words))


def _first(model: Gbt32150, words: Words) -> list[Block]:
    rows = [(r.title[words.language], r.total.known, f"{shown(r.total.known)} tCO2e")
            for r in model.classes if r.total.known > 0]
    if not rows:
        return []
    return [Picture(words.t("chart"), charts.ranked("gbt-classes", words.t("chart"), rows, font_set().css))]


def _entity(model: Gbt32150, words: Words) -> list[Block]:
    dossier, said = model.subject.alone.dossier, model.subject.statement
    organisation, facility = dossier.organisation, dossier.facility
    return [Facts("", [
        (words.t("fact-organisation"), words.text(organisation.get("name"))),
        (words.t("fact-credit-code"), words.text(organisation.get("unified_social_credit_code"))),
        (words.t("fact-facility"), words.text(facility.get("name"))),
        (words.t("fact-address"), words.text(facility.get("address") or organisation.get("address"))),
        (words.t("fact-sector"), words.text(facility.get("sector") or facility.get("gb_t_4754"))),
        (words.t("period"), f"{model.subject.start} – {model.subject.end}"),
        (words.t("fact-responsible"), words.text(said.get("responsible/name"))),
        (words.t("fact-contact"), words.text(said.get("responsible/contact"))),
    ])]


def _boundary(model: Gbt32150, words: Words) -> list[Block]:
    boundary = model.subject.alone.dossier.boundary
    rows = [[words.text(p.get("name")), words.named("part_kind", p.get("kind")), words.text(p.get("inside")),
             words.text(p.get("reason"))] for p in boundary.get("parts") or () if isinstance(p, Mapping)]
    blocks: list[Block] = [Paragraph(words.t("boundary-text"))]
    if rows:
        blocks.append(Grid("", words.heads("part", "kind", "inside", "reason"), rows, widths=(34, 18, 10, 38)))
    else:
        blocks.append(Note("warning", words.t("no-parts")))
    return blocks


def _total(model: Gbt32150, words: Words) -> list[Block]:
    rows = [[r.title[words.language], words.t(f"sign-{r.sign}"), str(len(r.lines)), words.total(r)]
            for r in model.classes if r.sign != APART]
    whole = words.amount(model.total) if isinstance(model.total, Decimal) else words.t(
        "unknown-known", known=words.amount(model.known))
    rows.append([words.t("total"), "", "", whole])
    blocks: list[Block] = [
        Grid(words.t("grid-total"), words.heads("class", "sign", "lines", "tco2e"), rows, (2, 3), (len(rows) - 1,),
             words.t("formula"), (46, 16, 12, 26))]
    apart = [[r.title[words.language], str(len(r.lines)), words.total(r)] for r in model.classes if r.sign == APART]
    blocks.append(Grid(words.t("grid-apart"), words.heads("class", "lines", "tco2e"), apart, (1, 2),
                       widths=(58, 14, 28)))
    if isinstance(model.total, Unknown):
        told = [render_reason(r, words.language) for r in model.total.reasons]
        text = "; ".join(told[:_REASONS]) + (words.t("more", count=len(told) - _REASONS)
                                              if len(told) > _REASONS else "")
        blocks.append(Note("warning", words.t("why-unknown", reasons=text)))
    return blocks


def _sources(model: Gbt32150, words: Words) -> list[Block]:
    """Classes by source type and by gas."""
    by_source, by_gas = [], []
    for row in model.classes:
        for of in grouped(row.lines, lambda line: line.source.code).values():
            found = total(of, "location")
            by_source.append([row.title[words.language], of[0].source.title[words.language], str(len(of)),
                              words.amount(found.value)])
        by_gas += [[row.title[words.language], gas, words.amount(value)] for gas, value in row.gases.items()]
    return [Grid(words.t("grid-sources"), words.heads("class", "source", "lines", "tco2e"), by_source, (2, 3),
                 widths=(38, 30, 10, 22)),
            Grid(words.t("grid-gases"), words.heads("class", "gas", "tco2e"), by_gas, (2,), widths=(52, 20, 28))]


def _activity(model: Gbt32150, words: Words) -> list[Block]:
    classes = {row.id: row.title[words.language] for row in model.classes}
    rows = [[a.row, a.what[words.language], classes[a.class_id], words.amount(a.amount), words.unit(a.unit),
             words.named("obtained", a.obtained)] for a in model.activities[:_ROWS]]
    count = len(model.activities)
    note = words.t("rows-shown", shown=len(rows), all=count) if len(rows) < count else ""
    return [Grid("", words.heads("row", "source", "class", "amount", "unit", "obtained"), rows, (3,), note=note,
                 widths=(20, 20, 24, 14, 8, 14))]


def _factors(model: Gbt32150, words: Words) -> list[Block]:
    rows = [[e.id, words.origin(e)] for e in model.factors[:_ROWS]]
    return [Grid("", words.heads("factor", "origin"), rows, widths=(44, 56))]


def _other(model: Gbt32150, words: Words) -> list[Block]:
    """What the standard leaves out, exclusions of the boundary, instruments, monitoring."""
    groups: dict[str, list[object]] = {}
    rows = []
    for p in model.left_out:
        groups.setdefault(p.places[SCHEME].rule.id, []).append(p)
    for of in groups.values():
        places = [p for p in model.left_out if p in of]
        rule = places[0].places[SCHEME].rule
        rows.append([(rule.excluded or {}).get(words.language, ""), rule.clause, str(len(places)),
                     words.amount(total([p.line for p in places], "location").value)])
    blocks: list[Block] = [Grid(words.t("grid-left-out"), words.heads("reason", "clause", "lines", "tco2e"), rows,
                                (2, 3), widths=(50, 18, 10, 22))] if rows else []
    exclusions = [[words.text(x.get("what")), words.text(x.get("reason")), words.text(x.get("estimate_tCO2e"))]
                  for x in model.subject.alone.dossier.boundary.get("exclusions") or () if isinstance(x, Mapping)]
    if exclusions:
        blocks.append(Grid(words.t("grid-exclusions"), words.heads("what", "reason", "estimate"), exclusions, (2,),
                           widths=(36, 44, 20)))
    blocks.append(Facts("", [(words.t("fact-monitoring"), words.text(model.subject.statement.get("monitoring")))]))
    blocks.append(Note("info", words.t("location-note")))
    return blocks
