"""Tree to text: ``parse(to_text(node)) == node``, with as few parentheses as the grammar allows."""

from __future__ import annotations

import re

from zerofactory_engine.feel import tree
from zerofactory_engine.feel.tree import Node

# How tight a form binds; an operand that binds less tightly than its place asks for is put in parentheses.
_OPEN, _OR, _AND, _COMPARE, _SUM, _PRODUCT, _POWER, _UNARY, _POSTFIX = range(9)
_LEVEL = {"+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT, "**": _POWER, "or": _OR, "and": _AND}
_PLAIN_KEY = re.compile(r"[^\W\d]\w*")


def to_text(node: Node) -> str:
    """The expression as text."""
    return _text(node)[0]


def quoted(value: str) -> str:
    """A text as FEEL writes it, in double quotes with escapes."""
    out = []
    for char in value:
        if char in '"\\':
            out.append("\\" + char)
        elif char in "\n\t\r":
            out.append({"\n": "\\n", "\t": "\\t", "\r": "\\r"}[char])
        elif char.isprintable():
            out.append(char)
        else:
            out.append(f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):06x}")
    return '"' + "".join(out) + '"'


def _at(node: Node, level: int) -> str:
    """The text of an operand that stands where at least *level* is asked for."""
    text, own = _text(node)
    return text if own >= level else f"({text})"


def _side(node: Node, level: int) -> str:
    """An operand of and/or; ``(x in name)`` gets parentheses, because some readers take ``and`` into the list."""
    bare = isinstance(node, tree.In) and not _tests(node.tests).startswith(("(", "["))
    return f"({to_text(node)})" if bare else _at(node, level)


def _all(nodes: tuple[Node, ...]) -> str:
    return ", ".join(to_text(n) for n in nodes)


def _text(node: Node) -> tuple[str, int]:
    """The text of *node* and how tight it binds."""
    match node:
        case tree.Number(value):
            return format(value, "f"), _POSTFIX
        case tree.String(value):
            return quoted(value), _POSTFIX
        case tree.Boolean(value):
            return ("true" if value else "false"), _POSTFIX
        case tree.Null():
            return "null", _POSTFIX
        case tree.Temporal(text):
            return f"@{quoted(text)}", _POSTFIX
        case tree.Name(name):
            return name, _POSTFIX
        case tree.Path(source, name):
            return f"{_at(source, _POSTFIX)}.{name}", _POSTFIX
        case tree.Filter(source, condition):
            return f"{_at(source, _POSTFIX)}[{to_text(condition)}]", _POSTFIX
        case tree.Negate(operand):
            return f"-{_at(operand, _UNARY)}", _UNARY
        case tree.Arithmetic(op, left, right):
            level = _LEVEL[op]
            return f"{_at(left, level)} {op} {_at(right, level + 1)}", level
        case tree.Logic(op, left, right):
            level = _LEVEL[op]
            return f"{_side(left, level)} {op} {_side(right, level + 1)}", level
        case tree.Compare(op, left, right):
            return f"{_at(left, _COMPARE)} {op} {_at(right, _SUM)}", _COMPARE
        case tree.Between(operand, low, high):
            return f"{_at(operand, _COMPARE)} between {_at(low, _SUM)} and {_at(high, _SUM)}", _COMPARE
        case tree.In(operand, tests):
            return f"{_at(operand, _COMPARE)} in {_tests(tests)}", _COMPARE
        case tree.UnaryTest(op, operand):
            return f"{op} {_at(operand, _SUM)}", _OPEN
        case tree.InstanceOf(operand, type):
            return f"{_at(operand, _COMPARE)} instance of {type}", _COMPARE
    return _opened(node)


def _opened(node: Node) -> tuple[str, int]:
    match node:
        case tree.If(condition, yes, no):
            return f"if {to_text(condition)} then {to_text(yes)} else {to_text(no)}", _OPEN
        case tree.Quantified(kind, iterators, condition):
            return f"{kind} {_all(iterators)} satisfies {to_text(condition)}", _OPEN
        case tree.For(iterators, body):
            return f"for {_all(iterators)} return {to_text(body)}", _OPEN
        case tree.Iterator(name, domain, end):
            tail = "" if end is None else f"..{_at(end, _SUM)}"
            return f"{name} in {_at(domain, _SUM)}{tail}", _OPEN
        case tree.ListOf(items):
            return f"[{_all(items)}]", _POSTFIX
        case tree.Interval(low, high, low_closed, high_closed):
            ends = f"{_at(low, _SUM)}..{_at(high, _SUM)}"
            return f"{'[' if low_closed else '('}{ends}{']' if high_closed else ')'}", _POSTFIX
        case tree.Call(function, arguments, names):
            given = (", ".join(f"{n}: {to_text(a)}" for n, a in zip(names, arguments, strict=True)) if names
                     else _all(arguments))
            return f"{_at(function, _POSTFIX)}({given})", _POSTFIX
        case tree.ContextOf(entries):
            inner = ", ".join(f"{k if _PLAIN_KEY.fullmatch(k) else quoted(k)}: {to_text(v)}" for k, v in entries)
            return f"{{{inner}}}", _POSTFIX
        case tree.Function(parameters, body):
            inner = ", ".join(n if t is None else f"{n}: {t}" for n, t in parameters)
            return f"function({inner}) {to_text(body)}", _OPEN
    raise TypeError(f"no text for {type(node).__name__}")


def _tests(tests: tuple[Node, ...]) -> str:
    """Tests behind ``in``; one value stands alone where its text does not begin with a parenthesis."""
    shown = [_at(t, _SUM) if not isinstance(t, tree.UnaryTest) else to_text(t) for t in tests]
    alone = len(tests) == 1 and (isinstance(tests[0], tree.Interval) or not shown[0].startswith("("))
    return shown[0] if alone else f"({', '.join(shown)})"
