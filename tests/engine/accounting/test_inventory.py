"""The whole inventory: totals both ways, gaps, boundary, options, table for expressions, JSON, memory, proofs."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from zerofactory_engine.accounting import ACCEPTED, DEFAULT_SETS, FactorLibrary, Inventory, Options, compute_inventory
from zerofactory_engine.accounting.classification import certificate_rules, classification, family
from zerofactory_engine.accounting.proofs import RECOMPUTE, recompute, shown
from zerofactory_engine.accounting.totals import BREAKDOWNS
from zerofactory_engine.accounting.uncertainty import combine
from zerofactory_engine.accounting.vocabulary import LINE_COLUMNS, derived_types, types
from zerofactory_engine.canonical import canonical_bytes
from zerofactory_engine.dossier import Dossier
from zerofactory_engine.locate import STANDARDS_ROOT
from zerofactory_engine.problems import ProblemsError
from zerofactory_engine.reasons import Cause, Reason, Unknown
from zerofactory_engine.units import gases

D = Decimal
Account = Callable[..., Inventory]

#: A site with something of everything.
EVERYTHING: dict[str, list[dict[str, Any]]] = {
    "energy": [
        {"id": "G1", "carrier": "natural_gas", "use": "fuel", "Nm3": "200000",
         "uncertainty": {"half_width_percent": "2", "coverage_factor": "2"}},
        {"id": "G2", "carrier": "wood", "use": "fuel", "t": "12"},
        {"id": "G3", "carrier": "diesel", "use": "off-site vehicle", "t": "3", "factor": "3.1 tCO2/t"},
        {"id": "G4", "carrier": "lng", "use": "fuel", "t": "1.5", "biogenic_percent": "10"},
        {"id": "G5", "carrier": "diesel", "use": "fuel", "t": "2", "direction": "exported", "origin": "made on site"}],
    "electricity": [
        {"id": "E1", "flow": "consumed", "source": "grid", "MWh": "1000"},
        {"id": "E2", "flow": "consumed", "source": "green trade", "MWh": "300", "technology": "wind", "contract": "GT"},
        {"id": "E3", "flow": "consumed", "source": "on-site", "MWh": "100", "technology": "solar"},
        {"id": "E4", "flow": "exported", "source": "on-site", "MWh": "10", "technology": "natural_gas"}],
    "certificates": [
        {"id": "C1", "system": "GEC", "MWh": "250", "technology": "wind", "bundled": "no", "generated_from": "2025-03-01",
         "retired_on": "2026-01-15", "cancellation_reason": "consumption claim", "beneficiary": "F1", "claimed_elsewhere": "no"}],
    "heat": [
        {"id": "H1", "flow": "consumed", "source": "purchased", "medium": "steam", "t": "100", "enthalpy_GJ_per_t": "2.8",
         "condensate_t": "50", "condensate_temperature_degC": "90"},
        {"id": "H2", "flow": "exported", "source": "own boiler", "medium": "steam", "GJ": "7"}],
    "chp": [{"id": "K1", "carrier": "natural_gas", "fuel_GJ": "1000", "heat_GJ": "400", "power_MWh": "100",
             "split_method": "efficiency", "heat_efficiency_percent": "80", "power_efficiency_percent": "36"}],
    "biomass": [{"id": "B1", "energy_row": "G2", "t": "12", "ncv_GJ_per_t": "15", "share_percent": "100"}],
    "processes": [
        {"id": "P1", "activity": "carbonate use", "material": "limestone", "t": "10"},
        {"id": "P2", "activity": "voc oxidation", "material": "nmp", "t": "2", "destruction_percent": "98"},
        {"id": "P3", "activity": "gas use", "gas": "NF3", "kg": "4", "utilisation_percent": "80", "destruction_percent": "90",
         "uptime_percent": "95", "by_product_gas": "CF4", "by_product_percent": "2"},
        {"id": "P4", "activity": "anode effect", "t": "10", "cell_technology": "prebaked centre worked", "overvoltage_mV": "2",
         "current_efficiency_percent": "93"}],
    "fugitive": [
        {"id": "F1", "gas": "R410A", "top_up_kg": "5"}, {"id": "F2", "gas": "R22", "top_up_kg": "3"},
        {"id": "F3", "gas": "SF6", "opening_stock_kg": "10", "purchased_kg": "5", "closing_stock_kg": "14"},
        {"id": "F4", "method": "wastewater", "treatment": "anaerobic", "cod_removed_t": "4", "sludge_cod_t": "1"},
        {"id": "F5", "gas": "SF6", "charge_kg": "60", "leak_rate_percent": "0.5"}],
    "carbon_capture": [{"id": "CC", "stored_tCO2": "5", "fate": "mineralisation", "biogenic_percent": "20"}],
    "transport": [{"id": "T1", "category": "downstream_transport", "t": "4", "km": "2000", "factor": "0.2 kgCO2e/tkm"}],
    "purchased": [{"id": "U1", "category": "capital_goods", "CNY": "10000", "factor": "0.1 kgCO2e/CNY"},
                  {"id": "U2", "t": "1"}],
    "travel": [{"id": "R1", "persons": "3", "km": "100", "factor": "0.1 kgCO2/pkm", "share_percent": "50"}],
    "use_phase": [{"id": "S1", "MWh": "3", "lifetime_years": "10", "factor": "0.5 tCO2e/MWh"}],
}


def known(value: Any) -> Decimal:
    assert isinstance(value, Decimal), value
    return value


def unknown(value: Any) -> Unknown:
    assert isinstance(value, Unknown), value
    return value


# -- totals ---------------------------------------------------------------------------------------------------------------


def test_groups_of_a_breakdown_add_up(account: Account) -> None:
    tables = {name: rows for name, rows in EVERYTHING.items() if name != "purchased"}
    found = account(**tables)
    for basis in ("location", "market"):
        whole = found.total("all", basis).value
        assert isinstance(whole, Decimal)
        for name in BREAKDOWNS:
            parts = found.totals[basis]["by"][name].values()
            expected = whole if name != "ghgp_category" else found.total("scope/3", basis).value
            assert abs(sum(p.value for p in parts) - expected) < D("1e-24"), name
        first, second, both = (known(found.total(g, basis).value) for g in ("scope/1", "scope/2", "scopes_1_2"))
        assert abs(first + second - both) < D("1e-24")


def test_what_stands_outside_is_in_no_total(account: Account) -> None:
    found = account(**EVERYTHING)
    outside = {ln.outside for ln in found.lines if ln.scope == 0}
    assert outside == {"biogenic_co2", "other_gas", "exported"}
    assert set(found.totals["location"]["outside"]) == outside
    assert all(ln.outside is None for ln in found.lines if ln.scope)
    assert found.total("outside/other_gas").value == D("0.003") * 1960
    assert found.total("outside/nothing").lines == 0


def test_a_total_says_how_much_of_it_is_known(account: Account) -> None:
    found = account(energy=[{"id": "G1", "carrier": "diesel", "use": "fuel", "t": "1"},
                            {"id": "G2", "carrier": "crude_benzol", "use": "fuel"}], options={"gases": "co2"})
    total = found.total("scopes_1_2")
    assert [r.subject for r in unknown(total.value).reasons] == ["energy/G2.t"]
    assert str(total.known.quantize(D("0.0001"))) == "3.1451"
    assert total.as_json()["known_part"].startswith("3.1451")
    assert total.lines == 2


def test_an_inventory_without_rows_is_zero_when_its_tables_are_complete(account: Account) -> None:
    found = account()
    assert found.lines == ()
    assert found.total("all").value == 0
    assert found.total("scope/1").as_json() == {"lines": "0", "tCO2e": "0"}
    assert found.table().row_ids == []
    assert list(found.table().columns) == list(LINE_COLUMNS)


def test_the_share_of_estimates_is_reported(account: Account) -> None:
    rows = [{**GRID_ROW, "obtained": "invoiced"}, {**GRID_ROW, "id": "E2", "MWh": "100", "obtained": "estimated"},
            {**GRID_ROW, "id": "E3", "MWh": "10", "obtained": "stock_balance"}, {**GRID_ROW, "id": "E4", "MWh": "1"}]
    found = account(electricity=rows)
    shares = {key: known(total.value) for key, total in found.totals["location"]["by"]["obtained"].items()}
    assert shares == {"estimated": D("53.06"), "invoiced": D("530.6"), "not_stated": D("0.5306"), "stock_balance": D("5.306")}
    assert [ln.get("obtained") for ln in found.as_json()["lines"]] == ["invoiced", "estimated", "stock_balance", None]


def test_credits_stand_apart_and_change_no_total(account: Account) -> None:
    credit = [{"id": "K1", "programme": "CCER", "kind": "removal", "quantity": "6000", "retired_on": "2026-03-31",
               "claim_year": "2025"}, {"id": "K2"}]
    without, found = account(**EVERYTHING), account(credits=credit, **EVERYTHING)
    assert found.as_json()["totals"] == without.as_json()["totals"]
    assert [ln.id for ln in found.lines] == [ln.id for ln in without.lines]
    first, second = found.as_json()["offsets"]
    assert first == {"row": "K1", "credits": "6000", "programme": "CCER", "kind": "removal", "retired_on": "2026-03-31",
                     "claim_year": "2025"}
    assert second["row"] == "K2"
    assert second["credits"]["unknown"][0]["subject"] == "credits/K2.quantity"


# -- tables that are not complete -------------------------------------------------------------------------------------------


def test_a_table_that_is_not_complete_leaves_what_it_may_add_unknown(account: Account) -> None:
    found = account(complete=["energy", "processes", "fugitive", "electricity"], electricity=[
        {"id": "E1", "flow": "consumed", "source": "grid", "MWh": "1"}])
    gap = next(ln for ln in found.lines if ln.row == "")
    assert (gap.id, gap.scope, gap.source.code, gap.iso_subcategory, gap.method) == \
        ("heat/CO2/not-complete", 2, "purchased_heat", "2.2", "not_complete")
    assert [(r.cause, r.subject) for r in unknown(gap.location.value).reasons] == [(Cause.TABLE, "heat")]
    assert isinstance(found.total("scope/2").value, Unknown)
    assert found.total("scope/1").value == 0
    assert found.total("scope/2").known == D("0.5306")


@pytest.mark.parametrize(("table", "expected"), [
    ("energy", {("1", "CO2"), ("1", "CH4"), ("1", "N2O")}), ("electricity", {("2", "CO2")}), ("heat", {("2", "CO2")}),
    ("processes", {("1", "CO2"), ("1", "CO2e")}), ("fugitive", {("1", "CO2"), ("1", "CO2e")}), ("transport", set()),
    ("carbon_capture", set()), ("certificates", set())])
def test_which_lines_a_gap_leaves(account: Account, every_table: list[str], table: str, expected: set[tuple[str, str]]
                                  ) -> None:
    found = account(complete=[name for name in every_table if name != table])
    assert {(str(ln.scope), ln.gas) for ln in found.lines} == expected
    only = account(complete=[name for name in every_table if name != table], options={"gases": "co2"})
    assert {(str(ln.scope), ln.gas) for ln in only.lines} == {e for e in expected if e[1] == "CO2"}


def test_a_scope_3_table_with_rows_that_is_not_complete_is_unknown(account: Account) -> None:
    found = account(complete=["energy", "electricity", "heat", "processes", "fugitive"],
                    waste=[{"id": "W1", "t": "1", "factor": "1 kgCO2e/t"}])
    assert found.total("scopes_1_2").value == 0
    assert [r.subject for r in unknown(found.total("scope/3").value).reasons] == ["waste"]
    assert found.total("scope/3").known == D("0.001")


# -- scope 3 ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("table", "cells", "source", "category", "iso"), [
    ("transport", {}, "upstream_transport", 4, "3.1"),
    ("transport", {"category": "downstream_transport"}, "downstream_transport", 9, "3.2"),
    ("purchased", {}, "purchased_goods", 1, "4.1"), ("purchased", {"category": "purchased_services"}, "purchased_services", 1, "4.5"),
    ("purchased", {"category": "capital_goods"}, "capital_goods", 2, "4.2"),
    ("purchased", {"category": "fuel_and_energy"}, "fuel_and_energy", 3, "4.1"), ("waste", {}, "waste", 5, "4.3"),
    ("travel", {}, "business_travel", 6, "3.5"), ("travel", {"category": "commuting"}, "commuting", 7, "3.3"),
    ("travel", {"category": "visitors"}, "visitors", None, "3.4"), ("use_phase", {}, "use_phase", 11, "5.1"),
    ("end_of_life", {}, "end_of_life", 12, "5.3"), ("other_indirect", {}, "other_indirect", None, "6.1"),
    ("other_indirect", {"category": "upstream_leased"}, "upstream_leased", 8, "4.4"),
    ("other_indirect", {"category": "processing"}, "processing", 10, "5.1"),
    ("other_indirect", {"category": "downstream_leased"}, "downstream_leased", 13, "5.2"),
    ("other_indirect", {"category": "franchises"}, "franchises", 14, "5.1"),
    ("other_indirect", {"category": "investments"}, "investments", 15, "5.4"),
])
def test_both_classifications_follow_from_the_source(account: Account, table: str, cells: dict[str, str], source: str,
                                                     category: int | None, iso: str) -> None:
    found = account(**{table: [{"id": "X", "t": "1000", "factor": "1 kgCO2e/t", **cells}]})
    line = found.lines[0]
    assert (line.source.code, line.scope, line.ghgp_category, line.iso_subcategory) == (source, 3, category, iso)
    assert (line.iso_category, line.tco2e_location, line.gas) == (int(iso[0]), D(1), "CO2e")


def test_franchises_stand_in_iso_category_5_or_6(account: Account) -> None:
    row = {"id": "X", "category": "franchises", "t": "1", "factor": "1 kgCO2e/t"}
    isos = [account(options={"franchises": o}, other_indirect=[row]).lines[0].iso_subcategory
            for o in ("category_5", "category_6")]
    assert isos == ["5.1", "6.1"]


@pytest.mark.parametrize(("cells", "subject", "code"), [
    ({"t": "1"}, "waste/W.factor", "accounting.cell-missing"),
    ({"t": "1", "factor": "1 kgCO2e/km"}, "waste/W.factor", "accounting.no-activity-for-factor"),
    ({"factor": "1 kgCO2e/t"}, "waste/W.factor", "accounting.no-activity-for-factor"),
    ({"t": "1", "factor": "1 kg/t"}, "waste/W.factor", "accounting.cell-missing"),
    ({"what": "nothing"}, "waste/W.t", "accounting.cell-missing"),
])
def test_a_row_without_activity_or_factor_is_unknown(account: Account, cells: dict[str, str], subject: str, code: str) -> None:
    found = account(waste=[{"id": "W", **cells}])
    assert [(r.subject, r.code) for r in unknown(found.lines[0].location.value).reasons] == [(subject, code)]


def test_the_activity_is_the_one_of_the_factors_dimension(account: Account) -> None:
    row = {"id": "T", "t": "5", "km": "100", "CNY": "900", "method": "spend", "what": "truck"}
    values = {factor: account(transport=[{**row, "factor": factor}]).lines[0].location.value
              for factor in ("2 tCO2e/t", "2 tCO2e/km", "2 tCO2e/tkm", "2 tCO2e/CNY")}
    assert values == {"2 tCO2e/t": 10, "2 tCO2e/km": 200, "2 tCO2e/tkm": 1000, "2 tCO2e/CNY": 1800}
    line = account(transport=[{**row, "tkm": "7", "factor": "2 tCO2e/tkm"}]).lines[0]
    assert (line.location.value, line.method, line.carrier) == (D(14), "spend", "truck")
    assert account(transport=[{"id": "T", "km": "1", "factor": "1 tCH4/km"}]).lines[0].gas == "CH4"


# -- boundary -----------------------------------------------------------------------------------------------------------


GRID_ROW = {"id": "E1", "flow": "consumed", "source": "grid", "MWh": "1000"}


def test_equity_share_multiplies_every_line(account: Account) -> None:
    found = account(boundary={"approach": "equity share", "share_percent": "40"}, electricity=[GRID_ROW],
                    energy=[{"id": "G1", "carrier": "diesel", "use": "fuel", "t": "1", "factor": "3 tCO2/t"}])
    co2 = {ln.row: (ln.location.value, ln.market.value) for ln in found.lines if ln.gas == "CO2"}
    assert co2 == {"G1": (D("1.2"), D("1.2")), "E1": (D("212.24"), D("243.84"))}


def test_equity_share_without_a_share_is_unknown(account: Account) -> None:
    found = account(boundary={"approach": "equity share"}, electricity=[GRID_ROW])
    assert [(r.subject, r.code) for r in unknown(found.lines[0].location.value).reasons] == \
        [("boundary.share_percent", "accounting.share-missing")]


JOINT = {"id": "J", "relationship": "joint venture", "inside": "yes", "operated": "no", "economic_interest_percent": "10"}
LET = {"id": "T", "kind": "tenant", "inside": "no", "reason": "let", "meter": "M9"}


@pytest.mark.parametrize("boundary", [
    {"approach": "equity share", "share_percent": "40"}, {"approach": "equity share"}, {"approach": "operational control"},
    {"approach": "financial control"}, {}])
def test_a_facility_as_a_whole_is_the_sum_of_what_is_inside_it(account: Account, boundary: dict[str, Any]) -> None:
    """600 of its own, 400 of a joint venture on site, 100 let: emissions of 1,000 MWh, whatever the share that is stated."""
    rows = [{**GRID_ROW, "MWh": "600"}, {**GRID_ROW, "id": "E2", "MWh": "400", "part": "J"},
            {**GRID_ROW, "id": "E3", "MWh": "100", "meter": "M9"}]
    found = account(options={"consolidation": "facility"}, boundary={**boundary, "parts": [JOINT, LET]}, electricity=rows)
    assert [(ln.row, ln.location.value) for ln in found.lines] == [("E1", D("318.36")), ("E2", D("212.24"))]
    assert known(found.total("scopes_1_2").value) == D("530.6")
    assert found.options["consolidation"] == "facility"
    assert "share" not in found.as_json()["boundary"]


def test_the_stated_consolidation_is_the_default(account: Account) -> None:
    """600 x 40 % and 400 x 10 % of the joint venture, each at 0.5306."""
    boundary = {"approach": "equity share", "share_percent": "40", "parts": [JOINT]}
    rows = [{**GRID_ROW, "MWh": "600"}, {**GRID_ROW, "id": "E2", "MWh": "400", "part": "J"}]
    for options in ({}, {"consolidation": "stated"}):
        found = account(options=options, boundary=boundary, electricity=rows)
        assert [ln.location.value for ln in found.lines] == [D("127.344"), D("21.224")]
        assert "consolidation" not in found.options          # as before there was a choice
        assert found.as_json()["boundary"]["share"] == "0.4"


@pytest.mark.parametrize("approach", ["operational control", "financial control"])
def test_control_takes_in_the_whole(account: Account, approach: str) -> None:
    found = account(boundary={"approach": approach, "share_percent": "40"}, electricity=[GRID_ROW])
    assert found.lines[0].location.value == D("530.6")


def test_a_tenant_outside_is_left_out_by_part_and_by_meter(account: Account) -> None:
    parts = [{"id": "T", "kind": "tenant", "inside": "no", "reason": "let", "meter": "M9"}, {"id": "W", "inside": "yes"}]
    energy = {"id": "G1", "carrier": "diesel", "use": "fuel", "t": "1", "part": "T"}
    found = account(boundary={"parts": parts}, energy=[energy], biomass=[{"id": "B1", "energy_row": "G1", "part": "T"}],
                    heat=[{"id": "H1", "source": "purchased", "GJ": "5", "part": "T"}],
                    electricity=[GRID_ROW, {**GRID_ROW, "id": "E2", "part": "T"}, {**GRID_ROW, "id": "E3", "meter": "M9"},
                                 {**GRID_ROW, "id": "E4", "part": "W", "meter": "M1"}])
    assert [ln.row for ln in found.lines if ln.row] == ["E1", "E4"]
    assert found.derived == {("energy", "G1", "tce"): 0, ("heat", "H1", "tce"): 0, ("biomass", "B1", "tce"): 0}


def test_a_joint_venture_inside_is_taken_in_by_its_interest(account: Account) -> None:
    part = {"id": "J", "inside": "yes", "relationship": "joint venture", "economic_interest_percent": "25"}
    rows = [GRID_ROW, {**GRID_ROW, "id": "E2", "part": "J"}]
    found = account(boundary={"approach": "financial control", "parts": [part]}, electricity=rows)
    assert [ln.location.value for ln in found.lines] == [D("530.6"), D("132.65")]
    missing = {**part, "economic_interest_percent": None}
    found = account(boundary={"approach": "financial control", "parts": [missing]}, electricity=rows)
    assert [r.subject for r in unknown(found.lines[1].location.value).reasons] == \
        ["boundary.parts/J.economic_interest_percent"]


@pytest.mark.parametrize(("approach", "column"), [("operational control", "operated"), ("financial control", "controlled")])
def test_a_part_that_does_not_say_who_runs_it_is_unknown(account: Account, approach: str, column: str) -> None:
    part = {"id": "J", "inside": "yes", "relationship": "subsidiary"}
    found = account(boundary={"approach": approach, "parts": [part]}, electricity=[{**GRID_ROW, "part": "J"}])
    assert [r.subject for r in unknown(found.lines[0].location.value).reasons] == [f"boundary.parts/J.{column}"]


@pytest.mark.parametrize("part", [{"relationship": "own"}, {"relationship": "leased"}, {}, {"relationship": "none"}])
def test_a_part_of_its_own_is_taken_in_whole(account: Account, part: dict[str, str]) -> None:
    found = account(boundary={"approach": "operational control", "parts": [{"id": "J", "inside": "yes", **part}]},
                    electricity=[{**GRID_ROW, "part": "J"}])
    assert found.lines[0].location.value == D("530.6")


def test_exclusions_and_changes_stand_in_the_inventory(account: Account) -> None:
    boundary = {"approach": "equity share", "share_percent": "50",
                "parts": [{"id": "T", "kind": "tenant", "inside": "no", "reason": "let"}],
                "exclusions": [{"id": "X1", "what": "welding", "scope": "1", "estimate_tCO2e": "0.5", "reason": "small"}],
                "changes": [{"id": "Z1", "on": "2025-06-01", "kind": "divestment", "what": "hall 3", "effect_tCO2e": "12"}]}
    shown_boundary = account(boundary=boundary).as_json()["boundary"]
    assert shown_boundary == {
        "approach": "equity share", "share": "0.5",
        "parts": [{"id": "T", "kind": "tenant", "inside": False, "reason": "let"}],
        "exclusions": [{"id": "X1", "what": "welding", "scope": "1", "estimate_tCO2e": "0.5", "reason": "small"}],
        "changes": [{"id": "Z1", "on": "2025-06-01", "kind": "divestment", "what": "hall 3", "effect_tCO2e": "12"}]}


# -- options and sets -----------------------------------------------------------------------------------------------------


def test_every_option_has_titles_and_a_default_it_accepts() -> None:
    for name, accepted in ACCEPTED.items():
        assert accepted.default in accepted, name
        for texts in (accepted.title, *accepted.values.values()):
            assert set(texts) == {"zh", "en"}, name
    assert "2023" in ACCEPTED["grid_year"]
    assert "23" not in ACCEPTED["grid_year"]
    assert 2023 not in ACCEPTED["grid_year"]
    assert list(ACCEPTED["grid_area"]) == ["national", "regional", "provincial"]
    assert str(ACCEPTED["grid_year"]) == "latest, data_year, YYYY"
    assert str(ACCEPTED["gases"]) == "all, co2"


def test_what_is_not_accepted_is_said_all_at_once() -> None:
    with pytest.raises(ProblemsError) as error:
        Options({"grit": "x"}, {"grid_area": "county", "colour": "green"}).settled()
    assert [(p.code, p.found) for p in error.value.problems] == [
        ("accounting.unknown-role", "grit"), ("accounting.option-not-accepted", "grid_area=county"),
        ("accounting.unknown-option", "colour")]
    assert error.value.problems[1].accepted == "national, regional, provincial"


def test_a_set_of_another_role_or_none_is_refused(account: Account) -> None:
    with pytest.raises(ProblemsError) as error:
        account(sets={"grid": "ipcc-ar6", "heat": "nonsense", "gwp": "none", "fuel": "cn-mee-grid@9.9.9"})
    assert [(p.code, p.found) for p in error.value.problems] == [
        ("factors.unknown-version", "cn-mee-grid@9.9.9"), ("factors.wrong-role", "ipcc-ar6 (gwp)"),
        ("factors.unknown-set", "nonsense"), ("factors.unknown-set", "none")]


def test_defaults_are_sets_that_there_are(library: FactorLibrary) -> None:
    assert {role: library.set(name).role for role, name in DEFAULT_SETS.items()} == \
        {role: "fuel" if role == "other_gases" else role for role in DEFAULT_SETS}


@pytest.mark.parametrize(("gwp", "by", "fossil", "non_fossil"), [
    ("ipcc-ar6", "by_origin", "29.8", "27"), ("ipcc-ar6", "single", "27.9", "27.9"),
    ("ipcc-ar5", "by_origin", "30", "28"), ("ipcc-ar5", "single", "28", "28"), ("ipcc-ar4", "by_origin", "25", "25"),
    ("ipcc-ar4", "single", "25", "25")])
def test_methane_by_its_origin(account: Account, gwp: str, by: str, fossil: str, non_fossil: str) -> None:
    found = account(sets={"gwp": gwp}, options={"methane_gwp": by}, energy=[
        {"id": "G1", "carrier": "natural_gas", "use": "fuel", "Nm3": "1"}, {"id": "G2", "carrier": "wood", "use": "fuel", "t": "1"}])
    assert [ln.gwp.value for ln in found.lines if ln.gas == "CH4"] == [D(fossil), D(non_fossil)]


def test_methane_of_unknown_origin_has_a_value_only_where_the_set_has_a_single_one(account: Account) -> None:
    row = {"id": "T", "km": "1", "factor": "1 tCH4/km"}
    assert isinstance(account(transport=[row]).lines[0].tco2e_location, Unknown)
    assert account(transport=[row], sets={"gwp": "ipcc-ar4"}).lines[0].tco2e_location == 25
    assert account(transport=[row], options={"methane_gwp": "single"}).lines[0].tco2e_location == D("27.9")


def test_an_inventory_of_a_day_uses_what_was_known_then(site: Callable[..., Dossier], library: FactorLibrary) -> None:
    dossier = site(electricity=[GRID_ROW])
    early = compute_inventory(dossier, Options(known_on=date(2025, 6, 1)), library)
    assert early.lines[0].location.value == D("536.6")                     # the factor of 2023 was published later
    assert compute_inventory(dossier, Options(), library).lines[0].location.value == D("530.6")


def test_co2_only_leaves_other_gases_out(account: Account) -> None:
    found = account(options={"gases": "co2"}, **EVERYTHING)
    assert {ln.gas for ln in found.lines} == {"CO2", "CO2e"}               # CO2e: factors that tell no gases apart
    assert {ln.table for ln in found.lines if ln.gas == "CO2e"} == {"transport", "purchased", "use_phase"}


# -- table, JSON ----------------------------------------------------------------------------------------------------------


def test_the_table_for_expressions_has_the_promised_columns(account: Account) -> None:
    found = account(**EVERYTHING)
    table = found.table()
    assert table.name == "lines"
    assert list(table.columns) == list(LINE_COLUMNS)
    assert len(table) == len(found.lines) == len(set(table.row_ids))
    assert table.gaps == ()
    first = table.row(list(table.row_ids).index("electricity/E1/CO2"))
    assert first == {
        "scope": 2, "iso_category": 2, "iso_subcategory": "2.1", "ghgp_category": None, "source": "purchased_electricity",
        "table": "electricity", "row": "E1", "carrier": "electricity", "gas": "CO2", "flow": "consumed", "biogenic": False,
        "outside_scopes": False, "tCO2_location": D("530.6"), "tCO2_market": 750 * D("0.6096"),
        "tCO2e_location": D("530.6"), "tCO2e_market": 750 * D("0.6096")}
    biogenic = table.row(list(table.row_ids).index("energy/G2/CO2"))
    assert (biogenic["scope"], biogenic["biogenic"], biogenic["outside_scopes"]) == (0, True, True)
    travel = table.row(list(table.row_ids).index("travel/R1/CO2"))
    assert (travel["ghgp_category"], travel["tCO2_location"]) == (6, D("0.015"))
    assert types()["lines"].element is not None
    assert set(types()["lines"].element.fields) == set(LINE_COLUMNS)       # type: ignore[union-attr]
    assert set(derived_types()) == {"energy", "heat", "biomass", "chp"}


def test_derived_cells_are_those_of_the_vocabulary(account: Account) -> None:
    found = account(**EVERYTHING)
    columns = {(table, column) for table, names in derived_types().items() for column in names}
    assert {(table, column) for table, _, column in found.derived} == columns
    rows = {table: {row["id"] for row in EVERYTHING[table]} for table in derived_types()}
    assert {t: {r for table, r, _ in found.derived if table == t} for t in rows} == rows


def test_as_json_follows_the_schema_and_is_canonical(account: Account) -> None:
    schema = json.loads((STANDARDS_ROOT / "schemas/inventory.schema.json").read_text(encoding="utf-8"))
    for options in ({}, {"gases": "co2", "biogenic_co2": "inside", "exported_power": "subtract"}):
        credit = [{"id": "K1", "programme": "VCS", "quantity": "5"}]
        found = account(options=options, complete=["energy"], credits=credit, **EVERYTHING)
        content = found.as_json()
        errors = [f"{e.json_path}: {e.message}" for e in Draft202012Validator(schema).iter_errors(content)]
        assert errors == []
        assert canonical_bytes(content) == canonical_bytes(json.loads(json.dumps(content)))
    assert content["factor_sets"]["grid"]["id"] == "cn-mee-grid"
    assert content["period"] == {"from": "2025-01-01", "to": "2025-12-31"}


def test_as_json_names_every_factor_that_a_line_uses(account: Account) -> None:
    content = account(**EVERYTHING).as_json()
    listed = {e["id"] for e in content["factors"]}
    used = {t["factor"] for ln in content["lines"] for f in ("mass_location", "mass_market") if f in ln
            for s in ln[f]["slices"] for t in s if "factor" in t}
    assert used <= listed
    assert "cn-mee-grid/CN/2023/excl_market_traded_nonfossil" in listed
    fraction = [t for ln in content["lines"] for s in ln["mass_location"]["slices"] for t in s if t["name"] == "co2"
                and t["unit"] == "tCO2/tC"]
    assert {(t["value"], t["below"]) for t in fraction} == {("44", "12")}


def test_the_example_is_what_the_accounting_gives(site: Callable[..., Dossier], library: FactorLibrary, root: Path) -> None:
    example = json.loads((root / "standards/schemas/examples/inventory.json").read_text(encoding="utf-8"))
    rows = {"electricity": [{"id": "E1", "flow": "consumed", "source": "grid", "amount": "10", "unit": "GWh"},
                            {"id": "E2", "flow": "consumed", "source": "on-site", "technology": "solar", "MWh": "1200"}],
            "energy": [{"id": "G1", "carrier": "natural_gas", "use": "fuel", "Nm3": "200000"}],
            "certificates": [{"id": "C1", "system": "GEC", "MWh": "2700", "technology": "wind", "bundled": "no",
                              "generated_from": "2025-03-01", "generated_to": "2025-03-31", "retired_on": "2026-01-15",
                              "cancellation_reason": "consumption claim", "beneficiary": "F1", "claimed_elsewhere": "no"}]}
    dossier = site(province="CN-HE", complete=["energy", "electricity", "certificates", "processes", "fugitive"], **rows)
    found = compute_inventory(dossier, Options({}, {"grid_area": "national", "gases": "co2"}), library).as_json()
    for part in ("totals", "lines", "derived", "factors", "factor_sets", "options"):
        assert found[part] == example[part], part


# -- memory -------------------------------------------------------------------------------------------------------------


def test_a_changed_option_computes_only_what_depends_on_it(site: Callable[..., Dossier], library: FactorLibrary) -> None:
    dossier = site(**EVERYTHING)
    first = compute_inventory(dossier, Options(), library)
    again = compute_inventory(dossier, Options(options={"grid_area": "national", "grid_year": "2022"}), library)
    same = {ln.id for ln in first.lines if any(ln is other for other in again.lines)}
    assert {ln.id for ln in first.lines} - same == {ln.id for ln in first.lines if ln.table == "electricity"}
    assert {ln.table for ln in first.lines} >= {"energy", "electricity", "heat", "processes", "fugitive"}


def test_a_changed_table_leaves_the_others_as_they_are(site: Callable[..., Dossier], library: FactorLibrary) -> None:
    dossier = site(**EVERYTHING)
    first = compute_inventory(dossier, Options(), library)
    changed = dossier.replace_cell("energy", "G1", "Nm3", "100000")
    second = compute_inventory(changed, Options(), library)
    same = {ln.id for ln in first.lines if any(ln is other for other in second.lines)}
    assert {ln.id.split("/")[0] for ln in first.lines if ln.id not in same} == {"energy"}
    assert second.derived["energy", "G1", "tce"] == D(133)


def test_what_is_remembered_is_what_would_be_computed(site: Callable[..., Dossier]) -> None:
    dossier = site(boundary={"approach": "equity share", "share_percent": "40"}, **EVERYTHING)
    shared = FactorLibrary.shipped()
    for options in ({}, {"consolidation": "facility"}, {"grid_area": "national"}, {"gases": "co2"},
                    {"biogenic_co2": "inside"}, {"exported_power": "subtract"}, {"green_power": "none"}, {"market_remainder": "average"}, {"methane_gwp": "single"},
                    {"captured_co2": "report"}, {"natural_gas_tce": "gas_field"}, {"measured_ncv_tce": "ignore"}, {}):
        warm = compute_inventory(dossier, Options(options=options), shared).as_json()
        cold = compute_inventory(dossier, Options(options=options), FactorLibrary.shipped()).as_json()
        assert warm == cold, options


# -- proofs -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"biogenic_co2": "inside", "exported_power": "subtract"},
                                     {"green_power": "none", "market_remainder": "average"}])
def test_every_step_of_the_proof_gives_its_value_again(account: Account, options: dict[str, str]) -> None:
    boundary = {"approach": "equity share", "share_percent": "35"}
    tables = {**EVERYTHING, "fugitive": [*EVERYTHING["fugitive"], {"id": "F9", "gas": "SF6", "opening_stock_kg": "1"}]}
    found = account(options=options, boundary=boundary, complete=["energy", "electricity"], **tables)
    graph = found.prove()
    different = [step.id for step in graph if recompute(step, graph) != step.value]
    assert different == []
    assert {step.kind for step in graph} == set(RECOMPUTE)
    assert all(operand in graph for step in graph for operand in step.operands)
    operations = {step.detail["operation"] for step in graph if step.kind == "activity"}
    assert operations | {"matched"} == {"cell", "sum", "complement", "matched", "share", "given", "ratio"}


def test_a_changed_operand_changes_the_step(account: Account) -> None:
    graph = account(**EVERYTHING).prove()
    from zerofactory_engine.proof import Graph, Step

    for step in graph:
        if step.kind not in ("slice", "line", "line_co2e", "total", "derived") or isinstance(step.value, Unknown) or not step.value:
            continue
        spoiled = Graph()
        for number, operand in enumerate(step.operands):
            old = graph[operand]
            detail = {k: v for k, v in old.detail.items() if k not in ("numerator", "denominator")}
            value = old.value * 2 if number == 0 and not isinstance(old.value, Unknown) else old.value
            spoiled.add(Step(old.id, old.kind, value, old.unit, (), detail))
        if graph[step.operands[0]].value:
            assert recompute(step, spoiled) != step.value, step.id


def test_the_proof_of_one_line_names_factor_and_cells(account: Account) -> None:
    found = account(**EVERYTHING)
    graph = found.prove(["energy/G1/CO2"])
    assert [s.id for s in graph if s.kind == "line_co2e"] == ["line_co2e:energy/G1/CO2"]
    below = {s.id for s in graph.below("line_co2e:energy/G1/CO2")}
    assert {"cell:energy/G1.Nm3", "factor:cn-fuel-defaults/cn-general-industry-a/natural_gas.ncv",
            "factor:molar-ratios/carbon.co2", "factor:ipcc-ar6/CO2.gwp"} <= below
    factor = graph["factor:cn-fuel-defaults/cn-general-industry-a/natural_gas.ncv"]
    assert factor.detail["value"]["stated"] == "389.31 GJ/10kNm3"
    assert factor.detail["entry"]["confidence"] == "secondary"
    both = found.prove(["electricity/E1/CO2"])
    assert {s.id for s in both if s.kind == "line"} == \
        {"line:electricity/E1/CO2/location", "line:electricity/E1/CO2/market"}


def test_values_of_steps_can_be_shown() -> None:
    assert shown(D("1.50")) == "1.5"
    assert shown(True) == "True"
    assert shown(Unknown(Reason(Cause.VALUE, "a.b", "c"))) == "unknown: a.b"


# -- uncertainty ----------------------------------------------------------------------------------------------------------


def test_error_propagation_of_a_sum() -> None:
    """IPCC 2006, volume 1, equation 3.2: 100 ± 10 % and 200 ± 5 % give √(10² + 10²) of 300."""
    found = combine([(D(100), D("0.1")), (D(200), D("0.05"))])
    assert found is not None
    assert abs(found.half_width ** 2 - 200) < D("1e-24")
    assert found.relative is not None
    assert abs(found.relative - found.half_width / 300) < D("1e-27")
    assert found.not_stated == 0


def test_what_states_no_uncertainty_is_said_beside_the_interval() -> None:
    found = combine([(D(100), D("0.1")), (D(300), None), (Unknown(), D("0.5"))])
    assert found is not None
    assert (found.half_width, found.relative, found.not_stated) == (D(10), D("0.025"), D("0.75"))
    assert found.as_json() == {"method": "ipcc-2006-approach-1", "half_width": "10", "relative": "0.025", "not_stated": "0.75"}
    assert combine([(D(1), None)]) is None
    zero = combine([(D(1), D("0.1")), (D(-1), D("0.1"))])
    assert zero is not None
    assert (zero.relative, zero.not_stated) == (None, None)
    assert set(zero.as_json()) == {"method", "half_width"}


def test_uncertainty_reaches_the_totals(account: Account) -> None:
    found = account(options={"gases": "co2"}, energy=[
        {"id": "G1", "carrier": "diesel", "use": "fuel", "t": "1", "factor": "3 tCO2/t",
         "uncertainty": {"half_width_percent": "10", "coverage_factor": "2"}},
        {"id": "G2", "carrier": "diesel", "use": "fuel", "t": "1", "factor": "1 tCO2/t"}])
    spread = found.total("scopes_1_2").uncertainty
    assert spread is not None
    assert (spread.half_width, spread.relative, spread.not_stated) == (D("0.3"), D("0.075"), D("0.25"))
    assert found.total("scope/1").as_json()["uncertainty"]["half_width"] == "0.3"


# -- classification -------------------------------------------------------------------------------------------------------


def test_the_seven_gases_and_nothing_else_are_inside() -> None:
    families = {family(gas) for gas in gases()}
    assert families == {"CO2", "CH4", "N2O", "SF6", "NF3", "PFC", "HFC", None}
    outside = {gas for gas in gases() if family(gas) is None}
    assert all(gas.startswith(("HCFC", "CFC", "Halon")) or gas in ("SF5CF3", "SO2F2") for gas in outside)
    assert {"HCFC22", "CFC12", "Halon1301", "SF5CF3"} <= outside
    assert set(classification().families) <= set(gases())


def test_every_source_has_both_classifications() -> None:
    for source in classification().sources.values():
        assert source.title["zh"]
        assert source.title["en"]
        assert source.scope in (1, 2, 3)
        for choice in source.iso_choices:
            assert int(choice.split(".")[0]) == source.scope if source.scope < 3 else int(choice.split(".")[0]) >= 3
        assert (source.ghgp_category is None) or source.scope == 3
    categories = {s.ghgp_category for s in classification().sources.values()} - {None}
    assert categories == set(range(1, 16))


# -- details that a small change would spoil --------------------------------------------------------------------------------


@pytest.mark.parametrize(("generated", "last"), [
    ("2023-12-31", "2025-12-31"), ("2024-01-01", "2025-12-31"), ("2024-12-15", "2026-11-30"), ("2025-01-31", "2026-12-31"),
    ("2026-02-28", "2028-01-31")])
def test_the_last_day_of_a_chinese_certificate(generated: str, last: str) -> None:
    """Two years counted from and including the month of generation; power of before 2024 to the end of 2025."""
    assert str(certificate_rules()["GEC"].last_day(date.fromisoformat(generated))) == last


@pytest.mark.parametrize(("cells", "code"), [
    ({"gas": "XX9"}, "accounting.gas-unknown"), ({}, "accounting.cell-missing")])
def test_a_gas_that_nobody_knows_and_one_that_is_not_stated_differ(account: Account, cells: dict[str, str], code: str) -> None:
    found = account(processes=[{"id": "P1", "activity": "gas use", "kg": "1", **cells}])
    assert [r.code for r in unknown(found.lines[0].location.value).reasons] == [code]


def test_a_line_names_its_material(account: Account) -> None:
    found = account(processes=[{"id": "P1", "activity": "voc oxidation", "material": "nmp", "t": "1", "destruction_percent": "1"},
                               {"id": "P2", "activity": "voc oxidation", "t": "1", "destruction_percent": "1",
                                "carbon_tC_per_t": "0.5"},
                               {"id": "P3", "activity": "calcination", "material": "limestone", "t": "1"}])
    assert [ln.carrier for ln in found.lines] == ["nmp", None, "limestone"]


@pytest.mark.parametrize("factor", ["1 tCO2/t*tCH4", "1 kg/t", "1 tCO2*tCH4/t"])
def test_a_factor_has_to_give_one_gas(account: Account, factor: str) -> None:
    found = account(waste=[{"id": "W", "t": "1", "factor": factor}])
    gas = found.lines[0].gas
    expected = "accounting.no-activity-for-factor" if gas == "CO2" else "accounting.cell-missing"
    assert [r.code for r in unknown(found.lines[0].location.value).reasons] == [expected]
