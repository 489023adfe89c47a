"""What a reader of an imported set has to know: coverage, printed mark-ups, sums, decimal commas, figures out of line.

None of it changes a value. Printed mark-ups are never used; they only show where the source contradicts itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.problems import Place, Problem, Severity
from zerofactory_mappings.cbam import scope, tables
from zerofactory_mappings.cbam.defaults.figures import Mark
from zerofactory_mappings.cbam.defaults.model import OTHER
from zerofactory_mappings.cbam.defaults.read import Entry, Reading
from zerofactory_mappings.cbam.table_reader import table

#: Most rows or names that one problem lists.
_LISTED = 20
#: Differences up to this are rounding of figures printed with three decimals or more (tCO2e/t).
_PRINTED = Decimal("0.00101")
_SUM = Decimal("0.005")
#: A value so many times that of the other countries has probably lost its decimal comma.
_OUT_OF_LINE = Decimal(10)


def check(reading: Reading, file: str) -> list[Problem]:
    """Problems of a reading beyond its single rows."""
    if not reading.entries and not reading.rows:
        return [Problem("cbam-defaults.nothing-read", Place(file=file))]
    if reading.kind == "default-values":
        return list(_defaults(reading, Place(file=file)))
    return list(_benchmarks(reading, Place(file=file))) if reading.kind == "benchmarks" else []


def _defaults(reading: Reading, place: Place) -> Iterator[Problem]:
    entries = reading.entries
    countries = {e.country for e in entries}
    absent = [c.en for c in scope.countries() if c.listed and c.id not in countries]
    if absent:
        yield _some("countries-absent", place, absent)
    if OTHER not in countries:
        yield Problem("cbam-defaults.other-absent", place, Severity.WARNING)
    for code, found in (("markup-differs", [e for e in entries if _markup_differs(e)]),
                        ("sum-differs", [e for e in entries if _sum_differs(e)]),
                        ("decimal-comma", [e for e in entries if e.total.comma])):
        if found:
            yield _some(code, place, [_named(e) for e in found], Severity.NOTE)
    standard = {(e.code, e.variant): e.total.value for e in entries if e.country == OTHER and e.kind == "value"}
    odd = [e for e in entries if e.kind == "value" and _out_of_line(e, standard.get((e.code, e.variant)))]
    if odd:
        yield _some("out-of-line", place, [f"{_named(e)} = {e.total.text}" for e in odd])


def _named(entry: Entry) -> str:
    return f"{entry.country} {entry.code}" + (f" {entry.variant}" if entry.variant else "")


def _some(code: str, place: Place, names: list[str], severity: Severity = Severity.WARNING) -> Problem:
    shown = ", ".join(names[:_LISTED]) + (" …" if len(names) > _LISTED else "")
    return Problem(f"cbam-defaults.{code}", place, severity, found=shown, args={"count": str(len(names))})


def _markup_differs(entry: Entry) -> bool:
    """Whether a printed total with mark-up is not the total times 1 plus the mark-up of that year."""
    if entry.kind != "value" or entry.total.value is None:
        return False
    first = min(row.integer("first_year") or 0 for row in table("markups"))
    for year, printed in entry.printed.items():
        if printed.mark is Mark.NUMBER and printed.value is not None and year >= first:
            expected = CONTEXT.multiply(entry.total.value, CONTEXT.add(Decimal(1),
                                                                       tables.markup(entry.sector, year).value))
            if abs(CONTEXT.subtract(printed.value, expected)) > _PRINTED:
                return True
    return False


def _sum_differs(entry: Entry) -> bool:
    """Whether direct and indirect parts do not make up the total."""
    values = (entry.direct.value, entry.indirect.value, entry.total.value)
    if entry.kind != "value" or any(v is None for v in values):
        return False
    direct, indirect, total = (v for v in values if v is not None)
    return abs(CONTEXT.subtract(CONTEXT.add(direct, indirect), total)) > _SUM


def _out_of_line(entry: Entry, standard: Decimal | None) -> bool:
    value = entry.total.value
    return value is not None and standard is not None and standard > 0 and value > CONTEXT.multiply(standard,
                                                                                                    _OUT_OF_LINE)


def _benchmarks(reading: Reading, place: Place) -> Iterator[Problem]:
    codes = {row["cn"] for row in reading.rows}
    without = [c for c in scope.in_force() if c not in codes and scope.read_cn(c).unwrap().sector != "electricity"]
    if without:
        yield _some("codes-absent", place, without)
    outside = sorted(c for c in codes if c not in set(scope.codes()))
    if outside:
        yield _some("codes-outside", place, outside, Severity.NOTE)
