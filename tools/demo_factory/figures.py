"""Every figure of the demo factory, once: documents and dossier are made from here. The factory does not exist.

A lithium iron phosphate and nickel manganese cobalt cell plant of about 1.4 GWh in Yibin, Sichuan, calendar year 2025.
"""

from __future__ import annotations

import calendar
import csv
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path


def numbers(text: str) -> tuple[Decimal, ...]:
    """Decimals of a line, one per month."""
    return tuple(Decimal(part) for part in text.split())


YEAR = 2025
MONTHS = tuple((date(YEAR, m, 1), date(YEAR, m, calendar.monthrange(YEAR, m)[1])) for m in range(1, 13))

#: Registration code of a legal entity that does not exist; its last character is the check digit of GB 32100-2015.
CODE_BASE = "91511500MA0XEMPL0"


@dataclass(frozen=True)
class Gateway:
    """A settlement meter of the grid: differences of its readings, month by month, times its ratio are kWh."""

    id: str
    number: str
    first: Decimal
    ratio: int
    differences: tuple[Decimal, ...]

    @property
    def kwh(self) -> tuple[Decimal, ...]:
        """Delivered kWh per month."""
        return tuple(d * self.ratio for d in self.differences)

    @property
    def readings(self) -> tuple[tuple[Decimal, Decimal], ...]:
        """Opening and closing reading of each month."""
        pairs, at = [], self.first
        for difference in self.differences:
            pairs.append((at, at + difference))
            at += difference
        return tuple(pairs)


#: 110 kV: voltage 110 kV / 100 V, current 600 A / 5 A.
GATEWAY_1 = Gateway("M-E1", "5130012345001", Decimal("1873.42"), 132000,
                    numbers("21.84 18.92 22.61 22.05 22.38 22.74 23.52 23.61 22.47 22.19 21.96 22.31"))
#: 35 kV: voltage 35 kV / 100 V, current 1000 A / 5 A.
GATEWAY_2 = Gateway("M-E2", "5130012345002", Decimal("902.10"), 70000,
                    numbers("24.60 20.90 25.20 24.80 25.10 25.90 27.30 27.60 25.70 24.90 24.40 24.80"))
#: Of the energy through gateway 1: traded green power, MWh as settled.
GREEN_MWH = numbers("780 640 800 800 820 820 860 860 820 800 800 800")
#: Roof photovoltaics of 7.2 MWp, owned by another company: generated and fed into the grid, MWh.
PV_GENERATED = numbers("392.4 421.7 566.2 648.9 702.3 668.5 741.6 728.8 583.1 497.4 402.6 361.5")
PV_EXPORTED = numbers("6.2 38.4 7.1 9.3 12.5 8.8 4.4 4.9 8.6 21.7 5.3 6.1")
#: A logistics company rents a hall behind gateway 2 and has a sub-meter, MWh.
TENANT_MWH = numbers("24.1 19.8 25.2 26.0 27.4 29.9 33.5 33.8 29.0 26.1 24.7 25.5")
#: Natural gas of dehumidifiers, boilers and the thermal oxidiser, Nm3. August is estimated: the flow computer failed.
GAS_NM3 = numbers("138420 121350 128760 117930 109840 104610 107250 108380 109510 114720 125840 137190")
GAS_ESTIMATED_MONTH = 8
#: Natural gas of the canteen, Nm3.
CANTEEN_NM3 = numbers("2310 1640 2280 2190 2150 2080 2120 2140 2090 2110 2180 2260")
#: Purchased steam, slightly superheated, at 0.8 MPa and 180 degrees Celsius, t.
STEAM_T = numbers("962 810 871 806 742 698 715 722 731 784 866 948")
STEAM_MPA, STEAM_C = Decimal("0.8"), Decimal("180")
#: Its enthalpy as the supplier states it from the steam table, GJ/t.
STEAM_ENTHALPY = Decimal("2.786")
#: Fuel of vehicles, t per quarter.
DIESEL_T = numbers("4.42 4.61 4.55 4.38")
GASOLINE_T = numbers("1.31 1.24 1.28 1.37")

#: Refrigerant topped up during the year, kg, and the charge of the equipment.
TOP_UPS = (
    ("R-410A", "R410A", "2025-04-18", "Dry-room unit DR-3", Decimal("320"), Decimal("28.5")),
    ("R-410A", "R410A", "2025-07-09", "Dry-room unit DR-7", Decimal("320"), Decimal("16.2")),
    ("R-134a", "HFC134a", "2025-08-21", "Chiller CH-2", Decimal("540"), Decimal("41.0")),
)
#: SF6 switchgear of the 110 kV substation: charge and top-up, kg.
SF6_CHARGE, SF6_TOP_UP = Decimal("86.4"), Decimal("0.62")
#: NMP balance of the year, t: bought, recovered and returned, left in cathodes, sent to the thermal oxidiser.
NMP_BOUGHT, NMP_RECOVERED, NMP_IN_PRODUCT, NMP_TO_OXIDISER = (
    Decimal("2860"), Decimal("2803.5"), Decimal("4.2"), Decimal("52.3"))
#: Destruction efficiency of the regenerative thermal oxidiser, %, as tested.
OXIDISER_EFFICIENCY = Decimal("98.5")
#: Certificates that came with the traded green power, and those bought apart, MWh = pieces.
GEC_BUNDLED = 9600
#: project code of 17 digits, month generated, first and last piece, issued, retired, reason
GEC_LOTS = (
    ("13051015123000117", "2025-03", 1, 4200, "2025-04-20", "2025-12-12", "own use 2025"),
    ("13065015124000229", "2025-06", 1, 4800, "2025-07-21", "2025-12-12", "own use 2025"),
)
#: A lot of which the platform cancelled the certificates because they had expired: it proves nothing.
GEC_EXPIRED = ("13051015122000083", "2023-02", 1, 900, "2023-03-19", "2026-01-02", "expired")
#: Voluntary credits retired for the residual: they never lower the inventory.
CREDITS = 300
#: Accounts, 10 000 CNY.
VALUE_ADDED, OUTPUT_VALUE, REVENUE = Decimal("41280"), Decimal("168500"), Decimal("161730")


@dataclass(frozen=True)
class Activity:
    """A row of scope 3: its table, category and mode, method, names, amount, and factor in kgCO2e per unit."""

    id: str
    table: str
    kind: tuple[str, ...]
    method: str
    zh: str
    en: str
    amount: Decimal
    unit: str
    factor: Decimal
    source: str


def _activities() -> tuple[Activity, ...]:
    with Path(__file__).with_name("scope3.csv").open(encoding="utf-8", newline="") as file:
        return tuple(Activity(r["id"], r["table"], tuple(r["kind"].split("/")), r["method"], r["zh"], r["en"],
                              Decimal(r["amount"]), r["unit"], Decimal(r["factor"]), r["source"])
                     for r in csv.DictReader(file))


#: Scope 3, from ``scope3.csv``; the factors are example values.
SCOPE_3 = _activities()
