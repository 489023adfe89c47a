"""What the checks share: a finding at a row."""

from __future__ import annotations

from zerofactory_engine.dossier.model import Row
from zerofactory_engine.problems import Place, Problem, Severity


def finding(code: str, row: Row, column: str | None = None, found: object = None, accepted: object = None,
            severity: Severity = Severity.WARNING, **args: str) -> Problem:
    """A finding at *row* (at *column* of it)."""
    at = row.place
    path = f"{row.table}/{row.id}" + (f"/{column}" if column is not None else "")
    place = Place(at.file, at.line, at.column, path, at.sheet, at.cell)
    return Problem(code, place, severity, found=None if found is None else str(found),
                   accepted=None if accepted is None else str(accepted), args=args)


def at_section(code: str, path: str, found: object = None, accepted: object = None,
               severity: Severity = Severity.WARNING, **args: str) -> Problem:
    """A finding at a section of the dossier."""
    return Problem(code, Place(path=path), severity, found=None if found is None else str(found),
                   accepted=None if accepted is None else str(accepted), args=args)
