"""What makes a line uncertain: the row's own amount, and the values of factor entries that other lines use as well.

A line states one relative half-width at 95 % (``Line.uncertainty``), the root of the sum of squares of what its row and
its factors state (IPCC 2006, volume 1, chapter 3, equation 3.1). Here it is taken apart again: each value of a factor
entry that states an interval is one component, shared by every line that uses it; the rest belongs to the row and is
shared by the lines of that row (its CO2, CH4 and N2O rest on one amount).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal

from zerofactory_engine.accounting.lines import Line
from zerofactory_engine.accounting.terms import ZERO, Amount
from zerofactory_engine.accounting.totals import BREAKDOWNS, equivalent, grouped, inside
from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.reasons import Unknown

#: Breakdowns that are given beside the totals.
WANTED = ("scope", "iso_category", "iso_subcategory", "source")
#: A square below this is what rounding left of nothing.
_NOTHING = Decimal("1E-24")
#: The width of a row is the same for each of its gases, whatever rounding left behind.
_STEADY = Context(prec=15)

Component = tuple[str, Decimal]


@dataclass(frozen=True, slots=True)
class Part:
    """One line as the calculations see it: its amount, the component of its row and those of its factors.

    *row*: (name, relative half-width) or None; *factors*: (name, relative half-width) of each factor value. A part
    without any states no uncertainty.
    """

    line: Line
    amount: Amount
    row: Component | None
    factors: tuple[Component, ...]

    @property
    def states(self) -> bool:
        """Whether anything is stated."""
        return self.row is not None or bool(self.factors)


def part_of(line: Line, basis: str) -> Part:
    """The parts of *line* on *basis*.

    The half-width belongs to the location-based figure; the market-based one of the same line uses it as it stands, as
    the inventory itself does.
    """
    amount = equivalent(line, basis)
    if line.uncertainty is None:
        return Part(line, amount, None, ())
    factors = tuple(
        (f"{term.entry.id}.{term.name}", width) for terms in line.location.slices[:1] for term in terms
        if term.entry is not None and (value := term.entry.values.get(term.name)) is not None
        and (width := value.half_width) is not None)
    rest = CONTEXT.multiply(line.uncertainty, line.uncertainty)
    for _, width in factors:
        rest = CONTEXT.subtract(rest, CONTEXT.multiply(width, width))
    own = (f"{line.table}/{line.row}", _STEADY.sqrt(rest)) if rest > _NOTHING else None
    return Part(line, amount, own, factors)


def groups_of(lines: Iterable[Line]) -> dict[str, Sequence[Line]]:
    """Lines inside the scopes by group, named as in ``Inventory.total`` (``all``, ``scopes_1_2``, ``scope/1``)."""
    counted = inside(lines)
    out: dict[str, Sequence[Line]] = {"all": counted, "scopes_1_2": [x for x in counted if x.scope in (1, 2)]}
    for name in WANTED:
        key: Callable[[Line], str | None] = BREAKDOWNS[name]
        out.update({f"{name}/{value}": found for value, found in grouped(counted, key).items()})
    return out


@dataclass(frozen=True, slots=True)
class Shares:
    """Total of a group (unknown as soon as one part is), its known part, and how much of it states no uncertainty."""

    value: Amount
    known: Decimal
    silent: Decimal
    lines: int
    stated: int

    @property
    def not_stated(self) -> Decimal | None:
        """The share of the known total that states nothing; None where the known total is zero."""
        return CONTEXT.divide(self.silent, self.known.copy_abs()) if self.known else None


def shares_of(parts: Iterable[Part]) -> Shares:
    """Sum, known part and the part without a statement."""
    known, silent, count, stated = ZERO, ZERO, 0, 0
    unknown: Unknown | None = None
    for part in parts:
        count += 1
        if isinstance(part.amount, Unknown):
            unknown = part.amount if unknown is None else unknown.merge(part.amount)
            continue
        known = CONTEXT.add(known, part.amount)
        if part.states:
            stated += 1
        else:
            silent = CONTEXT.add(silent, part.amount.copy_abs())
    return Shares(known if unknown is None else unknown, known, silent, count, stated)
