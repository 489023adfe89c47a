"""A pack as a program: every expression compiled once, with what it needs and which readings it reaches.

Everything that has a value is a *cell* under a key of :mod:`zerofactory_engine.rulepack.graph`: a shared parameter or
quantity (``electricity_consumed``), a local one (``ZCF-1.2/entry_share``), and of each criterion whether it applies
(``ZCF-1.2?``), its levels' conditions (``ZCF-1.2#entry``), their own applicability (``ZCF-1.2?entry``) and due dates
(``ZCF-1.2!entry``).
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any

from zerofactory_engine import feel
from zerofactory_engine.accounting.vocabulary import derived_types
from zerofactory_engine.evaluation.functions import OF_CASE, functions
from zerofactory_engine.feel import tree
from zerofactory_engine.rulepack.graph import Graph, leaves, readings_in
from zerofactory_engine.rulepack.model import (
    ByReading,
    Choice,
    Criterion,
    Expression,
    Pack,
    PackId,
    Parameter,
    Quantity,
    Special,
    settle,
)
from zerofactory_engine.rulepack.names import roots, scope_of, type_of
from zerofactory_engine.units import Dimension

Readings = Mapping[str, str]


#: The table of the inventory's line items.
LINES = "lines"
#: Its columns of tonnes by the basis on which they are computed.
BASIS: Mapping[str, str] = {"tCO2_location": "location", "tCO2e_location": "location", "tCO2_market": "market",
                            "tCO2e_market": "market"}


def touches(column: tuple[str, str]) -> bool:
    """Whether the accounting computes *column* (table, name)."""
    table, name = column
    return table == LINES or name in derived_types().get(table, {})


class CellKind(StrEnum):
    """What a cell is."""

    PARAMETER = "parameter"
    QUANTITY = "quantity"
    CONDITION = "condition"
    APPLIES = "applies"
    DUE = "due"


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A part of an expression that may be rows of a table: a root by *name*, or a filter or function that is called.

    *text* is the part as written; *keys* are the cells that it names itself.
    """

    text: str
    node: tree.Node
    name: str | None
    call: Callable[[Mapping[str, Any]], Any]
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One compiled expression. *names*: what it calls things → the keys under which they stand.

    *node* is the tree that is evaluated; *call* its value over a scope. *parts* are what may be rows of a table, and
    *outer* the same value over a scope that also holds the values of those parts by their texts, so that the rows
    taken in are known without looking twice. *of_case*: whether it calls functions that look at the case. *accounts*:
    whether it reads what the accounting computes; *columns*: what it reads of which table.
    """

    expression: Expression
    node: tree.Node
    call: Callable[[Mapping[str, Any]], Any]
    outer: Callable[[Mapping[str, Any]], Any]
    parts: tuple[Part, ...]
    names: tuple[tuple[str, str], ...]
    of_case: bool
    accounts: bool
    columns: frozenset[tuple[str, str]]
    owner: Criterion | None


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """Something that has a value.

    *choice* holds a :class:`Step` per alternative; for a parameter its dated values. *needs*: keys of all alternatives.
    *readings*: those reached, but for the accounting's, which depend on the *columns* and functions (*calls*) used.
    *parameters*, *quantities*: keys of those reached.
    """

    key: str
    kind: CellKind
    owner: Criterion | None
    choice: Choice[Any]
    definition: Parameter | Quantity | Criterion
    needs: tuple[str, ...]
    readings: frozenset[str]
    columns: frozenset[tuple[str, str]]
    calls: frozenset[str]
    parameters: frozenset[str]
    quantities: frozenset[str]


class Program:
    """The cells of a pack by key, everything behind what it needs."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.graph = Graph(pack)
        self._conversions: list[tuple[tree.Node, Criterion | None]] = []
        self._converted: dict[tuple[str, tuple[str, ...]], Dimension] = {}
        self._parts: dict[tuple[str, str | None], Step] = {}
        self._lock = threading.Lock()
        self.cells: dict[str, Cell] = {}
        for key in self.graph.order:
            self.cells[key] = self._cell(key)
        self.accounting_readings: tuple[str, ...] = tuple(sorted({
            r for c in (*pack.accounting.factor_sets.values(), *pack.accounting.options.values())
            for r in readings_in(c)}))
        self._may_be_none = frozenset(
            key for key, cell in self.cells.items() if cell.kind is CellKind.PARAMETER
            and any(v.value is Special.NONE for _, values in leaves(cell.choice) for v in values))

    # --- making -------------------------------------------------------------------------------------------------

    def _cell(self, key: str) -> Cell:
        entry = self.graph.entries[key]
        kind = _kind(key, entry.definition)
        choice: Choice[Any] = entry.choice
        columns: set[tuple[str, str]] = set()
        calls: set[str] = set()
        if kind is not CellKind.PARAMETER:
            choice = map_choice(entry.choice, lambda expression: self.step_of(expression, entry.owner))
            for _, step in leaves(choice):
                columns |= step.columns
                calls |= called(step.node)
        below = [self.cells[k] for k in self.graph.needs[key]]
        return Cell(
            key=key, kind=kind, owner=entry.owner, choice=choice, definition=entry.definition,
            needs=self.graph.needs[key],
            readings=frozenset((*readings_in(entry.choice), *readings_in(entry.unit))).union(
                *(c.readings for c in below)),
            columns=frozenset(columns).union(*(c.columns for c in below)),
            calls=frozenset(calls).union(*(c.calls for c in below)),
            parameters=_reached(below, CellKind.PARAMETER), quantities=_reached(below, CellKind.QUANTITY))

    def step_of(self, expression: Expression, owner: Criterion | None) -> Step:
        """*expression* compiled, as it stands in *owner* (None: shared)."""
        return self._compile(expression, expression.node, owner)

    def part(self, node: tree.Node, owner: Criterion | None) -> Step:
        """A part of an expression of *owner*, compiled once in the life of the program: equal texts are equal trees."""
        text = feel.to_text(node)
        key = (text, owner.id if owner else None)
        with self._lock:
            found = self._parts.get(key)
        if found is None:
            found = self._compile(Expression(text, node), node, owner)
            with self._lock:
                self._parts[key] = found
        return found

    def _compile(self, expression: Expression, node: tree.Node, owner: Criterion | None) -> Step:
        calls = called(node)
        if "convert" in calls:
            node = self._mark_conversions(node, owner)
        names = tuple((name, self.resolve(name, owner)) for name in sorted(feel.free_names(node)))
        columns = feel.columns_used(node)
        call = feel.compile_strict(node, functions())
        parts = tuple(self._parts_of(node, owner))
        texts = {id(p.node): p.text for p in parts if p.name is None}
        outer = feel.compile_strict(replaced(node, texts), functions()) if texts else call
        return Step(expression, node, call, outer, parts, names, bool(calls & OF_CASE),
                    any(touches(c) for c in columns) or any(k == LINES for _, k in names), columns, owner)

    def _parts_of(self, node: tree.Node, owner: Criterion | None) -> Iterator[Part]:
        """Parts that may be rows: filters, answers, and names that are roots of the dossier; each text once."""
        seen: set[str] = set()
        for part in selections(node, frozenset()):
            text = feel.to_text(part)
            name = part.name if isinstance(part, tree.Name) else None
            if text in seen or (name is not None and self.resolve(name, owner) in self.graph.entries):
                continue
            seen.add(text)
            keys = tuple(k for n in sorted(feel.free_names(part)) if (k := self.graph.resolve(n, owner)) is not None)
            yield Part(text, part, name, feel.compile_strict(part, functions()), keys)

    def _mark_conversions(self, node: tree.Node, owner: Criterion | None) -> tree.Node:
        """*node* with the number of its place added to every call of ``convert``."""
        def mark(part: tree.Node) -> tree.Node:
            match part:
                case tree.Call(tree.Name("convert"), (value, wanted)):
                    self._conversions.append((value, owner))
                    return replace(part, arguments=(value, wanted, tree.String(str(len(self._conversions) - 1))))
            return part

        return rewrite(node, mark)

    # --- asking -------------------------------------------------------------------------------------------------

    def resolve(self, name: str, owner: Criterion | None) -> str:
        """The key that *name* stands for in an expression of *owner*; a root of the dossier stands for itself."""
        return self.graph.resolve(name, owner) or name

    def step(self, key: str, readings: Readings) -> Step:
        """The compiled expression of a cell under *readings*."""
        step: Step = settle(self.cells[key].choice, readings)
        return step

    def may_be_none(self, key: str) -> bool:
        """Whether a limit that *key* names directly may be `none`."""
        return not self._may_be_none.isdisjoint(self.cells[key].needs)

    def converted(self, place: str, readings: Readings) -> Dimension:
        """The dimension of what stands as first argument of the conversion at *place*, under *readings*."""
        key = (place, tuple(readings[r] for r in sorted(readings)))
        found = self._converted.get(key)
        if found is None:
            value, owner = self._conversions[int(place)]
            things = {n: type_of(t, readings) for n, t in scope_of(self.pack, owner).items()}
            kind, _ = feel.infer(value, {**roots(), **things}, functions())
            found = self._converted[key] = kind.dimension or Dimension()
        return found

    def reached(self, key: str, readings: Readings) -> Iterator[str]:
        """*key* and all keys that its value rests on under *readings*, each once, nearest first."""
        seen: set[str] = set()
        queue = [key]
        while queue:
            current = queue.pop(0)
            if current in seen or current not in self.cells:
                continue
            seen.add(current)
            yield current
            if self.cells[current].kind is not CellKind.PARAMETER:
                queue.extend(k for _, k in self.step(current, readings).names)


def _kind(key: str, definition: Parameter | Quantity | Criterion) -> CellKind:
    if isinstance(definition, Parameter):
        return CellKind.PARAMETER
    if isinstance(definition, Quantity):
        return CellKind.QUANTITY
    mark = key[len(definition.id)]
    return {"#": CellKind.CONDITION, "?": CellKind.APPLIES, "!": CellKind.DUE}[mark]


def _reached(below: list[Cell], kind: CellKind) -> frozenset[str]:
    field = "parameters" if kind is CellKind.PARAMETER else "quantities"
    return frozenset(c.key for c in below if c.kind is kind).union(*(getattr(c, field) for c in below))


def map_choice(choice: Any, change: Callable[[Any], Any]) -> Any:
    """*choice* with each alternative changed by *change*."""
    if isinstance(choice, ByReading):
        return ByReading(choice.reading, {n: map_choice(a, change) for n, a in choice.alternatives.items()})
    return change(choice)


def selections(node: tree.Node, bound: frozenset[str]) -> Iterator[tree.Node]:
    """The outermost parts of *node* that may be rows of a table and do not depend on a row themselves.

    A filter whose condition depends on a loop is looked at without it: all rows that it could take count.
    """
    match node:
        case tree.Name(name):
            if name not in bound:
                yield node
        case tree.Filter(source, condition):
            if feel.free_names(node).isdisjoint(bound):
                yield node
            else:
                yield from selections(source, bound)
            yield from _inside(condition, bound)
        case tree.Quantified(_, iterators, body) | tree.For(iterators, body):
            inner = bound
            for iterator in iterators:
                for part in iterator.children():
                    yield from selections(part, inner)
                inner = inner | {iterator.name}
            yield from selections(body, inner)
        case tree.Call(tree.Name("answers"), _) if feel.free_names(node).isdisjoint(bound):
            yield node
        case tree.Call(tree.Name(), arguments):
            for argument in arguments:
                yield from selections(argument, bound)
        case _:
            for child in node.children():
                yield from selections(child, bound)


def _inside(condition: tree.Node, bound: frozenset[str]) -> Iterator[tree.Node]:
    """Other tables that a filter's condition looks at: filters in it, with all rows of their source."""
    for part in condition.walk():
        if isinstance(part, tree.Filter) and isinstance(part.source, tree.Name) and part.source.name not in bound:
            yield part.source


def replaced(node: tree.Node, texts: Mapping[int, str]) -> tree.Node:
    """*node* with the parts of *texts* (by identity) as names that are their texts."""
    if id(node) in texts:
        return tree.Name(texts[id(node)], span=node.span)
    changes: dict[str, Any] = {}
    for field in fields(node):
        value = getattr(node, field.name)
        if isinstance(value, tree.Node):
            changes[field.name] = replaced(value, texts)
        elif isinstance(value, tuple) and any(isinstance(v, tree.Node) for v in value):
            changes[field.name] = tuple(replaced(v, texts) for v in value)
        elif field.name == "memo":
            changes["memo"] = {}
    return replace(node, **changes) if changes else node


def called(node: tree.Node) -> frozenset[str]:
    """Names of the functions that an expression calls."""
    return frozenset(n.function.name for n in node.walk()
                     if isinstance(n, tree.Call) and isinstance(n.function, tree.Name))


def rewrite(node: tree.Node, change: Callable[[tree.Node], tree.Node]) -> tree.Node:
    """*node* with every part changed by *change*, from the inside out."""
    changes: dict[str, Any] = {}
    for field in fields(node):
        value = getattr(node, field.name)
        if isinstance(value, tree.Node):
            changes[field.name] = rewrite(value, change)
        elif isinstance(value, tuple) and any(isinstance(v, tree.Node) for v in value):
            changes[field.name] = tuple(rewrite(v, change) for v in value)
        elif field.name == "memo":
            changes["memo"] = {}
    return change(replace(node, **changes) if changes else node)


_PROGRAMS: OrderedDict[tuple[PackId, PackId | None], Program] = OrderedDict()
_KEPT = 32
_LOCK = threading.Lock()


def _same(one: Pack, other: Pack) -> bool:
    """Whether two packs of one pin hold the same; drafts that are being written may not."""
    return (one.files, one.overlay_files) == (other.files, other.overlay_files)


def program_of(pack: Pack) -> Program:
    """The program of *pack*, compiled once per process; packs of one pin are one pack."""
    key = (pack.pin, pack.overlay)
    with _LOCK:
        found = _PROGRAMS.get(key)
        if found is not None and (found.pack is pack or _same(found.pack, pack)):
            _PROGRAMS.move_to_end(key)
            return found
    made = Program(pack)
    with _LOCK:
        _PROGRAMS[key] = made
        while len(_PROGRAMS) > _KEPT:
            _PROGRAMS.popitem(last=False)
    return made
