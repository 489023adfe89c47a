"""The shipped factor sets against what their sources print, and what a damaged set is told."""

from __future__ import annotations

import csv
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from zerofactory_engine.accounting.factor_reader import read_factor_set
from zerofactory_engine.accounting.factors import FactorSet, half_width_of, value_json
from zerofactory_engine.accounting.library import FactorLibrary
from zerofactory_engine.canonical import canonical_bytes
from zerofactory_engine.locate import STANDARDS_ROOT
from zerofactory_engine.problems import ProblemsError

LIBRARY = FactorLibrary.shipped()
D = Decimal

#: National and regional factors and some provinces as the three notices print them, kgCO2/kWh.
GRID = """
CN            0.5568 0.5366 0.5306
north         0.7120 0.6776 0.6361
northeast     0.6012 0.5564 0.5122
east          0.5992 0.5617 0.5500
central       0.5354 0.5395 0.5271
northwest     0.5951 0.5857 0.5543
south         0.4326 0.3869 0.4042
southwest     0.2113 0.2268 0.2472
CN-HE         0.7901 0.7252 0.6516
CN-SC         0.1255 0.1404 0.1564
CN-JS         0.6451 0.5978 0.5827
"""
def table(path: Path) -> list[dict[str, str]]:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines))


REGIONS_2023 = {"confirmed": 6, "secondary": 1}


@pytest.mark.parametrize("line", GRID.split("\n")[1:-1])
def test_grid_factors_are_those_of_the_notices(line: str) -> None:
    key, *printed = line.split()
    for year, value in zip((2021, 2022, 2023), printed, strict=True):
        entry = LIBRARY.set("cn-mee-grid").find(key, "average", year)
        assert entry is not None
        assert entry.values["co2"].stated == f"{value} kgCO2/kWh"
        assert entry.values["co2"].above == D(value)          # tCO2/MWh is the same figure
        assert entry.values["co2"].unit == "tCO2/MWh"


def test_the_three_national_variants_stand_apart() -> None:
    grid = LIBRARY.set("cn-mee-grid")
    printed = {
        "average": ["0.5568", "0.5366", "0.5306"],
        "excl_market_traded_nonfossil": ["0.5942", "0.5856", "0.6096"],
        "fossil_only": ["0.8426", "0.8325", "0.8273"],
    }
    for variant, values in printed.items():
        assert [str(grid.find("CN", variant, y).values["co2"].above) for y in (2021, 2022, 2023)] == values  # type: ignore[union-attr]


def test_the_grid_set_has_its_120_rows_and_says_how_well_each_is_known() -> None:
    grid = LIBRARY.set("cn-mee-grid")
    assert len(grid.entries) == 120
    assert len({e.id for e in grid.entries}) == 120
    provinces = {e.key for e in grid.entries if grid.areas[e.key].level == "provincial"}
    assert len(provinces) == 30
    assert "CN-XZ" not in provinces                                      # Tibet is an area without a factor
    regions = [e.confidence for e in grid.entries if e.year == 2023 and grid.areas[e.key].level == "regional"]
    assert {c: regions.count(c) for c in set(regions)} == REGIONS_2023
    assert {e.source.published for e in grid.entries} == {date(2024, 4, 12), date(2024, 12, 20), date(2025, 12, 31)}


def test_from_2022_to_2023_twenty_provinces_fall_and_ten_rise() -> None:
    grid = LIBRARY.set("cn-mee-grid")
    changes = []
    for code, area in grid.areas.items():
        if area.level == "provincial" and grid.all(code):
            first, second = (grid.find(code, "average", y).values["co2"].above for y in (2022, 2023))  # type: ignore[union-attr]
            changes.append(second > first)                               # type: ignore[operator]
    assert (changes.count(False), changes.count(True)) == (20, 10)


def test_stale_national_factors_are_nowhere() -> None:
    stale = {D("0.5703"), D("0.5810")}
    assert [e.id for e in LIBRARY.set("cn-mee-grid").entries if e.values["co2"].above in stale] == []


def test_grid_set_equals_the_reference_table_row_by_row(shared_data: Path) -> None:
    grid = LIBRARY.set("cn-mee-grid")
    rows = table(shared_data / "standards/china_mee_grid_factors.csv")
    ours = [(str(e.year), grid.areas[e.key].title["zh"], e.variant, e.values["co2"].above, e.confidence)
            for e in grid.entries]
    assert ours == [(r["year"], r["area_zh"], r["variant"], D(r["factor_kgco2_per_kwh"]), r["confidence"])
                    for r in rows]


def test_warming_potentials_equal_the_reference_table(shared_data: Path) -> None:
    rows = table(shared_data / "inventory/gwp.csv")
    assert len(rows) == 55
    variants = {"CH4": "unspecified", "CH4_fossil": "fossil", "CH4_nonfossil": "non_fossil"}
    for report in ("ar4", "ar5", "ar6"):
        found = LIBRARY.set(f"ipcc-{report}")
        for row in rows:
            printed = row[f"{report}_gwp100"]
            if report == "ar4" and row["gas"] in ("CH4_fossil", "CH4_nonfossil"):
                continue                                                  # the report has one value for any origin
            entry = found.find(row["gas"].split("_")[0], variants.get(row["gas"]))
            assert (entry is not None) == bool(printed), row["gas"]
            if entry is not None:
                assert entry.values["gwp"].above == D(printed), row["gas"]


def test_ipcc_fuels_equal_the_reference_table(shared_data: Path) -> None:
    rows = table(shared_data / "inventory/ipcc2006_fuels.csv")
    found = LIBRARY.set("ipcc-2006-fuels")
    assert len(rows) == len(found.entries) == 53
    for row, entry in zip(rows, found.entries, strict=True):
        assert entry.title["en"] == row["fuel"]
        assert entry.biogenic == (row["co2_biogenic"] == "1")
        for name, column, scale in (("ncv", "ncv_tj_per_gg", D(1)), ("co2", "co2_kg_per_tj", D("0.000001")),
                                    ("ch4", "ch4_manuf_kg_per_tj", D("0.000001")),
                                    ("n2o", "n2o_manuf_kg_per_tj", D("0.000001")),
                                    ("ch4_energy_industry", "ch4_energy_kg_per_tj", D("0.000001")),
                                    ("n2o_energy_industry", "n2o_energy_kg_per_tj", D("0.000001"))):
            value = entry.values[name]
            assert value.above == (D(row[column]) * scale if row[column] else None), (row["fuel"], name)
        co2 = entry.values["co2"]
        assert (co2.low, co2.high) == (D(row["co2_lo"]) / 1000000, D(row["co2_hi"]) / 1000000)


def test_coefficients_equal_the_reference_table(shared_data: Path) -> None:
    rows = table(shared_data / "standards/gbt2589_tce.csv")
    ours = {(e.title["zh"].split("（")[0], v.stated.split()[0]) for s in ("gbt2589-2020", "gbt2589-2008")
            for e in LIBRARY.set(s).entries for v in e.values.values()}
    missing = [(r["carrier_zh"], r["coefficient"]) for r in rows
               if (r["carrier_zh"].split("(")[0], r["coefficient"]) not in ours]
    assert missing == [("焦炉煤气(下限)", "0.5714"), ("焦炉煤气(上限)", "0.6143")]   # a range, so no single coefficient
    oven = LIBRARY.set("gbt2589-2020").find("coke_oven_gas")
    assert oven is not None
    assert (oven.values["tce"].above, oven.values["tce"].low, oven.values["tce"].high) == \
        (None, D("0.0005714"), D("0.0006143"))


def test_water_differs_between_the_editions() -> None:
    coefficients = [LIBRARY.set(s).find("new_water").values["tce"].above for s in ("gbt2589-2020", "gbt2589-2008")]  # type: ignore[union-attr]
    assert coefficients == [D("0.0002571"), D("0.0000857")]               # tce per tonne of water


def test_every_blend_adds_up_to_the_whole() -> None:
    for entry in LIBRARY.set("refrigerant-blends").entries:
        assert sum(v.above for v in entry.values.values() if v.above is not None) == 1, entry.key


def test_heat_and_process_defaults_are_those_of_the_guides() -> None:
    heat = LIBRARY.set("cn-heat-default").find("steam")
    assert heat is not None
    assert (heat.key, heat.values["co2"].above, heat.confidence) == ("heat", D("0.11"), "secondary")
    process = LIBRARY.set("cn-process-defaults")
    printed = {"limestone": "0.440", "dolomite": "0.471", "electrode": "3.663", "pig_iron": "0.172",
               "steel_carbon": "0.0154", "clinker": "0.535"}
    assert {e.key: str(e.values["co2"].above) for e in process.entries if "co2" in e.values} == printed
    assert {e.confidence for e in process.entries} == {"unconfirmed"}
    aluminium = process.find("aluminium")
    assert aluminium is not None
    assert (aluminium.values["cf4"].above, aluminium.values["c2f6"].above) == (D("0.000034"), D("0.0000034"))
    assert [e.key for e in process.entries if e.credit] == ["steel_carbon"]


@pytest.mark.parametrize("set_id", LIBRARY.ids)
def test_every_shipped_set_cites_and_is_stable(set_id: str) -> None:
    found = LIBRARY.set(set_id)
    assert found.id == set_id
    assert found.pin.sha256.startswith("sha256:")
    assert found.last_confirmed == date(2026, 11, 1)
    for entry in found.entries:
        assert entry.source.title
        assert entry.confidence in ("confirmed", "secondary", "unconfirmed")
    again = read_factor_set(found.data)
    assert again.pin == found.pin
    assert canonical_bytes(list(again.entries)) == canonical_bytes(list(found.entries))


def test_the_hash_covers_values_but_neither_layout_nor_comments() -> None:
    data = (STANDARDS_ROOT / "factors/cn-heat-default/1.0.0/factors.yaml").read_bytes()
    pin = read_factor_set(data).pin.sha256
    assert read_factor_set(b"# another comment\n" + data).pin.sha256 == pin
    assert read_factor_set(data.replace(b"0.11", b"0.12")).pin.sha256 != pin
    assert read_factor_set(data.replace(b"secondary", b"confirmed")).pin.sha256 != pin


# -- known on -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("day", "years"), [
    (date(2024, 4, 11), ()), (date(2024, 4, 12), (2021,)), (date(2024, 12, 19), (2021,)),
    (date(2024, 12, 20), (2021, 2022)), (date(2025, 12, 31), (2021, 2022, 2023)), (None, (2021, 2022, 2023))])
def test_a_notice_is_known_from_the_day_of_its_publication(day: date | None, years: tuple[int, ...]) -> None:
    found = LIBRARY.set("cn-mee-grid", known_on=day)
    assert found.years("CN", "average") == years
    assert found.pin == LIBRARY.set("cn-mee-grid").pin


def test_a_view_of_a_day_is_one_object() -> None:
    day = date(2025, 1, 1)
    assert LIBRARY.set("cn-mee-grid", known_on=day) is LIBRARY.set("cn-mee-grid", known_on=day)
    assert LIBRARY.set("cn-heat-default", known_on=day) is LIBRARY.set("cn-heat-default")
    assert LIBRARY.set("cn-mee-grid", known_on=date(2099, 1, 1)) is LIBRARY.set("cn-mee-grid")


# -- looking up -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "code"), [
    ("江苏", "CN-JS"), ("江苏省", "CN-JS"), ("Jiangsu", "CN-JS"), ("jiangsu", "CN-JS"), ("CN-JS", "CN-JS"),
    ("320000", "CN-JS"), (" 江苏 ", "CN-JS"), ("national-average", "CN"), ("华东", "east"), ("西藏自治区", "CN-XZ")])
def test_an_area_goes_by_any_of_its_names(name: str, code: str) -> None:
    area = LIBRARY.set("cn-mee-grid").area(name)
    assert area is not None
    assert area.code == code


def test_an_area_that_nobody_knows_is_none() -> None:
    assert LIBRARY.set("cn-mee-grid").area("Atlantis") is None


def test_inner_mongolia_lies_in_two_grids_and_every_other_province_in_one() -> None:
    areas = LIBRARY.set("cn-mee-grid").areas.values()
    several = {a.code: a.within for a in areas if a.level == "provincial" and len(a.within) != 1}
    assert several == {"CN-NM": ("north", "northeast")}
    assert sum(a.level == "provincial" for a in areas) == 31


SET = """
format: zerofactory/factor-set/1
id: t
version: 1.0.0
role: fuel
title: {zh: 测试, en: test}
publisher: {zh: 无, en: none}
licence: none
last_confirmed: 2026-01-01
sources: {s: {title: S, published: 2020-01-01}}
entries:
  - {key: coal, covers: [peat, lignite], values: {ncv: 20 GJ/t}, ranges: {ncv: [15, 30]}, source: s, confidence: confirmed}
  - {key: lignite, valid_to: 2022-12-31, values: {ncv: 11 GJ/t}, source: s, confidence: confirmed}
  - {key: lignite, valid_from: 2023-01-01, values: {ncv: 12 GJ/t, carbon: unknown}, source: s, confidence: confirmed}
  - {key: turf, covers: [peat, sod], values: {ncv: 9 GJ/t}, source: s, confidence: confirmed}
"""


def small(text: str = SET) -> FactorSet:
    return read_factor_set(text.encode())


def test_an_entry_of_its_own_comes_before_one_that_covers() -> None:
    found = small()
    assert [e.key for e in found.all("lignite")] == ["lignite", "lignite"]
    assert [e.key for e in found.all("peat")] == ["coal", "turf"]
    assert found.find("peat") is found.entries[0]
    assert found.keys == ("coal", "lignite", "peat", "sod", "turf")
    assert found.find("wood") is None
    assert found.years("coal") == ()


@pytest.mark.parametrize(("day", "value"), [("2022-12-31", "11"), ("2023-01-01", "12"), (None, "11")])
def test_the_entry_in_effect_on_a_day_is_found(day: str | None, value: str) -> None:
    entry = small().find("lignite", on=date.fromisoformat(day) if day else None)
    assert entry is not None
    assert entry.values["ncv"].above == D(value)


def test_an_entry_has_an_id_that_tells_it_from_the_others() -> None:
    assert [e.id for e in small().entries] == ["t/coal", "t/lignite", "t/lignite/2023-01-01", "t/turf"]
    assert LIBRARY.set("cn-mee-grid").entries[0].id == "cn-mee-grid/CN/2021/average"


def test_the_half_width_is_the_longer_side_over_the_value() -> None:
    entry = small().entries[0]
    assert entry.values["ncv"].half_width == D("0.5")                     # 30 - 20 over 20
    assert half_width_of([entry.values["ncv"], entry.values["ncv"]]) == D("0.7071067811865475244008443621048490")
    assert half_width_of(small().entries[1].values.values()) is None
    assert small().entries[2].values["carbon"].half_width is None


def test_a_value_keeps_what_was_printed_beside_the_base_unit() -> None:
    gas = LIBRARY.set("cn-fuel-defaults/cn-general-industry-a").find("natural_gas")
    assert gas is not None
    assert value_json(gas.values["ncv"]) == {"stated": "389.31 GJ/10kNm3", "unit": "GJ/Nm3", "value": "0.038931"}
    ratio = LIBRARY.set("molar-ratios").find("carbon")
    assert ratio is not None
    assert value_json(ratio.values["co2"]) == {"stated": "44/12 tCO2/tC", "unit": "tCO2/tC", "value": "44/12"}
    assert ratio.values["co2"].value == D("3.666666666666666666666666666666667")
    assert value_json(small().entries[0].values["ncv"]) == \
        {"stated": "20 GJ/t", "unit": "GJ/t", "value": "20", "low": "15", "high": "30"}
    assert value_json(small().entries[2].values["carbon"]) == {"stated": "unknown", "unit": "1"}
    assert small().entries[2].values["carbon"].value is None
    assert gas.values["ncv"].value == D("0.038931")


def test_an_entry_as_json_says_all_that_its_hash_covers() -> None:
    text = SET.replace("key: coal,", "key: coal, year: 2020, variant: raw, biogenic: yes, credit: yes, note: n, via: v, "
                       "title: {zh: 煤, en: coal}, not_with: {tce: 1 kgce/kg}, valid_from: 2020-01-01,")
    assert json.loads(canonical_bytes(small(text).entries[0])) == {
        "id": "t/coal/2020/raw/2020-01-01", "key": "coal", "year": "2020", "variant": "raw", "confidence": "confirmed",
        "source": "S", "published": "2020-01-01", "via": "v", "note": "n", "title": {"zh": "煤", "en": "coal"},
        "covers": ["peat", "lignite"], "biogenic": True, "credit": True, "valid_from": "2020-01-01",
        "not_with": {"tce": "1 kgce/kg"},
        "values": {"ncv": {"stated": "20 GJ/t", "unit": "GJ/t", "value": "20", "low": "15", "high": "30"}}}


# -- what is wrong ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("old", "new", "code", "found"), [
    ("20 GJ/t", "20 GJ/furlong", "factors.unknown-unit", "furlong"),
    ("20 GJ/t", "20/0 GJ/t", "factors.not-a-number", "20/0"),
    ("[15, 30]", "[30, 15]", "factors.not-a-range", "30 … 15"),
    ("[15, 30]", "[21, 30]", "factors.outside-range", "20 GJ/t"),
    ("{ncv: [15, 30]}", "{co2: [15, 30]}", "factors.range-without-value", "co2"),
    ("key: turf", "key: coal", "factors.duplicate-entry", "t/coal"),
    ("9 GJ/t}, source: s", "9 GJ/t}, source: x", "factors.unknown-source", "x"),
    ("sources:", "areas: {CN: {zh: 中, en: C, level: national, within: [XX]}}\nsources:", "factors.unknown-area", "XX"),
    ("sources:", "areas: {CN: {zh: 中, en: C, level: national}}\nsources:", "factors.unknown-area", "coal"),
    ("confidence: confirmed}\n  - {key: lig", "confidence: sure}\n  - {key: lig", "typed.not-in-list", "sure"),
    ("20 GJ/t", "twenty", "typed.pattern", "twenty"),
])
def test_a_damaged_set_is_told_what_is_wrong_and_where(old: str, new: str, code: str, found: str) -> None:
    assert old in SET
    with pytest.raises(ProblemsError) as error:
        small(SET.replace(old, new, 1))
    mine = [p for p in error.value.problems if p.code == code and p.found == found]
    assert mine, [(p.code, p.found) for p in error.value.problems]
    assert mine[0].place.line is not None


def test_all_problems_of_a_set_come_together() -> None:
    with pytest.raises(ProblemsError) as error:
        small(SET.replace("20 GJ/t", "20 GJ/x").replace("9 GJ/t", "9 GJ/y"))
    assert [p.found for p in error.value.problems] == ["x", "y"]


# -- the library ------------------------------------------------------------------------------------------------------


def folder_with(tmp_path: Path, *versions: str, set_id: str = "t") -> Path:
    for version in versions:
        path = tmp_path / set_id / version / "factors.yaml"
        path.parent.mkdir(parents=True)
        path.write_text(SET.replace("version: 1.0.0", f"version: {version}").replace("id: t\n", f"id: {set_id}\n"))
    return tmp_path


def test_the_newest_version_is_taken_by_number_not_by_text(tmp_path: Path) -> None:
    library = FactorLibrary([folder_with(tmp_path, "1.9.0", "1.10.0", "1.2.0")])
    assert library.versions("t") == ("1.2.0", "1.9.0", "1.10.0")
    assert library.set("t").pin.version == "1.10.0"
    assert library.set("t", "1.2.0").pin.version == "1.2.0"


def test_sets_of_a_user_stand_beside_the_shipped_ones(tmp_path: Path) -> None:
    library = FactorLibrary.shipped([folder_with(tmp_path, "1.0.0", set_id="mine/own")])
    assert "mine/own" in library.ids
    assert "cn-mee-grid" in library.ids
    assert library.set("mine/own").entries


def test_ready_sets_of_a_bundle_prevail(tmp_path: Path) -> None:
    given = small(SET.replace("20 GJ/t", "21 GJ/t"))
    library = FactorLibrary([folder_with(tmp_path, "1.0.0")], [given])
    assert library.set("t") is given
    assert library.versions("t") == ("1.0.0",)


def test_an_unknown_set_or_version_names_those_that_there_are(tmp_path: Path) -> None:
    library = FactorLibrary([folder_with(tmp_path, "1.0.0")])
    with pytest.raises(ProblemsError) as error:
        library.set("x")
    assert [(p.code, p.found, p.accepted) for p in error.value.problems] == [("factors.unknown-set", "x", "t")]
    with pytest.raises(ProblemsError) as error:
        library.set("t", "2.0.0")
    assert [(p.code, p.found, p.accepted) for p in error.value.problems] == \
        [("factors.unknown-version", "t@2.0.0", "1.0.0")]


def test_a_set_in_the_wrong_folder_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other/1.0.0/factors.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(SET)
    with pytest.raises(ProblemsError) as error:
        FactorLibrary([tmp_path]).set("other")
    assert [(p.code, p.found, p.accepted) for p in error.value.problems] == \
        [("factors.wrong-folder", "t/1.0.0", "other/1.0.0")]


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, "1.0.0")
    first = FactorLibrary([folder]).set("t")
    assert FactorLibrary([folder]).set("t") is first
    path = folder / "t/1.0.0/factors.yaml"
    path.write_text(path.read_text().replace("20 GJ/t", "22 GJ/t"))
    import os
    os.utime(path, ns=(1, 1))
    assert FactorLibrary([folder]).set("t").entries[0].values["ncv"].above == D(22)


def test_the_memory_of_a_library_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zerofactory_engine.accounting.library._REMEMBERED", 2)
    library = FactorLibrary([])
    for key in ("a", "b"):
        library.remember(key, None, key.upper())
    assert library.remembered("a") == "A"                                  # used last, so b is the oldest
    library.remember("c", None, "C")
    assert [library.remembered(k) for k in "abc"] == ["A", None, "C"]


def test_a_version_that_is_no_number_comes_first(tmp_path: Path) -> None:
    for version in ("1.0.0", "draft"):
        path = tmp_path / "t" / version / "factors.yaml"
        path.parent.mkdir(parents=True)
        path.write_text(SET)
    library = FactorLibrary([tmp_path])
    assert library.versions("t") == ("draft", "1.0.0")
    assert library.set("t").pin.version == "1.0.0"
