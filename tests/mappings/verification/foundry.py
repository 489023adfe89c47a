"""The demo foundry with its filled package, and ways to change either."""

from __future__ import annotations

import copy
from functools import cache
from pathlib import Path
from typing import Any

from zerofactory_engine.accounting.library import FactorLibrary
from zerofactory_engine.accounting.options import Options
from zerofactory_engine.dossier.model import Dossier
from zerofactory_engine.dossier.read import read_dossier
from zerofactory_mappings.verification.check import evaluate
from zerofactory_mappings.verification.model import Evaluation
from zerofactory_mappings.verification.package import read_package
from zerofactory_mappings.verification.part import Part
from zerofactory_mappings.verification.statement import Statement, statement_of

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "examples/demo-verification"
DOSSIER, PACKAGE = FOLDER / "dossier.yaml", FOLDER / "package.yaml"
BATTERY = ROOT / "examples/demo-battery-factory/dossier.yaml"


@cache
def library() -> FactorLibrary:
    return FactorLibrary.shipped(())


def state(dossier: Dossier, basis: str = "location", categories: tuple[str, ...] = ()) -> Statement:
    return statement_of(dossier, basis=basis, categories=categories, options=Options(), library=library())


@cache
def foundry() -> Statement:
    return state(read_dossier(DOSSIER).dossier)


@cache
def battery() -> Statement:
    return state(read_dossier(BATTERY).dossier)


@cache
def _filled() -> Part:
    return read_package(PACKAGE).root


def filled() -> dict[str, Any]:
    """The filled package as values that a test may change."""
    values: dict[str, Any] = copy.deepcopy(dict(_filled().values))
    return values


def row(values: dict[str, Any], section: str, key: str, name: str) -> dict[str, Any]:
    """One row of a list of the package."""
    found: dict[str, Any] = next(r for r in values[section] if r[key] == name)
    return found


def judged(values: dict[str, Any], statement: Statement | None = None) -> Evaluation:
    return evaluate(Part(values), foundry() if statement is None else statement)


def reasons(made: Evaluation, kind: str = "missing") -> list[str]:
    """Codes of reasons without their beginning."""
    return [p.code.removeprefix("verification.").removeprefix("reason.") for p in getattr(made.opinion, kind)]
