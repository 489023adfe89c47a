"""The completeness table: each item is judged on evidence, and names what is missing."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from tests.mappings.iso14064_1.iso_cases import DEMO, DEMO_STATEMENT, both, keys, plant, said_of, statement

from zerofactory_engine.accounting.options import Options
from zerofactory_mappings.disclosures.completeness import items_of
from zerofactory_mappings.iso14064_1.check import CHECKS
from zerofactory_mappings.iso14064_1.sections import SECTIONS, at
from zerofactory_mappings.iso14064_1.tables import STANDARD

LETTERS = "abcdefghijklmnopqrst"


def test_the_list_has_twenty_required_eleven_recommended_three_conditional_items() -> None:
    items = items_of(STANDARD).items
    assert Counter(i.kind for i in items) == {"required": 20, "recommended": 11, "conditional": 3}
    assert "".join(i.id for i in items[:20]) == LETTERS
    assert [i.clause for i in items[:20]] == [f"9.3.1 {letter}" for letter in LETTERS]
    assert {i.confidence for i in items} == {"unconfirmed"}
    assert set(CHECKS) == {i.id for i in items}


def test_a_section_that_is_not_there_cannot_be_named() -> None:
    assert at("results") in SECTIONS
    with pytest.raises(ValueError, match="not in tuple"):
        at("nowhere")


def test_the_small_plant_with_its_statement_is_complete(tmp_path: Path) -> None:
    _, found = both(tmp_path, said=statement())
    assert {i: k for i, k in keys(found).items() if k != "present"} == {"projects": "NO", "programmes": "NO"}
    assert found.complete


def test_the_demo_is_complete_but_for_a_benchmark(tmp_path: Path) -> None:
    _, found = both(tmp_path, dossier=DEMO, said=DEMO_STATEMENT)
    assert {i: k for i, k in keys(found).items() if k != "present"} == {"benchmarks": "missing", "stored-carbon": "NA"}
    assert found.complete


def test_a_dossier_alone_lacks_what_no_dossier_states(tmp_path: Path) -> None:
    _, found = both(tmp_path)
    assert not found.complete
    assert {i: k for i, k in keys(found).items() if k != "present" and i in LETTERS} == {
        "b": "missing", "e": "missing", "g": "partly", "j": "partly", "k": "missing", "l": "missing", "m": "partly", "n": "missing",
        "p": "partly", "r": "missing", "s": "missing"}


#: What is taken out of the complete case, the item that it concerns, its key then, and a word of what it says.
TAKEN: list[tuple[dict[str, Any], dict[str, Any], str, str, str]] = [
    ({"responsible": None}, {}, "b", "missing", "person or unit responsible"),
    ({"responsible": {"name": "Wang Fang"}}, {}, "b", "partly", "role"),
    ({"responsible": {"unit": "energy department"}}, {}, "b", "present", ""),
    ({}, {"facility": {"id": "A", "name": {"zh": "甲厂"}, "country": "CN", "province": "CN-JS"}}, "a", "partly", "what the organisation does"),
    ({}, {"boundary": {"parts": [{"id": "P2", "inside": "no"}]}}, "d", "partly", "the reason why a part is left out: P2"),
    ({}, {"boundary": {}}, "d", "missing", "consolidation approach"),
    ({"significance": None}, {}, "e", "missing", "criteria of significance"),
    ({"significance": {"criteria": [{"id": "size", "text": "share"}], "decisions": []}}, {}, "e", "partly", "2.1, 2.2, 3.1"),
    ({"biogenic": None}, {}, "g", "partly", "how biogenic CO2 is treated"),
    ({"removals": None}, {}, "h", "present", ""),                                      # what is stored is stated by the dossier
    ({"removals": None}, {"carbon_capture": None}, "h", "missing", "none is quantified"),
    ({"excluded": None}, {}, "i", "present", ""),                                      # the dossier has an exclusion with reason
    ({"notation": []}, {}, "j", "partly", "category 5: neither figure nor explanation (5.1, 5.2, 5.3, 5.4)"),
    ({"notation": [{"category": "5", "key": "NE", "reason": "later"}, {"category": "6.1", "key": "NO", "reason": "none"}]}, {}, "j",
     "partly", "category 5"),
    ({"base_year": None}, {}, "k", "missing", "the base year"),
    ({"previous": None}, {}, "k", "partly", "--base"),
    ({"base_year": {"year": "2023", "threshold_percent": "5", "policy": "p"}}, {}, "l", "partly", "recalculations made"),
    ({"approaches": [{"category": "1", "approach": "a", "reason": "r"}]}, {}, "m", "partly", "2.1, 4.1"),
    ({"approaches": None}, {}, "m", "partly", "1.1, 1.3, 1.4, 2.1, 4.1"),
    ({"changes": None}, {}, "n", "missing", "changes of approach"),
    ({"uncertainty": None}, {}, "p", "partly", "category 2, 4"),
    ({"uncertainty": None}, {}, "q", "present", ""),                                   # a row states its uncertainty: it is propagated
    ({"report": {"date": "2026-03-31"}}, {}, "r", "missing", "conformity"),
    ({"report": {"conformity": "no"}}, {}, "r", "present", ""),
    ({"verification": None}, {}, "s", "missing", "whether the report was verified"),
    ({"verification": {"verified": "yes"}}, {}, "s", "partly", "level of assurance"),
    ({"verification": {"verified": "yes", "kind": "verification", "assurance": "limited", "body": "X"}}, {}, "s", "present", ""),
    ({"verification": {"verified": "yes", "kind": "agreed_upon_procedures", "body": "X"}}, {}, "s", "present", ""),
    ({"policies": None}, {}, "policies", "missing", "policies"),
    ({"initiatives": [{"what": "x"}]}, {}, "initiatives", "partly", "without a measured effect"),
    ({"initiatives": []}, {}, "initiatives", "NO", ""),
    ({"programmes": None}, {}, "programmes", "missing", "programmes"),
    ({"previous": None}, {}, "previous", "missing", "earlier periods"),
    ({}, {"certificates": None, "electricity": [{"id": "E1", "flow": "consumed", "source": "grid", "MWh": "1", "from": "2025-01-01",
                                                 "to": "2025-12-31"}]}, "instruments", "NA", ""),
    ({}, {"credits": None}, "credits", "NA", ""),
    ({}, {"credits": [{"id": "K1", "quantity": "5"}]}, "credits", "partly", "K1"),
    ({}, {"carbon_capture": None}, "stored-carbon", "NA", ""),
]


@pytest.mark.parametrize(("said", "dossier", "item", "key", "text"), TAKEN)
def test_what_is_taken_away_is_named(tmp_path: Path, said: dict[str, Any], dossier: dict[str, Any], item: str, key: str,
                                     text: str) -> None:
    _, found = both(tmp_path, dossier=plant(**dossier), said=statement(**said))
    assert (found.result(item).key, text in said_of(found, item)) == (key, True), said_of(found, item)
    if key in ("missing", "partly") and found.result(item).item.kind == "required":
        assert not found.complete
        assert found.result(item).missing


def test_a_category_found_significant_does_not_ask_for_each_of_its_subcategories(tmp_path: Path) -> None:
    _, found = both(tmp_path, said=statement())               # category 2 is significant; 2.2 has no lines
    assert found.result("i").key == "present"


def test_a_source_found_significant_without_a_figure_is_missing(tmp_path: Path) -> None:
    said = statement()
    said["significance"]["decisions"].append({"category": "5.1", "significant": "yes", "reason": "asked for"})
    said["notation"] = [{"category": "6", "key": "NO", "reason": "none"}]
    _, found = both(tmp_path, said=said)
    assert found.result("i").key == "partly"
    assert "5.1" in said_of(found, "i")


def test_a_factor_without_source_is_named_with_its_row(tmp_path: Path) -> None:
    bought = [{k: v for k, v in row.items() if k != "factor_source"} for row in plant()["purchased"]]
    _, found = both(tmp_path, dossier=plant(purchased=bought), said=statement())
    assert found.result("o").key == "partly"
    assert said_of(found, "o") == "1 factors without source: purchased/P1"


def test_an_older_set_of_potentials_is_named(tmp_path: Path) -> None:
    _, found = both(tmp_path, said=statement(), options=Options({"gwp": "ipcc-ar5"}))
    note = found.result("t").note
    assert found.result("t").key == "present"
    assert note is not None
    assert note.text("en") == "ipcc-ar5 is used, not the latest ipcc-ar6; its source is named."


def test_gases_that_are_not_split_are_named(tmp_path: Path) -> None:
    tables = [t for t in plant()["complete"] if t != "fugitive"]
    _, found = both(tmp_path, dossier=plant(complete=tables), said=statement())
    assert found.result("f").key == "missing"
    assert said_of(found, "f") == "gases that are not known: CO2, CH4, N2O, NF3, SF6, HFC, PFC"


def test_a_departure_from_an_annex_keeps_its_items_from_being_there(tmp_path: Path) -> None:
    _, found = both(tmp_path, said=statement(), options=Options({}, {"biogenic_co2": "inside"}))
    assert found.result("g").key == "partly"
    assert "annex D" in said_of(found, "g")
    assert not found.complete


def test_a_notation_key_for_an_item_stands_where_nothing_was_found(tmp_path: Path) -> None:
    said = statement(benchmarks=None)
    said["notation"].append({"item": "benchmarks", "key": "NA", "reason": {"zh": "没有可比的工厂", "en": "no comparable plant"}})
    said["notation"].append({"item": "b", "key": "NA", "reason": "nobody"})
    _, found = both(tmp_path, said=said)
    note = found.result("benchmarks").note
    assert found.result("benchmarks").key == "NA"
    assert note is not None
    assert (note.text("zh"), note.text("en")) == ("组织的说明：没有可比的工厂", "The organisation says: no comparable plant")
    assert found.result("b").key == "present"                 # what is there counts
