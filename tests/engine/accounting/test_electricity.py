"""Scope 2 electricity: area and year of the factor, instruments by their quality, certificates, exports."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from zerofactory_engine.accounting import Inventory, Line
from zerofactory_engine.reasons import Unknown

D = Decimal
Account = Callable[..., Inventory]
AVERAGE, RESIDUAL = D("0.5306"), D("0.6096")


def row(source: str = "grid", mwh: str = "1000", **cells: Any) -> dict[str, Any]:
    return {"id": "E1", "flow": "consumed", "source": source, "MWh": mwh, **cells}


def certificate(**cells: Any) -> dict[str, Any]:
    """A wind GEC of 400 MWh that counts; None takes a cell away."""
    whole = {"id": "C1", "system": "GEC", "MWh": "400", "technology": "wind", "bundled": "no",
             "generated_from": "2025-03-01", "generated_to": "2025-03-31", "retired_on": "2026-01-15",
             "cancellation_reason": "consumption claim", "beneficiary": "F1", "consumption_year": "2025",
             "claimed_elsewhere": "no", **cells}
    return {name: value for name, value in whole.items() if value is not None}


def only(found: Inventory) -> Line:
    assert len(found.lines) == 1, [ln.id for ln in found.lines]
    return found.lines[0]


def reasons(value: Any) -> list[tuple[str, str]]:
    assert isinstance(value, Unknown), value
    return [(r.subject, r.code) for r in value.reasons]


# -- area and year ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("option", "facility", "factor"), [
    ("national", {"province": "CN-JS"}, "0.5306"), ("provincial", {"province": "CN-JS"}, "0.5827"),
    ("regional", {"province": "CN-JS"}, "0.5500"), ("regional", {"province": "CN-NM", "grid_region": "northeast"}, "0.5122"),
    ("regional", {"province": "CN-NM", "grid_region": "north"}, "0.6361"), ("provincial", {"province": "CN-NM"}, "0.6479"),
    ("regional", {"province": "CN-XZ"}, "0.2472"),
])
def test_the_area_that_the_option_asks_for(account: Account, option: str, facility: dict[str, str], factor: str) -> None:
    found = account(options={"grid_area": option}, electricity=[row()], province=None, facility=facility)
    assert only(found).location.value == 1000 * D(factor)


@pytest.mark.parametrize(("option", "facility", "subject", "code"), [
    ("regional", {"province": "CN-NM"}, "facility.grid_region", "accounting.area-ambiguous"),
    ("provincial", {"province": "CN-XZ"}, "factor:grid/CN-XZ", "accounting.factor-missing"),
    ("provincial", {}, "facility.province", "accounting.area-missing"),
    ("regional", {}, "facility.province", "accounting.area-missing"),
    ("provincial", {"province": "US-TX"}, "facility.province", "accounting.area-unknown"),
    ("regional", {"grid_region": "mars"}, "facility.grid_region", "accounting.area-unknown"),
])
def test_an_area_that_cannot_be_told_is_unknown(account: Account, option: str, facility: dict[str, str], subject: str,
                                                code: str) -> None:
    found = account(options={"grid_area": option}, electricity=[row()], province=None, facility=facility)
    assert reasons(only(found).location.value) == [(subject, code)]


@pytest.mark.parametrize("option", ["national", "provincial", "regional"])
def test_a_factor_of_another_country_is_never_taken(account: Account, option: str) -> None:
    """Neither the average nor the residual factor of China belongs to a site in the United States."""
    found = only(account(options={"grid_area": option}, electricity=[row()], province=None, facility={"country": "US"}))
    assert isinstance(found.location.value, Unknown)
    assert reasons(found.market.value)[0] == ("facility.country", "accounting.area-unknown")


def test_a_facility_of_the_whole_country_uses_the_national_factor_and_says_so(account: Account) -> None:
    found = account(options={"grid_area": "provincial"}, electricity=[row()])
    assert only(found).location.value == 1000 * AVERAGE
    assert ("accounting.grid-area-coarser", "facility/province") in {(p.code, p.place.path) for p in found.problems}


@pytest.mark.parametrize(("option", "period", "factor", "said"), [
    ("latest", "2025", "0.5306", ("accounting.grid-year-differs", "note", "2023")),
    ("latest", "2022", "0.5306", ("accounting.grid-year-differs", "note", "2023")),
    ("latest", "2023", "0.5306", None),
    ("data_year", "2022", "0.5366", None),
    ("data_year", "2025", "0.5306", ("accounting.grid-year-not-published", "warning", "2023")),
    ("data_year", "2019", "0.5568", ("accounting.grid-year-not-published", "warning", "2021")),
    ("2021", "2025", "0.5568", ("accounting.grid-year-differs", "note", "2021")),
])
def test_the_year_that_the_option_asks_for(account: Account, option: str, period: str, factor: str,
                                           said: tuple[str, str, str] | None) -> None:
    found = account(options={"grid_year": option, "grid_area": "national", "market_remainder": "average"},
                    electricity=[row()], period=(f"{period}-01-01", f"{period}-12-31"))
    assert only(found).location.value == 1000 * D(factor)
    told = [(p.code, str(p.severity), p.args["factor_year"]) for p in found.problems]
    assert told == ([said] if said is not None else [])
    assert {p.place.path for p in found.problems if p.code == "accounting.grid-year-not-published"} <= {"cn-mee-grid"}
    assert all(p.args["set"] == "cn-mee-grid" for p in found.problems)


def test_a_row_of_another_year_uses_the_factor_of_its_own_data(account: Account) -> None:
    found = account(options={"grid_year": "data_year", "grid_area": "national"}, period=("2022-07-01", "2023-06-30"),
                    electricity=[row(**{"from": "2022-07-01", "to": "2022-12-31"}),
                                 row(**{"id": "E2", "from": "2023-01-01", "to": "2023-06-30"})])
    assert [ln.location.value for ln in found.lines] == [1000 * D("0.5366"), 1000 * D("0.5306")]


def test_a_year_without_factor_is_unknown(account: Account) -> None:
    found = account(options={"grid_year": "2018", "grid_area": "national"}, electricity=[row()])
    assert reasons(only(found).location.value) == [("factor:grid/CN/2018", "accounting.factor-missing")]


# -- the two figures ----------------------------------------------------------------------------------------------------


def test_grid_power_takes_the_average_on_one_side_and_the_residual_on_the_other(account: Account) -> None:
    line = only(account(electricity=[row()]))
    assert (line.location.value, line.market.value) == (1000 * AVERAGE, 1000 * RESIDUAL)
    assert (line.scope, line.iso_subcategory, line.source.code, line.flow, line.carrier, line.gas) == \
        (2, "2.1", "purchased_electricity", "consumed", "electricity", "CO2")


def test_the_rest_may_take_the_average(account: Account) -> None:
    line = only(account(options={"market_remainder": "average"}, electricity=[row()]))
    assert line.market.value == 1000 * AVERAGE


def test_the_residual_factor_is_national_whatever_the_area(account: Account) -> None:
    line = only(account(province="CN-SC", electricity=[row()]))
    assert (line.location.value, line.market.value) == (1000 * D("0.1564"), 1000 * RESIDUAL)


def test_a_supplier_specific_factor_comes_before_the_residual(account: Account) -> None:
    line = only(account(electricity=[row(supplier_factor="0.3 kgCO2/kWh")]))
    assert (line.location.value, line.market.value) == (1000 * AVERAGE, D(300))
    line = only(account(electricity=[row(supplier_factor="0.3 tCO2/GJ")]))           # no factor per MWh
    assert line.market.value == 1000 * RESIDUAL


def test_own_solar_power_is_a_line_of_scope_1_that_is_zero(account: Account) -> None:
    line = only(account(electricity=[row("on-site", technology="solar")]))
    assert (line.location.value, line.market.value) == (D(0), D(0))
    assert (line.scope, line.source.code, line.iso_subcategory) == (1, "on_site_generation", "1.1")


@pytest.mark.parametrize(("owner", "market", "why"), [
    ({"asset_owner": "third party", "attribute_owner": "applicant", "attributes_claimed_elsewhere": "no"}, 0, []),
    ({"asset_owner": "third party", "attribute_owner": "third party", "attributes_claimed_elsewhere": "no"}, 1000 * RESIDUAL, []),
    ({"asset_owner": "third party", "attribute_owner": "shared", "attributes_claimed_elsewhere": "no"}, 1000 * RESIDUAL, []),
    ({"asset_owner": "third party", "attribute_owner": "applicant", "attributes_claimed_elsewhere": "yes"}, 1000 * RESIDUAL, []),
    ({"asset_owner": "third party", "attributes_claimed_elsewhere": "no"}, None, ["electricity/E1.attribute_owner"]),
    ({"asset_owner": "third party", "attribute_owner": "applicant"}, None, ["electricity/E1.attributes_claimed_elsewhere"]),
    ({"asset_owner": "third party", "attribute_owner": "applicant", "attributes_claimed_elsewhere": "not known"}, None,
     ["electricity/E1.attributes_claimed_elsewhere"]),
    ({"asset_owner": "third party"}, None, ["electricity/E1.attributes_claimed_elsewhere", "electricity/E1.attribute_owner"]),
    ({"asset_owner": "not known", "attribute_owner": "not known", "attributes_claimed_elsewhere": "no"}, None,
     ["electricity/E1.attribute_owner"]),
])
def test_on_site_power_of_a_third_party_counts_only_with_proof(account: Account, owner: dict[str, str],
                                                               market: Decimal | None, why: list[str]) -> None:
    line = only(account(electricity=[row("on-site", technology="solar", **owner)]))
    assert line.location.value == 0                                        # physically it is solar power
    if market is None:
        assert [subject for subject, _ in reasons(line.market.value)] == why
    else:
        assert line.market.value == market
    foreign = owner["asset_owner"] == "third party" or line.market.value == 1000 * RESIDUAL
    assert line.source.code == ("purchased_electricity" if foreign else "on_site_generation")


def test_own_solar_power_whose_attributes_were_sold_is_residual_power(account: Account) -> None:
    line = only(account(electricity=[row("on-site", technology="solar", attribute_owner="third party")]))
    assert (line.location.value, line.market.value, line.scope) == (D(0), 1000 * RESIDUAL, 2)
    line = only(account(electricity=[row("on-site", technology="solar", attributes_claimed_elsewhere="yes")]))
    assert line.market.value == 1000 * RESIDUAL


@pytest.mark.parametrize("source", ["direct line", "dedicated supply"])
def test_a_direct_line_is_purchased_at_its_own_rate(account: Account, source: str) -> None:
    line = only(account(electricity=[row(source, technology="wind")]))
    assert (line.location.value, line.market.value, line.scope, line.source.code) == (D(0), D(0), 2, "purchased_electricity")


@pytest.mark.parametrize(("cells", "location"), [
    ({"technology": "coal", "supplier_factor": "0.9 tCO2/MWh"}, D(900)),
    ({"technology": "coal"}, [("electricity/E1.supplier_factor", "accounting.cell-missing")]),
    ({}, [("electricity/E1.technology", "accounting.cell-missing")]),
])
def test_direct_power_from_fuel_needs_its_factor(account: Account, cells: dict[str, str], location: Any) -> None:
    line = only(account(electricity=[row("direct line", **cells)]))
    assert (reasons(line.location.value) if isinstance(location, list) else line.location.value) == location
    assert line.market is line.location


def test_own_power_from_fuel_has_no_line_because_its_fuel_has(account: Account) -> None:
    assert account(electricity=[row("on-site", technology="natural_gas")]).lines == ()
    third = only(account(electricity=[row("on-site", technology="natural_gas", asset_owner="third party")]))
    assert reasons(third.location.value) == [("electricity/E1.supplier_factor", "accounting.cell-missing")]


def test_discharge_of_storage_and_generation_have_no_line(account: Account) -> None:
    assert account(electricity=[row("storage"), {**row("on-site", technology="solar"), "id": "E2", "flow": "generated"}]
                   ).lines == ()


def test_power_without_source_is_unknown(account: Account) -> None:
    line = only(account(electricity=[{"id": "E1", "MWh": "1"}]))
    assert reasons(line.location.value) == [("electricity/E1.source", "accounting.cell-missing")]


# -- traded green power ---------------------------------------------------------------------------------------------------


TRADED = {"technology": "wind", "contract": "GT-1"}


@pytest.mark.parametrize(("cells", "option", "market"), [
    (TRADED, "zero", D(0)), (TRADED, "traded_zero", D(0)), (TRADED, "none", 1000 * RESIDUAL),
    ({**TRADED, "technology": "coal"}, "zero", 1000 * RESIDUAL),
    ({**TRADED, "attribute_owner": "third party"}, "zero", 1000 * RESIDUAL),
    ({**TRADED, "attributes_claimed_elsewhere": "yes"}, "zero", 1000 * RESIDUAL),
    ({**TRADED, "market_boundary": "EU"}, "zero", 1000 * RESIDUAL),
    ({**TRADED, "market_boundary": "cn"}, "zero", D(0)),
    ({**TRADED, "contract": None, "documents": ["D1"]}, "zero", D(0)),
])
def test_traded_green_power_counts_by_its_quality(account: Account, cells: dict[str, Any], option: str, market: Decimal
                                                  ) -> None:
    filled = {name: value for name, value in cells.items() if value is not None}
    found = account(options={"green_power": option}, facility={"country": "CN"},
                    electricity=[row("green trade", **filled)])
    line = only(found)
    assert (line.location.value, line.market.value) == (1000 * AVERAGE, market)


def test_traded_green_power_without_settlement_is_in_doubt(account: Account) -> None:
    line = only(account(electricity=[row("green trade", technology="wind")]))
    assert line.location.value == 1000 * AVERAGE
    assert reasons(line.market.value) == [("electricity/E1.contract", "accounting.cell-missing")]
    line = only(account(electricity=[row("green trade", contract="GT-1")]))
    assert reasons(line.market.value) == [("electricity/E1.technology", "accounting.cell-missing")]


def test_answers_to_the_eight_criteria_are_kept(account: Account) -> None:
    found = account(electricity=[row("green trade", **TRADED)], certificates=[certificate(claimed_elsewhere="not known")])
    assert found.notes["instruments"] == [
        {"row": "electricity/E1", "counts": "yes", "criteria": {
            "1": "yes", "2": "yes", "3": "yes", "4": "yes", "5": "yes", "6": "not_applicable", "7": "yes", "8": "yes"}},
        {"row": "certificates/C1", "counts": "unknown", "criteria": {
            "1": "yes", "2": "unknown", "3": "yes", "4": "yes", "5": "yes", "6": "not_applicable",
            "7": "not_applicable", "8": "yes"}}]
    found = account(electricity=[row("on-site", technology="solar", attribute_owner="third party")])
    answers = found.notes["instruments"][0]
    assert (answers["counts"], answers["criteria"]["3"], answers["criteria"]["7"]) == ("no", "not_applicable", "no")


# -- certificates -------------------------------------------------------------------------------------------------------


def market(account: Account, *certificates: dict[str, Any], **more: Any) -> Any:
    found = account(electricity=[row()], certificates=list(certificates), **more)
    return only(found).market.value


def test_a_certificate_covers_its_quantity(account: Account) -> None:
    assert market(account, certificate()) == 600 * RESIDUAL
    assert market(account, certificate(), options={"green_power": "traded_zero"}) == 1000 * RESIDUAL
    assert market(account, certificate(), options={"green_power": "none"}) == 1000 * RESIDUAL


@pytest.mark.parametrize("cells", [
    {"cancellation_reason": "expired"},                  # cancelled because it expired proves nothing
    {"cancellation_reason": "credit issued instead"}, {"cancellation_reason": "other"},
    {"retired_on": None}, {"beneficiary": "somebody else"}, {"consumption_year": "2024"}, {"claimed_elsewhere": "yes"},
    {"technology": "coal"}, {"bundled": "yes"}, {"market_boundary": "EU"},
    {"generated_from": "2026-01-01", "generated_to": "2026-01-31"},         # after the period
    {"generated_from": "2023-01-01", "generated_to": "2023-12-31", "expires_on": "2025-06-30"},
    {"generated_from": "2023-01-01", "generated_to": "2023-12-31", "system": "GEC", "expires_on": "2025-12-30"},
])
def test_a_certificate_that_does_not_count(account: Account, cells: dict[str, Any]) -> None:
    assert market(account, certificate(**cells)) == 1000 * RESIDUAL


@pytest.mark.parametrize(("cells", "subject"), [
    ({"claimed_elsewhere": None}, "claimed_elsewhere"), ({"claimed_elsewhere": "not known"}, "claimed_elsewhere"),
    ({"beneficiary": None}, "beneficiary"), ({"cancellation_reason": None}, "cancellation_reason"),
    ({"technology": None}, "technology"), ({"generated_from": None}, "generated_from"),
    ({"system": "I-REC"}, "expires_on"), ({"MWh": None}, "MWh"),
])
def test_a_certificate_in_doubt_leaves_the_figure_unknown(account: Account, cells: dict[str, Any], subject: str) -> None:
    assert reasons(market(account, certificate(**cells))) == [(f"certificates/C1.{subject}", "accounting.cell-missing")]


def test_a_doubtful_certificate_does_no_harm_where_the_others_suffice(account: Account) -> None:
    assert market(account, certificate(MWh="1000"), certificate(id="C2", beneficiary=None)) == 0


def test_doubts_of_several_certificates_come_together(account: Account) -> None:
    found = market(account, certificate(beneficiary=None), certificate(id="C2", claimed_elsewhere=None))
    assert [subject for subject, _ in reasons(found)] == ["certificates/C1.beneficiary", "certificates/C2.claimed_elsewhere"]


@pytest.mark.parametrize(("generated", "period", "counts"), [
    (("2024-01-01", "2024-01-31"), "2025", True),       # two years from and including January 2024: to the end of 2025
    (("2024-01-01", "2024-01-31"), "2026", False),
    (("2024-02-01", "2024-02-29"), "2026", False),      # to the end of January 2026
    (("2025-01-01", "2025-01-31"), "2026", True),       # to the end of 2026
    (("2023-06-01", "2023-06-30"), "2025", True),       # before 2024: to the end of 2025
    (("2023-06-01", "2023-06-30"), "2026", False),
])
def test_the_two_years_of_a_chinese_certificate(account: Account, generated: tuple[str, str], period: str, counts: bool
                                                ) -> None:
    found = market(account, certificate(generated_from=generated[0], generated_to=generated[1], consumption_year=period),
                   period=(f"{period}-01-01", f"{period}-12-31"))
    assert found == (600 if counts else 1000) * RESIDUAL


def test_a_certificate_of_one_day_lives_from_its_month(account: Account) -> None:
    assert market(account, certificate(generated_to=None)) == 600 * RESIDUAL
    assert market(account, certificate(system="I-REC", expires_on="2025-12-31")) == 600 * RESIDUAL


def test_serials_that_overlap_count_once(account: Account) -> None:
    first = certificate(MWh="100", serials={"first": "A001", "last": "A100"})
    again = certificate(id="C2", MWh="100", serials={"first": "A050", "last": "A149"})
    other = certificate(id="C3", MWh="100", system="I-REC", expires_on="2026-12-31",
                        serials={"first": "A001", "last": "A100"})
    found = account(electricity=[row()], certificates=[first, again, other])
    assert only(found).market.value == 800 * RESIDUAL
    assert [(p.code, p.place.path) for p in found.problems if p.code == "accounting.serials-overlap"] == \
        [("accounting.serials-overlap", "certificates/C2/serials")]


def test_a_certificate_bundled_with_traded_power_is_the_same_claim(account: Account) -> None:
    found = account(electricity=[row("green trade", **TRADED), row("grid", id="E2")],
                    certificates=[certificate(MWh="1000", bundled="yes", contract="GT-1")])
    assert [ln.market.value for ln in found.lines] == [0, 1000 * RESIDUAL]


def test_certificates_never_cover_more_than_is_consumed(account: Account) -> None:
    assert market(account, certificate(MWh="5000")) == 0
    found = account(electricity=[row(), row(id="E2", mwh="-200", correction="yes")], certificates=[certificate(MWh="5000")])
    assert sum(ln.market.value for ln in found.lines) == 0                 # type: ignore[misc]


def test_certificates_cover_rows_in_the_order_of_their_dates(account: Account) -> None:
    rows = [row(**{"id": "B", "mwh": "300", "from": "2025-02-01", "to": "2025-02-28"}),
            row(**{"id": "A", "mwh": "300", "from": "2025-01-01", "to": "2025-01-31"})]
    found = account(electricity=rows, certificates=[certificate()])
    assert {ln.row: ln.market.value for ln in found.lines} == {"A": D(0), "B": 200 * RESIDUAL}
    assert [[(t.name, t.value) for t in s] for s in found.lines[0].market.slices] == \
        [[("covered", D(100)), ("co2", D(0))], [("uncovered", D(200)), ("co2", RESIDUAL)]]


def test_the_name_of_the_organisation_is_a_beneficiary_too(account: Account) -> None:
    organisation = {"name": {"zh": "示例公司", "en": "Example Ltd"}, "unified_social_credit_code": "91350100M000100Y43"}
    for name in ("示例公司", "EXAMPLE LTD", "91350100M000100Y43", "示例工厂"):
        assert market(account, certificate(beneficiary=name), organisation=organisation) == 600 * RESIDUAL


# -- exports ------------------------------------------------------------------------------------------------------------


def exported(**cells: Any) -> dict[str, Any]:
    return {"id": "X1", "flow": "exported", "source": "on-site", "MWh": "100", **cells}


@pytest.mark.parametrize("option", ["report", "subtract"])
def test_exported_solar_power_earns_no_credit(account: Account, option: str) -> None:
    found = account(options={"exported_power": option}, electricity=[row(), exported(technology="solar")])
    line = found.lines[0]
    assert (line.scope, line.outside, line.location.value, line.source.code) == (0, "exported", D(0), "exported_electricity")
    assert found.total("scopes_1_2").value == 1000 * AVERAGE


@pytest.mark.parametrize(("option", "scope", "outside", "value"), [
    ("report", 0, "exported", 100 * AVERAGE), ("subtract", 2, None, -100 * AVERAGE)])
def test_exported_power_from_own_fuel_is_subtracted_only_by_option(account: Account, option: str, scope: int,
                                                                   outside: str | None, value: Decimal) -> None:
    line = only(account(options={"exported_power": option}, electricity=[exported(technology="natural_gas")]))
    assert (line.scope, line.outside, line.location.value, line.flow) == (scope, outside, value, "exported")


@pytest.mark.parametrize("cells", [{"source": "grid", "technology": "mixed"}, {"technology": None}])
def test_what_is_passed_on_or_of_unknown_origin_is_never_subtracted(account: Account, cells: dict[str, Any]) -> None:
    filled = {name: value for name, value in exported(**cells).items() if value is not None}
    line = only(account(options={"exported_power": "subtract"}, electricity=[filled]))
    assert (line.scope, line.outside) == (0, "exported")
