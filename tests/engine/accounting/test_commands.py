"""``zerofactory inventory``: tables in both languages, JSON, a file, a pack's wishes, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from zerofactory_engine.accounting.commands import inventory
from zerofactory_engine.problems import Problem

SITE = """
format: zerofactory/dossier/1
id: worked
facility: {id: F1, name: {zh: 工厂, en: Site}, province: CN-HE}
period: {from: 2025-01-01, to: 2025-12-31}
complete: [energy, electricity, heat, processes, fugitive]
energy:
  - {id: G1, carrier: natural_gas, use: fuel, Nm3: 200000, uncertainty: {half_width_percent: 2, coverage_factor: 2}}
  - {id: G2, carrier: wood, use: fuel, t: 3}
credits:
  - {id: K1, programme: CCER, kind: removal, quantity: 6000, retired_on: 2026-03-31}
  - {id: K2, quantity: 5}
electricity:
  - {id: E1, flow: consumed, source: grid, MWh: 10000}
"""


@pytest.fixture
def dossier(tmp_path: Path) -> Path:
    path = tmp_path / "dossier.yaml"
    path.write_text(SITE, encoding="utf-8")
    return path


def run(*args: Any) -> Result:
    return CliRunner().invoke(inventory, [str(a) for a in args], env={"COLUMNS": "160"})


@pytest.mark.parametrize(("lang", "words"), [
    ("zh", ["温室气体清单：worked", "范围一和范围二", "基于市场", "外购电力", "单列于范围之外", "生物源二氧化碳", "因子集", "cn-mee-grid", "减排信用（单列，不参与任何合计）", "CCER", "6,000.00", "± 2.0 %（覆盖 100 %）"]),
    ("en", ["Greenhouse-gas inventory: worked", "scopes 1 and 2", "market-based", "purchased electricity",
            "Reported outside the scopes", "biogenic CO2", "Factor sets", "cn-mee-grid",
            "Carbon credits (apart, in no total)", "2026-03-31", "± 0.1 % (of 6 %)"])])
def test_a_readable_table_in_both_languages(dossier: Path, lang: str, words: list[str]) -> None:
    result = run(dossier, "--lang", lang)
    assert result.exit_code == 0, result.output
    for word in words:
        assert word in result.output
    assert "6,516.00" in result.output                                     # 10 000 × 0.6516, Hebei
    assert "6,948.44" in result.output
    assert "accounting.grid-year-differs" in result.stderr


def test_an_option_and_a_factor_set_change_the_result(dossier: Path) -> None:
    result = run(dossier, "--json", "--option", "grid_area=national", "--factor-set", "gwp=ipcc-ar5", "--option", "gases=all")
    content = json.loads(result.stdout)
    assert content["totals"]["location"]["by"]["scope"]["2"]["tCO2e"] == "5306"
    assert content["factor_sets"]["gwp"]["id"] == "ipcc-ar5"
    assert content["options"]["grid_area"] == "national"


def test_a_day_of_knowledge(dossier: Path) -> None:
    content = json.loads(run(dossier, "--json", "--known-on", "2025-06-01", "--option", "grid_area=national").stdout)
    assert content["totals"]["location"]["by"]["scope"]["2"]["tCO2e"] == "5366"


def test_the_inventory_is_written_to_a_file(dossier: Path, tmp_path: Path) -> None:
    out = tmp_path / "inventory.json"
    result = run(dossier, "--out", out, "--lang", "en")
    assert result.exit_code == 0
    assert json.loads(out.read_text(encoding="utf-8"))["format"] == "zerofactory/inventory/1"
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


def test_what_is_unknown_is_said_with_its_reasons(dossier: Path) -> None:
    dossier.write_text(SITE.replace("complete: [energy, electricity, heat, processes, fugitive]", "complete: [energy]")
                       .replace("carrier: wood, use: fuel, t: 3", "carrier: crude_benzol, use: fuel, t: 3"))
    result = run(dossier, "--lang", "en")
    assert result.exit_code == 0
    assert "unknown, of which known" in result.output
    assert "Why totals are unknown:" in result.output
    assert "heat: " in result.output


@pytest.mark.parametrize(("args", "code", "said"), [
    (["--option", "grid_area=county"], 3, "accounting.option-not-accepted"),
    (["--option", "colour=green"], 3, "accounting.unknown-option"),
    (["--factor-set", "grid=nowhere"], 4, "factors.unknown-set"),
    (["--option", "grid_area"], 2, "NAME=VALUE"), (["--factor-set", "=x"], 2, "NAME=VALUE"),
    (["--reading", "a=b"], 2, "--pack"), (["--overlay", "x"], 2, "--pack"),
    (["--factors", "nowhere"], 2, "nowhere"), (["--known-on", "soon"], 2, "soon")])
def test_what_is_refused_has_its_exit_code(dossier: Path, args: list[str], code: int, said: str) -> None:
    result = run(dossier, *args)
    assert result.exit_code == code
    assert said in result.output


def test_a_missing_dossier_is_a_problem_not_a_traceback(tmp_path: Path) -> None:
    result = run(tmp_path / "nothing.yaml", "--lang", "en")
    assert (result.exit_code, "file.not-there" in result.output) == (3, True)
    result = run(tmp_path / "nothing.yaml", "--json")
    assert json.loads(result.stdout)["exit_code"] == 3


def test_a_folder_of_factor_sets_of_ones_own(dossier: Path, tmp_path: Path, root: Path) -> None:
    text = (root / "standards/factors/cn-heat-default/1.0.0/factors.yaml").read_text(encoding="utf-8")
    path = tmp_path / "mine/my-heat/2.0.0/factors.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(text.replace("id: cn-heat-default", "id: my-heat").replace("version: 1.0.0", "version: 2.0.0"))
    result = run(dossier, "--json", "--factors", tmp_path / "mine", "--factor-set", "heat=my-heat")
    assert json.loads(result.stdout)["factor_sets"]["heat"] == {
        "id": "my-heat", "version": "2.0.0", "sha256": json.loads(result.stdout)["factor_sets"]["heat"]["sha256"]}


def test_the_inventory_that_a_pack_wants(dossier: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Options and sets of a pack's accounting.yaml, under its readings; the pack itself is a stand-in here."""
    from types import SimpleNamespace

    from zerofactory_engine.rulepack import load
    from zerofactory_engine.rulepack.model import Accounting, ByReading

    area = SimpleNamespace(default="provincial", settled=None, alternatives={"provincial": None, "national": None})
    gwp = SimpleNamespace(default="ar6", settled="ar5", alternatives={"ar5": None, "ar6": None})
    pack = SimpleNamespace(readings={"area": area, "gwp": gwp}, accounting=Accounting(
        {"gwp": ByReading("gwp", {"ar5": "ipcc-ar5", "ar6": "ipcc-ar6"})},
        {"grid_area": ByReading("area", {"provincial": "provincial", "national": "national"}), "gases": "co2"}))
    asked: list[tuple[str, object]] = []

    def find_pack(name: str, overlay: object = None) -> object:
        asked.append((name, overlay))
        return pack

    monkeypatch.setattr(load, "find_pack", find_pack)

    content = json.loads(run(dossier, "--json", "--pack", "p@1.0.0").stdout)
    assert (content["options"]["grid_area"], content["options"]["gases"]) == ("provincial", "co2")
    assert content["factor_sets"]["gwp"]["id"] == "ipcc-ar5"               # settled by an overlay
    content = json.loads(run(dossier, "--json", "--pack", "p", "--reading", "area=national", "--option", "gases=all").stdout)
    assert (content["options"]["grid_area"], content["options"]["gases"]) == ("national", "all")
    assert asked == [("p@1.0.0", None), ("p", None)]
    result = run(dossier, "--json", "--pack", "p", "--reading", "area=moon", "--reading", "x=y")
    assert result.exit_code == 3
    problems: list[Problem] = json.loads(result.stdout)["problems"]
    assert [(p["code"], p["found"], p["accepted"]) for p in problems] == [  # type: ignore[index]
        ("accounting.unknown-reading", "area=moon", "provincial, national"),
        ("accounting.unknown-reading", "x=y", "area, gwp")]
