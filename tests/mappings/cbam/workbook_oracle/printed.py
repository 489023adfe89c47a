"""What a recalculated workbook prints, and how far this project's result is from it.

Both are flat: a label such as ``P1.see_direct`` or ``stream-3`` and a figure; None where there is no figure (the workbook
leaves the cell empty or shows a text such as ``Incomplete!`` or an error).
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from xml.etree import ElementTree

from tests.mappings.cbam.workbook_oracle.workbook import sheet_parts

from zerofactory_mappings.cbam.model import Installation
from zerofactory_mappings.cbam.result import CbamResult

#: Figures are the same up to this share, or up to this amount next to zero.
CLOSE = 1e-9
#: Processes, precursors, rows of streams, of other sources, of products; what the template has room for.
PROCESSES, PRECURSORS, STREAMS, OTHERS, PRODUCTS = 10, 20, 75, 10, 100
TJ_PER_MWH = Decimal("0.0036")
#: What the workbook shows as the default share of a product whose process it looks up in the wrong row.
SHADOWED = Decimal(0)
_NS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"

Printed = dict[str, float | None]


def _cells() -> dict[str, tuple[str, str]]:
    """Label → sheet and cell."""
    c, summary, products, tools = "C_Emissions&Energy", "Summary_Processes", "Summary_Products", "F_Tools"
    found = {f"installation.{n}": (c, cell) for n, cell in (
        ("co2", "H27"), ("biomass", "I27"), ("n2o", "J27"), ("pfc", "K27"), ("direct", "L27"))}
    for kind, count, first in (("stream", STREAMS, 17), ("pfc", OTHERS, 98), ("measured", OTHERS, 113)):
        for n in range(count):
            found[f"{kind}-{n + 1}"] = ("B_EmInst", f"AU{first + n}")
            if kind != "pfc":
                found[f"{kind}-{n + 1}.biomass"] = ("B_EmInst", f"AV{first + n}")
    for n in range(PROCESSES):
        p = f"P{n + 1}"
        for name, column in (("own", "H"), ("heat", "I"), ("waste_gas", "J"), ("balance", "K"), ("indirect", "L"),
                             ("level", "N")):
            found[f"{p}.{name}"] = (summary, f"{column}{71 + n}")
        for name, column in (("se_direct", "G"), ("see_direct", "H"), ("se_indirect", "I"), ("see_indirect", "J"),
                             ("electricity", "K"), ("embedded_electricity", "L")):
            found[f"{p}.{name}"] = (summary, f"{column}{102 + n}")
        found[f"{p}.default_share"] = (summary, f"H{164 + 36 * n}")
    for n in range(PRECURSORS):
        for name, column in (("direct", "H"), ("indirect", "J"), ("electricity", "K")):
            found[f"PP{n + 1}.{name}"] = (summary, f"{column}{115 + n}")
    for n in range(PRODUCTS):
        for name, column in (("see_direct", "I"), ("see_indirect", "J"), ("see_total", "K"), ("default_share", "M"),
                             ("embedded_electricity", "O")):
            found[f"product-{n + 1}.{name}"] = (products, f"{column}{10 + n}")
    for n, (eta, ef) in enumerate(((34, 49), (69, 76)), 1):
        for name, cell in (("eta_heat", f"J{eta}"), ("eta_electricity", f"K{eta}"), ("ef_heat", f"K{ef}"),
                           ("ef_electricity", f"M{ef}")):
            found[f"chp-{n}.{name}"] = (tools, cell)
    return found


CELLS = _cells()
_AT = {place: label for label, place in CELLS.items()}
_SHEETS = frozenset(sheet for sheet, _ in CELLS.values())


def printed(data: bytes) -> Printed:
    """Every figure that the workbook shows, by label."""
    return {label: value for label, value in _shown(data) if value is not None}


def _shown(data: bytes) -> Iterator[tuple[str, float | None]]:
    parts = sheet_parts(data)
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        for sheet in sorted(_SHEETS):
            for _, element in ElementTree.iterparse(package.open(parts[sheet])):
                if element.tag != f"{_NS}c":
                    continue
                label = _AT.get((sheet, element.get("r", "")))
                value = element.find(f"{_NS}v")
                if label is not None and value is not None and element.get("t", "n") == "n" and value.text:
                    yield label, float(value.text)
                element.clear()


# --- ours -----------------------------------------------------------------------------------------------------------

Ours = dict[str, Decimal | None]


def ours(result: CbamResult) -> Ours:
    """This project's figures under the same labels."""
    total = result.installation
    found: Ours = {"installation.co2": total.co2, "installation.biomass": total.biomass_co2,
                   "installation.n2o": total.n2o, "installation.pfc": total.pfc,
                   "installation.direct": total.direct_emissions}
    for stream in result.streams:
        found[stream.id] = stream.fossil if stream.counted else None
        if not stream.id.startswith("pfc"):
            found[f"{stream.id}.biomass"] = stream.biomass if stream.counted else None
    for process in result.processes:
        p = process.id
        balance = None if None in (process.direct_own, process.heat, process.waste_gas) else (
            _sum(process.direct_own, process.heat, process.waste_gas))
        found |= {
            f"{p}.own": process.direct_own, f"{p}.heat": process.heat, f"{p}.waste_gas": process.waste_gas,
            f"{p}.balance": balance, f"{p}.indirect": process.attributed_indirect, f"{p}.level": process.activity_level,
            f"{p}.se_direct": process.se_direct, f"{p}.see_direct": process.see_direct,
            f"{p}.se_indirect": process.se_indirect, f"{p}.see_indirect": process.see_indirect,
            f"{p}.electricity": None if process.electricity is None or not process.activity_level else (
                process.electricity / process.activity_level),
            f"{p}.embedded_electricity": process.embedded_electricity, f"{p}.default_share": process.default_share}
    for precursor in result.precursors:
        found |= {f"{precursor.id}.direct": precursor.direct, f"{precursor.id}.indirect": precursor.indirect,
                  f"{precursor.id}.electricity": precursor.electricity}
    found |= _products(result)
    for unit, figures in result.units.items():
        power = figures["ef_electricity"]
        found |= {f"{unit}.eta_heat": figures["eta_heat"], f"{unit}.eta_electricity": figures["eta_electricity"],
                  f"{unit}.ef_heat": figures["ef_heat"],
                  f"{unit}.ef_electricity": None if power is None else power / TJ_PER_MWH}
    return found


def _products(result: CbamResult) -> Ours:
    """Products by the row in which they stand.

    The template looks up the default share of a product by the name of its process in a column that also lists what
    every process contains, and takes the first it finds: where an earlier process contains this one it prints a truth
    value that is no share (Summary_Products!M10 searching Summary_Processes!D162:D520). There the share is compared with
    that of the process alone.
    """
    found: Ours = {}
    contained = _contained_earlier(result.given)
    for product, given in zip(result.products, result.given.products, strict=True):
        row = int(re.sub(r"[A-Z]", "", given.place.cell or "")) - 9
        total = None if None in (product.see_direct, product.see_indirect) else (
            _sum(product.see_direct, product.see_indirect))
        found |= {f"product-{row}.see_direct": product.see_direct, f"product-{row}.see_indirect": product.see_indirect,
                  f"product-{row}.see_total": total,
                  f"product-{row}.embedded_electricity": product.embedded_electricity}
        if product.process_id in contained:
            process = result.process(product.process_id)
            assert process is not None
            assert process.default_share == product.default_share
            found[f"product-{row}.default_share"] = SHADOWED
        else:
            found[f"product-{row}.default_share"] = product.default_share
    return found


def _contained_earlier(installation: Installation) -> set[str]:
    """Processes that a process with a smaller number contains, directly or through others."""
    order = [p.id for p in installation.processes]
    takers = {p.id: {q for q, g in p.to_processes.items() if g.value and q in order} for p in installation.processes}
    found = set()
    for p in order:
        reached: set[str] = set()
        open_ids = [p]
        while open_ids:
            for q in takers[open_ids.pop()] - reached:
                reached.add(q)
                open_ids.append(q)
        if any(order.index(q) < order.index(p) for q in reached):
            found.add(p)
    return found


def _sum(*values: Decimal | None) -> Decimal:
    return sum((v for v in values if v is not None), Decimal(0))


# --- comparison -----------------------------------------------------------------------------------------------------

@dataclass(frozen=True, slots=True)
class Comparison:
    """How two sets of figures differ: *compared* figures, the *largest* relative difference among those that are the
    same, and the differences as lines."""

    compared: int
    largest: float
    differences: tuple[str, ...]


def compare(mine: Mapping[str, Decimal | None], theirs: Mapping[str, float | None],
            unknown: frozenset[int] = frozenset(), also: frozenset[str] = frozenset()) -> Comparison:
    """Compare every figure that one of the two has.

    *unknown*: processes of which nothing is produced: the workbook prints zeros or what is left of the chain, this
    project says that it is not known (a decision, not a tolerance). *also*: labels with the same decision.
    """
    differences = []
    compared, largest = 0, 0.0
    for label in sorted({*mine, *theirs}):
        own, their = mine.get(label), theirs.get(label)
        if own is None and their is None:
            continue
        if own is None and (label in also or (label.split(".")[0] in {f"P{p}" for p in unknown})):
            continue
        compared += 1
        if own is None or their is None:
            differences.append(f"{label}: {own} here, {their} in the workbook")
            continue
        distance, size = abs(float(own) - their), max(abs(float(own)), abs(their))
        if distance > max(CLOSE * size, CLOSE):
            differences.append(f"{label}: {float(own)!r} here, {their!r} in the workbook")
        elif size > 1e-6:
            largest = max(largest, distance / size)
    return Comparison(compared, largest, tuple(differences))
