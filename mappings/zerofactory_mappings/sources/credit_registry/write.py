"""The retirements of a download as the table of credits of a dossier, as YAML."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from zerofactory_mappings.sources.credit_registry.read import Record
from zerofactory_mappings.sources.yaml_rows import Cell, cell, table

_KINDS = {"Reduction": "reduction", "Removal": "removal"}


def credit_cells(record: Record) -> dict[str, Cell]:
    """Row of the table of credits; what the registry does not state is left out."""
    text, serials = record.text, record.serials
    year = record.vintage
    out: dict[str, Cell] = {"id": f"K{record.row}", "programme": record.registry, "methodology": text.get("method", ""),
                            "project": text.get("project", ""), "host": text.get("host", "")}
    if serials is not None:
        out["serials"] = {"first": serials.first, "last": serials.last}
    out["quantity"] = "" if record.quantity is None else str(int(record.quantity))
    out["vintage_from"] = str(record.start or (f"{year}-01-01" if year else ""))
    out["vintage_to"] = str(record.end or (f"{year}-12-31" if year else ""))
    out["kind"] = _KINDS.get(text.get("kind", ""), "")
    out["retired_on"] = str(record.retired_on or "")
    out["purpose"], out["beneficiary"] = text.get("purpose", ""), text.get("beneficiary", "")
    out["documents"] = f"D1#row={record.row}"
    return {name: value for name, value in out.items() if value}


def dossier_yaml(records: Sequence[Record], copy: str, data: bytes) -> bytes:
    """A dossier that holds the credits and the file they come from. The facility is the applicant's to state."""
    days = sorted(r.retired_on for r in records if r.retired_on is not None)
    lines = ["# Made from a registry download: retirements only. Put in your facility and period; nothing is complete.",
             "format: zerofactory/dossier/1", "id: credit-registry",
             f"facility: {{id: F1, name: {cell({'en': 'to be stated'})}, kind: factory}}",
             f"period: {{from: {days[0].year}-01-01, to: {days[-1].year}-12-31, time_zone: UTC}}"]
    lines += table("credits", (credit_cells(r) for r in records))
    lines += table("documents", [{"id": "D1", "kind": "erp_extract", "title": "Registry download", "file": copy,
                                  "sha256": hashlib.sha256(data).hexdigest()}])
    return ("\n".join(lines) + "\n").encode()
