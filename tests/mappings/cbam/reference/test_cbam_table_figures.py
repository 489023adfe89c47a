"""Figures by their functions: dates, names, and what is not known says why."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from zerofactory_engine.problems import ProblemsError
from zerofactory_mappings.cbam import tables
from zerofactory_mappings.cbam.table_reader import Cited, Source, Unknown


def code_of(call: object) -> str:
    assert callable(call)
    with pytest.raises(ProblemsError) as caught:
        call()
    return caught.value.problems[0].code


def test_a_constant_says_unit_act_place_and_confidence() -> None:
    found = tables.constant("waste_gas_export_factor")
    assert found.value == Decimal("0.667")
    assert found.unit == "1"
    assert (found.source.act, found.source.annex, found.source.confidence) == ("IR (EU) 2025/2547", "Annex III A.2.3", "confirmed")
    assert found.as_json()["value"] == "0.667"


def test_a_constant_on_a_day_of_the_transitional_period_cites_its_act() -> None:
    assert tables.constant("gwp_cf4", date(2025, 6, 1)).source.act == "IR (EU) 2023/1773"
    assert tables.constant("gwp_cf4", date(2026, 6, 1)).source.act == "IR (EU) 2025/2547"
    assert tables.constant("gwp_cf4").value == tables.constant("gwp_cf4", date(2025, 6, 1)).value


def test_a_constant_that_is_not_there_or_not_in_force_is_a_problem() -> None:
    assert code_of(lambda: tables.constant("speed_of_light")) == "cbam-table.no-constant"
    assert code_of(lambda: tables.constant("quarter_holding_share", date(2026, 6, 30))) == "cbam-table.not-in-force"


def test_every_constant_loads() -> None:
    assert {tables.constant(row.text("id"), row.source.valid_from).value for row in tables.constants()} >= {Decimal("0.5")}


@pytest.mark.parametrize("name", ["natural_gas", "Natural gas", "NATURAL  GAS", "天然气"])
def test_a_fuel_is_found_by_id_and_name(name: str) -> None:
    assert tables.fuel(name).ef.value == Decimal("56.1")


def test_a_fuel_without_a_calorific_value_says_so() -> None:
    found = tables.fuel("industrial_wastes").ncv
    assert isinstance(found, Unknown)
    assert found.reason == "cbam-table.no-ncv"


def test_biomass_fuels_are_marked_and_keep_their_preliminary_factor() -> None:
    wood = tables.fuel("wood")
    assert wood.biomass
    assert wood.ef.value == 112
    assert sum(f.biomass for f in tables.fuels()) == 11
    assert len(tables.fuels()) == 52


def test_unknown_names_list_what_is_accepted() -> None:
    for call, code in ((lambda: tables.fuel("dilithium"), "no-fuel"), (lambda: tables.process_factor("Fe"), "no-material"),
                       (lambda: tables.pfc_factor("slope", "XYZ"), "no-technology"),
                       (lambda: tables.pfc_factor("overvoltage", "VSS"), "no-technology")):
        with pytest.raises(ProblemsError) as caught:
            call()
        assert caught.value.problems[0].code == f"cbam-table.{code}"
        assert caught.value.problems[0].accepted


def test_a_material_may_be_narrowed_to_its_group() -> None:
    assert tables.process_factor("CaCO3").group == "carbonate_a"
    assert tables.process_factor("pig_iron", "iron_steel").carbon is not None
    assert code_of(lambda: tables.process_factor("CaCO3", "oxide_b")) == "cbam-table.no-material"


@pytest.mark.parametrize("name", ["CWPB", "cwpb", "Centre Worked Pre-Bake (CWPB)", "centre worked prebake"])
def test_a_cell_technology_is_found_by_code_and_by_the_template_s_name(name: str) -> None:
    found = tables.pfc_factor("slope", name)
    assert (found.cf4.value, found.c2f6.value) == (Decimal("0.143"), Decimal("0.121"))


# ------------------------------------------------------------------------------------------- reference efficiencies

def test_an_efficiency_by_year_of_construction() -> None:
    def electricity(built: int) -> Decimal:
        found = tables.reference_efficiency("electricity", "natural_gas", built)
        assert isinstance(found, Cited)
        return found.value

    assert [electricity(y) for y in (1990, 2011, 2012, 2015, 2016, 2024)] == [
        Decimal("0.525")] * 4 + [Decimal("0.530")] * 2


def test_an_efficiency_that_depends_on_what_is_not_stated_is_unknown_and_one_that_does_not_is_known() -> None:
    coal = tables.reference_efficiency("heat", "anthracite", None, "steam")
    assert isinstance(coal, Cited)
    assert coal.value == Decimal("0.830")
    gas = tables.reference_efficiency("heat", "natural_gas", None, "steam")
    assert isinstance(gas, Unknown)
    assert gas.reason == "cbam-table.efficiency-ambiguous"


def test_waste_heat_has_no_heat_reference_before_2016_and_none_for_exhaust() -> None:
    for built, medium in ((2010, "steam"), (2020, "exhaust")):
        found = tables.reference_efficiency("heat", "waste_heat", built, medium)
        assert isinstance(found, Unknown)
        assert found.reason == "cbam-table.efficiency-none"


def test_a_fuel_or_medium_that_the_law_does_not_have_is_a_problem() -> None:
    assert code_of(lambda: tables.reference_efficiency("electricity", "uranium", 2000)) == "cbam-table.no-efficiency"
    assert code_of(lambda: tables.reference_efficiency("heat", "natural_gas", 2000, "oil")) == "cbam-table.no-efficiency"
    assert code_of(lambda: tables.reference_efficiency("cold", "natural_gas", 2000)) == "cbam-table.no-efficiency"


def test_a_molar_mass_that_is_not_known_is_unknown() -> None:
    found = tables.molar_mass("unobtainium")
    assert isinstance(found, Unknown)
    known = tables.molar_mass("NH3")
    assert isinstance(known, Cited)
    assert known.value == Decimal("17.031")
    assert isinstance(tables.nitrogen_share("unobtainium"), Unknown)
    urea = tables.nitrogen_share("urea")
    assert isinstance(urea, Cited)
    assert round(urea.value, 4) == Decimal("0.4665")      # 28.014 / 60.056


# ------------------------------------------------------------------------------------------------- years and prices

def test_the_factor_after_2034_stays_zero_and_before_2025_is_unknown() -> None:
    late = tables.phase_in(2041).factor
    assert isinstance(late, Cited)
    assert late.value == 0
    assert tables.phase_in(2041).net_share == 1
    early = tables.phase_in(2019)
    assert isinstance(early.factor, Unknown)
    assert early.net_share is None


def test_the_correction_factor_after_2030_is_a_placeholder_and_says_so() -> None:
    for year, preliminary, confidence in ((2026, False, "secondary"), (2030, False, "secondary"), (2031, True, "unconfirmed")):
        found = tables.phase_in(year)
        assert isinstance(found.cscf, Cited)
        assert (found.preliminary, found.cscf.source.confidence) == (preliminary, confidence)


def test_mark_ups_begin_in_2026_and_electricity_has_none() -> None:
    assert code_of(lambda: tables.markup("cement", 2025)) == "cbam-table.no-markup"
    assert code_of(lambda: tables.markup("electricity", 2026)) == "cbam-table.no-markup"
    assert tables.markup("iron_steel", 2049).value == Decimal("0.3")


def test_a_price_by_day_and_by_quarter() -> None:
    found = tables.price(on=date(2026, 3, 31))
    assert found == tables.price(quarter="2026-Q1")
    assert isinstance(found.value, Cited)
    assert found.value.value == Decimal("75.36")
    assert found.value.source.provisional


def test_a_price_that_is_not_published_is_unknown_and_never_zero() -> None:
    for price, reason in ((tables.price(quarter="2026-Q4"), "price-unpublished"), (tables.price(on=date(2027, 3, 1)), "price-unknown")):
        assert isinstance(price.value, Unknown)
        assert price.value.reason == f"cbam-table.{reason}"
        assert price.value.as_json()["value"] is None


def test_deadlines_of_goods_imported_in_2026_and_2027() -> None:
    first = {d.id: d.date for d in tables.deadlines(2026)}
    assert first["declaration"] == first["surrender"] == date(2027, 9, 30)
    assert first["cancellation_2026"] == date(2027, 11, 1)
    assert "cancellation" not in first
    assert "holding_q1" not in first                    # holding begins in 2027
    second = {d.id: d.date for d in tables.deadlines(2027)}
    assert second["holding_q3"] == date(2027, 9, 30)    # not 31 October, a misprint in the questions and answers
    assert second["cancellation"] == date(2029, 11, 1)
    assert second["retention_declarant"] == date(2032, 12, 31)


def test_the_calendar_of_a_year_holds_what_falls_in_it() -> None:
    found = tables.calendar(2027)
    assert {d.date.year for d in found} == {2027}
    assert ("declaration", 2026) in {(d.id, d.concerns) for d in found}
    assert ("holding_q1", 2027) in {(d.id, d.concerns) for d in found}
    assert [d.date for d in found] == sorted(d.date for d in found)


def test_penalties_state_multiples_and_the_amount_as_second_hand() -> None:
    found = {p.id: p for p in tables.penalties()}
    amount = found["missing_certificate"].low
    assert amount is not None
    assert amount.source.provisional
    low, high = found["without_status"].low, found["without_status"].high
    assert low is not None
    assert high is not None
    assert (low.value, high.value) == (Decimal(3), Decimal(5))
    assert found["surrender_remains"].low is None


def test_the_weakest_source_counts() -> None:
    def source(confidence: str) -> Source:
        return Source("a", "", confidence, "law", "t", "r")

    assert tables.weakest([]) == "confirmed"
    assert tables.weakest(map(source, ("confirmed", "unconfirmed", "secondary"))) == "unconfirmed"
    assert tables.weakest(map(source, ("confirmed", "secondary"))) == "secondary"
