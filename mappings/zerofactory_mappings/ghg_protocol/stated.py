"""What a statement says of scope 3 categories that have no figure: notation keys, and what is left out on purpose.

A category is named as the schema of statements says (``S3-5``), by a neutral source type (``upstream_leased``), or by
an ISO subcategory (``4.3``, ``4``) when every source type of the category lies in it, so that one statement serves
both reports. A plain ``5`` is the ISO category, never category 5 of scope 3.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from zerofactory_engine.accounting.classification import classification
from zerofactory_engine.problems import Problem, Severity
from zerofactory_mappings.ghg_protocol.tables import categories

if TYPE_CHECKING:
    from zerofactory_engine.accounting.lines import Line
    from zerofactory_mappings.disclosures.statement import Statement

_OURS = re.compile(r"(?:S3-|ghgp_category/)(\d{1,3})", re.ASCII | re.IGNORECASE)
_ISO = re.compile(r"(?:iso )?([1-6](?:\.\d{1,2})?)", re.ASCII | re.IGNORECASE)
NOT_ESTIMATED = "NE"


def notations(statement: Statement) -> Mapping[int, Mapping[str, Any]]:
    """The entry about each scope 3 category by its number: under ``notation``, else under ``excluded`` (left out with a
    reason: not estimated). One that names the category goes before one about all its sources or its ISO category."""
    said = [*statement.rows("notation"),
            *({**entry, "key": NOT_ESTIMATED} for entry in statement.rows("excluded"))]
    found: dict[int, Mapping[str, Any]] = {}
    for named in (_by_number, _by_source, _by_iso):
        for number, entry in named(said):
            found.setdefault(number, entry)
    return found


def _number(entry: Mapping[str, Any]) -> int | None:
    """The scope 3 category that an entry names outright."""
    ours = _OURS.fullmatch(str(entry.get("category") or "").strip())
    return int(ours[1]) if ours is not None else None


def _by_number(said: Sequence[Mapping[str, Any]]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for entry in said:
        number = _number(entry)
        if number is not None:
            yield number, entry


def _by_source(said: Sequence[Mapping[str, Any]]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Of several source types of a category, all have to be spoken of, and one that is not estimated speaks for all."""
    entries = {str(e["source"]): e for e in reversed(said) if e.get("source")}
    for category in categories():
        own = [entries[code] for code in category.sources if code in entries]
        if own and len(own) == len(category.sources):
            yield category.number, next((e for e in own if e.get("key") == NOT_ESTIMATED), own[0])


def _by_iso(said: Sequence[Mapping[str, Any]]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """An entry about an ISO category speaks for a scope 3 category that lies in it as a whole; the narrower first."""
    entries = {}
    for entry in reversed(said):
        iso = _ISO.fullmatch(str(entry.get("category") or "").strip())
        if iso is not None and not entry.get("source"):
            entries[iso[1]] = entry
    for code in sorted(entries, key=len, reverse=True):
        for category in categories():
            inside = [choice for source in category.sources for choice in classification().sources[source].iso_choices]
            if inside and all(i == code or i.startswith(f"{code}.") for i in inside):
                yield category.number, entries[code]


def contradictions(statement: Statement, lines: Sequence[Line]) -> Iterator[Problem]:
    """Entries that name no category of the fifteen, and categories that are said not to occur while they have lines."""
    counted = {line.ghgp_category for line in lines}
    for section in ("notation", "excluded"):
        for at, entry in enumerate(statement.rows(section)):
            number = _number(entry)
            if number is None:
                continue
            place = statement.place(section, at)
            if number not in {c.number for c in categories()}:
                yield Problem("ghgp.no-such-category", place, Severity.WARNING, found=str(entry["category"]),
                              accepted="S3-1 … S3-15")
            elif number in counted and entry.get("key", NOT_ESTIMATED) != "IE":
                yield Problem("ghgp.notation-beside-lines", place, Severity.WARNING, found=str(entry["category"]),
                              args={"key": str(entry.get("key", NOT_ESTIMATED))})
