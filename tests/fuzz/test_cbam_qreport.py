"""QReport documents and inputs, damaged and hostile: a verdict, a report or problems, and nothing else ever leaves them."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.fuzz.test_readers import feed
from tests.mappings.cbam.qreport.samples import SMALL_GOOD, document

from zerofactory_mappings.cbam.qreport.check import check_bytes
from zerofactory_mappings.cbam.qreport.inputs import read_input
from zerofactory_mappings.cbam.qreport.read import read_report
from zerofactory_mappings.cbam.qreport.write import write_report

SEEDS = [document().encode(), document(SMALL_GOOD).encode(), document(SMALL_GOOD * 3).encode("utf-16"),
         document(SMALL_GOOD).replace("<QReport", '<!DOCTYPE QReport [<!ENTITY a "b">]><QReport').encode()]


def test_documents(fuzz_seconds: float) -> None:
    def read(data: bytes) -> object:
        checked = check_bytes(data, "fuzz.xml")
        assert checked.valid or checked.findings.errors
        return read_report(data, "fuzz.xml")

    feed(read, SEEDS, fuzz_seconds)


@pytest.mark.parametrize("name", ["goods.csv", "goods.jsonl", "in.yaml"])
def test_inputs(fuzz_seconds: float, root: Path, tmp_path: Path, name: str) -> None:
    example = (root / "standards/schemas/examples/cbam-qreport.yaml").read_text(encoding="utf-8")
    headed = example[:example.index("\ngoods:\n") + 1]
    seeds = {
        "in.yaml": example.encode(),
        "goods.csv": b'CommodityCode/CnCode,MeasureImported/NetMass,GoodsEmissions[2]/SequenceNumber\n73181542,"1.5",2\n73181542,2,\n',
        "goods.jsonl": b'{"CommodityCode": {"CnCode": "73181542"}, "MeasureImported": {"NetMass": 1.5}}\n{"ItemNumber": 2}\n',
    }
    (tmp_path / "in.yaml").write_text(headed + f"goods_file: {name}\n" if name != "in.yaml" else example, encoding="utf-8")

    def read(data: bytes) -> object:
        (tmp_path / name).write_bytes(data)
        given = read_input(tmp_path / "in.yaml")
        return write_report(given.head, None, given.goods)

    feed(read, [seeds[name]], fuzz_seconds)
