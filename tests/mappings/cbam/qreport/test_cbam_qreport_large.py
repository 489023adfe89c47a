"""99,999 goods: written, checked, validated, read back in at most 300 MB, whatever the goods; measured in another process."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.mappings.cbam.qreport.samples import document

GOODS = 99_999
LIMIT_MB = 300

#: Peak memory of a process in MB. Not ``ru_maxrss``: a child's counts what the process that started it had.
_PEAK = """
import re
from pathlib import Path

def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) // 1024
"""

_WRITE = _PEAK + """
import dataclasses, json, sys
from decimal import Decimal
from pathlib import Path
from zerofactory_mappings.cbam.qreport.check import check_file
from zerofactory_mappings.cbam.qreport.official import find_official
from zerofactory_mappings.cbam.qreport.read import ReportStream, read_report
from zerofactory_mappings.cbam.qreport.write import write_report

document, out, goods, xsd = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
report = read_report(document)
(good,) = report.imported_good
emissions = good.goods_emissions[0]

def every():
    for n in range(1, goods + 1):
        direct = dataclasses.replace(emissions.direct_emissions, specific_embedded_emissions=Decimal(n) / 10**7)
        parts = (dataclasses.replace(emissions, direct_emissions=direct),) * (1 + n % 2)
        parts = tuple(dataclasses.replace(p, sequence_number=i) for i, p in enumerate(parts, 1))
        details = dataclasses.replace(good.commodity_code.commodity_details, description=f"good number {n} " + "x" * (n % 300))
        code = dataclasses.replace(good.commodity_code, commodity_details=details)
        yield dataclasses.replace(good, item_number=n, commodity_code=code, goods_emissions=parts)

official = find_official(Path(xsd)) if xsd else None
written = write_report(dataclasses.replace(report, imported_good=()), out, every(), official=official)
checked = check_file(out)
with out.open("rb") as stream:
    reading = ReportStream(stream)
    total = sum(g.item_number for g in reading)
print(json.dumps({"goods": written.goods, "valid": checked.valid, "total": total, "bytes": written.bytes,
                  "elements": checked.elements, "peak": peak()}))
"""


def measured(*words: object) -> dict[str, int]:
    run = subprocess.run([sys.executable, *map(str, words)], capture_output=True, text=True, check=True)
    found: dict[str, int] = json.loads(run.stdout)
    return found


def worked(tmp_path: Path, goods: int, xsd: str) -> dict[str, int]:
    (tmp_path / "d.xml").write_text(document(), encoding="utf-8")
    (tmp_path / "job.py").write_text(_WRITE, encoding="utf-8")
    return measured(tmp_path / "job.py", tmp_path / "d.xml", tmp_path / "r.xml", goods, xsd)


def test_memory_does_not_grow_with_the_goods(tmp_path: Path) -> None:
    few, many = worked(tmp_path, 10, ""), worked(tmp_path, 3_000, "")
    assert many["total"] == 3_000 * 3_001 // 2
    assert many["peak"] - few["peak"] < 20


@pytest.fixture
def perhaps_xsd(request: pytest.FixtureRequest) -> str:
    """The folder of the Commission's XSD, or nothing where it is not here."""
    try:
        return str(request.getfixturevalue("xsd_folder"))
    except pytest.skip.Exception:
        return ""


@pytest.mark.full
def test_the_largest_report_stays_within_the_memory(tmp_path: Path, perhaps_xsd: str) -> None:
    """Written, judged while it is written and once more, asked of the Commission's schema where it is here, read back."""
    found = worked(tmp_path, GOODS, perhaps_xsd)
    assert (found["goods"], found["valid"], found["total"]) == (GOODS, True, GOODS * (GOODS + 1) // 2)
    assert found["peak"] <= LIMIT_MB, found


_COMMAND = _PEAK + """
import contextlib, io, json, sys
from zerofactory_mappings.cbam.qreport.commands import qreport

said = io.StringIO()
with contextlib.redirect_stdout(said), contextlib.suppress(SystemExit):
    qreport.main([*sys.argv[1:], "--json"], standalone_mode=True)
print(json.dumps({**json.loads(said.getvalue()), "problems": 0, "peak": peak()}))
"""


@pytest.mark.full
def test_a_table_of_as_many_rows_becomes_a_report_within_the_memory(root: Path, tmp_path: Path) -> None:
    example = (root / "standards/schemas/examples/cbam-qreport.yaml").read_text(encoding="utf-8")
    (tmp_path / "in.yaml").write_text(example[:example.index("\ngoods:\n") + 1] + "goods_file: goods.csv\n", encoding="utf-8")
    columns = ["CommodityCode/CnCode", "ImportedQuantity/MeasureProcedureImported/NetMass", "MeasureImported/NetMass", "GoodsEmissions/ProducedMeasure/NetMass",
               "GoodsEmissions/DirectEmissions/SpecificEmbeddedEmissions", "GoodsEmissions/IndirectEmissions/SpecificEmbeddedEmissions"]
    with (tmp_path / "goods.csv").open("w", encoding="utf-8") as stream:
        stream.write(",".join(columns) + "\n")
        for n in range(GOODS):
            stream.write(f"73181542,{n}.5,{n}.5,{n}.5,1.{n:05d},0.{n:05d}\n")
    (tmp_path / "job.py").write_text(_COMMAND, encoding="utf-8")
    found = measured(tmp_path / "job.py", tmp_path / "in.yaml", "--out", tmp_path / "r.xml")
    assert (found["goods"], found["exit_code"]) == (GOODS, 0)
    assert found["peak"] <= LIMIT_MB, found
    back = measured(tmp_path / "job.py", tmp_path / "r.xml", "--to", "yaml", "--out", tmp_path / "back.yaml")
    assert back["exit_code"] == 0
    assert back["peak"] <= LIMIT_MB, back
