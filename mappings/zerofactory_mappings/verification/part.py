"""A part of a package as typed values that know where they stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from zerofactory_engine.problems import NOWHERE, Place
from zerofactory_engine.typed import place_in
from zerofactory_engine.yaml_text import Node


@dataclass(frozen=True, slots=True)
class Part:
    """Values of one mapping of a file; *tree* and *path* say where they stand (None: made by the program)."""

    values: Mapping[str, Any]
    tree: Node | None = None
    path: tuple[str | int, ...] = ()

    @property
    def place(self) -> Place:
        """Where it stands."""
        return self.place_of()

    def place_of(self, *below: str | int) -> Place:
        """Where a value of it stands."""
        return NOWHERE if self.tree is None else place_in(self.tree, *self.path, *below)

    def has(self, name: str) -> bool:
        """Whether anything is stated under *name*, be it an empty list."""
        return self.values.get(name) is not None

    def text(self, name: str) -> str | None:
        """The text; None when none is stated."""
        value = self.values.get(name)
        return None if value is None else str(value)

    def texts(self, name: str) -> tuple[str, ...]:
        """The texts of a list; none when nothing is stated."""
        return tuple(str(v) for v in self.values.get(name) or ())

    def flag(self, name: str) -> bool | None:
        """Yes, no, or None when nobody says."""
        value = self.values.get(name)
        return value if isinstance(value, bool) else None

    def day(self, name: str) -> date | None:
        """The date; None when none is stated."""
        value = self.values.get(name)
        return value if isinstance(value, date) else None

    def number(self, name: str) -> Decimal | None:
        """The figure; None when none is stated."""
        value = self.values.get(name)
        if isinstance(value, bool):
            return None
        return Decimal(value) if isinstance(value, (Decimal, int)) else None

    def part(self, name: str) -> Part:
        """The mapping below; an empty one when none is stated."""
        value = self.values.get(name)
        return Part(value, self.tree, (*self.path, name)) if isinstance(value, Mapping) else Part({})

    def each(self, name: str) -> tuple[Part, ...]:
        """The rows of a list; none when nothing is stated."""
        return tuple(Part(v, self.tree, (*self.path, name, i)) for i, v in enumerate(self.values.get(name) or ()))

    def at(self, path: str) -> Any:
        """The value at a slash path (``opinion/date``); None when there is none."""
        value: Any = self.values
        for step in path.split("/"):
            value = value.get(step) if isinstance(value, Mapping) else None
        return value
