"""From scopes 1 and 2 of the inventory to the total of the report, difference by difference."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from zerofactory_engine.accounting.terms import Amount, add
from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.reasons import Unknown
from zerofactory_mappings.gb_t_32150.model import Reconciliation, Step

if TYPE_CHECKING:
    from zerofactory_engine.accounting.inventory import Inventory
    from zerofactory_engine.accounting.lines import Line
    from zerofactory_mappings.crosswalk.model import Placed


def difference(line: Line, counts: int) -> int:
    """By what a line is multiplied to give what the total has of it less what scopes 1 and 2 have of it."""
    return counts - (1 if line.scope in (1, 2) else 0)


def reconcile(own: Inventory, whole: Inventory, counted: Sequence[tuple[Placed, int]], lines: Sequence[Placed],
              total: Amount, scheme: str) -> Reconciliation:
    """Every line that counts otherwise than in scopes 1 and 2 stands in exactly one step."""
    start = own.total("scopes_1_2").value
    steps: list[Step] = []
    if whole is not own:
        after = whole.total("scopes_1_2")
        steps.append(Step("whole", None, "", after.lines, _less(after.value, start)))
    differing = [(p, n) for p, c in counted if (n := difference(p.line, c))]
    differing += [(p, n) for p in lines if p.places[scheme].class_id is None and (n := difference(p.line, 0))]
    groups: dict[str, list[tuple[Placed, int]]] = {}
    for p, n in differing:
        groups.setdefault(p.places[scheme].class_id or p.places[scheme].rule.id, []).append((p, n))
    steps += [_step(name, of, scheme) for name, of in groups.items()]
    return Reconciliation(start, tuple(steps), _less(total, add((start, *(s.amount for s in steps)))))


def _step(name: str, of: Sequence[tuple[Placed, int]], scheme: str) -> Step:
    place = of[0][0].places[scheme]
    return Step(name, place.title or place.rule.excluded, place.rule.clause, len(of), add(_times(of)))


def _times(of: Iterable[tuple[Placed, int]]) -> Iterable[Amount]:
    for p, n in of:
        value = p.line.tco2e_location
        yield value if isinstance(value, Unknown) else CONTEXT.multiply(value, Decimal(n))


def _less(one: Amount, other: Amount) -> Amount:
    if isinstance(one, Unknown) or isinstance(other, Unknown):
        unknown = [a for a in (one, other) if isinstance(a, Unknown)]
        return unknown[0].merge(*unknown[1:])
    return CONTEXT.subtract(one, other)
