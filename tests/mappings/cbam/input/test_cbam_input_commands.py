"""``cbam compute`` and ``cbam new`` on the command line: figures, exit codes, files, both languages, eighty columns."""

from __future__ import annotations

import json
import unicodedata
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from zerofactory_engine.messages import LANGUAGES
from zerofactory_mappings.cbam.commands import cbam
from zerofactory_mappings.cbam.compute_commands import SECTORS, compute, new
from zerofactory_mappings.cbam.exact_json import exact_json
from zerofactory_mappings.cbam.input.template import starter_workbook, starter_yaml
from zerofactory_mappings.cbam.model import Basis
from zerofactory_mappings.cbam.read import parse_installation, read_installation

ROOT = Path(__file__).parents[4]
FASTENERS = ROOT / "examples" / "cbam" / "steel-fasteners" / "input.yaml"
STEELWORKS = ROOT / "examples" / "cbam" / "steelworks" / "input.yaml"


def run(*args: object, columns: int = 80) -> Result:
    return CliRunner(env={"COLUMNS": str(columns), "ZEROFACTORY_LANG": "en"}).invoke(cbam, [str(a) for a in args])


def test_json_has_the_keys_and_exact_numbers() -> None:
    done = run("compute", FASTENERS, "--json")
    assert done.exit_code == 0, done.stderr
    found = json.loads(done.stdout, parse_float=Decimal, parse_int=Decimal)
    assert list(found["installation"]) == ["direct_emissions", "co2", "pfc", "n2o", "biomass_co2"]
    assert {"name", "functional_unit", "activity_level", "attributed_direct", "attributed_indirect", "se_direct", "see_direct", "se_indirect",
            "see_indirect", "embedded_electricity", "default_share"} <= set(found["processes"][0])
    assert {"process", "cn_code", "name", "see_direct", "see_indirect", "unit", "sefa", "precursors", "weakest_source"} <= set(found["products"][0])
    assert found["basis"] == "definitive"
    assert "problems" in found
    # 0.75 x 1803.528045 t of gas and 358.1556 t of LPG over 13 600 t, to all digits
    assert found["processes"][1]["se_direct"] == Decimal("0.1257942377757352941176470588235294")


def test_json_is_valid_by_its_schema() -> None:
    schemas = ROOT / "standards" / "schemas"
    loaded = {p.name: json.loads(p.read_text(encoding="utf-8")) for p in schemas.glob("*.schema.json")}
    registry = Registry().with_resources([(s["$id"], Resource.from_contents(s)) for s in loaded.values()])
    validator = Draft202012Validator(loaded["cbam-result.schema.json"], registry=registry)
    for basis in Basis:
        found = json.loads(run("compute", STEELWORKS, "--json", "--basis", basis).stdout)
        assert [f"{e.json_path}: {e.message}" for e in validator.iter_errors(found)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_tables_say_the_basis_first_and_fit_eighty_columns(language: str) -> None:
    for file in (FASTENERS, STEELWORKS):
        done = run("compute", file, "--lang", language)
        assert done.exit_code == 0, done.stderr
        lines = done.stdout.splitlines()
        assert lines[0].startswith("Basis: definitive" if language == "en" else "依据：正式期")
        assert "2025/2547" in lines[0]
        assert max(sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line) for line in lines) <= 80
    assert "steel of the arc furnace ⇄ hot rolled coil" in " ".join(done.stdout.split()), "the loop is named"
    chinese = any("\u4e00" <= c <= "\u9fff" for c in done.stdout)
    assert chinese is (language == "zh")


def test_problems_go_to_standard_error_with_their_sentences() -> None:
    done = run("compute", FASTENERS, "--lang", "zh")
    assert "cbam.grid-factor-unchecked" in done.stderr
    assert "未载入" in done.stderr
    assert "grid-factor" not in done.stdout


def test_exit_codes(tmp_path: Path) -> None:
    text = FASTENERS.read_text(encoding="utf-8")
    (tmp_path / "ppa-2026-12.csv").write_bytes((FASTENERS.parent / "ppa-2026-12.csv").read_bytes())
    wrong, unread, unknown = tmp_path / "wrong.yaml", tmp_path / "unread.yaml", tmp_path / "unknown.yaml"
    wrong.write_text(text.replace("{P2: 75 %, P3: 25 %}", "{P2: 75 %, P3: 35 %}"), encoding="utf-8")
    unread.write_text(text.replace("amount: 900 kNm3", "amount: 900"), encoding="utf-8")
    # without electricity the embedded electricity is not known; nothing is wrong
    unknown.write_text(text.replace("    electricity:\n      - {consumed: 1500 MWh, source: grid_default, ef: 0.6 tCO2/MWh, code: D.4(a), "
                                    "documents: [D3]}\n", ""), encoding="utf-8")
    assert run("compute", wrong).exit_code == 3
    assert run("compute", unread).exit_code == 3
    assert run("compute", unknown).exit_code == 5, run("compute", unknown).stderr
    done = run("compute", unread, "--json")
    assert json.loads(done.stdout)["problems"][0]["code"] == "typed.needs-unit"
    assert "Traceback" not in done.stderr


def test_an_unknown_figure_is_null_not_zero(tmp_path: Path) -> None:
    path = tmp_path / "i.yaml"
    path.write_text("format: zerofactory/cbam-input/1\ninstallation: {name: x, country: CN}\nperiod: {start: 2026-01-01, end: 2026-12-31}\n"
                    "processes:\n  - {id: P1, category: iron_or_steel_products, production: 10 t}\n", encoding="utf-8")
    done = run("compute", path, "--json")
    assert done.exit_code == 3
    found = json.loads(done.stdout)
    assert found["processes"][0]["see_direct"] is None
    assert "cbam.direct-missing" in {p["code"] for p in found["problems"]}


def test_readings_years_and_sets() -> None:
    plain = json.loads(run("compute", FASTENERS, "--json").stdout)
    later = json.loads(run("compute", FASTENERS, "--json", "--import-year", 2027, "--reading", "markup_year=import").stdout)
    # the mark-up of the default precursor rises from 10 to 20 per cent
    by_default = [next(s for s in r["products"][0]["precursors"] if s["id"] == "B2")["see_direct"] for r in (plain, later)]
    assert by_default == [3.4856635, 3.802542]
    assert run("compute", FASTENERS, "--reading", "markup_year=never").exit_code == 3
    assert run("compute", FASTENERS, "--reading", "nonsense").exit_code == 3
    assert run("compute", FASTENERS, "--set", "2025-2621-v1").exit_code == 0
    done = run("compute", FASTENERS, "--set", "no-such-set")
    assert done.exit_code == 3
    assert "cbam-defaults.no-set" in done.stderr


def test_the_proof_pins_its_input_and_every_step_leads_to_figures_and_law(tmp_path: Path) -> None:
    import hashlib

    proof = tmp_path / "proof.json"
    assert run("compute", FASTENERS, "--proof", proof).exit_code == 0
    found = json.loads(proof.read_text(encoding="utf-8"))
    assert found["basis"] == "definitive"
    assert found["pins"]["input"]["sha256"] == "sha256:" + hashlib.sha256(FASTENERS.read_bytes()).hexdigest()
    assert "constants.csv" in found["pins"]["tables"]
    assert "2025-2621-v1" in found["pins"]["default_values"]
    steps = found["steps"]
    assert {o for s in steps.values() for o in s.get("operands", ())} <= set(steps)
    kinds = {s["kind"] for s in steps.values()}
    assert {"given", "law", "E5", "E57", "MARKUP"} <= kinds
    law = next(s for s in steps.values() if s["kind"] == "law")
    assert law["detail"]["act"]


@pytest.mark.parametrize("suffix", [".json", ".yaml"])
def test_out_writes_the_same_result(tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"r{suffix}"
    assert run("compute", STEELWORKS, "--out", out).exit_code == 0
    text = out.read_text(encoding="utf-8")
    expected = json.loads(run("compute", STEELWORKS, "--json").stdout, parse_float=str, parse_int=str)
    if suffix == ".json":
        assert json.loads(text, parse_float=str, parse_int=str) == expected
    else:
        def told(value: Any) -> Any:
            if isinstance(value, dict):
                return {k: told(v) for k, v in value.items()}
            if isinstance(value, list):
                return [told(v) for v in value]
            return {None: "null", True: "true", False: "false"}.get(value, value)

        assert yaml.load(text, Loader=yaml.BaseLoader) == told(expected)
        assert isinstance(yaml.safe_load(text)["products"][0]["cn_code"], str), "a code is no number"
    assert run("compute", STEELWORKS, "--out", tmp_path / "r.txt").exit_code == 3
    assert not (tmp_path / "r.txt").exists()


def test_a_commission_workbook_is_transitional_unless_asked(shared_data: Path) -> None:
    file = shared_data / "cbam" / "examples" / "ec_example_screws_nuts.xlsx"
    assert json.loads(run("compute", file, "--json").stdout)["basis"] == "transitional"
    assert json.loads(run("compute", file, "--json", "--basis", "definitive").stdout)["basis"] == "definitive"
    assert json.loads(run("compute", FASTENERS, "--json").stdout)["basis"] == "definitive"


# --- new files ------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("kind", ["yaml", "xlsx"])
@pytest.mark.parametrize("sector", [*SECTORS, None])
def test_a_new_file_reads_as_it_is(tmp_path: Path, sector: str | None, kind: str) -> None:
    for language in LANGUAGES:
        out = tmp_path / f"new-{language}.{kind}"
        done = run("new", "--out", out, "--lang", language, *(["--sector", sector] if sector else []))
        assert done.exit_code == 0, done.stderr
        found = read_installation(out)
        assert [p.code for p in found.problems] == ([] if sector else ["cbam-input.nothing-made"])


@pytest.mark.parametrize("sector", SECTORS)
def test_a_starter_computes_under_both_methods(sector: str) -> None:
    from zerofactory_mappings.cbam.compute import compute as calculate

    found = parse_installation(starter_yaml(sector, "en").encode(), "s.yaml")
    for basis in Basis:
        assert [p for p in calculate(found, basis).problems if p.severity == "error"] == []
    assert all(p.see_direct is not None for p in calculate(found, Basis.DEFINITIVE).products)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_starter_explains_every_field_of_every_table_once(language: str) -> None:
    text = starter_yaml("steel", language)
    schema = json.loads((ROOT / "standards/schemas/cbam-input.schema.json").read_text(encoding="utf-8"))
    for name, table in schema["properties"].items():
        if "items" in table:
            part = text.split(f"\n{name}:" if f"\n{name}:" in text else f"\n# {name}:")[1].split("\n\n")[0]
            for field in table["items"]["properties"]:
                assert f"{field}:" in part, (name, field)
    chinese = any("\u4e00" <= c <= "\u9fff" for c in text)
    assert chinese is (language == "zh")


def test_new_refuses_what_it_should_not_overwrite(tmp_path: Path) -> None:
    out = tmp_path / "i.yaml"
    out.write_text("mine", encoding="utf-8")
    done = run("new", "--out", out)
    assert done.exit_code == 3
    assert out.read_text(encoding="utf-8") == "mine"
    assert run("new", "--out", out, "--force").exit_code == 0
    assert run("new", "--out", tmp_path / "i.doc").exit_code == 3
    assert run("new", "--out", tmp_path / "j.yaml", "--sector", "steel", "--from", FASTENERS).exit_code == 2


def test_new_from_another_file(tmp_path: Path, shared_data: Path) -> None:
    book, text = tmp_path / "b.xlsx", tmp_path / "t.yaml"
    assert run("new", "--from", FASTENERS, "--out", book).exit_code == 0
    assert run("new", "--from", book, "--out", text).exit_code == 0
    assert run("compute", text, "--json").stdout.split('"problems"')[0] == run("compute", FASTENERS, "--json").stdout.split('"problems"')[0]
    official = shared_data / "cbam" / "examples" / "ec_example_aluminium.xlsx"
    assert run("new", "--from", official, "--out", text, "--force").exit_code == 0
    # the same figures to the last digit; only the places of problems differ
    assert json.loads(run("compute", text, "--json").stdout)["processes"] == json.loads(run("compute", official, "--json").stdout)["processes"]


def test_commands_explain_themselves() -> None:
    for command in (compute, new):
        assert command.help
        assert all(getattr(p, "help", None) for p in command.params if p.param_type_name == "option"), command.name


# --- exact JSON -----------------------------------------------------------------------------------------------------

def test_exact_json() -> None:
    from datetime import date

    value: dict[str, Any] = {"a": Decimal("0.1234567890123456789012345678901234"), "b": Decimal("1E+3"), "c": Decimal("-0.00"), "d": None, "e": True,
             "f": [Basis.DEFINITIVE, date(2026, 1, 1), 7], "g": {}, "h": (), "引": '"\n'}
    text = exact_json(value)
    assert '"a": 0.1234567890123456789012345678901234' in text
    found = json.loads(text, parse_float=Decimal, parse_int=Decimal)
    assert found["a"] == value["a"]
    assert (found["b"], found["c"], found["d"], found["e"], found["f"]) == (Decimal(1000), Decimal(0), None, True, ["definitive", "2026-01-01", Decimal(7)])
    assert (found["g"], found["h"], found["引"]) == ({}, [], '"\n')
    for bad in (1.5, {1.5}, Decimal("NaN")):
        with pytest.raises(TypeError):
            exact_json(bad)


def test_starter_workbook_and_yaml_hold_the_same() -> None:
    for sector in SECTORS:
        one, other = parse_installation(starter_yaml(sector, "en").encode(), "a.yaml"), parse_installation(starter_workbook(sector, "en"), "b.xlsx")
        assert one.name == other.name
        assert [p.name for p in one.processes] == [p.name for p in other.processes]
