"""What misstatements do to the totals: computed anew with the corrected cell, taken from a line, or as stated.

Every effect is reported less corrected, in tCO2e: positive is an overstatement. Nothing is concluded where no corrected
figure is stated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, localcontext

from zerofactory_engine.decimals import CONTEXT, plain
from zerofactory_engine.dossier import structure
from zerofactory_engine.problems import Place, Problem, ProblemsError, Severity
from zerofactory_engine.typed_readers import nearest
from zerofactory_mappings.verification import tables
from zerofactory_mappings.verification.materiality import TOTAL, Threshold, holding, is_material
from zerofactory_mappings.verification.model import Aggregate, Effect, Misstatement
from zerofactory_mappings.verification.part import Part
from zerofactory_mappings.verification.statement import Statement, planned

ZERO = Decimal(0)
CELL, LINE, CATEGORY = "cell", "line", "category"
Cell = tuple[str, str, str, str]
Totals = Mapping[str, "Decimal | None"]


def misstatements(statement: Statement, root: Part, found: Sequence[Threshold]) -> tuple[Misstatement, ...]:
    """Those of the log with their effects, then sampled lines whose verified figure differs and that no entry names.

    Raises:
        ProblemsError: a line, cell or kind that there is not, a cell's text that cannot be read, one thing corrected
            twice; all of them.
    """
    problems: list[Problem] = []
    made: list[Misstatement] = []
    for part in root.each("misstatements"):
        entry = _logged(statement, part, problems)
        try:
            made.append(replace(entry, effects=_effects(statement, entry, part, found)))
        except ProblemsError as error:
            problems += [_moved(p, part.place_of("corrected")) for p in error.problems]
    made += _from_items(statement, root, {m.target for m in made if m.way == LINE}, found, problems)
    problems += _twice(made)
    if any(p.severity is Severity.ERROR for p in problems):
        raise ProblemsError(problems)
    return tuple(made)


def _moved(problem: Problem, place: Place) -> Problem:
    return Problem(problem.code, place, problem.severity, problem.found, problem.accepted, problem.example,
                   problem.args)


def _logged(statement: Statement, part: Part, problems: list[Problem]) -> Misstatement:
    ways = [way for way in (CELL, LINE, CATEGORY) if part.has(way)]
    if CATEGORY in ways and len(ways) > 1:
        ways.remove(CATEGORY)                           # the category of a line or cell, said again
    figures = [name for name in ("corrected_tCO2e", "effect_tCO2e") if part.has(name)]
    if len(ways) > 1 or len(figures) > 1:
        problems.append(Problem("verification.two-ways", part.place, found=", ".join([*ways, *figures])))
    if (kind := part.text("kind")) is not None and kind not in tables.words("misstatement_kind"):
        problems.append(Problem("verification.kind-unknown", part.place_of("kind"), found=kind,
                                accepted=", ".join(tables.words("misstatement_kind"))))
    way = ways[0] if ways else CATEGORY if part.has("effect_tCO2e") else ""
    target, reported, corrected = part.text(way) or "" if way else "", None, None
    if way == LINE:
        reported, corrected = _line(statement, part, target, problems)
    elif way == CELL:
        reported, corrected = _cell(statement, part, target, problems)
    return Misstatement(part.text("id") or "", part.text("description") or "", kind, way, target, reported, corrected,
                        part.text("state") != "corrected", part.flag("intentional"), part.flag("pervasive"),
                        place=part.place)


def _line(statement: Statement, part: Part, target: str, problems: list[Problem]) -> tuple[str | None, str | None]:
    line = statement.by_id.get(target)
    if line is None:
        problems.append(Problem("verification.line-unknown", part.place_of(LINE), found=target,
                                accepted=nearest(target, list(statement.by_id))))
    corrected = part.number("corrected_tCO2e")
    emissions = planned(line.emissions) if line is not None else None
    return None if emissions is None else plain(emissions), None if corrected is None else plain(corrected)


def _cell(statement: Statement, part: Part, target: str, problems: list[Problem]) -> tuple[str | None, str | None]:
    cell = split(target)
    row = statement.dossier.row(cell[0], cell[1]) if cell is not None else None
    if cell is None or row is None or cell[2] not in structure.tables()[cell[0]].columns:
        problems.append(Problem("verification.cell-unknown", part.place_of(CELL), found=target,
                                example="electricity/E1.MWh"))
        return None, None
    stated, value = row.stated.get(cell[2]), row.get(cell[2])
    if stated is not None:
        return f"{stated.text} {stated.unit or ''}".strip(), part.text("corrected")
    return None if value is None else plain(value) if isinstance(value, Decimal) else str(value), part.text("corrected")


def split(cell: str) -> tuple[str, str, str] | None:
    """``electricity/E1.MWh`` as table, row and column; None when it is not written so."""
    table, sign, rest = cell.partition("/")
    row, dot, column = rest.rpartition(".")
    return (table, row, column) if sign and dot and row and table in structure.tables() else None


def _cell_of(entry: Misstatement) -> Cell | None:
    parts = split(entry.target)
    return (*parts, entry.corrected) if parts is not None and entry.corrected is not None else None


# --- effects of one ---------------------------------------------------------------------------------------------------

def _effects(statement: Statement, entry: Misstatement, part: Part, found: Sequence[Threshold]) -> tuple[Effect, ...]:
    if entry.way == CELL:
        cell = _cell_of(entry)
        if cell is None or statement.dossier.row(cell[0], cell[1]) is None or (
                cell[2] not in structure.tables()[cell[0]].columns):
            return ()
        return tuple(of_totals(statement.totals, statement.corrected([cell]), found))
    if entry.way == LINE:
        line, corrected = statement.by_id.get(entry.target), part.number("corrected_tCO2e")
        stated = part.number("effect_tCO2e")
        if line is not None and corrected is None and stated is not None:
            return _stated(statement, line.category, stated, found)
        if line is None or corrected is None:
            return ()
        effect = None if line.emissions is None else CONTEXT.subtract(line.emissions, corrected)
        if line.emissions is not None and corrected == planned(line.emissions):
            effect = ZERO
        return _stated(statement, line.category, effect, found)
    effect = part.number("effect_tCO2e")
    return () if effect is None else _stated(statement, entry.target or None, effect, found)


def _stated(statement: Statement, category: str | None, effect: Decimal | None, found: Sequence[Threshold]
            ) -> tuple[Effect, ...]:
    groups = [TOTAL, *([f"category/{category}"] if category else [])]
    return tuple(_effect(of, statement.totals.get(of, ZERO), effect, found) for of in groups)


def of_totals(before: Totals, after: Totals, found: Sequence[Threshold]) -> Iterator[Effect]:
    """Effects of a change of totals: on the total, then on every category that changes or is not known."""
    for of in (TOTAL, *sorted({*before, *after} - {TOTAL})):
        one, other = before.get(of, ZERO), after.get(of, ZERO)
        effect = None if one is None or other is None else CONTEXT.subtract(one, other)
        if of == TOTAL or effect is None or effect:
            yield _effect(of, one, effect, found)


def _effect(of: str, reported: Decimal | None, effect: Decimal | None, found: Sequence[Threshold]) -> Effect:
    share = CONTEXT.divide(abs(effect), abs(reported)) if effect is not None and reported else None
    return Effect(of, reported, effect, share, _judged(of, effect, found))


def _judged(of: str, effect: Decimal | None, found: Sequence[Threshold]) -> bool | None:
    """Material to the total, or to a category that has a threshold of its own."""
    if of != TOTAL and not any(t.of == of for t in found):
        return None
    return is_material(effect, holding(found, of))


# --- lines ------------------------------------------------------------------------------------------------------------

def _from_items(statement: Statement, root: Part, logged: set[str], found: Sequence[Threshold],
                problems: list[Problem]) -> Iterator[Misstatement]:
    """Lines whose verified figure is not the reported one."""
    for part in root.each("items"):
        ident, verified = part.text("line") or "", part.number("verified_tCO2e")
        line = statement.by_id.get(ident)
        if line is None:
            problems.append(Problem("verification.line-unknown", part.place_of("line"), found=ident,
                                    accepted=nearest(ident, list(statement.by_id))))
            continue
        if verified is None or ident in logged or verified == planned(line.emissions):
            continue
        effect = None if line.emissions is None else CONTEXT.subtract(line.emissions, verified)
        reported = planned(line.emissions)
        yield Misstatement(ident, part.text("note") or "", None, LINE, ident,
                           None if reported is None else plain(reported), plain(verified), True, None, None, False,
                           _stated(statement, line.category, effect, found), part.place)


def _twice(made: Sequence[Misstatement]) -> Iterator[Problem]:
    """Open entries that correct the same line or cell, or a line and a cell of the row that it is computed from."""
    seen: dict[str, Misstatement] = {}
    rows: dict[str, Misstatement] = {}
    for each in made:
        if not each.open or each.way not in (CELL, LINE):
            continue
        if each.target in seen:
            yield _again(each, seen[each.target])
        seen.setdefault(each.target, each)
        row = _row(each)
        if row in rows and rows[row].way != each.way:
            yield _again(each, rows[row])
        rows.setdefault(row, each)


def _row(entry: Misstatement) -> str:
    """``electricity/E1`` of a cell or a line."""
    if entry.way == CELL:
        return entry.target.rpartition(".")[0]
    return "/".join(entry.target.split("/")[:2])


def _again(entry: Misstatement, before: Misstatement) -> Problem:
    return Problem("verification.corrected-twice", entry.place, found=f"{entry.id}: {entry.target}",
                   accepted=f"{before.id}: {before.target}")


# --- all together -----------------------------------------------------------------------------------------------------

def aggregates(statement: Statement, made: Sequence[Misstatement], found: Sequence[Threshold]) -> tuple[Aggregate, ...]:
    """All open misstatements together, on the total first, then on every category of the statement."""
    open_ones = [m for m in made if m.open]
    cells = [c for m in open_ones if m.way == CELL and m.effects and (c := _cell_of(m)) is not None]
    joint = dict(_joint(statement, cells)) if len(cells) > 1 else None
    groups = dict.fromkeys([*statement.totals, *sorted(e.of for m in open_ones for e in m.effects)])
    return tuple(_aggregate(of, statement, open_ones, joint, found) for of in groups)


def _joint(statement: Statement, cells: Sequence[Cell]) -> Iterator[tuple[str, Decimal | None]]:
    after = statement.corrected(cells)
    for of in {*statement.totals, *after}:
        one, other = statement.totals.get(of, ZERO), after.get(of, ZERO)
        yield of, None if one is None or other is None else CONTEXT.subtract(one, other)


def _aggregate(of: str, statement: Statement, made: Sequence[Misstatement], joint: Mapping[str, Decimal | None] | None,
               found: Sequence[Threshold]) -> Aggregate:
    over = under = by_cells = ZERO
    unknown = 0
    with localcontext(CONTEXT):
        for each in made:
            effects = [e.effect for e in each.effects if e.of == of]
            if not each.effects or None in effects:
                unknown += 1
                continue
            effect = sum((e for e in effects if e is not None), ZERO)
            over, under = over + max(effect, ZERO), under + min(effect, ZERO)
            by_cells += effect if each.way == CELL else ZERO
        summed = over + under
        together = by_cells if joint is None else joint.get(of, ZERO)
        interaction = None if together is None else together - by_cells
        net = None if interaction is None or unknown else summed + interaction
    reported = statement.totals.get(of, ZERO)
    share = CONTEXT.divide(abs(net), abs(reported)) if net is not None and reported else None
    gross = None if unknown else CONTEXT.subtract(over, under)
    return Aggregate(of, reported, over, under, net, interaction, holding(found, of), share, _judged(of, net, found),
                     _judged(of, gross, found), unknown)
