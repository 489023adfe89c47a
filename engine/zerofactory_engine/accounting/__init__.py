"""From a dossier to an inventory: dated factors, line items gas by gas, both scope 2 figures, uncertainty.

Names are loaded when they are first used, so that the command line starts without the accounting.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zerofactory_engine.accounting.compute import compute_inventory, shipped_library
    from zerofactory_engine.accounting.inventory import Inventory
    from zerofactory_engine.accounting.library import FactorLibrary
    from zerofactory_engine.accounting.lines import Line
    from zerofactory_engine.accounting.options import ACCEPTED, DEFAULT_SETS, Options

_HOMES = {"compute_inventory": "compute", "shipped_library": "compute", "Inventory": "inventory",
          "FactorLibrary": "library", "Line": "lines", "ACCEPTED": "options", "DEFAULT_SETS": "options",
          "Options": "options"}
__all__ = ["ACCEPTED", "DEFAULT_SETS", "FactorLibrary", "Inventory", "Line", "Options", "compute_inventory",
           "shipped_library"]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(name)
