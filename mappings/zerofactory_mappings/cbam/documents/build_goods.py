"""Items on goods: quantities, functional units, routes, specific embedded emissions, free allocation, parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, localcontext

from zerofactory_engine.decimals import CONTEXT, parse_decimal
from zerofactory_mappings.cbam import scope, tables
from zerofactory_mappings.cbam.documents import electricity_view
from zerofactory_mappings.cbam.documents.building import (
    figure,
    given,
    process_name,
    produced,
    say,
    spaced,
    stated,
    unit_of_goods,
)
from zerofactory_mappings.cbam.documents.items import sector_parameters
from zerofactory_mappings.cbam.documents.model import Case, Content, Line, Quantity, Value
from zerofactory_mappings.cbam.model import Process, Product
from zerofactory_mappings.cbam.result import ProcessResult


def _products_of(case: Case, process: Process) -> list[Product]:
    return [p for p in case.installation.products if p.process == process.id]


def _name_of(case: Case, process: Process, cn: str | None) -> str | None:
    names = dict.fromkeys(p.name for p in _products_of(case, process) if p.cn == cn and p.name)
    return "; ".join(names) or None


def goods_rows(case: Case) -> tuple[Line, ...]:
    """Goods of every process with their quantity: by CN code where the input says so, else the whole production where
    all goods of the process have one code."""
    rows: list[Line] = []
    for process in case.installation.processes:
        if process.goods:
            rows += [{"process": process.name, "cn": spaced(g.cn), "name": _name_of(case, process, g.cn),
                      "amount": given(g.amount)} for g in process.goods]
            continue
        codes = list(dict.fromkeys(p.cn for p in _products_of(case, process)))
        amount = produced(process) if len(codes) <= 1 else None
        rows += [{"process": process.name, "cn": spaced(cn) or None, "name": _name_of(case, process, cn),
                  "amount": amount} for cn in codes or [None]]
    return tuple(rows)


def goods_of_processes(case: Case) -> Content:
    """Goods and quantities."""
    return Content(lists={"goods": goods_rows(case)})


def other_goods(case: Case) -> Content:
    """Goods outside CBAM, as stated for the period."""
    rows = case.statement.rows("other_goods") if case.statement is not None else None
    return Content(lists={"goods": None if rows is None else tuple(
        {"name": r.text("name"), "amount": stated(r, "amount")} for r in rows)})


def goods_in_units(case: Case) -> Content:
    """Goods in functional units, and precursors inside joint processes."""
    rows = case.statement.rows("inside") if case.statement is not None else None
    return Content(lists={"goods": tuple(units_rows(case)), "inside": None if rows is None else tuple(
        {"process": process_name(case, r.text("process")), "cn": spaced(r.text("cn")),
         "amount": stated(r, "amount")} for r in rows)})


def units_rows(case: Case) -> list[Line]:
    """Functional units of each CN code."""
    rows: list[Line] = []
    for process in case.installation.processes:
        result = case.result.process(process.id)
        unit = unit_of_goods(result.functional_unit if result is not None else None)
        if process.goods:
            for number, good in enumerate(process.goods, 1):
                rows.append({"process": process.name, "cn": spaced(good.cn),
                             "amount": _units(case, process, number, unit)})
            continue
        codes = list(dict.fromkeys(p.cn for p in _products_of(case, process)))
        level = figure(result.activity_level, unit) if result is not None and len(codes) <= 1 else None
        rows += [{"process": process.name, "cn": spaced(cn) or None, "amount": level} for cn in codes or [None]]
    return rows


def _units(case: Case, process: Process, number: int, unit: str) -> Quantity | None:
    """Functional units of one good: its content times its quantity, or the quantity where that is the unit."""
    good = process.goods[number - 1]
    if good.content is None:
        result = case.result.process(process.id)
        plain = result is not None and result.functional_unit == good.amount.unit
        return given(good.amount) if plain else None
    with localcontext(CONTEXT):
        return Quantity(good.amount.value * good.content.value, unit)


def goods_of_routes(case: Case) -> Content:
    """Production by route."""
    rows: list[Line] = []
    for process in case.installation.processes:
        owner = scope.find_category(process.category) if process.category else None
        for made in process.production:
            found = scope.find_route(owner, made.route) if owner is not None else None
            rows.append({"process": process.name, "route": found.en if found is not None else made.route,
                         "amount": given(made.amount)})
        if not process.production:
            only = owner.routes[0].en if owner is not None and len(owner.routes) == 1 else None
            rows.append({"process": process.name, "route": only, "amount": produced(process)})
    return Content(lists={"routes": tuple(rows)})


def activity_levels(case: Case) -> Content:
    """Activity level and attributed emissions."""
    return Content(lists={"processes": tuple(
        {"process": p.name, "level": figure(p.activity_level, unit_of_goods(p.functional_unit)),
         "direct": figure(p.attributed_direct, "tCO2e"), "indirect": figure(p.attributed_indirect, "tCO2e")}
        for p in case.result.processes)})


# --- specific embedded emissions --------------------------------------------------------------------------------------

def embedded_emissions(case: Case) -> Content:
    """Specific embedded emissions per functional unit and per unit of sale."""
    said = case.statement
    return Content(
        {"data_quality": (said.text("data_quality") if said is not None else None)
         or case.installation.details.get("data_quality"),
         "indirect_confirmed": None if said is None else said.flag("indirect_confirmed"),
         "export_confirmed": None if said is None else said.flag("export_confirmed")},
        {"goods": tuple(_of_process(case, p) for p in case.result.processes), "products": product_rows(case)})


def _of_process(case: Case, p: ProcessResult) -> Line:
    unit = f"tCO2e/{unit_of_goods(p.functional_unit)}"
    actual, default = _indirect_shares(case, p)
    return {"process": p.name, "unit": unit_of_goods(p.functional_unit) or None,
            "see_direct": figure(p.see_direct, unit),
            "see_indirect": figure(p.see_indirect, unit), "default_share": figure(p.default_share, "1"),
            "indirect_actual": actual, "indirect_default": default}


def _indirect_shares(case: Case, p: ProcessResult) -> tuple[Value, Value]:
    """Shares of the own indirect emissions by actual and by default factors; words where they do not count."""
    if not p.indirect_in_scope:
        return say("not-counted"), say("not-counted")
    share = electricity_view.actual_share(case, p.id)
    if share is None:
        return None, None
    return Quantity(share, "1"), Quantity(CONTEXT.subtract(Decimal(1), share), "1")


def product_rows(case: Case) -> tuple[Line, ...]:
    """Products per unit of sale."""
    rows: list[Line] = []
    for product, result in zip(case.installation.products, case.result.products, strict=True):
        unit = result.unit or "tCO2e/t"
        process = case.installation.process(product.process)
        content = product.content or (process.content if process is not None else None)
        rows.append({"cn": spaced(result.cn_code) or None, "name": result.name or None, "content": given(content),
                     "see_direct": figure(result.see_direct, unit), "see_indirect": figure(result.see_indirect, unit),
                     "sefa": figure(result.sefa, unit)})
    return tuple(rows)


def free_allocation(case: Case) -> Content:
    """Specific embedded free allocation and whether the benchmarks are confirmed."""
    return Content({"benchmarks_confirmed": None if case.statement is None
                    else case.statement.flag("benchmarks_confirmed")},
                   {"products": product_rows(case)})


# --- sector parameters ------------------------------------------------------------------------------------------------

def sector_parameters_of(case: Case) -> Content:
    """The parameters that the report asks for, product by product."""
    rows: list[Line] = []
    for product in case.installation.products:
        process = case.installation.process(product.process)
        owner = scope.find_category(process.category) if process is not None and process.category else None
        if owner is None:
            continue
        names = {p.id: (p.en, p.unit) for p in owner.parameters}
        for ident, rule in sector_parameters().get(owner.id, {}).items():
            value = product.parameters.get(ident)
            if _asked(rule, product, value):
                label, unit = names.get(ident, (ident, ""))
                rows.append({"cn": spaced(product.cn) or None, "name": product.name or None,
                             "parameter": label + (f" [{unit}]" if unit not in ("", "1") else ""),
                             "value": _shown(ident, value)})
    return Content(lists={"parameters": tuple(rows)})


def _asked(rule: str, product: Product, value: str | None) -> bool:
    """Whether the report asks for a parameter of this product; where only its value tells, one that is not stated is
    asked for."""
    kind, _, argument = rule.partition(" ")
    if kind == "cn":
        return spaced(product.cn).replace(" ", "").startswith(argument)
    if kind == "above":
        number = None if value is None else share_of(value)
        return number is None or number > tables.constant(argument).value
    return True


def share_of(text: str) -> Decimal | None:
    """``0.6 %`` or ``0.006`` as a share; None when it is no number."""
    bare = text.strip()
    number = parse_decimal(bare.removesuffix("%").strip())
    if number is None:
        return None
    return CONTEXT.divide(number, Decimal(100)) if bare.endswith("%") else number


def _shown(ident: str, value: str | None) -> str | None:
    """A parameter as it is printed: codes of a list by their name."""
    if value is None:
        return None
    return say(f"reducing_agent.{value}") if ident == "reducing_agent" and value in _AGENTS else value


_AGENTS = frozenset({"coal_or_coke", "natural_gas", "biogas", "hydrogen"})

BUILDERS: Mapping[str, Callable[[Case], Content]] = {
    "goods_of_processes": goods_of_processes, "other_goods": other_goods, "goods_in_units": goods_in_units,
    "goods_of_routes": goods_of_routes, "activity_levels": activity_levels, "embedded_emissions": embedded_emissions,
    "free_allocation": free_allocation, "sector_parameters": sector_parameters_of,
}
