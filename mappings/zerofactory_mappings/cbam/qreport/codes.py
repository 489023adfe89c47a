"""What is known of the QReport beyond its schema: codes, forms of values, the periods that it was made for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_engine.yaml_text import read_yaml
from zerofactory_mappings.cbam.qreport.elements import FOLDER, VERSION, plain_tree

FORMAT = "zerofactory/cbam-qreport-codes/1"
_CONFIDENCES = ("confirmed", "secondary", "unconfirmed")


@dataclass(frozen=True, slots=True)
class Allowed:
    """Values that an element is known to take: *codes* with their titles, or a *form*.

    *firm*: read in a file of the Commission. *names*: the code that our own programs ask for by a name.
    """

    name: str
    title: Mapping[str, str]
    at: tuple[str, ...]
    firm: bool
    codes: Mapping[str, Mapping[str, str]]
    names: Mapping[str, str]
    form: re.Pattern[str] | None = None
    example: str | None = None

    def knows(self, text: str) -> bool:
        """Whether *text* is one of the known values."""
        return self.form.fullmatch(text) is not None if self.form is not None else text in self.codes

    def accepted(self) -> str:
        """The known values, for messages."""
        return self.form.pattern if self.form is not None else ", ".join(self.codes)


@dataclass(frozen=True, slots=True)
class Period:
    """A quarter of a year; *firm*: read in the law or in a file of the Commission."""

    year: int
    quarter: str
    firm: bool

    def __str__(self) -> str:
        return f"{self.year} {self.quarter}"

    @property
    def order(self) -> tuple[int, str]:
        """What quarters are ordered by."""
        return self.year, self.quarter


@dataclass(frozen=True, slots=True)
class Codes:
    """Everything of the file: allowed values by name and by ``ComplexType/Element``, first and last quarter."""

    allowed: Mapping[str, Allowed]
    at: Mapping[str, Allowed]
    first: Period
    last: Period

    def code(self, of: str, name: str) -> str:
        """The code that list *of* gives to what our programs call *name*."""
        return self.allowed[of].names[name]


@cache
def codes() -> Codes:
    """The shipped codes, read once.

    Raises:
        ProblemsError: ``qreport.table`` when the file is not what it should be.
    """
    path = FOLDER / "codes.yaml"
    try:
        return _codes(plain_tree(read_yaml(path.read_bytes(), path.name)))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        problem = Problem("qreport.table", Place(file=path.name), found=str(error), accepted=FORMAT)
        raise ProblemsError([problem]) from None


def _codes(tree: Mapping[str, Any]) -> Codes:
    if (tree["format"], tree["of"]) != (FORMAT, VERSION):
        raise ValueError(tree["format"])
    allowed = {name: _allowed(name, entry) for part in ("lists", "forms") for name, entry in tree[part].items()}
    places = {place: each for each in allowed.values() for place in each.at}
    if len(places) != sum(len(each.at) for each in allowed.values()):
        raise ValueError("an element in two lists")
    first, last = (Period(int(e["year"]), e["quarter"], _firm(e)) for e in (tree["periods"]["first"],
                                                                            tree["periods"]["last"]))
    return Codes(allowed, places, first, last)


def _allowed(name: str, entry: Mapping[str, Any]) -> Allowed:
    given: Mapping[str, Mapping[str, str]] = entry.get("codes", {})
    form = re.compile(entry["pattern"], re.ASCII) if "pattern" in entry else None
    if (form is None) == (not given):
        raise ValueError(f"{name}: codes or a pattern")
    return Allowed(name, entry["title"], tuple(entry["at"]), _firm(entry), given,
                   {c["id"]: code for code, c in given.items() if "id" in c}, form, entry.get("example"))


def _firm(entry: Mapping[str, Any]) -> bool:
    if entry["confidence"] not in _CONFIDENCES:
        raise ValueError(entry["confidence"])
    return bool(entry["confidence"] == "confirmed")
