"""Codes of green electricity certificates: ranges out of a cell, how many certificates they may hold, what they share.

A code is one of the project and one of the quantity (``layout.yaml``). The quantity part ends with classes, after the
running number, and nobody published their lengths: between two codes that end alike the certificates may be counted by
ones, tens, hundreds … (*step*). The count that the ledger states decides; without it such a range is not read.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from zerofactory_mappings.sources.certificate_tables.findings import DOUBLE_DIGITS, lost_digits
from zerofactory_mappings.sources.gec_ledger.layout import layout

#: Longest text of a cell that is searched for codes, and most codes or ranges of one cell.
_TEXT, _RANGES = 20_000, 200
_DASHES = re.compile("[\u2010-\u2015\u2212\u2500\ufe58\ufe63\uff0d~\u223c\u301c\uff5e\u2026\u2192]+|\\.{2,}")
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?e\+?\d{1,3}", re.ASCII | re.IGNORECASE)
_COUNT = re.compile(r"(?<![0-9,])(?:共计|合计|共|计)?\s*([0-9][0-9,]{0,14})\s*(?:张|个|pcs|certificates?)",
                    re.IGNORECASE)
_LABELS = re.compile(r"绿色电力证书|绿证|证书|编码|编号|起始|截止|终止|起止|区间|从|自|为"
                     r"|codes?|serials?|nos?\.|from|[:()\[\]]", re.IGNORECASE)
_TO = re.compile(r"\s*(?:至|到|\bto\b|-)\s*", re.IGNORECASE)


def _ten(power: int) -> int:
    return int(10 ** power)


@dataclass(frozen=True, slots=True)
class CodeTrouble:
    """Why a cell states no code: a message code with what was found."""

    reason: str
    args: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CodeRange:
    """Certificates of one project from *first* to *last*, every 10 to the power *step*-th number; both are included."""

    first: str
    last: str
    step: int = 0

    @property
    def project(self) -> str:
        """The project's part of the code (建档立卡编码)."""
        return self.first[:layout().project]

    @property
    def low(self) -> int:
        """Number of the first."""
        return int(self.first)

    @property
    def high(self) -> int:
        """Number of the last."""
        return int(self.last)

    def __len__(self) -> int:
        return (self.high - self.low) // _ten(self.step) + 1

    def counts(self) -> Mapping[int, int]:
        """Number of certificates → the step with which the range holds so many; one entry when there is no doubt."""
        out: dict[int, int] = {}
        for step in range(layout().quantity):
            out.setdefault((self.high - self.low) // _ten(step) + 1, step)
            if self.first[-1 - step] != self.last[-1 - step]:
                break
        return out

    def shares_with(self, other: CodeRange) -> bool:
        """Whether a certificate is in both."""
        low, high = max(self.low, other.low), min(self.high, other.high)
        fine, coarse = sorted((self, other), key=lambda r: r.step)
        if low > high or (coarse.low - fine.low) % _ten(fine.step):
            return False
        size = _ten(coarse.step)
        at = coarse.low + -(-(low - coarse.low) // size) * size      # the first of the coarse one at or after low
        return at <= high


def _plain(text: str) -> str:
    """Half-width text with one kind of dash."""
    return _DASHES.sub("-", unicodedata.normalize("NFKC", _DASHES.sub("-", text)))


def split_count(text: str) -> tuple[str, int | None]:
    """*text* without a number of certificates (``100张``), and that number; None when none or several are stated."""
    plain = _plain(text[:_TEXT])
    found = [m for m in _COUNT.finditer(plain) if len(m[1]) < layout().project]
    if not found:
        return plain, None
    rest = _COUNT.sub(lambda m: " ; " if len(m[1]) < layout().project else m[0], plain)
    return rest, int(found[0][1].replace(",", "")) if len(found) == 1 else None


def read_codes(text: str, number: Decimal | None = None) -> tuple[CodeRange, ...] | CodeTrouble:
    """The codes or ranges of a cell, in their order; *number*: the workbook holds the cell as this number.

    Blanks and line breaks inside a code are taken out, full-width digits read; nothing is completed or corrected.
    """
    plain = _plain(text.strip())
    large = number is not None and abs(number) >= 10 ** DOUBLE_DIGITS
    if large or lost_digits(plain, number) or _SCIENTIFIC.search(plain):
        return CodeTrouble("gec.code-float", {"found": plain[:60]})
    if len(plain) > _TEXT:
        return CodeTrouble("gec.code-text", {"found": plain[:60]})
    table = layout()
    plain = re.sub(rf"(?<!\d)(\d{{{table.project}}})\s*-\s*(\d{{{table.quantity}}})(?!\d)", r"\1\2", plain)
    plain = _LABELS.sub(" ", plain)
    out: list[CodeRange] = []
    for item in filter(str.strip, re.split(r"[、,;]", plain)):
        found = _item(item.strip())
        if isinstance(found, CodeTrouble):
            return found
        out += found
    if not out or len(out) > _RANGES:
        return CodeTrouble("gec.code-text", {"found": text.strip()[:60]})
    return tuple(out)


def _item(text: str) -> list[CodeRange] | CodeTrouble:
    """A code, several of them, or one range."""
    ends = [part.strip() for part in _TO.split(text) if part.strip()]
    if len(ends) > 2:
        return CodeTrouble("gec.code-text", {"found": text[:60]})
    codes = [_codes(end) for end in ends]
    for found in codes:
        if isinstance(found, CodeTrouble):
            return found
    lists = [c for c in codes if not isinstance(c, CodeTrouble)]
    if len(lists) == 1:
        return [CodeRange(c, c) for c in lists[0]]
    if len(lists) != 2 or any(len(c) != 1 for c in lists):
        return CodeTrouble("gec.code-text", {"found": text[:60]})
    return _between(lists[0][0], lists[1][0])


def _between(first: str, last: str) -> list[CodeRange] | CodeTrouble:
    size = layout().project
    if first[:size] != last[:size]:
        return CodeTrouble("gec.range-projects", {"found": f"{first} … {last}"})
    if first > last:
        return CodeTrouble("gec.range-backwards", {"found": f"{first} … {last}"})
    return [CodeRange(first, last)]


def range_of(first: tuple[CodeRange, ...], last: tuple[CodeRange, ...]) -> tuple[CodeRange, ...] | CodeTrouble:
    """The range between a column of first and one of last codes."""
    if len(first) != 1 or len(last) != 1 or first[0].first != first[0].last or last[0].first != last[0].last:
        return CodeTrouble("gec.code-text", {"found": f"{len(first)} / {len(last)}"})
    found = _between(first[0].first, last[0].last)
    return found if isinstance(found, CodeTrouble) else tuple(found)


def _codes(text: str) -> list[str] | CodeTrouble:
    """Whole codes in *text*: pieces between blanks put together, as long as they end where a code ends."""
    table = layout()
    codes, current = [], ""
    for piece in text.split():
        if not (piece.isascii() and piece.isdigit()):
            return CodeTrouble("gec.code-letters", {"found": text[:60]})
        current += piece
        if len(current) >= table.digits:
            if len(current) > table.digits:
                return CodeTrouble("gec.code-length", {"found": current[:80], "digits": str(len(current)),
                                                       "accepted": str(table.digits)})
            codes.append(current)
            current = ""
    if current:
        return CodeTrouble("gec.code-length", {"found": text[:80], "digits": str(len(current)),
                                               "accepted": str(table.digits)})
    rounded = next((c for c in codes if not c[table.project:].strip("0")), None)
    return CodeTrouble("gec.code-rounded", {"found": rounded}) if rounded is not None else codes


def with_counts(ranges: tuple[CodeRange, ...], count: int | None) -> tuple[CodeRange, ...] | CodeTrouble:
    """*ranges* with the step that makes them hold *count* certificates together; trouble when none or several do."""
    choices = [r.counts() for r in ranges]
    sums: dict[int, list[tuple[int, ...]]] = {0: [()]}           # total → at most two ways to reach it
    for options in choices:
        longer: dict[int, list[tuple[int, ...]]] = {}
        for total, ways in sums.items():
            for number, step in options.items():
                held = longer.setdefault(total + number, [])
                held += [(*way, step) for way in ways][:2 - len(held)]
        sums = longer if len(longer) <= 10_000 else {sum(len(r) for r in ranges): [tuple(0 for _ in ranges)]}
        if len(longer) > 10_000:
            break
    if count is None:
        if len(sums) > 1 or any(len(ways) > 1 for ways in sums.values()):
            return CodeTrouble("gec.range-open", {"found": _shown(ranges), "accepted": _numbers(sums)})
        count = next(iter(sums))
    ways = sums.get(count, [])
    if not ways:
        return CodeTrouble("gec.range-count", {"found": str(count), "accepted": _numbers(sums)})
    if len(ways) > 1:
        return CodeTrouble("gec.range-open", {"found": _shown(ranges), "accepted": str(count)})
    return tuple(CodeRange(r.first, r.last, s) for r, s in zip(ranges, ways[0], strict=True))


def _numbers(sums: Iterable[int]) -> str:
    """The largest numbers of certificates that ranges may hold; the plain difference comes first."""
    return " / ".join(map(str, sorted(sums, reverse=True)[:6]))


def _shown(ranges: tuple[CodeRange, ...]) -> str:
    return f"{ranges[0].first} … {ranges[-1].last}"


class Taken:
    """Ranges that rows of the file have taken so far, to find the ones that share a certificate with them."""

    def __init__(self) -> None:
        self._by: dict[str, dict[tuple[int, int], tuple[list[int], list[CodeRange], list[str]]]] = {}

    def overlap(self, ranges: Iterable[CodeRange], name: str) -> str | None:
        """Name of a row that has a certificate of *ranges*; *name* itself when two of them share one; else None."""
        own: list[CodeRange] = []
        for each in ranges:
            if (other := self.find(each)) is not None:
                return other
            if any(each.shares_with(before) for before in own):
                return name
            own.append(each)
        return None

    def add_all(self, ranges: Iterable[CodeRange], name: str) -> None:
        """Take *ranges*, which share nothing with what is taken nor with each other, for row *name*."""
        for each in ranges:
            self.add(each, name)

    def find(self, new: CodeRange) -> str | None:
        """Name of the first row that has a certificate of *new*; None when there is none."""
        return next(self._sharing(new), None)

    def _sharing(self, new: CodeRange) -> Iterator[str]:
        # Ranges of one class (step and remainder) never overlap: only the one before and those that begin inside count.
        for lows, ranges, names in self._by.get(new.project, {}).values():
            at = max(0, bisect_left(lows, new.low) - 1)
            while at < len(lows) and lows[at] <= new.high:
                if ranges[at].shares_with(new):
                    yield names[at]
                at += 1

    def add(self, new: CodeRange, name: str) -> None:
        """Take *new*, which shares nothing with what is taken already, for row *name*."""
        kinds = self._by.setdefault(new.project, {})
        lows, ranges, names = kinds.setdefault((new.step, new.low % _ten(new.step)), ([], [], []))
        at = bisect_left(lows, new.low)
        lows.insert(at, new.low)
        ranges.insert(at, new)
        names.insert(at, name)
