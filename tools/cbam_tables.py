"""Make the derived tables of ``standards/eu-cbam/tables`` from the outside reference folder, in our own format.

    python tools/cbam_tables.py REFERENCE_FOLDER [--check]

REFERENCE_FOLDER is the folder that holds ``cbam/``. Figures and codes carry over, each row with act, place and
confidence; sentences do not. Names in Chinese stand here. Tables that are short are typed and not made by this tool.
The same input gives the same bytes, and ``tests/mappings/cbam/reference`` compares them with what is shipped.
"""

from __future__ import annotations

import csv
import io
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

OUT = Path(__file__).parent.parent / "standards/eu-cbam/tables"
SET = "default-values/2025-2621-v1"
SOURCE = ("act", "annex", "confidence", "source", "valid_from", "valid_to")
Cells = Sequence[str]

CALCULATION, DEFAULTS, BENCHMARKS = "IR (EU) 2025/2547", "IR (EU) 2025/2621", "IR (EU) 2025/2620"
REGULATION, TEMPLATE, QUESTIONS = "Reg (EU) 2023/956", "CBAM template v2.1", "CBAM Q&A May 2026"
START, TRANSITION = "2026-01-01", "2023-10-01"

#: name in the reference → id, Chinese name, class of the reference efficiencies where it is plain
FUELS = {
    "Crude oil": ("crude_oil", "原油", "oil"),
    "Orimulsion": ("orimulsion", "奥里油", ""),
    "Natural gas liquids": ("natural_gas_liquids", "天然气凝液", ""),
    "Motor gasoline": ("motor_gasoline", "车用汽油", "oil"),
    "Kerosene (other than jet kerosene)": ("kerosene", "煤油（航空煤油除外）", "oil"),
    "Shale oil": ("shale_oil", "页岩油", ""),
    "Gas/Diesel oil": ("diesel", "柴油", "oil"),
    "Residual fuel oil": ("residual_fuel_oil", "残渣燃料油", "oil"),
    "Liquefied petroleum gases": ("lpg", "液化石油气", "natural_gas"),
    "Ethane": ("ethane", "乙烷", ""),
    "Naphtha": ("naphtha", "石脑油", "oil"),
    "Bitumen": ("bitumen", "沥青", ""),
    "Lubricants": ("lubricants", "润滑油", ""),
    "Petroleum coke": ("petroleum_coke", "石油焦", ""),
    "Refinery feedstocks": ("refinery_feedstocks", "炼厂原料", ""),
    "Refinery gas": ("refinery_gas", "炼厂气", "refinery_gas"),
    "Paraffin waxes": ("paraffin_waxes", "石蜡", ""),
    "White spirit and SBP": ("white_spirit", "溶剂油和特种沸点溶剂油", ""),
    "Other petroleum products": ("other_petroleum_products", "其他石油制品", "oil"),
    "Anthracite": ("anthracite", "无烟煤", "hard_coal"),
    "Coking coal": ("coking_coal", "炼焦煤", "hard_coal"),
    "Other bituminous coal": ("other_bituminous_coal", "其他烟煤", "hard_coal"),
    "Sub-bituminous coal": ("sub_bituminous_coal", "次烟煤", ""),
    "Lignite": ("lignite", "褐煤", "lignite"),
    "Oil shale and tar sands": ("oil_shale", "油页岩和油砂", ""),
    "Patent fuel": ("patent_fuel", "型煤", ""),
    "Coke oven coke and lignite coke": ("coke", "焦炭和褐煤焦", "hard_coal"),
    "Gas coke": ("gas_coke", "煤气焦", "hard_coal"),
    "Coal tar": ("coal_tar", "煤焦油", ""),
    "Gas works gas": ("gas_works_gas", "煤气厂煤气", ""),
    "Coke oven gas": ("coke_oven_gas", "焦炉煤气", "coke_oven_gas"),
    "Blast furnace gas": ("blast_furnace_gas", "高炉煤气", "coke_oven_gas"),
    "Oxygen steel furnace gas": ("oxygen_steel_furnace_gas", "转炉煤气", ""),
    "Natural gas": ("natural_gas", "天然气", "natural_gas"),
    "Industrial wastes": ("industrial_wastes", "工业废物", "solid_waste"),
    "Waste oils": ("waste_oils", "废油", "waste_liquids"),
    "Peat": ("peat", "泥炭", "peat"),
    "Waste tyres (preliminary EF before biomass fraction)": ("waste_tyres", "废轮胎", "solid_waste"),
    "Carbon monoxide": ("carbon_monoxide", "一氧化碳", ""),
    "Methane": ("methane", "甲烷", ""),
    "Wood / wood waste (air dry, ~15% water)": ("wood", "木材和木废料（风干）", "dry_biomass"),
    "Sulphite lyes (black liquor)": ("black_liquor", "亚硫酸盐废液（黑液）", ""),
    "Other primary solid biomass": ("other_solid_biomass", "其他初级固体生物质", "other_solid_biomass"),
    "Charcoal": ("charcoal", "木炭", ""),
    "Biogasoline": ("biogasoline", "生物汽油", "bio_liquids"),
    "Biodiesels": ("biodiesel", "生物柴油", "bio_liquids"),
    "Other liquid biofuels": ("other_liquid_biofuels", "其他液体生物燃料", "bio_liquids"),
    "Landfill gas (pure biomethane)": ("landfill_gas", "填埋气（纯生物甲烷）", "biogas"),
    "Sludge gas (pure biomethane)": ("sludge_gas", "污泥气（纯生物甲烷）", "biogas"),
    "Other biogas (pure biomethane)": ("other_biogas", "其他沼气（纯生物甲烷）", "biogas"),
    "Municipal waste (biomass fraction)": ("municipal_waste_biomass", "城市垃圾（生物质部分）", "solid_waste"),
    "Municipal waste (fossil fraction)": ("municipal_waste_fossil", "城市垃圾（化石部分）", "solid_waste"),
}
#: group in the reference → group, then material → id and Chinese name
PROCESS_GROUPS = {"carbonate_method_A": "carbonate_a", "oxide_method_B": "oxide_b",
                  "iron_steel_materials": "iron_steel"}
MATERIALS = {
    "CaCO3": ("caco3", "碳酸钙"), "MgCO3": ("mgco3", "碳酸镁"), "Na2CO3": ("na2co3", "碳酸钠"),
    "BaCO3": ("baco3", "碳酸钡"), "Li2CO3": ("li2co3", "碳酸锂"), "K2CO3": ("k2co3", "碳酸钾"),
    "SrCO3": ("srco3", "碳酸锶"), "NaHCO3": ("nahco3", "碳酸氢钠"), "FeCO3": ("feco3", "碳酸亚铁"),
    "CaO": ("cao", "氧化钙"), "MgO": ("mgo", "氧化镁"), "BaO": ("bao", "氧化钡"),
    "Direct reduced iron (DRI)": ("direct_reduced_iron", "直接还原铁"),
    "EAF carbon electrodes": ("eaf_electrodes", "电弧炉碳电极"),
    "EAF charge carbon": ("eaf_charge_carbon", "电弧炉增碳剂"),
    "Hot briquetted iron": ("hot_briquetted_iron", "热压块铁"),
    "Oxygen steel furnace gas": ("oxygen_steel_furnace_gas", "转炉煤气"),
    "Petroleum coke": ("petroleum_coke", "石油焦"),
    "Pig iron": ("pig_iron", "生铁"), "Iron/iron scrap": ("iron_scrap", "铁和废铁"),
    "Steel/steel scrap": ("steel_scrap", "钢和废钢"),
}
#: technology → its other names
CELLS = {
    "PFPB_L": ("legacy point feed prebake", "早期点式下料预焙槽", ""),
    "PFPB_M": ("modern point feed prebake", "现代点式下料预焙槽", ""),
    "PFPB_MW": ("point feed prebake without fully automated intervention", "未全自动处理阳极效应的点式下料预焙槽",
                "own measurement, otherwise as CWPB"),
    "CWPB": ("centre worked prebake", "中间下料预焙槽", ""), "SWPB": ("side worked prebake", "侧部下料预焙槽", ""),
    "VSS": ("vertical stud Soderberg", "上插自焙槽", ""), "HSS": ("horizontal stud Soderberg", "侧插自焙槽", ""),
}
#: template name → id, sector, Chinese and English name
CATEGORIES = {
    "Cement": ("cement", "cement", "水泥", "cement"),
    "Cement clinker": ("cement_clinker", "cement", "水泥熟料", "cement clinker"),
    "Calcined clays": ("calcined_clays", "cement", "煅烧黏土", "calcined clay"),
    "Aluminous cement": ("aluminous_cement", "cement", "铝酸盐水泥", "aluminous cement"),
    "Iron or steel products": ("iron_or_steel_products", "iron_steel", "钢铁制品", "iron or steel products"),
    "Crude steel": ("crude_steel", "iron_steel", "粗钢", "crude steel"),
    "Direct reduced iron": ("direct_reduced_iron", "iron_steel", "直接还原铁", "direct reduced iron"),
    "Pig iron": ("pig_iron", "iron_steel", "生铁", "pig iron"),
    "Alloys (FeMn, FeCr, FeNi)":
        ("ferro_alloys", "iron_steel", "铁合金（锰铁、铬铁、镍铁）", "ferro-alloys (FeMn, FeCr, FeNi)"),
    "Sintered Ore": ("sintered_ore", "iron_steel", "烧结矿（含球团）", "sintered ore"),
    "Hydrogen": ("hydrogen", "hydrogen", "氢", "hydrogen"),
    "Ammonia": ("ammonia", "fertilisers", "氨", "ammonia"),
    "Nitric acid": ("nitric_acid", "fertilisers", "硝酸", "nitric acid"),
    "Urea": ("urea", "fertilisers", "尿素", "urea"),
    "Mixed fertilisers": ("mixed_fertilisers", "fertilisers", "混合肥料", "mixed fertilisers"),
    "Aluminium products": ("aluminium_products", "aluminium", "铝制品", "aluminium products"),
    "Unwrought aluminium": ("unwrought_aluminium", "aluminium", "未锻轧铝", "unwrought aluminium"),
    "Electricity (export to EU)":
        ("electricity", "electricity", "电力（向欧盟出口）", "electricity exported to the EU"),
}
ROUTES = {
    "All production routes": ("all", "所有生产路线", "all production routes"),
    "Basic oxygen steelmaking": ("basic_oxygen", "转炉炼钢", "basic oxygen steelmaking"),
    "Electric arc furnace": ("electric_arc", "电弧炉", "electric arc furnace"),
    "Other production routes": ("other", "其他生产路线", "other production routes"),
    "Unknown production routes": ("unknown", "未知生产路线", "unknown production routes"),
    "Blast furnace route": ("blast_furnace", "高炉路线", "blast furnace"),
    "Smelting reduction": ("smelting_reduction", "熔融还原", "smelting reduction"),
    "Steam reforming and partial oxidation":
        ("steam_reforming", "蒸汽重整和部分氧化", "steam reforming and partial oxidation"),
    "Electrolysis of water": ("electrolysis", "水电解", "electrolysis of water"),
    "Chlor-Alkali electrolysis and production of chlorates":
        ("chlor_alkali", "氯碱电解和氯酸盐生产", "chlor-alkali electrolysis and chlorates"),
    "Haber-Bosch process with steam reforming of natural gas or biogas":
        ("haber_bosch_gas", "天然气或沼气重整合成氨", "Haber-Bosch with reforming of natural gas or biogas"),
    "Haber-Bosch process with gasification of coal or other fuels":
        ("haber_bosch_coal", "煤或其他燃料气化合成氨", "Haber-Bosch with gasification of coal or other fuels"),
    "Primary (electrolytic) smelting": ("primary", "原铝电解", "primary (electrolytic) smelting"),
    "Secondary melting (recycling)": ("secondary", "再生熔炼", "secondary melting"),
}
#: Codes of the Combined Nomenclature 2026 that the template's list lacks: code, category, gases.
CODES_2026 = (("31021012", "urea", "CO2"), ("31021015", "urea", "CO2"), ("31021019", "urea", "CO2"))
#: Code that ended with 2025 → codes that take its place.
ENDED = {"31021010": "31021012;31021015;31021019"}
SECTORS = {"Cement": "cement", "Iron & Steel": "iron_steel", "Iron and steel": "iron_steel", "Aluminium": "aluminium",
           "Fertilisers": "fertilisers", "Hydrogen": "hydrogen"}
#: Countries whose default values ship: name in the reference → id.
SHIPPED = {"China": "CN", "Other Countries and Territories": "other"}
_MISSING = re.compile(r"[–—_-]")
_NOT_APPLICABLE = re.compile(r"n[/.]?\(?a\.?", re.IGNORECASE)


def read(reference: Path, name: str) -> list[dict[str, str]]:
    """The rows of a CSV file of the reference folder."""
    with (reference / "cbam" / name).open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def text(header: Cells, rows: Iterable[Cells]) -> bytes:
    """A table as CSV: UTF-8, LF."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*header, *SOURCE])
    for row in rows:
        if len(row) != len(header) + len(SOURCE):
            raise ValueError(row)
        writer.writerow(row)
    return out.getvalue().encode()


def law(act: str, annex: str, start: str = START, end: str = "") -> list[str]:
    """Columns of a row that was read in the law."""
    return [act, annex, "confirmed", "law", start, end]


def commission(act: str, annex: str, start: str = START, end: str = "") -> list[str]:
    """Columns of a row that was read in a file of the Commission."""
    return [act, annex, "confirmed", "commission", start, end]


def fuels(reference: Path) -> bytes:
    """Standard emission factors and net calorific values."""
    rows = []
    for row in read(reference, "tables/fuel_factors.csv"):
        ident, zh, kind = FUELS[row["fuel"]]
        english = re.sub(r" \(preliminary.*", "", row["fuel"])
        table = row["source"].rsplit("Table ", 1)[1].replace(" footnote", ", footnote")
        rows.append([ident, zh, english, row["kind"].split(" ")[0], row["ef_tco2_per_tj"], row["ncv_tj_per_gg(=GJ/t)"],
                     kind,
                     *law(CALCULATION, f"Annex II G Table {table}")])
    return text(("id", "zh", "en", "kind", "ef", "ncv", "efficiency_class"), rows)


def process_factors(reference: Path) -> bytes:
    """Standard factors of carbonates, oxides and materials of iron and steel."""
    numbers = {"carbonate_a": "3", "oxide_b": "4", "iron_steel": "5"}
    rows = []
    for row in read(reference, "tables/process_factors.csv"):
        if (group := PROCESS_GROUPS.get(row["table"])) is not None:
            ident, zh = MATERIALS[row["material"]]
            rows.append([group, ident, zh, row["material"], row["ef_tco2_per_t"], row["carbon_content_tC_per_t"],
                         *law(CALCULATION, f"Annex II G Table {numbers[group]}")])
    return text(("group", "id", "zh", "en", "ef", "carbon"), rows)


def pfc_factors(reference: Path) -> bytes:
    """Factors of perfluorocarbons by cell technology."""
    rows = []
    for row in read(reference, "tables/pfc_factors.csv"):
        letters = re.match(r"[A-Z]+(?: [A-Z]+)?\b(?! *$)|[A-Z]+", row["technology"])
        assert letters is not None
        ident = letters[0].replace(" ", "_")
        english, zh, note = CELLS[ident]
        method = "slope" if row["method"].startswith("A") else "overvoltage"
        place = "Annex II B.7.1 Table 2" if method == "slope" else "Annex II B.7.2 Table 3"
        unit = "kgCF4/(tAl*min/cell/day)" if method == "slope" else "kgCF4/(tAl*mV)"
        rows.append([method, ident, zh, english, row["cf4_factor"], unit, row["c2f6_per_cf4_t_per_t"], note,
                     *law(CALCULATION, place)])
    return text(("method", "technology", "zh", "en", "cf4", "cf4_unit", "c2f6_per_cf4", "note"), rows)


def names(listed: str) -> str:
    """Template names of categories, separated by semicolons, as ids."""
    return ";".join(CATEGORIES[name.strip()][0] for name in listed.split(";") if name.strip())


def categories(reference: Path) -> bytes:
    """Aggregated goods categories of the template, with what the law says of indirect emissions."""
    yes = {"True": "yes", "False": "no"}
    rows = []
    for row in read(reference, "tables/aggregated_goods_categories.csv"):
        ident, sector, zh, english = CATEGORIES[row["aggregated_goods_category"]]
        rows.append([ident, sector, row["aggregated_goods_category"], zh, english, row["unit_template"],
                     yes[row["indirect_transitional"]], yes[row["indirect_definitive_per_law"].split(" ")[0]],
                     yes[row["indirect_definitive_per_template"]], names(row["direct_precursors_template"]),
                     names(row["all_precursors_in_chain_template"]),
                     "the template's definitive flag differs from the law" if ident == "ammonia" else "",
                     *commission(TEMPLATE,
                                 "sheet Parameters_Constants; indirect_definitive: Reg (EU) 2023/956 Annex II", "")])
    return text(("id", "sector", "template_name", "zh", "en", "unit_transitional", "indirect_transitional",
                 "indirect_definitive", "indirect_template", "precursors", "chain", "note"), rows)


def routes(reference: Path) -> bytes:
    """Production routes of each category in the order of the template."""
    rows = []
    for row in read(reference, "tables/aggregated_goods_categories.csv"):
        ident = CATEGORIES[row["aggregated_goods_category"]][0]
        for position, name in enumerate(row["production_routes"].split("; "), 1):
            route, zh, english = ROUTES[name]
            rows.append([ident, str(position), route, name, zh, english,
                         *commission(TEMPLATE, "sheet Parameters_Constants", "")])
    return text(("category", "position", "id", "template_name", "zh", "en"), rows)


def cn_codes(reference: Path) -> bytes:
    """Codes in scope: those of the template's list, and those that the nomenclature of 2026 put in the place of one."""
    rows = []
    for row in read(reference, "tables/cn_codes_scope.csv"):
        code = row["cn8"]
        note = "ex: calcined kaolinic clay only" if code == "25070080" else ""
        end = "2025-12-31" if code in ENDED else ""
        rows.append([code, CATEGORIES[row["aggregated_goods_category"]][0], row["ghgs"].replace(",", ";"),
                     ENDED.get(code, ""), note, *commission(REGULATION, "Annex I", TRANSITION, end)])
    rows += [[code, category, gases, "", "", BENCHMARKS, "Annex point 5.3; Combined Nomenclature 2026", "confirmed",
              "commission", START, ""] for code, category, gases in CODES_2026]
    return text(("cn", "category", "gases", "replaced_by", "note"), sorted(rows))


def markups(reference: Path) -> bytes:
    """Mark-ups on default values by sector and year of import."""
    rows = []
    for row in read(reference, "tables/default_value_markup.csv"):
        rows += [[row["sector"], first, last, row[column], *law(DEFAULTS, "Annex I")]
                 for column, first, last in (("2026", "2026", "2026"), ("2027", "2027", "2027"), ("2028+", "2028", ""))]
    return text(("sector", "first_year", "last_year", "markup"), rows)


def phase_in(reference: Path) -> bytes:
    """CBAM factor and cross-sectoral correction factor by year; the latter is not known after 2030."""
    rows = []
    for row in read(reference, "tables/cbam_factor_phase_in.csv"):
        year, cscf = row["year"], row["cscf"].split(" ")[0]
        preliminary = "preliminary" in row["cscf"]
        source = "secondary" if "2026" <= year <= "2034" else "derived"
        rows.append([year, year if year != "2034" else "", "cbam_factor", row["cbam_factor_free_allocation_share"],
                     "no", "",
                     "Dir 2003/87/EC", "Article 10a(1a)", "secondary", source, "", ""])
        rows.append([year, year if year != "2034" else "", "cscf", cscf, "yes" if preliminary else "no",
                     "not yet decided; preliminary" if preliminary else "",
                     "Decision (EU) 2026/1862", "", "unconfirmed" if preliminary else "secondary",
                     "project" if preliminary else "secondary", "", ""])
    return text(("first_year", "last_year", "factor", "value", "preliminary", "note"), rows)


def certificate_prices(reference: Path) -> bytes:
    """Prices of certificates: quarters of 2026."""
    rows = []
    for row in read(reference, "tables/certificate_prices.csv"):
        year, quarter = row["quarter"].split("-Q")
        start = f"{year}-{3 * int(quarter) - 2:02d}-01"
        end = f"{year}-{3 * int(quarter):02d}-{31 if quarter in '14' else 30}"
        price = row["eur_per_tco2e"] or "unknown"
        rows.append([row["quarter"], "quarter", start, end, price, row["published"], "", "IR (EU) 2025/2548", "",
                     "secondary", "secondary", "", ""])
    return text(("period", "kind", "first_day", "last_day", "price", "published", "note"), rows)


def letters(route: str) -> tuple[str, str]:
    """Route letters and period indicator of a cell such as ``(F)(1)`` or ``(C)/(F)``."""
    found = re.findall(r"\(([A-Z])\)", route)
    periods = re.findall(r"\(([12])\)", route)
    return ";".join(found), "".join(periods[:1])


def benchmarks(reference: Path) -> bytes:
    """Benchmarks: rows as published; a blank column A on a continuation row stays blank, a printed 0 stays 0."""
    rows = []
    for number, row in enumerate(read(reference, "definitive/benchmarks_2025-2620.csv"), 1):
        routes_a, period_a = letters(row["colA_route"])
        routes_b, period_b = letters(row["colB_route"])
        rows.append([str(number), SECTORS[row["sector"]], row["cn_code"], row["colA_BMg"], routes_a, period_a,
                     row["colB_BMg"],
                     routes_b, period_b, *commission(BENCHMARKS, "Annex point 5.3")])
    return text(("number", "sector", "cn", "column_a", "routes_a", "period_a", "column_b", "routes_b", "period_b"),
                rows)


def figure(cell: str) -> str:
    """A figure of the default values as we write it: the number, ``missing`` or ``n/a``."""
    cell = cell.strip()
    if _MISSING.fullmatch(cell) or not cell:
        return "missing"
    if _NOT_APPLICABLE.fullmatch(cell):
        return "n/a"
    return str(Decimal(cell))


def default_values(reference: Path) -> bytes:
    """Default values of China and of the other countries; headings keep their place, sentences do not carry over."""
    rows = []
    for number, row in enumerate(read(reference, "definitive/default_values_2025-2621_v20260204.csv"), 2):
        if (country := SHIPPED.get(row["country"])) is None:
            continue
        first = row["description"].split(" ")[0].lower()
        variant = first if row["sector"] == "Cement" and first in ("grey", "white") else ""
        heading = row["total"] == "see below"
        found = ["", "", ""] if heading else [figure(row[c]) for c in ("direct_tco2e_per_t", "indirect", "total")]
        kind = "heading" if heading else "missing" if found[2] == "missing" else "value"
        rows.append([country, SECTORS[row["sector"]], row["cn_code"], variant, "", kind, *found,
                     letters(row["benchmark_route"])[0], "", str(number), "", *commission(DEFAULTS, "Annex I")])
    return text(("country", "sector", "code", "variant", "description", "kind", "direct", "indirect", "total", "routes",
                 "sheet", "row", "note"), rows)


MAKERS = {"fuels.csv": fuels, "process-factors.csv": process_factors, "pfc-factors.csv": pfc_factors,
          "categories.csv": categories, "routes.csv": routes, "cn-codes.csv": cn_codes, "markups.csv": markups,
          "phase-in.csv": phase_in, "certificate-prices.csv": certificate_prices, "benchmarks.csv": benchmarks,
          f"{SET}/default-values.csv": default_values}


def generate(reference: Path) -> Mapping[str, bytes]:
    """Every derived table by its name below ``standards/eu-cbam/tables``."""
    return {name: make(reference) for name, make in MAKERS.items()}


def main(arguments: Sequence[str]) -> int:
    """Write the tables, or with ``--check`` say which differ."""
    checking = "--check" in arguments
    (folder,) = [a for a in arguments if not a.startswith("--")]
    differing = []
    for name, data in generate(Path(folder)).items():
        path = OUT / name
        if checking:
            if not path.is_file() or path.read_bytes() != data:
                differing.append(name)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    for name in differing:
        print(f"differs: {name}")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
