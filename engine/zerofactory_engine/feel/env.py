"""Names that an expression itself binds while it is evaluated."""

from __future__ import annotations

from typing import Any


class Env:
    """Names that the expression itself binds: one link per variable or per element under a filter."""

    __slots__ = ("item", "name", "parent", "value")

    def __init__(self, parent: Env | None, name: str, value: Any, item: bool = False) -> None:
        self.parent = parent
        self.name = name
        self.value = value
        self.item = item      # a filter's element: its columns or keys are names too
