"""Whatever stands in the cells of a list of certificates, settlements or credits, every row is accounted for."""

from __future__ import annotations

import csv
import io
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.mappings.sources.credit_registry.test_credit_registry import SMALL
from tests.mappings.sources.gec_ledger.test_gec_ledger import LEDGER
from tests.mappings.sources.green_power_settlement.test_green_power_settlement import STATEMENT

from zerofactory_engine.problems import ProblemsError
from zerofactory_mappings.sources import credit_registry, gec_ledger, green_power_settlement

CCER = """核证自愿减排量台账
项目编号,批次/序列号区间,核证减排量(tCO2e),减排量年份(vintage),注销日期/数量/用途
CCER-1,CCER-2024-001~CCER-2024-300,300,2024,2026年1月20日；300；碳中和
CCER-1,CCER-2024-301~CCER-2024-400,100,2024,
合计,,400
"""
#: Reader, a table of its kind, and what a table that was changed beyond use gets.
READERS: dict[str, tuple[ModuleType, str, set[str]]] = {
    "gec": (gec_ledger, LEDGER, {"gec.no-table", "gec.no-year"}),
    "settlement": (green_power_settlement, STATEMENT, {"green-power.no-table"}),
    "registry": (credit_registry, SMALL, {"credits.no-registry", "credits.columns"}),
    "ccer": (credit_registry, CCER, {"credits.no-registry"}),
}
VALUES = st.one_of(st.just(""), st.integers(-10, 10**6).map(str), st.text("01年月-至~.,;（）x ", max_size=12), st.sampled_from(
    ["—", "1,234", "合计", "小计", "注：x", "2025年", "2025-02-30", "1.2,3", "#REF!", "100张", "1e31", "持有", "已核销", "9" * 40, "A-1 - A-9",
     "11223344556677889202503000000001至11223344556677889202503000000100", "Ⅷ²٣", "2026-01-20；²", "\u3000", "=A1"]))


@pytest.mark.parametrize("reader", READERS)
@settings(max_examples=60)
@given(changes=st.dictionaries(st.tuples(st.integers(0, 16), st.integers(0, 14)), VALUES, max_size=8))
def test_every_row_is_accounted_for(reader: str, changes: dict[tuple[int, int], str]) -> None:
    source, base, refusals = READERS[reader]
    rows = list(csv.reader(io.StringIO(base)))
    for (row, column), value in changes.items():
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = value
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    try:
        report = source.import_bytes(out.getvalue().encode(), "a.csv", {}).report
    except ProblemsError as error:
        refused = error.problems[-1].code
    else:
        refused = ""
    assert not refused or refused in refusals
    if refused:
        return
    counted = [e for e in report.entries if e.collection == "rows"]
    assert [int(e.path.rpartition("/")[2]) for e in counted] == [
        n for n, row in enumerate(rows, 1) if any(cell.strip() for cell in row)]
    for each in report.sums:
        assert each.total == each.used + each.kept + each.refused
    for language in ("zh", "en"):
        assert "未能理解" in report.as_text("zh") or not report.not_understood()
        assert not [e.reason for e in counted if e.reason and e.reason in report.as_text(language)]
