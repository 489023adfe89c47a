"""Items on precursors: made here, bought, with default or actual values, averages, where they come from."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from zerofactory_engine.decimals import CONTEXT
from zerofactory_mappings.cbam.documents.building import (
    country,
    figure,
    given,
    period,
    process_name,
    produced,
    say,
    spaced,
    total,
)
from zerofactory_mappings.cbam.documents.conditions import exempt
from zerofactory_mappings.cbam.documents.model import Case, Content, Line
from zerofactory_mappings.cbam.documents.plan import Row
from zerofactory_mappings.cbam.model import Precursor, ValueSource
from zerofactory_mappings.cbam.result import PrecursorUse


def own_precursors(case: Case) -> Content:
    """Processes that hand goods to others."""
    return Content(lists={"precursors": tuple(
        {"process": p.name, "made": produced(p), "used": total(p.to_processes.values())}
        for p in case.installation.processes if any(g.value for g in p.to_processes.values()))})


def own_precursors_used(case: Case) -> Content:
    """Who uses how much of whom."""
    return Content(lists={"uses": tuple(
        {"process": process_name(case, taker), "precursor": p.name, "amount": given(amount)}
        for p in case.installation.processes for taker, amount in p.to_processes.items() if amount.value)})


def bought_precursors(case: Case) -> Content:
    """What was bought."""
    return Content(lists={"precursors": tuple(
        {"precursor": p.name, "cn": spaced(p.cn) or None,
         "amount": total([r.amount for r in p.bought]) or total(p.used_in.values())}
        for p in case.installation.precursors)})


def bought_precursors_used(case: Case) -> Content:
    """What was used where."""
    return Content(lists={"uses": tuple(
        {"process": process_name(case, taker), "precursor": p.name, "amount": given(amount)}
        for p in case.installation.precursors for taker, amount in p.used_in.items())})


def _with(case: Case, source: ValueSource) -> list[tuple[Precursor, PrecursorUse]]:
    return [(p, use) for p, use in zip(case.installation.precursors, case.result.precursors, strict=True)
            if use.source == source]


def default_precursors(case: Case) -> Content:
    """Precursors with default values: the value with mark-up."""
    rows: list[Line] = []
    for p, use in _with(case, ValueSource.DEFAULT):
        known = use.direct is not None and use.indirect is not None
        value = CONTEXT.add(use.direct,
                            use.indirect) if known and use.direct is not None and use.indirect is not None else None
        rows.append({"cn": spaced(p.cn) or None, "name": p.name, "country": country(p.country),
                     "value": figure(value, "tCO2e/t")})
    return Content(lists={"precursors": tuple(rows)})


def actual_precursors(case: Case) -> Content:
    """Precursors with actual values; the period is that of production, or by default that of the good (Article 13)."""
    rows: list[Line] = []
    for p, use in _with(case, ValueSource.MEASURED):
        unit = p.direct.unit if p.direct is not None else "tCO2e/t"
        own = period(p.period_start, p.period_end)
        rows.append({"cn": spaced(p.cn) or None, "name": p.name, "country": country(p.country),
                     "period": own or period(case.installation.period_start, case.installation.period_end),
                     "time": say("time.actual" if own else "time.default"), "see_direct": figure(use.direct, unit),
                     "see_indirect": figure(use.indirect, unit)})
    return Content(lists={"precursors": tuple(rows)})


def averages(case: Case) -> Content:
    """Averages of several sources, as stated for the period."""
    rows = case.statement.rows("averages") if case.statement is not None else None
    return Content(lists={"averages": None if rows is None else tuple(
        {"cn": spaced(r.text("cn")), "see_direct": figure(r.number("see_direct"), r.text("unit") or "tCO2e/t"),
         "see_indirect": figure(r.number("see_indirect"), r.text("unit") or "tCO2e/t"), "method": r.text("method")}
        for r in rows)})


def precursor_origin(case: Case) -> Content:
    """Operator, installation, identifier and period of precursors with actual values, the operator as the plan says."""
    rows: list[Line] = []
    for p, _ in _with(case, ValueSource.MEASURED):
        if exempt(p.country):
            continue
        planned = planned_precursor(case, p.id)
        rows.append({"precursor": p.name, "operator": None if planned is None else
                     planned.text("operator") or planned.text("supplier"), "installation": p.installation,
                     "registry_id": None if planned is None else planned.text("registry_id"),
                     "period": period(p.period_start, p.period_end)})
    return Content(lists={"origins": tuple(rows)})


def planned_precursor(case: Case, ident: str) -> Row | None:
    """What the plan says of a bought precursor, in whichever process."""
    for process in (case.plan.root.each("processes") if case.plan is not None else ()):
        for row in process.each("precursors"):
            if row.id == ident:
                return row
    return None


BUILDERS: Mapping[str, Callable[[Case], Content]] = {
    "own_precursors": own_precursors, "own_precursors_used": own_precursors_used,
    "own_precursors_again": own_precursors_used, "bought_precursors": bought_precursors,
    "bought_precursors_used": bought_precursors_used, "default_precursors": default_precursors,
    "actual_precursors": actual_precursors, "averages": averages, "averages_method": averages,
    "precursor_origin": precursor_origin,
}
