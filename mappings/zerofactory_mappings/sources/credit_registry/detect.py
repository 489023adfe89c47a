"""Which registry a table comes from, by the columns that only it has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Layout:
    """Columns of one registry: our field → its header. *mark*: the header that tells it."""

    registry: str
    mark: str
    columns: Mapping[str, str]


#: First match decides. Headers are compared without spaces around and with single spaces inside.
LAYOUTS: tuple[Layout, ...] = (
    Layout("Gold Standard", "Serial Number", {
        "serials": "Serial Number", "quantity": "Quantity", "vintage": "Vintage", "status": "Credit Status",
        "project": "GSID", "retired_on": "Retirement Date", "from": "Monitoring Period Start",
        "to": "Monitoring Period End", "beneficiary": "Using Entity", "purpose": "Note", "method": "Methodology"}),
    Layout("American Carbon Registry", "Credit Serial Numbers", {
        "serials": "Credit Serial Numbers", "quantity": "Quantity of Credits", "vintage": "Vintage",
        "project": "Project ID", "retired_on": "Status Effective (GMT)",
        "from": "Vintage Assignment Period Start Date", "to": "Vintage Assignment Period End Date",
        "beneficiary": "Retired on Behalf of", "purpose": "Purpose of Retirement",
        "method": "Project Methodology/Protocol", "host": "Project Site Country", "cancelled": "Cancellation Type"}),
    Layout("Climate Action Reserve", "Offset Credit Serial Numbers", {
        "serials": "Offset Credit Serial Numbers", "quantity": "Quantity of Offset Credits", "vintage": "Vintage",
        "project": "Project ID", "retired_on": "Status Effective", "purpose": "Retirement Reason Details",
        "method": "Protocol and Version", "host": "Project Site Country", "kind": "Reduction/Removal",
        "cancelled": "Cancellation Reason"}),
    Layout("American Carbon Registry", "Total Credits Issued", {"project": "Project ID"}),
    Layout("Climate Action Reserve", "Total Offset Credits Issued", {"project": "Project ID"}),
)
#: Columns that a download of retirements or cancellations must have.
NEEDED = ("serials", "quantity", "retired_on")


def layout_of(header: Iterable[str]) -> Layout | None:
    """The layout that *header* has, None when it is of no registry that we know."""
    names = frozenset(header)
    return next((layout for layout in LAYOUTS if layout.mark in names), None)


def detect(data: bytes) -> bool:
    """Whether the top of *data* (of any sheet of a workbook) has the columns of a registry; never raises."""
    from zerofactory_engine.problems import ProblemsError
    from zerofactory_mappings.sources.credit_registry.ccer import find_ccer
    from zerofactory_mappings.sources.credit_registry.read import SEPARATORS, header_of
    from zerofactory_mappings.sources.sheets.grid import is_workbook, read_grids

    for encoding in () if is_workbook(data) else ("utf-8-sig", "gb18030"):
        lines = data[:50_000].decode(encoding, "replace").splitlines()
        rows = ([cell.strip('"') for cell in line.split(separator)] for separator in SEPARATORS for line in lines)
        if header_of([row for row in rows if len(row) > 1]) is not None:
            return True
    try:
        grids = read_grids(data, "?")
    except ProblemsError:
        return False
    return bool(find_ccer(grids)) or any(header_of([[c.text for c in cells] for cells in g.rows]) for g in grids)
