"""Check a proof: every step is recomputed from its operands by the equation that it names.

``differences(graph)`` of a graph from :func:`zerofactory_mappings.cbam.compute.compute` is empty; of one that was
changed it names the steps whose value does not follow.
"""

from __future__ import annotations

from decimal import Decimal, localcontext

from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.proof import Graph, Step
from zerofactory_mappings.cbam.equations import EQUATIONS, recompute

#: Steps that state a value rather than compute one.
STATED = frozenset({"given", "law", "rule", "unknown"})
SIMULTANEOUS = "E63-simultaneous"
#: A simultaneous solution satisfies its equations to this many digits of its own size.
LOOP_DIGITS = 30


def differences(graph: Graph) -> list[str]:
    """Ids of steps whose value does not follow from their operands, whose operands are missing, or whose equation is
    not known."""
    return [step.id for step in graph if not _follows(graph, step)]


def _follows(graph: Graph, step: Step) -> bool:
    if any(o not in graph for o in step.operands):
        return False
    if step.kind in STATED:
        return not step.operands
    values = [graph[o].value for o in step.operands]
    if step.kind == SIMULTANEOUS:
        return _satisfies(graph, step)
    if step.kind not in EQUATIONS:
        return False
    if step.value is None or None in values:
        return step.value is None
    with localcontext(CONTEXT):
        return bool(recompute(step.kind, values) == step.value)


def _satisfies(graph: Graph, step: Step) -> bool:
    """x = outside + Σ amount × x of the others in the loop, to :data:`LOOP_DIGITS` digits."""
    if step.value is None:
        return True
    outside: Decimal = graph[step.operands[0]].value
    with localcontext(CONTEXT):
        total = outside
        for other, amount in step.detail["terms"].items():
            if other not in graph or amount not in step.operands:
                return False
            total += graph[amount].value * graph[other].value
        size = max(abs(step.value), abs(total), Decimal(1).scaleb(-LOOP_DIGITS))
        return bool(abs(total - step.value) <= size.scaleb(-LOOP_DIGITS))
