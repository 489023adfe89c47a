"""The inventory as JSON (``standards/schemas/ghg-protocol.schema.json``): decimals as text, unknown with its reasons,
nothing rounded."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from zerofactory_engine.accounting.classification import classification
from zerofactory_engine.accounting.present import amount_json, line_json, offset_json
from zerofactory_engine.accounting.terms import Amount
from zerofactory_engine.decimals import plain
from zerofactory_mappings.ghg_protocol.base_year import BaseYear
from zerofactory_mappings.ghg_protocol.hourly import HourlyView
from zerofactory_mappings.ghg_protocol.model import Approach, Both, CategoryRow, GasRow, GhgModel, InstrumentRow

if TYPE_CHECKING:
    from zerofactory_mappings.disclosures.completeness import Completeness

FORMAT = "zerofactory/ghg-protocol/1"


def as_json(model: GhgModel, completeness: Completeness) -> dict[str, Any]:
    """The whole inventory with its completeness."""
    subject, table = model.subject, classification()
    out: dict[str, Any] = {
        "format": FORMAT, "name": dict(subject.name), "period": {"from": subject.start, "to": subject.end},
        "approach": model.consolidated.approach or _stated_approach(model),
        "members": [_member(model, n) for n in range(len(subject.members))],
        "classification": {"version": table.version, "sha256": table.sha256},
        "scope_1": model.scope_1.as_json(), "scope_2": both_json(model.scope_2),
        "scopes_1_2": both_json(model.scopes_1_2), "scope_3": model.scope_3.as_json(),
        "gases": [_gas(row) for row in model.gases],
        "sources": {code: both_json(pair) for code, pair in model.sources.items()},
        "scope_3_categories": [_category(row) for row in model.categories],
        "outside": {why: both_json(pair) for why, pair in model.outside.items()},
        "biogenic_tCO2": _amounts(model.biogenic_by_scope), "other_gases_t": _amounts(model.other_gases),
        "market_based_order": [_present(id=s.id, MWh=amount_json(s.mwh), tCO2e=amount_json(s.tco2e), rows=list(s.rows),
                                        factors=list(s.factors)) for s in model.steps],
        "instruments": [_instrument(row) for row in model.instruments],
        "bundled_certificates": [_present(dossier=b.dossier_id, row=b.row, contract=b.contract, MWh=amount_json(b.MWh))
                                 for b in model.bundled],
        "hourly_matching": [_hourly(view) for view in model.hourly],
        "credits": [{"dossier": dossier, **offset_json(offset)} for dossier, offset in model.offsets],
        "approaches": [_approach(a) for a in model.approaches], "base_year": _base_year(model.base_year),
        "completeness": completeness.as_json(),
        "lines": [{"dossier": held.dossier_id, **line_json(line)} for held in model.consolidated.held
                  for line in held.lines],
        "problems": [p.as_json() for p in (
            *model.problems, *(p for m in subject.members for p in m.inventory.problems))],
    }
    if model.uncategorised is not None:
        out["scope_3_uncategorised"] = model.uncategorised.as_json()
    return out


def both_json(pair: Both) -> dict[str, Any]:
    """Both results side by side."""
    return {"location": pair.location.as_json(), "market": pair.market.as_json()}


def _present(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _amounts(found: Mapping[str, Amount]) -> dict[str, Any]:
    return {name: amount_json(value) for name, value in found.items()}


def _stated_approach(model: GhgModel) -> str:
    stated = model.subject.members[0].dossier.boundary.get("approach")
    return str(stated).replace(" ", "_") if stated else "not_stated"


def _member(model: GhgModel, number: int) -> dict[str, Any]:
    held = model.consolidated.held[number]
    dossier, holding = held.member.dossier, held.member.holding
    inventory = held.member.inventory
    return _present(
        dossier=dossier.id, name=dossier.facility.get("name"), sha256=dossier.sha256,
        share=None if held.share is None else plain(held.share),
        holding=None if holding is None else {
            "relationship": holding.relationship, "interest": plain(holding.interest), "operated": holding.operated,
            "controlled": holding.controlled},
        options=dict(inventory.options),
        factor_sets={role: pin.as_json() for role, pin in sorted(inventory.pins.items())})


def _gas(row: GasRow) -> dict[str, Any]:
    return {"gas": row.gas, "tonnes": amount_json(row.tonnes), "tonnes_market": amount_json(row.tonnes_market),
            "scope_1_tCO2e": amount_json(row.scope_1), "scope_2_location_tCO2e": amount_json(row.scope_2),
            "scope_2_market_tCO2e": amount_json(row.scope_2_market), "species_t": _amounts(row.species)}


def _category(row: CategoryRow) -> dict[str, Any]:
    share = row.supplier_share
    return _present(
        category=str(row.category.number), side=row.category.side, key=row.key,
        total=None if row.total is None else row.total.as_json(), biogenic_tCO2=amount_json(row.biogenic),
        supplier_data_share=None if share is None else amount_json(share), methods=list(row.methods),
        reason=_text(row.reason), where=_text(row.where))


def _text(said: Mapping[str, str] | str | None) -> Any:
    return dict(said) if isinstance(said, Mapping) else said


def _instrument(row: InstrumentRow) -> dict[str, Any]:
    return _present(
        dossier=row.dossier_id, row=row.row, kind=row.kind, MWh=amount_json(row.MWh), technology=row.technology,
        market=row.market, contract=row.contract, signed_on=row.signed_on, legacy_contract=row.legacy,
        counts=row.counts, criteria={str(n): answer for n, answer in row.answers.items()})


def _hourly(view: HourlyView) -> dict[str, Any]:
    found = view.match
    return _present(
        dossier=view.dossier_id, market=view.market, hours=str(view.hours), hours_of_period=str(view.expected),
        score=_plain(view.score), score_of_hours_given=_plain(found.hourly), annual_view=_plain(found.annual),
        load_MWh=plain(found.load), instruments_MWh=plain(found.instruments),
        not_deliverable_MWh=plain(found.not_deliverable), matched_hourly_MWh=plain(found.matched_hourly),
        matched_annual_MWh=plain(found.matched_annual), instruments=list(view.instruments),
        left_out=list(view.left_out))


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)


def _approach(found: Approach) -> dict[str, Any]:
    return {"approach": found.name, "scope_1": found.scope_1.as_json(), "scope_2": both_json(found.scope_2),
            "scope_3": found.scope_3.as_json(),
            "parts": [{"dossier": part.dossier_id, "share": plain(part.share), "scope_1": part.scope_1.as_json(),
                       "scope_2": both_json(part.scope_2), "scope_3": part.scope_3.as_json()} for part in found.parts]}


def _base_year(found: BaseYear) -> dict[str, Any]:
    return _present(
        year=None if found.year is None else str(found.year), reason=_text(found.reason), policy=_text(found.policy),
        threshold_percent=_plain(found.threshold), comparability=_text(found.comparability),
        reported=[_present(year=str(s.year), figure=s.figure, value=plain(s.value), unit=s.unit,
                           change=_plain(s.change)) for s in found.stated],
        computed=[{"year": str(e.year), "dossiers": list(e.dossiers), "missing": list(e.missing),
                   "left_out": list(e.left_out), "totals": {n: t.as_json() for n, t in e.totals.items() if t.lines}}
                  for e in found.earlier],
        recalculations=None if found.recalculations is None else [dict(r) for r in found.recalculations])
