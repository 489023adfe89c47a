"""Tables are found wherever their headings stand and however they are cut; every row below has its kind."""

from __future__ import annotations

from typing import Any

import pytest
from tests.mappings.sources.cn_energy_tables.books import csv_of, xlsx

from zerofactory_mappings.sources.sheets.account import Fate, Ledger
from zerofactory_mappings.sources.sheets.grid import Grid, read_grids
from zerofactory_mappings.sources.sheets.headers import Field, RowKind, Table, find_table

FIELDS = (Field("name", ("能源名称", "carrier"), required=True), Field("bought", ("购进量", "购进量/实物量", "purchase")),
          Field("used", ("消费量/合计", "消费量", "consumption"), {"吨": "t", "万千瓦时": "10kkWh"}),
          Field("making", ("消费量/生产用", "生产用")))


def grid_of(rows: list[list[Any]], merges: tuple[str, ...] = ()) -> Grid:
    return read_grids(xlsx(("a", rows), merges=merges), "a.xlsx")[0]


def table_of(rows: list[list[Any]], merges: tuple[str, ...] = (), at_least: int = 2) -> Table:
    found = find_table(grid_of(rows, merges), FIELDS, at_least=at_least)
    assert found is not None
    return found


def columns(table: Table) -> dict[str, tuple[int, str]]:
    return {name: (c.index, c.unit_text) for name, c in table.columns.items()}


@pytest.mark.parametrize(("rows", "merges"), [
    ([["能源名称", "购进量", "消费量", "生产用"]], ()),
    ([["题目"], [], ["能源 名称", "购进量\n（实物量）".replace("（实物量）", ""), " 消 费 量", "其中：生产用"]], ()),
    ([["Carrier", "PURCHASE", "Consumption", "生产用"]], ()),
    ([["能源名称", "购进量", "消费量", None], [None, "实物量", "合计", "生产用"]], ("A1:A2", "C1:D1")),
    ([["能源名称", "购进量", "消费量", None], [None, "实物量", "合计", "1.生产用"]], ()),
])
def test_headings(rows: list[list[Any]], merges: tuple[str, ...]) -> None:
    table = table_of([*rows, ["原煤", 1, 2, 3]], merges)
    assert {n: i for n, (i, _) in columns(table).items()} == {"name": 1, "bought": 2, "used": 3, "making": 4}
    assert [r.text("used") for r in table.data] == ["2"]


def test_units_in_the_heading_or_in_a_row_of_their_own() -> None:
    assert columns(table_of([["能源名称", "消费量（吨）"], ["原煤", 1]]))["used"] == (2, "吨")
    table = table_of([["能源名称", "购进量", "消费量"], ["计量单位", "吨", "吨"], ["原煤", 1, 2]])
    assert columns(table)["used"] == (3, "吨")
    assert (len(table.data), table.header_rows) == (1, (1, 2))


def test_numbered_columns_are_headings_but_a_row_of_figures_is_not() -> None:
    assert table_of([["能源名称", "购进量", "消费量", "生产用"], ["甲", 1, 2, 3], ["原煤", 4, 5, 6]]).header_rows == (1, 2)
    assert len(table_of([["能源名称", "购进量", "消费量", "生产用"], ["原煤", 1, 2, 3]]).data) == 1


def test_kinds_of_rows() -> None:
    head = ["能源名称", "购进量", "消费量"]
    table = table_of([head, ["原煤", 1, 2], [], ["小计", 1, 2], head, ["柴油", 3, 4], ["能源合计", None, 6], ["填表人：甲"], ["注：按法人填报"],
                      ["1.本表由法人单位填报"], ["2.一般烟煤和无烟煤", "—"]])
    assert [(r.number, r.kind) for r in table.rows] == [
        (2, RowKind.DATA), (3, RowKind.BLANK), (4, RowKind.SUBTOTAL), (5, RowKind.HEADER), (6, RowKind.DATA),
        (7, RowKind.SUBTOTAL), (8, RowKind.NOTE), (9, RowKind.NOTE), (10, RowKind.NOTE),
        (11, RowKind.DATA)]
    assert [r.number for r in table.footer] == [8, 9, 10]


def test_unknown_and_repeated_headings_are_said() -> None:
    table = table_of([["能源名称", "消费量", "热值", "消费量"], ["原煤", 1, 2, 3]])
    assert ([c.ref for c in table.unknown], [c.ref for c in table.twice]) == (["C1"], ["D1"])
    assert [c.text for c in table.data[0].others] == ["2", "3"]


def test_no_table_without_its_required_field_or_enough_of_them() -> None:
    assert find_table(grid_of([["购进量", "消费量"], [1, 2]]), FIELDS, at_least=2) is None
    assert find_table(grid_of([["能源名称", "热值"], ["原煤", 2]]), FIELDS, at_least=2) is None


def test_every_row_has_one_fate_and_what_nobody_spoke_for_is_not_understood() -> None:
    grid = read_grids(csv_of([["题目"], [], ["能源名称", "消费量"], ["原煤", 1], ["柴油", 2]]), "a.csv")[0]
    table = find_table(grid, FIELDS, at_least=2)
    assert table is not None
    ledger = Ledger()
    ledger.open(grid)
    ledger.layout(grid, table)
    ledger.row(grid, 4, Fate.USED, target="a.yaml energy/E1")
    ledger.close()
    assert ledger.balance() == {"used": 1, "kept": 0, "refused": 0, "not-understood": 1, "layout": 2, "blank": 1, "rows": 5}
    assert [(e.path, e.state.value, e.reason) for e in ledger.entries()] == [
        ("1", "kept", "sheets.row-title"), ("3", "kept", "sheets.row-header"), ("4", "used", ""),
        ("5", "kept", "sheets.row-not-understood")]
