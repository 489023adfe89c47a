"""Kinds and units of expressions, checked when a pack loads and not when a case is evaluated.

Rules of units: products and quotients multiply and divide dimensions; ``+``, ``-`` and comparisons need one dimension
on both sides. A bare number has none: beside a value with a unit only 0 and 1 may stand bare, everything else belongs
into a parameter with a unit and a source. 0 and null fit any unit. ``count`` counts items; a count over a count is a
share.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any

from zerofactory_engine.feel import infer_calls, tree
from zerofactory_engine.feel.house import HouseFunction
from zerofactory_engine.feel.scanner import locate
from zerofactory_engine.feel.text import to_text
from zerofactory_engine.feel.tree import Node
from zerofactory_engine.feel.values import (
    ANY,
    BOOLEAN,
    NULL,
    STRING,
    FeelType,
    Kind,
    list_of,
    number,
)
from zerofactory_engine.problems import NOWHERE, Place, Problem, Severity
from zerofactory_engine.units import NUMBER

_MOMENTS = (Kind.DATE, Kind.DATE_TIME)
_DURATIONS = (Kind.MONTHS, Kind.SECONDS)
_ORDERED = (Kind.NUMBER, Kind.STRING, Kind.TIME, *_MOMENTS, *_DURATIONS)
_LOOSE = (Kind.ANY, Kind.NULL)
_SECONDS = FeelType(Kind.SECONDS)
_FREE = number(None)
_AT_NAME = ("feel.unknown-column", "feel.unknown-field", "feel.closed-column")
_PURE = number(NUMBER)


def infer(node: Node, types: Mapping[str, FeelType], functions: Mapping[str, HouseFunction] | None = None,
          place: Place = NOWHERE) -> tuple[FeelType, list[Problem]]:
    """The type of *node* and everything that is wrong with it under the rules of the house.

    *types*: the names of the scope. *place*: where the text of the expression begins; problems stand at their part.
    """
    checker = Checker(types, functions or {}, place)
    return checker.type_of(node), checker.problems


def bare_number(node: Node) -> Any:
    """The number that a literal (or a sign or arithmetic over literals) stands for: None for other parts, and the
    literal itself for numbers. Arithmetic counts as a number that is neither 0 nor 1."""
    if isinstance(node, tree.Number):
        return node.value
    if isinstance(node, tree.Negate):
        inner = bare_number(node.operand)
        return None if inner is None else -inner
    if isinstance(node, tree.Arithmetic) and bare_number(node.left) is not None and bare_number(node.right) is not None:
        return 2
    return None


class Checker:
    """One inference: what is in scope, and the problems found."""

    def __init__(self, types: Mapping[str, FeelType], functions: Mapping[str, HouseFunction], place: Place) -> None:
        self.types = types
        self.functions = functions
        self.place = place
        self.problems: list[Problem] = []
        self.frames: list[Mapping[str, FeelType]] = []

    def problem(self, node: Node, code: str, found: str | None = None, accepted: str | None = None,
                example: str | None = None, severity: Severity = Severity.ERROR) -> None:
        """Record a problem at the place of *node*."""
        span = node.at if isinstance(node, tree.Path) and code in _AT_NAME else node.span
        where = locate(self.place, span.line, span.column)
        problem = Problem(code, where, severity, found, accepted, example)
        if problem not in self.problems:
            self.problems.append(problem)

    def type_of(self, node: Node) -> FeelType:
        """The type of *node*."""
        return _RULES[type(node)](self, node)

    def within(self, frame: Mapping[str, FeelType], node: Node) -> FeelType:
        """The type of *node* with more names in scope."""
        self.frames.append(frame)
        found = self.type_of(node)
        self.frames.pop()
        return found

    # -- names and parts -------------------------------------------------------------------------------------------

    def name(self, node: tree.Name) -> FeelType:
        """A variable, a column under a filter or a name of the scope."""
        for frame in (*reversed(self.frames), self.types):
            if node.name in frame:
                return self.open(frame[node.name], node, node.name)
        known = sorted({n for frame in (self.types, *self.frames) for n in frame})
        self.unknown("feel.unknown-name", node, node.name, known)
        return ANY

    def open(self, found: FeelType, node: Node, name: str) -> FeelType:
        """*found*, with a problem when it is a column that expressions may not use."""
        element = found.element
        if found.closed or (element is not None and element.closed):
            self.problem(node, "feel.closed-column", found=name)
            return ANY
        return found

    def unknown(self, code: str, node: Node, name: str, known: list[str]) -> None:
        """A name that does not exist, with the nearest that does."""
        near = get_close_matches(name, known, n=1, cutoff=0.6)
        shown = ", ".join(known[:40]) + (" …" if len(known) > 40 else "")
        self.problem(node, code, found=name, accepted=shown or "–", example=near[0] if near else None)

    def path(self, node: tree.Path) -> FeelType:
        """``source.name``."""
        source = self.type_of(node.source)
        if source.kind is Kind.LIST and source.element is not None:
            return list_of(self.part(source.element, node, "feel.unknown-column"))
        return self.part(source, node, "feel.unknown-field") if source.kind is not Kind.LIST else list_of(ANY)

    def part(self, source: FeelType, node: tree.Path, code: str) -> FeelType:
        """What *source* has under the name of the path."""
        if source.kind in _LOOSE:
            return ANY
        fields = source.fields if source.kind is Kind.CONTEXT else infer_calls.properties(source.kind)
        if node.name in fields:
            return self.open(fields[node.name], node, node.name)
        if fields or source.kind is not Kind.CONTEXT:
            self.unknown(code, node, node.name, sorted(fields))
        return ANY

    def filter(self, node: tree.Filter) -> FeelType:
        """``source[condition]``."""
        source = self.type_of(node.source)
        if source.kind in _LOOSE:
            source = list_of(ANY)
        elif source.kind is not Kind.LIST:
            self.problem(node.source, "feel.filter-of-scalar", found=str(source), accepted="list")
            source = list_of(source)
        element = source.element or ANY
        frame = {"item": element, **(element.fields if element.kind is Kind.CONTEXT else {})}
        condition = self.within(frame, node.condition)
        if condition.kind is Kind.NUMBER:
            return element
        self.boolean(condition, node.condition)
        self.flags(node.condition, element)
        return source

    def flags(self, condition: Node, element: FeelType) -> None:
        """A boolean column used bare in a filter: other readers of the language take it for something else."""
        for part in _conjuncts(condition):
            if isinstance(part, tree.Name) and part.name in element.fields:
                self.problem(part, "feel.bare-flag", found=to_text(part), example=f"{to_text(part)} = true")

    # -- operators -------------------------------------------------------------------------------------------------

    def boolean(self, found: FeelType, node: Node) -> None:
        """Ask for a truth value."""
        if found.kind not in (Kind.BOOLEAN, *_LOOSE):
            self.problem(node, "feel.condition-kind", found=str(found), accepted="boolean")

    def logic(self, node: tree.Logic) -> FeelType:
        """``and``/``or``."""
        for side in (node.left, node.right):
            self.boolean(self.type_of(side), side)
            if isinstance(side, tree.In) and not side.enclosed:
                self.problem(side, "feel.in-unclear", found=to_text(side), example=f"({to_text(side)})",
                             severity=Severity.WARNING)
        return BOOLEAN

    def compare(self, node: tree.Compare) -> FeelType:
        """A comparison or a test of presence."""
        left, right = self.type_of(node.left), self.type_of(node.right)
        self.compared(node, node.op, node.left, left, node.right, right)
        return BOOLEAN

    def compared(self, node: Node, op: str, left_node: Node, left: FeelType, right_node: Node, right: FeelType) -> None:
        """The rules for ``left op right``."""
        if Kind.NULL in (left.kind, right.kind):
            if op not in ("=", "!="):
                self.problem(node, "feel.null-order", found=to_text(node), example="x = null")
            return
        if Kind.ANY in (left.kind, right.kind):
            return
        if left.kind is not right.kind:
            self.problem(node, "feel.kinds-differ", found=f"{left} {op} {right}", accepted=str(left))
        elif op not in ("=", "!=") and left.kind not in _ORDERED:
            self.problem(node, "feel.no-order", found=str(left), accepted="= !=")
        elif left.kind is Kind.NUMBER:
            self.same_unit(node, left_node, left, right_node, right)

    def same_unit(self, node: Node, left_node: Node, left: FeelType, right_node: Node, right: FeelType) -> FeelType:
        """The type that both numbers share; problems when they share none."""
        a, b = left.dimension, right.dimension
        if a is None or b is None or a == b:
            return left if b is None or (a is not None and bare_number(left_node) is None) else right
        for part, other in ((left_node, right), (right_node, left)):
            value = bare_number(part)
            if value is not None:
                if value not in (0, 1):
                    self.problem(part, "feel.bare-number", found=to_text(part), accepted=str(other))
                return other
        self.problem(node, "feel.units-differ", found=f"{b.base_unit}", accepted=f"{a.base_unit}")
        return _FREE

    def between(self, node: tree.Between) -> FeelType:
        """``between``: as two comparisons."""
        value = self.type_of(node.operand)
        for op, end in ((">=", node.low), ("<=", node.high)):
            self.compared(node, op, node.operand, value, end, self.type_of(end))
        return BOOLEAN

    def contained(self, node: tree.In) -> FeelType:
        """``in``."""
        value = self.type_of(node.operand)
        for test in node.tests:
            if isinstance(test, tree.UnaryTest):
                self.compared(test, test.op, node.operand, value, test.operand, self.type_of(test.operand))
                continue
            found = self.type_of(test)
            if isinstance(test, tree.Interval):
                for op, end in ((">=", test.low), ("<=", test.high)):
                    self.compared(test, op, node.operand, value, end, self.type_of(end))
                continue
            if found.kind in (Kind.LIST, Kind.RANGE) and value.kind is not found.kind:
                found = found.element or ANY
            self.compared(test, "=", node.operand, value, test, found)
        return BOOLEAN

    def unary_test(self, node: tree.UnaryTest) -> FeelType:
        """A test that stands alone has nothing to compare with."""
        self.type_of(node.operand)
        return BOOLEAN

    def negate(self, node: tree.Negate) -> FeelType:
        """``-operand``."""
        found = self.type_of(node.operand)
        if found.kind not in (Kind.NUMBER, *_DURATIONS, *_LOOSE):
            self.problem(node, "feel.operand-kind", found=f"-{found}", accepted="number")
            return ANY
        return found

    def arithmetic(self, node: tree.Arithmetic) -> FeelType:
        """``+ - * / **``."""
        left, right = self.type_of(node.left), self.type_of(node.right)
        if left.kind is Kind.NUMBER and right.kind is Kind.NUMBER:
            return self.numeric(node, left, right)
        found = _mixed(node.op, left, right)
        if found is None:
            self.problem(node, "feel.operand-kind", found=f"{left} {node.op} {right}", accepted="number")
            return ANY
        return found

    def numeric(self, node: tree.Arithmetic, left: FeelType, right: FeelType) -> FeelType:
        """Arithmetic of two numbers."""
        if node.op in ("+", "-"):
            return self.same_unit(node, node.left, left, node.right, right)
        if node.op == "**":
            return self.power(node, left, right)
        if left.dimension is None or right.dimension is None:
            return _FREE
        return number(left.dimension * right.dimension if node.op == "*" else left.dimension / right.dimension)

    def power(self, node: tree.Arithmetic, left: FeelType, right: FeelType) -> FeelType:
        """A power: the exponent is a pure number, and a whole literal when the base has a unit."""
        if right.dimension not in (None, NUMBER):
            self.problem(node.right, "feel.pure-number", found=str(right), accepted="1")
        if left.dimension in (None, NUMBER):
            return left
        exponent = bare_number(node.right)
        assert left.dimension is not None, "units without powers were answered above"
        if exponent is None or isinstance(node.right, tree.Arithmetic) or exponent % 1 != 0 or abs(exponent) > 9:
            self.problem(node.right, "feel.power-unit", found=to_text(node.right), example="2")
            return _FREE
        return number(left.dimension ** int(exponent))

    def conditional(self, node: tree.If) -> FeelType:
        """``if``: both branches of one type."""
        self.boolean(self.type_of(node.condition), node.condition)
        yes, no = self.type_of(node.yes), self.type_of(node.no)
        return self.joined(node, node.yes, yes, node.no, no)

    def joined(self, node: Node, a_node: Node, a: FeelType, b_node: Node, b: FeelType) -> FeelType:
        """The type of something that is *a* or *b*."""
        if a.kind in _LOOSE or b.kind in _LOOSE:
            return b if a.kind is Kind.NULL else a if b.kind is Kind.NULL else ANY
        if a.kind is not b.kind:
            self.problem(node, "feel.kinds-differ", found=f"{a} / {b}", accepted=str(a))
            return ANY
        return self.same_unit(node, a_node, a, b_node, b) if a.kind is Kind.NUMBER else a

    # -- loops and makers --------------------------------------------------------------------------------------------

    def domain(self, iterator: tree.Iterator) -> FeelType:
        """The type of a loop's variable."""
        found = self.type_of(iterator.domain)
        if iterator.end is not None:
            last = self.type_of(iterator.end)
            for part, end in ((found, iterator.domain), (last, iterator.end)):
                if part.kind not in (Kind.NUMBER, *_LOOSE):
                    self.problem(end, "feel.loop-of-scalar", found=str(part), accepted="1..6")
            return found if found.kind is Kind.NUMBER else ANY
        if found.kind in _LOOSE:
            return ANY
        if found.kind not in (Kind.LIST, Kind.RANGE):
            self.problem(iterator.domain, "feel.loop-of-scalar", found=str(found), accepted="list")
        return found.element or ANY

    def looped(self, iterators: tuple[tree.Iterator, ...], body: Node) -> FeelType:
        """The type of the body of a loop."""
        pushed = 0
        for iterator in iterators:
            self.frames.append({iterator.name: self.domain(iterator)})
            pushed += 1
        found = self.type_of(body)
        del self.frames[-pushed:]
        return found

    def quantified(self, node: tree.Quantified) -> FeelType:
        """``some``/``every``."""
        self.boolean(self.looped(node.iterators, node.condition), node.condition)
        return BOOLEAN

    def list_of(self, node: tree.ListOf) -> FeelType:
        """``[a, b]``."""
        if not node.items:
            return list_of(ANY)
        types = [self.type_of(item) for item in node.items]
        element = types[0]
        for item, found in zip(node.items[1:], types[1:], strict=True):
            element = self.joined(item, node.items[0], element, item, found)
        return list_of(element)

    def interval(self, node: tree.Interval) -> FeelType:
        """A range."""
        low, high = self.type_of(node.low), self.type_of(node.high)
        self.compared(node, "<=", node.low, low, node.high, high)
        return FeelType(Kind.RANGE, element=low)

    def temporal(self, node: tree.Temporal) -> FeelType:
        """``@"…"``."""
        found = infer_calls.temporal_type(node.value)
        if found is None:
            self.problem(node, "feel.temporal-invalid", found=node.text, example='@"2025-12-31"')
            return ANY
        return found

    def refused(self, node: Node) -> FeelType:
        """Parts of the language that packs do not use."""
        self.problem(node, "feel.not-in-packs", found=to_text(node)[:60])
        return ANY

    def instance_of(self, node: tree.InstanceOf) -> FeelType:
        """``instance of``."""
        self.type_of(node.operand)
        return BOOLEAN


def _conjuncts(node: Node) -> list[Node]:
    """The parts that ``and`` and ``or`` join."""
    return [*_conjuncts(node.left), *_conjuncts(node.right)] if isinstance(node, tree.Logic) else [node]


def _mixed(op: str, left: FeelType, right: FeelType) -> FeelType | None:
    """The type of arithmetic that is not of two numbers; None when there is none."""
    a, b = left.kind, right.kind
    if a in _LOOSE or b in _LOOSE:
        return ANY
    if op == "+" and a is b is Kind.STRING:
        return STRING
    if op in ("+", "-"):
        if a in _DURATIONS and a is b:
            return left
        if (a in _MOMENTS or (a is Kind.TIME and b is Kind.SECONDS)) and b in _DURATIONS:
            return left
        if op == "+" and a in _DURATIONS and b in (*_MOMENTS, Kind.TIME):
            return _mixed(op, right, left)
        if op == "-" and ((a in _MOMENTS and b in _MOMENTS) or a is b is Kind.TIME):
            return _SECONDS
    if op == "*" and {a, b} & set(_DURATIONS) and Kind.NUMBER in (a, b):
        return left if a in _DURATIONS else right
    if op == "/" and a in _DURATIONS and b in (a, Kind.NUMBER):
        return left if b is Kind.NUMBER else _PURE
    return None


_RULES: dict[type[Node], Callable[[Any, Any], FeelType]] = {
    tree.Number: lambda self, node: number(NUMBER) if node.value else _FREE,
    tree.String: lambda self, node: STRING, tree.Boolean: lambda self, node: BOOLEAN,
    tree.Null: lambda self, node: NULL, tree.Temporal: Checker.temporal, tree.Name: Checker.name,
    tree.Path: Checker.path, tree.Filter: Checker.filter, tree.Negate: Checker.negate,
    tree.Arithmetic: Checker.arithmetic, tree.Compare: Checker.compare, tree.Between: Checker.between,
    tree.In: Checker.contained, tree.UnaryTest: Checker.unary_test, tree.Logic: Checker.logic,
    tree.If: Checker.conditional, tree.Quantified: Checker.quantified,
    tree.For: lambda self, node: list_of(self.looped(node.iterators, node.body)),
    tree.InstanceOf: Checker.instance_of, tree.ListOf: Checker.list_of, tree.Interval: Checker.interval,
    tree.Call: lambda self, node: infer_calls.call(self, node),
    tree.ContextOf: Checker.refused, tree.Function: Checker.refused,
}
