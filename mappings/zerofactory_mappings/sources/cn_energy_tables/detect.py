"""Whether a file looks like a statistical energy form or ledger."""

from __future__ import annotations


def detect(data: bytes) -> bool:
    """Whether one of the sheets is a form of the 205 family or an energy ledger; never raises."""
    from zerofactory_engine.problems import ProblemsError
    from zerofactory_mappings.sources.cn_energy_tables.read import recognise
    from zerofactory_mappings.sources.sheets.grid import read_grids

    try:
        return any(recognise(grid) is not None for grid in read_grids(data, ""))
    except ProblemsError:
        return False
