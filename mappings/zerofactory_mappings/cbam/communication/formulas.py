"""Formulas that a user typed into an input cell: plain arithmetic, cell references and a few sums, exactly.

``+ - * / ^ %``, parentheses, numbers, references (``L16``, ``$L$16``, ``Sheet!L16``, ``'A sheet'!L16``) and
:data:`FUNCTIONS` over numbers, references and ranges, with the precedence of spreadsheets (a sign binds closer than a
power, powers associate to the left). Everything else is an error that says what it is; nothing is guessed.

    >>> evaluate(parse("=(17000*3.5)*(56.1/1000)"), lambda sheet, column, row: None)
    Decimal('3337.9500')
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, ROUND_UP, Decimal, DecimalException, localcontext

from zerofactory_engine.decimals import CONTEXT, parse_decimal
from zerofactory_mappings.cbam.communication.addresses import LAST_COLUMN, LAST_ROW, column_number
from zerofactory_mappings.cbam.communication.package import CellError, Stored

#: Longest formula, deepest nesting, most cells of a range, most tokens.
LENGTH, DEPTH, RANGE, TOKENS = 2_000, 32, 10_000, 400
FUNCTIONS = ("ABS", "AVERAGE", "MAX", "MIN", "PRODUCT", "ROUND", "ROUNDDOWN", "ROUNDUP", "SUM")
#: Largest exponent and most digits to which a figure is rounded.
_POWER, _DIGITS = 1_000, 30

_TOKEN = re.compile(r"""
    (?P<space>[ \t\r\n]+)
  | (?P<ref>(?:(?P<sheet>'(?:[^'\[\]]|'')+'|[^\W\d][\w.]*)!)?\$?[A-Za-z]{1,3}\$?[1-9]\d{0,6}(?![\w(.]))
  | (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?)
  | (?P<external>'?\[[^\]]*\][^!]*!)
  | (?P<text>"(?:[^"]|"")*")
  | (?P<error>\#[A-Z/0!?]+)
  | (?P<name>[^\W\d][\w.]*)
  | (?P<operator><=|>=|<>|[-+*/^%()<>=&,:;{}!])
""", re.VERBOSE)


class FormulaError(Exception):
    """A formula that is not evaluated: *reason* (``external``, ``function``, ``cycle`` …) and what it is about."""

    def __init__(self, reason: str, detail: str = "") -> None:
        self.reason, self.detail = reason, detail
        super().__init__(f"{reason} {detail}")


@dataclass(frozen=True, slots=True)
class Ref:
    """A reference to one cell; relative parts move with a shared formula."""

    sheet: str | None
    column: int
    row: int
    fixed_column: bool
    fixed_row: bool

    def moved(self, columns: int, rows: int) -> Ref:
        """The reference as it stands *columns* and *rows* further on."""
        column = self.column if self.fixed_column else self.column + columns
        row = self.row if self.fixed_row else self.row + rows
        if not (1 <= column <= LAST_COLUMN and 1 <= row <= LAST_ROW):
            raise FormulaError("error-operand", "#REF!")
        return Ref(self.sheet, column, row, self.fixed_column, self.fixed_row)


@dataclass(frozen=True, slots=True)
class Node:
    """A part of a formula. *kind*: number, text, ref, range, name, call, or an operator."""

    kind: str
    value: Decimal | str | None = None
    refs: tuple[Ref, ...] = ()
    parts: tuple[Node, ...] = ()


#: The value of the cell in a column and row of a sheet (None: the formula's own); raises :class:`FormulaError`.
Lookup = Callable[[str | None, int, int], Stored]


def parse(text: str) -> Node:
    """The tree of a formula, with or without its ``=``; raises :class:`FormulaError`."""
    if len(text) > LENGTH:
        raise FormulaError("too-long", f"{len(text)} > {LENGTH}")
    parser = _Parser(list(_tokens(text.strip().removeprefix("="))))
    node = parser.expression(0)
    parser.expect_end()
    return node


def evaluate(node: Node, lookup: Lookup, moved: tuple[int, int] = (0, 0),
             names: Callable[[str], Ref | None] = lambda name: None) -> Stored:
    """The value of *node*; a reference to an empty cell is zero."""
    with localcontext(CONTEXT):
        value = _Evaluator(lookup, moved, names).value(node)
    return Decimal(0) if value is None else value


def _tokens(text: str) -> Iterator[tuple[str, str, str]]:
    at = count = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise FormulaError("syntax", text[at:at + 20])
        kind = match.lastgroup or ""
        if kind == "sheet":
            kind = "ref"
        at = match.end()
        count += 1
        if count > TOKENS:
            raise FormulaError("too-long", f"> {TOKENS}")
        if match["external"]:
            raise FormulaError("external", match["external"][:60])
        if kind != "space":
            yield "ref" if match["ref"] else kind, match[0], match["sheet"] or ""


class _Parser:
    def __init__(self, tokens: list[tuple[str, str, str]]) -> None:
        self.tokens, self.at = tokens, 0

    def peek(self) -> str:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else ""

    def take(self) -> tuple[str, str, str]:
        if self.at >= len(self.tokens):
            raise FormulaError("syntax", "…")
        self.at += 1
        return self.tokens[self.at - 1]

    def expect(self, wanted: str) -> None:
        kind, text, _ = self.take()
        if kind != "operator" or text != wanted:
            raise FormulaError("syntax", text[:20])

    def expect_end(self) -> None:
        if self.at < len(self.tokens):
            kind, text, _ = self.tokens[self.at]
            raise FormulaError("operator" if kind == "operator" and text in "<=>=<>&{};!" else "syntax", text[:20])

    def expression(self, depth: int) -> Node:
        return self._binary(depth, ("+", "-"), self._term)

    def _term(self, depth: int) -> Node:
        return self._binary(depth, ("*", "/"), self._power)

    def _power(self, depth: int) -> Node:
        return self._binary(depth, ("^",), self._percent)

    def _binary(self, depth: int, operators: tuple[str, ...], below: Callable[[int], Node]) -> Node:
        if depth > DEPTH:
            raise FormulaError("too-long", f"> {DEPTH} ( )")
        left = below(depth)
        while self.peek() in operators:
            operator = self.take()[1]
            left = Node(operator, parts=(left, below(depth)))
        return left

    def _percent(self, depth: int) -> Node:
        node = self._signed(depth)
        while self.peek() == "%":
            self.take()
            node = Node("%", parts=(node,))
        return node

    def _signed(self, depth: int) -> Node:
        negative = False
        while self.peek() in ("+", "-"):
            negative ^= self.take()[1] == "-"
        node = self._primary(depth)
        return Node("negative", parts=(node,)) if negative else node

    def _primary(self, depth: int) -> Node:
        kind, text, sheet = self.take()
        if kind == "number":
            value = parse_decimal(text.removesuffix("."))
            if value is None:
                raise FormulaError("syntax", text[:40])
            return Node("number", value)
        if kind == "ref":
            return self._reference(text, sheet)
        if kind == "name":
            return self._name(text, depth)
        if kind == "text":
            return Node("text", text[1:-1].replace('""', '"'))
        if kind == "error":
            raise FormulaError("error-operand", text)
        if text == "(":
            inner = self.expression(depth + 1)
            self.expect(")")
            return inner
        raise FormulaError("operator" if text in "<=>=<>&{};!:" else "syntax", text[:20])

    def _reference(self, text: str, sheet: str) -> Node:
        first = _ref(text, sheet)
        if self.peek() != ":":
            return Node("ref", refs=(first,))
        self.take()
        kind, last, last_sheet = self.take()
        if kind != "ref" or last_sheet:
            raise FormulaError("syntax", last[:20])
        return Node("range", refs=(first, _ref(last, sheet)))

    def _name(self, text: str, depth: int) -> Node:
        upper = text.upper()
        if upper in ("TRUE", "FALSE"):
            if self.peek() == "(":                     # TRUE() is how LibreOffice stores a truth value
                self.take()
                self.expect(")")
            return Node("number", Decimal(upper == "TRUE"))
        if self.peek() != "(":
            return Node("name", text)
        if upper not in FUNCTIONS:
            raise FormulaError("function", upper[:40])
        self.take()
        arguments = [self.expression(depth + 1)]
        while self.peek() in (",", ";"):
            self.take()
            arguments.append(self.expression(depth + 1))
        self.expect(")")
        return Node("call", upper, parts=tuple(arguments))


def _ref(text: str, sheet: str) -> Ref:
    match = re.fullmatch(r"(\$?)([A-Z]{1,3})(\$?)(\d+)", text.rpartition("!")[2].upper())
    assert match is not None, text
    column, row = column_number(match[2]), int(match[4])
    if column > LAST_COLUMN or row > LAST_ROW:
        raise FormulaError("syntax", text[:20])
    name = sheet[1:-1].replace("''", "'") if sheet.startswith("'") else sheet or None
    return Ref(name, column, row, bool(match[1]), bool(match[3]))


class _Evaluator:
    def __init__(self, lookup: Lookup, moved: tuple[int, int], names: Callable[[str], Ref | None]) -> None:
        self.lookup, self.move, self.names = lookup, moved, names

    def value(self, node: Node) -> Stored:
        """The value of a part that stands for one value."""
        if node.kind in ("number", "text"):
            return node.value
        if node.kind == "ref":
            return self._cell(node.refs[0].moved(*self.move))
        if node.kind == "name":
            ref = self.names(str(node.value))
            if ref is None:
                raise FormulaError("name", str(node.value)[:60])
            return self._cell(ref)
        if node.kind == "range":
            raise FormulaError("array", "…:…")
        if node.kind == "call":
            return self._call(str(node.value), node.parts)
        return self._operate(node.kind, [self._number(p) for p in node.parts])

    def _operate(self, operator: str, operands: list[Decimal]) -> Decimal:
        try:
            if operator == "negative":
                return -operands[0]
            if operator == "%":
                return operands[0] / 100
            first, second = operands
            if operator == "+":
                return first + second
            if operator == "-":
                return first - second
            if operator == "*":
                return first * second
            if operator == "/":
                if not second:
                    raise FormulaError("error-operand", "#DIV/0!")
                return first / second
            if abs(second) > _POWER or (not first and second <= 0):
                raise FormulaError("error-operand", "#NUM!")
            return first ** second
        except DecimalException:
            raise FormulaError("error-operand", "#NUM!") from None

    def _cell(self, ref: Ref) -> Stored:
        value = self.lookup(ref.sheet, ref.column, ref.row)
        if isinstance(value, CellError):
            raise FormulaError("error-operand", value.code)
        return value

    def _number(self, node: Node) -> Decimal:
        return _as_number(self.value(node))

    def _call(self, name: str, arguments: tuple[Node, ...]) -> Decimal:
        if name.startswith("ROUND"):
            if len(arguments) != 2:
                raise FormulaError("syntax", name)
            return _rounded(name, *[self._number(a) for a in arguments])
        if name == "ABS":
            if len(arguments) != 1:
                raise FormulaError("syntax", name)
            return abs(self._number(arguments[0]))
        values = [v for a in arguments for v in self._values(a)]
        if name == "SUM":
            return sum(values, Decimal(0))
        if name == "PRODUCT":
            product = Decimal(1)
            for value in values:
                product *= value
            return product if values else Decimal(0)
        if not values:
            if name == "AVERAGE":
                raise FormulaError("error-operand", "#DIV/0!")
            return Decimal(0)
        if name == "AVERAGE":
            return sum(values, Decimal(0)) / len(values)
        return max(values) if name == "MAX" else min(values)

    def _values(self, node: Node) -> Iterator[Decimal]:
        """Figures of an argument; in ranges and references whatever is no number is left out, as spreadsheets do."""
        if node.kind == "range":
            first, last = (r.moved(*self.move) for r in node.refs)
            columns = range(min(first.column, last.column), max(first.column, last.column) + 1)
            rows = range(min(first.row, last.row), max(first.row, last.row) + 1)
            if len(columns) * len(rows) > RANGE:
                raise FormulaError("too-long", f"{len(columns) * len(rows)} > {RANGE}")
            refs = [Ref(first.sheet, c, r, True, True) for r in rows for c in columns]
        elif node.kind == "ref":
            refs = [node.refs[0].moved(*self.move)]
        else:
            yield self._number(node)
            return
        for ref in refs:
            value = self._cell(ref)
            if isinstance(value, Decimal):
                yield value


def _as_number(value: Stored) -> Decimal:
    if value is None:
        return Decimal(0)
    if isinstance(value, Decimal):
        return value
    if isinstance(value, bool):
        return Decimal(int(value))
    if isinstance(value, str) and (number := parse_decimal(value)) is not None:
        return number
    raise FormulaError("error-operand", "#VALUE!")


def _rounded(name: str, value: Decimal, digits: Decimal) -> Decimal:
    if abs(digits) > _DIGITS:
        raise FormulaError("error-operand", "#NUM!")
    how = {"ROUND": ROUND_HALF_UP, "ROUNDUP": ROUND_UP, "ROUNDDOWN": ROUND_DOWN}[name]
    places = Decimal(1).scaleb(-int(digits))
    try:
        rounded = value.quantize(places, how)
    except DecimalException:
        return value
    return rounded + 0 if int(digits) >= 0 else rounded.quantize(Decimal(1))
