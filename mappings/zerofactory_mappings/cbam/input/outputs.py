"""What a command may write to: never the file that it reads, never one file twice."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from zerofactory_engine.problems import Place, Problem, ProblemsError


def spare_inputs(outputs: Iterable[Path | None], inputs: Iterable[Path | None]) -> None:
    """Refuse to replace an input, and to write two results to one file; None stands for an option that is not given.

    Raises:
        ProblemsError: ``cbam-input.out-is-input`` or ``cbam-input.out-twice``, each with the file.
    """
    read = {os.path.realpath(p) for p in inputs if p is not None}
    problems: list[Problem] = []
    written: set[str] = set()
    for path in (p for p in outputs if p is not None):
        real = os.path.realpath(path)
        if real in read:
            problems.append(Problem("cbam-input.out-is-input", Place(file=str(path))))
        elif real in written:
            problems.append(Problem("cbam-input.out-twice", Place(file=str(path))))
        written.add(real)
    if problems:
        raise ProblemsError(problems)
