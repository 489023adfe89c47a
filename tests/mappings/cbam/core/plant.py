"""Short ways to write an installation in a test: figures as text, one process, one stream."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from zerofactory_engine.proof import Graph
from zerofactory_mappings.cbam.compute import compute
from zerofactory_mappings.cbam.model import (
    Attribution,
    Basis,
    ElectricitySource,
    ElectricityUse,
    Given,
    Installation,
    Origin,
    Precursor,
    Process,
    Product,
    RouteAmount,
    ValueSource,
    VerificationReport,
)
from zerofactory_mappings.cbam.prove import differences
from zerofactory_mappings.cbam.result import CbamResult

D = Decimal
BOTH = (Basis.TRANSITIONAL, Basis.DEFINITIVE)


def g(text: str) -> Given:
    """``g("12.5 t")``: a figure and its unit."""
    number, _, unit = text.partition(" ")
    return Given(D(number), unit or "1")


def shares(**of: str) -> Attribution:
    return Attribution(shares={p: g(v) for p, v in of.items()})


def process(pid: str = "P1", category: str = "iron_or_steel_products", made: str = "1000 t", **fields: Any) -> Process:
    values: dict[str, Any] = {"direct": g("0 tCO2e"), "electricity": (grid("0 MWh"),)} | fields
    return Process(pid, f"Process {pid}", category, (RouteAmount("all", g(made)),), **values)


def grid(amount: str, ef: str = "0.5 tCO2e/MWh") -> ElectricityUse:
    return ElectricityUse(g(amount), ElectricitySource.GRID_DEFAULT, g(ef))


def precursor(used: Mapping[str, str], pid: str = "PP1", category: str = "iron_or_steel_products", **fields: Any) -> Precursor:
    values: dict[str, Any] = {"cn": "72139110", "country": "CN", "direct": g("2 tCO2e/t"), "direct_source": ValueSource.MEASURED,
                              "report": report(), "installation": "CN-MILL-1", "period_start": date(2026, 1, 1),
                              "period_end": date(2026, 12, 31)} | fields
    amounts = {p: g(v) for p, v in used.items()}
    bought = sum((a.value for a in amounts.values()), D(0))
    return Precursor(pid, f"Precursor {pid}", category, used_in=amounts,
                     bought=(RouteAmount("all", Given(bought, "t")),), **values)


def report(**fields: Any) -> VerificationReport:
    values: dict[str, Any] = {
        "id": "VR1", "verifier": "Example Verifier", "accreditation_number": "A-1", "accreditation_scope": ("72", "73"),
        "accreditation_valid_to": date(2028, 1, 1), "installation": "CN-MILL-1", "cn_codes": ("72139110",),
        "period_start": date(2026, 1, 1), "period_end": date(2026, 12, 31), "reasonable_assurance": True,
        "issued": date(2027, 3, 1), "document": "vr1.pdf"} | fields
    return VerificationReport(**values)


def plant(*processes: Process, origin: Origin = Origin.OWN, country: str = "CN", year: int = 2026, **fields: Any) -> Installation:
    return Installation(origin, "Test works", country, date(year, 1, 1), date(year, 12, 31), processes=processes, **fields)


def product(pid: str = "P1", cn: str = "73181535", **fields: Any) -> Product:
    return Product(pid, cn, "Good", **fields)


def run(installation: Installation, basis: Basis = Basis.DEFINITIVE, **options: Any) -> CbamResult:
    """Compute with proof, and check the whole proof."""
    result = compute(installation, basis, proof=True, **options)
    assert result.proof is not None
    assert differences(result.proof) == []
    return result


def codes(result: CbamResult) -> set[str]:
    return {p.code for p in result.problems}


def proof(result: CbamResult) -> Graph:
    assert result.proof is not None
    return result.proof


def kinds(result: CbamResult) -> set[str]:
    """Equations that the proof applies."""
    return {s.kind for s in proof(result)}
