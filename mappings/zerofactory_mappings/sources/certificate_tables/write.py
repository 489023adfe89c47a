"""Dossiers of rows, as many as their bounds ask for, with the copied file and the account of every row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TypeAlias, TypeVar

from zerofactory_engine.canonical import sha256
from zerofactory_engine.problems import Place, Problem, Severity
from zerofactory_engine.yaml_text import DOSSIER_BYTES
from zerofactory_mappings.sources import Imported
from zerofactory_mappings.sources.certificate_tables.decide import Decision
from zerofactory_mappings.sources.certificate_tables.tables import DOCUMENT
from zerofactory_mappings.sources.report import ImportReport
from zerofactory_mappings.sources.sheets.account import Fate
from zerofactory_mappings.sources.sheets.write import Head, SourceDocument, dossier_yaml
from zerofactory_mappings.sources.yaml_rows import Cell, row

#: Most rows of a table of one dossier (its schema), and bytes that rows may take so that the rest has room.
ROWS, BYTES = 20_000, DOSSIER_BYTES - 100_000
_COMMENT = "Made from an outside table. Put in your facility and period; nothing is declared complete."
_FACILITY = "待填 (to be stated)"

Cells: TypeAlias = Mapping[str, Cell]
Tables: TypeAlias = Mapping[str, Sequence[Cells]]
R = TypeVar("R")


def history(issued: date | None, transferred: date | None, cancelled: date | None, status: str
            ) -> list[Mapping[str, str]]:
    """What happened to certificates, in order; only what has a day."""
    last = "expired" if status == "expired" else "cancelled"
    found = [("issued", issued), ("transferred", transferred), (last, cancelled)]
    return [{"status": name, "on": str(day)} for name, day in sorted(
        ((n, d) for n, d in found if d is not None), key=lambda pair: pair[1])]


def chunks(rows: Iterable[Cells]) -> Iterator[list[Cells]]:
    """*rows* in parts that fit one dossier."""
    part: list[Cells] = []
    size = 0
    for cells in rows:
        length = len(row(cells).encode()) + 1
        if part and (len(part) == ROWS or size + length > BYTES):
            yield part
            part, size = [], 0
        part.append(cells)
        size += length
    if part:
        yield part


def numbered(stem: str, parts: Sequence[Tables]) -> Mapping[str, Tables]:
    """File name of a dossier → its tables: ``certificates.yaml``, or ``certificates-1.yaml`` … of several."""
    return {f"{stem}.yaml" if len(parts) == 1 else f"{stem}-{number}.yaml": part
            for number, part in enumerate(parts, 1)}


def imported(source: str, decision: Decision[R], unit: str, data: bytes, years: tuple[int, int] | None,
             dossiers: Mapping[str, Tables], owners: Mapping[str, str]) -> Imported:
    """The dossiers, the copied file and the report.

    *source*: name of the reader, which is also the kind of the document. *years*: first and last of the period.
    *owners*: ``table/row`` of a dossier → id of the row of the file that it states.
    """
    document = SourceDocument(DOCUMENT, source, decision.file, data)
    files: dict[str, bytes] = {}
    targets: dict[str, list[str]] = {}
    for name, tables in dossiers.items():
        start, end = (date(years[0], 1, 1), date(years[1], 12, 31)) if years is not None else (None, None)
        identifier = f"{source.replace('_', '-')}-{len(files) + 1}"
        files[name] = dossier_yaml(Head(identifier, _COMMENT, start, end, facility=_FACILITY), tables, [document])
        for table, rows in tables.items():
            for cells in rows:
                at = f"{table}/{cells['id']}"
                targets.setdefault(owners[at], []).append(f"{name}#{at}")
    files[document.file] = data
    ledger = decision.account(unit, {of: ", ".join(names[:3]) + (" …" if len(names) > 3 else "")
                                     for of, names in targets.items()})
    problems = list(decision.problems)
    if missed := ledger.balance()[Fate.NOT_UNDERSTOOD.value]:
        problems.append(Problem("certificate-tables.not-understood", Place(file=decision.file), Severity.WARNING,
                                args={"rows": str(missed)}))
    report = ImportReport(source, decision.file, sha256(data), ledger.entries(), (), ledger.sums({}), tuple(files),
                          tuple(problems))
    return Imported(files, report)
