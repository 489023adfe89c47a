"""The demo factory over three years: figures by hand, every kind of file in both languages, and wrong input."""

from __future__ import annotations

import io
import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator

from zerofactory_engine.accounting import Options, compute_inventory
from zerofactory_engine.messages import catalogue
from zerofactory_mappings.years.amounts import minus
from zerofactory_mappings.years.check import MET, check
from zerofactory_mappings.years.commands import years
from zerofactory_mappings.years.inputs import Asked, Loaded, load
from zerofactory_mappings.years.model import LIKE
from zerofactory_mappings.years.write import FORMATS, issued_on, written

D = Decimal
EXAMPLES = Path(__file__).parents[3] / "examples"
FOLDER = EXAMPLES / "demo-years"
YEARS = [FOLDER / "plant-1-2023.yaml", FOLDER / "plant-1-2024.yaml", EXAMPLES / "demo-battery-factory/dossier.yaml"]
PACKS = [FOLDER / "pack-workshop-2023.yaml", FOLDER / "pack-workshop-2024.yaml"]
STATEMENT = FOLDER / "statement.yaml"
#: How each kind of file begins, in small letters.
BEGINNINGS = {".pdf": b"%pdf", ".xlsx": b"pk", ".json": b"{", ".html": b"<!doctype html"}


@pytest.fixture(scope="module")
def demo() -> Loaded:
    return load(Asked(YEARS, STATEMENT, PACKS, against="scopes_1_2"))


def run(*args: object) -> Result:
    return CliRunner().invoke(years, [str(a) for a in args])


def all_args() -> list[object]:
    return [*YEARS, "--acquired", PACKS[0], "--acquired", PACKS[1], "--statement", STATEMENT]


# -- figures ----------------------------------------------------------------------------------------------------------

def test_the_acquisition_by_hand(demo: Loaded) -> None:
    """The step is the inventory of the workshop itself, under the factor sets with which the base year was reported."""
    step = next(s for s in demo.comparison.recalculation.steps if s.change.what.code == "years.change-acquired")
    own = compute_inventory(_dossier(PACKS[0]), Options({"gwp": "ipcc-ar5"})).total("scopes_1_2").value
    assert isinstance(own, D)
    assert step.alone["location"] == pytest.approx(own, abs=D("1E-25"))


def test_the_factor_effect_of_power_by_hand(demo: Loaded) -> None:
    """2023 and 2024 have one grid factor: 52,020 and 58,060 MWh, workshop and all, differ by activity and intensity."""
    power = next(s for d in demo.comparison.decompositions for s in d.sources if s.key[0] == "electricity"
                 and (d.group, d.basis, d.first, d.second) == ("all", "location", "2023", "2024"))
    assert isinstance(power.before, D)
    assert isinstance(power.after, D)
    assert power.after / power.before == pytest.approx(D(54300 + 3760) / D(48900 + 3120), abs=D("1E-25"))
    assert power.effects["factor"] == 0


def _dossier(path: Path) -> Any:
    from zerofactory_engine.dossier.read import read_dossier

    return read_dossier(path).dossier


def test_the_correction_by_hand(demo: Loaded) -> None:
    """40,000 Nm³ that had been left out are 40/1,898 of what the row emitted."""
    recalculation = demo.comparison.recalculation
    step = next(s for s in recalculation.steps if s.change.kind == "error")
    lines = [line for line in recalculation.original.lines if line.row == "G1"]
    row = sum((line.tco2e_location for line in lines if isinstance(line.tco2e_location, D)), D(0))
    assert step.alone["location"] == pytest.approx(row * 40 / 1898)
    assert step.change.reasons == {"zh": "12月结算单漏记4万标准立方米",
                                   "en": "The bill of December, 40,000 Nm³, had been left out"}


def test_measures_with_the_workshop(demo: Loaded) -> None:
    amounts = {m.id: m.amounts for m in demo.comparison.measures}
    assert amounts["product/LFP cell"] == (D(512), D(698), D(910))
    assert amounts["product/pack"] == (D(214), D(291), D(386))
    assert amounts["figure/industrial_value_added"] == (D(24150 + 3960), D(31820 + 5480), D(41280))
    assert demo.comparison.measure is not None
    assert demo.comparison.measure.id == "figure/industrial_value_added"


def test_everything_holds_and_the_base_year_is_recalculated(demo: Loaded) -> None:
    comparison = demo.comparison
    assert {c.verdict for c in check(comparison)} == {MET}
    assert comparison.recalculation.triggered is True
    assert [s.change.kind for s in comparison.recalculation.steps] == ["factors", "error", "boundary", "boundary"]
    assert (comparison.recalculation.threshold, comparison.recalculation.threshold_from) == (D("0.05"), "statement.yaml")
    assert load(Asked(YEARS, STATEMENT, PACKS)).comparison.recalculation.triggered is False      # held against all scopes


def test_effects_of_sources_add_up_to_the_total_of_the_inventory(demo: Loaded) -> None:
    for found in demo.comparison.decompositions:
        assert isinstance(found.remainder, D)
        assert abs(found.remainder) < D("1E-26")
        change = demo.comparison.of(LIKE, found.group, found.basis)
        labels = [y.label for y in demo.comparison.years]
        difference = minus(found.change, change.change(labels.index(found.second), labels.index(found.first)))
        assert isinstance(difference, D)
        assert abs(difference) < D("1E-26")                 # two orders of one sum of 34 digits


# -- files ------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("kind", FORMATS)
def test_every_file_twice_the_same(demo: Loaded, kind: str, language: str) -> None:
    checks, issued = check(demo.comparison), issued_on(demo.comparison, demo.statement.date)
    data = written(demo.comparison, checks, kind, language, issued)
    assert data == written(demo.comparison, checks, kind, language, issued)
    assert data.lstrip().lower().startswith(BEGINNINGS[kind])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_has_words_for_everything(demo: Loaded, language: str) -> None:
    page = written(demo.comparison, check(demo.comparison), ".html", language, issued_on(demo.comparison)).decode()
    assert not re.findall(r"\byears\.[a-z-]+", page.replace("years.json", ""))
    assert page.count("<svg") == 7
    assert "0.00000000000" not in page
    assert all(shown in page for shown in ("LMDI-I", "15,584", "16,097", "15,124"))
    text = re.sub(r"<[^>]*>", " ", page)
    if language == "en":
        assert "As reported" in text
    else:
        assert "按当时报告" in text
        assert "As reported" not in text


def test_the_date_is_stated_or_the_end_of_the_last_year_never_the_clock(demo: Loaded) -> None:
    assert issued_on(demo.comparison, demo.statement.date).isoformat() == "2026-03-20"
    assert issued_on(demo.comparison).isoformat() == "2025-12-31"


def test_json_keeps_every_digit(demo: Loaded) -> None:
    found = json.loads(written(demo.comparison, check(demo.comparison), ".json", "en", issued_on(demo.comparison)))
    assert found["format"] == "zerofactory/years/1"
    last = next(s for s in found["series"] if (s["view"], s["group"], s["basis"]) == (LIKE, "all", "location"))
    assert last["values"][-1] == "78720.37277048800055555555555555556"
    assert found["recalculation"]["triggered"] is True
    schema = json.loads((Path(__file__).parents[3] / "standards/schemas/years.schema.json").read_text(encoding="utf-8"))
    assert [f"{e.json_path}: {e.message}"[:200] for e in Draft202012Validator(schema).iter_errors(found)] == []
    assert found["years"][0]["like_for_like"]["reshaped"] == ["B-K"]
    assert [d["dossier"] for d in found["years"][1]["like_for_like"]["dossiers"]] == ["demo-battery-2024", "demo-pack-2024"]
    assert {c["verdict"] for c in found["checks"]} == {"met"}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_workbook_with_live_sums(demo: Loaded, language: str) -> None:
    data = written(demo.comparison, check(demo.comparison), ".xlsx", language, issued_on(demo.comparison))
    formulas = openpyxl.load_workbook(io.BytesIO(data))
    values = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    assert len(formulas.sheetnames) == 7
    sheet, shown = formulas.worksheets[2], values.worksheets[2]
    cells = {str(c.coordinate): str(c.value) for row in sheet.iter_rows() for c in row if str(c.value).startswith("=")}
    figures = {str(c.coordinate): c.value for row in shown.iter_rows() for c in row}
    assert len(cells) == len(demo.comparison.decompositions)
    for at, formula in cells.items():
        parts = [float(str(figures[name])) for name in formula[1:].split("+")]
        assert sum(parts) == pytest.approx(float(str(figures[at])), abs=1e-6)


# -- command ----------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("language", "words"), [("zh", "需要重新计算基准年"), ("en", "The base year has to be recalculated")])
def test_short_text(language: str, words: str) -> None:
    result = run(*all_args(), "--against", "scopes_1_2", "--lang", language)
    assert result.exit_code == 0, result.output
    assert words in result.stdout
    assert "15,584 · 16,097 · 15,124 tCO2e" in result.stdout
    assert "years." not in result.stdout


def test_json_on_standard_output_and_beside_a_file(tmp_path: Path) -> None:
    assert json.loads(run(*all_args(), "--json").stdout)["format"] == "zerofactory/years/1"
    out = tmp_path / "c.json"
    told = json.loads(run(*all_args(), "--json", "--out", out).stdout)
    assert told["file"] == str(out)
    assert told["bytes"] == out.stat().st_size
    assert told["triggered"] is False


def test_without_the_workshop_its_absence_is_told_and_without_a_policy_nothing_is_decided() -> None:
    found = json.loads(run(*YEARS[:2], "--then-factor-set", "gwp=ipcc-ar5", "--json", "--lang", "en").stdout)
    assert found["recalculation"]["triggered"]["unknown"][0]["code"] == "years.no-threshold"
    assert found["measure"] == "figure/industrial_value_added"
    text = run(*YEARS[:2], "--then-factor-set", "gwp=ipcc-ar5", "--lang", "en").stdout
    assert "cannot be said" in text
    assert run(*YEARS[:2], "--then-factor-set", "gwp=ipcc-ar5", "--threshold", "5", "--lang", "en").exit_code == 0


def test_warnings_are_told_in_both_ways() -> None:
    """2023 is stated as the base year, but the oldest dossier is that of 2024."""
    args = [YEARS[1], YEARS[2]]
    assert [p["code"] for p in json.loads(run(*args, "--json").stdout)["problems"]] == ["years.not-the-base-year"]
    assert "The stated base year is 2023" in run(*args, "--lang", "en").stderr


def test_other_options_reach_both_views() -> None:
    found = json.loads(run(*YEARS[:2], "--option", "grid_area=national", "--json").stdout)
    usual = json.loads(run(*YEARS[:2], "--json").stdout)
    assert found["computed_with"]["options"]["grid_area"] == found["reported_with"]["options"]["grid_area"] == "national"
    assert found["series"][0]["values"] != usual["series"][0]["values"]


@pytest.mark.parametrize(("args", "code", "words"), [
    ([YEARS[0]], 3, "At least two dossiers"),
    ([YEARS[0], YEARS[0]], 3, "same id"),
    ([YEARS[0], PACKS[1]], 3, "Not the same facility"),
    ([*YEARS, "--sold", "B-Z"], 3, "no such part"),
    ([*YEARS, "--measure", "product/cars"], 3, "no such measure"),
    ([YEARS[0], YEARS[2], "--acquired", PACKS[1]], 3, "none of the periods"),
    ([YEARS[0], STATEMENT], 3, ""),
    ([*YEARS, "--out", "x.docx"], 2, ".pdf, .html, .xlsx, .json"),
    ([*YEARS, "--threshold", "much"], 2, "0 … 100"),
    ([*YEARS, "--option", "grid_area"], 2, "NAME=VALUE"),
    ([*YEARS, "--option", "grid_area=moon"], 3, "grid_area=moon"),
    ([*YEARS, "--factor-set", "gwp=none-such"], 4, ""),
])
def test_wrong_input_is_said_and_nothing_is_written(args: list[object], code: int, words: str, tmp_path: Path,
                                                     monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*args, "--lang", "en")
    assert result.exit_code == code, result.output
    assert words in result.output
    assert "Traceback" not in result.output
    assert list(tmp_path.iterdir()) == []


def test_an_input_is_never_replaced(tmp_path: Path) -> None:
    mine = tmp_path / "mine.json"
    mine.write_bytes(YEARS[0].read_bytes())
    result = run(mine, YEARS[1], "--out", mine, "--lang", "en")
    assert result.exit_code == 3
    assert "one of the inputs" in result.output
    assert mine.read_bytes() == YEARS[0].read_bytes()


def test_the_examples_say_that_they_are_made_up() -> None:
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert "does not exist" in readme
    assert "虚构" in readme
    for path in FOLDER.glob("*.yaml"):
        assert path.name in readme


def test_no_word_without_use() -> None:
    """Every sentence of this area is used: a code in the text of a module, whole or as the beginning of a made one."""
    import zerofactory_mappings.years as package

    folder = Path(str(package.__file__)).parent
    text = "\n".join(p.read_text(encoding="utf-8") for p in folder.glob("*.py"))
    made = ("check-", "effect-", "fate-", "basis-", "view-", "kind-", "head-", "sheet-", "verdict-", "method-", "group.",
            "role.", "title-", "picture-", "triggered-", "change-part-")
    for code in catalogue("en"):
        if code.startswith("years.") and not code.removeprefix("years.").startswith(made):
            assert code in text or f'"{code.removeprefix("years.")}"' in text, code
