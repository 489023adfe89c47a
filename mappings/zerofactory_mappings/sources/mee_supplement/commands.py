"""Run the import of a supplementary data sheet: bytes in, dossiers and report out (``zerofactory import``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zerofactory_mappings.sources import Imported

#: Options that ``zerofactory import mee_supplement`` takes beside those of every source.
OPTIONS = ("facility", "year")


def import_bytes(data: bytes, file: str, options: Mapping[str, Any]) -> Imported:
    """A dossier for every enterprise and year of the form in *data*, and the report of every row and amount.

    *options*: ``facility`` (only this enterprise, as the file names it) and ``year`` (only this year; also the year of
    a form that states none).

    Raises:
        ProblemsError: there is no such form in the file, its year is not known, or nothing of it can be used.
    """
    from zerofactory_mappings.sources.mee_supplement.read import read_form
    from zerofactory_mappings.sources.mee_supplement.write import imported

    return imported(read_form(data, file, options.get("year")), data, options.get("facility"), options.get("year"))
