"""The value of any step of a proof, computed again from its operands by the interpreter that explains expressions.

Tables and single figures are taken from the dossier; everything else comes from the operands alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from zerofactory_engine import feel
from zerofactory_engine.accounting import proofs as inventory_proofs
from zerofactory_engine.evaluation.functions import functions
from zerofactory_engine.evaluation.model import EvidenceState, Verdict
from zerofactory_engine.evaluation.program import Step as Compiled
from zerofactory_engine.evaluation.proof import NOT_ASKED, ranges
from zerofactory_engine.evaluation.run import plausible
from zerofactory_engine.evaluation.usage import rows_of
from zerofactory_engine.evaluation.verdicts import decided_over, period_reasons
from zerofactory_engine.proof import Graph, Step
from zerofactory_engine.reasons import Cause, Reason, Unknown
from zerofactory_engine.rulepack.model import Quantity, Special, settle
from zerofactory_engine.units import unit

if TYPE_CHECKING:
    from zerofactory_engine.evaluation.assess import Assessor


def base_value(step: Step) -> Any:
    """The value that expressions see of *step*."""
    if "base" in step.detail:
        return step.detail["base"]
    return Special.NONE if step.kind == "parameter" and step.detail.get("state") == "none" else step.value


def recompute(step: Step, graph: Graph, assessor: Assessor) -> Any:
    """The value of *step* computed again from its operands (tables and single figures are taken from the dossier)."""
    operands = [graph[o] for o in step.operands]
    if step.kind in inventory_proofs.RECOMPUTE:
        return inventory_proofs.recompute(step, graph)
    if step.kind in ("quantity", "condition", "applies", "due"):
        return step.value if step.detail.get("given") else _again(step, operands, assessor)
    if step.kind == "verdict":
        return str(_verdict_again(step, operands, assessor))
    if step.kind == "filter":
        return _filter_again(step, operands, assessor)
    return step.value


def _scope(step: Step, operands: Sequence[Step], assessor: Assessor, compiled: Compiled) -> dict[str, Any]:
    """The names of an expression with the values of the operands; roots from the dossier."""
    by_key = {o.id.partition(":")[2]: base_value(o) for o in operands if o.kind in ("quantity", "parameter")}
    scope = assessor.run.scope(compiled, assessor.readings)
    for name, key in compiled.names:
        if key in assessor.run.program.cells:
            value = by_key[key]
            scope[name] = value
            if value is Special.NONE and step.kind != "condition":
                scope[name] = Unknown(Reason(Cause.LIMIT, f"parameter:{key}", "reason.parameter-none"))
    return scope


def _again(step: Step, operands: Sequence[Step], assessor: Assessor) -> Any:
    key = step.id.partition(":")[2]
    program = assessor.run.program
    compiled = program.step(key, assessor.readings)
    scope = _scope(step, operands, assessor, compiled)
    with feel.decimal_context():
        if step.kind == "condition" and any(v is Special.NONE for v in scope.values()):
            asked = decided_over(assessor.run, compiled, scope)
            return NOT_ASKED if asked is None else asked
        value = feel.explain(compiled.node, scope, functions()).value
        if step.kind == "quantity":
            definition = program.cells[key].definition
            assert isinstance(definition, Quantity)
            value = plausible(definition, value, assessor.readings)
            if isinstance(value, Decimal) and step.unit is not None:
                value = unit(step.unit).from_base(value)
    return value


def _filter_again(step: Step, operands: Sequence[Step], assessor: Assessor) -> list[str]:
    key, _, number = step.id.partition(":")[2].rpartition("@")
    compiled = assessor.run.program.step(key, assessor.readings)
    node = compiled.parts[int(number)].node
    scope = assessor.run.scope(compiled, assessor.readings)
    for operand in operands:
        if operand.kind in ("quantity", "parameter"):
            for name, at in compiled.names:
                if operand.id.partition(":")[2] == at:
                    scope[name] = base_value(operand)
    with feel.decimal_context():
        value = feel.explain(node, scope, functions()).value
    found = rows_of(value)
    assert found is not None, "a filter of a table gives rows of it"
    return ranges(found[0].row_ids, found[1])


def _verdict_again(step: Step, operands: Sequence[Step], assessor: Assessor) -> Verdict:
    """The verdict from applicability, condition, evidence, due date and period, without what evaluation remembered."""
    criterion, _, level = step.id.partition(":")[2].rpartition("/")
    values = {o.id: base_value(o) for o in operands}
    applies = [v for i, v in values.items() if i.startswith("applies:")]
    if any(v is False for v in applies):
        return Verdict.NOT_APPLICABLE
    if any(not isinstance(v, (bool, Unknown)) for v in applies):
        return Verdict.ERROR
    condition = values[f"condition:{criterion}#{level}"]
    if condition == NOT_ASKED:
        return Verdict.NOT_APPLICABLE
    if any(isinstance(v, Unknown) for v in (*applies, condition)):
        return Verdict.INDETERMINATE
    if not isinstance(condition, bool):
        return Verdict.ERROR
    found = Verdict.MET if condition else Verdict.NOT_MET
    due = values.get(f"due:{criterion}!{level}")
    if found is Verdict.MET and step.detail["evidence"] == EvidenceState.MISSING:
        return Verdict.INDETERMINATE
    if found is Verdict.NOT_MET and due is not None:
        if not isinstance(due, date):
            return Verdict.INDETERMINATE if isinstance(due, Unknown) else Verdict.ERROR
        if step.detail["valid_on"] <= due:
            return Verdict.INDETERMINATE
    months = settle(assessor.pack.period_months, assessor.readings)
    return Verdict.INDETERMINATE if period_reasons(assessor.run, months) else found

