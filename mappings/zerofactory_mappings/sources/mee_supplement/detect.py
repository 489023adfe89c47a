"""Whether a file holds a supplementary data sheet: enough of its items stand in one sheet."""

from __future__ import annotations

#: Different items with figures that make a sheet one of these.
AT_LEAST = 3


def detect(data: bytes) -> bool:
    """Whether some sheet of *data* bears labels of at least three figures of the form; never raises."""
    from zerofactory_engine.problems import ProblemsError
    from zerofactory_mappings.sources.mee_supplement.layout import figures_in
    from zerofactory_mappings.sources.sheets.grid import read_grids

    try:
        return any(len(figures_in(grid)) >= AT_LEAST for grid in read_grids(data, "?"))
    except ProblemsError:
        return False
