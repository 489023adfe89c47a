"""Built-in functions of contexts, DMN 1.5 §10.3.4.7, and ``range``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from zerofactory_engine.feel import tree
from zerofactory_engine.feel.functions.registry import BUILTINS, apply, builtin
from zerofactory_engine.feel.operators import Failure, compare, negate
from zerofactory_engine.feel.values import Range


@builtin("get value", "m: context, key: string|list", gives="any")
def get_value(context: Mapping[str, Any], key: str | Sequence[str]) -> Any:
    """What stands under a key, or under the keys of a path."""
    value: Any = context
    for part in [key] if isinstance(key, str) else key:
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


@builtin("get entries", "m: context", gives="list")
def get_entries(context: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The entries as contexts of key and value."""
    return [{"key": k, "value": v} for k, v in context.items()]


@builtin("context", "entries: list", gives="context")
def context(entries: Sequence[Any]) -> dict[str, Any] | None:
    """A context from entries of key and value."""
    made: dict[str, Any] = {}
    for entry in entries:
        if not isinstance(entry, Mapping) or "value" not in entry:
            return None
        key = entry.get("key")
        if not isinstance(key, str) or key in made:
            return None
        made[key] = entry["value"]
    return made


@builtin("context put", "context: context, key: string, value: any", "context: context, keys: list, value: any",
         gives="context")
def context_put(source: Mapping[str, Any], key: str | Sequence[Any], value: Any) -> dict[str, Any] | None:
    """The context with *value* under a key, or under the last key of a path."""
    keys = [key] if isinstance(key, str) else list(key)
    if not keys or not isinstance(keys[0], str):
        return None
    if len(keys) == 1:
        return {**source, keys[0]: value}
    inner = source.get(keys[0])
    if not isinstance(inner, Mapping):
        return None
    changed = context_put(inner, keys[1:], value)
    return None if changed is None else {**source, keys[0]: changed}


@builtin("context merge", "contexts: list", gives="context")
def context_merge(contexts: Sequence[Any]) -> dict[str, Any] | None:
    """The entries of all contexts; later ones prevail."""
    made: dict[str, Any] = {}
    for one in contexts:
        if not isinstance(one, Mapping):
            return None
        made.update(one)
    return made


@builtin("range", "from: string", gives="range")
def range_(source: str) -> Range | None:
    """The range that a text states; its ends are literals."""
    from zerofactory_engine.feel.parser import parse
    from zerofactory_engine.feel.scanner import FeelSyntaxError

    try:
        node = parse(source)
    except FeelSyntaxError:
        return None
    if not isinstance(node, tree.Interval):
        return None
    low, high = _literal(node.low), _literal(node.high)
    return Range(low, high, node.low_closed, node.high_closed) if compare("<=", low, high) else None


def _literal(node: tree.Node) -> Any:
    match node:
        case tree.Number(value) | tree.String(value) | tree.Temporal(_, value):
            return value
        case tree.Negate(tree.Number(value)):
            return negate(value)
        case tree.Call(tree.Name(("date" | "time" | "date and time" | "duration") as name), (tree.String(text),)):
            return apply(BUILTINS[name], [text])
    raise Failure
