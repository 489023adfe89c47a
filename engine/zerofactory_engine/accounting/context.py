"""What a table calculator may see: its tables, factor sets, options and facts of the dossier, and nothing undeclared.

A calculator declares what it depends on; its results are remembered under exactly that, so a changed reading (grid
area, grid year …) costs only the lines that it changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from zerofactory_engine.accounting.classification import OUTSIDE, classification, family
from zerofactory_engine.accounting.factors import FactorSet, half_width_of
from zerofactory_engine.accounting.gwp import EQUIVALENT, Potentials
from zerofactory_engine.accounting.lines import Derived, Line, TableResult
from zerofactory_engine.accounting.terms import ONE, Amount, Figure, Slice, Term, figure
from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.problems import NOWHERE, Place, Problem, Severity
from zerofactory_engine.reasons import Cause, Reason, Unknown
from zerofactory_engine.units import gases


class RowLike(Protocol):
    """What the accounting needs of a dossier row."""

    @property
    def id(self) -> str:
        """Its id, unique in its table."""
    @property
    def table(self) -> str:
        """The table it stands in."""
    @property
    def values(self) -> Mapping[str, Any]:
        """Cells by column, in canonical units."""
    @property
    def start(self) -> date | None:
        """First day it covers."""
    @property
    def end(self) -> date | None:
        """Last day it covers."""
    @property
    def place(self) -> Place:
        """Where it was read."""
    @property
    def obtained(self) -> str | None:
        """How its figure was obtained: metered, invoiced, estimated …"""
    @property
    def uncertainty(self) -> Any:
        """What it states about the uncertainty of its amount."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts about the dossier that calculators use.

    *share* is the boundary's share (None: the whole), *parts* the shares of parts of the boundary that have their own
    and *outside_parts*/*outside_meters* what the boundary leaves out. *province* and *grid_region* are as the facility
    states them; *names* are those under which an instrument may name it as beneficiary. *country* is None where
    nothing is stated (then that of the factor sets is meant).
    """

    start: date
    end: date
    province: str | None = None
    grid_region: str | None = None
    market: str | None = None
    names: frozenset[str] = frozenset()
    share: Term | None = None
    parts: tuple[tuple[str, Term], ...] = ()
    outside_parts: frozenset[str] = frozenset()
    outside_meters: frozenset[str] = frozenset()
    country: str | None = None


@dataclass(frozen=True)
class Calculator:
    """One calculator with everything that it depends on."""

    name: str
    run: Callable[[Context], TableResult]
    tables: tuple[str, ...]
    roles: tuple[str, ...] = ()
    options: tuple[str, ...] = ()


class Cells:
    """Cells of one row, with a reason that names the cell where one is missing."""

    __slots__ = ("row",)

    def __init__(self, row: RowLike) -> None:
        self.row = row

    def subject(self, column: str) -> str:
        """``energy/G1.t``."""
        return f"{self.row.table}/{self.row.id}.{column}"

    def text(self, column: str) -> str | None:
        """A text cell, or None."""
        value = self.row.values.get(column)
        return value if isinstance(value, str) and value else None

    def yes(self, column: str) -> bool | None:
        """A yes-or-no cell, or None when it is empty or not known."""
        value = self.row.values.get(column)
        return value if isinstance(value, bool) else None

    def day(self, column: str) -> date | None:
        """A date cell, or None."""
        value = self.row.values.get(column)
        return value if isinstance(value, date) else None

    def number(self, column: str) -> Decimal | None:
        """A figure, or None when it is empty or not known."""
        value = self.row.values.get(column)
        return value if isinstance(value, Decimal) else None

    def amount(self, column: str) -> Amount:
        """A figure, or unknown with the cell's name."""
        value = self.row.values.get(column)
        if isinstance(value, (Decimal, Unknown)):
            return value
        return self.missing(column)

    def missing(self, *columns: str) -> Unknown:
        """Unknown, because one of *columns* has to be filled."""
        return Unknown(Reason(Cause.VALUE, self.subject(columns[0]), "accounting.cell-missing",
                              (("columns", ", ".join(columns)),)))

    def unknown(self, code: str, column: str, **args: str) -> Unknown:
        """Unknown for a reason of its own, named after a cell."""
        return Unknown(Reason(Cause.VALUE, self.subject(column), code, tuple(sorted(args.items()))))

    def term(self, column: str, unit: str) -> Term:
        """A cell as a term."""
        value = self.amount(column)
        return Term(column, value, unit, cells=((self.subject(column), value),))

    def signed(self, name: str, unit: str, columns: Sequence[tuple[str, int]], optional: frozenset[str] = frozenset()
               ) -> Term:
        """The signed sum of several cells (opening + bought − closing …); *optional* ones may be empty."""
        used = [(c, s) for c, s in columns if not (c in optional and self.row.values.get(c) is None)]
        cells = tuple((self.subject(c), self.amount(c)) for c, _ in used)
        unknown = [v for _, v in cells if isinstance(v, Unknown)]
        signs = tuple(s for _, s in used)
        if unknown:
            return Term(name, unknown[0].merge(*unknown[1:]), unit, operation="sum", cells=cells, signs=signs)
        total = Decimal(0)
        for (_, value), sign in zip(cells, signs, strict=True):
            assert isinstance(value, Decimal)
            total = CONTEXT.add(total, value if sign > 0 else -value)
        return Term(name, total, unit, operation="sum", cells=cells, signs=signs)

    def complement(self, column: str) -> Term:
        """One minus a share (what a capture or destruction efficiency lets through)."""
        value = self.amount(column)
        rest = value if isinstance(value, Unknown) else CONTEXT.subtract(Decimal(1), value)
        return Term(f"1-{column}", rest, "1", operation="complement", cells=((self.subject(column), value),))


@dataclass
class Context:
    """One run of one calculator."""

    calculator: Calculator
    tables: Mapping[str, Sequence[RowLike]]
    sets: Mapping[str, FactorSet | None]
    chosen: Mapping[str, str]
    facts: Facts
    lines: list[Line] = field(default_factory=list)
    derived: list[Derived] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: dict[str, object] = field(default_factory=dict)
    _potentials: Potentials | None = None

    def rows(self, table: str) -> Iterator[tuple[RowLike, Cells]]:
        """Rows of a declared table that lie inside the boundary."""
        for row in self.tables[table]:
            if not self._is_outside(row):
                yield row, Cells(row)

    def outside_rows(self, table: str) -> Iterator[Cells]:
        """Rows of a declared table that the boundary leaves out."""
        return (Cells(row) for row in self.tables[table] if self._is_outside(row))

    def _is_outside(self, row: RowLike) -> bool:
        facts = self.facts
        return row.values.get("part") in facts.outside_parts or row.values.get("meter") in facts.outside_meters

    def set(self, role: str) -> FactorSet:
        """The factor set of a declared role."""
        found = self.sets[role]
        assert found is not None
        return found

    def maybe_set(self, role: str) -> FactorSet | None:
        """The factor set of a declared role, None when it is switched off."""
        return self.sets[role]

    def option(self, name: str) -> str:
        """The value of a declared option."""
        if name not in self.calculator.options:
            raise KeyError(name)
        return self.chosen[name]

    @property
    def potentials(self) -> Potentials:
        """Warming potentials of the declared set."""
        if self._potentials is None:
            self._potentials = Potentials(self.set("gwp"), by_origin=self.option("methane_gwp") == "by_origin")
        return self._potentials

    def report(self, code: str, cells: Cells | None = None, column: str | None = None, *,
               subject: str | None = None, severity: Severity = Severity.WARNING, found: str | None = None,
               accepted: str | None = None, **args: str) -> None:
        """Record a problem at a cell, or at *subject* (a factor set, ``facility/province``) without a row."""
        place = NOWHERE if subject is None else Place(path=subject)
        if cells is not None:
            own = cells.row.place
            path = f"{cells.row.table}/{cells.row.id}" + (f"/{column}" if column else "")
            place = Place(own.file, own.line, own.column, path, own.sheet, own.cell)
        problem = Problem(code, place, severity, found=found, accepted=accepted, args=args)
        if problem not in self.problems:
            self.problems.append(problem)

    def emit(self, cells: Cells, source: str, gas: str, location: Slice, *, market: Figure | None = None,
             method: str = "factor", part: str = "", carrier: str | None = None, flow: str | None = None,
             origin: str | None = None, biogenic: bool = False, outside: str | None = None) -> None:
        """Add the line of one *gas* of a row, as the product of the terms of *location*; see :meth:`emit_figure`."""
        self.emit_figure(cells, source, gas, figure(location), market=market, method=method, part=part,
                         carrier=carrier, flow=flow, origin=origin, biogenic=biogenic, outside=outside)

    def emit_figure(self, cells: Cells, source: str, gas: str, location: Figure, *, market: Figure | None = None,
                    method: str = "factor", part: str = "", carrier: str | None = None, flow: str | None = None,
                    origin: str | None = None, biogenic: bool = False, outside: str | None = None) -> None:
        """Add the line of one *gas* of a row; what has no place in the total stands beside it.

        Under the option ``gases: co2`` other gases are left out. The boundary's share is a factor of every line.
        """
        if gas != EQUIVALENT and gas not in gases():          # no gas that we know: inside, and not known
            wrong = cells.unknown("accounting.gas-unknown", "gas", gas=gas) if gas else cells.missing("gas")
            gas, location, market = EQUIVALENT, figure((Term("gas", wrong, "1"),)), None
        if gas not in ("CO2", EQUIVALENT) and self.option("gases") == "co2":
            return
        kind = classification().sources[source]
        if outside is None and biogenic and gas == "CO2" and self.option("biogenic_co2") == "separate":
            outside = "biogenic_co2"
        if outside is None and gas != EQUIVALENT and family(gas) is None:
            outside = "other_gas"
        gwp = Term("gwp", ONE, "1", operation="given") if gas == EQUIVALENT else self.potentials.term(gas, origin)
        place = self._shared(cells.row, location)
        iso = kind.iso({} if kind.iso_option is None else {kind.iso_option: self.option(kind.iso_option)})
        self.lines.append(Line(
            cells.row.table, cells.row.id, kind, iso, kind.scope if outside is None else OUTSIDE, gas, place,
            place if market is None else self._shared(cells.row, market), gwp, method, part, carrier, flow,
            biogenic, outside, self._uncertainty(cells, place), cells.row.obtained))

    def derive(self, cells: Cells, column: str, unit: str, value: Figure) -> None:
        """Add a derived cell of a row."""
        self.derived.append(Derived(cells.row.table, cells.row.id, column, unit, value))

    def _shared(self, row: RowLike, value: Figure) -> Figure:
        share = self.facts.share
        if self.facts.parts:
            share = dict(self.facts.parts).get(row.values.get("part") or "", share)
        return value if share is None else figure(*((*s, share) for s in value.slices))

    def _uncertainty(self, cells: Cells, value: Figure) -> Decimal | None:
        """Root of the sum of squares of what activity and factors state; None when none of them does."""
        stated = self._stated_half_width(cells.row)
        factors = half_width_of(t.entry.values[t.name] for s in value.slices[:1] for t in s
                                if t.entry is not None and t.name in t.entry.values)
        parts = [CONTEXT.multiply(p, p) for p in (stated, factors) if p is not None]
        if not parts:
            return None
        return CONTEXT.sqrt(CONTEXT.add(parts[0], parts[1]) if len(parts) == 2 else parts[0])

    def _stated_half_width(self, row: RowLike) -> Decimal | None:
        """Relative half-width that a row states for its amount, brought to the coverage factor of 95 %."""
        width = getattr(row.uncertainty, "half_width", None)
        if width is None:
            return None
        own = row.uncertainty.coverage_factor
        usual = self.set("constants").find("coverage_95")
        k = usual.values["k"].above if usual is not None else None
        return width if not own or k is None or own == k else CONTEXT.divide(CONTEXT.multiply(width, k), own)

    def result(self) -> TableResult:
        """What was found."""
        return TableResult(tuple(self.lines), tuple(self.derived), tuple(self.problems), self.notes)


#: What a calculator that adds lines depends on, beside its own.
EMIT_ROLES = ("gwp", "constants")
EMIT_OPTIONS = ("gases", "biogenic_co2", "methane_gwp")
