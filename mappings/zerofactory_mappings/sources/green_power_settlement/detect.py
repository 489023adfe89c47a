"""Whether a file is a settlement of traded green power: a table with a contract and a settled electricity."""

from __future__ import annotations


def detect(data: bytes) -> bool:
    """Whether *data* holds a table of settlements; never raises."""
    from zerofactory_engine.problems import ProblemsError
    from zerofactory_mappings.sources.green_power_settlement.read import find_tables
    from zerofactory_mappings.sources.sheets.grid import read_grids

    try:
        return bool(find_tables(read_grids(data, "?")))
    except ProblemsError:
        return False
