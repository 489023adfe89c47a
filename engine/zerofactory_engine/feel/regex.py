"""Regular expressions of XPath (as FEEL asks for), in time linear in the text.

Patterns are read into a small program that runs all alternatives side by side (Thompson's construction with the
captures of Pike), so no pattern can explode. What this cannot do, back references and look-around, is refused, and so
is a pattern whose counted repetitions unfold to more than :data:`MAX_PROGRAM` steps.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NoReturn

MAX_PATTERN = 500
MAX_PROGRAM = 2_000
#: Characters of the text × steps of the program that one search may cost.
MAX_WORK = 4_000_000

Test = Callable[[str], bool]
_COUNT = re.compile(r"\d{1,9}", re.ASCII)
FLAGS = frozenset("smixq")


class RegexError(ValueError):
    """A pattern that is not read; ``unsafe`` when it is valid but asks for what could explode."""

    def __init__(self, message: str, unsafe: bool = False) -> None:
        super().__init__(message)
        self.unsafe = unsafe


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a program: read a character that passes *test*, go on at *to* (or *other*), keep a position …"""

    kind: Literal["read", "split", "jump", "save", "start", "end", "match"]
    test: Test | None = None
    to: int = 0
    other: int = 0


@dataclass(frozen=True, slots=True)
class Regex:
    """A pattern that was read: its program and the number of its groups."""

    program: tuple[Step, ...]
    groups: int
    multiline: bool

    def search(self, text: str, start: int = 0) -> tuple[int, ...] | None:
        """Positions of the first match from *start* and of its groups (start, end; -1 for a group that took no part).

        Raises:
            RegexError: text and pattern together are too large.
        """
        if len(text) * len(self.program) > MAX_WORK:
            raise RegexError("text too long", unsafe=True)
        return _Run(self, text).search(start)


Piece = list[tuple[str, object, int, int]]      # steps with relative jumps, joined while reading


@lru_cache(maxsize=256)
def compile_regex(pattern: str, flags: str = "") -> Regex:
    """The program of *pattern*.

    Raises:
        RegexError: the pattern or the flags are not valid, or not safe.
    """
    if set(flags) - FLAGS:
        raise RegexError("unknown flag")
    if len(pattern) > MAX_PATTERN:
        raise RegexError("pattern too long", unsafe=True)
    if "x" in flags and "q" not in flags:
        pattern = _without_blanks(pattern)
    reader = _Reader(pattern, flags)
    body = [_char_step(reader.literal(c)) for c in pattern] if "q" in flags else reader.whole()
    steps = [("save", None, 0, 0), *body, ("save", None, 1, 0), ("match", None, 0, 0)]
    program = tuple(_placed(at, step) for at, step in enumerate(steps))
    return Regex(program, reader.groups, "m" in flags)


def _placed(at: int, step: tuple[str, object, int, int]) -> Step:
    kind, test, to, other = step
    jumps = kind in ("split", "jump")
    return Step(kind, test, at + to if jumps else to, at + other if jumps else other)  # type: ignore[arg-type]


def _char_step(test: Test) -> tuple[str, object, int, int]:
    return ("read", test, 0, 0)


def _without_blanks(pattern: str) -> str:
    out, depth, escaped = [], 0, False
    for char in pattern:
        if char in " \t\n\r" and depth == 0:
            continue
        if not escaped:
            depth += (char == "[") - (char == "]" and depth > 0)
        escaped = char == "\\" and not escaped
        out.append(char)
    return "".join(out)


# -- characters -------------------------------------------------------------------------------------

_BLOCKS = {"IsBasicLatin": (0x0, 0x7F), "IsLatin-1Supplement": (0x80, 0xFF), "IsGreek": (0x370, 0x3FF),
           "IsCyrillic": (0x400, 0x4FF), "IsCJKUnifiedIdeographs": (0x4E00, 0x9FFF), "IsHiragana": (0x3040, 0x309F),
           "IsKatakana": (0x30A0, 0x30FF)}
_CATEGORIES = frozenset(
    {"L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "P", "Pc", "Pd", "Ps", "Pe", "Pi",
     "Pf", "Po", "Z", "Zs", "Zl", "Zp", "S", "Sm", "Sc", "Sk", "So", "C", "Cc", "Cf", "Co", "Cn"})
_SINGLE = {"n": "\n", "r": "\r", "t": "\t", **{c: c for c in "\\|.-^?*+{}()[]$ /\"'"}}
_SHORT: dict[str, Test] = {
    "d": lambda c: unicodedata.category(c) == "Nd",
    "s": lambda c: c in " \t\n\r",
    "w": lambda c: unicodedata.category(c)[0] not in "PZC",
    "i": lambda c: c in "_:" or unicodedata.category(c)[0] == "L",
    "c": lambda c: c in "_:.-·" or unicodedata.category(c)[0] in "LM" or unicodedata.category(c) == "Nd",
}


def _not(test: Test) -> Test:
    return lambda c: not test(c)


def _variants(char: str) -> set[str]:
    """The spellings that a search without regard to case takes for one."""
    return {char, char.lower(), char.upper(), char.casefold(), char.casefold().upper()}


def _between(low: str, high: str, fold: bool) -> Test:
    if not fold:
        return lambda c: low <= c <= high
    return lambda c: any(low <= v <= high for v in _variants(c) if len(v) == 1)


# -- reading ----------------------------------------------------------------------------------------


class _Reader:
    """Reads a pattern into a program, one method a level of the grammar."""

    def __init__(self, pattern: str, flags: str) -> None:
        self.pattern = pattern
        self.at = 0
        self.fold = "i" in flags
        self.dot_all = "s" in flags
        self.groups = 0
        self.depth = 0

    def peek(self) -> str:
        return self.pattern[self.at:self.at + 1]

    def invalid(self) -> NoReturn:
        raise RegexError(f"at {self.at}")

    def whole(self) -> Piece:
        body = self.alternatives()
        if self.at < len(self.pattern):
            self.invalid()
        return body

    def alternatives(self) -> Piece:
        branches = [self.sequence()]
        while self.peek() == "|":
            self.at += 1
            branches.append(self.sequence())
        joined = branches.pop()
        while branches:
            first = branches.pop()
            joined = [("split", None, 1, len(first) + 2), *first, ("jump", None, len(joined) + 1, 0), *joined]
        return self.sized(joined)

    def sequence(self) -> Piece:
        pieces: Piece = []
        while self.peek() not in ("", "|", ")"):
            pieces += self.repeated(self.atom())
        return self.sized(pieces)

    def sized(self, piece: Piece) -> Piece:
        if len(piece) > MAX_PROGRAM:
            raise RegexError("too many repetitions", unsafe=True)
        return piece

    def repeated(self, piece: Piece) -> Piece:
        char = self.peek()
        if char in ("*", "+", "?") and char:
            self.at += 1
            low, high = {"*": (0, None), "+": (1, None), "?": (0, 1)}[char]
        elif char == "{":
            low, high = self.counts()
        else:
            return piece
        lazy = self.peek() == "?"
        self.at += lazy
        if self.peek() in ("*", "+", "?", "{") and self.peek():
            self.invalid()
        return self.unfolded(piece, low, high, lazy)

    def counts(self) -> tuple[int, int | None]:
        end = self.pattern.find("}", self.at)
        low, comma, high = self.pattern[self.at + 1:max(end, 0)].partition(",")
        if not (_COUNT.fullmatch(low) and (not high or _COUNT.fullmatch(high))):
            self.invalid()
        self.at = end + 1
        most = int(low) if not comma else None if not high else int(high)
        if most is not None and most < int(low):
            self.invalid()
        return int(low), most

    def unfolded(self, piece: Piece, low: int, high: int | None, lazy: bool) -> Piece:
        def split(skip: int) -> tuple[str, object, int, int]:
            return ("split", None, skip, 1) if lazy else ("split", None, 1, skip)

        if (low + max((high or 0) - low, 0) + 1) * (len(piece) + 1) > MAX_PROGRAM:
            raise RegexError("too many repetitions", unsafe=True)
        out = piece * low
        if high is None:
            back = -(len(piece) + 1)
            return [*out, split(len(piece) + 2), *piece, ("jump", None, back, 0)]
        for left in range(high - low, 0, -1):
            out += [split(left * (len(piece) + 1)), *piece]
        return out

    def atom(self) -> Piece:
        char = self.peek()
        self.at += 1
        if char == "(":
            return self.group()
        if char in "*+?{}])":
            self.at -= 1
            self.invalid()
        if char == "^":
            return [("start", None, 0, 0)]
        if char == "$":
            return [("end", None, 0, 0)]
        if char == ".":
            return [_char_step((lambda c: True) if self.dot_all else (lambda c: c not in "\n\r"))]
        if char == "[":
            return [_char_step(self.char_class())]
        if char == "\\":
            return [_char_step(self.escape(inside=False))]
        return [_char_step(self.literal(char))]

    def literal(self, char: str) -> Test:
        return _between(char, char, self.fold)

    def group(self) -> Piece:
        self.depth += 1
        if self.depth > 30:
            raise RegexError("nested too deep", unsafe=True)
        number = None
        if self.peek() == "?":
            if self.pattern[self.at:self.at + 2] != "?:":
                raise RegexError("look-around", unsafe=True)
            self.at += 2
        else:
            self.groups += 1
            number = self.groups
        inner = self.alternatives()
        if self.peek() != ")":
            self.invalid()
        self.at += 1
        self.depth -= 1
        if number is None:
            return inner
        return [("save", None, 2 * number, 0), *inner, ("save", None, 2 * number + 1, 0)]

    def escape(self, inside: bool) -> Test:
        char = self.peek()
        self.at += 1
        if char.isdecimal():
            if inside or int(char) == 0 or int(char) > self.groups:
                self.invalid()
            raise RegexError("back reference", unsafe=True)
        if char in _SINGLE and char:
            return self.literal(_SINGLE[char])
        if char.lower() in _SHORT and char:
            test = _SHORT[char.lower()]
            return _not(test) if char.isupper() else test
        if char in ("p", "P"):
            test = self.property()
            return _not(test) if char == "P" else test
        return self.invalid()

    def property(self) -> Test:
        end = self.pattern.find("}", self.at)
        name = self.pattern[self.at + 1:end] if self.peek() == "{" and end > 0 else ""
        self.at = end + 1
        if name in _BLOCKS:
            low, high = _BLOCKS[name]
            return lambda c: low <= ord(c) <= high
        if name not in _CATEGORIES:
            self.invalid()
        return lambda c: unicodedata.category(c).startswith(name)

    def char_class(self) -> Test:
        negated = self.peek() == "^"
        self.at += negated
        tests: list[Test] = []
        without: Test | None = None
        while self.peek() != "]" or not tests:
            if self.peek() in ("", "]"):
                self.invalid()
            if self.pattern.startswith("-[", self.at) and tests:
                self.at += 2
                without = self.char_class()
                break
            tests.append(self.class_part())
        if self.peek() != "]":
            self.invalid()
        self.at += 1
        return _class_test(tuple(tests), negated, without)

    def class_part(self) -> Test:
        """One character, range or escape between the brackets."""
        low = self.class_char()
        if not isinstance(low, str):
            return low
        if self.peek() == "-" and self.pattern[self.at + 1:self.at + 2] not in ("]", "["):
            self.at += 1
            high = self.class_char()
            if not isinstance(high, str) or high < low:
                self.invalid()
            return _between(low, high, self.fold)
        return self.literal(low)

    def class_char(self) -> str | Test:
        char = self.peek()
        if char == "[" or not char:
            self.invalid()
        self.at += 1
        if char != "\\":
            return char
        single = _SINGLE.get(self.peek())
        if single is not None:
            self.at += 1
            return single
        return self.escape(inside=True)


def _class_test(tests: tuple[Test, ...], negated: bool, without: Test | None) -> Test:
    def test(char: str) -> bool:
        if any(t(char) for t in tests) == negated:
            return False
        return without is None or not without(char)

    return test


# -- running ----------------------------------------------------------------------------------------


class _Run:
    """One search: all threads advance together, in order of preference, each step at most once a character."""

    def __init__(self, regex: Regex, text: str) -> None:
        self.regex = regex
        self.text = text
        self.slots = 2 * regex.groups + 2

    def search(self, start: int) -> tuple[int, ...] | None:
        program, text = self.regex.program, self.text
        threads: list[tuple[int, tuple[int, ...]]] = []
        best: tuple[int, ...] | None = None
        for at in range(start, len(text) + 1):
            seen: set[int] = set()
            ready: list[tuple[int, tuple[int, ...]]] = []
            for step, slots in threads:
                self.follow(step, slots, at, seen, ready)
            if best is None:
                self.follow(0, (-1,) * self.slots, at, seen, ready)
            threads = []
            for step, slots in ready:
                if program[step].kind == "match":
                    best = slots
                    break
                test = program[step].test
                if at < len(text) and test is not None and test(text[at]):
                    threads.append((step + 1, slots))
            if best is not None and not threads:
                break
        return best

    def follow(self, step: int, slots: tuple[int, ...], at: int, seen: set[int],
               ready: list[tuple[int, tuple[int, ...]]]) -> None:
        """Add the steps that read (or match) which *step* leads to without reading."""
        stack = [(step, slots)]
        while stack:
            step, slots = stack.pop()
            if step in seen:
                continue
            seen.add(step)
            found = self.regex.program[step]
            if found.kind == "split":
                stack.append((found.other, slots))
                stack.append((found.to, slots))
            elif found.kind == "jump":
                stack.append((found.to, slots))
            elif found.kind == "save":
                stack.append((step + 1, (*slots[:found.to], at, *slots[found.to + 1:])))
            elif found.kind == "start":
                if at == 0 or (self.regex.multiline and self.text[at - 1] == "\n"):
                    stack.append((step + 1, slots))
            elif found.kind == "end":
                if at == len(self.text) or (self.regex.multiline and self.text[at] == "\n"):
                    stack.append((step + 1, slots))
            else:
                ready.append((step, slots))
