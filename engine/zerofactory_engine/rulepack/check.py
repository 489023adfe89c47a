"""Whether a pack that could be read is right: names, units under every reading, cycles, codes, levels, findings.

What stands here makes a pack unusable. What only its authors have to put right (unused things, readings without a
case) is in :mod:`zerofactory_engine.rulepack.linting`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from zerofactory_engine import feel
from zerofactory_engine.accounting.options import ACCEPTED, DEFAULT_SETS, NO_SET
from zerofactory_engine.dossier.codes import code_list
from zerofactory_engine.dossier.structure import tables
from zerofactory_engine.feel.values import FeelType, Kind
from zerofactory_engine.problems import Place, Problem
from zerofactory_engine.rulepack.functions import figures, house_functions
from zerofactory_engine.rulepack.graph import Entry, Graph, leaves, owners, readings_in
from zerofactory_engine.rulepack.model import (
    Criterion,
    DocumentRule,
    Expression,
    Lever,
    Pack,
    Parameter,
    QuestionSet,
)
from zerofactory_engine.rulepack.names import roots, scope_of, type_of
from zerofactory_engine.typed_readers import nearest
from zerofactory_engine.units import unit

#: Combinations of unit-changing readings under which one expression is checked.
COMBINATIONS = 256


class Checker:
    """Checks one pack; *unread* are names whose definition is broken, about which nothing is said."""

    def __init__(self, pack: Pack, graph: Graph, sets: Mapping[str, QuestionSet], unread: Iterable[str] = ()) -> None:
        self.pack = pack
        self.graph = graph
        self.sets = sets
        self.unread = frozenset(unread)
        self.problems: dict[tuple[object, ...], Problem] = {}
        self._functions: dict[str | None, Mapping[str, feel.HouseFunction]] = {}

    def report(self, code: str, place: Place, found: str | None = None, accepted: str | None = None,
               example: str | None = None, **args: str) -> None:
        """Record a problem, the same one once."""
        self.add(Problem(code, place, found=found, accepted=accepted, example=example, args=args))

    def add(self, problem: Problem) -> None:
        """Record a problem, the same one once whatever the reading under which it shows."""
        self.problems.setdefault((problem.code, problem.place, problem.found, problem.accepted), problem)

    def run(self) -> list[Problem]:
        """Every problem."""
        self.shadowing()
        self.accounting()
        self.levels()
        self.readings()
        self.cycles()
        for entry in self.graph.entries.values():
            self.entry(entry)
        self.documents()
        for lever in self.pack.levers.values():
            self.lever(lever)
        self.findings()
        return list(self.problems.values())

    # --- names and places ------------------------------------------------------------------------------------------

    def shadowing(self) -> None:
        """A name means one thing: none is called like a table, a column, a function or a shared name.

        Inside a filter a column hides what is called like it, so that an expression would silently mean another thing.
        """
        taken = {*roots(), *house_functions(), *columns()}
        shared = {*self.pack.parameters, *self.pack.quantities}
        for owner in owners(self.pack):
            of_others = taken if owner is self.pack else taken | shared
            for name, parameter in owner.parameters.items():
                if name in of_others:
                    self.report("pack.name-taken", parameter.place, name)
            for name, quantity in owner.quantities.items():
                if name in of_others or name in owner.parameters:
                    self.report("pack.name-taken", quantity.place, name)
        for criterion in self.pack.criteria.values():
            if criterion.dimension not in self.pack.dimensions:
                self.report("pack.dimension-unknown", criterion.place, criterion.dimension,
                            ", ".join(self.pack.dimensions), criterion=criterion.id)

    def accounting(self) -> None:
        """Factor sets and options that the accounting accepts."""
        for role, choice in self.pack.accounting.factor_sets.items():
            if role not in DEFAULT_SETS:
                self.report("pack.role-unknown", self._file("accounting.yaml"), role, ", ".join(DEFAULT_SETS))
            for _, set_id in leaves(choice):
                if set_id != NO_SET and set_id.split("@")[0] not in shipped_sets():
                    self.report("pack.factor-set-unknown", self._file("accounting.yaml"), set_id,
                                ", ".join(shipped_sets()))
        for name, choice in self.pack.accounting.options.items():
            accepted = ACCEPTED.get(name)
            if accepted is None:
                self.report("pack.option-unknown", self._file("accounting.yaml"), name, ", ".join(ACCEPTED))
                continue
            for _, value in leaves(choice):
                if value not in accepted:
                    self.report("pack.option-value", self._file("accounting.yaml"), f"{name}: {value}", str(accepted))

    def _file(self, name: str) -> Place:
        return Place(file=str(self.pack.folder / name) if self.pack.folder else name)

    def levels(self) -> None:
        """Every level has criteria, every criterion's level exists."""
        for name, level in self.pack.levels.items():
            wanted = [c for c in self.pack.criteria.values()
                      if name in c.levels and (level.needs == "all" or c.kind == "mandatory")]
            if not wanted:
                self.report("pack.level-empty", self._file("levels.yaml"), name, level.needs)
        for criterion in self.pack.criteria.values():
            for name in criterion.levels:
                if name not in self.pack.levels:
                    self.report("pack.level-unknown", criterion.place, name, ", ".join(self.pack.levels),
                                criterion=criterion.id)
        orders = [level.order for level in self.pack.levels.values()]
        if len(set(orders)) != len(orders):
            self.report("pack.level-order", self._file("levels.yaml"), ", ".join(map(str, orders)))

    def readings(self) -> None:
        """Inconsistent combinations name readings and alternatives that exist and spare the defaults."""
        for combination in self.pack.inconsistent:
            text = ", ".join(f"{r}: {a}" for r, a in combination.items())
            wrong = [r for r, a in combination.items()
                     if r not in self.pack.readings or a not in self.pack.readings[r].alternatives]
            if wrong:
                self.report("pack.inconsistent-unknown", self._file("readings.yaml"), text,
                            ", ".join(self.pack.readings))
            elif all((self.pack.readings[r].settled or self.pack.readings[r].default) == a
                     for r, a in combination.items()):
                self.report("pack.inconsistent-default", self._file("readings.yaml"), text)

    def cycles(self) -> None:
        """Quantities that need themselves, as a chain with titles."""
        for chain in self.graph.cycles:
            entries = [self.graph.entries[k] for k in chain]
            shown = " → ".join(f"{e.key} ({e.title['zh']} / {e.title['en']})" for e in entries)
            self.report("pack.cycle", entries[0].place, shown)

    # --- expressions -------------------------------------------------------------------------------------------------

    def functions(self, owner: Criterion | None) -> Mapping[str, feel.HouseFunction]:
        """House functions as *owner*'s expressions may call them."""
        key = owner.id if owner else None
        if key not in self._functions:
            questions = {q.id: q.per for q in owner.questions.values()} if owner else {}
            self._functions[key] = house_functions(sets=self.sets, questions=questions)
        return self._functions[key]

    def entry(self, entry: Entry) -> None:
        """One quantity, condition, applicability or due date under every reading."""
        self.codes(entry)
        for settled, expression in entry.expressions:
            wanted = self._wanted(entry)
            for types, readings in self.scopes(expression, entry.owner, settled, entry.unit):
                self.infer(expression, types, entry.owner, wanted(readings), entry.key)

    def _wanted(self, entry: Entry) -> Any:
        definition = entry.definition
        if isinstance(definition, Criterion):
            kind = Kind.DATE if "!" in entry.key else Kind.BOOLEAN
            return lambda readings: FeelType(kind)
        return lambda readings: type_of(definition, readings)

    def scopes(self, expression: Expression, owner: Criterion | None, settled: Mapping[str, str],
               own_unit: Any) -> Iterator[tuple[Mapping[str, FeelType], Mapping[str, str]]]:
        """The types of every name under each combination of the readings that change a unit it uses."""
        things = scope_of(self.pack, owner)
        names = [n for n in feel.free_names(expression.node) if n in things]
        varying = dict.fromkeys(r for n in sorted(names) for r in readings_in(things[n].unit))
        varying.update(dict.fromkeys(readings_in(own_unit)))
        open_ones = [r for r in varying if r not in settled and r in self.pack.readings]
        choices = [tuple(self.pack.readings[r].alternatives) for r in open_ones]
        for combination in itertools.islice(itertools.product(*choices), COMBINATIONS):
            readings = {**settled, **dict(zip(open_ones, combination, strict=True))}
            types = {**roots(), **dict.fromkeys(things, FeelType(Kind.ANY))}   # all, so that the nearest is found
            types.update({name: type_of(things[name], readings) for name in names})
            yield types, readings

    def infer(self, expression: Expression, types: Mapping[str, FeelType], owner: Criterion | None,
              wanted: FeelType | None, key: str) -> FeelType:
        """The type of *expression*; what is wrong with it, or that it is not *wanted*, is recorded."""
        known = {**{name.rpartition("/")[2]: FeelType(Kind.ANY) for name in self.unread}, **types}
        found, problems = feel.infer(expression.node, known, self.functions(owner), expression.place)
        for problem in problems:
            elsewhere = self.elsewhere(problem.found, owner) if problem.code == "feel.unknown-name" else ""
            if elsewhere:
                self.report("pack.name-of-other-criterion", problem.place, problem.found, criterion=elsewhere, at=key)
            else:
                self.add(replace(problem, args={**problem.args, "at": key}))
        if wanted is not None and not problems:
            self.fits(found, wanted, expression, key)
        return found

    def elsewhere(self, name: str | None, owner: Criterion | None) -> str:
        """Criteria to which *name* is local."""
        return ", ".join(c.id for c in self.pack.criteria.values()
                         if c is not owner and (name in c.parameters or name in c.quantities))

    def fits(self, found: FeelType, wanted: FeelType, expression: Expression, key: str) -> None:
        """The kind of an expression and, for numbers, its dimension."""
        if Kind.ANY in (found.kind, wanted.kind) or found.kind is Kind.NULL:
            return
        if found.kind is not wanted.kind:
            self.report("pack.expression-kind", expression.place, str(found), str(wanted), at=key)
        elif wanted.kind is Kind.NUMBER and found.dimension is not None and found.dimension != wanted.dimension:
            self.report("pack.quantity-dimension", expression.place, f"{found.dimension.base_unit} ({found.dimension})",
                        f"{wanted.dimension.base_unit} ({wanted.dimension})" if wanted.dimension is not None else "",
                        at=key)

    def codes(self, entry: Entry) -> None:
        """Codes of a parameter come from the list that it names."""
        definition = entry.definition
        if not isinstance(definition, Parameter) or definition.codelist is None:
            return
        table, _, column = definition.codelist.partition(".")
        accepted = column_codes(table, column)
        if accepted is None:
            self.report("pack.codelist-unknown", definition.place, definition.codelist)
            return
        for _, values in leaves(definition.values):
            for dated in values:
                for code in dated.value if isinstance(dated.value, tuple) else ():
                    if code not in accepted:
                        self.report("pack.code-unknown", definition.place, str(code), ", ".join(accepted))

    # --- documents, levers, findings ----------------------------------------------------------------------------------

    def documents(self) -> None:
        """Kinds of document, row conditions, columns that must be filled."""
        types = roots()
        for table, rules in self.pack.row_evidence.items():
            known = types.get(table)
            if known is None or known.element is None or known.element.kind is not Kind.CONTEXT:
                self.report("pack.table-unknown", self._file("evidence.yaml"), table)
                continue
            fields = known.element.fields
            for rule in rules:
                self.rule(rule)
                for column in rule.needs:
                    if column not in fields:
                        self.report("pack.column-unknown", rule.place, f"{table}.{column}",
                                    nearest(column, tuple(fields)) or "")
                if rule.each is not None:
                    self.report("pack.each-in-rows", rule.place)
                if rule.where is not None:
                    for scope, _ in self.scopes(rule.where, None, {}, None):
                        self.infer(rule.where, {**scope, **fields}, None, FeelType(Kind.BOOLEAN), f"evidence/{table}")
        for figure, rule in self.pack.figure_evidence.items():
            self.rule(rule)
            if figure not in figures():
                self.report("pack.figure-unknown", rule.place, figure, ", ".join(figures()))
        for criterion in self.pack.criteria.values():
            for rule in criterion.evidence:
                self.rule(rule)
                if rule.where is not None:
                    self.report("pack.where-in-criterion", rule.place)
                if rule.each is not None:
                    for scope, _ in self.scopes(rule.each, criterion, {}, None):
                        found = self.infer(rule.each, scope, criterion, None, criterion.id)
                        if found.kind not in (Kind.LIST, Kind.ANY):
                            self.report("pack.expression-kind", rule.each.place, str(found), "list", at=criterion.id)
            for question in criterion.questions.values():
                if question.per is not None and question.per not in types:
                    self.report("pack.table-unknown", criterion.place, question.per)

    def rule(self, rule: DocumentRule) -> None:
        """Kinds of document are of the code list."""
        for kind in rule.kinds:
            if kind not in document_kinds():
                self.report("pack.document-kind", rule.place, kind, nearest(kind, tuple(document_kinds())) or "")

    def lever(self, lever: Lever) -> None:
        """Tables, columns, bounds and cells of a lever."""
        wanted = FeelType(Kind.NUMBER, unit(lever.unit).dimension)
        for bound in (lever.minimum, lever.maximum):
            if isinstance(bound, Expression):
                for scope, _ in self.scopes(bound, None, {}, None):
                    self.infer(bound, scope, None, wanted, lever.id)
        for row in lever.rows:
            known = roots().get(row.table)
            if known is None or known.element is None:
                self.report("pack.table-unknown", lever.place, row.table)
                continue
            fields = known.element.fields
            for column in (row.column, *row.cells):
                if column not in fields:
                    self.report("pack.column-unknown", lever.place, f"{row.table}.{column}",
                                nearest(column, tuple(fields)) or "")
            moved = fields.get(row.column)
            if moved is not None and (moved.closed or moved.kind is not Kind.NUMBER
                                      or moved.dimension != wanted.dimension):
                self.report("pack.lever-unit", lever.place, f"{row.table}.{row.column}: {moved}", lever.unit)
            for column, cell in row.cells.items():
                self.cell(lever, row.table, column, cell, fields.get(column))

    def cell(self, lever: Lever, table: str, column: str, cell: Any, wanted: FeelType | None) -> None:
        """One cell that a lever fills: its code or its type."""
        if isinstance(cell, Expression):
            for scope, _ in self.scopes(cell, None, {}, None):
                self.infer(cell, scope, None, wanted if wanted and wanted.kind is not Kind.ANY else None, lever.id)
        elif isinstance(cell, str) and (codes := column_codes(table, column)) is not None and cell not in codes:
            self.report("pack.code-unknown", lever.place, f"{table}.{column}: {cell}", ", ".join(codes))

    def findings(self) -> None:
        """Rules of findings name criteria, levels, readings and levers that exist."""
        known = {"criterion": self.pack.criteria, "level": self.pack.levels, "flips_by": self.pack.readings,
                 "lever": self.pack.levers}
        for rule in self.pack.findings:
            for facts in (*(p.match for p in rule.when), *rule.then):
                for attribute, values in known.items():
                    value = facts.get(attribute)
                    if isinstance(value, str) and not value.startswith("$") and value not in values:
                        self.report("pack.finding-unknown", rule.place, f"{attribute}: {value}", ", ".join(values))
                for lever in facts.get("levers", ()):
                    if lever not in self.pack.levers:
                        self.report("pack.finding-unknown", rule.place, f"lever: {lever}", ", ".join(self.pack.levers))


@cache
def columns() -> frozenset[str]:
    """Names of all columns of all tables."""
    return frozenset(name for found in roots().values() if found.element is not None for name in found.element.fields)


def document_kinds() -> Mapping[str, Any]:
    """Kinds of document by code (``standards/codes/document_kinds.yaml``)."""
    return code_list("document_kinds").codes


@cache
def shipped_sets() -> tuple[str, ...]:
    """Ids of the shipped factor sets."""
    from zerofactory_engine.accounting.library import FactorLibrary

    return FactorLibrary.shipped().ids


def column_codes(table: str, column: str) -> tuple[str, ...] | None:
    """The codes that a dossier column takes; None when it has no list."""
    shape = tables().get(table)
    found = shape.columns.get(column) if shape is not None else None
    if found is None or found.code_list is None:
        return None
    return found.codes or tuple(code_list(found.code_list).codes)
