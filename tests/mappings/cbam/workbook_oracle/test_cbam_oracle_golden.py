"""The transitional result is the workbook's own: against what LibreOffice printed for the same entries.

Twice: of the model alone, which needs nothing from outside, and of a filled copy of the official template that is read.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.mappings.cbam.workbook_oracle import golden
from tests.mappings.cbam.workbook_oracle.cases import CASES
from tests.mappings.cbam.workbook_oracle.hostile import HOSTILE
from tests.mappings.cbam.workbook_oracle.objects import installation
from tests.mappings.cbam.workbook_oracle.printed import compare, ours
from tests.mappings.cbam.workbook_oracle.sheets import entries
from tests.mappings.cbam.workbook_oracle.workbook import TEMPLATE, Blank

from zerofactory_engine import cli
from zerofactory_mappings.cbam.communication.read import read_template
from zerofactory_mappings.cbam.compute import compute
from zerofactory_mappings.cbam.model import Basis

PLANS = golden.plans()
#: Cases whose workbook is made and read in every run; the others in the long run.
OFTEN = ("blast-furnace", "references", "missing", "full", "random-2")
ODD_OFTEN = ("names-by-space", "text-number", "same-name", "cycle")


@cache
def blank(path: Path) -> Blank:
    return Blank(path)


@pytest.mark.parametrize("name", [n for n, p in PLANS.items() if p.exact and not n.startswith("odd-")])
def test_figures_of_the_model_are_those_of_the_workbook(name: str) -> None:
    plan = PLANS[name]
    found = compare(ours(compute(installation(plan))), golden.figures(name, plan), plan.unknown)
    assert found.differences == ()
    assert found.compared >= 20
    assert found.largest < 1e-12          # far closer than the bound: there is no rounding on the way


@pytest.mark.parametrize("name", [
    pytest.param(n, marks=() if n in OFTEN else pytest.mark.full) for n in PLANS if not n.startswith("odd-")])
def test_figures_of_a_filled_template_are_those_of_the_workbook(name: str, shared_data: Path) -> None:
    plan = PLANS[name]
    data = blank(shared_data / TEMPLATE).filled(entries(plan))
    result = compute(read_template(data, f"{name}.xlsx"))
    assert result.basis is Basis.TRANSITIONAL
    assert compare(ours(result), golden.figures(name, plan), plan.unknown).differences == ()


@pytest.mark.parametrize("name", [pytest.param(n, marks=() if n in ODD_OFTEN else pytest.mark.full) for n in HOSTILE])
def test_odd_workbook_gives_the_same_or_says_why_not(name: str, shared_data: Path) -> None:
    case = HOSTILE[name]
    result = compute(read_template(blank(shared_data / TEMPLATE).filled(entries(case.plan)), f"{name}.xlsx"))
    found = compare(ours(result), golden.figures(f"odd-{name}", case.plan), case.plan.unknown)
    assert [d for d in found.differences if not d.startswith(case.differs or ("-",))] == []
    assert set(case.told) <= {p.code for p in result.problems}
    if case.differs:
        assert found.differences          # a difference that is gone belongs off the list


def test_the_command_prints_the_figures_of_the_workbook(shared_data: Path, tmp_path: Path) -> None:
    plan = PLANS["aluminium"]
    file = tmp_path / "aluminium.xlsx"
    file.write_bytes(blank(shared_data / TEMPLATE).filled(entries(plan)))
    found = CliRunner().invoke(cli.group, ["cbam", "compute", str(file), "--json", "--lang", "en"])
    assert found.exit_code == 0, found.stderr
    told, theirs = json.loads(found.stdout), golden.figures("aluminium", plan)
    assert told["basis"] == "transitional"
    assert told["installation"]["direct_emissions"] == pytest.approx(theirs["installation.direct"], rel=1e-9)
    assert told["installation"]["pfc"] == pytest.approx(theirs["installation.pfc"], rel=1e-9)
    for process in told["processes"]:
        for name in ("se_direct", "see_direct", "se_indirect", "see_indirect", "embedded_electricity", "default_share"):
            assert process[name] == pytest.approx(theirs[f"{process['id']}.{name}"], rel=1e-9, abs=1e-9)
    for row, product in enumerate(told["products"], 1):
        for name in ("see_direct", "see_indirect"):
            assert product[name] == pytest.approx(theirs[f"product-{row}.{name}"], rel=1e-9)


def test_every_case_is_kept_and_nothing_else() -> None:
    assert list(golden.kept()) == list(PLANS)
    for name, plan in PLANS.items():
        golden.figures(name, plan)


def test_what_is_not_produced_is_unknown_and_said() -> None:
    plan = CASES["nothing-made"]
    result = compute(installation(plan))
    assert {p.id for p in result.processes if p.see_direct is None} == {f"P{p}" for p in plan.unknown}
    assert {p.code for p in result.problems} >= {"cbam.production-zero", "cbam.production-missing"}


def test_a_wrong_figure_is_seen() -> None:
    """The comparison itself: one part in a million, a figure too many, a figure too few."""
    plan = CASES["cement"]
    mine, theirs = ours(compute(installation(plan))), dict(golden.figures("cement", plan))
    number = theirs["P2.see_direct"]
    assert number is not None
    assert compare(mine, theirs | {"P2.see_direct": number * 1.000001}).differences
    assert compare(mine, theirs | {"stream-70": 1.0}).differences
    assert compare(mine, {k: v for k, v in theirs.items() if k != "P2.see_direct"}).differences
    assert compare(mine | {"P2.see_direct": None}, theirs).differences
