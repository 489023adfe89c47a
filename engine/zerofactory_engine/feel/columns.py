"""What is known about the columns of a table: the one kind of their cells, and the rows where a cell is not known.

Derived once per table and kept in its memo, because many criteria look at the same columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import compress
from typing import Any, NamedTuple

from zerofactory_engine.feel.values import Missing, Table
from zerofactory_engine.reasons import Unknown

#: Classes of cells that are no values.
_EMPTY = frozenset((type(None), Unknown, Missing))
#: The kind of a column with cells of several kinds.
MIXED = type("Mixed", (), {})
#: The kind of a column without any known cell.
NOTHING = type("Nothing", (), {})


class Column(NamedTuple):
    """One column: its cells, their class (:data:`MIXED`, :data:`NOTHING`), and the rows without a known cell, each with
    the unknown that a use of the cell gives."""

    cells: Sequence[Any]
    kind: type
    holes: Mapping[int, Unknown]


class Parts(NamedTuple):
    """The rows of a table where some columns are all known, with their cells there, and the other rows."""

    rows: Sequence[int]
    cells: tuple[Sequence[Any], ...]
    holes: Sequence[int]


def column(table: Table, name: str) -> Column | None:
    """What is known about a column; None when there is none of that name."""
    found: Column | None = table.memo.get(name)
    if found is None:
        cells = table.cells(name)
        if cells is None:
            return None
        classes = set(map(type, cells))
        empty = classes & _EMPTY
        kinds = classes - _EMPTY
        kind = kinds.pop() if len(kinds) == 1 else MIXED if kinds else NOTHING
        holes: dict[int, Unknown] = {}
        if empty:
            for row, cell in enumerate(cells):
                if cell.__class__ in _EMPTY:
                    holes[row] = _used(table.missing(row, name) if cell is None else cell)
        found = table.memo[name] = Column(cells, kind, holes)
    return found


def _used(cell: Unknown) -> Unknown:
    """The unknown that the use of a cell gives; its reasons are told apart already."""
    if cell.__class__ is Unknown:
        return cell
    used = object.__new__(Unknown)
    used.reasons = cell.reasons
    return used


def parts(table: Table, names: tuple[str, ...]) -> Parts:
    """The rows where the columns *names* (which exist) are known, and those where one is not."""
    found: Parts | None = table.memo.get(names)
    if found is None:
        columns = [c for n in names if (c := column(table, n)) is not None]
        holes: set[int] = set().union(*(c.holes for c in columns))
        size = len(table)
        if holes:
            mask = bytearray(b"\1") * size
            for row in holes:
                mask[row] = 0
            found = Parts(list(compress(range(size), mask)), tuple(list(compress(c.cells, mask)) for c in columns),
                          sorted(holes))
        else:
            found = Parts(range(size), tuple(c.cells for c in columns), ())
        table.memo[names] = found
    return found


def holes_among(table: Table, name: str, rows: Iterable[int]) -> list[int]:
    """Positions in *rows* at which the column's cell is not known."""
    known = column(table, name)
    if known is None or not known.holes:
        return []
    holes = known.holes
    return [position for position, row in enumerate(rows) if row in holes]
