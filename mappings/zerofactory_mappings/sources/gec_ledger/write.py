"""The certificates of a ledger as rows of dossiers, each with its place in the copied file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import PurePath

from zerofactory_engine.canonical import sha256
from zerofactory_engine.decimals import plain
from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_engine.yaml_text import DOSSIER_BYTES
from zerofactory_mappings.sources import Imported
from zerofactory_mappings.sources.gec_ledger.check import Decision, electricity
from zerofactory_mappings.sources.gec_ledger.layout import SYSTEM
from zerofactory_mappings.sources.gec_ledger.record import Certificate
from zerofactory_mappings.sources.report import ImportReport, sum_up
from zerofactory_mappings.sources.yaml_rows import Cell, cell, row

#: Most rows of a table of one dossier (its schema), and bytes that rows may take so that the rest has room.
ROWS, BYTES = 20_000, DOSSIER_BYTES - 100_000


def history(issued: date | None, transferred: date | None, cancelled: date | None, status: str
            ) -> list[Mapping[str, str]]:
    """What happened to certificates, in order; only what has a day."""
    last = "expired" if status == "expired" else "cancelled"
    found = [("issued", issued), ("transferred", transferred), (last, cancelled)]
    return [{"status": name, "on": str(day)} for name, day in sorted(
        ((n, d) for n, d in found if d is not None), key=lambda pair: pair[1])]


def rows_of(record: Certificate) -> Iterator[dict[str, Cell | list[Mapping[str, str]]]]:
    """Rows of the table of certificates: one for each range of codes, or one without."""
    several = len(record.ranges) > 1
    for number, each in enumerate(record.ranges or (None,), 1):
        out: dict[str, Cell | list[Mapping[str, str]]] = {
            "id": f"{record.row}-{number}" if several else record.row, "system": SYSTEM}
        if each is not None:
            out |= {"serials": {"first": each.first, "last": each.last}, "registration_code": each.project}
        out["MWh"] = plain(record.mwh if each is None else electricity(record, each))
        out |= {"technology": record.technology or "", "project": record.text.get("project", "")}
        if each is None and record.text.get("registration"):
            out["registration_code"] = record.text["registration"]
        out |= {"bundled": {True: "yes", False: "no", None: ""}[record.bundled], "contract": record.contract or ""}
        days = {"generated_from": record.start, "generated_to": record.end, "issued_on": record.issued,
                "expires_on": record.expires, "retired_on": record.cancelled}
        out |= {name: str(day) for name, day in days.items() if day is not None}
        out |= {"cancellation_reason": record.reason or "", "beneficiary": record.beneficiary or "",
                "consumption_year": str(record.year or "")}
        if states := history(record.issued, record.transferred, record.cancelled, record.status):
            out["status_history"] = states
        out |= {"documents": record.reference, "note": _note(record)}
        yield {name: value for name, value in out.items() if value}


def _note(record: Certificate) -> str:
    """What the ledger says and no column of a dossier holds."""
    names = ("status", "owner", "seller", "holder", "location", "trading", "tradable")
    return "; ".join(f"{n}: {record.text[n]}" for n in names if record.text.get(n))


def line_of(cells: Mapping[str, Cell | list[Mapping[str, str]]]) -> str:
    """One row of YAML; a list of mappings stands in flow style as well."""
    states = cells.get("status_history")
    plain_cells: dict[str, Cell] = {n: v for n, v in cells.items() if n != "status_history"}   # type: ignore[misc]  # the only list
    text = row(plain_cells)
    if not states:
        return text
    return text[:-1] + ", status_history: [" + ", ".join(cell(s) for s in states) + "]}"


def chunks(lines: Iterable[str]) -> Iterator[list[str]]:
    """*lines* in parts that fit one dossier."""
    part: list[str] = []
    size = 0
    for line in lines:
        length = len(line.encode()) + 1
        if part and (len(part) == ROWS or size + length > BYTES):
            yield part
            part, size = [], 0
        part.append(line)
        size += length
    if part:
        yield part


def imported(decision: Decision, data: bytes, year: int | None) -> Imported:
    """Dossiers (more than one when a table is longer than a dossier holds), the copied file and the report."""
    copy = "ledger" + (PurePath(decision.file).suffix.lower() or ".csv")
    lines = [line_of(cells) for record in decision.used for cells in rows_of(record)]
    parts = list(chunks(lines))
    names = ["certificates.yaml"] if len(parts) == 1 else [f"certificates-{n}.yaml" for n in range(1, len(parts) + 1)]
    period = period_of_rows(decision.used, year)
    if lines and period is None:
        raise ProblemsError([*decision.problems, Problem("gec.no-year", Place(file=decision.file))])
    files = {name: head(f"gec-ledger-{n}", period or (0, 0), "gec_ledger", copy, data, {"certificates": part})
             for n, (name, part) in enumerate(zip(names, parts, strict=True), 1)} | {copy: data}
    report = ImportReport("gec_ledger", decision.file, sha256(data), decision.entries, (),
                          sum_up(decision.entries, {}), tuple(files), decision.problems)
    return Imported(files, report)


def period_of_rows(records: Sequence[Certificate], year: int | None) -> tuple[int, int] | None:
    """First and last year: the one asked for, those of consumption or of generation; None when none is known."""
    if year is not None:
        return year, year
    years = {r.year for r in records if r.year is not None} or {
        d.year for r in records for d in (r.start, r.end) if d is not None} or {
        d.year for r in records for d in (r.issued, r.transferred) if d is not None}
    return (min(years), max(years)) if years else None


def head(identifier: str, years: tuple[int, int], kind: str, copy: str, data: bytes,
         tables: Mapping[str, Sequence[str]]) -> bytes:
    """A dossier with *tables* (lines of YAML) and the file they come from. The facility is the applicant's to state."""
    lines = ["# Made from an outside table. Put in your facility and period; nothing is declared complete.",
             "format: zerofactory/dossier/1", f"id: {identifier}",
             f"facility: {{id: F1, name: {cell({'zh': '待填', 'en': 'to be stated'})}, kind: factory}}",
             f"period: {{from: {years[0]}-01-01, to: {years[1]}-12-31}}"]
    for name, rows in tables.items():
        lines += [f"{name}:", *rows] if rows else []
    lines += ["documents:", row({"id": "D1", "kind": kind, "file": copy,
                                 "sha256": hashlib.sha256(data).hexdigest()})]
    return ("\n".join(lines) + "\n").encode()
