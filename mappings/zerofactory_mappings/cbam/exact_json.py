"""JSON whose numbers are exact: a decimal is written with all its digits, never through a double, never as a text.

    >>> from decimal import Decimal
    >>> print(exact_json({"see": Decimal("1.230"), "sefa": None}))
    {
     "see": 1.23,
     "sefa": null
    }
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

from zerofactory_engine.decimals import plain


def exact_json(value: Any) -> str:
    """*value* as indented JSON; decimals as numbers in plain notation, None as ``null``, dates as texts, and what has
    ``as_json`` by that.

    Raises:
        TypeError: something that has no JSON.
    """
    return "".join(_written(value, 0))


def _written(value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, Enum):
        value = value.value
    if value is None or isinstance(value, (str, bool, int)):
        yield json.dumps(value, ensure_ascii=False)
    elif isinstance(value, Decimal):
        if not value.is_finite():
            raise TypeError(f"no JSON number for {value}")
        yield plain(value)
    elif isinstance(value, date):
        yield json.dumps(value.isoformat())
    elif isinstance(value, Mapping):
        yield from _bracketed("{}", [(json.dumps(str(k), ensure_ascii=False) + ": ", v) for k, v in value.items()],
                              depth)
    elif isinstance(value, (list, tuple)):
        yield from _bracketed("[]", [("", v) for v in value], depth)
    elif hasattr(value, "as_json"):
        yield from _written(value.as_json(), depth)
    else:
        raise TypeError(f"no JSON for {type(value).__name__}")


def _bracketed(brackets: str, items: list[tuple[str, Any]], depth: int) -> Iterator[str]:
    if not items:
        yield brackets
        return
    indent = "\n" + " " * (depth + 1)
    yield brackets[0]
    for number, (head, below) in enumerate(items):
        yield ("," if number else "") + indent + head
        yield from _written(below, depth + 1)
    yield "\n" + " " * depth + brackets[1]
