"""What is known of one installation and one reporting period: the one input of every CBAM calculation.

The model is filled from our own YAML or workbook (:mod:`zerofactory_mappings.cbam.read`) or from a filled
communication template of the Commission (:mod:`zerofactory_mappings.cbam.communication`). It states what somebody
entered, in the units of the field names, and where; nothing in it is computed.

Units: mass in t, gas volumes in 1000 Nm3, energy of heat and fuels in TJ, electricity in MWh, net calorific values in
GJ per t or 1000 Nm3, emissions in tCO2e, shares as numbers from 0 to 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from zerofactory_engine.problems import NOWHERE, Place, Problem


class Basis(StrEnum):
    """Whose law a result follows; every result and file says it."""

    TRANSITIONAL = "transitional"   # Implementing Regulation (EU) 2023/1773, as the Commission's workbook computes
    DEFINITIVE = "definitive"       # Implementing Regulation (EU) 2025/2547, goods imported from 2026


class Origin(StrEnum):
    """What the model was read from."""

    OWN = "zerofactory"
    COMMISSION = "commission-template"


@dataclass(frozen=True, slots=True)
class Given:
    """A figure as it was entered: *value* in *unit*, where it stands, and the documents that show it."""

    value: Decimal
    unit: str
    place: Place = NOWHERE
    documents: tuple[str, ...] = ()


class AttributionRule(StrEnum):
    """How emissions that several production processes share are split (2025/2547 Annex III A)."""

    SHARES = "shares"                      # as stated
    MOLAR = "molar"                        # co-products of one reaction, Eq 43
    FUNCTIONAL_UNITS = "functional_units"  # by activity level, where nothing better is known


@dataclass(frozen=True, slots=True)
class Attribution:
    """To which production processes emissions belong. *shares*: process id → share; *molar*: process id → (mass in t,
    substance); *processes*: those that share by functional units."""

    rule: AttributionRule = AttributionRule.SHARES
    shares: Mapping[str, Given] = field(default_factory=dict)
    molar: Mapping[str, tuple[Given, str]] = field(default_factory=dict)
    processes: tuple[str, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """The processes named."""
        return tuple(self.shares) or tuple(self.molar) or self.processes


class Method(StrEnum):
    """How a source stream is monitored (2025/2547 Annex II B.3)."""

    COMBUSTION = "combustion"
    PROCESS = "process"
    MASS_BALANCE = "mass_balance"


@dataclass(frozen=True, slots=True)
class SourceStream:
    """A fuel or material that gives rise to CO2.

    *amount* in t or 1000 Nm3 (outputs of a mass balance negative); *ncv* in GJ per that unit; *ef* in tCO2/TJ, tCO2/t
    or tCO2/1000Nm3; *carbon_content* in tC per unit; *oxidation*, *conversion*, *biomass*: shares. *factor* names a
    standard factor (fuel or material) that stands in for what is not stated. *ash_carbon*: share of the carbon that
    stays in the ash (Eq 7). *output_based*: process emissions by method B. *clinker_output*: cement delivered, its
    stock
    change, clinker ratio, clinker supplied, dispatched, its stock change (Eq 27), in place of an amount; *dust*:
    factor of
    clinker and degree of calcination (Eq 28), in place of a factor. *evidence*: documents that show the sustainability
    criteria of biomass (2025/2547 Annex II B.3.3). *attributed*: production process → share.
    """

    id: str
    name: str
    method: Method | None
    amount: Given | None = None
    ncv: Given | None = None
    ef: Given | None = None
    carbon_content: Given | None = None
    oxidation: Given | None = None
    conversion: Given | None = None
    biomass: Given | None = None
    ash_carbon: Given | None = None
    factor: str | None = None
    output_based: bool = False
    clinker_output: tuple[Given, ...] = ()
    dust: tuple[Given, Given] | None = None
    evidence: tuple[str, ...] = ()
    attributed: Attribution = field(default_factory=Attribution)
    place: Place = NOWHERE


class PfcMethod(StrEnum):
    """How perfluorocarbons are determined (2025/2547 Annex II B.7)."""

    SLOPE = "slope"
    OVERVOLTAGE = "overvoltage"


@dataclass(frozen=True, slots=True)
class PfcSource:
    """Electrolysis cells of one technology.

    *aluminium* in t; slope: *frequency* (anode effects per cell and day), *duration* (minutes), *slope_factor* (kg CF4
    per t Al and anode effect minute per cell and day); overvoltage: *overvoltage_per_cell* AEO (mV),
    *current_efficiency* CE (%), *overvoltage_coefficient* OVC (kg CF4 per t Al and mV); *c2f6_share* t C2F6 per t CF4;
    *collection_efficiency* as a share.
    """

    id: str
    name: str
    method: PfcMethod | None
    technology: str | None = None
    aluminium: Given | None = None
    frequency: Given | None = None
    duration: Given | None = None
    slope_factor: Given | None = None
    overvoltage_per_cell: Given | None = None
    current_efficiency: Given | None = None
    overvoltage_coefficient: Given | None = None
    c2f6_share: Given | None = None
    collection_efficiency: Given | None = None
    attributed: Attribution = field(default_factory=Attribution)
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class MeasuredSource:
    """An emission source measured continuously (2025/2547 Annex II B.6): N2O or CO2.

    *concentration* in g/Nm3, *hours* in h, *flow* in 1000 Nm3/h, yearly averages; or *hourly*: (g/Nm3, Nm3, share of
    valid readings) for each hour, gaps filled by Eq 19; *biomass* share. *air* (1000 Nm3/h of dry air) and *oxygen*
    (share
    in the dry flue gas) give the flow where it is not metered (Eq 29).
    """

    id: str
    name: str
    gas: str | None
    concentration: Given | None = None
    hours: Given | None = None
    flow: Given | None = None
    air: Given | None = None
    oxygen: Given | None = None
    biomass: Given | None = None
    hourly: tuple[tuple[Decimal | None, Decimal | None, Decimal], ...] = ()
    evidence: tuple[str, ...] = ()
    attributed: Attribution = field(default_factory=Attribution)
    place: Place = NOWHERE


class HeatKind(StrEnum):
    """Where measurable heat comes from (2025/2547 Annex II C, Annex III A.2.2)."""

    BOILER = "boiler"
    CHP = "chp"
    IMPORTED = "imported"              # from another installation, with its supplier's verified factor
    IMPORTED_UNKNOWN = "imported_unknown"   # no monitored data: commonest fuel of sector and country
    CHEMICAL = "chemical"              # exothermic reaction other than combustion: 0


@dataclass(frozen=True, slots=True)
class FuelUse:
    """A fuel burnt in a boiler, a CHP unit or a power plant: *energy* in TJ (NCV), *ef* in tCO2/TJ, or *factor* for
    both standard values with *amount* in t."""

    name: str
    energy: Given | None = None
    ef: Given | None = None
    factor: str | None = None
    amount: Given | None = None
    waste_gas: bool = False


@dataclass(frozen=True, slots=True)
class HeatFlow:
    """A heat medium: *mass* in t, or *volume* in m3 with *specific_volume* in m3/t (Eq 30); *enthalpy* of the flow and
    of
    the return in GJ/t (Eq 31), the return at the temperature of the law where it is not known."""

    enthalpy: Given
    mass: Given | None = None
    volume: Given | None = None
    specific_volume: Given | None = None
    return_enthalpy: Given | None = None


@dataclass(frozen=True, slots=True)
class EnergyUnit:
    """A boiler, CHP unit, power plant or supplier of heat.

    *heat* net measurable heat in TJ and *electricity* in MWh that it gives; *flue_gas_cleaning* emissions in tCO2;
    *efficiency* of a boiler as a share (method 3 when neither this nor heat is known); *heat_efficiency* and
    *electricity_efficiency* design values of a CHP unit; *reference_heat*, *reference_electricity* reference
    efficiencies, otherwise by *reference_fuel*, *built* and *medium*. *ef* the supplier's factor in tCO2/TJ.
    *flows*: heat media for the enthalpy method, where *heat* is not metered. *maximum_energy*: fuel energy at full
    load, TJ.
    """

    id: str
    name: str
    kind: HeatKind | None
    fuels: tuple[FuelUse, ...] = ()
    heat: Given | None = None
    electricity: Given | None = None
    flue_gas_cleaning: Given | None = None
    efficiency: Given | None = None
    heat_efficiency: Given | None = None
    electricity_efficiency: Given | None = None
    reference_heat: Given | None = None
    reference_electricity: Given | None = None
    reference_fuel: str | None = None
    built: int | None = None
    medium: str | None = None
    ef: Given | None = None
    flows: tuple[HeatFlow, ...] = ()
    maximum_energy: Given | None = None
    documents: tuple[str, ...] = ()
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Heat:
    """Measurable heat across the border of a production process: TJ, and tCO2/TJ either stated or of a unit."""

    imported: Given | None = None
    exported: Given | None = None
    imported_ef: Given | None = None
    exported_ef: Given | None = None
    imported_from: str | None = None
    exported_from: str | None = None


@dataclass(frozen=True, slots=True)
class WasteGas:
    """Waste gases across the border of a production process, in TJ. *evidence* shows the use of what is exported."""

    imported: Given | None = None
    exported: Given | None = None
    evidence: tuple[str, ...] = ()


class ElectricitySource(StrEnum):
    """Where electricity comes from, which decides the factor that may be used (2025/2547 Annex II D)."""

    GRID_DEFAULT = "grid_default"             # 2025/2621 Annex II
    ALTERNATIVE_DEFAULT = "alternative_default"     # accepted by the Commission, D.4.4
    DIRECT_LINK = "direct_link"
    PPA = "ppa"
    OWN = "own_generation"
    STATED = "stated"                         # a factor with a code of the transitional workbook only


@dataclass(frozen=True, slots=True)
class HourlyMatch:
    """Metering that shows delivery in the same hour: (start, generated MWh, consumed MWh) per period of one hour or
    less; *meters_smart*, *contract*, *link* are the documents that D.4.3 asks for."""

    rows: tuple[tuple[str, Decimal, Decimal], ...] = ()
    minutes: int | None = None
    generator_meter: str | None = None
    consumer_meter: str | None = None
    contract: str | None = None
    line_diagram: str | None = None
    grid_connection: str | None = None
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class ElectricityUse:
    """Electricity that a process consumes: MWh and its factor in tCO2/MWh (or of a unit), with the source."""

    consumed: Given | None
    source: ElectricitySource
    ef: Given | None = None
    unit: str | None = None
    code: str | None = None
    match: HourlyMatch | None = None
    documents: tuple[str, ...] = ()
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class RouteAmount:
    """Goods made or bought by one production route, in the category's unit (t, MWh)."""

    route: str
    amount: Given


@dataclass(frozen=True, slots=True)
class GoodProduced:
    """Goods of one CN code that leave a process: the *amount* in t (MWh), and what turns it into functional units."""

    cn: str
    amount: Given
    content: Given | None = None       # t clinker per t, or kg N per t


@dataclass(frozen=True, slots=True)
class CarbonPrice:
    """A carbon price due: *covered* share of the emissions, *price* and *rebate* per tCO2e in *currency*."""

    covered: Given | None = None
    price: Given | None = None
    rebate: Given | None = None
    currency: str | None = None
    instrument: str | None = None
    legal_act: str | None = None
    certified_by: str | None = None


@dataclass(frozen=True, slots=True)
class Process:
    """A production process.

    *included*: categories of goods that a joint ("bubble") process makes inside beside its own *category*. *production*
    by route; *goods* by CN code where the functional unit needs it; *to_market*, *to_processes* (process id → amount
    consumed there) and *to_other* (goods outside CBAM) in the same unit. *direct*: directly attributable emissions
    DirEm* in tCO2e; None: sum of the streams attributed here. *content*: functional units per unit of production when
    all goods have the same (t clinker per t, kg N per t).
    """

    id: str
    name: str
    category: str | None
    production: tuple[RouteAmount, ...] = ()
    included: tuple[str, ...] = ()
    goods: tuple[GoodProduced, ...] = ()
    content: Given | None = None
    to_market: Given | None = None
    to_processes: Mapping[str, Given] = field(default_factory=dict)
    to_other: Given | None = None
    direct: Given | None = None
    heat: Heat | None = None
    waste_gas: WasteGas | None = None
    electricity: tuple[ElectricityUse, ...] = ()
    exported_electricity: Given | None = None
    exported_electricity_ef: Given | None = None
    exported_electricity_from: str | None = None
    heat_applies: bool | None = None
    waste_gas_applies: bool | None = None
    carbon_price: CarbonPrice | None = None
    place: Place = NOWHERE


class ValueSource(StrEnum):
    """What a precursor's value rests on."""

    MEASURED = "measured"
    DEFAULT = "default"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class VerificationReport:
    """The report that lets an actual value of a bought precursor be used (2025/2547 Annex II A.1 point 4)."""

    id: str
    verifier: str
    accreditation_number: str | None
    accreditation_scope: tuple[str, ...]     # categories or CN codes that the accreditation covers
    accreditation_valid_to: date | None
    installation: str | None                 # registry identifier or name of the verified installation
    cn_codes: tuple[str, ...]
    period_start: date | None
    period_end: date | None
    reasonable_assurance: bool | None = None
    issued: date | None = None
    document: str | None = None
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Precursor:
    """A precursor that was bought.

    Amounts in t (MWh). *used_in*: process id → amount; *other_use* outside CBAM processes. *direct*, *indirect* in
    tCO2e per unit, *electricity* in MWh per unit, *electricity_ef* in tCO2/MWh. *content*: functional units per t.
    *period_*: when the precursor was made. *country*: ISO code, None when unknown. *sefa*: specific embedded free
    allocation that its producer states, tCO2e per unit.
    """

    id: str
    name: str
    category: str | None
    cn: str | None = None
    country: str | None = None
    installation: str | None = None
    bought: tuple[RouteAmount, ...] = ()
    used_in: Mapping[str, Given] = field(default_factory=dict)
    other_use: Given | None = None
    direct: Given | None = None
    indirect: Given | None = None
    electricity: Given | None = None
    electricity_ef: Given | None = None
    direct_source: ValueSource | None = None
    electricity_source: ValueSource | None = None
    electricity_code: str | None = None
    content: Given | None = None
    grade: str | None = None
    route_letters: str | None = None
    sefa: Given | None = None
    period_start: date | None = None
    period_end: date | None = None
    report: VerificationReport | None = None
    justification: str | None = None
    carbon_price: CarbonPrice | None = None
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Product:
    """A good that is sold: the process it comes from, its CN code and what the sector asks for beside it.

    *parameters*: sector parameter id → value as entered (reducing_agent, clinker_factor, scrap_per_t_steel …).
    *route_letters*: benchmark route when several are listed for the code.
    """

    process: str
    cn: str | None
    name: str = ""
    content: Given | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    route_letters: str | None = None
    carbon_price: CarbonPrice | None = None
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Stated:
    """Totals typed by hand in the transitional workbook, which prevail there over what the streams give (tCO2e)."""

    co2: Given | None = None
    biomass_co2: Given | None = None
    n2o: Given | None = None
    pfc: Given | None = None
    indirect: Given | None = None


@dataclass(frozen=True, slots=True)
class Installation:
    """Everything that was entered for one installation and period; *details* holds names, addresses and persons by
    the field names of ``standards/schemas/cbam-input.schema.json``. *reconcile*: correct the direct emissions of the
    processes so that they add up to the installation's (Eq 41, 42)."""

    origin: Origin
    name: str
    country: str | None
    period_start: date | None
    period_end: date | None
    details: Mapping[str, str] = field(default_factory=dict)
    registry_id: str | None = None
    template_version: str | None = None
    streams: tuple[SourceStream, ...] = ()
    pfc: tuple[PfcSource, ...] = ()
    measured: tuple[MeasuredSource, ...] = ()
    units: tuple[EnergyUnit, ...] = ()
    processes: tuple[Process, ...] = ()
    precursors: tuple[Precursor, ...] = ()
    products: tuple[Product, ...] = ()
    stated: Stated = field(default_factory=Stated)
    reconcile: bool = False
    readings: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    place: Place = NOWHERE

    def process(self, process_id: str) -> Process | None:
        """The process of that id."""
        return next((p for p in self.processes if p.id == process_id), None)
