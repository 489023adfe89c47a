"""zerofactory dossier new and check: what they write reads, what they find is said, with the right exit code."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from zerofactory_engine.dossier import dossier_from_tree, structure
from zerofactory_engine.dossier.commands import dossier as group
from zerofactory_engine.dossier.template import yaml_template
from zerofactory_engine.yaml_text import read_yaml

WORKED = Path(__file__).parent / "examples/worked-site.yaml"


def run(*words: str) -> Result:
    return CliRunner().invoke(group, list(words))


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("suffix", ["yaml", "xlsx"])
def test_what_new_writes_passes_check(tmp_path: Path, suffix: str, language: str) -> None:
    path = tmp_path / f"d.{suffix}"
    assert run("new", "--out", str(path), "--lang", language).exit_code == 0
    result = run("check", str(path), "--lang", language)
    assert result.exit_code == 0, result.stderr
    assert result.stderr == ""
    assert ("0 行" if language == "zh" else "0 rows") in result.stdout
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_template_names_every_table_and_column(language: str) -> None:
    text = yaml_template(language)
    for name, shape in structure.tables().items():
        assert f"# {name}:\n#   - {{" in text
        for column in shape.columns.values():
            if not column.common:
                assert f"\n#   {column.name}: " in text, (name, column.name)
    wide = [line for line in text.splitlines() if len(line.encode("gb18030")) > 122 and not line.startswith("#   - {")]
    assert wide == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_example_row_of_the_template_reads_when_it_is_uncommented(language: str) -> None:
    lines = yaml_template(language).splitlines()
    names = set(structure.tables())
    out = []
    for index, line in enumerate(lines):
        opens = line.startswith("# ") and line[2:].rstrip(":") in names and lines[index + 1].startswith("#   - {")
        out.append(line[2:] if opens or line.startswith("#   - {") else line)
    tree = read_yaml("\n".join(out).encode(), "template.yaml")
    assert set(dossier_from_tree(tree, lenient=True).rows) == names


def test_new_does_not_overwrite_without_being_told(tmp_path: Path) -> None:
    path = tmp_path / "d.yaml"
    path.write_text("mine")
    refused = run("new", "--out", str(path), "--lang", "en")
    assert refused.exit_code == 3
    assert "dossier.file-exists" in refused.stderr
    assert path.read_text() == "mine"
    assert run("new", "--out", str(path), "--force").exit_code == 0
    assert path.read_text(encoding="utf-8") != "mine"


def test_new_into_a_folder_that_is_not_there(tmp_path: Path) -> None:
    refused = run("new", "--out", str(tmp_path / "no" / "d.yaml"), "--json")
    assert refused.exit_code == 3
    assert json.loads(refused.stdout)["problems"][0]["code"] == "file.not-there"


def test_new_does_not_guess_what_an_unknown_ending_means(tmp_path: Path) -> None:
    path = tmp_path / "d.pdf"
    refused = run("new", "--out", str(path), "--lang", "en")
    assert (refused.exit_code, path.exists()) == (2, False)
    assert ".yaml, .yml, .xlsx, --format" in refused.stderr
    assert run("new", "--out", str(path), "--format", "yaml").exit_code == 0


def test_check_reports_everything_and_stops_with_3(tmp_path: Path) -> None:
    path = tmp_path / "d.yaml"
    path.write_text(WORKED.read_text(encoding="utf-8").replace("Nm3: 200000", "Nm3: NaN").replace("source: grid", "source: gird"), encoding="utf-8")
    result = run("check", str(path), "--lang", "en")
    assert result.exit_code == 3
    assert [re.findall(r"\[([a-z.-]+)\]$", line) for line in result.stderr.splitlines()] == [["typed.not-a-number"], ["typed.not-in-list-near"]]
    assert "d.yaml:31" in result.stderr or "d.yaml:" in result.stderr
    assert "NaN" in result.stderr


def test_check_tells_findings_gaps_and_undeclared_tables(tmp_path: Path) -> None:
    path = tmp_path / "d.yaml"
    text = WORKED.read_text(encoding="utf-8").replace("calibrated_until: 2026-06-30", "calibrated_until: 2025-06-30", 1)
    path.write_text(text.replace("from: 2025-01-01, to: 2025-12-31, obtained: invoiced", "from: 2025-02-01, to: 2025-12-31, obtained: invoiced")
                    .replace("products, economics", "economics"), encoding="utf-8")
    result = run("check", str(path), "--lang", "en")
    assert result.exit_code == 0
    assert "dossier.calibration-overdue" in result.stderr
    assert "2025-01 missing at meter M1" in result.stderr
    assert "not known: products" in result.stdout
    shown = json.loads(run("check", str(path), "--json").stdout)
    assert shown["exit_code"] == 0
    assert [p["code"] for p in shown["problems"]] == ["dossier.series-gap", "dossier.calibration-overdue"]
    assert shown["gaps"]["electricity"][0]["args"]["span"] == "2025-01"
    assert shown["undeclared"] == ["products"]
    assert shown["rows"]["electricity"] == "2"


@pytest.mark.parametrize(("name", "content", "code"), [
    ("none.yaml", None, "file.not-there"), ("d.docx", b"x", "dossier.unknown-format"), ("d.yaml", b"a: \xff", "text.not-utf8"),
    ("d.yaml", b"- 1\n- 2\n", "typed.wrong-shape"), ("d.json", b"{", "json.syntax"), ("d.xlsx", b"PK", "zip.damaged"),
    ("d.yaml", b"x: [" * 30, "text.too-deep"), ("d.yaml", b"", "yaml.empty")])
def test_files_that_are_no_dossier(tmp_path: Path, name: str, content: bytes | None, code: str) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    result = run("check", str(path), "--json")
    assert result.exit_code == 3
    assert code in [p["code"] for p in json.loads(result.stdout)["problems"]]
    assert "Traceback" not in result.output


def test_a_folder_is_no_dossier(tmp_path: Path) -> None:
    assert run("check", str(tmp_path)).exit_code == 3
