"""An inventory as JSON (``standards/schemas/inventory.schema.json``): decimals as text, unknown with its reasons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from zerofactory_engine.accounting.classification import classification
from zerofactory_engine.accounting.lines import Line, Offset
from zerofactory_engine.accounting.terms import Amount, Figure
from zerofactory_engine.accounting.totals import Total
from zerofactory_engine.canonical import jsonable
from zerofactory_engine.decimals import plain
from zerofactory_engine.reasons import Unknown

if TYPE_CHECKING:
    from zerofactory_engine.accounting.inventory import Inventory


def amount_json(amount: Amount) -> Any:
    """A figure as text, or ``{"unknown": reasons}``."""
    if isinstance(amount, Unknown):
        return {"unknown": [r.as_json() for r in amount.reasons]}
    return plain(amount)


def _figure_json(figure: Figure) -> dict[str, Any]:
    """Value and the terms of each slice: name, value, unit, and the factor entry or the cells that it comes from."""
    slices = []
    for terms in figure.slices:
        out = []
        for term in terms:
            shown: dict[str, Any] = {"name": term.name, "value": amount_json(term.value), "unit": term.unit}
            if term.below != 1:
                shown["below"] = plain(term.below)
            if term.entry is not None:
                shown["factor"] = term.entry.id
            elif term.cells:
                shown["cells"] = [subject for subject, _ in term.cells]
            out.append(shown)
        slices.append(out)
    return {"value": amount_json(figure.value), "slices": slices}


def line_json(line: Line) -> dict[str, Any]:
    """One line item."""
    optional = {
        "ghgp_category": None if line.ghgp_category is None else str(line.ghgp_category), "carrier": line.carrier,
        "flow": line.flow, "outside": line.outside, "obtained": line.obtained,
        "uncertainty": None if line.uncertainty is None else plain(line.uncertainty)}
    out: dict[str, Any] = {
        "id": line.id, "table": line.table, "row": line.row, "source": line.source.code, "scope": str(line.scope),
        "iso_category": str(line.iso_category), "iso_subcategory": line.iso_subcategory, "gas": line.gas,
        "biogenic": line.biogenic, "outside_scopes": line.outside is not None, "method": line.method,
        **{name: value for name, value in optional.items() if value is not None},
        "gwp": amount_json(line.gwp.value), "mass_location": _figure_json(line.location),
        "tCO2_location": amount_json(line.co2(line.location)), "tCO2_market": amount_json(line.co2(line.market)),
        "tCO2e_location": amount_json(line.tco2e_location), "tCO2e_market": amount_json(line.tco2e_market)}
    if line.market is not line.location:
        out["mass_market"] = _figure_json(line.market)
    return out


def offset_json(offset: Offset) -> dict[str, Any]:
    """Credits of one row, apart from every total."""
    optional = {"programme": offset.programme, "kind": offset.kind, "retired_on": offset.retired_on,
                "claim_year": None if offset.claim_year is None else str(offset.claim_year)}
    return {"row": offset.row, "credits": amount_json(offset.quantity),
            **{name: value for name, value in optional.items() if value is not None}}


def _totals_json(totals: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.as_json() if isinstance(value, Total) else _totals_json(value)
            for name, value in totals.items()}


def inventory_json(inventory: Inventory) -> dict[str, Any]:
    """The whole inventory."""
    from zerofactory_engine.accounting.inventory import FORMAT

    table = classification()
    out: dict[str, Any] = {
        "format": FORMAT, "dossier": inventory.dossier_id,
        "period": {"from": inventory.start, "to": inventory.end}, "options": dict(inventory.options),
        "factor_sets": {role: pin.as_json() for role, pin in sorted(inventory.pins.items())},
        "classification": {"version": table.version, "sha256": table.sha256},
        "boundary": boundary_json(inventory.boundary, whole=inventory.options.get("consolidation") == "facility"),
        "totals": _totals_json(inventory.totals),
        "lines": [line_json(line) for line in inventory.lines],
        "derived": [{"table": c.table, "row": c.row, "column": c.column, "unit": c.unit,
                     "value": amount_json(c.figure.value), **{k: v for k, v in _figure_json(c.figure).items()
                                                              if k == "slices"}} for c in inventory.cells],
        "factors": [e.as_json() for e in inventory.entries],
        "instruments": inventory.notes.get("instruments", []),
        "offsets": [offset_json(o) for o in inventory.offsets],
        "problems": [p.as_json() for p in inventory.problems],
    }
    found: dict[str, Any] = jsonable(out)
    return found


def boundary_json(boundary: Mapping[str, Any], *, whole: bool = False) -> dict[str, Any]:
    """Consolidation, what is left out with its estimate, and what changed during the period.

    *whole*: the facility was taken in as a whole, so no share was applied and none is shown.
    """
    out: dict[str, Any] = {}
    if boundary.get("approach"):
        out["approach"] = boundary["approach"]
    if boundary.get("share_percent") is not None and not whole:
        out["share"] = boundary["share_percent"]
    for name, wanted in (("parts", ("id", "kind", "inside", "reason", "relationship")),
                         ("exclusions", ("id", "what", "scope", "estimate_tCO2e", "reason")),
                         ("changes", ("id", "on", "kind", "part", "what", "effect_tCO2e"))):
        rows = [{k: str(row[k]) if isinstance(row[k], int) and not isinstance(row[k], bool) else row[k]
                 for k in wanted if row.get(k) is not None} for row in boundary.get(name) or ()]
        if rows:
            out[name] = rows
    return out
