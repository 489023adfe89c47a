"""Traded green power as rows of electricity; the certificates that came with it as rows bundled with the contract."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import PurePath

from zerofactory_engine.canonical import sha256
from zerofactory_engine.decimals import CONTEXT, plain
from zerofactory_mappings.sources import Imported
from zerofactory_mappings.sources.gec_ledger.layout import SYSTEM, mwh_each
from zerofactory_mappings.sources.gec_ledger.write import chunks, head, history, line_of
from zerofactory_mappings.sources.green_power_settlement.check import Decision
from zerofactory_mappings.sources.green_power_settlement.record import Settlement
from zerofactory_mappings.sources.report import ImportReport, sum_up
from zerofactory_mappings.sources.yaml_rows import Cell

_Row = Mapping[str, "Cell | list[Mapping[str, str]]"]


def electricity_row(record: Settlement) -> _Row:
    """Row of the table of electricity: consumed, from green trade."""
    text = record.text
    out: dict[str, Cell] = {
        "id": record.row, "flow": "consumed", "source": "green trade", "technology": record.technology or "",
        "from": str(record.start), "to": str(record.end), "MWh": plain(record.settled), "contract": record.contract,
        "supplier": text.get("supplier", ""), "legal_entity": text.get("buyer", ""),
        "user_number": text.get("user_number", ""), "obtained": "invoiced",
        "documents": record.reference, "note": _note(record)}
    return {name: value for name, value in out.items() if value}


def _note(record: Settlement) -> str:
    names = ["project", "retailer", "contracted", "energy_price", "green_price"]
    names += [] if record.ranges else ["certificates"]
    stated = [f"settled as stated: {' '.join(filter(None, record.stated))}"]
    return "; ".join(stated + [f"{n}: {record.text[n]}" for n in names if record.text.get(n)])


def certificate_rows(record: Settlement) -> Iterator[_Row]:
    """Rows of the table of certificates; one claim with the electricity, so bundled with its contract."""
    for number, each in enumerate(record.ranges, 1):
        out: dict[str, Cell | list[Mapping[str, str]]] = {
            "id": f"{record.row}-C{number}", "system": SYSTEM, "serials": {"first": each.first, "last": each.last},
            "MWh": plain(CONTEXT.multiply(Decimal(len(each)), mwh_each())), "technology": record.technology or "",
            "project": record.text.get("project", ""), "registration_code": each.project, "bundled": "yes",
            "contract": record.contract, "documents": record.reference}
        if states := history(None, record.transferred, None, "transferred"):
            out["status_history"] = states
        yield {name: value for name, value in out.items() if value}


def imported(decision: Decision, data: bytes, year: int | None) -> Imported:
    """Dossiers (more than one when a table is longer than a dossier holds), the copied file and the report."""
    copy = "settlement" + (PurePath(decision.file).suffix.lower() or ".csv")
    files: dict[str, bytes] = {}
    if decision.used:
        years = (year, year) if year is not None else (min(r.start.year for r in decision.used),
                                                       max(r.end.year for r in decision.used))
        power = list(chunks(line_of(electricity_row(r)) for r in decision.used))
        codes = list(chunks(line_of(c) for r in decision.used for c in certificate_rows(r)))
        # Both tables in one dossier while they fit; certificates of a very long statement get dossiers of their own.
        together = not codes or (len(power) == len(codes) == 1 and len(list(chunks(power[0] + codes[0]))) == 1)
        parts = [("electricity", p) for p in power] + ([] if together else [("certificates", c) for c in codes])
        for number, (name, part) in enumerate(parts, 1):
            tables = {name: part} | ({"certificates": codes[0]} if together and codes else {})
            file = "green-power.yaml" if len(parts) == 1 else f"green-power-{number}.yaml"
            files[file] = head(f"green-power-{number}", years, "green_power_settlement", copy, data, tables)
    files[copy] = data
    report = ImportReport("green_power_settlement", decision.file, sha256(data), decision.entries, (),
                          sum_up(decision.entries, {}), tuple(files), decision.problems)
    return Imported(files, report)
