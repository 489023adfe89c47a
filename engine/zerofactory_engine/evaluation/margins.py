"""Signed distances to thresholds, and which comparison of a condition decides.

Of a conjunction the worst leaf decides, of a disjunction the best, of ``every`` the worst row and of ``some`` the best;
leaves of different units are compared by their relative distances. Positive is on the good side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.reasons import Unknown

_INFINITE = Decimal("Infinity")
_NEGATED = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "=": "!=", "!=": "="}


@dataclass(frozen=True, slots=True)
class Leaf:
    """A comparison with its truth: *left* is the value, *right* the threshold; without *operator* it is none.

    *truth* is True, False or :class:`Unknown`. *row* names the row when the leaf stands in a quantifier. A *vacuous*
    leaf asks nothing: the standard sets no limit there.
    """

    text: str
    truth: Any
    left: Any = None
    operator: str | None = None
    right: Any = None
    row: str | None = None
    node: Any = None
    vacuous: bool = False

    @property
    def distance(self) -> Decimal | None:
        """Signed distance to the threshold in base units; None when the leaf is not a comparison of known numbers."""
        left, right = self.left, self.right
        if self.operator is None or not isinstance(left, Decimal) or not isinstance(right, Decimal):
            return None
        gap = CONTEXT.subtract(left, right)
        match self.operator:
            case ">" | ">=":
                return gap
            case "<" | "<=":
                return -gap if gap else gap
            case "!=":
                return abs(gap)
            case _:
                return -abs(gap) if gap else gap

    @property
    def relative(self) -> Decimal | None:
        """The distance over the threshold's magnitude; None without distance or with a threshold of zero."""
        distance = self.distance
        if distance is None or not self.right:
            return None
        return CONTEXT.divide(distance, abs(self.right))

    @property
    def rank(self) -> Decimal | None:
        """By what leaves are compared: the relative distance; at a threshold of zero only its side counts."""
        relative, distance = self.relative, self.distance
        if relative is not None or distance is None:
            return relative
        return _INFINITE.copy_sign(distance) if distance else distance


def negate(leaf: Leaf) -> Leaf:
    """The leaf of the opposite comparison."""
    if leaf.vacuous:
        return leaf
    truth = leaf.truth if isinstance(leaf.truth, Unknown) else not leaf.truth
    operator = _NEGATED[leaf.operator] if leaf.operator is not None else None
    return replace(leaf, truth=truth, operator=operator, text=f"not({leaf.text})")


def all_of(leaves: Sequence[Leaf], text: str) -> Leaf:
    """The deciding leaf of a conjunction: the worst; vacuously true without leaves.

    A false leaf that is no comparison decides before others: no number repairs it. What asks nothing takes no part.
    """
    leaves = [leaf for leaf in leaves if not leaf.vacuous] or list(leaves)
    false = [leaf for leaf in leaves if leaf.truth is False]
    if false:
        return next((leaf for leaf in false if leaf.rank is None), None) or min(false, key=_rank)
    if unknown := _unknown(leaves):
        return unknown
    if ranked := [leaf for leaf in leaves if leaf.rank is not None]:
        return min(ranked, key=_rank)
    return leaves[0] if leaves else Leaf(text, True)


def any_of(leaves: Sequence[Leaf], text: str) -> Leaf:
    """The deciding leaf of a disjunction: the best; false without leaves.

    A comparison decides before a leaf that is none, because its distance says what to change. Where one branch asks
    nothing, nothing is asked.
    """
    if nothing := next((leaf for leaf in leaves if leaf.vacuous), None):
        return nothing
    true = [leaf for leaf in leaves if leaf.truth is True]
    unknown = None if true else _unknown(leaves)
    if unknown:
        return unknown
    among = true or list(leaves)
    if ranked := [leaf for leaf in among if leaf.rank is not None]:
        return max(ranked, key=_rank)
    return among[0] if among else Leaf(text, False)


def _unknown(leaves: Sequence[Leaf]) -> Leaf | None:
    """The first leaf that is not known, with the reasons of all of them."""
    unknown = [leaf for leaf in leaves if isinstance(leaf.truth, Unknown)]
    if not unknown:
        return None
    return replace(unknown[0], truth=unknown[0].truth.merge(*(leaf.truth for leaf in unknown[1:])))


def _rank(leaf: Leaf) -> Decimal:
    rank = leaf.rank
    assert rank is not None
    return rank
