"""Standard mode: what DMN 1.5 says, with null for everything that has no value."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, localcontext
from typing import Any

from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.feel import operators, tree
from zerofactory_engine.feel.functions import BUILTINS, apply, arrange
from zerofactory_engine.feel.operators import Failure
from zerofactory_engine.feel.standard_equal import same
from zerofactory_engine.feel.standard_types import instance_of
from zerofactory_engine.feel.tree import Node
from zerofactory_engine.feel.unknowns import MAX_STEPS, TooManySteps
from zerofactory_engine.feel.values import DateTime, Range, Selection, Table, Time

#: Calls of functions defined in expressions inside each other.
MAX_CALLS = 25
_NO_SCOPE: Mapping[str, Any] = {}


def evaluate(node: Node, scope: Mapping[str, Any] | None = None, now: datetime | None = None) -> Any:
    """The value of *node* as DMN defines it. Tables are lists of contexts; ``today()`` and ``now()`` are null unless
    *now* is given."""
    with localcontext(CONTEXT):
        try:
            return Standard(now).eval(node, dict(scope or _NO_SCOPE))
        except (TooManySteps, RecursionError):
            return None


class Closure:
    """A function defined in an expression."""

    def __init__(self, owner: Standard, node: tree.Function, scope: dict[str, Any]) -> None:
        self.owner = owner
        self.node = node
        self.scope = scope

    @property
    def arity(self) -> int:
        """Number of parameters."""
        return len(self.node.parameters)

    def __call__(self, *arguments: Any) -> Any:
        """The value of the body for these arguments; None when their number is wrong."""
        if len(arguments) != self.arity:
            return None
        given = {name: value for (name, _), value in zip(self.node.parameters, arguments, strict=True)}
        self.owner.depth += 1
        if self.owner.depth > MAX_CALLS:
            raise TooManySteps
        value = self.owner.eval(self.node.body, {**self.scope, **given})
        self.owner.depth -= 1
        return value


def _rows(value: Any) -> Any:
    """A table as a list of contexts; other values as they are."""
    if isinstance(value, Table):
        return [value.row(i) for i in range(len(value))]
    return list(value.items) if isinstance(value, Selection) else value


class Standard:
    """One standard evaluation."""

    def __init__(self, now: datetime | None = None) -> None:
        self.now = now
        self.steps = 0
        self.depth = 0

    def eval(self, node: Node, scope: dict[str, Any]) -> Any:
        """The value of *node*, None for null."""
        try:
            return _HANDLERS[type(node)](self, node, scope)
        except Failure:
            return None

    def charge(self, steps: int) -> None:
        """Count the elements of a loop."""
        self.steps += steps
        if self.steps > MAX_STEPS:
            raise TooManySteps

    def name(self, node: tree.Name, scope: dict[str, Any]) -> Any:
        """A name of the scope; a built-in where a function is wanted as a value."""
        if node.name in scope:
            return _rows(scope[node.name])
        builtin = BUILTINS.get(node.name)
        return None if builtin is None else lambda *arguments: apply(builtin, arguments)

    def path(self, node: tree.Path, scope: dict[str, Any]) -> Any:
        """``source.name``; over a list, of each element."""
        return self.part(self.eval(node.source, scope), node.name)

    def part(self, source: Any, name: str) -> Any:
        """What *source* has under *name*."""
        if isinstance(source, (list, tuple)):
            self.charge(len(source))
            return [self.part(_rows(item), name) for item in source]
        return None if source is None else _rows(operators.context_value(source, name))

    def filter(self, node: tree.Filter, scope: dict[str, Any]) -> Any:
        """``source[condition]``."""
        source = self.eval(node.source, scope)
        items: Sequence[Any] = source if isinstance(source, (list, tuple)) else [] if source is None else [source]
        index = self.eval(node.condition, scope) if not items or not self.looks(node.condition, items[0]) else None
        if isinstance(index, Decimal):
            return self.at(items, index)
        self.charge(len(items))
        kept = []
        for item in items:
            inner = {**scope, **item} if isinstance(item, Mapping) else dict(scope)
            if not (isinstance(item, Mapping) and "item" in item):
                inner["item"] = item
            verdict = self.eval(node.condition, inner)
            if verdict is True:
                kept.append(item)
            elif isinstance(verdict, Decimal) and item is items[0]:
                return self.at(items, verdict)
        return kept

    @staticmethod
    def looks(condition: Node, item: Any) -> bool:
        """Whether a condition names the element or one of its keys."""
        keys = set(item) if isinstance(item, Mapping) else set()
        return any(isinstance(n, tree.Name) and (n.name == "item" or n.name in keys) for n in condition.walk())

    @staticmethod
    def at(items: Sequence[Any], index: Decimal) -> Any:
        """The element at *index*, counted from 1, or from the end when negative."""
        if index != index.to_integral_value() or not index or abs(index) > len(items):
            return None
        return items[int(index) - 1 if index > 0 else int(index)]

    def compare(self, node: tree.Compare, scope: dict[str, Any]) -> Any:
        """``=``, ``!=`` and the order."""
        return self.compared(node.op, self.eval(node.left, scope), self.eval(node.right, scope))

    def compared(self, op: str, left: Any, right: Any) -> Any:
        """``left op right``; null when the kinds do not fit."""
        if op in ("=", "!="):
            outcome = same(left, right)
            return outcome if op == "=" or outcome is None else not outcome
        return operators.compare(op, left, right)

    def between(self, node: tree.Between, scope: dict[str, Any]) -> Any:
        """``low <= operand and operand <= high``."""
        value = self.eval(node.operand, scope)
        above = operators.compare(">=", value, self.eval(node.low, scope))
        below = operators.compare("<=", value, self.eval(node.high, scope))
        return above and below

    def contained(self, node: tree.In, scope: dict[str, Any]) -> Any:
        """``operand in tests``."""
        value = self.eval(node.operand, scope)
        outcomes = [self.test(value, t, scope) for t in node.tests]
        if any(o is True for o in outcomes):
            return True
        return None if None in outcomes else False

    def test(self, value: Any, test: Node, scope: dict[str, Any]) -> Any:
        """Whether *value* meets one test."""
        try:
            if isinstance(test, tree.UnaryTest):
                return self.compared(test.op, value, self.eval(test.operand, scope))
            wanted = self.eval(test, scope)
            if isinstance(wanted, (list, tuple)):
                return same(value, wanted) is True or any(self.meets(value, item) is True for item in wanted)
            return self.meets(value, wanted)
        except Failure:
            return None

    @staticmethod
    def meets(value: Any, wanted: Any) -> Any:
        """Whether *value* lies in the range *wanted* or equals it."""
        try:
            if isinstance(wanted, Range) and not isinstance(value, Range):
                return operators.in_range(value, wanted)
        except Failure:
            return None
        return same(value, wanted)

    def logic(self, node: tree.Logic, scope: dict[str, Any]) -> Any:
        """Three-valued ``and``/``or``."""
        final = node.op == "or"
        left = self.eval(node.left, scope)
        if left is final:
            return final
        right = self.eval(node.right, scope)
        if right is final:
            return final
        return (not final) if left is (not final) and right is (not final) else None

    def conditional(self, node: tree.If, scope: dict[str, Any]) -> Any:
        """``if``: whatever is not true takes ``else``."""
        return self.eval(node.yes if self.eval(node.condition, scope) is True else node.no, scope)

    def arithmetic(self, node: tree.Arithmetic, scope: dict[str, Any]) -> Any:
        """``+ - * / **``."""
        return operators.arithmetic(node.op, self.eval(node.left, scope), self.eval(node.right, scope))

    def domain(self, iterator: tree.Iterator, scope: dict[str, Any]) -> Sequence[Any]:
        """The elements that a variable runs over."""
        first = self.eval(iterator.domain, scope)
        last = self.eval(iterator.end, scope) if iterator.end is not None else None
        if iterator.end is None and isinstance(first, Range):
            if not (first.low_closed and first.high_closed):
                raise Failure
            first, last = first.low, first.high
        elif iterator.end is None:
            if first is None:
                raise Failure
            items = first if isinstance(first, (list, tuple)) else [first]
            self.charge(len(items))
            return items
        return self.counted(first, last)

    def counted(self, first: Any, last: Any) -> Sequence[Any]:
        """Whole numbers or days from *first* to *last*."""
        if isinstance(first, date) and isinstance(last, date):
            a, b = first.toordinal(), last.toordinal()
        elif isinstance(first, Decimal) and isinstance(last, Decimal) and first % 1 == 0 and last % 1 == 0:
            a, b = int(first), int(last)
        else:
            raise Failure
        self.charge(abs(b - a) + 1)
        numbers = range(a, b + 1) if a <= b else range(a, b - 1, -1)
        return [date.fromordinal(n) for n in numbers] if isinstance(first, date) else [Decimal(n) for n in numbers]

    def combinations(self, iterators: tuple[tree.Iterator, ...], scope: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """The scopes of all combinations of elements, the last variable running fastest."""
        if not iterators:
            yield scope
            return
        for item in self.domain(iterators[0], scope):
            yield from self.combinations(iterators[1:], {**scope, iterators[0].name: item})

    def quantified(self, node: tree.Quantified, scope: dict[str, Any]) -> Any:
        """``some``/``every``."""
        final = node.kind == "some"
        unsure = False
        for inner in self.combinations(node.iterators, scope):
            verdict = self.eval(node.condition, inner)
            if verdict is final:
                return final
            unsure = unsure or not isinstance(verdict, bool)
        return None if unsure else not final

    def loop(self, node: tree.For, scope: dict[str, Any]) -> Any:
        """``for … return``; ``partial`` is the list so far."""
        partial: list[Any] = []
        for inner in self.combinations(node.iterators, {**scope, "partial": partial}):
            partial.append(self.eval(node.body, inner))
        return list(partial)

    def context_of(self, node: tree.ContextOf, scope: dict[str, Any]) -> Any:
        """``{key: value}``; null when a key stands twice."""
        made: dict[str, Any] = {}
        for key, value in node.entries:
            if key in made:
                return None
            made[key] = self.eval(value, {**scope, **made})
        return made

    def interval(self, node: tree.Interval, scope: dict[str, Any]) -> Any:
        """A range."""
        low, high = self.eval(node.low, scope), self.eval(node.high, scope)
        if low is not None and high is not None:
            operators.compare("<=", low, high)
        return Range(low, high, node.low_closed, node.high_closed)

    def call(self, node: tree.Call, scope: dict[str, Any]) -> Any:
        """A function of the scope, or a built-in."""
        function = node.function
        arguments = [self.eval(a, scope) for a in node.arguments]
        if isinstance(function, tree.Name) and function.name not in scope:
            return self.builtin(function.name, arguments, node.names)
        callee = self.eval(function, scope)
        if node.names and isinstance(callee, Closure):
            wanted = [name for name, _ in callee.node.parameters]
            if sorted(wanted) != sorted(node.names):
                return None
            arguments = [dict(zip(node.names, arguments, strict=True))[name] for name in wanted]
        return callee(*arguments) if callable(callee) else None

    def builtin(self, name: str, arguments: list[Any], names: tuple[str, ...]) -> Any:
        """The result of a built-in function."""
        if name in ("today", "now") and not arguments and self.now is not None:
            day = self.now.date()
            seconds = self.now.second + Decimal(self.now.microsecond) / 1_000_000
            offset = self.now.utcoffset()
            east = None if offset is None else int(offset.total_seconds())
            return day if name == "today" else DateTime(day, Time(self.now.hour, self.now.minute, seconds, east))
        builtin = BUILTINS.get(name)
        if builtin is None:
            return None
        return apply(builtin, arrange(builtin, arguments, names))


def _instance_of(self: Standard, node: tree.InstanceOf, scope: dict[str, Any]) -> bool:
    return instance_of(self.eval(node.operand, scope), node.type)


_HANDLERS: dict[type[Node], Callable[[Any, Any, dict[str, Any]], Any]] = {
    tree.Number: lambda self, node, scope: node.value,
    tree.String: lambda self, node, scope: node.value,
    tree.Boolean: lambda self, node, scope: node.value,
    tree.Null: lambda self, node, scope: None,
    tree.Temporal: lambda self, node, scope: node.value,
    tree.Name: Standard.name, tree.Path: Standard.path, tree.Filter: Standard.filter,
    tree.Negate: lambda self, node, scope: operators.negate(self.eval(node.operand, scope)),
    tree.Arithmetic: Standard.arithmetic, tree.Compare: Standard.compare, tree.Between: Standard.between,
    tree.In: Standard.contained, tree.Logic: Standard.logic, tree.If: Standard.conditional,
    tree.Quantified: Standard.quantified, tree.For: Standard.loop, tree.InstanceOf: _instance_of,
    tree.ListOf: lambda self, node, scope: [self.eval(i, scope) for i in node.items],
    tree.Interval: Standard.interval, tree.ContextOf: Standard.context_of, tree.Call: Standard.call,
    tree.Function: lambda self, node, scope: Closure(self, node, scope),
}
