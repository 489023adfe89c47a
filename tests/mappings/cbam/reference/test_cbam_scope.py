"""Codes, categories, routes, functional units and countries."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.mappings.cbam.reference.workbooks import read_rows

from zerofactory_engine.problems import Place, ProblemsError, Severity
from zerofactory_mappings.cbam import scope
from zerofactory_mappings.cbam.table_reader import table
from zerofactory_mappings.cbam.tables import simplified

#: Code, category, functional unit, indirect emissions count from 2026: by hand from the law (Regulation 2023/956
#: Annexes I and II; 2025/2547 Article 4).
GOODS = [
    ("25070080", "calcined_clays", "t", True), ("25231000", "cement_clinker", "t_clinker", True),
    ("25232100", "cement", "t_clinker", True), ("25232900", "cement", "t_clinker", True),
    ("25233000", "aluminous_cement", "t", True), ("25239000", "cement", "t_clinker", True),
    ("26011200", "sintered_ore", "t", True), ("27160000", "electricity", "MWh", False),
    ("28041000", "hydrogen", "t", False), ("28080000", "nitric_acid", "kgN", True), ("28141000", "ammonia", "kgN", True),
    ("28342100", "mixed_fertilisers", "kgN", True), ("31021019", "urea", "kgN", True), ("31023090", "mixed_fertilisers", "kgN", True),
    ("31052010", "mixed_fertilisers", "kgN", True), ("72011011", "pig_iron", "t", False), ("72026000", "ferro_alloys", "t", False),
    ("72031000", "direct_reduced_iron", "t", False), ("72071114", "crude_steel", "t", False),
    ("72083900", "iron_or_steel_products", "t", False), ("73181542", "iron_or_steel_products", "t", False),
    ("76011010", "unwrought_aluminium", "t", False), ("76042910", "aluminium_products", "t", False),
]


@pytest.mark.parametrize(("cn", "category", "unit", "indirect"), GOODS)
def test_what_the_law_asks_of_a_code(cn: str, category: str, unit: str, indirect: bool) -> None:
    good = scope.read_cn(cn).unwrap()
    assert (good.category.id, good.functional_unit_definitive, good.indirect_definitive) == (category, unit, indirect)


def test_ammonia_counts_indirect_emissions_by_law_although_the_template_says_no() -> None:
    ammonia = scope.category("Ammonia")
    assert ammonia.indirect_definitive
    assert not ammonia.indirect_template
    assert [c.id for c in scope.categories() if c.indirect_definitive != c.indirect_template] == ["ammonia"]


def test_every_code_of_the_template_is_read(shared_data: Path) -> None:
    rows = read_rows(shared_data / "cbam/tables/cn_codes_scope.csv")
    assert len(rows) == 569
    for row in rows:
        good = scope.read_cn(row["cn8"]).unwrap()
        assert good.category.template_name == row["aggregated_goods_category"]
        assert good.gases == tuple(row["ghgs"].split(","))
        assert good.indirect_definitive == (row["indirect_in_definitive_scope"] == "yes") or good.category.id == "ammonia"
    assert set(scope.codes()) - {r["cn8"] for r in rows} == {"31021012", "31021015", "31021019"}


@pytest.mark.parametrize("text", ["73181542", "7318 15 42", " 7318.15.42 ", "7318 1542", "7318\u00a015\u00a042", "7318-15-42"])
def test_spellings_of_a_code(text: str) -> None:
    reading = scope.read_cn(text)
    assert reading.good is not None
    assert reading.good.cn == "73181542"
    assert reading.problems == ()


@pytest.mark.parametrize("text", ["", "x", "731", "73181", "7318154", "731815420", "73181542000", "-73181542", "7318154２", "7318,1542", "7318..42x",
                                  "9" * 50])
def test_what_is_no_code_is_refused(text: str) -> None:
    reading = scope.read_cn(text, place=Place(file="f", line=3))
    assert reading.good is None
    assert [p.code for p in reading.problems] == ["cbam-scope.cn-malformed"]
    assert reading.problems[0].place.line == 3


def test_six_digits_are_refused_with_their_candidates() -> None:
    reading = scope.read_cn("7318 15")
    assert reading.good is None
    (problem,) = reading.problems
    assert (problem.code, problem.severity) == ("cbam-scope.cn-short", Severity.ERROR)
    assert reading.candidates == ("73181520", "73181535", "73181542", "73181548", "73181552", "73181558", "73181562", "73181568",
                                  "73181575", "73181582", "73181588", "73181595")
    assert problem.accepted == ", ".join(reading.candidates)
    assert scope.read_cn("3102").candidates[:3] == ("31021012", "31021015", "31021019")       # not the code that ended


def test_ten_digits_are_read_as_the_first_eight_with_a_note() -> None:
    reading = scope.read_cn("2523 10 00 10")
    assert reading.good is not None
    assert (reading.good.cn, reading.taric) == ("25231000", "2523100010")
    assert [(p.code, p.severity) for p in reading.problems] == [("cbam-scope.cn-taric", Severity.NOTE)]


@pytest.mark.parametrize(("text", "near"), [("73181599", "73181595"), ("73180000", "73181100"), ("73189900", "73181100"), ("72042100", "7201"), ("84099900", None)])
def test_a_code_out_of_scope_is_refused_with_the_nearest(text: str, near: str | None) -> None:
    reading = scope.read_cn(text)
    assert reading.good is None
    assert [p.code for p in reading.problems] == ["cbam-scope.cn-out-of-scope"]
    assert (reading.candidates[0] if reading.candidates else None) == near


def test_a_code_of_the_nomenclature_of_2025_has_ended() -> None:
    before = scope.read_cn("31021010", date(2025, 12, 31))
    assert before.good is not None
    assert before.problems == ()
    after = scope.read_cn("31021010", date(2026, 1, 1))
    assert after.good is None
    assert after.candidates == ("31021012", "31021015", "31021019")
    undated = scope.read_cn("31021010")
    assert undated.good is not None
    assert [(p.code, p.severity) for p in undated.problems] == [("cbam-scope.cn-ended", Severity.NOTE)]


def test_a_code_of_2026_did_not_exist_in_2025() -> None:
    assert [p.code for p in scope.read_cn("31021012", date(2025, 6, 1)).problems] == ["cbam-scope.cn-not-yet"]
    assert scope.read_cn("31021012", date(2026, 6, 1)).good is not None
    assert scope.read_cn("31021090", date(2025, 6, 1)).good is not None


def test_only_calcined_clay_is_in_scope_of_its_code() -> None:
    assert [p.code for p in scope.read_cn("25070080").problems] == ["cbam-scope.cn-part"]


def test_a_refused_reading_raises_its_problems() -> None:
    with pytest.raises(ProblemsError) as caught:
        scope.read_cn("7318").unwrap()
    assert caught.value.problems[0].code == "cbam-scope.cn-short"


# ---------------------------------------------------------------------------------------------- categories and routes

@pytest.mark.parametrize("text", ["iron_or_steel_products", "Iron or steel products", "钢铁制品", "IRON OR STEEL  PRODUCTS"])
def test_a_category_is_found_by_id_and_names(text: str) -> None:
    assert scope.category(text).id == "iron_or_steel_products"


def test_routes_keep_the_order_of_the_template(shared_data: Path) -> None:
    for row in read_rows(shared_data / "cbam/tables/aggregated_goods_categories.csv"):
        found = scope.category(row["aggregated_goods_category"])
        assert [r.template_name for r in found.routes] == row["production_routes"].split("; ")
        assert [r.position for r in found.routes] == list(range(1, len(found.routes) + 1))


def test_a_route_by_name_and_one_that_the_category_lacks() -> None:
    assert scope.route("crude_steel", "Electric arc furnace").id == "electric_arc"
    assert scope.route(scope.category("hydrogen"), "electrolysis").template_name == "Electrolysis of water"
    for call, code in ((lambda: scope.route("cement", "Electric arc furnace"), "route-unknown"),
                       (lambda: scope.route("bread", "oven"), "category-unknown"), (lambda: scope.category("bread"), "category-unknown")):
        with pytest.raises(ProblemsError) as caught:
            call()
        assert caught.value.problems[0].code == f"cbam-scope.{code}"
        assert caught.value.problems[0].accepted


def test_parameters_of_the_definitive_period_lack_the_steel_mill() -> None:
    steel = {p.id: p for p in scope.category("iron_or_steel_products").parameters}
    assert steel["steel_mill"].transitional
    assert not steel["steel_mill"].definitive
    assert steel["scrap_per_t_steel"].definitive
    assert [p.id for p in scope.category("cement_clinker").parameters] == []
    assert [p.id for p in scope.category("hydrogen").parameters] == []


def test_groups_that_may_share_a_process() -> None:
    assert scope.multifunctional_group("31023010") == scope.multifunctional_group("31024090") == "ammonium_nitrate"
    assert scope.multifunctional_group("31022100") == scope.multifunctional_group("31054000") == "ammonium_salts"
    assert scope.multifunctional_group("31052010") == "mixed_fertilisers"
    assert scope.multifunctional_group("73181542") is None
    fertilisers = [c for c in scope.in_force() if c[:4] in ("2808", "2814", "2834", "3102", "3105")]
    assert [c for c in fertilisers if scope.multifunctional_group(c) is None] == []


# ---------------------------------------------------------------------------------------------------------- countries

@pytest.mark.parametrize(("text", "ident"), [
    ("CN", "CN"), ("cn", "CN"), ("China", "CN"), ("中国", "CN"), ("Türkiye", "TR"), ("Turkey", "TR"), ("TURKIYE", "TR"),
    ("Viet Nam", "VN"), ("Vietnam", "VN"), ("Korea, Republic of (South Korea)", "KR"), ("South Korea", "KR"),
    ("North Korea (Democratic People’s Republic of Korea)", "KP"), ("Russian Federation", "RU"), ("Russia", "RU"),
    ("Ivory Coast", "CI"), ("Côte d'Ivoire", "CI"), ("Cote d’Ivoire", "CI"), ("Myanmar_Burma", "MM"), ("Congo", "CG"),
    ("Democratic Republic of the Cong", "CD"), ("Congo, Democratic Republic of", "CD"), ("Hong Kong", "HK"), ("Taiwan", "TW"),
    ("Chinese Taipei", "TW"), ("United States", "US"), ("Curaçao", "CW"), ("Kosovo", "XK"), ("Ceuta", "XC"), ("XL", "XL"),
    ("Büsingen", "busingen"), ("Buesingen", "busingen"), ("Livigno", "livigno"), ("Iran, Islamic Republic of", "IR"),
    ("Saint Helena, Ascension and Tris", "SH"),
])
def test_spellings_of_countries(text: str, ident: str) -> None:
    assert scope.country(text).id == ident


@pytest.mark.parametrize("text", ["", "Atlantis", "ZZ", "Aruban Florin", "Unite", "U"])
def test_a_country_that_is_none_is_a_problem(text: str) -> None:
    with pytest.raises(ProblemsError) as caught:
        scope.country(text)
    assert caught.value.problems[0].code == "cbam-scope.country-unknown"


def test_members_exempt_origins_and_listed_countries() -> None:
    countries = scope.countries()
    assert sum(c.eu for c in countries) == 27
    assert {c.id for c in countries if c.exempt} == {"IS", "LI", "NO", "CH", "busingen", "heligoland", "livigno", "XC", "XL"}
    assert sum(c.listed for c in countries) == 119           # sheets of the workbook beside that of the other countries
    assert not any(c.listed and c.outside for c in countries)
    assert scope.country("Taiwan").listed
    assert not scope.country("Bhutan").listed


def test_every_country_of_the_commission_s_files_is_known(shared_data: Path) -> None:
    names = {r["country"] for f in ("definitive/default_values_2025-2621_v20260204.csv",
                                    "tables/noncommercial/grid_ef_indirect_AnnexII_2025-2621.csv",
                                    "tables/noncommercial/electricity_import_ef_AnnexIII_2025-2621.csv") for r in read_rows(shared_data / "cbam" / f)}
    others = {n for n in names if simplified(n).startswith("other countries")} | {"European Union"}
    assert [n for n in names - others if scope.find_country(n) is None] == []


def test_every_current_country_code_of_the_template_is_known(shared_data: Path) -> None:
    """The template also lists codes that no longer exist, and areas that are no country."""
    gone = {"AN", "EU", "QP", "TP", "XA", "XI", "XO", "XP", "XR", "XZ", "YU", "ZR"}
    with (shared_data / "cbam/code_lists/code_lists_template_v2.1.1.csv").open(encoding="utf-8-sig", newline="") as stream:
        codes = {c[5] for c in list(csv.reader(stream))[6:] if len(c) > 6 and len(c[5]) == 2 and c[5].isupper()}
    assert len(codes) > 240
    assert {c for c in codes if scope.find_country(c) is None} == gone


def test_no_spelling_means_two_countries() -> None:
    seen: dict[str, str] = {}
    for row in table("countries"):
        for name in {simplified(row.text(k)) for k in ("id", "zh", "en")}:
            assert seen.setdefault(name, row.text("id")) == row.text("id")
    for row in table("country-names"):
        assert seen.setdefault(simplified(row.text("name")), row.text("country")) == row.text("country")


# --------------------------------------------------------------------------------------------------------- properties

@settings(deadline=None)
@given(st.text(max_size=30))
def test_any_text_is_read_or_refused_with_a_problem(text: str) -> None:
    reading = scope.read_cn(text)
    assert reading.good is not None or reading.problems
    assert scope.find_country(text) is None or scope.find_category(text) is None


@settings(deadline=None)
@given(st.sampled_from(scope.codes()), st.sampled_from(["", " ", ".", "\u00a0"]), st.integers(0, 99))
def test_a_code_means_the_same_however_it_is_spaced_and_with_ten_digits(code: str, space: str, more: int) -> None:
    spaced = space.join([code[:4], code[4:6], code[6:]])
    good = scope.read_cn(spaced).good
    assert good is not None
    assert good == scope.read_cn(f"{spaced}{space}{more:02d}").good
