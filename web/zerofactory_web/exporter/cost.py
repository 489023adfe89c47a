"""What a good costs its importer over the years of the phase-in: certificates after free allocation, at assumed prices.

The figures are those of :mod:`zerofactory_mappings.cbam.obligation`, computed anew for each year of import; a price is
the user's assumption, and without one the cost is not known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from zerofactory_engine.decimals import CONTEXT, parse_decimal
from zerofactory_engine.messages import render
from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_engine.yaml_text import ListNode, MapNode, Node, Scalar
from zerofactory_mappings.cbam.model import Installation, Product
from zerofactory_mappings.cbam.obligation.build import obligation
from zerofactory_mappings.cbam.obligation.chart import Line, line_chart
from zerofactory_mappings.cbam.obligation.evaluation import horizon
from zerofactory_mappings.cbam.obligation.model import FORMAT
from zerofactory_mappings.cbam.obligation.quick import price_nodes
from zerofactory_mappings.cbam.obligation.read import read_tree
from zerofactory_mappings.cbam.obligation.result import ObligationResult, OutlookYear
from zerofactory_mappings.cbam.obligation.views import Words
from zerofactory_mappings.cbam.scope import read_cn
from zerofactory_mappings.publishing.document import SCREEN_FONTS
from zerofactory_web.exporter.shaped import text

#: Prices that may be assumed, in EUR per certificate; the middle one leads.
PRICES = ("low", "price", "high")
_INPUT = "input"


def cost(installation: Installation, order: Mapping[str, Any]) -> dict[str, Any]:
    """Years of one product with figures, charts and remarks (*carried*: precursors whose free allocation was stated and
    is the same in every year until none is left). *order*: ``product`` (number from 1), ``prices`` (by
    :data:`PRICES`, as text), ``tonnes`` a year, ``readings`` of the result, ``language``.

    Raises:
        ProblemsError: there is no such product, or it cannot be asked about.
    """
    product = _product(installation, order["product"])
    prices: Mapping[str, str] = order["prices"]
    folder, chosen = Path(order["folder"]), order.get("readings") or {}
    runs = {name: _run(installation, product, prices[name], folder, chosen) for name in PRICES
            if prices.get(name)}
    lead = runs.get("price") or _run(installation, product, None, folder, chosen)
    years = [_year(y, n, runs, parse_decimal(order["tonnes"]) if order.get("tonnes") else None)
             for n, y in enumerate(lead.goods[0].outlook)]
    words = Words(order["language"])
    return {"years": years, "charts": _charts(lead, runs, product, words),
            "provisional": list(dict.fromkeys(words.plain(p) for p in lead.provisional)),
            "reasons": list(dict.fromkeys(words.problem(p) for y in lead.goods[0].outlook
                                          for outcome in (y.actual, y.default) if outcome is not None
                                          for p in outcome.reasons)),
            "carried": [p.name or p.id for p in installation.precursors if p.sefa is not None],
            "sources": [*lead.sources, *lead.versions]}


def _product(installation: Installation, number: int) -> Product:
    """The product, which can be told from the others."""
    if not 1 <= number <= len(installation.products):
        raise ProblemsError([Problem("exporter.no-such-product", Place(path="product"), found=str(number))])
    product = installation.products[number - 1]
    if product.cn is None or read_cn(product.cn).good is None or installation.country is None:
        raise ProblemsError([Problem("exporter.cost-needs", Place(path="product"), found=product.name)])
    return product


def _run(installation: Installation, product: Product, price: str | None, folder: Path,
         chosen: Mapping[str, str]) -> ObligationResult:
    """The obligation of one unit in each year, by actual and by default data, at one price, as the law was read."""
    good = read_cn(product.cn or "").unwrap()
    first = horizon()[0]
    year = installation.period_end.year if installation.period_end is not None else first
    alone = _named(installation, product)
    consignment = _map({
        "id": "G1", "year": str(max(year, first)), "cn": good.cn, "origin": installation.country or "",
        "energy" if good.unit_transitional == "MWh" else "net_mass": "1", "production_year": str(year),
        "data": "actual", "actual": _map({"result": _map({"file": _INPUT, "product": _name(product)})})})
    parts: dict[str, Node | str] = {"format": FORMAT, "consignments": ListNode((consignment,))}
    if price:
        parts["prices"] = ListNode(tuple(price_nodes([price])))
    return obligation(read_tree(_map(parts), "", folder, load=lambda path: alone), readings=chosen)


def _name(product: Product) -> str:
    """A name that no other product of the installation has."""
    return f"{product.name or product.cn} [{product.process}/{product.cn}]"


def _named(installation: Installation, product: Product) -> Installation:
    """The installation in which only *product* bears its own name, so that it can be asked about."""
    return replace(installation, products=tuple(
        replace(p, name=_name(p)) if p is product else p for p in installation.products))


def _map(entries: Mapping[str, Node | str]) -> MapNode:
    return MapNode(tuple((Scalar(k), Scalar(v, Place(), quoted=True) if isinstance(v, str) else v)
                         for k, v in entries.items()))


def _year(y: OutlookYear, at: int, runs: Mapping[str, ObligationResult], tonnes: Decimal | None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "year": y.year, "soft": bool(y.preliminary), "see": text(y.actual.see if y.actual else None),
        "sefa": text(y.actual.sefa if y.actual else None), "net": text(y.actual.net if y.actual else None),
        "default_net": text(y.default.net), "default_see": text(y.default.see)}
    for name in PRICES:
        run = runs.get(name)
        year = run.goods[0].outlook[at] if run is not None else None
        actual = year.actual.cost_per_unit if year is not None and year.actual is not None else None
        found[f"cost_{name}"] = text(actual)
        found[f"total_{name}"] = None if actual is None or tonnes is None else text(CONTEXT.multiply(actual, tonnes))
        found[f"default_{name}"] = text(year.default.cost_per_unit if year is not None else None)
    lead = runs.get("price")
    found["saving"] = text(lead.goods[0].outlook[at].saving_cost if lead is not None else None)
    return found


def _charts(lead: ObligationResult, runs: Mapping[str, ObligationResult], product: Product,
            words: Words) -> list[str]:
    """Certificates or cost by default and by actual data; beside it the cost at the low and at the high price."""
    outlook = lead.goods[0].outlook
    years = [y.year for y in outlook]
    soft = [y.year for y in outlook if any(c.endswith((".cscf", ".benchmark-after-last")) for c in y.preliminary)]
    good = product.name or product.cn or ""
    priced = "price" in runs

    def title(what: str) -> str:
        return words.t("chart-title", what=words.t(what), good=good, **{"from": years[0], "to": years[-1]})

    lines = [Line(words.data("default"), _values(outlook, "default", priced)),
             Line(words.data("actual"), _values(outlook, "actual", priced))]
    made = [line_chart("cost-data", title("chart-cost" if priced else "chart-certificates"), years, lines, soft, words,
                       "eur" if priced else "see", SCREEN_FONTS)] if _any(lines) else []
    bounds = [Line(render(f"exporter.cost-{name}", words.lang), _values(runs[name].goods[0].outlook, "actual", True))
              for name in ("high", "low") if name in runs]
    if _any(bounds):
        made.append(line_chart("cost-bounds", title("chart-cost"), years, bounds, soft, words, "eur", SCREEN_FONTS))
    return made


def _values(outlook: Sequence[OutlookYear], which: str, priced: bool) -> tuple[Decimal | None, ...]:
    found = [getattr(y, which) for y in outlook]
    return tuple(None if o is None else o.cost_per_unit if priced else o.net for o in found)


def _any(lines: Sequence[Line]) -> bool:
    return any(v is not None for line in lines for v in line.values)
