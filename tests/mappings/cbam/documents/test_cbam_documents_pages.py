"""Documents as pages: escaped, the same bytes twice, never complete when they are not; PDF/A-3a and PDF/UA-1 (full)."""

from __future__ import annotations

import html as html_text
import importlib.util
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from tests.mappings.cbam.documents.cases import (
    GONE,
    HERE,
    ROOT,
    VERIFICATION_EXAMPLE,
    changed,
    everything,
    fasteners,
    plan,
    plan_of,
    result_of,
    tree,
    verification_of,
)

from zerofactory_mappings.cbam.compute import compute
from zerofactory_mappings.cbam.documents.build import emissions_report, summary_report
from zerofactory_mappings.cbam.documents.build_plan import plan_report
from zerofactory_mappings.cbam.documents.build_verification import verification_report, verify
from zerofactory_mappings.cbam.documents.model import Report
from zerofactory_mappings.cbam.documents.plan_compare import compare
from zerofactory_mappings.cbam.documents.proof_annex import LINES, _Annex, proof_parts
from zerofactory_mappings.cbam.documents.view import widths
from zerofactory_mappings.cbam.documents.write import Beside, json_bytes, render_html, render_pdf, report_json
from zerofactory_mappings.cbam.model import Basis

VERAPDF = ROOT / "tests/mappings/publishing/verapdf.py"
EVIL = "<script>alert(1)</script> & \"'"
Made = tuple[Report, Beside]


def _emissions() -> Made:
    return emissions_report(everything().result, everything().plan), Beside()


def _summary() -> Made:
    return summary_report(everything().result, everything().plan), Beside()


def _plan() -> Made:
    older = plan_of(changed(HERE / "everything-plan.yaml", ("streams/0/method", "process"), ("co2", [])))
    return plan_report(everything().result, plan(everything())), Beside(compare(older, plan(everything())), "1.0")


def _verification() -> Made:
    case = fasteners()
    made = verify(case.result, verification_of(tree(VERIFICATION_EXAMPLE)), case.plan)
    return verification_report(made), Beside(evaluation=made)


def _transitional() -> Made:
    result = compute(fasteners().installation, Basis.TRANSITIONAL, proof=True)
    return emissions_report(result, fasteners().plan), Beside()


DOCUMENTS: dict[str, Callable[[], Made]] = {"emissions": _emissions, "summary": _summary, "plan": _plan,
                                            "verification": _verification, "transitional": _transitional}


@cache
def page(name: str) -> str:
    return render_html(*DOCUMENTS[name]())


def words(page_text: str) -> str:
    """The text of a page."""
    return html_text.unescape(re.sub(r"<[^>]+>", "", re.sub(r"<style>.*?</style>", "", page_text, flags=re.S)))


# --- pages -----------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_page_loads_nothing_and_runs_nothing(name: str) -> None:
    text = page(name)
    assert "<script" not in text
    assert re.findall(r"(?:src|href)=\"(?!#)[^\"]*\"", text) == []
    assert "default-src 'none'" in text
    assert 'lang="en"' in text


@pytest.mark.parametrize("name", DOCUMENTS)
def test_documents_are_in_english(name: str) -> None:
    assert re.findall(r"[\u4e00-\u9fff]", words(page(name))) == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_same_input_gives_the_same_page(name: str) -> None:
    assert render_html(*DOCUMENTS[name]()) == page(name)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_item_stands_in_the_page_with_its_clause(name: str) -> None:
    report, _ = DOCUMENTS[name]()
    text = words(page(name))
    for each in report.items:
        assert f"{each.item.number} {each.item.names.en}" in text
        assert f"{report.document.act} {each.item.clause}" in text


@pytest.mark.parametrize("name", DOCUMENTS)
def test_no_code_or_blank_shows_through(name: str) -> None:
    text = words(page(name))
    assert re.findall(r"cbam-documents\.\S+|None|Decimal\(|StrEnum", text) == []
    assert "{" not in text.replace("{x}", "")


def test_only_a_complete_document_says_so() -> None:
    case = everything()
    assert "Complete." in words(page("emissions"))
    assert "Incomplete." not in words(page("emissions"))
    data = changed(HERE / "everything-plan.yaml", ("statements/0/gaps", GONE))
    text = words(render_html(emissions_report(case.result, plan_of(data))))
    assert "Incomplete." in text
    assert not re.search(r"\bComplete\.", text)
    assert "Data gaps and estimates" in text


def test_the_basis_stands_on_every_document() -> None:
    assert "definitive rules (2025/2547)" in page("emissions")
    text = words(page("transitional"))
    assert "Transitional rules" in text
    assert "do not count for goods imported from 2026" in text
    assert "transitional rules (2023/1773" in text
    assert report_json(*_transitional())["basis"] == "transitional"


def test_the_verification_is_a_working_paper_wherever_it_is_shown() -> None:
    assert "Working paper, not a verification report" in words(page("verification"))
    assert "Working paper, not a verification report" in report_json(*_verification())["working_paper"]


def test_provisional_data_rounding_and_retention_are_printed() -> None:
    text = words(page("emissions"))
    assert "Phase-out of free allocation" in text
    assert "half away from zero" in text
    assert "Installation keeps data until" in text
    assert "2032-12-31" in text                                 # six years after the period, by the table of deadlines


def test_names_of_strangers_are_escaped() -> None:
    data = changed(HERE / "everything.yaml", ("installation/name", EVIL), ("processes/0/name", EVIL), ("products/0/name", EVIL),
                   ("source_streams/0/name", EVIL))
    of_plan = changed(HERE / "everything-plan.yaml", ("controls/a/text", EVIL), ("meters/0/location", EVIL))
    result = result_of(data)
    for report in (emissions_report(result, plan_of(of_plan)), plan_report(result, plan_of(of_plan))):
        text = render_html(report)
        assert "<script>alert" not in text
        assert EVIL in words(text)


def test_changes_of_the_plan_are_listed_with_their_weight() -> None:
    text = words(page("plan"))
    assert "Changes against the earlier plan (1.0)" in text
    assert re.search(r"streams/COKE/method\s*process\s*combustion\s*methodology\s*significant", text)


@pytest.mark.parametrize(("head", "rows"), [
    (["A", "B"], [["x", "y"]]), (["Name", "Share of default values"], [["x" * 200, "1"]]),
    ([f"Column {n}" for n in range(8)], [["word " * 20] * 8]), (["A"], [["x"]]), (["A", "B"], [])])
def test_widths_fill_the_page(head: list[str], rows: list[list[str]]) -> None:
    found = widths(head, rows)
    assert sum(found) == 100
    assert min(found) > 0


def test_no_column_is_narrower_than_its_longest_word_where_there_is_room() -> None:
    head, rows = ["Process", "Emission factor"], [["Blast furnace with alloys", "0.44"]]
    found = widths(head, rows)
    assert found[0] >= len("furnace") + 3
    assert found[1] >= len("Emission") + 3


# --- proof -----------------------------------------------------------------------------------------------------------

def test_the_proof_goes_down_to_stream_factor_and_point_of_the_law() -> None:
    lines = [line for part in proof_parts(everything()) for line in part.lines]
    told = {(line.what, line.source) for line in lines}
    assert ("Coke breeze: emissions", "2025/2547 Annex II B.3.1.1, Eq 5") in told
    assert ("Coke breeze: amount", "D1; source_streams/COKE/amount") in told
    assert ("Constants and limits: CO2 from carbon", "IR (EU) 2025/2547 Annex II B.3.1.1") in told
    assert any(line.rule == "SEE = ae + Σ m × SEE" and line.source.endswith("Annex III B, Eq 63") for line in lines)
    assert any("second-hand" in line.source for line in lines if line.what.startswith("Phase-out"))


def test_every_step_stands_once_and_every_reference_leads_to_it() -> None:
    lines = [line for part in proof_parts(everything()) for line in part.lines]
    first = [line.number for line in lines if line.number and not line.seen]
    assert len(first) == len(set(first))
    shown: set[str] = set()
    for line in lines:
        if line.seen:
            assert line.number in shown, line.what
        shown.add(line.number)


def test_every_step_of_a_good_is_in_the_annex_or_changes_nothing() -> None:
    graph = everything().result.proof
    assert graph is not None
    annex = _Annex(everything(), graph)
    parts = list(annex.parts())
    assert len(parts) == 6                                                   # the total and five goods
    for root in ("installation/direct", "process:PIG/see-direct", "product:4/see-direct", "product:4/see-indirect"):
        left_out = {s.id: (s.kind, s.value) for s in graph.below(root) if s.id not in annex.numbers}
        assert set(left_out.values()) <= {("rule", Decimal(0))}, left_out
    assert len(graph.below("process:PIG/see-direct")) > 40


def test_a_long_series_is_drawn_together_and_the_annex_is_bounded() -> None:
    hours = tuple((Decimal("0.8"), Decimal(60000), Decimal(1)) for _ in range(400))
    given = everything().installation
    source = replace(given.measured[0], hourly=hours, concentration=None, hours=None, flow=None)
    result = compute(replace(given, measured=(source,)), proof=True)
    case = replace(everything(), installation=result.given, result=result)
    lines = [line for part in proof_parts(case) for line in part.lines]
    assert any(line.what == "800 figures as entered" for line in lines)
    assert len(lines) <= LINES


# --- PDF -------------------------------------------------------------------------------------------------------------

def test_a_pdf_carries_its_data_and_is_the_same_twice() -> None:
    from zerofactory_mappings.publishing.pdf import attached_files

    report, beside = _verification()
    data = render_pdf(report, beside)
    assert attached_files(data) == {"verification_report.json": json_bytes(report_json(report, beside))}
    assert render_pdf(report, beside) == data
    other = render_pdf(replace(report, issued=date(2027, 3, 1)), beside)
    assert other != data


@pytest.mark.full
@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_pages_are_sound(name: str, tmp_path: Path) -> None:
    """qpdf finds nothing wrong and every font is embedded."""
    if shutil.which("qpdf") is None or shutil.which("pdffonts") is None:
        pytest.skip("qpdf and poppler-utils are not installed (apt-get install qpdf poppler-utils)")
    path = tmp_path / "document.pdf"
    path.write_bytes(render_pdf(*DOCUMENTS[name]()))
    check = subprocess.run(["qpdf", "--check", str(path)], capture_output=True, text=True, check=False)
    assert check.returncode == 0, check.stdout + check.stderr
    fonts = subprocess.run(["pdffonts", str(path)], capture_output=True, text=True, check=True).stdout.splitlines()[2:]
    assert fonts
    for line in fonts:
        assert tuple(line.split()[-5:-2]) == ("yes", "yes", "yes"), line


@pytest.mark.full
def test_documents_are_pdf_a_3a_and_pdf_ua_1(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("verapdf", VERAPDF)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    if reason := module.why_not():
        pytest.skip(f"veraPDF cannot run: {reason}")
    files = []
    for name, make in DOCUMENTS.items():
        path = tmp_path / f"{name}.pdf"
        path.write_bytes(render_pdf(*make()))
        files.append(path)
    run = subprocess.run([sys.executable, str(VERAPDF), *map(str, files)], capture_output=True, text=True, timeout=600, check=False)
    assert run.returncode == 0, run.stderr[-2000:]
    assert {Path(k).name: v for k, v in json.loads(run.stdout).items()} == {
        f.name: {"3a": [], "ua1": []} for f in files}
