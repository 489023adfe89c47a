"""Small dossiers for the accounting, written as an applicant would write them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from zerofactory_engine.accounting import Inventory, Options, compute_inventory
from zerofactory_engine.accounting.library import FactorLibrary
from zerofactory_engine.dossier import Dossier, dossier_from_tree

ALL = ["energy", "electricity", "heat", "chp", "biomass", "processes", "fugitive", "carbon_capture", "certificates",
       "transport", "purchased", "waste", "travel", "use_phase", "end_of_life", "other_indirect"]
MakeSite = Callable[..., Dossier]
Account = Callable[..., Inventory]


def make_site(*, complete: list[str] | None = None, province: str | None = "CN", facility: dict[str, Any] | None = None,
              boundary: dict[str, Any] | None = None, period: tuple[str, str] = ("2025-01-01", "2025-12-31"),
              organisation: dict[str, Any] | None = None, **tables: list[dict[str, Any]]) -> Dossier:
    """A dossier of these tables, every table declared complete unless said otherwise."""
    place = {"id": "F1", "name": {"zh": "示例工厂", "en": "Example site"}, **(facility or {})}
    if province is not None:
        place["province"] = province
    tree: dict[str, Any] = {"format": "zerofactory/dossier/1", "id": "t", "facility": place,
                            "period": {"from": period[0], "to": period[1]},
                            "complete": ALL if complete is None else complete, **tables}
    if boundary is not None:
        tree["boundary"] = boundary
    if organisation is not None:
        tree["organisation"] = organisation
    return dossier_from_tree(tree, lenient=True)


@pytest.fixture
def site() -> MakeSite:
    """Make a dossier."""
    return make_site


@pytest.fixture
def every_table() -> list[str]:
    """Tables that the accounting reads."""
    return list(ALL)


@pytest.fixture(scope="session")
def library() -> FactorLibrary:
    """The shipped factor sets."""
    return FactorLibrary.shipped()


@pytest.fixture
def account(library: FactorLibrary) -> Account:
    """The inventory of tables: ``account(energy=[…], options={…}, sets={…})``."""

    def run(options: dict[str, str] | None = None, sets: dict[str, str] | None = None, **site: Any) -> Inventory:
        return compute_inventory(make_site(**site), Options(sets or {}, options or {}), library)

    return run
