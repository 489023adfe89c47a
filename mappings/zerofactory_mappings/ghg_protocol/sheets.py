"""The inventory as a workbook that can be followed and recalculated: every total is a formula over the calculation.

Totals of scopes, categories and gases are sums with conditions over the sheet of the calculation; in a group the share
of each facility stands on a sheet of its own, and the number of the approach there moves every total.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from zerofactory_engine.accounting.classification import classification
from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.reasons import Unknown
from zerofactory_mappings.ghg_protocol.base_year import FIGURES, UNIT
from zerofactory_mappings.ghg_protocol.calculation import Calculation, Conditions, first_row, number
from zerofactory_mappings.ghg_protocol.model import GASES, NOT_SPLIT, CategoryRow, GhgModel
from zerofactory_mappings.ghg_protocol.sheets_group import by_approach, share_cells, shares
from zerofactory_mappings.ghg_protocol.tables import criteria, steps
from zerofactory_mappings.ghg_protocol.words import Said
from zerofactory_mappings.publishing.workbook import Cell, Formula, Sheet

if TYPE_CHECKING:
    from zerofactory_mappings.disclosures.completeness import Completeness

#: Scopes 1 and 2.
DIRECT: Conditions = (("scope", '">=1"'), ("scope", '"<=2"'))
_SCOPE_ROWS = ("1", "2", "1_2", "3")
#: Figure of the base year → row of the summary's scopes and column of its result.
_AT: Mapping[str, tuple[int, str]] = {
    "scope_1": (0, "B"), "scope_2_location": (1, "B"), "scope_2_market": (1, "C"), "scope_3": (3, "B"),
    "scopes_1_2_location": (2, "B"), "scopes_1_2_market": (2, "C")}
_MAX_TEXT = 2000
_HUNDRED = Decimal(100)


def sheets(model: GhgModel, completeness: Completeness, language: str) -> Sequence[Sheet]:
    """The workbook in *language* (zh, en)."""
    said = Said(language)
    group = bool(model.approaches)
    book = Calculation(model, said, share_cells(model, said) if group else ())
    first = summary(model, book, said)
    out = [first]
    if group:
        out += [shares(model, said), by_approach(model, book, said)]
    out += [_categories(model, book, said), _gases(model, book, said), _order(model, said), _instruments(model, said)]
    out += [_hourly(model, said)] if model.hourly else []
    out += [_credits(model, said)] if model.offsets else []
    out += [_base_year(model, book, first, said)] if model.base_year.stated or model.base_year.earlier else []
    return [*out, book.sheet(), _methods(model, said), _completeness(completeness, said)]


def heads(said: Said, *names: str) -> list[str]:
    """Heads of columns."""
    return [said(f"ghgp.head.{n}") for n in names]


def _sum_head(said: Said, *front: str) -> list[str]:
    return heads(said, *front, "tco2e_location", "tco2e_market", "unknown_location", "unknown_market")


# -- sums -------------------------------------------------------------------------------------------------------------


def summary(model: GhgModel, book: Calculation, said: Said) -> Sheet:
    """Scopes, scopes 1 and 2 together, scope 3, and what stands outside."""
    rows: list[list[Cell]] = []
    for name in _SCOPE_ROWS:
        sums = book.sums(DIRECT, "direct") if name == "1_2" else book.sums([("scope", name)], "scope", int(name))
        rows.append([said(f"ghgp.scope.{name}"), *sums])
    for why, title in classification().outside.items():
        rows.append([said("ghgp.outside-of", what=title[said.language]),
                     *book.sums([("outside", f'"{why}"')], "outside", why)])
    notes = (said("ghgp.sheet.sum-note"), said("ghgp.no-offsets"))
    return Sheet(said("ghgp.sheet.summary"), _sum_head(said, "what"), rows, said("ghgp.sheet.summary-title"),
                 (46, 18, 18, 16, 16), notes, plain=True, totals=(_SCOPE_ROWS.index("1_2"),))


def _categories(model: GhgModel, book: Calculation, said: Said) -> Sheet:
    """The fifteen categories; one without lines has its notation key in place of figures, never a zero."""
    rows: list[list[Cell]] = []
    for row in model.categories:
        at = row.category.number
        figures: list[Cell] = [None] * 4
        if row.total is not None:
            figures = book.sums([("category", str(at)), ("scope", "3")], "category", at)
        told = said("ghgp.and").join(t for t in (said.text(row.reason), said.text(row.where)) if t)
        rows.append([at, row.category.title[said.language], said(f"ghgp.key.{row.key}"), *figures,
                     amount_cell(row.biogenic, said) if row.total is not None else None, _share(row),
                     said("ghgp.and").join(said.label("method", m) for m in row.methods), told])
    head = [*_sum_head(said, "category", "what", "state"),
            *heads(said, "biogenic", "supplier_share", "method", "reason")]
    return Sheet(said("ghgp.sheet.categories"), head, rows, said("ghgp.sheet.categories-title"),
                 (10, 38, 18, 18, 18, 14, 14, 14, 16, 30, 60), (said("ghgp.sheet.sum-note"),), plain=True)


def _gases(model: GhgModel, book: Calculation, said: Said) -> Sheet:
    """The seven gases of scopes 1 and 2 in tonnes and tCO2e."""
    names = [*GASES, *([NOT_SPLIT] if any(g.gas == NOT_SPLIT for g in model.gases) else [])]
    rows: list[list[Cell]] = []
    for gas in names:
        given = [("group", f'"{gas}"'), *DIRECT]
        rows.append([said(f"ghgp.gas.{gas}"), book.mass(given, "gas", gas), *book.sums(given, "gas", gas)])
    return Sheet(said("ghgp.sheet.gases"), _sum_head(said, "gas", "tonnes"), rows, said("ghgp.sheet.gases-title"),
                 (30, 18, 18, 18, 16, 16), (said("ghgp.sheet.sum-note"),), plain=True)


def _base_year(model: GhgModel, book: Calculation, totals: Sheet, said: Said) -> Sheet:
    """Figures of the base year and of earlier years beside this period, and the change as a formula."""
    told: list[tuple[int, str, Decimal | Unknown, str, str]] = [
        (s.year, s.figure, s.value, s.unit, said("ghgp.origin.stated")) for s in model.base_year.stated]
    told += [(e.year, name, e.totals[name].value, UNIT, said("ghgp.origin.computed"))
             for e in model.base_year.earlier for name in FIGURES if e.totals[name].lines]
    first = first_row(0)
    rows: list[list[Cell]] = []
    for at, (year, figure, value, unit, origin) in enumerate(told, first):
        now = _now(figure, unit, model, book, totals, said)
        rows.append([str(year), said.figure(figure), amount_cell(value, said), unit, origin, now,
                     _change(at, now, value)])
    head = heads(said, "year", "figure", "then", "unit", "origin", "now", "change_percent")
    return Sheet(said("ghgp.sheet.base_year"), head, rows, said("ghgp.sheet.base_year-title"),
                 (10, 36, 18, 12, 22, 18, 18), plain=True)


def _now(figure: str, unit: str, model: GhgModel, book: Calculation, totals: Sheet, said: Said) -> Cell:
    """The cell of the summary that says the same of this period; the word for unknown, nothing where none does."""
    if figure not in FIGURES or unit != UNIT:
        return None
    now = model.consolidated.total(*FIGURES[figure])
    if isinstance(now.value, Unknown):
        return said("ghgp.unknown")
    row, col = _AT[figure]
    return Formula(f"='{totals.name}'!{col}{totals.first_row + row}", now.value) if now.lines else None


def _change(at: int, now: Cell, then: Decimal | Unknown) -> Cell:
    """How much this period differs, in per cent of the earlier figure."""
    if not isinstance(now, Formula) or not isinstance(now.value, Decimal) or isinstance(then, Unknown) or not then:
        return None
    change = CONTEXT.divide(CONTEXT.subtract(now.value, then), then.copy_abs())
    return Formula(f"=(F{at}-C{at})/ABS(C{at})*100", CONTEXT.multiply(change, _HUNDRED))


# -- what is no sum ---------------------------------------------------------------------------------------------------


def _order(model: GhgModel, said: Said) -> Sheet:
    """The market-based order as applied."""
    titles = steps()
    rows: list[list[Cell]] = [
        [titles[s.id][said.language], amount_cell(s.mwh, said), amount_cell(s.tco2e, said), ", ".join(s.factors),
         ", ".join(s.rows)[:_MAX_TEXT]] for s in model.steps]
    return Sheet(said("ghgp.sheet.order"), heads(said, "step", "MWh", "tco2e_market", "factors", "rows"), rows,
                 said("ghgp.sheet.order-title"), (40, 16, 18, 46, 70), (said("ghgp.one-claim"),), plain=True)


def _instruments(model: GhgModel, said: Said) -> Sheet:
    """Instruments with their answers, then certificates that came with traded power."""
    head = heads(said, "facility", "row", "kind", "MWh", "technology", "market", "contract", "signed_on", "legacy",
                 "counts")
    head += [f"{c.number}. {c.title[said.language]}" for c in criteria()]
    rows: list[list[Cell]] = []
    for row in model.instruments:
        answers = [said(f"ghgp.answer.{row.answers[c.number]}") for c in criteria()]
        rows.append([row.dossier_id, row.row, said.label("kind", row.kind), amount_cell(row.MWh, said),
                     said.name(row.technology), row.market or "", row.contract or "", row.signed_on,
                     said(f"ghgp.answer.{row.legacy}"), said(f"ghgp.answer.{row.counts}"), *answers])
    rows += [[b.dossier_id, b.row, said.label("kind", "bundled"), amount_cell(b.MWh, said), "", "", b.contract or "",
              None, "", said("ghgp.counted-with-contract")] for b in model.bundled]
    return Sheet(said("ghgp.sheet.instruments"), head, rows, said("ghgp.sheet.instruments-title"),
                 (20, 20, 18, 12, 14, 10, 18, 12, 12, 14, *[16] * 8), (said("ghgp.legacy-open"),))


def _hourly(model: GhgModel, said: Said) -> Sheet:
    """Annual and hourly view; a score is a formula over the sums of the hours."""
    first = first_row(1)
    rows: list[list[Cell]] = []
    for at, view in enumerate(model.hourly, first):
        found = view.match
        score: Cell = said("ghgp.unknown") if view.score is None else Formula(f"=H{at}/D{at}", view.score)
        annual: Cell = None if found.annual is None else Formula(f"=MIN(D{at},E{at})/D{at}", found.annual)
        rows.append([view.dossier_id, view.market or "", f"{view.hours} / {view.expected}", number(found.load),
                     number(found.instruments), number(found.not_deliverable), annual, number(found.matched_hourly),
                     score, ", ".join(view.instruments)[:_MAX_TEXT], ", ".join(view.left_out)[:_MAX_TEXT]])
    head = heads(said, "facility", "market", "hours", "load", "deliverable", "not_deliverable", "annual", "matched",
                 "hourly", "took_part", "left_out")
    return Sheet(said("ghgp.sheet.hourly"), head, rows, said("ghgp.sheet.hourly-title"),
                 (22, 10, 14, 14, 14, 14, 12, 16, 12, 40, 40), (said("ghgp.hourly-note"),), plain=True)


def _credits(model: GhgModel, said: Said) -> Sheet:
    rows: list[list[Cell]] = [
        [dossier, f"credits/{o.row}", o.programme or "", said.credit(o.kind), amount_cell(o.quantity, said),
         o.retired_on] for dossier, o in model.offsets]
    head = heads(said, "facility", "row", "programme", "kind", "credits", "retired_on")
    title = said("ghgp.sheet.credits")
    return Sheet(title, head, rows, title, (24, 22, 20, 16, 18, 14), (said("ghgp.credits-apart"),))


def _methods(model: GhgModel, said: Said) -> Sheet:
    """Factor sets of every role, then the entries that lines rest on."""
    pins = dict.fromkeys((role, pin.id, pin.version) for held in model.consolidated.held
                         for role, pin in held.member.inventory.pins.items())
    rows: list[list[Cell]] = [[said.role(role), set_id, version, ""] for role, set_id, version in sorted(pins)]
    entries = dict.fromkeys(e for line in model.consolidated.lines for e in line.entries)
    rows += [[said("ghgp.head.factors"), e.id, "", said.confidence(e.confidence)] for e in entries]
    return Sheet(said("ghgp.sheet.methods"), heads(said, "role", "set", "version", "confidence"), rows,
                 said("ghgp.section.methods"), (28, 56, 12, 20), (said("ghgp.method"),))


def _completeness(found: Completeness, said: Said) -> Sheet:
    """What a report has to hold, and what is missing of it."""
    rows: list[list[Cell]] = [
        [r.item.id, r.item.clause, said(f"disclosure.kind.{r.item.kind}"), r.item.title[said.language],
         said(f"disclosure.key.{r.key}"), ", ".join(said.label("section", w) for w in r.where),
         said("ghgp.and").join(m.text(said.language) for m in (*r.missing, *([r.note] if r.note else [])))]
        for r in found.results]
    return Sheet(said("ghgp.sheet.completeness"),
                 heads(said, "item", "clause", "kind", "what", "state", "where", "missing"), rows,
                 said("ghgp.sheet.completeness"), (18, 22, 14, 44, 18, 40, 70))


# -- helpers ----------------------------------------------------------------------------------------------------------


def amount_cell(value: Decimal | Unknown, said: Said) -> Cell:
    """A figure, or the word for unknown."""
    return said("ghgp.unknown") if isinstance(value, Unknown) else number(value)


def _share(row: CategoryRow) -> Cell:
    return number(row.supplier_share) if isinstance(row.supplier_share, Decimal) else None
