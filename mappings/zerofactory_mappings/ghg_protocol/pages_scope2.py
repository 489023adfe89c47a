"""Sections of scope 2: the order of factors as applied, instruments with their criteria, matching by the hour."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from zerofactory_engine.accounting.terms import add
from zerofactory_mappings.disclosures.page import Block, Grid, Note, Paragraph, Picture
from zerofactory_mappings.ghg_protocol.model import InstrumentRow
from zerofactory_mappings.ghg_protocol.tables import criteria, steps
from zerofactory_mappings.ghg_protocol.view import DASH, MAX_ROWS, View
from zerofactory_mappings.ghg_protocol.words import Said
from zerofactory_mappings.publishing import charts
from zerofactory_mappings.publishing.numbers import shown


def order(view: View) -> list[Block]:
    """The order of factors as applied."""
    said, titles, model = view.said, steps(), view.model
    rows = [(titles[s.id][said.language], view.figure(s.mwh), view.figure(s.tco2e), ", ".join(s.factors) or DASH)
            for s in model.steps]
    bars = [(titles[s.id][said.language], s.mwh, f"{shown(s.mwh)} MWh") for s in model.steps
            if isinstance(s.mwh, Decimal) and s.mwh > 0]
    grid = Grid(said("ghgp.grid.order"), view.head("step", "MWh", "tco2e_market", "factors"), rows, numeric=(1, 2),
                note=said("ghgp.one-claim"))
    blocks: list[Block] = [Picture(said("ghgp.chart.order"), charts.ranked(
        "order", said("ghgp.chart.order"), bars, view.fonts), grid) if bars else grid]
    if any(s.id == "other_average" and s.rows for s in model.steps):
        blocks.append(Note("warning", said("ghgp.average-disclosed")))
    return blocks


# -- instruments ------------------------------------------------------------------------------------------------------


def instruments(view: View) -> list[Block]:
    """Instruments that answer alike, together; then certificates that came with traded power."""
    said, model = view.said, view.model
    if not model.instruments:
        return [Paragraph(said("ghgp.no-instruments"))]
    groups = _alike(model.instruments)
    rows = [(_label(group, said), view.figure(add(i.MWh for i in group)),
             group[0].signed_on.isoformat() if group[0].signed_on is not None else DASH,
             said(f"ghgp.answer.{group[0].legacy}"), said(f"ghgp.answer.{group[0].counts}"),
             *(said(f"ghgp.mark.{group[0].answers[c.number]}") for c in criteria())) for group in groups[:MAX_ROWS]]
    head = [*view.head("instrument", "MWh", "signed_on", "legacy", "counts"), *(str(c.number) for c in criteria())]
    keys = said("ghgp.and").join(f"{c.number} {c.title[said.language]}" for c in criteria())
    blocks: list[Block] = [Grid(said("ghgp.grid.instruments"), head, rows, numeric=(1,),
                                note=said("ghgp.criteria-note", criteria=keys))]
    if len(groups) > MAX_ROWS:
        blocks.append(Note("info", said("ghgp.more-rows", shown=MAX_ROWS, count=len(groups),
                                        sheet=said("ghgp.sheet.instruments"))))
    if model.bundled:
        amount = add(b.MWh for b in model.bundled)
        blocks.append(Note("info", said("ghgp.bundled", count=len(model.bundled), MWh=view.figure(amount))))
    return [*blocks, Note("info", said("ghgp.legacy-open"))]


def _alike(found: Sequence[InstrumentRow]) -> list[list[InstrumentRow]]:
    """Instruments of one facility, kind, contract and technology that have the same answers, together."""
    groups: dict[tuple[object, ...], list[InstrumentRow]] = {}
    for row in found:
        key = (row.dossier_id, row.kind, row.contract, row.technology, row.market, row.signed_on, row.counts,
               tuple(sorted(row.answers.items())))
        groups.setdefault(key, []).append(row)
    return list(groups.values())


def _label(rows: Sequence[InstrumentRow], said: Said) -> str:
    row = rows[0]
    where = row.row if len(rows) == 1 else said("ghgp.rows", first=row.row, last=rows[-1].row, count=len(rows))
    parts = [said.label("kind", row.kind), said.name(row.technology), row.contract or "", row.market or "", where]
    return " · ".join(p for p in parts if p)


# -- hours ------------------------------------------------------------------------------------------------------------


def hourly(view: View) -> list[Block]:
    """Annual and hourly view of the matching, from the same hours."""
    said, rows = view.said, []
    if not view.model.hourly:
        return [Paragraph(said("ghgp.no-hourly"))]
    notes = []
    for each in view.model.hourly:
        found = each.match
        score = view.share(each.score) if each.complete else said("ghgp.hours-given-only",
                                                                  share=view.share(found.hourly))
        rows.append((each.dossier_id, each.market or DASH, f"{each.hours} / {each.expected}", shown(found.load),
                     shown(found.instruments), shown(found.not_deliverable), view.share(found.annual), score))
        if each.left_out:
            notes.append(Note("info", said("ghgp.hourly-left-out", dossier=each.dossier_id, rows=", ".join(
                each.left_out[:MAX_ROWS]))))
    head = view.head("facility", "market", "hours", "load", "deliverable", "not_deliverable", "annual", "hourly")
    return [Grid(said("ghgp.grid.hourly"), head, rows, numeric=(2, 3, 4, 5, 6, 7), note=said("ghgp.hourly-note")),
            *notes]
