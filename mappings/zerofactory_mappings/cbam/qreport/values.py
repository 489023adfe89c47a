"""Simple types of the table of elements: what a text must be to be a value, exactly as XML Schema judges it.

White space around numbers, dates, booleans and base64 does not count; in a string every character does. Digits are
those of the value: leading zeros and trailing zeros of the fraction do not count, a sign never does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

#: What XML calls white space; Python's own idea of it is wider.
WHITESPACE = " \t\n\r"

_INTEGER = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_TIME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})Z")
#: Four characters for three bytes; the last group may be cut, and then its unused bits are zero.
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=|[A-Za-z0-9+/][AQgw]==)?")
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/=]+")
_STRAY = re.compile(r"[^A-Za-z0-9+/= \t\n\r]")
BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
#: More digits than any bound of a built-in type has.
_LONG = 40
#: Longest part of a value that a message shows.
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a text: the message code, what was found and what is accepted."""

    code: str
    found: str
    accepted: str


@dataclass(frozen=True, slots=True)
class SimpleType:
    """A simple type with its facets. *form* is how values are written; None where a facet is not set.

    *ancestors* are the types that it restricts, itself first: those that may stand for it under ``xsi:type``.
    """

    name: str
    form: str
    collapse: bool
    ancestors: tuple[str, ...]
    min_length: int | None = None
    max_length: int | None = None
    total_digits: int | None = None
    fraction_digits: int | None = None
    low: int | None = None
    high: int | None = None
    pattern: re.Pattern[str] | None = None

    def fault(self, text: str) -> Fault | None:
        """What is wrong with *text*, or None when it is a value of this type."""
        if self.form == "string":
            return self._string(text)
        text = text.strip(WHITESPACE)
        if not text and self.form != "base64":
            return Fault("qreport.value-empty", "", self.accepted())
        return _FORMS[self.form](self, text)

    def accepted(self) -> str:
        """What is accepted, for messages: form and limits, without words of one language."""
        parts = [self.name if self.name == self.form else f"{self.name} ({self.form})"]
        if self.min_length is not None:
            parts.append(f"{self.min_length} … {self.max_length}")
        for sign, limit in (("≥", self.low), ("≤", self.high)):
            if limit is not None and self.total_digits is None and self.pattern is None:
                parts.append(f"{sign} {limit}")
        parts += [text for text in (self.digits(), self.pattern.pattern if self.pattern else "") if text]
        return ", ".join(parts)

    def digits(self) -> str:
        """Digits before and behind the point: ``16,7``; empty when they are not limited."""
        if self.total_digits is None:
            return ""
        return str(self.total_digits) if self.fraction_digits is None else f"{self.total_digits},{self.fraction_digits}"

    def _string(self, text: str) -> Fault | None:
        """Number of characters; a character beyond the basic plane is one."""
        size = len(text)
        if self.min_length is not None and size < self.min_length:
            return Fault("qreport.value-short" if size else "qreport.value-empty", str(size) if size else "",
                         self.accepted())
        if self.max_length is not None and size > self.max_length:
            return Fault("qreport.value-long", str(size), self.accepted())
        return self._pattern(text)

    def _pattern(self, text: str) -> Fault | None:
        if self.pattern is not None and self.pattern.fullmatch(text) is None:
            return Fault("qreport.value-pattern", shown(text), self.pattern.pattern)
        return None

    def _integer(self, text: str) -> Fault | None:
        if _INTEGER.fullmatch(text) is None:
            return Fault("qreport.value-integer", shown(text), self.accepted())
        digits = text.lstrip("+-").lstrip("0")
        if self.total_digits is not None and len(digits) > self.total_digits:
            return Fault("qreport.value-digits", shown(text), self.digits())
        if not self._in_range(-1 if text[0] == "-" else 1, digits):
            return Fault("qreport.value-range", shown(text), self.accepted())
        return self._pattern(text)

    def _in_range(self, sign: int, digits: str) -> bool:
        """Whether the whole number is inside the bounds; a long one is never made a number."""
        if len(digits) > _LONG:
            return (self.high if sign > 0 else self.low) is None
        value = sign * int(digits or "0")
        return (self.high is None or value <= self.high) and (self.low is None or value >= self.low)

    def _decimal(self, text: str) -> Fault | None:
        if _DECIMAL.fullmatch(text) is None:
            return Fault("qreport.value-decimal", shown(text), self.accepted())
        whole, _, fraction = text.lstrip("+-").partition(".")
        whole, fraction = whole.lstrip("0"), fraction.rstrip("0")
        if self.fraction_digits is not None and len(fraction) > self.fraction_digits:
            return Fault("qreport.value-decimals", shown(text), self.digits())
        if self.total_digits is not None and len(whole) + len(fraction) > self.total_digits:
            return Fault("qreport.value-digits", shown(text), self.digits())
        return self._pattern(text)

    def _boolean(self, text: str) -> Fault | None:
        return None if text in BOOLEANS else Fault("qreport.value-boolean", shown(text), ", ".join(BOOLEANS))

    def _base64(self, text: str) -> Fault | None:
        if _BASE64.fullmatch(base64_letters(text)) is None:
            return Fault("qreport.value-base64", shown(text), "base64")
        return None

    def _date(self, text: str) -> Fault | None:
        return self._pattern(text) or (
            None if day_of(text) is not None else Fault("qreport.value-date", shown(text), "YYYY-MM-DD"))

    def _date_time(self, text: str) -> Fault | None:
        return self._pattern(text) or (
            None if moment_of(text) is not None else Fault("qreport.value-date", shown(text), "YYYY-MM-DDThh:mm:ssZ"))


_FORMS = {"integer": SimpleType._integer, "decimal": SimpleType._decimal, "boolean": SimpleType._boolean,
          "base64": SimpleType._base64, "date": SimpleType._date, "dateTime": SimpleType._date_time}
#: Every form that a type may have.
FORMS = frozenset({"string", *_FORMS})


def base64_letters(text: str) -> str:
    """Only the characters of *text* that base64 is made of.

    XML Schema allows white space between them and nothing else; libxml2, with which the Commission's schema is asked
    here, passes over every other character. The verdict follows it; :func:`strays` tells such a text.
    """
    return _NOT_BASE64.sub("", text)


def strays(text: str) -> str | None:
    """The first character of a text that base64 does not have, or None."""
    match = _STRAY.search(text)
    return match.group() if match is not None else None


def shown(text: str) -> str:
    """*text* as a message shows it: cut when it is long."""
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}… ({len(text):,})"


def day_of(text: str) -> date | None:
    """The civil date of ``YYYY-MM-DD``; None when there is no such day (the year 0000 is none)."""
    match = _DATE.fullmatch(text)
    try:
        return date(*map(int, match.groups())) if match is not None else None
    except ValueError:
        return None


def moment_of(text: str) -> tuple[date, int] | None:
    """Day and second of the day of ``YYYY-MM-DDThh:mm:ssZ``; None when there is none. 24:00:00 is the end of that day.

    Leap seconds are none.
    """
    match = _TIME.fullmatch(text)
    day = day_of(match[1]) if match is not None else None
    if match is None or day is None:
        return None
    hour, minute, second = (int(match[i]) for i in (2, 3, 4))
    if minute > 59 or second > 59 or hour > 24 or (hour == 24 and (minute or second)):
        return None
    return day, int(timedelta(hours=hour, minutes=minute, seconds=second).total_seconds())
