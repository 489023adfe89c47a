"""Cases to report on, from the hand-written examples of the schemas."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import date
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


@pytest.fixture(scope="session")
def demo_bundle(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle of the demo factory under the national scheme's pack."""
    from zerofactory_engine.bundle import write_bundle
    from zerofactory_engine.dossier import read_dossier
    from zerofactory_engine.evaluation import Request, evaluate
    from zerofactory_engine.rulepack import find_pack

    dossier = read_dossier(root / "examples/demo-battery-factory/dossier.yaml").dossier
    pack = find_pack("cn-miit-zcf-2026@0.1.0")
    path = tmp_path_factory.mktemp("bundle") / "bundle.json"
    write_bundle(evaluate(dossier, pack, Request(valid_on=date(2026, 8, 15), levels=("entry",))), path)
    return path


@pytest.fixture(scope="session")
def demo_case(demo_bundle: Path) -> Case:
    """The demo factory's case, computed again from its bundle and proved."""
    from zerofactory_mappings.publishing.reading import read_case

    return read_case(demo_bundle)
