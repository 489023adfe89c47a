"""Items on emissions: totals, streams, measured sources, gaps, balances, attribution, CO2 transferred."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from zerofactory_mappings.cbam.documents.building import (
    figure,
    given,
    process_name,
    say,
    stated,
    word,
)
from zerofactory_mappings.cbam.documents.model import Case, Content, Line, Quantity, Value
from zerofactory_mappings.cbam.model import (
    Attribution,
    AttributionRule,
    Given,
    MeasuredSource,
    Method,
    PfcSource,
    Process,
    SourceStream,
)
from zerofactory_mappings.cbam.result import StreamResult
from zerofactory_mappings.publishing.numbers import percent


def total_direct(case: Case) -> Content:
    """Totals of the installation and of its processes."""
    totals = case.result.installation
    facts = {"direct": totals.direct_emissions, "co2": totals.co2, "pfc": totals.pfc, "n2o": totals.n2o,
             "biomass": totals.biomass_co2}
    return Content({k: figure(v, "tCO2" if k == "biomass" else "tCO2e") for k, v in facts.items()}, {
        "processes": tuple({"process": p.name, "direct": figure(p.attributed_direct, "tCO2e")}
                           for p in case.result.processes)})


def emissions_detail(case: Case) -> Content:
    """Streams, sources, gaps and what else the emissions rest on."""
    said = case.statement
    gaps = said.rows("gaps") if said is not None else None
    results = {r.id: r for r in case.result.streams}
    names = {r.id: r.name for r in case.result.streams}
    return Content(
        {"other_methods": said.text("other_methods") if said is not None else None},
        {"streams": tuple(_stream(case, s, results.get(s.id)) for s in case.installation.streams),
         "pfc": tuple(_pfc(p, results.get(p.id)) for p in case.installation.pfc),
         "measured": tuple({"source": m.name, "gas": m.gas, "concentration": given(m.concentration),
                            "hours": given(m.hours), "flow": given(m.flow), "emissions": _emissions(results.get(m.id))}
                           for m in case.installation.measured),
         "co2": _transferred(case),
         "gaps": None if gaps is None else tuple(
             {"stream": names.get(r.text("stream") or "", r.text("stream")), "from": r.day("from"), "to": r.day("to"),
              "method": r.text("method"),
              "emissions": figure(r.number("emissions"), "tCO2e")} for r in gaps)})


def _emissions(result: StreamResult | None) -> Quantity | None:
    return None if result is None else figure(result.fossil, "tCO2e")


def _stream(case: Case, s: SourceStream, result: StreamResult | None) -> Line:
    """A source stream with the factors that were taken, also those of the law."""
    taken = _law_factors(case, s)
    factor = given(s.ef) or given(s.carbon_content) or taken.get("factor")
    return {"stream": s.name, "method": word("method", s.method), "amount": given(s.amount) or taken.get("amount"),
            "ncv": given(s.ncv) or taken.get("ncv"), "factor": factor,
            "oxidation": _share(s.conversion if s.method is Method.PROCESS else s.oxidation),
            "biomass": _share(s.biomass), "emissions": _emissions(result)}


def _share(value: Given | None) -> Value:
    return None if value is None else Quantity(value.value, "1")


def _law_factors(case: Case, s: SourceStream) -> dict[str, Quantity]:
    """Values of a stream that are not stated but follow from the law or an equation (a standard factor, Eq 27, 28)."""
    graph, root = case.result.proof, f"stream:{s.id}/emissions"
    if graph is None or root not in graph:
        return {}
    found: dict[str, Quantity] = {}
    for step in graph.below(root):
        if not isinstance(step.value, Decimal) or step.unit is None:
            continue
        cited = step.kind == "law"
        if step.id == f"stream:{s.id}/amount" and s.amount is None:
            found["amount"] = Quantity(step.value, step.unit)
        elif cited and step.unit.startswith("GJ/"):
            found["ncv"] = Quantity(step.value, step.unit)
        elif (cited and step.unit.startswith(("tCO2/TJ", "tCO2/t", "tC/t")) and step.unit != "tCO2/tC") or step.id in (
                f"stream:{s.id}/ef", f"stream:{s.id}/ef-floor"):
            found["factor"] = Quantity(step.value, step.unit)
    return found


def _pfc(p: PfcSource, result: StreamResult | None) -> Line:
    return {"source": p.name, "method": word("pfc_method", p.method), "aluminium": given(p.aluminium),
            "emissions": _emissions(result)}


def _transferred(case: Case) -> tuple[Line, ...] | None:
    rows = case.statement.rows("co2") if case.statement is not None else None
    return None if rows is None else tuple(
        {"direction": word("flow", r.text("direction")), "amount": stated(r, "amount")} for r in rows)


def co2_transfer(case: Case) -> Content:
    """Receivers and methods of the plan, with the amounts stated for the period."""
    amounts = {(r.text("kind"), r.text("receiver")): stated(r, "amount")
               for r in (case.statement.each("co2") if case.statement is not None else ())}
    rows = case.plan.root.rows("co2") if case.plan is not None else None
    return Content(lists={"transfers": None if rows is None else tuple(
        {"kind": word("co2", r.text("kind")), "receiver": r.text("receiver"), "contact": r.text("contact"),
         "method": r.text("method"), "amount": amounts.get((r.text("kind"), r.text("receiver")))} for r in rows)})


def waste_gases(case: Case) -> Content:
    """Waste gases across the border of a process, with partners."""
    rows: list[Line] = []
    for process in case.installation.processes:
        gas = process.waste_gas
        if gas is None:
            continue
        for direction, amount in (("import", gas.imported), ("export", gas.exported)):
            if amount is not None and amount.value:
                rows.append({"process": process.name, "direction": word("direction", direction),
                             "partner": _gas_partner(case, process, direction), "energy": given(amount),
                             "evidence": gas.evidence if direction == "export" else ()})
    return Content(lists={"flows": tuple(rows)})


def _gas_partner(case: Case, process: Process, direction: str) -> str | None:
    for row in (case.plan.root.each("waste_gases") if case.plan is not None else ()):
        if row.text("process") in (process.id, None) and row.text("direction") == direction:
            return row.text("partner")
    for row in (case.statement.each("waste_gases") if case.statement is not None else ()):
        if row.text("process") == process.id:
            return row.text("partner")
    return None


def balances(case: Case) -> Content:
    """Heat, waste gas and electricity of each process. What a process does not say is not zero, unless it says that it
    has none."""
    rows: list[Line] = []
    for process in case.installation.processes:
        result = case.result.process(process.id)
        heat, gas = process.heat, process.waste_gas
        rows.append({
            "process": process.name,
            "heat_in": _flow(heat.imported if heat is not None else None, process.heat_applies),
            "heat_out": _flow(heat.exported if heat is not None else None, process.heat_applies),
            "gas_in": _flow(gas.imported if gas is not None else None, process.waste_gas_applies),
            "gas_out": _flow(gas.exported if gas is not None else None, process.waste_gas_applies),
            "electricity_in": figure(result.electricity, "MWh") if result is not None else None,
            "electricity_out": given(process.exported_electricity)})
    return Content(lists={"processes": tuple(rows)})


def _flow(value: Given | None, applies: bool | None) -> Quantity | None:
    if value is not None:
        return given(value)
    return Quantity(Decimal(0), "TJ") if applies is False else None


def attribution(case: Case) -> Content:
    """How the emissions of each stream and source are split, and what is stated for a process as a whole."""
    rows: list[Line] = []
    sources: tuple[SourceStream | PfcSource | MeasuredSource, ...] = (
        *case.installation.streams, *case.installation.pfc, *case.installation.measured)
    for source in sources:
        if source.attributed.ids:
            rows.append({"source": source.name, "rule": word("rule", source.attributed.rule),
                         "parts": _parts(case, source.attributed)})
    rows += [{"source": p.name, "rule": say("rule.stated"), "parts": (p.name,)}
             for p in case.installation.processes if p.direct is not None]
    return Content(lists={"rules": tuple(rows)})


def _parts(case: Case, attributed: Attribution) -> tuple[str, ...]:
    names = {p: process_name(case, p) or p for p in attributed.ids}
    if attributed.rule is AttributionRule.SHARES:
        return tuple(f"{names[p]}: {percent(g.value, 6)}" for p, g in attributed.shares.items())
    if attributed.rule is AttributionRule.MOLAR:
        return tuple(f"{names[p]}: {substance}" for p, (_, substance) in attributed.molar.items())
    return tuple(names.values())


BUILDERS: Mapping[str, Callable[[Case], Content]] = {
    "total_direct": total_direct, "emissions_detail": emissions_detail, "co2_transfer": co2_transfer,
    "co2_capture": co2_transfer, "waste_gases": waste_gases, "balances": balances, "attribution": attribution,
}
