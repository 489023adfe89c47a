"""Trees to functions of a scope.

An expression over ready values (quantities, parameters, fields of contexts) becomes generated Python that reads them
from the scope and computes. When one of them is not there, not known or of an unexpected kind, and for everything that
looks at tables, lists or functions, the interpreter of the strict mode gives the answer; it runs conditions over rows
by generated code as well (:mod:`zerofactory_engine.feel.kernel`). Names and constants are bound, never written into
the generated text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from zerofactory_engine.feel import tree
from zerofactory_engine.feel.house import HouseFunction
from zerofactory_engine.feel.kernel import Generator, NoKernel, Plan, load, outside_kind
from zerofactory_engine.feel.strict import Strict
from zerofactory_engine.feel.tree import Node

Compiled = Callable[[Mapping[str, Any]], Any]

_LITERALS = (tree.Number, tree.String, tree.Boolean)


class _NotReady(LookupError):  # noqa: N818 - an outcome, never shown
    """Values of these kinds have no generated function."""


def compile_strict(node: Node, functions: Mapping[str, HouseFunction] | None = None) -> Compiled:
    """A function from a scope to the value of *node* or an unknown; it never raises on data.

    It computes under the decimal context that its caller set (``feel.decimal_context()``).
    """
    known = dict(functions or {})

    def interpret(scope: Mapping[str, Any]) -> Any:
        return Strict(scope, known).run(node)

    plan = _ReadyPlan(node)
    return _reading(plan, interpret) if plan.possible else interpret


class _ReadyPlan(Plan):
    """An expression over names, fields of contexts and literals; all of them count as outside parts."""

    def __init__(self, node: Node) -> None:
        super().__init__(node, "", named=False, columns=frozenset(), negated=False)

    def is_outside(self, node: Node) -> bool:
        """Whether *node* is read from the scope or written out."""
        if isinstance(node, _LITERALS):
            return True
        while isinstance(node, tree.Path):
            node = node.source
        return isinstance(node, tree.Name)


def _reading(plan: _ReadyPlan, interpret: Compiled) -> Compiled:
    """The generated function that reads the values and picks the function for their kinds."""
    space: dict[str, Any] = {"interpret": interpret, "variants": {}}
    lines, values = ["def run(scope):", "    try:"], []
    for n, part in enumerate(plan.outside):
        if isinstance(part, _LITERALS):
            space[f"v{n}"] = part.value
        else:
            lines.append(f"        v{n} = {_reader(part, n, space)}")
        values.append(f"v{n}")
    given = ", ".join(values)
    kinds = "".join(f"v{n}.__class__, " for n, part in enumerate(plan.outside) if not isinstance(part, _LITERALS))
    lines += [f"        f = variants.get(({kinds}))",
              "        if f is None:",
              f"            f = variants[({kinds})] = make({given})",
              f"        return f({given})",
              "    except expected:      # not there, not known, not computable: the interpreter says why",
              "        return interpret(scope)"]

    def make(*found: Any) -> Callable[..., Any]:
        ready = [outside_kind(value) for value in found]
        try:
            if any(r is None or r[0] is not value for r, value in zip(ready, found, strict=True)):
                raise NoKernel
            return Generator(plan, (), tuple([r[1] for r in ready if r is not None])).function()
        except NoKernel:
            return _refuse

    space["make"] = make
    space["expected"] = (LookupError, TypeError, ArithmeticError, ValueError)
    run: Compiled = load("\n".join(lines), space)["run"]
    return run


def _refuse(*values: Any) -> Any:
    raise _NotReady


def _reader(part: Node, n: int, space: dict[str, Any]) -> str:
    """Text that reads a name or a field; the names themselves are bound in *space*."""
    names: list[str] = []
    while isinstance(part, tree.Path):
        names.append(part.name)
        part = part.source
    assert isinstance(part, tree.Name), "readable parts begin with a name"
    text = "scope"
    for depth, name in enumerate((part.name, *reversed(names))):
        space[f"n{n}_{depth}"] = name
        text += f"[n{n}_{depth}]"
    return text
