"""Whether a file is a ledger of green certificates: a table whose header speaks of certificates."""

from __future__ import annotations


def detect(data: bytes) -> bool:
    """Whether *data* holds a table with a quantity or codes of certificates; never raises."""
    from zerofactory_engine.problems import ProblemsError
    from zerofactory_mappings.sources.gec_ledger.read import find_tables

    try:
        return bool(find_tables(data, "?"))
    except ProblemsError:
        return False
