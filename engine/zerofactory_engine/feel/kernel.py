"""Conditions over the rows of a table as generated Python: one list comprehension over the columns that they use.

A condition is split into what it takes from a row (columns) and what it takes from outside (computed once). For the
kinds of both, two functions are generated: one for rows in which all used cells are known, plain Python comparisons;
one for the other rows, three-valued with reasons. Only our own names and operators stand in the generated text;
constants and everything of the author are passed as values. A condition that needs more than that has no kernel, and
is interpreted row by row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from zerofactory_engine.feel import tree
from zerofactory_engine.feel.columns import MIXED, NOTHING, parts, picked
from zerofactory_engine.feel.temporal import add_months
from zerofactory_engine.feel.tree import Node
from zerofactory_engine.feel.unknowns import merged, not3
from zerofactory_engine.feel.values import Missing, Months, Range, Selection, Table
from zerofactory_engine.reasons import Unknown

_EQUAL = (Decimal, str, bool, date, Months)
_ORDERED = (Decimal, str, date, Months)
_PYTHON = {"=": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


class NoKernel(Exception):  # noqa: N818 - an outcome of planning, never shown
    """A condition that is not of the simple kind."""


class Kind(NamedTuple):
    """The kind of an outside value: its class, and for a list or range the class of what it holds."""

    outer: type
    inner: type | None = None
    low_closed: bool = True
    high_closed: bool = True


class Code(NamedTuple):
    """Generated text of a part: for known rows, for other rows, the class of its value, whether it is always known."""

    two: str
    three: str
    kind: type
    known: bool


Rows = Callable[..., list[int]]
Doubtful = Callable[..., list[tuple[int, Any]]]


class Plan:
    """A condition, split: *columns* that it uses, *outside* parts that are computed once, kernels by kinds."""

    def __init__(self, condition: Node, row: str, named: bool, columns: frozenset[str], negated: bool) -> None:
        self.condition = condition
        self.row = row                 # the name of the row: ``item`` or a loop's variable
        self.named = named             # whether columns are names by themselves, as they are under a filter
        self.negated = negated
        self.table_columns = columns
        self.columns: list[str] = []
        self.outside: list[Node] = []
        self.kernels: dict[tuple[Any, ...], tuple[Rows, Doubtful] | None] = {}
        self.possible = True
        try:
            self.split(condition)
        except NoKernel:
            self.possible = False
        self.names = tuple(self.columns)
        if columns and not self.names:          # the same for every row
            self.possible = False

    def split(self, node: Node) -> None:
        """Find columns and outside parts below *node*."""
        name = self.column_of(node)
        if name is not None:
            if name not in self.columns:
                self.columns.append(name)
        elif self.is_outside(node):
            self.outside.append(node)
        elif isinstance(node, _SUPPORTED) or _is_not(node):
            for child in node.children()[1 if isinstance(node, tree.Call) else 0:]:
                if not (isinstance(child, tree.Null) and isinstance(node, tree.Compare)):
                    self.split(child)
        else:
            raise NoKernel

    def column_of(self, node: Node) -> str | None:
        """The column that *node* reads, or None."""
        if isinstance(node, tree.Path) and isinstance(node.source, tree.Name) and node.source.name == self.row:
            return node.name if node.name in self.table_columns else None
        if self.named and isinstance(node, tree.Name) and node.name in self.table_columns:
            return node.name
        return None

    def is_outside(self, node: Node) -> bool:
        """Whether *node* has nothing to do with the row."""
        own = {self.row, *self.table_columns} if self.named else {self.row}
        if any(isinstance(part, tree.Name) and part.name in own for part in node.walk()):
            return False
        return not isinstance(node, tree.UnaryTest)

    def kernel(self, kinds: tuple[type, ...], outside: tuple[Kind, ...]) -> tuple[Rows, Doubtful] | None:
        """The generated functions for these kinds, None when there are none."""
        key = (kinds, outside)
        if key not in self.kernels:
            try:
                self.kernels[key] = Generator(self, kinds, outside).functions()
            except NoKernel:
                self.kernels[key] = None
        return self.kernels[key]


_SUPPORTED = (tree.Compare, tree.Logic, tree.Between, tree.In, tree.UnaryTest, tree.Arithmetic, tree.Negate,
              tree.Interval, tree.If)
_NOT = tree.Name("not")


def _is_not(node: Node) -> bool:
    return isinstance(node, tree.Call) and node.function == _NOT and len(node.arguments) == 1 and not node.names


class Generator:
    """Text of a condition for given kinds of columns and outside values."""

    def __init__(self, plan: Plan, kinds: tuple[type, ...], outside: tuple[Kind, ...]) -> None:
        self.plan = plan
        self.kinds = kinds
        self.outside = outside
        self.temporaries = 0
        self.taken = 0          # outside parts met so far: they are met in the order in which the plan found them
        self.tested: set[int] = set()       # columns that are tested for presence

    def functions(self) -> tuple[Rows, Doubtful]:
        """The two functions."""
        code = self.part(self.plan.condition)
        _ask(code.kind is bool or code.kind is NOTHING)
        if self.plan.negated:
            code = Code(f"not {code.two}", f"not3({code.three})", bool, code.known)
        numbers = range(len(self.kinds))
        cells = "".join(f", c{n}" for n in numbers)
        lists = "".join(f", l{n}" for n in numbers)
        outside = "".join(f", h{n}" for n in range(len(self.outside)))
        known = f"def known(rows{lists}{outside}):\n    return [i for i{cells} in zip(rows{lists}) if {code.two}]\n"
        raw = "".join(f", r{n}" for n in sorted(self.tested))
        raw_lists = "".join(f", m{n}" for n in sorted(self.tested))
        every_raw = "".join(f", m{n}" for n in numbers)
        other = (f"def other(rows{lists}{every_raw}{outside}):\n    return [(i, v) for i{cells}{raw} in "
                 f"zip(rows{lists}{raw_lists}) if (v := {code.three}) is not False]\n")
        space = load(known + other, {})
        return space["known"], space["other"]

    def function(self) -> Callable[..., Any]:
        """One function of the outside values, all of them known."""
        code = self.part(self.plan.condition)
        values = ", ".join(f"h{n}" for n in range(len(self.outside)))
        run: Callable[..., Any] = load(f"def run({values}):\n    return {code.two}\n", {})["run"]
        return run

    def part(self, node: Node) -> Code:
        """The text of one part."""
        name = self.plan.column_of(node)
        if name is not None:
            n = self.plan.columns.index(name)
            _ask(self.kinds[n] is not MIXED)
            return Code(f"c{n}", f"c{n}", self.kinds[n], False)
        if self.plan.is_outside(node):
            n, kind = self.next_outside()
            _ask(kind.inner is None)
            return Code(f"h{n}", f"h{n}", kind.outer, True)
        match node:
            case tree.Logic(op, left, right):
                return self.logic(op, self.part(left), self.part(right))
            case tree.Compare(op, left, right):
                return self.compare(op, left, right)
            case tree.Between(operand, low, high):
                value = self.part(operand)
                above = self.compared(">=", value, self.part(low))
                return self.logic("and", above, self.compared("<=", value, self.part(high)))
            case tree.In(operand, tests):
                return self.contained(self.part(operand), tests)
            case tree.Arithmetic(op, left, right):
                return self.arithmetic(op, self.part(left), self.part(right))
            case tree.If(condition, yes, no):
                return self.conditional(self.part(condition), self.part(yes), self.part(no))
            case tree.Negate(operand):
                value = self.part(operand)
                _ask(value.kind is Decimal)
                return self.one(value, "(-{})", Decimal)
            case tree.Call(_, (operand,)):
                value = self.part(operand)
                _ask(value.kind is bool)
                return Code(f"(not {value.two})", f"not3({value.three})", bool, value.known)
        raise NoKernel

    def next_outside(self) -> tuple[int, Kind]:
        """The next outside part, in the order of the plan."""
        n = self.taken
        self.taken += 1
        return n, self.outside[n]

    def temporary(self) -> str:
        """A fresh name."""
        self.temporaries += 1
        return f"t{self.temporaries}"

    def named(self, text: str) -> tuple[str, str]:
        """(where it is computed, how it is called afterwards) for a text used more than once."""
        if text.isidentifier():
            return text, text
        name = self.temporary()
        return f"({name} := {text})", name

    def one(self, value: Code, form: str, kind: type) -> Code:
        """An operation of one operand."""
        first, again = self.named(value.three)
        three = f"({form.format(again)} if {first}.__class__ is not U else {again})"
        return Code(form.format(value.two), form.format(value.three) if value.known else three, kind, value.known)

    def two(self, left: Code, right: Code, form: str, kind: type) -> Code:
        """An operation of two operands: *form* has a place for each."""
        known = form.format(left.two, right.two)
        if left.known and right.known:
            return Code(known, form.format(left.three, right.three), kind, True)
        a, a_again = self.named(left.three)
        b, b_again = self.named(right.three)
        result = form.format(a_again, b_again)
        if right.known:
            three = f"({form.format(a_again, right.three)} if {a}.__class__ is not U else {a_again})"
        elif left.known:
            three = f"({form.format(left.three, b_again)} if {b}.__class__ is not U else {b_again})"
        else:
            # both operands are computed first, so that the reasons of both are there
            both = f"(({a}.__class__ is not U) & ({b}.__class__ is not U))"
            three = f"({result} if {both} else merged(({a_again}, {b_again})))"
        return Code(known, three, kind, False)

    def logic(self, op: str, left: Code, right: Code) -> Code:
        """``and``/``or``; the right side is skipped where the left decides."""
        _ask(left.kind in (bool, NOTHING) and right.kind in (bool, NOTHING))
        final, other = ("False", "True") if op == "and" else ("True", "False")
        a, a_again = self.named(left.three)
        b, b_again = self.named(right.three)
        three = (f"({final} if {a} is {final} or {b} is {final} else {b_again} if {a_again} is {other} "
                 f"else {a_again} if {b_again} is {other} else merged(({a_again}, {b_again})))")
        return Code(f"({left.two} {op} {right.two})", three, bool, False)

    def conditional(self, condition: Code, yes: Code, no: Code) -> Code:
        """``if``: both branches of one kind."""
        _ask(condition.kind in (bool, NOTHING) and yes.kind is no.kind)
        first, again = self.named(condition.three)
        three = f"({yes.three} if {first} is True else {no.three} if {again} is False else {again})"
        known = condition.known and yes.known and no.known
        return Code(f"({yes.two} if {condition.two} else {no.two})", three, yes.kind, known)

    def compare(self, op: str, left: Node, right: Node) -> Code:
        """A comparison, or a test of presence of a column."""
        if op in ("=", "!=") and isinstance(right, tree.Null) is not isinstance(left, tree.Null):
            name = self.plan.column_of(left if isinstance(right, tree.Null) else right)
            if name is None:
                raise NoKernel
            n = self.plan.columns.index(name)
            _ask(self.kinds[n] is not MIXED)
            self.tested.add(n)
            absent, present = ("True", "False") if op == "=" else ("False", "True")
            missing = f"(r{n} is None or r{n}.__class__ is Missing)"
            three = f"({absent} if {missing} else (c{n} if c{n}.__class__ is U else {present}))"
            return Code(present, three, bool, False)
        _ask(not isinstance(left, tree.Null) and not isinstance(right, tree.Null))
        return self.compared(op, self.part(left), self.part(right))

    def compared(self, op: str, left: Code, right: Code) -> Code:
        """``left op right`` of one kind."""
        allowed = _EQUAL if op in ("=", "!=") else _ORDERED
        for side, other in ((left, right), (right, left)):
            _ask(side.kind in allowed or side.kind is NOTHING)
            _ask(side.kind is other.kind or NOTHING in (side.kind, other.kind))
        return self.two(left, right, f"({{}} {_PYTHON[op]} {{}})", bool)

    def contained(self, value: Code, tests: tuple[Node, ...]) -> Code:
        """``in``: one of the tests."""
        codes = [self.test(value, t) for t in tests]
        joined = codes[0]
        for code in codes[1:]:
            joined = self.logic("or", joined, code)
        return joined

    def test(self, value: Code, test: Node) -> Code:
        """One test."""
        if isinstance(test, tree.UnaryTest):
            return self.compared(test.op, value, self.part(test.operand))
        if isinstance(test, tree.Interval) and not self.plan.is_outside(test):
            low, high = self.part(test.low), self.part(test.high)
            above = self.compared(">=" if test.low_closed else ">", value, low)
            return self.logic("and", above, self.compared("<=" if test.high_closed else "<", value, high))
        if not self.plan.is_outside(test):
            return self.compared("=", value, self.part(test))
        n, kind = self.next_outside()
        if kind.outer is frozenset:
            _ask(kind.inner in (None, value.kind) or value.kind is NOTHING)
            return self.one(value, f"({{}} in h{n})", bool)
        if kind.outer is Range:
            _ask(kind.inner in _ORDERED and value.kind in (kind.inner, NOTHING))
            form = f"(h{n}.low {'<=' if kind.low_closed else '<'} {{0}} {'<=' if kind.high_closed else '<'} h{n}.high)"
            return self.one(value, form, bool)
        return self.compared("=", value, Code(f"h{n}", f"h{n}", kind.outer, True))

    def arithmetic(self, op: str, left: Code, right: Code) -> Code:
        """Arithmetic of numbers, and dates with months."""
        if left.kind is date and right.kind is Months and op in ("+", "-"):
            return self.two(left, right, f"add_months({{}}, {'-' if op == '-' else ''}{{}}.months)", date)
        _ask(op != "**" and left.kind in (Decimal, NOTHING) and right.kind in (Decimal, NOTHING))
        return self.two(left, right, f"({{}} {op} {{}})", Decimal)


_SPACE: dict[str, Any] = {"U": Unknown, "not3": not3, "merged": merged, "Missing": Missing, "add_months": add_months}


def load(text: str, bound: dict[str, Any]) -> dict[str, Any]:
    """What a generated text defines, with the values in *bound* and nothing of Python but ``zip``."""
    space = {"__builtins__": {"zip": zip}, **_SPACE, **bound}
    exec(compile(text, "<feel>", "exec"), space)  # noqa: S102 - text of our own making, no author's text in it
    return space


def _ask(fits: bool) -> None:
    if not fits:
        raise NoKernel


def outside_kind(value: Any) -> tuple[Any, Kind] | None:
    """An outside value as kernels take it and its kind; None when there are no kernels for such a value."""
    kind = value.__class__
    if kind in _EQUAL:
        return value, Kind(kind)
    if kind is Range:
        inner = value.low.__class__
        if inner not in _ORDERED or value.high.__class__ is not inner:
            return None
        return value, Kind(Range, inner, value.low_closed, value.high_closed)
    if kind is Selection and not value.doubts and not value.gaps:
        value = value.items
    elif kind is not list and kind is not tuple:
        return None
    kinds = set(map(type, value))
    if not kinds:
        return frozenset(), Kind(frozenset)
    if len(kinds) > 1 or not kinds <= set(_EQUAL):
        return None
    return frozenset(value), Kind(frozenset, kinds.pop())


def run(plan: Plan, selection: Selection, outside: Sequence[Any]) -> tuple[Sequence[int], dict[int, Unknown]] | None:
    """Rows of *selection* for which the condition holds or may hold, and for those in doubt why; None when there is no
    kernel for these values."""
    table = selection.table
    assert isinstance(table, Table), "kernels run over tables"
    values, kinds = [], []
    for value in outside:
        ready = outside_kind(value)
        if ready is None:
            return None
        values.append(ready[0])
        kinds.append(ready[1])
    split = parts(table, plan.names)
    kernel = plan.kernel(split.kinds, tuple(kinds))
    if kernel is None:
        return None
    known, other = kernel
    try:
        if len(selection.rows) != len(table):
            rest = other(selection.rows, *picked(table, plan.names, selection.rows), *values)
            return [r for r, _ in rest], {r: v for r, v in rest if v is not True}
        rows = known(split.rows, *split.cells, *values)
        rest = other(split.others, *split.odd, *values) if split.others else []
    except (ArithmeticError, ValueError):     # a row that cannot be computed; the interpreter says which and why
        return None
    if rest:
        rows = sorted([*rows, *[r for r, _ in rest]])
    return rows, {r: v for r, v in rest if v is not True}
