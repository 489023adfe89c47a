"""To which production processes an amount belongs (2025/2547 Annex III A): the only one there is, or as answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from zerofactory_engine.decimals import CONTEXT
from zerofactory_mappings.cbam.exchange.goods import Goods
from zerofactory_mappings.cbam.exchange.model import Kind, Piece
from zerofactory_mappings.cbam.exchange.work import ONE, Taken, Work
from zerofactory_mappings.cbam.model import Attribution, AttributionRule, Given


def attributed(work: Work, taken: Taken, made: Goods) -> Attribution | None:
    """The attribution of emissions: None while the question is open or there is no process."""
    if len(made.processes) == 1:
        return Attribution(shares={next(iter(made.processes)): Given(ONE, "1")})
    if not made.processes:
        return None
    answer = work.asking.ask(Kind.ATTRIBUTION, taken.series.id, taken.series.rows, work.rule("attribution"),
                             "unattributed", {"series": taken.series.id, "processes": ", ".join(made.processes)})
    if answer is None:
        return None
    if answer.answer == "functional_units":
        return Attribution(AttributionRule.FUNCTIONAL_UNITS, processes=tuple(made.processes))
    return Attribution(shares={k: Given(CONTEXT.plus(v), "1") for k, v in answer.processes.items() if v})


def shown(work: Work, attribution: Attribution, pieces: Sequence[Piece]) -> Attribution:
    """The same with the rows of one stream as what it is of."""
    return replace(attribution, shares={k: work.given(v.value, "1", pieces) for k, v in attribution.shares.items()})


def split(work: Work, taken: Taken, made: Goods) -> Mapping[str, Decimal] | None:
    """Process → share of an amount that has to stand at a process (electricity, heat); None while that is open."""
    if len(made.processes) == 1:
        return {next(iter(made.processes)): ONE}
    if not made.processes:
        return {}
    answer = work.asking.ask(Kind.ATTRIBUTION, taken.series.id, taken.series.rows, work.rule("attribution"), "left-out",
                             {"series": taken.series.id, "processes": ", ".join(made.processes)}, accepted=("shares",))
    return None if answer is None else {k: v for k, v in answer.processes.items() if v}
