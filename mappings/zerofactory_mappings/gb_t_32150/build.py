"""From the inventory of one dossier to the classes of GB/T 32150-2015, by the crosswalk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from zerofactory_engine.accounting.lines import Line
from zerofactory_engine.accounting.terms import Amount, add
from zerofactory_engine.accounting.totals import grouped, total
from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.reasons import Unknown
from zerofactory_mappings.crosswalk.build import placed, schemes
from zerofactory_mappings.disclosures.tables import table_of
from zerofactory_mappings.gb_t_32150.model import APART, MINUS, Activity, ClassRow, Gbt32150

if TYPE_CHECKING:
    from zerofactory_engine.accounting.factors import Entry
    from zerofactory_mappings.crosswalk.model import Placed
    from zerofactory_mappings.disclosures.subject import Subject

STANDARD, SCHEME = "gb-t-32150-2015", "gb_t_32150"


def build(subject: Subject) -> Gbt32150:
    """The report of *subject*; electricity by the average factor of the grid (location-based).

    Raises:
        ProblemsError: *subject* is a group, or a line has no class.
    """
    member = subject.alone
    lines = placed(member.dossier.id, member.inventory)
    by_id: dict[str, list[Line]] = {}
    for each in lines:
        class_id = each.places[SCHEME].class_id
        if class_id is not None:
            by_id.setdefault(class_id, []).append(each.line)
    classes = tuple(_class(entry["class"], entry["sign"], by_id.get(entry["class"], []))
                    for entry in table_of(STANDARD, "total")["classes"])
    inside = tuple(p for p in lines if p.places[SCHEME].class_id is not None)
    return Gbt32150(subject, classes, _total(classes), _known(classes), _activities(inside), _factors(inside), lines,
                    tuple(p for p in lines if p.places[SCHEME].class_id is None))


def _class(class_id: str, sign: str, lines: Sequence[Line]) -> ClassRow:
    gases = {gas: add(line.tco2e_location for line in of) for gas, of in grouped(lines, lambda line: line.gas).items()}
    return ClassRow(class_id, schemes()[SCHEME].classes[class_id], sign, tuple(lines), total(lines, "location"), gases)


def _total(classes: Sequence[ClassRow]) -> Amount:
    """Added classes less subtracted ones; unknown with every reason when any of them is."""
    return add(_signed(row.sign, row.total.value) for row in classes if row.sign != APART)


def _known(classes: Sequence[ClassRow]) -> Amount:
    """The same over what is known."""
    return add(_signed(row.sign, row.total.known) for row in classes if row.sign != APART)


def _signed(sign: str, value: Amount) -> Amount:
    return CONTEXT.minus(value) if sign == MINUS and isinstance(value, Decimal) else value


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
        found[line.table, line.row] = Activity(f"{line.table}/{line.row}", line.source.title, class_id, amount, unit,
                                               line.obtained)
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


def titles() -> Mapping[str, Mapping[str, str]]:
    """Titles of the classes by id."""
    return schemes()[SCHEME].classes
