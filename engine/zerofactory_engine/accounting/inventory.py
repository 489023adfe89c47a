"""The inventory: line items, totals both ways, derived cells, what was used and what a reader has to know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from zerofactory_engine.accounting.factors import Entry, FactorPin, FactorSet
from zerofactory_engine.accounting.lines import Derived, Line, Offset
from zerofactory_engine.accounting.terms import Amount
from zerofactory_engine.accounting.totals import BASES, BREAKDOWNS, Total, grouped, inside, total
from zerofactory_engine.accounting.vocabulary import LINE_COLUMNS
from zerofactory_engine.feel.values import Table
from zerofactory_engine.problems import Problem
from zerofactory_engine.proof import Graph

FORMAT = "zerofactory/inventory/1"


@dataclass(frozen=True, eq=False)
class Inventory:
    """Line items of one dossier under one choice of factor sets and options.

    *derived*: cells computed for dossier rows, by (table, row id, column). *problems*: what a reader has to know; none
    of them stops the computation.
    """

    dossier_id: str
    start: date
    end: date
    lines: tuple[Line, ...]
    cells: tuple[Derived, ...]
    problems: tuple[Problem, ...]
    sets: Mapping[str, FactorSet]
    options: Mapping[str, str]
    notes: Mapping[str, Any]
    boundary: Mapping[str, Any]
    offsets: tuple[Offset, ...] = ()

    @cached_property
    def derived(self) -> Mapping[tuple[str, str, str], Amount]:
        """Derived cells by (table, row id, column)."""
        return {(c.table, c.row, c.column): c.figure.value for c in self.cells}

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """Factor entries that lines and derived cells rest on, each once, in the order of their use."""
        found = [e for line in self.lines for e in line.entries]
        found += [t.entry for c in self.cells for s in c.figure.slices for t in s if t.entry is not None]
        return tuple(dict.fromkeys(found))

    @cached_property
    def pins(self) -> Mapping[str, FactorPin]:
        """The pin of the factor set of each role."""
        return {role: found.pin for role, found in self.sets.items()}

    @property
    def factors(self) -> Mapping[str, Any]:
        """Sets by role with their pins, and the entries that were used."""
        return {"sets": dict(self.pins), "entries": list(self.entries)}

    def table(self) -> Table:
        """The table ``lines`` for expressions."""
        return _table(self.lines)

    @cached_property
    def totals(self) -> Mapping[str, Any]:
        """Totals on both bases: of scopes 1 and 2, of all scopes, by every breakdown, and what stands outside."""
        counted = inside(self.lines)
        direct = [line for line in counted if line.scope in (1, 2)]
        return {
            basis: {
                "scopes_1_2": total(direct, basis), "all": total(counted, basis),
                "by": {name: {key: total(lines, basis) for key, lines in grouped(counted, of).items()}
                       for name, of in BREAKDOWNS.items()},
                "outside": {key: total(lines, basis)
                            for key, lines in grouped(self.lines, lambda line: line.outside).items()},
            } for basis in BASES}

    def total(self, group: str, basis: str = "location") -> Total:
        """One total: ``scopes_1_2``, ``all``, ``scope/2``, ``gas/CH4``, ``source/process``, ``outside/exported`` …

        A group without lines is an empty sum of zero lines.
        """
        found = self.totals[basis]
        if group in ("scopes_1_2", "all"):
            return found[group]  # type: ignore[no-any-return]
        kind, _, key = group.partition("/")
        groups: Mapping[str, Total] = found["outside"] if kind == "outside" else found["by"][kind]
        return groups.get(key, total((), basis))

    def prove(self, line_ids: Iterable[str] | None = None) -> Graph:
        """The proof of the inventory, or of some of its lines."""
        from zerofactory_engine.accounting.proofs import prove_derived, prove_line, prove_total

        graph = Graph()
        wanted = None if line_ids is None else frozenset(line_ids)
        if wanted is not None:
            for line in self.lines:
                if line.id in wanted:
                    for basis in BASES:
                        prove_line(line, basis, graph)
            return graph
        counted = inside(self.lines)
        for basis in BASES:
            for scope, lines in grouped(counted, BREAKDOWNS["scope"]).items():
                prove_total(f"scope-{scope}", lines, basis, graph)
            for why, lines in grouped(self.lines, lambda line: line.outside).items():
                prove_total(f"outside-{why}", lines, basis, graph)
        for cell in self.cells:
            prove_derived(cell, graph)
        return graph

    def as_json(self) -> dict[str, Any]:
        """``standards/schemas/inventory.schema.json``."""
        from zerofactory_engine.accounting.present import inventory_json

        return inventory_json(self)


def _table(lines: tuple[Line, ...]) -> Table:
    cells = [(Decimal(line.scope), Decimal(line.iso_category), line.iso_subcategory,
              None if line.ghgp_category is None else Decimal(line.ghgp_category), line.source.code, line.table,
              line.row, line.carrier, line.gas, line.flow, line.biogenic, line.outside is not None,
              line.co2(line.location), line.co2(line.market), line.tco2e_location, line.tco2e_market) for line in lines]
    columns = list(zip(*cells, strict=True)) if cells else [() for _ in LINE_COLUMNS]
    return Table("lines", [line.id for line in lines], dict(zip(LINE_COLUMNS, columns, strict=True)))
