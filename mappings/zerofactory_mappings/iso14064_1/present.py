"""The report as JSON (``standards/schemas/iso14064-1.schema.json``): decimals as text, unknown with its reasons."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from zerofactory_engine.accounting.classification import classification
from zerofactory_engine.accounting.lines import Line
from zerofactory_engine.accounting.present import amount_json, offset_json
from zerofactory_engine.accounting.terms import Amount
from zerofactory_engine.canonical import jsonable
from zerofactory_engine.decimals import plain
from zerofactory_mappings.iso14064_1.base_year import difference
from zerofactory_mappings.iso14064_1.tables import STANDARD

if TYPE_CHECKING:
    from zerofactory_mappings.disclosures.completeness import Completeness
    from zerofactory_mappings.iso14064_1.model import Category, IsoModel, Subcategory, Supply

FORMAT = "zerofactory/iso14064-1/1"
#: Sections of a statement that the report repeats as they stand.
_STATED = ("report", "responsible", "activity", "organisation_boundary", "reporting_boundary", "significance",
           "changes",
           "biogenic", "removals", "uncertainty", "verification", "policies", "initiatives", "projects", "programmes",
           "benchmarks", "indicators", "monitoring", "previous", "year_on_year")


def as_json(model: IsoModel, found: Completeness, *, lines: bool = True) -> dict[str, Any]:
    """The whole report; without its line items, their number stands in ``lines_left_out``."""
    subject, inventory, table = model.subject, model.inventory, classification()
    out: dict[str, Any] = {
        "format": FORMAT, "standard": STANDARD, "name": dict(subject.name), "issued": subject.issued,
        "dossier": _set(id=model.dossier.id, sha256=model.member.sha256 or None),
        "period": {"from": subject.start, "to": subject.end},
        "options": dict(inventory.options),
        "factor_sets": {role: pin.as_json() for role, pin in sorted(inventory.pins.items())},
        "classification": {"version": table.version, "sha256": table.sha256},
        "boundary": _boundary(model),
        "totals": {"location": model.total.as_json(), "market": model.market_total.as_json(),
                   "direct": model.direct.total.as_json(), "indirect": model.indirect.as_json()},
        "categories": [_category(c) for c in model.categories],
        "direct_by_gas": [{"gas": g.gas, "tonnes": amount_json(g.tonnes), "tCO2e": amount_json(g.equivalent),
                           "lines": str(g.lines), "species_t": _amounts(g.species)} for g in model.gases],
        "removals_inside": [{"category": a.category, **a.total.as_json()} for a in model.removals],
        "biogenic_co2": [{"kind": a.kind, "category": a.category, **a.total.as_json()} for a in model.biogenic],
        "other_gases_t": _amounts(model.other_gases),
        "exported": {"total": model.exported_total.as_json(), "electricity": [_supply(s) for s in model.exported]},
        "electricity": [_supply(s) for s in model.supplies],
        "instruments": [_set(row=i.row, kind=i.kind, technology=i.technology, contract=i.contract, system=i.system,
                             MWh=amount_json(i.MWh), tCO2e=amount_json(i.equivalent), counts=i.counts,
                             criteria={str(n): a for n, a in i.answers.items()}) for i in model.instruments],
        "credits": [offset_json(o) for o in inventory.offsets],
        "exclusions": [_set(id=e.id, what=e.what, category=e.category, estimate_tCO2e=_plain(e.estimate),
                            reason=e.reason,
                            origin=e.origin) for e in model.exclusions],
        "approaches": [_set(subcategory=a.subcategory, source=a.source, method=a.method, lines=str(a.lines),
                            total=a.total.as_json(), approach=a.text, reason=a.reason) for a in model.approaches],
        "factors": [e.as_json() for e in model.factors],
        "row_factors": [_set(value=amount_json(f.value), unit=f.unit, source=f.source, year=f.year,
                             first_row=f.first_row,
                             lines=str(f.lines)) for f in model.row_factors],
        "base_year": _base_year(model),
        "earlier_periods": [{"label": e.label, "dossier": e.dossier.id, "total": e.inventory.total("all").as_json(),
                             "categories": {c.code: e.inventory.total(f"iso_category/{c.code}").as_json()
                                            for c in model.categories}} for e in model.earlier],
        "uncertainty": {"propagated": [p.as_json() for p in model.uncertainty.values()],
                        "simulated": model.simulation.as_json()},
        "departures": [{"option": r.option, "value": inventory.options[r.option], "clause": r.clause,
                        "title": dict(r.title)} for r in model.departures],
        "stated": {name: value for name in _STATED if (value := model.statement.get(name)) is not None},
        "completeness": found.as_json(), "problems": [p.as_json() for p in inventory.problems]}
    if model.statement.sha256 is not None:
        out["statement_sha256"] = model.statement.sha256
    if lines:
        out["lines"] = [line_json(line) for line in model.lines]
    else:
        out["lines_left_out"] = str(len(model.lines))
    told: dict[str, Any] = jsonable(out)
    return told


def line_json(line: Line) -> dict[str, Any]:
    """One line item; how it was multiplied stands in the inventory under the same id."""
    return _set(
        id=line.id, category=str(line.iso_category), subcategory=line.iso_subcategory, source=line.source.code,
        gas=line.gas,
        tonnes=amount_json(line.location.value), tCO2e=amount_json(line.tco2e_location),
        tCO2e_market=None if line.market is line.location else amount_json(line.tco2e_market), method=line.method,
        obtained=line.obtained, outside=line.outside, biogenic=line.biogenic or None,
        uncertainty=_plain(line.uncertainty),
        factors=[e.id for e in line.entries] or None)


def _set(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)


def _amounts(found: Mapping[str, Amount]) -> dict[str, Any]:
    return {name: amount_json(value) for name, value in found.items()}


def _supply(found: Supply) -> dict[str, Any]:
    return _set(source=found.source, technology=found.technology, flow=found.flow, rows=str(found.rows),
                MWh=amount_json(found.MWh), tCO2e_location=amount_json(found.location),
                tCO2e_market=amount_json(found.market))


def _category(found: Category) -> dict[str, Any]:
    return {"category": found.code, "quantified": found.quantified, "total": found.total.as_json(),
            "market": found.market.as_json(), "subcategories": [_subcategory(s) for s in found.subcategories]}


def _subcategory(found: Subcategory) -> dict[str, Any]:
    decision = None if found.decision is None else {"significant": found.decision.significant,
                                                    "reason": found.decision.reason}
    total = found.total.as_json() if found.total.lines else None
    return _set(code=found.code, state=found.state, total=total, reason=found.reason, where=found.where,
                decision=decision)


def _boundary(model: IsoModel) -> dict[str, Any]:
    from zerofactory_engine.accounting.present import boundary_json

    found = boundary_json(model.dossier.boundary, whole=model.inventory.options.get("consolidation") == "facility")
    found.pop("exclusions", None)
    text = model.dossier.boundary.get("significance")
    return found | ({"significance": text} if text else {})


def _base_year(model: IsoModel) -> dict[str, Any]:
    base = model.base_year
    compared = []
    for name, stated, computed in base.compared:
        found = difference(stated, computed)
        compared.append(_set(figure=name, stated=plain(stated), computed=amount_json(computed),
                             effect_tCO2e=None if found is None else plain(found[0]),
                             share=None if found is None else _plain(found[1])))
    return _set(
        year=None if base.year is None else str(base.year), reason=base.reason, policy=base.policy,
        threshold=_plain(base.threshold), method=base.method, gwp_set=base.gwp_set,
        reported=[_set(year=str(f.year), figure=f.name, value=plain(f.value), unit=f.unit, verification=f.verification)
                  for f in base.reported],
        dossier=None if base.base is None else base.base.dossier.id, compared=compared,
        recalculation=None if base.recalculation is None else base.recalculation.as_json(),
        recalculations=[dict(r) for r in base.stated_recalculations], limits=[s.as_json() for s in base.limits])
