"""Built-in functions of texts, DMN 1.5 §10.3.4.3. Positions count characters from 1, not code units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from zerofactory_engine.feel.functions.registry import builtin
from zerofactory_engine.feel.operators import NOT_COMPUTABLE, Failure
from zerofactory_engine.feel.temporal import temporal_text
from zerofactory_engine.feel.text import quoted
from zerofactory_engine.feel.values import Range


def whole(value: Decimal) -> int:
    """*value* as an int.

    Raises:
        Failure: it is no whole number, or too large to count anything.
    """
    if value != value.to_integral_value() or abs(value) > 10**9:
        raise Failure(NOT_COMPUTABLE)
    return int(value)


@builtin("substring", "string: string, start position: number, length: number?", gives="string")
def substring(string: str, start: Decimal, length: Decimal | None = None) -> str | None:
    """*length* characters from *start* (negative: from the end)."""
    first = int(start)
    if first == 0 or (length is not None and int(length) < 1):
        return None
    begin = first - 1 if first > 0 else max(len(string) + first, 0)
    return string[begin:] if length is None else string[begin:begin + int(length)]


@builtin("string length", "string: string", gives="number")
def string_length(string: str) -> Decimal:
    """Number of characters."""
    return Decimal(len(string))


@builtin("upper case", "string: string", gives="string")
def upper_case(string: str) -> str:
    """In capitals."""
    return string.upper()


@builtin("lower case", "string: string", gives="string")
def lower_case(string: str) -> str:
    """In small letters."""
    return string.lower()


@builtin("substring before", "string: string, match: string", gives="string")
def substring_before(string: str, match: str) -> str:
    """What stands before the first *match*; empty when there is none."""
    head, found, _ = string.partition(match) if match else ("", "", "")
    return head if found else ""


@builtin("substring after", "string: string, match: string", gives="string")
def substring_after(string: str, match: str) -> str:
    """What stands behind the first *match*; empty when there is none."""
    return string.partition(match)[2] if match else string


@builtin("contains", "string: string, match: string", gives="boolean")
def contains(string: str, match: str) -> bool:
    """Whether *match* occurs."""
    return match in string


@builtin("starts with", "string: string, match: string", gives="boolean")
def starts_with(string: str, match: str) -> bool:
    """Whether the text begins with *match*."""
    return string.startswith(match)


@builtin("ends with", "string: string, match: string", gives="boolean")
def ends_with(string: str, match: str) -> bool:
    """Whether the text ends with *match*."""
    return string.endswith(match)


@builtin("string join", "list: list, delimiter: any?", gives="string")
def string_join(items: Sequence[Any], delimiter: Any = None) -> str | None:
    """The texts of a list in one, nulls left out."""
    kept = [i for i in items if i is not None]
    if not isinstance(delimiter, (str, type(None))) or not all(isinstance(i, str) for i in kept):
        return None
    return (delimiter or "").join(kept)


@builtin("string", "from: any", gives="string")
def string(value: Any) -> str | None:
    """The value as text: what FEEL would print."""
    return None if value is None else value if isinstance(value, str) else text_of(value)


def text_of(value: Any) -> str:
    """How a value is written inside a list or context."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, str):
        return quoted(value)
    if (written := temporal_text(value)) is not None:
        return written
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{k}: {text_of(v)}" for k, v in value.items()) + "}"
    if isinstance(value, Range):
        ends = f"{text_of(value.low)}..{text_of(value.high)}"
        return f"{'[' if value.low_closed else '('}{ends}{']' if value.high_closed else ')'}"
    if isinstance(value, Sequence):
        return "[" + ", ".join(text_of(v) for v in value) + "]"
    raise Failure
