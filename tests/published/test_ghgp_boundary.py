"""GHG Protocol Corporate Standard, revised edition, chapter 3, table 1: consolidation for a 40 % economic interest."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from zerofactory_engine.accounting import FactorLibrary, Options, compute_inventory
from zerofactory_engine.accounting.classification import consolidation_share
from zerofactory_engine.dossier import dossier_from_tree

#: relationship, approach, operated, controlled, share
TABLE = """
subsidiary              equity_share         yes  yes  0.4
subsidiary              financial_control    yes  yes  1
subsidiary              operational_control  yes  yes  1
subsidiary              operational_control  no   yes  0
joint_venture           equity_share         yes  no   0.4
joint_venture           financial_control    yes  no   0.4
joint_venture           operational_control  yes  no   1
joint_venture           operational_control  no   no   0
associate               equity_share         no   no   0.4
associate               financial_control    no   no   0
associate               operational_control  no   no   0
fixed_asset_investment  equity_share         no   no   0
fixed_asset_investment  financial_control    no   no   0
fixed_asset_investment  operational_control  no   no   0
franchise               equity_share         no   no   0.4
franchise               financial_control    no   no   0
franchise               financial_control    no   yes  1
franchise               operational_control  no   no   0
franchise               operational_control  yes  no   1
"""
ROWS = [tuple(line.split()) for line in TABLE.split("\n")[1:-1]]


def test_the_table_has_nineteen_rows() -> None:
    assert len(ROWS) == 19


@pytest.mark.parametrize(("relationship", "approach", "operated", "controlled", "share"), ROWS)
def test_share_of_the_table(relationship: str, approach: str, operated: str, controlled: str, share: str) -> None:
    assert consolidation_share(relationship, approach, operated=operated == "yes", controlled=controlled == "yes",
                               interest=Decimal("0.4")) == Decimal(share)


@pytest.mark.parametrize(("relationship", "approach", "operated", "controlled", "share"), ROWS)
def test_the_same_share_through_an_inventory(relationship: str, approach: str, operated: str, controlled: str, share: str
                                             ) -> None:
    """1 000 MWh at 0.5306 of a part of the boundary that stands in this relationship."""
    part = {"id": "P1", "inside": "yes", "relationship": relationship.replace("_", " "), "operated": operated,
            "controlled": controlled, "economic_interest_percent": "40"}
    tree: dict[str, Any] = {
        "format": "zerofactory/dossier/1", "id": "b", "period": {"from": "2025-01-01", "to": "2025-12-31"},
        "facility": {"id": "F1", "name": {"zh": "厂", "en": "Site"}, "province": "CN"}, "complete": ["electricity"],
        "boundary": {"approach": approach.replace("_", " "), "share_percent": "100", "parts": [part]},
        "electricity": [{"id": "E1", "flow": "consumed", "source": "grid", "MWh": "1000", "part": "P1"}]}
    found = compute_inventory(dossier_from_tree(tree, lenient=True), Options(), FactorLibrary.shipped())
    line = next(ln for ln in found.lines if ln.row == "E1")
    assert line.location.value == Decimal("530.6") * Decimal(share)


def test_no_row_of_the_reference_table_is_left_out(shared_data: Path) -> None:
    tree = yaml.safe_load((shared_data / "standards/worked_boundary_given.yaml").read_text(encoding="utf-8"))
    listed = [(r["relationship"], r["approach"], "yes" if r["operated"] else "no", "yes" if r["controlled"] else "no",
               str(r["expected_share"])) for case in tree["cases"] for r in case["rows"]]
    assert listed == [tuple(row) for row in ROWS]
