"""The summary leaks no quantity: nothing of goods, streams, energy, precursors or balances, in no form of it."""

from __future__ import annotations

import re
import shutil
import subprocess
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from tests.mappings.cbam.documents.cases import everything, fasteners

from zerofactory_engine.decimals import CONTEXT, plain
from zerofactory_mappings.cbam.compute import compute
from zerofactory_mappings.cbam.documents.build import case_of, emissions_report, summary_report
from zerofactory_mappings.cbam.documents.figures import corrected, figures
from zerofactory_mappings.cbam.documents.model import Case
from zerofactory_mappings.cbam.documents.write import json_bytes, render_html, render_pdf, report_json

#: Figures of the input that are quantities: activity data, energy, goods, precursors. Factors, contents and shares are not.
QUANTITY = re.compile(r"/(amount|consumed|imported|exported|to_market|to_other|aluminium|energy|heat|electricity|flow|hours|"
                      r"exported_electricity|other_use)$|/(to_processes|used_in)/")


@cache
def telling() -> Case:
    """The installation that touches every item, each quantity a number of its own that can be looked for."""
    given = everything().installation
    found = [p for p in figures(given) if QUANTITY.search(p)]
    numbers = {p: Decimal(700_001 + 1_019 * n) * (-1 if figures(given)[p].value < 0 else 1) for n, p in enumerate(found)}
    # A tenth of it of what is metered and matched hour by hour, which has to stay as it was.
    kept = {p for p in found if re.search(r"SIN/electricity/[23]/", p)}
    return case_of(compute(corrected(given, {p: n for p, n in numbers.items() if p not in kept}), proof=True), everything().plan)


def forms(value: Decimal) -> set[str]:
    """How a quantity could be written."""
    full = plain(value)
    whole = value.to_integral_value()
    return {full, f"{value:,f}", f"{whole:f}", f"{whole:,f}"}


def forbidden(case: Case) -> set[str]:
    """Every quantity of the input and what follows from it, in every form, but the totals that the law puts there."""
    wanted = [abs(g.value) for p, g in figures(case.installation).items() if QUANTITY.search(p)]
    for stream in case.result.streams:
        wanted += [abs(v) for v in (stream.fossil, stream.biomass, stream.energy_fossil, stream.energy_biomass) if v]
    for process in case.result.processes:
        wanted += [abs(v) for v in (process.activity_level, process.electricity, process.heat, process.waste_gas) if v]
    told = {abs(v).to_integral_value() for v in (
        case.result.installation.direct_emissions, *(p.attributed_direct for p in case.result.processes),
        *(p.attributed_indirect for p in case.result.processes)) if v is not None}
    return {f for v in wanted if v.adjusted() >= 3 and v.to_integral_value() not in told for f in forms(v)}


def numbers_in(text: str) -> set[str]:
    return set(re.findall(r"\d[\d,]*(?:\.\d+)?", text))


def leaks(text: str, case: Case) -> set[str]:
    return numbers_in(text) & forbidden(case)


def test_the_quantities_are_there_to_be_found() -> None:
    """The search finds them in the full report, so it could find them in the summary."""
    case = telling()
    assert len(forbidden(case)) > 100
    found = leaks(json_bytes(report_json(emissions_report(case.result, case.plan))).decode(), case)
    assert len(found) > 40


@pytest.mark.parametrize("case", [telling, fasteners], ids=["everything", "fasteners"])
def test_json_and_page_of_a_summary_hold_no_quantity(case: object) -> None:
    assert callable(case)
    made: Case = case()
    report = summary_report(made.result, made.plan)
    assert leaks(json_bytes(report_json(report)).decode(), made) == set()
    assert leaks(re.sub(r"<style>.*?</style>", "", render_html(report), flags=re.S), made) == set()


def test_a_summary_holds_no_exact_figure_problem_or_proof() -> None:
    case = telling()
    report = summary_report(case.result, case.plan)
    assert case.result.problems
    data = report_json(report)
    assert {"problems", "proof", "results", "changes"} & set(data) == set()
    assert "exact" not in json_bytes(data).decode()
    longest = max(len(n.replace(",", "").partition(".")[2]) for n in numbers_in(json_bytes(data).decode()))
    assert longest <= 6                               # coordinates and shares; specific emissions have five


def test_the_file_inside_the_pdf_is_the_summary(tmp_path: Path) -> None:
    from zerofactory_mappings.publishing.pdf import attached_files

    case = telling()
    report = summary_report(case.result, case.plan)
    data = render_pdf(report)
    files = attached_files(data)
    assert list(files) == ["summary_report.json"]
    assert files["summary_report.json"] == json_bytes(report_json(report))
    if shutil.which("pdftotext"):
        (tmp_path / "summary.pdf").write_bytes(data)
        text = subprocess.run(["pdftotext", "-layout", str(tmp_path / "summary.pdf"), "-"], capture_output=True, check=True)
        assert leaks(text.stdout.decode(), case) == set()


def test_doubling_every_quantity_changes_only_the_totals() -> None:
    """What a declarant sees says nothing of size but the totals of the law."""
    given = everything().installation
    twice = {p: CONTEXT.multiply(g.value, Decimal(2)) for p, g in figures(given).items()
             if (QUANTITY.search(p) and not re.search(r"SIN/electricity/[23]/", p) and not p.endswith(("/hours", "/duration")))
             or (p.endswith("/direct") and p.startswith("processes/"))}
    twice |= {p: CONTEXT.multiply(g.value, Decimal(2)) for p, g in figures(given).items() if p.startswith("precursors/")
              and p.endswith(("/amount",))}
    one = report_json(summary_report(everything().result, everything().plan))
    other = report_json(summary_report(compute(corrected(given, twice), proof=True), everything().plan))
    changed = {(i["item"], i["id"]) for i, j in zip(one["items"], other["items"], strict=True) if i != j}
    # Electricity over the link and under the agreement stayed, so the mix of the sinter plant moves.
    assert changed <= {("4", "embedded_emissions"), ("6", "total_direct"), ("7", "indirect")}
    steel = [[r["see_direct"] for r in x["items"][3]["lists"]["products"]] for x in (one, other)]
    assert steel[0] == steel[1]
