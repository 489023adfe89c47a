"""The monitoring plan as a document: what the plan says for each of its items."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from zerofactory_mappings.cbam import scope
from zerofactory_mappings.cbam.documents.build import case_of, date_of
from zerofactory_mappings.cbam.documents.building import (
    category,
    country,
    figure,
    once,
    spaced,
    stated,
    unit_of_goods,
    word,
)
from zerofactory_mappings.cbam.documents.check import judge
from zerofactory_mappings.cbam.documents.items import Item, document
from zerofactory_mappings.cbam.documents.model import Content, Line, Report, Value
from zerofactory_mappings.cbam.documents.plan import Plan, Row
from zerofactory_mappings.cbam.documents.plan_check import check_plan
from zerofactory_mappings.cbam.result import CbamResult

PLAN = "monitoring_plan"
Builder = Callable[[Row], Content]
#: Rows of a plan that become rows of a document.
Lines = tuple[Line, ...]


def plan_report(result: CbamResult, plan: Plan, issued: date | None = None) -> Report:
    """The monitoring plan as a document (2025/2547 Annex II A.5), checked against the installation's input."""
    case = case_of(result, plan)

    def content_of(item: Item) -> Content:
        return BUILDERS[item.id](plan.root)

    wanted = document(PLAN)
    return Report(wanted, case, judge(wanted, content_of, case), issued or plan.current.day("date") or date_of(case),
                  once([*plan.notes, *check_plan(plan, case.installation, result)]))


def _lines(root: Row, section: str, make: Callable[[Row], Line]) -> Lines | None:
    rows = root.rows(section)
    return None if rows is None else tuple(make(r) for r in rows)


def _of_processes(root: Row, below: str, make: Callable[[Row, Row], Line]) -> Lines | None:
    """A row for every entry of a list of every process; a process without the list is a row that lacks it."""
    rows = root.rows("processes")
    if rows is None:
        return None
    nothing = Row({})
    return tuple(make(p, x) for p in rows for x in (p.each(below) if p.has(below) else (nothing,)))


def _process(root: Row, ident: str | None) -> str | None:
    """The name of a process by its id."""
    if ident is None:
        return None
    for section in ("processes", "other_processes"):
        for row in root.each(section):
            if row.id == ident:
                return row.text("name")
    return ident


def _source(root: Row, ident: str | None) -> str | None:
    """The name of a stream or source by its id."""
    for section in ("streams", "measured", "pfc"):
        for row in root.each(section):
            if row.id == ident:
                return row.text("name")
    return ident


def _routes(row: Row) -> tuple[str, ...]:
    owner = scope.find_category(row.text("category") or "")
    found = []
    for name in row.texts("routes"):
        known = scope.find_route(owner, name) if owner is not None else None
        found.append(known.en if known is not None else name)
    if not found and owner is not None and len(owner.routes) == 1:
        found = [owner.routes[0].en]
    return tuple(found)


def version(root: Row) -> Content:
    """Versions of the plan."""
    rows = root.each("versions")
    return Content({"version": rows[-1].text("version"), "date": rows[-1].day("date")}, {"versions": tuple(
        {"version": r.text("version"), "date": r.day("date"), "valid_from": r.day("valid_from"),
         "reason": r.text("reason")}
        for r in rows)})


def installation(root: Row) -> Content:
    """Who and where, and which processes."""
    site, operator = root.part("installation") or Row({}), root.part("operator") or Row({})
    return Content({"operator": operator.text("name"), "installation": site.text("name"),
                    "address": site.text("address"),
                    "description": site.text("description")},
                   {"processes": _lines(root, "processes", lambda r: {
                       "process": r.text("name"), "category": category(r.text("category"))})})


def goods(root: Row) -> Content:
    """Goods with functional units, and precursors inside joint processes."""
    inside: list[Line] = [{"process": p.text("name"), "category": category(c)}
                          for p in root.each("processes") for c in p.texts("included")]
    return Content(lists={
        "goods": _of_processes(root, "goods", lambda p, g: {
            "process": p.text("name"), "cn": spaced(g.text("cn")), "unit": unit_of_goods(g.text("functional_unit")),
            "composition": g.text("composition")}),
        "inside": tuple(inside)})


def processes(root: Row) -> Content:
    """Processes with routes and goods."""
    return Content(lists={"processes": _lines(root, "processes", lambda r: {
        "process": r.text("name"), "routes": _routes(r),
        "cn": tuple(spaced(g.text("cn")) for g in r.each("goods"))})})


def other_goods(root: Row) -> Content:
    """Goods outside CBAM."""
    return Content(lists={"goods": _lines(root, "other_goods", lambda r: {
        "name": r.text("name"), "process": _process(root, r.text("process")), "amount": stated(r, "amount")})})


def benchmarks(root: Row) -> Content:
    """CBAM benchmarks applied."""
    return Content(lists={"benchmarks": _of_processes(root, "benchmarks", lambda p, b: {
        "process": p.text("name"), "cn": spaced(b.text("cn")), "column": b.text("column"),
        "routes": b.text("routes")})})


def methods(root: Row) -> Content:
    """Formulas and inputs of each process; meters with their exact place."""
    return Content(lists={
        "processes": _lines(root, "processes", lambda r: {
            "process": r.text("name"), "formulas": r.text("formulas"), "inputs": r.text("inputs")}),
        "meters": _lines(root, "meters", lambda r: {
            "meter": f"{r.id} {r.text('name') or ''}".strip(), "measures": r.text("measures"),
            "location": r.text("location"), "uncertainty": figure(r.number("uncertainty"), "1"),
            "calibrated": r.day("calibrated_on"), "next": r.day("next_calibration")})})


def factors(root: Row) -> Content:
    """Calculation factors and sampling."""
    rows = root.rows("streams")
    found: list[Line] = []
    for row in rows or ():
        entries = row.each("factors")
        found += [{"stream": row.text("name"), "factor": word("factor", f.text("factor")),
                   "method": word("factor_method", f.text("method")), "source": f.text("source")} for f in entries]
        if not entries:
            found.append({"stream": row.text("name"), "factor": None, "method": None, "source": None})
    return Content(lists={
        "factors": None if rows is None else tuple(found),
        "sampling": _lines(root, "sampling", lambda r: {
            "material": r.text("material"), "streams": tuple(_source(root, s) or s for s in r.texts("streams")),
            "frequency": r.text("frequency"), "laboratory": r.text("laboratory"), "standard": r.text("standard")})})


def sources(root: Row) -> Content:
    """Streams and sources of each process."""
    kinds = {r.id: word("source_kind", section) for section in ("streams", "measured", "pfc")
             for r in root.each(section)}
    rows: list[Line] = []
    for process in root.each("processes"):
        for ident in process.texts("sources"):
            rows.append({"process": process.text("name"), "source": _source(root, ident), "kind": kinds.get(ident)})
        if not process.texts("sources"):
            rows.append({"process": process.text("name"), "source": None, "kind": None})
    return Content(lists={"sources": tuple(rows) if root.has("processes") else None})


def calculated(root: Row) -> Content:
    """Streams on the standard method or the mass balance."""
    names = {m.id: m.text("name") for m in root.each("meters")}
    return Content(lists={"streams": _lines(root, "streams", lambda r: {
        "stream": r.text("name"), "method": word("method", r.text("method")), "activity": r.text("activity_data"),
        "meters": tuple(f"{m} {names.get(m) or ''}".strip() for m in r.texts("meters"))})})


def measured(root: Row) -> Content:
    """Sources measured continuously."""
    return Content(lists={"sources": _lines(root, "measured", lambda r: {
        "source": r.text("name"), "gas": r.text("gas"), "location": r.text("location"),
        "standard": r.text("standard")})})


def pfc(root: Row) -> Content:
    """Cells and how their perfluorocarbons are found."""
    def line(row: Row) -> Line:
        parts = [word("pfc_method", row.text("method")), row.text("determination")]
        return {"source": row.text("name"), "technology": row.text("technology"),
                "method": "; ".join(p for p in parts if p) or None}

    return Content(lists={"cells": _lines(root, "pfc", line)})


def diagram(root: Row) -> Content:
    """The diagram, and that nothing is left out or counted twice."""
    part = root.part("diagram") or Row({})
    return Content({"document": part.text("document"), "description": part.text("description"),
                    "no_gaps": part.flag("no_gaps"), "no_double_counting": part.flag("no_double_counting")})


def precursors(root: Row) -> Content:
    """Precursors of each process with supplier and country."""
    def line(process: Row, row: Row) -> Line:
        here = row.flag("inside") is True
        own: Value = word("partner", "own") if here else None
        return {"process": process.text("name"), "precursor": row.text("name") or row.id or None,
                "supplier": row.text("supplier") or own,
                "country": country(row.text("country")) or (country(site.text("country")) if here else None)}

    site = root.part("installation") or Row({})
    return Content(lists={"precursors": _of_processes(root, "precursors", line)})


def zero_rated(root: Row) -> Content:
    """Zero-rated fuels with their proof."""
    return Content(lists={"fuels": _lines(root, "zero_rated", lambda r: {
        "fuel": r.text("fuel"), "stream": _source(root, r.text("stream")), "evidence": r.texts("evidence")})})


def _partners(root: Row, section: str) -> Content:
    return Content(lists={"partners": _lines(root, section, lambda r: {
        "partner": r.text("partner"), "direction": word("direction", r.text("direction")),
        "process": _process(root, r.text("process")), "method": r.text("method")})})


def heat(root: Row) -> Content:
    """Partners of heat exchange."""
    return _partners(root, "heat")


def waste_gases(root: Row) -> Content:
    """Partners of waste gas exchange."""
    return _partners(root, "waste_gases")


def own_electricity(root: Row) -> Content:
    """Units that generate electricity."""
    return Content(lists={"units": _lines(root, "own_electricity", lambda r: {
        "unit": r.text("name") or r.text("unit"), "kind": word("generation", r.text("kind")),
        "fuel": word("generation_fuel", r.text("fuel")), "exported": r.flag("exported")})})


def indirect_factors(root: Row) -> Content:
    """Evidence for actual factors of electricity."""
    return Content(lists={"factors": _lines(root, "indirect_factors", lambda r: {
        "process": _process(root, r.text("process")), "source": word("electricity", r.text("source")),
        "evidence": r.texts("evidence")})})


def imported_electricity(root: Row) -> Content:
    """Evidence for imported electricity."""
    return Content(lists={"evidence": _lines(root, "imported_electricity", lambda r: {
        "criterion": r.text("criterion"), "evidence": r.texts("evidence")})})


def co2(root: Row) -> Content:
    """CO2 captured, stored or used."""
    return Content(lists={"transfers": _lines(root, "co2", lambda r: {
        "kind": word("co2", r.text("kind")), "receiver": r.text("receiver"), "contact": r.text("contact"),
        "method": r.text("method")})})


def controls(root: Row) -> Content:
    """Data flow, method for gaps and the control activities a to h."""
    part, gap = root.part("controls") or Row({}), root.part("gap_method") or Row({})
    said: dict[str, Value] = {"gap_method": gap.text("text")}
    for letter in "abcdefgh":
        entry = part.part(letter)
        said[letter] = None if entry is None else entry.text("text")
    return Content(said, {"data_flow": _lines(root, "data_flow", lambda r: {
        "step": r.id, "what": r.text("what"), "from": r.text("from"), "to": r.text("to"), "person": r.text("person"),
        "check": r.text("check")})})


BUILDERS: Mapping[str, Builder] = {
    "version": version, "installation": installation, "goods": goods, "processes": processes,
    "other_goods": other_goods,
    "benchmarks": benchmarks, "methods": methods, "factors": factors, "sources": sources, "calculated": calculated,
    "measured": measured, "pfc": pfc, "diagram": diagram, "precursors": precursors, "zero_rated": zero_rated,
    "heat": heat, "own_electricity": own_electricity, "indirect_factors": indirect_factors,
    "imported_electricity": imported_electricity, "waste_gases": waste_gases, "co2": co2, "controls": controls,
}
