"""Traded green power as rows of electricity; the certificates that came with it as rows bundled with the contract."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from zerofactory_engine.decimals import plain
from zerofactory_mappings.sources import Imported
from zerofactory_mappings.sources.certificate_tables import write
from zerofactory_mappings.sources.certificate_tables.decide import Decision
from zerofactory_mappings.sources.gec_ledger.check import electricity
from zerofactory_mappings.sources.gec_ledger.layout import SYSTEM
from zerofactory_mappings.sources.green_power_settlement.check import UNIT
from zerofactory_mappings.sources.green_power_settlement.record import Settlement
from zerofactory_mappings.sources.yaml_rows import Cell


def electricity_row(record: Settlement) -> Mapping[str, Cell]:
    """Row of the table of electricity: consumed, from green trade."""
    text = record.text
    out: dict[str, Cell] = {
        "id": record.source.id, "flow": "consumed", "source": "green trade", "technology": record.technology or "",
        "from": str(record.start), "to": str(record.end), "MWh": plain(record.settled), "contract": record.contract,
        "supplier": text.get("supplier", ""), "legal_entity": text.get("buyer", ""),
        "user_number": text.get("user_number", ""), "obtained": "invoiced",
        "documents": record.source.references(record.settled), "note": _note(record)}
    return {name: value for name, value in out.items() if value}


def _note(record: Settlement) -> str:
    names = ["project", "retailer", "contracted", "energy_price", "green_price"]
    names += [] if record.ranges else ["certificates"]
    stated = [f"settled as stated: {' '.join(filter(None, record.stated))}"]
    return "; ".join(stated + [f"{n}: {record.text[n]}" for n in names if record.text.get(n)])


def certificate_rows(record: Settlement) -> Iterator[Mapping[str, Cell]]:
    """Rows of the table of certificates; one claim with the electricity, so bundled with its contract."""
    for number, each in enumerate(record.ranges, 1):
        mwh = electricity(each)
        out: dict[str, Cell] = {
            "id": f"{record.source.id}-C{number}", "system": SYSTEM,
            "serials": {"first": each.first, "last": each.last}, "MWh": plain(mwh),
            "technology": record.technology or "", "project": record.text.get("project", ""),
            "registration_code": each.project, "bundled": "yes", "contract": record.contract,
            "documents": record.source.references(mwh)}
        if states := write.history(None, record.transferred, None, "transferred"):
            out["status_history"] = states
        yield {name: value for name, value in out.items() if value}


def imported(decision: Decision[Settlement], data: bytes, year: int | None) -> Imported:
    """Dossiers (more than one when a table is longer than a dossier holds), the copied file and the report."""
    used = decision.used
    years = (year, year) if year is not None else (
        min(r.start.year for r in used), max(r.end.year for r in used)) if used else None
    power = list(write.chunks(map(electricity_row, used)))
    codes = list(write.chunks(cells for r in used for cells in certificate_rows(r)))
    # Both tables in one dossier while they fit; certificates of a very long statement get dossiers of their own.
    if len(power) == len(codes) == 1 and len(list(write.chunks(power[0] + codes[0]))) == 1:
        parts: list[write.Tables] = [{"electricity": power[0], "certificates": codes[0]}]
    else:
        parts = [*({"electricity": p} for p in power), *({"certificates": c} for c in codes)]
    owners = {f"electricity/{r.source.id}": r.source.id for r in used}
    owners |= {f"certificates/{r.source.id}-C{n}": r.source.id for r in used for n in range(1, len(r.ranges) + 1)}
    return write.imported("green_power_settlement", decision, UNIT, data, years,
                          write.numbered("green-power", parts), owners)
