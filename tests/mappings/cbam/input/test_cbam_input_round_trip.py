"""Writing and reading back gives an equal installation: our YAML, JSON, both workbooks, and what came from the Commission's."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from tests.mappings.cbam.input.strategies import installations

from zerofactory_engine.problems import Severity
from zerofactory_mappings.cbam import model as m
from zerofactory_mappings.cbam.compute import compute
from zerofactory_mappings.cbam.input.figures import schema
from zerofactory_mappings.cbam.input.workbook_out import workbook_of
from zerofactory_mappings.cbam.input.write import installation_tree, installation_yaml
from zerofactory_mappings.cbam.model import Basis, Given, Installation, Method, Origin, SourceStream
from zerofactory_mappings.cbam.read import parse_installation, read_installation

EXAMPLES = Path(__file__).parents[4] / "examples" / "cbam"
CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def some(examples: int) -> settings:
    """Settings for that many installations, which are slow to draw."""
    return settings(deadline=None, max_examples=examples, suppress_health_check=CHECKS)


def without_places(value: Any) -> Any:
    """*value* as plain data without places and problems."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: without_places(getattr(value, f.name)) for f in dataclasses.fields(value) if f.name not in {"place", "problems"}}
    if isinstance(value, (tuple, list)):
        return [without_places(v) for v in value]
    return {k: without_places(v) for k, v in value.items()} if isinstance(value, Mapping) else value


def same(one: Installation, other: Installation) -> None:
    assert without_places(one) == without_places(other)


def check_yaml(installation: Installation) -> None:
    written = installation_yaml(installation)
    same(parse_installation(written, "x.yaml"), installation)
    assert installation_yaml(parse_installation(written, "x.yaml")) == written


def check_json(installation: Installation) -> None:
    same(parse_installation(json.dumps(installation_tree(installation)).encode(), "x.json"), installation)


def check_workbooks(installation: Installation) -> None:
    for language in ("zh", "en"):
        same(parse_installation(workbook_of(installation, language), "x.xlsx"), installation)


@some(20)
@given(installations())
def test_yaml_reads_back(installation: Installation) -> None:
    check_yaml(installation)


@some(10)
@given(installations())
def test_json_and_workbooks_read_back(installation: Installation) -> None:
    check_json(installation)
    check_workbooks(installation)


@pytest.mark.full
@some(80)
@given(installations())
def test_many_installations_read_back(installation: Installation) -> None:
    check_yaml(installation)
    check_json(installation)
    check_workbooks(installation)


@pytest.mark.parametrize("name", sorted(p.name for p in EXAMPLES.iterdir() if p.is_dir()))
def test_examples_read_back_and_compute_the_same(name: str) -> None:
    installation = read_installation(EXAMPLES / name / "input.yaml")
    again = parse_installation(installation_yaml(installation), "x.yaml")
    book = parse_installation(workbook_of(installation, "en"), "x.xlsx")
    for other in (again, book):
        same(other, installation)
        for basis in Basis:
            assert compute(other, basis).processes == compute(installation, basis).processes


@pytest.mark.parametrize("name", ["ec_example_aluminium", "ec_example_blast_furnace", "ec_example_screws_nuts"])
def test_a_commission_workbook_becomes_our_input(name: str, shared_data: Path) -> None:
    installation = read_installation(shared_data / "cbam" / "examples" / f"{name}.xlsx")
    again = parse_installation(installation_yaml(installation), "x.yaml")
    same(again, installation)
    assert compute(again).processes == compute(installation).processes
    same(parse_installation(workbook_of(installation, "zh"), "x.xlsx"), installation)


def test_a_figure_without_a_unit_is_seen_but_not_counted() -> None:
    """The Commission's workbook lets an amount have no unit and does not count the stream: nor do we."""
    amount = Given(Decimal("12.5"), "")
    stream = SourceStream(id="stream-1", name="gas", method=Method.COMBUSTION, amount=amount)
    written = installation_yaml(Installation(Origin.COMMISSION, "x", None, None, None, template_version="2.1", streams=(stream,)))
    assert b"# amount: 12.5" in written
    found = parse_installation(written, "x.yaml")
    assert found.streams[0].amount is None
    codes = [p.code for p in compute(found).problems if p.severity is Severity.WARNING]
    assert "cbam.stream-not-counted" in codes


#: Fields of the model by class, and what holds them in the file under another name or form.
IN_THE_FILE: list[tuple[type, str, dict[str, str]]] = [
    (m.SourceStream, "source_streams/items", {}), (m.PfcSource, "pfc/items", {}), (m.MeasuredSource, "measured/items", {}),
    (m.EnergyUnit, "energy_units/items", {}), (m.FuelUse, "energy_units/items/properties/fuels/items", {}),
    (m.HeatFlow, "energy_units/items/properties/flows/items", {}), (m.Process, "processes/items", {}),
    (m.GoodProduced, "processes/items/properties/goods/items", {}), (m.Heat, "processes/items/properties/heat", {}),
    (m.WasteGas, "processes/items/properties/waste_gas", {}), (m.ElectricityUse, "processes/items/properties/electricity/items", {}),
    (m.HourlyMatch, "processes/items/properties/electricity/items/properties/match", {}), (m.Precursor, "precursors/items", {}),
    (m.VerificationReport, "precursors/items/properties/report", {}), (m.Product, "products/items", {}), (m.Stated, "stated", {}),
    (m.Installation, "", {"name": "installation", "country": "installation", "registry_id": "installation", "period_start": "period",
                          "period_end": "period", "details": "other", "streams": "source_streams", "units": "energy_units"}),
]


@pytest.mark.parametrize(("kind", "path", "elsewhere"), IN_THE_FILE, ids=[k.__name__ for k, _, _ in IN_THE_FILE])
def test_every_field_of_the_model_has_its_place_in_the_file(kind: type, path: str, elsewhere: dict[str, str]) -> None:
    """A field that is added to the model has to be read and written here too."""
    node: Any = schema().source["properties"]
    for step in filter(None, path.split("/")):
        node = node[step]
    names = set(node.get("properties", node))
    fields = {f.name for f in dataclasses.fields(kind)} - {"place", "problems"}
    assert {elsewhere.get(f, f) for f in fields} <= names
    price = schema().source["$defs"]["carbon_price"]["properties"]
    assert {f.name for f in dataclasses.fields(m.CarbonPrice)} == set(price)
