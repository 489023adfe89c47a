"""The GHG Protocol inventory of one facility or a group: every figure as it stands in the lines, known or not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from zerofactory_engine.accounting.lines import Offset
from zerofactory_engine.accounting.terms import Amount
from zerofactory_engine.accounting.totals import Total
from zerofactory_engine.problems import Problem
from zerofactory_engine.reasons import Unknown
from zerofactory_mappings.ghg_protocol.base_year import BaseYear
from zerofactory_mappings.ghg_protocol.consolidation import Consolidated
from zerofactory_mappings.ghg_protocol.hierarchy import Step
from zerofactory_mappings.ghg_protocol.hourly import HourlyView
from zerofactory_mappings.ghg_protocol.tables import Category

if TYPE_CHECKING:
    from zerofactory_mappings.disclosures.subject import Subject

#: The seven gases or groups of the standard, in its order.
GASES = ("CO2", "CH4", "N2O", "HFC", "PFC", "SF6", "NF3")
#: Lines whose factor did not tell gases apart.
NOT_SPLIT = "CO2e"


@dataclass(frozen=True, slots=True)
class Both:
    """A total location-based and market-based, in tCO2e."""

    location: Total
    market: Total

    @property
    def known(self) -> bool:
        """Whether both are known."""
        return not isinstance(self.location.value, Unknown) and not isinstance(self.market.value, Unknown)


@dataclass(frozen=True, slots=True)
class GasRow:
    """One of the seven gases (or ``CO2e``, not told apart) in scopes 1 and 2.

    *tonnes* and *tonnes_market*: mass in tonnes of the gas, scopes 1 and 2; *scope_1*, *scope_2*, *scope_2_market* in
    tCO2e; *species*: tonnes by gas of a group (HFC134a …), location-based.
    """

    gas: str
    tonnes: Amount
    tonnes_market: Amount
    scope_1: Amount
    scope_2: Amount
    scope_2_market: Amount
    species: Mapping[str, Amount]


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """One scope 3 category. *key*: ``value`` (there are lines), else NO, NE, IE, NA as the statement says, or
    ``missing`` (nothing says anything: never a zero). *total* only with lines; *biogenic* CO2 in tonnes, apart;
    *supplier_share*: part of the total that rests on data of suppliers or partners (None when it has no size)."""

    category: Category
    key: str
    total: Total | None
    biogenic: Amount
    supplier_share: Amount | None
    methods: tuple[str, ...]
    reason: Mapping[str, str] | str | None = None
    where: Mapping[str, str] | str | None = None


@dataclass(frozen=True, slots=True)
class InstrumentRow:
    """One contractual instrument with its answers to the eight criteria (yes, no, not_applicable, unknown).

    *signed_on* is the date of the contract document that its row names; *legacy*: yes, no, or unknown while the
    revised guidance sets no day.
    """

    dossier_id: str
    row: str
    kind: str
    MWh: Amount
    technology: str | None
    market: str | None
    contract: str | None
    signed_on: date | None
    legacy: str
    counts: str
    answers: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Bundled:
    """Certificates that came with traded green power: one claim with it, listed and never counted again."""

    dossier_id: str
    row: str
    contract: str | None
    MWh: Amount


@dataclass(frozen=True, eq=False)
class Part:
    """What one facility brings into the group under an approach: its *share*, and its totals times the share."""

    dossier_id: str
    share: Decimal
    scope_1: Total
    scope_2: Both
    scope_3: Total


@dataclass(frozen=True, eq=False)
class Approach:
    """The group under one consolidation approach: totals of scopes 1, 2 and 3, and what each facility brings in."""

    name: str
    scope_1: Total
    scope_2: Both
    scope_3: Total
    parts: tuple[Part, ...]

    @property
    def shares(self) -> Mapping[str, Decimal]:
        """Share of each facility by the id of its dossier."""
        return {part.dossier_id: part.share for part in self.parts}


@dataclass(frozen=True, eq=False)
class GhgModel:
    """The inventory. *outside* by reason (biogenic_co2, other_gas, exported); *approaches* only of a group."""

    subject: Subject
    consolidated: Consolidated
    scope_1: Total
    scope_2: Both
    scopes_1_2: Both
    scope_3: Total
    gases: tuple[GasRow, ...]
    sources: Mapping[str, Both]
    categories: tuple[CategoryRow, ...]
    uncategorised: Total | None
    outside: Mapping[str, Both]
    biogenic_by_scope: Mapping[str, Amount]
    other_gases: Mapping[str, Amount]
    steps: tuple[Step, ...]
    instruments: tuple[InstrumentRow, ...]
    bundled: tuple[Bundled, ...]
    hourly: tuple[HourlyView, ...]
    offsets: tuple[tuple[str, Offset], ...]
    approaches: tuple[Approach, ...]
    base_year: BaseYear
    problems: tuple[Problem, ...]

    @property
    def grouped(self) -> bool:
        """Whether it is of a group."""
        return len(self.subject.members) > 1 or self.subject.approach is not None
