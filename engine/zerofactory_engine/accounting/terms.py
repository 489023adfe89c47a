"""Arithmetic of a line that keeps its trail: named terms whose product, or sum of products, is the figure.

A figure is Σ over slices of Π over terms. Numerators are multiplied first and denominators divided last, so a fraction
such as 44/12 is rounded once. An unknown term makes the figure unknown with all reasons.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from zerofactory_engine.accounting.factors import Entry, Value
from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.reasons import Cause, Reason, Unknown

Amount: TypeAlias = "Decimal | Unknown"

ZERO = Decimal(0)
ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that is multiplied.

    *value* is the numerator in *unit*, *below* its denominator. It comes from a factor *entry* (value *name* of it) or
    from the dossier: *cells* are the cells it was made of, as (subject, value), and *operation* says how: ``cell`` (the
    cell itself), ``sum`` (cells with their *signs*), ``complement`` (one minus the cell), ``matched`` (part of a cell
    that an instrument covers), ``share`` (boundary), ``ratio`` (first cell over second).
    """

    name: str
    value: Amount
    unit: str
    below: Decimal = ONE
    entry: Entry | None = None
    operation: str = "cell"
    cells: tuple[tuple[str, Amount], ...] = ()
    signs: tuple[int, ...] = ()


Slice: TypeAlias = tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A value with the slices it is the sum of."""

    value: Amount
    slices: tuple[Slice, ...]


def product(terms: Iterable[Term]) -> Amount:
    """The product of *terms*; unknown with every reason if any of them is."""
    above, below = ONE, ONE
    unknown: Unknown | None = None
    for term in terms:
        if isinstance(term.value, Unknown):
            unknown = term.value if unknown is None else unknown.merge(term.value)
            continue
        above = CONTEXT.multiply(above, term.value)
        if term.below != 1:
            below = CONTEXT.multiply(below, term.below)
    if unknown is not None:
        return unknown
    return above if below == 1 else CONTEXT.divide(above, below)


def add(amounts: Iterable[Amount]) -> Amount:
    """The sum; unknown with every reason if any is."""
    total = ZERO
    unknown: Unknown | None = None
    for amount in amounts:
        if isinstance(amount, Unknown):
            unknown = amount if unknown is None else unknown.merge(amount)
        else:
            total = CONTEXT.add(total, amount)
    return total if unknown is None else unknown


def figure(*slices: Slice) -> Figure:
    """The figure of *slices*."""
    return Figure(product(slices[0]) if len(slices) == 1 else add(product(s) for s in slices), slices)


def from_entry(entry: Entry, name: str) -> Term:
    """Value *name* of a factor entry as a term; unknown when the set says that it lacks the value."""
    value: Value | None = entry.values.get(name)
    subject = f"factor:{entry.id}.{name}"
    if value is None or value.above is None:
        missing = Unknown(Reason(Cause.VALUE, subject, "accounting.factor-value-unknown"))
        return Term(name, missing, value.unit if value else "1", entry=entry)
    return Term(name, value.above, value.unit, value.below, entry)


def missing_factor(role: str, key: str, set_id: str) -> Term:
    """A term that is unknown because no set has a factor for *key*."""
    reason = Reason(Cause.VALUE, f"factor:{role}/{key}", "accounting.factor-missing", (("key", key), ("set", set_id)))
    return Term(role, Unknown(reason), "1")


def negative(term: Term) -> Term:
    """*term* with its sign turned."""
    if isinstance(term.value, Unknown):
        return term
    return Term(term.name, -term.value, term.unit, term.below, term.entry, "sum", ((term.name, term.value),), (-1,))
