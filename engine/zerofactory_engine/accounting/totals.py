"""Totals of an inventory: by scope, gas, source, ISO category and GHG Protocol category, both ways of counting scope 2.

A total is unknown as soon as one of its lines is; a table that is not declared complete gives lines that are unknown.
What is known of a total stands beside it, so that a reader sees how much is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from zerofactory_engine.accounting.classification import OUTSIDE, family
from zerofactory_engine.accounting.lines import Line
from zerofactory_engine.accounting.terms import ZERO, Amount, add
from zerofactory_engine.accounting.uncertainty import Uncertainty, combine
from zerofactory_engine.decimals import CONTEXT, plain
from zerofactory_engine.reasons import Unknown

BASES = ("location", "market")


@dataclass(frozen=True, slots=True)
class Total:
    """tCO2e of a group of lines on one basis: *value* (unknown with its reasons), *known* part, number of lines."""

    value: Amount
    known: Decimal
    lines: int
    uncertainty: Uncertainty | None = None

    def as_json(self) -> dict[str, Any]:
        """Stable JSON shape: ``tCO2e``, or the reasons why it is not known and the part that is."""
        out: dict[str, Any] = {"lines": str(self.lines)}
        if isinstance(self.value, Unknown):
            out["known_part"] = plain(self.known)
            out["reasons"] = [r.as_json() for r in self.value.reasons]
        else:
            out["tCO2e"] = plain(self.value)
        if self.uncertainty is not None:
            out["uncertainty"] = self.uncertainty.as_json()
        return out


def equivalent(line: Line, basis: str) -> Amount:
    """tCO2e of *line* on *basis*."""
    return line.tco2e_location if basis == "location" else line.tco2e_market


def total(lines: Sequence[Line], basis: str) -> Total:
    """The total of *lines* on *basis*."""
    amounts = [equivalent(line, basis) for line in lines]
    known = ZERO
    for amount in amounts:
        if isinstance(amount, Decimal):
            known = CONTEXT.add(known, amount)
    stated = (line.uncertainty for line in lines)
    return Total(add(amounts), known, len(lines), combine(zip(amounts, stated, strict=True)))


def grouped(lines: Iterable[Line], key: Callable[[Line], str | None]) -> dict[str, list[Line]]:
    """Lines by *key*, keys in order; a line whose key is None belongs to no group."""
    groups: dict[str, list[Line]] = {}
    for line in lines:
        name = key(line)
        if name is not None:
            groups.setdefault(name, []).append(line)
    return dict(sorted(groups.items()))


#: How totals are broken down: name of the breakdown → group of a line inside the scopes.
BREAKDOWNS: dict[str, Callable[[Line], str | None]] = {
    "scope": lambda line: str(line.scope),
    "gas": lambda line: family(line.gas) or line.gas,
    "source": lambda line: line.source.code,
    "iso_category": lambda line: str(line.iso_category),
    "iso_subcategory": lambda line: line.iso_subcategory,
    "ghgp_category": lambda line: None if line.ghgp_category is None else str(line.ghgp_category),
    "obtained": lambda line: (line.obtained or "not stated").replace(" ", "_"),
}


def inside(lines: Iterable[Line]) -> list[Line]:
    """Lines of scope 1, 2 and 3."""
    return [line for line in lines if line.scope != OUTSIDE]
