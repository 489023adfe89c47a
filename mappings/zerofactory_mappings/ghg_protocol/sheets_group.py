"""The sheets of a group: the share of each facility under each approach, and what each brings in under all three."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from zerofactory_engine.decimals import CONTEXT
from zerofactory_mappings.ghg_protocol.calculation import Calculation, Tally, first_row, number
from zerofactory_mappings.ghg_protocol.consolidation import APPROACHES
from zerofactory_mappings.ghg_protocol.model import GhgModel
from zerofactory_mappings.ghg_protocol.words import Said
from zerofactory_mappings.publishing.workbook import Cell, Formula, Sheet

#: Columns of the sheet of shares: one for each approach, then the one in use.
_SHARES, _IN_USE = ("G", "H", "I"), "J"
#: Columns of the results: for each approach and for the one in use the tCO2e and the count of what is not known.
_RESULTS = (("E", "F"), ("G", "H"), ("I", "J"), ("K", "L"))
_FIGURES = (("1", 1, "location"), ("2_location", 2, "location"), ("2_market", 2, "market"), ("3", 3, "location"))


def _notes(said: Said) -> tuple[str]:
    names = said("ghgp.and").join(f"{n} {said(f'ghgp.approach.{name}')}" for n, name in enumerate(APPROACHES, 1))
    return (said("ghgp.sheet.shares-note", names=names),)


def _first() -> int:
    """Row of the number of the approach; facilities stand below it."""
    return first_row(1)


def share_cells(model: GhgModel, said: Said) -> Sequence[str]:
    """The cell with the share in use of every facility."""
    name, first = said("ghgp.sheet.shares"), _first()
    return [f"'{name}'!${_IN_USE}${first + 1 + n}" for n in range(len(model.consolidated.held))]


def shares(model: GhgModel, said: Said) -> Sheet:
    """Holdings and shares; the number of the approach in use moves every total of the workbook."""
    first = _first()
    chosen = APPROACHES.index(model.consolidated.approach or APPROACHES[0])
    rows: list[list[Cell]] = [[said("ghgp.approach-number"), *[None] * 8, chosen + 1]]
    for at, held in enumerate(model.consolidated.held):
        holding, row = held.member.holding, first + 1 + at
        own = [a.parts[at].share for a in model.approaches]
        about: list[Cell] = [None] * 4
        if holding is not None:
            about = [said(f"ghgp.relationship.{holding.relationship}"), number(holding.interest),
                     said(f"ghgp.answer.{'yes' if holding.operated else 'no'}"),
                     said(f"ghgp.answer.{'yes' if holding.controlled else 'no'}")]
        cells = ",".join(f"{col}{row}" for col in _SHARES)
        rows.append([held.dossier_id, said.text(held.member.dossier.facility.get("name")), *about,
                     *(number(s) for s in own), Formula(f"=CHOOSE(${_IN_USE}${first},{cells})", own[chosen])])
    head = [said(f"ghgp.head.{n}") for n in ("facility", "name", "relationship", "interest", "operated", "controlled")]
    head += [*(said(f"ghgp.approach.{name}") for name in APPROACHES), said("ghgp.head.in_use")]
    return Sheet(said("ghgp.sheet.shares"), head, rows, said("ghgp.sheet.shares-title"),
                 (30, 30, 18, 12, 16, 18, 14, 16, 18, 14), _notes(said), plain=True)


def by_approach(model: GhgModel, book: Calculation, said: Said) -> Sheet:
    """Whole × share of every facility under each approach and under the one in use, and their sums."""
    notes = (said("ghgp.sheet.by_approach-note"), said("ghgp.sheet.sum-note"))
    first = first_row(len(notes))
    chosen = APPROACHES.index(model.consolidated.approach or APPROACHES[0])
    rows: list[list[Cell]] = []
    last = first + len(model.consolidated.held) * len(_FIGURES) - 1
    sums = {figure: [Tally() for _ in _RESULTS] for figure, _, _ in _FIGURES}
    for at, held in enumerate(model.consolidated.held):
        own = [*(a.parts[at].share for a in model.approaches)]
        own.append(own[chosen])
        for figure, scope, basis in _FIGURES:
            row = first + len(rows)
            results = _results(row, at, own, book.tally("whole", at, scope), basis, sums[figure], said)
            rows.append([held.dossier_id, said(f"ghgp.scope.{figure}"), *book.whole(at, scope, basis), *results])
    for figure, _, _ in _FIGURES:
        total: list[Cell] = []
        for (result, unknown), tally in zip(_RESULTS, sums[figure], strict=True):
            given = f"$B${first}:$B${last},$B{first + len(rows)}"
            total += [Formula(f"=SUMIFS({result}${first}:{result}${last},{given})", tally.values[0]),
                      Formula(f"=SUMIFS({unknown}${first}:{unknown}${last},{given})", Decimal(tally.unknown[0]))]
        rows.append([said("ghgp.group-total"), said(f"ghgp.scope.{figure}"), None, None, *total])
    head = [said(f"ghgp.head.{n}") for n in ("facility", "what", "tco2e_whole", "unknown_whole")]
    for name in (*(f"ghgp.approach.{a}" for a in APPROACHES), "ghgp.head.in_use"):
        head += [f"{said(name)} (tCO2e)", said("ghgp.head.unknown_count")]
    return Sheet(said("ghgp.sheet.by_approach"), head, rows, said("ghgp.sheet.by_approach-title"),
                 (26, 24, 18, 16, *[20, 12] * 4), notes, plain=True,
                 totals=range(len(rows) - len(_FIGURES), len(rows)))


def _results(row: int, member: int, own: Sequence[Decimal], whole: Tally, basis: str, sums: Sequence[Tally], said: Said
             ) -> list[Cell]:
    """tCO2e and count of what is not known under each approach, added to *sums* as well."""
    at = 0 if basis == "location" else 1
    value, unknown = whole.values[at], whole.unknown[at]
    name, line = said("ghgp.sheet.shares"), _first() + 1 + member
    out: list[Cell] = []
    for col, share, tally in zip((*_SHARES, _IN_USE), own, sums, strict=True):
        cell = f"'{name}'!${col}${line}"
        taken, open_ = CONTEXT.multiply(value, share), unknown if share else 0
        tally.values[0] = CONTEXT.add(tally.values[0], taken)
        tally.unknown[0] += open_
        out += [Formula(f"=C{row}*{cell}", taken), Formula(f"=IF({cell}=0,0,D{row})", Decimal(open_))]
    return out
