"""Embedded emissions of the goods of every process: amounts taken, balances, specific values with precursors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext

from zerofactory_engine.decimals import CONTEXT, plain
from zerofactory_engine.problems import Place, Severity
from zerofactory_mappings.cbam.attribution import Attributed
from zerofactory_mappings.cbam.averaging import Averages
from zerofactory_mappings.cbam.book import Book, Figure
from zerofactory_mappings.cbam.model import Basis, Given, Installation, ValueSource
from zerofactory_mappings.cbam.precursors import PrecursorValue
from zerofactory_mappings.cbam.spread import Chain

ZERO, ONE = Decimal(0), Decimal(1)
#: Sources of a value, the weakest first.
WEAKEST = (ValueSource.UNKNOWN, ValueSource.DEFAULT, ValueSource.MEASURED)


@dataclass(slots=True)
class ProcessFigures:
    """Specific values of one process per functional unit; *default_share* of the embedded emissions."""

    se_direct: Figure
    se_indirect: Figure
    own_electricity: Figure
    see_direct: Figure
    see_indirect: Figure
    embedded_electricity: Figure
    default_share: Decimal | None = None


class Embedded:
    """The chain of one installation with the embedded emissions of its processes."""

    def __init__(self, book: Book, basis: Basis, installation: Installation, attributed: Sequence[Attributed],
                 values: Sequence[PrecursorValue]) -> None:
        self.book, self.basis = book, basis
        self.attributed = {a.process.id: a for a in attributed}
        self.values = {v.precursor.id: v for v in values}
        self.chain = Chain({a.process.id: a.process.name for a in attributed})
        self._amounts(installation)
        self.averages = Averages(book, installation, self.attributed if basis is Basis.DEFINITIVE else {})
        self.averages.redirect(self.chain)
        self.chain.close()
        _check_balances(book, installation)
        self._check_double_counting(installation)
        self.figures = self._figures()
        self._check_loops()

    # --- amounts ----------------------------------------------------------------------------------------------------

    def _amounts(self, installation: Installation) -> None:
        """Eq 61: what one functional unit of each process takes of every other and of bought precursors."""
        for process in installation.processes:
            content = self.attributed[process.id].content
            for taker, amount in process.to_processes.items():
                if amount.value:
                    self._take(self.chain.inside, taker, process.id, amount, content, f"process:{process.id}")
        for value in self.values.values():
            for taker, amount in value.precursor.used_in.items():
                if amount.value:
                    self._take(self.chain.bought, taker, value.precursor.id, amount, value.per_unit,
                               f"precursor:{value.precursor.id}")

    def _take(self, into: dict[str, dict[str, Figure]], taker: str, giver: str, amount: Given, per_unit: Figure,
              base: str) -> None:
        if taker not in self.attributed:
            self.book.report("cbam.unknown-process", amount.place, found=taker, accepted=", ".join(self.attributed))
            return
        mass = self.book.given(f"{base}/to/{taker}", amount)
        if per_unit.value != ONE:
            mass = self.book.apply("product", f"{base}/to/{taker}/units", per_unit.unit, mass, per_unit)
        level = self.attributed[taker].level
        into[taker][giver] = self.book.apply("E61", f"process:{taker}/takes/{giver}", "1", mass, level)

    def _check_double_counting(self, installation: Installation) -> None:
        """A joint process that makes a good inside must not be handed that good by a process of its own."""
        for process in installation.processes:
            for giver in self.chain.inside[process.id]:
                other = installation.process(giver)
                if other is not None and other.category in process.included:
                    self.book.report("cbam.bubble-counts-twice", process.place, found=other.name, process=process.name)

    def _check_loops(self) -> None:
        """Processes that hand each other more than they make have no finite positive solution."""
        for loop in self.book.loops:
            for p in loop.processes:
                multiple = self.chain.multiple(p)
                if multiple is not None and multiple < ONE:
                    self.book.report("cbam.loop-amplifies", self.attributed[p].process.place,
                                     found=self.attributed[p].process.name)

    # --- figures ----------------------------------------------------------------------------------------------------

    def _figures(self) -> dict[str, ProcessFigures]:
        own_direct = {p: self._specific(a, "direct") for p, a in self.attributed.items()}
        own_indirect = {p: self._specific(a, "indirect") for p, a in self.attributed.items()}
        own_power = {p: self.book.apply("ratio", f"process:{p}/own-electricity", "MWh", a.electricity, a.level)
                     for p, a in self.attributed.items()}
        values = self.values
        direct = self.spread("see-direct", "tCO2e", own_direct, lambda j: values[j].direct)
        indirect = self.spread("see-indirect", "tCO2e", own_indirect, lambda j: values[j].indirect)
        power = self.spread("embedded-electricity", "MWh", own_power, lambda j: values[j].electricity)
        own_direct = self.averages.specific(
            "se-direct", {p: a.direct for p, a in self.attributed.items()}, own_direct)
        own_indirect = self.averages.specific(
            "se-indirect", {p: a.indirect if a.in_scope else own_indirect[p] for p, a in self.attributed.items()},
            own_indirect)
        made = {p: ProcessFigures(own_direct[p], own_indirect[p], own_power[p], direct[p], indirect[p], power[p])
                for p in self.attributed}
        self._default_shares(made)
        return made

    def _specific(self, a: Attributed, kind: str) -> Figure:
        """Eq 57, 58: emissions per functional unit without precursors; indirect ones only where the good counts
        them."""
        step = f"process:{a.process.id}/se-{kind}"
        if kind == "direct":
            return self.book.apply("E57", step, "tCO2e", a.direct, a.level)
        if self.basis is Basis.DEFINITIVE and not a.in_scope:
            return self.book.constant(step, ZERO, "tCO2e", "cbam.rule.indirect-out-of-scope")
        return self.book.apply("E58", step, "tCO2e", a.indirect, a.level)

    def spread(self, name: str, unit: str, own: Mapping[str, Figure], of_precursor: Callable[[str], Figure],
               rule: str = "E63") -> dict[str, Figure]:
        """:meth:`Chain.spread` into the book of this calculation, routes of one good averaged."""
        return self.averages.average(self.book, name, self.chain.spread(self.book, name, unit, own, of_precursor, rule))

    # --- default share, weakest source ------------------------------------------------------------------------------

    def _default_shares(self, made: Mapping[str, ProcessFigures]) -> None:
        """The share of embedded emissions that rests on default values.

        Transitional: of direct emissions, as the workbook has it (its own emissions once, also in a loop).
        Definitive: of direct and indirect emissions together (2025/2547 Annex IV 1.1 item 15).
        """
        nothing = {p: Figure(ZERO, "tCO2e", "") for p in self.attributed}
        quiet = Book.silent()
        parts = self.averages.average(quiet, "default-part", self.chain.spread(
            quiet, "default-part", "tCO2e", nothing, self._default_part))
        with localcontext(CONTEXT):
            for p, figures in made.items():
                whole, part = self._whole(p, figures), parts[p].value
                figures.default_share = None if whole is None or part is None or not whole else part / whole

    def _default_part(self, precursor: str) -> Figure:
        """What one unit of a precursor brings of default values."""
        value = self.values[precursor]
        if value.source is not ValueSource.DEFAULT:
            return Figure(ZERO, "tCO2e", "")
        if self.basis is Basis.TRANSITIONAL:
            return value.direct
        return Book.silent().apply("sum", "", "tCO2e", value.direct, value.indirect)

    def _whole(self, p: str, figures: ProcessFigures) -> Decimal | None:
        """The emissions that the share is taken of."""
        direct, indirect, own = figures.see_direct.value, figures.see_indirect.value, figures.se_direct.value
        if direct is None:
            return None
        if self.basis is Basis.DEFINITIVE:
            return None if indirect is None else direct + indirect
        multiple = self.chain.multiple(p)
        return None if multiple is None or own is None else direct - (multiple - 1) * own

    def weakest(self, p: str) -> str:
        """The weakest source among the bought precursors in the chain of *p*; measured where none is bought."""
        members = self.averages.group.get(p, (p,))
        found = {self.values[j].source for m in members for j in self.chain.bought_along(m)} | {ValueSource.MEASURED}
        return str(next(s for s in WEAKEST if s in found))


def _check_balances(book: Book, installation: Installation) -> None:
    """More passed on or used than made or bought; what is left over; a process that feeds itself."""
    for process in installation.processes:
        made = [r.amount.value for r in process.production] or [g.amount.value for g in process.goods]
        used = [process.to_market, process.to_other, *process.to_processes.values()]
        _balance(book, ("cbam.more-used-than-made", "cbam.production-unused"), made, used, process.name, process.place,
                 complete=process.to_market is not None)
        if process.id in process.to_processes and process.to_processes[process.id].value:
            book.report("cbam.self-consumption", process.place, found=process.name)
    for p in installation.precursors:
        _balance(book, ("cbam.more-used-than-bought", "cbam.precursor-unused"), [r.amount.value for r in p.bought],
                 [p.other_use, *p.used_in.values()], p.name, p.place, complete=True)


def _balance(book: Book, codes: tuple[str, str], there: Sequence[Decimal], used: Sequence[Given | None], name: str,
             place: Place, *, complete: bool) -> None:
    stated = [g.value for g in used if g is not None]
    if not there or not stated:
        return
    with localcontext(CONTEXT):
        has, takes = sum(there, ZERO), sum(stated, ZERO)
        left = has - takes
    if left < 0:
        book.report(codes[0], place, found=f"{name}: {plain(takes)}", accepted=plain(has))
    elif left > 0 and complete:
        book.report(codes[1], place, Severity.WARNING, found=f"{name}: {plain(left)}", accepted="0")
