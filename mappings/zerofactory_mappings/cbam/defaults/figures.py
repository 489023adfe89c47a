"""Single cells of the Commission's workbooks: figures in their many spellings, codes, sectors, countries, routes.

A cell that holds no figure has a meaning of its own: a dash says that no value is published, ``N/A`` that the part is
not in scope, ``see below`` that the row is a heading, an error such as ``#VALUE!`` that the source is broken.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache

from zerofactory_engine.decimals import parse_decimal
from zerofactory_mappings.cbam import scope
from zerofactory_mappings.cbam.defaults.grid import Cell
from zerofactory_mappings.cbam.defaults.lookup import UNKNOWN_ORIGIN, is_other
from zerofactory_mappings.cbam.tables import simplified


class Mark(StrEnum):
    """What a cell says in the place of a figure, or that it is one."""

    NUMBER = "number"
    MISSING = "missing"
    NOT_APPLICABLE = "n/a"
    HEADING = "heading"
    ERROR = "error"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Figure:
    """A cell read as a figure; *comma*: it was text with a decimal comma."""

    mark: Mark
    value: Decimal | None
    text: str
    comma: bool = False


#: Hyphens, dashes, minus signs and underscores that stand for "no value".
_DASHES = re.compile(r"[-_\u00ad\u2010-\u2015\u2212\ufe58\ufe63\uff0d]+")
_NOT_APPLICABLE = re.compile(r"n\s*[./]?\s*\(?\s*a\s*\)?\s*\.?", re.IGNORECASE)
_COMMA = re.compile(r"[0-9]{1,4},[0-9]{1,9}")
_SECTORS = {
    "cement": "cement", "iron and steel": "iron_steel", "iron steel": "iron_steel", "steel": "iron_steel",
    "aluminium": "aluminium", "aluminum": "aluminium", "fertilisers": "fertilisers", "fertiliser": "fertilisers",
    "fertilizers": "fertilisers", "fertilizer": "fertilisers", "hydrogen": "hydrogen", "chemicals hydrogen": "hydrogen",
}


def figure(cell: Cell) -> Figure:
    """What *cell* says: a figure that is not negative, or a mark."""
    text = cell.text.strip("\u00a0\u2007\u202f\u200b\ufeff \t")
    if cell.error or text.startswith("#"):
        return Figure(Mark.ERROR, None, text)
    if not text or _DASHES.fullmatch(text):
        return Figure(Mark.MISSING, None, text)
    if _NOT_APPLICABLE.fullmatch(text):
        return Figure(Mark.NOT_APPLICABLE, None, text)
    if simplified(text) == "see below":
        return Figure(Mark.HEADING, None, text)
    comma = _COMMA.fullmatch(text) is not None
    value = parse_decimal(text.replace(",", ".") if comma else text)
    if value is None or value < 0 or "+" in text:
        return Figure(Mark.UNREADABLE, None, text)
    return Figure(Mark.NUMBER, value, text, comma)


def code(cell: Cell) -> str | None:
    """The digits of a code; None when the cell holds none. A number that was stored as such counts as its digits."""
    return scope.digits(cell.text)


def sector(text: str) -> str | None:
    """The sector of a heading or column; None when it names none."""
    return _SECTORS.get(simplified(text))


@cache
def sector_of_code(digits: str) -> str | None:
    """The sector of the goods in scope under the heading of a code; None when there are none or several."""
    found = {good.sector for c in scope.codes() if c.startswith(digits[:4])
             and (good := scope.read_cn(c).good) is not None}
    return next(iter(found)) if len(found) == 1 else None


@cache
def country(text: str) -> str | None:
    """The id of a country, ``other``, ``unknown`` (Annex IV) or ``EU``; None when the text names none."""
    plain = simplified(text)
    if is_other(text):
        return "other"
    if "annex iv" in plain or plain.startswith(("unknown", "country unknown", "origin unknown")):
        return UNKNOWN_ORIGIN
    if plain in ("european union", "eu", "eu 27", "eu27"):
        return "EU"
    found = scope.find_country(text)
    return found.id if found is not None else None
