"""Propagation by category: IPCC 2006 Guidelines, volume 1, chapter 3, approach 1, exact.

Two figures stand side by side. *independent* is the engine's own (every line independent of every other, equations 3.1
and 3.2). *correlated* lets what lines share move together: for each component the widths are added first and squared
afterwards, so that a hundred rows under one uncertain factor do not average its error away.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from zerofactory_engine.accounting.inventory import Inventory
from zerofactory_engine.accounting.lines import Line
from zerofactory_engine.accounting.present import amount_json
from zerofactory_engine.accounting.terms import ZERO, Amount
from zerofactory_engine.accounting.uncertainty import METHOD, combine
from zerofactory_engine.decimals import CONTEXT, plain
from zerofactory_mappings.uncertainty.components import Part, groups_of, part_of, shares_of


@dataclass(frozen=True, slots=True)
class Propagated:
    """The half-width at 95 % of one group, in tCO2e, and the share of its total that states no uncertainty.

    *independent* and *correlated* are None when nothing in the group states an uncertainty; the share is then 1.
    """

    group: str
    value: Amount
    known: Decimal
    lines: int
    independent: Decimal | None
    correlated: Decimal | None
    not_stated: Decimal | None

    def relative(self, width: Decimal | None) -> Decimal | None:
        """*width* as a share of the known total; None where there is none."""
        return None if width is None or not self.known else CONTEXT.divide(width, self.known.copy_abs())

    def as_json(self) -> dict[str, Any]:
        """Stable JSON shape; the method is named beside the figures."""
        out: dict[str, Any] = {"group": self.group, "method": METHOD, "tCO2e": amount_json(self.value),
                               "lines": str(self.lines)}
        optional = {"half_width_independent": self.independent, "half_width_correlated": self.correlated,
                    "relative_correlated": self.relative(self.correlated), "not_stated": self.not_stated}
        return out | {name: plain(value) for name, value in optional.items() if value is not None}


def propagate(inventory: Inventory | Iterable[Line], basis: str = "location") -> Mapping[str, Propagated]:
    """Propagated uncertainty of every group: ``all``, ``scopes_1_2``, ``scope/1``, ``iso_category/2`` …"""
    lines = inventory.lines if isinstance(inventory, Inventory) else tuple(inventory)
    parts = {id(line): part_of(line, basis) for line in lines}
    return {name: _of_group(name, [parts[id(line)] for line in found]) for name, found in groups_of(lines).items()}


def _of_group(name: str, parts: list[Part]) -> Propagated:
    shares = shares_of(parts)
    usual = combine((p.amount, p.line.uncertainty) for p in parts)
    return Propagated(name, shares.value, shares.known, shares.lines, None if usual is None else usual.half_width,
                      None if usual is None else correlated_width(parts), shares.not_stated)


def correlated_width(parts: Iterable[Part]) -> Decimal:
    """Root of Σ over components (Σ over lines amount × width)²: lines move together where they share a component."""
    widths: dict[tuple[str, str], Decimal] = {}
    for part in parts:
        if not isinstance(part.amount, Decimal):
            continue
        found = [("factor", *c) for c in part.factors] + ([("row", *part.row)] if part.row is not None else [])
        for kind, name, width in found:
            moved = CONTEXT.multiply(part.amount, width)
            widths[kind, name] = CONTEXT.add(widths.get((kind, name), ZERO), moved)
    squares = ZERO
    for width in widths.values():
        squares = CONTEXT.add(squares, CONTEXT.multiply(width, width))
    return CONTEXT.sqrt(squares)
