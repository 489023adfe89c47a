"""Decide what becomes of every line: rows of a dossier, or the reason why not. No figure is counted twice.

A form and a ledger of the same carrier and year state the same consumption: the ledger is used where it has every month
that the form covers, because its rows are finer; otherwise the form. Of several cumulative forms the last one is used.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Context, Decimal

from zerofactory_engine.decimals import CONTEXT, DOSSIER_DIGITS, plain, significant_digits
from zerofactory_engine.dossier.codes import code_list
from zerofactory_engine.messages import render
from zerofactory_engine.problems import Place, Problem, ProblemsError, Severity
from zerofactory_engine.units import unit
from zerofactory_mappings.sources.cn_energy_tables import vocabulary
from zerofactory_mappings.sources.cn_energy_tables.check import ZERO, consumption_of
from zerofactory_mappings.sources.cn_energy_tables.read import Line, Sheet
from zerofactory_mappings.sources.cn_energy_tables.vocabulary import ELECTRICITY, HEAT, MIXED, TOTAL
from zerofactory_mappings.sources.report import Entry, Key, State
from zerofactory_mappings.sources.sheets.account import AMOUNTS, Fate, Ledger, collection_of, row_path
from zerofactory_mappings.sources.sheets.grid import Grid, GridCell
from zerofactory_mappings.sources.sheets.headers import RowKind
from zerofactory_mappings.sources.sheets.text import Span, normal
from zerofactory_mappings.sources.sheets.write import derived, evidence
from zerofactory_mappings.sources.yaml_rows import Cell

DOCUMENT = "D1"
_DOSSIER = Context(prec=DOSSIER_DIGITS, rounding=CONTEXT.rounding)
#: Columns without which a line cannot be used when they cannot be read.
_NEEDED = ("consumption", "industrial", "non_industrial", "feedstock", "transport", "month", *vocabulary.MONTHS)
#: Columns whose values stand in a dossier; the other known ones are checked and kept.
_STATED = frozenset({"name", "unit", "year", "month", "item", "consumption", "industrial", "non_industrial",
                     "feedstock", "transport", *vocabulary.MONTHS})
_FUEL_DIMENSIONS = frozenset(unit(u).dimension for u in ("t", "m3", "Nm3", "GJ"))
_STATES: Mapping[Fate, State] = {Fate.USED: State.USED, Fate.REFUSED: State.REFUSED}


@dataclass(slots=True)
class Plan:
    """The dossier of one year: rows by table, and the days that they cover."""

    year: int
    tables: dict[str, list[Mapping[str, Cell]]] = field(default_factory=dict)
    span: Span | None = None
    form: bool = False

    @property
    def name(self) -> str:
        """``cn-energy-2025``."""
        return f"cn-energy-{self.year}"


@dataclass(frozen=True, slots=True)
class Decision:
    """Dossiers to write, the account of all rows, what columns became of, and what has to be said."""

    plans: tuple[Plan, ...]
    ledger: Ledger
    keys: tuple[Key, ...]
    problems: tuple[Problem, ...]


def decide(grids: Sequence[Grid], sheets: Sequence[Sheet], file: str, year: int | None) -> Decision:
    """What becomes of every row of *grids*, of which *sheets* are those that were recognised.

    Raises:
        ProblemsError: no sheet is a form of the family, or a form states no period and no year was given.
    """
    decider = _Decider(file, year)
    decider.run(grids, sheets)
    return Decision(tuple(p for _, p in sorted(decider.plans.items()) if p.tables), decider.ledger,
                    tuple(_keys(sheets, decider.ledger)), tuple(decider.problems))


@dataclass(frozen=True, slots=True)
class _Verdict:
    fate: Fate
    reason: str = ""
    args: Mapping[str, str] = field(default_factory=dict)


class _Decider:
    def __init__(self, file: str, year: int | None) -> None:
        self.file, self.year = file, year
        self.ledger = Ledger()
        self.plans: dict[int, Plan] = {}
        self.problems: list[Problem] = []
        self.needed: dict[int, frozenset[int]] = {}

    def note(self, code: str, place: Place, severity: Severity = Severity.NOTE, found: str | None = None,
             **args: str) -> None:
        self.problems.append(Problem(code, place, severity, found=found, args=args))

    def run(self, grids: Sequence[Grid], sheets: Sequence[Sheet]) -> None:
        for grid in grids:
            self.ledger.open(grid)
        if not sheets:
            raise ProblemsError([Problem("cn-energy.no-form", Place(file=self.file), accepted=", ".join(
                f.title for f in vocabulary.forms() if f.read))])
        self._periods(sheets)
        for grid in grids:
            if not any(s.grid is grid for s in sheets):
                self.note("cn-energy.sheet-not-understood", grid.place(self.file), Severity.WARNING)
        better = _preferences(sheets)
        for sheet in sheets:
            self._sheet(sheet, better)
        self.ledger.close()

    def _periods(self, sheets: Sequence[Sheet]) -> None:
        missing = [s for s in sheets if s.shape is not None and s.lines and all(
            of.period is None for of in s.lines) and s.period is None]
        if missing:
            raise ProblemsError([Problem("cn-energy.no-period", s.grid.place(self.file), example="--year 2025")
                                 for s in missing])
        for sheet in sheets:
            if sheet.assumed and any(of.period is not None for of in sheet.lines):
                self.note("cn-energy.period-from-option", sheet.grid.place(self.file), found=str(self.year))

    # --- sheets ---------------------------------------------------------------------------------------------------

    def _sheet(self, sheet: Sheet, better: Mapping[tuple[int, int], str]) -> None:
        place = sheet.grid.place(self.file)
        if sheet.table is None or sheet.shape is None:
            if not sheet.form.read:
                self.note("cn-energy.form-kept", place, Severity.WARNING, found=sheet.form.id)
                self.ledger.whole(sheet.grid, Fate.KEPT, f"cn-energy.kept-{sheet.form.id.casefold()}")
            else:
                self.note("sheets.no-table", place, Severity.WARNING)
            return
        self.ledger.layout(sheet.grid, sheet.table)
        self.needed[sheet.grid.index] = frozenset(c.index for n, c in sheet.table.columns.items() if n in _NEEDED)
        for code, cells in (("sheets.unknown-column", sheet.table.unknown), ("sheets.column-twice", sheet.table.twice)):
            for cell in cells:
                if cell.text:
                    self.note(code, sheet.grid.place(self.file, cell), Severity.WARNING, found=cell.text[:80])
        if sheet.shape == "form":
            self.note("cn-energy.per-entity", place)
            if sheet.period is not None and not sheet.assumed:
                self.note("cn-energy.cumulative", place, found=f"{sheet.period[0]} – {sheet.period[1]}")
        for number in sheet.others:
            self.ledger.row(sheet.grid, number, Fate.KEPT, "cn-energy.other-item")
        verdicts: dict[int, list[tuple[_Verdict, str | None]]] = {}
        seen: dict[tuple[str, Span], Line] = {}
        for index, line in enumerate(sheet.lines):
            self._troubles(line)
            verdict = self._verdict(line, better.get((id(sheet), index), ""), seen)
            target = self._use(line) if verdict.fate is Fate.USED else None
            self._amount(line, verdict, target)
            verdicts.setdefault(line.row, []).append((verdict, target))
        for number, found in verdicts.items():
            self._row(sheet.grid, number, found)
        for code in dict.fromkeys(_remarks(sheet.lines, verdicts)):
            self.note(code, place)

    def _row(self, grid: Grid, number: int, found: Sequence[tuple[_Verdict, str | None]]) -> None:
        """One fate for a row of several lines: used when any is, and then it says that others are not."""
        used = [(v, t) for v, t in found if v.fate is Fate.USED]
        targets = ", ".join(t for _, t in used if t)
        worst = next((v for v, _ in found if v.fate is Fate.REFUSED), None)
        if used:
            reason = used[0][0].reason if worst is None else "cn-energy.row-partly"
            self.ledger.row(grid, number, Fate.USED, reason, target=targets)
        else:
            verdict = worst or found[0][0]
            self.ledger.row(grid, number, verdict.fate, verdict.reason, verdict.args)

    def _troubles(self, line: Line) -> None:
        for cell, trouble in line.troubles:
            self.note(trouble.code, line.grid.place(self.file, cell), Severity.WARNING, found=trouble.found or None)

    # --- lines ----------------------------------------------------------------------------------------------------

    def _verdict(self, line: Line, covered: str, seen: dict[tuple[str, Span], Line]) -> _Verdict:
        early = self._unreadable(line)
        if early is not None:
            return early
        assert line.carrier is not None
        used, period = consumption_of(line), line.period
        if used is None:
            return _Verdict(Fate.KEPT, "cn-energy.no-consumption")
        if period is None:
            return _Verdict(Fate.REFUSED, "cn-energy.no-month")
        if self.year is not None and period[0].year != self.year:
            return _Verdict(Fate.KEPT, "import.outside-period")
        if covered:
            return _Verdict(Fate.KEPT, covered)
        wrong = self._unit(line) or _amounts(line, used)
        if wrong is not None:
            return wrong
        first = seen.setdefault((line.carrier, period), line)
        if first is not line:
            self.note("cn-energy.same-twice", line.grid.place(self.file, row=line.row), Severity.WARNING,
                      found=line.name, first=row_path(first.grid, first.row))
            return _Verdict(Fate.REFUSED, "cn-energy.same-twice", {"first": row_path(first.grid, first.row)})
        only = "consumption" not in line.figures and "non_industrial" not in line.figures
        return _Verdict(Fate.USED, "cn-energy.industrial-only" if only else "")

    def _unreadable(self, line: Line) -> _Verdict | None:
        place = line.grid.place(self.file, row=line.row)
        if line.carrier is None:
            if not line.name and not line.figures:
                return _Verdict(Fate.NOT_UNDERSTOOD, "sheets.row-not-understood")
            self.note("cn-energy.unknown-carrier", place, Severity.WARNING, found=line.name[:80] or None)
            return _Verdict(Fate.NOT_UNDERSTOOD, "cn-energy.unknown-carrier", {"found": line.name[:80]})
        if line.total or line.carrier == TOTAL:
            return _Verdict(Fate.KEPT, "cn-energy.subtotal")
        if normal(line.name).startswith(("其中", "ofwhich")):
            return _Verdict(Fate.KEPT, "cn-energy.of-which")
        if line.carrier == MIXED or line.unit in ("tce", "10ktce"):
            return _Verdict(Fate.KEPT, "cn-energy.standard-coal-only")
        for cell, trouble in line.troubles:
            if cell.column in self.needed.get(line.grid.index, frozenset()):
                return _Verdict(Fate.REFUSED, trouble.code, {"found": trouble.found})
        return None

    def _unit(self, line: Line) -> _Verdict | None:
        """Why the unit of a line does not do; None when it does."""
        assert line.carrier is not None
        own = {vocabulary.unit_of(u, line.carrier) for c, u in line.own_units.items() if c in _NEEDED}
        if line.unit is None:
            return _Verdict(Fate.REFUSED, "import.no-unit")
        if any(found is None or found[0] != line.unit for found in own):
            return _Verdict(Fate.REFUSED, "cn-energy.two-units")
        dimension = unit(line.unit).dimension
        if line.carrier == ELECTRICITY:
            fits = dimension == unit("MWh").dimension
        elif line.carrier in HEAT:
            fits = dimension == unit("GJ").dimension or (line.carrier != "heat" and dimension == unit("t").dimension)
        else:
            fits = dimension in _FUEL_DIMENSIONS
        return None if fits else _Verdict(Fate.REFUSED, "cn-energy.unit-not-of-carrier")

    # --- rows of a dossier ----------------------------------------------------------------------------------------

    def _use(self, line: Line) -> str:
        """Put the line into the dossier of its year; the target for the report."""
        assert line.period is not None
        assert line.carrier is not None
        plan = self.plans.setdefault(line.period[0].year, Plan(line.period[0].year))
        plan.span = line.period if plan.span is None else (min(plan.span[0], line.period[0]),
                                                           max(plan.span[1], line.period[1]))
        plan.form = plan.form or line.shape == "form"
        name = "electricity" if line.carrier == ELECTRICITY else "heat" if line.carrier in HEAT else "energy"
        rows = list(_rows(line, name))
        plan.tables.setdefault(name, []).extend(rows)
        return ", ".join(f"{plan.name}.yaml {name}/{row['id']}" for row in rows)

    def _amount(self, line: Line, verdict: _Verdict, target: str | None) -> None:
        used = consumption_of(line)
        if used is None:
            return
        series = line.name if line.carrier in (None, MIXED, TOTAL) else f"{line.carrier}{TOTAL if line.total else ''}"
        rounded = rounded_to_dossier(used)
        path = row_path(line.grid, line.row) + (f"/{line.period[0]:%m}" if line.period and line.shape == "wide" else "")
        self.ledger.amount(Entry(
            AMOUNTS, path, "", _STATES.get(verdict.fate, State.KEPT), verdict.reason, verdict.args, series, plain(used),
            line.unit_text or "?", plain(rounded) if rounded != used else None, target))


def rounded_to_dossier(value: Decimal) -> Decimal:
    """The amount as a dossier holds it: at most 15 significant digits, which drops the noise of a binary float."""
    return _DOSSIER.plus(value) if significant_digits(value) > DOSSIER_DIGITS else value


def _amounts(line: Line, used: Decimal) -> _Verdict | None:
    """Why the figures of a line cannot stand in a dossier; None when they can."""
    figures = line.figures
    parts = [figures.get("feedstock", ZERO), figures.get("transport", ZERO)]
    if used < 0 or any(p < 0 for p in parts):
        return _Verdict(Fate.REFUSED, "cn-energy.negative")
    if CONTEXT.add(*parts) > used:
        return _Verdict(Fate.REFUSED, "cn-energy.parts-exceed")
    return None


def row_id(line: Line) -> str:
    """Identifier of a row: sheet, row and month in the file, so that both can be laid side by side."""
    month = f"-{line.period[0]:%m}" if line.period is not None and line.shape == "wide" else ""
    return f"S{line.grid.index}-{line.row}{month}"


def _rows(line: Line, name: str) -> Iterator[Mapping[str, Cell]]:
    """Rows of table *name*: one, or the fuel with its parts for raw material and for vehicles beside it."""
    assert line.period is not None
    assert line.unit is not None
    assert line.carrier is not None
    whole = [line.cells[c] for c in (("consumption",) if "consumption" in line.cells else ("industrial",
                                                                                           "non_industrial"))
             if c in line.cells]
    used = consumption_of(line) or ZERO
    if name != "energy":
        medium = HEAT.get(line.carrier) if name == "heat" else None
        head: dict[str, Cell] = {"flow": "consumed"}
        if name == "heat":
            head |= ({"medium": medium} if medium else {}) | ({"source": "purchased"} if _bought(line) else {})
        yield _cells(line, row_id(line), head, used, whole)
        return
    feedstock, vehicles = line.figures.get("feedstock", ZERO), line.figures.get("transport", ZERO)
    rest = CONTEXT.subtract(CONTEXT.subtract(used, feedstock), vehicles)
    origin: dict[str, Cell] = {"origin": "purchased"} if _bought(line) else {}
    group = str(code_list("carriers").codes[line.carrier]["group"])
    use = "energy medium" if group == "medium" else "fuel"
    parts = [line.cells[c] for c in ("feedstock", "transport") if line.figures.get(c)]
    base: dict[str, Cell] = {"carrier": line.carrier, "direction": "consumed"}
    if rest or not parts:
        yield _cells(line, row_id(line), base | {"use": use} | origin, rest, [*whole, *parts])
    if feedstock:
        yield _cells(line, row_id(line) + "F", base | {"use": "feedstock"} | origin, feedstock,
                     [line.cells["feedstock"]])
    if vehicles:
        yield _cells(line, row_id(line) + "V", base | {"use": "fuel", "mobile": "yes"} | origin, vehicles,
                     [line.cells["transport"]])


def _bought(line: Line) -> bool:
    """Whether what was consumed was bought: the purchase and the opening stock together are no less."""
    used, bought = consumption_of(line), line.figures.get("purchase")
    if used is None or bought is None or bought <= 0:
        return False
    return CONTEXT.add(bought, line.figures.get("opening", line.figures.get("month_opening", ZERO))) >= used


def _cells(line: Line, identifier: str, head: Mapping[str, Cell], amount: Decimal, cells: Sequence[GridCell]
           ) -> Mapping[str, Cell]:
    assert line.period is not None
    assert line.unit is not None
    row: dict[str, Cell] = {"id": identifier, "from": str(line.period[0]), "to": str(line.period[1])}
    row |= head
    row |= {"amount": plain(rounded_to_dossier(amount)), "unit": line.unit}
    row["documents"] = (evidence if len(cells) == 1 else derived)(DOCUMENT, line.grid, *cells)
    industrial, other = line.figures.get("industrial"), line.figures.get("non_industrial")
    if industrial is not None and other is not None:
        row["note"] = render("cn-energy.note-split", "zh", {"industrial": plain(industrial), "other": plain(other),
                                                            "unit": line.unit_text})
    return row


def _remarks(lines: Sequence[Line], verdicts: Mapping[int, Sequence[tuple[_Verdict, str | None]]]) -> Iterator[str]:
    """What has to be said once of a sheet: what its rows leave open."""
    for line in lines:
        if not any(v.fate is Fate.USED for v, _ in verdicts.get(line.row, ())):
            continue
        if line.normal_m3:
            yield "cn-energy.normal-volume"
        if line.carrier == ELECTRICITY:
            yield "cn-energy.electricity-source"
        if line.figures.get("conversion"):
            yield "cn-energy.conversion"


def _preferences(sheets: Sequence[Sheet]) -> Mapping[tuple[int, int], str]:
    """(sheet, line) → why another line states the same consumption better."""
    out: dict[tuple[int, int], str] = {}
    lines = [(s, i, of) for s in sheets for i, of in enumerate(s.lines)
             if of.period is not None and of.carrier is not None and not of.total and consumption_of(of) is not None]
    forms: dict[tuple[str, int], list[tuple[Sheet, int, Line]]] = {}
    ledgers: dict[tuple[str, int], list[tuple[Sheet, int, Line]]] = {}
    for each in lines:
        carrier, period = each[2].carrier, each[2].period
        assert carrier is not None
        assert period is not None
        (forms if each[0].shape == "form" else ledgers).setdefault((carrier, period[0].year), []).append(each)
    for key, found in forms.items():
        last = max(of.period[1] for _, _, of in found if of.period is not None)
        for sheet, index, line in found:
            if line.period is not None and line.period[1] < last:
                out[id(sheet), index] = "cn-energy.covered-by-later"
        months = {of.period[0].month for _, _, of in ledgers.get(key, ()) if of.period is not None}
        if not months:
            continue
        if set(range(1, last.month + 1)) <= months:
            out |= {(id(s), i): "cn-energy.covered-by-ledger" for s, i, _ in found if (id(s), i) not in out}
        else:
            out |= {(id(s), i): "cn-energy.covered-by-form" for s, i, _ in ledgers[key]}
    return out


def _keys(sheets: Iterable[Sheet], ledger: Ledger) -> Iterator[Key]:
    """What became of the columns: how many filled cells of used, kept and refused rows stand under each heading."""
    for sheet in sheets:
        if sheet.table is None:
            continue
        names = {column.index: name for name, column in sheet.table.columns.items()}
        headings = {c.index: c.cell.text for c in sheet.table.columns.values()} | {
            c.column: c.text for c in (*sheet.table.unknown, *sheet.table.twice)}
        counts: dict[int, dict[State, int]] = {i: dict.fromkeys(State, 0) for i in sorted(headings)}
        for row in sheet.table.rows:
            if row.kind not in (RowKind.DATA, RowKind.SUBTOTAL):
                continue
            fate = ledger.fates.get((sheet.grid.index, row.number))
            for cell in (*row.cells.values(), *row.others):
                if cell.column in counts:
                    state = _STATES.get(fate.fate, State.KEPT) if fate is not None else State.KEPT
                    stated = names.get(cell.column) in _STATED
                    counts[cell.column][state if stated or state is State.REFUSED else State.KEPT] += 1
        for index, count in counts.items():
            name = names.get(index, "")
            reason = "" if name in _STATED else "cn-energy.key-checked" if name else "cn-energy.key-unknown"
            yield Key(collection_of(sheet.grid), headings[index] or str(index), count[State.USED], count[State.KEPT],
                      count[State.REFUSED], reason)
