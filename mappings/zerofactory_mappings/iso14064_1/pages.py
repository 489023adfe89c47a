"""The report for people: first page and sections, in one language. Line items stand in the workbook and in the JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from zerofactory_engine.accounting.terms import add
from zerofactory_engine.reasons import Unknown
from zerofactory_mappings.disclosures.page import Block, Document, Facts, Grid, Items, Note, Paragraph, Picture, Section
from zerofactory_mappings.iso14064_1 import pages_base_year, pages_boundary, pages_methods
from zerofactory_mappings.iso14064_1.model import QUANTIFIED, Instrument, Supply
from zerofactory_mappings.iso14064_1.pages_boundary import ROWS, figure_or_state, left_out
from zerofactory_mappings.iso14064_1.pictures import categories_picture, gases_picture, overview_picture
from zerofactory_mappings.iso14064_1.present import as_json
from zerofactory_mappings.iso14064_1.sections import SECTIONS
from zerofactory_mappings.iso14064_1.shares import share_of
from zerofactory_mappings.iso14064_1.tables import IMPORTED_ENERGY, title_confidence
from zerofactory_mappings.iso14064_1.words import DASH, UNIT, Words

if TYPE_CHECKING:
    from zerofactory_engine.accounting.totals import Total
    from zerofactory_mappings.disclosures.completeness import Completeness
    from zerofactory_mappings.iso14064_1.model import IsoModel

#: Line items up to which the JSON in a PDF holds them; above, it says that they were left out.
ATTACHED_LINES = 5_000


def document(model: IsoModel, found: Completeness, language: str, issued: date) -> Document:
    """The report in one language, dated *issued*, with its JSON."""
    words = Words(language)
    with_lines = len(model.lines) <= ATTACHED_LINES
    data = json.dumps(as_json(model, found, lines=with_lines), ensure_ascii=False, separators=(",", ":"))
    notices = [words.t("notice.self") + ("" if found.complete else words.t("space") + words.t("notice.incomplete"))]
    notices += [words.t("departs", clause=r.clause, what=r.title[language]) for r in model.departures]
    made: dict[str, Sequence[Block]] = {
        "organisation": pages_boundary.organisation(model, words), "boundary": pages_boundary.boundary(model, words),
        "results": _results(model, words), "gases": _gases(model, words), "apart": _apart(model, words),
        "electricity": _electricity(model, words), "base_year": pages_base_year.blocks(model, words),
        "methods": pages_methods.approaches(model, words), "factors": pages_methods.factors(model, words),
        "uncertainty": pages_methods.uncertainty(model, words), "more": pages_methods.more(model, words),
        "conformity": pages_boundary.conformity(model, words), "completeness": [Items(found)],
        "open": pages_methods.open_(model, words)}
    sections = [Section(name, words.t(f"section.{name}"), tuple(made[name])) for name in SECTIONS]
    return Document(
        kind=words.t("kind"), title=words.t("title", name=words.text(model.subject.name)),
        subtitle=words.t("subtitle", start=model.subject.start, end=model.subject.end), facts=_front(model, words),
        notices=notices, sections=sections, language=language, issued=issued, json=data.encode("utf-8"),
        json_name="iso14064-1.json", running=words.text(model.subject.name), first=_first(model, words))


def _front(model: IsoModel, words: Words) -> list[tuple[str, str]]:
    base, number = model.base_year, (model.statement.get("report") or {}).get("number")
    used = model.inventory.sets.get("gwp")
    return [
        (words.t("fact.organisation"), words.text(model.dossier.organisation.get("name"))),
        (words.t("fact.base-year"), DASH if base.year is None else str(base.year)),
        (words.t("fact.gwp"), DASH if used is None else words.text(used.title)),
        (words.t("fact.verified"), words.t("not-stated") if model.verified is None else words.text(model.verified)),
        (words.t("fact.dossier"), words.t("dot").join(p for p in (model.dossier.id, model.member.sha256[:24]) if p)),
        *([(words.t("fact.number"), words.text(number))] if number else [])]


def _first(model: IsoModel, words: Words) -> list[Block]:
    """Key figures."""
    two = model.category("2")
    spread = model.uncertainty.get("all")
    rows = [(words.t("key.direct"), words.total(model.direct.total)),
            (words.t("key.energy"), words.total(two.total)),
            (words.t("key.other"), words.total(model.other_indirect)),
            (words.t("key.total"), words.total(model.total)),
            (words.t("key.energy-market"), words.total(two.market))]
    note = words.t("first-note")
    if spread is not None and spread.correlated is not None:
        note += words.t("space") + words.t(
            "first-uncertainty", width=words.amount(spread.correlated, UNIT), silent=words.share(spread.not_stated),
            share=words.share(spread.relative(spread.correlated)))
    grid = Grid(words.t("key.title"), [words.t("head.what"), UNIT], rows, numeric=(1,), totals=(3,), note=note,
                widths=(68, 32))
    drawn = overview_picture(model, words)
    return [Picture(words.t("chart.overview"), drawn, grid)] if drawn else [grid]


# -- 3 to 5: results --------------------------------------------------------------------------------------------------

def _results(model: IsoModel, words: Words) -> list[Block]:
    rows: list[Sequence[str]] = []
    bold = []
    for category in model.categories:
        bold.append(len(rows))
        rows.append((words.category(category.code), words.total(category.total), _share(category.total, model, words),
                     ""))
        rows += [(words.category(s.code), figure_or_state(s, words), _share(s.total, model, words),
                  "" if s.state == QUANTIFIED else words.list(s.reason, s.where)) for s in category.subcategories]
    for name, found in (("indirect", model.indirect), ("total", model.total)):
        bold.append(len(rows))
        rows.append((words.t(f"key.{name}"), words.total(found), _share(found, model, words), ""))
    head = words.head("category", "tCO2e", "share", "remark")
    one, two = title_confidence()
    note = words.t("results-note", categories=words.t(f"confidence.{one}"), subcategories=words.t(f"confidence.{two}"))
    grid = Grid(words.t("grid.categories"), head, rows, numeric=(1, 2), totals=bold, note=note, widths=(46, 18, 10, 26))
    drawn = categories_picture(model, words)
    blocks: list[Block] = [Picture(words.t("chart.categories"), drawn)] if drawn else []
    return [*blocks, grid, Note("info", words.t("no-credits-inside"))]


def _share(part: Total, model: IsoModel, words: Words) -> str:
    """A part of the total; nothing for what was not quantified."""
    return words.share(share_of(part.value, model.total.value)) if part.lines else DASH


def _gases(model: IsoModel, words: Words) -> list[Block]:
    rows: list[Sequence[str]] = []
    for gas in model.gases:
        figures = words.amount(gas.tonnes), words.amount(gas.equivalent)
        rows.append((words.label("gas", gas.gas), *figures, str(gas.lines)))
        rows += [(f"– {name}", words.amount(value), "", "") for name, value in gas.species.items()]
    stored = [a for a in model.removals if a.category == model.direct.code]
    rows += [(words.t("stored-deducted"), "", words.total(a.total), str(a.total.lines)) for a in stored]
    total = len(rows)
    rows.append((words.t("key.direct"), "", words.total(model.direct.total), str(model.direct.total.lines)))
    head = words.head("gas", "tonnes", "tCO2e", "lines")
    grid = Grid(words.t("grid.gases"), head, rows, numeric=(1, 2, 3), totals=(total,), note=words.t("gases-note"),
                widths=(40, 22, 22, 16))
    drawn = gases_picture(model, words)
    blocks: list[Block] = [Picture(words.t("chart.gases"), drawn, grid) if drawn else grid]
    unknown = [g.equivalent for g in model.gases if isinstance(g.equivalent, Unknown)]
    if unknown:
        why = words.reasons(unknown[0].merge(*unknown[1:]))
        blocks.append(Note("warning", words.t("why-unknown", what=words.t("grid.gases"), why=why)))
    return blocks


def _apart(model: IsoModel, words: Words) -> list[Block]:
    """Biogenic CO2, removals, exported energy, other gases: beside the total."""
    said = model.statement
    rows: list[Sequence[str]] = [
        (words.t(f"biogenic.{a.kind}"), words.category(a.category), words.total(a.total, "tCO2"))
        for a in model.biogenic]
    if not model.biogenic:
        rows.append((words.t("biogenic.none"), "", DASH))
    rows += [(words.t("stored-deducted"), words.category(a.category), words.total(a.total, "tCO2"))
             for a in model.removals]
    rows += [(words.t("other-gas", gas=gas), "", words.amount(value, "t")) for gas, value in model.other_gases.items()]
    left = model.exported_total
    rows.append((words.t("exported-total"), words.category(IMPORTED_ENERGY),
                 words.total(left, UNIT) if left.lines else words.t("nothing-exported")))
    blocks: list[Block] = [Grid(words.t("grid.apart"), words.head("what", "category", "amount"), rows, numeric=(2,),
                                note=words.t("apart-note"), widths=(40, 36, 24))]
    if model.exported:
        blocks.append(_supplies(model.exported, words.t("grid.exported"), words, both=False))
    for name in ("biogenic", "removals"):
        text = said.get(name)
        blocks.append(Facts("", [(words.t(f"fact.{name}"), words.text(text) if text else words.t("not-stated"))]))
    return blocks


# -- 6: electricity ---------------------------------------------------------------------------------------------------

def _supplies(found: Sequence[Supply], title: str, words: Words, *, both: bool = True) -> Grid:
    rows = [(words.named(s.source or None, "electricity_source"), words.named(s.technology, "technologies"),
             str(s.rows), words.amount(s.MWh), words.amount(s.location), *([words.amount(s.market)] if both else []))
            for s in found]
    head = words.head("supply", "technology", "rows", "MWh", "tCO2e-location", *(["tCO2e-market"] if both else []))
    return Grid(title, head, rows, numeric=tuple(range(2, len(head))))


def _electricity(model: IsoModel, words: Words) -> list[Block]:
    two = model.category("2")
    blocks: list[Block] = []
    if model.supplies:
        blocks.append(_supplies(model.supplies, words.t("grid.supplies"), words))
    blocks.append(Facts(words.t("facts.two-ways"), [
        (words.t("fact.location"), words.total(two.total, UNIT)),
        (words.t("fact.market"), words.total(two.market, UNIT)),
        (words.t("fact.all-market"), words.total(model.market_total, UNIT))]))
    blocks.append(Note("info", words.t("electricity-note")))
    if model.instruments:
        rows = [instrument_row(same, words) for same in alike(model)]
        blocks.append(Grid(words.t("grid.instruments"), words.head("instrument", "rows", "MWh", "tCO2e", "claim"),
                           rows[:ROWS], numeric=(1, 2, 3), widths=(46, 10, 14, 12, 18),
                           note=words.t("instruments-note") + left_out(len(rows), words)))
    else:
        blocks.append(Paragraph(words.t("note.no-instruments")))
    found = model.inventory.offsets
    if found:
        lines = [(o.row, words.text(o.programme), words.named(o.kind, "credit_kind"), words.amount(o.quantity),
                 words.text(o.retired_on), words.text(None if o.claim_year is None else str(o.claim_year)))
                 for o in found[:ROWS]]
        head = words.head("id", "programme", "kind", "credits", "retired", "claim-year")
        blocks.append(Grid(words.t("grid.credits"), head, lines, numeric=(3,),
                           note=words.t("credits-note") + left_out(len(found), words)))
    else:
        blocks.append(Paragraph(words.t("note.no-credits")))
    return blocks


def alike(model: IsoModel) -> list[list[Instrument]]:
    """Instruments of one kind, technology, contract and answer, together."""
    groups: dict[tuple[object, ...], list[Instrument]] = {}
    for each in model.instruments:
        key = (each.kind, each.technology, each.contract, each.system, each.counts, tuple(sorted(each.answers.items())))
        groups.setdefault(key, []).append(each)
    return list(groups.values())


def instrument_row(found: Sequence[Instrument], words: Words) -> Sequence[str]:
    """A group of instruments in a row."""
    one = found[0]
    technology = words.named(one.technology, "technologies") if one.technology else None
    rows = one.row if len(found) == 1 else f"{one.row} …"
    name = words.t("dot").join(
        p for p in (words.instrument(one.kind), one.system, technology, one.contract, rows) if p)
    energy, equivalent = add(i.MWh for i in found), add(i.equivalent for i in found)
    return name, str(len(found)), words.amount(energy), words.amount(equivalent), words.t(f"claim.{one.counts}")
