"""The GHG Protocol inventory of the demo factory, of a group and of an imported plant, in every format."""

from __future__ import annotations

import json
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from zerofactory_engine.accounting.library import FactorLibrary
from zerofactory_engine.accounting.options import Options
from zerofactory_engine.canonical import jsonable
from zerofactory_engine.decimals import CONTEXT
from zerofactory_mappings.disclosures.commands import written
from zerofactory_mappings.disclosures.registry import find
from zerofactory_mappings.disclosures.subject import Subject, load_subject
from zerofactory_mappings.ghg_protocol import DISCLOSURE
from zerofactory_mappings.ghg_protocol.model import GhgModel
from zerofactory_mappings.sources import verifi

ROOT = Path(__file__).parents[3]
DEMO = ROOT / "examples/demo-battery-factory/dossier.yaml"
GROUP = ROOT / "examples/demo-group/group.yaml"


def subject_of(path: Path) -> Subject:
    return load_subject(path, options=Options(), library=FactorLibrary.shipped())


@cache
def made(path: Path) -> tuple[Subject, GhgModel, dict[str, Any]]:
    subject = subject_of(path)
    model = DISCLOSURE.build(subject)
    return subject, model, jsonable(DISCLOSURE.as_json(model, DISCLOSURE.check(model)))


def book_of(path: Path, language: str = "en") -> bytes:
    subject, model, _ = made(path)
    return written(DISCLOSURE, model, DISCLOSURE.check(model), ".xlsx", language, subject)


def test_it_is_installed_under_its_name() -> None:
    assert find("ghg_protocol") is DISCLOSURE


# --- totals reconcile to the inventory, to the last digit -------------------------------------------------------------

@pytest.fixture(scope="module")
def plant(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plant of the VERIFI account, imported."""
    folder = tmp_path_factory.mktemp("verifi")
    file = shared_data / "inventory/VERIFI_ExampleAccount.json"
    for name, data in verifi.import_bytes(file.read_bytes(), file.name, {"year": 2023}).dossiers.items():
        (folder / name).write_bytes(data)
    return folder / "roasting-advanced.yaml"


def reconciles(path: Path) -> None:
    subject, _, found = made(path)
    inventory = subject.alone.inventory
    for group, told in (("scope/1", found["scope_1"]), ("scope/3", found["scope_3"])):
        assert told == jsonable(inventory.total(group).as_json()), group
    for basis in ("location", "market"):
        assert found["scope_2"][basis] == jsonable(inventory.total("scope/2", basis).as_json())
        assert found["scopes_1_2"][basis] == jsonable(inventory.total("scopes_1_2", basis).as_json())
    for row in found["scope_3_categories"]:
        if row["key"] == "value":
            assert row["total"] == jsonable(inventory.total(f"ghgp_category/{row['category']}").as_json())
        else:
            assert "total" not in row, row["category"]
    assert len(found["lines"]) == len(inventory.lines)


def test_totals_of_the_demo() -> None:
    reconciles(DEMO)
    _, _, found = made(DEMO)
    assert found["scopes_1_2"]["location"]["tCO2e"] == "15123.75837048800055555555555555556"
    assert found["scopes_1_2"]["market"]["tCO2e"] == "29141.82901048800055555555555555556"
    assert found["scope_3"]["tCO2e"] == "63596.6144"


def test_totals_of_an_imported_plant(plant: Path) -> None:
    reconciles(plant)


def test_categories_of_the_demo_sum_to_scope_3() -> None:
    _, _, found = made(DEMO)
    figures = {r["category"]: Decimal(r["total"]["tCO2e"]) for r in found["scope_3_categories"] if r["key"] == "value"}
    assert sum(figures.values()) == Decimal("63596.6144")
    assert figures["1"] == Decimal("57827")


# --- scope 2 ---------------------------------------------------------------------------------------------------------

def test_each_instrument_answers_the_eight_criteria() -> None:
    _, _, found = made(DEMO)
    assert {i["kind"] for i in found["instruments"]} == {"green_trade", "certificate", "on-site"}
    for instrument in found["instruments"]:
        assert set(instrument["criteria"]) == {str(n) for n in range(1, 9)}
        assert (instrument["counts"] == "yes") == all(
            a in ("yes", "not_applicable") for a in instrument["criteria"].values())


def test_traded_power_and_its_certificates_are_one_claim() -> None:
    _, _, found = made(GROUP)
    steps = {s["id"]: s for s in found["market_based_order"]}
    assert steps["contracts"]["MWh"] == "2958.02"
    assert [(b["row"], b["MWh"]) for b in found["bundled_certificates"]] == [("certificates/C1", "2958")]
    assert "electricity/G1" in steps["contracts"]["rows"]
    assert steps["certificates"]["MWh"] == "2000"           # plant A's own, not bundled


def test_hours_are_matched_where_there_is_a_series() -> None:
    _, _, found = made(GROUP)
    (hourly,) = found["hourly_matching"]
    assert (hourly["dossier"], hourly["hours"], hourly["hours_of_period"]) == ("demo-group-plant-b", "8760", "8760")
    assert Decimal(hourly["matched_hourly_MWh"]) <= Decimal(hourly["matched_annual_MWh"])
    assert Decimal(hourly["score"]) == CONTEXT.divide(Decimal(hourly["matched_hourly_MWh"]), Decimal(hourly["load_MWh"]))
    assert hourly["not_deliverable_MWh"] == "0"


# --- a group under each approach -------------------------------------------------------------------------------------

@pytest.mark.parametrize(("approach", "shares"), [
    ("equity_share", {"a": "1", "b": "0.4", "c": "0.25"}),
    ("financial_control", {"a": "1", "b": "0.4", "c": "0"}),
    ("operational_control", {"a": "1", "b": "1", "c": "0"})])
def test_shares_of_each_approach(approach: str, shares: dict[str, str]) -> None:
    _, _, found = made(GROUP)
    side = next(a for a in found["approaches"] if a["approach"] == approach)
    assert {p["dossier"].rsplit("-", 1)[1]: p["share"] for p in side["parts"]} == shares


@pytest.mark.parametrize("basis", ["location", "market"])
def test_parts_sum_to_the_group_to_the_last_digit(basis: str) -> None:
    for side in made(GROUP)[2]["approaches"]:
        for scope in ("scope_1", "scope_2", "scope_3"):
            totals = [p[scope] for p in side["parts"]] if scope != "scope_2" else [p[scope][basis] for p in side["parts"]]
            told = side[scope] if scope != "scope_2" else side[scope][basis]
            if "tCO2e" in told:
                assert sum((Decimal(t["tCO2e"]) for t in totals), Decimal(0)) == Decimal(told["tCO2e"])
            else:
                assert any("tCO2e" not in t for t in totals)


def test_approaches_weigh_the_plants_with_their_shares() -> None:
    """Scope 1 under financial control: all of A and 40 % of B, to the last digit."""
    subject, _, found = made(GROUP)
    a, b, _ = (m.inventory.total("scope/1").value for m in subject.members)
    assert isinstance(a, Decimal)
    assert isinstance(b, Decimal)
    by_name = {s["approach"]: s for s in found["approaches"]}
    assert Decimal(by_name["financial_control"]["scope_1"]["tCO2e"]) == a + b * Decimal("0.4")
    assert Decimal(by_name["operational_control"]["scope_1"]["tCO2e"]) == a + b


def test_a_plant_that_does_not_say_all_leaves_the_group_unknown_only_where_it_counts() -> None:
    _, _, found = made(GROUP)
    by_name = {s["approach"]: s for s in found["approaches"]}
    assert "tCO2e" not in by_name["equity_share"]["scope_1"]
    assert by_name["equity_share"]["scope_1"]["reasons"]
    assert "tCO2e" in by_name["operational_control"]["scope_1"]


def test_wood_and_old_refrigerants_stand_outside_the_scopes() -> None:
    _, _, found = made(GROUP)
    assert Decimal(found["biogenic_tCO2"]["1"]) > 0
    assert found["other_gases_t"] == {"HCFC22": "0.0045"}
    assert {g["gas"] for g in found["gases"]} >= {"CO2", "CH4", "N2O", "HFC", "PFC", "SF6", "NF3"}


# --- formats ---------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("path", [DEMO, GROUP], ids=["demo", "group"])
def test_json_is_as_its_schema_says(path: Path) -> None:
    schemas = [json.loads(p.read_text(encoding="utf-8")) for p in (ROOT / "standards/schemas").glob("*.schema.json")]
    registry: Registry[Any] = Registry().with_resources([(s["$id"], Resource.from_contents(s)) for s in schemas])
    schema = next(s for s in schemas if s["$id"].endswith("/ghg-protocol/1"))
    errors = [f"{e.json_path}: {e.message}"[:200] for e in Draft202012Validator(
        schema, registry=registry).iter_errors(made(path)[2])]
    assert errors == []


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("path", [DEMO, GROUP], ids=["demo", "group"])
def test_pages_in_both_languages(path: Path, language: str) -> None:
    """No code stands in place of a sentence, and no Chinese in the English page but what the demo's boundary says."""
    subject, model, _ = made(path)
    page = written(DISCLOSURE, model, DISCLOSURE.check(model), ".html", language, subject).decode()
    assert "ghgp." not in page
    if language == "en":
        body = page[page.index("<main"):]
        for member in subject.members:
            for said in (*(member.dossier.boundary.get("exclusions") or ()), member.dossier.base_year):
                for name in ("what", "reason", "policy", "method"):
                    body = body.replace(str(said.get(name) or "-" * 9), "")
        assert not any("\u4e00" <= c <= "\u9fff" for c in body), next(
            body[max(0, i - 40):i + 20] for i, c in enumerate(body) if "\u4e00" <= c <= "\u9fff")


def test_the_same_bytes_twice() -> None:
    assert book_of(GROUP) == book_of(GROUP)
