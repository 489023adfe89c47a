"""One production process per functional unit: routes of the same good are averaged (2025/2547 Art 4(6), Annex II A.4).

The transitional rules let an installation keep its routes apart; the definitive ones do not. Processes that make the
same
good stay apart as they were entered, so that each can be followed, but what they pass on, and what their products
embed,
is their average by net production (production less what they hand each other), which is exactly the value of one
process
that covers them all: Σ (AL - handed on inside) × SEE = Σ attributed + what comes from outside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from zerofactory_engine.problems import Severity
from zerofactory_mappings.cbam import scope
from zerofactory_mappings.cbam.book import Book, Figure

if TYPE_CHECKING:
    from zerofactory_mappings.cbam.attribution import Attributed
    from zerofactory_mappings.cbam.model import Installation
    from zerofactory_mappings.cbam.spread import Chain


class Averages:
    """Groups of processes that share a functional unit, and their averages. *group* of a process: all members."""

    def __init__(self, book: Book, installation: Installation, attributed: Mapping[str, Attributed]) -> None:
        self.book, self.attributed = book, attributed
        self.group: dict[str, tuple[str, ...]] = {}
        for members in _groups(installation, attributed):
            self.group.update(dict.fromkeys(members, members))
            book.report("cbam.routes-averaged", attributed[members[0]].process.place, Severity.NOTE,
                        found=", ".join(attributed[m].process.name for m in members))
        self.net: dict[str, Figure] = {}

    def redirect(self, chain: Chain) -> None:
        """Whoever takes of one member takes of all of them in proportion to their net production."""
        for members in dict.fromkeys(self.group.values()):
            self._net_production(chain, members)
            total = self.book.apply("sum", f"routes:{'+'.join(members)}/net", self.net[members[0]].unit,
                                    *[self.net[m] for m in members])
            for taker, taken in chain.inside.items():
                used = [taken[m] for m in members if m in taken]
                if taker in members or not used:
                    continue
                base = f"process:{taker}/takes/{'+'.join(members)}"
                amount = self.book.apply("sum", base, "1", *used)
                for m in members:
                    share = self.book.apply("ratio", f"routes:{m}/share", "1", self.net[m], total)
                    taken[m] = self.book.apply("product", f"{base}/{m}", "1", amount, share)

    def _net_production(self, chain: Chain, members: Sequence[str]) -> None:
        """Activity level less what the members hand each other."""
        for m in members:
            level = self.attributed[m].level
            inside = [self.book.apply("product", f"routes:{m}/to/{taker}", level.unit, chain.inside[taker][m],
                                      self.attributed[taker].level) for taker in members if m in chain.inside[taker]]
            handed = self.book.apply("sum", f"routes:{m}/handed-on", level.unit, *inside)
            self.net[m] = self.book.apply("difference", f"routes:{m}/net", level.unit, level, handed)

    def specific(self, name: str, attributed: Mapping[str, Figure], own: Mapping[str, Figure]) -> dict[str, Figure]:
        """Values without precursors: emissions of all members over their net production."""
        made = dict(own)
        for members in dict.fromkeys(self.group.values()):
            base = f"routes:{'+'.join(members)}"
            emissions = self.book.apply("sum", f"{base}/{name}/attributed", "tCO2e", *[attributed[m] for m in members])
            total = self.book.apply("sum", f"{base}/{name}/level", self.net[members[0]].unit,
                                    *[self.net[m] for m in members])
            value = self.book.apply("ratio", f"{base}/{name}", "tCO2e", emissions, total)
            made.update(dict.fromkeys(members, value))
        return made

    def average(self, book: Book, name: str, values: Mapping[str, Figure]) -> dict[str, Figure]:
        """Values with precursors: average of the members by net production."""
        made = dict(values)
        for members in dict.fromkeys(self.group.values()):
            operands = [f for m in members for f in (self.net[m], values[m])]
            value = book.apply("share-of", f"routes:{'+'.join(members)}/{name}", values[members[0]].unit, *operands)
            made.update(dict.fromkeys(members, value))
        return made


def _groups(installation: Installation, attributed: Mapping[str, Attributed]) -> list[tuple[str, ...]]:
    """Processes of one category that make the same good: a common code, or no codes in a category with several
    routes."""
    codes = {p: _codes(installation, p) for p in attributed}
    found: list[list[str]] = []
    for p, a in attributed.items():
        if a.category is None or a.process.included:
            continue
        home = next((g for g in found if any(_same(attributed[m], a, codes[m], codes[p]) for m in g)), None)
        if home is None:
            found.append([p])
        else:
            home.append(p)
    return [tuple(g) for g in found if len(g) > 1]


def _codes(installation: Installation, process: str) -> frozenset[str]:
    """Codes of the goods that a process makes; of codes that must share a process the name of their group."""
    made = installation.process(process)
    stated = [g.cn for g in made.goods] if made is not None else []
    stated += [p.cn for p in installation.products if p.process == process and p.cn]
    return frozenset(scope.multifunctional_group(c) or c.replace(" ", "")[:8] for c in stated)


def _same(one: Attributed, other: Attributed, codes: frozenset[str], others: frozenset[str]) -> bool:
    if one.category is None or other.category is None or one.category.id != other.category.id:
        return False
    if codes and others:
        return bool(codes & others)
    return not codes and not others and len(one.category.routes) > 1
