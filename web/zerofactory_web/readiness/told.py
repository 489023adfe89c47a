"""Problems as a page tells them: each with its place, all at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from zerofactory_engine.messages import render, render_problem
from zerofactory_engine.problems import Problem, Severity
from zerofactory_web.readiness.forms import READING
from zerofactory_web.site.forms import FormErrors, sentence

#: Problems that a page lists; the JSON answer lists all that were found.
SHOWN = 100
_FIELDS = ("dossier", "level", "valid_on", "output")
_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}


def field_of(problem: Problem) -> str:
    """The field of the form that a problem is about; empty when it is about what stands in the file."""
    path = problem.place.path or ""
    mine = path in _FIELDS or path.startswith(READING)
    if mine and problem.place.file is None:
        return path
    return "dossier" if problem.code.startswith("site.file-") else ""


def form_errors(problems: Sequence[Problem], language: str) -> FormErrors:
    """What the summary says: each problem of a field; those inside the file in one line that leads to their list."""
    errors = FormErrors()
    inside = [p for p in problems if not field_of(p)]
    if inside:
        errors.add("file-problems", render("precheck.file-problems", language, {"count": len(inside)}))
    for problem in problems:
        if field := field_of(problem):
            errors.add(field, sentence(problem, language))
    return errors


def rows(problems: Sequence[Problem], language: str) -> dict[str, Any]:
    """The problems inside a file as rows: severity, place, sentence; errors first."""
    inside = sorted((p for p in problems if not field_of(p)), key=lambda p: _ORDER[p.severity])
    return {"count": len(inside), "more": max(len(inside) - SHOWN, 0),
            "rows": [{"severity": str(p.severity), "place": str(p.place), "text": sentence(p, language),
                      "code": p.code} for p in inside[:SHOWN]]}


def as_json(problems: Sequence[Problem], language: str) -> list[dict[str, Any]]:
    """Problems for programs, with their sentence."""
    return [{**p.as_json(), "text": render_problem(p, language)} for p in problems]
