"""The inventory as a document for people: sections, tables and charts, in one language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from zerofactory_engine.accounting.classification import classification
from zerofactory_engine.accounting.terms import Amount, add
from zerofactory_engine.accounting.totals import Total
from zerofactory_engine.canonical import canonical_bytes
from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.messages import render_problem
from zerofactory_engine.reasons import Unknown
from zerofactory_mappings.disclosures.page import Block, Document, Facts, Grid, Items, Note, Paragraph, Picture, Section
from zerofactory_mappings.ghg_protocol.model import Both, GhgModel, InstrumentRow
from zerofactory_mappings.ghg_protocol.present import as_json
from zerofactory_mappings.ghg_protocol.tables import criteria, steps
from zerofactory_mappings.ghg_protocol.words import Said, reason_text
from zerofactory_mappings.publishing import charts
from zerofactory_mappings.publishing.fonts import font_set
from zerofactory_mappings.publishing.numbers import percent, shown

if TYPE_CHECKING:
    from zerofactory_mappings.disclosures.completeness import Completeness

_MAX_PROBLEMS = 40


def document(model: GhgModel, completeness: Completeness, language: str, issued: date) -> Document:
    """The report of *model* in *language* (zh, en), issued on *issued*, with the JSON of the inventory in it."""
    page = _Page(model, completeness, Said(language))
    said, subject = page.said, model.subject
    notices = [said("ghgp.notice.self")]
    if not completeness.complete:
        notices.append(said("ghgp.notice.incomplete"))
    return Document(
        kind=said("ghgp.kind"), title=said("ghgp.title", name=said.text(subject.name)), subtitle=said("ghgp.subtitle"),
        facts=page.front(), notices=notices, sections=page.sections(), language=language, issued=issued,
        json=canonical_bytes(as_json(model, completeness)), json_name="ghg-protocol-inventory.json")


class _Page:
    """The sections of one inventory in one language."""

    def __init__(self, model: GhgModel, completeness: Completeness, said: Said) -> None:
        self.model, self.completeness, self.said = model, completeness, said
        self.fonts = font_set().css

    def sections(self) -> list[Section]:
        """All sections that the inventory needs, in their order."""
        made: list[tuple[str, list[Block]]] = [
            ("boundary", self.boundary()), ("totals", self.totals()), ("approaches", self.approaches()),
            ("gases", self.gases()), ("scope2", self.scope2()), ("instruments", self.instruments()),
            ("hourly", self.hourly()), ("scope3", self.scope3()), ("outside", self.outside()),
            ("statement", self.statement()), ("methods", self.methods()), ("completeness", [Items(self.completeness)]),
            ("open", self.open())]
        return [Section(name, self.said(f"ghgp.section.{name}"), tuple(blocks)) for name, blocks in made if blocks]

    def front(self) -> list[tuple[str, str]]:
        """What stands under the title."""
        said, model = self.said, self.model
        return [(said("ghgp.fact.period"), self._period()), (said("ghgp.fact.approach"), self._approach()),
                (said("ghgp.scope.1"), self.tonnes(model.scope_1)),
                (said("ghgp.scope.2_location"), self.tonnes(model.scope_2.location)),
                (said("ghgp.scope.2_market"), self.tonnes(model.scope_2.market)),
                (said("ghgp.scope.3"), self._scope3_total())]

    def _period(self) -> str:
        subject = self.model.subject
        return self.said("ghgp.period", start=subject.start.isoformat(), end=subject.end.isoformat())

    def _approach(self) -> str:
        code = self.model.consolidated.approach
        if code is None:
            stated = self.model.subject.members[0].dossier.boundary.get("approach")
            code = str(stated).replace(" ", "_") if stated else "not_stated"
        return self.said(f"ghgp.approach.{code}")

    # -- figures ------------------------------------------------------------------------------------------------------

    def figure(self, amount: Amount | None) -> str:
        """A figure by the display rule, or the word for unknown."""
        if amount is None:
            return "—"
        return self.said("ghgp.unknown") if isinstance(amount, Unknown) else shown(amount)

    def total(self, total: Total) -> str:
        """A total, or what is known of one that is not."""
        if isinstance(total.value, Unknown):
            return self.said("ghgp.known-part", known=shown(total.known))
        return shown(total.value)

    def tonnes(self, total: Total) -> str:
        """As :meth:`total`, with its unit."""
        return f"{self.total(total)} tCO2e"

    def pair(self, pair: Both) -> tuple[str, str]:
        """Both results."""
        return self.total(pair.location), self.total(pair.market)

    def _scope3_total(self) -> str:
        if not self.model.scope_3.lines:
            return self.said("ghgp.nothing-stated")
        return self.tonnes(self.model.scope_3)

    # -- sections -----------------------------------------------------------------------------------------------------

    def boundary(self) -> list[Block]:
        """Approach and facilities with what each brings in."""
        said, rows = self.said, []
        for held in self.model.consolidated.held:
            holding, facility = held.member.holding, held.member.dossier.facility
            rows.append((said.text(facility.get("name")), held.dossier_id,
                         said(f"ghgp.relationship.{holding.relationship}") if holding is not None else "—",
                         percent(holding.interest) if holding is not None else "—",
                         percent(held.share) if held.share is not None else "—"))
        head = [said(f"ghgp.head.{n}") for n in ("what", "facility", "relationship", "interest", "share")]
        blocks: list[Block] = [
            Facts(said("ghgp.fact.boundary"), [(said("ghgp.fact.period"), self._period()),
                                               (said("ghgp.fact.approach"), self._approach())]),
            Grid(said("ghgp.grid.facilities"), head, rows, numeric=(3, 4))]
        if any(h.share == 0 for h in self.model.consolidated.held):
            blocks.append(Note("info", said("ghgp.not-consolidated")))
        return blocks

    def totals(self) -> list[Block]:
        """Scopes and source types, both ways, with a chart."""
        said, model, language = self.said, self.model, self.said.language
        head = [said("ghgp.head.what"), said("ghgp.head.tco2e_location"), said("ghgp.head.tco2e_market")]
        one = self.total(model.scope_1)
        rows = [(said("ghgp.scope.1"), one, one), (said("ghgp.scope.2"), *self.pair(model.scope_2)),
                (said("ghgp.scope.1_2"), *self.pair(model.scopes_1_2))]
        three = self.total(model.scope_3) if model.scope_3.lines else said("ghgp.nothing-stated")
        rows.append((said("ghgp.scope.3-sum"), three, three))
        sources = [(classification().sources[code].title[language], *self.pair(pair))
                   for code, pair in model.sources.items()]
        return [Picture(said("ghgp.chart.totals"), self._scopes_chart(),
                        Grid(said("ghgp.grid.totals"), head, rows, numeric=(1, 2), totals=(2,)),
                        said("ghgp.no-offsets")),
                Grid(said("ghgp.grid.sources"), head, sources, numeric=(1, 2))]

    def _scopes_chart(self) -> str:
        said, model = self.said, self.model
        bars = []
        for name, two in (("location", model.scope_2.location), ("market", model.scope_2.market)):
            parts = (("1", model.scope_1, charts.NAVY), ("2", two, charts.TEAL), ("3", model.scope_3, charts.SAND))
            segments = tuple(charts.Segment(said(f"ghgp.scope.{n}"), max(t.known, Decimal(0)), self.total(t), fill)
                             for n, t, fill in parts if t.lines)
            bars.append(charts.Bar(said(f"ghgp.basis.{name}"), segments))
        return charts.stacked("scopes", said("ghgp.chart.totals"), bars, self.fonts)

    def approaches(self) -> list[Block]:
        """The three approaches side by side."""
        said, rows = self.said, []
        if not self.model.approaches:
            return []
        for found in self.model.approaches:
            used = said("ghgp.used") if found.name == self.model.consolidated.approach else ""
            rows.append((said(f"ghgp.approach.{found.name}") + used, self.total(found.scope_1),
                         *self.pair(found.scope_2),
                         self.total(found.scope_3) if found.scope_3.lines else said("ghgp.nothing-stated")))
        head = [said("ghgp.head.approach"), *(said(f"ghgp.scope.{n}") for n in ("1", "2_location", "2_market", "3"))]
        shares = [(said(f"ghgp.approach.{a.name}"), *(percent(s) if s is not None else "—" for s in a.shares.values()))
                  for a in self.model.approaches]
        names = [said.text(m.dossier.facility.get("name")) or m.dossier.id for m in self.model.subject.members]
        return [Grid(said("ghgp.grid.approaches"), head, rows, numeric=(1, 2, 3, 4)),
                Grid(said("ghgp.grid.shares"), [said("ghgp.head.approach"), *names], shares,
                     numeric=tuple(range(1, len(names) + 1)))]

    def gases(self) -> list[Block]:
        """The seven gases of scopes 1 and 2."""
        said = self.said
        head = [said("ghgp.head.gas"), said("ghgp.head.tonnes"), said("ghgp.scope.1"), said("ghgp.scope.2_location"),
                said("ghgp.scope.2_market")]
        rows = [(said(f"ghgp.gas.{g.gas}"), self.figure(g.tonnes), self.figure(g.scope_1), self.figure(g.scope_2),
                 self.figure(g.scope_2_market)) for g in self.model.gases]
        species = [(gas, self.figure(value)) for g in self.model.gases for gas, value in g.species.items()
                   if g.gas in ("HFC", "PFC")]
        blocks: list[Block] = [Grid(said("ghgp.grid.gases"), head, rows, numeric=(1, 2, 3, 4),
                                    note=said("ghgp.gases-note"))]
        if species:
            blocks.append(Grid(said("ghgp.grid.species"), [said("ghgp.head.gas"), said("ghgp.head.tonnes")], species,
                               numeric=(1,)))
        return blocks

    def scope2(self) -> list[Block]:
        """The order of factors as applied."""
        said, titles, model = self.said, steps(), self.model
        rows = [(titles[s.id][said.language], self.figure(s.mwh) if s.rows else "0", self.figure(s.tco2e)
                 if s.rows else "0", ", ".join(s.factors)) for s in model.steps]
        head = [said(f"ghgp.head.{n}") for n in ("step", "MWh", "tco2e_market", "factors")]
        bars = [(titles[s.id][said.language], s.mwh, f"{shown(s.mwh)} MWh") for s in model.steps
                if isinstance(s.mwh, Decimal) and s.mwh > 0]
        grid = Grid(said("ghgp.grid.order"), head, rows, numeric=(1, 2), note=said("ghgp.one-claim"))
        blocks: list[Block] = [Picture(said("ghgp.chart.order"), charts.ranked("order", said("ghgp.chart.order"), bars,
                                                                              self.fonts), grid) if bars else grid]
        if any(s.id == "other_average" and s.rows for s in model.steps):
            blocks.append(Note("warning", said("ghgp.average-disclosed")))
        return blocks

    def instruments(self) -> list[Block]:
        """Instruments that answer alike, together; then certificates that came with traded power."""
        said = self.said
        if not self.model.instruments:
            return [Paragraph(said("ghgp.no-instruments"))]
        head = [said("ghgp.head.instrument"), said("ghgp.head.MWh"), said("ghgp.head.signed_on"),
                said("ghgp.head.legacy"), said("ghgp.head.counts"), *(str(c.number) for c in criteria())]
        rows = [(_label(group, said), self.figure(add(i.MWh for i in group.rows)),
                 group.first.signed_on.isoformat() if group.first.signed_on is not None else "—",
                 said(f"ghgp.answer.{group.first.legacy}"), said(f"ghgp.answer.{group.first.counts}"),
                 *(said(f"ghgp.mark.{group.first.answers[c.number]}") for c in criteria()))
                for group in _alike(self.model.instruments)]
        keys = said("ghgp.and").join(f"{c.number} {c.title[said.language]}" for c in criteria())
        blocks: list[Block] = [Grid(said("ghgp.grid.instruments"), head, rows, numeric=(1,), note=said(
            "ghgp.criteria-note", criteria=keys))]
        if self.model.bundled:
            amount = add(b.MWh for b in self.model.bundled)
            blocks.append(Note("info", said("ghgp.bundled", count=len(self.model.bundled), MWh=self.figure(amount))))
        blocks.append(Note("info", said("ghgp.legacy-open")))
        return blocks

    def hourly(self) -> list[Block]:
        """Annual and hourly view of the matching, from the same hours."""
        said, rows = self.said, []
        for view in self.model.hourly:
            found = view.match
            rows.append((view.dossier_id, view.market or "—", f"{view.hours} / {view.expected}", shown(found.load),
                         shown(found.instruments), shown(found.not_deliverable),
                         _percent(found.annual), _percent(view.score) if view.complete else
                         said("ghgp.hours-given-only", share=_percent(found.hourly))))
        if not rows:
            return [Paragraph(said("ghgp.no-hourly"))]
        head = [said(f"ghgp.head.{n}") for n in ("facility", "market", "hours", "load", "deliverable",
                                                 "not_deliverable",
                                                "annual", "hourly")]
        return [Grid(said("ghgp.grid.hourly"), head, rows, numeric=(2, 3, 4, 5, 6, 7), note=said("ghgp.hourly-note"))]

    def scope3(self) -> list[Block]:
        """The fifteen categories."""
        said, rows, bars = self.said, [], []
        for row in self.model.categories:
            title = f"{row.category.number} {row.category.title[said.language]}"
            figure = self.total(row.total) if row.total is not None else said(f"ghgp.key.{row.key}")
            share = _percent(row.supplier_share) if isinstance(row.supplier_share, Decimal) else "—"
            methods = said("ghgp.and").join(said.label("method", m) for m in row.methods)
            told = said("ghgp.and").join(t for t in (said.text(row.reason), said.text(row.where)) if t)
            rows.append((title, figure, self.figure(row.biogenic) if row.total is not None else "—", share,
                         methods or told or "—"))
            if row.total is not None and row.total.known > 0:
                bars.append((title, row.total.known, self.total(row.total)))
        head = [said(f"ghgp.head.{n}") for n in ("category", "tco2e", "biogenic", "supplier_share", "method_or_reason")]
        grid = Grid(said("ghgp.grid.categories"), head, rows, numeric=(1, 2, 3), note=said("ghgp.no-silent-zero"))
        ordered = sorted(bars, key=lambda bar: -bar[1])
        blocks: list[Block] = [Picture(said("ghgp.chart.categories"), charts.ranked(
            "categories", said("ghgp.chart.categories"), ordered, self.fonts), grid) if bars else grid]
        if self.model.uncategorised is not None:
            blocks.append(Note("info", said("ghgp.uncategorised", figure=self.tonnes(self.model.uncategorised))))
        return blocks

    def outside(self) -> list[Block]:
        """Biogenic CO2, gases outside the seven, exported energy, and credits: beside every total."""
        said, language = self.said, self.said.language
        rows = [(classification().outside[why][language], *self.pair(pair)) for why, pair in self.model.outside.items()]
        rows += [(said("ghgp.biogenic-of", scope=said(f"ghgp.scope.{scope}")), self.figure(value), "")
                 for scope, value in self.model.biogenic_by_scope.items()]
        head = [said("ghgp.head.what"), said("ghgp.head.tco2e_location"), said("ghgp.head.tco2e_market")]
        blocks: list[Block] = [Grid(said("ghgp.grid.outside"), head, rows, numeric=(1, 2))]
        if self.model.other_gases:
            blocks.append(Grid(said("ghgp.grid.other_gases"), [said("ghgp.head.gas"), said("ghgp.head.tonnes")],
                               [(gas, self.figure(value)) for gas, value in self.model.other_gases.items()],
                               numeric=(1,)))
        if self.model.offsets:
            rows_of_credits = [(dossier, f"credits/{o.row}", o.programme or "—", o.kind or "—", self.figure(o.quantity),
                                o.retired_on.isoformat() if o.retired_on is not None else "—")
                               for dossier, o in self.model.offsets]
            head = [said(f"ghgp.head.{n}") for n in ("facility", "row", "programme", "kind", "credits", "retired_on")]
            blocks.append(Grid(said("ghgp.grid.credits"), head, rows_of_credits, numeric=(4,),
                               note=said("ghgp.credits-apart")))
        return blocks

    def statement(self) -> list[Block]:
        """What the reporter says beside the figures: base year, changes, exclusions, assurance."""
        said, stated = self.said, self.model.subject.statement
        rows = []
        for name in ("base_year/year", "base_year/reason", "base_year/policy", "base_year/threshold_percent",
                     "scope_2/basis", "verification/verified", "verification/assurance", "verification/body"):
            value = stated.get(name)
            rows.append((said(f"ghgp.stated.{name.replace('/', '-')}"), self._say(value)))
        blocks: list[Block] = [Facts(said("ghgp.grid.statement"), rows)]
        changes = stated.get("changes") or ()
        excluded = stated.get("excluded") or ()
        if changes:
            blocks.append(Grid(said("ghgp.grid.changes"), [said(f"ghgp.head.{n}") for n in ("what", "reason", "date")],
                               [(self._say(c.get("what")), self._say(c.get("reason")), self._say(c.get("on")))
                                for c in changes]))
        if excluded:
            head = [said(f"ghgp.head.{n}") for n in ("what", "reason", "tco2e")]
            blocks.append(Grid(said("ghgp.grid.excluded"), head,
                               [(self._say(e.get("source") or e.get("category")), self._say(e.get("reason")),
                                 self._say(e.get("estimate_tCO2e"))) for e in excluded], numeric=(2,)))
        return blocks

    def _say(self, value: Any) -> str:
        if value is None or value == "":
            return self.said("ghgp.not-stated")
        if isinstance(value, bool):
            return self.said(f"ghgp.answer.{'yes' if value else 'no'}")
        if isinstance(value, Decimal):
            return shown(value)
        return self.said.text(value) if isinstance(value, (Mapping, str)) else str(value)

    def methods(self) -> list[Block]:
        """Factor sets and warming potentials of every facility."""
        said = self.said
        seen: dict[tuple[str, str, str], list[str]] = {}
        for held in self.model.consolidated.held:
            for role, pin in held.member.inventory.pins.items():
                seen.setdefault((role, pin.id, pin.version), []).append(held.dossier_id)
        rows = [(role, set_id, version) for role, set_id, version in sorted(seen)]
        entries = dict.fromkeys(e for line in self.model.consolidated.lines for e in line.entries)
        factors = [(e.id, self._say(e.confidence)) for e in entries]
        return [Paragraph(said("ghgp.method")),
                Grid(said("ghgp.grid.sets"), [said(f"ghgp.head.{n}") for n in ("role", "set", "version")], rows),
                Grid(said("ghgp.grid.factors"), [said("ghgp.head.factors"), said("ghgp.head.confidence")], factors)]

    def open(self) -> list[Block]:
        """Why figures are not known, and what a reader has to know."""
        said, model = self.said, self.model
        blocks: list[Block] = []
        for name, total in (("1", model.scope_1), ("2_location", model.scope_2.location),
                            ("2_market", model.scope_2.market), ("3", model.scope_3)):
            if isinstance(total.value, Unknown):
                blocks.append(Note("warning", said("ghgp.open", what=said(f"ghgp.scope.{name}"),
                                                   why=reason_text(total.value, said))))
        problems = [*model.problems, *(p for m in model.subject.members for p in m.inventory.problems)]
        told = list(dict.fromkeys(render_problem(p, said.language) for p in problems))
        if told:
            blocks.append(Grid(said("ghgp.grid.problems"), [said("ghgp.head.what")],
                               [(t,) for t in told[:_MAX_PROBLEMS]]))
        return blocks


@dataclass(frozen=True)
class _Alike:
    rows: tuple[InstrumentRow, ...]

    @property
    def first(self) -> InstrumentRow:
        return self.rows[0]


def _alike(found: Sequence[InstrumentRow]) -> list[_Alike]:
    """Instruments of one facility, kind, contract and technology that have the same answers, together."""
    groups: dict[tuple[object, ...], list[InstrumentRow]] = {}
    for row in found:
        key = (row.dossier_id, row.kind, row.contract, row.technology, row.market, row.signed_on, row.counts,
               tuple(sorted(row.answers.items())))
        groups.setdefault(key, []).append(row)
    return [_Alike(tuple(rows)) for rows in groups.values()]


def _label(group: _Alike, said: Said) -> str:
    row, rows = group.first, group.rows
    where = row.row if len(rows) == 1 else said("ghgp.rows", first=row.row, last=rows[-1].row, count=len(rows))
    parts = [said.label("kind", row.kind), said.name(row.technology), row.contract or "", row.market or "", where]
    return " · ".join(p for p in parts if p)


def _percent(value: Decimal | None) -> str:
    return "—" if value is None else percent(CONTEXT.plus(value))
