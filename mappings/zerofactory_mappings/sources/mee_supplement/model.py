"""What a supplementary data sheet states: blocks (units or plants) with figures, each with the cell it stands in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from zerofactory_engine.decimals import CONTEXT
from zerofactory_mappings.sources.mee_supplement.layout import Fuel, Item, Measure
from zerofactory_mappings.sources.sheets.account import Ledger
from zerofactory_mappings.sources.sheets.grid import Grid, GridCell

Key = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Stated:
    """One cell of the form: the *number* as it stands there in *measure*; *unit_text* as the file writes the unit.

    *problem*: why it is no amount (a message code with *found*); then *number* and *measure* are None.
    """

    item: Item
    grid: Grid
    cell: GridCell
    number: Decimal | None = None
    measure: Measure | None = None
    unit_text: str = ""
    problem: str = ""
    found: str = ""
    fuel: str = ""

    @property
    def key(self) -> Key:
        """Sheet, row and column."""
        return self.grid.index, self.cell.row, self.cell.column

    @property
    def amount(self) -> Decimal:
        """The figure in the unit of its measure."""
        assert self.number is not None
        assert self.measure is not None
        return CONTEXT.multiply(self.number, self.measure.times)

    @property
    def slack(self) -> Decimal:
        """Half of its last digit, in the unit of its measure: how far it may be off by rounding."""
        assert self.number is not None
        assert self.measure is not None
        if self.item.given:
            return Decimal(0)
        exponent = self.number.as_tuple().exponent
        assert isinstance(exponent, int)
        return CONTEXT.multiply(Decimal(5).scaleb(min(exponent, 0) - 1), self.measure.times)


@dataclass(slots=True)
class FuelUse:
    """What a block states of one fuel; *fuel* is None when the word is not known."""

    name: str
    fuel: Fuel | None
    figures: dict[str, Stated] = field(default_factory=dict)


@dataclass(slots=True)
class Head:
    """What stands for the whole enterprise: texts (name, codes, product) and figures (energy, totals)."""

    texts: dict[str, Stated] = field(default_factory=dict)
    figures: dict[str, Stated] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """A text, empty when it is not stated."""
        return self.texts[name].cell.text if name in self.texts else ""


@dataclass(slots=True)
class Block:
    """One unit (机组) or plant in one year. *refused*: why none of its amounts may be taken, a message code."""

    name: str
    year: int | None
    head: Head
    texts: dict[str, Stated] = field(default_factory=dict)
    figures: dict[str, Stated] = field(default_factory=dict)
    fuels: dict[str, FuelUse] = field(default_factory=dict)
    refused: str = ""
    args: dict[str, str] = field(default_factory=dict)

    def all(self) -> Iterator[Stated]:
        """Every figure of the block itself."""
        yield from self.figures.values()
        for use in self.fuels.values():
            yield from use.figures.values()


@dataclass(frozen=True, slots=True)
class Form:
    """The blocks of a file, figures that came twice (*again*), and the account of its rows."""

    file: str
    blocks: tuple[Block, ...]
    again: tuple[Stated, ...]
    ledger: Ledger
    unknown: tuple[tuple[Grid, GridCell], ...]
