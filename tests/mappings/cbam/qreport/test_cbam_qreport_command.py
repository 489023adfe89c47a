"""The command: what it prints in zh, en and JSON, its exit codes, and that nothing is left after a failure."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from tests.mappings.cbam.qreport.samples import changed, document

from zerofactory_mappings.cbam.qreport.check import check_file
from zerofactory_mappings.cbam.qreport.columns import Columns
from zerofactory_mappings.cbam.qreport.commands import qreport
from zerofactory_mappings.cbam.qreport.official import SETTING


@pytest.fixture
def example(root: Path, tmp_path: Path) -> Path:
    """A copy of the shipped example of an input."""
    path = tmp_path / "in.yaml"
    path.write_bytes((root / "standards/schemas/examples/cbam-qreport.yaml").read_bytes())
    return path


@pytest.fixture(autouse=True)
def _no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SETTING, raising=False)


def run(*words: object, lang: str = "en") -> Result:
    result = CliRunner().invoke(qreport, [*map(str, words), "--lang", lang])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    return result


def as_json(*words: object) -> Any:
    return json.loads(run(*words, "--json").stdout)


def test_an_input_becomes_an_xml(example: Path, tmp_path: Path) -> None:
    out = tmp_path / "r.xml"
    result = run(example, "--out", out)
    assert result.exit_code == 0, result.output
    assert re.search(r"r\.xml: 2 goods, 179 elements, [\d,]+ bytes, sha256:[0-9a-f]{64}", result.stdout)
    assert "our own table of elements" in result.stdout
    assert "transitional period" in result.stdout
    assert "figures rounded to the decimals of their elements, half away from zero: 1" in result.stderr
    assert check_file(out).valid
    chinese = run(example, "--out", out, lang="zh")
    assert "2 项货物" in chinese.stdout
    assert "过渡期" in chinese.stdout


def test_the_result_as_json(example: Path, tmp_path: Path) -> None:
    found = as_json(example, "--out", tmp_path / "r.xml")
    assert {k: found[k] for k in ("basis", "valid", "goods", "elements", "rounded", "official_schema", "exit_code")} == {
        "basis": "transitional", "valid": True, "goods": 2, "elements": 179, "rounded": 1, "official_schema": None, "exit_code": 0}
    assert found["sha256"].startswith("sha256:")
    assert os.stat(tmp_path / "r.xml").st_size == found["bytes"]
    assert as_json(example, "--check")["written"] is None


def test_an_xml_is_checked(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.xml", tmp_path / "bad.xml"
    good.write_text(document(), encoding="utf-8")
    bad.write_bytes(changed("<Year>2025", "<Year>x"))
    assert run(good, "--check").exit_code == 0
    assert run(good).stdout == run(good, "--check").stdout
    assert "valid; 1 goods, 89 elements" in run(good, "--check").stdout
    result = run(bad, "--check")
    assert result.exit_code == 3
    assert "bad.xml:4 /QReport/Year — not a whole number — found: x — accepted: n4 (integer), 4  [qreport.value-integer]" in result.stderr
    assert "not valid; errors: 1" in result.stdout
    assert "不是整数" in run(bad, "--check", lang="zh").stderr
    found = as_json(bad, "--check")
    assert (found["valid"], found["errors"], found["exit_code"]) == (False, 1, 3)
    assert found["problems"][0]["place"] == {"file": str(bad), "line": 4, "xpath": "/QReport/Year"}


def test_remarks_beyond_the_schema_leave_the_exit_code_at_zero(tmp_path: Path) -> None:
    path = tmp_path / "r.xml"
    path.write_bytes(changed("<Role>01", "<Role>09"))
    result = run(path, "--check")
    assert result.exit_code == 0
    assert "warning" in result.stderr
    assert "remarks beyond the schema: 1" in result.stdout


def test_an_xml_is_read_back_and_written_again_the_same(example: Path, tmp_path: Path) -> None:
    run(example, "--out", tmp_path / "r.xml")
    assert run(tmp_path / "r.xml", "--to", "yaml", "--out", tmp_path / "back.yaml").exit_code == 0
    run(tmp_path / "back.yaml", "--out", tmp_path / "again.xml")
    assert (tmp_path / "again.xml").read_bytes() == (tmp_path / "r.xml").read_bytes()
    printed = run(tmp_path / "r.xml", "--to", "yaml").stdout
    assert printed == (tmp_path / "back.yaml").read_text(encoding="utf-8")
    assert as_json(tmp_path / "r.xml", "--to", "yaml")["text"] == printed
    assert as_json(tmp_path / "r.xml", "--to", "yaml", "--out", tmp_path / "b.yaml")["written"] == [str(tmp_path / "b.yaml")]


def test_invalid_input_is_refused_and_leaves_nothing(example: Path, tmp_path: Path) -> None:
    example.write_text(example.read_text(encoding="utf-8").replace("SpecificEmbeddedEmissions: 1.87}", "SpecificEmbeddedEmissions: 1234567890.1234567}"), encoding="utf-8")
    result = run(example, "--out", tmp_path / "r.xml")
    assert result.exit_code == 3
    assert "/QReport/ImportedGood[2]/GoodsEmissions[1]/DirectEmissions/SpecificEmbeddedEmissions" in result.stderr
    assert "in.yaml:" in result.stderr
    assert os.listdir(tmp_path) == ["in.yaml"]
    assert as_json(example, "--out", tmp_path / "r.xml")["exit_code"] == 3


def test_the_commissions_schema_by_option_and_by_setting(example: Path, tmp_path: Path, xsd_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = as_json(example, "--out", tmp_path / "r.xml", "--xsd", xsd_folder)
    assert found["official_schema"]["file"] == str(xsd_folder / "QReport_ver23.00.xsd")
    assert "the Commission's schema" in run(tmp_path / "r.xml", "--check", "--xsd", xsd_folder / "QReport_ver23.00.xsd").stdout
    monkeypatch.setenv(SETTING, str(xsd_folder))
    assert as_json(tmp_path / "r.xml", "--check")["official_schema"] is not None
    monkeypatch.setenv(SETTING, str(tmp_path / "none.xsd"))
    result = run(example, "--out", tmp_path / "new.xml")
    assert (result.exit_code, "qreport.xsd-missing" in result.stderr) == (3, True)
    assert not (tmp_path / "new.xml").exists()


def test_a_document_that_only_the_named_schema_refuses(tmp_path: Path) -> None:
    (tmp_path / "r.xml").write_text(document(), encoding="utf-8")
    (tmp_path / "o.xsd").write_text('<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="a"/></xs:schema>', encoding="utf-8")
    result = run(tmp_path / "r.xml", "--check", "--xsd", tmp_path / "o.xsd")
    assert (result.exit_code, "qreport.xsd-invalid" in result.stderr) == (3, True)


@pytest.mark.parametrize(("name", "options", "code"), [
    ("in.yaml", [], "usage.qreport-no-out"), ("in.yaml", ["--to", "yaml"], "usage.qreport-not-xml"), ("in.yaml", ["--check", "--out", "x"], "usage.qreport-check-alone"),
    ("r.xml", ["--out", "x.xml"], "usage.qreport-xml"), ("r.xml", ["--check", "--to", "yaml"], "usage.qreport-check-alone")])
def test_options_that_do_not_go_together(example: Path, tmp_path: Path, name: str, options: list[str], code: str) -> None:
    (tmp_path / "r.xml").write_text(document(), encoding="utf-8")
    for lang in ("zh", "en"):
        result = run(tmp_path / name, *options, lang=lang)
        assert (result.exit_code, f"[{code}]" in result.stderr) == (2, True)


@pytest.mark.parametrize(("data", "name"), [
    (b"\x1f\x8b\x08\x00abc", "x.xml"), (b"", "x.xml"), (b"\x00" * 50, "x.bin"), (b"<a>", "x"), (b"\xff\xfe<\x00a\x00/\x00>\x00", "x"), (b"PK\x03\x04", "x.xlsx"),
    (b"- 1\n", "x.yaml"), (b"a: [", "x.yaml"), (b"{", "x.json"), (b"\xff\xff", "x.yaml"), (b"format: zerofactory/cbam-qreport/1\nreport: 5\n", "x.yaml"),
    (b"format: zerofactory/cbam-qreport/1\nreport:\n", "x.yaml"), (b"format: zerofactory/cbam-qreport/1\nreport: {}\ngoods: [1, [], {}]\n", "x.yaml")])
def test_rubbish_is_refused_with_a_sentence(tmp_path: Path, data: bytes, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    for lang in ("zh", "en"):
        result = run(path, "--check", lang=lang)
        assert result.exit_code == 3
        assert result.stderr.strip()


def test_a_folder_that_is_not_there(example: Path, tmp_path: Path) -> None:
    result = run(example, "--out", tmp_path / "none" / "r.xml")
    assert (result.exit_code, "file.not-there" in result.stderr) == (3, True)


def test_the_columns_of_a_table_of_goods_are_listed() -> None:
    result = run("--columns")
    assert result.exit_code == 0
    assert "CommodityCode/CnCode  an8 (string), 8 … 8  1  1" in result.stdout.splitlines()
    assert "GoodsEmissions[n]/DirectEmissions/SpecificEmbeddedEmissions  dec16-7 (decimal), 16,7  0  1" in result.stdout.splitlines()
    listed = [row["column"] for row in as_json("--columns")["columns"]]
    assert Columns([name.replace("[n]", "[1]") for name in listed], "f").problems == []


def test_without_an_input_the_usage_is_told() -> None:
    result = run()
    assert result.exit_code == 2
    assert "INPUT" in result.stderr


def test_the_official_schema_is_found_in_a_data_folder(shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from zerofactory_mappings.cbam.defaults.store import DATA_SETTING
    from zerofactory_mappings.cbam.qreport.official import FILE_NAME, SETTING, find_official

    folder = shared_data / "cbam/xsd"
    monkeypatch.delenv(SETTING, raising=False)
    monkeypatch.delenv(DATA_SETTING, raising=False)
    assert find_official(None) is None
    monkeypatch.setenv(DATA_SETTING, f"{folder.parent}:{folder}")
    found = find_official(None)
    assert found is not None
    assert found.path == folder / FILE_NAME
