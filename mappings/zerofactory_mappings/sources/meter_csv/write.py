"""The dossier of a table of meter data: its rows, its meters, its gaps, each with the cells that it comes from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Context, Decimal

from zerofactory_engine.canonical import sha256
from zerofactory_engine.decimals import DOSSIER_DIGITS, parse_decimal, plain
from zerofactory_engine.problems import Place, Problem, Severity
from zerofactory_mappings.sources import Imported
from zerofactory_mappings.sources.meter_csv.check import Decider, Decision, OutRow
from zerofactory_mappings.sources.meter_csv.read import Record
from zerofactory_mappings.sources.report import ImportReport, State
from zerofactory_mappings.sources.sheets.account import Fate
from zerofactory_mappings.sources.sheets.grid import Grid, GridCell
from zerofactory_mappings.sources.sheets.write import Head, SourceDocument, dossier_yaml, evidence
from zerofactory_mappings.sources.yaml_rows import Cell

#: Most rows of one dossier; a longer table makes several.
ROWS = 8_000
_DOSSIER = Context(prec=DOSSIER_DIGITS)
_COMMENT = "Made from a table of meter data. Nothing is declared complete here: that is the applicant's to declare."
_KINDS: Mapping[str, str] = {"electricity": "meter_reading", "energy": "energy_ledger", "heat": "meter_reading"}
_CARRIERS: Mapping[str, str] = {"electricity": "electricity", "heat": "heat"}
#: Source of electricity and heat by direction when the mapping names none; what is exported has none of its own.
_SOURCES: Mapping[tuple[str, str], str] = {("electricity", "consumed"): "grid", ("electricity", "generated"): "on-site",
                                           ("heat", "consumed"): "purchased"}


def imported(decision: Decision, data: bytes) -> Imported:
    """Dossiers (more than one when the table is longer than :data:`ROWS`), the copied file and the report."""
    table, mapping = decision.table, decision.table.mapping
    document = SourceDocument("D1", _KINDS[mapping.table], table.file, data)
    ids = _meter_ids(decision.rows)
    parts = [decision.rows[at:at + ROWS] for at in range(0, len(decision.rows), ROWS)]
    files: dict[str, bytes] = {}
    for number, part in enumerate(parts, 1):
        name = "meters.yaml" if len(parts) == 1 else f"meters-{number}.yaml"
        head = Head(name.removesuffix(".yaml"), _COMMENT, *_period(decision.rows),
                    facility=table.file.rpartition(".")[0] or table.file, time_zone=mapping.time_zone)
        meters: dict[str, list[Record]] = {}
        for row in part:
            meters.setdefault(row.first.meter, []).append(row.first)
        rows: dict[str, Iterable[Mapping[str, Cell]]] = {
            "meters": [_meter(ids[m], of, decision) for m, of in meters.items()],
            mapping.table: [_row(r, ids, decision) for r in part],
            "gaps": [_gap(ids[g.meter], g.span, g.reason) for g in decision.gaps if g.meter in meters]}
        files[name] = dossier_yaml(head, rows, [document])
        _settle(decision, part, name)
    files[document.file] = data
    table.ledger.close()
    missed = table.ledger.balance()[Fate.NOT_UNDERSTOOD.value]
    problems = [*decision.problems, *([Problem("meter.not-understood", Place(file=table.file), Severity.WARNING,
                                               args={"rows": str(missed)})] if missed else [])]
    titles = {f"{r.meter} {r.flow}": f"{r.meter} {r.flow}" for r in table.records}
    report = ImportReport("meter_csv", table.file, sha256(data), table.ledger.entries(), (),
                          table.ledger.sums(titles), tuple(files), tuple(problems))
    return Imported(files, report)


def _settle(decision: Decision, rows: Sequence[OutRow], name: str) -> None:
    """Say of every record which row states it."""
    decider = Decider(decision.table, None)
    for row in rows:
        exact = amount_text(row)
        reason, args, amount = "", {}, None
        if row.share is not None:
            reason, args = "import.apportioned", {"days": str(row.share[0]), "of": str(row.share[1])}
            amount = exact
        elif row.summed:
            reason = "meter.summed"
        elif Decimal(exact) != row.amount:
            reason, amount = "import.rounded", exact
        elif row.first.quantity is None:
            reason = "meter.by-readings"
        for record in row.records:
            decider.fate(record, State.USED, reason, args, f"{name} {decision.table.mapping.table}/{row.id}", amount)


def amount_text(row: OutRow) -> str:
    """The amount with the digits that a dossier holds."""
    return plain(_DOSSIER.plus(row.amount))


def _period(rows: Sequence[OutRow]) -> tuple[date, date]:
    """The days from the first to the last that the rows cover."""
    return min(r.span[0] for r in rows), max(r.span[1] for r in rows)


def _meter_ids(rows: Sequence[OutRow]) -> Mapping[str, str]:
    """An id for each meter that may stand in a dossier: its number, with other signs replaced, made unique."""
    out: dict[str, str] = {}
    taken: set[str] = set()
    for number in dict.fromkeys(r.first.meter for r in rows):
        base = re.sub(r"[\s/#;,&=]+", "-", number)[:58] or "M"
        name, count = base, 2
        while name in taken:
            name, count = f"{base}-{count}", count + 1
        taken.add(name)
        out[number] = name
    return out


def _meter(identifier: str, records: Sequence[Record], decision: Decision) -> Mapping[str, Cell]:
    """Row of the table of meters; *records*: the first ones of the meter's rows."""
    mapping, record = decision.table.mapping, records[0]
    cells: dict[str, Cell] = {"id": identifier, "carrier": _CARRIERS.get(mapping.table, mapping.carrier or ""),
                              "measures": mapping.table, "serial_number": record.meter}
    ratios = {r.multiplier for r in records if r.multiplier is not None}
    if len(ratios) == 1:
        cells["ratio"] = _figure(ratios.pop())
    return {**cells, "documents": _references(decision.table.grid, [record.cell], set())}


def _row(row: OutRow, ids: Mapping[str, str], decision: Decision) -> Mapping[str, Cell]:
    mapping, record = decision.table.mapping, row.first
    cells: dict[str, Cell] = {"id": row.id}
    if mapping.table == "energy":
        cells |= {"carrier": mapping.carrier or "", "use": "fuel", "direction": record.flow}
    else:
        cells |= {"medium": mapping.medium} if mapping.table == "heat" and mapping.medium else {}
        cells["flow"] = record.flow
        source = (mapping.source if record.flow == mapping.flow else None) or _SOURCES.get((mapping.table, record.flow))
        cells |= {"source": source} if source else {}
    amount = amount_text(row)
    cells |= {"meter": ids[record.meter], "from": str(row.span[0]), "to": str(row.span[1]), "amount": amount,
              "unit": row.unit}
    notes = [record.note[:500]] if record.note else []
    if mapping.table == "electricity" and _repeats(row):
        cells |= _readings(record)
    elif record.reading_from is not None and record.reading_to is not None and not row.summed:
        notes.append(f"readings {_figure(record.reading_from)} to {_figure(record.reading_to)}"
                     + (f", multiplier {_figure(record.multiplier)}" if record.multiplier is not None else "")
                     + (", the register ran over" if record.rolled else ""))
    if row.amount < 0:
        cells["correction"] = "yes"
    cells |= _obtained(row)
    grid = decision.table.grid
    if row.summed:
        ends = [row.records[0].cell, row.records[-1].cell] if len(row.records) > 1 else [record.cell]
        cells["documents"] = _references(grid, ends, set())
        cells["note"] = f"sum of {len(row.records)} rows, {row.records[0].cell.ref} to {row.records[-1].cell.ref}"
    else:
        shown = {record.amount} if Decimal(amount) == record.amount else set()
        cells["documents"] = _references(grid, [record.cell], shown)
        cells |= {"note": "; ".join(notes)} if notes else {}
    return cells


def _repeats(row: OutRow) -> bool:
    """Whether a dossier, which knows ratios of CT and PT only, comes from the readings to the amount."""
    record = row.first
    known = record.ct is not None or record.pt is not None or record.multiplier in (None, Decimal(1))
    return known and not row.summed and row.share is None and not record.rolled


def _readings(record: Record) -> Mapping[str, Cell]:
    found = {"ct_ratio": record.ct, "pt_ratio": record.pt, "reading_from": record.reading_from,
             "reading_to": record.reading_to}
    return {name: _figure(value) for name, value in found.items() if value is not None}


def _figure(value: Decimal) -> str:
    return plain(_DOSSIER.plus(value))


def _obtained(row: OutRow) -> Mapping[str, Cell]:
    """How the amount was obtained; a share of a bill says of how many days."""
    if row.share is None:
        return {"obtained": "metered"}
    method = f"by days, {row.share[0]} of {row.share[1]}, of {plain(row.first.amount)} {row.unit} metered"
    return {"obtained": "apportioned", "estimate": {"method": method}}


def _gap(meter: str, span: tuple[date, date], reason: str) -> Mapping[str, Cell]:
    return {"meter": meter, "from": str(span[0]), "to": str(span[1]), "reason": reason, "substitution": "none"}


def _references(grid: Grid, cells: Sequence[GridCell], shown: set[Decimal]) -> list[str]:
    """References to *cells*. One that does not show a figure of the row as a plain number is named by ``at``, as the
    reader of dossiers compares every ``cell`` with what the row states."""
    out = []
    for cell in cells:
        (reference,) = evidence("D1", grid, cell)
        plainly = grid.delimiter in (None, ",") and parse_decimal(cell.text) in shown and not cell.percent
        out.append(reference if plainly else re.sub(r"(?<=[#&])cell=", "at=", reference))
    return out
