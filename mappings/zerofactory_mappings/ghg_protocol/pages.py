"""The inventory as a document for people: sections, tables and charts, in one language."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from zerofactory_engine.accounting.classification import classification
from zerofactory_engine.canonical import canonical_bytes
from zerofactory_engine.messages import render_problem
from zerofactory_engine.reasons import Unknown
from zerofactory_mappings.disclosures.page import Block, Document, Facts, Grid, Items, Note, Paragraph, Picture, Section
from zerofactory_mappings.ghg_protocol import pages_boundary, pages_scope2
from zerofactory_mappings.ghg_protocol.model import GhgModel
from zerofactory_mappings.ghg_protocol.present import as_json
from zerofactory_mappings.ghg_protocol.view import DASH, MAX_ROWS, View
from zerofactory_mappings.ghg_protocol.words import Said, reason_text
from zerofactory_mappings.publishing import charts

if TYPE_CHECKING:
    from zerofactory_mappings.disclosures.completeness import Completeness

#: Sections in their order; those without content are left out of a document.
SECTIONS = ("boundary", "totals", "approaches", "gases", "scope2", "instruments", "hourly", "scope3", "outside",
            "base_year", "statement", "methods", "completeness", "open")
_MAX_FACTORS = 200


def document(model: GhgModel, completeness: Completeness, language: str, issued: date) -> Document:
    """The report of *model* in *language* (zh, en), issued on *issued*, with the JSON of the inventory in it."""
    view = View(model, Said(language))
    said = view.said
    notices = [said("ghgp.notice.self")]
    if not completeness.complete:
        notices.append(said("ghgp.notice.incomplete"))
    return Document(
        kind=said("ghgp.kind"), title=said("ghgp.title", name=said.text(model.subject.name)),
        subtitle=said("ghgp.subtitle"), facts=_front(view), notices=notices, sections=_sections(view, completeness),
        language=language, issued=issued, json=canonical_bytes(as_json(model, completeness)),
        json_name="ghg-protocol-inventory.json", running=said("ghgp.running"))


def _sections(view: View, completeness: Completeness) -> Sequence[Section]:
    """All sections that the inventory needs."""
    made: dict[str, list[Block]] = {
        "boundary": pages_boundary.boundary(view), "totals": totals(view),
        "approaches": pages_boundary.approaches(view), "gases": gases(view), "scope2": pages_scope2.order(view),
        "instruments": pages_scope2.instruments(view), "hourly": pages_scope2.hourly(view),
        "scope3": scope3(view), "outside": outside(view),
        "base_year": pages_boundary.base_year(view), "statement": pages_boundary.statement(view),
        "methods": methods(view), "completeness": [Items(completeness)], "open": open_questions(view)}
    return [Section(name, view.said(f"ghgp.section.{name}"), tuple(made[name])) for name in SECTIONS if made[name]]


def _front(view: View) -> list[tuple[str, str]]:
    """What stands under the title."""
    said, model = view.said, view.model
    three = view.tonnes(model.scope_3) if model.scope_3.lines else said("ghgp.nothing-stated")
    return [(said("ghgp.fact.period"), view.period()), (said("ghgp.fact.approach"), view.approach()),
            (said("ghgp.scope.1"), view.tonnes(model.scope_1)),
            (said("ghgp.scope.2_location"), view.tonnes(model.scope_2.location)),
            (said("ghgp.scope.2_market"), view.tonnes(model.scope_2.market)), (said("ghgp.scope.3"), three)]


# -- totals -----------------------------------------------------------------------------------------------------------


def totals(view: View) -> list[Block]:
    """Scopes and source types, both ways, with a chart; which of the two results targets use."""
    said, model, language = view.said, view.model, view.said.language
    head = view.head("what", "tco2e_location", "tco2e_market")
    one, three = view.total(model.scope_1), view.stated_total(model.scope_3)
    rows = [(said("ghgp.scope.1"), one, one), (said("ghgp.scope.2"), *view.pair(model.scope_2)),
            (said("ghgp.scope.1_2"), *view.pair(model.scopes_1_2)), (said("ghgp.scope.3-sum"), three, three)]
    sources = [(classification().sources[code].title[language], *view.pair(pair))
               for code, pair in model.sources.items()]
    basis, text = view.stated("scope_2/basis"), view.stated("scope_2/text")
    told = said.label("basis", basis) or said("ghgp.not-stated")
    facts = [(said("ghgp.stated.basis"), said("ghgp.and").join(t for t in (told, said.text(text)) if t))]
    return [Picture(said("ghgp.chart.totals"), _scopes_chart(view),
                    Grid(said("ghgp.grid.totals"), head, rows, numeric=(1, 2), totals=(2,)), said("ghgp.no-offsets")),
            Facts(said("ghgp.grid.target"), facts), Grid(said("ghgp.grid.sources"), head, sources, numeric=(1, 2))]


def _scopes_chart(view: View) -> str:
    said, model, bars = view.said, view.model, []
    for name, two in (("location", model.scope_2.location), ("market", model.scope_2.market)):
        parts = (("1", model.scope_1, charts.NAVY), ("2", two, charts.TEAL), ("3", model.scope_3, charts.SAND))
        segments = tuple(charts.Segment(said(f"ghgp.scope.{n}"), max(t.known, Decimal(0)), view.total(t), fill)
                         for n, t, fill in parts if t.lines)
        bars.append(charts.Bar(said(f"ghgp.basis.{name}"), segments))
    return charts.stacked("scopes", said("ghgp.chart.totals"), bars, view.fonts)


def gases(view: View) -> list[Block]:
    """The seven gases of scopes 1 and 2."""
    said = view.said
    rows = [(said(f"ghgp.gas.{g.gas}"), view.figure(g.tonnes), view.figure(g.scope_1), view.figure(g.scope_2),
             view.figure(g.scope_2_market)) for g in view.model.gases]
    species = [(gas, view.figure(value)) for g in view.model.gases for gas, value in g.species.items()
               if g.gas in ("HFC", "PFC")]
    head = [*view.head("gas", "tonnes"), *(said(f"ghgp.scope.{n}") for n in ("1", "2_location", "2_market"))]
    blocks: list[Block] = [Grid(said("ghgp.grid.gases"), head, rows, numeric=(1, 2, 3, 4),
                                note=said("ghgp.gases-note"))]
    if species:
        blocks.append(Grid(said("ghgp.grid.species"), view.head("gas", "tonnes"), species, numeric=(1,)))
    return blocks


# -- scope 3 and what stands outside ----------------------------------------------------------------------------------


def scope3(view: View) -> list[Block]:
    """The fifteen categories."""
    said, rows, bars = view.said, [], []
    for row in view.model.categories:
        title = f"{row.category.number} {row.category.title[said.language]}"
        figure = view.total(row.total) if row.total is not None else said(f"ghgp.key.{row.key}")
        share = view.share(row.supplier_share) if isinstance(row.supplier_share, Decimal) else DASH
        methods_ = said("ghgp.and").join(said.label("method", m) for m in row.methods)
        told = said("ghgp.and").join(t for t in (said.text(row.reason), said.text(row.where)) if t)
        rows.append((title, figure, view.figure(row.biogenic) if row.total is not None else DASH, share,
                     methods_ or told or DASH))
        if row.total is not None and row.total.known > 0:
            bars.append((title, row.total.known, view.total(row.total)))
    head = view.head("category", "tco2e", "biogenic", "supplier_share", "method_or_reason")
    grid = Grid(said("ghgp.grid.categories"), head, rows, numeric=(1, 2, 3), note=said("ghgp.no-silent-zero"),
                widths=(32, 15, 12, 12, 29))
    ordered = sorted(bars, key=lambda bar: -bar[1])
    blocks: list[Block] = [Picture(said("ghgp.chart.categories"), charts.ranked(
        "categories", said("ghgp.chart.categories"), ordered, view.fonts), grid) if bars else grid]
    if view.model.uncategorised is not None:
        blocks.append(Note("info", said("ghgp.uncategorised", figure=view.tonnes(view.model.uncategorised))))
    return blocks


def outside(view: View) -> list[Block]:
    """Biogenic CO2, gases outside the seven, exported energy, and credits: beside every total."""
    said, model = view.said, view.model
    rows = [(classification().outside[why][said.language], *view.pair(pair)) for why, pair in model.outside.items()]
    blocks: list[Block] = [Grid(said("ghgp.grid.outside"), view.head("what", "tco2e_location", "tco2e_market"), rows,
                                numeric=(1, 2))]
    if model.biogenic_by_scope:
        blocks.append(Grid(said("ghgp.grid.biogenic"), view.head("scope_title", "biogenic"),
                           [(said(f"ghgp.scope.{scope}"), view.figure(value))
                            for scope, value in model.biogenic_by_scope.items()], numeric=(1,)))
    if view.stated("biogenic"):
        blocks.append(Paragraph(view.say(view.stated("biogenic"))))
    if model.other_gases:
        blocks.append(Grid(said("ghgp.grid.other_gases"), view.head("gas", "tonnes"),
                           [(gas, view.figure(value)) for gas, value in model.other_gases.items()], numeric=(1,)))
    return [*blocks, *_credits(view)]


def _credits(view: View) -> list[Block]:
    """Credits, beside every total."""
    said, found = view.said, view.model.offsets
    if not found:
        return []
    rows = [(dossier, f"credits/{o.row}", o.programme or DASH, said.credit(o.kind) or DASH, view.figure(o.quantity),
             o.retired_on.isoformat() if o.retired_on is not None else DASH) for dossier, o in found[:MAX_ROWS]]
    blocks: list[Block] = [Grid(said("ghgp.grid.credits"),
                                view.head("facility", "row", "programme", "kind", "credits", "retired_on"), rows,
                                numeric=(4,), note=said("ghgp.credits-apart"))]
    if len(found) > MAX_ROWS:
        blocks.append(Note("info", said("ghgp.more-rows", shown=MAX_ROWS, count=len(found),
                                        sheet=said("ghgp.sheet.credits"))))
    return blocks


# -- methods, and what is open ----------------------------------------------------------------------------------------


def methods(view: View) -> list[Block]:
    """Where the lines stand, factor sets and warming potentials of every facility, factors in use."""
    said, lines = view.said, view.model.consolidated.lines
    pins = dict.fromkeys((role, pin.id, pin.version) for held in view.model.consolidated.held
                         for role, pin in held.member.inventory.pins.items())
    sets = [(said.role(role), set_id, version) for role, set_id, version in sorted(pins)]
    entries = dict.fromkeys(e for line in lines for e in line.entries)
    factors = [(e.id, said.confidence(e.confidence)) for e in list(entries)[:_MAX_FACTORS]]
    blocks: list[Block] = [
        Paragraph(said("ghgp.method")),
        Paragraph(said("ghgp.lines-stand", count=f"{len(lines):,}", sheet=said("ghgp.sheet.calculation"))),
        Grid(said("ghgp.grid.sets"), view.head("role", "set", "version"), sets),
        Grid(said("ghgp.grid.factors"), view.head("factors", "confidence"), factors)]
    if len(entries) > _MAX_FACTORS:
        blocks.append(Note("info", said("ghgp.more-rows", shown=_MAX_FACTORS, count=len(entries),
                                        sheet=said("ghgp.sheet.methods"))))
    return blocks


def open_questions(view: View) -> list[Block]:
    """Why figures are not known, and what a reader has to know."""
    said, model = view.said, view.model
    blocks: list[Block] = []
    for name, total in (("1", model.scope_1), ("2_location", model.scope_2.location),
                        ("2_market", model.scope_2.market), ("3", model.scope_3)):
        if isinstance(total.value, Unknown):
            blocks.append(Note("warning", said("ghgp.open", what=said(f"ghgp.scope.{name}"),
                                               why=reason_text(total.value, said))))
    problems = [*model.problems, *(p for m in model.subject.members for p in m.inventory.problems)]
    told = list(dict.fromkeys(render_problem(p, said.language) for p in problems))
    if told:
        blocks.append(Grid(said("ghgp.grid.problems"), view.head("what"), [(t,) for t in told[:MAX_ROWS]]))
    if len(told) > MAX_ROWS:
        blocks.append(Note("info", said("ghgp.more-problems", shown=MAX_ROWS, count=len(told))))
    return blocks
