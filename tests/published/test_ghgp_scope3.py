"""WRI/WBCSD with Carbon Trust, Technical Guidance for Calculating Scope 3 Emissions, version 1.0 (2013): worked examples.

Each example is rows of a dossier with their own factors; the total is the one that the guide prints, in kg CO2e unless it
says tonnes. Where the guide contradicts itself, a test says so.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from zerofactory_engine.accounting import Inventory

D = Decimal
Make = Callable[..., Inventory]
Total = Callable[..., Decimal]


def rows(unit: str, column: str, per: str, *pairs: tuple[str, str], **more: Any) -> list[dict[str, Any]]:
    """Rows of (activity, factor) pairs: activity in *unit*, factor in kgCO2e per *per*."""
    return [{"id": f"r{n}", column: f"{amount} {unit}", "factor": f"{factor} kgCO2e/{per}", **more}
            for n, (amount, factor) in enumerate(pairs, 1)]


def kilograms(value: Decimal) -> Decimal:
    return value * 1000


CASES: dict[str, tuple[str, str, int | None, dict[str, list[dict[str, Any]]]]] = {
    # example: (page, printed kg CO2e, category, rows)
    "1.1 purchased goods, supplier-specific": ("25", "145000", 1, {"purchased": rows(
        "kg", "t", "kg", ("200000", "0.15"), ("600000", "0.1"), ("200000", "0.1"), ("100000", "0.25"), ("50000", "0.2"),
        category="purchased_goods", method="supplier-specific")}),
    "1.3 purchased goods, hybrid": ("30-31", "70250", 1, {"purchased": [
        *rows("kWh", "MWh", "kWh", ("5000", "0.5"), category="purchased_goods", method="hybrid"),
        {"id": "gas", "GJ": "2500 kWhth", "factor": "0.2 kgCO2e/kWhth", "method": "hybrid"},
        {"id": "waste", "t": "100 kg", "factor": "0.5 kgCO2e/kg", "method": "hybrid"},
        {"id": "rest", "pieces": "12000", "factor": "5.6 kgCO2e/item", "method": "hybrid"}]}),
    "1.4 purchased goods, average and spend": ("34-35", "54100", 1, {"purchased": [
        *rows("kg", "t", "kg", ("400", "20"), ("200", "10"), ("500", "40"), ("100", "70"), ("1500", "3"), ("300", "3"),
              method="average"),
        *({**r, "id": f"s{r['id']}"} for r in rows(
            "USD", "USD", "USD", ("5000", "0.3"), ("3000", "0.3"), ("4000", "0.3"), ("6000", "0.5"), ("1500", "0.2"),
            ("5000", "0.2"), ("5000", "0.3"), ("1000", "0.3"), ("5000", "0.4"), method="spend"))]}),
    "4.1 upstream transport, fuel and refrigerant": ("56", "760000", 4, {"transport": [
        *rows("L", "m3", "L", ("50000", "3"), ("80000", "3"), ("90000", "3"), category="upstream_transport",
              method="fuel"),
        {"id": "r410a", "category": "upstream_transport", "t": "50 kg", "factor": "2000 kgCO2e/kg"}]}),
    "4.2 upstream transport, distance": ("62", "5000", 4, {"transport": [
        {"id": "truck", "category": "upstream_transport", "mode": "road", "t": "2", "km": "2000",
         "factor": "0.2 kgCO2e/tkm"},
        {"id": "plane", "category": "upstream_transport", "mode": "air", "t": "1", "km": "3000",
         "factor": "1.0 kgCO2e/tkm"},
        {"id": "ship", "category": "upstream_transport", "mode": "sea", "t": "6", "km": "4000",
         "factor": "0.05 kgCO2e/tkm"}]}),
    "4.4 upstream transport, spend": ("66", "7300", 4, {"transport": rows(
        "USD", "USD", "USD", ("20000", "0.04"), ("30000", "0.15"), ("40000", "0.05"), category="upstream_transport",
        method="spend")}),
    "4.6 upstream distribution, average": ("71", "240", 4, {"transport": rows(
        "m3", "m3", "m3", ("8000", "0.01"), ("8000", "0.02"), category="upstream_transport", method="average")}),
    "5.1 waste, by type": ("75", "132500", 5, {"waste": [
        *rows("t", "t", "t", ("2000", "40"), ("5000", "2"), ("4000", "10")),
        {"id": "water", "m3": "5000", "factor": "0.5 kgCO2e/m3", "treatment": "wastewater"}]}),
    "5.2 waste, shares": ("76", "3320", 5, {"waste": [
        {"id": f"w{n}", "t": "40", "share_percent": share, "factor": f"{factor} kgCO2e/t"}
        for n, (share, factor) in enumerate([("25", "300"), ("5", "0"), ("30", "0"), ("20", "10"), ("20", "30")])]}),
    "7.1 commuting, distance": ("90", "3072", 7, {"travel": rows(          # 48 weeks, both ways
        "km", "km", "km", ("8640", "0.1"), ("11040", "0.2"), category="commuting", method="distance")}),
    "7.2 commuting, average": ("92-93", "6697500", 7, {"travel": rows(     # 10 000 people, 235 days, both ways
        "km", "km", "km", ("23500000", "0.1"), ("21150000", "0.2"), ("705000", "0"), ("1175000", "0.1"),
        category="commuting")}),
    "9.1 downstream transport": ("105", "1600", 9, {"transport": [
        {"id": "t", "category": "downstream_transport", "t": "4", "km": "2000", "factor": "0.2 kgCO2e/tkm"}]}),
    "10.1 processing, site-specific": ("110", "1725", 10, {"other_indirect": [
        {"id": "gas", "category": "processing", "GJ": "3500 kWhth", "factor": "0.2 kgCO2e/kWhth"},
        {"id": "power", "category": "processing", "MWh": "2000 kWh", "factor": "0.5 kgCO2e/kWh"},
        {"id": "waste", "category": "processing", "t": "50 kg", "factor": "0.5 kgCO2e/kg"}]}),
    "10.2 processing, average": ("112", "1500", 10, {"other_indirect": [
        {"id": "p", "category": "processing", "t": "1000 kg", "factor": "1.5 kgCO2e/kg"}]}),
    "11.1 use, direct": ("117-118", "13042500", 11, {"use_phase": rows(    # uses × sold × kWh a use
        "kWh", "MWh", "kWh", ("14950000", "0.5"), ("3135000", "0.5"), ("8000000", "0.5"))}),
    "11.2 use, scenarios": ("122", "760000", 11, {"use_phase": [
        {"id": f"u{n}", "MWh": f"{energy} kWh", "share_percent": share, "factor": "0.5 kgCO2e/kWh"}
        for n, (share, energy) in enumerate([("20", "800000"), ("40", "1000000"), ("40", "2400000")])]}),
    "12.1 end of life": ("127", "3700", 12, {"end_of_life": [
        {"id": f"e{n}", "t": "10000 kg", "share_percent": share, "factor": f"{factor} kgCO2e/kg"}
        for n, (share, factor) in enumerate([("90", "0.3"), ("10", "1.0"), ("0", "0")])]}),
    "14.2 franchises, average": ("135", "23500000", 14, {"other_indirect": rows(
        "item", "pieces", "item", ("100", "30000"), ("150", "30000"), ("400", "10000"), ("700", "10000"),
        ("500", "10000"), category="franchises")}),
}


@pytest.mark.parametrize("case", CASES)
def test_example_gives_the_printed_total(case: str, inventory: Make, total: Total) -> None:
    _page, printed, category, tables = CASES[case]
    found = inventory(**tables)
    assert kilograms(total(found)) == D(printed)
    assert {line.ghgp_category for line in found.lines} == {category}
    assert {line.scope for line in found.lines} == {3}
    assert found.problems == ()


def test_6_1_business_travel_by_distance(inventory: Make, total: Total) -> None:
    """Page 85-86: road 17 583.33 (people over people per vehicle × km), air 8 300 000."""
    road = [(D(10) / 2 * 50, 1), (D(20) / 2 * 200, 2), (round(D(100) / 3 * 100, 10), 4)]
    found = inventory(travel=[
        *({"id": f"road{n}", "category": "business_travel", "mode": "car", "km": str(km), "factor": f"{ef} kgCO2e/km"}
          for n, (km, ef) in enumerate(road)),
        *({"id": f"air{n}", "category": "business_travel", "mode": "air", "persons": people, "km": km,
           "factor": f"{ef} kgCO2e/pkm"} for n, (people, km, ef) in enumerate(
               [("10", "10000", 5), ("20", "15000", 6), ("100", "12000", 5)]))])
    parts = {mode: sum((kilograms(ln.location.value) for ln in found.lines if ln.row.startswith(mode)  # type: ignore[arg-type]
                        ), D(0)) for mode in ("road", "air")}
    assert round(parts["road"], 2) == D("17583.33")
    assert parts["air"] == D(8300000)
    assert abs(kilograms(total(found)) - D("8317583.33")) <= D("0.01")


def tonnes(*investments: tuple[str, str]) -> list[dict[str, Any]]:
    """Investments: tonnes of the investee and the investor's share in per cent."""
    return [{"id": f"i{n}", "category": "investments", "pieces": "1", "share_percent": share,
             "factor": f"{emitted} tCO2e/item"} for n, (emitted, share) in enumerate(investments)]


def test_15_1_equity_investments(inventory: Make, total: Total) -> None:
    """Page 142-143: tonnes × share of equity."""
    found = inventory(other_indirect=tonnes(("120000", "40"), ("200000", "15"), ("1600000", "25"), ("60000", "25")))
    assert total(found) == D(493000)
    assert {line.ghgp_category for line in found.lines} == {15}


def test_15_3_project_finance(inventory: Make, total: Total) -> None:
    """Page 148: tonnes × investment over the cost of the project; the guide rounds to 26 833."""
    found = inventory(other_indirect=tonnes(("200000", "5"), ("10000", "10"), ("250000", "5"), ("30000", "11.1111111111")))
    assert abs(total(found) - D(26833)) <= 1


def test_15_4_project_finance_by_spend(inventory: Make, total: Total) -> None:
    """Page 150-151: million dollars × tonnes per million × share."""
    spent = [("20", "310", "7"), ("8", "325", "10"), ("3", "500", "5"), ("15", "9000", "5")]
    found = inventory(other_indirect=[
        {"id": f"i{n}", "category": "investments", "USD": f"{millions}000000", "share_percent": share,
         "factor": f"{D(factor) / 1000000:f} tCO2e/USD"} for n, (millions, factor, share) in enumerate(spent)])
    assert total(found) == D(7519)


@pytest.mark.parametrize(("years", "printed"), [("30", "31500000"), ("60", "63000000")])
def test_15_5_projected_lifetime(inventory: Make, total: Total, years: str, printed: str) -> None:
    """Page 152: 7 million tonnes a year, 15 %, over 30 to 60 years."""
    found = inventory(use_phase=[{"id": "u", "pieces": "1", "lifetime_years": years, "share_percent": "15",
                                  "factor": "7000000 tCO2e/item"}])
    assert total(found) == D(printed)


def test_appendix_c_intensity(inventory: Make, total: Total) -> None:
    """Page 161: 500 000 kg over 1 500 washes of 2 000 machines; the source leaves the quotient."""
    found = inventory(use_phase=rows("kg", "t", "kg", ("500000", "1")))
    assert round(kilograms(total(found)) / (1500 * 2000), 8) == D("0.16666667")


# -- where the guide contradicts itself, or gives no activity --------------------------------------------------------------


def test_1_3_prints_50_000_units_but_computes_with_12_000(inventory: Make, total: Total) -> None:
    units = {count: kilograms(total(inventory(purchased=[{"id": "rest", "pieces": count, "factor": "5.6 kgCO2e/item"}])))
             for count in ("12000", "50000")}
    assert units == {"12000": D(67200), "50000": D(280000)}
    assert 3000 + 50 + units["12000"] == D(70250)                          # the printed total
    assert 3000 + 50 + units["50000"] == D(283050)                         # what the printed line would give


def test_4_4_prints_its_result_per_dollar_but_dollars_cancel(inventory: Make, total: Total) -> None:
    found = inventory(transport=rows("USD", "USD", "USD", ("20000", "0.04"), category="upstream_transport"))
    line = found.lines[0]
    assert [t.unit for t in line.location.slices[0]] == ["USD", "tCO2e/USD"]
    assert kilograms(total(found)) == D(800)                               # kg CO2e, not kg CO2e per dollar


def test_12_1_says_tonnes_in_its_text_and_kilograms_in_its_table(inventory: Make, total: Total) -> None:
    def quantity(amount: str) -> Decimal:
        return kilograms(total(inventory(end_of_life=[
            {"id": "e1", "t": amount, "share_percent": "90", "factor": "0.3 kgCO2e/kg"},
            {"id": "e2", "t": amount, "share_percent": "10", "factor": "1.0 kgCO2e/kg"}])))
    assert quantity("10000 kg") == D(3700)                                 # printed
    assert quantity("10000 t") == D(3700000)                               # what the text would give


def test_14_1_gives_tonnages_without_factors_which_are_refused(inventory: Make) -> None:
    """Page 133: scope 1 and 2 of five franchisees, 355 000 kg together; no activity and no factor stands behind them."""
    pairs = [(100000, 20000), (25000, 10000), (30000, 10000), (90000, 30000), (30000, 10000)]
    assert sum(a + b for a, b in pairs) == 355000
    found = inventory(other_indirect=[{"id": f"f{n}", "category": "franchises", "claimed_tCO2e": f"{a + b} kgCO2e"}
                                      for n, (a, b) in enumerate(pairs)])
    assert found.lines == ()
    assert [p.code for p in found.problems] == ["accounting.tonnage-without-factor"] * 5


def test_14_1_as_footprints_of_franchisees(inventory: Make, total: Total) -> None:
    """The same tonnages as verified factors per franchisee are lines of category 14."""
    found = inventory(other_indirect=rows("item", "pieces", "item", ("1", "120000"), ("1", "35000"), ("1", "40000"),
                                          ("1", "120000"), ("1", "40000"), category="franchises"))
    assert kilograms(total(found)) == D(355000)
    assert {(line.ghgp_category, line.iso_category) for line in found.lines} == {(14, 5)}


# -- the parts that the guide prints beside a total ------------------------------------------------------------------------

#: example: printed kg CO2e of its parts, each with the ids of the rows behind it
PARTS: dict[str, dict[str, tuple[str, ...]]] = {
    "1.3 purchased goods, hybrid": {"3000": ("r1", "gas"), "50": ("waste",), "67200": ("rest",)},
    "4.1 upstream transport, fuel and refrigerant": {"660000": ("r1", "r2", "r3"), "100000": ("r410a",)},
    "4.2 upstream transport, distance": {"800": ("truck",), "3000": ("plane",), "1200": ("ship",)},
    "7.2 commuting, average": {"2350000": ("r1",), "4230000": ("r2",), "0": ("r3",), "117500": ("r4",)},
    "10.1 processing, site-specific": {"700": ("gas",), "1000": ("power",), "25": ("waste",)},
    "11.1 use, direct": {"7475000": ("r1",), "1567500": ("r2",), "4000000": ("r3",)},
}


@pytest.mark.parametrize("case", PARTS)
def test_parts_of_an_example_are_as_printed(case: str, inventory: Make) -> None:
    found = inventory(**CASES[case][3])
    assert {row for rows_ in PARTS[case].values() for row in rows_} == {line.row for line in found.lines}
    for printed, wanted in PARTS[case].items():
        amounts = [line.tco2e_location for line in found.lines if line.row in wanted]
        known = [amount for amount in amounts if isinstance(amount, Decimal)]
        assert len(known) == len(amounts)
        assert kilograms(sum(known, D(0))) == D(printed)


def test_7_1_kilometres_of_a_year_are_days_times_both_ways() -> None:
    """Page 90: 48 weeks; rail five and four days of 10 km, car one day of 15 and five of 20 km, there and back."""
    assert [48 * 2 * (5 * 10 + 4 * 10), 48 * 2 * (1 * 15 + 5 * 20)] == [8640, 11040]


#: Examples that have a test of their own.
ALONE = {"6.1", "14.1", "15.1", "15.3", "15.4", "15.5", "C.1"}


def test_no_example_of_the_reference_list_is_left_out(shared_data: Path) -> None:
    """Ids and categories of the list against what is typed in above."""
    tree = yaml.safe_load((shared_data / "standards/worked_ghgp_scope3_given.yaml").read_text(encoding="utf-8"))
    listed = {case["id"].removeprefix("GHGP-S3-"): case["category"] for case in tree["cases"]}
    typed_in = {case.split()[0]: category for case, (_, _, category, _) in CASES.items()}
    assert set(listed) == set(typed_in) | ALONE
    assert len(listed) == len(typed_in) + len(ALONE)
    assert {k: v for k, v in listed.items() if k in typed_in} == typed_in
