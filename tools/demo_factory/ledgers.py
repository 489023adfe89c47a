"""Ledgers of the demo factory: equipment in scope of the efficiency standards, meters, answers to the checklists."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Machine:
    """A group of equal machines: kind, what it is, number, rated kW of one, grade, catalogue level."""

    id: str
    kind: str
    zh: str
    en: str
    number: int
    kw: Decimal
    grade: int
    saving: bool

    @property
    def rated_kw(self) -> Decimal:
        """Rated power of all of them."""
        return self.number * self.kw


def _machine(line: str) -> Machine:
    name, kind, zh, en, number, kw, grade, saving = (part.strip() for part in line.split("|"))
    return Machine(name, kind, zh, en, int(number), Decimal(kw), int(grade), saving == "yes")


EQUIPMENT = tuple(_machine(line) for line in """
Q02 | transformer    | 35 kV配电变压器     | 35 kV distribution transformer |  8 |  2500 | 2 | yes
Q03 | transformer    | 10 kV老旧配电变压器 | old 10 kV transformer          |  3 |  1600 | 3 | no
Q04 | motor          | 涂布机电机          | coater motor                   | 24 |    75 | 2 | yes
Q05 | motor          | 辊压机电机          | calender motor                 | 12 |   132 | 1 | yes
Q06 | motor          | 输送辅助电机        | conveyor motors                | 60 |   5.5 | 3 | no
Q07 | compressor     | 离心空压机          | centrifugal air compressor     |  4 |   450 | 1 | yes
Q08 | compressor     | 螺杆空压机          | screw air compressor           |  3 |   250 | 2 | yes
Q09 | chiller        | 磁悬浮冷水机组      | magnetic-bearing chiller       |  3 |   620 | 1 | yes
Q10 | chiller        | 螺杆冷水机组        | screw chiller                  |  2 |   480 | 3 | no
Q11 | pump           | 冷却水泵            | cooling-water pump             | 14 |    90 | 2 | yes
Q12 | fan            | 除湿转轮风机        | desiccant-wheel fan            | 22 |    45 | 2 | no
Q13 | boiler         | 燃气蒸汽锅炉        | gas steam boiler               |  2 |  4200 | 1 | yes
""".strip().splitlines())


@dataclass(frozen=True)
class Instrument:
    """A meter: what it measures, GB 17167 class, accuracy, whether the standard requires it, automatic, effective."""

    id: str
    carrier: str
    zh: str
    en: str
    level: int
    accuracy: str
    automatic: bool
    effective: bool
    laboratory: str = "Yibin metrology institute (example)"


def _meter(line: str) -> Instrument:
    name, carrier, zh, en, level, accuracy, automatic, effective = (part.strip() for part in line.split("|"))
    return Instrument(name, carrier, zh, en, int(level), accuracy, automatic == "yes", effective == "yes")


METERS = tuple(_meter(line) for line in """
M-E1 | electricity | 110 kV关口表         | gateway 1, 110 kV         | 1 | 0.2S | yes | yes
M-E2 | electricity | 35 kV关口表          | gateway 2, 35 kV          | 1 | 0.2S | yes | yes
M-PV | electricity | 屋顶光伏发电表       | roof photovoltaics        | 1 | 0.5S | yes | yes
M-PX | electricity | 光伏上网表           | photovoltaics fed in      | 1 | 0.5S | yes | yes
M-T1 | electricity | 租户分表             | tenant                    | 2 | 0.5S | yes | yes
M-E3 | electricity | 涂布车间             | coating hall              | 2 | 0.5S | yes | yes
M-E4 | electricity | 化成车间             | formation hall            | 2 | 0.5S | yes | yes
M-E5 | electricity | 装配车间             | assembly hall             | 2 | 0.5S | yes | yes
M-E6 | electricity | 动力站房             | utilities                 | 2 | 0.5S | yes | yes
M-E7 | electricity | 空压站               | air compressors           | 3 | 1.0  | yes | yes
M-E8 | electricity | 制冷站               | chillers                  | 3 | 1.0  | yes | yes
M-E9 | electricity | 除湿机组             | dehumidifiers             | 3 | 1.0  | no  | yes
M-G1 | natural_gas | 生产用天然气总表     | natural gas, production   | 1 | 1.0  | yes | yes
M-G2 | natural_gas | 食堂天然气表         | natural gas, canteen      | 2 | 1.5  | yes | yes
M-G3 | natural_gas | RTO天然气表          | natural gas, oxidiser     | 3 | 1.5  | yes | no
M-H1 | steam       | 外购蒸汽表           | purchased steam           | 1 | 1.5  | yes | yes
""".strip().splitlines())

#: Energy-carbon centre functions that are there (all but the last of the thirteen), with the document behind them.
FUNCTIONS = 12
#: Supply-chain measures that are there: all but digital tracking.
MEASURES = 5
