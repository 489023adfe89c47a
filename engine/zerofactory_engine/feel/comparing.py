"""The part of strict mode that gives truth values: logic, comparison, ``between`` and ``in``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from zerofactory_engine.feel import operators, tree
from zerofactory_engine.feel.env import Env
from zerofactory_engine.feel.operators import WRONG_KIND, Failure
from zerofactory_engine.feel.text import to_text
from zerofactory_engine.feel.tree import Node
from zerofactory_engine.feel.unknowns import (
    AnyOf,
    and3,
    failed,
    is_list,
    known,
    merged,
    not3,
    or3,
    selection_of,
    settled,
)
from zerofactory_engine.feel.values import Missing, Range
from zerofactory_engine.reasons import Unknown


class Comparing:
    """Truth values of strict mode; the evaluation itself comes from the class that inherits from this one."""

    if TYPE_CHECKING:
        def eval(self, node: Node, env: Env | None) -> Any:
            """The value of *node*."""

        def charge(self, steps: int) -> None:
            """Count the elements of a loop."""

    def truth(self, value: Any, node: Node) -> Any:
        """*value* as a truth value: anything but true, false and unknown is unknown, of the wrong kind."""
        if value is True or value is False:
            return value
        return settled(value) if isinstance(value, Unknown) else failed(to_text(node), WRONG_KIND)

    def logic(self, node: tree.Logic, env: Env | None) -> Any:
        """``and``/``or``; the right side is looked at only when it matters."""
        final = node.op == "or"
        left = self.truth(self.eval(node.left, env), node.left)
        if left is final:
            return final
        right = self.truth(self.eval(node.right, env), node.right)
        return or3(left, right) if final else and3(left, right)

    def compare(self, node: tree.Compare, env: Env | None) -> Any:
        """A comparison, or a test of presence when ``null`` stands on one side of ``=`` or ``!=``."""
        for literal, other in ((node.right, node.left), (node.left, node.right)):
            if isinstance(literal, tree.Null) and node.op in ("=", "!="):
                value = self.eval(other, env)
                absent = isinstance(value, Missing)
                if isinstance(value, Unknown) and not absent:
                    return value
                return absent if node.op == "=" else not absent
        return self.compared(node.op, self.eval(node.left, env), self.eval(node.right, env), node)

    def compared(self, op: str, left: Any, right: Any, node: Node) -> Any:
        """``left op right`` of any values; *node* is named when the kinds do not fit."""
        if isinstance(left, Unknown) or isinstance(right, Unknown):
            return merged((left, right))
        try:
            if op in ("=", "!="):
                outcome = self.same(left, right, node)
                return outcome if op == "=" else not3(outcome)
            return operators.compare(op, left, right)
        except Failure as failure:
            return failed(to_text(node), failure.code)

    def same(self, left: Any, right: Any, node: Node) -> Any:
        """Equality; lists and contexts part by part, three-valued."""
        if isinstance(left, (Mapping, Range)) or is_list(left) or isinstance(right, Mapping) or is_list(right):
            a, b = known(left, node), known(right, node)
            if isinstance(a, Unknown) or isinstance(b, Unknown):
                return merged((a, b))
            if isinstance(a, list) and isinstance(b, list):
                return len(a) == len(b) and self.all_same(zip(a, b, strict=True), node)
            if isinstance(a, dict) and isinstance(b, dict):
                return a.keys() == b.keys() and self.all_same(((v, b[k]) for k, v in a.items()), node)
            left, right = a, b
        return operators.equal(left, right)

    def all_same(self, pairs: Iterable[tuple[Any, Any]], node: Node) -> bool:
        """Whether all pairs are equal; parts of different kinds make the whole fail."""
        outcomes = [self.same(a, b, node) for a, b in pairs]
        return all(outcomes)

    def between(self, node: tree.Between, env: Env | None) -> Any:
        """``low <= operand and operand <= high``."""
        value = self.eval(node.operand, env)
        above = self.compared(">=", value, self.eval(node.low, env), node)
        return and3(above, self.compared("<=", value, self.eval(node.high, env), node))

    def contained(self, node: tree.In, env: Env | None) -> Any:
        """``operand in tests``: one test has to hold."""
        value = self.eval(node.operand, env)
        outcome = AnyOf()
        for test in node.tests:
            if outcome.add(self.test(value, test, env, node)):
                break
        return outcome.result()

    def test(self, value: Any, test: Node, env: Env | None, node: Node) -> Any:
        """Whether *value* meets one test behind ``in``."""
        if isinstance(test, tree.UnaryTest):
            return self.compared(test.op, value, self.eval(test.operand, env), node)
        wanted = self.eval(test, env)
        if isinstance(wanted, Range) and isinstance(value, Unknown):
            return self.in_unsure_range(value, wanted, node)
        if isinstance(value, Unknown) or isinstance(wanted, Unknown):
            return merged((value, wanted))
        selection = None if is_list(value) else selection_of(wanted, test)
        if selection is None:
            return self.meets(value, wanted, node)
        self.charge(len(selection))
        outcome = AnyOf()
        for position, item in enumerate(selection.items):
            met = self.meets(value, item, node)
            doubt = selection.doubts.get(position)
            if outcome.add(met if doubt is None else and3(doubt, met)):
                break
        return outcome.result(selection.gaps)

    def meets(self, value: Any, wanted: Any, node: Node) -> Any:
        """Whether *value* lies in the range *wanted* or equals it."""
        if not isinstance(wanted, Range) or isinstance(value, Range):
            return self.compared("=", value, wanted, node)
        if isinstance(wanted.low, Unknown) or isinstance(wanted.high, Unknown):
            return self.in_unsure_range(value, wanted, node)
        try:
            return operators.in_range(value, wanted)
        except Failure as failure:
            return failed(to_text(node), failure.code)

    def in_unsure_range(self, value: Any, wanted: Range, node: Node) -> Any:
        """As :meth:`meets` when the value or an end is not known: the other end may settle it."""
        above = self.compared(">=" if wanted.low_closed else ">", value, wanted.low, node)
        return and3(above, self.compared("<=" if wanted.high_closed else "<", value, wanted.high, node))
