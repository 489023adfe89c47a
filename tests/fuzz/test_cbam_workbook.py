"""The Commission's workbook, damaged and hostile: an installation or every problem, in bounded time, and nothing else.

Bytes of the zip are damaged, and XML inside a sound zip; filling and auditing get the same. The order is seeded.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.fuzz.test_readers import damaged
from tests.mappings.cbam.communication.workbooks import lean, parts, sheet_parts, zipped

from zerofactory_engine.problems import ProblemsError
from zerofactory_mappings.cbam.communication.audit import audit_template
from zerofactory_mappings.cbam.communication.fill import fill_template
from zerofactory_mappings.cbam.communication.formulas import FormulaError, evaluate, parse
from zerofactory_mappings.cbam.communication.read import read_template

#: Pieces that mean something in a sheet.
PIECES = [b"<f>", b"</f>", b"<v>", b"</v>", b'<c r="L16">', b"</c>", b"<row>", b' t="s"', b' t="shared" si="0"', b' r="XFD1048576"', b"&#0;",
          b"&lt;", b"<!--", b"-->", b"<![CDATA[", b"]]>", b'<c r="A1" t="s"><v>99999999</v></c>', b"<f>SUM(A1:XFD1048576)</f>", b"<f>L16</f>",
          b"<f>1E308*1E308</f>", b"<v>1e999</v>", b"<v>NaN</v>", b'<!DOCTYPE x [<!ENTITY e "e">]>', b"<x:c/>", b' s="99999999"']


@pytest.fixture(scope="module")
def seed(shared_data: Path) -> bytes:
    return lean((shared_data / "cbam/examples/ec_example_screws_nuts.xlsx").read_bytes())


def inside(seed: bytes) -> Iterator[bytes]:
    """Workbooks whose zip is sound and one of whose parts is not, forever."""
    content = parts(seed)
    targets = [*(sheet_parts(content)[n] for n in ("A_InstData", "B_EmInst", "D_Processes", "Summary_Products")), "xl/workbook.xml",
               "xl/sharedStrings.xml", "xl/styles.xml", "xl/_rels/workbook.xml.rels"]
    number = 0
    while True:
        chance = random.Random(number)
        name = targets[number % len(targets)]
        data = bytearray(content[name])
        for _ in range(chance.randint(1, 5)):
            at = chance.randrange(len(data))
            if chance.random() < 0.5:
                data[at:at] = chance.choice(PIECES)
            else:
                at = data.find(b"<v>", at)
                data[at + 3:at + 4] = chance.choice(PIECES) if at > 0 else b""
        number += 1
        yield zipped(content | {name: bytes(data)})


def feed(read: Callable[[bytes], object], cases: Iterator[bytes], seconds: float) -> int:
    started, count = time.monotonic(), 0
    while time.monotonic() - started < seconds:
        data, before = next(cases), time.process_time()
        told: object = True
        try:
            read(data)
        except ProblemsError as error:
            told = error.problems
        assert told
        assert time.process_time() - before < 10, f"case {count}"
        count += 1
    return count


def test_damaged_bytes(seed: bytes, fuzz_seconds: float) -> None:
    def cases() -> Iterator[bytes]:
        number = 0
        while True:
            chance = random.Random(number)
            yield seed[:chance.randrange(200_000)] + damaged(seed[-40_000:], chance) if number % 2 else bytes(
                b ^ (chance.random() < 1e-5) for b in seed)
            number += 1

    assert feed(lambda d: read_template(d, "x.xlsx"), cases(), fuzz_seconds) > 1


def test_damaged_parts(seed: bytes, fuzz_seconds: float) -> None:
    assert feed(lambda d: read_template(d, "x.xlsx"), inside(seed), fuzz_seconds) > 2


def test_damaged_parts_audited(seed: bytes, fuzz_seconds: float) -> None:
    assert feed(lambda d: audit_template(d, "x.xlsx"), inside(seed), fuzz_seconds) > 1


def test_damaged_templates_filled(seed: bytes, fuzz_seconds: float) -> None:
    made = read_template(seed, "x.xlsx")
    assert feed(lambda d: fill_template(d, made, overwrite=True), inside(seed), fuzz_seconds) > 1


def test_formulas(fuzz_seconds: float) -> None:
    seeds = [b"=(17000*3.5)*(B_EmInst!J17/1000)", b"='C_Emissions&Energy'!$H$32", b"=SUM(A1:B3,ROUND(-2^2%,1))", b"=[1]X!A1&\"a\""]
    started, count = time.monotonic(), 0
    while time.monotonic() - started < fuzz_seconds:
        text = damaged(seeds[count % len(seeds)], random.Random(count)).decode("utf-8", "replace")[:3_000]
        reason = "evaluated"
        try:
            evaluate(parse(text), lambda sheet, column, row: None)
        except FormulaError as error:
            reason = error.reason
        assert reason
        count += 1
    assert count > 100
