"""Uncertainty of values from that of rows: sums, products, quotients, correlation, figures, lines; and robustness."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.dossier import Dossier
from zerofactory_engine.evaluation import Assessment
from zerofactory_engine.evaluation.uncertainty import half_width
from zerofactory_engine.rulepack.model import Pack

Assess = Callable[..., Assessment]
PackOf = Callable[..., Pack]
DossierOf = Callable[..., Dossier]
TextOf = Callable[..., str]


def rows(grid: str | None, solar: str | None) -> list[dict[str, Any]]:
    """800 MWh of grid power and 200 of solar power, each with a half-width in percent."""
    made: list[dict[str, Any]] = [
        {"id": "E1", "flow": "consumed", "source": "grid", "MWh": "800", "from": "2025-01-01", "to": "2025-12-31"},
        {"id": "E2", "flow": "consumed", "source": "on-site", "MWh": "200", "from": "2025-01-01", "to": "2025-12-31"}]
    for row, width in zip(made, (grid, solar), strict=True):
        if width is not None:
            row["uncertainty"] = {"half_width_percent": width}
    return made


def width(assessment: Assessment, key: str) -> Decimal | None:
    return next(q.uncertainty for q in assessment.quantities if q.id == key)


def test_independent_sources_add_in_squares() -> None:
    assert half_width({"a": Decimal(3), "b": Decimal(-4)}) == 5
    assert half_width({}) is None


def test_a_sum_of_rows(assess: Assess, dossier_of: DossierOf) -> None:
    """8 of 800 and 6 of 200: the root of 64 + 36 is 10."""
    found = assess(dossier=dossier_of(electricity=rows("1", "3")))
    assert width(found, "consumed") == 10
    assert width(found, "clean") == 6


def test_a_row_above_and_below_counts_with_its_difference(assess: Assess, dossier_of: DossierOf) -> None:
    """s/(g+s) = 0.2: solar moves it by 6·800/1000² = 0.0048, grid by 8·200/1000² = 0.0016; together 0.00506 = 0.506 %."""
    found = assess(dossier=dossier_of(electricity=rows("1", "3")))
    expected = CONTEXT.sqrt(Decimal("0.0048") ** 2 + Decimal("0.0016") ** 2) * 100
    value = width(found, "T-1/share")
    assert value is not None
    assert abs(value - expected) < Decimal("1e-28")
    margin = found.criterion("T-1").levels["entry"].margin
    assert margin is not None
    assert margin.uncertainty is not None
    assert abs(margin.uncertainty - expected) < Decimal("1e-28")
    assert margin.robust is True


def test_within_its_uncertainty_a_verdict_is_not_robust(assess: Assess, dossier_of: DossierOf, pack_of: PackOf, share: str) -> None:
    near = pack_of(share.replace("value: 30", "value: 20.4"))
    found = assess(near, dossier_of(electricity=rows("1", "3")))
    margin = found.criterion("T-1").levels["entry"].margin
    assert margin is not None
    assert (margin.value, margin.robust) == (Decimal("-0.4"), False)
    assert (found.level("entry").robust, found.level("target").robust) == (False, True)
    assert [f.level for f in found.findings if f.code == "finding.not-robust"] == ["entry"]


def test_a_half_width_of_one_standard_deviation_is_doubled(assess: Assess, dossier_of: DossierOf) -> None:
    stated = rows("1", None)
    stated[0]["uncertainty"]["coverage_factor"] = "1"
    assert width(assess(dossier=dossier_of(electricity=stated)), "consumed") == 16


def test_without_a_statement_there_is_no_uncertainty(assess: Assess, dossier_of: DossierOf) -> None:
    found = assess(dossier=dossier_of(electricity=rows(None, None)))
    assert width(found, "T-1/share") is None
    margin = found.criterion("T-1").levels["entry"].margin
    assert margin is not None
    assert (margin.uncertainty, margin.robust) == (None, True)


@pytest.mark.parametrize(("formula", "expected"), [
    ("clean * two", "12"), ("two * clean", "12"), ("clean - grid", "10"), ("-clean", "6"), ("clean + clean", "12"),
    ("clean - clean", "0"), ("if clean > grid then grid else clean", "6"), ("clean / two", "3"), ("sum(electricity.MWh)", "10"),
    ("max(clean, grid)", None), ("(clean * grid) / grid", "6"),
])
def test_rules_of_propagation(assess: Assess, pack_of: PackOf, criterion_of: TextOf, parameter_of: TextOf, dossier_of: DossierOf,
                              formula: str, expected: str | None) -> None:
    more = (f"parameters:\n  {parameter_of('low', '100')}\n  {parameter_of('two', '2', '1')}\n"
            f"quantities:\n  x: {{title: {{zh: 值, en: x}}, unit: MWh, value: '{formula}'}}")
    condition = "entry: x >= low and two > 0" if "two" not in formula else "entry: x >= low"
    found = assess(pack_of(criterion_of("T-1", condition, more=more)), dossier_of(electricity=rows("1", "3")))
    value = width(found, "T-1/x")
    assert value is None if expected is None else (value is not None and abs(value - Decimal(expected)) < Decimal("1e-28"))


def test_a_single_figure_brings_its_own(assess: Assess, pack_of: PackOf, criterion_of: TextOf, parameter_of: TextOf,
                                        dossier_of: DossierOf) -> None:
    more = (f"parameters:\n  {parameter_of('low', '1', '10kCNY')}\n"
            "quantities:\n  x: {title: {zh: 值, en: x}, unit: 10kCNY, value: 'figure(\"industrial_value_added\")'}")
    row = {"figure": "industrial_value_added", "amount": "2000", "unit": "10kCNY", "from": "2025-01-01", "to": "2025-12-31",
           "uncertainty": {"half_width_percent": "5"}}
    found = assess(pack_of(criterion_of("T-1", "entry: x >= low", more=more)), dossier_of(economics=[row]))
    assert width(found, "T-1/x") == 100


def test_lines_of_the_inventory_bring_theirs(assess: Assess, pack_of: PackOf, criterion_of: TextOf, parameter_of: TextOf,
                                             dossier_of: DossierOf) -> None:
    quantities = "co2: {title: {zh: 碳, en: CO2}, clause: c, unit: tCO2, value: 'total(lines[scope = 2].tCO2_location)'}"
    pack = pack_of(criterion_of("T-1", "entry: co2 <= cap", more=f"parameters:\n  {parameter_of('cap', '400', 'tCO2')}"),
                   quantities=quantities)
    found = assess(pack, dossier_of(electricity=rows("2", None)))
    line = next(x for x in found.run.inventory.lines if x.row == "E1")
    value = width(found, "co2")
    assert line.uncertainty is not None
    assert value is not None
    assert value == CONTEXT.multiply(line.location.value, line.uncertainty)


def test_conversion_scales(assess: Assess, pack_of: PackOf, criterion_of: TextOf, parameter_of: TextOf, dossier_of: DossierOf) -> None:
    quantities = ("co2: {title: {zh: 碳, en: CO2}, clause: c, unit: tCO2e, "
                  "value: 'convert(total(lines[scope = 2].tCO2_location), \"tCO2e\")'}")
    pack = pack_of(criterion_of("T-1", "entry: co2 <= cap", more=f"parameters:\n  {parameter_of('cap', '400', 'tCO2e')}"),
                   quantities=quantities)
    found = assess(pack, dossier_of(electricity=rows("2", None)))
    line = next(x for x in found.run.inventory.lines if x.row == "E1")
    assert line.uncertainty is not None
    assert width(found, "co2") == CONTEXT.multiply(line.location.value, line.uncertainty)
