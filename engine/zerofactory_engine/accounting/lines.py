"""Line items of an inventory: activity × factor of one gas from one row, classified by its source type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property

from zerofactory_engine.accounting.classification import SourceType
from zerofactory_engine.accounting.factors import Entry
from zerofactory_engine.accounting.gwp import EQUIVALENT
from zerofactory_engine.accounting.terms import ZERO, Amount, Figure, Term, product
from zerofactory_engine.problems import Problem
from zerofactory_engine.reasons import Cause, Reason, Unknown


@dataclass(frozen=True)
class Line:
    """One gas from one row.

    *location* and *market* are tonnes of *gas* (tonnes of CO2e when the gas is ``CO2e``: the factor did not tell gases
    apart); outside purchased electricity they are the same figure. *outside* says why a line stands beside the scopes
    (``biogenic_co2``, ``other_gas``, ``exported``). *uncertainty* is the relative half-width at 95 %. *method*:
    ``factor``, ``mass_balance``, ``stock_balance``, ``charge_rate``, ``direct``, ``supplier_specific``, ``average``,
    ``spend`` … *obtained*: how the row's figure was obtained (metered, invoiced, estimated …).
    """

    table: str
    row: str
    source: SourceType
    iso_subcategory: str
    scope: int
    gas: str
    location: Figure
    market: Figure
    gwp: Term
    method: str
    part: str = ""
    carrier: str | None = None
    flow: str | None = None
    biogenic: bool = False
    outside: str | None = None
    uncertainty: Decimal | None = None
    obtained: str | None = None

    @cached_property
    def id(self) -> str:
        """``electricity/E1/CO2``, with a part behind it where a row has several lines of one gas."""
        return "/".join(p for p in (self.table, self.row, self.gas, self.part) if p)

    @property
    def ghgp_category(self) -> int | None:
        """GHG Protocol category; None outside scope 3."""
        return self.source.ghgp_category if self.scope == 3 else None

    @property
    def iso_category(self) -> int:
        """ISO 14064-1 category."""
        return int(self.iso_subcategory.split(".")[0])

    @cached_property
    def tco2e_location(self) -> Amount:
        """Tonnes of CO2e, location-based."""
        return self._equivalent(self.location)

    @cached_property
    def tco2e_market(self) -> Amount:
        """Tonnes of CO2e, market-based."""
        return self.tco2e_location if self.market is self.location else self._equivalent(self.market)

    def _equivalent(self, figure: Figure) -> Amount:
        if self.gas in ("CO2", EQUIVALENT):
            return figure.value
        return product((Term("mass", figure.value, f"t{self.gas}"), self.gwp))

    def co2(self, figure: Figure) -> Amount:
        """The CO2 in *figure*: the figure itself, zero for another gas, unknown where gases were not told apart."""
        if self.gas == "CO2":
            return figure.value
        if self.gas == EQUIVALENT:
            return Unknown(Reason(Cause.VALUE, f"{self.table}/{self.row}", "accounting.gas-split-unknown"))
        return ZERO

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Factor entries that the line rests on, each once."""
        terms = [t for figure in (self.location, self.market) for s in figure.slices for t in s]
        return tuple(dict.fromkeys(t.entry for t in (*terms, self.gwp) if t.entry is not None))


@dataclass(frozen=True, slots=True)
class Derived:
    """A cell that the accounting computes for a row (``energy.tce``), with the terms it is the product of."""

    table: str
    row: str
    column: str
    unit: str
    figure: Figure


@dataclass(frozen=True, slots=True)
class Offset:
    """Carbon credits of one row, reported apart: they are never added to, nor taken from, any total."""

    row: str
    quantity: Amount
    programme: str | None = None
    kind: str | None = None
    retired_on: date | None = None
    claim_year: int | None = None


@dataclass(frozen=True, slots=True)
class TableResult:
    """What one calculator made of its tables."""

    lines: tuple[Line, ...] = ()
    derived: tuple[Derived, ...] = ()
    problems: tuple[Problem, ...] = ()
    notes: Mapping[str, object] = field(default_factory=dict)
