"""What a CBAM calculation gives: figures of the installation, its processes and its products, under one basis.

Every figure is an exact decimal at full precision or None where something it needs is unknown; the problems say what.
``as_json`` is the shape that ``zerofactory cbam compute --json`` prints (there with JSON numbers).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from zerofactory_engine.problems import Problem
from zerofactory_engine.proof import Graph
from zerofactory_mappings.cbam.model import Basis, Installation


@dataclass(frozen=True, slots=True)
class StreamResult:
    """Emissions of one source stream, PFC source or measured source: tCO2e fossil, tCO2 of zero-rated biomass, fuel
    energy in TJ (fossil, biomass). *counted* False: incomplete, and in no total (the transitional workbook does so)."""

    id: str
    name: str
    gas: str
    fossil: Decimal | None
    biomass: Decimal | None
    energy_fossil: Decimal | None = None
    energy_biomass: Decimal | None = None
    counted: bool = True


@dataclass(frozen=True, slots=True)
class InstallationResult:
    """Totals in tCO2e; *biomass_co2* in tCO2. *fuel_energy* in TJ."""

    direct_emissions: Decimal | None
    co2: Decimal | None
    pfc: Decimal | None
    n2o: Decimal | None
    biomass_co2: Decimal | None
    indirect_stated: Decimal | None = None
    indirect_processes: Decimal | None = None
    fuel_energy: Decimal | None = None
    reconciliation_factor: Decimal | None = None

    def as_json(self) -> dict[str, Any]:
        """The fields that the command prints."""
        names = ("direct_emissions", "co2", "pfc", "n2o", "biomass_co2")
        return {n: getattr(self, n) for n in names}


@dataclass(frozen=True, slots=True)
class ProcessResult:
    """One production process.

    *activity_level* in the functional unit; *attributed_…* tCO2e; *se_…* without and *see_…* with precursors, tCO2e
    per functional unit; *embedded_electricity* MWh per functional unit; *default_share* of the embedded emissions that
    rests on default values. *indirect_in_scope*: whether indirect emissions of the good count. *sefa*: specific
    embedded free allocation, tCO2e per functional unit (definitive).
    """

    id: str
    name: str
    category: str | None
    functional_unit: str | None
    activity_level: Decimal | None
    direct_own: Decimal | None
    heat: Decimal | None
    waste_gas: Decimal | None
    exported_electricity: Decimal | None
    attributed_direct: Decimal | None
    attributed_indirect: Decimal | None
    electricity: Decimal | None
    se_direct: Decimal | None
    see_direct: Decimal | None
    se_indirect: Decimal | None
    see_indirect: Decimal | None
    embedded_electricity: Decimal | None
    default_share: Decimal | None
    indirect_in_scope: bool
    electricity_code: str | None = None
    weakest_source: str | None = None
    sefa: Decimal | None = None

    def as_json(self) -> dict[str, Any]:
        """The fields that the command prints."""
        names = ("id", "name", "category", "functional_unit", "activity_level", "attributed_direct",
                 "attributed_indirect",
                 "se_direct", "see_direct", "se_indirect", "see_indirect", "embedded_electricity", "default_share",
                 "indirect_in_scope")
        return {n: getattr(self, n) for n in names}


@dataclass(frozen=True, slots=True)
class PrecursorUse:
    """A bought precursor as it was used: values in tCO2e (MWh) per unit of the precursor, *source* of the value and
    *reason* where an actual value gave way to a default. *sefa* tCO2e per unit."""

    id: str
    name: str
    country: str | None
    cn: str | None
    direct: Decimal | None
    indirect: Decimal | None
    electricity: Decimal | None
    source: str
    reason: Problem | None = None
    sefa: Decimal | None = None
    note: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PrecursorShare:
    """How much of a precursor (bought, or another process) one functional unit of a product takes, chains included."""

    id: str
    name: str
    country: str | None
    bought: bool
    amount: Decimal
    direct: Decimal | None
    indirect: Decimal | None
    source: str

    def as_json(self) -> dict[str, Any]:
        """All fields."""
        return {"id": self.id, "name": self.name, "country": self.country, "bought": self.bought,
                "amount_per_unit": self.amount, "see_direct": self.direct, "see_indirect": self.indirect,
                "source": self.source}


@dataclass(frozen=True, slots=True)
class ProductResult:
    """One product, per unit of sale (t, MWh)."""

    process: str
    process_id: str
    cn_code: str | None
    name: str
    see_direct: Decimal | None
    see_indirect: Decimal | None
    unit: str | None
    sefa: Decimal | None
    default_share: Decimal | None
    embedded_electricity: Decimal | None
    electricity_code: str | None
    precursors: tuple[PrecursorShare, ...]
    weakest_source: str | None

    def as_json(self) -> dict[str, Any]:
        """The fields that the command prints."""
        names = ("process", "cn_code", "name", "see_direct", "see_indirect", "unit", "sefa", "precursors",
                 "weakest_source")
        return {n: getattr(self, n) for n in names}


@dataclass(frozen=True, slots=True)
class Loop:
    """Processes that feed each other, solved together; *residual* is the largest |x - (b + A·x)| of the solution."""

    processes: tuple[str, ...]
    residual: Decimal


@dataclass(frozen=True, slots=True)
class CbamResult:
    """All figures of one calculation. *provisional*: reasons why a figure rests on law or data not yet confirmed."""

    basis: Basis
    given: Installation
    installation: InstallationResult
    streams: tuple[StreamResult, ...]
    processes: tuple[ProcessResult, ...]
    precursors: tuple[PrecursorUse, ...]
    products: tuple[ProductResult, ...]
    loops: tuple[Loop, ...]
    problems: tuple[Problem, ...]
    provisional: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()          # acts and data versions used
    #: Factors of energy units: ef_heat (tCO2/TJ), ef_electricity (tCO2/MWh) and what they follow from.
    units: Mapping[str, Mapping[str, Decimal | None]] = field(default_factory=dict)
    proof: Graph | None = None

    def process(self, process_id: str) -> ProcessResult | None:
        """The process of that id."""
        return next((p for p in self.processes if p.id == process_id), None)

    def as_json(self) -> dict[str, Any]:
        """The shape that ``cbam compute --json`` prints (``standards/schemas/cbam-result.schema.json``)."""
        return {"format": "zerofactory/cbam-result/1", "basis": self.basis, "installation": self.installation,
                "processes": self.processes, "products": self.products,
                "loops": [{"processes": list(x.processes), "residual": x.residual} for x in self.loops],
                "provisional": list(self.provisional), "sources": list(self.sources), "problems": self.problems}
