"""The report as a document in one language."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from zerofactory_engine.accounting.terms import Amount, add
from zerofactory_engine.accounting.totals import total
from zerofactory_engine.canonical import jsonable
from zerofactory_engine.decimals import CONTEXT
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
from zerofactory_mappings.disclosures.tables import table_of
from zerofactory_mappings.gb_t_32150.build import SCHEME, STANDARD
from zerofactory_mappings.gb_t_32150.model import APART, Activity, Calculation, Gbt32150
from zerofactory_mappings.gb_t_32150.present import as_json
from zerofactory_mappings.gb_t_32150.words import DASH, Words
from zerofactory_mappings.publishing import charts
from zerofactory_mappings.publishing.fonts import font_set
from zerofactory_mappings.publishing.numbers import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from zerofactory_mappings.crosswalk.model import Placed
    from zerofactory_mappings.disclosures.completeness import Completeness

#: Rows of a table and reasons on the page; all of them stand in the workbook and the attached data.
_ROWS, _REASONS = 60, 8
#: Lines up to which the data in a PDF hold them; above, they say how many were left out.
ATTACHED_LINES = 5_000
_ENERGY = (("electricity", "purchased_electricity", "exported_electricity"),
           ("heat", "purchased_heat", "exported_heat"))


def document(model: Gbt32150, found: Completeness, language: str, issued: date) -> Document:
    """The report, dated *issued*, with its data attached."""
    words, subject = Words(language), model.subject
    content = jsonable(as_json(model, found, lines=len(model.placed) <= ATTACHED_LINES))
    data = (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode("utf-8")
    facts = [(words.t("period"), f"{subject.start} – {subject.end}"),
             (words.t("total"), f"{_whole(model, words)} tCO2e")]
    made: Mapping[str, Sequence[Block]] = {
        "entity": _entity(model, words), "boundary": _boundary(model, words), "sources": _sources(model, words),
        "total": _total(model, words), "energy": _energy(model, words), "activity": _activity(model, words),
        "factors": _factors(model, words), "reconciliation": _reconciliation(model, words),
        "other": _other(model, words), "items": [Items(found)]}
    sections = [Section(name, words.t(f"section-{name}"), blocks) for name, blocks in made.items()]
    return Document(words.t("kind"), subject.name[language], words.t("subtitle", start=subject.start, end=subject.end),
                    facts, _notices(model, found, words), sections, language, issued, data, "gb-t-32150.json",
                    first=_first(model, words))


def _notices(model: Gbt32150, found: Completeness, words: Words) -> list[str]:
    notices = [words.t("notice")]
    if not found.complete:
        notices.append(words.t("not-complete"))
    if model.subject.alone.dossier.facility.get("ets_covered"):
        notices.append(words.t("inside-ets"))
    if model.whole:
        notices.append(words.t("whole"))
    return [*notices, table_of(STANDARD, "total")["newer"][words.language]]


def _whole(model: Gbt32150, words: Words) -> str:
    return words.amount(model.total) if isinstance(model.total, Decimal) else words.t(
        "unknown-known", known=shown(model.known))


def _first(model: Gbt32150, words: Words) -> list[Block]:
    rows = [(r.title[words.language], r.total.known, f"{shown(r.total.known)} tCO2e")
            for r in model.classes if r.total.known > 0 and r.sign != APART]
    if not rows:
        return []
    return [Picture(words.t("chart"), charts.ranked("gbt-classes", words.t("chart"), rows, font_set().css))]


# -- enterprise and boundary ------------------------------------------------------------------------------------------

def _entity(model: Gbt32150, words: Words) -> list[Block]:
    dossier, said = model.subject.alone.dossier, model.subject.statement
    organisation, facility = dossier.organisation, dossier.facility
    return [Facts("", [
        (words.t("fact-organisation"), words.text(organisation.get("name"))),
        (words.t("fact-credit-code"), words.text(organisation.get("unified_social_credit_code"))),
        (words.t("fact-facility"), words.text(facility.get("name"))),
        (words.t("fact-address"), words.text(facility.get("address") or organisation.get("address"))),
        (words.t("fact-sector"), " ".join(str(v) for v in (facility.get("sector"), facility.get("gb_t_4754")) if v)
         or DASH),
        (words.t("fact-ets"), words.text(facility.get("ets_covered"))),
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


def _sources(model: Gbt32150, words: Words) -> list[Block]:
    """Classes by source type and by gas."""
    by_source, by_gas = [], []
    for row in model.classes:
        by_source += [[row.title[words.language], s.title[words.language], str(s.total.lines), words.total(s)]
                      for s in row.sources]
        by_gas += [[row.title[words.language], gas, words.amount(value)] for gas, value in row.gases.items()]
    return [Grid(words.t("grid-sources"), words.heads("class", "source", "lines", "tco2e"), by_source, (2, 3),
                 widths=(38, 26, 10, 26)),
            Grid(words.t("grid-gases"), words.heads("class", "gas", "tco2e"), by_gas, (2,), widths=(52, 20, 28))]


# -- figures ----------------------------------------------------------------------------------------------------------

def _total(model: Gbt32150, words: Words) -> list[Block]:
    rows = [[r.title[words.language], words.t(f"sign-{r.sign}"), str(r.lines), words.total(r)]
            for r in model.classes if r.sign != APART]
    rows.append([words.t("total"), "", "", _whole(model, words)])
    blocks: list[Block] = [
        Grid(words.t("grid-total"), words.heads("class", "sign", "lines", "tco2e"), rows, (2, 3), (len(rows) - 1,),
             words.t("formula"), (46, 16, 12, 26))]
    apart = [[r.title[words.language], str(r.lines), words.total(r)] for r in model.classes if r.sign == APART]
    blocks.append(Grid(words.t("grid-apart"), words.heads("class", "lines", "tco2e"), apart, (1, 2),
                       note=words.t("biomass-note"), widths=(58, 14, 28)))
    if isinstance(model.total, Unknown):
        told = [render_reason(r, words.language) for r in model.total.reasons]
        text = "; ".join(told[:_REASONS]) + (words.t("more", count=len(told) - _REASONS)
                                              if len(told) > _REASONS else "")
        blocks.append(Note("warning", words.t("why-unknown", reasons=text)))
    return blocks


def _energy(model: Gbt32150, words: Words) -> list[Block]:
    """Purchased and exported electricity and heat with their net, and why exports are subtracted here."""
    rows, bold = [], []
    for name, *classes in _ENERGY:
        values: list[Amount] = []
        for number, class_id in enumerate(classes):
            row = model.row(class_id)
            rows.append([row.title[words.language], _quantities(model, class_id, words), words.total(row)])
            value = row.total.value
            values.append(CONTEXT.minus(value) if number and isinstance(value, Decimal) else value)
        bold.append(len(rows))
        rows.append([words.t(f"net-{name}"), "", words.amount(add(values))])
    return [Grid("", words.heads("class", "amount", "tco2e"), rows, (1, 2), bold, widths=(46, 28, 26)),
            Paragraph(words.t("exports-text")), Note("info", words.t("location-note"))]


def _quantities(model: Gbt32150, class_id: str, words: Words) -> str:
    """Activity data of a class, added up by unit."""
    by_unit: dict[str, list[Amount]] = {}
    for a in model.activities:
        if a.class_id == class_id:
            by_unit.setdefault(a.unit, []).append(a.amount)
    return "; ".join(f"{words.amount(add(v))} {words.unit(u)}".strip() for u, v in by_unit.items()) or DASH


def _activity(model: Gbt32150, words: Words) -> list[Block]:
    """Activity data of rows that share source, carrier and unit."""
    carriers = {row: c.carrier for c in model.calculations for row in c.rows}
    groups: dict[tuple[str, str, str | None, str], list[Activity]] = {}
    for a in model.activities:
        groups.setdefault((a.class_id, a.what[words.language], carriers.get(a.row), a.unit), []).append(a)
    rows = []
    for (_, what, carrier, unit), of in groups.items():
        codes = dict.fromkeys(a.obtained for a in of if a.obtained)
        rows.append([words.source(what, carrier), words.amount(add(a.amount for a in of)), words.unit(unit),
                     words.obtained(codes), words.rows([a.row for a in of])])
    return [Grid("", words.heads("source", "amount", "unit", "obtained", "rows"), rows[:_ROWS], (1,),
                 note=_shown(len(rows), words, "activity-note"), widths=(28, 16, 8, 18, 30))]


def _factors(model: Gbt32150, words: Words) -> list[Block]:
    """Activity data × factors, then where the factors come from."""
    rows = [_calculation(c, words) for c in model.calculations[:_ROWS]]
    origins = [[e.id, words.origin(e), words.t(f"confidence-{e.confidence}")] for e in model.factors[:_ROWS]]
    return [Grid(words.t("grid-calculation"), words.heads("source", "gas", "amount", "factors", "tco2e"), rows, (2, 4),
                 note=_shown(len(model.calculations), words, "factors-note"), widths=(18, 11, 18, 39, 14)),
            Grid(words.t("grid-origins"), words.heads("factor", "origin", "confidence"), origins, widths=(40, 46, 14))]


def _calculation(found: Calculation, words: Words) -> list[str]:
    return [words.source(found.source[words.language], found.carrier), found.gas,
            f"{words.amount(found.activity)} {words.unit(found.unit)}".strip(), words.factors(found),
            words.amount(found.tco2e)]


def _shown(count: int, words: Words, code: str) -> str:
    note = words.t(code)
    return note + words.t("rows-shown", shown=_ROWS, all=count) if count > _ROWS else note


def _reconciliation(model: Gbt32150, words: Words) -> list[Block]:
    found = model.reconciliation
    rows = [[words.t("scopes-1-2"), "", "", words.amount(found.start)]]
    rows += [[words.step(s), s.clause, str(s.lines), words.amount(s.amount)] for s in found.steps]
    rows.append([words.t("total"), "", "", _whole(model, words)])
    return [Paragraph(words.t("reconciliation-text")),
            Grid("", words.heads("what", "clause", "lines", "tco2e"), rows, (2, 3), (0, len(rows) - 1),
                 words.t("reconciliation-note"), widths=(44, 26, 10, 20))]


# -- what else there is to say ----------------------------------------------------------------------------------------

def _other(model: Gbt32150, words: Words) -> list[Block]:
    """What the standard leaves out, exclusions of the boundary, monitoring."""
    rows = [_left_out(of, words) for of in _by_rule(model.left_out).values()]
    blocks: list[Block] = [Grid(words.t("grid-left-out"), words.heads("reason", "clause", "lines", "tco2e"), rows,
                                (2, 3), widths=(46, 24, 10, 20))] if rows else []
    exclusions = [[words.text(x.get("what")), words.text(x.get("reason")), words.text(x.get("estimate_tCO2e"))]
                  for x in model.subject.alone.dossier.boundary.get("exclusions") or () if isinstance(x, Mapping)]
    if exclusions:
        blocks.append(Grid(words.t("grid-exclusions"), words.heads("what", "reason", "estimate"), exclusions, (2,),
                           widths=(36, 44, 20)))
    said: Any = model.subject.statement.get("monitoring")
    return [*blocks, Facts("", [(words.t("fact-monitoring"), words.text(said))])]


def _by_rule(places: Iterable[Placed]) -> Mapping[str, list[Placed]]:
    groups: dict[str, list[Placed]] = {}
    for p in places:
        groups.setdefault(p.places[SCHEME].rule.id, []).append(p)
    return groups


def _left_out(of: Sequence[Placed], words: Words) -> list[str]:
    rule = of[0].places[SCHEME].rule
    return [(rule.excluded or {}).get(words.language, ""), rule.clause, str(len(of)),
            words.amount(total([p.line for p in of], "location").value)]
