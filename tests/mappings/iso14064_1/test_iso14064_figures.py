"""Figures of the report: those of the inventory to the last digit, told apart as the standard asks."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.mappings.iso14064_1.iso_cases import DEMO, DEMO_STATEMENT, plant, report, statement

from zerofactory_engine.accounting.options import Options
from zerofactory_engine.accounting.terms import add
from zerofactory_engine.accounting.totals import inside
from zerofactory_engine.problems import ProblemsError
from zerofactory_engine.reasons import Unknown
from zerofactory_mappings.iso14064_1.model import IsoModel
from zerofactory_mappings.iso14064_1.stated import best_for
from zerofactory_mappings.iso14064_1.tables import category_titles, gases, named, subcategory_titles


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> IsoModel:
    return report(tmp_path_factory.mktemp("small"), said=statement())


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> IsoModel:
    return report(tmp_path_factory.mktemp("demo"), DEMO, DEMO_STATEMENT)


@pytest.fixture(scope="module", params=["small", "demo"])
def model(request: pytest.FixtureRequest) -> IsoModel:
    found: IsoModel = request.getfixturevalue(request.param)
    return found


# -- totals are the inventory's ---------------------------------------------------------------------------------------

def test_every_total_is_the_inventorys_to_the_last_digit(model: IsoModel) -> None:
    inventory = model.inventory
    assert model.total == inventory.total("all")
    assert model.market_total == inventory.total("all", "market")
    for category in model.categories:
        assert category.total == inventory.total(f"iso_category/{category.code}")
        assert category.market == inventory.total(f"iso_category/{category.code}", "market")
        for each in category.subcategories:
            assert each.total == inventory.total(f"iso_subcategory/{each.code}")


def test_categories_add_up_to_the_total(model: IsoModel) -> None:
    assert add([model.direct.total.value, model.indirect.value]) == model.total.value
    assert add(c.total.value for c in model.categories) == model.total.value
    assert sum(c.total.lines for c in model.categories) == model.total.lines == len(inside(model.lines))


def test_every_subcategory_of_the_classification_has_a_name(model: IsoModel) -> None:
    assert {line.iso_subcategory for line in model.lines} <= set(subcategory_titles())
    assert list(category_titles()) == ["1", "2", "3", "4", "5", "6"]


def test_gases_and_what_was_stored_add_up_to_category_1(model: IsoModel) -> None:
    parts = [g.equivalent for g in model.gases] + [a.total.value for a in model.removals if a.category == "1"]
    total, direct = add(parts), model.direct.total.value
    assert isinstance(total, Decimal)
    assert isinstance(direct, Decimal)
    assert abs(total - direct) < Decimal("1E-26")             # the sums are taken in another order: the 34th digit may differ


# -- the small plant by hand ------------------------------------------------------------------------------------------

def test_electricity_by_hand(small: IsoModel) -> None:
    """1000 MWh from the grid and 80 of the own roof; the certificate covers 400 MWh in the market-based figure only."""
    assert [(s.source, s.technology, s.MWh) for s in small.supplies] == [
        ("grid", None, Decimal(1000)), ("on-site", "solar", Decimal(80))]
    grid = small.supplies[0]
    assert grid.location == small.category("2").total.value
    assert grid.market == small.category("2").market.value
    assert isinstance(grid.location, Decimal)
    assert isinstance(grid.market, Decimal)
    residual = (grid.market / 600).quantize(Decimal("0.0001"))
    average = (grid.location / 1000).quantize(Decimal("0.0001"))
    assert residual != average
    assert [(i.row, i.MWh, i.equivalent, i.counts) for i in small.instruments] == [
        ("electricity/E2", Decimal(80), Decimal(0), "yes"), ("certificates/C1", Decimal(400), Decimal(0), "yes")]


def test_direct_gases_by_hand(small: IsoModel) -> None:
    """10 kg of HFC-134a at 1530 make 15.3 t; HCFC-22 is outside the seven; wood brings CH4 and N2O but no CO2."""
    rows = {g.gas: g for g in small.gases}
    assert list(rows) == list(gases())
    assert [rows["HFC"].tonnes, rows["HFC"].equivalent] == [Decimal("0.010"), Decimal("15.300")]
    assert dict(rows["HFC"].species) == {"HFC134a": Decimal("0.010")}
    assert [rows["SF6"].tonnes, rows["SF6"].lines] == [0, 0]
    assert dict(small.other_gases) == {"HCFC22": Decimal("0.004")}
    ch4 = [line for line in small.lines if line.gas == "CH4" and line.row == "W1"]
    assert [line.biogenic for line in ch4] == [True]
    assert [line.scope for line in ch4] == [1]
    assert rows["CH4"].lines == 2


def test_biogenic_and_stored_carbon_stand_apart(small: IsoModel) -> None:
    """50 t are stored for good: 40 of fossil origin are deducted in category 1, 10 of biogenic origin stand apart."""
    assert [(a.kind, a.category, a.total.value) for a in small.removals] == [("stored", "1", Decimal(-40))]
    found = {a.kind: a.total.value for a in small.biogenic}
    assert found["removal"] == -10
    emission = found["emission"]
    assert isinstance(emission, Decimal)
    assert emission > 0
    assert emission not in [c.total.value for c in small.categories]


def test_export_and_credits_are_in_no_total(small: IsoModel, tmp_path: Path) -> None:
    without = report(tmp_path, plant(
        credits=None, electricity=[r for r in plant()["electricity"] if r["id"] != "E3"], certificates=None))
    assert [(s.MWh, s.location) for s in small.exported] == [(Decimal(5), Decimal(0))]
    assert [o.quantity for o in small.inventory.offsets] == [90]
    assert without.inventory.offsets == ()
    assert without.total.value == small.total.value


# -- what is not known ------------------------------------------------------------------------------------------------

def test_a_table_that_is_not_complete_leaves_total_and_gases_unknown_with_the_known_part(small: IsoModel, tmp_path: Path) -> None:
    tables = [t for t in plant()["complete"] if t != "fugitive"]
    model = report(tmp_path, plant(complete=tables))
    assert isinstance(model.total.value, Unknown)
    assert model.total.known == small.total.value
    assert isinstance(model.direct.total.value, Unknown)
    assert [g.gas for g in model.gases if isinstance(g.equivalent, Unknown)] == list(gases())
    assert model.category("2").total.value == small.category("2").total.value


def test_no_lines_are_no_figure(small: IsoModel) -> None:
    states = {s.code: s.state for s in small.subcategories if not s.total.lines}
    assert states["5.1"] == "NO"
    assert states["3.1"] == "excluded"
    assert states["1.5"] == "silent"
    assert states["6.1"] == "NO"


def test_co2_only_leaves_other_gases_unknown_and_departs_from_the_standard(tmp_path: Path) -> None:
    model = report(tmp_path, options=Options({}, {"gases": "co2"}))
    assert [g.gas for g in model.gases if isinstance(g.tonnes, Unknown)] == ["CH4", "N2O", "NF3", "SF6", "HFC", "PFC"]
    assert [r.option for r in model.departures] == ["gases"]


@pytest.mark.parametrize(("option", "value", "departs"), [
    ("biogenic_co2", "inside", ["biogenic_co2"]),             # wood is burned: it would be in category 1
    ("exported_power", "subtract", []),                       # solar export is never subtracted: no effect, no departure
    ("captured_co2", "report", [])])
def test_options_depart_only_where_they_have_an_effect(tmp_path: Path, option: str, value: str, departs: list[str]) -> None:
    model = report(tmp_path, options=Options({}, {option: value}))
    assert [r.option for r in model.departures] == departs


def test_a_group_is_refused(tmp_path: Path) -> None:
    root = DEMO.parents[1]
    group = next((p for p in (root / "demo-group").glob("*.yaml") if "zerofactory/group/" in p.read_text(encoding="utf-8")), None)
    if group is None:
        pytest.skip("no group file among the examples")
    with pytest.raises(ProblemsError, match=r"disclosure\.group-not-taken"):
        report(tmp_path, group)


# -- factors and approaches -------------------------------------------------------------------------------------------

def test_factors_are_those_of_lines_and_rows(small: IsoModel) -> None:
    assert all(entry.source.title for entry in small.factors)
    assert not any(entry.set_id.startswith("gbt2589") for entry in small.factors)        # standard coal is no emission
    assert [(f.value, f.unit, f.source, f.year, f.first_row, f.lines) for f in small.row_factors] == [
        (Decimal("2.000"), "tCO2e/t", "supplier, ISO 14067", "2024", "purchased/P1", 1)]
    assert {s.role for s in small.sets if s.used} >= {"fuel", "grid", "gwp"}


def test_each_source_and_method_has_one_approach(demo: IsoModel) -> None:
    found = [(a.subcategory, a.source, a.method) for a in demo.approaches]
    assert len(found) == len(set(found))
    assert sum(a.lines for a in demo.approaches) == demo.total.lines
    assert all(a.reason for a in demo.approaches)


# -- what a statement is about ----------------------------------------------------------------------------------------

@pytest.mark.parametrize(("text", "meant"), [
    ("4.3", {"4.3"}), ("4", {"4", "4.1", "4.2", "4.3", "4.4", "4.5"}), ("S3-5", {"4.3"}), ("s3-1", {"4.1", "4.5"}),
    ("S3-14", {"5.1", "6.1"}), ("7", set()), ("S3-99", set()), ("", set())])
def test_what_a_category_means(text: str, meant: set[str]) -> None:
    assert named(text) == meant


def test_the_nearest_word_counts() -> None:
    entries = [{"category": "4", "key": "NA"}, {"source": "waste", "key": "NO"}, {"category": "4.3", "key": "IE"}]
    assert best_for("4.3", entries) == entries[2]
    assert best_for("4.3", entries[:2]) == entries[1]
    assert best_for("4.2", entries) == entries[0]
    assert best_for("5.1", entries) is None
    assert best_for("4.3", [{"source": "W1", "category": "4.3", "key": "NO"}]) is None      # one row is not the subcategory


def test_one_of_several_source_types_does_not_speak_for_all() -> None:
    one, two = {"source": "processing", "key": "NO"}, {"source": "use_phase", "key": "NE"}
    assert best_for("5.1", [one]) is None
    assert best_for("5.1", [one, two]) == two
    assert best_for("5.1", [two, one]) == two


@given(st.lists(st.sampled_from([{"category": c, "key": k} for c in ("1", "2.1", "4", "4.3", "S3-5") for k in ("NO", "NE")]),
                max_size=6))
def test_a_word_about_a_subcategory_always_beats_one_about_its_category(entries: list[dict[str, str]]) -> None:
    found = best_for("4.3", entries)
    exact = [e for e in entries if e["category"] in ("4.3", "S3-5")]
    wide = [e for e in entries if e["category"] == "4"]
    assert found == (exact[0] if exact else wide[0] if wide else None)
