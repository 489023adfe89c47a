"""A monitoring plan begun from an installation's input: what the input says is filled in, what it cannot say is asked
for.

Nothing is assumed: a section of which the input says nothing is left out, and the head of the file lists every item
that is still missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from zerofactory_engine.messages import render
from zerofactory_mappings.cbam import scope
from zerofactory_mappings.cbam.documents.build import first_day
from zerofactory_mappings.cbam.documents.build_plan import plan_report
from zerofactory_mappings.cbam.documents.model import State
from zerofactory_mappings.cbam.documents.plan import FORMAT, parse_plan
from zerofactory_mappings.cbam.documents.texts import few, lacking_texts
from zerofactory_mappings.cbam.model import (
    ElectricitySource,
    HeatKind,
    Installation,
    MeasuredSource,
    PfcSource,
    Process,
    SourceStream,
)
from zerofactory_mappings.cbam.result import CbamResult
from zerofactory_mappings.sources.yaml_rows import scalar

Tree = dict[str, Any]
_ACTUAL = {ElectricitySource.DIRECT_LINK: "direct_link", ElectricitySource.PPA: "ppa",
           ElectricitySource.OWN: "own_generation", ElectricitySource.ALTERNATIVE_DEFAULT: "alternative_default"}


def plan_yaml(result: CbamResult, language: str, issued: date | None = None) -> bytes:
    """A plan for the installation of *result* as YAML, with comments in *language*; dated *issued*, else the first
    day of the period."""
    tree = plan_tree(result.given, issued)
    body = "".join(_block(tree))
    report = plan_report(result, parse_plan(body.encode("utf-8")))
    lines = [render("cbam-documents.plan-new.head", language, {"installation": result.given.name}),
             render("cbam-documents.plan-new.empty", language),
             render("cbam-documents.plan-new.missing", language, {"count": str(report.count(State.MISSING))})]
    for each in report.items:
        if each.state is State.MISSING:
            wanted = "; ".join(few(lacking_texts(each.item, each.lacking, language), 12))
            lines.append(f"  {each.item.number:>3}  {each.item.names.of(language)}" + (f": {wanted}" if wanted else ""))
    head = "".join(f"# {line}".rstrip() + "\n" for line in lines)
    return (head + body).encode("utf-8")


def plan_tree(installation: Installation, issued: date | None = None) -> Tree:
    """What the input says of a plan, as the tree of its file."""
    details = installation.details
    begins = installation.period_start or issued or first_day()
    tree: Tree = {
        "format": FORMAT,
        "versions": [{"version": "1", "date": (issued or begins).isoformat(), "valid_from": begins.isoformat(),
                      "reason": "First version"}],
        "operator": _filled({"name": details.get("operator_name"), "address": _address(installation, "operator_"),
                             "registration_number": details.get("operator_registration_number")}),
        "installation": _filled({
            "name": installation.name, "registry_id": installation.registry_id, "country": installation.country,
            "address": _address(installation, ""), "unlocode": details.get("unlocode"),
            "latitude": details.get("latitude"), "longitude": details.get("longitude"),
            "activity": details.get("economic_activity")}),
        "processes": [_process(installation, p) for p in installation.processes],
        "streams": [_filled({"id": s.id, "name": s.name or s.id, "method": s.method and str(s.method),
                             "factors": _factors(s)}) for s in installation.streams],
        "measured": [_filled({"id": m.id, "name": m.name or m.id, "gas": m.gas if m.gas in {"CO2", "N2O"} else None})
                     for m in installation.measured],
        "pfc": [_filled({"id": p.id, "name": p.name or p.id, "technology": p.technology,
                         "method": p.method and str(p.method)}) for p in installation.pfc],
        "meters": [{"id": name, "name": name} for name in _meters(installation)],
        "zero_rated": [_filled({"fuel": s.name or s.id, "stream": s.id, "evidence": list(s.evidence)})
                       for s in installation.streams if s.biomass is not None and s.biomass.value],
    }
    tree |= {name: rows for name, rows in (
        ("heat", _flows(installation, "heat")), ("waste_gases", _flows(installation, "waste_gas")),
        ("own_electricity", _own(installation)), ("indirect_factors", _indirect(installation))) if rows}
    if not tree["operator"]:
        del tree["operator"]
    if not tree["meters"]:                        # an input names few meters; none in it says nothing of the plant
        del tree["meters"]
    return tree


def _filled(values: Mapping[str, Any]) -> Tree:
    return {k: v for k, v in values.items() if v not in (None, "", [], {})}


def _address(installation: Installation, prefix: str) -> str | None:
    parts = [installation.details.get(f"{prefix}{n}") for n in ("street", "postcode", "city")]
    return ", ".join(p for p in parts if p) or None


def _process(installation: Installation, process: Process) -> Tree:
    codes = dict.fromkeys([g.cn for g in process.goods] or [
        p.cn for p in installation.products if p.process == process.id and p.cn])
    bought = [_filled({"id": p.id, "name": p.name, "cn": p.cn, "country": p.country})
              for p in installation.precursors if process.id in p.used_in]
    made = [{"id": p.id, "name": p.name, "inside": "yes"} for p in installation.processes
            if process.id in p.to_processes]
    emitting: tuple[SourceStream | PfcSource | MeasuredSource, ...] = (
        *installation.streams, *installation.pfc, *installation.measured)
    sources = [s.id for s in emitting if process.id in s.attributed.ids]
    found = _filled({
        "id": process.id, "name": process.name or process.id, "category": process.category,
        "routes": [r.route for r in process.production], "included": list(process.included),
        "goods": [_filled({"cn": c, "functional_unit": _unit(c)}) for c in codes],
        "benchmarks": [{"cn": c, "column": "B" if process.included else "A"} for c in codes], "sources": sources})
    return {**found, "precursors": [*bought, *made]}


def _unit(cn: str) -> str | None:
    reading = scope.read_cn(cn)
    return reading.good.functional_unit_definitive if reading.good is not None else None


def _factors(stream: SourceStream) -> list[Tree]:
    """The factors that the input states, or that a standard factor gives."""
    named = [n for n in ("ncv", "ef", "carbon_content", "oxidation", "conversion", "biomass")
             if getattr(stream, n) is not None]
    if stream.factor is not None:
        return [{"factor": n} for n in named if n not in {"ncv", "ef"}] + [
            {"factor": "ef", "method": "type_1", "source": f"2025/2547 Annex II G: {stream.factor}"}]
    return [{"factor": n} for n in named]


def _meters(installation: Installation) -> dict[str, None]:
    return dict.fromkeys(name for p in installation.processes for u in p.electricity if u.match is not None
                         for name in (u.match.generator_meter, u.match.consumer_meter) if name)


def _flows(installation: Installation, field: str) -> list[Tree]:
    """Heat or waste gas from or to another installation; the partner only where the input names one."""
    suppliers = {HeatKind.IMPORTED, HeatKind.IMPORTED_UNKNOWN}
    outside = {u.id: u.name for u in installation.units if u.kind in suppliers}
    own = {u.id for u in installation.units if u.kind not in suppliers}
    rows = []
    for process in installation.processes:
        flows = getattr(process, field)
        for direction, name in (("import", "imported"), ("export", "exported")):
            amount = getattr(flows, name) if flows is not None else None
            if amount is not None and amount.value:
                unit = getattr(flows, f"{name}_from", None)
                if unit in own:
                    continue
                rows.append(_filled({"partner": outside.get(unit or ""), "direction": direction,
                                     "process": process.id}))
    return rows


def _own(installation: Installation) -> list[Tree]:
    return [_filled({"unit": u.id, "name": u.name, "kind": "chp" if u.kind is HeatKind.CHP else "separate"})
            for u in installation.units if u.electricity is not None]


def _indirect(installation: Installation) -> list[Tree]:
    rows = []
    for process in installation.processes:
        for use in process.electricity:
            if use.source in _ACTUAL:
                match = use.match
                papers = [] if match is None else [match.contract, match.line_diagram, match.grid_connection]
                rows.append(_filled({"process": process.id, "source": _ACTUAL[use.source],
                                     "evidence": list(dict.fromkeys(p for p in (*use.documents, *papers) if p))}))
    return rows


# --- YAML ------------------------------------------------------------------------------------------------------------

def _block(tree: Mapping[str, Any], indent: str = "") -> Iterator[str]:
    """A mapping in block style; rows of lists of mappings each from a line of its own."""
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield f"{indent}{key}:\n"
            yield from _block(value, indent + "  ")
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            yield f"{indent}{key}:\n"
            for row in value:
                lines = list(_block(row, indent + "    "))
                yield f"{indent}  - {lines[0][len(indent) + 4:]}"
                yield from lines[1:]
        elif isinstance(value, list):
            yield f"{indent}{key}: [{', '.join(scalar(str(v)) for v in value)}]\n"
        else:
            yield f"{indent}{key}: {scalar(str(value))}\n"
