"""An obligation as workbook, page, chart and JSON: the same figures everywhere, nothing active, the same bytes."""

from __future__ import annotations

import io
import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from lxml import etree, html
from tests.mappings.cbam.obligation.lists import COIL, D, run

from zerofactory_engine.messages import catalogue
from zerofactory_engine.problems import ProblemsError
from zerofactory_mappings.cbam.obligation.build import obligation
from zerofactory_mappings.cbam.obligation.chart import Line, line_chart, scale
from zerofactory_mappings.cbam.obligation.read import read_obligation
from zerofactory_mappings.cbam.obligation.result import ObligationResult
from zerofactory_mappings.cbam.obligation.views import VIEWS, Words, blocks, facts, remarks
from zerofactory_mappings.cbam.obligation.write import ENDINGS, written

SVG = "{http://www.w3.org/2000/svg}"
SCREWS = ("{id: S, date: 2026-05-10, cn: '73181542', name: Screws, origin: CN, net_mass: 10, actual: {see_direct: 2.1, sefa: 1.2,"
          " verification_report: V}}")
PRICES = "prices: [" + ", ".join(f"{{period: {y}, price: {60 + 10 * (y - 2026)}}}" for y in range(2027, 2035)) + "]"
ALL = "importer: {name: Example, all_imports: yes}"


@pytest.fixture(scope="module")
def example() -> ObligationResult:
    return run(COIL, SCREWS, more=f"{ALL}\n{PRICES}", outlook=True)


def svg_of(result: ObligationResult, view: str, lang: str) -> Any:
    return etree.fromstring(written(result, ".svg", view, lang))


def page_of(source: str) -> Any:
    return html.fromstring(source)


def chart_of(lines: list[Line], soft: tuple[int, ...] = ()) -> Any:
    years = list(range(1, len(lines[0].values) + 1))
    return etree.fromstring(line_chart("c", "T", years, lines, soft, Words("en"), "eur", "sans-serif"))


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("ending", sorted(ENDINGS))
def test_every_file_has_the_same_bytes_twice(example: ObligationResult, view: str, lang: str, ending: str) -> None:
    assert written(example, ending, view, lang) == written(example, ending, view, lang)


def test_an_ending_that_there_is_not_is_refused(example: ObligationResult) -> None:
    with pytest.raises(ProblemsError) as caught:
        written(example, ".pdf", "importer", "en")
    assert caught.value.problems[0].accepted == ".json, .xlsx, .html, .svg"


# ---------------------------------------------------------------------------------------------------------------- JSON

def test_json_holds_every_digit_as_text(example: ObligationResult) -> None:
    found = json.loads(written(example, ".json", "importer", "en"))
    assert (found["format"], found["basis"]) == ("zerofactory/cbam-obligation-result/1", "definitive")
    coil = found["consignments"][0]
    assert (coil["default"]["see"], coil["default"]["sefa"], coil["default"]["net_per_unit"]) == ("3.5055823", "1.33575", "2.1698323")
    assert found["years"][0]["surrender_by"] == "2027-09-30"
    assert found["proof"]["good:G1/2026/default/see"]["kind"] == "MARKUP"
    assert [y["year"] for y in found["goods"][0]["outlook"]] == list(range(2026, 2035))


# ------------------------------------------------------------------------------------------------------------ workbook

def test_the_workbook_has_a_sheet_per_table_with_figures_as_numbers(example: ObligationResult) -> None:
    book = openpyxl.load_workbook(io.BytesIO(written(example, ".xlsx", "exporter", "en")))
    tables = blocks(example, "exporter", "en")
    assert len(book.sheetnames) == len(tables) + 2
    sheet = book[book.sheetnames[1]]
    cells = {sheet.cell(row, 2).value: row for row in range(1, sheet.max_row + 1)}
    heads = {c.value: c.column for row in sheet.iter_rows() for c in row if isinstance(c.value, str)}
    assert sheet.cell(cells["72083900"], heads["certificates per t"]).value == 2.1698323


def test_no_text_of_the_workbook_is_ever_a_formula() -> None:
    found = run(COIL.replace("net_mass", "name: '=1+1', net_mass"), more="importer: {name: '=cmd()'}", outlook=True)
    book = openpyxl.load_workbook(io.BytesIO(written(found, ".xlsx", "importer", "en")))
    assert all(c.data_type != "f" for sheet in book for row in sheet.iter_rows() for c in row)


# ---------------------------------------------------------------------------------------------------------------- page

@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_stands_alone_and_holds_every_table(example: ObligationResult, view: str, lang: str) -> None:
    source = written(example, ".html", view, lang).decode()
    page = page_of(source)
    assert page.get("lang") == {"zh": "zh-Hans", "en": "en"}[lang]
    assert page.xpath("//script | //link | //img | //iframe | //@onclick | //@href | //@src") == []
    assert set(re.findall(r"https?://[^\s\"'<]+", source)) == {"http://www.w3.org/2000/svg"}
    words = Words(lang)
    for block in blocks(example, view, lang):
        table = page.xpath(f"//section[h2[@id='h-{block.id}']]//table")[0]
        assert [t.text_content() for t in table.xpath(".//thead//th")] == [c.title for c in block.columns]
        rows = [[c.text_content() for c in r.xpath("./th | ./td")] for r in table.xpath(".//tbody/tr")]
        assert rows == [[words.shown(v, c.kind) for v, c in zip(row, block.columns, strict=True)] for row in block.rows]
    text = page.text_content()
    assert all(f.value in text for f in facts(example, lang))
    assert all(line in text for _, lines in remarks(example, lang) for line in lines)


def test_a_chart_stands_beside_the_table_of_its_figures(example: ObligationResult) -> None:
    for view, names in (("importer", ["totals"]), ("exporter", ["outlook-G1", "outlook-G2"])):
        page = page_of(written(example, ".html", view, "en").decode())
        assert [s.xpath("./h2/@id")[0] for s in page.xpath("//section[.//*[local-name()='svg']]")] == [f"h-{n}" for n in names]


def test_text_of_strangers_is_escaped_everywhere() -> None:
    bad = '<script>alert(1)</script>&"'
    found = run(COIL.replace("net_mass", f"name: '{bad}', net_mass"), more=f"{PRICES}", outlook=True)
    page = written(found, ".html", "exporter", "en").decode()
    assert "<script" not in page
    assert bad in page_of(page).text_content()
    assert etree.fromstring(written(found, ".svg", "exporter", "en")) is not None


# --------------------------------------------------------------------------------------------------------------- chart

@pytest.mark.parametrize(("view", "lang"), [(v, lang) for v in VIEWS for lang in ("zh", "en")])
def test_a_chart_says_what_it_shows_and_every_figure_in_words(example: ObligationResult, view: str, lang: str) -> None:
    drawn = svg_of(example, view, lang)
    title, desc = drawn.find(f"{SVG}title"), drawn.find(f"{SVG}desc")
    assert title is not None
    assert desc is not None
    assert drawn.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
    assert drawn.get("role") == "img"
    assert desc.text is not None
    words = Words(lang)
    for year in example.goods[0].outlook if view == "exporter" else ():
        assert f"{year.year} {words.shown(year.default.cost_per_unit, 'eur')}" in desc.text


def test_two_lines_differ_by_shape_and_dash_and_carry_their_names() -> None:
    drawn = chart_of([Line("one", (D(1), D(2), D(3))), Line("two", (D(3), D(2), D(1)))])
    assert (len(drawn.findall(f"{SVG}circle")), len(drawn.xpath("//*[local-name()='rect' and @stroke]"))) == (3, 3)
    dashed = drawn.xpath("//*[local-name()='path' and @stroke-width='2.4']/@stroke-dasharray")
    assert len(dashed) == 2                                # the second line has two pieces, the first none that is dashed
    texts = ["".join(t.itertext()) for t in drawn.findall(f"{SVG}text")]
    assert {"one", "two", "3.00", "1.00"} <= set(texts)


def test_a_year_that_is_not_known_is_a_gap() -> None:
    drawn = chart_of([Line("one", (D(1), None, D(3), D(4)))])
    assert len(drawn.xpath("//*[local-name()='path' and @stroke-width='2.4']")) == 1
    desc = drawn.find(f"{SVG}desc")
    assert desc is not None
    assert desc.text == "one: 1 1.00, 2 unknown, 3 3.00, 4 4.00"


def test_names_of_lines_that_end_together_are_moved_apart() -> None:
    drawn = chart_of([Line("one", (D(5), D(100))), Line("two", (D(4), D(101)))])
    at = {"".join(t.itertext()): float(t.get("y", "0")) for t in drawn.findall(f"{SVG}text")}
    assert abs(at["one"] - at["two"]) >= 28


@pytest.mark.parametrize("top", ["0", "0.003", "1", "1.5", "4.99", "5", "170", "999", "1000", "123456", "9.9E+7"])
def test_the_scale_holds_the_highest_value_in_few_even_steps(top: str) -> None:
    ticks = scale(D(top))
    steps = {b - a for a, b in pairwise(ticks)}
    assert ticks[0] == 0
    assert ticks[-1] >= D(top)
    assert len(steps) == 1
    assert 2 <= len(ticks) <= 6


def test_years_that_are_not_decided_stand_on_their_own_ground(example: ObligationResult) -> None:
    drawn = svg_of(example, "exporter", "en")
    grounds = [r for r in drawn.findall(f"{SVG}rect") if (r.get("fill") or "").startswith("url(#")]
    assert len(grounds) == 1
    assert "not decided" in ["".join(t.itertext()) for t in drawn.findall(f"{SVG}text")]


def test_without_prices_certificates_are_drawn_in_place_of_cost() -> None:
    drawn = svg_of(run("{year: 2026, cn: '72083900', origin: CN, net_mass: 10}", outlook=True), "exporter", "en")
    title = drawn.find(f"{SVG}title")
    assert title is not None
    assert title.text == "Certificates per tonne: G1 72083900, 2026 to 2034"


def test_where_nothing_is_known_there_is_no_chart() -> None:
    nothing = run("{date: 2026-05-10, cn: '72083900', origin: IN, net_mass: 10}", outlook=True)
    with pytest.raises(ProblemsError) as caught:
        written(nothing, ".svg", "exporter", "en")
    assert caught.value.problems[0].code == "cbam-obligation.no-chart"
    assert b"<svg" not in written(nothing, ".html", "exporter", "en")


# ---------------------------------------------------------------------------------------------------------- sentences

def test_every_column_label_and_note_has_a_sentence_in_both_languages(root: Path) -> None:
    example = obligation(read_obligation(root / "standards/schemas/examples/cbam-obligation.yaml"), proof=True)
    for lang in ("zh", "en"):
        shown = [t for view in VIEWS for b in blocks(example, view, lang) for t in (b.title, *b.notes, *(c.title for c in b.columns))]
        shown += [t for f in facts(example, lang) for t in (f.title, f.value, f.remark)]
        shown += [line for _, lines in remarks(example, lang) for line in lines]
        assert [t for t in shown if re.search(r"cbam-(?!obligation\.yaml)[a-z]+\.", t)] == []


def test_every_reason_of_a_proof_has_a_sentence(root: Path) -> None:
    example = obligation(read_obligation(root / "standards/schemas/examples/cbam-obligation.yaml"), proof=True)
    assert example.proof is not None
    told = {str(s.detail[k]) for s in example.proof for k in ("why", "missing") if k in s.detail}
    assert [code for code in sorted(told) if code not in catalogue("en")] == []


def test_no_sentence_is_left_over(root: Path) -> None:
    """Every sentence of the folder is asked for somewhere: by its code, or by the part behind the last point or dash."""
    folder = root / "mappings/zerofactory_mappings/cbam/obligation"
    source = "".join(p.read_text(encoding="utf-8") for p in [*folder.glob("*.py"), *folder.glob("templates/*")]).replace("'", '"')
    parts = ("label", "column-", "data-", "cheaper-", "price-", "title-", "confidence-", "block-", "rule.", "missing.", "preliminary.")
    unused: list[str] = []
    for line in (folder / "messages/en.yaml").read_text(encoding="utf-8").splitlines():
        code = line.partition(": ")[0].removeprefix("cbam-obligation.")
        if code.startswith("confidence-"):               # words of the tables
            continue
        tails = [code, *(code.removeprefix(p) for p in parts if code.startswith(p))]
        if not any(f'"{t}"' in source or f"cbam-obligation.{t}" in source or f".{t}" in source for t in tails):
            unused.append(code)
    assert unused == []
