"""Trees to functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from zerofactory_engine.feel.house import HouseFunction
from zerofactory_engine.feel.strict import Strict
from zerofactory_engine.feel.tree import Node

Compiled = Callable[[Mapping[str, Any]], Any]


def compile_strict(node: Node, functions: Mapping[str, HouseFunction] | None = None) -> Compiled:
    """A function from a scope to the value of *node* or an unknown; it never raises on data.

    It computes under the decimal context that its caller set (:func:`decimal_context`).
    """
    known = dict(functions or {})
    return lambda scope: Strict(scope, known).run(node)
