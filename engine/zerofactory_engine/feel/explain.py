"""The value of an expression together with the value of every part of it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import localcontext
from typing import Any, NamedTuple

from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.feel import tree
from zerofactory_engine.feel.env import Env
from zerofactory_engine.feel.house import HouseFunction
from zerofactory_engine.feel.strict import Strict
from zerofactory_engine.feel.tree import Node
from zerofactory_engine.feel.unknowns import and3, or3
from zerofactory_engine.feel.values import Selection


class Trace(NamedTuple):
    """One part of an expression: its tree, its value, its parts, and for a filter of a table the rows that are left.

    *rows* are indices of the table, those in doubt among them (the value says which); None for other parts. What is
    evaluated once per row (the condition of a filter, the body of a loop) has no traces; the names that it takes from
    outside stand among the children.
    """

    node: Node
    value: Any
    children: tuple[Trace, ...]
    rows: tuple[int, ...] | None = None


def explain(node: Node, scope: Mapping[str, Any], functions: Mapping[str, HouseFunction] | None = None) -> Trace:
    """The trace of *node*; its value is the one that ``compile_strict`` gives."""
    with localcontext(CONTEXT):
        tracer = _Tracer(scope, functions or {})
        value = tracer.run(node)
        whole = next((t for t in tracer.children if t.node is node), None)
        return Trace(node, value, ()) if whole is None else whole._replace(value=value)     # None: stopped for its size


class _Tracer(Strict):
    """A strict evaluation that writes down what it does outside of loops."""

    def __init__(self, scope: Mapping[str, Any], functions: Mapping[str, HouseFunction]) -> None:
        super().__init__(scope, functions)
        self.children: list[Trace] = []
        self.silent = 0

    def eval(self, node: Node, env: Env | None) -> Any:
        """As the plain evaluation, with a trace outside of loops."""
        if self.silent:
            return super().eval(node, env)
        outer, self.children = self.children, []
        value = super().eval(node, env)
        of_table = isinstance(node, tree.Filter) and isinstance(value, Selection) and value.table is not None
        outer.append(Trace(node, value, tuple(self.children), tuple(value.rows) if of_table else None))
        self.children = outer
        return value

    def enter(self, nodes: tuple[Node, ...], env: Env | None, selection: Selection | None = None) -> None:
        """No traces per element; only of the names that the loop takes from the scope, once."""
        if not self.silent:
            columns = selection.table if selection is not None and selection.column is None else None
            seen: set[str] = set()
            for part in (p for n in nodes for p in n.walk()):
                if (isinstance(part, tree.Name) and part.name in self.scope and part.name not in seen
                        and (columns is None or columns.cells(part.name) is None)):
                    seen.add(part.name)
                    self.eval(part, env)
        self.silent += 1

    def leave(self) -> None:
        """Back from a loop."""
        self.silent -= 1

    def logic(self, node: tree.Logic, env: Env | None) -> Any:
        """``and``/``or`` with both sides, so that margins see every part."""
        if self.silent:
            return super().logic(node, env)
        left = self.truth(self.eval(node.left, env), node.left)
        right = self.truth(self.eval(node.right, env), node.right)
        return or3(left, right) if node.op == "or" else and3(left, right)
