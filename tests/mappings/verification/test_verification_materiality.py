"""Thresholds as people write them and as they hold."""

from __future__ import annotations

from decimal import Decimal

import pytest

from zerofactory_engine.problems import ProblemsError
from zerofactory_mappings.verification.materiality import holding, is_material, thresholds, written
from zerofactory_mappings.verification.part import Part

TOTALS: dict[str, Decimal | None] = {"total": Decimal(10000), "category/1": Decimal(4000), "category/2": Decimal(6000)}
ONE = Decimal(1)


@pytest.mark.parametrize(("text", "entry"), [
    ("5%", {"of": "total", "percent": Decimal(5)}), ("５％", {"of": "total", "percent": Decimal(5)}),
    ("2.5 %", {"of": "total", "percent": Decimal("2.5")}), ("500t", {"of": "total", "tCO2e": Decimal(500)}),
    ("500 tCO2e", {"of": "total", "tCO2e": Decimal(500)}), ("2:5%", {"of": "category/2", "percent": Decimal(5)}),
    ("total: 5%", {"of": "total", "percent": Decimal(5)}), ("eu_ets", {"of": "total", "rule": "eu_ets"})])
def test_written(text: str, entry: dict[str, object]) -> None:
    assert written([text]) == [entry]


@pytest.mark.parametrize("text", ["5", "0.05", "5 kg", "-5%", "0%", "7:5%", "five", "", "5%%", "eu-ets", "1e9%"])
def test_not_understood(text: str) -> None:
    with pytest.raises(ProblemsError) as caught:
        written([text])
    assert [p.code for p in caught.value.problems] == ["usage.verification-materiality"]


def test_all_that_is_wrong_comes_together() -> None:
    with pytest.raises(ProblemsError) as caught:
        written(["5", "5%", "x"])
    assert [p.found for p in caught.value.problems] == ["5", "x"]


def parts(*texts: str) -> list[Part]:
    return [Part(e) for e in written(texts)]


@pytest.mark.parametrize(("texts", "value"), [
    (("5%",), "500"), (("5%", "400t"), "400"), (("400t", "5%"), "400"), (("5%", "600t"), "500"),
    (("eu_ets",), "500"), (("market_custom", "2%"), "200")])
def test_of_several_the_smallest_holds(texts: tuple[str, ...], value: str) -> None:
    found = thresholds(parts(*texts), TOTALS, ONE)
    held = holding(found, "total")
    assert held is not None
    assert held.value == Decimal(value)
    assert [t.holds for t in found].count(True) == 1


def test_the_percentage_of_a_category_is_of_the_category() -> None:
    found = thresholds(parts("5%", "2:5%"), TOTALS, ONE)
    assert [(t.of, t.value) for t in found] == [("total", Decimal(500)), ("category/2", Decimal(300))]


def test_the_band_of_a_rule_goes_by_the_year() -> None:
    totals: dict[str, Decimal | None] = {"total": Decimal(900_000)}
    assert thresholds(parts("eu_ets"), totals, ONE)[0].percent == 2
    assert thresholds(parts("eu_ets"), totals, Decimal(2))[0].percent == 5


def test_a_percentage_of_what_is_not_known_holds_nothing() -> None:
    found = thresholds(parts("5%", "400t"), {"total": None}, ONE)
    assert [t.value for t in found] == [None, Decimal(400)]
    assert holding(found, "total") is None


@pytest.mark.parametrize(("effect", "material"), [
    ("500", False), ("-500", False), ("500.000001", True), ("-501", True), ("0", False), (None, None)])
def test_exactly_the_threshold_is_not_above_it(effect: str | None, material: bool | None) -> None:
    held = holding(thresholds(parts("5%"), TOTALS, ONE), "total")
    assert is_material(None if effect is None else Decimal(effect), held) is material


def test_without_a_threshold_nothing_is_said_but_of_nothing() -> None:
    assert is_material(Decimal(1), None) is None
    assert is_material(Decimal(0), None) is False


def test_an_unknown_rule_of_a_file_is_refused() -> None:
    with pytest.raises(ProblemsError) as caught:
        thresholds([Part({"of": "total", "rule": "house_rule"})], TOTALS, ONE)
    assert [p.code for p in caught.value.problems] == ["verification.rule-unknown"]
