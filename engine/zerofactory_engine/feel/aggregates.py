"""Built-in functions that fold lists, in strict mode: doubts about rows, unknown cells and gaps of tables carry."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from zerofactory_engine.feel.functions import BUILTINS
from zerofactory_engine.feel.operators import WRONG_KIND, Failure, equal, guarded
from zerofactory_engine.feel.text import to_text
from zerofactory_engine.feel.tree import Call, Node
from zerofactory_engine.feel.unknowns import (
    AnyOf,
    and3,
    blockers,
    failed,
    merged,
    not3,
    selection_of,
    settled,
    simplest,
)
from zerofactory_engine.feel.values import Selection
from zerofactory_engine.reasons import Unknown

Aggregate = Callable[[list[Any], Call], Any]


def gathered(arguments: list[Any], node: Call) -> Selection | Unknown:
    """The list that an aggregate folds: its one argument, or all of its arguments.

    Raises:
        Failure: there is no argument.
    """
    if not arguments:
        raise Failure("reason.wrong-arguments")
    if len(arguments) == 1:
        if isinstance(arguments[0], Unknown):
            return settled(arguments[0])
        selection = selection_of(arguments[0], node.arguments[0])
        if selection is not None:
            return selection
    return Selection(arguments, {})


def _count(arguments: list[Any], node: Call) -> Any:
    if len(arguments) != 1:
        raise Failure("reason.wrong-arguments")
    if isinstance(arguments[0], Unknown):
        return settled(arguments[0])
    selection = selection_of(arguments[0], node.arguments[0])
    if selection is None:
        raise Failure(WRONG_KIND)
    found = blockers(selection, values=False)
    return merged(found) if found else Decimal(len(selection))


def _folded(name: str) -> Aggregate:
    def fold(arguments: list[Any], node: Call) -> Any:
        selection = gathered(arguments, node)
        if isinstance(selection, Unknown):
            return selection
        if found := blockers(selection):
            return merged(found)
        value = guarded(lambda: BUILTINS[name].call(selection.items))
        return failed(to_text(node), "reason.empty-list") if value is None else value

    return fold


def _boolean(negated: bool) -> Aggregate:
    """``any``: some element is true; ``all``: none is false."""

    def fold(arguments: list[Any], node: Call) -> Any:
        selection = gathered(arguments, node)
        if isinstance(selection, Unknown):
            return selection
        outcome = AnyOf()
        for position, item in enumerate(selection.items):
            value = item if isinstance(item, (bool, Unknown)) else failed(to_text(node), WRONG_KIND)
            if negated:
                value = not3(value)
            doubt = selection.doubts.get(position)
            if outcome.add(value if doubt is None else and3(doubt, value)):
                break
        result = outcome.result(selection.gaps)
        return not3(result) if negated else result

    return fold


AGGREGATES: dict[str, Aggregate] = {
    "count": _count, "any": _boolean(negated=False), "all": _boolean(negated=True),
    **{name: _folded(name) for name in ("sum", "product", "mean", "median", "stddev", "mode", "min", "max")},
}


def list_contains(items: Any, element: Any, node: Node, compared: Callable[[str, Any, Any, Node], Any]) -> Any:
    """``list contains``: as ``element in list``."""
    if isinstance(items, Unknown) or isinstance(element, Unknown):
        return merged((items, element))
    selection = selection_of(items, node)
    if selection is None:
        raise Failure(WRONG_KIND)
    outcome = AnyOf()
    for position, item in enumerate(selection.items):
        met = compared("=", item, element, node)
        doubt = selection.doubts.get(position)
        if outcome.add(met if doubt is None else and3(doubt, met)):
            break
    return outcome.result(selection.gaps)


def distinct_values(items: Any, node: Call) -> Any:
    """``distinct values``: a value that surely occurs is there once; one that may occur, or that is not known and may
    be new, is there in doubt."""
    if isinstance(items, Unknown):
        return settled(items)
    selection = selection_of(items, node.arguments[0])
    if selection is None:
        raise Failure(WRONG_KIND)
    values: list[Any] = []
    doubts: dict[int, Unknown] = {}
    for position, item in enumerate(selection.items):
        doubt = selection.doubts.get(position)
        if isinstance(item, Unknown):
            doubts[len(values)] = merged((doubt, item))
            values.append(settled(item))
            continue
        at = next((n for n, v in enumerate(values) if not isinstance(v, Unknown) and equal(v, item)), None)
        if at is None:
            if doubt is not None:
                doubts[len(values)] = doubt
            values.append(item)
        elif at in doubts:
            if doubt is None:
                del doubts[at]
            else:
                doubts[at] = merged((doubts[at], doubt))
    return simplest(values, doubts, selection.gaps)
