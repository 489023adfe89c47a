"""Several years of one facility side by side, as figures that a writer only has to lay out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from zerofactory_engine.accounting import Inventory, Options
from zerofactory_engine.accounting.terms import Amount
from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.dossier import Dossier
from zerofactory_engine.problems import Problem
from zerofactory_engine.reasons import Unknown
from zerofactory_mappings.disclosures.completeness import Said
from zerofactory_mappings.years.amounts import minus, over

if TYPE_CHECKING:
    from zerofactory_mappings.uncertainty import Propagated, Simulation
    from zerofactory_mappings.years.changes import State
    from zerofactory_mappings.years.decompose import Decomposition
    from zerofactory_mappings.years.recalculate import Computed, Recalculation

FORMAT = "zerofactory/years/1"

#: The two views of a year: as it was reported then, and under the options, factors and boundary of the latest year.
REPORTED, LIKE = "reported", "like_for_like"
VIEWS = (REPORTED, LIKE)


@dataclass(frozen=True, eq=False)
class Year:
    """One dossier in the comparison. *label*: ``2024``, or the dates of a period that is no calendar year.

    *scale*: what figures are multiplied by to stand for twelve months; one, unless annualising was asked for.
    *alike*: what the like-for-like view rests on: the dossier with corrections and the boundary of the latest year,
    further dossiers of bought facilities, and why an effect is not known.
    """

    label: str
    dossier: Dossier
    alike: State
    reported: Computed
    like_for_like: Computed
    full: bool
    scale: Decimal = Decimal(1)

    @property
    def comparable(self) -> bool:
        """Whether its figures stand for twelve months."""
        return self.full or self.annualised

    @property
    def annualised(self) -> bool:
        """Whether figures were scaled to twelve months."""
        return self.scale != 1

    @property
    def inventory(self) -> Inventory:
        """The like-for-like inventory of the facility itself."""
        return self.like_for_like.inventories[0]

    @property
    def dossiers(self) -> tuple[Dossier, ...]:
        """The dossiers of the like-for-like view: the facility itself, then those that were bought."""
        return (self.alike.dossier, *self.alike.joined)

    def view(self, name: str) -> Computed:
        """The totals of one view."""
        return self.reported if name == REPORTED else self.like_for_like

    def scaled(self, amount: Amount) -> Amount:
        """*amount* brought to twelve months when that was asked for."""
        if isinstance(amount, Unknown) or not self.annualised:
            return amount
        return CONTEXT.multiply(amount, self.scale)


@dataclass(frozen=True, slots=True)
class Series:
    """One figure over the years. *group*: ``all``, ``scope/1`` …; *measure*: what it is divided by, None for a total.

    *values*: as stated, one a year. *compared*: the same where they stand for twelve months, else unknown; changes are
    taken from them.
    """

    view: str
    group: str
    basis: str
    unit: str
    values: tuple[Amount, ...]
    compared: tuple[Amount, ...]
    measure: str | None = None

    @property
    def subject(self) -> str:
        """A name for reasons."""
        return "/".join(p for p in (self.view, self.group, self.basis, self.measure) if p)

    def change(self, number: int, since: int) -> Amount:
        """Change from year *since* to year *number*."""
        return minus(self.compared[number], self.compared[since])

    def relative(self, number: int, since: int) -> Amount:
        """That change as a share of year *since*; unknown where that is zero."""
        before = self.compared[since]
        size = before.copy_abs() if isinstance(before, Decimal) else before
        return over(self.change(number, since), size, self.subject)


@dataclass(frozen=True, slots=True)
class Measure:
    """What emissions are divided by. *id*: ``product/LFP cell``, ``figure/industrial_value_added``, ``energy/tce``.

    *amounts*: one a year, in *unit*; unknown with its reason where it is not stated or in another unit.
    """

    id: str
    title: Mapping[str, str]
    unit: str
    amounts: tuple[Amount, ...]
    note: Said | None = None

    @property
    def known(self) -> bool:
        """Whether every year has it, and none has zero."""
        return all(isinstance(a, Decimal) and a != 0 for a in self.amounts)


@dataclass(frozen=True, slots=True)
class StatedChange:
    """A change that somebody states in words: of which year, when, what, why, and the effect in tCO2e if stated."""

    label: str
    on: str
    what: Mapping[str, str]
    reason: Mapping[str, str]
    effect: Decimal | None = None


@dataclass(frozen=True, eq=False)
class Comparison:
    """Everything about the years of one facility, oldest first."""

    years: tuple[Year, ...]
    then: Options
    now: Options
    annualise: bool
    series: tuple[Series, ...]
    intensities: tuple[Series, ...]
    measures: tuple[Measure, ...]
    measure: Measure | None
    decompositions: tuple[Decomposition, ...]
    recalculation: Recalculation
    uncertainty: Mapping[str, Propagated]
    simulation: Simulation
    limits: tuple[Said, ...]
    stated_changes: tuple[StatedChange, ...] = ()
    problems: tuple[Problem, ...] = field(default=())

    @property
    def facility(self) -> Mapping[str, str]:
        """Name of the facility as the latest year states it."""
        name = self.years[-1].dossier.facility.get("name")
        return dict(name) if isinstance(name, Mapping) else {"zh": str(name or ""), "en": str(name or "")}

    def of(self, view: str, group: str, basis: str) -> Series:
        """One series of totals; KeyError when there is none."""
        for series in self.series:
            if (series.view, series.group, series.basis) == (view, group, basis):
                return series
        raise KeyError((view, group, basis))

    @property
    def differs(self) -> bool:
        """Whether the like-for-like view differs from what was reported."""
        return any(self.of(REPORTED, s.group, s.basis).values != s.values for s in self.series if s.view == LIKE)

    def groups(self) -> Sequence[str]:
        """Groups in their order."""
        return list(dict.fromkeys(s.group for s in self.series))
