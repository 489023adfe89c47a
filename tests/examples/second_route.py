"""Inventory and indicators of the demo factory by another route: pandas over the YAML, exact fractions, none of our code.

Constants are typed here from their publications, not read from our factor sets:
grid factors of 2023 from MEE notice 2025 No. 47; heating values, carbon contents and oxidation of the Chinese general
industry guides; 0.11 tCO2/GJ of heat with feed water at 20 °C; GB/T 2589-2020 coefficients; GWP of AR6 table 7.15 and 7.SM.7;
CH4 and N2O of combustion from IPCC 2006 volume 2, table 2.3.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

F = Fraction
GRID = {"provincial": F("0.1564"), "regional": F("0.2472"), "national": F("0.5306")}
RESIDUAL = F("0.6096")
CO2_PER_C = F(44, 12)
#: GJ per Nm3 or t, tC per GJ, oxidised share
FUELS = {"natural_gas": (F("389.31") / 10000, F("15.30") / 1000, F("0.99")),
         "diesel": (F("43.33"), F("20.20") / 1000, F("0.98")), "gasoline": (F("44.80"), F("18.90") / 1000, F("0.98"))}
#: t of gas per GJ
CH4 = {"natural_gas": F(1, 10**6), "diesel": F(3, 10**6), "gasoline": F(3, 10**6)}
N2O = {"natural_gas": F("0.1") / 10**6, "diesel": F("0.6") / 10**6, "gasoline": F("0.6") / 10**6}
TCE = {"natural_gas": F("1.33") / 1000, "diesel": F("1.4571"), "gasoline": F("1.4714")}
TCE_PER_GJ_OF_HEAT = F("0.03412")
GWP = {"CH4": F("29.8"), "N2O": F(273), "SF6": F(25200), "HFC134a": F(1530),
       "R410A": F("0.5") * 771 + F("0.5") * 3740}
FEED_WATER = F("4.1868") / 1000 * 20                              # GJ/t at 20 °C
HEAT = F("0.11")
NMP_CARBON = F(60, 99)                                            # C5H9NO with whole atomic masses
TCE_OF_POWER = {"calorific": F("0.1229"), "equivalent_tbea": F("0.2856"), "equivalent_2024": F("0.3024")}


@cache
def load(folder: Path) -> dict[str, Any]:
    """The dossier as plain text values."""
    loader = yaml.CBaseLoader if yaml.__with_libyaml__ else yaml.BaseLoader
    return dict(yaml.load((folder / "dossier.yaml").read_text(encoding="utf-8"), Loader=loader))


class Route:
    """All quantities of the dossier, from its tables as data frames of exact fractions."""

    def __init__(self, folder: Path) -> None:
        self.dossier = load(folder)
        self.power = self.frame("electricity", "MWh")
        self.fuel = self.frame("energy", "Nm3", "t")
        self.steam = self.frame("heat", "t", "enthalpy_GJ_per_t")
        self.nmp = self.frame("processes", "t", "destruction_percent")
        self.gas = self.frame("fugitive", "top_up_kg")
        self.gec = self.frame("certificates", "MWh")

    def frame(self, table: str, *numbers: str) -> pd.DataFrame:
        frame = pd.DataFrame(self.dossier[table], dtype=object)
        for name in numbers:
            frame[name] = frame[name].map(lambda text: F(text) if isinstance(text, str) else F(0))
        return frame

    def mwh(self, *sources: str) -> Fraction:
        """Electricity consumed from these sources; all when none is named."""
        used = self.power[(self.power["flow"] == "consumed") & (self.power["part"] != "B-T")]      # the tenant is outside
        return total(used["MWh"] if not sources else used.loc[used["source"].isin(sources), "MWh"])

    @property
    def heat_gj(self) -> Fraction:
        return sum((t * (h - FEED_WATER) for t, h in zip(self.steam["t"], self.steam["enthalpy_GJ_per_t"], strict=True)), F(0))

    def burned(self) -> pd.DataFrame:
        """Amount and GJ of each fuel row."""
        out = self.fuel.copy()
        out["amount"] = out["Nm3"] + out["t"]
        out["GJ"] = [a * FUELS[c][0] for a, c in zip(out["amount"], out["carrier"], strict=True)]
        return out

    def combustion_co2(self) -> Fraction:
        rows = self.burned()
        return total(pd.Series([gj * FUELS[c][1] * FUELS[c][2] * CO2_PER_C
                                for gj, c in zip(rows["GJ"], rows["carrier"], strict=True)], dtype=object))

    def process_co2(self) -> Fraction:
        return total(self.nmp["t"] * self.nmp["destruction_percent"] / 100) * NMP_CARBON * CO2_PER_C

    def scope_1_co2(self) -> Fraction:
        return self.combustion_co2() + self.process_co2()

    def grid_co2(self, area: str = "provincial") -> Fraction:
        return self.mwh("grid", "green trade") * GRID[area]

    def heat_co2(self) -> Fraction:
        return self.heat_gj * HEAT

    def co2(self, area: str = "provincial") -> Fraction:
        """Scopes 1 and 2, CO2 only, location-based."""
        return self.scope_1_co2() + self.grid_co2(area) + self.heat_co2()

    def other_gases(self) -> dict[str, Fraction]:
        """tCO2e of what is not CO2 in scope 1."""
        rows = self.burned()
        pairs = list(zip(rows["GJ"], rows["carrier"], strict=True))
        out = {"CH4": sum((gj * CH4[c] for gj, c in pairs), F(0)) * GWP["CH4"],
               "N2O": sum((gj * N2O[c] for gj, c in pairs), F(0)) * GWP["N2O"]}
        for gas, kg in zip(self.gas["gas"], self.gas["top_up_kg"], strict=True):
            out[gas] = out.get(gas, F(0)) + kg / 1000 * GWP[gas]
        return out

    def co2e(self, area: str = "provincial") -> Fraction:
        return self.co2(area) + sum(self.other_gases().values(), F(0))

    def scope_3(self) -> dict[str, Fraction]:
        """tCO2e by table: amount times factor, whose unit names the column of the amount."""
        out: dict[str, Fraction] = {}
        for table in ("purchased", "transport", "waste", "travel"):
            for row in self.dossier[table]:
                factor, unit = row["factor"].split(" kgCO2e/")
                out[table] = out.get(table, F(0)) + F(row[unit]) * F(factor) / 1000
        return out

    def counted_certificates(self) -> Fraction:
        """Bought apart, cancelled for consumption, for this facility."""
        good = self.gec[(self.gec["bundled"] == "no") & (self.gec["cancellation_reason"] == "consumption claim")]
        return total(good["MWh"])

    def market_co2(self) -> Fraction:
        """Scope 2 of the market: instruments at zero, the rest at the residual factor, heat as before."""
        rest = self.mwh("grid") - self.counted_certificates()
        return self.scope_1_co2() + rest * RESIDUAL + self.heat_co2()

    def other_energy(self) -> Fraction:
        rows = self.burned()
        fuels = sum((a * TCE[c] for a, c in zip(rows["amount"], rows["carrier"], strict=True)), F(0))
        return fuels + self.heat_gj * TCE_PER_GJ_OF_HEAT

    def energy(self, convention: str = "calorific") -> Fraction:
        """Comprehensive energy, tce."""
        return self.other_energy() + self.mwh() * TCE_OF_POWER[convention]

    def indicators(self, area: str = "provincial", convention: str = "calorific") -> dict[str, Fraction]:
        """The eleven MIIT indicators that have a value; 2.3 does not apply without carbon capture."""
        machines, meters = self.frame("equipment", "rated_kW"), self.frame("meters")
        good = machines[(machines["efficiency_grade"].map(int) <= 2) & (machines["energy_saving_level"] == "yes")]
        main = pd.DataFrame([p for p in self.dossier["products"] if p["main"] == "yes"], dtype=object)
        reported = main[main["footprint_report"].notna()]
        answers = pd.DataFrame(self.dossier["checklists"], dtype=object)
        met = answers[answers["met"] == "yes"].groupby("checklist").size()
        needed = meters[meters["required"] == "yes"]
        live = needed[(needed["automatic"] == "yes") & (needed["effective"] == "yes")]
        power = TCE_OF_POWER[convention]
        clean = self.mwh("on-site", "green trade") + self.counted_certificates()
        value_added = next(F(v["amount"]) for v in self.dossier["economics"] if v["figure"] == "industrial_value_added")
        return {
            "1.1": self.co2(area) / self.energy(convention),
            "1.2": clean * power / self.energy(convention),
            "1.3": self.mwh("on-site") / self.mwh(),
            "2.1": self.energy(convention) / value_added,
            "2.2": total(good["rated_kW"]) / total(machines["rated_kW"]),
            "3.1": F(reported["category"].nunique(), main["category"].nunique()),
            "3.2": F(int(met["miit-supply-chain"])),
            "4.1": F(len(live), len(needed)),
            "4.2": F(int(met["miit-energy-carbon-functions"])),
            "5.1": F(int(met["miit-disclosure"])),
        }


def total(column: Any) -> Fraction:
    """Exact sum of a column."""
    return sum(column, F(0))
