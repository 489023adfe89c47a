"""Characters to words: white space, comments, literals, and names that may hold several words.

A name with spaces cannot be told from two names by its characters alone. The scanner knows the names in scope and the
built-ins, and takes the longest of them that stands at the place.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from zerofactory_engine.problems import NOWHERE, Place, Problem, ProblemsError

KEYWORDS = frozenset(
    {"and", "or", "between", "in", "if", "then", "else", "for", "return", "some", "every", "satisfies", "instance",
     "of", "true", "false", "null", "function", "external"})

_BLANK = re.compile(r"(?:[\s\u0085\u180e\u200b\ufeff]+|//[^\n\r]*|/\*[\s\S]*?\*/)+")
_IDENTIFIER = re.compile(r"[^\W\d]\w*|\?\w*")
_NUMBER = re.compile(r"(?:\d+(?:\.(?!\.)\d+)?|\.\d+)(?:[eE][+-]?\d{1,4})?", re.ASCII)
_PART = re.compile(r"\w+|[^\w\s]")
_WORD = re.compile(r"\w+|\?")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "'": "'", "\\": "\\"}
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{6})|(.))", re.DOTALL)
_SYMBOLS = ("..", "**", "!=", "<=", ">=", "->")

Parts = tuple[str, ...]


class FeelSyntaxError(ProblemsError):
    """A text that is no expression; ``problems`` says where it stops being one."""


def locate(place: Place, line: int, column: int) -> Place:
    """*place*, where a text begins, moved to a line and column of the text, both counted from 1."""
    first = place.line or 1
    return replace(place, line=first + line - 1, column=column + ((place.column or 1) - 1 if line == 1 else 0))


class NameIndex:
    """The names of several words (or odd characters) that may stand in a text, by their first part."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._by_first: dict[str, list[Parts]] = {}
        for name in names:
            self.add(name)

    def add(self, name: str) -> None:
        """Make *name* known, if one identifier does not say it."""
        parts = tuple(_PART.findall(name))
        if not parts or (_IDENTIFIER.fullmatch(name) and name not in KEYWORDS):
            return
        known = self._by_first.setdefault(parts[0], [])
        if parts not in known:
            known.append(parts)
            known.sort(key=len, reverse=True)

    def candidates(self, first: str) -> list[Parts]:
        """Names that begin with the part *first*, the longest first."""
        return self._by_first.get(first, [])


def spelled(parts: Parts) -> str:
    """A name in its normal spelling: one space between words, none around other characters."""
    out = parts[0]
    for before, part in pairwise(parts):
        out += (" " if before[-1].isalnum() and part[0].isalnum() else "") + part
    return out


class Scanner:
    """A place in a text that moves forward."""

    def __init__(self, text: str, place: Place = NOWHERE, at: int = 0) -> None:
        self.text = text
        self.place = place
        self.at = at
        self.starts = [0, *(i + 1 for i, c in enumerate(text) if c == "\n")]     # of lines
        self.end = 0          # end of the last thing taken, without the blanks behind it
        self.skip()

    def line_column(self, at: int) -> tuple[int, int]:
        """Line and column of an offset, counted from 1."""
        line = bisect_right(self.starts, at)
        return line, at - self.starts[line - 1] + 1

    def fail(self, code: str, at: int | None = None, found: str | None = None, accepted: str | None = None,
             example: str | None = None) -> FeelSyntaxError:
        """The error at an offset, this place by default."""
        offset = self.at if at is None else at
        shown = found if found is not None else self.upcoming(offset)
        where = locate(self.place, *self.line_column(offset))
        return FeelSyntaxError([Problem(code, where, found=shown, accepted=accepted, example=example)])

    def upcoming(self, at: int) -> str:
        """The word at an offset, for messages; empty at the end of the text."""
        found = _PART.search(self.text, at)
        return found.group() if found is not None else ""

    def skip(self) -> None:
        """Move over blanks and comments."""
        found = _BLANK.match(self.text, self.at)
        if found is not None:
            self.at = found.end()
        if self.text.startswith("/*", self.at):
            raise self.fail("feel.comment-open", found="/*", example="/* … */")

    def moved(self, to: int) -> None:
        """Take the text up to *to* and the blanks behind it."""
        self.at = self.end = to
        self.skip()

    def symbol(self) -> str:
        """The operator or bracket here (without taking it); empty at a name, literal or the end."""
        two = self.text[self.at:self.at + 2]
        if two in _SYMBOLS:
            return two
        one = self.text[self.at:self.at + 1]
        return "" if one.isalnum() or one in '_"?' else one

    def after(self, at: int) -> tuple[str, str]:
        """Symbol and word (or digits) behind an offset and the blanks there; both empty at the end."""
        blank = _BLANK.match(self.text, at)
        start = blank.end() if blank is not None else at
        one = self.text[start:start + 1]
        word = _WORD.match(self.text, start)
        return ("", word.group()) if word is not None else (one, "")

    def take(self, symbol: str) -> bool:
        """Take *symbol* if it stands here."""
        if self.symbol() != symbol:
            return False
        self.moved(self.at + len(symbol))
        return True

    def need(self, symbol: str) -> None:
        """Take *symbol* or fail."""
        if not self.take(symbol):
            raise self.fail("feel.expected", accepted=symbol)

    def word(self) -> str:
        """The identifier here (without taking it), or an empty text."""
        found = _IDENTIFIER.match(self.text, self.at)
        return found.group() if found is not None else ""

    def keyword(self, word: str) -> bool:
        """Take the keyword *word* if it stands here."""
        if self.word() != word:
            return False
        self.moved(self.at + len(word))
        return True

    def need_keyword(self, word: str) -> None:
        """Take the keyword *word* or fail."""
        if not self.keyword(word):
            raise self.fail("feel.expected", accepted=word)

    def known(self, index: NameIndex, before: str = "") -> str | None:
        """Take the longest known name here (which *before* has to follow, if given); None when there is none."""
        first = _PART.match(self.text, self.at)
        if first is None:
            return None
        for parts in index.candidates(first.group()):
            to = self._match(parts)
            if to is not None and (not before or self._follows(to, before)):
                self.moved(to)
                return spelled(parts)
        return None

    def _match(self, parts: Parts) -> int | None:
        at = self.at
        for number, part in enumerate(parts):
            blank = _BLANK.match(self.text, at) if number else None
            at = blank.end() if blank is not None else at
            if not self.text.startswith(part, at):
                return None
            at += len(part)
        inside_word = parts[-1][-1].isalnum() and self.text[at:at + 1].isidentifier() | self.text[at:at + 1].isdigit()
        return None if inside_word else at

    def _follows(self, at: int, symbol: str) -> bool:
        blank = _BLANK.match(self.text, at)
        return self.text.startswith(symbol, blank.end() if blank is not None else at)

    def number(self) -> Decimal | None:
        """Take the number here."""
        found = _NUMBER.match(self.text, self.at)
        if found is None:
            return None
        if len(found.group()) > 64:
            raise self.fail("feel.number-too-long", found=f"{len(found.group())}", accepted="64")
        self.moved(found.end())
        return Decimal(found.group())

    def string(self) -> str | None:
        """Take the text in double quotes here, escapes resolved."""
        if not self.text.startswith('"', self.at):
            return None
        found = _STRING.match(self.text, self.at)
        if found is None:
            raise self.fail("feel.string-open", found='"')
        start = self.at + 1

        def resolve(escape: re.Match[str]) -> str:
            code = escape[1] or escape[2]
            if code is not None:
                number = int(code, 16)
                if number > 0x10FFFF:
                    raise self.fail("feel.escape", start + escape.start(), escape.group(), example=r"\U01F40E")
                return chr(number)
            return _ESCAPES.get(escape[3], escape.group())      # "\d" stays what it is, for patterns

        value = _ESCAPE.sub(resolve, found[1])
        value = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # \ud83d\udca9 is one character
        self.moved(found.end())
        return value
