"""Which sources a verifier looks at closely: the largest contributions until a share of the whole is covered.

Contributions are tonnes of CO2 equivalent, of source streams, measured sources, cells, stated emissions of processes,
electricity whose emissions count, bought precursors, and heat and waste gas across the border of a process. They are
weighed by their size whatever their sign (an output of a mass balance is negative). One whose emissions are not known
is always looked at. The order is by size, then by id: the same input gives the same plan.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Any

from zerofactory_engine.decimals import CONTEXT
from zerofactory_mappings.cbam.documents import electricity_view
from zerofactory_mappings.cbam.documents.items import site_visit_rules
from zerofactory_mappings.cbam.documents.model import Case

ZERO = Decimal(0)
#: Flows across the border of a process: step of the proof → kind.
_FLOWS = {"heat-in": "heat", "heat-out": "heat", "waste-gas-in": "waste_gas", "waste-gas-out": "waste_gas",
          "electricity-out": "exported_electricity"}


@dataclass(frozen=True, slots=True)
class Contribution:
    """Something that emissions come from: *path* is where its figures stand; *emissions* in tCO2e, None not known."""

    path: str
    kind: str
    name: str
    emissions: Decimal | None


@dataclass(frozen=True, slots=True)
class Sampled:
    """A contribution with its share of the whole, the share reached with it, whether it is looked at, and why."""

    of: Contribution
    share: Decimal | None
    cumulative: Decimal | None
    selected: bool
    reason: str

    def as_json(self) -> dict[str, Any]:
        """All fields."""
        return {"path": self.of.path, "kind": self.of.kind, "name": self.of.name, "emissions": self.of.emissions,
                "share": self.share, "cumulative": self.cumulative, "selected": self.selected, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class SamplingPlan:
    """The plan: the coverage aimed at, the coverage reached, every contribution in order."""

    coverage: Decimal
    reached: Decimal | None
    rows: tuple[Sampled, ...]

    @property
    def selected(self) -> tuple[Contribution, ...]:
        """What is looked at."""
        return tuple(r.of for r in self.rows if r.selected)

    def as_json(self) -> dict[str, Any]:
        """All fields."""
        return {"coverage": self.coverage, "reached": self.reached, "rows": list(self.rows)}


def default_coverage() -> Decimal:
    """The coverage aimed at where the verifier sets none; set by this project, the law names no number."""
    return Decimal(site_visit_rules()["sampling"]["coverage"]["value"])


def contributions(case: Case) -> tuple[Contribution, ...]:
    """Everything that the emissions of the goods come from, in the order of the input."""
    return (*_sources(case), *_stated(case), *_electricity(case), *_precursors(case), *_flows(case))


def _sources(case: Case) -> Iterator[Contribution]:
    sections = {s.id: name for name, rows in (("streams", case.installation.streams), ("pfc", case.installation.pfc),
                                              ("measured", case.installation.measured)) for s in rows}
    for result in case.result.streams:
        section = sections.get(result.id, "streams")
        yield Contribution(f"{section}/{result.id}", section, result.name, result.fossil)


def _stated(case: Case) -> Iterator[Contribution]:
    for process in case.installation.processes:
        if process.direct is not None:
            yield Contribution(f"processes/{process.id}/direct", "direct", process.name, process.direct.value)


def _electricity(case: Case) -> Iterator[Contribution]:
    for use in electricity_view.uses(case):
        if use.counts:
            yield Contribution(f"processes/{use.process}/electricity/{use.number}", "electricity", use.name,
                               use.emissions)


def _precursors(case: Case) -> Iterator[Contribution]:
    for precursor, use in zip(case.installation.precursors, case.result.precursors, strict=True):
        known = use.direct is not None and use.indirect is not None
        total: Decimal | None = ZERO if known else None
        for taker in precursor.used_in:
            taken, process = _step(case, f"process:{taker}/takes/{precursor.id}"), case.result.process(taker)
            level = process.activity_level if process is not None else None
            if total is None or taken is None or level is None or use.direct is None or use.indirect is None:
                total = None
                break
            with localcontext(CONTEXT):
                total += taken * level * (use.direct + use.indirect)
        yield Contribution(f"precursors/{precursor.id}", "precursors", precursor.name, total)


def _flows(case: Case) -> Iterator[Contribution]:
    for process in case.installation.processes:
        for step, kind in _FLOWS.items():
            value = _step(case, f"process:{process.id}/{step}")
            if value:
                section = "heat" if kind == "heat" else "waste_gas" if kind == "waste_gas" else "exported_electricity"
                side = "" if kind == "exported_electricity" else "/imported" if step.endswith("-in") else "/exported"
                yield Contribution(f"processes/{process.id}/{section}{side}", kind, process.name, value)


def _step(case: Case, ident: str) -> Decimal | None:
    graph = case.result.proof
    if graph is None or ident not in graph:
        return None
    value = graph[ident].value
    return value if isinstance(value, Decimal) else None


def sample(found: Sequence[Contribution], coverage: Decimal) -> SamplingPlan:
    """The sampling plan of *found* for a *coverage* from 0 to 1."""
    ordered = sorted(found, key=lambda c: (c.emissions is not None, -abs(c.emissions or ZERO), c.path))
    rows: list[Sampled] = []
    with localcontext(CONTEXT):
        whole = sum((abs(c.emissions) for c in found if c.emissions is not None), ZERO)
        reached = ZERO
        for each in ordered:
            if each.emissions is None:
                rows.append(Sampled(each, None, None, True, "unknown"))
                continue
            if not whole:
                rows.append(Sampled(each, None, None, True, "no-weights"))
                continue
            share = abs(each.emissions) / whole
            selected = reached < coverage and bool(each.emissions)
            reached += share
            rows.append(Sampled(each, share, reached, selected, "contribution" if selected else "below"))
        covered = sum((r.share for r in rows if r.selected and r.share is not None), ZERO) if whole else None
    return SamplingPlan(coverage, covered, tuple(rows))
