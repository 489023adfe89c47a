"""What is known of imports of CBAM goods: consignments, what their emissions rest on, carbon prices, assumptions.

Units: net mass in t (electricity in MWh), specific embedded emissions and free allocation in tCO2e per t of good (per
MWh), shares from 0 to 1, prices of certificates in EUR/tCO2e. Nothing in the model is computed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from zerofactory_engine.problems import NOWHERE, Place, Problem
from zerofactory_mappings.cbam.model import Given, Installation
from zerofactory_mappings.cbam.scope import CnGood, Country

FORMAT = "zerofactory/cbam-obligation/1"


class Data(StrEnum):
    """What declared emissions rest on (Regulation 2023/956 Article 7(2))."""

    DEFAULT = "default"
    ACTUAL = "actual"


@dataclass(frozen=True, slots=True)
class When:
    """When goods are imported: on a *day*, or in a *quarter* (1 to 4) or *year* where no more is known."""

    year: int
    quarter: int | None = None
    day: date | None = None

    @classmethod
    def on(cls, day: date) -> When:
        """Imported on *day*."""
        return cls(day.year, (day.month + 2) // 3, day)

    @property
    def label(self) -> str:
        """``2026-03-02``, ``2026-Q1`` or ``2026``."""
        if self.day is not None:
            return self.day.isoformat()
        return f"{self.year}-Q{self.quarter}" if self.quarter is not None else str(self.year)

    @property
    def period(self) -> str | None:
        """The quarter as ``2026-Q1``; None where it is not known."""
        return f"{self.year}-Q{self.quarter}" if self.quarter is not None else None

    @property
    def week(self) -> str | None:
        """The ISO week as ``2027-W05``; None where the day is not known."""
        if self.day is None:
            return None
        year, week, _ = self.day.isocalendar()
        return f"{year}-W{week:02}"

    @property
    def last_day(self) -> date:
        """The day itself, or the last on which it may have been."""
        if self.day is not None:
            return self.day
        return quarter_end(self.year, self.quarter or 4)


def quarter_end(year: int, quarter: int) -> date:
    """The last day of a quarter."""
    following = date(year + 1, 1, 1) if quarter == 4 else date(year, quarter * 3 + 1, 1)
    return following - timedelta(days=1)


class Per(StrEnum):
    """What a carbon price goes by."""

    EMISSIONS = "tCO2e"
    MASS = "t"


class PriceKind(StrEnum):
    """A price effectively paid, or a default carbon price that the Commission publishes."""

    PAID = "paid"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class CarbonPrice:
    """A carbon price paid in a third country (Article 9).

    *amount* and *rebate* in *currency* per tCO2e or per t of good; *exchange_rate* units of the currency for one euro,
    as average of *exchange_year*; by emissions: *covered_share* of the embedded emissions, of which *free_share* was
    covered by free allowances. *on_precursor*: paid on a precursor rather than on the good.
    """

    kind: PriceKind
    amount: Given
    per: Per
    currency: str
    rebate: Given
    exchange_rate: Given | None = None
    exchange_year: int | None = None
    covered_share: Given | None = None
    free_share: Given | None = None
    on_precursor: bool = False
    country: Country | None = None
    instrument: str | None = None
    certified_by: str | None = None
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class UsedPrecursor:
    """A precursor of a good with typed actual data: *amount* t per t of good; *country* None when it is not known."""

    name: str
    good: CnGood
    code: str
    country: Country | None
    amount: Given
    data: Data
    see_direct: Given | None = None
    see_indirect: Given | None = None
    sefa: Given | None = None
    variant: str | None = None
    route: str | None = None
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Computed:
    """A product of an installation that :func:`zerofactory_mappings.cbam.compute.compute` computes."""

    installation: Installation
    product: str
    file: str = ""
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Actual:
    """Actual data of a good, in one of three forms: totals (*see_…*), own process with *precursors*, or *computed*.

    *see_indirect_of_precursors*: indirect emissions that precursors bring into a good that counts direct ones only.
    *sefa* as the operator reports it, with the CBAM factor of *sefa_year*.
    """

    see_direct: Given | None = None
    see_indirect: Given | None = None
    see_indirect_of_precursors: Given | None = None
    own_direct: Given | None = None
    own_indirect: Given | None = None
    precursors: tuple[UsedPrecursor, ...] = ()
    sefa: Given | None = None
    sefa_year: int | None = None
    joint_process: bool = False
    verification_report: str | None = None
    computed: Computed | None = None
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Consignment:
    """Goods of one code, origin and installation that are imported together.

    *code* the digits as stated (8 or 10); *data* what is declared; *production_year* None: that of import.
    """

    id: str
    when: When
    good: CnGood
    code: str
    name: str
    origin: Country
    produced_in: Country
    mass: Given
    data: Data
    installation: str = ""
    actual: Actual | None = None
    carbon_prices: tuple[CarbonPrice, ...] = ()
    production_year: int | None = None
    variant: str | None = None
    route: str | None = None
    clinker_share: Given | None = None
    place: Place = NOWHERE

    @property
    def outside(self) -> bool:
        """Whether the origin is a member state or exempt, so that CBAM does not apply (Regulation Annex III)."""
        return self.origin.outside

    @property
    def counts_for_threshold(self) -> bool:
        """Whether its mass counts for the de minimis threshold: not electricity, not hydrogen (Article 2a)."""
        return not self.outside and self.good.sector not in THRESHOLD_FREE


#: Sectors to which the threshold does not apply (Regulation 2023/956 Article 2a).
THRESHOLD_FREE = frozenset({"electricity", "hydrogen"})


@dataclass(frozen=True, slots=True)
class PriceEntry:
    """A certificate price that the user states for a year, quarter or ISO week; without *source* an assumption."""

    period: str
    price: Given
    source: str | None = None
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Surrendered:
    """Certificates surrendered for goods of one code and origin imported in an earlier *year*."""

    year: int
    good: CnGood
    origin: Country
    mass: Given
    certificates: Given
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Importer:
    """The declarant. *all_imports*: the list holds all its CBAM goods (None: not stated); *other_mass* by year, t."""

    name: str
    eori: str | None = None
    member_state: Country | None = None
    all_imports: bool | None = None
    other_mass: Mapping[int, Given] = field(default_factory=dict)
    authorised: bool | None = None


@dataclass(frozen=True, slots=True)
class Imports:
    """Everything that was entered. *years* to compute; *readings* as chosen; *problems* notes and warnings of
    reading."""

    importer: Importer | None
    consignments: tuple[Consignment, ...]
    years: tuple[int, ...]
    prices: tuple[PriceEntry, ...] = ()
    surrendered: tuple[Surrendered, ...] = ()
    readings: Mapping[str, str] = field(default_factory=dict)
    file: str = ""
    problems: tuple[Problem, ...] = ()
