"""Unknown values in strict mode: joining their reasons, three-valued logic, lists of which not all is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from zerofactory_engine.feel.columns import holes_among
from zerofactory_engine.feel.text import to_text
from zerofactory_engine.feel.tree import Node
from zerofactory_engine.feel.values import Missing, Range, Row, Selection, Table
from zerofactory_engine.reasons import Cause, Reason, Unknown

#: Elements that the loops of one evaluation may visit.
MAX_STEPS: Final = 500_000


class TooManySteps(Exception):  # noqa: N818 - an outcome of an evaluation, never shown
    """An evaluation that would visit more than :data:`MAX_STEPS` elements."""


def merged(values: Iterable[Any]) -> Unknown:
    """One unknown with the reasons of all unknowns among *values*, in their order. It is never a missing value."""
    found = [v for v in values if isinstance(v, Unknown)]
    if len(found) == 1 and found[0].__class__ is Unknown:
        return found[0]
    return Unknown(*[r for v in found for r in v.reasons])


def settled(value: Unknown) -> Unknown:
    """*value* after it was used: what was missing is now unknown."""
    return value if value.__class__ is Unknown else Unknown(*value.reasons)


def failed(subject: str, code: str) -> Unknown:
    """What is not computable: *subject* is the text of the expression, *code* says why."""
    return Unknown(Reason(Cause.ARITHMETIC, subject, code))


def missing(subject: str, code: str = "reason.value-missing") -> Missing:
    """A value that was left empty; *subject* names it."""
    return Missing(Reason(Cause.VALUE, subject, code))


def not3(value: Any) -> Any:
    """Three-valued not of True, False or an unknown."""
    return settled(value) if isinstance(value, Unknown) else not value


def and3(left: Any, right: Any) -> Any:
    """Three-valued and: false absorbs."""
    if left is False or right is False:
        return False
    if left is True:
        return right if right is True else settled(right)
    return settled(left) if right is True else merged((left, right))


def or3(left: Any, right: Any) -> Any:
    """Three-valued or: true absorbs."""
    if left is True or right is True:
        return True
    if left is False:
        return right if right is False else settled(right)
    return settled(left) if right is False else merged((left, right))


class AnyOf:
    """Three-valued or over many operands, one after the other. True is final; otherwise unknowns are gathered."""

    __slots__ = ("found", "unknowns")

    def __init__(self) -> None:
        self.found = False
        self.unknowns: list[Unknown] = []

    def add(self, value: Any) -> bool:
        """Take one operand; whether the outcome is final."""
        if value is True:
            self.found = True
        elif value is not False:
            self.unknowns.append(value)
        return self.found

    def result(self, gaps: tuple[Reason, ...] = ()) -> Any:
        """True, False or an unknown; *gaps* say why there may be operands that nobody has seen."""
        if self.found:
            return True
        if gaps:
            return merged((*self.unknowns, Unknown(*gaps)))
        return merged(self.unknowns) if self.unknowns else False


def is_list(value: Any) -> bool:
    """Whether strict mode treats *value* as a list."""
    return isinstance(value, (list, tuple, Table, Selection))


def selection_of(value: Any, subject: Node | str) -> Selection | None:
    """*value* as a selection (all rows of a table; all elements of a list); None when it is no list.

    *subject* (or its text) names the list in the reasons of its empty elements.
    """
    if isinstance(value, Selection):
        return value
    if isinstance(value, Table):
        return Selection(None, {}, value.gaps, value, range(len(value)))
    if isinstance(value, (list, tuple)):
        if any(v is None for v in value):
            subject = subject if isinstance(subject, str) else to_text(subject)
            value = [missing(f"{subject}[{n}]") if v is None else v for n, v in enumerate(value, 1)]
        return Selection(value, {})
    return None


def simplest(items: Sequence[Any], doubts: Mapping[int, Unknown], gaps: tuple[Reason, ...]) -> Any:
    """A plain list when everything about it is known, otherwise a selection."""
    return Selection(items, doubts, gaps) if doubts or gaps else list(items)


def blockers(selection: Selection, values: bool = True) -> list[Unknown]:
    """Why an aggregate over *selection* is not known: doubts and (with *values*) unknown elements, then its gaps."""
    doubts = selection.doubts
    if values:
        table, name = selection.table, selection.column
        if table is not None and name is not None:
            unsure = holes_among(table, name, selection.rows)
        else:
            unsure = {n: item for n, item in enumerate(selection.items) if isinstance(item, Unknown)}
        found = list(unsure.values())
        if doubts:
            found = [u for n in sorted({*doubts, *unsure}) for u in (doubts.get(n), unsure.get(n)) if u is not None]
    else:
        found = [doubts[position] for position in sorted(doubts)]
    if selection.gaps:
        found.append(Unknown(*selection.gaps))
    return found


def known(value: Any, subject: Node | str) -> Any:
    """*value* with everything in it known and tables as lists of contexts, or one unknown with all that is not."""
    if isinstance(value, Unknown):
        return settled(value)
    if isinstance(value, Row):
        table, index = value.table, value.index
        return known({k: table.missing(index, k) if v is None else v for k, v in value.items()}, subject)
    if isinstance(value, Mapping):
        text = subject if isinstance(subject, str) else to_text(subject)
        inner = {key: known(missing(f"{text}.{key}") if v is None else v, f"{text}.{key}") for key, v in value.items()}
        return merged(inner.values()) if any(isinstance(v, Unknown) for v in inner.values()) else inner
    if isinstance(value, Range):
        ends = (value.low, value.high)
        return merged(ends) if any(isinstance(e, Unknown) for e in ends) else value
    selection = selection_of(value, subject)
    if selection is None:
        return value
    if found := blockers(selection):
        return merged(found)
    items = [known(item, subject) for item in selection.items]
    return merged(items) if any(isinstance(v, Unknown) for v in items) else items
