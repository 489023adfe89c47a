"""Equality of the standard mode, nulls, lists and contexts included (DMN 1.5 §10.3.2.13)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zerofactory_engine.feel.operators import Failure, equal


def same(left: Any, right: Any) -> bool | None:
    """``left = right``; None when the kinds differ."""
    if left is None or right is None:
        return left is right
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(same(v, right[k]) is True for k, v in left.items())
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        return len(left) == len(right) and all(same(a, b) is True for a, b in zip(left, right, strict=True))
    try:
        return equal(left, right)
    except Failure:
        return None
