"""What every reading changes: the input computed again with one alternative in its place, all others as chosen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from zerofactory_engine.decimals import CONTEXT
from zerofactory_mappings.cbam.obligation.computed import Computations
from zerofactory_mappings.cbam.obligation.evaluation import Evaluation
from zerofactory_mappings.cbam.obligation.methods import CLINKER_UNIT, production_year
from zerofactory_mappings.cbam.obligation.model import Consignment, Data, Imports
from zerofactory_mappings.cbam.obligation.readings import readings
from zerofactory_mappings.cbam.obligation.result import (
    Cheaper,
    Effect,
    Flip,
    Outcome,
    OutlookYear,
    ReadingResult,
    known,
)

if TYPE_CHECKING:
    from zerofactory_mappings.cbam.defaults.model import DefaultSet

Outlooks = Mapping[str, Sequence[OutlookYear]]


@dataclass(frozen=True, slots=True)
class Summary:
    """What two evaluations are compared by: certificates and cost of every consignment as declared, outlook of every
    good, cheaper method by good and year."""

    declared: Mapping[str, tuple[Decimal | None, Decimal | None]]
    outlooks: Outlooks
    cheaper: Mapping[tuple[str, int], Cheaper | None]


def summary(evaluation: Evaluation, *, outlook: bool) -> Summary:
    """The comparison figures of one evaluation."""
    outlooks = {g.id: evaluation.outlook(g) for g in evaluation.goods} if outlook else {}
    cheaper = {(g, y.year): y.cheaper for g, years in outlooks.items() for y in years}
    return Summary(evaluation.declared(), outlooks, cheaper)


def effects(imports: Imports, chosen: Mapping[str, str], base: Summary, computations: Computations,
            sets: Sequence[DefaultSet] | None, *, outlook: bool) -> tuple[ReadingResult, ...]:
    """Every reading with the effects of its other alternatives, one at a time."""
    found = []
    for ident, reading in readings().items():
        made = []
        for other in reading.others(chosen[ident]):
            if may_matter(ident, imports):
                changed = Evaluation(imports, {**chosen, ident: other}, computations, sets)
                made.append(_effect(other, base, summary(changed, outlook=outlook)))
            else:
                made.append(Effect(other, Decimal(0), Decimal(0), 0, 0, (), (), None))
        found.append(ReadingResult(reading, chosen[ident], tuple(made)))
    return tuple(found)


def _effect(alternative: str, base: Summary, other: Summary) -> Effect:
    flips = tuple(Flip(g, y, base.cheaper[g, y], after) for (g, y), after in other.cheaper.items()
                  if after is not base.cheaper[g, y])
    changes = _outlook_changes(base.outlooks, other.outlooks)
    sizes = [abs(c) for c in changes.values() if c is not None]
    pairs = [(base.declared[c], other.declared[c]) for c in base.declared]
    unknown = sum(before[0] is not None and after[0] is None for before, after in pairs)
    settled = sum(before[0] is None and after[0] is not None for before, after in pairs)
    return Effect(alternative, _sum(_change(b[0], a[0]) for b, a in pairs), _sum(_change(b[1], a[1]) for b, a in pairs),
                  unknown, settled, flips, tuple(sorted(changes)), max(sizes, default=None))


def _sum(changes: Iterable[Decimal | None]) -> Decimal:
    """The changes of all consignments of which both values are known."""
    return known(list(changes))


def _outlook_changes(base: Outlooks, other: Outlooks) -> dict[int, Decimal | None]:
    """Years in which the certificates per unit of a good change, by either method, with the largest change of the
    year."""
    found: dict[int, Decimal | None] = {}
    for good, years in base.items():
        for before, after in zip(years, other[good], strict=True):
            for one, two in ((before.default, after.default), (before.actual, after.actual)):
                old, new = _net(one), _net(two)
                if old != new:
                    change = _change(old, new)
                    kept = found.get(before.year)
                    larger = change if kept is None or (change is not None and abs(change) > abs(kept)) else kept
                    found[before.year] = larger
    return found


def _net(outcome: Outcome | None) -> Decimal | None:
    return None if outcome is None else outcome.net


def _change(before: Decimal | None, after: Decimal | None) -> Decimal | None:
    return None if before is None or after is None else CONTEXT.subtract(after, before)


def may_matter(reading: str, imports: Imports) -> bool:
    """Whether an alternative can change anything, seen from what was entered; True where that is not plain."""
    goods = [c for c in imports.consignments if not c.outside and c.when.year in imports.years]
    match reading:
        case "markup_year":
            return any(_has_default_precursor(c) and production_year(c, c.when.year) != c.when.year for c in goods)
        case "factor_year":
            return any(production_year(c, c.when.year) != c.when.year for c in goods)
        case "precursor_carbon_price":
            return any(p.on_precursor for c in goods for p in c.carbon_prices)
        case "free_allowances":
            return any(p.free_share is not None for c in goods for p in c.carbon_prices)
        case "joint_process_benchmark":
            return any(c.actual is not None and (c.actual.joint_process or c.actual.computed is not None)
                       for c in goods)
        case "alloy_grade":
            return any(c.route is not None for c in goods) or any(
                p.route is not None for c in goods if c.actual is not None for p in c.actual.precursors)
        case "cement_tonne":
            return any(c.good.functional_unit_definitive == CLINKER_UNIT for c in goods)
    return True


def _has_default_precursor(c: Consignment) -> bool:
    actual = c.actual
    if actual is None:
        return False
    return actual.computed is not None or any(p.data is Data.DEFAULT for p in actual.precursors)
