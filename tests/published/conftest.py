"""The inventory of rows typed from a publication."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from zerofactory_engine.accounting import FactorLibrary, Inventory, Options, compute_inventory
from zerofactory_engine.dossier import dossier_from_tree

Publish = Callable[..., Inventory]
TABLES = ["energy", "electricity", "heat", "processes", "fugitive", "certificates", "transport", "purchased", "waste", "travel",
          "use_phase", "end_of_life", "other_indirect"]


@pytest.fixture
def inventory() -> Publish:
    """``inventory(province=…, options={…}, sets={…}, energy=[…])``: every table complete, period 2025."""

    def run(province: str = "CN", options: dict[str, str] | None = None, sets: dict[str, str] | None = None,
            **tables: list[dict[str, Any]]) -> Inventory:
        tree = {"format": "zerofactory/dossier/1", "id": "published", "period": {"from": "2025-01-01", "to": "2025-12-31"},
                "facility": {"id": "F1", "name": {"zh": "工厂", "en": "Site"}, "province": province},
                "complete": TABLES, **tables}
        return compute_inventory(dossier_from_tree(tree, lenient=True), Options(sets or {}, options or {}),
                                 FactorLibrary.shipped())

    return run


@pytest.fixture
def total() -> Callable[..., Decimal]:
    """A total that has to be known, in tonnes of CO2e."""

    def of(found: Inventory, group: str = "all", basis: str = "location") -> Decimal:
        value = found.total(group, basis).value
        assert isinstance(value, Decimal), value
        return value

    return of
