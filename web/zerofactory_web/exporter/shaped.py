"""What pages show of a calculation, as plain values: decimals as text with all digits, null where a figure is unknown.

Beside each figure stands the id of the step that proves it, so that a reader can follow it down.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from zerofactory_engine.decimals import CONTEXT, plain
from zerofactory_engine.problems import Severity
from zerofactory_engine.proof import Graph
from zerofactory_mappings.cbam.result import CbamResult, PrecursorUse, ProcessResult, ProductResult

#: Problems of a calculation that are kept with it.
MOST_PROBLEMS = 500
ZERO = Decimal(0)


def text(value: Decimal | None) -> str | None:
    """A figure with all its digits; None where it is not known."""
    return None if value is None else plain(value) if value else "0"


def summary(result: CbamResult) -> dict[str, Any]:
    """Everything that the pages of a result say."""
    given, steps = result.given, result.proof or Graph()
    products = [_product(result, steps, p, n) for n, p in enumerate(result.products, 1)]
    return {
        "name": given.name or "", "country": given.country, "basis": str(result.basis),
        "period": {"start": _day(given.period_start), "end": _day(given.period_end)},
        "totals": _totals(result, steps), "products": products,
        "processes": [_process(p, steps) for p in result.processes],
        "precursors": [_precursor(result, p, steps) for p in result.precursors],
        "loops": [list(x.processes) for x in result.loops],
        "provisional": list(result.provisional), "sources": list(result.sources),
        "problems": [p.as_json() for p in result.problems[:MOST_PROBLEMS]],
        "counts": {str(s): sum(p.severity is s for p in result.problems) for s in Severity},
        "unknown": sum(p[f] is None for p in products for f in ("see_direct", "see_indirect")),
    }


def _day(day: Any) -> str | None:
    return None if day is None else str(day.isoformat())


def _known(steps: Graph, *names: str) -> str | None:
    """The first of these steps that there is."""
    return next((n for n in names if n in steps), None)


def _totals(result: CbamResult, steps: Graph) -> list[dict[str, Any]]:
    found = result.installation
    rows = (("direct_emissions", found.direct_emissions, ("installation/direct",)),
            ("co2", found.co2, ("installation/CO2-stated", "installation/CO2")),
            ("pfc", found.pfc, ("installation/PFC-stated", "installation/PFC")),
            ("n2o", found.n2o, ("installation/N2O-stated", "installation/N2O")),
            ("biomass_co2", found.biomass_co2, ("installation/biomass-stated", "installation/biomass")),
            ("indirect_processes", found.indirect_processes, ("installation/indirect",)))
    return [{"figure": name, "value": text(value), "step": _known(steps, *ids)} for name, value, ids in rows]


def _product(result: CbamResult, steps: Graph, p: ProductResult, number: int) -> dict[str, Any]:
    process = result.process(p.process_id)
    return {
        "number": number, "cn": p.cn_code, "name": p.name or p.process, "process": p.process_id,
        "process_name": p.process, "unit": p.unit, "see_direct": text(p.see_direct),
        "see_indirect": text(p.see_indirect), "sefa": text(p.sefa), "default_share": text(p.default_share),
        "electricity": text(p.embedded_electricity), "weakest": p.weakest_source,
        "indirect_counts": None if process is None else process.indirect_in_scope,
        "parts": _parts(p, process),
        "steps": {"see_direct": _root(steps, p.process_id, number, "see-direct"),
                  "see_indirect": _root(steps, p.process_id, number, "see-indirect"),
                  "sefa": _known(steps, f"product:{number}/sefa", f"product:{number}/sefa-unit",
                                 f"process:{p.process_id}/sefa"),
                  "electricity": _known(steps, f"product:{number}/electricity",
                                        f"process:{p.process_id}/embedded-electricity")},
        "precursors": [{"id": x.id, "name": x.name, "country": x.country, "bought": x.bought, "amount": text(x.amount),
                        "see_direct": text(x.direct), "see_indirect": text(x.indirect), "source": x.source,
                        "indirect_counts": _counts(result, steps, x.id, bought=x.bought)}
                       for x in p.precursors]}


def _counts(result: CbamResult, steps: Graph, ident: str, *, bought: bool) -> bool | str | None:
    """Whether indirect emissions of a precursor count, for a zero of which they do not is no figure; ``in-direct``: a
    default value that states them together with the direct ones."""
    if not bought:
        process = result.process(ident)
        return None if process is None else process.indirect_in_scope
    name = f"precursor:{ident}/indirect"
    if name not in steps:
        return None
    why = steps[name].detail.get("why")
    return "in-direct" if why == "cbam.rule.total-is-direct" else why != "cbam.rule.indirect-out-of-scope"


def _parts(p: ProductResult, process: ProcessResult | None) -> dict[str, str] | None:
    """Direct emissions by where they arise: here, in what was bought by actual values, in what was bought by default
    values. None where a part is not known, or where the good is sold by another unit than it is made by."""
    if p.see_direct is None or process is None or process.see_direct != p.see_direct:
        return None
    bought = {"actual": ZERO, "default": ZERO}
    for share in p.precursors:
        if not share.bought:
            continue
        if share.direct is None:
            return None
        kind = "default" if share.source == "default" else "actual"
        bought[kind] = CONTEXT.add(bought[kind], CONTEXT.multiply(share.amount, share.direct))
    own = CONTEXT.subtract(p.see_direct, CONTEXT.add(bought["actual"], bought["default"]))
    if own < 0:
        return None                   # rounding of a loop, or an export that is deducted: no parts of a whole
    return {"own": plain(own), "actual": plain(bought["actual"]), "default": plain(bought["default"])}


def _root(steps: Graph, process: str, number: int, name: str) -> str | None:
    """The step that gives a value of a product: per unit of sale, averaged over routes, or of its process."""
    if (of_product := f"product:{number}/{name}") in steps:
        return of_product
    for step in steps:
        if step.id.startswith("routes:") and step.id.endswith(f"/{name}") and process in step.id.removeprefix(
                "routes:").removesuffix(f"/{name}").split("+"):
            return step.id
    return _known(steps, f"process:{process}/{name}")


def _process(p: ProcessResult, steps: Graph) -> dict[str, Any]:
    figures = {"activity_level": p.activity_level, "attributed_direct": p.attributed_direct,
               "attributed_indirect": p.attributed_indirect, "se_direct": p.se_direct, "se_indirect": p.se_indirect,
               "see_direct": p.see_direct, "see_indirect": p.see_indirect, "default_share": p.default_share,
               "embedded_electricity": p.embedded_electricity}
    ids = {"se_direct": "se-direct", "se_indirect": "se-indirect", "see_direct": "see-direct",
           "see_indirect": "see-indirect"}
    return {"id": p.id, "name": p.name, "category": p.category, "unit": p.functional_unit,
            "indirect_counts": p.indirect_in_scope, "weakest": p.weakest_source,
            **{name: text(value) for name, value in figures.items()},
            "steps": {name: _known(steps, f"process:{p.id}/{end}") for name, end in ids.items()}}


def _precursor(result: CbamResult, p: PrecursorUse, steps: Graph) -> dict[str, Any]:
    return {"indirect_counts": _counts(result, steps, p.id, bought=True),
            "id": p.id, "name": p.name, "country": p.country, "cn": p.cn, "see_direct": text(p.direct),
            "see_indirect": text(p.indirect), "electricity": text(p.electricity), "source": p.source,
            "sefa": text(p.sefa), "reason": None if p.reason is None else p.reason.as_json(),
            "step": _known(steps, f"precursor:{p.id}/direct")}

