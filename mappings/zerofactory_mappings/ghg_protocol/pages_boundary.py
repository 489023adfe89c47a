"""Sections about whom the inventory is of: boundary, approaches of a group, base year, and what the reporter states."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from zerofactory_mappings.disclosures.page import Block, Facts, Grid, Note, Paragraph
from zerofactory_mappings.ghg_protocol.base_year import FIGURES, UNIT, BaseYear, change
from zerofactory_mappings.ghg_protocol.model import Approach, Part
from zerofactory_mappings.ghg_protocol.view import DASH, View
from zerofactory_mappings.publishing.numbers import percent, shown, signed

_SCOPES = ("1", "2_location", "2_market", "3")


def boundary(view: View) -> list[Block]:
    """Approach and facilities with what each brings in, what is left out, and changes of the period."""
    said, held = view.said, view.model.consolidated.held
    facts = [(said("ghgp.fact.period"), view.period()), (said("ghgp.fact.approach"), view.approach())]
    facts += [(said(f"ghgp.fact.{name}"), view.say(view.stated(name)))
              for name in ("organisation_boundary", "reporting_boundary") if view.stated(name)]
    rows = []
    for one in held:
        holding, name = one.member.holding, said.text(one.member.dossier.facility.get("name"))
        about = [DASH, DASH, DASH] if holding is None else [
            said(f"ghgp.relationship.{holding.relationship}"), percent(holding.interest), view.share(one.share)]
        rows.append([name, one.dossier_id, *(about if view.model.grouped else ())])
    head = view.head("name", "facility", *(("relationship", "interest", "share") if view.model.grouped else ()))
    blocks: list[Block] = [Facts(said("ghgp.fact.boundary"), facts),
                           Grid(said("ghgp.grid.facilities"), head, rows, numeric=(3, 4) if view.model.grouped else ())]
    if any(h.share == 0 for h in held):
        blocks.append(Note("info", said("ghgp.not-consolidated")))
    return [*blocks, *_exclusions(view), *_changes(view)]


def _exclusions(view: View) -> list[Block]:
    """What is left out, by the statement and by each dossier's boundary; that nothing is, when somebody says so."""
    said = view.said
    rows = [(DASH, _subject(entry, view), view.say(entry.get("reason")), view.figure(entry.get("estimate_tCO2e")))
            for entry in view.stated("excluded") or ()]
    known = view.stated("excluded") is not None
    for held in view.model.consolidated.held:
        stated = held.member.dossier.boundary.get("exclusions")
        known = known or stated is not None
        rows += [(held.dossier_id, view.say(e.get("what")), view.say(e.get("reason")),
                  view.figure(e.get("estimate_tCO2e"))) for e in stated or ()]
    if rows:
        return [Grid(said("ghgp.grid.excluded"), view.head("facility", "what", "reason", "tco2e"), rows, numeric=(3,))]
    return [Paragraph(said("ghgp.nothing-excluded" if known else "ghgp.exclusions-not-stated"))]


def _subject(entry: Mapping[str, Any], view: View) -> str:
    """The category or source type that an entry is about, by its name where it has one."""
    return view.said.source(str(entry["source"])) if entry.get("source") else str(entry.get("category") or DASH)


def _changes(view: View) -> list[Block]:
    """Changes of boundary, methods or factors; that there are none, when somebody says so."""
    said = view.said
    rows = [(DASH, view.say(c.get("what")), _step(c, view), view.say(c.get("reason")), view.say(c.get("on")))
            for c in view.stated("changes") or ()]
    known = view.stated("changes") is not None
    for held in view.model.consolidated.held:
        stated = held.member.dossier.boundary.get("changes")
        known = known or stated is not None
        rows += [(held.dossier_id, view.say(c.get("what") or c.get("kind")), view.figure(c.get("effect_tCO2e")), DASH,
                  view.say(c.get("on"))) for c in stated or ()]
    if rows:
        return [Grid(said("ghgp.grid.changes"), view.head("facility", "what", "before_after", "reason", "date"), rows)]
    return [Paragraph(said("ghgp.nothing-changed" if known else "ghgp.changes-not-stated"))]


def _step(entry: Mapping[str, Any], view: View) -> str:
    """What was before and what is after."""
    return " → ".join(view.say(entry[k]) for k in ("before", "after") if entry.get(k)) or DASH


# -- a group ----------------------------------------------------------------------------------------------------------


def approaches(view: View) -> list[Block]:
    """The three approaches side by side: of the group, then what each facility brings in."""
    said, found = view.said, view.model.approaches
    if not found:
        return []
    used = view.model.consolidated.approach
    names = [said(f"ghgp.approach.{a.name}") + (said("ghgp.used") if a.name == used else "") for a in found]
    facilities = [said.text(m.dossier.facility.get("name")) or m.dossier.id for m in view.model.subject.members]
    rows = [(said("ghgp.group-total"), said(f"ghgp.scope.{scope}"), *(_of(a, scope, view) for a in found))
            for scope in _SCOPES]
    totals = tuple(range(len(rows)))
    for at, facility in enumerate(facilities):
        rows += [(facility, said(f"ghgp.scope.{scope}"),
                  *(DASH if a.parts[at].share == 0 else _of(a.parts[at], scope, view) for a in found))
                 for scope in _SCOPES]
    shares = [(facility, *(view.share(a.parts[at].share) for a in found)) for at, facility in enumerate(facilities)]
    return [Grid(said("ghgp.grid.shares"), [said("ghgp.head.facility"), *names], shares, numeric=(1, 2, 3)),
            Grid(said("ghgp.grid.approaches"), [*view.head("facility", "scope_title"), *names], rows,
                 numeric=(2, 3, 4), totals=totals, note=said("ghgp.not-taken-in"), widths=(26, 20, 18, 18, 18))]


def _of(found: Approach | Part, scope: str, view: View) -> str:
    if scope == "1":
        return view.total(found.scope_1)
    if scope == "3":
        return view.stated_total(found.scope_3)
    return view.total(found.scope_2.location if scope == "2_location" else found.scope_2.market)


# -- base year --------------------------------------------------------------------------------------------------------


def base_year(view: View) -> list[Block]:
    """The base year, figures as reported and as computed from dossiers, each with the change since."""
    said, base = view.said, view.model.base_year
    facts = [(said("ghgp.stated.year"), DASH if base.year is None else str(base.year)),
             (said("ghgp.stated.reason"), view.say(base.reason)), (said("ghgp.stated.policy"), view.say(base.policy)),
             (said("ghgp.stated.threshold"), view.say(base.threshold)),
             (said("ghgp.stated.comparability"), view.say(base.comparability))]
    blocks: list[Block] = [Facts(said("ghgp.section.base_year"), facts)]
    if base.conflict:
        blocks.append(Note("warning", said("ghgp.base-conflict")))
    if base.stated:
        rows = [(str(s.year), said.figure(s.figure), shown(s.value), s.unit, _changed(s.change)) for s in base.stated]
        blocks.append(Grid(said("ghgp.grid.reported"), view.head("year", "figure", "then", "unit", "change"), rows,
                           numeric=(2, 4)))
    blocks += _computed(view, base)
    if not base.has_figures:
        blocks.append(Note("warning", said("ghgp.no-base-figures")))
    if base.recalculations:
        runs = [(view.say(r.get("on")), view.say(r.get("what") or r.get("cause")), view.say(r.get("reason")),
                 view.figure(r.get("effect_tCO2e"))) for r in base.recalculations]
        blocks.append(Grid(said("ghgp.grid.recalculations"), view.head("date", "what", "reason", "effect"), runs,
                           numeric=(3,)))
    elif base.recalculations is not None:
        blocks.append(Paragraph(said("ghgp.no-recalculations")))
    return blocks


def _computed(view: View, base: BaseYear) -> list[Block]:
    """Dossiers of earlier years under today's shares, beside this period."""
    if not base.earlier:
        return []
    said, found, rows = view.said, view.model.consolidated, []
    for name, key in FIGURES.items():
        now = found.total(*key)
        row = [said.figure(name)]
        for year in base.earlier:
            then = year.totals[name]
            comparable = isinstance(then.value, Decimal) and not year.missing
            row += [view.stated_total(then), _changed(change(now, then.known) if comparable else None)]
        rows.append((*row, view.stated_total(now)))
    head = [f"{said('ghgp.head.figure')} ({UNIT})"]
    for year in base.earlier:
        head += [str(year.year), said("ghgp.head.change")]
    blocks: list[Block] = [Grid(said("ghgp.grid.earlier"), [*head, said("ghgp.head.now")], rows,
                                numeric=tuple(range(1, len(head) + 1)), note=said("ghgp.earlier-note"))]
    for year in base.earlier:
        for which in ("missing", "left_out"):
            names = getattr(year, which)
            if names:
                blocks.append(Note("warning", said(f"ghgp.earlier-{which}", year=year.year, names=", ".join(names))))
    return blocks


def _changed(share: Decimal | None) -> str:
    return DASH if share is None else f"{signed(share * 100, 3)} %"


# -- what the reporter states -----------------------------------------------------------------------------------------


def statement(view: View) -> list[Block]:
    """Who reports, for whom, how the inventory was assured, and indicators."""
    said = view.said
    rows = [(said(f"ghgp.stated.{name}"), view.say(view.stated(path))) for name, path in (
        ("number", "report/number"), ("intended_use", "report/intended_use"), ("frequency", "report/frequency"),
        ("responsible", "responsible/name"), ("role", "responsible/role"), ("contact", "responsible/contact"))
        if view.stated(path)]
    rows += [(said("ghgp.stated.verified"), view.say(view.stated("verification/verified"))),
             (said("ghgp.stated.assurance"), said.label("assurance", view.stated("verification/assurance"))
              or said("ghgp.not-stated")),
             (said("ghgp.stated.body"), view.say(view.stated("verification/body")))]
    blocks: list[Block] = [Facts(said("ghgp.grid.statement"), rows)]
    indicators = view.stated("indicators") or ()
    if indicators:
        blocks.append(Grid(said("ghgp.grid.indicators"), view.head("what", "value", "unit"),
                           [(view.say(i.get("name")), view.say(i.get("value")), view.say(i.get("unit")))
                            for i in indicators], numeric=(1,)))
    return blocks
