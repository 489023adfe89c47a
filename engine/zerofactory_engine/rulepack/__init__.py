"""Rule packs: what is asked, as data. Load, check, lock, overlay and show them (format: ``rules/README.md``).

Names are loaded when they are first used, so that the command line starts without the loader.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zerofactory_engine.rulepack.linting import lint
    from zerofactory_engine.rulepack.load import find_pack, load_files, load_folder, pack_folders
    from zerofactory_engine.rulepack.load import load_folder as load_pack
    from zerofactory_engine.rulepack.model import Pack

_HOMES = {"lint": ("linting", "lint"), "find_pack": ("load", "find_pack"), "load_files": ("load", "load_files"),
          "load_folder": ("load", "load_folder"), "load_pack": ("load", "load_folder"),
          "pack_folders": ("load", "pack_folders"), "Pack": ("model", "Pack")}
__all__ = ["Pack", "find_pack", "lint", "load_files", "load_folder", "load_pack", "pack_folders"]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        home, inside = _HOMES[name]
        found = globals()[name] = getattr(import_module(f"{__name__}.{home}"), inside)  # the function, not its module
        return found
    raise AttributeError(name)
