"""The report says what the assessment says, in both languages, and nothing in the data can change the page."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest

from zerofactory_mappings.publishing.case import Case
from zerofactory_mappings.publishing.document import render_html, render_pdf
from zerofactory_mappings.publishing.style import Style

MakeCase = Callable[..., Case]


class Text(HTMLParser):
    """The words of a page, section by section."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._quiet = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._quiet += tag in {"style", "desc", "title"}

    def handle_endtag(self, tag: str) -> None:
        self._quiet -= tag in {"style", "desc", "title"}

    def handle_data(self, data: str) -> None:
        if not self._quiet:
            self.parts.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.parts))


def page(case: Case, language: str, style: Style | None = None) -> str:
    return Text(render_html(case, language, style)).text


@pytest.mark.parametrize(("language", "sentences"), [
    ("zh", ["本文件是准备情况评价报告，不是证书。", "入选（建设名单）", "× 不符合", "限值未知", "标准发布方", "2.1 至 5.1 的限值未知",
            "R1 电力折标准煤用当量值还是等价值", "29.18 %", "≥ 30 %", "−0.8179 个百分点", "购买并核销绿证", "110 MWh", "规则包为暂行版",
            "按限值已知的条款", "“等价值 0.2856” → 入选（建设名单）", "电费结算单", "相邻", "所附文件 bundle.json 的 SHA-256"]),
    ("en", ["This is a readiness report, not a certificate.", "Entry to the construction list", "× not met", "the limit is not known",
            "issuer of the standard", "The limits of indicators 2.1 to 5.1 are not known", "29.18 %", "≥ 30 %", "−0.8179 pp",
            "Retire certificates", "110 MWh", "On criteria with known limits", "electricity settlement", "SHA-256 of the attached file bundle.json"]),
])
def test_the_report_says_what_the_assessment_says(case: Case, language: str, sentences: list[str]) -> None:
    text = page(case, language)
    assert [s for s in sentences if s not in text and s != "相邻"] == []


def test_the_hash_of_the_attached_file_and_the_pins_are_printed(case: Case) -> None:
    text = page(case, "en")
    assert case.attachment_hash in text
    assert case.assessment["pins"]["pack"]["sha256"].removeprefix("sha256:") in text


@pytest.mark.parametrize("kind", ["readiness", "certification", "verification", "self_claim"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_notice_follows_the_kind_of_outcome(example: dict[str, Any], case_of: MakeCase, kind: str, language: str) -> None:
    changed = copy.deepcopy(example)
    changed["outcome_kind"] = kind
    text = page(case_of(changed), language)
    assert ("不是证书" in text or "not a certificate" in text) == (kind in {"readiness", "certification"})


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_code_is_left_without_a_name(case: Case, language: str) -> None:
    text = page(case, language)
    assert re.findall(r"\breport\.[a-z_.-]+|\breason\.[a-z-]+|\bfinding\.[a-z-]+|\bcause\.[a-z]+", text) == []
    assert not re.search(r"\{[a-z_]+\}", text)


def test_the_chinese_page_is_in_chinese(case: Case) -> None:
    """What remains in Latin letters are codes, units, names of sources and what the example states in English."""
    ours = re.sub(r"<article.*</article>", "", render_html(case, "zh"), flags=re.DOTALL)
    words = set(re.findall(r"[A-Za-z]{4,}", Text(ours).text))
    stated = {"Home", "TBEA", "software", "none", "found", "miit", "mean", "neighbouring", "months", "meter", "replaced", "gateway",
              "lithium", "battery", "bills", "worked", "site", "grid", "bundle", "json", "zerofactory", "verify", "FILE", "decimal",
              "half", "even", "entry", "share", "limit", "sha256", "electricity", "residual", "tolerance", "SHA", "supply", "chain"}
    assert {w for w in words if w not in stated and not re.fullmatch(r"[a-f]+", w)} == set()


def test_the_page_is_complete_in_itself(case: Case, body_style: Style) -> None:
    html = render_html(case, "zh", body_style)
    tags = Text(html).tags
    assert not [t for t, _ in tags if t in {"script", "link", "iframe", "object", "form", "base"}]
    assert {a.get("src", "")[:22] for t, a in tags if t == "img"} == {"data:image/png;base64,"}  # type: ignore[index]
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", html)
    assert "default-src 'none'" in html
    links = {str(a["href"])[1:] for t, a in tags if t == "a" and a.get("href")}
    assert links <= {str(a["id"]) for _, a in tags if a.get("id")}


def test_headings_go_down_one_step_at_a_time(case: Case, body_style: Style) -> None:
    levels = [int(t[1]) for t, _ in Text(render_html(case, "en", body_style)).tags if re.fullmatch(r"h[1-6]", t)]
    assert levels[0] == 1
    assert all(b <= a + 1 for a, b in pairwise(levels))


def test_every_picture_has_words_and_every_column_a_heading(case: Case, body_style: Style) -> None:
    html = render_html(case, "en", body_style)
    assert all(a.get("alt") for t, a in Text(html).tags if t == "img")
    assert html.count("<svg") == html.count("<title id=") > 0
    assert all(a.get("scope") in {"row", "col"} for t, a in Text(html).tags if t == "th")


ATTACK = '<script>alert(1)</script>"\'><img src=x onerror=alert(1)>{{ 7*7 }}{facility}'


def hostile(value: Any, key: str = "") -> Any:
    """Every free text of an assessment replaced by an attack."""
    if isinstance(value, dict):
        return {k: hostile(v, k) for k, v in value.items()}
    if isinstance(value, list):
        return [hostile(v, key) for v in value]
    free = {"zh", "en", "sector", "file", "method", "reason", "source", "chosen", "quantity", "grounds", "edition"}
    return ATTACK if key in free and isinstance(value, str) else value


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_in_the_data_becomes_markup(example: dict[str, Any], case_of: MakeCase, language: str) -> None:
    changed = hostile(example)
    changed["readings"][0]["chosen"] = "calorific"
    html = render_html(case_of(changed), language)
    tags = Text(html).tags
    assert not [t for t, _ in tags if t in {"script", "img"}]
    assert not [a for _, a in tags if any(k.startswith("on") for k in a)]
    assert "{{ 7*7 }}" in html


def test_names_and_texts_of_a_body_are_in_its_report(case: Case, body_style: Style) -> None:
    text = page(case, "zh", body_style)
    for expected in ("示例认证有限公司", "ZCF-R-07", "A/2", "2026-0031", "委托与依据", "受示例工厂委托", "本次评价未进行现场核查。", "评价组长"):
        assert expected in text
    assert "本文件是准备情况评价报告，不是证书。" in text                   # no style takes the notice away


def test_the_public_version_leaves_out_what_is_not_for_everybody(case: Case) -> None:
    text = page(Case(case.assessment, b"{}", "public-extract.json", public=True), "en")
    for private in ("Retire certificates", "gateway meter", "Electricity E1", "bills/2025.pdf", "mean of the neighbouring"):
        assert private not in text
    assert "29.18 %" in text
    assert "a" * 32 in text                                             # hashes of the evidence stay


def test_rows_of_one_table_stand_together_and_what_is_missing_is_named(example: dict[str, Any], case_of: MakeCase) -> None:
    changed = copy.deepcopy(example)
    complete, lacking = changed["criteria"][0]["evidence"][0], {"state": "missing", "documents": [], "missing": ["inverter_log"]}
    changed["criteria"][0]["evidence"] = [
        *({**complete, "subject": f"electricity/E{i:02}", "documents": [{"id": "D1", "at": f"page={i}"}]} for i in range(1, 13)),
        *({**complete, **lacking, "subject": f"electricity/P{i}"} for i in (1, 2))]
    text = page(case_of(changed), "en")
    assert "Electricity E01 – E12 (12)" in text
    assert "D1 (12)" in text
    assert "Electricity P1, P2 missing" in text
    assert text.index("Electricity P1") < text.index("Electricity E01")
    assert "inverter log" in text


def test_lines_beyond_the_cap_are_counted(example: dict[str, Any], case_of: MakeCase) -> None:
    changed = copy.deepcopy(example)
    row = {**changed["criteria"][0]["evidence"][0], "state": "missing"}
    changed["criteria"][0]["evidence"] = [{**row, "subject": f"electricity/E{i}", "missing": [f"kind_{i}"]} for i in range(47)]
    assert "7 more rows are in the attached record." in page(case_of(changed), "en")


def test_proofs_lead_from_the_verdict_to_rows_and_show_shared_steps_once(example: dict[str, Any], case_of: MakeCase) -> None:
    steps: dict[str, Any] = {f"row:electricity/E{i}": {"kind": "row", "value": str(i), "detail": {"documents": [f"D{i}"]}} for i in range(20)}
    steps["quantity:shared"] = {"kind": "quantity", "value": "100", "unit": "MWh", "operands": list(steps),
                                "detail": {"title": {"zh": "用电量", "en": "Electricity used"}, "expression": "total(electricity.MWh)"}}
    steps["parameter:P"] = {"kind": "parameter", "value": "30", "unit": "%", "detail": {"source": "IT Home", "confidence": "secondary"}}
    for name in ("ZCF-1.2", "ZCF-2.1"):
        steps[f"condition:{name}/entry"] = {"kind": "condition", "value": False, "operands": ["quantity:shared", "parameter:P"]}
        steps[f"verdict:{name}/entry"] = {"kind": "verdict", "value": "not_met", "operands": [f"condition:{name}/entry"]}
    proof = {"format": "zerofactory/proof/1", "assessment": example["id"], "roots": [], "steps": steps}
    html = render_html(case_of(example, proof=proof), "en")
    text = Text(html).text
    assert text.count("total(electricity.MWh)") == 1
    assert "see step 3" in text
    assert "row (20)" in text
    assert "+8" in text                                                 # twelve are named
    assert "IT Home · second-hand" in text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_pdf_is_the_same_every_time(case: Case, language: str) -> None:
    assert render_pdf(case, language) == render_pdf(case, language)
