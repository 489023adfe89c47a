"""A dossier with another boundary: cells of the boundary and of its parts, in the values and as they were written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from zerofactory_engine.dossier import Dossier

#: Cells of a part of the boundary that decide whether and how far it is taken in.
DECIDING = ("inside", "relationship", "operated", "controlled", "economic_interest_percent")
#: Cells of the boundary that decide how far the facility is taken in.
SHARED = ("approach", "share_percent")
#: Tables whose rows are no activity: they do not tell the emissions of a part apart.
_BESIDE = frozenset({"meters", "documents", "products", "economics", "equipment"})


@dataclass(frozen=True, slots=True)
class Cell:
    """A value of a section, and the same as the applicant writes it (None: nothing is stated)."""

    value: Any
    written: Any


def cells_of(dossier: Dossier, part: str | None = None) -> dict[str, Cell]:
    """The cells that decide how far the facility, or one *part* of its boundary, is taken in."""
    if part is None:
        return _cells(SHARED, dossier.boundary, dossier.given.get("boundary") or {})
    return _cells(DECIDING, _part(dossier.boundary, part), _part(dossier.given.get("boundary") or {}, part))


def _cells(names: tuple[str, ...], typed: Mapping[str, Any], written: Mapping[str, Any]) -> dict[str, Cell]:
    return {name: Cell(typed.get(name), written.get(name)) for name in names}


def _part(boundary: Mapping[str, Any], part: str) -> Mapping[str, Any]:
    return next((p for p in boundary.get("parts") or () if p.get("id") == part), {})


def with_boundary(dossier: Dossier, cells: Mapping[str, Cell]) -> Dossier:
    """*dossier* with other cells of its boundary."""
    return _replaced(dossier, _changed(dossier.boundary, {n: c.value for n, c in cells.items()}, keep=True),
                     _changed(dossier.given.get("boundary") or {}, {n: c.written for n, c in cells.items()}))


def with_part(dossier: Dossier, part: str, cells: Mapping[str, Cell]) -> Dossier:
    """*dossier* with other cells of one part of its boundary."""
    values, texts = {n: c.value for n, c in cells.items()}, {n: c.written for n, c in cells.items()}
    typed = [_changed(p, values, keep=True) if p.get("id") == part else dict(p)
             for p in dossier.boundary.get("parts") or ()]
    given = dossier.given.get("boundary") or {}
    written = [_changed(p, texts) if p.get("id") == part else dict(p) for p in given.get("parts") or ()]
    return _replaced(dossier, {**dossier.boundary, "parts": tuple(typed)}, {**given, "parts": written})


def _changed(old: Mapping[str, Any], cells: Mapping[str, Any], keep: bool = False) -> dict[str, Any]:
    """*old* with *cells*; what is None is left out unless *keep* (a section names every field)."""
    return {n: v for n, v in {**old, **cells}.items() if keep or v is not None or n not in cells}


def _replaced(dossier: Dossier, typed: Mapping[str, Any], written: Mapping[str, Any]) -> Dossier:
    return replace(dossier, sections={**dossier.sections, "boundary": typed},
                   given={**dossier.given, "boundary": written})


def tables_of(dossier: Dossier, part: str) -> tuple[str, ...]:
    """Tables with activity rows that name *part*, or the meter that is the part's own; empty: it is not told apart."""
    meter = _part(dossier.boundary, part).get("meter")
    return tuple(name for name, rows in dossier.rows.items() if name not in _BESIDE and any(
        r.part == part or (meter is not None and r.meter == meter) for r in rows))
