"""The proof of an opinion: totals, thresholds, effects, sums, comparisons, as steps of one graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zerofactory_engine.proof import Graph, Step
from zerofactory_mappings.verification.materiality import TOTAL

if TYPE_CHECKING:
    from zerofactory_mappings.verification.model import Opinion
    from zerofactory_mappings.verification.opinion import Findings

UNIT = "tCO2e"


def prove(found: Findings, opinion: Opinion) -> Graph:
    """Steps from the reported totals to the opinion, operands first; a value that is not known is null."""
    graph = Graph()
    for of, total in found.statement.totals.items():
        graph.add(Step(f"reported:{of}", "reported", total, UNIT, detail={
            "basis": found.statement.basis, "lines_sha256": found.statement.lines_sha256}))
    for number, t in enumerate(found.thresholds, 1):
        operands = () if t.kind == "absolute" or f"reported:{t.of}" not in graph else (f"reported:{t.of}",)
        graph.add(Step(f"threshold:{t.of}/{number}", t.kind, t.value, UNIT, operands,
                       {k: v for k, v in t.as_json().items() if k not in ("of", "tCO2e", "kind")}))
    compared = [_aggregate(found, graph, number) for number in range(len(found.aggregates))]
    sample = graph.add(Step("sample", "sample", found.sampling.reached, "1", detail={
        "coverage": found.sampling.coverage, "selected": str(len(found.sampling.selected)),
        "open": str(sum(p.code == "verification.reason.sample-open" for p in opinion.missing))}))
    counts = {name: str(len(getattr(opinion, name))) for name in ("against", "missing")}
    graph.add(Step("opinion", opinion.basis, opinion.follows, None, (*compared, sample), {
        **counts, "candidates": list(opinion.candidates)}))
    return graph


def _aggregate(found: Findings, graph: Graph, number: int) -> str:
    a = found.aggregates[number]
    effects = []
    for m in found.misstatements:
        for e in m.effects:
            if m.open and e.of == a.of:
                effects.append(graph.add(Step(f"effect:{m.id}/{a.of}", f"effect-{m.way}", e.effect, UNIT, detail={
                    "target": m.target, "reported": m.reported, "corrected": m.corrected})))
    net = graph.add(Step(f"net:{a.of}", "sum", a.net, UNIT, tuple(effects), {
        "overstatement": a.over, "understatement": a.under, "interaction": a.interaction, "not_known": str(a.unknown)}))
    limits = tuple(f"threshold:{t.of}/{n}" for n, t in enumerate(found.thresholds, 1) if t.of == a.of)
    kind = "above" if a.of == TOTAL or limits else "shown"
    return graph.add(Step(f"material:{a.of}", kind, a.material, None, (net, *limits), {"gross": a.gross}))
