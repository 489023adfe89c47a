"""Serial numbers as ranges: what is between a first and a last serial, and whether two ranges share any."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_SERIAL = re.compile(r"(?P<head>.*?)(?P<number>\d{1,60})(?P<tail>\D*)", re.ASCII | re.DOTALL)


@dataclass(frozen=True, slots=True)
class SerialRange:
    """Serials that differ in one run of digits only; *low* and *high* are both included.

    *width*: digits of every serial; 0 when they are not padded and their length varies (``110`` to ``5463``).
    """

    head: str
    tail: str
    width: int
    low: int
    high: int

    def __len__(self) -> int:
        return self.high - self.low + 1

    def overlap(self, other: SerialRange) -> SerialRange | None:
        """The serials in both ranges; a range whose serials vary in length may meet one of any length."""
        if (self.head, self.tail) != (other.head, other.tail):
            return None
        if self.width != other.width and self.width and other.width:
            return None
        low, high = max(self.low, other.low), min(self.high, other.high)
        return SerialRange(self.head, self.tail, self.width or other.width, low, high) if low <= high else None

    @property
    def first(self) -> str:
        """The first serial as it is written."""
        return f"{self.head}{self.low:0{self.width}d}{self.tail}"

    @property
    def last(self) -> str:
        """The last serial as it is written."""
        return f"{self.head}{self.high:0{self.width}d}{self.tail}"

    def __str__(self) -> str:
        return f"{self.first} … {self.last}" if self.low != self.high else self.first


def serial_range(first: str, last: str) -> SerialRange | None:
    """The range from *first* to *last*; None if they are not numbered alike. *low* above *high*: written backwards."""
    if first == last:                              # one serial, whatever it looks like
        match = _SERIAL.fullmatch(first)
        if match is None:
            return SerialRange(first, "", 0, 0, 0)
    start, end = _SERIAL.fullmatch(first), _SERIAL.fullmatch(last)
    if start is None or end is None:
        return None
    if (start["head"], start["tail"]) != (end["head"], end["tail"]):
        return None
    width = len(start["number"])
    if width != len(end["number"]):
        if start["number"].startswith("0") or end["number"].startswith("0"):      # padded, but not alike
            return None
        width = 0
    return SerialRange(start["head"], start["tail"], width, int(start["number"]), int(end["number"]))


def overlapping(ranges: Sequence[SerialRange]) -> Iterator[tuple[int, int, SerialRange]]:
    """Indices (the later one first) of ranges that share serials, and what they share, in the order of the indices.

    A sweep over each series: as many steps as there are ranges that reach so far at once, not one for every pair.
    """
    order = sorted(range(len(ranges)), key=lambda i: (ranges[i].head, ranges[i].tail, ranges[i].low))
    live: list[int] = []
    found: list[tuple[int, int, SerialRange]] = []
    for index in order:
        new = ranges[index]
        live = [i for i in live if (ranges[i].head, ranges[i].tail) == (new.head, new.tail)
                and ranges[i].high >= new.low]
        for other in live:
            if (shared := new.overlap(ranges[other])) is not None:
                found.append((max(index, other), min(index, other), shared))
        live.append(index)
    yield from sorted(found, key=lambda each: each[:2])
