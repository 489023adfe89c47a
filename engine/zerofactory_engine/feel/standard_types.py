"""``instance of``: whether a value is of a type that an expression names (DMN 1.5 §10.3.2.9)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zerofactory_engine.feel.operators import kind_of
from zerofactory_engine.feel.values import Kind, Range

_NAMES = {str(k): k for k in Kind if k not in (Kind.ANY, Kind.NULL)}


def instance_of(value: Any, name: str) -> bool:
    """Whether *value* is of the type *name*, in the normal spelling of the parser. Null is of no type but Null."""
    if value is None:
        return name == "Null"
    if name == "Any":
        return True
    outer, angle, inner = name.partition("<")
    kind = _NAMES.get(outer)
    if kind is None or kind_of(value) is not kind:
        return False
    return not angle or _parts(value, outer, inner.rpartition(">")[0])


def _parts(value: Any, outer: str, inner: str) -> bool:
    if outer == "list":
        return all(instance_of(v, inner) for v in value)
    if isinstance(value, Range):
        return instance_of(value.low, inner) and instance_of(value.high, inner)
    if isinstance(value, Mapping):
        wanted = dict(part.split(": ", 1) for part in _split(inner))
        return all(k in value and (value[k] is None or instance_of(value[k], t)) for k, t in wanted.items())
    return True


def _split(text: str) -> list[str]:
    """The parts between the commas that stand in no angle bracket."""
    parts, depth, start = [], 0, 0
    for at, char in enumerate(text):
        depth += (char == "<") - (char == ">" and text[at - 1] != "-")
        if char == "," and depth == 0:
            parts.append(text[start:at].strip())
            start = at + 1
    return [*parts, text[start:].strip()]
