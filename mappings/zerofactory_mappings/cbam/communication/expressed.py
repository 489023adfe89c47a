"""What of an installation the template has no cell for: told field by field, never silently dropped."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from zerofactory_mappings.cbam.communication.entries import Entries
from zerofactory_mappings.cbam.model import Installation, Origin

#: Fields that find a place in the workbook, or that the writer tells about by itself; every other field has none.
_EXPRESSED: dict[str, frozenset[str]] = {
    "Installation": frozenset({
        "origin", "name", "country", "period_start", "period_end", "details", "template_version", "streams", "pfc",
        "measured", "units", "processes", "precursors", "products", "stated", "problems", "place"}),
    "SourceStream": frozenset({
        "id", "name", "method", "amount", "ncv", "ef", "carbon_content", "oxidation", "conversion", "biomass",
        "ash_carbon", "factor", "output_based", "clinker_output", "dust", "attributed", "place"}),
    "PfcSource": frozenset({
        "id", "name", "method", "technology", "aluminium", "frequency", "duration", "slope_factor",
        "overvoltage_per_cell", "current_efficiency", "overvoltage_coefficient", "c2f6_share", "collection_efficiency",
        "attributed", "place"}),
    "MeasuredSource": frozenset({
        "id", "name", "gas", "concentration", "hours", "flow", "air", "oxygen", "biomass", "hourly", "attributed",
        "place"}),
    "EnergyUnit": frozenset({
        "id", "name", "kind", "fuels", "heat", "electricity", "flue_gas_cleaning", "reference_heat",
        "reference_electricity", "place"}),
    "Process": frozenset({
        "id", "name", "category", "production", "included", "to_market", "to_processes", "to_other", "direct", "heat",
        "waste_gas", "electricity", "exported_electricity", "exported_electricity_ef", "exported_electricity_from",
        "heat_applies", "waste_gas_applies", "carbon_price", "place"}),
    "Heat": frozenset({"imported", "exported", "imported_ef", "exported_ef", "imported_from", "exported_from"}),
    "WasteGas": frozenset({"imported", "exported"}),
    "ElectricityUse": frozenset({"consumed", "source", "ef", "unit", "code", "place"}),
    "Precursor": frozenset({
        "id", "name", "category", "country", "bought", "used_in", "other_use", "direct", "indirect", "electricity",
        "electricity_ef", "direct_source", "electricity_source", "electricity_code", "justification", "carbon_price",
        "place"}),
    "Product": frozenset({"process", "cn", "name", "content", "parameters", "carbon_price", "place"}),
    "CarbonPrice": frozenset({"covered", "price", "rebate", "currency", "instrument"}),
}
_EMPTY: tuple[Any, ...] = (None, (), {}, "", False)


def tell_unexpressed(installation: Installation, entries: Entries) -> None:
    """One note for each field that says something somewhere and has no cell, with where."""
    found: dict[tuple[str, str], list[str]] = {}
    for where, part in _parts(installation):
        kind = type(part).__name__
        for item in fields(part):
            if item.name not in _EXPRESSED[kind] and getattr(part, item.name) not in _EMPTY:
                found.setdefault((kind, item.name), []).append(where)
    for (kind, name), places in found.items():
        entries.say("not-in-template", ", ".join(places[:10]), found=name, kind=kind, count=str(len(places)))
    if installation.origin is Origin.OWN:
        known = {n for b in ("installation", "remarks", "balance") for n in entries.layout.blocks[b].fields}
        extra = [k for k in installation.details if k not in known and k != "country_name"]
        if extra:
            entries.say("not-in-template", "details", found=", ".join(sorted(extra)), kind="details",
                        count=str(len(extra)))


def _parts(installation: Installation) -> Iterable[tuple[str, Any]]:
    """Every part of the model with where it stands."""
    yield "installation", installation
    for stream in installation.streams:
        yield stream.id, stream
    for source in (*installation.pfc, *installation.measured, *installation.units):
        yield str(getattr(source, "id", "")), source
    for process in installation.processes:
        yield process.id, process
        inner = (process.heat, process.waste_gas, process.carbon_price, *process.electricity)
        yield from ((process.id, part) for part in inner if part is not None)
    for precursor in installation.precursors:
        yield precursor.id, precursor
        if precursor.carbon_price is not None:
            yield precursor.id, precursor.carbon_price
    for number, product in enumerate(installation.products, 1):
        yield f"products/{number}", product
        if product.carbon_price is not None:
            yield f"products/{number}", product.carbon_price
