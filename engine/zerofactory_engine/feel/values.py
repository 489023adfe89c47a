"""What a FEEL value is in Python, and the column-oriented table that packs filter.

===================  =================================================================
FEEL                 Python
===================  =================================================================
number               ``decimal.Decimal`` (34 digits), always in the base unit of its dimension
string, boolean      ``str``, ``bool``
date                 ``datetime.date``
time                 :class:`Time`
date and time        :class:`DateTime`
years-months         :class:`Months`
days-time            :class:`Seconds`
list                 ``list`` or ``tuple``; rows of a dossier table: :class:`Table`
context              any ``Mapping`` with text keys
range                :class:`Range`
null                 ``None``
not known (strict)   :class:`zerofactory_engine.reasons.Unknown`; a value that was left empty: :class:`Missing`
part of a table      :class:`Selection` (strict), a row of it :class:`Row`
===================  =================================================================
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from zerofactory_engine.reasons import Cause, Reason, Unknown
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
class Time:
    """A time of day. *offset* is in seconds east of UTC, *zone* an IANA name; both None for local time."""

    hour: int
    minute: int
    second: Decimal
    offset: int | None = None
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class DateTime:
    """A date and a time of it."""

    day: date
    time: Time


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
    #: What evaluators derive from the columns once (kinds of cells, rows with holes); no part of the table's meaning.
    memo: dict[Any, Any] = field(default_factory=dict, init=False, repr=False)

    def __len__(self) -> int:
        return len(self.row_ids)

    def row(self, index: int) -> dict[str, Any]:
        """One row as a context."""
        return {name: cells[index] for name, cells in self.columns.items()}

    def cells(self, column: str) -> Sequence[Any] | None:
        """The cells of a column, None if there is none of the name; ``id`` is the row's id unless a column has it."""
        found = self.columns.get(column)
        return self.row_ids if found is None and column == "id" else found

    def missing(self, index: int, column: str) -> Missing:
        """The missing cell of a row, with the reason that names it (made once)."""
        found: Missing | None = self.memo.get((index, column))
        if found is None:
            subject = f"{self.name}/{self.row_ids[index]}.{column}"
            found = self.memo[(index, column)] = object.__new__(Missing)
            found.reasons = (Reason(Cause.VALUE, subject, "reason.cell-missing"),)     # one: nothing to tell apart
        return found


class Missing(Unknown):
    """A value that was left empty: unknown in every use, but ``= null`` is true of it."""

    __slots__ = ()


class Row(Mapping[str, Any]):
    """One row of a table, seen as a context; ``id`` is the row's id unless a column has that name."""

    __slots__ = ("index", "table")

    def __init__(self, table: Table, index: int) -> None:
        self.table = table
        self.index = index

    @property
    def id(self) -> str:
        """Id of the row."""
        return self.table.row_ids[self.index]

    def __getitem__(self, key: str) -> Any:
        cells = self.table.cells(key)
        if cells is None:
            raise KeyError(key)
        return cells[self.index]

    def __iter__(self) -> Iterator[str]:
        return iter(self.table.columns)

    def __len__(self) -> int:
        return len(self.table.columns)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Row) and other.table is self.table and other.index == self.index

    def __hash__(self) -> int:
        return hash((id(self.table), self.index))

    def __repr__(self) -> str:
        return f"Row({self.table.name}/{self.id})"


class Selection(Sequence[Any]):
    """What a filter, a path or a loop leaves of a list in strict mode.

    Of some elements it may not be known whether they belong: *doubts* maps their position to the reason. *gaps* says
    why the list as a whole is not complete. Elements that come from a table keep it: *rows* are the indices of its
    rows, *column* the column whose cells the elements are (None: the rows themselves).
    """

    __slots__ = ("_items", "column", "doubts", "gaps", "rows", "table")

    def __init__(self, items: Sequence[Any] | None, doubts: Mapping[int, Unknown], gaps: tuple[Reason, ...] = (),
                 table: Table | None = None, rows: Sequence[int] = (), column: str | None = None) -> None:
        self._items = items
        self.doubts = doubts
        self.gaps = gaps
        self.table = table
        self.rows = rows
        self.column = column

    @property
    def items(self) -> Sequence[Any]:
        """The elements, those in doubt among them; made from the table when first asked for."""
        if self._items is None:
            assert self.table is not None, "a selection has elements or a table"
            table, column = self.table, self.column
            if column is None:
                self._items = [Row(table, i) for i in self.rows]
            else:
                cells = table.cells(column)
                assert cells is not None, "a selection names a column of its table"
                self._items = [table.missing(i, column) if (v := cells[i]) is None else v for i in self.rows]
        return self._items

    def __len__(self) -> int:
        return len(self.rows) if self._items is None else len(self._items)

    def __getitem__(self, index: Any) -> Any:
        if self._items is None and index.__class__ is int and self.table is not None and self.column is not None:
            row = self.rows[index]
            cells = self.table.cells(self.column)
            assert cells is not None, "a selection names a column of its table"
            return self.table.missing(row, self.column) if (cell := cells[row]) is None else cell
        return self.items[index]

    def __eq__(self, other: object) -> bool:
        return (isinstance(other, Selection) and list(self.items) == list(other.items)
                and dict(self.doubts) == dict(other.doubts) and self.gaps == other.gaps)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Selection({list(self.items)!r}, doubts={dict(self.doubts)!r}, gaps={self.gaps!r})"


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
        if self.kind is Kind.NUMBER and self.dimension is not None and self.dimension != NUMBER:
            return f"number in {self.dimension.base_unit}"
        if self.kind is Kind.LIST and self.element is not None:
            return f"list of {self.element}"
        return str(self.kind)


ANY = FeelType(Kind.ANY)
BOOLEAN = FeelType(Kind.BOOLEAN)
STRING = FeelType(Kind.STRING)
NULL = FeelType(Kind.NULL)
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
