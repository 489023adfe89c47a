"""Rounding as the law has it: full tonnes, at most five decimals, half away from zero, once, at the very end."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.mappings.cbam.documents.cases import fasteners

from zerofactory_mappings.cbam.documents.build import emissions_report
from zerofactory_mappings.cbam.documents.model import Quantity
from zerofactory_mappings.cbam.documents.rounding import rounded, text
from zerofactory_mappings.cbam.documents.write import report_json


@pytest.mark.parametrize(("value", "kind", "shown"), [
    ("1.000005", "see", "1.00001"), ("-1.000005", "see", "−1.00001"), ("0.0000001", "see", "0.00000"),
    ("-0.0000001", "see", "0.00000"), ("1.0000049999", "see", "1.00000"), ("2.123455", "see", "2.12346"),
    ("1402.5", "tonnes", "1,403"), ("1402.4999", "tonnes", "1,402"), ("-0.5", "tonnes", "−1"), ("-0.4", "tonnes", "0"),
    ("1837.50", "parameter", "1,837.5"), ("0.00393", "parameter", "0.00393"), ("1E+3", "parameter", "1,000"),
    ("12345678.123456789", "parameter", "12,345,678.123456789"), ("0.6458333333", "derived", "0.645833"),
    ("24000", "derived", "24,000"), ("0.049730123", "share", "4.973 %"), ("0", "share", "0 %")])
def test_figures_are_shown(value: str, kind: str, shown: str) -> None:
    assert text(Decimal(value), kind) == shown


@given(st.decimals(min_value=-10**9, max_value=10**9, places=12))
def test_rounding_is_to_the_nearest_and_never_twice(value: Decimal) -> None:
    for kind, unit in (("see", Decimal("0.00001")), ("tonnes", Decimal(1))):
        found = rounded(value, kind)
        assert abs(found - value) <= unit / 2
        assert rounded(found, kind) == found
        assert rounded(-value, kind) == -found


def test_specific_emissions_come_from_unrounded_emissions() -> None:
    """Dividing full tonnes would change the last decimal: the report says which order is used, and keeps to it."""
    case = fasteners()
    report = emissions_report(case.result, case.plan)
    process = case.result.processes[1]
    assert process.attributed_direct is not None
    assert process.activity_level is not None
    assert process.se_direct is not None
    from_tonnes = rounded(process.attributed_direct, "tonnes") / process.activity_level
    assert from_tonnes != process.se_direct
    row = next(r for r in report.item("30").content.lists["processes"] or () if r["process"] == process.name)
    assert row["direct"] == Quantity(process.attributed_direct, "tCO2e")          # kept whole inside
    assert "not from the full tonnes" in report_json(report)["rounding"]


def test_json_keeps_the_exact_figure_beside_the_rounded_one() -> None:
    case = fasteners()
    goods = report_json(emissions_report(case.result, case.plan))["items"][14]["lists"]["products"]
    see = goods[1]["see_direct"]
    assert Decimal(see["exact"]) == case.result.products[1].see_direct
    assert Decimal(see["value"]) == rounded(Decimal(see["exact"]), "see")
