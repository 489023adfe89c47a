"""Every sentence of the template exists in both languages, and every sentence of ours is used somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from zerofactory_engine.messages import catalogue
from zerofactory_mappings.publishing import codes
from zerofactory_mappings.publishing.case import Case
from zerofactory_mappings.publishing.subjects import Subjects
from zerofactory_mappings.publishing.words import Words

PUBLISHING = Path(codes.__file__).parent
#: Sentences looked up by area and code (``words.label``).
AREAS = {"answer", "answer-mark", "carrier", "chosen", "confidence", "criterion-form", "criterion-kind", "evidence", "factor-value", "file",
         "finding", "iso-category", "judged", "kind", "lever", "method", "notice", "parameter", "rest", "role", "section", "severity", "side",
         "step", "verdict", "works"}


def used() -> set[str]:
    texts = [p.read_text(encoding="utf-8") for p in [*PUBLISHING.glob("*.py"), *PUBLISHING.glob("templates/*.j2")]]
    return {m for text in texts for m in re.findall(r"report\.[a-z0-9_.-]*[a-z0-9]", text)}


def test_every_sentence_of_the_templates_exists() -> None:
    known = catalogue("en")
    templates = {m for p in PUBLISHING.glob("templates/*.j2") for m in re.findall(r"'(report\.[a-z0-9_.-]+)'", p.read_text(encoding="utf-8"))}
    assert templates
    assert {m for m in templates if m not in known} == set()


def test_no_sentence_is_left_over() -> None:
    ours = set(yaml.safe_load((PUBLISHING / "messages/en.yaml").read_text(encoding="utf-8")))
    present = used() | {"report.location-based", "report.market-based", "report.years", "report.months", "report.days"}
    assert {c for c in ours if c not in present and not (c.count(".") == 2 and c.split(".")[1] in AREAS) and not c.startswith("report.chart.")} == set()


@pytest.mark.parametrize(("subject", "zh", "en"), [
    ("electricity/E1.MWh", "电力 E1：电量（MWh）", "Electricity E1: Electricity (MWh)"),
    ("certificates/C3/cancellation_reason", "绿色电力证书 C3：核销原因", "Certificates C3: Reason of cancellation"),
    ("electricity", "电力", "Electricity"), ("parameter:ZCF-2.1/entry_limit", "ZCF-2.1 入选限值", "ZCF-2.1 Entry limit"),
    ("figure:industrial_value_added", "工业增加值", "industrial value added"), ("buy_certificates", "购买并核销绿证", "Retire certificates"),
    ("tce_of_electricity", "R1 电力折标准煤用当量值还是等价值", "R1 Calorific or equivalent value for electricity in tce"),
    ("ZCF-1.2", "ZCF-1.2 非化石能源消费占比", "ZCF-1.2 Non-fossil share of energy consumption"),
    ("something else", "something else", "something else"), ("", "", ""),
])
def test_subjects_are_called_by_their_names(case: Case, subject: str, zh: str, en: str) -> None:
    assert Subjects(case, Words("zh")).name(subject) == zh
    assert Subjects(case, Words("en")).name(subject) == en


@pytest.mark.parametrize(("value", "zh", "en"), [
    ("P2Y", "2 年", "2 years"), ("P1Y6M", "1 年 6 个月", "1 years 6 months"), (["solar", "wind"], "光伏、风电", "solar photovoltaic, wind"),
    (True, "是", "yes"), (None, "—", "—"), ("1200.5", "1,200.5", "1,200.5"), ([], "—", "—"), ("free text", "free text", "free text"),
])
def test_values_are_shown_in_words(value: object, zh: str, en: str) -> None:
    assert (Words("zh").value(value), Words("en").value(value)) == (zh, en)


def test_code_lists_and_columns_have_names_in_both_languages() -> None:
    for names in codes.code_lists().values():
        assert all(set(n) == {"zh", "en"} for n in names.values())
    assert codes.section("electricity")["MWh"].unit == "MWh"
    assert codes.section("boundary.parts")["kind"].codes == "part_kind"
    assert codes.table_title("boundary.exclusions") == {"zh": "排除项", "en": "Exclusions"}
    assert codes.table_title("nothing") is None
