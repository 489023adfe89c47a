"""Every use of electricity with the factor that the calculation took and whether that is an actual one."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, localcontext

from zerofactory_engine.decimals import CONTEXT
from zerofactory_mappings.cbam.documents.model import Case
from zerofactory_mappings.cbam.model import ElectricitySource, ElectricityUse

#: Sources whose factor is an actual one, if the calculation did not refuse it.
ACTUAL = frozenset({ElectricitySource.DIRECT_LINK, ElectricitySource.PPA, ElectricitySource.OWN})


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a process: MWh, factor in tCO2e/MWh and emissions in tCO2e; None what is not known.

    *actual*: the factor is an actual one. *counts*: indirect emissions of the process' good count.
    """

    process: str
    name: str
    number: int
    given: ElectricityUse
    amount: Decimal | None
    factor: Decimal | None
    emissions: Decimal | None
    actual: bool
    counts: bool

    @property
    def source(self) -> ElectricitySource:
        """Where it comes from."""
        return self.given.source


def uses(case: Case) -> tuple[Use, ...]:
    """All uses in the order of the input. Factors come from the proof; without one they are not known."""
    refused = {p.args.get("use", "") for p in case.result.problems if p.code == "cbam.actual-factor-refused"}
    found = []
    for process in case.installation.processes:
        result = case.result.process(process.id)
        for number, given in enumerate(process.electricity, 1):
            step = f"process:{process.id}/electricity{number}"
            found.append(Use(
                process.id, process.name, number, given, None if given.consumed is None else given.consumed.value,
                _factor(case, step), _emissions(case, step), given.source in ACTUAL and step not in refused,
                result is not None and result.indirect_in_scope))
    return tuple(found)


def _emissions(case: Case, step: str) -> Decimal | None:
    graph = case.result.proof
    name = f"{step}/emissions"
    if graph is None or name not in graph:
        return None
    value = graph[name].value
    return value if isinstance(value, Decimal) else None


def _factor(case: Case, step: str) -> Decimal | None:
    """The second operand of the product that gives the emissions."""
    graph = case.result.proof
    name = f"{step}/emissions"
    if graph is None or name not in graph or len(graph[name].operands) != 2:
        return None
    value = graph[graph[name].operands[1]].value
    return value if isinstance(value, Decimal) else None


def actual_share(case: Case, process: str) -> Decimal | None:
    """Share of the own indirect emissions of a process that rests on actual factors; None when it is not known or there
    are none."""
    mine = [u for u in uses(case) if u.process == process]
    if not mine or any(u.emissions is None for u in mine):
        return None
    with localcontext(CONTEXT):
        whole = sum((u.emissions for u in mine if u.emissions is not None), Decimal(0))
        actual = sum((u.emissions for u in mine if u.emissions is not None and u.actual), Decimal(0))
        amount = sum((u.amount for u in mine if u.amount is not None), Decimal(0))
        if whole:
            return actual / whole
        # Electricity without emissions: the share of the quantity.
        by_amount = sum((u.amount for u in mine if u.amount is not None and u.actual), Decimal(0))
        return by_amount / amount if amount else None
