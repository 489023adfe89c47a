"""How an inventory is computed: factor sets by role and named options, every one with its accepted values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from zerofactory_engine.problems import Problem, ProblemsError


@dataclass(frozen=True, slots=True)
class Accepted:
    """One option: the values it accepts with their titles, the default, and a pattern for further values (a year).

    *later*: it came after inventories had been published. While it has its default, which is what they did, it is not
    shown, so that they come out the same.
    """

    title: Mapping[str, str]
    values: Mapping[str, Mapping[str, str]]
    default: str
    pattern: str | None = None
    later: bool = False

    def __contains__(self, value: object) -> bool:
        if not isinstance(value, str):
            return False
        return value in self.values or (self.pattern is not None
                                        and re.fullmatch(self.pattern, value, re.ASCII) is not None)

    def __iter__(self) -> Iterator[str]:
        return iter(self.values)

    def __str__(self) -> str:
        return ", ".join((*self.values, *(["YYYY"] if self.pattern else [])))


def _titles(zh: str, en: str) -> Mapping[str, str]:
    return {"zh": zh, "en": en}


#: Options of the accounting by name.
ACCEPTED: Mapping[str, Accepted] = {
    "consolidation": Accepted(_titles("合并口径", "consolidation"), {
        "stated": _titles("按填报的合并方法与比例", "by the approach and share that the dossier states"),
        "facility": _titles("整个设施（不按权益比例折算）", "the facility as a whole, whatever the share")},
        "stated", later=True),
    "grid_area": Accepted(_titles("电网因子范围", "area of the grid factor"), {
        "national": _titles("全国", "national"), "regional": _titles("区域", "regional"),
        "provincial": _titles("省级", "provincial")}, "provincial"),
    "grid_year": Accepted(_titles("电网因子年份", "year of the grid factor"), {
        "latest": _titles("最新发布", "latest published"), "data_year": _titles("数据年", "year of the data")},
        "latest", r"(19|20)\d\d"),
    "gases": Accepted(_titles("气体范围", "gases"), {
        "all": _titles("全部温室气体", "all gases"), "co2": _titles("仅二氧化碳", "CO2 only")}, "all"),
    "methane_gwp": Accepted(_titles("甲烷 GWP", "GWP of methane"), {
        "by_origin": _titles("按来源（化石/非化石）", "by origin, fossil or not"),
        "single": _titles("单一值", "the single value")}, "by_origin"),
    "exported_power": Accepted(_titles("输出能源", "exported energy"), {
        "report": _titles("单列，不扣减", "reported apart, never subtracted"),
        "subtract": _titles("扣减（仅限排放已计入的发电供热）", "subtracted where its generation is inside the total")},
        "report"),
    "biogenic_co2": Accepted(_titles("生物源二氧化碳", "biogenic CO2"), {
        "separate": _titles("单列于总量之外", "apart, outside the total"),
        "inside": _titles("计入总量", "inside the total")},
        "separate"),
    "green_power": Accepted(_titles("市场基准中的绿电", "green power in the market-based figure"), {
        "zero": _titles("合格合同与绿证均按发电排放率", "qualifying contracts and certificates at their emission rate"),
        "traded_zero": _titles("直供与绿电交易按发电排放率，单独绿证不计",
                               "direct and traded power at its emission rate, unbundled certificates without effect"),
        "none": _titles("合同工具均不计", "no contractual instrument counts")}, "zero"),
    "market_remainder": Accepted(_titles("市场基准其余电量", "rest of the market-based figure"), {
        "residual": _titles("剔除市场化交易非化石电量的因子", "residual factor"),
        "average": _titles("平均因子", "average factor")}, "residual"),
    "natural_gas_tce": Accepted(_titles("天然气折标系数", "coefficient of natural gas"), {
        "matching": _titles("与所用热值相符者", "the one that fits the heating value in use"),
        "gas_field": _titles("气田天然气", "gas field"), "oil_field": _titles("油田天然气", "oil field")}, "matching"),
    "measured_ncv_tce": Accepted(_titles("实测热值折标", "standard coal from measured heating value"), {
        "use": _titles("采用", "used"), "ignore": _titles("不采用", "not used")}, "use"),
    "captured_co2": Accepted(_titles("捕集的二氧化碳", "captured CO2"), {
        "permanent": _titles("仅扣减永久封存", "permanent storage is deducted"),
        "report": _titles("单列，不扣减", "reported apart, never deducted")}, "permanent"),
    "franchises": Accepted(_titles("特许经营的 ISO 类别", "ISO category of franchises"), {
        "category_5": _titles("类别 5", "category 5"), "category_6": _titles("类别 6", "category 6")}, "category_5"),
}

#: Factor set of each role when a pack does not name one. ``none`` switches the optional ones off.
DEFAULT_SETS: Mapping[str, str] = {
    "fuel": "cn-fuel-defaults/cn-general-industry-a",
    "other_gases": "ipcc-2006-fuels",           # CH4 and N2O of combustion where the fuel set has none; biomass
    "grid": "cn-mee-grid",
    "heat": "cn-heat-default",
    "standard_coal": "gbt2589-2020",
    "gwp": "ipcc-ar6",
    "blends": "refrigerant-blends",
    "process": "cn-process-defaults",
    "pfc": "ipcc-2006-pfc",
    "wastewater": "ipcc-2006-wastewater",
    "generation": "generation-rates",
    "constants": "molar-ratios",
}
ROLE_OF_SET: Mapping[str, str] = {"other_gases": "fuel"}
NO_SET = "none"
OPTIONAL_ROLES = frozenset({"other_gases"})


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked: *factor_sets* role → set id (``id`` or ``id@version``), *options* name → value.

    *known_on*: compute as it could have been known on that day (factors published later are not there).
    """

    factor_sets: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)
    known_on: date | None = None

    def settled(self) -> tuple[Mapping[str, str], Mapping[str, str]]:
        """Factor sets and options with the defaults filled in.

        Raises:
            ProblemsError: a role, option or value that is not accepted; all of them at once, area ``accounting``.
        """
        problems = [Problem("accounting.unknown-role", found=role, accepted=", ".join(DEFAULT_SETS))
                    for role in self.factor_sets if role not in DEFAULT_SETS]
        for name, value in self.options.items():
            if name not in ACCEPTED:
                problems.append(Problem("accounting.unknown-option", found=name, accepted=", ".join(ACCEPTED)))
            elif value not in ACCEPTED[name]:
                problems.append(Problem("accounting.option-not-accepted", found=f"{name}={value}",
                                        accepted=str(ACCEPTED[name])))
        if problems:
            raise ProblemsError(problems)
        return ({**DEFAULT_SETS, **self.factor_sets},
                {**{name: accepted.default for name, accepted in ACCEPTED.items()}, **self.options})


def shown(chosen: Mapping[str, str]) -> dict[str, str]:
    """The options of *chosen* that an inventory shows: all but later ones at their default."""
    return {name: value for name, value in chosen.items()
            if not (ACCEPTED[name].later and value == ACCEPTED[name].default)}
