"""The report of the demo factory: computed again from its bundle, every section filled, in both languages."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from zerofactory_engine.canonical import content_hash, sha256
from zerofactory_engine.problems import ProblemsError
from zerofactory_mappings.publishing.case import Case
from zerofactory_mappings.publishing.commands import report
from zerofactory_mappings.publishing.document import render_html
from zerofactory_mappings.publishing.numbers import shown
from zerofactory_mappings.publishing.pdf import attached_files
from zerofactory_mappings.publishing.reading import BUNDLE_NAME, EXTRACT_NAME, case_of, read_case


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^<>]*>", " ", re.sub(r"<style.*?</style>", "", html, flags=re.DOTALL))))


def words_of(html: str) -> str:
    """The text with formulas joined again (``CO<sub>2</sub>`` reads CO2)."""
    return text_of(re.sub(r"</?sub>", "", html))


@pytest.fixture(scope="module", params=["zh", "en"])
def page(request: pytest.FixtureRequest, demo_case: Case) -> tuple[str, str]:
    return request.param, render_html(demo_case, request.param)


def test_every_criterion_level_and_reading_is_in_the_report(demo_case: Case, page: tuple[str, str]) -> None:
    language, html = page
    text, a = words_of(html), demo_case.assessment
    wanted = [c["title"][language] for c in a["criteria"]] + [level["title"][language] for level in a["levels"]]
    wanted += [r["question"][language] for r in a["readings"]] + [g[language] for g in a["pack"]["known_gaps"]]
    assert [w for w in wanted if re.sub(r"\s+", " ", w.replace("₂", "2")) not in text] == []


def test_totals_of_the_inventory_are_in_the_report(demo_case: Case, page: tuple[str, str]) -> None:
    text = words_of(page[1])
    totals = demo_case.assessment["inventory"]["totals"]
    for basis in ("location", "market"):
        for scope in ("1", "2"):
            assert shown(Decimal(totals[basis]["by"]["scope"][scope]["tCO2e"])) in text


def test_the_supply_is_that_of_the_dossier_s_rows(demo_case: Case, demo_bundle: Path, page: tuple[str, str]) -> None:
    """Summed here from the bundle's rows without our code."""
    dossier = json.loads(demo_bundle.read_text(encoding="utf-8"))["dossier"]
    outside = {p["id"] for p in dossier["boundary"]["parts"] if not p["inside"]}         # the tenant
    sums: dict[str, Decimal] = {}
    for row in dossier["electricity"]:
        if row["flow"] == "consumed" and row.get("part") not in outside:
            sums[row["source"]] = sums.get(row["source"], Decimal(0)) + Decimal(row["MWh"])
    assert demo_case.supply is not None
    assert dict(demo_case.supply.sources) == sums
    assert demo_case.supply.certificates == 9000                 # C1 and C2; C3 expired, C4 belongs to the traded power
    assert demo_case.supply.complete
    for amount in sums.values():
        assert shown(amount) in words_of(page[1])


def test_no_identifier_of_the_program_is_shown_for_want_of_a_name(page: tuple[str, str]) -> None:
    language, html = page
    text = words_of(re.sub(r'<table class="proof.*?</table>', "", html, flags=re.DOTALL))
    assert re.findall(r"\b(?:report|reason|finding|cause|accounting|dossier)\.(?!pdf)[a-z][a-z-]+\b", text) == []
    assert not re.search(r"\{[a-z_]+\}", text)
    if language == "zh":
        assert re.findall(r"\b(?:not met|indeterminate|purchased electricity|stationary combustion|met)\b", text) == []


def test_proofs_reach_rows_documents_and_factors(page: tuple[str, str]) -> None:
    proofs = words_of(" ".join(re.findall(r'<table class="proof.*?</table>', page[1], flags=re.DOTALL)))
    for expected in ("unit_emissions <= entry_limit", "D-E1 (12)", "0.00133 tce/Nm³", "44/12", "138,420 Nm³"):
        assert expected in proofs, expected


def test_numbers_of_steps_that_are_seen_again_lead_to_them(page: tuple[str, str]) -> None:
    html = page[1]
    assert set(re.findall(r'href="#(p\d+)"', html)) <= set(re.findall(r'id="(p\d+)"', html))


def run(*arguments: str) -> Any:
    return CliRunner().invoke(report, list(arguments))


def test_the_command_writes_a_pdf_that_carries_the_bundle(demo_bundle: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.pdf"
    made = run(str(demo_bundle), "--out", str(out), "--lang", "zh", "--json")
    assert made.exit_code == 0, made.output
    told = json.loads(made.output)
    assert told["sha256"] == sha256(out.read_bytes())
    assert attached_files(out.read_bytes()) == {BUNDLE_NAME: demo_bundle.read_bytes()}
    assert told["attached_sha256"] == sha256(demo_bundle.read_bytes())
    assert [p.name for p in tmp_path.iterdir()] == ["report.pdf"]
    again = read_case(out)                                             # the PDF is as good as the bundle
    assert again.assessment == json.loads(demo_bundle.read_text(encoding="utf-8"))["assessment"]


def test_the_public_report_tells_verdicts_and_hashes_only(demo_bundle: Path, demo_case: Case, tmp_path: Path) -> None:
    out = tmp_path / "public.pdf"
    assert run(str(demo_bundle), "--out", str(out), "--lang", "en", "--public").exit_code == 0
    (name, data), = attached_files(out.read_bytes()).items()
    assert name == EXTRACT_NAME
    extract = json.loads(data)
    assert extract["kind"] == "public_extract"
    assert extract["extract_of"] == json.loads(demo_bundle.read_text(encoding="utf-8"))["id"]
    text = words_of(render_html(read_case(demo_bundle, public=True), "en"))
    for private in ("State Grid", "138,420", "M-E1", "gateway-1.csv", "Buy and cancel", "46,350"):
        assert private not in text, private
    for told in ("1.418 tCO2/tce", "This is a readiness report, not a certificate.", extract["assessment"]["documents"][0]["sha256"][7:]):
        assert told in text, told
    assert "No single reading" not in text                             # what is left out is not denied
    full = run(str(out), "--out", str(tmp_path / "full.pdf"), "--lang", "en")
    assert full.exit_code == 3
    assert "report.extract-only" in full.output


def changed(bundle: Path, **assessment: Any) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(bundle.read_text(encoding="utf-8"))
    document["assessment"].update(assessment)
    document["assessment"]["id"] = content_hash({k: v for k, v in document["assessment"].items() if k not in {"id", "produced_by"}})
    document["id"] = content_hash({k: v for k, v in document.items() if k not in {"id", "produced_by"}})
    return document


def test_a_bundle_that_does_not_give_its_own_assessment_is_refused(demo_bundle: Path, tmp_path: Path) -> None:
    forged = tmp_path / "forged.json"
    forged.write_text(json.dumps(changed(demo_bundle, findings=[])), encoding="utf-8")
    out = tmp_path / "report.html"
    made = run(str(forged), "--out", str(out), "--lang", "en")
    assert made.exit_code == 6
    assert "assessment/findings" in made.output
    assert not out.exists()
    document = json.loads(demo_bundle.read_text(encoding="utf-8"))
    document["assessment"]["levels"][0]["verdict"] = "met"              # and its hash left as it was
    with pytest.raises(ProblemsError) as caught:
        case_of(document)
    assert [p.code for p in caught.value.problems] == ["report.differs"]


def test_an_assessment_alone_is_not_enough(demo_bundle: Path) -> None:
    with pytest.raises(ProblemsError) as caught:
        case_of(json.loads(demo_bundle.read_text(encoding="utf-8"))["assessment"])
    assert [p.code for p in caught.value.problems] == ["report.assessment-alone"]


def test_the_ending_says_what_is_written(demo_bundle: Path, tmp_path: Path) -> None:
    made = run(str(demo_bundle), "--out", str(tmp_path / "report.doc"), "--lang", "en")
    assert made.exit_code == 2
    assert ".pdf or .html" in made.output


@pytest.mark.parametrize("as_json", [False, True])
def test_a_missing_extra_is_named_with_the_command_that_installs_it(demo_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                                                    as_json: bool) -> None:
    import importlib.util

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    made = run(str(demo_bundle), "--out", str(tmp_path / "r.pdf"), "--lang", "en", *(["--json"] if as_json else []))
    assert made.exit_code == 2
    assert "pip install 'zerofactory[report]'" in made.output
    assert "weasyprint" in made.output


def test_missing_system_libraries_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import builtins

    from zerofactory_mappings.publishing import commands

    real = builtins.__import__

    def without(name: str, *arguments: Any, **named: Any) -> Any:
        if name == "weasyprint":
            raise OSError("cannot load library 'libpango-1.0-0'")
        return real(name, *arguments, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    missing, to_run = commands._absent(".pdf")
    assert missing == ["cannot load library 'libpango-1.0-0'"]
    assert to_run == [commands.SYSTEM]
