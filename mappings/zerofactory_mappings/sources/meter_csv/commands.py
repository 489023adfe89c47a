"""Run the import of meter data: bytes and a mapping in, dossier and report out (``zerofactory import``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zerofactory_mappings.sources import Imported

#: Options that ``zerofactory import meter_csv`` takes beside those of every source.
OPTIONS = ("year", "mapping")


def import_bytes(data: bytes, file: str, options: Mapping[str, Any]) -> Imported:
    """A dossier with the rows and meters of the table in *data*, and the report of every row.

    *options*: ``mapping`` (bytes of a file of the format ``zerofactory/meter-mapping/1``), ``mapping_file`` (its name)
    and ``year`` (calendar year; a bill across its ends is apportioned by days). Without a mapping one is proposed from
    the headings: a file ``mapping.yaml``, and no dossier.

    Raises:
        ProblemsError: the mapping is not sound or does not fit the table, nothing can be used, or there is no mapping
            and none can be proposed.
    """
    from zerofactory_mappings.sources.meter_csv.check import decide
    from zerofactory_mappings.sources.meter_csv.mapping import read_mapping
    from zerofactory_mappings.sources.meter_csv.propose import proposed
    from zerofactory_mappings.sources.meter_csv.read import read_table
    from zerofactory_mappings.sources.meter_csv.write import imported
    from zerofactory_mappings.sources.sheets.grid import read_grids

    grids = read_grids(data, file)
    if options.get("mapping") is None:
        return proposed(grids, data, file)
    mapping = read_mapping(options["mapping"], options.get("mapping_file") or "mapping.yaml")
    table = read_table(grids, mapping, file, options.get("year"))
    return imported(decide(table, options.get("year")), data)
