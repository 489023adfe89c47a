"""Forms and ledgers as a factory keeps them, made by hand; every figure can be checked on paper."""

from __future__ import annotations

import copy
import csv
import io
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook

Rows = list[list[Any]]

#: Form 205-1, cumulative of a year. Coal: 200 + 5000 - 5000 = 200; total 3571.5 + 1458 + 1214.3 + 170.6 + 145.71 = 6560.11.
FORM: Rows = [
    ["能源购进、消费与库存"],
    ["单位详细名称：示例机械有限公司", None, None, "2025年1—12月", None, None, None, "表    号：205-1表"],
    ["能源名称", "计量单位", "代码", "年初库存量", "购进量", None, "购进金额（千元）", "消费量", None, None, None, None, "期末库存量",
     "采用折标系数", "参考折标系数"],
    [None, None, None, None, "实物量", "其中：购自省外", None, "合计", "1.工业生产消费", "用于原材料", "2.非工业生产消费", "合计中：运输工具消费"],
    ["甲", "乙", "丙", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
    ["原煤", "吨", "01", 200, 5000, 1000, 4000, 5000, 4900, 0, 100, 0, 200, 0.7143, 0.7143],
    ["天然气", "万立方米", "15", None, 100, None, 350, 100, 100, 10, 0, None, None, 12.143, 12.143],
    ["柴油", "吨", "20", 5, 100, None, 700, 100, 60, None, 40, 40, 5, 1.4571, 1.4571],
    ["热力", "百万千焦", "32", None, 5000, None, 400, 5000, 5000, None, 0, None, None, 0.03412, 0.0341],
    ["电力", "万千瓦时", "33", None, 1186.330350, None, 9000, 1186.330350, 1100, None, 86.330350, None, None, 1.229, 1.229],
    ["其他燃料", "吨标准煤", "34", None, None, None, None, 0, 0, None, 0, None, None, 1, 1],
    ["能源合计", "吨标准煤", "40", None, None, None, None, 6560.11, 6300, None, 260.11, None, None, "—", "—"],
    [],
    ["单位负责人：甲", None, "统计负责人：乙", None, "填表人：丙", None, "报出日期：2026年1月8日"],
    ["说明：本表由法人单位填报。"],
]
MERGES = ("A1:O1", "A3:A4", "B3:B4", "C3:C4", "D3:D4", "E3:F3", "G3:G4", "H3:L3", "M3:M4", "N3:N4", "O3:O4")
COLUMN = {"opening": 3, "purchase": 4, "consumption": 7, "industrial": 8, "feedstock": 9, "non_industrial": 10,
          "transport": 11, "closing": 12, "coefficient": 13}
ROW = {"coal": 5, "gas": 6, "diesel": 7, "heat": 8, "electricity": 9, "total": 11}

#: Ledger of one carrier: twelve months of 10 t industrial and 1 t other, opening stock 20 t, 12 t bought a month.
LEDGER: Rows = [
    ["工业企业能源统计台账"],
    ["能源名称：原煤   计量单位：吨", None, None, "2025年"],
    ["月份", "消费量", None, None, None, "购进量", "年初库存", "期末库存", "折标系数", None],
    [None, "总计", None, "生产用", "非生产用", None, None, None, "本月", "累计"],
    [None, "本月", "累计", None, None, None, None, None, None, None],
    *[[f"{m}月", 11, 11 * m, 10, 1, 12, 20 if m == 1 else None, 20 + m, 0.7143, 0.7143] for m in range(1, 13)],
    ["合计", 132, None, 120, 12, 144, None, None, None, None],
]
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
#: Wide ledger, English, two carriers.
WIDE: Rows = [
    ["Energy ledger 2025"],
    ["Energy carrier", "Unit", *_MONTHS, "Total"],
    ["Electricity", "MWh", *[100 + m for m in range(1, 13)], 1278],
    ["Natural gas", "Nm3", *[1000] * 12, 12000],
]


def form(**changes: Any) -> Rows:
    """The form with cells changed: ``coal_closing=300``."""
    rows = copy.deepcopy(FORM)
    for name, value in changes.items():
        row, column = name.split("_", 1)
        rows[ROW[row]][COLUMN[column]] = value
    return rows


def xlsx(*sheets: tuple[str, Rows], merges: Sequence[str] = ()) -> bytes:
    """A workbook of sheets; *merges* on the first one."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for index, (title, rows) in enumerate(sheets):
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
        for merge in merges if index == 0 else ():
            sheet.merge_cells(merge)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def form_book(rows: Rows | None = None) -> bytes:
    """The form as a workbook with merged headings."""
    return xlsx(("205-1", rows if rows is not None else form()), merges=MERGES)


def csv_of(rows: Rows, delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    """The rows as CSV."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([["" if c is None else c for c in row] for row in rows])
    return out.getvalue().encode(encoding)
