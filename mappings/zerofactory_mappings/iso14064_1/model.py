"""What an ISO 14064-1 report holds. Figures stay exact, or unknown with their reasons, until they are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from zerofactory_engine.accounting.factors import Entry
from zerofactory_engine.accounting.lines import Line
from zerofactory_engine.accounting.terms import Amount
from zerofactory_engine.accounting.totals import Total

if TYPE_CHECKING:
    from zerofactory_engine.accounting.inventory import Inventory
    from zerofactory_engine.dossier import Dossier
    from zerofactory_mappings.disclosures.completeness import Said
    from zerofactory_mappings.disclosures.statement import Statement
    from zerofactory_mappings.disclosures.subject import Member, Subject
    from zerofactory_mappings.iso14064_1.tables import Rule
    from zerofactory_mappings.uncertainty import Propagated, Simulation
    from zerofactory_mappings.years.recalculate import Recalculation

#: A subcategory without a line about which nobody said anything.
SILENT = "silent"
#: A subcategory with lines.
QUANTIFIED = "quantified"


@dataclass(frozen=True, slots=True)
class Decision:
    """What the organisation decided about a source or category: *significant*, and why."""

    subject: str
    significant: bool
    reason: object


@dataclass(frozen=True, slots=True)
class Subcategory:
    """One subcategory: its *total* (tCO2e, location-based) when it has lines, else how it is accounted for.

    *state*: ``quantified``, a notation key (``NO``, ``NE``, ``IE``, ``NA``), ``excluded`` or ``silent``. *market*:
    the market-based total, for information. *reason* and *where*: what the statement says beside a key.
    """

    code: str
    total: Total
    market: Total
    state: str
    reason: object = None
    where: object = None
    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class Category:
    """One of the six categories with its subcategories. *total* is the inventory's own, location-based."""

    code: str
    total: Total
    market: Total
    subcategories: tuple[Subcategory, ...]

    @property
    def quantified(self) -> bool:
        """Whether it has any line."""
        return self.total.lines > 0


@dataclass(frozen=True, slots=True)
class GasRow:
    """One gas, or group of gases, of direct emissions: tonnes, tCO2e, and tonnes of each species in the group."""

    gas: str
    tonnes: Amount
    equivalent: Amount
    lines: int
    species: Mapping[str, Amount] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Apart:
    """What stands beside the total: tonnes of CO2 (or tCO2e) of a group of lines. *category*: ISO category."""

    kind: str
    category: str
    total: Total


@dataclass(frozen=True, slots=True)
class Supply:
    """Electricity of one kind: *source* as the dossier calls it, MWh and tCO2e on both bases."""

    source: str
    technology: str | None
    flow: str
    MWh: Amount
    location: Amount
    market: Amount
    rows: int


@dataclass(frozen=True, slots=True)
class Instrument:
    """One contractual instrument, for information: MWh, tCO2e at its own rate of generation, the answers to criteria.

    *counts*: yes, no, unknown, or ``bundled`` (a certificate that came with traded power: the same claim).
    """

    row: str
    kind: str
    technology: str | None
    contract: str | None
    system: str | None
    MWh: Amount
    equivalent: Amount
    counts: str
    answers: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A source that was left out. *origin*: ``dossier``, ``statement``, ``decision`` or ``part``."""

    id: str
    what: object
    category: str | None
    estimate: Decimal | None
    reason: object
    origin: str


@dataclass(frozen=True, slots=True)
class Approach:
    """How one source type of a subcategory was quantified: *method*, number of lines, tCO2e; and why."""

    subcategory: str
    source: str
    method: str
    lines: int
    total: Total
    text: object = None
    reason: object = None


@dataclass(frozen=True, slots=True)
class RowFactor:
    """A factor that rows of the dossier state themselves: value, unit, source and how many lines rest on it."""

    value: Amount
    unit: str
    source: str | None
    year: str | None
    first_row: str
    lines: int


@dataclass(frozen=True, slots=True)
class SetUsed:
    """A factor set of one *role* with its pin; *used*: whether a line rests on it."""

    role: str
    id: str
    version: str
    title: Mapping[str, str]
    publisher: Mapping[str, str]
    used: bool


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of an earlier period as it was reported: *group* of the inventory when it names one."""

    year: int
    name: str
    value: Decimal
    unit: str
    verification: str | None = None


@dataclass(frozen=True, eq=False)
class Earlier:
    """A dossier of an earlier period with its inventory under the options of this report."""

    label: str
    dossier: Dossier
    inventory: Inventory


@dataclass(frozen=True, eq=False)
class BaseYear:
    """The base year: what is stated of it, its dossier, and what a recalculation comes to.

    *threshold*: a share; None when nobody states one. *reported*: figures of that year as stated; *compared*: (name,
    stated, computed now) where both are there in tCO2e. *conflict*: the statement and the dossier name other years.
    """

    year: int | None
    reason: object
    policy: object
    threshold: Decimal | None
    method: str | None
    gwp_set: str | None
    reported: tuple[Figure, ...]
    base: Earlier | None
    recalculation: Recalculation | None
    compared: tuple[tuple[str, Decimal, Amount], ...]
    stated_recalculations: tuple[Mapping[str, Any], ...]
    limits: tuple[Said, ...]
    conflict: bool = False

    @property
    def has_inventory(self) -> bool:
        """Whether figures of that year stand by category: computed from its dossier, or as stated."""
        return self.base is not None or any(f.name.startswith("iso_category/") for f in self.reported)


@dataclass(frozen=True, eq=False)
class IsoModel:
    """The whole report of one facility. *indirect*: categories 2 to 6; *other_indirect*: 3 to 6; all location-based."""

    subject: Subject
    categories: tuple[Category, ...]
    total: Total
    indirect: Total
    other_indirect: Total
    market_total: Total
    gases: tuple[GasRow, ...]
    removals: tuple[Apart, ...]
    biogenic: tuple[Apart, ...]
    other_gases: Mapping[str, Amount]
    exported: tuple[Supply, ...]
    exported_total: Total
    supplies: tuple[Supply, ...]
    instruments: tuple[Instrument, ...]
    exclusions: tuple[Exclusion, ...]
    decisions: tuple[Decision, ...]
    approaches: tuple[Approach, ...]
    factors: tuple[Entry, ...]
    row_factors: tuple[RowFactor, ...]
    sets: tuple[SetUsed, ...]
    base_year: BaseYear
    earlier: tuple[Earlier, ...]
    uncertainty: Mapping[str, Propagated]
    simulation: Simulation
    departures: tuple[Rule, ...]

    @property
    def member(self) -> Member:
        """The facility."""
        return self.subject.alone

    @property
    def inventory(self) -> Inventory:
        """Its inventory."""
        return self.member.inventory

    @property
    def dossier(self) -> Dossier:
        """Its dossier."""
        return self.member.dossier

    @property
    def statement(self) -> Statement:
        """What the report says and no dossier states."""
        return self.subject.statement

    @property
    def verified(self) -> bool | None:
        """Whether the report was verified; None when the statement does not say."""
        found = (self.statement.get("verification") or {}).get("verified")
        return found if isinstance(found, bool) else None

    @property
    def lines(self) -> Sequence[Line]:
        """Every line item, those beside the total as well."""
        return self.inventory.lines

    @property
    def direct(self) -> Category:
        """Category 1."""
        return self.categories[0]

    def category(self, code: str) -> Category:
        """The category of that number; KeyError when there is none."""
        for each in self.categories:
            if each.code == code:
                return each
        raise KeyError(code)

    @property
    def subcategories(self) -> tuple[Subcategory, ...]:
        """All subcategories in their order."""
        return tuple(s for c in self.categories for s in c.subcategories)

    @property
    def issued(self) -> date:
        """The date of the report."""
        return self.subject.issued
