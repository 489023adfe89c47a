"""How the figures come about: activity data of rows with the same factors, times these factors."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from decimal import Decimal
from typing import TYPE_CHECKING

from zerofactory_engine.accounting.gwp import EQUIVALENT
from zerofactory_engine.accounting.terms import Amount, Slice, Term, add, product
from zerofactory_engine.reasons import Unknown
from zerofactory_mappings.gb_t_32150.model import Calculation

if TYPE_CHECKING:
    from zerofactory_engine.accounting.lines import Line
    from zerofactory_mappings.crosswalk.model import Placed


def calculations(counted: Iterable[tuple[Placed, int]], scheme: str) -> tuple[Calculation, ...]:
    """Every product of every line, those that share class, source, carrier, gas and factors as one, in their order.

    A product that is not known stands alone, so that it leaves nothing else unknown.
    """
    groups: dict[Hashable, list[tuple[Line, Slice]]] = {}
    first: dict[Hashable, tuple[str, int]] = {}
    for each, counts in counted:
        line, class_id = each.line, each.places[scheme].class_id
        assert class_id is not None
        for number, terms in enumerate(line.location.slices):
            key: Hashable = (class_id, counts, line.source.code, line.carrier, line.gas, terms[0].unit, terms[0].below,
                             tuple(map(_key, terms[1:])), _key(line.gwp))
            if any(isinstance(t.value, Unknown) for t in (*terms, line.gwp)):
                key = (key, line.id, number)
            groups.setdefault(key, []).append((line, terms))
            first.setdefault(key, (class_id, counts))
    return tuple(_one(*first[key], of) for key, of in groups.items())


def _key(term: Term) -> Hashable:
    value = None if isinstance(term.value, Unknown) else term.value
    return (term.name, term.unit, value, term.below, None if term.entry is None else term.entry.id)


def _one(class_id: str, counts: int, of: list[tuple[Line, Slice]]) -> Calculation:
    line, terms = of[0]
    rows = tuple(dict.fromkeys("/".join(n for n in (at.table, at.row) if n) for at, _ in of))
    obtained = tuple(dict.fromkeys(at.obtained for at, _ in of if at.obtained))
    return Calculation(
        class_id, line.source.title, line.carrier, line.gas, add(t[0].value for _, t in of), terms[0].unit,
        terms[0].below, terms[1:], _potential(line), add(_equivalent(at, t) for at, t in of), counts, rows, obtained)


def _potential(line: Line) -> Term | None:
    """The warming potential, where a mass is multiplied by one."""
    return None if line.gas in ("CO2", EQUIVALENT) else line.gwp


def _equivalent(line: Line, terms: Slice) -> Amount:
    potential = _potential(line)
    return product(terms if potential is None else (*terms, potential))


def divisor(found: Calculation) -> Decimal:
    """What the product of a calculation is divided by."""
    from zerofactory_engine.decimals import CONTEXT

    out = found.below
    for term in found.factors:
        out = CONTEXT.multiply(out, term.below)
    return out
