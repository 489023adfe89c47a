"""Identities of the forms: a form that adds up is silent; each identity broken once is one warning at its cell."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

import pytest
from tests.mappings.sources.cn_energy_tables.books import LEDGER, WIDE, Rows, csv_of, form, form_book, xlsx

from zerofactory_engine.problems import Problem, Severity
from zerofactory_mappings.sources import cn_energy_tables
from zerofactory_mappings.sources.cn_energy_tables import vocabulary
from zerofactory_mappings.sources.cn_energy_tables.check import reference


def warnings(data: bytes, file: str = "a.xlsx") -> list[Problem]:
    found = cn_energy_tables.import_bytes(data, file, {"facility": None, "year": None}).report.problems
    return [p for p in found if p.severity is Severity.WARNING]


def told(data: bytes) -> list[tuple[str, str | None, str | None, str | None]]:
    return [(p.code.removeprefix("cn-energy."), p.place.cell, p.found, p.accepted) for p in warnings(data)]


def ledger(cells: dict[tuple[int, int], Any]) -> Rows:
    rows = copy.deepcopy(LEDGER)
    for (row, column), value in cells.items():
        rows[row - 1][column - 1] = value
    return rows


def test_what_adds_up_is_silent() -> None:
    assert told(form_book()) == []
    assert told(xlsx(("原煤", LEDGER))) == []
    assert warnings(csv_of(WIDE), "a.csv") == []


@pytest.mark.parametrize(("changes", "expected"), [
    ({"coal_industrial": 4800}, ("consumption-split", "H6", "5000", "4900")),
    ({"coal_closing": 300}, ("stock-balance", "M6", "300", "200")),
    ({"coal_opening": 150}, ("stock-balance", "M6", "200", "150")),
    ({"total_consumption": 6600}, ("total-coal", "H12", "6600", "6560.11000015")),
    ({"diesel_coefficient": 1.7, "total_consumption": 6584.4}, ("coefficient-band", "N8", "1.7", "1.31139 – 1.60281")),
])
def test_each_identity_broken_once(changes: dict[str, float], expected: tuple[str, ...]) -> None:
    found = told(form_book(form(**changes)))
    assert found[0] == expected
    # a coefficient out of its band is also far from the reference that the form prints beside it
    assert [f[0] for f in found[1:]] == (["coefficient-own-reference"] if "diesel_coefficient" in changes else [])


@pytest.mark.parametrize(("transferred", "stocktake", "closing", "said"), [
    (3, -2, 5, None), (0, -2, 5, "8"), (3, 2, 5, "9"), (3, 0, 7, None), (None, None, 10, None)])
def test_transfers_and_stocktake_enter_the_stock_balance(transferred: int | None, stocktake: int | None, closing: int, said: str | None) -> None:
    rows: Rows = [["能源购进、消费与库存 2025年"], ["能源名称", "计量单位", "年初库存量", "购进量", "消费量", "拨出量", "盘盈（+）盘亏（-）", "期末库存量"],
                  ["原煤", "吨", 10, 100, 100, transferred, stocktake, closing]]
    assert [f[3] for f in told(xlsx(("a", rows)))] == ([said] if said else [])


def test_an_equivalent_coefficient_of_electricity_has_a_word_of_its_own() -> None:
    codes = [f[0] for f in told(form_book(form(electricity_coefficient=3.024)))]
    assert codes == ["coefficient-electricity", "coefficient-own-reference", "total-coal"]


@pytest.mark.parametrize(("cells", "expected"), [
    ({(18, 2): 140}, [("months-sum", "B18", "140", "132"), ("consumption-split", "B18", "140", "132")]),
    ({(8, 3): 30}, [("months-sum", "C8", "30", "33")]),
    ({(7, 5): 3}, [("consumption-split", "B7", "11", "13"), ("months-sum", "E18", "12", "14")]),
    ({(17, 8): 40}, [("stock-balance", "H17", "40", "32")]),
    ({(9, 10): 0.8}, [("coefficient-average", "J9", "0.8", "0.7143")]),
    ({(18, 6): 150}, [("months-sum", "F18", "150", "144")]),
])
def test_the_ledger(cells: dict[tuple[int, int], Any], expected: list[tuple[str, ...]]) -> None:
    assert sorted(told(xlsx(("原煤", ledger(cells))))) == sorted(expected)


def test_the_wide_ledger() -> None:
    rows = copy.deepcopy(WIDE)
    rows[2][-1] = 1300
    (problem,) = warnings(csv_of(rows), "a.csv")
    assert (problem.code, problem.place.line, problem.found, problem.accepted) == ("cn-energy.months-sum", 3, "1300", "1278")


def test_form_and_ledger_of_one_file_are_compared_and_counted_once() -> None:
    data = xlsx(("205-1", form()), ("原煤", LEDGER))
    assert [(p.code, p.place.cell, p.found, p.accepted) for p in warnings(data)] == [("cn-energy.months-sum", "H6", "5000", "132")]
    report = cn_energy_tables.import_bytes(data, "a.xlsx", {}).report
    coal = next(s for s in report.sums if s.series == "raw_coal")
    assert (coal.used, coal.kept) == (Decimal(132), Decimal(5000))


def test_a_total_is_not_checked_where_a_coefficient_is_missing() -> None:
    problems = cn_energy_tables.import_bytes(form_book(form(diesel_coefficient="—")), "a.xlsx", {}).report.problems
    assert "cn-energy.total-not-checked" in {p.code for p in problems}
    assert "cn-energy.total-coal" not in {p.code for p in problems}


@pytest.mark.parametrize(("carrier", "unit", "tce"), [
    ("electricity", "10kkWh", "1.229"), ("raw_coal", "t", "0.7143"), ("natural_gas", "10kNm3", "12.143"),
    ("heat", "GJ", "0.03412"), ("diesel", "kg", "0.0014571"), ("electricity", "t", None), ("peat", "t", None)])
def test_reference_coefficients_per_stated_unit(carrier: str, unit: str, tce: str | None) -> None:
    assert reference(carrier, unit) == (Decimal(tce) if tce is not None else None)


def test_every_band_is_one_and_every_synonym_names_a_carrier() -> None:
    for name in vocabulary.data()["bands"].values():
        assert Decimal(name["low"]) < 1 < Decimal(name["high"])
    for carrier in vocabulary.data()["carriers"]:
        assert vocabulary.group_of(carrier)
        assert vocabulary.carrier_of(vocabulary.data()["carriers"][carrier][0]) == carrier
