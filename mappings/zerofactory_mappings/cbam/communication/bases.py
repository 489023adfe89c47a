"""What the definitive method gives beside the transitional one, for each process and product, and why it differs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from zerofactory_engine.decimals import CONTEXT, plain
from zerofactory_engine.problems import Problem
from zerofactory_mappings.cbam.model import Given, Installation, ValueSource
from zerofactory_mappings.cbam.result import CbamResult, PrecursorUse, ProcessResult

#: Figures of a process that are compared.
FIGURES = ("attributed_direct", "attributed_indirect", "see_direct", "see_indirect")


@dataclass(frozen=True, slots=True)
class Why:
    """A reason for a difference: a message code with arguments."""

    code: str
    args: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Code and arguments."""
        return {"code": self.code, "args": dict(self.args)}


@dataclass(frozen=True, slots=True)
class Beside:
    """One figure under both methods: in *unit* under the transitional, in *unit_definitive* under the other one."""

    process: str
    name: str
    product: str | None
    figure: str
    unit: str
    unit_definitive: str
    transitional: Decimal | None
    definitive: Decimal | None

    @property
    def same(self) -> bool:
        """Whether both methods give the same figure in the same unit."""
        return self.transitional == self.definitive and self.unit == self.unit_definitive

    def as_json(self) -> dict[str, Any]:
        """All fields; ``same`` beside them."""
        return {"process": self.process, "name": self.name, "product": self.product, "figure": self.figure,
                "unit": self.unit, "unit_definitive": self.unit_definitive, "transitional": self.transitional,
                "definitive": self.definitive, "same": self.same}


@dataclass(frozen=True, slots=True)
class Bases:
    """Both methods side by side: figures, reasons by process, and what only the definitive method has to say."""

    figures: tuple[Beside, ...]
    reasons: Mapping[str, tuple[Why, ...]]
    problems: tuple[Problem, ...]

    def as_json(self) -> dict[str, Any]:
        """All fields."""
        return {"figures": list(self.figures), "reasons": {k: list(v) for k, v in self.reasons.items()},
                "problems": list(self.problems)}


def side_by_side(transitional: CbamResult, definitive: CbamResult) -> Bases:
    """The figures of two calculations of one input."""
    figures: list[Beside] = []
    reasons: dict[str, tuple[Why, ...]] = {}
    for old in transitional.processes:
        new = definitive.process(old.id)
        if new is None:
            continue
        figures += _of_process(old, new)
        reasons[old.id] = tuple(_reasons(old, new, transitional, definitive))
    # Each product of the one calculation is the product of the other in the same place.
    for old_product, new_product in zip(transitional.products, definitive.products, strict=False):
        for name in ("see_direct", "see_indirect"):
            figures.append(Beside(old_product.process_id, old_product.process,
                                  old_product.name or old_product.cn_code or "", name, old_product.unit or "",
                                  new_product.unit or "", getattr(old_product, name), getattr(new_product, name)))
    known = list(transitional.problems)
    return Bases(tuple(figures), reasons, tuple(p for p in definitive.problems if p not in known))


def _of_process(old: ProcessResult, new: ProcessResult) -> Iterator[Beside]:
    for name in FIGURES:
        units = ["tCO2e", "tCO2e"]
        if name.startswith("see"):
            units = [f"tCO2e/{r.functional_unit or '?'}" for r in (old, new)]
        yield Beside(old.id, old.name, None, name, units[0], units[1], getattr(old, name), getattr(new, name))


def _reasons(old: ProcessResult, new: ProcessResult, transitional: CbamResult,
             definitive: CbamResult) -> Iterator[Why]:
    """Why the definitive figures of a process are other ones."""
    if old.functional_unit != new.functional_unit:
        yield Why("cbam-template.why-functional-unit", {"old": old.functional_unit or "?",
                                                        "new": new.functional_unit or "?"})
    if old.indirect_in_scope and not new.indirect_in_scope:
        yield Why("cbam-template.why-indirect-out-of-scope")
    if old.direct_own != new.direct_own:
        yield Why("cbam-template.why-direct", _both(old.direct_own, new.direct_own))
    if old.heat != new.heat or old.waste_gas != new.waste_gas:
        yield Why("cbam-template.why-heat-and-gas")
    if old.attributed_direct is not None and old.attributed_direct < 0 and new.attributed_direct == 0:
        yield Why("cbam-template.why-floor", {"old": plain(old.attributed_direct)})
    if old.attributed_indirect != new.attributed_indirect:
        yield Why("cbam-template.why-electricity-factor", _both(old.attributed_indirect, new.attributed_indirect))
    before = {p.id: p for p in transitional.precursors}
    for now in _reaching(old.id, definitive):
        then = before.get(now.id)
        if then is not None and then.direct != now.direct:
            yield _precursor(then, now)
        elif then is not None and new.indirect_in_scope and then.indirect != now.indirect:
            yield Why("cbam-template.why-precursor-indirect", {"precursor": now.name,
                                                               **_both(then.indirect, now.indirect)})


def _reaching(process: str, result: CbamResult) -> Sequence[PrecursorUse]:
    """Bought precursors that a process uses, or processes that feed it."""
    feeding = {process} | suppliers(process, result.given)
    used = {p.id: _takers(p.used_in) for p in result.given.precursors}
    return [p for p in result.precursors if feeding & used.get(p.id, set())]


def suppliers(process: str, given: Installation) -> set[str]:
    """Processes that feed a process, directly or through others."""
    takers = {p.id: _takers(p.to_processes) for p in given.processes}
    found: set[str] = set()
    while more := {p for p, t in takers.items() if t & (found | {process})} - found:
        found |= more
    return found


def _takers(amounts: Mapping[str, Given]) -> set[str]:
    return {process for process, given in amounts.items() if given.value}


def _precursor(then: PrecursorUse, now: PrecursorUse) -> Why:
    args = {"precursor": now.name, **_both(then.direct, now.direct)}
    if now.direct is None:
        return Why("cbam-template.why-precursor-unknown", args)
    if now.source == ValueSource.DEFAULT:
        return Why("cbam-template.why-precursor-default", args)
    return Why("cbam-template.why-precursor", args)


def _both(old: Decimal | None, new: Decimal | None) -> dict[str, str]:
    def shown(value: Decimal | None) -> str:
        return "?" if value is None else plain(CONTEXT.plus(value))[:24]

    return {"old": shown(old), "new": shown(new)}
