"""Tidy records of each kind of evidence table, before the mess: field → exact text (numbers plain, days ISO).

Figures of a row keep to the arithmetic of their form (total = parts, closing stock = opening + purchased - consumed,
charge = quantity * price), so that a reader that checks it has nothing to say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from random import Random
from typing import Any

#: What a header says that its column holds; the first that matches. Everything else is text.
_TYPES = (("month", r"年月|周期"), ("text", r"日期/数量|日期与数量|起止|与用途|与偏差|与张数|编号|名称|代码|单位$|机组类型|产品名称|绿证编码"),
          ("day", r"日期|有效期"), ("year", r"^年份?$|vintage"),
          ("number", r"量|额|系数|价|容量|排放|强度|率|供热比|合计|煤耗|库存|消费|生产用|购进|购自|用于|能耗|基金"))
_TEXTS: Mapping[str, Sequence[str]] = {
    "项目名称": ("青山一期风电", "河西二期光伏", "北原分散式风电"), "项目业主": ("青山新能源有限公司", "河西光电有限公司"),
    "项目所在地": ("河北省/张家口市/康保县", "青海省/海西州/格尔木市"), "可交易": ("可交易",), "交易方式": ("单独", "绿电交易随电"),
    "出让方": ("青山新能源有限公司",), "受让方": ("示例电池有限公司",), "权属状态": ("已核销", "持有", "已划转"),
    "核销日期与用途": ("2025年度消费；示例电池有限公司",), "售电方": ("青山新能源有限公司", "河西光电有限公司"),
    "购电方": ("0310012345 示例电池有限公司",), "售电公司": ("示例售电有限公司",), "企业名称": ("示例热电有限公司",),
    "既有": ("既有", "新增"), "发电燃料": ("燃煤",), "压力参数": ("超临界", "亚临界"), "冷却方式": ("水冷", "空冷"),
    "组织机构代码": ("91310000MA1FL0000X",), "行业代码": ("4411",), "产品名称": ("电力",)}


def kind_of(field: str) -> str:
    """``number``, ``day``, ``month``, ``year`` or ``text``."""
    return next((name for name, pattern in _TYPES if re.search(pattern, field)), "text")


def tidy_rows(kind: str, fields: Sequence[str], spec: Mapping[str, Any], rng: Random, count: int) -> list[dict[str, str]]:
    """*count* records of *kind* with a value in every field."""
    rows = []
    for index in range(count):
        row = {field: _value(field, rng, index) for field in fields}
        row.update({field: text for field, text in _figures(kind, rng, index, spec).items() if field in row})
        rows.append(row)
    return rows


def _value(field: str, rng: Random, index: int) -> str:
    kind = kind_of(field)
    if kind == "number":
        return _text(_number(rng, 1, 99) if re.search("率|比", field) else _number(rng, 1000, 99999))
    if kind == "day":
        return f"2025-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"
    if kind == "month":
        return f"2025-{index % 12 + 1:02d}"
    if kind == "year":
        return "2025"
    choices = next((texts for start, texts in _TEXTS.items() if field.startswith(start)), None)
    return rng.choice(list(choices)) if choices else f"甲{rng.randint(100, 999)}-{index + 1}"


def _number(rng: Random, low: int, high: int) -> Decimal:
    return Decimal(rng.randint(low * 100, high * 100)) / 100


def _text(value: Decimal) -> str:
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _figures(kind: str, rng: Random, index: int, spec: Mapping[str, Any]) -> dict[str, str]:
    """The figures of one row that have to fit each other."""
    out: dict[str, Decimal | str]
    if kind in ("205-1", "energy-ledger"):
        return _energy(kind, rng, spec["products"][index % len(spec["products"])], index)
    if kind == "mee-supplement":
        fuel, bought, factor = _number(rng, 50000, 90000), _number(rng, 1000, 5000), Decimal("0.5568")
        out = {"机组编号": f"{index + 1}号机组", "化石燃料燃烧排放量": fuel, "购入电量(MWh)": bought,
               "区域电网平均排放因子(tCO2/MWh)": factor, "购入电力排放": bought * factor,
               "机组二氧化碳排放量": fuel + bought * factor, "碳氧化率(%)": _number(rng, 97, 99)}
    elif kind == "gec":
        out = {"电量(1张=1000kWh)": Decimal(rng.randint(100, 5000)), "核发日期": "2025-12-20", "有效期": "2027-12-19",
               "交易/划转日期": f"2026-01-{rng.randint(1, 28):02d}"}
    elif kind == "ccer":
        first, size, day = index * 10_000 + 1, rng.randint(50, 9000), f"2026-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"
        low, high = (f"CCER-2024-{number:08d}" for number in (first, first + size - 1))
        out = {"核证减排量(tCO2e)": Decimal(size), "减排量年份(vintage)": "2024",
               "批次/序列号区间": rng.choice([f"{low}~{high}", f"{low}至{high}", f"{low} - {high}"]),
               "监测期(减排量产生期)起止": "2024-01-01至2024-12-31", "交易日期与数量": f"2025-12-01；{size}",
               "注销日期/数量/用途(抵销, 碳中和)": f"{day}；{size}；{rng.choice(['碳中和', '抵销'])}"}
    else:
        settled, power, green = _number(rng, 1000, 9000), _number(rng, 300, 400), _number(rng, 10, 30)
        out = {"交易合同编号": f"LD-2025-{index + 1:04d}", "合同电量(MWh)": settled + _number(rng, 1, 90),
               "结算电量(MWh)": settled, "上网电量/用电量(取小)": settled, "电能量价格(元/MWh)": power,
               "绿色环境价值/环境权益价格(元/MWh)": green, "电费合计": settled * (power + green)}
    return {field: value if isinstance(value, str) else _text(value) for field, value in out.items()}


def _energy(kind: str, rng: Random, product: Sequence[str], index: int) -> dict[str, str]:
    name, unit, code, factor = product
    opening, used, other = _number(rng, 10, 900), _number(rng, 2000, 9000), _number(rng, 10, 900)
    bought = used + other + _number(rng, 1, 500)
    closing = opening + bought - used - other
    if name in ("电力", "热力", "天然气"):                   # nothing of these is held in stock
        opening, closing, bought = Decimal(0), Decimal(0), used + other
    common = {"能源名称": name, "计量单位": unit}
    if kind == "205-1":
        figures = {"年初库存量": opening, "购进量(实物量)": bought, "其中:购自省外": bought / 2,
                   "购进金额(千元)": bought * 2, "工业生产消费量": used, "其中:用于原材料": Decimal(0),
                   "其中:加工转换投入合计(205-2附表)": Decimal(0), "非工业生产消费量": other,
                   "其中:交通运输工具消费": other / 2, "期末库存量": closing, "采用折标系数": Decimal(factor),
                   "参考折标系数": Decimal(factor), "综合能源消费量": (used + other) * Decimal(factor)}
        common["代码"] = code
    else:
        figures = {"消费量总计(本月/累计)": used + other, "生产用": used, "非生产用": other, "购进量总计": bought,
                   "省外购进": bought / 2, "年初库存": opening, "期末库存": closing,
                   "折标系数(本月/累计加权)": Decimal(factor)}
        common |= {"年": "2025", "月(1-12)": str(index % 12 + 1)}
    return common | {field: _text(value) for field, value in figures.items()}
