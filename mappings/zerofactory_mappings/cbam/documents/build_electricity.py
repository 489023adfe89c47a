"""Items on electricity: used, generated, factors, suppliers, declarants of imported electricity."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, localcontext

from zerofactory_engine.decimals import CONTEXT
from zerofactory_mappings.cbam.documents import electricity_view
from zerofactory_mappings.cbam.documents.building import country, figure, given, say, stated, word
from zerofactory_mappings.cbam.documents.electricity_view import Use
from zerofactory_mappings.cbam.documents.model import Case, Content, Line, Quantity, Value
from zerofactory_mappings.cbam.documents.plan import Row
from zerofactory_mappings.cbam.model import ElectricitySource, EnergyUnit, HeatKind

GRID = frozenset({ElectricitySource.GRID_DEFAULT, ElectricitySource.ALTERNATIVE_DEFAULT, ElectricitySource.STATED})


def _suppliers(case: Case) -> dict[tuple[str, int], Row]:
    """What the statements say of each use from outside: in their order, one row alone holds for every use of a
    process."""
    rows = case.statement.each("electricity") if case.statement is not None else ()
    found: dict[tuple[str, int], Row] = {}
    for process in case.installation.processes:
        mine = [r for r in rows if r.text("process") == process.id]
        outside = [n for n, u in enumerate(process.electricity, 1) if u.source is not ElectricitySource.OWN]
        if len(mine) == 1:
            found |= {(process.id, n): mine[0] for n in outside}
        else:
            found |= {(process.id, n): row for n, row in zip(outside, mine, strict=False)}
    return found


def electricity_supply(case: Case) -> Content:
    """Every use with its supplier."""
    suppliers = _suppliers(case)
    return Content(lists={"uses": tuple(
        {"process": u.name, "source": _source(u), "amount": figure(u.amount, "MWh"),
         "supplier": say("this-installation") if u.source is ElectricitySource.OWN
         else _said(suppliers.get((u.process, u.number)), "supplier")} for u in electricity_view.uses(case))})


def _source(use: Use) -> str | None:
    return word("electricity", use.source)


def _said(row: Row | None, name: str) -> str | None:
    return None if row is None else row.text(name)


def supplying_installations(case: Case) -> Content:
    """Where the electricity comes from, for goods whose indirect emissions count."""
    suppliers = _suppliers(case)
    return Content(lists={"suppliers": tuple(
        {"process": u.name, "source": _source(u),
         "installation": _installation(case, u, suppliers.get((u.process, u.number)))}
        for u in electricity_view.uses(case) if u.counts)})


def _installation(case: Case, use: Use, row: Row | None) -> str | None:
    if use.source is ElectricitySource.OWN:
        return say("this-installation")
    stated_one = _said(row, "installation")
    if stated_one is None and use.source in GRID:
        return say("grid-of", country=country(_said(row, "country") or case.installation.country) or "?")
    return stated_one


def electricity_factors(case: Case) -> Content:
    """Quantity, country and factor of every source, and the resulting factor of each process (Article 9)."""
    suppliers = _suppliers(case)
    rows = tuple({"process": u.name, "source": _source(u), "amount": figure(u.amount, "MWh"),
                  "country": country(_said(suppliers.get((u.process, u.number)), "country")
                                     or case.installation.country),
                  "factor": figure(u.factor, "tCO2e/MWh")} for u in electricity_view.uses(case) if u.counts)
    resulting: list[Line] = []
    for p in case.result.processes:
        if p.indirect_in_scope:
            known = p.attributed_indirect is not None and bool(p.electricity)
            resulting.append({"process": p.name, "factor": figure(
                CONTEXT.divide(p.attributed_indirect or Decimal(0), p.electricity or Decimal(1)) if known else None,
                "tCO2e/MWh")})
    return Content(lists={"sources": rows, "resulting": tuple(resulting)})


def total_electricity(case: Case) -> Content:
    """All electricity that the processes used."""
    parts = [p.electricity for p in case.result.processes]
    known = [p for p in parts if p is not None]
    with localcontext(CONTEXT):
        total = sum(known, Decimal(0)) if len(known) == len(parts) else None
    return Content({"amount": figure(total, "MWh")})


def electricity_of_goods(case: Case) -> Content:
    """Electricity of processes whose goods count indirect emissions."""
    return Content(lists={"processes": tuple({"process": p.name, "amount": figure(p.electricity, "MWh")}
                                             for p in case.result.processes if p.indirect_in_scope)})


def electricity_of_processes(case: Case) -> Content:
    """Electricity of every process."""
    return Content(lists={"processes": tuple({"process": p.name, "amount": figure(p.electricity, "MWh")}
                                             for p in case.result.processes)})


def indirect(case: Case) -> Content:
    """Attributed indirect emissions with the kinds of source."""
    used = electricity_view.uses(case)
    rows: list[Line] = []
    for p in case.result.processes:
        if p.indirect_in_scope:
            sources = dict.fromkeys(_source(u) or "" for u in used if u.process == p.id)
            rows.append({"process": p.name, "indirect": figure(p.attributed_indirect, "tCO2e"),
                         "sources": tuple(sources)})
    return Content(lists={"processes": tuple(rows)})


def own_generation(case: Case) -> Content:
    """Units that generate electricity, of the input and of the plan."""
    planned = {r.text("unit"): r for r in (case.plan.root.each("own_electricity") if case.plan is not None else ())}
    made = {u.id: u for u in case.installation.units if u.electricity is not None}
    rows = tuple(_unit(case, made.get(ident or ""), planned.get(ident)) for ident in dict.fromkeys([*made, *planned]))
    return Content(lists={"units": rows})


def _unit(case: Case, unit: EnergyUnit | None, row: Row | None) -> Line:
    kind = row.text("kind") if row is not None else None
    if kind is None and unit is not None:
        kind = "chp" if unit.kind is HeatKind.CHP else "separate"
    exported, exports = _exported(case, unit), None if row is None else row.flag("exported")
    if exported is not None:
        exports = bool(exported.value)
    name = unit.name if unit is not None else row.text("name") or row.text("unit") if row is not None else None
    return {"unit": name, "kind": word("generation", kind),
            "fuel": word("generation_fuel", row.text("fuel") if row is not None else None),
            "amount": given(unit.electricity) if unit is not None else None,
            "exported": exported if exported is not None or exports is not False else Quantity(Decimal(0), "MWh"),
            "exports": exports}


def _exported(case: Case, unit: EnergyUnit | None) -> Quantity | None:
    """What is given away of a unit's electricity: as stated for the period, else of the processes that name it."""
    if unit is None:
        return None
    for row in (case.statement.each("exported_electricity") if case.statement is not None else ()):
        if row.text("unit") == unit.id:
            return stated(row, "amount")
    parts = [p.exported_electricity for p in case.installation.processes
             if p.exported_electricity_from == unit.id and p.exported_electricity is not None]
    if not parts:
        return None
    with localcontext(CONTEXT):
        return Quantity(sum((p.value for p in parts), Decimal(0)), "MWh")


def _actual(case: Case, sources: frozenset[ElectricitySource]) -> Content:
    """Actual factors of some sources, with their evidence."""
    rows: list[Line] = []
    for u in electricity_view.uses(case):
        if u.actual and u.counts and u.source in sources:
            rows.append({"process": u.name, "source": _source(u), "factor": figure(u.factor, "tCO2e/MWh"),
                         "evidence": _evidence(case, u)})
    return Content(lists={"factors": tuple(rows)})


def _evidence(case: Case, use: Use) -> Value:
    """Documents of the metering and contract, of the use, and of the plan."""
    match = use.given.match
    papers = [] if match is None else [match.contract, match.line_diagram, match.grid_connection, match.generator_meter,
                                       match.consumer_meter]
    planned = [e for r in (case.plan.root.each("indirect_factors") if case.plan is not None else ())
               if r.text("process") == use.process and r.text("source") == str(use.source) for e in r.texts("evidence")]
    unit = [d for u in case.installation.units if u.id == use.given.unit for d in u.documents]
    return tuple(dict.fromkeys(p for p in (*use.given.documents, *papers, *planned, *unit) if p))


def actual_electricity_factor(case: Case) -> Content:
    """Factors over a direct link or of own generation."""
    return _actual(case, frozenset({ElectricitySource.DIRECT_LINK, ElectricitySource.OWN}))


def agreement_factor(case: Case) -> Content:
    """Factors under power purchase agreements."""
    return _actual(case, frozenset({ElectricitySource.PPA}))


def declarants(case: Case) -> Content:
    """Declarants of imported electricity, as stated for the period."""
    rows = case.statement.rows("declarants") if case.statement is not None else None
    return Content(lists={"declarants": None if rows is None else tuple(
        {"eori": r.text("eori"), "confirmed": r.flag("confirmed"), "amount": stated(r, "amount")} for r in rows)})


BUILDERS: Mapping[str, Callable[[Case], Content]] = {
    "electricity_supply": electricity_supply, "own_generation": own_generation, "total_electricity": total_electricity,
    "electricity_of_goods": electricity_of_goods, "supplying_installations": supplying_installations,
    "electricity_factors": electricity_factors, "electricity_of_processes": electricity_of_processes,
    "indirect": indirect, "actual_electricity_factor": actual_electricity_factor, "agreement_factor": agreement_factor,
    "declarants": declarants,
}
