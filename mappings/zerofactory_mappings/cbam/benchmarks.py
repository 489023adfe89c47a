"""CBAM benchmarks (2025/2620 Annex point 5.3): which row counts for a code, a route and a year of production.

Reading rules. Letters (A) to (L) are routes, indicator (1) stands for production in 2026-27 and (2) for 2028-30.
Column A is the process, column B the whole chain. A blank column A on a continuation row is the value of the first row
of that code (of its own route where column A is printed by route); a printed 0 is a value.

The rule of choice is stated with every result:

==================  ================================================================================================
``single``          the code has one value, whatever the route
``route``           the row of the asked route letter
``period``          the asked letter is absent for the code, whose rows differ by production year only: that year
``same-process``    the asked letter is absent, the code lists the same process for another grade of steel
``highest-grade``   several grades are possible: the highest listed for the year (2025/2620 Annex point 5.1)
``route-needed``    the rows differ by route and none is known: no value; all candidates stand beside
``none``            no row for the code, or for the year
==================  ================================================================================================
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any

from zerofactory_engine.decimals import parse_decimal
from zerofactory_engine.problems import Problem, ProblemsError
from zerofactory_mappings.cbam.table_reader import Cited, Row, Source, Unknown, table

COLUMNS = ("A", "B")
#: Day of the workbook from which the benchmarks that ship were taken.
SHIPPED_ON = date(2026, 2, 6)


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One value: *routes* letters it belongs to (none: all), *period* indicator, *value* in tCO2e/t."""

    cn: str
    column: str
    routes: tuple[str, ...]
    period: str
    value: Cited

    def as_json(self) -> dict[str, Any]:
        """All fields."""
        return {"cn": self.cn, "column": self.column, "routes": list(self.routes), "period": self.period,
                "value": self.value.as_json()}


@dataclass(frozen=True, slots=True)
class BenchmarkRow:
    """A row of the benchmark table: figures of both columns (None: blank column A), letters and indicators."""

    number: int
    sector: str
    cn: str
    column_a: Cited | None
    routes_a: tuple[str, ...]
    period_a: str
    column_b: Cited
    routes_b: tuple[str, ...]
    period_b: str


@dataclass(frozen=True, slots=True)
class BenchmarkChoice:
    """What counts for one code, column, route and year, by which rule, and what else is listed.

    *reasons*: message codes of what a reader has to know; *provisional*: the choice rests on something unconfirmed.
    """

    cn: str
    column: str
    chosen: Benchmark | None
    rule: str
    candidates: tuple[Benchmark, ...]
    reasons: tuple[str, ...]
    version: str
    year: int

    @property
    def value(self) -> Cited | Unknown:
        """The benchmark in tCO2e/t, or why there is none."""
        if self.chosen is not None:
            return self.chosen.value
        letters = sorted({letter for c in self.candidates for letter in c.routes})
        return Unknown(f"cbam-table.benchmark-{self.rule}", {"cn": self.cn, "routes": ", ".join(letters),
                                                             "year": str(self.year)})

    @property
    def provisional(self) -> bool:
        """Whether the choice or its value is not confirmed."""
        return self.chosen is None or bool(self.reasons) or self.chosen.value.source.provisional

    def as_json(self) -> dict[str, Any]:
        """All fields."""
        return {"cn": self.cn, "column": self.column, "rule": self.rule, "year": self.year, "version": self.version,
                "value": self.value.as_json(), "routes": list(self.chosen.routes) if self.chosen else [],
                "period": self.chosen.period if self.chosen else "", "reasons": list(self.reasons),
                "provisional": self.provisional, "candidates": [c.as_json() for c in self.candidates]}


#: Rules under which a choice is less sure than its row, and how sure it then is.
_RULE_CONFIDENCE = {"highest-grade": "secondary", "same-process": "unconfirmed"}


def route_letters(routes: str | Iterable[str] | None) -> tuple[str, ...]:
    """Letters of ``(C)/(F)``, ``C``, ``["C", "F"]``; none for blank and for ``N/A``.

    >>> route_letters("(C)/(F)")
    ('C', 'F')
    """
    text = routes if isinstance(routes, str) else "/".join(routes or ())
    if re.fullmatch(r"\W*n\W*a\W*", text, re.IGNORECASE):
        return ()
    return tuple(dict.fromkeys(re.findall(r"(?<![A-Za-z])[A-HJ-L](?![A-Za-z])", text.upper())))


def indicator(text: str) -> tuple[tuple[str, ...], str]:
    """Letters and period indicator of a cell such as ``(F)(1)``."""
    found = re.findall(r"\(\s*([12])\s*\)", text)
    return route_letters(text), found[0] if found else ""


class Benchmarks:
    """One edition of the benchmark table, indexed by code."""

    def __init__(self, version: str, rows: Sequence[BenchmarkRow]) -> None:
        self.version = version
        self.rows = tuple(rows)
        self._by_code: dict[str, list[BenchmarkRow]] = {}
        for row in rows:
            self._by_code.setdefault(row.cn, []).append(row)

    def codes(self) -> tuple[str, ...]:
        """Every code with a row."""
        return tuple(self._by_code)

    def listed(self, cn: str) -> tuple[BenchmarkRow, ...]:
        """The rows of the code, or of the longest listed beginning of it (6, then 4 digits)."""
        for length in (10, 8, 6, 4):
            if len(cn) >= length and (found := self._by_code.get(cn[:length])):
                return tuple(found)
        return ()

    def values(self, cn: str, column: str) -> tuple[Benchmark, ...]:
        """Every value of a column for a code."""
        rows = self.listed(cn)
        if column == "B":
            return tuple(Benchmark(cn, "B", r.routes_b, r.period_b, r.column_b) for r in rows)
        return tuple(Benchmark(cn, "A", r.routes_a, r.period_a, r.column_a) for r in rows if r.column_a is not None)

    def inherited(self, cn: str) -> tuple[tuple[BenchmarkRow, Cited], ...]:
        """Every row of the code with its column A: its own, else that of its route, else that of the first row."""
        rows = self.listed(cn)
        printed = [r for r in rows if r.column_a is not None]
        out = []
        for row in rows:
            own = next((r for r in printed if r.routes_a and set(r.routes_a) & set(row.routes_b)), printed[0])
            value = row.column_a if row.column_a is not None else own.column_a
            assert value is not None
            out.append((row, value))
        return tuple(out)


@cache
def shipped() -> Benchmarks:
    """The benchmarks that ship (workbook of 6 February 2026)."""
    return Benchmarks("2025-2620-v1", [benchmark_row(r) for r in table("benchmarks")])


def benchmark_row(row: Row) -> BenchmarkRow:
    """A row of the table ``benchmarks``."""
    b = row.cited("column_b")
    assert b is not None
    return BenchmarkRow(row.integer("number") or 0, row.text("sector"), row.text("cn"), row.cited("column_a"),
                        row.words("routes_a"), row.text("period_a"), b, row.words("routes_b"), row.text("period_b"))


@cache
def _periods() -> Mapping[str, tuple[int, int]]:
    return {r.text("indicator"): (r.integer("from_year") or 0, r.integer("to_year") or 0)
            for r in table("benchmark-periods")}


@cache
def _letters() -> Mapping[str, tuple[str, str]]:
    """Letter → process and grade."""
    return {r.text("letter"): (r.text("process"), r.text("grade")) for r in table("route-letters")}


def benchmarks(cn8: str, column: str, routes: str | Iterable[str] | None, production_year: int,
               of: Benchmarks | None = None) -> BenchmarkChoice:
    """The benchmark of *cn8* in column ``A`` or ``B`` for goods made in *production_year*, in tCO2e/t.

    *routes*: letters of the default value (or of the actual route); none when the row of the default value has none.
    *of*: an edition; otherwise the newest at hand.

    Raises:
        ProblemsError: ``cbam-table.benchmark-column``, ``cbam-table.benchmark-year`` for a year before 2026.
    """
    if column not in COLUMNS:
        raise ProblemsError([Problem("cbam-table.benchmark-column", found=column, accepted="A, B")])
    first = min(start for start, _ in _periods().values())
    if production_year < first:
        raise ProblemsError([Problem("cbam-table.benchmark-year", found=str(production_year), accepted=f"{first} …")])
    return _chosen(of or _newest(), cn8, column, route_letters(routes), production_year)


def _newest() -> Benchmarks:
    from zerofactory_mappings.cbam.defaults.store import benchmark_set

    return benchmark_set()


def _chosen(of: Benchmarks, cn: str, column: str, asked: tuple[str, ...], year: int) -> BenchmarkChoice:
    values = of.values(cn, column)
    now, reasons = _in_year(values, year)
    if year > 2026 and of.version == shipped().version:
        reasons.append("cbam-table.benchmark-revision")
    chosen, rule = _pick(now, asked)
    if chosen is not None and (worse := _RULE_CONFIDENCE.get(rule)) is not None:
        chosen = replace(chosen, value=Cited(chosen.value.value, chosen.value.unit,
                                             _lowered(chosen.value.source, worse)))
        reasons.append(f"cbam-table.benchmark-{rule}")
    return BenchmarkChoice(cn, column, chosen, rule, values, tuple(reasons), of.version, year)


def _lowered(source: Source, confidence: str) -> Source:
    return replace(source, confidence=confidence)


def _in_year(values: Sequence[Benchmark], year: int) -> tuple[list[Benchmark], list[str]]:
    """The values for goods made in *year*; after the last period its values are carried on, and that is said."""
    periods = _periods()
    last = max(end for _, end in periods.values())
    reasons = ["cbam-table.benchmark-after-last"] if year > last and values else []
    counted = min(year, last)
    return [v for v in values if not v.period or periods[v.period][0] <= counted <= periods[v.period][1]], reasons


def _pick(values: Sequence[Benchmark], asked: tuple[str, ...]) -> tuple[Benchmark | None, str]:
    """The value that counts among those of the year, and the rule."""
    if not values:
        return None, "none"
    without = [v for v in values if not v.routes]
    if len(values) == 1 and without:
        return values[0], "period" if values[0].period else "single"
    exact = [v for v in values if set(v.routes) & set(asked)]
    if exact:
        return _highest(exact), "route" if len(exact) == 1 else "highest-grade"
    if without:                     # letters absent for the code: the row that depends on the year only
        return _highest(without), "period"
    if asked:
        processes = {_letters()[a][0] for a in asked} - {""}
        same = [v for v in values if {_letters()[r][0] for r in v.routes} & processes]
        return (_highest(same), "same-process") if same else (None, "route-needed")
    grades = {_letters()[r][1] for v in values for r in v.routes}
    if len(grades - {"", "grey", "white"}) > 1:
        return _highest(values), "highest-grade"
    return None, "route-needed"


def _highest(values: Sequence[Benchmark]) -> Benchmark:
    return max(values, key=lambda v: v.value.value)


def plausible(text: str) -> bool:
    """Whether a printed benchmark is a figure that may be one."""
    value = parse_decimal(text)
    limit = next(r.decimal("limit") for r in table("plausibility") if r.text("sector") == "benchmark")
    assert limit is not None
    return value is not None and 0 <= value <= limit
