"""From a dossier to an inventory: dated factors, line items gas by gas, both scope 2 figures, uncertainty."""

from zerofactory_engine.accounting.compute import compute_inventory, shipped_library
from zerofactory_engine.accounting.inventory import Inventory
from zerofactory_engine.accounting.library import FactorLibrary
from zerofactory_engine.accounting.lines import Line
from zerofactory_engine.accounting.options import ACCEPTED, DEFAULT_SETS, Options

__all__ = ["ACCEPTED", "DEFAULT_SETS", "FactorLibrary", "Inventory", "Line", "Options", "compute_inventory",
           "shipped_library"]
