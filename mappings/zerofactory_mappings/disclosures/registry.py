"""Which disclosures there are: packages announced under the entry-point group ``zerofactory.disclosures``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

from zerofactory_engine.problems import Problem, ProblemsError

if TYPE_CHECKING:
    from zerofactory_mappings.disclosures.completeness import Completeness
    from zerofactory_mappings.disclosures.page import Document
    from zerofactory_mappings.disclosures.subject import Subject
    from zerofactory_mappings.publishing.workbook import Sheet

GROUP = "zerofactory.disclosures"
#: Endings of files and what they hold.
FORMATS = (".pdf", ".html", ".xlsx", ".json")


@dataclass(frozen=True, slots=True)
class Disclosure:
    """One disclosure: its *name* on the command line, the card of its *standard*, and its functions.

    *build* makes its model of a subject, *check* says how its items stand, *document* and *sheets* tell both in one
    language, *as_json* in none. *groups*: it takes a group of facilities.
    """

    name: str
    title: Mapping[str, str]
    standard: str
    build: Callable[[Subject], Any]
    check: Callable[[Any], Completeness]
    document: Callable[[Any, Completeness, str, date], Document]
    sheets: Callable[[Any, Completeness, str], Sequence[Sheet]]
    as_json: Callable[[Any, Completeness], Mapping[str, Any]]
    groups: bool = False


def names() -> tuple[str, ...]:
    """The disclosures that are installed, sorted by name."""
    return tuple(sorted({e.name for e in entry_points(group=GROUP)}))


def find(name: str) -> Disclosure:
    """The disclosure called *name*.

    Raises:
        ProblemsError: ``disclosure.unknown``.
    """
    for entry in entry_points(group=GROUP):
        if entry.name == name:
            found: Disclosure = import_module(entry.value).DISCLOSURE
            return found
    raise ProblemsError([Problem("disclosure.unknown", found=name[:80], accepted=", ".join(names()))])
