"""From the inventory of one dossier to the classes of GB/T 32150-2015, by the crosswalk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from zerofactory_engine.accounting.compute import compute_inventory
from zerofactory_engine.accounting.intake import facts_of
from zerofactory_engine.accounting.lines import Line
from zerofactory_engine.accounting.terms import ZERO, Amount, add
from zerofactory_engine.accounting.totals import Total, grouped
from zerofactory_engine.accounting.uncertainty import combine
from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.reasons import Unknown
from zerofactory_mappings.crosswalk.build import placed, schemes
from zerofactory_mappings.disclosures.tables import table_of
from zerofactory_mappings.gb_t_32150.calculation import calculations
from zerofactory_mappings.gb_t_32150.model import APART, MINUS, PLUS, Activity, ClassRow, Gbt32150, SourceRow
from zerofactory_mappings.gb_t_32150.reconcile import reconcile

if TYPE_CHECKING:
    from zerofactory_engine.accounting.factors import Entry
    from zerofactory_engine.accounting.inventory import Inventory
    from zerofactory_mappings.crosswalk.model import Placed
    from zerofactory_mappings.disclosures.subject import Subject

STANDARD, SCHEME = "gb-t-32150-2015", "gb_t_32150"


def build(subject: Subject) -> Gbt32150:
    """The report of *subject*, electricity location-based; the enterprise is taken in whole, whatever share of it
    somebody holds (the reporting entity is a legal person or is accounted for as one).

    Raises:
        ProblemsError: *subject* is a group, or a line has no class.
    """
    member = subject.alone
    inventory, whole = as_enterprise(subject)
    lines = placed(member.dossier.id, inventory)
    by_id: dict[str, list[Line]] = {}
    for each in lines:
        class_id = each.places[SCHEME].class_id
        if class_id is not None:
            by_id.setdefault(class_id, []).append(each.line)
    entries = table_of(STANDARD, "total")["classes"]
    signs = {entry["class"]: entry["sign"] for entry in entries}
    classes = tuple(_class(entry, by_id.get(entry["class"], [])) for entry in entries)
    inside = tuple(p for p in lines if p.places[SCHEME].class_id is not None)
    counted = [(p, counts(p.line, signs[p.places[SCHEME].class_id or ""])) for p in inside]
    amounts = [_times(p.line.tco2e_location, n) for p, n in counted if n]
    total = add(amounts)
    return Gbt32150(
        subject, inventory, whole, classes, total, _sum(a for a in amounts if isinstance(a, Decimal)),
        _activities(inside), calculations(counted, SCHEME), _factors(inside),
        reconcile(member.inventory, inventory, counted, lines, total, SCHEME), lines,
        tuple(p for p in lines if p.places[SCHEME].class_id is None))


def as_enterprise(subject: Subject) -> tuple[Inventory, bool]:
    """The inventory without the share that the boundary states, and whether that makes a difference."""
    member = subject.alone
    facts = facts_of(member.dossier, subject.options.settled()[1]["consolidation"])
    if facts.share is None and not facts.parts:
        return member.inventory, False
    options = replace(subject.options, options={**subject.options.options, "consolidation": "facility"})
    return compute_inventory(member.dossier, options, subject.library), True


def counts(line: Line, sign: str) -> int:
    """By what a line is multiplied to come into the total: 0 apart, -1 for what is subtracted, else 1.

    What the accounting has taken off already (stored CO2, exports under the option that subtracts them) is negative and
    inside the scopes; it is added as it stands.
    """
    if sign == APART:
        return 0
    return -1 if sign == MINUS and line.outside is not None else 1


def stated(line: Line, sign: str) -> Amount:
    """tCO2e of a line as its class states it: what is subtracted is stated without the minus."""
    value = line.tco2e_location
    return _times(value, -1) if sign == MINUS and line.outside is None else value


def _times(value: Amount, factor: int) -> Amount:
    return CONTEXT.minus(value) if factor < 0 and isinstance(value, Decimal) else value


def _sum(values: Iterable[Decimal]) -> Decimal:
    out = ZERO
    for value in values:
        out = CONTEXT.add(out, value)
    return out


def _total(lines: Sequence[Line], sign: str) -> Total:
    amounts = [stated(line, sign) for line in lines]
    widths = (line.uncertainty for line in lines)
    return Total(add(amounts), _sum(a for a in amounts if isinstance(a, Decimal)), len(lines),
                 combine(zip(amounts, widths, strict=True)))


def _class(entry: Mapping[str, Any], lines: Sequence[Line]) -> ClassRow:
    sign = entry["sign"]
    assert sign in (PLUS, MINUS, APART)
    gases = {gas: add(stated(line, sign) for line in of) for gas, of in grouped(lines, lambda line: line.gas).items()}
    sources = tuple(SourceRow(code, of[0].source.title, _total(of, sign))
                    for code, of in grouped(lines, lambda line: line.source.code).items())
    return ClassRow(entry["class"], schemes()[SCHEME].classes[entry["class"]], sign, entry["clause"],
                    tuple(entry["tables"]), _total(lines, sign), gases, sources)


def _activities(lines: Sequence[Placed]) -> tuple[Activity, ...]:
    """One entry for each row of the dossier: the first quantity of its first line that is a cell of the row."""
    found: dict[tuple[str, str], Activity] = {}
    for each in lines:
        line = each.line
        if (line.table, line.row) in found:
            continue
        class_id = each.places[SCHEME].class_id
        assert class_id is not None
        amount, unit = _first(line)
        found[line.table, line.row] = Activity("/".join(n for n in (line.table, line.row) if n), line.source.title,
                                               class_id, amount, unit, line.obtained)
    return tuple(found.values())


def _first(line: Line) -> tuple[Amount, str]:
    """Activity data of a line: the first term of every slice, which is read from the row, added up."""
    terms = [slices[0] for slices in line.location.slices if slices]
    if not terms or len({t.unit for t in terms}) != 1:
        return (line.location.value, "") if isinstance(line.location.value, Unknown) else (Decimal(0), "")
    return add(t.value for t in terms), terms[0].unit


def _factors(lines: Sequence[Placed]) -> tuple[Entry, ...]:
    """Factors that the figures of the report rest on, each once."""
    terms = (t for p in lines for s in (*p.line.location.slices, (p.line.gwp,)) for t in s)
    return tuple(dict.fromkeys(t.entry for t in terms if t.entry is not None))
