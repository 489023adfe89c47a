"""Run the import of a certificate ledger: bytes in, dossiers and report out. The command is ``zerofactory import``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zerofactory_mappings.sources import Imported

#: Options that ``zerofactory import gec_ledger`` takes beside those of every source.
OPTIONS = ("facility", "year")


def import_bytes(data: bytes, file: str, options: Mapping[str, Any]) -> Imported:
    """The certificates of the ledger in *data* as rows of dossiers, and the report of every row.

    *options*: ``facility`` (only certificates of this holder or beneficiary, as the file names it) and ``year`` (only
    those consumed in this year, and those not yet cancelled).

    Raises:
        ProblemsError: there is no such table in the file.
    """
    from zerofactory_mappings.sources.gec_ledger.check import decide
    from zerofactory_mappings.sources.gec_ledger.read import read_ledger
    from zerofactory_mappings.sources.gec_ledger.write import imported

    ledger = read_ledger(data, file)
    return imported(decide(ledger, options.get("facility"), options.get("year")), data, options.get("year"))
