"""Small made-up sites for the tests of the comparison: one row of power, one of gas in part P1, one product."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from zerofactory_engine.dossier import Dossier, dossier_from_tree
from zerofactory_engine.reasons import Unknown

TABLES = ["energy", "electricity", "heat", "storage", "chp", "biomass", "processes", "fugitive", "carbon_capture",
          "certificates", "credits", "transport", "purchased", "waste", "travel", "use_phase", "end_of_life",
          "other_indirect"]


def tree(year: int, mwh: str = "1000", gas: str = "50000", made: str | None = "100", **changed: Any) -> dict[str, Any]:
    """A dossier as YAML would give it; *changed* replaces whole sections."""
    out: dict[str, Any] = {
        "format": "zerofactory/dossier/1", "id": f"d{year}",
        "facility": {"id": "F1", "name": {"zh": "甲厂", "en": "Plant A"}, "province": "CN-SC", "country": "CN"},
        "period": {"from": f"{year}-01-01", "to": f"{year}-12-31"}, "complete": TABLES,
        "boundary": {"approach": "operational control", "parts": [
            {"id": "P1", "kind": "production unit", "inside": True, "relationship": "own"}]},
        "electricity": [{"id": "E1", "flow": "consumed", "source": "grid", "MWh": mwh}],
        "energy": [{"id": "G1", "carrier": "natural_gas", "Nm3": gas, "part": "P1"}],
        "products": [{"id": "P", "category": "cell", "output_MWh": made}] if made is not None else []}
    out.update(changed)
    return out


def site(year: int, mwh: str = "1000", gas: str = "50000", made: str | None = "100", **changed: Any) -> Dossier:
    """That dossier."""
    return dossier_from_tree(tree(year, mwh, gas, made, **changed), lenient=True)


def parts(*listed: dict[str, Any]) -> dict[str, Any]:
    """A boundary with parts."""
    return {"approach": "operational control", "parts": list(listed)}


def codes(amount: object) -> list[str]:
    """The codes of an unknown's reasons."""
    assert isinstance(amount, Unknown), amount
    return [r.code for r in amount.reasons]


def known(amount: object) -> Decimal:
    """A figure that has to be known."""
    assert isinstance(amount, Decimal), amount
    return amount
