"""The GB/T 32150 report: its total is that of the inventory's lines, to the last digit; exports are subtracted."""

from __future__ import annotations

import io
import json
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from zerofactory_engine.accounting.library import FactorLibrary
from zerofactory_engine.accounting.options import Options
from zerofactory_engine.accounting.totals import total
from zerofactory_engine.canonical import jsonable
from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.problems import ProblemsError
from zerofactory_engine.reasons import Unknown
from zerofactory_mappings.disclosures.commands import written
from zerofactory_mappings.disclosures.registry import find
from zerofactory_mappings.disclosures.subject import Subject, load_subject
from zerofactory_mappings.gb_t_32150 import DISCLOSURE
from zerofactory_mappings.gb_t_32150.model import Gbt32150
from zerofactory_mappings.sources import verifi

ROOT = Path(__file__).parents[3]
DEMO = ROOT / "examples/demo-battery-factory/dossier.yaml"
STATEMENT = ROOT / "examples/demo-battery-factory/report-statement.yaml"

PLANT = """format: zerofactory/dossier/1
id: plant
version: 1
organisation: {name: {zh: 示例, en: Example}}
facility: {id: A, name: {zh: 甲厂, en: Plant A}, kind: factory, country: CN, province: CN-JS, market_boundary: CN}
period: {from: 2025-01-01, to: 2025-12-31, time_zone: Asia/Shanghai}
boundary: {approach: operational control}
complete: COMPLETE
energy:
  - {id: F1, carrier: diesel, use: fuel, direction: consumed, t: 10, from: 2025-01-01, to: 2025-12-31, obtained: invoiced}
  - {id: F2, carrier: wood, use: fuel, direction: consumed, t: 100, from: 2025-01-01, to: 2025-12-31, obtained: metered}
electricity:
  - {id: E1, from: 2025-01-01, to: 2025-12-31, flow: consumed, source: grid, MWh: 100, obtained: invoiced}
  - {id: E2, from: 2025-01-01, to: 2025-12-31, flow: exported, source: grid, MWh: 40, obtained: metered}
travel:
  - {id: T1, category: business_travel, mode: air, method: average, pkm: 460000, factor: 0.118 kgCO2e/pkm, factor_source: average, from: 2025-01-01, to: 2025-12-31}
"""
ALL = "[energy, electricity, heat, processes, fugitive, travel]"


@cache
def made(path: Path, statement: Path | None = None) -> tuple[Subject, Gbt32150, dict[str, Any]]:
    subject = load_subject(path, options=Options(), library=FactorLibrary.shipped(), statement=statement)
    model = DISCLOSURE.build(subject)
    return subject, model, jsonable(DISCLOSURE.as_json(model, DISCLOSURE.check(model)))


def plant(folder: Path, complete: str = ALL) -> Path:
    path = folder / "plant.yaml"
    path.write_text(PLANT.replace("COMPLETE", complete), encoding="utf-8")
    return path


def test_it_is_installed_under_its_name() -> None:
    assert find("gb_t_32150") is DISCLOSURE


def test_the_demo_reconciles_to_scopes_1_and_2_to_the_last_digit() -> None:
    """No biomass, no recovery, and exports of solar power at a rate of zero: the total is that of scopes 1 and 2."""
    subject, model, found = made(DEMO, STATEMENT)
    assert model.total == subject.alone.inventory.total("scopes_1_2").value
    assert found["total_tCO2e"] == "15123.75837048800055555555555555556"
    assert found["completeness"]["complete"] is True
    signs = {r["class"]: r["sign"] for r in found["classes"]}
    assert [k for k, v in signs.items() if v == "minus"] == ["recovered", "exported_electricity", "exported_heat"]


def test_exports_are_subtracted_and_biomass_stands_apart(tmp_path: Path) -> None:
    subject, model, _ = made(plant(tmp_path))
    inventory = subject.alone.inventory
    exported, direct = inventory.total("outside/exported").value, inventory.total("scopes_1_2").value
    assert isinstance(exported, Decimal)
    assert isinstance(direct, Decimal)
    assert exported > 0
    wood = total([line for line in inventory.lines if line.biogenic], "location").value
    inside = total([line for line in inventory.lines if line.biogenic and line.outside is None], "location").value
    assert isinstance(inside, Decimal)
    assert inside > 0                                      # CH4 and N2O of wood
    assert model.total == CONTEXT.subtract(CONTEXT.subtract(direct, inside), exported)
    assert model.row("biomass").total.value == wood
    assert set(model.row("biomass").gases) == {"CO2", "CH4", "N2O"}
    assert [p.places["gb_t_32150"].rule.id for p in model.left_out] == ["scope-3"]


def test_an_open_table_leaves_the_total_unknown_with_its_reason(tmp_path: Path) -> None:
    _, model, found = made(plant(tmp_path, "[energy]"))
    assert isinstance(model.total, Unknown)
    assert found["total_tCO2e"]["unknown"]
    assert isinstance(model.known, Decimal)
    keys = {i["item"]: i["key"] for i in found["completeness"]["items"]}
    assert keys["total"] == "partly"
    assert keys["combustion"] == "present"
    assert keys["sources"] == "partly"
    assert keys["recovered"] == "missing"         # nothing stands there, and nobody said that this is all
    assert found["completeness"]["complete"] is False


def test_an_imported_plant(shared_data: Path, tmp_path: Path) -> None:
    file = shared_data / "inventory/VERIFI_ExampleAccount.json"
    for name, data in verifi.import_bytes(file.read_bytes(), file.name, {"year": 2023}).dossiers.items():
        (tmp_path / name).write_bytes(data)
    _, model, found = made(tmp_path / "roasting-advanced.yaml")
    assert sum(r.lines for r in model.classes) + len(model.left_out) == len(model.placed) == len(found["lines"])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_pages_and_sheets_in_both_languages(language: str) -> None:
    subject, model, _ = made(DEMO, STATEMENT)
    found = DISCLOSURE.check(model)
    page = written(DISCLOSURE, model, found, ".html", language, subject).decode()
    assert "gbt." not in page
    book = openpyxl.load_workbook(io.BytesIO(written(DISCLOSURE, model, found, ".xlsx", language, subject)),
                                  data_only=True)
    sheet = book.worksheets[0]
    assert "gbt." not in " ".join(str(cell) for s in book for row in s.iter_rows(values_only=True) for cell in row)
    last = list(sheet.iter_rows(values_only=True))[-1]
    assert last[4] == float("15123.75837048800055555555555555556")


def test_json_is_as_its_schema_says(tmp_path: Path) -> None:
    schemas = [json.loads(p.read_text(encoding="utf-8")) for p in (ROOT / "standards/schemas").glob("*.schema.json")]
    registry: Registry[Any] = Registry().with_resources([(s["$id"], Resource.from_contents(s)) for s in schemas])
    schema = next(s for s in schemas if s["$id"].endswith("/gb-t-32150/1"))
    share = plant(tmp_path).read_text(encoding="utf-8").replace(
        "{approach: operational control}", "{approach: equity share, share_percent: 40}")
    (tmp_path / "share.yaml").write_text(share, encoding="utf-8")
    for found in (made(DEMO, STATEMENT)[2], made(plant(tmp_path, "[]"))[2], made(tmp_path / "share.yaml")[2]):
        errors = [f"{e.json_path}: {e.message}"[:200] for e in Draft202012Validator(
            schema, registry=registry).iter_errors(found)]
        assert errors == []


def test_a_group_is_refused() -> None:
    with pytest.raises(ProblemsError) as caught:
        made(ROOT / "examples/demo-group/group.yaml")
    assert caught.value.problems[0].code == "disclosure.group-not-taken"


def test_the_same_bytes_twice() -> None:
    subject, model, _ = made(DEMO, STATEMENT)
    found = DISCLOSURE.check(model)
    for kind in (".xlsx", ".json", ".html"):
        assert written(DISCLOSURE, model, found, kind, "zh", subject) == written(DISCLOSURE, model, found, kind, "zh",
                                                                                 subject)
