"""Rule packs: what is asked, as data. Load, check, lock, overlay and show them (format: ``rules/README.md``)."""

from zerofactory_engine.rulepack.lint import lint
from zerofactory_engine.rulepack.load import find_pack, load_files, load_folder, pack_folders
from zerofactory_engine.rulepack.model import Pack

#: The pack in a folder.
load_pack = load_folder

__all__ = ["Pack", "find_pack", "lint", "load_files", "load_folder", "load_pack", "pack_folders"]
