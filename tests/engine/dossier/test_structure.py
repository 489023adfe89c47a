"""The published schema, the code lists and the vocabulary say the same."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from zerofactory_engine.dossier import structure, vocabulary
from zerofactory_engine.dossier.codes import code_list, code_list_names
from zerofactory_engine.dossier.structure import Column
from zerofactory_engine.feel.values import BOOLEAN, DATE, STRING, Kind
from zerofactory_engine.units import dimension, gases, is_unit, unit

ROOT = Path(__file__).parents[3]
SCHEMA: dict[str, Any] = json.loads((ROOT / "standards/schemas/dossier.schema.json").read_text(encoding="utf-8"))


def columns() -> Iterator[tuple[str, Column]]:
    def below(path: str, found: dict[str, Column] | Any) -> Iterator[tuple[str, Column]]:
        for name, column in found.items():
            yield f"{path}/{name}", column
            yield from below(f"{path}/{name}", column.fields)

    for name, shape in (*structure.tables().items(), *structure.sections().items()):
        yield from below(name, shape.columns)


ALL = dict(columns())


def test_every_table_of_the_field_list_is_there() -> None:
    assert set(structure.tables()) | set(structure.sections()) >= {
        "organisation", "facility", "period", "boundary", "history", "base_year", "plan", "economics", "energy",
        "electricity", "storage", "heat", "chp", "biomass", "processes", "fugitive", "carbon_capture", "transport",
        "purchased", "waste", "travel", "use_phase", "certificates", "credits", "products", "equipment", "meters",
        "management_systems", "compliance", "disclosures", "checklists", "crosschecks", "documents", "gaps", "claim"}


@pytest.mark.parametrize("table", [*structure.tables(), *structure.sections()])
def test_every_column_has_title_and_help_in_both_languages(table: str) -> None:
    for path, column in ALL.items():
        if path.split("/")[0] != table:
            continue
        assert all((*column.title.values(), *column.help.values())), path
        assert re.search(r"[\u4e00-\u9fff]|^[A-Z0-9/. -]+$", column.title["zh"]), path
        assert not re.search(r"[\u4e00-\u9fff]", column.title["en"] + column.help["en"]), path


def test_titles_are_not_split_in_the_wrong_place() -> None:
    def walk(value: Any) -> Iterator[dict[str, Any]]:
        if isinstance(value, dict):
            if isinstance(value.get("title"), str):
                yield value
            for below in value.values():
                yield from walk(below)

    for declared in walk(SCHEMA):
        assert declared["title"].count(" / ") == 1, declared["title"]
        assert declared.get("description", "\n").count("\n") == 1, declared["title"]


def test_a_figure_has_its_unit_in_its_name() -> None:
    words = {"%": "percent", "night": "nights", "h": "hours", "person": "persons"}
    others = {"credit_quantity", "quantity", "reversed", "pieces", "output_items"}      # credits and items
    wrong = []
    for path, column in ALL.items():
        if column.kind == "amount":
            assert column.unit is not None
            name = column.name.replace("_per_year", "/a").replace("_per_", "/")
            if not name.endswith(words.get(column.unit.text, column.unit.text)) and column.name not in others:
                wrong.append(path)
    assert wrong == []


def test_no_column_is_named_like_a_root_of_an_expression() -> None:
    roots = {*vocabulary.types(), "lines"}
    for name, kind in vocabulary.types().items():
        fields = (kind.element or kind).fields
        assert set(fields) & roots == set(), name


def test_amount_and_unit_are_closed_and_targets_differ_in_dimension() -> None:
    types = vocabulary.types()
    for name, shape in structure.tables().items():
        element = types[name].element
        assert element is not None
        for column in ("amount", "unit"):
            assert column not in element.fields or element.fields[column].closed
        dimensions = [c.unit.dimension for c in shape.targets if c.unit is not None]
        assert len(dimensions) == len(set(dimensions)), name
        assert bool(shape.targets) == ("amount" in shape.columns and "figure" not in shape.columns), name


def test_vocabulary_has_kinds_and_dimensions() -> None:
    types = vocabulary.types()
    electricity = types["electricity"].element
    assert electricity is not None
    assert electricity.fields["MWh"].dimension == dimension("electricity")
    assert electricity.fields["source"] == STRING
    assert electricity.fields["attributes_claimed_elsewhere"] == BOOLEAN
    assert electricity.fields["commissioned"] == DATE
    assert electricity.fields["supplier_factor"].closed
    assert "documents" not in electricity.fields
    certificates = types["certificates"].element
    assert certificates is not None
    assert certificates.fields["serials"].kind is Kind.CONTEXT
    period = types["period"].fields
    assert (period["start"], period["years"].dimension) == (DATE, dimension("year"))
    assert vocabulary.figures()["industrial_value_added"].dimension == dimension("CNY")
    exclusions = types["boundary"].fields["exclusions"].element
    assert exclusions is not None
    assert exclusions.fields["iso_category"].kind is Kind.NUMBER


@pytest.mark.parametrize("name", sorted(n.removeprefix("code_") for n in SCHEMA["$defs"] if n.startswith("code_")))
def test_codes_of_the_schema_are_those_of_the_list(name: str) -> None:
    declared = [c for c in SCHEMA["$defs"][f"code_{name}"]["enum"] if c is not None]
    assert declared == list(code_list(name).codes)


@pytest.mark.parametrize("name", code_list_names())
def test_every_code_has_a_title_in_both_languages(name: str) -> None:
    for code, entry in code_list(name).codes.items():
        assert entry["zh"], code
        assert entry["en"], code
        assert not re.search(r"[\u4e00-\u9fff]", entry["en"]), code
        for key in ("unit",):
            assert key not in entry or is_unit(entry[key]), code


def test_every_list_is_used() -> None:
    used = {c.code_list for c in ALL.values() if c.code_list} | {"process"}
    assert set(code_list_names()) - used == set()


def test_carriers_are_stated_in_a_column_of_the_energy_table() -> None:
    targets = {c.name for c in structure.tables()["energy"].targets}
    assert {e["unit"] for e in code_list("carriers").codes.values()} <= targets


def test_factor_sets_know_no_fuel_that_a_dossier_cannot_state() -> None:
    from zerofactory_engine.yaml_text import MapNode, read_yaml

    known = set(code_list("carriers").codes) | {"standard_coal", "electricity", "heat", "steam_low_pressure"}
    for path in (ROOT / "standards/factors").glob("*fuel*/*/factors.yaml"):
        tree = read_yaml(path.read_bytes())
        assert isinstance(tree, MapNode)
        entries = tree.get("entries")
        keys = {e.get("key").text for e in entries.items}
        assert keys - known == set(), path


def test_gases_are_known_to_units_or_are_refrigerants() -> None:
    known = set(gases())
    assert {g for g in code_list("gases").codes if g not in known and not g.startswith("R")} == set()


def test_regions_of_provinces_are_consistent() -> None:
    provinces = code_list("provinces").codes
    assert provinces["CN-HE"]["grid_region"] == "north"
    assert len({e["gb2260"] for e in provinces.values()}) == len(provinces) == 35
    assert unit("kW").dimension == dimension("power")
