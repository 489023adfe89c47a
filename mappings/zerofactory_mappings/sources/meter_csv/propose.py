"""A mapping proposed from the headings of a table, for a person to check; nothing is read by it unseen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from zerofactory_engine.canonical import sha256
from zerofactory_engine.problems import Place, Problem, ProblemsError, Severity
from zerofactory_mappings.sources import Imported
from zerofactory_mappings.sources.meter_csv.mapping import EXAMPLE, FORMAT, ZONE
from zerofactory_mappings.sources.report import ImportReport
from zerofactory_mappings.sources.sheets.account import Fate, Ledger
from zerofactory_mappings.sources.sheets.grid import Grid
from zerofactory_mappings.sources.sheets.headers import Field, Table, find_table
from zerofactory_mappings.sources.sheets.text import normal
from zerofactory_mappings.sources.yaml_rows import cell, scalar

#: Name of the proposed mapping in the folder of the import.
FILE = "mapping.yaml"
_LOADER = yaml.CBaseLoader if yaml.__with_libyaml__ else yaml.BaseLoader    # every scalar as text


@dataclass(frozen=True, slots=True)
class Proposal:
    """A mapping file, the headings that it uses and those that nobody knows."""

    text: str
    grid: Grid
    table: Table


@cache
def _titles() -> Mapping[str, Any]:
    path = Path(__file__).with_name("titles.yaml")
    loaded: Mapping[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - text only
    return loaded


def propose(grids: Sequence[Grid]) -> Proposal | None:
    """The mapping that the headings of the first fitting sheet suggest; None when no sheet has such headings."""
    fields = [Field(name, tuple(titles), {u: "" for units in _titles()["tables"].values() for u in units})
              for name, titles in _titles()["columns"].items()]
    for grid in grids:
        table = find_table(grid, fields, at_least=2)
        if table is None:
            continue
        columns = set(table.columns)
        period = {"month"} & columns or {"start", "end"} <= columns or {"time"} & columns
        if period and ("quantity" in columns or {"reading_from", "reading_to"} <= columns) and table.data:
            return Proposal(_text(grid, table, len(grids) > 1), grid, table)
    return None


def _text(grid: Grid, table: Table, several: bool) -> str:
    """The mapping as a file, with a comment for everything that the headings do not tell."""
    headings = {name: column.cell.text for name, column in table.columns.items()}
    ways = (("month",), ("start", "end"), ("time",))
    way = next(w for w in ways if set(w) <= set(headings))
    spare = {n for w in ways if w != way for n in w}
    unit = normal(table.unit_of("quantity")).strip("()")
    kind = next((t for t, units in _titles()["tables"].items() if unit in units), None)
    bare = headings.get("quantity", "")
    kind = kind or next((t for t, words in (("electricity", ("电", "wh")), ("heat", ("热", "heat", "汽")),
                                            ("energy", ("气", "gas"))) if any(w in normal(bare) for w in words)), None)
    lines = [f"format: {FORMAT}", f"table: {kind or 'electricity'}"
             + ("" if kind else "          # check: the headings do not tell (electricity, energy, heat)")]
    if several and grid.sheet is not None:
        lines.append(f"sheet: {scalar(grid.sheet)}")
    lines.append("columns:")
    lines += [f"  {name}: {scalar(' '.join(text.split()))}" for name, text in headings.items() if name not in spare]
    if "meter" not in headings:
        lines.append("meter: M1                   # check: no column names the meter")
    if "unit" not in headings and not unit:
        lines.append("# unit: kWh                 # state it: no heading names the unit")
    if "flow" in headings:
        words = list(dict.fromkeys(r.text("flow") for r in table.data if r.text("flow")))[:50]
        flows = {w: _titles()["flows"][normal(w)] for w in words if normal(w) in _titles()["flows"]}
        lines += [f"flows: {cell(flows)}      # check"] if flows else []
        lines += [f"# flows: {scalar(w)} is not known; rows with it are refused until it stands above"
                  for w in words if w not in flows]
    if kind == "energy":
        lines.append("carrier: natural_gas        # check")
        lines.append("# units: {m3: Nm3}          # only when the meter corrects to standard conditions")
    lines += [f"time_zone: {ZONE}", 'decimal_sign: "."', 'thousands_sign: ","']
    if way == ("time",):
        lines.append("stamp: start                # check: start or end of what a row covers")
    if way == ("start", "end"):
        lines.append("end_is: included            # check: excluded when the last day is a reading day")
    return "\n".join(lines) + "\n"


def proposed(grids: Sequence[Grid], data: bytes, file: str) -> Imported:
    """The proposal as an import without a dossier: every row is kept, and the report says that a mapping is needed.

    Raises:
        ProblemsError: no mapping can be proposed.
    """
    proposal = propose(grids)
    if proposal is None:
        raise ProblemsError([Problem("meter.no-mapping", Place(file=file), example=EXAMPLE)])
    ledger = Ledger()
    for grid in grids:
        ledger.open(grid)
    ledger.layout(proposal.grid, proposal.table)
    for row in proposal.table.data:
        ledger.row(proposal.grid, row.number, Fate.KEPT, "meter.row-unmapped")
    ledger.close()
    problems = [Problem("meter.mapping-proposed", Place(file=file), Severity.WARNING, args={"file": FILE})]
    problems += [Problem("sheets.unknown-column", proposal.grid.place(file, c), Severity.NOTE, args={"found": c.text})
                 for c in proposal.table.unknown]
    report = ImportReport("meter_csv", file, sha256(data), ledger.entries(), (), (), (FILE,), tuple(problems))
    return Imported({FILE: proposal.text.encode()}, report)
