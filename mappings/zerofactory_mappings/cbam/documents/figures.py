"""Every figure that was entered for an installation, by its path, and the installation with some of them corrected.

A path names sections and rows by their ids: ``streams/S1/amount``, ``processes/P1/electricity/2/consumed``,
``precursors/B1/used_in/P1``. What a verifier finds wrong is corrected at a path and computed anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from typing import Any, cast

from zerofactory_engine.problems import NOWHERE, Place, Problem, ProblemsError
from zerofactory_engine.typed_readers import nearest
from zerofactory_mappings.cbam.model import Given, Installation

#: What a row goes by; a row without any of them by its number.
_NAMES = ("id", "route", "cn")
#: Fields of the model that hold no figure of the operator.
_LEFT_OUT = frozenset({"place", "problems", "documents", "details", "readings"})


def figures(installation: Installation) -> dict[str, Given]:
    """Every figure by its path, in the order of the model."""
    return dict(_walk(installation, ()))


def _walk(value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, Given]]:
    if isinstance(value, Given):
        yield "/".join(path), value
        return
    for key, below in _parts(value):
        yield from _walk(below, (*path, key))


def _parts(value: Any) -> Iterator[tuple[str, Any]]:
    """What lies below a value, by name."""
    if is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            if field.name not in _LEFT_OUT:
                yield field.name, getattr(value, field.name)
    elif isinstance(value, Mapping):
        yield from ((str(k), v) for k, v in value.items())
    elif isinstance(value, tuple):
        yield from _rows(value)


def _rows(rows: tuple[Any, ...]) -> Iterator[tuple[str, Any]]:
    """Rows by what they go by; a name that comes again, or is a path by itself, gives way to the number of the row."""
    seen: set[str] = set()
    for number, row in enumerate(rows, 1):
        named = is_dataclass(row) and not isinstance(row, (Given, type))
        name = next((str(n) for f in _NAMES if (n := getattr(row, f, None))), "") if named else ""
        key = name if name and "/" not in name and name not in seen else str(number)
        seen.add(key)
        yield key, row


def corrected(installation: Installation, changes: Mapping[str, Decimal],
              places: Mapping[str, Place] | None = None) -> Installation:
    """*installation* with the figure at each path of *changes* set to the value given, in its unit.

    Raises:
        ProblemsError: ``cbam-documents.figure-unknown`` for every path that names no figure.
    """
    known = figures(installation)
    unknown = [p for p in changes if p not in known]
    if unknown:
        raise ProblemsError([Problem("cbam-documents.figure-unknown", (places or {}).get(p, NOWHERE), found=p,
                                     accepted=nearest(p, list(known))) for p in unknown])
    return cast(Installation, _changed(installation, (), changes))


def _changed(value: Any, path: tuple[str, ...], changes: Mapping[str, Decimal]) -> Any:
    """*value* with what *changes* name below *path*; the same object where nothing changes."""
    here = "/".join(path)
    if isinstance(value, Given):
        return replace(value, value=changes[here]) if here in changes else value
    prefix = f"{here}/" if here else ""
    if not any(p.startswith(prefix) for p in changes):
        return value
    below = {key: _changed(part, (*path, key), changes) for key, part in _parts(value)}
    if isinstance(value, Mapping):
        return {k: below[str(k)] for k in value}
    if isinstance(value, tuple):
        return tuple(below.values())
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **below)
    return value
