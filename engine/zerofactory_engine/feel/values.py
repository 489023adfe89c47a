"""What a FEEL value is in Python, and the column-oriented table that packs filter.

===================  =================================================================
FEEL                 Python
===================  =================================================================
number               ``decimal.Decimal`` (34 digits), always in the base unit of its dimension
string, boolean      ``str``, ``bool``
date                 ``datetime.date``
years-months         :class:`Months`
days-time            :class:`Seconds`
list                 ``list`` or ``tuple``; rows of a dossier table: :class:`Table`
context              any ``Mapping`` with text keys
range                :class:`Range`
null                 ``None``
not known (strict)   :class:`zerofactory_engine.reasons.Unknown`
===================  =================================================================
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from zerofactory_engine.reasons import Reason
from zerofactory_engine.units import NUMBER, Dimension


@dataclass(frozen=True, slots=True, order=True)
class Months:
    """A years-and-months duration, in whole months (``P2Y`` is 24)."""

    months: int


@dataclass(frozen=True, slots=True, order=True)
class Seconds:
    """A days-and-time duration, in seconds."""

    seconds: Decimal


@dataclass(frozen=True, slots=True)
class Range:
    """An interval; an end that is None is open to infinity."""

    low: Any
    high: Any
    low_closed: bool = True
    high_closed: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Rows of one dossier table (or of the inventory's ``lines``), kept column by column.

    *columns* maps a column name to its cells, one per row, each in the column's base unit. A cell that the applicant
    left empty is ``None`` (strict mode turns it into an unknown that names the cell when it is used in anything but
    ``= null``); a cell that could not be derived is an ``Unknown``. *row_ids* name the rows in proofs and reasons.
    *gaps* says why sums over the table are not known (not declared complete, a hole in a metered series); empty when
    the table is complete.
    """

    name: str
    row_ids: Sequence[str]
    columns: Mapping[str, Sequence[Any]]
    gaps: tuple[Reason, ...] = ()

    def __len__(self) -> int:
        return len(self.row_ids)

    def row(self, index: int) -> dict[str, Any]:
        """One row as a context."""
        return {name: cells[index] for name, cells in self.columns.items()}


class Kind(StrEnum):
    """Kinds of value that inference tells apart."""

    NUMBER = "number"
    STRING = "string"
    BOOLEAN = "boolean"
    DATE = "date"
    TIME = "time"
    DATE_TIME = "date and time"
    MONTHS = "years and months duration"
    SECONDS = "days and time duration"
    LIST = "list"
    CONTEXT = "context"
    RANGE = "range"
    FUNCTION = "function"
    NULL = "null"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class FeelType:
    """The type of an expression. *dimension* is for numbers: None fits any unit (0 and null do).

    *element* is the type of a list's items, *fields* those of a context; a table is a list of contexts.
    *closed* marks a column that expressions may not use (``amount``, whose unit differs row by row).
    """

    kind: Kind
    dimension: Dimension | None = None
    element: FeelType | None = None
    fields: Mapping[str, FeelType] = field(default_factory=dict)
    closed: bool = False

    def __str__(self) -> str:
        if self.kind is Kind.NUMBER and self.dimension is not None:
            return f"number in {self.dimension.base_unit}"
        if self.kind is Kind.LIST and self.element is not None:
            return f"list of {self.element}"
        return str(self.kind)


ANY = FeelType(Kind.ANY)
BOOLEAN = FeelType(Kind.BOOLEAN)
STRING = FeelType(Kind.STRING)
DATE = FeelType(Kind.DATE)
MONTHS = FeelType(Kind.MONTHS)
SHARE = FeelType(Kind.NUMBER, NUMBER)


def number(dimension: Dimension | None) -> FeelType:
    """A number of *dimension*."""
    return FeelType(Kind.NUMBER, dimension)


def list_of(element: FeelType) -> FeelType:
    """A list of *element*."""
    return FeelType(Kind.LIST, element=element)


def table_of(fields: Mapping[str, FeelType]) -> FeelType:
    """The rows of a table with these columns."""
    return list_of(FeelType(Kind.CONTEXT, fields=fields))
