"""Functions that the callers of the language add to it: ``total``, ``figure``, ``convert``, ``answers`` …"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from zerofactory_engine.feel.columns import column
from zerofactory_engine.feel.operators import Failure, guarded
from zerofactory_engine.feel.text import to_text
from zerofactory_engine.feel.tree import Node
from zerofactory_engine.feel.unknowns import blockers, failed, merged, selection_of, settled
from zerofactory_engine.feel.values import FeelType, Kind, number
from zerofactory_engine.reasons import Unknown

ZERO = Decimal(0)


class Refusal(Exception):  # noqa: N818 - it is an answer, not a mistake
    """Raised by ``HouseFunction.infer`` for arguments that the function does not take; becomes a problem at the place
    of the argument with the (0-based) index *argument*."""

    def __init__(self, code: str, found: str | None = None, accepted: str | None = None, example: str | None = None,
                 argument: int = 0) -> None:
        super().__init__(code)
        self.code = code
        self.found = found
        self.accepted = accepted
        self.example = example
        self.argument = argument


Infer = Callable[[Sequence[FeelType], Sequence[Node]], FeelType]


@dataclass(frozen=True, slots=True)
class HouseFunction:
    """A function of the house.

    *parameters* are their names in order; a name that ends in ``?`` may be left out (and then is not passed). ``infer``
    gets the types of the arguments and their trees (a literal argument is a ``String`` node) and gives the type of the
    result or raises :class:`Refusal`. ``call(scope, *arguments)`` gets the scope of the evaluation first, so that the
    function can find what belongs to the case; it gives a value, ``None`` (missing), a ``Table`` or an ``Unknown``. It
    is not called when an argument is unknown, unless it *takes_unknown*. Lists arrive as they are: list, ``Table`` or
    ``Selection``.
    """

    name: str
    parameters: tuple[str, ...]
    infer: Infer
    call: Callable[..., Any]
    takes_unknown: bool = False

    @property
    def required(self) -> int:
        """How many arguments have to be given."""
        return sum(not p.endswith("?") for p in self.parameters)


def call_house(function: HouseFunction, scope: Mapping[str, Any], arguments: Sequence[Any], node: Node) -> Any:
    """The result of a house function that *node* calls."""
    if not function.required <= len(arguments) <= len(function.parameters):
        return failed(to_text(node), "reason.wrong-arguments")
    if not function.takes_unknown and any(isinstance(a, Unknown) for a in arguments):
        return merged(arguments)
    try:
        return guarded(lambda: function.call(scope, *arguments))
    except Failure as failure:
        return failed(to_text(node), failure.code)


def _infer_total(types: Sequence[FeelType], nodes: Sequence[Node]) -> FeelType:
    given = types[0]
    element = given.element if given.kind is Kind.LIST else None
    if given.kind is Kind.ANY or (element is not None and element.kind is Kind.ANY):
        return number(None)
    if element is None or element.kind not in (Kind.NUMBER, Kind.NULL):
        raise Refusal("feel.argument-kind", found=str(given), accepted="list of number",
                      example='total(electricity[flow = "consumed"].MWh)')
    return number(element.dimension)


def total(scope: Mapping[str, Any], values: Any) -> Any:
    """The house's sum: 0 for an empty selection of a complete table; unknown, with every reason, when a row may or may
    not belong, a value is not known or the table is not complete."""
    if isinstance(values, Unknown):
        return settled(values)
    selection = selection_of(values, "total")
    if selection is None:
        raise Failure
    if found := blockers(selection):
        return merged(found)
    table, name = selection.table, selection.column
    if table is not None and name is not None:
        known = column(table, name)
        if known is not None and known.kind is Decimal:
            return sum(map(known.cells.__getitem__, selection.rows), ZERO)
    return sum_of(selection.items)


def sum_of(items: Sequence[Any]) -> Any:
    """The exact sum of numbers, 0 of none.

    Raises:
        Failure: an item is no number.
    """
    if any(v.__class__ is not Decimal for v in items):
        raise Failure
    return sum(items, ZERO)


TOTAL = HouseFunction("total", ("list",), _infer_total, total, takes_unknown=True)
