"""Whether a file is a ledger of green certificates: a table whose header speaks of certificates."""

from __future__ import annotations


def detect(data: bytes) -> bool:
    """Whether *data* holds a table with a quantity or codes of certificates; never raises."""
    from zerofactory_engine.problems import ProblemsError
    from zerofactory_mappings.sources.gec_ledger.read import find_tables
    from zerofactory_mappings.sources.sheets.grid import read_grids

    try:
        return bool(find_tables(read_grids(data, "?")))
    except ProblemsError:
        return False
