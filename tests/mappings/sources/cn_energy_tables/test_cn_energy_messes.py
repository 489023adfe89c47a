"""Messes: other headings, languages, encodings and units, what is refused, and what a bad file gets."""

from __future__ import annotations

import copy
import hashlib
import subprocess
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.mappings.sources.cn_energy_tables.books import FORM, LEDGER, WIDE, Rows, csv_of, form, form_book, xlsx

from zerofactory_engine.accounting import FactorLibrary, compute_inventory
from zerofactory_engine.dossier.read import read_dossier
from zerofactory_engine.problems import ProblemsError
from zerofactory_engine.reasons import Unknown
from zerofactory_mappings.sources import Imported, cn_energy_tables
from zerofactory_mappings.sources.cn_energy_tables.plan import decide
from zerofactory_mappings.sources.cn_energy_tables.read import read_sheet
from zerofactory_mappings.sources.sheets.grid import read_grids

#: carrier or table → amount and unit, as the form states them.
FORM_AMOUNTS = [("raw_coal", "fuel", "5000", "t"), ("natural_gas", "fuel", "90", "10kNm3"), ("natural_gas", "feedstock", "10", "10kNm3"),
                ("diesel", "fuel", "60", "t"), ("diesel", "fuel", "40", "t"), ("electricity", "", "1186.33035", "10kkWh"), ("heat", "", "5000", "GJ")]
ENGLISH: Rows = [
    ["Form 205-1: energy purchase, consumption and stock, 2025年1-12月"],
    ["Energy product", "Unit", "Purchases", "Total consumption", "Industrial consumption", "Non-industrial consumption", "Closing stock"],
    ["Raw coal", "t", "1,500", "1,400 t", 1400, 0, 100], ["Electricity", "MWh", 20, 20, 20, "—", None],
    ["Purchased heat", "GJ", 7, 7, 7, 0, None], ["Rocket fuel", "t", 1, 1, 1, 0, None],
]


def run(data: bytes, file: str = "a.xlsx", year: int | None = None) -> Imported:
    return cn_energy_tables.import_bytes(data, file, {"facility": None, "year": year})


def rows(imported: Imported, year: int = 2025) -> list[dict[str, Any]]:
    loaded = yaml.safe_load(imported.dossiers[f"cn-energy-{year}.yaml"])
    return [{"table": t} | row for t in ("energy", "electricity", "heat") for row in loaded.get(t, [])]


def amounts(imported: Imported) -> list[tuple[str, str, str, str]]:
    return [(r.get("carrier", r["table"]), r.get("use", ""), str(r["amount"]), r["unit"]) for r in rows(imported)]


def fates(imported: Imported, collection: str) -> dict[str, tuple[str, str]]:
    return {e.path.rsplit("/", 1)[-1]: (e.state.value, e.reason) for e in imported.report.entries if e.collection == collection}


def codes(data: bytes, file: str = "a.xlsx", year: int | None = None) -> set[str]:
    with pytest.raises(ProblemsError) as error:
        run(data, file, year)
    return {p.code for p in error.value.problems}


def balanced(data: bytes, file: str = "a.csv") -> bool:
    grids = read_grids(data, file)
    decision = decide(grids, [s for g in grids if (s := read_sheet(g, 2025)) is not None], file, None)
    counts = dict(decision.ledger.balance())
    return counts.pop("rows") == sum(counts.values()) == sum(len(g.rows) for g in grids)


@pytest.mark.parametrize(("data", "file"), [
    (form_book(), "a.xlsx"), (xlsx(("数据", form())), "a.xlsx"), (csv_of(form()), "a.csv"), (csv_of(form(), encoding="gb18030"), "a.csv"),
    (csv_of(form(), ";", "utf-8-sig"), "a.csv"), (csv_of(form(), "\t", "utf-16"), "a.csv")], ids=["merged", "xlsx", "utf8", "gb18030", "semicolon", "utf16"])
def test_the_same_form_in_every_dress(data: bytes, file: str, tmp_path: Path) -> None:
    imported = run(data, file)
    assert amounts(imported) == FORM_AMOUNTS
    assert balanced(data, file)
    for name, content in imported.dossiers.items():
        (tmp_path / name).write_bytes(content)
    read = read_dossier(tmp_path / "cn-energy-2025.yaml")
    assert not [p for p in read.problems if p.severity.value != "note"]
    assert imported == run(data, file)
    assert cn_energy_tables.detect(data)


def test_every_row_points_at_its_cell_and_nothing_is_declared_complete() -> None:
    data = form_book()
    imported = run(data)
    found = {r["id"]: r["documents"] for r in rows(imported)}
    assert found["S1-6"] == ["D1#sheet=205-1&cell=H6"]
    assert found["S1-8V"] == ["D1#sheet=205-1&cell=L8"]
    assert found["S1-7"] == ["D1#sheet=205-1&from=H7+J7"]          # what is left after the feedstock
    loaded = yaml.safe_load(imported.dossiers["cn-energy-2025.yaml"])
    assert "complete" not in loaded
    assert loaded["organisation"]["name"] == {"zh": "示例机械有限公司"}
    assert (str(loaded["period"]["from"]), str(loaded["period"]["to"])) == ("2025-01-01", "2025-12-31")
    assert imported.dossiers["source.xlsx"] == data
    assert loaded["documents"][0]["sha256"] == hashlib.sha256(data).hexdigest()


def test_the_form_says_that_it_is_cumulative_and_of_a_legal_entity() -> None:
    assert {"cn-energy.per-entity", "cn-energy.cumulative"} <= {p.code for p in run(form_book()).report.problems}


def test_fates_of_the_rows_of_a_form() -> None:
    found = fates(run(form_book()), "rows of 205-1")
    assert found["6"] == ("used", "")
    assert found["11"] == ("kept", "cn-energy.standard-coal-only")
    assert found["12"] == ("kept", "cn-energy.subtotal")
    assert found["14"] == found["15"] == ("kept", "sheets.row-note")


def test_english_headings_units_behind_numbers_and_an_unknown_carrier() -> None:
    imported = run(csv_of(ENGLISH), "a.csv")
    assert amounts(imported) == [("raw_coal", "fuel", "1400", "t"), ("electricity", "", "20", "MWh"), ("heat", "", "7", "GJ")]
    assert fates(imported, "rows")["6"] == ("kept", "cn-energy.unknown-carrier")
    assert "cn-energy.unknown-carrier" in {p.code for p in imported.report.problems}


@pytest.mark.parametrize(("row", "column", "value", "fate"), [
    (6, 2, "桶", ("refused", "import.no-unit")), (6, 2, None, ("refused", "import.no-unit")),
    (10, 2, "吨", ("refused", "cn-energy.unit-not-of-carrier")), (6, 8, "1.234,5", ("refused", "sheets.ambiguous-number")),
    (6, 8, "=A1", ("refused", "workbook.formula-without-value")), (6, 8, "约5000", ("refused", "sheets.no-number")),
    (6, 8, "5000 kg", ("refused", "cn-energy.two-units")), (6, 8, -5, ("refused", "cn-energy.negative")),
    (7, 10, 200, ("refused", "cn-energy.parts-exceed")), (6, 2, "万吨", ("used", "")), (8, 1, "原煤", ("refused", "cn-energy.same-twice")),
    (8, 1, "其中：柴油", ("kept", "cn-energy.of-which")), (6, 13, "约2", ("used", "")), (6, 2, "吨标准煤", ("kept", "cn-energy.standard-coal-only")),
])
def test_one_bad_cell_concerns_one_row(row: int, column: int, value: Any, fate: tuple[str, str]) -> None:
    changed = copy.deepcopy(FORM)
    changed[row - 1][column - 1] = value
    imported = run(form_book(changed))
    assert fates(imported, "rows of 205-1")[str(row)] == fate
    assert len([f for f in fates(imported, "rows of 205-1").values() if f[0] == "used"]) == (5 if fate[0] == "used" else 4)


def test_missing_consumption_is_not_zero_and_zero_is_a_value() -> None:
    blank = run(form_book(form(coal_consumption=None, coal_industrial=None, coal_non_industrial=None)))
    assert fates(blank, "rows of 205-1")["6"] == ("kept", "cn-energy.no-consumption")
    zero = run(form_book(form(coal_consumption=0, coal_industrial=0, coal_non_industrial=0)))
    assert amounts(zero)[0] == ("raw_coal", "fuel", "0", "t")
    parts = run(form_book(form(coal_consumption=None)))
    assert amounts(parts)[0] == ("raw_coal", "fuel", "5000", "t")
    half = run(form_book(form(coal_consumption=None, coal_non_industrial=None)))
    assert fates(half, "rows of 205-1")["6"] == ("used", "cn-energy.industrial-only")


def test_of_cumulative_forms_the_last_one_counts() -> None:
    earlier = form()
    earlier[1][3] = "2025年1—6月"
    imported = run(xlsx(("6月", earlier), ("12月", form())))
    assert amounts(imported) == FORM_AMOUNTS
    assert fates(imported, "rows of 6月")["6"] == ("kept", "cn-energy.covered-by-later")


def test_one_month_of_the_form_means_all_months_up_to_it() -> None:
    rows_ = form()
    rows_[1][3] = "2025年3月"
    assert {(str(r["from"]), str(r["to"])) for r in rows(run(form_book(rows_)))} == {("2025-01-01", "2025-03-31")}


def test_the_period_comes_from_the_sheet_or_the_option_and_is_never_guessed() -> None:
    without = form()
    without[1][3] = None                     # the date of the signature below is no period
    assert codes(form_book(without)) == {"cn-energy.no-period"}
    imported = run(form_book(without), year=2024)
    assert {str(r["to"]) for r in rows(imported, 2024)} == {"2024-12-31"}
    assert "cn-energy.period-from-option" in {p.code for p in imported.report.problems}
    other = run(form_book(), year=2024)
    assert not [n for n in other.dossiers if n.endswith(".yaml")]
    assert fates(other, "rows of 205-1")["6"] == ("kept", "import.outside-period")


@pytest.mark.parametrize(("title", "end"), [("2025年一季度", "2025-03-31"), ("2025年第二季度", "2025-06-30"), ("2025年1-3季度", "2025-09-30"),
                                            ("2025年度", "2025-12-31"), ("2025-11", "2025-11-30")])
def test_periods_of_the_form_begin_in_january(title: str, end: str) -> None:
    rows_ = form()
    rows_[1][3] = title
    assert {(str(r["from"]), str(r["to"])) for r in rows(run(form_book(rows_)))} == {("2025-01-01", end)}


def test_a_ledger_with_fewer_months_gives_way_to_the_form() -> None:
    imported = run(xlsx(("205-1", form()), ("原煤", LEDGER[:8])))
    assert amounts(imported) == FORM_AMOUNTS
    assert fates(imported, "rows of 原煤")["6"] == ("kept", "cn-energy.covered-by-form")


def test_more_digits_than_a_dossier_holds_are_rounded_and_the_report_says_so() -> None:
    imported = run(csv_of(form(coal_consumption="5000.0000000000000123")), "a.csv")
    assert amounts(imported)[0] == ("raw_coal", "fuel", "5000", "t")
    entry = next(e for e in imported.report.entries if e.series == "raw_coal")
    assert (entry.stated, entry.amount) == ("5000.0000000000000123", "5000")


def test_the_dossier_can_be_computed_and_what_the_form_leaves_open_stays_unknown(tmp_path: Path) -> None:
    for name, content in run(form_book()).dossiers.items():
        (tmp_path / name).write_bytes(content)
    inventory = compute_inventory(read_dossier(tmp_path / "cn-energy-2025.yaml").dossier, None, FactorLibrary.shipped())
    assert {(line.table, line.row) for line in inventory.lines} >= {("energy", "S1-6"), ("electricity", "S1-10"), ("heat", "S1-9")}
    electricity = next(line for line in inventory.lines if line.table == "electricity")
    assert isinstance(electricity.location.value, Unknown)          # the form does not say where it came from


def test_ledgers_become_monthly_rows() -> None:
    months = rows(run(xlsx(("原煤", LEDGER))))
    assert [(r["id"], str(r["from"]), str(r["amount"])) for r in months[:2]] == [("S1-6", "2025-01-01", "11"), ("S1-7", "2025-02-01", "11")]
    assert len(months) == 12
    wide = rows(run(csv_of(WIDE), "a.csv"))
    assert len(wide) == 24
    assert wide[-1] | {"documents": 0} == {"table": "electricity", "id": "S1-3-12", "from": wide[-1]["from"], "to": wide[-1]["to"],
                                           "flow": "consumed", "amount": 112, "unit": "MWh", "documents": 0}


@pytest.mark.parametrize(("title", "reason"), [
    ("能源加工转换与回收利用", "cn-energy.kept-205-2"), ("表号：205-4表", "cn-energy.kept-205-4"),
    ("工业企业用水情况", "cn-energy.kept-205-4"), ("能源生产、销售与库存", "cn-energy.kept-205-6")])
def test_other_members_of_the_family_are_recognised_and_every_row_is_kept(title: str, reason: str) -> None:
    sheet: Rows = [[title], ["能源名称", "计量单位", "年初库存量", "购进量", "消费量"], ["原煤", "吨", 1, 2, 3], ["焦炭", "吨", 1, 2, 3]]
    imported = run(xlsx(("表", sheet)))
    assert [(e.state.value, e.reason) for e in imported.report.entries] == [("kept", reason)] * 4
    assert set(imported.dossiers) == {"source.xlsx"}
    assert {"cn-energy.form-kept", "import.nothing"} <= {p.code for p in imported.report.problems}


def test_a_sheet_that_is_no_form_is_listed_beside_one_that_is() -> None:
    imported = run(xlsx(("205-1", form()), ("备忘", [["电话", "地址"], ["1", "2"]])))
    assert {e.reason for e in imported.report.entries if e.collection == "rows of 备忘"} == {"sheets.row-not-understood"}
    assert "cn-energy.sheet-not-understood" in {p.code for p in imported.report.problems}


def test_what_a_bad_file_gets() -> None:
    assert codes(b"") == {"sheets.empty"}
    assert codes(b"%PDF-1.4") == {"sheets.not-a-table"}
    assert codes(b"a,b\n1,2\n", "a.csv") == {"cn-energy.no-form"}
    assert codes(bytes(200_000_000)) == {"text.too-large"}
    bomb = BytesIO(form_book())
    with zipfile.ZipFile(bomb, "a", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("xl/worksheets/sheet9.xml", bytes(50_000_000))
    assert "zip.bomb" in codes(bomb.getvalue())
    macro = BytesIO(form_book())
    with zipfile.ZipFile(macro, "a") as opened:
        opened.writestr("xl/vbaProject.bin", b"x")
    assert codes(macro.getvalue(), "a.xlsm") == {"sheets.macros"}
    assert not cn_energy_tables.detect(b"")
    assert not cn_energy_tables.detect(macro.getvalue())


_VALUES = st.one_of(st.none(), st.integers(-10, 10**6), st.sampled_from(["—", "1,234", "合计", "原煤", "吨", "注：x", "2025年", "1.2,3", "=A1", "  "]))


@settings(max_examples=60)
@given(st.sampled_from([FORM, LEDGER, WIDE]), st.dictionaries(st.tuples(st.integers(0, 14), st.integers(0, 12)), _VALUES, max_size=8))
def test_whatever_stands_in_the_cells_every_row_is_accounted_for(base: Rows, changes: dict[tuple[int, int], Any]) -> None:
    changed = copy.deepcopy(base)
    for (row, column), value in changes.items():
        if row < len(changed) and column < len(changed[row]):
            changed[row][column] = value
    data = csv_of(changed)
    try:
        imported = run(data, "a.csv", 2025)
    except ProblemsError as error:
        refused = {p.code for p in error.problems}
    else:
        refused = set()
    assert refused <= {"cn-energy.no-form"}
    if refused:
        return
    assert balanced(data)
    for each in imported.report.sums:
        assert each.total == each.used + each.kept + each.refused


@pytest.mark.full
def test_a_copy_saved_by_libreoffice_reads_the_same(tmp_path: Path) -> None:
    for name, data in (("form", form_book()), ("ledger", xlsx(("原煤", LEDGER)))):
        (tmp_path / f"{name}.xlsx").write_bytes(data)
        out = tmp_path / "out"
        subprocess.run(["soffice", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless", "--convert-to", "xlsx",
                        "--outdir", str(out), str(tmp_path / f"{name}.xlsx")], check=True, capture_output=True)
        saved = (out / f"{name}.xlsx").read_bytes()
        assert saved != data
        assert rows(run(saved)) == rows(run(data))
