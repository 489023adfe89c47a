"""Supplementary data sheets: the fate of every row, the identities, and the dossier made of a form."""

from __future__ import annotations

import csv
import io
import subprocess
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zerofactory_engine.accounting import FactorLibrary, Options, compute_inventory
from zerofactory_engine.dossier.model import Dossier
from zerofactory_engine.dossier.read import read_dossier
from zerofactory_engine.messages import render_problem
from zerofactory_engine.problems import ProblemsError
from zerofactory_mappings.sources import Imported, mee_supplement
from zerofactory_mappings.sources.mee_supplement.layout import fuel_of, items, label_of

#: A form as enterprises fill it: one unit, coal and some oil. 367062.27 t from fuel, 278.4 t from electricity.
FORM = """附件：发电企业2018年温室气体排放报告补充数据表,,,,
企业名称,示例热电有限公司,组织机构代码,91310000MA1FL0000N,
年份,2018,行业代码,4411,
企业综合能耗(万吨标煤),12.5,,,
按补充报告核算排放总量（万吨）,36.7341,,,
,补充数据,单位,数值,计算方法或填写要求
机组1,机组编号,,1#,
,1 发电燃料类型,,燃煤,燃煤、燃油或者燃气
,2 装机容量,MW,300,
,5 机组二氧化碳排放量,tCO2,367341,5.1与5.2之和
,5.1 化石燃料燃烧排放量,tCO2,"367,062.3",
,5.1.1 消耗量*4,t或万Nm3,,
,燃煤,,"200,000",计量
,辅助燃油,,100.5,
,5.1.2 低位发热量,GJ/t或GJ/万Nm3,,
,燃煤,,20.908,
,辅助燃油,,42.652,
,5.1.3 单位热值含碳量,tC/GJ,,
,燃煤,,0.02404,
,辅助燃油,,0.0202,
,5.1.4 碳氧化率,%,,
,燃煤,,99.5,
,辅助燃油,,98%,
,5.2 购入电力排放量,tCO2,278.4,
,5.2.1 购入电量,MWh,500,
,5.2.2 区域电网平均排放因子,tCO2/MWh,0.5568,
,6 发电量,MWh,"450,000",
,7 供电量,MWh,415000,
,8 供热量,GJ,600000,
,9 供热比,%,17.65,
,12 外星数据,,5,
注：以上数据由企业填报,,,,
"""
FATES = {
    1: ("kept", "sheets.row-title"), 2: ("used", "mee.names"), 3: ("used", "mee.names"), 4: ("used", ""),
    5: ("kept", "mee.checked"), 6: ("kept", "sheets.row-header"), 7: ("used", "mee.names"), 8: ("used", "mee.names"),
    9: ("kept", "mee.no-place"), 10: ("kept", "mee.checked"), 11: ("kept", "mee.checked"),
    12: ("kept", "mee.empty-item"), 13: ("used", ""), 14: ("used", ""), 15: ("kept", "mee.empty-item"),
    16: ("used", ""), 17: ("used", ""), 18: ("kept", "mee.empty-item"), 19: ("used", ""), 20: ("used", ""),
    21: ("kept", "mee.empty-item"), 22: ("used", ""), 23: ("used", ""), 24: ("kept", "mee.checked"), 25: ("used", ""),
    26: ("kept", "mee.not-checked"), 27: ("used", ""), 28: ("used", ""), 29: ("used", ""),
    30: ("kept", "mee.not-checked"), 31: ("kept", "sheets.row-not-understood"), 32: ("kept", "sheets.row-note"),
}
#: What is told of the form as it stands: general words for fuels, and a row that nobody understands.
TOLD = {"mee.fuel-taken": 2, "mee.not-understood": 1}


def run(data: bytes | str, name: str = "补充数据表.csv", facility: str | None = None, year: int | None = None) -> Imported:
    return mee_supplement.import_bytes(data.encode() if isinstance(data, str) else data, name,
                                       {"facility": facility, "year": year})


def fates(imported: Imported) -> dict[int, tuple[str, str]]:
    return {int(e.path.rpartition("/")[2]): (e.state.value, e.reason) for e in imported.report.entries
            if e.collection.startswith("rows")}


def codes(imported: Imported) -> dict[str, int]:
    return dict(Counter(p.code for p in imported.report.problems))


def told(imported: Imported, code: str) -> list[tuple[str | None, str | None]]:
    return [(p.found, p.accepted) for p in imported.report.problems if p.code == code]


def dossier_of(imported: Imported, folder: Path, name: str = "mee-2018.yaml") -> Dossier:
    for file, data in imported.dossiers.items():
        (folder / file).write_bytes(data)
    return read_dossier(folder / name).dossier


def workbook(*sheets: tuple[str, Sequence[Sequence[object]], Sequence[str]]) -> bytes:
    """Sheets with name, rows and merged ranges."""
    book = openpyxl.Workbook()
    del book["Sheet"]
    for title, rows, merged in sheets:
        page = book.create_sheet(title)
        for row in rows:
            page.append([None if c == "" else c for c in row])
        for each in merged:
            page.merge_cells(each)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def rows_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def changed(old: str, new: str) -> str:
    assert old in FORM
    return FORM.replace(old, new)


# --- a form ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_every_row_of_a_form_has_its_fate(codec: str) -> None:
    imported = run(FORM.encode(codec))
    assert fates(imported) == FATES
    assert codes(imported) == TOLD


def test_the_same_form_as_a_workbook_with_merged_cells() -> None:
    merged = ["A1:E1", "A7:A30", "B13:B13"]
    imported = run(workbook(("补充数据表", rows_of(FORM), merged)), "a.xlsx")
    assert fates(imported) == FATES
    assert codes(imported) == TOLD


def test_fuels_beside_a_merged_item() -> None:
    lines = rows_of(FORM)
    rows = [r for r in lines if not any("5.1." in c for c in r) and r[1] not in ("燃煤", "辅助燃油")]
    at = next(i for i, r in enumerate(rows) if r[1].startswith("5.2 "))
    block = [["", item, fuel, value, ""] for item, *values in (
        ("5.1.1 消耗量（t或万Nm3）", "200000", "100.5"), ("5.1.2 低位发热量（GJ/t或GJ/万Nm3）", "20.908", "42.652"),
        ("5.1.3 单位热值含碳量（tC/GJ）", "0.02404", "0.0202"), ("5.1.4 碳氧化率（%）", "99.5", "98"))
        for fuel, value in zip(("燃煤", "辅助燃油"), values, strict=True)]
    for number in range(1, len(block), 2):
        block[number][1] = ""
    rows = [*rows[:at], *block, *rows[at:]]
    merged = [f"B{at + 1 + n}:B{at + 2 + n}" for n in range(0, len(block), 2)]
    assert codes(run(workbook(("表", rows, merged)), "a.xlsx")) == TOLD


def test_the_dossier_of_a_form_gives_the_emissions_that_it_reports(tmp_path: Path) -> None:
    dossier = dossier_of(run(FORM), tmp_path)
    assert {t: len(r) for t, r in dossier.rows.items()} == {
        "energy": 2, "electricity": 2, "heat": 1, "history": 1, "documents": 1}
    coal = dossier.rows["energy"][0]
    assert (coal.values["carrier"], coal.values["t"], coal.values["ncv_GJ_per_t"], coal.values["carbon_tC_per_TJ"],
            coal.values["oxidation_percent"]) == ("raw_coal", 200000, Decimal("20.908"), Decimal("0.02404"), Decimal("0.995"))
    assert dossier.complete == {}
    lines = compute_inventory(dossier, Options(), FactorLibrary.shipped()).table().columns
    fuel = {row: a for t, row, g, a in zip(lines["table"], lines["row"], lines["gas"], lines["tCO2_location"], strict=True)
            if t == "energy" and g == "CO2" and row}
    assert round(sum(fuel.values()), 2) == Decimal("367062.27")
    text = (tmp_path / "mee-2018.yaml").read_text(encoding="utf-8")
    for reported in ("367341", "367,062.3", "367062.3", "36.7341", "278.4"):
        assert reported not in text                    # emissions of the form never become figures of a dossier


def test_cells_that_rows_name_show_what_the_rows_state(tmp_path: Path) -> None:
    imported = run(workbook(("补充数据表", rows_of(FORM), [])), "a.xlsx")
    dossier_of(imported, tmp_path)
    assert "D1#sheet=补充数据表&cell=D16" in (tmp_path / "mee-2018.yaml").read_text(encoding="utf-8")
    found = {p.code for p in read_dossier(tmp_path / "mee-2018.yaml").problems}
    assert not found & {"dossier.cell-differs", "dossier.cell-missing"}


@pytest.mark.parametrize(("old", "new", "code", "found", "accepted"), [
    ('"367,062.3"', '"367,200.0"', "mee.fossil", "367200 tCO2", "367062.27 tCO2"),
    ("tCO2,278.4", "tCO2,300", "mee.power-emission", "300 tCO2", "278.4 tCO2"),
    ("tCO2,367341", "tCO2,367500", "mee.total", "367500 tCO2", "367340.7 tCO2"),
    ("36.7341", "36.80", "mee.enterprise-total", "368000 tCO2", "367341 tCO2"),
    ("供电量,MWh,415000", "供电量,MWh,460000", "mee.supplied", "460000 MWh", "450000 MWh"),
    ("供热比,%,17.65", "供热比,%,117", "mee.share", "117 %", "0 … 1"),
    ("碳氧化率,%,,\n,燃煤,,99.5", "碳氧化率,%,,\n,燃煤,,199.5", "mee.share", "199.5 %", "0 … 1"),
])
def test_an_identity_that_does_not_hold_is_told(old: str, new: str, code: str, found: str, accepted: str) -> None:
    assert (found, accepted) in told(run(changed(old, new)), code)


def test_units_that_do_not_fit_are_told_and_not_computed() -> None:
    assert "mee.dimension" in codes(run(changed("消耗量*4,t或万Nm3", "消耗量,万Nm3")))


def coal_form(share: str, power: str, heat: str, per_power: str, per_heat: str, intensity: str, of_heat: str) -> str:
    extra = (f",10 供电煤耗,tce/MWh,{per_power},\n,11 供热煤耗,tce/TJ,{per_heat},\n"
             f",12 供电碳排放强度,tCO2/MWh,{intensity},\n,13 供热碳排放强度,tCO2/TJ,{of_heat},\n")
    text = changed("供热比,%,17.65,\n", f"供热比,%,{share},\n{extra}")
    return text.replace("415000", power).replace("GJ,600000", f"GJ,{heat}")


def test_coal_and_emissions_per_electricity_and_heat() -> None:
    # Fuel 4,181,600 + 4,286.526 GJ = 142,825.97 tce; 14.15 % of it for 600,000 GJ of heat: 33.68 tce/TJ.
    good = coal_form("14.15", "415000", "600000", "0.29545", "33.683", "0.75990", "86.631")
    assert codes(run(good)) == TOLD
    wrong = coal_form("14.15", "415000", "600000", "0.30545", "34.683", "0.76990", "87.631")
    assert set(codes(run(wrong))) - set(TOLD) == {
        "mee.supply-coal", "mee.heat-coal", "mee.heat-share", "mee.power-intensity", "mee.heat-intensity"}
    assert "mee.heat-share" in codes(run(coal_form("18.15", "415000", "600000", "0.29545", "33.683", "0.7599", "86.631")))


@pytest.mark.parametrize(("old", "new", "row", "want"), [
    (',燃煤,,"200,000"', ",燃煤,,约200000", 13, ("refused", "sheets.no-number")),
    (',燃煤,,"200,000"', ',燃煤,,"200.000,5"', 13, ("refused", "sheets.ambiguous-number")),
    (',燃煤,,"200,000"', ",燃煤,,-5", 13, ("refused", "mee.negative")),
    ("购入电量,MWh,500", "购入电量,吨,500", 25, ("refused", "mee.unit-unknown")),
    ("购入电量,MWh,500", "购入电量,,500", 25, ("refused", "mee.unit-missing")),
    (",辅助燃油,,100.5", ",火星油,,100.5", 14, ("kept", "sheets.row-not-understood")),
    ("装机容量,MW,300", "购入电量,MWh,300", 25, ("refused", "mee.twice")),
    ("购入电量,MWh,500", "购入电量,MWh,—", 25, ("kept", "mee.empty-item")),
])
def test_what_a_bad_cell_gets(old: str, new: str, row: int, want: tuple[str, str]) -> None:
    imported = run(changed(old, new))
    found = fates(imported)[row]
    if want[1] == "mee.empty-item":                    # stated as none: nothing is taken and nothing is wrong
        assert found[0] != "used"
    else:
        assert found == want
    assert len(fates(imported)) == 32
    for problem in imported.report.problems:
        assert render_problem(problem, "zh") != render_problem(problem, "en")


def test_a_general_word_for_a_fuel_needs_all_its_properties(tmp_path: Path) -> None:
    imported = run(changed(",辅助燃油,,98%", ",辅助燃油,,"))
    assert codes(imported)["mee.fuel-general"] == 1
    assert [r.values["carrier"] for r in dossier_of(imported, tmp_path).rows["energy"]] == ["raw_coal"]
    named = run(FORM.replace("辅助燃油,,98%", "辅助燃油,,").replace("辅助燃油", "柴油"))
    assert [r.values["carrier"] for r in dossier_of(named, tmp_path).rows["energy"]] == ["raw_coal", "diesel"]


def test_gas_is_counted_in_ten_thousand_normal_cubic_metres(tmp_path: Path) -> None:
    text = ("2020年补充数据表,,\n项目,单位,数值\n燃料品种,,天然气\n消耗量,t或万Nm3,100\n低位发热量,GJ/t或GJ/万Nm3,389.31\n"
            "单位热值含碳量,tC/GJ,0.0153\n碳氧化率,%,99.5\n化石燃料燃烧排放量,tCO2,2173.1\n")
    imported = run(text)
    assert codes(imported) == {}
    (row,) = dossier_of(imported, tmp_path, "mee-2020.yaml").rows["energy"]
    assert (row.values["Nm3"], row.values["ncv_GJ_per_10kNm3"]) == (1_000_000, Decimal("0.038931"))


# --- several units, years, enterprises ---------------------------------------------------------------------------------


def test_units_side_by_side(tmp_path: Path) -> None:
    text = ("2019年补充数据表,,,\n补充数据,计量单位,1号机组,2号机组\n购入电量,MWh,100,200\n机组二氧化碳排放量,tCO2,55.68,111.36\n"
            "全部机组二氧化碳排放总量,tCO2,167.04,\n")
    imported = run(text)
    rows = dossier_of(imported, tmp_path, "mee-2019.yaml").rows["electricity"]
    assert [(r.values["MWh"], r.values["note"]) for r in rows] == [
        (100, "机组 1号机组"), (200, "机组 2号机组")]
    assert codes(imported) == {}
    assert "mee.enterprise-total" in codes(run(text.replace("167.04", "177.04")))


def test_units_one_below_the_other(tmp_path: Path) -> None:
    one = "机组编号,,{n}#\n购入电量,MWh,{n}00\n机组二氧化碳排放量,tCO2,{n}0\n"
    text = "2019年,,\n项目,单位,数值\n" + one.format(n=1) + one.format(n=2) + "全部机组二氧化碳排放总量,tCO2,30\n"
    imported = run(text)
    rows = dossier_of(imported, tmp_path, "mee-2019.yaml").rows["electricity"]
    assert [r.values["MWh"] for r in rows] == [100, 200]
    assert codes(imported) == {}


def test_years_side_by_side_make_a_dossier_each(tmp_path: Path) -> None:
    text = "企业名称,甲公司,,\n项目,单位,2016年,2017年\n购入电量,MWh,100,200\n发电量,MWh,5,6\n供热量,GJ,1,2\n"
    imported = run(text)
    assert [n for n in imported.dossiers if n.endswith(".yaml")] == ["mee-2016.yaml", "mee-2017.yaml"]
    assert dossier_of(imported, tmp_path, "mee-2017.yaml").rows["electricity"][0].values["MWh"] == 200
    only = run(text, year=2017)
    assert [n for n in only.dossiers if n.endswith(".yaml")] == ["mee-2017.yaml"]
    assert {(e.state.value, e.reason) for e in only.report.entries if e.path == "C3"} == {("kept", "mee.other-year")}


LIST = ("年份,企业名称,机组编号,发电燃料类型,购入电量(MWh),发电量(MWh),供热量(GJ)\n2020,甲公司,1,燃煤,100,1000,5\n"
        "2020,乙公司,1,燃煤,200,1000,5\n2020,乙公司,2,燃煤,300,1000,5\n,,,,600,3000,15\n合计,,,,600,3000,15\n")


def test_a_list_of_units_makes_a_dossier_for_each_enterprise(tmp_path: Path) -> None:
    imported = run(LIST)
    assert [n for n in imported.dossiers if n.endswith(".yaml")] == ["mee-1-2020.yaml", "mee-2-2020.yaml"]
    assert fates(imported) == {1: ("kept", "sheets.row-header"), 2: ("used", ""), 3: ("used", ""), 4: ("used", ""),
                               5: ("refused", "mee.no-unit"), 6: ("kept", "mee.subtotal")}
    one = run(LIST, facility="乙公司")
    assert len(dossier_of(one, tmp_path, "mee-2020.yaml").rows["electricity"]) == 4
    assert fates(one)[2] == ("kept", "import.other-facility")
    with pytest.raises(ProblemsError) as caught:
        run(LIST, facility="丙公司")
    assert [p.code for p in caught.value.problems][-1] == "import.unknown-facility"


def test_sheets_of_a_workbook_share_the_name_of_the_enterprise(tmp_path: Path) -> None:
    same: list[list[object]] = [["发电量(MWh)", 3], ["供热量(GJ)", 1]]
    first: list[list[object]] = [["企业名称", "甲公司"], ["年份", 2020], ["项目", "数值"], ["购入电量(MWh)", 1.5], *same]
    second: list[list[object]] = [["项目", "数值"], ["机组编号", "2#"], ["购入电量(MWh)", 2.5], *same]
    imported = run(workbook(("机组1", first, []), ("机组2", second, []), ("说明", [["请如实填写"]], [])), "a.xlsx")
    assert len(dossier_of(imported, tmp_path, "mee-2020.yaml").rows["electricity"]) == 4


# --- the generic form -------------------------------------------------------------------------------------------------

GENERIC = ("铜冶炼企业2018年补充数据表,,\n项目,计量单位,数值\n企业名称,,甲铜业\n纳入碳交易的二氧化碳排放总量,tCO2,1600\n"
           "化石燃料燃烧排放量,tCO2,1000\n净购入电力对应排放量,tCO2,500\n净购入热力对应排放量,tCO2,100\n净购入电量,MWh,1000\n"
           "净购入热量,GJ,900\n主产品产量,t,200\n排放强度,tCO2/t,8\n")


def test_the_generic_form(tmp_path: Path) -> None:
    imported = run(GENERIC)
    assert codes(imported) == {}
    dossier = dossier_of(imported, tmp_path)
    assert dossier.rows["products"][0].values["output_t"] == 200
    assert dossier.rows["heat"][0].values["GJ"] == 900
    assert dossier.rows["electricity"][0].values["MWh"] == 1000
    assert told(run(GENERIC.replace("tCO2/t,8", "tCO2/t,9")), "mee.intensity") == [("9 tCO2/t", "8 tCO2/t")]
    assert told(run(GENERIC.replace("总量,tCO2,1600", "总量,tCO2,1700")), "mee.enterprise-total") == [
        ("1700 tCO2", "1600 tCO2")]


# --- bad files and the rest -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("data", "want"), [
    ("", "sheets.empty"), ("%PDF-1.4", "sheets.not-a-table"), ("a,b\n1,2\n", "mee.no-form"),
    ("项目,数值\n购入电量(MWh),1\n发电量(MWh),3\n供热量(GJ),1\n", "mee.no-year"),
    ("2020年,\n项目,数值\n购入电量(MWh),x\n发电量(MWh),y\n供热量(GJ),z\n", "import.nothing")])
def test_what_a_bad_file_gets(data: str, want: str) -> None:
    with pytest.raises(ProblemsError) as caught:
        run(data)
    assert want in {p.code for p in caught.value.problems}


def test_the_year_may_be_given() -> None:
    text = "项目,数值\n购入电量(MWh),1\n发电量(MWh),3\n供热量(GJ),1\n"
    assert "mee-2021.yaml" in run(text, year=2021).dossiers


def test_detects_its_forms_and_nothing_else() -> None:
    assert mee_supplement.detect(FORM.encode("gb18030"))
    assert mee_supplement.detect(GENERIC.encode())
    for other in (b"", b"{}", b"PK\x03\x04", "能源名称,计量单位,消费量\n原煤,吨,5\n".encode()):
        assert not mee_supplement.detect(other)


@pytest.mark.parametrize(("text", "item", "unit", "fuel"), [
    ("5.1.1 消耗量（t或万Nm³）*4", "consumption", "t或万nm3", ""), ("燃煤消耗量(t)", "consumption", "t", "燃煤"),
    ("（1）购入电量（MWh）", "purchased", "mwh", ""), ("其中：购入电量", "purchased", "", ""),
    ("供电煤耗（tce/MWh）或气耗（万Nm³/MWh）", "supply_coal", "万nm3/mwh", ""), ("Heat supplied (GJ)", "heat_supplied", "gj", ""),
    ("低位发热量(GJ/t 或 GJ/万Nm3) 年平均", "ncv", "gj/t或gj/万nm3", "")])
def test_labels_as_people_write_them(text: str, item: str, unit: str, fuel: str) -> None:
    label = label_of(text)
    assert label is not None
    assert (label.item.name, label.unit_text, label.fuel) == (item, unit, fuel)


def test_every_item_of_the_outside_list_has_a_label(shared_data: Path) -> None:
    import yaml

    documents = yaml.safe_load((shared_data / "standards/evidence_fields_cn.yaml").read_text(encoding="utf-8"))
    fields = {d["id"]: d["fields"] for d in documents["evidence_documents"] if str(d["id"]).startswith("MEE-SUPP")}
    unknown = [f for name in fields for f in fields[name]
               if label_of(f) is None and label_of(f.split(" (")[0]) is None]
    assert unknown == []


def test_fuels_have_carriers() -> None:
    found = {word: fuel for word in ("燃煤", "辅助燃油", "天然气", "柴油", "烟煤", "Natural gas") if (fuel := fuel_of(word))}
    assert {w: f.carrier for w, f in found.items()} == {
        "燃煤": "raw_coal", "辅助燃油": "fuel_oil", "天然气": "natural_gas", "柴油": "diesel", "烟煤": "bituminous_coal",
        "Natural gas": "natural_gas"}
    assert len({label for item in items().values() for label in item.labels}) > 100


@given(st.integers(1, 10**6), st.integers(100, 300), st.integers(20, 30), st.integers(90, 100))
@settings(max_examples=30, deadline=None)
def test_what_fuel_gives_always_agrees_and_a_hundredth_more_never_does(t: int, ncv: int, carbon: int, oxidation: int) -> None:
    exact = Fraction(t) * Fraction(ncv, 10) * Fraction(carbon, 1000) * Fraction(oxidation, 100) * Fraction(44, 12)

    def form(value: Fraction) -> Mapping[str, int]:
        return codes(run("2020年,,\n项目,单位,数值\n燃料品种,,烟煤\n"
                         f"消耗量,t,{t}.0000\n低位发热量,GJ/t,{ncv // 10}.{ncv % 10}0000\n单位热值含碳量,tC/GJ,0.0{carbon}0000\n"
                         f"碳氧化率,%,{oxidation}\n化石燃料燃烧排放量,tCO2,{float(value):.4f}\n"))

    assert "mee.fossil" not in form(exact)
    assert "mee.fossil" in form(exact * Fraction(101, 100))


@pytest.mark.full
def test_a_form_saved_by_an_office_program_still_reads(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(workbook(("补充数据表", rows_of(FORM), ["A1:E1", "A7:A30"])))
    subprocess.run(["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "xlsx",
                    "--outdir", str(tmp_path / "saved"), str(tmp_path / "a.xlsx")], check=True, capture_output=True)
    assert fates(run((tmp_path / "saved/a.xlsx").read_bytes(), "a.xlsx")) == FATES
