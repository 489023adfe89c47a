"""QReport XML with 99,999 goods: time, memory, and the ratio to lxml writing as many elements in the same run."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from typing import Any

from benchmarks.figures import Figure, figure

GOODS = 99_999
REPEAT = 3
MEMORY_MB = 300

#: One run in a process of its own: seconds of each job, and the peak memory when ours was done.
_JOB = """
import json, re, sys, time
from decimal import Decimal
from pathlib import Path
from lxml import etree
from zerofactory_mappings.cbam.qreport import model as m
from zerofactory_mappings.cbam.qreport.build import imported_good
from zerofactory_mappings.cbam.qreport.check import check_file
from zerofactory_mappings.cbam.qreport.write import write_report

folder, count = Path(sys.argv[1]), int(sys.argv[2])
operator = m.InstallationOperator(
    operator_id="OP-1", operator_name="Fastener Co", operator_address=m.Address(country="CN", city="Jiaxing"),
    contact_details=(m.ContactDetails(name="Li", phone="+86 000", email="a@example.cn"),))
installation = m.Installation(installation_id="I-1", installation_name="Plant",
                              address=m.InstallationAddress(establishment_country="CN", city="Jiaxing"))
head = m.QReport(
    reporting_period="Q4", year=2025,
    declarant=m.Declarant(identification_number="DE123456789012345", name="Importer", role="01",
                          actor_address=m.DeclarantAddress(city="Hamburg")),
    signatures=m.Signatures(report_confirmation=m.ReportConfirmation(
        global_data_confirmation=True, use_of_data_confirmation=True, signature_place="Hamburg", signature="A",
        position_of_person_sending="B")))

def goods():
    for n in range(1, count + 1):
        yield imported_good(
            "73181542", "CN", Decimal(n) / 1000, Decimal(20_000_000 + n) / 10_000_000,
            Decimal(4_000_000 + n) / 10_000_000, item_number=n, requested_procedure="40", previous_procedure="00",
            methodology="TOM01", electricity_source="SOE03", emission_factor=Decimal("0.605"),
            electricity_consumed=Decimal("0.67207"), description="Screws", operator=operator, installation=installation)

def seconds(act):
    started = time.perf_counter()
    result = act()
    return time.perf_counter() - started, result

made, _ = seconds(lambda: sum(1 for _ in goods()))
ours, written = seconds(lambda: write_report(head, folder / "ours.xml", goods()))
peak = int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) / 1024
checking, _ = seconds(lambda: check_file(folder / "ours.xml"))

# lxml alone, with the elements of one of those goods: opened and closed one by one; built and written; only written.
good = etree.fromstring(next(t for t in (folder / "ours.xml").open(encoding="utf-8") if t.startswith("<ImportedGood>")))

def flat(element):
    return element.tag, element.text, [flat(child) for child in element]

def one_by_one(out, part):
    with out.element(part[0]):
        if part[2]:
            for child in part[2]:
                one_by_one(out, child)
        else:
            out.write(part[1])

def built(out, part):
    def below(parent, part):
        element = etree.SubElement(parent, part[0])
        element.text = part[1]
        for child in part[2]:
            below(element, child)
    element = etree.Element(part[0])
    for child in part[2]:
        below(element, child)
    out.write(element)

def rival(act, part):
    with etree.xmlfile(str(folder / "lxml.xml"), encoding="UTF-8") as out, out.element("QReport"):
        for _ in range(count):
            act(out, part)

part = flat(good)
print(json.dumps({
    "made": made, "ours": ours, "peak": peak, "checking": checking, "elements": written.checked.elements,
    "bytes": written.bytes, "streaming": seconds(lambda: rival(one_by_one, part))[0],
    "built": seconds(lambda: rival(built, part))[0],
    "only": seconds(lambda: rival(lambda out, element: out.write(element), good))[0]}))
"""

#: Key of a rival → what it does.
RIVALS = {"streaming": "opens and closes as many elements one by one (xmlfile)",
          "built": "builds and writes as many elements", "only": "serialises one built good as often"}


def _run(folder: str) -> dict[str, Any]:
    run = subprocess.run([sys.executable, "-c", _JOB, folder, str(GOODS)], capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def figures() -> Iterator[Figure]:
    """The lines of this module."""
    with tempfile.TemporaryDirectory() as folder:
        runs = [_run(folder) for _ in range(REPEAT)]
    ours = [run["ours"] - run["made"] for run in runs]
    size = f"{runs[0]['elements']:,} elements, {runs[0]['bytes'] / 1e6:,.0f} MB; making the goods not counted"
    yield figure(f"QReport XML of {GOODS:,} goods: written and judged", ours, "s", note=size)
    yield figure("peak memory of that process", [run["peak"] for run in runs], "MB", MEMORY_MB)
    yield figure("the file judged again", [run["checking"] for run in runs], "s")
    for key, name in RIVALS.items():
        yield figure(f"rival: lxml {name}", [run[key] for run in runs], "s")
        ratios = [mine / run[key] for mine, run in zip(ours, runs, strict=True)]
        yield figure(f"ratio of ours to lxml that {name}", ratios, "×")
