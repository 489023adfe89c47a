"""Our table of elements: what it holds, that it is what the Commission's files say, that the model and the schema fit it."""

from __future__ import annotations

import csv
import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from zerofactory_engine.problems import ProblemsError
from zerofactory_mappings.cbam.qreport import model
from zerofactory_mappings.cbam.qreport.binding import binding, field_name
from zerofactory_mappings.cbam.qreport.codes import codes
from zerofactory_mappings.cbam.qreport.elements import FOLDER, read_table, table
from zerofactory_mappings.cbam.qreport.schema import input_schema

#: Rows of the table as a person reads them in the Commission's files.
SPOTS = [
    ("QReport/SubmissionDate", "DateTimeContentType", 0, 1),
    ("QReport/ReportingPeriod", "an2", 1, 1),
    ("QReport/Declarant/ActorAddress/City", "an..35", 1, 1),
    ("QReport/ImportedGood", "ImportedGoodType", 1, 99999),
    ("QReport/ImportedGood/ImportedQuantity", "ImportedQuantityType", 1, 9),
    ("QReport/ImportedGood/ImportedQuantity/Procedure/InwardProcessingInfo/Deadline", "n8", 1, 1),
    ("QReport/ImportedGood/ImportedQuantity/MeasureProcedureImported", "MeasureProcedureType", 1, 2),
    ("QReport/ImportedGood/GoodsEmissions", "GoodsEmissionsType", 1, 999),
    ("QReport/ImportedGood/GoodsEmissions/DirectEmissions/SpecificEmbeddedEmissions", "dec16-7", 0, 1),
    ("QReport/ImportedGood/GoodsEmissions/IndirectEmissions/SpecificEmbeddedEmissions", "dec16-7", 1, 1),
    ("QReport/ImportedGood/GoodsEmissions/IndirectEmissions/EmissionFactor", "dec16-5", 0, 1),
    ("QReport/ImportedGood/GoodsEmissions/IndirectEmissions/ElectricityConsumed", "dec5-5", 0, 1),
    ("QReport/ImportedGood/GoodsEmissions/CarbonPriceDue/ProductsCovered/QuantityCoveredFreeAloc", "dec16-5", 1, 1),
    ("QReport/ImportedGood/GoodsEmissions/RemarksEmissions", "RemarksEmissionsType", 0, 9),
]


def rows() -> list[tuple[str, str, int, int]]:
    return [(path, (p.simple or p.complex).name, p.low, p.high) for path, p in table().paths()]  # type: ignore[union-attr]


def test_the_table_holds_243_paths_of_35_sequences() -> None:
    assert len(rows()) == 243
    assert len(table().complex) == 35
    assert sum(not name.startswith("xs:") for name in table().simple) == 40
    assert [spot for spot in SPOTS if spot not in rows()] == []


def test_the_table_is_the_element_list_of_the_reference(xsd_folder: Path) -> None:
    with (xsd_folder / "qreport_elements.csv").open(encoding="utf-8") as stream:
        theirs = [(r["path"], r["type"], int(r["min"]), int(r["max"])) for r in csv.DictReader(stream)]
    assert rows() == theirs


def test_table_and_schema_are_what_the_tool_makes_of_the_xsd(xsd_folder: Path, root: Path) -> None:
    run = subprocess.run([sys.executable, "tools/cbam_qreport_table.py", str(xsd_folder), "--check"], cwd=root, check=False, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr


def test_the_shipped_schema_is_made_of_the_table(root: Path) -> None:
    shipped = json.loads((root / "standards/schemas/cbam-qreport.schema.json").read_text(encoding="utf-8"))
    assert shipped == input_schema()
    Draft202012Validator.check_schema(shipped)


def test_the_sources_are_named(root: Path) -> None:
    assert table().source["confidence"] == "confirmed"
    assert table().source["source"] == "commission"
    assert {name: allowed.firm for name, allowed in codes().allowed.items() if allowed.firm} == {
        "reporting_period": True, "import_area": True, "hs_code": True, "cn_code": True}


def test_codes_stand_at_elements_that_there_are() -> None:
    elements = {f"{kind.name}/{p.name}" for kind in table().complex.values() for p in kind.particles if p.simple is not None}
    assert set(codes().at) - elements == set()


def test_every_class_of_the_model_is_a_complex_type_and_says_what_it_is() -> None:
    classes = {name: c for name, c in vars(model).items() if dataclasses.is_dataclass(c) and isinstance(c, type)}
    assert {f"{name}Type" for name in classes} == set(table().complex)
    assert [name for name, c in classes.items() if not c.__doc__ or c.__doc__.startswith(f"{name}(")] == []
    assert binding(table()).made is model.QReport


@pytest.mark.parametrize(("element", "field"), [
    ("CnCode", "cn_code"), ("CN", "cn"), ("POBox", "po_box"), ("URI", "uri"), ("UNLOCODE", "unlocode"),
    ("QuantityCoveredFreeAloc", "quantity_covered_free_aloc"), ("DeterminationTypeElectricity", "determination_type_electricity")])
def test_names_of_fields(element: str, field: str) -> None:
    assert field_name(element) == field


@pytest.mark.parametrize("change", [
    ("zerofactory/cbam-qreport-table/1", "zerofactory/cbam-qreport-table/2"), ("type: an..22,", "type: an..23,"),
    (r"'\d{1,5}'", "'(a+)+'"), ("{base: int, total_digits: 4}", "{base: int, total_digits: four}"),
    ("name: ReportId,", "name: Year,"), ("{base: string, min_length: 20", "{base: text, min_length: 20")])
def test_a_damaged_table_is_refused_with_its_name(tmp_path: Path, change: tuple[str, str]) -> None:
    text = (FOLDER / "23.00.yaml").read_text(encoding="utf-8")
    assert change[0] in text
    (tmp_path / "bad.yaml").write_text(text.replace(*change), encoding="utf-8")
    with pytest.raises(ProblemsError) as caught:
        read_table(tmp_path / "bad.yaml")
    assert [(p.code, p.place.file) for p in caught.value.problems] == [("qreport.table", "bad.yaml")]


def test_a_model_that_does_not_fit_is_a_mistake_of_the_program(tmp_path: Path) -> None:
    text = (FOLDER / "23.00.yaml").read_text(encoding="utf-8")
    (tmp_path / "other.yaml").write_text(text.replace("name: ReportId,", "name: ReportNumber,"), encoding="utf-8")
    with pytest.raises(TypeError, match="QReportType"):
        binding(read_table(tmp_path / "other.yaml"))
