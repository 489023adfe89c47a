"""What is wrong in substance: evidence that loads, and becomes a finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zerofactory_engine.dossier.model import Dossier
    from zerofactory_engine.problems import Problem


def run_checks(dossier: Dossier) -> tuple[Problem, ...]:
    """Every check, in a fixed order."""
    return ()
