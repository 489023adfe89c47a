"""The tree of an expression: frozen nodes, each with the span of text that it came from.

Two trees are equal when they mean the same text, wherever that text stands: spans take no part in equality.
Nodes for contexts, function definitions and unary tests are here because the language has them and decision tables
are made of them; rule packs do not accept the first two (:mod:`zerofactory_engine.feel.infer` says so).
"""

from __future__ import annotations

from collections.abc import Iterator as Items
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, NamedTuple

#: Bounds on author text: characters, nodes of a tree, its height (a chain ``a + b + c`` grows in height too), and
#: brackets, loops and branches inside each other.
MAX_TEXT = 20_000
MAX_NODES = 5_000
MAX_DEPTH = 100
MAX_NESTING = 40

ArithmeticOp = Literal["+", "-", "*", "/", "**"]
CompareOp = Literal["=", "!=", "<", "<=", ">", ">="]


class Span(NamedTuple):
    """Where a part stands: *start* and *end* in the text that was parsed; line and column of the start, from 1."""

    start: int = 0
    end: int = 0
    line: int = 1
    column: int = 1


@dataclass(frozen=True, slots=True)
class Node:
    """A part of an expression and its place in the text that was parsed."""

    span: Span = field(default=Span(), compare=False, kw_only=True)

    def children(self) -> tuple[Node, ...]:
        """The parts of this part, in the order in which they are written."""
        return ()

    def walk(self) -> Items[Node]:
        """This node and everything below it, in the order in which it is written."""
        yield self
        for child in self.children():
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class Number(Node):
    """A number as written, never negative."""

    value: Decimal


@dataclass(frozen=True, slots=True)
class String(Node):
    """A text in double quotes, escapes resolved."""

    value: str


@dataclass(frozen=True, slots=True)
class Boolean(Node):
    """``true`` or ``false``."""

    value: bool


@dataclass(frozen=True, slots=True)
class Null(Node):
    """``null``."""


@dataclass(frozen=True, slots=True)
class Temporal(Node):
    """``@"2025-12-31"``: a date, time, date and time or duration; *value* is None when the text is none of them."""

    text: str
    value: Any = field(compare=False)


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A name of the scope, single spaces between its words."""

    name: str


@dataclass(frozen=True, slots=True)
class Path(Node):
    """``source.name``; over a list, the list of what each element has under the name. *at*: where the name stands."""

    source: Node
    name: str
    at: Span = field(default=Span(), compare=False)

    def children(self) -> tuple[Node, ...]:
        """The source."""
        return (self.source,)


@dataclass(frozen=True, slots=True)
class Filter(Node):
    """``source[condition]``: the elements for which the condition holds, or the element at an index.

    *memo* keeps what the evaluators derive from this node once; it is no part of its meaning.
    """

    source: Node
    condition: Node
    memo: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def children(self) -> tuple[Node, ...]:
        """Source, condition."""
        return (self.source, self.condition)


@dataclass(frozen=True, slots=True)
class Negate(Node):
    """``-operand``."""

    operand: Node

    def children(self) -> tuple[Node, ...]:
        """The operand."""
        return (self.operand,)


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """``left op right``."""

    op: ArithmeticOp
    left: Node
    right: Node

    def children(self) -> tuple[Node, ...]:
        """Left, right."""
        return (self.left, self.right)


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """``left op right``; with ``null`` on one side of ``=`` or ``!=`` it tests presence."""

    op: CompareOp
    left: Node
    right: Node

    def children(self) -> tuple[Node, ...]:
        """Left, right."""
        return (self.left, self.right)


@dataclass(frozen=True, slots=True)
class Between(Node):
    """``operand between low and high``, both ends included."""

    operand: Node
    low: Node
    high: Node

    def children(self) -> tuple[Node, ...]:
        """Operand, low, high."""
        return (self.operand, self.low, self.high)


@dataclass(frozen=True, slots=True)
class UnaryTest(Node):
    """``< 5``: a comparison whose left side stands elsewhere (before ``in``; in a cell of a decision table)."""

    op: CompareOp
    operand: Node

    def children(self) -> tuple[Node, ...]:
        """The operand."""
        return (self.operand,)


@dataclass(frozen=True, slots=True)
class In(Node):
    """``operand in (test, test …)``: true if one test holds.

    A test is a :class:`UnaryTest`, a range, a list or a value; ``x in name`` and ``x in (name)`` mean the same.
    *enclosed* tells that the tests or the whole were written in parentheses, so that every reader takes ``and`` behind
    it the same way.
    """

    operand: Node
    tests: tuple[Node, ...]
    enclosed: bool = field(default=False, compare=False)

    def children(self) -> tuple[Node, ...]:
        """Operand, tests."""
        return (self.operand, *self.tests)


@dataclass(frozen=True, slots=True)
class Logic(Node):
    """``left and right`` or ``left or right``, three-valued."""

    op: Literal["and", "or"]
    left: Node
    right: Node

    def children(self) -> tuple[Node, ...]:
        """Left, right."""
        return (self.left, self.right)


@dataclass(frozen=True, slots=True)
class If(Node):
    """``if condition then yes else no``."""

    condition: Node
    yes: Node
    no: Node

    def children(self) -> tuple[Node, ...]:
        """Condition, yes, no."""
        return (self.condition, self.yes, self.no)


@dataclass(frozen=True, slots=True)
class Iterator(Node):
    """``name in domain``, or ``name in domain..end`` over whole numbers (or days)."""

    name: str
    domain: Node
    end: Node | None = None

    def children(self) -> tuple[Node, ...]:
        """Domain and, of a range, its end."""
        return (self.domain,) if self.end is None else (self.domain, self.end)


@dataclass(frozen=True, slots=True)
class Quantified(Node):
    """``some`` or ``every`` … ``satisfies condition``."""

    kind: Literal["some", "every"]
    iterators: tuple[Iterator, ...]
    condition: Node
    memo: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def children(self) -> tuple[Node, ...]:
        """Iterators, condition."""
        return (*self.iterators, self.condition)


@dataclass(frozen=True, slots=True)
class For(Node):
    """``for`` … ``return body``: a list."""

    iterators: tuple[Iterator, ...]
    body: Node

    def children(self) -> tuple[Node, ...]:
        """Iterators, body."""
        return (*self.iterators, self.body)


@dataclass(frozen=True, slots=True)
class InstanceOf(Node):
    """``operand instance of type``; *type* in normal spelling (``list<number>``)."""

    operand: Node
    type: str

    def children(self) -> tuple[Node, ...]:
        """The operand."""
        return (self.operand,)


@dataclass(frozen=True, slots=True)
class ListOf(Node):
    """``[a, b]``."""

    items: tuple[Node, ...]

    def children(self) -> tuple[Node, ...]:
        """The items."""
        return self.items


@dataclass(frozen=True, slots=True)
class Interval(Node):
    """``[low..high]``, ``(low..high]``, ``]low..high[`` …"""

    low: Node
    high: Node
    low_closed: bool = True
    high_closed: bool = True

    def children(self) -> tuple[Node, ...]:
        """Low, high."""
        return (self.low, self.high)


@dataclass(frozen=True, slots=True)
class Call(Node):
    """``function(arguments)``; *names* are those of named arguments, empty when they are given by position."""

    function: Node
    arguments: tuple[Node, ...]
    names: tuple[str, ...] = ()

    def children(self) -> tuple[Node, ...]:
        """The function, the arguments."""
        return (self.function, *self.arguments)


@dataclass(frozen=True, slots=True)
class ContextOf(Node):
    """``{key: value}``; a value may use the keys before it."""

    entries: tuple[tuple[str, Node], ...]

    def children(self) -> tuple[Node, ...]:
        """The values."""
        return tuple(value for _, value in self.entries)


@dataclass(frozen=True, slots=True)
class Function(Node):
    """``function(a, b: number) body``; parameters with the type that was written, or None."""

    parameters: tuple[tuple[str, str | None], ...]
    body: Node

    def children(self) -> tuple[Node, ...]:
        """The body."""
        return (self.body,)
