"""Installations made up at random, the same for the same seed on every Python: only ``Random.random`` is used.

Everything that a user may leave out is left out now and then, units are mixed up, processes feed each other in circles,
precursors are used by several processes, names are missing or odd. What has no result by decision (nothing produced) is
left to cases made by hand.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from decimal import Decimal
from typing import TypeVar

from tests.mappings.cbam.workbook_oracle.plan import (
    Chp,
    Figure,
    Formula,
    Meter,
    Pfc,
    Plan,
    Precursor,
    Process,
    Product,
    Stated,
    Stream,
)
from tests.mappings.cbam.workbook_oracle.sheets import CATEGORIES

T = TypeVar("T")

#: Rows of production routes by category; the others have one.
ROUTES = {"crude_steel": 4, "pig_iron": 4, "hydrogen": 5, "ammonia": 4, "unwrought_aluminium": 4}
CODES = {
    "cement": "25232900", "cement_clinker": "25231000", "calcined_clays": "25070080", "aluminous_cement": "25233000",
    "iron_or_steel_products": "72083600", "crude_steel": "72071111", "direct_reduced_iron": "72031000",
    "pig_iron": "72011011", "ferro_alloys": "72021120", "sintered_ore": "26011200", "hydrogen": "28041000",
    "ammonia": "28141000", "nitric_acid": "28080000", "urea": "31021090", "mixed_fertilisers": "31052010",
    "aluminium_products": "76061291", "unwrought_aluminium": "76011010", "electricity": "27160000"}
WORDS = ("Line", "窑", "Hütte", "Mill & Son", "shop_floor", "“A”", "EAF", "Werk 2", "P1", "x<y", "O'Neil", "Linie_3")
#: Results of other sheets that people take over as the direct emissions of a process.
DIRECT = ("='C_Emissions&Energy'!L27", "='C_Emissions&Energy'!H32", "='C_Emissions&Energy'!H27/2",
          "=SUM(B_EmInst!AU17:AU20)", "=B_EmInst!AU17", "='C_Emissions&Energy'!L25-'C_Emissions&Energy'!K25")
ELECTRICITY = ("D.4(a)", "D.4(b)", "D.4.1", "D.4.2", "D.4.3.1", "D.4.3.2", "Mix")


class Dice:
    """Choices from one stream of random numbers."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed).random

    def chance(self, share: float) -> bool:
        return self.random() < share

    def whole(self, low: int, high: int) -> int:
        return low + int(self.random() * (high - low + 1))

    def pick(self, items: Sequence[T]) -> T:
        return items[int(self.random() * len(items))]

    def some(self, items: Sequence[T], count: int) -> list[T]:
        """Different items, in their order."""
        left = list(enumerate(items))
        return [item for _, item in sorted((left.pop(int(self.random() * len(left))) for _ in range(count)),
                                           key=lambda pair: pair[0])]

    def text(self, low: float, high: float) -> str:
        """A number with three to twelve digits."""
        drawn = low + self.random() * (high - low)
        return format(Decimal(f"{drawn:.{self.whole(2, 11)}e}"), "f")

    def figure(self, low: float, high: float, blank: float = 0.05, typed: float = 0.04) -> Figure:
        """A number, now and then an empty cell, a zero, or a formula that gives a number."""
        if self.chance(blank):
            return None
        if self.chance(0.03):
            return "0"
        text = self.text(low, high)
        return self.formula(Decimal(text)) if self.chance(typed) else text

    def formula(self, of: Decimal) -> Formula:
        """A formula somewhere near a number."""
        other = Decimal(f"{1 + self.random():.3f}")
        kind = self.whole(0, 3)
        if kind == 0:
            text, gives = f"={of}*{other}", of * other
        elif kind == 1:
            text, gives = f"=({of}+{other})*50%", (of + other) / 2
        elif kind == 2:
            text, gives = f"=SUM({of},{other},-{other})", of
        else:
            text, gives = f"=-{of}*-1+2^3-8", of
        return Formula(text, format(gives, "f"), stored=self.chance(0.5))


def plan(seed: int) -> Plan:
    """The installation of a seed."""
    dice = Dice(seed)
    count = dice.pick((1, 2, 2, 3, 3, 4, 5, 6, 8, 10))
    numbers = list(range(1, count + 1)) if dice.chance(0.6) else dice.some(range(1, 11), count)
    names = _names(dice, 30)
    tools = (_chp(dice), _chp(dice))
    processes = {p: _process(dice, p, numbers, names, tools) for p in numbers}
    bought = dice.pick((0, 1, 1, 2, 3, 4, 6, 9, 20))
    slots = list(range(1, bought + 1)) if dice.chance(0.6) else dice.some(range(1, 21), bought)
    return Plan(
        name=f"Installation {seed}", streams=_streams(dice), pfc=_pfc(dice), meters=_meters(dice), processes=processes,
        precursors={q: _precursor(dice, numbers, names) for q in slots}, products=_products(dice, processes),
        stated=_stated(dice), chp=tools)


def _names(dice: Dice, count: int) -> list[str | None]:
    """Different names in any order; None: not typed."""
    found: list[str | None] = []
    for n in range(count):
        if dice.chance(0.15):
            found.append(None)
            continue
        name = f"{dice.pick(WORDS)} {chr(65 + n % 26)}{n}"
        found.append(f" {name}" if dice.chance(0.04) else f"{name} " if dice.chance(0.06) else name)
    return found


def _rows(count: int, dice: Dice) -> int:
    return 0 if dice.chance(0.25) else count


def _streams(dice: Dice) -> dict[int, Stream]:
    count = dice.pick((0, 1, 2, 3, 5, 8, 13, 20, 75))
    slots = list(range(1, count + 1)) if dice.chance(0.7) else dice.some(range(1, 76), count)
    return {row: _stream(dice) for row in slots}


def _stream(dice: Dice) -> Stream:
    method = dice.pick(("combustion", "combustion", "process", "mass_balance", None if dice.chance(0.3) else "combustion"))
    unit = dice.pick(("t", "t", "t", "1000Nm3"))
    fitting = {"t": "tCO2/t", "1000Nm3": "tCO2/1000Nm3"}[unit]
    ef_unit = dice.pick(("tCO2/TJ", "tCO2/TJ", fitting, fitting, dice.pick(("tCO2/t", "tCO2/1000Nm3"))))
    return Stream(
        method=method, name=None if dice.chance(0.05) else f"stream {dice.whole(1, 999)}",
        amount=dice.figure(-5000 if method == "mass_balance" else 1, 900_000), unit=None if dice.chance(0.04) else unit,
        ncv=dice.figure(2, 50, blank=0.25), ef=dice.figure(0.01, 110, blank=0.6 if method == "mass_balance" else 0.08),
        ef_unit=None if dice.chance(0.6 if method == "mass_balance" else 0.05) else ef_unit,
        carbon=dice.figure(0.0001, 0.9, blank=0.08 if method == "mass_balance" else 0.8),
        oxidation=dice.figure(90, 100, blank=0.5), conversion=dice.figure(80, 100, blank=0.5),
        biomass=dice.figure(0, 100, blank=0.6))


def _pfc(dice: Dice) -> dict[int, Pfc]:
    count = dice.pick((0, 0, 0, 1, 2, 10))
    return {row: Pfc(
        method=None if dice.chance(0.05) else dice.pick(("slope", "overvoltage")), name=dice.pick(("CWPB", "CD SWPB", None)),
        aluminium=dice.figure(1000, 900_000), frequency=dice.figure(0.01, 2, blank=0.1), duration=dice.figure(0.1, 3, blank=0.1),
        slope=dice.figure(0.05, 0.2, blank=0.1), overvoltage=dice.figure(0.1, 5, blank=0.1),
        efficiency=dice.figure(85, 97, blank=0.1), coefficient=dice.figure(0.8, 4, blank=0.1),
        c2f6=dice.figure(0.03, 0.3, blank=0.1), collection=None if dice.chance(0.3) else dice.text(0.8, 1))
        for row in range(1, count + 1)}


def _meters(dice: Dice) -> dict[int, Meter]:
    count = dice.pick((0, 0, 1, 2, 5, 10))
    return {row: Meter(
        gas=None if dice.chance(0.05) else dice.pick(("CO2", "N2O")), name=None if dice.chance(0.1) else f"stack {row}",
        concentration=dice.figure(0.1, 2000), hours=dice.figure(1, 8760), flow=dice.figure(1, 900),
        biomass=dice.figure(0, 100, blank=0.6), energy_fossil=dice.figure(0, 900, blank=0.5),
        energy_biomass=dice.figure(0, 90, blank=0.8)) for row in range(1, count + 1)}


def _process(dice: Dice, p: int, numbers: list[int], names: list[str | None], tools: tuple[Chp | None, Chp | None]) -> Process:
    category = dice.pick(tuple(CATEGORIES))
    routes = ROUTES.get(category, 1)
    made: dict[int, Figure] = {row: dice.figure(100, 900_000, typed=0.02) for row in range(1, routes + 1) if dice.chance(0.7)}
    made[dice.whole(1, routes)] = produced = dice.text(1000, 900_000)
    if dice.chance(0.04):
        made[8] = dice.text(1, 500)          # a row that no route of the category has
    room, to = Decimal(produced) * Decimal("0.8"), {}
    takers = numbers if dice.chance(0.9) else list(range(1, 11))
    for k in takers:
        if k != p and dice.chance(0.4):
            amount = format(Decimal(f"{float(room) * dice.random() * 0.6:.6g}"), "f")
            room -= Decimal(amount)
            to[k] = amount if not dice.chance(0.05) else None

    def maybe(low: float, high: float, share: float = 0.5) -> Figure:
        return dice.figure(low, high, blank=1 - share)

    def refers(otherwise: Figure, texts: Sequence[str]) -> Figure:
        """Now and then a formula that takes what the workbook works out."""
        return Formula(dice.pick(texts)) if texts and dice.chance(0.05) else otherwise

    heat = [f"=F_Tools!K{row}" for tool, row in zip(tools, (49, 76), strict=True) if tool is not None]
    power = [f"=F_Tools!M{row}*0.0036" for tool, row in zip(tools, (49, 76), strict=True) if tool is not None]
    return Process(
        category=category, name=names.pop(), made=made, to_market=maybe(0, 500_000, 0.8), to=to, to_other=maybe(0, 5000),
        included=dice.pick(((), (), ("sintered_ore",), ("pig_iron", "hydrogen"))),
        heat_applies=dice.pick((None, True, False)), gas_applies=dice.pick((None, True, False)),
        direct=refers(dice.figure(-1000 if dice.chance(0.05) else 0, 2_000_000, blank=0.08), DIRECT),
        heat_in=maybe(0, 900), heat_in_ef=refers(maybe(20, 110, 0.6), heat), heat_out=maybe(0, 900), heat_out_ef=maybe(20, 110, 0.6),
        gas_in=maybe(0, 900, 0.3), gas_in_ef=maybe(1, 300, 0.2), gas_out=maybe(0, 900, 0.3), gas_out_ef=maybe(1, 300, 0.2),
        power=maybe(0, 900_000, 0.85), power_ef=refers(maybe(0, 1.2, 0.85), power), power_code=dice.pick((None, *ELECTRICITY)),
        export=maybe(0, 90_000, 0.3), export_ef=maybe(0, 1.2, 0.7))


def _precursor(dice: Dice, numbers: list[int], names: list[str | None]) -> Precursor:
    category = dice.pick(tuple(CATEGORIES))
    bought: dict[int, Figure] = {row: dice.figure(1, 90_000) for row in range(1, ROUTES.get(category, 1) + 1)
                                 if dice.chance(0.8)}
    takers = numbers if dice.chance(0.9) else list(range(1, 11))
    return Precursor(
        category=category, name=names.pop() if names else None, country=dice.pick(("CN", "TR", "IN", None)), bought=bought,
        used={p: dice.figure(0, 400_000) for p in takers if dice.chance(0.45)}, other=dice.figure(0, 100, blank=0.7),
        direct=dice.figure(0, 12, blank=0.1), power=dice.figure(0, 15, blank=0.15), power_ef=dice.figure(0, 1.2, blank=0.15),
        source=dice.pick(("measured", "default", "default", "unknown", None)),
        power_source=dice.pick(("measured", "default", "unknown", None)), code=dice.pick((None, *ELECTRICITY)),
        justification=dice.pick((None, "no data")))


def _products(dice: Dice, processes: dict[int, Process]) -> dict[int, Product]:
    count = dice.pick((0, 1, 2, 3, 6, 12, 100))
    slots = list(range(1, count + 1)) if dice.chance(0.7) else dice.some(range(1, 101), count)
    made = {}
    for row in slots:
        p = dice.pick(tuple(processes))
        name = processes[p].name
        made[row] = Product(name.lower() if name is not None and dice.chance(0.1) else p, CODES[processes[p].category],
                            None if dice.chance(0.1) else f"good {row}")
    return made


def _stated(dice: Dice) -> Stated:
    def maybe() -> Figure:
        return dice.figure(0, 900_000, blank=0.8)

    return Stated(maybe(), maybe(), maybe(), maybe(), maybe())


def _chp(dice: Dice) -> Chp | None:
    if dice.chance(0.6):
        return None
    return Chp(dice.text(100, 9000), dice.text(10, 3000), dice.text(100, 300_000), dice.text(1000, 500_000),
               dice.figure(0, 500, blank=0.4), dice.pick((None, "0.9", "0.87")), dice.pick((None, "0.525", "0.4")))
