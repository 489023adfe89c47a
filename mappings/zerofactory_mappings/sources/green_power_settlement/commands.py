"""Run the import of a settlement: bytes in, dossiers and report out. The command is ``zerofactory import``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zerofactory_mappings.sources import Imported

#: Options that ``zerofactory import green_power_settlement`` takes beside those of every source.
OPTIONS = ("facility", "year")


def import_bytes(data: bytes, file: str, options: Mapping[str, Any]) -> Imported:
    """The traded green power in *data* as rows of dossiers, and the report of every row.

    *options*: ``facility`` (only what was settled for this buyer, as the file names it) and ``year`` (only months of
    this year).

    Raises:
        ProblemsError: there is no such table in the file.
    """
    from zerofactory_mappings.sources.green_power_settlement.check import decide
    from zerofactory_mappings.sources.green_power_settlement.read import read_settlement
    from zerofactory_mappings.sources.green_power_settlement.write import imported

    settlement = read_settlement(data, file)
    return imported(decide(settlement, options.get("facility"), options.get("year")), data, options.get("year"))
