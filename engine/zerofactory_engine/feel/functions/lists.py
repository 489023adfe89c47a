"""Built-in functions of lists, DMN 1.5 §10.3.4.4."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import cmp_to_key
from typing import Any

from zerofactory_engine.feel.functions.registry import builtin
from zerofactory_engine.feel.functions.texts import whole
from zerofactory_engine.feel.operators import NOT_COMPUTABLE, WRONG_KIND, Failure, compare
from zerofactory_engine.feel.standard_equal import same

_ZERO = Decimal(0)


def _numbers(items: Sequence[Any]) -> Sequence[Decimal]:
    if not all(isinstance(i, Decimal) for i in items):
        raise Failure(WRONG_KIND)
    return items


@builtin("count", "list: list", gives="item")
def count(items: Sequence[Any]) -> Decimal:
    """Number of elements."""
    return Decimal(len(items))


@builtin("sum", "list: list", gives="element", variadic=True)
def sum_(items: Sequence[Any]) -> Decimal | None:
    """Sum of numbers; null of an empty list."""
    return sum(_numbers(items), _ZERO) if items else None


@builtin("product", "list: list", gives="number", variadic=True)
def product(items: Sequence[Any]) -> Decimal | None:
    """Product of numbers."""
    if not items:
        return None
    result = Decimal(1)
    for item in _numbers(items):
        result *= item
    return result


@builtin("mean", "list: list", gives="element", variadic=True)
def mean(items: Sequence[Any]) -> Decimal | None:
    """Arithmetic mean."""
    return sum(_numbers(items), _ZERO) / len(items) if items else None


@builtin("median", "list: list", gives="element", variadic=True)
def median(items: Sequence[Any]) -> Decimal | None:
    """The middle element of the sorted list, or the mean of the two in the middle."""
    ordered = sorted(_numbers(items))
    if not ordered:
        return None
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


@builtin("stddev", "list: list", gives="element", variadic=True)
def stddev(items: Sequence[Any]) -> Decimal | None:
    """Standard deviation of a sample."""
    if len(_numbers(items)) < 2:
        return None
    middle = sum(items, _ZERO) / len(items)
    return (sum(((i - middle) ** 2 for i in items), _ZERO) / (len(items) - 1)).sqrt()


@builtin("mode", "list: list", gives="list", variadic=True)
def mode(items: Sequence[Any]) -> list[Decimal]:
    """The most frequent elements, in ascending order."""
    counts: dict[Decimal, int] = {}
    for item in _numbers(items):
        counts[item] = counts.get(item, 0) + 1
    return sorted(n for n, times in counts.items() if times == max(counts.values()))


def _extreme(items: Sequence[Any], op: str) -> Any:
    best = None
    for number, item in enumerate(items):
        if number == 0 or compare(op, item, best):
            compare(op, item, item)  # the first element too has to be of a kind that has an order
            best = item
    return best


@builtin("min", "list: list", gives="element", variadic=True)
def min_(items: Sequence[Any]) -> Any:
    """Smallest element."""
    return _extreme(items, "<")


@builtin("max", "list: list", gives="element", variadic=True)
def max_(items: Sequence[Any]) -> Any:
    """Largest element."""
    return _extreme(items, ">")


@builtin("all", "list: list", gives="boolean", variadic=True)
def all_(items: Sequence[Any]) -> bool | None:
    """False if one is false, else true if all are true, else null."""
    if any(i is False for i in items):
        return False
    return True if all(i is True for i in items) else None


@builtin("any", "list: list", gives="boolean", variadic=True)
def any_(items: Sequence[Any]) -> bool | None:
    """True if one is true, else false if all are false, else null."""
    if any(i is True for i in items):
        return True
    return False if all(i is False for i in items) else None


@builtin("list contains", "list: list, element: any", gives="boolean")
def list_contains(items: Sequence[Any], element: Any) -> bool:
    """Whether *element* is among the elements."""
    return any(same(i, element) is True for i in items)


@builtin("sublist", "list: list, start position: number, length: number?", gives="list")
def sublist(items: Sequence[Any], start: Decimal, length: Decimal | None = None) -> list[Any] | None:
    """*length* elements from *start* (negative: from the end)."""
    first = whole(start)
    if first == 0 or abs(first) > len(items) or (length is not None and whole(length) < 1):
        return None
    begin = first - 1 if first > 0 else len(items) + first
    end = len(items) if length is None else begin + whole(length)
    return list(items[begin:end]) if end <= len(items) else None


@builtin("append", "list: list, item: any", gives="list", variadic=True)
def append(items: Sequence[Any], more: Sequence[Any]) -> list[Any]:
    """The list with the items behind it."""
    return [*items, *more]


@builtin("concatenate", "list: list", gives="list", variadic=True)
def concatenate(lists: Sequence[Any]) -> list[Any]:
    """The lists one behind the other."""
    return [item for items in lists for item in (items if isinstance(items, (list, tuple)) else [items])]


@builtin("insert before", "list: list, position: number, newItem: any", gives="list")
def insert_before(items: Sequence[Any], position: Decimal, new: Any) -> list[Any]:
    """The list with *new* at *position*."""
    at = _position(items, position)
    return [*items[:at], new, *items[at:]]


@builtin("remove", "list: list, position: number", gives="list")
def remove(items: Sequence[Any], position: Decimal) -> list[Any]:
    """The list without the element at *position*."""
    at = _position(items, position)
    return [*items[:at], *items[at + 1:]]


def _position(items: Sequence[Any], position: Decimal) -> int:
    at = int(position)
    if at == 0 or abs(at) > len(items):
        raise Failure(NOT_COMPUTABLE)
    return at - 1 if at > 0 else len(items) + at


@builtin("list replace", "list: list, position: number, newItem: any", "list: list, match: function, newItem: any",
         gives="list")
def list_replace(items: Sequence[Any], position: Any, new: Any) -> list[Any]:
    """The list with *new* at *position*, or wherever ``function(item, newItem)`` is true."""
    if isinstance(position, Decimal):
        at = _position(items, position)
        return [*items[:at], new, *items[at + 1:]]
    if getattr(position, "arity", 2) != 2:
        raise Failure(WRONG_KIND)
    chosen = [position(item, new) for item in items]
    if not all(isinstance(c, bool) for c in chosen):
        raise Failure(WRONG_KIND)
    return [new if c else item for item, c in zip(items, chosen, strict=True)]


@builtin("reverse", "list: list", gives="list")
def reverse(items: Sequence[Any]) -> list[Any]:
    """The list from its end."""
    return list(items)[::-1]


@builtin("index of", "list: list, match: any", gives="list")
def index_of(items: Sequence[Any], match: Any) -> list[Decimal]:
    """The positions at which *match* stands, counted from 1."""
    return [Decimal(n) for n, item in enumerate(items, 1) if same(item, match) is True]


def distinct(items: Sequence[Any]) -> list[Any]:
    """The elements, each once, in the order in which they first stand."""
    found: list[Any] = []
    seen: set[Any] = set()
    for item in items:
        if isinstance(item, (str, Decimal)):
            if item not in seen:
                seen.add(item)
                found.append(item)
        elif not any(same(item, f) is True for f in found):
            found.append(item)
    return found


@builtin("union", "list: list", gives="list", variadic=True)
def union(lists: Sequence[Any]) -> list[Any]:
    """All elements of the lists, each once."""
    return distinct(concatenate(lists))


@builtin("distinct values", "list: list", gives="list")
def distinct_values(items: Sequence[Any]) -> list[Any]:
    """The elements, each once."""
    return distinct(items)


@builtin("flatten", "list: list", gives="list")
def flatten(items: Sequence[Any]) -> list[Any]:
    """The elements of all nested lists in one list."""
    return [leaf for item in items for leaf in (flatten(item) if isinstance(item, (list, tuple)) else [item])]


@builtin("sort", "list: list, precedes: function?", gives="list")
def sort(items: Sequence[Any], precedes: Any = None) -> list[Any]:
    """The list in order; ``precedes(a, b)`` says whether a stands before b. Equal elements keep their order."""
    def before(a: Any, b: Any) -> bool:
        return bool(compare("<", a, b)) if precedes is None else precedes(a, b) is True

    return sorted(items, key=cmp_to_key(lambda a, b: -1 if before(a, b) else 1 if before(b, a) else 0))
