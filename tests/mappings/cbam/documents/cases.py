"""Cases of the document tests: an invented installation that touches every item, the examples, and ways to change them."""

from __future__ import annotations

import json
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from zerofactory_mappings.cbam.compute import compute
from zerofactory_mappings.cbam.documents.build import case_of
from zerofactory_mappings.cbam.documents.model import Case
from zerofactory_mappings.cbam.documents.plan import Plan, Row, parse_plan
from zerofactory_mappings.cbam.documents.verification import parse_verification
from zerofactory_mappings.cbam.read import parse_installation, read_installation
from zerofactory_mappings.cbam.result import CbamResult

HERE = Path(__file__).parent
ROOT = HERE.parents[3]
GOLDEN = HERE / "golden"
FASTENERS = ROOT / "examples/cbam/steel-fasteners/input.yaml"
ALUMINIUM = ROOT / "examples/cbam/aluminium/input.yaml"
PLAN_EXAMPLE = ROOT / "standards/schemas/examples/cbam-monitoring-plan.yaml"
VERIFICATION_EXAMPLE = ROOT / "standards/schemas/examples/cbam-verification.yaml"

Path_ = tuple[str | int, ...]
GONE = object()


@cache
def _loaded(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)


def tree(path: Path) -> Any:
    """A file as plain data, every scalar as text."""
    return deepcopy(_loaded(path))


def changed(path: Path, *changes: tuple[str, object]) -> Any:
    """The data of a file with values set, or taken out (GONE), at slash paths (``processes/0/name``)."""
    data = tree(path)
    for where, value in changes:
        steps: list[Any] = [int(s) if s.isdigit() else s for s in where.split("/")]
        below = data
        for step in steps[:-1]:
            below = below[step]
        if value is GONE:
            del below[steps[-1]]
        else:
            below[steps[-1]] = value
    return data


def as_bytes(data: Any) -> bytes:
    """Plain data as a file: JSON, which every reader takes."""
    return json.dumps(data, ensure_ascii=False).encode("utf-8")


def result_of(data: Any) -> CbamResult:
    """The proved calculation of the data of an input."""
    return compute(parse_installation(as_bytes(data), "input.json"), proof=True)


def plan_of(data: Any) -> Plan:
    """A plan from its data."""
    return parse_plan(as_bytes(data), "plan.json")


def verification_of(data: Any) -> Row:
    """What a verifier found, from its data."""
    return parse_verification(as_bytes(data), "verification.json")


@cache
def everything() -> Case:
    """The installation that touches every item, with its plan."""
    return case_of(result_of(tree(HERE / "everything.yaml")), plan_of(tree(HERE / "everything-plan.yaml")))


@cache
def fasteners() -> Case:
    """The maker of fasteners of the examples, with the plan of the schemas' examples."""
    return case_of(compute(read_installation(FASTENERS), proof=True), parse_plan(PLAN_EXAMPLE.read_bytes(), "plan.yaml"))


def without_parameters(folder: Path) -> Path:
    """A copy of the fasteners' input in *folder* whose products lack a sector parameter (item 35)."""
    for file in FASTENERS.parent.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    copy = folder / FASTENERS.name
    copy.write_text(copy.read_text(encoding="utf-8").replace("chromium: 0.05 %, ", ""), encoding="utf-8")
    return copy


@cache
def aluminium() -> Case:
    """The aluminium maker of the examples, without a plan."""
    return case_of(compute(read_installation(ALUMINIUM), proof=True))


def plan(case: Case) -> Plan:
    """The plan of a case that has one."""
    assert case.plan is not None
    return case.plan
