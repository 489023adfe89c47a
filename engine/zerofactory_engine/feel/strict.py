"""Strict mode: unknown is a value that carries its reasons through everything but a test of presence.

This interpreter is the meaning of strict mode. The generated code (:mod:`zerofactory_engine.feel.compiler`) is fast
where all is known and falls back to it; the traces (:mod:`zerofactory_engine.feel.explain`) are made by it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from zerofactory_engine.feel import kernel, operators, tree
from zerofactory_engine.feel.aggregates import AGGREGATES, distinct_values, list_contains
from zerofactory_engine.feel.comparing import Comparing
from zerofactory_engine.feel.env import Env
from zerofactory_engine.feel.functions import BUILTINS, apply, arrange
from zerofactory_engine.feel.house import HouseFunction, call_house
from zerofactory_engine.feel.kernel import Plan
from zerofactory_engine.feel.operators import NOT_COMPUTABLE, WRONG_KIND, Failure
from zerofactory_engine.feel.text import to_text
from zerofactory_engine.feel.tree import Node
from zerofactory_engine.feel.unknowns import (
    MAX_STEPS,
    AnyOf,
    TooManySteps,
    and3,
    blockers,
    failed,
    is_list,
    known,
    merged,
    missing,
    not3,
    selection_of,
    settled,
    simplest,
)
from zerofactory_engine.feel.values import Range, Row, Selection
from zerofactory_engine.feel.walk import free_names
from zerofactory_engine.reasons import Cause, Reason, Unknown

_NUMERIC = (tree.Number, tree.Negate, tree.Arithmetic)


def field_of(item: Any, name: str, subject: str) -> Any:
    """What a row or context has under *name*; None when it has no such name. Empty values come as missing."""
    if isinstance(item, Row):
        cells = item.table.cells(name)
        if cells is None:
            return None
        cell = cells[item.index]
        return item.table.missing(item.index, name) if cell is None else cell
    if isinstance(item, Mapping) and name in item:
        value = item[name]
        return missing(subject) if value is None else value
    return None


class Strict(Comparing):
    """One strict evaluation: the scope, the house functions and the steps taken so far."""

    def __init__(self, scope: Mapping[str, Any], functions: Mapping[str, HouseFunction]) -> None:
        self.scope = scope
        self.functions = functions
        self.steps = 0

    def run(self, node: Node) -> Any:
        """The value of *node*, or an unknown; never raises on data."""
        try:
            return self.eval(node, None)
        except TooManySteps:
            return failed(to_text(node), "reason.too-many-steps")

    def eval(self, node: Node, env: Env | None) -> Any:
        """The value of *node* under *env*. Never None: an empty value is a missing one."""
        return _HANDLERS[type(node)](self, node, env)

    def charge(self, steps: int) -> None:
        """Count the elements of a loop."""
        self.steps += steps
        if self.steps > MAX_STEPS:
            raise TooManySteps

    # -- names and parts -------------------------------------------------------------------------------------------

    def name(self, node: tree.Name, env: Env | None) -> Any:
        """A variable, a column of the row under a filter, or a name of the scope."""
        name = node.name
        while env is not None:
            if env.name == name:
                return env.value
            if env.item and (value := field_of(env.value, name, name)) is not None:
                return value
            env = env.parent
        if name not in self.scope:
            return Unknown(Reason(Cause.VALUE, name, "reason.name-missing"))
        value = self.scope[name]
        return missing(name) if value is None else value

    def path(self, node: tree.Path, env: Env | None) -> Any:
        """``source.name``, over lists element by element."""
        return self.part(self.eval(node.source, env), node)

    def part(self, source: Any, node: tree.Path) -> Any:
        """What *source* has under the name of the path *node*."""
        if isinstance(source, Unknown):
            return settled(source)
        name = node.name
        if isinstance(source, Row):
            value = field_of(source, name, name)
            return failed(to_text(node), "reason.no-such-name") if value is None else value
        if is_list(source):
            return self.column(source, node)
        try:
            value = operators.context_value(source, name)
        except Failure as failure:
            return failed(to_text(node), failure.code)
        return missing(to_text(node)) if value is None else value

    def column(self, source: Any, node: tree.Path) -> Any:
        """The parts of all elements of a list."""
        selection = selection_of(source, node.source)
        assert selection is not None, "asked of lists only"
        if selection.table is not None and selection.column is None:
            if selection.table.cells(node.name) is None:
                return failed(to_text(node), "reason.no-such-name")
            return Selection(None, selection.doubts, selection.gaps, selection.table, selection.rows, node.name)
        self.charge(len(selection))
        items = []
        for number, item in enumerate(selection.items, 1):
            if isinstance(item, Mapping) and not isinstance(item, Row):
                value = item.get(node.name)
                items.append(missing(f"{to_text(node)}[{number}]") if value is None else value)
            else:
                items.append(self.part(item, node))
        return simplest(items, selection.doubts, selection.gaps)

    # -- filters ---------------------------------------------------------------------------------------------------

    def filter(self, node: tree.Filter, env: Env | None) -> Any:
        """``source[condition]``: an index when the condition is a number, otherwise the elements it holds for."""
        source = self.eval(node.source, env)
        if isinstance(source, Unknown):
            return settled(source)
        selection = selection_of(source, node.source)
        if selection is None:
            return failed(to_text(node), WRONG_KIND)
        if self.independent(selection, node):
            value = self.eval(node.condition, env)
            if value.__class__ is Decimal:
                return self.at(selection, value, node)
            if isinstance(value, Unknown) and isinstance(node.condition, _NUMERIC):
                return settled(value)
            verdict = self.truth(value, node.condition)
            return self.kept(selection, [verdict] * len(selection))
        return self.rows(node, selection, env)

    def rows(self, node: tree.Filter, selection: Selection, env: Env | None) -> Any:
        """The elements for which a condition that looks at them holds."""
        self.charge(len(selection))
        condition = node.condition
        self.enter((condition,), env, selection)
        if selection.table is not None and selection.column is None:
            found = self.by_kernel(node, condition, "item", selection, env, negated=False)
            if found is not None:
                self.leave()
                return self.chosen(selection, *found)
        verdicts = [self.truth(self.eval(condition, Env(env, "item", item, item=True)), condition)
                    for item in selection.items]
        self.leave()
        return self.kept(selection, verdicts)

    def by_kernel(self, node: tree.Filter | tree.Quantified, condition: Node, row: str, selection: Selection,
                  env: Env | None, negated: bool) -> tuple[Sequence[int], dict[int, Unknown]] | None:
        """What the generated code for a condition over the rows of a table gives; None when there is none."""
        table = selection.table
        assert table is not None, "asked of tables only"
        columns = table.memo.get("")
        if columns is None:
            columns = table.memo[""] = frozenset((*table.columns, "id"))
        plan = node.memo.get("plan")
        if plan is None or plan.table_columns != columns:
            plan = Plan(condition, row, isinstance(node, tree.Filter), columns, negated)
            node.memo["plan"] = plan
        if not plan.possible:
            return None
        return kernel.run(plan, selection, [self.eval(p, env) for p in plan.outside])

    @staticmethod
    def chosen(selection: Selection, rows: Sequence[int], why: dict[int, Unknown]) -> Selection:
        """*selection* with these rows left; *why* says of some why it is not known whether they belong."""
        if selection.doubts:
            before = {selection.rows[p]: d for p, d in selection.doubts.items()}
            why = {r: merged((before.get(r), why.get(r))) for r in rows if r in before or r in why}
        return Selection(None, {bisect_left(rows, r): d for r, d in why.items()}, selection.gaps, selection.table, rows)

    def enter(self, nodes: tuple[Node, ...], env: Env | None, selection: Selection | None = None) -> None:
        """Called before *nodes* are evaluated once per element (of *selection*, whose columns are names there)."""

    def leave(self) -> None:
        """Called when the loop that :meth:`enter` announced is over."""

    @staticmethod
    def independent(selection: Selection, node: tree.Filter) -> bool:
        """Whether a condition looks at no element: neither ``item`` nor a column or key of one."""
        names = node.memo.get("names")
        if names is None:
            names = node.memo["names"] = free_names(node.condition)
        if "item" in names:
            return False
        if selection.table is not None and selection.column is None:
            return all(selection.table.cells(n) is None for n in names)
        return not any(isinstance(i, Mapping) and n in i for i in selection.items for n in names)

    @staticmethod
    def kept(selection: Selection, verdicts: Sequence[Any]) -> Any:
        """The elements that belong or may belong."""
        doubts: dict[int, Unknown] = {}
        positions: list[int] = []
        for position, verdict in enumerate(verdicts):
            if verdict is False:
                continue
            if (doubt := selection.doubts.get(position)) is not None:
                verdict = merged((doubt, verdict))
            if verdict is not True:
                doubts[len(positions)] = verdict
            positions.append(position)
        if selection.table is not None:
            rows = [selection.rows[p] for p in positions]
            return Selection(None, doubts, selection.gaps, selection.table, rows, selection.column)
        items = [selection.items[p] for p in positions]
        return simplest(items, doubts, selection.gaps)

    def at(self, selection: Selection, index: Decimal, node: tree.Filter) -> Any:
        """The element at *index*, counted from 1, or from the end when negative."""
        if index != index.to_integral_value() or not index:
            return failed(to_text(node), NOT_COMPUTABLE)
        if found := blockers(selection, values=False):
            return merged(found)
        position = int(index) - 1 if index > 0 else len(selection) + int(index)
        if not 0 <= position < len(selection):
            return missing(to_text(node), "reason.no-such-item")
        return selection.items[position]

    # -- operators -------------------------------------------------------------------------------------------------

    def arithmetic(self, node: tree.Arithmetic, env: Env | None) -> Any:
        """``+ - * / **``."""
        left, right = self.eval(node.left, env), self.eval(node.right, env)
        if isinstance(left, Unknown) or isinstance(right, Unknown):
            return merged((left, right))
        try:
            return operators.arithmetic(node.op, left, right)
        except Failure as failure:
            return failed(to_text(node), failure.code)

    def negate(self, node: tree.Negate, env: Env | None) -> Any:
        """``-operand``."""
        value = self.eval(node.operand, env)
        if isinstance(value, Unknown):
            return settled(value)
        try:
            return operators.negate(value)
        except Failure as failure:
            return failed(to_text(node), failure.code)

    def conditional(self, node: tree.If, env: Env | None) -> Any:
        """``if``: an unknown condition makes the whole unknown."""
        verdict = self.truth(self.eval(node.condition, env), node.condition)
        if isinstance(verdict, Unknown):
            return verdict
        return self.eval(node.yes if verdict else node.no, env)

    def instance_of(self, node: tree.InstanceOf, env: Env | None) -> Any:
        """``operand instance of type`` for the plain types."""
        value = self.eval(node.operand, env)
        if isinstance(value, Unknown):
            return settled(value)
        return node.type in ("Any", operators.kind_of(value)) or node.type.startswith(f"{operators.kind_of(value)}<")

    # -- loops -----------------------------------------------------------------------------------------------------

    def domain(self, iterator: tree.Iterator, env: Env | None) -> Selection | Unknown:
        """The elements that a variable runs over."""
        first = self.eval(iterator.domain, env)
        if iterator.end is not None:
            last = self.eval(iterator.end, env)
            if isinstance(first, Unknown) or isinstance(last, Unknown):
                return merged((first, last))
            return self.counted(first, last, iterator)
        if isinstance(first, Unknown):
            return settled(first)
        if isinstance(first, Range) and first.low_closed and first.high_closed:
            if isinstance(first.low, Unknown) or isinstance(first.high, Unknown):
                return merged((first.low, first.high))
            return self.counted(first.low, first.high, iterator)
        selection = selection_of(first, iterator.domain)
        if selection is None:
            return failed(to_text(iterator), WRONG_KIND)
        self.charge(len(selection))
        return selection

    def counted(self, first: Any, last: Any, iterator: tree.Iterator) -> Selection | Unknown:
        """Whole numbers from *first* to *last*, downwards when *last* is smaller."""
        if first.__class__ is not Decimal or last.__class__ is not Decimal:
            return failed(to_text(iterator), WRONG_KIND)
        if first != first.to_integral_value() or last != last.to_integral_value():
            return failed(to_text(iterator), NOT_COMPUTABLE)
        if abs(last - first) > MAX_STEPS:
            raise TooManySteps
        a, b = int(first), int(last)
        self.charge(abs(b - a) + 1)
        return Selection([Decimal(n) for n in (range(a, b + 1) if a <= b else range(a, b - 1, -1))], {})

    def quantified(self, node: tree.Quantified, env: Env | None) -> Any:
        """``some``/``every``: one definite row decides; otherwise doubts, unknowns and gaps carry."""
        alone = node if len(node.iterators) == 1 and node.iterators[0].end is None else None
        if node.kind == "some":
            return self.exists(node.iterators, node.condition, env, negated=False, node=alone)
        return not3(self.exists(node.iterators, node.condition, env, negated=True, node=alone))

    def exists(self, iterators: tuple[tree.Iterator, ...], condition: Node, env: Env | None, negated: bool,
               node: tree.Quantified | None = None) -> Any:
        """Whether the condition (or its negation) holds for some combination of elements; *node*: of one variable."""
        if not iterators:
            verdict = self.truth(self.eval(condition, env), condition)
            return not3(verdict) if negated else verdict
        domain = self.domain(iterators[0], env)
        if isinstance(domain, Unknown):
            return domain
        outcome = AnyOf()
        self.enter((*iterators[1:], condition), env)
        if node is not None and domain.table is not None and domain.column is None:
            found = self.by_kernel(node, condition, iterators[0].name, domain, env, negated)
            if found is not None:
                self.leave()
                left = self.chosen(domain, *found)
                outcome.found = len(left.rows) > len(left.doubts)
                outcome.unknowns.extend(left.doubts[p] for p in sorted(left.doubts))
                return outcome.result(domain.gaps)
        for position, item in enumerate(domain.items):
            inner = self.exists(iterators[1:], condition, Env(env, iterators[0].name, item), negated)
            doubt = domain.doubts.get(position)
            if outcome.add(inner if doubt is None else and3(doubt, inner)):
                break
        self.leave()
        return outcome.result(domain.gaps)

    def loop(self, node: tree.For, env: Env | None) -> Any:
        """``for … return``: a list of what the body gives."""
        items: list[Any] = []
        doubts: dict[int, Unknown] = {}
        gaps: dict[Reason, None] = {}
        unknowns: list[Unknown] = []

        def visit(iterators: tuple[tree.Iterator, ...], env: Env | None, doubt: Unknown | None) -> None:
            if not iterators:
                if doubt is not None:
                    doubts[len(items)] = doubt
                items.append(self.eval(node.body, env))
                return
            domain = self.domain(iterators[0], env)
            if isinstance(domain, Unknown):
                unknowns.append(domain)
                return
            gaps.update(dict.fromkeys(domain.gaps))
            self.enter((*iterators[1:], node.body), env)
            for position, item in enumerate(domain.items):
                more = domain.doubts.get(position)
                both = doubt if more is None else more if doubt is None else merged((doubt, more))
                visit(iterators[1:], Env(env, iterators[0].name, item), both)
            self.leave()

        visit(node.iterators, env, None)
        return merged(unknowns) if unknowns else simplest(items, doubts, tuple(gaps))

    # -- making and calling ----------------------------------------------------------------------------------------

    def list_of(self, node: tree.ListOf, env: Env | None) -> Any:
        """``[a, b]``; elements may be unknown."""
        return [self.eval(item, env) for item in node.items]

    def interval(self, node: tree.Interval, env: Env | None) -> Any:
        """A range; an end may be unknown."""
        return Range(self.eval(node.low, env), self.eval(node.high, env), node.low_closed, node.high_closed)

    def context_of(self, node: tree.ContextOf, env: Env | None) -> Any:
        """``{key: value}``."""
        made: dict[str, Any] = {}
        for key, value in node.entries:
            made[key] = self.eval(value, env)
            env = Env(env, key, made[key])
        return made

    def call(self, node: tree.Call, env: Env | None) -> Any:
        """A house function or a built-in."""
        if not isinstance(node.function, tree.Name):
            return failed(to_text(node), "reason.no-such-function")
        return self.called(node, [self.eval(a, env) for a in node.arguments])

    def called(self, node: tree.Call, arguments: list[Any]) -> Any:
        """The result of the function that *node* calls, for these arguments."""
        assert isinstance(node.function, tree.Name), "only names are called"
        name = node.function.name
        house = self.functions.get(name)
        if house is not None:
            return self.house(house, node, arguments)
        builtin = BUILTINS.get(name)
        if builtin is None:
            code = "reason.clock-refused" if name in ("today", "now") else "reason.no-such-function"
            return failed(to_text(node), code)
        try:
            arguments = arrange(builtin, arguments, node.names)
            if name == "not" and len(arguments) == 1:
                return not3(self.truth(arguments[0], node))
            if name in AGGREGATES:
                return AGGREGATES[name](arguments, node)
            if name == "distinct values" and len(arguments) == 1:
                return distinct_values(arguments[0], node)
            if name == "list contains" and len(arguments) == 2:
                return list_contains(arguments[0], arguments[1], node, self.compared)
            ready = [known(a, n) for a, n in zip(arguments, node.arguments, strict=True)]
            if any(isinstance(a, Unknown) for a in ready):
                return merged(ready)
            value = apply(builtin, ready, coerce=False)
        except Failure as failure:
            return failed(to_text(node), failure.code)
        return failed(to_text(node), "reason.no-result") if value is None else value

    def house(self, house: HouseFunction, node: tree.Call, arguments: list[Any]) -> Any:
        """The result of a house function, its arguments in the order of its parameters."""
        nodes: Sequence[Node] = node.arguments
        if node.names:
            given = dict(zip(node.names, arguments, strict=True))
            wanted = [p.rstrip("?") for p in house.parameters]
            present = [p in given for p in wanted]
            if not set(given) <= set(wanted) or present != sorted(present, reverse=True):
                return failed(to_text(node), "reason.wrong-arguments")
            arguments = [given[p] for p in wanted if p in given]
            nodes = [node.arguments[node.names.index(p)] for p in wanted if p in given]
        arguments = [s.items if isinstance(a, (list, tuple)) and (s := selection_of(a, n)) else a
                     for a, n in zip(arguments, nodes, strict=True)]
        value = call_house(house, self.scope, arguments, node)
        return missing(to_text(node)) if value is None else value


_HANDLERS: dict[type[Node], Callable[[Any, Any, Env | None], Any]] = {
    tree.Number: lambda self, node, env: node.value,
    tree.String: lambda self, node, env: node.value,
    tree.Boolean: lambda self, node, env: node.value,
    tree.Null: lambda self, node, env: failed("null", "reason.null-value"),
    tree.Temporal: lambda self, node, env: failed(to_text(node), WRONG_KIND) if node.value is None else node.value,
    tree.Name: Strict.name, tree.Path: Strict.path, tree.Filter: lambda self, node, env: self.filter(node, env),
    tree.Negate: Strict.negate, tree.Arithmetic: Strict.arithmetic, tree.Compare: Strict.compare,
    tree.Between: Strict.between, tree.In: Strict.contained, tree.Logic: lambda self, node, env: self.logic(node, env),
    tree.If: Strict.conditional, tree.Quantified: lambda self, node, env: self.quantified(node, env),
    tree.For: Strict.loop, tree.InstanceOf: Strict.instance_of, tree.ListOf: Strict.list_of,
    tree.Interval: Strict.interval, tree.ContextOf: Strict.context_of, tree.Call: Strict.call,
    tree.Function: lambda self, node, env: failed(to_text(node), "reason.no-such-function"),
}
