"""Items on operator, installation and plan: who reports, what the plan is, and what it says in short."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from zerofactory_mappings.cbam.documents.build_goods import goods_rows
from zerofactory_mappings.cbam.documents.building import (
    category,
    codes_of,
    country,
    figure,
    process_name,
    routes,
    word,
)
from zerofactory_mappings.cbam.documents.model import Case, Content, Line, Quantity, Value
from zerofactory_mappings.cbam.documents.plan import Row
from zerofactory_mappings.cbam.model import HeatKind, Method


def _plan_part(case: Case, name: str) -> Row:
    """A mapping of the plan; an empty one when there is none."""
    return (case.plan.root.part(name) if case.plan is not None else None) or Row({})


def _address(case: Case, prefix: str, plan: Row) -> str | None:
    """The address of the input, else that of the plan."""
    details = case.installation.details
    parts = [details.get(f"{prefix}{name}") for name in ("street", "postcode", "city")]
    home = details.get(f"{prefix}country") if prefix else case.installation.country
    if any(parts):
        return ", ".join(p for p in (*parts, country(home)) if p)
    return plan.text("address")


def parties(case: Case) -> Content:
    """Operator and installation."""
    details, operator, site = case.installation.details, _plan_part(case, "operator"), _plan_part(case, "installation")
    return Content({
        "operator_name": details.get("operator_name") or operator.text("name"),
        "operator_registration": details.get("operator_registration_number") or operator.text("registration_number"),
        "operator_address": _address(case, "operator_", operator),
        "installation_name": case.installation.name or site.text("name"),
        "registry_id": case.installation.registry_id or site.text("registry_id"),
        "unlocode": details.get("unlocode") or site.text("unlocode"),
        "installation_address": _address(case, "", site),
        "latitude": details.get("latitude") or site.text("latitude"),
        "longitude": details.get("longitude") or site.text("longitude"),
        "activity": details.get("economic_activity") or site.text("activity"),
    })


def plan_summary(case: Case) -> Content:
    """The monitoring plan in short."""
    current = case.plan.current if case.plan is not None else None
    return Content(
        {"plan_version": None if current is None else current.text("version"),
         "plan_date": None if current is None else current.day("date")},
        {"processes": _processes(case), "other_processes": _other_processes(case),
         "top_goods": tuple(sorted(goods_rows(case), key=_mass, reverse=True)), "fuels": _fuels(case),
         "materials": _materials(case), "measured": _measured(case), "zero_rated": zero_rated_rows(case),
         "heat_partners": heat_rows(case)})


def _mass(row: Line) -> Decimal:
    amount = row["amount"]
    return amount.value if isinstance(amount, Quantity) else Decimal(-1)


def _processes(case: Case) -> tuple[Line, ...]:
    return tuple({"process": p.name, "category": category(p.category), "routes": routes(p), "cn": codes_of(case, p)}
                 for p in case.installation.processes)


def processes(case: Case) -> Content:
    """Processes with their goods."""
    return Content(lists={"processes": _processes(case)})


def _other_processes(case: Case) -> tuple[Line, ...] | None:
    rows = case.plan.root.rows("other_processes") if case.plan is not None else None
    return None if rows is None else tuple({"process": r.text("name")} for r in rows)


def _fuels(case: Case) -> tuple[Line, ...]:
    burnt = {s.id for s in case.installation.streams if s.method is Method.COMBUSTION}
    found = []
    for r in case.result.streams:
        if r.id in burnt:
            known = r.energy_fossil is not None and r.energy_biomass is not None
            found.append((r.name, (r.energy_fossil or Decimal(0)) + (r.energy_biomass or Decimal(0)) if known
                          else None))
    found.sort(key=lambda x: (x[1] is None, -(x[1] or Decimal(0)), x[0]))
    return tuple({"stream": name, "energy": figure(energy, "TJ")} for name, energy in found)


def _materials(case: Case) -> tuple[Line, ...]:
    kinds = {Method.PROCESS, Method.MASS_BALANCE}
    used = {s.id for s in case.installation.streams if s.method in kinds}
    found = [r for r in case.result.streams if r.id in used]
    found.sort(key=lambda r: (r.fossil is None, -abs(r.fossil or Decimal(0)), r.id))
    return tuple({"stream": r.name, "emissions": figure(r.fossil, "tCO2e")} for r in found)


def _measured(case: Case) -> tuple[Line, ...]:
    names = {m.id for m in case.installation.measured}
    found = [r for r in case.result.streams if r.id in names]
    found.sort(key=lambda r: (r.fossil is None, -abs(r.fossil or Decimal(0)), r.id))
    return tuple({"gas": r.gas or None, "source": r.name, "emissions": figure(r.fossil, "tCO2e")} for r in found)


def zero_rated_rows(case: Case) -> tuple[Line, ...]:
    """Fuels that count as zero, with their proof: of the plan, else of the input's streams."""
    planned = case.plan.root.each("zero_rated") if case.plan is not None else ()
    rows: list[Line] = [{"fuel": r.text("fuel"), "evidence": r.texts("evidence")} for r in planned]
    named = {r.text("stream") for r in planned}
    rows += [{"fuel": s.name, "evidence": s.evidence} for s in case.installation.streams
             if s.biomass is not None and s.biomass.value and s.evidence and s.id not in named]
    return tuple(rows)


def heat_rows(case: Case) -> tuple[Line, ...]:
    """Heat across the border: partners of the plan, and flows of the input for which it names none."""
    named = case.plan.root.each("heat") if case.plan is not None else ()
    planned = [r for r in named if r.has("partner")]
    rows: list[Line] = [{"process": process_name(case, r.text("process")),
                         "direction": word("direction", r.text("direction")), "partner": r.text("partner")}
                        for r in planned]
    covered = {(r.text("process"), r.text("direction")) for r in planned}
    own = {u.id: u for u in case.installation.units}
    for process in case.installation.processes:
        flows = process.heat
        if flows is None:
            continue
        for direction, amount, unit in (("import", flows.imported, flows.imported_from),
                                        ("export", flows.exported, flows.exported_from)):
            if amount is None or not amount.value or (process.id, direction) in covered:
                continue
            partner: Value = None
            if unit in own:
                from_outside = own[unit].kind in {HeatKind.IMPORTED, HeatKind.IMPORTED_UNKNOWN}
                partner = own[unit].name if from_outside else f"{own[unit].name} ({word('partner', 'own')})"
            rows.append({"process": process.name, "direction": word("direction", direction), "partner": partner})
    return tuple(rows)


def zero_rated(case: Case) -> Content:
    """Zero-rated fuels."""
    return Content(lists={"fuels": zero_rated_rows(case)})


def heat(case: Case) -> Content:
    """Partners of heat exchange."""
    return Content(lists={"partners": heat_rows(case)})


def months_monitored(case: Case) -> Content:
    """Months monitored at a new installation."""
    months = case.statement.number("months_monitored") if case.statement is not None else None
    return Content({"months": None if months is None else int(months)})


BUILDERS: Mapping[str, Callable[[Case], Content]] = {
    "parties": parties, "operator": parties, "installation": parties, "plan_summary": plan_summary,
    "processes": processes, "zero_rated": zero_rated, "heat": heat, "months_monitored": months_monitored,
}
