"""Ten tables of two meters and twelve months with the mess that such files have; and files that are no tables at all."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zerofactory_engine.dossier.read import read_dossier
from zerofactory_engine.problems import ProblemsError
from zerofactory_mappings.sources import Imported, meter_csv

HEADER = ["表号", "月份", "上月示数", "本月示数", "倍率", "电量(kWh)"]
MAPPING = ("format: zerofactory/meter-mapping/1\ntable: electricity\ncolumns: {meter: 表号, month: 月份, "
           "reading_from: 上月示数, reading_to: 本月示数, multiplier: 倍率, quantity: 电量}\n")
WIDE = str.maketrans("0123456789.", "０１２３４５６７８９．")
Cells = list[str]


def records() -> list[Cells]:
    """Two meters, twelve months: meter, month, reading before, reading after, multiplier, quantity."""
    out = []
    for meter, step, ratio in (("00071", 125, 40), ("00072", 31, 100)):
        at = 1000
        for month in range(1, 13):
            out.append([meter, f"2025-{month:02d}", f"{at}.5", f"{at + step + month}.5", str(ratio),
                        str((step + month) * ratio)])
            at += step + month
    return out


def same(rows: list[Cells]) -> list[Cells]:
    return rows


@dataclass(frozen=True)
class Mess:
    """What is done to the table. *refused* and *others*: rows below the header that are no good records."""

    name: str
    cell: Callable[[int, str], str] = lambda _, text: text
    header: Sequence[Cells] = (HEADER,)
    above: Sequence[Cells] = ()
    below: Sequence[Cells] = ()
    rows: Callable[[list[Cells]], list[Cells]] = same
    kind: str = "xlsx"
    codec: str = "utf-8"
    delimiter: str = ","
    merge: bool = False
    mapping: str = MAPPING
    kept: int = 0
    refused: int = 0


def thousands(index: int, text: str) -> str:
    return f"{Decimal(text):,f}" if index in (2, 3, 5) else text


def month_as(form: str) -> Callable[[int, str], str]:
    def change(index: int, text: str) -> str:
        year, _, month = text.partition("-")
        return form.format(year=year, month=int(month)) if index == 1 else text
    return change


def with_sums(rows: list[Cells]) -> list[Cells]:
    half = sum(int(r[5]) for r in rows[:12])
    rest = sum(int(r[5]) for r in rows[12:])
    return [*rows[:12], ["小计", "", "", "", "", str(half)], *rows[12:], ["合计", "", "", "", "", str(half + rest)]]


def with_pages(rows: list[Cells]) -> list[Cells]:
    return [*rows[:8], HEADER, *rows[8:16], [""] * 6, HEADER, *rows[16:]]


def broken(rows: list[Cells]) -> list[Cells]:
    return [["", *rows[0][1:]], [*rows[1][:5], "约100"], [*rows[2][:1], "某月", *rows[2][2:]], *rows[3:]]


def shuffled(rows: list[Cells]) -> list[Cells]:
    return [[r[5], "X1", *r[:5]] for r in rows]


def months_only(rows: list[Cells]) -> list[Cells]:
    return [r if n % 12 == 0 else ["", *r[1:]] for n, r in enumerate(rows)]


TITLE = (["某供电公司抄表清单", "", "", "", "", ""], ["户名：示例公司", "", "2025年", "", "", ""], [""] * 6)
MESSES = (
    Mess("plain"),
    Mess("titles-and-notes", above=TITLE, below=([""] * 6, ["注：以表计为准"]), cell=thousands, kept=1),
    Mess("merged", merge=True, rows=months_only, cell=month_as("{year}年{month}月")),
    Mess("two-row-header", header=(["基本", "", "示数", "", "", "数量"], HEADER), cell=month_as("{year}/{month}")),
    Mess("unit-row", header=([*HEADER[:5], "电量"], ["", "", "", "", "", "(kWh)"]),
         cell=lambda i, t: t.translate(WIDE) if i > 1 else t),
    Mess("sums", rows=with_sums, cell=thousands, kept=2),
    Mess("gb18030", kind="csv", codec="gb18030", above=TITLE, cell=month_as("{year}年{month}月"), rows=with_sums, kept=2),
    Mess("semicolons", kind="csv", delimiter=";", codec="utf-8-sig", rows=shuffled,
         header=([HEADER[5], "内部编码", *HEADER[:5]],), cell=lambda i, t: f" {t}\u3000"),
    Mess("tabs-and-pages", kind="csv", delimiter="\t", codec="utf-16", rows=with_pages, kept=2,
         cell=lambda i, t: f"{t} kWh" if i == 5 and t.isdigit() else t),
    Mess("broken-rows", kind="csv", rows=broken, refused=3,
         header=([" 表 号 ", "月　份", "上月\n示数", "本月示数", "倍率", "电量\n（kWh）"],)),
)


def made(mess: Mess) -> bytes:
    def row(cells: Cells) -> Cells:
        return [mess.cell(i, t) if t and cells[0] not in ("小计", "合计") and cells != HEADER else t
                for i, t in enumerate(cells)]

    lines = [*mess.above, *mess.header, *map(row, mess.rows(records())), *mess.below]
    if mess.kind == "csv":
        out = io.StringIO()
        csv.writer(out, delimiter=mess.delimiter).writerows(lines)
        return out.getvalue().encode(mess.codec)
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    for line in lines:
        page.append([t or None for t in line])
    if mess.merge:
        page.merge_cells("A2:A13")
        page.merge_cells("A14:A25")
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def run(data: bytes, mapping: str = MAPPING, name: str = "t.xlsx") -> Imported:
    return meter_csv.import_bytes(data, name, {"mapping": mapping.encode(), "mapping_file": "m.yaml"})


@pytest.mark.parametrize("mess", MESSES, ids=lambda m: m.name)
def test_every_row_of_a_messy_table_is_accounted_for(mess: Mess, tmp_path: Path) -> None:
    imported = run(made(mess), mess.mapping)
    good = [r for r in records() if not mess.refused] or records()[3:]
    rows = {int(e.path.rpartition("/")[2]): e for e in imported.report.entries if e.collection.startswith("rows")}
    first = min(n for n, e in rows.items() if e.state in ("used", "refused"))
    states = Counter(e.state.value for n, e in rows.items() if n >= first)
    assert (states["used"], states["refused"], states["kept"]) == (len(good), mess.refused, mess.kept)
    for name, data in imported.dossiers.items():
        (tmp_path / name).write_bytes(data)
    found = read_dossier(tmp_path / "meters.yaml").dossier.rows["electricity"]
    assert [(r.meter, str(r.start)[:7], r.values["MWh"] * 1000) for r in found] == [
        (r[0], r[1], Decimal(r[5])) for r in good]
    told = {p.code for p in imported.report.problems}
    assert not told & {"meter.readings", "meter.readings-jump", "meter.total", "meter.gap"}


@given(st.binary(max_size=400) | st.text(max_size=300).map(lambda t: f"表号,月份,电量\n{t}".encode()))
@settings(max_examples=60, deadline=None)
def test_no_file_gets_a_traceback(data: bytes) -> None:
    mapping = MAPPING.replace("reading_from: 上月示数, reading_to: 本月示数, multiplier: 倍率, ", "") + "unit: kWh\n"
    try:
        imported = run(data, mapping)
    except ProblemsError:                              # anything else is a failure
        return
    assert imported.dossiers
