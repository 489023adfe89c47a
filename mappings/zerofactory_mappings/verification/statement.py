"""The statement that is verified: line items of an inventory, on one basis, of some or all ISO categories."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from zerofactory_engine.accounting.totals import equivalent, inside
from zerofactory_engine.canonical import content_hash
from zerofactory_engine.decimals import CONTEXT
from zerofactory_mappings.verification.materiality import TOTAL
from zerofactory_mappings.verification.sampling import Contribution

if TYPE_CHECKING:
    from zerofactory_engine.accounting.inventory import Inventory
    from zerofactory_engine.accounting.library import FactorLibrary
    from zerofactory_engine.accounting.lines import Line
    from zerofactory_engine.accounting.options import Options
    from zerofactory_engine.dossier.model import Dossier, Row

#: Decimals of a planned figure: grams.
_PLACES = Decimal("0.000001")
#: Enough for a share of a figure that is nearly nothing.
_WIDE = Context(prec=120, rounding=ROUND_HALF_EVEN)


def planned(value: Decimal | None) -> Decimal | None:
    """A figure as plan and workbook record it: to six decimals, half to even."""
    return None if value is None else value.quantize(_PLACES, context=_WIDE)


@dataclass(frozen=True, eq=False)
class Statement:
    """A dossier with its inventory; *basis* ``location`` or ``market``; *categories* of ISO 14064-1, empty for all.

    *options* and *library* compute it again with a corrected cell.
    """

    dossier: Dossier
    inventory: Inventory
    basis: str
    categories: tuple[str, ...]
    options: Options
    library: FactorLibrary

    @cached_property
    def lines(self) -> tuple[Contribution, ...]:
        """Line items inside the statement, in the order of the inventory."""
        return tuple(
            Contribution(line.id, f"{line.table}/{line.row}", str(line.iso_category), line.source.code, line.carrier,
                         line.gas, _known(line, self.basis)) for line in self._inside(self.inventory))

    @cached_property
    def by_id(self) -> Mapping[str, Contribution]:
        """Line items by id."""
        return {line.id: line for line in self.lines}

    @cached_property
    def rows(self) -> Mapping[str, Row]:
        """Rows of the dossier's tables by ``electricity/E1``."""
        return {f"{table}/{row.id}": row for table, rows in self.dossier.rows.items() for row in rows}

    @cached_property
    def totals(self) -> Mapping[str, Decimal | None]:
        """``total`` and ``category/N`` in tCO2e; None as soon as a line is not known."""
        return self._totals(self.inventory)

    @cached_property
    def lines_sha256(self) -> str:
        """Hash of ids, categories and figures of the lines."""
        return content_hash([[c.id, c.category, c.emissions] for c in self.lines])

    def leaves_out(self, about: str) -> bool:
        """Whether *about* (``energy/G1`` or a table) has line items in the inventory, but none in the statement."""
        return about in self._left_out

    @cached_property
    def _left_out(self) -> frozenset[str]:
        def keys(lines: Iterable[Line]) -> set[str]:
            return {key for line in lines for key in (line.table, f"{line.table}/{line.row}")}

        return frozenset(keys(self.inventory.lines) - keys(self._inside(self.inventory)))

    @property
    def apart(self) -> int:
        """How many lines stand beside the scopes (biogenic, other gases, exported): in no total, not sampled."""
        return sum(1 for line in self.inventory.lines if line.outside is not None)

    def corrected(self, cells: Sequence[tuple[str, str, str, str]]) -> Mapping[str, Decimal | None]:
        """The totals with *cells* (table, row, column, text) replaced: what the calculation gives, no estimate.

        Raises:
            ProblemsError: a text that the column does not take.
        """
        from zerofactory_engine.accounting.compute import compute_inventory

        changed = self.dossier
        for table, row, column, text in cells:
            changed = changed.replace_cell(table, row, column, text)
        return self._totals(compute_inventory(changed, self.options, self.library))

    def _inside(self, inventory: Inventory) -> Iterator[Line]:
        for line in inside(inventory.lines):
            if not self.categories or str(line.iso_category) in self.categories:
                yield line

    def _totals(self, inventory: Inventory) -> dict[str, Decimal | None]:
        sums: dict[str, Decimal | None] = {TOTAL: Decimal(0)}
        for line in self._inside(inventory):
            amount = _known(line, self.basis)
            for group in (TOTAL, f"category/{line.iso_category}"):
                before = sums.setdefault(group, Decimal(0))
                sums[group] = None if amount is None or before is None else CONTEXT.add(before, amount)
        return {TOTAL: sums.pop(TOTAL), **dict(sorted(sums.items()))}


def _known(line: Line, basis: str) -> Decimal | None:
    amount = equivalent(line, basis)
    return amount if isinstance(amount, Decimal) else None


def statement_of(dossier: Dossier, *, basis: str, categories: Sequence[str], options: Options,
                 library: FactorLibrary) -> Statement:
    """The statement of *dossier* as *options* compute it.

    Raises:
        ProblemsError: a factor set or option that there is not.
    """
    from zerofactory_engine.accounting.compute import compute_inventory

    return Statement(dossier, compute_inventory(dossier, options, library), basis, tuple(sorted(categories)), options,
                     library)


def options_json(statement: Statement) -> dict[str, Any]:
    """What the inventory was computed with, so that a check computes it in the same way."""
    out: dict[str, Any] = {"options": dict(statement.inventory.options),
                           "factor_sets": {role: f"{pin.id}@{pin.version}"
                                           for role, pin in sorted(statement.inventory.pins.items())}}
    if statement.options.known_on is not None:
        out["known_on"] = statement.options.known_on
    return out
