"""``zerofactory cbam scope``: what people and programs see of one code."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from zerofactory_mappings.cbam.defaults.commands import scope


@pytest.fixture(autouse=True)
def only_shipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ZEROFACTORY_CBAM_DATA", raising=False)


def run(*words: str) -> Result:
    return CliRunner().invoke(scope, list(words))


def as_json(*words: str) -> Any:
    return json.loads(run(*words, "--json").stdout)


def test_a_screw_from_china_in_english() -> None:
    found = run("7318 15 42", "--country", "China", "--lang", "en")
    assert found.exit_code == 0
    text = found.stdout
    for expected in ("Category: iron or steel products", "Functional unit, definitive: tonnes (IR (EU) 2025/2547, Article 4(2))",
                     "Indirect emissions: definitive not counted, transitional counted", "Direct precursors: crude steel",
                     "Default value (China, imported in 2026): 7.0125 tCO2e/t (6.375 before a mark-up of 10 %)", "code 731815",
                     "Benchmark column B: 1.364 tCO2e/t (by route letter", "CBAM factor of 2026: 0.975"):
        assert expected in text
    assert "cbam-scope." not in text


def test_clinker_in_chinese_for_2028() -> None:
    found = run("25231000", "--country", "中国", "--variant", "grey", "--year", "2028", "--lang", "zh")
    assert found.exit_code == 0
    for expected in ("类别：水泥熟料", "功能单位（正式期）：吨熟料", "间接排放：正式期计入", "1.807 tCO2e/t（加成前1.39，加成30 %）", "2028年免费配额系数：0.9"):
        assert expected in found.stdout


def test_json_holds_all_of_it_with_decimals_as_text() -> None:
    shown = as_json("72083900", "--country", "CN")
    assert shown["format"] == "zerofactory/cbam-scope/1"
    assert (shown["category"]["id"], shown["sector"], shown["gases"]) == ("iron_or_steel_products", "iron_steel", ["CO2"])
    assert shown["default_value"]["value"] == "3.5055823"
    assert shown["benchmarks"]["B"]["value"]["value"] == "1.37"
    assert shown["benchmarks"]["A"]["value"]["value"] == "0.044"
    assert shown["phase_in"]["factor"]["value"] == "0.975"
    assert [p["code"] for p in shown["problems"]] == []


def test_without_a_country_candidates_of_the_benchmark_stand_there() -> None:
    found = run("72083900", "--lang", "en")
    assert "state the country of production with --country" in found.stdout
    assert "depends on the production route (C, D, E), which is not known" in found.stdout
    assert "(C) 1.37; (D) 0.481; (E) 0.072" in found.stdout


def test_a_listed_country_without_data_gives_code_5_and_the_reason() -> None:
    found = run("72083900", "--country", "Viet Nam", "--lang", "en")
    assert found.exit_code == 5
    assert "load the Commission's workbook with import-defaults" in found.stdout
    shown = as_json("72083900", "--country", "Viet Nam")
    assert [p["code"] for p in shown["problems"]] == ["cbam-defaults.no-data"]
    assert shown["default_value"] is None


def test_which_of_two_rows_is_asked() -> None:
    found = run("25231000", "--country", "CN", "--lang", "en")
    assert found.exit_code == 5
    assert "white, grey" in found.stdout


@pytest.mark.parametrize(("words", "code"), [
    (("731815",), "cbam-scope.cn-short"), (("84099900",), "cbam-scope.cn-out-of-scope"), (("screws",), "cbam-scope.cn-malformed"),
    (("73181542", "--country", "Atlantis"), "cbam-scope.country-unknown"), (("31021010", "--on", "2026-05-01"), "cbam-scope.cn-ended")])
def test_what_cannot_be_answered_is_refused(words: tuple[str, ...], code: str) -> None:
    found = run(*words, "--lang", "en")
    assert found.exit_code == 3
    assert code in found.stderr
    assert found.stdout == ""


def test_ten_digits_are_noted() -> None:
    found = run("2523100010", "--country", "CN", "--variant", "white", "--lang", "en")
    assert found.exit_code == 0
    assert "cbam-scope.cn-taric" in found.stderr
    assert as_json("2523100010")["taric"] == "2523100010"


@pytest.mark.parametrize(("cn", "lines"), [
    ("27160000", ("megawatt hours", "there is no benchmark of 27160000 for 2026")),
    ("28141000", ("kilograms of nitrogen contained", "Indirect emissions: definitive counted", "group ammonia")),
    ("25070080", ("Only calcined kaolinic clay is in scope",)),
    ("73181535", ("1.154 tCO2e/t (by year of production", "(1) 1.154; (2) 1.116")),
])
def test_goods_of_other_sectors(cn: str, lines: tuple[str, ...]) -> None:
    found = run(cn, "--lang", "en")
    assert found.exit_code == 0
    for line in lines:
        assert line in found.stdout


def test_the_same_question_gives_the_same_answer() -> None:
    assert run("73181542", "--country", "CN", "--json").stdout_bytes == run("73181542", "--country", "CN", "--json").stdout_bytes
