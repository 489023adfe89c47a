"""Cases to report on, from the hand-written examples of the schemas."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from zerofactory_engine.canonical import canonical_bytes
from zerofactory_mappings.publishing.case import Case
from zerofactory_mappings.publishing.style import Style, read_style

EXAMPLES = Path(__file__).parents[3] / "standards/schemas/examples"


@pytest.fixture(scope="session")
def example() -> dict[str, Any]:
    """The hand-written assessment."""
    loaded: dict[str, Any] = json.loads((EXAMPLES / "assessment.json").read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="session")
def body_style() -> Style:
    return read_style(EXAMPLES / "report-style.yaml")


MakeCase = Callable[..., Case]


@pytest.fixture(scope="session")
def case_of() -> MakeCase:
    """A case around an assessment, with the assessment itself as the attached file."""
    def made(assessment: dict[str, Any], **changes: Any) -> Case:
        return Case(assessment, canonical_bytes(assessment), "bundle.json", **changes)

    return made


@pytest.fixture
def case(example: dict[str, Any], case_of: MakeCase) -> Case:
    return case_of(copy.deepcopy(example))
