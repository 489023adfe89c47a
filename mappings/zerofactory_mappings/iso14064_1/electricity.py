"""Electricity: what was taken in, by kind; what left; and contractual instruments, which count in no total here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from zerofactory_engine.accounting.context import Cells
from zerofactory_engine.accounting.lines import Line
from zerofactory_engine.accounting.terms import Amount, Term, add, from_entry, product
from zerofactory_engine.reasons import Cause, Reason, Unknown
from zerofactory_mappings.iso14064_1.model import Instrument, Supply

if TYPE_CHECKING:
    from zerofactory_engine.accounting.inventory import Inventory
    from zerofactory_engine.dossier import Dossier, Row

_TABLE = "electricity"
_EXPORTED = "exported"


def supplies(dossier: Dossier, lines: Iterable[Line]) -> tuple[Supply, ...]:
    """Electricity taken in, by source and technology, with tCO2e both ways."""
    return _kinds(dossier, [x for x in lines if x.table == _TABLE and x.row and x.flow != _EXPORTED])


def exported(dossier: Dossier, lines: Iterable[Line]) -> tuple[Supply, ...]:
    """Electricity that left: beside the total."""
    return _kinds(dossier, [x for x in lines if x.table == _TABLE and x.row and x.flow == _EXPORTED])


def _kinds(dossier: Dossier, lines: Sequence[Line]) -> tuple[Supply, ...]:
    rows = {row.id: row for row in dossier.rows.get(_TABLE, ())}
    groups: dict[tuple[str, str | None, str], list[Line]] = {}
    for line in lines:
        values = rows[line.row].values
        key = (str(values.get("source") or ""), values.get("technology"), line.flow or "consumed")
        groups.setdefault(key, []).append(line)
    out = []
    for (source, technology, flow), of in sorted(groups.items(), key=lambda g: tuple(str(k or "") for k in g[0])):
        energy = {x.row: _energy(rows[x.row], x) for x in of}
        out.append(Supply(source, technology, flow, add(energy.values()), add(x.tco2e_location for x in of),
                          add(x.tco2e_market for x in of), len(energy)))
    return tuple(out)


def _energy(row: Row, line: Line) -> Amount:
    """MWh of a row, by the share that the boundary takes in."""
    shares = [t for t in (line.location.slices[0] if line.location.slices else ()) if t.operation == "share"]
    return product((Cells(row).term("MWh", "MWh"), *shares))


def instruments(dossier: Dossier, inventory: Inventory) -> tuple[Instrument, ...]:
    """Every instrument that the engine judged, then certificates that came with traded power."""
    rows = {f"{table}/{row.id}": row for table in (_TABLE, "certificates") for row in dossier.rows.get(table, ())}
    out = []
    for found in inventory.notes.get("instruments", ()):
        answers = {int(n): str(a) for n, a in found["criteria"].items()}
        out.append(_instrument(rows[found["row"]], inventory, str(found["counts"]), answers))
    out += [_instrument(row, inventory, "bundled", {}) for row in dossier.rows.get("certificates", ())
            if row.values.get("bundled") is True and not dossier.is_outside(row)]
    return tuple(out)


def _instrument(row: Row, inventory: Inventory, counts: str, answers: Mapping[int, str]) -> Instrument:
    values: Mapping[str, Any] = row.values
    kind = "certificate" if row.table == "certificates" else str(values.get("source") or "")
    energy = Cells(row).term("MWh", "MWh")
    return Instrument(f"{row.table}/{row.id}", kind, values.get("technology"), values.get("contract"),
                      values.get("system"), energy.value, product((energy, _rate(row, inventory))), counts, answers)


def _rate(row: Row, inventory: Inventory) -> Term:
    """Emission rate of generation of the instrument's technology."""
    technology = row.values.get("technology")
    rates = inventory.sets.get("generation")
    entry = rates.find(technology) if rates is not None and technology else None
    if entry is not None:
        return from_entry(entry, "co2")
    return Term("co2", Unknown(Reason(Cause.VALUE, f"{row.table}/{row.id}.technology", "iso14064.no-rate")), "tCO2/MWh")
