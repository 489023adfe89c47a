"""What a verifier found and what follows from it as JSON (``zerofactory/cbam-verification/1``): it can be read back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zerofactory_engine.canonical import jsonable
from zerofactory_mappings.cbam.documents.building import say
from zerofactory_mappings.cbam.documents.model import Report
from zerofactory_mappings.cbam.documents.verification import FORMAT, Evaluation
from zerofactory_mappings.cbam.documents.write import report_json


def verification_json(made: Evaluation, report: Report) -> dict[str, Any]:
    """The verifier's own entries under the keys of the format, and under ``results`` the report with everything
    computed."""
    entered = {k: v for k, v in made.root.values.items() if k not in {"format", "working_paper", "basis", "results"}}
    out = {"format": FORMAT, "working_paper": say("paper.working-paper"), "basis": str(made.case.result.basis),
           **_texts(entered), "results": {**made.as_json(), "report": report_json(report)}}
    found: dict[str, Any] = jsonable(out)
    return found


def _texts(values: Mapping[str, Any]) -> dict[str, Any]:
    """Entries as they are read again."""
    return {k: jsonable(v) for k, v in values.items() if v is not None}
