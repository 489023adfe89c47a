"""``zerofactory cbam obligation``: both views, both languages, files, quick mode, exit codes, mistakes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.mappings.cbam.obligation.lists import COIL, text

from zerofactory_mappings.cbam.commands import cbam

QUICK = ("--cn", "72083900", "--country", "CN", "--mass", "100")


def call(*arguments: str, width: int = 100) -> Result:
    found = CliRunner().invoke(cbam, ["obligation", *arguments], env={"COLUMNS": str(width), "ZEROFACTORY_LANG": "en"})
    assert found.exception is None or isinstance(found.exception, SystemExit), found.output
    assert "Traceback" not in found.output
    return found


@pytest.fixture
def coil(tmp_path: Path) -> Path:
    path = tmp_path / "imports.yaml"
    path.write_text(text(COIL, more="importer: {name: Example GmbH, all_imports: yes}"))
    return path


def test_an_importer_reads_what_is_due_by_when_and_what_it_costs(coil: Path) -> None:
    found = call(str(coil))
    assert found.exit_code == 0
    for part in ("importer's view – Example GmbH", "definitive period", "100 t of 50 t", "216.983 certificates", "by 2027-09-30",
                 "16,351.86 EUR", "Cost by quarter", "Why figures are not final"):
        assert part in found.output


def test_an_exporter_reads_the_cost_per_tonne_over_the_years(coil: Path) -> None:
    found = call(str(coil), "--view", "exporter", "--lang", "zh", "--price", "90")
    for part in ("出口商视角", "163.52", "2034", "假设", "免费配额"):
        assert part in found.output


@pytest.mark.parametrize("width", [60, 80, 100, 160])
def test_the_tables_fit_the_terminal(coil: Path, width: int) -> None:
    for view in ("importer", "exporter"):
        lines = call(str(coil), "--view", view, width=width).output.splitlines()
        assert max(len(line) for line in lines) <= width


def test_a_narrow_terminal_leaves_out_columns_rather_than_breaking_figures(coil: Path) -> None:
    found = call(str(coil), width=80)
    assert "16,351.86" in found.output
    assert "216.983" in found.output


@pytest.mark.parametrize("width", [80, 160])
def test_an_assumed_price_is_marked_beside_every_cost_however_narrow_the_terminal(width: int) -> None:
    found = call("--cn", "73181542", "--country", "CN", "--mass", "1", "--quarter", "2026-Q1", "--see", "2", "--sefa", "1", "--price", "90",
                 width=width).output.splitlines()
    rows = [line for line in found if line.strip().startswith(("2027*", "2034"))]
    assert len(rows) == 2
    assert all("assumption" in row for row in rows)


def test_json_is_one_object_with_the_whole_result(coil: Path) -> None:
    found = json.loads(call(str(coil), "--json").output)
    assert (found["basis"], found["view"], found["years"][0]["due"]) == ("definitive", "importer", "216.98323")
    assert "proof" not in found
    assert json.loads(call(str(coil), "--json", "--proof").output)["proof"]


@pytest.mark.parametrize("ending", ["json", "xlsx", "html", "svg"])
def test_a_file_is_written_whole_and_twice_the_same(coil: Path, tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"out.{ending}"
    found = call(str(coil), "--out", str(out), "--price", "90")
    assert found.exit_code == 0
    assert str(out) in found.output
    first = out.read_bytes()
    call(str(coil), "--out", str(out), "--price", "90")
    assert out.read_bytes() == first
    assert sorted(p.name for p in tmp_path.iterdir()) == ["imports.yaml", out.name]


def test_the_quick_mode_needs_no_file_and_knows_the_published_prices() -> None:
    found = call(*QUICK, "--year", "2026")
    assert found.exit_code == 0
    assert "2.16983" in found.output
    assert "163.52" in found.output                       # at the price of the first quarter
    assert "only the year is known" in found.output


def test_the_quick_mode_compares_actual_data() -> None:
    found = json.loads(call("--cn", "7318 15 42", "--country", "China", "--mass", "20 t", "--quarter", "2026-Q1", "--see", "2.1",
                            "--sefa", "1.2", "--price", "2028=90", "--json").output)
    good = found["goods"][0]
    assert (good["certificates_default"], good["certificates_actual"], good["cheaper"]["2026"]) == ("113.652", "18", "actual")
    assert good["outlook"][2]["price"]["source"] == "assumption"


def test_a_price_of_the_command_prevails_over_that_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(text(COIL.replace("2026-02", "2027-02"), more="prices: [{period: 2027, price: 80}]"))
    found = json.loads(call(str(path), "--price", "2027=100", "--reading", "factor_year=production", "--json").output)
    assert found["consignments"][0]["price"]["eur_per_tco2e"] == "100"
    assert next(r["chosen"] for r in found["readings"] if r["id"] == "factor_year") == "production"


def test_what_is_declared_and_not_known_ends_with_5(tmp_path: Path) -> None:
    assert call("--cn", "72083900", "--country", "India", "--mass", "5", "--year", "2026").exit_code == 5


WRONG = [
    (("--cn", "7208", "--country", "CN", "--mass", "1", "--year", "2026"), 3, "cbam-scope.cn-short"),
    (("--cn", "72083900", "--country", "Atlantis", "--mass", "1", "--year", "2026"), 3, "cbam-scope.country-unknown"),
    (("--cn", "72083900", "--country", "CN", "--mass", "-1", "--year", "2026"), 3, "typed.out-of-bounds"),
    (("--cn", "72083900", "--country", "CN", "--mass", "1 kWh", "--year", "2026"), 3, "typed.wrong-dimension"),
    (("--cn", "72083900", "--country", "CN", "--mass", "1", "--year", "2025"), 3, "cbam-obligation.before-start"),
    ((*QUICK,), 3, "cbam-obligation.one-time"),
    ((*QUICK, "--year", "2026", "--date", "2026-01-01"), 3, "cbam-obligation.one-time"),
    ((*QUICK, "--year", "2026", "--price", "dear"), 3, "typed.not-a-number"),
    ((*QUICK, "--year", "2026", "--price", "2026-13=80"), 3, "typed.pattern"),
    ((*QUICK, "--year", "2026", "--reading", "nothing=x"), 3, "cbam-obligation.reading-unknown"),
    ((*QUICK, "--year", "2026", "--reading", "factor_year=never"), 3, "cbam-obligation.alternative-unknown"),
    (("--cn", "72083900", "--country", "CN"), 2, "--mass"),
    ((), 2, "--cn"),
]


@pytest.mark.parametrize(("arguments", "code", "told"), WRONG)
def test_a_mistake_on_the_command_line_is_told_with_its_exit_code(arguments: tuple[str, ...], code: int, told: str) -> None:
    found = call(*arguments)
    assert found.exit_code == code
    assert told in found.output


def test_one_bad_price_is_told_once() -> None:
    assert call(*QUICK, "--year", "2026", "--price", "dear").output.count("dear") == 1


def test_options_of_the_quick_mode_do_not_go_with_a_file(coil: Path) -> None:
    found = call(str(coil), "--cn", "72083900")
    assert found.exit_code == 2
    assert "--cn" in found.output


def test_prices_and_readings_of_the_command_are_checked_beside_a_file(coil: Path) -> None:
    found = call(str(coil), "--price", "2027-W99=80", "--reading", "x=y")
    assert found.exit_code == 3
    assert "typed.pattern" in found.output
    assert "cbam-obligation.reading-unknown" in found.output


def test_another_ending_is_refused_before_anything_is_computed(coil: Path, tmp_path: Path) -> None:
    found = call(str(coil), "--out", str(tmp_path / "out.pdf"))
    assert found.exit_code == 2
    assert ".json, .xlsx, .html" in found.output
    assert sorted(p.name for p in tmp_path.iterdir()) == ["imports.yaml"]


def test_mistakes_come_as_json_too(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(text(COIL.replace("CN", "Atlantis")))
    found = call(str(path), "--json")
    assert found.exit_code == 3
    assert [p["code"] for p in json.loads(found.output)["problems"]] == ["cbam-scope.country-unknown"]
