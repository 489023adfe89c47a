"""The columns of a dossier's table as expressions see them, each made when it is first asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zerofactory_engine.dossier.model import Row


class Columns(Mapping[str, Sequence[Any]]):
    """The columns of a table: a list of cells each, None where a row states nothing."""

    __slots__ = ("_made", "_names", "_rows")

    def __init__(self, names: Sequence[str], rows: Sequence[Row]) -> None:
        self._names = dict.fromkeys(names)
        self._rows = rows
        self._made: dict[str, list[Any]] = {}

    def __getitem__(self, name: str) -> Sequence[Any]:
        made = self._made.get(name)
        if made is None:
            if name not in self._names:
                raise KeyError(name)
            made = self._made[name] = [row.values.get(name) for row in self._rows]
        return made

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)
