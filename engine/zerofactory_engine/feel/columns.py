"""What is known about the columns of a table: the one kind of their cells, and the rows where a cell is not known.

Derived once per table and kept in its memo, because many criteria look at the same columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import compress, repeat
from operator import is_
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
    """One column: its cells, their class (:data:`MIXED`, :data:`NOTHING`), the rows without a known cell, each with the
    unknown that a use of the cell gives, and the cells with these unknowns in their places."""

    cells: Sequence[Any]
    kind: type
    holes: Mapping[int, Unknown]
    used: Sequence[Any]


class Parts(NamedTuple):
    """Some columns of a table: their kinds; the rows where all of them are known, with the cells there; the other rows
    with their cells: first as they are used of each column, then as they are of each."""

    kinds: tuple[type, ...]
    rows: Sequence[int]
    cells: tuple[Sequence[Any], ...]
    others: Sequence[int]
    odd: tuple[Sequence[Any], ...]


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
        if type(None) in empty:
            for row in compress(range(len(cells)), map(is_, cells, repeat(None))):
                holes[row] = _used(table.missing(row, name))
        if len(empty) > (type(None) in empty):
            holes |= {row: _used(cell) for row, cell in enumerate(cells) if isinstance(cell, Unknown)}
        used = cells
        if holes:
            used = list(cells)
            for row, unknown in holes.items():
                used[row] = unknown
        found = table.memo[name] = Column(cells, kind, holes, used)
    return found


def _used(cell: Unknown) -> Unknown:
    """The unknown that the use of a cell gives; its reasons are told apart already."""
    if cell.__class__ is Unknown:
        return cell
    used = object.__new__(Unknown)
    used.reasons = cell.reasons
    return used


def parts(table: Table, names: tuple[str, ...]) -> Parts:
    """What is known about the columns *names*, which exist, taken together."""
    found: Parts | None = table.memo.get(names)
    if found is None:
        columns = [c for n in names if (c := column(table, n)) is not None]
        holes: set[int] = set().union(*(c.holes for c in columns))
        size = len(table)
        kinds = tuple([c.kind for c in columns])
        if holes:
            mask = bytearray(b"\1") * size
            for row in holes:
                mask[row] = 0
            left = tuple([list(compress(c.cells, mask)) for c in columns])
            others = sorted(holes)
            found = Parts(kinds, list(compress(range(size), mask)), left, others, picked(table, names, others))
        else:
            found = Parts(kinds, range(size), tuple([c.cells for c in columns]), (), ())
        table.memo[names] = found
    return found


def picked(table: Table, names: tuple[str, ...], rows: Sequence[int]) -> tuple[Sequence[Any], ...]:
    """Cells of *rows*: first as they are used of each of the columns *names*, then as they are of each."""
    columns = [c for n in names if (c := column(table, n)) is not None]
    return tuple([[cells[row] for row in rows] for cells in (*(c.used for c in columns), *(c.cells for c in columns))])


def holes_among(table: Table, name: str, rows: Iterable[int]) -> dict[int, Unknown]:
    """Positions in *rows* at which the column's cell is not known, with the unknown that its use gives."""
    known = column(table, name)
    if known is None or not known.holes:
        return {}
    holes = known.holes
    return {position: holes[row] for position, row in enumerate(rows) if row in holes}
