"""A plan as cells of the Commission's template: sheet and cell of every entry, as people type them.

Written from the template itself (V2.1.1), not from this project's layout of it, so that an error in one of the two is
seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from tests.mappings.cbam.workbook_oracle.plan import (
    Chp,
    Figure,
    Formula,
    Meter,
    Pfc,
    Plan,
    Precursor,
    Process,
    Product,
    Stream,
)

#: Sheet and cell → what stands there: a number, a text, a truth value or a formula.
Cells = dict[tuple[str, str], object]

#: Aggregated goods as the drop-down lists have them; one has a space at its end.
CATEGORIES = {
    "cement": "Cement", "cement_clinker": "Cement clinker", "calcined_clays": "Calcined clays ",
    "aluminous_cement": "Aluminous cement", "iron_or_steel_products": "Iron or steel products",
    "crude_steel": "Crude steel", "direct_reduced_iron": "Direct reduced iron", "pig_iron": "Pig iron",
    "ferro_alloys": "Alloys (FeMn, FeCr, FeNi)", "sintered_ore": "Sintered Ore", "hydrogen": "Hydrogen",
    "ammonia": "Ammonia", "nitric_acid": "Nitric acid", "urea": "Urea", "mixed_fertilisers": "Mixed fertilisers",
    "aluminium_products": "Aluminium products", "unwrought_aluminium": "Unwrought aluminium",
    "electricity": "Electricity (export to EU)"}
METHODS = {"combustion": "Combustion", "process": "Process emissions", "mass_balance": "Mass Balance"}
PFC_METHODS = {"slope": "Slope method", "overvoltage": "Overvoltage method"}
SOURCES = {"measured": "Measured", "default": "Default", "unknown": "Unknown"}

A, B, C, D, E, F = "A_InstData", "B_EmInst", "C_Emissions&Energy", "D_Processes", "E_PurchPrec", "F_Tools"
PRODUCTS = "Summary_Products"


def entries(plan: Plan) -> Cells:
    """Every cell that the plan fills."""
    cells: Cells = {(A, "I9"): datetime(2025, 1, 1), (A, "L9"): datetime(2025, 12, 31), (A, "I20"): plan.name,  # noqa: DTZ001 - a date of the workbook has no zone
                    (A, "I26"): "China"}
    for make in (_sources(plan), _processes(plan), _precursors(plan), _rest(plan)):
        for sheet, cell, value in make:
            if value is not None:
                cells[sheet, cell] = value if isinstance(value, (Formula, bool, float)) else str(value)
    cells.update(plan.extra)
    return cells


Entry = tuple[str, str, object]


def number(figure: Figure) -> object:
    """A figure as the number that a spreadsheet stores."""
    return float(figure) if isinstance(figure, str) else figure


def _sources(plan: Plan) -> Iterator[Entry]:
    for row, stream in plan.streams.items():
        yield from ((B, f"{column}{16 + row}", value) for column, value in _stream(stream))
    for row, source in plan.pfc.items():
        yield from ((B, f"{column}{97 + row}", value) for column, value in _pfc(source))
    for row, meter in plan.meters.items():
        yield from ((B, f"{column}{112 + row}", value) for column, value in _meter(meter))


def _stream(s: Stream) -> Iterator[tuple[str, object]]:
    yield from (("D", METHODS.get(s.method or "")), ("E", s.name), ("G", s.unit), ("K", s.ef_unit))
    for column, figure in (("F", s.amount), ("H", s.ncv), ("J", s.ef), ("L", s.carbon), ("N", s.oxidation),
                           ("P", s.conversion), ("R", s.biomass)):
        yield column, number(figure)


def _pfc(s: Pfc) -> Iterator[tuple[str, object]]:
    yield from (("D", PFC_METHODS.get(s.method or "")), ("E", s.name))
    for column, figure in (("F", s.aluminium), ("AG", s.frequency), ("AH", s.duration), ("AI", s.slope),
                           ("AJ", s.overvoltage), ("AK", s.efficiency), ("AL", s.coefficient), ("AM", s.c2f6),
                           ("AT", s.collection)):
        yield column, number(figure)


def _meter(s: Meter) -> Iterator[tuple[str, object]]:
    yield from (("D", s.name), ("E", s.gas))
    for column, figure in (("R", s.biomass), ("V", s.concentration), ("X", s.hours), ("Z", s.flow),
                           ("AX", s.energy_fossil), ("AY", s.energy_biomass)):
        yield column, number(figure)


def _processes(plan: Plan) -> Iterator[Entry]:
    for p, process in plan.processes.items():
        listed = 82 + p
        yield A, f"E{listed}", CATEGORIES[process.category]
        yield A, f"L{listed}", process.name
        for column, included in zip("FGHIJK", process.included or ("",), strict=False):
            yield A, f"{column}{listed}", CATEGORIES.get(included, "Only direct production")
        yield from ((D, cell, value) for cell, value in _process(p, process))


def _process(p: int, process: Process) -> Iterator[tuple[str, object]]:
    head = 11 + 65 * (p - 1)
    for row, figure in process.made.items():
        yield f"L{head + 4 + row}", number(figure)
    others = [k for k in range(1, 11) if k != p]
    for k, figure in process.to.items():
        yield f"L{head + 21 + others.index(k)}", number(figure)
    yield f"K{head + 39}", process.heat_applies
    yield f"L{head + 39}", process.gas_applies
    yield f"L{head + 56}", process.power_code
    for column, row, figure in (
            ("L", 16, process.to_market), ("L", 30, process.to_other), ("L", 43, process.direct),
            ("L", 46, process.heat_in), ("M", 46, process.heat_out), ("L", 47, process.heat_in_ef),
            ("M", 47, process.heat_out_ef), ("L", 50, process.gas_in), ("M", 50, process.gas_out),
            ("L", 51, process.gas_in_ef), ("M", 51, process.gas_out_ef), ("L", 54, process.power),
            ("L", 55, process.power_ef), ("L", 60, process.export), ("L", 61, process.export_ef)):
        yield f"{column}{head + row}", number(figure)


def _precursors(plan: Plan) -> Iterator[Entry]:
    for q, precursor in plan.precursors.items():
        listed = 101 + q
        yield A, f"E{listed}", CATEGORIES[precursor.category]
        yield A, f"F{listed}", precursor.country
        yield A, f"L{listed}", precursor.name
        yield from ((E, cell, value) for cell, value in _precursor(q, precursor))


def _precursor(q: int, precursor: Precursor) -> Iterator[tuple[str, object]]:
    head = 14 + 44 * (q - 1)
    for row, figure in precursor.bought.items():
        yield f"L{head + 2 + row}", number(figure)
    for p, figure in precursor.used.items():
        yield f"L{head + 13 + p}", number(figure)
    for row, figure in ((24, precursor.other), (35, precursor.direct), (36, precursor.power), (37, precursor.power_ef)):
        yield f"L{head + row}", number(figure)
    yield f"M{head + 35}", SOURCES.get(precursor.source or "")
    yield f"M{head + 36}", SOURCES.get(precursor.power_source or "")
    yield f"M{head + 37}", precursor.code
    yield f"K{head + 40}", precursor.justification


def process_name(plan: Plan, p: int) -> str:
    """The name of a process as the template makes it when none is typed."""
    process = plan.processes[p]
    return process.name if process.name is not None else f"P{p} - {CATEGORIES[process.category]}"


def precursor_name(plan: Plan, q: int) -> str:
    """The name of a precursor as the template makes it when none is typed."""
    precursor = plan.precursors[q]
    return precursor.name if precursor.name is not None else f"PP{q} - {CATEGORIES[precursor.category]}"


def typed_process(plan: Plan, product: Product) -> str:
    """What stands in the column of the process of a product."""
    return product.process if isinstance(product.process, str) else process_name(plan, product.process)


def _rest(plan: Plan) -> Iterator[Entry]:
    for row, product in plan.products.items():
        yield PRODUCTS, f"D{9 + row}", typed_process(plan, product)
        yield PRODUCTS, f"F{9 + row}", product.cn
        yield PRODUCTS, f"H{9 + row}", product.name
    stated = plan.stated
    for cell, figure in (("H26", stated.co2), ("I26", stated.biomass), ("J26", stated.n2o), ("K26", stated.pfc),
                         ("M26", stated.indirect)):
        yield C, cell, number(figure)
    for tool, place in zip(plan.chp, (("21", "26", "41"), ("61", "64", "72")), strict=True):
        if tool is not None:
            yield from ((F, cell, number(figure)) for cell, figure in _chp(tool, *place))


def _chp(tool: Chp, energy: str, emissions: str, reference: str) -> Iterator[tuple[str, Figure]]:
    yield from ((f"J{energy}", tool.fuel), (f"K{energy}", tool.heat), (f"L{energy}", tool.power),
                (f"J{emissions}", tool.emissions), (f"K{emissions}", tool.cleaning),
                (f"J{reference}", tool.reference_heat), (f"K{reference}", tool.reference_power))
