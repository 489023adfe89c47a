"""A row of a registry as a typed record; serials and days as registries write them.

Serials: ``GS1-1-KE-…-110-5463`` (Gold Standard), ``ACR-…-30932 to 35143`` and ``CAR-…-1 to 5000``, two whole serials
joined by `` - ``, ``~`` or ``至`` (CER, CCER). Dates: ISO, ``4/13/2026 7:17:56 PM`` and ``03/25/2026`` (month first).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from zerofactory_engine.dossier.serials import SerialRange

_PAIR = re.compile(r"(\S+)\s*(?:\s-\s|~|～|至|—)\s*(\S+)")
_TO = re.compile(r"(?P<head>\S*?)(?P<low>\d{1,18})\s+to\s+(?P<high>\d{1,18})", re.ASCII)
_DASH = re.compile(r"(?P<head>\S+-)(?P<low>\d{1,18})-(?P<high>\d{1,18})", re.ASCII)
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ].*)?", re.ASCII)
_CHINESE = re.compile(r"(\d{4})[年/.](\d\d?)[月/.](\d\d?)日?", re.ASCII)
_US = re.compile(r"(\d\d?)/(\d\d?)/(\d{4})(?: \d\d?:\d\d:\d\d [AP]M)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Record:
    """One row. *fate*: ``retired``, ``cancelled``, ``issued``, ``refused``, ``layout`` (titles, header) or ``unknown``
    (not understood); *reason*: why it is none of the first three, a code. *sheet* is None in a text file."""

    row: int
    registry: str
    fate: str
    serials: SerialRange | None = None
    quantity: Decimal | None = None
    retired_on: date | None = None
    vintage: int | None = None
    start: date | None = None
    end: date | None = None
    text: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    args: Mapping[str, str] = field(default_factory=dict)
    sheet: str | None = None

    @property
    def path(self) -> str:
        """Its place in a report: ``row/7``, or ``Sheet1/7``."""
        return f"{self.sheet or 'row'}/{self.row}"

    @property
    def mark(self) -> str:
        """Its place as a reference to the document has it: ``row=7``, or ``sheet=Sheet1&row=7``."""
        return f"row={self.row}" if self.sheet is None else f"sheet={re.sub('[&;；#]', '_', self.sheet)}&row={self.row}"


def range_between(first: str, last: str) -> SerialRange | None:
    """Serials from *first* to *last*, which differ in one run of digits (of any length, anywhere); else None."""
    left, right = re.split(r"([0-9]+)", first), re.split(r"([0-9]+)", last)
    if len(left) != len(right) or len(left) < 3 or max(map(len, left + right)) > 60:
        return None
    places = [i for i, pair in enumerate(zip(left, right, strict=True)) if pair[0] != pair[1]] or [len(left) - 2]
    if len(places) > 1 or not places[0] % 2:
        return None
    at = places[0]
    width = len(left[at]) if len(left[at]) == len(right[at]) else 0
    return SerialRange("".join(left[:at]), "".join(left[at + 1:]), width, int(left[at]), int(right[at]))


def shared(one: SerialRange, other: SerialRange) -> int:
    """How many serials are in both ranges; leading zeros make no difference."""
    if (one.head, one.tail) != (other.head, other.tail):
        return 0
    return max(0, min(one.high, other.high) - max(one.low, other.low) + 1)


def parse_serials(text: str) -> SerialRange | None:
    """The range that *text* states, None when it states none (or is written backwards)."""
    text = text.strip()
    if match := _PAIR.fullmatch(text):
        found = range_between(match[1], match[2])
    elif match := _TO.fullmatch(text) or _DASH.fullmatch(text):
        found = SerialRange(match["head"], "", 0, int(match["low"]), int(match["high"]))
    else:
        found = range_between(text, text) if re.fullmatch(r"\S+\d", text) else None
    return found if found is not None and found.low <= found.high else None


def parse_date(text: str) -> date | None:
    """The day that *text* states, None when there is no such day."""
    text = text.strip()
    if match := _ISO.fullmatch(text) or _CHINESE.fullmatch(text):
        year, month, day = (int(g) for g in match.groups())
    elif match := _US.fullmatch(text):
        month, day, year = (int(g) for g in match.groups())
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None
