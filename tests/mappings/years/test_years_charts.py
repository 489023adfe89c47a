"""Charts: well-formed, to scale, and never a zero where a figure is not known."""

from __future__ import annotations

from decimal import Decimal

import pytest
from lxml import etree

from zerofactory_engine.accounting.terms import Amount
from zerofactory_mappings.years.amounts import unknown
from zerofactory_mappings.years.charts import Band, Curve, Stage, _spans, columns, curves, waterfall

D = Decimal
WHY = unknown("years.no-measure", "x")
SVG = "{http://www.w3.org/2000/svg}"
WORDS = ("less", "more", "broken")


def drawn(svg: str) -> etree._Element:
    root = etree.fromstring(svg.encode())
    assert root.find(f"{SVG}title").text                     # type: ignore[union-attr]
    assert root.find(f"{SVG}desc").text                      # type: ignore[union-attr]
    return root


def heights(root: etree._Element, fill: str) -> list[float]:
    return [float(r.get("height", "")) for r in root.iter(f"{SVG}rect") if r.get("fill") == fill and r.get("stroke")]


def texts(root: etree._Element) -> list[str]:
    return ["".join(map(str, t.itertext())) for t in root.iter(f"{SVG}text")]


def two_bands(second: Amount) -> str:
    bands = [Band("Scope 1", "#111111", (D(10), D(20)), ("10", "20")),
             Band("Scope <2>", "#222222", (D(30), second), ("30", "s"))]
    return columns("c", "t", ["2023", "2024"], bands, ["40", "total"], ("as reported", (D(35), WHY)), "serif")


def test_columns_are_to_scale_and_escaped() -> None:
    root = drawn(two_bands(D(40)))
    low, high = heights(root, "#111111"), heights(root, "#222222")
    assert high[0] / low[0] == pytest.approx(3, rel=0.01)
    assert low[1] / low[0] == pytest.approx(2, rel=0.01)
    assert "Scope <2>" in texts(root)


def test_a_band_that_is_not_known_is_a_dotted_box() -> None:
    root = drawn(two_bands(WHY))
    assert "?" in texts(root)
    assert "total" not in texts(root)
    assert len(heights(root, "#222222")) == 1
    assert any(r.get("stroke-dasharray") for r in root.iter(f"{SVG}rect"))


def test_negative_bands_hang_below_the_axis() -> None:
    bands = [Band("a", "#111111", (D(10),), ("10",)), Band("b", "#222222", (D(-10),), ("-10",))]
    root = drawn(columns("c", "t", ["2023"], bands, ["0"], None, "serif"))
    up, down = (next(r for r in root.iter(f"{SVG}rect") if r.get("fill") == f and r.get("stroke"))
                for f in ("#111111", "#222222"))
    assert float(up.get("y", "")) + float(up.get("height", "")) == pytest.approx(float(down.get("y", "")), abs=0.02)


def test_curves_begin_at_one_hundred_and_break_where_not_known() -> None:
    rows = [Curve("one", (D(4), WHY, D(2)), "2 t"), Curve("two", (D(5), D(5), D(5)), "5 t"), Curve("gone", (D(1), D(2), WHY), "x")]
    root = drawn(curves("c", "t", ["2023", "2024", "2025"], rows, "serif"))
    assert "one: 2023 100.0, 2024 ?, 2025 50.0" in (root.find(f"{SVG}desc").text or "")    # type: ignore[union-attr]
    assert {"one", "two", "2 t", "5 t", "?", "100"} <= set(texts(root))
    broken = next(p.get("d", "") for p in root.iter(f"{SVG}path") if p.get("stroke-width") == "2")
    assert broken.count("M") == 2
    assert "L" not in broken


def test_waterfall_steps_begin_where_the_one_before_ended() -> None:
    stages = [Stage("2023", D(100), "100", True), Stage("a", D(30), "+30"), Stage("b", D(-50), "-50"),
              Stage("2024", D(80), "80", True)]
    assert _spans(stages) == [(0.0, 100.0), (100.0, 130.0), (130.0, 80.0), (0.0, 80.0)]
    root = drawn(waterfall("w", "t", stages, WORDS, "serif"))
    assert {"100", "+30", "-50", "80", "broken"} <= set(texts(root))


def test_waterfall_keeps_zero_when_steps_are_large() -> None:
    stages = [Stage("2023", D(100), "100", True), Stage("a", D(-80), "-80"), Stage("2024", D(20), "20", True)]
    root = drawn(waterfall("w", "t", stages, WORDS, "serif"))
    assert "broken" not in texts(root)
    bars = [float(r.get("height", "")) for r in root.iter(f"{SVG}rect") if r.get("fill") == "#1f3a5f"]
    assert bars[0] / bars[1] == pytest.approx(5, rel=0.02)


@pytest.mark.parametrize("stages", [
    [Stage("2023", D(100), "100", True), Stage("a", WHY, "?"), Stage("b", D(5), "+5"), Stage("2024", D(105), "105", True)],
    [Stage("2023", WHY, "?", True), Stage("a", WHY, "?"), Stage("2024", WHY, "?", True)],
    [Stage("2023", D(0), "0", True), Stage("a", D(0), "0"), Stage("2024", D(0), "0", True)],
])
def test_waterfall_of_what_is_not_known_or_nothing(stages: list[Stage]) -> None:
    root = drawn(waterfall("w", "t", stages, WORDS, "serif"))
    spans = _spans(stages)
    assert texts(root).count("?") == sum(s is None for s in spans)
    if isinstance(stages[0].value, D) and not isinstance(stages[1].value, D):
        assert spans[2] is None                                # nothing hangs on a step that is not known
