"""Charts are accessible, byte-stable SVG that says nothing by colour alone."""

from __future__ import annotations

from decimal import Decimal
from xml.etree import ElementTree

import pytest

from zerofactory_mappings.publishing import charts
from zerofactory_mappings.publishing.charts import Bar, Bullet, Segment, bullets, fitted, ranked, stacked

FONT = '"Noto Sans CJK SC", sans-serif'
SVG = "{http://www.w3.org/2000/svg}"

STACKED = stacked("s", "按范围划分的排放量", [
    Bar("基于位置", (Segment("范围一", Decimal(2000), "2,000", charts.NAVY), Segment("范围二", Decimal(5750), "5,750", charts.TEAL)), "7,750 tCO2e"),
    Bar("基于市场", (Segment("绿证 <未绑定>", Decimal(900), "900", charts.TEAL, hatched=True),), "900 tCO2e", offset=Decimal(100)),
], FONT)
RANKED = ranked("r", "按排放源", [("外购电力", Decimal("5750.5"), "5,750.5"), ("逸散排放", Decimal(0), "0")], FONT)
BULLETS = bullets("b", "差距", [("ZCF-1.2 占比", [Bullet("入选", Decimal("-0.027"), "not_met", "29.18 % (≥ 30 %)"),
                                             Bullet("目标", Decimal(3), "met", "远超"), Bullet("其他", None, "indeterminate", "限值未知")])],
                  ("未达到", "限值", "优于限值"), FONT)


@pytest.mark.parametrize("svg", [STACKED, RANKED, BULLETS])
def test_every_chart_is_well_formed_and_says_what_it_shows(svg: str) -> None:
    tree = ElementTree.fromstring(svg)
    assert tree.tag == SVG + "svg"
    assert tree.get("role") == "img"
    title, desc = tree.find(SVG + "title"), tree.find(SVG + "desc")
    assert title is not None
    assert title.text
    assert desc is not None
    assert desc.text
    assert tree.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
    for attribute in ("href", "onload", "style"):
        assert attribute not in svg


def test_texts_are_escaped_and_formulas_lowered() -> None:
    assert "绿证 &lt;未绑定&gt;" in STACKED
    assert '<tspan dy="2.64" font-size="9">2</tspan><tspan dy="-2.64">e</tspan>' in STACKED


def widths(svg: str, fill: str) -> list[Decimal]:
    return [Decimal(r.get("width", "0")) for r in ElementTree.fromstring(svg).iter(SVG + "rect") if r.get("fill") == fill and r.get("height") == "26"]


def test_lengths_are_in_proportion_to_values() -> None:
    (navy,), (teal, hatched) = widths(STACKED, charts.NAVY), widths(STACKED, charts.TEAL)
    assert abs(teal / navy - Decimal(5750) / Decimal(2000)) < Decimal("0.001")
    assert abs(hatched / navy - Decimal(900) / Decimal(2000)) < Decimal("0.001")


def test_every_verdict_has_a_mark_of_its_own() -> None:
    marks = {v: charts._mark(0, 0, v, "#000").split(" ")[0] + charts._mark(0, 0, v, "#000")[-40:] for v in charts.VERDICT_COLOURS}
    assert marks["met"] != marks["not_met"] != marks["indeterminate"] != marks["met"]
    assert "»" in BULLETS                     # beyond the edge is said
    assert "stroke-dasharray" in BULLETS      # unknown is drawn as such


def test_nothing_to_show_divides_by_nothing() -> None:
    assert "<svg" in stacked("e", "t", [Bar("x", ())], FONT)
    assert "<svg" in ranked("e", "t", [], FONT)


def test_the_same_input_gives_the_same_bytes() -> None:
    assert bullets("b", "差距", [("ZCF-1.2 占比", [Bullet("入选", Decimal("-0.027"), "not_met", "29.18 % (≥ 30 %)"),
                                                        Bullet("目标", Decimal(3), "met", "远超"), Bullet("其他", None, "indeterminate", "限值未知")])],
                             ("未达到", "限值", "优于限值"), FONT) == BULLETS


@pytest.mark.parametrize(("text", "room", "lines", "expected"), [
    ("one two three", 200, 1, ["one two three"]),
    ("one two three four five six seven", 90, 2, ["one two three", "four five six…"]),
    ("非化石能源消费占比", 48, 2, ["非化石能", "源消费…"]),
    ("Donaudampfschifffahrtsgesellschaft", 60, 1, ["Donaudam…"]),
])
def test_labels_are_broken_where_their_language_allows(text: str, room: float, lines: int, expected: list[str]) -> None:
    assert fitted(text, 12, room, lines) == expected
