"""The proof of a verdict, down to rows, documents, parameters, lines of the inventory and factors.

================  ======================================================================================================
kind              value from its operands
================  ======================================================================================================
``verdict``       applicability, condition, evidence and due date, in the order of :mod:`.verdicts`
``applies``       an expression over its operands
``condition``     the same; true, false or unknown
``quantity``      the same; the value stands in the unit of its declaration, ``base`` in base units where they differ
``due``           the same; a date
``parameter``     what the standard sets on the law and knowledge dates; no operands
``reading``       the alternative that was taken; no operands
``filter``        ranges of the rows of a table that an expression took in, with the documents that they point to
``table``         rows of the dossier or lines of the inventory; no operands
``figure``        a single figure of the dossier; no operands
``judgement``     a person's answer; no operands
================  ======================================================================================================

Lines, factors and derived cells have the kinds of :mod:`zerofactory_engine.accounting.proofs`.
:mod:`zerofactory_engine.evaluation.recompute` gives the value of any step back from its operands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from zerofactory_engine import feel
from zerofactory_engine.accounting import proofs as inventory_proofs
from zerofactory_engine.accounting.vocabulary import derived_types
from zerofactory_engine.evaluation.model import Assessment
from zerofactory_engine.evaluation.program import BASIS, LINES, Cell, CellKind, Part
from zerofactory_engine.evaluation.program import Step as Compiled
from zerofactory_engine.evaluation.run import display_unit
from zerofactory_engine.evaluation.shown import shown
from zerofactory_engine.evaluation.usage import rows_of
from zerofactory_engine.evaluation.verdicts import decided
from zerofactory_engine.feel import tree
from zerofactory_engine.feel.values import Selection, Table
from zerofactory_engine.proof import Graph, Step
from zerofactory_engine.reasons import Reason, Unknown
from zerofactory_engine.rulepack.graph import readings_in
from zerofactory_engine.rulepack.model import Criterion, Parameter, Quantity, Special

if TYPE_CHECKING:
    from zerofactory_engine.evaluation.assess import Assessor

FORMAT = "zerofactory/proof/1"
#: The value of a condition where the standard asks nothing.
NOT_ASKED = "nothing_required"
_PREFIX = {CellKind.PARAMETER: "parameter", CellKind.QUANTITY: "quantity", CellKind.CONDITION: "condition",
           CellKind.APPLIES: "applies", CellKind.DUE: "due"}


def prove(assessment: Assessment, criterion: str | None = None) -> Graph:
    """The graph of *criterion*, or of all of them; steps that several verdicts share stand once.

    The assessment has to come from :func:`.evaluate` in this process; one that was read back is evaluated again first.
    """
    assessor: Assessor = assessment.run
    with feel.decimal_context():
        prover = Prover(assessor)
        for each in assessor.pack.criteria.values():
            if criterion in (None, each.id):
                for level in each.levels:
                    prover.verdict(each, level)
        return prover.graph


def proof_json(graph: Graph, assessment_id: str) -> dict[str, Any]:
    """The graph as ``standards/schemas/proof.schema.json`` has it."""
    below = {o for step in graph for o in step.operands}
    return {"format": FORMAT, "assessment": assessment_id, "roots": [s.id for s in graph if s.id not in below],
            "steps": {s.id: _json(s) for s in graph}}


def _json(step: Step) -> dict[str, Any]:
    made = step.as_json()
    made["value"] = told(step.value)
    if "detail" in made:
        made["detail"] = {name: told(value) for name, value in step.detail.items()}
    return made


def told(value: Any) -> Any:
    """A step's value in JSON: what is not known as ``{"unknown": [reasons]}``."""
    if isinstance(value, Unknown):
        return {"unknown": list(value.reasons)}
    if isinstance(value, (list, tuple)):
        return [told(v) for v in value]
    if isinstance(value, Mapping):
        return {str(k): told(v) for k, v in value.items()}
    return value if value is None or isinstance(value, (str, bool, int, Reason)) else shown(value, None)


class Prover:
    """Adds steps to a graph, operands before what rests on them."""

    def __init__(self, assessor: Assessor) -> None:
        self.assessor = assessor
        self.run = assessor.run
        self.program = assessor.run.program
        self.readings = assessor.readings
        self.graph = Graph()
        self._documented: dict[str, dict[str, tuple[str, ...]]] = {}

    def verdict(self, criterion: Criterion, level: str) -> str:
        """The verdict of *criterion* at *level*."""
        judged = self.assessor.judged(criterion, level)
        at = f"{criterion.id}/{level}"
        heads = (f"{criterion.id}?", f"{criterion.id}?{level}", f"{criterion.id}#{level}", f"{criterion.id}!{level}")
        operands = tuple(self.cell(h) for h in heads if h in self.program.cells)
        source = criterion.source
        detail: dict[str, Any] = {
            "title": criterion.title, "clause": source.clause if source.clause_read else criterion.id,
            "evidence": str(judged.evidence), "on_values": str(judged.on_values), "valid_on": self.run.valid_on,
            "period": [self.run.dossier.period.start, self.run.dossier.period.end]}
        if judged.reasons:
            detail["reasons"] = list(judged.reasons)
        return self.graph.add(Step(f"verdict:{at}", "verdict", str(judged.verdict), None, operands, detail))

    def cell(self, key: str) -> str:
        """The step of a cell, with everything below it."""
        cell = self.program.cells[key]
        step_id = f"{_PREFIX[cell.kind]}:{key}"
        if step_id in self.graph:
            return step_id
        return self.graph.add(self._parameter(step_id, cell) if cell.kind is CellKind.PARAMETER
                              else self._expression(step_id, cell))

    def _parameter(self, step_id: str, cell: Cell) -> Step:
        definition = cell.definition
        assert isinstance(definition, Parameter)
        settled = self.run.parameter(cell.key, self.readings)
        shown_in = display_unit(definition, self.readings)
        detail: dict[str, Any] = {"title": definition.title, "state": settled.state}
        if settled.dated is not None:
            dated, source = settled.dated, settled.dated.source
            detail |= {"valid_from": dated.valid_from, "source": source.source, "confidence": source.confidence.value}
            for name, value in (("stated", dated.stated or None), ("valid_to", dated.valid_to),
                                ("recorded", dated.recorded), ("last_confirmed", source.last_confirmed),
                                ("clause", source.clause if source.clause_read else None)):
                if value is not None:
                    detail[name] = value
        return self._valued(step_id, "parameter", settled.value, shown_in, self._readings(cell), detail)

    def _expression(self, step_id: str, cell: Cell) -> Step:
        step = self.program.step(cell.key, self.readings)
        definition = cell.definition
        detail: dict[str, Any] = {"expression": step.expression.text, "title": definition.title}
        if place := str(step.expression.place):
            detail["place"] = place
        shown_in = None
        if isinstance(definition, Quantity):
            shown_in = display_unit(definition, self.readings)
            if definition.clause:
                detail["clause"] = definition.clause
            if definition.plausible is not None:
                detail["plausible"] = list(definition.plausible)
        value = self.run.value(cell.key, self.readings)
        if cell.key in self.run.given:
            return self._valued(step_id, _PREFIX[cell.kind], value, shown_in, (), {**detail, "given": True})
        if cell.kind is CellKind.CONDITION and self.program.may_be_none(cell.key):
            asked = decided(self.run, step, self.readings)
            value = NOT_ASKED if asked is None else asked
        operands = tuple(dict.fromkeys((*self._readings(cell), *self._operands(cell.key, step))))
        return self._valued(step_id, _PREFIX[cell.kind], value, shown_in, operands, detail)

    def _valued(self, step_id: str, kind: str, value: Any, shown_in: Any, operands: tuple[str, ...],
                detail: dict[str, Any]) -> Step:
        if isinstance(value, Decimal) and shown_in is not None and shown_in.factor != 1:
            detail["base"] = value
            value = shown_in.from_base(value)
        elif value is Special.NONE:
            value = str(Special.NONE)
        return Step(step_id, kind, value, shown_in.text if shown_in is not None else None, operands, detail)

    def _readings(self, cell: Cell) -> tuple[str, ...]:
        """Steps of the readings that choose this very value or its unit."""
        made = []
        entry = self.program.graph.entries[cell.key]
        for name in dict.fromkeys((*readings_in(entry.choice), *readings_in(entry.unit))):
            reading = self.program.pack.readings[name]
            chosen = reading.alternatives[self.readings[name]]
            made.append(self.graph.add(Step(f"reading:{name}", "reading", self.readings[name], detail={
                "title": reading.question, "alternative": chosen.title, "confidence": str(chosen.confidence),
                "source": chosen.source, "ref": reading.ref})))
        return tuple(made)

    def _operands(self, key: str, step: Compiled) -> Iterator[str]:
        for _, name in step.names:
            if name in self.program.cells:
                yield self.cell(name)
        if step.parts:
            taken = self.run.taken(key, self.readings)
            for number, part in enumerate(step.parts):
                step_id = self._rows(f"{key}@{number}", part, taken[part.text], step)
                if step_id is not None:
                    yield step_id
        if step.of_case:
            yield from self._of_case(step)

    def _of_case(self, step: Compiled) -> Iterator[str]:
        """Figures and judgements that an expression asks for."""
        for part in step.node.walk():
            match part:
                case tree.Call(tree.Name("figure"), (tree.String(name), *_)):
                    yield self._figure(name, part)
                case tree.Call(tree.Name("judged"), (tree.String(name), *_)):
                    yield from self._judged(step, name)

    # --- rows ---------------------------------------------------------------------------------------------------

    def _rows(self, name: str, part: Part, value: Any, step: Compiled) -> str | None:
        found = rows_of(value)
        if found is None:
            return None
        table, indices = found
        root = self.graph.add(Step(f"table:{table.name}", "table", len(table), detail={"complete": not table.gaps}))
        if part.name is not None and table.name != LINES and not step.accounts:
            return root
        operands: tuple[str, ...] = (root, *(self.cell(k) for k in part.keys))
        detail: dict[str, Any] = {"expression": part.text, "table": table.name, "of": len(table), "taken": len(indices)}
        if table.name == LINES:
            operands = (*operands, *self._lines(table, indices, step))
        else:
            if step.accounts:
                operands = (*operands, *self._derived(table, indices, step))
            if documents := self._documents(table, indices):
                detail["documents"] = documents
        if isinstance(value, Selection) and value.doubts:
            detail["in_doubt"] = ranges(table.row_ids, [indices[position] for position in sorted(value.doubts)])
        return self.graph.add(Step(f"filter:{name}", "filter", ranges(table.row_ids, indices), None,
                                   tuple(dict.fromkeys(operands)), detail))

    def _documents(self, table: Table, indices: Sequence[int]) -> list[str]:
        if table.name not in self._documented:
            rows = self.run.dossier.rows.get(table.name, ())
            self._documented[table.name] = {r.id: tuple(str(e) for e in r.documents) for r in rows if r.documents}
        known, row_ids = self._documented[table.name], table.row_ids
        return list(dict.fromkeys(d for i in indices for d in known.get(row_ids[i], ()))) if known else []

    def _lines(self, table: Table, indices: Sequence[int], step: Compiled) -> Iterator[str]:
        """Proofs of the lines that were taken in, on the basis that the expression reads."""
        columns = {c for t, c in step.columns if t == LINES}
        bases = sorted({BASIS[c] for c in columns if c in BASIS})
        lines = self.assessor.lines
        for index in indices:
            for basis in bases:
                yield inventory_proofs.prove_line(lines[table.row_ids[index]], basis, self.graph)

    def _derived(self, table: Table, indices: Sequence[int], step: Compiled) -> Iterator[str]:
        """Proofs of the cells that the accounting derived, where the expression reads such a column."""
        columns = {c for t, c in step.columns if t == table.name}
        for column in sorted(columns & set(derived_types().get(table.name, ()))):
            for index in indices:
                cell = self.assessor.derived.get((table.name, table.row_ids[index], column))
                if cell is not None:
                    yield inventory_proofs.prove_derived(cell, self.graph)

    def _figure(self, name: str, node: tree.Call) -> str:
        second = node.arguments[1] if len(node.arguments) > 1 else None
        which = second.value if isinstance(second, tree.String) else None
        rows = [r for r in self.run.dossier.rows.get("economics", ()) if r.values.get("figure") == name]
        documents = list(dict.fromkeys(str(e) for r in rows for e in r.documents)) if which is None else []
        return self.graph.add(Step(f"figure:{name}" + (f"@{which}" if which else ""), "figure",
                                   self.run.figure(name, which),
                                   detail={"documents": documents} if documents else {}))

    def _judged(self, step: Compiled, question: str) -> Iterator[str]:
        name = f"{step.owner.id if step.owner else ''}/{question}"
        answers = self.run.judgements.answers if self.run.judgements else {}
        for (asked, _, row), judgement in answers.items():
            if asked == name:
                at = f"{name}@{row}" if row else name
                yield self.graph.add(Step(f"judgement:{at}", "judgement", judgement.answer, detail={
                    "person": judgement.by, "grounds": judgement.because, "on": judgement.on}))


def ranges(row_ids: Sequence[str], indices: Sequence[int]) -> list[str]:
    """Ids of rows, neighbours joined as ``first…last``."""
    made: list[str] = []
    start = previous = None
    for index in [*indices, None]:
        if previous is not None and index != previous + 1:
            assert start is not None
            made.append(row_ids[start] if start == previous else f"{row_ids[start]}…{row_ids[previous]}")
            start = index
        elif start is None:
            start = index
        previous = index
    return made
