"""The golden files of the documents, and how they are made anew: ``python -m tests.mappings.cbam.documents.golden``.

Proof and problems are left out: they name lines of the examples' files.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.mappings.cbam.documents.cases import GOLDEN, VERIFICATION_EXAMPLE, aluminium, everything, fasteners, plan

from zerofactory_mappings.cbam.documents.build import emissions_report, summary_report
from zerofactory_mappings.cbam.documents.build_plan import plan_report
from zerofactory_mappings.cbam.documents.build_verification import verification_report, verify
from zerofactory_mappings.cbam.documents.model import Report
from zerofactory_mappings.cbam.documents.verification import parse_verification
from zerofactory_mappings.cbam.documents.write import json_bytes, report_json


def _of(report: Report) -> bytes:
    found = report_json(report)
    return json_bytes({k: v for k, v in found.items() if k not in {"proof", "problems"}})


def _verified() -> bytes:
    case = fasteners()
    made = verify(case.result, parse_verification(VERIFICATION_EXAMPLE.read_bytes(), "verification.yaml"), case.plan)
    results: dict[str, Any] = {k: v for k, v in made.as_json().items() if k != "problems"}
    return json_bytes({"report": report_json(verification_report(made))["items"], "results": results})


#: Golden file → what makes it.
MADE: dict[str, Callable[[], bytes]] = {
    "fasteners-emissions.json": lambda: _of(emissions_report(fasteners().result, fasteners().plan)),
    "fasteners-summary.json": lambda: _of(summary_report(fasteners().result, fasteners().plan)),
    "fasteners-plan.json": lambda: _of(plan_report(fasteners().result, plan(fasteners()))),
    "fasteners-verification.json": _verified,
    "aluminium-emissions.json": lambda: _of(emissions_report(aluminium().result)),
    "aluminium-summary.json": lambda: _of(summary_report(aluminium().result)),
    "everything-emissions.json": lambda: _of(emissions_report(everything().result, everything().plan)),
    "everything-summary.json": lambda: _of(summary_report(everything().result, everything().plan)),
}

if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for name, make in MADE.items():
        (GOLDEN / name).write_bytes(make())
