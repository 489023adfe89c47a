"""What people write: YAML, JSON, tables of goods, defaults of all goods; every fault at once with file and line."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from zerofactory_engine.problems import ProblemsError, Severity
from zerofactory_mappings.cbam.qreport import inputs
from zerofactory_mappings.cbam.qreport.build import merged
from zerofactory_mappings.cbam.qreport.columns import Columns
from zerofactory_mappings.cbam.qreport.inputs import read_input
from zerofactory_mappings.cbam.qreport.model import QReport
from zerofactory_mappings.cbam.qreport.read import read_report
from zerofactory_mappings.cbam.qreport.write import write_report

COLUMNS = ["CommodityCode/CnCode", "ImportedQuantity/MeasureProcedureImported/NetMass", "MeasureImported/NetMass", "GoodsEmissions/ProducedMeasure/NetMass",
           "GoodsEmissions/DirectEmissions/SpecificEmbeddedEmissions", "GoodsEmissions/IndirectEmissions/SpecificEmbeddedEmissions"]
ROW = ["73181542", "100.5", "100.5", "100.5", "2.0069382", "0.4066"]


@pytest.fixture
def example(root: Path) -> str:
    """The shipped example of an input."""
    return (root / "standards/schemas/examples/cbam-qreport.yaml").read_text(encoding="utf-8")


@pytest.fixture
def headed(example: str) -> str:
    """The example without its goods."""
    return example[:example.index("\ngoods:\n") + 1]


def written(path: Path) -> QReport:
    given = read_input(path)
    write_report(given.head, path.with_suffix(".xml"), given.goods, places=given.goods.place_of)
    return read_report(path.with_suffix(".xml"))


def faults(path: Path) -> list[tuple[str, str, int | None, str | None]]:
    """Code, file name, line and path of every error."""
    with pytest.raises(ProblemsError) as caught:
        written(path)
    assert not path.with_suffix(".xml").exists()
    return [(p.code, Path(p.place.file or "").name, p.place.line, p.place.path or p.place.xpath) for p in caught.value.problems if p.severity is Severity.ERROR]


def save(folder: Path, text: str, name: str = "in.yaml") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def table(folder: Path, *rows: list[str], columns: list[str] = COLUMNS, separator: str = ",") -> None:
    save(folder, "\n".join(separator.join(cells) for cells in [columns, *rows]) + "\n", "goods.csv")


def test_the_example_becomes_the_report_that_it_says(example: str, tmp_path: Path) -> None:
    report = written(save(tmp_path, example))
    one, two = report.imported_good
    assert [g.item_number for g in report.imported_good] == [1, 2]
    assert one.commodity_code is not None
    assert (one.commodity_code.hs_code, one.origin_country.country) == ("731815", "CN")
    assert one.goods_emissions[0].direct_emissions.specific_embedded_emissions == Decimal("2.0069382")
    assert one.goods_emissions[0].direct_emissions.applicable_reporting_type_methodology == "TOM01"
    assert [(q.sequence_number, q.procedure.requested_proc, q.procedure.previous_proc) for q in two.imported_quantity] == [(1, "40", "00"), (2, "51", None)]
    assert two.goods_emissions[0].remarks_emissions[0].sequence_number == 1
    assert two.goods_emissions[0].installation_operator == one.goods_emissions[0].installation_operator


def test_json_is_read_like_yaml(example: str, tmp_path: Path) -> None:
    as_json = json.dumps(yaml.load(example, Loader=yaml.BaseLoader), ensure_ascii=False)
    assert written(save(tmp_path, as_json, "in.json")) == written(save(tmp_path, example))


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_table_of_goods_beside_the_input(headed: str, tmp_path: Path, separator: str) -> None:
    table(tmp_path, ROW, ["73181692", "1", "2", "3", "4", "5"], separator=separator)
    report = written(save(tmp_path, headed + "goods_file: goods.csv\n"))
    assert [(g.item_number, g.measure_imported.net_mass, g.goods_emissions[0].production_country) for g in report.imported_good] == [
        (1, Decimal("100.5"), "CN"), (2, Decimal(2), "CN")]


def test_columns_with_numbers_state_repeated_elements(headed: str, tmp_path: Path) -> None:
    columns = [*COLUMNS, "GoodsEmissions[2]/ProducedMeasure/NetMass", "GoodsEmissions[2]/ProducedMeasure/MeasurementUnit", "GoodsEmissions[2]/DirectEmissions/SpecificEmbeddedEmissions",
               "GoodsEmissions[2]/DirectEmissions/ApplicableReportingTypeMethodology", "GoodsEmissions[2]/DirectEmissions/MeasurementUnit", "GoodsEmissions[2]/CarbonPriceDue[3]/Amount"]
    table(tmp_path, [*ROW, "1", "01", "0.5", "TOM02", "EMU1", ""], [*ROW, "", "", "", "", "", ""], columns=columns)
    one, two = written(save(tmp_path, headed + "goods_file: goods.csv\n")).imported_good
    assert [(e.sequence_number, e.direct_emissions.specific_embedded_emissions) for e in one.goods_emissions] == [(1, Decimal("2.0069382")), (2, Decimal("0.5"))]
    assert len(two.goods_emissions) == 1


def test_goods_as_json_lines(headed: str, example: str, tmp_path: Path) -> None:
    goods = yaml.load(example, Loader=yaml.BaseLoader)["goods"]
    save(tmp_path, "".join(json.dumps(good, ensure_ascii=False) + "\n\n" for good in goods), "goods.jsonl")
    assert written(save(tmp_path, headed + "goods_file: goods.jsonl\n")) == written(save(tmp_path, example, "other.yaml"))


def test_goods_inline_come_before_those_of_the_table(example: str, tmp_path: Path) -> None:
    table(tmp_path, ROW)
    report = written(save(tmp_path, example + "goods_file: goods.csv\n"))
    assert [g.item_number for g in report.imported_good] == [1, 2, 3]


def test_all_faults_of_an_input_come_at_once(example: str, tmp_path: Path) -> None:
    text = example.replace("  Year: 2025", "  Year: soon").replace("    Role: \"01\"\n", "").replace("CnCode: \"73181692\"", "CnCode: \"731816\"")
    text = text.replace("Currency: CNY", "Currenci: CNY").replace("NetMass: 12}", "NetMass: 12 t}")
    found = faults(save(tmp_path, text))
    assert [(code, path) for code, _, _, path in found] == [
        ("typed.not-a-number", "report/Year"), ("typed.missing-key", "report/Declarant"), ("typed.unknown-key-near", "GoodsEmissions/1/CarbonPriceDue/1"),
        ("typed.length", "CommodityCode/CnCode"), ("typed.not-a-number", "ImportedQuantity/1/MeasureProcedureImported/1/NetMass")]
    lines = text.split("\n")
    assert [("Year: soon" in lines[found[0][2] - 1]), ("Currenci" in lines[found[2][2] - 1])] == [True, True]  # type: ignore[operator]


def test_what_is_missing_after_the_defaults_is_named_with_its_place(example: str, tmp_path: Path) -> None:
    text = example.replace("    MeasureImported: {NetMass: 15.5}\n", "").replace("  MeasureImported: {MeasurementUnit: \"01\"}\n", "").replace("{CnCode: \"73181692\"}", "{CommodityDetails: {Description: Nuts}}")
    found = faults(save(tmp_path, text))
    line = text.split("\n").index("  - CommodityCode: {CommodityDetails: {Description: Nuts}}") + 1
    assert found == [("qreport.missing-element", "in.yaml", text[:text.index("MeasureImported: {NetMass: 100.25}")].count("\n") + 1, "MeasureImported"),
                     ("qreport.missing-element", "in.yaml", line, "CommodityCode"), ("qreport.missing-element", "in.yaml", line, "CommodityCode"),
                     ("qreport.missing-element", "in.yaml", line, None)]


def test_faults_found_in_the_xml_name_the_row_of_the_table(headed: str, tmp_path: Path) -> None:
    table(tmp_path, ROW, [*ROW[:4], "1234567890.1234567", ROW[5]], ROW)
    assert faults(save(tmp_path, headed + "goods_file: goods.csv\n")) == [
        ("qreport.value-digits", "goods.csv", 3, "/QReport/ImportedGood[2]/GoodsEmissions[1]/DirectEmissions/SpecificEmbeddedEmissions")]


#: the table · code · line
TABLES: list[tuple[str, list[tuple[str, int]]]] = [
    ("", [("csv-header", 1)]),
    (",,,\n", [("csv-header", 1)]),
    ("CommodityCode/CnCod\n1\n", [("csv-column-near", 1)]),
    ("Nothing\n1\n", [("csv-column", 1)]),
    ("a;b\n1;2\n", [("csv-column", 1), ("csv-column", 1)]),
    ("CommodityCode\n1\n", [("csv-column-part", 1)]),
    ("CommodityCode/CnCode/x\n1\n", [("csv-column", 1)]),
    ("ItemNumber[2]\n1\n", [("csv-column-number", 1)]),
    ("ImportedQuantity[10]/SequenceNumber\n1\n", [("csv-column-number", 1)]),
    ("ImportedQuantity[0]/SequenceNumber\n1\n", [("csv-column-near", 1)]),
    ("ItemNumber,ItemNumber\n1,2\n", [("csv-column-twice", 1)]),
    ("ImportedQuantity/SequenceNumber,ImportedQuantity[1]/SequenceNumber\n1,2\n", [("csv-column-twice", 1)]),
    ("ItemNumber,,MeasureImported/NetMass\n1,2,3\n", [("csv-column", 1)]),
    ('ItemNumber\n"1\n', [("csv", 2)]),
]


@pytest.mark.parametrize(("text", "found"), TABLES, ids=[str(n) for n in range(len(TABLES))])
def test_a_bad_table_is_refused(headed: str, tmp_path: Path, text: str, found: list[tuple[str, int]]) -> None:
    save(tmp_path, text, "goods.csv")
    assert [(code, line) for code, file, line, _ in faults(save(tmp_path, headed + "goods_file: goods.csv\n")) if file == "goods.csv"] == [
        (f"qreport.{code}", line) for code, line in found]


def test_bad_rows_are_told_row_by_row(headed: str, tmp_path: Path) -> None:
    table(tmp_path, ROW, [*ROW[:4], "2,0069", ROW[5]], [*ROW, "1"], [], [*ROW[:5], "much"], ["7318\x0115", *ROW[1:]], ["", *ROW[1:]])
    save(tmp_path, (tmp_path / "goods.csv").read_text(encoding="utf-8").replace("2,0069", '"2,0069"'), "goods.csv")
    assert [(code, line) for code, _, line, _ in faults(save(tmp_path, headed + "goods_file: goods.csv\n"))] == [
        ("typed.not-a-number", 3), ("qreport.csv-cells", 4), ("typed.not-a-number", 6), ("text.control-character", 7)]


def test_bad_json_lines_are_told_line_by_line(headed: str, tmp_path: Path) -> None:
    save(tmp_path, '{"ItemNumber": 1}\n{"ItemNumber": "x"}\n[1]\n{"a"\n{"OriginCountry": {"Countri": "CN"}}\n{"ItemNumber": NaN}\n', "goods.jsonl")
    found = faults(save(tmp_path, headed + "goods_file: goods.jsonl\n"))
    assert {line for _, _, line, _ in found} == {1, 2, 3, 4, 5, 6}
    assert [(code, line) for code, _, line, _ in found if not code.startswith("qreport.")] == [
        ("typed.not-a-number", 2), ("typed.wrong-shape", 3), ("json.syntax", 4), ("typed.unknown-key-near", 5), ("json.not-a-number", 6)]


@pytest.mark.parametrize(("change", "code"), [
    (("goods_file: goods.csv", "goods_file: ../goods.csv"), "typed.pattern"), (("goods_file: goods.csv", "goods_file: /etc/passwd"), "typed.pattern"),
    (("goods_file: goods.csv", "goods_file: goods.xlsx"), "typed.pattern"), (("goods_file: goods.csv", "goods_file: none.csv"), "file.not-there"),
    (("goods_file: goods.csv", ""), "qreport.no-goods"), (("goods_file: goods.csv", "goods: 5"), "typed.wrong-shape"), (("goods_file: goods.csv", "goods: []"), "qreport.no-goods"),
    (("zerofactory/cbam-qreport/1", "zerofactory/cbam-qreport/9"), "qreport.not-an-input"), (("format: zerofactory/cbam-qreport/1", ""), "qreport.not-an-input"),
    (("report:", "raport:"), "typed.missing-key"), (("2026-01-20T09:30:00Z", "2026-02-30T09:30:00Z"), "qreport.value-date"), (("2026-01-20T09:30:00Z", "9999-12-31T24:00:00Z"), "qreport.value-moment")])
def test_what_cannot_be_an_input_is_refused(headed: str, tmp_path: Path, change: tuple[str, str], code: str) -> None:
    table(tmp_path, ROW)
    text = headed + "goods_file: goods.csv\n"
    assert change[0] in text
    assert code in [c for c, *_ in faults(save(tmp_path, text.replace(*change)))]


def test_faults_of_goods_come_even_when_the_head_cannot_be_used(headed: str, tmp_path: Path) -> None:
    table(tmp_path, [*ROW[:5], "much"])
    found = faults(save(tmp_path, headed.replace("  Year: 2025", "  Year: soon") + "goods_file: goods.csv\n"))
    assert [(code, file) for code, file, *_ in found] == [("typed.not-a-number", "in.yaml"), ("typed.not-a-number", "goods.csv")]


def test_other_encodings_long_lines_and_sizes_are_refused(headed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save(tmp_path, headed + "goods_file: goods.csv\n")
    (tmp_path / "goods.csv").write_bytes("ItemNumber\n编号\n".encode("gb18030"))
    assert "text.not-utf8" in [code for code, *_ in faults(path)]
    monkeypatch.setattr(inputs, "LINE", 500)
    table(tmp_path, ["x" * 1_000, *ROW[1:]])
    assert "text.too-long" in [code for code, *_ in faults(path)]
    monkeypatch.setattr(inputs, "GOODS_BYTES", 100)
    assert "text.too-large" in [code for code, *_ in faults(path)]
    monkeypatch.setattr(inputs, "DOSSIER_BYTES", 100)
    assert [code for code, *_ in faults(path)] == ["text.too-large"]


def test_faults_of_many_goods_are_cut_and_counted(headed: str, tmp_path: Path) -> None:
    table(tmp_path, *([[*ROW[:5], "much"]] * 500))
    with pytest.raises(ProblemsError) as caught:
        written(save(tmp_path, headed + "goods_file: goods.csv\n"))
    assert len(caught.value.problems) == 201
    assert (caught.value.problems[-1].code, caught.value.problems[-1].args["count"]) == ("qreport.more", "300")


def test_one_good_too_many_is_refused(headed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs, "_most", lambda: 3)
    table(tmp_path, *([ROW] * 4))
    assert [(code, line) for code, _, line, _ in faults(save(tmp_path, headed + "goods_file: goods.csv\n"))] == [("qreport.too-many", 5)]


def test_what_is_laid_under_a_good() -> None:
    assert merged({"a": 1, "b": {"c": 1, "d": 2}}, {"b": {"d": 3}, "e": None}) == {"a": 1, "b": {"c": 1, "d": 3}, "e": None}
    assert merged([{"a": 1}, {"a": 2}], [{"b": 1}]) == [{"a": 1, "b": 1}, {"a": 2}]
    assert merged([{"a": 1}], [{}, {"b": 2}]) == [{"a": 1}, {"b": 2}]
    assert merged("a", "b") == "b"


def test_columns_in_any_order_give_the_same_good() -> None:
    from zerofactory_engine.problems import NOWHERE
    from zerofactory_mappings.cbam.qreport.elements import plain_tree

    forward, backward = Columns(COLUMNS, "f"), Columns(COLUMNS[::-1], "f")
    assert plain_tree(forward.tree(ROW, NOWHERE)) == plain_tree(backward.tree(ROW[::-1], NOWHERE))
