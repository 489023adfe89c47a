"""Run the import of statistical energy tables: bytes in, dossiers and report out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zerofactory_mappings.sources import Imported

#: Options that ``zerofactory import cn_energy_tables`` takes beside those of every source.
OPTIONS = ("year",)


def import_bytes(data: bytes, file: str, options: Mapping[str, Any]) -> Imported:
    """Dossiers (one per year) of the forms in *data*, a copy of it, and the report that accounts for every row.

    *options*: ``year`` (calendar year; every one when absent; also stands in where a sheet states no period). A file
    that holds only forms of the family which are not read makes no dossier; its rows stand in the report.

    Raises:
        ProblemsError: it is no table, none of its sheets is such a form, or a form states no period.
    """
    from zerofactory_engine.canonical import sha256
    from zerofactory_engine.problems import Place, Problem, Severity
    from zerofactory_mappings.sources.cn_energy_tables.check import check
    from zerofactory_mappings.sources.cn_energy_tables.plan import decide
    from zerofactory_mappings.sources.cn_energy_tables.read import read_sheet
    from zerofactory_mappings.sources.cn_energy_tables.write import dossiers, titles
    from zerofactory_mappings.sources.report import ImportReport
    from zerofactory_mappings.sources.sheets.grid import read_grids

    year = options.get("year")
    grids = read_grids(data, file)
    sheets = tuple(sheet for grid in grids if (sheet := read_sheet(grid, year)) is not None)
    decision = decide(grids, sheets, file, year)
    problems = [*decision.problems, *check(sheets, file)]
    if options.get("facility"):
        problems.append(Problem("cn-energy.facility-unused", Place(file=file), Severity.NOTE,
                                found=str(options["facility"])))
    if not decision.plans:
        problems.append(Problem("import.nothing", Place(file=file), Severity.WARNING))
    files = dossiers(decision.plans, sheets, data, file)
    report = ImportReport("cn_energy_tables", file, sha256(data), decision.ledger.entries(), decision.keys,
                          decision.ledger.sums(titles()), tuple(files), tuple(problems))
    return Imported(files, report)
