"""Rows of sheet B_EmInst as sources of emissions: source streams, electrolysis cells, continuous measurement."""

from __future__ import annotations

from zerofactory_mappings.cbam.communication.cells import Cells
from zerofactory_mappings.cbam.communication.layout import Block
from zerofactory_mappings.cbam.model import Given, MeasuredSource, Method, PfcMethod, PfcSource, SourceStream


def stream_row(cells: Cells, index: int) -> SourceStream | None:
    """The source stream in row *index*; None when the row is empty."""
    block = cells.layout.blocks["streams"]
    if not cells.any_filled(block, index):
        return None
    method = cells.code(block, "method", index)
    unit = cells.code(block, "amount_unit", index) or ""
    ef_unit = cells.code(block, "ef_unit", index) or ""
    return SourceStream(
        id=f"stream-{index + 1}", name=_name(cells, block, index),
        method=Method(method) if method else None,
        amount=cells.given(block, "amount", index, unit),
        ncv=cells.given(block, "ncv", index, f"GJ/{unit or 't'}"),
        ef=cells.given(block, "ef", index, ef_unit),
        carbon_content=cells.given(block, "carbon_content", index, f"tC/{unit or 't'}"),
        oxidation=cells.given(block, "oxidation", index), conversion=cells.given(block, "conversion", index),
        biomass=cells.given(block, "biomass", index),
        place=cells.place(block.sheet, block.cell("method", index)))


def _name(cells: Cells, block: Block, index: int) -> str:
    """The name of a stream; nothing but spaces is a name for the template, which asks whether the cell is empty."""
    cell = block.cell("name", index)
    typed = cells.package.cell(block.sheet, cell).value
    return cells.text(block.sheet, cell) or (" " if isinstance(typed, str) and typed and not typed.strip() else "")


def pfc_row(cells: Cells, index: int) -> PfcSource | None:
    """The electrolysis cells in row *index*; None when the row is empty."""
    block = cells.layout.blocks["pfc"]
    if not cells.any_filled(block, index):
        return None
    method = cells.code(block, "method", index)
    name = cells.text(block.sheet, block.cell("name", index))

    def figure(field: str) -> Given | None:
        return cells.given(block, field, index)

    return PfcSource(
        id=f"pfc-{index + 1}", name=name or "", method=PfcMethod(method) if method else None, technology=name,
        aluminium=figure("aluminium"), frequency=figure("frequency"), duration=figure("duration"),
        slope_factor=figure("slope_factor"), overvoltage_per_cell=figure("overvoltage_per_cell"),
        current_efficiency=figure("current_efficiency"), overvoltage_coefficient=figure("overvoltage_coefficient"),
        c2f6_share=figure("c2f6_share"), collection_efficiency=figure("collection_efficiency"),
        place=cells.place(block.sheet, block.cell("method", index)))


def measured_row(cells: Cells, index: int) -> MeasuredSource | None:
    """The measured source in row *index*; None when the row is empty."""
    block = cells.layout.blocks["measured"]
    if not cells.any_filled(block, index):
        return None
    return MeasuredSource(
        id=f"measured-{index + 1}", name=cells.text(block.sheet, block.cell("name", index)) or "",
        gas=cells.code(block, "gas", index),
        concentration=cells.given(block, "concentration", index), hours=cells.given(block, "hours", index),
        flow=cells.given(block, "flow", index), biomass=cells.given(block, "biomass", index),
        place=cells.place(block.sheet, block.cell("name", index)))
