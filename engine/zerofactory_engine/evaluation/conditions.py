"""From a condition's tree and its values to the comparison that decides it (:mod:`.margins` has the algebra)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

from zerofactory_engine import feel
from zerofactory_engine.evaluation.margins import Leaf, all_of, any_of, negate
from zerofactory_engine.feel import tree
from zerofactory_engine.feel.values import Row, Table
from zerofactory_engine.reasons import Unknown

_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}


class Decider:
    """Decides conditions: which leaf, with which value against which threshold.

    *evaluate* gives the value of a node over a scope. *limits* are the names that are limits (parameters): a comparison
    with only limits and literals on its left side is turned round. *unasked* are names whose limit is `none`.
    """

    def __init__(self, evaluate: Callable[[tree.Node, Mapping[str, Any]], Any], limits: Collection[str],
                 unasked: frozenset[str]) -> None:
        self._evaluate = evaluate
        self._limits = limits
        self._unasked = unasked

    def decide(self, node: tree.Node, scope: Mapping[str, Any]) -> Leaf:
        """The deciding leaf of *node* over *scope*; its truth is that of the whole."""
        match node:
            case tree.Logic(op="and"):
                return all_of([self.decide(node.left, scope), self.decide(node.right, scope)], feel.to_text(node))
            case tree.Logic():
                return any_of([self.decide(node.left, scope), self.decide(node.right, scope)], feel.to_text(node))
            case tree.Call(function=tree.Name(name="not"), arguments=(operand,)):
                return negate(self.decide(operand, scope))
            case tree.If():
                return self._if(node, scope)
            case tree.Quantified():
                return self._quantified(node, scope)
        if not self._unasked or not self._unasked & feel.free_names(node):
            return self._leaf(node, scope)
        return Leaf(feel.to_text(node), True, node=node, vacuous=True)

    def _leaf(self, node: tree.Node, scope: Mapping[str, Any]) -> Leaf:
        text = feel.to_text(node)
        truth = self._evaluate(node, scope)
        match node:
            case tree.Compare() if not isinstance(node.left, tree.Null) and not isinstance(node.right, tree.Null):
                return self._compare(text, truth, node.op, node.left, node.right, scope)
            case tree.Between():
                low = self._part(">=", node.operand, node.low, scope)
                high = self._part("<=", node.operand, node.high, scope)
                return replace(all_of([low, high], text), text=text, truth=truth)
            case tree.In():
                parts = [self._test(node.operand, test, scope) for test in node.tests]
                if all(p is not None for p in parts):
                    return replace(any_of([p for p in parts if p is not None], text), text=text, truth=truth)
        return Leaf(text, truth, node=node)

    def _compare(self, text: str, truth: Any, op: str, left: tree.Node, right: tree.Node,
                 scope: Mapping[str, Any]) -> Leaf:
        if self._is_limit(left) and not self._is_limit(right):
            left, right, op = right, left, _MIRRORED[op]
        node = tree.Compare(op, left, right)  # type: ignore[arg-type]  # op is one of the six
        return Leaf(text, truth, self._evaluate(left, scope), op, self._evaluate(right, scope), node=node)

    def _part(self, op: str, left: tree.Node, right: tree.Node, scope: Mapping[str, Any]) -> Leaf:
        """A comparison that the text does not spell out, with its own truth."""
        node = tree.Compare(op, left, right)  # type: ignore[arg-type]  # op is one of the six
        return self._compare(feel.to_text(node), self._evaluate(node, scope), op, left, right, scope)

    def _test(self, operand: tree.Node, test: tree.Node, scope: Mapping[str, Any]) -> Leaf | None:
        """One test of ``in`` as a leaf; None when it is no comparison of magnitudes."""
        match test:
            case tree.Interval():
                low = self._part(">=" if test.low_closed else ">", operand, test.low, scope)
                high = self._part("<=" if test.high_closed else "<", operand, test.high, scope)
                return all_of([low, high], feel.to_text(test))
            case tree.UnaryTest():
                return self._part(test.op, operand, test.operand, scope)
        return None

    def _if(self, node: tree.If, scope: Mapping[str, Any]) -> Leaf:
        chosen = self._evaluate(node.condition, scope)
        if isinstance(chosen, bool):
            return self.decide(node.yes if chosen else node.no, scope)
        return Leaf(feel.to_text(node), self._evaluate(node, scope), node=node)

    def _quantified(self, node: tree.Quantified, scope: Mapping[str, Any]) -> Leaf:
        """The worst row of ``every``, the best of ``some``; the truth is that of the whole, with gaps and doubts."""
        text = feel.to_text(node)
        first, rest = node.iterators[0], node.iterators[1:]
        inner = replace(node, iterators=rest, memo={}) if rest else node.condition
        truth = None if self._unasked and self._unasked & feel.free_names(node) else self._evaluate(node, scope)
        domain = None if first.end is not None else self._evaluate(first.domain, scope)
        if isinstance(domain, Table):
            domain = [Row(domain, index) for index in range(len(domain))]
        if domain is None or isinstance(domain, (Unknown, str)) or not hasattr(domain, "__iter__"):
            return Leaf(text, self._evaluate(node, scope) if truth is None else truth, node=node)
        leaves = []
        for item in domain:
            leaf = self.decide(inner, {**scope, first.name: item})
            if isinstance(item, Row) and leaf.row is None:
                leaf = replace(leaf, row=f"{item.table.name}/{item.id}")
            leaves.append(leaf)
        decided = (all_of if node.kind == "every" else any_of)(leaves, text)
        if decided.vacuous or truth is None:
            return decided
        same = isinstance(decided.truth, Unknown) if isinstance(truth, Unknown) else decided.truth is truth
        return replace(decided, truth=truth) if same else Leaf(text, truth, node=node)

    def _is_limit(self, node: tree.Node) -> bool:
        """Whether *node* is made of limits and literals alone."""
        return all(name in self._limits for name in feel.free_names(node))
