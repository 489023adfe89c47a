"""Whether a file looks like a table of meter data: its headings name a time or period, and a quantity or readings."""

from __future__ import annotations


def detect(data: bytes) -> bool:
    """Whether a mapping could be proposed for *data*; never raises."""
    from zerofactory_engine.problems import ProblemsError
    from zerofactory_mappings.sources.meter_csv.propose import propose
    from zerofactory_mappings.sources.sheets.grid import read_grids

    try:
        return propose(read_grids(data, "?")) is not None
    except ProblemsError:
        return False
