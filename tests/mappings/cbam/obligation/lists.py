"""Short ways to write a list of consignments in a test."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from zerofactory_engine.problems import Problem, ProblemsError, Severity
from zerofactory_mappings.cbam.obligation.build import obligation
from zerofactory_mappings.cbam.obligation.model import Imports
from zerofactory_mappings.cbam.obligation.read import read_bytes
from zerofactory_mappings.cbam.obligation.result import ObligationResult, Outcome
from zerofactory_mappings.cbam.prove import differences

D = Decimal
#: A coil of China, by default values: 2.1698323 certificates a tonne in 2026.
COIL = "{id: A, date: 2026-02-10, cn: '72083900', origin: CN, net_mass: 100}"


def text(*consignments: str, more: str = "") -> str:
    """A file with *consignments* as flow mappings and *more* lines."""
    rows = "\n".join(f"  - {c}" for c in consignments)
    return f"format: zerofactory/cbam-obligation/1\nconsignments:\n{rows}\n{more}\n"


def read(*consignments: str, more: str = "", folder: Path | None = None) -> Imports:
    return read_bytes(text(*consignments, more=more).encode(), "imports.yaml", folder)


def run(*consignments: str, more: str = "", folder: Path | None = None, outlook: bool = False, **options: Any) -> ObligationResult:
    """Compute with proof, and check the whole proof."""
    result = obligation(read(*consignments, more=more, folder=folder), proof=True, outlook=outlook, **options)
    assert result.proof is not None
    assert differences(result.proof) == []
    return result


def problems_of(source: str, file: str = "imports.yaml", folder: Path | None = None) -> tuple[Problem, ...]:
    """What is wrong with *source*; it has to be refused."""
    with pytest.raises(ProblemsError) as caught:
        read_bytes(source.encode(), file, folder)
    found = caught.value.problems
    assert any(p.severity is Severity.ERROR for p in found)
    return found


def default(result: ObligationResult, ident: str = "") -> Outcome:
    found = consignment(result, ident).default
    assert isinstance(found, Outcome)
    return found


def actual(result: ObligationResult, ident: str = "") -> Outcome:
    found = consignment(result, ident).actual
    assert isinstance(found, Outcome)
    return found


def consignment(result: ObligationResult, ident: str = "") -> Any:
    return next(c for c in result.consignments if ident in ("", c.consignment.id))


def codes(problems: tuple[Problem, ...]) -> set[str]:
    return {p.code for p in problems}


def said(result: ObligationResult) -> set[str]:
    return codes(result.problems)
